"""Block orders: offered, extended, taken back, accepted, forgotten."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from papernet.core.commands import AcceptBlockOrder, ChangeBlockOrder, CreateBlockOrder
from papernet.core.enums import BlockOrderStatus, ExecType, OrderStatus, RiskLevel, Side
from papernet.core.events import BlockFill, BlockOrderChanged, BlockTrade
from papernet.core.rejects import Reason
from papernet.venues.options.block_orders import LIFE, accept, block_key, change, create, expire_due
from tests.support.option_market import (
    ALICE,
    BOB,
    BUY,
    CALL,
    CAROL,
    CROWD,
    EXPIRY,
    HIGH_CALL,
    NOW,
    SELL,
    OptionDesk,
    hold,
    make_underlying,
    units,
)

OFFER = CreateBlockOrder(ALICE, CALL, BUY, units(1_500), units(2), is_maker=False)


def offer(desk: OptionDesk, command: CreateBlockOrder = OFFER, seq: int = 1) -> Reason | None:
    """Offer a block trade and return why not, or None."""
    turn = desk.turn()
    refusal = create(turn, desk.portfolio(command.account), command, seq)
    desk.done(turn)
    return refusal.reason if refusal is not None else None


def take(desk: OptionDesk, account: int = BOB, seq: int = 1) -> Reason | None:
    """Accept the block order of an entry and return why not, or None."""
    turn = desk.turn()
    refusal = accept(turn, desk.portfolio(account), AcceptBlockOrder(account, block_key(seq)))
    events = desk.done(turn)
    assert refusal is None or not events, "a refused command changed nothing"
    return refusal.reason if refusal is not None else None


def alter(desk: OptionDesk, account: int = ALICE, seq: int = 1, *, extends: bool) -> Reason | None:
    """Extend or take back the block order of an entry, and return why not, or None."""
    turn = desk.turn()
    refusal = change(turn, desk.portfolio(account), ChangeBlockOrder(account, block_key(seq), extends))
    desk.done(turn)
    return refusal.reason if refusal is not None else None


def told(desk: OptionDesk) -> list[tuple[str, BlockOrderStatus]]:
    """Return what the last turn told of block orders."""
    return [(event.record.key, event.record.status) for event in desk.events if isinstance(event, BlockOrderChanged)]


@given(st.integers(1, 1 << 62), st.integers(1, 1 << 62))
def test_keys_look_like_random_uuids_and_differ(one: int, other: int) -> None:
    key = block_key(one)
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", key)
    assert (key == block_key(other)) == (one == other)


def test_an_offer_waits_for_half_an_hour_and_binds_nothing() -> None:
    desk = OptionDesk()
    assert offer(desk) is None
    record = desk.venue.block_orders[block_key(1)]
    assert (record.status, record.created_at, record.expires_at) == (BlockOrderStatus.RECEIVED, NOW, NOW + LIFE)
    assert desk.events == [BlockOrderChanged(record, NOW)]
    assert not desk.portfolio(ALICE).positions


def test_an_accepted_offer_trades_outside_the_book_with_fees_for_both() -> None:
    desk = OptionDesk()
    market = desk.market()
    assert offer(desk) is None
    desk.at += 5
    ids = desk.venue.next_order_id, desk.venue.next_fill_id
    assert take(desk) is None
    # 0.03 % of 50,000 is less than a tenth of 1,500
    fee = units(30)
    assert desk.portfolio(ALICE).balance == units(100_000 - 3_000) - fee
    assert desk.portfolio(BOB).balance == units(100_000 + 3_000) - fee
    assert (desk.quantity(ALICE), desk.quantity(BOB), market.open_interest) == (units(2), -units(2), units(2))
    trade, *rest = desk.events
    assert trade == BlockTrade(CALL, 1, desk.at, units(1_500), units(2), units(3_000), False, ALICE, BOB)
    fills = [event for event in rest if isinstance(event, BlockFill)]
    assert [(fill.account, fill.side, fill.is_maker, fill.fee, fill.trade_id) for fill in fills] == [
        (BOB, SELL, True, fee, 1),
        (ALICE, BUY, False, fee, 1),
    ]
    assert [(fill.order_id, fill.fill_id) for fill in fills] == [ids, (ids[0] + 1, ids[1] + 1)]
    assert {(fill.key, fill.created_at, fill.quote) for fill in fills} == {(block_key(1), NOW, units(3_000))}
    (ended,) = [event.record for event in rest if isinstance(event, BlockOrderChanged)]
    assert (ended.status, ended.counterparty, ended.updated_at) == (BlockOrderStatus.ACCEPTED, BOB, desk.at)
    assert not desk.venue.block_orders
    assert (market.last_price, market.book.update_id) == (0, 0)
    assert take(desk) is Reason.UNKNOWN_BLOCK_ORDER
    assert offer(desk, seq=2) is None
    assert take(desk, seq=2) is None
    assert isinstance(desk.events[0], BlockTrade)
    assert desk.events[0].block_trade_id == 2
    desk.check()
    desk.venue.check_invariants()


def test_rates_are_those_of_what_each_side_is() -> None:
    desk = OptionDesk()
    desk.portfolio(ALICE).maker_rate = 0
    desk.portfolio(BOB).taker_rate = units("0.0001")
    assert offer(desk, replace(OFFER, side=SELL, is_maker=True)) is None
    assert take(desk) is None
    fees = {event.account: event.fee for event in desk.events if isinstance(event, BlockFill)}
    assert fees == {ALICE: 0, BOB: units(10)}
    assert desk.events[0] == BlockTrade(CALL, 1, NOW, units(1_500), units(2), units(3_000), False, BOB, ALICE)


def test_reduce_only_orders_that_the_position_has_become_too_small_for_end() -> None:
    desk = OptionDesk()
    hold(desk.venue, ALICE, CALL, 2, 1_000)
    assert desk.place(ALICE, SELL, 2, 2_500, reduce_only=True) is None
    assert offer(desk, replace(OFFER, side=SELL)) is None
    assert take(desk, CROWD) is None
    assert [(one.exec_type, one.record.status) for one in desk.reports(ALICE)] == [(ExecType.EXPIRED, OrderStatus.EXPIRED)]
    assert desk.quantity(ALICE) == 0
    desk.check()


def test_what_is_extended_lives_half_an_hour_from_now_on_and_ends_last() -> None:
    desk = OptionDesk()
    assert offer(desk, seq=1) is None
    desk.at += 1
    assert offer(desk, seq=2) is None
    desk.at += 1
    assert alter(desk, extends=True) is None
    record = desk.venue.block_orders[block_key(1)]
    assert (record.created_at, record.updated_at, record.expires_at) == (NOW, NOW + 2, NOW + 2 + LIFE)
    assert told(desk) == [(block_key(1), BlockOrderStatus.RECEIVED)]
    assert list(desk.venue.block_orders) == [block_key(2), block_key(1)]
    desk.venue.check_invariants()


def test_those_whose_time_is_over_end_and_the_others_stay() -> None:
    desk = OptionDesk()
    for seq in (1, 2, 3):
        assert offer(desk, seq=seq) is None
        desk.at += 1
    desk.at = NOW + LIFE + 1
    turn = desk.turn()
    expire_due(turn)
    desk.done(turn)
    assert told(desk) == [(block_key(1), BlockOrderStatus.EXPIRED), (block_key(2), BlockOrderStatus.EXPIRED)]
    assert list(desk.venue.block_orders) == [block_key(3)]
    desk.at += 1
    # nobody has noticed yet, and yet it is too late
    assert take(desk, seq=3) is Reason.UNKNOWN_BLOCK_ORDER
    assert alter(desk, seq=3, extends=True) is Reason.UNKNOWN_BLOCK_ORDER
    turn = desk.turn()
    expire_due(turn)
    desk.done(turn)
    assert not desk.venue.block_orders


def test_what_is_taken_back_is_gone() -> None:
    desk = OptionDesk()
    assert offer(desk) is None
    assert alter(desk, BOB, extends=False) is Reason.UNKNOWN_BLOCK_ORDER
    assert alter(desk, extends=False) is None
    assert told(desk) == [(block_key(1), BlockOrderStatus.CANCELED)]
    assert alter(desk, extends=False) is Reason.UNKNOWN_BLOCK_ORDER
    assert take(desk) is Reason.UNKNOWN_BLOCK_ORDER


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"symbol": "BTC-260123-1-C"}, Reason.UNKNOWN_CONTRACT),
        ({"price": 0}, Reason.OPTION_PRICE_TOO_LOW),
        ({"price": units("7.5")}, Reason.OPTION_TICK_SIZE),
        ({"quantity": 0}, Reason.OPTION_QUANTITY_TOO_SMALL),
        ({"quantity": units("2500.01")}, Reason.OPTION_QUANTITY_TOO_LARGE),
        ({"quantity": units("0.011")}, Reason.OPTION_STEP_SIZE),
        # far from the mark, but agreed upon
        ({"price": units(49_000)}, None),
    ],
)
def test_numbers_must_be_those_of_the_contract(changes: dict[str, object], expected: Reason | None) -> None:
    desk = OptionDesk()
    assert offer(desk, replace(OFFER, **changes)) is expected
    assert len(desk.venue.block_orders) == (expected is None)


def test_who_may_not_trade_may_not_offer() -> None:
    desk = OptionDesk()
    desk.portfolio(ALICE).can_trade = False
    assert offer(desk) is Reason.OPTIONS_TRADING_DISABLED
    desk.portfolio(ALICE).can_trade = True
    desk.at = EXPIRY
    assert offer(desk) is Reason.CONTRACT_NOT_TRADING


def test_both_sides_must_be_able_to_have_and_to_pay_what_the_trade_gives_them() -> None:
    desk = OptionDesk(funds=5_000)
    assert offer(desk) is None
    assert take(desk, ALICE) is Reason.OWN_BLOCK_ORDER
    # who writes has to have the margin: 15 % of the index and more
    assert take(desk, BOB) is Reason.OPTION_MARGIN_INSUFFICIENT
    assert take(desk, CAROL) is Reason.NO_POSITION_TO_SELL
    desk.portfolio(ALICE).balance = units(2_999)
    assert take(desk, CROWD) is Reason.OPTION_BALANCE_INSUFFICIENT
    desk.portfolio(ALICE).balance = units(5_000)
    desk.portfolio(ALICE).can_trade = False
    assert take(desk, CROWD) is Reason.OPTIONS_TRADING_DISABLED
    desk.portfolio(ALICE).can_trade = True
    desk.venue.markets.pop(CALL)
    assert take(desk, CROWD) is Reason.UNKNOWN_CONTRACT


@pytest.mark.parametrize(
    ("side", "held", "expected"),
    [
        (BUY, 1_999, Reason.LONG_POSITION_TOO_LARGE),
        (SELL, -1_999, Reason.SHORT_POSITION_TOO_LARGE_ON_CONTRACT),
        (BUY, 1_998, None),
        (SELL, 2_001, None),
        (BUY, -2_001, None),
    ],
)
def test_positions_stay_within_the_limit_of_a_contract(side: Side, held: int, expected: Reason | None) -> None:
    desk = OptionDesk(funds=100_000_000)
    hold(desk.venue, ALICE, HIGH_CALL, held, 100)
    assert offer(desk, replace(OFFER, symbol=HIGH_CALL, side=side)) is None
    assert take(desk, CROWD) is expected


def test_who_may_only_reduce_may_only_reduce() -> None:
    desk = OptionDesk()
    hold(desk.venue, ALICE, CALL, -2, 1_000)
    desk.portfolio(ALICE).level = RiskLevel.REDUCE_ONLY
    assert offer(desk, seq=1) is None
    assert offer(desk, seq=2) is None
    assert take(desk, CROWD, 1) is None
    assert take(desk, CROWD, 2) is Reason.PORTFOLIO_MAY_ONLY_REDUCE


def test_what_may_not_be_written_may_be_sold_by_who_has_it() -> None:
    desk = OptionDesk()
    hold(desk.venue, CAROL, CALL, 2, 1_000)
    assert offer(desk, seq=1) is None
    assert take(desk, CAROL) is None
    assert desk.quantity(CAROL) == 0


def test_nobody_agrees_on_what_nobody_has_marked() -> None:
    desk = OptionDesk()
    mark, desk.market().mark = desk.market().mark, None
    assert offer(desk) is Reason.CONTRACT_NOT_TRADING
    desk.market().mark = mark
    assert offer(desk) is None
    desk.market().mark = None
    assert take(desk) is Reason.CONTRACT_NOT_TRADING
    desk.market().mark = mark
    assert take(desk) is None


def test_what_answers_for_something_written_is_not_given_away() -> None:
    desk = OptionDesk()
    # Margins of 104,000 for what is written; 100,000 of money, and 4,000 that the calls are worth.
    hold(desk.venue, ALICE, HIGH_CALL, -20, 200)
    hold(desk.venue, ALICE, CALL, 2, 2_000)
    sale = replace(OFFER, side=SELL)
    assert offer(desk, replace(sale, price=units(5))) is None
    assert take(desk) is Reason.OPTION_MARGIN_INSUFFICIENT
    assert offer(desk, replace(sale, price=units(2_000)), seq=2) is None
    assert take(desk, seq=2) is Reason.OPTION_MARGIN_INSUFFICIENT, "the fee would be missing"
    assert offer(desk, replace(sale, price=units(2_100)), seq=3) is None
    assert take(desk, seq=3) is None


def test_who_is_below_its_margins_may_do_what_brings_it_nearer() -> None:
    desk = OptionDesk()
    hold(desk.venue, ALICE, HIGH_CALL, -25, 200)
    purchase = replace(OFFER, symbol=HIGH_CALL, price=units(200), quantity=units(1))
    assert offer(desk, purchase) is None
    assert take(desk) is None
    assert desk.quantity(ALICE, HIGH_CALL) == units(-24)


def test_agreements_keep_to_the_limits_of_an_underlying_and_leave_open_orders_what_they_need() -> None:
    plain = make_underlying()
    desk = OptionDesk(replace(plain, limits=replace(plain.limits, short=units(1))))
    assert offer(desk, replace(OFFER, side=SELL)) is None
    assert take(desk) is Reason.SHORT_POSITION_TOO_LARGE_ON_UNDERLYING
    hold(desk.venue, CAROL, CALL, 1, 100)
    assert desk.place(CAROL, SELL, 1, 3_000) is None
    assert offer(desk, replace(OFFER, quantity=units(1)), seq=2) is None
    assert take(desk, CAROL, seq=2) is Reason.NO_POSITION_TO_SELL
