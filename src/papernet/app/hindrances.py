"""What rules of faults do to requests: whether a request is carried out, what is told of it, when, and how the telling ends.

Order of work.  A door that read a request asks `meet`. Without a rule it goes on as ever. With one it is told what to do: tell
                an outcome that was made here, tell a fault in its place, wait, or cut the connection.
Invariant.      Whether a request was carried out is as the rule says: where a rule says so and the exchange refuses the
                request, the refusal is told as it is, and the rule was not done. A request that is turned away weighs as much
                as one that failed. A fault is put into words by the door's own writer of errors.
Does not.       Write answers, send, or wait: doors and servers do.
Units.          Microseconds UTC.
Source.         rest-api.md, HTTP Return Codes, LIMITS; errors.md, 10xx; European Options, General Info.
"""

from collections.abc import Callable, Mapping
from enum import IntEnum, unique
from typing import Final, TypeAlias

from msgspec import Struct, structs

from papernet.app.deferred import Deferred
from papernet.app.fault_catalogue import FaultDoor, Place
from papernet.app.fault_rules import Draw, FaultPlan, FaultRule, Occasion
from papernet.app.faults import Fault, RequestFault
from papernet.app.gateway import UNKNOWN_WEIGHT, Call
from papernet.app.past_states import PastStates
from papernet.app.queries import Context
from papernet.app.rate_limits import WEIGHT_MINUTES, seconds_to_window_end
from papernet.app.sequencer import Sequencer
from papernet.app.service import Answered, Denied, Outcome, Service, Several

_TIMESTAMP: Final = "timestamp"
# rest-api.md, Unfilled Order Count; European Options, Exchange Information, rateLimits
_ORDER_INTERVAL: Final = "10 SECOND"
_STALE_READS: Final = "stale-reads"
_TIMES: Final = ("time", "options.time")


@unique
class Cut(IntEnum):
    """How the telling of an answer ends."""

    NONE = 0
    RESET = 1  # the connection is reset, nothing is told
    CLOSE = 2  # the connection is closed in order, nothing is told
    HALF = 3  # half is told, then the connection is closed
    SILENCE = 4  # nothing is told, the connection stays


# With these nothing is told at all.
UNTOLD: Final = (Cut.RESET, Cut.CLOSE, Cut.SILENCE)


class Hindered(Struct, frozen=True, gc=False):
    """What becomes of a request that met a rule.

    `outcome` is what came of it, None: it was not carried out; `instead` is told in its place. The answer leaves not before
    `at`. With `needs_success`, all this is for a request that the exchange did not refuse.
    """

    rule: FaultRule
    outcome: Outcome | None = None
    instead: Fault | None = None
    at: int = 0
    cut: Cut = Cut.NONE
    needs_success: bool = False


class Postponed(Struct, frozen=True, gc=False):
    """The request is to be carried out, as if it had met no rule, once it is `until`."""

    until: int


Met: TypeAlias = Hindered | Postponed

# What is told in place of an answer.
_FAULTS: Final[Mapping[str, RequestFault]] = {
    "http-403": RequestFault.BLOCKED,
    "http-451": RequestFault.RESTRICTED_LOCATION,
    "http-502": RequestFault.BAD_GATEWAY,
    "http-503-unknown": RequestFault.OUTCOME_UNKNOWN,
    "http-503-unavailable": RequestFault.SERVICE_UNAVAILABLE,
    "http-503-failed": RequestFault.FAILED_INSIDE,
    "code-1000": RequestFault.UNKNOWN_ERROR,
    "code-1001": RequestFault.DISCONNECTED,
    "code-1006": RequestFault.UNEXPECTED_RESPONSE,
    "code-1007": RequestFault.TIMED_OUT,
    "code-1008": RequestFault.SERVER_BUSY,
    "code-1016": RequestFault.RETIRED,
}
_CUTS: Final[Mapping[str, Cut]] = {
    "no-answer": Cut.SILENCE,
    "reset": Cut.RESET,
    "hang-up": Cut.CLOSE,
    "half-answer": Cut.HALF,
}


class FaultKit:
    """What all doors of one network share that let faults happen."""

    __slots__ = ("deferred", "past", "plan")

    def __init__(self, context: Context, sequencer: Sequencer, draw: Draw) -> None:
        """Take over the rules that are staged in the exchange."""
        self.plan: Final = FaultPlan(sequencer.submit, draw)
        self.deferred: Final = Deferred()
        self.past: Final = PastStates(context, sequencer)
        self.plan.watchers.append(self._look_for_stale_reads)
        self.plan.load(context.exchange.staged)

    def _look_for_stale_reads(self) -> None:
        self.past.keep({rule.id: span_of(rule) for rule in self.plan.rules() if rule.effect == _STALE_READS})


