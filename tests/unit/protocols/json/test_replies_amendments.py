"""Replies about amendments: the documents' examples, field by field."""

import json
from typing import Any

import pytest

from papernet.app.operations import TimeUnit
from papernet.core.enums import ExecType, ListKind, OrderStatus, OrderType, PegPrice, Side, WorkingFloor
from papernet.core.events import OrderAmended
from papernet.core.order import Order
from papernet.core.order_list import OrderList
from papernet.protocols.json.replies import RENDERERS
from papernet.protocols.json.replies_amendments import amended
from tests.support.reports import applied, assert_reply, extras, report, terms
from tests.support.worlds import ALICE, units

MS = TimeUnit.MILLISECOND
REPLACED = ExecType.REPLACED


def test_an_amended_order() -> None:
    order = terms("BTCUSDT", OrderType.LIMIT, Side.SELL, "5", "6", client_order_id="PFaq6hIHxqFENGfdtn4J6Q")
    told = report(
        order,
        33,
        1_741_926_410_255,
        created_at=1_741_926_410_242,
        exec_id=75,
        exec_type=REPLACED,
        amended_from="5xrgbMyg6z36NzBn2pbT8H",
    )
    assert_reply(
        amended(applied(told), {}, MS),
        {
            "transactTime": 1741926410255,
            "executionId": 75,
            "amendedOrder": {
                "symbol": "BTCUSDT",
                "orderId": 33,
                "orderListId": -1,
                "origClientOrderId": "5xrgbMyg6z36NzBn2pbT8H",
                "clientOrderId": "PFaq6hIHxqFENGfdtn4J6Q",
                "price": "6.00000000",
                "qty": "5.00000000",
                "executedQty": "0.00000000",
                "preventedQty": "0.00000000",
                "quoteOrderQty": "0.00000000",
                "cumulativeQuoteQty": "0.00000000",
                "status": "NEW",
                "timeInForce": "GTC",
                "type": "LIMIT",
                "side": "SELL",
                "workingTime": 1741926410242,
                "selfTradePreventionMode": "NONE",
            },
        },
    )


def test_an_amended_member_of_a_list() -> None:
    at = 1_741_669_661_670
    working = terms("BTCUSDT", OrderType.LIMIT, Side.BUY, "1", "1", client_order_id="GkwwHZUUbFtZOoH1YsZk9Q")
    pending = terms("BTCUSDT", OrderType.MARKET, Side.BUY, "4", client_order_id="UQ1Np3bmQ71jJzsSDW9Vpi")
    order_list = OrderList(1, ALICE, "BTCUSDT", ListKind.OTO, "AT7FTxZXylVSwRoZs52mt3", at)
    order_list.orders += [Order(working, 8, at), Order(pending, 9, at)]
    told = report(
        pending,
        9,
        at,
        exec_id=22,
        exec_type=REPLACED,
        status=OrderStatus.PENDING_NEW,
        amended_from="W0fJ9fiLKHOJutovPK3oJp",
        extras=extras(order_list_id=1),
    )
    assert_reply(
        amended(applied(told), {1: order_list}, MS),
        {
            "transactTime": 1741669661670,
            "executionId": 22,
            "amendedOrder": {
                "symbol": "BTCUSDT",
                "orderId": 9,
                "orderListId": 1,
                "origClientOrderId": "W0fJ9fiLKHOJutovPK3oJp",
                "clientOrderId": "UQ1Np3bmQ71jJzsSDW9Vpi",
                "price": "0.00000000",
                "qty": "4.00000000",
                "executedQty": "0.00000000",
                "preventedQty": "0.00000000",
                "quoteOrderQty": "0.00000000",
                "cumulativeQuoteQty": "0.00000000",
                "status": "PENDING_NEW",
                "timeInForce": "GTC",
                "type": "MARKET",
                "side": "BUY",
                "selfTradePreventionMode": "NONE",
            },
            "listStatus": {
                "orderListId": 1,
                "contingencyType": "OTO",
                "listOrderStatus": "EXECUTING",
                "listClientOrderId": "AT7FTxZXylVSwRoZs52mt3",
                "symbol": "BTCUSDT",
                "orders": [
                    {"symbol": "BTCUSDT", "orderId": 8, "clientOrderId": "GkwwHZUUbFtZOoH1YsZk9Q"},
                    {"symbol": "BTCUSDT", "orderId": 9, "clientOrderId": "UQ1Np3bmQ71jJzsSDW9Vpi"},
                ],
            },
        },
    )


