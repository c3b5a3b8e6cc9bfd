"""WebSockets on the sockets of the HTTP server: who may open one, and when their bytes move.

Order of work.  An upgrade passes the host check, the opening handshake, its path and the limits of its address; then its door
                makes a session, and the connection is the hub's. Whoever sends wakes the hub, which writes once a turn of the
                event loop: all that each woken connection has, in one piece. A sweep ticks the connections that are due.
Invariant.      Nothing that a client does raises out of here. A session that breaks takes its own connection with it and no
                other. A session is told once that it is over. A reader that stalls is no longer read from, and delays nobody.
Does not.       Know what messages mean. Keep time: deadlines are the connections', on papernet's clock.
Cost.           A sweep is one comparison a connection.
Units.          Microseconds UTC; SHUTDOWN_SECONDS on the clock of the event loop.
"""

import asyncio
import sys
import traceback
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Final

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from papernet.app.fault_rules import FaultDoor, FaultPlan, Occasion, Place
from papernet.app.faults import Fault, RequestFault
from papernet.app.hindrances import fault_at_door
from papernet.app.rate_limits import RateLimits
from papernet.protocols.json.errors import error_of_fault
from papernet.protocols.rest.hindering import PAGES
from papernet.protocols.websocket.connection import TOO_MANY_MESSAGES, Closed, Connection, Event
from papernet.protocols.websocket.handshake import Declined, read_handshake
from papernet.protocols.websocket.peer import Door, Handshake, Peer, Session
from papernet.protocols.websocket.stream_faults import StreamFaults
from papernet.servers.breaking import reset
from papernet.servers.hosts import HostPolicy, plain_address
from papernet.servers.http import CLOSE, CODE_INTERNAL, CODE_REFUSED, INTERNAL, refusal

SHUTDOWN_SECONDS: Final = 2.0

# So many bytes of one connection are taken in in a turn of the loop: a frame may have two of them, and each frame costs.
_BITE: Final = 16_384
# A reader that stalls is noticed as early over TLS, whose transport would otherwise take half a megabyte.
_UNSENT_MAX: Final = 65_536

_GOING_AWAY: Final = (1001, "Server shutdown")
_BANNED: Final = (1008, "IP banned")
_BROKEN: Final = (1011, "Internal error")

Headers = list[tuple[bytes, bytes]]


