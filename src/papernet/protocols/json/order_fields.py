"""The fields of an order in replies: those that every order has, and those that only some have.

Order of work.  An order without extras and without an iceberg quantity has no conditional field but its strategy and its reason
                of expiry: one template writes it. All others are put together piece by piece, each piece empty where its
                condition does not hold.
Fields.         Documented order. Where the documents show a conditional field in no reply of the kind, it stands where the
                nearest kind has it: pegs behind the price (pegged_orders FAQ); triggers behind the side; strategy before the
                working time, iceberg quantity behind it (order lists); fills, prevented matches, working floor, self-trade
                prevention mode, trade group, prevented quantity and the use of smart order routing in the order of the
                self-trade prevention and smart order routing FAQs; the reason of expiry at the end.
Invariant.      `workingTime` and `trailingTime` are -1 while the order does not work, or does not track the price; a time of -1
                stays -1 in any unit.
Source.         rest-api.md, Conditional fields in Order Responses; faqs/stp_faq, sor_faq, pegged_orders; web-socket-api.md,
                order.place, order.cancel, order.status, openOrders.cancelAll.
"""

from collections.abc import Iterable
from typing import Final

from papernet.app.operations import ResponseType
from papernet.core.commands import NewOrder
from papernet.core.enums import ExecType, ExpiryReason, PegPrice
from papernet.core.events import Event, ExecutionReport, OrderExtras, PreventedMatch
from papernet.core.order import CONTINGENT, OrderRecord
from papernet.protocols.json.fragments import boolean, quoted
from papernet.protocols.json.numbers import amount, decimal
from papernet.protocols.json.spellings import (
    ALLOCATED,
    EXPIRY_REASONS,
    ORDER_STATUSES,
    ORDER_TYPES,
    PEG_PRICE_TYPES,
    SELF_TRADE_MODES,
    SIDES,
    TIMES_IN_FORCE,
    WORKING_FLOORS,
)

_TRADE: Final = ExecType.TRADE
_NO_REASON: Final = ExpiryReason.NONE
_NO_PEG: Final = PegPrice.NONE

# What replies call the fields that events tell too, under other names.
STRATEGY_NAMES: Final = ("strategyId", "strategyType")
PEG_NAMES: Final = ("pegPriceType", "pegOffsetType", "pegOffsetValue", "peggedPrice")

# A report's terms always have a mode; 0, which the templates put in the place of a mode that is false, is NONE's value.


def is_plain(order: ExecutionReport | OrderRecord) -> bool:
    """Whether the one template writes all that an order has to tell."""
    return order.extras is None and not order.terms.iceberg_quantity


def extras_of(order: ExecutionReport | OrderRecord) -> OrderExtras:
    """Return what an order has beyond all others; one without extras works since it was created."""
    extras = order.extras
    return extras if extras is not None else OrderExtras(working_at=order.created_at)


def strategy(terms: NewOrder, names: tuple[str, str] = STRATEGY_NAMES) -> str:
    """Return whose plan an order is part of, as far as its sender said."""
    of_id, of_type = names
    text = "" if terms.strategy_id is None else f',"{of_id}":{terms.strategy_id}'
    return text if terms.strategy_type is None else f'{text},"{of_type}":{terms.strategy_type}'


def peg(terms: NewOrder, pegged_price: int, names: tuple[str, str, str, str] = PEG_NAMES) -> str:
    """Return how a pegged order is pegged, and the price chosen once there is one."""
    if terms.peg_price is _NO_PEG:
        return ""
    of_price_type, of_offset_type, of_offset, of_price = names
    text = f',"{of_price_type}":"{PEG_PRICE_TYPES[terms.peg_price]}"'
    if terms.peg_offset is not None:
        text = f'{text},"{of_offset_type}":"PRICE_LEVEL","{of_offset}":{terms.peg_offset}'
    return f'{text},"{of_price}":"{decimal(pegged_price)}"' if pegged_price else text


def reports_of(events: Iterable[Event], order_id: int, symbol: str) -> list[ExecutionReport]:
    """Return the reports of one order; order ids count for each symbol."""
    return [
        event
        for event in events
        if type(event) is ExecutionReport and event.order_id == order_id and event.terms.symbol == symbol
    ]


def fills(reports: Iterable[ExecutionReport]) -> str:
    """Return the fills among an order's reports as a JSON array."""
    rows = [fill(report) for report in reports if report.exec_type is _TRADE]
    return f"[{','.join(rows)}]"


