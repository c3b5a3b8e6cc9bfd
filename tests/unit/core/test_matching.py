"""Matching and its dry runs against sums over a sorted list of orders."""

from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papernet.core.commands import NewOrder
from papernet.core.enums import OrderType, Side, TimeInForce
from papernet.core.matching import can_fill, cost_of, crosses, match, offers, quantity_for_quote
from papernet.core.order import Order
from papernet.core.order_book import OrderBook
from papernet.core.units import SCALE

BUY, SELL = Side.BUY, Side.SELL
OTHER = {BUY: SELL, SELL: BUY}


def make_order(number: int, side: Side, price: int, quantity: int) -> Order:
    """Return an order that is on no book yet."""
    return Order(NewOrder(1, "S", side, OrderType.LIMIT, TimeInForce.GTC, quantity, price), number, 0)


def make_book(side: Side, *resting: tuple[int, int]) -> OrderBook[Order]:
    """Return a book with (price, quantity) orders on one side, numbered from 1."""
    book: OrderBook[Order] = OrderBook()
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
    cost = cost_of(offers(book.asks), quantity)
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
    quantity = quantity_for_quote(offers(book.side(side)), quote, step)

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
    assert quantity_for_quote(offers(book.asks), 1, 0) == 3
    assert quantity_for_quote(offers(book.asks), 2, 0) == 4


def test_an_amount_buys_nothing_from_nobody() -> None:
    assert quantity_for_quote(offers(OrderBook().asks), SCALE, 1) == 0
    assert cost_of(offers(OrderBook().asks), SCALE) == 0


# ---- icebergs, and orders that must not match


def make_iceberg(number: int, side: Side, price: int, shown: int, hidden: int) -> Order:
    """Return an order that shows a part and keeps the rest in reserve."""
    terms = NewOrder(1, "S", side, OrderType.LIMIT, TimeInForce.GTC, shown + hidden, price, iceberg_quantity=shown)
    order = Order(terms, number, 0)
    order.leaves, order.reserve = shown, hidden
    return order


def fills_of(book: OrderBook[Order], side: Side, limit: int, quantity: int) -> list[tuple[int, int, int]]:
    """Match and return (order id, price, quantity) of each fill."""
    return [(order.order_id, price, part) for order, price, part in match(book, make_order(99, side, limit, quantity), limit)]


def test_the_parts_of_an_iceberg_trade_after_those_that_came_between() -> None:
    book: OrderBook[Order] = OrderBook()
    for order in (make_iceberg(1, SELL, 10, 2, 3), make_order(2, SELL, 10, 1), make_order(3, SELL, 11, 5)):
        book.rest(order)
    assert can_fill(book, BUY, 10, 6)
    assert not can_fill(book, BUY, 10, 7)
    assert list(offers(book.asks)) == [(10, 6, 10), (11, 5, 11)]
    assert fills_of(book, BUY, 11, 7) == [(1, 10, 2), (2, 10, 1), (1, 10, 2), (1, 10, 1), (3, 11, 1)]
    book.check_invariants()


def test_a_taker_that_ends_within_a_part_leaves_the_rest_of_it_first() -> None:
    book: OrderBook[Order] = OrderBook()
    for order in (make_iceberg(1, SELL, 10, 2, 8), make_order(2, SELL, 10, 1)):
        book.rest(order)
    assert fills_of(book, BUY, 10, 4) == [(1, 10, 2), (2, 10, 1), (1, 10, 1)]
    assert book.asks.depth(9) == [(10, 1)]
    assert fills_of(book, BUY, 10, 2) == [(1, 10, 1), (1, 10, 1)]


@given(
    side=st.sampled_from(Side),
    resting=st.lists(st.tuples(st.integers(1, 3), st.integers(1, 4), st.integers(0, 6)), max_size=6),
    quantity=st.integers(1, 40),
    limit=st.integers(0, 4),
)
def test_matching_icebergs_equals_taking_parts_one_by_one(
    side: Side, resting: list[tuple[int, int, int]], quantity: int, limit: int
) -> None:
    sign = 1 if side is BUY else -1
    book: OrderBook[Order] = OrderBook()
    rows = [[number, price, shown, hidden, shown] for number, (price, shown, hidden) in enumerate(resting, 1)]
    for number, price, shown, hidden, _ in rows:
        book.rest(make_iceberg(number, OTHER[side], price, shown, hidden))
    reachable = [row for row in rows if limit == 0 or sign * row[1] <= sign * limit]
    assert can_fill(book, side, limit, quantity) is (sum(row[2] + row[3] for row in reachable) >= quantity)
    expected, left = [], quantity
    while left and reachable:
        row = min(reachable, key=lambda row: sign * row[1])
        part = min(left, row[2])
        expected.append((row[0], row[1], part))
        left -= part
        row[2] -= part
        if not row[2]:
            reachable.remove(row)
            row[2] = min(row[4], row[3])
            row[3] -= row[2]
            if row[2]:
                reachable.append(row)
    taker = make_order(99, side, limit or 1, quantity)
    assert [(order.order_id, price, part) for order, price, part in match(book, taker, limit)] == expected
    assert taker.leaves == left
    book.check_invariants()


def test_matching_ends_before_an_order_that_must_not_match() -> None:
    book = make_book(SELL, (10, 1), (10, 2), (11, 3))
    taker = make_order(9, BUY, 11, 6)
    fills = match(book, taker, 11, lambda order: order.order_id == 2)
    assert [(order.order_id, part) for order, _, part in fills] == [(1, 1)]
    assert (taker.leaves, book.asks.depth(9)) == (5, [(10, 2), (11, 3)])
    # at once, when it stands first: nothing changes, and nothing is noted
    book.changes.clear()
    assert match(book, taker, 11, lambda order: order.order_id == 2) == []
    assert (taker.leaves, book.changes) == (5, [])
    book.check_invariants()


def test_what_is_used_up_without_a_trade_costs_nothing() -> None:
    offered = [(2 * SCALE, SCALE, 2 * SCALE), (3 * SCALE, 3 * SCALE, 0), (5 * SCALE, SCALE, 5 * SCALE)]
    assert cost_of(offered, 4 * SCALE) == 2 * SCALE
    assert cost_of(offered, 9 * SCALE) == 7 * SCALE
