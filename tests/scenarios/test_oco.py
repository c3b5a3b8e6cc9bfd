"""rest-api.md, New Order list - OCO: price relations, types of legs, and what one leg's fate does to the other."""

from typing import Any

import pytest

from tests.support.rest_story_door import RestStoryDoor
from tests.support.samples import PLACED, agree, sample
from tests.support.stories import Story
from tests.support.story_doors import story as tell
from tests.support.worlds import make_symbol

WRONG = "400 -2010 The relationship of the prices for the orders is not correct."

# a market at 100; sell: limit > last > stop, buy: limit < last < stop
RELATIONS = [
    ("sell", "MAKER @ 101", "STOP 99", True),
    ("sell", "MAKER @ 101", "STOP 99 @ 120", True),
    ("sell", "MAKER @ 100", "STOP 99", False),
    ("sell", "MAKER @ 101", "STOP 100", False),
    ("sell", "MAKER @ 98", "STOP 97", False),
    ("sell", "MAKER @ 103", "STOP 102 @ 95", False),
    ("sell", "TAKE 101", "STOP 99", True),
    ("sell", "TAKE 101", "STOP 99 @ 98", True),
    ("sell", "TAKE 100", "STOP 99", False),
    ("sell", "TAKE 101", "STOP 100", False),
    ("sell", "TAKE 101 @ 101", "STOP 99", True),
    ("sell", "TAKE 110 @ 101", "STOP 99 @ 98", True),
    ("sell", "TAKE 110 @ 100", "STOP 99 @ 98", False),
    ("sell", "TAKE 110 @ 99.5", "STOP 99", False),
    ("buy", "STOP 101", "MAKER @ 99", True),
    ("buy", "STOP 101 @ 80", "MAKER @ 99", True),
    ("buy", "STOP 101", "MAKER @ 100", False),
    ("buy", "STOP 100", "MAKER @ 99", False),
    ("buy", "STOP 103", "MAKER @ 102", False),
    ("buy", "STOP 98 @ 105", "MAKER @ 97", False),
    ("buy", "STOP 101", "TAKE 99", True),
    ("buy", "STOP 101 @ 102", "TAKE 99", True),
    ("buy", "STOP 101", "TAKE 100", False),
    ("buy", "STOP 100", "TAKE 99", False),
    ("buy", "STOP 101", "TAKE 99 @ 99", True),
    ("buy", "STOP 101 @ 102", "TAKE 90 @ 99", True),
    ("buy", "STOP 101 @ 102", "TAKE 90 @ 100", False),
    ("buy", "STOP 101", "TAKE 90 @ 100.5", False),
]


@pytest.mark.parametrize(("side", "above", "below", "allowed"), RELATIONS)
def test_the_relation_of_the_prices(story: Story, side: str, above: str, below: str, allowed: bool) -> None:
    stop_first = above.startswith("STOP")
    opened = ("P1 P2" if stop_first else "P2 P1") if allowed else "nothing"
    story(f"""
        market trades at 100
        alice oco {side} 1 as L1: {above} as P1 | {below} as P2    -> {"P1 NEW, P2 NEW" if allowed else WRONG}
        alice opens {opened}
    """)


def test_a_pair_holds_what_the_dearer_leg_needs(story: Story) -> None:
    story("""
        market trades at 100
        alice oco sell 2 as L1: MAKER @ 110 as P1 | STOP 90 @ 89 as P2
        alice has 998 + 2 BTC
        bob   oco buy 2 as L2: STOP 110 @ 120 as Q1 | MAKER @ 90 as Q2
        bob   has 99760 + 240 USDT
        alice cancel list L1     -> CANCELED P2 P1
        bob   cancel list L2     -> CANCELED Q1 Q2
        alice has 1000 + 0 BTC
        bob   has 100000 + 0 USDT
    """)


@pytest.mark.parametrize("filled", ["2", "1"], ids=["in full", "in part"])
def test_a_fill_of_the_limit_leg_ends_the_stop_leg(story: Story, filled: str) -> None:
    status = "FILLED" if filled == "2" else "PARTIALLY_FILLED"
    story(f"""
        market trades at 100
        alice oco sell 2 as L1: MAKER @ 110 as P1 | STOP 90 @ 89 as P2
        alice sees list L1 EXECUTING
        alice sees P1 NEW 0/2 isWorking=true
        alice sees P2 NEW 0/2 isWorking=false
        bob   buy {filled} @ 110                    -> FILLED {filled}@110
        alice sees P1 {status} {filled}/2 expiryReason=-
        alice sees P2 EXPIRED 0/2 OCO_TRIGGER
        alice sees list L1 {"ALL_DONE" if filled == "2" else "EXECUTING"}
        market trades at 109 85
        alice has 998 + {2 - int(filled)} BTC
    """)


