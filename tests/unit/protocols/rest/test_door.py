"""The REST door as a whole: bytes in, bytes out, over a real exchange in memory."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import json

from papernet.app.listen_keys import ListenKeys
from papernet.app.operations import Kind
from papernet.app.rate_limits import REFUSALS_FORGIVEN, WEIGHT_LIMIT
from papernet.core.commands import SetSymbolStatus
from papernet.core.enums import OrderType, SelfTradeMode, SymbolStatus
from papernet.protocols.rest.door import RestDoor
from papernet.protocols.rest.request import Response
from papernet.protocols.rest.routes import ROUTES
from tests.support.rest_desk import (
    ALICE_KEY,
    BOB_KEY,
    DISTANT_KEY,
    IP,
    READER_KEY,
    Desk,
    header,
    told,
)
from tests.support.worlds import make_symbol

ORDER = "/api/v3/order"
LIMIT = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "1", "price": "100"}
MARKET = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "1"}


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_ping_has_no_key_and_tells_the_weight(desk: Desk) -> None:
    response = desk.send("GET", "/api/v3/ping")
    assert (response.status, response.body, response.durable_seq) == (200, b"{}", 0)
    assert header(response, b"x-mbx-used-weight") == header(response, b"x-mbx-used-weight-1m") == b"1"
    assert header(response, b"content-type") == b"application/json;charset=UTF-8"


@pytest.mark.parametrize("in_body", [False, True])
def test_an_order_in_query_or_body_is_placed_and_waits_for_the_journal(desk: Desk, in_body: bool) -> None:
    response = desk.sign("POST", ORDER, LIMIT, in_body=in_body)
    assert response.status == 200
    assert response.durable_seq == desk.sequencer.last_seq
    assert json.decode(response.body)["status"] == "NEW"
    assert header(response, b"x-mbx-order-count-10s") == header(response, b"x-mbx-order-count-1d") == b"1"


def test_replies_are_as_long_as_asked_for(desk: Desk) -> None:
    desk.limit("SELL", "5", "100", key=BOB_KEY)
    assert "fills" in desk.signed("POST", ORDER, LIMIT)
    assert "fills" in desk.signed("POST", ORDER, MARKET)
    result = desk.signed("POST", ORDER, MARKET | {"newOrderRespType": "RESULT"})
    assert "fills" not in result
    assert result["status"] == "FILLED"
    ack = desk.signed("POST", ORDER, MARKET | {"newOrderRespType": "ACK"})
    assert list(ack) == ["symbol", "orderId", "orderListId", "clientOrderId", "transactTime"]
    maker = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT_MAKER", "quantity": "1", "price": "90"}
    assert "status" not in desk.signed("POST", ORDER, maker)


def test_an_orders_life(desk: Desk) -> None:
    placed = desk.limit("BUY", "2", "100", newClientOrderId="x-HNA2TXFJ-1")
    desk.limit("SELL", "0.5", "99", key=BOB_KEY)
    found = desk.signed("GET", ORDER, {"symbol": "BTCUSDT", "origClientOrderId": "x-HNA2TXFJ-1"})
    assert (found["orderId"], found["status"], found["executedQty"]) == (placed["orderId"], "PARTIALLY_FILLED", "0.50000000")
    assert len(desk.signed("GET", "/api/v3/openOrders")) == 1
    gone = desk.sign("DELETE", ORDER, {"symbol": "BTCUSDT", "orderId": placed["orderId"]})
    assert json.decode(gone.body)["status"] == "CANCELED"
    assert gone.durable_seq == desk.sequencer.last_seq
    assert header(gone, b"x-mbx-order-count-10s") is None
    assert desk.signed("GET", "/api/v3/openOrders") == []
    assert [order["status"] for order in desk.signed("GET", "/api/v3/allOrders", {"symbol": "BTCUSDT"})] == ["CANCELED"]
    assert len(desk.signed("GET", "/api/v3/myTrades", {"symbol": "BTCUSDT"})) == 1
    again = desk.sign("DELETE", ORDER, {"symbol": "BTCUSDT", "orderId": placed["orderId"]})
    assert told(again) == (400, -2011, "Unknown order sent.")
    nothing = desk.sign("GET", ORDER, {"symbol": "BTCUSDT", "orderId": 999})
    assert told(nothing) == (400, -2013, "Order does not exist.")


def test_cancel_all(desk: Desk) -> None:
    for price in ("99", "98"):
        desk.limit("BUY", "1", price)
    assert [order["status"] for order in desk.signed("DELETE", "/api/v3/openOrders", {"symbol": "BTCUSDT"})] == ["CANCELED"] * 2
    assert told(desk.sign("DELETE", "/api/v3/openOrders", {"symbol": "BTCUSDT"})) == (400, -2011, "Unknown order sent.")


def test_an_answer_about_an_account_waits_for_the_journal_too(desk: Desk) -> None:
    assert desk.sign("GET", "/api/v3/account").durable_seq == desk.sequencer.last_seq
    assert desk.send("GET", "/api/v3/depth", "symbol=BTCUSDT").durable_seq == 0


def test_a_test_order_is_checked_and_not_placed(desk: Desk) -> None:
    before = desk.state(), desk.sequencer.last_seq
    response = desk.sign("POST", "/api/v3/order/test", LIMIT)
    assert (response.status, response.body) == (200, b"{}")
    rates = desk.signed("POST", "/api/v3/order/test", LIMIT | {"computeCommissionRates": "true"})
    assert "standardCommissionForOrder" in rates
    refused = desk.sign("POST", "/api/v3/order/test", LIMIT | {"quantity": "0.05"})
    assert told(refused) == (400, -1013, "Filter failure: LOT_SIZE")
    assert (desk.state(), desk.sequencer.last_seq) == before


@pytest.mark.parametrize(
    ("changes", "status", "code", "message"),
    [
        ({"symbol": "NONE"}, 400, -1121, "Invalid symbol."),
        ({"price": "1000001"}, 400, -1013, "Filter failure: PRICE_FILTER"),
        ({"quantity": "1000", "price": "1000"}, 400, -2010, "Account has insufficient balance for requested action."),
        ({"quantity": "0"}, 400, -1013, "Price * QTY is zero or less."),
    ],
)
def test_refused_orders(desk: Desk, changes: dict[str, str], status: int, code: int, message: str) -> None:
    before = desk.state()
    assert told(desk.sign("POST", ORDER, LIMIT | changes)) == (status, code, message)
    assert desk.state() == before


# A symbol that offers nothing but limit orders.
NOTHING_MORE: dict[str, object] = {
    "order_types": (OrderType.LIMIT, OrderType.LIMIT_MAKER),
    "quote_quantity_allowed": False,
    "self_trade_modes": (SelfTradeMode.NONE,),
    "iceberg_allowed": False,
    "oco_allowed": False,
    "oto_allowed": False,
    "opo_allowed": False,
    "trailing_allowed": False,
    "cancel_replace_allowed": False,
    "amend_allowed": False,
    "peg_allowed": False,
}
REPLACE = "/api/v3/order/cancelReplace"
AMEND = "/api/v3/order/amend/keepPriority"


def test_what_a_symbol_does_not_offer() -> None:
    desk = Desk(make_symbol(**NOTHING_MORE))  # type: ignore[arg-type]
    kinds: list[tuple[dict[str, str], str]] = [
        (MARKET, "Market orders are"),
        ({"type": "STOP_LOSS", "side": "BUY", "quantity": "1", "stopPrice": "1"}, "Stop loss orders are"),
        (LIMIT | {"type": "STOP_LOSS_LIMIT", "stopPrice": "1"}, "Stop loss limit orders are"),
        ({"type": "TAKE_PROFIT", "side": "BUY", "quantity": "1", "stopPrice": "1"}, "Take profit orders are"),
        (LIMIT | {"type": "TAKE_PROFIT_LIMIT", "stopPrice": "1"}, "Take profit limit orders are"),
        (LIMIT | {"icebergQty": "0.5"}, "Iceberg orders are"),
        (LIMIT | {"pegPriceType": "MARKET_PEG"}, "Pegged orders are"),
    ]
    for sent, what in kinds:
        outcome = told(desk.sign("POST", ORDER, {"symbol": "BTCUSDT"} | sent))
        assert outcome == (400, -1013, f"{what} not supported for this symbol.")
    assert told(desk.sign("POST", ORDER, LIMIT | {"selfTradePreventionMode": "EXPIRE_BOTH"})) == (
        400,
        -1013,
        "This symbol does not allow the specified self-trade prevention mode.",
    )
    replace = LIMIT | {"cancelReplaceMode": "ALLOW_FAILURE", "cancelOrderId": "1"}
    assert told(desk.sign("POST", REPLACE, replace))[1:] == (-1013, "Order cancel-replace is not supported for this symbol.")
    assert told(desk.sign("POST", "/api/v3/orderList/oco", OCO))[1:] == (-1013, "OCO orders are not supported for this symbol")
    assert told(desk.sign("POST", "/api/v3/orderList/oto", OTO))[1:] == (-1013, "OTO orders are not supported for this symbol.")
    placed = desk.limit("BUY", "1", "90")
    amend = {"symbol": "BTCUSDT", "orderId": placed["orderId"], "newQty": "0.5"}
    assert told(desk.sign("PUT", AMEND, amend))[1:] == (-2038, "Order amend is not supported for this symbol.")


OCO = {
    "symbol": "BTCUSDT",
    "side": "SELL",
    "quantity": "1",
    "aboveType": "LIMIT_MAKER",
    "abovePrice": "110",
    "belowType": "STOP_LOSS",
    "belowStopPrice": "90",
}
OTO = {
    "symbol": "BTCUSDT",
    "workingSide": "BUY",
    "workingType": "LIMIT_MAKER",
    "workingPrice": "100",
    "workingQuantity": "1",
    "pendingSide": "SELL",
    "pendingType": "LIMIT",
    "pendingTimeInForce": "GTC",
    "pendingPrice": "120",
    "pendingQuantity": "1",
}
OLD_OCO = {"symbol": "BTCUSDT", "side": "SELL", "quantity": "1", "price": "110", "stopPrice": "90"}
PAIR = {name: text for name, text in OCO.items() if name not in ("symbol", "side", "quantity")}
PENDING_PAIR = {f"pending{name[0].upper()}{name[1:]}": text for name, text in PAIR.items()}
OTOCO = {name: text for name, text in OTO.items() if name not in ("pendingType", "pendingTimeInForce", "pendingPrice")}
OTOCO |= PENDING_PAIR
LISTS = {
    "order/oco": OLD_OCO,
    "orderList/oco": OCO,
    "orderList/oto": OTO,
    "orderList/otoco": OTOCO,
    "orderList/opo": {name: text for name, text in OTO.items() if name != "pendingQuantity"},
    "orderList/opoco": {name: text for name, text in OTOCO.items() if name != "pendingQuantity"},
}


@pytest.mark.parametrize("path", LISTS)
def test_order_lists_are_placed_counted_and_cancelled(desk: Desk, path: str) -> None:
    response = desk.sign("POST", f"/api/v3/{path}", LISTS[path])
    placed = json.decode(response.body)
    assert response.status == 200, placed
    orders = 3 if "oco" in path.removeprefix("orderList/oco").removeprefix("order/oco") else 2
    assert len(placed["orders"]) == len(placed["orderReports"]) == orders
    assert header(response, b"x-mbx-order-count-10s") == b"%d" % orders
    assert response.durable_seq == desk.sequencer.last_seq
    gone = desk.signed("DELETE", "/api/v3/orderList", {"symbol": "BTCUSDT", "orderListId": placed["orderListId"]})
    assert gone["listOrderStatus"] == "ALL_DONE"
    again = desk.sign("DELETE", "/api/v3/orderList", {"symbol": "BTCUSDT", "orderListId": placed["orderListId"]})
    assert told(again) == (400, -2011, "Unknown order list sent.")
    desk.exchange.check_invariants()


def test_a_replacement_has_the_status_of_its_outcome(desk: Desk) -> None:
    placed = desk.limit("BUY", "1", "90")
    replace = LIMIT | {"cancelReplaceMode": "STOP_ON_FAILURE", "cancelOrderId": placed["orderId"]}
    done = desk.sign("POST", REPLACE, replace)
    assert (done.status, json.decode(done.body)["newOrderResult"]) == (200, "SUCCESS")
    assert header(done, b"x-mbx-order-count-10s") == b"2"
    stopped = desk.sign("POST", REPLACE, replace)
    assert (stopped.status, json.decode(stopped.body)["code"]) == (400, -2022)
    going_on = desk.sign("POST", REPLACE, replace | {"cancelReplaceMode": "ALLOW_FAILURE"})
    assert (going_on.status, json.decode(going_on.body)["code"]) == (409, -2021)
    assert told(desk.sign("POST", REPLACE, replace | {"price": "100.001"})) == (400, -1013, "Filter failure: PRICE_FILTER")


def test_a_replacement_beyond_the_limits(desk: Desk) -> None:
    placed = [desk.limit("BUY", "0.1", str(10 + number)) for number in range(50)]
    replace = LIMIT | {"cancelReplaceMode": "STOP_ON_FAILURE", "cancelOrderId": placed[0]["orderId"]}
    refused = desk.sign("POST", REPLACE, replace)
    assert told(refused) == (429, -1015, "Too many new orders; current limit is 50 orders per 10 SECOND.")
    assert header(refused, b"retry-after") == b"10"
    cancelled = desk.sign("POST", REPLACE, replace | {"orderRateLimitExceededMode": "CANCEL_ONLY"})
    assert cancelled.status == 429
    assert json.decode(cancelled.body)["data"]["cancelResult"] == "SUCCESS"
    assert header(cancelled, b"retry-after") == b"10"


def test_an_amendment_and_what_is_refused_of_it(desk: Desk) -> None:
    placed = desk.limit("BUY", "2", "90")
    amend = {"symbol": "BTCUSDT", "orderId": placed["orderId"], "newQty": "1"}
    response = desk.sign("PUT", AMEND, amend)
    assert (response.status, json.decode(response.body)["amendedOrder"]["qty"]) == (200, "1.00000000")
    assert header(response, b"x-mbx-order-count-10s") is None
    same = desk.sign("PUT", AMEND, amend)
    assert told(same) == (400, -2038, "The requested action would change no state; rejecting")
    more = desk.sign("PUT", AMEND, amend | {"newQty": "2"})
    assert told(more) == (400, -2038, "Order amend (quantity increase) is not supported.")
    unknown = desk.sign("PUT", AMEND, amend | {"orderId": "999"})
    assert told(unknown) == (400, -2038, "Unknown order sent.")
    nothing = desk.sign("PUT", AMEND, amend | {"newQty": "0"})
    assert told(nothing) == (400, -1013, "Price * QTY is zero or less.")


def test_a_command_that_succeeds_weighs_nothing_and_one_that_fails_weighs_in_full(desk: Desk) -> None:
    def used(response: Response) -> bytes | None:
        return header(response, b"x-mbx-used-weight-1m")

    placed = desk.sign("POST", ORDER, LIMIT | {"price": "90"})
    assert used(placed) == b"0"
    assert used(desk.sign("POST", "/api/v3/orderList/oco", OCO)) == b"0"
    assert used(desk.sign("POST", ORDER, LIMIT | {"quantity": "0"})) == b"1"
    assert used(desk.sign("POST", ORDER, LIMIT | {"price": "100.001"})) == b"2"
    order_id = json.decode(placed.body)["orderId"]
    amend = {"symbol": "BTCUSDT", "orderId": order_id, "newQty": "0.5"}
    # An amendment weighs whether it succeeds or not, because the order goes on (CHANGELOG.md, 2026-04-02).
    assert used(desk.sign("PUT", AMEND, amend)) == b"6"
    assert used(desk.sign("PUT", AMEND, amend)) == b"10"
    replace = LIMIT | {"cancelReplaceMode": "STOP_ON_FAILURE", "cancelOrderId": "999"}
    assert used(desk.sign("POST", REPLACE, replace)) == b"11"
    assert used(desk.sign("POST", "/api/v3/order/test", LIMIT)) == b"12"
    assert used(desk.sign("DELETE", "/api/v3/openOrders", {"symbol": "BTCUSDT"})) == b"12"


@pytest.mark.parametrize(
    ("accepted", "status"),
    [
        (b"application/json", 200),
        (b"application/sbe, application/json", 200),
        (b"application/sbe,*/*;q=0.5", 200),
        (b"*/*", 200),
        (b"application/sbe", 406),
    ],
)
def test_only_json_is_written(desk: Desk, accepted: bytes, status: int) -> None:
    """faqs/sbe_faq, REST API."""
    response = desk.send("GET", "/api/v3/ping", headers={b"accept": accepted})
    assert response.status == status
    if status == 406:
        assert told(response) == (406, -1155, "SBE is not enabled.")


def test_a_market_order_of_nothing_is_refused_even_where_no_filter_says_so(desk: Desk) -> None:
    for size in ("quantity", "quoteOrderQty"):
        sent = {"symbol": "ETHBTC", "side": "BUY", "type": "MARKET", size: "0"}
        assert told(desk.sign("POST", ORDER, sent)) == (400, -1013, "Price * QTY is zero or less.")


def test_post_only_and_duplicates_and_closed_markets(desk: Desk) -> None:
    desk.limit("SELL", "1", "100", key=BOB_KEY)
    maker = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT_MAKER", "quantity": "1", "price": "100"}
    assert told(desk.sign("POST", ORDER, maker)) == (400, -2010, "Order would immediately match and take.")
    desk.limit("BUY", "1", "90", newClientOrderId="mine")
    twice = desk.sign("POST", ORDER, LIMIT | {"price": "91", "newClientOrderId": "mine"})
    assert told(twice) == (400, -2010, "Duplicate order sent.")
    desk.sequencer.submit(SetSymbolStatus("BTCUSDT", SymbolStatus.HALT), desk.now)
    assert told(desk.sign("POST", ORDER, LIMIT)) == (400, -1013, "Market is closed.")


def test_too_many_orders(desk: Desk) -> None:
    for number in range(50):
        response = desk.sign("POST", ORDER, LIMIT | {"price": str(10 + number)})
        assert header(response, b"x-mbx-order-count-10s") == b"%d" % (number + 1)
    desk.now += 2_500_000
    response = desk.sign("POST", ORDER, LIMIT)
    assert told(response) == (429, -1015, "Too many new orders; current limit is 50 orders per 10 SECOND.")
    assert header(response, b"retry-after") == b"8"
    desk.now += 7_500_000
    assert desk.sign("POST", ORDER, LIMIT).status == 200


@pytest.mark.parametrize(
    ("key", "status", "code", "message"),
    [
        ("", 401, -2014, "API-key format invalid."),
        ("x", 401, -2014, "API-key format invalid."),
        ("z" * 64, 401, -2015, "Invalid API-key, IP, or permissions for action."),
        (READER_KEY, 401, -2015, "Invalid API-key, IP, or permissions for action."),
        (DISTANT_KEY, 401, -2015, "Invalid API-key, IP, or permissions for action."),
    ],
)
def test_keys_that_may_not(desk: Desk, key: str, status: int, code: int, message: str) -> None:
    assert told(desk.sign("POST", ORDER, LIMIT, key=key)) == (status, code, message)


def test_a_read_only_key_reads(desk: Desk) -> None:
    assert desk.sign("GET", "/api/v3/account", key=READER_KEY).status == 200


def test_signatures_and_timing(desk: Desk) -> None:
    key = {b"x-mbx-apikey": ALICE_KEY.encode()}
    stamp = desk.now // 1000
    missing = desk.send("GET", "/api/v3/account", f"timestamp={stamp}", headers=key)
    assert told(missing) == (400, -1102, "Mandatory parameter 'signature' was not sent, was empty/null, or malformed.")
    wrong = desk.send("GET", "/api/v3/account", f"timestamp={stamp}&signature=00", headers=key)
    assert told(wrong) == (400, -1022, "Signature for this request is not valid.")
    late = desk.sign("GET", "/api/v3/account", timestamp=stamp - 5001)
    assert told(late) == (400, -1021, "Timestamp for this request is outside of the recvWindow.")
    early = desk.sign("GET", "/api/v3/account", timestamp=stamp + 1000)
    assert told(early) == (400, -1021, "Timestamp for this request was 1000ms ahead of the server's time.")
    slow = desk.sign("POST", ORDER, LIMIT, took=5_000_001)
    assert told(slow) == (400, -1021, "Timestamp for this request is outside of the recvWindow.")
    assert desk.sign("GET", "/api/v3/account", timestamp=desk.now).status == 200
    wide = desk.sign("GET", "/api/v3/account", {"recvWindow": "60001"})
    assert told(wide) == (400, -1102, "'recvWindow' contains unexpected value. Cannot be greater than 60000.")


@pytest.mark.parametrize("value", [b"MICROSECOND", b"microsecond"])
def test_microseconds_are_told_to_whoever_asks(desk: Desk, value: bytes) -> None:
    headers = {b"x-mbx-time-unit": value}
    assert desk.get("/api/v3/time", headers=headers) == {"serverTime": desk.now}
    assert desk.signed("POST", ORDER, LIMIT, headers=headers)["transactTime"] == desk.now
    assert desk.get("/api/v3/time", headers={b"x-mbx-time-unit": b"millisecond"}) == {"serverTime": desk.now // 1000}


def test_other_time_units_are_refused(desk: Desk) -> None:
    refused = desk.send("GET", "/api/v3/time", headers={b"x-mbx-time-unit": b"SECOND"})
    message = "Invalid value for time unit; expected either MICROSECOND or MILLISECOND."
    assert told(refused) == (400, -1194, message)


@pytest.mark.parametrize("path", ["/sapi/v1/system/status", "/fapi/v1/exchangeInfo", "/dapi/v1/ping", "/api/v1/depth", "/x"])
def test_foreign_paths_are_a_quick_404(desk: Desk, path: str) -> None:
    assert told(desk.send("GET", path)) == (404, -1020, "This operation is not supported.")


def test_wrong_methods_and_retired_paths(desk: Desk) -> None:
    response = desk.send("PUT", ORDER)
    assert told(response)[:2] == (405, -1020)
    assert header(response, b"allow") == b"GET, POST, DELETE"
    assert told(desk.send("POST", "/api/v3/userDataStream"))[:2] == (410, -1016)


def test_rate_limits_and_bans(desk: Desk) -> None:
    desk.limits.charge(IP, WEIGHT_LIMIT, desk.now)
    refused = desk.send("GET", "/api/v3/ping")
    assert told(refused)[:2] == (429, -1003)
    assert header(refused, b"retry-after") == b"40"
    assert header(refused, b"x-mbx-used-weight-1m") == b"%d" % (WEIGHT_LIMIT + 1)
    for _ in range(REFUSALS_FORGIVEN):
        refused = desk.send("GET", "/api/v3/ping")
    ends = desk.now // 1000 + 120_000
    message = f"IP banned until {ends}. Please use WebSocket Streams for live updates to avoid bans."
    assert told(refused) == (418, -1003, "Way too much request weight used; " + message)
    assert header(refused, b"retry-after") == b"120"
    assert desk.send("GET", "/api/v3/ping", ip="192.0.2.8").status == 200


def test_limits_can_be_off() -> None:
    desk = Desk(limits=False)
    desk.limits.charge(IP, WEIGHT_LIMIT, desk.now)
    assert desk.send("GET", "/api/v3/ping").status == 200


def test_a_get_reads_the_query_only(desk: Desk) -> None:
    missing = desk.send("GET", "/api/v3/depth", b"", b"symbol=BTCUSDT")
    assert told(missing)[1] == -1102
    assert desk.send("GET", "/api/v3/depth", b"symbol=BTCUSDT", b'{"a": 1}').status == 200


def check(desk: Desk, response: Response, before: Any) -> None:
    """Nothing is a server's error, refusals are JSON, and what was refused changed nothing."""
    assert response.status < 500
    assert desk.sequencer.halted is None
    if response.status != 200:
        told(response)
        assert desk.state() == before


