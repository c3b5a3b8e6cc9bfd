"""What becomes of a response that met a rule."""

from papernet.app.faults import Fault, RequestFault
from papernet.app.hindrances import Cut, Hindered, Postponed
from papernet.protocols.rest.hindering import PAGES, hindered, postponed
from papernet.protocols.rest.request import Response
from tests.support.fault_desk import FaultDesk, cut_of, rule

ANSWER = Response(200, [], b"{}", 7)
REFUSAL = Response(400, [], b"{}", 8)
ERROR = Response(503, [], b"error")


def made(met: Hindered, answer: Response | None) -> Response:
    hindrances = FaultDesk().rest.door._hindrances
    assert hindrances is not None
    return hindered(met, hindrances, answer, lambda _fault: ERROR)


def test_an_error_in_place_of_an_answer_waits_for_what_was_done() -> None:
    met = Hindered(rule("code-1007"), instead=Fault(RequestFault.TIMED_OUT), at=5, needs_success=True)
    told = made(met, ANSWER)
    assert (told.status, told.body, told.durable_seq) == (503, b"error", 7)
    assert told.hindering is not None
    assert told.hindering.at == 5
    assert made(met, Response(409, [], b"{}", 9)).durable_seq == 9


def test_a_refusal_is_told_where_something_was_to_be_done() -> None:
    assert made(Hindered(rule("reset"), cut=Cut.RESET, needs_success=True), REFUSAL) is REFUSAL
    assert cut_of(made(Hindered(rule("half-answer"), cut=Cut.HALF), REFUSAL)) == "HALF"


def test_nothing_is_told_of_what_was_not_done() -> None:
    told = made(Hindered(rule("reset"), cut=Cut.RESET), None)
    assert (told.status, told.body, told.durable_seq, cut_of(told)) == (0, b"", 0, "RESET")


def test_pages_stand_for_what_is_not_the_exchange_s() -> None:
    for fault, page in PAGES.items():
        told = made(Hindered(rule("http-502"), instead=Fault(fault)), None)
        assert (told.status, told.body) == (page.status, page.body)
        assert b"<html>" in page.body


def test_what_is_postponed_is_made_later() -> None:
    told = postponed(Postponed(11), lambda now: Response(200, [], b"%d" % now))
    assert told.hindering is not None
    assert (told.status, told.hindering.at) == (0, 11)
    assert told.hindering.resume is not None
    assert told.hindering.resume(12).body == b"12"
