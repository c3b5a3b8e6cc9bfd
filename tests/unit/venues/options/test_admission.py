"""The guards of an options order: each alone, and which of several is told."""

from typing import Any

import pytest
from msgspec.structs import replace

from papernet.core.commands import OptionTerms
from papernet.core.enums import RiskLevel, Side
from papernet.core.rejects import Reason
from papernet.venues.options.admission import refusal_of
from papernet.venues.options.portfolio import Protection
from tests.support.option_market import (
    ALICE,
    BOB,
    BTCUSDT,
    BUY,
    CALL,
    CAROL,
    CROWD,
    ETH_CALL,
    ETHUSDT,
    EXPIRY,
    FOK,
    GTC,
    HIGH_CALL,
    IOC,
    LOW_PUT,
    MAKER,
    PUT,
    SELL,
    OptionDesk,
    hold,
    make_underlying,
    mark,
    units,
)


@pytest.fixture
def desk() -> OptionDesk:
    return OptionDesk()


def limited(**limits: int) -> OptionDesk:
    """Return a desk whose contracts have the given limits, quantities in whole contracts; accounts are rich."""
    names = ("orders_a_contract", "orders")
    changes = {name: value if name in names else units(value) for name, value in limits.items()}
    plain = make_underlying()
    return OptionDesk(replace(plain, limits=replace(plain.limits, **changes)), make_underlying(ETHUSDT), funds=50_000_000)


# ---- the account


def test_who_may_not_trade_places_nothing(desk: OptionDesk) -> None:
    desk.portfolio(ALICE).can_trade = False
    assert desk.place(ALICE, BUY, 1, 100) is Reason.OPTIONS_TRADING_DISABLED


def test_only_market_makers_have_protected_orders(desk: OptionDesk) -> None:
    assert desk.place(ALICE, BUY, 1, 100, is_protected=True) is Reason.NOT_A_MARKET_MAKER
    assert desk.place(MAKER, BUY, 1, 100, is_protected=True) is None


def test_a_client_order_id_is_used_once_among_open_orders_of_all_contracts(desk: OptionDesk) -> None:
    assert desk.place(ALICE, BUY, 1, 100, client_order_id="mine") is None
    assert desk.place(ALICE, BUY, 1, 100, symbol=PUT, client_order_id="mine") is Reason.DUPLICATE_OPTION_CLIENT_ORDER_ID
    assert desk.place(BOB, BUY, 1, 100, client_order_id="mine") is None
    assert desk.place(CROWD, SELL, 2, 100) is None
    assert desk.place(ALICE, BUY, 1, 100, client_order_id="mine") is None


def test_orders_without_a_client_order_id_do_not_share_one(desk: OptionDesk) -> None:
    assert desk.place(ALICE, BUY, 1, 100) is None
    assert desk.place(ALICE, BUY, 1, 100) is None


def test_a_contract_trades_until_the_instant_at_which_it_expires(desk: OptionDesk) -> None:
    desk.at = EXPIRY - 1
    assert desk.place(ALICE, BUY, 1, 100) is None
    desk.at = EXPIRY
    assert desk.place(ALICE, BUY, 1, 100) is Reason.CONTRACT_NOT_TRADING


def test_a_contract_that_is_not_listed_is_unknown(desk: OptionDesk) -> None:
    assert desk.place(ALICE, BUY, 1, 100, symbol="BTC-260123-51000-C") is Reason.UNKNOWN_CONTRACT


@pytest.mark.parametrize(("until", "reason"), [(0, None), (1, Reason.PROTECTION_FROZEN), (-1, Reason.PROTECTION_FROZEN)])
def test_a_protection_that_was_triggered_keeps_protected_orders_out(
    desk: OptionDesk, until: int, reason: Reason | None
) -> None:
    protection = Protection(1_000, 0, units(1), units(1))
    protection.frozen_until = desk.at + until if until > 0 else until
    desk.portfolio(MAKER).protections[BTCUSDT] = protection
    assert desk.place(MAKER, BUY, 1, 100, is_protected=True) is reason
    assert desk.place(MAKER, BUY, 1, 100) is None, "others may come"
    assert desk.place(MAKER, BUY, 1, 50, symbol=ETH_CALL, is_protected=True) is None, "and on other underlyings"


