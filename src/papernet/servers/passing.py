"""How time passes in a network: what is due happens when the clock gets there, however it gets there.

Order of work.  By itself, `tick` lets happen what became due since the last one. Turned, the clock is driven from one stop to
                the next, and everybody who asks meanwhile finds it there: `step` lives through each moment, `jump` and
                `move_to` leap from due time to due time. At a stop, in this order: the market moves, what was put off is done,
                the options venue's time advances, the calendar is looked at, connections are pinged, cut and expired, streams
                are pushed.
Invariant.      Whatever is due happens once, in the order of its times. One turn of the clock at a time; what else goes on in
                the network goes on between two stops. How the clock stands is kept with the state (`CLOCK`) after every turn.
Market.         A step lives through it in pulses. A leap gives it a few trades a minute. When time passes faster than a machine
                can live through, it leaps as well; what a machine slept through is skipped.
Pings.          A client answers through a network whose time is the real one. When the clock is driven, its pong, or its side
                of the end of a connection, is waited for a little before time goes on: or nobody would keep a connection
                through a step of minutes, or read why it ended.
Does not.       Decide what is due, but ask those who know. Read the real clock.
Units.          Microseconds UTC; the constants that say so in seconds on the clock of the event loop.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final, Protocol

from msgspec import Struct, json

from papernet.app.clock import REAL_RATE, Clock, ClockSetting
from papernet.core.commands import Stage
from papernet.core.dates import DAY, HOUR, MILLISECOND, MINUTE, SECOND
from papernet.core.events import Applied
from papernet.servers.doors import Doors
from papernet.servers.living_options import LivingOptions
from papernet.servers.world import World

if TYPE_CHECKING:
    from papernet.servers.living_market import LivingMarket

# under this name the clock's setting is staged
CLOCK: Final = "clock"

# What takes the steps that passing time is made of.
STEPS: Final = ("keep", "_live", "_befall", "_leap", "_land")

# How often a market is looked at, and connections are.
PULSE: Final = 25 * MILLISECOND
_SWEEP: Final = 500 * MILLISECOND
# Time that passes by itself is lived through if it is no more than this in real time; so is a jump of this length.
_STALL: Final = 5 * SECOND
# Faster than so many times real time nobody lives.
_LIVED_RATE: Final = 100
# A leap that moves a market stops so often, so that indexes follow it and others get their turn.
_LEAP_STOP: Final = 5 * MINUTE
# How far a market's trades are apart in a leap of at most so long.
_LEAP_STEPS: Final = ((6 * HOUR, 20 * SECOND), (DAY, 30 * SECOND), (7 * DAY, MINUTE), (31 * DAY, 5 * MINUTE))
_LONGEST_LEAP_STEP: Final = HOUR

_BREATH_SECONDS: Final = 0.005
_PONG_SECONDS: Final = 0.25
_LISTENING_SECONDS: Final = 0.001


class Waiting(Protocol):
    """Who does something later, such as `papernet.app.deferred.Deferred`."""

    @property
    def next_at(self) -> int | None:
        """When it is due next; None: never."""
        ...

    def release(self, now: int) -> None:
        """Do what is due."""
        ...


class Scene(Struct, frozen=True):
    """What time passes for, as it is at a moment; without `market` nobody else trades."""

    world: World
    market: "LivingMarket | None"
    options: LivingOptions
    doors: Doors
    waiting: Sequence[Waiting] = ()


class Calendar(Protocol):
    """Who starts the exchange over on a schedule."""

    def next_reset(self) -> int | None:
        """When that is due next; None: there is no schedule."""
        ...

    def reset(self, now: int) -> Applied:
        """Start over."""
        ...


class Passing:
    """The passing of time in one network; a `papernet.control.clock_calls.Turning`."""

    def __init__(self, clock: Clock, scene: Callable[[], Scene], calendar: Calendar, turning: asyncio.Lock) -> None:
        """Turn `clock`; who holds `turning` has the network to himself."""
        self._clock: Final = clock
        self._scene: Final = scene
        self._calendar: Final = calendar
        self._turning: Final = turning
        # Up to when everything that was due has happened.
        self._at: int = clock.now()
        self._is_over: bool = False
        self._breathed_at: float = 0.0

    def begin(self, at: int) -> None:
        """Take what was due up to `at` for done."""
        self._at = at

    def watch(self, watched: Callable[[str, Callable[..., Any]], Callable[..., Any]]) -> None:
        """Have each kind of step that passing time is made of, none of which waits, taken by what stands in its place."""
        for name in STEPS:
            setattr(self, name, watched(name, getattr(self, name)))

    def take(self, step: str, values: Sequence[Any], options: Mapping[str, Any]) -> None:
        """Take a step."""
        assert step in STEPS
        getattr(self, step)(*values, **options)

    def end(self) -> None:
        """Cut short what is under way: the network stops."""
        self._is_over = True

    def keep(self) -> Applied:
        """Keep how the clock stands with the state."""
        world = self._scene().world
        return world.sequencer.submit(Stage(CLOCK, json.encode(self._clock.setting)), self._clock.now())

    # time that passes by itself

    async def tick(self) -> None:
        """Let the time pass that has passed; called often, and does nothing while the clock is being turned."""
        if not self._turning.locked():
            async with self._turning:
                await self._catch_up()

    async def _catch_up(self) -> None:
        now, clock = self._clock.now(), self._clock
        gap, times = now - self._at, clock.rate // REAL_RATE
        if times <= 1:
            # A leap of the real clock: who slept does not catch up.
            self._live(now)
        elif gap <= _STALL or (times <= _LIVED_RATE and gap <= _STALL * times):
            await self._live_until(now, drive=False)
        else:
            await self._leap_until(now, drive=False)

    # time that is made to pass

    async def hold(self) -> Applied:
        """Let time stand still."""
        async with self._turning:
            await self._catch_up()
            self._clock.hold()
            return self.keep()

    async def run(self, rate: int) -> Applied:
        """Let time pass at a rate."""
        async with self._turning:
            await self._catch_up()
            self._clock.run(rate)
            return self.keep()

    async def step(self, span: int) -> Applied:
        """Live through a span."""
        async with self._driven():
            await self._live_until(self._at + span, drive=True)
        return self.keep()

    async def jump(self, span: int) -> Applied:
        """Leap over a span."""
        async with self._driven():
            await self._drive_to(self._at + span)
        return self.keep()

    async def move_to(self, at: int) -> Applied | None:
        """Leap to a time; None: it is over already."""
        async with self._driven():
            if at < self._at:
                return None
            await self._drive_to(at)
        return self.keep()

    @asynccontextmanager
    async def _driven(self) -> AsyncIterator[None]:
        """Have the clock stand still but for being driven, and go on as before from where that ends."""
        async with self._turning:
            await self._catch_up()
            clock = self._clock
            rate = clock.rate
            if clock.setting is None:
                # If the process ends on the way, the next one has to know that its clock is not the real one.
                clock.run()
                self.keep()
            clock.hold()
            self._live(clock.now())
            try:
                yield
            finally:
                if rate:
                    clock.run(rate)

    async def _drive_to(self, until: int) -> None:
        await self._hear(0)
        if until - self._at <= _STALL:
            await self._live_until(until, drive=True)
        else:
            await self._leap_until(until, drive=True)

    # from stop to stop

    async def _live_until(self, until: int, *, drive: bool) -> None:
        """Live up to a time."""
        while self._at < until and not self._is_over:
            stop = self._next_moment(until)
            if drive:
                self._clock.move_to(stop)
            unanswered = self._unanswered()
            self._live(stop, is_stop=not self._is_market_alive())
            await self._hear_or_breathe(unanswered, drive=drive)

    async def _leap_until(self, until: int, *, drive: bool) -> None:
        """Leap up to a time."""
        step = next((step for longest, step in _LEAP_STEPS if until - self._at <= longest), _LONGEST_LEAP_STEP)
        while self._at < until and not self._is_over:
            stop = self._next_due(until, step)
            if drive:
                self._clock.move_to(stop)
            self._leap(stop, step)
            if stop == until:
                self._land()
            unanswered = self._unanswered()
            self._befall(stop, is_stop=True)
            await self._hear_or_breathe(unanswered, drive=drive)
        # cut short
        self._land()

    def _leap(self, stop: int, step: int) -> None:
        """Have the market leap to a stop."""
        market = self._scene().market
        if market is not None:
            market.leap(stop, step)

    def _land(self) -> None:
        """Have the market behave again as if it had lived through it all."""
        market = self._scene().market
        if market is not None:
            market.land()

    def _live(self, at: int, *, is_stop: bool = False) -> None:
        """Let a moment come."""
        market = self._scene().market
        if market is not None:
            market.tick(at)
        self._befall(at, is_stop=is_stop)

    def _befall(self, at: int, *, is_stop: bool) -> None:
        """Let happen what is due at a time, after the market has moved there."""
        before, self._at = self._at, max(self._at, at)
        scene = self._scene()
        for waiting in scene.waiting:
            waiting.release(at)
        if at // SECOND > before // SECOND:
            scene.options.tick(at)
        else:
            scene.options.look_at_countdowns(at)
        reset_at = self._calendar.next_reset()
        if reset_at is not None and at >= reset_at:
            self._calendar.reset(at)
            scene = self._scene()
        if is_stop or at // _SWEEP > before // _SWEEP:
            # A look at each connection: worth it where time goes from due time to due time, and else now and then.
            scene.doors.sweep(at)
        scene.world.journal.commit(urgent=False)
        # Behind the crowd: what it did by now belongs to what is pushed now.
        scene.doors.pulse(at)

    def _next_moment(self, until: int) -> int:
        """Return the next moment that is to be lived through, at most `until`."""
        scene, at = self._scene(), self._at
        dues = [self._calendar.next_reset(), *(waiting.next_at for waiting in scene.waiting)]
        if self._is_market_alive():
            until = min(until, at + PULSE)
        else:
            dues += (scene.options.next_moment(at), scene.doors.next_moment(at))
        return self._earliest(until, dues)

    def _next_due(self, until: int, step: int) -> int:
        """Return when something is due next that must not be leapt over, at most `until`."""
        scene, at = self._scene(), self._at
        if self._is_market_alive():
            rest = max(_LEAP_STOP, step)
            until = min(until, (at // rest + 1) * rest)
        dues = (scene.options.next_due(at), scene.doors.next_due(), self._calendar.next_reset())
        return self._earliest(until, (*dues, *(waiting.next_at for waiting in scene.waiting)))

    def _is_market_alive(self) -> bool:
        market = self._scene().market
        return market is not None and market.is_alive

    def _earliest(self, until: int, dues: Iterable[int | None]) -> int:
        """Return the earliest of some times that are still to come, at most `until`."""
        # What is overdue has its turn at every stop.
        return min((until, *(due for due in dues if due is not None and due > self._at)))

    def _unanswered(self) -> int:
        return self._scene().doors.hub.unanswered()

    async def _hear_or_breathe(self, unanswered: int, *, drive: bool) -> None:
        """Let others have their turn, now and then; clients, whenever more of them than so many have something to answer."""
        if drive and self._unanswered() > unanswered:
            await self._hear(unanswered)
        now = asyncio.get_running_loop().time()
        if now - self._breathed_at >= _BREATH_SECONDS:
            await asyncio.sleep(0)
            self._breathed_at = asyncio.get_running_loop().time()

    async def _hear(self, unanswered: int) -> None:
        """Wait until no more than so many pings and closes are unanswered, or clients have had time enough."""
        loop = asyncio.get_running_loop()
        patience = loop.time() + _PONG_SECONDS
        # Pongs come by themselves, and nobody else waits for them.
        while self._unanswered() > unanswered and loop.time() < patience:  # noqa: ASYNC110
            await asyncio.sleep(_LISTENING_SECONDS)


def clock_setting(world: World, real_at: int) -> ClockSetting | None:
    """Return how the clock of a world stood when it was last turned, in a process that starts at `real_at`.

    A turn that was cut short is not told; but what had happened by then has, and time does not fall behind it.
    """
    staged = world.exchange.staged.get(CLOCK)
    if staged is None:
        return None
    setting, last_at = json.decode(staged, type=ClockSetting), world.sequencer.last_at
    return ClockSetting(last_at, real_at, setting.rate) if Clock(lambda: real_at, setting).now() < last_at else setting