@pytest.mark.parametrize(
    ("order_type", "sent", "had", "expected"),
    [
        (
            OrderType.STOP_LOSS_LIMIT,
            {"stop_price": "2", "trailing_delta": 10, "iceberg_quantity": "0.5", "strategy_id": 7},
            {"prevented_quantity": "0.25"},
            {
                "preventedQty": "0.25000000",
                "stopPrice": "2.00000000",
                "trailingDelta": 10,
                "trailingTime": -1,
                "strategyId": 7,
                "icebergQty": "0.50000000",
            },
        ),
        (
            OrderType.LIMIT,
            {"peg_price": PegPrice.MARKET, "uses_sor": True},
            {"working_at": 5, "pegged_price": "3", "floor": WorkingFloor.EXCHANGE},
            {
                "pegPriceType": "MARKET_PEG",
                "peggedPrice": "3.00000000",
                "preventedQty": "0.00000000",
                "workingTime": 5,
                "workingFloor": "EXCHANGE",
                "usedSor": True,
            },
        ),
    ],
)
def test_an_amended_order_tells_what_it_has(
    order_type: OrderType, sent: dict[str, Any], had: dict[str, Any], expected: dict[str, Any]
) -> None:
    order = terms("BTCUSDT", order_type, Side.SELL, "5", "6", **sent)
    told = report(order, 33, 9, exec_type=REPLACED, extras=extras(**had))
    found = json.loads(amended(applied(told), {}, MS))["amendedOrder"]
    usual = "symbol orderId orderListId origClientOrderId clientOrderId price qty executedQty quoteOrderQty cumulativeQuoteQty"
    usual += " status timeInForce type side selfTradePreventionMode"
    assert {field: value for field, value in found.items() if field not in usual.split()} == expected


def test_the_amendments_of_an_order() -> None:
    # rest-api.md, Query Order Amendments
    first, second, third = "W0fJ9fiLKHOJutovPK3oJp", "UQ1Np3bmQ71jJzsSDW9Vpi", "5uS0r35ohuQyDlCzZuYXq2"
    rows = [
        OrderAmended("BTCUSDT", ALICE, 9, 22, 1_741_669_661_670_000, first, second, units("5"), units("4")),
        OrderAmended("BTCUSDT", ALICE, 9, 25, 1_741_672_924_895_000, second, third, units("4"), units("3")),
    ]
    assert_reply(
        RENDERERS["order.amendments"](rows, MS),
        [
            {
                "symbol": "BTCUSDT",
                "orderId": 9,
                "executionId": 22,
                "origClientOrderId": "W0fJ9fiLKHOJutovPK3oJp",
                "newClientOrderId": "UQ1Np3bmQ71jJzsSDW9Vpi",
                "origQty": "5.00000000",
                "newQty": "4.00000000",
                "time": 1741669661670,
            },
            {
                "symbol": "BTCUSDT",
                "orderId": 9,
                "executionId": 25,
                "origClientOrderId": "UQ1Np3bmQ71jJzsSDW9Vpi",
                "newClientOrderId": "5uS0r35ohuQyDlCzZuYXq2",
                "origQty": "4.00000000",
                "newQty": "3.00000000",
                "time": 1741672924895,
            },
        ],
    )
    assert RENDERERS["order.amendments"]([], MS) == b"[]"
