"""Each symbol filter at its boundaries, through the exchange's dry run; what market orders and the crowd are excused from."""

from collections.abc import Callable

import pytest

from papernet.core.commands import NewOrder, SetSymbolStatus
from papernet.core.enums import OrderType, Side, SymbolStatus
from papernet.core.rejects import Reason, Reject
from papernet.venues.spot.filters import compile_filters
from papernet.venues.spot.symbols import (
    FILTER_ORDER,
    Filter,
    MarketLotSize,
    MaxNumOrders,
    MinNotional,
    Notional,
    PercentPrice,
    PercentPriceBySide,
)
from tests.support.worlds import ALICE, BOB, CROWD, NOBODY, SECOND, World, lot_size, make_symbol, price_filter, reason, units


def verdict(world: World, row: str, account: int = ALICE) -> str:
    """Return "ok" or the name of the filter that fails an order written as `buy 1 @ 10`, `buy 1` or `sell $10`."""
    side, quantity, *rest = row.replace("@ ", "").split()
    quote = quantity[1:] if quantity.startswith("$") else "0"
    order = world.order(account, Side[side.upper()], "0" if quote != "0" else quantity, rest[0] if rest else "", quote=quote)
    reject = world.exchange.check_order(order, world.now)
    if reject is None:
        return "ok"
    assert reject.reason is Reason.FILTER_FAILURE, reject
    return reject.args[0]


def check(filters: Filter | tuple[Filter, ...], table: str, prepare: Callable[[World], None] | None = None) -> None:
    """Put each row's order to a symbol with these filters; the row ends with `-> ok` or the failing filter's name."""
    world = World(make_symbol(*(filters if isinstance(filters, tuple) else (filters,))))
    if prepare is not None:
        prepare(world)
    for line in table.strip().splitlines():
        row, _, expected = (part.strip() for part in line.partition("->"))
        assert verdict(world, row) == expected, line


def notional(low: str, high: str, *, low_to_market: bool = True, high_to_market: bool = True) -> Notional:
    """Return a NOTIONAL over five minutes."""
    return Notional(units(low), low_to_market, units(high), high_to_market, 5)


def trade_at(*prices: str, quantity: str = "1") -> Callable[[World], None]:
    """Return a preparation that lets BOB and the crowd trade at each of the prices, whatever the filters say."""

    def prepare(world: World) -> None:
        for price in prices:
            market = world.exchange.markets[world.symbol]
            whole = units(price) * units(quantity) // 10**8
            market.traded(world.now, units(price), units(quantity), whole)

    return prepare


# ---- PRICE_FILTER


def test_price_range_and_tick() -> None:
    check(
        price_filter("10", "20", "0.25"),
        """
        buy 1 @ 9.75        -> PRICE_FILTER
        buy 1 @ 9.99999999  -> PRICE_FILTER
        buy 1 @ 10          -> ok
        sell 1 @ 10         -> ok
        buy 1 @ 10.25       -> ok
        buy 1 @ 10.24       -> PRICE_FILTER
        buy 1 @ 10.25000001 -> PRICE_FILTER
        sell 1 @ 20         -> ok
        sell 1 @ 20.00000001 -> PRICE_FILTER
        sell 1 @ 20.25      -> PRICE_FILTER
        buy 1               -> ok
        buy $1              -> ok
    """,
    )


@pytest.mark.parametrize(
    ("rule", "passes", "fails"),
    [
        (price_filter("0", "20", "0.25"), "buy 1 @ 0.25", "buy 1 @ 20.25"),
        (price_filter("10", "0", "0.25"), "buy 1 @ 123456789", "buy 1 @ 9.75"),
        (price_filter("10", "20", "0"), "buy 1 @ 10.12345678", "buy 1 @ 20.00000001"),
        (price_filter("0", "0", "0.25"), "buy 1 @ 0.25", "buy 1 @ 0.26"),
    ],
)
def test_each_rule_of_price_is_disabled_by_zero(rule: Filter, passes: str, fails: str) -> None:
    check(rule, f"{passes} -> ok\n{fails} -> PRICE_FILTER")


def test_a_price_filter_of_zeros_lets_everything_through() -> None:
    check(price_filter(), "buy 1 @ 0.00000001 -> ok\nbuy 1 @ 92233720368 -> ok")


# ---- LOT_SIZE, MARKET_LOT_SIZE


def test_quantity_range_and_step() -> None:
    check(
        lot_size("0.5", "2", "0.25"),
        """
        buy 0.25 @ 10       -> LOT_SIZE
        buy 0.5 @ 10        -> ok
        buy 0.75 @ 10       -> ok
        buy 0.6 @ 10        -> LOT_SIZE
        sell 2 @ 10         -> ok
        sell 2.00000001 @ 10 -> LOT_SIZE
        sell 2.25 @ 10      -> LOT_SIZE
        buy 0.25            -> LOT_SIZE
        buy 0.6             -> LOT_SIZE
        buy 2.25            -> LOT_SIZE
        buy 2               -> ok
        sell $0.01          -> ok
    """,
    )


