"""Every refusal has a code, a status and words."""

import pytest
from msgspec import json

from papernet.app.faults import Fault, RequestFault
from papernet.core.rejects import Reason, Reject
from papernet.protocols.json.errors import INTERNAL_ERROR, REASONS, UNAVAILABLE, error_of_fault, error_of_reject

ARGS = ("one", "two")


@pytest.mark.parametrize("fault", list(RequestFault))
def test_every_fault_can_be_told(fault: RequestFault) -> None:
    error = error_of_fault(Fault(fault, ARGS))
    # What goes wrong on purpose may be the server's fault, and a location has no code.
    is_on_purpose = fault >= RequestFault.BLOCKED
    assert error.code < -999 or fault is RequestFault.RESTRICTED_LOCATION
    assert 400 <= error.status < (600 if is_on_purpose else 500)
    assert "%" not in error.text
    assert json.decode(error.body()) == {"code": error.code, "msg": error.text}


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_can_be_told(reason: Reason) -> None:
    error = error_of_reject(Reject(reason, ARGS))
    assert error.code < -999
    assert 400 <= error.status < 500
    assert "%" not in error.text


@pytest.mark.parametrize(
    ("reject", "cancelling", "code", "status", "text"),
    [
        (Reject(Reason.FILTER_FAILURE, ("LOT_SIZE",)), False, -1013, 400, "Filter failure: LOT_SIZE"),
        (
            Reject(Reason.TOO_MANY_ORDERS, ("50", "10 SECOND")),
            False,
            -1015,
            429,
            "Too many new orders; current limit is 50 orders per 10 SECOND.",
        ),
        (Reject(Reason.INSUFFICIENT_BALANCE), False, -2010, 400, "Account has insufficient balance for requested action."),
        (Reject(Reason.WOULD_TAKE), False, -2010, 400, "Order would immediately match and take."),
        (Reject(Reason.UNKNOWN_ORDER), True, -2011, 400, "Unknown order sent."),
        (Reject(Reason.ACCOUNT_MAY_NOT_TRADE), False, -2010, 400, "This account may not place or cancel orders."),
        (Reject(Reason.ACCOUNT_MAY_NOT_TRADE), True, -2011, 400, "This account may not place or cancel orders."),
        (Reject(Reason.UNKNOWN_SYMBOL), True, -1121, 400, "Invalid symbol."),
        (Reject(Reason.WOULD_TRIGGER), False, -2010, 400, "Order would trigger immediately."),
        (Reject(Reason.SYMBOL_NOT_PERMITTED), False, -2010, 400, "This symbol is not permitted for this account."),
        (Reject(Reason.UNKNOWN_ORDER_LIST), True, -2011, 400, "Unknown order list sent."),
        (Reject(Reason.CANCEL_RESTRICTED), True, -2011, 400, "Order was not canceled due to cancel restrictions."),
        (Reject(Reason.UNSUPPORTED_COMBINATION), False, -1014, 400, "Unsupported order combination."),
    ],
)
def test_what_clients_match_on(reject: Reject, cancelling: bool, code: int, status: int, text: str) -> None:
    error = error_of_reject(reject, cancelling=cancelling)
    assert (error.code, error.status, error.text) == (code, status, text)


@pytest.mark.parametrize(
    ("reject", "code", "text"),
    [
        (Reject(Reason.UNKNOWN_ORDER), -2038, "Unknown order sent."),
        (Reject(Reason.AMEND_INCREASES), -2038, "Order amend (quantity increase) is not supported."),
        (Reject(Reason.AMEND_CHANGES_NOTHING), -2038, "The requested action would change no state; rejecting"),
        (Reject(Reason.AMEND_NOT_SUPPORTED), -2038, "Order amend is not supported for this symbol."),
        (Reject(Reason.TOO_MANY_AMENDS), -2038, "Filter failure: MAX_NUM_ORDER_AMENDS"),
        (Reject(Reason.FILTER_FAILURE, ("LOT_SIZE",)), -2038, "Filter failure: LOT_SIZE"),
        (Reject(Reason.MARKET_CLOSED), -2038, "Market is closed."),
        (Reject(Reason.DUPLICATE_CLIENT_ORDER_ID), -2038, "Duplicate order sent."),
        (Reject(Reason.UNKNOWN_SYMBOL), -1121, "Invalid symbol."),
    ],
)
def test_refused_amendments_have_a_code_of_their_own(reject: Reject, code: int, text: str) -> None:
    error = error_of_reject(reject, amending=True)
    assert (error.code, error.status, error.text) == (code, 400, text)


@pytest.mark.parametrize(
    ("fault", "code", "status", "text"),
    [
        (
            Fault(RequestFault.BANNED, ("1700000000000",)),
            -1003,
            418,
            (
                "Way too much request weight used; IP banned until 1700000000000. "
                "Please use WebSocket Streams for live updates to avoid bans."
            ),
        ),
        (
            Fault(RequestFault.TOO_MUCH_WEIGHT, ("6000", "1 MINUTE")),
            -1003,
            429,
            (
                "Too much request weight used; current limit is 6000 request weight per 1 MINUTE. "
                "Please use WebSocket Streams for live updates to avoid polling the API."
            ),
        ),
        (Fault(RequestFault.BAD_API_KEY_FORMAT), -2014, 401, "API-key format invalid."),
        (Fault(RequestFault.REJECTED_KEY), -2015, 401, "Invalid API-key, IP, or permissions for action."),
        (Fault(RequestFault.BAD_SIGNATURE), -1022, 400, "Signature for this request is not valid."),
        (Fault(RequestFault.NO_SUCH_ORDER), -2013, 400, "Order does not exist."),
        (Fault(RequestFault.NO_SUCH_ORDER_LIST), -2018, 400, "Order list does not exist."),
        (Fault(RequestFault.NO_REFERENCE_PRICE), -2043, 400, "This symbol doesn't have a reference price."),
        (Fault(RequestFault.NOT_ACCEPTABLE), -1155, 406, "SBE is not enabled."),
        (
            Fault(RequestFault.ICEBERG_NOT_GTC, ("aboveIcebergQty", "aboveTimeInForce")),
            -1160,
            400,
            "Parameter 'aboveIcebergQty' is not supported if aboveTimeInForce is not GTC.",
        ),
        (Fault(RequestFault.UNKNOWN_PATH), -1020, 404, "This operation is not supported."),
    ],
)
def test_what_clients_match_on_before_the_engine(fault: Fault, code: int, status: int, text: str) -> None:
    error = error_of_fault(fault)
    assert (error.code, error.status, error.text) == (code, status, text)


def test_only_papernets_own_failures_are_five_hundreds() -> None:
    assert INTERNAL_ERROR.status == 500
    assert UNAVAILABLE.status == 503
