"""rest-api.md, OTO and OTOCO: a working order, and what waits for it."""

from typing import Any

import pytest

from tests.support.rest_story_door import RestStoryDoor
from tests.support.samples import PLACED, agree, sample
from tests.support.stories import Story
from tests.support.story_doors import story as tell
from tests.support.worlds import make_symbol


def test_the_pending_order_is_placed_when_the_working_one_is_filled(story: Story) -> None:
    story("""
        alice oto as L1: buy 2 @ 100 as W | sell 1 @ 110 as P    -> W NEW, P PENDING_NEW
        alice sees P PENDING_NEW 0/1 isWorking=false workingTime=-1
        alice has 99800 + 200 USDT
        alice has 999 + 1 BTC
        alice opens W P
        book
        | W:2 | 100 | |
        bob   sell 1 @ 100                                       -> FILLED 1@100
        alice sees W PARTIALLY_FILLED 1/2
        alice sees P PENDING_NEW 0/1
        wait 5
        bob   sell 1 @ 100                                       -> FILLED 1@100
        alice sees W FILLED 2/2
        alice sees P NEW 0/1 isWorking=true workingTime=t+5
        book
        | | 110 | P:1 |
        bob   buy 1 @ 110                                        -> FILLED 1@110
        alice sees P FILLED 1/1
        alice sees list L1 ALL_DONE
        alice has 1001 + 0 BTC
        alice has 99910 + 0 USDT
    """)


def test_a_working_order_that_is_filled_at_once_is_told_with_its_pending_order_still_pending(story: Story) -> None:
    story("""
        bob   sell 2 @ 99 as B1
        alice oto as L1: buy 2 @ 100 as W | sell 1 @ 110 as P    -> W FILLED 2@99, P PENDING_NEW
        alice sees P NEW 0/1 isWorking=true
        alice sees list L1 EXECUTING
    """)


def test_a_pending_market_order_trades_as_soon_as_it_may(story: Story) -> None:
    story("""
        carol buy 3 @ 90 as C1
        alice oto as L1: buy 2 @ 100 as W | sell 1 as P          -> W NEW, P PENDING_NEW
        bob   sell 2 @ 100                                       -> FILLED 2@100
        alice sees P FILLED 1/1 cummulativeQuoteQty=90
        alice sees list L1 ALL_DONE
        last 90
    """)


def test_a_pending_order_that_is_refused_at_once_is_told_as_pending_first(story: Story) -> None:
    story("""
        carol buy 1 @ 115 as C1
        bob   sell 1 @ 120 as B1
        alice oto as L1: buy 1 @ 120 as W | sell 1 @ 110 MAKER as P    -> W FILLED 1@120, P PENDING_NEW
        alice sees P EXPIRED 0/1 REJECTED
        alice sees list L1 ALL_DONE
        alice opens nothing
    """)


PENDING = {
    "a limit order": "sell 1 @ 110",
    "an immediate limit order": "sell 1 @ 110 IOC",
    "a limit maker": "sell 1 @ 110 MAKER",
    "a market order": "sell 1",
    "a stop loss": "sell 1 STOP 90",
    "a stop loss limit": "sell 1 @ 89 STOP 90",
    "a take profit": "sell 1 TAKE 120",
    "a take profit limit": "sell 1 @ 119 TAKE 120",
    "a trailing stop": "sell 1 STOP trail 500",
    "an order on the same side": "buy 1 @ 95",
}


@pytest.mark.parametrize("pending", PENDING.values(), ids=PENDING)
def test_every_type_may_be_pending(story: Story, pending: str) -> None:
    story(f"""
        market trades at 100
        alice oto as L1: buy 2 @ 100 as W | {pending} as P       -> W NEW, P PENDING_NEW
        alice cancel W                                           -> CANCELED W
        alice sees P CANCELED 0/1
        alice sees list L1 ALL_DONE
        alice has 1000 + 0 BTC
        alice has 100000 + 0 USDT
    """)


