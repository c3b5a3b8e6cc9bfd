"""A load of pre-built HTTP requests over keep-alive connections, and what the server spent on it.

Order of work.  Requests are dealt round to the connections; each connection sends its next one when the answer to the last has
                come. The figure that counts is the server's CPU time per request, read from the kernel before and after:
                the load generator shares the machine.
Does not.       Talk to anything but loopback; both the number of requests and the time are bounded.
"""

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

import uvloop

_LOOPBACK: Final = "127.0.0.1"
_DEADLINE_SECONDS: Final = 300


@dataclass(frozen=True)
class Load:
    """What a load measured: requests answered with 200, the others, wall seconds, server CPU seconds, latencies in ms."""

    answered: int
    failed: int
    wall: float
    cpu: float
    p50_ms: float
    p99_ms: float

    @property
    def per_cpu_second(self) -> float:
        """Requests per second of server CPU."""
        return self.answered / self.cpu

    @property
    def per_second(self) -> float:
        """Requests per second of wall time."""
        return self.answered / self.wall

    def text(self) -> str:
        """Return the figures as a row of the table has them."""
        return (
            f"{self.per_cpu_second:,.0f} a server-CPU-second; {self.per_second:,.0f}/s, p50 {self.p50_ms:.1f} ms, "
            f"p99 {self.p99_ms:.1f} ms, {self.failed} failed"
        )


def cpu_seconds(pid: int) -> float:
    """Return the CPU time, user and system, that a process and its threads have used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class _Connection(asyncio.Protocol):
    """One keep-alive connection: a request goes out when the answer to the one before has come."""

    def __init__(self, requests: Sequence[bytes], latencies: list[float]) -> None:
        self._requests = iter(requests)
        self._latencies = latencies
        self._loop = asyncio.get_running_loop()
        self._buffer = b""
        self._sent = 0.0
        self.failed = 0
        self.done: asyncio.Future[None] = self._loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports have the interface without the base class.
        self._transport = cast("asyncio.Transport", transport)
        self._next()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head = self._buffer.find(b"\r\n\r\n")
        if head < 0:
            return
        lower = self._buffer[:head].lower()
        at = lower.index(b"content-length:") + 15
        length = int(lower[at:].split(b"\r\n", 1)[0])
        if len(self._buffer) < head + 4 + length:
            return
        self._latencies.append(self._loop.time() - self._sent)
        self.failed += not lower.startswith(b"http/1.1 200")
        self._buffer = b""
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("the server hung up"))

    def _next(self) -> None:
        request = next(self._requests, None)
        if request is None:
            self.done.set_result(None)
            self._transport.close()
            return
        self._sent = self._loop.time()
        self._transport.write(request)


def run_load(port: int, pid: int, requests: Sequence[bytes], connections: int = 16) -> Load:
    """Send all requests over `connections` connections to the server with process id `pid` on loopback."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_load(port, pid, requests, connections))


async def _load(port: int, pid: int, requests: Sequence[bytes], connections: int) -> Load:
    loop = asyncio.get_running_loop()
    latencies: list[float] = []
    cpu, wall = cpu_seconds(pid), loop.time()
    async with asyncio.timeout(_DEADLINE_SECONDS):
        protocols: list[_Connection] = []
        for index in range(connections):
            share = requests[index::connections]
            _, protocol = await loop.create_connection(lambda share=share: _Connection(share, latencies), _LOOPBACK, port)  # type: ignore[misc]
            protocols.append(protocol)
        await asyncio.gather(*(protocol.done for protocol in protocols))
    wall, cpu = loop.time() - wall, cpu_seconds(pid) - cpu
    latencies.sort()
    failed = sum(protocol.failed for protocol in protocols)
    return Load(
        len(latencies) - failed,
        failed,
        wall,
        cpu,
        latencies[len(latencies) // 2] * 1000,
        latencies[len(latencies) * 99 // 100] * 1000,
    )
