"""Bots that still ask for a listen key: retired by default, served by `--listen-keys`."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from binance import AsyncClient, BinanceSocketManager
from binance.base_client import BaseClient
from binance.exceptions import BinanceAPIException
from binance_common.configuration import ConfigurationWebSocketStreams
from binance_sdk_spot.spot import Spot

from tests.clients.conftest import Server, running
from tests.clients.crowd import crowd_of, soon, until

pytestmark = pytest.mark.clients

SYMBOL = "LTCUSDT"


@pytest.fixture(scope="module")
def old() -> Iterator[Server]:
    """Start a papernet that serves listen keys."""
    with running("--port", "0", "--ephemeral", "--listen-keys") as started:
        yield started


async def made_for_alice(server: Server, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Make a client of python-binance for alice."""
    key = server.key("alice")
    monkeypatch.setattr(BaseClient, "API_TESTNET_URL", server.rest + "/api")
    return await AsyncClient.create(key.api_key, key.secret, testnet=True)


async def test_a_listen_key_opens_streams_of_both_kinds(old: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """python-binance asks for the key and opens /ws/<key>; the official SDK subscribes to it beside other streams."""
    client = await made_for_alice(old, monkeypatch)
    listener = Spot(config_ws_streams=ConfigurationWebSocketStreams(stream_url=old.streams)).websocket_streams
    try:
        key = await client.stream_get_listen_key()
        assert key == await client.stream_get_listen_key()
        socket = BinanceSocketManager(client)._get_socket(key, stream_url=old.streams + "/")
        await soon(socket.__aenter__())
        assert await soon(listener.create_connection()) is not None
        events: asyncio.Queue[Any] = asyncio.Queue()
        (await listener.user_data(key)).on("message", events.put_nowait)
        with crowd_of(old) as crowd:
            placed = await asyncio.to_thread(crowd.alice.limit, "BUY", SYMBOL, "1", "60")
            raw = await until(socket.recv, lambda event: event["e"] == "executionReport")
            parsed = (await soon(events.get())).actual_instance
            assert (raw["i"], raw["x"], parsed.i, parsed.x) == (placed["orderId"], "NEW", placed["orderId"], "NEW")
            await client.stream_keepalive(key)
            await asyncio.to_thread(crowd.alice.leave)
            assert (await until(socket.recv, lambda event: event["e"] == "executionReport"))["x"] == "CANCELED"
        await client.stream_close(key)
        with pytest.raises(BinanceAPIException) as gone:
            await client.stream_keepalive(key)
        assert gone.value.code == -1125
        await soon(asyncio.gather(socket.close(), socket.ws.close()))
    finally:
        await listener.close_connection(close_session=True)
        await client.close_connection()


async def test_listen_keys_are_retired_by_default(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """The address is gone, and says so at once."""
    client = await made_for_alice(server, monkeypatch)
    try:
        with pytest.raises(BinanceAPIException) as retired:
            await client.stream_get_listen_key()
        assert retired.value.status_code == 410
    finally:
        await client.close_connection()
