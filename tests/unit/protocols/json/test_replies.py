"""Every reply of the market and of an account, byte by byte, from values made by hand."""

import json
from typing import Any

import pytest

from papernet.app.operations import OPERATIONS, DryRun, Query, TimeUnit
from papernet.app.queries import QUERIES
from papernet.app.queries.values import (
    AccountStatus,
    AveragePrice,
    CommissionRates,
    Depth,
    ExchangeInformation,
    LastPrice,
    LastPrices,
    Listing,
    OrderCounts,
    OrderRates,
    Rates,
    Ticker,
    Tickers,
    Touch,
    Touches,
)
from papernet.core.enums import OrderType, SelfTradeMode, SymbolStatus
from papernet.exchange.views import AggregateTrade, Candle, PublicTrade, WindowStats
from papernet.protocols.json.replies import RENDERERS
from papernet.venues.spot.symbols import (
    LotSize,
    MarketLotSize,
    MaxNumOrders,
    MinNotional,
    Notional,
    PercentPrice,
    PercentPriceBySide,
    PriceFilter,
)
from tests.support.worlds import make_symbol, units

MS, US = TimeUnit.MILLISECOND, TimeUnit.MICROSECOND
AT = 1_700_000_000_123_456
TRADE = PublicTrade(28457, 7, AT, units("4.000001"), units("12"), units("48.000012"), True, 9)
STATS = WindowStats(
    units("99"),
    units("100"),
    units("0.1"),
    units("4.000002"),
    units("8913.3"),
    units("15.3"),
    28385,
    28460,
    76,
    AT - 86_400_000_000,
    AT,
    units("0.10002"),
    units("200"),
)
TOUCH = Touch("BNBBTC", units("4"), units("100"), units("4.000002"), units("9"))
HUNDREDTHS = Rates(units("0.001"), units("0.0015"), 0, units("0.0001"))

