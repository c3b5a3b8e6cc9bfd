"""Expiry: who is paid what, what is left of it all, and that no money comes or goes."""

from hypothesis import given
from hypothesis import strategies as st

from papernet.core.enums import BillKind, ExecType, OrderStatus
from papernet.core.events import Bill, BookDelta, ContractSettled, OptionReport, PortfolioUpdate, PositionExercised, PositionRow
from papernet.core.units import SCALE
from papernet.venues.options.settlement import settle
from tests.support.option_market import (
    ALICE,
    BOB,
    BTCUSDT,
    BUY,
    CALL,
    CAROL,
    CROWD,
    ETH_CALL,
    ETHUSDT,
    EXPIRY,
    FUNDS,
    HIGH_CALL,
    HOUSE,
    LOW_PUT,
    MAKER,
    PUT,
    SELL,
    OptionDesk,
    check_venue,
    hold,
    make_underlying,
    units,
)

BTC_CONTRACTS = (CALL, HIGH_CALL, PUT, LOW_PUT)


def expire(desk: OptionDesk, price: int | str, underlying: str = BTCUSDT) -> None:
    """Let the contracts on an underlying expire after a half hour at a price."""
    index = desk.venue.indexes[underlying]
    index.take(units(price))
    index.at = EXPIRY - 1
    index.total, index.seconds = 1_800 * units(price), 1_800
    index.hold(EXPIRY)
    desk.at = EXPIRY
    turn = desk.turn()
    settle(turn, underlying, EXPIRY)
    desk.done(turn)


def of(desk: OptionDesk, account: int) -> list[PositionExercised]:
    return [event for event in desk.events if isinstance(event, PositionExercised) and event.account == account]


def test_a_holder_gets_the_payoff_less_the_exercise_fee() -> None:
    desk = OptionDesk()
    hold(desk.venue, ALICE, CALL, 3, 2_000)
    expire(desk, 52_000)
    # min(0.015 % x 52,000, 10 % x 2,000) x 3
    fee = units("23.4")
    assert desk.portfolio(ALICE).balance == units(FUNDS) + units(6_000) - fee
    (told,) = of(desk, ALICE)
    assert told == PositionExercised(
        ALICE, told.exercise_id, CALL, EXPIRY, units(52_000), units(2_000), units(3), units(6_000), fee
    )
    assert not desk.portfolio(ALICE).positions
    desk.check()


def test_the_exercise_fee_is_never_more_than_a_tenth_of_what_is_got() -> None:
    desk = OptionDesk()
    hold(desk.venue, ALICE, CALL, 1, 2_000)
    expire(desk, 50_010)
    assert desk.portfolio(ALICE).balance == units(FUNDS) + units(10) - units(1)


def test_a_writer_pays_the_payoff_and_no_fee() -> None:
    desk = OptionDesk()
    hold(desk.venue, ALICE, PUT, "-0.5", 2_000)
    expire(desk, 47_000)
    assert desk.portfolio(ALICE).balance == units(FUNDS) - units(1_500)
    (told,) = of(desk, ALICE)
    assert (told.quantity, told.amount, told.fee) == (-units("0.5"), -units(1_500), 0)
    assert desk.venue.ledger.collected["USDT"] > 0
    desk.check()


def test_a_worthless_position_ends_all_the_same() -> None:
    desk = OptionDesk()
    hold(desk.venue, ALICE, HIGH_CALL, 2, 200)
    expire(desk, 52_000)
    (told,) = of(desk, ALICE)
    assert (told.amount, told.fee, told.quantity) == (0, 0, units(2))
    assert desk.portfolio(ALICE).balance == units(FUNDS)
    assert not [event for event in desk.events if isinstance(event, Bill)]
    assert (
        PortfolioUpdate(ALICE, EXPIRY, BillKind.EXERCISE_PNL, units(FUNDS), 0, (PositionRow(HIGH_CALL, 0, 0),)) in desk.events
    )


def test_bills_say_what_was_paid_and_what_it_cost() -> None:
    desk = OptionDesk()
    hold(desk.venue, ALICE, CALL, 1, 2_000)
    expire(desk, 51_000)
    bills = [(event.kind, event.amount, event.symbol) for event in desk.events if isinstance(event, Bill)]
    assert bills == [(BillKind.EXERCISE_PNL, units(1_000), CALL), (BillKind.EXERCISE_FEE, -units("7.65"), CALL)]


def test_a_contract_at_its_strike_is_not_exercised() -> None:
    desk = OptionDesk()
    expire(desk, 50_000)
    told = {event.symbol: event for event in desk.events if isinstance(event, ContractSettled)}
    assert told[CALL] == ContractSettled(CALL, BTCUSDT, units(50_000), EXPIRY, units(50_000), is_exercised=False)
    assert [event.is_exercised for event in told.values()] == [False] * 4


def test_contracts_are_exercised_that_are_worth_something() -> None:
    desk = OptionDesk()
    expire(desk, "50000.00000001")
    told = {event.symbol: event.is_exercised for event in desk.events if isinstance(event, ContractSettled)}
    assert told == {CALL: True, HIGH_CALL: False, PUT: False, LOW_PUT: False}


