"""Black and Scholes: value and greeks of European options on an index without dividends, and the volatility a price implies.

Order of work.  The time value is that of whichever of call and put is out of the money, where nothing cancels; what is in the
                money by is added. So deep options keep their digits, parity holds by construction, and no value is negative.
                Implied volatilities are found by Newton's steps on the logarithm of the time value, which is concave in the
                deviation, inside a bracket that halves when a step leaves it.
Invariant.      Nothing is NaN for indices and strikes above 0, and times and volatilities of at least 0. Where no deviation is
                left, an option is worth what it is in the money by, its delta is that of a step (one half at the money), and
                gamma, theta and vega are 0.
Does not.       Know contracts: everything is for ONE unit of the underlying.
Units.          Years have 365 calendar days; volatilities and rates are fractions a year (0.5 is 50 %). Delta is the value's
                change per 1 USDT of the index, gamma the delta's per 1 USDT, theta the value's per calendar DAY, vega per POINT
                of volatility (0.01).
Source.         The mark price stream's printed rows are reproduced with rate 0 (tests/unit/pricing/test_black_scholes.py).
"""

from typing import Final, NamedTuple

import numpy as np

from papernet.pricing.elementary import Booleans, Floats, Numbers, exp, log
from papernet.pricing.normal import density_and_cumulative

DAYS_A_YEAR: Final = 365
POINT: Final = 0.01

# A smaller deviation until expiry is none.
_NO_DEVIATION: Final = 1e-12
# So many deviations away are as good as infinitely many: the density there is 0.
_FAR: Final = 50.0

# Shares of the index below which a time value is only the rounding of a price.
_NO_TIME_VALUE: Final = 1e-12
_MOST_DEVIATION: Final = 16.0
_STEPS: Final = 64
_PRECISION: Final = 1e-13
_ROUNDING: Final = 1e-15
_TINY: Final = 1e-300
_ROOT_TWO_PI: Final = 2.5066282746310002


class Valuation(NamedTuple):
    """What options are worth and how that changes, for one unit of the underlying."""

    price: Floats
    delta: Floats
    gamma: Floats
    theta: Floats
    vega: Floats


def valuate(
    index: Numbers,
    strikes: Numbers,
    years: Numbers,
    volatilities: Numbers,
    calls: Booleans | bool,  # noqa: FBT001 - which they are, an array as the others
    rate: float = 0.0,
) -> Valuation:
    """Return price and greeks of calls and puts."""
    index, strikes, years, volatilities = (np.asarray(x, np.float64) for x in (index, strikes, years, volatilities))
    bond = strikes * exp(-rate * years)
    root = np.sqrt(years)
    deviation = volatilities * root
    live = deviation > _NO_DEVIATION
    divisor = np.where(live, deviation, 1.0)
    moneyness = log(index / bond)
    d1 = np.where(live, moneyness / divisor + 0.5 * deviation, np.clip(moneyness / _TINY, -_FAR, _FAR))
    d2 = d1 - deviation

    side = np.where(calls, 1.0, -1.0)
    out = np.where(index > bond, -1.0, 1.0)  # 1: the call is out of the money
    density, near = density_and_cumulative(out * d1)
    _, far = density_and_cumulative(out * d2)
    density = np.where(live, density, 0.0)
    is_out = side == out

    time_value = np.maximum(out * (index * near - bond * far), 0.0)
    chance = np.where(is_out, far, 1.0 - far)
    decay = 0.5 * index * density * volatilities * volatilities / divisor + side * rate * bond * chance
    return Valuation(
        price=np.maximum(side * (index - bond), 0.0) + time_value,
        delta=side * np.where(is_out, near, 1.0 - near),
        gamma=density / (index * divisor),
        theta=-decay / DAYS_A_YEAR,
        vega=index * density * root * POINT,
    )


def implied_volatilities(
    prices: Numbers,
    index: Numbers,
    strikes: Numbers,
    years: Numbers,
    calls: Booleans | bool,  # noqa: FBT001 - which they are, an array as the others
    rate: float = 0.0,
) -> Floats:
    """Return the volatilities at which options are worth their prices; NaN where a price has no time value, or too much."""
    prices, index, strikes, years = (np.asarray(x, np.float64) for x in (prices, index, strikes, years))
    bond = strikes * exp(-rate * years)
    intrinsic = np.maximum(np.where(calls, index - bond, bond - index), 0.0)
    wanted = (prices - intrinsic) / index
    most = np.minimum(1.0, bond / index)
    solvable = (wanted > _NO_TIME_VALUE) & (wanted < most * (1.0 - _NO_TIME_VALUE)) & (years > 0.0)
    deviation = _implied_deviation(np.where(solvable, wanted, 0.1 * most), np.broadcast_to(bond / index, wanted.shape))
    return np.where(solvable, deviation / np.sqrt(np.where(solvable, years, 1.0)), np.nan)


def _implied_deviation(wanted: Floats, bond: Floats) -> Floats:
    """Return the deviation that gives the option out of the money a time value; `bond` is the strike's worth, the index 1."""
    moneyness = -log(bond)
    out = np.where(moneyness > 0.0, -1.0, 1.0)
    low, high = np.zeros_like(wanted), np.full_like(wanted, _MOST_DEVIATION)
    # The time value bends at the first; the second is what it tells near the money.
    deviation = np.clip(np.sqrt(2.0 * np.abs(moneyness)), _ROOT_TWO_PI * wanted / np.sqrt(bond), 0.5 * _MOST_DEVIATION)
    settled = np.zeros_like(wanted, np.bool_)
    for _ in range(_STEPS):
        d1 = moneyness / deviation + 0.5 * deviation
        density, near = density_and_cumulative(out * d1)
        _, far = density_and_cumulative(out * (d1 - deviation))
        value = np.maximum(out * (near - bond * far), _TINY)
        below = value < wanted
        low, high = np.where(below, deviation, low), np.where(below, high, deviation)
        step = log(wanted / value) * value / np.maximum(density, _TINY)
        trial = deviation + step
        trial = np.where((trial > low) & (trial < high), trial, 0.5 * (low + high))
        # Either the steps have become small, or the value is as near as its rounding lets it be.
        settled |= (np.abs(trial - deviation) <= _PRECISION * deviation) | (np.abs(value - wanted) <= _ROUNDING * near)
        deviation = np.where(settled, deviation, trial)
        if settled.all():
            break
    return deviation
