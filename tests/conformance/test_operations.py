"""The table against the documents' facts: addresses, security, weights and parameters of every operation.

`facts/operations.json` holds what the parameter, weight and security tables of rest-api.md say. A weight's row is a query
string; "symbols*20" stands for twenty symbols. `mandatory` "either" marks parameters of which one must be sent. The last rows
are of older editions: POST /api/v3/order/oco, and listen keys, under the names that web-socket-api.md had for them. What the
WebSocket API has besides is in `facts/ws_methods.json`.
"""

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from papernet.app.faults import Fault, RequestFault
from papernet.app.operations import OPERATIONS, Kind, Operation, Security
from papernet.protocols.json.params import read_params
from papernet.protocols.rest.routes import LISTEN_KEY_ROUTES, ROUTES

PLACE = Path(__file__).parent / "facts"
FACTS: list[dict[str, Any]] = json.loads((PLACE / "operations.json").read_text(encoding="utf-8"))
METHODS: list[dict[str, Any]] = json.loads((PLACE / "ws_methods.json").read_text(encoding="utf-8"))
ADDRESSES = {**ROUTES, **LISTEN_KEY_ROUTES}
ANY_SYMBOL = "BTCUSDT"
VALUES = {
    "symbol": ANY_SYMBOL,
    "side": "SELL",
    "workingSide": "BUY",
    "pendingSide": "SELL",
    "type": "LIMIT",
    "aboveType": "LIMIT_MAKER",
    "belowType": "STOP_LOSS",
    "workingType": "LIMIT_MAKER",
    "pendingType": "MARKET",
    "pendingAboveType": "LIMIT_MAKER",
    "pendingBelowType": "STOP_LOSS",
    "cancelReplaceMode": "ALLOW_FAILURE",
    "quantity": "1",
    "workingQuantity": "1",
    "pendingQuantity": "1",
    "newQty": "1",
    "price": "2",
    "workingPrice": "2",
    "stopPrice": "1",
    "interval": "1m",
    "timestamp": "1700000000000",
    "orderId": "1",
    "fromId": "1",
    "listenKey": "aB3",
}
# What the types above need besides, by the parameter that says the type (rest-api.md, "mandatory parameters based on ...").
NEEDED_BY = {
    "type": {"timeInForce": "GTC", "quantity": "1", "price": "2"},
    "aboveType": {"abovePrice": "2"},
    "belowType": {"belowStopPrice": "1"},
    "pendingAboveType": {"pendingAbovePrice": "2", "pendingBelowType": "STOP_LOSS", "pendingBelowStopPrice": "1"},
}
# Which of two parameters is sent when one of them must be.
CHOSEN = ("orderId", "cancelOrderId", "orderListId")
# Where the tables are wrong: the text says that a working order may be pegged, that there are three orders, and that whatever
# is signed has a timestamp.
MANDATORY = {"workingPrice": False, "pendingBelowType": True, "timestamp": True}
KINDS = {
    "STRING": (Kind.SYMBOL, Kind.SYMBOLS, Kind.CLIENT_ORDER_ID, Kind.TIME_ZONE, Kind.LISTEN_KEY),
    "ARRAY OF STRING": (Kind.SYMBOLS,),
    "ENUM": (Kind.ENUM, Kind.PERMISSIONS, Kind.WINDOW_SIZE),
    "INT": (Kind.INT,),
    "LONG": (Kind.LONG, Kind.TIME),
    "DECIMAL": (Kind.DECIMAL, Kind.DURATION),
    "BOOLEAN": (Kind.BOOLEAN,),
}
# Quantities are called whole and deltas broken in some tables, not in others.
KINDS_BY_END = {"IcebergQty": Kind.DECIMAL, "TrailingDelta": Kind.LONG}


def name_of(fact: dict[str, Any]) -> str:
    return f"{fact['method']} {fact['path']}"


def operation_of(fact: dict[str, Any]) -> Operation:
    return ADDRESSES[fact["path"]][fact["method"]]


def must_be_sent(param: dict[str, Any]) -> bool:
    """Whether the least request has it."""
    return param["mandatory"] is True or MANDATORY.get(param["name"], False)


def least(fact: dict[str, Any]) -> dict[str, str]:
    """Return the least that the facts say must be sent."""
    sent = {param["name"]: VALUES[param["name"]] for param in fact["params"] if must_be_sent(param)}
    for name, needed in NEEDED_BY.items():
        # A ticker's type is no order's.
        if name in sent:
            sent |= needed
    names = [param["name"] for param in fact["params"] if param["mandatory"] == "either"]
    return sent | {name: "1" for name in names if name in CHOSEN}


