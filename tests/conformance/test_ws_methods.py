"""The WebSocket API against the documents' facts, and against REST: the same requests, parameters, weights and replies.

`facts/ws_methods.json` holds what the tables of web-socket-api.md say of each method, and the shapes of its examples' results:
a type's name for a value, a list of one shape for an array of such rows, a list of several for a row of columns. A weight's row
is a query string; "symbols*20" stands for twenty symbols.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from papernet.app.faults import Fault
from papernet.app.operations import OPERATIONS, Kind, Operation, Proof, Security
from papernet.protocols.json.params import read_params
from papernet.protocols.rest.request import Response
from papernet.protocols.rest.routes import find_operation
from papernet.protocols.ws_api.calls import METHODS
from tests.support import every_order
from tests.support.lived_in import ADDRESSES, everything, lived_in
from tests.support.rest_desk import ALICE_KEY, BOB_KEY
from tests.support.worlds import SECOND
from tests.support.ws_desk import ED25519_KEY, WsClient, WsDesk

FACTS: list[dict[str, Any]] = json.loads((Path(__file__).parent / "facts" / "ws_methods.json").read_text(encoding="utf-8"))
NAMES = [fact["method"] for fact in FACTS]
# Of which the older editions tell, and the CHANGELOG of 2024 and 2025.
OLDER = ["orderList.place", "userDataStream.ping", "userDataStream.start", "userDataStream.stop"]
# What every signed request says besides; the tables leave some of it out.
CREDENTIALS = ("apiKey", "signature")
# The tables of the test methods point to those of the methods that place; others leave out what every signed request has.
LIKE = {"order.test": "order.place", "sor.order.test": "sor.order.place"}
BESIDES = {
    "order.test": ["computeCommissionRates"],
    "sor.order.test": ["computeCommissionRates"],
    "account.commission": ["recvWindow", "timestamp"],
}
# Tables call one of these mandatory, or neither, where either has to be sent; and what REST's conformance test knows.
EITHER_ID = ("orderId", "origClientOrderId", "cancelOrderId", "cancelOrigClientOrderId", "orderListId", "listClientOrderId")
EITHER: tuple[str, ...] = (*EITHER_ID, "symbol", "symbols", "preventedMatchId", "workingPrice", "pendingBelowType", "timestamp")
KINDS = {
    "STRING": (Kind.SYMBOL, Kind.SYMBOLS, Kind.CLIENT_ORDER_ID, Kind.TIME_ZONE),
    "ARRAY OF STRING": (Kind.SYMBOLS, Kind.PERMISSIONS),
    "ENUM": (Kind.ENUM, Kind.WINDOW_SIZE),
    "INT": (Kind.INT, Kind.LONG),
    # Some tables have icebergs' quantities so.
    "LONG": (Kind.LONG, Kind.TIME, Kind.INT, Kind.DECIMAL),
    "DECIMAL": (Kind.DECIMAL, Kind.DURATION, Kind.LONG),
    "BOOLEAN": (Kind.BOOLEAN,),
}
VALUES = {"symbol": "BTCUSDT", "symbols": '["BTCUSDT"]', "interval": "1m", "timestamp": "1700000000000", "orderId": "1"}
VALUES |= {"side": "SELL", "type": "MARKET", "quantity": "1"}


def parameters_of(fact: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the documented parameters of a method by their names, but for credentials."""
    like = next((other for other in FACTS if other["method"] == LIKE.get(fact["method"])), fact)
    return {row["name"]: row for row in like["params"] + fact["params"] if row["name"] not in CREDENTIALS}


def test_there_are_the_documented_methods_and_the_older_ones() -> None:
    assert len(NAMES) == 54
    assert sorted([*NAMES, *OLDER]) == sorted(OPERATIONS)
    assert sorted(METHODS) == sorted(prefix + name for prefix in ("", "v3/") for name in OPERATIONS)


