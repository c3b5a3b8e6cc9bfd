"""Changing what is open: cancelling, replacing and amending orders.

Order of work.  The order is found by its ids, the guards are asked in the order of `core.rejects.Reason`, then it is cancelled
                with what goes with it, or its quantity is lowered where it stands.
Invariant.      An amended order keeps its id and its place in the queue. The two orders of a pair have the same quantity.
Does not.       Place orders, but for the second half of a replacement, which `placing` does.
Source.         rest-api.md, Cancel order, Cancel All Open Orders on a Symbol, Cancel an Existing Order and Send a New Order,
                Order Amend Keep Priority; faqs/order_amend_keep_priority.md.
"""

from typing import Final

from msgspec.structs import replace

from papernet.core.account import Account
from papernet.core.commands import AmendOrder, CancelOrder, NewOrder, ReplaceOrder
from papernet.core.enums import CancelRestriction, ListStatusType, OrderStatus, SymbolStatus
from papernet.core.events import CancelFailed, OrderAmended, OrderListChanged, PlacementFailed
from papernet.core.ledger import release
from papernet.core.order import OPEN_STATUSES, Order
from papernet.core.order_list import PAYING, OrderList, Phase
from papernet.core.rejects import Reason, Reject
from papernet.venues.spot.admission import first_of, is_nothing, refusal_by_rules, refusal_of_amended
from papernet.venues.spot.ending import cancel_order
from papernet.venues.spot.holds import need_before_entry, no_longer_held, pair_carrier, paying_asset
from papernet.venues.spot.market import Market
from papernet.venues.spot.placing import put
from papernet.venues.spot.turn import Turn

_NEW: Final = OrderStatus.NEW
_PARTIALLY_FILLED: Final = OrderStatus.PARTIALLY_FILLED
# faqs/spot_glossary, CANCEL_ONLY: orders can be cancelled and amended.
_AMENDING: Final = (SymbolStatus.TRADING, SymbolStatus.CANCEL_ONLY)


def find_open(market: Market, account: Account, order_id: int, client_order_id: str) -> Order | None:
    """Return the open order that the ids name (-1 and "" are absent).

    rest-api.md, Cancel order: with both, the order id is looked up first and its client order id must agree.
    """
    name = market.symbol.name
    if order_id < 0:
        return account.client_order_ids.get((name, client_order_id))
    order = account.open_orders.get((name, order_id))
    if order is not None and client_order_id and order.terms.client_order_id != client_order_id:
        return None
    return order


def cancel(turn: Turn, account: Account, command: CancelOrder, request_id: str) -> Reject | None:
    """Cancel one open order of the account, and with it the list that it is a member of."""
    order = find_open(turn.market, account, command.order_id, command.orig_client_order_id)
    if order is None:
        return Reject(Reason.UNKNOWN_ORDER)
    # rest-api.md, Regarding cancelRestrictions
    if command.restriction is CancelRestriction.ONLY_NEW and order.status is not _NEW:
        return Reject(Reason.CANCEL_RESTRICTED)
    if command.restriction is CancelRestriction.ONLY_PARTIALLY_FILLED and order.status is not _PARTIALLY_FILLED:
        return Reject(Reason.CANCEL_RESTRICTED)
    cancel_order(turn, turn.market, account, order, request_id)
    return None


def cancel_all(turn: Turn, account: Account, request_id: str) -> Reject | None:
    """Cancel all open orders of the account on the market, oldest first; with none open the order is unknown."""
    name = turn.market.symbol.name
    orders = [order for (symbol, _), order in account.open_orders.items() if symbol == name]
    if not orders:
        return Reject(Reason.UNKNOWN_ORDER)
    for order in orders:
        # An earlier one may have taken it along.
        if (name, order.order_id) in account.open_orders:
            cancel_order(turn, turn.market, account, order, request_id)
    return None


def replace_order(
    turn: Turn, account: Account, command: ReplaceOrder, terms: NewOrder, request_id: str, exceeded: Reject | None
) -> Reject | None:
    """Cancel an order and place another, whose `terms` are complete; `exceeded` says why none may be placed now, if so."""
    market = turn.market
    if exceeded is not None and not command.cancels_when_exceeded:
        return exceeded
    refusals: list[Reject | None] = []
    if not market.symbol.cancel_replace_allowed:
        refusals.append(Reject(Reason.CANCEL_REPLACE_NOT_SUPPORTED))
    if exceeded is None:
        # rest-api.md: filters are evaluated before the order is cancelled.
        refusals.append(refusal_by_rules(turn.venue, market, account, terms, turn.at))
    refusal = first_of(refusals)
    if refusal is not None:
        return refusal
    failure = cancel(turn, account, command.cancel, request_id)
    if failure is not None:
        turn.events.append(CancelFailed(failure))
        if command.stops_on_failure:
            turn.events.append(PlacementFailed(exceeded))
            return None
    refusal = exceeded
    if refusal is None and (terms.symbol, terms.client_order_id) in account.client_order_ids:
        refusal = Reject(Reason.DUPLICATE_CLIENT_ORDER_ID)
    if refusal is None:
        refusal = put(turn, account, terms)
    if refusal is not None:
        turn.events.append(PlacementFailed(refusal))
    return None


