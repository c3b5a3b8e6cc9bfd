"""Replies about order lists: placing, cancelling and querying them.

Order of work.  A command's reply is told from its events alone. Placed: the list as it was when it started; a pending order as
                its first report says, the others as their last one does. Cancelled: the list as it ended and the members that
                the cancel ended, in the list's order.
Source.         rest-api.md, Order lists, Cancel Order list, Query Order list, Query all Order lists, Query Open Order lists;
                enums.md, ContingencyType, Order List Status.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from papernet.app.operations import ResponseType, TimeUnit
from papernet.core.enums import ExecType, ListOrderStatus, ListStatusType, OrderStatus
from papernet.core.events import Applied, Event, ExecutionReport, OrderListChanged, OrderListRecord
from papernet.protocols.json import order_fields
from papernet.protocols.json.fragments import array, divisor, quoted
from papernet.protocols.json.spellings import CONTINGENCY_TYPES, LIST_ORDER_STATUSES, LIST_STATUS_TYPES

_CANCELED: Final = ExecType.CANCELED
_PENDING: Final = OrderStatus.PENDING_NEW
_DONE: Final = ListStatusType.ALL_DONE


def placed(applied: Applied, response_type: ResponseType, unit: TimeUnit) -> bytes:
    """Return the reply to a new order list (New Order list - OCO and the others)."""
    step, events = divisor(unit), applied.events
    started = events[0]
    assert type(started) is OrderListChanged
    rows = []
    for order_id, _ in started.record.orders:
        reports = order_fields.reports_of(events, order_id, started.record.symbol)
        # A pending order is told as it was placed, even where the same command has it work and meet others.
        is_pending = reports[0].status is _PENDING
        own = (reports[:1], ()) if is_pending else (reports, events)
        rows.append(order_fields.placed(*own, response_type, step))
    return f"{{{_changed(started, step)},{_reports(rows)}}}".encode()


def canceled(events: Iterable[Event], order_list_id: int, step: int) -> str:
    """Return the reply to the cancel of a list, or of one of its members: the same (Cancel Order list, Notes)."""
    members: dict[int, ExecutionReport] = {}
    for event in events:
        if type(event) is ExecutionReport:
            if event.exec_type is _CANCELED and event.extras is not None and event.extras.order_list_id == order_list_id:
                members[event.order_id] = event
        elif type(event) is OrderListChanged and event.record.order_list_id == order_list_id and event.status_type is _DONE:
            return ended(event, members, step)
    raise AssertionError(order_list_id)


def ended(done: OrderListChanged, members: dict[int, ExecutionReport], step: int) -> str:
    """Return a list that a cancel ended, given the reports of the members that it ended by their order ids."""
    rows = [order_fields.canceled(members[order_id], step) for order_id, _ in done.record.orders if order_id in members]
    return f"{{{_changed(done, step)},{_reports(rows)}}}"


def status(record: OrderListRecord, unit: TimeUnit) -> bytes:
    """Return one list (Query Order list)."""
    return _queried(record, divisor(unit)).encode()


def rows(records: Sequence[OrderListRecord], unit: TimeUnit) -> bytes:
    """Return several lists (Query all Order lists, Query Open Order lists)."""
    step = divisor(unit)
    return array([_queried(record, step) for record in records])


def amended(record: OrderListRecord) -> str:
    """Return the list of an amended order, told shorter than elsewhere (Order Amend Keep Priority)."""
    return (
        f'{{"orderListId":{record.order_list_id},"contingencyType":"{CONTINGENCY_TYPES[record.kind]}",'
        f'"listOrderStatus":"{LIST_ORDER_STATUSES[record.status]}","listClientOrderId":"{record.list_client_order_id}",'
        f"{_members(record)}}}"
    )


def _queried(record: OrderListRecord, step: int) -> str:
    started = ListStatusType.EXEC_STARTED if record.status is ListOrderStatus.EXECUTING else _DONE
    return f"{{{_fields(record, started, record.updated_at // step)}}}"


def _changed(event: OrderListChanged, step: int) -> str:
    return _fields(event.record, event.status_type, event.at // step)


def _fields(record: OrderListRecord, status_type: ListStatusType, at: int) -> str:
    return (
        f'"orderListId":{record.order_list_id},"contingencyType":"{CONTINGENCY_TYPES[record.kind]}",'
        f'"listStatusType":"{LIST_STATUS_TYPES[status_type]}","listOrderStatus":"{LIST_ORDER_STATUSES[record.status]}",'
        f'"listClientOrderId":"{record.list_client_order_id}","transactionTime":{at},{_members(record)}'
    )


def _members(record: OrderListRecord) -> str:
    symbol = quoted(record.symbol)
    members = [
        f'{{"symbol":{symbol},"orderId":{order_id},"clientOrderId":"{client_order_id}"}}'
        for order_id, client_order_id in record.orders
    ]
    return f'"symbol":{symbol},"orders":[{",".join(members)}]'


def _reports(rows_of_members: list[str]) -> str:
    return f'"orderReports":[{",".join(rows_of_members)}]'
