"""The candles of a spot symbol on streams: whom `Candles` asks, and how they are written.

Does not.       Say when a candle is told: `papernet.protocols.subscriptions.candles` does.
Source.         web-socket-streams.md, Kline/Candlestick Streams for UTC, ... with timezone offset.
"""

from functools import partial
from typing import Any, Final

from papernet.app.faults import Fault
from papernet.app.queries import Context
from papernet.app.queries.market_data import INTERVALS, candles
from papernet.exchange.views import Candle
from papernet.protocols.json import market_events
from papernet.protocols.streams.names import Stream
from papernet.protocols.subscriptions.candles import Candles

_NAMES: Final = {interval: name for name, interval in INTERVALS.items()}


def symbol_candles(context: Context, stream: Stream, now: int) -> Candles:
    """Return the candles of a stream, from the one that holds now."""
    interval, symbol = stream.interval, stream.symbol
    assert interval is not None
    name = _NAMES[interval]
    asked: dict[str, Any] = {"symbol": symbol, "interval": name, "timeZone": stream.zone, "startTime": None}

    def ask(now: int, end: int | None, limit: int) -> list[Candle]:
        rows = candles(context, asked | {"endTime": end, "limit": limit}, 0, now)
        return [] if isinstance(rows, Fault) else rows

    return Candles(interval, stream.zone, now, ask=ask, write=partial(market_events.kline, symbol, name))
