"""Every effect of the catalogue that a request can meet, at every door: what is told, and what is true afterwards.

An order is placed under each rule; then, without it, the account is asked for its open orders.
"""

from collections.abc import Callable
from typing import Any

import pytest
from msgspec import json

from papernet.app.fault_catalogue import EFFECTS, FaultDoor, Place
from papernet.app.hindrances import Cut
from papernet.core.dates import MILLISECOND, MINUTE, SECOND
from papernet.protocols.rest.request import Response
from tests.support.eapi_desk import CURRENT, LEGACY
from tests.support.fault_desk import NOTHING, FaultDesk, OptionFaultDesk, body_of
from tests.support.rest_desk import header
from tests.support.ws_desk import WsClient

UNKNOWN = "An unknown error occurred while processing the request."
FAILED = "Internal error; unable to process your request. Please try again."

# effect and what else its rule says; status, code, and how the message begins; whether the order is there afterwards
TOLD: list[tuple[str, dict[str, Any], int, int, str, bool]] = [
    ("http-429", {}, 429, -1003, "Too much request weight used; current limit is 6000 request weight per 1 MINUTE.", False),
    ("http-451", {}, 451, 0, "Service unavailable from a restricted location.", False),
    ("http-503-unknown", {}, 503, -1000, "Unknown error, please check your request or try again later.", True),
    ("http-503-unknown", {"executed": False}, 503, -1000, "Unknown error, please check your request", False),
    ("http-503-unavailable", {}, 503, -1001, "Service Unavailable.", False),
    ("http-503-failed", {}, 503, -1001, FAILED, False),
    ("code-1000", {}, 500, -1000, UNKNOWN, False),
    ("code-1000", {"executed": True}, 500, -1000, UNKNOWN, True),
    ("code-1001", {}, 500, -1001, FAILED, False),
    ("code-1003", {}, 429, -1003, "Too many requests queued.", False),
    ("code-1006", {}, 500, -1006, "An unexpected response was received from the message bus. Execution status unknown.", True),
    ("code-1006", {"executed": False}, 500, -1006, "An unexpected response was received from the message bus.", False),
    ("code-1007", {}, 504, -1007, "Timeout waiting for response from backend server. Send status unknown; execution", True),
    ("code-1007", {"executed": False}, 504, -1007, "Timeout waiting for response from backend server. Send", False),
    ("code-1008", {}, 503, -1008, "Server is currently overloaded with other requests. Please try again in a few", False),
    ("code-1015", {}, 429, -1015, "Too many new orders; current limit is 50 orders per 10 SECOND.", False),
    ("code-1016", {}, 410, -1016, "This service is no longer available.", False),
]
# what an options door tells where it tells something else: another code, other words
OF_OPTIONS = {
    "http-429": (429, -1008, "Too much request weight used; current limit is 2400 request weight per 1 MINUTE."),
    "code-1003": (429, -1008, "Too many requests queued."),
    "code-1015": (429, -1015, "Too many new orders; current limit is 300 orders per 10 SECOND."),
}
# what else is done at all doors where requests are read, in tests of their own below
OTHERS = {
    "http-403",
    "http-418",
    "http-502",
    "clock-drift",
    "delay-request",
    "delay-answer",
    "no-answer",
    "reset",
    "hang-up",
    "half-answer",
    "stale-reads",
}
IDS = [f"{row[0]}{''.join(f'-{value}' for value in row[1].values())}" for row in TOLD]
ORDER = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "1", "price": "90"}


def test_every_effect_on_requests_is_tried_here() -> None:
    tried = {row[0] for row in TOLD} | OTHERS
    assert tried == {name for name, effect in EFFECTS.items() if Place.REQUEST in effect.places}


def place(desk: FaultDesk) -> Response:
    return desk.rest.sign("POST", "/api/v3/order", ORDER)


def is_open(desk: FaultDesk) -> bool:
    desk.plan.clear(desk.rest.now)
    found = desk.rest.signed("GET", "/api/v3/openOrders", {"symbol": "BTCUSDT"})
    assert len(found) <= 1
    return bool(found)


@pytest.mark.parametrize(("effect", "more", "status", "code", "begins", "executed"), TOLD, ids=IDS)
def test_over_rest_the_error_is_told_and_the_state_is_as_the_rule_says(
    effect: str, more: dict[str, Any], status: int, code: int, begins: str, executed: bool
) -> None:
    desk = FaultDesk()
    desk.add(effect, operation="order.place", **more)
    response = place(desk)
    payload = json.decode(response.body)
    assert (response.status, payload["code"]) == (status, code)
    assert payload["msg"].startswith(begins)
    assert (header(response, b"retry-after") is not None) is (status == 429)
    assert desk.count() == (1, 1)
    assert is_open(desk) is executed


