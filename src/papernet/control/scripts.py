"""What a scenario is: a small file of timed steps, each one call of the control plane.

Order of work.  A script is checked once, when a run begins: its parameters are put in, its repetitions counted out, its times
                read. What is left of it are planned steps in the order of their times; their formulas are worked out later.
Invariant.      A plan depends on the script and the parameters alone. It turns no clock and begins no other scenario.
Does not.       Carry anything out, or know symbols and prices.
Units.          Times are microseconds from the begin of the run.
"""

from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct

from papernet.control.bodies import BadBodyError
from papernet.control.formulas import check, is_formula
from papernet.control.times import SpanText, read_span

STEPS_MAX: Final = 2_000
_PARAMETERS_MAX: Final = 30
_DEPTH_MAX: Final = 50
_TEXT_MAX: Final = 10_000
_METHODS: Final = ("POST", "DELETE")
# What waits for others to finish, or begins what is under way already.
_NOT_FROM_HERE: Final = ("/clock", "/checkpoints", "/scenarios")


class Step(Struct, forbid_unknown_fields=True):
    """One call, such as "POST /fills/print"; with `times`, so many of them, each `every` after the one before."""

    call: str
    at: SpanText = 0
    body: dict[str, Any] = {}
    times: int | str = 1
    every: SpanText = 0


class Script(Struct, forbid_unknown_fields=True):
    """A scenario; `parameters` are what a run may say otherwise, with what they are when it does not."""

    name: str
    steps: list[Step]
    about: str = ""
    parameters: dict[str, str] = {}


class Planned(Struct, frozen=True, array_like=True):
    """One call of a run: when, what, and which of how many repetitions it is; formulas stand in the body as they are."""

    at: int
    method: str
    path: str
    body: dict[str, Any]
    number: int
    count: int


def parameters_of(script: Script, given: Mapping[str, str]) -> dict[str, str]:
    """Return a script's parameters as a run has them."""
    unknown = [name for name in given if name not in script.parameters]
    if unknown:
        known = ", ".join(script.parameters) or "none"
        raise BadBodyError(f"{unknown[0][:40]!r} is no parameter of {script.name[:40]}, which has {known}")
    return {**script.parameters, **given}


def plan(script: Script, parameters: Mapping[str, str]) -> list[Planned]:
    """Return the calls of a run, in the order of their times, equal ones as they stand in the file."""
    if len(parameters) > _PARAMETERS_MAX:
        raise BadBodyError(f"a scenario has at most {_PARAMETERS_MAX} parameters")
    planned: list[Planned] = []
    for place, step in enumerate(script.steps, 1):
        where = f"step {place}"
        method, _, path = _put_in(step.call, parameters).partition(" ")
        if method not in _METHODS or not path.startswith("/"):
            raise BadBodyError(f"{where}: {step.call[:60]!r} is no call, such as 'POST /fills/print'")
        if path.startswith(_NOT_FROM_HERE):
            raise BadBodyError(f"{where}: a scenario does not call {path[:60]}")
        begins, every = _span(step.at, parameters, where), _span(step.every, parameters, where)
        count = _count(step.times, parameters, where)
        if len(planned) + count > STEPS_MAX:
            raise BadBodyError(f"{where}: a scenario has at most {STEPS_MAX} steps, repetitions counted")
        body = _filled(step.body, parameters)
        planned += [Planned(begins + number * every, method, path, body, number, count) for number in range(count)]
    if not planned:
        raise BadBodyError("a scenario has at least one step")
    planned.sort(key=lambda step: step.at)
    return planned


def _count(times: int | str, parameters: Mapping[str, str], where: str) -> int:
    text = _put_in(str(times), parameters)
    if not text.isdecimal() or not 1 <= int(text[:9]) <= STEPS_MAX:
        raise BadBodyError(f"{where}: times: {text[:40]!r} is not from 1 to {STEPS_MAX}")
    return int(text[:9])


def _span(text: SpanText, parameters: Mapping[str, str], where: str) -> int:
    return read_span(_put_in(text, parameters) if isinstance(text, str) else text, where)


def _filled(value: Any, parameters: Mapping[str, str], depth: int = 0) -> Any:  # noqa: ANN401  decoded JSON
    """Return a body with its parameters put in; formulas are checked."""
    if depth > _DEPTH_MAX:
        raise BadBodyError("the body of a step is nested too deeply")
    if isinstance(value, dict):
        return {name: _filled(inner, parameters, depth + 1) for name, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, parameters, depth + 1) for inner in value]
    if not isinstance(value, str):
        return value
    text = _put_in(value, parameters)
    if is_formula(text):
        check(text)
    return text


def _put_in(text: str, parameters: Mapping[str, str]) -> str:
    """Return a text with each {parameter} put in."""
    for name, value in parameters.items():
        text = text.replace("{" + name + "}", value)
        if len(text) > _TEXT_MAX:
            raise BadBodyError(f"a text of a step has more than {_TEXT_MAX} characters with its parameters put in")
    return text
