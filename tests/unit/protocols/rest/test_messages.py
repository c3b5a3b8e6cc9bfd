"""What REST doors do alike: read a request by its row, and put an answer into a response."""

from papernet.app.faults import Fault, RequestFault
from papernet.app.operations import OPERATIONS
from papernet.protocols.json.outcomes import Rendered
from papernet.protocols.rest.messages import decode, respond
from papernet.protocols.rest.request import Request

NAMES = (b"x-short", b"x-long")


def request(query: bytes, body: bytes = b"", method: str = "GET") -> Request:
    return Request(method, "/anywhere", query, {b"x-mbx-apikey": b"key"}, body, "192.0.2.7", 5)


def test_a_call_has_what_was_sent() -> None:
    call = decode(request(b"symbol=BTCUSDT&limit=5"), OPERATIONS["depth"])
    assert (call.params["symbol"], call.params["limit"], call.fault) == ("BTCUSDT", 5, None)
    assert (call.api_key, call.ip, call.received_at) == ("key", "192.0.2.7", 5)


def test_what_is_wrong_is_the_calls_fault() -> None:
    assert decode(request(b"symbol=%FF"), OPERATIONS["depth"]).fault == Fault(RequestFault.UNDECODABLE)
    missing = decode(request(b""), OPERATIONS["depth"])
    assert (missing.fault, missing.api_key) == (Fault(RequestFault.MISSING_PARAMETER, ("symbol",)), "key")


def test_the_body_of_a_get_says_nothing() -> None:
    assert decode(request(b"", b"symbol=BTCUSDT"), OPERATIONS["depth"]).fault is not None
    assert decode(request(b"", b"symbol=BTCUSDT", "POST"), OPERATIONS["depth"]).fault is None


def test_every_response_tells_the_used_weight_and_nothing_that_is_not() -> None:
    response = respond(Rendered(200, b"{}", 7), 12, NAMES)
    headers = dict(response.headers)
    assert (headers[b"x-mbx-used-weight"], headers[b"x-mbx-used-weight-1m"]) == (b"12", b"12")
    assert headers[b"content-type"] == b"application/json;charset=UTF-8"
    assert (response.status, response.body, response.durable_seq) == (200, b"{}", 7)
    assert not headers.keys() & {b"x-short", b"x-long", b"retry-after", b"allow"}


def test_counts_waits_and_methods_are_told_where_there_are_some() -> None:
    response = respond(
        Rendered(405, b"", 0, 9, (3, 4)), 0, NAMES, allowed="GET, POST", content_type=(b"content-type", b"text/csv")
    )
    headers = dict(response.headers)
    assert (headers[b"x-short"], headers[b"x-long"], headers[b"retry-after"]) == (b"3", b"4", b"9")
    assert (headers[b"allow"], headers[b"content-type"]) == (b"GET, POST", b"text/csv")
