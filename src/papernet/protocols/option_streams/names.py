"""The names of the options venue's streams in each generation, and what each of them stands for.

Order of work.  A name is a contract, an underlying or an asset and a form ("btc-261225-100000-c" and "@depth@100ms"), the form
                with an expiry in some ("btcusdt@optionTicker@261225"), or the name of an array. Each generation has its tables
                of forms, made once.
Letter case.    The documents' symbols are in lower case in the current generation, in upper case in the older one. Clients mix
                them, so either is taken in both; forms are taken as they are written. What is pushed carries the name that was
                asked for.
Bases.          In the current generation a stream belongs to one of the paths "/public" and "/market", and under the other one
                its name stands for nothing.
Does not.       Know what is listed: a name of an unknown contract is a name, and nothing is ever pushed under it.
Units.          Speeds and expiries in microseconds.
Source.         European Options: Websocket Market Streams, both generations.
"""

import re
from collections.abc import Iterator, Mapping
from enum import IntEnum, unique
from typing import Final

from msgspec import Struct

from papernet.app.operations.options import Generation
from papernet.app.queries.market_data import INTERVALS
from papernet.core.dates import DAY, MILLISECOND, MINUTE, SECOND, civil_from_days, days_from_civil
from papernet.exchange.views import Interval
from papernet.venues.options.contracts import EXPIRY_HOUR

REAL_TIME: Final = 0
_TENTH: Final = 100 * MILLISECOND
_HALF: Final = 500 * MILLISECOND
_SPEEDS: Final[Mapping[str, int]] = {"@100ms": _TENTH, "@500ms": _HALF, "@1000ms": SECOND}

# Kline/Candlestick Streams: all intervals but these.
_NO_INTERVALS: Final = ("1s", "8h", "1M")

# One client leaves the second "@" out: "btcusdt@optionTicker251230".
_with_expiry: Final = re.compile(r"(.+?)@?([0-9]{2})([0-9]{2})([0-9]{2})", re.ASCII).fullmatch


@unique
class StreamKind(IntEnum):
    """What is pushed."""

    TRADE = 1
    BOOK_TICKER = 2
    NEW_CONTRACT = 3
    DEPTH = 4
    PARTIAL_DEPTH = 5
    KLINE = 6
    TICKER = 7
    # those of one expiry that changed
    TICKERS = 8
    # all contracts of an underlying
    MARKS = 9
    OPEN_INTEREST = 10
    INDEX = 11
    INDEXES = 12


@unique
class Of(IntEnum):
    """Whose stream it is: what stands before the form in its name."""

    EVERYBODY = 1
    CONTRACT = 2
    # by its name, "BTCUSDT"
    UNDERLYING = 3
    # the underlyings of a base asset, "BTC"
    ASSET = 4


@unique
class Base(IntEnum):
    """Which address leads to a stream."""

    ANY = 1
    PUBLIC = 2
    MARKET = 3
    PRIVATE = 4


class Form(Struct, frozen=True):
    """A stream but for its subject and expiry."""

    kind: StreamKind
    of: Of
    base: Base = Base.ANY
    speed: int = REAL_TIME
    interval: str = ""
    levels: int = 0


class OptionStream(Struct, frozen=True):
    """What a name stands for. `subject` is in upper case, "" for everybody's; `expiry` is 0 where there is none."""

    name: str
    form: Form
    subject: str = ""
    expiry: int = 0

    @property
    def kind(self) -> StreamKind:
        """Return what is pushed."""
        return self.form.kind

    @property
    def speed(self) -> int:
        """Return how many microseconds lie between two pushes; 0: what happens is pushed at once."""
        return self.form.speed

    @property
    def about(self) -> str:
        """Return the contract or the underlying, "" for all."""
        return self.subject

    @property
    def is_change(self) -> bool:
        """Whether each push goes on where the last one ended, so that none may be missing."""
        return self.kind is StreamKind.DEPTH


class StreamNames(Struct, frozen=True):
    """The names of a generation: what stands behind a contract's "@", behind that of others, before an expiry, and alone."""

    of_contracts: Mapping[str, Form]
    of_underlyings: Mapping[str, Form]
    with_expiry: Mapping[str, Form]
    arrays: Mapping[str, Form]

    def parse(self, name: str) -> OptionStream | None:
        """Return what a name stands for, or None when nothing could ever be pushed under it."""
        form = self.arrays.get(name)
        if form is not None:
            return OptionStream(name, form)
        text, _, suffix = name.partition("@")
        if not text or not text.isascii():
            return None
        subject = text.upper()
        if "-" in text:
            form = self.of_contracts.get(suffix)
            return None if form is None else OptionStream(name, form, subject)
        form = self.of_underlyings.get(suffix)
        if form is not None:
            return OptionStream(name, form, subject)
        match = _with_expiry(suffix)
        if match is None:
            return None
        form, expiry = self.with_expiry.get(match[1]), _expiry(*match.groups()[1:])
        return None if form is None or not expiry else OptionStream(name, form, subject, expiry)


