"""The doors of options on a running exchange: what only shows once they are put together."""

import asyncio
import gc
import hashlib
import hmac
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal

import httpx
import pytest
from msgspec import json
from websockets.asyncio.client import ClientConnection, connect

from papernet.app.listen_keys import VALID_FOR
from papernet.core.dates import DAY
from papernet.core.enums import KeyType
from papernet.servers import clock
from papernet.servers.config import packaged_catalogue
from papernet.servers.dev_accounts import development_keys
from papernet.servers.node import Node, Options
from papernet.servers.transport import bind

KEY = next(key for key in development_keys() if key.key_type is KeyType.HMAC)
PATIENCE = 10


@asynccontextmanager
async def running(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, api: Literal["current", "2024"] = "current", options: bool = True
) -> AsyncIterator["Site"]:
    """Start an exchange with a crowd, in memory, and reach for it."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    listener = bind("127.0.0.1", 0)
    node = Node(Options(options=options, options_api=api), packaged_catalogue(), listener, asyncio.Event())
    await node.start()
    site = Site(node)
    try:
        yield site
    finally:
        await site.http.aclose()
        await node.stop()
        listener.close()
        gc.unfreeze()


class Site:
    """A client of options on it."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.url = node.ready().rest
        self.http = httpx.AsyncClient(base_url=self.url, headers={"X-MBX-APIKEY": KEY.api_key})

    async def get(self, path: str, **params: Any) -> Any:
        return (await self.http.get(f"/eapi/v1/{path}", params=params)).json()

    async def signed(self, method: str, path: str, **params: Any) -> Any:
        query = str(httpx.QueryParams(params | {"timestamp": int(time.time() * 1_000)}))
        signature = hmac.new(KEY.private.encode(), query.encode(), hashlib.sha256).hexdigest()
        return (await self.http.request(method, f"/eapi/v1/{path}?{query}&signature={signature}")).json()

    async def nearest(self) -> str:
        """Return the call of the last expiry whose strike is next to the index."""
        contracts = (await self.get("exchangeInfo"))["optionSymbols"]
        price = float((await self.get("index", underlying="BTCUSDT"))["indexPrice"])
        calls = [row for row in contracts if row["underlying"] == "BTCUSDT" and row["side"] == "CALL"]
        last = max(row["expiryDate"] for row in calls)
        found = min((row for row in calls if row["expiryDate"] == last), key=lambda row: abs(float(row["strikePrice"]) - price))
        return str(found["symbol"])

    def stream(self, path: str) -> connect:
        return connect(f"ws{self.url.removeprefix('http')}{path}")


@pytest.fixture
async def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Site]:
    async with running(tmp_path, monkeypatch) as started:
        yield started


async def until(connection: ClientConnection, kind: str) -> Any:
    """Return the next message of a kind."""
    while True:
        message = json.decode(await asyncio.wait_for(connection.recv(), PATIENCE))
        if message["e"] == kind:
            return message


async def test_who_buys_what_is_quoted_hears_of_it_and_sees_it_everywhere(site: Site) -> None:
    symbol = await site.nearest()
    key = (await site.http.post("/eapi/v1/listenKey")).json()["listenKey"]
    async with (
        site.stream(f"/private/ws/{key}") as private,
        site.stream(f"/public/ws/{symbol.lower()}@optionTrade") as public,
    ):
        ask = (await site.get("depth", symbol=symbol))["asks"][0]
        terms = {"symbol": symbol, "side": "BUY", "type": "LIMIT", "quantity": "0.01", "price": ask[0]}
        placed = await site.signed("POST", "order", **terms, newOrderRespType="RESULT")
        assert placed["status"] == "FILLED"
        told = (await until(private, "ORDER_TRADE_UPDATE"))["o"]
        assert told["i"] == placed["orderId"]
        moved = await until(private, "BALANCE_POSITION_UPDATE")
        assert [(row["s"], float(row["c"])) for row in moved["P"]] == [(symbol, 0.01)]
        trade = await until(public, "trade")
    assert (trade["s"], trade["p"], float(trade["q"])) == (symbol, ask[0], 0.01)
    (position,) = await site.signed("GET", "position")
    assert (position["symbol"], float(position["quantity"])) == (symbol, 0.01)
    (fill,) = await site.signed("GET", "userTrades", symbol=symbol)
    assert fill["orderId"] == placed["orderId"]
    assert (await site.get("trades", symbol=symbol))[0]["tradeId"] == trade["t"] == fill["tradeId"]


async def test_a_stream_of_quotes_makes_makers_quote(site: Site) -> None:
    symbol = await site.nearest()
    assert not site.node.world.exchange.options.markets[symbol].orders
    async with site.stream(f"/public/ws/{symbol.lower()}@bookTicker") as public:
        quoted = await until(public, "bookTicker")
    assert float(quoted["b"]) < float(quoted["a"])


async def test_marks_of_all_contracts_are_told_without_anybody_quoting_them(site: Site) -> None:
    seq = len([market for market in site.node.world.exchange.options.markets.values() if market.orders])
    async with site.stream("/market/ws/btcusdt@optionMarkPrice") as market:
        rows = json.decode(await asyncio.wait_for(market.recv(), PATIENCE))
    marks = {row["symbol"]: row for row in await site.get("mark")}
    assert {row["s"] for row in rows} == {symbol for symbol in marks if symbol.startswith("BTC-")}
    assert all(float(row["ao"]) > 0 for row in rows)
    assert len([market for market in site.node.world.exchange.options.markets.values() if market.orders]) == seq == 0


async def test_listen_keys_run_out_on_the_clock(site: Site) -> None:
    key = (await site.http.post("/eapi/v1/listenKey")).json()["listenKey"]
    async with site.stream(f"/private/ws/{key}") as private, site.stream("/public/ws") as other:
        await other.send('{"method": "LIST_SUBSCRIPTIONS", "id": 1}')
        await asyncio.wait_for(other.recv(), PATIENCE)
        site.node._doors.sweep(clock.now() + VALID_FOR)
        assert (await until(private, "listenKeyExpired"))["listenKey"] == key


async def test_contracts_expire_on_the_clock(site: Site) -> None:
    venue = site.node.world.exchange.options
    first = min(market.contract.expiry for market in venue.markets.values())
    site.node._living_options.tick(clock.now() + DAY)
    rows = await site.get("exerciseHistory")
    assert {row["expiryDate"] for row in rows} == {first // 1_000}
    assert not any(market.contract.expiry == first for market in venue.markets.values())


async def test_the_older_edition_has_its_own_paths_and_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch, api="2024") as site:
        symbol = await site.nearest()
        key = (await site.http.post("/eapi/v1/listenKey")).json()["listenKey"]
        async with site.stream(f"/eoptions/ws/{key}") as private:
            terms = {"symbol": symbol, "side": "BUY", "type": "LIMIT", "quantity": "0.01"}
            mark = float((await site.get("mark", symbol=symbol))[0]["markPrice"])
            placed = await site.signed("POST", "order", **terms, price=int(mark / 2) // 5 * 5, newOrderRespType="RESULT")
            assert placed["status"] == "ACCEPTED"
            told = await until(private, "ORDER_TRADE_UPDATE")
        assert [row["oid"] for row in told["o"]] == [str(placed["orderId"])]


async def test_without_options_nothing_answers_for_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch, options=False) as site:
        assert (await site.http.get("/eapi/v1/ping")).status_code == 404
        with pytest.raises(Exception, match="404"):
            async with site.stream("/public/ws"):
                raise AssertionError("there is no such door")
