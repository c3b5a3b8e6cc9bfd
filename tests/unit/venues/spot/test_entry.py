"""What an order takes when it enters the book, and what becomes of the rest."""

import pytest

from papernet.core.commands import SetReferencePrice
from papernet.core.rejects import Reason
from papernet.venues.spot.symbols import ArithmeticMeanSpec, PriceRange
from tests.support.orders import opened, place, told
from tests.support.scripts import check, draw
from tests.support.worlds import ALICE, SECOND, World, make_symbol, reason, units

EXCEEDED = "EXECUTION_RULE_PRICE_RANGE_EXCEEDED"


def bounded(*rows: str, reference: str = "100") -> World:
    """Return a world whose buyers trade at 90 to 110, and sellers at 80 to 120, with these orders."""
    rule = PriceRange(units("1.1"), units("0.9"), units("1.2"), units("0.8"))
    world = World(make_symbol(price_range=rule))
    for row in rows:
        assert reason(place(world, row)) is None, row
    world.apply(SetReferencePrice("BTCUSDT", units(reference)))
    return world


# ---- faqs/price_range_execution_rules: an order that would trade beyond the bounds ends

ASKS = ("bob sell 1 @ 105 as B1", "bob sell 1 @ 110 as B2", "bob sell 1 @ 110.01 as B3")
FIRST_TWO = [
    "A NEW",
    "trade 1@105",
    "A 1@105 PARTIALLY_FILLED",
    "B1 1@105 FILLED",
    "trade 1@110",
    "A 1@110 PARTIALLY_FILLED",
    "B2 1@110 FILLED",
]


@pytest.mark.parametrize("row", ["alice buy 3 as A", "alice buy 3 @ 120 as A", "alice buy 3 @ 120 IOC as A"])
def test_an_order_trades_up_to_the_bound_and_expires(row: str) -> None:
    world = bounded(*ASKS)
    assert told(place(world, row)) == [*FIRST_TWO, f"A EXPIRED {EXCEEDED}"]
    assert opened(world) == ["B3"]
    assert world.balance(ALICE, "USDT") == (units("99785"), 0)
    world.exchange.check_invariants()


def test_an_order_whose_limit_is_within_the_bounds_rests_as_ever() -> None:
    world = bounded(*ASKS)
    assert told(place(world, "alice buy 3 @ 110 as A")) == FIRST_TWO
    assert opened(world) == ["B3", "A"]
    # resting is no trading: a price far away may rest
    assert told(place(world, "alice buy 1 @ 50 as A2")) == ["A2 NEW"]


def test_what_is_left_when_the_book_is_empty_within_the_limit_ends_as_ever() -> None:
    world = bounded(*ASKS[:2])
    assert told(place(world, "alice buy 3 @ 120 as A"))[-1] == "B2 1@110 FILLED"
    assert draw(world) == ["|A:1|120||"]
    world = bounded(*ASKS[:2])
    assert told(place(world, "alice buy 3 as A"))[-1] == "A EXPIRED INSUFFICIENT_LIQUIDITY"


def test_nothing_is_traded_when_the_best_price_is_beyond_a_bound() -> None:
    for rows in (("bob sell 1 @ 110.01 as B",), ("bob sell 1 @ 89.99 as B",)):
        world = bounded(*rows)
        assert told(place(world, "alice buy 1 @ 200 as A")) == ["A NEW", f"A EXPIRED {EXCEEDED}"]
        assert world.balance(ALICE, "USDT") == (units("100000"), 0)
    assert told(place(bounded("bob sell 1 @ 90 as B"), "alice buy 1 as A"))[-1] == "B 1@90 FILLED"


def test_sellers_have_bounds_of_their_own() -> None:
    world = bounded("bob buy 1 @ 120 as B1", "bob buy 1 @ 80 as B2", "bob buy 1 @ 79.99 as B3")
    assert told(place(world, "alice sell 3 as A"))[-2:] == ["B2 1@80 FILLED", f"A EXPIRED {EXCEEDED}"]
    world = bounded("bob buy 1 @ 120.01 as B1")
    assert told(place(world, "alice sell 3 @ 1 as A"))[-1] == f"A EXPIRED {EXCEEDED}"


