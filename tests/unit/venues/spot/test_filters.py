"""Each symbol filter at its boundaries, by type of order; what is not known yet, what the crowd is excused from; the counts."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from papernet.core.account import Account, Balance
from papernet.core.commands import NewOrder, SetSymbolStatus
from papernet.core.enums import AccountKind, ListKind, OrderType, PegPrice, Side, SymbolStatus, TimeInForce
from papernet.core.order import CONTINGENT, Order
from papernet.core.order_list import OrderList
from papernet.core.rejects import Reason, Reject
from papernet.core.units import AMOUNT_MAX
from papernet.venues.spot.filters import Adds, asset_limit_broken
from papernet.venues.spot.market import Market
from papernet.venues.spot.symbols import (
    FILTER_ORDER,
    ExternalSpec,
    Filter,
    IcebergParts,
    MarketLotSize,
    MaxNumAlgoOrders,
    MaxNumIcebergOrders,
    MaxNumOrderAmends,
    MaxNumOrderLists,
    MaxNumOrders,
    MaxPosition,
    MinNotional,
    Notional,
    PercentPrice,
    PercentPriceBySide,
    Symbol,
    TrailingDelta,
)
from tests.support.worlds import ALICE, NOBODY, SECOND, START, World, lot_size, make_symbol, price_filter, reason, units

KEYWORDS = ("stop", "trail", "iceberg", "chosen")


class Stage:
    """A market with just these filters, a user and the crowd; no orders but those that a test opens."""

    def __init__(self, *filters: Filter, **changes: object) -> None:
        self.market = Market(Symbol.from_spec(make_symbol(*filters, **changes).to_spec()))  # type: ignore[arg-type]
        self.alice = Account(1, "alice", 1_001, AccountKind.USER, START)
        self.crowd = Account(2, "crowd", 1_002, AccountKind.CROWD, START)
        self.now = START
        self.next_id = 1

    def order(self, row: str, account: Account | None = None) -> tuple[NewOrder, int]:
        """Return an order, and the price to check it with.

        Written as `[TYPE] [peg] side quantity [@ price] [stop 9] [trail 100] [iceberg 1] [chosen 10]`; the type is LIMIT with a
        price or peg and MARKET without, unless it is said; `$10` is a quote quantity; `chosen` is the price of a pegged order.
        """
        words = row.replace("@ ", "").split()
        kind = OrderType[words.pop(0)] if words[0].isupper() else None
        peg = PegPrice.PRIMARY if words[0] == "peg" else PegPrice.NONE
        side, quantity, *rest = words[1:] if peg else words
        price = rest.pop(0) if rest and rest[0] not in KEYWORDS else "0"
        said = dict(zip(rest[::2], rest[1::2], strict=True))
        order = NewOrder(
            (account or self.alice).account_id,
            "BTCUSDT",
            Side[side.upper()],
            kind or (OrderType.LIMIT if price != "0" or peg else OrderType.MARKET),
            TimeInForce.GTC,
            0 if quantity.startswith("$") else units(quantity),
            units(price),
            units(quantity[1:]) if quantity.startswith("$") else 0,
            stop_price=units(said.get("stop", "0")),
            trailing_delta=int(said.get("trail", "0")),
            iceberg_quantity=units(said.get("iceberg", "0")),
            peg_price=peg,
        )
        return order, units(said.get("chosen", "0")) if peg else order.price

    def verdict(self, row: str, account: Account | None = None) -> str:
        """Return "ok" or the name of the filter that fails an order."""
        account = account or self.alice
        order, price = self.order(row, account)
        for name, passes in self.market.filters.of(order, account):
            if not passes(order, price, self.market, account, self.now):
                return name
        adds = Adds(1, int(order.order_type in CONTINGENT), int(bool(order.iceberg_quantity)), 0)
        return self.count(adds) if account.is_user else "ok"

    def count(self, adds: Adds) -> str:
        """Return "ok" or the name of the count that what is added breaks."""
        counts = self.market.filters.counts
        return next((name for name, passes in counts if not passes(self.alice, "BTCUSDT", adds)), "ok")

    def open(self, row: str, symbol: str = "BTCUSDT") -> Order:
        """Let an order of Alice be open."""
        terms, _ = self.order(row)
        order = Order(replace(terms, client_order_id=f"open{self.next_id}"), self.next_id, self.now)
        self.next_id += 1
        self.alice.open_orders[symbol, order.order_id] = order
        self.alice.open_counts[symbol] = self.alice.open_counts.get(symbol, 0) + 1
        return order

    def trade(self, *prices: str, quantity: str = "1") -> "Stage":
        """Let there be trades at the prices."""
        for price in prices:
            whole = units(price) * units(quantity) // 10**8
            self.market.traded(self.now, units(price), units(quantity), whole)
        return self


def check(filters: Filter | tuple[Filter, ...], table: str, prepare: Callable[[Stage], object] | None = None) -> None:
    """Put each row's order to a symbol with these filters; the row ends with `-> ok` or the failing filter's name."""
    assert "->" in table
    stage = Stage(*(filters if isinstance(filters, tuple) else (filters,)))
    if prepare is not None:
        prepare(stage)
    check_on(stage, table)


def check_on(stage: Stage, table: str) -> None:
    """Put each row's order to a stage's symbol."""
    for line in table.strip().splitlines():
        row, _, expected = (part.strip() for part in line.partition("->"))
        assert stage.verdict(row) == expected, line


def notional(low: str, high: str, *, low_to_market: bool = True, high_to_market: bool = True) -> Notional:
    """Return a NOTIONAL over five minutes."""
    return Notional(units(low), low_to_market, units(high), high_to_market, 5)


def trade_at(*prices: str, quantity: str = "1") -> Callable[[Stage], object]:
    """Return a preparation that lets there be trades at each of the prices, whatever the filters say."""
    return lambda stage: stage.trade(*prices, quantity=quantity)


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
        LIMIT_MAKER sell 1 @ 20.25 -> PRICE_FILTER
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


def test_stop_prices_are_held_to_the_price_filter() -> None:
    check(
        price_filter("10", "20", "0.25"),
        """
        STOP_LOSS sell 1 stop 10            -> ok
        STOP_LOSS sell 1 stop 9.75          -> PRICE_FILTER
        TAKE_PROFIT sell 1 stop 20.25       -> PRICE_FILTER
        TAKE_PROFIT buy 1 stop 10.1         -> PRICE_FILTER
        STOP_LOSS_LIMIT buy 1 @ 12 stop 11  -> ok
        STOP_LOSS_LIMIT buy 1 @ 12 stop 11.1 -> PRICE_FILTER
        STOP_LOSS_LIMIT buy 1 @ 12.1 stop 11 -> PRICE_FILTER
        TAKE_PROFIT_LIMIT buy 1 @ 21 stop 11 -> PRICE_FILTER
        TAKE_PROFIT_LIMIT buy 1 @ 12 stop 21 -> PRICE_FILTER
        STOP_LOSS_LIMIT buy 1 @ 12 trail 100 -> ok
        STOP_LOSS buy 1 trail 100           -> ok
    """,
    )


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
        STOP_LOSS sell 0.6 stop 9 -> LOT_SIZE
        STOP_LOSS sell 2 stop 9   -> ok
    """,
    )