TRADE_ROW = (
    '[{"id":28457,"price":"4.00000100","qty":"12.00000000","quoteQty":"48.00001200","time":1700000000123,'
    '"isBuyerMaker":true,"isBestMatch":true}]'
)
CANDLE = Candle(
    AT // 60_000_000 * 60_000_000,
    units("0.0163479"),
    units("0.8"),
    units("0.015758"),
    units("0.015771"),
    units("148976.11427815"),
    AT // 60_000_000 * 60_000_000 + 59_999_999,
    units("2434.19055334"),
    308,
    units("1756.87402397"),
    units("28.46694368"),
    1,
)
CANDLE_ROW = (
    '[[1699999980000,"0.01634790","0.80000000","0.01575800","0.01577100","148976.11427815",1700000039999,"2434.19055334",308,'
    '"1756.87402397","28.46694368","0"]]'
)
WINDOW = (
    '"volume":"8913.30000000","quoteVolume":"15.30000000","openTime":1699913600123,"closeTime":1700000000123,'
    '"firstId":28385,"lastId":28460,"count":76}'
)
PRICES = '"openPrice":"99.00000000","highPrice":"100.00000000","lowPrice":"0.10000000",'
CHANGE = '{"symbol":"BNBBTC","priceChange":"-94.99999800","priceChangePercent":"-95.960","weightedAvgPrice":"0.00171654",'
DAY_TICKER = (
    CHANGE + '"prevClosePrice":"0.10002000","lastPrice":"4.00000200","lastQty":"200.00000000","bidPrice":"4.00000000",'
    '"bidQty":"100.00000000","askPrice":"4.00000200","askQty":"9.00000000",' + PRICES + WINDOW
)
WINDOW_TICKER = CHANGE + PRICES + '"lastPrice":"4.00000200",' + WINDOW
MINI_TICKER = '{"symbol":"BNBBTC",' + PRICES + '"lastPrice":"4.00000200",' + WINDOW
BOOK_TICKER = (
    '{"symbol":"BNBBTC","bidPrice":"4.00000000","bidQty":"100.00000000","askPrice":"4.00000200","askQty":"9.00000000"}'
)
ZERO_RATES = '{"maker":"0.00000000","taker":"0.00000000","buyer":"0.00000000","seller":"0.00000000"}'
RATES = '{"maker":"0.00100000","taker":"0.00150000","buyer":"0.00000000","seller":"0.00010000"}'
NO_DISCOUNT = '{"enabledForAccount":false,"enabledForSymbol":false,"discountAsset":"BNB","discount":"0.00000000"}'


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("ping", None, "{}"),
        ("time", AT, '{"serverTime":1700000000123}'),
        (
            "depth",
            Depth(1027024, [(units("4"), units("431")), (units("3.9"), 1)], [(units("4.000002"), units("12"))]),
            (
                '{"lastUpdateId":1027024,"bids":[["4.00000000","431.00000000"],["3.90000000","0.00000001"]],'
                '"asks":[["4.00000200","12.00000000"]]}'
            ),
        ),
        ("depth", Depth(0, [], []), '{"lastUpdateId":0,"bids":[],"asks":[]}'),
        ("trades.recent", [TRADE], TRADE_ROW),
        ("trades.recent", [], "[]"),
        ("trades.historical", [TRADE], TRADE_ROW),
        (
            "trades.aggregate",
            [AggregateTrade(26129, units("0.01633102"), units("4.70443515"), 27781, 27783, AT, False)],
            '[{"a":26129,"p":"0.01633102","q":"4.70443515","f":27781,"l":27783,"T":1700000000123,"m":false,"M":true}]',
        ),
        ("klines", [CANDLE], CANDLE_ROW),
        ("uiKlines", [CANDLE], CANDLE_ROW),
        ("avgPrice", AveragePrice(5, units("9.35751834"), AT), '{"mins":5,"price":"9.35751834","closeTime":1700000000123}'),
        ("ticker.24hr", Tickers([Ticker("BNBBTC", STATS, TOUCH)], True, False), DAY_TICKER),
        ("ticker.24hr", Tickers([Ticker("BNBBTC", STATS, TOUCH)] * 2, False, False), f"[{DAY_TICKER},{DAY_TICKER}]"),
        ("ticker.24hr", Tickers([Ticker("BNBBTC", STATS, TOUCH)], True, True), MINI_TICKER),
        ("ticker.tradingDay", Tickers([Ticker("BNBBTC", STATS)], True, False), WINDOW_TICKER),
        ("ticker.tradingDay", Tickers([Ticker("BNBBTC", STATS)], False, True), f"[{MINI_TICKER}]"),
        ("ticker", Tickers([Ticker("BNBBTC", STATS)], False, False), f"[{WINDOW_TICKER}]"),
        ("ticker", Tickers([Ticker("BNBBTC", STATS)], True, True), MINI_TICKER),
        ("ticker", Tickers([], False, True), "[]"),
        (
            "ticker.price",
            LastPrices([LastPrice("LTCBTC", units("4.000002"))], True),
            '{"symbol":"LTCBTC","price":"4.00000200"}',
        ),
        (
            "ticker.price",
            LastPrices([LastPrice("LTCBTC", units("4.000002")), LastPrice("１２３", 0)], False),
            '[{"symbol":"LTCBTC","price":"4.00000200"},{"symbol":"１２３","price":"0.00000000"}]',
        ),
        ("ticker.book", Touches([TOUCH], True), BOOK_TICKER),
        ("ticker.book", Touches([TOUCH], False), f"[{BOOK_TICKER}]"),
        (
            "account.status",
            AccountStatus(354937868, AT, HUNDREDTHS, [("BTC", units("4723846.89208129"), units("0.5")), ('Q"', 0, 0)]),
            '{"makerCommission":10,"takerCommission":15,"buyerCommission":0,"sellerCommission":1,"commissionRates":'
            + RATES
            + ","
            '"canTrade":true,"canWithdraw":true,"canDeposit":true,"brokered":false,"requireSelfTradePrevention":false,'
            '"preventSor":false,"updateTime":1700000000123,"accountType":"SPOT","balances":['
            '{"asset":"BTC","free":"4723846.89208129","locked":"0.50000000"},'
            '{"asset":"Q\\"","free":"0.00000000","locked":"0.00000000"}],"permissions":["SPOT"],"uid":354937868}',
        ),
        (
            "account.commission",
            CommissionRates("BTCUSDT", HUNDREDTHS),
            '{"symbol":"BTCUSDT","standardCommission":' + RATES + ',"specialCommission":' + ZERO_RATES + ","
            '"taxCommission":' + ZERO_RATES + ',"discount":' + NO_DISCOUNT + "}",
        ),
        (
            "account.rateLimits.orders",
            OrderCounts(3, 1_234),
            (
                '[{"rateLimitType":"ORDERS","interval":"SECOND","intervalNum":10,"limit":50,"count":3},'
                '{"rateLimitType":"ORDERS","interval":"DAY","intervalNum":1,"limit":160000,"count":1234}]'
            ),
        ),
        ("order.test", None, "{}"),
        (
            "order.test",
            OrderRates(units("0.001"), units("0.0016")),
            '{"standardCommissionForOrder":{"maker":"0.00100000","taker":"0.00160000"},'
            '"specialCommissionForOrder":{"maker":"0.00000000","taker":"0.00000000"},'
            '"taxCommissionForOrder":{"maker":"0.00000000","taker":"0.00000000"},"discount":' + NO_DISCOUNT + "}",
        ),
    ],
)
def test_replies_byte_by_byte(name: str, value: Any, text: str) -> None:
    assert RENDERERS[name](value, MS).decode() == text


