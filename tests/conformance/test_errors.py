"""Codes and words against the documents' facts (errors.md)."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from papernet.app.faults import Fault, RequestFault
from papernet.core.rejects import Reason, Reject
from papernet.protocols.json.errors import (
    CANCEL_REPLACE_FAILED,
    CANCEL_REPLACE_PARTLY_FAILED,
    INTERNAL_ERROR,
    REASONS,
    UNAVAILABLE,
    RequestError,
    error_of_fault,
    error_of_reject,
)

FACTS: dict[str, Any] = json.loads((Path(__file__).parent / "facts" / "errors.json").read_text(encoding="utf-8"))
CONTROL_PLANE = range(Reason.UNKNOWN_ACCOUNT, Reason.MARKET_HAS_TRADED + 1)
# Documented elsewhere: rest-api.md, Regarding cancelRestrictions; faqs/stp_faq.md.
ELSEWHERE = ("Invalid cancelRestrictions", "This symbol does not allow the specified self-trade prevention mode.")
# In no document: the live exchange's own words, and those that follow the pattern of the documented ones.
UNDOCUMENTED = (
    (-2018, "Order list does not exist."),
    (-2011, "Unknown order list sent."),
    (-2038, "Unknown order list sent."),
    (-1013, "OTO orders are not supported for this symbol."),
    (-2038, "OTO orders are not supported for this symbol."),
    (-1013, "SOR orders are not supported for this symbol."),
    (-2038, "SOR orders are not supported for this symbol."),
    (-1135, "Invalid 'one' in JSON request; expected two."),
    (-1193, "WebSocket session not authenticated. Recommendation: use `session.logon`."),
    (-2028, "one API key is not supported."),
    # what rules make of requests (docs/faults.md): two of the three meanings of 503 are those of the derivatives' general pages
    (-1000, "Unknown error, please check your request or try again later."),
    (-1001, "Service Unavailable."),
    (0, "Service unavailable from a restricted location."),
)
ENGINE_CODES = (-1013, -2010, -2011, -2038)


def is_documented(error: RequestError) -> bool:
    """Whether a refusal is in the documents, or is known not to be."""
    if error.text in ELSEWHERE or (error.code, error.text) in UNDOCUMENTED:
        return True
    if error.code in ENGINE_CODES:
        return error.text in FACTS["engine"] or error.text in FACTS["filters"]
    # Which of two it is about the documents leave open with a stroke.
    messages = [message.replace("aboveTimeInForce/belowTimeInForce", "%s") for message in FACTS["codes"][str(error.code)]]
    return any(re.fullmatch(re.escape(message).replace("%s", ".*"), error.text) for message in messages)


@pytest.mark.parametrize("fault", list(RequestFault), ids=lambda fault: fault.name)
def test_faults_speak_as_documented(fault: RequestFault) -> None:
    assert is_documented(error_of_fault(Fault(fault, ("one", "two"))))


@pytest.mark.parametrize(
    "reason", [reason for reason in REASONS if reason not in CONTROL_PLANE], ids=lambda reason: reason.name
)
def test_rejects_speak_as_documented(reason: Reason) -> None:
    args = ("LOT_SIZE",) if reason is Reason.FILTER_FAILURE else ("50", "10 SECOND")
    for cancelling, amending in ((False, False), (True, False), (False, True)):
        assert is_documented(error_of_reject(Reject(reason, args), cancelling=cancelling, amending=amending))


def test_failures_speak_as_documented() -> None:
    for error in (INTERNAL_ERROR, UNAVAILABLE, CANCEL_REPLACE_FAILED, CANCEL_REPLACE_PARTLY_FAILED):
        assert is_documented(error)


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (RequestFault.BANNED, 418),
        (RequestFault.TOO_MUCH_WEIGHT, 429),
        (RequestFault.TOO_MANY_REQUESTS, 429),
        (RequestFault.TOO_MANY_CONNECTIONS, 429),
        (RequestFault.UNKNOWN_PATH, 404),
        (RequestFault.WRONG_METHOD, 405),
        (RequestFault.NOT_ACCEPTABLE, 406),
        (RequestFault.BAD_API_KEY_FORMAT, 401),
        (RequestFault.REJECTED_KEY, 401),
        (RequestFault.BAD_SIGNATURE, 400),
    ],
)
def test_statuses(fault: RequestFault, status: int) -> None:
    assert error_of_fault(Fault(fault, ("one", "two"))).status == status
