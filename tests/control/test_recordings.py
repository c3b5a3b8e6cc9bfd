"""Sessions that are recorded and replayed: the same steps, the same bytes, one hash."""

import asyncio
import json
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect

from papernet.servers.recording import RecordingError, Said, Told, read_recording
from papernet.servers.replaying import Outcome, Replay, replay
from tests.support.visitor import BOB, Visitor, network

NOON = 1_768_478_400_000_000


@asynccontextmanager
async def recorded(path: Path, **options: Any) -> AsyncIterator[Visitor]:
    """Return a visitor of a network that is recorded."""
    async with network(**options) as visitor:
        recorder = await visitor.node.record(path)
        yield visitor
    recorder.close()


async def trade(visitor: Visitor) -> None:
    """Ask for this and that."""
    for answer in (
        await visitor.order("50000.00"),
        await visitor.order("50000.00", "SELL", BOB),
        await visitor.order("49000.00"),
        await visitor.signed("GET", "/api/v3/account"),
        await visitor.ask("GET", "/api/v3/klines?symbol=BTCUSDT&interval=1m&limit=2"),
        await visitor.ask("GET", "/eapi/v1/exchangeInfo"),
        await visitor.signed("DELETE", "/api/v3/openOrders", symbol="BTCUSDT"),
    ):
        assert answer.status == 200, answer.body


async def listen(visitor: Visitor) -> None:
    """Trade while somebody listens, and ask over the WebSocket API."""
    base = f"ws://127.0.0.1:{visitor.node.port}"
    async with connect(f"{base}/ws/btcusdt@trade") as stream, connect(f"{base}/ws-api/v3") as api:
        await trade(visitor)
        assert json.loads(await asyncio.wait_for(stream.recv(), 5))["e"] == "trade"
        await api.send(json.dumps({"id": 1, "method": "depth", "params": {"symbol": "BTCUSDT"}}))
        assert json.loads(await asyncio.wait_for(api.recv(), 5))["status"] == 200
        await stream.send(json.dumps({"id": 2, "method": "SUBSCRIBE", "params": ["btcusdt@depth@100ms"]}))
        assert json.loads(await asyncio.wait_for(stream.recv(), 5)) == {"result": None, "id": 2}


async def check(path: Path) -> Outcome:
    outcome, remark = await asyncio.to_thread(replay, path)
    assert remark == ""
    assert outcome.difference == ""
    assert outcome.run_hash == outcome.recorded_hash
    assert outcome.is_same
    return outcome


@pytest.mark.parametrize("options", [{"held_at": NOON, "seed": 1}, {}], ids=["held", "running"])
async def test_a_session_is_replayed_to_the_same_hash(tmp_path: Path, options: dict[str, Any]) -> None:
    path = tmp_path / "run.papernet"
    async with recorded(path, **options) as visitor:
        await listen(visitor)
    assert (await check(path)).steps > 10
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_two_runs_with_a_held_clock_and_a_seed_have_the_same_hash(tmp_path: Path) -> None:
    hashes = []
    for name in ("one", "two"):
        async with recorded(tmp_path / name, held_at=NOON, seed=1, listen_keys=True) as visitor:
            await trade(visitor)
            key = f"X-MBX-APIKEY: {BOB.api_key}"
            assert len((await visitor.ask("POST", "/api/v3/userDataStream", b"", key)).json["listenKey"]) == 64
            await trade(visitor)
        hashes.append((await check(tmp_path / name)).run_hash)
    assert hashes[0] == hashes[1]


async def test_time_that_is_turned_is_replayed(tmp_path: Path) -> None:
    path = tmp_path / "run.papernet"
    async with recorded(path, held_at=NOON) as visitor, connect(f"ws://127.0.0.1:{visitor.node.port}/ws/btcusdt@trade"):
        await trade(visitor)
        for turn, body in (("step", {"span": "90s"}), ("jump", {"span": "1h"}), ("run", {"rate": 2})):
            assert (await visitor.control("POST", f"/clock/{turn}", body)).status == 200
        await trade(visitor)
        await visitor.control("POST", "/clock/hold")
        await trade(visitor)
    await check(path)


async def test_a_market_is_replayed(tmp_path: Path) -> None:
    path = tmp_path / "run.papernet"
    async with recorded(path, market="sim", held_at=NOON, seed=3) as visitor:
        await visitor.control("POST", "/clock/step", {"span": "5s"})
        await visitor.ask("GET", "/api/v3/depth?symbol=BTCUSDT&limit=100")
        await visitor.control("POST", "/clock/jump", {"span": "1h"})
        await visitor.ask("GET", "/api/v3/ticker/24hr")
    await check(path)


