"""The official spot SDK calls every operation that trades or asks about orders; its own models parse the replies strictly."""

from collections.abc import Iterator
from typing import Any

import pytest
from binance_common.configuration import ConfigurationRestAPI
from binance_common.errors import BadRequestError
from binance_sdk_spot.spot import Spot

from tests.clients.conftest import Server

pytestmark = pytest.mark.clients

SYMBOL = "SOLUSDT"


@pytest.fixture
def pair(server: Server) -> Iterator[tuple[Any, Any]]:
    """Return the calls of alice and bob, between whom SOLUSDT has just traded at 150; their orders end with the test."""
    users = []
    for account in ("alice", "bob"):
        key = server.key(account)
        users.append(Spot(ConfigurationRestAPI(api_key=key.api_key, api_secret=key.secret, base_path=server.rest)).rest_api)
    alice, bob = users
    limit: dict[str, Any] = {"symbol": SYMBOL, "type": "LIMIT", "time_in_force": "GTC", "quantity": 1, "price": 150}
    alice.new_order(side="BUY", **limit)
    assert bob.new_order(side="SELL", **limit).data().status == "FILLED"
    yield alice, bob
    for user in users:
        for symbol in {order.symbol for order in user.get_open_orders().data()}:
            user.delete_open_orders(symbol=symbol)


def _status(api: Any, order_id: int) -> str:
    return str(api.get_order(symbol=SYMBOL, order_id=order_id).data().status)


def test_stop_orders(pair: tuple[Any, Any]) -> None:
    """Every type that triggers, with a stop price, a trailing delta, or both."""
    alice, bob = pair
    for order_type, stop, limit in (
        ("STOP_LOSS", 140, None),
        ("STOP_LOSS_LIMIT", 140, 139),
        ("TAKE_PROFIT", 160, None),
        ("TAKE_PROFIT_LIMIT", 160, 161),
    ):
        terms = {"symbol": SYMBOL, "side": "SELL", "type": order_type, "quantity": 1}
        if limit is not None:
            terms |= {"price": limit, "time_in_force": "GTC"}
        for trigger in ({"stop_price": stop}, {"trailing_delta": 500}, {"stop_price": stop, "trailing_delta": 500}):
            placed = alice.new_order(**terms, **trigger, new_order_resp_type="FULL").data()
            assert (placed.status, placed.working_time) == ("NEW", -1)
            told = placed.additional_properties  # where the SDK keeps what its model does not name
            assert told["stopPrice"] == f"{trigger.get('stop_price', 0)}.00000000"
            assert told.get("trailingDelta") == trigger.get("trailing_delta")
            alice.delete_order(symbol=SYMBOL, order_id=placed.order_id)
    stop = alice.new_order(symbol=SYMBOL, side="SELL", type="STOP_LOSS", quantity=1, stop_price=140).data()
    bob.new_order(symbol=SYMBOL, side="BUY", type="LIMIT", time_in_force="GTC", quantity=2, price=139)
    alice.new_order(symbol=SYMBOL, side="SELL", type="MARKET", quantity=1)
    assert _status(alice, stop.order_id) == "FILLED"


def test_icebergs_and_pegs(pair: tuple[Any, Any]) -> None:
    alice, bob = pair
    limit: dict[str, Any] = {"symbol": SYMBOL, "side": "SELL", "type": "LIMIT", "time_in_force": "GTC"}
    iceberg = alice.new_order(**limit, quantity=3, price=170, iceberg_qty=1).data()
    assert iceberg.additional_properties["icebergQty"] == "1.00000000"
    assert bob.depth(symbol=SYMBOL).data().asks == [["170.00000000", "1.00000000"]]
    pegged = alice.new_order(**limit, quantity=1, peg_price_type="PRIMARY_PEG").data()
    assert (pegged.price, pegged.additional_properties["peggedPrice"]) == ("0.00000000", "170.00000000")
    deep = {"peg_price_type": "PRIMARY_PEG", "peg_offset_type": "PRICE_LEVEL", "peg_offset_value": 1}
    with pytest.raises(BadRequestError) as shallow:
        alice.new_order(**limit, quantity=1, **deep)
    assert "Order book liquidity is too low for this pegged order." in str(shallow.value)


