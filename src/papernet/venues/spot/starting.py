"""Letting orders start to work that were accepted before: contingent orders that triggered, pending orders of lists.

Order of work.  What became due is worked off in its order, until nothing is: a triggered order ends the other one of its pair,
                is given its price and what it needs, and enters the book; the pending orders of a list are placed as if they
                had come just now. What would be refused now expires instead, and says so.
Invariant.      Work ends: an order triggers once, and a list is due once.
Does not.       Decide what becomes due: trades and `LIST_TRANSITIONS` do.
Source.         rest-api.md, Order lists; faqs/pegged_orders.md; faqs/opo.md; user-data-stream.md, Order Expiry Reason.
"""

from itertools import pairwise
from typing import Final

from msgspec.structs import replace

from papernet.core.account import Account
from papernet.core.enums import ExecType, OrderStatus, OrderType, Side
from papernet.core.events import OrderExtras
from papernet.core.order import AT_ANY_PRICE, CONTINGENT, Order
from papernet.core.order_list import PAYING, Happening, OrderList
from papernet.core.rejects import Reason, Reject
from papernet.venues.spot.admission import is_nothing, refusal_by_filters, refusal_by_price, refusal_of_odd_terms
from papernet.venues.spot.ending import happened, reject_entry
from papernet.venues.spot.entry import enter, need_of_entry, takes
from papernet.venues.spot.holds import need_before_entry, pair_carrier, release_all, take_hold
from papernet.venues.spot.market import Market
from papernet.venues.spot.pegs import pegged_price
from papernet.venues.spot.symbols import LotSize, MarketLotSize
from papernet.venues.spot.triggers import is_met
from papernet.venues.spot.turn import Turn

_BUY: Final = Side.BUY


def work_off(turn: Turn) -> None:
    """Let everything start that became due."""
    venue = turn.venue
    # It grows while it is worked off.
    for item in turn.due or ():
        if isinstance(item, OrderList):
            if item.order_list_id in venue.order_lists:
                _place_pending(turn, venue.markets[item.symbol], venue.accounts[item.account], item)
            continue
        market = venue.markets[item.terms.symbol]
        # The other one of a pair may have triggered first and ended it.
        if item.order_id in market.orders:
            _enter_triggered(turn, market, venue.accounts[item.terms.account], item)
    turn.due = None


def refusal_of_start(turn: Turn, market: Market, order: Order) -> Reject | None:
    """Return why an order may not start now because of where the market stands, or None.

    Gives the order the price that it would have: its own, or the one it is pegged to.
    """
    terms = order.terms
    if terms.order_type in CONTINGENT:
        last_price = market.last_price
        if terms.stop_price and last_price and is_met(terms.order_type, terms.side, terms.stop_price, last_price):
            return Reject(Reason.WOULD_TRIGGER)
        return None
    if terms.peg_price and not peg(market, order):
        return Reject(Reason.NO_PRICE_LEVEL_FOR_PEG)
    if terms.order_type is OrderType.LIMIT_MAKER and takes(turn.venue, market, order):
        return Reject(Reason.WOULD_TAKE)
    return None


def peg(market: Market, order: Order) -> bool:
    """Give a pegged order its price; return False when the book has no such level."""
    price = pegged_price(market.book, order.terms)
    if price is None:
        return False
    order.price = price
    return True


def tell_peg(order: Order) -> None:
    """Let a pegged order that is accepted show its price (rest-api.md, Conditional fields: once determined)."""
    if order.terms.peg_price:
        order.extras = replace(order.extras or OrderExtras(working_at=order.created_at), pegged_price=order.price)


def wait(turn: Turn, market: Market, order: Order) -> None:
    """Let a contingent order wait for its trigger."""
    market.triggers.wait(order, market.last_price, turn.at)


def refusal_of_relation(orders: list[Order], last_price: int) -> Reject | None:
    """Return why the prices of a pair do not fit the last price (0: do not look at it), or None.

    Source: rest-api.md, New Order list - OCO, price restrictions. A price that is not given is not compared.
    """
    stop, other = orders
    limit = other.terms.stop_price if other.terms.order_type is OrderType.TAKE_PROFIT else other.terms.price
    prices = [price for price in (stop.terms.stop_price, last_price, limit) if price]
    if stop.side is _BUY:
        prices.reverse()
    if all(low < high for low, high in pairwise(prices)):
        return None
    return Reject(Reason.BAD_PRICE_RELATION)


