"""The process of `papernet up`: one exchange, from its port to its exit status.

Order of work.  The port is taken first, so that a second start is told so at once; then the exchange is started, announced, and
                served until a signal.
Invariant.      Nothing is announced before it is durable and answered. What goes wrong before that is one line, a StartError;
                what ends a running exchange is one line too, and exit status 1.
Does not.       Know how an exchange is put together: `node` does.
"""

import asyncio
import gc
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import uvloop

from papernet.control.door import PREFIX
from papernet.servers import clock
from papernet.servers.config import Catalogue, CatalogueError, load_catalogue, packaged_catalogue
from papernet.servers.node import Node, Options, address_of, every
from papernet.servers.recording import Recorder, RecordingError
from papernet.servers.runtime import RunningServer, publish
from papernet.servers.screen import ready_json, ready_text
from papernet.servers.tls import TlsDoor, TlsError, open_tls
from papernet.servers.transport import BindError, bind
from papernet.servers.world import WorldError

_GARBAGE_SECONDS: Final = 0.25
_GARBAGE_OBJECTS: Final = 20_000
_SWITCH_SECONDS: Final = 0.000_5


class StartError(Exception):
    """The exchange cannot start; the message is one line."""


def run(options: Options, announce: Callable[[str], None], *, as_json: bool, colour: bool) -> int:
    """Start, announce, serve until a signal; return the exit status."""
    # From here on garbage is collected by `_collect_garbage`, not in the middle of an order.
    gc.disable()
    # The journal's thread waits for the interpreter three times a batch: at most this long, not Python's 5 ms.
    sys.setswitchinterval(_SWITCH_SECONDS)
    tls: TlsDoor | None = None
    try:
        catalogue = packaged_catalogue() if options.symbols is None else load_catalogue(options.symbols)
        listener = bind(options.host, options.port)
    except (CatalogueError, BindError) as error:
        raise StartError(str(error)) from error
    try:
        if not options.public_dev_keys and not address_of(listener).is_loopback:
            raise StartError(
                f"--host {options.host} lets other machines in, and everyone knows the keys of the test accounts; "
                "add --public-dev-keys if that is what you want"
            )
        _raise_file_limit()
        tls, remarks = _open_tls(options)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(_serve(options, catalogue, listener, tls, remarks, announce, as_json=as_json, colour=colour))
    except (WorldError, RecordingError, OSError) as error:
        raise StartError(str(error)) from error
    finally:
        listener.close()
        if tls is not None:
            tls.listener.close()


def _open_tls(options: Options) -> tuple[TlsDoor | None, tuple[str, ...]]:
    """Return the TLS door, and what a person has to be told of it or of why there is none."""
    if options.tls_port is None:
        return None, ()
    try:
        tls = open_tls(options.host, options.tls_port, options.tls_names, clock.now())
    except TlsError as error:
        if options.tls_required:
            raise StartError(str(error)) from error
        return None, (f"nothing is served over TLS: {error}",)
    return tls, tls.remarks


async def _serve(
    options: Options,
    catalogue: Catalogue,
    listener: socket.socket,
    tls: TlsDoor | None,
    remarks: tuple[str, ...],
    announce: Callable[[str], None],
    *,
    as_json: bool,
    colour: bool,
) -> int:
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    node = Node(options, catalogue, listener, stopping, tls)
    published = None
    recorder: Recorder | None = None
    try:
        await node.start()
        recorder = None if options.record is None else await node.record(options.record)
        # What stands now lives as long as the process: the collector need not look at it again.
        gc.freeze()
        garbage = asyncio.ensure_future(every(_GARBAGE_SECONDS, _Garbage(node).collect))
        state = str(options.state.resolve()) if options.state else ""
        published = publish(RunningServer(os.getpid(), node.port, node.url + PREFIX, node.token, state))
        ready = node.ready(remarks)
        if as_json:
            # The screen for people has room for them; the one line for programs has not.
            sys.stderr.writelines(f"papernet: {warning}\n" for warning in ready.warnings)
            sys.stderr.flush()
        announce(ready_json(ready).decode("utf-8") if as_json else ready_text(ready, colour=colour))
        await stopping.wait()
        garbage.cancel()
    finally:
        if published is not None:
            published.unlink(missing_ok=True)
        await node.stop()
        if recorder is not None:
            sys.stderr.write(f"papernet: recorded to {options.record}, run hash {recorder.close()}\n")
    if node.failure is None:
        return 0
    sys.stderr.write(f"papernet: {node.failure}\n")
    return 1


class _Garbage:
    """What is put out of the collector's sight, and what is not."""

    def __init__(self, node: Node) -> None:
        self._node: Final = node
        self._worlds_left: int = 0

    async def collect(self) -> None:
        """Collect while there is little to look at: what survives is put out of the collector's sight.

        The exchange itself makes no reference cycles; connections that end badly do, and so does a whole world that is left.
        """
        if self._worlds_left != self._node.worlds_left:
            self._worlds_left = self._node.worlds_left
            gc.unfreeze()
        elif gc.get_count()[0] < _GARBAGE_OBJECTS:
            return
        gc.collect()
        gc.freeze()


def _raise_file_limit() -> None:
    """Allow as many connections as this user may have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