@pytest.mark.parametrize(("effect", "more", "status", "code", "begins", "executed"), TOLD, ids=IDS)
def test_over_the_websocket_api_the_same_is_told_in_an_envelope(
    effect: str, more: dict[str, Any], status: int, code: int, begins: str, executed: bool
) -> None:
    desk = FaultDesk()
    desk.add(effect, operation="order.place", **more)
    reply = desk.ws.connect().limit("BUY", "1", "90")
    assert (reply["status"], reply["error"]["code"]) == (status, code)
    assert reply["error"]["msg"].startswith(begins)
    assert ("data" in reply["error"]) is (status == 429)
    assert is_open(desk) is executed


@pytest.mark.parametrize("generation", [CURRENT, LEGACY])
@pytest.mark.parametrize(("effect", "more", "status", "code", "begins", "executed"), TOLD, ids=IDS)
def test_of_options_the_error_is_told_in_the_edition_s_words(
    effect: str, more: dict[str, Any], status: int, code: int, begins: str, executed: bool, generation: Any
) -> None:
    if FaultDoor.OPTIONS_REST not in EFFECTS[effect].doors:
        pytest.skip("not an error of the options venue")
    desk = OptionFaultDesk(generation)
    desk.let_fail(effect, operation="options.order.place", **more)
    said = desk.place("BUY", "1", "1000")
    expected = OF_OPTIONS.get(effect, (status, code, begins))
    assert said["code"] == expected[1]
    assert said["msg"].startswith(expected[2])
    desk.kit.plan.clear(desk.now)
    assert bool(desk.signed("GET", "openOrders")) is executed


@pytest.mark.parametrize(("effect", "status", "word"), [("http-403", 403, b"403"), ("http-502", 502, b"502")])
def test_firewalls_and_proxies_answer_with_pages(effect: str, status: int, word: bytes) -> None:
    desk = FaultDesk()
    desk.add(effect)
    response = place(desk)
    assert response.status == status
    assert header(response, b"content-type") == b"text/html"
    assert header(response, b"x-mbx-used-weight") is None
    assert word in response.body
    assert not is_open(desk)
    options = OptionFaultDesk()
    options.let_fail(effect)
    assert word in options.sign("GET", "openOrders").body


def test_a_bad_gateway_may_hide_that_the_order_was_placed() -> None:
    desk = FaultDesk()
    desk.add("http-502", executed=True)
    assert place(desk).status == 502
    assert is_open(desk)


@pytest.mark.parametrize(("effect", "status"), [("http-403", 403), ("http-502", 502)])
def test_over_the_websocket_api_there_are_no_pages(effect: str, status: int) -> None:
    desk = FaultDesk()
    desk.add(effect)
    reply = desk.ws.connect().limit("BUY", "1", "90")
    assert reply["status"] == status
    assert set(reply["error"]) == {"code", "msg"}


def test_a_ban_holds_at_every_door_until_it_is_over_even_without_the_rule() -> None:
    desk = FaultDesk()
    desk.add("http-418", nth=1, span=3 * MINUTE)
    first = place(desk)
    assert (first.status, header(first, b"retry-after")) == (418, b"180")
    desk.plan.clear(desk.rest.now)
    desk.rest.now += MINUTE
    later = desk.rest.send("GET", "/api/v3/ping")
    assert (later.status, header(later, b"retry-after")) == (418, b"120")
    assert json.decode(later.body)["code"] == -1003
    until = json.decode(later.body)["msg"].partition("until ")[2].partition(".")[0]
    assert int(until) == (desk.rest.now + 2 * MINUTE) // MILLISECOND
    assert desk.ws.connect().send("ping")["status"] == 418
    desk.rest.now += 2 * MINUTE
    assert desk.rest.send("GET", "/api/v3/ping").status == 200


def test_who_does_not_back_off_after_429_is_banned() -> None:
    desk = FaultDesk()
    desk.add("http-429", operation="ping")
    statuses = [desk.rest.send("GET", "/api/v3/ping").status for _ in range(12)]
    assert statuses == [429] * 10 + [418] * 2


