"""How the control plane words its answers, and what it finds in a query."""

import pytest
from msgspec import json

from papernet.control import messages
from papernet.control.bodies import BadBodyError
from papernet.control.messages import ControlRequest
from papernet.core.events import Applied, KeyRevoked, Refused
from papernet.core.rejects import Reason, Reject


def asked(query: bytes) -> ControlRequest:
    return ControlRequest("GET", "/papernet/v1/keys", query, {}, b"", local=True)


def test_a_field_of_a_query() -> None:
    assert messages.query(asked(b"account=d%61ve&x=1"), "account") == "dave"
    assert messages.query(asked(b"x=1"), "account") == ""
    assert messages.query(asked(b"account=\xff"), "account") == "\ufffd"
    with pytest.raises(BadBodyError, match="too many fields"):
        messages.query(asked(b"a=1&" * 30), "a")


def test_an_answer_waits_for_what_was_applied() -> None:
    assert messages.ok([1]).durable_seq == 0
    answer = messages.ok([1], Applied(7, 1, (KeyRevoked("x"),)))
    assert (answer.status, answer.durable_seq, answer.body) == (200, 7, b"[1]")


def test_a_wrong_method_is_told_the_right_ones() -> None:
    answer = messages.error(405, "use GET", allow="GET")
    assert (b"allow", b"GET") in answer.headers
    assert json.decode(answer.body) == {"error": "use GET"}


@pytest.mark.parametrize(
    ("reason", "status", "text"),
    [
        (Reason.UNKNOWN_SYMBOL, 404, "there is no such symbol"),
        (Reason.DUPLICATE_KEY, 409, "that API key exists"),
        (Reason.BAD_SYMBOL_SPEC, 400, "bad_symbol_spec"),
    ],
)
def test_refusals(reason: Reason, status: int, text: str) -> None:
    answer = messages.outcome(Applied(1, 1, (Refused(Reject(reason)),)))
    assert answer is not None
    assert (answer.status, json.decode(answer.body)) == (status, {"error": text})


def test_what_was_done_is_no_refusal() -> None:
    assert messages.outcome(Applied(1, 1, (KeyRevoked("x"),))) is None