def test_the_visible_quantity_of_an_iceberg_is_a_lot_too() -> None:
    check(
        lot_size("0.5", "2", "0.25"),
        """
        buy 2 @ 10 iceberg 0.5  -> ok
        buy 2 @ 10 iceberg 0.75 -> ok
        buy 2 @ 10 iceberg 0.25 -> LOT_SIZE
        buy 2 @ 10 iceberg 0.6  -> LOT_SIZE
        buy 2 @ 10 iceberg 2.25 -> LOT_SIZE
        buy 2.25 @ 10 iceberg 0.5 -> LOT_SIZE
        STOP_LOSS_LIMIT buy 2 @ 10 stop 9 iceberg 0.6 -> LOT_SIZE
        LIMIT_MAKER buy 2 @ 10 iceberg 0.6 -> LOT_SIZE
    """,
    )


def test_orders_at_any_price_have_lots_of_their_own_beside_the_common_ones() -> None:
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
        STOP_LOSS sell 5.5 stop 9   -> MARKET_LOT_SIZE
        TAKE_PROFIT sell 0.5 stop 9 -> MARKET_LOT_SIZE
        TAKE_PROFIT sell 1.5 stop 9 -> ok
        STOP_LOSS_LIMIT sell 0.5 @ 8 stop 9   -> ok
        TAKE_PROFIT_LIMIT sell 0.5 @ 8 stop 9 -> ok
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
        STOP_LOSS_LIMIT buy 1 @ 9 stop 11 -> MIN_NOTIONAL
        STOP_LOSS_LIMIT buy 1 @ 10 stop 9 -> ok
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
        STOP_LOSS sell 0.09 stop 1000  -> {low}
        TAKE_PROFIT buy 10.01 stop 1   -> {high}
        TAKE_PROFIT buy 10 stop 1      -> ok
