"""The clock of a network, and what goes wrong in it: the groups `clock` and `faults` of the control plane as methods.

Does not.       Mean anything by itself: each method is one call, and docs/clock.md and docs/faults.md say what it does.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias, TypedDict, Unpack

from papernet.testing import spelling
from papernet.testing.asking import Ask
from papernet.testing.spelling import Amount, Span, Time

# what a list of JSON objects is
Rows: TypeAlias = list[dict[str, Any]]

_SECOND: Final = 1_000


class ClockVerbs:
    """`papernet.clock`: how time passes. All of the protocol's time follows it."""

    def __init__(self, ask: Ask) -> None:
        """Ask through `ask`."""
        self._ask: Final = ask

    def show(self) -> dict[str, Any]:
        """Return how the clock stands."""
        return dict(self._ask("GET", "/clock"))

    def now_ms(self) -> int:
        """Return the network's time in milliseconds, as `timestamp` of a request wants it."""
        return int(self.show()["timestamp_ms"])

    def now(self) -> datetime:
        """Return the network's time, in UTC, to the millisecond."""
        seconds, milliseconds = divmod(self.now_ms(), _SECOND)
        return datetime.fromtimestamp(seconds, UTC).replace(microsecond=milliseconds * 1_000)

    def hold(self) -> dict[str, Any]:
        """Stop the clock: nothing changes by itself any more."""
        return dict(self._ask("POST", "/clock/hold"))

    def run(self, rate: Amount = 1) -> dict[str, Any]:
        """Let the clock run, `rate` times as fast as real time."""
        return dict(self._ask("POST", "/clock/run", {"rate": spelling.number(rate)}))

    def step(self, span: Span | None = None, **units: float) -> dict[str, Any]:
        """Live through a span in full: `step("5s")`, `step(minutes=1)`."""
        return dict(self._ask("POST", "/clock/step", {"span": spelling.span(span, units)}))

    def jump(self, span: Span | None = None, **units: float) -> dict[str, Any]:
        """Leap over a span: `jump(days=1)`; what is due in it happens, once and in order."""
        return dict(self._ask("POST", "/clock/jump", {"span": spelling.span(span, units)}))

    def set(self, time: Time) -> dict[str, Any]:
        """Leap to a time, which is not before now."""
        return dict(self._ask("POST", "/clock/set", {"time": spelling.time(time)}))


class Rule(TypedDict, total=False):
    """When something goes wrong, and how; see docs/faults.md. Patterns may hold "*" and "?"."""

    door: str
    operation: str
    stream: str
    account: str
    api_key: str
    symbol: str
    nth: int
    every: int
    times: int
    since: Time
    until: Time
    lasting: Span
    probability: Amount
    span: Span
    count: int
    executed: bool


class FaultVerbs:
    """`papernet.faults`: what goes wrong, by rule."""

    def __init__(self, ask: Ask) -> None:
        """Ask through `ask`."""
        self._ask: Final = ask

    def add(self, effect: str, **rule: Unpack[Rule]) -> dict[str, Any]:
        """Add a rule about an effect of the catalogue, and return it with its id."""
        return dict(self._ask("POST", "/faults", spelling.fields(effect=effect, **rule)))

    def list(self) -> Rows:
        """Return the rules, with how often each was `seen` and `done`."""
        return list(self._ask("GET", "/faults")["faults"])

    def catalogue(self) -> Rows:
        """Return what a rule can do, and what a client sees of it."""
        return list(self._ask("GET", "/faults/catalogue")["effects"])

    def remove(self, rule: int | str | Mapping[str, Any]) -> dict[str, Any]:
        """Remove a rule, given as `add` returned it or by its id."""
        return dict(self._ask("DELETE", "/faults", id=rule["id"] if isinstance(rule, Mapping) else rule))

    def clear(self) -> dict[str, Any]:
        """Remove all rules."""
        return dict(self._ask("POST", "/faults/clear"))
