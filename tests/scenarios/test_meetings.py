"""Features that meet: what no document tells alone, but follows from two of them together."""

from typing import Any

import pytest

from papernet.core.commands import SetCommission
from papernet.core.enums import SelfTradeMode
from tests.support.rest_story_door import RestStoryDoor
from tests.support.samples import CANCELED, agree, sample
from tests.support.stories import Story
from tests.support.story_doors import PURSE
from tests.support.story_doors import story as tell
from tests.support.worlds import lot_size, make_symbol

ROUTED = tuple(make_symbol(name=f"BTC{quote}", quote=quote) for quote in ("USDT", "USDC"))
RULES: dict[str, object] = {"sors": [{"base_asset": "BTC", "symbols": ["BTCUSDT", "BTCUSDC"]}]}
COINS = "1000 BTC 100000 USDT 100000 USDC"


# ---- routing


def test_a_routed_order_meets_an_own_order_on_the_other_book(story: Story) -> None:
    story(
        """
        alice sell 1 @ 20 on BTCUSDC as M
        bob   sell 1 @ 21 as B1
        alice buy 2 @ 30 sor stp EXPIRE_MAKER as T     -> PARTIALLY_FILLED 1@21
        alice sees M on BTCUSDC EXPIRED_IN_MATCH 0/1 preventedQuantity=1
        alice has 1001 + 0 BTC
        """,
        *ROUTED,
        purse=COINS,
        rules=RULES,
    )


def test_a_prevented_match_names_the_book_of_the_maker() -> None:
    door = tell("alice sell 1 @ 20 on BTCUSDC as M", *ROUTED, door="rest", purse=COINS, rules=RULES)
    assert isinstance(door, RestStoryDoor)
    params = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "2", "price": "30"}
    reply = door.send("alice", "POST", "sor/order", params | {"selfTradePreventionMode": "EXPIRE_BOTH"})[1]
    lost = {"takerPreventedQuantity": "2", "makerPreventedQuantity": "1"}
    match = {"preventedMatchId": 0, "makerSymbol": "BTCUSDC", "makerOrderId": 1, "price": "20"}
    agree(reply["preventedMatches"], [match | lost])
    assert reply["status"] == "EXPIRED_IN_MATCH"
    shown = door.send("alice", "GET", "myPreventedMatches", {"symbol": "BTCUSDT", "orderId": reply["orderId"]})[1]
    assert [(row["symbol"], row["makerSymbol"]) for row in shown] == [("BTCUSDT", "BTCUSDC")]


def test_a_routed_order_fills_all_or_nothing_over_all_books(story: Story) -> None:
    story(
        """
        bob   sell 1 @ 20 on BTCUSDC as C1
        bob   sell 1 @ 21 as T1
        alice buy 3 @ 30 FOK sor as A1                 -> EXPIRED UNFILLED_FOK_ORDER_EXPIRED
        alice buy 2 @ 30 FOK sor as A2                 -> FILLED 1@20 1@21
        """,
        *ROUTED,
        purse=COINS,
        rules=RULES,
    )


def test_trades_of_routed_orders_trigger_the_stops_of_the_makers_books(story: Story) -> None:
    """faqs/sor_faq: the makers trade on their own books; an allocation is no trade of the taker's book."""
    story(
        """
        market trades at 10
        market trades at 10 on BTCUSDC
        carol sell 1 @ 90 TAKE 20 as S1
        carol sell 1 @ 90 TAKE 20 on BTCUSDC as S2
        bob   sell 1 @ 20 on BTCUSDC as C1
        alice buy 1 @ 30 sor                           -> FILLED 1@20
        carol sees S1 NEW 0/1 isWorking=false
        carol sees S2 on BTCUSDC NEW 0/1 isWorking=true
        """,
        *ROUTED,
        purse=COINS,
        rules=RULES,
    )


@pytest.mark.parametrize(
    ("mode", "left"), [("DECREMENT", "NEW 0/5 preventedQuantity=4"), ("EXPIRE_MAKER", "EXPIRED_IN_MATCH 0/5")]
)
def test_a_routed_market_order_and_own_orders_behind_others(story: Story, mode: str, left: str) -> None:
    told = "EXPIRED_IN_MATCH 1@98 prevented=4" if mode == "DECREMENT" else "EXPIRED INSUFFICIENT_LIQUIDITY 1@98"
    story(
        f"""
        alice sell 1 @ 98 as M1
        carol sell 5 @ 99 as M2
        carol buy 5 sor stp {mode} as T                -> {told}
        carol sees M2 {left}
        carol has 99902 + 0 USDT
        """,
        *ROUTED,
        purse=COINS,
        rules=RULES,
    )


