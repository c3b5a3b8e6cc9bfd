"""Followers keep local order books by the documents' seven steps, beginning at any instant of a busy market.

The crowd trades, entries become durable in groups some time after they were applied, the clock is looked at every few
milliseconds. Followers come at random instants, subscribe, ask for a snapshot some time later and get the answer later still,
and go again after a while. After every event that a follower takes in, its book is the one that the exchange had right after
the event's last update.
"""

from collections.abc import Callable, Iterable
from functools import lru_cache
from random import Random
from typing import Any

import msgspec
import pytest

from papernet.app.operations import TimeUnit
from papernet.app.queries import QUERIES, Context
from papernet.core.commands import Command, Entry
from papernet.core.events import Applied
from papernet.exchange.views import Views
from papernet.protocols.json import replies
from tests.support.air import Air, payload_of
from tests.support.asking import ListPast
from tests.unit.simulator.stage import ALL, SECOND, START, Stage

MS = TimeUnit.MILLISECOND
MILLISECOND = 1_000
TENTH = 100 * MILLISECOND
SUFFIXES = ("depth", "depth@100ms")
# how long one follower follows another in its place, at most, and how long it stays
PAUSE, STAY = 6 * SECOND, 40 * SECOND

Levels = dict[int, int]
Book = tuple[Levels, Levels]


@lru_cache(16)
def decoded(frame: bytes) -> Any:
    """Return what a frame says; many followers hear the same frames."""
    return msgspec.json.decode(payload_of(frame))


@lru_cache(65_536)
def units(text: str) -> int:
    """Return an amount with eight decimals in units of 10^-8."""
    whole, _, fraction = text.partition(".")
    assert len(fraction) == 8
    return int(whole + fraction)


def set_levels(levels: Levels, rows: Iterable[tuple[str, str]]) -> None:
    """Set what is at each price; nothing is there any more where the quantity is zero."""
    for price, quantity in rows:
        if units(quantity):
            levels[units(price)] = units(quantity)
        else:
            levels.pop(units(price), None)


class Follower:
    """One that follows the steps of "How to manage a local order book correctly". Step 1 was to subscribe."""

    ip = "127.0.0.1"
    finished = False

    def __init__(self, ask: Callable[["Follower"], None], judge: Callable[[int, Book], None], update_id: int) -> None:
        self.ask = ask
        self.judge = judge
        self.update_id_at_first = update_id
        self.buffer: list[Any] = []
        self.first_update_id: int | None = None
        self.last_heard: int | None = None
        self.snapshot: Any = None
        self.asked = 0
        self.book: Book | None = None
        self.update_id = 0
        self.applied = 0

    def send(self, frame: bytes) -> None:
        event = decoded(frame)
        assert event["e"] == "depthUpdate"
        if self.last_heard is None:
            # nothing that happened since it subscribed is missing
            assert event["U"] <= self.update_id_at_first + 1
        else:
            assert event["U"] == self.last_heard + 1
        assert event["U"] <= event["u"]
        self.last_heard = event["u"]
        if self.book is not None:
            self.update(event)
            return
        # 2. buffer, and note the first update id
        self.buffer.append(event)
        if self.first_update_id is None:
            self.first_update_id = event["U"]
        self.begin()

    def send_latest(self, key: str, frame: bytes) -> None:
        raise AssertionError("an event of a diff stream was declared dispensable")

    def close(self, code: int, reason: str) -> None:
        raise AssertionError(reason)

    def stall(self) -> None:
        raise AssertionError

    def break_off(self, *, mid_frame: bool = False) -> None:
        raise AssertionError

    def request(self) -> None:
        # 3. get a snapshot
        self.asked += 1
        self.ask(self)

    def answer(self, snapshot: Any) -> None:
        self.snapshot = snapshot
        self.begin()

    def begin(self) -> None:
        snapshot = self.snapshot
        if snapshot is None or self.first_update_id is None:
            return
        last_update_id = snapshot["lastUpdateId"]
        # 4. a snapshot from before the first event will not do
        if last_update_id < self.first_update_id:
            self.snapshot = None
            self.request()
            return
        # 5. discard what the snapshot holds already
        rest = [event for event in self.buffer if event["u"] > last_update_id]
        assert not rest or rest[0]["U"] <= last_update_id + 1 <= rest[0]["u"]
        # 6. begin with the snapshot
        self.book = {}, {}
        set_levels(self.book[0], snapshot["bids"])
        set_levels(self.book[1], snapshot["asks"])
        self.update_id = last_update_id
        # 7. then all that came after it
        for event in rest:
            self.update(event)
        self.buffer.clear()

    def update(self, event: Any) -> None:
        assert self.book is not None
        if event["u"] < self.update_id:
            return
        assert event["U"] <= self.update_id + 1, "missed some events"
        set_levels(self.book[0], event["b"])
        set_levels(self.book[1], event["a"])
        self.update_id = event["u"]
        self.applied += 1
        self.judge(event["u"], self.book)


class Place:
    """Where followers of one stream come and go."""

    def __init__(self, symbol: str, name: str, leaves_at: int) -> None:
        self.symbol = symbol
        self.name = name
        self.follower: Follower | None = None
        self.changes_at = leaves_at


