"""A market maker's protection: what triggers it, what it takes off the books, how its freeze ends."""

import pytest

from papernet.core.commands import ResetProtection, SetProtection
from papernet.core.events import ProtectionTriggered
from papernet.core.rejects import Reason, Reject
from papernet.venues.options.portfolio import Protection
from papernet.venues.options.protection import fire, is_frozen, note_fill, reset_protection, set_protection
from tests.support.option_market import (
    ALICE,
    BOB,
    BTCUSDT,
    BUY,
    CALL,
    ETH_CALL,
    ETHUSDT,
    MAKER,
    PUT,
    SELL,
    OptionDesk,
    make_underlying,
    units,
)

WINDOW, FROZEN = 3_000_000, 10_000_000


def protected(quantity: int | str = 5, delta: int | str = 100, frozen: int = FROZEN) -> OptionDesk:
    """Return a desk whose maker is protected on BTCUSDT."""
    desk = OptionDesk(funds=1_000_000)
    assert order(desk, SetProtection(MAKER, BTCUSDT, WINDOW, frozen, units(quantity), units(delta))) is None
    return desk


def order(desk: OptionDesk, command: SetProtection | ResetProtection) -> Reason | None:
    """Carry a command out and return why it is refused, or None."""
    turn = desk.turn()
    portfolio = desk.portfolio(command.account)
    if isinstance(command, SetProtection):
        refusal = set_protection(turn, portfolio, command)
    else:
        refusal = reset_protection(turn, portfolio, command)
    desk.done(turn)
    return refusal.reason if isinstance(refusal, Reject) else None


def quote(desk: OptionDesk, quantity: int | str = 10, symbol: str = CALL) -> None:
    """Let the maker offer something under protection, and once more without it."""
    assert desk.place(MAKER, SELL, quantity, 2_000, symbol=symbol, is_protected=True) is None
    assert desk.place(MAKER, SELL, quantity, 2_100, symbol=symbol) is None


def protection(desk: OptionDesk) -> Protection:
    """Return the maker's protection on BTCUSDT."""
    return desk.portfolio(MAKER).protections[BTCUSDT]


def test_the_quantity_of_a_window_takes_protected_orders_off_the_books() -> None:
    desk = protected(quantity=5)
    quote(desk)
    assert desk.place(MAKER, BUY, 1, 100, symbol=PUT, is_protected=True) is None
    assert desk.place(MAKER, BUY, 1, 100, symbol=ETH_CALL, is_protected=True) is None
    assert desk.place(ALICE, BUY, "4.99", 2_000) is None
    assert protection(desk).frozen_until == 0
    desk.at += WINDOW - 1
    assert desk.place(BOB, BUY, "0.01", 2_000) is None
    assert [event for event in desk.events if isinstance(event, ProtectionTriggered)] == [
        ProtectionTriggered(MAKER, BTCUSDT, desk.at)
    ]
    left = [(one.terms.symbol, one.terms.is_protected) for one in desk.portfolio(MAKER).open_orders.values()]
    assert left == [(CALL, False), (ETH_CALL, True)]
    assert protection(desk).frozen_until == desk.at + FROZEN
    assert protection(desk).triggered_at == desk.at
    assert protection(desk).fills == []
    desk.check()


def test_what_is_older_than_the_window_is_forgotten() -> None:
    desk = protected(quantity=5)
    quote(desk)
    assert desk.place(ALICE, BUY, 4, 2_000) is None
    desk.at += WINDOW
    assert desk.place(ALICE, BUY, 4, 2_000) is None
    assert protection(desk).frozen_until == 0
    assert protection(desk).fills == [(desk.at, units(4), -units(2))]


def test_the_net_delta_of_a_window_triggers_and_both_sides_make_up_for_each_other() -> None:
    desk = protected(quantity=100, delta=2)
    quote(desk)
    # a call has a delta of a half
    assert desk.place(ALICE, BUY, 3, 2_000) is None
    assert desk.place(MAKER, BUY, 3, 1_995, is_protected=True) is None
    assert desk.place(ALICE, SELL, 3, 1_995) is None
    assert sum(delta for _, _, delta in protection(desk).fills) == 0
    assert protection(desk).frozen_until == 0
    assert desk.place(ALICE, BUY, 4, 2_000) is None
    assert protection(desk).frozen_until == desk.at + FROZEN


def test_a_delta_is_that_of_the_whole_contract_and_none_without_a_mark() -> None:
    desk = OptionDesk(make_underlying(BTCUSDT, unit=100))
    portfolio = desk.portfolio(MAKER)
    portfolio.protections[BTCUSDT] = Protection(WINDOW, FROZEN, units(100), units(10))
    assert not note_fill(desk.turn(), portfolio, desk.market(), units("0.19"), BUY)
    assert note_fill(desk.turn(), portfolio, desk.market(), units("0.01"), BUY)
    desk.market().mark = None
    portfolio.protections[BTCUSDT].fills.clear()
    assert not note_fill(desk.turn(), portfolio, desk.market(), units(99), SELL)


