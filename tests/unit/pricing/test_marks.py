"""Marks as the core gets them: integers that agree with each other and with what clients compute from them."""

from typing import Final

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from papernet.core.dates import DAY, HOUR, SECOND
from papernet.core.units import SCALE
from papernet.pricing.black_scholes import valuate
from papernet.pricing.marks import NO_BID_VOLATILITY, Contracts, Marks, marks
from papernet.pricing.surface import default_surface

NOW: Final = 1_780_000_000 * SECOND
INDEX: Final = 61_700 * SCALE
BTC: Final = default_surface("BTC")


def contracts(
    strikes: list[int], tenor: int = 30 * DAY, *, call: bool = True, unit: int = 1, tick: int = 5 * SCALE
) -> Contracts:
    """Return contracts of one kind, strikes in whole USDT."""
    count = len(strikes)
    return Contracts(np.array(strikes) * SCALE, np.full(count, NOW + tenor), np.full(count, call), unit, tick)


def spreads(found: Marks) -> list[int]:
    return [int(spread) for spread in found.ask_volatility - found.volatility]


def test_every_column_is_of_integers_and_has_an_element_a_contract() -> None:
    found = marks(contracts([50_000, 60_000, 70_000]), INDEX, NOW, BTC)
    assert {(column.dtype.str, column.shape) for column in found} == {(np.dtype(np.int64).str, (3,))}


def test_a_client_gets_the_mark_from_its_volatility() -> None:
    strikes = [40_000, 61_000, 62_000, 90_000]
    found = marks(contracts(strikes), INDEX, NOW, BTC)
    again = valuate(61_700.0, np.array(strikes, np.float64), 30 / 365, found.volatility / SCALE, calls=True)
    for column, value in zip((found.price, found.delta, found.gamma, found.theta, found.vega), again, strict=True):
        assert column.tolist() == np.rint(value * SCALE).astype(np.int64).tolist()


def test_the_volatility_is_that_of_the_surface() -> None:
    found = marks(contracts([61_700, 45_000]), INDEX, NOW, BTC)
    expected = BTC.volatilities(np.array([61_700.0, 45_000.0]), 61_700.0, 30 / 365)
    assert found.volatility.tolist() == np.rint(expected * SCALE).astype(np.int64).tolist()


def test_a_greater_unit_scales_what_is_money_and_leaves_delta_and_gamma() -> None:
    one = marks(contracts([55_000, 65_000], call=False), INDEX, NOW, BTC)
    hundred = marks(contracts([55_000, 65_000], call=False, unit=100), INDEX, NOW, BTC)
    for small, large in ((one.price, hundred.price), (one.theta, hundred.theta), (one.vega, hundred.vega)):
        assert np.abs(large - 100 * small).max() <= 50
    assert hundred.delta.tolist() == one.delta.tolist()
    assert hundred.gamma.tolist() == one.gamma.tolist()
    assert hundred.volatility.tolist() == one.volatility.tolist()