"""


@pytest.mark.parametrize("low", [True, False])
@pytest.mark.parametrize("high", [True, False])
def test_orders_at_any_price_are_measured_at_the_average_price_if_the_filter_applies_to_them(low: bool, high: bool) -> None:
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
        STOP_LOSS buy 1 stop 500                -> ok
        STOP_LOSS_LIMIT buy 1 @ 131 stop 129    -> PERCENT_PRICE
        STOP_LOSS_LIMIT buy 1 @ 130 stop 500    -> ok
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
    stage = Stage(PercentPrice(units("1.1"), units("0.9"), 2))
    stage.trade("500")
    stage.now += 60 * SECOND
    stage.trade("100", quantity="3")
    # (500 + 3 x 100) : 4 = 200
    check_on(stage, "buy 1 @ 220 -> ok\nbuy 1 @ 220.00000001 -> PERCENT_PRICE")
    stage.now += 60 * SECOND
    # the first trade is two minutes old
    check_on(stage, "buy 1 @ 110 -> ok\nbuy 1 @ 110.00000001 -> PERCENT_PRICE")
    stage.now += 3600 * SECOND
    # no trades: the last price
    check_on(stage, "buy 1 @ 110 -> ok\nbuy 1 @ 110.00000001 -> PERCENT_PRICE")


@pytest.mark.parametrize(
    ("rule", "table"),
    [
        (PercentPrice(*NEAR, 5), "buy 1 @ 1300 -> ok\nbuy 1 @ 699 -> PERCENT_PRICE"),
        (PercentPriceBySide(*NEAR, *NEAR, 5), "sell 1 @ 1300 -> ok\nsell 1 @ 699 -> PERCENT_PRICE_BY_SIDE"),
        (MinNotional(units("1000"), apply_to_market=True, avg_price_mins=5), "buy 1 -> ok\nbuy 0.99 -> MIN_NOTIONAL"),
        (notional("1000", "2000"), "buy 2 -> ok\nbuy 2.01 -> NOTIONAL\nSTOP_LOSS buy 0.9 stop 9 -> NOTIONAL"),
    ],
)
def test_a_reference_price_takes_the_place_of_the_average_while_there_is_one(rule: Filter, table: str) -> None:
    stage = Stage(rule, reference=ExternalSpec(0)).trade("90", "110")
    reference = stage.market.reference
    assert reference is not None
    before = [stage.verdict(line.partition("->")[0].strip()) for line in table.splitlines()]
    reference.set(units("1000"), 0, stage.now)  # type: ignore[union-attr]
    check_on(stage, table)
    reference.set(None, 0, stage.now)  # type: ignore[union-attr]
    assert before == [stage.verdict(line.partition("->")[0].strip()) for line in table.splitlines()]
    assert before[0] != "ok"


# ---- pegged orders


def test_a_pegged_order_is_checked_at_the_chosen_price_and_at_its_own() -> None:
    # faqs/pegged_orders.md, Which Filters are applicable to pegged orders
    check(
        (price_filter("10", "200", "0.25"), PercentPrice(*NEAR, 5), notional("10", "1000")),
        """
        peg buy 1 chosen 100            -> ok
        peg buy 1 chosen 100.1          -> PRICE_FILTER
        peg buy 1 chosen 69             -> PERCENT_PRICE
        peg buy 11 chosen 100           -> NOTIONAL
        peg buy 1 @ 110 chosen 100      -> ok
        peg buy 1 @ 110.1 chosen 100    -> PRICE_FILTER
        peg buy 1 @ 140 chosen 100      -> PERCENT_PRICE
        peg buy 10 @ 110 chosen 100     -> NOTIONAL
    """,
        trade_at("90", "110"),
    )


def test_a_pegged_order_without_a_price_yet_is_checked_for_everything_else() -> None:
    check(
        (price_filter("10", "200", "0.25"), PercentPrice(*NEAR, 5), lot_size("1", "9", "1"), notional("10", "1000")),
        """
        STOP_LOSS_LIMIT peg buy 1 stop 120      -> ok
        STOP_LOSS_LIMIT peg buy 1 stop 120.1    -> PRICE_FILTER
        STOP_LOSS_LIMIT peg buy 1.5 stop 120    -> LOT_SIZE
        STOP_LOSS_LIMIT peg buy 9 @ 130 stop 120 -> NOTIONAL
        STOP_LOSS_LIMIT peg buy 1 @ 130.1 stop 120 -> PRICE_FILTER
    """,
        trade_at("90", "110"),
    )


def test_what_a_price_that_is_chosen_later_is_checked_for() -> None:
    stage = Stage(*ALL_FILTERS)
    order, _ = stage.order("STOP_LOSS_LIMIT peg buy 3 stop 120 iceberg 1")
    checks = stage.market.filters.of_price(order, stage.alice)
    assert [name for name, _ in checks] == [
        "PRICE_FILTER",
        "PERCENT_PRICE",
        "PERCENT_PRICE_BY_SIDE",
        "MIN_NOTIONAL",
        "NOTIONAL",
    ]
    broken = {name for name, passes in checks if not passes(order, units("0.5"), stage.market, stage.alice, START)}
    assert broken == {"PRICE_FILTER", "MIN_NOTIONAL", "NOTIONAL"}
    of_the_crowd = stage.market.filters.of_price(order, stage.crowd)
    assert [name for name, _ in of_the_crowd] == ["PRICE_FILTER", "MIN_NOTIONAL", "NOTIONAL"]


def test_what_an_order_without_a_quantity_is_checked_for() -> None:
    stage = Stage(*ALL_FILTERS).trade("100")
    for row in ("STOP_LOSS_LIMIT sell 0 @ 100 stop 110 trail 100", "TAKE_PROFIT sell 0 stop 110 trail 100", "sell 0 @ 100"):
        order, price = stage.order(row)
        checks = stage.market.filters.of_unsized(order, stage.alice)
        assert [name for name, passes in checks if not passes(order, price, stage.market, stage.alice, START)] == []
    order, price = stage.order("STOP_LOSS_LIMIT sell 0 @ 2000.5 stop 110 trail 5")
    checks = stage.market.filters.of_unsized(order, stage.alice)
    assert [name for name, passes in checks if not passes(order, price, stage.market, stage.alice, START)] == [
        "PRICE_FILTER",
        "PERCENT_PRICE",
        "PERCENT_PRICE_BY_SIDE",
        "TRAILING_DELTA",
    ]


# ---- ICEBERG_PARTS


def test_the_parts_of_an_iceberg() -> None:
    check(
        IcebergParts(4),
        """
        buy 4 @ 10 iceberg 1    -> ok
        buy 4.1 @ 10 iceberg 1  -> ICEBERG_PARTS
        buy 3.9 @ 10 iceberg 1  -> ok
        buy 4 @ 10 iceberg 0.99999999 -> ICEBERG_PARTS
        buy 4 @ 10 iceberg 4    -> ok
        sell 40 @ 10            -> ok
        sell 40                 -> ok
        STOP_LOSS_LIMIT sell 5 @ 10 stop 11 iceberg 1 -> ICEBERG_PARTS
        TAKE_PROFIT_LIMIT sell 4 @ 10 stop 11 iceberg 1 -> ok
        LIMIT_MAKER sell 5 @ 10 iceberg 1 -> ICEBERG_PARTS
    """,
    )


# ---- MAX_POSITION


def test_a_position_is_what_is_had_what_is_being_bought_and_what_would_be() -> None:
    stage = Stage(MaxPosition(units("10")))
    stage.alice.balances["BTC"] = Balance(units("2"), units("3"))
    check_on(
        stage, "buy 5 @ 1 -> ok\nbuy 5.1 @ 1 -> MAX_POSITION\nbuy 5.1 -> MAX_POSITION\nSTOP_LOSS buy 6 stop 9 -> MAX_POSITION"
    )
    bought = stage.open("buy 4 @ 1")
    stage.open("sell 3 @ 2")
    stage.open("buy 100 @ 1", "ETHUSDT")
    check_on(stage, "buy 1 @ 1 -> ok\nbuy 1.1 @ 1 -> MAX_POSITION\nsell 99 @ 2 -> ok")
    # what was bought of it is had already
    bought.leaves, bought.reserve = units("1"), units("0.5")
    check_on(stage, "buy 3.5 @ 1 -> ok\nbuy 3.6 @ 1 -> MAX_POSITION")
    # an order by quote quantity has no quantity of its own
    check_on(stage, "buy $1000 -> ok")
    stage.alice.balances["BTC"].free += units("4")
    check_on(stage, "buy $1 -> MAX_POSITION\nsell $1 -> ok")


def test_a_quantity_beyond_all_numbers_breaks_the_position_too() -> None:
    stage = Stage(MaxPosition(AMOUNT_MAX))
    stage.alice.balances["BTC"] = Balance(1, 0)
    order, price = stage.order("buy 1 @ 1")
    (_, passes), *_ = stage.market.filters.of(order, stage.alice)
    huge = NewOrder(1, "BTCUSDT", Side.BUY, OrderType.LIMIT, TimeInForce.GTC, AMOUNT_MAX, price)
    assert passes(order, price, stage.market, stage.alice, START)
    assert not passes(huge, price, stage.market, stage.alice, START)


def test_an_open_order_that_is_checked_again_counts_once() -> None:
    stage = Stage(MaxPosition(units("10")))
    opened = stage.open("buy 6 @ 1")
    opened.terms = NewOrder(1, "BTCUSDT", Side.BUY, OrderType.LIMIT, TimeInForce.GTC, units("6"), 1, 0, "mine")
    (_, passes), *_ = stage.market.filters.of(opened.terms, stage.alice)
    assert passes(opened.terms, 1, stage.market, stage.alice, START)
    check_on(stage, "buy 6 @ 1 -> MAX_POSITION")


# ---- TRAILING_DELTA

DELTAS = TrailingDelta(min_above=10, max_above=20, min_below=100, max_below=200)


@pytest.mark.parametrize(
    ("side", "kind", "is_above"),
    [
        ("buy", "STOP_LOSS", True),
        ("buy", "STOP_LOSS_LIMIT", True),
        ("sell", "TAKE_PROFIT", True),
        ("sell", "TAKE_PROFIT_LIMIT", True),
        ("sell", "STOP_LOSS", False),
        ("sell", "STOP_LOSS_LIMIT", False),
        ("buy", "TAKE_PROFIT", False),
        ("buy", "TAKE_PROFIT_LIMIT", False),
    ],
)
def test_the_range_of_a_trailing_delta_follows_from_type_and_side(side: str, kind: str, is_above: bool) -> None:
    price = "@ 10 " if kind.endswith("LIMIT") else ""
    for delta, passes_above, passes_below in (
        (9, 0, 0),
        (10, 1, 0),
        (20, 1, 0),
        (21, 0, 0),
        (99, 0, 0),
        (100, 0, 1),
        (200, 0, 1),
    ):
        passes = passes_above if is_above else passes_below
        check(DELTAS, f"{kind} {side} 1 {price}trail {delta} -> {'ok' if passes else 'TRAILING_DELTA'}")
    check(DELTAS, f"{kind} {side} 1 {price}stop 9 -> ok")


# ---- counts


def test_the_number_of_open_orders_of_an_account_on_a_symbol() -> None:
    stage = Stage(MaxNumOrders(3))
    for row in ("buy 1 @ 10", "STOP_LOSS sell 1 stop 9", "sell 2 @ 20 iceberg 1"):
        check_on(stage, "buy 1 @ 10 -> ok\nbuy 1 -> ok")
        stage.open(row)
    check_on(stage, "buy 1 @ 10 -> MAX_NUM_ORDERS\nbuy 1 -> MAX_NUM_ORDERS")
    stage.alice.open_counts["BTCUSDT"] -= 1
    check_on(stage, "buy 1 @ 10 -> ok")
    assert stage.count(Adds(2, 0, 0, 1)) == "MAX_NUM_ORDERS"
    assert stage.count(Adds(0, 0, 0, 0)) == "ok"


def test_the_number_of_open_stop_orders() -> None:
    stage = Stage(MaxNumAlgoOrders(2))
    stage.open("buy 1 @ 10")
    stage.open("STOP_LOSS sell 1 stop 9", "ETHUSDT")
    stage.open("STOP_LOSS sell 1 stop 9")
    for kind in CONTINGENT:
        check_on(stage, f"{kind.name} sell 1 {'@ 9 ' if kind.name.endswith('LIMIT') else ''}stop 9 -> ok")
    assert stage.count(Adds(2, 2, 0, 1)) == "MAX_NUM_ALGO_ORDERS"
    stage.open("TAKE_PROFIT_LIMIT sell 1 @ 12 stop 12")
    check_on(stage, "STOP_LOSS sell 1 stop 9 -> MAX_NUM_ALGO_ORDERS\nsell 1 @ 9 -> ok\nsell 1 -> ok")


def test_the_number_of_open_icebergs() -> None:
    stage = Stage(MaxNumIcebergOrders(2))
    stage.open("buy 2 @ 10")
    stage.open("buy 2 @ 10 iceberg 1", "ETHUSDT")
    stage.open("buy 2 @ 10 iceberg 1")
    check_on(stage, "sell 2 @ 10 iceberg 1 -> ok")
    assert stage.count(Adds(2, 0, 2, 1)) == "MAX_NUM_ICEBERG_ORDERS"
    stage.open("STOP_LOSS_LIMIT sell 2 @ 12 stop 12 iceberg 2")
    check_on(stage, "sell 2 @ 10 iceberg 1 -> MAX_NUM_ICEBERG_ORDERS\nsell 2 @ 10 -> ok")


def test_the_number_of_open_order_lists() -> None:
    stage = Stage(MaxNumOrderLists(2))
    for number, symbol in enumerate(("BTCUSDT", "ETHUSDT")):
        stage.alice.open_lists[number] = OrderList(number, 1, symbol, ListKind.OTOCO, "list", START)
    assert stage.count(Adds(3, 2, 0, 1)) == "ok"
    stage.alice.open_lists[2] = OrderList(2, 1, "BTCUSDT", ListKind.OCO, "list", START)
    assert stage.count(Adds(2, 1, 0, 1)) == "MAX_NUM_ORDER_LISTS"
    assert stage.count(Adds(1, 1, 0, 0)) == "ok"


def test_how_often_an_order_may_be_amended() -> None:
    assert Stage(MaxNumOrderAmends(10)).market.filters.max_amends == 10
    assert Stage().market.filters.max_amends == 0
    check(MaxNumOrderAmends(10), "buy 1 @ 10 -> ok")


# ---- MAX_ASSET


def test_a_limit_of_the_base_asset_is_of_the_quantity_and_one_of_the_quote_asset_of_the_notional() -> None:
    stage = Stage().trade("90", "110")

    def is_broken(row: str, **limits: str) -> bool:
        stage.alice.asset_limits.clear()
        stage.alice.asset_limits.update({asset: units(amount) for asset, amount in limits.items()})
        order, price = stage.order(row)
        return asset_limit_broken(stage.market, stage.alice, order, price, stage.now)

    for row, base_broken, quote_broken in (
        ("buy 5 @ 200", False, False),
        ("buy 5.00000001 @ 100", True, False),
        ("sell 4 @ 250.00000001", False, True),
        ("sell 4 @ 250", False, False),
        # at the average price, 100
        ("buy 5", False, False),
        ("sell 5.1", True, False),
        ("buy $1000", True, False),
        ("buy $1000.00000001", True, True),
        ("STOP_LOSS sell 5 stop 9999", False, False),
        ("TAKE_PROFIT sell 10.1 stop 1", True, True),
        ("peg sell 4 chosen 260", False, True),
        ("STOP_LOSS_LIMIT peg sell 4 stop 5", False, False),
    ):
        assert is_broken(row, BTC="5") == base_broken, row
        assert is_broken(row, USDT="1000") == quote_broken, row
        assert is_broken(row, BTC="5", USDT="1000", JPY="1") == (base_broken or quote_broken), row
        assert not is_broken(row, JPY="0.00000001"), row


def test_before_the_first_trade_a_market_order_has_no_measure_in_the_other_asset() -> None:
    stage = Stage()
    stage.alice.asset_limits.update({"BTC": units("5"), "USDT": units("1000")})
    for row, broken in (("buy 5", False), ("buy 6", True), ("buy $1000", False), ("buy $1001", True)):
        order, price = stage.order(row)
        assert asset_limit_broken(stage.market, stage.alice, order, price, START) == broken, row


# ---- all together


ALL_FILTERS: tuple[Filter, ...] = (
    price_filter("10", "1000", "1"),
    PercentPrice(units("2"), units("0.5"), 5),
    PercentPriceBySide(units("1.5"), units("0.6"), units("1.5"), units("0.6"), 5),
    lot_size("1", "100", "1"),
    MinNotional(units("200"), apply_to_market=True, avg_price_mins=5),
    notional("300", "5000"),
    IcebergParts(2),
    MarketLotSize(units("4"), units("10"), units("2")),
    MaxNumOrders(0),
    MaxNumAlgoOrders(0),
    MaxNumIcebergOrders(0),
    MaxPosition(units("9")),
    TrailingDelta(10, 2000, 10, 2000),
    MaxNumOrderAmends(10),
    MaxNumOrderLists(0),
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
            buy 3 @ 100 iceberg 1 -> ICEBERG_PARTS
            buy 10 @ 100        -> MAX_POSITION
            buy 3 @ 100         -> MAX_NUM_ORDERS
            buy 3               -> MARKET_LOT_SIZE
            buy 0.5             -> LOT_SIZE
            buy 1               -> MIN_NOTIONAL
            buy 2               -> NOTIONAL
            STOP_LOSS buy 3 trail 1    -> MARKET_LOT_SIZE
            STOP_LOSS buy 10 trail 1   -> MAX_POSITION
            STOP_LOSS buy 4 trail 1    -> TRAILING_DELTA
        """,
            trade_at("100"),
        )


