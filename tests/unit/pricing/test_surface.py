"""The surface: its figures, and that nobody can make money of it without risk."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from papernet.pricing.black_scholes import valuate
from papernet.pricing.surface import LEAST_VOLATILITY, MOST_VOLATILITY, Surface, default_surface

ASSETS = ["BTC", "ETH", "BNB", "SOL", "XRP", "DOGE", "ANYTHING"]
# One minute to two years.
TENORS = [1 / 525_600, 1 / 8_760, 6 / 8_760, 1 / 365, 2 / 365, 7 / 365, 30 / 365, 0.25, 0.5, 1.0, 2.0]
EXTREMES = [0.0, 0.001, 0.1, 0.45, 1.5, 3.0, 50.0]

SURFACES = [default_surface(asset) for asset in ASSETS]
SURFACES += [surface.tied_to(realised) for surface in SURFACES for realised in EXTREMES]


def variances(surface: Surface, moneyness: np.ndarray, years: float) -> np.ndarray:
    """Return the total variance until a time at each log-moneyness."""
    sigma = surface.volatilities(np.exp(moneyness), 1.0, years)
    return sigma * sigma * years


@pytest.mark.parametrize("surface", SURFACES, ids=str)
def test_no_butterfly_has_a_negative_price(surface: Surface) -> None:
    for years in TENORS:
        # Dense where the smile bends, and out to a twentieth and twenty times the forward.
        width = float(surface.at_the_money(years)) * math.sqrt(years)
        u = np.linspace(-np.arcsinh(3 / width), np.arcsinh(3 / width), 6_001)
        k = width * np.sinh(u)
        w = variances(surface, k, years)
        slope = np.gradient(w, k)
        bend = np.gradient(slope, k)
        # Durrleman's function, of which the density of the index at expiry has its sign
        g = np.square(1 - k * slope / (2 * w)) - np.square(slope) / 4 * (1 / w + 0.25) + bend / 2
        assert g[2:-2].min() >= 0


@pytest.mark.parametrize("surface", SURFACES, ids=str)
def test_no_calendar_spread_has_a_negative_price(surface: Surface) -> None:
    k = np.linspace(-3, 3, 601)
    grid = np.array([variances(surface, k, years) for years in TENORS])
    assert np.diff(grid, axis=0).min() > 0


@pytest.mark.parametrize("asset", ASSETS)
def test_calls_on_the_surface_fall_and_bend_upwards_by_strike(asset: str) -> None:
    surface = default_surface(asset)
    for years in TENORS:
        strikes = np.linspace(0.3, 3.0, 541)
        calls = valuate(1.0, strikes, years, surface.volatilities(strikes, 1.0, years), calls=True).price
        assert (np.diff(calls) <= 1e-15).all()
        assert (np.diff(calls, 2) >= -1e-15).all()


@pytest.mark.parametrize(
    ("years", "strike", "volatility"),
    [(1 / 365, 1.0, 0.451), (30 / 365, 1.0, 0.471), (1.0, 1.0, 0.551), (30 / 365, 0.75, 0.667), (30 / 365, 1.25, 0.575)],
)
def test_bitcoin_smiles_as_it_was_measured(years: float, strike: float, volatility: float) -> None:
    assert default_surface("BTC").volatilities(strike, 1.0, years) == pytest.approx(volatility, abs=6e-4)


@given(st.floats(0.05, 3), st.floats(0.05, 3), st.floats(0.1, 20), st.floats(0, 5))
def test_the_middle_of_the_smile_is_theta(v0: float, vinf: float, kappa: float, years: float) -> None:
    surface = Surface(v0, vinf, kappa, 0.0, 1.0)
    years = max(years, 1e-6)
    theta = vinf**2 * years - (v0**2 - vinf**2) * math.expm1(-kappa * years) / kappa
    assert surface.at_the_money(years) == pytest.approx(math.sqrt(theta / years), rel=1e-9)
    assert surface.volatilities(123.0, 123.0, years) == pytest.approx(math.sqrt(theta / years), rel=1e-9)


def test_theta_has_no_seam_where_the_series_takes_over() -> None:
    surface = Surface(0.1, 1.0, 4.0, 0.0, 1.0)
    before, after = surface.at_the_money(np.array([0.999999e-4, 1.000001e-4]) / surface.kappa)
    assert before == pytest.approx(after, rel=5e-9)
    assert before < after


@given(st.floats(0.02, 5))
def test_a_surface_tied_to_the_market_starts_at_what_was_measured(realised: float) -> None:
    tied = default_surface("ETH").tied_to(realised)
    assert tied == replace(default_surface("ETH"), v0=min(max(realised, LEAST_VOLATILITY), MOST_VOLATILITY))
    assert tied.at_the_money(0.0) == pytest.approx(tied.v0, rel=1e-4)


def test_far_out_a_tied_surface_forgets_today() -> None:
    surface = default_surface("BTC")
    assert surface.tied_to(2.0).at_the_money(200.0) == pytest.approx(surface.vinf, rel=0.02)


def test_what_was_not_measured_ties_nothing() -> None:
    with pytest.raises(ValueError):
        default_surface("BTC").tied_to(math.nan)


@pytest.mark.parametrize(
    "change",
    [
        {"v0": 0.0}, {"v0": -0.4}, {"v0": math.nan}, {"vinf": 0.0}, {"kappa": 0.0}, {"eta": 0.0}, {"rho": 1.0}, {"rho": -1.0},
        {"rho": math.nan}, {"eta": 2.0}, {"rho": 0.7, "eta": 1.2},
    ],
    ids=str,
)  # fmt: skip
def test_parameters_that_allow_arbitrage_are_refused(change: dict[str, float]) -> None:
    with pytest.raises(ValueError):
        replace(default_surface("BTC"), **change)


def test_the_edge_of_the_condition_is_allowed() -> None:
    assert Surface(0.5, 0.5, 1.0, -0.25, 1.6).eta == 1.6


def test_at_expiry_the_smile_is_that_of_the_last_second() -> None:
    surface, strikes = default_surface("BTC"), np.array([0.5, 1.0, 2.0])
    with np.errstate(all="raise", under="ignore"):
        last = surface.volatilities(strikes, 1.0, 0.0)
    assert last.tolist() == surface.volatilities(strikes, 1.0, 1 / (365 * 86_400)).tolist()
    assert np.isfinite(last).all()
