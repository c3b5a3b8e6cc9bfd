"""Replies about orders: placing, cancelling, querying, and the account's trades.

Order of work.  A command's reply is told from its events alone: ACK from the first report of the order, RESULT from its last,
                FULL adds the order's own fills.
Fields.         Documented order. Conditional ones appear only when the order has them: strategy as sent, expiryReason of an
                order that expired. `workingTime` is the time of creation, because every order here works from then on; an order
                without a list has list id -1.
Source.         rest-api.md: New order, Conditional fields in Order Responses, Cancel order, Cancel All Open Orders on a Symbol,
                Query order, Current open orders, All orders, Account trade list. The place of strategyId and strategyType is
                that of web-socket-api.md, order.place and order.status.
"""

from collections.abc import Sequence
from typing import Final

from papernet.app.operations import TimeUnit
from papernet.core.commands import NewOrder
from papernet.core.enums import ExecType, ExpiryReason
from papernet.core.events import Applied, ExecutionReport
from papernet.core.order import OrderRecord
from papernet.exchange.views import Fill
from papernet.protocols.json.fragments import array, boolean, divisor, quoted
from papernet.protocols.json.numbers import amount, decimal
from papernet.protocols.json.spellings import (
    EXPIRY_REASONS,
    ORDER_STATUSES,
    ORDER_TYPES,
    SELF_TRADE_MODES,
    SIDES,
    TIMES_IN_FORCE,
)

_TRADE: Final = ExecType.TRADE
_CANCELED: Final = ExecType.CANCELED
_NO_REASON: Final = ExpiryReason.NONE


def order_ack(applied: Applied, unit: TimeUnit) -> bytes:
    """Return the shortest reply to a new order."""
    return f"{{{_ack_fields(_first_report(applied), divisor(unit))}}}".encode()


def order_result(applied: Applied, unit: TimeUnit) -> bytes:
    """Return the reply that tells how a new order stands."""
    first = _first_report(applied)
    return f"{{{_result_fields(_last_report(applied, first), divisor(unit))}}}".encode()


def order_full(applied: Applied, unit: TimeUnit) -> bytes:
    """Return the reply that tells how a new order stands and what it traded."""
    first = _first_report(applied)
    last, fills = first, ""
    if len(applied.events) > 1:
        order_id = first.order_id
        rows: list[str] = []
        for event in applied.events:
            if type(event) is ExecutionReport and event.order_id == order_id:
                last = event
                if event.exec_type is _TRADE:
                    rows.append(_fill(event))
        fills = ",".join(rows)
    return f'{{{_result_fields(last, divisor(unit))},"fills":[{fills}]}}'.encode()


def cancel(applied: Applied, unit: TimeUnit) -> bytes:
    """Return the reply to a cancel."""
    report = _first_report(applied)
    assert report.exec_type is _CANCELED
    return _canceled(report, divisor(unit)).encode()


def cancel_all(applied: Applied, unit: TimeUnit) -> bytes:
    """Return the reply to a cancel of all orders of a symbol: one row an order."""
    step = divisor(unit)
    return array(
        [_canceled(event, step) for event in applied.events if type(event) is ExecutionReport and event.exec_type is _CANCELED]
    )


def order_status(record: OrderRecord, unit: TimeUnit) -> bytes:
    """Return the reply to a query of one order."""
    step = divisor(unit)
    terms = record.terms
    return (
        f"{{{_record_fields(record, step)},"
        f'"workingTime":{record.created_at // step},'
        f'"origQuoteOrderQty":"{decimal(terms.quote_quantity)}"'
        f"{_record_end(record)}}}"
    ).encode()


def order_list(records: Sequence[OrderRecord], unit: TimeUnit) -> bytes:
    """Return the reply to a query of several orders, whose documented field order differs from one order's at the end."""
    step = divisor(unit)
    return array(
        [
            f'{{{_record_fields(record, step)},"origQuoteOrderQty":"{decimal(record.terms.quote_quantity)}",'
            f'"workingTime":{record.created_at // step}{_record_end(record)}}}'
            for record in records
        ]
    )


def my_trades(fills: Sequence[Fill], unit: TimeUnit) -> bytes:
    """Return the reply to a query of an account's trades."""
    step = divisor(unit)
    return array(
        [
            f'{{"symbol":{quoted(fill.symbol)},"id":{fill.trade_id},"orderId":{fill.order_id},"orderListId":-1,'
            f'"price":"{decimal(fill.price)}","qty":"{decimal(fill.quantity)}","quoteQty":"{amount(fill.quote)}",'
            f'"commission":"{amount(fill.commission)}","commissionAsset":{quoted(fill.commission_asset)},'
            f'"time":{fill.at // step},"isBuyer":{boolean(fill.is_buyer)},"isMaker":{boolean(fill.is_maker)},'
            '"isBestMatch":true}'
            for fill in fills
        ]
    )


