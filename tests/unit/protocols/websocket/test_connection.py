"""The rules of a connection, with bytes and time as arguments."""

import itertools
from collections.abc import Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from papernet.app.fault_rules import Place
from papernet.core.dates import DAY, HOUR, MINUTE, SECOND
from papernet.protocols.websocket.connection import (
    BAD_TEXT,
    CLOSING_TIME,
    DAY_OVER,
    LOST,
    NOT_TEXT,
    PONG_TIMEOUT,
    SLOW_READER,
    TOO_MANY_MESSAGES,
    Closed,
    Connection,
    Event,
    Text,
)
from papernet.protocols.websocket.frames import text_frame
from papernet.protocols.websocket.peer import Peer, Rules, Withholds
from tests.support.raw_websocket import (
    BINARY,
    CLOSE,
    CONT,
    PING,
    PONG,
    TEXT,
    Frame,
    client_frame,
    close,
    closing,
    server_frames,
    text,
)

START = 1_700_000_000 * SECOND
API = Rules(messages_per_second=0, message_max=1_000, backlog_max=100)
STREAMS = Rules(messages_per_second=5, message_max=1_000, backlog_max=100)
BUSY = [text_frame(b"x" * 50)] * 3


class Desk:
    """A connection with whoever would hold its socket."""

    def __init__(self, rules: Rules = API, response: bytes = b"", withholds: Withholds | None = None) -> None:
        self.woken = 0
        self.connection = Connection("127.0.0.1", START, rules=rules, wake=self._wake, response=response, withholds=withholds)

    def _wake(self, connection: Connection) -> None:
        assert connection is self.connection
        self.woken += 1

    def get(self, data: bytes, now: int = START) -> list[Event]:
        """Return what bytes of the client say."""
        self.connection.receive(data, now)
        return self.connection.events()

    def sent(self) -> list[Frame]:
        """Return the frames that are written now; the transport must not be closed behind them."""
        output = self.connection.data_to_send()
        assert all(output)
        return list(server_frames(b"".join(output)))

    def ended(self) -> list[Frame]:
        """Return the last frames that are written, behind which the transport is closed."""
        *output, end = self.connection.data_to_send()
        assert end == b""
        assert self.connection.data_to_send() == []
        return list(server_frames(b"".join(output)))

    def tick(self, now: int) -> list[Frame]:
        """Return what is written because it is `now`."""
        self.connection.tick(now)
        return self.sent()


def test_a_connection_is_a_peer() -> None:
    peer: Peer = Desk().connection
    assert peer.ip == "127.0.0.1"


def test_a_message_is_an_event_and_an_answer_is_output() -> None:
    desk = Desk()
    assert desk.get(text('{"id":1}')) == [Text('{"id":1}')]
    assert desk.connection.events() == []
    desk.connection.send(text_frame(b"one"))
    desk.connection.send(text_frame(b"two"))
    assert desk.woken == 1
    assert desk.sent() == [Frame(TEXT, b"one"), Frame(TEXT, b"two")]
    assert desk.sent() == []
    desk.connection.send_latest("key", text_frame(b"three"))
    assert desk.woken == 2
    assert desk.sent() == [Frame(TEXT, b"three")]


def test_the_answer_to_the_handshake_stands_before_everything() -> None:
    desk = Desk(response=b"HTTP/1.1 101 Switching Protocols\r\n\r\n")
    desk.connection.send(b"\x81\x00")
    assert desk.woken == 0
    assert desk.connection.data_to_send() == [b"HTTP/1.1 101 Switching Protocols\r\n\r\n", b"\x81\x00"]


def test_a_ping_gets_its_payload_back() -> None:
    desk = Desk()
    assert desk.get(client_frame(PING, b"42")) == []
    assert desk.woken == 1
    assert desk.sent() == [Frame(PONG, b"42")]


