"""Control messages: what they ask for, and how they are refused."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papernet.protocols.subscriptions.requests import Method, Request, error, error_of_nobody, is_unsigned, read_request, result

METHODS = "`SUBSCRIBE`, `UNSUBSCRIBE`, `LIST_SUBSCRIPTIONS`, `SET_PROPERTY`, `GET_PROPERTY`"


def refusal(text: str) -> Any:
    reply = read_request(text)
    assert isinstance(reply, bytes), reply
    return json.loads(reply)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            '{"method":"SUBSCRIBE","params":["btcusdt@aggTrade","btcusdt@depth"],"id":1}',
            Request(Method.SUBSCRIBE, 1, ("btcusdt@aggTrade", "btcusdt@depth")),
        ),
        ('{"id":"a-B_9","params":["x"],"method":"UNSUBSCRIBE"}', Request(Method.UNSUBSCRIBE, "a-B_9", ("x",))),
        ('{"method":"LIST_SUBSCRIPTIONS","id":null}', Request(Method.LIST_SUBSCRIPTIONS, None)),
        ('{"method":"LIST_SUBSCRIPTIONS","params":[],"id":0}', Request(Method.LIST_SUBSCRIPTIONS, 0)),
        (
            '{"method":"LIST_SUBSCRIPTIONS","params":null,"id":-9223372036854775808}',
            Request(Method.LIST_SUBSCRIPTIONS, -(2**63)),
        ),
        ('{"method":"SET_PROPERTY","params":["combined",true],"id":5}', Request(Method.SET_PROPERTY, 5, combined=True)),
        ('{"method":"SET_PROPERTY","params":["combined",false],"id":5}', Request(Method.SET_PROPERTY, 5)),
        ('{"method":"GET_PROPERTY","params":["combined"],"id":9223372036854775807}', Request(Method.GET_PROPERTY, 2**63 - 1)),
        # what clients send besides is not looked at
        ('{"method":"SUBSCRIBE","params":["a"],"id":1,"jsonrpc":"2.0"}', Request(Method.SUBSCRIBE, 1, ("a",))),
        ('{"method":"SUBSCRIBE","id":1}', Request(Method.SUBSCRIBE, 1)),
        ('{"method":"SUBSCRIBE","params":[],"id":1}', Request(Method.SUBSCRIBE, 1)),
        (
            f'{{"method":"SUBSCRIBE","params":["币usdt@trade"],"id":"{"x" * 36}"}}',
            Request(Method.SUBSCRIBE, "x" * 36, ("币usdt@trade",)),
        ),
    ],
)
def test_a_message_is_a_request(text: str, expected: Request) -> None:
    assert read_request(text) == expected


@pytest.mark.parametrize(
    "told",
    [
        "1.5",
        "1.0",
        "1e2",
        "true",
        "[]",
        "{}",
        '""',
        f'"{"x" * 37}"',
        '"a b"',
        '"é"',
        '"a.b"',
        "9223372036854775808",
        "-9223372036854775809",
    ],
)
def test_an_id_of_another_kind_is_refused_and_told_as_null(told: str) -> None:
    assert refusal(f'{{"method":"LIST_SUBSCRIPTIONS","id":{told}}}') == {
        "error": {"code": 2, "msg": "Invalid request: request ID must be an unsigned integer"},
        "id": None,
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            '{"method":"SUBSCRIBE","params":"btcusdt@trade","id":1}',
            'invalid type: string "btcusdt@trade", expected a sequence at line 1 column 46',
        ),
        ('{"method":"SUBSCRIBE","params":{},"id":1}', "invalid type: map, expected a sequence at line 1 column 33"),
        (
            '{"method":"SET_PROPERTY","params":true,"id":1}',
            "invalid type: boolean `true`, expected a sequence at line 1 column 38",
        ),
        ('{"method":"SUBSCRIBE","params":["a",1],"id":1}', "invalid type: integer `1`, expected a string"),
        ('{"method":"SUBSCRIBE","params":[1.5],"id":1}', "invalid type: floating point `1.5`, expected a string"),
        ('{"method":"UNSUBSCRIBE","params":[null],"id":1}', "invalid type: null, expected a string"),
        ('{"method":"UNSUBSCRIBE","params":[["a"]],"id":1}', "invalid type: sequence, expected a string"),
        (
            '{"method":7,"id":1}',
            f"unknown variant `7`, expected one of {METHODS} at line 1 column 11",
        ),
        (
            '{"method":[ 1e9 ],"id":1}',
            f"unknown variant `[ 1e9 ]`, expected one of {METHODS} at line 1 column 17",
        ),
    ],
)
def test_mistaken_types_are_told(text: str, message: str) -> None:
    assert refusal(text) == {"error": {"code": 2, "msg": f"Invalid request: {message}"}, "id": 1}


@pytest.mark.parametrize("text", ["[]", "1", '"SUBSCRIBE"', "null", '["SUBSCRIBE",[],1]'])
def test_what_is_no_object_has_no_method(text: str) -> None:
    assert refusal(text) == {
        "error": {"code": 2, "msg": f"Invalid request: missing field `method` at line 1 column {len(text)}"},
        "id": None,
    }


@pytest.mark.parametrize("depth", [127, 128, 900, 100_000])
@pytest.mark.parametrize(
    "form", ['{{"x":{0},"id":1}}', '{{"method":{0},"id":1}}', '{{"method":"SUBSCRIBE","params":{{"x":{0}}},"id":1}}', "{0}"]
)
def test_deep_nesting_is_refused_like_anything_else(depth: int, form: str) -> None:
    assert refusal(form.format("[" * depth + "]" * depth))["error"]["code"] in (2, 3)


def test_the_reply_to_a_request_has_its_result_first_and_then_its_id() -> None:
    assert result(None, 1) == b'{"result":null,"id":1}'
    assert result(["btcusdt@aggTrade", "币"], "x") == '{"result":["btcusdt@aggTrade","币"],"id":"x"}'.encode()
    assert result(True, None) == b'{"result":true,"id":null}'
    assert error((4, "Too many subscriptions"), 19) == b'{"error":{"code":4,"msg":"Too many subscriptions"},"id":19}'
    assert error_of_nobody((3, 'x "y"')) == b'{"error":{"code":3,"msg":"x \\"y\\""}}'


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(["combined", "SUBSCRIBE"]),
    lambda of: st.lists(of, max_size=3) | st.dictionaries(st.text(max_size=3), of, max_size=3),
    max_leaves=6,
)
messages = st.fixed_dictionaries(
    {},
    optional={
        "method": st.sampled_from(list(Method)) | values,
        "params": st.lists(values, max_size=3) | values,
        "id": st.integers(-(2**64), 2**64) | st.none() | values,
        "more": values,
    },
)


@given(messages.map(json.dumps) | values.map(json.dumps) | st.text())
def test_whatever_arrives_is_a_request_or_gets_one_error(text: str) -> None:
    read = read_request(text)
    if isinstance(read, Request):
        assert json.loads(text)["method"] == read.method
        return
    reply = json.loads(read)
    assert set(reply) <= {"error", "id"}
    assert set(reply["error"]) == {"code", "msg"}
    assert ("id" in reply) == (reply["error"]["code"] != 3)
    if reply.get("id") is not None:
        assert reply["id"] == json.loads(text)["id"]


# A text this long is not looked through for the place of what is wrong.
PADDING = " " * 4_096


@pytest.mark.parametrize(
    ("message", "code", "words"),
    [
        ("{" + PADDING, 3, "Invalid JSON: expected value"),
        ('{"id":1}' + PADDING, 2, "Invalid request: missing field `method`"),
        (
            '{"method":"SUBSCRIBED","id":1}' + PADDING,
            2,
            f"Invalid request: unknown variant `SUBSCRIBED`, expected one of {METHODS}",
        ),
        ('{"method":[7],"id":1}' + PADDING, 2, None),
        ('{"method":"SUBSCRIBE","params":7,"id":1}' + PADDING, 2, None),
    ],
)
def test_of_a_long_message_it_is_not_told_where_it_is_wrong(message: str, code: int, words: str | None) -> None:
    told = refusal(message)["error"]
    assert told["code"] == code
    assert "column" not in told["msg"]
    assert words in (None, told["msg"])


@pytest.mark.parametrize("value", ["0", "1", "4294967295", "18446744073709551615"])
def test_where_ids_are_unsigned_integers_only_those_are_taken(value: str) -> None:
    request = read_request(f'{{"method":"LIST_SUBSCRIPTIONS","id":{value}}}', is_unsigned)
    assert request == Request(Method.LIST_SUBSCRIPTIONS, int(value))


@pytest.mark.parametrize("value", ["-1", "18446744073709551616", '"1"', "null", "true", "1.0"])
def test_where_ids_are_unsigned_integers_any_other_is_refused(value: str) -> None:
    reply = read_request(f'{{"method":"LIST_SUBSCRIPTIONS","id":{value}}}', is_unsigned)
    assert isinstance(reply, bytes)
    assert json.loads(reply) == {
        "error": {"code": 2, "msg": "Invalid request: request ID must be an unsigned integer"},
        "id": None,
    }
