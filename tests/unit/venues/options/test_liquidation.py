"""What is closed of a portfolio that no longer answers for what it wrote, by whom, and at what price."""

from hypothesis import given
from hypothesis import strategies as st

from papernet.core.enums import BillKind, ExecType, OptionSource, OrderStatus, RiskLevel
from papernet.core.events import Bill, Event, Liquidated, OptionReport
from papernet.core.units import SCALE
from papernet.venues.options.liquidation import liquidate
from papernet.venues.options.margin import adjusted_equity, equity, initial_margin, maintenance_margin
from papernet.venues.options.risk import assess
from tests.support.option_market import (
    ALICE,
    BOB,
    BUY,
    CALL,
    CAROL,
    CROWD,
    FUNDS,
    HIGH_CALL,
    LOW_PUT,
    PUT,
    SELL,
    OptionDesk,
    hold,
    mark,
    units,
)


def make_desk() -> OptionDesk:
    desk = OptionDesk()
    desk.venue.asset = "USDT"
    return desk


def close(desk: OptionDesk) -> list[Event]:
    """Liquidate Alice."""
    turn = desk.turn()
    liquidate(turn, desk.portfolio(ALICE))
    desk.done(turn)
    desk.check()
    return desk.events


def taken(desk: OptionDesk) -> list[tuple[str, int, int]]:
    """Return what was closed, as (contract, quantity, price)."""
    return [(event.symbol, event.quantity, event.price) for event in desk.events if isinstance(event, Liquidated)]


def bills(desk: OptionDesk, kind: BillKind) -> list[int]:
    return [event.amount for event in desk.events if isinstance(event, Bill) and event.kind is kind]


def test_all_open_orders_are_cancelled_first() -> None:
    desk = make_desk()
    assert desk.place(ALICE, BUY, 1, 1_900) is None
    assert desk.place(ALICE, BUY, 1, 100, symbol=HIGH_CALL) is None
    close(desk)
    assert desk.told() == ["alice CANCELED CANCELED"] * 2
    assert not desk.portfolio(ALICE).open_orders


def test_what_answers_for_itself_stays() -> None:
    desk = make_desk()
    hold(desk.venue, ALICE, CALL, -10, 2_000)
    assert close(desk) == []
    assert desk.quantity(ALICE) == -units(10)


def test_without_a_book_the_house_takes_the_position_at_the_mark() -> None:
    desk = make_desk()
    hold(desk.venue, ALICE, CALL, -10, 2_000)
    mark(desk.market(), 6_500)
    close(desk)
    assert taken(desk) == [(CALL, -units(10), units(6_500))]
    assert desk.quantity(desk.venue.house) == -units(10)
    # min(0.19 % x 50,000, 25 % x 6,500) x 10
    assert bills(desk, BillKind.LIQUIDATION_FEE) == [-units(950)]
    assert bills(desk, BillKind.CONTRACT) == [-units(65_000)]
    assert desk.portfolio(ALICE).balance == units(100_000 - 65_000 - 950)
    assert desk.venue.ledger.collected["USDT"] == units(950)
    assert desk.venue.shortfall == 0


def test_the_fee_of_a_cheap_contract_is_a_quarter_of_the_premium() -> None:
    desk = make_desk()
    desk.deposit(ALICE, -FUNDS + 20)
    hold(desk.venue, ALICE, HIGH_CALL, -1, 200)
    mark(desk.market(HIGH_CALL), 8, 1)
    close(desk)
    assert bills(desk, BillKind.LIQUIDATION_FEE) == [-units(2)]


def test_the_book_is_asked_before_the_house() -> None:
    desk = make_desk()
    hold(desk.venue, ALICE, CALL, -10, 2_000)
    desk.place(CROWD, SELL, 3, 6_600)
    desk.place(BOB, SELL, 1, 6_700)
    mark(desk.market(), 6_500)
    close(desk)
    assert taken(desk) == [
        (CALL, -units(3), units(6_600)),
        (CALL, -units(1), units(6_700)),
        (CALL, -units(6), units(6_500)),
    ]
    mine = desk.reports(ALICE)
    assert [(report.exec_type, report.record.status) for report in mine] == [
        (ExecType.NEW, OrderStatus.NEW),
        (ExecType.TRADE, OrderStatus.PARTIALLY_FILLED),
        (ExecType.TRADE, OrderStatus.PARTIALLY_FILLED),
        (ExecType.EXPIRED, OrderStatus.EXPIRED),
    ]
    assert {report.record.source for report in mine} == {OptionSource.LIQUIDATION}
    assert desk.quantity(BOB) == -units(1)


