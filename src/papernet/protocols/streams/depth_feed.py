"""Books on streams: what changed, and the best levels.

Order of work.  A diff stream notes the changes of every entry as they come and says at each boundary what became of the levels
                they touched. A partial stream looks at the book at each boundary.
Invariant.      From the first event on, the ids of diff events follow each other without a gap; the quantities of an event are
                those that the book has right after the event's last update.
Cost.           An entry's changes cost one append; they are put together once a boundary.
Does not.       Send an event when nothing changed. Leave out a partial book because nothing changed: the documents push it at
                every boundary.
Source.         web-socket-streams.md, Diff. Depth Stream, Partial Book Depth Streams.
"""

from collections.abc import Sequence
from functools import partial
from typing import Final

from papernet.app.faults import Fault
from papernet.app.queries import Context
from papernet.app.queries.market_data import depth
from papernet.core.enums import Side
from papernet.core.events import BookDelta
from papernet.protocols.json import market_events, replies_market
from papernet.protocols.json.market_events import Render
from papernet.protocols.streams.names import Stream

_BUY: Final = Side.BUY


class DiffDepth:
    """The changes of one symbol's book since they were last told."""

    __slots__ = ("_deltas", "_symbol")

    def __init__(self, stream: Stream) -> None:
        """Begin with the next change."""
        self._symbol: Final = stream.symbol
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
        ids = deltas[0].first_update_id, deltas[-1].last_update_id
        bids: dict[int, int] = {}
        asks: dict[int, int] = {}
        for delta in deltas:
            for side, price, quantity in delta.changes:
                (bids if side is _BUY else asks)[price] = quantity
        deltas.clear()
        best_bids, best_asks = sorted(bids.items(), reverse=True), sorted(asks.items())
        return (partial(market_events.depth_update, self._symbol, ids, best_bids, best_asks, now),)


class PartialDepth:
    """The best levels of one symbol's book."""

    __slots__ = ("_context", "_params")

    def __init__(self, context: Context, stream: Stream) -> None:
        """Look at as many levels as the stream shows."""
        self._context: Final = context
        self._params: Final = {"symbol": stream.symbol, "limit": stream.levels, "symbolStatus": None}

    def due(self, now: int) -> Sequence[Render]:
        """Return the book as it stands, none of a symbol that is not listed."""
        book = depth(self._context, self._params, 0, now)
        return () if isinstance(book, Fault) else (partial(replies_market.depth, book),)
