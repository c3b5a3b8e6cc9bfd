"""python-binance watches the market: its socket manager and its local order book, with nothing changed but its URLs."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from binance import AsyncClient, BinanceSocketManager, DepthCacheManager
from binance.base_client import BaseClient

from tests.clients.conftest import Server, running
from tests.clients.crowd import Crowd, crowd_of, soon, until

pytestmark = pytest.mark.clients

SYMBOL = "LTCUSDT"


@pytest.fixture
def crowd(server: Server) -> Iterator[Crowd]:
    """Return alice and bob."""
    with crowd_of(server) as crowd:
        yield crowd


@asynccontextmanager
async def sockets_of(server: Server, **options: Any) -> AsyncIterator[Any]:
    """Make a socket manager that knows the server under test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseClient, "API_TESTNET_URL", server.rest + "/api")
        patch.setattr(BaseClient, "WS_API_TESTNET_URL", server.ws_api)
        patch.setattr(BinanceSocketManager, "STREAM_TESTNET_URL", server.streams + "/")
        client = await AsyncClient.create(testnet=True, **options)
        try:
            yield BinanceSocketManager(client)
        finally:
            await client.close_connection()


@asynccontextmanager
async def listening(socket: Any) -> AsyncIterator[Any]:
    """Open a socket; hang up in the end, for the client would listen to a silent one for ten more seconds."""
    await soon(socket.__aenter__())
    try:
        yield socket
    finally:
        line = getattr(socket, "_socket", None) or socket
        await soon(asyncio.gather(socket.__aexit__(None, None, None), line.ws.close()))


async def test_many_streams_over_one_socket(server: Server, crowd: Crowd) -> None:
    """The multiplexed socket: what every stream of a symbol says of two trades, beside what REST says of them."""
    crowd.alice.limit("BUY", SYMBOL, "2", "60")
    names = ["trade", "aggTrade", "kline_1m", "bookTicker", "miniTicker", "ticker", "ticker_1h", "avgPrice"]
    names += ["depth@100ms", "depth5@100ms"]
    seen: dict[str, list[Any]] = defaultdict(list)

    def over(message: Any) -> bool:
        name = message["stream"].removeprefix(f"{SYMBOL.lower()}@")
        assert name in names
        seen[name].append(message["data"])
        return set(seen) == set(names) and seen["kline_1m"][-1]["k"]["n"] == seen["ticker"][-1]["n"] == 2

    async with sockets_of(server) as manager:
        socket = manager.multiplex_socket([f"{SYMBOL.lower()}@{name}" for name in names])
        async with listening(socket):
            sold = [crowd.bob.limit("SELL", SYMBOL, quantity, "60") for quantity in ("0.5", "0.75")]
            await until(socket.recv, over)
    ids = [order["fills"][0]["tradeId"] for order in sold]
    assert [(row["t"], row["p"], row["q"], row["m"]) for row in seen["trade"]] == [
        (trade_id, "60.00000000", quantity, True) for trade_id, quantity in zip(ids, ("0.50000000", "0.75000000"), strict=True)
    ]
    assert [(row["f"], row["l"]) for row in seen["aggTrade"]] == [(trade_id, trade_id) for trade_id in ids]
    kline = seen["kline_1m"][-1]["k"]
    assert (kline["s"], kline["i"], kline["f"], kline["L"], kline["v"]) == (SYMBOL, "1m", *ids, "1.25000000")
    ticker = seen["ticker"][-1]
    assert (ticker["c"], ticker["v"], ticker["F"], ticker["L"]) == ("60.00000000", "1.25000000", *ids)
    assert (seen["miniTicker"][-1]["c"], seen["ticker_1h"][-1]["e"]) == ("60.00000000", "1hTicker")
    assert seen["avgPrice"][-1]["w"] == "60.00000000"
    assert (seen["bookTicker"][-1]["b"], seen["bookTicker"][-1]["B"]) == ("60.00000000", "0.75000000")
    first, last = seen["depth@100ms"][0], seen["depth@100ms"][-1]
    assert (first["U"], last["b"]) == (crowd.get("depth", symbol=SYMBOL)["lastUpdateId"] - 1, [["60.00000000", "0.75000000"]])
    assert seen["depth5@100ms"][-1] == crowd.get("depth", symbol=SYMBOL, limit=5)


