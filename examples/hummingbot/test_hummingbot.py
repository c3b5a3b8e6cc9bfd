"""hummingbot's Binance connector: its addresses, and the requests that it makes, in their order and with their parameters.

hummingbot is built from source with tools of its own, so its connector is not run here. Where it is installed, its constants
are checked to be there; where it is not, a module with their names stands in.
"""

import hashlib
import hmac
import json
from importlib import import_module
from types import ModuleType

import pytest
from start_on_papernet import CONSTANTS, point_at
from websockets.sync.client import connect

PREFIX = "x-MG43PCSN"


@pytest.fixture
def constants(papernet):
    """Return the connector's constants, pointed at the network."""
    try:
        found = import_module(CONSTANTS)
    except ModuleNotFoundError:
        found = ModuleType(CONSTANTS)
        found.REST_URL = "https://api.binance.{}/api/"
        found.WSS_URL = "wss://stream.binance.{}:9443/ws"
        found.WSS_API_URL = "wss://ws-api.binance.{}:443/ws-api/v3"
    before = (found.REST_URL, found.WSS_URL, found.WSS_API_URL)
    point_at(found, papernet.rest_url.removeprefix("http://"))
    yield found
    found.REST_URL, found.WSS_URL, found.WSS_API_URL = before


def path(constants, papernet, tail):
    """Return a path as the connector puts it together: the constant with a domain in it, the version, the rest."""
    url = constants.REST_URL.format("com") + "v3" + tail
    assert url.startswith(papernet.rest_url)
    return url.removeprefix(papernet.rest_url)


def subscription(papernet):
    """Return the request with which the connector listens to its account: signed over its parameters in their order."""
    alice = papernet.account("alice")
    params = {"apiKey": alice.api_key, "timestamp": papernet.clock.now_ms()}
    payload = "&".join(f"{name}={value}" for name, value in sorted(params.items()))
    signature = hmac.new(alice.secret.encode(), payload.encode(), hashlib.sha256).hexdigest()
    return {"id": "1", "method": "userDataStream.subscribe.signature", "params": {**params, "signature": signature}}


def place(papernet, constants, name):
    """Place a limit order as the connector does."""
    terms = {"symbol": "BTCUSDT", "side": "BUY", "quantity": "0.01", "type": "LIMIT", "newClientOrderId": name}
    return papernet.request("POST", path(constants, papernet, "/order"), "alice", **terms, price="50000", timeInForce="GTC")


def test_it_starts_reads_the_rules_and_its_balances(papernet, constants):
    for tail in ("/ping", "/time", "/exchangeInfo", "/ticker/bookTicker"):
        assert papernet.request("GET", path(constants, papernet, tail)).status == 200
    assert papernet.request("GET", path(constants, papernet, "/depth"), symbol="BTCUSDT", limit="1000").status == 200
    assert papernet.request("GET", path(constants, papernet, "/account"), "alice").body["balances"]


def test_it_follows_the_book_and_its_orders(papernet, constants):
    with connect(constants.WSS_URL.format("com")) as market, connect(constants.WSS_API_URL.format("com")) as user:
        for number, name in enumerate(("btcusdt@trade", "btcusdt@depth@100ms"), 1):
            market.send(json.dumps({"method": "SUBSCRIBE", "params": [name], "id": number}))
            assert json.loads(market.recv(timeout=5)) == {"result": None, "id": number}
        user.send(json.dumps(subscription(papernet)))
        assert json.loads(user.recv(timeout=5))["status"] == 200

        order = place(papernet, constants, f"{PREFIX}BBTUT1").body
        assert json.loads(user.recv(timeout=5))["event"]["X"] == "NEW"
        papernet.fills.fill(order["orderId"], symbol="BTCUSDT", quantity="0.004")
        told = []
        while "PARTIALLY_FILLED" not in told:
            event = json.loads(user.recv(timeout=5))["event"]
            told.append(event.get("X"))
        assert (event["c"], event["l"]) == (f"{PREFIX}BBTUT1", "0.00400000")
        told = set()
        while told != {"depthUpdate", "trade"}:
            told.add(json.loads(market.recv(timeout=5))["e"])


@pytest.mark.parametrize("executed", [True, False])
def test_an_order_that_met_an_unknown_error_is_looked_up_by_its_name(papernet, constants, executed):
    papernet.faults.add("http-503-unknown", operation="order.place", executed=executed)
    answer = place(papernet, constants, f"{PREFIX}BBTUT2")
    # The connector knows this one by its words, and asks for the order by its name until it knows.
    assert answer.status == 503
    assert "Unknown error, please check your request or try again later." in answer.body["msg"]
    which = {"symbol": "BTCUSDT", "origClientOrderId": f"{PREFIX}BBTUT2"}
    seen = papernet.request("GET", path(constants, papernet, "/order"), "alice", **which)
    assert seen.body.get("status") == ("NEW" if executed else None)
    if executed:
        assert papernet.request("DELETE", path(constants, papernet, "/order"), "alice", **which).body["status"] == "CANCELED"
    else:
        assert (seen.body["code"], seen.body["msg"]) == (-2013, "Order does not exist.")
    assert papernet.request("GET", path(constants, papernet, "/myTrades"), "alice", symbol="BTCUSDT").body == []