def test_who_is_not_protected_there_is_not_counted() -> None:
    desk = protected()
    assert not note_fill(desk.turn(), desk.portfolio(MAKER), desk.market(ETH_CALL), units(1_000), SELL)
    assert not note_fill(desk.turn(), desk.portfolio(BOB), desk.market(), units(1_000), SELL)


def test_a_freeze_keeps_protected_orders_out_until_its_time_is_over() -> None:
    desk = protected(quantity=1)
    quote(desk, 1)
    assert desk.place(ALICE, BUY, 1, 2_000) is None
    assert desk.place(MAKER, SELL, 1, 2_000, is_protected=True) is Reason.PROTECTION_FROZEN
    assert desk.place(MAKER, SELL, 1, 100, symbol=ETH_CALL, is_protected=True) is None
    assert desk.place(MAKER, SELL, 1, 2_000) is None
    desk.at += FROZEN - 1
    assert is_frozen(desk.portfolio(MAKER), BTCUSDT, desk.at)
    desk.at += 1
    assert not is_frozen(desk.portfolio(MAKER), BTCUSDT, desk.at)
    assert desk.place(MAKER, SELL, 1, 2_005, is_protected=True) is None


def test_a_freeze_without_a_time_ends_with_a_reset_only() -> None:
    desk = protected(quantity=1, frozen=0)
    quote(desk, 1)
    assert desk.place(ALICE, BUY, 1, 2_000) is None
    desk.at += 1_000 * FROZEN
    assert desk.place(MAKER, SELL, 1, 2_000, is_protected=True) is Reason.PROTECTION_FROZEN
    assert order(desk, ResetProtection(MAKER, BTCUSDT)) is None
    assert desk.place(MAKER, SELL, 1, 2_000, is_protected=True) is None
    assert protection(desk).triggered_at == desk.at - 1_000 * FROZEN


def test_other_settings_keep_what_was_seen_and_the_freeze() -> None:
    desk = protected(quantity=5)
    quote(desk)
    assert desk.place(ALICE, BUY, 3, 2_000) is None
    assert order(desk, SetProtection(MAKER, BTCUSDT, 2 * WINDOW, 1, units(4), units(100))) is None
    assert protection(desk).fills == [(desk.at, units(3), -units("1.5"))]
    assert desk.place(ALICE, BUY, 1, 2_000) is None
    frozen_until = protection(desk).frozen_until
    assert frozen_until == desk.at + 1
    assert order(desk, SetProtection(MAKER, BTCUSDT, WINDOW, FROZEN, units(4), units(100))) is None
    assert (protection(desk).frozen_until, protection(desk).triggered_at) == (frozen_until, desk.at)


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (SetProtection(ALICE, BTCUSDT, 1, 1, 1, 1), Reason.NOT_A_MARKET_MAKER),
        (SetProtection(MAKER, "LTCUSDT", 1, 1, 1, 1), Reason.UNKNOWN_UNDERLYING),
        (SetProtection(MAKER, BTCUSDT, 0, 1, 1, 1), Reason.BAD_AMOUNT),
        (SetProtection(MAKER, BTCUSDT, 1, -1, 1, 1), Reason.BAD_AMOUNT),
        (SetProtection(MAKER, BTCUSDT, 1, 1, 0, 1), Reason.BAD_AMOUNT),
        (SetProtection(MAKER, BTCUSDT, 1, 1, 1, 0), Reason.BAD_AMOUNT),
        (ResetProtection(ALICE, BTCUSDT), Reason.NOT_A_MARKET_MAKER),
        (ResetProtection(MAKER, "LTCUSDT"), Reason.UNKNOWN_UNDERLYING),
        (ResetProtection(MAKER, ETHUSDT), Reason.NO_PROTECTION),
    ],
)
def test_refusals_change_nothing(command: SetProtection | ResetProtection, expected: Reason) -> None:
    desk = protected()
    before = protection(desk)
    assert order(desk, command) is expected
    assert desk.portfolio(MAKER).protections == {BTCUSDT: before}
    assert not desk.portfolio(ALICE).protections


def test_firing_without_orders_still_freezes() -> None:
    desk = protected()
    turn = desk.turn()
    fire(turn, desk.portfolio(MAKER), BTCUSDT)
    assert desk.done(turn) == [ProtectionTriggered(MAKER, BTCUSDT, desk.at)]
    assert is_frozen(desk.portfolio(MAKER), BTCUSDT, desk.at)
