"""What contracts are marked and quoted at: floats become integers here, and those enter the core as commands.

Order of work.  The surface gives each contract's volatility, and makers' spread around it gives those of bid and ask. All three
                are rounded first and valued then, so that a published volatility gives the published mark. Quotes are the
                values at their volatilities, bids rounded down to the tick and asks up.
Invariant.      Integers are the same on every machine: all before them is exact IEEE 754 (see `elementary`), and they are
                rounded once, to the nearest, ties to even. The mark's volatility is the mean of bid's and ask's. 0 <= bid <=
                mark <= ask, and bid + tick <= ask: there is always an ask, and no bid where it would be less than a tick.
Does not.       Average the index: in the last half hour before expiry the caller hands over the settlement price so far.
Units.          Prices, volatilities and greeks are integers of 10^-8, times microseconds UTC. Prices are per CONTRACT, the unit
                included, for so they are quoted; theta (per day) and vega (per point) are changes of that price and include it
                too. Delta and gamma are those of one unit of the underlying: price limits take a delta for at most 1.
Source.         Mark Price stream: printed rows give rate 0, days, points, -1.0 for a missing bid's volatility. No printed row
                has a unit other than 1.
"""

from typing import Final, NamedTuple

import numpy as np

from papernet.core.dates import DAY, HOUR
from papernet.core.units import SCALE
from papernet.pricing.black_scholes import DAYS_A_YEAR, POINT, valuate
from papernet.pricing.elementary import Booleans, Floats, Integers, log
from papernet.pricing.surface import Surface

NO_BID_VOLATILITY: Final = -SCALE

_YEAR: Final = float(DAYS_A_YEAR * DAY)
# A greek larger than that (of the last microseconds) is given as that.
_MOST: Final = float(1 << 62)

# Makers keep a point off the mark at the money; twice that sqrt(8) deviations out, and six hours before expiry.
_WING: Final = 8.0
_SHORT: Final = 6 * HOUR / _YEAR


class Contracts(NamedTuple):
    """Contracts on one underlying, an element each. Strikes and tick are integers of 10^-8, expiries microseconds UTC."""

    strikes: Integers
    expiries: Integers
    calls: Booleans
    unit: int
    tick: int


class Marks(NamedTuple):
    """What the venue says about each contract, in integers of 10^-8; a bid of 0 is none."""

    price: Integers
    volatility: Integers
    bid_volatility: Integers
    ask_volatility: Integers
    delta: Integers
    gamma: Integers
    theta: Integers
    vega: Integers
    bid: Integers
    ask: Integers


def marks(contracts: Contracts, index: int, now: int, surface: Surface) -> Marks:
    """Return the marks of contracts at an index (10^-8) and a time."""
    spot = index / SCALE
    strikes = contracts.strikes / SCALE
    years = np.maximum(contracts.expiries - now, 0) / _YEAR
    middle = _fixed(surface.volatilities(strikes, spot, years))
    off = np.minimum(_fixed(_keeping_off(strikes, spot, years, surface)), middle // 2)
    volatilities = np.stack([middle - off, middle, middle + off])

    values = valuate(spot, strikes, years, volatilities / SCALE, contracts.calls)
    below, price, above = _fixed(values.price * contracts.unit)
    tick = contracts.tick
    bid = below // tick * tick
    ask = np.maximum(-(-above // tick) * tick, bid + tick)
    return Marks(
        price=price,
        volatility=middle,
        bid_volatility=np.where(bid > 0, volatilities[0], NO_BID_VOLATILITY),
        ask_volatility=volatilities[2],
        delta=_fixed(values.delta[1]),
        gamma=_fixed(values.gamma[1]),
        theta=_fixed(values.theta[1] * contracts.unit),
        vega=_fixed(values.vega[1] * contracts.unit),
        bid=bid,
        ask=ask,
    )


def _keeping_off(strikes: Floats, spot: float, years: Floats, surface: Surface) -> Floats:
    """Return how far makers quote from the mark's volatility, to either side."""
    years = np.maximum(years, 1.0 / _YEAR)
    deviations = log(strikes / spot) / (surface.at_the_money(years) * np.sqrt(years))
    return POINT * (1.0 + deviations * deviations / _WING) * (1.0 + np.sqrt(_SHORT / years))


def _fixed(values: Floats) -> Integers:
    """Return units of 10^-8, rounded to the nearest, ties to even."""
    return np.clip(np.rint(values * SCALE), -_MOST, _MOST).astype(np.int64)
