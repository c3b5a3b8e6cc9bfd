"""Outcomes as JSON doors tell them."""

from typing import Any

from msgspec import json

from papernet.app.faults import Fault, RequestFault
from papernet.app.gateway import Call
from papernet.app.operations import OPERATIONS, TimeUnit
from papernet.app.service import Answered, Denied, Done, Unavailable
from papernet.core.commands import AmendOrder, CancelOrder, NewOrder, ReplaceOrder
from papernet.core.enums import OrderType, Side
from papernet.core.events import Applied, CancelFailed, PlacementFailed
from papernet.core.rejects import Reason, Reject
from papernet.protocols.json.outcomes import Rendered, refused, rendered
from tests.support.reports import report, terms
from tests.support.worlds import START

MS = TimeUnit.MILLISECOND
ORDER = terms("BTCUSDT", OrderType.LIMIT, Side.BUY, "1", "100")
TOO_MANY = Reject(Reason.TOO_MANY_ORDERS, ("50", "10 SECOND"))


def call(name: str = "order.place", **params: Any) -> Call:
    return Call("192.0.2.7", START, OPERATIONS[name], {"newOrderRespType": None} | params)


def told(outcome: Any, **params: Any) -> Rendered:
    return rendered(outcome, call(**params), MS, {})


def test_an_answer_is_rendered_by_its_operation() -> None:
    answer = told(Answered(OPERATIONS["time"], START, 3))
    assert answer == Rendered(200, b'{"serverTime":%d}' % (START // 1000), 3)


def test_a_command_tells_its_counts_and_from_when_on_it_may_be_told() -> None:
    applied = Applied(9, START, (report(ORDER, 1, START),))
    answer = told(Done(ORDER, applied, (1, 2)))
    assert (answer.status, answer.durable_seq, answer.order_counts) == (200, 9, (1, 2))
    assert json.decode(answer.body)["symbol"] == "BTCUSDT"


def test_a_refused_cancel_and_a_refused_amendment_have_codes_of_their_own() -> None:
    reject = Reject(Reason.ACTION_DISABLED)
    codes = {
        type(command): json.decode(told(Denied(reject, START, command, 4)).body)["code"]
        for command in (ORDER, CancelOrder(1, "BTCUSDT", 1), AmendOrder(1, "BTCUSDT", 1, 1))
    }
    assert codes == {NewOrder: -2010, CancelOrder: -2011, AmendOrder: -2038}


def test_too_many_orders_say_how_long_to_wait() -> None:
    at = START - START % 10_000_000 + 2_500_000
    answer = told(Denied(TOO_MANY, at, None, 5))
    assert (answer.status, answer.retry_after, answer.durable_seq) == (429, 8, 5)


def test_a_placement_beyond_the_limit_says_how_long_to_wait() -> None:
    at = START - START % 10_000_000 + 2_500_000
    events = (CancelFailed(Reject(Reason.UNKNOWN_ORDER)), PlacementFailed(TOO_MANY))
    command = ReplaceOrder(CancelOrder(1, "BTCUSDT", 1), ORDER, stops_on_failure=True)
    answer = told(Done(command, Applied(6, at, events), (50, 50)))
    assert (answer.status, answer.retry_after) == (429, 8)


def test_a_fault_says_how_long_to_wait() -> None:
    fault = Fault(RequestFault.TOO_MUCH_WEIGHT, ("6000", "1 MINUTE"), 17)
    assert told(Denied(fault, START)) == refused(fault)
    assert (refused(fault).status, refused(fault).retry_after) == (429, 17)


def test_an_exchange_that_takes_no_commands_is_unavailable() -> None:
    answer = told(Unavailable())
    assert answer.status == 503
    assert json.decode(answer.body)["code"] == -1001