def test_pairs(pair: tuple[Any, Any]) -> None:
    """OCO under both addresses, its queries and its cancel."""
    alice, bob = pair
    new = alice.order_list_oco(
        symbol=SYMBOL,
        side="SELL",
        quantity=2,
        above_type="LIMIT_MAKER",
        above_price=160,
        below_type="STOP_LOSS_LIMIT",
        below_price=138,
        below_stop_price=140,
        below_time_in_force="GTC",
        new_order_resp_type="RESULT",
    ).data()
    assert [report.status for report in new.order_reports] == ["NEW", "NEW"]
    assert [row.order_list_id for row in alice.open_order_list().data()] == [new.order_list_id]
    assert alice.get_order_list(order_list_id=new.order_list_id).data().list_order_status == "EXECUTING"
    ended = alice.delete_order_list(symbol=SYMBOL, list_client_order_id=new.list_client_order_id).data()
    assert (ended.list_status_type, len(ended.order_reports)) == ("ALL_DONE", 2)
    old = alice.order_oco(
        symbol=SYMBOL,
        side="SELL",
        quantity=2,
        price=160,
        stop_price=140,
        stop_limit_price=138,
        stop_limit_time_in_force="GTC",
        limit_iceberg_qty=1,
        new_order_resp_type="FULL",
    ).data()
    assert [report.type for report in old.order_reports] == ["STOP_LOSS_LIMIT", "LIMIT_MAKER"]
    bob.new_order(symbol=SYMBOL, side="BUY", type="LIMIT", time_in_force="GTC", quantity=2, price=160)
    assert [_status(alice, row.order_id) for row in old.orders] == ["EXPIRED", "FILLED"]
    assert {row.order_list_id for row in alice.all_order_list().data()} >= {new.order_list_id, old.order_list_id}


WORKING: dict[str, Any] = {
    "symbol": SYMBOL,
    "working_type": "LIMIT",
    "working_side": "BUY",
    "working_price": 145,
    "working_quantity": 1,
    "working_time_in_force": "GTC",
    "pending_side": "SELL",
    "new_order_resp_type": "FULL",
}
PENDING: dict[str, Any] = {"pending_type": "LIMIT", "pending_price": 170, "pending_time_in_force": "GTC"}
PENDING_PAIR: dict[str, Any] = {
    "pending_above_type": "TAKE_PROFIT_LIMIT",
    "pending_above_price": 171,
    "pending_above_stop_price": 170,
    "pending_above_time_in_force": "GTC",
    "pending_below_type": "STOP_LOSS",
    "pending_below_trailing_delta": 500,
}


@pytest.mark.parametrize(
    ("kind", "pending"),
    [
        ("oto", PENDING | {"pending_quantity": 1}),
        ("otoco", PENDING_PAIR | {"pending_quantity": 1}),
        ("opo", PENDING),
        ("opoco", PENDING_PAIR),
    ],
)
def test_pending_orders(pair: tuple[Any, Any], kind: str, pending: dict[str, Any]) -> None:
    """What is pending is placed when the working order is filled."""
    alice, bob = pair
    placed = getattr(alice, f"order_list_{kind}")(**WORKING, **pending).data()
    assert placed.contingency_type == "OTO"
    working, *waiting = [row.order_id for row in placed.orders]
    assert [_status(alice, order_id) for order_id in waiting] == ["PENDING_NEW"] * len(waiting)
    bob.new_order(symbol=SYMBOL, side="SELL", type="LIMIT", time_in_force="GTC", quantity=1, price=145)
    assert [_status(alice, order_id) for order_id in (working, *waiting)] == ["FILLED"] + ["NEW"] * len(waiting)
    gone = alice.delete_open_orders(symbol=SYMBOL).data()
    assert len(gone) == 1