PATHS = st.sampled_from(sorted(ROUTES)) | st.text(max_size=20)
METHODS = st.sampled_from(["GET", "POST", "DELETE", "PUT", "HEAD", ""])
PIECES = st.sampled_from(
    [
        b"symbol=BTCUSDT",
        b"symbols=[%22BTCUSDT%22]",
        b"limit=5",
        b"timestamp=1700000000000",
        b"signature=00",
        b"interval=1m",
        b"quantity=NaN",
        b"price=1e400",
        b"price=\xef\xbc\x91\xef\xbc\x92",
        b"side=BUY",
        b"type=LIMIT",
        b"x=%ED%A0%80",
        b"\xff",
    ]
)
RAW = st.binary(max_size=60) | st.lists(PIECES, max_size=8).map(b"&".join)
HEADERS = st.dictionaries(
    st.sampled_from([b"x-mbx-apikey", b"x-mbx-time-unit", b"content-type", b"x"]),
    st.binary(max_size=70) | st.just(ALICE_KEY.encode()),
)


@settings(max_examples=300)
@given(METHODS, PATHS, RAW, RAW, HEADERS)
def test_any_bytes_are_answered(method: str, path: str, query: bytes, body: bytes, headers: dict[bytes, bytes]) -> None:
    before = SHARED.state()
    check(SHARED, SHARED.send(method, path, query, body, headers=headers), before)
    assert SHARED.state() == before


