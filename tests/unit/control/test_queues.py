"""What has to trade before an order gets its quantity: the dry run against the engine itself."""

from hypothesis import given
from hypothesis import strategies as st

from papernet.control.queues import opposite, orders_at, plan_fill, whole_levels
from papernet.core.commands import NewOrder
from papernet.core.enums import OrderType, Side, TimeInForce
from papernet.core.matching import match
from papernet.core.order import Order
from papernet.core.order_book import OrderBook


def order(number: int, side: Side, price: int, quantity: int, shown: int = 0) -> Order:
    terms = NewOrder(1, "X", side, OrderType.LIMIT, TimeInForce.GTC, quantity, price, iceberg_quantity=shown)
    made = Order(terms, number, 0)
    if shown and quantity > shown:
        made.reserve, made.leaves = quantity - shown, shown
    return made


def book_of(*orders: Order) -> OrderBook[Order]:
    book: OrderBook[Order] = OrderBook()
    for one in orders:
        book.rest(one)
    return book


def test_the_head_of_the_best_level_needs_nothing_but_itself() -> None:
    first, second = order(1, Side.BUY, 100, 5), order(2, Side.BUY, 100, 5)
    plan = plan_fill(book_of(first, second), first, 3)
    assert (plan.total, plan.ahead, plan.best, plan.last) == (3, [], 100, False)


def test_better_prices_and_older_orders_come_first_with_all_they_have() -> None:
    front, older, mine = order(1, Side.SELL, 90, 4, 1), order(2, Side.SELL, 100, 3), order(3, Side.SELL, 100, 5)
    plan = plan_fill(book_of(front, older, mine), mine, 5)
    assert (plan.total, [(one.order_id, quantity) for one, quantity in plan.ahead]) == (12, [(1, 4), (2, 3)])
    assert (plan.best, plan.last) == (90, True)


def test_an_iceberg_waits_for_those_behind_it_before_its_next_part() -> None:
    mine, other = order(1, Side.BUY, 100, 6, 2), order(2, Side.BUY, 100, 5)
    plan = plan_fill(book_of(mine, other), mine, 3)
    assert (plan.total, [(one.order_id, quantity) for one, quantity in plan.ahead]) == (8, [(2, 5)])


def test_levels_and_queues_are_told_best_and_oldest_first() -> None:
    rows = [order(1, Side.BUY, 99, 1), order(2, Side.BUY, 100, 2), order(3, Side.BUY, 100, 3), order(4, Side.BUY, 98, 9, 4)]
    bids = book_of(*rows).bids
    assert [one.order_id for one in orders_at(bids, 100)] == [2, 3]
    assert orders_at(bids, 97) == []
    assert [(one.order_id, quantity) for one, quantity in whole_levels(bids, 99)] == [(2, 2), (3, 3), (1, 1)]
    assert [quantity for _, quantity in whole_levels(bids, 0)] == [2, 3, 1, 9]
    assert opposite(Side.BUY) is Side.SELL
    assert opposite(Side.SELL) is Side.BUY


@given(
    rows=st.lists(st.tuples(st.integers(0, 2), st.integers(1, 9), st.integers(0, 3)), min_size=1, max_size=8),
    which=st.integers(0, 7),
    side=st.sampled_from(Side),
    data=st.data(),
)
def test_an_order_of_the_planned_size_gives_exactly_what_was_asked_for(
    rows: list[tuple[int, int, int]], which: int, side: Side, data: st.DataObject
) -> None:
    orders = [order(n, side, 100 + away, size, min(shown, size)) for n, (away, size, shown) in enumerate(rows, 1)]
    book, mine = book_of(*orders), orders[which % len(orders)]
    wanted = data.draw(st.integers(1, mine.leaves + mine.reserve))
    plan = plan_fill(book, mine, wanted)
    expected = {one.order_id: quantity for one, quantity in plan.ahead} | {mine.order_id: wanted}
    incoming = order(99, opposite(side), mine.price, plan.total)
    traded: dict[int, int] = {}
    for resting, _, quantity in match(book, incoming, mine.price):
        traded[resting.order_id] = traded.get(resting.order_id, 0) + quantity
    assert traded == expected
    assert plan.last is (not orders_at(book.side(side), mine.price))
