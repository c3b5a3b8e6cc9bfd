"""The official options SDK does a full session with nothing changed but its URLs.

Its models are strict: what is sent in another type than declared is a warning, and what is not sent is a field without a value.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from binance_common.configuration import ConfigurationRestAPI, ConfigurationWebSocketStreams
from binance_common.errors import BadRequestError, UnauthorizedError
from binance_sdk_derivatives_trading_options.derivatives_trading_options import DerivativesTradingOptions
from binance_sdk_derivatives_trading_options.rest_api.models import (
    NewBlockTradeOrderLegsParameterInner,
    PlaceMultipleOrdersOrdersParameterInner,
)
from binance_sdk_derivatives_trading_options.websocket_streams.models import NewSymbolInfoResponse, OpenInterestResponse
from pydantic import BaseModel

from papernet.core.dates import HOUR
from tests.clients.crowd import soon, until
from tests.clients.option_floor import UNDERLYING, Floor, open_floor
from tests.support.option_air import EXPIRY_TEXT, OptionsOnAir

pytestmark = pytest.mark.clients

_TIMEOUT = 20_000  # milliseconds for an answer on a machine that is busy; the SDK's own is one second

# What has no value for this one, or is told and not declared.
_PECULIAR = {
    "option_contracts.nakedSell",  # live answers have it, and the models know it of symbols only
    *(f"option_symbols.filters.{name}" for name in ("min_price", "max_price", "tick_size", "min_qty", "max_qty", "step_size")),
    "symbol",  # of a transfer in the funding flow
}


@pytest.fixture(scope="module")
def floor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Floor]:
    """Open a floor for this module, with limits."""
    with open_floor(tmp_path_factory.mktemp("sdk") / "state", "--limits", "on") as opened:
        yield opened


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """See to it that the SDK does not complain: of types that are not those declared, above all."""
    yield
    for when in ("setup", "call"):
        assert [record.getMessage() for record in caplog.get_records(when) if record.levelno >= logging.WARNING] == []


def api_of(floor: Floor, account: str, kind: str = "HMAC") -> Any:
    """Return an account's REST API."""
    key = floor.server.key(account, kind)
    secret = {"api_secret": key.secret} if kind == "HMAC" else {"private_key": key.secret}
    configuration = ConfigurationRestAPI(api_key=key.api_key, base_path=floor.server.rest, timeout=_TIMEOUT, **secret)
    return DerivativesTradingOptions(configuration).rest_api


def told(answer: Any) -> Any:
    """Return the model of an answer, or the models, in which every field has a value."""
    data = answer.data()
    rows = data if isinstance(data, list) else [data]
    assert rows
    assert all(isinstance(row, BaseModel) for row in rows), rows
    assert {where for row in rows for where in _strange(row)} <= _PECULIAR
    return data


def _strange(value: Any, place: str = "") -> Iterator[str]:
    """Find the fields without a value, and, where the model knows, what is no field."""
    if isinstance(value, list):
        for row in value:
            yield from _strange(row, place)
    elif isinstance(value, BaseModel):
        base = f"{place}." if place else ""
        extra: dict[str, Any] = getattr(value, "additional_properties", {})
        yield from (base + name for name in extra)
        for name in type(value).model_fields:
            field = getattr(value, name)
            if field is None:
                yield base + name
            elif name != "additional_properties":
                yield from _strange(field, base + name)