async def test_states_that_come_back_and_resets_are_replayed(tmp_path: Path) -> None:
    path = tmp_path / "run.papernet"
    async with network(held_at=NOON) as visitor:
        await trade(visitor)
        await visitor.control("POST", "/checkpoints", {"name": "before"})
        recorder = await visitor.node.record(path)
        await trade(visitor)
        await visitor.control("POST", "/reset", {})
        await trade(visitor)
        await visitor.control("POST", "/checkpoints", {"name": "after"})
        for name in ("before", "after", "before"):
            async with connect(f"ws://127.0.0.1:{visitor.node.port}/ws/btcusdt@trade") as stream:
                assert (await visitor.control("POST", "/checkpoints/restore", {"name": name})).status == 200
                await stream.wait_closed()
            await trade(visitor)
    recorder.close()
    await check(path)


async def test_a_directory_is_recorded_like_memory(tmp_path: Path) -> None:
    path = tmp_path / "run.papernet"
    async with recorded(path, state=tmp_path / "state") as visitor:
        await listen(visitor)
        token = visitor.node.token.encode()
        await visitor.control("GET", "/accounts")
    await check(path)
    assert token not in path.read_bytes()


async def test_a_difference_is_told_by_its_place(tmp_path: Path) -> None:
    path = tmp_path / "run.papernet"
    async with recorded(path, held_at=NOON) as visitor:
        await listen(visitor)
    rows = list(read_recording(path.read_bytes()))
    said = [place for place, row in enumerate(rows) if isinstance(row, Said)]
    changed = list(rows)
    changed[said[2]] = Said(rows[said[2]].number, b"another!")  # type: ignore[union-attr]
    outcome = await Replay(iter(changed)).run()
    assert not outcome.is_same
    assert "of REST, in step" in outcome.difference or "on WebSocket" in outcome.difference
    told = next(place for place, row in enumerate(rows) if isinstance(row, Told))
    changed = [row for place, row in enumerate(rows) if place != told]
    assert "is missing" in (await Replay(iter(changed)).run()).difference or not (await Replay(iter(changed)).run()).is_same


async def test_a_recording_without_an_end_is_replayed_as_far_as_it_goes(tmp_path: Path) -> None:
    path = tmp_path / "run.papernet"
    async with recorded(path, held_at=NOON) as visitor:
        await trade(visitor)
    whole = path.read_bytes()
    outcome = await Replay(read_recording(whole[:-10])).run()
    assert (outcome.recorded_hash, outcome.difference) == ("", "")
    assert outcome.is_same


def test_what_is_no_recording_is_told(tmp_path: Path) -> None:
    path = tmp_path / "run.papernet"
    with pytest.raises(RecordingError, match="no such file"):
        replay(path)
    path.write_bytes(b"something else")
    with pytest.raises(RecordingError, match="it is no recording of papernet"):
        replay(path)
    path.write_bytes(b"PNETRUN\n\x00\x63")
    with pytest.raises(RecordingError, match="has format 99, and this papernet reads format 1"):
        replay(path)
    path.write_bytes(b"PNETRUN\n\x00\x01")
    with pytest.raises(RecordingError, match="the recording has no beginning"):
        replay(path)


async def test_what_goes_wrong_on_purpose_is_replayed(tmp_path: Path) -> None:
    path = tmp_path / "run.papernet"
    async with recorded(path, held_at=NOON) as visitor:
        for rule in (
            {"effect": "code-1007", "operation": "order.place", "nth": 2},
            {"effect": "delay-request", "operation": "account.status", "span": "2s"},
            {"effect": "drop", "door": "streams", "every": 2},
        ):
            answer = await visitor.control("POST", "/faults", rule)
            assert answer.status == 200, answer.body
        async with connect(f"ws://127.0.0.1:{visitor.node.port}/ws/btcusdt@trade"):
            first = await visitor.order("50000.00")
            second = await visitor.order("50000.00", "SELL", BOB)
            assert (first.status, second.json["code"]) == (200, -1007)
            late = asyncio.ensure_future(visitor.signed("GET", "/api/v3/account"))
            while not visitor.node._doors.faults.deferred.next_at:
                await asyncio.sleep(0)
            await visitor.control("POST", "/clock/step", {"span": "3s"})
            assert (await late).status == 200
    await check(path)
