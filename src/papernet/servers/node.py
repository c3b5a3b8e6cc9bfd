"""A running exchange: its world, its doors, its servers and its timers, put together.

Order of work.  The world is opened and its doors are built; `start` opens what has to be opened and answers requests, timers
                move the crowd, the archive, checkpoints and resets; `stop` ends it all in the opposite order.
Restores.       `restore` puts another world, and other doors, behind the same servers: like a stop when the state was kept and
                a start now. Requests wait, WebSockets end, the clock stands as it did in the state.
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
from msgspec.structs import replace

from papernet import __version__
from papernet.app.clock import Clock, ClockSetting
from papernet.app.operations.options import Generation
from papernet.control.door import PREFIX
from papernet.core.dates import SECOND
from papernet.core.events import Applied
from papernet.servers import clock
from papernet.servers.config import Catalogue
from papernet.servers.dev_accounts import development_keys
from papernet.servers.doors import Doors, Offered
from papernet.servers.era_table import catalogue_of, date_served, era_of
from papernet.servers.files import Durability, JournalError
from papernet.servers.hosts import LOOPBACK_NAMES, HostPolicy
from papernet.servers.http import HttpApplication
from papernet.servers.keeping import KeptStates
from papernet.servers.living_options import LivingOptions
from papernet.servers.opening import dismiss_crowd, open_exchange, start_over
from papernet.servers.option_doors import OptionsOffered
from papernet.servers.passing import CLOCK, Passing, Scene, clock_setting
from papernet.servers.recording import Beginning, Passed, Recorder
from papernet.servers.runtime import control_token, derive_api_key, draw_api_key
from papernet.servers.screen import Ready
from papernet.servers.states import SavedState, encode_state
from papernet.servers.tls import TlsDoor
from papernet.servers.transport import HttpServer
from papernet.servers.websocket import WebSocketHub
from papernet.servers.world import World, fork_of, open_world

if TYPE_CHECKING:
    from papernet.servers.living_market import LivingMarket

DEFAULT_SEED: Final = 1

_TICK_SECONDS: Final = 0.025
_ARCHIVE_SECONDS: Final = 1.0
_CHECKPOINT_SECONDS: Final = 5.0
_CHECKPOINT_COMMANDS: Final = 100_000
_CERTIFICATE_SECONDS: Final = 86_400.0
_FLUSH_SECONDS: Final = 1.0
# The name under which a state is kept for the moment in which a recording begins.
_RECORDED: Final = "_recorded"
# The step of a recording in which the rules of faults keep their counts with the state.
KEEP_COUNTS: Final = "keep_counts"


class Options(Struct, frozen=True):
    """What `papernet up` was asked for; without `state`, everything is in memory and `durability` means nothing.

    Without `tls_port` nothing is served over TLS; unless it is `tls_required`, a start goes on when that is not possible. With
    `held_at` the clock of a new exchange is held at that time. The wire is that of `api_date` (YYYY-MM-DD, "" for today), and
    so is that of options unless `options_api` names an edition.
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
    options_api: Literal["current", "2024"] | None = None
    durability: Literal["fsync", "os", "memory"] = "fsync"
    symbols: Path | None = None
    reset_every: int | None = None
    held_at: int | None = None
    record: Path | None = None
    allow_hosts: tuple[str, ...] = ()
    public_dev_keys: bool = False
    remote_control: bool = False
    sapi_stubs: bool = False
    listen_keys: bool = False
    api_date: str = ""


class Means(Struct, frozen=True):
    """What a network takes from outside: the real time, and new keys (None: it draws them itself)."""

    real: Callable[[], int] = clock.now
    draw: Callable[[], str] | None = None


