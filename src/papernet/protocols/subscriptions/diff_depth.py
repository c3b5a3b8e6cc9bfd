"""What changed on a book, put together between two boundaries.

Order of work.  The changes of every entry are noted as they come; at a boundary it is said what became of the levels they
                touched.
Invariant.      The ids of what is told follow each other without a gap, from the first on; the quantities are those that the
                book has right after the last update told.
Cost.           An entry's changes cost one append; they are put together once a boundary.
Does not.       Tell anything when nothing changed.
Source.         web-socket-streams.md, Diff. Depth Stream; European Options, Diff Book Depth Streams.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from msgspec import Struct

from papernet.app.operations import TimeUnit
from papernet.core.enums import Side
from papernet.core.events import BookDelta
from papernet.protocols.json.market_events import Render

_BUY: Final = Side.BUY


class BookChanges(Struct, frozen=True, gc=False):
    """What became of the levels that the updates from `first` to `last` touched, best first; `at` is when the last one was."""

    first: int
    last: int
    bids: list[tuple[int, int]]
    asks: list[tuple[int, int]]
    at: int


# changes, event time, time unit
WriteChanges = Callable[[BookChanges, int, TimeUnit], bytes]


class DiffDepth:
    """The changes of one symbol's book since they were last told."""

    __slots__ = ("_deltas", "_write")

    def __init__(self, write: WriteChanges) -> None:
        """Begin with the next change."""
        self._write: Final = write
        self._deltas: Final[list[BookDelta]] = []

    def note(self, delta: BookDelta) -> None:
        """Take note of what an entry changed."""
        self._deltas.append(delta)

    def forget(self) -> None:
        """Let go of what was noted, because the book it is about is gone."""
        self._deltas.clear()

    def due(self, now: int) -> Sequence[Render]:
        """Return the event that tells everything noted, if anything is."""
        deltas = self._deltas
        if not deltas:
            return ()
        newest = deltas[-1]
        first, last = deltas[0].first_update_id, newest.last_update_id
        bids: dict[int, int] = {}
        asks: dict[int, int] = {}
        for delta in deltas:
            for side, price, quantity in delta.changes:
                (bids if side is _BUY else asks)[price] = quantity
        deltas.clear()
        changes = BookChanges(first, last, sorted(bids.items(), reverse=True), sorted(asks.items()), newest.at)
        return (partial(self._write, changes, now),)
