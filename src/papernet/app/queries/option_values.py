"""What queries about options answer with, where the vocabulary or the views have no record of their own for it.

Prices, quantities, amounts, rates and greeks are units of 10^-8, times are microseconds UTC. Nothing here knows how it is
written.
"""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from papernet.app.operations import ResponseType
from papernet.app.queries.values import Touch
from papernet.core.enums import OptionKind, OrderStatus, RiskLevel
from papernet.core.events import Bill, BlockFill, BlockOrderRecord, OptionRecord, PositionExercised
from papernet.core.units import SCALE
from papernet.exchange.views import Candle, PublicTrade, WindowStats
from papernet.exchange.views.records import OptionFill
from papernet.venues.options.contracts import Contract, Underlying
from papernet.venues.options.market import Mark

_NEW: Final = OrderStatus.NEW
_PARTIALLY_FILLED: Final = OrderStatus.PARTIALLY_FILLED


class Terms(Struct, frozen=True, gc=False):
    """What is told of a contract beside orders, trades and positions, be it listed or expired."""

    symbol: str
    kind: OptionKind
    strike: int
    expiry: int
    price_scale: int
    quantity_scale: int
    quote_asset: str


class Worth(Struct, frozen=True, gc=False):
    """What a contract is marked at, and what is bid and asked for it."""

    mark: Mark
    touch: Touch


class OptionListing:
    """What the venue lists: its underlyings and its contracts, in listing order.

    The same object is given as long as it stays true, so readers may keep what they made of it, but only weakly.
    """

    __slots__ = ("__weakref__", "asset", "contracts", "underlyings")

    def __init__(self, asset: str, underlyings: tuple[Underlying, ...], contracts: tuple[Contract, ...]) -> None:
        """List contracts that are held and traded for an asset."""
        self.asset: Final = asset
        self.underlyings: Final = underlyings
        self.contracts: Final = contracts


class OptionsInformation(Struct, frozen=True, gc=False):
    """What trades at a time; `bands` are the lowest and the highest price of an order, a contract each."""

    listing: OptionListing
    bands: list[tuple[int, int]]
    now: int


class OptionDepth(Struct, frozen=True, gc=False):
    """The best levels of a contract's book as (price, quantity), best first."""

    terms: Terms
    at: int
    update_id: int
    bids: list[tuple[int, int]]
    asks: list[tuple[int, int]]


class OptionTrades(Struct, frozen=True, gc=False):
    """Trades of a contract, oldest first."""

    terms: Terms
    rows: Sequence[PublicTrade]


class OptionCandles(Struct, frozen=True, gc=False):
    """Candles of a contract, oldest first; `interval` as it was asked for."""

    terms: Terms
    interval: str
    rows: Sequence[Candle]


class OptionBlockTrade(Struct, frozen=True, gc=False):
    """A trade outside the book; its taker sold unless `taker_bought`."""

    terms: Terms
    trade_id: int
    at: int
    price: int
    quantity: int
    quote: int
    taker_bought: bool


class OptionMark(Struct, frozen=True, gc=False):
    """What a contract is marked at, and between which prices orders may be placed."""

    symbol: str
    price_scale: int
    mark: Mark
    low: int
    high: int


class OptionTicker(Struct, frozen=True, gc=False):
    """Statistics of a contract's last 24 hours; times are those of the first and the last trade, 0 when there was none."""

    terms: Terms
    stats: WindowStats
    first_at: int
    last_at: int
    touch: Touch
    exercise_price: int


class IndexPrice(Struct, frozen=True, gc=False):
    """The price of an underlying."""

    price: int
    at: int


class OpenInterest(Struct, frozen=True, gc=False):
    """How many contracts somebody is long, and what they are worth of the underlying."""

    symbol: str
    quantity: int
    value: int
    at: int


class PlacedOrder(Struct, frozen=True, gc=False):
    """An order as it was accepted, and as it stands after it traded."""

    terms: Terms
    first: OptionRecord
    last: OptionRecord
    response_type: ResponseType


class OptionOrderRow(Struct, frozen=True, gc=False):
    """An order, open or ended."""

    terms: Terms
    record: OptionRecord

    @property
    def as_it_was(self) -> OptionRecord:
        """Return the order with the status that its cancel found (Cancel Option Order: answers tell that one)."""
        return replace(self.record, status=_PARTIALLY_FILLED if self.record.cum_quantity else _NEW)


class FillRow(Struct, frozen=True, gc=False):
    """One account's side of a trade."""

    terms: Terms
    fill: OptionFill


class PositionRow(Struct, frozen=True, gc=False):
    """A position: `quantity` and `cost` are negative when short, `bids` and `asks` what open orders would add and take."""

    terms: Terms
    quantity: int
    cost: int
    mark_price: int
    bids: int
    asks: int
    at: int

    @property
    def value(self) -> int:
        """Return what closing the position at its mark would move, whichever way."""
        return abs(self.mark_price * self.quantity // SCALE)

    @property
    def unrealized(self) -> int:
        """Return what closing the position at its mark would earn."""
        return self.mark_price * self.quantity // SCALE - self.cost


class ExerciseRow(Struct, frozen=True, gc=False):
    """A position that ended with its contract."""

    terms: Terms
    asset: str
    event: PositionExercised


class OptionRates(Struct, frozen=True, gc=False):
    """What an account pays: (underlying, maker's rate, taker's rate)."""

    rows: list[tuple[str, int, int]]


class MarginAccount(Struct, frozen=True, gc=False):
    """What a portfolio holds and owes; `greeks` are (underlying, delta, gamma, theta, vega)."""

    asset: str
    balance: int
    equity: int
    adjusted_equity: int
    available: int
    initial_margin: int
    maintenance_margin: int
    locked: int
    unrealized: int
    profit_of_longs: int
    greeks: list[tuple[str, int, int, int, int]]
    at: int
    level: RiskLevel
    can_trade: bool
    trade_group: int


class Bills(Struct, frozen=True, gc=False):
    """Changes of a portfolio's balance, oldest first."""

    rows: Sequence[Bill]


class ProtectionRow(Struct, frozen=True, gc=False):
    """A market maker's protection; `number` is its underlying's place among all."""

    number: int
    underlying: str
    window: int
    frozen_for: int
    quantity_limit: int
    delta_limit: int
    triggered_at: int


class BlockOrderRow(Struct, frozen=True, gc=False):
    """A block order as its creator sees it, or as the other side does."""

    terms: Terms
    record: BlockOrderRecord
    from_other_side: bool = False


class BlockTradeRow(Struct, frozen=True, gc=False):
    """One account's side of a block trade."""

    terms: Terms
    fill: BlockFill
