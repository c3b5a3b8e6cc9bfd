"""A load of WebSocket requests made beforehand, and what the server spent on it.

Order of work.  Requests are dealt round to the connections; each keeps so many under way, and sends its next one when an answer
                has come. The figure that counts is the server's CPU time per request.
Does not.       Talk to anything but loopback; both the number of requests and the time are bounded.
"""

import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from bench.load import Load, cpu_seconds
from bench.sockets import Client, connect, disconnect, message, poll_of

_DEADLINE_SECONDS: Final = 300
_DONE: Final = b'"status":200'


@dataclass(slots=True)
class _Caller:
    """One connection: what it has yet to send, and when it sent what is under way."""

    client: Client
    frames: Iterator[bytes]
    sent: deque[float] = field(default_factory=deque)

    def send(self, count: int) -> None:
        """Send as many more requests, if there are."""
        frames = list(islice(self.frames, count))
        if frames:
            self.sent.extend([time.perf_counter()] * len(frames))
            self.client.socket.send(b"".join(frames))


def run_calls(port: int, path: str, pid: int, payloads: Sequence[bytes], connections: int = 16, under_way: int = 1) -> Load:
    """Send all requests over `connections` connections to `path` of the server with process id `pid` on loopback."""
    frames = [message(payload) for payload in payloads]
    clients = connect(port, path, connections)
    poll, _ = poll_of(clients)
    callers = {
        client.socket.fileno(): _Caller(client, iter(frames[index::connections])) for index, client in enumerate(clients)
    }
    latencies: list[float] = []
    failed = 0
    cpu, begin = cpu_seconds(pid), time.perf_counter()
    for caller in callers.values():
        caller.send(under_way)
    while len(latencies) < len(frames):
        if time.perf_counter() - begin > _DEADLINE_SECONDS:
            raise TimeoutError(f"{len(frames) - len(latencies)} of {len(frames)} answers did not come")
        for number, _ in poll.poll(1):
            caller = callers[number]
            answers = caller.client.receive()
            now = time.perf_counter()
            for _, answer in answers:
                latencies.append(now - caller.sent.popleft())
                failed += _DONE not in answer
            caller.send(len(answers))
    wall, cpu = time.perf_counter() - begin, cpu_seconds(pid) - cpu
    poll.close()
    disconnect(clients)
    latencies.sort()
    middle, high = latencies[len(latencies) // 2], latencies[len(latencies) * 99 // 100]
    return Load(len(latencies) - failed, failed, wall, cpu, middle * 1000, high * 1000)
