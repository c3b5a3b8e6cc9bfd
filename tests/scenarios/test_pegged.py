"""faqs/pegged_orders: prices taken from the book."""

from typing import Any

import pytest

from papernet.venues.spot.symbols import MinNotional, PercentPrice
from tests.support.rest_story_door import RestStoryDoor
from tests.support.samples import PLACED, agree, sample
from tests.support.stories import Story
from tests.support.story_doors import story as tell
from tests.support.worlds import make_symbol, units

BOOK = """
    bob sell 1 @ 103 as S3
    bob sell 1 @ 102 as S2
    bob sell 1 @ 101 as S1
    bob buy 1 @ 99 as B1
    bob buy 1 @ 98 as B2
    bob buy 1 @ 97 as B3
"""
NO_LEVEL = "400 -2010 Order book liquidity is too low for this pegged order."


def test_to_queue_at_the_best_price_of_the_own_side(story: Story) -> None:
    story(
        BOOK
        + """
        alice sell 1 peg PRIMARY as A1          -> NEW
        alice buy  1 peg PRIMARY as A2          -> NEW
        alice sees A1 NEW 0/1 price=0 peggedPrice=101 pegPriceType=PRIMARY_PEG pegOffsetType=- pegOffsetValue=-
        alice sees A2 NEW 0/1 price=0 peggedPrice=99
        alice has 999 + 1 BTC
        alice has 99901 + 99 USDT
        book
        |           | 103 | S3:1      |
        |           | 102 | S2:1      |
        |           | 101 | S1:1 A1:1 |
        | B1:1 A2:1 | 99  |           |
        | B2:1      | 98  |           |
        | B3:1      | 97  |           |
        """,
    )


def test_to_take_only_the_best_price_of_the_other_side(story: Story) -> None:
    story(
        BOOK
        + """
        alice buy 3 @ 100000 peg MARKET IOC as A1    -> EXPIRED UNFILLED_IOC_QUANTITY_EXPIRED 1@101
        alice sees A1 EXPIRED 1/3 price=100000 peggedPrice=101 UNFILLED_IOC_QUANTITY_EXPIRED
        alice sell 1 peg MARKET FOK as A2            -> FILLED 1@99
        alice sell 3 peg MARKET as A3                -> PARTIALLY_FILLED 1@98
        book
        |      | 103 | S3:1 |
        |      | 102 | S2:1 |
        |      | 98  | A3:2 |
        | B3:1 | 97  |      |
        """,
        purse="1000 BTC 1000000 USDT",
    )


def test_an_offset_counts_price_levels_deeper_into_the_book(story: Story) -> None:
    story(
        BOOK
        + f"""
        alice buy  1 peg PRIMARY+1 as A1        -> NEW
        alice sees A1 NEW 0/1 peggedPrice=98 pegPriceType=PRIMARY_PEG pegOffsetType=PRICE_LEVEL pegOffsetValue=1
        alice sell 1 peg PRIMARY+2 as A2        -> NEW
        alice sees A2 NEW 0/1 peggedPrice=103
        alice buy  3 peg MARKET+1 as A3         -> PARTIALLY_FILLED 1@101 1@102
        alice sees A3 PARTIALLY_FILLED 2/3 peggedPrice=102 pegPriceType=MARKET_PEG
        alice sell 1 peg MARKET+9 as A4         -> {NO_LEVEL}
        """,
    )


def test_a_price_bounds_the_pegged_one(story: Story) -> None:
    story(
        BOOK
        + """
        alice buy  1 @ 98.5 peg PRIMARY as A1   -> NEW
        alice sees A1 NEW 0/1 price=98.5 peggedPrice=98.5
        alice sell 1 @ 101.5 peg PRIMARY as A2  -> NEW
        alice sees A2 NEW 0/1 price=101.5 peggedPrice=101.5
        alice buy  1 @ 100 peg MARKET as A3     -> NEW
        alice sees A3 NEW 0/1 peggedPrice=100
        """,
    )


