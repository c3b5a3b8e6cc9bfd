"""Development accounts: the same names, uids and keys on every machine, known to everyone, worth nothing.

Order of work.  API keys and HMAC secrets are stretched from a label by SHA-512; the Ed25519 private key is the SHA-256 of a
                label; the RSA pair is a file that ships with papernet, because RSA has no portable derivation.
Invariant.      Nothing here depends on the machine, the seed or the time; a test pins every key.
Does not.       Import a cryptography library: public keys ship as files, so that starting up stays quick.
"""

import base64
import hashlib
import re
from importlib import resources
from typing import Final

from msgspec import Struct

from papernet.core.commands import RegisterKey
from papernet.core.enums import KeyType, Permission

_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_KEY_LENGTH: Final = 64
# RFC 8410: the DER header of a PKCS#8 Ed25519 private key, before the 32 bytes of seed.
_ED25519_HEADER: Final = bytes.fromhex("302e020100300506032b657004220420")
_PEM: Final = re.compile(r"-----BEGIN [A-Z ]+-----.*-----END [A-Z ]+-----\n", re.DOTALL)
_FULL: Final = (Permission.USER_DATA, Permission.TRADE, Permission.USER_STREAM)
_READ_ONLY: Final = (Permission.USER_DATA,)


class DevelopmentAccount(Struct, frozen=True):
    """A well-known account."""

    name: str
    uid: int


class DevelopmentKey(Struct, frozen=True):
    """A well-known key: `secret` is what the exchange stores, `private` what a client signs with."""

    account: DevelopmentAccount
    key_type: KeyType
    api_key: str
    secret: str
    private: str
    permissions: tuple[Permission, ...]

    def register(self, account_id: int) -> RegisterKey:
        """Return the command that gives the key to the account."""
        label = f"{self.account.name} {self.key_type.name}"
        return RegisterKey(account_id, self.api_key, self.key_type, self.secret, self.permissions, label=label)


ALICE: Final = DevelopmentAccount("alice", 1_000_001)
BOB: Final = DevelopmentAccount("bob", 1_000_002)
CAROL: Final = DevelopmentAccount("carol", 1_000_003)
DEVELOPMENT_ACCOUNTS: Final = (ALICE, BOB, CAROL)


def development_keys() -> tuple[DevelopmentKey, ...]:
    """Return every well-known key, an account's HMAC key first."""
    return (
        _hmac_key(ALICE, _FULL),
        DevelopmentKey(
            ALICE,
            KeyType.ED25519,
            _api_key(ALICE, KeyType.ED25519),
            _packaged("development_alice_ed25519_public_key.pem"),
            ed25519_private_pem(hashlib.sha256(b"papernet development key alice ED25519").digest()),
            _FULL,
        ),
        _hmac_key(BOB, _FULL),
        DevelopmentKey(
            BOB,
            KeyType.RSA,
            _api_key(BOB, KeyType.RSA),
            _packaged("development_bob_rsa_public_key.pem"),
            _packaged("development_bob_rsa_private_key_known_to_everyone.pem"),
            _FULL,
        ),
        _hmac_key(CAROL, _READ_ONLY),
    )


def ed25519_private_pem(seed: bytes) -> str:
    """Return a 32-byte Ed25519 seed as a PKCS#8 PEM."""
    body = base64.b64encode(_ED25519_HEADER + seed).decode("ascii")
    return f"-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n"


def _hmac_key(account: DevelopmentAccount, permissions: tuple[Permission, ...]) -> DevelopmentKey:
    secret = _stretch(f"papernet development secret {account.name}")
    return DevelopmentKey(account, KeyType.HMAC, _api_key(account, KeyType.HMAC), secret, secret, permissions)


def _api_key(account: DevelopmentAccount, key_type: KeyType) -> str:
    return _stretch(f"papernet development api key {account.name} {key_type.name}")


def _stretch(label: str) -> str:
    """Return 64 letters and digits that follow from `label`."""
    number = int.from_bytes(hashlib.sha512(label.encode("ascii")).digest(), "big")
    letters = []
    for _ in range(_KEY_LENGTH):
        number, index = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[index])
    return "".join(letters)


def _packaged(name: str) -> str:
    text = resources.files("papernet.data").joinpath(name).read_text(encoding="ascii")
    match = _PEM.search(text)
    assert match is not None
    return match.group()