@pytest.mark.parametrize(
    ("pending", "trigger", "seen"),
    [
        ("sell 1 STOP 90", "90", "FILLED 1/1"),
        ("sell 1 @ 95 STOP 90", "90", "NEW 0/1 isWorking=true"),
        ("sell 1 TAKE 120", "120", "FILLED 1/1"),
        ("sell 1 @ 125 TAKE 120", "120", "NEW 0/1 isWorking=true"),
        ("sell 1 @ 95 STOP trail 1000", "90", "NEW 0/1 isWorking=true"),
    ],
)
def test_a_pending_stop_order_waits_twice(story: Story, pending: str, trigger: str, seen: str) -> None:
    story(f"""
        carol buy 5 @ 50 as C1
        market trades at 105
        alice oto as L1: buy 2 @ 100 as W | {pending} as P       -> W NEW, P PENDING_NEW
        market trades at 101
        alice sees P PENDING_NEW 0/1
        bob   sell 2 @ 100                                       -> FILLED 2@100
        alice sees P NEW 0/1 isWorking=false
        market trades at {trigger}
        alice sees P {seen}
    """)


def test_a_working_order_that_expires_takes_the_pending_one_along(story: Story) -> None:
    story("""
        bob   sell 1 @ 100 as B1
        alice oto as L1: buy 2 @ 100 IOC as W | sell 1 @ 110 as P
            -> W EXPIRED UNFILLED_IOC_QUANTITY_EXPIRED 1@100, P PENDING_NEW
        alice sees P EXPIRED 0/1 OTO_PHASE_ONE_EXPIRED
        alice sees list L1 ALL_DONE
        alice has 1001 + 0 BTC
        alice has 99900 + 0 USDT
        alice opens nothing
    """)


def test_a_working_order_that_must_be_filled_in_full(story: Story) -> None:
    story("""
        bob   sell 1 @ 100 as B1
        alice oto as L1: buy 2 @ 100 FOK as W | sell 1 @ 110 as P    -> W EXPIRED UNFILLED_FOK_ORDER_EXPIRED, P PENDING_NEW
        alice sees P EXPIRED 0/1 OTO_PHASE_ONE_EXPIRED
        alice oto as L2: buy 1 @ 100 FOK as W | sell 1 @ 110 as P    -> W FILLED 1@100, P PENDING_NEW
        alice sees P NEW 0/1
    """)


def test_a_working_order_that_self_trade_prevention_ends(story: Story) -> None:
    story("""
        alice sell 1 @ 100 as A1
        alice oto as L1 stp EXPIRE_TAKER: buy 2 @ 100 as W | sell 1 @ 110 as P -> W EXPIRED_IN_MATCH prevented=2, P PENDING_NEW
        alice sees P EXPIRED 0/1 OTO_PHASE_ONE_EXPIRED
        alice sees list L1 ALL_DONE
        alice opens A1
    """)


@pytest.mark.parametrize("cancel", ["cancel W", "cancel P", "cancel list L1", "cancel all"])
def test_a_cancel_of_one_is_a_cancel_of_all(story: Story, cancel: str) -> None:
    told = {"cancel W": "CANCELED W", "cancel P": "CANCELED P"}.get(cancel, "CANCELED W P")
    story(f"""
        alice oto as L1: buy 2 @ 100 as W | sell 1 @ 110 as P
        bob   sell 1 @ 100
        alice {cancel}                                               -> {told}
        alice sees W CANCELED 1/2
        alice sees P CANCELED 0/1
        alice sees list L1 ALL_DONE
        alice has 1001 + 0 BTC
        alice has 99900 + 0 USDT
    """)


def test_after_the_working_order_the_pending_one_is_alone(story: Story) -> None:
    story("""
        alice oto as L1: buy 2 @ 100 as W | sell 1 @ 110 as P
        bob   sell 2 @ 100
        alice sees list L1 EXECUTING
        alice cancel P                                               -> CANCELED P
        alice sees W FILLED 2/2
        alice sees list L1 ALL_DONE
    """)


