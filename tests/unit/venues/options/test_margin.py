"""What portfolios are worth and what binds them: the documented formulas, in numbers that one can follow."""

import pytest
from msgspec.structs import replace

from papernet.core.commands import OptionTerms
from papernet.core.enums import Side
from papernet.venues.options import margin
from papernet.venues.options.market import Mark
from tests.support.option_market import (
    ALICE,
    BUY,
    CALL,
    ETH_CALL,
    HIGH_CALL,
    LOW_PUT,
    NOW,
    PUT,
    SELL,
    OptionDesk,
    fund,
    hold,
    make_underlying,
    make_venue,
    mark,
    units,
)

# Of one contract at the money: 15 % of 50,000, and the mark; of one far out: 10 %, and the mark.
AT_THE_MONEY, FAR_OUT = 7_500 + 2_000, 5_000 + 200


def need(desk: OptionDesk, side: Side, quantity: int | str, price: int, symbol: str = CALL) -> int:
    terms = OptionTerms(ALICE, symbol, side, units(quantity), units(price))
    return margin.order_need(desk.venue, desk.portfolio(ALICE), terms)


# ---- what there is


def test_the_published_account_update_adds_up() -> None:
    # Account Update: b 10000475.51032086, m -103.8957, eq 10000371.61462086, and aeq is b with shorts only.
    venue = make_venue()
    portfolio = fund(venue, ALICE, "10000475.51032086")
    hold(venue, ALICE, CALL, "-0.1", 1_200)
    mark(venue.markets[CALL], "1038.957")
    assert margin.position_value(venue, portfolio) == units("-103.8957")
    assert margin.equity(venue, portfolio) == units("10000371.61462086")
    assert margin.adjusted_equity(venue, portfolio) == units("10000475.51032086")
    assert margin.unrealized(venue, portfolio) == units("-103.8957") + units(120)


def test_longs_are_worth_their_marks_and_shorts_owe_theirs() -> None:
    desk = OptionDesk(funds=1_000)
    portfolio = desk.portfolio(ALICE)
    hold(desk.venue, ALICE, CALL, 2, 1_500)
    hold(desk.venue, ALICE, HIGH_CALL, -3, 300)
    assert margin.position_value(desk.venue, portfolio) == units(4_000 - 600)
    assert margin.long_value(desk.venue, portfolio) == units(4_000)
    assert margin.unrealized(desk.venue, portfolio) == units(1_000 + 300)
    assert margin.equity(desk.venue, portfolio) == units(1_000 + 3_400)
    assert margin.adjusted_equity(desk.venue, portfolio) == units(1_000 + 4_000)


def test_an_unmarked_contract_is_worth_what_it_would_pay() -> None:
    desk = OptionDesk()
    hold(desk.venue, ALICE, CALL, 1, 1_500)
    desk.market().mark = None
    desk.venue.indexes["BTCUSDT"].take(units(50_700))
    assert margin.position_value(desk.venue, desk.portfolio(ALICE)) == units(700)


def test_greeks_add_up_by_underlying() -> None:
    desk = OptionDesk()
    portfolio = desk.portfolio(ALICE)
    desk.market(CALL).mark = Mark(NOW, units(2_000), delta=units("0.5"), gamma=units("0.01"), theta=units(-30), vega=units(20))
    desk.market(PUT).mark = Mark(NOW, units(2_000), delta=units("-0.5"), gamma=units("0.01"), theta=units(-20), vega=units(10))
    desk.market(ETH_CALL).mark = None
    hold(desk.venue, ALICE, CALL, 2, 1)
    hold(desk.venue, ALICE, PUT, -1, 1)
    hold(desk.venue, ALICE, ETH_CALL, 1, 1)
    assert margin.greeks(desk.venue, portfolio) == {
        "BTCUSDT": (units("1.5"), units("0.01"), units(-40), units(30)),
        "ETHUSDT": (0, 0, 0, 0),
    }


def test_delta_and_gamma_are_of_one_coin_and_theta_and_vega_of_a_contract() -> None:
    desk = OptionDesk(make_underlying(unit=100))
    desk.market().mark = Mark(NOW, units(2_000), delta=units("0.5"), gamma=units("0.01"), theta=units(-30), vega=units(20))
    hold(desk.venue, ALICE, CALL, 1, 1)
    assert margin.greeks(desk.venue, desk.portfolio(ALICE)) == {"BTCUSDT": (units(50), units(1), units(-30), units(20))}


# ---- what writers owe


