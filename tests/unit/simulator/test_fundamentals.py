"""The hidden prices: where they start, how they move, and that they agree."""

import numpy as np
import pytest

from papernet.simulator.fundamentals import BLOCK, SECONDS_A_YEAR, STEP, Fundamentals, traits_of
from papernet.simulator.profiles import profiles_for
from tests.unit.simulator.stage import ALL

PROFILES = profiles_for(ALL.values())
INDEX = {profile.symbol: index for index, profile in enumerate(PROFILES)}


def unit_price(fundamentals: Fundamentals, name: str, at: int) -> float:
    return fundamentals.price(INDEX[name], at) * PROFILES[INDEX[name]].tick


def test_pairs_start_at_their_opening_prices() -> None:
    fundamentals = Fundamentals(PROFILES, 7, 0)
    for index, profile in enumerate(PROFILES):
        assert fundamentals.price(index, 0) == pytest.approx(profile.fair, rel=1e-12)


def test_pairs_go_on_at_the_resumed_prices_in_the_middle_of_a_block() -> None:
    since = 8_640 * BLOCK + 4_321_000
    fundamentals = Fundamentals(PROFILES, 7, since)
    assert fundamentals.begins <= since < fundamentals.ends
    for index, profile in enumerate(PROFILES):
        assert fundamentals.price(index, since) == pytest.approx(profile.fair, rel=1e-12)


def test_prices_agree_around_triangles_at_every_moment() -> None:
    fundamentals = Fundamentals(PROFILES, 7, 0)
    for _ in range(20):
        fundamentals.advance()
    at = fundamentals.begins + 37 * STEP
    assert unit_price(fundamentals, "BTCUSDT", at) == unit_price(fundamentals, "BTCUSDC", at)
    ratio = unit_price(fundamentals, "ETHUSDT", at) / unit_price(fundamentals, "BTCUSDT", at)
    assert unit_price(fundamentals, "ETHBTC", at) / 1e8 == pytest.approx(ratio, rel=1e-11)
    assert unit_price(fundamentals, "BNBBTC", at) / unit_price(fundamentals, "BNBETH", at) == pytest.approx(ratio, rel=1e-11)
    assert unit_price(fundamentals, "BTCUSDT", at) != PROFILES[0].fair


def test_an_asset_moves_the_same_whatever_else_is_listed() -> None:
    alone = Fundamentals(profiles_for([ALL["ETHUSDT"]]), 7, 0)
    together = Fundamentals(PROFILES, 7, 0)
    for _ in range(5):
        alone.advance()
        together.advance()
    at = alone.begins + 5 * STEP
    assert alone.price(0, at) == together.price(INDEX["ETHUSDT"], at)


def test_blocks_are_continuous() -> None:
    fundamentals = Fundamentals(PROFILES, 7, 0)
    for _ in range(50):
        before = fundamentals.price(0, fundamentals.ends - 1)
        fundamentals.advance()
        after = fundamentals.price(0, fundamentals.begins)
        assert abs(after / before - 1) < 0.01


def test_volatility_and_correlation_are_near_what_is_stated() -> None:
    names = ("BTCUSDT", "ETHUSDT")
    fundamentals = Fundamentals(PROFILES, 3, 0)
    prices = []
    for _ in range(1_000):
        prices.append([fundamentals.price(INDEX[name], fundamentals.begins) for name in names])
        fundamentals.advance()
    returns = np.diff(np.log(np.array(prices)), axis=0)
    annual = returns.std(axis=0) * np.sqrt(SECONDS_A_YEAR / (BLOCK / 1e6))
    for name, value in zip(names, annual.tolist(), strict=True):
        assert 0.5 < value / traits_of(ALL[name].base_asset).volatility < 2.5
    assert 0.5 < np.corrcoef(returns.T)[0, 1] < 0.95


def test_dollars_do_not_move() -> None:
    profiles = profiles_for([ALL["BTCUSDC"]])
    assert traits_of("USDC").volatility == 0
    fundamentals = Fundamentals(profiles, 7, 0)
    assert fundamentals.pace(0) > 0
