import pytest
from hypothesis import given
from hypothesis import strategies as st

from papernet.core.enums import ExecType, OrderStatus, Side, WorkingFloor
from papernet.core.order import OPEN_STATUSES, OrderRecord
from papernet.core.units import SCALE
from papernet.exchange.views.candles import Interval
from tests.unit.exchange.views.archives import cut, within
from tests.unit.exchange.views.papers import amend, prevent, route
from tests.unit.exchange.views.scenes import ALICE, BOB, CROWD, MINUTE, Scene
from tests.unit.exchange.views.stories import SYMBOLS, every_story, tell

PRICE = 5 * SCALE


def test_the_crowd_has_no_history() -> None:
    scene = Scene()
    scene.open_accounts()
    order_id = scene.take("BTCUSDT", CROWD, Side.BUY, [(CROWD, PRICE, SCALE)])
    assert scene.views.order(CROWD, "BTCUSDT", order_id, scene.archive) is None
    assert scene.views.fills(CROWD, "BTCUSDT", limit=10, archive=scene.archive) == []
    batch = scene.views.take()
    assert batch is not None
    assert batch.orders == batch.fills == ()


def test_a_client_order_id_finds_the_newest_order_that_had_it() -> None:
    scene = Scene()
    scene.open_accounts()
    for _ in range(2):
        scene.rest_and_cancel("BTCUSDT", ALICE, cancel=True, client_id="mine")
        found = scene.views.order_by_client_id(ALICE, "BTCUSDT", "mine", scene.archive)
        assert found is not None
        assert found.order_id == scene.next_order_id
        scene.begin_drain()
    scene.end_drain()
    found = scene.views.order_by_client_id(ALICE, "BTCUSDT", "mine", scene.archive)
    assert found is not None
    assert found.order_id == scene.next_order_id
    assert scene.views.order_by_client_id(BOB, "BTCUSDT", "mine", scene.archive) is None


def test_an_order_that_filled_itself_has_two_fills_of_one_trade() -> None:
    scene = Scene()
    scene.open_accounts()
    scene.take("BTCUSDT", ALICE, Side.BUY, [(ALICE, PRICE, SCALE)])
    fills = scene.views.fills(ALICE, "BTCUSDT", limit=10, archive=scene.archive)
    assert [(fill.trade_id, fill.is_buyer, fill.is_maker) for fill in fills] == [(0, True, False), (0, False, True)]


def test_closed_orders_and_fills_leave_memory_when_they_are_archived() -> None:
    scene = Scene()
    scene.open_accounts()
    for _ in range(5):
        scene.at += MINUTE
        scene.take("BTCUSDT", ALICE, Side.BUY, [(BOB, PRICE, SCALE)])
        scene.drain()
    history = scene.views._history
    assert (history.orders, history.fills) == ([], [])
    assert len(scene.archive.all_orders) == len(scene.archive.all_fills) == 10


@given(every_story, st.data())
def test_history_is_that_of_the_raw_reports(story: object, data: st.DataObject) -> None:
    scene = Scene()
    tell(scene, story)
    account, symbol = data.draw(st.sampled_from((ALICE, BOB))), data.draw(st.sampled_from(SYMBOLS))
    closed = [row for row in scene.orders if (row.terms.account, row.terms.symbol) == (account, symbol)]
    opened = [row for row in scene.open_orders if (row.terms.account, row.terms.symbol) == (account, symbol)]
    fills = [row for row in scene.fills if (row.account, row.symbol) == (account, symbol)]
    number = data.draw(st.none() | st.integers(0, 40))
    moments = st.none() | st.sampled_from([row.created_at + shift for row in closed + opened for shift in (-1, 0, 1)] or [0])
    start, end, limit = data.draw(moments), data.draw(moments), data.draw(st.integers(1, 9))
    newest = number is None and start is None

    def by_id(row: OrderRecord) -> int:
        return row.order_id

    expected = [row for row in sorted(closed + opened, key=by_id) if within(row.order_id, row.created_at, number, start, end)]
    found = scene.views.orders(
        account, symbol, opened, from_id=number, start=start, end=end, limit=limit, archive=scene.archive
    )
    assert found == cut(expected, limit, newest=newest)

    order_id = data.draw(st.none() | st.sampled_from([row.order_id for row in fills] or [0]))
    expected_fills = [
        row
        for row in sorted(fills, key=lambda row: (row.trade_id, row.order_id))
        if order_id in (None, row.order_id) and within(row.trade_id, row.at, number, start, end)
    ]
    found_fills = scene.views.fills(
        account, symbol, order_id=order_id, from_id=number, start=start, end=end, limit=limit, archive=scene.archive
    )
    assert found_fills == cut(expected_fills, limit, newest=newest)

    for row in closed:
        assert scene.views.order(account, symbol, row.order_id, scene.archive) == row
        latest = [other for other in closed if other.terms.client_order_id == row.terms.client_order_id][-1]
        assert scene.views.order_by_client_id(account, symbol, row.terms.client_order_id, scene.archive) == latest
    for row in opened:
        assert scene.views.order(account, symbol, row.order_id, scene.archive) is None


