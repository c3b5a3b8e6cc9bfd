"""Candles on streams: the running one as it grows, and each one once when it has closed.

Order of work.  At a boundary, candles that closed since the last one are told as closed; when none did, the running one is told
                as it stands. So the empty beginning of a candle does not follow upon the end of the one before it.
Invariant.      Every candle that closes while somebody listens is told as closed exactly once, in order, traded or not. Of
                those that closed all at once, because the clock was moved, the newest `CLOSED_MAX` are told.
Does not.       Say anything before the symbol has data.
Source.         web-socket-streams.md, Kline/Candlestick Streams for UTC, ... with timezone offset.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any, Final

from papernet.app.faults import Fault
from papernet.app.queries import Context
from papernet.app.queries.market_data import INTERVALS, candles
from papernet.exchange.views import Candle
from papernet.exchange.views.candles import open_of
from papernet.protocols.json import market_events
from papernet.protocols.json.market_events import Render
from papernet.protocols.streams.names import Stream

# As many as a query tells at most (rest-api.md, Kline/Candlestick data).
CLOSED_MAX: Final = 1_000

_NAMES: Final = {interval: name for name, interval in INTERVALS.items()}


class Candles:
    """The candles of one symbol and interval."""

    __slots__ = ("_context", "_interval", "_name", "_open_at", "_symbol", "_zone")

    def __init__(self, context: Context, stream: Stream, now: int) -> None:
        """Begin with the candle that holds now."""
        assert stream.interval is not None
        self._context: Final = context
        self._symbol: Final = stream.symbol
        self._interval: Final = stream.interval
        self._name: Final = _NAMES[stream.interval]
        self._zone: Final = stream.zone
        # where the oldest candle opens that has not been told as closed
        self._open_at: int = open_of(stream.interval, now, stream.zone)

    def due(self, now: int) -> Sequence[Render]:
        """Return the candles that closed since the last time, or the running one."""
        running, since = open_of(self._interval, now, self._zone), self._open_at
        self._open_at = running
        closed: list[Candle] = []
        if running > since:
            rows = self._ask(now, end=running - 1, limit=CLOSED_MAX)
            closed = [row for row in rows if row.open_at >= since]
        told = closed or self._ask(now, end=None, limit=1)
        return [partial(market_events.kline, self._symbol, self._name, row, bool(closed), now) for row in told]

    def _ask(self, now: int, *, end: int | None, limit: int) -> list[Candle]:
        """Return the newest candles up to `end`."""
        params: dict[str, Any] = {
            "symbol": self._symbol,
            "interval": self._name,
            "timeZone": self._zone,
            "startTime": None,
            "endTime": end,
            "limit": limit,
        }
        rows = candles(self._context, params, 0, now)
        return [] if isinstance(rows, Fault) else rows
