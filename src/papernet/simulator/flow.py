"""What a symbol's crowd is going to do, whatever the book looks like: the exogenous half of the market.

Order of work.  A block of ten seconds at a time: makers' orders (side, distance, size, life), takers' orders (larger orders of
                Pareto length are split into parts, which gives the signs of trades their memory), and the times at which
                touch makers look at the touch. What they do then comes from a deck of hands, dealt once; the time decides
                which.
Invariant.      A block depends on the seed, the symbol's name, its number, the activity and the pace, and on nothing that a
                user did. Everything drawn is an integer: microseconds, lots, thousandths of a basis point.
Does not.       Know books, prices or orders.
"""

from typing import Final, NamedTuple

import numpy as np

from papernet.core.units import SCALE
from papernet.simulator.draws import (
    EXPONENTIAL,
    UNIFORM,
    Integers,
    Words,
    lognormal,
    lognormal_mean,
    pareto,
    sign,
    uniform,
    words,
)
from papernet.simulator.profiles import Profile

BLOCK: Final = 10_000_000
MICRO: Final = 1_000_000
# thousandths of a basis point
MILLI: Final = 1_000

LONGEST_LIFE: Final = 4 * 3_600 * MICRO
PARTS_EXPONENT: Final = 1.5
PARTS_MOST: Final = 2_000
PARTS_UNIT: Final = 1_024
HANDS: Final = 512

_HAND_MULTIPLIER: Final = 0x9E3779B97F4A7C15
_WORD: Final = (1 << 64) - 1
_HAND_SHIFT: Final = 64 - 9

_STREAM_ADD_TIMES, _STREAM_ADDS = 10, 11
_STREAM_TAKE_TIMES, _STREAM_TAKES, _STREAM_PARTS = 12, 13, 14
_STREAM_LOOK_TIMES = 15
_STREAM_OPENING, _STREAM_HANDS, _STREAM_LEAD = 16, 17, 18


class Add(NamedTuple):
    """A maker's order: +1 to buy or -1 to sell, thousandths of a basis point from the middle, lots, microseconds to live."""

    side: int
    distance: int
    lots: int
    life: int


class Take(NamedTuple):
    """A taker's order: +1 to buy or -1 to sell, lots, and a uniform number that decides whether it follows value instead."""

    side: int
    lots: int
    whim: int


class Hand(NamedTuple):
    """What a touch maker does at one look: sizes and lives on each side, how long it takes, a uniform number."""

    bid_lots: int
    ask_lots: int
    bid_life: int
    ask_life: int
    latency: int
    whim: int


