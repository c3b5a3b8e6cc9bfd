"""Matching and its dry runs against sums over a sorted list of orders."""

from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papernet.core.commands import NewOrder
from papernet.core.enums import OrderType, Side, TimeInForce
from papernet.core.matching import can_fill, cost_of, crosses, match, quantity_for_quote
from papernet.core.order import Order
from papernet.core.order_book import OrderBook
from papernet.core.units import SCALE

BUY, SELL = Side.BUY, Side.SELL
OTHER = {BUY: SELL, SELL: BUY}


def make_order(number: int, side: Side, price: int, quantity: int) -> Order:
    """Return an order that is on no book yet."""
    return Order(NewOrder(1, "S", side, OrderType.LIMIT, TimeInForce.GTC, quantity, price), number, 0)


def make_book(side: Side, *resting: tuple[int, int]) -> OrderBook:
    """Return a book with (price, quantity) orders on one side, numbered from 1."""
    book = OrderBook()
    for number, (price, quantity) in enumerate(resting, 1):
        book.rest(make_order(number, side, price, quantity))
    return book


RESTING = st.lists(st.tuples(st.integers(1, 6), st.integers(1, 9)), max_size=12)


def test_fills_come_best_price_first_and_oldest_first() -> None:
    book = make_book(SELL, (12, 1), (10, 2), (11, 3), (10, 4))
    taker = make_order(9, BUY, 11, 8)
    assert [(order.order_id, price, quantity) for order, price, quantity in match(book, taker, 11)] == [
        (2, 10, 2),
        (4, 10, 4),
        (3, 11, 2),
    ]
    assert taker.leaves == 0
    assert book.asks.depth(9) == [(11, 1), (12, 1)]
    book.check_invariants()


@given(side=st.sampled_from(Side), resting=RESTING, quantity=st.integers(1, 60), limit=st.integers(0, 7))
def test_matching_equals_walking_a_sorted_list(side: Side, resting: list[tuple[int, int]], quantity: int, limit: int) -> None:
    sign = 1 if side is BUY else -1
    book = make_book(OTHER[side], *resting)
    book.changes.clear()
    queue = sorted(enumerate(resting, 1), key=lambda row: (sign * row[1][0], row[0]))
    reachable = [(number, price, size) for number, (price, size) in queue if limit == 0 or sign * price <= sign * limit]
    taker, left, expected = make_order(99, side, limit or 1, quantity), quantity, []
    whole = sum(size for _, _, size in reachable) >= quantity
    assert can_fill(book, side, limit, quantity) is whole
    if limit:
        assert crosses(book, side, limit) is bool(reachable)
    for number, price, size in reachable:
        if left:
            expected.append((number, price, min(left, size)))
            left -= min(left, size)
    fills = match(book, taker, limit)
    assert [(order.order_id, price, part) for order, price, part in fills] == expected
    assert taker.leaves == left
    assert (left == 0) is whole
    book.check_invariants()
    # one change a level that was touched, best first
    assert [price for _, price, _ in book.changes] == list(dict.fromkeys(price for _, price, _ in expected))


def test_nothing_crosses_an_empty_side() -> None:
    book = make_book(SELL, (10, 1))
    assert not crosses(book, SELL, 1)
    assert not can_fill(book, SELL, 0, 1)
    assert match(book, make_order(9, SELL, 1, 1), 1) == []


COSTLY = st.lists(st.tuples(st.integers(1, 3 * SCALE), st.integers(1, 3 * SCALE)), min_size=1, max_size=8)


@given(resting=COSTLY, quantity=st.integers(1, 20 * SCALE))
def test_the_cost_of_buying_is_an_upper_bound_and_tight_but_for_rounding(resting: list[tuple[int, int]], quantity: int) -> None:
    book = make_book(SELL, *resting)
    cost = cost_of(book.asks, quantity)
    fills = match(book, make_order(99, BUY, 1, quantity), 0)
    paid = sum(price * part // SCALE for _, price, part in fills)
    assert paid <= cost <= paid + len(fills)


@pytest.mark.parametrize("side", Side)
@given(resting=COSTLY, quote=st.integers(0, 20 * SCALE), step=st.sampled_from([0, 1, 7, SCALE // 10, SCALE]))
def test_a_quantity_for_an_amount_costs_no_more_and_one_lot_on_top_would(
    side: Side, resting: list[tuple[int, int]], quote: int, step: int
) -> None:
    book = make_book(side, *resting)
    levels = book.side(side).depth(99)
    quantity = quantity_for_quote(book.side(side), quote, step)

    def costs(wanted: int) -> list[Fraction]:
        parts = []
        for price, size in levels:
            parts.append(Fraction(price * min(wanted, size), SCALE))
            wanted -= min(wanted, size)
        return parts

    grain = step or 1
    assert quantity % grain == 0
    assert sum(floor(cost) for cost in costs(quantity)) <= quote
    assert sum(costs(quantity + grain)) > quote or quantity + grain > sum(size for _, size in levels)


def test_a_level_that_the_amount_just_pays_for_is_taken_whole() -> None:
    # 3 at a half is 1.5, which trades for 1
    book = make_book(SELL, (SCALE // 2, 3), (SCALE, 1))
    assert quantity_for_quote(book.asks, 1, 0) == 3
    assert quantity_for_quote(book.asks, 2, 0) == 4


def test_an_amount_buys_nothing_from_nobody() -> None:
    assert quantity_for_quote(OrderBook().asks, SCALE, 1) == 0
    assert cost_of(OrderBook().asks, SCALE) == 0
