"""One contract's market: its book, its open orders, what it was last marked at.

Invariant.      `orders` holds exactly the open orders of the contract, all of which rest on `book`. Trade ids count from 1.
Does not.       Decide anything: the rooms that place, settle and end do.
"""

from typing import Final

from msgspec import Struct

from papernet.core.commands import OptionTerms
from papernet.core.enums import OptionSource, OrderStatus
from papernet.core.events import OptionRecord
from papernet.core.order import BookOrder
from papernet.core.order_book import OrderBook
from papernet.core.units import SCALE
from papernet.venues.options.contracts import Contract, Underlying

# The volatility that says that there is none.
NO_VOLATILITY: Final = -SCALE


class Mark(Struct, frozen=True, array_like=True, gc=False):
    """What a model outside made of a contract: its price, volatilities and greeks, of 10^-8; `at` is when, 0: never."""

    at: int
    price: int
    volatility: int = NO_VOLATILITY
    bid_volatility: int = NO_VOLATILITY
    ask_volatility: int = NO_VOLATILITY
    delta: int = 0
    gamma: int = 0
    theta: int = 0
    vega: int = 0


class OptionOrder(BookOrder):
    """An options order. `fee` is what its fills cost, `cum_quote` the premium that they moved."""

    __slots__ = (
        "created_at",
        "cum_quantity",
        "cum_quote",
        "fee",
        "source",
        "status",
        "terms",
        "updated_at",
    )

    def __init__(self, terms: OptionTerms, order_id: int, at: int, source: OptionSource = OptionSource.API) -> None:
        """Make a new order of `terms`, not yet on any book."""
        super().__init__(order_id, terms.side, terms.price, terms.quantity)
        self.terms: Final = terms
        self.status: OrderStatus = OrderStatus.NEW
        self.cum_quantity: int = 0
        self.cum_quote: int = 0
        self.fee: int = 0
        self.source: Final = source
        self.created_at: Final = at
        self.updated_at: int = at

    def record(self) -> OptionRecord:
        """Return the order as queries show it."""
        return OptionRecord(
            self.terms,
            self.order_id,
            self.status,
            self.cum_quantity,
            self.cum_quote,
            self.fee,
            self.source,
            self.created_at,
            self.updated_at,
        )


class OptionMarket:
    """State of one contract. `open_interest` is how many contracts somebody is long."""

    __slots__ = (
        "book",
        "contract",
        "last_at",
        "last_price",
        "last_quantity",
        "mark",
        "next_trade_id",
        "open_interest",
        "orders",
        "underlying",
    )

    def __init__(self, contract: Contract, underlying: Underlying) -> None:
        """Open an empty market."""
        self.contract: Final = contract
        self.underlying: Underlying = underlying
        self.book: Final[OrderBook[OptionOrder]] = OrderBook()
        self.orders: Final[dict[int, OptionOrder]] = {}
        self.mark: Mark | None = None
        # of the last trade; 0 when there was none
        self.last_price: int = 0
        self.last_quantity: int = 0
        self.last_at: int = 0
        self.next_trade_id: int = 1
        self.open_interest: int = 0

    def mark_price(self, index: int) -> int:
        """Return what a contract is worth now: its mark, or while nobody marked it what it would pay at the index."""
        return self.mark.price if self.mark is not None else self.contract.payoff(index, self.underlying.unit)
