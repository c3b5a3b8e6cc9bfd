"""Replies about orders: placing, cancelling, querying, and the account's trades.

Order of work.  A command's reply is told from its events alone: ACK from the first report of the order, RESULT from its last,
                FULL adds the order's own fills and the matches it was kept from. A cancel of a member of an order list is the
                cancel of the list, and told like one.
Fields.         `papernet.protocols.json.order_fields` writes them. A full reply that tells nothing conditional ends with its
                fills, as New order has them; any other has them where the FAQs do.
Source.         rest-api.md: New order, New order using SOR, Cancel order, Cancel All Open Orders on a Symbol, Query order,
                Current open orders, All orders, Account trade list; web-socket-api.md, order.cancel.
"""

from collections.abc import Sequence
from typing import Final

from papernet.app.operations import TimeUnit
from papernet.core.enums import ExecType
from papernet.core.events import Applied, Event, ExecutionReport, OrderListChanged
from papernet.core.order import OrderRecord
from papernet.exchange.views import Fill
from papernet.protocols.json import order_fields, replies_order_lists
from papernet.protocols.json.fragments import array, boolean, divisor, quoted
from papernet.protocols.json.numbers import amount, decimal

_TRADE: Final = ExecType.TRADE
_CANCELED: Final = ExecType.CANCELED


def order_ack(applied: Applied, unit: TimeUnit) -> bytes:
    """Return the shortest reply to a new order."""
    return f"{{{order_fields.ack(_first_report(applied.events), divisor(unit))}}}".encode()


def order_result(applied: Applied, unit: TimeUnit) -> bytes:
    """Return the reply that tells how a new order stands."""
    events = applied.events
    return f"{{{order_fields.result(_last_report(events, _first_report(events)), divisor(unit))}}}".encode()


def order_full(applied: Applied, unit: TimeUnit) -> bytes:
    """Return the reply that tells how a new order stands and what it traded."""
    # In one loop and without detours: most answers to orders are made here.
    events, step, fills = applied.events, divisor(unit), ""
    last = first = _first_report(events)
    terms = first.terms
    if len(events) > 1:
        order_id, symbol = first.order_id, terms.symbol
        rows: list[str] = []
        for event in events:
            if type(event) is ExecutionReport and event.order_id == order_id and event.terms.symbol == symbol:
                last = event
                if event.exec_type is _TRADE:
                    rows.append(order_fields.fill(event))
        fills = ",".join(rows)
    # An order that may trade with its own kind has met none.
    matches = order_fields.prevented_matches(events, first) if terms.self_trade_mode else ""
    if matches or last.extras is not None or terms.iceberg_quantity:
        return f"{{{order_fields.full(last, f'[{fills}]', matches, step)}}}".encode()
    return f'{{{order_fields.plain_result(last, step)},"fills":[{fills}]}}'.encode()


def cancel(applied: Applied, unit: TimeUnit) -> bytes:
    """Return the reply to a cancel of an order."""
    return cancel_text(applied.events, divisor(unit)).encode()


def cancel_text(events: Sequence[Event], step: int) -> str:
    """Return the reply to a cancel of an order, given events that begin with the cancel's."""
    report = _first_report(events)
    assert report.exec_type is _CANCELED
    extras = report.extras
    if extras is not None and extras.order_list_id >= 0:
        return replies_order_lists.canceled(events, extras.order_list_id, step)
    return order_fields.canceled(report, step)


def cancel_list(applied: Applied, unit: TimeUnit) -> bytes:
    """Return the reply to a cancel of an order list."""
    extras = _first_report(applied.events).extras
    assert extras is not None
    return replies_order_lists.canceled(applied.events, extras.order_list_id, divisor(unit)).encode()


def cancel_all(applied: Applied, unit: TimeUnit) -> bytes:
    """Return the reply to a cancel of all orders of a symbol: one row an order or order list."""
    step, rows = divisor(unit), list[str]()
    members: dict[int, ExecutionReport] = {}
    for event in applied.events:
        if type(event) is ExecutionReport and event.exec_type is _CANCELED:
            if event.extras is not None and event.extras.order_list_id >= 0:
                members[event.order_id] = event
            else:
                rows.append(order_fields.canceled(event, step))
        elif type(event) is OrderListChanged:
            # A list's end stands behind the ends of its members.
            rows.append(replies_order_lists.ended(event, members, step))
            members = {}
    return array(rows)


def order_status(record: OrderRecord, unit: TimeUnit) -> bytes:
    """Return the reply to a query of one order."""
    return order_fields.queried(record, divisor(unit), is_row=False).encode()


def order_list(records: Sequence[OrderRecord], unit: TimeUnit) -> bytes:
    """Return the reply to a query of several orders, whose documented field order differs from one order's at the end."""
    step = divisor(unit)
    return array([order_fields.queried(record, step, is_row=True) for record in records])


def my_trades(fills: Sequence[Fill], unit: TimeUnit) -> bytes:
    """Return the reply to a query of an account's trades."""
    step = divisor(unit)
    return array(
        [
            f'{{"symbol":{quoted(fill.symbol)},"id":{fill.trade_id},"orderId":{fill.order_id},'
            f'"orderListId":{fill.order_list_id},'
            f'"price":"{decimal(fill.price)}","qty":"{decimal(fill.quantity)}","quoteQty":"{amount(fill.quote)}",'
            f'"commission":"{amount(fill.commission)}","commissionAsset":{quoted(fill.commission_asset)},'
            f'"time":{fill.at // step},"isBuyer":{boolean(fill.is_buyer)},"isMaker":{boolean(fill.is_maker)},'
            '"isBestMatch":true}'
            for fill in fills
        ]
    )


def _first_report(events: Sequence[Event]) -> ExecutionReport:
    """Return the report that a command's events begin with."""
    first = events[0]
    assert type(first) is ExecutionReport
    return first


def _last_report(events: Sequence[Event], first: ExecutionReport) -> ExecutionReport:
    """Return the last report of the order whose first report is given."""
    last, order_id, symbol = first, first.order_id, first.terms.symbol
    for event in events:
        if type(event) is ExecutionReport and event.order_id == order_id and event.terms.symbol == symbol:
            last = event
    return last
