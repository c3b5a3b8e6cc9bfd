"""`papernet faults`: what it asks the server for, and what it prints."""

from typing import Any

import pytest
from click.testing import CliRunner

from papernet.cli import cli
from papernet.commands import faults

ROW = {
    "id": 3,
    "effect": "code-1007",
    "operation": "order.place",
    "nth": 3,
    "span": "0s",
    "executed": True,
    "seen": 7,
    "done": 1,
}


class Server:
    """Notes what it is asked and answers what it is told to."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, object]] = []
        self.answer: Any = ROW

    def __call__(self, port: int | None, state: object, method: str, path: str, body: object = None) -> Any:
        assert (port, state) == (8080, None)
        self.asked.append((method, path, body))
        return self.answer


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    server = Server()
    monkeypatch.setattr(faults, "ask", server)
    return server


def run(*words: str) -> str:
    result = CliRunner().invoke(cli, ["faults", *words, "--port", "8080"])
    assert result.exit_code == 0, result.output
    return result.output


def test_a_rule_is_asked_for_field_by_field(server: Server) -> None:
    told = run("add", "code-1007", "--operation", "order.place", "--nth", "3", "--executed", "--key", "abc*", "--for", "90s")
    body = {"effect": "code-1007", "operation": "order.place", "nth": 3, "executed": True, "api_key": "abc*", "lasting": "90s"}
    assert server.asked == [("POST", "/faults", body)]
    assert told == "3    code-1007            seen 7 done 1  operation=order.place nth=3 span=0s executed=True\n"


def test_what_is_not_said_is_not_sent(server: Server) -> None:
    run("add", "reset", "--not-executed")
    run("add", "clock-drift", "--span", "-2s", "--probability", "0.5")
    assert [body for *_, body in server.asked] == [
        {"effect": "reset", "executed": False},
        {"effect": "clock-drift", "span": "-2s", "probability": "0.5"},
    ]


def test_rules_are_listed_a_line_each(server: Server) -> None:
    server.answer = {"faults": [ROW, ROW | {"id": 4}]}
    assert [line.split()[0] for line in run("list").splitlines()] == ["3", "4"]
    server.answer = {"faults": []}
    assert run("list") == ""


def test_the_catalogue_is_told_with_what_a_client_sees(server: Server) -> None:
    server.answer = {"effects": [{"effect": "reset", "sees": "The connection is reset."}]}
    assert run("catalogue") == "reset                The connection is reset.\n"


def test_rules_are_removed_by_id_and_all_at_once(server: Server) -> None:
    run("remove", "3")
    server.answer = {"removed": 2}
    assert run("clear") == "removed 2\n"
    assert server.asked == [("DELETE", "/faults", {"id": 3}), ("POST", "/faults/clear", None)]
