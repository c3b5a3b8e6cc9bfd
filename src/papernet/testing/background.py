"""One event loop in a thread of its own, in which all networks of a process live.

A test may have an event loop of its own, or none; networks answer both, and go on answering while a test waits in a client's
synchronous call.

Order of work.  The thread starts with the first network and goes with the process; work is handed to it, and the caller waits.
Invariant.      There is one thread a process, and a child of a fork, where the thread is not alive, gets one of its own.
Does not.       Run anything of the tests.
"""

import asyncio
import atexit
import os
import threading
from collections.abc import Coroutine
from functools import partial
from typing import Any, Final, TypeVar

import uvloop

from papernet.testing.templates import Templates

_T = TypeVar("_T")
_FAREWELL_SECONDS: Final = 10.0


class Background:
    """A running event loop, and what is still to be finished in it."""

    def __init__(self) -> None:
        """Start the thread."""
        self.pid: Final = os.getpid()
        self.templates: Final = Templates()
        self._loop: Final = uvloop.new_event_loop()
        self._ending: Final[set[asyncio.Task[None]]] = set()
        self._thread: Final = threading.Thread(target=self._loop.run_forever, name="papernet", daemon=True)
        self._thread.start()
        atexit.register(self._halt)

    def run(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Do some work in the loop and return what came of it."""
        assert threading.current_thread() is not self._thread, "the loop would wait for itself"
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def finish(self, work: Coroutine[Any, Any, None]) -> None:
        """Begin to end something; `settle` and `close` wait for it."""
        self._loop.call_soon_threadsafe(partial(self._end, work))

    def settle(self) -> None:
        """Wait until what was begun to end has ended."""
        self.run(self._settle())

    def close(self) -> None:
        """Finish what was begun to end, and stop the thread."""
        if self.pid == os.getpid():
            self.settle()
            self._halt()
            self._loop.close()
            atexit.unregister(self._halt)

    def _halt(self) -> None:
        """Stop the thread as it is: a process that exits has no threads left in which anything could end."""
        if self.pid == os.getpid():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(_FAREWELL_SECONDS)

    def _end(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def _settle(self) -> None:
        if self._ending:
            await asyncio.gather(*self._ending)


_lock: Final = threading.Lock()
_running: list[Background] = []


def background() -> Background:
    """Return the process's loop, started at first use."""
    with _lock:
        if not _running or _running[0].pid != os.getpid():
            _running[:] = [Background()]
        return _running[0]


def close_background() -> None:
    """End the process's loop, if there is one; the next use starts another."""
    with _lock:
        if _running:
            _running.pop().close()
