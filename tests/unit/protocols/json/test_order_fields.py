"""Conditional fields of orders, each exactly when its condition holds; the FAQs' examples, field by field."""

import json
from typing import Any

import msgspec
import pytest

from papernet.app.operations import ResponseType, TimeUnit
from papernet.core.enums import (
    ExecType,
    ExpiryReason,
    OrderStatus,
    OrderType,
    PegPrice,
    SelfTradeMode,
    Side,
    TimeInForce,
    WorkingFloor,
)
from papernet.core.events import ExecutionReport
from papernet.protocols.json import order_fields
from papernet.protocols.json.replies_orders import cancel, order_full, order_result, order_status
from tests.support.reports import applied, assert_reply, extras, fill, prevented, record, report, terms

MS, US = TimeUnit.MILLISECOND, TimeUnit.MICROSECOND
BUY, SELL = Side.BUY, Side.SELL
LIMIT, MARKET = OrderType.LIMIT, OrderType.MARKET
STOPS = (OrderType.STOP_LOSS, OrderType.STOP_LOSS_LIMIT, OrderType.TAKE_PROFIT, OrderType.TAKE_PROFIT_LIMIT)
AT = 1_684_804_350_068
BTC = "BTCUSDT"
NEW_FIELDS = [
    "symbol",
    "orderId",
    "orderListId",
    "clientOrderId",
    "transactTime",
    "price",
    "origQty",
    "executedQty",
    "origQuoteOrderQty",
    "cummulativeQuoteQty",
    "status",
    "timeInForce",
    "type",
    "side",
    "workingTime",
    "selfTradePreventionMode",
]


def told(told_report: ExecutionReport) -> dict[str, Any]:
    result: dict[str, Any] = json.loads(f"{{{order_fields.result(told_report, 1_000)}}}")
    return result


def more_fields(found: dict[str, Any], usual: list[str]) -> dict[str, Any]:
    """Return the fields of a reply beyond the usual ones, and check that those are there in their order."""
    assert [field for field in found if field in usual] == usual
    return {field: value for field, value in found.items() if field not in usual}


# one condition each (rest-api.md, Conditional fields in Order Responses)


@pytest.mark.parametrize("order_type", OrderType)
def test_stop_prices_are_told_of_the_four_types_that_have_them(order_type: OrderType) -> None:
    order = terms(BTC, order_type, BUY, "1", "1", stop_price="23500" if order_type in STOPS else "0")
    expected = {"stopPrice": "23500.00000000"} if order_type in STOPS else {}
    assert more_fields(told(report(order, 1, AT, extras=extras(order_list_id=3))), NEW_FIELDS) == expected


@pytest.mark.parametrize(("trailing_at", "shown"), [(-1, -1), (AT, AT)])
@pytest.mark.parametrize(("stop_price", "text"), [("0", "0.00000000"), ("9", "9.00000000")])
def test_trailing_orders(trailing_at: int, shown: int, stop_price: str, text: str) -> None:
    order = terms(BTC, OrderType.STOP_LOSS, SELL, "1", stop_price=stop_price, trailing_delta=10)
    found = told(report(order, 1, AT, extras=extras(trailing_at=trailing_at)))
    assert more_fields(found, NEW_FIELDS) == {"stopPrice": text, "trailingDelta": 10, "trailingTime": shown}
    assert found["workingTime"] == -1


def test_icebergs() -> None:
    order = terms(BTC, LIMIT, BUY, "5", "1", iceberg_quantity="0.5")
    # without extras: it works since it was created
    found = told(report(order, 1, AT))
    assert more_fields(found, NEW_FIELDS) == {"icebergQty": "0.50000000"}
    assert found["workingTime"] == AT


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        ({"strategy_id": 0}, {"strategyId": 0}),
        ({"strategy_type": 1_000_000}, {"strategyType": 1_000_000}),
        ({"strategy_id": 37463720, "strategy_type": 1_000_000}, {"strategyId": 37463720, "strategyType": 1_000_000}),
    ],
)
@pytest.mark.parametrize("has_extras", [False, True])
def test_strategies(strategy: dict[str, int], expected: dict[str, int], has_extras: bool) -> None:
    order = terms(BTC, LIMIT, BUY, "1", "1", **strategy)
    more = extras(order_list_id=1, working_at=AT) if has_extras else None
    assert more_fields(told(report(order, 1, AT, extras=more)), NEW_FIELDS) == expected