def test_options_have_a_ban_of_their_own() -> None:
    desk = OptionFaultDesk()
    desk.let_fail("http-418", nth=1)
    response = desk.sign("GET", "openOrders")
    assert (response.status, json.decode(response.body)["code"], header(response, b"retry-after")) == (418, -1008, b"120")


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (7 * SECOND, "Timestamp for this request is outside of the recvWindow."),
        (-2 * SECOND, "Timestamp for this request was 1000ms ahead of the server's time."),
    ],
)
def test_a_clock_that_drifts_refuses_timestamps_and_tells_the_wrong_time(span: int, text: str) -> None:
    desk = FaultDesk()
    desk.add("clock-drift", span=span)
    for said in (json.decode(place(desk).body), desk.ws.connect().limit("BUY", "1", "90")["error"]):
        assert (said["code"], said["msg"]) == (-1021, text)
    told = desk.rest.get("/api/v3/time")["serverTime"]
    assert told == (desk.rest.now + span) // MILLISECOND
    assert desk.ws.connect().send("time")["result"]["serverTime"] == told
    # Who goes by the server's clock is understood.
    assert desk.rest.sign("POST", "/api/v3/order", ORDER, timestamp=told).status == 200


def test_a_clock_of_options_drifts_as_well() -> None:
    desk = OptionFaultDesk()
    desk.let_fail("clock-drift", span=-2 * SECOND)
    assert desk.place("BUY", "1", "1000")["code"] == -1021
    assert desk.get("time")["serverTime"] == (desk.now - 2 * SECOND) // MILLISECOND


@pytest.mark.parametrize(
    ("effect", "more", "cut", "executed"),
    [
        ("no-answer", {}, Cut.SILENCE, True),
        ("no-answer", {"executed": False}, Cut.SILENCE, False),
        ("reset", {}, Cut.RESET, True),
        ("reset", {"executed": False}, Cut.RESET, False),
        ("hang-up", {}, Cut.CLOSE, True),
        ("hang-up", {"executed": False}, Cut.CLOSE, False),
        ("half-answer", {}, Cut.HALF, True),
    ],
)
def test_connections_fail_before_or_after_the_order_was_placed(
    effect: str, more: dict[str, Any], cut: Cut, executed: bool
) -> None:
    desk = FaultDesk()
    desk.add(effect, operation="order.place", **more)
    response = place(desk)
    assert response.hindering is not None
    assert response.hindering.cut is cut
    # What was done has to be durable before anybody notices anything.
    assert (response.durable_seq == desk.rest.sequencer.last_seq) is executed
    assert is_open(desk) is executed
    options = OptionFaultDesk()
    options.let_fail(effect, operation="options.order.place", **more)
    answered = options.sign(
        "POST", "order", {"symbol": "BTC-260130-50000-C", "side": "BUY", "type": "LIMIT", "quantity": "1", "price": "10"}
    )
    assert answered.hindering is not None
    assert answered.hindering.cut is cut


def said_nothing(client: WsClient) -> bool:
    return not client.heard() and not client.ear.upsets


def was_reset(client: WsClient) -> bool:
    return not client.heard() and client.ear.upsets == ["break-off"]


def was_closed(client: WsClient) -> bool:
    return not client.heard() and client.ear.upsets == ["close 1011"]


def was_torn(client: WsClient) -> bool:
    return client.ear.upsets == ["mid-frame"]


