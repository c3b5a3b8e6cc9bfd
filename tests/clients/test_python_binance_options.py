"""python-binance trades options and watches them with nothing changed but its URLs."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from binance import AsyncClient, BinanceSocketManager
from binance.base_client import BaseClient
from binance.exceptions import BinanceAPIException

from tests.clients.crowd import soon
from tests.clients.option_floor import UNDERLYING, Floor, open_floor

pytestmark = pytest.mark.clients


@pytest.fixture(scope="module")
def floor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Floor]:
    """Open a floor for this module."""
    with open_floor(tmp_path_factory.mktemp("python_binance") / "state") as opened:
        yield opened


@asynccontextmanager
async def client_of(floor: Floor, account: str) -> AsyncIterator[Any]:
    """Make a client that knows the server under test."""
    server, key = floor.server, floor.server.key(account)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseClient, "API_TESTNET_URL", server.rest + "/api")
        patch.setattr(BaseClient, "OPTIONS_TESTNET_URL", server.rest + "/eapi")
        patch.setattr(BinanceSocketManager, "FSTREAM_TESTNET_URL", server.streams + "/")
        client = await AsyncClient.create(key.api_key, key.secret, testnet=True)
        try:
            yield client
        finally:
            await client.close_connection()


@asynccontextmanager
async def listening(socket: Any) -> AsyncIterator[Any]:
    """Open a socket; hang up in the end, for the client would listen to a silent one for ten more seconds."""
    await soon(socket.__aenter__())
    try:
        yield socket
    finally:
        await soon(asyncio.gather(socket.__aexit__(None, None, None), socket.ws.close()))


async def test_a_session_trades_and_reads_itself_back(floor: Floor) -> None:
    """Take from the quoted book, rest, cancel, and read what became of it; a refusal is the client's own class."""
    name = floor.calls[0]
    async with client_of(floor, "bob") as bob:
        assert name in {row["symbol"] for row in (await bob.options_exchange_info())["optionSymbols"]}
        assert float((await bob.options_index_price(underlying=UNDERLYING))["indexPrice"]) > 0
        limit = {"symbol": name, "side": "BUY", "type": "LIMIT", "quantity": "0.1"}
        bought = await bob.options_place_order(**limit, price=floor.taking(name), newOrderRespType="RESULT")
        assert bought["status"] == "FILLED"
        (trade,) = await bob.options_user_trades(symbol=name)
        assert (trade["orderId"], trade["price"]) == (bought["orderId"], bought["avgPrice"])
        assert [row["quantity"] for row in await bob.options_positions(symbol=name)] == ["0.1000"]
        rested = await bob.options_place_order(**limit, price=5, postOnly="true")
        key = {"symbol": name, "orderId": rested["orderId"]}
        assert (await bob.options_query_order(**key))["status"] == "NEW"
        assert [row["orderId"] for row in await bob.options_query_pending_orders(symbol=name)] == [rested["orderId"]]
        assert (await bob.options_cancel_order(**key))["orderId"] == rested["orderId"]
        await bob.options_place_order(**limit, price=5)
        assert (await bob.options_cancel_all_orders(symbol=name))["msg"] == "success"
        past = await bob.options_query_order_history(symbol=name)
        assert [row["status"] for row in past] == ["FILLED", "CANCELED", "CANCELED"]
        with pytest.raises(BinanceAPIException, match="Order does not exist"):
            await bob.options_cancel_order(**key)


async def test_streams_are_watched(floor: Floor) -> None:
    """Sockets of one stream under /public, and of several under /market."""
    name = floor.calls[1]
    async with client_of(floor, "bob") as bob:
        manager = BinanceSocketManager(bob)
        several = [f"{name.lower()}@kline_1m", f"{UNDERLYING.lower()}@optionMarkPrice"]
        async with (
            listening(manager.options_recent_trades_socket(name)) as trades,
            listening(manager.options_depth_socket(name, "5", "100ms")) as depth,
            listening(manager.options_book_ticker_socket(name)) as best,
            listening(manager.options_multiplex_socket(several)) as both,
            floor.trading(name),
        ):
            trade, book, touch = await soon(asyncio.gather(trades.recv(), depth.recv(), best.recv()))
            told: dict[str, Any] = {}
            while told.keys() != set(several):
                message = await soon(both.recv())
                told[message["stream"]] = message["data"]
    assert (trade["e"], trade["s"], trade["q"]) == ("trade", name, "0.0100")
    assert (book["e"], len(book["b"]) <= 5) == ("depthUpdate", True)
    assert float(touch["b"]) < float(touch["a"])
    assert told[several[0]]["k"]["i"] == "1m"
    assert name in {row["s"] for row in told[several[1]]}
