"""The REST door of European Options: one request in, one response out, for `/eapi/v1` in one of its editions.

Order of work.  Knock; decode; have it carried out, the market makers knowing what is looked at; write it in the edition's way.
                Listen keys and downloads, which are no commands, the door itself carries out once they are admitted.
Invariant.      As of the door of `/api/v3`: whatever bytes come, the answer is a response below 500, and nothing changed unless
                it says so, where no rule of faults is met. Times are milliseconds.
Does not.       Decide: that is the service's work. Read a clock or a socket.
Source.         European Options, General Info and REST API.
"""

from collections.abc import Callable
from typing import Final

from msgspec import Struct

from papernet.app.faults import Fault, OptionFault, RequestFault
from papernet.app.gateway import Call
from papernet.app.hindrances import Hindrances, Met, Postponed, was_executed
from papernet.app.income_downloads import IncomeDownloads
from papernet.app.listen_keys import VALID_FOR, ListenKeys
from papernet.app.operations import Operation, Params
from papernet.app.operations.options import Generation
from papernet.app.request_log import DoorLog, Record, RequestLog
from papernet.app.service import Admitted, Denied, Outcome, Service
from papernet.protocols.json.option_fields import EMPTY, encode, listen_key
from papernet.protocols.json.option_outcomes import OptionWriter
from papernet.protocols.json.outcomes import OK, Rendered
from papernet.protocols.rest import option_downloads
from papernet.protocols.rest.hindering import hindered, postponed
from papernet.protocols.rest.messages import NO_PARAMS, WRONG_METHOD, decode, respond
from papernet.protocols.rest.option_routes import OptionRoutes
from papernet.protocols.rest.request import Request, Response

# The contracts that somebody is about to look at or trade (None: all), and now.
Look = Callable[[tuple[str, ...] | None, int], None]

# General Info, Order Rate Limits
_COUNT_NAMES: Final = (b"x-mbx-order-count-10s", b"x-mbx-order-count-1m")
_DOWNLOAD_WEIGHT: Final = 5

_NO_SUCH_KEY: Final = Fault(RequestFault.NO_SUCH_LISTEN_KEY)
_NO_RECORD: Final = Fault(OptionFault.NO_RECORD)
_TOO_MANY_DOWNLOADS: Final = Fault(OptionFault.TOO_MANY_DOWNLOADS)
_NO_SUCH_FILE: Final = Fault(RequestFault.UNKNOWN_PATH)
_WRONG_METHOD: Final = Fault(RequestFault.WRONG_METHOD, ("GET",))

# Whose answers depend on what is quoted, and where they say about which contracts.
_LOOKS_AT_SYMBOL: Final = ("options.depth", "options.mark", "options.ticker", "options.order.place")
_LOOKS_AT_ORDERS: Final = "options.batchOrders.place"
_AGREES_ON_LEGS: Final = "options.block.order.create"
_ACCEPTS_KEY: Final = "options.block.order.accept"


class OfRequests(Struct, frozen=True):
    """What the door keeps between requests, and where the files are that it links to."""

    listen_keys: ListenKeys
    downloads: IncomeDownloads
    base_url: str


