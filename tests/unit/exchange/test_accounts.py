"""The registry of accounts."""

import pytest

from papernet.core.account import Account
from papernet.core.commands import OpenAccount
from papernet.core.enums import AccountKind
from papernet.exchange.accounts import Accounts


def test_accounts_are_numbered_from_one_and_found_by_id_name_and_uid() -> None:
    accounts = Accounts()
    first = accounts.open(OpenAccount("one", 700, AccountKind.USER), 5)
    second = accounts.open(OpenAccount("two", 300, AccountKind.CROWD), 6)
    assert (first.account_id, second.account_id) == (1, 2)
    assert (first.kind, second.kind, first.updated_at, second.updated_at) == (AccountKind.USER, AccountKind.CROWD, 5, 6)
    assert accounts.by_id == {1: first, 2: second}
    assert accounts.by_name == {"one": first, "two": second}
    assert accounts.by_uid == {700: first, 300: second}
    assert first.balances == {}
    assert accounts.keys == {}


@pytest.mark.parametrize(("name", "uid"), [("one", 701), ("two", 700), ("one", 700)])
def test_a_taken_name_or_uid_is_the_callers_mistake_and_takes_no_number(name: str, uid: int) -> None:
    accounts = Accounts()
    accounts.open(OpenAccount("one", 700, AccountKind.USER), 5)
    with pytest.raises(AssertionError):
        accounts.open(OpenAccount(name, uid, AccountKind.USER), 6)
    assert (len(accounts.by_id), len(accounts.by_name), len(accounts.by_uid)) == (1, 1, 1)
    assert accounts.open(OpenAccount("three", 703, AccountKind.USER), 7).account_id == 2


def test_an_account_enters_with_the_next_number_only() -> None:
    accounts = Accounts()
    for wrong in (0, 2):
        with pytest.raises(AssertionError):
            accounts.add(Account(wrong, "one", 700, AccountKind.USER, 5))
    accounts.add(Account(1, "one", 700, AccountKind.USER, 5))
    assert list(accounts.by_id) == [1]
