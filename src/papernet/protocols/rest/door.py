"""The REST door: one request in, one response out, for `/api/v3`.

Order of work.  Knock; decode (route, formats, form, parameters); admit; then ask the queries or submit a command; render. A
                command that succeeds gives its weight back.
                What is wrong on the way becomes an error payload with its documented code and status.
Invariant.      Whatever bytes a client sends, the answer is a response below 500 and nothing changed unless it says so. Every
                response tells the used weight; one that shows what a command did may leave once the command is durable.
Does not.       Decide: rules are the gateway's, the exchange's and the queries'. Read a clock or a socket.
Source.         rest-api.md.
"""

from typing import Final

from papernet.app.faults import Fault, RequestFault
from papernet.app.gateway import Call, Gateway
from papernet.app.operations import DryRun, Operation, Params, Submit, TimeUnit
from papernet.app.order_terms import OrderCommand
from papernet.app.queries import QUERIES, Context
from papernet.app.rate_limits import seconds_to_window_end
from papernet.app.sequencer import Sequencer, SequencerHaltedError
from papernet.core.commands import AmendOrder, CancelOpenOrders, CancelOrder, CancelOrderList, ReplaceOrder
from papernet.core.events import Applied, PlacementFailed, Refused
from papernet.core.rejects import Reason, Reject
from papernet.protocols.json import replies
from papernet.protocols.json.errors import UNAVAILABLE, RequestError, error_of_fault, error_of_reject
from papernet.protocols.json.params import read_params
from papernet.protocols.rest.request import Request, Response, read_form
from papernet.protocols.rest.routes import find_operation
from papernet.protocols.rest.sapi import STUB_WEIGHT, answer_stub

_API_KEY: Final = b"x-mbx-apikey"
_TIME_UNIT: Final = b"x-mbx-time-unit"
_ACCEPT: Final = b"accept"

_TIME_UNITS: Final = {
    b"MILLISECOND": TimeUnit.MILLISECOND,
    b"millisecond": TimeUnit.MILLISECOND,
    b"MICROSECOND": TimeUnit.MICROSECOND,
    b"microsecond": TimeUnit.MICROSECOND,
}
_BAD_TIME_UNIT: Final = Fault(RequestFault.BAD_TIME_UNIT)
_NOT_ACCEPTABLE: Final = Fault(RequestFault.NOT_ACCEPTABLE)

_CONTENT_TYPE: Final = (b"content-type", b"application/json;charset=UTF-8")
_SECURITY_HEADERS: Final = ((b"x-content-type-options", b"nosniff"), (b"cache-control", b"no-cache, no-store"))

_NO_PARAMS: Final[Params] = {}
# Whose refusals have codes of their own; all other commands place orders.
_CANCELS: Final = (CancelOrder, CancelOpenOrders, CancelOrderList)

_OK: Final = 200
_TOO_MANY: Final = 429

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
            if not _is_json_accepted(request):
                call.fault = _NOT_ACCEPTABLE
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
            return self._reject(request, first.reject, applied.at, applied.seq, command)
        headers: _Headers = []
        if operation.order_cost:
            # rest-api.md, Unfilled Order Count
            ten_seconds, one_day = self._exchange.order_counts(_account_of(command), applied.at)
            headers = [
                (b"x-mbx-order-count-10s", b"%d" % ten_seconds),
                (b"x-mbx-order-count-1d", b"%d" % one_day),
            ]
        status, body = replies.command_reply(command, applied, params, unit, self._exchange.venue.order_lists)
        if status == _OK and operation.free_when_done:
            self._gateway.limits.refund(request.ip, operation.weight_of(params), now)
        elif status == _TOO_MANY:
            headers += [_retry_after(reject, applied.at) for reject in _refused_placements(applied)]
        return Response(status, self._headers(request, headers, now), body, applied.seq)

    def _reject(
        self, request: Request, reject: Reject, now: int, durable_seq: int = 0, command: OrderCommand | None = None
    ) -> Response:
        headers: _Headers = []
        if reject.reason is Reason.TOO_MANY_ORDERS:
            headers.append(_retry_after(reject, now))
        error = error_of_reject(reject, cancelling=isinstance(command, _CANCELS), amending=isinstance(command, AmendOrder))
        return self._error(request, error, headers, now, durable_seq)

    def _refuse(self, request: Request, fault: Fault, now: int) -> Response:
        headers: _Headers = []
        if fault.retry_after:
            headers.append((b"retry-after", b"%d" % fault.retry_after))
        if fault.fault is RequestFault.WRONG_METHOD:
            headers.append((b"allow", fault.args[0].encode("ascii")))
        return self._error(request, error_of_fault(fault), headers, now)

    def _error(self, request: Request, error: RequestError, headers: _Headers, now: int, durable_seq: int = 0) -> Response:
        return Response(error.status, self._headers(request, headers, now), error.body(), durable_seq)

    def _reply(self, request: Request, body: bytes, now: int, durable_seq: int = 0) -> Response:
        return Response(_OK, self._headers(request, [], now), body, durable_seq)

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


def _is_json_accepted(request: Request) -> bool:
    """Whether the answer may be JSON (faqs/sbe_faq, REST API): a client that takes nothing but SBE gets none."""
    accepted = request.headers.get(_ACCEPT)
    if accepted is None or b"application/sbe" not in accepted:
        return True
    return b"application/json" in accepted or b"*/*" in accepted


def _retry_after(reject: Reject, now: int) -> tuple[bytes, bytes]:
    """Return how long a client waits whose account placed too many orders (rest-api.md, Unfilled Order Count)."""
    return b"retry-after", b"%d" % seconds_to_window_end(reject.args[1], now)


def _refused_placements(applied: Applied) -> list[Reject]:
    """Return why orders in the place of others were refused for being too many."""
    placements = (event.reject for event in applied.events if isinstance(event, PlacementFailed))
    return [reject for reject in placements if reject is not None and reject.reason is Reason.TOO_MANY_ORDERS]


def _account_of(command: OrderCommand) -> int:
    return command.order.account if isinstance(command, ReplaceOrder) else command.account
