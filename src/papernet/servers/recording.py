"""A recording of a network: the state that it began with, everything that came in, and what was said, as one file.

Order of work.  All that happens in a network happens in steps between two turns of the event loop: a request is answered, a
                message taken in, time passes to a stop, the outbox lets out what is durable. A recorder is told of each step
                before it is taken, with its time, and of everything that is said on the way. `replaying` takes the same steps
                again, in the same order, without sockets, threads or clocks.
Layout.         A file begins with a magic text and a format version; then rows, each a length and a record in MessagePack.
                The first row is the `Beginning`, the last one the `End`, which a process that was killed did not write.
Run hash.       SHA-256 over the SHA-256s of all that was said, connection by connection, in the order in which they were
                opened. What REST answered is one connection, the first. The control plane's answers do not count.
Invariant.      A recording is readable by its owner alone: it holds API secrets.
Does not.       Record what a slow reader was spared, pings and closes: those are between two machines, not of the network.
Units.          Microseconds UTC.
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import blake2b, sha256
from pathlib import Path
from struct import Struct as Layout
from typing import Any, Final, Protocol, TypeAlias, cast

from msgspec import DecodeError, Struct, structs
from msgspec.msgpack import Decoder, Encoder

from papernet.app.clock import ClockSetting
from papernet.app.faults import Fault
from papernet.app.rate_limits import RateLimits
from papernet.control.messages import ControlRequest, ControlResponse
from papernet.protocols.rest.request import Request, Response
from papernet.protocols.websocket.connection import Closed as ConnectionClosed
from papernet.protocols.websocket.connection import Connection
from papernet.protocols.websocket.peer import Door, Handshake, Peer, Session
from papernet.servers.config import Catalogue
from papernet.servers.http import HttpApplication
from papernet.servers.websocket import WebSocketHub

FORMAT_VERSION: Final = 1
# What REST and the options' REST answered.
REQUESTS: Final = 0
# The control plane's token is not written: this stands for it.
RECORDED_TOKEN: Final = "recorded"  # noqa: S105

AUTHORIZATION: Final = b"authorization"

_MAGIC: Final = b"PNETRUN\n"
_HEAD: Final = Layout(">8sH")
_LENGTH: Final = Layout(">I")
_DIGEST_SIZE: Final = 8
# RFC 6455, 5.2: the bit of a frame's first byte that pings, pongs and closes have.
_CONTROL_FRAME: Final = 0x08


class RecordingError(ValueError):
    """A recording cannot be written or read; the message is one line."""


class Beginning(Struct, frozen=True, array_like=True, tag="begin"):
    """What was recorded by which version: the options as JSON, the address, the catalogue. A `Returned` begins the network."""

    version: str
    options: bytes
    address: tuple[str, int]
    catalogue: Catalogue


class Turned(Struct, frozen=True, array_like=True, tag="clock"):
    """How the clock stands from now on."""

    setting: ClockSetting | None


class Asked(Struct, frozen=True, array_like=True, tag="ask"):
    """A request of the exchange's own protocol, at one of its doors."""

    door: str
    request: Request
    now: int


class Resumed(Struct, frozen=True, array_like=True, tag="resume"):
    """The `number`-th request, which was put off on purpose, is carried out."""

    number: int
    now: int


class Controlled(Struct, frozen=True, array_like=True, tag="control"):
    """A request of the control plane."""

    request: ControlRequest
    now: int


class Opened(Struct, frozen=True, array_like=True, tag="open"):
    """A WebSocket was opened at the door of a path."""

    number: int
    path: str
    handshake: Handshake
    ip: str
    now: int


class Told(Struct, frozen=True, array_like=True, tag="text"):
    """A message came in on a WebSocket."""

    number: int
    text: str
    now: int


class Farewell(Struct, frozen=True, array_like=True, tag="farewell"):
    """A WebSocket is about to be closed."""

    number: int
    now: int


class Ended(Struct, frozen=True, array_like=True, tag="end-of-line"):
    """Nothing is sent on a WebSocket any more."""

    number: int


class Closed(Struct, frozen=True, array_like=True, tag="closed"):
    """A WebSocket is gone."""

    number: int
    now: int


