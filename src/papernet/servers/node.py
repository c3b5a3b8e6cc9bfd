"""A running exchange: its world, its doors, its servers and its timers, put together.

Order of work.  The world is opened and its doors are built; `start` opens what has to be opened and answers requests, timers
                move the crowd, the archive, checkpoints and resets; `stop` ends it all in the opposite order.
Invariant.      Nothing is answered before it is durable. What ends a running exchange is one line, `failure`.
Does not.       Know rules, protocols or files: it only introduces those who do to each other. Own the process it runs in: there
                may be several in one.
"""

import asyncio
import ipaddress
import shutil
import socket
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from msgspec import Struct, json

from papernet.app.clock import Clock, ClockSetting
from papernet.app.operations.options import Generation
from papernet.control.door import PREFIX
from papernet.core.dates import SECOND
from papernet.core.events import Applied
from papernet.servers import clock
from papernet.servers.config import Catalogue
from papernet.servers.dev_accounts import development_keys
from papernet.servers.doors import Doors, Offered
from papernet.servers.files import Durability, JournalError
from papernet.servers.hosts import LOOPBACK_NAMES, HostPolicy
from papernet.servers.living_options import LivingOptions
from papernet.servers.opening import dismiss_crowd, open_exchange, start_over
from papernet.servers.option_doors import OptionsOffered
from papernet.servers.runtime import control_token
from papernet.servers.screen import Ready
from papernet.servers.tls import TlsDoor
from papernet.servers.transport import HttpServer
from papernet.servers.world import World, open_world

if TYPE_CHECKING:
    from papernet.servers.living_market import LivingMarket

DEFAULT_SEED: Final = 1
# under this name the clock's setting is staged
CLOCK: Final = "clock"

_TICK_SECONDS: Final = 0.025
_SWEEP_SECONDS: Final = 0.5
_OPTIONS_SECONDS: Final = 1.0
_ARCHIVE_SECONDS: Final = 1.0
_CHECKPOINT_SECONDS: Final = 5.0
_CHECKPOINT_COMMANDS: Final = 100_000
_RESET_LOOK_SECONDS: Final = 1.0
_CERTIFICATE_SECONDS: Final = 86_400.0


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
        self.url: Final = _url(listener)
        self.port: Final[int] = listener.getsockname()[1]
        self.world: Final = open_world(options.state, options.seed, Durability(options.durability), self._on_failure)
        self.clock: Final = Clock(clock.now, _clock_setting(self.world))
        self.token: Final = control_token(options.state)
        self._market: LivingMarket | None = None
        self._living_options: Final = LivingOptions(self.world)
        self._tls: Final = tls
        self._doors: Final = self._build_doors(listener)
        application, hub = self._doors.application, self._doors.hub
        self._servers: Final = [HttpServer(application, listener, hub=hub)]
        if tls is not None:
            self._servers.append(HttpServer(application, tls.listener, context=tls.context, hub=hub))
        self._tasks: Final[list[asyncio.Task[None]]] = []

    async def start(self) -> None:
        """Open what has to be opened, answer requests, start the timers."""
        now = self.clock.now()
        world, options = self.world, self._options
        if not world.settings.epoch:
            world.settings.seed = DEFAULT_SEED if options.seed is None else options.seed
        open_exchange(world, self._catalogue, now, limits=options.limits, options=options.options)
        self._begin_market(now)
        await self._settle()
        for server in self._servers:
            await server.start()
        self._start_timers()

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
            rest=self.url,
            tls="" if self._tls is None else _url(self._tls.listener, "https"),
            ca="" if self._tls is None else str(self._tls.ca.certificate),
            control=self.url + PREFIX,
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
        address = address_of(listener)
        names = (*LOOPBACK_NAMES, options.host, str(address), *options.allow_hosts, *(tls.ca.names if tls else ()))
        return Doors(
            self.world,
            HostPolicy(
                names,
                self.port,
                tls_port=tls.listener.getsockname()[1] if tls else None,
                any_address=address.is_unspecified,
            ),
            self.clock,
            Offered(
                token=self.token,
                balances=self._catalogue.balances,
                reset=self.reset,
                limits=options.limits,
                listen_keys=options.listen_keys,
                sapi_stubs=options.sapi_stubs,
                options=self._options_offered(),
            ),
        )

    def _options_offered(self) -> OptionsOffered | None:
        if not self._options.options:
            return None
        return OptionsOffered(self._living_options, Generation(self._options.options_api), self.url)

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
        self._spawn(every(_ARCHIVE_SECONDS, self.world.archive_rows))
        self._spawn(every(_CHECKPOINT_SECONDS, self._look_at_journal))
        if self._tls is not None:
            self._spawn(every(_CERTIFICATE_SECONDS, self._look_at_certificate))
        self._spawn(every(_TICK_SECONDS, self._tick))
        self._spawn(every(_SWEEP_SECONDS, self._sweep))
        self._spawn(every(_OPTIONS_SECONDS, self._advance_options))
        if self._options.reset_every is not None:
            self._spawn(every(_RESET_LOOK_SECONDS, self._look_at_calendar))

    async def _tick(self) -> None:
        now = self.clock.now()
        if self._market is not None:
            self._market.tick(now)
        self._living_options.look_at_countdowns(now)
        self.world.journal.commit(urgent=False)
        # Behind the crowd: what it did by now belongs to what is pushed now.
        self._doors.pulse(now)

    async def _advance_options(self) -> None:
        """Let what is due on the options venue happen."""
        self._living_options.tick(self.clock.now())
        self.world.journal.commit(urgent=False)

    async def _sweep(self) -> None:
        self._doors.sweep(self.clock.now())

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
        now = self.clock.now()
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


async def every(seconds: float, work: Callable[[], Awaitable[None]]) -> None:
    """Do some work again and again."""
    while True:
        await asyncio.sleep(seconds)
        await work()


def _clock_setting(world: World) -> ClockSetting | None:
    """Return how the clock of a world stood when it was last turned."""
    staged = world.exchange.staged.get(CLOCK)
    return None if staged is None else json.decode(staged, type=ClockSetting)


def address_of(listener: socket.socket) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Return the address that a socket listens on."""
    return ipaddress.ip_address(listener.getsockname()[0].partition("%")[0])


def _command() -> str:
    """Return how papernet is run from here, for people to copy."""
    if shutil.which("papernet"):
        return "papernet"
    # `python -m papernet` leaves the path of a file that cannot be run.
    return f"{sys.executable} -m papernet" if Path(sys.argv[0]).name == "__main__.py" else sys.argv[0]


def _url(listener: socket.socket, scheme: str = "http") -> str:
    """Return the URL under which this machine reaches the server."""
    address, port = address_of(listener), listener.getsockname()[1]
    if address.is_unspecified:
        address = ipaddress.ip_address("127.0.0.1" if address.version == 4 else "::1")
    return f"{scheme}://[{address}]:{port}" if address.version == 6 else f"{scheme}://{address}:{port}"
