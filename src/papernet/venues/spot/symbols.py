"""A spot symbol: its assets, what it offers and the filters that its orders must pass.

A symbol is data: it enters the exchange as the `ListSymbol` command, so that a journal says under which rules it was made.
Prices, quantities and amounts are units of 10^-8, multipliers too (1.5 is 150_000_000), times are microseconds.
Source: rest-api.md, Exchange information, Query Execution Rules, Query Reference Price Calculation; filters.md, Symbol filters.
"""

from typing import Final

from msgspec import Struct, ValidationError, convert, to_builtins
from msgspec.structs import astuple, replace

from papernet.core.dates import MILLISECOND
from papernet.core.enums import OrderType, SelfTradeMode, SymbolStatus
from papernet.core.units import SCALE


class PriceFilter(Struct, frozen=True, tag="PRICE_FILTER"):
    """PRICE_FILTER: a price's range and tick; 0 disables a rule."""

    min_price: int
    max_price: int
    tick_size: int


class PercentPrice(Struct, frozen=True, tag="PERCENT_PRICE"):
    """PERCENT_PRICE: a price's distance from the average price of `avg_price_mins` minutes (0: from the last price)."""

    multiplier_up: int
    multiplier_down: int
    avg_price_mins: int


class PercentPriceBySide(Struct, frozen=True, tag="PERCENT_PRICE_BY_SIDE"):
    """PERCENT_PRICE_BY_SIDE: the same with a range of its own for each side."""

    bid_multiplier_up: int
    bid_multiplier_down: int
    ask_multiplier_up: int
    ask_multiplier_down: int
    avg_price_mins: int


class LotSize(Struct, frozen=True, tag="LOT_SIZE"):
    """LOT_SIZE: a quantity's range and step, the visible quantity's of an iceberg too."""

    min_quantity: int
    max_quantity: int
    step_size: int


class IcebergParts(Struct, frozen=True, tag="ICEBERG_PARTS"):
    """ICEBERG_PARTS: into how many parts an iceberg may be cut."""

    limit: int


class MarketLotSize(Struct, frozen=True, tag="MARKET_LOT_SIZE"):
    """MARKET_LOT_SIZE: the same for orders at any price; 0 disables a rule."""

    min_quantity: int
    max_quantity: int
    step_size: int


class MinNotional(Struct, frozen=True, tag="MIN_NOTIONAL"):
    """MIN_NOTIONAL: the least price x quantity."""

    min_notional: int
    apply_to_market: bool
    avg_price_mins: int


class Notional(Struct, frozen=True, tag="NOTIONAL"):
    """NOTIONAL: the range of price x quantity."""

    min_notional: int
    apply_min_to_market: bool
    max_notional: int
    apply_max_to_market: bool
    avg_price_mins: int


class MaxNumOrders(Struct, frozen=True, tag="MAX_NUM_ORDERS"):
    """MAX_NUM_ORDERS: how many orders an account may have open on the symbol."""

    max_num_orders: int


class MaxNumAlgoOrders(Struct, frozen=True, tag="MAX_NUM_ALGO_ORDERS"):
    """MAX_NUM_ALGO_ORDERS: how many of them may be stop loss and take profit orders."""

    max_num_algo_orders: int


class MaxNumIcebergOrders(Struct, frozen=True, tag="MAX_NUM_ICEBERG_ORDERS"):
    """MAX_NUM_ICEBERG_ORDERS: how many of them may be icebergs."""

    max_num_iceberg_orders: int


class MaxPosition(Struct, frozen=True, tag="MAX_POSITION"):
    """MAX_POSITION: how much of the base asset an account may have or be about to buy."""

    max_position: int


class TrailingDelta(Struct, frozen=True, tag="TRAILING_DELTA"):
    """TRAILING_DELTA: the range of a trailing delta, in basis points, for orders that trigger above and below the market."""

    min_above: int
    max_above: int
    min_below: int
    max_below: int


class MaxNumOrderAmends(Struct, frozen=True, tag="MAX_NUM_ORDER_AMENDS"):
    """MAX_NUM_ORDER_AMENDS: how many times one order may be amended."""

    max_num_order_amends: int


class MaxNumOrderLists(Struct, frozen=True, tag="MAX_NUM_ORDER_LISTS"):
    """MAX_NUM_ORDER_LISTS: how many order lists an account may have open on the symbol."""

    max_num_order_lists: int


# In the documented order, which is the order of checking; clients rely on PRICE_FILTER being first.
Filter = (
    PriceFilter
    | PercentPrice
    | PercentPriceBySide
    | LotSize
    | MinNotional
    | Notional
    | IcebergParts
    | MarketLotSize
    | MaxNumOrders
    | MaxNumAlgoOrders
    | MaxNumIcebergOrders
    | MaxPosition
    | TrailingDelta
    | MaxNumOrderAmends
    | MaxNumOrderLists
)
FILTER_ORDER: Final[tuple[type[Filter], ...]] = (
    PriceFilter,
    PercentPrice,
    PercentPriceBySide,
    LotSize,
    MinNotional,
    Notional,
    IcebergParts,
    MarketLotSize,
    MaxNumOrders,
    MaxNumAlgoOrders,
    MaxNumIcebergOrders,
    MaxPosition,
    TrailingDelta,
    MaxNumOrderAmends,
    MaxNumOrderLists,
)

