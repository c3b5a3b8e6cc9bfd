"""Trades: what moves between two portfolios, what positions cost and earn, and what happens instead of a trade with oneself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papernet.core.commands import OptionTerms
from papernet.core.enums import BillKind, OptionSource, OrderStatus, SelfTradeMode, Side
from papernet.core.events import Bill, OptionReport, PortfolioUpdate, PositionRow, Trade
from papernet.venues.options.execution import exchange_premium, execute
from papernet.venues.options.market import NO_VOLATILITY, OptionOrder
from papernet.venues.options.portfolio import Protection
from tests.support.option_market import (
    ALICE,
    BOB,
    BTCUSDT,
    BUY,
    CALL,
    CROWD,
    FOK,
    FUNDS,
    GTC,
    HOUSE,
    IOC,
    MAKER,
    NOW,
    SELL,
    OptionDesk,
    check_venue,
    fund,
    hold,
    make_venue,
    units,
)

_Mode = SelfTradeMode


@pytest.fixture
def desk() -> OptionDesk:
    return OptionDesk()


def trades(desk: OptionDesk) -> list[tuple[int, int]]:
    return [(event.price, event.quantity) for event in desk.events if isinstance(event, Trade)]


# ---- one trade


def test_the_buyer_pays_what_the_seller_gets_and_both_pay_a_fee(desk: OptionDesk) -> None:
    desk.trade(ALICE, BOB, 2, 2_000)
    assert desk.portfolio(ALICE).balance == units(FUNDS - 4_000 - 30)
    assert desk.portfolio(BOB).balance == units(FUNDS + 4_000 - 30)
    assert desk.venue.ledger.collected == {"USDT": units(60)}
    assert (desk.quantity(ALICE), desk.quantity(BOB)) == (units(2), units(-2))
    assert desk.market().open_interest == units(2)
    desk.check()


def test_takers_and_makers_pay_their_own_rates(desk: OptionDesk) -> None:
    desk.portfolio(ALICE).taker_rate, desk.portfolio(ALICE).maker_rate = units("0.0002"), units("0.5")
    desk.portfolio(BOB).taker_rate, desk.portfolio(BOB).maker_rate = units("0.5"), units("-0.0001")
    desk.trade(ALICE, BOB, 1, 2_000)
    assert desk.portfolio(ALICE).balance == units(FUNDS - 2_000 - 10)
    assert desk.portfolio(BOB).balance == units(FUNDS + 2_000 + 5)
    assert desk.venue.ledger.collected == {"USDT": units(5)}
    desk.check()


def test_a_fee_that_rose_while_the_order_rested_makes_no_debt(desk: OptionDesk) -> None:
    desk.portfolio(ALICE).balance -= units(FUNDS - 2_015)
    desk.venue.ledger.issued["USDT"] -= units(FUNDS - 2_015)
    desk.place(ALICE, BUY, 1, 2_000)
    desk.venue.indexes[BTCUSDT].take(units(60_000))
    desk.place(CROWD, SELL, "0.5", 2_000)
    assert desk.portfolio(ALICE).balance == units(1_015 - 9)
    desk.place(CROWD, SELL, "0.5", 2_000)
    assert desk.portfolio(ALICE).balance == 0
    assert desk.reports(ALICE)[-1].fee == units(6), "instead of 9"
    desk.check()


def test_a_trade_is_told_first_then_the_taker_then_the_maker(desk: OptionDesk) -> None:
    desk.place(BOB, SELL, 1, 2_000)
    desk.at += 7
    desk.place(ALICE, BUY, 3, 2_100)
    kinds = [type(event).__name__ for event in desk.events]
    assert kinds[:9] == [
        "OptionReport",
        "Trade",
        "Bill",
        "Bill",
        "OptionReport",
        "Bill",
        "Bill",
        "OptionReport",
        "BookDelta",
    ]
    assert desk.told() == ["alice NEW NEW", "alice TRADE PARTIALLY_FILLED", "bob TRADE FILLED"]
    (trade,) = (event for event in desk.events if isinstance(event, Trade))
    _, taker, maker = desk.reports()
    ids = (taker.record.order_id, maker.record.order_id)
    assert trade == Trade(CALL, 1, desk.at, units(2_000), units(1), units(2_000), False, *ids)
    assert taker.trade_id == maker.trade_id == 1
    assert maker.fill_id == taker.fill_id + 1
    assert (taker.is_maker, maker.is_maker) == (False, True)
    assert taker.volatility == units("0.5")
    assert (taker.last_price, taker.last_quantity, taker.last_quote, taker.fee) == (
        units(2_000),
        units(1),
        units(2_000),
        units(15),
    )
    assert (taker.record.cum_quantity, taker.record.cum_quote, taker.record.fee) == (units(1), units(2_000), units(15))
    assert taker.record.updated_at == desk.at
    assert maker.record.created_at == NOW
    market = desk.market()
    assert (market.last_price, market.last_quantity, market.last_at) == (units(2_000), units(1), desk.at)


def test_bills_and_updates_tell_users_what_became_of_their_money(desk: OptionDesk) -> None:
    desk.trade(ALICE, CROWD, 1, 2_000)
    bills = [(event.account, event.amount, event.kind) for event in desk.events if isinstance(event, Bill)]
    assert bills == [(ALICE, units(-2_000), BillKind.CONTRACT), (ALICE, units(-15), BillKind.FEE)]
    (update,) = (event for event in desk.events if isinstance(event, PortfolioUpdate))
    assert (update.account, update.kind, update.balance, update.change) == (ALICE, BillKind.CONTRACT, units(FUNDS - 2_015), 0)
    assert update.positions == (PositionRow(CALL, units(1), units(2_000)),)


def test_a_sell_order_that_takes_makes_the_buyer_the_maker(desk: OptionDesk) -> None:
    desk.place(ALICE, BUY, 1, 2_000)
    desk.place(BOB, SELL, 1, 1_500)
    (trade,) = (event for event in desk.events if isinstance(event, Trade))
    assert trade.buyer_is_maker
    assert trade.price == units(2_000)


def test_an_unmarked_contract_has_no_volatility_to_tell(desk: OptionDesk) -> None:
    desk.market().mark = None
    desk.trade(ALICE, CROWD, 1, 2_000)
    assert {report.volatility for report in desk.reports() if report.trade_id > 0} == {NO_VOLATILITY}


def test_trades_are_numbered_by_contract_and_fills_over_all(desk: OptionDesk) -> None:
    desk.trade(ALICE, CROWD, 1, 2_000)
    last = desk.reports()[-1].fill_id
    desk.trade(ALICE, CROWD, 1, 2_000, "BTC-260123-50000-P")
    assert [(report.trade_id, report.fill_id - last) for report in desk.reports()[1:]] == [(1, 1), (1, 2)]


# ---- positions


def test_closing_a_part_earns_on_that_part(desk: OptionDesk) -> None:
    desk.trade(ALICE, CROWD, 4, 1_000)
    desk.trade(CROWD, ALICE, 1, 1_500)
    assert desk.reports(ALICE)[-1].realized == units(500)
    position = desk.portfolio(ALICE).positions[CALL]
    assert (position.quantity, position.cost) == (units(3), units(3_000))
    desk.trade(CROWD, ALICE, 3, 900)
    assert desk.reports(ALICE)[-1].realized == units(-300)
    assert CALL not in desk.portfolio(ALICE).positions
    desk.check()


def test_buying_more_averages_the_cost(desk: OptionDesk) -> None:
    desk.trade(ALICE, CROWD, 1, 1_000)
    desk.trade(ALICE, CROWD, 1, 2_000)
    assert desk.reports(ALICE)[-1].realized == 0
    assert desk.portfolio(ALICE).positions[CALL].cost == units(3_000)


def test_buying_a_short_back_earns_what_it_brought_in_more(desk: OptionDesk) -> None:
    desk.trade(CROWD, ALICE, 2, 1_000)
    assert desk.portfolio(ALICE).positions[CALL].cost == units(-2_000)
    desk.trade(ALICE, CROWD, 1, 400)
    assert desk.reports(ALICE)[-1].realized == units(600)
    assert desk.portfolio(ALICE).positions[CALL].cost == units(-1_000)


def test_turning_a_position_round_earns_on_what_was_closed_and_opens_the_rest(desk: OptionDesk) -> None:
    desk.trade(ALICE, CROWD, 2, 1_000)
    desk.trade(CROWD, ALICE, 3, 1_500)
    assert desk.reports(ALICE)[-1].realized == units(1_000)
    position = desk.portfolio(ALICE).positions[CALL]
    assert (position.quantity, position.cost) == (units(-1), units(-1_500))
    assert desk.market().open_interest == units(1)
    desk.check()


def test_open_interest_moves_when_positions_open_and_close_but_not_when_they_change_hands(desk: OptionDesk) -> None:
    market = desk.market()
    desk.trade(ALICE, CROWD, 2, 1_000)
    assert market.open_interest == units(2)
    desk.trade(BOB, ALICE, 2, 1_000)
    assert market.open_interest == units(2)
    desk.trade(CROWD, BOB, 1, 1_000)
    assert market.open_interest == units(1)


@given(st.lists(st.tuples(st.sampled_from(Side), st.integers(1, 10**9), st.integers(1, 10**12)), min_size=1, max_size=8))
def test_what_is_paid_is_what_positions_cost_and_have_lost(steps: list[tuple[Side, int, int]]) -> None:
    venue = make_venue()
    start = units(FUNDS)
    portfolio, desk = fund(venue, ALICE, FUNDS), OptionDesk()
    realized = 0
    for side, quantity, price in steps:
        turn = desk.turn()
        turn.venue.ledger.collected.clear()
        realized += exchange_premium(turn, venue.markets[CALL], portfolio, side, price, quantity, 0)
        position = portfolio.positions.get(CALL)
        cost = position.cost if position else 0
        assert portfolio.balance == start + realized - cost
        if position:
            assert (cost >= 0) == (position.quantity > 0) or abs(cost) <= 1


# ---- trades with oneself


def orders_of_alice_and_bob(desk: OptionDesk) -> None:
    desk.place(ALICE, SELL, 1, 2_000)
    desk.place(BOB, SELL, 1, 2_005)


def test_by_default_ones_resting_order_makes_room(desk: OptionDesk) -> None:
    orders_of_alice_and_bob(desk)
    desk.place(ALICE, BUY, 2, 2_010)
    assert desk.told() == [
        "alice NEW NEW",
        "alice EXPIRED EXPIRED_IN_MATCH",
        "alice TRADE PARTIALLY_FILLED",
        "bob TRADE FILLED",
    ]
    (left,) = desk.portfolio(ALICE).open_orders.values()
    assert (left.side, left.leaves) == (BUY, units(1))
    desk.check()


def test_or_ones_incoming_order_goes(desk: OptionDesk) -> None:
    orders_of_alice_and_bob(desk)
    desk.place(ALICE, BUY, 2, 2_010, self_trade_mode=_Mode.EXPIRE_TAKER)
    assert desk.told() == ["alice NEW NEW", "alice EXPIRED EXPIRED_IN_MATCH"]
    assert desk.reports()[-1].record.terms.side is BUY
    assert len(desk.market().orders) == 2
    desk.check()


def test_what_it_filled_before_stays_filled(desk: OptionDesk) -> None:
    desk.place(BOB, SELL, 1, 1_995)
    orders_of_alice_and_bob(desk)
    desk.place(ALICE, BUY, 3, 2_010, self_trade_mode=_Mode.EXPIRE_TAKER)
    assert desk.told()[1:] == ["alice TRADE PARTIALLY_FILLED", "bob TRADE FILLED", "alice EXPIRED EXPIRED_IN_MATCH"]
    assert desk.quantity(ALICE) == units(1)
    desk.check()


def test_or_both_go(desk: OptionDesk) -> None:
    orders_of_alice_and_bob(desk)
    desk.place(ALICE, BUY, 2, 2_010, self_trade_mode=_Mode.EXPIRE_BOTH)
    assert desk.told() == ["alice NEW NEW", "alice EXPIRED EXPIRED_IN_MATCH", "alice EXPIRED EXPIRED_IN_MATCH"]
    assert [report.record.terms.side for report in desk.reports()[1:]] == [SELL, BUY]
    (left,) = desk.market().orders.values()
    assert left.terms.account == BOB
    desk.check()


@pytest.mark.parametrize(("mode", "tif"), [(_Mode.NONE, GTC), (_Mode.EXPIRE_MAKER, FOK)])
def test_or_they_trade(desk: OptionDesk, mode: SelfTradeMode, tif: object) -> None:
    orders_of_alice_and_bob(desk)
    desk.place(ALICE, BUY, 2, 2_010, tif=tif, self_trade_mode=mode)  # type: ignore[arg-type]
    assert trades(desk) == [(units(2_000), units(1)), (units(2_005), units(1))]
    assert desk.quantity(ALICE) == units(1)
    assert desk.reports(ALICE)[2].realized == 0
    desk.check()


def test_accounts_of_one_trade_group_count_as_one(desk: OptionDesk) -> None:
    for account in (ALICE, BOB):
        desk.portfolio(account).trade_group = 0
    desk.place(BOB, SELL, 1, 2_000)
    desk.place(ALICE, BUY, 1, 2_000)
    assert desk.told() == ["alice NEW NEW", "bob EXPIRED EXPIRED_IN_MATCH"]
    desk.check()


def test_accounts_without_a_group_are_strangers(desk: OptionDesk) -> None:
    desk.portfolio(BOB).trade_group = 3
    desk.trade(ALICE, BOB, 1, 2_000)
    assert trades(desk) == [(units(2_000), units(1))]


def test_own_orders_beyond_the_limit_are_left_alone(desk: OptionDesk) -> None:
    desk.place(BOB, SELL, 1, 2_000)
    desk.place(ALICE, SELL, 1, 2_005)
    desk.place(ALICE, BUY, 2, 2_000)
    assert desk.told() == ["alice NEW NEW", "alice TRADE PARTIALLY_FILLED", "bob TRADE FILLED"]
    assert len(desk.market().orders) == 2
    desk.check()


def test_after_the_last_own_order_the_book_may_be_empty(desk: OptionDesk) -> None:
    desk.place(ALICE, SELL, 1, 2_000)
    desk.place(ALICE, BUY, 2, 2_000, tif=IOC)
    assert desk.told() == ["alice NEW NEW", "alice EXPIRED EXPIRED_IN_MATCH", "alice EXPIRED EXPIRED"]
    assert not desk.market().orders
    desk.check()


# ---- what is told to the caller


def test_the_caller_learns_who_traded_and_whose_protection_is_reached(desk: OptionDesk) -> None:
    desk.portfolio(MAKER).protections[BTCUSDT] = Protection(1_000, 0, units(2), units(100))
    desk.place(BOB, SELL, 1, 2_000)
    desk.place(MAKER, SELL, 1, 2_005, is_protected=True)
    desk.place(MAKER, SELL, 2, 2_010, is_protected=True)
    turn = desk.turn()
    order = OptionOrder(OptionTerms(ALICE, CALL, BUY, units(3), units(3_000)), 1, desk.at, OptionSource.API)
    aftermath = execute(turn, desk.market(), desk.portfolio(ALICE), order)
    assert list(aftermath.traded) == [ALICE, BOB, MAKER]
    assert list(aftermath.to_fire) == [MAKER]
    assert (order.leaves, order.status) == (0, OrderStatus.FILLED)
    reports = [event for event in turn.finish() if isinstance(event, OptionReport)]
    assert len(reports) == 6


def test_a_turn_of_the_venues_own_trades_keeps_the_books(desk: OptionDesk) -> None:
    hold(desk.venue, ALICE, CALL, -3, 1_000)
    turn = desk.turn()
    market = desk.market()
    assert exchange_premium(turn, market, desk.portfolio(ALICE), BUY, units(500), units(2), units(7)) == units(1_000)
    assert exchange_premium(turn, market, desk.portfolio(HOUSE), SELL, units(500), units(2), 0) == units(-1_000)
    desk.done(turn)
    assert desk.portfolio(ALICE).balance == units(FUNDS - 1_000 - 7)
    assert desk.portfolio(ALICE).positions[CALL].updated_at == desk.at
    check_venue(desk.venue)
