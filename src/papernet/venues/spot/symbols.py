"""A spot symbol: its assets, what it offers and the filters that its orders must pass.

A symbol is data: it enters the exchange as the `ListSymbol` command, so that a journal says under which rules it was made.
Prices, quantities and amounts are units of 10^-8, multipliers too (1.5 is 150_000_000).
Source: rest-api.md, Exchange information; filters.md, Symbol filters.
"""

from msgspec import Struct, ValidationError, convert, to_builtins
from msgspec.structs import astuple

from papernet.core.enums import OrderType, SelfTradeMode, SymbolStatus


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
    """LOT_SIZE: a quantity's range and step."""

    min_quantity: int
    max_quantity: int
    step_size: int


class MarketLotSize(Struct, frozen=True, tag="MARKET_LOT_SIZE"):
    """MARKET_LOT_SIZE: the same for market orders; 0 disables a rule."""

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


TRADED_ORDER_TYPES = (OrderType.LIMIT, OrderType.LIMIT_MAKER, OrderType.MARKET)

# In the documented order, which is the order of checking; clients rely on PRICE_FILTER being first.
Filter = PriceFilter | PercentPrice | PercentPriceBySide | LotSize | MinNotional | Notional | MarketLotSize | MaxNumOrders
FILTER_ORDER = (PriceFilter, PercentPrice, PercentPriceBySide, LotSize, MinNotional, Notional, MarketLotSize, MaxNumOrders)


class Symbol(Struct, frozen=True):
    """A symbol as it is listed; `filters` are kept in the order of `FILTER_ORDER`."""

    name: str
    base_asset: str
    quote_asset: str
    filters: tuple[Filter, ...]
    status: SymbolStatus = SymbolStatus.TRADING
    base_precision: int = 8
    quote_precision: int = 8
    order_types: tuple[OrderType, ...] = TRADED_ORDER_TYPES
    quote_quantity_allowed: bool = True
    permission_sets: tuple[tuple[str, ...], ...] = (("SPOT",),)
    self_trade_modes: tuple[SelfTradeMode, ...] = (SelfTradeMode.NONE,)
    default_self_trade_mode: SelfTradeMode = SelfTradeMode.NONE
    # where the simulated market opens; 0 when nobody says
    initial_price: int = 0

    def to_spec(self) -> dict[str, object]:
        """Return the symbol as plain builtins, for `ListSymbol`."""
        spec: dict[str, object] = to_builtins(self)
        return spec

    @staticmethod
    def from_spec(spec: dict[str, object]) -> "Symbol":
        """Return the symbol of a `ListSymbol` command; raises msgspec.ValidationError when the spec is none.

        A symbol may offer only what the venue trades: it must not promise order types or self-trade modes that it has not.
        """
        symbol = convert(spec, Symbol)
        _require(all(kind in TRADED_ORDER_TYPES for kind in symbol.order_types), "order_types: not traded here")
        _require(symbol.self_trade_modes == (SelfTradeMode.NONE,), "self_trade_modes: only NONE is offered here")
        kinds = [type(rule) for rule in symbol.filters]
        _require(all(kinds.count(kind) == 1 for kind in kinds), "filters: one of a kind")
        numbers = [number for rule in symbol.filters for number in astuple(rule)]
        _require(min([*numbers, symbol.initial_price]) >= 0, "filters: no number may be negative")
        ordered = tuple(sorted(symbol.filters, key=lambda rule: FILTER_ORDER.index(type(rule))))
        return Symbol(**{field: getattr(symbol, field) for field in symbol.__struct_fields__} | {"filters": ordered})


def _require(held: object, problem: str) -> None:
    if not held:
        raise ValidationError(problem)
