"""An account: its balances, what it has open, what it pays and what it may do.

Invariant.      `open_orders`, `client_order_ids` and `open_counts` tell of the same orders; `open_lists` and
                `list_client_order_ids` of the same lists. No amount is negative. What is locked from outside is part of what
                is held, and no lock is 0.
Does not.       Move money between accounts: the ledger does. Decide anything.
"""

from typing import Final

from msgspec import Struct

from papernet.core.enums import AccountKind
from papernet.core.order import Order
from papernet.core.order_list import OrderList


class Balance:
    """What an account has of one asset: `free` to use and `held`, by open orders or from outside, units of 10^-8."""

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
        "external_locks",
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
        # how much of what is held of an asset no order holds (user-data-stream.md, External Lock Update)
        self.external_locks: Final[dict[str, int]] = {}
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
