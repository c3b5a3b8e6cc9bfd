"""Replies of the general queries: connectivity, time, and the rules of trading.

Order of work.  The rules are big and rarely change: what is made of a listing is kept as long as the listing lives, and only
                the time is put in anew.
Invariant.      `filters` begins with PRICE_FILTER, because clients index it: a symbol without one is shown a disabled one. No
                filter types but the documented ones, because some clients refuse the whole reply otherwise.
Source.         rest-api.md, General endpoints, Query Reference Price, Query Reference Price Calculation, Query relevant
                filters; filters.md, /exchangeInfo formats; enums.md, Rate limiters.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final
from weakref import WeakKeyDictionary

from msgspec.json import Encoder

from papernet.app.operations import TimeUnit
from papernet.app.queries.values import (
    ExchangeInformation,
    ExecutionRules,
    Listing,
    ReferenceCalculation,
    ReferencePrice,
    RelevantFilters,
)
from papernet.app.rate_limits import REQUEST_LIMIT, REQUEST_MINUTES, WEIGHT_LIMIT, WEIGHT_MINUTES
from papernet.core.dates import MILLISECOND
from papernet.core.enums import SymbolStatus
from papernet.core.units import DIGITS
from papernet.exchange.allowances import ORDER_LIMIT_1D, ORDER_LIMIT_10S
from papernet.protocols.json.fragments import EMPTY_OBJECT, divisor
from papernet.protocols.json.numbers import decimal
from papernet.protocols.json.spellings import ORDER_TYPES, SELF_TRADE_MODES, SYMBOL_STATUSES
from papernet.venues.spot.filters import name_of
from papernet.venues.spot.symbols import (
    ArithmeticMeanSpec,
    Filter,
    IcebergParts,
    LotSize,
    MarketLotSize,
    MaxNumAlgoOrders,
    MaxNumIcebergOrders,
    MaxNumOrderAmends,
    MaxNumOrderLists,
    MaxNumOrders,
    MaxPosition,
    MinNotional,
    Notional,
    PercentPrice,
    PercentPriceBySide,
    PriceFilter,
    PriceRange,
    Symbol,
    TrailingDelta,
)
from papernet.venues.spot.venue_rules import (
    ExchangeFilter,
    ExchangeMaxNumAlgoOrders,
    ExchangeMaxNumIcebergOrders,
    ExchangeMaxNumOrderLists,
    ExchangeMaxNumOrders,
    VenueRules,
)

_encode: Final = Encoder().encode

_DISABLED_PRICE_FILTER: Final = PriceFilter(0, 0, 0)

# (type, interval, how many of them, limit)
_RATE_LIMITS: Final = (
    ("REQUEST_WEIGHT", "MINUTE", WEIGHT_MINUTES, WEIGHT_LIMIT),
    ("ORDERS", "SECOND", 10, ORDER_LIMIT_10S),
    ("ORDERS", "DAY", 1, ORDER_LIMIT_1D),
    ("RAW_REQUESTS", "MINUTE", REQUEST_MINUTES, REQUEST_LIMIT),
)

_kept: Final[WeakKeyDictionary[Listing, bytes]] = WeakKeyDictionary()


def ping(_value: None, _unit: TimeUnit) -> bytes:
    """Return the reply to a ping (Test connectivity)."""
    return EMPTY_OBJECT


def time(now: int, unit: TimeUnit) -> bytes:
    """Return the time (Check server time)."""
    return b'{"serverTime":%d}' % (now // divisor(unit))


def exchange_information(value: ExchangeInformation, unit: TimeUnit) -> bytes:
    """Return the rules of trading (Exchange information)."""
    listing = value.listing
    rules = _kept.get(listing)
    if rules is None:
        rules = _kept[listing] = _rules(listing)
    return b'{"timezone":"UTC","serverTime":%d,%b' % (value.now // divisor(unit), rules)


def execution_rules(value: ExecutionRules, _unit: TimeUnit) -> bytes:
    """Return the execution rules of symbols (Query Execution Rules)."""
    rows = [{"symbol": symbol, "rules": [] if rule is None else [_price_range(rule)]} for symbol, rule in value.rows]
    return _encode({"symbolRules": rows})


def reference_price(value: ReferencePrice, unit: TimeUnit) -> bytes:
    """Return a reference price (Query Reference Price)."""
    price = None if value.price is None else decimal(value.price)
    return _encode({"symbol": value.symbol, "referencePrice": price, "timestamp": value.at // divisor(unit)})


def reference_calculation(value: ReferenceCalculation, _unit: TimeUnit) -> bytes:
    """Return how a reference price is made (Query Reference Price Calculation)."""
    row: dict[str, Any] = {"symbol": value.symbol, "calculationType": name_of(value.method)}
    if isinstance(value.method, ArithmeticMeanSpec):
        row["bucketCount"] = value.method.bucket_count
        row["bucketWidthMs"] = value.method.bucket_width // MILLISECOND
    else:
        row["externalCalculationId"] = value.method.calculation_id
    return _encode(row)


def relevant_filters(value: RelevantFilters, _unit: TimeUnit) -> bytes:
    """Return the filters of an account on a symbol (Query relevant filters)."""
    return _encode(
        {
            "exchangeFilters": _filters(value.exchange_filters),
            "symbolFilters": _filters(value.symbol_filters),
            "assetFilters": [
                {"filterType": "MAX_ASSET", "asset": asset, "limit": decimal(limit)} for asset, limit in value.asset_limits
            ],
        }
    )


def _rules(listing: Listing) -> bytes:
    """Return everything behind the time."""
    limits = [
        {"rateLimitType": limit_type, "interval": interval, "intervalNum": number, "limit": limit}
        for limit_type, interval, number, limit in _RATE_LIMITS
    ]
    symbols = [_symbol(symbol, status, listing.show_permission_sets) for symbol, status in listing.symbols]
    rules = listing.rules
    told = {"rateLimits": limits, "exchangeFilters": _filters(rules.exchange_filters), "symbols": symbols}
    return _encode(told | _sors(rules))[1:]


def _sors(rules: VenueRules) -> dict[str, Any]:
    """Return the field that is there only when orders can be routed."""
    if not rules.sors:
        return {}
    return {"sors": [{"baseAsset": sor.base_asset, "symbols": sor.symbols} for sor in rules.sors]}


def _symbol(symbol: Symbol, status: SymbolStatus, show_permission_sets: bool) -> dict[str, Any]:  # noqa: FBT001
    permissions = {permission: None for group in symbol.permission_sets for permission in group}
    filters = symbol.filters
    if not filters or not isinstance(filters[0], PriceFilter):
        filters = (_DISABLED_PRICE_FILTER, *filters)
    return {
        "symbol": symbol.name,
        "status": SYMBOL_STATUSES[status],
        "baseAsset": symbol.base_asset,
        "baseAssetPrecision": symbol.base_precision,
        "quoteAsset": symbol.quote_asset,
        "quotePrecision": symbol.quote_precision,
        "quoteAssetPrecision": symbol.quote_precision,
        # Commission is rounded at the last digit that amounts have.
        "baseCommissionPrecision": DIGITS,
        "quoteCommissionPrecision": DIGITS,
        "orderTypes": [ORDER_TYPES[order_type] for order_type in symbol.order_types],
        "icebergAllowed": symbol.iceberg_allowed,
        "ocoAllowed": symbol.oco_allowed,
        "otoAllowed": symbol.oto_allowed,
        "opoAllowed": symbol.opo_allowed,
        "quoteOrderQtyMarketAllowed": symbol.quote_quantity_allowed,
        "allowTrailingStop": symbol.trailing_allowed,
        "cancelReplaceAllowed": symbol.cancel_replace_allowed,
        "amendAllowed": symbol.amend_allowed,
        "pegInstructionsAllowed": symbol.peg_allowed,
        "isSpotTradingAllowed": "SPOT" in permissions,
        "isMarginTradingAllowed": "MARGIN" in permissions,
        "filters": _filters(filters),
        # Superseded by permissionSets; always there and always empty.
        "permissions": [],
        "permissionSets": symbol.permission_sets if show_permission_sets else [],
        "defaultSelfTradePreventionMode": SELF_TRADE_MODES[symbol.default_self_trade_mode],
        "allowedSelfTradePreventionModes": [SELF_TRADE_MODES[mode] for mode in symbol.self_trade_modes],
    }


def _price_range(rule: PriceRange) -> dict[str, Any]:
    """Return the rule with those of its multipliers that are set."""
    multipliers = {
        "bidLimitMultUp": rule.bid_up,
        "bidLimitMultDown": rule.bid_down,
        "askLimitMultUp": rule.ask_up,
        "askLimitMultDown": rule.ask_down,
    }
    told = {field: _limit_multiplier(value) for field, value in multipliers.items() if value is not None}
    return {"ruleType": "PRICE_RANGE", **told}


def _filters(rules: tuple[Filter | ExchangeFilter, ...]) -> list[dict[str, Any]]:
    return [{"filterType": name_of(rule), **_FILTERS[type(rule)](rule)} for rule in rules]


def _price_filter(rule: PriceFilter) -> dict[str, Any]:
    return {
        "minPrice": decimal(rule.min_price),
        "maxPrice": decimal(rule.max_price),
        "tickSize": decimal(rule.tick_size),
    }


def _percent_price(rule: PercentPrice) -> dict[str, Any]:
    return {
        "multiplierUp": _multiplier(rule.multiplier_up),
        "multiplierDown": _multiplier(rule.multiplier_down),
        "avgPriceMins": rule.avg_price_mins,
    }


def _percent_price_by_side(rule: PercentPriceBySide) -> dict[str, Any]:
    return {
        "bidMultiplierUp": _multiplier(rule.bid_multiplier_up),
        "bidMultiplierDown": _multiplier(rule.bid_multiplier_down),
        "askMultiplierUp": _multiplier(rule.ask_multiplier_up),
        "askMultiplierDown": _multiplier(rule.ask_multiplier_down),
        "avgPriceMins": rule.avg_price_mins,
    }


def _lot_size(rule: LotSize | MarketLotSize) -> dict[str, Any]:
    return {
        "minQty": decimal(rule.min_quantity),
        "maxQty": decimal(rule.max_quantity),
        "stepSize": decimal(rule.step_size),
    }


def _min_notional(rule: MinNotional) -> dict[str, Any]:
    return {
        "minNotional": decimal(rule.min_notional),
        "applyToMarket": rule.apply_to_market,
        "avgPriceMins": rule.avg_price_mins,
    }


def _notional(rule: Notional) -> dict[str, Any]:
    return {
        "minNotional": decimal(rule.min_notional),
        "applyMinToMarket": rule.apply_min_to_market,
        "maxNotional": decimal(rule.max_notional),
        "applyMaxToMarket": rule.apply_max_to_market,
        "avgPriceMins": rule.avg_price_mins,
    }


def _iceberg_parts(rule: IcebergParts) -> dict[str, Any]:
    return {"limit": rule.limit}


def _max_num_orders(rule: MaxNumOrders | ExchangeMaxNumOrders) -> dict[str, Any]:
    return {"maxNumOrders": rule.max_num_orders}


def _max_num_algo_orders(rule: MaxNumAlgoOrders | ExchangeMaxNumAlgoOrders) -> dict[str, Any]:
    return {"maxNumAlgoOrders": rule.max_num_algo_orders}


def _max_num_iceberg_orders(rule: MaxNumIcebergOrders | ExchangeMaxNumIcebergOrders) -> dict[str, Any]:
    return {"maxNumIcebergOrders": rule.max_num_iceberg_orders}


def _max_position(rule: MaxPosition) -> dict[str, Any]:
    return {"maxPosition": decimal(rule.max_position)}


def _trailing_delta(rule: TrailingDelta) -> dict[str, Any]:
    return {
        "minTrailingAboveDelta": rule.min_above,
        "maxTrailingAboveDelta": rule.max_above,
        "minTrailingBelowDelta": rule.min_below,
        "maxTrailingBelowDelta": rule.max_below,
    }


def _max_num_order_amends(rule: MaxNumOrderAmends) -> dict[str, Any]:
    return {"maxNumOrderAmends": rule.max_num_order_amends}


def _max_num_order_lists(rule: MaxNumOrderLists | ExchangeMaxNumOrderLists) -> dict[str, Any]:
    return {"maxNumOrderLists": rule.max_num_order_lists}


def _multiplier(value: int) -> str:
    """Return a multiplier without trailing zeros ("1.3", "5"), as filters.md shows them."""
    return decimal(value).rstrip("0").rstrip(".")


def _limit_multiplier(value: int) -> str:
    """Return a multiplier with four decimals at least ("2.0000"), as rest-api.md, Query Execution Rules, shows them."""
    whole, _, fraction = decimal(value).partition(".")
    return f"{whole}.{fraction[:4]}{fraction[4:].rstrip('0')}"


_FILTERS: Final[Mapping[type, Callable[[Any], dict[str, Any]]]] = {
    PriceFilter: _price_filter,
    PercentPrice: _percent_price,
    PercentPriceBySide: _percent_price_by_side,
    LotSize: _lot_size,
    MinNotional: _min_notional,
    Notional: _notional,
    IcebergParts: _iceberg_parts,
    MarketLotSize: _lot_size,
    MaxNumOrders: _max_num_orders,
    MaxNumAlgoOrders: _max_num_algo_orders,
    MaxNumIcebergOrders: _max_num_iceberg_orders,
    MaxPosition: _max_position,
    TrailingDelta: _trailing_delta,
    MaxNumOrderAmends: _max_num_order_amends,
    MaxNumOrderLists: _max_num_order_lists,
    ExchangeMaxNumOrders: _max_num_orders,
    ExchangeMaxNumAlgoOrders: _max_num_algo_orders,
    ExchangeMaxNumIcebergOrders: _max_num_iceberg_orders,
    ExchangeMaxNumOrderLists: _max_num_order_lists,
}
