"""What every feed does, whatever is on it: a feed of one real-time stream and some timed ones."""

from collections.abc import Sequence

from msgspec import Struct

from papernet.app.operations import TimeUnit
from papernet.app.outbox import Outbox
from papernet.core.events import Applied, KeyRevoked
from papernet.protocols.json.market_events import Render
from papernet.protocols.subscriptions.feed import Message, Source, StreamFeed, Watched

MILLI, MICRO = TimeUnit.MILLISECOND, TimeUnit.MICROSECOND


class Named(Struct, frozen=True):
    name: str
    speed: int = 0
    about: str = ""
    is_change: bool = False


LIVE, SLOW, QUICK = Named("live"), Named("slow", 10), Named("quick", 2)


class Clock:
    """Tells the time at every boundary, in the unit asked for."""

    def due(self, now: int) -> Sequence[Render]:
        return (lambda unit: f"{now} {unit.name}".encode(),)


class Feed(StreamFeed[Named]):
    """Tells of revoked keys at once, and of the time."""

    def __init__(self, outbox: Outbox) -> None:
        self.last_seq = 0
        self.sent: list[tuple[str, TimeUnit, bytes, bool]] = []
        self.changes: list[str] = []
        super().__init__(self, outbox, self, 100)

    def publish(self, stream: Named, unit: TimeUnit, payload: bytes, *, latest: bool) -> None:
        self.sent.append((stream.name, unit, payload, latest))

    def _is_snapshot(self, stream: Named) -> bool:
        return stream is SLOW

    def _source(self, stream: Named) -> Source | None:
        return Clock() if stream.speed else None

    def _entered(self, watched: Watched[Named]) -> None:
        self.changes.append(f"+{watched.stream.name}")
        self._handlers = {KeyRevoked: self._on_revoked} if "live" in self._watched else {}

    def _left(self, watched: Watched[Named]) -> None:
        self.changes.append(f"-{watched.stream.name}")
        self._handlers = {}

    def _on_revoked(self, event: KeyRevoked, messages: list[Message[Named]]) -> None:
        messages += [(audience, event.api_key.encode()) for audience in self._watched["live"].audiences]

    def take(self) -> list[tuple[str, TimeUnit, bytes, bool]]:
        sent, self.sent = self.sent, []
        return sent


def make() -> tuple[Feed, Outbox]:
    outbox = Outbox()
    return Feed(outbox), outbox


def entry(seq: int) -> Applied:
    return Applied(seq, 100, (KeyRevoked(f"k{seq}"),))


def test_a_venue_hears_once_of_a_stream_that_begins_and_ends() -> None:
    feed, _ = make()
    feed.started(LIVE, MILLI)
    feed.started(LIVE, MICRO)
    feed.stopped(LIVE, MILLI)
    assert feed.changes == ["+live"]
    feed.stopped(LIVE, MICRO)
    assert feed.changes == ["+live", "-live"]
    assert not feed._watched


def test_an_entry_is_told_to_each_unit_and_nothing_is_made_without_listeners() -> None:
    feed, _ = make()
    assert feed.encode(entry(1)) is None
    feed.started(LIVE, MILLI)
    feed.started(LIVE, MICRO)
    assert feed.encode(Applied(1, 100, ())) is None
    messages = feed.encode(entry(2))
    assert messages is not None
    feed.deliver(messages)
    assert feed.take() == [("live", MILLI, b"k2", False), ("live", MICRO, b"k2", False)]


def test_timed_streams_are_pushed_once_behind_each_boundary() -> None:
    feed, _ = make()
    feed.started(SLOW, MILLI)
    feed.started(QUICK, MICRO)
    feed.pulse(101)
    assert feed.take() == []
    feed.pulse(103)
    assert feed.take() == [("quick", MICRO, b"103 MICROSECOND", False)]
    feed.pulse(137)
    assert feed.take() == [("slow", MILLI, b"137 MILLISECOND", True), ("quick", MICRO, b"137 MICROSECOND", False)]
    # a clock that was set back says nothing twice
    feed.pulse(110)
    feed.pulse(137)
    assert feed.take() == []
    feed.stopped(SLOW, MILLI)
    feed.pulse(140)
    assert feed.take() == [("quick", MICRO, b"140 MICROSECOND", False)]


def test_what_is_due_waits_until_the_state_it_shows_is_durable() -> None:
    feed, outbox = make()
    feed.started(QUICK, MILLI)
    feed.last_seq = 5
    feed.pulse(102)
    assert feed.take() == []
    outbox.release(5)
    assert feed.take() == [("quick", MILLI, b"102 MILLISECOND", False)]


def test_who_came_after_an_audience_had_gone_does_not_hear_what_was_made_for_it() -> None:
    feed, _ = make()
    feed.started(LIVE, MILLI)
    messages = feed.encode(entry(1))
    assert messages is not None
    feed.stopped(LIVE, MILLI)
    feed.started(LIVE, MILLI)
    feed.deliver(messages)
    assert feed.take() == []


def test_the_next_push_is_at_the_next_boundary_of_the_quickest_stream() -> None:
    feed, _ = make()
    assert feed.next_push(100) is None
    feed.started(LIVE, MILLI)
    assert feed.next_push(100) is None
    feed.started(SLOW, MILLI)
    assert (feed.next_push(100), feed.next_push(109)) == (110, 110)
    feed.started(QUICK, MICRO)
    assert (feed.next_push(100), feed.next_push(101)) == (102, 102)
    feed.stopped(QUICK, MICRO)
    assert feed.next_push(100) == 110
