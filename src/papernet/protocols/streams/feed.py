"""The market on streams: what every stream of market data says, and when.

Order of work.  The feed hears which streams have subscribers. Trades and the best bid and ask are told as entries are applied,
                while the state is exactly as the entry left it; everything else when `pulse` finds that the clock has crossed a
                boundary of the stream's speed. Both go through the outbox, and so leave when what they show is durable.
Timing.         Boundaries are whole multiples of a speed on papernet's clock. However many of them lie between two pulses, a
                stream is pushed once; the event time is that of the pulse, whose state the message shows.
Invariant.      Nothing is made for a stream without subscribers, and a message is made once for each time unit that is wanted.
Cost.           With nobody listening, one test an entry; else one look-up an event, and what is subscribed.
Does not.       Know connections or frames: `channels` do. Read a clock. Whoever pulses has let everything be applied that was
                due by then, or a candle would be told as closed before its last trade.
Source.         web-socket-streams.md, Detailed Stream information.
"""

from collections.abc import Callable, Sequence
from itertools import product
from typing import Any, Final, Protocol

from papernet.app.operations import TimeUnit
from papernet.app.outbox import Outbox
from papernet.app.queries import Context
from papernet.app.queries.tickers import touch_of
from papernet.app.queries.values import Touch
from papernet.core.events import Applied, BlockTrade, BookDelta, Trade, WorldReset
from papernet.protocols.json import market_events
from papernet.protocols.json.market_events import Render
from papernet.protocols.streams.candle_feed import Candles
from papernet.protocols.streams.depth_feed import DiffDepth, PartialDepth
from papernet.protocols.streams.names import Stream, StreamKind
from papernet.protocols.streams.price_feed import AveragePrices, ReferencePrices
from papernet.protocols.streams.ticker_feed import ChangedTickers, SymbolTicker, TickerBoard

_REAL_TIME: Final = (StreamKind.TRADE, StreamKind.AGG_TRADE, StreamKind.BLOCK_TRADE, StreamKind.BOOK_TICKER)
# What shows all there is to show at each boundary: of those that wait for a slow reader the newest will do. Best bids and asks
# are not among them: sbe-market-data-streams.md, Best Bid/Ask Streams, says that on JSON streams none is left out.
_SNAPSHOTS: Final = (
    StreamKind.PARTIAL_DEPTH,
    StreamKind.MINI_TICKER,
    StreamKind.TICKER,
    StreamKind.WINDOW_TICKER,
    StreamKind.AVERAGE_PRICE,
    StreamKind.REFERENCE_PRICE,
)


def is_snapshot(stream: Stream) -> bool:
    """Whether a push of a stream makes the one before it worthless; arrays hold only what changed."""
    return stream.kind in _SNAPSHOTS and stream.symbol != ""


class Publisher(Protocol):
    """Who hands payloads to subscribers."""

    def publish(self, stream: Stream, unit: TimeUnit, payload: bytes, *, latest: bool) -> None:
        """Send a payload to everybody who listens to a stream in a time unit; `latest`: the next one makes it worthless."""
        ...


class Source(Protocol):
    """Who makes the messages of one timed stream, from when somebody subscribes until nobody is left."""

    def due(self, now: int) -> Sequence[Render]:
        """Return what is to be pushed at `now`, right after a boundary of the stream's speed; maybe nothing."""
        ...


class EntryCounter(Protocol):
    """Who counts the entries."""

    last_seq: int


class _Audience:
    """Who listens to a stream in one time unit, from the first subscriber's coming to the last one's going."""

    __slots__ = ("is_gone", "is_snapshot", "stream", "unit")

    def __init__(self, stream: Stream, unit: TimeUnit) -> None:
        self.stream: Final = stream
        self.unit: Final = unit
        self.is_snapshot: Final = is_snapshot(stream)
        self.is_gone: bool = False


class _Watched:
    """A stream with subscribers. `source` makes the messages of a timed one; real-time streams have none."""

    __slots__ = ("audiences", "source", "stream")

    def __init__(self, stream: Stream, source: Source | None) -> None:
        self.stream: Final = stream
        self.source: Final = source
        self.audiences: tuple[_Audience, ...] = ()