def test_the_house_takes_nothing_when_the_book_took_it_all() -> None:
    desk = make_desk()
    hold(desk.venue, ALICE, CALL, -10, 2_000)
    desk.place(CROWD, SELL, 12, 6_600)
    mark(desk.market(), 6_500)
    close(desk)
    assert taken(desk) == [(CALL, -units(10), units(6_600))]
    assert desk.venue.house not in desk.venue.portfolios
    # the fee of any order that takes, and the one for being closed
    assert bills(desk, BillKind.FEE) == [-units(150)]
    assert bills(desk, BillKind.LIQUIDATION_FEE) == [-units(950)]


def test_the_book_is_taken_as_far_as_the_price_band_reaches() -> None:
    desk = make_desk()
    hold(desk.venue, ALICE, CALL, -10, 2_000)
    mark(desk.market(), 6_500)
    # 0.4 x 0.15 x 50,000, twice because the delta is a half: 6,000 above the mark
    desk.place(CROWD, SELL, 2, 12_500)
    mark(desk.market(), 6_495)
    close(desk)
    assert taken(desk) == [(CALL, -units(10), units(6_495))]
    assert desk.market().book.best_ask() == units(12_500)


def test_the_book_is_taken_no_further_than_the_portfolio_can_pay() -> None:
    desk = make_desk()
    hold(desk.venue, ALICE, CALL, -10, 2_000)
    mark(desk.market(), 6_500)
    # 100,000 - 65,000 and at most 1,100 of fees leave 33,900: 3,390 a contract above the mark
    desk.place(CROWD, SELL, 4, 9_890)
    desk.place(CROWD, SELL, 4, 9_895)
    close(desk)
    assert taken(desk) == [(CALL, -units(4), units(9_890)), (CALL, -units(6), units(6_500))]
    assert desk.venue.shortfall == 0


def test_a_portfolio_without_equity_takes_nothing_beyond_the_mark() -> None:
    desk = make_desk()
    hold(desk.venue, ALICE, CALL, -10, 2_000)
    mark(desk.market(), 10_000)
    desk.place(CROWD, SELL, 4, 10_005)
    desk.place(CROWD, SELL, 1, 9_995)
    close(desk)
    assert taken(desk) == [(CALL, -units(1), units(9_995)), (CALL, -units(9), units(10_000))]


def test_the_own_trade_group_is_taken_as_well() -> None:
    desk = make_desk()
    for account in (ALICE, BOB):
        desk.portfolio(account).trade_group = 7
    hold(desk.venue, ALICE, CALL, -10, 2_000)
    desk.place(BOB, SELL, 1, 6_600)
    mark(desk.market(), 6_500)
    close(desk)
    assert taken(desk)[0] == (CALL, -units(1), units(6_600))


def test_the_greatest_margin_goes_first_and_no_more_than_is_needed() -> None:
    desk = make_desk()
    hold(desk.venue, ALICE, PUT, -2, 2_000)
    hold(desk.venue, ALICE, CALL, -8, 2_000)
    mark(desk.market(), 7_500)
    close(desk)
    assert taken(desk) == [(CALL, -units(8), units(7_500))]
    portfolio = desk.portfolio(ALICE)
    assert list(portfolio.positions) == [PUT]
    assert adjusted_equity(desk.venue, portfolio) >= initial_margin(desk.venue, portfolio)


def test_one_after_the_other_goes_when_one_is_not_enough() -> None:
    desk = make_desk()
    desk.deposit(ALICE, -60_000)
    hold(desk.venue, ALICE, HIGH_CALL, -1, 200)
    hold(desk.venue, ALICE, PUT, -2, 2_000)
    hold(desk.venue, ALICE, CALL, -5, 2_000)
    mark(desk.market(), 7_500)
    close(desk)
    assert [symbol for symbol, _, _ in taken(desk)] == [CALL, PUT, HIGH_CALL]


def test_what_is_missing_at_the_end_is_put_in_and_booked() -> None:
    desk = make_desk()
    hold(desk.venue, ALICE, CALL, -10, 2_000)
    mark(desk.market(), 12_000)
    close(desk)
    assert desk.portfolio(ALICE).balance == 0
    # 120,000 and the fee of 950, against 100,000
    assert desk.venue.shortfall == units(20_950)
    assert bills(desk, BillKind.SHORTFALL) == [units(20_950)]
    assert desk.venue.ledger.collected["USDT"] == units(950 - 20_950)


