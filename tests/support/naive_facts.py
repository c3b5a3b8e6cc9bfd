"""What the exchange's events say, spelled as the naive exchange spells what happened, so that the two can be compared."""

from papernet.core.enums import WorkingFloor
from papernet.core.events import (
    Allocation,
    Applied,
    CancelFailed,
    Event,
    ExecutionReport,
    ExternalLock,
    OrderAmended,
    OrderListChanged,
    PlacementFailed,
    PreventedMatch,
    Refused,
    Trade,
)
from papernet.core.rejects import Reason, Reject
from tests.support.naive_state import Fact

REFUSALS = {Refused: "REFUSED", CancelFailed: "CANCEL_FAILED", PlacementFailed: "PLACEMENT_FAILED"}


def facts_of(applied: Applied) -> list[Fact]:
    """Return what an entry's events say happened; book changes and balances are compared by themselves."""
    told = (fact_of(event) for event in applied.events)
    return [fact for fact in told if fact is not None]


def name_of(reject: Reject) -> str:
    """Return the name of a refusal's reason, or of the filter that failed."""
    return reject.args[0] if reject.reason is Reason.FILTER_FAILURE else reject.reason.name


def fee_of(amount: int, asset: str) -> tuple[int, str]:
    """Return a commission; the asset of none does not matter."""
    return (amount, asset) if amount else (0, "")


def fact_of(event: Event) -> Fact | None:
    """Return what one event says."""
    match event:
        case ExecutionReport():
            return report_fact(event)
        case Trade():
            maker_buys = event.buyer_is_maker
            ids = (event.taker_order_id, event.maker_order_id)
            return ("TRADE", event.symbol, event.price, event.quantity, event.quote, maker_buys, *ids)
        case Allocation():
            last, fee = (event.quantity, event.price, event.quote), fee_of(event.commission, event.commission_asset)
            return ("ALLOCATION", event.symbol, event.order_id, last, fee)
        case PreventedMatch():
            symbols, ids = (event.symbol, event.maker_symbol), (event.taker_order_id, event.maker_order_id)
            accounts = (event.taker_account, event.maker_account)
            lost = (event.taker_prevented_quantity, event.maker_prevented_quantity)
            return ("PREVENTED", symbols, ids, accounts, event.mode.name, event.price, event.quantity, lost)
        case OrderListChanged():
            return ("LIST", event.record.order_list_id, event.status_type.name)
        case OrderAmended():
            return ("AMENDED", event.symbol, event.order_id, event.orig_quantity, event.quantity)
        case ExternalLock():
            return ("LOCKED", event.account, event.asset, event.amount)
        case Refused() | CancelFailed() | PlacementFailed():
            return (REFUSALS[type(event)], None if event.reject is None else name_of(event.reject))
        case _:
            return None


def report_fact(report: ExecutionReport) -> Fact:
    """Return what an execution report says."""
    extras = report.extras
    prevented = extras.prevented_quantity if extras else 0
    list_id, pegged = (extras.order_list_id, extras.pegged_price) if extras else (-1, 0)
    place = (report.exec_type.name, report.terms.symbol, report.order_id, report.status.name, report.expiry_reason.name)
    sums = (report.quantity, report.cum_quantity, report.cum_quote, prevented)
    last = (report.last_quantity, report.last_price, report.last_quote)
    fee = fee_of(report.commission, report.commission_asset)
    routed = report.allocation_id >= 0
    assert not routed or (report.trade_id == -1 and extras is not None and extras.floor is WorkingFloor.SOR)
    return ("REPORT", *place, sums, last, fee, report.is_maker, list_id, pegged)
