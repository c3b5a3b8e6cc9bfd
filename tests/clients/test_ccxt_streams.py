"""ccxt.pro watches the market and trades over the WebSocket API with nothing changed but its URLs."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import ccxt
import ccxt.pro
import pytest

from tests.clients.conftest import Server, running
from tests.clients.crowd import Crowd, crowd_of, holdings, soon, until

pytestmark = pytest.mark.clients

SYMBOL, NAME = "LTC/USDT", "LTCUSDT"


@pytest.fixture
def crowd(server: Server) -> Iterator[Crowd]:
    """Return alice and bob."""
    with crowd_of(server) as crowd:
        yield crowd


@asynccontextmanager
async def exchange_of(server: Server, account: str, kind: str = "HMAC") -> AsyncIterator[Any]:
    """Make an exchange that knows the server under test."""
    key, api = server.key(account, kind), server.rest + "/api"
    ws = {"spot": server.streams + "/ws", "ws-api": {"spot": server.ws_api}}
    exchange = ccxt.pro.binance(
        {
            "apiKey": key.api_key,
            "secret": key.secret,
            "enableRateLimit": False,  # it would wait a quarter of a second before each message
            "options": {"fetchMarkets": {"types": ["spot"]}},
            "urls": {"test": {"public": api + "/v3", "private": api + "/v3", "v1": api + "/v1", "ws": ws}},
        }
    )
    exchange.set_sandbox_mode(True)
    try:
        yield exchange
    finally:
        await soon(exchange.close())


def kept(watch: Callable[[], Any], found: Callable[[Any], bool]) -> "asyncio.Task[Any]":
    """Go on watching, in the background, until what is waited for is there."""
    return asyncio.create_task(until(watch, found))


async def test_the_market_is_watched(server: Server, crowd: Crowd) -> None:
    """Trades, candles, tickers and best prices arrive and are those that REST tells; then nobody listens any more."""
    async with exchange_of(server, "carol") as carol:
        await carol.load_markets()
        async with crowd.trading(NAME, "0.5", "60"):
            trades = await soon(carol.watch_trades(SYMBOL))
            candles = await until(lambda: carol.watch_ohlcv(SYMBOL, "1m"), lambda rows: rows[-1][5] > 0)
            ticker = await until(lambda: carol.watch_ticker(SYMBOL), lambda row: row["last"])
            tickers = await until(lambda: carol.watch_tickers([SYMBOL]), lambda rows: rows[SYMBOL]["last"])
            await until(lambda: carol.watch_bids_asks([SYMBOL]), lambda rows: rows[SYMBOL]["bid"] == 60)
            for stop in (carol.un_watch_trades(SYMBOL), carol.un_watch_ohlcv(SYMBOL, "1m"), carol.un_watch_ticker(SYMBOL)):
                await soon(stop)
    told = {str(row["id"]): row for row in crowd.get("trades", symbol=NAME, limit=1000)}
    for trade in trades:
        row = told[trade["id"]]
        assert (trade["price"], trade["amount"], trade["timestamp"]) == (float(row["price"]), float(row["qty"]), row["time"])
        assert (trade["side"] == "sell") is row["isBuyerMaker"]
    assert candles[-1][1:5] == [60, 60, 60, 60]
    assert (ticker["last"], tickers[SYMBOL]["last"]) == (60, 60)


async def test_a_local_order_book_equals_the_exchanges(server: Server, crowd: Crowd) -> None:
    """The client's own procedure: buffer the differences, take a snapshot, apply, and never find a gap."""
    crowd.alice.limit("BUY", NAME, "5", "50")
    async with exchange_of(server, "carol") as carol:
        book = await soon(carol.watch_order_book(SYMBOL))
        assert book["bids"] == [[50, 5]]
        await asyncio.to_thread(crowd.bustle, NAME)
        there = await carol.fetch_order_book(SYMBOL, 1000)
        while book["nonce"] < there["nonce"]:
            book = await soon(carol.watch_order_book(SYMBOL))
        assert [book[key] for key in ("nonce", "bids", "asks")] == [there[key] for key in ("nonce", "bids", "asks")]
        assert min(len(book["bids"]), len(book["asks"])) > 2
        await soon(carol.un_watch_order_book(SYMBOL))