@pytest.mark.parametrize(
    ("data", "closed"),
    [
        (client_frame(BINARY, b"{}"), NOT_TEXT),
        (client_frame(TEXT, b"\xff"), BAD_TEXT),
        (client_frame(TEXT, b"\xe2\x82", fin=False) + client_frame(CONT, b" ", fin=False), BAD_TEXT),
        (client_frame(TEXT, size=1_001), Closed(1009, "")),
        (client_frame(TEXT, b"{}", mask=None), Closed(1002, "")),
        (client_frame(TEXT, b"{}", reserved=4), Closed(1002, "")),
        (client_frame(3), Closed(1002, "")),
        (close(999), Closed(1002, "")),
    ],
)
def test_what_may_not_be_sent_ends_the_connection(data: bytes, closed: Closed) -> None:
    desk = Desk()
    before, end = desk.get(text("good") + data + text("late"))
    assert before == Text("good")
    assert isinstance(end, Closed)
    assert end.code == closed.code
    assert end.reason == closed.reason or not closed.reason
    desk.connection.send(text_frame(b"answer"))
    answer, last = desk.ended()
    assert answer == Frame(TEXT, b"answer")
    assert closing(last) == (end.code, end.reason)
    assert desk.get(text("later")) == []
    desk.connection.send(text_frame(b"late"))
    assert desk.sent() == []


def test_a_close_is_answered_behind_the_answers_to_what_came_before_it() -> None:
    desk = Desk()
    assert desk.get(text("last") + close(1000, b"bye")) == [Text("last"), Closed(1000, "bye")]
    desk.connection.send(text_frame(b"answer"))
    answer, last = desk.ended()
    assert answer == Frame(TEXT, b"answer")
    assert closing(last) == (1000, "bye")


def test_a_close_without_a_code_is_answered_alike() -> None:
    desk = Desk()
    assert desk.get(close(None)) == [Closed(1005, "")]
    assert desk.ended() == [Frame(CLOSE, b"")]


def test_bytes_that_end_are_a_loss_told_once() -> None:
    desk = Desk()
    assert desk.get(text("half")[:-1]) == []
    desk.connection.receive_eof(START)
    desk.connection.receive_eof(START)
    assert desk.connection.events() == [LOST]
    assert desk.ended() == []
    desk.connection.close(1000, "")
    assert desk.connection.events() == []
    assert desk.sent() == []


def test_papernet_closes_behind_what_it_sent() -> None:
    desk = Desk()
    desk.connection.send(text_frame(b"last"))
    desk.connection.close(1001, "Server shutdown")
    desk.connection.send(text_frame(b"late"))
    desk.connection.send_latest("key", text_frame(b"late"))
    desk.connection.close(1000, "again")
    assert desk.connection.events() == [Closed(1001, "Server shutdown")]
    last, end = desk.ended()
    assert last == Frame(TEXT, b"last")
    assert closing(end) == (1001, "Server shutdown")
    assert desk.get(close(1001)) == []


def test_a_close_wakes_when_there_is_nothing_else() -> None:
    desk = Desk()
    desk.connection.close(1000, "")
    assert desk.woken == 1


# web-socket-streams.md, General WSS information: a ping every 20 seconds, a minute for the pong, 24 hours.


def test_a_ping_goes_out_every_twenty_seconds() -> None:
    desk = Desk()
    assert desk.connection.due == START + 20 * SECOND
    assert desk.tick(START + 20 * SECOND - 1) == []
    (ping,) = desk.tick(START + 20 * SECOND)
    assert ping == Frame(PING, b"1700000020000")
    assert desk.tick(START + 20 * SECOND) == []
    # A look that comes late does not move the pings behind it.
    assert desk.tick(START + 40 * SECOND + 400_000) == [Frame(PING, b"1700000040400")]
    assert desk.tick(START + 60 * SECOND - 1) == []
    assert desk.tick(START + 60 * SECOND) == [Frame(PING, b"1700000060000")]


