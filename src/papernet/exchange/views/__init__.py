"""Folds of events that answer queries: public trades, candles, tickers, closed orders, fills and what else became of orders.

Order of work.  `fold` takes in every applied entry, in order. What has become final waits; `take` hands it out as a batch,
                the server writes that to the archive, `confirm` lets memory go of it. Queries are given the archive and look
                there only for what has left memory, so an answer does not depend on when batches were taken.
Invariant.      The views are a function of the events alone. A snapshot is a function of the events and of what the archive
                lacks; with nothing waiting, of the events alone, whatever the hash seed. At most one batch is under way.
Checkpoints.    A snapshot holds what waits, so it needs an archive that has every batch confirmed before it: the archive is
                synced before the checkpoint counts.
Does not.       Know open orders, books and balances: those are the exchange's state. Touch files or wait.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final

from msgspec import Struct, msgpack

from papernet.core.enums import AccountKind
from papernet.core.events import (
    AccountOpened,
    Allocation,
    Applied,
    Bill,
    BlockFill,
    BlockOrderChanged,
    BlockOrderRecord,
    BlockTrade,
    CandlesSeeded,
    ContractSettled,
    ExecutionReport,
    OptionRecord,
    OptionReport,
    OrderAmended,
    OrderListChanged,
    OrderListRecord,
    PositionExercised,
    PreventedMatch,
    Trade,
    WorldReset,
)
from papernet.core.order import OrderRecord
from papernet.exchange.views import candles as candle_views
from papernet.exchange.views import tickers as ticker_views
from papernet.exchange.views.bars import Bars, BarsState
from papernet.exchange.views.candles import Interval
from papernet.exchange.views.history import History
from papernet.exchange.views.records import (
    RESOLUTIONS,
    AggregateTrade,
    Batch,
    Candle,
    ClosedOrder,
    Fill,
    Kept,
    OptionFill,
    Past,
    PublicTrade,
    R,
    Record,
    Wanted,
    WindowStats,
)
from papernet.exchange.views.shelf import ALL_SYMBOLS, EVERYBODY, NO_ORDER, PLACES, Shelf
from papernet.exchange.views.trades import Tape, TapeState

__all__ = ["AggregateTrade", "Batch", "Candle", "Fill", "Interval", "Past", "PublicTrade", "Views", "WindowStats"]

SNAPSHOT_VERSION: Final = 2
# Letting go of a batch is a pause, so a backlog leaves piece by piece; a busy second has fewer rows than this.
BATCH_ROWS: Final = 20_000

_CROWD: Final = AccountKind.CROWD


class _SymbolState(Struct, frozen=True, array_like=True):
    symbol: str
    tape: TapeState
    bars: BarsState


class _Version(Struct, frozen=True, array_like=True):
    """How every snapshot begins."""

    version: int


class _State(Struct, frozen=True, array_like=True):
    """Everything the views hold; whatever is keyed stands sorted by its key."""

    version: int
    seq: int
    clear_before: int
    crowd: list[int]
    orders: list[ClosedOrder]
    fills: list[Fill]
    records: list[Kept[Record]]
    symbols: list[_SymbolState]


def _by_number(
    kind: type[R], account: int, symbol: str, from_id: int | None, start: int | None, end: int | None, limit: int
) -> Wanted[R]:
    """Return what is wanted of options' records: from a number or a time on the oldest, else the newest."""
    newest = from_id is None and start is None
    return Wanted(kind, account, symbol, limit, low=from_id or 0, start=start, end=end, newest=newest)


