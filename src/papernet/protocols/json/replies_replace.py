"""The reply to a cancel-replace: what became of the cancel and of the new order, and the HTTP status that says so.

Order of work.  The events say which of the two succeeded. `_OUTCOMES` gives the status and the error that goes with it; what is
                told of each goes into `data`, or is the reply itself when both succeeded.
Beyond limits.  When the account may place no more orders, only CANCEL_ONLY gets here: with STOP_ON_FAILURE the status is 429
                instead, and a new order behind a failed cancel counts as not attempted, because it would not have been.
Source.         rest-api.md, Cancel an Existing Order and Send a New Order: the table and its responses.
"""

from collections.abc import Mapping
from enum import Enum, unique
from typing import Final

from papernet.app.operations import ResponseType, TimeUnit
from papernet.core.commands import ReplaceOrder
from papernet.core.enums import ExecType
from papernet.core.events import Applied, CancelFailed, Event, ExecutionReport, PlacementFailed
from papernet.core.rejects import Reason
from papernet.protocols.json import order_fields
from papernet.protocols.json.errors import (
    CANCEL_REPLACE_FAILED,
    CANCEL_REPLACE_PARTLY_FAILED,
    RequestError,
    error_of_reject,
)
from papernet.protocols.json.fragments import divisor
from papernet.protocols.json.replies_orders import cancel_text

_NEW: Final = ExecType.NEW
_TOO_MANY: Final = 429


@unique
class _Result(Enum):
    """What became of one of the two."""

    SUCCESS = 1
    FAILURE = 2
    NOT_ATTEMPTED = 3


_S, _F, _N = _Result.SUCCESS, _Result.FAILURE, _Result.NOT_ATTEMPTED

# (cancel, new order) -> status within the limits, error
_OUTCOMES: Final[Mapping[tuple[_Result, _Result], tuple[int, RequestError | None]]] = {
    (_S, _S): (200, None),
    (_S, _F): (409, CANCEL_REPLACE_PARTLY_FAILED),
    (_F, _S): (409, CANCEL_REPLACE_PARTLY_FAILED),
    (_F, _F): (400, CANCEL_REPLACE_FAILED),
    (_F, _N): (400, CANCEL_REPLACE_FAILED),
}


def cancel_replaced(command: ReplaceOrder, applied: Applied, response_type: ResponseType, unit: TimeUnit) -> tuple[int, bytes]:
    """Return the HTTP status and the reply."""
    step, events = divisor(unit), applied.events
    first = events[0]
    if type(first) is CancelFailed:
        cancel, cancel_reply = _F, error_of_reject(first.reject, cancelling=True).body().decode()
    else:
        cancel, cancel_reply = _S, cancel_text(events, step)
    failed = next((event for event in events if type(event) is PlacementFailed), None)
    is_beyond = failed is not None and failed.reject is not None and failed.reject.reason is Reason.TOO_MANY_ORDERS
    stops = command.stops_on_failure
    if failed is None:
        order, order_reply = _S, _placed(events, response_type, step)
    elif failed.reject is None or (cancel is _F and stops):
        order, order_reply = _N, "null"
    else:
        order, order_reply = _F, error_of_reject(failed.reject).body().decode()
    status, error = _OUTCOMES[cancel, order]
    data = (
        f'{{"cancelResult":"{cancel.name}","newOrderResult":"{order.name}",'
        f'"cancelResponse":{cancel_reply},"newOrderResponse":{order_reply}}}'
    )
    if error is not None:
        data = f'{error.body().decode()[:-1]},"data":{data}}}'
    return _TOO_MANY if is_beyond and stops else status, data.encode()


def _placed(events: tuple[Event, ...], response_type: ResponseType, step: int) -> str:
    """Return the reply to the new order, whose reports begin with the first that tells of a new one."""
    first = next(event for event in events if type(event) is ExecutionReport and event.exec_type is _NEW)
    reports = order_fields.reports_of(events, first.order_id, first.terms.symbol)
    return order_fields.placed(reports, events, response_type, step)
