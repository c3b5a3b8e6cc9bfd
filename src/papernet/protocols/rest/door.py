"""The REST door: one request in, one response out, for `/api/v3`.

Order of work.  Knock; decode (route, formats, form, parameters); have it carried out; render. What is wrong on the way becomes
                an error payload with its documented code and status.
Invariant.      Whatever bytes a client sends, the answer is a response below 500 and nothing changed unless it says so. Every
                response tells the used weight; one that shows what a command did may leave once the command is durable.
Does not.       Decide: that is the service's work. Read a clock or a socket.
Source.         rest-api.md.
"""

from typing import Final

from papernet.app.faults import Fault, RequestFault
from papernet.app.gateway import Call
from papernet.app.listen_keys import ListenKeys
from papernet.app.operations import TimeUnit
from papernet.app.service import Admitted, Service
from papernet.protocols.json.listen_key_calls import answer_listen_key_call
from papernet.protocols.json.outcomes import OK, Rendered, refused, rendered
from papernet.protocols.json.params import TIME_UNITS
from papernet.protocols.rest.messages import NO_PARAMS, WRONG_METHOD, decode, respond
from papernet.protocols.rest.request import Request, Response
from papernet.protocols.rest.routes import allowed_methods, find_operation
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

    def __init__(self, service: Service, listen_keys: ListenKeys | None = None, *, sapi_stubs: bool = False) -> None:
        """Answer what `service` does; without `listen_keys` those are retired."""
        self._service: Final = service
        self._listen_keys: Final = listen_keys
        self._gateway: Final = service.gateway
        self._sapi_stubs: Final = sapi_stubs

    def answer(self, request: Request, now: int) -> Response:
        """Return the response to a request whose body is complete at `now`."""
        knocked = self._gateway.knock(request.ip, now)
        if knocked is not None:
            return self._refuse(request, knocked, now)
        unit = _TIME_UNITS.get(request.headers.get(_TIME_UNIT, b"MILLISECOND"))
        operation = find_operation(request.method, request.path, has_listen_keys=self._listen_keys is not None)
        if isinstance(operation, Fault):
            stub = answer_stub(self._service.exchange, request) if self._sapi_stubs else None
            if stub is not None:
                over = self._gateway.limits.charge(request.ip, STUB_WEIGHT, now)
                return self._respond(request, Rendered(OK, stub), now) if over is None else self._refuse(request, over, now)
            call = Call(request.ip, request.received_at, None, NO_PARAMS, operation)
        else:
            call = decode(request, operation)
            if unit is None:
                call.fault = _BAD_TIME_UNIT
            if not _is_json_accepted(request):
                call.fault = _NOT_ACCEPTABLE
        outcome = self._service.perform(call, now)
        if isinstance(outcome, Admitted):
            return self._answer_listen_key_call(request, call, outcome, now)
        return self._respond(request, rendered(outcome, call, unit or TimeUnit.MILLISECOND, self._service.order_lists), now)

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
        allowed = allowed_methods(request.path) if told.status == WRONG_METHOD else ""
        return respond(told, used, _COUNT_NAMES, allowed=allowed)


def _is_json_accepted(request: Request) -> bool:
    """Whether the answer may be JSON (faqs/sbe_faq, REST API): a client that takes nothing but SBE gets none."""
    accepted = request.headers.get(_ACCEPT)
    if accepted is None or b"application/sbe" not in accepted:
        return True
    return b"application/json" in accepted or b"*/*" in accepted
