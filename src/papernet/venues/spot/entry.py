"""An order enters its book: it takes what it may, then rests or ends.

Order of work.  The order holds what it needs and its acceptance has been told. It trades down to its limit, or to the bound of
                the symbol's price range rule if that comes first; what is left rests, or expires and says why.
Invariant.      What has ended holds nothing.
Does not.       Refuse orders, or work off what they cause: triggered orders and due lists wait in the turn.
Source.         rest-api.md, New order; faqs/price_range_execution_rules.md; enums.md, Expiry Reasons.
"""

from collections.abc import Iterable
from itertools import takewhile
from typing import Final

from papernet.core.account import Account
from papernet.core.commands import NewOrder
from papernet.core.enums import ExecType, ExpiryReason, OrderStatus, SelfTradeMode, Side, TimeInForce
from papernet.core.matching import Offer, can_fill, cost_of, crosses, is_beyond, offers
from papernet.core.order import Order
from papernet.core.order_list import Happening
from papernet.core.units import notional_ceil
from papernet.venues.spot import sor
from papernet.venues.spot.ending import close, happened
from papernet.venues.spot.execution import execute
from papernet.venues.spot.execution_rules import bounds
from papernet.venues.spot.holds import release_all
from papernet.venues.spot.market import Market
from papernet.venues.spot.self_trades import offers_to, own_orders
from papernet.venues.spot.turn import Turn
from papernet.venues.spot.venue import Venue

_BUY: Final = Side.BUY
_GTC: Final = TimeInForce.GTC
_FOK: Final = TimeInForce.FOK
_UNFILLED_FOK: Final = ExpiryReason.UNFILLED_FOK_ORDER
_EXCEEDED: Final = ExpiryReason.EXECUTION_RULE_PRICE_RANGE_EXCEEDED


def takes(venue: Venue, market: Market, order: Order) -> bool:
    """Tell whether an order would match at once, or is of a kind that never rests."""
    if not order.price:
        return True
    if not order.terms.uses_sor:
        return crosses(market.book, order.side, order.price)
    best = sor.best_price(venue, market, order.side)
    return best is not None and not is_beyond(order.side, best, order.price)


def offers_met(turn: Turn, market: Market, account: Account, terms: NewOrder, *, for_size: bool = False) -> Iterable[Offer]:
    """Return what an order at any price would meet, best first: what it costs and how it is sized follow from that.

    An order that must end before one of its own is sized as if that were any other: it is the quantity that is prevented.
    """
    mode, side = terms.self_trade_mode, terms.side
    if for_size and mode in (SelfTradeMode.EXPIRE_TAKER, SelfTradeMode.EXPIRE_BOTH):
        mode = None
    met: Iterable[Offer]
    if terms.uses_sor:
        met = sor.offers_routed(turn.venue, market, account, side, mode or SelfTradeMode.NONE)
    elif mode:
        met = offers_to(turn.venue, market, account, side, mode)
    else:
        met = offers(market.book.opposite(side))
    limits = _limits(turn, market, side)
    if limits is None:
        return met
    low, high = limits
    return takewhile(lambda offer: low <= offer[0] and (not high or offer[0] <= high), met)


def need_of_entry(turn: Turn, market: Market, account: Account, order: Order) -> int:
    """Return what an order must hold before it enters: of the asset that it pays with."""
    if order.side is not _BUY:
        return order.leaves
    if order.price:
        return notional_ceil(order.price, order.leaves)
    return order.terms.quote_quantity or cost_of(offers_met(turn, market, account, order.terms), order.leaves)


def enter(turn: Turn, market: Market, account: Account, order: Order, *, would_take: bool, is_open: bool) -> None:
    """Match an order, then rest or end it. `is_open` says that it has been among the open orders."""
    assert order.leaves > 0
    terms = order.terms
    turn.touch(market, account)
    reason: ExpiryReason | None = None
    if would_take:
        reason = _take(turn, market, account, order)
    if order.leaves:
        if reason is None and order.price and terms.time_in_force is _GTC:
            rest(market, account, order, is_open=is_open)
            return
        release_all(market, account, order)
        if is_open:
            close(market, account, order)
        _expire(turn, market, order, reason)
        return
    if order.held:
        release_all(market, account, order)
    if is_open:
        close(market, account, order)
        if order.order_list is not None and order.status is OrderStatus.EXPIRED_IN_MATCH:
            happened(turn, market, order, Happening.EXPIRED)