def test_a_trigger_of_the_stop_leg_ends_the_limit_leg(story: Story) -> None:
    story("""
        market trades at 100
        alice oco sell 2 as L1: MAKER @ 110 as P1 | STOP 90 @ 120 as P2
        market trades at 90
        alice sees P1 EXPIRED 0/2 OCO_TRIGGER
        alice sees P2 NEW 0/2 isWorking=true
        alice sees list L1 EXECUTING
        alice has 998 + 2 BTC
        book
        | | 120 | P2:2 |
        bob   buy 2 @ 120                          -> FILLED 2@120
        alice sees P2 FILLED 2/2
        alice sees list L1 ALL_DONE
    """)


def test_a_trigger_of_a_market_leg(story: Story) -> None:
    story("""
        bob   buy 5 @ 50 as B1
        market trades at 100
        alice oco sell 2 as L1: TAKE 110 as P1 | STOP 90 as P2    -> P1 NEW, P2 NEW
        market trades at 90
        alice sees P1 EXPIRED 0/2 OCO_TRIGGER
        alice sees P2 FILLED 2/2
        alice sees list L1 ALL_DONE
        alice has 998 + 0 BTC
        alice has 100100 + 0 USDT
    """)


@pytest.mark.parametrize(
    ("above", "below", "trigger", "gone", "working"),
    [
        ("TAKE 110 @ 120", "STOP 90 @ 130", "110", "P2", "P1"),
        ("TAKE 110 @ 120", "STOP 90 @ 130", "90", "P1", "P2"),
    ],
)
def test_of_two_waiting_legs_the_first_to_trigger_ends_the_other(
    story: Story, above: str, below: str, trigger: str, gone: str, working: str
) -> None:
    story(f"""
        market trades at 100
        alice oco sell 2 as L1: {above} as P1 | {below} as P2
        book
        market trades at {trigger}
        alice sees {gone} EXPIRED 0/2 OCO_TRIGGER
        alice sees {working} NEW 0/2 isWorking=true
        alice opens {working}
    """)


def test_an_expiry_of_a_leg_ends_the_other(story: Story) -> None:
    story("""
        market trades at 100
        alice oco sell 2 as L1: MAKER @ 110 as P1 | STOP 90 @ 200 IOC as P2
        market trades at 90
        alice sees P1 EXPIRED 0/2 OCO_TRIGGER
        alice sees P2 EXPIRED 0/2 UNFILLED_IOC_QUANTITY_EXPIRED
        alice sees list L1 ALL_DONE
        alice has 1000 + 0 BTC
    """)


@pytest.mark.parametrize("cancel", ["cancel P1", "cancel P2", "cancel list L1", "cancel all"])
def test_a_cancel_of_one_leg_is_a_cancel_of_both(story: Story, cancel: str) -> None:
    told = {"cancel P1": "CANCELED P1", "cancel P2": "CANCELED P2"}.get(cancel, "CANCELED P2 P1")
    story(f"""
        market trades at 100
        alice oco sell 2 as L1: MAKER @ 110 as P1 | STOP 90 as P2
        alice {cancel}       -> {told}
        alice sees P1 CANCELED 0/2 expiryReason=-
        alice sees P2 CANCELED 0/2 expiryReason=-
        alice sees list L1 ALL_DONE
        alice has 1000 + 0 BTC
        book
    """)


def test_cancel_all_takes_lists_and_orders_in_order_of_placement(story: Story) -> None:
    story("""
        market trades at 100
        alice buy 1 @ 50 as A1
        alice oco sell 2 as L1: MAKER @ 110 as P1 | STOP 90 as P2
        alice buy 1 @ 51 as A2
        bob   buy 1 @ 52 as B1
        alice cancel all                        -> CANCELED A1 P2 P1 A2
        bob   opens B1
    """)


def test_a_limit_leg_that_would_take_refuses_the_whole(story: Story) -> None:
    story("""
        market trades at 100
        bob buy 1 @ 105 as B1
        alice oco sell 2 as L1: MAKER @ 104 as P1 | STOP 90 as P2    -> 400 -2010 Order would immediately match and take.
        alice opens nothing
        alice has 1000 + 0 BTC
    """)


