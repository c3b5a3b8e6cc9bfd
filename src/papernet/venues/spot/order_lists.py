"""Placing and cancelling order lists.

Order of work.  Guards in the order of `core.rejects.Reason`, for the list and then for each order as for a single one; then the
                list holds what its orders need, is told of, and its working order or its pair starts. Pending orders wait for
                `starting`.
Invariant.      A pair holds what the dearer of the two needs, on the order that may rest on the book. Either all orders of a
                list are placed or none.
Does not.       Know what happens to the members later: `LIST_TRANSITIONS` does.
Source.         rest-api.md, Order lists; faqs/opo.md.
"""

from typing import Final

from papernet.core.account import Account
from papernet.core.commands import NewOrderList
from papernet.core.enums import ExecType, ListKind, ListStatusType, OrderStatus, OrderType, Side
from papernet.core.events import OrderExtras, OrderListChanged
from papernet.core.order import CONTINGENT, STOP_LOSSES, TAKE_PROFITS, Order
from papernet.core.order_list import PAYING, TRIGGERING, OrderList
from papernet.core.rejects import Reason, Reject
from papernet.venues.spot.admission import adds_of, first_of, refusal_by_counts, refusal_by_rules
from papernet.venues.spot.ending import cancel_order
from papernet.venues.spot.entry import enter, need_of_entry, takes
from papernet.venues.spot.holds import need_before_entry, pair_carrier, paying_asset, take_hold
from papernet.venues.spot.market import Market
from papernet.venues.spot.starting import refusal_of_relation, refusal_of_start, tell_peg, wait, work_off
from papernet.venues.spot.turn import Turn

_PROFITS: Final = (OrderType.LIMIT_MAKER, *TAKE_PROFITS)
_WORKING: Final = (OrderType.LIMIT, OrderType.LIMIT_MAKER)
_PAIRS: Final = (ListKind.OCO, ListKind.OTOCO, ListKind.OPOCO)


def place_list(turn: Turn, account: Account, command: NewOrderList) -> Reject | None:
    """Place an order list whose ids are set; return why it is refused, or None when it is placed."""
    market = turn.market
    refusal = _refusal(turn, market, account, command)
    if refusal is not None:
        return refusal
    order_list = OrderList(
        turn.venue.next_order_list_id, account.account_id, command.symbol, command.kind, command.list_client_order_id, turn.at
    )
    triggers = command.kind in TRIGGERING
    for index, terms in enumerate(command.legs):
        order = Order(terms, market.next_order_id + index, turn.at)
        works = terms.order_type not in CONTINGENT and not (triggers and index)
        order.extras = OrderExtras(order_list.order_list_id, turn.at if works else -1)
        if not works:
            # A price that is not at work yet is the terms' alone.
            order.price = 0
        order_list.orders.append(order)
    pair = order_list.pair()
    if pair:
        refusal = refusal_of_relation(pair, 0 if triggers else market.last_price)
        if refusal is not None:
            return refusal
    starting = order_list.orders[:1] if triggers else order_list.orders
    refusal = first_of([refusal_of_start(turn, market, order) for order in starting])
    if refusal is not None:
        return refusal
    if not _take_holds(turn, market, account, order_list):
        return Reject(Reason.INSUFFICIENT_BALANCE)
    _open(turn, market, account, order_list)
    return None


def cancel_list(turn: Turn, account: Account, order_list_id: int, list_client_order_id: str, request_id: str) -> Reject | None:
    """Cancel an open list of the account on the turn's market: with both ids given they must agree."""
    if order_list_id < 0:
        order_list = account.list_client_order_ids.get(list_client_order_id)
    else:
        order_list = account.open_lists.get(order_list_id)
        if order_list is not None and list_client_order_id not in ("", order_list.list_client_order_id):
            order_list = None
    if order_list is None or order_list.symbol != turn.market.symbol.name:
        return Reject(Reason.UNKNOWN_ORDER_LIST)
    while account.open_lists.get(order_list.order_list_id) is order_list:
        cancel_order(turn, turn.market, account, order_list.open_orders()[0], request_id)
    return None