async def test_a_socket_for_each_stream(server: Server, crowd: Crowd) -> None:
    """The sockets by their own methods, each at an address of its own; they close one by one."""
    crowd.alice.limit("BUY", SYMBOL, "2", "61")

    def speaks_of_the_trade(message: Any) -> bool:
        text = str(message)
        return "'61.00000000'" in text and ("bids" not in text or "'1.50000000'" in text)

    async with sockets_of(server) as manager:
        sockets = [
            manager.trade_socket(SYMBOL),
            manager.aggtrade_socket(SYMBOL),
            manager.kline_socket(SYMBOL, "1s"),
            manager.symbol_miniticker_socket(SYMBOL),
            manager.symbol_ticker_socket(SYMBOL),
            manager.symbol_book_ticker_socket(SYMBOL),
            manager.depth_socket(SYMBOL),
            manager.depth_socket(SYMBOL, depth="10", interval=100),
            manager.miniticker_socket(),
        ]
        for socket in sockets:
            await soon(socket.__aenter__())
        crowd.bob.limit("SELL", SYMBOL, "0.5", "61")
        told = await soon(asyncio.gather(*(until(socket.recv, speaks_of_the_trade) for socket in sockets)))
        await soon(asyncio.gather(*(job for socket in sockets for job in (socket.close(), socket.ws.close()))))
    kinds = ["trade", "aggTrade", "kline", "24hrMiniTicker", "24hrTicker", None, "depthUpdate", None]
    assert [message.get("e") for message in told[:-1]] == kinds
    assert told[-1][0]["e"] == "24hrMiniTicker"


async def test_times_in_microseconds(server: Server, crowd: Crowd) -> None:
    """The client asks for them in the address."""
    async with sockets_of(server, time_unit="MICROSECOND") as manager, listening(manager.trade_socket(SYMBOL)) as socket:
        crowd.trade(SYMBOL, "1", "60")
        trade = await soon(socket.recv())
        assert trade["T"] // 1000 == crowd.get("trades", symbol=SYMBOL)[-1]["time"]


async def test_a_local_order_book_equals_the_exchanges(server: Server, crowd: Crowd) -> None:
    """The client's depth cache, kept from differences while orders come, trade and go."""
    crowd.alice.limit("BUY", SYMBOL, "5", "50.5")
    async with sockets_of(server) as manager:
        cache = DepthCacheManager(manager._client, SYMBOL, bm=manager, ws_interval=100)
        async with listening(cache):
            await asyncio.to_thread(crowd.bustle, SYMBOL)
            book = crowd.get("depth", symbol=SYMBOL, limit=5000)
            held = await until(cache.recv, lambda _: cache._last_update_id >= book["lastUpdateId"])
            assert cache._last_update_id == book["lastUpdateId"]
            assert [held.get_bids(), held.get_asks()] == [
                [[float(price), float(quantity)] for price, quantity in book[side]] for side in ("bids", "asks")
            ]
            assert min(len(held.get_bids()), len(held.get_asks())) > 2


async def test_a_socket_reconnects_after_a_restart(tmp_path: Path) -> None:
    """A papernet that stops and comes back: the client finds its way by itself and goes on hearing of trades."""
    with ExitStack() as life:
        first = life.enter_context(running("--port", "0", "--state", str(tmp_path)))
        place = ("--port", str(urlsplit(first.rest).port), "--state", str(tmp_path))
        async with sockets_of(first) as manager, listening(manager.trade_socket(SYMBOL)) as socket:
            with crowd_of(first) as crowd:
                crowd.trade(SYMBOL, "1", "60")
            before = await until(socket.recv, lambda message: message["e"] == "trade")
            await asyncio.to_thread(life.close)
            with crowd_of(await asyncio.to_thread(life.enter_context, running(*place))) as crowd:
                async with crowd.trading(SYMBOL, "1", "60"):
                    after = await until(socket.recv, lambda message: message["e"] == "trade")
    assert after["t"] > before["t"]
