"""Ending open orders, and what the end of one means for the other members of its list.

Order of work.  An order is taken from where it is (the book, the triggers, or nowhere while it is pending), what it holds is
                released, it is told of; then `LIST_TRANSITIONS` says what becomes of the other members. A working order that is
                filled only makes its list due: the pending orders are placed when the running order has finished.
Invariant.      A closed order is in no room of the market and holds nothing. A list is forgotten with its last open member.
Does not.       Place anything.
Source.         rest-api.md, Order lists; user-data-stream.md, Order Expiry Reason.
"""

from typing import Final

from papernet.core.account import Account
from papernet.core.enums import ExecType, ListStatusType, OrderStatus
from papernet.core.events import OrderListChanged
from papernet.core.order import Order
from papernet.core.order_list import EXPIRY_REASONS, LIST_TRANSITIONS, Consequence, Happening, OrderList, Phase
from papernet.core.rejects import Reject
from papernet.venues.spot.holds import release_all
from papernet.venues.spot.market import Market
from papernet.venues.spot.turn import Turn

_CANCELED: Final = OrderStatus.CANCELED
_EXPIRED: Final = OrderStatus.EXPIRED


def close(market: Market, account: Account, order: Order) -> None:
    """Forget an open order that has ended."""
    del market.orders[order.order_id]
    account.remove_open(order.terms.symbol, order)


def cancel_order(turn: Turn, market: Market, account: Account, order: Order, request_id: str) -> None:
    """Cancel an open order and what goes with it."""
    _withdraw(turn, market, account, order, _CANCELED)
    turn.report(market, order, ExecType.CANCELED, request_id=request_id)
    if order.order_list is not None:
        happened(turn, market, order, Happening.CANCELED, request_id)


def reject_entry(turn: Turn, market: Market, account: Account, order: Order, reject: Reject) -> None:
    """Expire an order that is refused when its time to enter the book has come."""
    _withdraw(turn, market, account, order, _EXPIRED)
    turn.report_rejected(market, order, reject)
    if order.order_list is not None:
        happened(turn, market, order, Happening.EXPIRED)


def happened(turn: Turn, market: Market, order: Order, what: Happening, request_id: str = "") -> None:
    """Let the other members of an order's list suffer what happened to it; its own change has been told."""
    order_list = order.order_list
    assert order_list is not None
    row = LIST_TRANSITIONS.get((order_list.phase, order_list.role_of(order), what))
    if row is not None:
        consequence, order_list.phase = row
        if consequence is Consequence.PLACE:
            turn.defer(order_list)
        else:
            _end_others(turn, market, order, consequence, request_id)
    if order_list.order_list_id in turn.venue.order_lists and not order_list.open_orders():
        _forget(turn, order_list)


def _end_others(turn: Turn, market: Market, order: Order, consequence: Consequence, request_id: str) -> None:
    order_list = order.order_list
    assert order_list is not None
    account = turn.venue.accounts[order_list.account]
    for member in order_list.open_orders():
        if member is order:
            continue
        if consequence is Consequence.CANCEL:
            _withdraw(turn, market, account, member, _CANCELED)
            turn.report(market, member, ExecType.CANCELED, request_id=request_id)
        else:
            _withdraw(turn, market, account, member, _EXPIRED)
            turn.report(market, member, ExecType.EXPIRED, EXPIRY_REASONS[consequence])


def _withdraw(turn: Turn, market: Market, account: Account, order: Order, status: OrderStatus) -> None:
    """Take an open order from where it is."""
    if order.level is not None:
        market.book.remove(order)
    elif order.order_id in market.triggers.waiting:
        market.triggers.remove(order)
    release_all(market, account, order)
    order.status = status
    order.updated_at = turn.at
    close(market, account, order)
    if market is turn.market:
        turn.touched[account.account_id] = account
    else:
        turn.touch(market, account)


def _forget(turn: Turn, order_list: OrderList) -> None:
    order_list.phase = Phase.DONE
    order_list.updated_at = turn.at
    account = turn.venue.accounts[order_list.account]
    del turn.venue.order_lists[order_list.order_list_id]
    del account.open_lists[order_list.order_list_id]
    del account.list_client_order_ids[order_list.list_client_order_id]
    turn.events.append(OrderListChanged(order_list.record(), ListStatusType.ALL_DONE, turn.at))
    for order in order_list.orders:
        # The members are done with each other; no reference cycle stays behind.
        order.order_list = None
    order_list.orders.clear()
