"""Placing orders: what becomes of each kind, what it drags along; and random orders of several accounts with the invariants."""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from papernet.core.commands import CancelOption, QuoteOptions
from papernet.core.enums import OptionSource, RiskLevel, SelfTradeMode, Side, TimeInForce
from papernet.core.events import Bill, BookDelta, OptionReport, PortfolioUpdate, ProtectionTriggered
from papernet.core.order import OPEN_STATUSES
from papernet.core.rejects import Reason
from papernet.venues.options import margin
from papernet.venues.options.changing import cancel, cancel_all
from papernet.venues.options.portfolio import Protection
from papernet.venues.options.quoting import quote
from tests.support.option_market import (
    ALICE,
    BOB,
    BTCUSDT,
    BUY,
    CALL,
    CAROL,
    CROWD,
    FOK,
    GTC,
    HIGH_CALL,
    IOC,
    MAKER,
    NAMES,
    PUT,
    SELL,
    USERS,
    OptionDesk,
    hold,
    mark,
    units,
)

# ---- what becomes of an order


def test_an_order_that_crosses_nothing_rests() -> None:
    desk = OptionDesk()
    assert desk.place(ALICE, BUY, 1, 1_900, client_order_id="mine") is None
    assert desk.told() == ["alice NEW NEW"]
    assert [type(event) for event in desk.events] == [OptionReport, BookDelta]
    order = desk.portfolio(ALICE).client_order_ids["mine"]
    assert desk.market().orders == {order.order_id: order}
    assert (order.source, order.created_at) == (OptionSource.API, desk.at)
    desk.check()


def test_the_best_price_comes_first_and_then_the_oldest_order() -> None:
    desk = OptionDesk()
    for account, price in ((BOB, 2_005), (MAKER, 2_000), (CROWD, 2_000), (BOB, 2_015)):
        desk.place(account, SELL, 1, price)
    desk.place(ALICE, BUY, "3.5", 2_010)
    fills = [line for line in desk.told() if "TRADE" in line and "alice" not in line]
    assert fills == ["maker TRADE FILLED", "crowd TRADE FILLED", "bob TRADE FILLED"]
    assert desk.market().book.bids.depth(5) == [(units(2_010), units("0.5"))]
    assert desk.portfolio(ALICE).positions[CALL].cost == units(6_005)
    desk.check()


def test_ids_grow_over_all_contracts() -> None:
    desk = OptionDesk()
    ids = []
    for symbol in (CALL, PUT, CALL):
        desk.place(ALICE, BUY, 1, 100, symbol=symbol)
        ids.append(desk.reports()[0].record.order_id)
    assert ids == [1 << 62, (1 << 62) + 1, (1 << 62) + 2]


def test_immediate_or_cancel_takes_what_there_is_and_expires() -> None:
    desk = OptionDesk()
    desk.place(BOB, SELL, 1, 2_000)
    desk.at += 3
    assert desk.place(ALICE, BUY, 2, 2_000, tif=IOC) is None
    assert desk.told() == ["alice NEW NEW", "alice TRADE PARTIALLY_FILLED", "bob TRADE FILLED", "alice EXPIRED EXPIRED"]
    assert desk.reports()[-1].record.cum_quantity == units(1)
    assert desk.place(ALICE, BUY, 2, 2_000, tif=IOC) is None
    assert desk.told() == ["alice NEW NEW", "alice EXPIRED EXPIRED"]
    assert not desk.portfolio(ALICE).open_orders
    desk.check()


def test_fill_or_kill_fills() -> None:
    desk = OptionDesk()
    desk.place(BOB, SELL, 1, 2_000)
    desk.place(BOB, SELL, 2, 2_005)
    assert desk.place(ALICE, BUY, 2, 2_005, tif=FOK) is None
    assert desk.told()[-2] == "alice TRADE FILLED"
    assert desk.quantity(ALICE) == units(2)
    desk.check()


def test_post_only_orders_rest() -> None:
    desk = OptionDesk()
    desk.place(BOB, SELL, 1, 2_000)
    assert desk.place(ALICE, BUY, 1, 1_995, is_gtx=True) is None
    assert desk.place(ALICE, BUY, 1, 1_995, post_only=True) is None
    assert desk.market().book.bids.depth(5) == [(units(1_995), units(2))]


def test_the_venues_own_orders_meet_no_guards() -> None:
    desk = OptionDesk()
    portfolio = desk.portfolio(ALICE)
    portfolio.balance, portfolio.can_trade, portfolio.level = 0, False, RiskLevel.REDUCE_ONLY
    hold(desk.venue, ALICE, CALL, -1, 2_000)
    desk.place(CROWD, SELL, 1, 20_000)
    assert desk.place(ALICE, BUY, 1, 20_000, tif=IOC, source=OptionSource.LIQUIDATION) is None
    assert desk.reports(ALICE)[-1].record.source is OptionSource.LIQUIDATION
    assert desk.quantity(ALICE) == 0
    missing = desk.place(ALICE, BUY, 1, 1, symbol="BTC-260123-51000-C", source=OptionSource.LIQUIDATION)
    assert missing is Reason.UNKNOWN_CONTRACT


