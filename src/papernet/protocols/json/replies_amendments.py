"""Replies about amendments: the amended order, and what an order was before.

Source.         rest-api.md, Order Amend Keep Priority, Query Order Amendments.
"""

from collections.abc import Mapping, Sequence

from papernet.app.operations import TimeUnit
from papernet.core.enums import ExecType
from papernet.core.events import Applied, ExecutionReport, OrderAmended
from papernet.core.order_list import OrderList
from papernet.protocols.json import order_fields, replies_order_lists
from papernet.protocols.json.fragments import array, divisor, quoted
from papernet.protocols.json.numbers import decimal


def amended(applied: Applied, order_lists: Mapping[int, OrderList], unit: TimeUnit) -> bytes:
    """Return the reply to an amendment; a member's list, which is still open, is told as it is now."""
    report, step = applied.events[0], divisor(unit)
    assert type(report) is ExecutionReport
    assert report.exec_type is ExecType.REPLACED
    order_list = ""
    if report.extras is not None and report.extras.order_list_id >= 0:
        order_list = f',"listStatus":{replies_order_lists.amended(order_lists[report.extras.order_list_id].record())}'
    return (
        f'{{"transactTime":{report.at // step},"executionId":{report.exec_id},'
        f'"amendedOrder":{order_fields.amended(report, step)}{order_list}}}'
    ).encode()


def amendments(rows: Sequence[OrderAmended], unit: TimeUnit) -> bytes:
    """Return the amendments of an order (Query Order Amendments)."""
    step = divisor(unit)
    return array(
        [
            f'{{"symbol":{quoted(row.symbol)},"orderId":{row.order_id},"executionId":{row.exec_id},'
            f'"origClientOrderId":"{row.orig_client_order_id}","newClientOrderId":"{row.client_order_id}",'
            f'"origQty":"{decimal(row.orig_quantity)}","newQty":"{decimal(row.quantity)}","time":{row.at // step}}}'
            for row in rows
        ]
    )
