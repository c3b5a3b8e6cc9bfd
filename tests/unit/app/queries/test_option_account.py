"""What an account is told of its options: orders, trades, positions, exercises, rates, margins, bills."""

from typing import Any

import pytest

from papernet.core.commands import ConfigureOptionsAccount
from tests.support.eapi_desk import BOB, BOB_KEY, DAY, LEGACY, MAKER_KEY, MILLISECOND, SECOND, EapiDesk
from tests.support.option_market import CALL, PUT, units


@pytest.fixture
def desk() -> EapiDesk:
    return EapiDesk()


def status(desk: EapiDesk, **ids: Any) -> Any:
    return desk.signed("GET", "order", {"symbol": CALL} | ids)


def ids_of(rows: Any) -> list[int]:
    return [row["orderId"] for row in rows]


def test_an_order_is_found_by_either_id_and_not_by_two_that_differ(desk: EapiDesk) -> None:
    order = desk.place("BUY", "1", "1500", clientOrderId="one")
    other = desk.place("BUY", "1", "1500", clientOrderId="two")
    assert status(desk, orderId=order["orderId"]) == status(desk, clientOrderId="one")
    assert status(desk, orderId=order["orderId"], clientOrderId="one")["clientOrderId"] == "one"
    assert status(desk, orderId=other["orderId"], clientOrderId="one")["code"] == -2013
    assert desk.signed("GET", "order", {"symbol": PUT, "orderId": order["orderId"]})["code"] == -2013
    desk.sign("DELETE", "allOpenOrders", {"symbol": CALL})
    assert status(desk, orderId=order["orderId"])["status"] == "CANCELED"
    assert status(desk, orderId=order["orderId"]) == status(desk, clientOrderId="one")
    assert status(desk, orderId=other["orderId"], clientOrderId="one")["code"] == -2013


def test_an_order_that_never_traded_is_forgotten_after_three_days(desk: EapiDesk) -> None:
    idle = desk.place("BUY", "1", "1500")
    desk.sign("DELETE", "order", {"symbol": CALL, "orderId": idle["orderId"]})
    _, sold = desk.trade("1", "2000")
    desk.advance(3 * DAY - SECOND)
    assert status(desk, orderId=idle["orderId"])["status"] == "CANCELED"
    desk.advance(SECOND)
    assert status(desk, orderId=idle["orderId"])["code"] == -2013
    traded = desk.signed("GET", "order", {"symbol": CALL, "orderId": sold["orderId"]}, key=MAKER_KEY)
    assert traded["status"] == "FILLED"


def test_open_orders_are_told_of_one_contract_or_all_and_from_an_id_or_a_time(desk: EapiDesk) -> None:
    first = desk.place("BUY", "1", "1000")
    desk.advance(SECOND)
    second = desk.place("BUY", "1", "1000", PUT)
    third = desk.place("BUY", "1", "1000")

    def opened(**asked: Any) -> list[int]:
        return ids_of(desk.signed("GET", "openOrders", asked))

    everything = ids_of((first, second, third))
    assert opened() == everything
    assert opened(symbol=CALL) == ids_of((first, third))
    assert opened(orderId=second["orderId"]) == everything[1:]
    assert opened(startTime=second["createTime"]) == everything[1:]
    assert opened(endTime=first["createTime"]) == everything[:1]
    desk.speak(LEGACY)
    assert opened(limit=1) == everything[2:]
    assert opened(limit=1, orderId=second["orderId"]) == everything[1:2]


def test_the_history_has_orders_that_ended_within_five_days(desk: EapiDesk) -> None:
    ended = []
    for _ in range(3):
        order = desk.place("BUY", "1", "1500")
        desk.sign("DELETE", "order", {"symbol": CALL, "orderId": order["orderId"]})
        ended.append(order)
        desk.advance(2 * DAY)
    desk.place("BUY", "1", "1500")

    def history(**asked: Any) -> list[int]:
        return ids_of(desk.signed("GET", "historyOrders", {"symbol": CALL} | asked))

    assert history() == ids_of(ended[1:])
    assert history(orderId=ended[0]["orderId"]) == ids_of(ended[1:])
    assert history(limit=1) == ids_of(ended[2:])
    assert history(limit=1, startTime=0) == ids_of(ended[1:2])
    assert history(endTime=ended[1]["createTime"]) == ids_of(ended[1:2])


def test_trades_are_told_of_one_contract_or_all_of_the_last_three_months(desk: EapiDesk) -> None:
    desk.trade("1", "2000")
    desk.trade("1", "1500", PUT)

    def trades(**asked: Any) -> Any:
        return desk.signed("GET", "userTrades", asked, key=BOB_KEY)

    (call,) = trades(symbol=CALL)
    assert (call["side"], call["liquidity"], call["price"], call["tradeId"]) == ("BUY", "TAKER", "2000.000", 1)
    assert call["fee"] == "-15.00000000"
    assert trades()["code"] == -1102
    desk.speak(LEGACY)
    both = trades()
    assert [row["symbol"] for row in both] == [CALL, PUT]
    assert trades(fromId=both[1]["id"]) == both[1:]
    assert trades(limit=1) == both[1:]
    assert trades(limit=1, startTime=both[0]["time"]) == both[:1]
    desk.advance(93 * DAY)
    assert trades() == trades(fromId=both[0]["id"]) == []


@pytest.mark.parametrize("asked", ["startTime", "endTime"])
def test_trades_of_more_than_three_months_ago_are_refused(desk: EapiDesk, asked: str) -> None:
    begin = desk.now // MILLISECOND - 92 * DAY // MILLISECOND
    assert desk.signed("GET", "userTrades", {"symbol": CALL, asked: begin}, key=BOB_KEY) == []
    assert desk.signed("GET", "userTrades", {"symbol": CALL, asked: begin - 10}, key=BOB_KEY)["code"] == -6073


