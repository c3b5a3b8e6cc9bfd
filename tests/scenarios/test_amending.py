"""faqs/order_amend_keep_priority: its queues, and what may and may not be amended."""

from typing import Any

import pytest

from papernet.venues.spot.symbols import MaxNumOrderAmends
from tests.support.rest_story_door import RestStoryDoor
from tests.support.samples import agree
from tests.support.stories import Story
from tests.support.story_doors import PURSE
from tests.support.worlds import lot_size, make_symbol

RICH = "1000 BTC 1000000 USDT"
QUEUE = """
    bob   buy 1 @ 87000 as B10
    alice buy 5.5 @ 87000 as A15
    carol buy 4 @ 87000 as C20
    bob   buy 2 @ 86999 as B21
    book
    | B10:1 A15:5.5 C20:4 | 87000 | |
    | B21:2               | 86999 | |
"""


def test_cancel_replace_goes_to_the_end_of_the_queue(story: Story) -> None:
    story(
        QUEUE
        + """
        alice replace A15: buy 5 @ 87000 as A22      -> 200 CANCELED A15; NEW
        book
        | B10:1 C20:4 A22:5 | 87000 | |
        | B21:2             | 86999 | |
        """,
        purse=RICH,
    )


def test_an_amendment_keeps_the_place_in_the_queue(story: Story) -> None:
    story(
        QUEUE
        + """
        alice has 521500 + 478500 USDT
        alice amend A15 to 5 as A15                  -> 200 A15 NEW 0/5
        alice has 565000 + 435000 USDT
        book
        | B10:1 A15:5 C20:4 | 87000 | |
        | B21:2             | 86999 | |
        bob   sell 2 @ 87000                         -> FILLED 1@87000 1@87000
        alice sees A15 PARTIALLY_FILLED 1/5
        """,
        purse=RICH,
    )


def test_an_amended_order_gets_a_new_name_unless_it_keeps_its_own(story: Story) -> None:
    story("""
        alice buy 5 @ 10 as A1
        alice amend A1 to 4 as A2                    -> A2 NEW 0/4
        alice opens A2
        alice cancel A1                              -> 400 -2011 Unknown order sent.
        alice buy 1 @ 10 as A1                       -> NEW
        alice buy 1 @ 10 as A2                       -> 400 -2010 Duplicate order sent.
        alice amend A2 to 3 as A2                    -> A2 NEW 0/3
        alice amend A2 to 2 as A1                    -> 400 -2038 Duplicate order sent.
        alice cancel A2                              -> CANCELED A2
    """)


def test_amendments_do_not_count_as_orders(story: Story) -> None:
    story("""
        alice buy 5 @ 10 as A1
        alice counts 1
        alice amend A1 to 4 as A1
        alice amend A1 to 3 as A1
        alice counts 1
    """)


def test_what_cannot_be_amended(story: Story) -> None:
    story("""
        alice buy 5 @ 10 as A1
        alice amend A1 to 5 as A1                    -> 400 -2038 The requested action would change no state; rejecting
        alice amend A1 to 6 as A1                    -> 400 -2038 Order amend (quantity increase) is not supported.
        alice amend A2 to 1 as A2                    -> 400 -2038 Unknown order sent.
        bob   amend A1 to 1 as A1                    -> 400 -2038 Unknown order sent.
        alice sees A1 NEW 0/5
        alice cancel A1
        alice amend A1 to 1                          -> 400 -2038 Unknown order sent.
    """)


def test_a_partly_filled_order_is_amended_down_to_more_than_what_is_filled(story: Story) -> None:
    story("""
        alice sell 5 @ 10 as A1
        bob   buy 2 @ 10
        alice has 995 + 3 BTC
        alice amend A1 to 3 as A1                    -> A1 PARTIALLY_FILLED 2/3
        alice has 997 + 1 BTC
        book
        | | 10 | A1:1 |
        bob   buy 1 @ 10                             -> FILLED 1@10
        alice sees A1 FILLED 3/3
    """)


def test_an_icebergs_visible_part_changes_only_when_less_is_left(story: Story) -> None:
    story("""
        alice sell 5 @ 10 ice 2 as A1
        bob   sell 1 @ 10 as B1
        alice amend A1 to 3 as A1                    -> A1 NEW 0/3
        book
        | | 10 | A1:2 B1:1 |
        alice amend A1 to 1 as A1                    -> A1 NEW 0/1
        book
        | | 10 | A1:1 B1:1 |
        alice has 999 + 1 BTC
    """)


