"""The exogenous half of the market: addressed blocks of intentions."""

from itertools import pairwise

import pytest

from papernet.simulator.flow import BLOCK, LONGEST_LIFE, Flow
from papernet.simulator.profiles import profiles_for
from tests.unit.simulator.stage import ALL

(BTC,) = profiles_for([ALL["BTCUSDT"]])


def flow(seed: int = 7, activity: float = 1.0) -> Flow:
    return Flow(BTC, seed, activity)


def test_any_block_can_be_drawn_without_the_ones_before() -> None:
    one, other = flow(), flow()
    for block in range(5):
        one.adds(block, 1.0)
        one.takes(block, 1.0)
        one.looks(block, 1.0)
    assert one.adds(5, 1.0) == other.adds(5, 1.0)
    assert one.takes(5, 1.0) == other.takes(5, 1.0)
    assert one.looks(5, 1.0) == other.looks(5, 1.0)
    assert one.adds(5, 1.0) != one.adds(6, 1.0)
    assert one.adds(5, 1.0) != flow(seed=8).adds(5, 1.0)


def test_everything_drawn_is_a_plain_integer_in_its_range() -> None:
    drawn = flow()
    for at, add in drawn.adds(3, 1.0):
        assert all(type(value) is int for value in (at, *add))
        assert 0 <= at < BLOCK
        assert add.side in (-1, 1)
        assert 0 <= add.distance < 100_000
        assert add.lots >= 1
        assert add.life >= 0
    for at, take in drawn.takes(3, 1.0):
        assert all(type(value) is int for value in (at, *take))
        assert at >= 0
        assert take.side in (-1, 1)
        assert take.lots >= 1
    assert all(type(value) is int for value in drawn.hand(123_456))


def test_times_go_up_and_come_at_the_rate() -> None:
    drawn = flow()
    times = [at for block in range(20) for at, _ in drawn.adds(block, 1.0)]
    assert len(times) == pytest.approx(20 * 10 * BTC.habits.add_rate, rel=0.05)
    looks = drawn.looks(1, 1.0)
    assert looks == sorted(looks)
    takes = sum(len(drawn.takes(block, 1.0)) for block in range(100))
    assert takes == pytest.approx(100 * 10 * BTC.habits.taker_rate, rel=0.25)


def test_larger_orders_are_split_into_parts_of_one_side() -> None:
    takes = flow().takes(2, 1.0)
    sides = [take.side for _, take in takes]
    same = sum(one == other for one, other in pairwise(sides))
    assert same / len(sides) > 0.6
    assert {-1, 1} == set(sides)


def test_a_busier_market_has_more_takers_and_fewer_more_makers() -> None:
    drawn = flow()
    calm, busy = len(drawn.adds(1, 1.0)), len(drawn.adds(1, 4.0))
    assert 1.7 < busy / calm < 2.3
    assert len(drawn.takes(1, 4.0)) > 2 * len(drawn.takes(1, 1.0)) or len(drawn.takes(2, 4.0)) > 2 * len(drawn.takes(2, 1.0))


def test_the_opening_book_is_that_of_a_market_open_for_long_at_any_activity() -> None:
    sizes = [len(flow(activity=activity).opening()) for activity in (0.1, 1.0)]
    assert 600 < sizes[0] < 1_200
    assert sizes[1] == pytest.approx(sizes[0], rel=0.02)
    opening = flow().opening()
    assert [add.distance for add in opening] == sorted(add.distance for add in opening)
    assert abs(sum(add.side for add in opening)) < len(opening) / 5


def test_hands_differ_from_one_moment_to_the_next() -> None:
    drawn = flow()
    assert len({drawn.hand(at) for at in range(1_000)}) > 200


def test_blocks_of_symbols_do_not_all_begin_at_once() -> None:
    leads = {Flow(profile, 7, 0.1).lead for profile in profiles_for(ALL.values())}
    assert len(leads) == len(ALL)
    assert all(0 <= lead < BLOCK for lead in leads)


def test_lives_are_bounded_however_sleepy_the_market() -> None:
    sleepy = flow(activity=1e-6)
    assert all(add.life < 10 * LONGEST_LIFE for add in sleepy.opening()[:100])
    assert sleepy.adds(0, 0.2) == []