@pytest.mark.parametrize("executed", [True, False])
@pytest.mark.parametrize(("effect", "looks"), [("no-answer", said_nothing), ("reset", was_reset), ("hang-up", was_closed)])
def test_replies_do_not_come(
    effect: str, looks: Callable[[WsClient], bool], executed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = FaultDesk()
    desk.add(effect, operation="order.place", executed=executed)
    client = desk.ws.connect()
    monkeypatch.setattr(client.ear, "close", lambda code, _reason: client.ear.upsets.append(f"close {code}"))
    client.tell(json.encode({"id": 1, "method": "order.place", "params": client.signed(ORDER)}).decode())
    assert looks(client)
    assert is_open(desk) is executed


def test_a_reply_may_be_torn_in_two() -> None:
    desk = FaultDesk()
    desk.add("half-answer", operation="order.place")
    client = desk.ws.connect()
    client.tell(json.encode({"id": 1, "method": "order.place", "params": client.signed(ORDER)}).decode())
    assert was_torn(client)
    assert is_open(desk)


def test_an_answer_that_is_late_was_given_at_once() -> None:
    desk = FaultDesk()
    desk.add("delay-answer", span=2 * SECOND, operation="order.place")
    response = place(desk)
    assert response.status == 200
    assert response.hindering is not None
    assert response.hindering.at == desk.rest.now + 2 * SECOND
    assert is_open(desk)


def test_a_reply_that_is_late_is_overtaken() -> None:
    desk = FaultDesk()
    desk.add("delay-answer", span=2 * SECOND, operation="order.place")
    client = desk.ws.connect()
    client.tell(json.encode({"id": "late", "method": "order.place", "params": client.signed(ORDER)}).decode())
    assert client.send("ping")["status"] == 200
    desk.pass_time(2 * SECOND - 1)
    assert client.heard() == []
    desk.pass_time(1)
    (reply,) = client.heard()
    assert (reply["id"], reply["status"]) == ("late", 200)


def test_a_timeout_takes_its_time() -> None:
    desk = FaultDesk()
    desk.add("code-1007", span=10 * SECOND, operation="order.place")
    response = place(desk)
    assert response.status == 504
    assert response.hindering is not None
    assert response.hindering.at == desk.rest.now + 10 * SECOND


def test_a_request_that_is_late_is_carried_out_late() -> None:
    desk = FaultDesk()
    desk.add("delay-request", span=2 * SECOND, operation="order.place")
    response = place(desk)
    assert (response.status, response.hindering is not None) == (NOTHING, True)
    assert not desk.rest.exchange.accounts.by_name["alice"].open_orders
    assert response.hindering is not None
    assert response.hindering.resume is not None
    desk.rest.now += 2 * SECOND
    resumed = response.hindering.resume(desk.rest.now)
    assert resumed.status == 200
    assert body_of(resumed)["transactTime"] == desk.rest.now // MILLISECOND


def test_a_request_that_is_too_late_misses_its_window() -> None:
    desk = FaultDesk()
    desk.add("delay-request", span=6 * SECOND, operation="order.place")
    client = desk.ws.connect()
    client.tell(json.encode({"id": 1, "method": "order.place", "params": client.signed(ORDER)}).decode())
    assert client.heard() == []
    desk.pass_time(6 * SECOND)
    (reply,) = client.heard()
    assert reply["error"]["code"] == -1021
    assert not is_open(desk)


def test_an_options_request_that_is_late_is_carried_out_late() -> None:
    desk = OptionFaultDesk()
    desk.let_fail("delay-request", span=SECOND)
    response = desk.sign("GET", "openOrders")
    assert response.hindering is not None
    assert response.hindering.resume is not None
    assert response.hindering.resume(desk.now + SECOND).body == b"[]"


def test_stale_reads_do_not_know_what_was_just_done() -> None:
    desk = FaultDesk()
    desk.add("stale-reads", span=5 * SECOND)
    order = desk.rest.limit("BUY", "1", "90")
    asked = {"symbol": "BTCUSDT", "orderId": order["orderId"]}
    assert desk.rest.signed("GET", "/api/v3/order", asked)["code"] == -2013
    assert desk.ws.connect().sign("openOrders.status", {"symbol": "BTCUSDT"})["result"] == []
    free = {row["asset"]: row["locked"] for row in desk.rest.signed("GET", "/api/v3/account")["balances"]}
    assert free["USDT"] == "0.00000000"
    desk.rest.now += 5 * SECOND
    assert desk.rest.signed("GET", "/api/v3/order", asked)["status"] == "NEW"


def test_stale_reads_of_options_do_not_either() -> None:
    desk = OptionFaultDesk()
    desk.let_fail("stale-reads")
    order = desk.place("BUY", "1", "1000")
    asked = {"symbol": order["symbol"], "orderId": order["orderId"]}
    assert desk.signed("GET", "order", asked)["code"] == -2013
    desk.now += SECOND
    assert desk.signed("GET", "order", asked)["orderId"] == order["orderId"]


@pytest.mark.parametrize("effect", ["http-503-unknown", "code-1006", "code-1007", "reset", "hang-up", "no-answer"])
def test_an_order_that_the_exchange_refuses_is_refused_as_ever(effect: str) -> None:
    desk = FaultDesk()
    desk.add(effect, operation="order.place", executed=True)
    response = desk.rest.sign("POST", "/api/v3/order", ORDER | {"quantity": "99999999"})
    assert response.status == 400
    assert response.hindering is None
    assert desk.count() == (1, 0)
    assert desk.ws.connect().limit("BUY", "99999999", "90")["status"] == 400
