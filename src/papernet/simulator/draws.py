"""Random draws that have the same bits on every machine: raw Philox words turned into integers by tables.

Order of work.  A draw is addressed, never streamed: (seed, name, block, stream) is the key and the counter of a Philox
                generator, so that any block can be drawn without the ones before it and nobody's draw can shift another's. A
                table is an inverse distribution function at 4,097 knots; a word's upper 12 bits choose the knot, the next 20
                go on linearly.
Invariant.      Only operations whose result IEEE 754 or integer arithmetic fixes to the last bit stand between a word and a
                draw: + - * / sqrt, rounding to integers, scaling by powers of two, and sums taken one after the other. The base
                tables are made the same way, so that not even they depend on a mathematical library; a test holds their hash.
Does not.       Use NumPy's distributions, exponentials, logarithms, powers or reductions: their last bits differ between
                versions and processors.
Units.          NORMAL draws units of 10^-9, EXPONENTIAL (mean 1) units of 10^-6.
"""

from hashlib import blake2b
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Words = NDArray[np.uint64]

KNOTS: Final = 4096
NORMAL_UNIT: Final = 1e-9
EXPONENTIAL_UNIT: Final = 1e-6
# Fractions of a word that are used as uniform numbers have this many steps.
UNIFORM: Final = 1 << 20

_WORD: Final = (1 << 64) - 1
_KNOT_SHIFT: Final = np.uint64(52)
_FRACTION_SHIFT: Final = np.uint64(32)
_FRACTION_BITS: Final = 20
_UNIFORM_MASK: Final = np.uint64(UNIFORM - 1)

_LOG2_E: Final = 1.4426950408889634
# ln 2 in two parts, the first with so few digits that its small multiples are exact
_LN2_HIGH: Final = 0.693147180369123816490
_LN2_LOW: Final = 1.90821492927058770002e-10
_EXP_TERMS: Final = 13


def exp(x: Floats) -> Floats:
    """Return e to the power of each element, by Taylor's series after taking out a power of two; |x| < 700."""
    twos = np.rint(x * _LOG2_E)
    rest = x - twos * _LN2_HIGH - twos * _LN2_LOW
    result = np.ones_like(rest)
    for term in range(_EXP_TERMS, 0, -1):
        result = result * rest / term + 1.0
    return np.ldexp(result, twos.astype(np.int32))


def exp_of(x: float) -> float:
    """Return e to the power of one number, by `exp`."""
    return float(exp(np.array([x]))[0])


def words(seed: int, name: str, block: int, stream: int, count: int) -> Words:
    """Return the first `count` words of one stream of one block of what `name` draws under `seed`."""
    code = int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "little")
    generator = np.random.Philox(
        key=np.array([seed & _WORD, code], np.uint64), counter=np.array([0, 0, block & _WORD, stream], np.uint64)
    )
    return np.asarray(generator.random_raw(count), np.uint64)


def uniform(raw: Words) -> Integers:
    """Return integers from 0 to `UNIFORM` - 1, made of the words' lowest bits, which the tables do not use."""
    return (raw & _UNIFORM_MASK).astype(np.int64)


def sign(raw: Words) -> Integers:
    """Return +1 or -1, each as likely."""
    return 1 - 2 * (raw & np.uint64(1)).astype(np.int64)


class Table:
    """An inverse distribution function with integer values."""

    __slots__ = ("knots",)

    def __init__(self, knots: Integers) -> None:
        """Make a table of `KNOTS` + 1 values."""
        assert len(knots) == KNOTS + 1
        self.knots: Final = knots

    def draw(self, raw: Words) -> Integers:
        """Return one draw a word."""
        knot = (raw >> _KNOT_SHIFT).astype(np.int64)
        fraction = (raw >> _FRACTION_SHIFT).astype(np.int64) & ((1 << _FRACTION_BITS) - 1)
        low = self.knots[knot]
        return low + ((self.knots[knot + 1] - low) * fraction >> _FRACTION_BITS)


def lognormal(median: float, spread: float) -> Table:
    """Return the table of a log-normal number, rounded to integers of at least 1; `spread` is the logarithm's deviation."""
    factors = exp(NORMAL.knots.astype(np.float64) * (NORMAL_UNIT * spread))
    return Table(np.maximum(np.rint(factors * median), 1.0).astype(np.int64))


def pareto(exponent: float, scale: int, most: int) -> Table:
    """Return the table of `scale` times a Pareto number, which is at least 1, cut off at `most`."""
    factors = exp(EXPONENTIAL.knots.astype(np.float64) * (EXPONENTIAL_UNIT / exponent))
    return Table(np.rint(np.minimum(factors, float(most)) * scale).astype(np.int64))


def lognormal_mean(median: float, spread: float) -> float:
    """Return the mean of a log-normal number."""
    return median * exp_of(spread * spread / 2)


def normals(raw: Words) -> Floats:
    """Return one normal number a word."""
    return NORMAL.draw(raw).astype(np.float64) * NORMAL_UNIT


def _invert(x: Floats, distribution: Floats, unit: float) -> Table:
    """Return the table of the number whose distribution function at each of the equidistant `x` is given."""
    levels = (np.arange(KNOTS + 1) + 0.5) / (KNOTS + 1)
    right = np.searchsorted(distribution, levels)
    low, high = distribution[right - 1], distribution[right]
    knots = x[right - 1] + (x[right] - x[right - 1]) * ((levels - low) / (high - low))
    return Table(np.rint(knots / unit).astype(np.int64))


def _normal_table() -> Table:
    # What lies beyond +-6 is too rare to move the outermost knots, at +-3.67; steps of 2^-10 leave an error under 10^-5.
    x = np.arange(-6 * 1024, 6 * 1024 + 1) / 1024.0
    density = exp(x * x * -0.5)
    area = np.cumsum(np.concatenate((np.zeros(1), density[:-1] + density[1:])))
    return _invert(x, area / area[-1], NORMAL_UNIT)


def _exponential_table() -> Table:
    # 10 is beyond the outermost knot, at 9.01.
    x = np.arange(10 * 1024 + 1) / 1024.0
    return _invert(x, 1.0 - exp(-x), EXPONENTIAL_UNIT)


NORMAL: Final = _normal_table()
EXPONENTIAL: Final = _exponential_table()
