"""Followers keep local order books while events of the book go wrong: no book is ever wrong unnoticed, and each recovers.

A follower does what the documents say and nothing else: it goes on from a snapshot, passes over what it knows, and begins anew
when an event does not follow the one before. Rules drop, double, delay and reorder events and make gaps. Whenever a follower
believes its book, that is the book that the exchange had at that update id; and when the rules are gone, the next change brings
every follower up to date.
"""

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from papernet.app.fault_rules import FaultDoor
from papernet.app.operations import TimeUnit
from papernet.app.queries import QUERIES
from papernet.core.dates import MILLISECOND
from papernet.core.events import Applied
from papernet.protocols.json import replies
from tests.support.air import Ear, OnAir, payload_of
from tests.support.fault_room import FaultRoom
from tests.support.option_air import BUY, CALL, OptionsOnAir
from tests.support.worlds import ALICE, BOB, units

TENTH = 100 * MILLISECOND
DEPTH = "btcusdt@depth@100ms"

Levels = dict[int, int]
Book = tuple[Levels, Levels]


class Street:
    """A market whose changes go wrong on their way out, and what its book was after each of them."""

    def __init__(self) -> None:
        self.world = OnAir()
        self.room = FaultRoom(lambda: self.world.now)
        assert self.world.air is not None
        self.room.tap(FaultDoor.STREAMS, self.world.air.channels)
        self.books: dict[int, Book] = {}
        self.note()

    def change(self, step: int) -> None:
        """Place an order, or cancel what there is of it now and then."""
        applied: Applied
        if step % 5 == 4:
            applied = self.world.cancel_all(BOB, "BTCUSDT")
        elif step % 3 == 2:
            applied = self.world.sell(ALICE, "1", str(101 + step % 7))
        else:
            applied = self.world.buy(BOB, "1", str(90 + step % 11))
        assert applied is not None
        self.note()

    def wait(self) -> None:
        self.world.wait(TENTH)
        self.room.deferred.release(self.world.now)

    def note(self) -> None:
        book = self.world.exchange.markets["BTCUSDT"].book
        sides = ({level.price: level.quantity for level in side.levels.values()} for side in (book.bids, book.asks))
        bids, asks = sides
        self.books[book.update_id] = bids, asks

    def snapshot(self) -> Any:
        """Return the book as a query tells it."""
        params = {"symbol": "BTCUSDT", "limit": 5_000, "symbolStatus": None}
        book = QUERIES["depth"](self.world.context, params, 0, self.world.now)
        return msgspec.json.decode(replies.RENDERERS["depth"](book, TimeUnit.MILLISECOND))


class Follower(Ear):
    """Keeps a local order book (web-socket-streams.md, How to manage a local order book correctly)."""

    def __init__(self, street: Street) -> None:
        super().__init__()
        self.street = street
        self.book: Book | None = None
        self.update_id = 0
        self.begun = 0

    def send(self, frame: bytes) -> None:
        event = msgspec.json.decode(payload_of(frame))
        if self.book is not None and event["U"] > self.update_id + 1:
            # "discard your local order book and restart"
            self.book = None
        if self.book is None:
            self.begin(event)
        if self.book is not None and event["u"] > self.update_id:
            set_levels(self.book[0], event["b"])
            set_levels(self.book[1], event["a"])
            self.update_id = event["u"]
        self.judge()

    def begin(self, event: Any) -> None:
        snapshot = self.street.snapshot()
        if snapshot["lastUpdateId"] < event["U"]:
            return
        self.book = {}, {}
        set_levels(self.book[0], snapshot["bids"])
        set_levels(self.book[1], snapshot["asks"])
        self.update_id = snapshot["lastUpdateId"]
        self.begun += 1

    def judge(self) -> None:
        if self.book is not None:
            assert self.book == self.street.books[self.update_id], f"a wrong book at {self.update_id} went unnoticed"


def set_levels(levels: Levels, rows: Iterable[tuple[str, str]]) -> None:
    for price, quantity in rows:
        if units(quantity):
            levels[units(price)] = units(quantity)
        else:
            levels.pop(units(price), None)


