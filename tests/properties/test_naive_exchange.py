"""The judge itself, judged by the worked examples of the documents: faqs/stp_faq, trailing-stop-faq, sor_faq and others."""

from fractions import Fraction

import pytest

from papernet.core.commands import (
    AmendOrder,
    CancelOrder,
    ConfigureAccount,
    NewOrder,
    NewOrderList,
    SetCommission,
    SetReferencePrice,
)
from papernet.core.enums import ListKind, OrderType, PegPrice, SelfTradeMode, Side, TimeInForce
from tests.support.naive_exchange import NaiveExchange, NaiveRules
from tests.support.naive_money import half_up
from tests.support.naive_state import Fact, NaiveOrder
from tests.support.worlds import ALICE, BOB, units

CAROL = 3
ANY = (0, 0, 0)
BUY, SELL = Side.BUY, Side.SELL
NONE, EXPIRE_MAKER, EXPIRE_TAKER = SelfTradeMode.NONE, SelfTradeMode.EXPIRE_MAKER, SelfTradeMode.EXPIRE_TAKER
EXPIRE_BOTH, DECREMENT, TRANSFER = SelfTradeMode.EXPIRE_BOTH, SelfTradeMode.DECREMENT, SelfTradeMode.TRANSFER
PURSE = (("BTC", units("20000")), ("USDT", units("20000")))
RICH = tuple((asset, units("100000000")) for asset in ("BTC", "USDT", "USDC", "USDP", "BNB"))
RANGE = (units("1.1"), units("0.5"), units("2"), units("0.9"))


class Table:
    """A naive exchange with three users, asked in decimals."""

    def __init__(self, purse: tuple[tuple[str, int], ...] = RICH, routes: tuple[str, ...] = ()) -> None:
        rules = {f"BTC{quote}": NaiveRules("BTC", quote, ANY, (0, 0, units("0.00001"))) for quote in ("USDT", "USDC", "USDP")}
        rules["BTCUSDT"].price_range = RANGE
        rules["BNBUSDT"] = NaiveRules("BNB", "USDT", ANY, ANY)
        self.naive = NaiveExchange(rules, dict.fromkeys((ALICE, BOB, CAROL), True), purse, routes)
        self.at = 1

    def terms(
        self,
        account: int,
        side: Side,
        quantity: str,
        price: str = "",
        *,
        tif: str = "GTC",
        symbol: str = "BTCUSDT",
        **more: object,
    ) -> NewOrder:
        kind = more.pop("kind", OrderType.LIMIT if price else OrderType.MARKET)
        for name in ("stop_price", "iceberg_quantity"):
            more[name] = units(str(more.get(name, "0")))
        return NewOrder(account, symbol, side, kind, TimeInForce[tif], units(quantity), units(price or "0"), **more)  # type: ignore[arg-type]

    def order(self, account: int, side: Side, quantity: str, price: str = "", **more: object) -> list[Fact]:
        return self.naive.do(self.terms(account, side, quantity, price, **more), self.at)  # type: ignore[arg-type]

    def trade(self, price: str, quantity: str = "1") -> list[Fact]:
        """Let Bob and Carol trade at a price on an empty book."""
        self.order(BOB, SELL, quantity, price)
        return self.order(CAROL, BUY, quantity, price)

    def open(self, symbol: str = "BTCUSDT") -> list[NaiveOrder]:
        return self.naive.markets[symbol].orders

    def has(self, account: int, asset: str) -> tuple[int, int]:
        return self.naive.free(account, asset), self.naive.held(account, asset)


def ends(facts: list[Fact]) -> list[tuple[int, str, str, int]]:
    """Return the last word on each order: (order id, status, expiry reason, prevented quantity)."""
    last = {fact[3]: (fact[3], fact[4], fact[5], fact[6][3]) for fact in facts if fact[0] == "REPORT"}
    return [last[number] for number in sorted(last)]


def fills(facts: list[Fact]) -> list[tuple[str, int, int]]:
    """Return the trades as (symbol, price, quantity)."""
    return [fact[1:4] for fact in facts if fact[0] == "TRADE"]


def test_scenario_a_none_trades_with_itself() -> None:
    table = Table()
    table.order(ALICE, BUY, "1", "1")
    facts = table.order(ALICE, SELL, "1", "1")
    assert fills(facts) == [("BTCUSDT", units("1"), units("1"))]
    assert ends(facts) == [(1, "FILLED", "NONE", 0), (2, "FILLED", "NONE", 0)]


def three_bids(table: Table) -> None:
    for quantity, price in (("1.2", "1.2"), ("1.3", "1.1"), ("8.1", "1")):
        table.order(ALICE, BUY, quantity, price)


