"""The calls that list requests and explain: filters, rows, orders of both venues, and what is not there."""

from typing import Any

import pytest
from msgspec import json

from papernet.app.explaining.explainer import Explainer
from papernet.app.request_log import RequestLog
from papernet.control.bodies import BadBodyError
from papernet.control.calls import CallTable
from papernet.control.explain_calls import ExplainCalls
from papernet.control.messages import ControlRequest
from papernet.core.commands import ConfigureAccount, OptionTerms, PlaceOption
from papernet.core.enums import Side
from papernet.core.events import OptionReport
from tests.support.eapi_desk import BOB, EapiDesk
from tests.support.explained import ORDER, ExplainedDesk
from tests.support.option_market import CALL, units
from tests.support.rest_desk import ALICE_KEY, BOB_KEY, SECRET


class Asked:
    """The calls over a desk."""

    def __init__(self, desk: Any) -> None:
        self.desk = desk
        explainer = Explainer(desk.exchange)
        log = desk.log if isinstance(desk, ExplainedDesk) else RequestLog(explain=explainer.explain)
        self.table = CallTable(ExplainCalls(desk.context, log, explainer).rows())

    def ask(self, path: str, query: str = "") -> tuple[int, Any]:
        methods, name = self.table.at(path)
        request = ControlRequest("GET", path, query.encode(), {}, b"", True)
        response = methods["GET"].handler(request, name, self.desk.now)
        assert SECRET.encode() not in response.body
        return response.status, json.decode(response.body)

    def ok(self, path: str, query: str = "") -> Any:
        status, told = self.ask(path, query)
        assert status == 200, told
        return told


@pytest.fixture
def desk() -> ExplainedDesk:
    return ExplainedDesk()


@pytest.fixture
def asked(desk: ExplainedDesk) -> Asked:
    desk.get("/api/v3/time")
    desk.accepted(price="10", quantity="1")
    desk.refused(price="10", quantity="0.01")
    desk.signed("GET", "/api/v3/account", key=BOB_KEY)
    desk.signed("GET", "/api/v3/account", key="x" * 64)
    return Asked(desk)


def test_calls_are_listed_newest_first(asked: Asked) -> None:
    rows = asked.ok("/requests")
    assert [row["id"] for row in rows] == [5, 4, 3, 2, 1]
    assert rows[2] == {
        "id": 3,
        "time": "2023-11-14T22:13:20.000Z",
        "timestamp_ms": 1_700_000_000_000,
        "door": "rest",
        "method": "POST",
        "target": ORDER,
        "operation": "order.place",
        "symbol": "BTCUSDT",
        "account": "alice",
        "api_key": ALICE_KEY,
        "ip": "192.0.2.7",
        "weight": 1,
        "status": 400,
        "code": -1013,
        "message": "Filter failure: LOT_SIZE",
        "latency_us": 7,
        "explained": True,
    }
    assert (rows[3]["code"], rows[3]["message"], rows[3]["explained"]) == (None, "", False)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("limit=2", [5, 4]),
        ("account=alice", [3, 2]),
        ("account=nobody", []),
        (f"api_key={BOB_KEY}", [4]),
        ("door=rest", [5, 4, 3, 2, 1]),
        ("door=ws-api", []),
        ("operation=order.place", [3, 2]),
        ("symbol=BTCUSDT", [3, 2]),
        ("status=401", [5]),
        ("code=-1013", [3]),
        ("refused=true", [5, 3]),
        ("refused=true&limit=1", [5]),
        ("refused=false", [5, 4, 3, 2, 1]),
    ],
)
def test_calls_can_be_filtered(asked: Asked, query: str, expected: list[int]) -> None:
    assert [row["id"] for row in asked.ok("/requests", query)] == expected


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "limit=10001", "code=1.5", "status=--1", "code=" + "9" * 30])
def test_filters_that_are_none(asked: Asked, query: str) -> None:
    with pytest.raises(BadBodyError):
        asked.ask("/requests", query)


