"""Reference prices: the mean against a slow and obvious one, its window bucket by bucket, prices from outside."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papernet.core.dates import MILLISECOND, SECOND
from papernet.venues.spot.reference_price import ArithmeticMean, ExternalPrice, reference_price_of
from papernet.venues.spot.symbols import ArithmeticMeanSpec, ExternalSpec
from tests.support.worlds import START, make_symbol, units

# rest-api.md, Query Reference Price Calculation: 10 buckets of 1000 ms
TEN_SECONDS = ArithmeticMeanSpec(10, 1000 * MILLISECOND)


def mean_of(*trades: tuple[int, str], spec: ArithmeticMeanSpec = TEN_SECONDS) -> ArithmeticMean:
    """Return the mean after trades of (milliseconds after START, price)."""
    mean = ArithmeticMean(spec)
    for after, price in trades:
        mean.trade(START + after * MILLISECOND, units(price))
    return mean


def slow_mean(spec: ArithmeticMeanSpec, trades: list[tuple[int, int]], at: int) -> int | None:
    """Return the mean as one would on paper: a list of all trades ever, each with a weight, and a fraction at the end."""
    cutoff = at - spec.bucket_count * spec.bucket_width
    weighted: list[tuple[Fraction, int]] = []
    for traded_at, price in trades:
        opened = traded_at // spec.bucket_width * spec.bucket_width
        if opened + spec.bucket_width <= cutoff:
            continue
        expired = Fraction(max(0, cutoff - opened), spec.bucket_width)
        ten_thousandths = expired.numerator * 10_000 // expired.denominator
        weighted.append((1 - Fraction(ten_thousandths, 10_000), price))
    weights = sum(weight for weight, _ in weighted)
    return int(sum(weight * price for weight, price in weighted) / weights) if weights else None


def test_the_mean_is_of_prices_whatever_their_quantities() -> None:
    mean = mean_of((0, "10"), (1, "10"), (2, "40"))
    assert mean.value(START + 2 * MILLISECOND) == units("20")
    assert mean.was_set
    assert mean.set_at == START + 2 * MILLISECOND


def test_division_truncates() -> None:
    mean = mean_of((0, "0.00000001"), (1, "0.00000002"), (1500, "0.00000002"))
    assert mean.value(START + 2 * SECOND) == 1


def test_without_trades_there_is_no_mean() -> None:
    mean = ArithmeticMean(TEN_SECONDS)
    assert mean.value(START) is None
    assert not mean.was_set
    assert mean.set_at == 0


# Trades in seconds 0 and 1; the window is ten seconds. When the cutoff is in the middle of a bucket it counts with the rest
# of its width: (2 x 100 x rest + 1 x 400) : (2 x rest + 1).
@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (1_000, "200"),
        (9_999, "200"),
        (10_000, "200"),
        # a quarter has expired: (1.5 x 100 + 400) : 2.5
        (10_250, "220"),
        # a half: (1 x 100 + 400) : 2
        (10_500, "250"),
        # three quarters: (0.5 x 100 + 400) : 1.5
        (10_750, "300"),
        (11_000, "400"),
        (11_999, "400"),
        (12_000, None),
        (99_000, None),
    ],
)
def test_the_oldest_bucket_leaves_bit_by_bit(after: int, expected: str | None) -> None:
    mean = mean_of((0, "100"), (900, "100"), (1_000, "400"))
    value = mean.value(START + after * MILLISECOND)
    assert value == (units(expected) if expected is not None else None)
    assert mean.was_set


def test_a_bucket_alone_keeps_its_mean_while_it_leaves() -> None:
    mean = mean_of((0, "0.00000003"), (1, "0.00000004"))
    assert {mean.value(START + 10 * SECOND + micro) for micro in range(0, SECOND, 997)} == {3}


def test_there_is_one_bucket_more_than_configured_at_most() -> None:
    mean = mean_of(*((after, "5") for after in range(0, 60_000, 100)))
    assert len(mean.buckets) == 11
    assert mean.buckets[0][0] == START + 49 * SECOND
    # aligned to the engine's time, not to the first trade
    late = mean_of((300, "5"), (999, "5"), (1_000, "5"))
    assert [opened - START for opened, _, _ in late.buckets] == [0, SECOND]


def test_asking_changes_nothing() -> None:
    mean = mean_of((0, "100"), (1_000, "400"))
    before = mean.state()
    for after in (0, 10_500, 11_500, 99_000):
        mean.value(START + after * MILLISECOND)
    assert mean.state() == before
    assert mean.value(START + SECOND) == units("250")


SPECS = st.builds(ArithmeticMeanSpec, st.integers(1, 5), st.sampled_from([1, 3, 7, 10, 1000]).map(lambda ms: ms * MILLISECOND))
STEPS = st.lists(st.tuples(st.integers(0, 4_000), st.integers(1, 10**15), st.integers(0, 60_000)), max_size=40)


@given(SPECS, st.integers(0, 10**16), STEPS)
def test_the_mean_agrees_with_a_slow_one(spec: ArithmeticMeanSpec, at: int, steps: list[tuple[int, int, int]]) -> None:
    mean, trades = ArithmeticMean(spec), []
    for gap, price, later in steps:
        at += gap
        mean.trade(at, price)
        trades.append((at, price))
        for asked in (at, at + later):
            value = mean.value(asked)
            assert value == slow_mean(spec, trades, asked)
            assert value is None or min(price for _, price in trades) <= value <= max(price for _, price in trades)
        assert len(mean.buckets) <= spec.bucket_count + 1
    assert mean.was_set == bool(trades)


@given(SPECS, STEPS, st.integers(0, 40))
def test_a_mean_goes_on_out_of_a_checkpoint(spec: ArithmeticMeanSpec, steps: list[tuple[int, int, int]], cut: int) -> None:
    at, mean = START, ArithmeticMean(spec)
    for number, (gap, price, _) in enumerate(steps):
        if number == cut:
            state, mean = mean.state(), ArithmeticMean(spec)
            mean.restore(state)
            assert mean.state() == state
        at += gap
        mean.trade(at, price)
    whole = ArithmeticMean(spec)
    at = START
    for gap, price, _ in steps:
        at += gap
        whole.trade(at, price)
    assert mean.state() == whole.state()
    assert (mean.set_at, mean.was_set) == (whole.set_at, whole.was_set)
    assert [mean.value(at + later) for later in range(0, 20_000, 999)] == [
        whole.value(at + later) for later in range(0, 20_000, 999)
    ]


# ---- from outside


def test_a_price_from_outside_is_what_was_set_last() -> None:
    price = ExternalPrice(ExternalSpec(2))
    assert (price.value(START), price.was_set, price.set_at, price.calculation_id) == (None, False, 0, 2)
    price.set(units("10"), -1, START)
    assert (price.value(START + 9 * SECOND), price.was_set, price.set_at) == (units("10"), True, START)
    assert price.calculation_id == 2
    price.trade(START + SECOND, units("99"))
    assert (price.value(START + SECOND), price.set_at) == (units("10"), START)
    price.set(None, 3, START + SECOND)
    assert (price.value(START + SECOND), price.was_set, price.set_at) == (None, True, START + SECOND)
    assert price.calculation_id == 3


@pytest.mark.parametrize("value", [None, 1, units("10")])
def test_a_price_from_outside_goes_on_out_of_a_checkpoint(value: int | None) -> None:
    price, again = ExternalPrice(ExternalSpec()), ExternalPrice(ExternalSpec(7))
    again.restore(price.state())
    assert (again.was_set, again.calculation_id) == (False, 0)
    price.set(value, 1, START)
    again.restore(price.state())
    assert again.state() == price.state()
    assert (again.value(START), again.was_set, again.set_at, again.calculation_id) == (value, True, START, 1)


def test_which_reference_price_a_symbol_opens_with() -> None:
    mean = reference_price_of(make_symbol(reference=TEN_SECONDS))
    assert isinstance(mean, ArithmeticMean)
    assert (mean.spec, mean.window) == (TEN_SECONDS, 10 * SECOND)
    outside = reference_price_of(make_symbol(reference=ExternalSpec(42)))
    assert isinstance(outside, ExternalPrice)
    assert outside.calculation_id == 42
    assert reference_price_of(make_symbol()) is None
