"""What became of a command about options, as the values that questions about the same things are answered with.

Order of work.  A command that was carried out is told from its events; a setting, as it stands now.
"""

from typing import Any, Final

from papernet.app.faults import Fault
from papernet.app.operations import ResponseType
from papernet.app.queries.context import Context, Params
from papernet.app.queries.option_context import portfolio_of, terms_of
from papernet.app.queries.option_makers import block_order_row, protection
from papernet.app.queries.option_values import BlockOrderRow, OptionOrderRow, PlacedOrder, ProtectionRow
from papernet.core.enums import ExecType
from papernet.core.events import Applied, BlockOrderChanged, OptionReport

_CANCELED: Final = ExecType.CANCELED


def placed(context: Context, params: Params, _account: int, applied: Applied) -> PlacedOrder:
    """Return an order as it was accepted and as it stands (New Order, Place Multiple Orders)."""
    first = last = _report(applied)
    for event in applied.events:
        if type(event) is OptionReport and event.record.order_id == first.record.order_id:
            last = event
    terms = terms_of(context.exchange.options, first.record.terms.symbol)
    # Of several the documents have one form.
    return PlacedOrder(terms, first.record, last.record, params.get("newOrderRespType", ResponseType.ACK))


def canceled(context: Context, _params: Params, _account: int, applied: Applied) -> OptionOrderRow:
    """Return the order that was canceled (Cancel Option Order, Cancel Multiple Option Orders)."""
    record = _report(applied).record
    return OptionOrderRow(terms_of(context.exchange.options, record.terms.symbol), record)


def count_canceled(_context: Context, _params: Params, _account: int, applied: Applied) -> int:
    """Return how many orders were canceled (Cancel All Option Orders ...)."""
    return sum(isinstance(event, OptionReport) and event.exec_type is _CANCELED for event in applied.events)


def protected(context: Context, params: Params, account: int, applied: Applied) -> ProtectionRow:
    """Return a protection as it stands (Set and Reset Market Maker Protection Config)."""
    row: ProtectionRow | Fault = protection(context, params, account, applied.at)
    assert isinstance(row, ProtectionRow)
    return row


def counting(_context: Context, params: Params, _account: int, _applied: Applied) -> list[tuple[str, int]]:
    """Return the countdown that was set, or ended (Set Auto-Cancel All Open Orders Config)."""
    return [(params["underlying"], params["countdownTime"])]


def refreshed(context: Context, params: Params, account: int, applied: Applied) -> list[str]:
    """Return the underlyings whose countdowns began anew (Auto-Cancel All Open Orders Heartbeat)."""
    running = portfolio_of(context, account, applied.at).countdowns
    return [name for name in params["underlyings"] if name in running]


def block_order(context: Context, _params: Params, account: int, applied: Applied) -> BlockOrderRow:
    """Return a block order as it stands (New, Extend, Cancel, Accept Block Trade Order)."""
    changes: list[Any] = [event for event in applied.events if isinstance(event, BlockOrderChanged)]
    return block_order_row(context.exchange.options, changes[-1].record, account)


def _report(applied: Applied) -> OptionReport:
    """Return the report that a command's events begin with."""
    first = applied.events[0]
    assert type(first) is OptionReport
    return first
