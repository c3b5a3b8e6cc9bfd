"""Faults through real sockets: resets, half answers, silence and delays as clients meet them; rules over the control plane."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from msgspec import json
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosedError, InvalidMessage, InvalidStatus

from papernet.core.dates import DAY, SECOND, days_from_civil
from tests.support.visitor import PATIENCE, Answer, Visitor, network

START = days_from_civil(2026, 1, 2) * DAY + 18 * 3_600 * SECOND
PRICE = "60000"
EAPI = "/eapi/v1"


class Listening(Visitor):
    """Says what it would ask, for whoever wants to send it himself."""

    async def ask(self, method: str, path: str, body: bytes = b"", *headers: str) -> Answer:
        lines = (f"{method} {path} HTTP/1.1", "Host: localhost", f"Content-Length: {len(body)}", *headers)
        return Answer("\r\n".join((*lines, "", "")).encode() + body, b"")

    async def bytes_of_order(self, price: str) -> bytes:
        return (await self.order(price)).head


async def let_fail(net: Visitor, effect: str, **more: Any) -> dict[str, Any]:
    answer = await net.control("POST", "/faults", {"effect": effect, **more})
    assert answer.status == 200, answer
    row: dict[str, Any] = answer.json
    return row


async def open_orders(net: Visitor) -> int:
    await net.control("POST", "/faults/clear")
    answer = await net.signed("GET", "/api/v3/openOrders", symbol="BTCUSDT")
    assert answer.status == 200, answer
    return len(answer.json)


async def step(net: Visitor, span: str) -> None:
    answer = await net.control("POST", "/clock/step", {"span": span})
    assert answer.status == 200, answer


async def until_met(net: Visitor, times: int = 1) -> None:
    """Return once the rules were done so often: the requests have reached the server."""
    async with asyncio.timeout(PATIENCE):
        while sum(row["done"] for row in (await net.control("GET", "/faults")).json["faults"]) < times:
            await asyncio.sleep(0)


@pytest.mark.parametrize("executed", [True, False])
async def test_a_connection_is_reset_before_or_after_the_order_was_placed(executed: bool) -> None:
    async with network() as net:
        await let_fail(net, "reset", operation="order.place", executed=executed)
        with pytest.raises(ConnectionResetError):
            await net.order(PRICE)
        assert await open_orders(net) == executed


@pytest.mark.parametrize("executed", [True, False])
async def test_a_connection_is_closed_without_an_answer(executed: bool) -> None:
    async with network() as net:
        await let_fail(net, "hang-up", operation="order.place", executed=executed)
        assert await net.order(PRICE) == (b"", b"")
        assert await open_orders(net) == executed


async def test_half_a_body_comes_and_the_order_is_there() -> None:
    async with network() as net:
        whole = await net.order(PRICE)
        await let_fail(net, "half-answer", operation="order.place")
        half = await net.order(PRICE)
        length = int(half.head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        assert half.status == 200
        assert len(half.body) == length // 2
        assert half.body[:12] == whole.body[:12]
        assert await open_orders(net) == 2


@pytest.mark.parametrize("executed", [True, False])
async def test_an_answer_never_comes_and_the_connection_stays(executed: bool) -> None:
    async with network() as net:
        await let_fail(net, "no-answer", operation="order.place", executed=executed)
        reader, writer = await asyncio.open_connection("127.0.0.1", net.node.port)
        writer.write(await Listening(net.node).bytes_of_order(PRICE))
        await until_met(net)
        assert await open_orders(net) == executed
        assert not reader.at_eof()
    # The server stops all the same, and lets go.
    assert await reader.read() == b""
    writer.close()


async def test_a_late_answer_comes_when_its_time_has_come() -> None:
    async with network(held_at=START) as net:
        await let_fail(net, "delay-answer", operation="order.place", span="30s")
        asking = asyncio.create_task(net.order(PRICE))
        await until_met(net)
        assert await open_orders(net) == 1
        await step(net, "29s")
        assert not asking.done()
        await step(net, "1s")
        assert (await asking).json["transactTime"] == START // 1_000


async def test_a_late_request_is_carried_out_late_or_refused_for_that() -> None:
    async with network(held_at=START) as net:
        await let_fail(net, "delay-request", operation="order.place", span="6s")
        in_time = asyncio.create_task(net.order(PRICE, recvWindow=6000))
        late = asyncio.create_task(net.order(PRICE))
        await until_met(net, 2)
        assert await open_orders(net) == 0
        await step(net, "6s")
        assert (await in_time).json["transactTime"] == START // 1_000 + 6_000
        assert (await late).json["code"] == -1021


async def test_who_waits_for_a_late_answer_is_let_go_when_the_server_stops() -> None:
    async with network(held_at=START) as net:
        await let_fail(net, "delay-answer", operation="ping", span="1d")
        asking = asyncio.create_task(net.ask("GET", "/api/v3/ping"))
        await until_met(net)
        begun = asyncio.get_running_loop().time()
    assert await asking == (b"", b"")
    assert asyncio.get_running_loop().time() - begun < 2


async def test_a_real_second_of_delay_passes_by_itself() -> None:
    async with network() as net:
        await let_fail(net, "delay-answer", operation="ping", span="100ms")
        begun = asyncio.get_running_loop().time()
        assert (await net.ask("GET", "/api/v3/ping")).status == 200
        assert asyncio.get_running_loop().time() - begun >= 0.1


async def test_options_answers_fail_as_well() -> None:
    async with network() as net:
        await let_fail(net, "reset", door="options-rest")
        with pytest.raises(ConnectionResetError):
            await net.ask("GET", f"{EAPI}/ping")
        assert (await net.ask("GET", "/api/v3/ping")).status == 200


async def test_a_page_comes_in_place_of_json() -> None:
    async with network() as net:
        await let_fail(net, "http-502", nth=1)
        answer = await net.ask("GET", "/api/v3/ping")
        assert answer.status == 502
        assert b"text/html" in answer.head
        assert answer.body.startswith(b"<html>")
        assert (await net.ask("GET", "/api/v3/ping")).status == 200


@pytest.mark.parametrize(
    ("effect", "status"),
    [("http-403", 403), ("http-451", 451), ("http-502", 502), ("http-503-unavailable", 503), ("http-429", 429)],
)
@pytest.mark.parametrize("path", ["/ws-api/v3", "/ws/btcusdt@trade", "/stream?streams=btcusdt@trade"])
async def test_a_websocket_is_refused_at_the_handshake(effect: str, status: int, path: str) -> None:
    async with network() as net:
        await let_fail(net, effect, times=1)
        url = f"ws://127.0.0.1:{net.node.port}{path}"
        with pytest.raises(InvalidStatus) as refused:
            await connect(url)
        assert refused.value.response.status_code == status
        async with connect(url):
            pass


async def test_a_websocket_is_reset_at_the_handshake_and_others_are_not() -> None:
    async with network() as net:
        await let_fail(net, "reset", door="streams", operation="/ws*")
        with pytest.raises(InvalidMessage):
            await connect(f"ws://127.0.0.1:{net.node.port}/ws/btcusdt@trade")
        async with connect(f"ws://127.0.0.1:{net.node.port}/ws-api/v3"):
            pass


async def test_a_reply_over_the_websocket_api_is_torn_and_the_connection_reset() -> None:
    async with network() as net:
        await let_fail(net, "half-answer", door="ws-api")
        async with connect(f"ws://127.0.0.1:{net.node.port}/ws-api/v3") as api:
            await api.send('{"id":1,"method":"time"}')
            with pytest.raises(ConnectionClosedError):
                await api.recv()


async def test_a_ban_ends_connections_and_is_over_in_time() -> None:
    async with network(held_at=START) as net:
        async with connect(f"ws://127.0.0.1:{net.node.port}/ws-api/v3") as api:
            await let_fail(net, "http-418", nth=1, span="2m")
            assert (await net.ask("GET", "/api/v3/ping")).status == 418
            with pytest.raises(ConnectionClosedError):
                await api.recv()
        await net.control("POST", "/faults/clear")
        await step(net, "119s")
        answer = await net.ask("GET", "/api/v3/ping")
        assert answer.status == 418
        assert b"retry-after: 1\r\n" in answer.head.lower()
        await step(net, "1s")
        assert (await net.ask("GET", "/api/v3/ping")).status == 200


async def test_rules_are_listed_counted_and_removed() -> None:
    async with network() as net:
        added = await let_fail(net, "code-1001", operation="ping", every=2)
        statuses = [(await net.ask("GET", "/api/v3/ping")).status for _ in range(4)]
        assert statuses == [200, 500, 200, 500]
        (row,) = (await net.control("GET", "/faults")).json["faults"]
        assert row == {**added, "seen": 4, "done": 2}
        assert (await net.control("DELETE", f"/faults?id={row['id']}")).json["removed"] is True
        assert (await net.control("DELETE", f"/faults?id={row['id']}")).status == 404
        assert (await net.ask("GET", "/api/v3/ping")).status == 200
        assert (await net.control("GET", "/faults")).json == {"faults": []}


async def test_without_the_token_nothing_can_be_made_to_fail() -> None:
    async with network() as net:
        body = json.encode({"effect": "http-502"})
        assert (await net.ask("POST", "/papernet/v1/faults", body)).status == 401
        assert (await net.ask("GET", "/api/v3/ping")).status == 200


async def test_rules_and_their_draws_survive_a_restart(tmp_path: Path) -> None:
    async def drawn(net: Visitor) -> list[int]:
        return [(await net.ask("GET", "/api/v3/ping")).status for _ in range(20)]

    async with network(state=tmp_path, seed=7) as net:
        row = await let_fail(net, "code-1001", operation="ping", probability="0.5")
        first = await drawn(net)
        assert {200, 500} == set(first)
    async with network(state=tmp_path, seed=7) as net:
        (found,) = (await net.control("GET", "/faults")).json["faults"]
        assert found == row
        assert await drawn(net) == first
        assert (await net.control("DELETE", "/faults", {"id": row["id"]})).status == 200
    async with network(state=tmp_path, seed=7) as net:
        assert (await net.control("GET", "/faults")).json == {"faults": []}
        # An id is not given out twice.
        assert (await let_fail(net, "http-502"))["id"] == row["id"] + 1


async def test_stale_reads_hold_with_a_market_that_goes_on(tmp_path: Path) -> None:
    async with network(held_at=START, state=tmp_path) as net:
        await net.order(PRICE)
        await let_fail(net, "stale-reads", account="alice", span="1m")
        await net.order(PRICE, side="SELL")
        await net.node.world.archive_rows()
        asked = "/api/v3/allOrders"
        assert [row["status"] for row in (await net.signed("GET", asked, symbol="BTCUSDT")).json] == ["NEW"]
        assert (await net.signed("GET", "/api/v3/myTrades", symbol="BTCUSDT")).json == []
        await step(net, "1m")
        await net.node.world.archive_rows()
        assert [row["status"] for row in (await net.signed("GET", asked, symbol="BTCUSDT")).json] == ["FILLED", "FILLED"]
        assert len((await net.signed("GET", "/api/v3/myTrades", symbol="BTCUSDT")).json) == 2


async def test_a_checkpoint_has_the_rules_and_how_often_they_were_met() -> None:
    async with network() as net:
        row = await let_fail(net, "code-1001", operation="ping", nth=3)
        assert [(await net.ask("GET", "/api/v3/ping")).status for _ in range(2)] == [200, 200]
        assert (await net.control("POST", "/checkpoints", {"name": "before"})).status == 200
        for _ in range(2):
            assert (await net.ask("GET", "/api/v3/ping")).status == 500
            assert (await net.control("POST", "/faults/clear")).json["removed"] == 1
            assert (await net.control("POST", "/checkpoints/restore", {"name": "before"})).status == 200
            (found,) = (await net.control("GET", "/faults")).json["faults"]
            assert found == {**row, "seen": 2, "done": 0}


async def test_rules_hold_at_the_doors_of_a_state_that_was_brought_back() -> None:
    async with network() as net:
        assert (await net.control("POST", "/checkpoints", {"name": "empty"})).status == 200
        assert (await net.control("POST", "/checkpoints/restore", {"name": "empty"})).status == 200
        await let_fail(net, "http-502", times=1)
        await let_fail(net, "http-403", door="ws-api")
        await let_fail(net, "stale-reads", operation="openOrders.status", span="1h")
        assert (await net.ask("GET", "/api/v3/ping")).status == 502
        with pytest.raises(InvalidStatus):
            await connect(f"ws://127.0.0.1:{net.node.port}/ws-api/v3")
        assert (await net.order(PRICE)).status == 200
        assert (await net.signed("GET", "/api/v3/openOrders", symbol="BTCUSDT")).json == []
        assert await open_orders(net) == 1


async def test_rules_outlive_a_reset() -> None:
    async with network() as net:
        await let_fail(net, "code-1001", operation="order.place")
        await let_fail(net, "stale-reads", operation="openOrders.status", span="1h")
        assert (await net.control("POST", "/reset")).status == 200
        assert (await net.order(PRICE)).json["code"] == -1001
        assert (await net.signed("GET", "/api/v3/openOrders", symbol="BTCUSDT")).json == []
        assert await open_orders(net) == 0


async def test_the_calls_of_late_tell_what_a_client_was_told() -> None:
    async with network() as net:
        await let_fail(net, "code-1007", operation="order.place", nth=1)
        await let_fail(net, "reset", operation="order.place", nth=2)
        assert (await net.order(PRICE)).status == 504
        with pytest.raises(ConnectionResetError):
            await net.order(PRICE)
        rows = [row for row in (await net.control("GET", "/requests")).json if row["operation"] == "order.place"]
        assert [row["status"] for row in rows] == [0, 504]
