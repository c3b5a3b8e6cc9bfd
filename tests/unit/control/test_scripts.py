"""What the file of a scenario says, before it is run."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papernet.control.bodies import BadBodyError
from papernet.control.scripts import STEPS_MAX, Planned, Script, Step, parameters_of, plan
from papernet.core.dates import SECOND


def script(*steps: Step, **parameters: str) -> Script:
    return Script("mine", list(steps), parameters=parameters)


def test_parameters_are_put_in_everywhere() -> None:
    step = Step("POST /symbols/{symbol}/status", "{span}", {"status": "{to}", "rows": [["={symbol}", 1]]}, "{count}", "{every}")
    made = script(step, symbol="X", span="2s", to="HALT", count="2", every="500ms")
    body = {"status": "HALT", "rows": [["=X", 1]]}
    assert plan(made, made.parameters) == [
        Planned(2 * SECOND, "POST", "/symbols/X/status", body, 0, 2),
        Planned(2_500_000, "POST", "/symbols/X/status", body, 1, 2),
    ]


def test_a_run_may_say_parameters_otherwise_but_not_others() -> None:
    made = script(Step("POST /reset"), symbol="X", span="1s")
    assert parameters_of(made, {"span": "2s"}) == {"symbol": "X", "span": "2s"}
    with pytest.raises(BadBodyError, match="'size' is no parameter of mine, which has symbol, span"):
        parameters_of(made, {"size": "1"})


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 4), st.integers(0, 3)), min_size=1, max_size=6))
def test_steps_come_in_the_order_of_their_times_and_of_the_file(rows: list[tuple[int, int, int]]) -> None:
    steps = [Step(f"POST /s{place}", at, times=times, every=every) for place, (at, times, every) in enumerate(rows)]
    planned = plan(script(*steps), {})
    assert len(planned) == sum(times for _, times, _ in rows)
    places = [(step.at, int(step.path.removeprefix("/s")), step.number) for step in planned]
    assert [(at, place) for at, place, _ in places] == sorted((at, place) for at, place, _ in places)


@pytest.mark.parametrize(
    ("steps", "why"),
    [
        ([], "at least one step"),
        ([Step("print")], "is no call"),
        ([Step("GET /symbols")], "is no call"),
        ([Step("POST symbols")], "is no call"),
        ([Step("POST /clock/step")], "does not call /clock/step"),
        ([Step("POST /checkpoints/restore")], "does not call"),
        ([Step("POST /scenarios/run")], "does not call"),
        ([Step("POST /reset", "soon")], "step 1: 'soon' is no span"),
        ([Step("POST /reset", times=0)], "is not from 1 to 2000"),
        ([Step("POST /reset", times="{n}")], "is not from 1 to 2000"),
        ([Step("POST /reset", times=STEPS_MAX), Step("POST /reset")], "step 2: a scenario has at most 2000 steps"),
        ([Step("POST /fills/print", body={"price": "=1 +"})], "is no formula"),
    ],
)
def test_what_is_no_script(steps: list[Step], why: str) -> None:
    with pytest.raises(BadBodyError, match=why):
        plan(script(*steps), {})


def test_there_are_not_too_many_parameters() -> None:
    with pytest.raises(BadBodyError, match="at most 30 parameters"):
        plan(script(Step("POST /reset")), {f"p{number}": "" for number in range(31)})
