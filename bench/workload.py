"""Workload W1: a seeded stream of limit orders, market orders and cancels on one symbol.

Shape.          48 % passive limits at an exponential distance (mean 12 ticks) from a drifting mid, 10 % limits up to 3 ticks
                through it, 5 % market orders, 37 % cancels of an order that is live at that moment; about a thousand live
                orders. Prices and quantities are small integers.
Order of work.  The generator keeps the simplest book there is (a list of queues by price), because which orders are live
                decides which can be cancelled.
Invariant.      Seed 42 and 200,000 operations trade a volume of 1,288,107 in 50,381 trades, in any correct price-time engine.
"""

from dataclasses import dataclass, field
from heapq import heappop, heappush
from random import Random
from typing import Final, Literal

REFERENCE_OPERATIONS: Final = 200_000
REFERENCE_VOLUME: Final = 1_288_107
REFERENCE_TRADES: Final = 50_381

_MID: Final = 10_000
_LIVE_TARGET: Final = 1_000
_LIVE_MINIMUM: Final = 50


@dataclass(frozen=True, slots=True)
class Operation:
    """One step: a limit ("L") or market ("M") order, or the cancel ("C") of the order `order_id`."""

    kind: Literal["L", "M", "C"]
    order_id: int
    is_buy: bool = False
    price: int = 0
    quantity: int = 0


@dataclass(slots=True)
class _Side:
    """Queues of (order id -> quantity left) by price, and a heap of signed prices whose head is the best."""

    sign: int
    queues: dict[int, dict[int, int]] = field(default_factory=dict)
    heap: list[int] = field(default_factory=list)

    def best(self) -> int | None:
        while self.heap:
            price = self.sign * self.heap[0]
            if self.queues.get(price):
                return price
            heappop(self.heap)
        return None


class _Book:
    """What is live, in an order that a seeded draw can index."""

    def __init__(self) -> None:
        self.buys, self.sells = _Side(-1), _Side(1)
        self.live: list[int] = []
        self._where: dict[int, tuple[_Side, int, int]] = {}
        self.volume = 0
        self.trades = 0

    def take(self, *, is_buy: bool, limit: int | None, quantity: int) -> int:
        other = self.sells if is_buy else self.buys
        while quantity:
            price = other.best()
            if price is None or (limit is not None and (price > limit if is_buy else price < limit)):
                break
            queue = other.queues[price]
            order_id, resting = next(iter(queue.items()))
            fill = min(resting, quantity)
            quantity -= fill
            self.volume += fill
            self.trades += 1
            if fill == resting:
                self.drop(order_id)
            else:
                queue[order_id] = resting - fill
        return quantity

    def rest(self, order_id: int, *, is_buy: bool, price: int, quantity: int) -> None:
        side = self.buys if is_buy else self.sells
        if price not in side.queues:
            side.queues[price] = {}
            heappush(side.heap, side.sign * price)
        side.queues[price][order_id] = quantity
        self._where[order_id] = (side, price, len(self.live))
        self.live.append(order_id)

    def drop(self, order_id: int) -> None:
        side, price, index = self._where.pop(order_id)
        last = self.live.pop()
        if last != order_id:
            self.live[index] = last
            self._where[last] = (*self._where[last][:2], index)
        del side.queues[price][order_id]
        if not side.queues[price]:
            del side.queues[price]


def workload(count: int = REFERENCE_OPERATIONS, seed: int = 42) -> tuple[list[Operation], int, int]:
    """Return (operations, traded volume, trades)."""
    rng, book, mid, next_id = Random(seed), _Book(), _MID, 0  # noqa: S311  a workload, not a secret
    operations: list[Operation] = []
    while len(operations) < count:
        draw, alive = rng.random(), len(book.live)
        cancels = 0.40 if alive > _LIVE_TARGET else 0.25
        if alive > _LIVE_MINIMUM and draw < cancels:
            order_id = book.live[rng.randrange(alive)]
            book.drop(order_id)
            operations.append(Operation("C", order_id))
            continue
        next_id += 1
        is_buy, quantity = rng.random() < 0.5, rng.randint(1, 100)
        if alive > _LIVE_MINIMUM and draw < cancels + 0.05:
            operations.append(Operation("M", next_id, is_buy, 0, quantity))
            book.take(is_buy=is_buy, limit=None, quantity=quantity)
            continue
        if rng.random() < 0.02:
            mid += rng.choice((-1, 1))
        crossing = draw < cancels + 0.15
        distance = -rng.randint(0, 3) if crossing else 1 + int(rng.expovariate(1 / 12))
        price = mid - distance if is_buy else mid + distance
        operations.append(Operation("L", next_id, is_buy, price, quantity))
        left = book.take(is_buy=is_buy, limit=price, quantity=quantity)
        if left:
            book.rest(next_id, is_buy=is_buy, price=price, quantity=left)
    return operations, book.volume, book.trades
