"""Double entry: whatever is done, each asset's total is what was issued."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papernet.core.account import Account, Balance
from papernet.core.enums import AccountKind
from papernet.core.ledger import Ledger, hold, lock, release


def make_account(number: int, kind: AccountKind = AccountKind.USER) -> Account:
    """Return an account with nothing in it."""
    return Account(number, f"account {number}", number, kind, 0)


def test_holding_and_releasing_move_between_free_and_held() -> None:
    balance = Balance(10)
    hold(balance, 10)
    assert (balance.free, balance.held) == (0, 10)
    release(balance, 4)
    assert (balance.free, balance.held) == (4, 6)
    hold(balance, 0)
    release(balance, 0)
    assert (balance.free, balance.held) == (4, 6)


@pytest.mark.parametrize("amount", [5, -1])
def test_nobody_holds_or_releases_what_is_not_there(amount: int) -> None:
    for move in (hold, release):
        balance = Balance(4, 4)
        with pytest.raises(AssertionError):
            move(balance, amount)
        assert (balance.free, balance.held) == (4, 4)


def test_what_is_locked_from_outside_is_held_and_remembered() -> None:
    account = make_account(1)
    balance = account.balance("A")
    balance.free = 10
    hold(balance, 2)
    lock(account, "A", 5)
    lock(account, "A", 3)
    assert (balance.free, balance.held, account.external_locks) == (0, 10, {"A": 8})
    lock(account, "A", -7)
    assert (balance.free, balance.held, account.external_locks) == (7, 3, {"A": 1})
    lock(account, "A", -1)
    assert (balance.free, balance.held, account.external_locks) == (8, 2, {})


@pytest.mark.parametrize("amount", [4, -3])
def test_nobody_outside_locks_or_unlocks_what_is_not_there(amount: int) -> None:
    account = make_account(1)
    balance = account.balance("A")
    balance.free = 9
    hold(balance, 4)
    lock(account, "A", 2)
    with pytest.raises(AssertionError):
        lock(account, "A", amount)
    assert (balance.free, balance.held, account.external_locks) == (3, 6, {"A": 2})


def test_money_is_issued_and_taken_back_as_far_as_it_is_free() -> None:
    ledger, account = Ledger(), make_account(1)
    ledger.issue(account, "A", 10)
    hold(account.balance("A"), 6)
    with pytest.raises(AssertionError):
        ledger.issue(account, "A", -5)
    assert (account.balance("A").free, ledger.issued) == (4, {"A": 10})
    ledger.issue(account, "A", -4)
    assert (account.balance("A").free, account.balance("A").held, ledger.issued) == (0, 6, {"A": 6})
    ledger.check_invariants([account])


def test_settling_pays_the_receiver_the_ledger_and_gives_the_rest_back() -> None:
    ledger, payer, receiver = Ledger(), Balance(0, 10), Balance(0, 0)
    ledger.settle(payer, receiver, held=8, amount=7, commission=2, asset="A")
    assert (payer.free, payer.held) == (1, 2)
    assert (receiver.free, receiver.held) == (5, 0)
    assert ledger.collected == {"A": 2}
    ledger.settle(payer, receiver, held=2, amount=2, commission=0, asset="B")
    assert ledger.collected == {"A": 2}


@pytest.mark.parametrize(("held", "amount", "commission"), [(11, 5, 0), (5, 6, 0), (5, 5, 6), (5, -1, 0), (5, 5, -1)])
def test_no_settlement_beyond_what_is_held(held: int, amount: int, commission: int) -> None:
    with pytest.raises(AssertionError):
        Ledger().settle(Balance(0, 10), Balance(), held=held, amount=amount, commission=commission, asset="A")


MOVES = st.lists(
    st.tuples(
        st.sampled_from(["issue", "hold", "release", "lock", "settle"]),
        st.integers(0, 2),
        st.integers(0, 2),
        st.integers(-5, 20),
        st.integers(0, 9),
    ),
    max_size=60,
)


@given(MOVES)
def test_totals_are_what_was_issued_whatever_happens(moves: list[tuple[str, int, int, int, int]]) -> None:
    ledger, accounts = Ledger(), [make_account(number) for number in range(3)]
    issued = 0
    for move, payer, receiver, amount, fee in moves:
        source, target = accounts[payer].balance("A"), accounts[receiver].balance("A")
        locked = accounts[payer].external_locks.get("A", 0)
        by_orders = source.held - locked
        if move == "issue" and source.free + amount >= 0:
            ledger.issue(accounts[payer], "A", amount)
            issued += amount
        elif move == "hold" and 0 <= amount <= source.free:
            hold(source, amount)
        elif move == "release" and 0 <= amount <= by_orders:
            release(source, amount)
        elif move == "lock" and -locked <= amount <= source.free:
            lock(accounts[payer], "A", amount)
            assert (accounts[payer].external_locks.get("A", 0), source.held) == (locked + amount, by_orders + locked + amount)
        elif move == "settle" and 0 <= amount <= by_orders:
            ledger.settle(source, target, held=amount, amount=amount // 2, commission=min(fee, amount // 2), asset="A")
        ledger.check_invariants(accounts)
        total = sum(account.balance("A").free + account.balance("A").held for account in accounts)
        assert total + ledger.collected.get("A", 0) == issued == ledger.issued.get("A", 0)


def test_commissions_may_be_taken_of_what_is_free() -> None:
    ledger, account = Ledger(), make_account(1)
    ledger.issue(account, "A", 10)
    ledger.collect(account.balance("A"), 4, "A")
    ledger.collect(account.balance("A"), 0, "A")
    assert (account.balance("A").free, ledger.collected) == (6, {"A": 4})
    ledger.check_invariants([account])
    for amount in (7, -1):
        with pytest.raises(AssertionError):
            ledger.collect(account.balance("A"), amount, "A")


def test_a_conversion_issues_one_asset_and_takes_the_other_in() -> None:
    """faqs/sor_faq: the taker pays in its quote asset, the maker receives in another, one for one."""
    ledger, buyer, seller = Ledger(), make_account(1), make_account(2)
    ledger.issue(buyer, "A", 10)
    hold(buyer.balance("A"), 6)
    ledger.settle(buyer.balance("A"), seller.balance("B"), held=6, amount=5, commission=1, asset="B")
    ledger.convert(5, "A", "B")
    assert (ledger.issued, ledger.collected) == ({"A": 5, "B": 5}, {"B": 1})
    assert (buyer.balance("A").free, seller.balance("B").free) == (5, 4)
    ledger.check_invariants([buyer, seller])


def test_other_wallets_are_given_new_money_and_pay_the_ledger_and_are_paid() -> None:
    ledger = Ledger()
    ledger.endow("A", 10)
    ledger.earn("A", 4)
    assert (ledger.issued, ledger.collected) == ({"A": 10}, {"A": 4})
    ledger.earn("A", -7)
    ledger.check_invariants([], [("A", 20), ("A", -7)])
    with pytest.raises(AssertionError):
        ledger.check_invariants([], [("A", 14)])
    with pytest.raises(AssertionError):
        ledger.check_invariants([], [("A", 13), ("B", 1)])


# ---- rates: (maker, taker, buyer, seller)


def test_its_own_check_finds_every_damage() -> None:
    def damaged(free: int, held: int, collected: int) -> None:
        ledger, account = Ledger(), make_account(1)
        ledger.issue(account, "A", 10)
        balance = account.balance("A")
        balance.free, balance.held = free, held
        ledger.collected["A"] = collected
        ledger.check_invariants([account])

    damaged(4, 5, 1)
    for wrong in ((11, 0, 0), (4, 5, 0), (9, 0, 0), (-1, 11, 0), (11, -1, 0), (10, 0, 1)):
        with pytest.raises(AssertionError):
            damaged(*wrong)


def test_money_nobody_issued_is_found() -> None:
    ledger, account = Ledger(), make_account(1)
    account.balance("B").free = 1
    with pytest.raises(AssertionError):
        ledger.check_invariants([account])
