"""Without the token nothing happens, at any call, and 401 says so."""

import pytest
from msgspec import json

from papernet.control.calls import Call
from papernet.control.door import PREFIX
from tests.support.held_node import held_node
from tests.support.whole_node import control_calls

CALLS = [call for call in control_calls() if call.needs_token]


@pytest.mark.parametrize(
    "given", [None, "", "Bearer", "Bearer ", "Bearer wrong", "Basic {token}", "{token}", "Bearer {token}x"]
)
async def test_every_call_wants_the_token(given: str | None) -> None:
    async with held_node(options=False) as net:
        node, seq = net.node, net.node.world.sequencer.last_seq
        headers = [] if given is None else [(b"authorization", given.format(token=node.token).encode())]
        for call in CALLS:
            path = PREFIX + call.path.replace("{name}", "alice")
            answer = await net._send(call.method, path, b"", json.encode({}), headers)
            assert answer.status == 401, call
            assert "token" in answer.body["error"]
        assert node.world.sequencer.last_seq == seq
        assert node.clock.is_held


def test_only_health_is_for_everybody() -> None:
    free: list[Call] = [call for call in control_calls() if not call.needs_token]
    assert [(call.method, call.path) for call in free] == [("GET", "/health")]
