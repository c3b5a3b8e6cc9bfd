"""Scenarios under way: steps at their times, drawn from their seed, gone on with after a restart."""

from decimal import Decimal

import pytest

from papernet.control.house import CannotError
from papernet.control.scenarios import Run, _noise, is_over
from papernet.control.scripts import Script, Step
from papernet.core.dates import SECOND
from papernet.core.events import Trade
from papernet.exchange.checkpoint import state_hash
from papernet.servers.scenario_files import packaged_scenarios
from tests.support.scenario_desk import ScenarioDesk
from tests.support.worlds import START, plain

PRINT = "POST /fills/print"


@pytest.fixture
def desk() -> ScenarioDesk:
    desk = ScenarioDesk()
    desk.at = 5
    desk.call("print", price="60000")
    desk.events.clear()
    return desk


def prints(desk: ScenarioDesk) -> list[str]:
    return [plain(event.price) for event in desk.events if isinstance(event, Trade)]


def printing(price: str = "=start * (1 + 0.01 * n)", times: int = 3, **body: object) -> Script:
    return Script(
        "mine",
        [Step(PRINT, "1s", {"symbol": "{symbol}", "price": price, **body}, times, "1s")],
        parameters={"symbol": "BTCUSDT"},
    )


def begin(desk: ScenarioDesk, script: Script, seed: int = 1) -> Run:
    return desk.scenarios.begin(script, {}, seed, desk.at)


def test_steps_happen_at_their_times_and_not_before(desk: ScenarioDesk) -> None:
    run = begin(desk, printing())
    assert desk.scenarios.next_at == desk.at + SECOND
    for count in range(4):
        assert len(prints(desk)) == count
        desk.pass_time(desk.at + SECOND)
    assert prints(desk) == ["60000", "60600", "61200"]
    assert desk.scenarios.next_at is None
    assert is_over(*desk.scenarios.find(run.id))


def test_what_is_due_at_once_is_done_at_once(desk: ScenarioDesk) -> None:
    begin(desk, Script("mine", [Step(PRINT, body={"symbol": "BTCUSDT", "price": "59000"})]))
    assert prints(desk) == ["59000"]


def test_a_late_look_does_everything_in_the_order_of_its_times(desk: ScenarioDesk) -> None:
    begin(desk, printing("=start + 2 * n"))
    desk.at += SECOND // 2
    begin(desk, printing("=start + 2 * n + 1"))
    desk.at += 10 * SECOND
    desk.scenarios.release(desk.at)
    assert prints(desk) == ["60000", "60001", "60002", "60003", "60004", "60005"]


def test_a_step_that_fails_is_told_and_the_others_go_on(desk: ScenarioDesk) -> None:
    steps = [
        Step(PRINT, body={"symbol": "BTCUSDT", "price": "=bid"}),
        Step("POST /nowhere"),
        Step("POST /symbols/NOPE/status", body={"status": "HALT"}),
        Step(PRINT, body={"symbol": "NOPE", "price": "=1"}),
        Step(PRINT, body={"symbol": "BTCUSDT", "price": "59000"}),
    ]
    run = begin(desk, Script("mine", steps, parameters={"symbol": "BTCUSDT"}))
    _, progress = desk.scenarios.find(run.id)
    assert [outcome.status for outcome in progress.outcomes] == [400, 404, 404, 409, 200]
    assert progress.outcomes[0].error == "'=bid': nobody knows bid now"
    assert (progress.failed, prints(desk)) == (4, ["59000"])


def test_numbers_are_rounded_to_ticks_and_steps(desk: ScenarioDesk) -> None:
    begin(desk, printing("=start / 1.7", times=1, quantity="=1 / 3"))
    desk.pass_time(desk.at + SECOND)
    (trade,) = [event for event in desk.events if isinstance(event, Trade)]
    assert (plain(trade.price), plain(trade.quantity)) == ("35294.11", "0.33333")


def test_rows_of_a_book_are_rounded_too(desk: ScenarioDesk) -> None:
    body = {"symbol": "BTCUSDT", "bids": [["=start / 7", "=1 / 3"], ["=1 / 3 + 1", "9"]]}
    begin(desk, Script("mine", [Step("POST /fills/quote", body=body)], parameters={"symbol": "BTCUSDT"}))
    assert desk.book()[0] == [("8571.42", "0.33333"), ("1.33", "9")]