def test_a_pegged_price_does_not_follow(story: Story) -> None:
    story(
        BOOK
        + """
        alice buy 1 peg PRIMARY as A1
        bob   buy 1 @ 100 as B0
        alice sees A1 NEW 0/1 peggedPrice=99
        """,
    )


def test_an_empty_side_has_no_price(story: Story) -> None:
    story(f"""
        alice buy  1 peg PRIMARY     -> {NO_LEVEL}
        alice sell 1 peg PRIMARY     -> {NO_LEVEL}
        alice buy  1 peg MARKET      -> {NO_LEVEL}
        alice sell 1 peg MARKET      -> {NO_LEVEL}
        alice opens nothing
    """)


def test_a_pegged_limit_maker(story: Story) -> None:
    story(
        BOOK
        + """
        alice buy 1 MAKER peg PRIMARY as A1     -> NEW
        alice sees A1 NEW 0/1 peggedPrice=99
        alice buy 1 MAKER peg MARKET            -> 400 This price peg cannot be used with this order type.
        """,
    )


def test_a_pegged_stop_order_takes_its_price_when_it_triggers(story: Story) -> None:
    story("""
        bob buy 5 @ 60 as B1
        market trades at 100
        alice sell 1 STOP 90 peg PRIMARY as A1     -> NEW
        alice sell 1 STOP 90 peg MARKET as A2      -> NEW
        alice sees A1 NEW 0/1 stopPrice=90 peggedPrice=- isWorking=false
        bob sell 1 @ 120 as S1
        market trades at 90
        alice sees A1 NEW 0/1 peggedPrice=120 isWorking=true
        alice sees A2 FILLED 1/1 peggedPrice=60
        book
        |      | 120 | S1:1 A1:1 |
        | B1:4 | 60  |           |
    """)


def test_a_pegged_stop_order_that_finds_no_price_expires(story: Story) -> None:
    story("""
        market trades at 100
        alice sell 1 STOP 90 peg MARKET as A1      -> NEW
        market trades at 90
        alice sees A1 EXPIRED 0/1 REJECTED
        alice has 1000 + 0 BTC
    """)


def test_the_pegged_price_has_to_pass_the_filters(story: Story) -> None:
    """An ask above what the filter lets in got there when the market was higher."""
    story(
        """
        market trades at 90
        bob   sell 1 @ 90 as S1
        market trades at 80
        alice sell 1 peg PRIMARY    -> 400 -1013 Filter failure: PERCENT_PRICE
        market trades at 89
        alice sell 1 peg PRIMARY    -> NEW
        """,
        make_symbol(PercentPrice(units("1.1"), units("0.1"), 0)),
    )


def test_a_contingent_pegged_order_is_put_to_the_filters_when_it_triggers(story: Story) -> None:
    story(
        """
        market trades at 90
        bob   sell 1 @ 95 as S1
        alice sell 1 STOP 80 peg PRIMARY as A1     -> NEW
        market trades at 80
        alice sees A1 EXPIRED 0/1 REJECTED
        alice has 1000 + 0 BTC
        """,
        make_symbol(PercentPrice(units("1.1"), units("0.1"), 0)),
    )


def test_price_and_pegged_price_both_have_to_pass(story: Story) -> None:
    story(
        """
        bob   sell 1 @ 20 as S1
        alice sell 1 @ 5 peg PRIMARY       -> 400 -1013 Filter failure: MIN_NOTIONAL
        alice sell 1 peg PRIMARY           -> NEW
        alice sell 0.4 peg PRIMARY         -> 400 -1013 Filter failure: MIN_NOTIONAL
        """,
        make_symbol(MinNotional(units("10"), apply_to_market=True, avg_price_mins=0)),
    )


def test_symbols_may_leave_it_out(story: Story) -> None:
    story(
        """
        bob   sell 1 @ 20 as S1
        alice sell 1 peg PRIMARY           -> 400 Pegged orders are not supported for this symbol.
        """,
        make_symbol(peg_allowed=False),
    )


