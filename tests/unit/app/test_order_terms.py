"""Parameters become commands."""

from typing import Any

import pytest

from papernet.app.operations import OPERATIONS
from papernet.app.order_terms import cancel_open_orders, cancel_order, is_full_by_default, new_order
from papernet.core.commands import CancelOpenOrders, CancelOrder, NewOrder
from papernet.core.enums import CancelRestriction, OrderType, SelfTradeMode, Side, TimeInForce
from papernet.core.rejects import Reason, Reject

NOTHING: dict[str, Any] = {param.name: param.default for param in OPERATIONS["order.place"].parameters}
MARKET = NOTHING | {"symbol": "BTCUSDT", "side": Side.SELL, "type": OrderType.MARKET, "quantity": 5}


def test_a_limit_order_says_everything() -> None:
    params = NOTHING | {
        "symbol": "BTCUSDT",
        "side": Side.BUY,
        "type": OrderType.LIMIT,
        "timeInForce": TimeInForce.IOC,
        "quantity": 3,
        "price": 4,
        "newClientOrderId": "mine",
        "strategyId": 0,
        "strategyType": 1_000_000,
        "selfTradePreventionMode": SelfTradeMode.EXPIRE_TAKER,
    }
    assert new_order(params, 7) == NewOrder(
        7, "BTCUSDT", Side.BUY, OrderType.LIMIT, TimeInForce.IOC, 3, 4, 0, "mine", 0, 1_000_000, SelfTradeMode.EXPIRE_TAKER
    )


def test_a_market_order_by_quote_quantity() -> None:
    params = MARKET | {"quantity": None, "quoteOrderQty": 9}
    assert new_order(params, 7) == NewOrder(7, "BTCUSDT", Side.SELL, OrderType.MARKET, TimeInForce.GTC, 0, 0, 9)


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("icebergQty", 1, Reason.ICEBERG_NOT_SUPPORTED),
        ("trailingDelta", 0, Reason.TRAILING_STOP_NOT_SUPPORTED),
        ("pegPriceType", "MARKET_PEG", Reason.PEG_NOT_SUPPORTED),
        ("quantity", 0, Reason.ZERO_NOTIONAL),
    ],
)
def test_what_a_command_cannot_say_is_refused(name: str, value: object, reason: Reason) -> None:
    assert new_order(MARKET | {name: value}, 7) == Reject(reason)


def test_replies_are_full_for_limit_and_market_orders() -> None:
    assert [order_type for order_type in OrderType if is_full_by_default(order_type)] == [OrderType.LIMIT, OrderType.MARKET]


def test_cancels() -> None:
    params = {param.name: param.default for param in OPERATIONS["order.cancel"].parameters} | {"symbol": "BTCUSDT"}
    assert cancel_order(params | {"orderId": 0}, 7) == CancelOrder(7, "BTCUSDT", 0)
    sent = {"origClientOrderId": "mine", "newClientOrderId": "gone", "cancelRestrictions": CancelRestriction.ONLY_NEW}
    assert cancel_order(params | sent, 7) == CancelOrder(7, "BTCUSDT", -1, "mine", "gone", CancelRestriction.ONLY_NEW)
    assert cancel_open_orders(params, 7) == CancelOpenOrders(7, "BTCUSDT")
