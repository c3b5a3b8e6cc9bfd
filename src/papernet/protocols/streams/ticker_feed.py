"""Tickers on streams: statistics of windows, of one symbol or of all that changed.

Order of work.  At a boundary the statistics of a symbol and window are asked for once, whoever shows them: the symbol's own
                stream, its short form, the array of all.
Changes.        A ticker has changed when something that its stream shows is another: the times of the window, which move with
                every look, do not count. What arrays tell is compared with what they told last, in the beginning with what
                was so when somebody subscribed.
Does not.       Leave out a single symbol's ticker because nothing changed: the documents say so of arrays only.
Source.         web-socket-streams.md, Individual Symbol Mini Ticker Stream to All Market Rolling Window Statistics Streams.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from papernet.app.faults import Fault
from papernet.app.operations import TickerType, TimeUnit
from papernet.app.queries import Context
from papernet.app.queries.tickers import day_ticker, window_ticker
from papernet.app.queries.values import Ticker
from papernet.protocols.json import market_events
from papernet.protocols.json.fragments import array
from papernet.protocols.json.market_events import Render
from papernet.protocols.streams.names import WINDOWS, Stream, StreamKind

# What a ticker shows of its window beside its times, to be compared.
Shown = tuple[object, ...]
Write = Callable[[Ticker, int, TimeUnit], str]

_WINDOW_NAMES: Final = {window: name for name, window in WINDOWS.items()}


class TickerBoard:
    """The tickers of one moment, each asked for once."""

    __slots__ = ("_context", "_found", "_now")

    def __init__(self, context: Context) -> None:
        """Know nothing yet."""
        self._context: Final = context
        self._now: int = -1
        # by symbol and window, 0 for the last 24 hours
        self._found: Final[dict[tuple[str, int], Ticker]] = {}

    def symbols(self) -> list[str]:
        """Return all symbols, in listing order."""
        return list(self._context.exchange.markets)

    def ticker(self, symbol: str, window: int, now: int) -> Ticker | None:
        """Return a symbol's ticker over a window (0: that of the last 24 hours), or None when there is no such symbol."""
        if now != self._now:
            self._now = now
            self._found.clear()
        found = self._found.get((symbol, window))
        if found is None:
            params: dict[str, Any] = {"symbol": symbol, "symbols": None, "symbolStatus": None, "type": TickerType.FULL}
            if window:
                answer = window_ticker(self._context, params | {"windowSize": window}, 0, now)
            else:
                answer = day_ticker(self._context, params, 0, now)
            if isinstance(answer, Fault):
                return None
            found = self._found[symbol, window] = answer.rows[0]
        return found


class SymbolTicker:
    """The ticker of one symbol."""

    __slots__ = ("_board", "_stream", "_write")

    def __init__(self, board: TickerBoard, stream: Stream) -> None:
        """Show what the stream's form shows."""
        self._board: Final = board
        self._stream: Final = stream
        self._write: Final = _writer(stream)

    def due(self, now: int) -> Sequence[Render]:
        """Return the ticker as it is, none of a symbol that is not listed."""
        ticker = self._board.ticker(self._stream.symbol, self._stream.window, now)
        return () if ticker is None else (partial(self._render, ticker, now),)

    def _render(self, ticker: Ticker, now: int, unit: TimeUnit) -> bytes:
        return self._write(ticker, now, unit).encode()


class ChangedTickers:
    """The tickers of all symbols that changed since they were last told."""

    __slots__ = ("_board", "_shown", "_told", "_window", "_write")

    def __init__(self, board: TickerBoard, stream: Stream, now: int) -> None:
        """Take what is so now for known."""
        self._board: Final = board
        self._window: Final = stream.window
        self._write: Final = _writer(stream)
        self._shown: Final = _SHOWN[stream.kind]
        self._told: Final[dict[str, Shown]] = {}
        self._changed(now)

    def due(self, now: int) -> Sequence[Render]:
        """Return the array of those that changed, if any did."""
        changed = self._changed(now)
        return (partial(self._render, changed, now),) if changed else ()

    def _changed(self, now: int) -> list[Ticker]:
        changed = []
        for symbol in self._board.symbols():
            ticker = self._board.ticker(symbol, self._window, now)
            assert ticker is not None
            shown = self._shown(ticker)
            if self._told.get(symbol) != shown:
                self._told[symbol] = shown
                changed.append(ticker)
        return changed

    def _render(self, tickers: list[Ticker], now: int, unit: TimeUnit) -> bytes:
        write = self._write
        return array([write(ticker, now, unit) for ticker in tickers])


def _shown_in_short(ticker: Ticker) -> Shown:
    stats = ticker.stats
    return stats.last, stats.open, stats.high, stats.low, stats.quantity, stats.quote


def _shown_of_window(ticker: Ticker) -> Shown:
    stats = ticker.stats
    return (*_shown_in_short(ticker), stats.first_id, stats.last_id, stats.count)


def _shown_of_day(ticker: Ticker) -> Shown:
    stats = ticker.stats
    return (*_shown_of_window(ticker), stats.prev_close, stats.last_quantity, ticker.touch)


def _writer(stream: Stream) -> Write:
    """Return what writes the tickers of a stream."""
    if stream.kind is StreamKind.MINI_TICKER:
        return market_events.mini_ticker
    if stream.kind is StreamKind.TICKER:
        return market_events.day_ticker
    return partial(market_events.window_ticker, _WINDOW_NAMES[stream.window])


_SHOWN: Final[Mapping[StreamKind, Callable[[Ticker], Shown]]] = {
    StreamKind.MINI_TICKER: _shown_in_short,
    StreamKind.TICKER: _shown_of_day,
    StreamKind.WINDOW_TICKER: _shown_of_window,
}
