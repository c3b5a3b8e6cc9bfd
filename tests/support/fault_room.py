"""Rules of faults without a network around them, and the time that passes for them.

room = FaultRoom()
room.tap(FaultDoor.STREAMS, channels)
room.add("drop", stream="btcusdt@trade", nth=2)
room.wait(SECOND)
"""

from collections.abc import Callable
from typing import Any

from msgspec import json

from papernet.app.deferred import Deferred
from papernet.app.fault_rules import FaultDoor, FaultPlan, FaultRule
from papernet.app.listen_keys import ListenKeys
from papernet.core.commands import Command, Stage
from papernet.protocols.websocket.peer import Peer
from papernet.protocols.websocket.stream_faults import StreamFaults
from papernet.protocols.websocket.upsets import FaultDesk

START = 1_789_000_000_000_000


class FaultRoom:
    """A plan, what it defers, and the faults of connections that follow from it."""

    def __init__(self, clock: Callable[[], int] | None = None) -> None:
        self.time = START
        self.staged: dict[str, bytes] = {}
        self.plan = FaultPlan(self._submit, lambda _rule, _count: 0)
        self.deferred = Deferred()
        self.desk = FaultDesk(self.plan, self.deferred, clock or (lambda: self.time), {1: "alice", 2: "bob"}.__getitem__)
        self.faults = StreamFaults(self.desk)
        self.announced: list[Peer] = []
        self.connections: list[tuple[Peer, FaultDoor]] = []
        self.swept: list[int] = []
        self.desk.lines = self

    def lines(self) -> list[tuple[Peer, FaultDoor]]:
        return self.connections

    def announce(self, peer: Peer, now: int) -> None:
        self.announced.append(peer)

    def add(self, effect: str, **fields: Any) -> FaultRule:
        """Add a rule."""
        return self.plan.add(FaultRule(0, effect, **fields), self.desk.now())

    def done(self, rule: FaultRule) -> int:
        """Return how often a rule was done."""
        return self.plan.counts(rule).done

    def tap(self, door: FaultDoor, feed: Any) -> None:
        """Ask the rules about the messages of a feed."""
        self.faults.tap(door, feed)

    def with_keys(self, door: FaultDoor = FaultDoor.USER_DATA) -> ListenKeys:
        """Return listen keys that rules may end."""
        texts = iter("abcdefgh")
        keys = ListenKeys(lambda: next(texts) * 64)
        self.desk.know_keys(door, keys, self.swept.append)
        return keys

    def wait(self, span: int) -> None:
        """Let time pass."""
        self.time += span
        self.deferred.release(self.desk.now())

    def _submit(self, command: Command, now: int) -> None:
        assert isinstance(command, Stage)
        json.decode(command.value or b"0")
        self.staged[command.name] = command.value or b""