def _refusal(turn: Turn, market: Market, account: Account, command: NewOrderList) -> Reject | None:
    """Return why the rules refuse a list, or None."""
    ids = [terms.client_order_id for terms in command.legs]
    if len(dict.fromkeys(ids)) < len(ids) or any((command.symbol, name) in account.client_order_ids for name in ids):
        return Reject(Reason.DUPLICATE_CLIENT_ORDER_ID)
    if command.list_client_order_id in account.list_client_order_ids:
        return Reject(Reason.DUPLICATE_LIST_CLIENT_ORDER_ID)
    triggers = command.kind in TRIGGERING
    refusals = [
        refusal_by_rules(turn.venue, market, account, terms, turn.at, in_list=True, is_pending=triggers and index > 0)
        for index, terms in enumerate(command.legs)
    ]
    refusal = first_of([_refusal_of_kind(market, command), *refusals])
    if refusal is not None:
        return refusal
    return refusal_by_counts(market, account, adds_of(command.legs, 1)) if account.is_user else None


def _refusal_of_kind(market: Market, command: NewOrderList) -> Reject | None:
    """Return why lists of this kind cannot be placed on a market, or why the orders do not make one."""
    symbol = market.symbol
    if command.kind in _PAIRS and not symbol.oco_allowed:
        return Reject(Reason.OCO_NOT_SUPPORTED)
    if command.kind in TRIGGERING and not symbol.oto_allowed:
        return Reject(Reason.OTO_NOT_SUPPORTED)
    if command.kind in PAYING and not symbol.opo_allowed:
        return Reject(Reason.OPO_NOT_SUPPORTED)
    return None if _fits(command) else Reject(Reason.UNSUPPORTED_COMBINATION)


def _fits(command: NewOrderList) -> bool:
    """Tell whether the orders are such as the kind of list is made of."""
    legs = command.legs
    if command.kind in TRIGGERING:
        working, legs = legs[0], legs[1:]
        if working.order_type not in _WORKING:
            return False
        if command.kind in PAYING and (
            working.side is not Side.BUY or any(terms.side is Side.BUY or terms.quantity for terms in legs)
        ):
            return False
    if command.kind not in _PAIRS:
        return len(legs) == 1 and not legs[0].quote_quantity
    if len(legs) != 2:
        return False
    stop, other = legs
    return (
        stop.order_type in STOP_LOSSES
        and other.order_type in _PROFITS
        and stop.side is other.side
        and stop.quantity == other.quantity
    )


def _take_holds(turn: Turn, market: Market, account: Account, order_list: OrderList) -> bool:
    """Let the list hold what its orders need, or nothing when that much is not free."""
    groups = [order_list.orders]
    if order_list.kind in TRIGGERING:
        groups = [order_list.orders[:1], order_list.pending()]
    if order_list.kind in PAYING:
        del groups[1]
    wanted: list[tuple[Order, int]] = []
    totals: dict[str, int] = {}
    for orders in groups:
        carrier = pair_carrier(orders)
        need = max(_need(turn, market, account, order) for order in orders)
        wanted.append((carrier, need))
        asset = paying_asset(market, carrier)
        totals[asset] = totals.get(asset, 0) + need
    if any(need and (asset not in account.balances or account.balances[asset].free < need) for asset, need in totals.items()):
        return False
    return all(take_hold(market, account, order, need) for order, need in wanted)


def _need(turn: Turn, market: Market, account: Account, order: Order) -> int:
    assert order.extras is not None
    if order.extras.working_at < 0:
        return need_before_entry(market, order)
    return need_of_entry(turn, market, account, order)


def _open(turn: Turn, market: Market, account: Account, order_list: OrderList) -> None:
    """Make the list and its orders open, tell of them, and start what works at once."""
    venue = turn.venue
    market.next_order_id += len(order_list.orders)
    venue.next_order_list_id += 1
    venue.order_lists[order_list.order_list_id] = order_list
    account.open_lists[order_list.order_list_id] = order_list
    account.list_client_order_ids[order_list.list_client_order_id] = order_list
    turn.touch(market, account)
    turn.events.append(OrderListChanged(order_list.record(), ListStatusType.EXEC_STARTED, turn.at))
    pending = order_list.pending()
    orders = list(order_list.orders)
    for order in orders:
        order.order_list = order_list
        market.orders[order.order_id] = order
        account.add_open(order.terms.symbol, order)
        if order in pending:
            order.status = OrderStatus.PENDING_NEW
        elif order.terms.order_type in CONTINGENT:
            wait(turn, market, order)
        else:
            tell_peg(order)
        turn.report(market, order, ExecType.NEW)
    for order in orders:
        if order.status is OrderStatus.NEW and order.terms.order_type not in CONTINGENT:
            enter(turn, market, account, order, would_take=takes(venue, market, order), is_open=True)
    if turn.due is not None:
        work_off(turn)
