"""python-binance trades over the WebSocket API and hears of it in its user stream, with nothing changed but its URLs."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import pytest
from binance import AsyncClient, BinanceSocketManager
from binance.base_client import BaseClient
from binance.exceptions import BinanceAPIException

from tests.clients.conftest import Server
from tests.clients.crowd import Crowd, crowd_of, holdings, soon, until

pytestmark = pytest.mark.clients

SYMBOL = "ETHUSDT"


@pytest.fixture
def crowd(server: Server) -> Iterator[Crowd]:
    """Return alice and bob."""
    with crowd_of(server) as crowd:
        yield crowd


@asynccontextmanager
async def connected(server: Server, account: str, kind: str = "HMAC", **options: Any) -> AsyncIterator[Any]:
    """Make a client; hang up in the end, for it would listen to a silent line for ten more seconds."""
    key = server.key(account, kind)
    secret = {"api_secret": key.secret} if kind == "HMAC" else {"private_key": key.secret}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseClient, "API_TESTNET_URL", server.rest + "/api")
        patch.setattr(BaseClient, "WS_API_TESTNET_URL", server.ws_api)
        client = await AsyncClient.create(key.api_key, testnet=True, **secret, **options)
    try:
        yield client
    finally:
        api = client.ws_api
        if api.ws is not None:
            await soon(asyncio.gather(api.close(), api.ws.close()))
        await soon(client.close_connection())


async def test_a_session_of_trading_is_told_to_its_user_stream(server: Server, crowd: Crowd) -> None:
    """A maker order over the WebSocket, filled in part by bob, then cancelled: reports, balances and queries agree."""
    async with connected(server, "alice") as alice, BinanceSocketManager(alice).user_socket() as user:
        placed = await alice.ws_order_limit_buy(
            symbol=SYMBOL, quantity="0.0300", price="2000.00", newClientOrderId="maker-1", newOrderRespType="FULL"
        )
        assert (placed["status"], placed["fills"]) == ("NEW", [])
        report = await until(user.recv, lambda event: event["e"] == "executionReport")
        assert (report["x"], report["X"], report["i"], report["c"]) == ("NEW", "NEW", placed["orderId"], "maker-1")
        assert report["T"] == placed["transactTime"]
        locked = await until(user.recv, lambda event: event["e"] == "outboundAccountPosition")
        assert holdings(locked["B"])["USDT"] == crowd.alice.balances()["USDT"]

        sold = crowd.bob.limit("SELL", SYMBOL, "0.0100", "2000.00")
        fill = await until(user.recv, lambda event: event["e"] == "executionReport")
        assert (fill["x"], fill["X"], fill["l"], fill["L"], fill["z"], fill["m"]) == (
            "TRADE",
            "PARTIALLY_FILLED",
            "0.01000000",
            "2000.00000000",
            "0.01000000",
            True,
        )
        assert (fill["t"], fill["I"] > report["I"]) == (sold["fills"][0]["tradeId"], True)
        paid = await until(user.recv, lambda event: event["e"] == "outboundAccountPosition")
        held = crowd.alice.balances()
        assert holdings(paid["B"]) == {asset: held[asset] for asset in holdings(paid["B"])}
        assert {"ETH", "USDT"} <= set(holdings(paid["B"]))

        shown = await alice.ws_get_order(symbol=SYMBOL, origClientOrderId="maker-1")
        assert (shown["status"], shown["executedQty"]) == ("PARTIALLY_FILLED", "0.01000000")
        assert [row["orderId"] for row in await alice.ws_get_open_orders(symbol=SYMBOL)] == [placed["orderId"]]
        cancelled = await alice.ws_cancel_order(symbol=SYMBOL, orderId=placed["orderId"])
        assert (cancelled["status"], cancelled["origClientOrderId"]) == ("CANCELED", "maker-1")
        ended = await until(user.recv, lambda event: event["e"] == "executionReport")
        assert (ended["x"], ended["C"], ended["z"]) == ("CANCELED", "maker-1", "0.01000000")
        back = await until(user.recv, lambda event: event["e"] == "outboundAccountPosition")
        account = await alice.ws_get_account()
        assert holdings(back["B"])["USDT"] == holdings(account["balances"])["USDT"] == crowd.alice.balances()["USDT"]
        assert holdings(account["balances"]) == crowd.alice.balances()
        assert [row["id"] for row in await alice.ws_get_my_trades(symbol=SYMBOL)] == [fill["t"]]
        assert [row["status"] for row in await alice.ws_get_all_orders(symbol=SYMBOL)] == ["CANCELED"]
    # The client said good-bye to the stream; another session hears of what comes next, and of that alone.
    async with connected(server, "alice") as alice, BinanceSocketManager(alice).user_socket() as user:
        again = await alice.ws_order_limit_buy(symbol=SYMBOL, quantity="0.0100", price="1990.00")
        assert (await soon(user.recv()))["i"] == again["orderId"]


async def test_two_users_of_one_client_library_meet(server: Server, crowd: Crowd) -> None:
    """Alice makes, bob takes at the market; each hears one report of the one trade."""
    async with (
        connected(server, "alice") as alice,
        connected(server, "bob") as bob,
        BinanceSocketManager(alice).user_socket() as hers,
        BinanceSocketManager(bob).user_socket() as his,
    ):
        await alice.ws_order_limit_sell(symbol=SYMBOL, quantity="0.0200", price="2100.00")
        bought = await bob.ws_order_market_buy(symbol=SYMBOL, quantity="0.0200")
        assert (bought["status"], bought["cummulativeQuoteQty"]) == ("FILLED", "42.00000000")
        reports = [await until(user.recv, lambda event: event.get("x") == "TRADE") for user in (hers, his)]
    assert [(row["t"], row["l"], row["L"], row["X"], row["m"]) for row in reports] == [
        (bought["fills"][0]["tradeId"], "0.02000000", "2100.00000000", "FILLED", maker) for maker in (True, False)
    ]


@pytest.mark.parametrize(("account", "kind"), [("alice", "ED25519"), ("bob", "RSA")])
async def test_private_key_files_sign_as_documented(server: Server, account: str, kind: str) -> None:
    """RSA and Ed25519 keys work as PEM, for requests and for the user stream."""
    async with connected(server, account, kind) as client, BinanceSocketManager(client).user_socket() as user:
        placed = await client.ws_create_order(
            symbol=SYMBOL, side="BUY", type="LIMIT", timeInForce="GTC", quantity="0.0100", price="1500.00"
        )
        assert (await soon(user.recv()))["i"] == placed["orderId"]
        assert (await client.ws_cancel_order(symbol=SYMBOL, orderId=placed["orderId"]))["status"] == "CANCELED"


async def test_refusals_are_the_clients_own_exceptions(server: Server) -> None:
    """An error keeps its code and its text, and the connection goes on."""
    async with connected(server, "alice") as alice:
        for terms, code, text in (
            ({"quantity": "0.00001", "price": "2000.00"}, -1013, "Filter failure: LOT_SIZE"),
            ({"quantity": "500", "price": "2000.00"}, -2010, "Account has insufficient balance for requested action."),
        ):
            with pytest.raises(BinanceAPIException) as refused:
                await alice.ws_order_limit_buy(symbol=SYMBOL, **terms)
            assert (refused.value.status_code, refused.value.code, refused.value.message) == (400, code, text)
        with pytest.raises(BinanceAPIException) as unknown:
            await alice.ws_cancel_order(symbol=SYMBOL, orderId=1)
        assert (unknown.value.code, unknown.value.message) == (-2011, "Unknown order sent.")
        with pytest.raises(BinanceAPIException) as unnamed:
            await alice._ws_api_request("no.such.method", False, {})
        assert (unnamed.value.status_code >= 400, unnamed.value.code < 0) == (True, True)
        assert await alice.ws_ping() == {}
    async with connected(server, "carol") as carol:
        with pytest.raises(BinanceAPIException) as forbidden:
            await carol.ws_order_limit_buy(symbol=SYMBOL, quantity="0.0100", price="2000.00")
        assert (forbidden.value.status_code, forbidden.value.code) == (401, -2015)


async def test_lists_and_replacements(server: Server, crowd: Crowd) -> None:
    """Pairs, pending orders and cancel-replace go the same way, and the list is told of too."""
    crowd.trade(SYMBOL, "0.0100", "2000.00")
    async with connected(server, "alice") as alice, BinanceSocketManager(alice).user_socket() as user:
        pair = await alice.ws_create_oco_order(
            symbol=SYMBOL,
            side="SELL",
            quantity="0.1000",
            aboveType="LIMIT_MAKER",
            abovePrice="2100.00",
            belowType="STOP_LOSS",
            belowStopPrice="1900.00",
        )
        status = await until(user.recv, lambda event: event["e"] == "listStatus")
        assert (status["g"], status["c"], status["l"]) == (pair["orderListId"], "OCO", "EXEC_STARTED")
        assert len(await alice.ws_get_oco_open_orders()) == 1
        await alice.ws_cancel_oco_order(symbol=SYMBOL, orderListId=pair["orderListId"])
        assert (await alice.ws_get_oco_order(orderListId=pair["orderListId"]))["listOrderStatus"] == "ALL_DONE"
        first = await alice.ws_order_limit_buy(symbol=SYMBOL, quantity="0.0100", price="1900.00")
        replaced = await alice.ws_cancel_and_replace_order(
            symbol=SYMBOL,
            cancelReplaceMode="STOP_ON_FAILURE",
            cancelOrderId=first["orderId"],
            side="BUY",
            type="LIMIT",
            timeInForce="GTC",
            quantity="0.0100",
            price="1901.00",
        )
        assert (replaced["cancelResult"], replaced["newOrderResult"]) == ("SUCCESS", "SUCCESS")
        assert len(await alice.ws_cancel_all_open_orders(symbol=SYMBOL)) == 1


async def test_market_data_and_times_by_request(server: Server, crowd: Crowd) -> None:
    """What the WebSocket API answers is what REST answers, with microseconds when the client asks for them."""
    crowd.trade(SYMBOL, "0.0100", "2000.00")
    crowd.alice.limit("BUY", SYMBOL, "0.0100", "1990.00")
    async with connected(server, "carol") as carol:
        assert await carol.ws_get_order_book(symbol=SYMBOL) == crowd.get("depth", symbol=SYMBOL)
        assert await carol.ws_get_recent_trades(symbol=SYMBOL) == crowd.get("trades", symbol=SYMBOL)
        assert await carol.ws_get_aggregate_trades(symbol=SYMBOL) == crowd.get("aggTrades", symbol=SYMBOL)
        assert await carol.ws_get_klines(symbol=SYMBOL, interval="1m") == crowd.get("klines", symbol=SYMBOL, interval="1m")
        assert (await carol.ws_get_ticker(symbol=SYMBOL))["lastPrice"] == "2000.00000000"
        assert (await carol.ws_get_orderbook_ticker(symbol=SYMBOL))["bidPrice"] == "1990.00000000"
        assert (await carol.ws_get_symbol_ticker(symbol=SYMBOL))["price"] == "2000.00000000"
        assert (await carol.ws_get_avg_price(symbol=SYMBOL))["mins"] == 5
        assert (await carol.ws_get_exchange_info(symbols=[SYMBOL]))["symbols"][0]["symbol"] == SYMBOL
        milliseconds = (await carol.ws_get_time())["serverTime"]
    async with connected(server, "carol", time_unit="MICROSECOND") as carol:
        assert Decimal((await carol.ws_get_time())["serverTime"]) / milliseconds == pytest.approx(1000, rel=1e-3)
        assert (await carol.ws_get_recent_trades(symbol=SYMBOL))[-1]["time"] > 1000 * 10**12
