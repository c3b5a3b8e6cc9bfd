"""papernet's time: moved, held, at another rate, and never falling."""

import pytest

from papernet.app.clock import RATE_MAX, REAL_RATE, Clock, ClockSetting


class Wall:
    """A real clock that a test sets."""

    def __init__(self) -> None:
        self.at = 1_000

    def __call__(self) -> int:
        return self.at


@pytest.fixture
def wall() -> Wall:
    return Wall()


def test_unturned_it_is_the_real_time(wall: Wall) -> None:
    clock = Clock(wall)
    assert clock.now() == 1_000
    wall.at += 5
    assert clock.now() == 1_005
    assert (clock.setting, clock.is_held, clock.rate) == (None, False, REAL_RATE)


def test_held_it_stands_still_and_runs_on_from_there(wall: Wall) -> None:
    clock = Clock(wall)
    clock.hold()
    wall.at += 500
    assert (clock.now(), clock.is_held, clock.rate) == (1_000, True, 0)
    clock.move_to(1_007)
    assert (clock.now(), clock.is_held) == (1_007, True)
    clock.run()
    wall.at += 3
    assert (clock.now(), clock.is_held) == (1_010, False)


@pytest.mark.parametrize(("rate", "later"), [(1, 1_000), (500, 1_005), (REAL_RATE, 1_010), (60 * REAL_RATE, 1_600)])
def test_it_runs_at_a_rate(wall: Wall, rate: int, later: int) -> None:
    clock = Clock(wall)
    clock.run(rate)
    wall.at += 10
    assert clock.now() == later


def test_moved_it_goes_on_at_its_rate(wall: Wall) -> None:
    clock = Clock(wall)
    clock.run(2 * REAL_RATE)
    clock.move_to(10_000)
    wall.at += 10
    assert clock.now() == 10_020


def test_it_never_falls(wall: Wall) -> None:
    clock = Clock(wall)
    assert clock.now() == 1_000
    wall.at -= 100
    assert clock.now() == 1_000
    clock.hold()
    clock.run(RATE_MAX)
    assert clock.now() == 1_000
    with pytest.raises(AssertionError, match="time never falls"):
        clock.move_to(999)


def test_it_goes_on_from_a_setting(wall: Wall) -> None:
    clock = Clock(wall)
    clock.move_to(50_000)
    setting = clock.setting
    assert setting == ClockSetting(50_000, 1_000, REAL_RATE)
    wall.at += 20
    assert Clock(wall, setting).now() == 50_020
    assert Clock(wall, ClockSetting(7, 0, 0)).now() == 7


def test_it_comes_back_with_a_state_and_only_then_falls(wall: Wall) -> None:
    clock = Clock(wall)
    clock.move_to(90_000)
    clock.come_back(ClockSetting(500, 0, 0))
    assert clock.now() == 500
    assert clock.is_held
    clock.come_back(None)
    assert (clock.now(), clock.setting) == (1_000, None)
    wall.at -= 10
    assert clock.now() == 1_000
