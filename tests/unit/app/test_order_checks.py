"""Which terms of orders go together. The words of these refusals are tested where parameters are read."""

from typing import Any

import pytest

from papernet.app import order_checks as checks
from papernet.app.faults import Fault, RequestFault
from papernet.app.operations import OPERATIONS
from papernet.core.enums import OrderType, PegPrice, Side, TimeInForce

T = OrderType
F = RequestFault
GTC, IOC = TimeInForce.GTC, TimeInForce.IOC


def nothing(name: str) -> dict[str, Any]:
    return {param.name: param.default for param in OPERATIONS[name].parameters}


PRICED = {"timeInForce": GTC, "quantity": 1, "price": 1}
LEAST: dict[OrderType, dict[str, Any]] = {
    T.LIMIT: PRICED,
    T.MARKET: {"quantity": 1},
    T.LIMIT_MAKER: {"quantity": 1, "price": 1},
    T.STOP_LOSS: {"quantity": 1, "stopPrice": 1},
    T.STOP_LOSS_LIMIT: PRICED | {"stopPrice": 1},
    T.TAKE_PROFIT: {"quantity": 1, "trailingDelta": 1},
    T.TAKE_PROFIT_LIMIT: PRICED | {"stopPrice": 1, "trailingDelta": 1},
}
# rest-api.md, New order: what has no meaning for a type
REFUSED: dict[OrderType, str] = {
    T.LIMIT: "quoteOrderQty stopPrice trailingDelta",
    T.MARKET: "timeInForce price icebergQty stopPrice trailingDelta quoteOrderQty",
    T.LIMIT_MAKER: "timeInForce quoteOrderQty stopPrice trailingDelta",
    T.STOP_LOSS: "timeInForce price icebergQty quoteOrderQty",
    T.STOP_LOSS_LIMIT: "quoteOrderQty",
    T.TAKE_PROFIT: "timeInForce price icebergQty quoteOrderQty",
    T.TAKE_PROFIT_LIMIT: "quoteOrderQty",
}


def order(order_type: OrderType, **changes: Any) -> dict[str, Any]:
    return nothing("order.place") | {"type": order_type} | LEAST[order_type] | changes


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
    assert checks.new_order(order(order_type, **{name: 1})) == Fault(F.NOT_REQUIRED, (name,))


@pytest.mark.parametrize("order_type", [T.STOP_LOSS, T.STOP_LOSS_LIMIT, T.TAKE_PROFIT, T.TAKE_PROFIT_LIMIT])
def test_triggered_types_need_a_trigger(order_type: OrderType) -> None:
    fault = checks.new_order(order(order_type, stopPrice=None, trailingDelta=None))
    assert fault == Fault(F.MISSING_EITHER, ("stopPrice", "trailingDelta"))


def test_a_market_order_needs_one_of_two_quantities() -> None:
    fault = checks.new_order(order(T.MARKET, quantity=None))
    assert fault == Fault(F.MISSING_EITHER, ("quantity", "quoteOrderQty"))
    assert checks.new_order(order(T.MARKET, quantity=None, quoteOrderQty=1)) is None


def test_zero_is_not_absent() -> None:
    assert checks.new_order(order(T.LIMIT, price=0, quantity=0)) is None


def test_with_a_peg_the_price_is_optional() -> None:
    assert checks.new_order(order(T.LIMIT, price=None)) == Fault(F.MISSING_PARAMETER, ("price",))
    for order_type in (T.LIMIT, T.LIMIT_MAKER, T.STOP_LOSS_LIMIT, T.TAKE_PROFIT_LIMIT):
        assert checks.new_order(order(order_type, price=None, pegPriceType=PegPrice.PRIMARY)) is None


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"pegOffsetType": "PRICE_LEVEL"}, Fault(F.INCOMPLETE_PAIR, ("pegOffsetType", "pegOffsetValue"))),
        ({"pegOffsetValue": 0}, Fault(F.INCOMPLETE_PAIR, ("pegOffsetType", "pegOffsetValue"))),
        ({"pegOffsetType": "PRICE_LEVEL", "pegOffsetValue": 0}, Fault(F.MISSING_PARAMETER, ("pegPriceType",))),
        ({"pegOffsetType": "PRICE_LEVEL", "pegOffsetValue": 0, "pegPriceType": PegPrice.MARKET}, None),
    ],
)
def test_an_offset_is_whole_and_has_a_peg(changes: dict[str, Any], expected: Fault | None) -> None:
    assert checks.new_order(order(T.LIMIT, **changes)) == expected


