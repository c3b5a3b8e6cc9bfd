"""What has to trade before an order gets a given quantity: the dry run of price-time priority.

Order of work.  Everything at better prices on the order's side comes first, with what icebergs hide; then the queue at its
                price, head by head, until the order has got what it is to get. An iceberg that has shown a part comes again at
                the end.
Invariant.      Nothing is changed. An incoming order of `total` at the order's price gives it exactly what was asked for, and
                trades with those ahead and nobody else.
Does not.       Know whose orders they are, or whether anybody may send such an order.
"""

from collections import deque
from typing import Final, Generic

from papernet.core.enums import Side
from papernet.core.order_book import BookSide, OrderBook, OrderT

_BUY: Final = Side.BUY


class Plan(Generic[OrderT]):
    """What an incoming order would do: trade `total`, part of it with `ahead`; `last`: nothing is left at the price then."""

    __slots__ = ("ahead", "best", "last", "total")

    def __init__(self, total: int, ahead: list[tuple[OrderT, int]], best: int, *, last: bool) -> None:
        """Keep what a dry run found; `best` is the first price that would trade."""
        self.total: Final = total
        self.ahead: Final = ahead
        self.best: Final = best
        self.last: Final = last


def plan_fill(book: OrderBook[OrderT], order: OrderT, wanted: int) -> Plan[OrderT]:
    """Return what has to come in so that a resting order gets `wanted`, at most what it has left."""
    assert order.level is not None
    side = book.side(order.side)
    better = [row for row in whole_levels(side, order.price) if row[0].price != order.price]
    ahead = {other.order_id: (other, quantity) for other, quantity in better}
    queue = deque((other, other.leaves, other.reserve) for other in orders_at(side, order.price))
    got = 0
    while got < wanted:
        other, shown, reserve = queue.popleft()
        quantity = min(shown, wanted - got) if other is order else shown
        if other is order:
            got += quantity
        else:
            before = ahead.get(other.order_id, (other, 0))[1]
            ahead[other.order_id] = other, before + quantity
        if quantity < shown:
            queue.appendleft((other, shown - quantity, reserve))
        elif reserve:
            part = min(other.part_shown(), reserve)
            queue.append((other, part, reserve - part))
    level = side.best()
    assert level is not None
    rows = list(ahead.values())
    return Plan(got + sum(quantity for _, quantity in rows), rows, level.price, last=not queue)


def whole_levels(side: BookSide[OrderT], limit: int) -> list[tuple[OrderT, int]]:
    """Return (order, all that is left of it) of what rests at `limit` or better, best first; 0 is no limit."""
    found: list[tuple[OrderT, int]] = []
    for key in reversed(side.keys):
        level = side.levels[key]
        if limit and key < limit * side.sign:
            break
        found += [(order, order.leaves + order.reserve) for order in orders_at(side, level.price)]
    return found


def orders_at(side: BookSide[OrderT], price: int) -> list[OrderT]:
    """Return the orders at one price, oldest first."""
    level = side.levels.get(price * side.sign)
    order = level.head if level is not None else None
    found: list[OrderT] = []
    while order is not None:
        found.append(order)
        order = order.next
    return found


def opposite(side: Side) -> Side:
    """Return the other side."""
    return Side.SELL if side is _BUY else _BUY
