"""Ending open orders: one, many, and those that a position has become too small for."""

import pytest

from papernet.core.commands import CancelOption
from papernet.core.enums import ExecType, OrderStatus
from papernet.core.events import BookDelta
from papernet.core.rejects import Reason
from papernet.venues.options.changing import cancel, cancel_all, end_excess, end_order
from tests.support.option_market import (
    ALICE,
    BOB,
    BUY,
    CALL,
    ETH_CALL,
    HIGH_CALL,
    IOC,
    MAKER,
    PUT,
    SELL,
    OptionDesk,
    hold,
    units,
)


def cancelled(desk: OptionDesk, account: int, symbol: str, order_id: int = -1, client_order_id: str = "") -> Reason | None:
    turn = desk.turn()
    refusal = cancel(turn, desk.portfolio(account), CancelOption(account, symbol, order_id, client_order_id))
    desk.done(turn)
    desk.check()
    return refusal.reason if refusal is not None else None


def only_order(desk: OptionDesk, account: int = ALICE) -> int:
    (order_id,) = desk.portfolio(account).open_orders
    return order_id


@pytest.fixture
def desk() -> OptionDesk:
    return OptionDesk()


def test_an_order_is_cancelled_by_its_id(desk: OptionDesk) -> None:
    desk.place(ALICE, BUY, 1, 100, client_order_id="mine")
    desk.at += 5
    assert cancelled(desk, ALICE, CALL, only_order(desk)) is None
    assert desk.told() == ["alice CANCELED CANCELED"]
    (report,) = desk.reports()
    assert report.at == report.record.updated_at == desk.at
    assert [event.changes for event in desk.events if isinstance(event, BookDelta)] == [((BUY, units(100), 0),)]
    assert not desk.portfolio(ALICE).positions
    assert not desk.portfolio(ALICE).client_order_ids


def test_an_order_is_cancelled_by_its_client_order_id(desk: OptionDesk) -> None:
    desk.place(ALICE, SELL, 1, 3_000, client_order_id="mine")
    assert cancelled(desk, ALICE, CALL, client_order_id="mine") is None
    assert not desk.market().orders


def test_what_is_partly_filled_is_cancelled_for_the_rest(desk: OptionDesk) -> None:
    desk.place(ALICE, BUY, 3, 100)
    desk.place(BOB, SELL, 1, 100)
    assert cancelled(desk, ALICE, CALL, only_order(desk)) is None
    (report,) = desk.reports()
    assert (report.record.status, report.record.cum_quantity) == (OrderStatus.CANCELED, units(1))
    assert desk.quantity(ALICE) == units(1)


def test_both_ids_must_be_the_orders(desk: OptionDesk) -> None:
    desk.place(ALICE, BUY, 1, 100, client_order_id="mine")
    assert cancelled(desk, ALICE, CALL, only_order(desk), "other") is Reason.UNKNOWN_OPTION_ORDER
    assert cancelled(desk, ALICE, CALL, only_order(desk), "mine") is None


def test_orders_that_are_not_there_are_unknown(desk: OptionDesk) -> None:
    desk.place(ALICE, BUY, 1, 100, client_order_id="mine")
    mine = only_order(desk)
    assert cancelled(desk, ALICE, CALL, mine + 1) is Reason.UNKNOWN_OPTION_ORDER
    assert cancelled(desk, ALICE, CALL, client_order_id="other") is Reason.UNKNOWN_OPTION_ORDER
    assert cancelled(desk, ALICE, PUT, mine) is Reason.UNKNOWN_OPTION_ORDER, "it is on another contract"
    assert cancelled(desk, ALICE, PUT, client_order_id="mine") is Reason.UNKNOWN_OPTION_ORDER
    assert cancelled(desk, BOB, CALL, mine) is Reason.UNKNOWN_OPTION_ORDER, "it is somebody else's"
    assert len(desk.market().orders) == 1


def fill_books(desk: OptionDesk) -> None:
    desk.place(MAKER, BUY, 1, 100, is_protected=True)
    desk.place(MAKER, SELL, 1, 3_000)
    desk.place(MAKER, BUY, 1, 100, symbol=HIGH_CALL)
    desk.place(MAKER, BUY, 1, 50, symbol=ETH_CALL, is_protected=True)
    desk.place(BOB, BUY, 1, 100)


