import pytest
from hypothesis import given
from hypothesis import strategies as st

from papernet.core.enums import Side
from papernet.core.units import AMOUNT_MAX, SCALE
from papernet.exchange.views.candles import Interval, moved, open_of
from papernet.exchange.views.records import Candle
from tests.unit.exchange.views.scenes import (
    ALICE,
    CROWD,
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    START,
    Scene,
    naive_candles,
    naive_next,
    naive_open,
)
from tests.unit.exchange.views.stories import SYMBOLS, stories, tell

PRICE = 5 * SCALE
ZONES = [hours * HOUR for hours in range(-12, 15)] + [345 * MINUTE, -210 * MINUTE, 347 * MINUTE, -719 * MINUTE]
zones = st.sampled_from(ZONES)
intervals = st.sampled_from(Interval)


def flat(open_at: int, price: int, length: int) -> Candle:
    return Candle(open_at, price, price, price, price, 0, open_at + length - 1, 0, 0, 0, 0, -1)


@pytest.mark.parametrize("interval", Interval)
@given(at=st.integers(0, 4_000_000_000).map(lambda seconds: seconds * SECOND), zone=zones, steps=st.integers(-40, 40))
def test_the_calendar_is_that_of_datetime(interval: Interval, at: int, zone: int, steps: int) -> None:
    at += 100 * DAY
    open_at = open_of(interval, at, zone)
    assert open_at == naive_open(interval, at, zone)
    assert moved(interval, open_at, 1, zone) == naive_next(interval, open_at, zone)
    assert moved(interval, moved(interval, open_at, steps, zone), -steps, zone) == open_at


def test_an_interval_without_trades_is_flat_at_the_close_before() -> None:
    scene = Scene()
    scene.take("BTCUSDT", CROWD, Side.BUY, [(ALICE, PRICE, SCALE), (ALICE, PRICE + 2, SCALE)])
    minute = START // MINUTE * MINUTE
    found = scene.views.candles("BTCUSDT", Interval.MINUTE_1, 0, None, None, 500, START + 2 * MINUTE, scene.archive)
    assert found == [
        Candle(
            minute,
            PRICE,
            PRICE + 2,
            PRICE,
            PRICE + 2,
            2 * SCALE,
            minute + MINUTE - 1,
            2 * PRICE + 2,
            2,
            2 * SCALE,
            2 * PRICE + 2,
            0,
        ),
        *(flat(minute + n * MINUTE, PRICE + 2, MINUTE) for n in (1, 2)),
    ]


def test_a_symbol_without_data_has_no_candles() -> None:
    scene = Scene()
    scene.seed("BTCUSDT", 0, PRICE)
    assert scene.views.candles("BTCUSDT", Interval.DAY_1, 0, None, None, 500, START, scene.archive) == []
    assert scene.views.candles("ETHUSDT", Interval.DAY_1, 0, None, None, 500, START, scene.archive) == []


def test_seconds_begin_with_the_first_trade_even_within_a_seeded_minute() -> None:
    scene = Scene()
    scene.seed("BTCUSDT", 2, PRICE)
    trade_at = scene.at = START // MINUTE * MINUTE - 10 * SECOND
    scene.take("BTCUSDT", CROWD, Side.BUY, [(ALICE, PRICE, SCALE)])
    found = scene.views.candles("BTCUSDT", Interval.SECOND_1, 0, None, None, 500, trade_at + SECOND, scene.archive)
    assert [(candle.open_at, candle.trade_count) for candle in found] == [(trade_at, 1), (trade_at + SECOND, 0)]
    minutes = scene.views.candles("BTCUSDT", Interval.MINUTE_1, 0, None, None, 500, trade_at, scene.archive)
    assert [candle.trade_count for candle in minutes] == [1, 3]


def test_a_past_cannot_be_given_after_the_first_trade() -> None:
    scene = Scene()
    scene.take("BTCUSDT", CROWD, Side.BUY, [(ALICE, PRICE, SCALE)])
    scene.at += HOUR
    before = scene.views.candles("BTCUSDT", Interval.MINUTE_1, 0, None, None, 500, scene.at, scene.archive)
    scene.seed("BTCUSDT", 5, 2 * PRICE)
    assert scene.views.candles("BTCUSDT", Interval.MINUTE_1, 0, None, None, 500, scene.at, scene.archive) == before


def test_times_far_away_find_nothing() -> None:
    scene = Scene()
    scene.take("BTCUSDT", CROWD, Side.BUY, [(ALICE, PRICE, SCALE)])
    for interval in Interval:
        assert scene.views.candles("BTCUSDT", interval, 0, 1 << 62, None, 500, START, scene.archive) == []
        assert scene.views.candles("BTCUSDT", interval, 0, None, 0, 500, START, scene.archive) == []
        assert len(scene.views.candles("BTCUSDT", interval, 0, 0, 1 << 62, 500, START, scene.archive)) == 1


def test_sums_stop_where_sixty_four_bits_end() -> None:
    scene = Scene()
    for _ in range(3):
        scene.take("BTCUSDT", CROWD, Side.BUY, [(ALICE, SCALE, AMOUNT_MAX)])
    scene.at += MINUTE
    scene.take("BTCUSDT", CROWD, Side.BUY, [(ALICE, SCALE, 1)])
    scene.drain()
    scene.reopen()
    first, _ = scene.views.candles("BTCUSDT", Interval.MINUTE_1, 0, None, None, 500, scene.at, scene.archive)
    assert first.quantity == first.quote == AMOUNT_MAX


@given(stories, st.data())
def test_candles_are_those_of_the_raw_trades(story: object, data: st.DataObject) -> None:
    scene = Scene()
    tell(scene, story)
    now = scene.at + data.draw(st.sampled_from((0, SECOND, 90 * SECOND, 5 * HOUR)))
    symbol = data.draw(st.sampled_from(SYMBOLS))
    rows = scene.stretches.get(symbol, [])
    for interval in data.draw(st.lists(intervals, min_size=1, max_size=4)):
        zone = data.draw(zones)
        ats = [row.at for row in rows] or [START]
        near = st.sampled_from(
            [moment for at in ats for moment in (at, open_of(interval, at, 0), at + interval * SECOND, at - 3 * DAY)]
        )
        start, end = data.draw(st.none() | near), data.draw(st.none() | near)
        limit = data.draw(st.sampled_from((1, 2, 3, 7, 30)))
        found = scene.views.candles(symbol, interval, zone, start, end, limit, now, scene.archive)
        assert found == naive_candles(rows, interval, zone, start, end, limit, now)