# As exchange information lists them.
ORDER_TYPES: Final = (
    OrderType.LIMIT,
    OrderType.LIMIT_MAKER,
    OrderType.MARKET,
    OrderType.STOP_LOSS,
    OrderType.STOP_LOSS_LIMIT,
    OrderType.TAKE_PROFIT,
    OrderType.TAKE_PROFIT_LIMIT,
)


class ArithmeticMeanSpec(Struct, frozen=True, tag="ARITHMETIC_MEAN"):
    """A reference price that the venue works out: the mean of trade prices over `bucket_count` buckets of `bucket_width`."""

    bucket_count: int
    bucket_width: int


class ExternalSpec(Struct, frozen=True, tag="EXTERNAL"):
    """A reference price that is set from outside; `calculation_id` says by which published method."""

    calculation_id: int = 0


class PriceRange(Struct, frozen=True):
    """PRICE_RANGE: how far from the reference price each side may trade, upwards and downwards; None is no bound."""

    bid_up: int | None = None
    bid_down: int | None = None
    ask_up: int | None = None
    ask_down: int | None = None


class Symbol(Struct, frozen=True):
    """A symbol as it is listed; `filters` are kept in the order of `FILTER_ORDER`."""

    name: str
    base_asset: str
    quote_asset: str
    filters: tuple[Filter, ...]
    status: SymbolStatus = SymbolStatus.TRADING
    base_precision: int = 8
    quote_precision: int = 8
    order_types: tuple[OrderType, ...] = ORDER_TYPES
    quote_quantity_allowed: bool = True
    permission_sets: tuple[tuple[str, ...], ...] = (("SPOT",),)
    self_trade_modes: tuple[SelfTradeMode, ...] = tuple(SelfTradeMode)
    default_self_trade_mode: SelfTradeMode = SelfTradeMode.NONE
    # where the simulated market opens; 0 when nobody says
    initial_price: int = 0
    iceberg_allowed: bool = True
    oco_allowed: bool = True
    oto_allowed: bool = True
    opo_allowed: bool = True
    trailing_allowed: bool = True
    cancel_replace_allowed: bool = True
    amend_allowed: bool = True
    peg_allowed: bool = True
    discount_allowed: bool = True
    reference: ArithmeticMeanSpec | ExternalSpec | None = None
    price_range: PriceRange | None = None

    def to_spec(self) -> dict[str, object]:
        """Return the symbol as plain builtins, for `ListSymbol`."""
        spec: dict[str, object] = to_builtins(self)
        return spec

    @staticmethod
    def from_spec(spec: dict[str, object]) -> "Symbol":
        """Return the symbol of a `ListSymbol` command; raises msgspec.ValidationError when the spec is none."""
        symbol = convert(spec, Symbol)
        names = (symbol.name, symbol.base_asset, symbol.quote_asset)
        _require(all(names) and symbol.base_asset != symbol.quote_asset, "name, base_asset, quote_asset: two assets with names")
        require_numbers(symbol.filters)
        _require(symbol.initial_price >= 0, "initial_price: may not be negative")
        modes = symbol.self_trade_modes
        _require(symbol.default_self_trade_mode in modes, "default_self_trade_mode: must be one of self_trade_modes")
        _require(_is_reference(symbol.reference), "reference: counts and widths must be above 0, widths whole milliseconds")
        _require(_is_range(symbol.price_range), "price_range: upwards must be 1 at least, downwards above 0 and 1 at most")
        return replace(symbol, filters=tuple(sorted(symbol.filters, key=lambda rule: FILTER_ORDER.index(type(rule)))))


def require_numbers(rules: tuple[Struct, ...]) -> None:
    """Raise msgspec.ValidationError unless each kind of rule is there once at most and no number of theirs is negative."""
    kinds = [type(rule) for rule in rules]
    _require(all(kinds.count(kind) == 1 for kind in kinds), "filters: one of a kind")
    _require(all(number >= 0 for rule in rules for number in astuple(rule)), "filters: no number may be negative")


def _is_reference(spec: ArithmeticMeanSpec | ExternalSpec | None) -> bool:
    if isinstance(spec, ArithmeticMeanSpec):
        return spec.bucket_count > 0 and spec.bucket_width > 0 and not spec.bucket_width % MILLISECOND
    return spec is None or spec.calculation_id >= 0


def _is_range(rule: PriceRange | None) -> bool:
    if rule is None:
        return True
    ups = [up for up in (rule.bid_up, rule.ask_up) if up is not None]
    downs = [down for down in (rule.bid_down, rule.ask_down) if down is not None]
    return all(up >= SCALE for up in ups) and all(0 < down <= SCALE for down in downs)


def _require(held: object, problem: str) -> None:
    if not held:
        raise ValidationError(problem)