@pytest.mark.parametrize("fact", FACTS, ids=NAMES)
def test_security_and_unfilled_orders(fact: dict[str, Any]) -> None:
    operation = OPERATIONS[fact["method"]]
    # web-socket-api.md has SIGNED where any key will do.
    security = Security.ANY if fact["security"] == "SIGNED" else Security[fact["security"]]
    assert operation.security is security
    assert operation.order_cost == fact["unfilledOrderCount"]
    assert (operation.proof is Proof.NONE) is (security is Security.NONE)


@pytest.mark.parametrize("fact", FACTS, ids=NAMES)
def test_parameters(fact: dict[str, Any]) -> None:
    operation, documented = OPERATIONS[fact["method"]], parameters_of(fact)
    params = {param.name: param for param in operation.parameters}
    assert sorted(params) == sorted([*documented, *BESIDES.get(fact["method"], [])]) or sorted(params) == sorted(documented)
    for name, row in documented.items():
        assert params[name].kind in KINDS[row["type"]], name
        if name not in EITHER:
            assert params[name].mandatory is row["mandatory"], name
    credentials = [row["name"] for row in fact["params"] if row["name"] in CREDENTIALS]
    assert operation.proof is Proof.SIGNATURE or not credentials


def weights() -> list[Any]:
    return [pytest.param(fact, *row, id=f"{fact['method']} {row[0]}") for fact in FACTS for row in fact["weights"]]


@pytest.mark.parametrize(("fact", "query", "weight"), weights())
def test_weights(fact: dict[str, Any], query: str, weight: int) -> None:
    operation = OPERATIONS[fact["method"]]
    if isinstance(operation.weight, int):
        assert operation.weight == weight
        return
    sent = {param.name: VALUES[param.name] for param in operation.parameters if param.mandatory}
    sent |= {"quantity": "1"} if "type" in sent else {}
    for name, text in parse_qsl(query.replace("symbols*", "symbols=")):
        listed = json.dumps([f"S{number}" for number in range(int(text))], separators=(",", ":")) if name == "symbols" else text
        sent[name] = listed
    params = read_params(operation, sent)
    assert not isinstance(params, Fault), params
    assert operation.weight_of(params) == weight


# --- the same as over REST


class Twins:
    """Two exchanges that live the same life: one is asked over REST, the other over the WebSocket API, and both answer alike.

    Each second request is made of texts alone, as some clients do; the others have numbers, lists and truth values.
    """

    def __init__(self) -> None:
        self.rest = lived_in()
        self.sockets = WsDesk(lived_in())
        WsDesk(self.rest)  # registers the same keys, so that both have the same journal
        self.client = self.sockets.connect("returnRateLimits=false")
        self.told: dict[str, list[Any]] = {}
        self._answer = self.rest.send
        self._asked = 0
        self.rest.send = self._send_to_both  # type: ignore[method-assign]

    def ask(self, name: str, params: dict[str, Any], key: str = ALICE_KEY) -> None:
        """Ask for an operation."""
        method, path = ADDRESSES[name]
        self.rest.now += SECOND
        if OPERATIONS[name].signed:
            self.rest.sign(method, path, params, key=key)
        else:
            self.rest.send(method, path, "&".join(f"{param}={value}" for param, value in params.items()))

    def _send_to_both(self, method: str, path: str, query: Any = b"", body: Any = b"", **more: Any) -> Response:
        operation = find_operation(method, path)
        assert isinstance(operation, Operation)
        texts = dict(parse_qsl(query or body, keep_blank_values=True))
        if "signature" in texts:
            # Each protocol has its own.
            del texts["signature"]
            key = more["headers"][b"x-mbx-apikey"].decode()
            sent = self.client.signed(self._values(operation, texts), key=key)
        else:
            sent = self._values(operation, texts)
        self.sockets.now = self.rest.now
        response = self._answer(method, path, query, body, **more)
        prefix = "v3/" if self._asked % 3 == 0 else ""
        reply = self.client.send(prefix + operation.name, sent)
        assert reply["status"] == response.status, (operation.name, texts, reply, response.body)
        payload = json.loads(response.body)
        if "error" in reply:
            assert reply["error"] == payload
        else:
            expected = [payload] if operation.name == "sor.order.place" else payload
            assert reply["result"] == expected
            self.told.setdefault(operation.name, []).append(reply["result"])
        return response

    def _values(self, operation: Operation, texts: dict[str, str]) -> dict[str, Any]:
        self._asked += 1
        if self._asked % 2:
            return dict(texts)
        kinds = {param.name: param.kind for param in operation.parameters}
        return {name: value_of(kinds.get(name), text) for name, text in texts.items()}


