"""The calls about faults: the catalogue, the rules that are in force, new ones, and the end of rules.

Order of work.  Body, then the plan, which stages what changes with the state; the answer leaves once that is durable.
Invariant.      What is told of a rule is what is in force, with what its effect has where nobody said anything.
Does not.       Let anything go wrong: doors do, as the plan says.
"""

from typing import Any, Final

from msgspec import structs

from papernet.app.fault_catalogue import EFFECTS
from papernet.app.fault_rules import FaultPlan
from papernet.app.sequencer import Sequencer
from papernet.control import bodies, fault_bodies
from papernet.control.bodies import BadBodyError
from papernet.control.calls import Call
from papernet.control.messages import ControlRequest, ControlResponse, error, ok, query

RULES_MAX: Final = 1_000


class FaultCalls:
    """Answers the calls about faults."""

    def __init__(self, plan: FaultPlan, sequencer: Sequencer) -> None:
        """Change `plan`, whose changes `sequencer` makes durable."""
        self._plan: Final = plan
        self._sequencer: Final = sequencer

    def rows(self) -> tuple[Call, ...]:
        """Return the calls."""
        return (
            Call(method="GET", path="/faults", handler=self.list_rules, summary="List the rules of faults, with their counts"),
            Call(
                method="GET",
                path="/faults/catalogue",
                handler=self.list_effects,
                summary="List what can be made to go wrong",
            ),
            Call(
                method="POST",
                path="/faults",
                handler=self.add,
                summary="Add a rule of faults",
                body=fault_bodies.FaultBody,
            ),
            Call(
                method="DELETE",
                path="/faults",
                handler=self.remove,
                summary="Remove a rule of faults",
                body=fault_bodies.RemoveFaultBody,
                query={"id": "the rule's id, unless the body says it"},
            ),
            Call(method="POST", path="/faults/clear", handler=self.clear, summary="Remove all rules of faults"),
        )

    def list_rules(self, _request: ControlRequest, _name: str, _now: int) -> ControlResponse:
        """List the rules, with how often each was met."""
        plan = self._plan
        return ok({"faults": [fault_bodies.rule_row(rule, plan.counts(rule)) for rule in plan.rules()]})

    def list_effects(self, _request: ControlRequest, _name: str, _now: int) -> ControlResponse:
        """List what can be made to go wrong."""
        return ok({"effects": [fault_bodies.effect_row(effect) for effect in EFFECTS.values()]})

    def add(self, request: ControlRequest, _name: str, now: int) -> ControlResponse:
        """Add a rule."""
        plan = self._plan
        wanted = fault_bodies.rule_of(bodies.decode(request.body, fault_bodies.FaultBody), now)
        if sum(1 for _ in plan.rules()) >= RULES_MAX:
            return error(409, f"there are {RULES_MAX} rules already")
        rule = plan.add(wanted, now)
        return self._durable(fault_bodies.rule_row(rule, plan.counts(rule)))

    def remove(self, request: ControlRequest, _name: str, now: int) -> ControlResponse:
        """Remove a rule."""
        plan, rule_id = self._plan, _wanted_id(request)
        found = next((rule for rule in plan.rules() if rule.id == rule_id), None)
        if found is None:
            return error(404, f"there is no rule {rule_id}")
        row = fault_bodies.rule_row(found, plan.counts(found))
        plan.remove(rule_id, now)
        return self._durable({**row, "removed": True})

    def clear(self, _request: ControlRequest, _name: str, now: int) -> ControlResponse:
        """Remove all rules."""
        return self._durable({"removed": self._plan.clear(now)})

    def _durable(self, value: dict[str, Any]) -> ControlResponse:
        """Return an answer that tells `value` once what changed is durable."""
        return structs.replace(ok(value), durable_seq=self._sequencer.last_seq)


def _wanted_id(request: ControlRequest) -> int:
    text = query(request, "id")
    if not text:
        said = bodies.decode(request.body, fault_bodies.RemoveFaultBody).id
        if said is None:
            raise BadBodyError("id: which rule is meant")
        return said
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise BadBodyError(f"id: {text[:20]!r} is no whole number")
    return int(text)
