"""The object that a test holds: addresses, accounts, and calls."""

from decimal import Decimal
from typing import Any

import pytest

from papernet.testing.network import Network
from tests.support.asked import Asked


def network(ask: Any) -> Network:
    return Network("http://127.0.0.1:9/", "token", ask)


def test_the_addresses_follow_from_one() -> None:
    papernet = network(Asked())
    assert papernet.rest_url == "http://127.0.0.1:9"
    assert papernet.ws_url == "ws://127.0.0.1:9"
    assert papernet.ws_api_url == "ws://127.0.0.1:9/ws-api/v3"
    assert papernet.token == "token"


def test_an_account_that_there_is_not_is_told_with_those_that_there_are() -> None:
    with pytest.raises(LookupError, match=r"no account dave here, only alice, bob, carol; open_account\(\) makes one"):
        network(Asked()).account("dave")


def test_an_account_is_opened_with_a_key_of_its_own() -> None:
    ask = Asked({"api_key": "K", "secret_key": "S"})
    papernet = network(ask)
    dave = papernet.open_account("dave", {"USDT": 500})
    assert (dave.api_key, dave.secret) == ("K", "S")
    assert papernet.account("dave") is dave
    papernet.open_account("erin")
    assert ask.calls == [
        ("POST", "/accounts", {"name": "dave", "balances": {"USDT": "500"}}, {}),
        ("POST", "/keys", {"account": "dave", "type": "HMAC"}, {}),
        ("POST", "/accounts", {"name": "erin"}, {}),
        ("POST", "/keys", {"account": "erin", "type": "HMAC"}, {}),
    ]


def test_keys_and_deposits_are_calls() -> None:
    ask = Asked({"api_key": "K", "secret_key": "S"})
    papernet = network(ask)
    assert papernet.create_key("alice", ("USER_DATA",), label="reader").secret == "S"
    papernet.deposit("alice", "USDT", -5)
    assert ask.calls == [
        ("POST", "/keys", {"type": "HMAC", "account": "alice", "permissions": ["USER_DATA"], "label": "reader"}, {}),
        ("POST", "/accounts/alice/balances", {"asset": "USDT", "amount": "-5"}, {}),
    ]


def test_balances_are_decimals_by_asset() -> None:
    papernet = network(Asked([{"name": "bob"}, {"name": "alice", "balances": {"USDT": {"free": "1.50", "locked": "2"}}}]))
    assert papernet.balances("alice") == {"USDT": (Decimal("1.50"), Decimal(2))}
    with pytest.raises(LookupError, match="no account dave"):
        papernet.balances("dave")


def test_states_are_kept_returned_to_and_forgotten_by_name() -> None:
    ask = Asked()
    papernet = network(ask)
    assert papernet.checkpoint() == "start"
    papernet.restore()
    papernet.checkpoint("before")
    papernet.restore("before")
    papernet.checkpoints()
    papernet.remove_checkpoint("before")
    papernet.reset()
    assert ask.calls == [
        ("POST", "/checkpoints", {"name": "start"}, {}),
        ("POST", "/checkpoints/restore", {"name": "start"}, {}),
        ("POST", "/checkpoints", {"name": "before"}, {}),
        ("POST", "/checkpoints/restore", {"name": "before"}, {}),
        ("GET", "/checkpoints", None, {}),
        ("DELETE", "/checkpoints", None, {"name": "before"}),
        ("POST", "/reset", None, {}),
    ]


def test_a_fork_is_a_network_of_its_own_with_the_same_token_and_accounts() -> None:
    ask = Asked({"rest_url": "http://127.0.0.1:10", "api_key": "K", "secret_key": "S"})
    papernet = network(ask)
    dave = papernet.open_account("dave")
    fork = papernet.fork("before")
    assert (fork.rest_url, fork.token) == ("http://127.0.0.1:10", "token")
    assert fork.account("dave") is dave
    assert ask.calls[-1] == ("POST", "/checkpoints/fork", {"name": "before"}, {})
    papernet.fork()
    assert ask.calls[-1] == ("POST", "/checkpoints/fork", {}, {})


def test_any_call_can_be_made_by_its_path() -> None:
    ask = Asked({"a": 1})
    papernet = network(ask)
    assert papernet.control("GET", "/keys", account="alice") == {"a": 1}
    assert papernet.requests(limit=5, code=-1021) == ["a"]
    assert ask.calls == [("GET", "/keys", None, {"account": "alice"}), ("GET", "/requests", None, {"limit": 5, "code": -1021})]
