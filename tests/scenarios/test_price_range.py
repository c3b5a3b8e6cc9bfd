"""faqs/price_range_execution_rules: the range, when there is none, how the reference price comes about."""

from typing import Any

import pytest

from papernet.venues.spot.symbols import ArithmeticMeanSpec, ExternalSpec, PercentPrice, PriceRange
from tests.support.rest_story_door import RestStoryDoor
from tests.support.samples import agree
from tests.support.stories import Story, play
from tests.support.story_doors import PURSE
from tests.support.worlds import make_symbol, units

DOUBLE, HALF = units("2"), units("0.5")
RANGE = make_symbol(price_range=PriceRange(DOUBLE, HALF, DOUBLE, HALF), reference=ExternalSpec(1))
EXCEEDED = "EXECUTION_RULE_PRICE_RANGE_EXCEEDED"


def test_a_buy_executes_up_to_twice_the_reference_price(story: Story) -> None:
    story(
        f"""
        reference 10
        bob   sell 1 @ 20 as S1
        bob   sell 1 @ 20.01 as S2
        alice buy 3 @ 30 as A1           -> EXPIRED {EXCEEDED} 1@20
        alice sees A1 EXPIRED 1/3 {EXCEEDED}
        alice has 99980 + 0 USDT
        book
        | | 20.01 | S2:1 |
        """,
        RANGE,
    )


def test_a_sell_executes_down_to_half_the_reference_price(story: Story) -> None:
    story(
        f"""
        reference 10
        bob   buy 1 @ 5 as B1
        bob   buy 1 @ 4.99 as B2
        alice sell 3 @ 1 as A1           -> EXPIRED {EXCEEDED} 1@5
        book
        | B2:1 | 4.99 | |
        """,
        RANGE,
    )


@pytest.mark.parametrize(("side", "other"), [("buy", "sell 1 @ 4.99 as X"), ("sell", "buy 1 @ 20.01 as X")])
def test_the_range_bounds_what_is_good_for_the_taker_too(story: Story, side: str, other: str) -> None:
    price = "30" if side == "buy" else "1"
    story(
        f"""
        reference 10
        bob   {other}
        alice {side} 1 @ {price} as A1   -> EXPIRED {EXCEEDED}
        """,
        RANGE,
    )


def test_market_orders_are_bound_as_well(story: Story) -> None:
    story(
        f"""
        reference 10
        bob   sell 1 @ 20 as S1
        bob   sell 1 @ 20.01 as S2
        alice buy 2 as A1                -> EXPIRED {EXCEEDED} 1@20
        """,
        RANGE,
    )


def test_what_does_not_execute_is_not_bound(story: Story) -> None:
    story(
        """
        reference 10
        alice buy  1 @ 1 as A1           -> NEW
        alice sell 1 @ 100 as A2         -> NEW
        bob   buy  1 @ 50 as B1          -> NEW
        book
        |      | 100 | A2:1 |
        | B1:1 | 50  |      |
        | A1:1 | 1   |      |
        """,
        RANGE,
    )


def test_an_order_that_the_range_does_not_stop_rests(story: Story) -> None:
    story(
        """
        reference 10
        bob   sell 1 @ 20 as S1
        alice buy 3 @ 20 as A1           -> PARTIALLY_FILLED 1@20
        book
        | A1:2 | 20 | |
        """,
        RANGE,
    )


SWEEP = """
    bob   sell 1 @ 100 as S1
    alice buy 1 @ 100 as A1              -> FILLED 1@100
"""


@pytest.mark.parametrize(
    ("symbol", "before"),
    [
        (make_symbol(), ""),
        (make_symbol(reference=ExternalSpec(1)), "reference 10"),
        (RANGE, ""),
        (RANGE, "reference 10\n reference none"),
        (make_symbol(price_range=PriceRange(None, HALF, DOUBLE, HALF), reference=ExternalSpec(1)), "reference 10"),
    ],
    ids=["neither rule nor price", "no rule", "no price", "null price", "no such multiplier"],
)
def test_when_the_range_is_not_enforced(story: Story, symbol: Any, before: str) -> None:
    story(f"{before}\n{SWEEP}", symbol)


@pytest.mark.parametrize(
    ("missing", "book", "order", "bound"),
    [
        ("bid_up", "sell 1 @ 100", "buy 1 @ 100", False),
        ("bid_down", "sell 1 @ 1", "buy 1 @ 1", False),
        ("ask_up", "buy 1 @ 100", "sell 1 @ 100", False),
        ("ask_down", "buy 1 @ 1", "sell 1 @ 1", False),
        ("bid_down", "sell 1 @ 100", "buy 1 @ 100", True),
        ("ask_up", "buy 1 @ 1", "sell 1 @ 1", True),
    ],
)
def test_each_multiplier_is_of_one_side_and_direction(story: Story, missing: str, book: str, order: str, bound: bool) -> None:
    multipliers: dict[str, int | None] = {"bid_up": DOUBLE, "bid_down": HALF, "ask_up": DOUBLE, "ask_down": HALF}
    rule = PriceRange(**(multipliers | {missing: None}))
    price = book.rpartition(" ")[2]
    story(
        f"""
        reference 10
        bob   {book}
        alice {order}                    -> {f"EXPIRED {EXCEEDED}" if bound else f"FILLED 1@{price}"}
        """,
        make_symbol(price_range=rule, reference=ExternalSpec(1)),
    )


