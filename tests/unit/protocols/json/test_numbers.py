"""Numbers are written exactly, and quotients are rounded as the published examples are."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papernet.core.units import AMOUNT_MAX
from papernet.protocols.json.numbers import amount, average_price, basis_points, decimal, percent, rounded_quotient
from tests.support.worlds import units

AMOUNTS = st.integers(-AMOUNT_MAX, AMOUNT_MAX)


@given(AMOUNTS)
def test_amounts_have_eight_decimals_and_are_exact(value: int) -> None:
    text = amount(value)
    assert text == f"{Decimal(value).scaleb(-8):.8f}"
    assert decimal(value) == text


@given(st.integers(-(10**30), 10**30), st.integers(1, 10**25))
def test_quotients_are_rounded_with_halves_away_from_zero(dividend: int, divisor: int) -> None:
    # (2a + b) / 2b without a fraction bigger than Decimal's context holds
    whole, rest = divmod(abs(dividend), divisor)
    expected = whole + (1 if 2 * rest >= divisor else 0)
    assert rounded_quotient(dividend, divisor) == (-expected if dividend < 0 else expected)


@given(st.integers(-(10**12), 10**12), st.integers(1, 10**12))
def test_percentages_are_those_of_decimal(change: int, base: int) -> None:
    expected = (Decimal(change) * 100 / base).quantize(Decimal("0.001"), ROUND_HALF_UP)
    assert Decimal(percent(change, base)) == expected


@pytest.mark.parametrize(
    ("change", "base", "text"),
    [
        # rest-api.md: 24hr ticker, trading day ticker (the second), rolling window (three times); the first trading day
        # example is a share of the last price, unlike all others, and therefore not here
        ("-94.99999800", "99", "-95.960"),
        ("2.60000000", "210", "1.238"),
        ("-8", "9", "-88.889"),
        ("-154.13", "20825.27", "-0.740"),
        ("0.00008530", "0.01036170", "0.823"),
        ("0", "5", "0.000"),
        ("-0.00000001", "5", "0.000"),
        ("1", "0", "0.000"),
        ("0", "0", "0.000"),
        ("5", "0.01", "50000.000"),
    ],
)
def test_percentages_have_three_decimals(change: str, base: str, text: str) -> None:
    sign = -1 if change.startswith("-") else 1
    assert percent(sign * units(change.lstrip("-")), units(base)) == text


@pytest.mark.parametrize(
    ("quote", "quantity", "text"),
    [
        # rest-api.md: trading day ticker (twice), rolling window (three times)
        ("485217905.04210480", "18495.35066000", "26234.58803036"),
        ("59488753.54750000", "280709.58900000", "211.92276958"),
        ("487", "187", "2.60427807"),
        ("1502240.91155513", "72.65112300", "20677.46305250"),
        ("1.73858301", "166.67", "0.01043129"),
        ("0", "0", "0.00000000"),
    ],
)
def test_average_prices_are_rounded(quote: str, quantity: str, text: str) -> None:
    assert amount(average_price(units(quote), units(quantity))) == text


@pytest.mark.parametrize(("rate", "points"), [("0.0015", 15), ("0", 0), ("0.00005", 1), ("0.00004999", 0), ("1", 10_000)])
def test_rates_in_basis_points(rate: str, points: int) -> None:
    assert basis_points(units(rate)) == points
