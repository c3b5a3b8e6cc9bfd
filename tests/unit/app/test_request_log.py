"""The log of calls: what is written down at each door, what stays, and that it stays small."""

import sys

import pytest
from msgspec import json

from papernet.app import request_log
from papernet.app.request_log import CALLS_MAX, KEPT_MAX, SENT_MAX, DoorLog, Record, RequestLog
from papernet.protocols.ws_api.door import WsApiDoor
from tests.support.explained import ORDER, ExplainedDesk
from tests.support.rest_desk import ALICE_KEY, BOB_KEY, IP
from tests.support.worlds import START
from tests.support.ws_desk import WsDesk


@pytest.fixture
def desk() -> ExplainedDesk:
    return ExplainedDesk()


def test_a_call_is_written_down_with_what_it_was_and_what_became_of_it(desk: ExplainedDesk) -> None:
    desk.get("/api/v3/depth", "symbol=BTCUSDT&limit=500")
    first = desk.last
    assert (first.number, first.at, first.door, first.method, first.target, first.ip) == (
        1,
        START,
        "rest",
        "GET",
        "/api/v3/depth",
        IP,
    )
    assert (first.operation, first.symbol, first.status, first.weight, first.api_key) == ("depth", "BTCUSDT", 200, 25, "")
    desk.sign("GET", "/api/v3/account")
    assert (desk.last.number, desk.last.account, desk.last.api_key, desk.last.weight) == (2, 1, ALICE_KEY, 20)


def test_a_command_that_succeeds_weighs_nothing_and_one_that_fails_its_weight(desk: ExplainedDesk) -> None:
    desk.accepted(price="10", quantity="1")
    assert (desk.last.status, desk.last.weight) == (200, 0)
    desk.refused(price="10", quantity="0.01")
    assert (desk.last.status, desk.last.weight) == (400, 1)


def test_latency_is_real_time_until_the_answer_leaves(desk: ExplainedDesk) -> None:
    desk.get("/api/v3/time")
    # The watch goes on by 7 us whenever it is read.
    assert desk.last.latency == 7
    desk.log.sent(desk.last)
    assert desk.last.latency == 14


def test_only_calls_with_something_to_explain_keep_what_was_sent(desk: ExplainedDesk) -> None:
    desk.accepted(price="10", quantity="1")
    good = desk.last
    assert (good.call, good.outcome, good.query, good.body, good.refusal, good.explanation) == (None, None, b"", b"", b"", None)
    desk.signed("GET", ORDER, {"symbol": "BTCUSDT", "orderId": 99})
    bad = desk.last
    assert bad.call is not None
    assert b"orderId=99" in bad.query
    assert b"-2013" in bad.refusal
    assert bad.explanation is not None
    assert bad.outcome is None
    assert list(desk.log.kept) == [bad]


def test_of_a_long_request_the_beginning_is_kept(desk: ExplainedDesk) -> None:
    desk.send("POST", ORDER, b"a=" + b"x" * 100_000, b"b=" + b"y" * 100_000)
    assert (len(desk.last.query), len(desk.last.body)) == (SENT_MAX, SENT_MAX)


def test_refusals_outlive_the_calls_that_come_after_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_log, "CALLS_MAX", 5)
    desk = ExplainedDesk()
    desk.signed("GET", ORDER, {"symbol": "BTCUSDT", "orderId": 99})
    for _ in range(20):
        desk.get("/api/v3/time")
    assert [record.number for record in desk.log.newest()] == [21, 20, 19, 18, 17, 1]
    found = desk.log.find(1)
    assert found is not None
    assert found.status == 400
    assert desk.log.find(2) is None


def test_memory_is_bounded() -> None:
    log = RequestLog()
    assert (log.calls.maxlen, log.kept.maxlen) == (CALLS_MAX, KEPT_MAX)
    record = Record(1, START, "rest", "GET", "/api/v3/time", IP, 0, 0)
    assert sys.getsizeof(record) < 300


