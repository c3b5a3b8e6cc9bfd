"""What the assets are worth: a hidden dollar price for each, which the crowd's quotes and takers lean towards.

Order of work.  Blocks of ten seconds. In each, an asset's logarithm moves by volatility times shocks, partly its own and partly
                the whole market's, and now and then jumps. The logarithm of volatility is the sum of four slowly reverting
                factors, from a minute to a day, which makes calm and busy times. A pair is worth base over quote, so that
                prices agree around every triangle.
Invariant.      All shocks are addressed draws; what is carried from block to block is the factors and the levels. The two slow
                factors start at 0, so that no start finds itself in a storm that lasts for days.
Does not.       Know books, orders or users.
Units.          Time is microseconds of the crowd's own clock; prices are ticks, not rounded.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from papernet.simulator.draws import (
    EXPONENTIAL,
    EXPONENTIAL_UNIT,
    UNIFORM,
    Floats,
    exp,
    exp_of,
    normals,
    sign,
    uniform,
    words,
)
from papernet.simulator.profiles import ANY_ASSET, ASSETS, DOLLAR, DOLLARS, Asset, Profile

BLOCK: Final = 10_000_000
STEP: Final = 100_000
STEPS: Final = BLOCK // STEP
# The factors of volatility move once a second.
FACTOR_STEP: Final = 1_000_000
FACTOR_STEPS: Final = BLOCK // FACTOR_STEP

SECONDS_A_YEAR: Final = 365 * 86_400
FACTOR_SECONDS: Final = (60.0, 600.0, 7_200.0, 86_400.0)
# Factors slower than this start at 0, the others anywhere.
SLOW_SECONDS: Final = 3_600.0
FACTOR_SIZE: Final = 0.32
# What the two fast factors add; taking it off leaves an asset's stated volatility as the mean of a quiet day.
FACTOR_VARIANCE: Final = FACTOR_SIZE * FACTOR_SIZE * 2
JUMPS_AN_HOUR: Final = 1.0
JUMP_MEAN: Final = 12e-4
# The crowd is busier when prices move more, within bounds.
PACE_LEAST: Final = -1.6
PACE_MOST: Final = 1.8

_STREAM_MARKET: Final = 1
_STREAM_ASSET: Final = 2
_STREAM_START: Final = 3
_JUMP_WORDS: Final = 3


class Volatility:
    """The factors that an asset's volatility is made of."""

    __slots__ = ("_factors", "_keep", "_renew")

    def __init__(self, start: Sequence[float], step_seconds: float) -> None:
        """Start at one deviation number a factor; the factors then move every `step_seconds`."""
        self._factors: list[float] = list(start)
        self._keep: Final = [exp_of(-step_seconds / seconds) for seconds in FACTOR_SECONDS]
        self._renew: Final = [float(np.sqrt(1.0 - keep * keep)) for keep in self._keep]

    def walk(self, shocks: Floats) -> list[float]:
        """Move on by one step a column of `shocks` (one row a factor) and return volatility's logarithm after each."""
        factors, keep, renew = self._factors, self._keep, self._renew
        logarithms: list[float] = []
        for column in shocks.T.tolist():
            total = 0.0
            for index, shock in enumerate(column):
                factors[index] = factor = factors[index] * keep[index] + shock * renew[index]
                total += factor
            logarithms.append(total * FACTOR_SIZE)
        return logarithms


