"""Fees: the worked examples of the published FAQ, the caps, rebates, and what rounding may not do."""

from hypothesis import given
from hypothesis import strategies as st

from papernet.venues.options.fees import (
    exercise_fee,
    liquidation_fee,
    maker_rate,
    most_of_trading_fee,
    taker_rate,
    trading_fee,
)
from tests.support.option_market import ALICE, ETHUSDT, OptionDesk, make_underlying, units

ETH = make_underlying(ETHUSDT)
XRP = make_underlying("XRPUSDT", unit=100)
RATE = units("0.0003")


def test_the_published_example_of_a_trade() -> None:
    # 3 contracts at 1,000 while the index is 2,000: min(0.03 % x 2,000, 10 % x 1,000) x 3
    assert trading_fee(ETH, RATE, units(2_000), units(1_000), units(3)) == units("1.8")


def test_the_published_example_of_an_exercise() -> None:
    # a call at 2,000 settled at 2,200: min(0.015 % x 2,200, 10 % x 200) x 3
    assert exercise_fee(ETH, units(2_200), units(200), units(3)) == units("0.99")


def test_the_published_example_of_a_liquidation() -> None:
    # min(0.19 % x 2,000 x 3, 25 % x premium)
    assert liquidation_fee(ETH, units(2_000), units(100), units(-3)) == units("11.4")


def test_no_trade_costs_more_than_a_tenth_of_its_premium() -> None:
    assert trading_fee(ETH, RATE, units(2_000), units("0.5"), units(2)) == units("0.1")


def test_no_exercise_costs_more_than_a_tenth_of_what_it_pays() -> None:
    assert exercise_fee(ETH, units(2_200), units("0.2"), units(3)) == units("0.06")
    assert exercise_fee(ETH, units(2_200), 0, units(3)) == 0


def test_no_liquidation_costs_more_than_a_quarter_of_the_premium() -> None:
    assert liquidation_fee(ETH, units(2_000), units(4), units(3)) == units(3)


def test_a_contract_on_many_coins_pays_for_all_of_them() -> None:
    assert trading_fee(XRP, RATE, units(2), units(10), units(1)) == units("0.06")
    assert liquidation_fee(XRP, units(2), units(10), units(1)) == units("0.38")
    assert exercise_fee(XRP, units(2), units(10), units(1)) == units("0.03")


def test_a_writer_pays_as_an_owner_does_for_exercise() -> None:
    assert exercise_fee(ETH, units(2_200), units(200), units(-3)) == units("0.99")


def test_a_negative_rate_is_a_rebate() -> None:
    assert trading_fee(ETH, -RATE, units(2_000), units(1_000), units(3)) == units("-1.8")


def test_the_rates_are_the_underlyings_unless_the_account_has_its_own() -> None:
    portfolio = OptionDesk().portfolio(ALICE)
    special = make_underlying(fees=ETH.fees.__class__(1, 2, 3, 4, 5, 6))
    assert (maker_rate(portfolio, special), taker_rate(portfolio, special)) == (1, 2)
    portfolio.maker_rate, portfolio.taker_rate = 0, -7
    assert (maker_rate(portfolio, special), taker_rate(portfolio, special)) == (0, -7)


@given(
    st.integers(0, 10**6),
    st.integers(1, 10**13),
    st.integers(1, 10**12),
    st.lists(st.integers(1, 10**10), min_size=1, max_size=5),
)
def test_the_fees_of_all_fills_are_never_more_than_what_the_order_reckoned_with(
    rate: int, index: int, price: int, fills: list[int]
) -> None:
    paid = sum(trading_fee(ETH, rate, index, price, quantity) for quantity in fills)
    at_most = most_of_trading_fee(ETH, rate, index, price, sum(fills))
    assert paid <= at_most <= paid + len(fills)
