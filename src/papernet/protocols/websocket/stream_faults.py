"""The faults of one exchange's open connections: who is asked what, while there are rules, and nobody otherwise.

Order of work.  Feeds are tapped once. With the first rule about streams each tap is opened: its feed gives its messages to a
                `Tampering`. With the last one gone it is closed, and what was kept back leaves. Connections ask about each
                ping and pong. `look` goes over the listen keys and the open connections for the rules that do not wait for
                something to happen: at once when a rule is new, and about twice a second for who comes later.
Invariant.      A connection is looked at once a look; what a rule does to it, it does once.
Does not.       Know sockets or sessions.
Cost.           Without rules a feed pays one test of an attribute a message.
"""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Final, Protocol

from papernet.app.fault_rules import FaultDoor, Occasion, Place
from papernet.protocols.websocket.peer import Peer, Withholds
from papernet.protocols.websocket.tampering import Tampering
from papernet.protocols.websocket.upsets import UPSETS, FaultDesk


class Tapped(Protocol):
    """Who gives messages to `tampering`, unless that is None."""

    tampering: Tampering | None


class Listeners(Protocol):
    """Who knows which connections listen to whose events."""

    def listeners(self) -> Iterable[tuple[Peer, int, str]]:
        """Return each connection with the account and the key, API key or listen key, for which it listens."""
        ...


class StreamFaults:
    """Lets things go wrong on open connections, as the rules of a desk say."""

    def __init__(self, desk: FaultDesk) -> None:
        """Begin with nothing tapped."""
        self.desk: Final = desk
        self._taps: Final[list[tuple[Tapped, Tampering]]] = []
        self._listeners: Final[dict[FaultDoor, Listeners]] = {}
        self._withholders: Final[Mapping[FaultDoor, Withholds]] = {door: partial(self._withholds, door) for door in FaultDoor}
        # The greatest id of the rules that are known.
        self._newest: int = 0
        desk.plan.watchers.append(self._turn)

    def tap(self, door: FaultDoor, feed: Tapped) -> None:
        """Let the rules be asked about the messages that a feed sends by a door."""
        self._taps.append((feed, Tampering(door, self.desk)))
        self._turn()

    def know(self, door: FaultDoor, listeners: Listeners) -> None:
        """Learn who knows which connections listen to users' events."""
        self._listeners[door] = listeners

    def withholder(self, door: FaultDoor) -> Withholds:
        """Return what says which pings and pongs are left out on connections of a door."""
        return self._withholders[door]

    def look(self, now: int) -> None:
        """Look at the listen keys, and at all open connections."""
        desk = self.desk
        if not desk.plan.on_streams:
            return
        for door, text, account in desk.living_keys(now):
            if desk.plan.meet(Occasion(Place.KEY, door, "", desk.name_of(account), text), now) is not None:
                desk.expire_key(door, text, now)
        users = self._users()
        for peer, door in () if desk.lines is None else tuple(desk.lines.lines()):
            if peer not in desk.leaving:
                self._look_at(peer, door, users.get(peer, ()), now)

    def _look_at(self, peer: Peer, door: FaultDoor, users: Iterable[tuple[FaultDoor, str, str]], now: int) -> None:
        """Look at a connection, of its door's and on behalf of each user that it listens to, until something is done."""
        name, key = next(((name, key) for _, name, key in users), ("", ""))
        for where, account, api_key in ((door, name, key), *users):
            rule = self.desk.plan.meet(Occasion(Place.TICK, where, "", account, api_key), now)
            if rule is not None:
                UPSETS[rule.effect](self.desk, peer, rule, now)
                return

    def _users(self) -> dict[Peer, list[tuple[FaultDoor, str, str]]]:
        """Return by connection whose events it listens to."""
        found: dict[Peer, list[tuple[FaultDoor, str, str]]] = {}
        for door, listeners in self._listeners.items():
            for peer, account, key in listeners.listeners():
                found.setdefault(peer, []).append((door, self.desk.name_of(account), key))
        return found

    def _withholds(self, door: FaultDoor, peer: Peer, place: Place, now: int) -> bool:
        """Whether a ping or a pong of a connection is left out."""
        plan = self.desk.plan
        if not plan.on_streams:
            return False
        _, account, key = next(iter(self._users().get(peer, ())), (door, "", ""))
        return plan.meet(Occasion(place, door, "", account, key), now) is not None

    def _turn(self) -> None:
        """Open or close the taps, as there are rules or not, and look at once for a rule that is new."""
        is_on = self.desk.plan.on_streams
        for feed, tampering in self._taps:
            feed.tampering = tampering if is_on else None
            if not is_on:
                tampering.flush()
        before, self._newest = self._newest, max((rule.id for rule in self.desk.plan.rules()), default=0)
        if self._newest > before:
            self.look(self.desk.now())