def fill(report: ExecutionReport) -> str:
    """Return one fill as JSON."""
    text = (
        f'"price":"{decimal(report.last_price)}","qty":"{decimal(report.last_quantity)}",'
        f'"commission":"{amount(report.commission)}","commissionAsset":{quoted(report.commission_asset)},'
        f'"tradeId":{report.trade_id}'
    )
    # sor_faq, matchType and allocId
    if report.allocation_id < 0:
        return f"{{{text}}}"
    return f'{{"matchType":"{ALLOCATED}",{text},"allocId":{report.allocation_id}}}'


def placed(reports: list[ExecutionReport], events: Iterable[Event], response_type: ResponseType, step: int) -> str:
    """Return the reply to a new order that is part of a greater one, given its reports and the events they are among."""
    first, last = reports[0], reports[-1]
    if response_type is ResponseType.ACK:
        return f"{{{ack(first, step)}}}"
    if response_type is ResponseType.RESULT:
        return f"{{{result(last, step)}}}"
    return f"{{{full(last, fills(reports), prevented_matches(events, last), step)}}}"


def ack(report: ExecutionReport, step: int) -> str:
    """Return the fields of the shortest reply to a new order."""
    terms, extras = report.terms, report.extras
    return (
        f'"symbol":{quoted(terms.symbol)},"orderId":{report.order_id},'
        f'"orderListId":{-1 if extras is None else extras.order_list_id},'
        f'"clientOrderId":"{terms.client_order_id}","transactTime":{report.at // step}'
    )


def result(report: ExecutionReport, step: int) -> str:
    """Return the fields of the reply that tells how a new order stands."""
    if is_plain(report):
        return plain_result(report, step)
    extras = extras_of(report)
    prevented = f',"preventedMatchId":{extras.prevented_match_id}' if extras.prevented_quantity else ""
    return _told(report, extras, "", prevented, step)


def plain_result(report: ExecutionReport, step: int) -> str:
    """Return the same for a plain order, in one piece, because nearly every order is written here."""
    terms = report.terms
    return (
        f'"symbol":{quoted(terms.symbol)},"orderId":{report.order_id},"orderListId":-1,'
        f'"clientOrderId":"{terms.client_order_id}","transactTime":{report.at // step},'
        f'"price":"{decimal(terms.price)}","origQty":"{decimal(report.quantity)}",'
        f'"executedQty":"{decimal(report.cum_quantity)}","origQuoteOrderQty":"{decimal(terms.quote_quantity)}",'
        f'"cummulativeQuoteQty":"{amount(report.cum_quote)}","status":"{ORDER_STATUSES[report.status]}",'
        f'"timeInForce":"{TIMES_IN_FORCE[terms.time_in_force]}","type":"{ORDER_TYPES[terms.order_type]}",'
        f'"side":"{SIDES[terms.side]}"{strategy(terms)},"workingTime":{report.created_at // step},'
        f'"selfTradePreventionMode":"{SELF_TRADE_MODES[terms.self_trade_mode or 0]}"{_expiry(report.expiry_reason)}'
    )


def full(report: ExecutionReport, rows: str, matches: str, step: int) -> str:
    """Return the fields of the reply that also tells fills and prevented matches, where the FAQs have them."""
    return _told(report, extras_of(report), f',"fills":{rows}{matches}', "", step)


def canceled(report: ExecutionReport, step: int) -> str:
    """Return the reply to the cancel of an order that is in no list, or its row in the reply to its list's cancel."""
    terms = report.terms
    if report.extras is None and not terms.iceberg_quantity:
        return (
            f'{{"symbol":{quoted(terms.symbol)},"origClientOrderId":"{terms.client_order_id}","orderId":{report.order_id},'
            f'"orderListId":-1,"clientOrderId":"{report.request_id}","transactTime":{report.at // step},'
            f'"price":"{decimal(terms.price)}","origQty":"{decimal(report.quantity)}",{_progress(report)}{strategy(terms)}'
            f',"selfTradePreventionMode":"{SELF_TRADE_MODES[terms.self_trade_mode or 0]}"}}'
        )
    extras = extras_of(report)
    return (
        f'{{"symbol":{quoted(terms.symbol)},"origClientOrderId":"{terms.client_order_id}","orderId":{report.order_id},'
        f'"orderListId":{extras.order_list_id},"clientOrderId":"{report.request_id}","transactTime":{report.at // step},'
        f"{_price(terms, extras)}{_quantity(terms, report.quantity)},{_progress(report)}"
        f"{_trigger(terms, extras, step)}{_iceberg(terms)}{strategy(terms)}{_floor(extras)}"
        f',"selfTradePreventionMode":"{SELF_TRADE_MODES[terms.self_trade_mode or 0]}"{_prevented(extras)}{_used_sor(extras)}}}'
    )


