"""Where connections lead, and what they are told."""

import json
from typing import Any

import pytest

from papernet.app.faults import Fault, RequestFault
from papernet.core.dates import HOUR, SECOND
from papernet.protocols.option_streams.door import RULES, OptionStreamDoor, read_names
from tests.support.option_air import CALL, CURRENT, LEGACY, OptionsOnAir
from tests.support.stream_desk import Outside
from tests.support.worlds import ALICE, BOB

LOWER = CALL.lower()


def told(outside: Outside) -> list[Any]:
    return [json.loads(payload) for payload in outside.take()]


def test_three_bases_lead_to_streams_today_and_one_before() -> None:
    for generation, bases in ((CURRENT, ("/public", "/market", "/private")), (LEGACY, ("/eoptions",))):
        doors = OptionsOnAir(generation).door.doors()
        assert [door.path for door in doors] == [base + path for base in bases for path in ("/ws", "/stream")]
        assert all(door.rules is RULES for door in doors)


@pytest.mark.parametrize(
    ("path", "query", "names", "combined"),
    [
        ("/public/ws", b"", [], False),
        ("/public/ws/", b"", [], False),
        ("/public/ws/0", b"", ["0"], False),
        ("/public/ws/a@depth/b@depth", b"", ["a@depth", "b@depth"], False),
        ("/public/stream", b"", [], True),
        ("/public/stream/", b"streams=a@depth/b%40depth&x=1", ["a@depth", "b@depth"], True),
        ("/public/ws", b"listenKey=abc&events=ORDER_TRADE_UPDATE", ["abc"], False),
        ("/public/stream", b"listenKey=abc&listenKey=def", ["abc", "def"], True),
    ],
)
def test_an_address_names_streams(path: str, query: bytes, names: list[str], combined: bool) -> None:
    assert read_names("/public", path, query) == (names, combined)


@pytest.mark.parametrize("path", ["/public", "/public/wss", "/public/stream/a", "/public/x/ws"])
def test_other_paths_lead_nowhere(path: str) -> None:
    fault = Fault(RequestFault.UNKNOWN_PATH, (path,))
    assert read_names("/public", path, b"") == fault


def test_a_path_that_leads_nowhere_is_refused() -> None:
    _, refused = OptionsOnAir().connect("/public/stream/a")
    assert isinstance(refused, Fault)


def test_a_client_may_connect_to_a_number_and_subscribe_then() -> None:
    world = OptionsOnAir()
    outside, session = world.session("/public/ws/0")
    session.receive(json.dumps({"method": "SUBSCRIBE", "params": [f"{LOWER}@optionTrade"], "id": 1}), world.now)
    assert told(outside) == [{"result": None, "id": 1}]
    world.trade(ALICE, BOB, "1", "2000")
    assert [event["e"] for event in told(outside)] == ["trade"]
    session.receive('{"method":"SET_PROPERTY","params":["combined",true],"id":2}', world.now)
    session.receive('{"method":"LIST_SUBSCRIPTIONS","id":3}', world.now)
    world.trade(ALICE, BOB, "1", "2000")
    _, listed, event = told(outside)
    assert listed["result"] == ["0", f"{LOWER}@optionTrade"]
    assert (event["stream"], event["data"]["t"]) == (f"{LOWER}@optionTrade", 2)
    session.receive(json.dumps({"method": "UNSUBSCRIBE", "params": [f"{LOWER}@optionTrade"], "id": 4}), world.now)
    world.trade(ALICE, BOB, "1", "2000")
    assert told(outside) == [{"result": None, "id": 4}]


