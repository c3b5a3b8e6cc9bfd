"""Control messages of the streams against the documents (web-socket-streams.md, Live Subscribing/Unsubscribing to streams)."""

import json
from typing import Any

import pytest

from tests.support.stream_desk import Desk

METHODS = "`SUBSCRIBE`, `UNSUBSCRIBE`, `LIST_SUBSCRIPTIONS`, `SET_PROPERTY`, `GET_PROPERTY`"

# Every row of the table Error Messages: a message, and the code and words that it gets. Where the documents show lines and
# columns of messages that they do not show, these are the places in the messages here.
ERRORS = [
    ('{"method":"SET_PROPERTY","params":["speed",true],"id":9}', 0, "Unknown property"),
    ('{"method":"GET_PROPERTY","params":["speed"],"id":9}', 0, "Unknown property"),
    ('{"method":"SET_PROPERTY","params":["combined","true"],"id":9}', 1, "Invalid value type: expected Boolean"),
    ('{"method":"SET_PROPERTY","params":["combined",1],"id":9}', 1, "Invalid value type: expected Boolean"),
    ('{"method":"SET_PROPERTY","params":["combined",null],"id":9}', 1, "Invalid value type: expected Boolean"),
    ('{"method":"SET_PROPERTY","params":["combined"],"id":9}', 1, "Invalid value type: expected Boolean"),
    ('{"method":"SET_PROPERTY","params":[true,true],"id":9}', 2, "Invalid request: property name must be a string"),
    ('{"method":"SET_PROPERTY","params":[true],"id":9}', 2, "Invalid request: property name must be a string"),
    ('{"method":"GET_PROPERTY","params":[1],"id":9}', 2, "Invalid request: property name must be a string"),
    # the property's name was not provided
    ('{"method":"GET_PROPERTY","params":[],"id":9}', 2, "Invalid request: property name must be a string"),
    ('{"method":"GET_PROPERTY","id":9}', 2, "Invalid request: property name must be a string"),
    ('{"method":"SET_PROPERTY","id":9}', 2, "Invalid request: property name must be a string"),
    ('{"method":"SUBSCRIBE","params":["a@trade"]}', 2, "Invalid request: request ID must be an unsigned integer"),
    ('{"method":"SUBSCRIBE","params":["a@trade"],"id":1.5}', 2, "Invalid request: request ID must be an unsigned integer"),
    ('{"method":"GET_PROPERTY","params":[1],"id":[9]}', 2, "Invalid request: request ID must be an unsigned integer"),
    # the documented column, of a method with fifteen letters
    (
        '{"method": "subscribestream", "params": ["a@trade"], "id": 9}',
        2,
        f"Invalid request: unknown variant `subscribestream`, expected one of {METHODS} at line 1 column 28",
    ),
    (
        '{\n  "id": 9,\n  "method": "subscribe"\n}',
        2,
        f"Invalid request: unknown variant `subscribe`, expected one of {METHODS} at line 3 column 23",
    ),
    ('{"method":"GET_PROPERTY","params":["combined","speed"],"id":9}', 2, "Invalid request: too many parameters"),
    ('{"method":"SET_PROPERTY","params":["combined",true,1],"id":9}', 2, "Invalid request: too many parameters"),
    ('{"method":"LIST_SUBSCRIPTIONS","params":["a@trade"],"id":9}', 2, "Invalid request: too many parameters"),
    # the documented column, of a message as long
    (
        '{"params": ["bnbusdt@aggTrade","btcusdt@aggTrade","ethusdt@depth"],"id":9}'.replace(" ", ""),
        2,
        "Invalid request: missing field `method` at line 1 column 73",
    ),
    ('{"id":9,\n\n"params":[]\n}', 2, "Invalid request: missing field `method` at line 4 column 1"),
    ("hello", 3, "Invalid JSON: expected value at line 1 column 1"),
    ('{"method": SUBSCRIBE}', 3, "Invalid JSON: expected value at line 1 column 12"),
    ('{"method": "SUBSCRIBE",\n "params": [,], "id": 9}', 3, "Invalid JSON: expected value at line 2 column 13"),
]


@pytest.mark.parametrize(("message", "code", "words"), ERRORS)
def test_every_documented_error_is_told_in_its_words(message: str, code: int, words: str) -> None:
    reply = json.loads(Desk().say(message))
    assert reply["error"] == {"code": code, "msg": words}


@pytest.mark.parametrize(("message", "code", "words"), ERRORS)
def test_an_error_tells_which_request_it_is_about_and_changes_nothing(message: str, code: int, words: str) -> None:
    desk = Desk(url="/stream?streams=btcusdt@depth")
    reply = json.loads(desk.say(message))
    if code == 3:
        assert list(reply) == ["error"]
    else:
        assert list(reply) == ["error", "id"]
        assert reply["id"] == (None if "request ID" in words else 9)
    assert desk.ask("LIST_SUBSCRIPTIONS") == ["btcusdt@depth"]
    assert desk.ask("GET_PROPERTY", "combined") is True
    assert desk.outside.end is None


def test_a_connection_may_be_asked_what_the_documents_show() -> None:
    desk = Desk()

    def ask(request: dict[str, Any]) -> Any:
        return json.loads(desk.say(json.dumps(request, indent=2)))

    subscribe = {"method": "SUBSCRIBE", "params": ["btcusdt@aggTrade", "btcusdt@depth"], "id": 1}
    assert ask(subscribe) == {"result": None, "id": 1}
    assert ask({"method": "UNSUBSCRIBE", "params": ["btcusdt@depth"], "id": 312}) == {"result": None, "id": 312}
    assert ask({"method": "LIST_SUBSCRIPTIONS", "id": 3}) == {"result": ["btcusdt@aggTrade"], "id": 3}
    assert ask({"method": "SET_PROPERTY", "params": ["combined", True], "id": 5}) == {"result": None, "id": 5}
    assert ask({"method": "GET_PROPERTY", "params": ["combined"], "id": 2}) == {"result": True, "id": 2}


@pytest.mark.parametrize("request_id", [0, 1, -1, 2**63 - 1, -(2**63), None, "abc", "x" * 36, "123"])
def test_ids_of_every_documented_kind_come_back_as_they_were(request_id: int | str | None) -> None:
    message = json.dumps({"method": "LIST_SUBSCRIPTIONS", "id": request_id})
    assert Desk().say(message) == b'{"result":[],"id":%b}' % json.dumps(request_id).encode()