def value_of(kind: Kind | None, text: str) -> Any:
    """Return a text as the JSON value that a client would make of it, where that says the same."""
    if kind is None or kind in (Kind.SYMBOL, Kind.CLIENT_ORDER_ID, Kind.ENUM, Kind.TIME_ZONE, Kind.WINDOW_SIZE):
        return text
    try:
        value = json.loads(text)
    except ValueError:
        return text
    written = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return value if written == text else text


ONE = {"symbol": "BTCUSDT"}
SEVERAL = {"symbols": '["BTCUSDT","ETHUSDT"]'}
NOW = 1_700_000_000_000
SPAN = {"startTime": NOW, "endTime": NOW + 86_400_000}
QUESTIONS: dict[str, tuple[dict[str, Any], ...]] = {
    "ping": ({},),
    "time": ({},),
    "exchangeInfo": ({}, ONE, SEVERAL, {"permissions": '["SPOT"]', "showPermissionSets": "false"}, {"permissions": "SPOT"}),
    "executionRules": ({}, ONE, SEVERAL),
    "depth": (ONE, ONE | {"limit": 5000}, {}, {"symbol": "NOPE"}, ONE | {"limit": "x"}),
    "trades.recent": (ONE, ONE | {"limit": 2}),
    "trades.historical": (ONE | {"fromId": 0},),
    "blockTrades.historical": (ONE | {"fromId": 0}, ONE),
    "trades.aggregate": (ONE, ONE | SPAN),
    "klines": (ONE | {"interval": "1m"}, ONE | {"interval": "1d", "timeZone": "8"} | SPAN, ONE | {"interval": "7m"}),
    "uiKlines": (ONE | {"interval": "1h"},),
    "avgPrice": (ONE,),
    "ticker.24hr": ({}, ONE, SEVERAL, ONE | {"type": "MINI"}),
    "ticker.tradingDay": (ONE, SEVERAL, SEVERAL | {"type": "MINI"}),
    "ticker": (ONE | {"windowSize": "7d"}, SEVERAL, SEVERAL | {"type": "MINI"}, {}),
    "ticker.price": ({}, ONE, SEVERAL, ONE | SEVERAL),
    "ticker.book": ({}, ONE, SEVERAL),
    "referencePrice": (ONE, {"symbol": "ETHUSDT"}, {"symbol": "ETHBTC"}),
    "referencePrice.calculation": (ONE, {"symbol": "ETHUSDT"}, {"symbol": "BTCUSDC"}),
    "order.test": (next(iter(every_order.singles())) | {"computeCommissionRates": "true"},),
    "sor.order.test": (next(iter(every_order.routed())) | {"computeCommissionRates": "true"},),
    "order.status": (ONE | {"orderId": 3}, ONE | {"origClientOrderId": "nobody's"}, ONE),
    "openOrders.status": ({}, ONE, {"recvWindow": "5000.5"}),
    "allOrders": (ONE | {"limit": 1000}, ONE | {"orderId": 5, "limit": 2}, ONE | {"startTime": 0, "endTime": 10**15}),
    "orderList.status": ({"orderListId": 0}, {"orderListId": 10**9}),
    "openOrderLists.status": ({},),
    "allOrderLists": ({}, {"fromId": 0, "limit": 3}, SPAN),
    "account.status": ({}, {"omitZeroBalances": "true"}),
    "account.commission": (ONE,),
    "account.rateLimits.orders": ({},),
    "myTrades": (ONE, ONE | {"orderId": 1}),
    "myPreventedMatches": (ONE | {"preventedMatchId": 0}, ONE | {"orderId": 1}),
    "myAllocations": (ONE,),
    "myFilters": (ONE,),
    "order.amendments": (ONE | {"orderId": 9},),
}
LISTS = {
    "orderList.place": every_order.old_ocos,
    "orderList.place.otoco": every_order.otocos,
    "orderList.place.opo": every_order.opos,
    "orderList.place.opoco": every_order.opocos,
}


