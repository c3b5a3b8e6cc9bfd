"""The names of streams, and what each of them stands for.

Order of work.  A name is a symbol and a form ("btcusdt" and "@kline_1m"), or the name of an array of all symbols; every form
                there is stands in one table, made once.
Invariant.      What is pushed under a name carries that very name: "@depth" and "@depth@1000ms" are two names of one content.
Does not.       Know which symbols are listed: a name of an unknown symbol is a name, and nothing is ever pushed under it.
Units.          Zones, windows and speeds in microseconds.
Source.         web-socket-streams.md, Detailed Stream information.
"""

from collections.abc import Callable, Iterator, Mapping
from enum import IntEnum, unique
from functools import cache
from typing import Final

from msgspec import Struct

from papernet.app.eras import Era
from papernet.app.queries.market_data import INTERVALS
from papernet.core.dates import DAY, HOUR, MILLISECOND, SECOND
from papernet.exchange.views import Interval

WINDOWS: Final[Mapping[str, int]] = {"1h": HOUR, "4h": 4 * HOUR, "1d": DAY}
LEVELS: Final = (5, 10, 20)
# Kline/Candlestick Streams with timezone offset: there is this one.
EAST_8: Final = "+08:00"

REAL_TIME: Final = 0
_TENTH: Final = 100 * MILLISECOND


@unique
class StreamKind(IntEnum):
    """What is pushed. The tickers exist of one symbol and of all."""

    TRADE = 1
    AGG_TRADE = 2
    BLOCK_TRADE = 3
    KLINE = 4
    MINI_TICKER = 5
    TICKER = 6
    WINDOW_TICKER = 7
    BOOK_TICKER = 8
    AVERAGE_PRICE = 9
    REFERENCE_PRICE = 10
    DEPTH = 11
    PARTIAL_DEPTH = 12


class Form(Struct, frozen=True):
    """A stream but for its symbol."""

    kind: StreamKind
    speed: int = REAL_TIME
    interval: Interval | None = None
    zone: int = 0
    window: int = 0
    levels: int = 0


class Stream(Struct, frozen=True):
    """What a name stands for. `symbol` is "" for all symbols; `zone` is east of UTC; `speed` lies between two pushes."""

    name: str
    symbol: str
    kind: StreamKind
    speed: int = REAL_TIME
    interval: Interval | None = None
    zone: int = 0
    window: int = 0
    levels: int = 0

    @property
    def about(self) -> str:
        """Return the symbol, "" for all."""
        return self.symbol

    @property
    def is_change(self) -> bool:
        """Whether each push goes on where the last one ended, so that none may be missing."""
        return self.kind is StreamKind.DEPTH


def _klines() -> Iterator[tuple[str, Form]]:
    for text, interval in INTERVALS.items():
        speed = SECOND if interval is Interval.SECOND_1 else 2 * SECOND
        yield f"kline_{text}", Form(StreamKind.KLINE, speed, interval)
        yield f"kline_{text}@{EAST_8}", Form(StreamKind.KLINE, speed, interval, 8 * HOUR)


def _depths() -> Iterator[tuple[str, Form]]:
    # "@1000ms" is what "@depth" means anyway; clients write it out.
    for suffix, speed in (("", SECOND), ("@1000ms", SECOND), ("@100ms", _TENTH)):
        yield f"depth{suffix}", Form(StreamKind.DEPTH, speed)
        for levels in LEVELS:
            yield f"depth{levels}{suffix}", Form(StreamKind.PARTIAL_DEPTH, speed, levels=levels)


# What stands behind "<symbol>@".
FORMS: Final[Mapping[str, Form]] = {
    "trade": Form(StreamKind.TRADE),
    "aggTrade": Form(StreamKind.AGG_TRADE),
    "blockTrade": Form(StreamKind.BLOCK_TRADE),
    "bookTicker": Form(StreamKind.BOOK_TICKER),
    "miniTicker": Form(StreamKind.MINI_TICKER, SECOND),
    "miniTicker@1000ms": Form(StreamKind.MINI_TICKER, SECOND),
    "ticker": Form(StreamKind.TICKER, SECOND),
    "ticker@1000ms": Form(StreamKind.TICKER, SECOND),
    "avgPrice": Form(StreamKind.AVERAGE_PRICE, SECOND),
    "referencePrice": Form(StreamKind.REFERENCE_PRICE, SECOND),
    **{f"ticker_{text}": Form(StreamKind.WINDOW_TICKER, SECOND, window=window) for text, window in WINDOWS.items()},
    **dict(_klines()),
    **dict(_depths()),
}

# "!ticker@arr" is retired (data/eras.toml): earlier eras have it. The suffixes are older than the documents, and in use.
ARRAYS: Final[Mapping[str, Form]] = {
    **{f"!miniTicker@arr{suffix}": Form(StreamKind.MINI_TICKER, SECOND) for suffix in ("", "@1000ms")},
    "!miniTicker@arr@3000ms": Form(StreamKind.MINI_TICKER, 3 * SECOND),
    **{f"!ticker@arr{suffix}": Form(StreamKind.TICKER, SECOND) for suffix in ("", "@1000ms")},
    "!ticker@arr@3000ms": Form(StreamKind.TICKER, 3 * SECOND),
    **{f"!ticker_{text}@arr": Form(StreamKind.WINDOW_TICKER, SECOND, window=window) for text, window in WINDOWS.items()},
}


def parse_stream(name: str) -> Stream | None:
    """Return what a name stands for, or None when nothing is pushed under it in any era."""
    form = ARRAYS.get(name)
    if form is not None:
        return _stream(name, "", form)
    text, _, suffix = name.partition("@")
    form = FORMS.get(suffix)
    symbol = text.upper()
    # General WSS information: lower-case. What is no symbol's lower case ("BTCUSDT", a dotless i) is no symbol's name.
    if form is None or not text or symbol.lower() != text:
        return None
    return _stream(name, symbol, form)


@cache
def parser_of(era: Era) -> Callable[[str], Stream | None]:
    """Return what says what a name stands for in an era."""
    absent = [is_absent for has_happened, is_absent in _absences(era) if not has_happened]

    def parse(name: str) -> Stream | None:
        stream = parse_stream(name)
        return None if stream is None or any(is_absent(stream) for is_absent in absent) else stream

    return parse


def _absences(era: Era) -> tuple[tuple[bool, Callable[[Stream], bool]], ...]:
    """Return by what change streams came, and which; of one that was retired, whether it still is there."""
    return (
        (era.utc8_candles, lambda stream: stream.kind is StreamKind.KLINE and stream.zone != 0),
        (era.execution_rules, lambda stream: stream.kind is StreamKind.REFERENCE_PRICE),
        (not era.ticker_array_retired, lambda stream: stream.kind is StreamKind.TICKER and not stream.symbol),
        (era.block_trade_stream, lambda stream: stream.kind is StreamKind.BLOCK_TRADE),
    )


def _stream(name: str, symbol: str, form: Form) -> Stream:
    return Stream(name, symbol, form.kind, form.speed, form.interval, form.zone, form.window, form.levels)
