"""faqs/sor_faq: the examples with and without smart order routing, the fills in full and the allocations."""

from typing import Any

import pytest

from tests.support.rest_story_door import RestStoryDoor
from tests.support.samples import PLACED, agree, sample
from tests.support.stories import Story
from tests.support.story_doors import story as tell
from tests.support.worlds import make_symbol

SYMBOLS = tuple(make_symbol(name=f"BTC{quote}", quote=quote) for quote in ("USDT", "USDC", "USDP"))
RULES: dict[str, object] = {"sors": [{"base_asset": "BTC", "symbols": [symbol.name for symbol in SYMBOLS]}]}
PURSE = "1000 BTC 1000000 USDT 1000000 USDC 1000000 USDP"
ASKS = """
    bob sell 3 @ 30800 as T2
    bob sell 3 @ 30500 as T1
    bob sell 1 @ 30000 on BTCUSDC as C2
    bob sell 1 @ 28000 on BTCUSDC as C1
    bob sell 1 @ 35000 on BTCUSDP as P2
    bob sell 1 @ 29000 on BTCUSDP as P1
"""
BIDS = """
    bob buy 5 @ 29500 as T1
    bob buy 5 @ 35000 on BTCUSDC as C1
    bob buy 5 @ 30000 on BTCUSDC as C2
    bob buy 5 @ 28000 on BTCUSDP as P1
"""


def test_example_1(story: Story) -> None:
    told = {"purse": PURSE, "rules": RULES}
    story(
        ASKS
        + """
        alice buy 0.5 @ 31000 as A                  -> FILLED 0.5@30500
        alice sees A FILLED 0.5/0.5 cummulativeQuoteQty=15250 usedSor=- workingFloor=-
        alice has 984750 + 0 USDT
        alice has 1000.5 + 0 BTC
        """,
        *SYMBOLS,
        **told,
    )
    story(
        ASKS
        + """
        alice buy 0.5 @ 31000 sor as A              -> FILLED 0.5@28000
        alice sees A FILLED 0.5/0.5 cummulativeQuoteQty=14000 usedSor=true workingFloor=SOR
        alice has 986000 + 0 USDT
        alice has 1000000 + 0 USDC
        alice has 1000.5 + 0 BTC
        bob   sees C1 on BTCUSDC PARTIALLY_FILLED 0.5/1
        bob   has 1014000 + 0 USDC
        book BTCUSDC
        | | 30000 | C2:1   |
        | | 28000 | C1:0.5 |
        book BTCUSDT
        | | 30800 | T2:3 |
        | | 30500 | T1:3 |
        """,
        *SYMBOLS,
        **told,
    )


def test_example_2(story: Story) -> None:
    told = {"purse": PURSE, "rules": RULES}
    story(
        ASKS
        + """
        alice buy 5 @ 31000 as A                    -> FILLED 3@30500 2@30800
        alice has 846900 + 0 USDT
        alice has 1005 + 0 BTC
        """,
        *SYMBOLS,
        **told,
    )
    story(
        ASKS
        + """
        alice buy 5 @ 31000 sor as A                -> FILLED 1@28000 1@29000 1@30000 2@30500
        alice sees A FILLED 5/5 cummulativeQuoteQty=148000 usedSor=true workingFloor=SOR
        alice has 852000 + 0 USDT
        alice has 1005 + 0 BTC
        bob   sees C1 on BTCUSDC FILLED 1/1
        bob   sees P1 on BTCUSDP FILLED 1/1
        bob   sees T1 on BTCUSDT PARTIALLY_FILLED 2/3
        bob   has 1058000 + 0 USDC
        bob   has 1029000 + 0 USDP
        bob   has 1061000 + 0 USDT
        """,
        *SYMBOLS,
        **told,
    )


def test_example_3(story: Story) -> None:
    story(
        ASKS
        + """
        alice buy 11 sor as A    -> EXPIRED INSUFFICIENT_LIQUIDITY 1@28000 1@29000 1@30000 3@30500 3@30800 1@35000
        alice sees A EXPIRED 10/11 INSUFFICIENT_LIQUIDITY cummulativeQuoteQty=305900 usedSor=true workingFloor=SOR
        alice has 694100 + 0 USDT
        alice has 1010 + 0 BTC
        book BTCUSDT
        book BTCUSDC
        book BTCUSDP
        """,
        *SYMBOLS,
        purse=PURSE,
        rules=RULES,
    )


def test_example_4(story: Story) -> None:
    told = {"purse": PURSE, "rules": RULES}
    story(
        BIDS
        + """
        alice sell 10 @ 29000 as A              -> PARTIALLY_FILLED 5@29500
        alice has 1147500 + 0 USDT
        alice has 990 + 5 BTC
        book BTCUSDT
        | | 29000 | A:5 |
        """,
        *SYMBOLS,
        **told,
    )
    story(
        BIDS
        + """
        alice sell 10 @ 29000 sor as A          -> FILLED 5@35000 5@30000
        alice sees A FILLED 10/10 cummulativeQuoteQty=325000 usedSor=true workingFloor=SOR
        alice has 1325000 + 0 USDT
        alice has 1000000 + 0 USDC
        alice has 990 + 0 BTC
        """,
        *SYMBOLS,
        **told,
    )


