"""A recorded network once more: the same steps in the same order, without sockets, threads or clocks.

Order of work.  A network is put together in memory and begun with the state that the recording begins with; then each row is
                taken as the step that it tells of. What is said is compared with what was said then.
Invariant.      The event loop has no turn between two steps, so that nothing happens but what the rows say.
Does not.       Answer anybody. Begin the networks that were forked off the recorded one, or save its states.
"""

import asyncio
import socket
import sys
import traceback
from collections.abc import Callable, Iterator
from inspect import iscoroutine
from pathlib import Path
from typing import Any, Final, cast

from msgspec import Struct, json

from papernet import __version__
from papernet.app.clock import REAL_RATE, ClockSetting
from papernet.app.faults import Fault
from papernet.protocols.rest.request import Response
from papernet.protocols.websocket.peer import Session
from papernet.servers.node import KEEP_COUNTS, Means, Node, Options
from papernet.servers.recording import (
    RECORDED_TOKEN,
    REQUESTS,
    Asked,
    Beginning,
    Closed,
    Connected,
    Controlled,
    Drawn,
    Durable,
    End,
    Ended,
    Farewell,
    Opened,
    Passed,
    RecordingError,
    Resumed,
    Returned,
    Row,
    RunHash,
    Said,
    Told,
    Turned,
    read_recording,
    said_of,
)
from papernet.servers.states import SavedState, decode_state


class Outcome(Struct, frozen=True):
    """What became of a replay; `recorded_hash` is "" when the recording has no end, `difference` is the first there is."""

    run_hash: str
    recorded_hash: str
    steps: int
    difference: str

    @property
    def is_same(self) -> bool:
        """Whether everything was said again that was said then, and nothing else."""
        return not self.difference and self.recorded_hash in ("", self.run_hash)


class _Peer:
    """Where a session sends to; nobody reads it."""

    def __init__(self, ip: str, say: Callable[[bytes], None]) -> None:
        self.ip: str = ip
        self.finished: bool = False
        self._say: Final = say

    def send(self, frame: bytes) -> None:
        if not self.finished:
            self._say(frame)

    def send_latest(self, key: str, frame: bytes) -> None:
        del key
        self.send(frame)

    def close(self, code: int, reason: str) -> None:
        del code, reason
        self.finished = True

    def stall(self) -> None:
        self.finished = True

    def break_off(self, *, mid_frame: bool = False) -> None:
        if not mid_frame:
            self.finished = True


