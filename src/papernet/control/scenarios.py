"""Scenarios under way: each planned step is carried out when papernet's clock gets to its time.

Order of work.  `begin` keeps a run with the state and does what is due at once; `release`, called by whoever lets time pass,
                does every step that became due, in the order of the times over all runs. Before a step the run notes that it
                was reached, afterwards what came of it.
Invariant.      All that a run is made of is staged, so that a restart, a restore and a fork go on where it was; a step is done
                once, or not at all when a process dies in the midst of it. Under a held clock nothing happens by itself. What
                is drawn follows from the seed and the place of the step alone.
Does not.       Read files, or mean anything by itself: a step is a call of the control plane, with its checks and its answer.
Units.          Microseconds UTC.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from msgspec import Struct, json

from papernet.control.bodies import BadBodyError
from papernet.control.calls import CallTable
from papernet.control.floors import floor_of
from papernet.control.formulas import is_formula, of_units, work_out
from papernet.control.house import CannotError, House
from papernet.control.messages import ControlRequest, ControlResponse, error
from papernet.control.scripts import Planned, Script, parameters_of, plan
from papernet.core.commands import Stage
from papernet.core.events import Applied
from papernet.core.units import SCALE, format_fixed

# under these names runs are staged: what a run is, and how far it is
_RUN: Final = "scenarios/"
_PROGRESS: Final = "scenarios-progress/"
_SYMBOL: Final = "symbol"
# How many runs that have ended are remembered, and how many may be under way.
_ENDED_KEPT: Final = 10
_RUNNING_MAX: Final = 20
_MASK: Final = (1 << 64) - 1
_NUMBER: Final = re.compile(r"-?[0-9]{1,20}(?:\.[0-9]{1,20})?", re.ASCII)
# which fields of bodies are prices, and which are quantities; in a row of two, the first and the second
_PRICES: Final = ("price", "bid", "ask", "spread")
_QUANTITIES: Final = ("quantity",)
_ROWS: Final = ("bids", "asks")
# Of the steps of a run only the newest are told.
_TOLD_MAX: Final = 50


class Outcome(Struct, frozen=True, array_like=True):
    """What came of one step: its place in the plan, when it was done, the answer's status, and what was wrong."""

    place: int
    at: int
    status: int
    error: str = ""


class Progress(Struct):
    """How far a run is: which step is next, whether it was stopped, and what came of those before."""

    next: int = 0
    stopped: bool = False
    failed: int = 0
    outcomes: list[Outcome] = []


class Run(Struct, frozen=True):
    """A scenario as it was begun. `start` is the symbol's price then, 0 when nobody knew one."""

    id: int
    name: str
    parameters: dict[str, str]
    seed: int
    begun_at: int
    start: int
    steps: list[Planned]


