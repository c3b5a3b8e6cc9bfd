"""ccxt.pro watches the options market and an account with nothing changed but its URLs."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import ccxt.pro
import pytest

from tests.clients.crowd import soon, until
from tests.clients.option_floor import Floor, open_floor

pytestmark = pytest.mark.clients

# There are no mini tickers of options, which ccxt.pro would otherwise wait for.
_TICKER = {"name": "ticker"}


@pytest.fixture(scope="module")
def floor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Floor]:
    """Open a floor for this module."""
    with open_floor(tmp_path_factory.mktemp("ccxt_pro") / "state") as opened:
        yield opened


@asynccontextmanager
async def exchange_of(floor: Floor, account: str) -> AsyncIterator[Any]:
    """Make an exchange that knows the server under test and its contracts."""
    key = floor.server.key(account)
    exchange = ccxt.pro.binance(
        {
            "apiKey": key.api_key,
            "secret": key.secret,
            "enableRateLimit": False,  # it would wait a quarter of a second before each message
            "options": {
                "defaultType": "option",
                "fetchCurrencies": False,
                "fetchMarkets": {"types": ["option"]},
                # it would ask the futures exchange what an account has
                "watchPositions": {"fetchPositionsSnapshot": False},
            },
        }
    )
    api, streams = floor.server.rest + "/eapi/v1", floor.server.streams
    exchange.urls["api"] |= {"eapiPublic": api, "eapiPrivate": api}
    exchange.urls["api"]["ws"] |= {
        "option": streams + "/public/ws",
        "optionMarket": streams + "/market/ws",
        "optionPrivate": streams + "/private/ws",
    }
    try:
        await exchange.load_markets()
        yield exchange
    finally:
        await soon(exchange.close())


def symbol_of(exchange: Any, name: str) -> str:
    """Return what ccxt calls a contract."""
    return str(exchange.markets_by_id[name][0]["symbol"])


def kept(watch: Callable[[], Any], found: Callable[[Any], bool]) -> "asyncio.Task[Any]":
    """Go on watching, in the background, until what is waited for is there."""
    return asyncio.create_task(until(watch, found))


async def test_quotes_and_marks_are_watched(floor: Floor) -> None:
    """What is there without a trade: best prices, and marks with what they are made of."""
    name = floor.calls[0]
    async with exchange_of(floor, "bob") as bob:
        symbol = symbol_of(bob, name)
        best, marks, mark, ticker = await asyncio.gather(
            soon(bob.watch_bids_asks([symbol])),
            soon(bob.watch_mark_prices([symbol])),
            soon(bob.watch_mark_price(symbol)),
            soon(bob.watch_ticker(symbol, _TICKER)),
        )
    assert best[symbol]["bid"] < best[symbol]["ask"]
    assert best[symbol]["bid"] * 0.9 < mark["markPrice"] < best[symbol]["ask"] * 1.1
    assert 0 < float(marks[symbol]["info"]["d"]) < 1 < mark["indexPrice"]
    assert (ticker["symbol"], ticker["last"]) == (symbol, None)


async def test_trades_are_watched(floor: Floor) -> None:
    """Trades are those that REST tells, and so are the candles and the tickers that they make."""
    name = floor.calls[1]
    async with exchange_of(floor, "bob") as bob:
        symbol = symbol_of(bob, name)
        async with floor.trading(name):
            trades, candles, ticker, tickers = await asyncio.gather(
                soon(bob.watch_trades(symbol)),
                soon(bob.watch_ohlcv(symbol, "1m")),
                until(lambda: bob.watch_ticker(symbol, _TICKER), lambda row: row["last"]),
                until(lambda: bob.watch_tickers([symbol], _TICKER), lambda rows: rows[symbol]["last"]),
            )
        for stop in (bob.un_watch_trades(symbol), bob.un_watch_ohlcv(symbol, "1m"), bob.un_watch_ticker(symbol, _TICKER)):
            await soon(stop)
    told = {str(row["tradeId"]): row for row in floor.get("trades", symbol=name, limit=500)}
    for trade in trades:
        row = told[trade["id"]]
        assert (trade["price"], trade["amount"], trade["timestamp"]) == (float(row["price"]), float(row["qty"]), row["time"])
        assert trade["side"] == {1: "buy", -1: "sell"}[row["side"]]
    prices = [float(row["price"]) for row in told.values()]
    assert candles[-1][1] in prices
    assert {ticker["last"], tickers[symbol]["last"]} <= set(prices)


async def test_a_local_order_book_equals_the_exchanges(floor: Floor) -> None:
    """The client's own procedure: buffer the differences, take a snapshot, apply, and never find a gap."""
    name = floor.calls[2]
    async with exchange_of(floor, "alice") as alice:
        symbol = symbol_of(alice, name)
        await soon(alice.watch_order_book(symbol))
        for price in (5, 10, 15):
            await alice.create_order(symbol, "limit", "buy", 0.1, price)
        await alice.cancel_all_orders(symbol)
        last = await alice.create_order(symbol, "limit", "buy", 0.11, 5)
        book = await until(lambda: alice.watch_order_book(symbol), lambda row: [5, 0.11] in row["bids"])
        # The makers quote anew every second, so that the two are the same at some moments only.
        there = await alice.fetch_order_book(symbol, 1000)
        while book["nonce"] != there["nonce"]:
            book = await soon(alice.watch_order_book(symbol)) if book["nonce"] < there["nonce"] else book
            there = await alice.fetch_order_book(symbol, 1000) if book["nonce"] > there["nonce"] else there
        assert [book[key] for key in ("bids", "asks")] == [there[key] for key in ("bids", "asks")]
        assert [5, 0.11] in there["bids"]
        await alice.cancel_order(last["id"], symbol)
        await soon(alice.un_watch_order_book(symbol))