def test_the_market_is_read(floor: Floor) -> None:
    """Every market data operation parses into the SDK's models."""
    api, name = api_of(floor, "bob"), floor.calls[0]
    assert api.test_connectivity().data() == {}
    info = told(api.exchange_information())
    assert told(api.check_server_time()).server_time >= info.server_time
    assert {(row.rate_limit_type, row.interval, row.interval_num, row.limit) for row in info.rate_limits} == {
        ("REQUEST_WEIGHT", "MINUTE", 1, 2400),
        ("ORDERS", "MINUTE", 1, 1200),
        ("ORDERS", "SECOND", 10, 300),
    }
    assert {row.underlying for row in info.option_contracts} == {row.underlying for row in info.option_symbols}
    book = told(api.order_book(symbol=name, limit=10))
    assert float(book.bids[0][0]) < float(book.asks[0][0])
    told(api.historical_exercise_records(underlying=UNDERLYING))
    index = float(told(api.index_price(underlying=UNDERLYING)).index_price)
    (mark,) = told(api.option_mark_price(symbol=name))
    assert 0 < float(mark.mark_price) < index
    for every in (api.option_mark_price, api.ticker24hr_price_change_statistics):
        assert {row.symbol for row in told(every())} >= {row.symbol for row in info.option_symbols}
    assert len(told(api.ticker24hr_price_change_statistics(symbol=name))) == 1
    told(api.open_interest(underlying_asset="BTC", expiration=name.split("-")[1]))


def test_a_session_trades_and_reads_itself_back(floor: Floor) -> None:
    """Take from the quoted book, rest, cancel, and read what became of it from every side."""
    api, name = api_of(floor, "bob"), floor.calls[1]
    limit = {"symbol": name, "type": "LIMIT", "quantity": 0.1}
    answer = api.new_order(
        **limit,
        side="BUY",
        price=floor.taking(name),
        time_in_force="IOC",
        new_order_resp_type="RESULT",
        client_order_id="sdk-1",
    )
    counted = {(row.rateLimitType, row.interval, row.intervalNum) for row in answer.rate_limits}
    assert counted == {("REQUEST_WEIGHT", "MINUTE", 1), ("ORDERS", "SECOND", 10), ("ORDERS", "MINUTE", 1)}
    bought = told(answer)
    assert (bought.status, bought.client_order_id, bought.executed_qty, bought.fee) == ("FILLED", "sdk-1", "0.1000", 0)
    (trade,) = told(api.account_trade_list(symbol=name))
    assert (trade.order_id, trade.price, trade.liquidity) == (bought.order_id, bought.avg_price, "TAKER")
    assert [row.price for row in told(api.recent_trades_list(symbol=name))] == [trade.price]
    assert api.kline_candlestick_data(symbol=name, interval="1m").data()[-1][4] == trade.price
    (position,) = told(api.option_position_information(symbol=name))
    assert (position.side, position.quantity, position.entry_price) == ("LONG", "0.1000", trade.price)
    rested = told(api.new_order(**limit, side="BUY", price=5, post_only=True, self_trade_prevention_mode="EXPIRE_BOTH"))
    assert (rested.status, rested.post_only, rested.self_trade_prevention_mode) == ("NEW", True, "EXPIRE_BOTH")
    assert told(api.query_single_order(symbol=name, order_id=rested.order_id)).status == "NEW"
    for asked in ({"symbol": name}, {}):
        assert [row.order_id for row in told(api.query_current_open_option_orders(**asked))] == [rested.order_id]
    assert told(api.cancel_option_order(symbol=name, order_id=rested.order_id)).order_id == rested.order_id
    told(api.new_order(**limit, side="SELL", price=floor.taking(name, "SELL"), reduce_only=True))
    assert api.option_position_information(symbol=name).data() == []
    past = told(api.query_option_order_history(symbol=name))
    assert [(row.side, row.status) for row in past] == [("BUY", "FILLED"), ("BUY", "CANCELED"), ("SELL", "FILLED")]