class Connected(Struct, frozen=True, array_like=True, tag="connect"):
    """An address asked for a WebSocket, or offended with one: it was counted."""

    ip: str
    weight: int
    now: int
    is_offence: bool = False


class Passed(Struct, frozen=True, array_like=True, tag="time"):
    """Time passed by a step of `passing`."""

    step: str
    values: list[Any]
    options: dict[str, Any]
    now: int


class Durable(Struct, frozen=True, array_like=True, tag="durable"):
    """What waited has left, but for what waits for the newest `waiting` entries."""

    waiting: int


class Returned(Struct, frozen=True, array_like=True, tag="restore"):
    """A state was brought back; the bytes of one that came back before are not written again."""

    digest: bytes
    state: bytes
    now: int


class Drawn(Struct, frozen=True, array_like=True, tag="drawn"):
    """A key was drawn in the step before."""

    text: str


class Said(Struct, frozen=True, array_like=True, tag="said"):
    """Something was said on a connection in the step before; of it, a digest."""

    number: int
    digest: bytes


class End(Struct, frozen=True, array_like=True, tag="end"):
    """The recording is whole."""

    run_hash: str


Row: TypeAlias = (
    Beginning
    | Turned
    | Asked
    | Resumed
    | Controlled
    | Opened
    | Told
    | Farewell
    | Ended
    | Closed
    | Connected
    | Passed
    | Durable
    | Returned
    | Drawn
    | Said
    | End
)


class RunHash:
    """The hash of everything that was said."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._connections: Final[dict[int, Any]] = {}

    def say(self, number: int, data: bytes) -> bytes:
        """Take in what was said on a connection, and return a digest of it alone."""
        found = self._connections.get(number)
        if found is None:
            found = self._connections[number] = sha256()
        found.update(_LENGTH.pack(len(data)) + data)
        return blake2b(data, digest_size=_DIGEST_SIZE).digest()

    def hexdigest(self) -> str:
        """Return the hash so far."""
        whole = sha256()
        for number in sorted(self._connections):
            whole.update(_LENGTH.pack(number) + self._connections[number].digest())
        return whole.hexdigest()


def said_of(response: Response) -> bytes:
    """Return the bytes by which an answer of REST counts."""
    head = b"".join(b"%b: %b\r\n" % header for header in response.headers)
    return b"%d\r\n%b\r\n%b" % (response.status, head, response.body)


class Recorder:
    """Writes the recording of one network."""

    def __init__(self, path: Path, beginning: Beginning, clock: Callable[[], ClockSetting | None]) -> None:
        """Begin a file, which must not be there yet, of a network whose clock stands as `clock` says; raises RecordingError."""
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        except OSError as error:
            message = f"cannot record to {path}: {(error.strerror or str(error)).lower()}"
            raise RecordingError(message) from error
        self._file: Final = os.fdopen(descriptor, "wb")
        self._encode: Final = Encoder().encode
        self._hash: Final = RunHash()
        self._setting: ClockSetting | bool | None = False
        self._requests: int = 0
        self._connections: int = REQUESTS
        self._states: Final[set[bytes]] = set()
        # Whether a step is under way: what it does by itself, it does in a replay too.
        self._depth: int = 0
        self._is_broken: bool = False
        self._clock: Final = clock
        self._file.write(_HEAD.pack(_MAGIC, FORMAT_VERSION))
        self._write(beginning)

    def close(self) -> str:
        """End the recording and return the run hash."""
        run_hash = self._hash.hexdigest()
        if not self._is_broken:
            self._write(End(run_hash))
        with self._telling():
            self._file.close()
        return run_hash

    def flush(self) -> None:
        """Hand over to the operating system what was written."""
        with self._telling():
            self._file.flush()

    def note(self, row: Row) -> None:
        """Write a row, behind how the clock stands."""
        setting = self._clock()
        if setting != self._setting:
            self._setting = setting
            self._write(Turned(setting))
        self._write(row)

    def say(self, number: int, data: bytes) -> None:
        """Note what was said on a connection."""
        self._write(Said(number, self._hash.say(number, data)))

    def number_request(self) -> int:
        """Return the number of a request."""
        self._requests += 1
        return self._requests

    def number_connection(self) -> int:
        """Return the number of a WebSocket."""
        self._connections += 1
        return self._connections

    def note_drawn(self, text: str) -> None:
        """Note a key that was drawn."""
        self._write(Drawn(text))

    def step(self, name: str, take: Callable[..., Any], now: Callable[[], int]) -> Callable[..., Any]:
        """Return a step of time that is noted, unless it is part of another one."""

        def noted(*values: Any, **options: Any) -> Any:  # noqa: ANN401  whatever the step takes and returns
            if not self._depth:
                self.note(Passed(name, list(values), options, now()))
            self._depth += 1
            try:
                return take(*values, **options)
            finally:
                self._depth -= 1

        return noted

    def durable(self, waiting: int) -> None:
        """Note that what waited leaves now, but for what waits for the newest `waiting` entries."""
        self.note(Durable(waiting))

    def restore(self, state: bytes, now: int) -> None:
        """Note that a state is brought back."""
        digest = blake2b(state, digest_size=16).digest()
        self.note(Returned(digest, b"" if digest in self._states else state, now))
        self._states.add(digest)

    def stand_before(self, application: HttpApplication, hub: WebSocketHub, token: str) -> None:
        """Hear all that comes to doors, and what they say."""
        doors = {name: RequestDoor(self, name, door) for name, door in application.doors().items()}
        application.stand_before({**doors}, ControlledDoor(self, application.control, token))
        limits = cast("RateLimits", CountedLimits(self, hub.limits))
        hub.stand_before(lambda door: heard_door(self, door), limits, HeardConnection)

    def _write(self, row: Row) -> None:
        data = self._encode(row)
        with self._telling():
            self._file.write(_LENGTH.pack(len(data)) + data)

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Tell once that the recording cannot be written any more; the network goes on without."""
        try:
            yield
        except OSError as error:
            if not self._is_broken:
                self._is_broken = True
                sys.stderr.write(f"papernet: the recording cannot be written ({error.strerror}); it ends here\n")


