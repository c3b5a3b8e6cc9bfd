"""Which explanation a call gets, whatever refused it: every call that is refused has one."""

from typing import Any

import pytest

from papernet.app.explaining.explainer import Explainer
from papernet.app.fault_rules import FaultRule
from papernet.app.rate_limits import RateLimits
from papernet.app.request_log import Record
from tests.support.explained import ORDER, ExplainedDesk
from tests.support.rest_desk import BOB_KEY


@pytest.mark.parametrize(
    ("method", "path", "params"),
    [
        ("GET", "/api/v3/klines", {"symbol": "BTCUSDT", "interval": "7m"}),
        ("GET", "/api/v3/allOrders", {"symbol": "NONE"}),
        ("GET", "/api/v3/orderList", {"orderListId": 5}),
        ("DELETE", "/api/v3/openOrders", {"symbol": "BTCUSDT"}),
        ("DELETE", "/api/v3/orderList", {"symbol": "BTCUSDT", "orderListId": 5}),
        ("POST", "/api/v3/order/cancelReplace", {"symbol": "BTCUSDT"}),
        ("POST", "/api/v3/sor/order", {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "1"}),
        ("PUT", "/api/v3/order/amend/keepPriority", {"symbol": "BTCUSDT", "orderId": 5, "newQty": "1"}),
        ("POST", "/api/v3/userDataStream", {}),
    ],
)
def test_every_refusal_has_an_explanation(method: str, path: str, params: dict[str, Any]) -> None:
    desk = ExplainedDesk()
    assert desk.sign(method, path, params).status >= 400
    told = desk.explain()
    assert told.guard
    assert told.because.endswith(".")
    assert told.because[0].isupper()


def test_what_succeeds_has_none() -> None:
    desk = ExplainedDesk()
    desk.accepted(price="10", quantity="1")
    assert desk.explainer.completed(desk.last) is None
    desk.get("/api/v3/time")
    assert desk.explainer.completed(desk.last) is None


def test_what_a_rule_of_faults_did_is_told_as_such() -> None:
    desk = ExplainedDesk()
    record = Record(1, desk.now, "rest", "POST", ORDER, "", 0, 0, rule=FaultRule(3, "code-1007"), was_executed=True)
    told = Explainer(desk.exchange).explain(record, RateLimits(), desk.now)
    assert told is not None
    assert (told.guard, told.numbers) == ("FAULT_RULE", {"rule": 3, "effect": "code-1007", "executed": True})
    assert "was carried out all the same" in told.because


def test_what_is_said_was_true_when_the_call_came() -> None:
    desk = ExplainedDesk()
    desk.accepted(side="SELL", price="100", quantity="1", key=BOB_KEY)
    told = desk.refused(type="LIMIT_MAKER", timeInForce=None, price="101", quantity="1")
    desk.signed("DELETE", "/api/v3/openOrders", {"symbol": "BTCUSDT"}, key=BOB_KEY)
    assert told.numbers["best_ask"] == "100"
    assert desk.log.find(2) is not None
    again = desk.log.find(2)
    assert again is not None
    assert again.explanation is told


def test_explaining_changes_nothing() -> None:
    desk = ExplainedDesk()
    desk.accepted(price="10", quantity="1")
    before = desk.state()
    desk.refused(price="10", quantity="0.01")
    desk.refused(price="1000000", quantity="9000")
    desk.sign("GET", "/api/v3/account", timestamp=5)
    for record in desk.log.newest():
        desk.explainer.completed(record)
    assert desk.state() == before