def test_many_orders_at_once(floor: Floor) -> None:
    """Batches, by ids and by one's own names, and all of a contract and of an underlying; one in a batch may be refused."""
    api, name = api_of(floor, "bob"), floor.calls[2]
    batch = [
        PlaceMultipleOrdersOrdersParameterInner(
            symbol=name,
            side="BUY",
            type="LIMIT",
            quantity=0.1,
            price=price,
            reduce_only=False,
            client_order_id=f"batch-{price}",
        )
        for price in (5, 10, 15, 20, 25)
    ]
    placed = told(api.place_multiple_orders(orders=batch))
    assert [row.client_order_id for row in placed] == [order.client_order_id for order in batch]
    ids = [row.order_id for row in placed]
    assert [row.order_id for row in told(api.cancel_multiple_option_orders(symbol=name, order_ids=ids[:2]))] == ids[:2]
    gone = told(api.cancel_multiple_option_orders(symbol=name, client_order_ids=["batch-15", "batch-20"]))
    assert [row.order_id for row in gone] == ids[2:4]
    assert told(api.cancel_all_option_orders_on_specific_symbol(symbol=name)).msg == "success"
    placed = api.place_multiple_orders(orders=[*batch[:1], batch[1].model_copy(update={"price": 7})]).data()
    assert [row.order_id is None for row in placed] == [False, True]
    assert told(api.cancel_all_option_orders_by_underlying(underlying=UNDERLYING)).msg == "success"
    assert api.query_current_open_option_orders().data() == []


def test_an_account_is_read(floor: Floor) -> None:
    """What it has, pays, was paid, and what was exercised."""
    api = api_of(floor, "bob")
    margin = told(api.option_margin_account_information())
    assert ([row.asset for row in margin.asset], margin.can_trade, margin.trade_group_id) == (["USDT"], True, -1)
    assert "BTCUSDT" in {row.underlying for row in told(api.user_commission()).commissions}
    kinds = {row.type for row in told(api.account_funding_flow(currency="USDT"))}
    assert {"TRANSFER", "CONTRACT", "FEE", "EXERCISE_PNL", "EXERCISE_FEE"} <= kinds
    (record,) = told(api.user_exercise_record())
    assert (record.symbol, record.position_side, record.quantity) == (floor.expired, "LONG", "0.1000")
    assert told(api.tradfi_options_contract()).code == 200
    key = told(api.start_user_data_stream())
    assert len(key.listen_key) >= 64
    assert api.keepalive_user_data_stream().data() == {}
    assert api.close_user_data_stream().data() == {}
    with pytest.raises(BadRequestError, match="listenKey does not exist"):
        api.keepalive_user_data_stream()


def test_a_market_maker_is_protected(floor: Floor) -> None:
    """Protection and countdowns of alice, who is one; bob is not."""
    api = api_of(floor, "alice")
    wanted = {"window_time_in_milliseconds": 3000, "frozen_time_in_milliseconds": 300_000, "qty_limit": 2, "delta_limit": 2.3}
    set_up = told(api.set_market_maker_protection_config(underlying=UNDERLYING, **wanted))
    assert (set_up.qty_limit, set_up.delta_limit, set_up.last_trigger_time) == ("2", "2.3", 0)
    assert told(api.get_market_maker_protection_config(underlying=UNDERLYING)).to_dict() == set_up.to_dict()
    told(api.reset_market_maker_protection_config(underlying=UNDERLYING))
    assert told(api.set_auto_cancel_all_open_orders(underlying=UNDERLYING, countdown_time=30_000)).countdown_time == 30_000
    assert told(api.get_auto_cancel_all_open_orders(underlying=UNDERLYING)).underlying == UNDERLYING
    assert told(api.auto_cancel_all_open_orders(underlyings=f"{UNDERLYING},ETHUSDT")).underlyings == [UNDERLYING]
    assert told(api.set_auto_cancel_all_open_orders(underlying=UNDERLYING, countdown_time=0)).countdown_time == 0
    with pytest.raises(BadRequestError, match="not market maker"):
        api_of(floor, "bob").get_market_maker_protection_config(underlying=UNDERLYING)