def test_what_is_left_of_a_limit_order_rests_on_the_book_that_it_was_sent_to(story: Story) -> None:
    story(
        ASKS
        + """
        alice buy 4 @ 30000 sor as A            -> PARTIALLY_FILLED 1@28000 1@29000 1@30000
        alice opens A
        alice has 883000 + 30000 USDT
        book BTCUSDT
        |     | 30800 | T2:3 |
        |     | 30500 | T1:3 |
        | A:1 | 30000 |      |
        carol sell 1 @ 30000                    -> FILLED 1@30000
        alice sees A FILLED 4/4 cummulativeQuoteQty=117000 usedSor=true workingFloor=EXCHANGE
        """,
        *SYMBOLS,
        purse=PURSE,
        rules=RULES,
    )


def test_what_is_left_of_an_immediate_order_expires(story: Story) -> None:
    story(
        ASKS
        + """
        alice buy 4 @ 30000 IOC sor as A        -> EXPIRED UNFILLED_IOC_QUANTITY_EXPIRED 1@28000 1@29000 1@30000
        alice has 913000 + 0 USDT
        """,
        *SYMBOLS,
        purse=PURSE,
        rules=RULES,
    )


def test_an_order_that_finds_nothing_works_on_its_own_book(story: Story) -> None:
    story(
        """
        alice buy 1 @ 100 sor as A              -> NEW
        alice sees A NEW 0/1 usedSor=true workingFloor=EXCHANGE
        """,
        *SYMBOLS,
        purse=PURSE,
        rules=RULES,
    )


# price and quantity of each fill
FILLS: dict[str, tuple[str, list[tuple[str, str]]]] = {
    "BUY LIMIT 0.5 31000 FILLED": (ASKS, [("28000", "0.5")]),
    "BUY LIMIT 5 31000 FILLED": (ASKS, [("28000", "1"), ("29000", "1"), ("30000", "1"), ("30500", "2")]),
    "BUY MARKET 11 0 EXPIRED": (
        ASKS,
        [("28000", "1"), ("29000", "1"), ("30000", "1"), ("30500", "3"), ("30800", "3"), ("35000", "1")],
    ),
    "SELL LIMIT 10 29000 FILLED": (BIDS, [("35000", "5"), ("30000", "5")]),
}


@pytest.mark.parametrize("example", FILLS)
def test_the_replies_and_the_allocations_of_the_examples(example: str) -> None:
    side, kind, quantity, price, status = example.split()
    book, fills = FILLS[example]
    door = tell(book, *SYMBOLS, door="rest", purse=PURSE, rules=RULES)
    assert isinstance(door, RestStoryDoor)
    params = {"symbol": "BTCUSDT", "side": side, "type": kind, "quantity": quantity}
    params |= {"price": price, "timeInForce": "GTC"} if kind == "LIMIT" else {}
    code, reply = door.send("alice", "POST", "sor/order", params)
    assert code == 200
    got = "BTC" if side == "BUY" else "USDT"
    executed = sum(float(each) for _, each in fills)
    spent = sum(float(at) * float(each) for at, each in fills)
    done: dict[str, Any] = {
        "price": price,
        "origQty": quantity,
        "executedQty": str(executed),
        "cummulativeQuoteQty": str(spent),
    }
    wanted = sample(PLACED, side=side, type=kind, status=status, workingTime=reply["transactTime"], **done)
    wanted |= {"workingFloor": "SOR", "usedSor": True} | (
        {"expiryReason": "INSUFFICIENT_LIQUIDITY"} if status == "EXPIRED" else {}
    )
    common = {"commission": "0", "commissionAsset": got, "tradeId": -1}
    shown = [
        {"matchType": "ONE_PARTY_TRADE_REPORT", "price": at, "qty": each, "allocId": number} | common
        for number, (at, each) in enumerate(fills)
    ]
    agree(reply, wanted | {"fills": shown})
    allocation = {"symbol": "BTCUSDT", "allocationType": "SOR", "orderId": reply["orderId"], "orderListId": -1, "time": ...}
    allocation |= {"commission": "0", "commissionAsset": got, "isBuyer": side == "BUY", "isMaker": False, "isAllocator": False}
    allocations = [
        allocation | {"allocationId": number, "price": at, "qty": each, "quoteQty": str(float(at) * float(each))}
        for number, (at, each) in enumerate(fills)
    ]
    agree(door.send("alice", "GET", "myAllocations", {"symbol": "BTCUSDT"})[1], allocations)
    by_order = {"symbol": "BTCUSDT", "orderId": reply["orderId"], "fromAllocationId": 1}
    agree(door.send("alice", "GET", "myAllocations", by_order)[1], allocations[1:])
    assert door.send("alice", "GET", "myTrades", {"symbol": "BTCUSDT"})[1] == []
    assert door.send("bob", "GET", "myAllocations", {"symbol": "BTCUSDT"})[1] == []


def test_the_routes_are_part_of_the_exchange_information() -> None:
    door = RestStoryDoor(SYMBOLS, PURSE, RULES)
    wanted = [{"baseAsset": "BTC", "symbols": ["BTCUSDT", "BTCUSDC", "BTCUSDP"]}]
    assert door.desk.get("/api/v3/exchangeInfo")["sors"] == wanted
    assert "sors" not in RestStoryDoor(SYMBOLS, PURSE, None).desk.get("/api/v3/exchangeInfo")
