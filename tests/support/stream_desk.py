"""A connection to the stream door, without one."""

from typing import Any

import msgspec

from papernet.app.faults import Fault
from papernet.app.operations import TimeUnit
from papernet.protocols.streams.door import StreamDoor
from papernet.protocols.streams.names import Stream, parse_stream
from papernet.protocols.subscriptions.channels import Channels
from papernet.protocols.subscriptions.session import StreamSession, UserStreams
from papernet.protocols.websocket.peer import Handshake
from tests.support.air import payload_of

NOW = 1_789_000_000_123_456


class Outside:
    """The other end of a connection: what it was sent, whether it may be replaced, and how it was closed."""

    ip = "127.0.0.1"
    finished = False

    def __init__(self) -> None:
        self.frames: list[bytes] = []
        self.keys: list[str | None] = []
        self.end: tuple[int, str] | None = None

    def send(self, frame: bytes) -> None:
        self.keys.append(None)
        self.frames.append(frame)

    def send_latest(self, key: str, frame: bytes) -> None:
        self.keys.append(key)
        self.frames.append(frame)

    def close(self, code: int, reason: str) -> None:
        assert self.end is None
        self.end = (code, reason)

    def stall(self) -> None:
        raise AssertionError

    def break_off(self, *, mid_frame: bool = False) -> None:
        raise AssertionError

    def take(self) -> list[bytes]:
        """Return what was sent since the last time."""
        payloads = [payload_of(frame) for frame in self.frames]
        self.frames.clear()
        return payloads


class Desk:
    """Asks the session of one connection."""

    def __init__(
        self, channels: Channels[Stream] | None = None, url: str = "/ws", user_streams: UserStreams | None = None
    ) -> None:
        self.channels = channels or Channels(parse_stream)
        self.door = StreamDoor(self.channels, user_streams)
        self.outside = Outside()
        path, _, query = url.partition("?")
        session = self.door.open(self.outside, Handshake(path, query.encode(), {}), NOW)
        assert isinstance(session, StreamSession)
        self.session = session

    def say(self, text: str) -> bytes:
        """Return the only reply to a message."""
        self.outside.frames.clear()
        self.session.receive(text, NOW)
        (reply,) = self.outside.take()
        return reply

    def ask(self, method: str, *params: object) -> Any:
        """Return the result of a request."""
        reply = msgspec.json.decode(self.say(msgspec.json.encode({"method": method, "params": params, "id": 7}).decode()))
        assert reply["id"] == 7
        return reply["result"]

    def hear(self, name: str, payload: bytes = b"{}", unit: TimeUnit = TimeUnit.MILLISECOND) -> list[bytes]:
        """Return what arrives of something published."""
        self.outside.frames.clear()
        self.channels.publish(stream(name), unit, payload)
        return self.outside.take()


def refused(url: str) -> Fault:
    """Return why a connection to an address is refused."""
    path, _, query = url.partition("?")
    outside = Outside()
    fault = StreamDoor(Channels(parse_stream)).open(outside, Handshake(path, query.encode(), {}), NOW)
    assert isinstance(fault, Fault)
    assert not outside.frames
    return fault


def stream(name: str) -> Stream:
    """Return what a name stands for."""
    found = parse_stream(name)
    assert found is not None, name
    return found
