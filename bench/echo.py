"""The WebSocket side of the empty server: a door whose sessions answer every message alike, the yardstick of bench (f)."""

from typing import Final

from papernet.protocols.websocket.frames import text_frame
from papernet.protocols.websocket.peer import Door, Handshake, Peer, Rules

ECHO_PATH: Final = "/echo"

# As long as the answer to an order.
_REPLY: Final = text_frame(b'{"id":1,"status":200,"answer":"' + b"x" * 600 + b'"}')


class _Echo:
    """A session that knows one answer."""

    def __init__(self, peer: Peer) -> None:
        self._peer: Final = peer

    def receive(self, text: str, now: int) -> None:  # noqa: ARG002  it does not look at what it is told
        self._peer.send(_REPLY)

    def farewell(self, now: int) -> None:
        """Say nothing."""

    def closed(self, now: int) -> None:
        """Hold nothing."""


def _open(peer: Peer, handshake: Handshake, now: int) -> _Echo:  # noqa: ARG001  everybody gets the same
    return _Echo(peer)


def echo_door() -> Door:
    """Return the door."""
    return Door(ECHO_PATH, Rules(messages_per_second=0, message_max=65_536, backlog_max=1_048_576), _open)
