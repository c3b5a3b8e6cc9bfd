"""The unfilled order count: windows aligned to the clock, and who and what is counted."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from papernet.core.commands import AmendOrder, CancelOrder, NewOrder, NewOrderList, ReplaceOrder, SetLimits
from papernet.core.enums import ListKind, OrderType, Side, TimeInForce
from papernet.core.rejects import Reason, Reject
from papernet.exchange.allowances import ORDER_LIMIT_1D, ORDER_LIMIT_10S, Allowance
from tests.support.scripts import check
from tests.support.worlds import ALICE, BOB, CROWD, NOBODY, SECOND, START, World, reason, refusal

TEN = 10 * SECOND
HOUR = 3_600 * SECOND
DAY = 24 * HOUR
TOO_MANY = Reject(Reason.TOO_MANY_ORDERS, ("50", "10 SECOND"))


def test_the_limits_are_the_test_networks() -> None:
    assert (ORDER_LIMIT_10S, ORDER_LIMIT_1D) == (50, 160_000)


def fill(world: World, account: int, orders: int = 50) -> None:
    """Place so many orders, none of which stays open."""
    for _ in range(orders):
        assert reason(world.buy(account, "0.1", "0.01", tif=TimeInForce.IOC)) is None


def test_fifty_orders_in_ten_seconds_and_no_more() -> None:
    world = World()
    fill(world, ALICE)
    assert refusal(world.buy(ALICE, "1", "10")) == TOO_MANY
    assert world.exchange.order_counts(ALICE, world.now) == (50, 50)
    # refused orders are not counted
    assert refusal(world.buy(ALICE, "1", "10")) == TOO_MANY
    assert world.exchange.order_counts(ALICE, world.now) == (50, 50)


def test_windows_are_aligned_to_the_clock_and_not_to_the_first_order() -> None:
    world = World()
    world.now = START + TEN - 1
    fill(world, ALICE)
    assert refusal(world.buy(ALICE, "1", "10")) == TOO_MANY
    world.now += 1
    assert world.exchange.order_counts(ALICE, world.now) == (0, 50)
    fill(world, ALICE)
    assert world.exchange.order_counts(ALICE, world.now) == (50, 100)
    world.now += TEN - 1
    assert refusal(world.buy(ALICE, "1", "10")) == TOO_MANY
    world.now += 1
    assert reason(world.buy(ALICE, "1", "10")) is None


def test_the_day_is_that_of_utc() -> None:
    world = World()
    midnight = (START // DAY + 1) * DAY
    world.now = midnight - 1
    fill(world, ALICE, 3)
    assert world.exchange.order_counts(ALICE, midnight - 1) == (3, 3)
    assert world.exchange.order_counts(ALICE, midnight) == (0, 0)
    world.now = midnight
    fill(world, ALICE, 2)
    assert world.exchange.order_counts(ALICE, midnight) == (2, 2)


def test_the_limit_of_a_day() -> None:
    allowance, now = Allowance(), START // DAY * DAY
    for number in range(ORDER_LIMIT_1D):
        if number % ORDER_LIMIT_10S == 0:
            now += TEN
        assert allowance.exceeded(now, 1) is None
        allowance.count(now, 1)
    assert allowance.exceeded(now, 1) == ("50", "10 SECOND")
    now += TEN
    assert allowance.exceeded(now, 1) == ("160000", "1 DAY")
    assert allowance.counts(now) == (0, ORDER_LIMIT_1D)
    assert allowance.exceeded((now // DAY + 1) * DAY, 1) is None


def test_each_account_has_its_own_count_over_all_symbols() -> None:
    world = World()
    fill(world, ALICE)
    assert reason(world.buy(BOB, "1", "10")) is None
    assert world.exchange.order_counts(BOB, world.now) == (1, 1)
    assert world.exchange.order_counts(NOBODY, world.now) == (0, 0)


def test_the_crowd_is_not_counted() -> None:
    world = World()
    fill(world, CROWD, 120)
    assert world.exchange.order_counts(CROWD, world.now) == (0, 0)


def test_orders_that_are_refused_for_any_reason_and_cancels_are_not_counted() -> None:
    world = check("""
        alice buy 1 @ 10 as A1
        alice buy 1 @ 10 as A1        -> DUPLICATE_CLIENT_ORDER_ID
        alice buy 1 @ 0.001           -> FILTER_FAILURE(PRICE_FILTER)
        alice buy 9000 @ 9000         -> INSUFFICIENT_BALANCE
        alice buy $1                  -> NO_LIQUIDITY_FOR_QUOTE
        alice sell 1 @ 10 MAKER       -> WOULD_TAKE
        alice cancel A1
        alice buy 1                   -> NEW, EXPIRED INSUFFICIENT_LIQUIDITY
        alice buy 1 @ 1 FOK           -> NEW, EXPIRED UNFILLED_FOK_ORDER
    """)
    assert world.exchange.order_counts(ALICE, world.now) == (3, 3)


def test_with_the_limits_off_orders_are_counted_and_never_refused() -> None:
    world = World()
    world.apply(SetLimits(enabled=False))
    fill(world, ALICE, 70)
    assert world.exchange.order_counts(ALICE, world.now) == (70, 70)
    world.apply(SetLimits(enabled=True))
    assert refusal(world.buy(ALICE, "1", "10")) == TOO_MANY


def test_asking_for_the_counts_leaves_them_alone() -> None:
    allowance = Allowance()
    allowance.count(START, 1)
    assert allowance.counts(START + 400 * DAY) == (0, 0)
    assert allowance.exceeded(START + 400 * DAY, 1) is None
    assert allowance.counts(START) == (1, 1)


@given(st.lists(st.integers(0, 25 * SECOND) | st.integers(0, 2 * DAY), max_size=40), st.integers(0, DAY))
def test_counts_equal_those_of_a_list_of_times(pauses: list[int], start: int) -> None:
    allowance, times, now = Allowance(), [], start
    for pause in pauses:
        now += pause
        allowance.count(now, 1)
        times.append(now)
        expected = tuple(sum(time // window == now // window for time in times) for window in (TEN, DAY))
        assert allowance.counts(now) == expected


# ---- faqs/order_count_decrement.md: its tables, an action a row with the count it leaves


def follow(world: World, table: str) -> None:
    """Carry a table out: time in seconds, an order of ALICE's or a fill by BOB, and ALICE's count in ten seconds."""
    begin = world.now
    for row in table.strip().splitlines():
        seconds, action, count = row.split("|")
        world.now = begin + int(seconds) * SECOND
        verb, *words = action.split()
        if verb == "rest":
            world.buy(ALICE, "1", words[0])
        elif verb == "take":
            world.buy(ALICE, words[0], "90", tif=TimeInForce.IOC)
        elif verb == "fok":
            world.buy(ALICE, words[0], "90", tif=TimeInForce.FOK)
        elif verb == "hit":
            world.sell(BOB, words[0], words[1], tif=TimeInForce.IOC)
        elif verb == "offer":
            world.sell(BOB, words[0], "90")
        assert world.exchange.order_counts(ALICE, world.now)[0] == int(count), row


def test_the_table_of_takers() -> None:
    follow(
        World(),
        """
        0 | offer 2     | 0
        1 | rest 10     | 1
        2 | take 1      | 1
        3 | rest 11     | 2
        5 | take 1      | 2
        """,
    )


def test_the_table_of_makers() -> None:
    follow(
        World(),
        """
        1 | rest 20     | 1
        1 | rest 19     | 2
        2 | rest 18     | 3
        2 | rest 17     | 4
        2 | rest 16     | 5
        3 | hit 0.5 20  | 0
        4 | rest 15     | 1
        4 | rest 14     | 2
        5 | hit 0.2 20  | 2
        5 | hit 0.3 20  | 2
        5 | hit 0.5 19  | 0
        6 | rest 13     | 1
        """,
    )


def test_the_table_of_expired_orders() -> None:
    follow(
        World(),
        """
        0 | offer 1     | 0
        2 | rest 10     | 1
        3 | fok 1       | 1
        5 | rest 11     | 2
        6 | fok 1       | 3
        7 | rest 12     | 4
        """,
    )


def test_the_table_of_two_days() -> None:
    world = World()
    world.now = START // DAY * DAY + 9 * HOUR
    resting = [str(20 - number) for number in range(15)]

    def day_count() -> int:
        return world.exchange.order_counts(ALICE, world.now)[1]

    for price in resting[:5]:
        world.buy(ALICE, "1", price)
    assert day_count() == 5
    world.now += 15 * HOUR
    assert day_count() == 0
    world.now += 9 * HOUR
    for price in resting[5:]:
        world.buy(ALICE, "1", price)
    assert day_count() == 10
    world.sell(BOB, "5", resting[4])
    assert day_count() == 5
    world.sell(BOB, "5", resting[9])
    assert day_count() == 0
    world.buy(ALICE, "1", "3")
    world.buy(ALICE, "1", "2")
    assert day_count() == 2
    world.sell(BOB, "5", resting[14])
    assert day_count() == 0


# ---- several at once: an order list counts as many as it has orders


def test_so_many_more_fit_or_none() -> None:
    allowance = Allowance()
    allowance.count(START, 47)
    assert allowance.exceeded(START, 3) is None
    assert allowance.exceeded(START, 4) == ("50", "10 SECOND")
    allowance.count(START, 3)
    assert allowance.counts(START) == (50, 50)
    assert allowance.exceeded(START, 1) == ("50", "10 SECOND")


def legs(world: World, *orders: NewOrder) -> tuple[NewOrder, ...]:
    """Return orders that sell, as legs without ids."""
    return tuple(replace(order, symbol=world.symbol) for order in orders)


def test_each_order_of_a_list_counts() -> None:
    world = World()
    working = world.order(ALICE, Side.BUY, "1", "10")
    pending = world.order(ALICE, Side.SELL, "1", "20")
    stop = replace(pending, order_type=OrderType.STOP_LOSS, price=0, stop_price=pending.price // 4)
    maker = replace(pending, order_type=OrderType.LIMIT_MAKER)
    for kind, orders, count in (
        (ListKind.OTO, (working, pending), 2),
        (ListKind.OCO, (stop, maker), 4),
        (ListKind.OTOCO, (working, stop, maker), 7),
    ):
        assert reason(world.apply(NewOrderList(ALICE, world.symbol, kind, legs(world, *orders)))) is None
        assert world.exchange.order_counts(ALICE, world.now) == (count, count)
    fill(world, ALICE, 41)
    assert (
        refusal(world.apply(NewOrderList(ALICE, world.symbol, ListKind.OTOCO, legs(world, working, stop, maker)))) == TOO_MANY
    )
    assert world.exchange.order_counts(ALICE, world.now) == (48, 48)
    assert reason(world.apply(NewOrderList(ALICE, world.symbol, ListKind.OTO, legs(world, working, pending)))) is None
    assert world.exchange.order_counts(ALICE, world.now) == (50, 50)


def test_a_replacement_counts_one_also_when_it_was_not_attempted_and_an_amendment_none() -> None:
    world = World()
    world.buy(ALICE, "3", "10", cid="A1")
    order = world.order(ALICE, Side.BUY, "1", "10")
    world.apply(ReplaceOrder(CancelOrder(ALICE, world.symbol, 1), order, stops_on_failure=True))
    assert world.exchange.order_counts(ALICE, world.now) == (2, 2)
    # rest-api.md, Cancel an Existing Order and Send a New Order: not attempted, still counted
    world.apply(ReplaceOrder(CancelOrder(ALICE, world.symbol, 77), order, stops_on_failure=True))
    assert world.exchange.order_counts(ALICE, world.now) == (3, 3)
    world.buy(ALICE, "3", "10", cid="A3")
    world.apply(AmendOrder(ALICE, world.symbol, -1, order.quantity, "A3"))
    assert world.exchange.order_counts(ALICE, world.now) == (4, 4)


def test_with_the_limits_off_lists_and_replacements_are_never_refused() -> None:
    world = World()
    world.buy(ALICE, "1", "10", cid="A1")
    fill(world, ALICE, 49)
    world.apply(SetLimits(enabled=False))
    order = world.order(ALICE, Side.BUY, "1", "10", cid="A2")
    replacement = ReplaceOrder(CancelOrder(ALICE, world.symbol, -1, "A1"), order, stops_on_failure=True)
    assert reason(world.apply(replacement)) is None
    assert (
        reason(world.apply(NewOrderList(ALICE, world.symbol, ListKind.OTO, (order_like(order, "A3"), order_like(order, "A4")))))
        is None
    )
    assert world.exchange.order_counts(ALICE, world.now) == (53, 53)


def order_like(order: NewOrder, name: str) -> NewOrder:
    """Return the same order with another client order id."""
    return replace(order, client_order_id=name)


def test_the_crowds_lists_are_not_counted() -> None:
    world = World()
    order = world.order(CROWD, Side.BUY, "1", "10")
    world.apply(NewOrderList(CROWD, world.symbol, ListKind.OTO, (order, order)))
    assert world.exchange.order_counts(CROWD, world.now) == (0, 0)
