"""The orders of one symbol that wait for its price: stop orders and trailing stops.

Order of work.  Every trade's price is shown to `trade`: it moves the trailing extremes, lets orders begin to trail, and puts
                whatever it triggers into `fired`, which the venue empties into the book.
Layout.         Stop prices hang in two sides like those of an order book, nearest last, so a trade that triggers nothing costs
                one comparison a side. Trailing orders of one direction stand in segments of equal extreme. A segment holds the
                orders that began to trail since the one before it, so extremes fall from segment to segment and a new best
                price merges segments at the newer end only; each segment knows the nearest trigger of itself and all before.
Invariant.      `waiting` holds every order once, in the order in which they began to wait, and each of them is on a stop side,
                in a segment, or among those that have yet to see a first trade.
Does not.       Know books, balances or what a triggered order then does.
Cost.           A trade costs the same with any number of waiting orders, but for those it triggers or moves.
Source.         rest-api.md, New order, trigger rules; faqs/trailing-stop-faq.md.
"""

from bisect import bisect_left, insort
from typing import Final

from msgspec.structs import replace

from papernet.core.enums import OrderType, Side
from papernet.core.events import OrderExtras
from papernet.core.order import STOP_LOSSES, Order

_BUY: Final = Side.BUY
# faqs/trailing-stop-faq, What are BIPs
_BASIS: Final = 10_000


def is_above(order_type: OrderType, side: Side) -> bool:
    """Tell whether an order waits for the price to rise to its stop price (rest-api.md, Trigger order price rules)."""
    return (order_type in STOP_LOSSES) is (side is _BUY)


def is_met(order_type: OrderType, side: Side, stop_price: int, last_price: int) -> bool:
    """Tell whether a price meets the stop price of an order."""
    return last_price >= stop_price if is_above(order_type, side) else last_price <= stop_price


class StopSide:
    """Orders that wait for the price to reach a stop price from one side; `sign` -1 is from below, 1 from above."""

    __slots__ = ("keys", "levels", "sign")

    def __init__(self, sign: int) -> None:
        """Make an empty side."""
        self.sign: Final = sign
        # stop price x sign, so that the nearest is last
        self.keys: Final[list[int]] = []
        self.levels: Final[dict[int, dict[int, Order]]] = {}

    def add(self, order: Order) -> None:
        """Let an order wait behind those of its stop price."""
        key = order.terms.stop_price * self.sign
        level = self.levels.get(key)
        if level is None:
            level = self.levels[key] = {}
            insort(self.keys, key)
        level[order.order_id] = order

    def remove(self, order: Order) -> None:
        """Let an order no longer wait."""
        key = order.terms.stop_price * self.sign
        level = self.levels[key]
        del level[order.order_id]
        if not level:
            del self.levels[key]
            del self.keys[bisect_left(self.keys, key)]

    def reached(self, price: int) -> list[Order]:
        """Take out and return the orders whose stop price a trade reached: nearest first, then oldest."""
        orders: list[Order] = []
        keys = self.keys
        key = price * self.sign
        while keys and keys[-1] >= key:
            orders.extend(self.levels.pop(keys.pop()).values())
        return orders


class Segment:
    """Trailing orders of one direction whose best price since they began is the same."""

    __slots__ = ("by_delta", "count", "extreme", "least", "nearest", "threshold")

    def __init__(self, extreme: int) -> None:
        """Make an empty segment."""
        # the best price x sign
        self.extreme: int = extreme
        self.by_delta: Final[dict[int, dict[int, Order]]] = {}
        self.count: int = 0
        # the smallest delta, which triggers first
        self.least: int = 0
        # what price x sign x 10,000 must fall to for the first of its orders to trigger ...
        self.threshold: int = 0
        # ... and for the first of its orders or of those in the segments before it
        self.nearest: int = 0

    def put(self, order: Order) -> None:
        """Add an order."""
        delta = order.terms.trailing_delta
        if not self.count or delta < self.least:
            self.least = delta
        self.by_delta.setdefault(delta, {})[order.order_id] = order
        self.count += 1

    def take(self, delta: int) -> list[Order]:
        """Remove and return the orders of a delta."""
        orders = list(self.by_delta.pop(delta).values())
        self.count -= len(orders)
        self._find_least(delta)
        return orders

    def remove(self, order: Order) -> None:
        """Remove an order."""
        delta = order.terms.trailing_delta
        orders = self.by_delta[delta]
        del orders[order.order_id]
        self.count -= 1
        if not orders:
            del self.by_delta[delta]
            self._find_least(delta)

    def _find_least(self, gone: int) -> None:
        if gone == self.least and self.count:
            self.least = min(self.by_delta)


