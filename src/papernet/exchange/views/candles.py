"""Candles of every interval, in any zone, made of bars.

Order of work.  The interval's calendar says where candles open; the coarsest bars whose boundaries fit are summed up.
Invariant.      Candles follow each other without a gap from the one that holds the symbol's first data to the one that holds
                now. Where nothing traded, a candle is flat at the close before it. Candles of one second begin where trades
                do: a seeded past has no seconds.
Calendar.       All intervals are counted from the zone's epoch (1d from its midnight, 3d in steps of three days), but weeks
                begin on Monday and months on their first day.
Does not.       Parse intervals or zones, or remember anything.
Source.         rest-api.md, Kline/Candlestick data (`startTime` and `endTime` are about the open time and always UTC) and
                General API Information.
"""

from enum import IntEnum, unique
from typing import Final

from papernet.core.dates import (
    DAY,
    SECOND,
    civil_from_days,
    days_from_civil,
    floor_to,
    month_start,
    next_month_start,
    week_start,
)
from papernet.exchange.views.bars import HOURS, Bars
from papernet.exchange.views.records import RESOLUTIONS, Bar, Candle, Past


@unique
class Interval(IntEnum):
    """The intervals; the value is the length in seconds, a month counted as thirty days."""

    SECOND_1 = 1
    MINUTE_1 = 60
    MINUTE_3 = 180
    MINUTE_5 = 300
    MINUTE_15 = 900
    MINUTE_30 = 1_800
    HOUR_1 = 3_600
    HOUR_2 = 7_200
    HOUR_4 = 14_400
    HOUR_6 = 21_600
    HOUR_8 = 28_800
    HOUR_12 = 43_200
    DAY_1 = 86_400
    DAY_3 = 259_200
    WEEK_1 = 604_800
    MONTH_1 = 2_592_000


_MONTH: Final = Interval.MONTH_1
_WEEK: Final = Interval.WEEK_1


def open_of(interval: Interval, at: int, zone: int) -> int:
    """Return where the candle that holds `at` opens, in a zone `zone` microseconds east of UTC."""
    if interval is _MONTH:
        return month_start(at, zone)
    if interval is _WEEK:
        return week_start(at, zone)
    return floor_to(at + zone, interval * SECOND) - zone


def moved(interval: Interval, open_at: int, steps: int, zone: int) -> int:
    """Return where the candle opens that is `steps` (maybe negative) after the one that opens at `open_at`."""
    if interval is not _MONTH:
        return open_at + steps * interval * SECOND
    year, month, _ = civil_from_days((open_at + zone) // DAY)
    year, month = divmod(year * 12 + month - 1 + steps, 12)
    return days_from_civil(year, month + 1, 1) * DAY - zone


def candles(
    bars: Bars,
    interval: Interval,
    zone: int,
    start: int | None,
    end: int | None,
    limit: int,
    now: int,
    past: Past | None,
) -> list[Candle]:
    """Return at most `limit` candles that open from `start` to `end`, oldest first, the unfinished one included."""
    level = _level(interval, zone)
    begins_at = bars.begins_at(level)
    if begins_at < 0:
        return []
    first = open_of(interval, begins_at, zone)
    last = open_of(interval, max(now, bars.newest_at()), zone)
    if end is not None:
        last = min(last, open_of(interval, end, zone))
    if start is not None:
        opening = open_of(interval, start, zone)
        first = max(first, opening if opening == start else moved(interval, opening, 1, zone))
        # rest-api.md, General API Information: with a start time the oldest from there, without one the newest
        last = min(last, moved(interval, first, limit - 1, zone))
    else:
        first = max(first, moved(interval, last, 1 - limit, zone))
    if first > last:
        return []
    found = bars.between(level, first, moved(interval, last, 1, zone), past)
    close = _close_before(bars, level, first, past) if not found or found[0].open_at >= moved(interval, first, 1, zone) else 0
    return _summed(found, interval, zone, first, last, close)


def _level(interval: Interval, zone: int) -> int:
    """Return the coarsest level whose bars never straddle two candles."""
    for level in range(HOURS, 0, -1):
        if interval * SECOND % RESOLUTIONS[level] == 0 and zone % RESOLUTIONS[level] == 0:
            return level
    return 0


def _close_before(bars: Bars, level: int, at: int, past: Past | None) -> int:
    bar = bars.before(level, at, past)
    if bar is None and level == 0:
        # Before the first second there may be seeded minutes.
        bar = bars.before(1, at, past)
    return bar.close if bar is not None else bars.first_price


def _summed(rows: list[Bar], interval: Interval, zone: int, first: int, last: int, close: int) -> list[Candle]:
    """Return the candles that open from `first` to `last`; `rows` are their bars, `close` is the price before them."""
    result: list[Candle] = []
    index, count, open_at = 0, len(rows), first
    length = interval * SECOND
    while open_at <= last:
        next_open = open_at + length if interval is not _MONTH else next_month_start(open_at, zone)
        if index == count or rows[index].open_at >= next_open:
            result.append(Candle(open_at, close, close, close, close, 0, next_open - 1, 0, 0, 0, 0, -1))
            open_at = next_open
            continue
        bar = rows[index]
        opening, high, low, first_id = bar.open, bar.high, bar.low, bar.first_trade_id
        quantity = quote = trades = taker_quantity = taker_quote = 0
        while index < count and (bar := rows[index]).open_at < next_open:
            high = max(high, bar.high)
            low = min(low, bar.low)
            quantity += bar.quantity
            quote += bar.quote
            trades += bar.trade_count
            taker_quantity += bar.taker_buy_quantity
            taker_quote += bar.taker_buy_quote
            index += 1
        close = rows[index - 1].close
        result.append(
            Candle(
                open_at,
                opening,
                high,
                low,
                close,
                quantity,
                next_open - 1,
                quote,
                trades,
                taker_quantity,
                taker_quote,
                first_id,
            )
        )
        open_at = next_open
    return result
