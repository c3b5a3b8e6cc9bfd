"""Payloads of market streams in the older generation, word for word."""

from msgspec.structs import replace

from papernet.app.queries.option_values import OptionTicker, Terms
from papernet.app.queries.values import Touch
from papernet.core.dates import DAY, SECOND
from papernet.core.enums import OptionKind
from papernet.exchange.views import Candle, WindowStats
from papernet.protocols.option_streams import legacy_market as written
from papernet.protocols.option_streams.values import BookTop, Marked, Print
from papernet.protocols.subscriptions.diff_depth import BookChanges
from papernet.venues.options.contracts import Contract
from papernet.venues.options.market import Mark
from tests.support.option_market import make_underlying
from tests.support.worlds import units

NAME = "BTC-700102-500-P"
TERMS = Terms(NAME, OptionKind.PUT, units("500"), DAY, 3, 4, "USDT")
TOUCH = Touch(NAME, units("95"), units("1.5"), 0, 0)
STATS = WindowStats(
    open=units("80"),
    high=units("110"),
    low=units("70"),
    last=units("100"),
    quantity=units("3"),
    quote=units("270"),
    first_id=4,
    last_id=6,
    count=3,
    open_at=1_000_000,
    close_at=9_000_000,
    prev_close=units("80"),
    last_quantity=units("0.5"),
)


def candle(**changes: int) -> Candle:
    """Return a minute in which two trades took place, or what differs."""
    return replace(
        Candle(
            0, units("1"), units("4"), units("1"), units("2"), units("3"), 59_999_999, units("6"), 2, units("1"), units("2"), 5
        ),
        **changes,
    )


def test_what_was_sold_is_negative() -> None:
    sold = Print(TERMS, 7, 5 * SECOND, units("100.5"), units("0.1"), True, 11, 12)
    assert written.trade(sold) == (
        b'{"e":"trade","E":5000,"s":"BTC-700102-500-P","t":"7","p":"100.50000000","q":"-0.10000000","b":11,"a":12,"T":5000,'
        b'"S":"-1","X":"MARKET"}'
    )
    block = Print(TERMS, 7, 5 * SECOND, units("100.5"), units("0.1"), False, is_block=True)
    assert written.trade(block).endswith(b'"q":"0.10000000","b":0,"a":0,"T":5000,"S":"1","X":"BLOCK"}')


def test_snapshots_have_one_id_and_changes_two() -> None:
    top = BookTop(TERMS, 20, 23, [(units("95"), units("1"))], [], 2 * SECOND)
    assert written.top(top, 3 * SECOND) == (
        b'{"e":"depth","E":3000,"T":2000,"s":"BTC-700102-500-P","u":23,"pu":23,"b":[["95.00000000","1.00000000"]],"a":[]}'
    )
    changes = BookChanges(18, 20, [], [(units("96"), 0)], 2 * SECOND)
    assert written.changes(TERMS, changes, 3 * SECOND) == (
        b'{"e":"depth","E":3000,"T":2000,"s":"BTC-700102-500-P","u":20,"pu":17,"b":[],"a":[["96.00000000","0.00000000"]]}'
    )


def test_a_candles_first_id_has_a_capital_letter() -> None:
    payload = written.kline(TERMS, "1m", candle(), True, 60 * SECOND)
    assert b'"i":"1m","F":5,"L":6,"o":"1.00000000","c":"2.00000000","h":"4.00000000","l":"1.00000000"' in payload
    empty = candle(trade_count=0, first_trade_id=-1)
    assert b'"F":0,"L":0,' in written.kline(TERMS, "1m", empty, False, 60 * SECOND)


def test_a_ticker_says_what_the_contract_is_worth() -> None:
    mark = Mark(1, units("101"), units("0.5"), units("0.4"), units("0.6"), 1, 2, 3, 4)
    marked = Marked(TERMS, mark, units("520"), units("519"), TOUCH, units("5"), units("200"))
    assert written.ticker(OptionTicker(TERMS, STATS, 0, 0, TOUCH, 0), marked, 9 * SECOND) == (
        '{"e":"24hrTicker","E":9000,"T":9000,"s":"BTC-700102-500-P","o":"80.00000000","h":"110.00000000","l":"70.00000000",'
        '"c":"100.00000000","V":"3.00000000","A":"270.00000000","P":"0.2500","p":"20.00000000","Q":"0.50000000","F":"4",'
        '"L":"6","n":3,"bo":"95.00000000","ao":"0.00000000","bq":"1.50000000","aq":"0.00000000","b":"0.40000000",'
        '"a":"0.60000000","d":"0.00000001","t":"0.00000003","g":"0.00000002","v":"0.00000004","vo":"0.50000000",'
        '"mp":"101.00000000","hl":"200.00000000","ll":"5.00000000","eep":"519.00000000"}'
    )
    early = Marked(TERMS, mark, units("520"), 0, TOUCH, units("5"), units("200"))
    assert written.ticker(OptionTicker(TERMS, STATS, 0, 0, TOUCH, 0), early, 9 * SECOND).endswith('"eep":"0"}')


def test_marks_and_indexes_are_short() -> None:
    marked = Marked(TERMS, Mark(0, units("101")), 0, 0, TOUCH, 0, 0)
    assert written.marked(marked, SECOND) == '{"e":"markPrice","E":1000,"s":"BTC-700102-500-P","mp":"101.00000000"}'
    assert written.index("BTCUSDT", units("5.5"), SECOND) == '{"e":"index","E":1000,"s":"BTCUSDT","p":"5.50000000"}'


def test_a_new_contract_says_how_little_of_it_may_be_traded() -> None:
    contract = Contract(NAME, "BTCUSDT", OptionKind.PUT, units("500"), DAY, 2 * SECOND)
    assert written.new_contract(contract, make_underlying(), 3 * SECOND) == (
        b'{"e":"OPTION_PAIR","E":3000,"u":"BTCUSDT","qa":"USDT","s":"BTC-700102-500-P","unit":1,"mq":"0.01000000","d":"PUT",'
        b'"sp":"500.00000000","ed":86400000}'
    )