class _Address:
    """The socket that the recorded network listened on, as far as it is asked."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._address: Final = address

    def getsockname(self) -> tuple[str, int]:
        return self._address


class Replay:
    """Takes the steps of one recording."""

    def __init__(self, rows: Iterator[Row]) -> None:
        """Read the beginning; raises RecordingError."""
        beginning = next(rows, None)
        if not isinstance(beginning, Beginning):
            message = "the recording has no beginning"
            raise RecordingError(message)
        self.beginning: Final = beginning
        self._rows: Final = rows
        self._options: Final = json.decode(beginning.options, type=Options)
        self._node: Node | None = None
        self._past: Final[list[Node]] = []
        self._setting: ClockSetting | None = None
        self._now: int = 0
        self._states: Final[dict[bytes, SavedState]] = {}
        self._postponed: Final[dict[int, Callable[[int], Response]]] = {}
        self._requests: int = 0
        self._peers: Final[dict[int, _Peer]] = {}
        self._sessions: Final[dict[int, Session]] = {}
        self._hash: Final = RunHash()
        # By connection, (number of the step, digest).
        self._said: Final[dict[int, list[tuple[int, bytes]]]] = {}
        self._expected: Final[dict[int, list[bytes]]] = {}
        self._steps: int = 0
        self._steps_of: Final[dict[type, Callable[[Any], None]]] = {
            Turned: self._turn,
            Asked: self._ask,
            Resumed: self._resume,
            Controlled: self._control,
            Opened: self._open,
            Told: self._tell,
            Farewell: self._part,
            Ended: self._end,
            Closed: self._close,
            Connected: self._connect,
            Passed: self._pass,
            Durable: self._let_out,
            Returned: self._return,
        }

    async def run(self) -> Outcome:
        """Take all steps; raises RecordingError."""
        recorded = ""
        try:
            for row in self._rows:
                if isinstance(row, End):
                    recorded = row.run_hash
                elif isinstance(row, Said):
                    self._expected.setdefault(row.number, []).append(row.digest)
                else:
                    self._take(row)
            return Outcome(self._hash.hexdigest(), recorded, self._steps, self._difference())
        finally:
            for node in (*self._past, *([self._node] if self._node is not None else [])):
                await node.stop()

    @property
    def _running(self) -> Node:
        if self._node is None:
            message = "the recording begins with no state"
            raise RecordingError(message)
        return self._node

    def _take(self, row: Row) -> None:
        step = self._steps_of.get(type(row))
        if step is None:
            message = f"a row {type(row).__struct_config__.tag!r} stands where none belongs"
            raise RecordingError(message)
        self._now = getattr(row, "now", self._now)
        self._steps += 1
        step(row)

    def _say(self, number: int, data: bytes) -> None:
        self._said.setdefault(number, []).append((self._steps, self._hash.say(number, data)))

    def _difference(self) -> str:
        """Return where what was said first differs from what was said then; "" where it does not."""
        found: list[tuple[int, str]] = []
        for number in sorted({*self._said, *self._expected}):
            said, expected = self._said.get(number, []), self._expected.get(number, [])
            where = "of REST" if number == REQUESTS else f"on WebSocket {number}"
            for place, (step, digest) in enumerate(said):
                if place >= len(expected) or expected[place] != digest:
                    what = "is another one" if place < len(expected) else "was not given then"
                    found.append((step, f"answer {place + 1} {where}, in step {step}, {what}"))
                    break
            else:
                if len(said) < len(expected):
                    found.append((self._steps, f"answer {len(said) + 1} {where} is missing"))
        return min(found)[1] if found else ""

    # one step of each kind

    def _turn(self, row: Turned) -> None:
        self._setting = row.setting
        if self._node is not None:
            self._node.clock.come_back(row.setting)

    def _ask(self, row: Asked) -> None:
        self._requests += 1
        self._heard(self._running.application.doors()[row.door].answer(row.request, row.now), self._requests)

    def _resume(self, row: Resumed) -> None:
        self._heard(self._postponed.pop(row.number)(row.now), row.number)

    def _heard(self, response: Response, number: int) -> None:
        if response.hindering is not None and response.hindering.resume is not None:
            self._postponed[number] = response.hindering.resume
        else:
            self._say(REQUESTS, said_of(response))

    def _control(self, row: Controlled) -> None:
        response = self._running.application.control.answer(row.request, row.now)
        if iscoroutine(response.later):
            # What it did is told by the steps that it took.
            response.later.close()

    def _open(self, row: Opened) -> None:
        peer = self._peers[row.number] = _Peer(row.ip, lambda frame: self._say(row.number, frame))
        session = self._running.hub.door_at(row.path).open(peer, row.handshake, row.now)
        if not isinstance(session, Fault):
            self._sessions[row.number] = session

    def _tell(self, row: Told) -> None:
        self._with_session(row.number, lambda session: session.receive(row.text, row.now))

    def _part(self, row: Farewell) -> None:
        self._with_session(row.number, lambda session: session.farewell(row.now))

    def _close(self, row: Closed) -> None:
        self._with_session(row.number, lambda session: session.closed(row.now))

    def _with_session(self, number: int, do: Callable[[Session], None]) -> None:
        try:
            do(self._sessions[number])
        except Exception:  # noqa: BLE001  a bug of then: it was told then as well, and cost the client the connection
            traceback.print_exc(file=sys.stderr)

    def _end(self, row: Ended) -> None:
        self._peers[row.number].finished = True

    def _connect(self, row: Connected) -> None:
        limits = self._running.hub.limits
        if row.is_offence:
            limits.offend(row.ip, row.now)
        else:
            limits.connect(row.ip, row.weight, row.now)

    def _pass(self, row: Passed) -> None:
        if self._node is None:
            # Time that passed while the recording began is part of the state.
            return
        if row.step == KEEP_COUNTS:
            self._running.keep_counts()
        else:
            self._running.passing.take(row.step, row.values, row.options)

    def _let_out(self, row: Durable) -> None:
        sequencer = self._running.world.sequencer
        sequencer.mark_durable(sequencer.last_seq - row.waiting)

    def _return(self, row: Returned) -> None:
        if row.state:
            self._states[row.digest] = decode_state(row.state)
        if self._node is not None:
            self._past.append(self._node)
        beginning = self.beginning
        listener = cast("socket.socket", _Address(beginning.address))
        means = Means(real=self._real, draw=self._draw)
        node = self._node = Node(
            self._options,
            beginning.catalogue,
            listener,
            asyncio.Event(),
            origin=self._states[row.digest],
            token=RECORDED_TOKEN,
            means=means,
        )
        node.begin(row.now)

    def _real(self) -> int:
        """Return the real time at which the clock shows the time of this step."""
        setting = self._setting
        if setting is None or not setting.rate:
            return self._now
        return setting.real_at - (setting.at - self._now) * REAL_RATE // setting.rate

    def _draw(self) -> str:
        row = next(self._rows, None)
        if not isinstance(row, Drawn):
            message = f"step {self._steps} draws a key, and then it drew none"
            raise RecordingError(message)
        return row.text


def replay(path: Path) -> tuple[Outcome, str]:
    """Replay a file; return what became of it, and a remark when another version recorded it. Raises RecordingError."""
    try:
        data = path.read_bytes()
    except OSError as error:
        message = f"{path}: {(error.strerror or str(error)).lower()}"
        raise RecordingError(message) from error
    try:
        return asyncio.run(_replay(data))
    except ValueError as error:
        message = f"{path}: {error}"
        raise RecordingError(message) from error


async def _replay(data: bytes) -> tuple[Outcome, str]:
    found = Replay(read_recording(data))
    version = found.beginning.version
    remark = "" if version == __version__ else f"recorded by papernet {version}, replayed by {__version__}"
    return await found.run(), remark