class Node:
    """A running exchange."""

    def __init__(
        self,
        options: Options,
        catalogue: Catalogue,
        listener: socket.socket,
        stopping: asyncio.Event,
        tls: TlsDoor | None = None,
        origin: SavedState | None = None,
        token: str | None = None,
        means: "Means | None" = None,
    ) -> None:
        """Open the world and build its doors; `stopping` is set when something ends them.

        With an `origin` the world begins with that state, in memory; with a `token` the control plane asks for that one.
        """
        self._means: Final = Means() if means is None else means
        self._recorder: Recorder | None = None
        # How many worlds were left for others that were brought back.
        self.worlds_left: int = 0
        # The place in its past at which keys were drawn last, and how many.
        self._draws: tuple[int, int] = (-1, 0)
        self.stopping: Final = stopping
        self.failure: str | None = None
        self._options: Final = options
        self._catalogue: Final = catalogue_of(era_of(options.api_date), catalogue)
        self.url: Final = _url(listener)
        self.port: Final[int] = listener.getsockname()[1]
        self.world: World = (
            open_world(options.state, options.seed, Durability(options.durability), self._on_failure)
            if origin is None
            else fork_of(origin, self._on_failure)
        )
        if options.held_at is not None and origin is None and self.world.settings.epoch:
            self.world.warnings.append("--held-at is for a new exchange: this one goes on with the clock that it has")
        self.clock: Final = Clock(self._means.real, self._clock_setting())
        self.token: Final = control_token(options.state) if token is None else token
        self._market: LivingMarket | None = None
        self._living_options: LivingOptions = LivingOptions(self.world)
        self._tls: Final = tls
        self._address: Final = address_of(listener)
        self._states: Final = KeptStates(self, options.host, self.fork)
        self._turning: Final = asyncio.Lock()
        self._passing: Final = Passing(self.clock, self._scene, self, self._turning)
        self._doors: Doors = self._build_doors()
        application, hub = self._doors.application, self._doors.hub
        self._servers: Final = [HttpServer(application, listener, hub=hub)]
        if tls is not None:
            self._servers.append(HttpServer(application, tls.listener, context=tls.context, hub=hub))
        self._tasks: Final[list[asyncio.Task[None]]] = []

    @property
    def application(self) -> HttpApplication:
        """Return what answers requests, for whoever asks without a socket."""
        return self._doors.application

    @property
    def hub(self) -> WebSocketHub:
        """Return what opens WebSockets."""
        return self._doors.hub

    @property
    def passing(self) -> Passing:
        """Return what lets time pass."""
        return self._passing

    async def start(self) -> None:
        """Open what has to be opened, answer requests, start the timers."""
        self.begin(self.clock.now())
        await self._settle()
        for server in self._servers:
            await server.start()
        self._start_timers()

    def begin(self, now: int) -> None:
        """Open what has to be opened."""
        world, options = self.world, self._options
        if not world.settings.epoch:
            world.settings.seed = DEFAULT_SEED if options.seed is None else options.seed
        if self.clock.setting is not None and CLOCK not in world.exchange.staged:
            self._passing.keep()
        open_exchange(world, self._catalogue, now, limits=options.limits, options=options.options)
        self._begin_market(now)
        self._passing.begin(now)

    async def stop(self) -> None:
        """Stop answering, keep everything, let go."""
        self._passing.end()
        await self._states.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._doors.hub.close_ears()
        self._doors.application.abandon()
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

    async def capture(self, name: str = "") -> SavedState:
        """Return the state of now, for `restore` or `fork`; under a name it is not kept yet."""
        self.keep_counts()
        return await self.world.capture(name, self.clock.now)

    def keep_counts(self) -> None:
        """Keep with the state how often the rules of faults have been met."""
        if self._recorder is not None:
            self._recorder.note(Passed(KEEP_COUNTS, [], {}, self.clock.now()))
        self._doors.faults.plan.keep_counts(self.clock.now())

    async def record(self, path: Path) -> Recorder:
        """Record from now on what happens; whoever asked closes the recorder once the network has stopped.

        The network comes back to the state that it is in, so that the recording begins as its replay does.
        """
        options = json.encode(recorded(self._options))
        beginning = Beginning(__version__, options, (str(self._address), self.port), self._catalogue)
        self._recorder = recorder = Recorder(path, beginning, lambda: self.clock.setting)
        self._passing.watch(lambda name, take: recorder.step(name, take, self.clock.now))
        world = self.world
        state = await world.capture(_RECORDED, self.clock.now)
        world.states.save(state, world.sequencer.last_seq)
        await self.restore(state)
        self.world.states.drop(_RECORDED, self.world.sequencer.last_seq)
        self._spawn(every(_FLUSH_SECONDS, self._flush_recording))
        return recorder

    async def _flush_recording(self) -> None:
        if self._recorder is not None:
            self._recorder.flush()

    def _let_record(self, recorder: Recorder, state: SavedState) -> None:
        """Have the doors of a state that was brought back recorded."""
        recorder.restore(encode_state(state), self.clock.now())
        recorder.stand_before(self._doors.application, self._doors.hub, self.token)
        self.world.sequencer.on_durable = recorder.durable

    async def restore(self, state: SavedState) -> None:
        """Go back to a state that the world's shelf has."""
        async with self._turning:
            before = self._doors
            before.application.hold_back()
            before.hub.close_ears()
            try:
                self.world = await self.world.restore(state, self.clock.now())
                self.clock.come_back(self._clock_setting())
                # Keys follow from the place in the past, which is another one now.
                self._draws = (-1, 0)
                self._market, self._living_options = None, LivingOptions(self.world)
                self._doors = self._build_doors()
                if self._recorder is not None:
                    self._let_record(self._recorder, state)
                self._doors.take_over(before, self.clock.now())
                self._begin_market(self.clock.now())
                self._passing.begin(self.clock.now())
                self.worlds_left += 1
            finally:
                before.hub.open_ears()
                before.application.go_on()
            await self._settle()

    async def fork(
        self, listener: socket.socket, state: SavedState | None = None, stopping: asyncio.Event | None = None
    ) -> "Node":
        """Return another running network, in memory, that begins with a state of this one (None: that of now).

        It answers on `listener`, takes the same control token, and whoever asked for it stops it.
        """
        origin = await self.capture() if state is None else state
        options = replace(self._options, state=None, tls_port=None, record=None)
        ended = asyncio.Event() if stopping is None else stopping
        node = Node(options, self._catalogue, listener, ended, origin=origin, token=self.token)
        await node.start()
        return node

    def _draw(self) -> str:
        """Return a new key."""
        draw = self._means.draw
        key = draw() if draw is not None else self._drawn()
        if self._recorder is not None:
            self._recorder.note_drawn(key)
        return key

    def _drawn(self) -> str:
        """Return a key that nobody can guess; in a network that was given a seed, one that follows from it and its past."""
        if self._options.seed is None:
            return draw_api_key()
        sequencer = self.world.sequencer
        place = sequencer.last_seq - sequencer.skipped
        self._draws = (place, self._draws[1] + 1 if self._draws[0] == place else 0)
        return derive_api_key(self._options.seed, *self._draws)

    def next_reset(self) -> int | None:
        """Return when the exchange is started over next; None when there is no schedule."""
        span = self._options.reset_every
        return None if span is None else self.world.settings.started_at + span * SECOND

    def ready(self, remarks: tuple[str, ...] = ()) -> Ready:
        """Return what there is to announce; `remarks` are about the start so far."""
        options, world = self._options, self.world
        return Ready(
            rest=self.url,
            tls="" if self._tls is None else _url(self._tls.listener, "https"),
            ca="" if self._tls is None else str(self._tls.ca.certificate),
            control=self.url + PREFIX,
            api_date=date_served(options.api_date),
            options_api=self._generation().value if options.options else "",
            seed=world.settings.seed,
            market=options.market,
            state=str(options.state) if options.state else "in memory, gone when it stops",
            symbols=tuple(world.exchange.markets),
            balances=self._catalogue.balances,
            keys=development_keys(),
            warnings=(*world.warnings, *remarks),
            command=_command(),
        )

    def _build_doors(self) -> Doors:
        options, tls, address = self._options, self._tls, self._address
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
                turning=self._passing,
                limits=options.limits,
                remote_control=options.remote_control,
                listen_keys=options.listen_keys,
                sapi_stubs=options.sapi_stubs,
                api_date=options.api_date,
                options=self._options_offered(),
                states=self._states,
                draw=self._draw,
            ),
        )

    def _options_offered(self) -> OptionsOffered | None:
        if not self._options.options:
            return None
        return OptionsOffered(self._living_options, self._generation(), self.url)

    def _generation(self) -> Generation:
        """Return the edition of options that was asked for, or that of the day whose wire is served."""
        asked = self._options.options_api
        if asked is not None:
            return Generation(asked)
        return Generation.CURRENT if era_of(self._options.api_date).rebuilt_options else Generation.LEGACY

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
        self._spawn(every(_ARCHIVE_SECONDS, self._archive_rows))
        self._spawn(every(_CHECKPOINT_SECONDS, self._look_at_journal))
        if self._tls is not None:
            self._spawn(every(_CERTIFICATE_SECONDS, self._look_at_certificate))
        self._spawn(every(_TICK_SECONDS, self._passing.tick))

    async def _archive_rows(self) -> None:
        await self.world.archive_rows()

    def _scene(self) -> Scene:
        waiting = (self._doors.faults.deferred, self._doors.scenarios)
        return Scene(self.world, self._market, self._living_options, self._doors, waiting)

    def _clock_setting(self) -> ClockSetting | None:
        """Return how the clock stands in the world; in a new one, as it was asked for."""
        held_at, real_at = self._options.held_at, clock.now()
        if held_at is not None and not self.world.settings.epoch:
            return ClockSetting(held_at, real_at, 0)
        return clock_setting(self.world, real_at)

    async def _look_at_journal(self) -> None:
        if self._turning.locked():
            # The world may be about to be left for another one.
            return
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


def recorded(options: Options) -> Options:
    """Return the options that a replay needs: nothing of this machine."""
    return replace(options, state=None, symbols=None, tls_port=None, tls_names=(), record=None)


async def every(seconds: float, work: Callable[[], Awaitable[None]]) -> None:
    """Do some work again and again."""
    while True:
        await asyncio.sleep(seconds)
        await work()


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
