"""The resting orders of one symbol, in price-time priority.

Layout.         A price level is a queue of orders linked through the orders themselves, so that leaving the middle of a queue
                costs the same as leaving its head. Levels hang in one dictionary a side; their prices stand in one sorted list
                a side whose last element is the best, so that the touch is where lists are cheap. Asks are kept as negated keys
                for that reason.
Icebergs.       An order that is filled but has a reserve shows its next part at the end of its level's queue.
Invariant.      A level's quantity is the sum of its orders' leaves and is never 0; every change of a level's quantity takes
                the next update id and is noted in `changes`, which the caller empties; the newest note carries
                `update_id`; bids and asks do not cross between commands.
Does not.       Match, know balances, accounts, rules or time.
Cost.           O(1) at an existing level, O(log levels) to find and O(levels) machine words to move for a new one.
"""

from bisect import bisect_left, insort
from typing import Final, Generic, TypeVar

from papernet.core.enums import Side
from papernet.core.order import BookOrder

_BUY: Final = Side.BUY

OrderT = TypeVar("OrderT", bound=BookOrder)


class PriceLevel(Generic[OrderT]):
    """All resting orders of one side at one price, oldest first. `hidden` is what icebergs have in reserve."""

    __slots__ = ("count", "head", "hidden", "key", "price", "quantity", "tail")

    def __init__(self, price: int, key: int) -> None:
        """Make an empty level; `key` is its place in the side's sorted list."""
        self.price: Final = price
        self.key: Final = key
        self.quantity: int = 0
        self.hidden: int = 0
        self.count: int = 0
        self.head: OrderT | None = None
        self.tail: OrderT | None = None


class BookSide(Generic[OrderT]):
    """One side of a book: levels by key, keys sorted so that the best price is last."""

    __slots__ = ("keys", "levels", "side", "sign")

    def __init__(self, side: Side) -> None:
        """Make an empty side."""
        self.side: Final = side
        self.sign: Final = 1 if side is _BUY else -1
        self.levels: Final[dict[int, PriceLevel[OrderT]]] = {}
        self.keys: Final[list[int]] = []

    def best(self) -> PriceLevel[OrderT] | None:
        """Return the level with the best price, or None when the side is empty."""
        keys = self.keys
        return self.levels[keys[-1]] if keys else None

    def depth(self, limit: int) -> list[tuple[int, int]]:
        """Return at most `limit` (price, quantity) pairs, best first."""
        keys = self.keys
        levels = self.levels
        chosen = keys[: -limit - 1 : -1] if limit < len(keys) else keys[::-1]
        return [(levels[key].price, levels[key].quantity) for key in chosen]