def test_open_orders_expire_and_nothing_of_them_is_left() -> None:
    desk = OptionDesk()
    assert desk.place(ALICE, BUY, 1, 1_900) is None
    assert desk.place(BOB, SELL, 1, 2_500) is None
    assert desk.place(ALICE, BUY, 1, 90, symbol=ETH_CALL) is None
    expire(desk, 52_000)
    ended = [(report.record.terms.account, report.record.status, report.exec_type) for report in desk.reports()]
    assert ended == [(ALICE, OrderStatus.EXPIRED, ExecType.EXPIRED), (BOB, OrderStatus.EXPIRED, ExecType.EXPIRED)]
    assert [order.terms.symbol for order in desk.portfolio(ALICE).open_orders.values()] == [ETH_CALL]
    assert list(desk.portfolio(ALICE).positions) == [ETH_CALL]
    assert not desk.portfolio(BOB).positions
    (delta,) = [event for event in desk.events if isinstance(event, BookDelta)]
    assert delta.symbol == CALL
    desk.check()


def test_orders_end_before_positions_are_paid() -> None:
    desk = OptionDesk()
    desk.trade(ALICE, BOB, 1, 2_000)
    assert desk.place(ALICE, SELL, 1, 2_500) is None
    expire(desk, 53_000)
    kinds = [type(event) for event in desk.events if isinstance(event, OptionReport | PositionExercised | ContractSettled)]
    assert kinds == [OptionReport, PositionExercised, PositionExercised, *[ContractSettled] * 4]
    desk.check()


def test_what_expired_trades_no_more_and_the_other_underlying_does() -> None:
    desk = OptionDesk()
    version = desk.venue.listing_version
    expire(desk, 50_000)
    assert list(desk.venue.markets) == [ETH_CALL]
    assert EXPIRY not in desk.venue.by_expiry[BTCUSDT]
    assert desk.venue.listing_version == version + 1
    expire(desk, 3_100, ETHUSDT)
    assert not desk.venue.markets


def test_another_half_hour_is_gathered_even_where_nothing_expires() -> None:
    desk = OptionDesk(make_underlying(BTCUSDT), make_underlying("BNBUSDT"))
    before = desk.venue.listing_version
    expire(desk, 600, "BNBUSDT")
    assert desk.venue.indexes["BNBUSDT"].seconds == 0
    assert desk.events == []
    assert desk.venue.listing_version == before


def test_exercises_of_users_are_told_and_numbered_over_the_whole_venue() -> None:
    desk = OptionDesk()
    hold(desk.venue, ALICE, CALL, 1, 2_000)
    hold(desk.venue, BOB, PUT, 1, 2_000, other=CAROL)
    first = desk.venue.next_exercise_id
    expire(desk, 51_000)
    told = [(event.exercise_id, event.account) for event in desk.events if isinstance(event, PositionExercised)]
    assert told == [(first, ALICE), (first + 1, BOB), (first + 2, CAROL)]
    assert desk.venue.next_exercise_id == first + 3


def test_a_writer_may_be_left_with_a_debt_for_risk_to_look_at() -> None:
    desk = OptionDesk()
    hold(desk.venue, ALICE, CALL, -10, 2_000)
    expire(desk, 70_000)
    assert desk.portfolio(ALICE).balance == units(FUNDS) - units(200_000)
    desk.check()


ACCOUNTS = (ALICE, BOB, CAROL, CROWD)


@given(
    price=st.integers(1, 200_000 * SCALE),
    unit=st.sampled_from([1, 100, 1_000]),
    held=st.lists(
        st.tuples(st.sampled_from(ACCOUNTS), st.sampled_from(BTC_CONTRACTS), st.integers(-(10**10), 10**10)),
        max_size=12,
    ),
)
def test_no_money_is_made_or_lost_and_nothing_is_left(price: int, unit: int, held: list[tuple[int, str, int]]) -> None:
    desk = OptionDesk(make_underlying(BTCUSDT, unit=unit))
    for account, symbol, quantity in held:
        hold(desk.venue, account, symbol, f"{'-' * (quantity < 0)}{abs(quantity) // SCALE}.{abs(quantity) % SCALE:08}", 0)
    for portfolio in desk.venue.portfolios.values():
        for symbol in list(portfolio.positions):
            portfolio.drop_if_empty(symbol)
    check_venue(desk.venue)
    expire(desk, f"{price // SCALE}.{price % SCALE:08}")
    check_venue(desk.venue)
    exercised = [event for event in desk.events if isinstance(event, PositionExercised)]
    assert all((event.amount >= 0) == (event.quantity > 0) for event in exercised if event.amount)
    assert all(0 <= event.fee * 10 <= max(event.amount, 0) for event in exercised)
    for account in (*ACCOUNTS, HOUSE):
        assert not desk.portfolio(account).positions


@given(price=st.integers(1, 200_000 * SCALE), shares=st.lists(st.integers(1, 10**10), min_size=1, max_size=3))
def test_what_rounding_leaves_is_the_venues_and_less_than_a_unit_a_position(price: int, shares: list[int]) -> None:
    desk = OptionDesk()
    for account, share in zip((ALICE, CAROL, MAKER), shares, strict=False):
        hold(desk.venue, account, CALL, f"{share // SCALE}.{share % SCALE:08}", 0, other=BOB)
    expire(desk, f"{price // SCALE}.{price % SCALE:08}")
    exercised = [event for event in desk.events if isinstance(event, PositionExercised)]
    assert sum(event.quantity for event in exercised) == 0
    dust = -sum(event.amount for event in exercised)
    assert 0 <= dust <= len(shares)
    assert desk.venue.ledger.collected.get("USDT", 0) == dust + sum(event.fee for event in exercised)
