"""The calls about scenarios: which there are, running one, stopping one.

Order of work.  Body, script, parameters; the first that is not right answers. Of a run that began, the answer tells what its
                first steps came to.
Does not.       Read files: the scripts that ship are handed over, others come in the body.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from msgspec import Struct

from papernet.control import bodies
from papernet.control.calls import Call
from papernet.control.house import CannotError
from papernet.control.messages import ControlRequest, ControlResponse, error, ok
from papernet.control.scenarios import Outcome, Progress, Run, Scenarios, is_over
from papernet.control.scripts import Script
from papernet.control.times import time_fields

_SEED_MAX: Final = (1 << 63) - 1


class RunBody(Struct, forbid_unknown_fields=True):
    """POST /scenarios/run: a scenario by its name, or a script of one's own."""

    name: str = ""
    script: Script | None = None
    symbol: str | None = None
    parameters: dict[str, str | int | float] = {}
    seed: int = 1


class StopBody(Struct, forbid_unknown_fields=True):
    """POST /scenarios/stop."""

    id: int


class ScenarioCalls:
    """Answers the calls about scenarios."""

    def __init__(self, scenarios: Scenarios, scripts: Callable[[], Mapping[str, Script]]) -> None:
        """Run what `scripts` returns, by name, or what comes in."""
        self._scenarios: Final = scenarios
        self._scripts: Final = scripts

    def rows(self) -> tuple[Call, ...]:
        """Return the calls."""
        return (
            Call(method="GET", path="/scenarios", handler=self.show, summary="List scenarios, and the runs of some"),
            Call(method="POST", path="/scenarios/run", handler=self.run, summary="Run a scenario", body=RunBody),
            Call(method="POST", path="/scenarios/stop", handler=self.stop, summary="Stop a run", body=StopBody),
        )

    def show(self, _request: ControlRequest, _name: str, _now: int) -> ControlResponse:
        """List scenarios, and the runs of some."""
        known = [
            {"name": script.name, "about": script.about, "parameters": script.parameters} for script in self._scripts().values()
        ]
        return ok({"scenarios": known, "runs": [_row(*row) for row in self._scenarios.rows()]})

    def run(self, request: ControlRequest, _name: str, now: int) -> ControlResponse:
        """Run a scenario."""
        body = bodies.decode(request.body, RunBody)
        if (body.script is None) == (not body.name):
            return error(400, "say which scenario: name, or script")
        if not 0 <= body.seed <= _SEED_MAX:
            return error(400, f"seed: from 0 to {_SEED_MAX}")
        script = body.script or self._scripts().get(body.name)
        if script is None:
            return error(404, f"there is no scenario {body.name[:40]!r}; there are {', '.join(self._scripts())}")
        given = {name: str(value) for name, value in body.parameters.items()}
        if body.symbol is not None:
            given["symbol"] = body.symbol
        try:
            run = self._scenarios.begin(script, given, body.seed, now)
        except CannotError as problem:
            return error(problem.status, str(problem))
        return ok(_row(*self._scenarios.find(run.id)), self._scenarios.last)

    def stop(self, request: ControlRequest, _name: str, now: int) -> ControlResponse:
        """Stop a run."""
        number = bodies.decode(request.body, StopBody).id
        if not self._scenarios.stop(number, now):
            return error(404, f"no scenario is under way with the id {number}")
        return ok(_row(*self._scenarios.find(number)), self._scenarios.last)


def _row(run: Run, progress: Progress) -> dict[str, Any]:
    status = "stopped" if progress.stopped else "ended" if is_over(run, progress) else "running"
    return {
        "id": run.id,
        "name": run.name,
        "status": status,
        "parameters": run.parameters,
        "seed": run.seed,
        "begun": time_fields(run.begun_at),
        "ends": time_fields(run.begun_at + run.steps[-1].at),
        "steps": len(run.steps),
        "done": progress.next,
        "failed": progress.failed,
        "outcomes": [_told(run, outcome) for outcome in progress.outcomes],
    }


def _told(run: Run, outcome: Outcome) -> dict[str, Any]:
    step = run.steps[outcome.place]
    row = {"step": outcome.place + 1, "call": f"{step.method} {step.path}", **time_fields(outcome.at), "status": outcome.status}
    return {**row, "error": outcome.error} if outcome.error else row
