"""The log of requests and explanations through real sockets: every door, latencies, and what other rules did."""

import asyncio
import re
from pathlib import Path
from typing import Any

from msgspec import json
from websockets.asyncio.client import connect

from tests.support.visitor import ALICE, Visitor, network


async def requests(net: Visitor, query: str = "") -> list[dict[str, Any]]:
    answer = await net.control("GET", f"/requests{query}")
    assert answer.status == 200, answer
    rows: list[dict[str, Any]] = answer.json
    return rows


async def explanation(net: Visitor, number: int) -> dict[str, Any]:
    answer = await net.control("GET", f"/explain/requests/{number}")
    assert answer.status == 200, answer
    told: dict[str, Any] = answer.json["explanation"]
    return told


async def test_calls_at_every_door_are_listed_with_what_they_took() -> None:
    async with network() as net:
        await net.order("60000")
        await net.signed("GET", "/eapi/v1/marginAccount")
        async with connect(f"ws://127.0.0.1:{net.node.port}/ws-api/v3", proxy=None) as socket:
            await socket.send(json.encode({"id": 1, "method": "time"}).decode())
            await socket.recv()
        rows = await requests(net)
        assert [(row["door"], row["operation"], row["status"]) for row in rows] == [
            ("ws-api", "time", 200),
            ("options-rest", "options.marginAccount", 200),
            ("rest", "order.place", 200),
        ]
        assert [row["account"] for row in rows] == ["", "alice", "alice"]
        assert rows[2]["api_key"] == ALICE.api_key
        assert all(0 < row["latency_us"] < 60_000_000 for row in rows)
        assert ALICE.secret not in str(rows)


async def test_latency_waits_for_the_journal_and_not_for_papernets_clock() -> None:
    async with network() as net:
        await net.control("POST", "/clock/hold")
        await net.order("60000")
        (row,) = await requests(net)
        assert row["latency_us"] > 0
        assert row["timestamp_ms"] == net.node.clock.now() // 1000


async def test_the_control_plane_itself_is_not_in_the_list_and_needs_its_token() -> None:
    async with network() as net:
        await net.control("GET", "/accounts")
        assert await requests(net) == []
        for path in ("requests", "explain/requests/1", "explain/orders", "openapi.json"):
            assert (await net.ask("GET", f"/papernet/v1/{path}")).status == 401


async def test_a_refusal_is_explained_with_an_order_that_is_then_taken() -> None:
    async with network() as net:
        assert (await net.order("60000.123", quantity="0.0010004")).status == 400
        (row,) = await requests(net, "?refused=true")
        told = await explanation(net, row["id"])
        assert told["guard"] == "FILTER_FAILURE PRICE_FILTER"
        assert (await net.order(**told["nearest"])).status == 200


async def test_what_a_rule_of_faults_did_is_told_as_such() -> None:
    async with network() as net:
        answer = await net.control("POST", "/faults", {"effect": "code-1007", "operation": "order.place", "executed": True})
        assert answer.status == 200, answer
        await net.order("60000")
        (row,) = await requests(net, "?code=-1007")
        told = await explanation(net, row["id"])
        assert (told["guard"], told["numbers"]["executed"]) == ("FAULT_RULE", True)
        assert len((await net.signed("GET", "/api/v3/openOrders", symbol="BTCUSDT")).json) == 1


async def test_the_example_of_the_page_is_what_is_said() -> None:
    page = (Path(__file__).parents[2] / "docs" / "explain.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"^GET /papernet/v1/explain/requests/1\n\n(.*?)^```", page, flags=re.MULTILINE | re.DOTALL)
    async with network() as net:
        await net.order("60000.123")
        assert await explanation(net, 1) == json.decode(example)


async def test_the_queue_is_told_and_is_so() -> None:
    async with network() as net:
        first = (await net.order("60000")).json["orderId"]
        second = (await net.order("60000")).json["orderId"]
        told = (await net.control("GET", f"/explain/orders?symbol=BTCUSDT&order_id={second}")).json
        assert told["explanation"]["numbers"]["has_to_trade_first"] == "0.001"
        await net.control("GET", "/health")
        assert first < second


async def test_the_openapi_document_is_served() -> None:
    async with network() as net:
        document = (await net.control("GET", "/openapi.json")).json
        assert document["openapi"] == "3.1.0"
        assert "/explain/orders" in document["paths"]


async def test_many_at_once_are_each_written_down_once() -> None:
    async with network() as net:
        await asyncio.gather(*(net.order("60000") for _ in range(20)))
        rows = await requests(net)
        assert sorted(row["id"] for row in rows) == list(range(1, 21))
        assert all(row["latency_us"] > 0 for row in rows)
