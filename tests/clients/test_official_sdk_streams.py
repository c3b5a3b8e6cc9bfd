"""The official spot SDK watches the market with nothing changed but its URL; its own models parse every event strictly."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from binance_common.configuration import ConfigurationWebSocketStreams
from binance_common.constants import TimeUnit, WebsocketMode
from binance_sdk_spot.spot import Spot

from tests.clients.conftest import Server
from tests.clients.crowd import Crowd, crowd_of, soon, until

pytestmark = pytest.mark.clients

SYMBOL, OTHER = "BNBUSDT", "LTCUSDT"


@pytest.fixture
def crowd(server: Server) -> Iterator[Crowd]:
    """Return alice and bob."""
    with crowd_of(server) as crowd:
        yield crowd


@asynccontextmanager
async def connected(server: Server, **options: Any) -> AsyncIterator[Any]:
    """Open a connection for streams."""
    configuration = ConfigurationWebSocketStreams(stream_url=server.streams, reconnect_delay=0, **options)
    client = Spot(config_ws_streams=configuration).websocket_streams
    assert await soon(client.create_connection()) is not None
    try:
        yield client
    finally:
        await soon(client.close_connection(close_session=True))


def told_to(stream: Any) -> "asyncio.Queue[Any]":
    """Return where the events of a stream come in."""
    events: asyncio.Queue[Any] = asyncio.Queue()
    stream.on("message", events.put_nowait)
    return events


async def test_every_stream_parses_and_stops(server: Server, crowd: Crowd) -> None:
    """Each stream by its own method, over a pool of connections, for one may send five messages a second; then fewer."""
    pool = {"mode": WebsocketMode.POOL, "pool_size": 4}
    async with connected(server, **pool) as client, crowd.trading(SYMBOL, "0.01", "500"):
        wishes = {
            "trade": client.trade(symbol=SYMBOL),
            "aggTrade": client.agg_trade(symbol=SYMBOL),
            "kline_1s": client.kline(symbol=SYMBOL, interval="1s"),
            "kline_1d@+08:00": client.kline_offset(symbol=SYMBOL, interval="1d"),
            "miniTicker": client.mini_ticker(symbol=SYMBOL),
            "ticker": client.ticker(symbol=SYMBOL),
            "ticker_4h": client.rolling_window_ticker(symbol=SYMBOL, window_size="4h"),
            "bookTicker": client.book_ticker(symbol=SYMBOL),
            "avgPrice": client.avg_price(symbol=SYMBOL),
            "depth10": client.partial_book_depth(symbol=SYMBOL, levels="10", update_speed="100ms"),
            "depth": client.diff_book_depth(symbol=SYMBOL, update_speed="100ms"),
        }
        arrays = [client.all_mini_ticker(), client.all_market_rolling_window_ticker(window_size="1h")]
        streams = await soon(asyncio.gather(*wishes.values(), *arrays))
        queues = [told_to(stream) for stream in streams]
        told = dict(zip(wishes, await soon(asyncio.gather(*(queue.get() for queue in queues))), strict=False))
        listed = (await soon(client.list_subscribe()))["result"]
        first = next(stream for stream in streams if stream._stream == listed[0])
        await first.unsubscribe()
        assert (await soon(client.list_subscribe()))["result"] == listed[1:]
    assert (told["trade"].p, told["trade"].q, told["trade"].m) == ("500.00000000", "0.01000000", True)
    assert (told["aggTrade"].p, told["kline_1s"].k.c, told["kline_1d@+08:00"].k.i) == ("500.00000000", "500.00000000", "1d")
    assert (told["kline_1d@+08:00"].k.t // 3_600_000) % 24 == 16
    assert [told[name].c for name in ("miniTicker", "ticker", "ticker_4h")] == ["500.00000000"] * 3
    assert told["avgPrice"].w == "500.00000000"
    assert told["depth"].u >= told["depth"].U
    assert told["depth10"].last_update_id > 0


async def test_a_local_order_book_equals_the_exchanges(server: Server, crowd: Crowd) -> None:
    """The seven steps by hand on the SDK's events: no update id is missed, and the book is the exchange's."""
    crowd.alice.limit("BUY", OTHER, "5", "50")
    async with connected(server) as client:
        events = told_to(await client.diff_book_depth(symbol=OTHER, update_speed="100ms"))
        snapshot = crowd.get("depth", symbol=OTHER, limit=5000)
        sides = [dict(map(tuple, snapshot[side])) for side in ("bids", "asks")]
        reached = snapshot["lastUpdateId"]
        await asyncio.to_thread(crowd.bustle, OTHER)
        there = crowd.get("depth", symbol=OTHER, limit=5000)
        while reached < there["lastUpdateId"]:
            event = await soon(events.get())
            if event.u <= reached:
                continue
            assert reached + 1 >= event.U
            for side, changes in zip(sides, (event.b, event.a), strict=True):
                side.update(map(tuple, changes))
            reached = event.u
    held = [{price: quantity for price, quantity in side.items() if float(quantity)} for side in sides]
    assert held == [dict(map(tuple, there[side])) for side in ("bids", "asks")]


async def test_a_planned_reconnect_keeps_the_streams(server: Server, crowd: Crowd) -> None:
    """What the SDK does by itself every 23 hours: a new connection that subscribes to what the old one listened to."""
    async with connected(server, time_unit=TimeUnit.MICROSECOND) as client:
        events = told_to(await client.trade(symbol=SYMBOL))
        assert await soon(client.reconnect(client.connections[0], client.configuration)) is not None
        async with crowd.trading(SYMBOL, "0.01", "500"):
            trade = await until(events.get, lambda event: event.s == SYMBOL)
    assert trade.T > 1000 * 10**12