@pytest.mark.parametrize(
    ("symbol", "initial", "maintenance"),
    [
        (CALL, AT_THE_MONEY, 3_750 + 2_000),
        (PUT, AT_THE_MONEY, 3_750 + 2_000),
        (HIGH_CALL, FAR_OUT, 2_500 + 200),
        (LOW_PUT, FAR_OUT, 2_500 + 200),
    ],
)
def test_margins_of_a_short(symbol: str, initial: int, maintenance: int) -> None:
    desk = OptionDesk()
    hold(desk.venue, ALICE, symbol, -2, 100)
    portfolio = desk.portfolio(ALICE)
    assert margin.initial_margin(desk.venue, portfolio) == units(2 * initial)
    assert margin.maintenance_margin(desk.venue, portfolio) == units(2 * maintenance)
    assert margin.initial_of_short(desk.venue, desk.market(symbol), units(1)) == units(initial)
    assert margin.maintenance_of_short(desk.venue, desk.market(symbol), units(1)) == units(maintenance)


def test_what_a_short_is_out_of_the_money_by_lowers_its_margin_down_to_the_least() -> None:
    desk = OptionDesk()
    hold(desk.venue, ALICE, CALL, -1, 100)
    portfolio = desk.portfolio(ALICE)
    # 15 % of 48,000 less 2,000 is above 10 %; 15 % of 47,000 less 3,000 is below.
    for index, initial in ((48_000, 7_200 - 2_000), (47_000, 4_700), (60_000, 9_000)):
        desk.venue.indexes["BTCUSDT"].take(units(index))
        assert margin.initial_margin(desk.venue, portfolio) == units(initial + 2_000)


def test_the_unit_multiplies_the_index_and_not_the_mark() -> None:
    desk = OptionDesk(make_underlying(unit=10))
    assert margin.initial_of_short(desk.venue, desk.market(), units(1)) == units(75_000 + 2_000)


def test_longs_owe_nothing_and_help_no_short() -> None:
    desk = OptionDesk(funds=20_000)
    hold(desk.venue, ALICE, CALL, 5, 100)
    portfolio = desk.portfolio(ALICE)
    assert margin.initial_margin(desk.venue, portfolio) == margin.maintenance_margin(desk.venue, portfolio) == 0
    hold(desk.venue, ALICE, HIGH_CALL, -1, 100)
    assert margin.initial_margin(desk.venue, portfolio) == units(FAR_OUT)
    assert margin.available(desk.venue, portfolio) == units(20_000 - FAR_OUT)


def test_margins_are_rounded_up() -> None:
    desk = OptionDesk()
    mark(desk.market(), "2000.00000001")
    assert margin.initial_of_short(desk.venue, desk.market(), units("0.01")) == units("95.00000001")
    assert margin.maintenance_of_short(desk.venue, desk.market(), units("0.01")) == units("57.50000001")


# ---- what orders bind


def test_buying_binds_premium_and_fee() -> None:
    assert need(OptionDesk(), BUY, 2, 2_000) == units(2 * 2_015)
    # 10 % of the premium is less than 0.03 % of the index
    assert need(OptionDesk(), BUY, 2, 100) == units(2 * 110)


def test_the_fee_reckoned_with_is_the_higher_of_makers_and_takers() -> None:
    desk = OptionDesk()
    desk.portfolio(ALICE).maker_rate = units("0.0006")
    assert need(desk, BUY, 1, 2_000) == units(2_030)
    desk.portfolio(ALICE).maker_rate, desk.portfolio(ALICE).taker_rate = -1, 0
    assert need(desk, BUY, 1, 2_000) == units(2_000)


@pytest.mark.parametrize(
    ("price", "expected"),
    [(2_000, 7_500), (1_000, 8_500), (5_000, 5_000)],
    ids=["at the mark", "below: what is given away is owed", "above: but never less than the least"],
)
def test_writing_binds_margin_less_what_it_brings_in(price: int, expected: int) -> None:
    assert need(OptionDesk(), SELL, 2, price) == units(2 * (expected + 15))


def test_selling_what_one_has_binds_nothing() -> None:
    desk = OptionDesk()
    hold(desk.venue, ALICE, CALL, 2, 1)
    assert need(desk, SELL, 2, 2_000) == 0
    assert need(desk, SELL, 3, 2_000) == units(7_515), "only the third is written"


def test_selling_binds_as_soon_as_open_orders_sell_all_there_is() -> None:
    desk = OptionDesk()
    hold(desk.venue, ALICE, CALL, 2, 1)
    assert desk.place(ALICE, SELL, "1.5", 3_000) is None
    assert need(desk, SELL, 1, 2_000) == units(7_515) // 2
    assert desk.place(ALICE, SELL, "1.5", 3_000) is None
    assert need(desk, SELL, 1, 2_000) == units(7_515), "and never more than all of the order"


def test_closing_a_short_is_paid_from_its_own_margin() -> None:
    desk = OptionDesk()
    hold(desk.venue, ALICE, CALL, -2, 2_000)
    assert need(desk, BUY, 1, 2_000) == 0
    assert need(desk, BUY, 2, 8_000) == 0
    # beyond the margin of 9,500 a contract
    assert need(desk, BUY, 2, 10_000) == units(2 * (10_000 + 15) - 2 * AT_THE_MONEY)
    assert need(desk, BUY, 3, 2_000) == units(2_015), "the third opens a position"


