"""Sessions and subscriptions as a client meets them: logging on and off, whose rights count, when they end."""

from typing import Any

import pytest

from papernet.core.enums import KeyType, Permission
from tests.support.rest_desk import ALICE_KEY, BOB_KEY, READER_KEY
from tests.support.worlds import SECOND, START
from tests.support.ws_desk import ALL, BOB_ED25519_KEY, ED25519_KEY, RSA_KEY, WsClient, WsDesk

NOW = START // 1_000
INACTIVE = {"code": -2036, "msg": "User Data Stream subscription not active."}
ACTIVE = {"code": -2035, "msg": "User Data Stream subscription already active."}
NOT_AUTHENTICATED = {"code": -1193, "msg": "WebSocket session not authenticated. Recommendation: use `session.logon`."}
NO_KEY = {"code": -1102, "msg": "Mandatory parameter 'apiKey' was not sent, was empty/null, or malformed."}
REJECTED = {"code": -2015, "msg": "Invalid API-key, IP, or permissions for action."}


@pytest.fixture
def desk() -> WsDesk:
    return WsDesk()


@pytest.fixture
def client(desk: WsDesk) -> WsClient:
    return desk.connect()


def uid(reply: dict[str, Any]) -> int:
    found: int = reply["result"]["uid"]
    return found


def test_a_fresh_session_is_nobodys(client: WsClient) -> None:
    assert client.send("session.status")["result"] == {
        "apiKey": None,
        "authorizedSince": None,
        "connectedSince": NOW,
        "returnRateLimits": True,
        "serverTime": NOW,
        "userDataStream": False,
    }


def test_logging_on_tells_who_and_since_when(desk: WsDesk, client: WsClient) -> None:
    desk.now += 3 * SECOND
    status = client.log_on()["result"]
    assert status == {
        "apiKey": ED25519_KEY,
        "authorizedSince": NOW + 3_000,
        "connectedSince": NOW,
        "returnRateLimits": True,
        "serverTime": NOW + 3_000,
        "userDataStream": False,
    }
    desk.now += 2 * SECOND
    assert client.send("session.status")["result"] == status | {"serverTime": NOW + 5_000}


def test_the_status_tells_times_in_microseconds_and_what_the_address_set(desk: WsDesk) -> None:
    client = desk.connect("timeUnit=MICROSECOND&returnRateLimits=false")
    reply = client.log_on()
    assert "rateLimits" not in reply
    assert reply["result"]["authorizedSince"] == reply["result"]["connectedSince"] == reply["result"]["serverTime"] == START
    assert reply["result"]["returnRateLimits"] is False
    assert client.send("session.status", {"returnRateLimits": True})["result"]["returnRateLimits"] is False


def test_a_session_signs_for_its_requests(client: WsClient) -> None:
    assert client.stamped("account.status")["error"] == NO_KEY
    client.log_on()
    assert uid(client.stamped("account.status")) == 1005
    terms = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "1", "price": "10"}
    assert client.stamped("order.place", terms)["status"] == 200


def test_a_session_still_needs_timestamps(desk: WsDesk, client: WsClient) -> None:
    client.log_on()
    assert client.send("account.status")["error"]["code"] == -1102
    assert client.send("account.status", {"timestamp": NOW - 6_000})["error"]["code"] == -1021


@pytest.mark.parametrize(("key_type", "words"), [(KeyType.HMAC, "HMAC-SHA-256"), (KeyType.RSA, "RSA")])
def test_only_ed25519_keys_log_on(desk: WsDesk, client: WsClient, key_type: KeyType, words: str) -> None:
    if key_type is KeyType.RSA:
        desk.register(1, RSA_KEY, KeyType.RSA)
    reply = client.log_on(RSA_KEY if key_type is KeyType.RSA else ALICE_KEY)
    assert (reply["status"], reply["error"]) == (400, {"code": -2028, "msg": f"{words} API key is not supported."})
    assert client.send("session.status")["result"]["apiKey"] is None


def test_logging_on_wants_a_key_and_its_signature(client: WsClient) -> None:
    assert client.send("session.logon")["error"] == NO_KEY
    signed = client.signed(key=ED25519_KEY)
    without = {name: value for name, value in signed.items() if name != "signature"}
    assert "'signature'" in client.send("session.logon", without)["error"]["msg"]
    assert client.send("session.logon", signed | {"timestamp": NOW + 1})["error"]["code"] == -1022
    assert client.send("session.logon", signed)["status"] == 200