@pytest.mark.parametrize(
    ("which", "left"),
    [
        ({}, []),
        ({"symbol": CALL}, [HIGH_CALL, ETH_CALL]),
        ({"symbol": PUT}, [CALL, CALL, HIGH_CALL, ETH_CALL]),
        ({"underlying": "BTCUSDT"}, [ETH_CALL]),
        ({"underlying": "BTCUSDT", "only_protected": True}, [CALL, HIGH_CALL, ETH_CALL]),
    ],
)
def test_many_orders_are_cancelled_at_once(desk: OptionDesk, which: dict[str, str], left: list[str]) -> None:
    fill_books(desk)
    turn = desk.turn()
    count = cancel_all(turn, desk.portfolio(MAKER), **which)  # type: ignore[arg-type]
    desk.done(turn)
    assert [order.terms.symbol for order in desk.portfolio(MAKER).open_orders.values()] == left
    assert count == 4 - len(left) == len(desk.reports())
    assert set(desk.told()) <= {"maker CANCELED CANCELED"}
    assert len(desk.portfolio(BOB).open_orders) == 1
    desk.check()


def test_many_orders_expire_at_once(desk: OptionDesk) -> None:
    fill_books(desk)
    turn = desk.turn()
    assert cancel_all(turn, desk.portfolio(MAKER), symbol=CALL, status=OrderStatus.EXPIRED) == 2
    desk.done(turn)
    assert desk.told() == ["maker EXPIRED EXPIRED"] * 2
    ids = [report.record.order_id for report in desk.reports()]
    assert ids == sorted(ids), "oldest first"


def test_an_order_ends_as_one_says(desk: OptionDesk) -> None:
    desk.place(ALICE, BUY, 1, 100)
    turn = desk.turn()
    end_order(
        turn, desk.portfolio(ALICE), desk.market().orders[only_order(desk)], OrderStatus.EXPIRED_IN_MATCH, ExecType.EXPIRED
    )
    desk.done(turn)
    assert desk.told() == ["alice EXPIRED EXPIRED_IN_MATCH"]
    desk.check()


# ---- orders that only reduce


def test_reduce_only_orders_end_when_there_is_nothing_left_to_reduce(desk: OptionDesk) -> None:
    hold(desk.venue, ALICE, CALL, 3, 100)
    assert desk.place(ALICE, SELL, 1, 3_000, reduce_only=True) is None
    assert desk.place(ALICE, SELL, 2, 3_100, reduce_only=True) is None
    assert desk.place(BOB, BUY, 2, 2_000) is None
    assert desk.place(ALICE, SELL, 2, 2_000) is None
    assert desk.told()[-1] == "alice EXPIRED EXPIRED"
    (left,) = desk.portfolio(ALICE).open_orders.values()
    assert left.price == units(3_000), "the older one still has something to reduce"
    desk.check()


def test_reduce_only_orders_share_what_is_left(desk: OptionDesk) -> None:
    hold(desk.venue, ALICE, CALL, 3, 100)
    for quantity in (1, 2):
        assert desk.place(ALICE, SELL, quantity, 3_000, reduce_only=True) is None
    assert desk.place(BOB, BUY, 1, 2_000) is None
    assert desk.place(ALICE, SELL, 1, 2_000) is None
    assert [order.leaves for order in desk.portfolio(ALICE).open_orders.values()] == [units(1)]
    desk.check()


def test_the_same_for_shorts_that_are_bought_back(desk: OptionDesk) -> None:
    hold(desk.venue, ALICE, CALL, -1, 100)
    assert desk.place(ALICE, BUY, 1, 1_000, reduce_only=True) is None
    assert desk.place(BOB, SELL, 1, 2_000) is None
    assert desk.place(ALICE, BUY, 1, 2_000, tif=IOC) is None
    assert desk.told()[-1] == "alice EXPIRED EXPIRED"
    assert not desk.portfolio(ALICE).positions
    desk.check()


def test_orders_that_may_open_a_position_stay(desk: OptionDesk) -> None:
    hold(desk.venue, ALICE, CALL, 1, 100)
    desk.place(ALICE, SELL, 2, 3_000)
    turn = desk.turn()
    end_excess(turn, desk.portfolio(ALICE), CALL)
    end_excess(turn, desk.portfolio(ALICE), PUT)
    assert desk.done(turn) == []