def test_too_little_money_refuses_the_whole(story: Story) -> None:
    story("""
        market trades at 100
        alice oco sell 1000.1 as L1: MAKER @ 110 as P1 | STOP 90 as P2
            -> 400 -2010 Account has insufficient balance for requested action.
        alice opens nothing
    """)


def test_list_client_order_ids_are_unique_among_open_lists(story: Story) -> None:
    duplicate = "400 -2010 Duplicate order sent."
    story(f"""
        market trades at 100
        alice oco sell 1 as L1: MAKER @ 110 as P1 | STOP 90 as P2
        alice oco sell 1 as L1: MAKER @ 110 as P3 | STOP 90 as P4    -> {duplicate}
        alice oco sell 1 as L2: MAKER @ 110 as P1 | STOP 90 as P4    -> {duplicate}
        alice oco sell 1 as L2: MAKER @ 110 as P3 | STOP 90 as P3    -> {duplicate}
        bob   oco sell 1 as L1: MAKER @ 110 as P1 | STOP 90 as P2    -> P1 NEW, P2 NEW
        alice cancel list L1
        alice oco sell 1 as L1: MAKER @ 110 as P1 | STOP 90 as P2    -> P1 NEW, P2 NEW
        bob   cancel P1
        bob   oco sell 1 as L1: MAKER @ 110 as P1 | STOP 90 as P2    -> P1 NEW, P2 NEW
    """)


def test_a_list_counts_as_two_orders(story: Story) -> None:
    story("""
        market trades at 100
        alice oco sell 1 as L1: MAKER @ 110 as P1 | STOP 90 as P2
        alice counts 2
    """)


def test_a_pegged_limit_leg_enters_at_the_best_price(story: Story) -> None:
    story("""
        bob   sell 1 @ 110 as B1
        market trades at 100
        alice oco sell 2 as L1: MAKER peg PRIMARY as P1 | STOP 90 as P2    -> P1 NEW, P2 NEW
        alice sees P1 NEW 0/2 price=0 peggedPrice=110
        book
        | | 110 | B1:1 P1:2 |
    """)


def test_a_pegged_stop_leg_chooses_its_price_when_it_triggers(story: Story) -> None:
    story("""
        bob   buy 1 @ 70 as B1
        market trades at 100
        alice oco sell 2 as L1: MAKER @ 110 as P1 | STOP 90 peg MARKET as P2    -> P1 NEW, P2 NEW
        alice sees P2 NEW 0/2 peggedPrice=-
        bob   buy 1 @ 80 as B2
        market trades at 90
        alice sees P2 PARTIALLY_FILLED 1/2 peggedPrice=80
        book
        |      | 80 | P2:1 |
        | B1:1 | 70 |      |
    """)


# ---- the replies, field by field


def _leg(order: dict[str, Any], **said: Any) -> dict[str, Any]:
    return sample(PLACED, symbol="LTCBTC", orderListId=0, transactTime=order["transactTime"], **said)


def _door() -> RestStoryDoor:
    door = tell("market trades at 2", make_symbol(name="LTCBTC", base="LTC", quote="BTC"), door="rest", purse="100 LTC 100 BTC")
    assert isinstance(door, RestStoryDoor)
    return door


OCO = {
    "symbol": "LTCBTC",
    "side": "SELL",
    "quantity": "5",
    "aboveType": "LIMIT_MAKER",
    "abovePrice": "3",
    "belowType": "STOP_LOSS_LIMIT",
    "belowPrice": "1",
    "belowStopPrice": "1",
    "belowTimeInForce": "GTC",
    "belowIcebergQty": "1",
    "newOrderRespType": "RESULT",
}


def _check_oco(reply: Any, *, iceberg: bool) -> None:
    at = reply["transactionTime"]
    stop, limit = reply["orderReports"]
    names = [{"symbol": "LTCBTC", "orderId": one["orderId"], "clientOrderId": one["clientOrderId"]} for one in (stop, limit)]
    shown = {"icebergQty": "1"} if iceberg else {}
    wanted = {
        "orderListId": 0,
        "contingencyType": "OCO",
        "listStatusType": "EXEC_STARTED",
        "listOrderStatus": "EXECUTING",
        "listClientOrderId": ...,
        "transactionTime": at,
        "symbol": "LTCBTC",
        "orders": names,
        "orderReports": [
            _leg(stop, type="STOP_LOSS_LIMIT", price="1", stopPrice="1", origQty="5", side="SELL", workingTime=-1, **shown),
            _leg(limit, type="LIMIT_MAKER", price="3", origQty="5", side="SELL", workingTime=at),
        ],
    }
    agree(reply, wanted)
    assert limit["orderId"] == stop["orderId"] + 1


