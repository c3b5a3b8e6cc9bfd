"""Which rule is met on which occasion, how often, and what of that is kept."""

from collections.abc import Callable
from typing import Any

import pytest

from papernet.app.fault_rules import FaultDoor, FaultPlan, FaultRule, Occasion, Place, completed
from papernet.core.commands import Command, Stage
from papernet.core.dates import MINUTE, SECOND

NOW = 1_000 * SECOND


class Room:
    """A plan and what it staged."""

    def __init__(self, draw: Callable[[int, int], int] = lambda _rule, _count: 0) -> None:
        self.staged: dict[str, bytes] = {}
        self.plan = FaultPlan(self.submit, draw)

    def submit(self, command: Command, _now: int) -> None:
        assert isinstance(command, Stage)
        if command.value is None:
            self.staged.pop(command.name, None)
        else:
            self.staged[command.name] = command.value

    def add(self, effect: str = "code-1001", **more: Any) -> FaultRule:
        return self.plan.add(FaultRule(0, effect, **more), NOW)

    def meet(self, *, now: int = NOW, place: Place = Place.REQUEST, door: FaultDoor = FaultDoor.REST, **more: str) -> int:
        """Return the id of the rule that is met, 0 for none."""
        met = self.plan.meet(Occasion(place, door, **{"name": "order.place"} | more), now)
        return 0 if met is None else met.id

    def meets(self, count: int) -> list[int]:
        """Return of so many occasions the numbers of those on which a rule was met."""
        return [number for number in range(1, count + 1) if self.meet()]


@pytest.mark.parametrize(
    ("terms", "fitting", "other"),
    [
        ({"door": "rest"}, {}, {"door": FaultDoor.WS_API}),
        ({"door": "*rest"}, {"door": FaultDoor.OPTIONS_REST}, {"door": FaultDoor.WS_API}),
        ({"operation": "order.*"}, {"name": "order.cancel"}, {"name": "openOrders.status"}),
        ({"operation": "order.place"}, {}, {"name": "order.place.all"}),
        ({"account": "alice"}, {"account": "alice"}, {"account": "alicia"}),
        ({"account": "a*"}, {"account": "alicia"}, {"account": ""}),
        ({"api_key": "?bc"}, {"api_key": "abc"}, {"api_key": "bc"}),
        ({"symbol": "BTC*"}, {"symbol": "BTCUSDT"}, {"symbol": "ETHBTC"}),
        ({"symbol": "*"}, {"symbol": "ETHBTC"}, {"symbol": ""}),
    ],
)
def test_a_rule_fits_by_its_patterns(terms: dict[str, Any], fitting: dict[str, Any], other: dict[str, Any]) -> None:
    room = Room()
    room.add(**terms)
    assert room.meet(**fitting) == 1
    assert room.meet(**other) == 0
    assert room.plan.counts(next(iter(room.plan.rules()))).seen == 1


def test_a_rule_about_streams_is_not_met_by_requests_nor_the_other_way_round() -> None:
    room = Room()
    room.add("drop", stream="btcusdt@*")
    room.add("disconnect", operation="x")
    streams = {"place": Place.EVENT, "door": FaultDoor.STREAMS}
    assert room.meet(name="btcusdt@trade") == 0
    assert room.meet(**streams, name="btcusdt@trade") == 1  # type: ignore[arg-type]
    assert room.meet(**streams, name="ethusdt@trade") == 0  # type: ignore[arg-type]


def test_a_rule_holds_from_its_beginning_until_before_its_end() -> None:
    room = Room()
    room.add(since=NOW, until=NOW + MINUTE)
    assert [room.meet(now=at) for at in (NOW - 1, NOW, NOW + MINUTE - 1, NOW + MINUTE)] == [0, 1, 1, 0]


@pytest.mark.parametrize(
    ("terms", "met"),
    [
        ({}, [1, 2, 3, 4, 5, 6, 7]),
        ({"nth": 3}, [3]),
        ({"every": 3}, [3, 6]),
        ({"nth": 1, "every": 3}, [1, 4, 7]),
        ({"times": 2}, [1, 2]),
        ({"every": 2, "times": 2}, [2, 4]),
    ],
)
def test_of_the_occasions_those_happen_that_the_rule_numbers(terms: dict[str, Any], met: list[int]) -> None:
    room = Room()
    room.add(**terms)
    assert room.meets(7) == met


