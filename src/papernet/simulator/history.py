"""The day before the world began: a past for every symbol, made of one-minute candles.

Order of work.  Each asset walks backwards from the opening price in steps of ten seconds, by the same laws of volatility as in
                `fundamentals`; a pair's prices are base over quote, so that the past agrees around every triangle too. How much
                was traded follows volatility and chance.
Invariant.      A candle opens where the one before closed, and its high and low enclose both. The last closes at the price at
                which the crowd opens the book. A minute without trades has one price and no volume.
Does not.       Simulate orders: a day of them would take minutes.
"""

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from papernet.core.commands import SeedCandles
from papernet.core.dates import MINUTE, floor_to
from papernet.core.units import SCALE
from papernet.simulator.draws import UNIFORM, Floats, Integers, exp, lognormal, lognormal_mean, normals, uniform, words
from papernet.simulator.fundamentals import (
    FACTOR_SECONDS,
    FACTOR_VARIANCE,
    SECONDS_A_YEAR,
    SLOW_SECONDS,
    Volatility,
    traits_of,
)
from papernet.simulator.profiles import DOLLARS, Profile

Row = tuple[int, int, int, int, int, int, int, int, int, int]

MINUTES: Final = 1_440
STEPS_A_MINUTE: Final = 6
STEPS: Final = MINUTES * STEPS_A_MINUTE
# How unevenly trades and volume fall on minutes that are equally volatile.
COUNT_SPREAD: Final = 0.5
SIZE_SPREAD: Final = 0.6
# Chance multiplies in units of this.
CHANCE_UNIT: Final = 1_024
# What takers bought of a minute's volume lies between a quarter and three quarters.
LEAST_SHARE: Final = 4

_STREAM_MARKET: Final = 4
_STREAM_ASSET: Final = 5
_STREAM_VOLUME: Final = 20


def seed_candles(profile: Profile, seed: int, ending_at: int, activity: float) -> SeedCandles:
    """Return the command that gives a symbol the 24 hours of closed candles before `ending_at`."""
    levels, busy = _pair(profile, seed)
    last = int(profile.fair)
    ticks = np.clip((exp(levels) * profile.fair).astype(np.int64), profile.least_ticks, profile.most_ticks)
    counts, lots, shares = _volumes(profile, seed, busy, activity)
    starts_at = floor_to(ending_at, MINUTE) - MINUTES * MINUTE
    rows = _rows(profile, _candles(ticks, counts > 0, last), (counts, lots, shares), starts_at)
    return SeedCandles(profile.symbol, tuple(rows))


def _pair(profile: Profile, seed: int) -> tuple[Floats, Floats]:
    """Return the logarithm of a pair's price, relative to the last, after each step, and each minute's busyness."""
    base_levels, base_busy = _asset(profile.base, seed)
    quote_levels, quote_busy = _asset(profile.quote, seed)
    return base_levels - quote_levels, quote_busy if profile.base in DOLLARS else base_busy


@lru_cache(maxsize=32)
def _asset(name: str, seed: int) -> tuple[Floats, Floats]:
    """Return the logarithm of an asset's price, relative to the last, after each step, and each minute's busyness."""
    if name in DOLLARS:
        return np.zeros(STEPS), np.ones(MINUTES)
    asset = traits_of(name)
    factor_count = len(FACTOR_SECONDS)
    raw = words(seed, name, 0, _STREAM_ASSET, STEPS + MINUTES * factor_count + factor_count)
    drawn = normals(raw)
    # Walking backwards is like walking forwards; the slow factors are 0 where the walk begins, which is the opening.
    start = [
        0.0 if seconds > SLOW_SECONDS else value for value, seconds in zip(drawn[-factor_count:], FACTOR_SECONDS, strict=True)
    ]
    logarithms = Volatility(start, 60.0).walk(drawn[STEPS:-factor_count].reshape(factor_count, MINUTES))
    storm = exp(np.array(logarithms) - FACTOR_VARIANCE)
    a_step = asset.volatility * float(np.sqrt(60.0 / STEPS_A_MINUTE / SECONDS_A_YEAR))
    own = float(np.sqrt(1.0 - asset.correlation * asset.correlation))
    moves = np.repeat(storm * a_step, STEPS_A_MINUTE) * (_market(seed) * asset.correlation + drawn[:STEPS] * own)
    levels = np.concatenate((np.zeros(1), np.cumsum(moves)[:-1]))
    return levels[::-1], storm[::-1]


