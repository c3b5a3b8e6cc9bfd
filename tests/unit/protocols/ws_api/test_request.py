"""Messages: ids that are echoed, texts of parameters, what is signed, and everything that is no request."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papernet.app.authentication import Authenticator
from papernet.app.faults import Fault, RequestFault
from papernet.core.commands import RegisterKey
from papernet.core.enums import KeyType, Permission
from papernet.protocols.ws_api.request import Message, read_message, signed_payload

PUBLISHED = json.loads((Path(__file__).parents[3] / "vectors" / "signing" / "ws_api_published.json").read_text("utf-8"))
IDS = "an integer, a string matching '^[a-zA-Z0-9-_]{1,36}$', or null"
MALFORMED = Fault(RequestFault.MALFORMED_MESSAGE)
DUPLICATE = Fault(RequestFault.DUPLICATE_PARAMETER)


def bad(field: str, expected: str) -> Fault:
    return Fault(RequestFault.BAD_MESSAGE_FIELD, (field, expected))


def params_of(text: str) -> dict[str, str]:
    message = read_message('{"id":1,"method":"m","params":' + text + "}")
    assert message.fault is None, message
    return message.params


@pytest.mark.parametrize(
    ("sent", "echoed"),
    [
        ("1", b"1"),
        ("0", b"0"),
        ("-5", b"-5"),
        ("9223372036854775807", b"9223372036854775807"),
        ("null", b"null"),
        ('"e2a85d9f-07a5-4f94-8d5f-789dc3deb097"', b'"e2a85d9f-07a5-4f94-8d5f-789dc3deb097"'),
        ('"7"', b'"7"'),
        ('"A_b-9"', b'"A_b-9"'),
        ('"\\u0041"', b'"A"'),
    ],
)
def test_ids_are_echoed_with_their_type(sent: str, echoed: bytes) -> None:
    assert read_message(f'{{"id":{sent},"method":"ping"}}') == Message(echoed, "ping")


@pytest.mark.parametrize(
    "sent",
    ["1.5", "1e3", "true", "[]", "{}", '""', '"a b"', '"é"', f'"{"x" * 37}"', "9223372036854775808", "-9223372036854775809"],
)
def test_what_cannot_be_an_id_is_refused_with_none(sent: str) -> None:
    assert read_message(f'{{"id":{sent},"method":"ping"}}') == Message(fault=bad("id", IDS))


def test_an_id_is_needed() -> None:
    assert read_message('{"method":"ping"}') == Message(fault=bad("id", IDS))


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "{", "ping", "[]", "null", "1", '"x"', '{"id":1}}', "{'id':1}", '{"id":NaN}', '{"id":1,}', "[" * 5_000),
        '{"id":' + "[" * 3_000 + "]" * 3_000 + "}",
        '{"id":1,"method":"m","params":{"a":' + "9" * 5_000 + "}}",
    ],
)
def test_what_is_no_json_object_is_malformed(text: str) -> None:
    assert read_message(text) == Message(fault=MALFORMED)


@pytest.mark.parametrize("sent", ["1", "null", "[]", "{}", "1.5"])
def test_a_method_is_text(sent: str) -> None:
    assert read_message(f'{{"id":7,"method":{sent}}}') == Message(b"7", fault=bad("method", "a string"))
    assert read_message('{"id":7}') == Message(b"7", fault=bad("method", "a string"))


@pytest.mark.parametrize("sent", ["[]", "1", '"a"', "true", "1.5"])
def test_parameters_are_an_object(sent: str) -> None:
    message = read_message(f'{{"id":7,"method":"m","params":{sent}}}')
    assert message == Message(b"7", "m", fault=bad("params", "an object"))


def test_parameters_can_be_left_out() -> None:
    for text in ('{"id":1,"method":"m"}', '{"id":1,"method":"m","params":null}', '{"id":1,"method":"m","params":{}}'):
        assert read_message(text) == Message(b"1", "m", {})


def test_other_members_of_a_message_are_of_no_interest() -> None:
    assert read_message('{"jsonrpc":"2.0","id":1,"method":"m","params":{"a":"b"}}') == Message(b"1", "m", {"a": "b"})


def test_values_become_the_text_that_was_sent() -> None:
    sent = '{"s":"a\\"b","i":1700000000000,"n":-3,"f":47976.0,"z":0.10,"e":1e-05,"t":true,"o":false,"x":null}'
    assert params_of(sent) == {
        "s": 'a"b',
        "i": "1700000000000",
        "n": "-3",
        "f": "47976.0",
        "z": "0.10",
        "e": "1e-05",
        "t": "true",
        "o": "false",
        "x": "",
    }


def test_lists_become_compact_json() -> None:
    assert params_of('{"symbols": [ "BTCUSDT", "１２３" ], "o": {"a": [1, null]}}') == {
        "symbols": '["BTCUSDT","１２３"]',
        "o": '{"a":[1,null]}',
    }


@pytest.mark.parametrize("number", ["1.5", "1e5", "0.10", "-1E-05", "9" * 30, "-" + "9" * 30, "18446744073709551615", "1e999"])
def test_numbers_stay_as_they_were_written_within_lists_and_objects_too(number: str) -> None:
    assert params_of(f'{{"a":[{number}],"b":{{"x":{number}}},"c":{number}}}') == {
        "a": f"[{number}]",
        "b": f'{{"x":{number}}}',
        "c": number,
    }


@pytest.mark.parametrize(
    "params",
    ['{"a":1,"a":1}', '{"a":"x:y","b":1,"a":2}', '{"a":{"b":1,"b":2}}'],
)
def test_two_parameters_of_one_name_are_refused(params: str) -> None:
    assert read_message('{"id":1,"method":"m","params":' + params + "}") == Message(b"1", "m", fault=DUPLICATE)


def test_colons_in_texts_are_no_duplicates() -> None:
    assert params_of('{"newClientOrderId":"a:b:c","x":"::"}') == {"newClientOrderId": "a:b:c", "x": "::"}


@pytest.mark.parametrize("case", PUBLISHED["cases"], ids=lambda case: case["name"])
def test_the_published_examples_are_signed_as_published(case: dict[str, Any]) -> None:
    key = RegisterKey(1, case["params"]["apiKey"], KeyType.HMAC, PUBLISHED["secret"], (Permission.TRADE,))
    for ascii_only in (True, False):
        text = json.dumps(case["params"] | {"signature": case["signature"]}, ensure_ascii=ascii_only)
        payload = signed_payload(params_of(text))
        assert Authenticator().is_valid(key, payload, case["signature"])
        assert not Authenticator().is_valid(key, payload + b" ", case["signature"])


def test_what_is_signed_is_sorted_by_name_without_the_signature() -> None:
    params = params_of('{"b":2,"signature":"s","a":"x&y=z","B":true,"list":["p"]}')
    assert signed_payload(params) == b'B=true&a=x&y=z&b=2&list=["p"]'


@given(st.text())
def test_no_text_breaks_reading(text: str) -> None:
    assert read_message(text).fault is not None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["id", "method", "params", "other"]), JSON), st.booleans())
def test_whatever_json_arrives_there_is_one_message(fields: dict[str, Any], spaced: bool) -> None:
    message = read_message(json.dumps(fields, separators=(", ", " : ") if spaced else (",", ":")))
    if message.fault is None:
        assert json.loads(message.id) == fields["id"]
        assert message.method == fields["method"]
        assert list(message.params) == list(fields.get("params") or {})
        assert all(isinstance(value, str) for value in message.params.values())
    signed_payload(message.params)
