"""The options market on streams: what every stream of market data says, and when.

Order of work.  Trades, new contracts and the best bid and ask are told as entries are applied, sooner than the 50 milliseconds
                that the documents allow; everything else is made by a source each, at the boundaries of its stream's speed.
                When what leaves: `papernet.protocols.subscriptions.feed`.
Attention.      Contracts are marked and quoted for whoever looks at them. Once a second, and soon after somebody subscribed,
                `attend` hears which are looked at, before what is due is made.
Does not.       Tell anything of what other venues trade, under whatever name somebody listens.
Source.         European Options: Websocket Market Streams, both generations.
"""

from collections.abc import Callable, Iterable
from typing import Final, TypeVar

from papernet.app.operations import TimeUnit
from papernet.app.operations.options import Generation
from papernet.app.outbox import Outbox
from papernet.app.queries import Context
from papernet.app.queries.tickers import touch_of_book
from papernet.app.queries.values import Touch
from papernet.core.dates import SECOND
from papernet.core.events import BlockTrade, BookDelta, ContractsListed, Trade, WorldReset
from papernet.protocols.option_streams.chain import Chain
from papernet.protocols.option_streams.market_writers import MARKET_WRITERS
from papernet.protocols.option_streams.names import Of, OptionStream, StreamKind
from papernet.protocols.option_streams.sources import TopOfBook, source_of
from papernet.protocols.option_streams.values import Print, print_of, print_of_block
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
from papernet.venues.options.contracts import Underlying

# Of those that wait for a slow reader the newest will do. The tickers of an expiry hold only what changed.
_SNAPSHOTS: Final = (
    StreamKind.PARTIAL_DEPTH,
    StreamKind.TICKER,
    StreamKind.MARKS,
    StreamKind.OPEN_INTEREST,
    StreamKind.INDEX,
    StreamKind.INDEXES,
)
# What shows quotes or marks of single contracts, which there are because somebody looks. What shows those of many contracts
# at once, shows what makers would say of them.
_LOOKS: Final = (
    StreamKind.BOOK_TICKER,
    StreamKind.DEPTH,
    StreamKind.PARTIAL_DEPTH,
    StreamKind.TICKER,
)

# Hears which contracts somebody looks at, and when.
Attend = Callable[[Iterable[str], int], None]

_Messages = list[Message[OptionStream]]
_Watched = Watched[OptionStream]
_Key = TypeVar("_Key")
_Kept = TypeVar("_Kept")


def is_snapshot(stream: OptionStream) -> bool:
    """Whether a push of a stream makes the one before it worthless."""
    return stream.kind in _SNAPSHOTS