# ---- price and quantity


@pytest.mark.parametrize(
    ("side", "price", "reason"),
    [
        (BUY, 14_000, None),
        (BUY, 14_005, Reason.OPTION_PRICE_TOO_HIGH),
        (SELL, 14_005, None),
        (SELL, 2_000, None),
        (SELL, 1_995, Reason.OPTION_PRICE_TOO_LOW),
        (BUY, 1_995, None),
        (BUY, 5, None),
        (BUY, 0, Reason.OPTION_PRICE_TOO_LOW),
        (BUY, "4.99", Reason.OPTION_PRICE_TOO_LOW),
        (SELL, 0, Reason.OPTION_PRICE_TOO_LOW),
        (BUY, "2000.01", Reason.OPTION_TICK_SIZE),
        (SELL, 2_003, Reason.OPTION_TICK_SIZE),
    ],
)
def test_prices_are_within_the_band_and_on_the_tick(
    desk: OptionDesk, side: Side, price: int | str, reason: Reason | None
) -> None:
    mark(desk.market(), 8_000)
    assert desk.place(ALICE, side, "0.01", price) is reason


@pytest.mark.parametrize(
    ("quantity", "reason"),
    [
        ("0.01", None),
        ("0", Reason.OPTION_QUANTITY_TOO_SMALL),
        ("0.009", Reason.OPTION_QUANTITY_TOO_SMALL),
        ("0.015", Reason.OPTION_STEP_SIZE),
        ("9", None),
        ("9.01", Reason.OPTION_QUANTITY_TOO_LARGE),
    ],
)
def test_quantities_are_within_their_limits_and_on_the_step(quantity: str, reason: Reason | None) -> None:
    assert limited(quantity_an_order=9).place(ALICE, BUY, quantity, 100) is reason


# ---- how much is open


def test_so_many_orders_may_be_open_on_a_contract() -> None:
    desk = limited(orders_a_contract=2)
    assert desk.place(ALICE, BUY, 1, 100) is None
    assert desk.place(ALICE, SELL, 1, 3_000) is None
    assert desk.place(ALICE, BUY, 1, 100) is Reason.TOO_MANY_ORDERS_ON_CONTRACT
    assert desk.place(ALICE, BUY, 1, 100, tif=IOC) is Reason.TOO_MANY_ORDERS_ON_CONTRACT, "one that will not rest, either"
    assert desk.place(BOB, BUY, 1, 100) is None
    assert desk.place(ALICE, BUY, 1, 100, symbol=PUT) is None
    for _ in range(3):
        assert desk.place(CROWD, BUY, 1, 100) is None, "the crowd has no limits"


def test_so_many_orders_may_be_open_on_an_underlying() -> None:
    desk = limited(orders_a_contract=2, orders=3)
    for symbol in (CALL, PUT, HIGH_CALL):
        assert desk.place(ALICE, BUY, 1, 50, symbol=symbol) is None
    assert desk.place(ALICE, BUY, 1, 50, symbol=LOW_PUT) is Reason.TOO_MANY_ORDERS_ON_UNDERLYING
    assert desk.place(ALICE, BUY, 1, 50, symbol=ETH_CALL) is None
    assert desk.place(ALICE, BUY, 1, 50, symbol=ETH_CALL) is None, "each underlying counts its own"


# ---- how much is held