@pytest.mark.parametrize(
    ("peg", "pegged_price", "expected"),
    [
        ({"peg_price": PegPrice.PRIMARY}, "0", {"pegPriceType": "PRIMARY_PEG"}),
        ({"peg_price": PegPrice.MARKET}, "2", {"pegPriceType": "MARKET_PEG", "peggedPrice": "2.00000000"}),
        (
            {"peg_price": PegPrice.PRIMARY, "peg_offset": 0},
            "2",
            {
                "pegPriceType": "PRIMARY_PEG",
                "pegOffsetType": "PRICE_LEVEL",
                "pegOffsetValue": 0,
                "peggedPrice": "2.00000000",
            },
        ),
    ],
)
def test_pegs(peg: dict[str, Any], pegged_price: str, expected: dict[str, Any]) -> None:
    order = terms(BTC, LIMIT, BUY, "1", **peg)
    more = extras(working_at=AT, pegged_price=pegged_price)
    assert more_fields(told(report(order, 1, AT, extras=more)), NEW_FIELDS) == expected
    queried = json.loads(order_status(record(order, 1, AT, extras=more), MS))
    assert {field: queried[field] for field in queried if field.startswith("peg")} == expected


@pytest.mark.parametrize("floor", WorkingFloor)
def test_smart_order_routing(floor: WorkingFloor) -> None:
    order = terms(BTC, LIMIT, BUY, "1", "1", uses_sor=True)
    more = extras(working_at=AT, floor=floor)
    expected = {"workingFloor": floor.name, "usedSor": True}
    assert more_fields(told(report(order, 1, AT, extras=more)), NEW_FIELDS) == expected
    queried = json.loads(order_status(record(order, 1, AT, extras=more), MS))
    assert {field: queried[field] for field in expected} == expected


@pytest.mark.parametrize(("group", "expected"), [(-1, {}), (0, {"tradeGroupId": 0}), (7, {"tradeGroupId": 7})])
def test_prevented_quantities(group: int, expected: dict[str, int]) -> None:
    order = terms(BTC, LIMIT, BUY, "2", "1")
    lost = extras(working_at=AT, prevented_quantity="1.2", prevented_match_id=0, trade_group=group)
    rest = {"preventedMatchId": 0, "preventedQuantity": "1.20000000"}
    assert more_fields(told(report(order, 1, AT, extras=lost)), NEW_FIELDS) == expected | rest
    # one who lost nothing tells nothing
    assert more_fields(told(report(order, 1, AT, extras=extras(working_at=AT, trade_group=group))), NEW_FIELDS) == {}


@pytest.mark.parametrize("reason", ExpiryReason)
@pytest.mark.parametrize("has_extras", [False, True])
def test_reasons_of_expiry(reason: ExpiryReason, has_extras: bool) -> None:
    more = extras(order_list_id=1, working_at=AT) if has_extras else None
    order = terms(BTC, LIMIT, BUY, "1", "1")
    found = told(report(order, 1, AT, extras=more, expiry_reason=reason))
    queried = json.loads(order_status(record(order, 1, AT, extras=more, expiry_reason=reason), MS))
    spelling = {
        ExpiryReason.UNFILLED_IOC_QUANTITY: "UNFILLED_IOC_QUANTITY_EXPIRED",
        ExpiryReason.UNFILLED_FOK_ORDER: "UNFILLED_FOK_ORDER_EXPIRED",
    }.get(reason, reason.name)
    expected = None if reason is ExpiryReason.NONE else spelling
    assert (found.get("expiryReason"), queried.get("expiryReason")) == (expected, expected)


def test_a_quantity_is_told_once_it_is_known() -> None:
    pending = terms(BTC, MARKET, SELL)
    more = extras(order_list_id=0)
    assert "origQty" not in told(report(pending, 3, AT, status=OrderStatus.PENDING_NEW, extras=more))
    assert "origQty" not in json.loads(order_status(record(pending, 3, AT, extras=more), MS))
    assert told(report(pending, 3, AT, quantity="2", extras=more))["origQty"] == "2.00000000"
    # nothing bought for an amount is known to be nothing
    by_quote = terms(BTC, MARKET, BUY, quote_quantity="5")
    assert told(report(by_quote, 3, AT, extras=extras(working_at=AT)))["origQty"] == "0.00000000"


