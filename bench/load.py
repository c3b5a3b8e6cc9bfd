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
from typing import Final

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


def cpu_seconds(pid: int) -> float:
    """Return the CPU time, user and system, that a process and its threads have used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def _one_connection(port: int, requests: Sequence[bytes], latencies: list[float]) -> int:
    reader, writer = await asyncio.open_connection(_LOOPBACK, port)
    loop = asyncio.get_running_loop()
    failed = 0
    for request in requests:
        begin = loop.time()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        lower = head.lower()
        at = lower.index(b"content-length:") + 15
        await reader.readexactly(int(lower[at : lower.index(b"\r\n", at)]))
        latencies.append(loop.time() - begin)
        failed += not head.startswith(b"HTTP/1.1 200")
    writer.close()
    return failed


async def run_load(port: int, pid: int, requests: Sequence[bytes], connections: int = 16) -> Load:
    """Send all requests over `connections` connections to the server with process id `pid` on loopback."""
    loop = asyncio.get_running_loop()
    latencies: list[float] = []
    cpu, wall = cpu_seconds(pid), loop.time()
    async with asyncio.timeout(_DEADLINE_SECONDS):
        shares = [requests[index::connections] for index in range(connections)]
        failures = await asyncio.gather(*(_one_connection(port, share, latencies) for share in shares))
    wall, cpu = loop.time() - wall, cpu_seconds(pid) - cpu
    latencies.sort()
    failed = sum(failures)
    return Load(
        len(latencies) - failed,
        failed,
        wall,
        cpu,
        latencies[len(latencies) // 2] * 1000,
        latencies[len(latencies) * 99 // 100] * 1000,
    )