def test_only_what_is_good_till_cancelled_can_be_an_iceberg() -> None:
    assert checks.new_order(order(T.LIMIT, icebergQty=1)) is None
    assert checks.new_order(order(T.LIMIT_MAKER, icebergQty=1)) is None
    assert checks.new_order(order(T.LIMIT, icebergQty=1, timeInForce=IOC)) == Fault(F.UNSUPPORTED_COMBINATION)


def routed(order_type: OrderType, **changes: Any) -> dict[str, Any]:
    return nothing("sor.order.place") | {"type": order_type} | LEAST[order_type] | changes


def test_routed_orders_need_and_refuse_what_others_do() -> None:
    assert checks.routed_order(routed(T.LIMIT)) is None
    assert checks.routed_order(routed(T.MARKET)) is None
    assert checks.routed_order(routed(T.LIMIT, price=None)) == Fault(F.MISSING_PARAMETER, ("price",))
    assert checks.routed_order(routed(T.MARKET, price=1)) == Fault(F.NOT_REQUIRED, ("price",))
    assert checks.routed_order(routed(T.LIMIT, icebergQty=1, timeInForce=IOC)) == Fault(F.UNSUPPORTED_COMBINATION)


def test_a_replacement_says_what_it_replaces_before_what_by() -> None:
    params = nothing("order.cancelReplace") | {"type": T.LIMIT}
    assert checks.cancel_replace(params) == Fault(F.MISSING_EITHER, ("cancelOrigClientOrderId", "cancelOrderId"))
    for name in ("cancelOrigClientOrderId", "cancelOrderId"):
        assert checks.cancel_replace(params | {name: 0}) == Fault(F.MISSING_PARAMETER, ("timeInForce",))
        assert checks.cancel_replace(params | {name: 0} | LEAST[T.LIMIT]) is None


# What an order of a list needs, by the end of the parameters' names.
LEG: dict[OrderType, dict[str, Any]] = {
    T.LIMIT: {"Price": 2, "TimeInForce": GTC},
    T.MARKET: {},
    T.LIMIT_MAKER: {"Price": 2},
    T.STOP_LOSS: {"StopPrice": 2},
    T.STOP_LOSS_LIMIT: {"StopPrice": 2, "Price": 3, "TimeInForce": GTC},
    T.TAKE_PROFIT: {"StopPrice": 2},
    T.TAKE_PROFIT_LIMIT: {"StopPrice": 4, "Price": 2, "TimeInForce": GTC},
}


def leg(prefix: str, order_type: OrderType, **changes: Any) -> dict[str, Any]:
    terms = {"Type": order_type} | LEG[order_type] | changes
    return {prefix + name: value for name, value in terms.items()}


def pair(side: Side, above: OrderType, below: OrderType, **changes: Any) -> dict[str, Any]:
    """Return a pair whose prices stand as they should."""
    higher = leg("above", above, **{name: value + 10 for name, value in LEG[above].items() if name != "TimeInForce"})
    return nothing("orderList.place.oco") | {"side": side, "quantity": 1} | higher | leg("below", below) | changes


STOPS, TAKES = (T.STOP_LOSS, T.STOP_LOSS_LIMIT), (T.TAKE_PROFIT, T.TAKE_PROFIT_LIMIT)