# ---- what it drags along


def test_a_protection_that_is_reached_fires_when_the_order_is_done() -> None:
    desk = OptionDesk()
    desk.portfolio(MAKER).protections[BTCUSDT] = Protection(1_000, 0, units(1), units(100))
    for price in (2_000, 2_005, 2_500):
        desk.place(MAKER, SELL, 1, price, is_protected=True)
    desk.place(MAKER, SELL, 1, 2_600)
    desk.place(MAKER, BUY, 1, 50, symbol=HIGH_CALL, is_protected=True)
    desk.place(ALICE, BUY, 3, 2_005)
    assert desk.told() == [
        "alice NEW NEW",
        "alice TRADE PARTIALLY_FILLED",
        "maker TRADE FILLED",
        "alice TRADE PARTIALLY_FILLED",
        "maker TRADE FILLED",
        "maker CANCELED CANCELED",
        "maker CANCELED CANCELED",
    ]
    assert [event.account for event in desk.events if isinstance(event, ProtectionTriggered)] == [MAKER]
    assert [order.price for order in desk.portfolio(MAKER).open_orders.values()] == [units(2_600)]
    assert desk.place(MAKER, SELL, 1, 3_000, is_protected=True) is Reason.PROTECTION_FROZEN
    desk.check()


def test_fills_of_orders_that_are_not_protected_do_not_count() -> None:
    desk = OptionDesk()
    desk.portfolio(MAKER).protections[BTCUSDT] = Protection(1_000, 0, units(1), units(100))
    desk.place(MAKER, SELL, 1, 2_500, is_protected=True)
    desk.place(MAKER, SELL, 5, 2_000)
    desk.place(ALICE, BUY, 5, 2_000)
    assert len(desk.portfolio(MAKER).open_orders) == 1
    assert not desk.portfolio(MAKER).protections[BTCUSDT].fills


def test_a_takers_own_protection_counts_too_and_takes_the_rest_of_its_order() -> None:
    desk = OptionDesk()
    desk.portfolio(MAKER).protections[BTCUSDT] = Protection(1_000, 0, units(1), units(100))
    desk.place(BOB, SELL, 1, 2_000)
    desk.place(MAKER, BUY, 2, 2_000, is_protected=True)
    assert desk.told()[-1] == "maker CANCELED CANCELED"
    assert not desk.portfolio(MAKER).open_orders
    desk.check()


def test_reduce_only_orders_that_a_fill_left_without_a_position_end_after_the_incoming_order() -> None:
    desk = OptionDesk()
    hold(desk.venue, BOB, CALL, 1, 1_000)
    desk.place(BOB, SELL, 1, 2_500, reduce_only=True)
    desk.place(BOB, SELL, 1, 2_000)
    desk.place(ALICE, BUY, 2, 2_000)
    assert desk.told()[-1] == "bob EXPIRED EXPIRED"
    assert desk.market().book.asks.depth(5) == []
    desk.check()


# ---- anything at all


SYMBOLS = (CALL, PUT)
PRICES = st.sampled_from((50, 1_900, 1_995, 2_000, 2_005, 2_100, 2_103, 9_000))
QUANTITIES = st.sampled_from(("0.01", "0.5", "1", "2.5", "7", "0.001"))
MODES = (SelfTradeMode.NONE, SelfTradeMode.EXPIRE_MAKER, SelfTradeMode.EXPIRE_TAKER, SelfTradeMode.EXPIRE_BOTH)
Quotes = st.lists(st.tuples(st.sampled_from((1_950, 1_990, 2_000, 2_010)), st.sampled_from(("0.5", "2", "9"))), max_size=2)


