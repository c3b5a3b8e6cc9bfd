"""What traded in each second, minute, quarter and hour of one symbol.

Order of work.  A trade only touches the open second. When a trade opens another second, the old one becomes a bar and goes into
                its minute; when that minute is left, it goes into its quarter, and so on: one merge a second, not four a trade.
Invariant.      A bar of a tail is final. The open bar of a level holds all that came before the open bar of the next finer
                level, so a level's tail, its open bar and the finer open bars together are everything, once.
Seeded past.    Minutes that came ready-made have no seconds; `seconds_from` is where seconds begin.
Does not.       Know candles, zones or windows: those are made of bars when somebody asks.
"""

from bisect import bisect_left
from operator import attrgetter
from typing import Final

from msgspec import Struct

from papernet.core.dates import DAY, HOUR, MINUTE, SECOND
from papernet.core.events import CandlesSeeded, Trade
from papernet.core.units import AMOUNT_MAX
from papernet.exchange.views.records import RESOLUTIONS, Bar, Past
from papernet.exchange.views.tail import Tail, TailState

SECONDS, MINUTES, QUARTERS, HOURS = range(4)  # the levels: indices of RESOLUTIONS
# How many bars of each level stay in memory: a full candle query of seconds, a day of minutes and a bit, ten days, six weeks.
KEEP_BARS: Final = (1_200, DAY // MINUTE + 60, 10 * DAY // (15 * MINUTE), 42 * DAY // HOUR)

_OPEN_AT: Final = attrgetter("open_at")


class BarsState(Struct, frozen=True, array_like=True):
    """The bars of a symbol as a snapshot holds them; `open_bars` has one for each level, None where there is none."""

    first_at: int
    seconds_from: int
    first_price: int
    open_bars: list[Bar | None]
    tails: list[TailState[Bar]]


class Bars:
    """The bars of a symbol. `first_at` is the beginning of the first minute with data, -1 when there is none."""

    __slots__ = (
        "_close",
        "_count",
        "_first_id",
        "_high",
        "_low",
        "_open",
        "_open_bars",
        "_quantity",
        "_quote",
        "_second",
        "_second_end",
        "_taker_quantity",
        "_taker_quote",
        "edge",
        "first_at",
        "first_price",
        "seconds_from",
        "symbol",
        "tails",
    )

    def __init__(self, symbol: str, state: BarsState | None = None) -> None:
        """Make empty bars, or those of a snapshot."""
        self.symbol: Final = symbol
        self.first_at: int = state.first_at if state is not None else -1
        self.first_price: int = state.first_price if state is not None else 0
        self.seconds_from: int = state.seconds_from if state is not None else -1
        self.tails: Final[tuple[Tail[Bar], ...]] = tuple(
            Tail(keep, state.tails[level] if state is not None else None) for level, keep in enumerate(KEEP_BARS)
        )
        # A minute of archived seconds that a rolling window begins in, asked for again and again; no part of the state.
        self.edge: tuple[int, list[Bar]] | None = None
        open_bars: list[Bar | None] = list(state.open_bars) if state is not None else [None] * len(RESOLUTIONS)
        self._open_bars: Final = open_bars
        self._second: int = -1
        self._second_end: int = -1
        self._open = self._high = self._low = self._close = 0
        self._quantity = self._quote = self._count = self._first_id = 0
        self._taker_quantity = self._taker_quote = 0
        second = open_bars[SECONDS]
        open_bars[SECONDS] = None
        if second is not None:
            self._resume(second)

    def add(self, trade: Trade, seq: int) -> None:
        """Take in a trade."""
        price, quantity, quote = trade.price, trade.quantity, trade.quote
        if trade.at >= self._second_end:
            self._begin_second(trade, seq)
        elif price > self._high:
            self._high = price
        elif price < self._low:
            self._low = price
        self._close = price
        self._quantity += quantity
        self._quote += quote
        self._count += 1
        if not trade.buyer_is_maker:
            self._taker_quantity += quantity
            self._taker_quote += quote

    def seed(self, event: CandlesSeeded, seq: int) -> None:
        """Take in closed minutes, oldest first; a past can only be given before the first trade, later ones change nothing.

        Minutes without trades, and those that do not come after everything there is, are left out.
        """
        first_id = event.first_trade_id
        if self._second >= 0:
            return
        for open_at, opening, high, low, close, quantity, quote, count, taker_quantity, taker_quote in event.seed.rows:
            if count > 0 and open_at > self.newest_at():
                minute = open_at // MINUTE * MINUTE
                sums = (_clip(quantity), _clip(quote), count, _clip(taker_quantity), _clip(taker_quote))
                self._into(MINUTES, Bar(minute, opening, high, low, close, *sums, first_id, seq), seq)
                self._note_first(minute, opening)
                self.seconds_from = minute + MINUTE
            first_id += count

    def newest_at(self) -> int:
        """Return the beginning of the newest second or seeded minute with data, -1 when there is none."""
        if self._second >= 0:
            return self._second
        open_minute = self._open_bars[MINUTES]
        return open_minute.open_at if open_minute is not None else -1

    def last_price(self) -> int:
        """Return the newest price, 0 when there is none."""
        if self._second >= 0:
            return self._close
        open_minute = self._open_bars[MINUTES]
        return open_minute.close if open_minute is not None else 0

    def begins_at(self, level: int) -> int:
        """Return where bars of a level can begin, -1 when there is no data."""
        return self.seconds_from if level == SECONDS else self.first_at

    def between(self, level: int, start: int, end: int, past: Past | None) -> list[Bar]:
        """Return the bars of a level with start <= open_at < end, the unfinished ones as they stand."""
        if start >= end:
            return []
        tail = self.tails[level]
        rows = tail.rows
        found = rows[bisect_left(rows, start, key=_OPEN_AT) : bisect_left(rows, end, key=_OPEN_AT)]
        if past is not None and tail.dropped and start < rows[0].open_at:
            found = past.bars(self.symbol, RESOLUTIONS[level], start, min(end, rows[0].open_at)) + found
        newest = rows[-1].open_at if rows else -1
        if end > newest:
            found += [bar for bar in self._live(level) if start <= bar.open_at < end]
        return found

    def before(self, level: int, at: int, past: Past | None) -> Bar | None:
        """Return the newest bar of a level with open_at < at."""
        for bar in reversed(self._live(level)):
            if bar.open_at < at:
                return bar
        tail = self.tails[level]
        index = bisect_left(tail.rows, at, key=_OPEN_AT)
        if index:
            return tail.rows[index - 1]
        return past.bar_before(self.symbol, RESOLUTIONS[level], at) if past is not None and tail.dropped else None

    def state(self) -> BarsState:
        """Return what a snapshot holds."""
        open_bars = list(self._open_bars)
        open_bars[SECONDS] = self._second_bar(0)
        return BarsState(self.first_at, self.seconds_from, self.first_price, open_bars, [tail.state() for tail in self.tails])

    def _note_first(self, at: int, price: int) -> None:
        if self.first_at < 0:
            self.first_at = at // MINUTE * MINUTE
            self.first_price = price

    def _begin_second(self, trade: Trade, seq: int) -> None:
        self._end_second(seq)
        self._second = trade.at // SECOND * SECOND
        self._second_end = self._second + SECOND
        self._open = self._high = self._low = trade.price
        self._quantity = self._quote = self._count = self._taker_quantity = self._taker_quote = 0
        self._first_id = trade.trade_id
        self._note_first(trade.at, trade.price)
        if self.seconds_from < 0 or self._second < self.seconds_from:
            self.seconds_from = self._second

    def _end_second(self, seq: int) -> None:
        bar = self._second_bar(seq)
        if bar is not None:
            self.tails[SECONDS].rows.append(bar)
            self._into(MINUTES, bar, seq)

    def _second_bar(self, seq: int) -> Bar | None:
        if self._second < 0:
            return None
        return Bar(
            self._second,
            self._open,
            self._high,
            self._low,
            self._close,
            _clip(self._quantity),
            _clip(self._quote),
            self._count,
            _clip(self._taker_quantity),
            _clip(self._taker_quote),
            self._first_id,
            seq,
        )

    def _resume(self, second: Bar) -> None:
        self._second = second.open_at
        self._second_end = second.open_at + SECOND
        self._open, self._high, self._low, self._close = second.open, second.high, second.low, second.close
        self._quantity, self._quote, self._count = second.quantity, second.quote, second.trade_count
        self._taker_quantity, self._taker_quote = second.taker_buy_quantity, second.taker_buy_quote
        self._first_id = second.first_trade_id

    def _into(self, level: int, bar: Bar, seq: int) -> None:
        """Merge a bar of a finer level, later than all before it, into the open bar of `level`."""
        open_at = bar.open_at // RESOLUTIONS[level] * RESOLUTIONS[level]
        current = self._open_bars[level]
        if current is not None and current.open_at == open_at:
            self._open_bars[level] = _merged(current, bar, seq)
            return
        if current is not None:
            final = _moved(current, current.open_at, seq)
            self.tails[level].rows.append(final)
            if level < HOURS:
                self._into(level + 1, final, seq)
        self._open_bars[level] = _moved(bar, open_at, seq)

    def _live(self, level: int) -> list[Bar]:
        """Return the bars of a level that are not final yet, oldest first."""
        live: list[Bar] = []
        pending = [self._open_bars[finer] for finer in range(level, SECONDS, -1)]
        pending.append(self._second_bar(0))
        for bar in pending:
            if bar is None:
                continue
            open_at = bar.open_at // RESOLUTIONS[level] * RESOLUTIONS[level]
            if live and live[-1].open_at == open_at:
                live[-1] = _merged(live[-1], bar, 0)
            else:
                live.append(_moved(bar, open_at, 0))
        return live


def _merged(earlier: Bar, later: Bar, seq: int) -> Bar:
    """Return two bars as one that opens where the earlier does."""
    return Bar(
        earlier.open_at,
        earlier.open,
        max(earlier.high, later.high),
        min(earlier.low, later.low),
        later.close,
        _clip(earlier.quantity + later.quantity),
        _clip(earlier.quote + later.quote),
        earlier.trade_count + later.trade_count,
        _clip(earlier.taker_buy_quantity + later.taker_buy_quantity),
        _clip(earlier.taker_buy_quote + later.taker_buy_quote),
        earlier.first_trade_id,
        seq,
    )


def _moved(bar: Bar, open_at: int, seq: int) -> Bar:
    return Bar(
        open_at,
        bar.open,
        bar.high,
        bar.low,
        bar.close,
        bar.quantity,
        bar.quote,
        bar.trade_count,
        bar.taker_buy_quantity,
        bar.taker_buy_quote,
        bar.first_trade_id,
        seq,
    )


def _clip(amount: int) -> int:
    """Return an amount as far as 64 bits hold it; only sums of absurd trades come near."""
    return min(amount, AMOUNT_MAX)
