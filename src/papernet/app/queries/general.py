"""General queries: connectivity, time, and the rules of trading.

Source.         rest-api.md, General endpoints.
"""

from typing import Final

from papernet.app.faults import Fault
from papernet.app.queries.context import Context, Params
from papernet.app.queries.values import ExchangeInformation, Listing
from papernet.venues.spot.market import Market

# rest-api.md, Exchange information: which permissions are looked for when none are named
_USUAL_PERMISSIONS: Final = ("SPOT", "MARGIN", "LEVERAGED")


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
        listing = memory.listings[key] = Listing(rows, show_permission_sets=show_permission_sets)
    return ExchangeInformation(listing, now)


def _is_wanted(market: Market, params: Params) -> bool:
    status = params["symbolStatus"]
    if status is not None and market.status is not status:
        return False
    permissions = params["permissions"] or _USUAL_PERMISSIONS
    return any(permission in permissions for group in market.symbol.permission_sets for permission in group)