def test_what_a_routed_order_triggers_elsewhere_is_told_with_its_own_assets(story: Story) -> None:
    story(
        """
        market trades at 100
        carol sell 0.5 @ 60 STOP 95 as S
        alice buy 1 @ 94 as M1
        alice buy 1 @ 70 as M2
        bob   sell 1 sor on BTCUSDC                    -> FILLED 1@94
        carol sees S FILLED 0.5/0.5
        carol has 100035 + 0 USDT
        carol has 100000 + 0 USDC
        """,
        *ROUTED,
        purse=COINS,
        rules=RULES,
    )


def test_books_that_do_not_trade_are_not_routed_to(story: Story) -> None:
    story(
        """
        bob   sell 1 @ 20 on BTCUSDC as C1
        bob   sell 1 @ 21 as T1
        market HALT on BTCUSDC
        alice buy 2 @ 30 sor                           -> PARTIALLY_FILLED 1@21
        bob   sees C1 on BTCUSDC NEW 0/1
        alice buy 1 @ 30 sor on BTCUSDC                -> 400 Market is closed.
        """,
        *ROUTED,
        purse=COINS,
        rules=RULES,
    )


def test_equal_prices_are_taken_from_the_own_book_first(story: Story) -> None:
    story(
        """
        bob   sell 1 @ 20 on BTCUSDC as C1
        bob   sell 1 @ 20 as T1
        alice buy 1 @ 30 sor                           -> FILLED 1@20
        bob   sees T1 FILLED 1/1
        bob   sees C1 on BTCUSDC NEW 0/1
        """,
        *ROUTED,
        purse=COINS,
        rules=RULES,
    )


# ---- self-trade prevention and lists


def test_a_leg_that_self_trade_prevention_ends_takes_its_pair_along(story: Story) -> None:
    story("""
        market trades at 100
        alice oco sell 2 as L1: MAKER @ 110 as P1 | STOP 90 as P2
        alice buy 1 @ 110 stp EXPIRE_MAKER as A1       -> NEW
        alice sees P1 EXPIRED_IN_MATCH 0/2 preventedQuantity=2
        alice sees P2 EXPIRED 0/2 OCO_TRIGGER
        alice sees list L1 ALL_DONE
        alice opens A1
        alice has 1000 + 0 BTC
    """)


def test_a_working_order_that_is_decremented_away(story: Story) -> None:
    story("""
        alice oto as L1: buy 2 @ 100 as W | sell 1 @ 110 as P
        alice sell 2 @ 100 stp DECREMENT as A1         -> EXPIRED_IN_MATCH prevented=2
        alice sees W EXPIRED_IN_MATCH 0/2 preventedQuantity=2
        alice sees P EXPIRED 0/1 OTO_PHASE_ONE_EXPIRED
        alice sees list L1 ALL_DONE
        alice opens nothing
        alice has 1000 + 0 BTC
        alice has 100000 + 0 USDT
    """)


def test_a_stop_order_that_meets_its_own_kind(story: Story) -> None:
    story("""
        market trades at 100
        alice buy 3 @ 80 as M
        alice sell 2 STOP 90 stp DECREMENT as S
        market trades at 90
        alice sees S EXPIRED_IN_MATCH 0/2 preventedQuantity=2
        alice sees M NEW 0/3 preventedQuantity=2
        alice has 1000 + 0 BTC
    """)


def test_an_iceberg_that_meets_its_own_kind_loses_its_hidden_part_too(story: Story) -> None:
    story("""
        alice sell 5 @ 10 ice 1 as M
        alice buy 2 @ 10 stp EXPIRE_MAKER as T         -> NEW
        alice sees M EXPIRED_IN_MATCH 0/5 preventedQuantity=5
        alice has 1000 + 0 BTC
    """)


def test_a_market_order_by_amount_that_meets_its_own_kind(story: Story) -> None:
    story("""
        alice sell 1 @ 10 as M
        bob   sell 1 @ 20 as B1
        alice buy $10 stp EXPIRE_MAKER as T
        alice sees M EXPIRED_IN_MATCH 0/1
        alice has 1000.5 + 0 BTC
        alice has 99990 + 0 USDT
    """)


