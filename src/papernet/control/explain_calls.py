"""The calls that tell what came in at the exchange's doors, and why something was refused or is not filled.

Order of work.  Query, record or order, explanation; the first that is not right answers.
Invariant.      Nothing is changed. No secret is told: of an API key its public half alone.
Does not.       Explain: `app.explaining` does.
"""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from typing import Any, Final

from msgspec import DecodeError, Struct, json

from papernet.app.explaining.explainer import Explainer
from papernet.app.explaining.explanation import Explanation
from papernet.app.explaining.orders import explain_ended, explain_ended_option, explain_open, explain_open_option
from papernet.app.faults import Fault
from papernet.app.queries import QUERIES, Context
from papernet.app.request_log import CALLS_MAX, Record, RequestLog
from papernet.control.bodies import BadBodyError
from papernet.control.calls import Call
from papernet.control.messages import ControlRequest, ControlResponse, error, ok, query, user
from papernet.control.times import time_fields
from papernet.core.account import Account

_SHOWN: Final = 100
_REFUSED: Final = 400
_YES: Final = ("1", "true", "yes")


class RequestRow(Struct):
    """A call, as it is told. `code` and `message` are those of a refusal; `latency_us` is real time."""

    id: int
    time: str
    timestamp_ms: int
    door: str
    method: str
    target: str
    operation: str
    symbol: str
    account: str
    api_key: str
    ip: str
    weight: int
    status: int
    code: int | None
    message: str
    latency_us: int
    explained: bool


class ExplainedRequest(Struct):
    """A call and what there is to say of it."""

    request: RequestRow
    explanation: Explanation


class ExplainedOrder(Struct):
    """An order, whether it is open, and what there is to say of it."""

    symbol: str
    order_id: int
    account: str
    open: bool
    explanation: Explanation


