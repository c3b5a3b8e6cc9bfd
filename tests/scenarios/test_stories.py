"""The tellers of stories bite: a table that tells what did not happen fails, at every door."""

import pytest

from papernet.core.rejects import Reason
from tests.support.machine_door import WORDS
from tests.support.samples import PLACED, agree, sample
from tests.support.stories import Story

TOLD = """
    market trades at 100
    bob   sell 2 @ 110 as B1
    alice buy 1 @ 110 as A1                                     -> 200 FILLED 1@110
    alice buy 2 @ 90 as A2                                      -> NEW
    alice oco sell 1 as L1: MAKER @ 120 as P1 | STOP 80 as P2   -> P1 NEW, P2 NEW
"""
TRUE = (
    "alice sees A1 FILLED 1/1 price=110 expiryReason=-",
    "alice sees A2 NEW 0/2 workingTime=t+0",
    "alice sees list L1 EXECUTING",
    "alice opens A2 P2 P1",
    "alice has 1000 + 1 BTC",
    "alice counts 3",
    "last 110",
    "book\n | | 120 | P1:1 |\n | | 110 | B1:1 |\n | A2:2 | 90 | |",
    "alice buy 1 @ 1",
    "alice cancel A9        -> 400 -2011 Unknown order sent.",
    "alice cancel A2        -> CANCELED A2",
)
FALSE = (
    "alice sees A1 NEW 1/1",
    "alice sees A1 FILLED 0/1",
    "alice sees A1 FILLED 1/2",
    "alice sees A1 FILLED 1/1 price=111",
    "alice sees A1 FILLED 1/1 expiryReason=OCO_TRIGGER",
    "alice sees A1 FILLED 1/1 price=-",
    "alice sees A2 NEW 0/2 workingTime=t+1",
    "alice sees list L1 ALL_DONE",
    "alice opens A2 P1 P2",
    "alice opens nothing",
    "alice has 1001 + 0 BTC",
    "alice counts 4",
    "last 100",
    "book\n | | 120 | P1:1 |\n | | 110 | B1:2 |\n | A2:2 | 90 | |",
    "book\n | | 120 | P1:1 |\n | | 110 | B1:1 |",
    "book",
    "alice buy 1 @ 1        -> FILLED 1@1",
    "alice buy 9999 @ 999",
    "alice cancel A9        -> 400 -2011 Some other words.",
    "alice cancel A2        -> CANCELED A3",
    "alice waves",
)


@pytest.mark.parametrize("row", TRUE)
def test_what_is_so_may_be_told(story: Story, row: str) -> None:
    story(f"{TOLD}\n{row}")


@pytest.mark.parametrize("row", FALSE)
def test_what_is_not_so_may_not(story: Story, row: str) -> None:
    with pytest.raises(AssertionError):
        story(f"{TOLD}\n{row}")


@pytest.mark.parametrize("row", ["alice cancel A9 -> 429 Unknown order sent.", "alice cancel A9 -> -2010 Unknown order sent."])
def test_codes_and_statuses_are_compared_where_there_are_any(story: Story, row: str, request: pytest.FixtureRequest) -> None:
    if "machine" in request.node.name:
        story(row)
    else:
        with pytest.raises(AssertionError):
            story(row)


@pytest.mark.parametrize(
    ("reply", "wanted", "same"),
    [
        ({"a": "1.00000000"}, {"a": "1"}, True),
        ({"a": "1.000000"}, {"a": "1"}, False),
        ({"a": "1.00000000"}, {"a": "2"}, False),
        ({"a": 1}, {"a": "1"}, False),
        ({"a": True}, {"a": 1}, False),
        ({"a": 5}, {"a": ...}, True),
        ({"a": 5, "b": 6}, {"a": 5}, False),
        ({"a": 5}, {"a": 5, "b": 6}, False),
        ([{"a": 5}], [{"a": 5}], True),
        ([{"a": 5}, {}], [{"a": 5}], False),
        ({"a": None}, {"a": None}, True),
    ],
)
def test_samples_bite(reply: object, wanted: object, same: bool) -> None:
    if same:
        agree(reply, wanted)
    else:
        with pytest.raises(AssertionError):
            agree(reply, wanted)
    assert sample(PLACED, status="FILLED")["status"] == "FILLED"


def test_words_are_of_reasons_that_there_are() -> None:
    assert not [name for name in WORDS if name not in Reason.__members__]
