"""Orders and lists written as rows, and events read as texts, for tests that look closer than a table does.

    order(world, "alice sell 1 @ 9 STOP 9.5 as A1")          a command; the rows are those of `scripts`
    place(world, "alice sell 1 @ 9 STOP 9.5 as A1")          ... given to the world's exchange
    place_list(world, "OTO as L1", "alice buy 1 @ 9 as W", "alice sell 1 @ 12 as P")

`told` gives an entry's events, one text each, without those of books and balances, which have tests of their own.
"""

from papernet.core.commands import AmendOrder, CancelOrder, CancelOrderList, NewOrder, NewOrderList, ReplaceOrder
from papernet.core.enums import ExecType, ListKind
from papernet.core.events import (
    Allocation,
    Applied,
    CancelFailed,
    ExecutionReport,
    OrderAmended,
    OrderListChanged,
    PlacementFailed,
    PreventedMatch,
    Refused,
    Trade,
)
from papernet.core.order import Order
from papernet.core.rejects import Reject
from tests.support.scripts import read_order
from tests.support.worlds import NAMES, World, plain, units


def order(world: World, row: str, **accounts: int) -> NewOrder:
    """Return the order of a row that begins with who places it."""
    who, *words = row.split()
    wish = read_order(words)
    assert wish is not None, row
    return wish.command((NAMES | accounts)[who], world.symbol)


def place(world: World, row: str, **accounts: int) -> Applied:
    """Place the order of a row."""
    return world.apply(order(world, row, **accounts))


def order_list(world: World, head: str, *rows: str) -> NewOrderList:
    """Return the list of a head (its kind, then perhaps its name) and a row for each leg."""
    kind, _, name = head.partition(" as ")
    legs = tuple(order(world, row) for row in rows)
    return NewOrderList(legs[0].account, legs[0].symbol, ListKind[kind], legs, name)


def place_list(world: World, head: str, *rows: str) -> Applied:
    """Place a list."""
    return world.apply(order_list(world, head, *rows))


def cancel_list(world: World, account: int, name: str) -> Applied:
    """Cancel a list by its client order id."""
    return world.apply(CancelOrderList(account, world.symbol, -1, name))


def replacement(world: World, account: int, orig: str, row: str, *, stops: bool = False, cancels: bool = False) -> ReplaceOrder:
    """Return a cancel of the order named `orig` and, in its place, the order of a row."""
    return ReplaceOrder(CancelOrder(account, world.symbol, -1, orig), order(world, row), stops, cancels)


def amend(world: World, account: int, orig: str, quantity: str, name: str = "") -> Applied:
    """Lower an order's quantity."""
    return world.apply(AmendOrder(account, world.symbol, -1, units(quantity), orig, name))


def find(world: World, cid: str, symbol: str = "") -> Order:
    """Return the open order of that client order id, whosever it is."""
    orders = world.exchange.markets[symbol or world.symbol].orders.values()
    return next(one for one in orders if one.terms.client_order_id == cid)


def opened(world: World, symbol: str = "") -> list[str]:
    """Return the client order ids of the open orders of a symbol, in the order of their ids."""
    orders = sorted(world.exchange.markets[symbol or world.symbol].orders.items())
    return [one.terms.client_order_id for _, one in orders]


def told(applied: Applied) -> list[str]:
    """Return the events as texts."""
    return [text for text in map(_text, applied.events) if text]


def _text(event: object) -> str:
    match event:
        case ExecutionReport():
            return _report(event)
        case Trade():
            return f"trade {plain(event.quantity)}@{plain(event.price)}"
        case PreventedMatch():
            lost = f"taker {plain(event.taker_prevented_quantity)} maker {plain(event.maker_prevented_quantity)}"
            return f"prevented {event.mode.name} {plain(event.quantity)}@{plain(event.price)} {lost}"
        case OrderListChanged():
            return f"list {event.record.list_client_order_id} {event.status_type.name}"
        case Allocation():
            return f"allocated {plain(event.quantity)}@{plain(event.price)}"
        case OrderAmended():
            return f"amended {event.orig_client_order_id}:{plain(event.orig_quantity)} to {plain(event.quantity)}"
        case CancelFailed():
            return f"cancel failed: {_reason(event.reject)}"
        case PlacementFailed():
            return f"placement failed: {_reason(event.reject)}"
        case Refused():
            return f"refused: {_reason(event.reject)}"
    return ""


def _reason(reject: Reject | None) -> str:
    if reject is None:
        return "not attempted"
    return reject.reason.name + (f"({', '.join(reject.args)})" if reject.args else "")


def _report(report: ExecutionReport) -> str:
    words = [report.terms.client_order_id]
    if report.exec_type is ExecType.TRADE:
        words.append(f"{plain(report.last_quantity)}@{plain(report.last_price)}")
    elif report.exec_type in (ExecType.REPLACED, ExecType.TRADE_PREVENTION):
        words.append(report.exec_type.name)
    words.append(report.status.name)
    if report.expiry_reason:
        words.append(report.expiry_reason.name)
    if report.reject is not None:
        words.append(_reason(report.reject))
    return " ".join(words)
