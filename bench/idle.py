"""Connections that are held and say nothing: what one weighs, and whether all are still there after a while.

Order of work.  Some connect, each with one stream, and the server is weighed before and after; the others follow, and all are
                held: every ping is answered. At the end one more event happens, and everybody has to get it.
Invariant.      A connection counts as kept when it answered pings all the time, was never closed, and got the last message.
"""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.load import cpu_seconds
from bench.sockets import Client, Poll, connect, disconnect, poll_of

# Pings come every twenty seconds.
_GRACE_SECONDS: Final = 20
_SETTLE_SECONDS: Final = 1.0


@dataclass(frozen=True)
class Held:
    """What holding connections showed: how many there were and how many were kept, bytes each, pings answered, CPU share."""

    opened: int
    kept: int
    bytes_each: float
    pings: int
    share_of_a_core: float


def resident(pid: int) -> int:
    """Return the bytes of memory that a process has in use."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def hold(
    port: int, pid: int, path: str, counts: tuple[int, int], sources: Sequence[str], seconds: float, event: Callable[[], None]
) -> Held:
    """Weigh the first of `counts` connections to `path`, add the second, hold all for so long, then let `event` happen."""
    before = resident(pid)
    clients = connect(port, path, counts[0], sources)
    time.sleep(_SETTLE_SECONDS)
    bytes_each = (resident(pid) - before) / counts[0]
    clients += connect(port, path, counts[1], sources)
    poll, by_number = poll_of(clients)
    lost: set[int] = set()
    told: set[int] = set()
    cpu, begin = cpu_seconds(pid), time.perf_counter()
    _listen(poll, by_number, begin + seconds, lost, told)
    share = (cpu_seconds(pid) - cpu) / (time.perf_counter() - begin)
    assert not told, "an idle stream spoke"
    event()
    _listen(poll, by_number, time.perf_counter() + _GRACE_SECONDS, lost, told)
    pings = sum(client.pings for client in clients)
    # Every ping that must have come by now; one that was due in the last second may be under way. Of those who kept silent
    # nobody knows whether they would still answer.
    due = int((seconds - 1) // _GRACE_SECONDS)
    kept = sum(client.pings >= due for number, client in by_number.items() if number in told and number not in lost)
    poll.close()
    disconnect(clients)
    return Held(len(clients), kept, bytes_each, pings, share)


def _listen(poll: Poll, by_number: dict[int, Client], until: float, lost: set[int], told: set[int]) -> None:
    """Answer pings until then, or until everybody was told something or is lost."""
    while len(told | lost) < len(by_number) and (left := until - time.perf_counter()) > 0:
        for number, _ in poll.poll(min(left, 1.0)):
            try:
                texts = by_number[number].receive()
            except OSError:
                lost.add(number)
                poll.unregister(number)
            else:
                if texts:
                    told.add(number)