class Trail:
    """All trailing orders of one direction: `sign` 1 follows the highest price (sells), -1 the lowest (buys)."""

    __slots__ = ("places", "segments", "sign")

    def __init__(self, sign: int) -> None:
        """Make an empty trail."""
        self.sign: Final = sign
        self.segments: Final[list[Segment]] = []
        # by order id
        self.places: Final[dict[int, Segment]] = {}

    def add(self, order: Order, price: int) -> None:
        """Let an order trail from `price`, which is the newest."""
        extreme = price * self.sign
        self._follow(extreme)
        segment = self._newest(extreme)
        self._put(segment, order)
        self._measure(len(self.segments) - 1)

    def restore(self, order: Order, extreme: int) -> None:
        """Let an order trail whose best price so far is `extreme`; orders come with the best extreme first."""
        self._put(self._newest(extreme * self.sign), order)
        self._measure(len(self.segments) - 1)

    def remove(self, order: Order) -> None:
        """Let an order no longer trail."""
        segment = self.places.pop(order.order_id)
        segment.remove(order)
        index = self.segments.index(segment)
        if not segment.count:
            del self.segments[index]
        self._measure_from(index)

    def extreme_of(self, order: Order) -> int:
        """Return the best price since an order began to trail."""
        return self.places[order.order_id].extreme * self.sign

    def trade(self, price: int) -> list[Order]:
        """Follow a trade's price; take out and return the orders that it triggers."""
        segments = self.segments
        if not segments:
            return []
        self._follow(price * self.sign)
        level = price * self.sign * _BASIS
        if level > segments[-1].nearest:
            return []
        fired: list[Order] = []
        index = len(segments)
        while index and level <= segments[index - 1].nearest:
            index -= 1
            segment = segments[index]
            while segment.count and level <= self._threshold(segment.extreme, segment.least):
                fired.extend(segment.take(segment.least))
        for order in fired:
            del self.places[order.order_id]
        segments[index:] = [segment for segment in segments[index:] if segment.count]
        self._measure_from(index)
        return fired

    def _follow(self, extreme: int) -> None:
        """Merge what a new best price makes equal."""
        segments = self.segments
        if not segments or segments[-1].extreme >= extreme:
            return
        merged = segments.pop()
        while segments and segments[-1].extreme < extreme:
            merged = self._merge(segments.pop(), merged)
        merged.extreme = extreme
        if segments and segments[-1].extreme == extreme:
            merged = self._merge(segments.pop(), merged)
        segments.append(merged)
        self._measure(len(segments) - 1)

    def _merge(self, one: Segment, other: Segment) -> Segment:
        """Put the orders of the smaller segment into the greater one, so that no order moves often."""
        if one.count < other.count:
            one, other = other, one
        for orders in other.by_delta.values():
            for order in orders.values():
                self._put(one, order)
        one.extreme = max(one.extreme, other.extreme)
        return one

    def _newest(self, extreme: int) -> Segment:
        if self.segments and self.segments[-1].extreme == extreme:
            return self.segments[-1]
        segment = Segment(extreme)
        self.segments.append(segment)
        return segment

    def _put(self, segment: Segment, order: Order) -> None:
        segment.put(order)
        self.places[order.order_id] = segment

    def _threshold(self, extreme: int, delta: int) -> int:
        """Return the level of faqs/trailing-stop-faq: highest x (1 - delta), lowest x (1 + delta), in the trail's sign."""
        return extreme * (_BASIS - self.sign * delta)

    def _measure(self, index: int) -> None:
        """Bring one segment's thresholds up to date; those of the segments before it are."""
        segment = self.segments[index]
        segment.threshold = self._threshold(segment.extreme, segment.least)
        segment.nearest = max(segment.threshold, self.segments[index - 1].nearest) if index else segment.threshold

    def _measure_from(self, index: int) -> None:
        for position in range(index, len(self.segments)):
            self._measure(position)