@pytest.mark.parametrize("mode", [mode.name for mode in SelfTradeMode])
@pytest.mark.parametrize("order", ["buy 4", "buy 4 @ 30 FOK", "buy 4 @ 30 IOC", "buy 4 @ 30"])
def test_with_just_enough_money_and_own_orders_in_the_way(story: Story, mode: str, order: str) -> None:
    """Whatever happens, nobody ends up with less than nothing: the auditor looks."""
    story(
        f"""
        alice sell 1 @ 10 as M1
        bob   sell 2 @ 11 ice 1 as B1
        alice sell 2 @ 12 ice 1 as M2
        bob   sell 8 @ 14 as B2
        alice {order} stp {mode} as T
        """,
        purse="10 BTC 120 USDT",
    )


@pytest.mark.parametrize("mode", ["NONE", "EXPIRE_MAKER", "DECREMENT", "TRANSFER"])
def test_an_order_by_amount_with_own_orders_in_the_way(story: Story, mode: str) -> None:
    story(
        f"""
        alice sell 1 @ 10 as M1
        bob   sell 2 @ 11 ice 1 as B1
        alice sell 2 @ 12 ice 1 as M2
        bob   sell 8 @ 14 as B2
        alice buy $45 stp {mode} as T
        """,
        purse="10 BTC 45 USDT",
    )


@pytest.mark.parametrize(("mode", "maker"), [("EXPIRE_TAKER", "NEW"), ("EXPIRE_BOTH", "EXPIRED_IN_MATCH")])
def test_an_order_by_amount_that_must_not_meet_its_own_kind(story: Story, mode: str, maker: str) -> None:
    story(f"""
        alice sell 1 @ 10 as M
        bob   sell 8 @ 14 as B
        alice buy $45 stp {mode} as T
        alice sees T EXPIRED_IN_MATCH 0/?
        alice sees M {maker} 0/1
        alice has 100000 + 0 USDT
    """)


@pytest.mark.parametrize("order", ["buy 1.5", "buy 1.5 @ 105 IOC"])
def test_an_own_iceberg_before_a_strangers_order_at_one_price(story: Story, order: str) -> None:
    """Only the part of the iceberg that is shown is in the way; the next goes behind the stranger."""
    story(f"""
        alice sell 3 @ 105 ice 0.5 as M
        carol sell 3 @ 105 as C
        alice {order} stp DECREMENT as T               -> FILLED 1@105 prevented=0.5
        alice sees M NEW 0/3 preventedQuantity=0.5
        alice has 99895 + 0 USDT
        alice has 998.5 + 2.5 BTC
        book
        | | 105 | C:2 M:0.5 |
    """)


@pytest.mark.parametrize(("money", "told"), [("50", "FILLED 1@11 1@11 2@14"), ("49.99", "")])
def test_a_market_order_needs_what_it_will_pay_with_own_orders_out_of_the_way(story: Story, money: str, told: str) -> None:
    story(
        f"""
        bob   gets 20 BTC
        alice gets {money} USDT
        alice sell 1 @ 10 as M1
        bob   sell 2 @ 11 ice 1 as B1
        alice sell 2 @ 12 ice 1 as M2
        bob   sell 8 @ 14 as B2
        alice buy 4 stp EXPIRE_MAKER as T    -> {told or "-2010 Account has insufficient balance for requested action."}
        alice has {"0" if told else money} + 0 USDT
        """,
        purse="3 BTC",
    )


# ---- funds at the time of the trigger


def test_a_stop_that_triggers_into_a_dearer_book_than_it_can_pay(story: Story) -> None:
    story(
        """
        market trades at 100
        alice buy 1 STOP 110 as A1                     -> NEW
        alice has 40 + 110 USDT
        bob   sell 1 @ 200 as B1
        market trades at 110
        alice sees A1 EXPIRED 0/1 REJECTED
        alice has 150 + 0 USDT
        """,
        purse="10 BTC 150 USDT",
    )


