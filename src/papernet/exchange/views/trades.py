"""Public trades and aggregate trades of one symbol.

Order of work.  Each trade is given the number of the aggregate it belongs to and appended; aggregates are put together when
                somebody asks. A taker order takes once, so the trades of an aggregate follow each other within one entry and
                an aggregate never grows after it.
Ids.            Aggregate ids count from 0 per symbol without gaps. Trades that only candles tell of (a seeded past) have ids
                but no rows: a query begins at the first real trade after them.
Does not.       Know users: every trade is here, whoever made it.
Source.         rest-api.md: Recent trades list, Old trade lookup, Compressed/Aggregate trades list, General API Information.
"""

from bisect import bisect_left
from operator import attrgetter
from typing import Final

from msgspec import Struct

from papernet.core.events import Trade
from papernet.exchange.views.records import AggregateTrade, Past, PublicTrade
from papernet.exchange.views.tail import Tail, TailState

KEEP_TRADES: Final = 1_000

_ID: Final = attrgetter("trade_id")
_AGGREGATE: Final = attrgetter("aggregate_id")
_AT: Final = attrgetter("at")


class TapeState(Struct, frozen=True, array_like=True):
    """A tape as a snapshot holds it."""

    aggregate_id: int
    taker_order_id: int
    price: int
    tail: TailState[PublicTrade]


