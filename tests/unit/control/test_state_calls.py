"""The calls about states: what they hand over, and how they tell what came of it."""

import asyncio
import json
from typing import Any

import pytest

from papernet.control.bodies import BadBodyError
from papernet.control.calls import CallTable
from papernet.control.messages import ControlRequest, ControlResponse
from papernet.control.state_calls import ForkRow, KeptRow, StateCalls, StateRefusedError

NOON = 1_768_478_400_000_000
ROW = {"name": "x", "time": "2026-01-15T12:00:00.000Z", "timestamp_ms": NOON // 1_000, "bytes": 12}


class Keeper:
    """Notes what it is asked for; refuses what is called "no"."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str | None]] = []

    def rows(self) -> list[KeptRow]:
        return [KeptRow("x", NOON, 12)]

    async def save(self, name: str) -> KeptRow:
        return self._do("save", name)

    async def restore(self, name: str) -> KeptRow:
        return self._do("restore", name)

    async def remove(self, name: str) -> None:
        self._do("remove", name)

    async def fork(self, name: str | None) -> ForkRow:
        self._do("fork", name)
        return ForkRow("http://h:1", "ws://h:1", "http://h:1/papernet/v1", 1)

    def _do(self, what: str, name: str | None) -> KeptRow:
        if name == "no":
            raise StateRefusedError(404, "there is none")
        self.asked.append((what, name))
        return KeptRow(name or "", NOON, 12)


def ask(keeper: Keeper, method: str, path: str, body: object = None, query: bytes = b"") -> tuple[int, Any]:
    """Return status and JSON of a call."""
    call = CallTable(StateCalls(keeper).rows()).at(path)[0][method]
    payload = b"" if body is None else json.dumps(body).encode()

    async def answer() -> ControlResponse:
        response = call.handler(ControlRequest(method, path, query, {}, payload, local=True), "", NOON)
        return response if response.later is None else await response.later

    response = asyncio.run(answer())
    return response.status, json.loads(response.body)


def test_states_are_told() -> None:
    assert ask(Keeper(), "GET", "/checkpoints") == (200, [ROW])


@pytest.mark.parametrize(
    ("method", "path", "what"),
    [("POST", "/checkpoints", "save"), ("POST", "/checkpoints/restore", "restore")],
)
def test_a_state_is_kept_and_brought_back(method: str, path: str, what: str) -> None:
    keeper = Keeper()
    assert ask(keeper, method, path, {"name": "x"}) == (200, ROW)
    assert keeper.asked == [(what, "x")]


def test_a_state_is_let_go_of_by_body_or_query() -> None:
    keeper = Keeper()
    assert ask(keeper, "DELETE", "/checkpoints", {"name": "x"}) == (200, {"name": "x", "removed": True})
    assert ask(keeper, "DELETE", "/checkpoints", query=b"name=y") == (200, {"name": "y", "removed": True})
    assert keeper.asked == [("remove", "x"), ("remove", "y")]


@pytest.mark.parametrize(("body", "name"), [({"name": "x"}, "x"), ({}, None), (None, None), ({"name": None}, None)])
def test_a_fork_begins_with_a_state_or_with_that_of_now(body: object, name: str | None) -> None:
    keeper = Keeper()
    status, told = ask(keeper, "POST", "/checkpoints/fork", body)
    assert status == 200
    assert told == {
        "name": name,
        "rest_url": "http://h:1",
        "ws_url": "ws://h:1",
        "control_url": "http://h:1/papernet/v1",
        "port": 1,
    }
    assert keeper.asked == [("fork", name)]


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/checkpoints"), ("POST", "/checkpoints/restore"), ("POST", "/checkpoints/fork"), ("DELETE", "/checkpoints")],
)
def test_a_refusal_is_told_with_its_status(method: str, path: str) -> None:
    assert ask(Keeper(), method, path, {"name": "no"}) == (404, {"error": "there is none"})


def test_bodies_that_name_nothing_are_refused() -> None:
    for path, body in (("/checkpoints", {}), ("/checkpoints/restore", {}), ("/checkpoints/fork", {"name": ""})):
        with pytest.raises(BadBodyError):
            ask(Keeper(), "POST", path, body)