def test_scenario_b_expire_maker_clears_the_book() -> None:
    table = Table()
    three_bids(table)
    facts = table.order(ALICE, SELL, "3", "1", self_trade_mode=EXPIRE_MAKER)
    expired = [(number, "EXPIRED_IN_MATCH", "NONE", units(lost)) for number, lost in ((1, "1.2"), (2, "1.3"), (3, "8.1"))]
    assert ends(facts) == [*expired, (4, "NEW", "NONE", 0)]
    assert [(order.order_id, order.shown) for order in table.open()] == [(4, units("3"))]


def test_scenario_c_expire_taker_keeps_the_book() -> None:
    table = Table()
    three_bids(table)
    facts = table.order(ALICE, SELL, "3", "1", self_trade_mode=EXPIRE_TAKER)
    assert ends(facts) == [(4, "EXPIRED_IN_MATCH", "NONE", units("3"))]
    assert [order.order_id for order in table.open()] == [1, 2, 3]


@pytest.mark.parametrize(
    ("maker", "taker", "kind", "expected"),
    [
        # D, E, F and G: (quantity, price, mode) of the bid, of the order to sell, and what becomes of both
        (("1", "1", NONE), ("3", EXPIRE_BOTH), "1", [("EXPIRED_IN_MATCH", "1"), ("EXPIRED_IN_MATCH", "3")]),
        (("1", "1", EXPIRE_MAKER), ("1", EXPIRE_TAKER), "1", [("NEW", "0"), ("EXPIRED_IN_MATCH", "1")]),
        (("1", "1", NONE), ("1", EXPIRE_MAKER), "", [("EXPIRED_IN_MATCH", "1"), ("EXPIRED", "0")]),
        (("6", "2", NONE), ("2", DECREMENT), "2", [("NEW", "2"), ("EXPIRED_IN_MATCH", "2")]),
    ],
)
def test_scenarios_d_to_g(
    maker: tuple[str, str, SelfTradeMode], taker: tuple[str, SelfTradeMode], kind: str, expected: list[tuple[str, str]]
) -> None:
    table = Table()
    first = table.order(ALICE, BUY, maker[0], maker[1], self_trade_mode=maker[2])
    facts = table.order(ALICE, SELL, taker[0], kind, self_trade_mode=taker[1])
    assert [(status, lost) for _, status, _, lost in ends(first + facts)] == [
        (status, units(lost)) for status, lost in expected
    ]
    assert not fills(facts)


def test_scenario_h_transfer_moves_money_within_the_group() -> None:
    table = Table(PURSE)
    for account in (ALICE, BOB):
        table.naive.do(ConfigureAccount(account, trade_group=1), 1)
    table.order(ALICE, BUY, "0.6", "0.2", self_trade_mode=TRANSFER)
    facts = table.order(BOB, SELL, "0.2", "0.2", self_trade_mode=TRANSFER)
    assert ends(facts) == [(1, "NEW", "NONE", units("0.2")), (2, "EXPIRED_IN_MATCH", "NONE", units("0.2"))]
    assert [table.has(ALICE, asset) for asset in ("BTC", "USDT")] == [
        (units("20000.2"), 0),
        (units("19999.88"), units("0.08")),
    ]
    assert [table.has(BOB, asset) for asset in ("BTC", "USDT")] == [(units("19999.8"), 0), (units("20000.04"), 0)]


@pytest.mark.parametrize(
    ("side", "kind", "stop", "delta", "limit", "prices", "last"),
    [
        # scenarios A to E: the prices on the way, none of which triggers, and the one that does
        (
            BUY,
            OrderType.STOP_LOSS_LIMIT,
            "44000",
            500,
            "45000",
            "39000 37000 40000 44000 45000 46000 43000 42000 44099.99",
            "44100",
        ),
        (
            SELL,
            OrderType.STOP_LOSS_LIMIT,
            "39000",
            1_000,
            "38000",
            "41500 40000 39000 37000 40000 41000 38000 36900.01",
            "36900",
        ),
        (BUY, OrderType.TAKE_PROFIT_LIMIT, "38000", 850, "38500", "42000 39000 38000 37000 39000 38000 40144.99", "40145"),
        (SELL, OrderType.TAKE_PROFIT_LIMIT, "42000", 750, "41000", "41500 39000 42000 45000 44000 46500 43012.51", "43012.5"),
        (SELL, OrderType.STOP_LOSS_LIMIT, "0", 700, "39000", "42000 39500 45500 42315.01", "42315"),
    ],
)
def test_trailing_scenarios(side: Side, kind: OrderType, stop: str, delta: int, limit: str, prices: str, last: str) -> None:
    table = Table()
    table.trade("40000")
    table.order(ALICE, side, "1", limit, kind=kind, stop_price=stop, trailing_delta=delta)
    for price in prices.split():
        assert len([fact for fact in table.trade(price) if fact[0] == "REPORT"]) == 3, (
            "the taker's report and one each of a trade"
        )
    (waiting,) = table.open()
    assert not waiting.resting
    table.trade(last)
    (working,) = table.open()
    assert working.resting
    assert working.price == units(limit)


