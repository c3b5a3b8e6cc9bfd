"""The index of an underlying: its price as it was last sampled, and the mean that contracts settle at.

Order of work.  `hold` lets time pass at the price that stands; `take` is another price. In the last half hour before 08:00 UTC
                every whole second counts once, at the price that stood when it began.
Invariant.      What is gathered is about the half hour before the next settlement, or the one under way; how often time was let
                pass makes no difference.
Does not.       Know where prices come from.
Source.         FAQ, settlement price: the arithmetic mean of the index over the half hour before the expiry, 1,800 values.
"""

from typing import Final

from papernet.core.dates import DAY, MINUTE, SECOND
from papernet.venues.options.contracts import EXPIRY_HOUR

SETTLEMENT_SPAN: Final = 30 * MINUTE


def next_settlement(at: int) -> int:
    """Return the first 08:00 UTC that is later than `at`."""
    return ((at - EXPIRY_HOUR) // DAY + 1) * DAY + EXPIRY_HOUR


class Index:
    """An index. `price` is units of 10^-8; `at` is up to when time has passed; sums are over whole seconds."""

    __slots__ = ("at", "price", "seconds", "total")

    def __init__(self, price: int, at: int) -> None:
        """Begin at a price."""
        self.price: int = price
        self.at: int = at
        self.total: int = 0
        self.seconds: int = 0

    def hold(self, at: int) -> None:
        """Let time pass until `at`, which is not beyond the next settlement."""
        if at <= self.at:
            return
        settlement = next_settlement(self.at)
        assert at <= settlement
        begin = max(self.at, settlement - SETTLEMENT_SPAN)
        # The seconds that begin in [begin, at).
        seconds = -(-at // SECOND) - -(-begin // SECOND) if at > begin else 0
        self.total += seconds * self.price
        self.seconds += seconds
        self.at = at

    def take(self, price: int) -> None:
        """Let another price stand from now on."""
        self.price = price

    def settle(self) -> int:
        """Return the settlement price of the half hour that is over, and begin anew."""
        price = self.total // self.seconds if self.seconds else self.price
        self.total = self.seconds = 0
        return price

    def expected_settlement(self) -> int:
        """Return the mean as far as the half hour is over; 0 before it begins."""
        return self.total // self.seconds if self.seconds else 0

    def reference(self, expiry: int) -> int:
        """Return what contracts of an expiry are priced on: the index, and in their last half hour its mean up to now."""
        # At 08:00 itself, until it is settled, what is gathered still is about the contracts that expire then.
        if self.seconds and expiry == next_settlement(self.at - 1):
            return self.total // self.seconds
        return self.price
