"""The spot market on streams: what every stream of market data says, and when.

Order of work.  Trades and the best bid and ask are told as entries are applied; everything else is made by a source each, at
                the boundaries of its stream's speed. When what leaves: `papernet.protocols.subscriptions.feed`.
Does not.       Tell anything of what other venues trade, under whatever name somebody listens.
Source.         web-socket-streams.md, Detailed Stream information.
"""

from itertools import product
from typing import Final

from papernet.app.eras import TODAY, Era
from papernet.app.outbox import Outbox
from papernet.app.queries import Context
from papernet.app.queries.tickers import touch_of
from papernet.app.queries.values import Touch
from papernet.core.events import Applied, BlockTrade, BookDelta, Trade, WorldReset
from papernet.protocols.json import market_events
from papernet.protocols.streams.candle_feed import symbol_candles
from papernet.protocols.streams.depth_feed import PartialDepth, symbol_changes
from papernet.protocols.streams.names import Stream, StreamKind
from papernet.protocols.streams.price_feed import AveragePrices, ReferencePrices
from papernet.protocols.streams.ticker_feed import ChangedTickers, SymbolTicker, TickerBoard
from papernet.protocols.subscriptions.diff_depth import DiffDepth
from papernet.protocols.subscriptions.feed import (
    EntryCounter,
    Handler,
    Message,
    Publisher,
    Source,
    StreamFeed,
    Watched,
)

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


_Messages = list[Message[Stream]]


class MarketFeed(StreamFeed[Stream]):
    """Makes the messages of all market streams of the spot venue."""

    def __init__(
        self,
        context: Context,
        channels: Publisher[Stream],
        outbox: Outbox,
        counter: EntryCounter,
        now: int,
        era: Era = TODAY,
    ) -> None:
        """Begin at `now`, with nobody listening; trades are told as in `era`."""
        super().__init__(channels, outbox, counter, now)
        self._write_trade: Final = market_events.trade if era.trades_without_order_ids else market_events.trade_with_orders
        self._context: Final = context
        self._board: Final = TickerBoard(context)
        # real-time streams by kind and symbol
        self._live: Final[dict[StreamKind, dict[str, Watched[Stream]]]] = {kind: {} for kind in _REAL_TIME}
        self._diffs: Final[dict[str, dict[str, DiffDepth]]] = {}
        # the best bid and ask that subscribers know of
        self._touches: Final[dict[str, Touch]] = {}
        # by symbol, where its trades of the running entry begin
        self._first_trades: Final[dict[str, int]] = {}

    def encode(self, applied: Applied) -> _Messages | None:
        """Return the messages of the real-time streams about an entry, or None when there are none."""
        messages = super().encode(applied)
        return self._with_aggregates(messages or []) if self._first_trades else messages

    def _is_snapshot(self, stream: Stream) -> bool:
        return is_snapshot(stream)

    def _source(self, stream: Stream) -> Source | None:
        """Return what makes the messages of a timed stream."""
        context, board, now = self._context, self._board, self._now
        match stream.kind:
            case StreamKind.DEPTH:
                return symbol_changes(stream)
            case StreamKind.PARTIAL_DEPTH:
                return PartialDepth(context, stream)
            case StreamKind.KLINE:
                return symbol_candles(context, stream, now)
            case StreamKind.AVERAGE_PRICE:
                return AveragePrices(context, stream)
            case StreamKind.REFERENCE_PRICE:
                return ReferencePrices(context, stream)
            case StreamKind.MINI_TICKER | StreamKind.TICKER | StreamKind.WINDOW_TICKER:
                return SymbolTicker(board, stream) if stream.symbol else ChangedTickers(board, stream, now)
            case _:
                return None

    def _entered(self, watched: Watched[Stream]) -> None:
        stream, source = watched.stream, watched.source
        if source is None:
            self._live[stream.kind][stream.symbol] = watched
            if stream.kind is StreamKind.BOOK_TICKER:
                self._touches[stream.symbol] = self._touch(stream.symbol)
        elif isinstance(source, DiffDepth):
            self._diffs.setdefault(stream.symbol, {})[stream.name] = source
        self._choose_handlers()

    def _left(self, watched: Watched[Stream]) -> None:
        stream, source = watched.stream, watched.source
        if source is None:
            del self._live[stream.kind][stream.symbol]
            if stream.kind is StreamKind.BOOK_TICKER:
                self._touches.pop(stream.symbol, None)
        elif isinstance(source, DiffDepth):
            del self._diffs[stream.symbol][stream.name]
            if not self._diffs[stream.symbol]:
                del self._diffs[stream.symbol]
        self._choose_handlers()

    def _choose_handlers(self) -> None:
        """Listen to the events that somebody wants to hear of, and then to resets."""
        live = self._live
        handlers: dict[type, Handler[Stream]] = {}
        if live[StreamKind.TRADE] or live[StreamKind.AGG_TRADE]:
            handlers[Trade] = self._on_trade
        if live[StreamKind.BLOCK_TRADE]:
            handlers[BlockTrade] = self._on_block_trade
        if live[StreamKind.BOOK_TICKER] or self._diffs:
            handlers[BookDelta] = self._on_delta
        if handlers:
            handlers[WorldReset] = self._on_reset
        self._handlers = handlers

    def _on_trade(self, trade: Trade, messages: _Messages) -> None:
        symbol = trade.symbol
        if not self._is_listed(symbol):
            return
        watched = self._live[StreamKind.TRADE].get(symbol)
        if watched is not None:
            messages += [(audience, self._write_trade(trade, audience.unit)) for audience in watched.audiences]
        if symbol in self._live[StreamKind.AGG_TRADE]:
            self._first_trades.setdefault(symbol, trade.trade_id)

    def _with_aggregates(self, messages: _Messages) -> _Messages:
        """Add what the entry's trades are together: an aggregate is whole when its entry is."""
        for symbol, first_id in self._first_trades.items():
            watched = self._live[StreamKind.AGG_TRADE][symbol]
            rows = self._context.views.newest_aggregates(symbol, first_id)
            for row, audience in product(rows, watched.audiences):
                messages.append((audience, market_events.aggregate_trade(symbol, row, audience.unit)))
        self._first_trades.clear()
        return messages

    def _on_block_trade(self, event: BlockTrade, messages: _Messages) -> None:
        watched = self._live[StreamKind.BLOCK_TRADE].get(event.symbol)
        if watched is not None and self._is_listed(event.symbol):
            messages += [(audience, market_events.block_trade(event, audience.unit)) for audience in watched.audiences]

    def _on_delta(self, delta: BookDelta, messages: _Messages) -> None:
        symbol = delta.symbol
        if not self._is_listed(symbol):
            return
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

    def _on_reset(self, _event: WorldReset, _messages: _Messages) -> None:
        """Forget the books of the world that is gone."""
        for symbol in self._touches:
            self._touches[symbol] = self._touch(symbol)
        for diffs in self._diffs.values():
            for diff in diffs.values():
                diff.forget()

    def _is_listed(self, symbol: str) -> bool:
        """Whether a symbol is one of the spot venue: the events of contracts are alike."""
        return symbol in self._context.exchange.markets

    def _touch(self, symbol: str) -> Touch:
        market = self._context.exchange.markets.get(symbol)
        return touch_of(market) if market is not None else Touch(symbol, 0, 0, 0, 0)
