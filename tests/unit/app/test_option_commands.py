"""Commands about options say what the parameters said."""

from typing import Any

import pytest

from papernet.app import option_commands
from papernet.app.faults import Fault, OptionFault
from papernet.app.operations.options import Generation, option_rows
from papernet.core.commands import (
    AcceptBlockOrder,
    CancelOption,
    CancelOptions,
    ChangeBlockOrder,
    Command,
    CreateBlockOrder,
    OptionTerms,
    PlaceOption,
    RefreshCountdowns,
    ResetProtection,
    SetCountdown,
    SetProtection,
)
from papernet.core.enums import SelfTradeMode, Side, TimeInForce
from papernet.protocols.json.params import read_params

CALL = "BTC-260123-50000-C"
ORDER = {"symbol": CALL, "side": "SELL", "type": "LIMIT", "quantity": "0.5", "price": "2000"}
TERMS = OptionTerms(7, CALL, Side.SELL, 50_000_000, 200_000_000_000)
STAMP = {"timestamp": "1768478400000"}
NOT_A_PRICE = Fault(OptionFault.NOT_A_PRICE, ("price",))


def read(name: str, sent: dict[str, str], generation: Generation = Generation.CURRENT) -> Any:
    params = read_params(option_rows(generation)[name], sent | STAMP)
    assert not isinstance(params, Fault), params
    return params


@pytest.mark.parametrize(
    ("sent", "changes"),
    [
        ({}, {}),
        ({"timeInForce": "IOC"}, {"time_in_force": TimeInForce.IOC}),
        ({"timeInForce": "GTX"}, {"is_gtx": True}),
        ({"postOnly": "true"}, {"post_only": True}),
        ({"reduceOnly": "True", "isMmp": "true"}, {"reduce_only": True, "is_protected": True}),
        ({"clientOrderId": "bot-1"}, {"client_order_id": "bot-1"}),
        ({"selfTradePreventionMode": "NONE"}, {"self_trade_mode": SelfTradeMode.NONE}),
    ],
)
def test_an_order_has_the_terms_that_were_sent(sent: dict[str, str], changes: dict[str, Any]) -> None:
    expected = OptionTerms(**{name: getattr(TERMS, name) for name in TERMS.__struct_fields__} | changes)
    assert option_commands.place(read("options.order.place", ORDER | sent), 7) == PlaceOption(expected)


def test_the_older_edition_prevents_no_trades() -> None:
    params = read("options.order.place", ORDER, Generation.LEGACY)
    assert option_commands.place(params, 7).terms.self_trade_mode is SelfTradeMode.NONE


def test_of_several_orders_one_may_be_wrong() -> None:
    text = '[{"symbol":"%s","side":"SELL","type":"LIMIT","quantity":"0.5","price":%s}]'
    params = read("options.batchOrders.place", {"orders": text % (CALL, "2000")})
    params["orders"] += read("options.batchOrders.place", {"orders": text % (CALL, "0")})["orders"]
    assert option_commands.place_several(params, 7) == (PlaceOption(TERMS), NOT_A_PRICE)


def test_several_cancels_are_by_id_or_by_name() -> None:
    by_id = read("options.batchOrders.cancel", {"symbol": CALL, "orderIds": "[5,6]"})
    assert option_commands.cancel_several(by_id, 7) == (CancelOption(7, CALL, 5), CancelOption(7, CALL, 6))
    by_name = read("options.batchOrders.cancel", {"symbol": CALL, "clientOrderIds": '["a"]'})
    assert option_commands.cancel_several(by_name, 7) == (CancelOption(7, CALL, -1, "a"),)


KEY = {"blockOrderMatchingKey": "3668822b-0000-4000-8000-000000000001"}
LEG = '[{"symbol":"%s","side":"BUY","type":"LIMIT","quantity":1,"price":"2000"}]' % CALL  # noqa: UP031  braces
PROTECTION = {"underlying": "BTCUSDT", "windowTimeInMilliseconds": "3000", "frozenTimeInMilliseconds": "0"}


@pytest.mark.parametrize(
    ("name", "sent", "expected"),
    [
        ("order.cancel", {"symbol": CALL, "orderId": "5"}, CancelOption(7, CALL, 5)),
        ("order.cancel", {"symbol": CALL, "clientOrderId": "a"}, CancelOption(7, CALL, -1, "a")),
        ("allOpenOrders.cancel", {"symbol": CALL}, CancelOptions(7, CALL)),
        ("allOpenOrdersByUnderlying.cancel", {"underlying": "btcusdt"}, CancelOptions(7, "", "BTCUSDT")),
        (
            "mmpSet",
            PROTECTION | {"qtyLimit": "2", "deltaLimit": "2.3"},
            SetProtection(7, "BTCUSDT", 3_000_000, 0, 200_000_000, 230_000_000),
        ),
        ("mmpReset", {"underlying": "BTCUSDT"}, ResetProtection(7, "BTCUSDT")),
        ("countdownCancelAll.set", {"underlying": "BTCUSDT", "countdownTime": "30000"}, SetCountdown(7, "BTCUSDT", 30_000_000)),
        ("countdownCancelAllHeartBeat", {"underlyings": "A,B,A"}, RefreshCountdowns(7, ("A", "B"))),
        (
            "block.order.create",
            {"liquidity": "MAKER", "legs": LEG},
            CreateBlockOrder(7, CALL, Side.BUY, 200_000_000_000, 100_000_000, is_maker=True),
        ),
        ("block.order.create", {"liquidity": "TAKER", "legs": LEG.replace("2000", "0")}, NOT_A_PRICE),
        ("block.order.extend", KEY, ChangeBlockOrder(7, KEY["blockOrderMatchingKey"], extends=True)),
        ("block.order.cancel", KEY, ChangeBlockOrder(7, KEY["blockOrderMatchingKey"], extends=False)),
        ("block.order.accept", KEY, AcceptBlockOrder(7, KEY["blockOrderMatchingKey"])),
    ],
)
def test_a_request_becomes_its_command(name: str, sent: dict[str, str], expected: Command | Fault) -> None:
    row = option_rows(Generation.CURRENT)[f"options.{name}"]
    build = getattr(row.does, "build")  # noqa: B009  only a change has one
    assert build(read(row.name, sent), 7) == expected