def test_the_limits_hold_for_the_whole_of_a_taker_phase(story: Story) -> None:
    """The mean follows each trade, the order's own too: but the bounds are those from before its first."""
    story(
        f"""
        market trades at 10
        bob   sell 1 @ 20 as S1
        bob   sell 1 @ 21 as S2
        alice buy 2 @ 30 as A1           -> EXPIRED {EXCEEDED} 1@20
        carol buy 1 @ 30 as C1           -> FILLED 1@21
        """,
        make_symbol(price_range=PriceRange(DOUBLE, HALF, DOUBLE, HALF), reference=ArithmeticMeanSpec(10, 1_000_000)),
    )


def test_a_triggered_order_is_bound_when_it_enters(story: Story) -> None:
    story(
        f"""
        reference 10
        market trades at 10
        bob   sell 1 @ 25 as S1
        alice buy 1 STOP 12 as A1        -> NEW
        market trades at 12
        alice sees A1 EXPIRED 0/1 {EXCEEDED}
        """,
        RANGE,
    )


# ---- the reference price


def test_the_filters_use_the_reference_price(story: Story) -> None:
    story(
        """
        market trades at 100
        alice buy 1 @ 60                 -> NEW
        reference 10
        alice buy 1 @ 60                 -> 400 -1013 Filter failure: PERCENT_PRICE
        alice buy 1 @ 12                 -> NEW
        reference none
        alice buy 1 @ 60                 -> NEW
        """,
        make_symbol(PercentPrice(units("1.2"), units("0.5"), 0), reference=ExternalSpec(1)),
    )


def _get(door: RestStoryDoor, path: str, query: str = "symbol=BTCUSDT") -> Any:
    return door.desk.get(f"/api/v3/{path}", query)


def test_a_reference_price_from_outside() -> None:
    door = RestStoryDoor((RANGE,), PURSE, None)
    none = {"code": -2043, "msg": "This symbol doesn't have a reference price."}
    assert _get(door, "referencePrice") == none
    door.now += 1_000_000
    play("reference 10", door, "BTCUSDT")
    at = door.now // 1000
    agree(_get(door, "referencePrice"), {"symbol": "BTCUSDT", "referencePrice": "10", "timestamp": at})
    door.now += 1_000_000
    play("reference none", door, "BTCUSDT")
    assert _get(door, "referencePrice") == {"symbol": "BTCUSDT", "referencePrice": None, "timestamp": at + 1000}
    wanted = {"symbol": "BTCUSDT", "calculationType": "EXTERNAL", "externalCalculationId": 1}
    assert _get(door, "referencePrice/calculation") == wanted


def test_a_symbol_without_a_reference_price() -> None:
    door = RestStoryDoor((make_symbol(),), PURSE, None)
    for path in ("referencePrice", "referencePrice/calculation"):
        assert _get(door, path) == {"code": -2043, "msg": "This symbol doesn't have a reference price."}


def test_the_arithmetic_mean_of_buckets() -> None:
    """Ten buckets of a second: each trade of the last ten seconds counts once, the oldest bucket by what is left of it."""
    door = RestStoryDoor((make_symbol(reference=ArithmeticMeanSpec(10, 1_000_000)),), PURSE, None)
    wanted = {"symbol": "BTCUSDT", "calculationType": "ARITHMETIC_MEAN", "bucketCount": 10, "bucketWidthMs": 1000}
    assert _get(door, "referencePrice/calculation") == wanted
    assert _get(door, "referencePrice")["code"] == -2043
    steps = [
        ("market trades at 10", "10"),
        ("market trades at 20", "15"),
        ("wait 1\n market trades at 30", "20"),
        # 10.5 seconds after the first bucket opened: half of it is left, one trade of 15 on average
        ("wait 9.5", "22.5"),
        ("wait 0.5", "30"),
    ]
    for rows, mean in steps:
        play(rows, door, "BTCUSDT")
        assert float(_get(door, "referencePrice")["referencePrice"]) == float(mean), rows
    play("wait 2", door, "BTCUSDT")
    assert _get(door, "referencePrice")["referencePrice"] is None


def test_the_rules_as_they_are_published() -> None:
    door = RestStoryDoor((RANGE, make_symbol(name="ETHUSDT", base="ETH")), PURSE, None)
    rule = {
        "ruleType": "PRICE_RANGE",
        "bidLimitMultUp": "2.0000",
        "bidLimitMultDown": "0.5000",
        "askLimitMultUp": "2.0000",
        "askLimitMultDown": "0.5000",
    }
    reply = _get(door, "executionRules")
    assert reply == {"symbolRules": [{"symbol": "BTCUSDT", "rules": [rule]}]}
