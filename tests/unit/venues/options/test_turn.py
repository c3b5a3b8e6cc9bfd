"""What a turn tells, and in what order."""

from papernet.core.enums import BillKind, ExecType, Side
from papernet.core.events import Bill, BookDelta, OptionReport, PortfolioUpdate, PositionRow
from papernet.venues.options.turn import OptionTurn
from tests.support.option_market import ALICE, BOB, BTCUSDT, BUY, CALL, CROWD, ETH_CALL, NOW, PUT, OptionDesk, hold, units


def test_paying_nothing_is_nothing() -> None:
    desk = OptionDesk()
    turn = desk.turn()
    turn.pay(desk.portfolio(ALICE), 0, BillKind.FEE, "USDT")
    assert not turn.touched()
    assert turn.finish() == []


def test_bills_add_up_and_are_numbered_over_the_venue() -> None:
    desk = OptionDesk()
    turn = desk.turn()
    alice = desk.portfolio(ALICE)
    turn.pay(alice, 10, BillKind.TRANSFER, "USDT")
    turn.pay(desk.portfolio(CROWD), 7, BillKind.FEE, "USDT", CALL)
    turn.pay(alice, -3, BillKind.FEE, "USDT", CALL)
    turn.pay(desk.portfolio(BOB), 1, BillKind.EXERCISE_PNL, "USDT", PUT)
    assert turn.touched() == [alice, desk.portfolio(CROWD), desk.portfolio(BOB)]
    bills = [event for event in turn.finish() if isinstance(event, Bill)]
    assert bills == [
        Bill(ALICE, 1, NOW, "USDT", 10, BillKind.TRANSFER),
        Bill(ALICE, 2, NOW, "USDT", -3, BillKind.FEE, CALL),
        Bill(BOB, 3, NOW, "USDT", 1, BillKind.EXERCISE_PNL, PUT),
    ]
    assert desk.venue.next_bill_id == 4
    assert alice.balance == units(100_000) + 7
    assert alice.updated_at == NOW


def test_a_users_portfolio_is_told_once_with_the_first_reason_and_what_changed() -> None:
    desk = OptionDesk()
    hold(desk.venue, ALICE, CALL, 2, 100)
    turn = OptionTurn(desk.venue, NOW + 1)
    alice = desk.portfolio(ALICE)
    turn.touch(alice, BillKind.CONTRACT, PUT)
    turn.touch(alice, BillKind.CONTRACT, CALL)
    turn.pay(alice, -5, BillKind.FEE, "USDT", CALL)
    turn.pay(alice, 4, BillKind.TRANSFER, "USDT")
    turn.touch(desk.portfolio(CROWD), BillKind.CONTRACT, CALL)
    rows = (PositionRow(PUT, 0, 0), PositionRow(CALL, units(2), units(200)))
    assert turn.finish()[-1] == PortfolioUpdate(ALICE, NOW + 1, BillKind.CONTRACT, units(100_000) - 1, 4, rows)
    assert [event for event in turn.events if isinstance(event, PortfolioUpdate)] == turn.events[-1:]


def test_books_that_changed_are_told_after_what_happened_and_before_portfolios() -> None:
    desk = OptionDesk()
    assert desk.place(BOB, BUY, 1, 100, symbol=ETH_CALL) is None
    turn = desk.turn()
    market = desk.market(ETH_CALL)
    (order,) = market.orders.values()
    turn.changed(market)
    turn.changed(desk.market(CALL))
    turn.pay(desk.portfolio(ALICE), 1, BillKind.TRANSFER, "USDT")
    market.book.remove(order)
    turn.report(order, ExecType.CANCELED)
    kinds = [type(event) for event in turn.finish()]
    assert kinds == [Bill, OptionReport, BookDelta, PortfolioUpdate]
    assert turn.events[2] == BookDelta(ETH_CALL, NOW, 2, 2, ((Side.BUY, units(100), 0),))
    assert not market.book.changes
    assert desk.venue.indexes[BTCUSDT].price == units(50_000)
