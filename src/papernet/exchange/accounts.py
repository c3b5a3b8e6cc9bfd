"""Who there is: accounts and their API keys.

Invariant.      Account ids count from 1 in order of opening and are never reused; names and uids are unique; every key belongs
                to an account.
Does not.       Verify signatures: a key's secret is kept as data for the gateway that does.
"""

from typing import Final

from papernet.core.account import Account
from papernet.core.commands import OpenAccount, RegisterKey


class Accounts:
    """All accounts and API keys of the exchange."""

    __slots__ = ("by_id", "by_name", "by_uid", "keys")

    def __init__(self) -> None:
        """Make a registry of nobody."""
        self.by_id: Final[dict[int, Account]] = {}
        self.by_name: Final[dict[str, Account]] = {}
        self.by_uid: Final[dict[int, Account]] = {}
        self.keys: Final[dict[str, RegisterKey]] = {}

    def open(self, command: OpenAccount, at: int) -> Account:
        """Open an account whose name and uid are not taken."""
        account = Account(len(self.by_id) + 1, command.name, command.uid, command.kind, at)
        self.add(account)
        return account

    def add(self, account: Account) -> None:
        """Enter an account into the registry."""
        assert account.account_id == len(self.by_id) + 1
        assert account.name not in self.by_name
        assert account.uid not in self.by_uid
        self.by_id[account.account_id] = account
        self.by_name[account.name] = account
        self.by_uid[account.uid] = account