@pytest.mark.parametrize(("working_at", "is_working"), [(-1, False), (AT + 5, True)])
@pytest.mark.parametrize("is_row", [False, True])
def test_orders_that_do_not_work_yet(working_at: int, is_working: bool, is_row: bool) -> None:
    order = terms(BTC, OrderType.TAKE_PROFIT, SELL, "1", stop_price="9")
    text = order_fields.queried(record(order, 1, AT, extras=extras(working_at=working_at)), 1_000, is_row=is_row)
    found = json.loads(text)
    assert (found["isWorking"], found["workingTime"]) == (is_working, working_at)
    assert found["stopPrice"] == "9.00000000"


def test_times_that_are_not_yet_are_minus_one_in_any_unit() -> None:
    order = terms(BTC, OrderType.STOP_LOSS, SELL, "1", trailing_delta=10)
    for unit in (MS, US):
        found = json.loads(order_result(applied(report(order, 1, AT, extras=extras())), unit))
        assert (found["workingTime"], found["trailingTime"]) == (-1, -1)


def test_a_cancel_tells_what_the_order_has() -> None:
    # web-socket-api.md, openOrders.cancelAll
    order = terms(
        BTC,
        OrderType.STOP_LOSS_LIMIT,
        SELL,
        "0.00847",
        "23416.1",
        trailing_delta=100,
        iceberg_quantity="0.001",
        client_order_id="4d96324ff9d44481926157",
        strategy_id=37463720,
        strategy_type=1_000_000,
    )
    canceled = report(
        order,
        12569099453,
        AT,
        exec_type=ExecType.CANCELED,
        status=OrderStatus.CANCELED,
        cum_quantity="0.00001",
        cum_quote="0.234161",
        request_id="91fe37ce9e69c90d6358c0",
        extras=extras(prevented_match_id=4, prevented_quantity="0.001"),
    )
    assert_reply(
        cancel(applied(canceled), MS),
        {
            "symbol": "BTCUSDT",
            "origClientOrderId": "4d96324ff9d44481926157",
            "orderId": 12569099453,
            "orderListId": -1,
            "clientOrderId": "91fe37ce9e69c90d6358c0",
            "transactTime": 1684804350068,
            "price": "23416.10000000",
            "origQty": "0.00847000",
            "executedQty": "0.00001000",
            "origQuoteOrderQty": "0.00000000",
            "cummulativeQuoteQty": "0.23416100",
            "status": "CANCELED",
            "timeInForce": "GTC",
            "type": "STOP_LOSS_LIMIT",
            "side": "SELL",
            "stopPrice": "0.00000000",
            "trailingDelta": 100,
            "trailingTime": -1,
            "icebergQty": "0.00100000",
            "strategyId": 37463720,
            "strategyType": 1000000,
            "selfTradePreventionMode": "NONE",
            "preventedMatchId": 4,
            "preventedQuantity": "0.00100000",
        },
    )


def test_a_query_tells_what_the_order_has() -> None:
    # web-socket-api.md, order.status
    order = terms(
        BTC,
        OrderType.TAKE_PROFIT_LIMIT,
        SELL,
        "1.5",
        "2",
        stop_price="3",
        trailing_delta=10,
        iceberg_quantity="0.5",
        client_order_id="mine",
        strategy_id=37463720,
        strategy_type=1_000_000,
        self_trade_mode=SelfTradeMode.EXPIRE_TAKER,
    )
    more = extras(order_list_id=4, working_at=AT + 7, trailing_at=AT + 3, prevented_match_id=0, prevented_quantity="1.2")
    queried = record(order, 12569099453, AT, AT + 9, status=OrderStatus.EXPIRED_IN_MATCH, extras=more)
    assert_reply(
        order_status(queried, MS),
        {
            "symbol": "BTCUSDT",
            "orderId": 12569099453,
            "orderListId": 4,
            "clientOrderId": "mine",
            "price": "2.00000000",
            "origQty": "1.50000000",
            "executedQty": "0.00000000",
            "cummulativeQuoteQty": "0.00000000",
            "status": "EXPIRED_IN_MATCH",
            "timeInForce": "GTC",
            "type": "TAKE_PROFIT_LIMIT",
            "side": "SELL",
            "stopPrice": "3.00000000",
            "trailingDelta": 10,
            "trailingTime": AT + 3,
            "icebergQty": "0.50000000",
            "time": AT,
            "updateTime": AT + 9,
            "isWorking": True,
            "workingTime": AT + 7,
            "origQuoteOrderQty": "0.00000000",
            "strategyId": 37463720,
            "strategyType": 1000000,
            "selfTradePreventionMode": "EXPIRE_TAKER",
            "preventedMatchId": 0,
            "preventedQuantity": "1.20000000",
        },
    )