def test_a_pending_limit_maker_that_would_take_expires(story: Story) -> None:
    story("""
        carol buy 1 @ 115 as C1
        alice oto as L1: buy 1 @ 120 as W | sell 1 @ 110 MAKER as P  -> W NEW, P PENDING_NEW
        bob   sell 1 @ 120                                           -> FILLED 1@120
        alice sees P EXPIRED 0/1 REJECTED
        alice sees list L1 ALL_DONE
        alice has 1001 + 0 BTC
    """)


def test_a_pending_stop_order_that_would_trigger_expires(story: Story) -> None:
    story("""
        market trades at 105
        alice oto as L1: buy 1 @ 100 as W | sell 1 @ 90 STOP 102 as P    -> W NEW, P PENDING_NEW
        bob   sell 1 @ 100                                               -> FILLED 1@100
        alice sees P EXPIRED 0/1 REJECTED
        alice sees list L1 ALL_DONE
    """)


def test_a_working_limit_maker(story: Story) -> None:
    story("""
        bob   sell 1 @ 100 as B1
        alice oto as L1: buy 1 @ 100 MAKER as W | sell 1 @ 110 as P  -> 400 -2010 Order would immediately match and take.
        alice opens nothing
        alice oto as L1: buy 1 @ 99 MAKER as W | sell 1 @ 110 as P   -> W NEW, P PENDING_NEW
    """)


def test_both_orders_must_be_paid_for(story: Story) -> None:
    poor = "400 -2010 Account has insufficient balance for requested action."
    story(f"""
        alice oto as L1: buy 1000.1 @ 100 as W | sell 1 @ 110 as P   -> {poor}
        alice oto as L1: buy 1 @ 100 as W | sell 1000.1 @ 110 as P   -> {poor}
        alice oto as L1: sell 1 @ 100 as W | buy 1000.1 @ 100 as P   -> {poor}
        alice oto as L1: buy 501 @ 100 as W | buy 500 @ 100 as P     -> {poor}
        alice oto as L1: buy 500 @ 100 as W | buy 500 @ 100 as P     -> W NEW, P PENDING_NEW
        alice has 0 + 100000 USDT
    """)


def test_working_orders_are_limit_orders() -> None:
    door = RestStoryDoor((make_symbol(),), "10 BTC 1000 USDT", None)
    params = {"symbol": "BTCUSDT", "workingSide": "BUY", "workingQuantity": "1", "workingPrice": "1"}
    params |= {"pendingType": "MARKET", "pendingSide": "SELL", "pendingQuantity": "1"}
    for kind in ("MARKET", "STOP_LOSS", "STOP_LOSS_LIMIT", "TAKE_PROFIT", "TAKE_PROFIT_LIMIT", "NONSENSE"):
        status, reply = door.send("alice", "POST", "orderList/oto", params | {"workingType": kind})
        assert status == 400, (kind, reply)
        assert reply["code"] in (-1116, -1130, -1014, -1106), (kind, reply)


def test_a_pegged_working_order_enters_at_once_and_a_pegged_pending_one_when_it_is_placed(story: Story) -> None:
    story("""
        bob   buy 1 @ 99 as B1
        bob   sell 1 @ 110 as B2
        alice oto as L1: buy 1 peg PRIMARY as W | sell 1 peg PRIMARY as P    -> W NEW, P PENDING_NEW
        alice sees W NEW 0/1 peggedPrice=99 price=0
        alice sees P PENDING_NEW 0/1 peggedPrice=-
        bob   sell 1 @ 108 as B3
        carol sell 2 @ 99                                                    -> FILLED 1@99 1@99
        alice sees P NEW 0/1 peggedPrice=108
        book
        | | 110 | B2:1     |
        | | 108 | B3:1 P:1 |
    """)