def test_a_stop_that_triggers_into_a_dearer_book_and_can_pay_from_what_is_free(story: Story) -> None:
    story(
        """
        market trades at 100
        alice buy 1 STOP 110 as A1
        bob   sell 1 @ 140 as B1
        market trades at 110
        alice sees A1 FILLED 1/1 cummulativeQuoteQty=140
        alice has 10 + 0 USDT
        """,
        purse="10 BTC 150 USDT",
    )


# ---- amending what waits


def test_a_waiting_stop_order_is_amended(story: Story) -> None:
    story("""
        market trades at 100
        alice sell 5 @ 80 STOP 90 as A1
        alice amend A1 to 2 as A1                      -> A1 NEW 0/2
        alice has 998 + 2 BTC
        market trades at 90
        alice sees A1 NEW 0/2 isWorking=true
        book
        | | 80 | A1:2 |
    """)


def test_a_trailing_order_is_amended_and_goes_on_trailing(story: Story) -> None:
    story("""
        market trades at 100
        alice sell 5 @ 80 STOP trail 1000 as A1
        market trades at 120
        alice amend A1 to 2 as A1                      -> A1 NEW 0/2
        market trades at 108.01
        alice sees A1 NEW 0/2 isWorking=false
        market trades at 108
        alice sees A1 NEW 0/2 isWorking=true
    """)


def test_a_pegged_order_is_amended_at_its_price(story: Story) -> None:
    story("""
        bob   buy 1 @ 99 as B1
        alice buy 5 peg PRIMARY as A1
        bob   buy 1 @ 100 as B2
        alice amend A1 to 2 as A1                      -> A1 NEW 0/2
        alice sees A1 NEW 0/2 peggedPrice=99
        alice has 99802 + 198 USDT
        book
        | B2:1      | 100 | |
        | B1:1 A1:2 | 99  | |
    """)


def test_a_decremented_order_is_amended(story: Story) -> None:
    """Original - executed - prevented = available: amended from 6 to 5, of which 2 were prevented and 1 executed, leaves 2."""
    story("""
        alice buy 6 @ 2 as M
        alice sell 2 @ 2 stp DECREMENT
        bob   sell 1 @ 2
        alice amend M to 5 as M                        -> M PARTIALLY_FILLED 1/5
        alice has 99994 + 4 USDT
        book
        | M:2 | 2 | |
    """)


# ---- lists on lists


def test_a_pending_order_that_trades_fills_another_list(story: Story) -> None:
    story("""
        carol oto as M1: buy 1 @ 90 as V | sell 1 @ 130 as Q
        alice oto as L1: buy 1 @ 100 as W | sell 1 @ 90 as P
        bob   sell 1 @ 100                             -> FILLED 1@100
        alice sees P FILLED 1/1
        alice sees list L1 ALL_DONE
        carol sees V FILLED 1/1
        carol sees Q NEW 0/1
        book
        | | 130 | Q:1 |
    """)


def test_one_trade_sets_off_two_pairs(story: Story) -> None:
    story("""
        market trades at 100
        alice oco sell 1 as L1: MAKER @ 120 as P1 | STOP 90 @ 130 as P2
        bob   oco sell 1 as L1: MAKER @ 121 as P1 | STOP 90 @ 131 as P2
        market trades at 90
        alice sees P1 EXPIRED 0/1 OCO_TRIGGER
        bob   sees P1 EXPIRED 0/1 OCO_TRIGGER
        book
        | | 131 | P2:1 |
        | | 130 | P2:1 |
    """)


def test_a_sweep_fills_the_limit_leg_and_would_trigger_nothing_more_of_it(story: Story) -> None:
    """A fill ends the other leg before the price that would have triggered it is reached."""
    story("""
        market trades at 100
        alice oco buy 1 as L1: STOP 110 @ 200 as P1 | MAKER @ 95 as P2
        carol buy 1 @ 94 as C1
        bob   sell 2 @ 90                              -> FILLED 1@95 1@94
        alice sees P2 FILLED 1/1
        alice sees P1 EXPIRED 0/1 OCO_TRIGGER
        market trades at 120
        alice sees P1 EXPIRED 0/1 OCO_TRIGGER
    """)


def test_an_iceberg_leg(story: Story) -> None:
    story("""
        market trades at 100
        alice oco sell 5 as L1: MAKER @ 110 ice 1 as P1 | STOP 90 @ 80 ice 2 as P2    -> P1 NEW, P2 NEW
        book
        | | 110 | P1:1 |
        bob   buy 2 @ 110                              -> FILLED 1@110 1@110
        alice sees P1 PARTIALLY_FILLED 2/5 icebergQty=1
        alice sees P2 EXPIRED 0/5 OCO_TRIGGER
        alice has 995 + 3 BTC
    """)


