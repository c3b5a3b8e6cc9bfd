"""RFC 6455 over real sockets: what a server has to answer to frames good and bad, one table row a case.

Every case ends with the connection's end, so what a server says is known whole: all frames until its side is closed.
"""

import asyncio
import socket
import threading
from collections.abc import Iterator
from typing import NamedTuple

import pytest
import uvloop

from papernet.app.rate_limits import RateLimits
from papernet.protocols.websocket.peer import Door, Rules
from papernet.servers.hosts import LOOPBACK_NAMES, HostPolicy
from papernet.servers.transport import HttpServer, bind
from papernet.servers.websocket import WebSocketHub
from tests.support.http_fakes import Site
from tests.support.raw_websocket import (
    BINARY,
    CLOSE,
    CONT,
    PING,
    PONG,
    TEXT,
    EchoDoor,
    Frame,
    RawClient,
    client_frame,
    close,
    closing,
    text,
)

MESSAGE_MAX = 70_000


class Case(NamedTuple):
    """What a client sends, packet by packet, and what it gets: frames, then the code of the close (0: no close frame)."""

    name: str
    packets: tuple[bytes, ...]
    echoes: tuple[Frame, ...]
    code: int


def case(name: str, *packets: bytes, echoes: tuple[Frame, ...] = (), code: int = 1000) -> Case:
    """Return a case; one that expects a usual end closes by itself."""
    return Case(name, (*packets, close()) if code == 1000 else packets, echoes, code)


def said(*messages: str) -> tuple[Frame, ...]:
    return tuple(Frame(TEXT, message.encode()) for message in messages)


def fragments(message: bytes, *ends: int, opcode: int = TEXT) -> list[bytes]:
    """Return a message in frames that end at `ends` and with the message."""
    starts = (0, *ends)
    stops = (*ends, len(message))
    return [
        client_frame(CONT if start_index else opcode, message[start:stop], fin=stop_index == len(stops) - 1)
        for (start_index, start), (stop_index, stop) in zip(enumerate(starts), enumerate(stops), strict=True)
    ]


def bytewise(data: bytes) -> tuple[bytes, ...]:
    return tuple(bytes((byte,)) for byte in data)


def lengths() -> Iterator[Case]:
    for size in (0, 1, 2, 124, 125, 126, 127, 128, 255, 256, 65_534, 65_535, 65_536, 65_537, MESSAGE_MAX):
        message = "x" * size
        yield case(f"a message of {size} bytes", text(message), echoes=said(message))
    for size in (0, 1, 125, 126):
        message = "y" * size
        yield case(f"a message of {size} bytes, byte by byte", *bytewise(text(message)), echoes=said(message))
    yield case("many messages in one packet", text("a") * 100, echoes=said(*"a" * 100))
    yield case("a message cut in its head", text("x" * 200)[:3], text("x" * 200)[3:], echoes=said("x" * 200))
    yield case("a message cut in its mask", text("abc")[:4], text("abc")[4:], echoes=said("abc"))
    yield case("a message cut in its payload", text("abc")[:8], text("abc")[8:], echoes=said("abc"))
    for size in (0, 1, 125, 126, 65_535, 65_536):
        yield case(f"a binary message of {size} bytes", client_frame(BINARY, b"\xfe" * size), code=1003)
    yield case("a binary message in fragments", *fragments(b"abcd", 1, 2, opcode=BINARY), code=1003)
    yield case("a binary message behind a text", text("a") + client_frame(BINARY, b"b"), echoes=said("a"), code=1003)