def expected_of_types(side: Side, above: OrderType, below: OrderType) -> RequestFault | None:
    """Say in the documents' words what is wrong with a pair's types (errors.md, -1158 to -1199)."""
    if any(each in (T.LIMIT, T.MARKET) for each in (above, below)):
        return F.ORDER_TYPE_NOT_IN_OCO
    if above is below is T.LIMIT_MAKER:
        return F.BOTH_OCO_ORDERS_LIMIT
    if side is Side.BUY:
        wrong = [
            F.BUY_OCO_LIMIT_NOT_BELOW if above is T.LIMIT_MAKER else None,
            F.BUY_OCO_STOP_LOSS_NOT_ABOVE if below in STOPS else None,
            F.BUY_OCO_TAKE_PROFIT_NOT_BELOW if above in TAKES else None,
        ]
    else:
        wrong = [
            F.SELL_OCO_LIMIT_NOT_ABOVE if below is T.LIMIT_MAKER else None,
            F.SELL_OCO_STOP_LOSS_NOT_BELOW if above in STOPS else None,
            F.SELL_OCO_TAKE_PROFIT_NOT_ABOVE if below in TAKES else None,
        ]
    return next((fault for fault in wrong if fault is not None), None)


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize("above", list(OrderType))
@pytest.mark.parametrize("below", list(OrderType))
def test_every_pair_of_types(side: Side, above: OrderType, below: OrderType) -> None:
    fault = checks.oco(pair(side, above, below))
    assert (fault and fault.fault) == expected_of_types(side, above, below)
    # rest-api.md, New Order list - OCO: exactly one of the two is a stop loss.
    assert (fault is None) is (
        ((above in STOPS) is not (below in STOPS))
        and ((side is Side.BUY) is (above in STOPS))
        and (above not in (T.LIMIT, T.MARKET) and below not in (T.LIMIT, T.MARKET))
    )


SELL_PAIR = pair(Side.SELL, T.LIMIT_MAKER, T.STOP_LOSS_LIMIT)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"abovePrice": None}, Fault(F.MISSING_PARAMETER, ("abovePrice",))),
        ({"belowTimeInForce": None}, Fault(F.MISSING_PARAMETER, ("belowTimeInForce",))),
        ({"belowPrice": None}, Fault(F.MISSING_PARAMETER, ("belowPrice",))),
        ({"belowStopPrice": None}, Fault(F.MISSING_EITHER, ("belowStopPrice", "belowTrailingDelta"))),
        ({"belowStopPrice": None, "belowTrailingDelta": 10}, None),
        ({"aboveTimeInForce": GTC}, Fault(F.NOT_REQUIRED, ("aboveTimeInForce",))),
        ({"aboveStopPrice": 1}, Fault(F.NOT_REQUIRED, ("aboveStopPrice",))),
        ({"aboveIcebergQty": 1, "belowIcebergQty": 1}, None),
        ({"belowIcebergQty": 1, "belowTimeInForce": IOC}, Fault(F.ICEBERG_NOT_GTC, ("belowIcebergQty", "belowTimeInForce"))),
        ({"abovePrice": None, "abovePegPriceType": PegPrice.PRIMARY}, None),
        ({"belowPegOffsetValue": 1}, Fault(F.INCOMPLETE_PAIR, ("belowPegOffsetType", "belowPegOffsetValue"))),
        # Whether the prices fit is the exchange's to say.
        ({"abovePrice": 2}, None),
        ({"abovePrice": 3}, None),
        # What is wrong above is told before what is wrong below.
        ({"abovePrice": None, "belowPrice": None}, Fault(F.MISSING_PARAMETER, ("abovePrice",))),
    ],
)
def test_orders_of_a_pair(changes: dict[str, Any], expected: Fault | None) -> None:
    assert checks.oco(SELL_PAIR | changes) == expected


OLD = nothing("orderList.place") | {"side": Side.SELL, "quantity": 1, "price": 3, "stopPrice": 2}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, None),
        ({"trailingDelta": 10}, None),
        ({"stopLimitPrice": 1, "stopLimitTimeInForce": GTC, "stopIcebergQty": 1}, None),
        ({"limitIcebergQty": 1}, None),
        ({"stopLimitPrice": 1}, Fault(F.MISSING_PARAMETER, ("stopLimitTimeInForce",))),
        ({"stopLimitTimeInForce": GTC}, Fault(F.NOT_REQUIRED, ("stopLimitTimeInForce",))),
        ({"stopIcebergQty": 1}, Fault(F.NOT_REQUIRED, ("stopIcebergQty",))),
        (
            {"stopLimitPrice": 1, "stopLimitTimeInForce": IOC, "stopIcebergQty": 1},
            Fault(F.ICEBERG_NOT_GTC, ("stopIcebergQty", "stopLimitTimeInForce")),
        ),
        ({"stopPrice": 3}, None),
        ({"side": Side.BUY, "stopPrice": 4}, None),
    ],
)
def test_pairs_as_older_clients_send_them(changes: dict[str, Any], expected: Fault | None) -> None:
    assert checks.old_oco(OLD | changes) == expected