def _enter_triggered(turn: Turn, market: Market, account: Account, order: Order) -> None:
    """Let an order work whose trigger was met."""
    if order.order_list is not None:
        happened(turn, market, order, Happening.TRIGGERED)
    turn.touch(market, account)
    release_all(market, account, order)
    terms = order.terms
    order.price = terms.price
    order.extras = replace(order.extras or OrderExtras(), working_at=turn.at)
    if terms.peg_price:
        refusal = _refusal_of_peg(turn, market, account, order)
        if refusal is not None:
            reject_entry(turn, market, account, order, refusal)
            return
    if not take_hold(market, account, order, need_of_entry(turn, market, account, order)):
        reject_entry(turn, market, account, order, Reject(Reason.INSUFFICIENT_BALANCE))
        return
    order.updated_at = turn.at
    tell_peg(order)
    turn.report(market, order, ExecType.NEW)
    enter(turn, market, account, order, would_take=takes(turn.venue, market, order), is_open=True)


def _refusal_of_peg(turn: Turn, market: Market, account: Account, order: Order) -> Reject | None:
    """faqs/pegged_orders: contingent and pending pegged orders are validated again, at the price that they are pegged to."""
    if not peg(market, order):
        return Reject(Reason.NO_PRICE_LEVEL_FOR_PEG)
    return refusal_by_price(market, account, order.terms, order.price, turn.at)


def _place_pending(turn: Turn, market: Market, account: Account, order_list: OrderList) -> None:
    """Place the pending orders of a list whose working order is filled."""
    orders = order_list.pending()
    turn.touch(market, account)
    carrier = pair_carrier(orders)
    if order_list.kind in PAYING:
        carrier = orders[0]
        _share_out(market, orders, carrier.held)
    release_all(market, account, carrier)
    for order in orders:
        refusal = _refusal_of_pending(turn, market, account, order, is_paid=order_list.kind in PAYING)
        if refusal is not None:
            reject_entry(turn, market, account, order, refusal)
            return
    if len(orders) == 2:
        refusal = refusal_of_relation(orders, market.last_price)
        if refusal is not None:
            reject_entry(turn, market, account, orders[0], refusal)
            return
    carrier = pair_carrier(orders)
    needs = [
        need_before_entry(market, order)
        if order.terms.order_type in CONTINGENT
        else need_of_entry(turn, market, account, order)
        for order in orders
    ]
    if not take_hold(market, account, carrier, max(needs)):
        reject_entry(turn, market, account, orders[0], Reject(Reason.INSUFFICIENT_BALANCE))
        return
    for order in orders:
        _start_pending(turn, market, account, order)


def _start_pending(turn: Turn, market: Market, account: Account, order: Order) -> None:
    order.status = OrderStatus.NEW
    order.updated_at = turn.at
    if order.terms.order_type in CONTINGENT:
        wait(turn, market, order)
        turn.report(market, order, ExecType.NEW)
        return
    assert order.extras is not None
    order.extras = replace(order.extras, working_at=turn.at)
    tell_peg(order)
    turn.report(market, order, ExecType.NEW)
    enter(turn, market, account, order, would_take=takes(turn.venue, market, order), is_open=True)


def _refusal_of_pending(turn: Turn, market: Market, account: Account, order: Order, *, is_paid: bool) -> Reject | None:
    if order.terms.order_type not in CONTINGENT:
        order.price = order.terms.price
    refusal = refusal_of_start(turn, market, order)
    if refusal is not None:
        return refusal
    if is_paid:
        if is_nothing(order.price or order.terms.price, order.quantity):
            return Reject(Reason.ZERO_NOTIONAL)
        terms = replace(order.terms, quantity=order.quantity)
        return refusal_of_odd_terms(terms) or refusal_by_filters(market, account, terms, order.price or terms.price, turn.at)
    if order.terms.peg_price and order.terms.order_type not in CONTINGENT:
        return refusal_by_price(market, account, order.terms, order.price, turn.at)
    return None


def _share_out(market: Market, orders: list[Order], received: int) -> None:
    """Give the pending orders of an OPO their quantity: what was received, as far as lot sizes let it be sold (faqs/opo)."""
    step = 0
    for rule in market.symbol.filters:
        is_market_lot = type(rule) is MarketLotSize and any(order.terms.order_type in AT_ANY_PRICE for order in orders)
        if type(rule) is LotSize or is_market_lot:
            assert isinstance(rule, LotSize | MarketLotSize)
            step = max(step, rule.step_size)
    quantity = received - received % step if step else received
    for order in orders:
        order.quantity = order.leaves = quantity
