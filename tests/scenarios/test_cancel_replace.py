"""rest-api.md, Cancel an Existing Order and Send a New Order: every row of its table, and the replies."""

from typing import Any

import pytest

from papernet.exchange.allowances import ORDER_LIMIT_10S
from tests.support.rest_story_door import RestStoryDoor
from tests.support.samples import CANCELED, PLACED, agree, sample
from tests.support.stories import Story
from tests.support.story_doors import story as tell
from tests.support.worlds import lot_size, make_symbol, price_filter

TOO_MANY = f"Too many new orders; current limit is {ORDER_LIMIT_10S} orders per 10 SECOND."
# how a new order is refused once it is tried: as a maker it would take
TAKES = "Order would immediately match and take."
CANCEL = {"SUCCESS": "A1", "FAILURE": "A9"}
CANCEL_TOLD = {"SUCCESS": "CANCELED A1", "FAILURE": "Unknown order sent."}
ORDER = {"SUCCESS": "buy 1 @ 9 as A2", "FAILURE": "buy 1 @ 20 MAKER as A2", "NOT_ATTEMPTED": "buy 1 @ 9 as A2"}
ORDER_TOLD = {"SUCCESS": "NEW", "FAILURE": TAKES, "NOT_ATTEMPTED": "NOT_ATTEMPTED"}

WITHIN = [
    ("STOP_ON_FAILURE", "SUCCESS", "SUCCESS", 200),
    ("STOP_ON_FAILURE", "FAILURE", "NOT_ATTEMPTED", 400),
    ("STOP_ON_FAILURE", "SUCCESS", "FAILURE", 409),
    ("ALLOW_FAILURE", "SUCCESS", "SUCCESS", 200),
    ("ALLOW_FAILURE", "FAILURE", "FAILURE", 400),
    ("ALLOW_FAILURE", "FAILURE", "SUCCESS", 409),
    ("ALLOW_FAILURE", "SUCCESS", "FAILURE", 409),
]


@pytest.mark.parametrize("exceeded", ["", "DO_NOTHING", "CANCEL_ONLY"])
@pytest.mark.parametrize(("mode", "cancel", "order", "status"), WITHIN)
def test_within_limits(story: Story, mode: str, cancel: str, order: str, status: int, exceeded: str) -> None:
    code = {200: "", 400: "-2022 ", 409: "-2021 "}[status]
    left = [name for name, opened in (("A1", cancel == "FAILURE"), ("A2", order == "SUCCESS")) if opened]
    story(f"""
        bob   sell 1 @ 20 as B1
        alice buy 1 @ 10 as A1
        alice counts 1
        alice replace {CANCEL[cancel]} {mode} {exceeded}: {ORDER[order]}
            -> {status} {code}{CANCEL_TOLD[cancel]}; {ORDER_TOLD[order]}
        alice opens {" ".join(left) or "nothing"}
        alice counts 2
    """)


def _full(rows: str) -> str:
    """Return rows that come when an account may not place one more order."""
    orders = "\n".join(f"alice buy 1 @ 1 as F{number}" for number in range(ORDER_LIMIT_10S - 1))
    return f"""
        bob   sell 1 @ 20 as B1
        alice buy 1 @ 10 as A1
        {orders}
        alice counts {ORDER_LIMIT_10S}
        {rows}
    """


@pytest.mark.parametrize("mode", ["STOP_ON_FAILURE", "ALLOW_FAILURE"])
@pytest.mark.parametrize("exceeded", ["", "DO_NOTHING"])
@pytest.mark.parametrize("cancel", ["A1", "A9"])
def test_beyond_limits_nothing_is_done(story: Story, mode: str, exceeded: str, cancel: str) -> None:
    story(
        _full(f"""
        alice replace {cancel} {mode} {exceeded}: buy 1 @ 9 as A2      -> 429 -1015 {TOO_MANY}
        alice sees A1 NEW 0/1
        wait 10
        alice replace A1 {mode} {exceeded}: buy 1 @ 9 as A2      -> 200 CANCELED A1; NEW
        """)
    )


BEYOND = [
    ("STOP_ON_FAILURE", "FAILURE", 429, "-2022", "NOT_ATTEMPTED"),
    ("STOP_ON_FAILURE", "SUCCESS", 429, "-2021", TOO_MANY),
    ("ALLOW_FAILURE", "FAILURE", 400, "-2022", TOO_MANY),
    ("ALLOW_FAILURE", "SUCCESS", 409, "-2021", TOO_MANY),
]


