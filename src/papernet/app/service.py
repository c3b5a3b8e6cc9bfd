"""One admitted request carried out: what REST, the WebSocket API and every later door do between decoding and answering.

Order of work.  Guards, then by what the operation does: build the command and submit it; build the order and have it checked;
                or ask the query. A command that succeeds gives its weight back, where the venue does so. What became of a
                `Change` is told as a value, like an answer; of several commands each by itself.
Invariant.      A refusal changed nothing. An outcome says from which entry on it may be told.
Does not.       Read requests or write answers: doors do. Carry out operations that are about a connection: doors have it.
Source.         rest-api.md and web-socket-api.md, which agree in all of this.
"""

from collections.abc import Callable
from typing import Any, Final

from msgspec import Struct

from papernet.app.faults import Fault
from papernet.app.gateway import Call, Gateway
from papernet.app.operations import Change, DryRun, OfConnection, Operation, Params, Submit
from papernet.app.order_terms import OrderCommand
from papernet.app.queries import QUERIES, TELLERS, Context
from papernet.app.sequencer import Sequencer, SequencerHaltedError
from papernet.core.commands import Command, ReplaceOrder
from papernet.core.events import Applied, CancelFailed, PlacementFailed, Refused
from papernet.core.order_list import OrderList
from papernet.core.rejects import Reject


class Answered(Struct, frozen=True, gc=False):
    """A question was answered; what an account is shown of itself has to be durable up to `durable_seq`.

    Of a change the value is what became of it; of several changes, `Several`. `order_counts` are those of `Done`.
    """

    operation: Operation
    value: Any
    durable_seq: int
    order_counts: tuple[int, int] | None = None


class Done(Struct, frozen=True, gc=False):
    """A command was carried out. `order_counts` are the account's of both windows, where the operation costs any."""

    command: OrderCommand
    applied: Applied
    order_counts: tuple[int, int] | None


class Denied(Struct, frozen=True, gc=False):
    """The request was refused at `at`: by a guard or a query (Fault), or by the rules of the exchange (Reject).

    `order_counts` are those of `Done`, where the exchange refused.
    """

    reason: Fault | Reject
    at: int
    command: Command | None = None
    durable_seq: int = 0
    order_counts: tuple[int, int] | None = None


class Several(Struct, frozen=True, gc=False):
    """What several commands came to, each by itself; the value of an answer."""

    outcomes: list[Answered | Denied]


class Admitted(Struct, frozen=True, gc=False):
    """The guards let an operation pass that is about the connection it came over; `account` is 0 for public ones."""

    operation: Operation
    account: int


class Unavailable(Struct, frozen=True, gc=False):
    """The exchange takes no commands any more."""


Outcome = Answered | Done | Denied | Admitted | Unavailable

_UNAVAILABLE: Final = Unavailable()


class Service:
    """What one exchange does for its doors."""

    def __init__(self, context: Context, gateway: Gateway, sequencer: Sequencer) -> None:
        """Answer from `context`, admit by `gateway`, change through `sequencer`."""
        self.context: Final = context
        self.exchange: Final = context.exchange
        self.gateway: Final = gateway
        self.sequencer: Final = sequencer
        # Called with what was admitted, its parameters and now, before it is carried out.
        self.prepare: Callable[[Operation, Params, int], None] | None = None

    @property
    def order_lists(self) -> dict[int, OrderList]:
        """Return the order lists that are open now."""
        return self.exchange.venue.order_lists

    def perform(self, call: Call, now: int, past: Context | None = None) -> Outcome:
        """Carry out a request that has knocked and been decoded; a query asks `past`, if there is one."""
        account = self.gateway.admit(call, now)
        if account.__class__ is Fault:
            return Denied(account, now)
        assert isinstance(account, int)
        operation, params = call.operation, call.params
        assert operation is not None
        does = operation.does
        if self.prepare is not None:
            self.prepare(operation, params, now)
        if isinstance(does, Submit):
            command = does.build(params, account)
            return Denied(command, now) if isinstance(command, Reject) else self._submit(call, operation, command, now)
        if isinstance(does, OfConnection):
            return Admitted(operation, account)
        if isinstance(does, Change):
            return self._change(call, does, account, now)
        if isinstance(does, DryRun):
            order = does.build(params, account)
            reject = order if isinstance(order, Reject) else self.exchange.check_order(order, now)
            if reject is not None:
                return Denied(reject, now)
        value = QUERIES[operation.name](self.context if past is None else past, params, account, now)
        if value.__class__ is Fault:
            return Denied(value, now)
        # What an account is shown of itself must not be lost again.
        return Answered(operation, value, self.sequencer.last_seq if operation.signed else 0)

    def _submit(self, call: Call, operation: Operation, command: OrderCommand, now: int) -> Outcome:
        try:
            applied = self.sequencer.submit(command, now)
        except SequencerHaltedError:
            return _UNAVAILABLE
        counts = None
        if operation.order_cost:
            # rest-api.md, Unfilled Order Count
            counts = self.exchange.order_counts(_account_of(command), applied.at)
        first = applied.events[0]
        if isinstance(first, Refused):
            return Denied(first.reject, applied.at, command, applied.seq, counts)
        if operation.free_when_done and not _failed_in_part(command, applied):
            self.gateway.limits.refund(call.ip, operation.weight_of(call.params), now)
        return Done(command, applied, counts)

    def _change(self, call: Call, does: Change, account: int, now: int) -> Outcome:
        built = does.build(call.params, account)
        if not isinstance(built, tuple):
            return self._change_once(call, built, account, now)
        outcomes: list[Answered | Denied] = []
        for command in built:
            outcome = self._change_once(call, command, account, now)
            if isinstance(outcome, Unavailable):
                return outcome
            outcomes.append(outcome)
        operation = call.operation
        assert operation is not None
        counts = self._option_counts(operation, account, now)
        return Answered(operation, Several(outcomes), self.sequencer.last_seq, counts)

    def _change_once(self, call: Call, command: Command | Fault, account: int, now: int) -> Answered | Denied | Unavailable:
        if isinstance(command, Fault):
            return Denied(command, now)
        try:
            applied = self.sequencer.submit(command, now)
        except SequencerHaltedError:
            return _UNAVAILABLE
        operation, events = call.operation, applied.events
        assert operation is not None
        counts = self._option_counts(operation, account, applied.at)
        if events and isinstance(events[0], Refused):
            return Denied(events[0].reject, applied.at, command, applied.seq, counts)
        value = TELLERS[operation.name](self.context, call.params, account, applied)
        return Answered(operation, value, applied.seq, counts)

    def _option_counts(self, operation: Operation, account: int, at: int) -> tuple[int, int] | None:
        # European Options, General Info, Order Rate Limits
        return self.exchange.option_order_counts(account, at) if operation.order_cost else None


def _failed_in_part(command: OrderCommand, applied: Applied) -> bool:
    """Whether one half of an order's replacement failed."""
    return isinstance(command, ReplaceOrder) and any(
        isinstance(event, CancelFailed | PlacementFailed) for event in applied.events
    )


def _account_of(command: OrderCommand) -> int:
    return command.order.account if isinstance(command, ReplaceOrder) else command.account
