"""Accounts and their keys, as tests get them."""

import pytest

from papernet.core.enums import KeyType
from papernet.servers.dev_accounts import development_keys
from papernet.testing.accounts import Account, Key, development_accounts


def test_every_development_key_is_there_with_what_a_client_signs_with() -> None:
    accounts = development_accounts()
    assert list(accounts) == ["alice", "bob", "carol"]
    for key in development_keys():
        mine = accounts[key.account.name].key(KeyType(key.key_type).name)
        assert (mine.api_key, mine.secret) == (key.api_key, key.private)


def test_an_account_offers_its_hmac_key_and_its_private_key() -> None:
    alice, bob = development_accounts()["alice"], development_accounts()["bob"]
    assert (alice.api_key, alice.secret) == (alice.key().api_key, alice.key("hmac").secret)
    assert alice.private_key == alice.key("ED25519").secret
    assert alice.private_api_key == alice.key("ED25519").api_key
    assert bob.private_key.startswith("-----BEGIN")
    assert bob.private_api_key == bob.key("RSA").api_key


def test_a_key_that_there_is_not_is_told_with_those_that_there_are() -> None:
    dave = Account("dave", (Key("HMAC", "k", "s"),))
    with pytest.raises(LookupError, match="dave has no RSA key, only HMAC"):
        dave.key("rsa")
    with pytest.raises(LookupError, match="dave has no private key, only HMAC"):
        assert dave.private_key