# faqs/pegged_orders


def test_the_pegged_order_of_its_faq() -> None:
    order = terms(BTC, LIMIT, BUY, "1", peg_price=PegPrice.PRIMARY, client_order_id="q1fKs4Y7wgE61WSFMYRFKo")
    at = 1_750_313_780_050
    assert_reply(
        order_full(applied(report(order, 18, at, extras=extras(working_at=at, pegged_price="0.04"))), MS),
        {
            "symbol": "BTCUSDT",
            "orderId": 18,
            "orderListId": -1,
            "clientOrderId": "q1fKs4Y7wgE61WSFMYRFKo",
            "transactTime": 1750313780050,
            "price": "0.00000000",
            "pegPriceType": "PRIMARY_PEG",
            "peggedPrice": "0.04000000",
            "origQty": "1.00000000",
            "executedQty": "0.00000000",
            "origQuoteOrderQty": "0.00000000",
            "cummulativeQuoteQty": "0.00000000",
            "status": "NEW",
            "timeInForce": "GTC",
            "type": "LIMIT",
            "side": "BUY",
            "workingTime": 1750313780050,
            "fills": [],
            "selfTradePreventionMode": "NONE",
        },
    )


# faqs/sor_faq

SOR_EXAMPLES = {
    "1": (LIMIT, BUY, "31000", "0.5", 2, 1689149087774, "14000", [("28000", "0.5")]),
    "2": (
        LIMIT,
        BUY,
        "31000",
        "5",
        2,
        1689146154686,
        "148000",
        [("28000", "1"), ("29000", "1"), ("30000", "1"), ("30500", "2")],
    ),
    "3": (
        MARKET,
        BUY,
        "0",
        "11",
        2,
        1689149513461,
        "305900",
        [("28000", "1"), ("29000", "1"), ("30000", "1"), ("30500", "3"), ("30800", "3"), ("35000", "1")],
    ),
    "4": (LIMIT, SELL, "29000", "10", 1, 1689147920113, "325000", [("35000", "5"), ("30000", "5")]),
}


@pytest.mark.parametrize("example", SOR_EXAMPLES)
def test_the_examples_of_the_smart_order_routing_faq(example: str) -> None:
    order_type, side, price, quantity, order_id, at, quote, rows = SOR_EXAMPLES[example]
    order = terms(BTC, order_type, side, quantity, price, client_order_id="W1iXSng1fS77dvanQJDGA5", uses_sor=True)
    more = extras(working_at=at, floor=WorkingFloor.SOR)
    asset = "BTC" if side is BUY else "USDT"
    reports = [report(order, order_id, at, extras=more)]
    for number, (fill_price, fill_quantity) in enumerate(rows):
        reports.append(fill(reports[-1], fill_price, fill_quantity, "0", asset, allocation_id=number))
    executed = reports[-1].cum_quantity
    reason = {}
    if executed < order.quantity:
        reports.append(
            msgspec.structs.replace(
                reports[-1],
                exec_type=ExecType.EXPIRED,
                status=OrderStatus.EXPIRED,
                expiry_reason=ExpiryReason.INSUFFICIENT_LIQUIDITY,
            )
        )
        reason = {"expiryReason": "INSUFFICIENT_LIQUIDITY"}
    assert_reply(
        order_full(applied(*reports), MS),
        {
            "symbol": "BTCUSDT",
            "orderId": order_id,
            "orderListId": -1,
            "clientOrderId": "W1iXSng1fS77dvanQJDGA5",
            "transactTime": at,
            "price": f"{price}.00000000",
            "origQty": f"{float(quantity):.8f}",
            "executedQty": f"{executed / 10**8:.8f}",
            "origQuoteOrderQty": "0.00000000",
            "cummulativeQuoteQty": f"{quote}.00000000",
            "status": "EXPIRED" if reason else "FILLED",
            "timeInForce": "GTC",
            "type": order_type.name,
            "side": side.name,
            "workingTime": at,
            "fills": [
                {
                    "matchType": "ONE_PARTY_TRADE_REPORT",
                    "price": f"{fill_price}.00000000",
                    "qty": f"{float(fill_quantity):.8f}",
                    "commission": "0.00000000",
                    "commissionAsset": asset,
                    "tradeId": -1,
                    "allocId": number,
                }
                for number, (fill_price, fill_quantity) in enumerate(rows)
            ],
            "workingFloor": "SOR",
            "selfTradePreventionMode": "NONE",
            "usedSor": True,
            **reason,
        },
    )


