"""Transfers between the wallets of an account, and what an options wallet begins with."""

import pytest

from papernet.core.commands import TransferToOptions
from papernet.core.enums import BillKind
from papernet.core.events import AccountUpdate, BalanceChanged, Bill, PortfolioUpdate
from papernet.core.rejects import Reason
from papernet.venues.options.wallets import endow, transfer
from tests.support.option_market import ALICE, BUY, CALL, CROWD, NOW, OptionDesk, hold, units


def desk_with_spot(funds: int = 1_000) -> OptionDesk:
    """Return a desk on which two accounts have something in their spot wallets, too."""
    desk = OptionDesk(funds=funds)
    desk.venue.asset = "USDT"
    for account in (ALICE, CROWD):
        desk.venue.ledger.issue(desk.venue.accounts[account], "USDT", units(500))
    return desk


def move(desk: OptionDesk, amount: int | str, account: int = ALICE, asset: str = "USDT") -> Reason | None:
    """Move money to the options wallet (negative: back) and return why not, or None."""
    desk.at += 1
    turn = desk.turn()
    command = TransferToOptions(account, asset, units(amount))
    refusal = transfer(turn, desk.venue.accounts[account], desk.portfolio(account), command)
    events = desk.done(turn)
    assert refusal is None or not events, "a refused command changed nothing"
    wallets = [("USDT", portfolio.balance) for portfolio in desk.venue.portfolios.values()]
    desk.venue.ledger.check_invariants(desk.venue.accounts.values(), wallets)
    return refusal.reason if refusal is not None else None


def amounts(desk: OptionDesk, account: int = ALICE) -> tuple[int, int]:
    """Return what an account has in its spot wallet and in its options wallet."""
    return desk.venue.accounts[account].free("USDT"), desk.portfolio(account).balance


def test_money_goes_both_ways_and_is_told_on_both_sides() -> None:
    desk = desk_with_spot()
    assert move(desk, "499.5") is None
    assert amounts(desk) == (units("0.5"), units("1499.5"))
    assert desk.events == [
        BalanceChanged(ALICE, NOW + 1, "USDT", -units("499.5")),
        AccountUpdate(ALICE, NOW + 1, (("USDT", units("0.5"), 0),)),
        Bill(ALICE, 1, NOW + 1, "USDT", units("499.5"), BillKind.TRANSFER),
        PortfolioUpdate(ALICE, NOW + 1, BillKind.TRANSFER, units("1499.5"), units("499.5")),
    ]
    assert desk.venue.accounts[ALICE].updated_at == desk.portfolio(ALICE).updated_at == NOW + 1
    assert move(desk, "-1499.5") is None
    assert amounts(desk) == (units(1_500), 0)


def test_the_crowd_is_told_nothing_of_its_wallet() -> None:
    desk = desk_with_spot()
    assert move(desk, 500, CROWD) is None
    assert desk.events == [BalanceChanged(CROWD, NOW + 1, "USDT", -units(500))]


def test_no_more_than_there_is() -> None:
    desk = desk_with_spot()
    assert move(desk, "500.00000001") is Reason.INSUFFICIENT_BALANCE
    assert move(desk, "-1000.00000001") is Reason.OPTION_BALANCE_INSUFFICIENT
    assert move(desk, "-100000000.00000001", CROWD) is Reason.OPTION_BALANCE_INSUFFICIENT
    assert amounts(desk) == (units(500), units(1_000))


def test_what_margins_need_stays() -> None:
    desk = desk_with_spot(funds=20_000)
    # 15 % of 50,000 and the mark of 2,000
    hold(desk.venue, ALICE, CALL, -1, 2_000)
    hold(desk.venue, CROWD, CALL, -1, 2_000)
    assert desk.place(ALICE, BUY, 1, 100, symbol="BTC-260123-60000-C") is None
    assert move(desk, -10_396) is Reason.OPTION_BALANCE_INSUFFICIENT
    # the premium of 100, and a fee of a tenth of it
    assert move(desk, -10_390) is None
    assert move(desk, -100_000_000, CROWD) is None


@pytest.mark.parametrize(("amount", "asset", "expected"), [(0, "USDT", Reason.BAD_AMOUNT), (1, "BTC", Reason.UNKNOWN_ASSET)])
def test_only_something_of_what_options_settle_in_moves(amount: int, asset: str, expected: Reason) -> None:
    assert move(desk_with_spot(), amount, asset=asset) is expected


def test_users_begin_with_new_money_and_the_crowd_does_not() -> None:
    desk = desk_with_spot(funds=0)
    issued = desk.venue.ledger.issued["USDT"]
    turn = desk.turn()
    endow(turn, desk.portfolio(ALICE))
    assert desk.done(turn) == []
    desk.venue.opening_balance = units(70)
    turn = desk.turn()
    for account in (ALICE, CROWD):
        endow(turn, desk.portfolio(account))
    bill, update = desk.done(turn)
    assert bill == Bill(ALICE, 1, NOW, "USDT", units(70), BillKind.TRANSFER)
    assert isinstance(update, PortfolioUpdate)
    assert desk.portfolio(ALICE).balance == units(70)
    assert desk.venue.ledger.issued["USDT"] == issued + units(70)
