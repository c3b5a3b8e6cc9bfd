"""Every payload of the market streams, byte by byte, from values made by hand."""

import pytest

from papernet.app.operations import TimeUnit
from papernet.app.queries.values import AveragePrice, ReferencePrice, Ticker, Touch
from papernet.core.events import BlockTrade, Trade
from papernet.exchange.views import AggregateTrade, Candle, WindowStats
from papernet.protocols.json import market_events
from tests.support.worlds import units

MS, US = TimeUnit.MILLISECOND, TimeUnit.MICROSECOND
AT = 1_700_000_000_123_456
DAY = 86_400_000_000
TRADE = Trade("BNBBTC", 12345, AT, units("0.001"), units("100"), units("0.1"), True, 7, 8)
AGGREGATE = AggregateTrade(12345, units("0.001"), units("100"), 100, 105, AT, buyer_is_maker=False)
BLOCK = BlockTrade("BNBBTC", 582, AT, units("0.052"), units("5838"), units("303.576"), True, 1, 2)
TOUCH = Touch("BNBBTC", units("25.3519"), units("31.21"), units("25.3652"), units("40.66"))
EMPTY = Touch("BNBBTC", 0, 0, 0, 0)
CANDLE = Candle(
    AT - 1,
    units("0.001"),
    units("0.0025"),
    units("0.0015"),
    units("0.002"),
    units("1000"),
    AT + 1_000_000,
    units("1.5"),
    101,
    units("500"),
    units("0.5"),
    100,
)
STATS = WindowStats(
    units("0.001"),
    units("0.0025"),
    units("0.001"),
    units("0.0035"),
    units("10000"),
    units("18"),
    5,
    18_150,
    18_146,
    AT - DAY,
    AT,
    units("0.0009"),
    units("10"),
)
TICKER = Ticker("BNBBTC", STATS, TOUCH)


def test_a_trade() -> None:
    assert market_events.trade(TRADE, MS) == (
        b'{"e":"trade","E":1700000000123,"s":"BNBBTC","t":12345,"p":"0.00100000","q":"100.00000000","T":1700000000123,'
        b'"m":true,"M":true}'
    )
    assert b'"T":1700000000123456,' in market_events.trade(TRADE, US)


def test_an_aggregate_trade() -> None:
    assert market_events.aggregate_trade("BNBBTC", AGGREGATE, MS) == (
        b'{"e":"aggTrade","E":1700000000123,"s":"BNBBTC","a":12345,"p":"0.00100000","q":"100.00000000","f":100,"l":105,'
        b'"T":1700000000123,"m":false,"M":true}'
    )


def test_a_block_trade() -> None:
    assert market_events.block_trade(BLOCK, MS) == (
        b'{"e":"blockTrade","E":1700000000123,"s":"BNBBTC","t":582,"p":"0.05200000","q":"5838.00000000","T":1700000000123,'
        b'"m":true}'
    )


def test_a_book_ticker_tells_no_time() -> None:
    assert market_events.book_ticker(TOUCH, 400900217) == (
        b'{"u":400900217,"s":"BNBBTC","b":"25.35190000","B":"31.21000000","a":"25.36520000","A":"40.66000000"}'
    )


def test_a_side_that_is_empty_is_told_as_zeros() -> None:
    assert market_events.book_ticker(EMPTY, 1) == (
        b'{"u":1,"s":"BNBBTC","b":"0.00000000","B":"0.00000000","a":"0.00000000","A":"0.00000000"}'
    )


def test_a_depth_update() -> None:
    bids, asks = [(units("0.0024"), units("10")), (units("0.0023"), 0)], [(units("0.0026"), units("100"))]
    assert market_events.depth_update("BNBBTC", (157, 160), bids, asks, AT, MS) == (
        b'{"e":"depthUpdate","E":1700000000123,"s":"BNBBTC","U":157,"u":160,"b":[["0.00240000","10.00000000"],'
        b'["0.00230000","0.00000000"]],"a":[["0.00260000","100.00000000"]]}'
    )
    assert market_events.depth_update("BNBBTC", (1, 1), [], asks[:1], AT, US).startswith(
        b'{"e":"depthUpdate","E":1700000000123456,"s":"BNBBTC","U":1,"u":1,"b":[],"a":[['
    )


