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
from papernet.app.operations import Operation, Params, TimeUnit
from papernet.app.service import Admitted, Service
from papernet.protocols.json.listen_key_calls import answer_listen_key_call
from papernet.protocols.json.outcomes import OK, Rendered, refused, rendered
from papernet.protocols.json.params import TIME_UNITS, read_params
from papernet.protocols.rest.request import Request, Response, read_form
from papernet.protocols.rest.routes import allowed_methods, find_operation
from papernet.protocols.rest.sapi import STUB_WEIGHT, answer_stub

_API_KEY: Final = b"x-mbx-apikey"
_TIME_UNIT: Final = b"x-mbx-time-unit"
_ACCEPT: Final = b"accept"

_TIME_UNITS: Final = {text.encode(): unit for text, unit in TIME_UNITS.items()}
_BAD_TIME_UNIT: Final = Fault(RequestFault.BAD_TIME_UNIT)
_NOT_ACCEPTABLE: Final = Fault(RequestFault.NOT_ACCEPTABLE)

_CONTENT_TYPE: Final = (b"content-type", b"application/json;charset=UTF-8")
_SECURITY_HEADERS: Final = ((b"x-content-type-options", b"nosniff"), (b"cache-control", b"no-cache, no-store"))

_NO_PARAMS: Final[Params] = {}
_WRONG_METHOD: Final = 405


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
            call = Call(request.ip, request.received_at, None, _NO_PARAMS, operation)
        else:
            call = _decode(request, operation)
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
        # rest-api.md, IP Limits: every response tells the used weight.
        used = b"%d" % self._gateway.limits.used_weight(request.ip, now)
        headers = [_CONTENT_TYPE, (b"x-mbx-used-weight", used), (b"x-mbx-used-weight-1m", used), *_SECURITY_HEADERS]
        if told.order_counts is not None:
            # rest-api.md, Unfilled Order Count
            ten_seconds, one_day = told.order_counts
            headers.append((b"x-mbx-order-count-10s", b"%d" % ten_seconds))
            headers.append((b"x-mbx-order-count-1d", b"%d" % one_day))
        if told.retry_after:
            headers.append((b"retry-after", b"%d" % told.retry_after))
        if told.status == _WRONG_METHOD:
            headers.append((b"allow", allowed_methods(request.path).encode("ascii")))
        return Response(told.status, headers, told.body, told.durable_seq)


def _decode(request: Request, operation: Operation) -> Call:
    """Read what a request says; the first thing wrong with it becomes the call's fault."""
    # rest-api.md, General Information on Endpoints: a GET has its parameters in the query string.
    form = read_form(request.query, b"" if request.method == "GET" else request.body)
    api_key = request.headers.get(_API_KEY, b"").decode("latin-1")
    if isinstance(form, Fault):
        return Call(request.ip, request.received_at, operation, _NO_PARAMS, form, api_key)
    params = read_params(operation, form.sent)
    if isinstance(params, Fault):
        return Call(request.ip, request.received_at, operation, _NO_PARAMS, params, api_key)
    return Call(request.ip, request.received_at, operation, params, None, api_key, form.payload, form.signature)


def _is_json_accepted(request: Request) -> bool:
    """Whether the answer may be JSON (faqs/sbe_faq, REST API): a client that takes nothing but SBE gets none."""
    accepted = request.headers.get(_ACCEPT)
    if accepted is None or b"application/sbe" not in accepted:
        return True
    return b"application/json" in accepted or b"*/*" in accepted
