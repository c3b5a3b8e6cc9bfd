"""Double-entry balances: money is held, released, settled and issued, and never made or lost on the way.

Order of work.  An order holds what it may need; a fill settles out of what is held and releases what it did not need; a cancel
                releases the rest. Deposits are issued against the ledger itself, commissions are collected by it.
Invariant.      For each asset: the sum of all balances (free and held) plus what was collected equals what was issued. No
                free or held amount is ever negative.
Does not.       Know orders, rules or who may do what.
"""

from collections.abc import Iterable
from typing import Final

from papernet.core.enums import AccountKind
from papernet.core.order import Order


class Balance:
    """What an account has of one asset: `free` to use and `held` by its open orders, units of 10^-8."""

    __slots__ = ("free", "held")

    def __init__(self, free: int = 0, held: int = 0) -> None:
        """Make a balance."""
        self.free: int = free
        self.held: int = held


class Account:
    """Who trades: balances, open orders and commission rates (units of 10^-8 of the amount received)."""

    __slots__ = (
        "account_id",
        "balances",
        "buyer_rate",
        "client_order_ids",
        "is_user",
        "kind",
        "maker_rate",
        "name",
        "open_counts",
        "open_orders",
        "seller_rate",
        "taker_rate",
        "uid",
        "updated_at",
    )

    def __init__(self, account_id: int, name: str, uid: int, kind: AccountKind, at: int) -> None:
        """Open an account with nothing in it."""
        self.account_id: Final = account_id
        self.name: Final = name
        self.uid: Final = uid
        self.kind: Final = kind
        # whether a user, not the simulated crowd, stands behind the account
        self.is_user: Final = kind is AccountKind.USER
        self.balances: Final[dict[str, Balance]] = {}
        # keyed by (symbol, order id), in order of placement
        self.open_orders: Final[dict[tuple[str, int], Order]] = {}
        # keyed by (symbol, client order id), open orders only
        self.client_order_ids: Final[dict[tuple[str, str], Order]] = {}
        # how many of them are open on each symbol
        self.open_counts: Final[dict[str, int]] = {}
        self.maker_rate: int = 0
        self.taker_rate: int = 0
        self.buyer_rate: int = 0
        self.seller_rate: int = 0
        self.updated_at: int = at

    def add_open(self, symbol: str, order: Order) -> None:
        """Enter an order that now rests on the book of `symbol`."""
        self.open_orders[symbol, order.order_id] = order
        self.client_order_ids[symbol, order.terms.client_order_id] = order
        self.open_counts[symbol] = self.open_counts.get(symbol, 0) + 1

    def remove_open(self, symbol: str, order: Order) -> None:
        """Forget an order that left the book of `symbol`."""
        del self.open_orders[symbol, order.order_id]
        del self.client_order_ids[symbol, order.terms.client_order_id]
        self.open_counts[symbol] -= 1

    def balance(self, asset: str) -> Balance:
        """Return the account's balance of an asset, made empty at first use."""
        found = self.balances.get(asset)
        if found is None:
            found = self.balances[asset] = Balance()
        return found


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


class Ledger:
    """The other side of every entry that is not between two accounts: issued money and collected commissions, by asset."""

    __slots__ = ("collected", "issued")

    def __init__(self) -> None:
        """Make a ledger that has issued nothing."""
        self.issued: Final[dict[str, int]] = {}
        self.collected: Final[dict[str, int]] = {}

    def issue(self, account: Account, asset: str, amount: int) -> None:
        """Put `amount` of new money (negative: take it out) into what is free."""
        balance = account.balance(asset)
        assert balance.free + amount >= 0
        balance.free += amount
        self.issued[asset] = self.issued.get(asset, 0) + amount

    def settle(self, payer: Balance, receiver: Balance, *, held: int, amount: int, commission: int, asset: str) -> None:
        """Move `amount` of an asset from what the payer holds to what the receiver has free.

        `held` is what the payer's order needs no longer: what exceeds `amount` returns to the payer. The commission is taken
        out of what the receiver gets. The five movements sum to zero.
        """
        assert 0 <= amount <= held <= payer.held
        assert 0 <= commission <= amount
        payer.held -= held
        payer.free += held - amount
        receiver.free += amount - commission
        if commission:
            self.collected[asset] = self.collected.get(asset, 0) + commission

    def check_invariants(self, accounts: Iterable[Account]) -> None:
        """Assert that no balance is negative and that each asset's total is what was issued; O(balances)."""
        totals = dict(self.collected)
        for account in accounts:
            for asset, balance in account.balances.items():
                assert balance.free >= 0, (account.name, asset)
                assert balance.held >= 0, (account.name, asset)
                totals[asset] = totals.get(asset, 0) + balance.free + balance.held
        for asset, total in totals.items():
            assert total == self.issued.get(asset, 0), (asset, total, self.issued.get(asset, 0))
