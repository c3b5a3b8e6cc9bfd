"""The calls of the fill director: who may, in which words, and what is kept of it."""

import pytest

from papernet.control.fill_calls import FillCalls
from tests.support.fill_desk import FillDesk


@pytest.fixture
def desk() -> FillDesk:
    return FillDesk()


def test_every_call_is_in_the_table_with_its_body(desk: FillDesk) -> None:
    rows = FillCalls(desk.exchange, desk.submit).rows()
    assert [row.path for row in rows] == [
        "/fills",
        *(f"/fills/{verb}" for verb in ("fill", "trade-through", "print", "quote", "empty", "widen", "release", "commission")),
    ]
    assert all((row.body is None) is (row.method == "GET") for row in rows)


@pytest.mark.parametrize(
    ("verb", "body", "status"),
    [
        ("fill", {"symbol": "BTCUSDT"}, 400),
        ("fill", {"symbol": "BTCUSDT", "order_id": 1, "size": "1"}, 400),
        ("fill", {"symbol": "BTCUSDT", "order_id": 1}, 404),
        ("fill", {"symbol": "BTCUSDT", "order_id": 1, "quantity": "1", "share": "1"}, 400),
        ("trade-through", {"symbol": "NOPE", "price": "1"}, 404),
        ("trade-through", {"symbol": "BTCUSDT", "price": "0"}, 400),
        ("print", {"symbol": "BTCUSDT", "price": "1", "side": "UP"}, 400),
        ("print", {"symbol": "BTCUSDT", "price": "0.001"}, 409),
        ("quote", {"symbol": "BTCUSDT", "bids": [["1"]]}, 400),
        ("empty", {"symbol": "BTCUSDT", "side": "BUY"}, 400),
        ("empty", {"symbol": "BTCUSDT", "span": "soon"}, 400),
        ("widen", {"symbol": "BTCUSDT"}, 409),
        ("widen", {"symbol": "BTCUSDT", "bid": "2", "ask": "1"}, 409),
        ("release", {"symbol": "NOPE"}, 404),
        ("commission", {"account": "nobody", "asset": "BNB", "amount": "1"}, 404),
        ("commission", {"account": "crowd", "asset": "BNB", "amount": "1"}, 404),
        ("commission", {"account": "alice", "asset": "XYZ", "amount": "1"}, 400),
        ("commission", {"account": "alice", "asset": "BNB", "amount": "0"}, 400),
        ("commission", {"account": "alice", "asset": "BNB", "amount": "1000001"}, 400),
    ],
)
def test_what_is_refused_changes_nothing(desk: FillDesk, verb: str, body: object, status: int) -> None:
    assert desk.turned_away("POST", f"/fills/{verb}", body)[0] == status


def test_an_answer_waits_for_all_that_was_done(desk: FillDesk) -> None:
    order = desk.place("alice buy 1 @ 60000")
    assert desk.ask("POST", "/fills/fill", {"symbol": "BTCUSDT", "order_id": order}).durable_seq == desk.seq
    assert desk.ask("POST", "/fills/print", {"symbol": "BTCUSDT", "price": "0.001"}).durable_seq == desk.seq


def test_what_stands_is_told(desk: FillDesk) -> None:
    assert desk.ok("GET", "/fills") == []
    desk.call("quote", bids=[["59000", "1"]])
    desk.call("empty", symbol="ETHUSDT", side="asks", span="10s")
    quoted, away = desk.ok("GET", "/fills")
    assert (quoted["symbol"], quoted["away"], quoted["bids"]) == ("BTCUSDT", None, [["59000.00000000", "1.00000000"]])
    assert away["away"] == {"highest_bid": None, "lowest_ask": "0.00000000", "until_ms": 10_000}


def test_a_spread_is_rounded_away_from_the_middle(desk: FillDesk) -> None:
    desk.call("print", price="60000")
    desk.call("widen", spread="0.015")
    (row,) = desk.ok("GET", "/fills")
    assert (row["away"]["highest_bid"], row["away"]["lowest_ask"]) == ("59999.99000000", "60000.01000000")


def test_the_crowd_may_not_be_named_but_its_orders_may_be_filled(desk: FillDesk) -> None:
    order = desk.place("crowd buy 1 @ 60000")
    assert desk.fill(order)["account"] == "crowd"