class Tape:
    """All trades of a symbol, the newest in memory."""

    __slots__ = ("_aggregate_id", "_price", "_rows", "_taker_order_id", "symbol", "tail")

    def __init__(self, symbol: str, state: TapeState | None = None) -> None:
        """Make an empty tape, or the one of a snapshot."""
        self.symbol: Final = symbol
        self.tail: Final[Tail[PublicTrade]] = Tail(KEEP_TRADES, state.tail if state is not None else None)
        self._rows: Final = self.tail.rows
        # the aggregate that the newest trade belongs to
        self._aggregate_id: int = state.aggregate_id if state is not None else -1
        self._taker_order_id: int = state.taker_order_id if state is not None else -1
        self._price: int = state.price if state is not None else 0

    def add(self, trade: Trade, seq: int) -> None:
        """Append a trade."""
        price = trade.price
        # rest-api.md, Compressed/Aggregate trades list: same time, same taker order, same price
        if trade.taker_order_id != self._taker_order_id or price != self._price:
            self._aggregate_id += 1
            self._taker_order_id = trade.taker_order_id
            self._price = price
        self._rows.append(
            PublicTrade(
                trade.trade_id, self._aggregate_id, trade.at, price, trade.quantity, trade.quote, trade.buyer_is_maker, seq
            )
        )

    def last(self) -> PublicTrade | None:
        """Return the newest trade."""
        return self._rows[-1] if self._rows else None

    def recent(self, limit: int) -> list[PublicTrade]:
        """Return the newest `limit` trades that are in memory, oldest first."""
        return self._rows[-limit:]

    def newest_aggregates(self, from_id: int) -> list[AggregateTrade]:
        """Return the aggregates of the trades from `from_id` on, with which an entry began that is the newest."""
        rows = self._rows
        return _grouped(rows[bisect_left(rows, from_id, key=_ID) :])

    def historical(self, from_id: int | None, limit: int, past: Past | None) -> list[PublicTrade]:
        """Return trades from `from_id` on, or the newest; oldest first (rest-api.md, Old trade lookup)."""
        if from_id is None:
            return self._between(0, self._end(), limit, newest=True, past=past)
        return self._between(from_id, self._end(), limit, newest=False, past=past)

    def aggregates(
        self, from_id: int | None, start: int | None, end: int | None, limit: int, past: Past | None
    ) -> list[AggregateTrade]:
        """Return aggregate trades, oldest first, by id and by time, both ends inclusive.

        rest-api.md, General API Information: with a beginning the oldest from there, without one the newest up to the end.
        """
        low, high = 0, self._end()
        if from_id is not None:
            low = self._first_of_aggregate(from_id, past)
        if start is not None:
            low = max(low, self._first_at(start, past))
        if end is not None:
            high = self._first_at(end + 1, past)
        if from_id is None and start is None:
            return self._newest_aggregates(low, high, limit, past)
        return self._oldest_aggregates(low, high, limit, past)

    def state(self) -> TapeState:
        """Return what a snapshot holds."""
        return TapeState(self._aggregate_id, self._taker_order_id, self._price, self.tail.state())

    def _end(self) -> int:
        """Return an id greater than any trade's."""
        return self._rows[-1].trade_id + 1 if self._rows else 0

    def _between(self, low: int, high: int, limit: int, *, newest: bool, past: Past | None) -> list[PublicTrade]:
        """Return at most `limit` trades with low <= trade_id < high: the newest or the oldest of them."""
        rows = self._rows
        oldest = rows[0].trade_id if rows else 0
        older = past if self.tail.dropped and low < min(oldest, high) else None
        left, right = bisect_left(rows, low, key=_ID), bisect_left(rows, high, key=_ID)
        if newest:
            found = rows[max(left, right - limit) : right]
            missing = limit - len(found)
            if older is not None and missing:
                found = older.trades(self.symbol, low=low, high=min(oldest, high), limit=missing, newest=True) + found
            return found
        found = []
        if older is not None:
            found = older.trades(self.symbol, low=low, high=min(oldest, high), limit=limit, newest=False)
        return found + rows[left : min(right, left + limit - len(found))]

    def _first_at(self, at: int, past: Past | None) -> int:
        """Return the id of the first trade at or after `at`, or an id greater than any trade's."""
        rows = self._rows
        if past is not None and self.tail.dropped and rows[0].at >= at:
            archived = past.trade_id_at(self.symbol, at)
            return min(archived, rows[0].trade_id) if archived is not None else rows[0].trade_id
        index = bisect_left(rows, at, key=_AT)
        return rows[index].trade_id if index < len(rows) else self._end()

    def _first_of_aggregate(self, aggregate_id: int, past: Past | None) -> int:
        """Return the id of the first trade of an aggregate, or of the next one there is."""
        rows = self._rows
        if past is not None and self.tail.dropped and rows[0].aggregate_id >= aggregate_id:
            archived = past.trade_id_of_aggregate(self.symbol, aggregate_id)
            return min(archived, rows[0].trade_id) if archived is not None else rows[0].trade_id
        index = bisect_left(rows, aggregate_id, key=_AGGREGATE)
        return rows[index].trade_id if index < len(rows) else self._end()

    def _oldest_aggregates(self, low: int, high: int, limit: int, past: Past | None) -> list[AggregateTrade]:
        rows: list[PublicTrade] = []
        # Aggregate ids have no gaps: `limit` of them, and the first trade of the next, say that all are whole.
        while not rows or rows[-1].aggregate_id - rows[0].aggregate_id < limit:
            more = self._between(rows[-1].trade_id + 1 if rows else low, high, KEEP_TRADES, newest=False, past=past)
            if not more:
                break
            rows += more
        return _grouped(rows)[:limit]

    def _newest_aggregates(self, low: int, high: int, limit: int, past: Past | None) -> list[AggregateTrade]:
        rows: list[PublicTrade] = []
        while not rows or rows[-1].aggregate_id - rows[0].aggregate_id < limit:
            more = self._between(low, rows[0].trade_id if rows else high, KEEP_TRADES, newest=True, past=past)
            if not more:
                break
            rows = more + rows
        return _grouped(rows)[-limit:]


def _grouped(rows: list[PublicTrade]) -> list[AggregateTrade]:
    """Return the aggregates of trades that stand in order."""
    aggregates: list[AggregateTrade] = []
    index = 0
    while index < len(rows):
        first = rows[index]
        quantity, last = 0, first
        while index < len(rows) and rows[index].aggregate_id == first.aggregate_id:
            last = rows[index]
            quantity += last.quantity
            index += 1
        aggregates.append(
            AggregateTrade(
                first.aggregate_id, first.price, quantity, first.trade_id, last.trade_id, first.at, first.buyer_is_maker
            )
        )
    return aggregates