SHARED = Desk(limits=False, sapi_stubs=True)
NUMBERS = st.sampled_from(["0", "1", "0.1", "100", "99.99", "0.00000001", "92233720368.54775807", "1e5", "-1", "", "１"])
TERMS: dict[str, st.SearchStrategy[Any]] = {
    "symbol": st.sampled_from(["BTCUSDT", "ETHBTC", "NONE", "btcusdt"]),
    "side": st.sampled_from(["BUY", "SELL", "HOLD"]),
    "type": st.sampled_from(["LIMIT", "MARKET", "LIMIT_MAKER", "STOP_LOSS", "TAKE_PROFIT_LIMIT"]),
    "timeInForce": st.sampled_from(["GTC", "IOC", "FOK"]),
    "quantity": NUMBERS,
    "price": NUMBERS,
    "quoteOrderQty": NUMBERS,
    "stopPrice": NUMBERS,
    "icebergQty": NUMBERS,
    "trailingDelta": NUMBERS,
    "newClientOrderId": st.sampled_from(["a", "b"]) | st.text(max_size=5),
    "strategyId": st.sampled_from(["0", "9223372036854775807"]),
    "orderId": st.sampled_from(["0", "1", "2", "9223372036854775807"]),
    "origClientOrderId": st.sampled_from(["a", "b", ""]),
    "recvWindow": st.sampled_from(["5000", "0", "60001"]),
    "limit": NUMBERS,
    "startTime": NUMBERS,
    "endTime": NUMBERS,
    "fromId": NUMBERS,
}
SIGNED = st.sampled_from([(method, path) for path in sorted(ROUTES) for method in ROUTES[path]])


