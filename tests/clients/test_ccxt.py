"""ccxt does a full session with nothing changed but its URLs."""

from typing import Any

import ccxt
import ccxt.async_support
import pytest

from tests.clients.conftest import Credentials, Server

pytestmark = pytest.mark.clients


def _options(server: Server, key: Credentials) -> dict[str, Any]:
    api = server.rest + "/api"
    return {
        "apiKey": key.api_key,
        "secret": key.secret,
        "options": {"fetchMarkets": {"types": ["spot"]}},
        "urls": {"test": {"public": api + "/v3", "private": api + "/v3", "v1": api + "/v1"}},
    }


def _exchange(server: Server, account: str, kind: str = "HMAC") -> Any:
    exchange = ccxt.binance(_options(server, server.key(account, kind)))
    exchange.set_sandbox_mode(True)
    return exchange


def test_a_full_session_trades_and_reads_itself_back(server: Server) -> None:
    """Markets, book, limit, partial fill, market, cancel, balance, trades, errors by their ccxt classes."""
    alice, bob = _exchange(server, "alice"), _exchange(server, "bob")
    markets = alice.load_markets()
    assert markets["LTC/USDT"]["precision"] == {
        "amount": 0.001,
        "price": 0.01,
        "base": 1e-08,
        "quote": 1e-08,
        "cost": None,
    } or (markets["LTC/USDT"]["precision"]["price"] == 0.01)
    placed = alice.create_order("LTC/USDT", "limit", "buy", 2, 60, {"clientOrderId": "ccxt-maker"})
    assert (placed["status"], placed["filled"]) == ("open", 0)
    assert alice.fetch_order_book("LTC/USDT")["bids"] == [[60, 2]]
    sold = bob.create_order("LTC/USDT", "limit", "sell", 0.5, 60)
    assert (sold["status"], sold["average"]) == ("closed", 60)
    assert alice.fetch_order(placed["id"], "LTC/USDT")["filled"] == 0.5
    market = bob.create_order("LTC/USDT", "market", "sell", 0.5)
    assert (market["status"], market["cost"]) == ("closed", 30)
    assert [order["clientOrderId"] for order in alice.fetch_open_orders("LTC/USDT")] == ["ccxt-maker"]
    assert alice.cancel_order(placed["id"], "LTC/USDT")["status"] == "canceled"
    assert [trade["amount"] for trade in alice.fetch_my_trades("LTC/USDT")] == [0.5, 0.5]
    assert alice.fetch_balance()["LTC"]["free"] > 0
    assert [order["status"] for order in alice.fetch_orders("LTC/USDT")] == ["canceled"]
    assert alice.fetch_ticker("LTC/USDT")["last"] == 60
    assert len(alice.fetch_ohlcv("LTC/USDT", "1m")) >= 1
    with pytest.raises(ccxt.InsufficientFunds):
        alice.create_order("LTC/USDT", "limit", "buy", 10_000, 60)
    with pytest.raises(ccxt.OrderNotFound):
        alice.cancel_order(placed["id"], "LTC/USDT")
    with pytest.raises(ccxt.BadSymbol):
        alice.public_get_depth({"symbol": "NOSUCH"})


def test_post_only_that_would_take_is_ccxts_own_class(server: Server) -> None:
    """The refusal of a post-only order is recognised by its text."""
    alice = _exchange(server, "alice")
    resting = alice.create_order("XRP/USDT", "limit", "sell", 100, 0.6)
    try:
        with pytest.raises(ccxt.OrderImmediatelyFillable):
            _exchange(server, "bob").create_order("XRP/USDT", "limit", "buy", 100, 0.6, {"postOnly": True})
    finally:
        alice.cancel_order(resting["id"], "XRP/USDT")


@pytest.mark.parametrize(("account", "kind"), [("alice", "ED25519"), ("bob", "RSA")])
def test_private_key_files_sign_as_documented(server: Server, account: str, kind: str) -> None:
    """RSA and Ed25519 keys work as PEM."""
    assert _exchange(server, account, kind).fetch_balance()["BTC"]["total"] > 0


async def test_the_asynchronous_exchange_trades_too(server: Server) -> None:
    """The asyncio flavour, as freqtrade uses it."""
    exchange = ccxt.async_support.binance(_options(server, server.key("bob")))
    exchange.set_sandbox_mode(True)
    try:
        order = await exchange.create_order("SOL/USDT", "limit", "buy", 1, 100)
        cancelled = await exchange.cancel_order(order["id"], "SOL/USDT")
        assert cancelled["status"] == "canceled"
    finally:
        await exchange.close()
