from hypothesis import given
from hypothesis import strategies as st

from papernet.core.enums import Side
from papernet.core.units import SCALE
from papernet.exchange.views.records import AggregateTrade
from tests.unit.exchange.views.archives import cut, within
from tests.unit.exchange.views.scenes import ALICE, CROWD, SECOND, Scene, naive_aggregates
from tests.unit.exchange.views.stories import SYMBOLS, stories, tell

PRICE = 5 * SCALE


def test_recent_trades_are_the_newest_oldest_first() -> None:
    scene = Scene()
    for _ in range(3):
        scene.take("BTCUSDT", CROWD, Side.BUY, [(ALICE, PRICE, SCALE)])
        scene.at += SECOND
    assert [trade.trade_id for trade in scene.views.recent_trades("BTCUSDT", 2)] == [1, 2]
    assert scene.views.recent_trades("ETHUSDT", 2) == []


def test_fills_of_one_taker_at_one_price_are_one_aggregate() -> None:
    scene = Scene()
    begin = scene.at
    scene.take("BTCUSDT", CROWD, Side.SELL, [(ALICE, PRICE, 1), (ALICE, PRICE, 2), (ALICE, PRICE - 1, 4)])
    scene.take("BTCUSDT", CROWD, Side.BUY, [(ALICE, PRICE - 1, 8)])
    assert scene.views.aggregate_trades("BTCUSDT", None, None, None, 10, scene.archive) == [
        AggregateTrade(0, PRICE, 3, 0, 1, begin, buyer_is_maker=True),
        AggregateTrade(1, PRICE - 1, 4, 2, 2, begin, buyer_is_maker=True),
        AggregateTrade(2, PRICE - 1, 8, 3, 3, begin, buyer_is_maker=False),
    ]


def test_an_aggregate_is_whole_however_many_fills_it_has() -> None:
    scene = Scene()
    for _ in range(3):
        scene.take("BTCUSDT", CROWD, Side.BUY, [(ALICE, PRICE, 1)] * 5)
        scene.drain()
    for limit in (1, 2):
        newest = scene.views.aggregate_trades("BTCUSDT", None, None, None, limit, scene.archive)
        oldest = scene.views.aggregate_trades("BTCUSDT", 0, None, None, limit, scene.archive)
        assert [row.quantity for row in newest] == [row.quantity for row in oldest] == [5] * limit


def test_a_seeded_past_has_trade_ids_but_no_trades() -> None:
    scene = Scene()
    scene.seed("BTCUSDT", 3, PRICE)
    assert scene.views.historical_trades("BTCUSDT", 0, 10, scene.archive) == []
    scene.take("BTCUSDT", CROWD, Side.BUY, [(ALICE, PRICE, SCALE)])
    assert [trade.trade_id for trade in scene.views.historical_trades("BTCUSDT", 0, 10, scene.archive)] == [6]


@given(stories, st.data())
def test_trades_and_aggregates_are_those_of_the_raw_list(story: object, data: st.DataObject) -> None:
    scene = Scene()
    tell(scene, story)
    symbol = data.draw(st.sampled_from(SYMBOLS))
    raw = scene.trades.get(symbol, [])
    number = data.draw(st.none() | st.integers(0, 50))
    moments = st.none() | st.sampled_from([trade.at + shift for trade in raw for shift in (-1, 0, 1)] or [0])
    start, end = data.draw(moments), data.draw(moments)
    limit = data.draw(st.integers(1, 9))

    found = scene.views.historical_trades(symbol, number, limit, scene.archive)
    expected = cut([row for row in raw if within(row.trade_id, 0, number, None, None)], limit, newest=number is None)
    assert [(row.trade_id, row.at, row.price, row.quantity, row.quote, row.buyer_is_maker) for row in found] == [
        (row.trade_id, row.at, row.price, row.quantity, row.quote, row.buyer_is_maker) for row in expected
    ]
    aggregates = scene.views.aggregate_trades(symbol, number, start, end, limit, scene.archive)
    assert aggregates == naive_aggregates(raw, number, start, end, limit)


def test_the_aggregates_of_the_newest_entry_are_those_of_the_query() -> None:
    scene = Scene()
    scene.take("BTCUSDT", CROWD, Side.SELL, [(ALICE, PRICE, 1), (ALICE, PRICE, 2)])
    scene.take("BTCUSDT", CROWD, Side.SELL, [(ALICE, PRICE, 4), (ALICE, PRICE - 1, 8), (ALICE, PRICE - 1, 16)])
    newest = scene.views.newest_aggregates("BTCUSDT", 2)
    assert newest == scene.views.aggregate_trades("BTCUSDT", 1, None, None, 10, scene.archive)
    assert [(row.aggregate_id, row.first_trade_id, row.last_trade_id, row.quantity) for row in newest] == [
        (1, 2, 2, 4),
        (2, 3, 4, 24),
    ]
