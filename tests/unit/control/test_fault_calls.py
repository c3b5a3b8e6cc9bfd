"""The calls about faults, over a plan and the sequencer that keeps it."""

from typing import Any

import pytest
from msgspec import json

from papernet.app.fault_catalogue import EFFECTS
from papernet.app.fault_rules import FaultDoor, Occasion, Place
from papernet.control import fault_calls
from papernet.control.bodies import BadBodyError
from papernet.control.fault_calls import FaultCalls
from papernet.control.messages import ControlRequest, ControlResponse
from tests.support.fault_desk import FaultDesk


class Caller:
    """Makes the calls as the door does."""

    def __init__(self) -> None:
        self.desk = FaultDesk()
        calls = FaultCalls(self.desk.plan, self.desk.rest.sequencer)
        self.handlers = {(row.method, row.path): row.handler for row in calls.rows()}

    def ask(self, method: str, path: str, body: object = None, query: bytes = b"") -> ControlResponse:
        payload = b"" if body is None else json.encode(body)
        request = ControlRequest(method, path, query, {}, payload, local=True)
        return self.handlers[method, path](request, "", self.desk.rest.now)

    def ok(self, method: str, path: str, body: object = None, query: bytes = b"") -> Any:
        response = self.ask(method, path, body, query)
        assert response.status == 200, response.body
        return json.decode(response.body)


@pytest.fixture
def caller() -> Caller:
    return Caller()


def test_the_catalogue_has_every_effect(caller: Caller) -> None:
    rows = caller.ok("GET", "/faults/catalogue")["effects"]
    assert [row["effect"] for row in rows] == list(EFFECTS)


def test_a_rule_is_added_listed_with_its_counts_and_removed(caller: Caller) -> None:
    added = caller.ok("POST", "/faults", {"effect": "code-1001", "operation": "ping"})
    assert added == {"id": 1, "effect": "code-1001", "operation": "ping", "seen": 0, "done": 0}
    caller.desk.plan.meet(Occasion(Place.REQUEST, FaultDoor.REST, "ping"), caller.desk.rest.now)
    assert caller.ok("GET", "/faults") == {"faults": [{**added, "seen": 1, "done": 1}]}
    assert caller.ok("DELETE", "/faults", {"id": 1}) == {**added, "seen": 1, "done": 1, "removed": True}
    assert caller.ok("GET", "/faults") == {"faults": []}


def test_a_rule_is_removed_by_the_query_as_well(caller: Caller) -> None:
    caller.ok("POST", "/faults", {"effect": "drop"})
    assert caller.ok("DELETE", "/faults", query=b"id=1")["removed"] is True
    assert caller.ask("DELETE", "/faults", query=b"id=1").status == 404
    for query in (b"", b"id=one", b"id=-1"):
        with pytest.raises(BadBodyError, match="id"):
            caller.ask("DELETE", "/faults", query=query)


def test_all_rules_are_removed_at_once(caller: Caller) -> None:
    for effect in ("drop", "http-403"):
        caller.ok("POST", "/faults", {"effect": effect})
    assert caller.ok("POST", "/faults/clear") == {"removed": 2}
    assert caller.ok("POST", "/faults/clear") == {"removed": 0}


def test_every_change_is_journaled_and_told_once_it_is_durable(caller: Caller) -> None:
    sequencer = caller.desk.rest.sequencer
    for method, path, body in (
        ("POST", "/faults", {"effect": "drop"}),
        ("DELETE", "/faults", {"id": 1}),
        ("GET", "/faults", None),
    ):
        before = sequencer.last_seq
        response = caller.ask(method, path, body)
        assert (sequencer.last_seq > before) is (method != "GET")
        assert response.durable_seq == (0 if method == "GET" else sequencer.last_seq)


def test_there_is_a_greatest_number_of_rules(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fault_calls, "RULES_MAX", 1)
    assert caller.ask("POST", "/faults", {"effect": "drop"}).status == 200
    assert caller.ask("POST", "/faults", {"effect": "drop"}).status == 409
