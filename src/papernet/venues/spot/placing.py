"""Placing single orders.

Order of work.  The guards of `admission`; then the order holds what it needs and its acceptance is told; then it enters its
                book, or waits for its trigger; then whatever became due is worked off.
Events.         NEW of the incoming order; then per fill the trade, the taker's report and the maker's; then the incoming
                order's end if it ends unfilled; then the same for every order that triggered or was pending; then the books'
                changes; then the balances of every user account touched.
Invariant.      What an account holds of an asset is what its open orders hold. A refused order changed nothing.
Does not.       Know keys, requests, journals or wire spellings.
Source.         rest-api.md, New order; enums.md; filters.md; faqs/trailing-stop-faq.md; faqs/pegged_orders.md.
"""

from typing import Final

from papernet.core.account import Account
from papernet.core.commands import NewOrder
from papernet.core.enums import ExecType, OrderType, Side, TimeInForce, WorkingFloor
from papernet.core.events import OrderExtras
from papernet.core.matching import crosses, quantity_for_quote
from papernet.core.order import IS_CONTINGENT, Order
from papernet.core.rejects import Reason, Reject
from papernet.core.units import notional_ceil
from papernet.venues.spot.admission import refusal_by_rules
from papernet.venues.spot.entry import enter, need_of_entry, offers_met, rest, takes
from papernet.venues.spot.holds import need_before_entry, take_hold
from papernet.venues.spot.starting import peg, refusal_of_start, tell_peg, wait, work_off
from papernet.venues.spot.symbols import LotSize, MarketLotSize
from papernet.venues.spot.turn import Turn

_BUY: Final = Side.BUY
_GTC: Final = TimeInForce.GTC
_LIMIT_MAKER: Final = OrderType.LIMIT_MAKER
_NEW: Final = ExecType.NEW


def place(turn: Turn, account: Account, terms: NewOrder) -> Reject | None:
    """Place an order whose client order id and self-trade mode are set; return why it is refused, or None when it is placed.

    The caller has checked what is not the symbol's concern: that the account may place orders, and one more of them.
    """
    if (terms.symbol, terms.client_order_id) in account.client_order_ids:
        return Reject(Reason.DUPLICATE_CLIENT_ORDER_ID)
    refusal = refusal_by_rules(turn.venue, turn.market, account, terms, turn.at)
    if refusal is not None:
        return refusal
    return put(turn, account, terms)


def put(turn: Turn, account: Account, terms: NewOrder) -> Reject | None:
    """Place an order that the rules let pass."""
    market = turn.market
    if IS_CONTINGENT[terms.order_type]:
        return _put_contingent(turn, account, terms)
    order = Order(terms, market.next_order_id, turn.at)
    if terms.quote_quantity:
        sized = _size(turn, account, terms)
        if isinstance(sized, Reject):
            return sized
        order.quantity = order.leaves = sized
    if terms.peg_price and not peg(market, order):
        return Reject(Reason.NO_PRICE_LEVEL_FOR_PEG)
    price = order.price
    is_plain = price and not terms.uses_sor
    would_take = crosses(market.book, order.side, price) if is_plain else takes(turn.venue, market, order)
    if would_take and terms.order_type is _LIMIT_MAKER:
        return Reject(Reason.WOULD_TAKE)
    need = notional_ceil(price, order.leaves) if price and order.side is _BUY else need_of_entry(turn, market, account, order)
    if not take_hold(market, account, order, need):
        return Reject(Reason.INSUFFICIENT_BALANCE)
    market.next_order_id += 1
    if terms.uses_sor:
        # faqs/sor_faq, workingFloor: where the order's last activity took place.
        floor = WorkingFloor.SOR if would_take else WorkingFloor.EXCHANGE
        order.extras = OrderExtras(working_at=turn.at, floor=floor)
    if terms.peg_price:
        tell_peg(order)
    turn.report(market, order, _NEW)
    if not would_take and terms.time_in_force is _GTC:
        turn.touched[account.account_id] = account
        rest(market, account, order, is_open=False)
        return None
    enter(turn, market, account, order, would_take=would_take, is_open=False)
    if turn.due is not None:
        work_off(turn)
    return None


def _put_contingent(turn: Turn, account: Account, terms: NewOrder) -> Reject | None:
    """Let an order wait for its trigger."""
    market = turn.market
    order = Order(terms, market.next_order_id, turn.at)
    # It works at no price yet.
    order.price = 0
    order.extras = OrderExtras()
    refusal = refusal_of_start(turn, market, order)
    if refusal is not None:
        return refusal
    if not take_hold(market, account, order, need_before_entry(market, order)):
        return Reject(Reason.INSUFFICIENT_BALANCE)
    market.next_order_id += 1
    market.orders[order.order_id] = order
    account.add_open(terms.symbol, order)
    turn.touched[account.account_id] = account
    wait(turn, market, order)
    turn.report(market, order, _NEW)
    return None


def _size(turn: Turn, account: Account, terms: NewOrder) -> int | Reject:
    """Return the quantity of a market order by quote quantity: it follows from the book as it is."""
    market = turn.market
    if not market.book.opposite(terms.side).keys:
        return Reject(Reason.NO_LIQUIDITY_FOR_QUOTE)
    # rest-api.md, New order: such an order does not break LOT_SIZE, and comes as near to its quote quantity as it can.
    step, lot_minimum, market_minimum, largest = 0, 0, 0, 0
    for rule in market.symbol.filters:
        if type(rule) is LotSize:
            lot_minimum = rule.min_quantity
        elif type(rule) is MarketLotSize:
            market_minimum = rule.min_quantity
        else:
            continue
        step = max(step, rule.step_size)
        if rule.max_quantity and (not largest or rule.max_quantity < largest):
            largest = rule.max_quantity
    quantity = quantity_for_quote(offers_met(turn, market, account, terms, for_size=True), terms.quote_quantity, step)
    if largest and quantity > largest:
        quantity = largest - largest % step if step else largest
    if quantity == 0 or quantity < lot_minimum:
        return Reject(Reason.LIQUIDITY_BELOW_LOT_SIZE)
    if quantity < market_minimum:
        return Reject(Reason.LIQUIDITY_BELOW_MARKET_LOT_SIZE)
    return quantity
