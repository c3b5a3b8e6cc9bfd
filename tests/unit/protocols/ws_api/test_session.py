"""Requests in, replies out: order, limits, time units, and that every message has one reply."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papernet.app.operations import OPERATIONS
from papernet.app.rate_limits import REFUSALS_FORGIVEN, WEIGHT_LIMIT
from papernet.core.dates import MINUTE
from papernet.core.enums import KeyType
from tests.support.rest_desk import ALICE_KEY, BOB_KEY, IP, Desk
from tests.support.worlds import SECOND, START
from tests.support.ws_desk import ED25519_KEY, RSA_KEY, WsClient, WsDesk

ONE = {"symbol": "BTCUSDT"}


@pytest.fixture
def desk() -> WsDesk:
    return WsDesk()


@pytest.fixture
def client(desk: WsDesk) -> WsClient:
    return desk.connect()


def limit(kind: str, interval: str, number: int, most: int, count: int) -> dict[str, Any]:
    return {"rateLimitType": kind, "interval": interval, "intervalNum": number, "limit": most, "count": count}


def weight(count: int) -> dict[str, Any]:
    return limit("REQUEST_WEIGHT", "MINUTE", 1, 6000, count)


@pytest.mark.parametrize("request_id", [1, 0, "a-b_c", None, 1_700_000_000_000])
def test_the_id_comes_back_as_it_was_sent(client: WsClient, request_id: Any) -> None:
    reply = client.ask(json.dumps({"id": request_id, "method": "time"}))
    assert reply == {"id": request_id, "status": 200, "result": {"serverTime": START // 1_000}, "rateLimits": [weight(1)]}
    assert list(reply) == ["id", "status", "result", "rateLimits"]


def test_a_method_may_be_prefixed_with_the_version(client: WsClient) -> None:
    assert client.send("v3/time")["result"] == client.send("time")["result"]


@pytest.mark.parametrize(
    ("text", "request_id", "words"),
    [
        ("{", None, "Invalid JSON Request."),
        ("[]", None, "Invalid JSON Request."),
        ('{"id":3,"method":"ping","params":[]}', 3, "Invalid 'params' in JSON request; expected an object."),
        ('{"id":3,"method":7}', 3, "Invalid 'method' in JSON request; expected a string."),
        (
            '{"method":"ping"}',
            None,
            "Invalid 'id' in JSON request; expected an integer, a string matching '^[a-zA-Z0-9-_]{1,36}$', or null.",
        ),
    ],
)
def test_what_is_no_request_is_told_so(client: WsClient, text: str, request_id: int | None, words: str) -> None:
    reply = client.ask(text)
    assert (reply["id"], reply["status"], reply["error"]) == (request_id, 400, {"code": -1135, "msg": words})
    assert reply["rateLimits"] == [weight(1)]


def test_an_unknown_method_is_told_so(client: WsClient) -> None:
    reply = client.send("order.move")
    assert (reply["status"], reply["error"]) == (404, {"code": -1020, "msg": "This operation is not supported."})


def test_a_parameter_twice_is_refused(client: WsClient) -> None:
    reply = client.ask('{"id":1,"method":"avgPrice","params":{"symbol":"BTCUSDT","symbol":"ETHBTC"}}')
    assert reply["error"] == {"code": -1101, "msg": "Duplicate values for a parameter detected."}


@pytest.mark.parametrize("key", [ALICE_KEY, ED25519_KEY, RSA_KEY])
def test_every_type_of_key_signs(desk: WsDesk, client: WsClient, key: str) -> None:
    if key == RSA_KEY:
        desk.register(1, RSA_KEY, KeyType.RSA)
    assert client.limit("BUY", "1", "10", key=key)["status"] == 200
    wrong = client.signed({"symbol": "BTCUSDT"}, key=key) | {"symbol": "ETHBTC"}
    assert client.send("openOrders.status", wrong)["error"]["code"] == -1022


def test_only_hmac_signatures_may_change_their_case(client: WsClient) -> None:
    for key, status in ((ALICE_KEY, 200), (ED25519_KEY, 400)):
        signed = client.signed(key=key)
        signed["signature"] = signed["signature"].swapcase()
        assert client.send("account.status", signed)["status"] == status


def test_limits_of_orders_are_shown_where_orders_are_placed(client: WsClient) -> None:
    placed = client.limit("BUY", "1", "10")
    assert placed["rateLimits"] == [
        limit("ORDERS", "SECOND", 10, 50, 1),
        limit("ORDERS", "DAY", 1, 160_000, 1),
        # An order that is placed weighs nothing.
        weight(0),
    ]
    assert len(client.sign("order.status", ONE | {"orderId": 1})["rateLimits"]) == 1
    assert len(client.sign("order.cancel", ONE | {"orderId": 1})["rateLimits"]) == 1


def test_a_refused_order_shows_them_too(client: WsClient) -> None:
    reply = client.limit("BUY", "900000", "1000000")
    assert reply["status"] == 400
    assert [row["rateLimitType"] for row in reply["rateLimits"]] == ["ORDERS", "ORDERS", "REQUEST_WEIGHT"]
    assert [row["count"] for row in reply["rateLimits"]] == [0, 0, 1]
    # What does not reach the exchange touches no limit of orders.
    assert len(client.limit("BUY", "x", "1")["rateLimits"]) == 1


def test_limits_are_hidden_as_the_address_says_unless_a_request_says_otherwise(desk: WsDesk) -> None:
    shown, hidden = desk.connect(), desk.connect("returnRateLimits=false")
    assert "rateLimits" in shown.send("ping")
    assert "rateLimits" not in shown.send("ping", {"returnRateLimits": False})
    assert "rateLimits" not in hidden.send("ping")
    assert hidden.send("ping", {"returnRateLimits": True})["rateLimits"] == [weight(4)]
    assert "rateLimits" not in hidden.send("nonsense")
    assert "rateLimits" not in hidden.ask("nonsense")


def test_hiding_them_is_signed_like_any_parameter(client: WsClient) -> None:
    reply = client.sign("account.status", {"returnRateLimits": False})
    assert (reply["status"], list(reply)) == (200, ["id", "status", "result"])
    added = client.signed() | {"returnRateLimits": False}
    assert client.send("account.status", added)["error"]["code"] == -1022


def test_too_many_orders_are_told_when_to_go_on(desk: WsDesk, client: WsClient) -> None:
    desk.now = START + 1_234_567
    for _ in range(50):
        assert client.limit("BUY", "1", "10")["status"] == 200
    reply = client.limit("BUY", "1", "10")
    assert reply["status"] == 429
    assert reply["error"] == {
        "code": -1015,
        "msg": "Too many new orders; current limit is 50 orders per 10 SECOND.",
        "data": {"serverTime": desk.now // 1_000, "retryAfter": START // 1_000 + 10_000},
    }
    assert [row["count"] for row in reply["rateLimits"]] == [50, 50, 1]


def test_too_much_weight_is_refused_and_insisting_is_banned(desk: WsDesk, client: WsClient) -> None:
    desk.desk.limits.charge(IP, WEIGHT_LIMIT, desk.now)
    refused = client.send("time")
    assert (refused["status"], refused["error"]["code"]) == (429, -1003)
    assert refused["error"]["data"] == {"serverTime": START // 1_000, "retryAfter": START // 1_000 + 40_000}
    *_, banned = (client.send("time") for _ in range(REFUSALS_FORGIVEN))
    until = (START + 2 * MINUTE) // 1_000
    assert (banned["status"], banned["error"]["data"]["retryAfter"]) == (418, until)
    assert str(until) in banned["error"]["msg"]
    assert banned["rateLimits"] == [weight(WEIGHT_LIMIT + 1)]
    # Whatever it sends, an address that is banned is told so.
    for text in ("{", '{"id":7,"method":"session.logon"}'):
        assert client.ask(text)["status"] == 418


def test_weight_is_the_addresses_whatever_the_connection_and_the_protocol(desk: WsDesk) -> None:
    desk.connect().send("exchangeInfo")
    desk.desk.get("/api/v3/exchangeInfo")
    assert desk.connect().send("ping")["rateLimits"] == [weight(41)]
    assert desk.connect(ip="192.0.2.8").send("ping")["rateLimits"] == [weight(1)]


def test_times_are_told_in_microseconds_where_the_address_says_so(desk: WsDesk) -> None:
    client = desk.connect("timeUnit=MICROSECOND")
    assert client.send("time")["result"] == {"serverTime": START}
    assert client.limit("BUY", "1", "10")["result"]["transactTime"] == START
    desk.desk.limits.charge(IP, WEIGHT_LIMIT, desk.now)
    assert client.send("time")["error"]["data"] == {"serverTime": START, "retryAfter": START + 40 * SECOND}


def test_a_reply_to_a_command_waits_for_the_journal_and_leaves_before_its_events(desk: WsDesk, client: WsClient) -> None:
    client.sign("userDataStream.subscribe.signature")
    desk.holding = True
    client.tell(json.dumps({"id": 7, "method": "order.place", "params": client.signed(order())}))
    assert client.heard() == []
    client.tell('{"id":8,"method":"time"}')
    assert [message["id"] for message in client.heard()] == [8]
    desk.release()
    first, *rest = client.heard()
    assert first["id"] == 7
    assert [message["event"]["e"] for message in rest] == ["executionReport", "outboundAccountPosition"]


def test_what_an_account_is_shown_waits_for_the_journal_too(desk: WsDesk, client: WsClient) -> None:
    desk.holding = True
    client.tell(json.dumps({"id": 7, "method": "order.place", "params": client.signed(order())}))
    client.tell(json.dumps({"id": 8, "method": "openOrders.status", "params": client.signed()}))
    assert client.heard() == []
    desk.release()
    assert [message["id"] for message in client.heard()] == [7, 8]


@pytest.mark.parametrize("method", ["userDataStream.unsubscribe", "session.logout"])
def test_all_that_happened_before_is_told_before_a_subscription_ends(desk: WsDesk, client: WsClient, method: str) -> None:
    client.log_on()
    client.send("userDataStream.subscribe")
    desk.holding = True
    client.tell(json.dumps({"id": 7, "method": "order.place", "params": client.signed(order())}))
    client.tell(json.dumps({"id": 8, "method": method}))
    desk.desk.limit("BUY", "1", "10")
    assert client.heard() == []
    desk.release()
    told = [message["id"] if "id" in message else message["event"]["e"] for message in client.heard()]
    assert told == [7, "executionReport", "outboundAccountPosition", 8, "eventStreamTerminated"]


def test_what_is_placed_over_rest_is_told_here(desk: WsDesk, client: WsClient) -> None:
    client.sign("userDataStream.subscribe.signature")
    desk.desk.limit("BUY", "1", "10")
    assert [message["event"].get("x") for message in client.take_events()] == ["NEW", None]


def test_an_order_that_is_routed_comes_back_in_an_array() -> None:
    from tests.support.lived_in import lived_in  # noqa: PLC0415  a whole market that one test needs

    client = WsDesk(lived_in()).connect()
    reply = client.sign("sor.order.place", ONE | {"side": "BUY", "type": "MARKET", "quantity": "1"})
    (order_reply,) = reply["result"]
    assert order_reply["usedSor"] is True
    refused = client.sign("sor.order.place", ONE | {"side": "BUY", "type": "MARKET", "quantity": "0"})
    assert isinstance(refused["error"], dict)


def test_a_shutdown_is_announced(desk: WsDesk, client: WsClient) -> None:
    client.session.farewell(desk.now)
    desk.connect("timeUnit=microsecond").session.farewell(desk.now)
    assert client.heard() == [{"event": {"e": "serverShutdown", "E": START // 1_000}}]


def test_a_closed_connection_gets_nothing_more(desk: WsDesk, client: WsClient) -> None:
    client.sign("userDataStream.subscribe.signature")
    client.sign("userDataStream.subscribe.signature", key=BOB_KEY)
    client.close()
    desk.desk.limit("BUY", "1", "10")
    assert client.heard() == []


def test_an_exchange_that_takes_no_commands_says_so(desk: WsDesk, client: WsClient) -> None:
    desk.desk.sequencer.halt("the disk is full")
    reply = client.limit("BUY", "1", "10")
    assert (reply["status"], reply["error"]["code"]) == (503, -1001)


def order() -> dict[str, Any]:
    return ONE | {"side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "1", "price": "10"}


VALUES = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=4), st.lists(st.text(max_size=3), max_size=2))
NAMES = ("symbol", "symbols", "limit", "timestamp", "apiKey", "signature", "subscriptionId", "listenKey", "side", "price")


@given(
    st.lists(
        st.tuples(
            st.sampled_from([*OPERATIONS, "nothing"]),
            st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=4),
            st.booleans(),
        ),
        max_size=8,
    )
)
def test_whatever_is_asked_there_is_one_reply_below_500(asked: list[tuple[str, dict[str, Any], bool]]) -> None:
    desk = WsDesk(Desk(limits=False), listen_keys=True)
    client = desk.connect()
    for number, (method, params, logs_on) in enumerate(asked):
        if logs_on:
            client.log_on()
        reply = client.ask(json.dumps({"id": number, "method": method, "params": params}))
        assert reply["id"] == number
        assert reply["status"] < 500
        assert ("result" in reply) is (reply["status"] == 200)
        assert ("error" in reply) is (reply["status"] != 200)
    desk.desk.exchange.check_invariants()
