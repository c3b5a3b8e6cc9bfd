"""From messages to calls: methods, on whose behalf, what is signed, and how parameters are counted."""

from typing import Any

import pytest
from msgspec import json

from papernet.app.faults import Fault, RequestFault
from papernet.app.gateway import Call
from papernet.app.operations import OPERATIONS
from papernet.app.service import Denied
from papernet.protocols.json.listen_key_calls import LISTEN_KEY_CALLS
from papernet.protocols.ws_api.calls import METHODS, read_call, told_of_key
from papernet.protocols.ws_api.request import read_message
from tests.support.worlds import START

IP = "192.0.2.7"
KEY, SESSION_KEY = "k" * 64, "s" * 64
STAMP = {"timestamp": START // 1_000}


def call_of(method: str, params: dict[str, Any] | None = None, *, session: str = "", listen_keys: bool = True) -> Call:
    text = json.encode({"id": 1, "method": method, "params": params or {}}).decode()
    return read_call(read_message(text), IP, session, START, has_listen_keys=listen_keys)


def test_every_operation_is_a_method_with_and_without_the_version() -> None:
    assert len(METHODS) == 2 * len(OPERATIONS)
    for name, operation in OPERATIONS.items():
        assert METHODS[name] is METHODS[f"v3/{name}"] is operation


@pytest.mark.parametrize("method", ["", "Ping", "v3/", "v1/ping", "v3/v3/ping", "/ping", "order"])
def test_other_methods_are_not_supported(method: str) -> None:
    call = call_of(method)
    assert (call.operation, call.fault) == (None, Fault(RequestFault.UNKNOWN_PATH))


def test_what_is_wrong_with_the_message_is_what_is_wrong_with_the_call() -> None:
    call = read_call(read_message('{"id":1,"method":"time","params":[]}'), IP, "", START, has_listen_keys=False)
    assert call.operation is OPERATIONS["time"]
    assert call.fault == Fault(RequestFault.BAD_MESSAGE_FIELD, ("params", "an object"))


@pytest.mark.parametrize("name", LISTEN_KEY_CALLS)
def test_listen_keys_are_retired_unless_there_are_some(name: str) -> None:
    retired = call_of(name, {"apiKey": KEY}, listen_keys=False)
    assert (retired.operation, retired.fault) == (None, Fault(RequestFault.RETIRED))
    assert call_of(name, {"apiKey": KEY}).operation is OPERATIONS[name]


def test_a_signed_request_brings_its_key_and_signs_all_but_the_signature() -> None:
    params = STAMP | {"apiKey": KEY, "signature": "abc", "returnRateLimits": False, "omitZeroBalances": True}
    call = call_of("account.status", params)
    assert (call.fault, call.api_key, call.signature, call.logged_on) == (None, KEY, "abc", False)
    assert call.payload == b"apiKey=%b&omitZeroBalances=true&returnRateLimits=false&timestamp=1700000000000" % KEY.encode()
    assert call.params == {"omitZeroBalances": True, "recvWindow": 5_000_000, "timestamp": START}
    assert (call.ip, call.received_at) == (IP, START)


def test_a_session_stands_in_for_key_and_signature() -> None:
    call = call_of("account.status", STAMP, session=SESSION_KEY)
    assert (call.api_key, call.signature, call.logged_on) == (SESSION_KEY, "", True)


def test_a_key_of_the_requests_own_takes_the_place_of_the_sessions() -> None:
    call = call_of("account.status", STAMP | {"apiKey": KEY}, session=SESSION_KEY)
    assert (call.api_key, call.logged_on) == (KEY, False)


def test_a_signature_without_a_key_is_the_sessions_and_is_looked_at() -> None:
    call = call_of("account.status", STAMP | {"signature": "abc"}, session=SESSION_KEY)
    assert (call.api_key, call.signature, call.logged_on) == (SESSION_KEY, "abc", True)


@pytest.mark.parametrize("name", ["session.logon", "userDataStream.subscribe.signature"])
def test_a_session_does_not_stand_in_where_a_key_is_to_be_proved(name: str) -> None:
    call = call_of(name, STAMP, session=SESSION_KEY)
    assert (call.api_key, call.logged_on) == ("", False)


def test_only_a_session_subscribes_without_a_signature() -> None:
    assert call_of("userDataStream.subscribe", session=SESSION_KEY).api_key == SESSION_KEY
    assert not call_of("userDataStream.subscribe").logged_on
    assert call_of("userDataStream.subscribe", {"apiKey": KEY}).fault is not None


def test_listen_keys_want_the_api_key_alone_and_take_the_sessions() -> None:
    assert call_of("userDataStream.start", {"apiKey": KEY}).api_key == KEY
    assert call_of("userDataStream.start", session=SESSION_KEY).api_key == SESSION_KEY


@pytest.mark.parametrize(
    ("method", "params", "read", "sent"),
    [
        ("ping", {"apiKey": KEY}, 0, 1),
        ("time", {"a": 1, "b": 2, "returnRateLimits": True}, 1, 3),
        ("avgPrice", {"symbol": "BTCUSDT", "x": 1}, 1, 2),
        ("avgPrice", {"symbol": "BTCUSDT", "returnRateLimits": True, "signature": "s"}, 2, 3),
        ("account.status", STAMP | {"apiKey": KEY, "signature": "s", "x": 1}, 3, 4),
        ("userDataStream.subscribe", {"apiKey": KEY}, 0, 1),
        ("userDataStream.start", {"apiKey": KEY, "signature": "s"}, 1, 2),
    ],
)
def test_parameters_that_nobody_reads_are_counted_among_all(method: str, params: dict[str, Any], read: int, sent: int) -> None:
    assert call_of(method, params).fault == Fault(RequestFault.UNREAD_PARAMETERS, (str(read), str(sent)))


@pytest.mark.parametrize("value", [True, False, "true", "false", "True", "False"])
def test_showing_limits_is_a_boolean(value: Any) -> None:
    assert call_of("ping", {"returnRateLimits": value}).fault is None


@pytest.mark.parametrize("value", [1, None, "yes", []])
def test_showing_limits_is_nothing_else(value: Any) -> None:
    assert call_of("ping", {"returnRateLimits": value}).fault == Fault(RequestFault.INVALID_PARAMETER, ("returnRateLimits",))


def test_values_of_json_are_read_as_texts_are() -> None:
    texts = {"symbol": "BTCUSDT", "interval": "1m", "limit": "5", "startTime": "1700000000000"}
    values = texts | {"limit": 5, "startTime": 1_700_000_000_000}
    assert call_of("klines", values).params == call_of("klines", texts).params
    listed = call_of("ticker.price", {"symbols": ["BTCUSDT", "ETHBTC"]})
    assert listed.params == call_of("ticker.price", {"symbols": '["BTCUSDT","ETHBTC"]'}).params
    assert listed.params["symbols"] == ("BTCUSDT", "ETHBTC")


def test_null_is_as_good_as_nothing() -> None:
    assert call_of("avgPrice", {"symbol": None}).fault == Fault(RequestFault.MISSING_PARAMETER, ("symbol",))
    assert call_of("depth", {"symbol": "BTCUSDT", "limit": None}).fault == Fault(RequestFault.EMPTY_PARAMETER, ("limit",))


def test_a_missing_key_is_a_missing_parameter_and_a_malformed_one_is_malformed() -> None:
    malformed = Denied(Fault(RequestFault.BAD_API_KEY_FORMAT), START)
    missing = told_of_key(malformed, call_of("account.status", STAMP))
    assert missing.reason == Fault(RequestFault.MISSING_PARAMETER, ("apiKey",))
    assert told_of_key(malformed, call_of("account.status", STAMP | {"apiKey": "short"})) is malformed
    other = Denied(Fault(RequestFault.REJECTED_KEY), START)
    assert told_of_key(other, call_of("account.status", STAMP)) is other
