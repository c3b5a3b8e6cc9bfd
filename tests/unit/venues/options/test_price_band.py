"""The band of order prices: its width by delta and moneyness, its bounds on the tick."""

import pytest

from papernet.venues.options.price_band import band
from tests.support.option_market import CALL, HIGH_CALL, OptionDesk, make_underlying, mark, units


def test_at_the_money_it_is_twice_the_coefficients_share_of_the_index() -> None:
    # 0.4 x 15 % x 50,000 = 3,000; 4 x (1 - 0.5) = 2
    desk = OptionDesk(make_underlying(tick_size=units("0.01")))
    mark(desk.market(), 8_000)
    assert band(desk.venue, desk.market()) == (units(2_000), units(14_000))


def test_in_the_money_it_is_no_narrower_than_once_that() -> None:
    desk = OptionDesk()
    mark(desk.market(), 8_000, 90)
    assert band(desk.venue, desk.market()) == (units(5_000), units(11_000))


def test_a_puts_delta_counts_without_its_sign() -> None:
    desk = OptionDesk()
    mark(desk.market(), 8_000, -90)
    assert band(desk.venue, desk.market()) == (units(5_000), units(11_000))


def test_out_of_the_money_the_second_coefficient_takes_over() -> None:
    # 0.4 x (7,500 + 10,000) = 7,000; 4 x (1 - 0.1) = 3.6
    desk = OptionDesk()
    assert band(desk.venue, desk.market(HIGH_CALL)) == (units(5), units(200 + 25_200))


def test_the_coefficients_are_the_underlyings() -> None:
    desk = OptionDesk(make_underlying(band=(units("0.2"), units("0.1"))))
    mark(desk.market(), 8_000)
    assert band(desk.venue, desk.market()) == (units(5_000), units(11_000))


def test_an_unmarked_contract_has_the_widest_band_around_what_it_would_pay() -> None:
    desk = OptionDesk()
    desk.market().mark = None
    assert band(desk.venue, desk.market()) == (units(5), units(12_000))


@pytest.mark.parametrize(
    ("price", "bounds"), [("7999", (2_000, 13_995)), ("8001", (2_005, 14_000)), ("8000.5", (2_005, 14_000))]
)
def test_bounds_are_inside_the_band_and_on_the_tick(price: str, bounds: tuple[int, int]) -> None:
    desk = OptionDesk()
    mark(desk.market(), price)
    assert band(desk.venue, desk.market()) == (units(bounds[0]), units(bounds[1]))


def test_a_contract_on_many_coins_has_a_band_that_much_wider() -> None:
    desk = OptionDesk(make_underlying(unit=10))
    mark(desk.market(), 80_000)
    assert band(desk.venue, desk.market()) == (units(20_000), units(140_000))


def test_there_is_always_one_price_left() -> None:
    desk = OptionDesk(make_underlying(band=(0, 0)))
    mark(desk.market(CALL), 1)
    assert band(desk.venue, desk.market()) == (units(5), units(5))
