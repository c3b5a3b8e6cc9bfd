"""The archive: what the exchange can still be asked after it has left memory.

Order of work.  The views hand out batches of what has become final (`Views.take`), a writer stores each in one transaction
                (`ArchiveWriter.write`), then the views let go of it (`Views.confirm`). Queries read through `Archive`.
Recovery.       The archive may be behind the journal: replaying the journal makes the same rows again, and writing a row twice
                changes nothing. It may be ahead of a journal whose tail was cut: `forget_after` takes the rows of the lost
                entries away. It must not be behind a checkpoint: `sync` comes before a checkpoint counts.
Does not.       Say how rows are stored, or in which thread.
"""

from typing import Protocol

from papernet.exchange.views.records import (
    RESOLUTIONS,
    AggregateTrade,
    Bar,
    Batch,
    Candle,
    ClosedOrder,
    Fill,
    Kept,
    Past,
    PublicTrade,
    R,
    Record,
    Wanted,
    WindowStats,
)

__all__ = [
    "RESOLUTIONS",
    "AggregateTrade",
    "Archive",
    "ArchiveWriter",
    "Bar",
    "Batch",
    "Candle",
    "ClosedOrder",
    "Fill",
    "Kept",
    "Past",
    "PublicTrade",
    "R",
    "Record",
    "Wanted",
    "WindowStats",
]


class Archive(Past, Protocol):
    """The reading side; it sees every batch whose `write` has returned."""

    def close(self) -> None:
        """Give up what is held; nothing can be read afterwards."""
        ...


class ArchiveWriter(Protocol):
    """The writing side, of which there is one."""

    @property
    def last_seq(self) -> int:
        """Return the entry up to which everything is stored, 0 when nothing is."""
        ...

    def write(self, batch: Batch) -> None:
        """Store a batch wholly or not at all. Rows that are there already are replaced by their equals."""
        ...

    def sync(self) -> None:
        """Return when everything written survives a loss of power."""
        ...

    def forget_after(self, seq: int) -> None:
        """Remove what entries after `seq` made.

        Rows that a reset after `seq` removed cannot come back: then the archive ends up empty and `last_seq` is 0, and the
        journal has to be replayed from its beginning.
        """
        ...

    def close(self) -> None:
        """Give up what is held."""
        ...
