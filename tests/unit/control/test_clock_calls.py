"""The calls about the clock: what they ask of whoever turns it, and what they answer."""

from collections.abc import Awaitable
from typing import Any

import pytest
from msgspec import json

from papernet.app.clock import Clock
from papernet.control.bodies import BadBodyError
from papernet.control.clock_calls import ClockCalls
from papernet.control.messages import ControlRequest, ControlResponse
from papernet.core.events import Applied

NOW = 1_767_323_045_678_000


class Hand:
    """Turns nothing, and remembers what it was asked; `move_to` says no to what is over."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.turned: list[tuple[str, int]] = []

    async def hold(self) -> Applied:
        self.clock.hold()
        return self._noted("hold", 0)

    async def run(self, rate: int) -> Applied:
        self.clock.run(rate)
        return self._noted("run", rate)

    async def step(self, span: int) -> Applied:
        return self._noted("step", span)

    async def jump(self, span: int) -> Applied:
        return self._noted("jump", span)

    async def move_to(self, at: int) -> Applied | None:
        return None if at < NOW else self._noted("move_to", at)

    def _noted(self, verb: str, how: int) -> Applied:
        self.turned.append((verb, how))
        return Applied(41, NOW, ())


@pytest.fixture
def hand() -> Hand:
    return Hand(Clock(lambda: NOW))


def ask(hand: Hand, method: str, path: str, body: object = None) -> tuple[int, Any, int]:
    """Return status, JSON and the entry to wait for."""
    rows = {(row.method, row.path): row for row in ClockCalls(hand.clock, hand).rows()}
    payload = b"" if body is None else json.encode(body)
    answer = rows[method, path].handler(ControlRequest(method, path, b"", {}, payload, True), "", NOW)
    if answer.later is not None:
        answer = finished(answer.later)
    return answer.status, json.decode(answer.body), answer.durable_seq


def finished(work: Awaitable[ControlResponse]) -> ControlResponse:
    """Return what comes of work that waits for nothing."""
    steps = work.__await__()
    with pytest.raises(StopIteration) as stop:
        next(steps)
    response: ControlResponse = stop.value.value
    return response


def test_the_clock_is_shown_both_ways(hand: Hand) -> None:
    row = {"time": "2026-01-02T03:04:05.678Z", "timestamp_ms": NOW // 1_000, "held": False, "rate": 1}
    assert ask(hand, "GET", "/clock") == (200, row, 0)
    assert hand.turned == []


@pytest.mark.parametrize(
    ("path", "body", "turned"),
    [
        ("/clock/hold", None, ("hold", 0)),
        ("/clock/run", None, ("run", 1_000)),
        ("/clock/run", {"rate": 60}, ("run", 60_000)),
        ("/clock/run", {"rate": 0.5}, ("run", 500)),
        ("/clock/run", {"rate": "0.001"}, ("run", 1)),
        ("/clock/run", {"rate": 1_000_000}, ("run", 1_000_000_000)),
        ("/clock/step", {"span": "5s"}, ("step", 5_000_000)),
        ("/clock/jump", {"span": "1d"}, ("jump", 86_400_000_000)),
        ("/clock/set", {"time": NOW // 1_000 + 1}, ("move_to", NOW + 1_000)),
        ("/clock/set", {"time": "2026-01-03"}, ("move_to", 1_767_398_400_000_000)),
    ],
)
def test_turns_are_handed_on_and_answered_once_they_are_kept(
    hand: Hand, path: str, body: object, turned: tuple[str, int]
) -> None:
    status, row, seq = ask(hand, "POST", path, body)
    assert (status, hand.turned, seq) == (200, [turned], 41)
    assert row["held"] is (path == "/clock/hold")
    if turned[0] == "run":
        assert row["rate"] == turned[1] / 1_000


def test_backward_is_a_conflict(hand: Hand) -> None:
    status, row, _ = ask(hand, "POST", "/clock/set", {"time": "2026-01-01"})
    assert status == 409
    assert row["error"] == "it is 2026-01-02T03:04:05.678Z already, and time is never turned back"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/clock/run", {"rate": 0}),
        ("/clock/run", {"rate": -1}),
        ("/clock/run", {"rate": "nan"}),
        ("/clock/run", {"rate": "inf"}),
        ("/clock/run", {"rate": 0.0001}),
        ("/clock/run", {"rate": 1_000_001}),
        ("/clock/run", {"speed": 1}),
        ("/clock/step", None),
        ("/clock/step", {"span": "a while"}),
        ("/clock/jump", {"span": None}),
        ("/clock/set", {"time": "noon"}),
        ("/clock/set", {"time": 1.5}),
    ],
)
def test_bad_bodies_turn_nothing(hand: Hand, path: str, body: object) -> None:
    with pytest.raises(BadBodyError):
        ask(hand, "POST", path, body)
    assert hand.turned == []
