"""A bot of 2024 meets `--options-api 2024`: plain HTTP and WebSocket, in the words of that edition."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect

from tests.clients.crowd import soon, until
from tests.clients.option_floor import UNDERLYING, Floor, open_floor

pytestmark = pytest.mark.clients

_CANDLE = {
    *("open", "high", "low", "close", "volume", "amount", "interval"),
    *("tradeCount", "takerVolume", "takerAmount", "openTime", "closeTime"),
}


@pytest.fixture(scope="module")
def floor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Floor]:
    """Open a floor of that edition for this module."""
    with open_floor(tmp_path_factory.mktemp("of_2024") / "state", "--options-api", "2024") as opened:
        yield opened


@asynccontextmanager
async def listening(floor: Floor, path: str) -> AsyncIterator[ClientConnection]:
    """Connect to streams."""
    async with connect(f"{floor.server.streams}/eoptions/{path}", proxy=None) as socket:
        yield socket


async def event(socket: ClientConnection, name: str) -> Any:
    """Return the next event of a name, alone or the first of many."""

    async def receive() -> Any:
        heard = json.loads(await socket.recv())
        heard = heard.get("data", heard) if isinstance(heard, dict) else heard
        return heard[0] if isinstance(heard, list) else heard

    return await until(receive, lambda row: row.get("e") == name)


def start_user_stream(floor: Floor) -> str:
    """Return bob's listen key."""
    answer = floor.http.post("/eapi/v1/listenKey", headers={"X-MBX-APIKEY": floor.server.key("bob").api_key})
    assert answer.json().keys() == {"listenKey"}
    return str(answer.json()["listenKey"])


def test_a_session_trades_and_reads_itself_back(floor: Floor) -> None:
    """Orders are ACCEPTED and CANCELLED, sold quantities negative, candles objects; the account is told by /account."""
    bob, name = floor.trader("bob"), floor.calls[0]
    terms = {"symbol": name, "side": "BUY", "type": "LIMIT", "quantity": "0.1", "price": 5}
    resting = bob.ask("POST", "order", **terms)
    assert "status" not in resting
    order = bob.ask("GET", "order", symbol=name, orderId=resting["orderId"])
    assert (order["status"], order["executedQty"]) == ("ACCEPTED", "0.00000000")
    assert bob.ask("DELETE", "order", symbol=name, orderId=resting["orderId"])["orderId"] == resting["orderId"]
    bought = bob.limit("BUY", name, "0.1", floor.taking(name))
    assert bought["status"] == "FILLED"
    assert float(bought["fee"]) > 0
    (candle,) = floor.get("klines", symbol=name, interval="1m")
    assert candle.keys() == _CANDLE
    assert (float(candle["close"]), candle["tradeCount"]) == (float(bought["avgPrice"]), 1)
    (trade,) = floor.get("trades", symbol=name)
    assert (trade["id"], trade["side"], float(trade["qty"])) == ("1", 1, 0.1)
    *_, own = bob.ask("GET", "userTrades")
    assert (own["symbol"], own["price"]) == (name, bought["avgPrice"])
    assert float(own["fee"]) > 0
    (position,) = bob.ask("GET", "position")
    assert (position["side"], float(position["reducibleQty"])) == ("LONG", 0.1)
    assert "u" in floor.get("depth", symbol=name)
    sold = bob.limit("SELL", name, "0.1", floor.taking(name, "SELL"), reduceOnly="true")
    assert sold["status"] == "FILLED"
    past = bob.ask("GET", "historyOrders", symbol=name)
    assert [(row["status"], float(row["quantity"])) for row in past] == [
        ("CANCELLED", 0.1),
        ("FILLED", 0.1),
        ("FILLED", -0.1),
    ]
    account = bob.ask("GET", "account")
    assert (account["asset"][0]["asset"], account["riskLevel"]) == ("USDT", "NORMAL")
    assert floor.http.get("/eapi/v1/commission").status_code == 404
    (record,) = bob.ask("GET", "exerciseRecord")
    assert (record["symbol"], "markPrice" in record) == (floor.expired, True)


