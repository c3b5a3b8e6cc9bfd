"""Payloads of market streams today, word for word."""

from msgspec.structs import replace

from papernet.app.queries.option_values import OpenInterest, OptionTicker, Terms
from papernet.app.queries.values import Touch
from papernet.core.dates import DAY, SECOND
from papernet.core.enums import OptionKind
from papernet.exchange.views import Candle, WindowStats
from papernet.protocols.option_streams import current_market as written
from papernet.protocols.option_streams.values import BookTop, Marked, Print
from papernet.protocols.subscriptions.diff_depth import BookChanges
from papernet.venues.options.contracts import Contract
from papernet.venues.options.market import Mark
from tests.support.option_market import make_underlying
from tests.support.worlds import units

NAME = "BTC-700102-500-C"
TERMS = Terms(NAME, OptionKind.CALL, units("500"), DAY, 3, 4, "USDT")
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


def test_a_trade_says_what_its_taker_did() -> None:
    row = Print(TERMS, 7, 5 * SECOND, units("100.5"), units("0.1"), buyer_is_maker=True)
    assert written.trade(row) == (
        b'{"e":"trade","E":5000,"T":5000,"s":"BTC-700102-500-C","t":7,"p":"100.500","q":"0.1000","X":"MARKET","S":"SELL",'
        b'"m":true}'
    )
    block = Print(TERMS, 8, 5 * SECOND, units("100"), units("2"), buyer_is_maker=False, is_block=True)
    assert written.trade(block).endswith(b'"X":"BLOCK","S":"BUY","m":false}')


def test_an_empty_side_is_zero() -> None:
    assert written.book_ticker(TERMS, TOUCH, 17, SECOND) == (
        b'{"e":"bookTicker","u":17,"s":"BTC-700102-500-C","b":"95.000","B":"1.5000","a":"0.000","A":"0.0000","T":1000,"E":1000}'
    )


def test_changes_begin_with_the_state_that_they_changed() -> None:
    changes = BookChanges(18, 20, [(units("95"), 0)], [(units("96"), units("1"))], 2 * SECOND)
    assert written.changes(TERMS, changes, 3 * SECOND) == (
        b'{"e":"depthUpdate","E":3000,"T":2000,"s":"BTC-700102-500-C","U":17,"u":20,"pu":17,'
        b'"b":[["95.000","0.0000"]],"a":[["96.000","1.0000"]]}'
    )


def test_the_best_levels_are_told_with_the_ids_of_before_and_now() -> None:
    top = BookTop(TERMS, 20, 23, [(units("95"), units("1")), (units("90"), units("2"))], [], 2 * SECOND)
    assert written.top(top, 3 * SECOND) == (
        b'{"e":"depthUpdate","E":3000,"T":2000,"s":"BTC-700102-500-C","U":20,"u":23,"pu":20,'
        b'"b":[["95.000","1.0000"],["90.000","2.0000"]],"a":[]}'
    )


def test_a_candle_without_trades_has_no_ids() -> None:
    assert written.kline(TERMS, "1m", candle(), True, 60 * SECOND) == (
        b'{"e":"kline","E":60000,"s":"BTC-700102-500-C","k":{"t":0,"T":59999,"s":"BTC-700102-500-C","i":"1m","f":5,"L":6,'
        b'"o":"1.000","c":"2.000","h":"4.000","l":"1.000","v":"3.0000","n":2,"x":true,"q":"6.00000000","V":"1.0000",'
        b'"Q":"2.00000000"}}'
    )
    empty = candle(trade_count=0, first_trade_id=-1)
    assert b'"f":0,"L":0,' in written.kline(TERMS, "1m", empty, False, 60 * SECOND)


def test_a_tickers_percentage_is_one() -> None:
    ticker = OptionTicker(TERMS, STATS, 0, 0, TOUCH, 0)
    assert written.ticker(ticker, None, 9 * SECOND) == (
        '{"e":"24hrTicker","E":9000,"s":"BTC-700102-500-C","p":"20.000","P":"25.00","w":"90.000","c":"100.000","Q":"0.5000",'
        '"o":"80.000","h":"110.000","l":"70.000","v":"3.0000","q":"270.00000000","O":1000,"C":9000,"F":4,"L":6,"n":3}'
    )


def test_what_is_not_known_of_a_mark_is_told_so() -> None:
    marked = Marked(TERMS, Mark(0, units("101.2345")), units("520.12345678"), 0, TOUCH, units("5"), units("200"))
    assert written.marked(marked, SECOND) == (
        '{"s":"BTC-700102-500-C","mp":"101.235","E":1000,"e":"markPrice","i":"520.12345678","P":"0.000","bo":"95.000",'
        '"ao":"0.000","bq":"1.5000","aq":"0.0000","b":"-1.0","a":"-1.0","hl":"200.000","ll":"5.000","vo":"-1.0","rf":"0.0",'
        '"d":"0.00000000","t":"0.00000000","g":"0.00000000","v":"0.00000000"}'
    )


def test_open_interest_and_indexes_have_the_decimals_they_need_and_eight() -> None:
    assert written.open_interest(OpenInterest(NAME, units("1580.87"), units("12.5"), 0), SECOND) == (
        '{"e":"openInterest","E":1000,"s":"BTC-700102-500-C","o":"1580.87","h":"12.50000000"}'
    )
    assert written.index("BTCUSDT", units("5.5"), SECOND) == '{"e":"indexPrice","E":1000,"s":"BTCUSDT","p":"5.50000000"}'


def test_a_new_contract_says_when_it_begins_and_ends() -> None:
    contract = Contract(NAME, "BTCUSDT", OptionKind.CALL, units("500"), DAY, 2 * SECOND)
    assert written.new_contract(contract, make_underlying(), 3 * SECOND) == (
        b'{"e":"optionSymbol","E":3000,"s":"BTC-700102-500-C","ps":"BTCUSDT","qa":"USDT","d":"CALL","sp":"500",'
        b'"dt":86400000,"u":1,"ot":2000,"cs":"TRADING"}'
    )
