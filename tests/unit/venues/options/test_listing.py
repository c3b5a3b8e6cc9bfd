"""Which contracts are listed: days against a calendar of the library's, strikes against the index."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papernet.core.dates import DAY, HOUR, MINUTE, days_from_civil
from papernet.core.enums import OptionKind
from papernet.core.events import ContractsListed
from papernet.core.units import SCALE
from papernet.venues.options.contracts import Listing, read_symbol
from papernet.venues.options.listing import _root, expiries, list_all, list_due, strikes
from papernet.venues.options.turn import OptionTurn
from papernet.venues.options.venue import OptionsVenue
from tests.support.option_market import units
from tests.support.option_time import LISTINGS, advance_to, bare, lasting, make_listing, opened

FRIDAY = days_from_civil(2026, 1, 16) * DAY + 8 * HOUR
NOW = FRIDAY - 20 * HOUR
BTC = LISTINGS["BTCUSDT"][1]


def dates(at: int) -> list[str]:
    return [datetime.fromtimestamp(expiry // 10**6, UTC).strftime("%a %d %b %y %H:%M") for expiry in expiries(at)]


def test_on_a_thursday_noon_dailies_weeklies_monthlies_and_quarterlies_are_there_once_each() -> None:
    assert dates(NOW) == [
        "Fri 16 Jan 26 08:00",
        "Sat 17 Jan 26 08:00",
        "Sun 18 Jan 26 08:00",
        "Fri 23 Jan 26 08:00",
        "Fri 30 Jan 26 08:00",
        "Fri 27 Feb 26 08:00",
        "Fri 27 Mar 26 08:00",
        "Fri 26 Jun 26 08:00",
        "Fri 25 Sep 26 08:00",
        "Fri 25 Dec 26 08:00",
    ]


def test_at_eight_what_expires_is_replaced_and_not_a_microsecond_earlier() -> None:
    assert dates(FRIDAY - 1) == dates(NOW)
    assert dates(FRIDAY)[:5] == [
        "Sat 17 Jan 26 08:00",
        "Sun 18 Jan 26 08:00",
        "Mon 19 Jan 26 08:00",
        "Fri 23 Jan 26 08:00",
        "Fri 30 Jan 26 08:00",
    ]


def last_friday(year: int, month: int) -> date:
    day = date(year + month // 12, month % 12 + 1, 1) - timedelta(1)
    while day.weekday() != 4:
        day -= timedelta(1)
    return day


@given(st.integers(days_from_civil(2020, 1, 1) * 24, days_from_civil(2090, 1, 1) * 24))
def test_expiries_are_those_of_a_calendar(hours: int) -> None:
    now = datetime.fromtimestamp(hours * 3600, UTC)
    first = now.date() if now.hour < 8 else now.date() + timedelta(1)
    days = [first + timedelta(number) for number in range(200 * 3)]
    ends = [day for day in days if day == last_friday(day.year, day.month)]
    wanted = {
        *days[:3],
        *[day for day in days if day.weekday() == 4][:3],
        *ends[:3],
        *[day for day in ends if day.month % 3 == 0][:4],
    }
    epoch = date(1970, 1, 1)
    assert expiries(hours * HOUR) == tuple((day - epoch).days * DAY + 8 * HOUR for day in sorted(wanted))


@given(st.integers(0, 40 * 365))
def test_what_was_listed_is_wanted_until_it_expires(days: int) -> None:
    at = FRIDAY + days * DAY
    gone = [expiry for expiry in expiries(at) if expiry not in expiries(at + DAY)]
    assert gone == [at + DAY]


# ---- strikes


@pytest.mark.parametrize(("days", "step"), [(1, 250), (2, 250), (3, 500), (14, 500), (15, 1_000), (63, 5_000), (500, 5_000)])
def test_the_step_between_strikes_grows_with_the_time_to_the_expiry(days: int, step: int) -> None:
    listed = strikes(BTC, units(61_700), FRIDAY, FRIDAY + days * DAY)
    assert {high - low for low, high in pairwise(listed)} == {units(step)}
    assert not any(strike % units(step) for strike in listed)


def test_strikes_span_the_reach_around_the_index() -> None:
    # 1.4 x 50 % x sqrt(1/365) is 3.664 %; the index is between the strikes of 61,500 and 61,750.
    listed = strikes(BTC, units(61_700), FRIDAY, FRIDAY + DAY)
    assert listed[0] == units(59_250)  # 61,500 / e^0.03664 = 59,287
    assert listed[-1] == units(64_250)  # 61,750 x e^0.03664 = 64,054


def test_strikes_stay_while_the_index_moves_within_the_narrowest_step() -> None:
    expiry = FRIDAY + 5 * DAY
    assert strikes(BTC, units(61_500), FRIDAY, expiry) == strikes(BTC, units(61_750) - 1, FRIDAY, expiry)
    assert strikes(BTC, units(61_500) - 1, FRIDAY, FRIDAY + DAY) != strikes(BTC, units(61_500), FRIDAY, FRIDAY + DAY)


@given(
    index=st.integers(1, 10**15),
    days=st.integers(1, 500),
    name=st.sampled_from(sorted(LISTINGS)),
    most=st.integers(1, 60),
)
def test_there_are_strikes_around_any_index_and_never_too_many(index: int, days: int, name: str, most: int) -> None:
    settings = LISTINGS[name][1]
    listing = Listing(settings.steps, settings.volatility, settings.reach, most)
    listed = strikes(listing, index, FRIDAY, FRIDAY + days * DAY)
    assert 1 <= len(listed) <= max(most, 2)
    assert listed[-1] >= index
    step = next((step for until, step in settings.steps if days <= until), settings.steps[-1][1])
    assert all(strike > 0 and strike % step == 0 for strike in listed)
    # Below the first multiple of the step there is no strike.
    assert listed[0] <= index or len(listed) == 1 or listed[0] == listed[1] - listed[0]


@given(st.integers(0, FRIDAY), st.integers(1, 10**14))
def test_strikes_change_at_eight_only(pause: int, index: int) -> None:
    at, expiry = FRIDAY + pause % DAY, FRIDAY + 30 * DAY
    assert strikes(BTC, index, at + (at == FRIDAY), expiry) == strikes(BTC, index, FRIDAY + 1, expiry)


@given(st.integers(0, 10**80))
def test_the_root_is_the_greatest_whose_square_fits(number: int) -> None:
    root = _root(number)
    assert root * root <= number < (root + 1) * (root + 1)


# ---- listing


def listed_by(venue: OptionsVenue) -> dict[str, int]:
    return {symbol: market.contract.listed_at for symbol, market in venue.markets.items()}


def test_everything_is_listed_when_the_venue_opens() -> None:
    venue = bare(NOW)
    turn = OptionTurn(venue, NOW)
    list_due(turn)
    (told,) = turn.finish()
    assert isinstance(told, ContractsListed)
    assert told.symbols == tuple(venue.markets)
    assert told.at == NOW
    assert venue.listing_version == 1
    for name, underlying in venue.underlyings.items():
        assert tuple(venue.by_expiry[name]) == expiries(NOW)
        for expiry, symbols in venue.by_expiry[name].items():
            wanted = strikes(underlying.listing, underlying.initial_index, NOW, expiry)
            assert [market.contract.strike for market in map(venue.markets.__getitem__, symbols)] == [
                strike for strike in wanted for _ in OptionKind
            ]


def test_names_and_terms_of_what_is_listed_agree() -> None:
    venue = opened(NOW, "XRPUSDT")
    for symbol, market in venue.markets.items():
        contract = market.contract
        assert contract.symbol == symbol
        assert read_symbol(symbol) == ("XRP", contract.expiry, contract.strike, contract.kind)
        assert (contract.underlying, contract.listed_at) == ("XRPUSDT", NOW)


def test_nothing_is_listed_twice() -> None:
    venue = opened(NOW, "BTCUSDT")
    before, version = listed_by(venue), venue.listing_version
    turn = OptionTurn(venue, NOW + MINUTE)
    list_due(turn)
    list_all(turn)
    assert turn.finish() == []
    assert listed_by(venue) == before
    assert venue.listing_version == version


@pytest.mark.parametrize("month", range(1, 13))
def test_the_default_underlyings_list_as_many_contracts_as_a_venue_has(month: int) -> None:
    for day in (1, 9, 17, 25):
        at = days_from_civil(2026, month, day) * DAY + 12 * HOUR
        assert 1_500 <= len(opened(at).markets) <= 2_310, (month, day)


def test_strikes_are_added_where_the_index_goes_and_stay_when_it_leaves() -> None:
    venue = opened(NOW, "BTCUSDT")
    before = set(venue.markets)
    advance_to(venue, NOW + MINUTE, BTCUSDT=75_000)
    assert before < set(venue.markets)
    assert venue.markets["BTC-260116-75000-C"].contract.listed_at == NOW + MINUTE
    both = set(venue.markets)
    advance_to(venue, NOW + 2 * MINUTE, BTCUSDT=61_700)
    assert set(venue.markets) == both


def test_strikes_between_two_ranges_are_added_when_the_index_comes_to_them() -> None:
    venue = opened(NOW, "BTCUSDT")
    advance_to(venue, NOW + MINUTE, BTCUSDT=80_000)
    assert "BTC-260116-70000-C" not in venue.markets
    advance_to(venue, NOW + 2 * MINUTE, BTCUSDT=70_000)
    assert "BTC-260116-70000-P" in venue.markets


def test_a_small_move_lists_nothing() -> None:
    venue = opened(NOW, "BTCUSDT")
    assert not lasting(advance_to(venue, NOW + MINUTE, BTCUSDT=62_000))


def test_only_the_expiries_that_miss_strikes_are_listed_anew() -> None:
    venue = opened(NOW, "BTCUSDT")
    (told,) = lasting(advance_to(venue, NOW + MINUTE, BTCUSDT=63_600))
    assert isinstance(told, ContractsListed)
    days = {symbol.split("-")[1] for symbol in told.symbols}
    assert "260116" in days
    assert "261225" not in days


@given(st.lists(st.integers(30, 300), min_size=1, max_size=8))
def test_wherever_the_index_goes_there_are_strikes_around_it(percents: list[int]) -> None:
    venue, at = opened(NOW, "ETHUSDT"), NOW
    for percent in percents:
        at += MINUTE
        before = dict(venue.markets)
        advance_to(venue, at, ETHUSDT=2_683 * percent // 100)
        assert list(venue.markets.items())[: len(before)] == list(before.items())
        index = venue.indexes["ETHUSDT"].price
        for expiry, symbols in venue.by_expiry["ETHUSDT"].items():
            listed = [venue.markets[symbol].contract.strike for symbol in symbols]
            assert min(listed) <= index <= max(listed), expiry
            assert min(abs(strike - index) for strike in listed) * 5 < index, expiry


def test_all_contracts_are_listed_well_within_a_tenth_of_a_second() -> None:
    times = []
    for _ in range(3):
        venue = bare(NOW)
        begin = process_time()
        list_due(OptionTurn(venue, NOW))
        times.append(process_time() - begin)
    assert min(times) < 0.1


def test_settings_may_reach_so_far_that_the_lowest_strike_is_one_step() -> None:
    listing = make_listing("10:100", "9", "3", 100)
    assert strikes(listing, 50 * SCALE, FRIDAY, FRIDAY + DAY)[0] == units(100)