def test_the_reply_of_an_oco() -> None:
    status, reply = _door().send("alice", "POST", "orderList/oco", OCO)
    assert status == 200, reply
    _check_oco(reply, iceberg=True)


def test_the_reply_of_an_oco_as_older_clients_send_it() -> None:
    params = {
        "symbol": "LTCBTC",
        "side": "SELL",
        "quantity": "5",
        "price": "3",
        "stopPrice": "1",
        "stopLimitPrice": "1",
        "stopLimitTimeInForce": "GTC",
        "stopIcebergQty": "1",
        "newOrderRespType": "RESULT",
    }
    status, reply = _door().send("alice", "POST", "order/oco", params)
    assert status == 200, reply
    _check_oco(reply, iceberg=True)


def test_an_oco_as_older_clients_send_it_in_short() -> None:
    door = _door()
    params = {"symbol": "LTCBTC", "side": "BUY", "quantity": "5", "price": "1", "stopPrice": "3"}
    names = {"listClientOrderId": "L1", "limitClientOrderId": "P1", "stopClientOrderId": "P2"}
    status, reply = door.send("alice", "POST", "order/oco", params | names)
    assert status == 200, reply
    assert [order["clientOrderId"] for order in reply["orders"]] == ["P2", "P1"]
    assert reply["listClientOrderId"] == "L1"
    shown = [door.order("alice", cid, "LTCBTC") for cid in ("P1", "P2")]
    assert [(order["type"], order["side"]) for order in shown] == [("LIMIT_MAKER", "BUY"), ("STOP_LOSS", "BUY")]
    status, reply = door.send("alice", "POST", "order/oco", params | {"price": "2.5"})
    assert (status, reply["code"], reply["msg"]) == (400, -2010, WRONG.partition(" ")[2].partition(" ")[2])


OLDER = {"symbol": "LTCBTC", "side": "SELL", "quantity": "5", "price": "3", "stopPrice": "1"}


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({}, ("STOP_LOSS", {})),
        (
            {"stopLimitPrice": "0.9", "stopLimitTimeInForce": "FOK"},
            ("STOP_LOSS_LIMIT", {"price": "0.90000000", "timeInForce": "FOK"}),
        ),
        ({"trailingDelta": "100"}, ("STOP_LOSS", {"trailingDelta": 100})),
        ({"stopStrategyId": "5", "stopStrategyType": "1000001"}, ("STOP_LOSS", {"strategyId": 5, "strategyType": 1000001})),
    ],
)
def test_the_stop_leg_as_older_clients_send_it(changes: dict[str, str], shown: tuple[str, dict[str, Any]]) -> None:
    status, reply = _door().send("alice", "POST", "order/oco", OLDER | changes | {"newOrderRespType": "RESULT"})
    assert status == 200, reply
    stop, limit = reply["orderReports"]
    assert (stop["type"], stop["stopPrice"], limit["type"], limit["price"]) == (
        shown[0],
        "1.00000000",
        "LIMIT_MAKER",
        "3.00000000",
    )
    assert {name: stop[name] for name in shown[1]} == shown[1]


@pytest.mark.parametrize("missing", ["side", "quantity", "price", "stopPrice", "stopLimitTimeInForce"])
def test_what_older_clients_have_to_send(missing: str) -> None:
    params = OLDER | {"stopLimitPrice": "0.9", "stopLimitTimeInForce": "GTC"}
    status, reply = _door().send(
        "alice", "POST", "order/oco", {name: value for name, value in params.items() if name != missing}
    )
    assert (status, reply["code"]) == (400, -1102), reply
    assert missing in reply["msg"]


# side, above, below, the codes of errors.md from -1158 on that say what is wrong with it
MISFITS = [
    ("SELL", "LIMIT", "STOP_LOSS", (-1158,)),
    ("SELL", "MARKET", "STOP_LOSS", (-1158,)),
    ("SELL", "LIMIT_MAKER", "LIMIT_MAKER", (-1168,)),
    ("BUY", "LIMIT_MAKER", "STOP_LOSS", (-1165, -1196)),
    ("SELL", "STOP_LOSS", "LIMIT_MAKER", (-1166, -1197)),
    ("BUY", "STOP_LOSS", "STOP_LOSS", (-1196,)),
    ("BUY", "STOP_LOSS_LIMIT", "STOP_LOSS_LIMIT", (-1196,)),
    ("SELL", "STOP_LOSS", "STOP_LOSS_LIMIT", (-1197,)),
    ("BUY", "TAKE_PROFIT", "TAKE_PROFIT", (-1198,)),
    ("BUY", "TAKE_PROFIT", "STOP_LOSS", (-1196, -1198)),
    ("SELL", "TAKE_PROFIT_LIMIT", "TAKE_PROFIT", (-1199,)),
    ("SELL", "STOP_LOSS", "TAKE_PROFIT_LIMIT", (-1197, -1199)),
]


