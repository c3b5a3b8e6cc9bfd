"""One question for each change of the wire: what a whole network answers on the day before and on the day.

A case asks a network whose clock is held, and returns what tells the two sides apart.
"""

import base64
import hashlib
import hmac
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, NamedTuple
from urllib.parse import quote_plus, urlencode

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from msgspec import json
from websockets.asyncio.client import ClientConnection

from papernet.core.dates import MILLISECOND, MINUTE, SECOND
from papernet.protocols.rest.request import Request
from papernet.servers.dev_accounts import development_keys
from tests.support.held_node import ALICE, HeldNode, messages

ED25519 = next(key for key in development_keys() if key.key_type.name == "ED25519")
ORDER = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.001", "price": "60000"}
PAIR = {
    "symbol": "BTCUSDT",
    "side": "SELL",
    "quantity": "0.001",
    "aboveType": "TAKE_PROFIT",
    "aboveStopPrice": "70000",
    "belowType": "STOP_LOSS",
    "belowStopPrice": "50000",
}

Ask = Callable[[HeldNode], Awaitable[Any]]


class Case(NamedTuple):
    """What is asked, and what comes back on either side."""

    ask: Ask
    before: Any
    after: Any


CASES: dict[str, Case] = {}


def case(name: str, before: Any, after: Any) -> Callable[[Ask], Ask]:
    """Keep what is asked about a change."""

    def keep(ask: Ask) -> Ask:
        assert name not in CASES
        CASES[name] = Case(ask, before, after)
        return ask

    return keep


async def code(net: HeldNode, method: str, path: str, **params: object) -> int:
    """Return the code of a signed request's refusal, 0 when it is none."""
    body = (await net.sign(method, f"/api/v3/{path}", **params)).body
    return body.get("code", 0) if isinstance(body, dict) else 0


async def weight(net: HeldNode, method: str, path: str, **params: object) -> int:
    """Return what the first request of a network weighs."""
    answer = await net.sign(method, f"/api/v3/{path}", **params)
    return int(answer.headers["x-mbx-used-weight-1m"])


async def information(net: HeldNode) -> dict[str, Any]:
    """Return the rules of trading."""
    body: dict[str, Any] = (await net.ask("GET", "/api/v3/exchangeInfo", symbol="BTCUSDT")).body
    return body


async def symbol(net: HeldNode) -> dict[str, Any]:
    """Return what exchange information tells of a symbol."""
    row: dict[str, Any] = (await information(net))["symbols"][0]
    return row


async def parts(net: HeldNode) -> int:
    """Return into how many parts an iceberg may be cut."""
    rules = (await symbol(net))["filters"]
    return next(int(rule["limit"]) for rule in rules if rule["filterType"] == "ICEBERG_PARTS")


async def call(stream: ClientConnection, method: str, **params: object) -> Any:
    """Ask the WebSocket API, and return what comes next."""
    await stream.send(json.encode({"id": 1, "method": method, "params": params}).decode())
    return (await messages(stream, 1))[0]