def test_a_call_is_explained(asked: Asked) -> None:
    told = asked.ok("/explain/requests/3")
    assert told["request"]["id"] == 3
    assert told["explanation"]["guard"] == "FILTER_FAILURE LOT_SIZE"
    assert told["explanation"]["nearest"] == {"price": "10", "quantity": "0.1"}
    assert asked.ask("/explain/requests/2") == (
        404,
        {"error": "there is nothing to explain about call 2: it was answered with 200"},
    )
    assert asked.ask("/explain/requests/99")[0] == 404
    with pytest.raises(BadBodyError):
        asked.ask("/explain/requests/x")


def test_an_open_order_is_explained_by_either_id(asked: Asked, desk: ExplainedDesk) -> None:
    mine = desk.accepted(price="10", quantity="2", newClientOrderId="mine")
    for query in (
        f"symbol=BTCUSDT&order_id={mine}",
        "symbol=btcusdt&client_order_id=mine",
        f"symbol=BTCUSDT&order_id={mine}&account=alice",
    ):
        told = asked.ok("/explain/orders", query)
        assert (told["order_id"], told["account"], told["open"]) == (mine, "alice", True)
        assert (told["explanation"]["guard"], told["explanation"]["numbers"]["ahead_at_price"]) == ("RESTING", "1")
    assert asked.ask("/explain/orders", f"symbol=BTCUSDT&order_id={mine}&account=bob")[0] == 404


def test_an_ended_order_is_explained_by_what_was_seen_and_without_that_by_its_record(asked: Asked, desk: ExplainedDesk) -> None:
    ended = desk.accepted(price="10", quantity="2", timeInForce="IOC")
    query = f"symbol=BTCUSDT&order_id={ended}"
    told = asked.ok("/explain/orders", query)
    assert (told["open"], told["explanation"]["guard"]) == (False, "UNFILLED_IOC_QUANTITY")
    assert told["explanation"]["hints"] == ["Nobody sells on BTCUSDT now."]
    desk.log.forget_orders()
    told = asked.ok("/explain/orders", query)
    assert (told["explanation"]["guard"], told["explanation"]["hints"]) == ("UNFILLED_IOC_QUANTITY", [])


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("symbol=BTCUSDT&order_id=77", 404),
        ("symbol=NONE&order_id=1", 404),
        ("symbol=BTC-991231-1-C&order_id=1", 404),
        ("symbol=BTCUSDT&order_id=1&account=nobody", 404),
    ],
)
def test_orders_that_are_not_there(asked: Asked, query: str, status: int) -> None:
    assert asked.ask("/explain/orders", query)[0] == status


@pytest.mark.parametrize("query", ["", "symbol=BTCUSDT", "order_id=5", "symbol=BTCUSDT&order_id=x"])
def test_an_order_has_to_be_named(asked: Asked, query: str) -> None:
    with pytest.raises(BadBodyError):
        asked.ask("/explain/orders", query)


def test_orders_of_options_are_explained_as_well() -> None:
    desk = EapiDesk()
    events = desk.submit(PlaceOption(OptionTerms(BOB, CALL, Side.BUY, units(1), units(2000)))).events
    order_id = next(event.record.order_id for event in events if isinstance(event, OptionReport))
    told = Asked(desk).ok("/explain/orders", f"symbol={CALL}&order_id={order_id}")
    assert (told["account"], told["open"], told["explanation"]["guard"]) == ("bob", True, "RESTING")


def test_an_account_that_lost_its_right_is_still_told_of(asked: Asked, desk: ExplainedDesk) -> None:
    desk.sequencer.submit(ConfigureAccount(1, can_trade=False), desk.now)
    assert asked.ok("/explain/orders", "symbol=BTCUSDT&order_id=1")["explanation"]["guard"] == "RESTING"
