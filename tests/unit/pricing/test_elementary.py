"""Exponential and logarithm against the C library's, and at the ends of what floats hold."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from papernet.pricing.elementary import exp, log, polynomial


def test_a_polynomial_is_its_terms() -> None:
    assert polynomial([1.0, 2.0, 3.0], np.array([0.0, 1.0, -2.0])).tolist() == [1.0, 6.0, 9.0]


@given(st.floats(-700, 700))
def test_exp_is_that_of_the_c_library(x: float) -> None:
    assert exp(x) == pytest.approx(math.exp(x), rel=8e-16, abs=0)


@given(st.floats(1e-300, 1e300))
def test_log_is_that_of_the_c_library(x: float) -> None:
    assert log(x) == pytest.approx(math.log(x), rel=8e-16, abs=1e-300)


@given(st.floats(-1e-6, 1e-6))
def test_log_keeps_its_digits_beside_one(x: float) -> None:
    assert log(1 + x) == pytest.approx(math.log(1 + x), rel=8e-16, abs=0)


def test_what_is_exact_is_exact() -> None:
    assert exp(0.0) == 1.0
    assert log(1.0) == 0.0


def test_exp_ends_quietly_at_both_ends() -> None:
    with np.errstate(all="raise", under="ignore"):
        ends = exp(np.array([-np.inf, -1e9, -746.0, 709.0, 1e9, np.inf]))
    assert ends.tolist() == [0.0, 0.0, 0.0, ends[3], ends[3], ends[3]]
    assert ends[3] == pytest.approx(math.exp(709))


def test_shapes_are_kept() -> None:
    assert exp(np.zeros((2, 3))).shape == (2, 3)
    assert log(np.ones((2, 3))).shape == (2, 3)
    assert exp(1.0).shape == ()