class Floor(RuleBasedStateMachine):
    """Accounts that place and cancel at random, a crowd that quotes, an index and marks that move."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = OptionDesk(funds=20_000)
        for account, group in ((BOB, 1), (CAROL, 1)):
            self.desk.portfolio(account).trade_group = group
        self.balances = {number: self.desk.portfolio(number).balance for number in USERS}
        self.statuses: dict[int, object] = {}
        # what somebody sees who only reads the events
        self.positions: dict[tuple[int, str], int] = {}

    def told(self) -> None:
        """Take in what the last turn told."""
        self.desk.at += 1
        for event in self.desk.events:
            if isinstance(event, Bill):
                self.balances[event.account] += event.amount
            elif isinstance(event, OptionReport):
                record = event.record
                assert self.statuses.get(record.order_id) in (None, *OPEN_STATUSES), "an order that had ended changed"
                self.statuses[record.order_id] = record.status
                change = event.last_quantity if record.terms.side is BUY else -event.last_quantity
                key = record.terms.account, record.terms.symbol
                self.positions[key] = self.positions.get(key, 0) + change
            elif isinstance(event, PortfolioUpdate):
                assert event.balance == self.desk.portfolio(event.account).balance

    @rule(
        account=st.sampled_from((ALICE, BOB, CAROL, MAKER, CROWD)),
        side=st.sampled_from(Side),
        quantity=QUANTITIES,
        price=PRICES,
        symbol=st.sampled_from(SYMBOLS),
        tif=st.sampled_from((GTC, GTC, IOC, FOK)),
        mode=st.sampled_from(MODES),
        flags=st.sampled_from(("", "", "", "reduce_only", "post_only", "is_gtx", "is_protected")),
        name=st.sampled_from(("", "", "a", "b")),
    )
    def place(
        self,
        account: int,
        side: Side,
        quantity: str,
        price: int,
        symbol: str,
        tif: TimeInForce,
        mode: SelfTradeMode,
        flags: str,
        name: str,
    ) -> None:
        venue, portfolio = self.desk.venue, self.desk.portfolio(account)
        more: dict[str, Any] = {"client_order_id": name, "self_trade_mode": mode}
        if flags:
            more[flags] = True
        before = margin.available(venue, portfolio)
        owned = self.desk.quantity(account, symbol)
        refused = self.desk.place(account, side, quantity, price, symbol=symbol, tif=tif, **more)
        if refused is None and account in USERS and before == 0:
            assert margin.available(venue, portfolio) >= 0
        now = self.desk.quantity(account, symbol)
        if flags == "reduce_only" and account in USERS:
            assert abs(now) <= abs(owned)
            assert now * owned >= 0
        if account == CAROL:
            assert now >= 0, "who may not write has written"
        self.told()

    @precondition(lambda self: any(self.desk.portfolio(account).open_orders for account in USERS))
    @rule(data=st.data())
    def cancel_one(self, data: st.DataObject) -> None:
        account = data.draw(st.sampled_from([number for number in USERS if self.desk.portfolio(number).open_orders]))
        orders = self.desk.portfolio(account).open_orders
        order = orders[data.draw(st.sampled_from(list(orders)))]
        turn = self.desk.turn()
        assert cancel(turn, self.desk.portfolio(account), CancelOption(account, order.terms.symbol, order.order_id)) is None
        self.desk.done(turn)
        self.told()

    @rule(account=st.sampled_from(USERS), symbol=st.sampled_from(("", *SYMBOLS)))
    def cancel_many(self, account: int, symbol: str) -> None:
        turn = self.desk.turn()
        cancel_all(turn, self.desk.portfolio(account), symbol=symbol)
        self.desk.done(turn)
        self.told()

    @rule(symbol=st.sampled_from(SYMBOLS), bids=Quotes, asks=Quotes)
    def quote(self, symbol: str, bids: list[tuple[int, str]], asks: list[tuple[int, str]]) -> None:
        both = [tuple((units(price), units(quantity)) for price, quantity in rows) for rows in (bids, asks)]
        turn = self.desk.turn()
        quote(turn, self.desk.portfolio(CROWD), QuoteOptions(CROWD, ((symbol, both[0], both[1]),)))
        self.desk.done(turn)
        self.told()

    @rule(index=st.integers(45_000, 55_000), price=st.integers(1, 6_000))
    def move(self, index: int, price: int) -> None:
        self.desk.venue.indexes[BTCUSDT].take(units(index))
        mark(self.desk.market(CALL), price)

    @rule(window=st.integers(1, 5), quantity=st.integers(1, 5))
    def protect(self, window: int, quantity: int) -> None:
        self.desk.portfolio(MAKER).protections[BTCUSDT] = Protection(window, 3, units(quantity), units(2))

    @invariant()
    def everything_adds_up(self) -> None:
        self.desk.check()
        for account in USERS:
            assert self.desk.portfolio(account).balance == self.balances[account], "bills do not add up to the balance"
        for account in NAMES:
            for symbol in SYMBOLS:
                assert self.desk.quantity(account, symbol) == self.positions.get((account, symbol), 0)

    @invariant()
    def margins_make_sense(self) -> None:
        venue = self.desk.venue
        for account in USERS:
            portfolio = self.desk.portfolio(account)
            assert 0 <= margin.maintenance_margin(venue, portfolio) <= margin.initial_margin(venue, portfolio)
            assert 0 <= margin.order_margin(venue, portfolio) <= margin.most_of_orders(venue, portfolio)
            assert margin.equity(venue, portfolio) <= margin.adjusted_equity(venue, portfolio)


TestFloor = Floor.TestCase
TestFloor.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
