"""The volume-weighted average price over the last minutes, as filters and the average price query use it.

Order of work.  Trades are added to one bucket a second; a new bucket pushes out those that have left the window. Asking
                leaves aside what has left since, and changes nothing.
Invariant.      The sums are those of the buckets; buckets are in order of time. Memory: one bucket a second of the window.
Does not.       Know the last price: with no trade in the window there is no average.
Source.         filters.md, PERCENT_PRICE; rest-api.md, Current average price. Resolution: one second.
"""

from collections import deque
from typing import Final

from papernet.core.dates import MINUTE, SECOND
from papernet.core.units import SCALE


class AveragePrice:
    """A rolling window of `minutes` minutes."""

    __slots__ = ("_quantity", "_quote", "_second_ends", "_stale_at", "buckets", "minutes")

    def __init__(self, minutes: int) -> None:
        """Make an empty window."""
        self.minutes: Final = minutes
        # [second since the epoch, quote amount, quantity]
        self.buckets: Final[deque[list[int]]] = deque()
        self._quote: int = 0
        self._quantity: int = 0
        # when the newest bucket's second is over; 0 when there is none
        self._second_ends: int = 0
        # before this moment no bucket leaves the window
        self._stale_at: int = 0

    def add(self, at: int, quantity: int, quote: int) -> None:
        """Add a trade at `at`, which is never before the previous one's."""
        if at < self._second_ends:
            bucket = self.buckets[-1]
            bucket[1] += quote
            bucket[2] += quantity
        else:
            self._forget(at)
            second = at // SECOND
            self.buckets.append([second, quote, quantity])
            self._second_ends = (second + 1) * SECOND
            self._stale_at = self.buckets[0][0] * SECOND + self.minutes * MINUTE
        self._quote += quote
        self._quantity += quantity

    def value(self, at: int) -> int:
        """Return the average price at `at` in units of 10^-8, or 0 when nothing traded in the window; changes nothing."""
        quote, quantity = self._quote, self._quantity
        if at >= self._stale_at:
            oldest = self._oldest(at)
            for bucket in self.buckets:
                if bucket[0] > oldest:
                    break
                quote -= bucket[1]
                quantity -= bucket[2]
        return quote * SCALE // quantity if quantity else 0

    def restore(self, buckets: list[list[int]]) -> None:
        """Take over the buckets of a checkpoint."""
        assert not self.buckets
        for second, quote, quantity in buckets:
            self.buckets.append([second, quote, quantity])
            self._quote += quote
            self._quantity += quantity
            self._second_ends = (second + 1) * SECOND
            self._stale_at = self.buckets[0][0] * SECOND + self.minutes * MINUTE

    def _oldest(self, at: int) -> int:
        """Return the newest second whose trades are out of the window at `at`."""
        return (at - self.minutes * MINUTE) // SECOND

    def _forget(self, at: int) -> None:
        oldest = self._oldest(at)
        buckets = self.buckets
        while buckets and buckets[0][0] <= oldest:
            _, quote, quantity = buckets.popleft()
            self._quote -= quote
            self._quantity -= quantity