def test_market_orders_have_lots_of_their_own_beside_the_common_ones() -> None:
    check(
        (lot_size("0.1", "100", "0.1"), MarketLotSize(units("1"), units("5"), units("0.5"))),
        """
        buy 0.1 @ 10        -> ok
        buy 100 @ 10        -> ok
        buy 0.5             -> MARKET_LOT_SIZE
        buy 1               -> ok
        buy 1.1             -> MARKET_LOT_SIZE
        buy 1.05            -> LOT_SIZE
        buy 5               -> ok
        buy 5.5             -> MARKET_LOT_SIZE
        buy $0.01           -> ok
    """,
    )


def test_lots_of_market_orders_are_disabled_by_zero() -> None:
    check(
        (lot_size("0.1", "100", "0.1"), MarketLotSize(0, units("5"), 0)),
        """
        buy 0.1             -> ok
        buy 4.9             -> ok
        buy 5.1             -> MARKET_LOT_SIZE
    """,
    )
    check((lot_size("0.1", "100", "0.1"), MarketLotSize(0, 0, 0)), "buy 100 -> ok\nbuy 100.1 -> LOT_SIZE")


# ---- MIN_NOTIONAL, NOTIONAL


def test_least_notional() -> None:
    check(
        MinNotional(units("10"), apply_to_market=True, avg_price_mins=5),
        """
        buy 1 @ 10          -> ok
        buy 1 @ 9.99999999  -> MIN_NOTIONAL
        buy 0.99999999 @ 10 -> MIN_NOTIONAL
        sell 2.5 @ 4        -> ok
        buy 3.33333333 @ 3  -> MIN_NOTIONAL
    """,
    )


def test_range_of_notional() -> None:
    check(
        notional("10", "1000"),
        """
        buy 1 @ 9.99999999  -> NOTIONAL
        buy 1 @ 10          -> ok
        sell 100 @ 10       -> ok
        sell 100 @ 10.00000001 -> NOTIONAL
        buy $9.99999999     -> NOTIONAL
        buy $10             -> ok
        buy $1000           -> ok
        buy $1000.00000001  -> NOTIONAL
    """,
    )


def test_a_notional_above_the_maximum_by_less_than_a_unit_is_above() -> None:
    # 0.2 x 5,000.00000001 = 1,000.000000002 > 1,000 (filters.md, NOTIONAL: price x quantity <= maxNotional)
    rule = notional("0", "1000")
    check(rule, "buy 0.2 @ 5000 -> ok\nbuy 0.2 @ 5000.00000001 -> NOTIONAL")


def test_no_largest_notional_when_it_is_zero() -> None:
    rule = notional("10", "0", low_to_market=False)
    check(rule, "buy 90000 @ 90000 -> ok")


MARKET_NOTIONAL = """
        buy 0.09            -> {low}
        buy 0.1             -> ok
        sell 10             -> ok
        sell 10.01          -> {high}
        buy $9.99           -> {low}
        buy $1000.01        -> {high}
"""


@pytest.mark.parametrize("low", [True, False])
@pytest.mark.parametrize("high", [True, False])
def test_market_orders_are_measured_at_the_average_price_if_the_filter_applies_to_them(low: bool, high: bool) -> None:
    rule = notional("10", "1000", low_to_market=low, high_to_market=high)
    table = MARKET_NOTIONAL.format(low="NOTIONAL" if low else "ok", high="NOTIONAL" if high else "ok")
    # (90 + 110) : 2 = 100
    check(rule, table, trade_at("90", "110"))
    # limit orders never depend on the flags
    check(rule, "buy 1 @ 9.99 -> NOTIONAL\nbuy 1 @ 1000.01 -> NOTIONAL")


@pytest.mark.parametrize("applies", [True, False])
def test_least_notional_of_market_orders(applies: bool) -> None:
    rule = MinNotional(units("10"), apply_to_market=applies, avg_price_mins=5)
    check(rule, f"buy 0.09 -> {'MIN_NOTIONAL' if applies else 'ok'}\nbuy 0.1 -> ok", trade_at("90", "110"))


def test_market_orders_by_quantity_have_no_notional_before_the_first_trade() -> None:
    rule = notional("10", "1000")
    check(rule, "buy 0.00000001 -> ok\nbuy 99999 -> ok\nbuy $9 -> NOTIONAL")


def test_with_no_minutes_market_orders_are_measured_at_the_last_price() -> None:
    rule = MinNotional(units("10"), apply_to_market=True, avg_price_mins=0)
    check(rule, "buy 0.09 -> ok\nbuy 0.08 -> MIN_NOTIONAL\nbuy 0.1 -> ok", trade_at("1", "120"))