@pytest.mark.parametrize(("mode", "cancel", "status", "code", "order"), BEYOND)
def test_beyond_limits_the_cancel_alone_is_tried(
    story: Story, mode: str, cancel: str, status: int, code: str, order: str
) -> None:
    story(
        _full(f"""
        alice replace {CANCEL[cancel]} {mode} CANCEL_ONLY: buy 1 @ 9 as A2
            -> {status} {code} {CANCEL_TOLD[cancel]}; {order}
        alice sees A1 {"CANCELED" if cancel == "SUCCESS" else "NEW"} 0/1
        """)
    )


def test_filters_come_before_everything(story: Story) -> None:
    story(
        """
        alice buy 1 @ 10 as A1
        alice replace A1: buy 1 @ 10.5 as A2                  -> 400 -1013 Filter failure: PRICE_FILTER
        alice replace A1 ALLOW_FAILURE: buy 1.5 @ 10 as A2    -> 400 -1013 Filter failure: LOT_SIZE
        alice replace A9 ALLOW_FAILURE: buy 1.5 @ 10 as A2    -> 400 -1013 Filter failure: LOT_SIZE
        alice opens A1
        alice counts 1
        """,
        make_symbol(price_filter("1", "100", "1"), lot_size("1", "100", "1")),
    )


def test_the_cancel_frees_the_money_and_the_name(story: Story) -> None:
    story("""
        alice buy 1000 @ 100 as A1
        alice has 0 + 100000 USDT
        alice replace A1: buy 999 @ 100 as A1                 -> CANCELED A1; NEW
        alice has 100 + 99900 USDT
        alice replace A1: buy 1001 @ 100 as A2
            -> 409 -2021 CANCELED A1; Account has insufficient balance for requested action.
        alice has 100000 + 0 USDT
        alice opens nothing
    """)


def test_a_name_that_another_order_has(story: Story) -> None:
    story("""
        alice buy 1 @ 10 as A1
        alice buy 1 @ 10 as A2
        alice replace A1: buy 1 @ 9 as A2                     -> 409 -2021 CANCELED A1; Duplicate order sent.
        alice opens A2
    """)


def test_restrictions(story: Story) -> None:
    restricted = "Order was not canceled due to cancel restrictions."
    story(f"""
        alice buy 2 @ 10 as A1
        alice replace A1 ONLY_PARTIALLY_FILLED: buy 1 @ 9 as A2    -> 400 -2022 {restricted}; NOT_ATTEMPTED
        bob   sell 1 @ 10
        alice replace A1 ONLY_NEW ALLOW_FAILURE: buy 1 @ 9 as A2   -> 409 -2021 {restricted}; NEW
        alice replace A1 ONLY_PARTIALLY_FILLED: buy 1 @ 9 as A3    -> 200 CANCELED A1; NEW
        alice replace A2 ONLY_NEW: buy 1 @ 8 as A4                 -> 200 CANCELED A2; NEW
        alice opens A3 A4
    """)


def test_a_member_of_a_list_takes_the_whole_list_along(story: Story) -> None:
    story("""
        market trades at 100
        alice oco sell 1 as L1: MAKER @ 110 as P1 | STOP 90 as P2
        alice replace P1: sell 1 @ 105 as A1                  -> 200 CANCELED P1; NEW
        alice sees P2 CANCELED 0/1
        alice sees list L1 ALL_DONE
        alice opens A1
    """)


def test_the_new_order_may_trade_at_once(story: Story) -> None:
    story("""
        bob   sell 1 @ 20 as B1
        alice buy 2 @ 10 as A1
        alice replace A1: buy 2 @ 20 as A2                    -> 200 CANCELED A1; PARTIALLY_FILLED 1@20
        alice replace A2: buy 1 @ 30 IOC as A3                -> 200 CANCELED A2; EXPIRED UNFILLED_IOC_QUANTITY_EXPIRED
    """)


def test_symbols_may_leave_it_out(story: Story) -> None:
    story(
        """
        alice buy 1 @ 10 as A1
        alice replace A1: buy 1 @ 9 as A2     -> 400 Order cancel-replace is not supported for this symbol.
        alice opens A1
        """,
        make_symbol(cancel_replace_allowed=False),
    )


# ---- the replies, field by field


def _door(*rows: str) -> RestStoryDoor:
    door = tell("\n".join(("bob sell 1 @ 20 as B1", "alice buy 1 @ 10 as A1", *rows)), make_symbol(), door="rest")
    assert isinstance(door, RestStoryDoor)
    return door


REPLACE = {
    "symbol": "BTCUSDT",
    "side": "BUY",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "1",
    "price": "9",
    "cancelReplaceMode": "ALLOW_FAILURE",
    "cancelOrigClientOrderId": "A1",
    "cancelNewClientOrderId": "bye",
    "newClientOrderId": "A2",
}
MAKER = {name: value for name, value in REPLACE.items() if name != "timeInForce"} | {"type": "LIMIT_MAKER"}
GONE = {"code": -2011, "msg": "Unknown order sent."}
REFUSED = {"code": -2010, "msg": TAKES}