class Scenarios:
    """The runs of one network."""

    def __init__(self, house: House) -> None:
        """Take over the runs that are staged; `house` knows the exchange and the way in."""
        self._house: Final = house
        self._staged: Final = house.exchange.staged
        # what the steps call: set by whoever puts the door together
        self.calls: CallTable | None = None
        self._runs: Final[dict[int, tuple[Run, Progress]]] = {}
        for name, value in self._staged.items():
            if name.startswith(_RUN):
                run = json.decode(value, type=Run)
                progress = json.decode(self._staged[f"{_PROGRESS}{run.id}"], type=Progress)
                self._runs[run.id] = run, progress

    @property
    def next_at(self) -> int | None:
        """Return when the next step is due; None when there is none."""
        return min((_due(run, progress) for run, progress in self._runs.values() if _is_under_way(run, progress)), default=None)

    def release(self, now: int) -> None:
        """Carry out what is due."""
        while self._runs:
            due = [
                (_due(run, progress), run.id)
                for run, progress in self._runs.values()
                if _is_under_way(run, progress) and _due(run, progress) <= now
            ]
            if not due:
                return
            self._do_next(*self._runs[min(due)[1]], now)

    def begin(self, script: Script, given: Mapping[str, str], seed: int, now: int) -> Run:
        """Begin a run, and do what is due at once."""
        parameters = parameters_of(script, given)
        steps = plan(script, parameters)
        if sum(_is_under_way(*row) for row in self._runs.values()) >= _RUNNING_MAX:
            raise CannotError(f"{_RUNNING_MAX} scenarios are under way already")
        start = 0
        if _SYMBOL in parameters:
            start = _price_of(self._house, parameters[_SYMBOL])["mid"] or 0
        number = max(self._runs, default=0) + 1
        run = Run(number, script.name, parameters, seed, now, start, steps)
        self._forget_old()
        self._runs[number] = run, Progress()
        self._house.do(Stage(f"{_RUN}{number}", json.encode(run)), now)
        self._keep(run, self._runs[number][1], now)
        self.release(now)
        return run

    def stop(self, number: int, now: int) -> bool:
        """Stop a run; return whether it was under way."""
        row = self._runs.get(number)
        if row is None or not _is_under_way(*row):
            return False
        row[1].stopped = True
        self._keep(*row, now)
        return True

    @property
    def last(self) -> Applied | None:
        """Return what the last command brought about that keeps how far runs are."""
        return self._house.last

    def rows(self) -> list[tuple[Run, Progress]]:
        """Return the runs, the oldest first."""
        return list(self._runs.values())

    def find(self, number: int) -> tuple[Run, Progress]:
        """Return a run."""
        return self._runs[number]

    def _do_next(self, run: Run, progress: Progress, now: int) -> None:
        place = progress.next
        progress.next = place + 1
        self._keep(run, progress, now)
        response = self._carry_out(run, place, now)
        problem = ""
        if response.status != 200:
            problem = str(json.decode(response.body).get("error", ""))
            progress.failed += 1
        progress.outcomes = [*progress.outcomes[1 - _TOLD_MAX :], Outcome(place, now, response.status, problem)]
        self._keep(run, progress, now)

    def _carry_out(self, run: Run, place: int, now: int) -> ControlResponse:
        step, calls = run.steps[place], self.calls
        assert calls is not None
        methods, name = calls.at(step.path)
        call = methods.get(step.method)
        if call is None:
            return error(404, f"there is no call {step.method} {step.path}")
        try:
            body = json.encode(self._worked_out(run, place, now))
            return call.handler(ControlRequest(step.method, step.path, b"", {}, body, local=True), name, now)
        except BadBodyError as problem:
            return error(400, str(problem))
        except CannotError as problem:
            return error(409, str(problem))

    def _worked_out(self, run: Run, place: int, now: int) -> Any:  # noqa: ANN401  to be encoded as JSON
        """Return a step's body with its formulas worked out."""
        step = run.steps[place]
        names: dict[str, Decimal | None] = {"n": Decimal(step.number), "times": Decimal(step.count)}
        names["noise"] = _noise(run.seed, place)
        symbol = run.parameters.get(_SYMBOL, "")
        prices = _price_of(self._house, symbol) if symbol else {}
        for name, price in {"start": run.start or None, **prices}.items():
            names[name] = None if price is None else of_units(price)
        for name, text in run.parameters.items():
            if _NUMBER.fullmatch(text):
                names[name] = Decimal(text)
        return self._fill_in(step.body, names, symbol, "", now)

    def _fill_in(self, value: Any, names: Mapping[str, Decimal | None], symbol: str, field: str, now: int) -> Any:  # noqa: ANN401
        if isinstance(value, dict):
            symbol = str(value.get(_SYMBOL, symbol))
            return {name: self._fill_in(inner, names, symbol, name, now) for name, inner in value.items()}
        if isinstance(value, list):
            # rows of (price, quantity)
            fields = (
                ("price", "quantity") if field in ("row", *_ROWS) and len(value) == 2 and not isinstance(value[0], list) else ()
            )
            inside = fields or ("row",) * len(value)
            return [self._fill_in(inner, names, symbol, name, now) for inner, name in zip(value, inside, strict=True)]
        if not isinstance(value, str) or not is_formula(value):
            return value
        number = work_out(value, names)
        if field in (*_PRICES, *_QUANTITIES) and symbol:
            floor = floor_of(self._house, symbol)
            if field in _QUANTITIES:
                number -= number % floor.step
            elif number > 0:
                number = floor.nearest(number)
        return format_fixed(number)

    def _keep(self, run: Run, progress: Progress, now: int) -> None:
        self._house.do(Stage(f"{_PROGRESS}{run.id}", json.encode(progress)), now)

    def _forget_old(self) -> None:
        """Let go of runs that ended long ago."""
        ended = [run.id for run, progress in self._runs.values() if not _is_under_way(run, progress)]
        for number in ended[: max(len(ended) - _ENDED_KEPT + 1, 0)]:
            run, _ = self._runs.pop(number)
            for prefix in (_RUN, _PROGRESS):
                self._house.do(Stage(f"{prefix}{number}", None), run.begun_at)


def is_over(run: Run, progress: Progress) -> bool:
    """Tell whether a run has nothing more to do."""
    return not _is_under_way(run, progress)


def _is_under_way(run: Run, progress: Progress) -> bool:
    return not progress.stopped and progress.next < len(run.steps)


def _due(run: Run, progress: Progress) -> int:
    return run.begun_at + run.steps[progress.next].at


def _price_of(house: House, symbol: str) -> dict[str, int | None]:
    """Return what a symbol's market says of its price; None is what it does not know."""
    floor = floor_of(house, symbol)
    bid, ask, last = floor.book.best_bid(), floor.book.best_ask(), floor.last_price or None
    mid = (bid + ask) // 2 if bid is not None and ask is not None else last
    return {"bid": bid, "ask": ask, "last": last if last is not None else mid, "mid": mid}


def _noise(seed: int, place: int) -> Decimal:
    """Return a number from -1 to 1 for a step: the same one for the same seed."""
    # splitmix64, of a counter
    word = (seed * 0x9E3779B97F4A7C15 + (place + 1) * 0xD1342543DE82EF95) & _MASK
    word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9 & _MASK
    word = (word ^ (word >> 27)) * 0x94D049BB133111EB & _MASK
    word ^= word >> 31
    return of_units(word % (2 * SCALE + 1) - SCALE)