class Street(Stage):
    """A crowd, the streams of its exchange, and followers at random instants."""

    def __init__(self, names: Iterable[str], seed: int, activity: float, places: int = 2) -> None:
        self.air: Air | None = None
        self.draw = Random(seed)
        super().__init__(names, seed, activity)
        self.now = START
        self.context = Context(self.exchange, Views(), ListPast())
        # by symbol and update id, the books that events are to lead to
        self.books: dict[str, dict[int, Book]] = {name: {} for name in self.exchange.markets}
        # answers that are on their way: when they arrive, whose, what
        self.answers: list[tuple[int, Follower, Any]] = []
        self.requests: list[tuple[int, Follower]] = []
        self.met: list[Follower] = []
        self.changes_at = START
        self.places = [
            Place(symbol, f"{symbol.lower()}@{suffix}", START + self.draw.randrange(PAUSE))
            for symbol in self.exchange.markets
            for suffix in SUFFIXES
            for _ in range(places)
        ]

    def submit(self, command: Command, at: int) -> Applied:
        self.seq += 1
        self.at = max(at, self.at)
        applied = self.exchange.apply(Entry(self.seq, self.at, command))
        if self.seq % 64 == 0:
            self.come_and_go()
        if self.air is not None:
            self.air.take(applied)
            # the journal is written in groups
            if self.draw.random() < 0.125:
                self.air.release(self.seq - self.draw.randrange(6))
        return applied

    def live(self, seconds: int) -> None:
        """Let time pass in small steps."""
        self.crowd.open(self.desk)
        self.air = air = Air(self.context, self.now, self.seq)
        air.holding = True
        end = START + seconds * SECOND
        while self.now < end:
            before = self.now
            self.now += self.draw.randrange(15 * MILLISECOND, 60 * MILLISECOND)
            self.crowd.advance(self.desk, self.now)
            if self.now // TENTH > before // TENTH:
                self.note_books()
            air.feed.pulse(self.now)
            self.come_and_go()
            self.serve()
        air.release()

    def note_books(self) -> None:
        for symbol, books in self.books.items():
            book = self.exchange.markets[symbol].book
            if len(books) > 100:
                del books[next(iter(books))]
            if book.update_id not in books:
                books[book.update_id] = levels_of(book.bids), levels_of(book.asks)

    def come_and_go(self) -> None:
        air = self.air
        if air is None or self.now < self.changes_at:
            return
        for place in self.places:
            if place.changes_at > self.now:
                continue
            if place.follower is not None:
                air.channels.unsubscribe(place.name, MS, place.follower)
                place.follower = None
                place.changes_at = self.now + self.draw.randrange(PAUSE)
            else:
                books = self.books[place.symbol]
                place.follower = Follower(
                    self.send_for(place.symbol),
                    lambda update_id, book, books=books: self.judge(books, update_id, book),  # type: ignore[misc]
                    self.exchange.markets[place.symbol].book.update_id,
                )
                air.channels.subscribe(place.name, MS, place.follower, combined=False)
                place.changes_at = self.now + self.draw.randrange(STAY)
                self.met.append(place.follower)
                self.requests.append((self.now + self.draw.choice((0, self.draw.randrange(2 * SECOND))), place.follower))
        self.changes_at = min(place.changes_at for place in self.places)

    def send_for(self, symbol: str) -> Callable[[Follower], None]:
        params = {"symbol": symbol, "limit": 5_000, "symbolStatus": None}

        def ask(follower: Follower) -> None:
            assert self.air is not None
            book = QUERIES["depth"](self.context, params, 0, self.now)
            snapshot = msgspec.json.decode(replies.RENDERERS["depth"](book, MS))
            arrives_at = self.now + self.draw.choice((0, 50 * MILLISECOND, 1_500 * MILLISECOND))
            # an answer waits for the journal as events do
            self.air.outbox.reply(self.air.last_seq, lambda: self.answers.append((arrives_at, follower, snapshot)))

        return ask

    def serve(self) -> None:
        """Take requests that were sent, and let answers arrive."""
        if not self.requests and not self.answers:
            return
        due = [request for request in self.requests if request[0] <= self.now]
        self.requests = [request for request in self.requests if request[0] > self.now]
        for _, follower in due:
            follower.request()
        arrived = [answer for answer in self.answers if answer[0] <= self.now]
        self.answers = [answer for answer in self.answers if answer[0] > self.now]
        for _, follower, snapshot in arrived:
            follower.answer(snapshot)

    @staticmethod
    def judge(books: dict[int, Book], update_id: int, book: Book) -> None:
        assert update_id in books, "an event ends where no boundary was"
        assert book == books[update_id]


def levels_of(side: Any) -> Levels:
    return {level.price: level.quantity for level in side.levels.values()}


def follow(names: Iterable[str], seed: int, activity: float, seconds: int) -> None:
    """Let followers follow, and see that they did."""
    street = Street(names, seed, activity)
    street.live(seconds)
    stayed = [follower for follower in street.met if follower.applied]
    assert len(stayed) > len(street.met) // 2
    assert sum(follower.applied for follower in stayed) > 10 * len(stayed)
    # a second snapshot was asked for when the first would not do, and it did
    assert max(follower.asked for follower in street.met) == 2
    assert not street.refused


def test_local_books_equal_the_exchange_for_an_hour_whenever_they_begin() -> None:
    follow(("XRPUSDT",), seed=1, activity=1.0, seconds=3_600)


@pytest.mark.simulate
def test_local_books_of_all_symbols_equal_the_exchange_for_an_hour() -> None:
    follow(ALL, seed=Random().randrange(2**32), activity=1.0, seconds=3_600)
