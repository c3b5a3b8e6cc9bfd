"""The envelope of a reply: the id, the status, the result or error that REST would answer, and how far limits are used up.

Order of work.  A reply is put together around a payload that is JSON already.
Invariant.      A reply has a `result` or an `error`, never both.
Does not.       Count anything. Know methods, except the one whose result has another shape than over REST.
Units.          Microseconds UTC in, the connection's time unit out.
Source.         web-socket-api.md, Response format, Rate limits.
"""

from typing import Final

from papernet.app.faults import Fault, RequestFault
from papernet.app.operations import TimeUnit
from papernet.app.rate_limits import WEIGHT_LIMIT, WEIGHT_MINUTES
from papernet.core.dates import MILLISECOND, SECOND
from papernet.exchange.allowances import ORDER_LIMIT_1D, ORDER_LIMIT_10S
from papernet.protocols.json.fragments import divisor
from papernet.protocols.json.outcomes import OK, Rendered

OrderCounts = tuple[int, int] | None

_SUCCESS: Final = b'{"id":%b,"status":200,"result":%b%b}'
_FAILURE: Final = b'{"id":%b,"status":%d,"error":%b%b}'
_LIMIT: Final = b'{"rateLimitType":"%b","interval":"%b","intervalNum":%d,"limit":%d,"count":%%d}'
_TEN_SECONDS: Final = _LIMIT % (b"ORDERS", b"SECOND", 10, ORDER_LIMIT_10S)
_ONE_DAY: Final = _LIMIT % (b"ORDERS", b"DAY", 1, ORDER_LIMIT_1D)
_WEIGHT: Final = _LIMIT % (b"REQUEST_WEIGHT", b"MINUTE", WEIGHT_MINUTES, WEIGHT_LIMIT)
_LIMITS: Final = b',"rateLimits":[' + _WEIGHT + b"]"
_LIMITS_WITH_ORDERS: Final = b',"rateLimits":[' + b",".join((_TEN_SECONDS, _ONE_DAY, _WEIGHT)) + b"]"


def rate_limits(used_weight: int, order_counts: OrderCounts) -> bytes:
    """Return the field that tells of the limits which a request touched, with the comma before it."""
    if order_counts is None:
        return _LIMITS % used_weight
    return _LIMITS_WITH_ORDERS % (*order_counts, used_weight)


def reply(echoed: bytes, told: Rendered, limits: bytes) -> bytes:
    """Return the reply to a request."""
    if told.status == OK:
        return _SUCCESS % (echoed, told.body, limits)
    return _FAILURE % (echoed, told.status, told.body, limits)


def with_wait(told: Rendered, reason: object, now: int, unit: TimeUnit) -> Rendered:
    """Return an error with the time from which on asking again makes sense (web-socket-api.md, IP limits)."""
    step = divisor(unit)
    times = b'"serverTime":%d,"retryAfter":%d}}' % (now // step, _retry_at(told, reason, now) // step)
    body = told.body
    # What became of the halves of a cancel-replace is data too.
    body = body[:-2] + b"," + times if body.endswith(b"}}") else body[:-1] + b',"data":{' + times
    return Rendered(told.status, body, told.durable_seq, told.retry_after, told.order_counts)


def _retry_at(told: Rendered, reason: object, now: int) -> int:
    if isinstance(reason, Fault) and reason.fault is RequestFault.BANNED:
        return int(reason.args[0]) * MILLISECOND
    # Windows end with a second.
    return (now // SECOND + told.retry_after) * SECOND