class ExplainCalls:
    """Lists calls and explains them."""

    def __init__(self, context: Context, log: RequestLog, explainer: Explainer) -> None:
        """Answer from `log`, and about the exchange of `context`."""
        self._exchange: Final = context.exchange
        self._context: Final = context
        self._log: Final = log
        self._explainer: Final = explainer

    def rows(self) -> tuple[Call, ...]:
        """Return the calls."""
        return (
            Call(
                method="GET",
                path="/requests",
                handler=self.list_requests,
                summary="Tell recent calls at all doors, newest first",
                query={
                    "limit": f"how many at most, {_SHOWN} when absent",
                    "account": "those of this account",
                    "api_key": "those with this API key",
                    "door": "those at this door: rest, ws-api or options-rest",
                    "operation": "those of this operation, by the name of its WebSocket method",
                    "symbol": "those about this symbol",
                    "status": "those answered with this HTTP status",
                    "code": "those refused with this error code",
                    "refused": "true: refused ones alone",
                },
                answer=list[RequestRow],
            ),
            Call(
                method="GET",
                path="/explain/requests/{id}",
                handler=self.explain_request,
                summary="Explain why a call was refused, or why the order that it placed ended at once",
                answer=ExplainedRequest,
            ),
            Call(
                method="GET",
                path="/explain/orders",
                handler=self.explain_order,
                summary="Explain why an order is not filled: its place in the queue, what it waits for, or why it ended",
                query={
                    "symbol": "its symbol, or its options contract",
                    "order_id": "its id",
                    "client_order_id": "its client order id, instead",
                    "account": "whose it is; anybody's when absent",
                },
                answer=ExplainedOrder,
            ),
        )

    # ---- requests

    def list_requests(self, request: ControlRequest, _name: str, _now: int) -> ControlResponse:
        """Tell recent calls."""
        limit = _whole(query(request, "limit") or str(_SHOWN), "limit")
        if not 1 <= limit <= CALLS_MAX:
            raise BadBodyError(f"limit: from 1 to {CALLS_MAX}")
        tests = self._tests(request)
        chosen = (record for record in self._log.newest() if all(test(record) for test in tests))
        found = [self._row(record) for record in islice(chosen, limit)]
        return ok(found)

    def explain_request(self, _request: ControlRequest, name: str, _now: int) -> ControlResponse:
        """Explain one call."""
        record = self._log.find(_whole(name, "id"))
        if record is None:
            return error(404, f"there is no call {name[:20]}: it never came, or was too long ago")
        told = self._explainer.completed(record)
        if told is None:
            return error(404, f"there is nothing to explain about call {record.number}: it was answered with {record.status}")
        return ok(ExplainedRequest(self._row(record), told))

    def _tests(self, request: ControlRequest) -> list[Callable[[Record], bool]]:
        """Return what a record must be to be told."""
        tests: list[Callable[[Record], bool]] = []
        if query(request, "refused").lower() in _YES:
            tests.append(lambda record: record.status >= _REFUSED)
        account = query(request, "account")
        if account:
            named = self._exchange.accounts.by_name.get(account)
            wanted = 0 if named is None else named.account_id
            tests.append(lambda record: record.account == wanted != 0)
        for name in ("api_key", "door", "operation", "symbol"):
            text = query(request, name)
            if text:
                tests.append(partial(_has, name, text))
        if query(request, "status"):
            tests.append(partial(_has, "status", _whole(query(request, "status"), "status")))
        if query(request, "code"):
            code = _whole(query(request, "code"), "code")
            tests.append(lambda record: bool(record.refusal) and _error_of(record.refusal)[0] == code)
        return tests

    def _row(self, record: Record) -> RequestRow:
        code, message = _error_of(record.refusal)
        account = self._exchange.accounts.by_id.get(record.account)
        return RequestRow(
            id=record.number,
            **time_fields(record.at),  # type: ignore[arg-type]  # the two fields that tell a time
            door=record.door,
            method=record.method,
            target=record.target,
            operation=record.operation,
            symbol=record.symbol,
            account="" if account is None else account.name,
            api_key=record.api_key,
            ip=record.ip,
            weight=record.weight,
            status=record.status,
            code=code,
            message=message,
            latency_us=record.latency,
            explained=record.explanation is not None,
        )

    # ---- orders

    def explain_order(self, request: ControlRequest, _name: str, now: int) -> ControlResponse:
        """Explain one order."""
        symbol, client_id = query(request, "symbol").upper(), query(request, "client_order_id")
        text, name = query(request, "order_id"), query(request, "account")
        if not symbol or not (text or client_id):
            raise BadBodyError("symbol, and order_id or client_order_id: say which order")
        order_id = _whole(text, "order_id") if text else None
        chosen = user(self._exchange, name) if name else None
        if name and chosen is None:
            return error(404, "there is no such account")
        is_option = symbol not in self._exchange.markets
        if is_option and symbol not in self._exchange.options.markets and "-" not in symbol:
            return error(404, "there is no such symbol")
        look = self._option if is_option else self._spot
        for account in [chosen] if chosen is not None else self._users():
            found = look(account, symbol, order_id, client_id, now)
            if found is not None:
                return ok(found)
        return error(404, "there is no such order")

    def _users(self) -> Iterator[Account]:
        return (account for account in self._exchange.accounts.by_id.values() if account.is_user)

    def _spot(self, account: Account, symbol: str, order_id: int | None, client_id: str, now: int) -> ExplainedOrder | None:
        params = {"symbol": symbol, "orderId": order_id, "origClientOrderId": client_id or None}
        record = QUERIES["order.status"](self._context, params, account.account_id, now)
        if isinstance(record, Fault):
            return None
        market = self._exchange.markets[symbol]
        order = market.orders.get(record.order_id)
        if order is not None:
            told = explain_open(market, order)
        else:
            placed = self._log.end_of(symbol, record.order_id)
            told = explain_ended(record, None if placed is None else placed.explanation)
        return ExplainedOrder(symbol, record.order_id, account.name, order is not None, told)

    def _option(self, account: Account, symbol: str, order_id: int | None, client_id: str, now: int) -> ExplainedOrder | None:
        params = {"symbol": symbol, "orderId": order_id, "clientOrderId": client_id or None}
        row = QUERIES["options.order.status"](self._context, params, account.account_id, now)
        if isinstance(row, Fault):
            return None
        record, market = row.record, self._exchange.options.markets.get(symbol)
        order = None if market is None else market.orders.get(record.order_id)
        told = explain_ended_option(record) if order is None else explain_open_option(self._exchange, order)
        return ExplainedOrder(symbol, record.order_id, account.name, order is not None, told)


def _has(name: str, wanted: object, record: Record) -> bool:
    """Whether a field of a record is what somebody asks for."""
    return getattr(record, name) == wanted  # type: ignore[no-any-return]  # equality is a truth


def _whole(text: str, name: str) -> int:
    """Return the whole number of a field."""
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= len("9223372036854775807")):
        raise BadBodyError(f"{name}: {text[:40]!r} is no whole number")
    return int(text)


def _error_of(refusal: bytes) -> tuple[int | None, str]:
    """Return the code and the words of a refusal."""
    try:
        told: Any = json.decode(refusal) if refusal else {}
    except DecodeError:
        return None, ""
    return (told.get("code"), str(told.get("msg", ""))) if isinstance(told, dict) else (None, "")
