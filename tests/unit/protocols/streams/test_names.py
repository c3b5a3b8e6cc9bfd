"""Names of streams."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papernet.core.dates import DAY, HOUR, MILLISECOND, SECOND
from papernet.exchange.views import Interval
from papernet.protocols.streams.names import ARRAYS, FORMS, Stream, StreamKind, parse_stream

KIND = StreamKind


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("btcusdt@trade", Stream("btcusdt@trade", "BTCUSDT", KIND.TRADE)),
        ("btcusdt@aggTrade", Stream("btcusdt@aggTrade", "BTCUSDT", KIND.AGG_TRADE)),
        ("btcusdt@blockTrade", Stream("btcusdt@blockTrade", "BTCUSDT", KIND.BLOCK_TRADE)),
        ("btcusdt@bookTicker", Stream("btcusdt@bookTicker", "BTCUSDT", KIND.BOOK_TICKER)),
        ("btcusdt@kline_1s", Stream("btcusdt@kline_1s", "BTCUSDT", KIND.KLINE, SECOND, Interval.SECOND_1)),
        ("btcusdt@kline_1m", Stream("btcusdt@kline_1m", "BTCUSDT", KIND.KLINE, 2 * SECOND, Interval.MINUTE_1)),
        ("btcusdt@kline_1M", Stream("btcusdt@kline_1M", "BTCUSDT", KIND.KLINE, 2 * SECOND, Interval.MONTH_1)),
        (
            "btcusdt@kline_1d@+08:00",
            Stream("btcusdt@kline_1d@+08:00", "BTCUSDT", KIND.KLINE, 2 * SECOND, Interval.DAY_1, zone=8 * HOUR),
        ),
        ("btcusdt@miniTicker", Stream("btcusdt@miniTicker", "BTCUSDT", KIND.MINI_TICKER, SECOND)),
        ("btcusdt@ticker", Stream("btcusdt@ticker", "BTCUSDT", KIND.TICKER, SECOND)),
        ("btcusdt@ticker_4h", Stream("btcusdt@ticker_4h", "BTCUSDT", KIND.WINDOW_TICKER, SECOND, window=4 * HOUR)),
        ("btcusdt@avgPrice", Stream("btcusdt@avgPrice", "BTCUSDT", KIND.AVERAGE_PRICE, SECOND)),
        ("btcusdt@referencePrice", Stream("btcusdt@referencePrice", "BTCUSDT", KIND.REFERENCE_PRICE, SECOND)),
        ("btcusdt@depth", Stream("btcusdt@depth", "BTCUSDT", KIND.DEPTH, SECOND)),
        ("btcusdt@depth@100ms", Stream("btcusdt@depth@100ms", "BTCUSDT", KIND.DEPTH, 100 * MILLISECOND)),
        ("btcusdt@depth@1000ms", Stream("btcusdt@depth@1000ms", "BTCUSDT", KIND.DEPTH, SECOND)),
        ("btcusdt@depth5", Stream("btcusdt@depth5", "BTCUSDT", KIND.PARTIAL_DEPTH, SECOND, levels=5)),
        ("btcusdt@depth10@1000ms", Stream("btcusdt@depth10@1000ms", "BTCUSDT", KIND.PARTIAL_DEPTH, SECOND, levels=10)),
        (
            "btcusdt@depth20@100ms",
            Stream("btcusdt@depth20@100ms", "BTCUSDT", KIND.PARTIAL_DEPTH, 100 * MILLISECOND, levels=20),
        ),
        ("!miniTicker@arr", Stream("!miniTicker@arr", "", KIND.MINI_TICKER, SECOND)),
        ("!miniTicker@arr@3000ms", Stream("!miniTicker@arr@3000ms", "", KIND.MINI_TICKER, 3 * SECOND)),
        ("!ticker@arr", Stream("!ticker@arr", "", KIND.TICKER, SECOND)),
        ("!ticker_1d@arr", Stream("!ticker_1d@arr", "", KIND.WINDOW_TICKER, SECOND, window=DAY)),
        ("这是测试币456@trade", Stream("这是测试币456@trade", "这是测试币456", KIND.TRADE)),
        ("币usdt@trade", Stream("币usdt@trade", "币USDT", KIND.TRADE)),
    ],
)
def test_a_name_stands_for_a_stream(name: str, expected: Stream) -> None:
    assert parse_stream(name) == expected


@pytest.mark.parametrize(
    "name",
    [
        "",
        "@",
        "@trade",
        "btcusdt",
        "btcusdt@",
        "btcusdt@Trade",
        "btcusdt@aggtrade",
        # web-socket-streams.md: symbols are lower-case
        "BTCUSDT@trade",
        "Btcusdt@trade",
        # a dotless i, whose capital is the ordinary one
        "b\u0131ausdt@trade",
        "btcusdt@depth30",
        "btcusdt@depth@50ms",
        "btcusdt@depth@0ms",
        "btcusdt@depth5@",
        "btcusdt@kline_2m",
        "btcusdt@kline_1H",
        "btcusdt@kline_1d@+09:00",
        "btcusdt@kline_1d@+8",
        "btcusdt@ticker_2h",
        "btcusdt@trade@100ms",
        "btcusdt@trade ",
        # CHANGELOG.md, 2022-12-05 of the exchange: removed
        "!bookTicker",
        "!ticker_2h@arr",
        "!miniTicker@arr@100ms",
        "!miniTicker",
        "!serverShutdown",
        "0",
    ],
)
def test_other_names_stand_for_nothing(name: str) -> None:
    assert parse_stream(name) is None


def test_there_are_so_many_forms_and_no_more() -> None:
    # 2 of 16 intervals, 12 of 4 depths at 3 spellings of speed, 3 windows, 6 prices and trades, 2 x 2 tickers
    assert len(FORMS) == 32 + 12 + 3 + 6 + 4
    assert len(ARRAYS) == 9


symbols = st.text(min_size=1, max_size=20).filter(lambda symbol: "@" not in symbol and symbol.upper().lower() == symbol)


@given(symbols, st.sampled_from(sorted(FORMS)))
def test_every_name_leads_back_to_its_symbol_and_form(symbol: str, suffix: str) -> None:
    name = f"{symbol}@{suffix}"
    if name in ARRAYS:
        return
    stream = parse_stream(name)
    assert stream is not None
    assert stream.name == name
    assert stream.symbol.lower() == symbol
    assert (stream.kind, stream.speed, stream.levels) == (FORMS[suffix].kind, FORMS[suffix].speed, FORMS[suffix].levels)


@given(st.text(max_size=40))
def test_any_text_is_a_stream_or_none(name: str) -> None:
    stream = parse_stream(name)
    assert stream is None or stream.name == name