def test_a_pegged_pending_order_that_finds_no_price_expires(story: Story) -> None:
    story("""
        alice oto as L1: buy 1 @ 100 as W | sell 1 peg PRIMARY as P          -> W NEW, P PENDING_NEW
        bob   sell 1 @ 100                                                   -> FILLED 1@100
        alice sees P EXPIRED 0/1 REJECTED
        alice has 1001 + 0 BTC
    """)


# ---- OTOCO

OTOCO = "alice otoco as L1: buy 2 @ 100 as W | sell 2 MAKER @ 120 as P1 | STOP 90 @ 89 as P2"


def test_the_pending_pair_becomes_an_oco(story: Story) -> None:
    story(f"""
        market trades at 105
        {OTOCO}                                                      -> W NEW, P1 PENDING_NEW, P2 PENDING_NEW
        alice counts 3
        alice has 99800 + 200 USDT
        alice has 998 + 2 BTC
        market trades at 101
        bob   sell 2 @ 100                                           -> FILLED 2@100
        alice sees W FILLED 2/2
        alice sees P1 NEW 0/2 isWorking=true
        alice sees P2 NEW 0/2 isWorking=false
        alice sees list L1 EXECUTING
        alice has 1000 + 2 BTC
        book
        | | 120 | P1:2 |
        bob   buy 1 @ 120                                            -> FILLED 1@120
        alice sees P1 PARTIALLY_FILLED 1/2
        alice sees P2 EXPIRED 0/2 OCO_TRIGGER
        bob   buy 1 @ 120                                            -> FILLED 1@120
        alice sees list L1 ALL_DONE
        alice has 1000 + 0 BTC
    """)


def test_the_stop_of_the_pair_triggers(story: Story) -> None:
    story(f"""
        market trades at 105
        {OTOCO}
        bob   sell 2 @ 100
        market trades at 90
        alice sees P1 EXPIRED 0/2 OCO_TRIGGER
        alice sees P2 NEW 0/2 isWorking=true
        book
        | | 89 | P2:2 |
    """)


@pytest.mark.parametrize("named", ["W", "P1", "P2"])
@pytest.mark.parametrize("phase", ["before", "after"])
def test_a_cancel_of_any_of_three(story: Story, named: str, phase: str) -> None:
    if phase == "after" and named == "W":
        return
    fill = "bob sell 2 @ 100" if phase == "after" else ""
    story(f"""
        market trades at 105
        {OTOCO}
        {fill}
        alice cancel {named}                                         -> CANCELED {named}
        alice sees W {"FILLED 2/2" if fill else "CANCELED 0/2"}
        alice sees P1 CANCELED 0/2
        alice sees P2 CANCELED 0/2
        alice sees list L1 ALL_DONE
        alice opens nothing
        alice has {1002 if fill else 1000} + 0 BTC
    """)


def test_an_expiring_working_order_takes_both_along(story: Story) -> None:
    story("""
        market trades at 105
        alice otoco as L1: buy 2 @ 100 IOC as W | sell 2 MAKER @ 120 as P1 | STOP 90 as P2
            -> W EXPIRED UNFILLED_IOC_QUANTITY_EXPIRED, P1 PENDING_NEW, P2 PENDING_NEW
        alice sees P1 EXPIRED 0/2 OTO_PHASE_ONE_EXPIRED
        alice sees P2 EXPIRED 0/2 OTO_PHASE_ONE_EXPIRED
        alice sees list L1 ALL_DONE
    """)


def test_a_pending_pair_must_be_the_right_way_round(story: Story) -> None:
    wrong = "400 The relationship of the prices for the orders is not correct."
    story(f"""
        market trades at 105
        alice otoco as L1: buy 2 @ 100 as W | sell 2 MAKER @ 90 as P1 | STOP 95 as P2       -> {wrong}
        alice otoco as L1: sell 2 @ 110 as W | buy 2 STOP 90 as P1 | MAKER @ 95 as P2       -> {wrong}
        alice otoco as L1: sell 2 @ 110 as W | buy 2 STOP 130 as P1 | MAKER @ 95 as P2
            -> W NEW, P1 PENDING_NEW, P2 PENDING_NEW
    """)