def test_a_routed_order_may_have_trades_beside_allocations() -> None:
    order = terms(BTC, LIMIT, BUY, "2", "31000", uses_sor=True)
    first = report(order, 2, AT, extras=extras(working_at=AT, floor=WorkingFloor.EXCHANGE))
    allocated = fill(first, "28000", "1", "0", "BTC", allocation_id=0)
    traded = fill(allocated, "31000", "1", "0", "BTC", allocation_id=-1, trade_id=56, is_maker=True)
    rows = json.loads(order_full(applied(first, allocated, traded), MS))["fills"]
    assert [row.get("allocId") for row in rows] == [0, None]
    assert [row["tradeId"] for row in rows] == [-1, 56]
    assert "matchType" not in rows[1]


def test_only_reports_of_the_orders_own_symbol_are_its_own() -> None:
    # order ids count for each symbol, and routing fills makers of others
    order = terms(BTC, LIMIT, BUY, "2", "31000", uses_sor=True)
    first = report(order, 2, AT, extras=extras(working_at=AT, floor=WorkingFloor.SOR))
    allocated = fill(first, "28000", "1", "0", "BTC", allocation_id=0)
    other = report(terms("BTCUSDC", LIMIT, SELL, "1", "28000"), 2, AT - 5)
    found = json.loads(order_full(applied(first, allocated, fill(other, "28000", "1", "0", "USDC", trade_id=3)), MS))
    assert (found["symbol"], found["executedQty"], len(found["fills"])) == ("BTCUSDT", "1.00000000", 1)


# faqs/stp_faq


def placed(order_id: int, at: int, quantity: str, mode: str, status: str, **more: Any) -> dict[str, Any]:
    """Return the output of a taker of the stp_faq that met its own kind, its own fields at their place."""
    example = {
        "symbol": "BTCUSDT",
        "orderId": order_id,
        "orderListId": -1,
        "clientOrderId": "WRzbhp257NhZsIJW4y2Nri",
        "transactTime": at,
        "price": "1.00000000",
        "origQty": quantity,
        "executedQty": "0.00000000",
        "origQuoteOrderQty": "0.00000000",
        "cummulativeQuoteQty": "0.00000000",
        "status": status,
        "timeInForce": "GTC",
        "type": "LIMIT",
        "side": "SELL",
        "workingTime": at,
        "fills": [],
        "preventedMatches": None,
        "selfTradePreventionMode": mode,
    }
    return example | more


def resting(order_id: int, at: int, updated_at: int, price: str, quantity: str, **more: Any) -> dict[str, Any]:
    """Return the status of a maker of the stp_faq."""
    example = {
        "symbol": "BTCUSDT",
        "orderId": order_id,
        "orderListId": -1,
        "clientOrderId": "wpNzhSclc16pV8g5THIOR3",
        "price": price,
        "origQty": quantity,
        "executedQty": "0.00000000",
        "cummulativeQuoteQty": "0.00000000",
        "status": "EXPIRED_IN_MATCH",
        "timeInForce": "GTC",
        "type": "LIMIT",
        "side": "BUY",
        "stopPrice": "0.00000000",
        "icebergQty": "0.00000000",
        "time": at,
        "updateTime": updated_at,
        "isWorking": True,
        "workingTime": at,
        "origQuoteOrderQty": "0.00000000",
        "selfTradePreventionMode": "NONE",
    }
    return example | more


