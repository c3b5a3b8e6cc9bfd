"""Waiting orders against a plain list of them, and what a trade costs when there are many."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from papernet.core.commands import NewOrder
from papernet.core.enums import OrderType, Side, TimeInForce
from papernet.core.events import OrderExtras
from papernet.core.order import Order
from papernet.venues.spot import triggers as room
from papernet.venues.spot.triggers import Triggers, is_above, is_met
from tests.support.orders import place, told
from tests.support.scripts import check
from tests.support.worlds import ALICE, World, make_symbol

BUY, SELL = Side.BUY, Side.SELL
STOP, TAKE = OrderType.STOP_LOSS, OrderType.TAKE_PROFIT
GTC = TimeInForce.GTC


def waiter(number: int, side: Side, kind: OrderType, stop: int = 0, delta: int = 0) -> Order:
    """Return an order that waits nowhere yet."""
    order = Order(NewOrder(1, "S", side, kind, GTC, 5, stop_price=stop, trailing_delta=delta), number, 0)
    order.extras = OrderExtras()
    return order


# ---- rest-api.md, Trigger order price rules: price above market: STOP_LOSS BUY, TAKE_PROFIT SELL; below: the other two


@pytest.mark.parametrize(
    ("kind", "side", "above"),
    [
        (OrderType.STOP_LOSS, BUY, True),
        (OrderType.STOP_LOSS_LIMIT, BUY, True),
        (OrderType.TAKE_PROFIT, SELL, True),
        (OrderType.TAKE_PROFIT_LIMIT, SELL, True),
        (OrderType.STOP_LOSS, SELL, False),
        (OrderType.STOP_LOSS_LIMIT, SELL, False),
        (OrderType.TAKE_PROFIT, BUY, False),
        (OrderType.TAKE_PROFIT_LIMIT, BUY, False),
    ],
)
def test_which_way_an_order_looks(kind: OrderType, side: Side, above: bool) -> None:
    assert is_above(kind, side) is above
    assert [is_met(kind, side, 100, last) for last in (99, 100, 101)] == [not above, True, above]
    triggers = Triggers()
    order = waiter(1, side, kind, 100)
    triggers.wait(order, 99 if above else 101, 0)
    triggers.trade(99 if above else 101, 1)
    assert triggers.fired == []
    triggers.trade(100, 2)
    assert triggers.fired == [order]
    assert triggers.waiting == triggers.positions == {}


# ---- the plain list


@dataclass
class Row:
    """An order that waits, and the best price since it began to trail (None: it has not)."""

    order: Order
    extreme: int | None = None

    @property
    def above(self) -> bool:
        """Whether its stop price is above the market."""
        return self.order.terms.side is (BUY if self.order.terms.order_type is STOP else SELL)


class PlainList:
    """The rules of faqs/trailing-stop-faq and of stop orders, carried out on all orders at every trade."""

    def __init__(self) -> None:
        self.rows: list[Row] = []

    def wait(self, order: Order, last_price: int) -> None:
        self.rows.append(Row(order, last_price if last_price and not order.terms.stop_price else None))

    def trade(self, price: int) -> tuple[list[int], list[int], list[int]]:
        """Return the ids of what triggers: stops that are reached from below, from above, and trailing ones."""
        rising: list[Row] = []
        falling: list[Row] = []
        trailed: list[Row] = []
        for row in list(self.rows):
            terms = row.order.terms
            if row.extreme is not None:
                row.extreme = max(row.extreme, price) if terms.side is SELL else min(row.extreme, price)
                if self.has_turned(row.extreme, price, terms):
                    trailed.append(row)
            elif not terms.stop_price:
                row.extreme = price
            elif price >= terms.stop_price if row.above else price <= terms.stop_price:
                if terms.trailing_delta:
                    row.extreme = price
                else:
                    (rising if row.above else falling).append(row)
        for row in (*rising, *falling, *trailed):
            self.rows.remove(row)
        rising.sort(key=lambda row: row.order.terms.stop_price)
        falling.sort(key=lambda row: -row.order.terms.stop_price)
        up, down, back = ([row.order.order_id for row in rows] for rows in (rising, falling, trailed))
        return up, down, back

    @staticmethod
    def has_turned(extreme: int, price: int, terms: NewOrder) -> bool:
        if terms.side is SELL:
            return price * 10_000 <= extreme * (10_000 - terms.trailing_delta)
        return price * 10_000 >= extreme * (10_000 + terms.trailing_delta)

    def state(self) -> list[tuple[int, int]]:
        return [(row.order.order_id, row.extreme or 0) for row in self.rows]


PRICES = st.integers(90, 112)
WAITS = st.tuples(
    st.just("wait"),
    st.sampled_from(Side),
    st.sampled_from([STOP, TAKE]),
    st.one_of(st.just(0), PRICES),
    st.sampled_from([0, 1, 50, 99, 100, 300, 500, 1_000, 2_000]),
)
STEPS = st.lists(
    st.one_of(
        WAITS,
        WAITS,
        st.tuples(st.just("trade"), PRICES),
        st.tuples(st.just("trade"), PRICES),
        st.tuples(st.just("remove"), st.integers(0, 50)),
        st.tuples(st.just("restore")),
    ),
    max_size=60,
)


def restored(triggers: Triggers) -> Triggers:
    """Return another room with what a checkpoint keeps of this one."""
    state = [(triggers.waiting[order_id], extreme) for order_id, extreme in triggers.state()]
    again = Triggers()
    again.restore(state)
    return again


@settings(max_examples=250)
@given(STEPS)
def test_waiting_orders_equal_a_plain_list_of_them(steps: list[tuple[Any, ...]]) -> None:
    triggers, plain, last = Triggers(), PlainList(), 0
    orders: dict[int, Order] = {}
    for at, step in enumerate(steps, 1):
        if step[0] == "wait":
            _, side, kind, stop, delta = step
            if not (stop or delta) or (stop and last and is_met(kind, side, stop, last)):
                continue
            order = orders[at] = waiter(at, side, kind, stop, delta)
            triggers.wait(order, last, at)
            plain.wait(order, last)
        elif step[0] == "trade":
            last = step[1]
            before = dict(plain.state())
            rising, falling, trailed = plain.trade(last)
            triggers.trade(last, at)
            fired = [order.order_id for order in triggers.fired]
            triggers.fired.clear()
            # nearest first from either side; both sides can be reached by a symbol's first trade only
            assert [one for one in fired if one in rising] == rising
            assert [one for one in fired if one in falling] == falling
            assert sorted(fired[: len(rising) + len(falling)]) == sorted(rising + falling)
            assert fired[len(rising) + len(falling) :] == trailed
            for order_id, extreme in plain.state():
                if extreme and not before[order_id]:
                    extras = orders[order_id].extras
                    assert extras is not None
                    assert extras.trailing_at == at
        elif step[0] == "remove" and plain.rows:
            row = plain.rows.pop(step[1] % len(plain.rows))
            triggers.remove(row.order)
        elif step[0] == "restore":
            triggers = restored(triggers)
        assert triggers.state() == plain.state()
        assert list(triggers.waiting) == list(triggers.positions) == [order_id for order_id, _ in plain.state()]


# ---- by hand


def fired_by(*prices: int, orders: list[Order], last: int = 0) -> list[list[int]]:
    """Return the ids of the orders that each trade triggers."""
    triggers = Triggers()
    for order in orders:
        triggers.wait(order, last, 0)
    told_ids = []
    for price in prices:
        triggers.trade(price, price)
        told_ids.append([order.order_id for order in triggers.fired])
        triggers.fired.clear()
    return told_ids


def test_nearest_stop_price_first_then_first_come_first() -> None:
    rising = [waiter(number, BUY, STOP, stop) for number, stop in enumerate((108, 105, 110, 105), 1)]
    assert fired_by(104, 110, orders=rising, last=100) == [[], [2, 4, 1, 3]]
    falling = [waiter(number, SELL, STOP, stop) for number, stop in enumerate((92, 95, 90, 95), 1)]
    assert fired_by(96, 91, 90, orders=falling, last=100) == [[], [2, 4, 1], [3]]


def test_a_first_trade_that_reaches_stop_prices_from_both_sides_takes_the_nearest_of_either_first() -> None:
    rising = [waiter(1, BUY, STOP, 108), waiter(2, BUY, STOP, 105)]
    falling = [waiter(3, SELL, STOP, 112), waiter(4, SELL, STOP, 115)]
    (fired,) = fired_by(110, orders=[*rising, *falling])
    assert [one for one in fired if one < 3] == fired_by(110, orders=rising)[0] == [2, 1]
    assert [one for one in fired if one > 2] == fired_by(110, orders=falling)[0] == [4, 3]


def test_plain_stops_come_before_trailing_ones_and_these_by_the_time_they_began_to_wait() -> None:
    orders = [
        waiter(1, SELL, STOP, 0, 100),
        waiter(2, SELL, STOP, 90),
        waiter(3, SELL, STOP, 0, 500),
        waiter(4, SELL, STOP, 94),
        waiter(5, SELL, STOP, 0, 50),
    ]
    assert fired_by(101, 85, orders=orders, last=100) == [[], [4, 2, 1, 3, 5]]


def test_a_stop_price_is_where_trailing_begins() -> None:
    # faqs/trailing-stop-faq: a buy follows the lowest price from where its stop price was met
    order = waiter(1, BUY, TAKE, 95, 500)
    triggers = Triggers()
    triggers.wait(order, 100, 1)
    for at, price in enumerate((96, 110, 90, 85, 89), 2):
        triggers.trade(price, at)
        assert triggers.fired == []
        assert order.extras is not None
        assert order.extras.trailing_at == (-1 if at < 4 else 4)
    # 85 x 1.05 = 89.25
    assert triggers.state() == [(1, 85)]
    triggers.trade(90, 9)
    assert triggers.fired == [order]


def test_without_any_price_an_order_trails_from_the_next_trade() -> None:
    order = waiter(1, SELL, STOP, 0, 1_000)
    triggers = Triggers()
    triggers.wait(order, 0, 1)
    assert triggers.state() == [(1, 0)]
    triggers.trade(100, 7)
    assert order.extras is not None
    assert (triggers.state(), order.extras.trailing_at) == ([(1, 100)], 7)


def test_removed_orders_are_nowhere() -> None:
    orders = [waiter(1, SELL, STOP, 95), waiter(2, SELL, STOP, 0, 100), waiter(3, BUY, STOP, 105, 100)]
    triggers = Triggers()
    for order in orders:
        triggers.wait(order, 100, 0)
    unseen = waiter(4, BUY, TAKE, 0, 100)
    triggers.wait(unseen, 0, 0)
    for order in (*orders, unseen):
        triggers.remove(order)
    for price in (50, 150, 50):
        triggers.trade(price, 1)
    assert triggers.fired == []
    assert triggers.state() == []


def test_segments_end_with_their_last_order() -> None:
    triggers = Triggers()
    for number, price in enumerate((110, 108, 105, 103), 1):
        triggers.trade(price, number)
        triggers.wait(waiter(number, SELL, STOP, 0, 100 * number + 800), price, number)
    trail = triggers._highest
    assert [segment.extreme for segment in trail.segments] == [110, 108, 105, 103]
    triggers.remove(triggers.waiting[2])
    assert [segment.extreme for segment in trail.segments] == [110, 105, 103]
    # 9 % off 110
    triggers.trade(100, 9)
    assert [order.order_id for order in triggers.fired] == [1]
    assert [segment.extreme for segment in trail.segments] == [105, 103]
    triggers.trade(50, 10)
    assert (trail.segments, trail.places, triggers.waiting) == ([], {}, {})


def test_orders_of_several_extremes_survive_a_checkpoint() -> None:
    triggers = Triggers()
    for number, price in enumerate((110, 108, 105, 103), 1):
        triggers.trade(price, number)
        triggers.wait(waiter(number, SELL, STOP, 0, 1_000), price, number)
    triggers.trade(104, 9)
    assert triggers.state() == [(1, 110), (2, 108), (3, 105), (4, 104)]
    again = restored(triggers)
    assert again.state() == triggers.state()
    for price, gone in ((99, [1]), (97, [2]), (106, []), (95, [3, 4])):
        for one in (triggers, again):
            one.trade(price, 10)
            assert [order.order_id for order in one.fired] == gone
            one.fired.clear()


# ---- on a market


def test_only_trades_of_the_symbol_itself_trigger() -> None:
    world = World(
        make_symbol(), make_symbol(name="ETHUSDT", base="ETH"), balances=(("BTC", 10**12), ("ETH", 10**12), ("USDT", 10**13))
    )
    for row in ("bob sell 1 @ 100 as B1", "crowd buy 1 @ 100 as C1", "alice sell 1 STOP 90 as A1"):
        place(world, row)
    place(world, "bob sell 1 @ 80 on ETHUSDT")
    assert "A1" not in " ".join(told(place(world, "crowd buy 1 @ 80 on ETHUSDT")))
    assert world.exchange.markets["BTCUSDT"].triggers.waiting
    assert (ALICE, len(world.exchange.accounts.by_id[ALICE].open_orders)) == (ALICE, 1)


def test_triggered_orders_enter_when_the_running_order_has_finished() -> None:
    check("""
        bob   sell 1 @ 100 as B1
        crowd buy 1 @ 100 as C1
        crowd buy 1 @ 98 as C2
        crowd buy 1 @ 96 as C3
        crowd buy 1 @ 94 as C4
        crowd buy 9 @ 90 as C5
        alice sell 1 STOP 98 as A1
        alice sell 1 @ 91 STOP 97 as A2
        -- the first trade triggers A1, the second A2; both wait until B2 is done, and A1 sells below A2's limit
        bob   sell 3 @ 94 as B2
        -> NEW, 1@98 with C2, 1@96 with C3, 1@94 with C4, FILLED, NEW, 1@90 with C5, FILLED, NEW
        book
        |      | 91 | A2:1 |
        | C5:8 | 90 |      |
    """)


# ---- what a trade costs


class Count(int):
    """A trailing delta that counts how often it is compared."""

    compared = 0

    def __lt__(self, other: int) -> bool:
        Count.compared += 1
        return int.__lt__(self, other)

    __hash__ = int.__hash__


def work(action: Callable[..., object], *args: object) -> int:
    """Return how many lines of the triggers' room an action runs, and how often deltas are compared."""
    lines = 0

    def trace(frame: FrameType, event: str, _: object) -> Any:
        nonlocal lines
        if frame.f_code.co_filename != room.__file__:
            return None
        lines += event == "line"
        return trace

    Count.compared = 0
    before = sys.gettrace()
    sys.settrace(trace)
    try:
        action(*args)
    finally:
        sys.settrace(before)
    return lines + Count.compared