def test_a_candle() -> None:
    assert market_events.kline("BNBBTC", "1m", CANDLE, False, AT, US) == (
        b'{"e":"kline","E":1700000000123456,"s":"BNBBTC","k":{"t":1700000000123455,"T":1700000001123456,"s":"BNBBTC",'
        b'"i":"1m","f":100,"L":200,"o":"0.00100000","c":"0.00200000","h":"0.00250000","l":"0.00150000",'
        b'"v":"1000.00000000","n":101,"x":false,"q":"1.50000000","V":"500.00000000","Q":"0.50000000","B":"0"}}'
    )


def test_a_candle_without_trades_has_no_trade_ids() -> None:
    price = units("0.001")
    flat = Candle(AT, price, price, price, price, 0, AT + 999_999, 0, 0, 0, 0, -1)
    assert b'"f":-1,"L":-1,"o":"0.00100000","c":"0.00100000"' in market_events.kline("BNBBTC", "1s", flat, True, AT, MS)
    assert b'"n":0,"x":true,"q":"0.00000000"' in market_events.kline("BNBBTC", "1s", flat, True, AT, MS)


def test_a_mini_ticker() -> None:
    assert market_events.mini_ticker(TICKER, AT, MS) == (
        '{"e":"24hrMiniTicker","E":1700000000123,"s":"BNBBTC","c":"0.00350000","o":"0.00100000","h":"0.00250000",'
        '"l":"0.00100000","v":"10000.00000000","q":"18.00000000"}'
    )


def test_a_ticker() -> None:
    assert market_events.day_ticker(TICKER, AT, MS) == (
        '{"e":"24hrTicker","E":1700000000123,"s":"BNBBTC","p":"0.00250000","P":"250.000","w":"0.00180000","x":"0.00090000",'
        '"c":"0.00350000","Q":"10.00000000","b":"25.35190000","B":"31.21000000","a":"25.36520000","A":"40.66000000",'
        '"o":"0.00100000","h":"0.00250000","l":"0.00100000","v":"10000.00000000","q":"18.00000000","O":1699913600123,'
        '"C":1700000000123,"F":5,"L":18150,"n":18146}'
    )


def test_a_ticker_of_a_window() -> None:
    assert market_events.window_ticker("4h", TICKER, AT, US) == (
        '{"e":"4hTicker","E":1700000000123456,"s":"BNBBTC","p":"0.00250000","P":"250.000","o":"0.00100000","h":"0.00250000",'
        '"l":"0.00100000","c":"0.00350000","w":"0.00180000","v":"10000.00000000","q":"18.00000000","O":1699913600123456,'
        '"C":1700000000123456,"F":5,"L":18150,"n":18146}'
    )


def test_an_average_price() -> None:
    assert market_events.average("BTCUSDT", AveragePrice(5, units("25776.86"), AT - 2_000), AT, MS) == (
        b'{"e":"avgPrice","E":1700000000123,"s":"BTCUSDT","i":"5m","w":"25776.86000000","T":1700000000121}'
    )


@pytest.mark.parametrize(("price", "text"), [(units("1"), b'"1.00000000"'), (None, b"null")])
def test_a_reference_price(price: int | None, text: bytes) -> None:
    assert market_events.reference(ReferencePrice("BAZUSD", price, AT), MS) == (
        b'{"e":"referencePrice","s":"BAZUSD","r":' + text + b',"t":1700000000123}'
    )


def test_names_may_be_anything() -> None:
    assert '"s":"A\\"币"'.encode() in market_events.book_ticker(Touch('A"币', 0, 0, 0, 0), 1)
