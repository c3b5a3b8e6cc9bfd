"""Profiles: what a symbol says becomes what its crowd keeps to."""

import msgspec
import pytest

from papernet.core.units import SCALE
from papernet.simulator.profiles import Profile, profiles_for, resumed
from papernet.venues.spot.symbols import LotSize, MinNotional, Notional, PriceFilter, Symbol
from tests.unit.simulator.stage import ALL


def by_name(symbols: list[Symbol]) -> dict[str, Profile]:
    return {profile.symbol: profile for profile in profiles_for(symbols)}


DEFAULT = by_name(list(ALL.values()))


def test_every_packaged_symbol_has_a_crowd() -> None:
    assert list(DEFAULT) == list(ALL)


def test_limits_are_those_of_the_symbol() -> None:
    profile = DEFAULT["ETHBTC"]
    assert (profile.tick, profile.lot) == (1_000, 10_000)
    assert (profile.least_lots, profile.most_lots) == (1, 1_000_000_000)
    assert (profile.least_notional, profile.most_notional) == (10_000, 9_000_000 * SCALE)


@pytest.mark.parametrize("name", list(ALL))
def test_the_market_opens_where_the_symbol_says(name: str) -> None:
    profile = DEFAULT[name]
    assert abs(profile.price - ALL[name].initial_price) <= profile.tick
    assert profile.price % profile.tick == 0


def test_cross_prices_are_ratios_to_the_last_digit() -> None:
    def price(name: str) -> float:
        return DEFAULT[name].fair * DEFAULT[name].tick / SCALE

    assert price("ETHBTC") == pytest.approx(2683 / 61700, rel=1e-12)
    assert price("BNBBTC") / price("BNBETH") == pytest.approx(price("ETHBTC"), rel=1e-12)


def test_a_price_that_somebody_chose_stands() -> None:
    chosen = msgspec.structs.replace(ALL["ETHBTC"], initial_price=SCALE // 10)
    assert by_name([*ALL.values(), chosen][-1:])["ETHBTC"].price == SCALE // 10
    everything = [chosen if symbol.name == "ETHBTC" else symbol for symbol in ALL.values()]
    assert by_name(everything)["ETHBTC"].price == SCALE // 10


def test_the_order_of_listing_does_not_matter_for_prices() -> None:
    backwards = by_name(list(ALL.values())[::-1])
    assert {name: profile.fair for name, profile in backwards.items()} == {name: p.fair for name, p in DEFAULT.items()}


def test_a_symbol_without_an_opening_price_has_no_crowd() -> None:
    silent = msgspec.structs.replace(ALL["BTCUSDT"], initial_price=0)
    assert profiles_for([silent]) == ()


def own_symbol(*filters: PriceFilter | LotSize | MinNotional | Notional) -> Symbol:
    return Symbol("DOGEEUR", "DOGE", "EUR", filters, initial_price=SCALE // 4)


def test_habits_of_an_unknown_symbol_follow_its_least_order() -> None:
    filters = (PriceFilter(1_000, 0, 1_000), LotSize(SCALE, 0, SCALE), MinNotional(10 * SCALE, True, 5))
    (profile,) = profiles_for([own_symbol(*filters)])
    # The least order is 40 DOGE.
    assert profile.habits.taker_median == pytest.approx(320)
    assert profile.price == SCALE // 4


def test_a_symbol_may_leave_every_rule_off() -> None:
    (profile,) = profiles_for([own_symbol()])
    assert (profile.tick, profile.lot, profile.least_ticks, profile.least_lots) == (1, 1, 1, 1)
    assert profile.most_lots > 10**18


def test_resumed_prices_agree_unless_somebody_wanted_otherwise() -> None:
    profiles = list(DEFAULT.values())
    middles = [
        profile.fair * 1.1 if profile.base == "ETH" and profile.quote == "USDT" else profile.fair for profile in profiles
    ]
    cross = next(index for index, profile in enumerate(profiles) if profile.symbol == "ETHBTC")
    near, far = list(middles), list(middles)
    near[cross] *= 1.1005
    assert resumed(profiles, near)[cross].fair == pytest.approx(profiles[cross].fair * 1.1, rel=1e-12)
    assert resumed(profiles, far)[cross].fair == pytest.approx(profiles[cross].fair)
