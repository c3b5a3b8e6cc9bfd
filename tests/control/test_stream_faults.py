"""Streams and users' events that go wrong, in a whole network whose clock is held, as clients over real sockets meet it."""

import asyncio
import hashlib
import hmac
from typing import Any

import pytest
from msgspec import json
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, ConnectionClosedError

from papernet.core.dates import MILLISECOND
from tests.support.held_node import ALICE, HeldNode, held_node, messages

ORDER = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.001", "price": "60000"}


async def let_fail(net: HeldNode, effect: str, **rule: object) -> dict[str, Any]:
    """Add a rule and return it as it is told."""
    answer = await net.call("POST", "/faults", {"effect": effect, **rule})
    assert answer.status == 200, answer
    row: dict[str, Any] = answer.body
    return row


async def place(net: HeldNode, price: int = 60_000) -> int:
    """Place an order of alice's and return its id."""
    answer = await net.sign("POST", "/api/v3/order", **{**ORDER, "price": str(price)})
    assert answer.status == 200, answer
    order_id: int = answer.body["orderId"]
    return order_id


async def subscribe(net: HeldNode, api: ClientConnection) -> None:
    """Listen to alice over the WebSocket API."""
    params: dict[str, Any] = {"apiKey": ALICE.api_key, "timestamp": net.node.clock.now() // MILLISECOND}
    payload = "&".join(f"{name}={value}" for name, value in params.items())
    params["signature"] = hmac.new(ALICE.secret.encode(), payload.encode(), hashlib.sha256).hexdigest()
    await api.send(json.encode({"id": 1, "method": "userDataStream.subscribe.signature", "params": params}).decode())
    (reply,) = await messages(api, 1)
    assert reply["status"] == 200, reply


async def rest(stream: ClientConnection) -> list[Any]:
    """Return all that has come and was not read: whatever was sent before the answer to this question."""
    await stream.send(json.encode({"id": 9, "method": "LIST_SUBSCRIPTIONS"}).decode())
    heard: list[Any] = []
    while not heard or not isinstance(heard[-1], dict) or heard[-1].get("id") != 9:
        heard += await messages(stream, 1)
    return heard[:-1]


async def silent(stream: ClientConnection) -> None:
    """See that nothing has come."""
    assert await rest(stream) == []


async def ended(stream: ClientConnection) -> ConnectionClosed:
    """Return how a connection ended of which nothing more comes."""
    with pytest.raises(ConnectionClosed) as error:
        await asyncio.wait_for(stream.recv(), 10)
    return error.value


async def test_a_lost_depth_event_leaves_a_gap_that_its_ids_tell() -> None:
    async with held_node() as net, net.connect("/ws/btcusdt@depth@100ms") as stream, net.connect("/ws/btcusdt@trade") as other:
        rule = await let_fail(net, "depth-gap", symbol="btcusdt", nth=2)
        for step in range(4):
            await place(net, 60_000 + step)
            await net.turn("step", span="100ms")
        first, second, third = await messages(stream, 3)
        assert first["u"] + 1 < second["U"]
        assert second["u"] + 1 == third["U"]
        await silent(other)
        (row,) = (await net.call("GET", "/faults")).body["faults"]
        assert (row["id"], row["seen"], row["done"]) == (rule["id"], 4, 1)


async def test_a_report_that_is_lost_is_true_all_the_same() -> None:
    async with held_node() as net, net.connect("/ws-api/v3") as api, net.connect("/ws-api/v3") as other:
        await subscribe(net, api)
        await subscribe(net, other)
        await let_fail(net, "drop", door="user-data", account="alice", stream="executionReport", nth=1)
        order_id = await place(net)
        for client in (api, other):
            (told,) = await messages(client, 1)
            assert told["event"]["e"] == "outboundAccountPosition"
        (order,) = (await net.sign("GET", "/api/v3/openOrders")).body
        assert (order["orderId"], order["status"]) == (order_id, "NEW")
        await place(net)
        assert [told["event"]["e"] for told in await messages(api, 2)] == ["executionReport", "outboundAccountPosition"]


async def test_events_are_late_by_papernets_clock_and_come_when_the_rules_go() -> None:
    async with held_node() as net, net.connect("/ws-api/v3") as api:
        await subscribe(net, api)
        await let_fail(net, "delay-event", account="alice", stream="executionReport", span="2s")
        order_id = await place(net)
        await net.turn("step", span="1999ms")
        await silent(api)
        await net.turn("step", span="1ms")
        assert [told["event"]["e"] for told in await messages(api, 2)] == ["executionReport", "outboundAccountPosition"]
        await net.sign("DELETE", "/api/v3/order", symbol="BTCUSDT", orderId=order_id)
        await silent(api)
        await net.call("POST", "/faults/clear")
        told, _ = await messages(api, 2)
        assert (told["event"]["x"], told["event"]["i"]) == ("CANCELED", order_id)


async def test_events_come_out_of_order_and_twice() -> None:
    async with held_node() as net, net.connect("/ws-api/v3") as api:
        await subscribe(net, api)
        await let_fail(net, "reorder", stream="executionReport", nth=1)
        await let_fail(net, "duplicate", stream="outboundAccountPosition", nth=2)
        for _ in range(2):
            await place(net)
        assert [told["event"].get("i", "balances") for told in await messages(api, 5)] == [
            "balances",
            1,
            2,
            "balances",
            "balances",
        ]


async def test_half_a_frame_and_then_a_reset() -> None:
    async with held_node() as net, net.connect("/stream?streams=btcusdt@bookTicker") as stream, net.connect("/ws/0") as other:
        await let_fail(net, "half-frame", stream="btcusdt@bookTicker")
        await place(net)
        lost = await ended(stream)
        assert isinstance(lost, ConnectionClosedError)
        assert lost.rcvd is None
        await (await other.ping())


async def test_a_stalled_connection_is_silent_and_its_orders_are_not_carried_out() -> None:
    async with held_node() as net, net.connect("/ws-api/v3", ping_interval=None, close_timeout=0) as api:
        await subscribe(net, api)
        rule = await let_fail(net, "stall", account="alice")
        await api.send(json.encode({"id": 2, "method": "ping"}).decode())
        pong, heard = asyncio.ensure_future(await api.ping()), asyncio.ensure_future(api.recv())
        await place(net)
        await net.turn("jump", span="2d")
        assert (await net.call("DELETE", "/faults", {"id": rule["id"]})).body["done"] == 1
        # Whoever connects anew is served.
        async with net.connect("/ws-api/v3") as again:
            await subscribe(net, again)
            assert not pong.done()
            assert not heard.done()
        heard.cancel()


async def test_a_disconnect_meets_the_user_that_it_is_about() -> None:
    async with held_node() as net, net.connect("/ws-api/v3") as api, net.connect("/ws-api/v3") as other:
        await subscribe(net, api)
        await let_fail(net, "disconnect", account="alice", times=1)
        lost = await ended(api)
        assert lost.rcvd is not None
        assert (lost.rcvd.code, lost.rcvd.reason) == (1001, "Connected for 24 hours")
        await (await other.ping())


async def test_a_shutdown_is_told_before_it_comes() -> None:
    async with held_node() as net, net.connect("/stream?streams=btcusdt@trade") as stream, net.connect("/ws-api/v3") as api:
        await let_fail(net, "server-shutdown", span="30s")
        assert [message["stream"] for message in await messages(stream, 1)] == ["!serverShutdown"]
        assert [message["event"]["e"] for message in await messages(api, 1)] == ["serverShutdown"]
        await net.turn("step", span="29s")
        await (await stream.ping())
        await net.turn("step", span="1s")
        lost = await ended(stream)
        assert lost.rcvd is not None
        assert (lost.rcvd.code, lost.rcvd.reason) == (1001, "Server shutdown")


async def test_a_pong_stays_away_and_everything_else_goes_on() -> None:
    async with held_node() as net, net.connect("/ws/btcusdt@trade", ping_interval=None) as stream:
        rule = await let_fail(net, "no-pong", door="streams")
        pong = asyncio.ensure_future(await stream.ping())
        await silent(stream)
        assert not pong.done()
        assert (await net.call("DELETE", "/faults", {"id": rule["id"]})).body["done"] == 1
        await (await stream.ping())


async def test_a_server_whose_pings_stay_away_does_not_wait_for_pongs() -> None:
    async with held_node() as net, net.connect("/ws/btcusdt@trade") as stream:
        rule = await let_fail(net, "no-ping")
        await net.turn("step", span="5m")
        await silent(stream)
        assert (await net.call("DELETE", "/faults", {"id": rule["id"]})).body["done"] == 15


async def test_a_listen_key_ends_at_once_and_its_account_may_start_another() -> None:
    async with held_node(listen_keys=True) as net:
        key = (await net.identify("POST", "/api/v3/userDataStream")).body["listenKey"]
        async with net.connect(f"/ws/{key}") as stream:
            await let_fail(net, "listen-key-expiry", account="alice", times=1)
            (told,) = await messages(stream, 1)
            assert (told["e"], told["listenKey"]) == ("listenKeyExpired", key)
            assert (await net.identify("PUT", "/api/v3/userDataStream", listenKey=key)).body["code"] == -1125
            await place(net)
            await silent(stream)
        again = (await net.identify("POST", "/api/v3/userDataStream")).body["listenKey"]
        assert again != key
        async with net.connect(f"/ws/{again}") as stream:
            await place(net)
            assert (await messages(stream, 1))[0]["e"] == "executionReport"


@pytest.mark.parametrize(
    ("api", "path", "event"),
    [
        ("current", "/private/ws/{}", "BALANCE_POSITION_UPDATE"),
        ("2024", "/eoptions/ws/{}", "ACCOUNT_UPDATE"),
    ],
)
async def test_users_events_of_options_go_wrong_in_both_generations(api: str, path: str, event: str) -> None:
    async with held_node(options_api=api) as net:
        key = (await net.identify("POST", "/eapi/v1/listenKey")).body["listenKey"]
        transfer = {"asset": "USDT", "amount": "10", "direction": "to_options"}
        async with net.connect(path.format(key)) as stream:
            await let_fail(net, "drop", door="options-user-data", account="alice", api_key=key, stream=event, nth=2)
            for _ in range(3):
                assert (await net.call("POST", "/accounts/alice/transfers", transfer)).status == 200
            assert sum(message["e"] == event for message in await rest(stream)) == 2
            await let_fail(net, "listen-key-expiry", door="options-user-data")
            if api == "current":
                assert (await messages(stream, 1))[0]["e"] == "listenKeyExpired"
            await net.call("POST", "/accounts/alice/transfers", transfer)
            await silent(stream)
        assert (await net.identify("PUT", "/eapi/v1/listenKey")).status != 200


async def test_market_streams_of_options_go_wrong() -> None:
    async with held_node() as net, net.connect("/market/ws/!index@arr") as stream:
        await let_fail(net, "drop", door="options-streams", stream="!index@arr", every=2)
        await net.turn("step", span="4s")
        first, second = await messages(stream, 2)
        assert second[0]["E"] - first[0]["E"] == 2_000
        await let_fail(net, "break-off", door="options-streams", stream="!index*")
        await net.turn("step", span="1s")
        assert (await ended(stream)).rcvd is None


async def test_rules_about_streams_come_back_with_a_state() -> None:
    async with held_node() as net:
        await let_fail(net, "drop", stream="btcusdt@bookTicker", nth=2)
        assert (await net.call("POST", "/checkpoints", {"name": "before"})).status == 200
        await net.call("POST", "/faults/clear")
        assert (await net.call("POST", "/checkpoints/restore", {"name": "before"})).status == 200
        async with net.connect("/ws/btcusdt@bookTicker") as stream:
            for price in (60_000, 60_001, 60_002):
                await place(net, price)
            assert [float(event["b"]) for event in await rest(stream)] == [60_000, 60_002]
            await let_fail(net, "disconnect", door="streams")
            assert (await ended(stream)).rcvd is not None