class Triggers:
    """Every waiting order of a symbol."""

    __slots__ = ("_above", "_below", "_highest", "_lowest", "_unseen", "fired", "next_position", "positions", "waiting")

    def __init__(self) -> None:
        """Make a room where nobody waits."""
        # by order id, in the order in which they began to wait
        self.waiting: Final[dict[int, Order]] = {}
        # what that order is, by order id
        self.positions: Final[dict[int, int]] = {}
        self.next_position: int = 0
        # triggered and not yet taken by the venue, in the order in which they triggered
        self.fired: list[Order] = []
        self._above: Final = StopSide(-1)
        self._below: Final = StopSide(1)
        self._highest: Final = Trail(1)
        self._lowest: Final = Trail(-1)
        # trailing orders without a stop price that were placed before there was any trade
        self._unseen: Final[dict[int, Order]] = {}

    def wait(self, order: Order, last_price: int, at: int) -> None:
        """Let an order wait; a trailing one without a stop price trails from the last price (0: from the next trade)."""
        self._enter(order)
        terms = order.terms
        if terms.stop_price:
            self._stops(order).add(order)
        elif last_price:
            self._begin_to_trail(order, last_price, at)
        else:
            self._unseen[order.order_id] = order

    def restore(self, waiting: list[tuple[Order, int]]) -> None:
        """Take over (order, best price since it began to trail or 0), in the order in which they began to wait."""
        trailing: list[tuple[int, Order]] = []
        for order, extreme in waiting:
            self._enter(order)
            assert self._is_trailing(order) is bool(extreme)
            if extreme:
                trailing.append((extreme, order))
            elif order.terms.stop_price:
                self._stops(order).add(order)
            else:
                self._unseen[order.order_id] = order
        for trail, descending in ((self._highest, True), (self._lowest, False)):
            mine = [row for row in trailing if self._trail(row[1]) is trail]
            for extreme, order in sorted(mine, key=lambda row: row[0], reverse=descending):
                trail.restore(order, extreme)

    def state(self) -> list[tuple[int, int]]:
        """Return (order id, best price since it began to trail or 0) of all orders, as `restore` wants them."""
        return [
            (order_id, self._trail(order).extreme_of(order) if self._is_trailing(order) else 0)
            for order_id, order in self.waiting.items()
        ]

    def remove(self, order: Order) -> None:
        """Let an order no longer wait."""
        self._leave(order)
        if self._is_trailing(order):
            self._trail(order).remove(order)
        elif order.terms.stop_price:
            self._stops(order).remove(order)
        else:
            del self._unseen[order.order_id]

    def trade(self, price: int, at: int) -> None:
        """Show a trade's price to all who wait."""
        fired: list[Order] = []
        began: list[Order] = []
        for order in (*self._below.reached(price), *self._above.reached(price)):
            (began if order.terms.trailing_delta else fired).append(order)
        trailed = self._highest.trade(price) + self._lowest.trade(price)
        trailed.sort(key=lambda order: self.positions[order.order_id])
        if self._unseen:
            began.extend(self._unseen.values())
            self._unseen.clear()
        for order in began:
            self._begin_to_trail(order, price, at)
        for order in (*fired, *trailed):
            self._leave(order)
            self.fired.append(order)

    def _enter(self, order: Order) -> None:
        self.waiting[order.order_id] = order
        self.positions[order.order_id] = self.next_position
        self.next_position += 1

    def _leave(self, order: Order) -> None:
        del self.waiting[order.order_id]
        del self.positions[order.order_id]

    def _begin_to_trail(self, order: Order, price: int, at: int) -> None:
        extras = order.extras or OrderExtras()
        order.extras = replace(extras, trailing_at=at)
        self._trail(order).add(order, price)

    def _is_trailing(self, order: Order) -> bool:
        return order.extras is not None and order.extras.trailing_at >= 0

    def _trail(self, order: Order) -> Trail:
        return self._lowest if order.side is _BUY else self._highest

    def _stops(self, order: Order) -> StopSide:
        return self._above if is_above(order.terms.order_type, order.side) else self._below
