"""What a request came to, as every JSON door tells it: a status, a payload, and how long to wait.

Invariant.      An outcome has one payload and one status, whatever the door: the body of a REST answer is the `result` or the
                `error` of the WebSocket API's.
Does not.       Know headers or envelopes: doors do.
Source.         rest-api.md, HTTP Return Codes; web-socket-api.md, Status codes, which are the same.
"""

from typing import Final

from msgspec import Struct

from papernet.app.faults import Fault
from papernet.app.gateway import Call
from papernet.app.operations import TimeUnit
from papernet.app.rate_limits import seconds_to_window_end
from papernet.app.service import Answered, Denied, Done, Outcome
from papernet.core.commands import AmendOrder, CancelOpenOrders, CancelOrder, CancelOrderList
from papernet.core.events import Applied, PlacementFailed
from papernet.core.order_list import OrderList
from papernet.core.rejects import Reason, Reject
from papernet.protocols.json import replies
from papernet.protocols.json.errors import UNAVAILABLE, error_of_fault, error_of_reject

OK: Final = 200
_TOO_MANY: Final = 429
# Whose refusals have codes of their own; all other commands place orders.
_CANCELS: Final = (CancelOrder, CancelOpenOrders, CancelOrderList)


class Rendered(Struct, frozen=True, gc=False):
    """An outcome in JSON. `retry_after` is in seconds, 0 where waiting does not help; `at` is the time it is about."""

    status: int
    body: bytes
    durable_seq: int = 0
    retry_after: int = 0
    order_counts: tuple[int, int] | None = None


def rendered(outcome: Outcome, call: Call, unit: TimeUnit, order_lists: dict[int, OrderList]) -> Rendered:
    """Return an outcome in JSON, times in `unit`; `order_lists` are the lists open now."""
    if isinstance(outcome, Done):
        applied = outcome.applied
        status, body = replies.command_reply(outcome.command, applied, call.params, unit, order_lists)
        retry_after = _wait_for_placement(applied) if status == _TOO_MANY else 0
        return Rendered(status, body, applied.seq, retry_after, outcome.order_counts)
    if isinstance(outcome, Answered):
        return Rendered(OK, replies.RENDERERS[outcome.operation.name](outcome.value, unit), outcome.durable_seq)
    if isinstance(outcome, Denied):
        return _refusal(outcome)
    return Rendered(UNAVAILABLE.status, UNAVAILABLE.body())


def refused(fault: Fault) -> Rendered:
    """Return the refusal of a request that was not even decoded."""
    error = error_of_fault(fault)
    return Rendered(error.status, error.body(), 0, fault.retry_after)


def _refusal(denied: Denied) -> Rendered:
    reason, command = denied.reason, denied.command
    if isinstance(reason, Fault):
        return refused(reason)
    error = error_of_reject(reason, cancelling=isinstance(command, _CANCELS), amending=isinstance(command, AmendOrder))
    wait = _wait(reason, denied.at) if reason.reason is Reason.TOO_MANY_ORDERS else 0
    return Rendered(error.status, error.body(), denied.durable_seq, wait)


def _wait(reject: Reject, at: int) -> int:
    """Return how long a client waits whose account placed too many orders (rest-api.md, Unfilled Order Count)."""
    return seconds_to_window_end(reject.args[1], at)


def _wait_for_placement(applied: Applied) -> int:
    """Return how long to wait when an order in the place of another was one too many."""
    for event in applied.events:
        if isinstance(event, PlacementFailed) and event.reject is not None and event.reject.reason is Reason.TOO_MANY_ORDERS:
            return _wait(event.reject, applied.at)
    return 0
