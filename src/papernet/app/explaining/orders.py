"""Why an order is not filled: its place in the queue and what has to trade first, what it waits for, or why it ended.

Order of work.  An order that rests is looked at in its book as it is now; one that waits for its trigger, by the last price;
                one that ended, by what its record says and, if it ended with the call that placed it, by what was seen then.
Invariant.      Nothing is changed. Other accounts' orders are counted, not told.
Does not.       Foresee: what is said is what has to happen, not whether it will.
Source.         rest-api.md, New order; enums.md, Expiry Reasons; faqs/trailing-stop-faq.md.
"""

from collections.abc import Mapping
from typing import Any, Final

from papernet.app.explaining.explanation import Explanation, decimal, decimals
from papernet.core.dates import iso
from papernet.core.enums import ExpiryReason, OrderStatus, Side, SymbolStatus
from papernet.core.events import OptionRecord
from papernet.core.order import BookOrder, Order, OrderRecord
from papernet.core.order_book import OrderBook, OrderT
from papernet.core.order_list import Role
from papernet.exchange.machine import Exchange
from papernet.venues.options.market import OptionOrder
from papernet.venues.spot.execution_rules import bounds
from papernet.venues.spot.market import Market
from papernet.venues.spot.triggers import is_above

_BUY: Final = Side.BUY
# faqs/trailing-stop-faq, What are BIPs
_BASIS: Final = 10_000

_SELF_TRADE: Final = "It would have traded with an order of its own account or trade group: self-trade prevention."
_WHY: Final[Mapping[ExpiryReason, str]] = {
    ExpiryReason.INSUFFICIENT_LIQUIDITY: "The book had no more to take: an order at any price never rests.",
    ExpiryReason.UNFILLED_IOC_QUANTITY: "What could not be filled at once within the limit was given up: immediate or cancel.",
    ExpiryReason.UNFILLED_FOK_ORDER: "It could not be filled whole at once within its limit: fill or kill.",
    ExpiryReason.EXCHANGE_CANCELED: "The exchange ended it.",
    ExpiryReason.OCO_TRIGGER: "The other order of its pair triggered or traded.",
    ExpiryReason.OTO_PHASE_ONE_EXPIRED: "The working order of its list ended without being filled.",
    ExpiryReason.EXECUTION_RULE_PRICE_RANGE_EXCEEDED: "To go on it would have traded outside the symbol's price range.",
    ExpiryReason.REJECTED: "When it was its turn to be placed, the exchange refused it.",
}


def explain_open(market: Market, order: Order) -> Explanation:
    """Return what an open order of the spot venue waits for."""
    hints = _closed(market)
    numbers = _standing(order.quantity, order.cum_quantity, order.status)
    if order.level is not None:
        return _resting(market.book, order, numbers, hints)
    if order.status is OrderStatus.PENDING_NEW:
        return _pending(order, numbers, hints)
    if order.order_id in market.triggers.waiting:
        return _waiting(market, order, numbers, hints)
    return Explanation("OPEN", "The order is open.", numbers, hints=hints)


def explain_open_option(exchange: Exchange, order: OptionOrder) -> Explanation:
    """Return what an open order of the options venue waits for."""
    market = exchange.options.markets[order.terms.symbol]
    numbers = _standing(order.terms.quantity, order.cum_quantity, order.status)
    numbers["expires"] = iso(market.contract.expiry)
    return _resting(market.book, order, numbers, ())