@pytest.mark.parametrize(
    ("name", "value", "fields"),
    [
        ("time", AT, {"serverTime": AT}),
        ("avgPrice", AveragePrice(5, 1, AT), {"closeTime": AT}),
        ("ticker", Tickers([Ticker("BNBBTC", STATS)], True, False), {"openTime": AT - 86_400_000_000, "closeTime": AT}),
        ("account.status", AccountStatus(1, AT, HUNDREDTHS, []), {"updateTime": AT}),
    ],
)
def test_times_are_told_in_microseconds_on_request(name: str, value: Any, fields: dict[str, int]) -> None:
    reply = json.loads(RENDERERS[name](value, US))
    assert {field: reply[field] for field in fields} == fields


def test_rows_tell_microseconds_too() -> None:
    assert json.loads(RENDERERS["trades.recent"]([TRADE], US))[0]["time"] == AT
    candle = json.loads(RENDERERS["klines"]([CANDLE], US))[0]
    assert (candle[0], candle[6]) == (1_699_999_980_000_000, 1_700_000_039_999_999)


def test_every_query_has_a_renderer() -> None:
    asking = [name for name, operation in OPERATIONS.items() if isinstance(operation.does, Query | DryRun)]
    assert sorted(QUERIES) == sorted(RENDERERS) == sorted(asking)


FILTERS = (
    PriceFilter(units("0.000001"), units("100000"), units("0.000001")),
    PercentPrice(units("1.3"), units("0.7"), 5),
    PercentPriceBySide(units("1.2"), units("0.2"), units("5"), units("0.8"), 1),
    LotSize(units("0.001"), units("100000"), units("0.001")),
    MinNotional(units("0.001"), True, 5),
    Notional(units("10"), False, units("10000"), True, 5),
    MarketLotSize(0, units("100"), 0),
    MaxNumOrders(25),
)
FILTER_ROWS = [
    {"filterType": "PRICE_FILTER", "minPrice": "0.00000100", "maxPrice": "100000.00000000", "tickSize": "0.00000100"},
    {"filterType": "PERCENT_PRICE", "multiplierUp": "1.3", "multiplierDown": "0.7", "avgPriceMins": 5},
    {
        "filterType": "PERCENT_PRICE_BY_SIDE",
        "bidMultiplierUp": "1.2",
        "bidMultiplierDown": "0.2",
        "askMultiplierUp": "5",
        "askMultiplierDown": "0.8",
        "avgPriceMins": 1,
    },
    {"filterType": "LOT_SIZE", "minQty": "0.00100000", "maxQty": "100000.00000000", "stepSize": "0.00100000"},
    {"filterType": "MIN_NOTIONAL", "minNotional": "0.00100000", "applyToMarket": True, "avgPriceMins": 5},
    {
        "filterType": "NOTIONAL",
        "minNotional": "10.00000000",
        "applyMinToMarket": False,
        "maxNotional": "10000.00000000",
        "applyMaxToMarket": True,
        "avgPriceMins": 5,
    },
    {"filterType": "MARKET_LOT_SIZE", "minQty": "0.00000000", "maxQty": "100.00000000", "stepSize": "0.00000000"},
    {"filterType": "MAX_NUM_ORDERS", "maxNumOrders": 25},
]