def _take(turn: Turn, market: Market, account: Account, order: Order) -> ExpiryReason | None:
    """Trade as far as the order, its time in force and the price range allow; return why the rest may not stay, if so."""
    terms = order.terms
    limits = _limits(turn, market, order.side) if market.symbol.price_range is not None else None
    limit = order.price
    if limits is not None:
        low, high = limits
        best = _best_price(turn, market, order)
        if best is not None and (best < low or (high and best > high)):
            return _EXCEEDED
        limit = _tighter(order.side, limit, low, high)
    if terms.time_in_force is _FOK and order.price and not _can_fill(turn, market, order, limit):
        return _EXCEEDED if limit != order.price and _can_fill(turn, market, order, order.price) else _UNFILLED_FOK
    if terms.uses_sor:
        sor.route(turn, market, order, account, limit)
    else:
        mode = terms.self_trade_mode
        execute(turn, market, market, order, account, limit, own_orders(turn.venue, account, mode) if mode else None)
    if limit != order.price and order.leaves:
        # There is something that it would match within its own limit, or at any price.
        best = _best_price(turn, market, order)
        if best is not None and not is_beyond(order.side, best, order.price):
            return _EXCEEDED
    return None


def _tighter(side: Side, limit: int, low: int, high: int) -> int:
    """Return the limit that an order's own and the bounds set together; 0 is none."""
    if side is not _BUY:
        return max(limit, low)
    return min(limit, high) if limit and high else limit or high


def _can_fill(turn: Turn, market: Market, order: Order, limit: int) -> bool:
    if order.terms.uses_sor:
        return sor.can_route(turn.venue, market, order.side, limit, order.leaves)
    return can_fill(market.book, order.side, limit, order.leaves)


def _best_price(turn: Turn, market: Market, order: Order) -> int | None:
    if order.terms.uses_sor:
        return sor.best_price(turn.venue, market, order.side)
    level = market.book.opposite(order.side).best()
    return level.price if level is not None else None


def _limits(turn: Turn, market: Market, side: Side) -> tuple[int, int] | None:
    """Return the (lowest, highest) price at which a side may trade now, 0 for unbounded, or None when there is no such rule.

    faqs/price_range_execution_rules: the bounds are set when the taker phase begins; without a reference price there are none.
    """
    rule = market.symbol.price_range
    if rule is None or market.reference is None:
        return None
    reference = market.reference.value(turn.at)
    return bounds(rule, side, reference) if reference is not None else None


def rest(market: Market, account: Account, order: Order, *, is_open: bool) -> None:
    """Put what is left of an order on the book; an iceberg shows a part of it."""
    iceberg_quantity = order.terms.iceberg_quantity
    if iceberg_quantity and order.leaves > iceberg_quantity:
        order.reserve = order.leaves - iceberg_quantity
        order.leaves = iceberg_quantity
    market.book.rest(order)
    if not is_open:
        market.orders[order.order_id] = order
        account.add_open(order.terms.symbol, order)


def _expire(turn: Turn, market: Market, order: Order, reason: ExpiryReason | None) -> None:
    """End an order that may not rest (enums.md, Expiry Reasons)."""
    if reason is None:
        if not order.price:
            reason = ExpiryReason.INSUFFICIENT_LIQUIDITY
        elif order.terms.time_in_force is _FOK:
            reason = _UNFILLED_FOK
        else:
            reason = ExpiryReason.UNFILLED_IOC_QUANTITY
    order.status = OrderStatus.EXPIRED
    order.updated_at = turn.at
    turn.report(market, order, ExecType.EXPIRED, reason)
    if order.order_list is not None:
        happened(turn, market, order, Happening.EXPIRED)
