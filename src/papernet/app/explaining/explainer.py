"""Which explanation a call gets: by what refused it, or by how the order ended that it placed.

Order of work.  Refusals of requests are told by their fault, those of commands by their reason and the terms of the order that
                they were about; several commands of one call each by itself. What nobody knows more of is told by its name.
Invariant.      Called as soon as the call is over, when everything stands as it was looked at.
Does not.       Look closer than a refusal may take: what is wrong with a signature, say, is found out when somebody asks.
"""

from collections.abc import Callable, Mapping
from typing import Final

from msgspec.structs import replace

from papernet.app.explaining.explanation import Explanation
from papernet.app.explaining.option_refusals import explain_refused_option
from papernet.app.explaining.orders import explain_end_at_once
from papernet.app.explaining.requests import explain_fault, near_keys, near_symbols
from papernet.app.explaining.signatures import difference
from papernet.app.explaining.spot_refusals import (
    explain_cancel,
    explain_reason,
    explain_refused_list,
    explain_refused_order,
)
from papernet.app.fault_rules import FaultRule
from papernet.app.faults import Fault
from papernet.app.operations import DryRun
from papernet.app.rate_limits import RateLimits
from papernet.app.request_log import Record
from papernet.app.service import Answered, Denied, Done, Several
from papernet.core.commands import (
    AmendOrder,
    CancelOpenOrders,
    CancelOrder,
    CancelOrderList,
    NewOrder,
    NewOrderList,
    PlaceOption,
    ReplaceOrder,
)
from papernet.core.events import Applied, CancelFailed, ExecutionReport, PlacementFailed
from papernet.core.order import OrderRecord
from papernet.core.rejects import Reason, Reject
from papernet.exchange.machine import Exchange

_CANCELS: Final = (CancelOrder, CancelOpenOrders, CancelOrderList, AmendOrder)


class Explainer:
    """Explains calls on one exchange."""

    def __init__(self, exchange: Exchange) -> None:
        """Look at `exchange`."""
        self._exchange: Final = exchange

    def explain(self, record: Record, limits: RateLimits, now: int) -> Explanation | None:
        """Return what there is to say of a call that was refused, or placed an order that has ended."""
        outcome = record.outcome
        # What the exchange refuses by its own rules it would have refused without a rule for faults.
        if record.rule is not None and not (isinstance(outcome, Denied) and isinstance(outcome.reason, Reject)):
            return _on_purpose(record.rule, was_executed=record.was_executed)
        if isinstance(outcome, Denied):
            return self._denied(record, outcome, limits, now)
        if isinstance(outcome, Done):
            return self._done(record, outcome)
        if isinstance(outcome, Answered) and isinstance(outcome.value, Several):
            return self._several(record, outcome.value, limits, now)
        return None

    def completed(self, record: Record) -> Explanation | None:
        """Return the explanation of a call with what only a closer look finds out."""
        told = record.explanation
        look = None if told is None else _CLOSER_LOOKS.get(told.guard)
        return told if told is None or look is None else replace(told, hints=look(self._exchange, record, told))

    def _denied(self, record: Record, denied: Denied, limits: RateLimits, now: int) -> Explanation:
        reason, command = denied.reason, denied.command
        if isinstance(reason, Fault):
            return explain_fault(self._exchange, record, reason, limits, now)
        return self._rejected(self._attempted(record) if command is None else command, reason, denied.at)

    def _attempted(self, record: Record) -> object:
        """Return the command that a call would have been: a test order is none."""
        call = record.call
        if call is None or call.operation is None or not isinstance(call.operation.does, DryRun):
            return None
        return call.operation.does.build(call.params, record.account)

    def _rejected(self, command: object, reject: Reject, at: int) -> Explanation:
        exchange = self._exchange
        if isinstance(command, NewOrder):
            return explain_refused_order(exchange, command, reject, at)
        if isinstance(command, PlaceOption):
            return explain_refused_option(exchange, command.terms, reject, at)
        if isinstance(command, _CANCELS):
            return explain_cancel(exchange, command, reject, at)
        if isinstance(command, ReplaceOrder):
            about_cancel = Reason.UNKNOWN_ORDER <= reject.reason <= Reason.TOO_MANY_AMENDS
            return self._rejected(command.cancel if about_cancel else command.order, reject, at)
        if isinstance(command, NewOrderList):
            return explain_refused_list(exchange, command, reject, at)
        return explain_reason(reject)

    def _done(self, record: Record, done: Done) -> Explanation | None:
        command, applied = done.command, done.applied
        if isinstance(command, ReplaceOrder):
            return self._replaced(command, applied)
        if record.order is None:
            return None
        symbol, order_id = record.order
        last = next(
            event for event in reversed(applied.events) if isinstance(event, ExecutionReport) and event.order_id == order_id
        )
        return explain_end_at_once(self._exchange, symbol, _record_of(last))

    def _replaced(self, command: ReplaceOrder, applied: Applied) -> Explanation | None:
        """Explain a replacement of which one half, or both, failed."""
        parts: list[Explanation] = []
        for event in applied.events:
            if isinstance(event, CancelFailed):
                parts.append(self._rejected(command.cancel, event.reject, applied.at))
            elif isinstance(event, PlacementFailed) and event.reject is not None:
                parts.append(self._rejected(command.order, event.reject, applied.at))
        return _together(parts)

    def _several(self, record: Record, several: Several, limits: RateLimits, now: int) -> Explanation | None:
        denied = [each for each in several.outcomes if isinstance(each, Denied)]
        return _together([self._denied(record, each, limits, now) for each in denied])


_NOTHING_FOUND: Final = (
    "The bytes were not signed in any of the ways that are tried; compare `signed_bytes` with what the client signed, "
    "and the secret with the key's."
)


def _wrong_signature(exchange: Exchange, record: Record, _told: Explanation) -> tuple[str, ...]:
    return (difference(record, exchange.accounts.keys) or _NOTHING_FOUND,)


# By guard: what takes too long to be found out for every refusal.
_CLOSER_LOOKS: Final[Mapping[str, Callable[[Exchange, Record, Explanation], tuple[str, ...]]]] = {
    "BAD_SIGNATURE": _wrong_signature,
    "REJECTED_KEY": near_keys,
    "UNKNOWN_SYMBOL": near_symbols,
}


def _on_purpose(rule: FaultRule, *, was_executed: bool) -> Explanation:
    """Explain what a rule of faults did."""
    done = "was carried out all the same" if was_executed else "was not carried out"
    because = f"Rule {rule.id} of faults ({rule.effect}) did this on purpose; the request {done}."
    hint = f"`papernet faults remove {rule.id}` takes the rule away."
    return Explanation("FAULT_RULE", because, {"rule": rule.id, "effect": rule.effect, "executed": was_executed}, hints=(hint,))


def _together(parts: list[Explanation]) -> Explanation | None:
    """Return one explanation of several."""
    if len(parts) <= 1:
        return parts[0] if parts else None
    return Explanation("SEVERAL", f"{len(parts)} of its parts were refused.", parts=tuple(parts))


def _record_of(report: ExecutionReport) -> OrderRecord:
    """Return the order that a report is about, as it was then."""
    return OrderRecord(
        report.terms,
        report.order_id,
        report.status,
        report.quantity,
        report.cum_quantity,
        report.cum_quote,
        report.created_at,
        report.at,
        report.expiry_reason,
        report.extras,
    )
