"""The books of spot symbols on streams: what changed, and the best levels.

Order of work.  What changed is put together by `papernet.protocols.subscriptions.diff_depth`. A partial stream looks at the
                book at each boundary.
Does not.       Leave out a partial book because nothing changed: the documents push it at every boundary.
Source.         web-socket-streams.md, Diff. Depth Stream, Partial Book Depth Streams.
"""

from collections.abc import Sequence
from functools import partial
from typing import Final

from papernet.app.faults import Fault
from papernet.app.operations import TimeUnit
from papernet.app.queries import Context
from papernet.app.queries.market_data import depth
from papernet.protocols.json import market_events, replies_market
from papernet.protocols.json.market_events import Render
from papernet.protocols.streams.names import Stream
from papernet.protocols.subscriptions.diff_depth import BookChanges, DiffDepth


def symbol_changes(stream: Stream) -> DiffDepth:
    """Return the changes of the book of a stream's symbol, from the next one on."""
    return DiffDepth(partial(_depth_update, stream.symbol))


def _depth_update(symbol: str, changes: BookChanges, at: int, unit: TimeUnit) -> bytes:
    return market_events.depth_update(symbol, (changes.first, changes.last), changes.bids, changes.asks, at, unit)


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