def explain_ended(record: OrderRecord, seen: Explanation | None) -> Explanation:
    """Return why an order of the spot venue ended; `seen` is what was seen when it ended with the call that placed it."""
    if seen is not None:
        return seen
    numbers = _standing(record.quantity, record.cum_quantity, record.status)
    numbers["ended"] = iso(record.updated_at)
    reason = record.expiry_reason
    if record.extras is not None and record.extras.prevented_quantity:
        numbers |= decimals(prevented_quantity=record.extras.prevented_quantity)
    if reason is not ExpiryReason.NONE:
        return Explanation(reason.name, _WHY[reason], numbers)
    because = {
        OrderStatus.FILLED: "It was filled whole.",
        OrderStatus.CANCELED: "Its owner cancelled it, or the list or the session that it belonged to.",
        OrderStatus.EXPIRED_IN_MATCH: _SELF_TRADE,
    }.get(record.status, "It ended.")
    return Explanation(record.status.name, because, numbers)


def explain_ended_option(record: OptionRecord) -> Explanation:
    """Return why an order of the options venue ended."""
    terms = record.terms
    numbers = _standing(terms.quantity, record.cum_quantity, record.status)
    numbers |= {"ended": iso(record.updated_at), "time_in_force": terms.time_in_force.name}
    because = {
        OrderStatus.FILLED: "It was filled whole.",
        OrderStatus.CANCELED: "Its owner cancelled it, or a countdown, a protection, or the end of its contract did.",
        OrderStatus.EXPIRED: "What could not be filled at once within the limit was given up.",
        OrderStatus.EXPIRED_IN_MATCH: _SELF_TRADE,
    }.get(record.status, "It ended.")
    return Explanation(record.status.name, because, numbers)


def explain_end_at_once(exchange: Exchange, symbol: str, record: OrderRecord) -> Explanation:
    """Return why an order ended with the call that placed it, by what the book looks like right after it."""
    market, terms = exchange.markets[symbol], record.terms
    told = explain_ended(record, None)
    level = market.book.opposite(terms.side).best()
    side = "best_ask" if terms.side is _BUY else "best_bid"
    numbers = dict(told.numbers)
    numbers |= decimals(**{side: None if level is None else level.price, "limit": terms.price or None})
    numbers |= decimals(available_within_limit=_available(market.book, terms.side, terms.price))
    if record.expiry_reason is ExpiryReason.EXECUTION_RULE_PRICE_RANGE_EXCEEDED:
        numbers |= _range(market, terms.side, record.updated_at)
    hints: tuple[str, ...] = ()
    if level is None:
        hints = (f"Nobody {'sells' if terms.side is _BUY else 'buys'} on {symbol} now.",)
    elif terms.price and (level.price > terms.price if terms.side is _BUY else level.price < terms.price):
        hints = (f"A limit of {decimal(level.price)} would have met the next order.",)
    return Explanation(told.guard, told.because, numbers, hints=hints)


def _range(market: Market, side: Side, at: int) -> dict[str, Any]:
    """Return between which prices a side may trade now."""
    rule, reference = market.symbol.price_range, market.reference
    price = None if reference is None else reference.value(at)
    if rule is None or price is None:
        return {}
    low, high = bounds(rule, side, price)
    return decimals(reference_price=price, may_trade_from=low or None, may_trade_to=high or None)


def _available(book: OrderBook[OrderT], side: Side, limit: int) -> int:
    """Return how much an order of a side could take down to its limit (0: at any price)."""
    found = 0
    opposite = book.opposite(side)
    for key in reversed(opposite.keys):
        level = opposite.levels[key]
        if limit and (level.price > limit if side is _BUY else level.price < limit):
            break
        found += level.quantity + level.hidden
    return found


def _standing(quantity: int, filled: int, status: OrderStatus) -> dict[str, Any]:
    return {"status": status.name, **decimals(quantity=quantity, filled=filled, left=quantity - filled)}


def _closed(market: Market) -> tuple[str, ...]:
    if market.status is SymbolStatus.TRADING:
        return ()
    return (f"{market.symbol.name} is in {market.status.name}: nothing trades until it is TRADING again.",)