@asynccontextmanager
async def logged_on(net: HeldNode) -> AsyncIterator[ClientConnection]:
    """Open a connection to the WebSocket API on which an Ed25519 key has logged on."""
    key = load_pem_private_key(ED25519.private.encode(), None)
    assert isinstance(key, Ed25519PrivateKey)
    params = {"apiKey": ED25519.api_key, "timestamp": net.node.clock.now() // MILLISECOND}
    payload = "&".join(f"{name}={params[name]}" for name in sorted(params)).encode()
    async with net.connect("/ws-api/v3") as stream:
        reply = await call(stream, "session.logon", **params, signature=base64.b64encode(key.sign(payload)).decode())
        assert reply["status"] == 200, reply
        yield stream


async def heard(stream: ClientConnection) -> list[Any]:
    """Return all that a connection to streams was sent so far."""
    await stream.send('{"id":1,"method":"LIST_SUBSCRIPTIONS"}')
    told: list[Any] = []
    while not told or "result" not in told[-1]:
        told += await messages(stream, 1)
    return told[:-1]


async def trade(net: HeldNode) -> None:
    """Let alice trade with herself, and some time pass."""
    for side in ("BUY", "SELL"):
        answer = await net.sign("POST", "/api/v3/order", **ORDER | {"side": side})
        assert answer.status == 200, answer
    await net.turn("step", span="3s")


async def pushed(net: HeldNode, names: Sequence[str]) -> list[Any]:
    """Return what is pushed under some names while there is a trade."""
    async with net.connect(f"/stream?streams={'/'.join(names)}") as stream:
        await trade(net)
        return await heard(stream)


async def is_pushed(net: HeldNode, name: str) -> bool:
    """Whether anything is pushed under a name while there is a trade."""
    return any(message["stream"] == name for message in await pushed(net, [quote_plus(name, safe="@!")]))


@case("omit_zero_balances", -1104, 0)
async def _omit_zero_balances(net: HeldNode) -> Any:
    return await code(net, "GET", "account", omitZeroBalances="true")


@case("listen_key_expired", [], ["listenKeyExpired"])
async def _listen_key_expired(net: HeldNode) -> Any:
    key = (await net.identify("POST", "/api/v3/userDataStream")).body["listenKey"]
    async with net.connect(f"/ws/{key}") as stream:
        await net.turn("jump", span="61m")
        return [message["e"] for message in await heard(stream)]


@case("new_oco", 404, 400)
async def _new_oco(net: HeldNode) -> Any:
    return (await net.sign("POST", "/api/v3/orderList/oco")).status


@case("trades_weigh_25", (10, 20), (25, 50))
async def _trades_weigh_25(net: HeldNode) -> Any:
    paths = ("trades", "historicalTrades")
    return tuple([await weight(net, "GET", path, symbol="BTCUSDT") for path in paths])


@case("permission_sets", (["SPOT"], None), ([], [["SPOT"]]))
async def _permission_sets(net: HeldNode) -> Any:
    row = await symbol(net)
    return row["permissions"], row.get("permissionSets")


@case("oto_allowed", False, True)
async def _oto_allowed(net: HeldNode) -> Any:
    return "otoAllowed" in await symbol(net)


@case("utc8_candles", False, True)
async def _utc8_candles(net: HeldNode) -> Any:
    return await is_pushed(net, "btcusdt@kline_1s@+08:00")


@case("order_rate_limit_exceeded_mode", -1104, -2022)
async def _order_rate_limit_exceeded_mode(net: HeldNode) -> Any:
    terms = ORDER | {"cancelReplaceMode": "STOP_ON_FAILURE", "cancelOrderId": 7}
    return await code(net, "POST", "order/cancelReplace", **terms, orderRateLimitExceededMode="CANCEL_ONLY")


@case("one_triggers_the_other", (404, 404, 404), (400, 400, 400))
async def _one_triggers_the_other(net: HeldNode) -> Any:
    statuses = [(await net.sign("POST", f"/api/v3/orderList/{kind}")).status for kind in ("oto", "otoco")]
    async with net.connect("/ws-api/v3") as stream:
        return *statuses, (await call(stream, "orderList.place.oto"))["status"]


@case("trades_without_order_ids", ["s", "t", "p", "q", "b", "a", "T"], ["s", "t", "p", "q", "T", "m", "M"])
async def _trades_without_order_ids(net: HeldNode) -> Any:
    (message,) = await pushed(net, ["btcusdt@trade"])
    told = message["data"]
    assert (told.get("b", 1), told.get("a", 2)) == (1, 2)
    return list(told)[2:9]


@case("exchange_info_parameters", [-1104, -1104], [0, 0])
async def _exchange_info_parameters(net: HeldNode) -> Any:
    wishes = ({"showPermissionSets": "false"}, {"symbolStatus": "TRADING"})
    return [(await net.ask("GET", "/api/v3/exchangeInfo", **wish)).body.get("code", 0) for wish in wishes]


@case("quote_quantity_in_replies", (False, False, True), (True, True, True))
async def _quote_quantity_in_replies(net: HeldNode) -> Any:
    placed = (await net.sign("POST", "/api/v3/order", **ORDER, newOrderRespType="RESULT")).body
    named = {"symbol": "BTCUSDT", "orderId": placed["orderId"]}
    queried = (await net.sign("GET", "/api/v3/order", **named)).body
    cancelled = (await net.sign("DELETE", "/api/v3/order", **named)).body
    return tuple("origQuoteOrderQty" in body for body in (placed, cancelled, queried))


@case("user_data_over_ws_api", (False, 404, 404), (True, 200, 200))
async def _user_data_over_ws_api(net: HeldNode) -> Any:
    async with logged_on(net) as stream:
        status = await call(stream, "session.status")
        ways = [(await call(stream, f"userDataStream.{verb}"))["status"] for verb in ("subscribe", "unsubscribe")]
    return "userDataStream" in status["result"], *ways


@case("external_lock_update", [], ["externalLockUpdate"])
async def _external_lock_update(net: HeldNode) -> Any:
    key = (await net.identify("POST", "/api/v3/userDataStream")).body["listenKey"]
    async with net.connect(f"/ws/{key}") as stream:
        answer = await net.call("POST", "/accounts/alice/locks", {"asset": "BTC", "amount": "0.1"})
        assert answer.status == 200, answer
        return [message["e"] for message in await heard(stream) if message["e"] == "externalLockUpdate"]


@case("take_profit_in_pairs", (-1158, 0), (0, 0))
async def _take_profit_in_pairs(net: HeldNode) -> Any:
    await trade(net)
    old = {"aboveType": "LIMIT_MAKER", "abovePrice": "70000", "aboveStopPrice": ""}
    limits = {name: value for name, value in (PAIR | old).items() if value}
    return await code(net, "POST", "orderList/oco", **PAIR), await code(net, "POST", "orderList/oco", **limits)


@case("microseconds", (13, 13, -1021), (16, 16, 0))
async def _microseconds(net: HeldNode) -> Any:
    headers = [(b"x-mbx-time-unit", b"MICROSECOND")]
    over_rest = (await net._send("GET", "/api/v3/time", b"", b"", headers)).body["serverTime"]
    async with net.connect("/ws-api/v3?timeUnit=MICROSECOND") as stream:
        over_api = (await call(stream, "time"))["result"]["serverTime"]
    sent = await code(net, "GET", "account", timestamp=net.node.clock.now())
    return len(str(over_rest)), len(str(over_api)), sent


@case("frequent_pings", [(180, 10)] * 3, [(20, 1)] * 3)
async def _frequent_pings(net: HeldNode) -> Any:
    rules = [door.rules for door in net.node._doors.hub._doors]
    return [(each.ping_interval // SECOND, each.pong_deadline // MINUTE) for each in rules]


@case("aggregates_weigh_4", 2, 4)
async def _aggregates_weigh_4(net: HeldNode) -> Any:
    return int((await net.ask("GET", "/api/v3/aggTrades", symbol="BTCUSDT")).headers["x-mbx-used-weight-1m"])


@case("missing_order_id_is_1102", [-1128, -1128], [-1102, -1102])
async def _missing_order_id_is_1102(net: HeldNode) -> Any:
    return [await code(net, method, "order", symbol="BTCUSDT") for method in ("GET", "DELETE")]


@case("trades_of_an_order_weigh_5", 20, 5)
async def _trades_of_an_order_weigh_5(net: HeldNode) -> Any:
    return await weight(net, "GET", "myTrades", symbol="BTCUSDT", orderId=1)


@case("mismatched_ids_are_2039", -2013, -2039)
async def _mismatched_ids_are_2039(net: HeldNode) -> Any:
    placed = (await net.sign("POST", "/api/v3/order", **ORDER)).body
    return await code(net, "GET", "order", symbol="BTCUSDT", orderId=placed["orderId"], origClientOrderId="another")


@case("amend_requests", (404, 404, False), (400, 400, True))
async def _amend_requests(net: HeldNode) -> Any:
    amended = await net.sign("PUT", "/api/v3/order/amend/keepPriority")
    queried = await net.sign("GET", "/api/v3/order/amendments")
    return amended.status, queried.status, "amendAllowed" in await symbol(net)


@case("amend_weighs_4", 1, 4)
async def _amend_weighs_4(net: HeldNode) -> Any:
    return await weight(net, "PUT", "order/amend/keepPriority", symbol="BTCUSDT", orderId=7, newQty="0.001")


@case("amend_on_all_symbols", (False, -2038), (True, 0))
async def _amend_on_all_symbols(net: HeldNode) -> Any:
    placed = (await net.sign("POST", "/api/v3/order", **ORDER | {"quantity": "0.002"})).body
    change = {"symbol": "BTCUSDT", "orderId": placed["orderId"], "newQty": "0.001"}
    return (await symbol(net))["amendAllowed"], await code(net, "PUT", "order/amend/keepPriority", **change)


@case("decrement", (False, -1130), (True, 0))
async def _decrement(net: HeldNode) -> Any:
    modes = (await symbol(net))["allowedSelfTradePreventionModes"]
    return "DECREMENT" in modes, await code(net, "POST", "order", **ORDER, selfTradePreventionMode="DECREMENT")


@case("second_timing_check", 200, 400)
async def _second_timing_check(net: HeldNode) -> Any:
    now = net.node.clock.now()
    query = urlencode({"timestamp": now // MILLISECOND}).encode()
    query += b"&signature=" + hmac.new(ALICE.secret.encode(), query, hashlib.sha256).hexdigest().encode()
    headers = {b"x-mbx-apikey": ALICE.api_key.encode()}
    door = net.node._doors.application._door
    return door.answer(Request("GET", "/api/v3/account", query, headers, b"", "127.0.0.1", now), now + 6 * SECOND).status


@case("special_commission", (False, False), (True, True))
async def _special_commission(net: HeldNode) -> Any:
    rates = (await net.sign("GET", "/api/v3/account/commission", symbol="BTCUSDT")).body
    tested = (await net.sign("POST", "/api/v3/order/test", **ORDER, computeCommissionRates="true")).body
    assert "standardCommission" in rates
    assert "standardCommissionForOrder" in tested
    return "specialCommission" in rates, "specialCommissionForOrder" in tested


@case("subscription_ids", ({}, ["event"], -1104, 404, {}), ({"subscriptionId": 0}, ["subscriptionId", "event"], 0, 200, None))
async def _subscription_ids(net: HeldNode) -> Any:
    async with logged_on(net) as stream:
        subscribed = (await call(stream, "userDataStream.subscribe"))["result"]
        name = ED25519.account.name
        await net.call("POST", f"/accounts/{name}/balances", {"asset": "BTC", "amount": "1"})
        (event, _) = await messages(stream, 2)
        listed = await call(stream, "session.subscriptions")
        one = await call(stream, "userDataStream.unsubscribe", subscriptionId=0)
        ended = await call(stream, "userDataStream.unsubscribe") if "error" in one else {}
    return subscribed, list(event), one.get("error", {}).get("code", 0), listed["status"], ended.get("result")


@case("peg_allowed", False, True)
async def _peg_allowed(net: HeldNode) -> Any:
    return "pegInstructionsAllowed" in await symbol(net)


@case("pegged_orders", (False, -1104), (True, 0))
async def _pegged_orders(net: HeldNode) -> Any:
    await net.sign("POST", "/api/v3/order", **ORDER)
    sent = await code(net, "POST", "order", **ORDER, pegPriceType="PRIMARY_PEG")
    return (await symbol(net))["pegInstructionsAllowed"], sent


@case("exact_receive_windows", (-1100, 0), (0, 0))
async def _exact_receive_windows(net: HeldNode) -> Any:
    return tuple([await code(net, "GET", "account", recvWindow=window) for window in ("5000.346", "5000")])


@case("list_and_amend_filters", [], ["MAX_NUM_ORDER_AMENDS", "MAX_NUM_ORDER_LISTS", "EXCHANGE_MAX_NUM_ORDER_LISTS"])
async def _list_and_amend_filters(net: HeldNode) -> Any:
    told = await information(net)
    rules = [*told["symbols"][0]["filters"], *told["exchangeFilters"]]
    names = ("MAX_NUM_ORDER_AMENDS", "MAX_NUM_ORDER_LISTS", "EXCHANGE_MAX_NUM_ORDER_LISTS")
    return [rule["filterType"] for rule in rules if rule["filterType"] in names]


@case("relevant_filters", 404, 200)
async def _relevant_filters(net: HeldNode) -> Any:
    return (await net.sign("GET", "/api/v3/myFilters", symbol="BTCUSDT")).status


@case("symbol_status_parameter", [-1104] * 3, [-1220] * 3)
async def _symbol_status_parameter(net: HeldNode) -> Any:
    asked = {"symbol": "BTCUSDT", "symbolStatus": "HALT"}
    return [(await net.ask("GET", f"/api/v3/{path}", **asked)).body["code"] for path in ("depth", "ticker", "ticker/price")]


@case("unicode_symbols", (-1100, "^[A-Z0-9-_.]{1,20}$"), (-1121, ""))
async def _unicode_symbols(net: HeldNode) -> Any:
    body = (await net.ask("GET", "/api/v3/depth", symbol="币安")).body
    return body["code"], body["msg"].partition("legal range is '")[2][:-2]


@case("one_pays_the_other", (404, 404, False), (400, 400, True))
async def _one_pays_the_other(net: HeldNode) -> Any:
    statuses = [(await net.sign("POST", f"/api/v3/orderList/{kind}")).status for kind in ("opo", "opoco")]
    return *statuses, "opoAllowed" in await symbol(net)


@case("transfer", -1130, -1013)
async def _transfer(net: HeldNode) -> Any:
    return await code(net, "POST", "order", **ORDER, selfTradePreventionMode="TRANSFER")


@case("transfer_on_all_symbols", (False, -1013), (True, 0))
async def _transfer_on_all_symbols(net: HeldNode) -> Any:
    modes = (await symbol(net))["allowedSelfTradePreventionModes"]
    return "TRANSFER" in modes, await code(net, "POST", "order", **ORDER, selfTradePreventionMode="TRANSFER")


@case("rebuilt_options", ("2024", 200, 404), ("current", 404, 401))
async def _rebuilt_options(net: HeldNode) -> Any:
    old, new = await net.sign("GET", "/eapi/v1/account"), await net.ask("GET", "/eapi/v1/commission")
    return net.node.ready().options_api, old.status, new.status


@case("encoded_payloads", (0, 0), (0, -1022))
async def _encoded_payloads(net: HeldNode) -> Any:
    sent: list[int] = []
    for is_encoded in (True, False):
        params = ORDER | {"newClientOrderId": f"a:b/{is_encoded}", "timestamp": net.node.clock.now() // MILLISECOND}
        query = urlencode(params)
        payload = query if is_encoded else "&".join(f"{name}={value}" for name, value in params.items())
        assert is_encoded is (payload == query)
        signature = hmac.new(ALICE.secret.encode(), payload.encode(), hashlib.sha256).hexdigest()
        headers = [(b"x-mbx-apikey", ALICE.api_key.encode())]
        answer = await net._send("POST", "/api/v3/order", f"{query}&signature={signature}".encode(), b"", headers)
        sent.append(answer.body.get("code", 0))
    return tuple(sent)


@case("listen_keys_retired", (200, 200, True), (410, 410, False))
async def _listen_keys_retired(net: HeldNode) -> Any:
    answer = await net.identify("POST", "/api/v3/userDataStream")
    async with net.connect("/ws-api/v3") as stream:
        status = (await call(stream, "userDataStream.start", apiKey=ALICE.api_key))["status"]
    key = answer.body.get("listenKey", "none")
    async with net.connect(f"/ws/{key}") as stream:
        await net.call("POST", "/accounts/alice/balances", {"asset": "BTC", "amount": "1"})
        return answer.status, status, bool(await heard(stream))


@case("execution_rules", (404, 404, 404, False), (200, 200, 200, True))
async def _execution_rules(net: HeldNode) -> Any:
    await trade(net)
    await net.turn("step", span="20s")
    paths = ("executionRules", "referencePrice", "referencePrice/calculation")
    statuses = [(await net.ask("GET", f"/api/v3/{path}", symbol="BTCUSDT")).status for path in paths]
    return *statuses, await is_pushed(net, "btcusdt@referencePrice")


async def _farewells(net: HeldNode, stream: ClientConnection) -> None:
    hub = net.node._doors.hub
    for connection in tuple(hub._open):
        hub.announce(connection, hub.now())


@case("shutdown_over_ws_api", "result", "event")
async def _shutdown_over_ws_api(net: HeldNode) -> Any:
    async with net.connect("/ws-api/v3") as stream:
        await call(stream, "ping")
        await _farewells(net, stream)
        told = await call(stream, "ping")
        return "event" if "event" in told else "result"


@case("shutdown_on_streams", [], ["serverShutdown"])
async def _shutdown_on_streams(net: HeldNode) -> Any:
    async with net.connect("/ws") as stream:
        await heard(stream)
        await _farewells(net, stream)
        return [message["e"] for message in await heard(stream)]


@case("version_1_retired", (404, 200, 405), (404, 404, 404))
async def _version_1_retired(net: HeldNode) -> Any:
    asked = (("GET", "avgPrice"), ("GET", "depth"), ("POST", "depth"))
    return tuple([(await net.ask(method, f"/api/v1/{path}", symbol="BTCUSDT")).status for method, path in asked])


async def _expire(net: HeldNode) -> dict[str, Any]:
    """Place an order that expires at once."""
    body: dict[str, Any] = (
        await net.sign("POST", "/api/v3/order", **ORDER | {"timeInForce": "IOC"}, newOrderRespType="RESULT")
    ).body
    assert body["status"] == "EXPIRED"
    return body


@case("expiry_reason", (False, False), (True, True))
async def _expiry_reason(net: HeldNode) -> Any:
    async with logged_on(net) as stream:
        await call(stream, "userDataStream.subscribe")
        await stream.send(json.encode({"id": 2, "method": "order.place", "params": _placing(net)}).decode())
        told = await messages(stream, 3)
    report = told[-1]["event"]
    assert (report["e"], report["X"]) == ("executionReport", "EXPIRED")
    return "expiryReason" in await _expire(net), "eR" in report


def _placing(net: HeldNode) -> dict[str, Any]:
    return ORDER | {"timeInForce": "IOC", "timestamp": net.node.clock.now() // MILLISECOND}


@case("expiry_reason_in_queries", [False] * 2, [True] * 2)
async def _expiry_reason_in_queries(net: HeldNode) -> Any:
    order_id = (await _expire(net))["orderId"]
    one = (await net.sign("GET", "/api/v3/order", symbol="BTCUSDT", orderId=order_id)).body
    (row,) = (await net.sign("GET", "/api/v3/allOrders", symbol="BTCUSDT")).body
    return ["expiryReason" in body for body in (one, row)]


@case("ticker_array_retired", True, False)
async def _ticker_array_retired(net: HeldNode) -> Any:
    return await is_pushed(net, "!ticker@arr")


@case("successes_weigh_nothing", 1, 0)
async def _successes_weigh_nothing(net: HeldNode) -> Any:
    return await weight(net, "POST", "order", **ORDER)


@case("more_raw_requests", (61_000, 61_000), (300_000, 300_000))
async def _more_raw_requests(net: HeldNode) -> Any:
    told = {row["rateLimitType"]: row["limit"] for row in (await information(net))["rateLimits"]}
    return told["RAW_REQUESTS"], net.node._doors.hub.limits.request_limit


@case("block_trades", 404, 200)
async def _block_trades(net: HeldNode) -> Any:
    return (await net.ask("GET", "/api/v3/historicalBlockTrades", symbol="BTCUSDT", fromId=0)).status


@case("block_trade_stream", [], ["blockTrade"])
async def _block_trade_stream(net: HeldNode) -> Any:
    async with net.connect("/ws/btcusdt@blockTrade") as stream:
        body = {"buyer": "alice", "seller": "bob", "price": "60000", "quantity": "0.01"}
        answer = await net.call("POST", "/symbols/BTCUSDT/block-trades", body)
        assert answer.status == 200, answer
        return [message["e"] for message in await heard(stream)]


for _change, _parts in (("iceberg_parts_25", (10, 25)), ("iceberg_parts_50", (25, 50)), ("iceberg_parts_100", (50, 100))):
    case(_change, *_parts)(parts)
