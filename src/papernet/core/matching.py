"""Price-time matching of one incoming order against one book.

Order of work.  Best price first; within a price, oldest first. Fills happen at the resting order's price.
Invariant.      After `match` the book is uncrossed with respect to the incoming order, unless it stopped before an order that
                must not match; the quantities of the fills add up to what its leaves lost. A resting order appears in at most
                one fill, an iceberg in one a part.
Does not.       Touch balances, check rules, put the rest on the book, or know the time.
Cost.           O(levels crossed + orders filled); the dry runs cost O(levels looked at).
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from papernet.core.enums import Side
from papernet.core.order_book import BookSide, OrderBook, OrderT
from papernet.core.units import notional_floor, quantity_for

_BUY: Final = Side.BUY

# (resting order, price, quantity)
Fill = tuple[OrderT, int, int]
# a price, how much there is at it, and at what price that is paid: 0 when it would not trade
Offer = tuple[int, int, int]


def match(
    book: OrderBook[OrderT], incoming: OrderT, limit: int, stops_at: Callable[[OrderT], bool] | None = None
) -> list[Fill[OrderT]]:
    """Match an incoming order down to `limit` (0: at any price) and return the fills, oldest first.

    The incoming order's leaves shrink, and the resting orders' leaves; nothing else about the orders changes. When `stops_at`
    holds for a resting order, matching ends before it: it is then the first of the best level.
    """
    opposite = book.asks if incoming.side is _BUY else book.bids
    keys = opposite.keys
    levels = opposite.levels
    # In key space a buy may take asks down to key -limit, and a sell bids down to key limit: one comparison serves both.
    floor = (-limit if incoming.side is _BUY else limit) if limit else None
    fills: list[Fill[OrderT]] = []
    leaves = incoming.leaves
    while leaves and keys:
        key = keys[-1]
        if floor is not None and key < floor:
            break
        level = levels[key]
        price = level.price
        resting = level.head
        count, before = len(fills), level.quantity
        while resting is not None and leaves:
            if stops_at is not None and stops_at(resting):
                break
            following = resting.next
            quantity = resting.leaves
            if quantity > leaves:  # noqa: PLR1730  `min` takes five times as long here
                quantity = leaves
            book.fill(resting, quantity)
            leaves -= quantity
            fills.append((resting, price, quantity))
            resting = following
        if len(fills) == count:
            break
        book.touched(opposite, level, before)
    incoming.leaves = leaves
    return fills


def crosses(book: OrderBook[OrderT], side: Side, price: int) -> bool:
    """Tell whether an order of `side` at `price` would match at once."""
    if side is _BUY:
        ask = book.best_ask()
        return ask is not None and ask <= price
    bid = book.best_bid()
    return bid is not None and bid >= price


def is_beyond(side: Side, price: int, limit: int) -> bool:
    """Tell whether a price is worse for a side than its limit (0: there is none)."""
    if not limit:
        return False
    return price > limit if side is _BUY else price < limit


def can_fill(book: OrderBook[OrderT], side: Side, limit: int, quantity: int) -> bool:
    """Tell whether `quantity` could be filled whole down to `limit` (0: at any price): the dry run of fill or kill."""
    opposite = book.opposite(side)
    floor = (-limit if side is _BUY else limit) if limit else None
    for key in reversed(opposite.keys):
        if floor is not None and key < floor:
            return False
        level = opposite.levels[key]
        quantity -= level.quantity + level.hidden
        if quantity <= 0:
            return True
    return False


def offers(opposite: BookSide[OrderT]) -> Iterator[Offer]:
    """Yield what each level offers, best first, with what icebergs have in reserve."""
    for key in reversed(opposite.keys):
        level = opposite.levels[key]
        yield level.price, level.quantity + level.hidden, level.price


def cost_of(offered: Iterable[Offer], quantity: int) -> int:
    """Return what buying `quantity` of what is offered takes of the quote asset, at most.

    An offer is rounded down once here and once a fill in the settlement, so the bound is exact but for those roundings.
    """
    cost = 0
    for _, there, price in offered:
        taken = min(quantity, there)
        cost += notional_floor(price, taken)
        quantity -= taken
        if not quantity:
            break
    return cost


def quantity_for_quote(offered: Iterable[Offer], quote: int, step: int) -> int:
    """Return the quantity, a multiple of `step`, that trades for at most and as near as can be `quote` against the offers."""
    quantity = 0
    for _, there, price in offered:
        amount = notional_floor(price, there)
        if amount > quote:
            quantity += quantity_for(quote, price, 0)
            break
        quote -= amount
        quantity += there
    return quantity - quantity % step if step else quantity
