"""What an account can ask about its order lists."""

from typing import Any

import pytest

from papernet.app.faults import Fault, RequestFault
from papernet.core.commands import CancelOrderList, NewOrderList
from papernet.core.enums import ListKind, ListOrderStatus, ListStatusType, Side
from papernet.core.events import OrderListChanged, OrderListRecord
from papernet.exchange.views.records import Kept
from tests.support.asking import Asking
from tests.support.worlds import ALICE, BOB, SECOND, START

NO_SUCH_LIST = Fault(RequestFault.NO_SUCH_ORDER_LIST)


def listed() -> Asking:
    """Return a world in which alice's list 0 is cancelled, 1 and 3 are open, a second apart, and 2 is bob's."""
    world = Asking()
    for account, name in ((ALICE, "first"), (ALICE, "second"), (BOB, "bobs"), (ALICE, "third")):
        legs = (world.order(account, Side.BUY, "1", "90"), world.order(account, Side.SELL, "1", "110"))
        world.apply(NewOrderList(account, "BTCUSDT", ListKind.OTO, legs, name))
        world.now += SECOND
    world.apply(CancelOrderList(ALICE, "BTCUSDT", 0))
    return world


def numbers(world: Asking, name: str, account: int = ALICE, **params: Any) -> list[int]:
    return [row["orderListId"] for row in world.reply(name, account, **params)]


@pytest.mark.parametrize(
    ("params", "number", "status"),
    [
        ({"orderListId": 0}, 0, "ALL_DONE"),
        ({"orderListId": 1}, 1, "EXECUTING"),
        ({"origClientOrderId": "first"}, 0, "ALL_DONE"),
        ({"origClientOrderId": "third"}, 3, "EXECUTING"),
        # web-socket-api.md, Query Order list: of both only the client's counts
        ({"orderListId": 0, "origClientOrderId": "third"}, 3, "EXECUTING"),
        ({"orderListId": 99, "origClientOrderId": "first"}, 0, "ALL_DONE"),
    ],
)
def test_a_list_is_found_by_either_id(params: dict[str, Any], number: int, status: str) -> None:
    reply = listed().reply("orderList.status", **params)
    assert (reply["orderListId"], reply["listOrderStatus"]) == (number, status)
    assert [row["orderId"] for row in reply["orders"]] == [2 * number + 1, 2 * number + 2]


@pytest.mark.parametrize(
    "params",
    [
        {"orderListId": 99},
        # bob's
        {"orderListId": 2},
        {"origClientOrderId": "bobs"},
        {"origClientOrderId": "FIRST"},
        {"orderListId": 1, "origClientOrderId": "nope"},
    ],
)
def test_lists_that_are_not_found(params: dict[str, Any]) -> None:
    assert listed().ask("orderList.status", **params) == NO_SUCH_LIST


def test_of_lists_with_the_same_client_id_the_open_one_is_found() -> None:
    world = listed()
    legs = (world.order(ALICE, Side.BUY, "1", "90"), world.order(ALICE, Side.SELL, "1", "110"))
    world.apply(NewOrderList(ALICE, "BTCUSDT", ListKind.OTO, legs, "first"))
    assert world.reply("orderList.status", origClientOrderId="first")["orderListId"] == 4
    world.apply(CancelOrderList(ALICE, "BTCUSDT", 4))
    assert world.reply("orderList.status", origClientOrderId="first")["orderListId"] == 4


def test_open_lists() -> None:
    assert numbers(listed(), "openOrderLists.status") == [1, 3]
    assert numbers(listed(), "openOrderLists.status", BOB) == [2]
    assert numbers(Asking(), "openOrderLists.status") == []


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, [0, 1, 3]),
        ({"limit": 2}, [1, 3]),
        ({"fromId": 1}, [1, 3]),
        ({"fromId": 0, "limit": 2}, [0, 1]),
        ({"startTime": START + 1}, [1, 3]),
        ({"endTime": START + SECOND}, [0, 1]),
        # in milliseconds, the end is the whole millisecond
        ({"endTime": START}, [0]),
        ({"startTime": START + SECOND, "endTime": START + 2 * SECOND}, [1]),
    ],
)
def test_all_lists(params: dict[str, Any], expected: list[int]) -> None:
    assert numbers(listed(), "allOrderLists", **params) == expected


def test_the_archive_is_asked_for_lists_that_have_left_memory() -> None:
    world = Asking()
    past = OrderListRecord(7, ALICE, "BTCUSDT", ListKind.OCO, ListOrderStatus.ALL_DONE, "past", START, START, ((1, "a"),))
    event = OrderListChanged(past, ListStatusType.ALL_DONE, START)
    world.archive.kept.append(Kept(ALICE, "", 7, -1, "past", START, 1, event))
    assert world.reply("orderList.status", orderListId=7)["listClientOrderId"] == "past"
    assert world.reply("orderList.status", origClientOrderId="past")["orderListId"] == 7
    assert numbers(world, "allOrderLists") == [7]