def live(rules: list[dict[str, Any]], steps: list[int]) -> tuple[Street, list[Follower]]:
    """Return a market and its followers, up to date after a time in which things went wrong by the rules."""
    street = Street()
    followers = []
    for rule in rules:
        street.room.add(**rule)
    for index, changes in enumerate(steps):
        if index % 10 == 0:
            followers.append(Follower(street))
            street.world.listen(DEPTH, ear=followers[-1])
        for change in range(changes):
            street.change(index + change)
        street.wait()
    street.room.plan.clear(street.world.now)
    for step in (0, 1):
        street.change(step)
        street.wait()
    for follower in followers:
        assert follower.update_id == street.world.exchange.markets["BTCUSDT"].book.update_id
        assert follower.book == street.books[follower.update_id]
    return street, followers


_EFFECTS = st.sampled_from(["drop", "depth-gap", "duplicate", "reorder", "delay-event"])
_RULES = st.lists(
    st.fixed_dictionaries(
        {
            "effect": _EFFECTS,
            "every": st.integers(1, 9),
            "count": st.integers(1, 3),
            "span": st.sampled_from([TENTH, 2 * TENTH, 3 * TENTH]),
        },
        optional={"nth": st.integers(1, 20), "times": st.integers(1, 3)},
    ),
    max_size=4,
)


@settings(max_examples=150, deadline=None)
@given(_RULES, st.lists(st.integers(0, 4), min_size=5, max_size=40))
def test_no_book_is_wrong_unnoticed_and_each_recovers(rules: list[dict[str, Any]], steps: list[int]) -> None:
    live(rules, steps)


def test_without_rules_nobody_begins_anew() -> None:
    _, followers = live([], [2] * 40)
    assert [follower.begun for follower in followers] == [1, 1, 1, 1]


# The last one that is out of order comes when the rules are gone, and then in order.
@pytest.mark.parametrize(("effect", "gaps"), [("depth-gap", 4), ("drop", 4), ("reorder", 3)])
def test_each_gap_is_noticed_by_whoever_follows(effect: str, gaps: int) -> None:
    _, followers = live([{"effect": effect, "every": 10}], [2] * 40)
    assert [follower.begun for follower in followers[::2]] == [1 + gaps, 1 + gaps - 2]


def test_what_comes_twice_or_late_is_no_gap() -> None:
    for rule in ({"effect": "duplicate", "every": 3}, {"effect": "delay-event", "every": 7, "span": 2 * TENTH}):
        _, followers = live([rule], [2] * 40)
        assert [follower.begun for follower in followers] == [1, 1, 1, 1]


def test_a_follower_that_does_not_look_at_ids_is_found_out() -> None:
    """The judge can judge."""

    class Careless(Follower):
        def begin(self, event: Any) -> None:
            super().begin(event)
            self.begin = self.stay_away  # type: ignore[method-assign]

        def stay_away(self, event: Any) -> None:
            """Do not begin anew."""

        def send(self, frame: bytes) -> None:
            event = msgspec.json.decode(payload_of(frame))
            if self.book is not None:
                self.update_id = max(self.update_id, event["U"] - 1)
            super().send(frame)

    street = Street()
    follower = Careless(street)
    street.world.listen(DEPTH, ear=follower)
    street.room.add("depth-gap", nth=6)

    def go_on() -> None:
        for step in range(20):
            street.change(step)
            street.wait()

    with pytest.raises(AssertionError, match="went unnoticed"):
        go_on()


def test_a_gap_in_a_contracts_book_is_seen_by_its_previous_id() -> None:
    world = OptionsOnAir()
    room = FaultRoom(lambda: world.now)
    room.tap(FaultDoor.OPTIONS_STREAMS, world.channels)
    ear = world.listen(f"{CALL.lower()}@depth@100ms")
    room.add("depth-gap", symbol="BTC-*-C", nth=3)
    for price in range(2_000, 2_030, 5):
        world.option(ALICE, BUY, "1", str(price))
        world.wait(TENTH)
    events = ear.take()
    follows = [later["pu"] == earlier["u"] for earlier, later in pairwise(events)]
    assert follows == [True, False, True, True]
