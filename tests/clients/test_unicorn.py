"""unicorn-binance-websocket-api watches and trades, by threads of its own, with nothing changed but its base URIs.

It watches over TLS, and trades without.
"""

import queue
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from unicorn_binance_websocket_api import BinanceWebSocketApiManager

from tests.clients.conftest import Server, running
from tests.clients.crowd import PATIENCE, Crowd, crowd_of, holdings

pytestmark = pytest.mark.clients

SYMBOL = "SOLUSDT"
STREAMS = ("trade", "aggTrade", "kline_1m", "miniTicker", "bookTicker", "depth@100ms", "depth20@100ms")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Start a papernet that serves TLS too."""
    with running("--port", "0", "--tls-port", "0", "--ephemeral") as started:
        yield started


@pytest.fixture
def crowd(server: Server) -> Iterator[Crowd]:
    """Return alice and bob."""
    with crowd_of(server) as crowd:
        yield crowd


@pytest.fixture
def manager(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Return the client, which trusts whom SSL_CERT_FILE says it may; its threads end with the test."""
    assert server.tls is not None
    monkeypatch.setenv("SSL_CERT_FILE", server.tls["ca"])
    client = BinanceWebSocketApiManager(
        exchange="binance.com-testnet",
        websocket_base_uri=server.tls["streams"] + "/",
        websocket_api_base_uri=server.ws_api,
        output_default="dict",
        warn_on_update=False,
        disable_colorama=True,
    )
    yield client
    client.stop_manager()
    for thread in (*client.stream_threads.values(), client):
        thread.join(PATIENCE)
        assert not thread.is_alive()


def until(messages: "queue.Queue[Any]", found: Callable[[Any], bool]) -> Any:
    """Take messages until one is the one that is waited for."""
    while not found(message := messages.get(timeout=PATIENCE)):
        pass
    return message


def test_streams_and_a_local_order_book(server: Server, crowd: Crowd, manager: Any) -> None:
    """Seven streams over one connection; the book kept from differences is the exchange's."""
    crowd.alice.limit("BUY", SYMBOL, "5", "50")
    messages: queue.Queue[Any] = queue.Queue()
    stream = manager.create_stream(list(STREAMS), [SYMBOL.lower()], process_stream_data=messages.put)
    # It names one stream in the address and subscribes to the others.
    until(messages, lambda row: "result" in row)
    crowd.trade(SYMBOL, "0.5", "60")
    seen: dict[str, Any] = {}

    def over(row: Any) -> bool:
        seen[row["stream"].removeprefix(f"{SYMBOL.lower()}@")] = row["data"]
        return set(seen) == set(STREAMS) and seen["miniTicker"]["c"] == "60.00000000"

    until(messages, over)
    assert (seen["trade"]["p"], seen["kline_1m"]["k"]["c"]) == ("60.00000000", "60.00000000")
    snapshot = crowd.get("depth", symbol=SYMBOL, limit=5000)
    sides = [dict(snapshot[side]) for side in ("bids", "asks")]
    reached = snapshot["lastUpdateId"]
    crowd.bustle(SYMBOL)
    there = crowd.get("depth", symbol=SYMBOL, limit=5000)
    while reached < there["lastUpdateId"]:
        event = until(messages, lambda row: row.get("stream") == f"{SYMBOL.lower()}@depth@100ms")["data"]
        if event["u"] > reached:
            assert event["U"] <= reached + 1
            for side, changes in zip(sides, (event["b"], event["a"]), strict=True):
                side.update(changes)
            reached = event["u"]
    held = [{price: quantity for price, quantity in side.items() if Decimal(quantity)} for side in sides]
    assert held == [dict(there[side]) for side in ("bids", "asks")]
    assert manager.unsubscribe_from_stream(stream, channels=["trade"])
    listed = manager.get_stream_subscriptions(stream)
    assert listed is not None


def test_trading_over_the_websocket_api(server: Server, crowd: Crowd, manager: Any) -> None:
    """A maker order, its partial fill in the user data stream, a query, a cancel and the account."""
    key = server.key("alice")
    credentials = {"api_key": key.api_key, "api_secret": key.secret}
    answers: queue.Queue[Any] = queue.Queue()
    events: queue.Queue[Any] = queue.Queue()
    manager.create_stream(api=True, stream_label="api", process_stream_data=answers.put, **credentials)
    user = manager.create_stream(["arr"], ["!userData"], process_stream_data=events.put, **credentials)
    assert manager.wait_till_stream_has_started(user, timeout=PATIENCE)

    def asked(method: str, **terms: Any) -> Any:
        # Its own way to wait for an answer looks for it too late when it comes at once.
        assert getattr(manager.api.spot, method)(stream_label="api", request_id=method, **terms)
        answer = until(answers, lambda row: row["id"] == method)
        assert answer["status"] == 200, answer
        return answer["result"]

    def report() -> Any:
        return until(events, lambda row: row["event"]["e"] == "executionReport")["event"]

    terms = {"symbol": SYMBOL, "order_type": "LIMIT", "side": "BUY", "time_in_force": "GTC", "quantity": 2, "price": 55}
    placed = asked("create_order", new_client_order_id="unicorn-1", **terms)
    assert (placed["status"], placed["origQty"]) == ("NEW", "2.00000000")
    assert report()["c"] == "unicorn-1"
    sold = crowd.bob.limit("SELL", SYMBOL, "0.5", "55")
    fill = report()
    assert (fill["X"], fill["t"], fill["m"]) == ("PARTIALLY_FILLED", sold["fills"][0]["tradeId"], True)
    found = asked("get_order", symbol=SYMBOL, orig_client_order_id="unicorn-1")
    assert (found["orderId"], found["executedQty"]) == (placed["orderId"], "0.50000000")
    assert asked("cancel_order", symbol=SYMBOL, orig_client_order_id="unicorn-1")["status"] == "CANCELED"
    assert report()["x"] == "CANCELED"
    assert holdings(asked("get_account_status")["balances"]) == crowd.alice.balances()
    assert asked("get_order_book", symbol=SYMBOL) == crowd.get("depth", symbol=SYMBOL)
