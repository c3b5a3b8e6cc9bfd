"""What queries about options have in common: contracts, and what is told of them also when they have expired.

Invariant.      What is known of a contract follows from its name and its underlying, so that the past can be told of it.
"""

from typing import Final

from papernet.app.faults import Fault, OptionFault, RequestFault
from papernet.app.queries.context import Context
from papernet.app.queries.option_values import Terms, Worth
from papernet.app.queries.tickers import touch_of_book
from papernet.core.units import DIGITS
from papernet.venues.options.contracts import Underlying, read_symbol
from papernet.venues.options.market import Mark, OptionMarket
from papernet.venues.options.portfolio import Portfolio
from papernet.venues.options.venue import OptionsVenue

UNKNOWN_SYMBOL: Final = Fault(RequestFault.UNKNOWN_SYMBOL)
UNKNOWN_UNDERLYING: Final = Fault(OptionFault.UNKNOWN_UNDERLYING)


class KnownContracts:
    """The contracts that can be asked about: those that trade, and those that have expired."""

    __slots__ = ("_venue",)

    def __init__(self, venue: OptionsVenue) -> None:
        """Know those of a venue."""
        self._venue: Final = venue

    def __contains__(self, symbol: object) -> bool:
        """Whether a contract of this name trades, or may have traded."""
        venue = self._venue
        if symbol in venue.markets:
            return True
        parts = read_symbol(symbol) if isinstance(symbol, str) else None
        return parts is not None and parts.expiry <= venue.advanced_at and parts.base_asset + venue.asset in venue.underlyings


def market_of(context: Context, symbol: str) -> OptionMarket | Fault:
    """Return the market of a contract that trades."""
    market = context.exchange.options.markets.get(symbol)
    return market if market is not None else UNKNOWN_SYMBOL


def markets_of(context: Context, symbol: str | None) -> list[OptionMarket] | Fault:
    """Return the market of a contract, or of all when it is None, in listing order."""
    if symbol is None:
        return list(context.exchange.options.markets.values())
    market = market_of(context, symbol)
    return market if isinstance(market, Fault) else [market]


def underlying_of(context: Context, name: str) -> Underlying | Fault:
    """Return an underlying."""
    underlying = context.exchange.options.underlyings.get(name)
    return underlying if underlying is not None else UNKNOWN_UNDERLYING


def worth_of(context: Context, market: OptionMarket, now: int) -> Worth:
    """Return what a contract is worth: what the venue has of it, or what makers would say if anybody looked at it alone.

    Whoever looks at all contracts is shown what a look at each of them would find.
    """
    touch = touch_of_book(market.contract.symbol, market.book)
    seen = None if context.glance is None else context.glance(market, now)
    if seen is None:
        mark = market.mark
        return Worth(Mark(0, context.exchange.options.mark_price(market)) if mark is None else mark, touch)
    return Worth(seen.mark, touch) if touch.bid_quantity or touch.ask_quantity else seen


def portfolio_of(context: Context, account: int, now: int) -> Portfolio:
    """Return an account's portfolio; one that has none yet is shown an empty one."""
    portfolio = context.exchange.options.portfolios.get(account)
    return portfolio if portfolio is not None else Portfolio(account, is_user=True, at=now)


def terms_of(venue: OptionsVenue, symbol: str) -> Terms:
    """Return what is told of a contract, listed or expired."""
    market = venue.markets.get(symbol)
    if market is not None:
        contract, underlying = market.contract, market.underlying
        return Terms(
            symbol,
            contract.kind,
            contract.strike,
            contract.expiry,
            underlying.price_scale,
            underlying.quantity_scale,
            underlying.settle_asset,
        )
    parts = read_symbol(symbol)
    assert parts is not None
    of_expired = venue.underlyings.get(parts.base_asset + venue.asset)
    scales = (DIGITS, DIGITS) if of_expired is None else (of_expired.price_scale, of_expired.quantity_scale)
    return Terms(symbol, parts.kind, parts.strike, parts.expiry, *scales, venue.asset)