def test_a_ping_without_its_pong_ends_the_connection_after_a_minute() -> None:
    desk = Desk()
    for number in (20, 40, 60):
        assert len(desk.tick(START + number * SECOND)) == 1
    assert desk.connection.due == START + 80 * SECOND
    desk.connection.tick(START + 80 * SECOND - 1)
    assert desk.connection.events() == []
    desk.connection.tick(START + 80 * SECOND)
    assert desk.connection.events() == [PONG_TIMEOUT]
    assert closing(*desk.ended()) == (1008, "Pong timeout")


def test_a_door_may_ping_less_often_and_wait_longer() -> None:
    calm = Rules(
        messages_per_second=10, message_max=1_000, backlog_max=100, ping_interval=5 * MINUTE, pong_deadline=15 * MINUTE
    )
    desk = Desk(calm)
    desk.connection.tick(START + 5 * MINUTE - 1)
    assert desk.sent() == []
    for count in range(1, 4):
        desk.connection.tick(START + count * 5 * MINUTE)
        assert [frame.opcode for frame in desk.sent()] == [PING]
    desk.connection.tick(START + 20 * MINUTE - 1)
    assert not desk.connection.events()
    desk.connection.tick(START + 20 * MINUTE)
    assert desk.connection.events() == [PONG_TIMEOUT]


def test_a_pong_answers_its_ping_and_those_before_it() -> None:
    desk = Desk()
    first, second, third = (desk.tick(START + number * SECOND)[0].payload for number in (20, 40, 60))
    desk.get(client_frame(PONG, second))
    desk.tick(START + 80 * SECOND)
    desk.get(client_frame(PONG, first))
    desk.tick(START + 100 * SECOND)
    desk.tick(START + 120 * SECOND - 1)
    assert desk.connection.events() == []
    desk.get(client_frame(PONG, third))
    desk.tick(START + 120 * SECOND)
    assert desk.connection.events() == []


@pytest.mark.parametrize("payload", [b"", b"1700000020001", b"01700000020000", b"undefined"])
def test_a_pong_that_answers_no_ping_is_allowed_but_does_not_help(payload: bytes) -> None:
    desk = Desk()
    desk.get(client_frame(PONG, payload))
    for number in (20, 40, 60):
        desk.tick(START + number * SECOND)
        assert desk.get(client_frame(PONG, payload)) == []
    desk.connection.tick(START + 80 * SECOND)
    assert desk.connection.events() == [PONG_TIMEOUT]


def test_a_whole_day_passes_and_then_the_connection_is_cut() -> None:
    desk = Desk(STREAMS)
    pings = 0
    now = START
    while desk.connection.due < START + DAY:
        now = desk.connection.due
        for ping in desk.tick(now):
            pings += 1
            assert desk.get(client_frame(PONG, ping.payload), now) == []
            # Some clients answer twice, the second time with nothing.
            assert desk.get(client_frame(PONG), now) == []
    assert pings == DAY // (20 * SECOND) - 1
    assert desk.tick(START + DAY - 1) == []
    desk.connection.tick(START + DAY)
    assert desk.connection.events() == [DAY_OVER]
    assert closing(*desk.ended()) == (DAY_OVER.code, DAY_OVER.reason)


def test_a_clock_that_jumps_owes_one_ping_and_gives_a_minute_for_its_pong() -> None:
    desk = Desk()
    (ping,) = desk.tick(START + 5 * HOUR + 7 * SECOND)
    assert desk.tick(START + 5 * HOUR + 8 * SECOND) == []
    assert desk.connection.due == START + 5 * HOUR + 20 * SECOND
    desk.get(client_frame(PONG, ping.payload))
    assert len(desk.tick(START + 5 * HOUR + 20 * SECOND)) == 1
    assert len(desk.tick(START + 5 * HOUR + 67 * SECOND)) == 1
    assert desk.connection.events() == []


def test_a_clock_that_jumps_over_the_day_cuts() -> None:
    desk = Desk()
    desk.connection.tick(START + 3 * DAY)
    assert desk.connection.events() == [DAY_OVER]


