"""Events that go wrong on purpose on their way out of one feed: lost, doubled, late, out of order, or with their connection.

Order of work.  While there are rules about streams, a feed gives each message to `pass_on` with what it is about, the lane that
                it goes in and the connections that it goes to. The rule that is met decides: the message is sent, sent again,
                kept for later, lost; or something happens to the connections instead.
Lanes.          A lane is what one listener hears in order: a stream in one time unit, or one subscription to a user's events.
                A message that is late holds up those behind it, as a connection does; one that is out of order is kept until
                as many have overtaken it as the rule says.
Invariant.      A message is met once, however many connections it goes to. But for the rules that are met everything leaves,
                in order. `flush` lets go of all that is kept: when the last rule is gone nothing stays behind.
Does not.       Know frames or envelopes: `send` does. Keep time: `papernet.app.deferred` does.
Cost.           Nothing while there are no rules: nobody comes here.
Source.         web-socket-streams.md, How to manage a local order book correctly; what goes wrong on real connections.
"""

from collections import deque
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Final

from msgspec import Struct, structs

from papernet.app.fault_rules import FaultDoor, FaultRule, Occasion, Place
from papernet.protocols.websocket.peer import Peer
from papernet.protocols.websocket.upsets import SHUTDOWN, UPSETS, FaultDesk, count_of, span_of

Send = Callable[[], None]


class Passing(Struct, frozen=True):
    """A message that is about to leave: what it is about, whom it goes to, and how it is sent.

    `is_change` says that it tells changes of a book; `listen_key` is the name under which it is told, if it is one.
    """

    about: Occasion
    send: Send
    peers: Sequence[Peer]
    is_change: bool = False
    listen_key: str = ""


class _Lane:
    """What is kept back of one listener's messages."""

    __slots__ = ("due", "late", "overtaken", "overtaking", "to_lose")

    def __init__(self) -> None:
        # how many more messages are lost
        self.to_lose: int = 0
        # what is late, in order, and when the last of them is due
        self.late: Final[deque[Send]] = deque()
        self.due: int = 0
        # what is out of order, and how many are still to overtake it
        self.overtaken: Send | None = None
        self.overtaking: int = 0

    @property
    def is_clear(self) -> bool:
        """Whether messages pass as if there were no lane."""
        return not self.to_lose and not self.late and self.overtaken is None

    def let_pass(self, send: Send) -> None:
        """Send a message, and behind it what it had to overtake."""
        send()
        if self.overtaken is not None:
            self.overtaking -= 1
            if not self.overtaking:
                overtaken, self.overtaken = self.overtaken, None
                overtaken()

    def flush(self) -> None:
        """Send everything that is kept."""
        while self.late:
            self.let_pass(self.late.popleft())
        if self.overtaken is not None:
            overtaken, self.overtaken = self.overtaken, None
            overtaken()


