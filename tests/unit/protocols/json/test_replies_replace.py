"""Every outcome of a cancel-replace: status, code and data (rest-api.md, Cancel an Existing Order and Send a New Order)."""

import json
from typing import Any

import msgspec
import pytest

from papernet.app.operations import ResponseType, TimeUnit
from papernet.core.commands import CancelOrder, ReplaceOrder
from papernet.core.enums import ExecType, ListKind, ListOrderStatus, ListStatusType, OrderStatus, OrderType, Side
from papernet.core.events import (
    Applied,
    CancelFailed,
    Event,
    OrderListChanged,
    OrderListRecord,
    PlacementFailed,
)
from papernet.core.rejects import Reason, Reject
from papernet.protocols.json.replies_replace import cancel_replaced
from tests.support.reports import applied, assert_reply, extras, fill, report, terms

MS = TimeUnit.MILLISECOND
ACK, RESULT, FULL = ResponseType
AT = 1_684_804_350_068

OLD = terms("BTCUSDT", OrderType.LIMIT, Side.SELL, "0.0001", "0.01", client_order_id="DnLo3vTAQcjha43lAZhZ0y")
NEW = terms("BTCUSDT", OrderType.LIMIT, Side.BUY, "0.04", "0.02", client_order_id="wOceeeOzNORyLiQfw7jd8S")
CANCELED = report(OLD, 9, AT, exec_type=ExecType.CANCELED, status=OrderStatus.CANCELED, request_id="osxN3JXAtJvKvCqGeMWMVR")
PLACED = report(NEW, 10, 1_652_928_801_803)
CANCEL_FAILED = CancelFailed(Reject(Reason.UNKNOWN_ORDER))
WOULD_TAKE = PlacementFailed(Reject(Reason.WOULD_TAKE))
NOT_ATTEMPTED = PlacementFailed(None)
TOO_MANY = PlacementFailed(Reject(Reason.TOO_MANY_ORDERS, ("1", "10 SECOND")))

CANCEL_REPLY = {
    "symbol": "BTCUSDT",
    "origClientOrderId": "DnLo3vTAQcjha43lAZhZ0y",
    "orderId": 9,
    "orderListId": -1,
    "clientOrderId": "osxN3JXAtJvKvCqGeMWMVR",
    "transactTime": 1684804350068,
    "price": "0.01000000",
    "origQty": "0.00010000",
    "executedQty": "0.00000000",
    "origQuoteOrderQty": "0.00000000",
    "cummulativeQuoteQty": "0.00000000",
    "status": "CANCELED",
    "timeInForce": "GTC",
    "type": "LIMIT",
    "side": "SELL",
    "selfTradePreventionMode": "NONE",
}
ACK_REPLY = {
    "symbol": "BTCUSDT",
    "orderId": 10,
    "orderListId": -1,
    "clientOrderId": "wOceeeOzNORyLiQfw7jd8S",
    "transactTime": 1652928801803,
}
FULL_REPLY = ACK_REPLY | {
    "price": "0.02000000",
    "origQty": "0.04000000",
    "executedQty": "0.00000000",
    "origQuoteOrderQty": "0.00000000",
    "cummulativeQuoteQty": "0.00000000",
    "status": "NEW",
    "timeInForce": "GTC",
    "type": "LIMIT",
    "side": "BUY",
    "workingTime": 1652928801803,
    "fills": [],
    "selfTradePreventionMode": "NONE",
}
UNKNOWN_ORDER = {"code": -2011, "msg": "Unknown order sent."}
TAKES = {"code": -2010, "msg": "Order would immediately match and take."}
BEYOND = {"code": -1015, "msg": "Too many new orders; current limit is 1 orders per 10 SECOND."}
FAILED = (-2022, "Order cancel-replace failed.")
PARTLY = (-2021, "Order cancel-replace partially failed.")


def command(*, stops: bool = False) -> ReplaceOrder:
    return ReplaceOrder(CancelOrder(1, "BTCUSDT", 9), NEW, stops, cancels_when_exceeded=True)


def replaced(*events: Event, stops: bool = False, response_type: ResponseType = FULL) -> tuple[int, bytes]:
    return cancel_replaced(command(stops=stops), applied(*events), response_type, MS)


def test_both_succeed() -> None:
    status, body = replaced(CANCELED, PLACED)
    assert status == 200
    assert_reply(
        body,
        {
            "cancelResult": "SUCCESS",
            "newOrderResult": "SUCCESS",
            "cancelResponse": CANCEL_REPLY,
            "newOrderResponse": FULL_REPLY,
        },
    )


