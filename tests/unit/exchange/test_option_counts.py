"""How many options orders in ten seconds and in a minute."""

from papernet.core.dates import MINUTE, SECOND
from papernet.exchange.option_counts import OPTION_ORDER_LIMIT_1M, OPTION_ORDER_LIMIT_10S, OptionCounts

START = 1_700_000_040 * SECOND  # a whole minute


def test_the_limits_are_the_published_ones() -> None:
    assert (OPTION_ORDER_LIMIT_10S, OPTION_ORDER_LIMIT_1M) == (300, 1_200)


def test_windows_are_aligned_to_the_clock() -> None:
    counts = OptionCounts()
    counts.count(START + 9 * SECOND)
    counts.count(START + 10 * SECOND)
    assert counts.counts(START + 10 * SECOND) == (1, 2)
    assert counts.counts(START + 20 * SECOND) == (0, 2)
    assert counts.counts(START + MINUTE) == (0, 0)
    counts.count(START + MINUTE)
    assert counts.counts(START + MINUTE) == (1, 1)


def test_one_beyond_a_limit_is_told_with_the_limit_and_its_interval() -> None:
    counts = OptionCounts()
    for _ in range(OPTION_ORDER_LIMIT_10S):
        assert counts.exceeded(START) is None
        counts.count(START)
    assert counts.exceeded(START) == ("300", "10 SECOND")
    for number in range(OPTION_ORDER_LIMIT_10S, OPTION_ORDER_LIMIT_1M):
        at = START + number // OPTION_ORDER_LIMIT_10S * 10 * SECOND
        assert counts.exceeded(at) is None
        counts.count(at)
    assert counts.exceeded(START + 45 * SECOND) == ("1200", "1 MINUTE")
    assert counts.exceeded(START + MINUTE) is None
