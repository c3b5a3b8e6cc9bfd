"""What every feed of streams does: hear which have subscribers, and push what is due to whoever listens.

Order of work.  The feed hears which streams begin and end to have subscribers. What is told in real time is made as entries are
                applied, while the state is exactly as the entry left it (`encode`); everything else when `pulse` finds that the
                clock has crossed a boundary of the stream's speed. Both go through the outbox, and so leave when what they show
                is durable.
Timing.         Boundaries are whole multiples of a speed on papernet's clock. However many of them lie between two pulses, a
                stream is pushed once; the event time is that of the pulse, whose state the message shows.
Invariant.      Nothing is made for a stream without subscribers, and a message is made once for each time unit that is wanted.
Cost.           With nobody listening, one test an entry; else one look-up an event, and what is subscribed.
Does not.       Know connections or frames: `channels` do. Know what is on a stream: each venue's feed does. Read a clock.
                Whoever pulses has let everything be applied that was due by then, or a candle would be told as closed before
                its last trade.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Generic, Protocol

from papernet.app.operations import TimeUnit
from papernet.app.outbox import Outbox
from papernet.core.events import Applied
from papernet.protocols.json.market_events import Render
from papernet.protocols.subscriptions.channels import StreamT, ToldT_contra


class Publisher(Protocol[ToldT_contra]):
    """Who hands payloads to subscribers."""

    def publish(self, stream: ToldT_contra, unit: TimeUnit, payload: bytes, *, latest: bool) -> None:
        """Send a payload to everybody who listens to a stream in a time unit; `latest`: the next one makes it worthless."""
        ...


class Source(Protocol):
    """Who makes the messages of one timed stream, from when somebody subscribes until nobody is left."""

    def due(self, now: int) -> Sequence[Render]:
        """Return what is to be pushed at `now`, right after a boundary of the stream's speed; maybe nothing."""
        ...


class EntryCounter(Protocol):
    """Who counts the entries."""

    last_seq: int


class Audience(Generic[StreamT]):
    """Who listens to a stream in one time unit, from the first subscriber's coming to the last one's going."""

    __slots__ = ("is_gone", "is_snapshot", "stream", "unit")

    def __init__(self, stream: StreamT, unit: TimeUnit, *, is_snapshot: bool) -> None:
        """Begin to listen; `is_snapshot` says that each message makes the one before it worthless."""
        self.stream: Final = stream
        self.unit: Final = unit
        self.is_snapshot: Final = is_snapshot
        self.is_gone: bool = False


class Watched(Generic[StreamT]):
    """A stream with subscribers. `source` makes the messages of a timed one; real-time streams have none."""

    __slots__ = ("audiences", "source", "stream")

    def __init__(self, stream: StreamT, source: Source | None) -> None:
        """Begin with nobody."""
        self.stream: Final = stream
        self.source: Final = source
        self.audiences: tuple[Audience[StreamT], ...] = ()


# For whom, and the payload.
Message = tuple[Audience[StreamT], bytes]
Handler = Callable[[Any, list[Message[StreamT]]], None]


class StreamFeed(ABC, Generic[StreamT]):
    """Makes the messages of all market streams of one venue."""

    def __init__(self, channels: Publisher[StreamT], outbox: Outbox, counter: EntryCounter, now: int) -> None:
        """Begin at `now`, with nobody listening."""
        self._channels: Final = channels
        self._outbox: Final = outbox
        self._counter: Final = counter
        self._now: int = now
        self._watched: Final[dict[str, Watched[StreamT]]] = {}
        # timed streams by speed and name
        self._timed: Final[dict[int, dict[str, Watched[StreamT]]]] = {}
        # by the type of an event, what makes messages of it; empty while nobody wants any
        self._handlers: Mapping[type, Handler[StreamT]] = {}

    # what a venue says

    @abstractmethod
    def _is_snapshot(self, stream: StreamT) -> bool:
        """Whether a push of a stream makes the one before it worthless."""

    @abstractmethod
    def _source(self, stream: StreamT) -> Source | None:
        """Return what makes the messages of a timed stream, None for one in real time."""

    @abstractmethod
    def _entered(self, watched: Watched[StreamT]) -> None:
        """Take note of a stream that has its first subscriber."""

    @abstractmethod
    def _left(self, watched: Watched[StreamT]) -> None:
        """Forget a stream that has no subscriber any more."""

    # what subscribers want

    def started(self, stream: StreamT, unit: TimeUnit) -> None:
        """Take note that a stream has its first subscriber in a time unit."""
        watched = self._watched.get(stream.name)
        if watched is None:
            source = self._source(stream)
            watched = self._watched[stream.name] = Watched(stream, source)
            if source is not None:
                self._timed.setdefault(stream.speed, {})[stream.name] = watched
            self._entered(watched)
        watched.audiences = (*watched.audiences, Audience(stream, unit, is_snapshot=self._is_snapshot(stream)))

    def stopped(self, stream: StreamT, unit: TimeUnit) -> None:
        """Take note that a stream has no subscriber in a time unit any more."""
        watched = self._watched[stream.name]
        for audience in watched.audiences:
            if audience.unit is unit:
                audience.is_gone = True
        watched.audiences = tuple(audience for audience in watched.audiences if not audience.is_gone)
        if not watched.audiences:
            del self._watched[stream.name]
            if watched.source is not None:
                del self._timed[stream.speed][stream.name]
            self._left(watched)

    def next_push(self, at: int) -> int | None:
        """Return the next boundary after `at` at which something is pushed; None: nobody listens to timed streams."""
        return min(((at // speed + 1) * speed for speed, streams in self._timed.items() if streams), default=None)

    # what happens

    def encode(self, applied: Applied) -> list[Message[StreamT]] | None:
        """Return the messages of the real-time streams about an entry, or None when there are none."""
        handlers = self._handlers
        if not handlers:
            return None
        messages: list[Message[StreamT]] = []
        for event in applied.events:
            handler = handlers.get(type(event))
            if handler is not None:
                handler(event, messages)
        return messages or None

    def deliver(self, messages: list[Message[StreamT]]) -> None:
        """Hand messages out that `encode` or `pulse` made.

        Whoever came after their audience had gone does not hear them: between them and what comes next there would be a gap.
        """
        publish = self._channels.publish
        for audience, payload in messages:
            if not audience.is_gone:
                publish(audience.stream, audience.unit, payload, latest=audience.is_snapshot)

    def pulse(self, now: int) -> None:
        """Push the timed streams of which a boundary was crossed since the last pulse."""
        before = self._now
        # Time never falls, as in the journal: what closed stays closed.
        self._now = max(before, now)
        messages: list[Message[StreamT]] = []
        for speed, streams in self._timed.items():
            if now // speed > before // speed:
                for watched in streams.values():
                    assert watched.source is not None
                    for render in watched.source.due(now):
                        messages += [(audience, render(audience.unit)) for audience in watched.audiences]
        if messages:
            self._outbox.publish(self._counter.last_seq, self.deliver, messages)
