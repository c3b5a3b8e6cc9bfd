"""The opening handshake: what is agreed to, what is told, and what is declined how."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.utils import accept_key

from papernet.protocols.websocket.handshake import Accepted, Declined, read_handshake
from tests.support.raw_websocket import KEY, request


def test_a_handshake_is_accepted_and_told() -> None:
    answer = read_handshake(request("/stream?streams=btcusdt@trade&x=%21", ("X-MBX-APIKEY", "ké")))
    assert isinstance(answer, Accepted)
    status, *headers = answer.response.decode().removesuffix("\r\n\r\n").split("\r\n")
    assert status == "HTTP/1.1 101 Switching Protocols"
    told = dict(header.split(": ", 1) for header in headers)
    assert told.pop("Date")
    assert told == {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Accept": accept_key(KEY)}
    handshake = answer.handshake
    assert (handshake.path, handshake.query) == ("/stream", b"streams=btcusdt@trade&x=%21")
    assert handshake.headers[b"x-mbx-apikey"] == "ké".encode("latin-1")
    assert handshake.headers[b"host"] == b"localhost"


@pytest.mark.parametrize(
    ("target", "path", "query"),
    [
        ("/ws", "/ws", b""),
        ("/ws?", "/ws", b""),
        ("/ws/%21miniTicker%40arr?timeUnit=MICROSECOND", "/ws/!miniTicker@arr", b"timeUnit=MICROSECOND"),
        ("/ws/%E5%B8%81usdt@trade", "/ws/币usdt@trade", b""),
        ("/ws/%FF", "/ws/\ufffd", b""),
        ("/ws/a?b?c", "/ws/a", b"b?c"),
        ("//ws", "//ws", b""),
    ],
)
def test_a_target_is_a_path_and_a_query(target: str, path: str, query: bytes) -> None:
    answer = read_handshake(request(target))
    assert isinstance(answer, Accepted)
    assert (answer.handshake.path, answer.handshake.query) == (path, query)


def test_nothing_that_is_offered_is_agreed_to() -> None:
    offers = (("Sec-WebSocket-Extensions", "permessage-deflate"), ("Sec-WebSocket-Protocol", "binance, json"))
    answer = read_handshake(request("/ws", *offers))
    assert isinstance(answer, Accepted)
    assert b"deflate" not in answer.response
    assert b"Sec-WebSocket-Protocol" not in answer.response


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (request("/ws", ("Sec-WebSocket-Key", None)), 400),
        (request("/ws", ("Sec-WebSocket-Key", "short")), 400),
        (request("/ws", ("Sec-WebSocket-Key", "x" * 24)), 400),
        (request("/ws", ("Sec-WebSocket-Version", None)), 400),
        (request("/ws", ("Sec-WebSocket-Version", "8")), 400),
        (request("/ws", ("Connection", "keep-alive")), 426),
        (request("/ws", ("Upgrade", "h2c")), 426),
        (request("/ws", ("Upgrade", "websocket, h2c")), 426),
        (request("/ws", method="POST"), 405),
        (request("/ws", version="1.0"), 505),
        (request("/ws", ("Content-Length", "3")), 400),
        (request("/" + "x" * 9_000), 414),
        (request("/ws", ("X", "y" * 9_000)), 431),
        (request("/ws", *((f"X-{number}", "y") for number in range(200))), 431),
        (b"\r\n\r\n", 400),
        (b"GET /\xff HTTP/1.1\r\n\r\n", 400),
    ],
)
def test_what_is_no_handshake_is_declined(head: bytes, status: int) -> None:
    answer = read_handshake(head)
    assert isinstance(answer, Declined)
    assert answer.response.startswith(b"HTTP/1.1 %d " % status)
    assert b"connection: close" in answer.response.lower()


@given(st.binary(max_size=200))
def test_no_head_raises(noise: bytes) -> None:
    assert isinstance(read_handshake(noise + b"\r\n\r\n"), Declined)