@pytest.mark.parametrize(
    ("side", "kind", "stop", "prices", "triggers"),
    [
        (BUY, OrderType.STOP_LOSS, "101", "100 100.5", "101"),
        (SELL, OrderType.STOP_LOSS, "99", "100 101", "98"),
        (BUY, OrderType.TAKE_PROFIT, "99", "100 101", "99"),
        (SELL, OrderType.TAKE_PROFIT, "101", "100 99", "102"),
    ],
)
def test_stop_orders_of_either_direction(side: Side, kind: OrderType, stop: str, prices: str, triggers: str) -> None:
    table = Table()
    table.trade("100")
    assert table.order(ALICE, side, "1", kind=kind, stop_price="100") == [("REFUSED", "WOULD_TRIGGER")]
    table.order(ALICE, side, "1", kind=kind, stop_price=stop)
    for price in prices.split():
        table.trade(price)
    assert len(table.open()) == 1
    facts = table.trade(triggers)
    assert ends(facts)[0][1:3] == ("EXPIRED", "INSUFFICIENT_LIQUIDITY")


def test_an_iceberg_shows_a_part_and_goes_to_the_end_of_its_queue() -> None:
    table = Table()
    table.order(ALICE, SELL, "5", "100", iceberg_quantity="2")
    table.order(BOB, SELL, "1", "100")
    assert [order.shown for order in table.naive.markets["BTCUSDT"].side(SELL)] == [units("2"), units("1")]
    facts = table.order(CAROL, BUY, "4", "100")
    assert [fact[7] for fact in facts if fact[0] == "TRADE"] == [1, 2, 1]
    assert [(order.shown, order.leaves) for order in table.open()] == [(units("1"), units("2"))]


def sor_book() -> Table:
    """Return the asks of the first three examples."""
    table = Table(routes=("BTCUSDT", "BTCUSDC", "BTCUSDP"))
    for symbol, quantity, price in (
        ("BTCUSDT", "3", "30800"),
        ("BTCUSDT", "3", "30500"),
        ("BTCUSDC", "1", "30000"),
        ("BTCUSDC", "1", "28000"),
        ("BTCUSDP", "1", "35000"),
        ("BTCUSDP", "1", "29000"),
    ):
        table.order(BOB, SELL, quantity, price, symbol=symbol)
    return table


@pytest.mark.parametrize(
    ("quantity", "price", "spent", "status"),
    [("0.5", "31000", "14000", "FILLED"), ("5", "31000", "148000", "FILLED"), ("11", "", "305900", "EXPIRED")],
)
def test_smart_order_routing_examples(quantity: str, price: str, spent: str, status: str) -> None:
    table = sor_book()
    before = table.has(ALICE, "USDT")[0]
    facts = table.order(ALICE, BUY, quantity, price, uses_sor=True)
    assert before - table.has(ALICE, "USDT")[0] == units(spent)
    assert [fact[4] for fact in facts if fact[0] == "REPORT" and not fact[9]][-1] == status
    assert table.has(BOB, "USDC")[0] > units("100000000"), "the maker is paid in what he asked for"


def test_a_price_range_ends_an_order_that_goes_too_far() -> None:
    table = Table()
    table.naive.do(SetReferencePrice("BTCUSDT", units("100")), 1)
    for price in ("100", "110", "110.01"):
        table.order(BOB, SELL, "1", price)
    facts = table.order(ALICE, BUY, "3", "200")
    assert fills(facts) == [("BTCUSDT", units(price), units("1")) for price in ("100", "110")]
    assert ends(facts)[-1][1:3] == ("EXPIRED", "EXECUTION_RULE_PRICE_RANGE_EXCEEDED")


