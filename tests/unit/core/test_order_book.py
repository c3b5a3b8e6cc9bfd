"""The book against a plain list of orders, and each promise of its header by hand."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papernet.core.commands import NewOrder
from papernet.core.enums import OrderType, Side, TimeInForce
from papernet.core.order import Order
from papernet.core.order_book import OrderBook, PriceLevel

BUY, SELL = Side.BUY, Side.SELL


def make_order(number: int, side: Side, price: int, quantity: int = 5) -> Order:
    """Return an order that is on no book yet."""
    return Order(NewOrder(1, "S", side, OrderType.LIMIT, TimeInForce.GTC, quantity, price), number, 0)


def rest_all(*orders: Order) -> OrderBook[Order]:
    """Return a book on which the orders rest, in order of arrival."""
    book: OrderBook[Order] = OrderBook()
    for order in orders:
        book.rest(order)
    return book


def queue(book: OrderBook[Order], side: Side, price: int) -> list[int]:
    """Return the ids at a price, oldest first, read forwards and checked backwards."""
    level = book.side(side).levels.get(price if side is BUY else -price)
    if level is None:
        return []
    forwards: list[int] = []
    order = level.head
    while order is not None:
        forwards.append(order.order_id)
        order = order.next
    backwards: list[int] = []
    order = level.tail
    while order is not None:
        backwards.append(order.order_id)
        order = order.previous
    assert backwards == forwards[::-1]
    assert level.count == len(forwards)
    return forwards


def test_an_empty_book_has_no_best_price() -> None:
    book: OrderBook[Order] = OrderBook()
    assert book.best_bid() is None
    assert book.best_ask() is None
    assert book.bids.best() is None
    assert book.bids.depth(5) == book.asks.depth(0) == []
    assert (book.update_id, book.changes) == (0, [])
    book.check_invariants()


def test_best_prices_are_the_highest_bid_and_the_lowest_ask() -> None:
    book = rest_all(*(make_order(price, BUY, price) for price in (10, 12, 11)))
    for price in (15, 13, 14):
        book.rest(make_order(price, SELL, price))
    assert (book.best_bid(), book.best_ask()) == (12, 13)
    assert book.bids.depth(10) == [(12, 5), (11, 5), (10, 5)]
    assert book.asks.depth(10) == [(13, 5), (14, 5), (15, 5)]
    best_bid, best_ask = book.bids.best(), book.asks.best()
    assert best_bid is not None
    assert best_ask is not None
    assert (best_bid.price, best_ask.price) == (12, 13)
    assert book.side(BUY) is book.opposite(SELL) is book.bids
    assert book.side(SELL) is book.opposite(BUY) is book.asks
    book.check_invariants()


@pytest.mark.parametrize("limit", range(6))
def test_depth_is_cut_at_its_limit(limit: int) -> None:
    book = rest_all(*(make_order(price, SELL, price) for price in (4, 2, 1, 3)))
    assert book.asks.depth(limit) == [(1, 5), (2, 5), (3, 5), (4, 5)][:limit]


@pytest.mark.parametrize(
    ("removed", "left"),
    [((1,), [2, 3, 4]), ((4,), [1, 2, 3]), ((2,), [1, 3, 4]), ((2, 3), [1, 4]), ((1, 4), [2, 3]), ((4, 3, 2, 1), [])],
)
@pytest.mark.parametrize("side", Side)
def test_an_order_leaves_its_queue_from_anywhere(removed: tuple[int, ...], left: list[int], side: Side) -> None:
    orders = {number: make_order(number, side, 10, number) for number in (1, 2, 3, 4)}
    book = rest_all(*orders.values())
    for number in removed:
        book.remove(orders[number])
        assert orders[number].level is orders[number].previous is orders[number].next is None
        book.check_invariants()
    assert queue(book, side, 10) == left
    assert book.side(side).depth(5) == ([(10, sum(left))] if left else [])


def test_levels_leave_from_anywhere() -> None:
    orders = {price: make_order(price, BUY, price) for price in (1, 2, 3, 4)}
    book = rest_all(*orders.values())
    for price, best in ((2, 4), (4, 3), (1, 3), (3, None)):
        book.remove(orders[price])
        assert book.best_bid() == best
        book.check_invariants()
    assert book.bids.levels == {}


def test_who_comes_back_stands_last() -> None:
    first, second = make_order(1, BUY, 10), make_order(2, BUY, 10)
    book = rest_all(first, second)
    book.remove(first)
    book.rest(first)
    assert queue(book, BUY, 10) == [2, 1]


def test_each_change_of_a_level_takes_an_update_id_and_tells_the_new_quantity() -> None:
    first, second, third = make_order(1, BUY, 10, 3), make_order(2, BUY, 10, 4), make_order(3, BUY, 9, 5)
    book = rest_all(first, second, third)
    book.remove(second)
    book.remove(first)
    assert book.changes == [(BUY, 10, 3), (BUY, 10, 7), (BUY, 9, 5), (BUY, 10, 3), (BUY, 10, 0)]
    assert book.update_id == 5


def test_fills_are_noted_once_a_level_when_its_fills_are_done() -> None:
    first, second, third = make_order(1, SELL, 10, 3), make_order(2, SELL, 10, 4), make_order(3, SELL, 11, 5)
    book = rest_all(first, second, third)
    book.changes.clear()
    level = book.asks.best()
    assert level is not None
    book.fill(first, 3)
    book.fill(second, 1)
    assert (book.changes, book.update_id) == ([], 3)
    book.touched(book.asks, level, -1)
    assert (book.changes, book.update_id) == ([(SELL, 10, 3)], 4)
    assert queue(book, SELL, 10) == [2]
    assert (first.leaves, first.level, second.leaves) == (0, None, 3)
    book.check_invariants()
    book.fill(second, 3)
    book.touched(book.asks, level, -1)
    assert book.changes[1:] == [(SELL, 10, 0)]
    assert book.best_ask() == 11
    book.check_invariants()


def test_orders_with_nothing_left_or_already_resting_may_not_rest() -> None:
    order, empty = make_order(1, BUY, 10), make_order(2, BUY, 10)
    book = rest_all(order)
    empty.leaves = 0
    for wrong in (order, empty):
        with pytest.raises(AssertionError):
            book.rest(wrong)
    with pytest.raises(AssertionError):
        book.remove(empty)


def _level(book: OrderBook[Order]) -> PriceLevel[Order]:
    level = book.bids.best()
    assert level is not None
    return level


def _head(book: OrderBook[Order]) -> Order:
    head = _level(book).head
    assert head is not None
    return head


DAMAGES: dict[str, Callable[[OrderBook[Order]], object]] = {
    "quantity": lambda book: setattr(_level(book), "quantity", 1),
    "count": lambda book: setattr(_level(book), "count", 7),
    "tail": lambda book: setattr(_level(book), "tail", _head(book)),
    "empty": lambda book: setattr(_head(book), "leaves", 0),
    "backwards": lambda book: setattr(_head(book).next, "previous", None),
    "elsewhere": lambda book: setattr(_head(book), "level", None),
    "unsorted": lambda book: book.bids.keys.reverse(),
    "unlisted": lambda book: book.bids.keys.pop(),
    "crossed": lambda book: book.rest(make_order(9, SELL, 10)),
    "wrong side": lambda book: setattr(_head(book), "side", SELL),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_its_own_check_finds_every_damage(damage: str) -> None:
    book = rest_all(make_order(1, BUY, 10), make_order(2, BUY, 10), make_order(3, BUY, 9))
    book.check_invariants()
    DAMAGES[damage](book)
    with pytest.raises(AssertionError):
        book.check_invariants()


STEPS = st.lists(
    st.tuples(st.sampled_from(["rest", "rest", "remove", "fill"]), st.integers(1, 5), st.integers(1, 9), st.integers(0, 30)),
    max_size=60,
)


@given(side=st.sampled_from(Side), steps=STEPS)
def test_the_book_equals_a_plain_list(side: Side, steps: list[tuple[str, int, int, int]]) -> None:
    book: OrderBook[Order] = OrderBook()
    plain: list[Order] = []
    for number, (step, price, quantity, pick) in enumerate(steps):
        if step == "rest" or not plain:
            order = make_order(number, side, price, quantity)
            book.rest(order)
            plain.append(order)
        elif step == "remove":
            book.remove(plain.pop(pick % len(plain)))
        else:
            # only the head of a queue is ever filled
            order = plain[pick % len(plain)]
            order = next(other for other in plain if other.price == order.price)
            level = order.level
            assert level is not None
            book.fill(order, min(quantity, order.leaves))
            book.touched(book.side(side), level, -1)
            plain = [other for other in plain if other.leaves]
        book.check_invariants()
        sign = -1 if side is BUY else 1
        prices = sorted({other.price for other in plain}, key=lambda price: sign * price)
        expected = [(price, sum(other.leaves for other in plain if other.price == price)) for price in prices]
        assert book.side(side).depth(9) == expected
        assert book.opposite(side).depth(9) == []
        for touched in prices:
            assert queue(book, side, touched) == [other.order_id for other in plain if other.price == touched]
    told = {price: quantity for _, price, quantity in book.changes}
    assert len(book.changes) == book.update_id
    assert {price: quantity for price, quantity in told.items() if quantity} == dict(book.side(side).depth(9))


# ---- icebergs: what is shown, and what is in reserve


def make_iceberg(number: int, side: Side, price: int, shown: int, hidden: int) -> Order:
    """Return an order that shows a part and keeps the rest in reserve."""
    terms = NewOrder(1, "S", side, OrderType.LIMIT, TimeInForce.GTC, shown + hidden, price, iceberg_quantity=shown)
    order = Order(terms, number, 0)
    order.leaves, order.reserve = shown, hidden
    return order


def fill(book: OrderBook[Order], order: Order, quantity: int) -> None:
    """Fill a resting order and note the level's change."""
    level = order.level
    assert level is not None
    before = level.quantity
    book.fill(order, quantity)
    book.touched(book.side(order.side), level, before)


