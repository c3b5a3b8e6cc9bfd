"""Which typed parameters go together. The words of these refusals are tested where parameters are read."""

from typing import Any

import pytest

from papernet.app import parameter_checks as checks
from papernet.app.faults import Fault, RequestFault
from papernet.app.operations import OPERATIONS
from papernet.core.dates import DAY
from papernet.core.enums import OrderType, TimeInForce

NOTHING: dict[str, Any] = {param.name: None for param in OPERATIONS["order.place"].parameters}
PRICED = {"timeInForce": TimeInForce.GTC, "quantity": 1, "price": 1}
LEAST: dict[OrderType, dict[str, Any]] = {
    OrderType.LIMIT: PRICED,
    OrderType.MARKET: {"quantity": 1},
    OrderType.LIMIT_MAKER: {"quantity": 1, "price": 1},
    OrderType.STOP_LOSS: {"quantity": 1, "stopPrice": 1},
    OrderType.STOP_LOSS_LIMIT: PRICED | {"stopPrice": 1},
    OrderType.TAKE_PROFIT: {"quantity": 1, "trailingDelta": 1},
    OrderType.TAKE_PROFIT_LIMIT: PRICED | {"stopPrice": 1, "trailingDelta": 1},
}
# rest-api.md, New order: what has no meaning for a type
REFUSED: dict[OrderType, str] = {
    OrderType.LIMIT: "quoteOrderQty stopPrice trailingDelta",
    OrderType.MARKET: "timeInForce price icebergQty pegPriceType stopPrice trailingDelta quoteOrderQty",
    OrderType.LIMIT_MAKER: "timeInForce quoteOrderQty stopPrice trailingDelta",
    OrderType.STOP_LOSS: "timeInForce price icebergQty pegPriceType quoteOrderQty",
    OrderType.STOP_LOSS_LIMIT: "quoteOrderQty",
    OrderType.TAKE_PROFIT: "timeInForce price icebergQty pegPriceType quoteOrderQty",
    OrderType.TAKE_PROFIT_LIMIT: "quoteOrderQty",
}


def order(order_type: OrderType, **changes: Any) -> dict[str, Any]:
    return NOTHING | {"type": order_type} | LEAST[order_type] | changes


@pytest.mark.parametrize("order_type", list(OrderType))
def test_each_type_is_content_with_the_least_and_with_nothing_less(order_type: OrderType) -> None:
    assert checks.new_order(order(order_type)) is None
    for name in LEAST[order_type]:
        if name not in ("stopPrice", "trailingDelta"):
            fault = checks.new_order(order(order_type, **{name: None}))
            assert fault is not None
            assert name in fault.args


@pytest.mark.parametrize(
    ("order_type", "name"), [(order_type, name) for order_type, names in REFUSED.items() for name in names.split()]
)
def test_each_type_refuses_what_has_no_meaning_for_it(order_type: OrderType, name: str) -> None:
    assert checks.new_order(order(order_type, **{name: 1})) == Fault(RequestFault.NOT_REQUIRED, (name,))


@pytest.mark.parametrize("order_type", [OrderType.STOP_LOSS, OrderType.TAKE_PROFIT_LIMIT])
def test_triggered_types_need_a_trigger(order_type: OrderType) -> None:
    fault = checks.new_order(order(order_type, stopPrice=None, trailingDelta=None))
    assert fault == Fault(RequestFault.MISSING_EITHER, ("stopPrice", "trailingDelta"))


def test_zero_is_not_absent() -> None:
    assert checks.new_order(order(OrderType.LIMIT, price=0, quantity=0)) is None
    assert checks.some_order_id({"orderId": 0, "origClientOrderId": None}) is None
    assert checks.at_most_a_day({"startTime": 0, "endTime": DAY}) is None
    assert checks.at_most_a_day({"startTime": 0, "endTime": DAY + 1}) == Fault(RequestFault.TOO_LONG_WINDOW, ("24",))


def test_the_end_may_come_before_the_start() -> None:
    assert checks.at_most_a_day({"startTime": DAY, "endTime": 0}) is None


@pytest.mark.parametrize(
    ("sent", "allowed"),
    [
        ("", True),
        ("orderId", True),
        ("startTime", True),
        ("endTime", True),
        ("fromId", True),
        ("startTime endTime", True),
        ("orderId fromId", True),
        ("orderId startTime", False),
        ("fromId endTime", False),
        ("orderId fromId startTime", False),
    ],
)
def test_my_trades_combinations(sent: str, allowed: bool) -> None:
    params = dict.fromkeys(("orderId", "startTime", "endTime", "fromId")) | dict.fromkeys(sent.split(), 1)
    assert (checks.my_trades(params) is None) is allowed


@pytest.mark.parametrize(
    ("symbol", "symbols", "one", "either"),
    [(None, None, False, True), ("A", None, True, True), (None, ("A",), True, True), ("A", ("A",), False, False)],
)
def test_symbol_and_symbols(symbol: str | None, symbols: tuple[str, ...] | None, one: bool, either: bool) -> None:
    params = {"symbol": symbol, "symbols": symbols, "permissions": None, "symbolStatus": None}
    assert (checks.exactly_one_of_symbol_and_symbols(params) is None) is one
    assert (checks.symbol_or_symbols(params) is None) is either
    assert (checks.exchange_info(params) is None) is either
    named = symbol is not None or symbols is not None
    assert (checks.exchange_info(params | {"permissions": ("SPOT",)}) is None) is not named