def oto(kind: str, **changes: Any) -> dict[str, Any]:
    params = nothing(f"orderList.place.{kind}") | {"workingSide": Side.BUY, "pendingSide": Side.SELL, "workingQuantity": 1}
    if kind in ("oto", "otoco"):
        params["pendingQuantity"] = 1
    params |= leg("working", T.LIMIT)
    if kind in ("oto", "opo"):
        params |= leg("pending", T.MARKET)
    else:
        params |= leg("pendingAbove", T.LIMIT_MAKER, Price=9) | leg("pendingBelow", T.STOP_LOSS)
    return params | changes


CHECKS = {"oto": checks.oto, "otoco": checks.otoco, "opo": checks.opo, "opoco": checks.opoco}


@pytest.mark.parametrize("kind", CHECKS)
def test_working_orders(kind: str) -> None:
    check = CHECKS[kind]
    assert check(oto(kind)) is None
    assert check(oto(kind, workingPrice=None)) == Fault(F.MISSING_PARAMETER, ("workingPrice",))
    assert check(oto(kind, workingPrice=None, workingPegPriceType=PegPrice.PRIMARY)) is None
    assert check(oto(kind, workingTimeInForce=None)) == Fault(F.MISSING_PARAMETER, ("workingTimeInForce",))
    assert check(oto(kind, workingType=T.LIMIT_MAKER)) == Fault(F.NOT_REQUIRED, ("workingTimeInForce",))
    assert check(oto(kind, workingType=T.LIMIT_MAKER, workingTimeInForce=None, workingIcebergQty=1)) is None
    iceberg = Fault(F.ICEBERG_NOT_GTC, ("workingIcebergQty", "workingTimeInForce"))
    assert check(oto(kind, workingIcebergQty=1, workingTimeInForce=IOC)) == iceberg


@pytest.mark.parametrize("kind", ["oto", "opo"])
@pytest.mark.parametrize("order_type", list(OrderType))
def test_pending_orders_of_every_type(kind: str, order_type: OrderType) -> None:
    check = CHECKS[kind]
    assert check(oto(kind, **leg("pending", order_type))) is None
    for name in LEG[order_type]:
        fault = check(oto(kind, **leg("pending", order_type, **{name: None})))
        assert fault is not None
        assert f"pending{name}" in fault.args


@pytest.mark.parametrize("kind", ["otoco", "opoco"])
def test_pending_pairs_are_checked_as_pairs_are(kind: str) -> None:
    check = CHECKS[kind]
    assert check(oto(kind, pendingAboveType=T.MARKET)) == Fault(F.ORDER_TYPE_NOT_IN_OCO)
    assert check(oto(kind, pendingBelowType=T.TAKE_PROFIT)) == Fault(F.SELL_OCO_TAKE_PROFIT_NOT_ABOVE)
    assert check(oto(kind, pendingAbovePrice=None)) == Fault(F.MISSING_PARAMETER, ("pendingAbovePrice",))


@pytest.mark.parametrize("kind", ["opo", "opoco"])
def test_an_opo_buys_and_then_sells(kind: str) -> None:
    check = CHECKS[kind]
    assert check(oto(kind, workingSide=Side.SELL)) == Fault(F.OPO_WORKING_NOT_BUY)
    assert check(oto(kind, pendingSide=Side.BUY)) == Fault(F.OPO_PENDING_NOT_SELL)
    if kind == "opoco":
        assert check(oto(kind, pendingSide=Side.BUY, pendingAboveType=T.MARKET)) == Fault(F.OPO_PENDING_NOT_SELL)


def test_other_lists_have_any_sides() -> None:
    assert checks.oto(oto("oto", workingSide=Side.SELL, pendingSide=Side.BUY)) is None