def oversize() -> Iterator[Case]:
    for size in (MESSAGE_MAX + 1, 1 << 17, 1 << 31, (1 << 63) - 1, 1 << 63, (1 << 64) - 1):
        yield case(f"a frame that says it has {size} bytes", client_frame(TEXT, size=size), code=1009)
    yield case("a binary frame that is too long", client_frame(BINARY, size=MESSAGE_MAX + 1), code=1009)
    half = b"x" * (MESSAGE_MAX // 2)
    whole = half + half
    yield case("fragments up to the greatest length", *fragments(whole, len(half)), echoes=said(whole.decode()))
    yield case("fragments beyond the greatest length", *fragments(whole + b"x", len(half)), code=1009)
    yield case(
        "many small fragments beyond the greatest length",
        client_frame(TEXT, half, fin=False),
        *[client_frame(CONT, b"x" * 10_000, fin=False)] * 4,
        code=1009,
    )
    yield case("the limit is a message's, not the connection's", *[text("x" * 60_000)] * 3, echoes=said(*["x" * 60_000] * 3))


def control_frames() -> Iterator[Case]:
    for payload in (b"", b"a", b"\x00\xff\xfe", b"x" * 124, b"x" * 125):
        ping, pong = client_frame(PING, payload), client_frame(PONG, payload)
        yield case(f"a ping with {len(payload)} bytes", ping, echoes=(Frame(PONG, payload),))
        yield case(f"a ping with {len(payload)} bytes, byte by byte", *bytewise(ping), echoes=(Frame(PONG, payload),))
        yield case(f"a pong with {len(payload)} bytes that nobody asked for", pong)
        yield case(f"a pong with {len(payload)} bytes, then a ping", pong, client_frame(PING), echoes=(Frame(PONG, b""),))
    yield case("ten pings in one packet", b"".join(client_frame(PING, b"%d" % n) for n in range(10)), echoes=tens())
    yield case("ten pings in ten packets", *(client_frame(PING, b"%d" % n) for n in range(10)), echoes=tens())
    for opcode, name in ((PING, "ping"), (PONG, "pong"), (CLOSE, "close")):
        body = b"\x03\xe8" + b"x" * 124
        yield case(f"a {name} with 126 bytes", client_frame(opcode, body), code=1002)
        yield case(f"a {name} that says it has 65536 bytes", client_frame(opcode, b"x" * 65_536), code=1002)
        yield case(f"a {name} in fragments", client_frame(opcode, body[:2], fin=False), code=1002)


def tens() -> tuple[Frame, ...]:
    return tuple(Frame(PONG, b"%d" % n) for n in range(10))


def reserved() -> Iterator[Case]:
    names = {TEXT: "text", BINARY: "binary", CONT: "continuation", CLOSE: "close", PING: "ping", PONG: "pong"}
    for bits in range(1, 8):
        for opcode, name in names.items():
            bad = client_frame(opcode, b"", reserved=bits)
            yield case(f"reserved bits {bits:03b} on a {name}", bad, code=1002)
        yield case(
            f"reserved bits {bits:03b} behind a text",
            text("a"),
            client_frame(TEXT, b"b", reserved=bits),
            echoes=said("a"),
            code=1002,
        )
    for opcode in (*range(3, 8), *range(11, 16)):
        yield case(f"opcode {opcode}", client_frame(opcode), code=1002)
        yield case(f"opcode {opcode} with a payload", client_frame(opcode, b"payload"), code=1002)
        yield case(
            f"opcode {opcode} behind a text and before a ping",
            text("a") + client_frame(opcode) + client_frame(PING),
            echoes=said("a"),
            code=1002,
        )


def masks() -> Iterator[Case]:
    for opcode, name in (
        (TEXT, "text"),
        (BINARY, "binary"),
        (CONT, "continuation"),
        (PING, "ping"),
        (PONG, "pong"),
        (CLOSE, "close"),
    ):
        yield case(f"a {name} without mask", client_frame(opcode, mask=None), code=1002)
    yield case(
        "a text without mask behind one with", text("a") + client_frame(TEXT, b"b", mask=None), echoes=said("a"), code=1002
    )
    for mask in (b"\x00\x00\x00\x00", b"\xff\xff\xff\xff", b"\x00\x00\x00\x01", b"\x80\x00\x00\x00", b"abcd"):
        for size in (1, 3, 4, 5, 7, 8, 9):
            message = "mask and unmask"[:size]
            yield case(
                f"mask {mask.hex()} over {size} bytes", client_frame(TEXT, message.encode(), mask=mask), echoes=said(message)
            )


def fragmentation() -> Iterator[Case]:
    message = b"a message in pieces"
    whole = said(message.decode())
    ping, pong = client_frame(PING, b"p"), Frame(PONG, b"p")
    for ends in ((1,), (18,), (0,), (19,), (4, 9), (0, 0, 0), (5, 5, 5), tuple(range(1, 19))):
        pieces = fragments(message, *ends)
        yield case(f"fragments that end at {ends}", *pieces, echoes=whole)
        yield case(f"fragments that end at {ends}, in one packet", b"".join(pieces), echoes=whole)
        yield case(f"fragments that end at {ends}, byte by byte", *bytewise(b"".join(pieces)), echoes=whole)
        yield case(
            f"pings between fragments that end at {ends}",
            *with_between(pieces, ping),
            echoes=(*[pong] * (len(pieces) - 1), *whole),
        )
        yield case(f"pongs between fragments that end at {ends}", *with_between(pieces, client_frame(PONG, b"p")), echoes=whole)
    empty = fragments(b"", 0)
    yield case("an empty message in two fragments", *empty, echoes=said(""))
    yield case("two messages in fragments", *fragments(b"ab", 1), *fragments(b"cd", 1), echoes=said("ab", "cd"))
    yield case("a message behind one in fragments", *fragments(b"ab", 1), text("cd"), echoes=said("ab", "cd"))
    first = client_frame(TEXT, b"a", fin=False)
    for fin in (True, False):
        kind = "last" if fin else "middle"
        stray = client_frame(CONT, b"x", fin=fin)
        yield case(f"a {kind} fragment without a first", stray, code=1002)
        yield case(f"a {kind} fragment behind a whole message", text("a"), stray, echoes=said("a"), code=1002)
        yield case(f"a {kind} fragment behind a fragmented message", *fragments(b"ab", 1), stray, echoes=said("ab"), code=1002)
        yield case(f"a {kind} fragment behind a ping", ping, stray, echoes=(pong,), code=1002)
        yield case(f"a new text ({kind}) within a message", first, client_frame(TEXT, b"b", fin=fin), code=1002)
        yield case(
            f"a new text ({kind}) behind a ping within a message",
            first,
            ping,
            client_frame(TEXT, b"b", fin=fin),
            echoes=(pong,),
            code=1002,
        )
    yield case("a close within a message", first, close(), code=1002)
    yield case("an unmasked fragment", first, client_frame(CONT, b"b", mask=None), code=1002)
    yield case("reserved bits on a fragment", first, client_frame(CONT, b"b", reserved=4), code=1002)


def with_between(pieces: list[bytes], what: bytes) -> list[bytes]:
    return [frame for piece in pieces for frame in (piece, what)][:-1]


GOOD_TEXT = {
    "Greek": "κόσμε",
    "Chinese": "币安人生USDT@trade",
    "the first of one byte": "\x00",
    "the last of one byte": "\x7f",
    "the first of two bytes": "\x80",
    "the last of two bytes": "\u07ff",
    "the first of three bytes": "\u0800",
    "the last of three bytes": "\uffff",
    "the first of four bytes": "\U00010000",
    "the last of all": "\U0010ffff",
    "before the surrogates": "\ud7ff",
    "behind the surrogates": "\ue000",
    "the replacement character": "\ufffd",
    "characters that are none": "\ufffe\U0001fffe\U0001ffff\U0010fffe",
    "a byte order mark": "\ufeffa",
    "a flag and a family": "🇨🇭👨‍👩‍👧",
}
BAD_TEXT = {
    "a lone continuation": b"\x80",
    "the last lone continuation": b"\xbf",
    "two lone continuations": b"\x80\xbf",
    "a lead of two without more": b"\xc2",
    "a lead of two before a space": b"\xc2 ",
    "a lead of three without more": b"\xe1",
    "a lead of three with one": b"\xe1\x80",
    "a lead of three with one before a space": b"\xe1\x80 ",
    "a lead of four with two": b"\xf1\x80\x80",
    "a lead of four with two before a space": b"\xf1\x80\x80 ",
    "a slash in two bytes": b"\xc0\xaf",
    "a slash in three bytes": b"\xe0\x80\xaf",
    "a slash in four bytes": b"\xf0\x80\x80\xaf",
    "a slash in five bytes": b"\xf8\x80\x80\x80\xaf",
    "a slash in six bytes": b"\xfc\x80\x80\x80\x80\xaf",
    "a null in two bytes": b"\xc0\x80",
    "the longest in two bytes that fits in one": b"\xc1\xbf",
    "the longest in three bytes that fits in two": b"\xe0\x9f\xbf",
    "the longest in four bytes that fits in three": b"\xf0\x8f\xbf\xbf",
    "the first surrogate": b"\xed\xa0\x80",
    "the last surrogate": b"\xed\xbf\xbf",
    "a pair of surrogates": b"\xed\xa0\x80\xed\xb0\x80",
    "beyond the last of all": b"\xf4\x90\x80\x80",
    "a lead that leads nowhere": b"\xf5\x80\x80\x80",
    "FE": b"\xfe",
    "FF": b"\xff",
    "a bad byte behind good ones": "κόσμε".encode() + b"\xff",
    "a bad byte before good ones": b"\xff" + "κόσμε".encode(),
    "bytes of another encoding": "Zürich".encode("latin-1"),
}


def utf8() -> Iterator[Case]:
    for name, message in GOOD_TEXT.items():
        data = message.encode()
        yield case(f"good: {name}", text(message), echoes=said(message))
        yield case(f"good: {name}, a fragment a byte", *fragments(data, *range(1, len(data))), echoes=said(message))
    for name, bad in BAD_TEXT.items():
        yield case(f"bad: {name}", client_frame(TEXT, bad), code=1007)
        yield case(f"bad: {name}, a fragment a byte", *fragments(bad, *range(1, len(bad))), code=1007)
        yield case(
            f"bad: {name}, behind a text and before another",
            text("a") + client_frame(TEXT, bad) + text("b"),
            echoes=said("a"),
            code=1007,
        )
    yield case(
        "bad: a message that ends within a character",
        client_frame(TEXT, b"a", fin=False),
        client_frame(CONT, b"\xc3"),
        code=1007,
    )
    yield case("bad: told before the message ends", client_frame(TEXT, b"\xff", fin=False), code=1007)


def handshakes() -> Iterator[Case]:
    for code in (1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999):
        yield case(f"a close with {code}", close(code, b"why"), code=code)
    for code in (0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535):
        yield case(f"a close with {code}, which is none", close(code), code=1002)
    for size in (0, 1, 122, 123):
        yield case(f"a close with a reason of {size} bytes", close(3000, b"r" * size), code=3000)
    yield case("a close without a code", close(None), code=0)
    yield case("a close with one byte", client_frame(CLOSE, b"\x03"), code=1002)
    yield case("a close with a reason that is no text", close(1001, b"\xff"), code=1007)
    yield case("a close with a reason that ends within a character", close(1001, b"\xc3"), code=1007)
    yield case("a close byte by byte", *bytewise(close(3001)), code=3001)
    yield case("two closes", close(3001), close(3002), code=3001)
    yield case("two closes in one packet", close(3001) + close(3002), code=3001)
    yield case("a text behind a close", close(3001) + text("late"), code=3001)
    yield case("a ping behind a close", close(3001) + client_frame(PING), code=3001)
    yield case("a broken frame behind a close", close(3001) + client_frame(TEXT, mask=None), code=3001)
    yield case("a text and a close in one packet", text("a") + close(3001), echoes=said("a"), code=3001)
    yield case(
        "texts, a ping and a close in one packet",
        text("a") + client_frame(PING) + close(3001),
        echoes=(Frame(PONG, b""), *said("a")),
        code=3001,
    )


CASES = [
    *lengths(),
    *oversize(),
    *control_frames(),
    *reserved(),
    *masks(),
    *fragmentation(),
    *utf8(),
    *handshakes(),
]


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Serve an echo, on the event loop that papernet runs on, to all cases of this module."""
    listener = bind("127.0.0.1", 0)
    number: int = listener.getsockname()[1]
    rules = Rules(messages_per_second=0, message_max=MESSAGE_MAX, backlog_max=1 << 20)
    limits = RateLimits(enabled=False)
    started = threading.Event()
    stopping: list[asyncio.Event] = []

    async def serve() -> None:
        doors = [Door("/ws", rules, EchoDoor().open)]
        hub = WebSocketHub(doors, hosts=HostPolicy(LOOPBACK_NAMES, number), limits=limits, clock=lambda: 1_000_000)
        server = HttpServer(Site().application, listener, hub=hub)
        await server.start()
        stopping.append(asyncio.Event())
        loops.append(asyncio.get_running_loop())
        started.set()
        await stopping[0].wait()
        # The last client may have gone a moment ago.
        async with asyncio.timeout(10):
            while len(hub):
                await asyncio.sleep(0)
        await server.stop()

    loops: list[asyncio.AbstractEventLoop] = []

    def run() -> None:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serve())

    thread = threading.Thread(target=run)
    thread.start()
    assert started.wait(20)
    yield number
    loops[0].call_soon_threadsafe(stopping[0].set)
    thread.join(20)
    assert not thread.is_alive()
    listener.close()


@pytest.mark.parametrize("row", CASES, ids=lambda row: row.name)
def test_a_frame_is_answered_as_the_standard_says(port: int, row: Case) -> None:
    client = RawClient(port)
    for packet in row.packets:
        client.socket.sendall(packet)
    *echoes, last = client.rest()
    assert echoes == list(row.echoes)
    assert closing(last)[0] == row.code


@pytest.mark.parametrize(
    ("data", "echoes"),
    [
        (b"", ()),
        (text("abc")[:1], ()),
        (text("abc")[:5], ()),
        (text("abc")[:-1], ()),
        (text("abc"), said("abc")),
        (client_frame(TEXT, b"ab", fin=False), ()),
        (text("abc") + text("def")[:-1], said("abc")),
        (client_frame(PING, b"p") + text("abc")[:1], (Frame(PONG, b"p"),)),
    ],
)
def test_bytes_that_end_anywhere_end_the_connection_without_a_close(port: int, data: bytes, echoes: tuple[Frame, ...]) -> None:
    client = RawClient(port)
    client.socket.sendall(data)
    client.socket.shutdown(socket.SHUT_WR)
    assert client.rest() == list(echoes)


def test_frames_behind_the_handshake_do_not_wait_for_its_answer(port: int) -> None:
    client = RawClient(port, ahead=text("a") + client_frame(PING) + text("b")[:4])
    client.socket.sendall(text("b")[4:] + close(3000))
    *echoes, last = client.rest()
    assert sorted(echoes) == sorted((*said("a", "b"), Frame(PONG, b"")))
    assert closing(last) == (3000, "")


def test_neither_extensions_nor_subprotocols_are_agreed_to(port: int) -> None:
    offers = ("Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits"), ("Sec-WebSocket-Protocol", "a, b")
    client = RawClient(port, *offers)
    client.socket.sendall(client_frame(TEXT, b"\xaaV\x02\x00", reserved=4))
    assert "sec-websocket-protocol" not in client.head.lower()
    assert "sec-websocket-extensions" not in client.head.lower()
    assert closing(*client.rest())[0] == 1002


def test_there_are_enough_cases_and_none_twice() -> None:
    assert len({row.name for row in CASES}) == len(CASES) >= 240