def test_a_clock_that_goes_back_changes_nothing() -> None:
    desk = Desk(STREAMS)
    for number in range(5):
        assert desk.get(text(str(number)), START + HOUR) == [Text(str(number))]
    assert desk.tick(START - HOUR) == []
    assert desk.get(text("back"), START - HOUR) == [Text("back")]


def test_a_peer_that_does_not_close_its_side_is_given_up() -> None:
    desk = Desk()
    desk.connection.close(1000, "")
    desk.ended()
    assert desk.connection.due == 0
    desk.connection.tick(START + MINUTE)
    assert not desk.connection.overdue
    desk.connection.tick(START + MINUTE + CLOSING_TIME - 1)
    assert not desk.connection.overdue
    desk.connection.tick(START + MINUTE + CLOSING_TIME)
    assert desk.connection.overdue


# web-socket-streams.md, WebSocket Limits: 5 messages a second, of which pings and pongs are some.


@pytest.mark.parametrize(
    "frames",
    [
        [text("x")] * 6,
        [client_frame(PING)] * 6,
        [client_frame(PONG)] * 6,
        [text("x"), client_frame(PING), client_frame(PONG)] * 2,
        [client_frame(TEXT, b"a", fin=False) + client_frame(CONT, b"b")] * 6,
    ],
)
def test_the_sixth_message_within_a_second_ends_the_connection(frames: list[bytes]) -> None:
    desk = Desk(STREAMS)
    events: list[Event] = []
    for number, frame in enumerate(frames):
        assert TOO_MANY_MESSAGES not in events
        events += desk.get(frame, START + number * SECOND // 6)
    assert events[-1] is TOO_MANY_MESSAGES
    assert len(events) <= 6
    last = desk.ended()[-1]
    assert closing(last) == (1008, "Too many requests")


def test_six_messages_in_one_packet_are_five_and_an_end() -> None:
    assert Desk(STREAMS).get(text("x") * 9) == [*[Text("x")] * 5, TOO_MANY_MESSAGES]


def test_five_messages_a_second_are_allowed_for_ever() -> None:
    desk = Desk(STREAMS)
    for second in range(100):
        assert desk.get(text("x") * 5, START + second * SECOND) == [Text("x")] * 5
    for step in range(100):
        assert desk.get(text("x"), START + 200 * SECOND + step * SECOND // 5) == [Text("x")]


def test_fragments_are_one_message_and_a_close_is_none() -> None:
    desk = Desk(STREAMS)
    pieces = client_frame(TEXT, b"a", fin=False) + client_frame(CONT, b"b", fin=False) * 10 + client_frame(CONT, b"c")
    message = Text("a" + "b" * 10 + "c")
    assert desk.get(pieces * 5 + close()) == [*[message] * 5, Closed(1000, "")]


def test_where_nothing_is_said_of_a_second_anything_goes() -> None:
    assert len(Desk(API).get(text("x") * 1_000)) == 1_000


# Slow readers.


def test_a_paused_connection_gives_nothing_out_and_wakes_nobody() -> None:
    desk = Desk()
    desk.connection.pause()
    desk.connection.pause()
    assert desk.connection.paused
    for frame in (text_frame(b"1"), text_frame(b"2")):
        desk.connection.send(frame)
    assert (desk.sent(), desk.woken) == ([], 0)
    desk.connection.resume()
    assert not desk.connection.paused
    assert desk.woken == 1
    assert desk.sent() == [Frame(TEXT, b"1"), Frame(TEXT, b"2")]
    desk.connection.send(text_frame(b"3"))
    assert desk.sent() == [Frame(TEXT, b"3")]


def test_what_was_sent_before_a_pause_leaves_first() -> None:
    desk = Desk()
    desk.connection.send(text_frame(b"1"))
    desk.connection.pause()
    desk.connection.send(text_frame(b"2"))
    desk.connection.resume()
    assert [frame.payload for frame in desk.sent()] == [b"1", b"2"]


def test_nobody_is_woken_after_a_pause_in_which_nothing_was_sent() -> None:
    desk = Desk()
    desk.connection.pause()
    desk.connection.resume()
    assert desk.woken == 0


def test_behind_a_slow_reader_the_latest_of_a_key_waits() -> None:
    desk = Desk()
    desk.connection.send_latest("ticker", text_frame(b"t0"))
    assert desk.sent() == [Frame(TEXT, b"t0")]
    desk.connection.pause()
    for number in range(1, 1_000):
        desk.connection.send_latest("ticker", text_frame(b"t%d" % number))
    desk.connection.send(text_frame(b"reply"))
    desk.connection.send_latest("depth", text_frame(b"d"))
    desk.connection.resume()
    assert [frame.payload for frame in desk.sent()] == [b"t999", b"reply", b"d"]


def test_a_reader_that_is_too_slow_is_closed_with_a_reason() -> None:
    desk = Desk()
    desk.connection.pause()
    desk.connection.send(BUSY[0])
    assert desk.connection.events() == []
    desk.connection.send(BUSY[1])
    assert desk.connection.events() == [SLOW_READER]
    assert desk.woken == 1
    desk.connection.send(BUSY[2])
    assert closing(*desk.ended()) == (1008, "Slow reader")
    desk.connection.resume()
    assert desk.sent() == []


def test_as_much_as_may_wait_waits() -> None:
    desk = Desk()
    desk.connection.pause()
    desk.connection.send(text_frame(b"x" * 98))
    desk.connection.resume()
    assert len(desk.sent()) == 1
    assert desk.connection.events() == []


def test_a_close_waits_behind_what_a_slow_reader_has_not_read() -> None:
    desk = Desk()
    desk.connection.pause()
    desk.connection.send(text_frame(b"1"))
    desk.connection.close(1001, "")
    desk.connection.send(text_frame(b"2"))
    assert desk.connection.data_to_send() == []
    desk.connection.resume()
    first, last = desk.ended()
    assert first == Frame(TEXT, b"1")
    assert closing(last) == (1001, "")


def test_a_pause_behind_the_end_is_none() -> None:
    desk = Desk()
    desk.connection.close(1000, "")
    desk.ended()
    desk.connection.pause()
    assert not desk.connection.paused


def test_answers_that_are_too_many_behind_a_close_of_the_peer_end_at_once() -> None:
    desk = Desk()
    desk.connection.pause()
    assert desk.get(text("a") + close(1000)) == [Text("a"), Closed(1000, "")]
    for frame in BUSY:
        desk.connection.send(frame)
    assert desk.connection.events() == []
    assert closing(*desk.ended()) == (1000, "")


def test_a_stalled_reader_gets_no_ping_to_answer_and_is_cut() -> None:
    desk = Desk()
    desk.connection.pause()
    for number in (20, 40, 60):
        assert desk.tick(START + number * SECOND) == []
    desk.connection.tick(START + 80 * SECOND)
    assert desk.connection.events() == [PONG_TIMEOUT]


# Whatever the bytes, however they are cut.

FRAMES = st.one_of(
    st.builds(text, st.text(max_size=20)),
    st.builds(
        client_frame,
        st.sampled_from([TEXT, CONT, CONT, PING, PONG, CLOSE, BINARY, 3]),
        st.binary(max_size=20),
        fin=st.booleans(),
        reserved=st.sampled_from([0, 0, 0, 0, 1]),
        mask=st.sampled_from([b"\x00\x00\x00\x00", b"abcd", b"abcd", None]),
        size=st.sampled_from([None, None, None, None, 0, 126, 2_000, 70_000]),
    ),
    st.builds(close, st.sampled_from([1000, 3000, 999, None])),
    st.binary(max_size=8),
)


def events_of(chunks: Sequence[bytes], rules: Rules) -> list[Event]:
    """Return all that bytes say, with the end that they come to."""
    desk = Desk(rules)
    events = [event for chunk in chunks for event in desk.get(chunk)]
    desk.connection.receive_eof(START)
    return events + desk.connection.events()


@given(st.lists(FRAMES, max_size=12).map(b"".join), st.lists(st.integers(0, 200)), st.sampled_from([API, STREAMS]))
@example(text("x") * 6 + close(), [15, 30], STREAMS)
@example(client_frame(TEXT, b"\xff") + close(), [7], API)
@example(client_frame(BINARY) + client_frame(TEXT, mask=None), [3], API)
def test_any_cut_of_any_bytes_says_the_same(data: bytes, cuts: list[int], rules: Rules) -> None:
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    chunks = [data[start:stop] for start, stop in itertools.pairwise(edges)]
    whole = events_of([data], rules)
    assert events_of(chunks, rules) == whole
    assert events_of([bytes((byte,)) for byte in data], rules) == whole
    assert [isinstance(event, Closed) for event in whole] == [False] * (len(whole) - 1) + [True]


@given(st.lists(st.sampled_from(["send", "latest", "pause", "resume", "take", "text", "tick", "close", "peer", "eof"])))
def test_nothing_is_lost_doubled_or_given_out_of_order(steps: list[str]) -> None:
    desk = Desk(API)
    sent = 0
    got: list[int] = []
    ended = False
    now = START
    for step in steps:
        connection = desk.connection
        if step in ("send", "latest"):
            frame = text_frame(b"%d" % sent)
            sent += 1
            connection.send(frame) if step == "send" else connection.send_latest(step, frame)
        elif step in ("pause", "resume"):
            connection.pause() if step == "pause" else connection.resume()
        elif step == "take":
            output = connection.data_to_send()
            assert not (ended and output)
            assert not (connection.paused and output)
            ended = bool(output) and not output[-1]
            got += [int(frame.payload) for frame in server_frames(b"".join(output)) if frame.opcode == TEXT]
        elif step in ("text", "peer"):
            desk.get(text("x") if step == "text" else close())
        elif step == "eof":
            connection.receive_eof(now)
        elif step == "close":
            connection.close(1000, "")
        else:
            now += 7 * SECOND
            connection.tick(now)
    assert got == sorted(got)
    assert len(got) == len(dict.fromkeys(got))


def test_a_stalled_connection_says_and_hears_nothing_and_never_ends_by_itself() -> None:
    desk = Desk(STREAMS)
    desk.connection.send(text_frame(b"before"))
    desk.connection.stall()
    assert desk.sent() == [Frame(TEXT, b"before")]
    desk.connection.send(text_frame(b"after"))
    desk.connection.send_latest("key", text_frame(b"after"))
    assert desk.get(text("hear me") + client_frame(PING, b"?") + close()) == []
    for span in (20 * SECOND, 2 * MINUTE, HOUR, 2 * DAY):
        desk.connection.tick(START + span)
    desk.connection.close(1000, "no")
    desk.connection.break_off()
    assert desk.sent() == []
    assert desk.connection.events() == []
    assert (desk.connection.is_stalled, desk.connection.overdue, desk.connection.paused) == (True, False, False)


def test_a_stalled_connection_is_not_woken_by_its_transport() -> None:
    desk = Desk()
    desk.connection.pause()
    desk.connection.send(text_frame(b"waits"))
    desk.connection.stall()
    desk.connection.resume()
    desk.connection.pause()
    desk.connection.resume()
    desk.connection.send(text_frame(b"after"))
    assert (desk.sent(), desk.woken) == ([], 0)


def test_a_connection_that_breaks_off_ends_behind_what_it_sent_without_a_close_frame() -> None:
    desk = Desk()
    desk.connection.send(text_frame(b"before"))
    desk.connection.break_off()
    desk.connection.send(text_frame(b"after"))
    assert desk.connection.data_to_send() == [text_frame(b"before"), b""]
    assert (desk.connection.events(), desk.connection.is_severed) == ([LOST], True)


def test_a_connection_that_has_nothing_to_say_is_woken_to_break_off() -> None:
    desk = Desk()
    desk.connection.break_off()
    assert (desk.woken, desk.connection.data_to_send()) == (1, [b""])
    desk.connection.break_off()
    assert desk.connection.data_to_send() == []


def test_half_of_the_next_frame_is_the_last_of_a_connection_that_is_torn() -> None:
    desk = Desk()
    desk.connection.break_off(mid_frame=True)
    assert not desk.connection.is_severed
    desk.connection.send(text_frame(b"12345678"))
    desk.connection.send(text_frame(b"after"))
    assert (desk.woken, desk.connection.data_to_send()) == (1, [text_frame(b"12345678")[:5], b""])
    assert desk.connection.events() == [LOST]


def test_a_torn_connection_waits_for_its_next_frame_whatever_its_transport_does() -> None:
    desk = Desk()
    desk.connection.break_off(mid_frame=True)
    desk.connection.pause()
    desk.connection.resume()
    desk.connection.send_latest("key", text_frame(b"12345678"))
    assert desk.connection.data_to_send() == [text_frame(b"12345678")[:5], b""]


def test_a_slow_reader_does_not_delay_that_its_connection_breaks_off() -> None:
    desk = Desk()
    desk.connection.pause()
    desk.connection.send(text_frame(b"waits"))
    desk.connection.break_off(mid_frame=True)
    assert desk.connection.data_to_send() == [b""]


class Keeper:
    """Leaves out the pings and pongs at some places of the order in which they come."""

    def __init__(self, place: Place, *numbers: int) -> None:
        self.place = place
        self.numbers = numbers
        self.count = 0

    def __call__(self, peer: Peer, place: Place, now: int) -> bool:
        assert now >= START
        if place is not self.place:
            return False
        self.count += 1
        return self.count in self.numbers


def test_a_pong_that_is_withheld_is_not_sent_and_the_others_are() -> None:
    desk = Desk(withholds=Keeper(Place.PONG, 2))
    desk.get(b"".join(client_frame(PING, payload) for payload in (b"1", b"2", b"3")) + text("hello"))
    assert desk.sent() == [Frame(PONG, b"1"), Frame(PONG, b"3")]
    desk.get(client_frame(PING, b"4") + close())
    assert [frame.opcode for frame in desk.ended()] == [PONG, CLOSE]


def test_a_ping_that_is_withheld_is_not_sent_and_wants_no_pong() -> None:
    desk = Desk(withholds=Keeper(Place.PING, 1))
    desk.connection.tick(START + 20 * SECOND)
    assert desk.sent() == []
    desk.connection.tick(START + 40 * SECOND)
    assert [frame.opcode for frame in desk.sent()] == [PING]
    desk.connection.tick(START + 80 * SECOND)
    assert desk.connection.events() == []
    desk.connection.tick(START + 100 * SECOND)
    assert desk.connection.events() == [PONG_TIMEOUT]


def test_it_is_known_when_a_connection_ends_if_nothing_more_is_heard_and_what_it_waits_for() -> None:
    desk = Desk()
    connection = desk.connection
    assert (connection.ends_at, connection.unanswered) == (START + DAY, 0)
    connection.tick(START + 20 * SECOND)
    connection.tick(START + 40 * SECOND)
    assert (connection.ends_at, connection.unanswered) == (START + 80 * SECOND, 2)
    pings = [frame.payload for frame in desk.sent()]
    desk.get(client_frame(PONG, pings[0]), START + 41 * SECOND)
    assert (connection.ends_at, connection.unanswered) == (START + 100 * SECOND, 1)
    connection.close(1001, "over")
    assert connection.ends_at > START + 1_000 * DAY
    assert connection.unanswered == 1


def test_nothing_is_waited_for_where_a_connection_stalled() -> None:
    connection = Desk().connection
    connection.tick(START + 20 * SECOND)
    connection.stall()
    assert connection.ends_at > START + 1_000 * DAY
    assert connection.unanswered == 0
