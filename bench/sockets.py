"""WebSocket clients that cost little: plain sockets, frames made beforehand, bytes looked at in bulk.

Order of work.  `connect` opens connections one group after the other, each from the next of the loopback addresses given, and
                returns them non-blocking with their handshakes done. `Frames` cuts what one of them received into messages.
Does not.       Talk to anything but loopback. Check what a server sends beyond what is needed to measure it: the tests do.
"""

import resource
import select
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from websockets.frames import Frame, Opcode

TEXT: Final = 1
PING: Final = 9
_LOOPBACK: Final = "127.0.0.1"
_GROUP: Final = 256
_HANDSHAKE_SECONDS: Final = 20
_RECEIVE: Final = 1 << 18
# Descriptors that a process needs beside its connections.
_RESERVE: Final = 100
# Linux: choose the port when connecting, so that each source address has all of them.
_BIND_ADDRESS_NO_PORT: Final = 24


Poll = select.epoll


class BrokenConnectionError(ConnectionError):
    """The server refused or ended a connection of a bench."""


def raise_file_limit() -> int:
    """Allow as many open files as this process may have, and return how many connections that makes."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard - _RESERVE


def message(payload: bytes) -> bytes:
    """Return a text message as a client sends it."""
    return Frame(Opcode.TEXT, payload).serialize(mask=True)


def pong(payload: bytes) -> bytes:
    """Return the answer to a ping."""
    return Frame(Opcode.PONG, payload).serialize(mask=True)


class Frames:
    """Cuts the bytes of one connection into frames."""

    __slots__ = ("_rest",)

    def __init__(self, rest: bytes = b"") -> None:
        """Begin with what came behind the handshake."""
        self._rest = rest

    def feed(self, data: bytes) -> list[tuple[int, bytes]]:
        """Take in bytes; return the frames that are whole now, as (opcode, payload)."""
        data = self._rest + data
        found: list[tuple[int, bytes]] = []
        at, end = 0, len(data)
        while end - at >= 2:
            size, begin = data[at + 1], at + 2
            if size >= 126:
                begin += 2 if size == 126 else 8
                size = int.from_bytes(data[at + 2 : begin], "big")
            if end < begin + size:
                break
            found.append((data[at] & 15, data[begin : begin + size]))
            at = begin + size
        self._rest = data[at:]
        return found


@dataclass(slots=True)
class Client:
    """One connection, open and non-blocking."""

    socket: socket.socket
    frames: Frames = field(default_factory=Frames)
    # how many pings it has answered
    pings: int = 0

    def receive(self) -> list[tuple[int, bytes]]:
        """Return the messages that have arrived; pings are answered on the way."""
        data = self.socket.recv(_RECEIVE)
        if not data:
            raise BrokenConnectionError("the server hung up")
        found = self.frames.feed(data)
        for opcode, payload in found:
            if opcode == PING:
                self.socket.send(pong(payload))
                self.pings += 1
            elif opcode != TEXT:
                raise BrokenConnectionError(f"the server sent a frame of type {opcode}: {payload!r}")
        return [frame for frame in found if frame[0] == TEXT]


def connect(port: int, path: str, count: int, sources: Sequence[str] = (_LOOPBACK,)) -> list[Client]:
    """Open `count` connections to `path` of the server at `port`."""
    request = (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: cGFwZXJuZXQtYmVuY2gtMQ==\r\n\r\n"
    ).encode()
    clients: list[Client] = []
    while len(clients) < count:
        group: list[socket.socket] = []
        for number in range(len(clients), min(count, len(clients) + _GROUP)):
            group.append(_open(port, sources[number % len(sources)]))
            group[-1].sendall(request)
        clients += [_shaken(opened) for opened in group]
    return clients


def disconnect(clients: Sequence[Client]) -> None:
    """Hang up."""
    for client in clients:
        client.socket.close()


def poll_of(clients: Sequence[Client]) -> tuple[Poll, dict[int, Client]]:
    """Return a poll object that watches what the clients receive, and the clients by what it reports."""
    poll = select.epoll(len(clients))
    by_number = {client.socket.fileno(): client for client in clients}
    for number in by_number:
        poll.register(number, select.EPOLLIN)
    return poll, by_number


def _open(port: int, source: str) -> socket.socket:
    opened = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    opened.settimeout(_HANDSHAKE_SECONDS)
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    opened.setsockopt(socket.IPPROTO_IP, _BIND_ADDRESS_NO_PORT, 1)
    opened.bind((source, 0))
    opened.connect((_LOOPBACK, port))
    return opened


def _shaken(opened: socket.socket) -> Client:
    head = b""
    while b"\r\n\r\n" not in head:
        piece = opened.recv(4096)
        if not piece:
            raise BrokenConnectionError("the server hung up instead of shaking hands")
        head += piece
    status, _, rest = head.partition(b"\r\n\r\n")
    if not status.startswith(b"HTTP/1.1 101"):
        raise BrokenConnectionError(status.decode("latin-1"))
    opened.settimeout(0)
    return Client(opened, Frames(rest))