def test_a_position_in_a_contract_has_a_limit_whichever_way_it_is() -> None:
    desk = limited(position_a_contract=3)
    assert desk.place(ALICE, BUY, 4, 100) is Reason.LONG_POSITION_TOO_LARGE
    assert desk.place(ALICE, SELL, 4, 3_000) is Reason.SHORT_POSITION_TOO_LARGE_ON_CONTRACT
    assert desk.place(ALICE, BUY, 2, 100) is None
    assert desk.place(ALICE, BUY, 2, 100) is Reason.LONG_POSITION_TOO_LARGE, "open orders count"
    assert desk.place(ALICE, SELL, 3, 3_000) is None, "those of the other side do not"


def test_what_is_held_leaves_that_much_less_or_more() -> None:
    desk = limited(position_a_contract=3)
    hold(desk.venue, ALICE, CALL, 2, 100)
    assert desk.place(ALICE, BUY, 2, 100) is Reason.LONG_POSITION_TOO_LARGE
    assert desk.place(ALICE, SELL, 6, 3_000) is Reason.SHORT_POSITION_TOO_LARGE_ON_CONTRACT
    assert desk.place(ALICE, SELL, 5, 3_000) is None


def test_all_longs_on_an_underlying_have_a_limit() -> None:
    desk = limited(long=3)
    hold(desk.venue, ALICE, HIGH_CALL, 1, 100)
    hold(desk.venue, ALICE, LOW_PUT, -5, 100)
    assert desk.place(ALICE, BUY, 1, 100, symbol=PUT) is None
    assert desk.place(ALICE, BUY, 2, 100) is Reason.LONG_POSITION_TOO_LARGE
    assert desk.place(ALICE, BUY, 1, 100) is None
    assert desk.place(ALICE, BUY, 5, 100, symbol=LOW_PUT) is None, "closing a short makes no long"
    assert desk.place(ALICE, BUY, 2, 50, symbol=ETH_CALL) is None


def test_all_shorts_on_an_underlying_have_a_limit() -> None:
    desk = limited(short=3)
    hold(desk.venue, ALICE, HIGH_CALL, -1, 100)
    hold(desk.venue, ALICE, LOW_PUT, 5, 100)
    assert desk.place(ALICE, SELL, 1, 3_000, symbol=PUT) is None
    assert desk.place(ALICE, SELL, 2, 3_000) is Reason.SHORT_POSITION_TOO_LARGE_ON_UNDERLYING
    assert desk.place(ALICE, SELL, 1, 3_000) is None
    assert desk.place(ALICE, SELL, 5, 3_000, symbol=LOW_PUT) is None, "selling what one has makes no short"


def test_what_is_held_of_the_contract_itself_counts_once() -> None:
    desk = limited(long=3, short=3)
    hold(desk.venue, ALICE, CALL, 1, 100)
    hold(desk.venue, BOB, CALL, -1, 100)
    assert desk.place(ALICE, BUY, 3, 100) is Reason.LONG_POSITION_TOO_LARGE
    assert desk.place(ALICE, BUY, 2, 100) is None
    assert desk.place(BOB, SELL, 3, 3_000) is Reason.SHORT_POSITION_TOO_LARGE_ON_UNDERLYING
    assert desk.place(BOB, SELL, 2, 3_000) is None


def test_who_has_too_much_of_one_side_may_still_have_the_other() -> None:
    desk = limited(long=3, short=3)
    hold(desk.venue, ALICE, HIGH_CALL, 5, 100)
    hold(desk.venue, BOB, HIGH_CALL, -5, 100)
    assert desk.place(ALICE, SELL, 1, 3_000) is None
    assert desk.place(BOB, BUY, 1, 100) is None


def test_longs_and_shorts_together_have_a_limit() -> None:
    desk = limited(position=4)
    hold(desk.venue, ALICE, HIGH_CALL, -2, 100)
    hold(desk.venue, ALICE, PUT, 1, 100)
    assert desk.place(ALICE, BUY, 2, 100) is Reason.LONG_POSITION_TOO_LARGE
    assert desk.place(ALICE, SELL, 2, 3_000) is Reason.SHORT_POSITION_TOO_LARGE_ON_UNDERLYING
    assert desk.place(ALICE, BUY, 1, 100) is None
    assert desk.place(ALICE, SELL, 1, 3_000) is Reason.SHORT_POSITION_TOO_LARGE_ON_UNDERLYING


