"""When a portfolio may only reduce, and when it is liquidated."""

import pytest

from papernet.core.enums import RiskLevel
from papernet.core.events import Event, Liquidated, RiskLevelChanged
from papernet.venues.options.risk import assess, assess_all
from tests.support.option_market import ALICE, BOB, BUY, CALL, CROWD, FUNDS, PUT, SELL, OptionDesk, hold, mark, units

NORMAL, REDUCE_ONLY = RiskLevel.NORMAL, RiskLevel.REDUCE_ONLY


def writer(desk: OptionDesk, quantity: int = 10) -> None:
    """Let Alice have written calls: each takes 7,500 + mark at first and 3,750 + mark to stay."""
    hold(desk.venue, ALICE, CALL, -quantity, 2_000)


def look(desk: OptionDesk, price: int | str, account: int = ALICE) -> list[Event]:
    """Mark the call at a price and look at an account."""
    mark(desk.market(), price)
    turn = desk.turn()
    assess(turn, desk.portfolio(account))
    return desk.done(turn)


@pytest.mark.parametrize("price", [2_000, 2_500])
def test_a_writer_that_covers_its_initial_margin_is_left_alone(price: int) -> None:
    desk = OptionDesk()
    writer(desk)
    assert look(desk, price) == []  # 10 x (7,500 + 2,500) is all there is


def test_below_the_initial_margin_a_portfolio_may_only_reduce() -> None:
    desk = OptionDesk()
    writer(desk)
    told = look(desk, 2_505)
    assert told == [RiskLevelChanged(ALICE, desk.at, REDUCE_ONLY, units(FUNDS), units(62_550))]
    assert desk.portfolio(ALICE).level is REDUCE_ONLY
    assert look(desk, 2_600) == []


def test_back_above_the_initial_margin_everything_is_allowed_again() -> None:
    desk = OptionDesk()
    writer(desk)
    look(desk, 3_000)
    assert look(desk, 2_500) == [RiskLevelChanged(ALICE, desk.at, NORMAL, units(FUNDS), units(62_500))]
    assert desk.portfolio(ALICE).level is NORMAL


def test_at_the_maintenance_margin_nothing_is_closed() -> None:
    desk = OptionDesk()
    writer(desk)
    look(desk, 6_250)  # 10 x (3,750 + 6,250) is all there is
    assert desk.quantity(ALICE) == -units(10)


def test_below_the_maintenance_margin_the_portfolio_is_liquidated_and_told_before_and_after() -> None:
    desk = OptionDesk()
    writer(desk)
    told = look(desk, 6_255)
    kinds = [event for event in told if isinstance(event, RiskLevelChanged | Liquidated)]
    assert [type(event) for event in kinds] == [RiskLevelChanged, Liquidated, RiskLevelChanged]
    assert kinds[0] == RiskLevelChanged(ALICE, desk.at, REDUCE_ONLY, units(FUNDS), units(100_050))
    last = kinds[-1]
    assert isinstance(last, RiskLevelChanged)
    assert (last.level, last.maintenance_margin) == (NORMAL, 0)
    assert desk.quantity(ALICE) == 0
    desk.check()


def test_what_is_long_answers_for_what_is_short() -> None:
    desk = OptionDesk()
    writer(desk)
    hold(desk.venue, ALICE, PUT, 10, 2_000)
    look(desk, 4_500)  # 10 x (7,500 + 4,500) = 100,000 + 10 x 2,000
    assert desk.portfolio(ALICE).level is NORMAL
    look(desk, 4_505)
    assert desk.portfolio(ALICE).level is REDUCE_ONLY


def test_a_level_ends_with_the_last_short_position() -> None:
    desk = OptionDesk()
    writer(desk)
    look(desk, 3_000)
    desk.portfolio(ALICE).positions.clear()
    assert look(desk, 3_000) == [RiskLevelChanged(ALICE, desk.at, NORMAL, units(FUNDS), 0)]


def test_a_balance_below_zero_is_made_good() -> None:
    desk = OptionDesk()
    desk.venue.asset = "USDT"
    desk.deposit(ALICE, -FUNDS - 5)
    look(desk, 2_000)
    assert desk.portfolio(ALICE).balance == 0
    assert desk.venue.shortfall == units(5)
    desk.check()


def test_orders_to_buy_that_can_no_longer_be_paid_end_newest_first() -> None:
    desk = OptionDesk()
    for price, symbol in ((1_000, CALL), (2_000, PUT), (1_500, CALL)):
        assert desk.place(ALICE, BUY, 2, price, symbol=symbol) is None
    assert desk.place(BOB, BUY, 2, 1_000) is None
    hold(desk.venue, ALICE, PUT, 1, 2_000)
    assert desk.place(ALICE, SELL, 1, 3_000, symbol=PUT) is None
    balance = desk.portfolio(ALICE).balance
    desk.deposit(ALICE, f"-{(balance - units(6_000)) // units(1)}")
    look(desk, 2_000)
    assert [order.price for order in desk.portfolio(ALICE).open_orders.values()] == [units(1_000), units(2_000), units(3_000)]
    assert desk.told() == ["alice CANCELED CANCELED"]
    desk.deposit(ALICE, "-0.00000001")
    look(desk, 2_000)
    assert [order.price for order in desk.portfolio(ALICE).open_orders.values()] == [units(1_000), units(3_000)]
    assert len(desk.portfolio(BOB).open_orders) == 1


def test_holders_and_the_crowd_are_not_looked_at() -> None:
    desk = OptionDesk()
    hold(desk.venue, ALICE, CALL, 10, 2_000, other=CROWD)
    assert look(desk, 10_000_000) == []
    assert look(desk, 10_000_000, CROWD) == []


def test_everybody_is_looked_at_in_one_go() -> None:
    desk = OptionDesk()
    writer(desk)
    hold(desk.venue, BOB, PUT, -20, 2_000)
    turn = desk.turn()
    mark(desk.market(), 3_000)
    assess_all(turn)
    levels = [(event.account, event.level) for event in desk.done(turn) if isinstance(event, RiskLevelChanged)]
    assert levels[:2] == [(ALICE, REDUCE_ONLY), (BOB, REDUCE_ONLY)]
    assert [event.account for event in desk.events if isinstance(event, Liquidated)] == [BOB]