@settings(max_examples=300)
@given(SIGNED, st.fixed_dictionaries({}, optional=TERMS), st.sampled_from([ALICE_KEY, BOB_KEY]), st.booleans())
def test_any_signed_request_is_answered(address: tuple[str, str], params: dict[str, str], key: str, in_body: bool) -> None:
    SHARED.now += 1_000_000
    before = SHARED.state()
    check(SHARED, SHARED.sign(*address, params, key=key, in_body=in_body and address[0] != "GET"), before)


PLAUSIBLE = st.fixed_dictionaries(
    {name: TERMS[name] for name in ("side", "quantity", "price", "timeInForce")}
    | {"symbol": st.sampled_from(["BTCUSDT", "ETHBTC"])}
)


@settings(max_examples=300)
@given(PLAUSIBLE, st.sampled_from(["LIMIT", "MARKET", "LIMIT_MAKER"]), st.booleans(), st.sampled_from([ALICE_KEY, BOB_KEY]))
def test_plausible_orders_keep_the_exchange_sound(terms: dict[str, str], kind: str, by_quote: bool, key: str) -> None:
    params = terms | {"type": kind}
    if kind == "MARKET":
        quantity = params.pop("quantity")
        params = {name: text for name, text in params.items() if name not in ("price", "timeInForce")}
        params["quoteOrderQty" if by_quote else "quantity"] = quantity
    elif kind == "LIMIT_MAKER":
        del params["timeInForce"]
    SHARED.now += 1_000_000
    before = SHARED.state()
    check(SHARED, SHARED.sign("POST", ORDER, params, key=key), before)
    SHARED.exchange.check_invariants()


