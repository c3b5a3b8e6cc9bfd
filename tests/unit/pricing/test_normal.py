"""The normal distribution against twenty digits, and against the C library's erfc."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from papernet.pricing.normal import cumulative, density, density_and_cumulative

# x, probability of less, density: computed with fifty digits.
GOLDEN = [
    (-37, 5.7255712225245768227e-300, 2.1200065515246056269e-298),
    (-20, 2.7536241186062336951e-89, 5.5209483621597631896e-88),
    (-8.5, 9.4795348222033183542e-18, 8.1662356316695500394e-17),
    (-5, 2.8665157187919391167e-7, 1.4867195147342977079e-6),
    (-3.25, 0.00057702504239076704292, 0.0020290480572997677857),
    (-1.5, 0.066807201268858066004, 0.12951759566589172761),
    (-0.75, 0.22662735237686819933, 0.30113743215480440493),
    (-0.1, 0.46017216272297101853, 0.39695254747701176551),
    (-0.0078125, 0.49688329513915741955, 0.39893010583499324766),
    (0, 0.5, 0.39894228040143267794),
    (0.0625, 0.5249176690292472212, 0.39816385668688658504),
    (0.5, 0.69146246127401310364, 0.35206532676429947777),
    (1, 0.84134474606854294859, 0.2419707245191433498),
    (1.96, 0.97500210485177956586, 0.05844094433345146032),
    (2.75, 0.99702023676494544325, 0.0090935625015910527701),
    (4, 0.99996832875816688008, 0.00013383022576488535177),
    (6.5, 0.99999999995983999416, 2.6695566147628519167e-10),
    (8, 0.9999999999999993779, 5.052271083536892288e-15),
]


@pytest.mark.parametrize(("x", "below", "here"), GOLDEN)
def test_the_golden_table_is_met_to_the_last_places(x: float, below: float, here: float) -> None:
    assert abs(cumulative(x) - below) <= 3e-16
    # Squaring x loses up to x^2 / 2 units of the last place.
    precision = 1e-15 + x * x * 1.2e-16
    assert cumulative(x) == pytest.approx(below, rel=precision, abs=0)
    assert density(x) == pytest.approx(here, rel=precision, abs=0)


@given(st.floats(-37, 8.2))
def test_the_tail_is_that_of_erfc(x: float) -> None:
    # Dividing x by the root of two loses up to x^2 units of the last place.
    assert cumulative(x) == pytest.approx(math.erfc(-x / math.sqrt(2)) / 2, rel=2e-15 + x * x * 4e-16, abs=0)


@given(st.floats(-40, 40))
def test_both_tails_make_one(x: float) -> None:
    assert abs(cumulative(x) + cumulative(-x) - 1) <= 2.3e-16


def test_the_probability_never_falls() -> None:
    assert (np.diff(cumulative(np.linspace(-38, 9, 100_001))) >= 0).all()


def test_far_out_there_is_nothing_and_no_warning() -> None:
    with np.errstate(all="raise", under="ignore"):
        here, below = density_and_cumulative(np.array([-1e6, -50.0, 50.0, 1e6]))
    assert here.tolist() == [0.0] * 4
    assert below.tolist() == [0.0, 0.0, 1.0, 1.0]
