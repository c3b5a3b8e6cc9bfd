"""Opening the options venue, changing what it lists, and starting it over.

Order of work.  The first configuration opens the venue: it makes the house's portfolio; the machine brings the accounts in.
                Later ones add underlyings or change terms. Contracts are listed when time advances, for only then an index has
                the price of the market that it is made of.
Invariant.      All underlyings settle in one asset. What contracts that exist were made of does not change: their base asset
                and their unit.
Does not.       Know accounts, or spot markets.
"""

import re
from typing import Final

from papernet.core.rejects import Reason, Reject
from papernet.core.units import AMOUNT_MAX, DIGITS, SCALE
from papernet.venues.options.contracts import Underlying
from papernet.venues.options.index import Index
from papernet.venues.options.portfolio import Portfolio
from papernet.venues.options.venue import FIRST_FILL_ID, FIRST_ORDER_ID, HOUSE, OptionsVenue

_ASSET: Final = re.compile(r"[A-Z0-9]{1,10}", re.ASCII)


def flaw(underlying: Underlying) -> str | None:
    """Return what is wrong with the terms of an underlying, or None."""
    margins, listing = underlying.margins, underlying.listing
    above_zero = (
        underlying.initial_index,
        underlying.tick_size,
        underlying.step_size,
        underlying.unit,
        *(getattr(underlying.limits, name) for name in underlying.limits.__struct_fields__),
        *(number for row in listing.steps for number in row),
        listing.volatility,
        listing.reach,
        listing.max_strikes,
    )
    rates = (*(getattr(underlying.fees, name) for name in underlying.fees.__struct_fields__), *underlying.band)
    scales = ((underlying.price_scale, underlying.tick_size), (underlying.quantity_scale, underlying.step_size))
    days = [row[0] for row in listing.steps]
    if not all(_ASSET.fullmatch(asset) for asset in (underlying.base_asset, underlying.settle_asset)):
        return "an asset is not 1 to 10 of A-Z, 0-9"
    if not 0 < min(above_zero) <= max(above_zero) <= AMOUNT_MAX:
        return "a number is not above 0, or is too great"
    if not 0 <= min(rates) <= max(rates) <= SCALE:
        return "a rate is not from 0 to 1"
    if not all(0 <= scale <= DIGITS and size % 10 ** (DIGITS - scale) == 0 for scale, size in scales):
        return "a scale shows less than one step"
    if not (
        0 < margins.min_maintenance <= margins.min_initial <= SCALE
        and margins.min_maintenance <= margins.maintenance <= margins.initial <= SCALE
        and margins.min_initial <= margins.initial
    ):
        return "the margins are not in order"
    if not days or days != sorted(dict.fromkeys(days)):
        return "the listing's steps are not in order"
    return None


def configure(venue: OptionsVenue, underlyings: tuple[Underlying, ...], opening_balance: int, at: int) -> Reject | None:
    """Open the venue with some underlyings, or add and change some; return why not, or None."""
    problem = _problem(venue, underlyings)
    if problem is not None:
        return Reject(Reason.BAD_VENUE_RULES, (problem,))
    if not 0 <= opening_balance <= AMOUNT_MAX:
        return Reject(Reason.BAD_AMOUNT)
    venue.opening_balance = opening_balance
    venue.listing_version += 1
    if not venue.asset:
        venue.asset = underlyings[0].settle_asset
        venue.portfolio(HOUSE, at)
    for underlying in underlyings:
        venue.underlyings[underlying.name] = underlying
        if underlying.name not in venue.indexes:
            venue.indexes[underlying.name] = Index(underlying.initial_index, at)
            venue.by_expiry[underlying.name] = {}
    for market in venue.markets.values():
        market.underlying = venue.underlyings[market.underlying.name]
    return None


def start_over(venue: OptionsVenue, at: int) -> None:
    """Take everything off the venue but its underlyings and what accounts may do; time begins anew."""
    for market in venue.markets.values():
        # Orders on a book refer to each other.
        market.book.clear()
    venue.markets.clear()
    venue.block_orders.clear()
    venue.counting.clear()
    for name, underlying in venue.underlyings.items():
        venue.indexes[name] = Index(underlying.initial_index, at)
        venue.by_expiry[name] = {}
    for portfolio in venue.portfolios.values():
        _clear(portfolio, at)
    venue.next_order_id, venue.next_fill_id = FIRST_ORDER_ID, FIRST_FILL_ID
    venue.next_bill_id = venue.next_exercise_id = venue.next_block_trade_id = 1
    venue.shortfall = venue.advanced_at = 0
    venue.listing_version += 1


def _clear(portfolio: Portfolio, at: int) -> None:
    fresh = Portfolio(portfolio.account_id, is_user=portfolio.is_user, at=at)
    portfolio.balance, portfolio.level, portfolio.updated_at = fresh.balance, fresh.level, at
    for kept in (
        portfolio.positions,
        portfolio.open_orders,
        portfolio.client_order_ids,
        portfolio.protections,
        portfolio.countdowns,
    ):
        kept.clear()


def _problem(venue: OptionsVenue, underlyings: tuple[Underlying, ...]) -> str | None:
    """Return what is wrong with a configuration, or None."""
    if not underlyings:
        return "no underlying"
    after = dict(venue.underlyings)
    for underlying in underlyings:
        name, before = underlying.name, venue.underlyings.get(underlying.name)
        problem = flaw(underlying)
        if problem is not None:
            return f"{name}: {problem}"
        if underlying.settle_asset != (venue.asset or underlyings[0].settle_asset):
            return f"{name}: settles in another asset than the others"
        if before is not None and (before.base_asset, before.unit) != (underlying.base_asset, underlying.unit):
            return f"{name}: what its contracts are about cannot change"
        after[name] = underlying
    if len(dict.fromkeys(underlying.base_asset for underlying in after.values())) < len(after):
        return "two underlyings have one base asset"
    return None
