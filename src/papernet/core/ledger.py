"""Double-entry balances: money is held, released, settled and issued, and never made or lost on the way.

Order of work.  An order holds what it may need; a fill settles out of what is held and releases what it did not need; a cancel
                releases the rest. What is locked from outside is held beside what orders hold. Deposits are issued against
                the ledger itself, commissions are collected by it.
Invariant.      For each asset: the sum of all balances (free and held) plus what was collected equals what was issued. No
                free or held amount is ever negative.
Does not.       Know orders, rules or who may do what.
"""

from collections.abc import Iterable
from typing import Final

from papernet.core.account import Account, Balance
from papernet.core.units import AMOUNT_MAX


def hold(balance: Balance, amount: int) -> None:
    """Reserve `amount` of what is free."""
    assert 0 <= amount <= balance.free
    balance.free -= amount
    balance.held += amount


def release(balance: Balance, amount: int) -> None:
    """Give `amount` of what is held back to what is free."""
    assert 0 <= amount <= balance.held
    balance.held -= amount
    balance.free += amount


def lock(account: Account, asset: str, amount: int) -> None:
    """Lock `amount` of what is free from outside; negative: give back of what was locked so."""
    balance, locked = account.balance(asset), account.external_locks.get(asset, 0) + amount
    assert amount <= balance.free
    assert locked >= 0
    balance.free -= amount
    balance.held += amount
    if locked:
        account.external_locks[asset] = locked
    else:
        account.external_locks.pop(asset, None)


class Ledger:
    """The other side of every entry that is not between two accounts: issued money and collected commissions, by asset."""

    __slots__ = ("collected", "issued")

    def __init__(self) -> None:
        """Make a ledger that has issued nothing."""
        self.issued: Final[dict[str, int]] = {}
        self.collected: Final[dict[str, int]] = {}

    def can_issue(self, asset: str, amount: int) -> bool:
        """Tell whether so much more of an asset may exist: then no balance and no fill can ever be beyond what doors carry."""
        return self.issued.get(asset, 0) + amount <= AMOUNT_MAX

    def issue(self, account: Account, asset: str, amount: int) -> None:
        """Put `amount` of new money (negative: take it out) into what is free."""
        balance = account.balance(asset)
        assert balance.free + amount >= 0
        balance.free += amount
        self.issued[asset] = self.issued.get(asset, 0) + amount

    def endow(self, asset: str, amount: int) -> None:
        """Note that `amount` of new money was put into a wallet that is not an account's own."""
        self.issued[asset] = self.issued.get(asset, 0) + amount

    def settle(self, payer: Balance, receiver: Balance, held: int, amount: int, commission: int, asset: str) -> None:
        """Move `amount` of an asset from what the payer holds to what the receiver has free.

        `held` is what the payer's order needs no longer: what exceeds `amount` returns to the payer. The commission is taken
        out of what the receiver gets. What it moves sums to zero.
        """
        assert 0 <= amount <= held <= payer.held
        assert 0 <= commission <= amount
        payer.held -= held
        payer.free += held - amount
        receiver.free += amount - commission
        if commission:
            self.collected[asset] = self.collected.get(asset, 0) + commission

    def collect(self, balance: Balance, amount: int, asset: str) -> None:
        """Take a commission of `amount` out of what is free."""
        assert 0 <= amount <= balance.free
        balance.free -= amount
        self.collected[asset] = self.collected.get(asset, 0) + amount

    def earn(self, asset: str, amount: int) -> None:
        """Note that the venue was paid `amount` out of an options wallet, or paid it in (negative)."""
        self.collected[asset] = self.collected.get(asset, 0) + amount

    def convert(self, amount: int, taken: str, given: str) -> None:
        """Note that the venue took in `amount` of one asset and gives out as much of another (faqs/sor_faq, 1 to 1)."""
        self.issued[taken] = self.issued.get(taken, 0) - amount
        self.issued[given] = self.issued.get(given, 0) + amount

    def check_invariants(self, accounts: Iterable[Account], elsewhere: Iterable[tuple[str, int]] = ()) -> None:
        """Assert that no balance is negative and that each asset's total is what was issued; O(balances).

        `elsewhere` is what other wallets than those of the accounts hold: (asset, amount).
        """
        totals = dict(self.collected)
        for asset, amount in elsewhere:
            totals[asset] = totals.get(asset, 0) + amount
        for account in accounts:
            for asset, balance in account.balances.items():
                assert balance.free >= 0, (account.name, asset)
                assert balance.held >= 0, (account.name, asset)
                totals[asset] = totals.get(asset, 0) + balance.free + balance.held
        for asset, total in totals.items():
            assert total == self.issued.get(asset, 0), (asset, total, self.issued.get(asset, 0))