class OrderBook(Generic[OrderT]):
    """Both sides of a symbol's book."""

    __slots__ = ("asks", "bids", "changes", "update_id")

    def __init__(self) -> None:
        """Make an empty book whose first change will take update id 1."""
        self.bids: Final[BookSide[OrderT]] = BookSide(Side.BUY)
        self.asks: Final[BookSide[OrderT]] = BookSide(Side.SELL)
        self.update_id: int = 0
        self.changes: list[tuple[Side, int, int]] = []

    def side(self, side: Side) -> BookSide[OrderT]:
        """Return the side on which an order of `side` rests."""
        return self.bids if side is _BUY else self.asks

    def opposite(self, side: Side) -> BookSide[OrderT]:
        """Return the side against which an order of `side` matches."""
        return self.asks if side is _BUY else self.bids

    def best_bid(self) -> int | None:
        """Return the highest bid price, or None."""
        keys = self.bids.keys
        return keys[-1] if keys else None

    def best_ask(self) -> int | None:
        """Return the lowest ask price, or None."""
        keys = self.asks.keys
        return -keys[-1] if keys else None

    def rest(self, order: OrderT) -> None:
        """Put an order at the end of the queue at its price."""
        leaves, price, side = order.leaves, order.price, order.side
        assert leaves > 0
        assert order.level is None
        if side is _BUY:
            book_side, key = self.bids, price
        else:
            book_side, key = self.asks, -price
        level = book_side.levels.get(key)
        if level is None:
            level = PriceLevel(price, key)
            book_side.levels[key] = level
            insort(book_side.keys, key)
        tail = level.tail
        if tail is None:
            level.head = order
        else:
            tail.next = order
            order.previous = tail
        level.tail = order
        order.level = level
        level.quantity = quantity = level.quantity + leaves
        if order.reserve:
            level.hidden += order.reserve
        level.count += 1
        self.update_id += 1
        self.changes.append((side, price, quantity))

    def remove(self, order: OrderT) -> None:
        """Take a resting order, with all its leaves, off the book."""
        level = order.level
        assert level is not None
        level.quantity -= order.leaves
        if order.reserve:
            level.hidden -= order.reserve
        self._unlink(order, level)
        if level.head is None:
            self._drop(self.bids if order.side is _BUY else self.asks, level)
        self.update_id += 1
        self.changes.append((order.side, level.price, level.quantity))

    def fill(self, order: OrderT, quantity: int) -> None:
        """Take `quantity` off a resting order that traded; when nothing is left it leaves the queue, or shows its next part.

        The caller has yet to note the level's change with `touched`, once per level and command.
        """
        level = order.level
        assert level is not None
        level.quantity -= quantity
        order.leaves -= quantity
        if order.leaves == 0:
            self._unlink(order, level)
            if order.reserve:
                self._show_next_part(order, level)

    def reduce(self, order: OrderT, quantity: int) -> None:
        """Take `quantity` off a resting order, hidden parts first, without a trade; it keeps its place while any is left."""
        level = order.level
        assert level is not None
        hidden = min(quantity, order.reserve)
        order.reserve -= hidden
        level.hidden -= hidden
        shown = quantity - hidden
        if not shown:
            return
        before = level.quantity
        self.fill(order, shown)
        self.touched(self.bids if order.side is _BUY else self.asks, level, before)

    def touched(self, book_side: BookSide[OrderT], level: PriceLevel[OrderT], before: int) -> None:
        """Note that fills changed a level whose quantity was `before`, and drop it when they emptied it.

        An iceberg may have shown as much again as was taken: then nothing changed.
        """
        if level.quantity == before:
            return
        if level.head is None:
            assert level.quantity == 0
            self._drop(book_side, level)
        self.update_id += 1
        self.changes.append((book_side.side, level.price, level.quantity))

    def clear(self) -> None:
        """Let go of every order and level; neighbours forget each other, so that no reference cycle stays behind."""
        for book_side in (self.bids, self.asks):
            for level in book_side.levels.values():
                order = level.head
                while order is not None:
                    following = order.next
                    order.previous = order.next = order.level = None
                    order = following
                level.head = level.tail = None
            book_side.levels.clear()
            book_side.keys.clear()
        self.changes.clear()

    def check_invariants(self) -> None:
        """Assert everything that the module's header promises; O(orders), for tests and recovery."""
        for book_side in (self.bids, self.asks):
            assert book_side.keys == sorted(book_side.levels)
            for key, level in book_side.levels.items():
                assert key == level.key == level.price * book_side.sign
                total, hidden, count, order, previous = 0, 0, 0, level.head, None
                while order is not None:
                    assert order.level is level
                    assert order.previous is previous
                    assert order.leaves > 0
                    assert order.side is book_side.side
                    total, hidden, count = total + order.leaves, hidden + order.reserve, count + 1
                    previous, order = order, order.next
                assert level.tail is previous
                assert level.quantity == total > 0
                assert level.hidden == hidden
                assert level.count == count
        bid, ask = self.best_bid(), self.best_ask()
        assert bid is None or ask is None or bid < ask

    def _show_next_part(self, order: OrderT, level: PriceLevel[OrderT]) -> None:
        """Queue the next part of an iceberg behind everybody at its price: time priority is lost."""
        order.leaves = min(order.part_shown(), order.reserve)
        order.reserve -= order.leaves
        level.hidden -= order.leaves
        tail = level.tail
        if tail is None:
            level.head = order
        else:
            tail.next = order
            order.previous = tail
        level.tail = order
        order.level = level
        level.quantity += order.leaves
        level.count += 1

    def _unlink(self, order: OrderT, level: PriceLevel[OrderT]) -> None:
        previous, following = order.previous, order.next
        if previous is None:
            level.head = following
        else:
            previous.next = following
        if following is None:
            level.tail = previous
        else:
            following.previous = previous
        level.count -= 1
        order.previous = order.next = order.level = None

    def _drop(self, book_side: BookSide[OrderT], level: PriceLevel[OrderT]) -> None:
        del book_side.levels[level.key]
        keys = book_side.keys
        if keys[-1] == level.key:
            keys.pop()
        else:
            del keys[bisect_left(keys, level.key)]