def test_a_pair_of_buys_is_held_at_the_dearer_one(story: Story) -> None:
    story("""
        alice otoco as L1: sell 1 @ 100 as W | buy 2 STOP 130 @ 131 as P1 | MAKER @ 80 as P2
        alice has 99738 + 262 USDT
        bob buy 1 @ 100
        alice has 99838 + 262 USDT
        alice cancel list L1       -> CANCELED P1 P2
        alice has 100100 + 0 USDT
    """)


# ---- the replies, field by field


def _door() -> RestStoryDoor:
    door = tell("market trades at 4", make_symbol(name="LTCBTC", base="LTC", quote="BTC"), door="rest", purse="100 LTC 100 BTC")
    assert isinstance(door, RestStoryDoor)
    return door


def _head(reply: Any) -> dict[str, Any]:
    orders = [
        {"symbol": "LTCBTC", "orderId": one["orderId"], "clientOrderId": one["clientOrderId"]} for one in reply["orderReports"]
    ]
    return {
        "orderListId": 0,
        "contingencyType": "OTO",
        "listStatusType": "EXEC_STARTED",
        "listOrderStatus": "EXECUTING",
        "listClientOrderId": ...,
        "transactionTime": ...,
        "symbol": "LTCBTC",
        "orders": orders,
    }


def _report(**said: Any) -> dict[str, Any]:
    return sample(PLACED, symbol="LTCBTC", orderListId=0, **said)


WORKING = {
    "symbol": "LTCBTC",
    "workingType": "LIMIT",
    "workingSide": "SELL",
    "workingPrice": "5",
    "workingQuantity": "1",
    "workingTimeInForce": "GTC",
    "newOrderRespType": "RESULT",
}


def test_the_reply_of_an_oto() -> None:
    params = WORKING | {"pendingType": "MARKET", "pendingSide": "BUY", "pendingQuantity": "5"}
    status, reply = _door().send("alice", "POST", "orderList/oto", params)
    assert status == 200, reply
    working = _report(price="5", origQty="1", side="SELL", workingTime=reply["transactionTime"])
    pending = _report(price="0", origQty="5", side="BUY", type="MARKET", status="PENDING_NEW", workingTime=-1)
    agree(reply, _head(reply) | {"orderReports": [working, pending]})


def test_the_reply_of_an_otoco() -> None:
    params = WORKING | {
        "pendingSide": "BUY",
        "pendingQuantity": "5",
        "pendingAboveType": "STOP_LOSS_LIMIT",
        "pendingAbovePrice": "1",
        "pendingAboveStopPrice": "6",
        "pendingAboveTimeInForce": "IOC",
        "pendingBelowType": "LIMIT_MAKER",
        "pendingBelowPrice": "3",
    }
    status, reply = _door().send("alice", "POST", "orderList/otoco", params)
    assert status == 200, reply
    pending: dict[str, Any] = {"origQty": "5", "side": "BUY", "status": "PENDING_NEW", "workingTime": -1}
    reports = [
        _report(price="5", origQty="1", side="SELL", workingTime=reply["transactionTime"]),
        _report(price="1", stopPrice="6", type="STOP_LOSS_LIMIT", timeInForce="IOC", **pending),
        _report(price="3", type="LIMIT_MAKER", **pending),
    ]
    agree(reply, _head(reply) | {"orderReports": reports})


@pytest.mark.parametrize(("kind", "fields"), [("ACK", 5), ("RESULT", 16), ("FULL", 17)])
def test_how_much_is_told_of_the_orders(kind: str, fields: int) -> None:
    params = WORKING | {"pendingType": "MARKET", "pendingSide": "BUY", "pendingQuantity": "5", "newOrderRespType": kind}
    status, reply = _door().send("alice", "POST", "orderList/oto", params)
    assert status == 200, reply
    assert len(reply["orderReports"][0]) == fields, reply["orderReports"][0]