def test_batches_and_everything_at_once(floor: Floor) -> None:
    """Orders as JSON text; what cancels all says code 0, as a number."""
    bob, name = floor.trader("bob"), floor.calls[1]
    row = {"symbol": name, "side": "BUY", "type": "LIMIT", "quantity": "0.1"}
    rows = bob.ask("POST", "batchOrders", orders=json.dumps([row | {"price": price} for price in ("5", "7", "10")]))
    assert [entry.get("code") for entry in rows[1:2]] == [-4029]
    ids = [rows[0]["orderId"], rows[2]["orderId"]]
    gone = bob.ask("DELETE", "batchOrders", symbol=name, orderIds=json.dumps(ids[:1]))
    assert [(entry["orderId"], entry["fee"]) for entry in gone] == [(ids[0], 0)]
    assert bob.ask("DELETE", "allOpenOrders", symbol=name) == {"code": 0, "msg": "success"}
    assert bob.ask("DELETE", "allOpenOrdersByUnderlying", underlying=UNDERLYING)["code"] == 0


async def test_the_market_is_streamed(floor: Floor) -> None:
    """Names and fields of that edition, on one connection of many streams."""
    name = floor.calls[2]
    day = name.split("-")[1]
    streams = f"{name}@trade/{name}@ticker/BTC@markPrice/{name}@depth10/{name}@kline_1m/BTC@ticker@{day}/{UNDERLYING}@index"
    wanted = {"trade", "24hrTicker", "markPrice", "depth", "kline", "index"}
    told: dict[str, Any] = {}
    async with listening(floor, f"stream?streams={streams}") as socket, floor.trading(name):
        while wanted - told.keys():
            heard = json.loads(await soon(socket.recv()))
            assert heard["stream"] in streams.split("/")
            row = heard["data"][0] if isinstance(heard["data"], list) else heard["data"]
            told[row["e"]] = row
    assert (told["trade"]["q"], told["trade"]["X"]) in {("0.01000000", "MARKET"), ("-0.01000000", "MARKET")}
    assert told["depth"].keys() >= {"u", "pu", "b", "a"}
    assert "F" in told["kline"]["k"]
    assert told["24hrTicker"].keys() >= {"bo", "ao", "vo", "mp", "eep"}
    assert told["index"]["s"] == UNDERLYING


async def test_a_session_of_trading_is_told(floor: Floor) -> None:
    """The user's stream by its listen key: orders in an array, what the account has become."""
    bob, name = floor.trader("bob"), floor.puts[0]
    async with listening(floor, f"ws/{start_user_stream(floor)}") as socket:
        bought = bob.limit("BUY", name, "0.05", floor.taking(name))
        (order,) = (await event(socket, "ORDER_TRADE_UPDATE"))["o"]
        assert (order["oid"], order["S"], order["q"]) == (str(bought["orderId"]), "ACCEPTED", "0.05000000")
        (order,) = (await event(socket, "ORDER_TRADE_UPDATE"))["o"]
        assert (order["S"], [row["m"] for row in order["fi"]]) == ("FILLED", ["TAKER"])
        account = await event(socket, "ACCOUNT_UPDATE")
        assert [(row["s"], float(row["c"])) for row in account["P"]] == [(name, 0.05)]
        resting = bob.ask("POST", "order", symbol=name, side="BUY", type="LIMIT", quantity="0.05", price=5)
        await event(socket, "ORDER_TRADE_UPDATE")
        bob.ask("DELETE", "order", symbol=name, orderId=resting["orderId"])
        (order,) = (await event(socket, "ORDER_TRADE_UPDATE"))["o"]
        assert (order["oid"], order["S"]) == (str(resting["orderId"]), "CANCELLED")


async def test_streams_are_subscribed_to_later(floor: Floor) -> None:
    """SUBSCRIBE, LIST_SUBSCRIPTIONS and UNSUBSCRIBE on a connection that began with one stream."""
    async with listening(floor, f"ws/{UNDERLYING}@index") as socket:
        for number, (method, names, result) in enumerate(
            (
                ("SUBSCRIBE", ["ETHUSDT@index"], None),
                ("LIST_SUBSCRIPTIONS", None, [f"{UNDERLYING}@index", "ETHUSDT@index"]),
                ("UNSUBSCRIBE", [f"{UNDERLYING}@index"], None),
            )
        ):
            request = {"method": method, "id": number} | ({} if names is None else {"params": names})
            await socket.send(json.dumps(request))

            async def receive() -> Any:
                return json.loads(await socket.recv())

            answer = await until(receive, lambda row: "id" in row)
            assert answer == {"result": result, "id": number}
        assert (await event(socket, "index"))["s"] == "ETHUSDT"
