"""The calls about scenarios."""

import pytest

from papernet.core.dates import SECOND
from tests.support.scenario_desk import ScenarioDesk


@pytest.fixture
def desk() -> ScenarioDesk:
    desk = ScenarioDesk()
    desk.at = 5
    desk.call("print", price="60000")
    return desk


def test_there_are_the_scenarios_that_ship(desk: ScenarioDesk) -> None:
    found = desk.ok("GET", "/scenarios")
    names = [row["name"] for row in found["scenarios"]]
    assert names == [
        "delisting",
        "flash-crash",
        "gap",
        "halt",
        "maintenance",
        "one-sided-book",
        "reset-in-mid-trade",
        "thin-market",
        "volatility",
    ]
    assert found["runs"] == []
    assert all(row["about"] and row["parameters"] for row in found["scenarios"])


def test_a_run_tells_how_far_it_is(desk: ScenarioDesk) -> None:
    row = desk.ok("POST", "/scenarios/run", {"name": "halt", "symbol": "ETHUSDT", "parameters": {"span": 2}})
    assert (row["id"], row["status"], row["steps"], row["done"], row["failed"]) == (1, "running", 2, 1, 0)
    assert row["parameters"] == {"symbol": "ETHUSDT", "span": "2"}
    assert row["ends"]["timestamp_ms"] - row["begun"]["timestamp_ms"] == 2_000
    assert row["outcomes"][0]["call"] == "POST /symbols/ETHUSDT/status"
    desk.pass_time(desk.at + 2 * SECOND)
    (row,) = desk.ok("GET", "/scenarios")["runs"]
    assert (row["status"], row["done"]) == ("ended", 2)


def test_what_went_wrong_in_a_step_is_told(desk: ScenarioDesk) -> None:
    script = {"name": "mine", "steps": [{"call": "POST /fills/print", "body": {"symbol": "BTCUSDT", "price": "0.001"}}]}
    row = desk.ok("POST", "/scenarios/run", {"script": script})
    assert (row["status"], row["failed"], row["outcomes"][0]["status"]) == ("ended", 1, 409)
    assert "PRICE_FILTER" in row["outcomes"][0]["error"]


def test_a_run_is_stopped_by_its_id(desk: ScenarioDesk) -> None:
    number = desk.ok("POST", "/scenarios/run", {"name": "volatility"})["id"]
    assert desk.ok("POST", "/scenarios/stop", {"id": number})["status"] == "stopped"
    assert desk.refused("POST", "/scenarios/stop", {"id": number})[0] == 404


@pytest.mark.parametrize(
    ("body", "status", "why"),
    [
        ({}, 400, "say which scenario"),
        ({"name": "halt", "script": {"name": "x", "steps": []}}, 400, "say which scenario"),
        ({"name": "nope"}, 404, "there is no scenario 'nope'; there are delisting, "),
        ({"name": "halt", "seed": -1}, 400, "seed"),
        ({"name": "halt", "parameters": {"size": "1"}}, 400, "no parameter of halt"),
        ({"name": "halt", "symbol": "NOPE"}, 404, "no symbol or contract"),
        ({"script": {"name": "x", "steps": []}}, 400, "at least one step"),
        ({"script": {"name": "x", "steps": [{"call": "POST /reset", "when": 1}]}}, 400, "when"),
    ],
)
def test_what_cannot_be_run(desk: ScenarioDesk, body: object, status: int, why: str) -> None:
    got, message = desk.turned_away("POST", "/scenarios/run", body)
    assert (got, why in message) == (status, True), message