def test_filters_hold_for_the_new_quantity(story: Story) -> None:
    story(
        """
        alice buy 5 @ 10 as A1
        alice amend A1 to 4.5 as A1                  -> 400 -2038 Filter failure: LOT_SIZE
        alice amend A1 to 0.5 as A1                  -> 400 -2038 Filter failure: LOT_SIZE
        alice amend A1 to 4 as A1                    -> A1 NEW 0/4
        """,
        make_symbol(lot_size("1", "100", "1")),
    )


def test_an_order_is_amended_so_often_and_no_more(story: Story) -> None:
    story(
        """
        alice buy 5 @ 10 as A1
        alice buy 5 @ 10 as A2
        alice amend A1 to 4 as A1                    -> A1 NEW 0/4
        alice amend A1 to 3 as A1                    -> A1 NEW 0/3
        alice amend A1 to 2 as A1                    -> 400 -2038 Filter failure: MAX_NUM_ORDER_AMENDS
        alice amend A2 to 2 as A2                    -> A2 NEW 0/2
        alice sees A1 NEW 0/3
        """,
        make_symbol(MaxNumOrderAmends(2)),
    )


def test_symbols_may_leave_it_out(story: Story) -> None:
    story(
        """
        alice buy 5 @ 10 as A1
        alice amend A1 to 4                          -> 400 -2038 Order amend is not supported for this symbol.
        """,
        make_symbol(amend_allowed=False),
    )


# ---- order lists


@pytest.mark.parametrize("named", ["P1", "P2"])
def test_an_oco_pair_is_amended_together(story: Story, named: str) -> None:
    story(f"""
        market trades at 100
        alice oco sell 5 as L1: MAKER @ 110 as P1 | STOP 90 @ 89 as P2
        alice amend {named} to 3 as {named}          -> {named} NEW 0/3
        alice sees P1 NEW 0/3
        alice sees P2 NEW 0/3
        alice has 997 + 3 BTC
        book
        | | 110 | P1:3 |
        bob   buy 3 @ 110                            -> FILLED 3@110
        alice sees P1 FILLED 3/3
        alice sees P2 EXPIRED 0/3 OCO_TRIGGER
    """)


def test_the_orders_of_an_oto_are_amended_one_by_one(story: Story) -> None:
    story("""
        alice oto as L1: buy 5 @ 100 as W | sell 5 @ 110 as P
        alice amend P to 3 as P                      -> P PENDING_NEW 0/3
        alice has 997 + 3 BTC
        alice sees W NEW 0/5
        alice amend W to 2 as W                      -> W NEW 0/2
        alice has 99800 + 200 USDT
        alice sees P PENDING_NEW 0/3
        bob   sell 2 @ 100                           -> FILLED 2@100
        alice sees P NEW 0/3
    """)


def test_the_pending_pair_of_an_otoco_is_amended_together(story: Story) -> None:
    story("""
        market trades at 105
        alice otoco as L1: buy 2 @ 100 as W | sell 2 MAKER @ 120 as P1 | STOP 90 @ 89 as P2
        alice amend P2 to 1 as P2                    -> P2 PENDING_NEW 0/1
        alice sees P1 PENDING_NEW 0/1
        alice sees W NEW 0/2
        alice has 999 + 1 BTC
    """)


def test_a_leg_whose_other_leg_has_ended_is_amended_alone(story: Story) -> None:
    story("""
        market trades at 100
        alice oco buy 5 as L1: STOP 103 @ 110 as P1 | MAKER @ 99 as P2
        bob   sell 2 @ 99                            -> FILLED 2@99
        alice amend P2 to 3 as P2                    -> P2 PARTIALLY_FILLED 2/3
        alice sees P1 EXPIRED 0/5 OCO_TRIGGER
        alice has 99703 + 99 USDT
        market trades at 104
        alice amend P2 to 2.5 as P3                  -> P3 PARTIALLY_FILLED 2/2.5
        alice sees list L1 EXECUTING
        bob   sell 0.5 @ 99                          -> FILLED 0.5@99
        alice sees list L1 ALL_DONE
    """)


def test_little_more_than_what_is_filled(story: Story) -> None:
    story("""
        alice sell 5 @ 10 as A1
        bob   buy 2 @ 10
        alice amend A1 to 2.1 as A1                  -> A1 PARTIALLY_FILLED 2/2.1
    """)


# ---- the replies, field by field


def _place(door: RestStoryDoor, path: str, **params: Any) -> Any:
    status, reply = door.send("alice", "POST", path, {"symbol": "BTCUSDT"} | params)
    assert status == 200, reply
    return reply


def _amend(door: RestStoryDoor, **params: Any) -> Any:
    status, reply = door.send("alice", "PUT", "order/amend/keepPriority", {"symbol": "BTCUSDT"} | params)
    assert status == 200, reply
    return reply


