"""papernet's time: the real one, or moved on, held, or running at another rate.

Order of work.  Whatever asks for the time asks here. The clock is turned by `hold`, `run` and `move_to`; whoever turns it lets
                happen what is due then, and keeps `setting` where the state is kept.
Invariant.      Time never falls, however often the clock is turned; a real clock that is set back holds it up until it has
                caught up. It falls in one way alone: when a state is brought back, its clock comes with it.
Does not.       Read the real clock: `real` does. Let anything happen.
Units.          Microseconds UTC; rates in thousandths of real time.
"""

from collections.abc import Callable
from typing import Final

from msgspec import Struct

from papernet.core.dates import DAY, days_from_civil

# A rate of so many thousandths is real time.
REAL_RATE: Final = 1_000
# The last time that there is: before the year 2200.
LAST: Final = days_from_civil(2_200, 1, 1) * DAY - 1
# A second passes in half a microsecond beyond that, which nobody can tell from a leap.
RATE_MAX: Final = 1_000_000 * REAL_RATE


class ClockSetting(Struct, frozen=True):
    """How a clock stands: it showed `at` when the real one showed `real_at`, and has run at `rate` since; 0: it is held."""

    at: int
    real_at: int
    rate: int = REAL_RATE


class Clock:
    """One network's clock."""

    __slots__ = ("_latest", "_real", "_setting")

    def __init__(self, real: Callable[[], int], setting: ClockSetting | None = None) -> None:
        """Go with the real clock, or on from a setting."""
        self._real: Final = real
        self._setting: ClockSetting | None = setting
        self._latest: int = 0

    def now(self) -> int:
        """Return the time."""
        setting = self._setting
        if setting is None:
            at = self._real()
        elif not setting.rate:
            return setting.at
        else:
            at = min(setting.at + (self._real() - setting.real_at) * setting.rate // REAL_RATE, LAST)
        self._latest = at = max(at, self._latest)
        return at

    @property
    def setting(self) -> ClockSetting | None:
        """Return how the clock stands; None: as the real one."""
        return self._setting

    @property
    def is_held(self) -> bool:
        """Whether time stands still."""
        return self._setting is not None and not self._setting.rate

    @property
    def rate(self) -> int:
        """Return how fast time passes, in thousandths of real time; 0 while it is held."""
        return REAL_RATE if self._setting is None else self._setting.rate

    def hold(self) -> None:
        """Let time stand still."""
        self._turn(self.now(), 0)

    def run(self, rate: int = REAL_RATE) -> None:
        """Let time pass, from where it stands, at a rate."""
        assert 0 < rate <= RATE_MAX
        self._turn(self.now(), rate)

    def move_to(self, at: int) -> None:
        """Let it be later; held or not, the clock goes on as before from there."""
        assert at >= self.now(), "time never falls"
        self._turn(at, self.rate)

    def come_back(self, setting: ClockSetting | None) -> None:
        """Stand as in a state that is brought back, as if papernet had been stopped and started in between."""
        self._setting = setting
        self._latest = 0

    def _turn(self, at: int, rate: int) -> None:
        self._latest = at
        self._setting = ClockSetting(at, self._real(), rate)