class Hindrances:
    """The rules as one door's requests meet them."""

    def __init__(self, service: Service, door: FaultDoor, kit: FaultKit, order_limit: int) -> None:
        """Stand before `service` at a door; `order_limit` is how many orders in ten seconds code -1015 says are too many."""
        self.plan: Final = kit.plan
        self.deferred: Final = kit.deferred
        self._past: Final = kit.past
        self._service: Final = service
        self._limits: Final = service.gateway.limits
        self._door: Final = door
        self._order_limit: Final = str(order_limit)
        self._effects: Final[Mapping[str, Callable[[FaultRule, Call, int], Met]]] = {
            **dict.fromkeys(_FAULTS, self._tell_instead),
            **dict.fromkeys(_CUTS, self._cut),
            "http-418": self._turn_away,
            "http-429": self._turn_away,
            "code-1003": self._turn_away,
            "code-1015": self._turn_away,
            "clock-drift": self._drift,
            "delay-request": lambda rule, _call, now: Postponed(now + span_of(rule)),
            "delay-answer": lambda rule, call, now: Hindered(rule, self._service.perform(call, now), at=now + span_of(rule)),
            _STALE_READS: self._answer_of_past,
        }

    def meet(self, call: Call, now: int) -> Met | None:
        """Return what becomes of a request that has knocked and was read, when a rule says so; count it with the rules."""
        rule = self.plan.meet(self._occasion(call), now)
        return None if rule is None else self._effects[rule.effect](rule, call, now)

    def stands(self, hindered: Hindered, *, succeeded: bool) -> bool:
        """Whether a hindered request is told as its rule says, now that it is known whether the exchange refused it."""
        refused = hindered.outcome is not None and not was_executed(hindered.outcome)
        if not hindered.needs_success or (succeeded and not refused):
            return True
        self.plan.take_back(hindered.rule)
        return False

    def _occasion(self, call: Call) -> Occasion:
        operation, accounts = call.operation, self._service.exchange.accounts
        key = accounts.keys.get(call.api_key)
        return Occasion(
            Place.REQUEST,
            self._door,
            "" if operation is None else operation.name,
            "" if key is None else accounts.by_id[key.account].name,
            call.api_key,
            call.params.get("symbol") or "",
            call.ip,
        )

    def _tell_instead(self, rule: FaultRule, call: Call, now: int) -> Met:
        """Tell a fault in place of the answer, to a request that was carried out or not."""
        fault, at = Fault(_FAULTS[rule.effect]), now + rule.span if rule.span else 0
        if rule.executed:
            return Hindered(rule, self._service.perform(call, now), fault, at, needs_success=True)
        return Hindered(rule, None, self._charge(call, now) or fault, at)

    def _cut(self, rule: FaultRule, call: Call, now: int) -> Met:
        """Let the connection fail, before or after the request is carried out."""
        cut = _CUTS[rule.effect]
        if cut is Cut.HALF:
            return Hindered(rule, self._service.perform(call, now), cut=cut)
        if rule.executed:
            return Hindered(rule, self._service.perform(call, now), cut=cut, needs_success=True)
        self._charge(call, now)
        return Hindered(rule, cut=cut)

    def _turn_away(self, rule: FaultRule, call: Call, now: int) -> Met:
        """Refuse the request for a limit that is not really used up."""
        fault = self._charge(call, now)
        if rule.effect == "http-418":
            fault = self._limits.ban(call.ip, span_of(rule), now)
        elif rule.effect == "http-429":
            fault = self._limits.turn_away(call.ip, now)
        elif fault is None and rule.effect == "code-1003":
            wait = seconds_to_window_end(f"{WEIGHT_MINUTES} MINUTE", now)
            fault = Fault(RequestFault.TOO_MANY_REQUESTS, (), wait)
        elif fault is None:
            wait = seconds_to_window_end(_ORDER_INTERVAL, now)
            fault = Fault(RequestFault.TOO_MANY_ORDERS, (self._order_limit, _ORDER_INTERVAL), wait)
        return Hindered(rule, None, fault)

    def _drift(self, rule: FaultRule, call: Call, now: int) -> Met:
        """Judge the request's timestamp by a clock that goes wrong; what asks for the time is told that clock's."""
        drift, operation = span_of(rule), call.operation
        if _TIMESTAMP in call.params:
            call = structs.replace(call, params={**call.params, _TIMESTAMP: call.params[_TIMESTAMP] - drift})
        outcome = self._service.perform(call, now)
        if isinstance(outcome, Answered) and operation is not None and operation.name in _TIMES:
            outcome = structs.replace(outcome, value=now + drift)
        return Hindered(rule, outcome)

    def _answer_of_past(self, rule: FaultRule, call: Call, now: int) -> Met:
        """Answer a query by what was; a command is carried out as ever."""
        past = self._past.context(rule, self._service.context, now)
        outcome = self._service.perform(call, now, past if self._is_known(past, call) else None)
        if not isinstance(outcome, Answered | Denied):
            self.plan.take_back(rule)
        return Hindered(rule, outcome)

    def _is_known(self, past: Context, call: Call) -> bool:
        """Whether a past state knows the account and the symbols that a call is about."""
        exchange, key = past.exchange, self._service.exchange.accounts.keys.get(call.api_key)
        symbols = [name for name in (call.params.get("symbol"), *(call.params.get("symbols") or ())) if name]
        return (key is None or key.account in exchange.accounts.by_id) and all(
            name in exchange.markets or name in exchange.options.markets for name in symbols
        )

    def _charge(self, call: Call, now: int) -> Fault | None:
        """Weigh a request that is not carried out; return why it is refused for that, or None."""
        operation = call.operation
        return self._limits.charge(call.ip, UNKNOWN_WEIGHT if operation is None else operation.least_weight, now)


def was_executed(outcome: Outcome | None) -> bool:
    """Tell whether anything was carried out; of several commands one is enough."""
    if outcome is None or isinstance(outcome, Denied):
        return False
    if isinstance(outcome, Answered) and isinstance(outcome.value, Several):
        return any(not isinstance(one, Denied) for one in outcome.value.outcomes)
    return True


def span_of(rule: FaultRule) -> int:
    """Return the span of a rule whose effect has one."""
    assert rule.span is not None
    return rule.span


def fault_at_door(rule: FaultRule, ban: Callable[[int], Fault], turn_away: Callable[[], Fault]) -> Fault | None:
    """Return why a connection that met a rule while it opened is refused; None: it is reset."""
    if rule.effect == "http-418":
        return ban(span_of(rule))
    if rule.effect == "http-429":
        return turn_away()
    fault = _FAULTS.get(rule.effect)
    return None if fault is None else Fault(fault)
