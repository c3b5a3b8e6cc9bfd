"""How many orders an account may place: the unfilled order count.

Order of work.  Each accepted order counts one in the window of 10 seconds and in that of one day; windows are aligned to the
                clock. An order beyond a limit is refused and does not count. An order's first fill takes one off both current
                windows, or five off that of 10 seconds when it filled as maker; nothing goes below zero.
Invariant.      Counts depend on entries alone, so that replay gives them again.
Does not.       Count orders of the simulated crowd, nor requests: those are a door's concern.
Source.         rest-api.md, Unfilled Order Count; Query Unfilled Order Count (its example's limits);
                faqs/order_count_decrement.md, whose tables take five off for a maker in ten seconds and one in a day.
"""

from typing import Final

from papernet.core.dates import DAY, SECOND

ORDER_LIMIT_10S: Final = 50
ORDER_LIMIT_1D: Final = 160_000
_TEN_SECONDS: Final = 10 * SECOND
_MAKER_RELIEF: Final = 5


class Allowance:
    """One account's counts in the two current windows."""

    __slots__ = ("day", "day_count", "ten", "ten_count")

    def __init__(self) -> None:
        """Start with nothing counted."""
        self.ten: int = 0
        self.ten_count: int = 0
        self.day: int = 0
        self.day_count: int = 0

    def turn(self, at: int) -> None:
        """Move to the windows that hold `at`."""
        ten = at // _TEN_SECONDS
        if ten != self.ten:
            self.ten, self.ten_count = ten, 0
            day = at // DAY
            if day != self.day:
                self.day, self.day_count = day, 0

    def exceeded(self, at: int, orders: int) -> tuple[str, str] | None:
        """Return (limit, interval) of the limit that so many more orders at `at` would break, or None; changes nothing."""
        ten, day = self.counts(at)
        if ten + orders > ORDER_LIMIT_10S:
            return str(ORDER_LIMIT_10S), "10 SECOND"
        if day + orders > ORDER_LIMIT_1D:
            return str(ORDER_LIMIT_1D), "1 DAY"
        return None

    def count(self, at: int, orders: int) -> None:
        """Count accepted orders at `at`."""
        self.turn(at)
        self.ten_count += orders
        self.day_count += orders

    def relieve(self, at: int, *, is_maker: bool) -> None:
        """Take off what the first fill of an order at `at` is worth."""
        self.turn(at)
        relief = _MAKER_RELIEF if is_maker else 1
        self.ten_count = self.ten_count - relief if self.ten_count > relief else 0
        self.day_count = self.day_count - 1 if self.day_count else 0

    def counts(self, at: int) -> tuple[int, int]:
        """Return the counts of the 10 second and the one day window that hold `at`, without moving to them."""
        ten = self.ten_count if at // _TEN_SECONDS == self.ten else 0
        day = self.day_count if at // DAY == self.day else 0
        return ten, day