def test_a_name_of_another_base_is_listed_and_silent_in_either_form() -> None:
    world = OptionsOnAir()
    outside, session = world.session("/public/stream?streams=!index@arr/btcusdt@optionTrade")
    session.receive('{"method":"SET_PROPERTY","params":["combined",false],"id":1}', world.now)
    session.receive('{"method":"LIST_SUBSCRIPTIONS","id":2}', world.now)
    assert told(outside)[1]["result"] == ["!index@arr", "btcusdt@optionTrade"]
    world.wait(SECOND)
    assert told(outside) == []
    session.receive('{"method":"UNSUBSCRIBE","params":["!index@arr"],"id":3}', world.now)
    assert told(outside) == [{"result": None, "id": 3}]


def test_an_id_is_an_unsigned_integer() -> None:
    world = OptionsOnAir()
    outside, session = world.session("/market/ws")
    session.receive('{"method":"LIST_SUBSCRIPTIONS","id":"one"}', world.now)
    session.receive('{"method":"LIST_SUBSCRIPTIONS","id":4294967296}', world.now)
    refused, listed = told(outside)
    assert refused["error"]["msg"] == "Invalid request: request ID must be an unsigned integer"
    assert listed == {"result": [], "id": 4_294_967_296}


@pytest.mark.parametrize(
    ("generation", "url", "is_combined"),
    [
        (CURRENT, "/private/ws/{}", False),
        (CURRENT, "/private/ws?listenKey={}&events=ACCOUNT_UPDATE", False),
        (CURRENT, "/private/stream?streams={}", True),
        (CURRENT, "/private/stream?listenKey={}", True),
        (LEGACY, "/eoptions/ws/{}", False),
        (LEGACY, "/eoptions/stream?streams={}", True),
    ],
)
def test_a_listen_key_is_a_stream_of_its_accounts_events(generation: Any, url: str, is_combined: bool) -> None:
    world = OptionsOnAir(generation)
    key = world.keys.start(ALICE, world.now)
    outside, _ = world.session(url.format(key))
    world.trade(BOB, ALICE, "1", "2000")
    first = told(outside)[0]
    assert (first["stream"] if is_combined else key) == key
    assert (first["data"] if is_combined else first)["e"] == "ORDER_TRADE_UPDATE"


def test_a_listen_key_can_be_subscribed_to_later_under_private_only() -> None:
    world = OptionsOnAir()
    key = world.keys.start(ALICE, world.now)
    ends = {}
    for base in ("/private", "/public", "/market"):
        outside, session = world.session(f"{base}/stream")
        session.receive(json.dumps({"method": "SUBSCRIBE", "params": [key], "id": 1}), world.now)
        assert told(outside) == [{"result": None, "id": 1}]
        ends[base] = outside
    world.trade(ALICE, BOB, "1", "2000")
    assert [bool(told(outside)) for outside in ends.values()] == [True, False, False]


def test_the_end_of_a_listen_key_is_told_today_and_was_not_before() -> None:
    for generation, base, expected in ((CURRENT, "/private", 1), (LEGACY, "/eoptions", 0)):
        world = OptionsOnAir(generation)
        key = world.keys.start(ALICE, world.now)
        outside, session = world.session(f"{base}/ws/{key}")
        world.door.sweep(world.now)
        assert told(outside) == []
        world.now += HOUR
        world.door.sweep(world.now)
        world.door.sweep(world.now)
        assert [event["e"] for event in told(outside)] == ["listenKeyExpired"] * expected
        world.trade(ALICE, BOB, "1", "2000")
        assert told(outside) == []
        session.closed(world.now)
        world.door.sweep(world.now)
        assert not world.door._sessions


def test_there_is_no_farewell() -> None:
    world = OptionsOnAir()
    outside, session = world.session("/public/ws")
    session.farewell(world.now)
    assert told(outside) == []


def test_without_listen_keys_one_is_a_name_like_any_other() -> None:
    world = OptionsOnAir()
    door = OptionStreamDoor(world.channels, None, CURRENT)
    world.door = door
    outside, session = world.session("/private/ws/" + "a" * 64)
    session.receive('{"method":"LIST_SUBSCRIPTIONS","id":1}', world.now)
    assert told(outside)[0]["result"] == ["a" * 64]
    assert not door._sessions
