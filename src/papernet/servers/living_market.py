"""The simulated crowd at its desk: opened, resumed and moved on, on the world's own clock.

Order of work.  A new world is given a past and then its crowd's opening orders; one that stopped is resumed with the orders
                that are still on its books. Then `tick`, whenever time has passed.
Leaps.          Where the clock is moved over a span, the crowd's orders are withdrawn and prices go on with a few trades
                (`leap`); where that ends the crowd is there again (`land`).
Invariant.      The crowd acts through the sequencer like everybody else, and sees what users did. Where it was told to stay
                away it does not get so far.
Does not.       Live through hours in which the process did not run, or the machine slept: they are skipped.
"""

from collections.abc import Callable
from typing import Final

from papernet.app.sequencer import Sequencer
from papernet.control.absences import Absences
from papernet.core.commands import Command
from papernet.core.dates import SECOND
from papernet.core.events import Applied
from papernet.servers.opening import CROWD_NAME, dismiss_crowd, open_crowd_account
from papernet.servers.world import World
from papernet.simulator.crowd import Crowd
from papernet.simulator.desk import MarketDesk
from papernet.simulator.history import seed_candles
from papernet.simulator.leap import Leap
from papernet.simulator.profiles import Profile, profiles_for

# A process that was stopped for longer than this does not catch up.
_STALL: Final = 5 * SECOND


class LivingMarket:
    """The crowd of one world."""

    def __init__(self, world: World, activity: float) -> None:
        """Stand ready; nobody trades yet."""
        self._world: Final = world
        self._activity: Final = activity
        self._desk: Final = MarketDesk(world.exchange.markets, Absences(world.exchange).shield(_unwatched(world.sequencer)))
        self._crowd: Crowd | None = None
        self._leap: Leap | None = None

    @property
    def is_alive(self) -> bool:
        """Whether anybody trades."""
        return self._crowd is not None

    def begin(self, now: int) -> None:
        """Resume the crowd of this epoch, or open a new one; without a symbol that says where it opens there is none."""
        world = self._world
        if not self._profiles():
            return
        account = open_crowd_account(world, now)
        settings = world.settings
        if settings.crowd and settings.epoch == world.exchange.epoch:
            crowd = self._new_crowd(account, settings.started_at)
            crowd.resume(self._desk, now, list(world.exchange.accounts.by_id[account].open_orders.values()))
        else:
            dismiss_crowd(world, now)
            settings.crowd = True
            settings.started_at = now
            self._give_past(now)
            crowd = self._new_crowd(account, now)
            crowd.open(self._desk)
        self._crowd = crowd
        world.sequencer.watch = crowd.observe

    def tick(self, now: int) -> None:
        """Let the crowd do what is due."""
        crowd = self._crowd
        if crowd is None:
            return
        if now - crowd.lived_until > _STALL:
            crowd.skip_to(now)
        crowd.advance(self._desk, now)

    def leap(self, to: int, step: int) -> None:
        """Go on to a time that is not before `to` of the last call, with one trade a symbol at every multiple of `step`."""
        crowd = self._crowd
        if crowd is None:
            return
        if self._leap is None:
            world = self._world
            prices = self._prices()
            dismiss_crowd(world, crowd.lived_until)
            world.sequencer.watch = None
            self._leap = Leap(self._profiles(), self._account(), world.settings.seed, self._activity, prices, crowd.lived_until)
        self._leap.go_on(self._desk, to, step)

    def land(self) -> None:
        """Have the crowd back, at the prices and the time of the end of a leap."""
        leap, self._leap = self._leap, None
        if leap is None:
            return
        world = self._world
        leap.arrive(self._desk)
        crowd = self._crowd = self._new_crowd(self._account(), world.settings.started_at)
        crowd.resume(self._desk, leap.at, (), leap.prices())
        world.sequencer.watch = crowd.observe

    def _prices(self) -> list[float]:
        """Return where the markets are, in ticks."""
        prices = []
        for profile in self._profiles():
            bid, ask = self._desk.touch(profile.symbol)
            last = self._world.exchange.markets[profile.symbol].last_price
            middle = (bid + ask) / 2 if bid is not None and ask is not None else last
            prices.append(middle / profile.tick or profile.fair)
        return prices

    def _account(self) -> int:
        return self._world.exchange.accounts.by_name[CROWD_NAME].account_id

    def _give_past(self, now: int) -> None:
        """Give the day before the opening to every symbol that has no trades of its own yet."""
        world = self._world
        for profile in self._profiles():
            if not world.exchange.markets[profile.symbol].last_price:
                world.sequencer.submit(seed_candles(profile, world.settings.seed, now, self._activity), now)

    def _profiles(self) -> tuple[Profile, ...]:
        return profiles_for(market.symbol for market in self._world.exchange.markets.values())

    def _new_crowd(self, account: int, started_at: int) -> Crowd:
        return Crowd(self._profiles(), account, self._world.settings.seed, started_at, self._activity)


def _unwatched(sequencer: Sequencer) -> Callable[[Command, int], Applied]:
    """Return the sequencer's way in for the crowd itself, which need not be shown its own doings."""
    submit = Sequencer.submit

    def submit_unwatched(command: Command, at: int) -> Applied:
        return submit(sequencer, command, at)

    return submit_unwatched
