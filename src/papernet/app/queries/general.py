"""General queries: connectivity, time, and the rules of trading.

Source.         rest-api.md, General endpoints, Query Reference Price, Query Reference Price Calculation, Query relevant
                filters; faqs/price_range_execution_rules.md.
"""

from typing import Final

from papernet.app.faults import Fault, RequestFault
from papernet.app.queries.context import STATUS_MISMATCH, Context, Params
from papernet.app.queries.values import (
    ExchangeInformation,
    ExecutionRules,
    Listing,
    ReferenceCalculation,
    ReferencePrice,
    RelevantFilters,
)
from papernet.venues.spot.market import Market
from papernet.venues.spot.reference_price import ArithmeticMean
from papernet.venues.spot.symbols import ExternalSpec

# rest-api.md, Exchange information: which permissions are looked for when none are named
_USUAL_PERMISSIONS: Final = ("SPOT", "MARGIN", "LEVERAGED")
_NO_REFERENCE_PRICE: Final = Fault(RequestFault.NO_REFERENCE_PRICE)


def ping(_context: Context, _params: Params, _account: int, _now: int) -> None:
    """Answer with nothing (Test connectivity)."""


def time(_context: Context, _params: Params, _account: int, now: int) -> int:
    """Return the time (Check server time)."""
    return now


def exchange_information(context: Context, params: Params, _account: int, now: int) -> ExchangeInformation | Fault:
    """Return the rules of the symbols asked for (Exchange information)."""
    symbol: str | None = params["symbol"]
    symbols: tuple[str, ...] | None = params["symbols"] if symbol is None else (symbol,)
    show_permission_sets: bool = params["showPermissionSets"]
    key = (symbols, params["permissions"], params["symbolStatus"], show_permission_sets)
    memory = context.listings
    memory.turn(context.exchange.listing_version)
    listing = memory.listings.get(key)
    if listing is None:
        markets = context.named(symbols)
        if isinstance(markets, Fault):
            return markets
        chosen = markets if symbols is not None else [market for market in markets if _is_wanted(market, params)]
        rows = tuple((market.symbol, market.status) for market in chosen)
        listing = memory.listings[key] = Listing(rows, context.exchange.venue.rules, show_permission_sets=show_permission_sets)
    return ExchangeInformation(listing, now)


def execution_rules(context: Context, params: Params, _account: int, _now: int) -> ExecutionRules | Fault:
    """Return the rules that hold when orders trade (Query Execution Rules)."""
    markets = context.chosen(params)
    if isinstance(markets, Fault):
        return markets
    return ExecutionRules([(market.symbol.name, market.symbol.price_range) for market in markets])


def reference_price(context: Context, params: Params, _account: int, now: int) -> ReferencePrice | Fault:
    """Return a symbol's reference price (Query Reference Price).

    A mean is of the moment it is asked for; a price from outside is of the moment it was set.
    """
    market = context.market(params["symbol"])
    if isinstance(market, Fault):
        return market
    reference = market.reference
    if reference is None or not reference.was_set:
        return _NO_REFERENCE_PRICE
    at = max(now, reference.set_at) if isinstance(reference, ArithmeticMean) else reference.set_at
    return ReferencePrice(market.symbol.name, reference.value(at), at)


def reference_calculation(context: Context, params: Params, _account: int, _now: int) -> ReferenceCalculation | Fault:
    """Return how a symbol's reference price is made (Query Reference Price Calculation)."""
    market = context.market(params["symbol"])
    if isinstance(market, Fault):
        return market
    status = params["symbolStatus"]
    if status is not None and market.status is not status:
        return STATUS_MISMATCH
    reference = market.reference
    if reference is None:
        return _NO_REFERENCE_PRICE
    method = reference.spec if isinstance(reference, ArithmeticMean) else ExternalSpec(reference.calculation_id)
    return ReferenceCalculation(market.symbol.name, method)


def relevant_filters(context: Context, params: Params, account: int, _now: int) -> RelevantFilters | Fault:
    """Return the filters that the account's orders of a symbol must pass (Query relevant filters)."""
    market = context.market(params["symbol"])
    if isinstance(market, Fault):
        return market
    symbol, limits = market.symbol, context.account(account).asset_limits
    asset_limits = [(asset, limits[asset]) for asset in (symbol.base_asset, symbol.quote_asset) if asset in limits]
    return RelevantFilters(context.exchange.venue.rules.exchange_filters, symbol.filters, asset_limits)


def _is_wanted(market: Market, params: Params) -> bool:
    status = params["symbolStatus"]
    if status is not None and market.status is not status:
        return False
    permissions = params["permissions"] or _USUAL_PERMISSIONS
    return any(permission in permissions for group in market.symbol.permission_sets for permission in group)
