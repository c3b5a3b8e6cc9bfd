"""Parameters become order lists, their orders in the order of their ids."""

from typing import Any

import pytest

from papernet.app import order_list_terms as terms
from papernet.app.operations import OPERATIONS
from papernet.core.commands import NewOrder, NewOrderList
from papernet.core.enums import ListKind, OrderType, PegPrice, SelfTradeMode, Side, TimeInForce
from papernet.core.rejects import Reason, Reject

BUY, SELL = Side.BUY, Side.SELL
GTC, IOC = TimeInForce.GTC, TimeInForce.IOC
T = OrderType


def sent(kind: str, **params: Any) -> dict[str, Any]:
    name = f"orderList.place.{kind}" if kind else "orderList.place"
    return {param.name: param.default for param in OPERATIONS[name].parameters} | {"symbol": "BTCUSDT"} | params


def leg(side: Side, order_type: OrderType, quantity: int, **changes: Any) -> NewOrder:
    fields: dict[str, Any] = {"time_in_force": GTC, "self_trade_mode": None} | changes
    return NewOrder(account=7, symbol="BTCUSDT", side=side, order_type=order_type, quantity=quantity, **fields)


def test_of_a_pair_the_stop_order_comes_first_wherever_it_stands() -> None:
    params = sent("oco", side=SELL, quantity=5, listClientOrderId="list")
    params |= {"aboveType": T.LIMIT_MAKER, "abovePrice": 9, "belowType": T.STOP_LOSS, "belowStopPrice": 3}
    stop, limit = leg(SELL, T.STOP_LOSS, 5, stop_price=3), leg(SELL, T.LIMIT_MAKER, 5, price=9)
    assert terms.oco(params, 7) == NewOrderList(7, "BTCUSDT", ListKind.OCO, (stop, limit), "list")
    params = sent("oco", side=BUY, quantity=5)
    params |= {"aboveType": T.STOP_LOSS, "aboveStopPrice": 9, "belowType": T.TAKE_PROFIT, "belowStopPrice": 3}
    stop, take = leg(BUY, T.STOP_LOSS, 5, stop_price=9), leg(BUY, T.TAKE_PROFIT, 5, stop_price=3)
    assert terms.oco(params, 7) == NewOrderList(7, "BTCUSDT", ListKind.OCO, (stop, take))


def test_every_term_of_a_leg_is_carried() -> None:
    params = sent("oco", side=SELL, quantity=5, selfTradePreventionMode=SelfTradeMode.NONE)
    params |= {"aboveType": T.LIMIT_MAKER, "abovePrice": 9, "belowType": T.STOP_LOSS_LIMIT, "belowTimeInForce": GTC}
    params |= {"belowClientOrderId": "low", "belowIcebergQty": 2, "belowTrailingDelta": 100, "belowStopPrice": 4}
    params |= {"belowStrategyId": 0, "belowStrategyType": 1_000_000, "belowPegPriceType": PegPrice.MARKET}
    params |= {"belowPegOffsetType": "PRICE_LEVEL", "belowPegOffsetValue": 0}
    placed = terms.oco(params, 7)
    assert isinstance(placed, NewOrderList)
    assert placed.legs[0] == leg(
        SELL,
        T.STOP_LOSS_LIMIT,
        5,
        client_order_id="low",
        strategy_id=0,
        strategy_type=1_000_000,
        self_trade_mode=SelfTradeMode.NONE,
        stop_price=4,
        trailing_delta=100,
        iceberg_quantity=2,
        peg_price=PegPrice.MARKET,
        peg_offset=0,
    )
    assert placed.legs[1].self_trade_mode is SelfTradeMode.NONE


@pytest.mark.parametrize(
    ("more", "stop"),
    [
        ({}, {"order_type": T.STOP_LOSS}),
        (
            {"stopLimitPrice": 2, "stopLimitTimeInForce": IOC},
            {"order_type": T.STOP_LOSS_LIMIT, "price": 2, "time_in_force": IOC},
        ),
        (
            {"trailingDelta": 10, "stopClientOrderId": "s"},
            {"order_type": T.STOP_LOSS, "trailing_delta": 10, "client_order_id": "s"},
        ),
    ],
)
def test_a_pair_as_older_clients_send_it(more: dict[str, Any], stop: dict[str, Any]) -> None:
    params = sent("", side=SELL, quantity=5, price=9, stopPrice=3, limitIcebergQty=1, limitClientOrderId="l") | more
    limit = leg(SELL, T.LIMIT_MAKER, 5, price=9, iceberg_quantity=1, client_order_id="l")
    expected = NewOrderList(7, "BTCUSDT", ListKind.OCO, (leg(SELL, quantity=5, stop_price=3, **stop), limit))
    assert terms.old_oco(params, 7) == expected


WORKING = {"workingSide": BUY, "workingType": T.LIMIT, "workingTimeInForce": GTC, "workingPrice": 4, "workingQuantity": 6}
PENDING_PAIR = {
    "pendingSide": SELL,
    "pendingAboveType": T.TAKE_PROFIT,
    "pendingAboveStopPrice": 9,
    "pendingBelowType": T.STOP_LOSS,
    "pendingBelowStopPrice": 3,
}
WORKING_LEG = leg(BUY, T.LIMIT, 6, price=4)


def test_working_orders_come_first() -> None:
    pending = {"pendingSide": SELL, "pendingType": T.MARKET, "pendingQuantity": 5}
    legs: tuple[NewOrder, ...] = (WORKING_LEG, leg(SELL, T.MARKET, 5))
    assert terms.oto(sent("oto", **WORKING, **pending), 7) == NewOrderList(7, "BTCUSDT", ListKind.OTO, legs)
    legs = (WORKING_LEG, leg(SELL, T.STOP_LOSS, 5, stop_price=3), leg(SELL, T.TAKE_PROFIT, 5, stop_price=9))
    params = sent("otoco", **WORKING, **PENDING_PAIR, pendingQuantity=5)
    assert terms.otoco(params, 7) == NewOrderList(7, "BTCUSDT", ListKind.OTOCO, legs)


def test_what_the_working_order_pays_for_has_no_quantity() -> None:
    params = sent("opo", **WORKING, pendingSide=SELL, pendingType=T.MARKET)
    legs: tuple[NewOrder, ...] = (WORKING_LEG, leg(SELL, T.MARKET, 0))
    assert terms.opo(params, 7) == NewOrderList(7, "BTCUSDT", ListKind.OPO, legs)
    legs = (WORKING_LEG, leg(SELL, T.STOP_LOSS, 0, stop_price=3), leg(SELL, T.TAKE_PROFIT, 0, stop_price=9))
    assert terms.opoco(sent("opoco", **WORKING, **PENDING_PAIR), 7) == NewOrderList(7, "BTCUSDT", ListKind.OPOCO, legs)


@pytest.mark.parametrize(
    ("changes", "reject"),
    [
        ({"workingQuantity": 0}, Reject(Reason.ZERO_NOTIONAL)),
        ({"pendingQuantity": 0}, Reject(Reason.ZERO_NOTIONAL)),
    ],
)
def test_what_a_list_cannot_say_is_refused(changes: dict[str, Any], reject: Reject) -> None:
    pending = {"pendingSide": SELL, "pendingType": T.MARKET, "pendingQuantity": 5}
    assert terms.oto(sent("oto", **(WORKING | pending | changes)), 7) == reject
