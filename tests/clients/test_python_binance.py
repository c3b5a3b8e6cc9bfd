"""python-binance does a full session with nothing changed but its base URL."""

from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest
from binance import AsyncClient
from binance.base_client import BaseClient
from binance.client import Client
from binance.exceptions import BinanceAPIException

from tests.clients.conftest import Credentials, Server

pytestmark = pytest.mark.clients

Connect = Callable[[Credentials], Client]


@pytest.fixture
def connect(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Connect]:
    """Return a maker of clients that talk to the server under test."""
    monkeypatch.setattr(BaseClient, "API_TESTNET_URL", server.rest + "/api")
    clients: list[Client] = []

    def make(key: Credentials) -> Client:
        secret = {"api_secret": key.secret} if key.kind == "HMAC" else {"private_key": key.secret}
        client = Client(key.api_key, testnet=True, **secret)
        clients.append(client)
        return client

    yield make
    for client in clients:
        client.close_connection()


def test_a_full_session_trades_and_reads_itself_back(connect: Connect, server: Server) -> None:
    """Exchange info, book, limit, partial fill, market, cancel, account, trades, an error."""
    alice, bob = connect(server.key("alice")), connect(server.key("bob"))
    info = alice.get_symbol_info("BTCUSDT")
    assert info["filters"][0]["filterType"] == "PRICE_FILTER"
    assert alice.get_server_time()["serverTime"] > 0
    before = {row["asset"]: Decimal(row["free"]) for row in alice.get_account()["balances"]}

    placed = alice.order_limit_buy(symbol="BTCUSDT", quantity="0.00400", price="60000.00", newClientOrderId="maker-1")
    assert (placed["status"], placed["fills"]) == ("NEW", [])
    assert alice.get_order_book(symbol="BTCUSDT")["bids"] == [["60000.00000000", "0.00400000"]]

    sold = bob.order_limit_sell(symbol="BTCUSDT", quantity="0.00100", price="60000.00")
    assert sold["status"] == "FILLED"
    assert sold["fills"][0]["price"] == "60000.00000000"
    partly = alice.get_order(symbol="BTCUSDT", origClientOrderId="maker-1")
    assert (partly["status"], partly["executedQty"]) == ("PARTIALLY_FILLED", "0.00100000")

    market = bob.order_market_sell(symbol="BTCUSDT", quantity="0.00100")
    assert (market["status"], market["cummulativeQuoteQty"]) == ("FILLED", "60.00000000")
    by_quote = bob.create_order(symbol="BTCUSDT", side="SELL", type="MARKET", quoteOrderQty="60")
    assert (by_quote["executedQty"], by_quote["origQuoteOrderQty"]) == ("0.00100000", "60.00000000")

    assert [order["clientOrderId"] for order in alice.get_open_orders(symbol="BTCUSDT")] == ["maker-1"]
    cancelled = alice.cancel_order(symbol="BTCUSDT", orderId=placed["orderId"])
    assert (cancelled["status"], cancelled["origClientOrderId"]) == ("CANCELED", "maker-1")
    assert alice.get_open_orders() == []
    assert [order["status"] for order in alice.get_all_orders(symbol="BTCUSDT")] == ["CANCELED"]

    trades = alice.get_my_trades(symbol="BTCUSDT")
    assert [trade["qty"] for trade in trades] == ["0.00100000"] * 3
    assert all(trade["isMaker"] and trade["isBuyer"] for trade in trades)
    after = {row["asset"]: Decimal(row["free"]) for row in alice.get_account()["balances"]}
    assert after["BTC"] - before["BTC"] == Decimal("0.003")
    assert before["USDT"] - after["USDT"] == Decimal(180)

    with pytest.raises(BinanceAPIException) as too_fine:
        alice.order_limit_buy(symbol="BTCUSDT", quantity="0.000015", price="60000.00")
    assert (too_fine.value.code, too_fine.value.message) == (-1013, "Filter failure: LOT_SIZE")
    with pytest.raises(BinanceAPIException) as unknown:
        alice.cancel_order(symbol="BTCUSDT", orderId=placed["orderId"])
    assert (unknown.value.code, unknown.value.message) == (-2011, "Unknown order sent.")


def test_market_data_calls_answer(connect: Connect, server: Server) -> None:
    """Every public call of the client that the REST door serves gives what the client expects."""
    client = connect(server.key("carol"))
    assert client.ping() == {}
    assert {row["symbol"] for row in client.get_all_tickers()} >= {"BTCUSDT", "ETHBTC"}
    assert client.get_ticker(symbol="BTCUSDT")["symbol"] == "BTCUSDT"
    assert client.get_orderbook_ticker(symbol="BTCUSDT")["symbol"] == "BTCUSDT"
    assert isinstance(client.get_recent_trades(symbol="BTCUSDT"), list)
    assert isinstance(client.get_historical_trades(symbol="BTCUSDT"), list)
    assert isinstance(client.get_aggregate_trades(symbol="BTCUSDT"), list)
    assert isinstance(client.get_klines(symbol="BTCUSDT", interval="1m", limit=5), list)
    assert client.get_avg_price(symbol="BTCUSDT")["mins"] == 5


@pytest.mark.parametrize(("account", "kind"), [("alice", "ED25519"), ("bob", "RSA")])
def test_private_key_files_sign_as_documented(connect: Connect, server: Server, account: str, kind: str) -> None:
    """RSA and Ed25519 keys work as PEM."""
    assert connect(server.key(account, kind)).get_account()["canTrade"] is True


def test_a_read_only_key_may_look_but_not_trade(connect: Connect, server: Server) -> None:
    """The key of carol has no TRADE permission."""
    carol = connect(server.key("carol"))
    assert carol.get_account()["uid"] > 0
    with pytest.raises(BinanceAPIException) as refused:
        carol.order_limit_buy(symbol="BTCUSDT", quantity="0.001", price="60000.00")
    assert (refused.value.status_code, refused.value.code) == (401, -2015)


async def test_the_asynchronous_client_trades_too(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """The asyncio client: ping and time at creation, an order, its cancel."""
    monkeypatch.setattr(BaseClient, "API_TESTNET_URL", server.rest + "/api")
    key = server.key("bob")
    client = await AsyncClient.create(key.api_key, key.secret, testnet=True)
    try:
        order = await client.order_limit_buy(symbol="ETHUSDT", quantity="0.0100", price="2000.00")
        cancelled = await client.cancel_order(symbol="ETHUSDT", orderId=order["orderId"])
        assert cancelled["status"] == "CANCELED"
    finally:
        await client.close_connection()