@lru_cache(maxsize=4)
def _market(seed: int) -> Floats:
    return normals(words(seed, "market", 0, _STREAM_MARKET, STEPS))


def _volumes(profile: Profile, seed: int, busy: Floats, activity: float) -> tuple[Integers, Integers, Integers]:
    """Return each minute's trades, lots, and lots that takers bought in units of 1 / UNIFORM of them."""
    habits = profile.habits
    raw = words(seed, profile.symbol, 0, _STREAM_VOLUME, 3 * MINUTES).reshape(3, MINUTES)
    luck = lognormal(CHANCE_UNIT, COUNT_SPREAD).draw(raw[0])
    expected = busy * luck * (habits.taker_rate * activity * 60.0 / CHANCE_UNIT)
    # The fraction of an expected trade is a trade as often as it says.
    counts = (expected + uniform(raw[0]) * (1.0 / UNIFORM)).astype(np.int64)
    size = lognormal_mean(habits.taker_median, habits.taker_spread) * SCALE / profile.lot
    lots = (counts * lognormal(CHANCE_UNIT, SIZE_SPREAD).draw(raw[1]) * (size / CHANCE_UNIT)).astype(np.int64)
    shares = UNIFORM // LEAST_SHARE + uniform(raw[2]) * (LEAST_SHARE - 2) // LEAST_SHARE
    # The book opens where the last trade was, so there was one.
    counts[-1] = max(1, int(counts[-1]))
    return counts, np.maximum(lots, counts * profile.least_lots), shares


def _candles(ticks: Integers, traded: NDArray[np.bool_], last: int) -> tuple[Integers, Integers, Integers, Integers]:
    """Return each minute's open, high, low and close in ticks; without trades the price stays where it was."""
    paths = ticks.reshape(MINUTES, STEPS_A_MINUTE)
    ends = paths[:, -1].copy()
    ends[-1] = last
    # the number of the last minute with trades, up to and including each; before the first, the first
    latest = np.maximum.accumulate(np.where(traded, np.arange(MINUTES), 0))
    closes = ends[latest]
    opens = np.concatenate((paths[:1, 0] if traded[0] else closes[:1], closes[:-1]))
    highs = np.maximum(opens, closes)
    lows = np.minimum(opens, closes)
    highs = np.where(traded, np.maximum(highs, paths.max(axis=1)), highs)
    lows = np.where(traded, np.minimum(lows, paths.min(axis=1)), lows)
    return opens, highs, lows, closes


def _rows(
    profile: Profile,
    candles: tuple[Integers, Integers, Integers, Integers],
    volumes: tuple[Integers, Integers, Integers],
    starts_at: int,
) -> list[Row]:
    tick, lot = profile.tick, profile.lot
    rows: list[Row] = []
    at = starts_at
    columns = (column.tolist() for column in (*candles, *volumes))
    for opened, high, low, closed, count, lots, share in zip(*columns, strict=True):
        quantity = lots * lot
        bought = lots * share // UNIFORM * lot
        # trades spread evenly over the candle
        average = (opened + high + low + closed) * tick // 4
        rows.append(
            (
                at,
                opened * tick,
                high * tick,
                low * tick,
                closed * tick,
                quantity,
                quantity * average // SCALE,
                count,
                bought,
                bought * average // SCALE,
            )
        )
        at += MINUTE
    return rows