def taker(mode: SelfTradeMode, quantity: str, price: str = "1", **more: Any) -> Any:
    return terms(BTC, LIMIT, SELL, quantity, price, self_trade_mode=mode, client_order_id="WRzbhp257NhZsIJW4y2Nri", **more)


def maker(quantity: str, price: str, mode: SelfTradeMode = SelfTradeMode.NONE) -> Any:
    return terms(BTC, LIMIT, BUY, quantity, price, self_trade_mode=mode, client_order_id="wpNzhSclc16pV8g5THIOR3")


def loses(of: ExecutionReport, quantity: str, match_id: int, status: OrderStatus, group: int = -1) -> ExecutionReport:
    """Return the report of an order that self-trade prevention took `quantity` off."""
    lost = extras(
        working_at=of.created_at // 1_000, prevented_quantity=quantity, prevented_match_id=match_id, trade_group=group
    )
    return msgspec.structs.replace(of, exec_type=ExecType.TRADE_PREVENTION, status=status, extras=lost)


GONE = OrderStatus.EXPIRED_IN_MATCH


def test_scenario_b_takers_outlive_their_makers() -> None:
    at = 1_670_217_957_498
    first = report(taker(SelfTradeMode.EXPIRE_MAKER, "3"), 5, at)
    makers = [(0, 2, "1.2", "1.2"), (1, 3, "1.1", "1.3"), (2, 4, "1", "8.1")]
    events: list[Any] = [first]
    for number, order_id, price, quantity in makers:
        events.append(prevented(BTC, number, (5, order_id), price, ("0", quantity)))
        events.append(loses(report(maker(quantity, price), order_id, at - 50), quantity, number, GONE))
    matches = [
        {
            "preventedMatchId": number,
            "makerSymbol": "BTCUSDT",
            "makerOrderId": order_id,
            "price": f"{float(price):.8f}",
            "makerPreventedQuantity": f"{float(quantity):.8f}",
        }
        for number, order_id, price, quantity in makers
    ]
    # the taker has lost nothing, so that it has no extras
    assert_reply(order_full(applied(*events), MS), placed(5, at, "3.00000000", "EXPIRE_MAKER", "NEW", preventedMatches=matches))
    lost = extras(working_at=at - 61, prevented_quantity="1.2", prevented_match_id=0)
    assert_reply(
        order_status(record(maker("1.2", "1.2"), 2, at - 61, at, status=GONE, extras=lost), MS),
        resting(2, at - 61, at, "1.20000000", "1.20000000", preventedMatchId=0, preventedQuantity="1.20000000"),
    )


def test_scenario_c_makers_outlive_their_taker() -> None:
    at = 1_670_219_812_046
    lost = extras(working_at=at, prevented_quantity="3", prevented_match_id=0)
    assert_reply(
        order_status(record(taker(SelfTradeMode.EXPIRE_TAKER, "3"), 5, at, status=GONE, extras=lost), MS),
        resting(
            5,
            at,
            at,
            "1.00000000",
            "3.00000000",
            clientOrderId="WRzbhp257NhZsIJW4y2Nri",
            side="SELL",
            selfTradePreventionMode="EXPIRE_TAKER",
            preventedMatchId=0,
            preventedQuantity="3.00000000",
        ),
    )


