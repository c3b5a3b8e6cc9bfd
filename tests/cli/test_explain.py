"""`papernet requests` and `papernet explain` against a running server."""

from collections.abc import Iterator

import pytest

from tests.support.process import Papernet, run


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Papernet]:
    with Papernet(tmp_path_factory.mktemp("home"), "--ephemeral", "--market", "none") as running:
        yield running


def test_a_refusal_is_found_and_explained(server: Papernet) -> None:
    terms = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.001"}
    status, answer = server.signed(server.account("alice"), "POST", "/api/v3/order", **terms, price="60000.123")
    assert (status, answer["code"]) == (400, -1013)
    (line,) = server.run("requests", "--refused", "--code", "-1013").splitlines()
    assert "POST /api/v3/order  -1013 Filter failure: PRICE_FILTER" in line
    told = server.run("explain", "request", line.split()[0])
    assert told.splitlines()[:2] == [
        "POST /api/v3/order  400 -1013 Filter failure: PRICE_FILTER",
        "FILTER_FAILURE PRICE_FILTER: The price 60000.123 is no multiple of the tick 0.01.",
    ]
    assert "nearest that would pass  price 60000.12  quantity 0.001" in told
    assert server.run("requests", "--account", "bob") == ""
    assert len(server.run("requests", "--limit", "1").splitlines()) == 1


def test_an_open_order_is_explained(server: Papernet) -> None:
    terms = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.001", "price": "60000"}
    _, answer = server.signed(server.account("alice"), "POST", "/api/v3/order", **terms, newClientOrderId="mine")
    by_id = server.run("explain", "order", "BTCUSDT", str(answer["orderId"]))
    assert by_id == server.run("explain", "order", "btcusdt", "--client-order-id", "mine", "--account", "alice")
    assert by_id.splitlines()[1] == "RESTING: It rests at 60000: somebody has to sell at 60000 or less, and it is next."


def test_what_is_not_there_is_one_line(server: Papernet) -> None:
    for arguments in (("request", "99999"), ("order", "BTCUSDT", "99999"), ("order", "BTCUSDT")):
        status, out, err = run(server.home, "explain", *arguments)
        assert (status, out, err.count("\n")) == (2, "", 1)
