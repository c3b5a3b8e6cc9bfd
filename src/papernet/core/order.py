"""An order: the terms it was sent with, and where it stands.

Invariant.      While the order is open, quantity = cum_quantity + prevented + leaves + reserve; it is linked into a price level
                exactly while it rests on a book, and its links are cleared when it leaves, so that no reference cycle stays
                behind.
Does not.       Know books, balances or rules.
"""

from typing import TYPE_CHECKING, Final, Self

from msgspec import Struct

from papernet.core.commands import NewOrder
from papernet.core.enums import ExpiryReason, OrderStatus, OrderType, Side
from papernet.core.events import OrderExtras

if TYPE_CHECKING:
    from papernet.core.order_book import PriceLevel
    from papernet.core.order_list import OrderList

# filters.md, MAX_NUM_ALGO_ORDERS: the types that wait for the market's price before they work.
STOP_LOSSES: Final = (OrderType.STOP_LOSS, OrderType.STOP_LOSS_LIMIT)
TAKE_PROFITS: Final = (OrderType.TAKE_PROFIT, OrderType.TAKE_PROFIT_LIMIT)
CONTINGENT: Final = (*STOP_LOSSES, *TAKE_PROFITS)
# the types that take what there is, when they enter the book
AT_ANY_PRICE: Final = (OrderType.MARKET, OrderType.STOP_LOSS, OrderType.TAKE_PROFIT)
# The same as rows to look up by type: searching a tuple for an enum's member compares with each of them.
IS_CONTINGENT: Final = tuple(number in CONTINGENT for number in range(len(OrderType) + 1))
IS_AT_ANY_PRICE: Final = tuple(number in AT_ANY_PRICE for number in range(len(OrderType) + 1))

_S = OrderStatus
_ENDS: Final = (_S.FILLED, _S.CANCELED, _S.EXPIRED, _S.EXPIRED_IN_MATCH)

# Where an order may go from where it is; anything else is a bug (enums.md, Order status).
ORDER_TRANSITIONS: Final[dict[OrderStatus, tuple[OrderStatus, ...]]] = {
    _S.PENDING_NEW: (_S.NEW, _S.CANCELED, _S.EXPIRED),
    _S.NEW: (_S.PARTIALLY_FILLED, *_ENDS),
    _S.PARTIALLY_FILLED: (_S.PARTIALLY_FILLED, *_ENDS),
    _S.FILLED: (),
    _S.CANCELED: (),
    _S.EXPIRED: (),
    _S.EXPIRED_IN_MATCH: (),
    # documented, but what is refused here never becomes an order
    _S.REJECTED: (),
}
OPEN_STATUSES: Final = (_S.PENDING_NEW, _S.NEW, _S.PARTIALLY_FILLED)


class OrderRecord(Struct, frozen=True, array_like=True, gc=False):
    """An order as queries show it, open or closed. Quantities and prices in units of 10^-8, times in microseconds UTC."""

    terms: NewOrder
    order_id: int
    status: OrderStatus
    quantity: int
    cum_quantity: int
    cum_quote: int
    created_at: int
    updated_at: int
    expiry_reason: ExpiryReason = ExpiryReason.NONE
    extras: OrderExtras | None = None


_NEW: Final = OrderStatus.NEW


class BookOrder:
    """What a book knows of an order, on whatever venue. `previous` and `next` are its neighbours in the queue of its price.

    `leaves` is what works now; an iceberg keeps the rest of its quantity in `reserve` while it rests. `price` is 0 for orders
    at any price.
    """

    __slots__ = ("leaves", "level", "next", "order_id", "previous", "price", "reserve", "side")

    level: "PriceLevel[Self] | None"
    previous: Self | None
    next: Self | None

    def __init__(self, order_id: int, side: Side, price: int, quantity: int) -> None:
        """Make an order that is on no book."""
        self.order_id: Final = order_id
        self.side: Final[Side] = side
        self.price: int = price
        self.leaves: int = quantity
        self.reserve: int = 0
        self.level = None
        self.previous = None
        self.next = None

    def part_shown(self) -> int:
        """Return how much of its reserve an order shows at a time: all of it, unless it is an iceberg."""
        return self.reserve


class Order(BookOrder):
    """An open order of the spot venue.

    `price` is 0 until a pegged order enters the book. `held` is what the order holds of the asset that it pays with.
    `prevented` is what self-trade prevention took off it. `order_list` is the venue's record of the list it is a member of.
    """

    __slots__ = (
        "amends",
        "created_at",
        "cum_quantity",
        "cum_quote",
        "extras",
        "held",
        "order_list",
        "prevented",
        "quantity",
        "status",
        "terms",
        "updated_at",
    )

    def __init__(self, terms: NewOrder, order_id: int, at: int) -> None:
        """Make a new order of `terms`, not yet on any book."""
        quantity = terms.quantity
        # What BookOrder's does, without another call: orders are made ten thousand times a second.
        self.order_id = order_id  # type: ignore[misc]
        self.side = terms.side  # type: ignore[misc]
        self.price = terms.price
        self.leaves = quantity
        self.reserve = 0
        self.level = self.previous = self.next = None
        self.terms: NewOrder = terms
        self.quantity: int = quantity
        self.prevented: int = 0
        self.held: int = 0
        # how often it was amended
        self.amends: int = 0
        self.cum_quantity: int = 0
        self.cum_quote: int = 0
        self.status: OrderStatus = _NEW
        self.created_at: int = at
        self.updated_at: int = at
        self.extras: OrderExtras | None = None
        self.order_list: OrderList | None = None

    def part_shown(self) -> int:
        """Return how much an iceberg shows at a time."""
        return self.terms.iceberg_quantity

    def record(self) -> OrderRecord:
        """Return the order as queries show it."""
        return OrderRecord(
            self.terms,
            self.order_id,
            self.status,
            self.quantity,
            self.cum_quantity,
            self.cum_quote,
            self.created_at,
            self.updated_at,
            ExpiryReason.NONE,
            self.extras,
        )
