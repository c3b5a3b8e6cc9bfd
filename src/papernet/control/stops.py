"""Filling orders that wait for the price: where it has to go, and how the house is there when such an order takes.

Order of work.  A trailing order first begins to trail, then triggers. For one that then takes what there is, the house lets an
                order rest at the price before the trade that triggers: whatever a trade sets off is worked off behind it, so
                that the triggered order meets the house's at once.
Invariant.      An order that takes what there is gets what was asked for of it, or nothing is done: what the book would give it
                beyond that is looked at before.
Does not.       Fill orders that rest once they have triggered: those are filled like others.
Source.         rest-api.md, New order, Trigger order price rules; faqs/trailing-stop-faq.md.
"""

from typing import Final, NamedTuple

from papernet.control.floors import CannotError, SpotFloor
from papernet.control.queues import opposite, orders_at, plan_fill, whole_levels
from papernet.core.enums import PegPrice, Side
from papernet.core.order import IS_AT_ANY_PRICE, Order
from papernet.core.units import format_fixed
from papernet.venues.spot.triggers import is_above

_BUY: Final = Side.BUY
# faqs/trailing-stop-faq, What are BIPs
_BASIS: Final = 10_000


class Goal(NamedTuple):
    """Where the price has to go next for an order that waits; `triggers` is False when it only begins to trail there."""

    price: int
    is_above: bool
    triggers: bool


def goal_of(floor: SpotFloor, order: Order) -> Goal:
    """Return where the last price has to go for an order that waits."""
    terms, side = order.terms, order.side
    if not terms.trailing_delta:
        return Goal(terms.stop_price, is_above(terms.order_type, side), triggers=True)
    extreme = dict(floor.market.triggers.state())[order.order_id]
    if not extreme:
        price = terms.stop_price or floor.last_price
        if not price:
            raise CannotError("it trails from the next trade, and there was none yet: print a price first")
        return Goal(price, is_above(terms.order_type, side), triggers=False)
    is_buy = side is _BUY
    threshold = extreme * (_BASIS + terms.trailing_delta if is_buy else _BASIS - terms.trailing_delta)
    price = -(-threshold // _BASIS) if is_buy else threshold // _BASIS
    return Goal(floor.nearest(price, up=is_buy), is_buy, triggers=True)


def takes_at_once(order: Order) -> bool:
    """Tell whether an order takes what there is when it triggers, rather than rests."""
    terms = order.terms
    if not terms.peg_price:
        return IS_AT_ANY_PRICE[terms.order_type]
    if terms.peg_price is not PegPrice.MARKET or terms.peg_offset:
        raise CannotError(
            f"order {order.order_id} is pegged to a level that the book has to have when it triggers: "
            "quote the book, then trade through the order's stop price"
        )
    return True


def fill_at_trigger(floor: SpotFloor, order: Order, wanted: int, price: int, now: int) -> None:
    """Let an order trigger that takes what there is, and meet the house at `price` with `wanted`."""
    side, other = order.side, opposite(order.side)
    for one in Side:
        floor.withdraw_own(one, 0, now)
    _refuse_more(floor, order, wanted, price)
    floor.need(floor.forbidden(side, price, now) or floor.forbidden(other, price, now))
    if floor.meeting_itself() is None:
        raise CannotError(f"{floor.name} does not offer self-trade prevention NONE: the house cannot trade with itself")
    least = floor.least(price)
    against = whole_levels(floor.book.side(other), price)
    if against:
        # The house queues up behind them; trading down to it triggers the order.
        _need_size(floor, sum(quantity for _, quantity in against) + wanted + 2 * least, price)
        floor.rest(other, price, max(wanted, least) + least, now)
        own = next(one for one in orders_at(floor.book.side(other), price) if floor.is_own(one))
        floor.take(side, price, plan_fill(floor.book, own, least).total, now, floor.meeting_itself())
    else:
        ahead = sum(quantity for _, quantity in whole_levels(floor.book.side(side), price))
        total = ahead + least + max(wanted, least)
        _need_size(floor, total, price)
        floor.rest(side, price, least, now)
        floor.rest(other, price, total, now)
    for one in Side:
        floor.withdraw_own(one, 0, now)
    if order.order_id in floor.market.triggers.waiting:
        raise CannotError(f"order {order.order_id} did not trigger at {format_fixed(price)}")


def _refuse_more(floor: SpotFloor, order: Order, wanted: int, price: int) -> None:
    """Stop when an order that takes what there is would be given more than was asked for."""
    if wanted == order.leaves:
        return
    least, side = floor.least(price), opposite(order.side)
    # What rests at the price or better has traded by then, but for what icebergs hide.
    beyond = [
        one
        for one, _ in whole_levels(floor.book.side(side), 0)
        if one.reserve or (one.price < price if side is _BUY else one.price > price)
    ]
    if beyond or wanted < least:
        raise CannotError(
            f"order {order.order_id} takes what there is once it triggers: it can be filled whole, or in part where nobody "
            f"rests beyond {format_fixed(price)}, and by {format_fixed(least)} at least"
        )


def _need_size(floor: SpotFloor, quantity: int, price: int) -> None:
    most = floor.most(price)
    if quantity > most:
        raise CannotError(f"that takes an order of {format_fixed(quantity)}, and one may be of {format_fixed(most)} at most")
