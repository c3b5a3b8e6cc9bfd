"""Time passes on the options venue: whatever is due by now happens, in the order of its times.

Order of work.  Every 08:00 UTC on the way is a turn of its own, at its own time: the indexes are held until then, countdowns
                and block orders that have run out end, contracts are settled, new ones are listed, margins are looked at. Then
                margins are looked at as prices and marks were left, and the same happens for what is left of the way, without
                a settlement: the indexes take their new prices. With those margins are looked at when contracts are marked, or
                when time advances next. After a leap of more than a minute marks are forgotten, and only the latter is left.
Invariant.      However many steps the time takes, the same is listed, settled and paid, as long as prices are the same.
Does not.       Know where prices come from, or mark contracts. A protection's freeze ends by the clock alone.
Cost.           O(expiries of the underlyings + portfolios' positions) when nothing is due.
"""

from collections.abc import Mapping
from typing import Final

from papernet.core.dates import DAY, MINUTE
from papernet.core.events import IndexesSampled
from papernet.venues.options import block_orders, countdowns, listing
from papernet.venues.options.index import next_settlement
from papernet.venues.options.risk import assess_all
from papernet.venues.options.settlement import settle
from papernet.venues.options.turn import OptionTurn
from papernet.venues.options.venue import OptionsVenue

# What contracts were worth longer ago decides nothing.
STALE: Final = MINUTE


def is_leap(venue: OptionsVenue, at: int) -> bool:
    """Tell whether so much time passes at once that marks are of another time afterwards."""
    return at - _begin(venue, at) > STALE


def advance(turn: OptionTurn, prices: Mapping[str, int]) -> None:
    """Let the turn's time be now, the underlyings' prices being these; one that is not among them stands still."""
    venue = turn.venue
    leaps = is_leap(venue, turn.at)
    if leaps:
        for market in venue.markets.values():
            market.mark = None
    for settlement in range(next_settlement(_begin(venue, turn.at)), turn.at + 1, DAY):
        day = OptionTurn(venue, settlement)
        _settle_day(day)
        if not leaps:
            assess_all(day)
        turn.events.extend(day.finish())
    if not leaps:
        # Marks are of the prices that stood until now: with others, margins would be of no moment at all.
        assess_all(turn)
    for name, index in venue.indexes.items():
        index.hold(turn.at)
        index.take(prices.get(name, index.price))
    venue.advanced_at = turn.at
    _end_what_ran_out(turn)
    listing.list_due(turn)
    turn.events.append(IndexesSampled(turn.at, tuple((name, index.price) for name, index in venue.indexes.items())))


def _begin(venue: OptionsVenue, at: int) -> int:
    """Return until when time has passed."""
    return min((index.at for index in venue.indexes.values()), default=at)


def _settle_day(day: OptionTurn) -> None:
    """Let an 08:00 on the way be."""
    venue = day.venue
    for index in venue.indexes.values():
        index.hold(day.at)
    venue.advanced_at = day.at
    _end_what_ran_out(day)
    for name in venue.underlyings:
        settle(day, name, day.at)
    listing.list_all(day)


def _end_what_ran_out(turn: OptionTurn) -> None:
    countdowns.fire_due(turn)
    block_orders.expire_due(turn)
