"""Parameters become commands about one order."""

from typing import Any

import pytest

from papernet.app import order_terms as terms
from papernet.app.operations import OPERATIONS
from papernet.core.commands import AmendOrder, CancelOpenOrders, CancelOrder, CancelOrderList, NewOrder, ReplaceOrder
from papernet.core.enums import CancelRestriction, OrderType, PegPrice, SelfTradeMode, Side, TimeInForce
from papernet.core.rejects import Reason, Reject


def sent(name: str, **params: Any) -> dict[str, Any]:
    return {param.name: param.default for param in OPERATIONS[name].parameters} | {"symbol": "BTCUSDT"} | params


MARKET = sent("order.place", side=Side.SELL, type=OrderType.MARKET, quantity=5)
STOP = sent("order.place", side=Side.SELL, type=OrderType.STOP_LOSS, quantity=5, stopPrice=1)


def test_an_order_says_everything() -> None:
    params = sent(
        "order.place",
        side=Side.BUY,
        type=OrderType.TAKE_PROFIT_LIMIT,
        timeInForce=TimeInForce.IOC,
        quantity=3,
        price=4,
        newClientOrderId="mine",
        strategyId=0,
        strategyType=1_000_000,
        selfTradePreventionMode=SelfTradeMode.EXPIRE_TAKER,
        stopPrice=5,
        trailingDelta=6,
        icebergQty=2,
        pegPriceType=PegPrice.MARKET,
        pegOffsetType="PRICE_LEVEL",
        pegOffsetValue=0,
    )
    assert terms.new_order(params, 7) == NewOrder(
        account=7,
        symbol="BTCUSDT",
        side=Side.BUY,
        order_type=OrderType.TAKE_PROFIT_LIMIT,
        time_in_force=TimeInForce.IOC,
        quantity=3,
        price=4,
        quote_quantity=0,
        client_order_id="mine",
        strategy_id=0,
        strategy_type=1_000_000,
        self_trade_mode=SelfTradeMode.EXPIRE_TAKER,
        stop_price=5,
        trailing_delta=6,
        iceberg_quantity=2,
        peg_price=PegPrice.MARKET,
        peg_offset=0,
        uses_sor=False,
    )


def test_what_is_not_said_is_absent() -> None:
    expected = NewOrder(7, "BTCUSDT", Side.SELL, OrderType.MARKET, TimeInForce.GTC, 5, self_trade_mode=None)
    assert terms.new_order(MARKET, 7) == expected


def test_no_self_trade_prevention_is_not_the_symbols_default() -> None:
    order = terms.new_order(MARKET | {"selfTradePreventionMode": SelfTradeMode.NONE}, 7)
    assert isinstance(order, NewOrder)
    assert order.self_trade_mode is SelfTradeMode.NONE


def test_a_market_order_by_quote_quantity() -> None:
    order = terms.new_order(MARKET | {"quantity": None, "quoteOrderQty": 9}, 7)
    assert isinstance(order, NewOrder)
    assert (order.quantity, order.quote_quantity) == (0, 9)


def test_a_routed_order_is_one_that_says_so() -> None:
    params = sent("sor.order.place", side=Side.BUY, type=OrderType.MARKET, quantity=5)
    expected = NewOrder(7, "BTCUSDT", Side.BUY, OrderType.MARKET, TimeInForce.GTC, 5, self_trade_mode=None, uses_sor=True)
    assert terms.routed_order(params, 7) == expected


@pytest.mark.parametrize(
    ("params", "reject"),
    [
        (MARKET | {"quantity": 0}, Reject(Reason.ZERO_NOTIONAL)),
        (MARKET | {"quantity": None, "quoteOrderQty": 0}, Reject(Reason.ZERO_NOTIONAL)),
        (STOP | {"stopPrice": 0}, Reject(Reason.FILTER_FAILURE, ("PRICE_FILTER",))),
        (STOP | {"trailingDelta": 0}, Reject(Reason.FILTER_FAILURE, ("TRAILING_DELTA",))),
    ],
)
def test_what_a_command_cannot_say_is_refused(params: dict[str, Any], reject: Reject) -> None:
    assert terms.new_order(params, 7) == reject


def test_replies_are_full_for_limit_and_market_orders() -> None:
    assert [order_type for order_type in OrderType if terms.is_full_by_default(order_type)] == [
        OrderType.LIMIT,
        OrderType.MARKET,
    ]


def test_cancels() -> None:
    assert terms.cancel_order(sent("order.cancel", orderId=0), 7) == CancelOrder(7, "BTCUSDT", 0)
    params = sent(
        "order.cancel", origClientOrderId="mine", newClientOrderId="gone", cancelRestrictions=CancelRestriction.ONLY_NEW
    )
    assert terms.cancel_order(params, 7) == CancelOrder(7, "BTCUSDT", -1, "mine", "gone", CancelRestriction.ONLY_NEW)
    assert terms.cancel_open_orders(sent("openOrders.cancelAll"), 7) == CancelOpenOrders(7, "BTCUSDT")


def test_cancels_of_lists() -> None:
    assert terms.cancel_order_list(sent("orderList.cancel", orderListId=0), 7) == CancelOrderList(7, "BTCUSDT", 0)
    params = sent("orderList.cancel", listClientOrderId="list", newClientOrderId="gone")
    assert terms.cancel_order_list(params, 7) == CancelOrderList(7, "BTCUSDT", -1, "list", "gone")


REPLACEMENT = sent(
    "order.cancelReplace",
    side=Side.SELL,
    type=OrderType.MARKET,
    quantity=5,
    cancelReplaceMode=True,
    cancelOrderId=0,
)


def test_a_replacement_is_a_cancel_and_an_order() -> None:
    order = terms.new_order(MARKET, 7)
    assert isinstance(order, NewOrder)
    assert terms.replace_order(REPLACEMENT, 7) == ReplaceOrder(CancelOrder(7, "BTCUSDT", 0), order, stops_on_failure=True)
    params = REPLACEMENT | {
        "cancelReplaceMode": False,
        "orderRateLimitExceededMode": True,
        "cancelOrderId": None,
        "cancelOrigClientOrderId": "mine",
        "cancelNewClientOrderId": "gone",
        "cancelRestrictions": CancelRestriction.ONLY_PARTIALLY_FILLED,
    }
    cancel = CancelOrder(7, "BTCUSDT", -1, "mine", "gone", CancelRestriction.ONLY_PARTIALLY_FILLED)
    expected = ReplaceOrder(cancel, order, stops_on_failure=False, cancels_when_exceeded=True)
    assert terms.replace_order(params, 7) == expected


def test_a_replacement_by_nothing_is_refused() -> None:
    assert terms.replace_order(REPLACEMENT | {"quantity": 0}, 7) == Reject(Reason.ZERO_NOTIONAL)


def test_amendments() -> None:
    params = sent("order.amend.keepPriority", orderId=3, newQty=2)
    assert terms.amend_order(params, 7) == AmendOrder(7, "BTCUSDT", 3, 2)
    params = sent("order.amend.keepPriority", origClientOrderId="mine", newClientOrderId="new", newQty=2)
    assert terms.amend_order(params, 7) == AmendOrder(7, "BTCUSDT", -1, 2, "mine", "new")
    assert terms.amend_order(params | {"newQty": 0}, 7) == Reject(Reason.ZERO_NOTIONAL)
