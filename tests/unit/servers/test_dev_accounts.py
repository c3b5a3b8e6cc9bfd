"""The well-known keys: pinned, whole, and what their files say they are."""

import hashlib
from importlib import resources

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key, load_pem_public_key

from papernet.core.enums import KeyType, Permission
from papernet.servers.dev_accounts import development_keys


def test_the_keys_are_the_same_on_every_machine() -> None:
    whole = "|".join(
        f"{key.account.name} {key.account.uid} {key.api_key} {key.secret} {key.private}" for key in development_keys()
    )
    assert hashlib.sha256(whole.encode()).hexdigest() == "5c3fbf47aeeabc2f472aadc5ff0e1898896aed888927c808bc96658e9b2c5f37"


def test_who_has_which() -> None:
    keys = [(key.account.name, key.key_type.name) for key in development_keys()]
    assert keys == [("alice", "HMAC"), ("alice", "ED25519"), ("bob", "HMAC"), ("bob", "RSA"), ("carol", "HMAC")]
    assert [key.permissions for key in development_keys() if key.account.name == "carol"] == [(Permission.USER_DATA,)]
    assert len({key.api_key for key in development_keys()}) == 5


def test_keys_look_like_keys() -> None:
    for key in development_keys():
        assert len(key.api_key) == 64
        assert key.api_key.isascii()
        assert key.api_key.isalnum()
        if key.key_type is KeyType.HMAC:
            assert len(key.secret) == 64
            assert key.secret == key.private != key.api_key


def test_public_and_private_halves_belong_together() -> None:
    for key in development_keys():
        if key.key_type is KeyType.HMAC:
            continue
        private = load_pem_private_key(key.private.encode(), None)
        assert isinstance(private, Ed25519PrivateKey | RSAPrivateKey)
        public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        assert public.decode() == key.secret
        assert load_pem_public_key(public)


def test_the_file_of_the_private_key_says_that_it_is_public() -> None:
    text = resources.files("papernet.data").joinpath("development_bob_rsa_private_key_known_to_everyone.pem").read_text()
    assert text.startswith("This private key is PUBLIC BY DESIGN")
    assert load_pem_private_key(text.encode(), None)
