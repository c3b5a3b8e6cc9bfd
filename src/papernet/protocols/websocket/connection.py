"""One WebSocket connection without its socket: bytes and the time in, messages and bytes out.

Order of work.  `receive` takes in bytes, `events` gives what they say. `send` and its kin put output where none was and call
                `wake` once; whoever was woken takes everything by `data_to_send` and writes it in one go. `tick` is due at
                `due`: it pings, and ends what is over. An end puts a close frame behind everything sent before, and behind
                that `b""`: close the transport. A peer that does not close its side is given up a little later.
Faults.         A stalled connection is dead and does not say so: it gives nothing out, takes nothing in, never ends by itself.
                One that is broken off ends without a close frame, maybe behind half a frame; `is_severed` says that its
                transport is to be reset. Pings and pongs that `withholds` names are left out.
Invariant.      Nothing that a client sends raises. How its bytes are cut into packets changes no event. There is one `Closed`,
                and no event behind it. While paused nothing is given out, and what may wait is bounded.
Does not.       Read a clock or a socket. Take part in the opening handshake. Agree to extensions.
Cost.           A message that arrives alone and whole, as nearly all do, is read here in a microsecond; the library takes six
                and reads everything else. `send` is on the path of every event to every subscriber: two looks and one append.
Units.          Microseconds UTC, bytes.
Source.         RFC 6455, by the `websockets` library; web-socket-streams.md, General WSS information, WebSocket Limits;
                web-socket-api.md, General API Information. Codes and words that are not in them are what clients report.
"""

from codecs import IncrementalDecoder, getincrementaldecoder
from collections.abc import Callable
from typing import Final

from msgspec import Struct
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.server import ServerProtocol

from papernet.app.fault_rules import Place
from papernet.core.dates import DAY, MILLISECOND, SECOND
from papernet.protocols.websocket.backlog import Backlog
from papernet.protocols.websocket.frames import close_frame, ping_frame, size_of, whole_text
from papernet.protocols.websocket.peer import Rules, Withholds

LIFETIME: Final = DAY
# For so long a peer may take to close its side once this one is closed.
CLOSING_TIME: Final = 5 * SECOND

_new_decoder: Final = getincrementaldecoder("utf-8")
_NO_PINGS: Final[tuple[int, ...]] = ()
_NEVER: Final = 1 << 63


class Text(Struct, frozen=True, gc=False):
    """A text message arrived."""

    text: str


class Closed(Struct, frozen=True, gc=False):
    """The connection is over: the code and reason that its close frame has, either side's; 1006 when there was none."""

    code: int
    reason: str


Event = Text | Closed

TOO_MANY_MESSAGES: Final = Closed(1008, "Too many requests")
PONG_TIMEOUT: Final = Closed(1008, "Pong timeout")
SLOW_READER: Final = Closed(1008, "Slow reader")
DAY_OVER: Final = Closed(1001, "Connected for 24 hours")
NOT_TEXT: Final = Closed(1003, "Text frames only")
BAD_TEXT: Final = Closed(1007, "Invalid UTF-8")
LOST: Final = Closed(1006, "")


