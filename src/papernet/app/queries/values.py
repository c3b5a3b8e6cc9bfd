"""What queries answer with, where the vocabulary or the views have no record of their own for it.

Prices, quantities, amounts and rates are units of 10^-8, times are microseconds UTC. Nothing here knows how it is written.
"""

from typing import Final

from msgspec import Struct

from papernet.core.account import Rates
from papernet.core.enums import SymbolStatus
from papernet.exchange.views.records import WindowStats
from papernet.venues.spot.symbols import ArithmeticMeanSpec, ExternalSpec, Filter, PriceRange, Symbol
from papernet.venues.spot.venue_rules import ExchangeFilter, VenueRules


class Listing:
    """What an exchange information query chose, and what holds for all symbols.

    The same object is given as long as it stays true, so readers may keep what they made of it, but only weakly.
    """

    __slots__ = ("__weakref__", "rules", "show_permission_sets", "symbols")

    def __init__(
        self, symbols: tuple[tuple[Symbol, SymbolStatus], ...], rules: VenueRules, *, show_permission_sets: bool
    ) -> None:
        """Choose symbols, in listing order, with the status each has now."""
        self.symbols: Final = symbols
        self.rules: Final = rules
        self.show_permission_sets: Final = show_permission_sets


class ExchangeInformation(Struct, frozen=True, gc=False):
    """The rules of trading at a time."""

    listing: Listing
    now: int


class ExecutionRules(Struct, frozen=True, gc=False):
    """The execution rules of symbols, in listing order; None for a symbol that has none."""

    rows: list[tuple[str, PriceRange | None]]


class ReferencePrice(Struct, frozen=True, gc=False):
    """A symbol's reference price at a time; None when there is none."""

    symbol: str
    price: int | None
    at: int


class ReferenceCalculation(Struct, frozen=True, gc=False):
    """How a symbol's reference price is made."""

    symbol: str
    method: ArithmeticMeanSpec | ExternalSpec


class RelevantFilters(Struct, frozen=True, gc=False):
    """The filters that an account's orders of a symbol must pass; `asset_limits` are (asset, limit) of MAX_ASSET."""

    exchange_filters: tuple[ExchangeFilter, ...]
    symbol_filters: tuple[Filter, ...]
    asset_limits: list[tuple[str, int]]


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


class AccountStatus(Struct, frozen=True, gc=False):
    """An account; `rates` are (maker, taker, buyer, seller), `balances` (asset, free, held) in the listing order of assets.

    `trade_group` is -1 for an account that is in none.
    """

    uid: int
    updated_at: int
    rates: tuple[int, int, int, int]
    balances: list[tuple[str, int, int]]
    can_trade: bool = True
    prevents_sor: bool = False
    permissions: tuple[str, ...] = ("SPOT",)
    trade_group: int = -1


class Discount(Struct, frozen=True, gc=False):
    """What commission costs in another asset, and whether account and symbol make use of it."""

    enabled_for_account: bool
    enabled_for_symbol: bool
    asset: str
    rate: int


class CommissionRates(Struct, frozen=True, gc=False):
    """The rates of an account on a symbol."""

    symbol: str
    rates: Rates
    discount: Discount


class OrderRates(Struct, frozen=True, gc=False):
    """The rates that an order would pay on its fills, each part as (maker, taker)."""

    standard: tuple[int, int]
    special: tuple[int, int]
    tax: tuple[int, int]
    discount: Discount


class OrderCounts(Struct, frozen=True, gc=False):
    """An account's unfilled order counts of the current windows."""

    ten_seconds: int
    day: int