def test_a_triggered_iceberg_leg(story: Story) -> None:
    story("""
        market trades at 100
        alice oco sell 5 as L1: MAKER @ 110 ice 1 as P1 | STOP 90 @ 120 ice 2 as P2
        market trades at 90
        book
        | | 120 | P2:2 |
        alice cancel P2                                -> CANCELED P2
        alice has 1000 + 0 BTC
    """)


def test_what_opo_received_in_several_fills_with_commission(story: Story) -> None:
    """Three fills of a third each, a thousandth of each goes: 0.0003 of 0.3 three times, rounded one by one."""
    story(
        """
        bob   gets 5 BTC
        alice opo as L1: buy 0.9 @ 100 as W | sell @ 110 as P
        bob   sell 0.3 @ 100
        bob   sell 0.3 @ 100
        alice has 0 + 0.5994 BTC
        bob   sell 0.3 @ 100
        alice sees P NEW 0/0.89
        alice has 0.0091 + 0.89 BTC
        """,
        make_symbol(lot_size("0.01", "9000", "0.01")),
        purse="100000 USDT",
        setup=[SetCommission(1, 100_000, 100_000)],
    )


# ---- replies


def _send(door: RestStoryDoor, **params: str) -> Any:
    status, reply = door.send("alice", "POST", "order", {"symbol": "BTCUSDT", "side": "SELL", "quantity": "1"} | params)
    assert status == 200, reply
    return reply


@pytest.mark.parametrize(
    ("params", "in_full"),
    [
        ({"type": "LIMIT", "timeInForce": "GTC", "price": "120"}, True),
        ({"type": "MARKET"}, True),
        ({"type": "LIMIT_MAKER", "price": "120"}, False),
        ({"type": "STOP_LOSS", "stopPrice": "90"}, False),
        ({"type": "STOP_LOSS_LIMIT", "stopPrice": "90", "price": "89", "timeInForce": "GTC"}, False),
        ({"type": "TAKE_PROFIT", "stopPrice": "110"}, False),
        ({"type": "TAKE_PROFIT_LIMIT", "stopPrice": "110", "price": "109", "timeInForce": "GTC"}, False),
    ],
)
def test_how_much_is_told_of_an_order_unless_one_asks(params: dict[str, str], in_full: bool) -> None:
    door = tell("bob buy 1 @ 50\n market trades at 100", make_symbol(), door="rest")
    assert isinstance(door, RestStoryDoor)
    reply = _send(door, **params)
    acknowledged = ["clientOrderId", "orderId", "orderListId", "symbol", "transactTime"]
    assert ("fills" in reply) is in_full
    if not in_full:
        assert sorted(reply) == acknowledged
    assert sorted(_send(door, **params, newOrderRespType="ACK")) == acknowledged
    assert "fills" not in _send(door, **params, newOrderRespType="RESULT")
    assert "status" in _send(door, **params, newOrderRespType="FULL")


# rest-api.md, Conditional fields in Order Responses, and those of faqs/stp_faq
CONDITIONAL = """
    icebergQty preventedMatchId preventedQuantity strategyId strategyType trailingDelta trailingTime usedSor workingFloor
    pegPriceType pegOffsetType pegOffsetValue peggedPrice expiryReason tradeGroupId preventedMatches
"""


def test_a_waiting_order_has_no_fields_of_what_it_is_not() -> None:
    door = tell("market trades at 100", make_symbol(), door="rest")
    assert isinstance(door, RestStoryDoor)
    reply = _send(door, type="STOP_LOSS", stopPrice="90", newOrderRespType="FULL")
    assert (reply["stopPrice"], reply["workingTime"]) == ("90.00000000", -1)
    assert not [name for name in CONDITIONAL.split() if name in reply]
    trailing = _send(door, type="STOP_LOSS", stopPrice="90", trailingDelta="100", newOrderRespType="RESULT")
    assert (trailing["trailingDelta"], trailing["trailingTime"]) == (100, -1)