@pytest.mark.parametrize("side", Side)
def test_an_iceberg_shows_its_next_part_at_the_end_of_the_queue(side: Side) -> None:
    iceberg, other = make_iceberg(1, side, 10, 2, 3), make_order(2, side, 10, 4)
    book = rest_all(iceberg, other)
    assert book.side(side).depth(9) == [(10, 6)]
    fill(book, iceberg, 1)
    assert queue(book, side, 10) == [1, 2]
    assert (iceberg.leaves, iceberg.reserve) == (1, 3)
    fill(book, iceberg, 1)
    assert queue(book, side, 10) == [2, 1]
    assert (iceberg.leaves, iceberg.reserve) == (2, 1)
    book.check_invariants()
    fill(book, iceberg, 2)
    # the last part is what is left
    assert (queue(book, side, 10), iceberg.leaves, iceberg.reserve) == ([2, 1], 1, 0)
    fill(book, iceberg, 1)
    assert (queue(book, side, 10), iceberg.level, iceberg.leaves) == ([2], None, 0)
    book.check_invariants()


def test_an_iceberg_that_is_alone_at_its_price_keeps_the_level() -> None:
    iceberg = make_iceberg(1, SELL, 10, 2, 2)
    book = rest_all(iceberg)
    fill(book, iceberg, 2)
    assert (book.best_ask(), book.asks.depth(9), queue(book, SELL, 10)) == (10, [(10, 2)], [1])
    fill(book, iceberg, 2)
    assert (book.best_ask(), book.asks.levels) == (None, {})


