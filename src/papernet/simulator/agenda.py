"""What is due next, over all symbols: one queue in the order of time, then of symbol, then of entry.

Units.          Times are microseconds of the crowd's own clock, which starts at 0 when its world starts and stands still while
                nobody lets it live; `origin` is where its 0 lies in UTC.
"""

from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any, Final

from papernet.simulator.desk import Desk

# Called with the desk, the time on the crowd's clock, and whatever was left with it.
Act = Callable[[Desk, int, Any], None]

# Comes before all symbols of the same time.
FIRST: Final = -1


class Agenda:
    """A queue of acts."""

    __slots__ = ("_entries", "_tie", "origin")

    def __init__(self, origin: int) -> None:
        """Start with nothing due; the crowd's clock shows 0 at `origin` UTC."""
        self.origin: int = origin
        self._entries: Final[list[tuple[int, int, int, Act, Any]]] = []
        self._tie: int = 0

    def add(self, at: int, index: int, act: Act, what: object = None) -> None:
        """Have `act` called with `what` at a time, on behalf of the symbol numbered `index`."""
        self._tie += 1
        heappush(self._entries, (at, index, self._tie, act, what))

    @property
    def due(self) -> int | None:
        """When the next act is due, or None when nothing is."""
        return self._entries[0][0] if self._entries else None

    def run(self, desk: Desk, until: int) -> None:
        """Do all that is due up to and including `until`, and what becomes due by it."""
        entries = self._entries
        while entries and entries[0][0] <= until:
            at, _, _, act, what = heappop(entries)
            act(desk, at, what)
