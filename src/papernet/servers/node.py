"""Putting an exchange together and running it: what `papernet up` does.

Order of work.  The port is taken first, so that a second start is told so at once; then the world is opened, its doors are
                built, the server answers, and timers move the crowd, the archive, checkpoints and resets. A signal stops it all
                in the opposite order.
Invariant.      Nothing is announced before it is durable and answered. What goes wrong before that is one line, a StartError;
                what ends a running exchange is one line too, and exit status 1.
Does not.       Know rules, protocols or files: it only introduces those who do to each other.
"""

import asyncio
import gc
import ipaddress
import os
import resource
import shutil
import signal
import socket
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import uvloop
from msgspec import Struct

from papernet.app.operations.options import Generation
from papernet.control.door import PREFIX
from papernet.core.dates import SECOND
from papernet.core.events import Applied
from papernet.servers import clock
from papernet.servers.config import Catalogue, CatalogueError, load_catalogue, packaged_catalogue
from papernet.servers.dev_accounts import development_keys
from papernet.servers.doors import Doors
from papernet.servers.files import Durability, JournalError
from papernet.servers.hosts import LOOPBACK_NAMES, HostPolicy
from papernet.servers.living_options import LivingOptions
from papernet.servers.opening import dismiss_crowd, open_exchange, start_over
from papernet.servers.option_doors import OptionsOffered
from papernet.servers.runtime import RunningServer, control_token, publish
from papernet.servers.screen import Ready, ready_json, ready_text
from papernet.servers.tls import TlsDoor, TlsError, open_tls
from papernet.servers.transport import BindError, HttpServer, bind
from papernet.servers.world import WorldError, open_world

if TYPE_CHECKING:
    from papernet.servers.living_market import LivingMarket

DEFAULT_SEED: Final = 1

_TICK_SECONDS: Final = 0.025
_SWEEP_SECONDS: Final = 0.5
_OPTIONS_SECONDS: Final = 1.0
_ARCHIVE_SECONDS: Final = 1.0
_CHECKPOINT_SECONDS: Final = 5.0
_CHECKPOINT_COMMANDS: Final = 100_000
_RESET_LOOK_SECONDS: Final = 1.0
_CERTIFICATE_SECONDS: Final = 86_400.0
_GARBAGE_SECONDS: Final = 0.25
_GARBAGE_OBJECTS: Final = 20_000
_SWITCH_SECONDS: Final = 0.000_5