def test_the_worked_commission_and_its_discount() -> None:
    table = Table()
    table.naive.discount = units("0.25")
    table.naive.do(
        SetCommission(ALICE, 10, 20, 30, 40, "", (1_000_000, 2_000_000, 3_000_000, 4_000_000), (112, 114, 118, 116)), 1
    )
    table.order(BOB, SELL, "1", "260", symbol="BNBUSDT")
    table.order(CAROL, BUY, "1", "260", symbol="BNBUSDT")
    for bnb, expected in ((False, (units("1049.52572463"), "USDT")), (True, (403_660_713, "BNB"))):
        table.naive.do(ConfigureAccount(ALICE, pays_with_discount_asset=bnb), 1)
        table.order(BOB, BUY, "0.49975", "35000")
        facts = table.order(ALICE, SELL, "0.49975")
        taker = next(fact for fact in facts if fact[0] == "REPORT" and fact[1] == "TRADE" and not fact[9])
        assert taker[8] == expected
    assert half_up(Fraction(1, 2)) == 1


def test_alternatives_hold_once_and_end_each_other() -> None:
    table = Table()
    table.trade("100")
    legs = (
        table.terms(ALICE, SELL, "2", kind=OrderType.STOP_LOSS, stop_price="90"),
        table.terms(ALICE, SELL, "2", "110", kind=OrderType.LIMIT_MAKER),
    )
    table.naive.do(NewOrderList(ALICE, "BTCUSDT", ListKind.OCO, legs), 1)
    assert table.has(ALICE, "BTC")[1] == units("2")
    facts = table.order(BOB, BUY, "1", "110")
    assert ends(facts)[0] == (3, "EXPIRED", "OCO_TRIGGER", 0)
    assert table.has(ALICE, "BTC")[1] == units("1")
    facts = table.order(BOB, BUY, "1", "110")
    assert facts[-1] == ("LIST", 0, "ALL_DONE")


@pytest.mark.parametrize("kind", [ListKind.OTO, ListKind.OPO])
def test_a_pending_order_waits_for_the_working_one(kind: ListKind) -> None:
    table = Table()
    pending = table.terms(ALICE, SELL, "0" if kind is ListKind.OPO else "2", "110")
    legs = (table.terms(ALICE, BUY, "2", "100"), pending)
    table.naive.do(NewOrderList(ALICE, "BTCUSDT", kind, legs), 1)
    assert table.has(ALICE, "BTC")[1] == (0 if kind is ListKind.OPO else units("2"))
    table.naive.do(SetCommission(ALICE, 500_000, 500_000), 1)
    table.order(BOB, SELL, "1", "100")
    assert [order.resting for order in table.open()] == [True, False]
    assert table.has(ALICE, "BTC")[1] == (units("1") if kind is ListKind.OPO else units("2"))
    table.order(BOB, SELL, "1", "100")
    (order,) = table.open()
    assert order.resting
    assert order.quantity == units("2")


def test_cancelling_a_member_cancels_the_list() -> None:
    table = Table()
    legs = (table.terms(ALICE, BUY, "2", "100"), table.terms(ALICE, SELL, "2", "110"))
    table.naive.do(NewOrderList(ALICE, "BTCUSDT", ListKind.OTO, legs), 1)
    facts = table.naive.do(CancelOrder(ALICE, "BTCUSDT", 2), 1)
    assert [fact[3] for fact in facts if fact[0] == "REPORT"] == [2, 1]
    assert facts[-1] == ("LIST", 0, "ALL_DONE")
    assert not table.open()


def test_an_amended_order_keeps_its_place() -> None:
    table = Table()
    for account in (ALICE, BOB):
        table.order(account, BUY, "5", "100")
    table.naive.do(AmendOrder(ALICE, "BTCUSDT", 1, units("4")), 1)
    assert [(order.order_id, order.shown) for order in table.naive.markets["BTCUSDT"].side(BUY)] == [
        (1, units("4")),
        (2, units("5")),
    ]
    assert table.naive.do(AmendOrder(ALICE, "BTCUSDT", 1, units("5")), 1) == [("REFUSED", "AMEND_INCREASES")]


def test_a_pegged_order_takes_a_level_of_the_book() -> None:
    table = Table()
    for side, price in ((BUY, "100"), (BUY, "99"), (SELL, "103")):
        table.order(BOB, side, "1", price)
    for more, price in (
        ({"peg_price": PegPrice.PRIMARY}, "100"),
        ({"peg_price": PegPrice.PRIMARY, "peg_offset": 1}, "99"),
    ):
        facts = table.order(ALICE, BUY, "1", kind=OrderType.LIMIT, **more)
        assert facts[-1][-1] == units(price)
    assert table.order(ALICE, SELL, "1", kind=OrderType.LIMIT, peg_price=PegPrice.MARKET, peg_offset=5) == [
        ("REFUSED", "NO_PRICE_LEVEL_FOR_PEG")
    ]