def test_every_filter_has_a_check_and_its_documented_name() -> None:
    assert tuple(type(rule) for rule in ALL_FILTERS) == FILTER_ORDER
    stage = Stage(*ALL_FILTERS)
    filters = stage.market.filters
    rows = [f"{kind.name} buy 1 iceberg 1" for kind in OrderType]
    named = {name: None for row in rows for name, _ in filters.of(stage.order(row)[0], stage.alice)}
    named |= {name: None for name, _ in filters.counts}
    assert sorted(named) == sorted(
        [
            "PRICE_FILTER",
            "PERCENT_PRICE",
            "PERCENT_PRICE_BY_SIDE",
            "LOT_SIZE",
            "MIN_NOTIONAL",
            "NOTIONAL",
            "ICEBERG_PARTS",
            "MARKET_LOT_SIZE",
            "MAX_NUM_ORDERS",
            "MAX_NUM_ALGO_ORDERS",
            "MAX_NUM_ICEBERG_ORDERS",
            "MAX_POSITION",
            "TRAILING_DELTA",
            "MAX_NUM_ORDER_LISTS",
        ]
    )
    assert filters.max_amends == 10


def test_a_plain_limit_order_is_put_to_no_check_that_it_cannot_break() -> None:
    stage = Stage(*ALL_FILTERS)
    order, _ = stage.order("buy 1 @ 100")
    assert [name for name, _ in stage.market.filters.of(order, stage.alice)] == [
        "PRICE_FILTER",
        "PERCENT_PRICE",
        "PERCENT_PRICE_BY_SIDE",
        "LOT_SIZE",
        "MIN_NOTIONAL",
        "NOTIONAL",
        "MAX_POSITION",
    ]


