"""Draws of faults: by the seed, the rule and the occurrence alone."""

from functools import partial

from papernet.servers.fault_draws import draw_fault
from papernet.servers.world import Settings

draw = partial(draw_fault, Settings(1))
PINNED = [24790, 148771, 761940]


def test_a_draw_is_the_same_wherever_it_is_drawn() -> None:
    assert [draw(1, count) for count in (1, 2, 3)] == [draw(1, count) for count in (1, 2, 3)]
    assert [draw(1, 1), draw(1, 2), draw(2, 1)] == PINNED


def test_seeds_rules_and_occurrences_differ() -> None:
    assert len({draw(rule, count) for rule in range(1, 6) for count in range(1, 21)}) == 100
    assert draw(1, 1) != draw_fault(Settings(2), 1, 1)


def test_draws_are_spread_evenly_over_the_millionths() -> None:
    draws = [draw(1, count) for count in range(1, 2_001)]
    assert all(0 <= number < 1_000_000 for number in draws)
    assert 900 < sum(number < 500_000 for number in draws) < 1_100