def test_a_position_is_told_with_what_open_orders_would_change(desk: EapiDesk) -> None:
    desk.trade("2", "2000")
    desk.mark(CALL, 1_800)
    desk.place("SELL", "0.5", "2500", key=BOB_KEY)
    desk.place("BUY", "1", "1000", PUT, key=BOB_KEY)

    def position(key: str, **asked: str) -> Any:
        return desk.signed("GET", "position", asked, key=key)

    (long,) = position(BOB_KEY)
    assert (long["side"], long["quantity"], long["entryPrice"], long["askQuantity"]) == ("LONG", "2.0000", "2000.000", "0.5000")
    assert (long["markValue"], long["unrealizedPNL"]) == ("3600.00000000", "-400.00000000")
    (short,) = position(MAKER_KEY, symbol=CALL)
    assert (short["side"], short["quantity"], short["unrealizedPNL"]) == ("SHORT", "-2.0000", "400.00000000")
    assert position(MAKER_KEY, symbol=PUT) == []
    desk.speak(LEGACY)
    (long,) = position(BOB_KEY)
    assert (long["reducibleQty"], long["positionCost"], long["ror"]) == ("1.50000000", "4000.00000000", "-0.10000000")
    desk.place("BUY", "0.5", "1500", key=MAKER_KEY)
    assert position(MAKER_KEY)[0]["reducibleQty"] == "-1.50000000"


def test_what_a_contract_paid_at_its_end_is_told_to_both_sides(desk: EapiDesk) -> None:
    symbol = "BTC-260123-49500-C"
    desk.mark(symbol, 2_000)
    desk.trade("2", "2000", symbol)
    desk.advance(9 * DAY)

    def record(key: str, **asked: Any) -> Any:
        (row,) = desk.signed("GET", "exerciseRecord", {"symbol": symbol} | asked, key=key)
        return row

    long, short = record(BOB_KEY), record(MAKER_KEY)
    assert (long["positionSide"], long["amount"], long["exercisePrice"]) == ("LONG", "1000.00000000", "50000.00000000")
    assert (short["positionSide"], short["amount"], short["quantity"]) == ("SHORT", "-1000.00000000", "2.0000")
    assert record(BOB_KEY, startTime=long["createDate"], endTime=long["createDate"]) == long
    assert desk.signed("GET", "exerciseRecord", {"symbol": CALL}, key=BOB_KEY) == []
    kinds = [row["type"] for row in desk.signed("GET", "bill", {"currency": "USDT"}, key=BOB_KEY)]
    assert kinds[-2:] == ["EXERCISE_PNL", "EXERCISE_FEE"]


def test_rates_are_the_accounts_own_where_it_has_some(desk: EapiDesk) -> None:
    desk.submit(ConfigureOptionsAccount(BOB, maker_rate=units("0.0001"), taker_rate=units("0.00024")))
    told = desk.signed("GET", "commission", key=BOB_KEY)["commissions"]
    assert told[0] == {"underlying": "BTCUSDT", "makerFee": "0.000100", "takerFee": "0.000240"}
    assert desk.signed("GET", "commission")["commissions"][1] == {
        "underlying": "ETHUSDT",
        "makerFee": "0.000300",
        "takerFee": "0.000300",
    }


def test_a_margin_account_adds_up(desk: EapiDesk) -> None:
    desk.trade("1", "2000")
    desk.mark(CALL, 2_500)
    desk.place("BUY", "1", "1000", PUT, key=MAKER_KEY)

    def account(key: str) -> dict[str, str]:
        row: dict[str, str] = desk.signed("GET", "marginAccount", key=key)["asset"][0]
        return row

    maker = account(MAKER_KEY)
    assert (maker["marginBalance"], maker["equity"]) == ("101985.00000000", "99485.00000000")
    assert (maker["initialMargin"], maker["maintMargin"]) == ("10000.00000000", "6250.00000000")
    assert (maker["unrealizedPNL"], maker["adjustedEquity"]) == ("-500.00000000", "101985.00000000")
    # 101985 - 10000 - (1000 + 15)
    assert maker["available"] == "90970.00000000"
    bob = account(BOB_KEY)
    assert (bob["equity"], bob["adjustedEquity"]) == ("100485.00000000", "100485.00000000")
    desk.speak(LEGACY)
    assert account(BOB_KEY)["lpProfit"] == "500.00000000"
    assert account(MAKER_KEY)["lpProfit"] == "0.00000000"
    assert desk.signed("GET", "account", key=MAKER_KEY)["asset"][0]["locked"] == "11015.00000000"


def test_bills_add_up_to_the_balance_and_begin_where_one_asks(desk: EapiDesk) -> None:
    desk.trade("1", "2000")

    def bills(**asked: Any) -> Any:
        return desk.signed("GET", "bill", {"currency": "USDT"} | asked, key=BOB_KEY)

    everything = bills()
    assert [row["type"] for row in everything] == ["TRANSFER", "CONTRACT", "FEE"]
    assert sum(float(row["amount"]) for row in everything) == 97_985
    assert ["symbol" in row for row in everything] == [False, True, True]
    assert bills(recordId=everything[1]["id"]) == everything[1:]
    assert bills(limit=1) == everything[2:]
    assert bills(limit=1, startTime=desk.now // MILLISECOND) == everything[:1]
    assert bills(currency="BTC")["code"] == -1129
    desk.advance(93 * DAY)
    assert bills() == []


def test_the_agreement_is_taken_for_granted(desk: EapiDesk) -> None:
    assert desk.signed("POST", "stock/contract") == {"code": 200, "msg": "success"}