def far_stops(count: int) -> Triggers:
    """Return a room of orders with a stop price each, far from 1,000,000 on either side."""
    triggers = Triggers()
    for number in range(count):
        side = (BUY, SELL)[number % 2]
        triggers.wait(waiter(number, side, STOP, 1_000_000 + (1_000 + number) * (1 if side is BUY else -1)), 1_000_000, 0)
    return triggers


def far_trails(count: int, trend: int) -> Triggers:
    """Return a room of trailing orders, one a trade of a market that moves by `trend`, with many deltas."""
    triggers = Triggers()
    for number in range(count):
        price = 1_000_000 + number * trend
        triggers.trade(price, number)
        side = (BUY, SELL)[number % 2]
        triggers.wait(waiter(number, side, STOP, 0, Count(3_000 + number % 1_000)), price, number)
    return triggers


ROOMS: dict[str, tuple[Callable[[int], Triggers], Callable[[int], int]]] = {
    "stops": (far_stops, lambda _: 1_000_000),
    "trails of a falling market": (lambda count: far_trails(count, -1), lambda count: 1_000_000 - count + 2),
    "trails of a rising market": (lambda count: far_trails(count, 1), lambda count: 1_000_000 + count - 2),
    "trails of a market at rest": (lambda count: far_trails(count, 0), lambda _: 1_000_000),
}


