"""The calls that turn papernet's clock.

Order of work.  Body, then the clock is turned by whoever lets time pass, one turn after the other; the answer tells how the
                clock stands then, once that is durable.
Invariant.      Time is never turned back: who asks for that is refused, and nothing has changed.
Does not.       Let anything happen: `Turning` does.
Units.          Microseconds UTC, rates in thousandths of real time; on the wire a rate is a number of times real time.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Final, Protocol

from msgspec import Struct

from papernet.app.clock import LAST, RATE_MAX, REAL_RATE, Clock
from papernet.control import bodies
from papernet.control.bodies import BadBodyError
from papernet.control.calls import Call
from papernet.control.messages import ControlRequest, ControlResponse, error, later, ok
from papernet.control.times import SpanText, TimeText, read_span, read_time, time_fields
from papernet.core.dates import iso
from papernet.core.events import Applied


class Turning(Protocol):
    """Who turns the clock and lets happen what is due; each returns the entry that keeps how the clock stands."""

    async def hold(self) -> Applied:
        """Let time stand still."""
        ...

    async def run(self, rate: int) -> Applied:
        """Let time pass at a rate."""
        ...

    async def step(self, span: int) -> Applied:
        """Live through a span."""
        ...

    async def jump(self, span: int) -> Applied:
        """Leap over a span."""
        ...

    async def move_to(self, at: int) -> Applied | None:
        """Leap to a time; None: it is over already."""
        ...


class RunBody(Struct, forbid_unknown_fields=True):
    """How fast time is to pass: 1 is real time."""

    rate: int | float | str = 1


class SpanBody(Struct, forbid_unknown_fields=True):
    """How much time is to pass."""

    span: SpanText


class TimeBody(Struct, forbid_unknown_fields=True):
    """What time it is to be."""

    time: TimeText


class ClockCalls:
    """Answers the calls about the clock."""

    def __init__(self, clock: Clock, turning: Turning) -> None:
        """Read `clock`, which `turning` turns."""
        self._clock: Final = clock
        self._turning: Final = turning

    def rows(self) -> tuple[Call, ...]:
        """Return the calls."""
        return (
            Call(method="GET", path="/clock", handler=self.show, summary="Tell what time it is, and how it passes"),
            Call(method="POST", path="/clock/hold", handler=self.hold, summary="Let time stand still"),
            Call(
                method="POST",
                path="/clock/run",
                handler=self.run,
                summary="Let time pass at a rate from where it stands",
                body=RunBody,
            ),
            Call(
                method="POST",
                path="/clock/step",
                handler=self.step,
                summary="Live through a span, with everything that happens in it",
                body=SpanBody,
            ),
            Call(
                method="POST",
                path="/clock/set",
                handler=self.set,
                summary="Leap to a time",
                body=TimeBody,
            ),
            Call(
                method="POST",
                path="/clock/jump",
                handler=self.jump,
                summary="Leap over a span",
                body=SpanBody,
            ),
        )

    def show(self, _request: ControlRequest, _name: str, _now: int) -> ControlResponse:
        """Tell what time it is, and how it passes."""
        return ok(self._row())

    def hold(self, _request: ControlRequest, _name: str, _now: int) -> ControlResponse:
        """Let time stand still."""
        return later(self._turned(self._turning.hold))

    def run(self, request: ControlRequest, _name: str, _now: int) -> ControlResponse:
        """Let time pass at a rate from where it stands."""
        rate = _thousandths(bodies.decode(request.body, RunBody).rate)
        return later(self._turned(lambda: self._turning.run(rate)))

    def step(self, request: ControlRequest, _name: str, _now: int) -> ControlResponse:
        """Live through a span."""
        span = read_span(bodies.decode(request.body, SpanBody).span)
        return self._beyond(span) or later(self._turned(lambda: self._turning.step(span)))

    def jump(self, request: ControlRequest, _name: str, _now: int) -> ControlResponse:
        """Leap over a span."""
        span = read_span(bodies.decode(request.body, SpanBody).span)
        return self._beyond(span) or later(self._turned(lambda: self._turning.jump(span)))

    def set(self, request: ControlRequest, _name: str, _now: int) -> ControlResponse:
        """Leap to a time."""
        at = read_time(bodies.decode(request.body, TimeBody).time)
        return later(self._turned(lambda: self._turning.move_to(at)))

    def _beyond(self, span: int) -> ControlResponse | None:
        """Return why a span is too long from here, or None."""
        return error(409, f"there is no time behind {iso(LAST)}") if self._clock.now() + span > LAST else None

    async def _turned(self, turn: Callable[[], Awaitable[Applied | None]]) -> ControlResponse:
        applied = await turn()
        if applied is None:
            return error(409, f"it is {iso(self._clock.now())} already, and time is never turned back")
        return ok(self._row(), applied)

    def _row(self) -> dict[str, Any]:
        clock = self._clock
        whole, rest = divmod(clock.rate, REAL_RATE)
        return {**time_fields(clock.now()), "held": clock.is_held, "rate": clock.rate / REAL_RATE if rest else whole}


def _thousandths(rate: float | str) -> int:
    """Return a rate in thousandths of real time; raises BadBodyError."""
    try:
        found = round(float(rate) * REAL_RATE)
    except (ValueError, OverflowError):
        found = 0
    if not 0 < found <= RATE_MAX:
        raise BadBodyError(f"rate: {rate!r} is not from 0.001 to {RATE_MAX // REAL_RATE}; to let time stand still, hold it")
    return found
