"""Countdowns: set, kept alive, ended, and run out."""

import pytest

from papernet.core.commands import RefreshCountdowns, SetCountdown
from papernet.core.events import OptionReport
from papernet.core.rejects import Reason
from papernet.venues.options.countdowns import fire_due, refresh_countdowns, set_countdown
from tests.support.option_market import ALICE, BOB, BTCUSDT, BUY, CALL, ETH_CALL, ETHUSDT, NOW, PUT, OptionDesk

SPAN = 30_000_000


def begin(desk: OptionDesk, account: int = ALICE, underlying: str = BTCUSDT, span: int = SPAN) -> Reason | None:
    """Set a countdown and return why not, or None."""
    turn = desk.turn()
    refusal = set_countdown(turn, desk.portfolio(account), SetCountdown(account, underlying, span))
    desk.done(turn)
    return refusal.reason if refusal is not None else None


def refresh(desk: OptionDesk, *underlyings: str) -> Reason | None:
    """Send ALICE's heartbeat and return why not, or None."""
    turn = desk.turn()
    refusal = refresh_countdowns(turn, desk.portfolio(ALICE), RefreshCountdowns(ALICE, underlyings))
    desk.done(turn)
    return refusal.reason if refusal is not None else None


def fire(desk: OptionDesk, at: int) -> list[tuple[int, str]]:
    """Let it be `at`, and return whose orders on what ended."""
    desk.at = at
    turn = desk.turn()
    fire_due(turn)
    events = desk.done(turn)
    desk.check()
    desk.venue.check_invariants()
    reports = [event.record.terms for event in events if isinstance(event, OptionReport)]
    return [(terms.account, terms.symbol) for terms in reports]


def quoted() -> OptionDesk:
    """Return a desk where two accounts bid for something."""
    desk = OptionDesk()
    for account in (ALICE, BOB):
        for symbol, price in ((CALL, 100), (PUT, 100), (ETH_CALL, 10)):
            assert desk.place(account, BUY, 1, price, symbol=symbol) is None
    return desk


def test_all_orders_on_the_underlying_are_cancelled_when_nobody_was_heard_of() -> None:
    desk = quoted()
    assert begin(desk) is None
    assert fire(desk, NOW + SPAN - 1) == []
    assert fire(desk, NOW + SPAN) == [(ALICE, CALL), (ALICE, PUT)]
    assert not desk.portfolio(ALICE).countdowns
    assert not desk.venue.counting
    # it has run out: orders may come again, and stay
    assert desk.place(ALICE, BUY, 1, 100) is None
    assert fire(desk, NOW + 9 * SPAN) == []


def test_those_that_ran_out_first_go_first() -> None:
    desk = quoted()
    assert begin(desk, ALICE, BTCUSDT, SPAN + 2) is None
    assert begin(desk, ALICE, ETHUSDT, SPAN) is None
    assert begin(desk, BOB, ETHUSDT, SPAN + 1) is None
    assert fire(desk, NOW + 2 * SPAN) == [(ALICE, ETH_CALL), (BOB, ETH_CALL), (ALICE, CALL), (ALICE, PUT)]


def test_a_heartbeat_starts_those_anew_that_there_are() -> None:
    desk = quoted()
    assert begin(desk) is None
    desk.at += SPAN - 1
    assert refresh(desk, ETHUSDT, BTCUSDT) is None
    assert list(desk.portfolio(ALICE).countdowns) == [BTCUSDT]
    assert fire(desk, NOW + 2 * SPAN - 2) == []
    assert len(fire(desk, NOW + 2 * SPAN - 1)) == 2


def test_a_span_of_nothing_ends_a_countdown_and_another_span_takes_its_place() -> None:
    desk = quoted()
    assert begin(desk) is None
    assert begin(desk, span=2 * SPAN) is None
    assert fire(desk, NOW + SPAN) == []
    assert begin(desk, underlying=ETHUSDT) is None
    assert begin(desk, span=0) is None
    assert list(desk.venue.counting) == [ALICE]
    assert begin(desk, underlying=ETHUSDT, span=0) is None
    assert begin(desk, span=0) is None
    assert not desk.venue.counting
    assert fire(desk, NOW + 9 * SPAN) == []


@pytest.mark.parametrize(
    ("refused", "expected"),
    [
        (lambda desk: begin(desk, underlying="LTCUSDT"), Reason.UNKNOWN_UNDERLYING),
        (lambda desk: begin(desk, span=-1), Reason.BAD_AMOUNT),
        (lambda desk: refresh(desk, BTCUSDT, "LTCUSDT"), Reason.UNKNOWN_UNDERLYING),
    ],
)
def test_refusals_change_nothing(refused: object, expected: Reason) -> None:
    desk = quoted()
    assert begin(desk) is None
    desk.at += 1
    assert callable(refused)
    assert refused(desk) is expected
    assert desk.portfolio(ALICE).countdowns[BTCUSDT].due_at == NOW + SPAN
