"""Replays of scripts that are not what a recorder writes; whole sessions are replayed in tests/control."""

from collections.abc import Sequence

import pytest
from msgspec import json

from papernet.control.messages import ControlRequest
from papernet.protocols.rest.request import Request
from papernet.servers.config import packaged_catalogue
from papernet.servers.node import Options, recorded
from papernet.servers.recording import (
    RECORDED_TOKEN,
    Asked,
    Beginning,
    Controlled,
    Drawn,
    End,
    RecordingError,
    Returned,
    Row,
    Said,
    Turned,
)
from papernet.servers.replaying import Outcome, Replay
from papernet.servers.states import encode_state
from tests.support.visitor import network

NOW = 1_768_478_400_000_000
OPTIONS = Options(market="none", options=False, held_at=NOW)
BEGINNING = Beginning("1", json.encode(recorded(OPTIONS)), ("127.0.0.1", 8080), packaged_catalogue())
PING = Asked("rest", Request("GET", "/api/v3/ping", b"", {b"host": b"h"}, b"", "127.0.0.1", NOW), NOW)


async def begun() -> list[Row]:
    """Return how a recording begins."""
    async with network(options=False, held_at=NOW) as visitor:
        state = await visitor.node.capture("x")
        return [BEGINNING, Turned(visitor.node.clock.setting), Returned(b"digest", encode_state(state), NOW)]


async def replayed(rows: Sequence[Row]) -> Outcome:
    return await Replay(iter(rows)).run()


async def test_what_is_said_is_compared_in_order() -> None:
    rows = await begun()
    alone = await replayed([*rows, PING])
    assert alone.difference == "answer 1 of REST, in step 3, was not given then"
    assert alone.steps == 3
    missing = await replayed([*rows, Said(4, b"12345678")])
    assert missing.difference == "answer 1 on WebSocket 4 is missing"
    assert not missing.is_same


async def test_the_hash_alone_may_tell_a_difference() -> None:
    rows = await begun()
    assert (await replayed([*rows, End((await replayed(rows)).run_hash)])).is_same
    assert not (await replayed([*rows, End("another")])).is_same


async def test_keys_are_those_that_were_drawn() -> None:
    rows = await begun()
    headers = {b"authorization": f"Bearer {RECORDED_TOKEN}".encode()}
    request = ControlRequest("POST", "/papernet/v1/keys", b"", headers, b'{"account":"alice"}', local=True)
    keys = [Drawn("A" * 64), Drawn("B" * 64)]
    assert (await replayed([*rows, Controlled(request, NOW), *keys])).is_same
    with pytest.raises(RecordingError, match="draws a key, and then it drew none"):
        await replayed([*rows, Controlled(request, NOW), PING])
    with pytest.raises(RecordingError, match="a row 'drawn' stands where none belongs"):
        await replayed([*rows, *keys])


async def test_a_recording_that_begins_with_no_state_is_refused() -> None:
    with pytest.raises(RecordingError, match="begins with no state"):
        await replayed([BEGINNING, PING])
    with pytest.raises(RecordingError, match="has no beginning"):
        Replay(iter([PING]))