def test_the_reply_of_an_amended_order_and_its_history() -> None:
    door = RestStoryDoor((make_symbol(),), PURSE, None)
    placed = _place(door, "order", side="SELL", type="LIMIT", timeInForce="GTC", quantity="10", price="6")
    door.now += 1_000_000
    first = _amend(door, orderId=placed["orderId"], newQty="5")
    order = {
        "symbol": "BTCUSDT",
        "orderId": placed["orderId"],
        "orderListId": -1,
        "origClientOrderId": placed["clientOrderId"],
        "clientOrderId": ...,
        "price": "6",
        "qty": "5",
        "executedQty": "0",
        "preventedQty": "0",
        "quoteOrderQty": "0",
        "cumulativeQuoteQty": "0",
        "status": "NEW",
        "timeInForce": "GTC",
        "type": "LIMIT",
        "side": "SELL",
        "workingTime": placed["transactTime"],
        "selfTradePreventionMode": "NONE",
    }
    agree(first, {"transactTime": placed["transactTime"] + 1000, "executionId": ..., "amendedOrder": order})
    renamed = first["amendedOrder"]["clientOrderId"]
    assert renamed != placed["clientOrderId"]
    second = _amend(door, origClientOrderId=renamed, newQty="4", newClientOrderId=renamed)
    rows = [
        (first, placed["clientOrderId"], renamed, "10", "5"),
        (second, renamed, renamed, "5", "4"),
    ]
    history = [
        {
            "symbol": "BTCUSDT",
            "orderId": placed["orderId"],
            "executionId": reply["executionId"],
            "origClientOrderId": before,
            "newClientOrderId": after,
            "origQty": before_quantity,
            "newQty": quantity,
            "time": reply["transactTime"],
        }
        for reply, before, after, before_quantity, quantity in rows
    ]
    asked = {"symbol": "BTCUSDT", "orderId": placed["orderId"]}
    agree(door.send("alice", "GET", "order/amendments", asked)[1], history)
    agree(door.send("alice", "GET", "order/amendments", asked | {"limit": 1})[1], history[:1])
    later = asked | {"fromExecutionId": second["executionId"]}
    agree(door.send("alice", "GET", "order/amendments", later)[1], history[1:])
    assert second["executionId"] > first["executionId"]


def test_the_reply_of_an_amended_member_of_a_list() -> None:
    door = RestStoryDoor((make_symbol(),), PURSE, None)
    params = {"workingType": "LIMIT", "workingTimeInForce": "GTC", "workingSide": "SELL", "workingPrice": "5"}
    params |= {"workingQuantity": "1", "pendingType": "MARKET", "pendingSide": "BUY", "pendingQuantity": "5"}
    _place(door, "orderList/oco", **_oco())
    placed = _place(door, "orderList/oto", listClientOrderId="L1", **params)
    working, pending = placed["orders"]
    reply = _amend(door, orderId=pending["orderId"], newQty="4")
    order = {
        "symbol": "BTCUSDT",
        "orderId": pending["orderId"],
        "orderListId": 1,
        "origClientOrderId": pending["clientOrderId"],
        "clientOrderId": ...,
        "price": "0",
        "qty": "4",
        "executedQty": "0",
        "preventedQty": "0",
        "quoteOrderQty": "0",
        "cumulativeQuoteQty": "0",
        "status": "PENDING_NEW",
        "timeInForce": "GTC",
        "type": "MARKET",
        "side": "BUY",
        "selfTradePreventionMode": "NONE",
    }
    renamed = pending | {"clientOrderId": reply["amendedOrder"]["clientOrderId"]}
    status = {
        "orderListId": 1,
        "contingencyType": "OTO",
        "listOrderStatus": "EXECUTING",
        "listClientOrderId": "L1",
        "symbol": "BTCUSDT",
        "orders": [working, renamed],
    }
    agree(reply, {"transactTime": ..., "executionId": ..., "amendedOrder": order, "listStatus": status})


def _oco() -> dict[str, str]:
    above = {"aboveType": "LIMIT_MAKER", "abovePrice": "110"}
    return {"side": "SELL", "quantity": "1"} | above | {"belowType": "STOP_LOSS", "belowStopPrice": "90"}


def test_a_pegged_leg_holds_by_the_price_that_it_is_pegged_at(story: Story) -> None:
    story(
        """
        bob   buy 1 @ 97
        alice oco buy 4 as L1: STOP 106 @ 90 as P1 | MAKER @ 101 peg PRIMARY as P2
        alice amend P2 to 1
        alice has 99903 + 97 USDT
        """,
        purse="100000 USDT",
    )