def _first_report(applied: Applied) -> ExecutionReport:
    """Return the report that a command's events begin with."""
    first = applied.events[0]
    assert type(first) is ExecutionReport
    return first


def _last_report(applied: Applied, first: ExecutionReport) -> ExecutionReport:
    """Return the last report of the order whose first report is given."""
    last = first
    for event in applied.events:
        if type(event) is ExecutionReport and event.order_id == first.order_id:
            last = event
    return last


def _ack_fields(report: ExecutionReport, step: int) -> str:
    terms = report.terms
    return (
        f'"symbol":{quoted(terms.symbol)},"orderId":{report.order_id},"orderListId":-1,'
        f'"clientOrderId":"{terms.client_order_id}","transactTime":{report.at // step}'
    )


def _result_fields(report: ExecutionReport, step: int) -> str:
    terms = report.terms
    return (
        f'"symbol":{quoted(terms.symbol)},"orderId":{report.order_id},"orderListId":-1,'
        f'"clientOrderId":"{terms.client_order_id}","transactTime":{report.at // step},'
        f"{_amounts(report)}{_strategy(terms)}"
        f',"workingTime":{report.created_at // step},'
        f'"selfTradePreventionMode":"{SELF_TRADE_MODES[terms.self_trade_mode]}"{_expiry(report.expiry_reason)}'
    )


def _canceled(report: ExecutionReport, step: int) -> str:
    terms = report.terms
    return (
        f'{{"symbol":{quoted(terms.symbol)},"origClientOrderId":"{terms.client_order_id}","orderId":{report.order_id},'
        f'"orderListId":-1,"clientOrderId":"{report.request_id}","transactTime":{report.at // step},'
        f"{_amounts(report)}{_strategy(terms)}"
        f',"selfTradePreventionMode":"{SELF_TRADE_MODES[terms.self_trade_mode]}"}}'
    )


def _amounts(report: ExecutionReport) -> str:
    """Return the fields from price to side, which replies to new orders and to cancels share."""
    terms = report.terms
    return (
        f'"price":"{decimal(terms.price)}","origQty":"{decimal(report.quantity)}",'
        f'"executedQty":"{decimal(report.cum_quantity)}","origQuoteOrderQty":"{decimal(terms.quote_quantity)}",'
        f'"cummulativeQuoteQty":"{amount(report.cum_quote)}","status":"{ORDER_STATUSES[report.status]}",'
        f'"timeInForce":"{TIMES_IN_FORCE[terms.time_in_force]}","type":"{ORDER_TYPES[terms.order_type]}",'
        f'"side":"{SIDES[terms.side]}"'
    )


def _record_fields(record: OrderRecord, step: int) -> str:
    """Return the fields from symbol to isWorking, which all queries of orders share."""
    terms = record.terms
    return (
        f'"symbol":{quoted(terms.symbol)},"orderId":{record.order_id},"orderListId":-1,'
        f'"clientOrderId":"{terms.client_order_id}","price":"{decimal(terms.price)}","origQty":"{decimal(record.quantity)}",'
        f'"executedQty":"{decimal(record.cum_quantity)}","cummulativeQuoteQty":"{amount(record.cum_quote)}",'
        f'"status":"{ORDER_STATUSES[record.status]}","timeInForce":"{TIMES_IN_FORCE[terms.time_in_force]}",'
        f'"type":"{ORDER_TYPES[terms.order_type]}","side":"{SIDES[terms.side]}",'
        '"stopPrice":"0.00000000","icebergQty":"0.00000000",'
        f'"time":{record.created_at // step},"updateTime":{record.updated_at // step},"isWorking":true'
    )


def _record_end(record: OrderRecord) -> str:
    terms = record.terms
    return (
        f'{_strategy(terms)},"selfTradePreventionMode":"{SELF_TRADE_MODES[terms.self_trade_mode]}"'
        f"{_expiry(record.expiry_reason)}"
    )


def _strategy(terms: NewOrder) -> str:
    text = "" if terms.strategy_id is None else f',"strategyId":{terms.strategy_id}'
    return text if terms.strategy_type is None else f'{text},"strategyType":{terms.strategy_type}'


def _expiry(reason: ExpiryReason) -> str:
    return "" if reason is _NO_REASON else f',"expiryReason":"{EXPIRY_REASONS[reason]}"'


def _fill(report: ExecutionReport) -> str:
    return (
        f'{{"price":"{decimal(report.last_price)}","qty":"{decimal(report.last_quantity)}",'
        f'"commission":"{amount(report.commission)}","commissionAsset":{quoted(report.commission_asset)},'
        f'"tradeId":{report.trade_id}}}'
    )
