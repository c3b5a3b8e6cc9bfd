"""The index against a list of its prices, second by second."""

from fractions import Fraction
from math import floor

from hypothesis import given
from hypothesis import strategies as st

from papernet.core.dates import DAY, HOUR, MINUTE, SECOND, days_from_civil
from papernet.venues.options.index import Index, next_settlement

TODAY = days_from_civil(2026, 1, 15) * DAY
SETTLEMENT = TODAY + 8 * HOUR
WINDOW = SETTLEMENT - 30 * MINUTE


def test_the_next_settlement_is_later_than_now() -> None:
    assert next_settlement(SETTLEMENT - 1) == SETTLEMENT
    assert next_settlement(SETTLEMENT) == SETTLEMENT + DAY
    assert next_settlement(TODAY) == SETTLEMENT
    assert next_settlement(TODAY - 1) == SETTLEMENT


def test_a_price_that_stands_is_what_is_settled_at() -> None:
    index = Index(123, TODAY)
    index.hold(SETTLEMENT)
    assert index.seconds == 1_800
    assert index.settle() == 123


def test_each_of_the_last_1800_seconds_counts_once() -> None:
    index = Index(10**9, TODAY)
    for second in range(1_800):
        index.hold(WINDOW + second * SECOND)
        index.take(second)
    index.hold(SETTLEMENT)
    assert index.seconds == 1_800
    assert index.total == sum(range(1_800))
    assert index.settle() == 899  # 899.5, rounded down


def test_what_was_before_the_half_hour_does_not_count() -> None:
    index = Index(10**9, TODAY)
    index.hold(WINDOW - 1)
    assert index.expected_settlement() == 0
    index.hold(WINDOW)
    index.take(5)
    index.hold(SETTLEMENT)
    assert index.settle() == 5


def test_a_second_counts_at_the_price_that_stood_when_it_began() -> None:
    index = Index(100, WINDOW)
    index.hold(WINDOW + 1)
    assert index.seconds == 1
    index.take(200)
    index.hold(WINDOW + SECOND)
    assert (index.total, index.seconds) == (100, 1)
    index.hold(WINDOW + SECOND + 1)
    assert (index.total, index.seconds) == (300, 2)


def test_an_index_that_began_within_the_half_hour_settles_at_what_it_has() -> None:
    index = Index(7, SETTLEMENT - 10 * SECOND)
    index.hold(SETTLEMENT)
    assert index.seconds == 10
    assert index.settle() == 7


def test_an_index_without_a_whole_second_settles_at_its_price() -> None:
    index = Index(7, SETTLEMENT - 1)
    index.hold(SETTLEMENT)
    assert index.seconds == 0
    assert index.settle() == 7


def test_after_a_settlement_another_half_hour_is_gathered() -> None:
    index = Index(7, TODAY)
    index.hold(SETTLEMENT)
    index.settle()
    index.take(9)
    index.hold(SETTLEMENT + DAY)
    assert index.seconds == 1_800
    assert index.settle() == 9


def test_time_does_not_go_back() -> None:
    index = Index(7, SETTLEMENT)
    index.hold(TODAY)
    assert index.at == SETTLEMENT


def test_in_the_last_half_hour_the_mean_is_told_and_what_expires_is_priced_on_it() -> None:
    index = Index(100, WINDOW)
    assert index.reference(SETTLEMENT) == 100
    index.hold(WINDOW + 10 * SECOND)
    index.take(200)
    index.hold(WINDOW + 20 * SECOND)
    assert index.expected_settlement() == 150
    assert index.reference(SETTLEMENT) == 150
    assert index.reference(SETTLEMENT + DAY) == 200


def test_at_the_settlement_itself_only_what_expires_is_priced_on_the_mean() -> None:
    index = Index(100, WINDOW)
    index.hold(SETTLEMENT)
    index.take(200)
    assert index.reference(SETTLEMENT) == 100
    assert index.reference(SETTLEMENT + DAY) == 200
    index.settle()
    assert index.reference(SETTLEMENT + DAY) == 200


@given(
    start=st.integers(-HOUR, 30 * MINUTE - 1),
    steps=st.lists(st.tuples(st.integers(0, 3 * MINUTE), st.integers(1, 10**12)), max_size=40),
)
def test_the_settlement_is_the_mean_of_the_prices_at_whole_seconds(start: int, steps: list[tuple[int, int]]) -> None:
    at = WINDOW + start
    index, told = Index(50, at), [(at, 50)]
    for pause, price in steps:
        at = min(at + pause, SETTLEMENT - 1)
        index.hold(at)
        index.take(price)
        told.append((at, price))
    index.hold(SETTLEMENT)
    prices = []
    for second in range(WINDOW, SETTLEMENT, SECOND):
        # A price that is taken at a whole second counts for it.
        before = [price for when, price in told if when <= second]
        prices += before[-1:]
    expected = floor(Fraction(sum(prices), len(prices))) if prices else told[-1][1]
    assert index.settle() == expected


@given(price=st.integers(1, 10**12), steps=st.lists(st.integers(0, 30 * MINUTE), max_size=50))
def test_how_often_time_was_let_pass_makes_no_difference(price: int, steps: list[int]) -> None:
    once, often = Index(price, WINDOW - MINUTE), Index(price, WINDOW - MINUTE)
    at = WINDOW - MINUTE
    for step in steps:
        at = min(at + step, SETTLEMENT)
        often.hold(at)
    once.hold(at)
    assert (once.total, once.seconds, once.at) == (often.total, often.seconds, often.at)
