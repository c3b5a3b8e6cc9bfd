"""The stop follows the price up, never down, and knows when it was hit."""

import asyncio
from decimal import Decimal

import pytest
from binance.ws.reconnecting_websocket import ReconnectingWebsocket
from trailing_stop import TrailingStop, guard

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture
async def client(papernet, monkeypatch):
    """Return an asynchronous client of alice's."""
    # It listens for so long to a socket that is being closed.
    monkeypatch.setattr(ReconnectingWebsocket, "TIMEOUT", 0.2)
    client = await papernet.as_python_binance_async("alice")
    yield client
    await client.close_connection()


@pytest.fixture
def stop(client):
    """Return a stop of 1 % for 0.01 BTC."""
    return TrailingStop(client, "BTCUSDT", Decimal("0.01"), Decimal("0.01"))


def stops(papernet):
    """Return the stop prices that rest."""
    return [row["stopPrice"] for row in papernet.request("GET", "/api/v3/openOrders", "alice").body]


async def test_the_stop_follows_the_price_up_and_not_down(papernet, client, stop):
    async with papernet.as_python_binance_sockets(client).trade_socket("BTCUSDT") as stream:
        for price in ("50000", "51000", "50800"):
            papernet.fills.print("BTCUSDT", price)
        await asyncio.wait_for(guard(stream, stop, 3), 10)
    assert stops(papernet) == ["50490.00000000"]


@pytest.mark.parametrize("effect", ["duplicate", "reorder"])
async def test_a_message_that_comes_twice_or_late_changes_nothing(papernet, client, stop, effect):
    papernet.faults.add(effect, stream="btcusdt@trade", nth=1)
    async with papernet.as_python_binance_sockets(client).trade_socket("BTCUSDT") as stream:
        for price in ("50000", "51000"):
            papernet.fills.print("BTCUSDT", price)
        await asyncio.wait_for(guard(stream, stop, 3 if effect == "duplicate" else 2), 10)
    assert stops(papernet) == ["50490.00000000"]


async def test_a_stop_that_was_hit_is_not_placed_again(papernet, client, stop):
    papernet.fills.quote("BTCUSDT", bids=[("49000", "1")])
    async with papernet.as_python_binance_sockets(client).trade_socket("BTCUSDT") as stream:
        papernet.fills.print("BTCUSDT", "50000")
        await asyncio.wait_for(guard(stream, stop, 1), 10)
    papernet.fills.print("BTCUSDT", "49400")
    await stop.on_trade({"p": "60000"})
    assert stop.is_over
    assert stops(papernet) == []