def test_a_level_that_shows_as_much_again_has_not_changed() -> None:
    iceberg = make_iceberg(1, SELL, 10, 2, 3)
    book = rest_all(iceberg)
    book.changes.clear()
    fill(book, iceberg, 2)
    assert (book.changes, book.update_id) == ([], 1)
    fill(book, iceberg, 1)
    assert (book.changes, book.update_id) == ([(SELL, 10, 1)], 2)


def test_an_iceberg_leaves_with_its_reserve() -> None:
    iceberg, other = make_iceberg(1, BUY, 10, 2, 3), make_order(2, BUY, 10, 4)
    book = rest_all(iceberg, other)
    book.remove(iceberg)
    level = book.bids.best()
    assert level is not None
    assert (level.quantity, level.hidden, level.count) == (4, 0, 1)
    book.check_invariants()


@pytest.mark.parametrize(
    ("quantity", "left", "told"),
    [
        # faqs/order_amend_keep_priority: what is shown changes only when less than that is left
        (1, (2, 2), []),
        (3, (2, 0), []),
        (4, (1, 0), [(BUY, 10, 8)]),
    ],
)
def test_reducing_takes_what_is_hidden_first_and_keeps_the_place(
    quantity: int, left: tuple[int, int], told: list[tuple[Side, int, int]]
) -> None:
    first, iceberg, last = make_order(1, BUY, 10, 3), make_iceberg(2, BUY, 10, 2, 3), make_order(3, BUY, 10, 4)
    book = rest_all(first, iceberg, last)
    book.changes.clear()
    book.reduce(iceberg, quantity)
    assert (iceberg.leaves, iceberg.reserve) == left
    assert queue(book, BUY, 10) == [1, 2, 3]
    # what nobody sees takes no update id
    assert book.changes == told
    assert book.update_id == 3 + len(told)
    book.check_invariants()