def _resting(book: OrderBook[OrderT], order: BookOrder, numbers: dict[str, Any], hints: tuple[str, ...]) -> Explanation:
    """Tell the place of an order in the queue."""
    level = order.level
    assert level is not None
    own, opposite = book.side(order.side), book.opposite(order.side)
    orders_ahead, quantity_ahead = 0, 0
    earlier = order.previous
    while earlier is not None:
        orders_ahead, quantity_ahead = orders_ahead + 1, quantity_ahead + earlier.leaves
        earlier = earlier.previous
    better = [each for each in own.levels.values() if each.key > level.key]
    orders_better = sum(each.count for each in better)
    quantity_better = sum(each.quantity + each.hidden for each in better)
    best = opposite.best()
    numbers |= {
        "orders_ahead_at_price": orders_ahead,
        "levels_better": len(better),
        "orders_better": orders_better,
        **decimals(
            price=order.price,
            ahead_at_price=quantity_ahead,
            better_priced=quantity_better,
            hidden_in_reserve=order.reserve or None,
            has_to_trade_first=quantity_better + quantity_ahead,
            best_opposite=None if best is None else best.price,
            distance=None if best is None else abs(best.price - order.price),
        ),
    }
    verb = "sell" if order.side is _BUY else "buy"
    bound = "or less" if order.side is _BUY else "or more"
    first = quantity_better + quantity_ahead
    before = f", after {decimal(first)} that come before it" if first else ", and it is next"
    because = f"It rests at {decimal(order.price)}: somebody has to {verb} at {decimal(order.price)} {bound}{before}."
    return Explanation("RESTING", because, numbers, hints=hints)


def _waiting(market: Market, order: Order, numbers: dict[str, Any], hints: tuple[str, ...]) -> Explanation:
    """Tell what a stop order, or a trailing one, waits for."""
    terms, last = order.terms, market.last_price
    rises = is_above(terms.order_type, terms.side)
    trails = order.extras is not None and order.extras.trailing_at >= 0
    numbers |= decimals(last_price=last or None, stop_price=terms.stop_price or None)
    if terms.trailing_delta:
        numbers["trailing_delta"] = terms.trailing_delta
    if terms.trailing_delta and trails:
        extreme = next(best for order_id, best in market.triggers.state() if order_id == order.order_id)
        sign = -1 if terms.side is _BUY else 1
        level = extreme * (_BASIS - sign * terms.trailing_delta)
        # a sell triggers at or below it, a buy at or above it
        trigger = -(-level // _BASIS) if terms.side is _BUY else level // _BASIS
        numbers |= decimals(best_price_since=extreme, triggers_at=trigger)
        way = "rise" if terms.side is _BUY else "fall"
        because = (
            f"It trails the price: it triggers when a trade's price {way}s to {decimal(trigger)}, "
            f"{terms.trailing_delta} basis points from {decimal(extreme)}."
        )
    elif terms.trailing_delta and not terms.stop_price:
        because = "It trails from the first trade of the symbol on, and there was none yet."
    else:
        then = "begins to trail" if terms.trailing_delta else "triggers"
        way = "rises" if rises else "falls"
        seen = f"the last one was at {decimal(last)}" if last else "there was none yet"
        because = f"It {then} when a trade's price {way} to {decimal(terms.stop_price)}; {seen}."
        numbers |= decimals(distance=abs(terms.stop_price - last) if last else None)
    return Explanation("WAITS_FOR_TRIGGER", because, numbers, hints=hints)


def _pending(order: Order, numbers: dict[str, Any], hints: tuple[str, ...]) -> Explanation:
    """Tell what the pending order of a list waits for."""
    members = order.order_list
    assert members is not None
    working = next((each for each in members.orders if members.role_of(each) is Role.WORKING), None)
    numbers["order_list_id"] = members.order_list_id
    if working is not None:
        numbers |= {"working_order_id": working.order_id, **decimals(working_left=working.leaves + working.reserve)}
    because = "It is placed when the working order of its list is filled whole."
    return Explanation("PENDING", because, numbers, hints=hints)
