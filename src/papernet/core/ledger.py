"""Double-entry balances: money is held, released, settled and issued, and never made or lost on the way.

Order of work.  An order holds what it may need; a fill settles out of what is held and releases what it did not need; a cancel
                releases the rest. Deposits are issued against the ledger itself, commissions are collected by it.
Invariant.      For each asset: the sum of all balances (free and held) plus what was collected equals what was issued. No
                free or held amount is ever negative.
Does not.       Know orders, rules or who may do what.
"""

from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from papernet.core.enums import AccountKind
from papernet.core.order import Order
from papernet.core.order_list import OrderList
from papernet.core.units import AMOUNT_MAX


class Balance:
    """What an account has of one asset: `free` to use and `held` by its open orders, units of 10^-8."""

    __slots__ = ("free", "held")

    def __init__(self, free: int = 0, held: int = 0) -> None:
        """Make a balance."""
        self.free: int = free
        self.held: int = held


class Rates(Struct, frozen=True, array_like=True, gc=False):
    """Commission rates of an account, units of 10^-8: each part is (maker, taker, buyer, seller).

    Source: rest-api.md, Query Commission Rates; faqs/commission_faq.md.
    """

    standard: tuple[int, int, int, int] = (0, 0, 0, 0)
    special: tuple[int, int, int, int] = (0, 0, 0, 0)
    tax: tuple[int, int, int, int] = (0, 0, 0, 0)

    def of(self, *, is_maker: bool, is_buyer: bool) -> tuple[int, int, int]:
        """Return the (standard, special, tax) rates of one side of a trade."""
        liquidity, side = 0 if is_maker else 1, 2 if is_buyer else 3
        standard, special, tax = self.standard, self.special, self.tax
        return standard[liquidity] + standard[side], special[liquidity] + special[side], tax[liquidity] + tax[side]


NO_RATES: Final = Rates()


class Account:
    """Who trades: balances, open orders and order lists, commission rates and what the account may do."""

    __slots__ = (
        "account_id",
        "asset_limits",
        "balances",
        "can_trade",
        "client_order_ids",
        "is_user",
        "kind",
        "list_client_order_ids",
        "name",
        "open_counts",
        "open_lists",
        "open_orders",
        "pays_with_discount_asset",
        "permissions",
        "prevents_sor",
        "rates",
        "symbol_rates",
        "trade_group",
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
        # open lists, by id and by client id
        self.open_lists: Final[dict[int, OrderList]] = {}
        self.list_client_order_ids: Final[dict[str, OrderList]] = {}
        self.rates: Rates = NO_RATES
        # what takes the place of `rates` on a symbol
        self.symbol_rates: Final[dict[str, Rates]] = {}
        self.can_trade: bool = True
        self.pays_with_discount_asset: bool = False
        self.prevents_sor: bool = False
        # faqs/stp_faq, What is a Trade Group Id: -1 for none
        self.trade_group: int = -1
        self.permissions: tuple[str, ...] = ("SPOT",)
        # the greatest amount of an asset in one order (filters.md, MAX_ASSET)
        self.asset_limits: Final[dict[str, int]] = {}
        self.updated_at: int = at

    def rates_of(self, symbol: str) -> Rates:
        """Return the commission rates of the account on a symbol."""
        return self.symbol_rates.get(symbol, self.rates)

    def add_open(self, symbol: str, order: Order) -> None:
        """Enter an order of `symbol` that is open from now on."""
        self.open_orders[symbol, order.order_id] = order
        self.client_order_ids[symbol, order.terms.client_order_id] = order
        self.open_counts[symbol] = self.open_counts.get(symbol, 0) + 1

    def remove_open(self, symbol: str, order: Order) -> None:
        """Forget an order of `symbol` that has ended."""
        del self.open_orders[symbol, order.order_id]
        del self.client_order_ids[symbol, order.terms.client_order_id]
        self.open_counts[symbol] -= 1

    def free(self, asset: str) -> int:
        """Return what is free of an asset, without making a balance."""
        found = self.balances.get(asset)
        return found.free if found is not None else 0

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

    def can_issue(self, asset: str, amount: int) -> bool:
        """Tell whether so much more of an asset may exist: then no balance and no fill can ever be beyond what doors carry."""
        return self.issued.get(asset, 0) + amount <= AMOUNT_MAX

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

    def collect(self, balance: Balance, amount: int, asset: str) -> None:
        """Take a commission of `amount` out of what is free."""
        assert 0 <= amount <= balance.free
        balance.free -= amount
        self.collected[asset] = self.collected.get(asset, 0) + amount

    def convert(self, amount: int, taken: str, given: str) -> None:
        """Note that the venue took in `amount` of one asset and gives out as much of another (faqs/sor_faq, 1 to 1)."""
        self.issued[taken] = self.issued.get(taken, 0) - amount
        self.issued[given] = self.issued.get(given, 0) + amount

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
