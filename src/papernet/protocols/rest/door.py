"""The REST door: one request in, one response out, for `/api/v3`.

Order of work.  Knock; decode (route, formats, form, parameters); have it carried out; render. What is wrong on the way becomes
                an error payload with its documented code and status.
Invariant.      Whatever bytes a client sends, the answer is a response below 500 and nothing changed unless it says so. Every
                response tells the used weight; one that shows what a command did may leave once the command is durable. All of
                that holds where no rule of faults is met.
Does not.       Decide: that is the service's work. Read a clock or a socket.
Source.         rest-api.md.
"""

from typing import Final

from papernet.app.eras import TODAY, Era
from papernet.app.faults import Fault, RequestFault
from papernet.app.gateway import Call
from papernet.app.hindrances import Hindrances, Met, Postponed, was_executed
from papernet.app.listen_keys import ListenKeys
from papernet.app.operations import TimeUnit
from papernet.app.request_log import DoorLog, Record, RequestLog
from papernet.app.service import Admitted, Denied, Outcome, Service
from papernet.protocols.json.listen_key_calls import answer_listen_key_call
from papernet.protocols.json.outcomes import OK, Rendered, refused
from papernet.protocols.json.params import TIME_UNITS
from papernet.protocols.json.past_replies import renderer_of
from papernet.protocols.rest.hindering import hindered, postponed
from papernet.protocols.rest.messages import NO_PARAMS, WRONG_METHOD, decode, respond
from papernet.protocols.rest.request import Request, Response, decoded
from papernet.protocols.rest.routes import Routes
from papernet.protocols.rest.sapi import STUB_WEIGHT, answer_stub

_TIME_UNIT: Final = b"x-mbx-time-unit"
_ACCEPT: Final = b"accept"

_TIME_UNITS: Final = {text.encode(): unit for text, unit in TIME_UNITS.items()}
_BAD_TIME_UNIT: Final = Fault(RequestFault.BAD_TIME_UNIT)
_NOT_ACCEPTABLE: Final = Fault(RequestFault.NOT_ACCEPTABLE)

# rest-api.md, Unfilled Order Count
_COUNT_NAMES: Final = (b"x-mbx-order-count-10s", b"x-mbx-order-count-1d")


class RestDoor:
    """Answers REST requests on one exchange."""

    def __init__(
        self,
        service: Service,
        listen_keys: ListenKeys | None = None,
        *,
        sapi_stubs: bool = False,
        log: RequestLog | None = None,
        hindrances: Hindrances | None = None,
        era: Era = TODAY,
    ) -> None:
        """Answer what `service` does, as in `era`, and keep a `log` of it; without `listen_keys` those are retired.

        `hindrances` lets faults happen.
        """
        self._routes: Final = Routes(era, has_listen_keys=listen_keys is not None)
        self._render: Final = renderer_of(era)
        self._era: Final = era
        self._service: Final = service
        self._listen_keys: Final = listen_keys
        self._gateway: Final = service.gateway
        self._sapi_stubs: Final = sapi_stubs
        self._hindrances: Final = hindrances
        self._log: Final = DoorLog(log, "rest", service.gateway.limits)

    def answer(self, request: Request, now: int) -> Response:
        """Return the response to a request whose body is complete at `now`."""
        record = self._log.open(request.method, request.path, request.ip, request.received_at, now)
        response = self._answer(request, record, now)
        if response.hindering is None or response.hindering.resume is None:
            self._close(request, record, response, now)
        return response

    def _close(self, request: Request, record: Record, response: Response, now: int) -> None:
        self._log.close(record, response.status, now, refusal=response.body, query=request.query, body=request.body)

    def _answer(self, request: Request, record: Record, now: int) -> Response:
        knocked = self._gateway.knock(request.ip, now)
        if knocked is not None:
            record.outcome = Denied(knocked, now)
            return self._refuse(request, knocked, now)
        asked = request.headers.get(_TIME_UNIT)
        unit = _TIME_UNITS.get(asked) if asked is not None and self._era.microseconds else TimeUnit.MILLISECOND
        operation = self._routes.find(request.method, request.path)
        if isinstance(operation, Fault):
            stub = answer_stub(self._service.exchange, request) if self._sapi_stubs else None
            if stub is not None:
                over = self._gateway.limits.charge(request.ip, STUB_WEIGHT, now)
                return self._respond(request, Rendered(OK, stub), now) if over is None else self._refuse(request, over, now)
            call = Call(request.ip, request.received_at, None, NO_PARAMS, operation)
        else:
            call = decode(request, operation)
            if not self._era.encoded_payloads:
                call.decoded_payload = decoded(call.payload)
            if unit is None:
                call.fault = _BAD_TIME_UNIT
            if not _is_json_accepted(request):
                call.fault = _NOT_ACCEPTABLE
        record.call = call
        unit = unit or TimeUnit.MILLISECOND
        hindrances = self._hindrances
        if hindrances is not None and hindrances.plan.on_requests:
            met = hindrances.meet(call, now)
            if met is not None:
                return self._hindered(request, record, met, hindrances, unit, now)
        record.outcome = self._service.perform(call, now)
        return self._tell(request, call, record.outcome, unit, now)

    def _tell(self, request: Request, call: Call, outcome: Outcome, unit: TimeUnit, now: int) -> Response:
        if isinstance(outcome, Admitted):
            return self._answer_listen_key_call(request, call, outcome, now)
        return self._respond(request, self._render(outcome, call, unit, self._service.order_lists), now)

    def _hindered(
        self, request: Request, record: Record, met: Met, hindrances: Hindrances, unit: TimeUnit, now: int
    ) -> Response:
        """Return the response to a request that met a rule of faults."""
        call = record.call
        assert call is not None
        if isinstance(met, Postponed):

            def resume(then: int) -> Response:
                record.outcome = self._service.perform(call, then)
                response = self._tell(request, call, record.outcome, unit, then)
                self._close(request, record, response, then)
                return response

            return postponed(met, resume)
        answer = None if met.outcome is None else self._tell(request, call, met.outcome, unit, now)
        response = hindered(met, hindrances, answer, lambda fault: self._refuse(request, fault, now))
        if response is answer:
            record.outcome = met.outcome
        else:
            record.outcome = met.outcome if met.instead is None else Denied(met.instead, now)
            self._log.hinder(record, met.rule, was_executed=was_executed(met.outcome))
        return response

    def _answer_listen_key_call(self, request: Request, call: Call, admitted: Admitted, now: int) -> Response:
        """Carry out what REST has of the operations on connections and streams: those about listen keys."""
        assert self._listen_keys is not None
        name = admitted.operation.name
        body = answer_listen_key_call(self._listen_keys, name, admitted.account, call.params, now)
        if isinstance(body, Fault):
            return self._refuse(request, body, now)
        return self._respond(request, Rendered(OK, body), now)

    def _refuse(self, request: Request, fault: Fault, now: int) -> Response:
        return self._respond(request, refused(fault), now)

    def _respond(self, request: Request, told: Rendered, now: int) -> Response:
        used = self._gateway.limits.used_weight(request.ip, now)
        allowed = self._routes.allowed(request.path) if told.status == WRONG_METHOD else ""
        return respond(told, used, _COUNT_NAMES, allowed=allowed)


def _is_json_accepted(request: Request) -> bool:
    """Whether the answer may be JSON (faqs/sbe_faq, REST API): a client that takes nothing but SBE gets none."""
    accepted = request.headers.get(_ACCEPT)
    if accepted is None or b"application/sbe" not in accepted:
        return True
    return b"application/json" in accepted or b"*/*" in accepted