def _door() -> RestStoryDoor:
    door = tell("bob buy 1 @ 0.04\n bob sell 1 @ 0.05", make_symbol(), door="rest")
    assert isinstance(door, RestStoryDoor)
    return door


@pytest.mark.parametrize(
    "params",
    [
        {"type": "MARKET", "quantity": "1", "pegPriceType": "MARKET_PEG"},
        {"type": "STOP_LOSS", "quantity": "1", "stopPrice": "9", "pegPriceType": "PRIMARY_PEG"},
        {"type": "TAKE_PROFIT", "quantity": "1", "stopPrice": "0.01", "pegPriceType": "PRIMARY_PEG"},
    ],
)
def test_market_orders_have_no_price_to_peg(params: dict[str, str]) -> None:
    status, reply = _door().send("alice", "POST", "order", {"symbol": "BTCUSDT", "side": "BUY"} | params)
    assert (status, reply["msg"]) == (400, "This order type may not use pegged price.")


@pytest.mark.parametrize("time", ["IOC", "FOK"])
def test_an_order_that_queues_is_good_till_cancelled(time: str) -> None:
    params = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "quantity": "1", "timeInForce": time}
    status, reply = _door().send("alice", "POST", "order", params | {"pegPriceType": "PRIMARY_PEG"})
    assert status == 400, reply
    assert _door().send("alice", "POST", "order", params | {"pegPriceType": "MARKET_PEG"})[0] == 200


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"pegPriceType": "NONSENSE"}, -1210),
        ({"pegOffsetType": "NONSENSE", "pegOffsetValue": "1"}, -1211),
        ({"pegOffsetType": "PRICE_LEVEL"}, -1128),
        ({"pegOffsetValue": "1"}, -1128),
        ({"pegPriceType": None}, -1102),
    ],
)
def test_parameters_that_do_not_go_together(changes: dict[str, str | None], code: int) -> None:
    params = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "quantity": "1", "timeInForce": "GTC"}
    given = {name: value for name, value in (params | {"pegPriceType": "PRIMARY_PEG"} | changes).items() if value is not None}
    status, reply = _door().send("alice", "POST", "order", given)
    assert (status, reply["code"]) == (400, code), reply


def test_an_offset_of_a_hundred_levels_and_no_more() -> None:
    params = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "quantity": "1", "timeInForce": "GTC"}
    params |= {"pegPriceType": "PRIMARY_PEG", "pegOffsetType": "PRICE_LEVEL"}
    status, reply = _door().send("alice", "POST", "order", params | {"pegOffsetValue": "100"})
    assert (status, reply["msg"]) == (400, NO_LEVEL.partition("-2010 ")[2])
    status, reply = _door().send("alice", "POST", "order", params | {"pegOffsetValue": "101"})
    assert status == 400
    assert reply["msg"] != NO_LEVEL.partition("-2010 ")[2]


def test_the_reply_of_a_pegged_order() -> None:
    params: dict[str, Any] = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "quantity": "1", "timeInForce": "GTC"}
    door = _door()
    status, reply = door.send("alice", "POST", "order", params | {"pegPriceType": "PRIMARY_PEG"})
    assert status == 200, reply
    pegged: dict[str, Any] = {"price": "0", "pegPriceType": "PRIMARY_PEG", "peggedPrice": "0.04"}
    agree(reply, sample(PLACED, fills=[], origQty="1", side="BUY", workingTime=reply["transactTime"], **pegged))
    offset = {"pegOffsetType": "PRICE_LEVEL", "pegOffsetValue": 0}
    status, reply = door.send("alice", "POST", "order", params | {"pegPriceType": "PRIMARY_PEG"} | offset)
    assert status == 200, reply
    agree(reply, sample(PLACED, fills=[], origQty="1", side="BUY", **pegged, **offset))
