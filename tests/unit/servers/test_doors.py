"""All doors of one exchange beside each other, in the test's own process: what only shows once they are put together."""

import asyncio
import gc
import hashlib
import hmac
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from msgspec import json
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from papernet.app.listen_keys import VALID_FOR
from papernet.core.enums import KeyType
from papernet.servers import clock
from papernet.servers.config import packaged_catalogue
from papernet.servers.dev_accounts import development_keys
from papernet.servers.node import Node, Options
from papernet.servers.transport import bind

KEY = next(key for key in development_keys() if key.key_type is KeyType.HMAC)
ORDER = {"symbol": "BTCUSDT", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.001", "price": "60000"}
PATIENCE = 10


@pytest.fixture(params=["memory", "fsync"])
async def node(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Node]:
    """Return a running exchange without a crowd: in memory, and with a journal that is waited for."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    listener = bind("127.0.0.1", 0)
    state = tmp_path / "state" if request.param == "fsync" else None
    running = Node(Options(market="none", state=state, listen_keys=True), packaged_catalogue(), listener, asyncio.Event())
    await running.start()
    yield running
    await running.stop()
    listener.close()
    gc.unfreeze()


def url(node: Node, path: str, scheme: str = "ws") -> str:
    return f"{scheme}{node.ready().rest.removeprefix('http')}{path}"


def signed(number: int, method: str, **params: Any) -> str:
    sent = params | {"apiKey": KEY.api_key, "timestamp": int(time.time() * 1_000)}
    payload = "&".join(f"{name}={sent[name]}" for name in sorted(sent)).encode()
    signature = hmac.new(KEY.private.encode(), payload, hashlib.sha256).hexdigest()
    return json.encode({"id": number, "method": method, "params": sent | {"signature": signature}}).decode()


async def heard(connection: ClientConnection, count: int) -> list[Any]:
    """Return the next messages."""
    return [json.decode(await asyncio.wait_for(connection.recv(), PATIENCE)) for _ in range(count)]


def kind(message: Any) -> str:
    """Return what a message of the WebSocket API is: the id of a reply, or an event's type."""
    return str(message["id"]) if "id" in message else message["event"]["e"]


async def test_a_reply_comes_before_its_events_and_entries_in_their_order(node: Node) -> None:
    async with connect(url(node, "/ws-api/v3")) as api:
        await api.send(signed(1, "userDataStream.subscribe.signature"))
        await heard(api, 1)
        for number, (side, price) in enumerate((("SELL", "60000"), ("BUY", "60000")), start=2):
            terms = ORDER | {"price": price, "selfTradePreventionMode": "NONE"}
            await api.send(signed(number, "order.place", side=side, **terms))
        messages = await heard(api, 8)
    assert [kind(message) for message in messages] == [
        "2",
        "executionReport",
        "outboundAccountPosition",
        "3",
        "executionReport",
        "executionReport",
        "executionReport",
        "outboundAccountPosition",
    ]
    taker, maker = messages[5]["event"], messages[6]["event"]
    assert taker["t"] == maker["t"] >= 0
    assert [report["I"] for report in (messages[4]["event"], taker, maker)] == sorted([3, 4, messages[4]["event"]["I"]])[-3:]


async def test_rest_the_websocket_api_and_streams_show_one_exchange(node: Node) -> None:
    async with (
        connect(url(node, "/ws/btcusdt@trade")) as market,
        connect(url(node, "/ws-api/v3")) as api,
        httpx.AsyncClient(base_url=node.ready().rest) as rest,
    ):
        for number, side in enumerate(("SELL", "BUY"), start=1):
            await api.send(signed(number, "order.place", side=side, **ORDER | {"selfTradePreventionMode": "NONE"}))
        replies = await heard(api, 2)
        (trade,) = await heard(market, 1)
        (shown,) = (await rest.get("/api/v3/trades", params={"symbol": "BTCUSDT"})).json()
    assert trade["t"] == shown["id"] == replies[1]["result"]["fills"][0]["tradeId"]
    assert (trade["p"], trade["q"]) == (shown["price"], shown["qty"])


async def test_a_listen_key_hears_what_the_account_does(node: Node) -> None:
    async with httpx.AsyncClient(base_url=node.ready().rest, headers={"X-MBX-APIKEY": KEY.api_key}) as rest:
        key = (await rest.post("/api/v3/userDataStream")).json()["listenKey"]
        async with connect(url(node, f"/ws/{key}")) as raw, connect(url(node, f"/stream?streams={key}")) as combined:
            async with connect(url(node, "/ws-api/v3")) as api:
                await api.send(signed(1, "order.place", side="SELL", **ORDER))
                await heard(api, 1)
            events = await heard(raw, 2)
            assert [event["e"] for event in events] == ["executionReport", "outboundAccountPosition"]
            assert await heard(combined, 2) == [{"stream": key, "data": event} for event in events]


async def test_nobody_reads_of_a_trade_of_his_own_in_public_first(node: Node) -> None:
    async with httpx.AsyncClient(base_url=node.ready().rest, headers={"X-MBX-APIKEY": KEY.api_key}) as rest:
        key = (await rest.post("/api/v3/userDataStream")).json()["listenKey"]
    async with (
        connect(url(node, f"/stream?streams=btcusdt@trade/{key}")) as both,
        connect(url(node, "/ws-api/v3")) as api,
    ):
        for number, side in enumerate(("SELL", "BUY"), start=1):
            await api.send(signed(number, "order.place", side=side, **ORDER | {"selfTradePreventionMode": "NONE"}))
        events = [message["data"]["e"] for message in await heard(both, 7)]
    placed = ["executionReport", "outboundAccountPosition"]
    assert events == [*placed, *["executionReport"] * 2, *placed, "trade"]


async def test_listen_keys_run_out_on_the_clock(node: Node) -> None:
    async with httpx.AsyncClient(base_url=node.ready().rest, headers={"X-MBX-APIKEY": KEY.api_key}) as rest:
        key = (await rest.post("/api/v3/userDataStream")).json()["listenKey"]
    async with connect(url(node, f"/ws/{key}")) as raw, connect(url(node, "/ws-api/v3")) as api:
        await api.send('{"id": 1, "method": "ping"}')
        await heard(api, 1)
        node._doors.sweep(clock.now() + VALID_FOR)
        (event,) = await heard(raw, 1)
    assert (event["e"], event["listenKey"]) == ("listenKeyExpired", key)


async def test_a_reset_ends_every_connection_and_lets_them_come_back(node: Node) -> None:
    async with connect(url(node, "/ws/btcusdt@depth")) as raw, connect(url(node, "/ws-api/v3")) as api:
        node.reset(clock.now())
        assert [message["e"] for message in await heard(raw, 1)] == ["serverShutdown"]
        assert [message["event"]["e"] for message in await heard(api, 1)] == ["serverShutdown"]
        for connection in (raw, api):
            with pytest.raises(ConnectionClosed):
                await asyncio.wait_for(connection.recv(), PATIENCE)
    async with connect(url(node, "/ws-api/v3")) as api:
        await api.send('{"id": 1, "method": "ping"}')
        assert (await heard(api, 1))[0]["status"] == 200


async def test_streams_are_pushed_on_the_clock(node: Node) -> None:
    async with connect(url(node, "/ws/btcusdt@depth5@100ms")) as raw:
        assert [set(message) for message in await heard(raw, 3)] == [{"lastUpdateId", "bids", "asks"}] * 3


async def test_what_is_no_door_is_not_found(node: Node) -> None:
    for path in ("/ws-api/v2", "/api/v3/ping", "/"):
        with pytest.raises(Exception, match="404"):
            await connect(url(node, path))


@pytest.mark.parametrize(("limits", "lives"), [(True, False), (False, True)])
async def test_messages_are_counted_unless_limits_are_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limits: bool, lives: bool
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    listener = bind("127.0.0.1", 0)
    running = Node(Options(market="none", limits=limits), packaged_catalogue(), listener, asyncio.Event())
    await running.start()
    async with connect(url(running, "/ws")) as raw:
        for number in range(12):
            await raw.send(f'{{"method":"LIST_SUBSCRIPTIONS","id":{number}}}')
        if lives:
            assert len(await heard(raw, 12)) == 12
        else:
            with pytest.raises(ConnectionClosed, match="Too many requests"):
                await heard(raw, 12)
    await running.stop()
    listener.close()
    gc.unfreeze()


async def test_what_was_accepted_is_answered_before_the_farewell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    listener = bind("127.0.0.1", 0)
    running = Node(Options(market="none", state=tmp_path / "state"), packaged_catalogue(), listener, asyncio.Event())
    await running.start()
    async with connect(url(running, "/ws-api/v3")) as api:
        await api.send(signed(1, "userDataStream.subscribe.signature"))
        await heard(api, 1)
        accepted = running.world.sequencer.last_seq + 1
        await api.send(signed(2, "order.place", side="SELL", **ORDER))
        while running.world.sequencer.last_seq < accepted:
            await asyncio.sleep(0)
        # Carried out, and not durable yet.
        assert running.world.sequencer.durable_seq < accepted
        await running.stop()
        assert [kind(message) for message in await heard(api, 4)] == [
            "2",
            "executionReport",
            "outboundAccountPosition",
            "serverShutdown",
        ]
    listener.close()
    gc.unfreeze()
