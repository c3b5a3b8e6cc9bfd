"""What leaves papernet after a command: replies that wait for the journal, and events for whoever subscribed to them.

Order of work.  The sequencer shows every applied entry to the outbox, whose readers encode at once what it means for their
                subscribers: that is when books and balances still stand as the entry left them. What they made is held until
                the journal is durable up to that entry, and then delivered: entry by entry, of each entry the replies of the
                doors first, then what its readers made, in the order in which the readers were added.
Invariant.      Deliveries happen in the order of the journal, and none before its entry is durable. With nobody subscribed
                nothing is held.
Does not.       Know protocols, connections or subscriptions. Wait: whoever makes the journal durable calls `release`.
"""

from collections import deque
from collections.abc import Callable
from typing import Any, Final, Protocol

from papernet.core.events import Applied


class Reader(Protocol):
    """Who turns applied entries into messages for subscribers."""

    def encode(self, applied: Applied) -> Any | None:  # noqa: ANN401  only the reader itself looks inside
        """Return what the entry means for the subscribers of this moment, or None when it means nothing to them."""
        ...

    def deliver(self, message: Any) -> None:  # noqa: ANN401
        """Hand out what `encode` made of an entry, which is durable now."""
        ...


class _Held:
    """What waits for one entry."""

    __slots__ = ("messages", "replies", "seq")

    def __init__(self, seq: int) -> None:
        self.seq: Final = seq
        self.replies: Final[list[Callable[[], None]]] = []
        self.messages: Final[list[tuple[Callable[[Any], None], Any]]] = []


class Outbox:
    """The outgoing side of one exchange. `on_held` is called when an entry begins to be waited for."""

    __slots__ = ("_durable_seq", "_held", "_readers", "on_held")

    def __init__(self, durable_seq: int = 0) -> None:
        """Begin with nobody subscribed and the journal durable up to `durable_seq`."""
        self.on_held: Callable[[], None] | None = None
        self._durable_seq: int = durable_seq
        self._held: Final[deque[_Held]] = deque()
        self._readers: tuple[Reader, ...] = ()

    def add(self, reader: Reader) -> None:
        """Show every entry from now on to `reader`."""
        self._readers = (*self._readers, reader)

    def take(self, applied: Applied) -> None:
        """Let the readers encode an entry that was just applied."""
        for reader in self._readers:
            message = reader.encode(applied)
            if message is not None:
                self._place(applied.seq).messages.append((reader.deliver, message))

    def publish(self, seq: int, deliver: Callable[[Any], None], message: Any) -> None:  # noqa: ANN401
        """Deliver a message about the state that the entry `seq` left, once that is durable."""
        if seq <= self._durable_seq:
            deliver(message)
        else:
            self._place(seq).messages.append((deliver, message))

    def reply(self, seq: int, deliver: Callable[[], None]) -> None:
        """Deliver a reply about the entry `seq`, at once when that is durable already."""
        if seq <= self._durable_seq:
            deliver()
        else:
            self._place(seq).replies.append(deliver)

    def release(self, durable_seq: int) -> None:
        """Deliver what waited for the entries up to `durable_seq`, which are durable now."""
        self._durable_seq = durable_seq
        held = self._held
        while held and held[0].seq <= durable_seq:
            done = held.popleft()
            for reply in done.replies:
                reply()
            for deliver, message in done.messages:
                deliver(message)

    def _place(self, seq: int) -> _Held:
        """Return where things wait for the entry `seq`, which is nearly always the newest one."""
        held = self._held
        if held and held[-1].seq == seq:
            return held[-1]
        index = len(held)
        while index and held[index - 1].seq >= seq:
            index -= 1
        if index < len(held) and held[index].seq == seq:
            return held[index]
        place = _Held(seq)
        held.insert(index, place)
        if self.on_held is not None:
            self.on_held()
        return place