def test_a_contract_with_orders_of_both_sides_counts_for_both() -> None:
    desk = limited(position=4)
    assert desk.place(ALICE, BUY, 2, 100) is None
    assert desk.place(ALICE, SELL, 2, 3_000) is None
    assert desk.place(ALICE, SELL, 1, 3_000) is Reason.SHORT_POSITION_TOO_LARGE_ON_UNDERLYING
    assert desk.place(ALICE, BUY, 1, 100) is Reason.LONG_POSITION_TOO_LARGE


# ---- writing


def test_who_may_not_write_sells_what_there_is_and_no_more(desk: OptionDesk) -> None:
    assert desk.place(CAROL, SELL, 1, 3_000) is Reason.NO_POSITION_TO_SELL
    hold(desk.venue, CAROL, CALL, 2, 100)
    assert desk.place(CAROL, SELL, 3, 3_000) is Reason.NO_POSITION_TO_SELL
    assert desk.place(CAROL, SELL, 1, 3_000) is None
    assert desk.place(CAROL, SELL, "1.01", 3_000) is Reason.NO_POSITION_TO_SELL, "what open orders sell is no longer there"
    assert desk.place(CAROL, SELL, 1, 3_000) is None


def test_contracts_on_some_underlyings_may_not_be_written_by_users() -> None:
    desk = OptionDesk(make_underlying(may_be_written=False))
    assert desk.place(ALICE, SELL, 1, 3_000) is Reason.CONTRACT_NOT_WRITTEN
    assert desk.place(CROWD, SELL, 1, 3_000) is None
    hold(desk.venue, ALICE, CALL, 1, 100)
    assert desk.place(ALICE, SELL, 1, 3_000) is None


# ---- orders that only reduce


def test_a_reduce_only_order_needs_a_position_of_the_other_side(desk: OptionDesk) -> None:
    assert desk.place(ALICE, SELL, 1, 3_000, reduce_only=True) is Reason.REDUCE_ONLY_WOULD_FLIP
    hold(desk.venue, ALICE, CALL, 2, 100)
    assert desk.place(ALICE, BUY, 1, 100, reduce_only=True) is Reason.REDUCE_ONLY_WOULD_FLIP
    assert desk.place(ALICE, SELL, 3, 3_000, reduce_only=True) is Reason.REDUCE_ONLY_WOULD_FLIP
    assert desk.place(ALICE, SELL, 2, 3_000, reduce_only=True) is None


def test_the_same_for_a_short(desk: OptionDesk) -> None:
    hold(desk.venue, ALICE, CALL, -2, 100)
    assert desk.place(ALICE, SELL, 1, 3_000, reduce_only=True) is Reason.REDUCE_ONLY_WOULD_FLIP
    assert desk.place(ALICE, BUY, 3, 100, reduce_only=True) is Reason.REDUCE_ONLY_WOULD_FLIP
    assert desk.place(ALICE, BUY, 2, 100, reduce_only=True) is None


def test_open_orders_of_the_same_side_conflict_with_a_reduce_only_order(desk: OptionDesk) -> None:
    hold(desk.venue, ALICE, CALL, 2, 100)
    assert desk.place(ALICE, SELL, 1, 3_000) is None
    assert desk.place(ALICE, SELL, 2, 3_000, reduce_only=True) is Reason.REDUCE_ONLY_CONFLICTS
    assert desk.place(ALICE, BUY, 2, 100) is None, "those of the other side do not"
    assert desk.place(ALICE, SELL, 1, 3_000, reduce_only=True) is None


