"""The rows of European Options against the documents' facts: addresses, security, weights and parameters of both editions.

`facts/options-endpoints.json` holds what the pages of the REST API say. `current` and `legacy` are the weights in each edition,
null where it does not have the endpoint; a weight's row is a query string. `mandatory` "either" marks parameters of which one
must be sent, "current" those that only that edition demands; `only` an edition that alone has a parameter.
"""

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from papernet.app.faults import Fault, OptionFault, RequestFault
from papernet.app.operations import Operation, Proof, Security
from papernet.app.operations.options import Generation
from papernet.protocols.json.params import read_params
from papernet.protocols.rest.option_routes import OptionRoutes

FACTS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "facts" / "options-endpoints.json").read_text(encoding="utf-8")
)
ROUTES = {generation: OptionRoutes(generation).by_path for generation in Generation}
SECURITIES = {
    "NONE": (Security.NONE, Proof.NONE),
    "TRADE": (Security.TRADE, Proof.SIGNATURE),
    "USER_DATA": (Security.USER_DATA, Proof.SIGNATURE),
    "USER_STREAM": (Security.USER_STREAM, Proof.KEY),
    # any key, without a signature
    "MARKET_DATA": (Security.ANY, Proof.KEY),
}
ORDER = {"symbol": "BTC-260123-50000-C", "side": "BUY", "type": "LIMIT", "quantity": "1", "price": "100"}
VALUES = ORDER | {
    "underlying": "BTCUSDT",
    "underlyings": "BTCUSDT,ETHUSDT",
    "underlyingAsset": "BTC",
    "expiration": "260123",
    "interval": "1m",
    "timestamp": "1768478400000",
    "startTime": "1768478400000",
    "endTime": "1768478400000",
    "orders": json.dumps([ORDER]),
    "legs": json.dumps([ORDER]),
    "orderIds": "[1,2]",
    "clientOrderIds": '["a","b"]',
    "orderId": "1",
    "clientOrderId": "bot-1",
    "currency": "USDT",
    "downloadId": "546975389218332672",
    "windowTimeInMilliseconds": "3000",
    "frozenTimeInMilliseconds": "0",
    "qtyLimit": "2",
    "deltaLimit": "2.3",
    "countdownTime": "30000",
    "liquidity": "TAKER",
    "blockOrderMatchingKey": "3668822b-0000-4000-8000-000000000001",
    "limit": "10",
    "recordId": "1",
    "fromId": "1",
    "timeInForce": "GTC",
    "reduceOnly": "false",
    "postOnly": "true",
    "newOrderRespType": "ACK",
    "isMmp": "true",
    "selfTradePreventionMode": "EXPIRE_BOTH",
    "recvWindow": "60000",
}
# The tables print an amount beside NO where the text makes it mandatory.
ALSO_NEEDED = {"POST order": ("price",)}


def editions() -> list[Any]:
    return [
        pytest.param(fact, generation, id=f"{name_of(fact)} {generation}")
        for fact in FACTS
        for generation in Generation
        if fact[key_of(generation)] is not None
    ]


def key_of(generation: Generation) -> str:
    return "current" if generation is Generation.CURRENT else "legacy"


def name_of(fact: dict[str, Any]) -> str:
    return f"{fact['method']} {fact['path'].removeprefix('/eapi/v1/')}"


def operation_of(fact: dict[str, Any], generation: Generation) -> Operation:
    return ROUTES[generation][fact["path"]][fact["method"]]


def params_of(fact: dict[str, Any], generation: Generation) -> list[dict[str, Any]]:
    return [param for param in fact["params"] if param.get("only", key_of(generation)) == key_of(generation)]


def is_mandatory(param: dict[str, Any], generation: Generation) -> bool:
    return param["mandatory"] in (True, key_of(generation))


def least(fact: dict[str, Any], generation: Generation) -> dict[str, str]:
    """Return the least that must be sent; of parameters of which one is needed, the first."""
    params = params_of(fact, generation)
    names = [param["name"] for param in params if is_mandatory(param, generation)]
    names += [param["name"] for param in params if param["mandatory"] == "either"][:1]
    return {name: VALUES[name] for name in (*names, *ALSO_NEEDED.get(name_of(fact), ()))}


def test_there_are_forty_eight_endpoints_and_no_others() -> None:
    assert len(FACTS) == 48
    for generation in Generation:
        offered = [(method, path) for path, methods in ROUTES[generation].items() for method in methods]
        told = [(fact["method"], fact["path"]) for fact in FACTS if fact[key_of(generation)] is not None]
        assert sorted(offered) == sorted(told)


@pytest.mark.parametrize(("fact", "generation"), editions())
def test_security_and_order_count(fact: dict[str, Any], generation: Generation) -> None:
    operation = operation_of(fact, generation)
    assert (operation.security, operation.proof) == SECURITIES[fact["security"]]
    assert operation.order_cost == fact.get("orders", 0)
    assert not operation.free_when_done


