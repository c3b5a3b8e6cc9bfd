"""What is to happen later: actions with the time at which they are due, on papernet's clock.

Order of work.  `at` keeps an action; `release` carries out what is due, in the order of its times, and of equal times in the
                order in which it came. An action may defer another one.
Invariant.      An action is carried out once, never before its time; while the clock is held, nothing is.
Does not.       Keep time: whoever lets time pass calls `release`.
Units.          Microseconds UTC.
"""

import heapq
from collections.abc import Callable
from typing import Final

Action = Callable[[int], None]


class Deferred:
    """The actions of one network that wait for their time."""

    __slots__ = ("_count", "_heap")

    def __init__(self) -> None:
        """Begin with nothing to do."""
        self._heap: Final[list[tuple[int, int, Action]]] = []
        self._count: int = 0

    def __len__(self) -> int:
        """Return how many actions wait."""
        return len(self._heap)

    @property
    def next_at(self) -> int | None:
        """Return when the next action is due, or None."""
        return self._heap[0][0] if self._heap else None

    def at(self, due: int, action: Action) -> None:
        """Carry `action` out once it is `due`; it is told the time of then."""
        self._count += 1
        heapq.heappush(self._heap, (due, self._count, action))

    def release(self, now: int) -> None:
        """Carry out what is due at `now`."""
        heap = self._heap
        while heap and heap[0][0] <= now:
            _, _, action = heapq.heappop(heap)
            action(now)