async def test_a_session_of_trading_is_watched(floor: Floor) -> None:
    """A position is opened, an order rests and is cancelled, the position is closed: all of it is told."""
    name = floor.calls[3]
    async with exchange_of(floor, "bob") as bob:
        symbol = symbol_of(bob, name)
        orders = kept(lambda: bob.watch_orders(symbol), lambda rows: rows[-1]["status"] == "canceled")
        trades = kept(lambda: bob.watch_my_trades(symbol), bool)
        positions = kept(lambda: bob.watch_positions([symbol]), lambda rows: rows[-1]["side"] == "long")
        balance = kept(bob.watch_balance, bool)
        await listening(bob)
        opened = await bob.create_order(symbol, "limit", "buy", 0.02, floor.taking(name))
        (trade,) = await trades
        assert (trade["order"], trade["amount"], trade["price"]) == (opened["id"], 0.02, opened["average"])
        assert (trade["takerOrMaker"], trade["fee"]["currency"]) == ("taker", "USDT")
        (position,) = await positions
        assert (position["contracts"], position["entryPrice"]) == (0.02, trade["price"])
        told = await balance
        assert told["USDT"]["total"] == float(floor.trader("bob").ask("GET", "marginAccount")["asset"][0]["marginBalance"])
        resting = await bob.create_order(symbol, "limit", "buy", 0.02, 5)
        await bob.cancel_order(resting["id"], symbol)
        assert (await orders)[-1]["id"] == resting["id"]
        flat = kept(lambda: bob.watch_positions([symbol]), lambda rows: rows[-1]["contracts"] == 0)
        await bob.create_order(symbol, "limit", "sell", 0.02, floor.taking(name, "SELL"), {"reduceOnly": True})
        assert (await flat)[-1]["symbol"] == symbol
        assert [(row["side"], row["status"], row["filled"]) for row in bob.orders] == [
            ("buy", "closed", 0.02),
            ("buy", "canceled", 0),
            ("sell", "closed", 0.02),
        ]


async def listening(exchange: Any) -> None:
    """Wait until the connection of the user's stream stands."""
    await soon(exchange.authenticate({"type": "option"}))
    url = exchange.get_private_ws_url("optionPrivate", exchange.options["option"]["listenKey"])
    await soon(exchange.client(url).connected)
