"""What timed streams of the options venue show at their boundaries.

Order of work.  A source is asked right after each boundary of its stream's speed. Marks, open interest and indexes are shown
                whole; the ticker of a contract always, of an expiry those that changed; a partial book as it stands; candles
                and the changes of books as `papernet.protocols.subscriptions` makes them.
Changes.        A ticker has changed when something that its stream shows is another; times of the window do not count. Those
                that did not are told again every ten seconds, for whoever came later.
Cost.           An array is written once, for everybody who listens.
Does not.       Show contracts that are not listed.
Source.         European Options: Websocket Market Streams ("Only symbols whose ticker info changed will be sent").
"""

from collections.abc import Callable, Sequence
from typing import Final

from papernet.app.operations import TimeUnit
from papernet.app.queries.option_market import ticker_of
from papernet.app.queries.option_values import OptionTicker
from papernet.core.dates import SECOND
from papernet.core.events import BookDelta
from papernet.exchange.views import Candle
from papernet.protocols.json.fragments import array
from papernet.protocols.json.market_events import Render
from papernet.protocols.option_streams.chain import Chain
from papernet.protocols.option_streams.market_writers import MarketWriters
from papernet.protocols.option_streams.names import OptionStream, StreamKind, interval_of
from papernet.protocols.option_streams.values import BookTop, Marked
from papernet.protocols.subscriptions.candles import Candles
from papernet.protocols.subscriptions.diff_depth import BookChanges, DiffDepth
from papernet.protocols.subscriptions.feed import Source

_REPEATED_AFTER: Final = 10 * SECOND

# What a ticker shows beside its times, to be compared.
_Shown = tuple[object, ...]


def told(payload: bytes) -> Render:
    """Return a payload that is written: there is one time unit on these streams."""
    return lambda _unit: payload


class Whole:
    """All of something at every boundary: an array, or one payload."""

    __slots__ = ("_rows", "_together")

    def __init__(self, rows: Callable[[int], list[str]], *, together: bool = True) -> None:
        """Show rows, in an array or each for itself."""
        self._rows: Final = rows
        self._together: Final = together

    def due(self, now: int) -> Sequence[Render]:
        """Return what there is, if anything."""
        rows = self._rows(now)
        if self._together:
            return (told(array(rows)),) if rows else ()
        return [told(row.encode()) for row in rows]


class TopOfBook:
    """The best levels of one contract's book."""

    __slots__ = ("_at", "_chain", "_stream", "_told", "_write")

    def __init__(self, chain: Chain, stream: OptionStream, now: int, write: Callable[[BookTop, int], bytes]) -> None:
        """Look at as many levels as the stream shows."""
        self._chain: Final = chain
        self._stream: Final = stream
        self._write: Final = write
        # when the book changed last, as far as it was seen
        self._at: int = now
        # the update id that was told last, -1: none
        self._told: int = -1

    def note(self, delta: BookDelta) -> None:
        """Take note of when the book changed."""
        self._at = delta.at

    def forget(self) -> None:
        """Begin anew, because the book is gone."""
        self._told = -1

    def due(self, now: int) -> Sequence[Render]:
        """Return the book as it stands."""
        return [told(self._write(self._top(market.contract.symbol), now)) for market in self._chain.markets(self._stream)]

    def _top(self, symbol: str) -> BookTop:
        book, levels = self._chain.venue.markets[symbol].book, self._stream.form.levels
        previous, self._told = self._told, book.update_id
        if previous < 0:
            previous = book.update_id
        terms = self._chain.terms(symbol)
        return BookTop(terms, previous, book.update_id, book.bids.depth(levels), book.asks.depth(levels), self._at)


class Tickers:
    """The tickers of contracts: of one as it is, of an expiry those that changed."""

    __slots__ = ("_chain", "_round", "_shown", "_stream", "_writers")

    def __init__(self, chain: Chain, stream: OptionStream, writers: MarketWriters) -> None:
        """Begin with nothing told."""
        # in which stretch of `_REPEATED_AFTER` all were told last
        self._round: int = -1
        self._chain: Final = chain
        self._stream: Final = stream
        self._writers: Final = writers
        # by contract
        self._shown: Final[dict[str, _Shown]] = {}

    def due(self, now: int) -> Sequence[Render]:
        """Return the tickers that are to be told, if any are."""
        chain, writers, shown = self._chain, self._writers, self._shown
        is_one = self._stream.kind is StreamKind.TICKER
        before, self._round = self._round, now // _REPEATED_AFTER
        if is_one or self._round > before:
            shown.clear()
        rows: list[str] = []
        for market in chain.markets(self._stream):
            ticker = ticker_of(chain.context, market, now)
            marked = chain.marked(market, now) if writers.tickers_show_marks else None
            looks = _shown(ticker, marked)
            if shown.get(market.contract.symbol) != looks:
                shown[market.contract.symbol] = looks
                rows.append(writers.ticker(ticker, marked, now))
        if writers.tickers_come_together and not is_one:
            return (told(array(rows)),) if rows else ()
        return [told(row.encode()) for row in rows]


def _shown(ticker: OptionTicker, marked: Marked | None) -> _Shown:
    stats = ticker.stats
    traded = (stats.open, stats.high, stats.low, stats.last, stats.quantity, stats.quote, stats.count, stats.last_id)
    return traded if marked is None else (traded, marked)


def changes_of(chain: Chain, stream: OptionStream, writers: MarketWriters) -> DiffDepth:
    """Return the changes of a contract's book, from the next one on."""

    def write(changes: BookChanges, now: int, _unit: TimeUnit) -> bytes:
        return writers.changes(chain.terms(stream.subject), changes, now)

    return DiffDepth(write)


def candles_of(chain: Chain, stream: OptionStream, now: int, writers: MarketWriters) -> Candles:
    """Return the candles of a contract, from the one that holds now."""
    context, symbol, interval = chain.context, stream.subject, interval_of(stream.form)

    def ask(now: int, end: int | None, limit: int) -> list[Candle]:
        if symbol not in chain.venue.markets:
            return []
        return context.views.candles(symbol, interval, 0, None, end, limit, now, context.archive)

    def write(candle: Candle, is_closed: bool, now: int, _unit: TimeUnit) -> bytes:  # noqa: FBT001  a value to write
        return writers.kline(chain.terms(symbol), stream.form.interval, candle, is_closed, now)

    return Candles(interval, 0, now, ask=ask, write=write)


def source_of(chain: Chain, stream: OptionStream, now: int, writers: MarketWriters) -> Source | None:
    """Return what makes the messages of a timed stream, None for one in real time."""
    match stream.kind:
        case StreamKind.DEPTH:
            return changes_of(chain, stream, writers)
        case StreamKind.PARTIAL_DEPTH:
            return TopOfBook(chain, stream, now, writers.top)
        case StreamKind.KLINE:
            return candles_of(chain, stream, now, writers)
        case StreamKind.TICKER | StreamKind.TICKERS:
            return Tickers(chain, stream, writers)
        case StreamKind.MARKS:
            return Whole(lambda at: [writers.marked(chain.marked(market, at), at) for market in chain.markets(stream)])
        case StreamKind.OPEN_INTEREST:
            return Whole(
                lambda at: [writers.open_interest(chain.open_interest(market, at), at) for market in chain.markets(stream)]
            )
        case StreamKind.INDEX | StreamKind.INDEXES:
            return Whole(
                lambda at: [
                    writers.index(underlying.name, chain.venue.indexes[underlying.name].price, at)
                    for underlying in chain.underlyings(stream)
                ],
                together=stream.kind is StreamKind.INDEXES,
            )
        case _:
            return None
