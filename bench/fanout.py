"""Events that go out to many connections: how many frames a server-CPU-second delivers, and how late they are.

Order of work.  Readers connect, then one more connection offers messages at an even rate, of which each makes one bookTicker;
                the answer to each says when that happened, in microseconds. Of each piece that a reader receives, the last
                update id and the time are kept: every event up to that id, and behind the one before, arrived then. What that
                means for each event and reader is worked out when all is over.
Invariant.      Update ids rise by one from event to event, and every event reaches every reader, or the run fails.
Cost.           A piece costs some two microseconds beside the call that receives it: a million frames a second are possible
                when several come in one piece.
Does not.       Answer pings: a run is over long before one is missed.
"""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from bench.load import cpu_seconds
from bench.sockets import TEXT, BrokenConnectionError, Client, Frames, connect, disconnect, message, poll_of

_RECEIVE: Final = 1 << 16
_READY_AT_ONCE: Final = 64
_DEADLINE_SECONDS: Final = 60
_FIRST_FIELD: Final = b'{"u":'
_LAST_CHARACTERS: Final = b'"}'
_TIME: Final = re.compile(rb'"transactTime":(\d+)')


@dataclass(frozen=True)
class FanOut:
    """What a fan-out measured: frames received, wall seconds, server CPU seconds, time from match to receipt in ms.

    `payloads` are the messages, as the first reader got them.
    """

    frames: int
    wall: float
    cpu: float
    p50_ms: float
    p99_ms: float
    payloads: Sequence[bytes]

    @property
    def per_cpu_second(self) -> float:
        """Frames per second of server CPU."""
        return self.frames / self.cpu

    @property
    def per_second(self) -> float:
        """Frames per second of wall time."""
        return self.frames / self.wall


class _Readers:
    """The connections that listen, and what came to them when."""

    def __init__(self, clients: Sequence[Client]) -> None:
        self._clients: Final = {client.socket.fileno(): client.socket for client in clients}
        self._rest: Final = dict.fromkeys(self._clients, b"")
        self._last: Final = dict.fromkeys(self._clients, 0)
        # for each piece: when it came, and the first and last update ids in it
        self.at: Final[list[int]] = []
        self.first: Final[list[int]] = []
        self.last: Final[list[int]] = []
        self.frames: int = 0
        self._witness: Final = next(iter(self._clients))
        self.seen: Final[list[bytes]] = []

    def take(self, number: int) -> None:
        """Receive what has come to one of them."""
        data = self._clients[number].recv(_RECEIVE)
        at = time.time_ns() // 1000
        if not data:
            raise BrokenConnectionError("the server hung up on a reader")
        if number == self._witness:
            self.seen.append(data)
        rest = self._rest[number]
        if rest:
            data = rest + data
        end = data.rfind(_LAST_CHARACTERS) + 2
        if end < 2:
            self._rest[number] = data
            return
        self._rest[number] = data[end:]
        begin = data.rfind(_FIRST_FIELD, 0, end) + 5
        newest = int(data[begin : data.index(b",", begin)])
        self.frames += data.count(_FIRST_FIELD, 0, end)
        before = self._last[number]
        if not before:
            begin = data.index(_FIRST_FIELD) + 5
            before = int(data[begin : data.index(b",", begin)]) - 1
        self._last[number] = newest
        self.at.append(at)
        self.first.append(before + 1)
        self.last.append(newest)

    def delays(self, matched: Sequence[int]) -> tuple[float, float]:
        """Return the median and the 99th percentile of the milliseconds from match to receipt."""
        first, last = np.array(self.first), np.array(self.last)
        if last.max() - first.min() + 1 != len(matched):
            raise BrokenConnectionError("there are more updates than events, or fewer")
        counts = last - first + 1
        # the place of each event within its piece, behind the piece's first
        within = np.arange(counts.sum()) - np.repeat(counts.cumsum() - counts, counts)
        events = np.repeat(first - first.min(), counts) + within
        delays = np.repeat(np.array(self.at), counts) - np.array(matched)[events]
        p50, p99 = np.percentile(delays, (50, 99))
        return float(p50) / 1000, float(p99) / 1000


def run_fan_out(
    port: int, pid: int, paths: tuple[str, str], payloads: Sequence[bytes], rate: int, connections: int = 1000
) -> FanOut:
    """Offer `payloads` at `rate` a second over the second of the paths to readers on the first."""
    frames = [message(payload) for payload in payloads]
    clients = connect(port, paths[0], connections)
    driver = connect(port, paths[1], 1)[0]
    poll, _ = poll_of([*clients, driver])
    readers = _Readers(clients)
    matched: list[int] = []
    sent, all_frames, number = 0, len(frames) * connections, driver.socket.fileno()
    cpu, begin = cpu_seconds(pid), time.perf_counter()
    while readers.frames < all_frames or len(matched) < len(frames):
        elapsed = time.perf_counter() - begin
        if elapsed > _DEADLINE_SECONDS:
            raise TimeoutError(f"{readers.frames:,} of {all_frames:,} frames came in {elapsed:.0f} seconds")
        due = min(len(frames), int(elapsed * rate) + 1)
        if due > sent:
            driver.socket.sendall(b"".join(frames[sent:due]))
            sent = due
        for ready, _ in poll.poll(0.001, _READY_AT_ONCE):
            if ready == number:
                matched += [_time_in(answer) for _, answer in driver.receive()]
            else:
                readers.take(ready)
    wall, cpu = time.perf_counter() - begin, cpu_seconds(pid) - cpu
    poll.close()
    disconnect([*clients, driver])
    payloads = [payload for opcode, payload in Frames().feed(b"".join(readers.seen)) if opcode == TEXT]
    return FanOut(readers.frames, wall, cpu, *readers.delays(matched), payloads)


def _time_in(answer: bytes) -> int:
    found = _TIME.search(answer)
    if found is None:
        raise BrokenConnectionError(f"the server did not take a message: {answer!r}")
    return int(found[1])
