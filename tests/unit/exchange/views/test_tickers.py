from hypothesis import given
from hypothesis import strategies as st

from papernet.core.enums import Side
from papernet.core.units import SCALE
from tests.unit.exchange.views.scenes import ALICE, CROWD, DAY, HOUR, MINUTE, SECOND, START, Scene, naive_stats
from tests.unit.exchange.views.stories import SYMBOLS, stories, tell

PRICE = 5 * SCALE


def test_a_trade_leaves_the_day_with_its_second() -> None:
    scene = Scene()
    scene.take("BTCUSDT", CROWD, Side.BUY, [(ALICE, PRICE, SCALE)])
    scene.at += 2 * SECOND
    scene.take("BTCUSDT", CROWD, Side.BUY, [(ALICE, PRICE + 1, SCALE)])
    inside = scene.views.day_ticker("BTCUSDT", START + DAY + SECOND // 2, scene.archive)
    outside = scene.views.day_ticker("BTCUSDT", START + DAY + SECOND, scene.archive)
    assert (inside.count, inside.open, inside.first_id, inside.prev_close) == (2, PRICE, 0, PRICE)
    assert (outside.count, outside.open, outside.first_id, outside.prev_close) == (1, PRICE + 1, 1, PRICE)
    assert (outside.open_at, outside.close_at) == (START + SECOND, START + DAY + SECOND)


def test_a_window_begins_on_a_minute() -> None:
    # The example of rest-api.md, Rolling window price change statistics.
    scene = Scene()
    stats = scene.views.window_ticker("BTCUSDT", DAY, 1_641_287_867_099_000, scene.archive)
    assert (stats.open_at, stats.close_at) == (1_641_201_420_000_000, 1_641_287_867_099_000)


def test_a_trading_day_is_the_zone_s() -> None:
    # The example of rest-api.md, Trading Day Ticker.
    scene = Scene()
    stats = scene.views.trading_day_ticker("BTCUSDT", 0, 1_695_700_000_000_000, scene.archive)
    assert (stats.open_at, stats.close_at // 1000) == (1_695_686_400_000_000, 1_695_772_799_999)
    stats = scene.views.trading_day_ticker("BTCUSDT", -HOUR, 1_695_686_400_000_000, scene.archive)
    assert stats.open_at == 1_695_686_400_000_000 - 23 * HOUR


def test_seeded_minutes_count_with_their_trade_ids() -> None:
    scene = Scene()
    scene.seed("BTCUSDT", 24 * 60, PRICE)
    count = scene.next_trade_id["BTCUSDT"]
    stats = scene.views.day_ticker("BTCUSDT", START, scene.archive)
    assert (stats.first_id, stats.last_id, stats.count) == (0, count - 1, count)
    assert stats.last_quantity == 0
    scene.take("BTCUSDT", CROWD, Side.BUY, [(ALICE, PRICE, SCALE)])
    stats = scene.views.day_ticker("BTCUSDT", START, scene.archive)
    assert (stats.last_id, stats.count, stats.last_quantity) == (count, count + 1, SCALE)


@given(stories, st.data())
def test_statistics_are_those_of_the_raw_trades(story: object, data: st.DataObject) -> None:
    scene = Scene()
    tell(scene, story)
    symbol = data.draw(st.sampled_from(SYMBOLS))
    rows = scene.stretches.get(symbol, [])
    for _ in range(3):
        now = scene.at + data.draw(st.sampled_from((0, 1, SECOND, 59 * SECOND, 90 * SECOND, 5 * HOUR, DAY, 8 * DAY)))
        assert scene.views.day_ticker(symbol, now, scene.archive) == naive_stats(rows, now - DAY, now)
        window = data.draw(st.sampled_from((MINUTE, 59 * MINUTE, HOUR, 23 * HOUR, DAY, 7 * DAY)))
        begin = (now - window) // MINUTE * MINUTE
        assert scene.views.window_ticker(symbol, window, now, scene.archive) == naive_stats(rows, begin, now)
        zone = data.draw(st.sampled_from((0, 14 * HOUR, -12 * HOUR, 345 * MINUTE, -61 * MINUTE)))
        midnight = (now + zone) // DAY * DAY - zone
        found = scene.views.trading_day_ticker(symbol, zone, now, scene.archive)
        assert found == naive_stats(rows, midnight, midnight + DAY - 1)
