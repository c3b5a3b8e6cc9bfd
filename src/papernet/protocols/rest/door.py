"""The REST door: one request in, one response out, for `/api/v3`.

Order of work.  Knock; decode (time unit, route, form, parameters); admit; then ask the queries or submit a command; render.
                What is wrong on the way becomes an error payload with its documented code and status.
Invariant.      Whatever bytes a client sends, the answer is a response below 500 and nothing changed unless it says so. Every
                response tells the used weight; one that shows what a command did may leave once the command is durable.
Does not.       Decide: rules are the gateway's, the exchange's and the queries'. Read a clock or a socket.
Source.         rest-api.md.
"""

from collections.abc import Mapping
from typing import Any, Final

from papernet.app.faults import Fault, RequestFault
from papernet.app.gateway import Call, Gateway
from papernet.app.operations import DryRun, Operation, Params, ResponseType, Submit, TimeUnit
from papernet.app.order_terms import OrderCommand, is_full_by_default
from papernet.app.queries import QUERIES, Context
from papernet.app.rate_limits import seconds_to_window_end
from papernet.app.sequencer import Sequencer, SequencerHaltedError
from papernet.core.commands import CancelOrder, NewOrder
from papernet.core.events import Applied, Refused
from papernet.core.rejects import Reason, Reject
from papernet.protocols.json import replies
from papernet.protocols.json.errors import UNAVAILABLE, RequestError, error_of_fault, error_of_reject
from papernet.protocols.json.params import read_params
from papernet.protocols.rest.request import Request, Response, read_form
from papernet.protocols.rest.routes import find_operation
from papernet.protocols.rest.sapi import STUB_WEIGHT, answer_stub

_API_KEY: Final = b"x-mbx-apikey"
_TIME_UNIT: Final = b"x-mbx-time-unit"

_TIME_UNITS: Final = {
    b"MILLISECOND": TimeUnit.MILLISECOND,
    b"millisecond": TimeUnit.MILLISECOND,
    b"MICROSECOND": TimeUnit.MICROSECOND,
    b"microsecond": TimeUnit.MICROSECOND,
}
_BAD_TIME_UNIT: Final = Fault(RequestFault.BAD_TIME_UNIT)

_CONTENT_TYPE: Final = (b"content-type", b"application/json;charset=UTF-8")
_SECURITY_HEADERS: Final = ((b"x-content-type-options", b"nosniff"), (b"cache-control", b"no-cache, no-store"))

_NO_PARAMS: Final[Params] = {}
_NEW_ORDER_REPLIES: Final = {
    ResponseType.ACK: replies.order_ack,
    ResponseType.RESULT: replies.order_result,
    ResponseType.FULL: replies.order_full,
}

_Headers = list[tuple[bytes, bytes]]