def test_replacing_and_amending(pair: tuple[Any, Any]) -> None:
    alice, _ = pair
    limit: dict[str, Any] = {"symbol": SYMBOL, "side": "BUY", "type": "LIMIT", "time_in_force": "GTC", "quantity": 2}
    first = alice.new_order(**limit, price=140).data()
    done = alice.order_cancel_replace(
        **limit, price=141, cancel_replace_mode="STOP_ON_FAILURE", cancel_order_id=first.order_id
    ).data()
    assert (done.cancel_result, done.new_order_result) == ("SUCCESS", "SUCCESS")
    order_id = done.new_order_response.order_id
    amended = alice.order_amend_keep_priority(symbol=SYMBOL, new_qty=1, order_id=order_id).data()
    assert (amended.amended_order.qty, amended.amended_order.status) == ("1.00000000", "NEW")
    rows = alice.order_amendments(symbol=SYMBOL, order_id=order_id).data()
    assert [(row.orig_qty, row.new_qty) for row in rows] == [("2.00000000", "1.00000000")]
    with pytest.raises(BadRequestError) as failed:
        alice.order_cancel_replace(**limit, price=141, cancel_replace_mode="STOP_ON_FAILURE", cancel_order_id=first.order_id)
    assert "Order cancel-replace failed." in str(failed.value)


def test_routing(pair: tuple[Any, Any]) -> None:
    alice, bob = pair
    order: dict[str, Any] = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "time_in_force": "GTC", "price": 50_010}
    other = {**order, "symbol": "BTCUSDC", "side": "SELL", "price": 50_000}
    bob.new_order(**other, quantity=0.001)
    alice.sor_order_test(**order, quantity=0.001)
    routed = alice.sor_order(**order, quantity=0.001).data()
    assert (routed.status, routed.working_floor, routed.used_sor) == ("FILLED", "SOR", True)
    assert routed.fills[0].match_type == "ONE_PARTY_TRADE_REPORT"
    rows = alice.my_allocations(symbol="BTCUSDT", order_id=routed.order_id).data()
    assert [(row.allocation_id, row.qty) for row in rows] == [(routed.fills[0].alloc_id, "0.00100000")]


def test_self_trade_prevention(pair: tuple[Any, Any]) -> None:
    alice, _ = pair
    limit: dict[str, Any] = {"symbol": SYMBOL, "type": "LIMIT", "time_in_force": "GTC", "quantity": 1, "price": 180}
    own = alice.new_order(side="SELL", **limit).data()
    taker = alice.new_order(side="BUY", **limit, self_trade_prevention_mode="EXPIRE_TAKER").data()
    assert (taker.status, taker.additional_properties["preventedQuantity"]) == ("EXPIRED_IN_MATCH", "1.00000000")
    rows = alice.my_prevented_matches(symbol=SYMBOL, order_id=taker.order_id).data()
    assert [(row.maker_order_id, row.self_trade_prevention_mode) for row in rows] == [(own.order_id, "EXPIRE_TAKER")]


def test_questions_about_rules(pair: tuple[Any, Any]) -> None:
    alice, bob = pair
    bob.new_order(symbol="BTCUSDT", side="SELL", type="LIMIT", time_in_force="GTC", quantity=0.001, price=50_000)
    alice.new_order(symbol="BTCUSDT", side="BUY", type="LIMIT", time_in_force="GTC", quantity=0.001, price=50_000)
    assert alice.execution_rules(symbol="BTCUSDT").data().symbol_rules[0].rules[0].rule_type == "PRICE_RANGE"
    assert alice.reference_price(symbol="BTCUSDT").data().symbol == "BTCUSDT"
    assert alice.reference_price_calculation(symbol="BTCUSDT").data() is not None
    assert alice.historical_block_trades(symbol=SYMBOL, from_id=0).data() == []
    filters = alice.my_filters(symbol=SYMBOL).data()
    assert len(filters.symbol_filters) > 0
    assert len(filters.exchange_filters) == 4
    tested = alice.order_test(symbol=SYMBOL, side="BUY", type="MARKET", quantity=1, compute_commission_rates=True).data()
    assert tested.discount.discount_asset == "BNB"
