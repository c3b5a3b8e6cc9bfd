"""Every reply of the market, byte by byte, from values made by hand; and which reply a command gets."""

import json
from typing import Any, get_args

import pytest

from papernet.app.operations import OPERATIONS, DryRun, Query, ResponseType, TimeUnit
from papernet.app.order_terms import OrderCommand
from papernet.app.queries import QUERIES
from papernet.app.queries.values import (
    AveragePrice,
    Depth,
    LastPrice,
    LastPrices,
    Ticker,
    Tickers,
    Touch,
    Touches,
)
from papernet.core.commands import (
    AmendOrder,
    CancelOpenOrders,
    CancelOrder,
    CancelOrderList,
    NewOrder,
    NewOrderList,
    ReplaceOrder,
)
from papernet.core.enums import (
    ExecType,
    ListKind,
    ListOrderStatus,
    ListStatusType,
    OrderStatus,
    OrderType,
    Side,
)
from papernet.core.events import BlockTrade, CancelFailed, OrderListChanged, OrderListRecord, PlacementFailed
from papernet.core.rejects import Reason, Reject
from papernet.exchange.views import AggregateTrade, Candle, PublicTrade, WindowStats
from papernet.protocols.json import replies
from papernet.protocols.json.replies import RENDERERS, command_reply
from tests.support.reports import applied, extras, report, terms
from tests.support.worlds import ALICE, units

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
            # rest-api.md, Historical Block Trades
            "blockTrades.historical",
            [BlockTrade("BNBBTC", 582, AT, units("0.052"), units("5838"), units("303.576"), True, 1, 2)],
            (
                '[{"id":582,"price":"0.05200000","qty":"5838.00000000","quoteQty":"303.57600000","time":1700000000123,'
                '"isBuyerMaker":true}]'
            ),
        ),
        ("blockTrades.historical", [], "[]"),
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
    # Those about options are written by editions.
    queries = [name for name in QUERIES if not name.startswith("options.")]
    assert sorted(queries) == sorted(RENDERERS) == sorted(asking)


# the replies to commands


def order_of(order_type: OrderType) -> NewOrder:
    return terms("BTCUSDT", order_type, Side.BUY, "1", "2", client_order_id="mine")


ORDER = order_of(OrderType.LIMIT)
NEW = report(ORDER, 7, 5)
MEMBER = report(ORDER, 7, 5, extras=extras(order_list_id=3, working_at=5))
ENDED = report(
    ORDER,
    7,
    5,
    exec_type=ExecType.CANCELED,
    status=OrderStatus.CANCELED,
    extras=extras(order_list_id=3, working_at=5),
)
CANCEL = CancelOrder(ALICE, "BTCUSDT", 7)


def list_event(status_type: ListStatusType, status: ListOrderStatus) -> OrderListChanged:
    listed = OrderListRecord(3, ALICE, "BTCUSDT", ListKind.OCO, status, "list", 5, 5, ((7, "mine"),))
    return OrderListChanged(listed, status_type, 5)


STARTED = list_event(ListStatusType.EXEC_STARTED, ListOrderStatus.EXECUTING)
DONE = list_event(ListStatusType.ALL_DONE, ListOrderStatus.ALL_DONE)


@pytest.mark.parametrize(
    ("command", "events", "status", "fields"),
    [
        (ORDER, (NEW,), 200, {"status": "NEW"}),
        (NewOrderList(ALICE, "BTCUSDT", ListKind.OCO, (ORDER,)), (STARTED, MEMBER), 200, {"listStatusType": "EXEC_STARTED"}),
        (CANCEL, (ENDED, DONE), 200, {"listStatusType": "ALL_DONE"}),
        (CancelOrderList(ALICE, "BTCUSDT", 3), (ENDED, DONE), 200, {"listStatusType": "ALL_DONE"}),
        (ReplaceOrder(CANCEL, ORDER, False), (ENDED, DONE, NEW), 200, {"cancelResult": "SUCCESS"}),
        (
            ReplaceOrder(CANCEL, ORDER, True),
            (CancelFailed(Reject(Reason.UNKNOWN_ORDER)), PlacementFailed(None)),
            400,
            {"code": -2022},
        ),
        (AmendOrder(ALICE, "BTCUSDT", 7, 1), (report(ORDER, 7, 5, exec_type=ExecType.REPLACED),), 200, {"executionId": 1}),
    ],
)
def test_every_command_has_its_reply(command: Any, events: Any, status: int, fields: dict[str, Any]) -> None:
    found, body = command_reply(command, applied(*events), {"newOrderRespType": None}, MS, {})
    reply = json.loads(body)
    assert (found, {field: reply[field] for field in fields}) == (status, fields)


def test_a_cancel_of_all_orders_has_rows() -> None:
    found, body = command_reply(CancelOpenOrders(ALICE, "BTCUSDT"), applied(ENDED, DONE), {}, MS, {})
    assert (found, [row["orderListId"] for row in json.loads(body)]) == (200, [3])


def test_every_command_of_an_order_is_known() -> None:
    assert sorted(kind.__name__ for kind in get_args(OrderCommand)) == sorted(kind.__name__ for kind in replies._COMMANDS)


FULL_BY_DEFAULT = (OrderType.LIMIT, OrderType.MARKET)


@pytest.mark.parametrize("order_type", OrderType)
@pytest.mark.parametrize("response_type", [None, *ResponseType])
def test_how_much_is_told_of_a_new_order(order_type: OrderType, response_type: ResponseType | None) -> None:
    # rest-api.md, New order, newOrderRespType; the same for the order of a cancel-replace
    order = order_of(order_type)
    default = ResponseType.FULL if order_type in FULL_BY_DEFAULT else ResponseType.ACK
    wanted = response_type or default
    events, params = (report(order, 7, 5, extras=extras(working_at=5)),), {"newOrderRespType": response_type}
    plain = json.loads(command_reply(order, applied(*events), params, MS, {})[1])
    failed = CancelFailed(Reject(Reason.UNKNOWN_ORDER))
    replaced = json.loads(command_reply(ReplaceOrder(CANCEL, order, False), applied(failed, *events), params, MS, {})[1])
    for reply in (plain, replaced["data"]["newOrderResponse"]):
        assert ("status" in reply, "fills" in reply) == (wanted is not ResponseType.ACK, wanted is ResponseType.FULL)


@pytest.mark.parametrize("response_type", [None, *ResponseType])
def test_how_much_is_told_of_the_orders_of_a_new_list(response_type: ResponseType | None) -> None:
    command = NewOrderList(ALICE, "BTCUSDT", ListKind.OCO, (ORDER,))
    body = command_reply(command, applied(STARTED, MEMBER), {"newOrderRespType": response_type}, MS, {})[1]
    (row,) = json.loads(body)["orderReports"]
    assert ("status" in row, "fills" in row) == (response_type is not ResponseType.ACK, response_type is ResponseType.FULL)