def live(twins: Twins) -> None:
    """Do and ask whatever there is."""
    everything(twins.rest)
    rest = twins.rest
    for name, requests in LISTS.items():
        for params in requests():
            rest.now += 10 * SECOND
            twins.ask(name, params | {"listClientOrderId": f"{name[16:] or 'old'}-{rest.now % 10**12}"})
    for name, rows in QUESTIONS.items():
        for params in rows:
            twins.ask(name, params)
    changes(twins)


def changes(twins: Twins) -> None:
    """Cancel, replace and amend, with and without success."""
    rest = twins.rest
    replacement = ONE | {"side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "1", "price": "90"}
    for mode in ("STOP_ON_FAILURE", "ALLOW_FAILURE"):
        rest.now += 10 * SECOND
        order_id = rest.limit("BUY", "2", "91")["orderId"]
        for _ in range(2):
            twins.ask("order.cancelReplace", replacement | {"cancelOrderId": order_id, "cancelReplaceMode": mode})
    order_id = rest.limit("BUY", "2", "91")["orderId"]
    for quantity in ("1.5", "5"):
        twins.ask("order.amend.keepPriority", ONE | {"orderId": order_id, "newQty": quantity})
    twins.ask("order.amendments", ONE | {"orderId": order_id})
    pair = rest.signed("POST", "/api/v3/orderList/oco", next(iter(every_order.ocos())) | {"listClientOrderId": "last"})
    for _ in range(2):
        twins.ask("order.cancel", ONE | {"orderId": order_id})
        twins.ask("orderList.cancel", ONE | {"orderListId": pair["orderListId"]})
        twins.ask("openOrders.cancelAll", ONE)
    special(twins)
    rest.limit("BUY", "1", "10", key="0" * 64)
    rest.limit("BUY", "1", "10", key="short")
    rest.limit("BUY", "1000000", "10", key=BOB_KEY)


def special(twins: Twins) -> None:
    """Ask about orders that have everything, and about members of lists."""
    rest = twins.rest
    rest.now += 10 * SECOND
    stop: dict[str, Any] = ONE | {
        "side": "SELL",
        "type": "STOP_LOSS_LIMIT",
        "timeInForce": "GTC",
        "quantity": "2",
        "price": "80",
    }
    stop |= {"stopPrice": "95", "trailingDelta": 500, "icebergQty": "0.5", "strategyId": 7, "strategyType": 1_000_007}
    order_id = rest.signed("POST", "/api/v3/order", stop)["orderId"]
    for name in ("order.status", "order.cancel"):
        twins.ask(name, ONE | {"orderId": order_id})
    rest.limit("SELL", "1", "100.5")
    crossing = rest.limit("BUY", "2", "100.5", selfTradePreventionMode="EXPIRE_TAKER")
    twins.ask("order.status", ONE | {"orderId": crossing["orderId"]})
    pair = rest.signed("POST", "/api/v3/orderList/oco", next(iter(every_order.ocos())) | {"quantity": "2"})
    member = pair["orders"][0]["orderId"]
    twins.ask("order.amend.keepPriority", ONE | {"orderId": member, "newQty": "1"})
    twins.ask("order.cancel", ONE | {"orderId": member})


@pytest.fixture(scope="module")
def twins() -> Twins:
    found = Twins()
    live(found)
    return found


def test_both_protocols_answer_alike_whatever_is_asked(twins: Twins) -> None:
    assert sorted(twins.told) == sorted(ADDRESSES)
    assert twins.rest.state() == twins.sockets.desk.state()


# --- the documented results


def paths(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the leaves of a shape or of a result with their paths."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from paths(inner, f"{path}.{name}")
    elif isinstance(value, list):
        for inner in value:
            yield from paths(inner, f"{path}[]")
    else:
        yield path, value


# The documents show this refusal as a result, with status 200; over REST it is one (-2043).
REFUSALS = {"referencePrice": (".code", ".msg")}


def kind_of(value: Any) -> tuple[str, ...]:
    """Return by which names the facts know a value."""
    if isinstance(value, bool):
        return ("bool",)
    if isinstance(value, int):
        return ("int",)
    return ("null",) if value is None else ("string", "decimal-string")


def differences(fact: dict[str, Any], results: list[Any]) -> list[str]:
    """Return where the results of a method are not what its examples show."""
    shapes: dict[str, list[str]] = {}
    for result in fact["results"]:
        for path, kind in paths(result):
            if path not in REFUSALS.get(fact["method"], ()):
                shapes.setdefault(path, []).append(kind)
    told: dict[str, tuple[str, ...]] = {}
    for result in results:
        for path, value in paths(result):
            told[path] = told.get(path, ()) + kind_of(value)
    found = [f"{path} is never told" for path in shapes if path not in told]
    return found + [
        f"{path} is {told[path]}" for path, kinds in shapes.items() if not any(k in told.get(path, kinds) for k in kinds)
    ]


@pytest.mark.parametrize("fact", [fact for fact in FACTS if fact["method"] in ADDRESSES], ids=lambda fact: fact["method"])
def test_every_documented_field_is_told(twins: Twins, fact: dict[str, Any]) -> None:
    assert fact["results"], fact["method"]
    assert differences(fact, twins.told[fact["method"]]) == []


def about_connections() -> dict[str, list[Any]]:
    """Return the results of the methods that REST does not have."""
    client = WsDesk().connect()
    told: dict[str, list[Any]] = {}

    def ask(method: str, params: dict[str, Any] | None = None) -> None:
        told.setdefault(method, []).append(client.send(method, params)["result"])

    ask("session.logon", client.signed(key=ED25519_KEY))
    ask("userDataStream.subscribe")
    ask("userDataStream.subscribe.signature", client.signed(key=BOB_KEY))
    ask("session.status")
    ask("session.subscriptions")
    ask("userDataStream.unsubscribe", {"subscriptionId": 0})
    ask("session.logout")
    return told


def test_methods_about_the_connection_tell_exactly_what_is_documented() -> None:
    told = about_connections()
    assert sorted([*told, *ADDRESSES]) == sorted([*NAMES, "orderList.place"])
    for fact in FACTS:
        if fact["method"] in told:
            (shape,) = fact["results"]
            (result,) = told[fact["method"]]
            names = [path for path, _ in paths(shape)]
            assert list(dict.fromkeys(path for path, _ in paths(result))) == list(dict.fromkeys(names))
            assert differences(fact, [result]) == []


@pytest.mark.parametrize("name", [fact["method"] for fact in FACTS if fact["security"] != "NONE"])
def test_nobody_unknown_gets_in(name: str) -> None:
    client: WsClient = WsDesk().connect()
    code = client.send(name)["error"]["code"]
    # web-socket-api.md, Subscribe to User Data Stream: only a session may.
    assert code == (-1193 if name == "userDataStream.subscribe" else -1102)
