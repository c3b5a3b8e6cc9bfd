from hypothesis import given
from hypothesis import strategies as st

from papernet.core.enums import Side
from papernet.core.order import OrderRecord
from papernet.core.units import SCALE
from tests.unit.exchange.views.scenes import ALICE, BOB, CROWD, MINUTE, Scene, cut, within
from tests.unit.exchange.views.stories import SYMBOLS, stories, tell

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


@given(stories, st.data())
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