class Options(Struct, frozen=True):
    """What `papernet up` was asked for; without `state`, everything is in memory and `durability` means nothing.

    Without `tls_port` nothing is served over TLS; unless it is `tls_required`, a start goes on when that is not possible.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    tls_port: int | None = 8443
    tls_names: tuple[str, ...] = ()
    tls_required: bool = False
    state: Path | None = None
    seed: int | None = None
    market: Literal["sim", "none"] = "sim"
    activity: float = 0.1
    limits: bool = True
    options: bool = True
    options_api: Literal["current", "2024"] = "current"
    durability: Literal["fsync", "os", "memory"] = "fsync"
    symbols: Path | None = None
    reset_every: int | None = None
    allow_hosts: tuple[str, ...] = ()
    public_dev_keys: bool = False
    sapi_stubs: bool = False
    listen_keys: bool = False


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
        if not options.public_dev_keys and not _address(listener).is_loopback:
            raise StartError(
                f"--host {options.host} lets other machines in, and everyone knows the keys of the test accounts; "
                "add --public-dev-keys if that is what you want"
            )
        _raise_file_limit()
        tls, remarks = _open_tls(options)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(_serve(options, catalogue, listener, tls, remarks, announce, as_json=as_json, colour=colour))
    except (WorldError, OSError) as error:
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
    try:
        await node.start()
        ready = node.ready(remarks)
        if as_json:
            # The screen for people has room for them; the one line for programs has not.
            sys.stderr.writelines(f"papernet: {warning}\n" for warning in ready.warnings)
            sys.stderr.flush()
        announce(ready_json(ready).decode("utf-8") if as_json else ready_text(ready, colour=colour))
        await stopping.wait()
    finally:
        await node.stop()
    if node.failure is None:
        return 0
    sys.stderr.write(f"papernet: {node.failure}\n")
    return 1


class Node:
    """A running exchange."""

    def __init__(
        self,
        options: Options,
        catalogue: Catalogue,
        listener: socket.socket,
        stopping: asyncio.Event,
        tls: TlsDoor | None = None,
    ) -> None:
        """Open the world and build its doors; `stopping` is set when something ends them."""
        self.stopping: Final = stopping
        self.failure: str | None = None
        self._options: Final = options
        self._catalogue: Final = catalogue
        self._url: Final = _url(listener)
        self._port: Final[int] = listener.getsockname()[1]
        self.world: Final = open_world(options.state, options.seed, Durability(options.durability), self._on_failure)
        self._token: Final = control_token(options.state)
        self._market: LivingMarket | None = None
        self._living_options: Final = LivingOptions(self.world)
        self._tls: Final = tls
        self._doors: Final = self._build_doors(listener)
        application, hub = self._doors.application, self._doors.hub
        self._servers: Final = [HttpServer(application, listener, hub=hub)]
        if tls is not None:
            self._servers.append(HttpServer(application, tls.listener, context=tls.context, hub=hub))
        self._tasks: Final[list[asyncio.Task[None]]] = []
        self._published: Path | None = None

    async def start(self) -> None:
        """Open what has to be opened, answer requests, start the timers."""
        now = clock.now()
        world, options = self.world, self._options
        if not world.settings.epoch:
            world.settings.seed = DEFAULT_SEED if options.seed is None else options.seed
        open_exchange(world, self._catalogue, now, limits=options.limits, options=options.options)
        self._begin_market(now)
        await self._settle()
        for server in self._servers:
            await server.start()
        self._published = publish(
            RunningServer(
                os.getpid(), self._port, self._url + PREFIX, self._token, str(options.state.resolve()) if options.state else ""
            )
        )
        self._start_timers()
        # What stands now lives as long as the process: the collector need not look at it again.
        gc.freeze()

    async def stop(self) -> None:
        """Stop answering, keep everything, let go."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._doors.hub.close_ears()
        # What was accepted is answered, and told, before the farewell.
        with suppress(JournalError):
            await self.world.journal.durable(self.world.sequencer.last_seq)
        await self._doors.hub.shutdown()
        await asyncio.gather(*(server.stop() for server in self._servers))
        if self._published is not None:
            self._published.unlink(missing_ok=True)
        try:
            await self.world.close()
        except JournalError as error:
            self._on_failure(error)

    def reset(self, now: int) -> Applied:
        """Start the whole exchange over."""
        applied = start_over(self.world, self._catalogue, now)
        self.world.settings.crowd = False
        self._doors.dismiss(applied)
        self._begin_market(applied.at)
        self._spawn(self._settle())
        return applied

    def ready(self, remarks: tuple[str, ...] = ()) -> Ready:
        """Return what there is to announce; `remarks` are about the start so far."""
        options, world = self._options, self.world
        return Ready(
            rest=self._url,
            tls="" if self._tls is None else _url(self._tls.listener, "https"),
            ca="" if self._tls is None else str(self._tls.ca.certificate),
            control=self._url + PREFIX,
            options_api=options.options_api if options.options else "",
            seed=world.settings.seed,
            market=options.market,
            state=str(options.state) if options.state else "in memory, gone when it stops",
            symbols=tuple(world.exchange.markets),
            balances=self._catalogue.balances,
            keys=development_keys(),
            warnings=(*world.warnings, *remarks),
            command=_command(),
        )

    def _build_doors(self, listener: socket.socket) -> Doors:
        options, tls = self._options, self._tls
        address = _address(listener)
        names = (*LOOPBACK_NAMES, options.host, str(address), *options.allow_hosts, *(tls.ca.names if tls else ()))
        return Doors(
            self.world,
            HostPolicy(
                names,
                self._port,
                tls_port=tls.listener.getsockname()[1] if tls else None,
                any_address=address.is_unspecified,
            ),
            token=self._token,
            balances=self._catalogue.balances,
            reset=self.reset,
            limits=options.limits,
            listen_keys=options.listen_keys,
            sapi_stubs=options.sapi_stubs,
            options=self._options_offered(),
        )

    def _options_offered(self) -> OptionsOffered | None:
        if not self._options.options:
            return None
        return OptionsOffered(self._living_options, Generation(self._options.options_api), self._url)

    def _begin_market(self, now: int) -> None:
        world = self.world
        if self._options.market == "sim":
            # NumPy takes a while to load, and an exchange without a crowd does not need it.
            from papernet.servers.living_market import LivingMarket

            self._market = LivingMarket(world, self._options.activity)
            self._market.begin(now)
        elif world.settings.crowd:
            dismiss_crowd(world, now)
            world.settings.crowd = False
        if world.settings.epoch != world.exchange.epoch:
            world.settings.epoch = world.exchange.epoch
            world.settings.started_at = now
        if self._options.options:
            # Behind the crowd, whose prices decide which contracts there are.
            self._living_options.begin(now)

    async def _settle(self) -> None:
        """Remember the settings once what they tell of cannot be lost any more."""
        await self.world.journal.durable(self.world.sequencer.last_seq)
        self.world.save_settings()

    def _start_timers(self) -> None:
        self._spawn(_every(_ARCHIVE_SECONDS, self.world.archive_rows))
        self._spawn(_every(_CHECKPOINT_SECONDS, self._look_at_journal))
        self._spawn(_every(_GARBAGE_SECONDS, _collect_garbage))
        if self._tls is not None:
            self._spawn(_every(_CERTIFICATE_SECONDS, self._look_at_certificate))
        self._spawn(_every(_TICK_SECONDS, self._tick))
        self._spawn(_every(_SWEEP_SECONDS, self._sweep))
        self._spawn(_every(_OPTIONS_SECONDS, self._advance_options))
        if self._options.reset_every is not None:
            self._spawn(_every(_RESET_LOOK_SECONDS, self._look_at_calendar))

    async def _tick(self) -> None:
        now = clock.now()
        if self._market is not None:
            self._market.tick(now)
        self._living_options.look_at_countdowns(now)
        self.world.journal.commit(urgent=False)
        # Behind the crowd: what it did by now belongs to what is pushed now.
        self._doors.pulse(now)

    async def _advance_options(self) -> None:
        """Let what is due on the options venue happen."""
        self._living_options.tick(clock.now())
        self.world.journal.commit(urgent=False)

    async def _sweep(self) -> None:
        self._doors.sweep(clock.now())

    async def _look_at_journal(self) -> None:
        halted = self.world.sequencer.halted
        if halted is not None:
            self._fail(halted)
        elif self.world.sequencer.last_seq - self.world.checkpoint_seq >= _CHECKPOINT_COMMANDS:
            await self.world.save_checkpoint()

    async def _look_at_certificate(self) -> None:
        assert self._tls is not None
        remark = self._tls.renew(clock.now())
        if remark:
            sys.stderr.write(f"papernet: {remark}\n")

    async def _look_at_calendar(self) -> None:
        now = clock.now()
        span = self._options.reset_every
        assert span is not None
        if now >= self.world.settings.started_at + span * SECOND:
            self.reset(now)

    def _spawn(self, work: Awaitable[None]) -> None:
        self._tasks[:] = [task for task in self._tasks if not task.done()]
        task = asyncio.ensure_future(work)
        task.add_done_callback(self._on_done)
        self._tasks.append(task)

    def _on_done(self, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self._fail(f"{type(error).__name__}: {error}")

    def _on_failure(self, error: JournalError) -> None:
        self._fail(str(error))

    def _fail(self, reason: str) -> None:
        if self.failure is None:
            self.failure = reason
        self.stopping.set()


async def _every(seconds: float, work: Callable[[], Awaitable[None]]) -> None:
    while True:
        await asyncio.sleep(seconds)
        await work()


async def _collect_garbage() -> None:
    """Collect while there is little to look at: what survives is put out of the collector's sight.

    The exchange itself makes no reference cycles; connections that end badly do.
    """
    if gc.get_count()[0] >= _GARBAGE_OBJECTS:
        gc.collect()
        gc.freeze()


def _address(listener: socket.socket) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    return ipaddress.ip_address(listener.getsockname()[0].partition("%")[0])


def _command() -> str:
    """Return how papernet is run from here, for people to copy."""
    if shutil.which("papernet"):
        return "papernet"
    # `python -m papernet` leaves the path of a file that cannot be run.
    return f"{sys.executable} -m papernet" if Path(sys.argv[0]).name == "__main__.py" else sys.argv[0]


def _url(listener: socket.socket, scheme: str = "http") -> str:
    """Return the URL under which this machine reaches the server."""
    address, port = _address(listener), listener.getsockname()[1]
    if address.is_unspecified:
        address = ipaddress.ip_address("127.0.0.1" if address.version == 4 else "::1")
    return f"{scheme}://[{address}]:{port}" if address.version == 6 else f"{scheme}://{address}:{port}"


def _raise_file_limit() -> None:
    """Allow as many connections as this user may have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
