"""One symbol's market: its rules, its book, the orders that wait, and its counters.

Invariant.      `orders` holds exactly the open orders of the symbol: they rest on `book`, wait in `triggers`, or are pending in
                an order list. Ids only grow, one counter each a symbol, as the published protocol shows them; they start anew
                with an epoch.
Does not.       Decide anything: the rooms that place, change and end orders do.
"""

from typing import Final

from papernet.core.enums import SymbolStatus
from papernet.core.order import Order
from papernet.core.order_book import OrderBook
from papernet.venues.spot.average_price import AveragePrice
from papernet.venues.spot.filters import COUNTING_ALL, Counts, Filters, compile_filters
from papernet.venues.spot.reference_price import ArithmeticMean, ExternalPrice, reference_price_of
from papernet.venues.spot.symbols import MinNotional, Notional, PercentPrice, PercentPriceBySide, Symbol
from papernet.venues.spot.triggers import Triggers

# rest-api.md, Current average price: the query averages over five minutes.
AVERAGE_PRICE_MINUTES: Final = 5
_NOBODY: Final[list[Order]] = []


class Market:
    """State of one symbol."""

    __slots__ = (
        "_average_of",
        "admitted",
        "averages",
        "book",
        "counts",
        "filters",
        "last_at",
        "last_price",
        "last_quantity",
        "next_allocation_id",
        "next_block_trade_id",
        "next_exec_id",
        "next_order_id",
        "next_prevented_match_id",
        "next_trade_id",
        "orders",
        "plain_counts",
        "reference",
        "status",
        "symbol",
        "triggers",
    )

    def __init__(self, symbol: Symbol) -> None:
        """Open an empty market."""
        self.symbol: Final = symbol
        self.status: SymbolStatus = symbol.status
        self.filters: Final[Filters] = compile_filters(symbol)
        # what may not become too many, and of that what concerns a plain order
        self.counts: Counts = ()
        self.plain_counts: Counts = ()
        self.set_counts(())
        self.book: Final[OrderBook[Order]] = OrderBook()
        self.orders: Final[dict[int, Order]] = {}
        self.triggers: Final = Triggers()
        self.reference: ArithmeticMean | ExternalPrice | None = reference_price_of(symbol)
        # of the last trade; 0 when there was none
        self.last_price: int = 0
        self.last_quantity: int = 0
        self.last_at: int = 0
        self.next_order_id: int = 1
        self.next_trade_id: int = 0
        self.next_exec_id: int = 1
        self.next_prevented_match_id: int = 0
        self.next_allocation_id: int = 0
        self.next_block_trade_id: int = 0
        # the permissions that were admitted last
        self.admitted: tuple[str, ...] | None = None
        minutes = {AVERAGE_PRICE_MINUTES: None}
        for rule in symbol.filters:
            if isinstance(rule, PercentPrice | PercentPriceBySide | MinNotional | Notional) and rule.avg_price_mins:
                minutes[rule.avg_price_mins] = None
        self.averages: Final = tuple(AveragePrice(count) for count in minutes)
        self._average_of: Final = {average.minutes: average for average in self.averages}

    def set_counts(self, of_exchange: Counts) -> None:
        """Let the symbol's count filters hold, then the exchange's."""
        self.counts = self.filters.counts + of_exchange
        self.plain_counts = tuple(row for row in self.counts if row[0] in COUNTING_ALL)

    def admits(self, permissions: tuple[str, ...]) -> bool:
        """Tell whether permissions suffice to trade here (rest-api.md, Exchange information): one of each set."""
        admits = all(any(name in permissions for name in choice) for choice in self.symbol.permission_sets)
        if admits:
            self.admitted = permissions
        return admits

    def average_price(self, at: int, minutes: int = AVERAGE_PRICE_MINUTES) -> int:
        """Return the average price over `minutes`, the last price when nothing traded or `minutes` is 0; 0 before any trade."""
        average = self._average_of.get(minutes)
        return (average.value(at) if average is not None else 0) or self.last_price

    def filter_price(self, at: int, minutes: int) -> int:
        """Return what the filters compare prices with: the reference price, or else the average price over `minutes`.

        Source: filters.md, PERCENT_PRICE.
        """
        if self.reference is not None:
            price = self.reference.value(at)
            if price is not None:
                return price
        average = self._average_of.get(minutes)
        return (average.value(at) if average is not None else 0) or self.last_price

    def traded(self, at: int, price: int, quantity: int, quote: int) -> list[Order]:
        """Take note of a trade; return the orders that it triggers."""
        self.last_price = price
        self.last_quantity = quantity
        self.last_at = at
        for average in self.averages:
            average.add(at, quantity, quote)
        if self.reference is not None:
            self.reference.trade(at, price)
        if not self.triggers.waiting:
            return _NOBODY
        self.triggers.trade(price, at)
        fired, self.triggers.fired = self.triggers.fired, []
        return fired