def _leg_params(leg: str, kind: str, price: str) -> dict[str, str]:
    params = {f"{leg}Type": kind}
    if kind.startswith("LIMIT") or kind.endswith("_LIMIT"):
        params[f"{leg}Price"] = price
    if not kind.startswith("LIMIT") and kind != "MARKET":
        params[f"{leg}StopPrice"] = price
    return params | ({f"{leg}TimeInForce": "GTC"} if kind.endswith("_LIMIT") else {})


@pytest.mark.parametrize(("side", "above", "below", "codes"), MISFITS)
def test_pairs_that_cannot_be(side: str, above: str, below: str, codes: tuple[int, ...]) -> None:
    params = {"symbol": "LTCBTC", "side": side, "quantity": "5"}
    params |= _leg_params("above", above, "3") | _leg_params("below", below, "1")
    status, reply = _door().send("alice", "POST", "orderList/oco", params)
    assert status == 400, reply
    assert reply["code"] in codes, reply


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"belowTimeInForce": "IOC"}, -1160),
        ({"belowIcebergQty": None, "belowTimeInForce": None}, -1102),
        ({"abovePrice": None}, -1102),
        ({"belowStopPrice": None}, -1102),
        ({"aboveType": "NONSENSE"}, -1116),
        ({"quantity": None}, -1102),
    ],
)
def test_legs_that_lack_something(changes: dict[str, str | None], code: int) -> None:
    params = {name: value for name, value in (OCO | changes).items() if value is not None}
    status, reply = _door().send("alice", "POST", "orderList/oco", params)
    assert (status, reply["code"]) == (400, code), reply


def test_the_reply_of_a_cancelled_list() -> None:
    door = _door()
    placed = door.send("alice", "POST", "orderList/oco", {k: v for k, v in OCO.items() if k != "belowIcebergQty"})[1]
    params = {"symbol": "LTCBTC", "orderListId": 0, "newClientOrderId": "bye"}
    status, reply = door.send("alice", "DELETE", "orderList", params)
    assert status == 200, reply
    fields = PLACED.replace("workingTime", "")
    legs = [
        sample(fields, symbol="LTCBTC", orderListId=0, clientOrderId="bye", status="CANCELED", side="SELL", origQty="5", **said)
        | {"origClientOrderId": order["clientOrderId"], "orderId": order["orderId"]}
        for order, said in zip(
            placed["orders"],
            ({"type": "STOP_LOSS_LIMIT", "price": "1", "stopPrice": "1"}, {"type": "LIMIT_MAKER", "price": "3"}),
            strict=True,
        )
    ]
    wanted = {
        "orderListId": 0,
        "contingencyType": "OCO",
        "listStatusType": "ALL_DONE",
        "listOrderStatus": "ALL_DONE",
        "listClientOrderId": placed["listClientOrderId"],
        "transactionTime": ...,
        "symbol": "LTCBTC",
        "orders": placed["orders"],
        "orderReports": legs,
    }
    agree(reply, wanted)
    del wanted["orderReports"]
    agree(door.send("alice", "GET", "orderList", {"orderListId": 0})[1], wanted)
    assert door.send("alice", "DELETE", "orderList", params)[0] == 400
    assert door.send("alice", "DELETE", "orderList", params)[1]["code"] == -2011


def test_number_and_name_of_a_list_must_agree(story: Story) -> None:
    story("""
        market trades at 100
        alice oco sell 1 as L0: MAKER @ 110 as P0 | STOP 90 as Q0
        alice oco sell 1 as L1: MAKER @ 110 as P1 | STOP 90 as Q1
        alice cancel list L1 #0      -> 400 -2011 Unknown order list sent.
        alice cancel list L1 #1      -> CANCELED Q1 P1
        alice cancel list #1         -> 400 -2011 Unknown order list sent.
        bob   cancel list #0         -> 400 -2011 Unknown order list sent.
        alice cancel list #0         -> CANCELED Q0 P0
    """)
