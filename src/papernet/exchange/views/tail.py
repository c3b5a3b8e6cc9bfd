"""The newest rows of a series that only grows.

Order of work.  Rows are appended; a batch takes those that are not archived yet; when it is, rows leave from the old end.
Invariant.      What is in memory is the end of the series without a gap, at least its newest `keep` rows, and every row that
                the archive is not known to have. So whoever looks here first and asks the archive only for what is older misses
                nothing and sees nothing twice, whenever batches are taken.
Does not.       Know the archive, or what its rows mean beyond their `seq`.
"""

from bisect import bisect_right
from collections.abc import Sequence
from operator import attrgetter
from typing import Final, Generic, Protocol, TypeVar

from msgspec import Struct


class Numbered(Protocol):
    """A row that says which entry made it."""

    @property
    def seq(self) -> int:
        """The entry's number."""
        ...


Row = TypeVar("Row", bound=Numbered)

_SEQ: Final = attrgetter("seq")


def batch_end(rows: Sequence[Numbered], begin: int, limit: int, through: int) -> int:
    """Return up to which entry about `limit` rows from index `begin` on reach, at most `through`; entries stay whole."""
    if len(rows) - begin <= limit:
        return through
    last = rows[begin + limit - 1].seq
    if rows[begin + limit].seq == last and rows[begin].seq < last:
        last -= 1
    return min(last, through)


class TailState(Struct, Generic[Row], frozen=True, array_like=True):
    """A tail as a snapshot holds it."""

    dropped: int
    unwritten: int
    rows: list[Row]


class Tail(Generic[Row]):
    """A series of which only the end is in memory. `dropped` counts the rows that have left."""

    __slots__ = ("_taken", "_written", "dropped", "keep", "rows")

    def __init__(self, keep: int, state: TailState[Row] | None = None) -> None:
        """Make a tail that keeps at least its newest `keep` rows."""
        self.keep: Final = keep
        self.rows: Final[list[Row]] = list(state.rows) if state is not None else []
        self.dropped: int = state.dropped if state is not None else 0
        # how many of `rows`, from the front, the archive has; and how many it has or is being given
        self._written: int = len(self.rows) - state.unwritten if state is not None else 0
        self._taken: int = self._written

    def batch_end(self, limit: int, through: int) -> int:
        """Return up to which entry about `limit` rows that the archive has not reach, at most `through`."""
        return batch_end(self.rows, self._written, limit, through)

    def take(self, through: int) -> tuple[Row, ...]:
        """Return the rows of entries up to `through` that the archive has not; it is being given them from now on."""
        rows = self.rows
        if not rows or self._written == len(rows):
            return ()
        self._taken = bisect_right(rows, through, lo=self._written, key=_SEQ)
        return tuple(rows[self._written : self._taken])

    def confirm(self) -> None:
        """Note that the archive has what was taken last, and let rows go that are beyond the newest `keep`."""
        self._written = self._taken
        spare = min(self._written, len(self.rows) - self.keep)
        # Many at a time, because removing from the front moves all the others.
        if spare >= self.keep:
            del self.rows[:spare]
            self.dropped += spare
            self._written -= spare
            self._taken -= spare

    def state(self) -> TailState[Row]:
        """Return what a snapshot holds: it depends on what the archive lacks, but not on when rows were let go."""
        spare = max(0, min(self._written, len(self.rows) - self.keep))
        return TailState(self.dropped + spare, len(self.rows) - self._written, self.rows[spare:])
