"""Price-time matching of one incoming order against one book.

Order of work.  Best price first; within a price, oldest first. Fills happen at the resting order's price.
Invariant.      After `match` the book is uncrossed with respect to the incoming order, and the quantities of the fills add up
                to what its leaves lost. Each resting order appears in at most one fill.
Does not.       Touch balances, check rules, put the rest on the book, or know the time.
Cost.           O(levels crossed + orders filled); the dry runs cost O(levels looked at).
"""

from typing import Final

from papernet.core.enums import Side
from papernet.core.order import Order
from papernet.core.order_book import BookSide, OrderBook
from papernet.core.units import notional_floor, quantity_for

_BUY: Final = Side.BUY

# (resting order, price, quantity)
Fill = tuple[Order, int, int]


def match(book: OrderBook, incoming: Order, limit: int) -> list[Fill]:
    """Match an incoming order down to `limit` (0: at any price) and return the fills, oldest first.

    The incoming order's leaves shrink, and the resting orders' leaves; nothing else about the orders changes.
    """
    opposite = book.asks if incoming.side is _BUY else book.bids
    keys = opposite.keys
    levels = opposite.levels
    # In key space a buy may take asks down to key -limit, and a sell bids down to key limit: one comparison serves both.
    floor = (-limit if incoming.side is _BUY else limit) if limit else None
    fills: list[Fill] = []
    leaves = incoming.leaves
    while leaves and keys:
        key = keys[-1]
        if floor is not None and key < floor:
            break
        level = levels[key]
        price = level.price
        resting = level.head
        while resting is not None and leaves:
            following = resting.next
            quantity = resting.leaves
            if quantity > leaves:  # noqa: PLR1730  `min` takes five times as long here
                quantity = leaves
            book.fill(resting, quantity)
            leaves -= quantity
            fills.append((resting, price, quantity))
            resting = following
        book.touched(opposite, level)
    incoming.leaves = leaves
    return fills


def crosses(book: OrderBook, side: Side, price: int) -> bool:
    """Tell whether an order of `side` at `price` would match at once."""
    if side is _BUY:
        ask = book.best_ask()
        return ask is not None and ask <= price
    bid = book.best_bid()
    return bid is not None and bid >= price


def can_fill(book: OrderBook, side: Side, limit: int, quantity: int) -> bool:
    """Tell whether `quantity` could be filled whole down to `limit` (0: at any price): the dry run of fill or kill."""
    opposite = book.opposite(side)
    floor = (-limit if side is _BUY else limit) if limit else None
    for key in reversed(opposite.keys):
        if floor is not None and key < floor:
            return False
        quantity -= opposite.levels[key].quantity
        if quantity <= 0:
            return True
    return False


def cost_of(opposite: BookSide, quantity: int) -> int:
    """Return what buying `quantity` from `opposite` takes of the quote asset, at most.

    A level is rounded down once here and once a fill in the settlement, so the bound is exact but for those roundings.
    """
    cost = 0
    for key in reversed(opposite.keys):
        level = opposite.levels[key]
        taken = min(quantity, level.quantity)
        cost += notional_floor(level.price, taken)
        quantity -= taken
        if not quantity:
            break
    return cost


def quantity_for_quote(opposite: BookSide, quote: int, step: int) -> int:
    """Return the quantity, a multiple of `step`, that trades for at most and as near as can be `quote` against `opposite`."""
    quantity = 0
    for key in reversed(opposite.keys):
        level = opposite.levels[key]
        amount = notional_floor(level.price, level.quantity)
        if amount > quote:
            quantity += quantity_for(quote, level.price, 0)
            break
        quote -= amount
        quantity += level.quantity
    return quantity - quantity % step if step else quantity