class WebSocketTransport(asyncio.Protocol):
    """One open connection, between its socket and its session."""

    __slots__ = ("_hub", "_session", "_transport", "_unread", "_waiting", "connection", "door")

    def __init__(
        self, hub: "WebSocketHub", transport: asyncio.Transport, connection: Connection, session: Session, door: Door
    ) -> None:
        """Join them."""
        self.connection: Final = connection
        self.door: Final = door
        self._hub: Final = hub
        self._transport: Final = transport
        self._session: Session | None = session
        # What came in and is not taken in yet, because it is somebody else's turn.
        self._unread: bytes = b""
        # What was taken in and is not answered yet, because the answers before it are not read.
        self._waiting: list[Event] = []

    def data_received(self, data: bytes) -> None:
        """Take bytes in, in a turn of the loop only as many as delay nobody else."""
        if self._unread:
            self._unread += data
        elif len(data) <= _BITE:
            self._take(data)
        else:
            self._unread = data
            self._transport.pause_reading()
            self._bite()

    def eof_received(self) -> None:
        """Take the end of the bytes in: the transport closes by itself, behind the last answers."""
        now = self._hub.now()
        rest, self._unread = self._unread, b""
        self.connection.receive(rest, now)
        self.connection.receive_eof(now)
        self._dispatch(now)
        self.flush()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  asyncio's signature
        """Let go of everything."""
        now = self._hub.now()
        self.connection.receive_eof(now)
        self._unread = b""
        self._waiting = []
        self._part(now)
        self._hub.forget(self.connection)

    def pause_writing(self) -> None:
        """Stop giving output out, and stop reading: requests have to wait until the answers before them are read."""
        if not self.connection.finished:
            self.connection.pause()
            self._transport.pause_reading()

    def resume_writing(self) -> None:
        """Go on where the reader stalled."""
        if self.connection.is_stalled:
            # Read on, or it would not be noticed when the peer gives up.
            self._transport.resume_reading()
        elif self.connection.paused:
            self.connection.resume()
            if not self._unread:
                self._transport.resume_reading()
            self._dispatch(self._hub.now())

    def flush(self) -> None:
        """Write what there is to write, and end the connection where that is said behind it."""
        output = self.connection.data_to_send()
        if not output or self._transport.is_closing():
            return
        self._transport.write(output[0] if len(output) == 1 else b"".join(output))
        if not output[-1]:
            self._part(self._hub.now())
            self._end()

    def tick(self, now: int) -> None:
        """Let time pass."""
        self.connection.tick(now)
        # The end of a stalled connection cannot be written; its session is told all the same.
        self._dispatch(now)
        if self.connection.overdue:
            self._transport.abort()

    def farewell(self, now: int) -> None:
        """Say that the server stops, and close."""
        if self.connection.is_stalled:
            # Nobody is spoken to there.
            self._transport.abort()
            return
        self.announce(now)
        self.connection.close(*_GOING_AWAY)

    def announce(self, now: int) -> None:
        """Say that the server stops."""
        if self._session is not None:
            try:
                self._session.farewell(now)
            except Exception:  # noqa: BLE001  a bug: it is told on stderr, and the others get their farewell
                traceback.print_exc(file=sys.stderr)

    def abort(self) -> None:
        """Drop the connection as it is."""
        self._transport.abort()

    def _take(self, data: bytes) -> None:
        now = self._hub.now()
        self.connection.receive(data, now)
        self._dispatch(now)

    def _bite(self) -> None:
        """Take in a part of what is there; the next one waits for the next turn of the loop."""
        data, self._unread = self._unread[:_BITE], self._unread[_BITE:]
        self._take(data)
        if self._unread:
            asyncio.get_running_loop().call_soon(self._bite)
        elif not self.connection.paused and not self._transport.is_closing():
            self._transport.resume_reading()

    def _dispatch(self, now: int) -> None:
        """Hand over what came in."""
        connection = self.connection
        events = connection.events()
        if self._waiting:
            events, self._waiting = self._waiting + events, []
        if not events:
            return
        # An end that came in stands behind the answers to all that came in before it.
        last = -1 if isinstance(events[-1], Closed) else len(events) - 1
        for index, event in enumerate(events):
            if isinstance(event, Closed):
                if event is TOO_MANY_MESSAGES:
                    self._hub.limits.offend(connection.ip, now)
                self._part(now)
            elif self._session is not None and not connection.finished and not self._hub.is_deaf:
                if connection.paused:
                    self._waiting = events[index:]
                    return
                try:
                    self._session.receive(event.text, now)
                except Exception:  # noqa: BLE001  a bug: it is told on stderr, and costs the client this connection
                    traceback.print_exc(file=sys.stderr)
                    connection.close(*_BROKEN)
                if index < last:
                    # The next answer may only be made once it is known whether this one is taken.
                    self.flush()

    def _part(self, now: int) -> None:
        """Tell the session, once."""
        session, self._session = self._session, None
        if session is not None:
            try:
                session.closed(now)
            except Exception:  # noqa: BLE001  a bug: it is told on stderr; the connection is gone either way
                traceback.print_exc(file=sys.stderr)

    def _end(self) -> None:
        """Close this side; a reset would take the close frame from a client that has not read it yet."""
        transport = self._transport
        if self.connection.is_severed:
            reset(transport)
            return
        if not transport.can_write_eof():
            transport.close()
            return
        try:
            transport.write_eof()
        except OSError:
            # The peer is gone already.
            transport.abort()