def test_a_short_may_use_its_share_of_a_balance_that_is_less_than_all_margins() -> None:
    desk = OptionDesk(funds=6_000)
    hold(desk.venue, ALICE, CALL, -2, 2_000)
    # all of the balance: 3,000 a contract
    assert need(desk, BUY, 1, 4_000) == units(4_015 - 3_000)
    hold(desk.venue, ALICE, PUT, -2, 2_000)
    # the other short has the other half
    assert need(desk, BUY, 1, 4_000) == units(4_015 - 1_500)
    desk.portfolio(ALICE).balance = units(-1)
    assert need(desk, BUY, 1, 4_000) == units(4_015)


def test_a_short_without_margin_pays_for_nothing() -> None:
    free = make_underlying()
    desk = OptionDesk(replace(free, margins=free.margins.__class__(0, 0, 0, 0)))
    mark(desk.market(), 0)
    hold(desk.venue, ALICE, CALL, -1, 2_000)
    assert need(desk, BUY, 1, 2_000) == units(2_015)


def test_open_orders_close_a_position_in_the_order_in_which_they_came() -> None:
    desk = OptionDesk()
    portfolio = desk.portfolio(ALICE)
    hold(desk.venue, ALICE, CALL, -2, 2_000)
    for quantity, bound in (("1.5", 0), ("1", 2_015 // 2 + 0.5), ("1", 2_015)):
        before = margin.order_margin(desk.venue, portfolio)
        expected = need(desk, BUY, quantity, 2_000)
        assert expected == round(bound * 10**8)
        assert desk.place(ALICE, BUY, quantity, 2_000) is None
        assert margin.order_margin(desk.venue, portfolio) == before + expected
    assert desk.place(ALICE, SELL, 1, 4_000) is None
    assert margin.order_margin(desk.venue, portfolio) == units("3022.5") + units(5_515)


def test_what_is_available_is_what_nothing_binds_and_never_below_0() -> None:
    desk = OptionDesk(funds=20_000)
    portfolio = desk.portfolio(ALICE)
    hold(desk.venue, ALICE, CALL, -1, 2_000)
    assert desk.place(ALICE, BUY, 1, 3_000, symbol=PUT) is None
    assert margin.available(desk.venue, portfolio) == units(20_000 - AT_THE_MONEY - 3_015)
    portfolio.balance = units(10)
    assert margin.available(desk.venue, portfolio) == 0


def test_an_order_can_be_afforded_down_to_the_last_unit() -> None:
    desk = OptionDesk()
    portfolio = desk.portfolio(ALICE)
    terms = OptionTerms(ALICE, CALL, BUY, units(1), units(2_000))
    portfolio.balance = units(2_015)
    assert margin.can_afford(desk.venue, portfolio, terms)
    portfolio.balance -= 1
    assert not margin.can_afford(desk.venue, portfolio, terms)
    portfolio.balance = units(2 * 2_015)
    assert desk.send(terms) is None
    assert margin.can_afford(desk.venue, portfolio, terms)
    portfolio.balance -= 1
    assert not margin.can_afford(desk.venue, portfolio, terms)


def test_open_orders_never_bind_more_than_the_quick_reckoning_says() -> None:
    desk = OptionDesk()
    portfolio = desk.portfolio(ALICE)
    hold(desk.venue, ALICE, PUT, 1, 2_000)
    hold(desk.venue, ALICE, HIGH_CALL, -1, 2_000)
    assert margin.most_of_orders(desk.venue, portfolio) == 0, "a position without orders binds nothing in this respect"
    assert desk.place(ALICE, BUY, 1, 2_000) is None
    assert margin.most_of_orders(desk.venue, portfolio) == units(2_200) + 4
    assert desk.place(ALICE, SELL, 1, 3_000, symbol=PUT) is None
    assert margin.most_of_orders(desk.venue, portfolio) == units(2_200) + 8
    assert desk.place(ALICE, SELL, 1, 3_000, symbol=PUT) is None
    assert margin.most_of_orders(desk.venue, portfolio) == units(2_200 + AT_THE_MONEY + 15) + 12
    assert margin.order_margin(desk.venue, portfolio) == units(2_015 + 6_500 + 15)


def test_what_binds_nothing_can_always_be_afforded() -> None:
    desk = OptionDesk()
    hold(desk.venue, ALICE, CALL, 1, 2_000)
    desk.portfolio(ALICE).balance = units(-5)
    assert margin.can_afford(desk.venue, desk.portfolio(ALICE), OptionTerms(ALICE, CALL, SELL, units(1), units(2_000)))
