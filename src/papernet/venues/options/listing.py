"""Which contracts there are: the days on which they expire, and the strikes around the index.

Order of work.  Every 08:00 UTC all that should exist by then is listed (`list_all`). In between the venue looks every second at
                three strikes of each expiry (`list_due`); when one of them is missing, because the index went where nothing is
                listed or because the venue has just opened, that expiry is listed anew.
Invariant.      A listed contract stays until it expires. An expiry is listed once, however many series it belongs to. What
                should exist depends on the index and on how many whole days are left, and so changes at 08:00 or with the index
                only: how often somebody looks in between makes no difference.
Does not.       Price contracts, or take them off: settlement does.
Cost.           A look is O(expiries) an underlying; what is listed costs a market each.
Units.          Strikes, index, volatility and reach of 10^-8; times in microseconds UTC.
Source.         Announcements: daily options T+1 to T+3, weekly, monthly and quarterly options, none of them twice. Steps and
                reach of strikes are not published: they are settings of an underlying.
"""

from functools import lru_cache
from typing import Final, NamedTuple

from papernet.core.dates import DAY, civil_from_days, days_from_civil
from papernet.core.enums import OptionKind
from papernet.core.events import ContractsListed
from papernet.core.units import SCALE
from papernet.venues.options.contracts import EXPIRY_HOUR, Contract, Listing, Underlying, symbol_of
from papernet.venues.options.index import next_settlement
from papernet.venues.options.turn import OptionTurn

_DAILIES: Final = 3
_FRIDAYS: Final = 3
_MONTHS: Final = 3
_QUARTERS: Final = 4
_YEAR_DAYS: Final = 365
# 1970-01-02 was a Friday.
_FIRST_FRIDAY: Final = 1


class Ladder(NamedTuple):
    """The strikes of an expiry: every `step` from `low` to `high`; the others stand for the part that must never be missing."""

    step: int
    low: int
    inner_low: int
    middle: int
    inner_high: int
    high: int


