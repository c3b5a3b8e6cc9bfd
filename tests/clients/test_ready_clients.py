"""The clients that a network hands out trade and listen on it, several networks at a time."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from binance.ws.reconnecting_websocket import ReconnectingWebsocket

from papernet.testing import Network, PapernetServer
from tests.clients.crowd import soon

# A library may warn of another one.
pytestmark = [pytest.mark.clients, pytest.mark.filterwarnings("ignore::DeprecationWarning")]


@pytest.fixture
async def other() -> AsyncIterator[Network]:
    """A second network, where nothing happens."""
    async with PapernetServer(options=False) as network:
        yield network


def test_synchronous_clients_trade_where_they_belong(papernet: Network, other: Network) -> None:
    ccxt, python_binance, sdk = papernet.as_ccxt(), papernet.as_python_binance("bob"), papernet.as_sdk("bob", key="RSA")
    order = ccxt.create_order("BTC/USDT", "limit", "buy", 0.01, 50_000)
    sold = python_binance.order_limit_sell(symbol="BTCUSDT", quantity="0.004", price="50000.00")
    assert sold["status"] == "FILLED"
    sold = sdk.rest_api.new_order(symbol="BTCUSDT", side="SELL", type="MARKET", quantity=0.001).data()
    assert sold.status == "FILLED"
    assert ccxt.fetch_order(order["id"], "BTC/USDT")["filled"] == 0.005
    elsewhere = [other.as_ccxt().fetch_open_orders("BTC/USDT"), other.as_python_binance().get_open_orders()]
    assert elsewhere == [[], []]
    python_binance.session.close()


async def test_asynchronous_clients_listen_where_they_belong(papernet: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    # The client listens for so long to a socket that is being closed.
    monkeypatch.setattr(ReconnectingWebsocket, "TIMEOUT", 0.2)
    pro = papernet.as_ccxt_pro()
    await pro.load_markets()
    orders = asyncio.ensure_future(pro.watch_orders("BTC/USDT"))
    client = await papernet.as_python_binance_async("bob")
    sockets = papernet.as_python_binance_sockets(client)
    async with sockets.trade_socket("BTCUSDT") as trades:
        while not pro.clients or not any(each.subscriptions for each in pro.clients.values()):
            await asyncio.sleep(0.01)
        order = await pro.create_order("BTC/USDT", "limit", "buy", 0.01, 50_000)
        await client.order_market_sell(symbol="BTCUSDT", quantity="0.01")
        trade = await soon(trades.recv())
    assert (trade["p"], trade["q"]) == ("50000.00000000", "0.01000000")
    assert (await soon(orders))[0]["id"] == order["id"]
    await pro.close()
    await client.close_connection()


async def test_ccxt_asynchronously(papernet: Network) -> None:
    exchange = papernet.as_ccxt_async("carol")
    assert (await exchange.fetch_balance())["BTC"]["total"] > 0
    await exchange.close()


@pytest.mark.papernet(market="sim")
def test_clients_of_options(papernet: Network) -> None:
    assert papernet.as_ccxt(market="option").load_markets()
    assert papernet.as_sdk(market="option").rest_api.option_mark_price().data()


@pytest.mark.papernet(held_at="2031-01-01T00:00:00Z", options=False)
def test_clients_that_follow_the_clock_trade_in_another_year(papernet: Network) -> None:
    ccxt: Any = papernet.as_ccxt(follow_clock=True)
    assert ccxt.create_order("BTC/USDT", "limit", "buy", 0.01, 50_000)["datetime"] == "2031-01-01T00:00:00.000Z"
    papernet.clock.jump(days=1)
    client = papernet.as_python_binance(follow_clock=True)
    assert client.get_open_orders(symbol="BTCUSDT")[0]["time"] == 1_924_992_000_000
    assert client.order_limit_buy(symbol="BTCUSDT", quantity="0.01", price="50000.00")["transactTime"] == 1_925_078_400_000
    client.session.close()