async def test_a_session_of_trading_is_watched(server: Server, crowd: Crowd) -> None:
    """A maker order over the WebSocket, filled in part by bob, changed and cancelled; orders, trades and balance are told."""
    async with exchange_of(server, "alice") as alice:
        await alice.load_markets()
        await soon(alice.authenticate())
        before = crowd.alice.balances()
        orders = kept(lambda: alice.watch_orders(SYMBOL), lambda rows: rows[-1]["status"] == "canceled")
        trades = kept(lambda: alice.watch_my_trades(SYMBOL), bool)
        bought = kept(alice.watch_balance, lambda row: row["USDT"]["used"] == 90)
        placed = await alice.create_order_ws(SYMBOL, "limit", "buy", 2, 60, {"newClientOrderId": "ccxt-maker"})
        assert (placed["status"], placed["filled"], placed["clientOrderId"]) == ("open", 0, "ccxt-maker")
        sold = crowd.bob.limit("SELL", NAME, "0.5", "60")
        (trade,) = await trades
        assert (trade["order"], trade["amount"], trade["price"], trade["takerOrMaker"]) == (placed["id"], 0.5, 60, "maker")
        assert trade["id"] == str(sold["fills"][0]["tradeId"])
        held, money = await bought, crowd.alice.balances()
        assert [Decimal(str(held["LTC"][key])) for key in ("free", "used")] == list(money["LTC"])
        assert [Decimal(str(held["USDT"][key])) for key in ("free", "used")] == list(money["USDT"])
        shown = await alice.fetch_order_ws(placed["id"], SYMBOL)
        assert (shown["status"], shown["filled"], shown["remaining"]) == ("open", 0.5, 1.5)
        moved = await alice.edit_order_ws(placed["id"], SYMBOL, "limit", "buy", 1.5, 59)
        assert (moved["status"], moved["price"]) == ("open", 59)
        assert [order["id"] for order in await alice.fetch_open_orders_ws(SYMBOL)] == [moved["id"]]
        assert (await alice.cancel_order_ws(moved["id"], SYMBOL))["status"] == "canceled"
        watched = {order["id"]: order for order in alice.orders} if (await orders) else {}
        assert (watched[placed["id"]]["filled"], watched[moved["id"]]["status"]) == (0.5, "canceled")
        assert (await alice.fetch_my_trades_ws(SYMBOL))[-1]["id"] == trade["id"]
        # The client reads no spot balances out of this answer; they are in it.
        after = holdings((await alice.fetch_balance_ws())["info"]["balances"])
        assert after == crowd.alice.balances()
        assert [sum(after[asset]) - sum(before[asset]) for asset in ("LTC", "USDT")] == [Decimal("0.5"), -30]


async def test_market_data_by_request(server: Server, crowd: Crowd) -> None:
    """What the WebSocket API answers is what REST answers."""
    crowd.trade(NAME, "1", "60")
    async with exchange_of(server, "carol") as carol:
        await carol.load_markets()
        assert await carol.fetch_ohlcv_ws(SYMBOL) == await carol.fetch_ohlcv(SYMBOL)
        trades = await carol.fetch_trades_ws(SYMBOL)
        assert [trade["info"] for trade in trades] == crowd.get("trades", symbol=NAME)


async def test_refusals_are_ccxts_own_classes(server: Server, crowd: Crowd) -> None:
    """Errors of the WebSocket API are recognised by code and text, as those of REST."""
    crowd.bob.limit("SELL", NAME, "1", "61")
    async with exchange_of(server, "alice") as alice:
        with pytest.raises(ccxt.InsufficientFunds):
            await alice.create_order_ws(SYMBOL, "limit", "buy", 10_000, 60)
        with pytest.raises(ccxt.OrderImmediatelyFillable):
            await alice.create_order_ws(SYMBOL, "limit_maker", "buy", 1, 61)
        with pytest.raises(ccxt.OrderNotFound):
            await alice.cancel_order_ws("1000000", SYMBOL)
        with pytest.raises(ccxt.OrderNotFound):
            await alice.fetch_order_ws("1000000", SYMBOL)


@pytest.mark.parametrize(("account", "kind"), [("alice", "ED25519"), ("bob", "RSA")])
async def test_private_key_files_sign_as_documented(server: Server, account: str, kind: str) -> None:
    """RSA and Ed25519 keys work as PEM, for requests and for the user stream."""
    async with exchange_of(server, account, kind) as exchange:
        await exchange.load_markets()
        await soon(exchange.authenticate())
        watched = kept(lambda: exchange.watch_orders(SYMBOL), bool)
        placed = await exchange.create_order_ws(SYMBOL, "limit", "buy", 1, 30)
        assert (await watched)[-1]["id"] == placed["id"]
        assert [order["status"] for order in await exchange.cancel_all_orders_ws(SYMBOL)] == ["canceled"]


async def test_a_watch_goes_on_after_a_restart(tmp_path: Path) -> None:
    """A papernet that stops and comes back: the watch under way fails as it should, and the next connects anew."""
    with ExitStack() as life:
        first = life.enter_context(running("--port", "0", "--state", str(tmp_path)))
        place = ("--port", str(urlsplit(first.rest).port), "--state", str(tmp_path))
        async with exchange_of(first, "carol") as carol:
            await carol.load_markets()
            with crowd_of(first) as crowd:
                async with crowd.trading(NAME, "1", "60"):
                    before = await soon(carol.watch_trades(SYMBOL))
            watching = asyncio.create_task(carol.watch_trades(SYMBOL))
            await asyncio.to_thread(life.close)
            with pytest.raises(ccxt.NetworkError):
                await soon(watching)
            with crowd_of(await asyncio.to_thread(life.enter_context, running(*place))) as crowd:
                async with crowd.trading(NAME, "1", "60"):
                    after = await soon(carol.watch_trades(SYMBOL))
    assert int(after[-1]["id"]) > int(before[-1]["id"])