# ---- PERCENT_PRICE, PERCENT_PRICE_BY_SIDE


def test_distance_from_the_average_price() -> None:
    check(
        PercentPrice(units("1.3"), units("0.7"), 5),
        """
        buy 1 @ 70          -> ok
        sell 1 @ 70         -> ok
        buy 1 @ 69.99999999 -> PERCENT_PRICE
        buy 1 @ 130         -> ok
        sell 1 @ 130.00000001 -> PERCENT_PRICE
        buy 1               -> ok
        buy $1              -> ok
    """,
        trade_at("90", "110"),
    )


def test_each_side_has_a_distance_of_its_own() -> None:
    check(
        PercentPriceBySide(units("1.2"), units("0.2"), units("5"), units("0.8"), 1),
        """
        buy 1 @ 120         -> ok
        buy 1 @ 120.00000001 -> PERCENT_PRICE_BY_SIDE
        buy 1 @ 20          -> ok
        buy 1 @ 19.99999999 -> PERCENT_PRICE_BY_SIDE
        sell 1 @ 500        -> ok
        sell 1 @ 500.00000001 -> PERCENT_PRICE_BY_SIDE
        sell 1 @ 80         -> ok
        sell 1 @ 79.99999999 -> PERCENT_PRICE_BY_SIDE
        sell 1              -> ok
    """,
        trade_at("90", "110"),
    )


def test_bounds_are_not_rounded() -> None:
    # 1.3 x 0.00000001 is 0.000000013: the next price down is inside, the next up is not
    table = "buy 1 @ 0.00000001 -> ok\nbuy 1 @ 0.00000002 -> PERCENT_PRICE"
    check(PercentPrice(units("1.3"), units("0.7"), 5), table, trade_at("0.00000001", quantity="100000000"))


NEAR = (units("1.3"), units("0.7"))


@pytest.mark.parametrize("rule", [PercentPrice(*NEAR, 5), PercentPriceBySide(*NEAR, *NEAR, 5)])
def test_any_price_is_near_before_the_first_trade(rule: Filter) -> None:
    check(rule, "buy 1 @ 0.00000001 -> ok\nbuy 1 @ 999999 -> ok")


def test_with_no_minutes_distance_is_measured_from_the_last_price() -> None:
    check(PercentPrice(units("1.3"), units("0.7"), 0), "buy 1 @ 260 -> ok\nbuy 1 @ 139 -> PERCENT_PRICE", trade_at("1", "200"))


def test_the_average_is_weighted_and_over_the_filters_own_minutes() -> None:
    world = World(make_symbol(PercentPrice(units("1.1"), units("0.9"), 2)))
    market = world.exchange.markets["BTCUSDT"]
    market.traded(world.now, units("500"), units("1"), units("500"))
    world.now += 60 * SECOND
    market.traded(world.now, units("100"), units("3"), units("300"))
    # (500 + 3 x 100) : 4 = 200
    assert verdict(world, "buy 1 @ 220") == "ok"
    assert verdict(world, "buy 1 @ 220.00000001") == "PERCENT_PRICE"
    world.now += 60 * SECOND
    # the first trade is two minutes old
    assert verdict(world, "buy 1 @ 110") == "ok"
    assert verdict(world, "buy 1 @ 110.00000001") == "PERCENT_PRICE"
    world.now += 3600 * SECOND
    # no trades: the last price
    assert verdict(world, "buy 1 @ 110") == "ok"
    assert verdict(world, "buy 1 @ 110.00000001") == "PERCENT_PRICE"


def test_the_crowd_is_excused_from_distance_and_count_only() -> None:
    world = World(
        make_symbol(
            price_filter("0", "5000", "0"),
            PercentPrice(units("1.3"), units("0.7"), 5),
            PercentPriceBySide(units("1.3"), units("0.7"), units("1.3"), units("0.7"), 5),
            lot_size("0.1", "9", "0.1"),
            notional("1", "9000"),
            MaxNumOrders(1),
        )
    )
    trade_at("100")(world)
    world.buy(CROWD, "1", "50")
    assert verdict(world, "buy 1 @ 50", CROWD) == "ok"
    assert verdict(world, "buy 1 @ 50") == "PERCENT_PRICE"
    assert verdict(world, "buy 1 @ 5000.1", CROWD) == "PRICE_FILTER"
    assert verdict(world, "buy 0.01 @ 50", CROWD) == "LOT_SIZE"
    assert verdict(world, "buy 9 @ 1001", CROWD) == "NOTIONAL"


# ---- MAX_NUM_ORDERS