def test_long_positions_pay_before_the_venue_does_the_most_valuable_one_first() -> None:
    desk = make_desk()
    hold(desk.venue, ALICE, CALL, -10, 2_000)
    hold(desk.venue, ALICE, LOW_PUT, 5, 200)
    hold(desk.venue, ALICE, PUT, 15, 2_000)
    desk.place(CROWD, BUY, 5, 1_990, symbol=PUT)
    mark(desk.market(), 12_000)
    close(desk)
    assert taken(desk) == [
        (CALL, -units(10), units(12_000)),
        (PUT, units(5), units(1_990)),
        (PUT, units(10), units(2_000)),
    ]
    assert desk.quantity(ALICE, LOW_PUT) == units(5)
    assert desk.venue.shortfall == 0


def test_a_debt_is_paid_out_of_long_positions_even_when_nothing_is_short() -> None:
    desk = make_desk()
    desk.deposit(ALICE, -FUNDS - 100)
    hold(desk.venue, ALICE, PUT, 1, 2_000)
    close(desk)
    assert taken(desk) == [(PUT, units(1), units(2_000))]
    assert desk.portfolio(ALICE).balance == units(2_000 - 100 - 95)


def test_what_is_worth_nothing_is_not_sold() -> None:
    desk = make_desk()
    desk.deposit(ALICE, -FUNDS - 100)
    hold(desk.venue, ALICE, HIGH_CALL, 1, 200)
    mark(desk.market(HIGH_CALL), 0)
    close(desk)
    assert taken(desk) == []
    assert desk.quantity(ALICE, HIGH_CALL) == units(1)
    assert desk.venue.shortfall == units(100)


SYMBOLS = (CALL, HIGH_CALL, PUT, LOW_PUT)
SIDES = st.sampled_from([BUY, SELL])


@given(
    balance=st.integers(0, 200_000),
    index=st.integers(1_000, 150_000),
    marks=st.tuples(*[st.integers(0, 60_000)] * 4),
    held=st.lists(st.tuples(st.sampled_from(SYMBOLS), st.integers(-2_000, 2_000)), max_size=6),
    resting=st.lists(
        st.tuples(
            st.sampled_from([BOB, CAROL, CROWD]), st.sampled_from(SYMBOLS), SIDES, st.integers(1, 900), st.integers(1, 2_000)
        ),
        max_size=8,
    ),
)
def test_afterwards_every_margin_is_covered_and_whatever_was_missing_is_booked(
    balance: int,
    index: int,
    marks: tuple[int, ...],
    held: list[tuple[str, int]],
    resting: list[tuple[int, str, object, int, int]],
) -> None:
    desk = make_desk()
    desk.deposit(ALICE, balance - FUNDS)
    for account, symbol, side, quantity, ticks in resting:
        desk.place(account, side, f"{quantity // 100}.{quantity % 100:02}", 5 * ticks, symbol=symbol)  # type: ignore[arg-type]
    for symbol, hundredths in held:
        sign = "-" if hundredths < 0 else ""
        hold(desk.venue, ALICE, symbol, f"{sign}{abs(hundredths) // 100}.{abs(hundredths) % 100:02}", 100, other=CROWD)
    for account in (ALICE, CROWD):
        for symbol in SYMBOLS:
            desk.portfolio(account).drop_if_empty(symbol)
            found = desk.portfolio(account).positions.get(symbol)
            if found is not None and not found.quantity:
                found.cost = 0
    desk.check()
    desk.venue.indexes["BTCUSDT"].take(index * SCALE)
    for symbol, price in zip(SYMBOLS, marks, strict=True):
        mark(desk.market(symbol), price)
    portfolio = desk.portfolio(ALICE)
    answered = adjusted_equity(desk.venue, portfolio) >= maintenance_margin(desk.venue, portfolio)
    contracts = sum(abs(position.quantity) for position in portfolio.positions.values())
    # the liquidation fee and the one of an order that takes, of the index, and what is rounded
    pays = equity(desk.venue, portfolio) >= -(-contracts * index * 22 // 10_000) + 20
    turn = desk.turn()
    assess(turn, portfolio)
    desk.done(turn)
    desk.check()
    assert portfolio.balance >= 0
    covered = adjusted_equity(desk.venue, portfolio) >= initial_margin(desk.venue, portfolio)
    assert portfolio.level is (RiskLevel.NORMAL if covered else RiskLevel.REDUCE_ONLY)
    assert desk.venue.shortfall == sum(bills(desk, BillKind.SHORTFALL))
    assert not (pays and desk.venue.shortfall)
    if answered:
        assert taken(desk) == []
    else:
        shorts = [position for position in portfolio.positions.values() if position.quantity < 0]
        assert covered or not shorts
    orders = [event for event in desk.events if isinstance(event, OptionReport) and event.exec_type is ExecType.NEW]
    assert len(orders) <= len(SYMBOLS)
