"""One symbol's market: its rules, its book, its open orders and its counters.

Invariant.      `orders` holds exactly the orders that rest on `book`. Order, trade and execution ids only grow, one counter
                each a symbol, as the published protocol shows them; they start anew with an epoch.
Does not.       Decide anything: `trading` does, by the rules of `filters`.
"""

from typing import Final

from papernet.core.enums import SymbolStatus
from papernet.core.order import Order
from papernet.core.order_book import OrderBook
from papernet.venues.spot.average_price import AveragePrice
from papernet.venues.spot.filters import Filters, compile_filters
from papernet.venues.spot.symbols import MinNotional, Notional, PercentPrice, PercentPriceBySide, Symbol

# rest-api.md, Current average price: the query averages over five minutes.
AVERAGE_PRICE_MINUTES: Final = 5


class Market:
    """State of one symbol."""

    __slots__ = (
        "averages",
        "book",
        "filters",
        "last_at",
        "last_price",
        "last_quantity",
        "next_exec_id",
        "next_order_id",
        "next_trade_id",
        "orders",
        "status",
        "symbol",
    )

    def __init__(self, symbol: Symbol) -> None:
        """Open an empty market."""
        self.symbol: Final = symbol
        self.status: SymbolStatus = symbol.status
        self.filters: Final[Filters] = compile_filters(symbol)
        self.book: Final = OrderBook()
        self.orders: Final[dict[int, Order]] = {}
        # of the last trade; 0 when there was none
        self.last_price: int = 0
        self.last_quantity: int = 0
        self.last_at: int = 0
        self.next_order_id: int = 1
        self.next_trade_id: int = 0
        self.next_exec_id: int = 1
        minutes = {AVERAGE_PRICE_MINUTES: None}
        for rule in symbol.filters:
            if isinstance(rule, PercentPrice | PercentPriceBySide | MinNotional | Notional) and rule.avg_price_mins:
                minutes[rule.avg_price_mins] = None
        self.averages: Final = tuple(AveragePrice(count) for count in minutes)

    def average_price(self, at: int, minutes: int = AVERAGE_PRICE_MINUTES) -> int:
        """Return the average price over `minutes`, the last price when nothing traded or `minutes` is 0; 0 before any trade."""
        for average in self.averages:
            if average.minutes == minutes:
                return average.value(at) or self.last_price
        return self.last_price

    def traded(self, at: int, price: int, quantity: int, quote: int) -> None:
        """Take note of a trade."""
        self.last_price = price
        self.last_quantity = quantity
        self.last_at = at
        for average in self.averages:
            average.add(at, quantity, quote)
