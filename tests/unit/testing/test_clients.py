"""What clients are configured with; `tests/clients/test_ready_clients.py` trades with them."""

from typing import Any

import ccxt
import ccxt.async_support
import ccxt.pro
import pytest
from binance.client import Client

from papernet.testing import clients
from papernet.testing.accounts import Key, development_accounts
from papernet.testing.clients import Addresses
from papernet.testing.time_verbs import ClockVerbs
from tests.support.asked import Asked

WHERE = Addresses("http://127.0.0.1:9", "ws://127.0.0.1:9")
KEY = Key("HMAC", "K", "S")


@pytest.mark.parametrize(
    ("flavour", "kind"),
    [("sync", ccxt.binance), ("async", ccxt.async_support.binance), ("pro", ccxt.pro.binance)],
)
def test_ccxt_knows_no_other_address_of_the_spot_exchange(flavour: clients.Flavour, kind: Any) -> None:
    client: Any = clients.ccxt_client(WHERE, KEY, None, flavour, "spot", None)
    assert type(client) is kind
    api = client.urls["api"]
    assert [api[name] for name in ("public", "private", "v1")] == [f"http://127.0.0.1:9/api/v{n}" for n in (3, 3, 1)]
    assert (api["ws"]["spot"], api["ws"]["ws-api"]["spot"]) == ("ws://127.0.0.1:9/ws", "ws://127.0.0.1:9/ws-api/v3")
    assert (client.apiKey, client.secret) == ("K", "S")


def test_ccxt_takes_options_at_the_same_place_and_what_is_merged_over_it() -> None:
    client = clients.ccxt_client(WHERE, KEY, None, "sync", "option", {"options": {"recvWindow": 1_000}, "timeout": 5})
    assert client.urls["api"]["eapiPrivate"] == "http://127.0.0.1:9/eapi/v1"
    assert client.urls["api"]["ws"]["optionMarket"] == "ws://127.0.0.1:9/market/ws"
    assert (client.options["defaultType"], client.options["recvWindow"], client.timeout) == ("option", 1_000, 5)


def test_a_client_that_follows_the_clock_signs_as_of_its_time() -> None:
    clock = ClockVerbs(Asked({"timestamp_ms": 1_893_456_000_000}))
    assert clients.ccxt_client(WHERE, KEY, clock, "sync", "spot", None).nonce() == 1_893_456_000_000
    kind: Any = type("Client", (Client,), clients._python_binance_addresses(WHERE, clock))
    client = kind("K", "S", testnet=True, ping=False)
    signed = client._get_request_kwargs("get", signed=True, data={})["params"]
    assert abs(int(signed.split("timestamp=")[1].split("&")[0]) - 1_893_456_000_000) <= 1
    assert client.API_TESTNET_URL == "http://127.0.0.1:9/api"
    assert Client.API_TESTNET_URL != client.API_TESTNET_URL
    client.session.close()


def test_the_sdk_signs_with_whatever_key_it_is_given() -> None:
    ed25519 = development_accounts()["alice"].key("ED25519")
    spot = clients.sdk_client(WHERE, ed25519)
    assert spot.rest_api.configuration.base_path == "http://127.0.0.1:9"
    assert spot.rest_api.configuration.private_key == ed25519.secret
    options = clients.sdk_option_client(WHERE, KEY)
    assert options.rest_api.configuration.base_path == "http://127.0.0.1:9"
    assert options.rest_api.configuration.api_secret == "S"