def amended(report: ExecutionReport, step: int) -> str:
    """Return the order in the reply to an amendment, whose fields have names of their own."""
    terms, extras = report.terms, extras_of(report)
    working = f',"workingTime":{extras.working_at // step}' if extras.working_at >= 0 else ""
    return (
        f'{{"symbol":{quoted(terms.symbol)},"orderId":{report.order_id},"orderListId":{extras.order_list_id},'
        f'"origClientOrderId":"{report.amended_from}","clientOrderId":"{terms.client_order_id}",'
        f'{_price(terms, extras)},"qty":"{decimal(report.quantity)}","executedQty":"{decimal(report.cum_quantity)}",'
        f'"preventedQty":"{decimal(extras.prevented_quantity)}","quoteOrderQty":"{decimal(terms.quote_quantity)}",'
        f'"cumulativeQuoteQty":"{amount(report.cum_quote)}",{_kind(report)}'
        f"{_trigger(terms, extras, step)}{strategy(terms)}{working}{_iceberg(terms)}"
        f'{_floor(extras)},"selfTradePreventionMode":"{SELF_TRADE_MODES[terms.self_trade_mode or 0]}"{_used_sor(extras)}}}'
    )


def queried(record: OrderRecord, step: int, *, is_row: bool) -> str:
    """Return an order as queries tell it; a row among several has two of its fields the other way round."""
    terms = record.terms
    if is_plain(record):
        fields, working_at, end = _plain_record(record, step), record.created_at, ""
        mode = f'{strategy(terms)},"selfTradePreventionMode":"{SELF_TRADE_MODES[terms.self_trade_mode or 0]}"'
    else:
        extras = extras_of(record)
        fields, working_at, end = _conditional_record(record, extras, step), extras.working_at, _prevented(extras)
        end += _used_sor(extras)
        mode = f'{strategy(terms)}{_floor(extras)},"selfTradePreventionMode":"{SELF_TRADE_MODES[terms.self_trade_mode or 0]}"'
    working = f'"workingTime":{working_at // step}'
    quote = f'"origQuoteOrderQty":"{decimal(terms.quote_quantity)}"'
    pair = f"{quote},{working}" if is_row else f"{working},{quote}"
    return f"{{{fields},{pair}{mode}{end}{_expiry(record.expiry_reason)}}}"


def prevented_matches(events: Iterable[Event], taker: ExecutionReport) -> str:
    """Return the prevented matches that an order was the taker of, when there are any (stp_faq, Scenario B)."""
    order_id, symbol = taker.order_id, taker.terms.symbol
    rows = [
        f'{{"preventedMatchId":{event.prevented_match_id},"makerSymbol":{quoted(event.maker_symbol)},'
        f'"makerOrderId":{event.maker_order_id},"price":"{decimal(event.price)}"{prevented_match_quantities(event)}}}'
        for event in events
        if type(event) is PreventedMatch and event.taker_order_id == order_id and event.symbol == symbol
    ]
    return f',"preventedMatches":[{",".join(rows)}]' if rows else ""


def prevented_match_quantities(match: PreventedMatch) -> str:
    """Return what the orders of a prevented match lost, each told only if it did (stp_faq, What is a Prevented Match)."""
    taker, maker = match.taker_prevented_quantity, match.maker_prevented_quantity
    text = f',"takerPreventedQuantity":"{decimal(taker)}"' if taker else ""
    return f'{text},"makerPreventedQuantity":"{decimal(maker)}"' if maker else text


def _told(report: ExecutionReport, extras: OrderExtras, inside: str, prevented: str, step: int) -> str:
    """Return a new order's fields, `inside` behind its working time, `prevented` before its prevented quantity."""
    terms = report.terms
    lost = ""
    if extras.prevented_quantity:
        group = f',"tradeGroupId":{extras.trade_group}' if extras.trade_group >= 0 else ""
        lost = f'{group}{prevented},"preventedQuantity":"{decimal(extras.prevented_quantity)}"'
    return (
        f"{ack(report, step)},{_price(terms, extras)}{_quantity(terms, report.quantity)},{_progress(report)}"
        f'{_trigger(terms, extras, step)}{strategy(terms)},"workingTime":{extras.working_at // step}{_iceberg(terms)}'
        f'{inside}{_floor(extras)},"selfTradePreventionMode":"{SELF_TRADE_MODES[terms.self_trade_mode or 0]}"'
        f"{lost}{_used_sor(extras)}{_expiry(report.expiry_reason)}"
    )