class RestDoor:
    """Answers REST requests on one exchange."""

    def __init__(self, context: Context, gateway: Gateway, sequencer: Sequencer, *, sapi_stubs: bool = False) -> None:
        """Answer from `context`, admit by `gateway`, change through `sequencer`."""
        self._context: Final = context
        self._exchange: Final = context.exchange
        self._gateway: Final = gateway
        self._sequencer: Final = sequencer
        self._sapi_stubs: Final = sapi_stubs

    def answer(self, request: Request, now: int) -> Response:
        """Return the response to a request whose body is complete at `now`."""
        knocked = self._gateway.knock(request.ip, now)
        if knocked is not None:
            return self._refuse(request, knocked, now)
        unit = _TIME_UNITS.get(request.headers.get(_TIME_UNIT, b"MILLISECOND"))
        operation = find_operation(request.method, request.path)
        if isinstance(operation, Fault):
            stub = answer_stub(self._exchange, request) if self._sapi_stubs else None
            if stub is not None:
                over = self._gateway.limits.charge(request.ip, STUB_WEIGHT, now)
                return self._reply(request, stub, now) if over is None else self._refuse(request, over, now)
            call = Call(request.ip, request.received_at, None, _NO_PARAMS, operation)
        else:
            call = _decode(request, operation)
            if unit is None:
                call.fault = _BAD_TIME_UNIT
        account = self._gateway.admit(call, now)
        if isinstance(account, Fault):
            return self._refuse(request, account, now)
        assert unit is not None
        assert isinstance(operation, Operation)
        return self._perform(request, operation, call.params, account, unit, now)

    def _perform(
        self, request: Request, operation: Operation, params: Params, account: int, unit: TimeUnit, now: int
    ) -> Response:
        does = operation.does
        if isinstance(does, Submit):
            command = does.build(params, account)
            if isinstance(command, Reject):
                return self._reject(request, command, now)
            return self._submit(request, operation, params, command, unit, now)
        if isinstance(does, DryRun):
            order = does.build(params, account)
            reject = order if isinstance(order, Reject) else self._exchange.check_order(order, now)
            if reject is not None:
                return self._reject(request, reject, now)
        value = QUERIES[operation.name](self._context, params, account, now)
        if isinstance(value, Fault):
            return self._refuse(request, value, now)
        body = replies.RENDERERS[operation.name](value, unit)
        # What an account is shown of itself must not be lost again.
        durable_seq = self._sequencer.last_seq if operation.signed else 0
        return self._reply(request, body, now, durable_seq)

    def _submit(
        self, request: Request, operation: Operation, params: Params, command: OrderCommand, unit: TimeUnit, now: int
    ) -> Response:
        try:
            applied = self._sequencer.submit(command, now)
        except SequencerHaltedError:
            return self._error(request, UNAVAILABLE, [], now)
        first = applied.events[0]
        if isinstance(first, Refused):
            return self._reject(request, first.reject, applied.at, applied.seq, cancelling=not isinstance(command, NewOrder))
        headers: _Headers = []
        if operation.order_cost:
            # rest-api.md, Unfilled Order Count
            ten_seconds, one_day = self._exchange.order_counts(command.account, applied.at)
            headers = [
                (b"x-mbx-order-count-10s", b"%d" % ten_seconds),
                (b"x-mbx-order-count-1d", b"%d" % one_day),
            ]
        return self._reply(request, _render(command, applied, params, unit), now, applied.seq, headers)

    def _reject(
        self, request: Request, reject: Reject, now: int, durable_seq: int = 0, *, cancelling: bool = False
    ) -> Response:
        headers: _Headers = []
        if reject.reason is Reason.TOO_MANY_ORDERS:
            headers.append((b"retry-after", b"%d" % seconds_to_window_end(reject.args[1], now)))
        return self._error(request, error_of_reject(reject, cancelling=cancelling), headers, now, durable_seq)

    def _refuse(self, request: Request, fault: Fault, now: int) -> Response:
        headers: _Headers = []
        if fault.retry_after:
            headers.append((b"retry-after", b"%d" % fault.retry_after))
        if fault.fault is RequestFault.WRONG_METHOD:
            headers.append((b"allow", fault.args[0].encode("ascii")))
        return self._error(request, error_of_fault(fault), headers, now)

    def _error(self, request: Request, error: RequestError, headers: _Headers, now: int, durable_seq: int = 0) -> Response:
        return Response(error.status, self._headers(request, headers, now), error.body(), durable_seq)

    def _reply(
        self, request: Request, body: bytes, now: int, durable_seq: int = 0, headers: _Headers | None = None
    ) -> Response:
        return Response(200, self._headers(request, headers or [], now), body, durable_seq)

    def _headers(self, request: Request, more: _Headers, now: int) -> _Headers:
        """rest-api.md, IP Limits: every response tells the used weight."""
        used = b"%d" % self._gateway.limits.used_weight(request.ip, now)
        return [
            _CONTENT_TYPE,
            (b"x-mbx-used-weight", used),
            (b"x-mbx-used-weight-1m", used),
            *_SECURITY_HEADERS,
            *more,
        ]


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


def _render(command: OrderCommand, applied: Applied, params: Mapping[str, Any], unit: TimeUnit) -> bytes:
    if isinstance(command, NewOrder):
        response_type = params["newOrderRespType"]
        if response_type is None:
            response_type = ResponseType.FULL if is_full_by_default(command.order_type) else ResponseType.ACK
        return _NEW_ORDER_REPLIES[response_type](applied, unit)
    if isinstance(command, CancelOrder):
        return replies.cancel(applied, unit)
    return replies.cancel_all(applied, unit)
