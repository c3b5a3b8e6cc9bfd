"""rest-api.md, Query Order list, all Order lists, open Order lists: what can be asked about lists and their members."""

from typing import Any

import pytest

from tests.support.rest_story_door import RestStoryDoor
from tests.support.story_doors import story as tell
from tests.support.worlds import START, make_symbol

MS = START // 1000
# four lists, a second apart: filled, cancelled, open, open
STORY = """
    market trades at 100
    alice oto as L0: buy 1 @ 60 as W0 | sell 1 @ 200 as Q0
    bob   sell 1 @ 60
    wait 1
    market trades at 100
    alice oco sell 1 as L1: MAKER @ 110 as P1 | STOP 90 as Q1
    wait 1
    alice cancel list L1
    alice oco sell 1 as L2: MAKER @ 110 as P2 | STOP 90 as Q2
    wait 1
    alice opo as L3: buy 1 @ 50 as W3 | sell @ 200 as Q3
    bob   oco sell 1 as L4: MAKER @ 110 as P4 | STOP 90 as Q4
"""


@pytest.fixture
def door() -> RestStoryDoor:
    told = tell(STORY, make_symbol(), door="rest")
    assert isinstance(told, RestStoryDoor)
    return told


def ask(door: RestStoryDoor, path: str, **params: Any) -> Any:
    status, reply = door.send("alice", "GET", path, params)
    assert status == 200, reply
    return reply


def test_a_list_by_number_and_by_name(door: RestStoryDoor) -> None:
    by_number = ask(door, "orderList", orderListId=2)
    assert by_number == ask(door, "orderList", origClientOrderId="L2")
    assert by_number == {
        "orderListId": 2,
        "contingencyType": "OCO",
        "listStatusType": "EXEC_STARTED",
        "listOrderStatus": "EXECUTING",
        "listClientOrderId": "L2",
        "transactionTime": MS + 2000,
        "symbol": "BTCUSDT",
        "orders": [
            {"symbol": "BTCUSDT", "orderId": by_number["orders"][0]["orderId"], "clientOrderId": "Q2"},
            {"symbol": "BTCUSDT", "orderId": by_number["orders"][0]["orderId"] + 1, "clientOrderId": "P2"},
        ],
    }


def test_a_cancelled_list_is_all_done(door: RestStoryDoor) -> None:
    reply = ask(door, "orderList", origClientOrderId="L1")
    assert (reply["listStatusType"], reply["listOrderStatus"], reply["contingencyType"]) == ("ALL_DONE", "ALL_DONE", "OCO")


def test_kinds_with_a_working_order_are_told_as_oto(door: RestStoryDoor) -> None:
    assert [ask(door, "orderList", orderListId=number)["contingencyType"] for number in (0, 3)] == ["OTO", "OTO"]


def test_lists_of_others_and_of_nobody(door: RestStoryDoor) -> None:
    for params in ({"orderListId": 4}, {"orderListId": 9}, {"origClientOrderId": "L4"}):
        status, reply = door.send("alice", "GET", "orderList", params)
        assert (status, reply["code"]) == (400, -2018), reply


def test_neither_number_nor_name(door: RestStoryDoor) -> None:
    status, reply = door.send("alice", "GET", "orderList", {})
    assert (status, reply["code"]) == (400, -1102), reply


def test_open_lists(door: RestStoryDoor) -> None:
    assert [row["listClientOrderId"] for row in ask(door, "openOrderList")] == ["L0", "L2", "L3"]
    assert door.send("bob", "GET", "openOrderList", {})[1][0]["orderListId"] == 4


@pytest.mark.parametrize(
    ("params", "numbers"),
    [
        ({}, [0, 1, 2, 3]),
        ({"limit": 2}, [2, 3]),
        ({"fromId": 1}, [1, 2, 3]),
        ({"fromId": 1, "limit": 2}, [1, 2]),
        ({"startTime": MS + 1000}, [1, 2, 3]),
        ({"startTime": MS + 1000, "limit": 1}, [1]),
        ({"endTime": MS + 2000}, [0, 1, 2]),
        ({"startTime": MS + 1000, "endTime": MS + 2000}, [1, 2]),
        ({"startTime": MS + 60_000}, []),
    ],
)
def test_all_lists(door: RestStoryDoor, params: dict[str, int], numbers: list[int]) -> None:
    assert [row["orderListId"] for row in ask(door, "allOrderList", **params)] == numbers


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"fromId": 1, "startTime": MS}, -1128),
        ({"fromId": 1, "endTime": MS}, -1128),
        ({"startTime": MS - 86_400_001, "endTime": MS}, -1127),
    ],
)
def test_what_cannot_be_asked_of_all_lists(door: RestStoryDoor, params: dict[str, int], code: int) -> None:
    status, reply = door.send("alice", "GET", "allOrderList", params)
    assert (status, reply["code"]) == (400, code), reply


def test_pending_orders_are_open_orders(door: RestStoryDoor) -> None:
    rows = {row["clientOrderId"]: row for row in ask(door, "openOrders", symbol="BTCUSDT")}
    assert sorted(rows) == ["P2", "Q0", "Q2", "Q3", "W3"]
    assert rows["Q3"]["status"] == "PENDING_NEW"
    assert rows["Q3"]["isWorking"] is False
    assert rows["Q0"]["isWorking"] is True
    assert {name: rows[name]["orderListId"] for name in rows} == {"P2": 2, "Q2": 2, "Q0": 0, "Q3": 3, "W3": 3}
    everything = [row["clientOrderId"] for row in ask(door, "allOrders", symbol="BTCUSDT")]
    assert everything == ["W0", "Q0", "Q1", "P1", "Q2", "P2", "W3", "Q3"]


def test_trades_of_members_name_their_list(door: RestStoryDoor) -> None:
    assert [row["orderListId"] for row in ask(door, "myTrades", symbol="BTCUSDT")] == [0]
    assert [row["orderListId"] for row in door.send("bob", "GET", "myTrades", {"symbol": "BTCUSDT"})[1]] == [-1]


def test_the_endpoint_of_all_lists_knows_only_the_account(door: RestStoryDoor) -> None:
    assert [row["orderListId"] for row in door.send("bob", "GET", "allOrderList", {})[1]] == [4]
    assert door.send("carol", "GET", "allOrderList", {})[1] == []
