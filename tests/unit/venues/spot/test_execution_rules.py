"""The bounds of the price range rule: the FAQ's numbers, missing multipliers, rounding towards the reference price."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papernet.core.enums import Side
from papernet.core.units import SCALE
from papernet.venues.spot.execution_rules import bounds
from papernet.venues.spot.symbols import PriceRange
from tests.support.worlds import units

TWICE_AND_HALF = PriceRange(units("2"), units("0.5"), units("2"), units("0.5"))


@pytest.mark.parametrize("side", list(Side))
def test_the_example_of_the_documents(side: Side) -> None:
    # How does the Price Range Execution Rule work: reference 10.00, at most twice and at least half of it
    assert bounds(TWICE_AND_HALF, side, units("10.00")) == (units("5"), units("20"))


def test_each_side_has_multipliers_of_its_own() -> None:
    rule = PriceRange(bid_up=units("1.1"), bid_down=units("0.9"), ask_up=units("3"), ask_down=units("0.25"))
    assert bounds(rule, Side.BUY, units("100")) == (units("90"), units("110"))
    assert bounds(rule, Side.SELL, units("100")) == (units("25"), units("300"))


@pytest.mark.parametrize(
    ("rule", "buy", "sell"),
    [
        (PriceRange(), ("0", "0"), ("0", "0")),
        (PriceRange(bid_up=units("2")), ("0", "20"), ("0", "0")),
        (PriceRange(bid_down=units("0.5")), ("5", "0"), ("0", "0")),
        (PriceRange(ask_up=units("2")), ("0", "0"), ("0", "20")),
        (PriceRange(ask_down=units("0.5")), ("0", "0"), ("5", "0")),
    ],
)
def test_a_missing_multiplier_bounds_nothing(rule: PriceRange, buy: tuple[str, str], sell: tuple[str, str]) -> None:
    assert bounds(rule, Side.BUY, units("10")) == tuple(map(units, buy))
    assert bounds(rule, Side.SELL, units("10")) == tuple(map(units, sell))


@given(st.integers(1, 10**15), st.integers(SCALE, 100 * SCALE), st.integers(1, SCALE), st.sampled_from(Side))
def test_bounds_are_the_outermost_prices_inside_the_range(reference: int, up: int, down: int, side: Side) -> None:
    lowest, highest = bounds(PriceRange(up, down, up, down), side, reference)
    assert lowest * SCALE >= reference * down > (lowest - 1) * SCALE
    assert highest * SCALE <= reference * up < (highest + 1) * SCALE
    assert 1 <= lowest <= reference <= highest