def interval_of(form: Form) -> Interval:
    """Return the interval of a form of candles."""
    return INTERVALS[form.interval]


def _expiry(year: str, month: str, day: str) -> int:
    """Return when contracts of a date expire, 0 when it is none."""
    date = 2000 + int(year), int(month), int(day)
    days = days_from_civil(*date)
    return days * DAY + EXPIRY_HOUR if civil_from_days(days) == date else 0


def _klines(base: Base) -> Iterator[tuple[str, Form]]:
    for text in INTERVALS:
        if text not in _NO_INTERVALS:
            yield f"kline_{text}", Form(StreamKind.KLINE, Of.CONTRACT, base, SECOND, interval=text)


def _depths(base: Base, counts: tuple[int, ...], speeds: tuple[str, ...]) -> Iterator[tuple[str, Form]]:
    """Yield the partial depths at all speeds; one without a speed is pushed every half second."""
    for levels in counts:
        yield f"depth{levels}", Form(StreamKind.PARTIAL_DEPTH, Of.CONTRACT, base, _HALF, levels=levels)
        for speed in speeds:
            yield f"depth{levels}{speed}", Form(StreamKind.PARTIAL_DEPTH, Of.CONTRACT, base, _SPEEDS[speed], levels=levels)


def _diffs(name: str, base: Base, speeds: tuple[str, ...]) -> Iterator[tuple[str, Form]]:
    """Yield the changes of books at all speeds; those without a speed are pushed every half second."""
    yield name, Form(StreamKind.DEPTH, Of.CONTRACT, base, _HALF)
    for speed in speeds:
        yield name + speed, Form(StreamKind.DEPTH, Of.CONTRACT, base, _SPEEDS[speed])


_CURRENT: Final = StreamNames(
    of_contracts={
        "optionTrade": Form(StreamKind.TRADE, Of.CONTRACT, Base.PUBLIC),
        "bookTicker": Form(StreamKind.BOOK_TICKER, Of.CONTRACT, Base.PUBLIC),
        "optionTicker": Form(StreamKind.TICKER, Of.CONTRACT, Base.PUBLIC, SECOND),
        **dict(_klines(Base.MARKET)),
        **dict(_depths(Base.PUBLIC, (5, 10, 20), ("@100ms", "@500ms"))),
        **dict(_diffs("depth", Base.PUBLIC, ("@100ms", "@500ms"))),
    },
    of_underlyings={
        "optionTrade": Form(StreamKind.TRADE, Of.UNDERLYING, Base.PUBLIC),
        "optionMarkPrice": Form(StreamKind.MARKS, Of.UNDERLYING, Base.MARKET, SECOND),
    },
    with_expiry={
        "optionTicker": Form(StreamKind.TICKERS, Of.UNDERLYING, Base.PUBLIC, SECOND),
        # The page has the one name in its heading and the other in its example.
        "openInterest": Form(StreamKind.OPEN_INTEREST, Of.UNDERLYING, Base.MARKET, MINUTE),
        "optionOpenInterest": Form(StreamKind.OPEN_INTEREST, Of.UNDERLYING, Base.MARKET, MINUTE),
    },
    arrays={
        "!index@arr": Form(StreamKind.INDEXES, Of.EVERYBODY, Base.MARKET, SECOND),
        "!optionSymbol": Form(StreamKind.NEW_CONTRACT, Of.EVERYBODY, Base.MARKET),
    },
)

_LEGACY: Final = StreamNames(
    of_contracts={
        "trade": Form(StreamKind.TRADE, Of.CONTRACT),
        "ticker": Form(StreamKind.TICKER, Of.CONTRACT, speed=SECOND),
        **dict(_klines(Base.ANY)),
        **dict(_depths(Base.ANY, (10, 20, 50, 100), ("@100ms", "@1000ms"))),
        # change log, 2022-12-13: the one book stream that tells changes
        **dict(_diffs("depth1000", Base.ANY, ("@100ms", "@1000ms"))),
    },
    of_underlyings={
        "trade": Form(StreamKind.TRADE, Of.ASSET),
        "markPrice": Form(StreamKind.MARKS, Of.ASSET, speed=SECOND),
        "index": Form(StreamKind.INDEX, Of.UNDERLYING, speed=SECOND),
    },
    with_expiry={
        "ticker": Form(StreamKind.TICKERS, Of.ASSET, speed=SECOND),
        "openInterest": Form(StreamKind.OPEN_INTEREST, Of.ASSET, speed=MINUTE),
    },
    arrays={"option_pair": Form(StreamKind.NEW_CONTRACT, Of.EVERYBODY)},
)

NAMES: Final[Mapping[Generation, StreamNames]] = {Generation.CURRENT: _CURRENT, Generation.LEGACY: _LEGACY}