def test_without_a_reference_price_or_a_rule_there_are_no_bounds() -> None:
    world = bounded(*ASKS)
    world.apply(SetReferencePrice("BTCUSDT", None))
    assert told(place(world, "alice buy 3 as A"))[-1] == "B3 1@110.01 FILLED"
    world = World()
    place(world, "bob sell 1 @ 110.01 as B3")
    world.apply(SetReferencePrice("BTCUSDT", units("1")))
    assert told(place(world, "alice buy 1 as A"))[-1] == "B3 1@110.01 FILLED"


def test_the_bounds_hold_from_the_beginning_of_a_match_to_its_end() -> None:
    """An order's own trades move the mean, but not the bounds that it is held to."""
    rule = PriceRange(units("1.1"), None, None, None)
    world = World(make_symbol(price_range=rule, reference=ArithmeticMeanSpec(60, SECOND)))
    for row in ("bob sell 1 @ 100", "crowd buy 1 @ 100", "bob sell 9 @ 109 as B1", "bob sell 1 @ 111 as B2"):
        place(world, row)
    # after nine at 109 the mean is 104.5 and would allow 114.95
    assert told(place(world, "alice buy 10 as A"))[-1] == f"A EXPIRED {EXCEEDED}"
    assert told(place(world, "alice buy 1 as A2"))[-1] == "B2 1@111 FILLED"


def test_fill_or_kill_counts_what_is_within_the_bounds() -> None:
    assert told(place(bounded(*ASKS), "alice buy 2 @ 120 FOK as A")) == [
        *FIRST_TWO[:4],
        "trade 1@110",
        "A 1@110 FILLED",
        "B2 1@110 FILLED",
    ]
    # enough within its own limit, but not within the bounds
    assert told(place(bounded(*ASKS), "alice buy 3 @ 120 FOK as A")) == ["A NEW", f"A EXPIRED {EXCEEDED}"]
    assert told(place(bounded(*ASKS), "alice buy 4 @ 120 FOK as A")) == ["A NEW", "A EXPIRED UNFILLED_FOK_ORDER"]


def test_a_market_order_holds_what_it_can_spend_within_the_bounds() -> None:
    world = bounded(*ASKS)
    world.exchange.ledger.issue(world.exchange.accounts.by_id[ALICE], "USDT", units("215") - units("100000"))
    assert told(place(world, "alice buy 3 as A"))[-1] == f"A EXPIRED {EXCEEDED}"
    assert world.balance(ALICE, "USDT") == (0, 0)
    world = bounded(*ASKS)
    world.exchange.ledger.issue(world.exchange.accounts.by_id[ALICE], "USDT", units("214.99") - units("100000"))
    assert reason(place(world, "alice buy 3 as A")) is Reason.INSUFFICIENT_BALANCE


# ---- ends


def test_why_an_order_ends_that_may_not_rest() -> None:
    check("""
        bob   sell 2 @ 10 as B1
        alice buy 3 @ 10 IOC  -> NEW, 2@10 with B1, EXPIRED UNFILLED_IOC_QUANTITY
        alice buy 3 @ 10 FOK  -> NEW, EXPIRED UNFILLED_FOK_ORDER
        alice buy 3           -> NEW, EXPIRED INSUFFICIENT_LIQUIDITY
        alice has 99980 + 0 USDT
    """)


def test_an_iceberg_rests_with_one_part_shown() -> None:
    check("""
        alice buy 5 @ 10 ice 2 as A1
        alice buy 2 @ 10 ice 2 as A2
        bob   sell 2 @ 12 ice 0.5 as B1
        book
        |           | 12 | B1:0.5 |
        | A1:2 A2:2 | 10 |        |
        alice has 99930 + 70 USDT
        bob   has 998 + 2 BTC
        alice cancel A1 -> CANCELED A1
        alice has 99980 + 20 USDT
    """)