class Views:
    """All views of one exchange. `seq` is the newest entry taken in."""

    def __init__(self) -> None:
        """Make the views of an exchange in which nothing has happened."""
        self.seq: int = 0
        # The entry that last reset the world, while the archive does not know of it; otherwise 0.
        self._clear_before: int = 0
        # An ordered set of the simulated crowd's accounts. Accounts outlive resets.
        self._crowd: Final[dict[int, None]] = {}
        self._history: Final = History(self._crowd)
        self._shelf: Final = Shelf(self._crowd)
        self._tapes: Final[dict[str, Tape]] = {}
        self._bars: Final[dict[str, Bars]] = {}
        self._under_way: Batch | None = None
        self._handlers: Final[dict[type, Callable[[Any, int], None]]] = {
            ExecutionReport: self._history.add,
            Trade: self._on_trade,
            CandlesSeeded: self._on_seed,
            AccountOpened: self._on_account,
            WorldReset: self._on_reset,
            **dict.fromkeys(PLACES, self._shelf.add),
        }

    def fold(self, applied: Applied) -> None:
        """Take in what an entry brought about."""
        seq = applied.seq
        handlers = self._handlers
        for event in applied.events:
            handler = handlers.get(type(event))
            if handler is not None:
                handler(event, seq)
        self.seq = seq

    # what the public asks

    def recent_trades(self, symbol: str, limit: int) -> list[PublicTrade]:
        """Return the newest trades, oldest first (rest-api.md, Recent trades list)."""
        tape = self._tapes.get(symbol)
        return tape.recent(limit) if tape is not None else []

    def historical_trades(self, symbol: str, from_id: int | None, limit: int, archive: Past) -> list[PublicTrade]:
        """Return trades from an id on, or the newest (rest-api.md, Old trade lookup)."""
        tape = self._tapes.get(symbol)
        return tape.historical(from_id, limit, self._past(archive)) if tape is not None else []

    def aggregate_trades(
        self, symbol: str, from_id: int | None, start: int | None, end: int | None, limit: int, archive: Past
    ) -> list[AggregateTrade]:
        """Return aggregate trades by id and time (rest-api.md, Compressed/Aggregate trades list)."""
        tape = self._tapes.get(symbol)
        return tape.aggregates(from_id, start, end, limit, self._past(archive)) if tape is not None else []

    def newest_aggregates(self, symbol: str, from_id: int) -> list[AggregateTrade]:
        """Return the aggregates that the newest entry made, whose trades of the symbol begin with `from_id`."""
        return self._tapes[symbol].newest_aggregates(from_id)

    def candles(
        self,
        symbol: str,
        interval: Interval,
        zone: int,
        start: int | None,
        end: int | None,
        limit: int,
        now: int,
        archive: Past,
    ) -> list[Candle]:
        """Return candles in a zone `zone` microseconds east of UTC (rest-api.md, Kline/Candlestick data)."""
        bars = self._bars.get(symbol)
        if bars is None:
            return []
        return candle_views.candles(bars, interval, zone, start, end, limit, now, self._past(archive))

    def day_ticker(self, symbol: str, now: int, archive: Past) -> WindowStats:
        """Return the statistics of the 24 hours up to now (rest-api.md, 24hr ticker price change statistics)."""
        return ticker_views.day_ticker(self._bars_of(symbol), self._last_trade(symbol), now, self._past(archive))

    def window_ticker(self, symbol: str, window: int, now: int, archive: Past) -> WindowStats:
        """Return the statistics of the last `window` microseconds (rest-api.md, Rolling window price change statistics)."""
        return ticker_views.window_ticker(self._bars_of(symbol), self._last_trade(symbol), window, now, self._past(archive))

    def trading_day_ticker(self, symbol: str, zone: int, now: int, archive: Past) -> WindowStats:
        """Return the statistics of the running day of a zone (rest-api.md, Trading Day Ticker)."""
        bars = self._bars_of(symbol)
        return ticker_views.trading_day_ticker(bars, self._last_trade(symbol), zone, now, self._past(archive))

    # what users ask

    def order(self, account: int, symbol: str, order_id: int, archive: Past) -> OrderRecord | None:
        """Return a closed order of a user by its id."""
        return self._history.order(account, symbol, order_id, self._past(archive))

    def order_by_client_id(self, account: int, symbol: str, client_order_id: str, archive: Past) -> OrderRecord | None:
        """Return the closed order of a user that ended with this client order id, of several the one that ended last."""
        return self._history.order_by_client_id(account, symbol, client_order_id, self._past(archive))

    def orders(
        self,
        account: int,
        symbol: str,
        open_orders: Iterable[OrderRecord],
        *,
        from_id: int | None = None,
        start: int | None = None,
        end: int | None = None,
        limit: int,
        archive: Past,
    ) -> list[OrderRecord]:
        """Return a user's orders on a symbol, the given open ones and the closed ones, by id (rest-api.md, All orders)."""
        return self._history.list_orders(
            account, symbol, open_orders, from_id=from_id, start=start, end=end, limit=limit, past=self._past(archive)
        )

    def fills(
        self,
        account: int,
        symbol: str,
        *,
        order_id: int | None = None,
        from_id: int | None = None,
        start: int | None = None,
        end: int | None = None,
        limit: int,
        archive: Past,
    ) -> list[Fill]:
        """Return a user's fills on a symbol, by trade id (rest-api.md, Account trade list)."""
        return self._history.list_fills(
            account, symbol, order_id=order_id, from_id=from_id, start=start, end=end, limit=limit, past=self._past(archive)
        )

    def order_list(self, account: int, order_list_id: int, archive: Past) -> OrderListRecord | None:
        """Return an order list of a user that has ended, by its id."""
        wanted = Wanted(OrderListChanged, account, ALL_SYMBOLS, 1, low=order_list_id, high=order_list_id + 1)
        found = self._shelf.find(wanted, self._past(archive))
        return found[0].record if found else None

    def order_list_by_client_id(self, account: int, list_client_order_id: str, archive: Past) -> OrderListRecord | None:
        """Return the order list of a user that had this client order id, of those that have ended the one that ended last."""
        past = self._past(archive)
        found = self._shelf.named(OrderListChanged, account, ALL_SYMBOLS, list_client_order_id, past)
        return found.record if found is not None else None

    def order_lists(
        self,
        account: int,
        open_lists: Iterable[OrderListRecord],
        *,
        from_id: int | None = None,
        start: int | None = None,
        end: int | None = None,
        limit: int,
        archive: Past,
    ) -> list[OrderListRecord]:
        """Return a user's order lists, the given open ones and those that have ended, by id.

        rest-api.md, Query all Order lists; times are of their placement. From `from_id` or `start` the oldest, else the newest.
        """
        low, newest = from_id or 0, from_id is None and start is None
        wanted = Wanted(OrderListChanged, account, ALL_SYMBOLS, limit, low=low, start=start, end=end, newest=newest)
        lists = {event.record.order_list_id: event.record for event in self._shelf.find(wanted, self._past(archive))}
        for record in open_lists:
            created_at = record.created_at
            if record.order_list_id >= low and (start is None or created_at >= start) and (end is None or created_at <= end):
                lists[record.order_list_id] = record
        ids = sorted(lists)
        return [lists[order_list_id] for order_list_id in (ids[-limit:] if newest else ids[:limit])]

    def amendments(
        self, account: int, symbol: str, order_id: int, from_exec_id: int | None, limit: int, archive: Past
    ) -> list[OrderAmended]:
        """Return the amendments of a user's order, oldest first (rest-api.md, Query Order Amendments)."""
        wanted = Wanted(OrderAmended, account, symbol, limit, order_id, from_exec_id or 0)
        return self._shelf.find(wanted, self._past(archive))

    def prevented_matches(
        self,
        account: int,
        symbol: str,
        *,
        prevented_match_id: int | None = None,
        order_id: int | None = None,
        from_id: int | None = None,
        limit: int,
        archive: Past,
    ) -> list[PreventedMatch]:
        """Return matches that a user's orders on a symbol were kept from, oldest first (rest-api.md, Query Prevented Matches).

        A match is found from both of its orders; under its id, on the symbol of either.
        """
        low, high = from_id or 0, None
        if prevented_match_id is not None:
            low, high = max(low, prevented_match_id), prevented_match_id + 1
        # One that is not asked for by its order may be there once for each.
        wanted = Wanted(PreventedMatch, account, symbol, 2 * limit, order_id, low, high)
        return list(dict.fromkeys(self._shelf.find(wanted, self._past(archive))))[:limit]

    def allocations(
        self,
        account: int,
        symbol: str,
        *,
        order_id: int | None = None,
        from_id: int | None = None,
        start: int | None = None,
        end: int | None = None,
        limit: int,
        archive: Past,
    ) -> list[Allocation]:
        """Return what smart order routing gave a user's orders on a symbol, by id (rest-api.md, Query Allocations).

        The oldest, unless all that is given is an end.
        """
        newest = end is not None and start is None and from_id is None
        wanted = Wanted(Allocation, account, symbol, limit, order_id, low=from_id or 0, start=start, end=end, newest=newest)
        return self._shelf.find(wanted, self._past(archive))

    def block_trades(self, symbol: str, from_id: int, limit: int, archive: Past) -> list[BlockTrade]:
        """Return block trades from an id on, oldest first (rest-api.md, Historical Block Trades)."""
        return self._shelf.find(Wanted(BlockTrade, EVERYBODY, symbol, limit, low=from_id), self._past(archive))

    # what users and the public ask about options

    def option_order(self, account: int, symbol: str, order_id: int, archive: Past) -> OptionRecord | None:
        """Return an ended order of a user on a contract by its id."""
        wanted = Wanted(OptionReport, account, symbol, 1, NO_ORDER, order_id, order_id + 1)
        found = self._shelf.find(wanted, self._past(archive))
        return found[0].record if found else None

    def option_order_by_client_id(self, account: int, symbol: str, client_order_id: str, archive: Past) -> OptionRecord | None:
        """Return the ended order of a user on a contract with this client order id, of several the one that ended last."""
        found = self._shelf.named(OptionReport, account, symbol, client_order_id, self._past(archive))
        return found.record if found is not None else None

    def option_orders(
        self,
        account: int,
        symbol: str,
        *,
        from_id: int | None = None,
        start: int | None = None,
        end: int | None = None,
        limit: int,
        archive: Past,
    ) -> list[OptionRecord]:
        """Return a user's ended orders on a contract, by id (Query Option Order History); times are of their placement."""
        wanted = _by_number(OptionReport, account, symbol, from_id, start, end, limit)
        return [report.record for report in self._shelf.find(wanted, self._past(archive))]

    def option_fills(
        self,
        account: int,
        symbol: str | None,
        *,
        from_id: int | None = None,
        start: int | None = None,
        end: int | None = None,
        limit: int,
        archive: Past,
    ) -> list[OptionFill]:
        """Return a user's fills on a contract (None: all), by fill id (Account Trade List)."""
        wanted = _by_number(OptionFill, account, symbol or ALL_SYMBOLS, from_id, start, end, limit)
        return self._shelf.find(wanted, self._past(archive))

    def bills(
        self,
        account: int,
        *,
        from_id: int | None = None,
        start: int | None = None,
        end: int | None = None,
        limit: int,
        archive: Past,
    ) -> list[Bill]:
        """Return what changed the balance of a user's options wallet, by id (Account Funding Flow)."""
        wanted = _by_number(Bill, account, ALL_SYMBOLS, from_id, start, end, limit)
        return self._shelf.find(wanted, self._past(archive))

    def exercises(
        self,
        account: int,
        symbol: str | None,
        *,
        start: int | None = None,
        end: int | None = None,
        limit: int,
        archive: Past,
    ) -> list[PositionExercised]:
        """Return a user's positions on a contract (None: all) that ended with it, by id (User Exercise Record)."""
        wanted = _by_number(PositionExercised, account, symbol or ALL_SYMBOLS, None, start, end, limit)
        return self._shelf.find(wanted, self._past(archive))

    def settlements(
        self, underlying: str | None, *, start: int | None = None, end: int | None = None, limit: int, archive: Past
    ) -> list[ContractSettled]:
        """Return the contracts of an underlying (None: all) that expired from `start` to `end`, by expiry and name."""
        wanted = _by_number(ContractSettled, EVERYBODY, underlying or ALL_SYMBOLS, None, start, end, limit)
        return self._shelf.find(wanted, self._past(archive))

    def block_orders(
        self, account: int, *, start: int | None = None, end: int | None = None, limit: int, archive: Past
    ) -> list[BlockOrderRecord]:
        """Return the block orders of a user, as creator or counterparty, that have ended, by when they were created."""
        wanted = _by_number(BlockOrderChanged, account, ALL_SYMBOLS, None, start, end, limit)
        return [event.record for event in self._shelf.find(wanted, self._past(archive))]

    def block_order(self, account: int, key: str, archive: Past) -> BlockOrderRecord | None:
        """Return a block order of a user, as creator or counterparty, that has ended."""
        found = self._shelf.named(BlockOrderChanged, account, ALL_SYMBOLS, key, self._past(archive))
        return found.record if found is not None else None

    def block_fills(
        self, account: int, *, start: int | None = None, end: int | None = None, limit: int, archive: Past
    ) -> list[BlockFill]:
        """Return a user's sides of block trades of options, by fill id (Account Block Trade List)."""
        wanted = _by_number(BlockFill, account, ALL_SYMBOLS, None, start, end, limit)
        return self._shelf.find(wanted, self._past(archive))

    def newest_block_trades(self, symbol: str | None, limit: int, archive: Past) -> list[BlockTrade]:
        """Return the newest block trades of a contract (None: of all), oldest first (Recent Block Trades List)."""
        wanted = Wanted(BlockTrade, EVERYBODY, symbol or ALL_SYMBOLS, limit, newest=True)
        return self._shelf.find(wanted, self._past(archive))

    # what the server does

    def take(self, through: int | None = None) -> Batch | None:
        """Return what the archive lacks of entries up to `through` (None: all), or None when that is nothing.

        Rows of entries that are not durable must not be archived, so `through` is the newest durable entry. A batch has
        about `BATCH_ROWS` rows a kind and symbol at most; there may be more for the next. It is under way until `confirm` or
        `give_back`.
        """
        assert self._under_way is None
        last = self._batch_end(self.seq if through is None else min(through, self.seq))
        if last < self._clear_before:
            return None
        orders, fills = self._history.take(last)
        records = self._shelf.take(last)
        trades = tuple((symbol, rows) for symbol, tape in self._tapes.items() if (rows := tape.tail.take(last)))
        bars = tuple(
            (symbol, RESOLUTIONS[level], closed)
            for symbol, kept in self._bars.items()
            for level, tail in enumerate(kept.tails)
            if (closed := tail.take(last))
        )
        if not (orders or fills or records or trades or bars or self._clear_before):
            return None
        self._under_way = Batch(last, self._clear_before, orders, fills, trades, bars, records)
        return self._under_way

    def confirm(self, batch: Batch) -> None:
        """Note that the archive has a batch, and let go of what is kept only for it."""
        assert batch is self._under_way
        self._under_way = None
        if batch.seq < self._clear_before:
            # The world was reset meanwhile: nothing of the batch is left here, and the next one clears it there.
            return
        self._clear_before = 0
        self._history.confirm()
        self._shelf.confirm()
        for tape in self._tapes.values():
            tape.tail.confirm()
        for bars in self._bars.values():
            for tail in bars.tails:
                tail.confirm()

    def give_back(self, batch: Batch) -> None:
        """Note that a batch could not be written; its rows will be in the next one."""
        assert batch is self._under_way
        self._under_way = None

    def snapshot(self) -> bytes:
        """Return everything the views hold, for `restore`."""
        symbols = [
            _SymbolState(symbol, self._tapes[symbol].state(), self._bars[symbol].state()) for symbol in sorted(self._tapes)
        ]
        history, records, crowd = self._history, self._shelf.rows, sorted(self._crowd)
        state = _State(SNAPSHOT_VERSION, self.seq, self._clear_before, crowd, history.orders, history.fills, records, symbols)
        return msgpack.encode(state)

    @staticmethod
    def restore(data: bytes) -> "Views":
        """Return the views of a snapshot; raises msgspec.ValidationError or ValueError when the bytes are none."""
        version = msgpack.decode(data, type=_Version).version
        if version != SNAPSHOT_VERSION:
            message = f"a snapshot of the views of version {version} cannot be read, only {SNAPSHOT_VERSION}"
            raise ValueError(message)
        state = msgpack.decode(data, type=_State)
        views = Views()
        views.seq = state.seq
        views._clear_before = state.clear_before
        views._crowd.update(dict.fromkeys(state.crowd))
        views._history.orders.extend(state.orders)
        views._history.fills.extend(state.fills)
        views._shelf.rows.extend(state.records)
        for row in state.symbols:
            views._tapes[row.symbol] = Tape(row.symbol, row.tape)
            views._bars[row.symbol] = Bars(row.symbol, row.bars)
        return views

    def _batch_end(self, last: int) -> int:
        last = self._shelf.batch_end(BATCH_ROWS, self._history.batch_end(BATCH_ROWS, last))
        for tape in self._tapes.values():
            last = tape.tail.batch_end(BATCH_ROWS, last)
        for bars in self._bars.values():
            for tail in bars.tails:
                last = tail.batch_end(BATCH_ROWS, last)
        return last

    def _past(self, archive: Past) -> Past | None:
        """Return the archive, but not while all it has is of a world that is gone."""
        return None if self._clear_before else archive

    def _bars_of(self, symbol: str) -> Bars:
        bars = self._bars.get(symbol)
        return bars if bars is not None else Bars(symbol)

    def _last_trade(self, symbol: str) -> PublicTrade | None:
        tape = self._tapes.get(symbol)
        return tape.last() if tape is not None else None

    def _add_symbol(self, symbol: str) -> Tape:
        self._bars[symbol] = Bars(symbol)
        tape = self._tapes[symbol] = Tape(symbol)
        return tape

    def _on_trade(self, trade: Trade, seq: int) -> None:
        symbol = trade.symbol
        tape = self._tapes.get(symbol)
        if tape is None:
            tape = self._add_symbol(symbol)
        tape.add(trade, seq)
        self._bars[symbol].add(trade, seq)

    def _on_seed(self, event: CandlesSeeded, seq: int) -> None:
        symbol = event.seed.symbol
        if symbol not in self._tapes:
            self._add_symbol(symbol)
        self._bars[symbol].seed(event, seq)

    def _on_account(self, event: AccountOpened, _seq: int) -> None:
        if event.kind is _CROWD:
            self._crowd[event.account] = None

    def _on_reset(self, _event: WorldReset, seq: int) -> None:
        self._clear_before = seq
        self._history.clear()
        self._shelf.clear()
        self._tapes.clear()
        self._bars.clear()
