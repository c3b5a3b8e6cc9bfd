"""Implied volatility by strike and time: the SSVI surface of Gatheral and Jacquier with the power law of exponent one half.

Order of work.  The variance at the money until a time T grows from v0 a year today towards vinf a year, at the pace kappa:
                theta(T) = vinf^2 T + (v0^2 - vinf^2) (1 - e^(-kappa T)) / kappa. At log-moneyness k it is
                theta/2 (1 + rho phi k + sqrt((phi k + rho)^2 + 1 - rho^2)) with phi = eta / sqrt(theta (1 + theta)).
Invariant.      No arbitrage: theta grows for any v0 and vinf above 0, so nothing is cheaper later than sooner; and
                eta (1 + |rho|) <= 2 leaves no butterfly with a negative price.
Units.          Volatilities are fractions a year, times years of 365 days.
Source.         Gatheral and Jacquier, Arbitrage-free SVI volatility surfaces, 2014, section 4. BTC and ETH lie near option
                quotes of July 2021; the others are set beside them by how much those markets move.
"""

from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np

from papernet.pricing.elementary import Floats, Numbers, exp, log

# What a measured volatility may make of today's: a market that stands still, or breaks down, still has a price.
LEAST_VOLATILITY: Final = 0.10
MOST_VOLATILITY: Final = 3.00

# The wings rise without bound towards expiry; the last second is like the one before.
_LAST: Final = 1.0 / (365 * 86_400)
# Below it 1 - e^-x loses more digits than the series' next term is worth.
_SERIES_BELOW: Final = 1e-4


@dataclass(frozen=True, slots=True)
class Surface:
    """The parameters of a surface: volatility today and far out, pace between them, skew and bend of the smile."""

    v0: float
    vinf: float
    kappa: float
    rho: float
    eta: float

    def __post_init__(self) -> None:
        """Refuse what would allow arbitrage."""
        if not (self.v0 > 0 and self.vinf > 0 and self.kappa > 0 and self.eta > 0):
            raise ValueError(f"volatilities, kappa and eta of a surface are above 0: {self}")
        if not (abs(self.rho) < 1 and self.eta * (1 + abs(self.rho)) <= 2):
            raise ValueError(f"a surface is free of butterflies when |rho| < 1 and eta (1 + |rho|) <= 2: {self}")

    def tied_to(self, realised: float) -> Self:
        """Return this surface with today's volatility as it was measured, within LEAST_ and MOST_VOLATILITY."""
        return replace(self, v0=min(max(realised, LEAST_VOLATILITY), MOST_VOLATILITY))

    def at_the_money(self, years: Numbers) -> Floats:
        """Return the volatility of strikes at the forward."""
        return np.sqrt(self._mean_variance(np.maximum(np.asarray(years, np.float64), _LAST)))

    def volatilities(self, strikes: Numbers, forwards: Numbers, years: Numbers) -> Floats:
        """Return the volatility of each strike at its time."""
        years = np.maximum(np.asarray(years, np.float64), _LAST)
        variance = self._mean_variance(years)
        theta = variance * years
        bend = self.eta / np.sqrt(theta * (1.0 + theta)) * log(np.asarray(strikes, np.float64) / forwards)
        turn = bend + self.rho
        smile = 1.0 + self.rho * bend + np.sqrt(turn * turn + (1.0 - self.rho * self.rho))
        return np.sqrt(0.5 * variance * smile)

    def _mean_variance(self, years: Floats) -> Floats:
        """Return theta(T) / T."""
        x = self.kappa * years
        fading = np.where(x < _SERIES_BELOW, 1.0 - x / 2.0 + x * x / 6.0, (1.0 - exp(-x)) / x)
        near, far = self.v0 * self.v0, self.vinf * self.vinf
        return far + (near - far) * fading


_SURFACES: Final = {
    "BTC": Surface(0.45, 0.58, 4.0, -0.08, 1.2),
    "ETH": Surface(0.62, 0.74, 4.0, -0.10, 1.1),
    "BNB": Surface(0.55, 0.66, 4.0, -0.08, 1.1),
    "SOL": Surface(0.78, 0.88, 4.0, -0.06, 1.1),
    "XRP": Surface(0.80, 0.90, 4.0, 0.02, 1.2),
    "DOGE": Surface(0.88, 1.00, 4.0, 0.05, 1.2),
}
_ANY_OTHER: Final = Surface(0.80, 0.90, 4.0, 0.0, 1.1)


def default_surface(asset: str) -> Surface:
    """Return the surface that an underlying asset ("BTC") starts with."""
    return _SURFACES.get(asset, _ANY_OTHER)
