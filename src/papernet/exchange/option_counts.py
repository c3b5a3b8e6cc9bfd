"""How many options orders an account may place.

Order of work.  Each accepted order counts one in the window of 10 seconds and in that of one minute; windows are aligned to the
                clock. An order beyond a limit is refused and does not count. What becomes of an order changes nothing.
Invariant.      Counts depend on entries alone, so that replay gives them again.
Does not.       Count the crowd's orders, block orders or cancels.
Source.         European Options: Exchange Information (rateLimits).
"""

from typing import Final

from papernet.core.dates import MINUTE, SECOND

OPTION_ORDER_LIMIT_10S: Final = 300
OPTION_ORDER_LIMIT_1M: Final = 1_200
_TEN_SECONDS: Final = 10 * SECOND


class OptionCounts:
    """One account's counts in the two current windows."""

    __slots__ = ("minute", "minute_count", "ten", "ten_count")

    def __init__(self) -> None:
        """Start with nothing counted."""
        self.ten: int = 0
        self.ten_count: int = 0
        self.minute: int = 0
        self.minute_count: int = 0

    def exceeded(self, at: int) -> tuple[str, str] | None:
        """Return (limit, interval) of the limit that one more order at `at` would break, or None; changes nothing."""
        ten, minute = self.counts(at)
        if ten >= OPTION_ORDER_LIMIT_10S:
            return str(OPTION_ORDER_LIMIT_10S), "10 SECOND"
        if minute >= OPTION_ORDER_LIMIT_1M:
            return str(OPTION_ORDER_LIMIT_1M), "1 MINUTE"
        return None

    def count(self, at: int) -> None:
        """Count an accepted order at `at`."""
        ten, minute = self.counts(at)
        self.ten, self.ten_count = at // _TEN_SECONDS, ten + 1
        self.minute, self.minute_count = at // MINUTE, minute + 1

    def counts(self, at: int) -> tuple[int, int]:
        """Return the counts of the 10 second and the one minute window that hold `at`."""
        ten = self.ten_count if at // _TEN_SECONDS == self.ten else 0
        minute = self.minute_count if at // MINUTE == self.minute else 0
        return ten, minute