@pytest.mark.parametrize(("fact", "generation"), editions())
def test_parameter_names_and_what_is_mandatory(fact: dict[str, Any], generation: Generation) -> None:
    operation = operation_of(fact, generation)
    told = {param["name"]: is_mandatory(param, generation) for param in params_of(fact, generation)}
    assert {param.name: param.mandatory for param in operation.parameters} == told


@pytest.mark.parametrize(("fact", "generation"), editions())
def test_weights(fact: dict[str, Any], generation: Generation) -> None:
    operation = operation_of(fact, generation)
    for query, weight in fact[key_of(generation)]:
        params = read_params(operation, least(fact, generation) | dict(parse_qsl(query)))
        assert not isinstance(params, Fault), params
        assert operation.weight_of(params) == weight, query
    assert operation.least_weight <= min(weight for _, weight in fact[key_of(generation)])


@pytest.mark.parametrize(("fact", "generation"), editions())
def test_the_least_that_is_mandatory_is_enough_and_everything_may_be_sent(fact: dict[str, Any], generation: Generation) -> None:
    operation, sent = operation_of(fact, generation), least(fact, generation)
    assert not isinstance(read_params(operation, sent), Fault)
    everything = {param["name"]: VALUES[param["name"]] for param in params_of(fact, generation)}
    if "orderIds" in everything:
        del everything["clientOrderIds"]
    assert not isinstance(read_params(operation, everything), Fault)
    assert isinstance(read_params(operation, everything | {"unheardOf": "1"}), Fault)


@pytest.mark.parametrize(("fact", "generation"), editions())
def test_what_is_mandatory_is_missed(fact: dict[str, Any], generation: Generation) -> None:
    operation, sent = operation_of(fact, generation), least(fact, generation)
    for param in params_of(fact, generation):
        if is_mandatory(param, generation):
            rest = {name: text for name, text in sent.items() if name != param["name"]}
            assert read_params(operation, rest) == Fault(RequestFault.MISSING_PARAMETER, (param["name"],))
    either = [param["name"] for param in params_of(fact, generation) if param["mandatory"] == "either"]
    if either:
        rest = {name: text for name, text in sent.items() if name not in either}
        assert read_params(operation, rest) == Fault(RequestFault.MISSING_EITHER, tuple(either))


def told_params(key: str) -> list[Any]:
    return [
        pytest.param(fact, generation, param, id=f"{name_of(fact)} {param['name']} {generation}")
        for fact in FACTS
        for generation in Generation
        if fact[key_of(generation)] is not None
        for param in params_of(fact, generation)
        if key in param
    ]


@pytest.mark.parametrize(("fact", "generation", "param"), told_params("values"))
def test_values(fact: dict[str, Any], generation: Generation, param: dict[str, Any]) -> None:
    operation, sent = operation_of(fact, generation), least(fact, generation)
    for text in param["values"]:
        assert not isinstance(read_params(operation, sent | {param["name"]: text}), Fault), text
    assert isinstance(read_params(operation, sent | {param["name"]: "nonsense"}), Fault)


@pytest.mark.parametrize(("fact", "generation", "param"), told_params("default"))
def test_defaults(fact: dict[str, Any], generation: Generation, param: dict[str, Any]) -> None:
    operation, sent = operation_of(fact, generation), least(fact, generation)
    absent = read_params(operation, sent)
    assert not isinstance(absent, Fault)
    assert absent == read_params(operation, sent | {param["name"]: param["default"]})


@pytest.mark.parametrize(("fact", "generation", "param"), told_params("maximum"))
def test_limits_have_bounds(fact: dict[str, Any], generation: Generation, param: dict[str, Any]) -> None:
    operation, sent, maximum = operation_of(fact, generation), least(fact, generation), param["maximum"]
    for text in ("1", str(maximum)):
        assert not isinstance(read_params(operation, sent | {"limit": text}), Fault)
    for text in ("0", str(maximum + 1), "-1", "many"):
        assert read_params(operation, sent | {"limit": text}) == Fault(OptionFault.BAD_LIMIT, ("limit",))


@pytest.mark.parametrize(("fact", "generation", "param"), told_params("most"))
def test_lists_have_a_greatest_length(fact: dict[str, Any], generation: Generation, param: dict[str, Any]) -> None:
    operation, sent, name = operation_of(fact, generation), least(fact, generation), param["name"]
    most, element = param["most"][key_of(generation)], json.loads(VALUES[name])[0]
    rest = sent if param["mandatory"] is True else {key: text for key, text in sent.items() if key != "orderIds"}
    assert not isinstance(read_params(operation, rest | {name: json.dumps([element] * most)}), Fault)
    refused = read_params(operation, rest | {name: json.dumps([element] * (most + 1))})
    assert isinstance(refused, Fault)
    assert refused.fault in (OptionFault.TOO_MANY_ORDERS_AT_ONCE, OptionFault.TOO_MANY_LEGS)