# For whom, and the payload.
Message = tuple[_Audience, bytes]


class MarketFeed:
    """Makes the messages of all market streams of one exchange."""

    def __init__(self, context: Context, channels: Publisher, outbox: Outbox, counter: EntryCounter, now: int) -> None:
        """Begin at `now`, with nobody listening."""
        self._context: Final = context
        self._channels: Final = channels
        self._outbox: Final = outbox
        self._counter: Final = counter
        self._now: int = now
        self._board: Final = TickerBoard(context)
        self._watched: Final[dict[str, _Watched]] = {}
        # timed streams by speed and name; real-time streams by kind and symbol
        self._timed: Final[dict[int, dict[str, _Watched]]] = {}
        self._live: Final[dict[StreamKind, dict[str, _Watched]]] = {kind: {} for kind in _REAL_TIME}
        self._diffs: Final[dict[str, dict[str, DiffDepth]]] = {}
        # the best bid and ask that subscribers know of
        self._touches: Final[dict[str, Touch]] = {}
        # by symbol, where its trades of the running entry begin
        self._first_trades: Final[dict[str, int]] = {}
        self._handlers: dict[type, Callable[[Any, list[Message]], None]] = {}

    # what subscribers want

    def started(self, stream: Stream, unit: TimeUnit) -> None:
        """Take note that a stream has its first subscriber in a time unit."""
        watched = self._watched.get(stream.name)
        if watched is None:
            watched = self._watched[stream.name] = _Watched(stream, self._source(stream))
            self._enter(watched)
        watched.audiences = (*watched.audiences, _Audience(stream, unit))

    def stopped(self, stream: Stream, unit: TimeUnit) -> None:
        """Take note that a stream has no subscriber in a time unit any more."""
        watched = self._watched[stream.name]
        for audience in watched.audiences:
            if audience.unit is unit:
                audience.is_gone = True
        watched.audiences = tuple(audience for audience in watched.audiences if not audience.is_gone)
        if not watched.audiences:
            del self._watched[stream.name]
            self._leave(watched)

    # what happens

    def encode(self, applied: Applied) -> list[Message] | None:
        """Return the messages of the real-time streams about an entry, or None when there are none."""
        handlers = self._handlers
        if not handlers:
            return None
        messages: list[Message] = []
        for event in applied.events:
            handler = handlers.get(type(event))
            if handler is not None:
                handler(event, messages)
        if self._first_trades:
            self._tell_aggregates(messages)
        return messages or None

    def deliver(self, messages: list[Message]) -> None:
        """Hand messages out that `encode` or `pulse` made.

        Whoever came after their audience had gone does not hear them: between them and what comes next there would be a gap.
        """
        publish = self._channels.publish
        for audience, payload in messages:
            if not audience.is_gone:
                publish(audience.stream, audience.unit, payload, latest=audience.is_snapshot)

    def pulse(self, now: int) -> None:
        """Push the timed streams of which a boundary was crossed since the last pulse."""
        before = self._now
        # Time never falls, as in the journal: what closed stays closed.
        self._now = max(before, now)
        messages: list[Message] = []
        for speed, streams in self._timed.items():
            if now // speed > before // speed:
                for watched in streams.values():
                    assert watched.source is not None
                    for render in watched.source.due(now):
                        messages += [(audience, render(audience.unit)) for audience in watched.audiences]
        if messages:
            self._outbox.publish(self._counter.last_seq, self.deliver, messages)

    def _source(self, stream: Stream) -> Source | None:
        """Return what makes the messages of a timed stream."""
        context, board, now = self._context, self._board, self._now
        match stream.kind:
            case StreamKind.DEPTH:
                return DiffDepth(stream)
            case StreamKind.PARTIAL_DEPTH:
                return PartialDepth(context, stream)
            case StreamKind.KLINE:
                return Candles(context, stream, now)
            case StreamKind.AVERAGE_PRICE:
                return AveragePrices(context, stream)
            case StreamKind.REFERENCE_PRICE:
                return ReferencePrices(context, stream)
            case StreamKind.MINI_TICKER | StreamKind.TICKER | StreamKind.WINDOW_TICKER:
                return SymbolTicker(board, stream) if stream.symbol else ChangedTickers(board, stream, now)
            case _:
                return None

    def _enter(self, watched: _Watched) -> None:
        stream, source = watched.stream, watched.source
        if source is None:
            self._live[stream.kind][stream.symbol] = watched
            if stream.kind is StreamKind.BOOK_TICKER:
                self._touches[stream.symbol] = self._touch(stream.symbol)
        else:
            self._timed.setdefault(stream.speed, {})[stream.name] = watched
            if isinstance(source, DiffDepth):
                self._diffs.setdefault(stream.symbol, {})[stream.name] = source
        self._choose_handlers()

    def _leave(self, watched: _Watched) -> None:
        stream, source = watched.stream, watched.source
        if source is None:
            del self._live[stream.kind][stream.symbol]
            if stream.kind is StreamKind.BOOK_TICKER:
                self._touches.pop(stream.symbol, None)
        else:
            del self._timed[stream.speed][stream.name]
            if isinstance(source, DiffDepth):
                del self._diffs[stream.symbol][stream.name]
                if not self._diffs[stream.symbol]:
                    del self._diffs[stream.symbol]
        self._choose_handlers()

    def _choose_handlers(self) -> None:
        """Listen to the events that somebody wants to hear of, and then to resets."""
        live = self._live
        handlers: dict[type, Callable[[Any, list[Message]], None]] = {}
        if live[StreamKind.TRADE] or live[StreamKind.AGG_TRADE]:
            handlers[Trade] = self._on_trade
        if live[StreamKind.BLOCK_TRADE]:
            handlers[BlockTrade] = self._on_block_trade
        if live[StreamKind.BOOK_TICKER] or self._diffs:
            handlers[BookDelta] = self._on_delta
        if handlers:
            handlers[WorldReset] = self._on_reset
        self._handlers = handlers

    def _on_trade(self, trade: Trade, messages: list[Message]) -> None:
        symbol = trade.symbol
        watched = self._live[StreamKind.TRADE].get(symbol)
        if watched is not None:
            messages += [(audience, market_events.trade(trade, audience.unit)) for audience in watched.audiences]
        if symbol in self._live[StreamKind.AGG_TRADE]:
            self._first_trades.setdefault(symbol, trade.trade_id)

    def _tell_aggregates(self, messages: list[Message]) -> None:
        """Tell what the entry's trades are together: an aggregate is whole when its entry is."""
        for symbol, first_id in self._first_trades.items():
            watched = self._live[StreamKind.AGG_TRADE][symbol]
            rows = self._context.views.newest_aggregates(symbol, first_id)
            for row, audience in product(rows, watched.audiences):
                messages.append((audience, market_events.aggregate_trade(symbol, row, audience.unit)))
        self._first_trades.clear()

    def _on_block_trade(self, event: BlockTrade, messages: list[Message]) -> None:
        watched = self._live[StreamKind.BLOCK_TRADE].get(event.symbol)
        if watched is not None:
            messages += [(audience, market_events.block_trade(event, audience.unit)) for audience in watched.audiences]

    def _on_delta(self, delta: BookDelta, messages: list[Message]) -> None:
        symbol = delta.symbol
        diffs = self._diffs.get(symbol)
        if diffs is not None:
            for diff in diffs.values():
                diff.note(delta)
        watched = self._live[StreamKind.BOOK_TICKER].get(symbol)
        if watched is not None:
            market = self._context.exchange.markets[symbol]
            touch = touch_of(market)
            if touch != self._touches[symbol]:
                self._touches[symbol] = touch
                payload = market_events.book_ticker(touch, market.book.update_id)
                messages += [(audience, payload) for audience in watched.audiences]

    def _on_reset(self, _event: WorldReset, _messages: list[Message]) -> None:
        """Forget the books of the world that is gone."""
        for symbol in self._touches:
            self._touches[symbol] = self._touch(symbol)
        for diffs in self._diffs.values():
            for diff in diffs.values():
                diff.forget()

    def _touch(self, symbol: str) -> Touch:
        market = self._context.exchange.markets.get(symbol)
        return touch_of(market) if market is not None else Touch(symbol, 0, 0, 0, 0)
