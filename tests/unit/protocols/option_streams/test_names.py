"""What names stand for, in both generations."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papernet.core.dates import DAY, HOUR, MILLISECOND, MINUTE, SECOND, days_from_civil
from papernet.exchange.views import Interval
from papernet.protocols.option_streams.names import NAMES, Base, Of, OptionStream, StreamKind, interval_of
from tests.support.option_air import CURRENT, LEGACY

CHRISTMAS = days_from_civil(2026, 12, 25) * DAY + 8 * HOUR
TENTH, HALF = 100 * MILLISECOND, 500 * MILLISECOND


def today(name: str) -> OptionStream:
    stream = NAMES[CURRENT].parse(name)
    assert stream is not None, name
    assert stream.name == name
    return stream


def older(name: str) -> OptionStream:
    stream = NAMES[LEGACY].parse(name)
    assert stream is not None, name
    assert stream.name == name
    return stream


@pytest.mark.parametrize(
    ("name", "kind", "subject", "speed", "levels"),
    [
        ("btc-261225-100000-c@optionTrade", StreamKind.TRADE, "BTC-261225-100000-C", 0, 0),
        ("xrp-261225-0.365-p@bookTicker", StreamKind.BOOK_TICKER, "XRP-261225-0.365-P", 0, 0),
        ("btc-261225-100000-c@optionTicker", StreamKind.TICKER, "BTC-261225-100000-C", SECOND, 0),
        ("btc-261225-100000-c@depth@100ms", StreamKind.DEPTH, "BTC-261225-100000-C", TENTH, 0),
        ("btc-261225-100000-c@depth@500ms", StreamKind.DEPTH, "BTC-261225-100000-C", HALF, 0),
        ("btc-261225-100000-c@depth", StreamKind.DEPTH, "BTC-261225-100000-C", HALF, 0),
        ("btc-261225-100000-c@depth5@100ms", StreamKind.PARTIAL_DEPTH, "BTC-261225-100000-C", TENTH, 5),
        ("btc-261225-100000-c@depth20@500ms", StreamKind.PARTIAL_DEPTH, "BTC-261225-100000-C", HALF, 20),
        ("btc-261225-100000-c@depth10", StreamKind.PARTIAL_DEPTH, "BTC-261225-100000-C", HALF, 10),
        ("btc-261225-100000-c@kline_1m", StreamKind.KLINE, "BTC-261225-100000-C", SECOND, 0),
        ("btcusdt@optionTrade", StreamKind.TRADE, "BTCUSDT", 0, 0),
        ("btcusdt@optionMarkPrice", StreamKind.MARKS, "BTCUSDT", SECOND, 0),
        ("!index@arr", StreamKind.INDEXES, "", SECOND, 0),
        ("!optionSymbol", StreamKind.NEW_CONTRACT, "", 0, 0),
    ],
)
def test_the_current_names(name: str, kind: StreamKind, subject: str, speed: int, levels: int) -> None:
    stream = today(name)
    assert (stream.kind, stream.subject, stream.speed, stream.form.levels, stream.expiry) == (kind, subject, speed, levels, 0)


@pytest.mark.parametrize(
    ("name", "kind", "of", "subject", "speed", "levels"),
    [
        ("BTC-261225-100000-C@trade", StreamKind.TRADE, Of.CONTRACT, "BTC-261225-100000-C", 0, 0),
        ("BTC@trade", StreamKind.TRADE, Of.ASSET, "BTC", 0, 0),
        ("ETHUSDT@index", StreamKind.INDEX, Of.UNDERLYING, "ETHUSDT", SECOND, 0),
        ("ETH@markPrice", StreamKind.MARKS, Of.ASSET, "ETH", SECOND, 0),
        ("BTC-261225-100000-C@ticker", StreamKind.TICKER, Of.CONTRACT, "BTC-261225-100000-C", SECOND, 0),
        ("BTC-261225-100000-C@depth100", StreamKind.PARTIAL_DEPTH, Of.CONTRACT, "BTC-261225-100000-C", HALF, 100),
        ("BTC-261225-100000-C@depth50@1000ms", StreamKind.PARTIAL_DEPTH, Of.CONTRACT, "BTC-261225-100000-C", SECOND, 50),
        ("BTC-261225-100000-C@depth1000", StreamKind.DEPTH, Of.CONTRACT, "BTC-261225-100000-C", HALF, 0),
        ("BTC-261225-100000-C@kline_1w", StreamKind.KLINE, Of.CONTRACT, "BTC-261225-100000-C", SECOND, 0),
        ("option_pair", StreamKind.NEW_CONTRACT, Of.EVERYBODY, "", 0, 0),
    ],
)
def test_the_older_names(name: str, kind: StreamKind, of: Of, subject: str, speed: int, levels: int) -> None:
    stream = older(name)
    assert (stream.kind, stream.form.of, stream.subject) == (kind, of, subject)
    assert (stream.speed, stream.form.levels, stream.form.base) == (speed, levels, Base.ANY)


@pytest.mark.parametrize(
    ("name", "kind", "speed"),
    [
        ("btcusdt@optionTicker@261225", StreamKind.TICKERS, SECOND),
        # a client's own spelling
        ("btcusdt@optionTicker261225", StreamKind.TICKERS, SECOND),
        ("btcusdt@openInterest@261225", StreamKind.OPEN_INTEREST, MINUTE),
        ("btcusdt@optionOpenInterest@261225", StreamKind.OPEN_INTEREST, MINUTE),
    ],
)
def test_an_expiry_stands_behind_some(name: str, kind: StreamKind, speed: int) -> None:
    stream = today(name)
    assert (stream.kind, stream.speed, stream.subject, stream.expiry) == (kind, speed, "BTCUSDT", CHRISTMAS)
    for suffix in ("ticker", "openInterest"):
        assert older(f"BTC@{suffix}@261225").expiry == CHRISTMAS


def test_symbols_are_taken_in_any_case_and_forms_as_they_are_written() -> None:
    assert today("BTCUSDT@optionMarkPrice").subject == today("btcusdt@optionMarkPrice").subject == "BTCUSDT"
    assert older("btc-261225-100000-c@ticker").subject == "BTC-261225-100000-C"
    for name in ("btcusdt@OPTIONMARKPRICE", "btcusdt@optionmarkprice", "!INDEX@arr"):
        assert NAMES[CURRENT].parse(name) is None


@pytest.mark.parametrize(
    "name",
    [
        *("", "0", "@", "@optionTrade", "btcusdt", "btcusdt@trade", "btcusdt@depth", "btc-261225-1-c@optionMarkPrice"),
        *("btc-261225-1-c@kline_8h", "btc-261225-1-c@kline_1M", "btc-261225-1-c@kline_1s", "btc-261225-1-c@depth50@500ms"),
        *("btc-261225-1-c@depth@1000ms", "btcusdt@optionTicker", "btcusdt@optionTicker@", "btcusdt@optionTicker@261332"),
        *("btcusdt@optionTicker@000000", "btcusdt@optionTicker@2612250", "ßusdt@optionTrade", "!index", "option_pair"),
        "a" * 64,
    ],
)
def test_other_names_stand_for_nothing_today(name: str) -> None:
    assert NAMES[CURRENT].parse(name) is None


@pytest.mark.parametrize(
    "name",
    [
        *("btcusdt@optionTrade", "BTC@index@261225", "BTC@optionTicker@261225", "!index@arr", "BTC-261225-1-C@depth"),
        *("BTC-261225-1-C@depth5", "BTC-261225-1-C@bookTicker", "BTC-261225-1-C@depth10@500ms", "BTC@ticker"),
    ],
)
def test_other_names_stood_for_nothing_before(name: str) -> None:
    assert NAMES[LEGACY].parse(name) is None


@given(st.text(max_size=40))
def test_any_text_is_a_name_of_something_or_of_nothing(name: str) -> None:
    for names in NAMES.values():
        for text in (name, f"btcusdt@{name}", f"{name}@optionTrade", f"a-b@{name}"):
            stream = names.parse(text)
            assert stream is None or stream.name == text


def test_each_form_of_candles_has_its_interval() -> None:
    assert interval_of(today("btc-261225-1-c@kline_3d").form) is Interval.DAY_3
