"""WebSockets by hand: frames as a client would never build them, a client that is only a socket, and sessions that tell."""

import base64
import socket
from collections.abc import Iterator
from itertools import cycle
from typing import NamedTuple

from papernet.app.faults import Fault
from papernet.protocols.websocket.frames import text_frame
from papernet.protocols.websocket.peer import Handshake, Peer

CONT, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
KEY = base64.b64encode(b"sixteen bytes of").decode()
MASK = b"\x12\x34\x56\x78"


class Frame(NamedTuple):
    """One frame that a server sent."""

    opcode: int
    payload: bytes


def masked(payload: bytes, mask: bytes) -> bytes:
    return bytes(byte ^ key for byte, key in zip(payload, cycle(mask), strict=False))


def client_frame(
    opcode: int,
    payload: bytes = b"",
    *,
    fin: bool = True,
    reserved: int = 0,
    mask: bytes | None = MASK,
    size: int | None = None,
) -> bytes:
    """Return a frame as told, right or wrong; `size` is what it says of its length."""
    size = len(payload) if size is None else size
    first = (0x80 if fin else 0) | reserved << 4 | opcode
    flag = 0 if mask is None else 0x80
    if size < 126:
        head = bytes((first, flag | size))
    elif size < 65_536:
        head = bytes((first, flag | 126)) + size.to_bytes(2, "big")
    else:
        head = bytes((first, flag | 127)) + size.to_bytes(8, "big")
    return head + (payload if mask is None else mask + masked(payload, mask))


def text(message: str) -> bytes:
    """Return the frame of a text message."""
    return client_frame(TEXT, message.encode())


def close(code: int | None = 1000, reason: bytes = b"") -> bytes:
    """Return the frame that closes."""
    return client_frame(CLOSE, b"" if code is None else code.to_bytes(2, "big") + reason)


def server_frames(data: bytes) -> Iterator[Frame]:
    """Take a server's bytes apart: whole frames without masks, and nothing behind the last one."""
    while data:
        first, size = data[0], data[1]
        start = 2
        if size >= 126:
            start = 4 if size == 126 else 10
            size = int.from_bytes(data[2:start], "big")
        assert first & 0x80
        assert not first & 0x70
        assert len(data) >= start + size
        yield Frame(first & 0x0F, data[start : start + size])
        data = data[start + size :]


def closing(frame: Frame) -> tuple[int, str]:
    """Return the code and the reason of a closing frame."""
    assert frame.opcode == CLOSE
    return int.from_bytes(frame.payload[:2], "big"), frame.payload[2:].decode()


def request(path: str = "/ws", *changes: tuple[str, str | None], method: str = "GET", version: str = "1.1") -> bytes:
    """Return the head of a request to upgrade; `changes` are headers that are new, different or, with None, left out."""
    headers: dict[str, str | None] = {
        "Host": "localhost",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": KEY,
        "Sec-WebSocket-Version": "13",
    }
    headers.update(changes)
    lines = [f"{name}: {value}\r\n" for name, value in headers.items() if value is not None]
    return f"{method} {path} HTTP/{version}\r\n{''.join(lines)}\r\n".encode("latin-1")


class RawClient:
    """A client that is only a socket."""

    def __init__(self, port: int, *changes: tuple[str, str | None], ahead: bytes = b"", path: str = "/ws") -> None:
        """Connect and shake hands, with bytes that do not wait for the answer right behind."""
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(request(path, *changes) + ahead)
        self.received = b""
        while b"\r\n\r\n" not in self.received:
            data = self.socket.recv(65_536)
            assert data, self.received
            self.received += data
        head, _, self.received = self.received.partition(b"\r\n\r\n")
        self.head = head.decode("latin-1")

    def rest(self) -> list[Frame]:
        """Return all frames up to the end of the connection, and close it."""
        with self.socket:
            while data := self.socket.recv(1 << 20):
                self.received += data
        return list(server_frames(self.received))


class Echo:
    """A session that says what it hears, and remembers what it was told."""

    def __init__(self, peer: Peer, handshake: Handshake, now: int) -> None:
        self.peer = peer
        self.handshake = handshake
        self.opened_at = now
        self.heard: list[str] = []
        self.ends: list[int] = []

    def receive(self, text: str, now: int) -> None:
        assert not self.ends
        self.heard.append(text)
        self.peer.send(text_frame(text.encode()))

    def farewell(self, now: int) -> None:
        self.peer.send(text_frame(b"farewell"))

    def closed(self, now: int) -> None:
        self.ends.append(now)


class EchoDoor:
    """Makes sessions and keeps them; `fault` refuses them."""

    def __init__(self, kind: type[Echo] = Echo) -> None:
        self.kind = kind
        self.sessions: list[Echo] = []
        self.fault: Fault | None = None

    def open(self, peer: Peer, handshake: Handshake, now: int) -> Echo | Fault:
        if self.fault is not None:
            return self.fault
        session = self.kind(peer, handshake, now)
        self.sessions.append(session)
        return session
