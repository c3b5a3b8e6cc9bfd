"""Whom the candles of a spot symbol are asked of, and how they are written."""

from papernet.core.dates import HOUR
from papernet.protocols.streams.candle_feed import symbol_candles
from papernet.protocols.streams.names import parse_stream
from tests.support.air import OnAir
from tests.support.asking import MS
from tests.support.worlds import ALICE, BOB, SECOND, START


def told(world: OnAir, name: str) -> list[bytes]:
    stream = parse_stream(name)
    assert stream is not None
    return [render(MS) for render in symbol_candles(world.context, stream, world.now).due(world.now)]


def test_a_candle_is_that_of_the_query_in_the_streams_interval_and_zone() -> None:
    world = OnAir()
    world.sell(BOB, "1", "100")
    world.buy(ALICE, "1", "100")
    world.now += SECOND
    (payload,) = told(world, "btcusdt@kline_1d@+08:00")
    midnight = (START + 8 * HOUR) // (24 * HOUR) * 24 * HOUR - 8 * HOUR
    assert b'"i":"1d"' in payload
    assert b'"t":%d' % (midnight // 1_000) in payload
    assert b'"c":"100.00000000"' in payload


def test_an_unlisted_symbol_has_no_candles() -> None:
    assert told(OnAir(), "ethusdt@kline_1m") == []