def rows(kind: str) -> list[Any]:
    return [
        pytest.param(fact, row, id=f"{name_of(fact)} {row['name'] if kind == 'params' else row[0]}")
        for fact in FACTS
        for row in fact[kind]
    ]


@pytest.mark.parametrize("fact", FACTS, ids=name_of)
def test_address_and_security(fact: dict[str, Any]) -> None:
    operation = operation_of(fact)
    assert operation is OPERATIONS[fact["operation"]]
    assert operation.section == fact["section"].replace(" (TRADE)", "").replace(" (USER_DATA)", "")
    assert operation.security is Security[fact["security"]]
    assert operation.signed is any(param["name"] == "timestamp" for param in fact["params"])
    assert operation.order_cost == fact["unfilledOrderCount"]


def test_nothing_is_offered_that_the_documents_do_not_have() -> None:
    documented = [fact["operation"] for fact in FACTS] + [fact["method"] for fact in METHODS]
    assert sorted(dict.fromkeys(documented)) == sorted(OPERATIONS)
    routed = [operation.name for methods in ADDRESSES.values() for operation in methods.values()]
    assert sorted(routed) == sorted(fact["operation"] for fact in FACTS)


@pytest.mark.parametrize("fact", FACTS, ids=name_of)
def test_parameter_names(fact: dict[str, Any]) -> None:
    assert sorted(param.name for param in operation_of(fact).parameters) == sorted(param["name"] for param in fact["params"])


@pytest.mark.parametrize(("fact", "row"), rows("weights"))
def test_weights(fact: dict[str, Any], row: tuple[str, int]) -> None:
    query, weight = row
    sent = least(fact)
    if "preventedMatchId" in query:
        del sent["orderId"]
    for name, text in parse_qsl(query.replace("symbols*", "symbols=")):
        if name == "symbols":
            sent[name] = json.dumps([f"S{number}" for number in range(int(text))], separators=(",", ":"))
        else:
            sent[name] = text
    params = read_params(operation_of(fact), sent)
    assert not isinstance(params, Fault), params
    assert operation_of(fact).weight_of(params) == weight
    assert operation_of(fact).least_weight == min(weight for _, weight in fact["weights"])


def test_what_asks_about_an_unknown_symbol_weighs_less_where_the_documents_say_so() -> None:
    lighter = {name: row.unknown_symbol_weight for name, row in OPERATIONS.items() if row.unknown_symbol_weight is not None}
    assert lighter == {"myPreventedMatches": 2}


def test_what_weighs_nothing_when_it_succeeds() -> None:
    """CHANGELOG.md, 2026-03-27, has the list, and 2026-04-02 takes amendments out of it by which no order expires."""
    assert sorted(name for name, operation in OPERATIONS.items() if operation.free_when_done) == [
        "openOrders.cancelAll",
        "order.cancel",
        "order.cancelReplace",
        "order.place",
        "orderList.cancel",
        "orderList.place",
        "orderList.place.oco",
        "orderList.place.opo",
        "orderList.place.opoco",
        "orderList.place.oto",
        "orderList.place.otoco",
        "sor.order.place",
    ]


@pytest.mark.parametrize(("fact", "row"), rows("params"))
def test_parameters(fact: dict[str, Any], row: dict[str, Any]) -> None:
    operation = operation_of(fact)
    param = next(param for param in operation.parameters if param.name == row["name"])
    assert param.mandatory is MANDATORY.get(row["name"], row["mandatory"] is True)
    by_end = [kind for end, kind in KINDS_BY_END.items() if row["name"].endswith(end)]
    assert param.kind in (by_end or KINDS[row["type"]])
    if "maximum" in row:
        assert param.maximum == int(row["maximum"])
    sent = least(fact)
    if must_be_sent(row):
        del sent[row["name"]]
        assert read_params(operation, sent) == Fault(RequestFault.MISSING_PARAMETER, (row["name"],))
    if "default" in row:
        if row["mandatory"] is False and operation.name in ("ticker", "ticker.tradingDay"):
            sent["symbol"] = ANY_SYMBOL
        absent = read_params(operation, sent)
        assert absent == read_params(operation, sent | {row["name"]: row["default"]})
        assert not isinstance(absent, Fault)


@pytest.mark.parametrize("fact", [fact for fact in FACTS if fact["params"]], ids=name_of)
def test_one_of_the_either_parameters_is_needed(fact: dict[str, Any]) -> None:
    names = sorted(param["name"] for param in fact["params"] if param["mandatory"] == "either")
    sent = {name: text for name, text in least(fact).items() if name not in names}
    outcome = read_params(operation_of(fact), sent)
    if names:
        assert isinstance(outcome, Fault)
        assert (outcome.fault, sorted(outcome.args)) == (RequestFault.MISSING_EITHER, names)
    else:
        assert not isinstance(outcome, Fault)
