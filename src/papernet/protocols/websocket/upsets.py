"""What can go wrong with an open connection as a whole, and what everybody who lets things go wrong shares.

Invariant.      What is done to a connection that is over does nothing.
Does not.       Decide what goes wrong: the rules do.
Units.          Microseconds UTC.
Source.         web-socket-streams.md, General WSS information, Server Shutdown; what goes wrong on real connections.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Final, Protocol

from papernet.app.deferred import Deferred
from papernet.app.fault_catalogue import EFFECTS
from papernet.app.fault_rules import FaultDoor, FaultPlan, FaultRule
from papernet.app.listen_keys import ListenKeys
from papernet.protocols.websocket.connection import DAY_OVER
from papernet.protocols.websocket.peer import Peer

GOING_AWAY: Final = (1001, "Server shutdown")


class Lines(Protocol):
    """Who has the open connections."""

    def lines(self) -> Iterable[tuple[Peer, FaultDoor]]:
        """Return the connections that are not about to end, each with its door."""
        ...

    def announce(self, peer: Peer, now: int) -> None:
        """Tell a peer that the server is about to shut down."""
        ...


class FaultDesk:
    """The rules, the time, and what it takes to carry rules out; `name_of` says what an account is called."""

    def __init__(self, plan: FaultPlan, deferred: Deferred, now: Callable[[], int], name_of: Callable[[int], str]) -> None:
        """Begin without connections and listen keys."""
        self.plan: Final = plan
        self.deferred: Final = deferred
        self.now: Final = now
        self.name_of: Final = name_of
        self.lines: Lines | None = None
        # An ordered set of the peers that know of their end, until it comes.
        self.leaving: Final[dict[Peer, None]] = {}
        # by the door at which they tell what happens, with what looks at once whether keys have ended
        self._listen_keys: Final[dict[FaultDoor, tuple[ListenKeys, Callable[[int], None]]]] = {}

    def know_keys(self, door: FaultDoor, keys: ListenKeys, sweep: Callable[[int], None]) -> None:
        """Learn of the listen keys behind a door; `sweep` tells those who listen that keys have ended."""
        self._listen_keys[door] = keys, sweep

    def living_keys(self, now: int) -> list[tuple[FaultDoor, str, int]]:
        """Return the listen keys there are, each with its door and its account."""
        return [(door, *row) for door, (keys, _) in self._listen_keys.items() for row in keys.living(now)]

    def expire_key(self, door: FaultDoor, listen_key: str, now: int) -> bool:
        """End a listen key as if nobody had kept it alive; return whether there is such a key."""
        if door not in self._listen_keys:
            return False
        keys, sweep = self._listen_keys[door]
        if not keys.expire(listen_key, now):
            return False
        sweep(now)
        return True


def span_of(rule: FaultRule) -> int:
    """Return how long a rule means, by itself or by its effect."""
    return (EFFECTS[rule.effect].span or 0) if rule.span is None else rule.span


def count_of(rule: FaultRule) -> int:
    """Return how many a rule means, by itself or by its effect."""
    return (EFFECTS[rule.effect].count or 1) if rule.count is None else rule.count


def _stall(_desk: FaultDesk, peer: Peer, _rule: FaultRule, _now: int) -> None:
    peer.stall()


def _break_off(_desk: FaultDesk, peer: Peer, _rule: FaultRule, _now: int) -> None:
    peer.break_off()


def _disconnect(_desk: FaultDesk, peer: Peer, _rule: FaultRule, _now: int) -> None:
    peer.close(DAY_OVER.code, DAY_OVER.reason)


def _shut_down(desk: FaultDesk, peer: Peer, rule: FaultRule, now: int) -> None:
    assert desk.lines is not None
    if peer in desk.leaving:
        return

    def leave(_now: int) -> None:
        desk.leaving.pop(peer, None)
        peer.close(*GOING_AWAY)

    desk.leaving[peer] = None
    desk.lines.announce(peer, now)
    desk.deferred.at(now + span_of(rule), leave)


SHUTDOWN: Final = "server-shutdown"

UPSETS: Final[Mapping[str, Callable[[FaultDesk, Peer, FaultRule, int], None]]] = {
    "stall": _stall,
    "break-off": _break_off,
    "disconnect": _disconnect,
    SHUTDOWN: _shut_down,
}