def amend(turn: Turn, account: Account, command: AmendOrder, client_order_id: str) -> Reject | None:
    """Lower the quantity of an open order, and of the other one of its pair; the order has `client_order_id` from now on."""
    market = turn.market
    order = find_open(market, account, command.order_id, command.orig_client_order_id)
    same_name = account.client_order_ids.get((market.symbol.name, client_order_id))
    if same_name is not None and same_name is not order:
        return Reject(Reason.DUPLICATE_CLIENT_ORDER_ID)
    if market.status not in _AMENDING:
        return Reject(Reason.MARKET_CLOSED)
    if not market.symbol.amend_allowed:
        return Reject(Reason.AMEND_NOT_SUPPORTED)
    if order is None:
        return Reject(Reason.UNKNOWN_ORDER)
    order_list = order.order_list
    pair = [other for other in order_list.pair() if other.status in OPEN_STATUSES] if order_list is not None else []
    changed = [order, *(other for other in pair if other is not order)] if order in pair else [order]
    refusal = _refusal_of_quantity(market, account, changed, command.quantity, turn.at)
    if refusal is not None:
        return refusal
    carrier = pair_carrier(pair) if order in pair else order
    old_id = order.terms.client_order_id
    for one in changed:
        _lower(turn, market, account, one, command.quantity, client_order_id if one is order else "")
    _hold_less(market, account, carrier, changed)
    turn.touch(market, account)
    if order_list is not None and client_order_id != old_id:
        _tell_new_name(turn, order_list)
    return None


def _refusal_of_quantity(market: Market, account: Account, changed: list[Order], quantity: int, at: int) -> Reject | None:
    """Return why the quantity of an order, and of the other one of its pair, may not become `quantity`, or None."""
    order = changed[0]
    order_list = order.order_list
    if order_list is not None and order_list.kind in PAYING and order_list.phase is Phase.ONE and order in order_list.pending():
        return Reject(Reason.AMEND_PENDING_OPO)
    if quantity == order.quantity:
        return Reject(Reason.AMEND_CHANGES_NOTHING)
    if quantity > order.quantity:
        return Reject(Reason.AMEND_INCREASES)
    if market.filters.max_amends and order.amends >= market.filters.max_amends:
        return Reject(Reason.TOO_MANY_AMENDS, ("MAX_NUM_ORDER_AMENDS",))
    return first_of([_refusal_of_amended(market, account, one, quantity, at) for one in changed])


def _refusal_of_amended(market: Market, account: Account, order: Order, quantity: int, at: int) -> Reject | None:
    """Return which rule an order would break with another quantity, or None."""
    price = order.price or order.terms.price
    leaves = quantity - order.cum_quantity - order.prevented
    if leaves < 0 or is_nothing(price, leaves):
        return Reject(Reason.ZERO_NOTIONAL)
    return refusal_of_amended(market, account, replace(order.terms, quantity=quantity), price, at)


def _lower(turn: Turn, market: Market, account: Account, order: Order, quantity: int, client_order_id: str) -> None:
    """Give an order its new quantity, and a new client order id unless that is empty; tell of it."""
    old_terms, old_quantity = order.terms, order.quantity
    lost = old_quantity - quantity
    order.terms = replace(
        old_terms,
        client_order_id=client_order_id or old_terms.client_order_id,
        quantity=quantity if old_terms.quantity else 0,
        # faqs/order_amend_keep_priority: what is shown changes when the whole becomes less than that.
        iceberg_quantity=min(old_terms.iceberg_quantity, quantity),
    )
    order.quantity = quantity
    order.amends += 1
    order.updated_at = turn.at
    if order.level is not None:
        market.book.reduce(order, lost)
    else:
        order.leaves -= lost
    symbol = market.symbol.name
    del account.client_order_ids[symbol, old_terms.client_order_id]
    account.client_order_ids[symbol, order.terms.client_order_id] = order
    exec_id = turn.report_replaced(market, order, old_terms.client_order_id)
    turn.events.append(
        OrderAmended(
            symbol,
            account.account_id,
            order.order_id,
            exec_id,
            turn.at,
            old_terms.client_order_id,
            order.terms.client_order_id,
            old_quantity,
            quantity,
        )
    )


def _hold_less(market: Market, account: Account, carrier: Order, changed: list[Order]) -> None:
    """Release what amended orders need no longer."""
    if len(changed) == 1 and carrier.price:
        surplus = no_longer_held(carrier, 0)
    else:
        needed = max(need_before_entry(market, order) for order in changed)
        surplus = max(0, carrier.held - needed)
        carrier.held -= surplus
    release(account.balances[paying_asset(market, carrier)], surplus)


def _tell_new_name(turn: Turn, order_list: OrderList) -> None:
    order_list.updated_at = turn.at
    turn.events.append(OrderListChanged(order_list.record(), ListStatusType.UPDATED, turn.at))