def test_parameters_below_zero_are_numbers(desk: ScenarioDesk) -> None:
    step = Step(PRINT, body={"symbol": "BTCUSDT", "price": "=start * (1 + size)"})
    begin(desk, Script("mine", [step], parameters={"symbol": "BTCUSDT", "size": "-0.05"}))
    assert prints(desk) == ["57000"]


def test_what_is_drawn_follows_from_the_seed(desk: ScenarioDesk) -> None:
    drawn = []
    for seed in (1, 1, 2):
        desk.events.clear()
        desk.call("print", price="60000")
        begin(desk, printing("=start * (1 + noise / 10)"), seed)
        desk.pass_time(desk.at + 5 * SECOND)
        drawn.append(prints(desk)[1:])
    assert drawn[0] == drawn[1] != drawn[2]
    numbers = [_noise(7, place) for place in range(2_000)]
    assert all(-1 <= number <= 1 for number in numbers)
    assert abs(sum(numbers, Decimal())) < 100
    assert len(dict.fromkeys(numbers)) == 2_000


def test_a_run_goes_on_where_it_was_after_a_restart(desk: ScenarioDesk) -> None:
    begin(desk, printing())
    begin(desk, printing("=start - n"))
    desk.pass_time(desk.at + SECOND)
    again = desk.reopened()
    assert again.next_at == desk.scenarios.next_at
    assert [row[1] for row in again.rows()] == [row[1] for row in desk.scenarios.rows()]
    desk.events.clear()
    desk.pass_time(desk.at + 5 * SECOND, again)
    assert prints(desk) == ["60600", "59999", "61200", "59998"]


def test_a_reset_in_the_midst_of_it_does_not_end_it(desk: ScenarioDesk) -> None:
    steps = [Step("POST /reset", "1s"), Step(PRINT, "2s", {"symbol": "{symbol}", "price": "=start"})]
    begin(desk, Script("mine", steps, parameters={"symbol": "BTCUSDT"}))
    desk.pass_time(desk.at + 3 * SECOND)
    assert (desk.exchange.epoch, prints(desk)) == (2, ["60000"])


def test_a_run_is_stopped_once(desk: ScenarioDesk) -> None:
    run = begin(desk, printing())
    assert desk.scenarios.stop(run.id, desk.at)
    assert not desk.scenarios.stop(run.id, desk.at)
    assert not desk.scenarios.stop(99, desk.at)
    desk.pass_time(desk.at + 5 * SECOND)
    assert prints(desk) == []
    assert desk.reopened().next_at is None


def test_few_runs_are_remembered_and_not_too_many_under_way(desk: ScenarioDesk) -> None:
    for _ in range(14):
        begin(desk, Script("mine", [Step(PRINT, body={"symbol": "BTCUSDT", "price": "59000"})]))
    assert [run.id for run, _ in desk.scenarios.rows()] == list(range(5, 15))
    assert len(desk.exchange.staged) == 20
    for _ in range(20):
        begin(desk, printing())
    with pytest.raises(CannotError, match="20 scenarios are under way"):
        begin(desk, printing())


def test_a_scenario_about_a_symbol_that_is_not_there_does_not_begin(desk: ScenarioDesk) -> None:
    with pytest.raises(CannotError, match="no symbol or contract 'NOPE'"):
        desk.scenarios.begin(printing(), {"symbol": "NOPE"}, 1, desk.at)
    assert desk.scenarios.rows() == []


@pytest.mark.parametrize("name", [name for name in packaged_scenarios() if name != "maintenance"])
def test_every_scenario_that_ships_runs_through_without_a_market(desk: ScenarioDesk, name: str) -> None:
    script = packaged_scenarios()[name]
    symbol = script.parameters["symbol"]
    for _ in range(2):
        desk.ok("POST", "/fills/print", {"symbol": symbol, "price": "60000"})
        run = desk.scenarios.begin(script, {}, 1, desk.at)
        desk.pass_time(desk.at + 100 * SECOND)
        _, progress = desk.scenarios.find(run.id)
        assert [outcome for outcome in progress.outcomes if outcome.status != 200] == []
        assert progress.next == len(run.steps)
        desk.ok("POST", f"/symbols/{symbol}/status", {"status": "TRADING"})


def test_the_same_runs_lead_to_the_same_state() -> None:
    hashes = []
    for _ in range(2):
        desk = ScenarioDesk()
        desk.call("print", price="60000")
        for name in ("flash-crash", "volatility", "gap"):
            desk.scenarios.begin(packaged_scenarios()[name], {}, 3, desk.at)
        desk.pass_time(START + 60 * SECOND)
        hashes.append(state_hash(desk.exchange))
    assert hashes[0] == hashes[1]