def test_reducing_a_plain_order_keeps_its_place_and_tells_the_level() -> None:
    first, second = make_order(1, SELL, 10, 3), make_order(2, SELL, 10, 4)
    book = rest_all(first, second)
    book.changes.clear()
    book.reduce(first, 2)
    assert (queue(book, SELL, 10), first.leaves, book.changes) == ([1, 2], 1, [(SELL, 10, 5)])
    book.check_invariants()


def test_a_cleared_book_holds_nobody() -> None:
    orders = [make_order(1, BUY, 10), make_iceberg(2, BUY, 10, 1, 4), make_order(3, SELL, 11)]
    book = rest_all(*orders)
    book.clear()
    assert [(order.level, order.previous, order.next) for order in orders] == [(None, None, None)] * 3
    assert (book.best_bid(), book.best_ask(), book.changes) == (None, None, [])


ICE_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["rest", "rest", "remove", "fill", "reduce"]),
        st.integers(1, 3),
        st.integers(1, 4),
        st.integers(0, 9),
        st.integers(0, 30),
    ),
    max_size=50,
)


@given(side=st.sampled_from(Side), steps=ICE_STEPS)
def test_icebergs_equal_a_plain_list(side: Side, steps: list[tuple[str, int, int, int, int]]) -> None:
    book: OrderBook[Order] = OrderBook()
    # [order, price, shown, hidden, size of a part], queue order within a price
    plain: list[list[Any]] = []
    for number, (step, price, shown, hidden, pick) in enumerate(steps):
        if step == "rest" or not plain:
            order = make_iceberg(number, side, price, shown, hidden)
            book.rest(order)
            plain.append([order, price, shown, hidden, shown])
        elif step == "remove":
            book.remove(plain.pop(pick % len(plain))[0])
        elif step == "reduce":
            row = plain[pick % len(plain)]
            taken = min(shown, row[2] + row[3] - 1)
            if taken:
                book.reduce(row[0], taken)
                row[2] -= max(0, taken - row[3])
                row[3] = max(0, row[3] - taken)
        else:
            # only the head of a queue is ever filled
            wanted = plain[pick % len(plain)][1]
            row = next(other for other in plain if other[1] == wanted)
            taken = min(shown, row[2])
            fill(book, row[0], taken)
            row[2] -= taken
            if not row[2]:
                plain.remove(row)
                if row[3]:
                    row[2] = min(row[4], row[3])
                    row[3] -= row[2]
                    plain.append(row)
        book.check_invariants()
        for level in (1, 2, 3):
            rows = [row for row in plain if row[1] == level]
            assert queue(book, side, level) == [row[0].order_id for row in rows]
            assert [(row[0].leaves, row[0].reserve) for row in rows] == [(row[2], row[3]) for row in rows]
            assert dict(book.side(side).depth(9)).get(level, 0) == sum(row[2] for row in rows)
    told = {price: quantity for _, price, quantity in book.changes}
    assert {price: quantity for price, quantity in told.items() if quantity} == dict(book.side(side).depth(9))
    assert len(book.changes) == book.update_id