class Tampering:
    """What goes wrong with the messages of one feed."""

    __slots__ = ("_desk", "_door", "_effects", "_lanes")

    def __init__(self, door: FaultDoor, desk: FaultDesk) -> None:
        """Tamper with what leaves by a door."""
        self._door: Final = door
        self._desk: Final = desk
        self._lanes: Final[dict[Hashable, _Lane]] = {}
        self._effects: Final[Mapping[str, Callable[[_Lane, Passing, FaultRule, int], None]]] = {
            "drop": self._drop,
            "depth-gap": self._drop,
            "duplicate": self._duplicate,
            "delay-event": self._delay,
            "reorder": self._reorder,
            "half-frame": self._tear,
            "listen-key-expiry": self._expire_key,
        }

    def occasion(self, name: str, *, account: int = 0, api_key: str = "", symbol: str = "") -> Occasion:
        """Return what a message of this door is about; without an account it is everybody's."""
        owner = self._desk.name_of(account) if account else ""
        return Occasion(Place.EVENT, self._door, name, owner, api_key, symbol)

    def pass_on(self, key: Hashable, message: Passing) -> None:
        """Do with a message of a lane what the rules say."""
        if message.peers and all(peer.finished for peer in message.peers):
            # What nobody can hear is no occasion.
            return
        now = self._desk.now()
        lane = self._lanes.get(key) or _Lane()
        rule = self._meet(message, now)
        if lane.to_lose:
            lane.to_lose -= 1
            if rule is not None:
                # Lost is lost.
                self._desk.plan.take_back(rule)
        elif rule is None:
            self._go(lane, message.send, now)
        else:
            self._effects.get(rule.effect, self._upset)(lane, message, rule, now)
        self._tidy(key, lane)

    def flush(self) -> None:
        """Let go of everything that is kept back, in order."""
        lanes = list(self._lanes.values())
        self._lanes.clear()
        for lane in lanes:
            lane.flush()

    def _meet(self, message: Passing, now: int) -> FaultRule | None:
        meet = self._desk.plan.meet
        rule = meet(message.about, now)
        if message.is_change:
            change = meet(structs.replace(message.about, place=Place.CHANGE), now)
            if rule is None:
                return change
            if change is not None:
                self._desk.plan.take_back(change)
        return rule

    def _tidy(self, key: Hashable, lane: _Lane) -> None:
        if lane.is_clear:
            self._lanes.pop(key, None)
        else:
            self._lanes[key] = lane

    def _go(self, lane: _Lane, send: Send, now: int) -> None:
        """Let a message pass, or queue up behind those that are late."""
        if lane.late:
            self._queue(lane, send, max(now, lane.due))
        else:
            lane.let_pass(send)

    def _queue(self, lane: _Lane, send: Send, due: int) -> None:
        lane.late.append(send)
        lane.due = due
        self._desk.deferred.at(due, lambda _now: self._release(lane, send))

    def _release(self, lane: _Lane, send: Send) -> None:
        """Send what is due, unless a flush was earlier."""
        if lane.late:
            first = lane.late.popleft()
            assert first is send
            lane.let_pass(send)
            for key in [key for key, other in self._lanes.items() if other is lane and lane.is_clear]:
                del self._lanes[key]

    # the effects

    def _drop(self, lane: _Lane, _message: Passing, rule: FaultRule, _now: int) -> None:
        lane.to_lose = count_of(rule) - 1

    def _duplicate(self, lane: _Lane, message: Passing, rule: FaultRule, now: int) -> None:
        for _ in range(count_of(rule) + 1):
            self._go(lane, message.send, now)

    def _delay(self, lane: _Lane, message: Passing, rule: FaultRule, now: int) -> None:
        self._queue(lane, message.send, max(now + span_of(rule), lane.due))

    def _reorder(self, lane: _Lane, message: Passing, rule: FaultRule, now: int) -> None:
        if lane.overtaken is None and not lane.late:
            lane.overtaken, lane.overtaking = message.send, count_of(rule)
        else:
            # It is out of order already that the one before waits.
            self._go(lane, message.send, now)

    def _expire_key(self, lane: _Lane, message: Passing, rule: FaultRule, now: int) -> None:
        """End the listen key under which the message would be told."""
        if not self._desk.expire_key(self._door, message.listen_key, now):
            self._desk.plan.take_back(rule)
            self._go(lane, message.send, now)

    def _tear(self, _lane: _Lane, message: Passing, _rule: FaultRule, _now: int) -> None:
        for peer in message.peers:
            peer.break_off(mid_frame=True)
        message.send()

    def _upset(self, lane: _Lane, message: Passing, rule: FaultRule, now: int) -> None:
        """Do something to the connections: the message is lost with them, unless they have time to leave."""
        for peer in message.peers:
            UPSETS[rule.effect](self._desk, peer, rule, now)
        if rule.effect == SHUTDOWN:
            self._go(lane, message.send, now)
