"""The events of a user's stream as JSON: what happens to orders, order lists and balances, and what happens to the stream.

Order of work.  An execution report is one template for every order. Pieces that only some orders have are empty where their
                condition does not hold; an order without extras asks for none of them but its strategy.
Fields.         Documented order. The conditional fields of an execution report stand where the documents show them: trailing
                delta behind the stop price, prevented match id behind the trade id; trailing time, strategy and working time
                before the self-trade prevention mode; trade group, counter order and prevented quantities behind it; all others
                at the end, in the order of the documents' table.
Invariant.      An event says the same as the reply to the order it is about, under other names. Event time and transaction
                time are the entry's.
Does not.       Know who is told. Write envelopes: sessions do.
Source.         user-data-stream.md (older editions of it for the places of conditional fields and for `listenKeyExpired`);
                faqs/market_orders_faq, stp_faq, sor_faq, order_amend_keep_priority; web-socket-api.md, Server Shutdown.
"""

from collections.abc import Mapping
from typing import Final

from papernet.app.operations import TimeUnit
from papernet.core.enums import ExecType, ExpiryReason, OrderStatus, TimeInForce
from papernet.core.events import (
    AccountUpdate,
    BalanceChanged,
    ExecutionReport,
    ExternalLock,
    OrderExtras,
    OrderListChanged,
    PreventedMatch,
)
from papernet.core.order import IS_AT_ANY_PRICE
from papernet.core.rejects import Reason
from papernet.core.units import notional_floor
from papernet.protocols.json.fragments import boolean, divisor, quoted
from papernet.protocols.json.numbers import amount, decimal
from papernet.protocols.json.order_fields import peg, strategy
from papernet.protocols.json.spellings import (
    ALLOCATED,
    CONTINGENCY_TYPES,
    EXECUTION_TYPES,
    EXPIRY_REASONS,
    LIST_ORDER_STATUSES,
    LIST_STATUS_TYPES,
    ORDER_STATUSES,
    ORDER_TYPES,
    SELF_TRADE_MODES,
    SIDES,
    TIMES_IN_FORCE,
    WORKING_FLOORS,
)

_NEW: Final = ExecType.NEW
_TRADE: Final = ExecType.TRADE
_GTC: Final = TimeInForce.GTC
_NO_REASON: Final = ExpiryReason.NONE
_WORKING: Final = (OrderStatus.NEW, OrderStatus.PARTIALLY_FILLED)

_STRATEGY_NAMES: Final = ("j", "J")
_PEG_NAMES: Final = ("gP", "gOT", "gOV", "gp")

# user-data-stream.md, Order Reject Reason: what an order can end for that was refused when its time to work had come. Other
# refusals have no name there.
_REJECT_REASONS: Final[Mapping[Reason, str]] = {
    Reason.INSUFFICIENT_BALANCE: "INSUFFICIENT_BALANCES",
    Reason.WOULD_TRIGGER: "STOP_PRICE_WOULD_TRIGGER_IMMEDIATELY",
    Reason.WOULD_TAKE: "WOULD_MATCH_IMMEDIATELY",
    Reason.BAD_PRICE_RELATION: "OCO_BAD_PRICES",
}


def execution_report(report: ExecutionReport, unit: TimeUnit) -> bytes:
    """Return what happened to an order (Order Update)."""
    terms, extras, step = report.terms, report.extras, divisor(unit)
    at = report.at // step
    if extras is None:
        list_id, working_at, match, tracking, tail = -1, report.created_at, "", "", ""
    else:
        list_id, working_at = extras.order_list_id, extras.working_at
        match = f',"v":{extras.prevented_match_id}' if extras.prevented_quantity else ""
        tracking = f',"D":{extras.trailing_at // step}' if extras.trailing_at >= 0 else ""
        tail = _tail(report, extras)
    is_trade = report.exec_type is _TRADE
    fee = f'"{amount(report.commission)}","N":{quoted(report.commission_asset)}' if is_trade else '"0","N":null'
    delta = f',"d":{terms.trailing_delta}' if terms.trailing_delta else ""
    working = f',"W":{working_at // step}' if working_at >= 0 else ""
    reason = report.expiry_reason
    expiry = "" if reason is _NO_REASON else f',"eR":"{EXPIRY_REASONS[reason]}"'
    return (
        f'{{"e":"executionReport","E":{at},"s":{quoted(terms.symbol)},"c":"{report.request_id or terms.client_order_id}",'
        f'"S":"{SIDES[terms.side]}","o":"{ORDER_TYPES[terms.order_type]}","f":"{TIMES_IN_FORCE[terms.time_in_force]}",'
        f'"q":"{decimal(report.quantity)}","p":"{decimal(terms.price)}","P":"{decimal(terms.stop_price)}"{delta},'
        f'"F":"{decimal(terms.iceberg_quantity)}","g":{list_id},"C":"{_original_id(report)}",'
        f'"x":"{EXECUTION_TYPES[report.exec_type]}","X":"{ORDER_STATUSES[report.status]}","r":"{_reject_reason(report)}",'
        f'"i":{report.order_id},"l":"{decimal(report.last_quantity)}","z":"{decimal(report.cum_quantity)}",'
        f'"L":"{decimal(report.last_price)}","n":{fee},"T":{at},"t":{report.trade_id}{match},"I":{report.exec_id},'
        f'"w":{boolean(_is_on_book(report, working_at))},"m":{boolean(report.is_maker)},"M":{boolean(is_trade)},'
        f'"O":{report.created_at // step},"Z":"{amount(report.cum_quote)}","Y":"{amount(report.last_quote)}",'
        f'"Q":"{decimal(terms.quote_quantity)}"{tracking}{strategy(terms, _STRATEGY_NAMES)}{working},'
        f'"V":"{SELF_TRADE_MODES[terms.self_trade_mode or 0]}"{tail}{expiry}}}'
    ).encode()


