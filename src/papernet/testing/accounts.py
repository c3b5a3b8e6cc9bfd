"""The accounts of a test network, as a test needs them: names and keys with their secrets.

Does not.       Know balances: `Network.balances` asks for them.
"""

from msgspec import Struct

from papernet.core.enums import KeyType
from papernet.servers.dev_accounts import DevelopmentKey, development_keys


class Key(Struct, frozen=True):
    """An API key: `secret` is what a client signs with, an HMAC secret or a private key as PEM."""

    type: str
    api_key: str
    secret: str


class Account(Struct, frozen=True):
    """An account and its keys."""

    name: str
    keys: tuple[Key, ...]

    @property
    def api_key(self) -> str:
        """Return the API key that goes with `secret`."""
        return self.key("HMAC").api_key

    @property
    def secret(self) -> str:
        """Return the HMAC secret."""
        return self.key("HMAC").secret

    @property
    def private_key(self) -> str:
        """Return the private key as PEM: of Ed25519, or RSA where there is no other."""
        return self._asymmetric().secret

    @property
    def private_api_key(self) -> str:
        """Return the API key that goes with `private_key`."""
        return self._asymmetric().api_key

    def key(self, kind: str = "HMAC") -> Key:
        """Return the key of a type: HMAC, RSA or ED25519."""
        for key in self.keys:
            if key.type == kind.upper():
                return key
        raise LookupError(f"{self.name} has no {kind.upper()} key, only {self._kinds()}")

    def _asymmetric(self) -> Key:
        for kind in ("ED25519", "RSA"):
            for key in self.keys:
                if key.type == kind:
                    return key
        raise LookupError(f"{self.name} has no private key, only {self._kinds()}")

    def _kinds(self) -> str:
        return ", ".join(key.type for key in self.keys)


def development_accounts() -> dict[str, Account]:
    """Return the accounts that every network has from the start, by name."""
    keys: dict[str, list[DevelopmentKey]] = {}
    for key in development_keys():
        keys.setdefault(key.account.name, []).append(key)
    return {
        name: Account(name, tuple(Key(KeyType(each.key_type).name, each.api_key, each.private) for each in kept))
        for name, kept in keys.items()
    }