def test_a_portfolio_at_risk_may_only_reduce(desk: OptionDesk) -> None:
    hold(desk.venue, ALICE, CALL, 2, 100)
    hold(desk.venue, ALICE, PUT, -1, 100)
    desk.portfolio(ALICE).level = RiskLevel.REDUCE_ONLY
    assert desk.place(ALICE, BUY, 1, 100) is Reason.PORTFOLIO_MAY_ONLY_REDUCE
    assert desk.place(ALICE, SELL, 3, 3_000) is Reason.PORTFOLIO_MAY_ONLY_REDUCE
    assert desk.place(ALICE, SELL, 2, 3_000) is None
    assert desk.place(ALICE, SELL, "0.01", 3_000) is Reason.PORTFOLIO_MAY_ONLY_REDUCE
    assert desk.place(ALICE, BUY, 1, 100, symbol=PUT) is None


# ---- the book


@pytest.mark.parametrize("how", [{"post_only": True}, {"is_gtx": True}])
def test_an_order_that_must_not_take_is_refused_where_it_would(desk: OptionDesk, how: dict[str, Any]) -> None:
    desk.place(BOB, SELL, 1, 3_000)
    assert desk.place(ALICE, BUY, 1, 3_000, **how) is Reason.OPTION_WOULD_TAKE
    assert desk.place(ALICE, BUY, 1, 2_995, **how) is None


def test_fill_or_kill_is_refused_unless_all_of_it_is_there(desk: OptionDesk) -> None:
    desk.place(BOB, SELL, 1, 3_000)
    desk.place(BOB, SELL, 1, 3_005)
    assert desk.place(ALICE, BUY, 2, 3_000, tif=FOK) is Reason.OPTION_CANNOT_FILL
    assert desk.place(ALICE, BUY, "2.01", 3_005, tif=FOK) is Reason.OPTION_CANNOT_FILL
    assert desk.place(ALICE, BUY, 2, 3_005, tif=FOK) is None
    assert desk.quantity(ALICE) == units(2)


# ---- what it costs


def test_a_buyer_needs_premium_and_fee(desk: OptionDesk) -> None:
    desk.portfolio(ALICE).balance = units(2 * 2_015) - 1
    assert desk.place(ALICE, BUY, 2, 2_000) is Reason.OPTION_BALANCE_INSUFFICIENT
    desk.portfolio(ALICE).balance += 1
    assert desk.place(ALICE, BUY, 2, 2_000) is None
    assert desk.place(ALICE, BUY, "0.01", 5, symbol=PUT) is Reason.OPTION_BALANCE_INSUFFICIENT


def test_a_writer_needs_margin(desk: OptionDesk) -> None:
    desk.portfolio(ALICE).balance = units(7_515) - 1
    assert desk.place(ALICE, SELL, 1, 2_000) is Reason.OPTION_MARGIN_INSUFFICIENT
    desk.portfolio(ALICE).balance += 1
    assert desk.place(ALICE, SELL, 1, 2_000) is None


def test_the_crowd_needs_neither() -> None:
    desk = OptionDesk()
    desk.portfolio(CROWD).balance = 0
    assert desk.place(CROWD, SELL, 1, 3_000) is None
    assert desk.place(CROWD, BUY, 1, 2_000) is None


# ---- which of several


def without_limits_on_numbers(desk: OptionDesk) -> None:
    for market in desk.venue.markets.values():
        market.underlying = replace(market.underlying, limits=replace(market.underlying.limits, orders_a_contract=9, orders=9))


