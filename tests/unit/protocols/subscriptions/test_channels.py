"""Who listens to what."""

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from papernet.app.fault_rules import FaultDoor
from papernet.app.operations import TimeUnit
from papernet.protocols.streams.names import Stream, parse_stream
from papernet.protocols.subscriptions.channels import Channels
from tests.support.air import payload_of
from tests.support.fault_room import FaultRoom
from tests.support.stream_desk import Outside, stream

MILLI, MICRO = TimeUnit.MILLISECOND, TimeUnit.MICROSECOND
NAME = "btcusdt@trade"
TRADES = stream(NAME)


class Log:
    """Notes what begins and ends."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str, TimeUnit]] = []

    def started(self, stream: Stream, unit: TimeUnit) -> None:
        self.told.append(("started", stream.name, unit))

    def stopped(self, stream: Stream, unit: TimeUnit) -> None:
        self.told.append(("stopped", stream.name, unit))


def test_what_is_published_reaches_whoever_subscribed_as_it_is_or_in_its_envelope() -> None:
    channels, raw, combined, other = Channels(parse_stream), Outside(), Outside(), Outside()
    channels.subscribe(NAME, MILLI, raw, combined=False)
    channels.subscribe(NAME, MILLI, combined, combined=True)
    channels.subscribe("ethusdt@trade", MILLI, other, combined=False)
    channels.publish(TRADES, MILLI, b'{"t":1}')
    assert raw.take() == [b'{"t":1}']
    assert combined.take() == [b'{"stream":"btcusdt@trade","data":{"t":1}}']
    assert other.take() == []


def test_a_payload_is_framed_once_for_all_who_have_it_in_the_same_form() -> None:
    channels, outsides = Channels(parse_stream), [Outside() for _ in range(5)]
    for outside in outsides:
        channels.subscribe(NAME, MILLI, outside, combined=True)
    channels.publish(TRADES, MILLI, b"{}")
    first, *others = [outside.frames[0] for outside in outsides]
    assert all(frame is first for frame in others)


def test_time_units_are_channels_of_their_own() -> None:
    channels, milli, micro = Channels(parse_stream), Outside(), Outside()
    channels.subscribe(NAME, MILLI, milli, combined=False)
    channels.subscribe(NAME, MICRO, micro, combined=False)
    channels.publish(TRADES, MICRO, b"1")
    assert (milli.take(), micro.take()) == ([], [b"1"])


@pytest.mark.parametrize("combined", [False, True])
def test_only_what_the_next_message_replaces_is_sent_under_a_key(combined: bool) -> None:
    channels, outside = Channels(parse_stream), Outside()
    channels.subscribe(NAME, MILLI, outside, combined=combined)
    channels.publish(TRADES, MILLI, b"1", latest=True)
    channels.publish(TRADES, MILLI, b"2")
    assert outside.keys == [NAME, None]


def test_the_listener_hears_of_the_first_subscriber_and_of_the_last() -> None:
    channels, log, one, two = Channels(parse_stream), Log(), Outside(), Outside()
    channels.listener = log
    channels.subscribe(NAME, MILLI, one, combined=False)
    channels.subscribe(NAME, MILLI, two, combined=True)
    channels.subscribe(NAME, MILLI, one, combined=True)
    channels.unsubscribe(NAME, MILLI, one)
    channels.unsubscribe(NAME, MILLI, one)
    assert log.told == [("started", NAME, MILLI)]
    channels.unsubscribe(NAME, MILLI, two)
    assert log.told == [("started", NAME, MILLI), ("stopped", NAME, MILLI)]


def test_a_name_that_stands_for_nothing_is_no_channel() -> None:
    channels, log, outside = Channels(parse_stream), Log(), Outside()
    channels.listener = log
    for name in ("0", "BTCUSDT@trade", "btcusdt@markPrice"):
        channels.subscribe(name, MILLI, outside, combined=False)
        channels.unsubscribe(name, MILLI, outside)
    assert log.told == []


def test_names_of_symbols_that_need_escaping_are_escaped_in_the_envelope() -> None:
    channels, outside = Channels(parse_stream), Outside()
    channels.subscribe('币"\\@trade', MILLI, outside, combined=True)
    channels.publish(stream('币"\\@trade'), MILLI, b"0")
    assert outside.take() == ['{"stream":"币\\"\\\\@trade","data":0}'.encode()]


def test_a_connection_that_ends_while_it_is_sent_to_harms_nobody() -> None:
    channels, last = Channels(parse_stream), Outside()

    class Fragile(Outside):
        def send(self, frame: bytes) -> None:
            super().send(frame)
            channels.unsubscribe(NAME, MILLI, self)

    fragile = [Fragile() for _ in range(3)]
    for outside in (*fragile, last):
        channels.subscribe(NAME, MILLI, outside, combined=False)
    for payload in (b"1", b"2"):
        channels.publish(TRADES, MILLI, payload)
    assert [outside.take() for outside in fragile] == [[b"1"]] * 3
    assert last.take() == [b"1", b"2"]


def test_the_last_ones_may_all_end_while_they_are_sent_to() -> None:
    channels, log = Channels(parse_stream), Log()
    channels.listener = log

    class Fragile(Outside):
        def send(self, frame: bytes) -> None:
            channels.unsubscribe(NAME, MILLI, self)

    channels.subscribe(NAME, MILLI, Fragile(), combined=False)
    channels.subscribe(NAME, MILLI, Fragile(), combined=True)
    channels.publish(TRADES, MILLI, b"1")
    assert [told for told, _, _ in log.told] == ["started", "stopped"]


NAMES = ("btcusdt@trade", "btcusdt@depth@100ms", "!miniTicker@arr", "0")
names, units, indices = st.sampled_from(NAMES), st.sampled_from(TimeUnit), st.integers(0, 3)


class AgainstNaive(RuleBasedStateMachine):
    """Channels beside a flat list of subscriptions that is searched from end to end."""

    def __init__(self) -> None:
        super().__init__()
        self.channels, self.log = Channels(parse_stream), Log()
        self.channels.listener = self.log
        self.outsides = [Outside() for _ in range(4)]
        self.naive: dict[tuple[int, str, TimeUnit], bool] = {}

    @rule(index=indices, name=names, unit=units, combined=st.booleans())
    def subscribe(self, index: int, name: str, unit: TimeUnit, combined: bool) -> None:
        self.channels.subscribe(name, unit, self.outsides[index], combined=combined)
        self.naive[index, name, unit] = combined

    @rule(index=indices, name=names, unit=units)
    def unsubscribe(self, index: int, name: str, unit: TimeUnit) -> None:
        self.channels.unsubscribe(name, unit, self.outsides[index])
        self.naive.pop((index, name, unit), None)

    @rule(name=st.sampled_from(NAMES[:3]), unit=units, latest=st.booleans())
    def publish(self, name: str, unit: TimeUnit, latest: bool) -> None:
        self.channels.publish(stream(name), unit, b"[]", latest=latest)
        for index, outside in enumerate(self.outsides):
            combined = self.naive.get((index, name, unit))
            form = b'{"stream":"%b","data":[]}' % name.encode() if combined else b"[]"
            assert [payload_of(frame) for frame in outside.frames] == ([] if combined is None else [form])
            assert outside.keys == ([] if combined is None else [name if latest else None])
            outside.frames.clear()
            outside.keys.clear()

    @invariant()
    def the_listener_knows_what_is_wanted(self) -> None:
        wanted = {(name, unit) for _, name, unit in self.naive if name != "0"}
        known: set[tuple[str, TimeUnit]] = set()
        for what, name, unit in self.log.told:
            assert ((name, unit) in known) == (what == "stopped")
            (known.add if what == "started" else known.discard)((name, unit))
        assert known == wanted


def test_channels_do_what_a_naive_list_of_subscriptions_does() -> None:
    run_state_machine_as_test(AgainstNaive)


DEPTH = "btcusdt@depth"
MS = TimeUnit.MILLISECOND


class Tapped:
    """Channels about which there are rules, with one who hears a stream as it is and one who hears it in its envelope."""

    def __init__(self) -> None:
        self.room = FaultRoom()
        self.channels = Channels(parse_stream)
        self.room.tap(FaultDoor.STREAMS, self.channels)
        self.raw, self.combined = Outside(), Outside()
        self.channels.subscribe(DEPTH, MS, self.raw, combined=False)
        self.channels.subscribe(DEPTH, MS, self.combined, combined=True)

    def publish(self, *payloads: bytes, name: str = DEPTH, latest: bool = False) -> tuple[list[bytes], list[bytes]]:
        for payload in payloads:
            self.channels.publish(stream(name), MS, payload, latest=latest)
        return self.raw.take(), [text.removeprefix(b'{"stream":"btcusdt@depth","data":')[:-1] for text in self.combined.take()]


def test_an_event_goes_wrong_for_all_who_hear_it_and_is_met_once() -> None:
    tapped = Tapped()
    tapped.room.add("depth-gap", symbol="BTCUSDT", nth=2)
    assert tapped.publish(b"1", b"2", b"3") == ([b"1", b"3"], [b"1", b"3"])


def test_only_changes_of_a_book_can_have_a_gap() -> None:
    tapped = Tapped()
    tapped.channels.subscribe("btcusdt@depth5", MS, tapped.raw, combined=False)
    tapped.room.add("depth-gap")
    assert tapped.publish(b"1", name="btcusdt@depth5")[0] == [b"1"]


def test_what_is_late_keeps_its_form_and_its_key() -> None:
    tapped = Tapped()
    tapped.room.add("delay-event", stream="btcusdt@depth", span=1_000)
    assert tapped.publish(b"1", latest=True) == ([], [])
    tapped.room.wait(1_000)
    assert tapped.publish() == ([b"1"], [b"1"])
    assert (tapped.raw.keys, tapped.combined.keys) == ([DEPTH], [DEPTH])


def test_what_is_late_reaches_those_who_heard_it_then_and_are_there_still() -> None:
    tapped = Tapped()
    tapped.room.add("delay-event", span=1_000)
    tapped.publish(b"1")
    late = Outside()
    tapped.channels.subscribe(DEPTH, MS, late, combined=False)
    tapped.channels.unsubscribe(DEPTH, MS, tapped.raw)
    tapped.channels.subscribe(DEPTH, MS, tapped.combined, combined=False)
    tapped.room.wait(1_000)
    assert (late.take(), tapped.raw.take(), tapped.combined.take()) == ([], [], [b"1"])
