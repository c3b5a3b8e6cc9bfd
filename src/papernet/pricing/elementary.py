"""Exponential and logarithm of arrays, with the same bits on every machine.

Order of work.  An argument is taken apart (a power of two and a rest near 0 or 1), the rest goes through a Taylor series by
                Horner's rule, and the power of two comes back.
Invariant.      Only operations whose result IEEE 754 fixes to the last bit: + - * / sqrt, comparisons, rounding to integers,
                scaling by powers of two. NumPy's own exp and log differ between versions and processors. Errors stay within
                a few units of the last place.
"""

from collections.abc import Sequence
from itertools import accumulate
from operator import mul
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]
# What formulas take: arrays of any shapes that fit together, or single numbers.
Numbers = Floats | float

# ln 2 in two parts, the first with so few digits that its small multiples are exact
_LN2_HIGH: Final = 0.693147180369123816490
_LN2_LOW: Final = 1.90821492927058770002e-10
_LOG2_E: Final = 1.4426950408889634
_ROOT_HALF: Final = 0.7071067811865476

# Below the first the result is 0, above the second it would be more than a float holds.
_EXP_LEAST: Final = -746.0
_EXP_MOST: Final = 709.0

_EXP_SERIES: Final = tuple(1.0 / factorial for factorial in accumulate(range(1, 14), mul, initial=1))
# of ln((1 + s) / (1 - s)) / 2s, in squares of s
_LOG_SERIES: Final = tuple(1.0 / (2 * n + 1) for n in range(12))


def polynomial(coefficients: Sequence[float], x: Floats) -> Floats:
    """Return the polynomial with these coefficients, the constant one first, at each element."""
    result = np.full_like(x, coefficients[-1])
    for coefficient in coefficients[-2::-1]:
        result *= x
        result += coefficient
    return result


def exp(x: Numbers) -> Floats:
    """Return e to the power of each element; from 709 on it rises no more."""
    x = np.clip(np.asarray(x, np.float64), _EXP_LEAST, _EXP_MOST)
    twos = np.rint(x * _LOG2_E)
    rest = x - twos * _LN2_HIGH - twos * _LN2_LOW
    return np.ldexp(polynomial(_EXP_SERIES, rest), twos.astype(np.int32))


def log(x: Numbers) -> Floats:
    """Return the natural logarithm of each element, all of which are above 0."""
    mantissa, twos = np.frexp(np.asarray(x, np.float64))
    low = mantissa < _ROOT_HALF
    mantissa = np.where(low, 2.0 * mantissa, mantissa)
    twos = twos - low
    s = (mantissa - 1.0) / (mantissa + 1.0)
    return twos * _LN2_HIGH + (twos * _LN2_LOW + 2.0 * s * polynomial(_LOG_SERIES, s * s))
