"""Statistics of rolling windows and trading days, made of bars.

Order of work.  A window is covered from its beginning by seconds up to the next minute, minutes up to the next quarter,
                quarters up to the next hour and hours from there on: at most a hundred bars for a day, whatever traded.
Resolution.     A window that begins within a second holds that whole second. Where a seeded past has no seconds, a window
                that begins within such a minute holds that whole minute. At the near end nothing is left out.
Cost.           A day's seconds at the far end have left memory; the minute they are in is read once and kept until another
                minute is asked for.
Does not.       Know the book: bid and ask of a 24 hour ticker are its caller's.
Source.         rest-api.md: 24hr ticker price change statistics, Trading Day Ticker, Rolling window price change statistics.
                `prevClosePrice` is the price of the trade before the window (web-socket-streams.md, ticker stream, `x`).
"""

from bisect import bisect_left
from operator import attrgetter
from typing import Final

from papernet.core.dates import DAY, MINUTE, SECOND, floor_to
from papernet.exchange.views.bars import HOURS, MINUTES, SECONDS, Bars
from papernet.exchange.views.records import RESOLUTIONS, Bar, Past, PublicTrade, WindowStats

_OPEN_AT: Final = attrgetter("open_at")


def day_ticker(bars: Bars, last_trade: PublicTrade | None, now: int, past: Past | None) -> WindowStats:
    """Return the statistics of the 24 hours up to now."""
    return _stats(bars, last_trade, now - DAY, now, past)


def window_ticker(bars: Bars, last_trade: PublicTrade | None, window: int, now: int, past: Past | None) -> WindowStats:
    """Return the statistics of a window of `window` microseconds up to now, widened to begin on a minute."""
    # rest-api.md, Rolling window: openTime always starts on a minute, closeTime is the time of the request.
    return _stats(bars, last_trade, floor_to(now - window, MINUTE), now, past)


def trading_day_ticker(bars: Bars, last_trade: PublicTrade | None, zone: int, now: int, past: Past | None) -> WindowStats:
    """Return the statistics of the running day of a zone `zone` microseconds east of UTC; it closes at the day's end."""
    midnight = floor_to(now + zone, DAY) - zone
    return _stats(bars, last_trade, midnight, midnight + DAY - 1, past)


def _stats(bars: Bars, last_trade: PublicTrade | None, open_at: int, close_at: int, past: Past | None) -> WindowStats:
    start = floor_to(open_at, SECOND)
    if start < bars.seconds_from:
        start = floor_to(start, MINUTE)
    rows = _cover(bars, start, past)
    prev_close = _close_before(bars, start, past)
    if not rows:
        price = bars.last_price()
        return WindowStats(price, price, price, price, 0, 0, -1, -1, 0, open_at, close_at, prev_close, 0)
    newest = rows[-1]
    return WindowStats(
        rows[0].open,
        max(bar.high for bar in rows),
        min(bar.low for bar in rows),
        newest.close,
        sum(bar.quantity for bar in rows),
        sum(bar.quote for bar in rows),
        rows[0].first_trade_id,
        newest.first_trade_id + newest.trade_count - 1,
        sum(bar.trade_count for bar in rows),
        open_at,
        close_at,
        prev_close,
        last_trade.quantity if last_trade is not None else 0,
    )


def _cover(bars: Bars, start: int, past: Past | None) -> list[Bar]:
    """Return bars that hold everything from `start`, which stands on a second, to now."""
    rows: list[Bar] = []
    at = start
    for level in range(SECONDS, HOURS):
        # to the next boundary of the next coarser level
        end = -(-at // RESOLUTIONS[level + 1]) * RESOLUTIONS[level + 1]
        if at < end:
            rows += _seconds(bars, at, end, past) if level == SECONDS else bars.between(level, at, end, past)
        at = end
    newest = bars.newest_at()
    return rows + bars.between(HOURS, at, newest + 1, past)


def _seconds(bars: Bars, start: int, end: int, past: Past | None) -> list[Bar]:
    """Return the seconds from `start` to the end of its minute."""
    minute = end - MINUTE
    kept = bars.edge
    if kept is None or kept[0] != minute:
        rows = bars.between(SECONDS, minute, end, past)
        if bars.newest_at() < end:
            # still growing
            return rows[bisect_left(rows, start, key=_OPEN_AT) :]
        kept = bars.edge = (minute, rows)
    return kept[1][bisect_left(kept[1], start, key=_OPEN_AT) :]


def _close_before(bars: Bars, start: int, past: Past | None) -> int:
    """Return the price of the last trade before `start`, or the first price ever when there is none."""
    bar = None
    if start % MINUTE:
        minute = floor_to(start, MINUTE)
        seconds = _seconds(bars, minute, minute + MINUTE, past)
        index = bisect_left(seconds, start, key=_OPEN_AT)
        bar = seconds[index - 1] if index else None
        start = minute
    if bar is None:
        bar = bars.before(MINUTES, start, past)
    return bar.close if bar is not None else bars.first_price