def test_the_number_of_open_orders_of_an_account_on_a_symbol() -> None:
    world = World(make_symbol(MaxNumOrders(3)), make_symbol(MaxNumOrders(3), name="ETHUSDT", base="ETH"))
    for _ in range(3):
        assert reason(world.buy(ALICE, "1", "10")) is None
        assert reason(world.buy(BOB, "1", "10")) is None
    assert verdict(world, "buy 1 @ 10") == "MAX_NUM_ORDERS"
    assert world.buy(ALICE, "1", "10", symbol="ETHUSDT").events
    assert reason(world.buy(ALICE, "1", "10", symbol="ETHUSDT")) is None
    # room again after a fill, and after a cancel
    world.sell(CROWD, "1", "10")
    assert verdict(world, "buy 1 @ 10") == "ok"
    assert reason(world.buy(ALICE, "1", "10")) is None
    assert verdict(world, "buy 1 @ 10") == "MAX_NUM_ORDERS"
    world.cancel(ALICE, 3)
    assert verdict(world, "buy 1 @ 10") == "ok"


# ---- all together


ALL_FILTERS: tuple[Filter, ...] = (
    price_filter("10", "1000", "1"),
    PercentPrice(units("2"), units("0.5"), 5),
    PercentPriceBySide(units("1.5"), units("0.6"), units("1.5"), units("0.6"), 5),
    lot_size("1", "100", "1"),
    MinNotional(units("200"), apply_to_market=True, avg_price_mins=5),
    notional("300", "5000"),
    MarketLotSize(units("4"), units("10"), units("2")),
    MaxNumOrders(0),
)


def test_filters_are_checked_in_the_documented_order_however_they_were_listed() -> None:
    for listed in (ALL_FILTERS, ALL_FILTERS[::-1]):
        check(
            listed,
            """
            buy 0.5 @ 2000.5    -> PRICE_FILTER
            buy 0.5 @ 201       -> PERCENT_PRICE
            buy 0.5 @ 151       -> PERCENT_PRICE_BY_SIDE
            buy 1.5 @ 100       -> LOT_SIZE
            buy 1 @ 100         -> MIN_NOTIONAL
            buy 2 @ 100         -> NOTIONAL
            buy 51 @ 100        -> NOTIONAL
            buy 3 @ 100         -> MAX_NUM_ORDERS
            buy 3               -> MARKET_LOT_SIZE
            buy 0.5             -> LOT_SIZE
            buy 1               -> MIN_NOTIONAL
            buy 2               -> NOTIONAL
        """,
            trade_at("100"),
        )


def test_every_filter_has_a_check_and_its_documented_name() -> None:
    assert tuple(type(rule) for rule in ALL_FILTERS) == FILTER_ORDER
    account = World().exchange.accounts.by_id[ALICE]
    market = World().order(ALICE, Side.BUY, "1")
    limit = World().order(ALICE, Side.BUY, "1", "1")
    compiled = compile_filters(make_symbol(*ALL_FILTERS))
    named = {name for order in (market, limit) for name, _ in compiled.of(order, account)}
    assert named == {
        "PRICE_FILTER",
        "PERCENT_PRICE",
        "PERCENT_PRICE_BY_SIDE",
        "LOT_SIZE",
        "MIN_NOTIONAL",
        "NOTIONAL",
        "MARKET_LOT_SIZE",
        "MAX_NUM_ORDERS",
    }


def test_the_dry_run_answers_as_the_order_itself_would_for_rules_and_not_for_funds() -> None:
    world = World(make_symbol(*ALL_FILTERS[:1]))
    good = world.order(ALICE, Side.BUY, "1", "100")
    assert world.exchange.check_order(good, world.now) is None
    beyond_funds = world.order(ALICE, Side.BUY, "999999", "1000")
    assert world.exchange.check_order(beyond_funds, world.now) is None
    assert reason(world.apply(beyond_funds)) is Reason.INSUFFICIENT_BALANCE
    for order in (
        world.order(ALICE, Side.BUY, "1", "100", symbol="NOSUCH"),
        world.order(ALICE, Side.BUY, "0.00000001", "0.00000001"),
        world.order(ALICE, Side.BUY, "1", "9"),
        NewOrder(ALICE, "BTCUSDT", Side.BUY, OrderType.STOP_LOSS, good.time_in_force, good.quantity),
    ):
        dry = world.exchange.check_order(order, world.now)
        assert isinstance(dry, Reject)
        assert dry.reason is reason(world.apply(order))
    nobodys = world.order(NOBODY, Side.BUY, "1", "100")
    assert world.exchange.check_order(nobodys, world.now) == Reject(Reason.UNKNOWN_ACCOUNT)
    world.apply(SetSymbolStatus("BTCUSDT", SymbolStatus.BREAK))
    assert world.exchange.check_order(good, world.now) == Reject(Reason.MARKET_CLOSED)
