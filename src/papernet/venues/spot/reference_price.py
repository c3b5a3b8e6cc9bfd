"""A symbol's reference price: the mean of its trade prices over the last moments, or a price that was set from outside.

Order of work.  Each trade adds its price to the bucket of its moment; a new bucket pushes out those that have left the window.
                Asking leaves aside what has left since and changes nothing. The bucket that reaches out of the window counts
                only with the part of its width that is still inside.
Invariant.      The sums are those of the buckets; buckets are in order of time and at most one more than configured. A mean
                lies between the lowest and the highest price that it is of.
Does not.       Weigh by quantity. Know block trades.
Units.          The share of a bucket that has left is counted in ten-thousandths, rounded down: these are the four decimals
                that sums and counts have beyond prices and trades.
Source.         faqs/price_range_execution_rules.md, How does the Matching Engine calculate the reference price.
"""

from collections import deque
from typing import Final

from papernet.venues.spot.symbols import ArithmeticMeanSpec, ExternalSpec, Symbol

_WHOLE: Final = 10_000


class ArithmeticMean:
    """The mean price of the trades of a sliding window."""

    __slots__ = ("_count", "_sum", "buckets", "set_at", "spec", "width", "window")

    def __init__(self, spec: ArithmeticMeanSpec) -> None:
        """Make an empty window."""
        self.spec: Final = spec
        self.width: Final = spec.bucket_width
        self.window: Final = spec.bucket_width * spec.bucket_count
        # [when it opened, how many trades, the sum of their prices]
        self.buckets: Final[deque[list[int]]] = deque()
        self._count: int = 0
        self._sum: int = 0
        # the time of the newest trade, 0 when there was none
        self.set_at: int = 0

    @property
    def was_set(self) -> bool:
        """Whether there has ever been a reference price."""
        return bool(self.buckets)

    def trade(self, at: int, price: int) -> None:
        """Take note of a trade, which is never before the previous one."""
        opened = at - at % self.width
        buckets = self.buckets
        if buckets and buckets[-1][0] == opened:
            bucket = buckets[-1]
            bucket[1] += 1
            bucket[2] += price
        else:
            # A bucket whose close is out of the window has left it.
            oldest = at - self.window - self.width
            while buckets and buckets[0][0] <= oldest:
                _, count, total = buckets.popleft()
                self._count -= count
                self._sum -= total
            buckets.append([opened, 1, price])
        self._count += 1
        self._sum += price
        self.set_at = at

    def value(self, at: int) -> int | None:
        """Return the mean at `at`, rounded down, or None when nothing traded in the window; changes nothing."""
        cutoff = at - self.window
        width = self.width
        count, total = self._count, self._sum
        for opened, trades, prices in self.buckets:
            if opened >= cutoff:
                break
            expired = cutoff - opened
            if expired < width:
                gone = expired * _WHOLE // width
                return (total * _WHOLE - prices * gone) // (count * _WHOLE - trades * gone)
            count -= trades
            total -= prices
        return total // count if count else None

    def state(self) -> list[list[int]]:
        """Return what a checkpoint keeps: the buckets, and the time of the newest trade for itself at the end."""
        return [*(list(bucket) for bucket in self.buckets), [self.set_at]]

    def restore(self, state: list[list[int]]) -> None:
        """Take over the state of a checkpoint."""
        assert not self.buckets
        *buckets, (self.set_at,) = state
        for opened, count, total in buckets:
            self.buckets.append([opened, count, total])
            self._count += count
            self._sum += total


class ExternalPrice:
    """A price that is set, and withdrawn, from outside."""

    __slots__ = ("calculation_id", "price", "set_at", "was_set")

    def __init__(self, spec: ExternalSpec) -> None:
        """Make one that was never set."""
        self.calculation_id: int = spec.calculation_id
        self.price: int | None = None
        self.set_at: int = 0
        self.was_set: bool = False

    def set(self, price: int | None, calculation_id: int, at: int) -> None:
        """Set the price (None: there is none now) and by which method it was made (-1: as before)."""
        self.price = price
        if calculation_id >= 0:
            self.calculation_id = calculation_id
        self.set_at = at
        self.was_set = True

    def trade(self, _at: int, _price: int) -> None:
        """Do nothing: trades do not move this price."""

    def value(self, _at: int) -> int | None:
        """Return the price, or None when there is none."""
        return self.price

    def state(self) -> list[list[int]]:
        """Return what a checkpoint keeps: the method, the time, whether it was set, and the price if there is one."""
        return [[self.calculation_id, self.set_at, int(self.was_set)], [self.price] if self.price is not None else []]

    def restore(self, state: list[list[int]]) -> None:
        """Take over the state of a checkpoint."""
        (self.calculation_id, self.set_at, was_set), price = state
        self.was_set = bool(was_set)
        self.price = price[0] if price else None


ReferencePrice = ArithmeticMean | ExternalPrice


def reference_price_of(symbol: Symbol) -> ReferencePrice | None:
    """Return the reference price that a symbol opens with, or None when it has none."""
    match symbol.reference:
        case ArithmeticMeanSpec():
            return ArithmeticMean(symbol.reference)
        case ExternalSpec():
            return ExternalPrice(symbol.reference)
        case None:
            return None
