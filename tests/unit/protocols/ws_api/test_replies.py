"""Envelopes: what stands around a payload, which limits are told, and when to ask again."""

import pytest
from msgspec import json

from papernet.app.faults import Fault, RequestFault
from papernet.app.operations import TimeUnit
from papernet.protocols.json.outcomes import Rendered, refused
from papernet.protocols.ws_api.replies import rate_limits, reply, with_wait
from tests.support.worlds import SECOND, START

MS, US = TimeUnit.MILLISECOND, TimeUnit.MICROSECOND
WEIGHT = {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": 6000, "count": 70}
ORDERS = [
    {"rateLimitType": "ORDERS", "interval": "SECOND", "intervalNum": 10, "limit": 50, "count": 12},
    {"rateLimitType": "ORDERS", "interval": "DAY", "intervalNum": 1, "limit": 160000, "count": 4043},
]


def test_a_success_has_a_result_and_no_error() -> None:
    told = reply(b'"x"', Rendered(200, b"{}"), rate_limits(70, None))
    assert told == (
        b'{"id":"x","status":200,"result":{},"rateLimits":[{"rateLimitType":"REQUEST_WEIGHT","interval":"MINUTE",'
        b'"intervalNum":1,"limit":6000,"count":70}]}'
    )


def test_a_failure_has_an_error_and_no_result() -> None:
    told = json.decode(reply(b"null", refused(Fault(RequestFault.BAD_SIGNATURE)), b""))
    assert told == {
        "id": None,
        "status": 400,
        "error": {"code": -1022, "msg": "Signature for this request is not valid."},
    }


def test_limits_of_orders_come_before_that_of_weight() -> None:
    told = json.decode(reply(b"1", Rendered(200, b"[]"), rate_limits(70, (12, 4043))))
    assert told["rateLimits"] == [*ORDERS, WEIGHT]


def test_limits_are_left_out_where_they_are_not_wanted() -> None:
    assert json.decode(reply(b"1", Rendered(200, b"[]"), b"")) == {"id": 1, "status": 200, "result": []}


@pytest.mark.parametrize(("unit", "step"), [(MS, 1_000), (US, 1)])
def test_too_much_weight_is_told_with_the_end_of_the_window(unit: TimeUnit, step: int) -> None:
    now = START + 12_345_678
    fault = Fault(RequestFault.TOO_MUCH_WEIGHT, ("6000", "1 MINUTE"), 28)
    error = json.decode(with_wait(refused(fault), fault, now, unit).body)
    assert error["code"] == -1003
    # START is 20 seconds into its minute, and 12.3 more have gone by.
    assert error["data"] == {"serverTime": now // step, "retryAfter": (START + 40 * SECOND) // step}


def test_a_ban_is_told_with_its_end_to_the_millisecond() -> None:
    fault = Fault(RequestFault.BANNED, ("1700000120123",), 121)
    error = json.decode(with_wait(refused(fault), fault, START, MS).body)
    assert error["data"] == {"serverTime": START // 1_000, "retryAfter": 1_700_000_120_123}
    assert "1700000120123" in error["msg"]


def test_halves_of_a_cancel_replace_keep_their_data() -> None:
    body = b'{"code":-2021,"msg":"m","data":{"cancelResult":"SUCCESS","newOrderResponse":{"code":-1015,"msg":"n"}}}'
    told = with_wait(Rendered(429, body, 7, 3, (50, 50)), None, START, MS)
    assert json.decode(told.body)["data"] == {
        "cancelResult": "SUCCESS",
        "newOrderResponse": {"code": -1015, "msg": "n"},
        "serverTime": START // 1_000,
        "retryAfter": START // 1_000 + 3_000,
    }
    assert (told.status, told.durable_seq, told.order_counts) == (429, 7, (50, 50))