def test_a_later_log_on_takes_the_place_of_the_earlier_and_a_failing_one_does_not(client: WsClient) -> None:
    client.log_on()
    assert client.log_on(BOB_KEY)["error"]["code"] == -2028
    assert client.send("session.logon", client.signed() | {"signature": "00"})["error"]["code"] == -1022
    assert client.send("session.status")["result"]["apiKey"] == ED25519_KEY
    client.log_on(BOB_ED25519_KEY)
    assert client.send("session.status")["result"]["apiKey"] == BOB_ED25519_KEY
    assert uid(client.stamped("account.status")) == 1003


def test_a_request_can_act_for_another_key_than_the_session(client: WsClient) -> None:
    client.log_on()
    assert uid(client.sign("account.status", key=BOB_KEY)) == 1003
    assert uid(client.stamped("account.status")) == 1005
    # The key decides, not the session: this one may only read.
    assert client.limit("BUY", "1", "10", key=READER_KEY)["error"] == REJECTED
    unsigned = {"timestamp": NOW, "apiKey": BOB_KEY}
    assert "'signature'" in client.send("account.status", unsigned)["error"]["msg"]


def test_logging_out_forgets_the_key_and_does_nothing_the_second_time(client: WsClient) -> None:
    client.log_on()
    for _ in range(2):
        status = client.send("session.logout")["result"]
        assert (status["apiKey"], status["authorizedSince"]) == (None, None)
    assert client.stamped("account.status")["error"] == NO_KEY


def test_subscribing_wants_a_session(client: WsClient) -> None:
    # What is read at all is looked at first.
    assert client.send("userDataStream.subscribe", {"apiKey": ALICE_KEY})["error"]["code"] == -1104
    reply = client.send("userDataStream.subscribe")
    assert (reply["status"], reply["error"]) == (400, NOT_AUTHENTICATED)
    client.log_on()
    assert client.send("userDataStream.subscribe")["result"] == {"subscriptionId": 0}
    assert client.send("userDataStream.subscribe")["error"] == ACTIVE
    assert client.sign("userDataStream.subscribe.signature")["error"] == ACTIVE
    assert client.send("session.status")["result"]["userDataStream"] is True


@pytest.mark.parametrize("key", [ALICE_KEY, ED25519_KEY, RSA_KEY])
def test_every_type_of_key_subscribes_by_signature(desk: WsDesk, client: WsClient, key: str) -> None:
    if key == RSA_KEY:
        desk.register(1, RSA_KEY, KeyType.RSA)
    assert client.sign("userDataStream.subscribe.signature", key=key)["result"] == {"subscriptionId": 0}
    client.limit("BUY", "1", "10", key=key)
    assert [message["event"]["e"] for message in client.take_events()] == ["executionReport", "outboundAccountPosition"]


def test_a_session_does_not_subscribe_by_a_signature_it_did_not_make(client: WsClient) -> None:
    client.log_on()
    assert client.stamped("userDataStream.subscribe.signature")["error"] == NO_KEY


def test_keys_that_may_not_listen_do_not(desk: WsDesk, client: WsClient) -> None:
    assert client.sign("userDataStream.subscribe.signature", key=READER_KEY)["error"] == REJECTED
    desk.register(1, "j" * 64, KeyType.ED25519, (Permission.USER_DATA,))
    params = client.signed(key=ED25519_KEY)
    assert client.send("userDataStream.subscribe.signature", params)["status"] == 200


def test_a_connection_listens_to_several_accounts(client: WsClient) -> None:
    client.sign("userDataStream.subscribe.signature")
    client.sign("userDataStream.subscribe.signature", key=BOB_KEY)
    assert client.send("session.subscriptions")["result"] == [{"subscriptionId": 0}, {"subscriptionId": 1}]
    client.limit("BUY", "1", "10")
    client.limit("SELL", "1", "10", key=BOB_KEY)
    told = [(message["subscriptionId"], message["event"].get("x")) for message in client.take_events()]
    assert told == [
        (0, "NEW"),
        (0, None),
        (1, "NEW"),
        (1, "TRADE"),
        (0, "TRADE"),
        (1, None),
        (0, None),
    ]