class OptionsDoor:
    """Answers REST requests about options on one exchange."""

    def __init__(
        self,
        service: Service,
        generation: Generation,
        kept: OfRequests,
        look: Look | None = None,
        log: RequestLog | None = None,
        hindrances: Hindrances | None = None,
    ) -> None:
        """Answer what `service` does in the way of a generation, and keep a `log` of it.

        `look` is told beforehand what will be looked at; `hindrances` lets faults happen.
        """
        self._service: Final = service
        self._gateway: Final = service.gateway
        self._writer: Final = OptionWriter(generation)
        self._routes: Final = OptionRoutes(generation)
        self._tells_end_of_key: Final = generation is Generation.CURRENT
        self._kept: Final = kept
        self._look: Final = look
        self._hindrances: Final = hindrances
        self._log: Final = DoorLog(log, "options-rest", service.gateway.limits)
        if look is not None:
            service.prepare = self._tell_makers

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
        if request.path.startswith(option_downloads.FILES):
            return self._file(request, now)
        operation = self._routes.find(request.method, request.path)
        if isinstance(operation, Fault):
            call = Call(request.ip, request.received_at, None, NO_PARAMS, operation)
        else:
            call = decode(request, operation)
        record.call = call
        hindrances = self._hindrances
        if hindrances is not None and hindrances.plan.on_requests:
            met = hindrances.meet(call, now)
            if met is not None:
                return self._hindered(request, record, met, hindrances, now)
        record.outcome = self._service.perform(call, now)
        return self._tell(request, call, record.outcome, now)

    def _hindered(self, request: Request, record: Record, met: Met, hindrances: Hindrances, now: int) -> Response:
        """Return the response to a request that met a rule of faults."""
        call = record.call
        assert call is not None
        if isinstance(met, Postponed):

            def resume(then: int) -> Response:
                record.outcome = self._service.perform(call, then)
                response = self._tell(request, call, record.outcome, then)
                self._close(request, record, response, then)
                return response

            return postponed(met, resume)
        answer = None if met.outcome is None else self._tell(request, call, met.outcome, now)
        response = hindered(met, hindrances, answer, lambda fault: self._refuse(request, fault, now))
        if response is answer:
            record.outcome = met.outcome
        else:
            record.outcome = met.outcome if met.instead is None else Denied(met.instead, now)
            self._log.hinder(record, met.rule, was_executed=was_executed(met.outcome))
        return response

    def _tell(self, request: Request, call: Call, outcome: Outcome, now: int) -> Response:
        if isinstance(outcome, Admitted):
            told = self._carry_out(outcome, call.params, now)
            return (
                self._refuse(request, told, now) if isinstance(told, Fault) else self._respond(request, Rendered(OK, told), now)
            )
        return self._respond(request, self._writer.rendered(outcome), now)

    def _tell_makers(self, operation: Operation, params: Params, now: int) -> None:
        """Let the makers know what somebody who may do so is about to look at."""
        assert self._look is not None
        name = operation.name
        if name in _LOOKS_AT_SYMBOL:
            symbol = params["symbol"]
            self._look(None if symbol is None else (symbol,), now)
        elif name == _LOOKS_AT_ORDERS:
            self._look(tuple(order["symbol"] for order in params["orders"] if not isinstance(order, Fault)), now)
        elif name == _AGREES_ON_LEGS:
            self._look(tuple(leg["symbol"] for leg in params["legs"] if not isinstance(leg, Fault)), now)
        elif name == _ACCEPTS_KEY:
            record = self._service.exchange.options.block_orders.get(params["blockOrderMatchingKey"])
            if record is not None:
                self._look((record.symbol,), now)

    def _carry_out(self, admitted: Admitted, params: Params, now: int) -> bytes | Fault:
        """Carry out what is about a listen key or a download."""
        account, name = admitted.account, admitted.operation.name
        keys, downloads = self._kept.listen_keys, self._kept.downloads
        if name == "options.listenKey.start":
            return encode(listen_key(keys.start(account, now), now + VALID_FOR if self._tells_end_of_key else None))
        if name == "options.income.asyn":
            is_limited = self._gateway.limits.enabled
            begun = downloads.ask(account, params["startTime"], params["endTime"], now, is_limited=is_limited)
            return _TOO_MANY_DOWNLOADS if begun is None else option_downloads.begun(begun)
        if name == "options.income.asyn.id":
            found = downloads.find(params["downloadId"], account)
            return _NO_RECORD if found is None else option_downloads.state(found, self._kept.base_url, now)
        # Keepalive, Close User Data Stream: which key it is follows from the account.
        key = keys.key_of(account, now)
        if key is None:
            return _NO_SUCH_KEY
        act = keys.ping if name == "options.listenKey.ping" else keys.stop
        act(key, account, now)
        return encode(EMPTY)

    def _file(self, request: Request, now: int) -> Response:
        """Answer whoever follows the link of a download."""
        over = self._gateway.limits.charge(request.ip, _DOWNLOAD_WEIGHT, now)
        if over is not None:
            return self._refuse(request, over, now)
        if request.method != "GET":
            return self._refuse(request, _WRONG_METHOD, now)
        download = self._kept.downloads.follow(request.path.removeprefix(option_downloads.FILES), now)
        if download is None:
            return self._refuse(request, _NO_SUCH_FILE, now)
        body = option_downloads.file(self._service.context, download)
        # What an account is shown of itself must not be lost again.
        told = Rendered(OK, body, self._service.sequencer.last_seq)
        used = self._gateway.limits.used_weight(request.ip, now)
        return respond(told, used, _COUNT_NAMES, content_type=option_downloads.CSV)

    def _refuse(self, request: Request, fault: Fault, now: int) -> Response:
        return self._respond(request, self._writer.refused(fault), now)

    def _respond(self, request: Request, told: Rendered, now: int) -> Response:
        used = self._gateway.limits.used_weight(request.ip, now)
        allowed = ""
        if told.status == WRONG_METHOD:
            allowed = "GET" if request.path.startswith(option_downloads.FILES) else self._routes.allowed(request.path)
        return respond(told, used, _COUNT_NAMES, allowed=allowed)