BASES: list[tuple[str, str, dict[str, str]]] = [
    ("POST", "/api/v3/order", LIMIT),
    ("POST", "/api/v3/order/test", LIMIT),
    ("POST", "/api/v3/sor/order", LIMIT),
    ("POST", REPLACE, LIMIT | {"cancelReplaceMode": "ALLOW_FAILURE", "cancelOrigClientOrderId": "a"}),
    ("PUT", AMEND, {"symbol": "BTCUSDT", "origClientOrderId": "a", "newQty": "0.5"}),
    ("DELETE", "/api/v3/orderList", {"symbol": "BTCUSDT", "listClientOrderId": "a"}),
    *(("POST", f"/api/v3/{path}", sent) for path, sent in LISTS.items()),
]
TEXTS: dict[Kind, st.SearchStrategy[str]] = {
    Kind.DECIMAL: st.sampled_from(["0", "0.1", "0.5", "1", "2", "90", "99.99", "100", "110", "1000001"]),
    Kind.LONG: st.sampled_from(["0", "1", "2", "100", "2000"]),
    Kind.INT: st.sampled_from(["0", "1", "100", "1000000"]),
    Kind.CLIENT_ORDER_ID: st.sampled_from(["a", "b", "c"]),
    Kind.BOOLEAN: st.sampled_from(["true", "false"]),
}


