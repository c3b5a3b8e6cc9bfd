"""The two ends of a connection as they see each other: the peer outside, and the session that a door makes for it.

Order of work.  A client asks to connect (`Handshake`); the door that its path leads to makes a session; the session gets every
                text message and answers through its peer, whenever it likes; in the end it is told once that it is over.
Invariant.      What is sent arrives in the order of sending, except that of the frames with one key that wait behind a slow
                reader only the latest is kept, where that was sent. What is sent to a peer that is gone is dropped.
Does not.       Say anything about frames' contents.
"""

from collections.abc import Callable
from typing import Protocol

from msgspec import Struct, structs

from papernet.app.eras import Era
from papernet.app.fault_rules import FaultDoor, Place
from papernet.app.faults import Fault
from papernet.core.dates import MINUTE, SECOND


class Handshake(Struct, frozen=True, gc=False):
    """What a client asked for when it connected: the path unquoted, the raw query, the headers by their lower-case names."""

    path: str
    query: bytes
    headers: dict[bytes, bytes]


class Rules(Struct, frozen=True, gc=False):
    """What a door allows on each of its connections.

    `messages_per_second` bounds the frames that come in, 0 is no bound; `message_max` is the longest message in bytes;
    `backlog_max` is how many bytes may wait for a slow reader. `ping_interval` lies between two pings, and the
    connection ends when a ping has no pong for `pong_deadline` (microseconds).
    """

    messages_per_second: int
    message_max: int
    backlog_max: int
    # web-socket-streams.md, General WSS information; web-socket-api.md, General API Information
    ping_interval: int = 20 * SECOND
    pong_deadline: int = MINUTE


def rules_of(era: Era, rules: Rules) -> Rules:
    """Return a door's rules as they were in an era (CHANGELOG.md, 2025-01-28)."""
    return rules if era.frequent_pings else structs.replace(rules, ping_interval=3 * MINUTE, pong_deadline=10 * MINUTE)


class Peer(Protocol):
    """Who is talked to over one connection; `finished` says that nothing more is taken to be sent."""

    ip: str
    finished: bool

    def send(self, frame: bytes) -> None:
        """Send a framed message (`papernet.protocols.websocket.frames.text_frame`), of which nothing may be left out."""
        ...

    def send_latest(self, key: str, frame: bytes) -> None:
        """Send a framed message that the next one with the same key makes worthless: a slow reader gets the latest only."""
        ...

    def close(self, code: int, reason: str) -> None:
        """Close the connection once everything sent before has left."""
        ...

    def stall(self) -> None:
        """Fall silent without a word: nothing is sent or heard any more, and the connection stays open."""
        ...

    def break_off(self, *, mid_frame: bool = False) -> None:
        """Break the connection off without closing it, now or in the middle of the next frame that is sent."""
        ...


class Withholds(Protocol):
    """Who says which pings and pongs are left out."""

    def __call__(self, peer: Peer, place: Place, now: int) -> bool:
        """Whether the ping (or the pong) that is about to leave is left out."""
        ...


class Session(Protocol):
    """What a door makes of one connection."""

    def receive(self, text: str, now: int) -> None:
        """Take in a text message that arrived at `now`."""
        ...

    def farewell(self, now: int) -> None:
        """Tell the peer that the server is about to shut down; the connection is closed after that."""
        ...

    def closed(self, now: int) -> None:
        """Let go: the connection is no more. Nothing else is called afterwards."""
        ...


class Door(Struct, frozen=True, gc=False):
    """What a path leads to: `path` itself and everything below it.

    `weight` is what connecting costs the address. Those whose address is banned are disconnected when `ends_with_ban` says so.
    `open` makes the session; what it sends its peer follows the handshake. A fault refuses the connection. `name` is what rules
    of faults call it.
    """

    path: str
    rules: Rules
    open: Callable[[Peer, Handshake, int], Session | Fault]
    weight: int = 0
    ends_with_ban: bool = False
    name: FaultDoor = FaultDoor.STREAMS
