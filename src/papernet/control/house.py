"""The house: the account from which the control plane trades, and its way to the exchange.

Order of work.  The account is opened at its first order. Before each order the house is given what it lacks for it, as new
                money, and the permissions that the symbol asks for.
Invariant.      Everything is an ordinary command, so that it is journaled, told and settled like anybody's. What is refused is
                a `CannotError` that says so.
Does not.       Decide what to trade.
"""

from collections.abc import Callable
from typing import Any, Final

from papernet.core.account import Account
from papernet.core.commands import Command, ConfigureAccount, Deposit, OpenAccount, TransferToOptions
from papernet.core.enums import AccountKind
from papernet.core.events import Applied, Refused
from papernet.core.rejects import Reject
from papernet.exchange.machine import Exchange
from papernet.venues.spot.market import Market

# The second one, which users' accounts cannot be called, is for networks in which a user took the first.
HOUSE_NAMES: Final = ("director", "house.director")
_FIRST_UID: Final = 2


class CannotError(Exception):
    """What was asked for cannot be done as things stand; `ahead` are the orders in the way, `status` 404 is for what is not."""

    def __init__(self, message: str, ahead: list[dict[str, Any]] | None = None, status: int = 409) -> None:
        """Say why."""
        super().__init__(message)
        self.ahead: Final = ahead or []
        self.status: Final = status


def worded(reject: Reject) -> str:
    """Return a refusal in words."""
    return " ".join((reject.reason.name.lower().replace("_", " "), *reject.args))


def house_of(exchange: Exchange) -> Account | None:
    """Return the house's account; None when it never traded."""
    for name in HOUSE_NAMES:
        account = exchange.accounts.by_name.get(name)
        if account is not None and not account.is_user:
            return account
    return None


class House:
    """The house of one exchange."""

    def __init__(self, exchange: Exchange, submit: Callable[[Command, int], Applied]) -> None:
        """Trade on `exchange` by `submit`."""
        self.exchange: Final = exchange
        self._submit: Final = submit
        # what the last command brought about: once it is durable, everything before it is
        self.last: Applied | None = None

    def account(self, now: int) -> Account:
        """Return the house's account, opened at its first use."""
        found = house_of(self.exchange)
        if found is not None:
            return found
        accounts = self.exchange.accounts
        uid = _FIRST_UID
        while uid in accounts.by_uid:
            uid += 1
        name = next(name for name in HOUSE_NAMES if name not in accounts.by_name)
        self.do(OpenAccount(name, uid, AccountKind.CROWD), now)
        return accounts.by_name[name]

    def do(self, command: Command, now: int) -> Applied:
        """Carry out a command that must not be refused."""
        applied = self.attempt(command, now)
        first = applied.events[0] if applied.events else None
        if isinstance(first, Refused):
            raise CannotError(f"the exchange refuses what the house would do: {worded(first.reject)}")
        return applied

    def attempt(self, command: Command, now: int) -> Applied:
        """Carry out a command, or have it refused."""
        self.last = self._submit(command, now)
        return self.last

    def admit_to(self, market: Market, now: int) -> None:
        """Give the house what permissions a symbol asks for."""
        account = self.account(now)
        if market.admits(account.permissions):
            return
        missing = tuple(
            choice[0] for choice in market.symbol.permission_sets if not any(name in account.permissions for name in choice)
        )
        self.do(ConfigureAccount(account.account_id, permissions=(*account.permissions, *missing)), now)

    def fund(self, asset: str, amount: int, now: int) -> None:
        """Give the house what it lacks so that `amount` of an asset is free."""
        account = self.account(now)
        lacking = amount - account.free(asset)
        if lacking > 0:
            self.do(Deposit(account.account_id, asset, lacking), now)

    def fund_options(self, amount: int, now: int) -> None:
        """Give the house what it lacks so that its options wallet has `amount`."""
        account, options = self.account(now), self.exchange.options
        lacking = amount - options.portfolios[account.account_id].balance
        if lacking > 0:
            self.fund(options.asset, lacking, now)
            self.do(TransferToOptions(account.account_id, options.asset, lacking), now)
