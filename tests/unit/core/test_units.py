"""Fixed-point numbers against Decimal and Fraction."""

from decimal import Decimal, localcontext
from fractions import Fraction
from math import ceil, floor

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from papernet.core.units import (
    AMOUNT_MAX,
    DIGITS,
    SCALE,
    commission,
    format_fixed,
    notional_ceil,
    notional_floor,
    parse_fixed,
    quantity_for,
)

AMOUNTS = st.integers(0, AMOUNT_MAX)
PRICES = st.integers(1, AMOUNT_MAX)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("1", SCALE),
        ("0.00000001", 1),
        ("00.10", SCALE // 10),
        ("12.5", 1_250_000_000),
        ("0.000000010", 1),
        ("1.50000000000000000000", 150_000_000),
        ("99999999999999999999", 99_999_999_999_999_999_999 * SCALE),
    ],
)
def test_plain_decimals_are_read(text: str, value: int) -> None:
    assert parse_fixed(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "1.",
        ".5",
        "+1",
        "-1",
        "1e5",
        "1E5",
        "1e400",
        "1_0",
        "1,5",
        " 1",
        "1 ",
        "1\n",
        "\t1",
        "1\x00",
        "0x10",
        "1.2.3",
        "NaN",
        "nan",
        "Infinity",
        "inf",
        "１２",
        "1２",
        "١",
        "1.٢",
        "①",
        "½",
        "\ud800",
        "0.000000001",
        "1.123456789",
        "1.000000000000000000001",
        "0" * 21,
        "1" * 65_536,
        "1." + "0" * 21,
    ],
)
def test_anything_else_is_no_number(text: str) -> None:
    assert parse_fixed(text) is None


@given(AMOUNTS)
@example(AMOUNT_MAX)
@example(0)
def test_what_is_written_is_read_again(value: int) -> None:
    text = format_fixed(value)
    assert parse_fixed(text) == value
    assert len(text.partition(".")[2]) == DIGITS
    assert Decimal(text) * SCALE == value


@given(st.integers(1, AMOUNT_MAX))
def test_negative_amounts_are_written_with_their_sign(value: int) -> None:
    assert format_fixed(-value) == "-" + format_fixed(value)


@given(st.from_regex(r"[0-9]{1,12}(\.[0-9]{1,12})?", fullmatch=True))
def test_reading_is_decimal_or_nothing(text: str) -> None:
    with localcontext() as context:
        context.prec = 60
        scaled = Decimal(text) * SCALE
        exact = scaled == scaled.to_integral_value()
        assert parse_fixed(text) == (int(scaled) if exact else None)


@given(st.text(max_size=12))
def test_only_ascii_digits_and_a_point_are_ever_read(text: str) -> None:
    if parse_fixed(text) is not None:
        assert text.isascii()
        assert text.replace(".", "", 1).isdigit()


@given(AMOUNTS, AMOUNTS)
@example(0, 0)
@example(SCALE - 1, 1)
@example(AMOUNT_MAX, AMOUNT_MAX)
def test_notionals_are_rounded_down_and_up(price: int, quantity: int) -> None:
    exact = Fraction(price * quantity, SCALE)
    assert notional_floor(price, quantity) == floor(exact)
    assert notional_ceil(price, quantity) == ceil(exact)


@given(PRICES, st.lists(st.integers(1, 10**12), min_size=1, max_size=8))
def test_what_a_buy_holds_pays_any_sequence_of_fills(price: int, parts: list[int]) -> None:
    assert sum(notional_floor(price, part) for part in parts) <= notional_ceil(price, sum(parts))


@given(AMOUNTS, st.integers(0, SCALE))
@example(AMOUNT_MAX, SCALE)
@example(99, 1_000_000)
@example(50, 1_000_000)
@example(49, 1_000_000)
# faqs/commission_faq, How is the commission calculated: the tax of 17,491.25 at 0.0000023 is 0.040229875
@example(1_749_125_000_000, 230)
def test_commission_is_rounded_to_the_nearest_unit_half_up_and_leaves_something(amount: int, rate: int) -> None:
    taken = commission(amount, rate)
    assert taken == floor(Fraction(amount * rate, SCALE) + Fraction(1, 2))
    assert 0 <= taken <= amount


def test_commission_to_the_digits_of_the_published_example() -> None:
    received = 1_749_125_000_000
    assert [format_fixed(commission(received, rate)) for rate in (60, 6_000_000, 230)] == [
        "0.01049475",
        "1049.47500000",
        "0.04022988",
    ]


@given(st.integers(0, 10**16), PRICES, st.integers(0, 10**9))
@example(10**10, 3, 0)
@example(0, 1, 1)
def test_a_quantity_for_an_amount_is_the_largest_that_it_pays_for(quote: int, price: int, step: int) -> None:
    quantity, grain = quantity_for(quote, price, step), step or 1
    assert quantity % grain == 0
    assert Fraction(price * quantity, SCALE) <= quote
    assert Fraction(price * (quantity + grain), SCALE) > quote