class Flow:
    """The draws of one symbol."""

    def __init__(self, profile: Profile, seed: int, activity: float) -> None:
        """Make the tables of `profile` at a given activity (1 is a busy hour of the real market)."""
        habits = profile.habits
        in_lots = SCALE / profile.lot
        self._name: Final = profile.symbol
        self._seed: Final = seed
        self._distances: Final = lognormal(habits.distance_median * MILLI, habits.distance_spread)
        self._distance_most: Final = int(habits.distance_most * MILLI)
        self._add_lots: Final = lognormal(habits.add_median * in_lots, habits.add_spread)
        self._take_lots: Final = lognormal(habits.taker_median * in_lots, habits.taker_spread)
        self._touch_lots: Final = lognormal(habits.touch_median * in_lots, habits.touch_spread)
        # The mean of a log-normal number with spread 1 is 1.65 times its median.
        self._tempo: Final = lognormal(MILLI / lognormal_mean(1.0, 1.0), 1.0)
        self._part_counts: Final = pareto(PARTS_EXPONENT, PARTS_UNIT, PARTS_MOST)
        mean_parts = int(np.cumsum(self._part_counts.knots // PARTS_UNIT)[-1]) / len(self._part_counts.knots)
        # Depth is rate times life, so it stays the same when activity stretches lives as it thins rates.
        self._life_least: Final = int(habits.life_least / activity * MICRO)
        self._life_per_bps: Final = int(habits.life_per_bps / activity * MICRO)
        self._part_gap: Final = int(habits.part_gap / activity * MICRO)
        self._touch_life: Final = int(habits.touch_life / activity * MICRO)
        self._touch_latency: Final = int(habits.touch_latency * MICRO)
        self._add_rate: Final = habits.add_rate * activity
        self.take_rate: Final = habits.taker_rate * activity
        self._begin_rate: Final = self.take_rate / mean_parts
        # Looking away for longer costs touch makers more than it costs others: their rate falls by the root only.
        self._look_rate: Final = habits.touch_rate * float(np.sqrt(activity))
        self._hands: Final = self._deal()

    def adds(self, block: int, pace: float) -> list[tuple[int, Add]]:
        """Return the makers' orders of a block with their times since its beginning."""
        # A busy market is quoted and watched more closely, but by the root only.
        times = self._arrivals(block, _STREAM_ADD_TIMES, self._add_rate * float(np.sqrt(pace)))
        raw = self._words(block, _STREAM_ADDS, 3, len(times))
        return list(zip(times.tolist(), self._adds(raw), strict=True))

    def takes(self, block: int, pace: float) -> list[tuple[int, Take]]:
        """Return the takers' orders that begin in a block; later parts may fall into any block after it."""
        times = self._arrivals(block, _STREAM_TAKE_TIMES, self._begin_rate * pace)
        raw = self._words(block, _STREAM_TAKES, 2, len(times))
        counts = self._part_counts.draw(raw[0]) // PARTS_UNIT
        ends = np.cumsum(counts)
        total = int(ends[-1]) if len(ends) else 0
        part = self._words(block, _STREAM_PARTS, 2, total)
        gaps = EXPONENTIAL.draw(part[0]) * np.repeat(self._tempo.draw(raw[1]), counts) // MILLI * self._part_gap // MICRO
        # The first part comes at once; the others follow, each a gap after the one before.
        gaps[ends - counts] = 0
        elapsed = np.cumsum(gaps)
        at = np.repeat(times - elapsed[ends - counts], counts) + elapsed
        side = np.repeat(sign(raw[0]), counts)
        takes = map(Take, side.tolist(), self._take_lots.draw(part[1]).tolist(), uniform(part[1]).tolist())
        return list(zip(at.tolist(), takes, strict=True))

    def looks(self, block: int, pace: float) -> list[int]:
        """Return the times of a block at which touch makers look at the touch."""
        times: list[int] = self._arrivals(block, _STREAM_LOOK_TIMES, self._look_rate * float(np.sqrt(pace))).tolist()
        return times

    def hand(self, at: int) -> Hand:
        """Return the hand that is played at a time; no two neighbouring times have related hands."""
        return self._hands[(at * _HAND_MULTIPLIER & _WORD) >> _HAND_SHIFT]

    def opening(self) -> list[Add]:
        """Return the makers' orders that are on a book which has been open for long, nearest first.

        Of all orders that came within the longest possible mean life, each is still there in proportion to its own mean life;
        what is left of a life does not depend on how much of it has passed.
        """
        longest = min(self._life_least + self._life_per_bps * self._distance_most // MILLI, LONGEST_LIFE)
        count = int(self._add_rate * longest / MICRO)
        raw = self._words(0, _STREAM_OPENING, 3, count)
        distance = self._distances.draw(raw[0]) % self._distance_most
        there = np.flatnonzero(uniform(raw[2]) * longest < self._mean_life(distance) * UNIFORM)
        nearest = there[np.argsort(distance[there], kind="stable")]
        return self._adds(raw[:, nearest])

    @property
    def lead(self) -> int:
        """Return by how much the symbol's blocks begin before the round times, so that not all are drawn at once."""
        return int(self._words(0, _STREAM_LEAD, 1, 1)[0][0] % np.uint64(BLOCK))

    def life_at(self, distance: int, at: int) -> int:
        """Return a life for an order found on the book at a distance, in thousandths of a basis point."""
        mean = self._life_least + self._life_per_bps * min(distance, self._distance_most) // MILLI
        return mean * self.hand(at).whim // (UNIFORM // 2)

    def _adds(self, raw: Words) -> list[Add]:
        # Folding the few far ones back keeps them from piling up at the outermost distance.
        distance = self._distances.draw(raw[0]) % self._distance_most
        life = EXPONENTIAL.draw(raw[2]) * self._mean_life(distance) // MICRO
        columns = (sign(raw[0]), distance, self._add_lots.draw(raw[1]), life)
        return list(map(Add, *(column.tolist() for column in columns)))

    def _mean_life(self, distance: Integers) -> Integers:
        return np.minimum(self._life_least + self._life_per_bps * distance // MILLI, LONGEST_LIFE)

    def _deal(self) -> list[Hand]:
        raw = self._words(0, _STREAM_HANDS, 5, HANDS)
        columns = (
            self._touch_lots.draw(raw[0]),
            self._touch_lots.draw(raw[1]),
            EXPONENTIAL.draw(raw[2]) * self._touch_life // MICRO,
            EXPONENTIAL.draw(raw[3]) * self._touch_life // MICRO,
            EXPONENTIAL.draw(raw[4]) * self._touch_latency // MICRO,
            uniform(raw[4]),
        )
        return list(map(Hand, *(column.tolist() for column in columns)))

    def _arrivals(self, block: int, stream: int, rate: float) -> Integers:
        """Return the times within a block of events that come `rate` times a second, independently of each other."""
        expected = rate * BLOCK / MICRO
        enough = int(expected + 8.0 * float(np.sqrt(expected)) + 20.0)
        gaps = EXPONENTIAL.draw(words(self._seed, self._name, block, stream, enough))
        times = np.cumsum(gaps) * MICRO // max(1, int(rate * MICRO))
        return times[: int(np.searchsorted(times, BLOCK))]

    def _words(self, block: int, stream: int, rows: int, columns: int) -> Words:
        return words(self._seed, self._name, block, stream, rows * columns).reshape(rows, columns)
