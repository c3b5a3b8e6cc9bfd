"""The seeded crowd of all symbols: who makes the books live between users' orders.

Order of work.  `open` a new world or `resume` one; then `advance` whenever time has passed, and `observe` what users' commands
                brought about. Each is called with the desk and the time by whoever owns the clock.
Invariant.      The same seed, profiles, activity and calls give the same commands, on every machine. What a user does changes
                what the crowd meets, never what it draws. Commands come in the order of time over all symbols.
Does not.       Catch up on its own with hours that nobody lived through: `skip_to` drops them.
Units.          Times are microseconds UTC; inside, microseconds of the crowd's own clock (see `agenda`).
"""

from collections.abc import Iterable, Sequence
from typing import Final

from papernet.core.enums import ExecType
from papernet.core.events import Applied, ExecutionReport
from papernet.core.order import Order
from papernet.simulator.agenda import FIRST, Agenda
from papernet.simulator.desk import Desk
from papernet.simulator.flow import Flow
from papernet.simulator.fundamentals import Fundamentals
from papernet.simulator.profiles import Profile, resumed
from papernet.simulator.trader import Trader


class Crowd:
    """Everybody who trades and is not a user, behind one account."""

    def __init__(self, profiles: Sequence[Profile], account: int, seed: int, started_at: int, activity: float) -> None:
        """Stand ready to trade for `account` in a world that started at `started_at`; `activity` 1 is a busy real hour."""
        assert activity > 0
        self._profiles: Final = tuple(profiles)
        self._account: Final = account
        self._seed: Final = seed
        self._activity: Final = activity
        self._agenda: Final = Agenda(started_at)
        self._now: int = 0
        self._traders: Final[dict[str, Trader]] = {}
        self._fundamentals: Fundamentals | None = None

    @property
    def lived_until(self) -> int:
        """The time up to which the crowd has acted."""
        return self._agenda.origin + self._now

    @property
    def next_at(self) -> int | None:
        """When the crowd will act next, or None when it never will."""
        due = self._agenda.due
        return None if due is None else self._agenda.origin + due

    def open(self, desk: Desk) -> None:
        """Make the books of a world that has just started; what is near the touch at once, the rest within two seconds."""
        self._begin(desk, self._profiles, ())

    def resume(self, desk: Desk, at: int, open_orders: Iterable[Order], prices: Sequence[float] = ()) -> None:
        """Go on in a world in which the crowd's `open_orders` are still on the books.

        From `prices` in ticks, or, where none are given, from those found on the books.
        """
        self._now = max(0, at - self._agenda.origin)
        middles = list(prices)
        for profile in () if prices else self._profiles:
            prices = [price for price in desk.touch(profile.symbol) if price is not None]
            middles.append((prices[0] + prices[-1]) / (2 * profile.tick) if prices else profile.fair)
        self._begin(desk, resumed(self._profiles, middles), open_orders)

    def advance(self, desk: Desk, until: int) -> None:
        """Do everything that is due up to `until`."""
        limit = until - self._agenda.origin
        self._agenda.run(desk, limit)
        self._now = max(self._now, limit)

    def skip_to(self, at: int) -> None:
        """Let the time up to `at` pass without living through it: whatever was planned comes that much later."""
        self._agenda.origin += max(0, at - self.lived_until)

    def observe(self, applied: Applied) -> None:
        """Learn what a user's command brought about."""
        for event in applied.events:
            if (
                isinstance(event, ExecutionReport)
                and event.exec_type is ExecType.TRADE
                and not event.is_maker
                and event.terms.account != self._account
            ):
                trader = self._traders.get(event.terms.symbol)
                if trader is not None:
                    trader.observe(event, max(self._now, applied.at - self._agenda.origin))

    def _begin(self, desk: Desk, profiles: Sequence[Profile], open_orders: Iterable[Order]) -> None:
        assert self._fundamentals is None, "a crowd begins once"
        found: dict[str, list[Order]] = {profile.symbol: [] for profile in profiles}
        for order in open_orders:
            if order.terms.symbol in found:
                found[order.terms.symbol].append(order)
        self._fundamentals = fundamentals = Fundamentals(profiles, self._seed, self._now)
        self._agenda.add(fundamentals.ends, FIRST, self._next_block)
        for index, profile in enumerate(profiles):
            flow = Flow(profile, self._seed, self._activity)
            trader = Trader(index, self._account, profile, flow, fundamentals, self._agenda)
            self._traders[profile.symbol] = trader
            trader.begin(desk, self._now, found[profile.symbol])

    def _next_block(self, _desk: Desk, _at: int, _what: None) -> None:
        assert self._fundamentals is not None
        self._fundamentals.advance()
        self._agenda.add(self._fundamentals.ends, FIRST, self._next_block)