class WebSocketHub:
    """All WebSockets of one exchange, on whichever listener they came in."""

    def __init__(self, doors: Iterable[Door], *, hosts: HostPolicy, limits: RateLimits, clock: Callable[[], int]) -> None:
        """Lead to `doors`, of two that a path leads to the longer one."""
        self.now: Final = clock
        self.limits: RateLimits = limits
        limits.on_ban = self._on_ban
        self._doors: list[Door] = sorted(doors, key=lambda door: -len(door.path))
        self._hosts: Final = hosts
        self._connection: type[Connection] = Connection
        self._open: Final[dict[Connection, WebSocketTransport]] = {}
        self._dirty: list[Connection] = []
        # All connections share one bound method.
        self._wake_one: Final = self._wake
        self._all_gone: asyncio.Event | None = None
        # Whether messages are no longer taken.
        self.is_deaf: bool = False
        self._faults: StreamFaults | None = None

    def __len__(self) -> int:
        """Return how many connections are open."""
        return len(self._open)

    def suffer(self, faults: StreamFaults) -> None:
        """Let go wrong on connections that are opened from now on what `faults` says."""
        self._faults = faults
        faults.desk.lines = self

    def upgrade(self, transport: asyncio.Transport, head: bytes, headers: Headers, rest: bytes) -> bool:
        """Open what asks to be a WebSocket, or answer why not; return whether it is open.

        `head` is the request's head as it came, `headers` are its headers with lower-case names, and `rest` came behind it.
        """
        admitted = self._admit(transport, head, headers)
        if admitted == b"":
            reset(transport)
            return False
        if isinstance(admitted, bytes):
            transport.write(admitted)
            transport.close()
            return False
        self._open[admitted.connection] = admitted
        transport.set_protocol(admitted)
        if transport.get_write_buffer_size():
            # Answers of before are not read yet. Of a pause that began with them the transport told its protocol of then.
            transport.set_write_buffer_limits(0)
            admitted.pause_writing()
        transport.set_write_buffer_limits(_UNSENT_MAX)
        admitted.flush()
        if rest:
            admitted.data_received(rest)
        return True

    def forget(self, connection: Connection) -> None:
        """Let go of a connection whose transport is gone."""
        self._open.pop(connection, None)
        if self._all_gone is not None and not self._open:
            self._all_gone.set()

    def sweep(self, now: int) -> None:
        """Tick the connections that are due at `now`; called about twice a second."""
        if self._faults is not None:
            self._faults.look(now)
        for transport in [transport for connection, transport in self._open.items() if connection.due <= now]:
            transport.tick(now)

    def next_due(self) -> int | None:
        """Return when a connection is to be ticked next; None: there is none."""
        return min((connection.due for connection in self._open), default=None)

    def next_end(self) -> int | None:
        """Return when a connection ends next of which nothing more is heard; None: there is none."""
        return min((connection.ends_at for connection in self._open), default=None)

    def unanswered(self) -> int:
        """Return how many pings and closes wait for the peers'."""
        return sum(connection.unanswered for connection in self._open)

    def close_ears(self) -> None:
        """Open nothing any more and take no messages, so that what was taken can be answered before the farewell."""
        self.is_deaf = True

    def door_at(self, path: str) -> Door:
        """Return the door that stands at a path."""
        return next(door for door in self._doors if door.path == path)

    def stand_before(self, lead: Callable[[Door], Door], limits: RateLimits, connection: type[Connection]) -> None:
        """Lead to what `lead` puts before each door, count in `limits`, and make connections of another kind."""
        self._doors = [lead(door) for door in self._doors]
        self.limits, self._connection = limits, connection

    def lead_to(self, other: "WebSocketHub") -> None:
        """Open what is asked for from now on at the doors of another hub."""
        self._doors, self._connection, self.limits = other._doors, other._connection, other.limits  # noqa: SLF001
        self.limits.on_ban = self._on_ban
        if other._faults is not None:  # noqa: SLF001  one hub to another
            self.suffer(other._faults)  # noqa: SLF001
        if other._faults is not None:  # noqa: SLF001
            self.suffer(other._faults)  # noqa: SLF001

    def open_ears(self) -> None:
        """Take messages again, unless the server stops."""
        self.is_deaf = self._all_gone is not None

    def dismiss(self, now: int) -> None:
        """Say farewell to everybody who is connected; they may connect again at once."""
        for transport in list(self._open.values()):
            transport.farewell(now)

    async def shutdown(self, patience: float = SHUTDOWN_SECONDS) -> None:
        """Open nothing any more, say farewell to everybody, and return once all are gone; who lingers is dropped."""
        self.close_ears()
        first = self._all_gone is None
        gone = self._all_gone = self._all_gone or asyncio.Event()
        if not self._open:
            return
        if first:
            self.dismiss(self.now())
        with suppress(TimeoutError):
            await asyncio.wait_for(gone.wait(), patience)
        for transport in list(self._open.values()):
            transport.abort()
        await gone.wait()

    def _admit(self, transport: asyncio.Transport, head: bytes, headers: Headers) -> WebSocketTransport | bytes:
        """Return an open connection, or the answer that refuses it; b"" says that it is to be reset."""
        forbidden = self._hosts.refusal(headers, dict(headers))
        if forbidden is not None:
            # before it is counted, or a web page could get a developer banned
            return _response(*refusal(403, CODE_REFUSED, forbidden, close=True))
        if self.is_deaf:
            return _response(*refusal(503, CODE_REFUSED, "The server is shutting down.", close=True))
        answer = read_handshake(head)
        if isinstance(answer, Declined):
            return answer.response
        handshake = answer.handshake
        door = self._door_of(handshake.path)
        if door is None:
            return _refused(Fault(RequestFault.UNKNOWN_PATH, (handshake.path,)))
        peer = transport.get_extra_info("peername")
        ip = plain_address(peer[0]) if peer else ""
        now = self.now()
        fault = self.limits.connect(ip, door.weight, now)
        if fault is not None:
            return _refused(fault)
        if self._faults is not None and self._faults.desk.plan.on_connects:
            hindered = self._hinder(self._faults.desk.plan, door, handshake, ip, now)
            if hindered is not None:
                return hindered
        withholds = None if self._faults is None else self._faults.withholder(door.name)
        make, response = self._connection, answer.response
        connection = make(ip, now, rules=door.rules, wake=self._wake_one, response=response, withholds=withholds)
        try:
            session = door.open(connection, handshake, now)
        except Exception:  # noqa: BLE001  a bug: it is told on stderr, and the client gets the published code for it
            traceback.print_exc(file=sys.stderr)
            return _response(*refusal(500, CODE_INTERNAL, INTERNAL, close=True))
        return (
            _refused(session) if isinstance(session, Fault) else WebSocketTransport(self, transport, connection, session, door)
        )

    def _hinder(self, plan: FaultPlan, door: Door, handshake: Handshake, ip: str, now: int) -> bytes | None:
        """Return what a rule of faults answers who wants to connect, b"" for a reset; None when there is no such rule."""
        rule = plan.meet(Occasion(Place.CONNECT, door.name, handshake.path, ip=ip), now)
        if rule is None:
            return None
        limits = self.limits
        fault = fault_at_door(rule, lambda span: limits.ban(ip, span, now), lambda: limits.turn_away(ip, now))
        if fault is None:
            return b""
        page = PAGES.get(fault.fault)
        if page is None:
            return _refused(fault)
        return _response(page.status, [*page.headers, (b"content-length", b"%d" % len(page.body)), CLOSE], page.body)

    def _door_of(self, path: str) -> Door | None:
        return next((door for door in self._doors if path == door.path or path.startswith(door.path + "/")), None)

    def _wake(self, connection: Connection) -> None:
        if not self._dirty:
            asyncio.get_running_loop().call_soon(self._flush)
        self._dirty.append(connection)

    def _flush(self) -> None:
        dirty, self._dirty = self._dirty, []
        opened = self._open
        for connection in dirty:
            transport = opened.get(connection)
            if transport is not None:
                transport.flush()

    def lines(self) -> Iterable[tuple[Peer, FaultDoor]]:
        """Return the connections that are not about to end, each with its door."""
        return [(connection, at.door.name) for connection, at in self._open.items() if not connection.finished]

    def announce(self, peer: Peer, now: int) -> None:
        """Tell a peer that the server is about to shut down."""
        for transport in [transport for connection, transport in self._open.items() if connection is peer]:
            transport.announce(now)

    def _on_ban(self, ip: str) -> None:
        """web-socket-api.md, IP limits: with the ban one is disconnected; the answer that tells of the ban comes first."""
        banned = [connection for connection, at in self._open.items() if connection.ip == ip and at.door.ends_with_ban]
        if banned:
            asyncio.get_running_loop().call_soon(_close_all, banned)


def _close_all(connections: list[Connection]) -> None:
    for connection in connections:
        connection.close(*_BANNED)


def _refused(fault: Fault) -> bytes:
    error = error_of_fault(fault)
    status, headers, body = refusal(error.status, error.code, error.text, close=True)
    if fault.retry_after:
        headers.append((b"retry-after", b"%d" % fault.retry_after))
    return _response(status, headers, body)


def _response(status: int, headers: Headers, body: bytes) -> bytes:
    return STATUS_LINE[status] + b"".join(b"%b: %b\r\n" % header for header in headers) + b"\r\n" + body