@st.composite
def altered(draw: st.DrawFn) -> tuple[str, str, dict[str, str]]:
    """Draw a command that works, some of its parameters changed, left out or added."""
    method, path, sent = draw(st.sampled_from(BASES))
    params = [param for param in ROUTES[path][method].parameters if param.name not in ("recvWindow", "timestamp", "symbol")]
    changes: dict[str, str] = {}
    for param in draw(st.lists(st.sampled_from(params), max_size=5, unique_by=lambda param: param.name)):
        texts = st.sampled_from(sorted(param.values)) if param.values else TEXTS[param.kind]
        changes[param.name] = draw(texts | st.just(""))
    return method, path, {name: text for name, text in (sent | changes).items() if text}


@settings(max_examples=500)
@given(altered(), st.sampled_from([ALICE_KEY, BOB_KEY]))
def test_altered_commands_keep_the_exchange_sound(command: tuple[str, str, dict[str, str]], key: str) -> None:
    method, path, sent = command
    SHARED.now += 1_000_000
    before = SHARED.state()
    response = SHARED.sign(method, path, sent, key=key)
    assert response.status < 500
    assert SHARED.sequencer.halted is None
    # What fails in part has changed something, and says so.
    if response.status != 200 and b'"data"' not in response.body:
        told(response)
        assert SHARED.state() == before
    SHARED.exchange.check_invariants()


