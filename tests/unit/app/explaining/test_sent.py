"""What a kept call sent, whatever door it came through."""

import pytest

from papernet.app.explaining.sent import is_message, sent_parameters
from papernet.app.request_log import Record


def record(door: str, query: bytes, body: bytes) -> Record:
    return Record(1, 0, door, "", "", "", 0, 0, query=query, body=body)


def test_a_form_is_read_query_first() -> None:
    assert sent_parameters(record("rest", b"a=1&b=%20x&a=2", b"a=3&c=&d=%ff")) == {"a": "1", "b": " x", "c": "", "d": "�"}
    assert not is_message(record("options-rest", b"", b""))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            b'{"id":1,"method":"m","params":{"a":"x","b":1.50,"c":true,"d":["e"]}}',
            {"a": "x", "b": "1.5", "c": "true", "d": '["e"]'},
        ),
        (b'{"params":[1]}', {}),
        (b"[]", {}),
        (b"{", {}),
        (b"[" * 5000, {}),
    ],
)
def test_a_message_is_read_as_far_as_it_is_one(body: bytes, expected: dict[str, str]) -> None:
    assert is_message(record("ws-api", b"", body))
    assert sent_parameters(record("ws-api", b"", body)) == expected