def test_an_amended_order_is_found_by_its_newest_name() -> None:
    scene = Scene()
    scene.open_accounts()
    order_id = amend(scene, "BTCUSDT", ALICE, ("second", "third"), cancel=True)
    for _ in range(2):
        found = scene.views.order_by_client_id(ALICE, "BTCUSDT", "third", scene.archive)
        assert found is not None
        assert (found.order_id, found.quantity, found.terms.quantity) == (order_id, 8 * SCALE, 8 * SCALE)
        assert scene.views.order_by_client_id(ALICE, "BTCUSDT", "second", scene.archive) is None
        assert scene.views.order_by_client_id(ALICE, "BTCUSDT", "unamended", scene.archive) is None
        scene.drain()


def test_of_orders_of_one_name_the_one_that_ended_last_is_found() -> None:
    # An amendment can give an older order the name that a newer one had.
    scene = Scene()
    scene.open_accounts()
    older = scene.terms("BTCUSDT", ALICE, Side.BUY, SCALE, "mine")
    scene.next_order_id = 1
    scene.rest_and_cancel("BTCUSDT", ALICE, cancel=True, client_id="mine")
    scene.apply(scene.report(older, 1, ExecType.CANCELED, OrderStatus.CANCELED, 0, 0))
    for _ in range(2):
        found = scene.views.order_by_client_id(ALICE, "BTCUSDT", "mine", scene.archive)
        assert found is not None
        assert found.order_id == 1
        scene.drain()


def test_what_smart_order_routing_fills_is_no_trade() -> None:
    scene = Scene()
    scene.open_accounts()
    order_id = route(scene, "BTCUSDT", ALICE, 3)
    for _ in range(2):
        found = scene.views.order(ALICE, "BTCUSDT", order_id, scene.archive)
        assert found is not None
        assert (found.status, found.cum_quantity) == (OrderStatus.FILLED, 3 * SCALE)
        assert found.extras is not None
        assert found.extras.floor is WorkingFloor.SOR
        assert scene.views.fills(ALICE, "BTCUSDT", limit=9, archive=scene.archive) == []
        assert scene.views.recent_trades("BTCUSDT", 9) == []
        assert scene.views.candles("BTCUSDT", Interval.HOUR_1, 0, None, None, 9, scene.at, scene.archive) == []
        scene.drain()


def test_an_order_ended_by_self_trade_prevention_keeps_what_it_lost() -> None:
    scene = Scene()
    scene.open_accounts()
    match = prevent(scene, "BTCUSDT", ALICE, BOB)
    for _ in range(2):
        found = scene.views.order(ALICE, "BTCUSDT", match.taker_order_id, scene.archive)
        assert found is not None
        assert found.extras is not None
        assert found.status is OrderStatus.EXPIRED_IN_MATCH
        assert (found.extras.prevented_quantity, found.extras.prevented_match_id, found.extras.trade_group) == (SCALE, 0, 7)
        # The other order goes on.
        assert scene.views.order(BOB, "BTCUSDT", match.maker_order_id, scene.archive) is None
        scene.drain()


@pytest.mark.parametrize("status", OrderStatus)
def test_what_is_open_is_not_history(status: OrderStatus) -> None:
    scene = Scene()
    scene.open_accounts()
    terms = scene.terms("BTCUSDT", ALICE, Side.BUY, SCALE, "mine")
    exec_type = ExecType.REJECTED if status is OrderStatus.REJECTED else ExecType.REPLACED
    scene.apply(scene.report(terms, 1, exec_type, status, 0, 0))
    found = scene.views.order(ALICE, "BTCUSDT", 1, scene.archive)
    assert (found is None) is (status in OPEN_STATUSES)
    if found is not None:
        assert found.status is status


def test_fills_tell_their_order_list() -> None:
    scene = Scene()
    scene.open_accounts()
    for _ in range(3):
        scene.take("BTCUSDT", ALICE, Side.BUY, [(BOB, PRICE, SCALE)])
    for _ in range(2):
        fills = scene.views.fills(ALICE, "BTCUSDT", limit=9, archive=scene.archive)
        assert [(fill.order_id, fill.order_list_id) for fill in fills] == [(1, -1), (3, 3), (5, -1)]
        scene.drain()
