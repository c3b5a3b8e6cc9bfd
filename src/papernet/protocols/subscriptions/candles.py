"""Candles on streams: the running one as it grows, and each one once when it has closed.

Order of work.  At a boundary, candles that closed since the last one are told as closed; when none did, the running one is told
                as it stands. So the empty beginning of a candle does not follow upon the end of the one before it.
Invariant.      Every candle that closes while somebody listens is told as closed exactly once, in order, traded or not. Of
                those that closed all at once, because the clock was moved, the newest `CLOSED_MAX` are told.
Does not.       Say anything before the symbol has data.
Source.         web-socket-streams.md, Kline/Candlestick Streams for UTC, ... with timezone offset.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from papernet.app.operations import TimeUnit
from papernet.exchange.views import Candle, Interval
from papernet.exchange.views.candles import open_of
from papernet.protocols.json.market_events import Render

# As many as a query tells at most (rest-api.md, Kline/Candlestick data).
CLOSED_MAX: Final = 1_000

# (now, end, how many at most) -> the newest candles up to the end, None: up to now
AskForCandles = Callable[[int, int | None, int], list[Candle]]
# candle, whether it has closed, event time, time unit
WriteCandle = Callable[[Candle, bool, int, TimeUnit], bytes]


class Candles:
    """The candles of one symbol, interval and zone."""

    __slots__ = ("_ask", "_interval", "_open_at", "_write", "_zone")

    def __init__(self, interval: Interval, zone: int, now: int, *, ask: AskForCandles, write: WriteCandle) -> None:
        """Begin with the candle that holds now."""
        self._interval: Final = interval
        self._zone: Final = zone
        self._ask: Final = ask
        self._write: Final = write
        # where the oldest candle opens that has not been told as closed
        self._open_at: int = open_of(interval, now, zone)

    def due(self, now: int) -> Sequence[Render]:
        """Return the candles that closed since the last time, or the running one."""
        running, since = open_of(self._interval, now, self._zone), self._open_at
        self._open_at = running
        closed: list[Candle] = []
        if running > since:
            closed = [row for row in self._ask(now, running - 1, CLOSED_MAX) if row.open_at >= since]
        told = closed or self._ask(now, None, 1)
        return [partial(self._write, row, bool(closed), now) for row in told]