def test_makers_quote_a_point_off_the_mark_at_the_money_of_a_long_tenor() -> None:
    found = marks(contracts([61_700], tenor=365 * DAY), INDEX, NOW, BTC)
    assert spreads(found)[0] == pytest.approx(SCALE // 100, rel=0.05)
    assert (found.volatility - found.bid_volatility).tolist() == spreads(found)


def test_spreads_grow_in_the_wings_to_both_sides() -> None:
    calls = spreads(marks(contracts([61_700, 70_000, 80_000, 100_000]), INDEX, NOW, BTC))
    puts = spreads(marks(contracts([61_700, 55_000, 45_000, 35_000], call=False), INDEX, NOW, BTC))
    assert calls == sorted(calls)
    assert puts == sorted(puts)
    assert len(set(calls)) == len(set(puts)) == 4


def test_spreads_grow_towards_expiry() -> None:
    wide = [spreads(marks(contracts([61_700], tenor), INDEX, NOW, BTC))[0] for tenor in (90 * DAY, 7 * DAY, DAY, HOUR)]
    assert wide == sorted(wide)
    assert wide[-1] > 2 * wide[0]


def test_in_the_last_second_makers_still_bid_half_the_volatility() -> None:
    found = marks(contracts([61_700], tenor=SECOND, tick=1), INDEX, NOW, BTC)
    assert found.bid_volatility.tolist() == [int(volatility) - int(volatility) // 2 for volatility in found.volatility]


def test_quotes_are_the_values_at_their_volatilities_rounded_away_from_each_other() -> None:
    found = marks(contracts([60_000]), INDEX, NOW, BTC)
    sides = np.concatenate([found.bid_volatility, found.ask_volatility]) / SCALE
    below, above = valuate(61_700.0, 60_000.0, 30 / 365, sides, calls=True).price
    assert found.bid[0] == below // 5 * 5 * SCALE
    assert found.ask[0] == -(-above // 5) * 5 * SCALE


def test_a_bid_that_would_be_less_than_a_tick_is_none() -> None:
    found = marks(contracts([61_700, 200_000], tenor=DAY), INDEX, NOW, BTC)
    assert found.bid[0] > 0
    assert found.bid_volatility[0] > 0
    assert (found.bid[1], found.ask[1], found.bid_volatility[1]) == (0, 5 * SCALE, NO_BID_VOLATILITY)


def test_a_value_on_the_tick_is_bid_and_asked_a_tick_above() -> None:
    found = marks(contracts([50_000], tenor=0), INDEX, NOW, BTC)
    assert (found.price[0], found.bid[0], found.ask[0]) == (11_700 * SCALE, 11_700 * SCALE, 11_705 * SCALE)


@pytest.mark.parametrize("tenor", [0, -DAY])
def test_at_and_after_expiry_the_mark_is_the_payoff(tenor: int) -> None:
    calls = marks(contracts([50_000, 61_700, 70_000], tenor, unit=10), INDEX, NOW, BTC)
    puts = marks(contracts([50_000, 61_700, 70_000], tenor, call=False, unit=10), INDEX, NOW, BTC)
    assert calls.price.tolist() == [117_000 * SCALE, 0, 0]
    assert puts.price.tolist() == [0, 0, 83_000 * SCALE]
    assert calls.delta.tolist() == [SCALE, SCALE // 2, 0]
    assert not np.concatenate([calls.gamma, calls.theta, calls.vega]).any()


def test_a_greek_beyond_what_an_integer_holds_is_the_largest() -> None:
    found = marks(Contracts(np.array([1]), np.array([NOW + 1]), np.array([True]), 1, 1), 1, NOW, BTC)
    assert found.gamma.tolist() == [1 << 62]


def test_no_contract_is_no_trouble() -> None:
    assert [column.tolist() for column in marks(contracts([]), INDEX, NOW, BTC)] == [[]] * 10


@given(
    st.integers(1, 200_000 * SCALE),
    st.lists(st.tuples(st.floats(0.05, 20), st.integers(-DAY, 730 * DAY), st.booleans()), min_size=1, max_size=8),
    st.sampled_from([1, 100, 1000]),
    st.sampled_from([1, SCALE // 100, SCALE // 10, 5 * SCALE]),
    st.floats(0, 10),
)
def test_quotes_and_marks_agree_whatever_the_market_does(
    index: int, drawn: list[tuple[float, int, bool]], unit: int, tick: int, realised: float
) -> None:
    ratios, tenors, calls = zip(*drawn, strict=True)
    listed = Contracts(
        np.array([max(1, int(index * ratio)) for ratio in ratios]), NOW + np.array(tenors), np.array(calls), unit, tick
    )
    with np.errstate(all="raise", under="ignore"):
        found = marks(listed, index, NOW, BTC.tied_to(realised))
    assert (found.bid >= 0).all()
    assert (found.bid <= found.price).all()
    assert (found.price <= found.ask).all()
    assert (found.bid + tick <= found.ask).all()
    assert not (found.bid % tick).any()
    assert not (found.ask % tick).any()
    quoted = found.bid > 0
    assert (2 * found.volatility == found.bid_volatility + found.ask_volatility)[quoted].all()
    assert (found.bid_volatility[~quoted] == NO_BID_VOLATILITY).all()
    assert (np.abs(found.delta) <= SCALE).all()
    assert ((found.delta >= 0) == (listed.calls | (found.delta == 0))).all()