def account_position(update: AccountUpdate, unit: TimeUnit) -> bytes:
    """Return balances as they are now (Account Update)."""
    at = update.at // divisor(unit)
    rows = [f'{{"a":{quoted(asset)},"f":"{amount(free)}","l":"{amount(held)}"}}' for asset, free, held in update.balances]
    return f'{{"e":"outboundAccountPosition","E":{at},"u":{at},"B":[{",".join(rows)}]}}'.encode()


def balance_update(change: BalanceChanged, unit: TimeUnit) -> bytes:
    """Return what entered or left an account (Balance Update)."""
    return _delta("balanceUpdate", change, unit)


def external_lock_update(change: ExternalLock, unit: TimeUnit) -> bytes:
    """Return what was locked or unlocked from outside (External Lock Update)."""
    return _delta("externalLockUpdate", change, unit)


def list_status(change: OrderListChanged, unit: TimeUnit) -> bytes:
    """Return where an order list is (Order Update, ListStatus)."""
    record, at = change.record, change.at // divisor(unit)
    symbol = quoted(record.symbol)
    members = [f'{{"s":{symbol},"i":{order_id},"c":"{name}"}}' for order_id, name in record.orders]
    # A list that is refused never becomes one, so no reason is ever told.
    return (
        f'{{"e":"listStatus","E":{at},"s":{symbol},"g":{record.order_list_id},"c":"{CONTINGENCY_TYPES[record.kind]}",'
        f'"l":"{LIST_STATUS_TYPES[change.status_type]}","L":"{LIST_ORDER_STATUSES[record.status]}","r":"NONE",'
        f'"C":"{record.list_client_order_id}","T":{at},"O":[{",".join(members)}]}}'
    ).encode()


def stream_terminated(at: int, unit: TimeUnit) -> bytes:
    """Return that a subscription ended (Event Stream Terminated)."""
    return f'{{"e":"eventStreamTerminated","E":{at // divisor(unit)}}}'.encode()


def listen_key_expired(listen_key: str, at: int, unit: TimeUnit) -> bytes:
    """Return that nothing more will come for a listen key (Listen Key Expired)."""
    return f'{{"e":"listenKeyExpired","E":{at // divisor(unit)},"listenKey":"{listen_key}"}}'.encode()


def server_shutdown(at: int, unit: TimeUnit) -> bytes:
    """Return that the server is about to go (Server Shutdown)."""
    return f'{{"e":"serverShutdown","E":{at // divisor(unit)}}}'.encode()


def _delta(name: str, change: BalanceChanged | ExternalLock, unit: TimeUnit) -> bytes:
    at = change.at // divisor(unit)
    return f'{{"e":"{name}","E":{at},"a":{quoted(change.asset)},"d":"{amount(change.amount)}","T":{at}}}'.encode()


def _original_id(report: ExecutionReport) -> str:
    """Return the client order id that the order had before a cancel request or an amendment named it anew."""
    return report.terms.client_order_id if report.request_id else report.amended_from


def _reject_reason(report: ExecutionReport) -> str:
    return "NONE" if report.reject is None else _REJECT_REASONS.get(report.reject.reason, "NONE")


def _is_on_book(report: ExecutionReport, working_at: int) -> bool:
    """Whether the order works.

    faqs/market_orders_faq: an order that never rests counts when it is new, and no longer once it traded.
    """
    if working_at < 0 or report.status not in _WORKING:
        return False
    terms = report.terms
    return report.exec_type is _NEW or (terms.time_in_force is _GTC and not IS_AT_ANY_PRICE[terms.order_type])


def _tail(report: ExecutionReport, extras: OrderExtras) -> str:
    """Return the conditional fields behind the self-trade prevention mode."""
    text = ""
    if extras.prevented_quantity:
        text = _prevented(report, extras, report.prevented)
    if report.allocation_id >= 0:
        text = f'{text},"b":"{ALLOCATED}","a":{report.allocation_id}'
    if extras.floor is not None:
        text = f'{text},"k":"{WORKING_FLOORS[extras.floor]}","uS":true'
    return f"{text}{peg(report.terms, extras.pegged_price, _PEG_NAMES)}"


def _prevented(report: ExecutionReport, extras: OrderExtras, match: PreventedMatch | None) -> str:
    """Return what self-trade prevention took off an order; of the prevented match only where the report is about it."""
    group = f',"u":{extras.trade_group}' if extras.trade_group >= 0 else ""
    total = f',"A":"{decimal(extras.prevented_quantity)}"'
    if match is None:
        return f"{group}{total}"
    if (match.symbol, match.taker_order_id) == (report.terms.symbol, report.order_id):
        counter, symbol, lost = match.maker_order_id, match.maker_symbol, match.taker_prevented_quantity
    else:
        counter, symbol, lost = match.taker_order_id, match.symbol, match.maker_prevented_quantity
    return (
        f'{group},"U":{counter}{total},"B":"{decimal(lost)}","Cs":{quoted(symbol)},"pl":"{decimal(match.quantity)}",'
        f'"pL":"{decimal(match.price)}","pY":"{amount(notional_floor(match.price, match.quantity))}"'
    )
