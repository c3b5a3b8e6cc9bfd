"""Replies of the general queries: connectivity, time, and the rules of trading.

Order of work.  The rules are big and rarely change: what is made of a listing is kept as long as the listing lives, and only
                the time is put in anew.
Invariant.      `filters` begins with PRICE_FILTER, because clients index it: a symbol without one is shown a disabled one. No
                filter types but the documented ones, because some clients refuse the whole reply otherwise.
Source.         rest-api.md, General endpoints; filters.md, /exchangeInfo formats; enums.md, Rate limiters.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final
from weakref import WeakKeyDictionary

from msgspec.json import Encoder

from papernet.app.operations import TimeUnit
from papernet.app.queries.values import ExchangeInformation, Listing
from papernet.app.rate_limits import REQUEST_LIMIT, REQUEST_MINUTES, WEIGHT_LIMIT, WEIGHT_MINUTES
from papernet.core.enums import SymbolStatus
from papernet.core.units import DIGITS
from papernet.exchange.allowances import ORDER_LIMIT_1D, ORDER_LIMIT_10S
from papernet.protocols.json.fragments import EMPTY_OBJECT, divisor
from papernet.protocols.json.numbers import decimal
from papernet.protocols.json.spellings import ORDER_TYPES, SELF_TRADE_MODES, SYMBOL_STATUSES
from papernet.venues.spot.symbols import (
    LotSize,
    MarketLotSize,
    MaxNumOrders,
    MinNotional,
    Notional,
    PercentPrice,
    PercentPriceBySide,
    PriceFilter,
    Symbol,
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


def _rules(listing: Listing) -> bytes:
    """Return everything behind the time."""
    limits = [
        {"rateLimitType": limit_type, "interval": interval, "intervalNum": number, "limit": limit}
        for limit_type, interval, number, limit in _RATE_LIMITS
    ]
    symbols = [_symbol(symbol, status, listing.show_permission_sets) for symbol, status in listing.symbols]
    return _encode({"rateLimits": limits, "exchangeFilters": [], "symbols": symbols})[1:]


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
        "icebergAllowed": False,
        "ocoAllowed": False,
        "otoAllowed": False,
        "opoAllowed": False,
        "quoteOrderQtyMarketAllowed": symbol.quote_quantity_allowed,
        "allowTrailingStop": False,
        "cancelReplaceAllowed": False,
        "amendAllowed": False,
        "pegInstructionsAllowed": False,
        "isSpotTradingAllowed": "SPOT" in permissions,
        "isMarginTradingAllowed": "MARGIN" in permissions,
        "filters": [_FILTERS[type(rule)](rule) for rule in filters],
        # Superseded by permissionSets; always there and always empty.
        "permissions": [],
        "permissionSets": symbol.permission_sets if show_permission_sets else [],
        "defaultSelfTradePreventionMode": SELF_TRADE_MODES[symbol.default_self_trade_mode],
        "allowedSelfTradePreventionModes": [SELF_TRADE_MODES[mode] for mode in symbol.self_trade_modes],
    }


def _price_filter(rule: PriceFilter) -> dict[str, Any]:
    return {
        "filterType": "PRICE_FILTER",
        "minPrice": decimal(rule.min_price),
        "maxPrice": decimal(rule.max_price),
        "tickSize": decimal(rule.tick_size),
    }


def _percent_price(rule: PercentPrice) -> dict[str, Any]:
    return {
        "filterType": "PERCENT_PRICE",
        "multiplierUp": _multiplier(rule.multiplier_up),
        "multiplierDown": _multiplier(rule.multiplier_down),
        "avgPriceMins": rule.avg_price_mins,
    }


def _percent_price_by_side(rule: PercentPriceBySide) -> dict[str, Any]:
    return {
        "filterType": "PERCENT_PRICE_BY_SIDE",
        "bidMultiplierUp": _multiplier(rule.bid_multiplier_up),
        "bidMultiplierDown": _multiplier(rule.bid_multiplier_down),
        "askMultiplierUp": _multiplier(rule.ask_multiplier_up),
        "askMultiplierDown": _multiplier(rule.ask_multiplier_down),
        "avgPriceMins": rule.avg_price_mins,
    }


def _lot_size(rule: LotSize) -> dict[str, Any]:
    return {"filterType": "LOT_SIZE", **_quantities(rule)}


def _market_lot_size(rule: MarketLotSize) -> dict[str, Any]:
    return {"filterType": "MARKET_LOT_SIZE", **_quantities(rule)}


def _quantities(rule: LotSize | MarketLotSize) -> dict[str, Any]:
    return {
        "minQty": decimal(rule.min_quantity),
        "maxQty": decimal(rule.max_quantity),
        "stepSize": decimal(rule.step_size),
    }


def _min_notional(rule: MinNotional) -> dict[str, Any]:
    return {
        "filterType": "MIN_NOTIONAL",
        "minNotional": decimal(rule.min_notional),
        "applyToMarket": rule.apply_to_market,
        "avgPriceMins": rule.avg_price_mins,
    }


def _notional(rule: Notional) -> dict[str, Any]:
    return {
        "filterType": "NOTIONAL",
        "minNotional": decimal(rule.min_notional),
        "applyMinToMarket": rule.apply_min_to_market,
        "maxNotional": decimal(rule.max_notional),
        "applyMaxToMarket": rule.apply_max_to_market,
        "avgPriceMins": rule.avg_price_mins,
    }


def _max_num_orders(rule: MaxNumOrders) -> dict[str, Any]:
    return {"filterType": "MAX_NUM_ORDERS", "maxNumOrders": rule.max_num_orders}


def _multiplier(value: int) -> str:
    """Return a multiplier without trailing zeros ("1.3", "5"), as filters.md shows them."""
    return decimal(value).rstrip("0").rstrip(".")


_FILTERS: Final[Mapping[type, Callable[[Any], dict[str, Any]]]] = {
    PriceFilter: _price_filter,
    PercentPrice: _percent_price,
    PercentPriceBySide: _percent_price_by_side,
    LotSize: _lot_size,
    MinNotional: _min_notional,
    Notional: _notional,
    MarketLotSize: _market_lot_size,
    MaxNumOrders: _max_num_orders,
}