def test_everything_cancelled_is_told_order_by_order_and_list_by_list() -> None:
    text = """
        market trades at 100
        alice buy 1 @ 10 as A1
        alice oco sell 2 as L1: MAKER @ 110 as P1 | STOP 90 @ 89 ice 1 as P2
        alice buy 1 @ 11 as A2
    """
    door = tell(text, make_symbol(), door="rest", purse=PURSE)
    assert isinstance(door, RestStoryDoor)
    status, reply = door.send("alice", "DELETE", "openOrders", {"symbol": "BTCUSDT"})
    assert status == 200
    first, together, last = reply
    assert [order["origClientOrderId"] for order in (first, last)] == ["A1", "A2"]
    assert first["clientOrderId"] == last["clientOrderId"] == together["orderReports"][0]["clientOrderId"]
    assert (together["listStatusType"], together["listOrderStatus"], together["contingencyType"]) == (
        "ALL_DONE",
        "ALL_DONE",
        "OCO",
    )
    assert [order["clientOrderId"] for order in together["orders"]] == ["P2", "P1"]
    stop, limit = together["orderReports"]
    assert (stop["origClientOrderId"], stop["type"], stop["icebergQty"]) == ("P2", "STOP_LOSS_LIMIT", "1.00000000")
    assert (limit["origClientOrderId"], limit["type"], limit["status"]) == ("P1", "LIMIT_MAKER", "CANCELED")
    assert "icebergQty" not in limit


def _canceled(door: RestStoryDoor, cid: str) -> Any:
    status, reply = door.send(
        "alice", "DELETE", "order", {"symbol": "BTCUSDT", "origClientOrderId": cid, "newClientOrderId": "bye"}
    )
    assert status == 200, reply
    return reply


def test_a_cancel_tells_what_is_special_about_the_order() -> None:
    text = """
        market trades at 100
        alice buy 6 @ 60 as A1
        alice sell 2 @ 60 stp DECREMENT
        alice buy 5 @ 30 as A2
        alice buy 1 peg PRIMARY as A3
        alice sell 4 @ 80 STOP 90 trail 100 ice 1 strategy 7 1000001 as A4
    """
    door = tell(text, make_symbol(), door="rest")
    assert isinstance(door, RestStoryDoor)
    special: dict[str, dict[str, Any]] = {
        "A1": {"price": "60", "origQty": "6", "preventedQuantity": "2", "preventedMatchId": 0},
        "A2": {"price": "30", "origQty": "5"},
        "A3": {"price": "0", "origQty": "1", "pegPriceType": "PRIMARY_PEG", "peggedPrice": "60"},
        "A4": {"price": "80", "origQty": "4", "type": "STOP_LOSS_LIMIT", "strategyId": 7, "strategyType": 1000001}
        | {"stopPrice": "90", "trailingDelta": 100, "trailingTime": -1, "icebergQty": "1"},
    }
    for cid, fields in special.items():
        side = "SELL" if cid == "A4" else "BUY"
        wanted = sample(CANCELED, origClientOrderId=cid, clientOrderId="bye", status="CANCELED", side=side, **fields)
        agree(_canceled(door, cid), wanted)


def test_the_rates_of_a_routed_order() -> None:
    door = RestStoryDoor(ROUTED, COINS, RULES)
    params = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "1"}
    assert door.send("alice", "POST", "sor/order/test", params) == (200, {})
    status, reply = door.send("alice", "POST", "sor/order/test", params | {"computeCommissionRates": "true"})
    assert status == 200, reply
    assert {"standardCommissionForOrder", "taxCommissionForOrder", "discount"} <= set(reply)


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "LIMIT_MAKER", "price": "1"},
        {"type": "STOP_LOSS", "stopPrice": "1"},
        {"quoteOrderQty": "10", "quantity": None},
        {"type": "LIMIT", "timeInForce": "GTC", "pegPriceType": "PRIMARY_PEG"},
    ],
)
def test_what_cannot_be_routed(changes: dict[str, str | None]) -> None:
    door = RestStoryDoor(ROUTED, COINS, RULES)
    params = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "1"} | changes
    status, reply = door.send(
        "alice", "POST", "sor/order", {name: value for name, value in params.items() if value is not None}
    )
    assert status == 400, reply


def test_a_symbol_without_routing() -> None:
    door = RestStoryDoor(ROUTED, COINS, None)
    status, reply = door.send(
        "alice", "POST", "sor/order", {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "1"}
    )
    assert status == 400, reply
