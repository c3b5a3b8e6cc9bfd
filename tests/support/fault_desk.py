"""A desk whose doors let faults happen: REST, the WebSocket API and options on exchanges in memory, with the rules of each."""

from typing import Any

from msgspec import json

from papernet.app.fault_catalogue import FaultDoor
from papernet.app.fault_rules import FaultPlan, FaultRule
from papernet.app.hindrances import FaultKit, Hindrances
from papernet.exchange.allowances import ORDER_LIMIT_10S
from papernet.exchange.option_counts import OPTION_ORDER_LIMIT_10S
from papernet.protocols.rest.door import RestDoor
from papernet.protocols.rest.options_door import OptionsDoor
from papernet.protocols.rest.request import Response
from papernet.protocols.ws_api.door import WsApiDoor
from tests.support.eapi_desk import EapiDesk
from tests.support.rest_desk import Desk
from tests.support.ws_desk import WsDesk

# What a hindered response is when nothing is told, or not yet.
NOTHING = 0


def always(_rule: int, _occurrence: int) -> int:
    """Draw what lets everything happen."""
    return 0


def rule(effect: str, **more: Any) -> FaultRule:
    """Return a rule that has no id yet."""
    return FaultRule(0, effect, **more)


class FaultDesk:
    """The desks of REST and of the WebSocket API over one exchange with one plan."""

    def __init__(self, desk: Desk | None = None) -> None:
        self.rest = Desk() if desk is None else desk
        self.kit = FaultKit(self.rest.context, self.rest.sequencer, always)
        self.ws = WsDesk(self.rest)
        service = self.rest.service
        self.rest.door = RestDoor(service, hindrances=Hindrances(service, FaultDoor.REST, self.kit, ORDER_LIMIT_10S))
        self.ws.door = WsApiDoor(
            service, self.ws.feed, hindrances=Hindrances(service, FaultDoor.WS_API, self.kit, ORDER_LIMIT_10S)
        )

    @property
    def plan(self) -> FaultPlan:
        """Return the rules."""
        return self.kit.plan

    def add(self, effect: str, **more: Any) -> FaultRule:
        """Add a rule."""
        return self.plan.add(rule(effect, **more), self.rest.now)

    def count(self) -> tuple[int, int]:
        """Return how often the only rule's occasion came, and how often it was done."""
        (only,) = self.plan.rules()
        counts = self.plan.counts(only)
        return counts.seen, counts.done

    def pass_time(self, span: int) -> None:
        """Let time pass, and what is due happen."""
        self.rest.now += span
        self.kit.deferred.release(self.rest.now)


class OptionFaultDesk(EapiDesk):
    """An options desk whose door lets faults happen."""

    def let_fail(self, effect: str, **more: Any) -> FaultRule:
        """Add a rule."""
        self.kit = FaultKit(self.context, self.sequencer, always)
        hindrances = Hindrances(self.service, FaultDoor.OPTIONS_REST, self.kit, OPTION_ORDER_LIMIT_10S)
        self.door = OptionsDoor(self.service, self.generation, self.kept, self.look, hindrances=hindrances)
        return self.kit.plan.add(rule(effect, **more), self.now)


def cut_of(response: Response) -> str:
    """Return how the telling of a response ends."""
    return "" if response.hindering is None else response.hindering.cut.name


def body_of(response: Response) -> Any:
    """Return what a response says, decoded if it is JSON."""
    is_json = dict(response.headers).get(b"content-type", b"").startswith(b"application/json")
    return json.decode(response.body) if is_json else response.body
