"""Messages on their way out, and what each effect makes of them."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papernet.app.fault_rules import FaultDoor
from papernet.core.dates import SECOND
from papernet.protocols.websocket.tampering import Passing, Tampering
from tests.support.air import Ear
from tests.support.fault_room import FaultRoom

Told = list[int]


class Line:
    """A feed that sends numbers down one lane, and what comes out at the other end."""

    def __init__(self, door: FaultDoor = FaultDoor.STREAMS) -> None:
        self.room = FaultRoom()
        self.tampering = Tampering(door, self.room.desk)
        self.told: Told = []
        self.ear = Ear()
        self.sent = 0

    def send(self, count: int = 1, name: str = "btcusdt@trade", *, is_change: bool = False) -> Told:
        """Send the next numbers; return all that came out so far."""
        for _ in range(count):
            self.sent += 1
            number = self.sent
            about = self.tampering.occasion(name, account=1, api_key="K", symbol="BTCUSDT")
            self.tampering.pass_on(name, Passing(about, self._telling(number), [self.ear], is_change, "listen"))
        return self.told

    def _telling(self, number: int) -> Callable[[], None]:
        return lambda: self.told.append(number)


@pytest.fixture
def line() -> Line:
    return Line()


def test_without_a_rule_that_is_met_everything_passes_in_order(line: Line) -> None:
    line.room.add("drop", stream="ethusdt@trade")
    assert line.send(3) == [1, 2, 3]


def test_a_dropped_message_never_comes(line: Line) -> None:
    line.room.add("drop", nth=2)
    assert line.send(4) == [1, 3, 4]
    line.room.wait(SECOND)
    line.tampering.flush()
    assert line.told == [1, 3, 4]


def test_as_many_are_dropped_in_a_row_as_the_rule_says(line: Line) -> None:
    line.room.add("drop", nth=2, count=3)
    assert line.send(6) == [1, 5, 6]


def test_what_is_lost_already_is_not_done_to_a_second_time(line: Line) -> None:
    line.room.add("drop", nth=1, count=3)
    doubled = line.room.add("duplicate", nth=2)
    assert line.send(4) == [4]
    assert line.room.done(doubled) == 0


def test_every_third_message_is_dropped(line: Line) -> None:
    line.room.add("drop", every=3)
    assert line.send(9) == [1, 2, 4, 5, 7, 8]


def test_a_rule_is_done_so_many_times_and_no_more(line: Line) -> None:
    line.room.add("drop", times=2)
    assert line.send(4) == [3, 4]


def test_a_message_is_told_again_at_once(line: Line) -> None:
    line.room.add("duplicate", nth=2)
    assert line.send(3) == [1, 2, 2, 3]


def test_a_message_is_told_as_often_again_as_the_rule_says(line: Line) -> None:
    line.room.add("duplicate", nth=1, count=3)
    assert line.send(2) == [1, 1, 1, 1, 2]


def test_a_late_message_holds_up_those_behind_it_and_no_other_lane(line: Line) -> None:
    line.room.add("delay-event", stream="btcusdt@trade", nth=2, span=SECOND)
    assert line.send(3) == [1]
    assert line.send(name="btcusdt@depth") == [1, 4]
    line.room.wait(SECOND - 1)
    assert line.told == [1, 4]
    line.room.wait(1)
    assert line.told == [1, 4, 2, 3]
    assert line.send() == [1, 4, 2, 3, 5]


def test_when_all_are_late_each_is_by_as_much(line: Line) -> None:
    line.room.add("delay-event", span=SECOND)
    line.send()
    line.room.wait(SECOND // 2)
    assert line.send() == []
    line.room.wait(SECOND // 2)
    assert line.told == [1]
    line.room.wait(SECOND // 2)
    assert line.told == [1, 2]


def test_a_message_that_is_less_late_does_not_overtake_one_that_is_more(line: Line) -> None:
    line.room.add("delay-event", nth=1, span=3 * SECOND)
    line.room.add("delay-event", nth=2, span=SECOND)
    line.send(2)
    line.room.wait(SECOND)
    assert line.told == []
    line.room.wait(2 * SECOND)
    assert line.told == [1, 2]


def test_nothing_is_kept_of_a_lane_that_is_clear(line: Line) -> None:
    line.room.add("drop", every=2)
    line.room.add("delay-event", every=3, span=SECOND)
    line.send(6)
    line.room.wait(SECOND)
    assert line.tampering._lanes == {}


def test_a_message_out_of_order_comes_behind_the_next(line: Line) -> None:
    line.room.add("reorder", nth=2)
    assert line.send(2) == [1]
    assert line.send() == [1, 3, 2]
    assert line.send() == [1, 3, 2, 4]


def test_a_message_out_of_order_comes_behind_as_many_as_the_rule_says(line: Line) -> None:
    line.room.add("reorder", nth=1, count=2)
    assert line.send(4) == [2, 3, 1, 4]


def test_when_all_are_out_of_order_neighbours_change_places(line: Line) -> None:
    line.room.add("reorder")
    assert line.send(6) == [2, 1, 4, 3, 6, 5]


def test_a_message_out_of_order_waits_for_one_that_is_not_lost(line: Line) -> None:
    line.room.add("reorder", nth=1)
    line.room.add("drop", nth=2)
    assert line.send(3) == [3, 1]


def test_changes_of_a_book_are_counted_apart(line: Line) -> None:
    line.room.add("depth-gap", nth=2)
    line.send(3, "btcusdt@trade")
    assert line.send(3, "btcusdt@depth", is_change=True) == [1, 2, 3, 4, 6]


def test_a_gap_may_be_longer(line: Line) -> None:
    line.room.add("depth-gap", nth=2, count=2)
    assert line.send(4, "btcusdt@depth", is_change=True) == [1, 4]


def test_of_two_rules_that_are_met_by_a_change_one_is_done(line: Line) -> None:
    doubled = line.room.add("duplicate", nth=1)
    gap = line.room.add("depth-gap", nth=1)
    assert line.send(1, "btcusdt@depth", is_change=True) == [1, 1]
    assert (line.room.done(doubled), line.room.done(gap)) == (1, 0)


def test_half_a_frame_is_sent_on_a_connection_that_breaks_off(line: Line) -> None:
    line.room.add("half-frame", nth=2)
    line.send()
    assert line.ear.upsets == []
    # the connection itself makes a half of what it is sent
    assert line.send() == [1, 2]
    assert line.ear.upsets == ["mid-frame"]


@pytest.mark.parametrize("effect", ["stall", "break-off"])
def test_what_ends_a_connection_takes_the_message_with_it(line: Line, effect: str) -> None:
    line.room.add(effect, nth=1)
    assert line.send() == []
    assert line.ear.upsets == [effect]


def test_what_nobody_can_hear_is_no_occasion(line: Line) -> None:
    rule = line.room.add("stall")
    line.ear.finished = True
    assert line.send(3) == []
    assert line.room.plan.counts(rule).seen == 0


def test_with_a_shutdown_the_message_is_still_told(line: Line) -> None:
    line.room.add("server-shutdown", nth=1)
    assert line.send() == [1]
    assert line.room.announced == [line.ear]


def test_a_shutdown_is_announced_once_though_many_messages_meet_it(line: Line) -> None:
    line.room.add("server-shutdown", stream="btcusdt@trade", span=SECOND)
    assert line.send(3) == [1, 2, 3]
    assert line.room.announced == [line.ear]


def test_a_listen_key_ends_before_the_event_that_it_would_tell() -> None:
    line = Line(FaultDoor.USER_DATA)
    keys = line.room.with_keys()
    key = keys.start(1, line.room.time)
    line.room.add("listen-key-expiry", nth=2)
    about = line.tampering.occasion("executionReport", account=1, api_key=key)
    for number in range(3):
        line.tampering.pass_on("lane", Passing(about, line._telling(number), [line.ear], listen_key=key))
    assert line.told == [0, 2]
    assert keys.has_run_out(key, line.room.time)


def test_where_there_is_no_listen_key_none_ends_and_the_rule_is_not_done() -> None:
    line = Line(FaultDoor.USER_DATA)
    rule = line.room.add("listen-key-expiry")
    assert line.send() == [1]
    assert line.room.done(rule) == 0


def test_a_rule_about_somebody_else_is_not_met(line: Line) -> None:
    for fields in (
        {"account": "bob"},
        {"api_key": "k"},
        {"symbol": "ETH*"},
        {"stream": "*@depth"},
        {"door": "user-data"},
        {"until": line.room.time},
        {"since": line.room.time + 1},
    ):
        line.room.add("drop", **fields)
    assert line.send() == [1]


@pytest.mark.parametrize(
    "fields", [{"account": "al*"}, {"api_key": "K"}, {"symbol": "BTC*"}, {"stream": "btcusdt@*"}, {"door": "streams"}]
)
def test_a_rule_is_met_by_what_its_patterns_fit(line: Line, fields: dict[str, str]) -> None:
    line.room.add("drop", **fields)
    assert line.send() == []


def test_everybodys_messages_have_no_account(line: Line) -> None:
    assert line.tampering.occasion("btcusdt@trade").account == ""


def test_a_flush_lets_everything_go_in_order_and_later_times_bring_nothing(line: Line) -> None:
    line.room.add("delay-event", stream="late", nth=2, span=SECOND)
    line.room.add("reorder", stream="swapped", nth=1)
    line.send(3, "late")
    line.send(1, "swapped")
    line.tampering.flush()
    assert line.told == [1, 2, 3, 4]
    line.room.wait(SECOND)
    assert line.send(1, "late") == [1, 2, 3, 4, 5]


_EFFECTS = st.sampled_from(["duplicate", "delay-event", "reorder"])


@given(
    st.lists(st.tuples(_EFFECTS, st.integers(1, 12), st.integers(1, 4)), max_size=6),
    st.lists(st.sampled_from(["send", "wait"]), max_size=40),
)
def test_nothing_is_lost_but_by_a_rule_that_says_so(rules: list[tuple[str, int, int]], steps: list[str]) -> None:
    line = Line()
    for effect, nth, amount in rules:
        line.room.add(effect, nth=nth, span=amount * SECOND, count=amount)
    for step in steps:
        if step == "send":
            line.send()
        else:
            line.room.wait(SECOND)
    line.tampering.flush()
    line.room.wait(100 * SECOND)
    assert sorted(set(line.told)) == list(range(1, line.sent + 1))
    if all(effect == "delay-event" for effect, _, _ in rules):
        assert line.told == sorted(line.told)
