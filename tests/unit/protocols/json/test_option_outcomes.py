"""Outcomes about options become payloads: answers, refusals, and several of both."""

import json

import pytest

from papernet.app.faults import Fault, OptionFault, RequestFault
from papernet.app.operations.options import Generation, option_rows
from papernet.app.service import Answered, Denied, Several, Unavailable
from papernet.core.rejects import Reason, Reject
from papernet.protocols.json.option_outcomes import OptionWriter

NOW = 1_768_478_401_000_000
ROWS = option_rows(Generation.CURRENT)


@pytest.fixture
def writer() -> OptionWriter:
    return OptionWriter(Generation.CURRENT)


def test_an_answer_is_written_in_the_editions_way(writer: OptionWriter) -> None:
    told = writer.rendered(Answered(ROWS["options.time"], NOW, 7, (1, 2)))
    assert (told.status, told.durable_seq, told.order_counts) == (200, 7, (1, 2))
    assert json.loads(told.body) == {"serverTime": NOW // 1_000}


def test_of_several_each_is_told_by_itself(writer: OptionWriter) -> None:
    operation = ROWS["options.allOpenOrders.cancel"]
    outcomes: list[Answered | Denied] = [
        Answered(operation, 1, 5),
        Denied(Reject(Reason.OPTION_QUANTITY_TOO_LARGE), NOW),
        Denied(Fault(OptionFault.NOT_A_PRICE), NOW),
    ]
    told = writer.rendered(Answered(operation, Several(outcomes), 6))
    assert json.loads(told.body) == [
        {"code": "0", "msg": "success"},
        {"code": -4005, "msg": "Quantity greater than max quantity."},
        {"code": -4001, "msg": "Price less than 0."},
    ]
    assert (told.status, told.durable_seq) == (200, 6)


def test_a_refusal_says_how_long_to_wait_where_that_helps(writer: OptionWriter) -> None:
    reject = Reject(Reason.TOO_MANY_OPTION_ORDERS, ("300", "10 SECOND"))
    told = writer.rendered(Denied(reject, NOW, None, 7, (300, 300)))
    assert (told.status, told.retry_after, told.durable_seq, told.order_counts) == (429, 9, 7, (300, 300))
    told = writer.rendered(Denied(Fault(RequestFault.TOO_MUCH_WEIGHT, ("2400", "1 MINUTE"), 42), NOW))
    assert (told.status, told.retry_after) == (429, 42)
    told = writer.rendered(Denied(Reject(Reason.OPTION_STEP_SIZE), NOW))
    assert (told.status, told.retry_after) == (400, 0)


def test_what_was_not_even_decoded_is_refused_in_the_same_words(writer: OptionWriter) -> None:
    told = writer.refused(Fault(RequestFault.UNKNOWN_PATH))
    assert (told.status, json.loads(told.body)["code"]) == (404, -1020)


def test_an_exchange_that_takes_nothing_is_unavailable(writer: OptionWriter) -> None:
    told = writer.rendered(Unavailable())
    assert (told.status, json.loads(told.body)["code"]) == (503, -1001)
