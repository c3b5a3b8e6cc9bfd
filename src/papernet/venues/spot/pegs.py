"""Pegged prices: a limit price taken from the book when the order enters it.

Invariant.      A price, once chosen, stays. A price that the order names bounds it: a buy is never pegged above it, a sell
                never below.
Source.         faqs/pegged_orders.md; rest-api.md, Notes on using parameters for Pegged Orders.
"""

from typing import Final

from papernet.core.commands import NewOrder
from papernet.core.enums import OrderType, PegPrice, Side, TimeInForce
from papernet.core.order import Order
from papernet.core.order_book import OrderBook
from papernet.core.rejects import Reason, Reject

_BUY: Final = Side.BUY
# faqs/pegged_orders, What order types support pegged orders
_PEGGABLE: Final = (
    OrderType.LIMIT,
    OrderType.LIMIT_MAKER,
    OrderType.STOP_LOSS_LIMIT,
    OrderType.TAKE_PROFIT_LIMIT,
)


def refusal_of_peg(terms: NewOrder) -> Reject | None:
    """Return why an order may not be pegged as it wants, or None."""
    if terms.order_type not in _PEGGABLE:
        return Reject(Reason.ORDER_TYPE_NOT_PEGGABLE)
    if terms.order_type is OrderType.LIMIT_MAKER and terms.peg_price is not PegPrice.PRIMARY:
        return Reject(Reason.PEG_NOT_FOR_ORDER_TYPE)
    if (
        terms.order_type is OrderType.LIMIT
        and terms.peg_price is PegPrice.PRIMARY
        and terms.time_in_force is not TimeInForce.GTC
    ):
        return Reject(Reason.UNSUPPORTED_COMBINATION)
    return None


def pegged_price(book: OrderBook[Order], terms: NewOrder) -> int | None:
    """Return the price of the level that an order is pegged to, or None when the book is not that deep."""
    side = book.side(terms.side) if terms.peg_price is PegPrice.PRIMARY else book.opposite(terms.side)
    offset = terms.peg_offset or 0
    keys = side.keys
    if offset >= len(keys):
        return None
    price = side.levels[keys[-1 - offset]].price
    if terms.price:
        return min(price, terms.price) if terms.side is _BUY else max(price, terms.price)
    return price