def _progress(report: ExecutionReport) -> str:
    """Return the fields from executedQty to side, which replies to new orders and to cancels share."""
    terms = report.terms
    return (
        f'"executedQty":"{decimal(report.cum_quantity)}","origQuoteOrderQty":"{decimal(terms.quote_quantity)}",'
        f'"cummulativeQuoteQty":"{amount(report.cum_quote)}","status":"{ORDER_STATUSES[report.status]}",'
        f'"timeInForce":"{TIMES_IN_FORCE[terms.time_in_force]}","type":"{ORDER_TYPES[terms.order_type]}",'
        f'"side":"{SIDES[terms.side]}"'
    )


def _kind(order: ExecutionReport | OrderRecord) -> str:
    terms = order.terms
    return (
        f'"status":"{ORDER_STATUSES[order.status]}","timeInForce":"{TIMES_IN_FORCE[terms.time_in_force]}",'
        f'"type":"{ORDER_TYPES[terms.order_type]}","side":"{SIDES[terms.side]}"'
    )


def _plain_record(record: OrderRecord, step: int) -> str:
    """Return the fields from symbol to isWorking of an order that works since it was created."""
    terms = record.terms
    return (
        f'"symbol":{quoted(terms.symbol)},"orderId":{record.order_id},"orderListId":-1,'
        f'"clientOrderId":"{terms.client_order_id}","price":"{decimal(terms.price)}","origQty":"{decimal(record.quantity)}",'
        f'"executedQty":"{decimal(record.cum_quantity)}","cummulativeQuoteQty":"{amount(record.cum_quote)}",{_kind(record)},'
        '"stopPrice":"0.00000000","icebergQty":"0.00000000",'
        f'"time":{record.created_at // step},"updateTime":{record.updated_at // step},"isWorking":true'
    )


def _conditional_record(record: OrderRecord, extras: OrderExtras, step: int) -> str:
    terms = record.terms
    return (
        f'"symbol":{quoted(terms.symbol)},"orderId":{record.order_id},"orderListId":{extras.order_list_id},'
        f'"clientOrderId":"{terms.client_order_id}",{_price(terms, extras)}{_quantity(terms, record.quantity)},'
        f'"executedQty":"{decimal(record.cum_quantity)}","cummulativeQuoteQty":"{amount(record.cum_quote)}",{_kind(record)},'
        f'"stopPrice":"{decimal(terms.stop_price)}"{_trailing(terms, extras, step)},'
        f'"icebergQty":"{decimal(terms.iceberg_quantity)}",'
        f'"time":{record.created_at // step},"updateTime":{record.updated_at // step},'
        f'"isWorking":{boolean(extras.working_at >= 0)}'
    )


def _price(terms: NewOrder, extras: OrderExtras) -> str:
    """Return the price as it was sent and, of a pegged order, what it is pegged to."""
    return f'"price":"{decimal(terms.price)}"{peg(terms, extras.pegged_price)}'


def _quantity(terms: NewOrder, quantity: int) -> str:
    """Return the quantity, but not before it is known (rest-api.md, New Order List - OPO)."""
    return f',"origQty":"{decimal(quantity)}"' if quantity or terms.quote_quantity else ""


def _trigger(terms: NewOrder, extras: OrderExtras, step: int) -> str:
    if terms.order_type not in CONTINGENT:
        return ""
    return f',"stopPrice":"{decimal(terms.stop_price)}"{_trailing(terms, extras, step)}'


def _trailing(terms: NewOrder, extras: OrderExtras, step: int) -> str:
    if not terms.trailing_delta:
        return ""
    return f',"trailingDelta":{terms.trailing_delta},"trailingTime":{extras.trailing_at // step}'


def _iceberg(terms: NewOrder) -> str:
    return f',"icebergQty":"{decimal(terms.iceberg_quantity)}"' if terms.iceberg_quantity else ""


def _floor(extras: OrderExtras) -> str:
    return "" if extras.floor is None else f',"workingFloor":"{WORKING_FLOORS[extras.floor]}"'


def _used_sor(extras: OrderExtras) -> str:
    return "" if extras.floor is None else ',"usedSor":true'


def _prevented(extras: OrderExtras) -> str:
    if not extras.prevented_quantity:
        return ""
    quantity = decimal(extras.prevented_quantity)
    return f',"preventedMatchId":{extras.prevented_match_id},"preventedQuantity":"{quantity}"'


def _expiry(reason: ExpiryReason) -> str:
    return "" if reason is _NO_REASON else f',"expiryReason":"{EXPIRY_REASONS[reason]}"'