def exchange_information(listing: Listing, unit: TimeUnit = MS) -> Any:
    return json.loads(RENDERERS["exchangeInfo"](ExchangeInformation(listing, AT), unit))


def test_exchange_information() -> None:
    symbol = make_symbol(
        *FILTERS,
        name="ETHBTC",
        base="ETH",
        quote="BTC",
        order_types=(OrderType.LIMIT, OrderType.MARKET),
        permission_sets=(("SPOT", "MARGIN"), ("X",)),
        self_trade_modes=(SelfTradeMode.NONE, SelfTradeMode.EXPIRE_TAKER),
        default_self_trade_mode=SelfTradeMode.EXPIRE_TAKER,
    )
    reply = exchange_information(Listing(((symbol, SymbolStatus.BREAK),), show_permission_sets=True))
    assert reply == {
        "timezone": "UTC",
        "serverTime": 1_700_000_000_123,
        "rateLimits": [
            {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": 6000},
            {"rateLimitType": "ORDERS", "interval": "SECOND", "intervalNum": 10, "limit": 50},
            {"rateLimitType": "ORDERS", "interval": "DAY", "intervalNum": 1, "limit": 160000},
            {"rateLimitType": "RAW_REQUESTS", "interval": "MINUTE", "intervalNum": 5, "limit": 61000},
        ],
        "exchangeFilters": [],
        "symbols": [
            {
                "symbol": "ETHBTC",
                "status": "BREAK",
                "baseAsset": "ETH",
                "baseAssetPrecision": 8,
                "quoteAsset": "BTC",
                "quotePrecision": 8,
                "quoteAssetPrecision": 8,
                "baseCommissionPrecision": 8,
                "quoteCommissionPrecision": 8,
                "orderTypes": ["LIMIT", "MARKET"],
                "icebergAllowed": False,
                "ocoAllowed": False,
                "otoAllowed": False,
                "opoAllowed": False,
                "quoteOrderQtyMarketAllowed": True,
                "allowTrailingStop": False,
                "cancelReplaceAllowed": False,
                "amendAllowed": False,
                "pegInstructionsAllowed": False,
                "isSpotTradingAllowed": True,
                "isMarginTradingAllowed": True,
                "filters": FILTER_ROWS,
                "permissions": [],
                "permissionSets": [["SPOT", "MARGIN"], ["X"]],
                "defaultSelfTradePreventionMode": "EXPIRE_TAKER",
                "allowedSelfTradePreventionModes": ["NONE", "EXPIRE_TAKER"],
            }
        ],
    }


def test_exchange_information_kept_for_a_listing_tells_the_time_anew() -> None:
    listing = Listing(((make_symbol(), SymbolStatus.TRADING),), show_permission_sets=True)
    first = RENDERERS["exchangeInfo"](ExchangeInformation(listing, AT), MS)
    later = RENDERERS["exchangeInfo"](ExchangeInformation(listing, AT + 1_000), US)
    assert json.loads(later) == json.loads(first) | {"serverTime": AT + 1_000}


def test_permission_sets_can_be_left_out() -> None:
    reply = exchange_information(Listing(((make_symbol(), SymbolStatus.TRADING),), show_permission_sets=False))
    assert reply["symbols"][0]["permissionSets"] == []


def test_filters_begin_with_a_price_filter_even_where_there_is_none() -> None:
    symbol = make_symbol(LotSize(1, 0, 1))
    reply = exchange_information(Listing(((symbol, SymbolStatus.TRADING),), show_permission_sets=True))
    zero = "0.00000000"
    assert reply["symbols"][0]["filters"] == [
        {"filterType": "PRICE_FILTER", "minPrice": zero, "maxPrice": zero, "tickSize": zero},
        {"filterType": "LOT_SIZE", "minQty": "0.00000001", "maxQty": zero, "stepSize": "0.00000001"},
    ]
