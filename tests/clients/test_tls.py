"""Clients over TLS: by a base URL of papernet's, and by their own switch for the test network with nothing changed in them."""

import asyncio
import socket
from collections.abc import Iterator
from typing import Any

import ccxt
import ccxt.async_support as ccxt_async
import pytest
from binance import AsyncClient, BinanceSocketManager
from binance.base_client import BaseClient
from binance.client import Client
from binance_common.configuration import ConfigurationRestAPI
from binance_common.constants import SPOT_REST_API_TESTNET_URL
from binance_sdk_spot.spot import Spot

from tests.clients.crowd import soon
from tests.support.handshakes import strict_client
from tests.support.process import PATIENCE, Papernet

pytestmark = pytest.mark.clients

# The host names of the test network that clients' switches lead to.
NAMES = ("testnet.binance.vision", "ws-api.testnet.binance.vision", "stream.testnet.binance.vision")
SPOT_ONLY = {"options": {"fetchMarkets": {"types": ["spot"]}}}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Papernet]:
    names = [option for name in NAMES for option in ("--tls-name", name)]
    with Papernet(tmp_path_factory.mktemp("home"), "--ephemeral", "--market", "none", "--limits", "off", *names) as running:
        yield running


@pytest.fixture(autouse=True)
def trusted(server: Papernet, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trust the CA as docs/tls.md says: by the environment."""
    for variable in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"):
        monkeypatch.setenv(variable, server.ready["tls"]["ca"])


@pytest.fixture
def redirected(server: Papernet, monkeypatch: pytest.MonkeyPatch) -> None:
    """Send whoever asks for the test network here, as a hosts file and a port forward would."""
    resolve = socket.getaddrinfo
    port = int(server.ready["tls"]["rest"].rpartition(":")[2])

    def resolved(host: Any, service: Any, *rest: Any, **options: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name in NAMES:
            assert service == 443
            return resolve("127.0.0.1", port, *rest, **options)
        assert name in ("127.0.0.1", "localhost", None), f"{name} is on the internet"
        return resolve(host, service, *rest, **options)

    monkeypatch.setattr(socket, "getaddrinfo", resolved)


def trade_with_python_binance(client: Client) -> None:
    order = client.order_limit_buy(symbol="BTCUSDT", quantity="0.001", price="50000.00")
    assert client.cancel_order(symbol="BTCUSDT", orderId=order["orderId"])["status"] == "CANCELED"
    client.close_connection()


def trade_with_ccxt(exchange: Any) -> None:
    exchange.set_sandbox_mode(True)
    order = exchange.create_order("BTC/USDT", "limit", "buy", 0.001, 50_000)
    assert exchange.cancel_order(order["id"], "BTC/USDT")["status"] == "canceled"


def test_a_base_url_may_be_https(server: Papernet, monkeypatch: pytest.MonkeyPatch) -> None:
    alice, url = server.account("alice"), server.ready["tls"]["rest"]
    monkeypatch.setattr(BaseClient, "API_TESTNET_URL", url + "/api")
    trade_with_python_binance(Client(alice["api_key"], alice["secret_key"], testnet=True))
    urls = {"urls": {"test": {"public": f"{url}/api/v3", "private": f"{url}/api/v3", "v1": f"{url}/api/v1"}}}
    keys = {"apiKey": alice["api_key"], "secret": alice["secret_key"]}
    trade_with_ccxt(ccxt.binance({**keys, **SPOT_ONLY, **urls, "requests_trust_env": True}))
    sdk = Spot(ConfigurationRestAPI(api_key=alice["api_key"], api_secret=alice["secret_key"], base_path=url))
    assert sdk.rest_api.get_account().data().uid == alice["uid"]


@pytest.mark.usefixtures("redirected")
def test_python_binance_trades_by_its_own_switch(server: Papernet) -> None:
    alice = server.account("alice")
    trade_with_python_binance(Client(alice["api_key"], alice["secret_key"], testnet=True))


@pytest.mark.usefixtures("redirected")
async def test_the_asynchronous_client_of_python_binance_too(server: Papernet, monkeypatch: pytest.MonkeyPatch) -> None:
    # aiohttp reads the variable once, when it is imported; a bot sets it before it starts
    monkeypatch.setattr("aiohttp.connector._SSL_CONTEXT_VERIFIED", strict_client(server.ready["tls"]["ca"]))
    alice = server.account("alice")
    client = await AsyncClient.create(alice["api_key"], alice["secret_key"], testnet=True)
    try:
        assert (await client.get_account())["uid"] == alice["uid"]
    finally:
        await client.close_connection()


@pytest.mark.usefixtures("redirected")
async def test_the_sockets_of_python_binance_lead_here_by_the_same_switch(
    server: Papernet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aiohttp.connector._SSL_CONTEXT_VERIFIED", strict_client(server.ready["tls"]["ca"]))
    alice = server.account("alice")
    client = await AsyncClient.create(alice["api_key"], alice["secret_key"], testnet=True)
    try:
        socket = BinanceSocketManager(client).symbol_ticker_socket("ETHUSDT")
        async with asyncio.timeout(PATIENCE):
            await socket.__aenter__()
            order = await client.ws_create_order(
                symbol="ETHUSDT", side="BUY", type="LIMIT", timeInForce="GTC", quantity="1", price="3000"
            )
            assert order["symbol"] == "ETHUSDT"
            sold = {"symbol": "ETHUSDT", "side": "SELL", "type": "LIMIT", "timeInForce": "GTC", "quantity": 1, "price": 3000}
            assert server.signed(server.account("bob"), "POST", "/api/v3/order", **sold)[1]["status"] == "FILLED"
            # A ticker comes every second: one from before the trade may be first.
            while (ticker := await socket.recv())["c"] != "3000.00000000":
                assert ticker["c"] == "0.00000000"
            # each line is hung up on while it is closed: the client would listen to a silent one for ten more seconds
            await asyncio.gather(socket.__aexit__(None, None, None), socket.ws.close())
    finally:
        # The socket first: once the client's own session is closed, it would connect anew.
        await soon(asyncio.gather(client.ws_api.close(), client.ws_api.ws.close()))
        await soon(client.close_connection())


@pytest.mark.usefixtures("redirected")
def test_ccxt_trades_by_its_own_switch(server: Papernet) -> None:
    alice = server.account("alice")
    keys = {"apiKey": alice["api_key"], "secret": alice["secret_key"], "requests_trust_env": True}
    trade_with_ccxt(ccxt.binance({**keys, **SPOT_ONLY}))


@pytest.mark.usefixtures("redirected")
async def test_asynchronous_ccxt_wants_the_ca_as_an_option(server: Papernet) -> None:
    alice = server.account("alice")
    keys = {"apiKey": alice["api_key"], "secret": alice["secret_key"], "cafile": server.ready["tls"]["ca"]}
    exchange = ccxt_async.binance({**keys, **SPOT_ONLY})
    exchange.set_sandbox_mode(True)
    try:
        order = await exchange.create_order("BTC/USDT", "limit", "buy", 0.001, 50_000)
        assert (await exchange.cancel_order(order["id"], "BTC/USDT"))["status"] == "canceled"
    finally:
        await exchange.close()


@pytest.mark.usefixtures("redirected")
def test_the_official_sdk_trades_by_its_own_url(server: Papernet) -> None:
    alice = server.account("alice")
    client = Spot(
        ConfigurationRestAPI(api_key=alice["api_key"], api_secret=alice["secret_key"], base_path=SPOT_REST_API_TESTNET_URL)
    )
    order = client.rest_api.new_order(
        symbol="BTCUSDT", side="BUY", type="LIMIT", time_in_force="GTC", quantity=0.001, price=50_000
    ).data()
    assert client.rest_api.delete_order(symbol="BTCUSDT", order_id=order.order_id).data().status == "CANCELED"