class Fundamentals:
    """The hidden prices of all assets and pairs, block by block."""

    def __init__(self, profiles: Sequence[Profile], seed: int, since: int) -> None:
        """Start at `since` on the crowd's clock, when each pair is worth its profile's `fair`."""
        names = dict.fromkeys(name for profile in profiles for name in (profile.base, profile.quote))
        self._seed: Final = seed
        self._names: Final = [name for name in names if name not in DOLLARS]
        self._assets: Final = [traits_of(name) for name in self._names]
        # Row 0 stands for all that does not move.
        row = {name: index + 1 for index, name in enumerate(self._names)}
        self._base: Final = np.array([row.get(profile.base, 0) for profile in profiles], np.int64)
        self._quote: Final = np.array([row.get(profile.quote, 0) for profile in profiles], np.int64)
        self._pacer: Final = [row.get(profile.base, 0) or row.get(profile.quote, 0) for profile in profiles]
        self._fair: Final = np.array([[profile.fair] for profile in profiles])
        self._block: int = since // BLOCK
        self._volatilities: Final = [Volatility(self._start(name), FACTOR_STEP / 1e6) for name in self._names]
        self._levels: Floats = np.zeros(len(self._names) + 1)
        self._paths: list[list[float]] = []
        self._paces: list[float] = []
        self._walk((since - self.begins) // STEP)

    @property
    def begins(self) -> int:
        """When the block at hand begins."""
        return self._block * BLOCK

    @property
    def ends(self) -> int:
        """When the block at hand ends and `advance` is due."""
        return (self._block + 1) * BLOCK

    def advance(self) -> None:
        """Go on to the next block."""
        self._block += 1
        self._walk(None)

    def price(self, pair: int, at: int) -> float:
        """Return what a pair is worth at a time within the block at hand, in ticks."""
        return self._paths[pair][(at - self._block * BLOCK) // STEP]

    def pace(self, pair: int) -> float:
        """Return how much busier than usual a pair's crowd is in the block at hand."""
        return self._paces[self._pacer[pair]]

    def _start(self, name: str) -> list[float]:
        drawn = normals(words(self._seed, name, self._block, _STREAM_START, len(FACTOR_SECONDS)))
        return [0.0 if seconds > SLOW_SECONDS else value for seconds, value in zip(FACTOR_SECONDS, drawn.tolist(), strict=True)]

    def _walk(self, origin: int | None) -> None:
        """Make the block's paths; with an `origin` (a step of the block), levels are counted from there."""
        market = normals(words(self._seed, "market", self._block, _STREAM_MARKET, STEPS))
        levels = np.zeros((len(self._names) + 1, STEPS + 1))
        levels[:, 0] = self._levels
        self._paces = [1.0]
        for row, (name, asset) in enumerate(zip(self._names, self._assets, strict=True), 1):
            levels[row, 1:] = self._moves(row - 1, name, asset, market)
        levels = np.cumsum(levels, axis=1)
        if origin is not None:
            levels = levels - levels[:, origin : origin + 1]
        self._levels = levels[:, STEPS].copy()
        self._paths = (exp(levels[self._base] - levels[self._quote]) * self._fair).tolist()

    def _moves(self, index: int, name: str, asset: Asset, market: Floats) -> Floats:
        factor_words = FACTOR_STEPS * len(FACTOR_SECONDS)
        raw = words(self._seed, name, self._block, _STREAM_ASSET, STEPS + factor_words + _JUMP_WORDS)
        shocks = normals(raw[: STEPS + factor_words])
        walk = self._volatilities[index].walk(shocks[STEPS:].reshape(len(FACTOR_SECONDS), FACTOR_STEPS))
        self._paces.append(_pace(walk))
        a_step = asset.volatility * float(np.sqrt(STEP / 1e6 / SECONDS_A_YEAR))
        sigma = np.repeat(exp(np.array(walk) - FACTOR_VARIANCE) * a_step, STEPS // FACTOR_STEPS)
        own = float(np.sqrt(1.0 - asset.correlation * asset.correlation))
        moves = sigma * (market * asset.correlation + shocks[:STEPS] * own)
        jump = raw[STEPS + factor_words :]
        if int(uniform(jump[:1])[0]) < UNIFORM * JUMPS_AN_HOUR * BLOCK / 3.6e9:
            size = int(EXPONENTIAL.draw(jump[1:2])[0]) * EXPONENTIAL_UNIT * JUMP_MEAN
            moves[int(jump[2] >> np.uint64(1)) % STEPS] += size * int(sign(jump[2:3])[0])
        return moves


def traits_of(name: str) -> Asset:
    """Return how an asset's dollar price moves."""
    return DOLLAR if name in DOLLARS else ASSETS.get(name, ANY_ASSET)


def _pace(walk: list[float]) -> float:
    total = 0.0
    for logarithm in walk:
        total += logarithm
    return exp_of(min(PACE_MOST, max(PACE_LEAST, total / len(walk) - FACTOR_VARIANCE / 2)))
