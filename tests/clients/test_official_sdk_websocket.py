"""The official spot SDK trades over the WebSocket API with nothing changed but its URL; its own models parse strictly."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import pytest
from binance_common.configuration import ConfigurationWebSocketAPI
from binance_common.constants import TimeUnit
from binance_sdk_spot.spot import Spot

from tests.clients.conftest import Server
from tests.clients.crowd import Crowd, crowd_of, soon, until

pytestmark = [
    pytest.mark.clients,
    # the SDK says how long a closing handshake may take in a way that aiohttp is about to drop
    pytest.mark.filterwarnings("ignore:parameter 'timeout' of type 'float' is deprecated:DeprecationWarning"),
]

SYMBOL = "BNBUSDT"
LIMIT: dict[str, Any] = {"symbol": SYMBOL, "type": "LIMIT", "time_in_force": "GTC"}


@pytest.fixture
def crowd(server: Server) -> Iterator[Crowd]:
    """Return alice and bob."""
    with crowd_of(server) as crowd:
        yield crowd


@asynccontextmanager
async def connected(server: Server, account: str, kind: str = "HMAC", **options: Any) -> AsyncIterator[Any]:
    """Open a connection of the WebSocket API."""
    key = server.key(account, kind)
    secret = {"api_secret": key.secret} if kind == "HMAC" else {"private_key": key.secret}
    options |= {"stream_url": server.ws_api, "reconnect_delay": 0}
    client = Spot(config_ws_api=ConfigurationWebSocketAPI(api_key=key.api_key, **secret, **options)).websocket_api
    assert await soon(client.create_connection()) is not None
    try:
        yield client
    finally:
        await soon(client.close_connection(close_session=True))


def told_to(stream: Any) -> "asyncio.Queue[Any]":
    """Return where the events of a user data stream come in, each as what the SDK made of it."""
    events: asyncio.Queue[Any] = asyncio.Queue()
    stream.on("message", lambda event: events.put_nowait(event.actual_instance))
    return events


def of_kind(name: str) -> Any:
    """Return whether an event is of a model of the SDK."""
    return lambda event: type(event).__name__ == name


async def test_a_session_logs_on_trades_and_hears_of_it(server: Server, crowd: Crowd) -> None:
    """An Ed25519 session: logon, user data stream, maker order, partial fill by bob, queries, amendment, cancel, logout."""
    async with connected(server, "alice", "ED25519") as alice:
        logon = (await alice.session_logon()).data()
        assert (logon.status, logon.result.api_key) == (200, server.key("alice", "ED25519").api_key)
        subscribed = await alice.user_data_stream_subscribe()
        events = told_to(subscribed.stream)
        placed = (await alice.order_place(side="BUY", quantity=2, price=500, new_client_order_id="sdk-maker", **LIMIT)).data()
        assert placed.result.status == "NEW"
        assert {limit.rate_limit_type for limit in placed.rate_limits} >= {"REQUEST_WEIGHT"}
        report = await until(events.get, of_kind("ExecutionReport"))
        assert (report.i, report.c, report.x, report.X) == (placed.result.order_id, "sdk-maker", "NEW", "NEW")
        sold = crowd.bob.limit("SELL", SYMBOL, "0.5", "500")
        fill = await until(events.get, of_kind("ExecutionReport"))
        assert (fill.x, fill.X, fill.t, fill.l, fill.m) == (
            "TRADE",
            "PARTIALLY_FILLED",
            sold["fills"][0]["tradeId"],
            "0.50000000",
            True,
        )
        position = await until(events.get, of_kind("OutboundAccountPosition"))
        held = crowd.alice.balances()
        assert {row.a: (Decimal(row.f), Decimal(row.l)) for row in position.B} == {row.a: held[row.a] for row in position.B}
        asked = (await alice.order_status(symbol=SYMBOL, orig_client_order_id="sdk-maker")).data().result
        assert (asked.status, asked.executed_qty) == ("PARTIALLY_FILLED", "0.50000000")
        amended = (await alice.order_amend_keep_priority(symbol=SYMBOL, new_qty=1, order_id=report.i)).data().result
        assert amended.amended_order.qty == "1.00000000"
        assert (await until(events.get, of_kind("ExecutionReport"))).x == "REPLACED"
        assert [row.order_id for row in (await alice.open_orders_status(symbol=SYMBOL)).data().result] == [report.i]
        ended = (await alice.order_cancel(symbol=SYMBOL, order_id=report.i)).data().result
        assert ended.status == "CANCELED"
        assert (await until(events.get, of_kind("ExecutionReport"))).x == "CANCELED"
        account = (await alice.account_status()).data().result
        assert {row.asset: (Decimal(row.free), Decimal(row.locked)) for row in account.balances} == crowd.alice.balances()
        assert [row.qty for row in (await alice.my_trades(symbol=SYMBOL)).data().result] == ["0.50000000"]
        assert (await alice.session_status()).data().result.user_data_stream is True
        assert len((await alice.session_subscriptions()).data().result) == 1
        assert (await alice.user_data_stream_unsubscribe()).data().status == 200
        assert (await alice.session_logout()).data().status == 200
        assert (await alice.session_status()).data().result.api_key is None


async def test_a_planned_reconnect_keeps_the_session(server: Server) -> None:
    """What the SDK does by itself every 23 hours: a new connection, logged on and subscribed again."""
    async with connected(server, "alice", "ED25519") as alice:
        await alice.session_logon()
        events = told_to((await alice.user_data_stream_subscribe()).stream)
        assert await soon(alice.reconnect(alice.connections[0], alice.configuration)) is not None
        placed = (await alice.order_place(side="BUY", quantity=1, price=400, **LIMIT)).data().result
        assert (await until(events.get, of_kind("ExecutionReport"))).i == placed.order_id
        assert (await alice.order_cancel(symbol=SYMBOL, order_id=placed.order_id)).data().result.status == "CANCELED"


@pytest.mark.parametrize(("account", "kind"), [("bob", "HMAC"), ("bob", "RSA"), ("alice", "ED25519")])
async def test_every_kind_of_key_signs_each_request(server: Server, account: str, kind: str) -> None:
    """No session: every request and the subscription are signed by themselves."""
    async with connected(server, account, kind) as client:
        events = told_to((await client.user_data_stream_subscribe_signature()).stream)
        placed = (await client.order_place(side="BUY", quantity=1, price=400, **LIMIT)).data().result
        assert (await until(events.get, of_kind("ExecutionReport"))).i == placed.order_id
        gone = (await client.open_orders_cancel_all(symbol=SYMBOL)).data().result
        assert len(gone) == 1


async def test_lists_and_replacements(server: Server, crowd: Crowd) -> None:
    """Order lists, cancel-replace and routing parse, and the list's status is an event of its own."""
    crowd.trade(SYMBOL, "0.5", "500")
    async with connected(server, "alice") as alice:
        events = told_to((await alice.user_data_stream_subscribe_signature()).stream)
        pair = await alice.order_list_place_oco(
            symbol=SYMBOL,
            side="SELL",
            quantity=1,
            above_type="LIMIT_MAKER",
            above_price=550,
            below_type="STOP_LOSS",
            below_stop_price=450,
        )
        number = pair.data().result.order_list_id
        status = await until(events.get, of_kind("ListStatus"))
        assert (status.g, status.l, len(status.O)) == (number, "EXEC_STARTED", 2)
        assert len((await alice.open_order_lists_status()).data().result) == 1
        assert (await alice.order_list_status(order_list_id=number)).data().result.list_order_status == "EXECUTING"
        ended = (await alice.order_list_cancel(symbol=SYMBOL, order_list_id=number)).data().result
        assert ended.list_status_type == "ALL_DONE"
        first = (await alice.order_place(side="BUY", quantity=1, price=400, **LIMIT)).data().result
        replaced = await alice.order_cancel_replace(
            **LIMIT,
            side="BUY",
            quantity=1,
            price=401,
            cancel_replace_mode="STOP_ON_FAILURE",
            cancel_order_id=first.order_id,
        )
        assert replaced.data().result.new_order_result == "SUCCESS"
        tested = await alice.sor_order_test(symbol="BTCUSDT", side="BUY", type="MARKET", quantity=0.001)
        assert tested.data().status == 200