@pytest.mark.parametrize("name", ROOMS)
def test_a_trade_that_triggers_nothing_costs_the_same_with_many_orders(name: str) -> None:
    make, price = ROOMS[name]
    few, many = make(100), make(2_000)
    at_few, at_many = price(100), price(2_000)
    costs = [work(few.trade, at_few, 9), work(many.trade, at_many, 9)]
    assert few.fired == many.fired == []
    assert costs[1] == costs[0] < 100


@pytest.mark.parametrize("trend", [1, -1])
def test_a_new_best_price_costs_the_same_with_many_orders(trend: int) -> None:
    costs = []
    for count in (100, 2_000):
        triggers = far_trails(count, trend)
        price = 1_000_000 + (count + 1) * trend
        costs.append(work(triggers.trade, price, 9))
        assert triggers.fired == []
    assert costs[1] <= 2 * costs[0]


def test_orders_move_seldom_however_prices_move() -> None:
    """A new best price merges segments: each order is moved a few times in its life, not at every trade."""
    costs = []
    for count in (200, 3_200):
        triggers = Triggers()

        def live(triggers: Triggers = triggers, count: int = count) -> None:
            for number in range(count):
                # down by ten, up by nine: every other trade is a new best price for the newest orders
                price = 1_000_000 - (number // 20) * 1 - (number % 10)
                triggers.trade(price, number)
                triggers.wait(waiter(number, SELL, STOP, 0, 5_000), price, number)
            triggers.trade(1_000_001, count)

        costs.append(work(live) // count)
        assert {extreme for _, extreme in triggers.state()} == {1_000_001}
    assert costs[1] <= 2 * costs[0]


def test_one_that_triggers_among_many_costs_little_more() -> None:
    costs = []
    for count in (100, 2_000):
        triggers = far_stops(count)
        triggers.wait(waiter(count, SELL, STOP, 999_999), 1_000_000, 0)
        costs.append(work(triggers.trade, 999_999, 9))
        assert [order.order_id for order in triggers.fired] == [count]
    assert costs[1] == costs[0]


@pytest.mark.parametrize("trend", [1, -1])
def test_one_trail_that_triggers_or_is_taken_away_among_many_costs_little_more(trend: int) -> None:
    fires, removals = [], []
    for count in (100, 2_000):
        triggers = far_trails(count, trend)
        side = SELL if trend < 0 else BUY
        price = 1_000_000 + count * trend
        for number in (count, count + 1):
            triggers.wait(waiter(number, side, STOP, 0, Count(10)), price, 0)
        removals.append(work(triggers.remove, triggers.waiting[count]))
        away = price - 1_100 if side is SELL else price + 1_100
        fires.append(work(triggers.trade, away, 9))
        assert [order.order_id for order in triggers.fired] == [count + 1]
    assert removals[1] <= 2 * removals[0]
    assert fires[1] <= 2 * fires[0]


def test_terms_may_be_amended_while_an_order_waits() -> None:
    triggers = Triggers()
    order = waiter(1, SELL, STOP, 95)
    triggers.wait(order, 100, 0)
    order.terms = replace(order.terms, quantity=3, client_order_id="amended")
    triggers.trade(95, 1)
    assert triggers.fired == [order]
