"""The options venue as time passes: papernet's own underlyings with what they list, and steps from here to there.

venue = opened(at)                       six underlyings, their contracts listed, funded accounts
events = advance_to(venue, at, BTCUSDT=60_000)
"""

from typing import Final

from papernet.core.account import Account
from papernet.core.dates import SECOND
from papernet.core.enums import AccountKind
from papernet.core.events import (
    Bill,
    ContractSettled,
    ContractsListed,
    Event,
    Liquidated,
    PositionExercised,
    RiskLevelChanged,
)
from papernet.core.ledger import Ledger
from papernet.venues.options.advancing import advance
from papernet.venues.options.contracts import Listing, Underlying
from papernet.venues.options.index import Index
from papernet.venues.options.turn import OptionTurn
from papernet.venues.options.venue import OptionsVenue
from tests.support.option_market import NAMES, USERS, fund, make_underlying, units


def make_listing(steps: str, volatility: str, reach: str, max_strikes: int) -> Listing:
    """Return what is listed; `steps` are written as "2:250 14:500"."""
    rows = (row.partition(":") for row in steps.split())
    return Listing(tuple((int(days), units(step)) for days, _, step in rows), units(volatility), units(reach), max_strikes)


# by underlying: the index at first, and what is listed
LISTINGS: Final = {
    "BTCUSDT": ("61700", make_listing("2:250 14:500 62:1000 400:5000", "0.5", "1.4", 40)),
    "ETHUSDT": ("2683", make_listing("2:10 14:25 62:50 400:200", "0.65", "1.4", 40)),
    "BNBUSDT": ("512", make_listing("2:5 14:10 62:20 400:50", "0.5", "1.3", 24)),
    "SOLUSDT": ("155", make_listing("2:2 14:5 62:10 400:20", "0.75", "1.3", 24)),
    "XRPUSDT": ("0.57", make_listing("2:0.01 14:0.02 62:0.04 400:0.1", "0.75", "1.3", 24)),
    "DOGEUSDT": ("0.19", make_listing("2:0.005 14:0.01 62:0.02 400:0.04", "0.85", "1.3", 24)),
}
_UNITS: Final = {"XRPUSDT": 100, "DOGEUSDT": 1_000}
# what must not depend on how many steps time took
LASTING: Final = (Bill, ContractSettled, ContractsListed, Liquidated, PositionExercised, RiskLevelChanged)


def default_underlying(name: str) -> Underlying:
    """Return one of papernet's own underlyings."""
    index, listing = LISTINGS[name]
    return make_underlying(name, initial_index=units(index), unit=_UNITS.get(name, 1), listing=listing)


def bare(at: int, *names: str) -> OptionsVenue:
    """Return a venue with some of papernet's underlyings (all of them when none is named) that has listed nothing yet."""
    accounts = {
        number: Account(number, name, 1_000 + number, AccountKind.USER if number in USERS else AccountKind.CROWD, at)
        for number, name in NAMES.items()
    }
    venue = OptionsVenue(accounts, Ledger())
    venue.asset = "USDT"
    for name in names or LISTINGS:
        underlying = venue.underlyings[name] = default_underlying(name)
        venue.indexes[name] = Index(underlying.initial_index, at)
    for number in NAMES:
        fund(venue, number, 100_000)
    return venue


def opened(at: int, *names: str) -> OptionsVenue:
    """Return the same venue once it has listed its contracts."""
    venue = bare(at, *names)
    advance_to(venue, at)
    return venue


def advance_to(venue: OptionsVenue, at: int, **prices: int | str) -> list[Event]:
    """Let it be `at`, some indexes having other prices from then on; return what happened."""
    turn = OptionTurn(venue, at)
    advance(turn, {name: units(price) for name, price in prices.items()})
    return turn.finish()


def step_to(venue: OptionsVenue, at: int, step: int = SECOND) -> list[Event]:
    """Let time pass in many steps until `at`; return what lasts of what happened."""
    events: list[Event] = []
    for now in range(venue.advanced_at + step, at, step):
        events += lasting(advance_to(venue, now))
    return events + lasting(advance_to(venue, at))


def lasting(events: list[Event]) -> list[Event]:
    """Return what must not depend on how many steps time took."""
    return [event for event in events if isinstance(event, LASTING)]