class Connection:
    """An open connection; a `papernet.protocols.websocket.peer.Peer`."""

    __slots__ = (
        "_backlog",
        "_blocked",
        "_ended",
        "_events",
        "_fragments",
        "_is_torn",
        "_next_ping",
        "_out",
        "_pending",
        "_pings",
        "_protocol",
        "_rules",
        "_second",
        "_second_count",
        "_tail",
        "_wake",
        "_withholds",
        "connected_at",
        "due",
        "finished",
        "ip",
        "is_severed",
        "is_stalled",
        "overdue",
    )

    def __init__(
        self,
        ip: str,
        now: int,
        *,
        rules: Rules,
        wake: Callable[["Connection"], None],
        response: bytes = b"",
        withholds: Withholds | None = None,
    ) -> None:
        """Open it; `response`, which agreed to the handshake, is the first output, and nobody is woken for it."""
        self.ip: str = ip
        self.connected_at: int = now
        # When `tick` has something to look at.
        self.due: int = now + rules.ping_interval
        # Nothing more is taken to be sent.
        self.finished: bool = False
        # The peer was closed and does not close its side: the transport is to be aborted.
        self.overdue: bool = False
        # It was broken off: its transport is to be reset instead of closed.
        self.is_severed: bool = False
        # It fell silent, for good.
        self.is_stalled: bool = False
        # It is to be broken off in the middle of the next frame.
        self._is_torn: bool = False
        self._withholds: Withholds | None = withholds
        self._rules: Rules = rules
        self._wake: Callable[[Connection], None] = wake
        self._protocol: ServerProtocol = ServerProtocol(state=State.OPEN, max_size=rules.message_max)
        self._events: list[Event] = []
        self._out: list[bytes] = [response] if response else []
        self._backlog: Backlog | None = None
        self._blocked: bool = False
        self._ended: bool = False
        # The close frame that stands behind all output, or b"" when there is only the end; None when neither waits.
        self._tail: bytes | None = None
        self._fragments: tuple[IncrementalDecoder, list[str]] | None = None
        # Bytes that the library has and has not given out as frames.
        self._pending: int = 0
        self._next_ping: int = self.due
        # When the pings were sent that have no pong yet.
        self._pings: tuple[int, ...] = _NO_PINGS
        self._second: int = now - SECOND
        self._second_count: int = 0

    def receive(self, data: bytes, now: int) -> None:
        """Take in bytes that arrived at `now`; what comes behind the end is not read."""
        if self._ended:
            return
        if not self._pending and self._fragments is None:
            # Nearly always a packet is one whole message, which does not need the library.
            payload = whole_text(data, self._rules.message_max)
            if payload is not None:
                fault = self._take_whole(payload, now)
                if fault is not None:
                    self._end(fault, close_frame(fault.code, fault.reason))
                return
        self._pending += len(data)
        self._protocol.receive_data(data)
        self._take(now)

    def receive_eof(self, now: int) -> None:
        """Take in that no more bytes will come."""
        if not self._ended:
            self._protocol.receive_eof()
            self._take(now)

    def events(self) -> list[Event]:
        """Return what has happened since the last call."""
        events = self._events
        if events:
            self._events = []
        return events

    def send(self, frame: bytes) -> None:
        """Send a framed message."""
        if self._blocked:
            self._let_wait(frame)
            return
        out = self._out
        if not out:
            self._wake(self)
        out.append(frame)

    def send_latest(self, key: str, frame: bytes) -> None:
        """Send a framed message that need not wait longer than until the next one with its key."""
        if self._backlog is not None and not self.finished:
            self._backlog.add_latest(key, frame)
        else:
            self.send(frame)

    def close(self, code: int, reason: str) -> None:
        """Close the connection once everything sent before has left."""
        if not self._ended:
            self._cut(Closed(code, reason))

    def stall(self) -> None:
        """Fall silent without a word: nothing is sent or heard any more, and the connection stays open."""
        if not self._ended:
            self._ended = self.finished = self._blocked = self.is_stalled = True
            self._backlog = None
            self.due = _NEVER
            self._let_go()

    def break_off(self, *, mid_frame: bool = False) -> None:
        """Break the connection off without closing it, now or in the middle of the next frame that is sent."""
        if self._ended:
            return
        if mid_frame and self._backlog is None:
            self._blocked = self._is_torn = True
        else:
            self._sever(b"")

    def data_to_send(self) -> list[bytes]:
        """Return the bytes to write now, in order; a last `b""` says that the transport is to be closed behind them."""
        if self._backlog is not None:
            return []
        out = self._out
        if self._tail is not None:
            out.extend((self._tail, b"") if self._tail else (b"",))
            self._tail = None
            self.finished = self._blocked = True
        if out:
            self._out = []
        return out

    @property
    def paused(self) -> bool:
        """Whether the transport takes no output."""
        return self._backlog is not None

    @property
    def unanswered(self) -> int:
        """Return how many pings wait for their pongs; when it has ended, 1: it waits for the peer to close."""
        if self.is_stalled:
            return 0
        return 1 if self._ended else len(self._pings)

    @property
    def ends_at(self) -> int:
        """Return when the connection ends if nothing more is heard; of one that has ended, never."""
        if self._ended:
            return _NEVER
        ends_at = self.connected_at + LIFETIME
        return min(ends_at, self._pings[0] + self._rules.pong_deadline) if self._pings else ends_at

    def pause(self) -> None:
        """Give nothing out: the transport has enough."""
        if self._backlog is None and not self.finished:
            self._backlog = Backlog(self._out)
            self._out = []
            self._blocked = True

    def resume(self) -> None:
        """Give out again, what waited first."""
        if self._backlog is not None:
            self._out = self._backlog.frames()
            self._backlog = None
            self._blocked = self.finished or self._is_torn
            if self._out or self._tail is not None:
                self._wake(self)

    def tick(self, now: int) -> None:
        """Do what is due at `now`. A clock that jumped skips pings, and counts what it skipped as time."""
        if now < self.due:
            return
        if self._ended:
            # The first look after the end starts the wait.
            self.overdue = self.due > 0
            self.due = now + CLOSING_TIME
        elif now >= self.connected_at + LIFETIME:
            # A single connection is only valid for 24 hours.
            self._cut(DAY_OVER)
        elif self._pings and now >= self._pings[0] + self._rules.pong_deadline:
            # No pong frame in time.
            self._cut(PONG_TIMEOUT)
        else:
            if now >= self._next_ping:
                interval = self._rules.ping_interval
                self._next_ping += ((now - self._next_ping) // interval + 1) * interval
                if self._withholds is None or not self._withholds(self, Place.PING, now):
                    self._pings = (*self._pings, now)
                    self.send(ping_frame(_ping_payload(now)))
            oldest = self._pings[0] if self._pings else now
            self.due = min(self._next_ping, oldest + self._rules.pong_deadline, self.connected_at + LIFETIME)

    def _take(self, now: int) -> None:
        protocol = self._protocol
        # of each ping that came in, whether its pong is left out
        withheld: list[bool] = []
        for frame in protocol.events_received():
            assert isinstance(frame, Frame)
            self._pending -= size_of(frame)
            if frame.opcode is Opcode.PING and self._withholds is not None:
                withheld.append(self._withholds(self, Place.PONG, now))
            fault = self._take_frame(frame, now)
            if fault is not None:
                # What the library has to say to this and to later frames is not sent.
                self._end(fault, close_frame(fault.code, fault.reason))
                return
        output = protocol.data_to_send()
        if protocol.state is State.OPEN:
            self._send_pongs(output, withheld)
            return
        assert output
        assert not output[-1]
        closed = protocol.close_sent
        self._send_pongs(output[: -1 if closed is None else -2], withheld)
        if closed is None:
            self._end(LOST, b"")
        else:
            self._end(Closed(closed.code, closed.reason), output[-2])

    def _send_pongs(self, pongs: list[bytes], withheld: list[bool]) -> None:
        for index, pong in enumerate(pongs):
            if not withheld or not withheld[index]:
                self.send(pong)

    def _take_frame(self, frame: Frame, now: int) -> Closed | None:
        """Take in one frame; return why it ends the connection, or None."""
        opcode = frame.opcode
        if opcode is Opcode.CLOSE:
            return None
        if opcode is Opcode.BINARY:
            # web-socket-api.md, Request format: requests are JSON in text frames
            return NOT_TEXT
        if opcode is not Opcode.CONT and self._rules.messages_per_second and self._is_too_many(now):
            return TOO_MANY_MESSAGES
        if opcode is Opcode.PONG:
            self._take_pong(frame.data)
        elif opcode is not Opcode.PING:
            return self._take_text(frame)
        return None

    def _take_whole(self, payload: bytes, now: int) -> Closed | None:
        """Take in a message of one frame; return why it ends the connection, or None."""
        if self._rules.messages_per_second and self._is_too_many(now):
            return TOO_MANY_MESSAGES
        try:
            self._events.append(Text(str(payload, "utf-8")))
        except UnicodeDecodeError:
            return BAD_TEXT
        return None

    def _take_text(self, frame: Frame) -> Closed | None:
        try:
            if self._fragments is None:
                if frame.fin:
                    self._events.append(Text(str(frame.data, "utf-8")))
                    return None
                self._fragments = _new_decoder(), []
            decoder, parts = self._fragments
            part = decoder.decode(frame.data, final=frame.fin)
        except UnicodeDecodeError:
            return BAD_TEXT
        if part:
            parts.append(part)
        if frame.fin:
            self._fragments = None
            self._events.append(Text("".join(parts)))
        return None

    def _take_pong(self, payload: bytes | bytearray | memoryview) -> None:
        """Forget the ping that this answers, and those before it; any other pong is allowed and means nothing."""
        for index, at in enumerate(self._pings):
            if payload == _ping_payload(at):
                self._pings = self._pings[index + 1 :]
                return

    def _is_too_many(self, now: int) -> bool:
        """Count one more message. A second begins with the first message that comes after the last one is over."""
        if not 0 <= now - self._second < SECOND:
            self._second = now
            self._second_count = 0
        self._second_count += 1
        return self._second_count > self._rules.messages_per_second

    def _let_wait(self, frame: bytes) -> None:
        if self._is_torn and not self.finished:
            self._sever(frame[: len(frame) // 2])
        backlog = self._backlog
        if backlog is None or self.finished:
            return
        backlog.add(frame)
        if backlog.size > self._rules.backlog_max:
            self._backlog = None
            if self._ended:
                self.finished = True
                self._wake(self)
            else:
                self._cut(SLOW_READER)

    def _cut(self, closed: Closed) -> None:
        """End it now: what is sent from here on is dropped."""
        self._end(closed, close_frame(closed.code, closed.reason))
        self.finished = self._blocked = True

    def _sever(self, rest: bytes) -> None:
        """End it behind a rest of bytes, with no word and without waiting for a reader."""
        self._backlog = None
        self.is_severed = True
        self._end(LOST, b"")
        if rest:
            self._out.append(rest)
        self.finished = self._blocked = True

    def _end(self, closed: Closed, tail: bytes) -> None:
        """End it behind what is sent until the output is taken: the answers to what came in before the end."""
        self._ended = True
        self._let_go()
        self.due = 0
        self._events.append(closed)
        self._tail = tail
        if not self._out and self._backlog is None:
            self._wake(self)

    def _let_go(self) -> None:
        """Read nothing more. The library's parser and its last exception hold the protocol that holds them."""
        self._protocol.parser.close()
        self._protocol.parser_exc = None


def _ping_payload(at: int) -> bytes:
    return b"%d" % (at // MILLISECOND)
