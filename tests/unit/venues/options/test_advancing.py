"""Time passes on the options venue: in one jump or second by second, the same happens."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papernet.core.commands import OptionTerms
from papernet.core.dates import DAY, HOUR, MINUTE, SECOND, WEEK, days_from_civil
from papernet.core.enums import BillKind, ExecType, OrderStatus, RiskLevel, TimeInForce
from papernet.core.events import (
    Bill,
    ContractSettled,
    ContractsListed,
    Event,
    IndexesSampled,
    Liquidated,
    OptionReport,
    PositionExercised,
    RiskLevelChanged,
)
from papernet.venues.options.advancing import is_leap
from papernet.venues.options.index import Index, next_settlement
from papernet.venues.options.listing import expiries
from papernet.venues.options.market import Mark
from papernet.venues.options.placing import place
from papernet.venues.options.portfolio import Countdown
from papernet.venues.options.turn import OptionTurn
from papernet.venues.options.venue import OptionsVenue
from tests.support.option_market import ALICE, BOB, BUY, CROWD, check_venue, hold, units
from tests.support.option_time import advance_to, bare, default_underlying, lasting, opened, step_to

BTCUSDT, ETHUSDT = "BTCUSDT", "ETHUSDT"
# Thursday noon; the first expiry is tomorrow's, a Friday
NOW = days_from_civil(2026, 1, 15) * DAY + 12 * HOUR
FRIDAY = days_from_civil(2026, 1, 16) * DAY + 8 * HOUR
TOMORROW_CALL, TOMORROW_PUT = "BTC-260116-61500-C", "BTC-260116-62000-P"
SATURDAY_CALL, WEEK_CALL = "BTC-260117-61500-C", "BTC-260123-61500-C"


def lived_in() -> OptionsVenue:
    """Return a venue with a few positions and orders on contracts of many days."""
    venue = opened(NOW, BTCUSDT)
    hold(venue, ALICE, TOMORROW_CALL, 2, 500)
    hold(venue, BOB, TOMORROW_PUT, "-1.5", 500)
    hold(venue, BOB, SATURDAY_CALL, "-0.33333333", 500)
    hold(venue, ALICE, WEEK_CALL, 1, 900, other=CROWD)
    order(venue, ALICE, SATURDAY_CALL, 100)
    order(venue, BOB, WEEK_CALL, 100)
    return venue


def order(venue: OptionsVenue, account: int, symbol: str, price: int) -> None:
    turn = OptionTurn(venue, venue.advanced_at)
    terms = OptionTerms(account, symbol, BUY, units(1), units(price), TimeInForce.GTC)
    assert place(turn, venue.portfolios[account], terms) is None
    turn.finish()


def standing(venue: OptionsVenue) -> object:
    """Return what a venue is like."""
    return (
        {symbol: market.contract for symbol, market in venue.markets.items()},
        venue.by_expiry,
        [
            (number, portfolio.balance, portfolio.level, list(portfolio.open_orders), positions(venue, number))
            for number, portfolio in venue.portfolios.items()
        ],
        {name: (index.price, index.at, index.total, index.seconds) for name, index in venue.indexes.items()},
        (venue.next_bill_id, venue.next_exercise_id, venue.shortfall, venue.listing_version, venue.advanced_at),
        venue.ledger.collected,
    )


def positions(venue: OptionsVenue, account: int) -> dict[str, tuple[int, int]]:
    return {symbol: (position.quantity, position.cost) for symbol, position in venue.portfolios[account].positions.items()}


def kinds(events: list[Event], *wanted: type) -> list[type]:
    return [type(event) for event in events if isinstance(event, wanted)]


def test_a_week_in_one_jump_is_a_week_of_steps() -> None:
    jumped, walked = lived_in(), lived_in()
    end = NOW + WEEK
    at_once = lasting(advance_to(jumped, end))
    told: list[Event] = []
    for settlement in range(next_settlement(NOW), end, DAY):
        # Hours far from it, seconds around it.
        told += step_to(walked, settlement - 31 * MINUTE, HOUR)
        told += step_to(walked, settlement + MINUTE)
    told += step_to(walked, end, HOUR)
    assert at_once == told
    assert standing(jumped) == standing(walked)
    assert kinds(at_once, ContractSettled)
    assert kinds(at_once, PositionExercised)
    check_venue(jumped)


@given(st.lists(st.integers(1, 30 * HOUR), max_size=12))
def test_however_many_steps_time_takes_the_same_happens(steps: list[int]) -> None:
    jumped, walked = lived_in(), lived_in()
    told: list[Event] = []
    at = NOW
    for step in steps:
        at += step
        told += lasting(advance_to(walked, at))
    assert lasting(advance_to(jumped, at)) == told
    assert standing(jumped) == standing(walked)


def test_a_jump_over_nights_settles_each_at_its_own_time() -> None:
    venue = lived_in()
    events = advance_to(venue, FRIDAY + 3 * DAY)
    exercised = [(event.symbol, event.at) for event in events if isinstance(event, PositionExercised) and event.account == BOB]
    assert exercised == [(TOMORROW_PUT, FRIDAY), (SATURDAY_CALL, FRIDAY + DAY)]
    assert {event.at for event in events if isinstance(event, Bill)} == {FRIDAY, FRIDAY + DAY}
    listed = [event.at for event in events if isinstance(event, ContractsListed)]
    assert listed == [FRIDAY, FRIDAY + DAY, FRIDAY + 2 * DAY, FRIDAY + 3 * DAY]


def test_at_eight_contracts_are_settled_and_then_others_listed() -> None:
    venue = lived_in()
    assert not lasting(advance_to(venue, FRIDAY - 1))
    events = lasting(advance_to(venue, FRIDAY))
    order_of_types = list(dict.fromkeys(type(event) for event in events))
    assert order_of_types == [Bill, PositionExercised, ContractSettled, ContractsListed]
    assert TOMORROW_CALL not in venue.markets
    assert tuple(sorted(venue.by_expiry[BTCUSDT])) == expiries(FRIDAY)
    assert not lasting(advance_to(venue, FRIDAY + 1))


def test_the_settlement_price_is_the_mean_of_1800_seconds() -> None:
    venue = opened(NOW, BTCUSDT)
    advance_to(venue, FRIDAY - 30 * MINUTE, BTCUSDT=60_000)
    for second in range(1, 1_800):
        advance_to(venue, FRIDAY - 30 * MINUTE + second * SECOND, BTCUSDT=60_000 + second)
    events = advance_to(venue, FRIDAY, BTCUSDT=1)
    prices = {event.settlement_price for event in events if isinstance(event, ContractSettled)}
    assert prices == {units("60899.5")}


def test_the_new_price_stands_from_now_on_and_not_before() -> None:
    venue = opened(NOW, BTCUSDT)
    advance_to(venue, FRIDAY - 15 * MINUTE, BTCUSDT=63_700)
    events = advance_to(venue, FRIDAY + HOUR, BTCUSDT=10)
    prices = {event.settlement_price for event in events if isinstance(event, ContractSettled)}
    assert prices == {units(62_700)}
    assert venue.indexes[BTCUSDT].price == units(10)


def test_every_advance_tells_all_indexes() -> None:
    venue = opened(NOW, BTCUSDT, ETHUSDT)
    told = [event for event in advance_to(venue, NOW + SECOND, ETHUSDT=2_700) if isinstance(event, IndexesSampled)]
    assert told == [IndexesSampled(NOW + SECOND, ((BTCUSDT, units(61_700)), (ETHUSDT, units(2_700))))]


def test_when_nothing_is_due_nothing_else_happens() -> None:
    venue = lived_in()
    before = standing(venue)
    assert kinds(advance_to(venue, NOW), object) == [IndexesSampled]
    assert standing(venue) == before


def test_the_first_advance_opens_the_venue() -> None:
    venue = bare(NOW, BTCUSDT)
    assert kinds(advance_to(venue, NOW + 3 * DAY), ContractsListed, ContractSettled)[0] is ContractsListed
    assert venue.advanced_at == NOW + 3 * DAY


def test_a_venue_without_underlyings_lets_time_pass() -> None:
    venue = bare(NOW, BTCUSDT)
    venue.underlyings.clear()
    venue.indexes.clear()
    assert advance_to(venue, NOW + WEEK) == [IndexesSampled(NOW + WEEK, ())]


def test_an_underlying_that_came_later_takes_part_from_then_on() -> None:
    venue = opened(NOW, BTCUSDT)
    underlying = venue.underlyings[ETHUSDT] = default_underlying(ETHUSDT)
    venue.indexes[ETHUSDT] = Index(underlying.initial_index, FRIDAY + HOUR)
    advance_to(venue, FRIDAY + 2 * DAY)
    assert tuple(sorted(venue.by_expiry[ETHUSDT])) == tuple(sorted(venue.by_expiry[BTCUSDT])) == expiries(FRIDAY + 2 * DAY)
    assert venue.indexes[ETHUSDT].at == FRIDAY + 2 * DAY


def test_a_countdown_that_runs_out_before_eight_cancels_what_would_have_expired_at_eight() -> None:
    venue = opened(NOW, BTCUSDT)
    order(venue, ALICE, TOMORROW_CALL, 100)
    order(venue, BOB, TOMORROW_CALL, 100)
    for account, due_at in ((ALICE, FRIDAY - MINUTE), (BOB, FRIDAY + MINUTE)):
        portfolio = venue.portfolios[account]
        portfolio.countdowns[BTCUSDT] = Countdown(MINUTE, due_at)
        venue.counting[account] = portfolio
    reports = [event for event in advance_to(venue, FRIDAY + HOUR) if isinstance(event, OptionReport)]
    assert [(report.record.terms.account, report.exec_type, report.record.status) for report in reports] == [
        (ALICE, ExecType.CANCELED, OrderStatus.CANCELED),
        (BOB, ExecType.EXPIRED, OrderStatus.EXPIRED),
    ]
    assert not venue.counting


def test_a_writer_that_cannot_pay_at_the_expiry_is_covered_and_that_is_booked() -> None:
    venue = opened(NOW, BTCUSDT)
    hold(venue, ALICE, TOMORROW_CALL, -10, 500)
    # From a mark nobody renewed the margins look fine until the settlement.
    advance_to(venue, NOW + MINUTE, BTCUSDT=61_500)
    venue.indexes[BTCUSDT].price = units(80_000)
    assert not [event for event in advance_to(venue, FRIDAY) if isinstance(event, Bill) and event.kind is BillKind.SHORTFALL]
    # Margins are looked at when contracts may have been marked since the leap.
    events = advance_to(venue, FRIDAY)
    assert venue.portfolios[ALICE].balance == 0
    assert venue.shortfall == units(85_000)
    assert [event.amount for event in events if isinstance(event, Bill) and event.kind is BillKind.SHORTFALL] == [units(85_000)]
    check_venue(venue)


def test_a_price_that_jumps_liquidates_who_cannot_answer_any_more() -> None:
    venue = opened(NOW, BTCUSDT)
    hold(venue, ALICE, WEEK_CALL, -8, 500)
    assert not kinds(advance_to(venue, NOW + MINUTE, BTCUSDT=80_000), RiskLevelChanged, Liquidated)
    # Until then contracts may be marked anew.
    events = advance_to(venue, NOW + MINUTE + SECOND)
    assert kinds(events, RiskLevelChanged, Liquidated) == [RiskLevelChanged, Liquidated, RiskLevelChanged]
    assert venue.portfolios[ALICE].level is RiskLevel.NORMAL
    assert positions(venue, ALICE) == {}
    assert venue.portfolios[ALICE].balance == 0
    check_venue(venue)


def test_nobody_is_liquidated_for_the_mark_of_a_price_that_is_gone() -> None:
    venue = opened(NOW, BTCUSDT)
    hold(venue, ALICE, TOMORROW_PUT, "-8.8", 500)
    advance_to(venue, NOW + SECOND, BTCUSDT=55_000)
    # Maintenance is 8.8 x (0.075 x 55,000 + 7,000) of 100,000 now, and would be 102,520 at 62,000 with the mark of 55,000.
    venue.markets[TOMORROW_PUT].mark = Mark(NOW, units(7_000))
    assert not kinds(advance_to(venue, NOW + 2 * SECOND, BTCUSDT=62_000), Liquidated)
    venue.markets[TOMORROW_PUT].mark = Mark(NOW, units(500))
    assert not kinds(advance_to(venue, NOW + 3 * SECOND), Liquidated)


@pytest.mark.parametrize("days", [365])
def test_a_year_may_pass_at_once(days: int) -> None:
    venue = lived_in()
    events = advance_to(venue, NOW + days * DAY)
    settled = [event.expiry for event in events if isinstance(event, ContractSettled)]
    assert settled == sorted(settled)
    assert len(dict.fromkeys(settled)) == days
    assert tuple(sorted(venue.by_expiry[BTCUSDT])) == expiries(NOW + days * DAY)
    check_venue(venue)


@given(
    moves=st.lists(st.tuples(st.integers(1, 20 * HOUR), st.integers(40, 180)), min_size=1, max_size=8),
    held=st.lists(
        st.tuples(
            st.sampled_from([ALICE, BOB]),
            st.sampled_from([TOMORROW_CALL, TOMORROW_PUT, SATURDAY_CALL, WEEK_CALL]),
            st.integers(-20, 20),
        ),
        max_size=6,
    ),
)
def test_wherever_prices_go_money_is_conserved_and_nobody_owes(
    moves: list[tuple[int, int]], held: list[tuple[int, str, int]]
) -> None:
    venue, at = opened(NOW, BTCUSDT), NOW
    for account, symbol, quantity in held:
        if quantity:
            hold(venue, account, symbol, quantity, 0, other=CROWD)
    for portfolio in venue.portfolios.values():
        for symbol in list(portfolio.positions):
            portfolio.drop_if_empty(symbol)
    for pause, percent in moves:
        at += pause
        for _ in range(2):
            advance_to(venue, at, BTCUSDT=617 * percent)
            check_venue(venue)
        for account in (ALICE, BOB):
            assert venue.portfolios[account].balance >= 0
    assert venue.shortfall >= 0


def test_after_a_leap_margins_are_looked_at_when_time_advances_next() -> None:
    venue = opened(NOW, BTCUSDT)
    hold(venue, ALICE, WEEK_CALL, -8, 500)
    assert not is_leap(venue, NOW + MINUTE)
    assert is_leap(venue, NOW + MINUTE + 1)
    assert not kinds(advance_to(venue, NOW + MINUTE + 1, BTCUSDT=80_000), RiskLevelChanged, Liquidated)
    assert kinds(advance_to(venue, NOW + MINUTE + 1), Liquidated)


def test_marks_of_before_a_leap_are_forgotten() -> None:
    venue = opened(NOW, BTCUSDT)
    market = next(market for market in venue.markets.values() if market.contract.expiry > NOW + WEEK)
    market.mark = Mark(NOW, units(100))
    advance_to(venue, NOW + MINUTE, BTCUSDT=61_700)
    assert market.mark is not None
    advance_to(venue, NOW + 2 * MINUTE + 1, BTCUSDT=61_700)
    assert market.mark is None