class ControlAnswers(Protocol):
    """The control plane's door."""

    def answer(self, request: ControlRequest, now: int) -> ControlResponse:
        """Answer one request."""


class RequestDoor:
    """A door for requests, behind a recorder."""

    def __init__(self, recorder: Recorder, name: str, door: Any) -> None:  # noqa: ANN401  any door of requests
        """Stand before `door`."""
        self._recorder: Final = recorder
        self._name: Final = name
        self._answer: Final[Callable[[Request, int], Response]] = door.answer

    def answer(self, request: Request, now: int) -> Response:
        """Note a request, have it answered, and note the answer."""
        recorder = self._recorder
        number = recorder.number_request()
        recorder.note(Asked(self._name, request, now))
        return self._heard(self._answer(request, now), number)

    def _heard(self, response: Response, number: int) -> Response:
        hindering = response.hindering
        if hindering is None or hindering.resume is None:
            self._recorder.say(REQUESTS, said_of(response))
            return response
        resume = hindering.resume

        def resumed(now: int) -> Response:
            self._recorder.note(Resumed(number, now))
            return self._heard(resume(now), number)

        return structs.replace(response, hindering=structs.replace(hindering, resume=resumed))


class ControlledDoor:
    """The control plane's door, behind a recorder."""

    def __init__(self, recorder: Recorder, door: ControlAnswers, token: str) -> None:
        """Stand before a door that asks for `token`."""
        self._recorder: Final = recorder
        self._answer: Final = door.answer
        self._token: Final = token.encode()

    def answer(self, request: ControlRequest, now: int) -> ControlResponse:
        """Note a request and have it answered."""
        headers = dict(request.headers)
        if AUTHORIZATION in headers:
            headers[AUTHORIZATION] = headers[AUTHORIZATION].replace(self._token, RECORDED_TOKEN.encode())
        self._recorder.note(Controlled(structs.replace(request, headers=headers), now))
        return self._answer(request, now)


class HeardSession:
    """A session behind a recorder."""

    def __init__(self, recorder: Recorder, number: int, session: Session) -> None:
        """Stand before `session`."""
        self._recorder: Final = recorder
        self._number: Final = number
        self._session: Final = session

    def receive(self, text: str, now: int) -> None:
        """Take in a message."""
        self._recorder.note(Told(self._number, text, now))
        self._session.receive(text, now)

    def farewell(self, now: int) -> None:
        """Tell the peer that the server is about to shut down."""
        self._recorder.note(Farewell(self._number, now))
        self._session.farewell(now)

    def closed(self, now: int) -> None:
        """Let go."""
        self._recorder.note(Closed(self._number, now))
        self._session.closed(now)


