"""The rolling average price against the sum over all trades."""

from fractions import Fraction
from math import floor

from hypothesis import given
from hypothesis import strategies as st

from papernet.venues.spot.average_price import AveragePrice
from tests.support.worlds import SECOND, START, units

MINUTE = 60 * SECOND


def test_nothing_traded_is_no_average() -> None:
    assert AveragePrice(5).value(START) == 0


def test_the_average_is_weighted_by_quantity() -> None:
    average = AveragePrice(5)
    average.add(START, units("3"), units("30"))
    average.add(START + 1, units("1"), units("50"))
    average.add(START + MINUTE, units("4"), units("80"))
    assert average.value(START + MINUTE) == units("20")


def test_a_second_leaves_the_window_as_a_whole() -> None:
    average = AveragePrice(1)
    average.add(START, 1, 1)
    average.add(START + SECOND - 1, 1, 3)
    average.add(START + SECOND, 1, 11)
    assert average.value(START + MINUTE - 1) == 5 * 10**8
    assert average.value(START + MINUTE) == 11 * 10**8
    assert average.value(START + MINUTE + SECOND - 1) == 11 * 10**8
    assert average.value(START + MINUTE + SECOND) == 0


def test_memory_is_one_bucket_a_second_of_the_window() -> None:
    average = AveragePrice(1)
    for step in range(1_000):
        average.add(START + step * SECOND // 4, 1, 1)
    assert len(average.buckets) <= 61


@given(
    minutes=st.integers(1, 3),
    trades=st.lists(st.tuples(st.integers(0, 50 * SECOND), st.integers(1, 10**10), st.integers(0, 10**12)), max_size=30),
    later=st.integers(0, 5 * MINUTE),
)
def test_the_running_sums_equal_the_sum_over_all_trades(minutes: int, trades: list[tuple[int, int, int]], later: int) -> None:
    average = AveragePrice(minutes)
    now, all_trades = START, []
    for pause, quantity, quote in trades:
        now += pause
        all_trades.append((now // SECOND, quantity, quote))
        average.add(now, quantity, quote)
        assert average.value(now) == _naive(all_trades, now, minutes)
    restored = AveragePrice(minutes)
    restored.restore([list(bucket) for bucket in average.buckets])
    now += later
    assert restored.value(now) == average.value(now) == _naive(all_trades, now, minutes)


def _naive(trades: list[tuple[int, int, int]], now: int, minutes: int) -> int:
    recent = [trade for trade in trades if trade[0] > (now - minutes * MINUTE) // SECOND]
    quantity = sum(trade[1] for trade in recent)
    return floor(Fraction(sum(trade[2] for trade in recent) * 10**8, quantity)) if quantity else 0


@given(st.lists(st.tuples(st.integers(0, 3 * MINUTE), st.booleans()), max_size=20))
def test_asking_changes_no_later_answer(steps: list[tuple[int, bool]]) -> None:
    """Queries are not journaled: an average that was asked for must go on like one that never was, whenever it was asked."""
    asked, left_alone = AveragePrice(1), AveragePrice(1)
    now = START
    for number, (pause, ask) in enumerate(steps, 1):
        now += pause
        asked.add(now, number, number * number)
        left_alone.add(now, number, number * number)
        if ask:
            # A query's clock may be ahead of the next entry's time.
            asked.value(now + pause)
        assert list(asked.buckets) == list(left_alone.buckets)
    assert asked.value(now) == left_alone.value(now)