LISTEN_KEYS = "/api/v3/userDataStream"


def test_listen_keys_are_retired(desk: Desk) -> None:
    for method in ("POST", "PUT", "DELETE"):
        assert told(desk.send(method, LISTEN_KEYS)) == (410, -1016, "This service is no longer available.")


def test_listen_keys_where_they_are_wanted(desk: Desk) -> None:
    desk.door = RestDoor(desk.service, ListenKeys(iter(["abc", "def"]).__next__))
    alice = {b"x-mbx-apikey": ALICE_KEY.encode()}
    unknown = (400, -1125, "This listenKey does not exist.")
    for weight in (b"2", b"4"):
        started = desk.send("POST", LISTEN_KEYS, headers=alice)
        assert (started.status, started.body) == (200, b'{"listenKey":"abc"}')
        assert header(started, b"x-mbx-used-weight") == weight
    assert desk.send("PUT", LISTEN_KEYS, "listenKey=abc", headers=alice).body == b"{}"
    bob = {b"x-mbx-apikey": BOB_KEY.encode()}
    assert told(desk.send("PUT", LISTEN_KEYS, "listenKey=abc", headers=bob)) == unknown
    assert desk.send("DELETE", LISTEN_KEYS, body="listenKey=abc", headers=alice).body == b"{}"
    assert told(desk.send("DELETE", LISTEN_KEYS, "listenKey=abc", headers=alice)) == unknown
    assert told(desk.send("PUT", LISTEN_KEYS, headers=alice))[1] == -1102
    assert told(desk.send("POST", LISTEN_KEYS)) == (401, -2014, "API-key format invalid.")
    reader = {b"x-mbx-apikey": READER_KEY.encode()}
    assert told(desk.send("POST", LISTEN_KEYS, headers=reader))[:2] == (401, -2015)
    refused = desk.send("GET", LISTEN_KEYS)
    assert (refused.status, header(refused, b"allow")) == (405, b"POST, PUT, DELETE")


@pytest.mark.parametrize("size", [65_536, 1_000_000])
def test_enormous_parameters_are_refused(desk: Desk, size: int) -> None:
    for name in ("symbol", "price", "newClientOrderId", "timestamp", "x" * size):
        response = desk.sign("POST", ORDER, LIMIT | {name: "1" * size}, in_body=True)
        assert response.status == 400
        assert len(response.body) < 300