@pytest.mark.parametrize(
    ("mode", "group", "match", "lost", "tail"),
    [
        # Scenario D
        (
            SelfTradeMode.EXPIRE_BOTH,
            1,
            ("3", "1"),
            "3",
            {"tradeGroupId": 1, "preventedQuantity": "3.00000000"},
        ),
        # Scenario E
        (SelfTradeMode.EXPIRE_TAKER, -1, ("3", "0"), "3", {"preventedQuantity": "3.00000000"}),
        # Scenario H
        (
            SelfTradeMode.TRANSFER,
            1,
            ("3", "3"),
            "3",
            {"tradeGroupId": 1, "preventedQuantity": "3.00000000"},
        ),
    ],
)
def test_scenarios_d_e_and_h_takers_that_expire(
    mode: SelfTradeMode, group: int, match: tuple[str, str], lost: str, tail: dict[str, Any]
) -> None:
    at = 1_673_842_413_170
    first = report(taker(mode, "3"), 5, at)
    stopped = prevented(BTC, 0, (5, 2), "1", match, trade_group=group)
    quantities = {"takerPreventedQuantity": match[0], "makerPreventedQuantity": match[1]}
    row = {"preventedMatchId": 0, "makerSymbol": "BTCUSDT", "makerOrderId": 2, "price": "1.00000000"}
    row |= {field: f"{quantity}.00000000" for field, quantity in quantities.items() if quantity != "0"}
    assert_reply(
        order_full(applied(first, stopped, loses(first, lost, 0, GONE, group)), MS),
        placed(5, at, "3.00000000", mode.name, "EXPIRED_IN_MATCH", preventedMatches=[row], **tail),
    )


def test_scenario_f_a_market_order_that_finds_nothing_else() -> None:
    at = 1_670_222_557_478
    order = terms(BTC, MARKET, SELL, "1", self_trade_mode=SelfTradeMode.EXPIRE_MAKER, client_order_id="WRzbhp257NhZsIJW4y2Nri")
    first = report(order, 3, at)
    expired = msgspec.structs.replace(
        first,
        exec_type=ExecType.EXPIRED,
        status=OrderStatus.EXPIRED,
        expiry_reason=ExpiryReason.INSUFFICIENT_LIQUIDITY,
    )
    row = {
        "preventedMatchId": 0,
        "makerSymbol": "BTCUSDT",
        "makerOrderId": 2,
        "price": "1.00000000",
        "makerPreventedQuantity": "1.00000000",
    }
    assert_reply(
        order_full(applied(first, prevented(BTC, 0, (3, 2), "1", ("0", "1")), expired), MS),
        placed(
            3,
            at,
            "1.00000000",
            "EXPIRE_MAKER",
            "EXPIRED",
            price="0.00000000",
            type="MARKET",
            preventedMatches=[row],
            expiryReason="INSUFFICIENT_LIQUIDITY",
        ),
    )


@pytest.mark.parametrize("mode", [SelfTradeMode.DECREMENT, SelfTradeMode.TRANSFER])
def test_scenarios_g_and_h_makers_that_lose_a_part(mode: SelfTradeMode) -> None:
    at = 1_741_682_807_892
    # H: a trade group is not told by queries
    lost = extras(working_at=at, prevented_quantity="2", prevented_match_id=4, trade_group=1)
    assert_reply(
        order_status(record(maker("6", "2", mode), 23, at, at + 8_484, extras=lost), MS),
        resting(
            23,
            at,
            at + 8_484,
            "2.00000000",
            "6.00000000",
            status="NEW",
            selfTradePreventionMode=mode.name,
            preventedMatchId=4,
            preventedQuantity="2.00000000",
        ),
    )


def test_prevented_matches_of_other_takers_are_not_the_orders_own() -> None:
    # what an order triggered met its own kind, not the order
    first = report(taker(SelfTradeMode.EXPIRE_MAKER, "3"), 5, AT)
    found = json.loads(order_full(applied(first, prevented(BTC, 0, (4, 2), "1", ("0", "1"))), MS))
    assert "preventedMatches" not in found
    found = json.loads(order_full(applied(first, prevented("BTCUSDC", 0, (5, 2), "1", ("0", "1"))), MS))
    assert "preventedMatches" not in found


@pytest.mark.parametrize("response_type", ResponseType)
def test_orders_within_greater_replies(response_type: ResponseType) -> None:
    order = terms(BTC, LIMIT, BUY, "1", "2", time_in_force=TimeInForce.IOC)
    first = report(order, 7, AT)
    reports = [first, fill(first, "2", "1", "0.001", "BTC", trade_id=4)]
    found = json.loads(order_fields.placed(reports, reports, response_type, 1_000))
    fields = NEW_FIELDS[:5] if response_type is ResponseType.ACK else NEW_FIELDS
    rest = more_fields(found, fields)
    if response_type is ResponseType.FULL:
        assert [row["tradeId"] for row in rest.pop("fills")] == [4]
        assert list(found).index("fills") == list(found).index("selfTradePreventionMode") - 1
    assert rest == {}