class CountedLimits:
    """What the WebSockets of addresses count for, behind a recorder."""

    def __init__(self, recorder: Recorder, limits: RateLimits) -> None:
        """Stand before `limits`."""
        self._recorder: Final = recorder
        self._limits: Final = limits

    @property
    def on_ban(self) -> Callable[[str], None] | None:
        """Who hears of a ban."""
        return self._limits.on_ban

    @on_ban.setter
    def on_ban(self, heard: Callable[[str], None] | None) -> None:
        self._limits.on_ban = heard

    def connect(self, ip: str, weight: int, now: int) -> Fault | None:
        """Count a connection."""
        self._recorder.note(Connected(ip, weight, now))
        return self._limits.connect(ip, weight, now)

    def offend(self, ip: str, now: int) -> None:
        """Count an offence."""
        self._recorder.note(Connected(ip, 0, now, is_offence=True))
        self._limits.offend(ip, now)


def heard_door(recorder: Recorder, door: Door) -> Door:
    """Return a door for WebSockets behind a recorder, which numbers the connections."""

    def opened(peer: Peer, handshake: Handshake, now: int) -> Session | Fault:
        number = recorder.number_connection()
        listen = getattr(peer, "listen", None)
        if listen is not None:
            listen(recorder, number)
        recorder.note(Opened(number, door.path, handshake, peer.ip, now))
        session = door.open(peer, handshake, now)
        return session if isinstance(session, Fault) else HeardSession(recorder, number, session)

    return structs.replace(door, open=opened)


def read_recording(data: bytes) -> Iterator[Row]:
    """Return the rows of a recording, up to where it ends; raises RecordingError when it is none of this version."""
    if len(data) < _HEAD.size or not data.startswith(_MAGIC):
        message = "it is no recording of papernet"
        raise RecordingError(message)
    version = _HEAD.unpack_from(data)[1]
    if version != FORMAT_VERSION:
        message = f"the recording has format {version}, and this papernet reads format {FORMAT_VERSION}"
        raise RecordingError(message)
    decode = Decoder(Row).decode
    begin, size = _HEAD.size, len(data)
    while begin + _LENGTH.size <= size:
        end = begin + _LENGTH.size + _LENGTH.unpack_from(data, begin)[0]
        if end > size:
            return
        try:
            yield decode(data[begin + _LENGTH.size : end])
        except DecodeError as error:
            message = f"offset {begin}: the row cannot be read ({error}); was it recorded by another version of papernet?"
            raise RecordingError(message) from error
        begin = end


class HeardConnection(Connection):
    """A connection behind a recorder."""

    __slots__ = ("_number", "_recorder")

    _recorder: Recorder | None
    _number: int

    def listen(self, recorder: Recorder, number: int) -> None:
        """Note from now on what is sent."""
        self._recorder, self._number = recorder, number

    def send(self, frame: bytes) -> None:
        """Send a framed message."""
        self._note(frame)
        super().send(frame)

    def send_latest(self, key: str, frame: bytes) -> None:
        """Send a framed message that need not wait longer than until the next one with its key."""
        if self._backlog is not None and not self.finished:
            self._note(frame)
        super().send_latest(key, frame)

    def stall(self) -> None:
        """Fall silent without a word."""
        self._note_end()
        super().stall()

    def _sever(self, rest: bytes) -> None:
        self._note_end()
        super()._sever(rest)

    def _end(self, closed: ConnectionClosed, tail: bytes) -> None:
        self._note_end()
        super()._end(closed, tail)

    def _note(self, frame: bytes) -> None:
        recorder = getattr(self, "_recorder", None)
        if recorder is not None and not frame[0] & _CONTROL_FRAME:
            recorder.say(self._number, frame)

    def _note_end(self) -> None:
        recorder = getattr(self, "_recorder", None)
        if recorder is not None:
            self._recorder = None
            recorder.note(Ended(self._number))