def test_orders_of_before_a_reset_are_not_taken_for_others(desk: ExplainedDesk) -> None:
    ended = desk.accepted(price="10", quantity="1", timeInForce="IOC")
    desk.log.forget_orders()
    assert desk.log.end_of("BTCUSDT", ended) is None
    assert desk.last.status == 200
    assert desk.last.explanation is not None


def test_an_order_that_ended_with_its_call_is_found_by_its_id(desk: ExplainedDesk) -> None:
    ended = desk.accepted(price="10", quantity="1", timeInForce="IOC")
    desk.accepted(price="10", quantity="1")
    record = desk.log.end_of("BTCUSDT", ended)
    assert record is not None
    assert (record.order, record.status) == (("BTCUSDT", ended), 200)
    assert desk.log.end_of("BTCUSDT", ended + 1) is None
    assert desk.log.end_of("ETHBTC", ended) is None


def test_what_knocks_in_vain_is_written_down_too(desk: ExplainedDesk) -> None:
    desk.limits.knock(IP, desk.now)
    desk.limits.charge(IP, 6_000, desk.now)
    desk.get("/api/v3/time")
    assert (desk.last.status, desk.last.operation, desk.explain().guard) == (429, "time", "TOO_MUCH_WEIGHT")
    desk.get("/api/v3/time")
    assert (desk.last.status, desk.last.operation) == (429, "")


def test_a_door_without_a_log_has_one_of_its_own(desk: ExplainedDesk) -> None:
    door = DoorLog(None, "rest", desk.limits)
    record = door.open("GET", "/x", IP, desk.now, desk.now)
    door.close(record, 404, desk.now, refusal=b"{}")
    assert (record.status, record.explanation) == (404, None)
    assert desk.log.latest is None


@pytest.fixture
def ws(desk: ExplainedDesk) -> WsDesk:
    found = WsDesk(desk)
    found.door = WsApiDoor(desk.service, found.feed, None, desk.log)
    return found


def test_messages_are_written_down_by_their_method(desk: ExplainedDesk, ws: WsDesk) -> None:
    client = ws.connect()
    client.limit("BUY", "1", "10")
    assert (desk.last.door, desk.last.method, desk.last.target, desk.last.operation) == (
        "ws-api",
        "",
        "order.place",
        "order.place",
    )
    assert (desk.last.account, desk.last.status, desk.last.symbol) == (1, 200, "BTCUSDT")
    client.limit("BUY", "0.01", "10", key=BOB_KEY)
    assert (desk.last.account, desk.last.status, desk.explain().guard) == (2, 400, "FILTER_FAILURE LOT_SIZE")
    client.send("nothing")
    assert (desk.last.target, desk.last.status, desk.explain().guard) == ("nothing", 404, "UNKNOWN_PATH")
    client.tell("{")
    assert (desk.last.target, desk.last.status, desk.explain().guard) == ("", 400, "MALFORMED_MESSAGE")


def test_a_reply_that_waits_for_the_journal_is_late(desk: ExplainedDesk, ws: WsDesk) -> None:
    ws.holding = True
    client = ws.connect()
    client.tell('{"id":1,"method":"time"}')
    assert desk.last.latency == 7
    terms = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "1", "price": "9"}
    client.tell(json.encode({"id": 2, "method": "order.place", "params": client.signed(terms)}).decode())
    assert (desk.last.status, desk.last.latency) == (200, 7)


def test_actions_on_the_connection_and_lost_keys_are_written_down(desk: ExplainedDesk, ws: WsDesk) -> None:
    client = ws.connect()
    client.log_on()
    assert (desk.last.operation, desk.last.status) == ("session.logon", 200)
    client.send("userDataStream.unsubscribe", {"subscriptionId": 5})
    assert (desk.last.status, desk.explain().guard) == (400, "SUBSCRIPTION_INACTIVE")
    ws.revoke("f" * 64)
    client.stamped("account.status")
    assert (desk.last.status, desk.last.api_key) == (401, "f" * 64)
    assert "no such API key" in desk.explain().because