def expiries(at: int) -> tuple[int, ...]:
    """Return when the contracts that are listed at a time expire, soonest first."""
    return _expiries_from(next_settlement(at) // DAY)


def strikes(listing: Listing, index: int, at: int, expiry: int) -> tuple[int, ...]:
    """Return the strikes that an expiry should have when the index is at a price, lowest first."""
    ladder = _ladder(listing, _cell(listing, index), _days_left(next_settlement(at), expiry))
    return tuple(range(ladder.low, ladder.high + 1, ladder.step))


def list_all(turn: OptionTurn) -> None:
    """List every contract that should exist and does not yet."""
    _list(turn, [(underlying, expiry) for underlying in turn.venue.underlyings.values() for expiry in expiries(turn.at)])


def list_due(turn: OptionTurn) -> None:
    """List the contracts of the expiries that miss strikes where the index is."""
    venue, settlement = turn.venue, next_settlement(turn.at)
    due = []
    for underlying in venue.underlyings.values():
        listing = underlying.listing
        landmarks = _landmarks(underlying.base_asset, listing, _cell(listing, venue.indexes[underlying.name].price), settlement)
        missing = dict.fromkeys(expiry for symbol, expiry in landmarks if symbol not in venue.markets)
        due += [(underlying, expiry) for expiry in missing]
    if due:
        _list(turn, due)


def _list(turn: OptionTurn, due: list[tuple[Underlying, int]]) -> None:
    venue, at, added = turn.venue, turn.at, []
    for underlying, expiry in due:
        for strike in strikes(underlying.listing, venue.indexes[underlying.name].price, at, expiry):
            for kind in OptionKind:
                symbol = symbol_of(underlying.base_asset, expiry, strike, kind)
                if symbol not in venue.markets:
                    venue.add(Contract(symbol, underlying.name, kind, strike, expiry, at))
                    added.append(symbol)
    if added:
        venue.listing_version += 1
        turn.events.append(ContractsListed(tuple(added), at))


@lru_cache(maxsize=1024)
def _landmarks(base_asset: str, listing: Listing, cell: int, settlement: int) -> tuple[tuple[str, int], ...]:
    """Return calls at, well below and well above the index, with their expiries: when one is missing, strikes are."""
    return tuple(
        (symbol_of(base_asset, expiry, strike, OptionKind.CALL), expiry)
        for expiry in _expiries_from(settlement // DAY)
        for ladder in (_ladder(listing, cell, _days_left(settlement, expiry)),)
        for strike in (ladder.middle, ladder.inner_low, ladder.inner_high)
    )


def _cell(listing: Listing, index: int) -> int:
    """Return how many of the narrowest steps are below the index: strikes do not change while it moves within one."""
    return index // listing.steps[0][1]


def _days_left(settlement: int, expiry: int) -> int:
    """Return in how many days an expiry is, the one that ends with the next settlement included."""
    return (expiry - settlement) // DAY + 1


def _ladder(listing: Listing, cell: int, days: int) -> Ladder:
    """Return the strikes that an expiry should have so many days before it.

    Both ends are rounded outwards, so that there always is a strike on each side of the index; where there would be too many
    strikes, every second one is left out until there are few enough.
    """
    bottom, top = cell * listing.steps[0][1], (cell + 1) * listing.steps[0][1]
    outer = _growth(listing.volatility, listing.reach, days)
    step = next((step for until, step in listing.steps if days <= until), listing.steps[-1][1])
    while True:
        low, high = _below(bottom * SCALE // outer, step), -(-top * outer // SCALE // step) * step
        if (high - low) // step < max(listing.max_strikes, 2):
            break
        step *= 2
    inner = _growth(listing.volatility, listing.reach // 2, days)
    inner_low, inner_high = _below(bottom * SCALE // inner, step), _below(bottom * inner // SCALE, step)
    return Ladder(step, low, inner_low, _below(bottom, step), inner_high, high)


def _below(price: int, step: int) -> int:
    """Return the greatest multiple of a step that is at most a price, and the first one when there is none."""
    return max(price // step, 1) * step


@lru_cache(maxsize=1024)
def _growth(volatility: int, reach: int, days: int) -> int:
    """Return by what factor a price may grow within some days: e^x for x = `reach` standard deviations, in its first terms."""
    x = _root((volatility * reach) ** 2 * days // _YEAR_DAYS) // SCALE
    return SCALE + x + x * x // (2 * SCALE) + x * x * x // (6 * SCALE * SCALE)


def _root(number: int) -> int:
    """Return the square root, rounded down (Newton's method from above)."""
    if not number:
        return 0
    root = 1 << (number.bit_length() + 1) // 2
    while (better := (root + number // root) // 2) < root:
        root = better
    return root


@lru_cache(maxsize=16)
def _expiries_from(first: int) -> tuple[int, ...]:
    """Return the expiries when the first one to come is on a day (a count since 1970)."""
    friday = first + (_FIRST_FRIDAY - first) % 7
    dailies = range(first, first + _DAILIES)
    fridays = range(friday, friday + 7 * _FRIDAYS, 7)
    month_ends = _month_ends(first)
    quarter_ends = [day for day in month_ends if civil_from_days(day)[1] % 3 == 0]
    days = dict.fromkeys((*dailies, *fridays, *month_ends[:_MONTHS], *quarter_ends[:_QUARTERS]))
    return tuple(day * DAY + EXPIRY_HOUR for day in sorted(days))


def _month_ends(first: int) -> list[int]:
    """Return the last Fridays of months from a day on, as many as have those of the quarters among them."""
    year, month, _ = civil_from_days(first)
    ends = []
    for months in range(month, month + 3 * _QUARTERS + 2):
        last = days_from_civil(year + months // 12, months % 12 + 1, 1) - 1
        ends.append(last - (last - _FIRST_FRIDAY) % 7)
    return [day for day in ends if day >= first]