async def test_refusals_are_the_sdks_own(server: Server) -> None:
    """An error keeps code and text; logging on with a key that is not Ed25519 is refused; the connection goes on."""
    async with connected(server, "bob") as bob:
        refused = (await bob.order_place(side="BUY", quantity=0.0001, price=500, **LIMIT)).data()
        assert refused["error"] == {"code": -1013, "msg": "Filter failure: LOT_SIZE"}
        assert (await bob.session_logon()).data()["error"] == {"code": -2028, "msg": "HMAC-SHA-256 API key is not supported."}
        assert (await bob.ping()).data().status == 200


async def test_market_data_parses(server: Server, crowd: Crowd) -> None:
    """Each public method parses into its own model and says what REST says."""
    crowd.trade(SYMBOL, "0.5", "500")
    crowd.alice.limit("BUY", SYMBOL, "1", "490")
    async with connected(server, "carol") as carol:
        book, depth = (await carol.depth(symbol=SYMBOL)).data().result, crowd.get("depth", symbol=SYMBOL)
        assert (book.last_update_id, book.bids) == (depth["lastUpdateId"], depth["bids"])
        info = (await carol.exchange_info(symbols=[SYMBOL])).data()
        # The SDK reads this answer as if it were REST's; what it does not know it keeps.
        assert info.additional_properties["result"] == crowd.get("exchangeInfo", symbols=f'["{SYMBOL}"]') | {
            "serverTime": info.additional_properties["result"]["serverTime"]
        }
        assert (await carol.trades_recent(symbol=SYMBOL, limit=5)).data().result[-1].price == "500.00000000"
        assert (await carol.trades_aggregate(symbol=SYMBOL)).data().result[-1].q == "0.50000000"
        assert (await carol.trades_historical(symbol=SYMBOL, from_id=0)).data().result is not None
        assert len((await carol.klines(symbol=SYMBOL, interval="1m")).data().result) >= 1
        assert len((await carol.ui_klines(symbol=SYMBOL, interval="1m")).data().result) >= 1
        for asked in ("avg_price", "ticker", "ticker24hr", "ticker_trading_day", "ticker_price", "ticker_book"):
            answer = (await getattr(carol, asked)(symbol=SYMBOL)).data()
            # one model for one symbol, another for several
            assert getattr(answer, "actual_instance", answer).status == 200
        assert (await carol.execution_rules(symbol=SYMBOL)).data().status == 200
        milliseconds = (await carol.time()).data().result.server_time
    async with connected(server, "carol", time_unit=TimeUnit.MICROSECOND, return_rate_limits=False) as carol:
        answer = (await carol.time()).data()
        assert (answer.result.server_time // 1_000_000, answer.rate_limits) == (
            pytest.approx(milliseconds // 1000, abs=10),
            None,
        )