def _replace(door: RestStoryDoor, params: dict[str, str]) -> tuple[int, Any]:
    return door.send("alice", "POST", "order/cancelReplace", params)


def _canceled() -> dict[str, Any]:
    return sample(CANCELED, status="CANCELED", side="BUY", price="10", origQty="1", origClientOrderId="A1", clientOrderId="bye")


def _new() -> dict[str, Any]:
    return sample(PLACED, fills=[], side="BUY", price="9", origQty="1", clientOrderId="A2")


def _acked() -> dict[str, Any]:
    return {"symbol": "BTCUSDT", "orderId": ..., "orderListId": -1, "clientOrderId": "A2", "transactTime": ...}


def test_the_reply_of_two_successes() -> None:
    status, reply = _replace(_door(), REPLACE)
    assert status == 200
    wanted = {"cancelResult": "SUCCESS", "newOrderResult": "SUCCESS", "cancelResponse": _canceled(), "newOrderResponse": _new()}
    agree(reply, wanted)


@pytest.mark.parametrize(
    ("params", "status", "cancel", "order"),
    [
        (REPLACE | {"cancelOrigClientOrderId": "A9", "cancelReplaceMode": "STOP_ON_FAILURE"}, 400, GONE, None),
        (MAKER | {"price": "20"}, 409, _canceled(), REFUSED),
        (MAKER | {"cancelOrigClientOrderId": "A9"}, 409, GONE, _acked()),
        (REPLACE | {"cancelOrigClientOrderId": "A9"}, 409, GONE, _new()),
        (MAKER | {"cancelOrigClientOrderId": "A9", "price": "20"}, 400, GONE, REFUSED),
    ],
)
def test_the_replies_of_failures(params: dict[str, str], status: int, cancel: Any, order: Any) -> None:
    code, text = {400: (-2022, "Order cancel-replace failed."), 409: (-2021, "Order cancel-replace partially failed.")}[status]
    results = {
        "cancelResult": "FAILURE" if cancel is GONE else "SUCCESS",
        "newOrderResult": "NOT_ATTEMPTED" if order is None else "FAILURE" if order is REFUSED else "SUCCESS",
    }
    told, reply = _replace(_door(), params)
    assert told == status, reply
    agree(reply, {"code": code, "msg": text, "data": results | {"cancelResponse": cancel, "newOrderResponse": order}})


def test_the_replies_beyond_the_limits() -> None:
    rows = [f"alice buy 1 @ 1 as F{number}" for number in range(ORDER_LIMIT_10S - 1)]
    exceeded = {"code": -1015, "msg": TOO_MANY}
    status, reply = _replace(_door(*rows), REPLACE)
    assert (status, reply) == (429, exceeded)
    status, reply = _replace(_door(*rows), REPLACE | {"orderRateLimitExceededMode": "CANCEL_ONLY"})
    data = {"cancelResult": "SUCCESS", "newOrderResult": "FAILURE", "cancelResponse": _canceled(), "newOrderResponse": exceeded}
    agree(reply, {"code": -2021, "msg": "Order cancel-replace partially failed.", "data": data})
    assert status == 409


@pytest.mark.parametrize(
    "changes",
    [
        {"cancelReplaceMode": None},
        {"cancelReplaceMode": "NONSENSE"},
        {"cancelOrigClientOrderId": None},
        {"orderRateLimitExceededMode": "NONSENSE"},
        {"cancelRestrictions": "NONSENSE"},
    ],
)
def test_parameters_that_cannot_be(changes: dict[str, str | None]) -> None:
    door = _door()
    params = {name: value for name, value in (REPLACE | changes).items() if value is not None}
    status, reply = _replace(door, params)
    assert status == 400, reply
    assert "data" not in reply
    assert door.open_orders("alice", "BTCUSDT") == ["A1"]
    if "cancelRestrictions" in changes:
        assert (reply["code"], reply["msg"]) == (-1145, "Invalid cancelRestrictions")
    if changes == {"cancelReplaceMode": None}:
        assert reply["code"] == -1102


def test_orders_are_named_by_number_and_by_name() -> None:
    for params, status in (({"cancelOrderId": "2"}, 200), ({"cancelOrderId": "1"}, 400)):
        door = _door()
        number = int(str(door.order("alice", "A1", "BTCUSDT")["orderId"])) - 2
        given = {"cancelOrderId": str(int(params["cancelOrderId"]) + number), "cancelReplaceMode": "STOP_ON_FAILURE"}
        told, reply = _replace(door, REPLACE | given)
        assert told == status, reply