# What is told of an order with which all is wrong, what of the portfolio puts that right, and what of the order.
WALK: tuple[tuple[Reason, dict[str, object], dict[str, object]], ...] = (
    (Reason.OPTIONS_TRADING_DISABLED, {"can_trade": True}, {}),
    (Reason.NOT_A_MARKET_MAKER, {"is_market_maker": True}, {}),
    (Reason.DUPLICATE_OPTION_CLIENT_ORDER_ID, {}, {"client_order_id": "another"}),
    (Reason.CONTRACT_NOT_TRADING, {}, {}),
    (Reason.PROTECTION_FROZEN, {}, {"is_protected": False}),
    (Reason.OPTION_PRICE_TOO_LOW, {}, {"price": units("2000.01")}),
    (Reason.OPTION_TICK_SIZE, {}, {"price": units(2_000)}),
    (Reason.OPTION_QUANTITY_TOO_SMALL, {}, {"quantity": units("100.001")}),
    (Reason.OPTION_QUANTITY_TOO_LARGE, {}, {"quantity": units("9.001")}),
    (Reason.OPTION_STEP_SIZE, {}, {"quantity": units(9)}),
    (Reason.TOO_MANY_ORDERS_ON_CONTRACT, {}, {"symbol": PUT}),
    (Reason.TOO_MANY_ORDERS_ON_UNDERLYING, {}, {}),
    (Reason.SHORT_POSITION_TOO_LARGE_ON_CONTRACT, {}, {"quantity": units(7)}),
    (Reason.SHORT_POSITION_TOO_LARGE_ON_UNDERLYING, {}, {"quantity": units(5)}),
    (Reason.NO_POSITION_TO_SELL, {"may_write": True}, {}),
    (Reason.REDUCE_ONLY_CONFLICTS, {}, {"reduce_only": False}),
    (Reason.PORTFOLIO_MAY_ONLY_REDUCE, {"level": RiskLevel.NORMAL}, {}),
    (Reason.OPTION_WOULD_TAKE, {}, {"post_only": False}),
    (Reason.OPTION_CANNOT_FILL, {}, {"time_in_force": GTC}),
    (Reason.OPTION_MARGIN_INSUFFICIENT, {"balance": units(50_000)}, {}),
)


def test_of_several_reasons_the_one_that_comes_first_in_the_list_is_told() -> None:
    plain = make_underlying()
    limits = replace(plain.limits, orders_a_contract=2, orders=3, quantity_an_order=units(10))
    limits = replace(limits, position_a_contract=units(8), short=units(6))
    desk = OptionDesk(replace(plain, limits=limits), funds=1_000)
    maker = desk.portfolio(MAKER)
    assert desk.place(MAKER, BUY, "0.01", 100, client_order_id="mine") is None
    assert desk.place(MAKER, BUY, "0.01", 100) is None
    assert desk.place(MAKER, SELL, "0.01", 3_000, symbol=PUT) is None
    for symbol in (CALL, PUT):
        assert desk.place(CROWD, BUY, 1, 2_000, symbol=symbol) is None
    maker.can_trade = maker.is_market_maker = maker.may_write = False
    maker.level = RiskLevel.REDUCE_ONLY
    maker.protections[BTCUSDT] = Protection(1_000, 0, units(1), units(1))
    maker.protections[BTCUSDT].frozen_until = -1
    terms = OptionTerms(MAKER, CALL, SELL, units("0.001"), units("0.01"), FOK, "mine")
    terms = replace(terms, reduce_only=True, post_only=True, is_protected=True)
    desk.at = EXPIRY
    for reason, of_portfolio, of_order in WALK:
        assert desk.send(terms) is reason
        for name, value in of_portfolio.items():
            setattr(maker, name, value)
        terms = replace(terms, **of_order)
        if reason is Reason.CONTRACT_NOT_TRADING:
            desk.at = EXPIRY - 1
        if reason is Reason.TOO_MANY_ORDERS_ON_UNDERLYING:
            without_limits_on_numbers(desk)
    assert desk.send(terms) is None
    reasons = [reason for reason, _, _ in WALK]
    assert reasons == sorted(reasons)


def test_guards_change_nothing(desk: OptionDesk) -> None:
    terms = OptionTerms(ALICE, CALL, BUY, units(1), units(100), GTC)
    assert refusal_of(desk.venue, desk.market(), desk.portfolio(ALICE), terms, desk.at) is None
    assert not desk.portfolio(ALICE).positions
    desk.check()