def test_the_crowd_is_excused_from_distance_and_position_only() -> None:
    stage = Stage(
        price_filter("0", "5000", "0"),
        PercentPrice(*NEAR, 5),
        PercentPriceBySide(*NEAR, *NEAR, 5),
        lot_size("0.1", "9", "0.1"),
        notional("1", "9000"),
        MaxPosition(0),
    ).trade("100")
    assert stage.verdict("buy 1 @ 50", stage.crowd) == "ok"
    assert stage.verdict("buy 1 @ 50") == "PERCENT_PRICE"
    assert stage.verdict("buy 1 @ 100") == "MAX_POSITION"
    assert stage.verdict("buy 1 @ 5000.1", stage.crowd) == "PRICE_FILTER"
    assert stage.verdict("buy 0.01 @ 50", stage.crowd) == "LOT_SIZE"
    assert stage.verdict("buy 9 @ 1001", stage.crowd) == "NOTIONAL"


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
    ):
        dry = world.exchange.check_order(order, world.now)
        assert isinstance(dry, Reject)
        assert dry.reason is reason(world.apply(order))
    nobodys = world.order(NOBODY, Side.BUY, "1", "100")
    assert world.exchange.check_order(nobodys, world.now) == Reject(Reason.ACCOUNT_MAY_NOT_TRADE)
    world.apply(SetSymbolStatus("BTCUSDT", SymbolStatus.BREAK))
    assert world.exchange.check_order(good, world.now) == Reject(Reason.MARKET_CLOSED)