# (mode stops, events) -> status, code and text, results, replies: each row of the documents' table that has a status, but the
# first; "-" is what was not attempted
S, F, N = "SUCCESS", "FAILURE", "NOT_ATTEMPTED"
OUTCOMES: dict[str, Any] = {
    "stop, cancel fails": (True, (CANCEL_FAILED, NOT_ATTEMPTED), 400, FAILED, F, N, UNKNOWN_ORDER, None),
    "stop, placement fails": (True, (CANCELED, WOULD_TAKE), 409, PARTLY, S, F, CANCEL_REPLY, TAKES),
    "stop, beyond, cancel fails": (True, (CANCEL_FAILED, TOO_MANY), 429, FAILED, F, N, UNKNOWN_ORDER, None),
    "stop, beyond, cancel succeeds": (True, (CANCELED, TOO_MANY), 429, PARTLY, S, F, CANCEL_REPLY, BEYOND),
    "allow, both fail": (False, (CANCEL_FAILED, WOULD_TAKE), 400, FAILED, F, F, UNKNOWN_ORDER, TAKES),
    "allow, cancel fails": (False, (CANCEL_FAILED, PLACED), 409, PARTLY, F, S, UNKNOWN_ORDER, FULL_REPLY),
    "allow, placement fails": (False, (CANCELED, WOULD_TAKE), 409, PARTLY, S, F, CANCEL_REPLY, TAKES),
    "allow, beyond, both fail": (False, (CANCEL_FAILED, TOO_MANY), 400, FAILED, F, F, UNKNOWN_ORDER, BEYOND),
    "allow, beyond, cancel succeeds": (False, (CANCELED, TOO_MANY), 409, PARTLY, S, F, CANCEL_REPLY, BEYOND),
}


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_one_or_both_fail(outcome: str) -> None:
    stops, events, status, error, cancel_result, order_result, cancel_reply, order_reply = OUTCOMES[outcome]
    found, body = replaced(*events, stops=stops)
    assert found == status
    assert_reply(
        body,
        {
            "code": error[0],
            "msg": error[1],
            "data": {
                "cancelResult": cancel_result,
                "newOrderResult": order_result,
                "cancelResponse": cancel_reply,
                "newOrderResponse": order_reply,
            },
        },
    )


@pytest.mark.parametrize("response_type", ResponseType)
def test_how_much_is_told_of_the_new_order(response_type: ResponseType) -> None:
    expected: Any = {ACK: ACK_REPLY, FULL: FULL_REPLY}.get(
        response_type, {field: value for field, value in FULL_REPLY.items() if field != "fills"}
    )
    _, body = replaced(CANCEL_FAILED, PLACED, response_type=response_type)
    assert_reply(json.dumps(json.loads(body)["data"]["newOrderResponse"]), expected)


def test_the_new_order_is_told_by_its_last_report_and_its_fills() -> None:
    traded = fill(PLACED, "0.02", "0.03", "0.00003", "BTC", trade_id=3)
    found = json.loads(replaced(CANCELED, PLACED, traded)[1])["newOrderResponse"]
    assert (found["status"], found["executedQty"], len(found["fills"])) == ("PARTIALLY_FILLED", "0.03000000", 1)


def test_a_member_of_a_list_takes_its_list_with_it() -> None:
    # Notes: the result is the same as cancelling the list
    member = msgspec.structs.replace(CANCELED, extras=extras(order_list_id=5, working_at=AT))
    other = msgspec.structs.replace(member, order_id=8, terms=msgspec.structs.replace(OLD, client_order_id="other"))
    ids = ((8, "other"), (9, "DnLo3vTAQcjha43lAZhZ0y"))
    listed = OrderListRecord(5, 1, "BTCUSDT", ListKind.OCO, ListOrderStatus.ALL_DONE, "list", AT, AT, ids)
    # a list that the new order's fills ended is another one
    elsewhere = OrderListChanged(msgspec.structs.replace(listed, order_list_id=6), ListStatusType.ALL_DONE, AT)
    done = OrderListChanged(listed, ListStatusType.ALL_DONE, AT)
    status, body = replaced(member, other, done, PLACED, elsewhere)
    found = json.loads(body)
    assert status == 200
    assert found["cancelResponse"]["orderListId"] == 5
    assert [row["orderId"] for row in found["cancelResponse"]["orderReports"]] == [8, 9]
    assert found["newOrderResponse"] == FULL_REPLY


def test_a_reply_without_the_events_it_is_told_from_is_a_bug() -> None:
    member = msgspec.structs.replace(CANCELED, extras=extras(order_list_id=5, working_at=AT))
    with pytest.raises(AssertionError):
        cancel_replaced(command(), Applied(1, 0, (member, PLACED)), FULL, MS)
