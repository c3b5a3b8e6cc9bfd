"""What queries answer with, where the vocabulary or the views have no record of their own for it.

Prices, quantities, amounts and rates are units of 10^-8, times are microseconds UTC. Nothing here knows how it is written.
"""

from typing import Final

from msgspec import Struct

from papernet.core.enums import SymbolStatus
from papernet.exchange.views.records import WindowStats
from papernet.venues.spot.symbols import Symbol


class Listing:
    """What an exchange information query chose.

    The same object is given as long as it stays true, so readers may keep what they made of it, but only weakly.
    """

    __slots__ = ("__weakref__", "show_permission_sets", "symbols")

    def __init__(self, symbols: tuple[tuple[Symbol, SymbolStatus], ...], *, show_permission_sets: bool) -> None:
        """Choose symbols, in listing order, with the status each has now."""
        self.symbols: Final = symbols
        self.show_permission_sets: Final = show_permission_sets


class ExchangeInformation(Struct, frozen=True, gc=False):
    """The rules of trading at a time."""

    listing: Listing
    now: int


class Depth(Struct, frozen=True, gc=False):
    """The best levels of a book as (price, quantity), best first."""

    update_id: int
    bids: list[tuple[int, int]]
    asks: list[tuple[int, int]]


class AveragePrice(Struct, frozen=True, gc=False):
    """The average price of the last minutes; `at` is when the last trade was, 0 when there was none."""

    minutes: int
    price: int
    at: int


class Touch(Struct, frozen=True, gc=False):
    """The best bid and ask of a symbol; 0 where a side is empty."""

    symbol: str
    bid_price: int
    bid_quantity: int
    ask_price: int
    ask_quantity: int


class LastPrice(Struct, frozen=True, gc=False):
    """The price of a symbol's last trade, 0 when there was none."""

    symbol: str
    price: int


class Ticker(Struct, frozen=True, gc=False):
    """Statistics of a symbol over a window; `touch` only where the query tells it."""

    symbol: str
    stats: WindowStats
    touch: Touch | None = None


class Tickers(Struct, frozen=True, gc=False):
    """Tickers of several symbols in listing order, or the one of the single symbol that was asked for."""

    rows: list[Ticker]
    is_single: bool
    is_mini: bool


class LastPrices(Struct, frozen=True, gc=False):
    """Last prices, one or several as for `Tickers`."""

    rows: list[LastPrice]
    is_single: bool


class Touches(Struct, frozen=True, gc=False):
    """Best bids and asks, one or several as for `Tickers`."""

    rows: list[Touch]
    is_single: bool


class Rates(Struct, frozen=True, gc=False):
    """Commission rates of an account."""

    maker: int
    taker: int
    buyer: int
    seller: int


class AccountStatus(Struct, frozen=True, gc=False):
    """An account; `balances` are (asset, free, held) in the listing order of assets."""

    uid: int
    updated_at: int
    rates: Rates
    balances: list[tuple[str, int, int]]


class CommissionRates(Struct, frozen=True, gc=False):
    """The rates of an account on a symbol."""

    symbol: str
    rates: Rates


class OrderRates(Struct, frozen=True, gc=False):
    """The rates that an order would pay on its fills, as maker and as taker."""

    maker: int
    taker: int


class OrderCounts(Struct, frozen=True, gc=False):
    """An account's unfilled order counts of the current windows."""

    ten_seconds: int
    day: int