def test_every_rule_counts_and_the_first_whose_turn_it_is_happens() -> None:
    room = Room()
    first, second = (
        room.add(nth=2),
        room.add(nth=2),
    )
    assert [room.meet(), room.meet(), room.meet()] == [0, 1, 0]
    assert (room.plan.counts(first).seen, room.plan.counts(first).done) == (3, 1)
    assert (room.plan.counts(second).seen, room.plan.counts(second).done) == (3, 0)


def test_a_probability_is_drawn_by_the_rule_and_the_number_of_the_occasion() -> None:
    asked: list[tuple[int, int]] = []

    def draw(rule: int, count: int) -> int:
        asked.append((rule, count))
        return 250_000 if count % 2 else 249_999

    room = Room(draw)
    room.add(probability=250_000)
    assert room.meets(4) == [2, 4]
    assert asked == [(1, 1), (1, 2), (1, 3), (1, 4)]


def test_a_certain_rule_draws_nothing() -> None:
    def draw(_rule: int, _count: int) -> int:
        raise AssertionError

    room = Room(draw)
    room.add()
    assert room.meets(2) == [1, 2]


def test_what_could_not_be_done_is_taken_back() -> None:
    room = Room()
    rule = room.add(times=1)
    assert room.meet()
    room.plan.take_back(rule)
    assert room.plan.counts(rule).done == 0
    assert room.meet()
    assert not room.meet()


@pytest.mark.parametrize(
    ("effect", "flags"),
    [
        ("code-1001", (True, False, False)),
        ("http-403", (True, True, False)),
        ("drop", (False, False, True)),
        ("no-pong", (False, False, True)),
    ],
)
def test_the_plan_says_where_there_is_anything_to_ask(effect: str, flags: tuple[bool, bool, bool]) -> None:
    room, told = Room(), list[int]()
    plan = room.plan
    plan.watchers.append(lambda: told.append(1))
    assert (plan.on_requests, plan.on_connects, plan.on_streams) == (False, False, False)
    rule = room.add(effect)
    assert (plan.on_requests, plan.on_connects, plan.on_streams) == flags
    plan.remove(rule.id, NOW)
    assert (plan.on_requests, plan.on_connects, plan.on_streams) == (False, False, False)
    assert len(told) == 2


def test_rules_are_kept_with_the_state_and_come_back_with_it() -> None:
    room = Room()
    kept, gone = room.add(symbol="BTCUSDT", nth=2), room.add("drop")
    room.plan.remove(gone.id, NOW)
    room.meet(symbol="BTCUSDT")
    other = Room()
    other.plan.load(room.staged)
    assert list(other.plan.rules()) == [kept]
    assert other.plan.counts(kept).seen == 0
    # An id is not given out a second time, wherever the rule was removed.
    other.plan._submit(Stage("faults/9", None), NOW)
    assert other.add().id == gone.id + 1


def test_counts_are_kept_when_they_are_asked_to_be() -> None:
    room = Room()
    room.add(nth=2)
    room.meet()
    room.plan.keep_counts(NOW)
    other = Room()
    other.plan.load(room.staged)
    assert other.meet() == 1


def test_what_is_not_about_faults_is_left_alone() -> None:
    room = Room()
    room.plan.load({"clock": b"{}", "faults/last": b"4"})
    assert list(room.plan.rules()) == []
    assert room.add().id == 5


def test_clearing_removes_all() -> None:
    room = Room()
    room.add()
    room.add("drop")
    assert room.plan.clear(NOW) == 2
    assert list(room.plan.rules()) == []
    assert [name for name in room.staged if name != "faults/last"] == []
    assert room.plan.remove(1, NOW) is None


def test_a_rule_is_completed_by_its_effect() -> None:
    assert completed(FaultRule(0, "http-418")).span == 2 * MINUTE
    assert completed(FaultRule(0, "http-418", span=SECOND)).span == SECOND
    assert completed(FaultRule(0, "code-1007")).executed is True
    assert completed(FaultRule(0, "code-1007", executed=False)).executed is False
    assert completed(FaultRule(0, "drop")).count == 1