def test_unsubscribing_ends_one_or_all(client: WsClient) -> None:
    client.sign("userDataStream.subscribe.signature")
    client.sign("userDataStream.subscribe.signature", key=BOB_KEY)
    assert client.send("userDataStream.unsubscribe", {"subscriptionId": 0})["result"] == {}
    terminated = {"e": "eventStreamTerminated", "E": NOW}
    assert client.take_events() == [{"subscriptionId": 0, "event": terminated}]
    assert client.send("userDataStream.unsubscribe", {"subscriptionId": 0})["error"] == INACTIVE
    assert client.send("session.subscriptions")["result"] == [{"subscriptionId": 1}]
    assert client.sign("userDataStream.subscribe.signature")["result"] == {"subscriptionId": 2}
    assert client.send("userDataStream.unsubscribe")["result"] == {}
    assert [message["subscriptionId"] for message in client.take_events()] == [1, 2]
    assert client.send("userDataStream.unsubscribe")["error"] == INACTIVE
    assert client.send("session.subscriptions")["result"] == []


def test_logging_out_ends_the_sessions_subscription_only(client: WsClient) -> None:
    client.log_on()
    client.send("userDataStream.subscribe")
    client.sign("userDataStream.subscribe.signature", key=BOB_KEY)
    assert client.send("session.logout")["result"]["userDataStream"] is True
    assert [message["subscriptionId"] for message in client.take_events()] == [0]
    assert client.send("session.subscriptions")["result"] == [{"subscriptionId": 1}]


def revoked(desk: WsDesk) -> None:
    desk.revoke(ED25519_KEY)


def weakened(desk: WsDesk) -> None:
    desk.revoke(ED25519_KEY)
    desk.register(1, ED25519_KEY, KeyType.ED25519, (Permission.USER_DATA,))


@pytest.mark.parametrize("change", [revoked, weakened])
@pytest.mark.parametrize("method", ["time", "account.status", "session.status", "session.logon"])
def test_a_key_that_is_no_longer_valid_ends_the_session_with_the_next_request(
    desk: WsDesk, client: WsClient, change: Any, method: str
) -> None:
    client.log_on()
    client.send("userDataStream.subscribe")
    client.sign("userDataStream.subscribe.signature", key=BOB_KEY)
    change(desk)
    reply = client.stamped(method)
    assert {name: reply[name] for name in ("id", "status", "error")} == {"id": None, "status": 401, "error": REJECTED}
    assert [message["event"]["e"] for message in client.take_events()] == ["eventStreamTerminated"]
    assert client.send("session.status")["result"]["apiKey"] is None
    assert client.send("session.subscriptions")["result"] == [{"subscriptionId": 1}]
    assert client.send("time")["status"] == 200


def test_revoking_another_key_ends_nothing(desk: WsDesk, client: WsClient) -> None:
    client.log_on()
    desk.revoke(ALICE_KEY)
    desk.register(1, "z" * 64, KeyType.ED25519, ALL)
    assert client.stamped("account.status")["status"] == 200


def test_connections_know_nothing_of_each_other(desk: WsDesk) -> None:
    first, second = desk.connect(), desk.connect()
    first.log_on()
    first.send("userDataStream.subscribe")
    assert second.stamped("account.status")["error"] == NO_KEY
    assert second.sign("userDataStream.subscribe.signature")["result"] == {"subscriptionId": 0}
    second.limit("BUY", "1", "10")
    assert len(first.take_events()) == len(second.take_events()) == 2


def test_listen_keys_are_retired_by_default(client: WsClient) -> None:
    for name in ("start", "ping", "stop"):
        reply = client.send(f"userDataStream.{name}", {"apiKey": ALICE_KEY, "listenKey": "abc"})
        assert (reply["status"], reply["error"]) == (410, {"code": -1016, "msg": "This service is no longer available."})


def test_listen_keys_work_where_they_are_wanted() -> None:
    desk = WsDesk(listen_keys=True)
    client = desk.connect()
    started = client.send("userDataStream.start", {"apiKey": ALICE_KEY})
    assert started["result"] == {"listenKey": "listenKey1"}
    named = {"apiKey": ALICE_KEY} | started["result"]
    assert client.send("userDataStream.ping", named)["result"] == {}
    over_rest = desk.desk.send("POST", "/api/v3/userDataStream", headers={b"x-mbx-apikey": ALICE_KEY.encode()})
    assert over_rest.body == b'{"listenKey":"listenKey1"}'
    unknown = {"code": -1125, "msg": "This listenKey does not exist."}
    assert client.send("userDataStream.ping", named | {"apiKey": BOB_KEY})["error"] == unknown
    assert client.send("userDataStream.stop", named)["result"] == {}
    assert client.send("userDataStream.stop", named)["error"] == unknown
    assert client.send("userDataStream.start")["error"] == NO_KEY
    assert client.send("userDataStream.start", {"apiKey": READER_KEY})["error"] == REJECTED
    client.log_on()
    assert client.send("userDataStream.start")["result"] == {"listenKey": "listenKey2"}