class OptionFeed(StreamFeed[OptionStream]):
    """Makes the messages of all market streams of the options venue, in one generation."""

    def __init__(
        self,
        context: Context,
        channels: Publisher[OptionStream],
        outbox: Outbox,
        counter: EntryCounter,
        now: int,
        *,
        generation: Generation,
        attend: Attend | None = None,
    ) -> None:
        """Begin at `now`, with nobody listening."""
        super().__init__(channels, outbox, counter, now)
        self._chain: Final = Chain(context)
        self._writers: Final = MARKET_WRITERS[generation]
        self._attend: Final = attend
        # Whether somebody came since `attend` heard last.
        self._has_news: bool = False
        # trades by whose they are and the subject, best bids and asks by contract, new contracts by name
        self._prints: Final[dict[tuple[Of, str], dict[str, _Watched]]] = {}
        self._touch_streams: Final[dict[str, dict[str, _Watched]]] = {}
        self._listings: Final[dict[str, _Watched]] = {}
        # the best bid and ask that subscribers know of
        self._touches: Final[dict[str, Touch]] = {}
        # what notes the changes of a contract's book, by contract and name
        self._books: Final[dict[str, dict[str, DiffDepth | TopOfBook]]] = {}

    def pulse(self, now: int) -> None:
        """Push the timed streams of which a boundary was crossed since the last pulse."""
        if self._attend is not None and (self._has_news or now // SECOND > self._now // SECOND):
            self._has_news = False
            symbols = self.looked_at()
            if symbols:
                self._attend(symbols, now)
        super().pulse(now)

    def next_push(self, at: int) -> int | None:
        """Return the next moment after `at` at which something is pushed; quotes are others every second."""
        pushed = super().next_push(at)
        second = (at // SECOND + 1) * SECOND if self._watched else None
        return second if pushed is None else min(pushed, second or pushed)

    def looked_at(self) -> list[str]:
        """Return the contracts whose quotes or marks somebody listens to, each once."""
        streams = [watched.stream for watched in self._watched.values() if watched.stream.kind in _LOOKS]
        found = {market.contract.symbol: None for stream in streams for market in self._chain.markets(stream)}
        return list(found)

    def started(self, stream: OptionStream, unit: TimeUnit) -> None:
        """Take note that a stream has its first subscriber."""
        super().started(stream, unit)
        self._has_news = True

    def _is_snapshot(self, stream: OptionStream) -> bool:
        return is_snapshot(stream)

    def _source(self, stream: OptionStream) -> Source | None:
        return source_of(self._chain, stream, self._now, self._writers)

    def _entered(self, watched: _Watched) -> None:
        stream, source = watched.stream, watched.source
        name, subject = stream.name, stream.subject
        if isinstance(source, DiffDepth | TopOfBook):
            self._books.setdefault(subject, {})[name] = source
        elif stream.kind is StreamKind.TRADE:
            self._prints.setdefault((stream.form.of, subject), {})[name] = watched
        elif stream.kind is StreamKind.BOOK_TICKER:
            self._touch_streams.setdefault(subject, {})[name] = watched
            self._touches.setdefault(subject, self._touch(subject))
        elif stream.kind is StreamKind.NEW_CONTRACT:
            self._listings[name] = watched
        self._choose_handlers()

    def _left(self, watched: _Watched) -> None:
        stream = watched.stream
        name, subject = stream.name, stream.subject
        if isinstance(watched.source, DiffDepth | TopOfBook):
            _drop(self._books, subject, name)
        elif stream.kind is StreamKind.TRADE:
            _drop(self._prints, (stream.form.of, subject), name)
        elif stream.kind is StreamKind.BOOK_TICKER:
            _drop(self._touch_streams, subject, name)
            if subject not in self._touch_streams:
                del self._touches[subject]
        elif stream.kind is StreamKind.NEW_CONTRACT:
            del self._listings[name]
        self._choose_handlers()

    def _choose_handlers(self) -> None:
        """Listen to the events that somebody wants to hear of, and then to resets."""
        handlers: dict[type, Handler[OptionStream]] = {}
        if self._prints:
            handlers[Trade] = self._on_trade
            handlers[BlockTrade] = self._on_block_trade
        if self._touch_streams or self._books:
            handlers[BookDelta] = self._on_delta
        if self._listings:
            handlers[ContractsListed] = self._on_listed
        if handlers:
            handlers[WorldReset] = self._on_reset
        self._handlers = handlers

    def _on_trade(self, trade: Trade, messages: _Messages) -> None:
        underlying = self._chain.underlying_of(trade.symbol)
        if underlying is not None:
            self._tell_print(print_of(trade, self._chain.terms(trade.symbol)), underlying, messages)

    def _on_block_trade(self, trade: BlockTrade, messages: _Messages) -> None:
        underlying = self._chain.underlying_of(trade.symbol)
        if underlying is not None:
            self._tell_print(print_of_block(trade, self._chain.terms(trade.symbol)), underlying, messages)

    def _tell_print(self, row: Print, underlying: Underlying, messages: _Messages) -> None:
        keys = (Of.CONTRACT, row.terms.symbol), (Of.UNDERLYING, underlying.name), (Of.ASSET, underlying.base_asset)
        wanted = [watched for key in keys for watched in self._prints.get(key, {}).values()]
        if wanted:
            payload = self._writers.trade(row)
            messages += [(audience, payload) for watched in wanted for audience in watched.audiences]

    def _on_delta(self, delta: BookDelta, messages: _Messages) -> None:
        symbol = delta.symbol
        market = self._chain.venue.markets.get(symbol)
        if market is None:
            # Another venue's, or a contract that expired in the same entry.
            return
        for book in self._books.get(symbol, {}).values():
            book.note(delta)
        streams = self._touch_streams.get(symbol)
        if streams is None:
            return
        touch = touch_of_book(symbol, market.book)
        if touch != self._touches[symbol]:
            self._touches[symbol] = touch
            payload = self._writers.book_ticker(self._chain.terms(symbol), touch, market.book.update_id, delta.at)
            messages += [(audience, payload) for watched in streams.values() for audience in watched.audiences]

    def _on_listed(self, event: ContractsListed, messages: _Messages) -> None:
        for symbol in event.symbols:
            market = self._chain.venue.markets.get(symbol)
            if market is not None:
                payload = self._writers.new_contract(market.contract, market.underlying, event.at)
                messages += [(audience, payload) for watched in self._listings.values() for audience in watched.audiences]

    def _on_reset(self, _event: WorldReset, _messages: _Messages) -> None:
        """Forget the books of the world that is gone."""
        for symbol in self._touches:
            self._touches[symbol] = self._touch(symbol)
        for books in self._books.values():
            for book in books.values():
                book.forget()

    def _touch(self, symbol: str) -> Touch:
        market = self._chain.venue.markets.get(symbol)
        return Touch(symbol, 0, 0, 0, 0) if market is None else touch_of_book(symbol, market.book)


def _drop(streams: dict[_Key, dict[str, _Kept]], key: _Key, name: str) -> None:
    """Take a stream out of those of a key, and the key when that was the last."""
    del streams[key][name]
    if not streams[key]:
        del streams[key]
