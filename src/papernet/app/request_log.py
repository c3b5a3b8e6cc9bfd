"""The calls of late: what came in at which door, what it weighed, what became of it, how long that took.

Order of work.  A door opens a record when a request is whole, tells what it read of it and what came of it, and closes it with
                the answer's status. What was refused, or ended at once, is explained then, while everything still stands as it
                was looked at.
Invariant.      Memory is bounded: so many calls, so many refusals, and of each refusal only the beginning of what was sent. A
                call that succeeds leaves behind plain values alone. No secret is ever seen here.
Does not.       Read a clock: `at` is papernet's time, and `ticks` (nanoseconds of real time from anywhere) is an argument,
                because how long an answer takes has nothing to do with the time that papernet pretends.
Cost.           About 2 us a call that succeeds.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import Final, TypeAlias

from msgspec import Struct

from papernet.app.explaining.explanation import Explanation
from papernet.app.fault_rules import FaultRule
from papernet.app.gateway import Call
from papernet.app.rate_limits import RateLimits
from papernet.app.service import Answered, Denied, Done, Outcome, Several
from papernet.core.commands import NewOrder, RegisterKey
from papernet.core.enums import OrderStatus
from papernet.core.events import ExecutionReport

CALLS_MAX: Final = 10_000
KEPT_MAX: Final = 10_000
SENT_MAX: Final = 8_192

_REFUSED: Final = 400
# of ticks
_MICROSECOND: Final = 1_000
_ENDED: Final = (OrderStatus.EXPIRED, OrderStatus.EXPIRED_IN_MATCH)


class Record(Struct, gc=False):
    """One call. `weight` is what it cost its address, `latency` microseconds of real time until its answer left.

    What follows `account` stays only with calls that have something to explain: `query` and `body` are what was sent, `call`
    what was read of it, `outcome` what came of it, `refusal` the answer's body, and `order` the symbol and the id of an order
    that the call placed and that ended with it. `rule` is the rule of faults that answered in the exchange's place, and
    `was_executed` whether the call was carried out all the same.
    """

    number: int
    at: int
    door: str
    method: str
    target: str
    ip: str
    started: int
    weight: int
    status: int = 0
    latency: int = 0
    operation: str = ""
    symbol: str = ""
    api_key: str = ""
    account: int = 0
    call: Call | None = None
    outcome: Outcome | None = None
    query: bytes = b""
    body: bytes = b""
    refusal: bytes = b""
    explanation: Explanation | None = None
    order: tuple[str, int] | None = None
    rule: FaultRule | None = None
    was_executed: bool = False


# The record, the limits of its door's host, and now, to what there is to say of it.
Explain: TypeAlias = Callable[[Record, RateLimits, int], Explanation | None]


def _no_ticks() -> int:
    return 0


class RequestLog:
    """The calls at all doors of one network. Without `explain` refusals are listed and not explained."""

    def __init__(
        self,
        keys: Mapping[str, RegisterKey] | None = None,
        ticks: Callable[[], int] = _no_ticks,
        explain: Explain | None = None,
    ) -> None:
        """Begin with no calls; `keys` are all API keys that are valid at any moment."""
        self.ticks: Final = ticks
        self.explain: Final = explain
        self.keys: Final[Mapping[str, RegisterKey]] = {} if keys is None else keys
        self.calls: Final[deque[Record]] = deque(maxlen=CALLS_MAX)
        # those of them, and of calls before them, that there is something to say of
        self.kept: Final[deque[Record]] = deque(maxlen=KEPT_MAX)
        self.numbered: int = 0

    @property
    def latest(self) -> Record | None:
        """Return the call that came last."""
        return self.calls[-1] if self.calls else None

    def find(self, number: int) -> Record | None:
        """Return a call by its number."""
        return next((record for record in self.newest() if record.number == number), None)

    def end_of(self, symbol: str, order_id: int) -> Record | None:
        """Return the call that placed an order which ended with it."""
        wanted = (symbol, order_id)
        return next((record for record in reversed(self.kept) if record.order == wanted), None)

    def newest(self) -> Iterator[Record]:
        """Return what is known of calls, newest first."""
        oldest = self.calls[0].number if self.calls else 0
        yield from reversed(self.calls)
        yield from (record for record in reversed(self.kept) if record.number < oldest)

    def sent(self, record: Record) -> None:
        """Take note that the answer to a call leaves only now."""
        record.latency = (self.ticks() - record.started) // _MICROSECOND

    def forget_orders(self) -> None:
        """Forget which orders the calls placed: those are gone, and others will have their ids."""
        for record in self.kept:
            record.order = None


class DoorLog:
    """The log as one door writes it."""

    __slots__ = ("_door", "_limits", "_log")

    def __init__(self, log: RequestLog | None, door: str, limits: RateLimits) -> None:
        """Write into `log` what comes in at `door`, whose addresses `limits` counts; without one, into one of its own."""
        self._log: Final = RequestLog() if log is None else log
        self._door: Final = door
        self._limits: Final = limits

    def open(self, method: str, target: str, ip: str, at: int, now: int) -> Record:
        """Begin the record of a call that arrived at `at`."""
        log = self._log
        log.numbered = number = log.numbered + 1
        record = Record(number, at, self._door, method, target, ip, log.ticks(), self._limits.used_weight(ip, now))
        log.calls.append(record)
        return record

    def close(
        self, record: Record, status: int, now: int, *, refusal: bytes = b"", query: bytes = b"", body: bytes = b""
    ) -> None:
        """Take note of the answer to a call; explain it if it is a refusal, or what it placed has ended."""
        log, call, outcome = self._log, record.call, record.outcome
        record.status = status
        record.weight = self._limits.used_weight(record.ip, now) - record.weight
        if call is not None:
            record.api_key = call.api_key
            key = log.keys.get(call.api_key)
            record.account = 0 if key is None else key.account
            record.symbol = call.params.get("symbol") or ""
            if call.operation is not None:
                record.operation = call.operation.name
        if status >= _REFUSED or record.rule is not None or (outcome is not None and _is_worth_keeping(record, outcome)):
            record.query, record.body = query[:SENT_MAX], body[:SENT_MAX]
            record.refusal = refusal if status >= _REFUSED else b""
            log.kept.append(record)
            if log.explain is not None:
                record.explanation = log.explain(record, self._limits, now)
        else:
            record.call = None
        # What an answer told is not kept alive by a list of calls.
        record.outcome = None
        record.latency = (log.ticks() - record.started) // _MICROSECOND

    def hinder(self, record: Record, rule: FaultRule, *, was_executed: bool) -> None:
        """Take note that a call met a rule of faults."""
        record.rule, record.was_executed = rule, was_executed

    def sent(self, record: Record) -> None:
        """Take note that the answer to a call leaves only now."""
        self._log.sent(record)


def _is_worth_keeping(record: Record, outcome: Outcome) -> bool:
    """Whether there is something to explain about a call that was answered; notes the order that ended with it."""
    if isinstance(outcome, Done):
        record.order = _ended_with(outcome)
        return record.order is not None
    if not isinstance(outcome, Answered):
        return False
    value = outcome.value
    # The answer as a whole does not say that some of several commands were refused.
    return value.__class__ is Several and any(isinstance(each, Denied) for each in value.outcomes)


def _ended_with(outcome: Done) -> tuple[str, int] | None:
    """Return the symbol and the id of the order that a command placed, when it ended with that and was not filled."""
    command, events = outcome.command, outcome.applied.events
    placed = events[0] if command.__class__ is NewOrder else None
    if placed.__class__ is not ExecutionReport:
        return None
    assert isinstance(placed, ExecutionReport)
    for event in reversed(events):
        if event.__class__ is ExecutionReport and event.order_id == placed.order_id:
            return (placed.terms.symbol, placed.order_id) if event.status in _ENDED else None
    return None