def test_a_block_trade_between_two(floor: Floor) -> None:
    """Bob offers, extends, and alice accepts; a second offer is taken back."""
    alice, bob, name = api_of(floor, "alice"), api_of(floor, "bob"), floor.calls[3]
    price = floor.get("mark", symbol=name)[0]["markPrice"]
    leg = NewBlockTradeOrderLegsParameterInner(
        symbol=name, price=str(int(float(price) // 5 * 5)), quantity="0.1", side="BUY", type="LIMIT"
    )
    offer = told(bob.new_block_trade_order(liquidity="TAKER", legs=[leg]))
    key = {"block_order_matching_key": offer.block_trade_settlement_key}
    assert (offer.status, offer.liquidity, offer.legs[0].side) == ("RECEIVED", "TAKER", "BUY")
    seen = told(alice.query_block_trade_details(**key))
    assert (seen.liquidity, seen.legs[0].side) == ("MAKER", "SELL")
    assert told(bob.extend_block_trade_order(**key)).expire_time >= offer.expire_time
    assert [row.block_trade_settlement_key for row in told(bob.query_block_trade_order())] == [*key.values()]
    assert told(alice.accept_block_trade_order(**key)).status == "ACCEPTED"
    (trade,) = told(bob.recent_block_trades_list(symbol=name))
    for api, side in ((bob, "BUY"), (alice, "SELL")):
        (row,) = told(api.account_block_trade_list())
        assert (row.cross_type, row.legs[0].order_side, row.legs[0].executed_qty) == ("USER_BLOCK", side, 0.1)
        assert row.legs[0].trade_id == trade.trade_id
    again = told(bob.new_block_trade_order(liquidity="MAKER", legs=[leg])).block_trade_settlement_key
    assert bob.cancel_block_trade_order(block_order_matching_key=again).data() == {}


def test_refusals_are_the_sdks_own_classes(floor: Floor) -> None:
    """By their HTTP status: 400 and 401."""
    api, name = api_of(floor, "bob"), floor.calls[0]
    with pytest.raises(BadRequestError, match="Order does not exist"):
        api.query_single_order(symbol=name, order_id=1)
    with pytest.raises(BadRequestError, match="Balance is insufficient"):
        api.new_order(symbol=name, side="BUY", type="LIMIT", quantity=150, price=floor.taking(name))
    api.configuration.api_key = api.configuration.base_headers["X-MBX-APIKEY"] = "x" * 64
    with pytest.raises(UnauthorizedError):
        api.option_margin_account_information()


@pytest.mark.parametrize(("account", "kind"), [("alice", "ED25519"), ("bob", "RSA")])
def test_private_key_files_sign_as_documented(floor: Floor, account: str, kind: str) -> None:
    """RSA and Ed25519 keys work as PEM."""
    assert told(api_of(floor, account, kind).option_margin_account_information()).can_trade is True


@asynccontextmanager
async def connected(floor: Floor) -> AsyncIterator[Any]:
    """Open the three connections for streams."""
    configuration = ConfigurationWebSocketStreams(stream_url=floor.server.streams, reconnect_delay=0)
    client = DerivativesTradingOptions(config_ws_streams=configuration).websocket_streams
    await soon(client.create_connection())
    try:
        yield client
    finally:
        await soon(client.close_connection(close_session=True))


def heard(stream: Any) -> "asyncio.Queue[Any]":
    """Return where the events of a stream come in."""
    events: asyncio.Queue[Any] = asyncio.Queue()
    stream.on("message", events.put_nowait)
    return events


async def test_every_market_stream_parses(floor: Floor) -> None:
    """Each stream by its own method, while somebody trades."""
    name = floor.calls[4]
    day = name.split("-")[1]
    async with connected(floor) as client:
        wishes = {
            "index": client.index_price_streams(),
            "kline": client.kline_candlestick_streams(symbol=name, interval="1m"),
            "mark": client.option_mark_price(underlying=UNDERLYING),
            "diff": client.diff_book_depth_streams(symbol=name, update_speed="100ms"),
            "partial": client.partial_book_depth_streams(symbol=name, level="10", update_speed="100ms"),
            "ticker": client.hour24_ticker(symbol=name),
            "tickers": client.hour24_ticker(symbol=UNDERLYING, expiration_date=day),
            "book": client.individual_symbol_book_ticker_streams(symbol=name),
            "trade": client.trade_streams(symbol=name),
            "trades": client.trade_streams(symbol=UNDERLYING),
        }
        streams = await soon(asyncio.gather(*wishes.values()))
        queues = {wish: heard(stream) for wish, stream in zip(wishes, streams, strict=True)}
        async with floor.trading(name):
            events = await soon(asyncio.gather(*(queue.get() for queue in queues.values())))
        told_of = dict(zip(queues, events, strict=True))
        await streams[0].unsubscribe()
    assert [place for event in events for place in _strange(event)] == []
    assert UNDERLYING in {row.s for row in told_of["index"]}
    assert name in {row.s for row in told_of["mark"]}
    assert (told_of["kline"].k.i, told_of["ticker"].s, told_of["tickers"].s.split("-")[1]) == ("1m", name, day)
    assert (told_of["trade"].q, told_of["trade"].X) == ("0.0100", "MARKET")
    assert float(told_of["book"].b) < float(told_of["book"].a)
    assert told_of["diff"].u >= told_of["diff"].U
    assert len(told_of["partial"].b) <= 10


async def test_a_session_of_trading_is_told(floor: Floor) -> None:
    """The user's stream: an order that is filled, what it changed, and one that is cancelled."""
    api, name = api_of(floor, "bob"), floor.puts[1]
    key = api.start_user_data_stream().data().listen_key
    async with connected(floor) as client:
        queue = heard(await soon(client.user_data(key)))
        # The SDK goes on before it is answered.
        await soon(asyncio.gather(*(answer for line in client.connections for answer in line.pending_request.values())))
        seen: list[Any] = []

        async def event(kind: str) -> Any:
            wrapped = await until(queue.get, lambda row: type(row.actual_instance).__name__ == kind)
            seen.append(wrapped.actual_instance)
            return wrapped.actual_instance

        limit = {"symbol": name, "type": "LIMIT", "quantity": 0.05, "side": "BUY"}
        bought = api.new_order(**limit, price=floor.taking(name), client_order_id="sdk-ws").data()
        new, trade = await event("OrderTradeUpdate"), await event("OrderTradeUpdate")
        assert (new.o.x, new.o.c, trade.o.x, trade.o.X, trade.o.i) == ("NEW", "sdk-ws", "TRADE", "FILLED", bought.order_id)
        changed = await event("BalancePositionUpdate")
        assert (changed.m, changed.P[0].s, changed.P[0].c) == ("ORDER", name, "0.0500")
        account = await event("AccountUpdate")
        assert float(account.eq) == pytest.approx(float(account.b) + float(account.m))
        assert [row.u for row in (await event("GreekUpdate")).G] == [UNDERLYING]
        rested = api.new_order(**limit, price=5).data()
        await event("OrderTradeUpdate")
        api.cancel_option_order(symbol=name, order_id=rested.order_id)
        ended = await event("OrderTradeUpdate")
        assert (ended.o.x, ended.o.X, ended.o.i) == ("CANCELED", "CANCELED", rested.order_id)
        api.close_user_data_stream()
    assert [place for row in seen for place in _strange(row)] == []


def test_rare_streams_parse() -> None:
    """What is pushed once a minute, or once a day, from an exchange in memory: open interest, and new contracts."""
    world = OptionsOnAir()
    ear = world.listen(f"BTCUSDT@openInterest@{EXPIRY_TEXT}", "!optionSymbol")
    world.wait(24 * HOUR)
    events = ear.take()
    kinds = {"openInterest": OpenInterestResponse, "optionSymbol": NewSymbolInfoResponse}
    rows = [row for event in events for row in (event if isinstance(event, list) else [event])]
    models = [kinds[row["e"]].model_validate_json(json.dumps(row)) for row in rows]
    assert {type(model) for model in models} == {*kinds.values()}
    assert [place for model in models for place in _strange(model)] == []
