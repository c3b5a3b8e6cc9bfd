"""The exchange beside a naive one, driven by Hypothesis and by long seeded runs; every step is compared in full."""

from random import Random

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from papernet.core.commands import CancelOrder, Deposit, LockBalance, NewOrder, SetCommission, SetSymbolStatus
from papernet.core.enums import CancelRestriction, OrderType, SelfTradeMode, Side, SymbolStatus, TimeInForce
from tests.support import busy
from tests.support.busy import ACCOUNTS, RATES, SHAPES, drive
from tests.support.duel import Duel
from tests.support.worlds import ALICE, SECOND

SOMEBODY = st.sampled_from(ACCOUNTS)
SYMBOLS = st.sampled_from(tuple(SHAPES))
SIDES = st.sampled_from(Side)
TICKS = st.integers(-4, 4)
LOTS = st.integers(1, 9)
CLIENT_IDS = st.sampled_from(("", "", "", "a", "b"))
RATE = st.sampled_from(RATES)
DRAWS = st.integers(0, 2**32).map(Random)
# what a long run must have met on its way, or it was not worth its time
EVERYTHING = {
    *(f"NewOrder REFUSED {name}" for name in ("ACCOUNT_MAY_NOT_TRADE", "ACTION_DISABLED", "DUPLICATE_CLIENT_ORDER_ID")),
    *(f"NewOrder REFUSED {name}" for name in ("MARKET_CLOSED", "ORDER_TYPE_NOT_PEGGABLE", "ICEBERG_EXCEEDS_QUANTITY")),
    *(f"NewOrder REFUSED {name}" for name in ("ZERO_NOTIONAL", "NO_PRICE_LEVEL_FOR_PEG", "WOULD_TRIGGER", "WOULD_TAKE")),
    *(f"NewOrder REFUSED {name}" for name in ("NO_LIQUIDITY_FOR_QUOTE", "LIQUIDITY_BELOW_LOT_SIZE", "INSUFFICIENT_BALANCE")),
    *(f"NewOrder REFUSED {name}" for name in ("PRICE_FILTER", "PERCENT_PRICE_BY_SIDE", "LOT_SIZE", "ICEBERG_PARTS")),
    *(f"NewOrder REFUSED {name}" for name in ("TRAILING_DELTA", "MAX_NUM_ORDERS", "MAX_NUM_ICEBERG_ORDERS")),
    *(f"NewOrderList REFUSED {name}" for name in ("BAD_PRICE_RELATION", "DUPLICATE_LIST_CLIENT_ORDER_ID", "WOULD_TAKE")),
    *(f"NewOrder REFUSED {name}" for name in ("NOTIONAL", "MARKET_LOT_SIZE", "LIQUIDITY_BELOW_MARKET_LOT_SIZE", "MAX_ASSET")),
    *(f"NewOrder REFUSED EXCHANGE_MAX_NUM_{name}" for name in ("ORDERS", "ALGO_ORDERS", "ICEBERG_ORDERS")),
    *("NewOrderList REFUSED MAX_NUM_ORDER_LISTS", "NewOrderList REFUSED EXCHANGE_MAX_NUM_ORDER_LISTS"),
    *(f"AmendOrder REFUSED {name}" for name in ("AMEND_CHANGES_NOTHING", "AMEND_INCREASES", "AMEND_PENDING_OPO")),
    *(f"AmendOrder REFUSED {name}" for name in ("UNKNOWN_ORDER", "ZERO_NOTIONAL", "TOO_MANY_AMENDS", "LOT_SIZE")),
    *("CancelOrder REFUSED CANCEL_RESTRICTED", "CancelOrderList REFUSED UNKNOWN_ORDER_LIST", "Deposit REFUSED BAD_AMOUNT"),
    *("LOCKED", "LockBalance REFUSED BAD_AMOUNT"),
    *("NewOrderList LIST EXEC_STARTED", "NewOrder LIST ALL_DONE", "CancelOrder LIST ALL_DONE", "AmendOrder LIST UPDATED"),
    *("NEW NEW", "NEW PENDING_NEW", "TRADE PARTIALLY_FILLED", "TRADE FILLED", "CANCELED CANCELED", "ALLOCATION", "TRIGGERED"),
    *("COMMISSION IN BNB", "COMMISSION IN BTC", "COMMISSION IN USDT", "COMMISSION IN USDC"),
    *("REPLACED NEW", "REPLACED PARTIALLY_FILLED", "REPLACED PENDING_NEW", "CANCEL_FAILED", "PLACEMENT_FAILED"),
    *(f"EXPIRED EXPIRED {name}" for name in ("INSUFFICIENT_LIQUIDITY", "UNFILLED_IOC_QUANTITY", "UNFILLED_FOK_ORDER")),
    *(f"EXPIRED EXPIRED {name}" for name in ("OCO_TRIGGER", "OTO_PHASE_ONE_EXPIRED", "REJECTED")),
    "EXPIRED EXPIRED EXECUTION_RULE_PRICE_RANGE_EXCEEDED",
    *(f"TRADE_PREVENTION {name}" for name in ("NEW", "PARTIALLY_FILLED", "EXPIRED_IN_MATCH")),
    *(f"PREVENTED {mode.name}" for mode in SelfTradeMode if mode),
}


def order(
    account: int,
    symbol: str,
    side: Side,
    kind: OrderType,
    tif: TimeInForce,
    lots: int,
    ticks: int = 0,
    quote: int = 0,
    name: str = "",
) -> NewOrder:
    """Return an order so many ticks from the middle; on ETHBTC a lot is 0.1711, so that notionals need rounding."""
    middle, tick, lot, _ = SHAPES[symbol]
    lot *= 1_711 if symbol == "ETHBTC" else 1
    price = 0 if kind is OrderType.MARKET else middle + ticks * tick
    return NewOrder(account, symbol, side, kind, tif, 0 if quote else lots * lot, price, quote, name)


class ExchangeAgainstNaive(RuleBasedStateMachine):
    """One rule a kind of command; those with many fields draw them by themselves."""

    def __init__(self) -> None:
        super().__init__()
        self.duel = Duel()

    @rule(account=SOMEBODY, symbol=SYMBOLS, side=SIDES, lots=LOTS, ticks=TICKS, name=CLIENT_IDS)
    def limit(self, account: int, symbol: str, side: Side, lots: int, ticks: int, name: str) -> None:
        self.duel.do(order(account, symbol, side, OrderType.LIMIT, TimeInForce.GTC, lots, ticks, 0, name))

    @rule(side=SIDES, account=SOMEBODY, symbol=SYMBOLS, lots=LOTS, offsets=st.lists(TICKS, min_size=2, max_size=5))
    def several_limits(self, side: Side, account: int, symbol: str, lots: int, offsets: list[int]) -> None:
        """Fill a side of the book quickly: buyers below the middle, sellers above."""
        for ticks in offsets:
            away = -abs(ticks) if side is Side.BUY else abs(ticks) + 1
            self.duel.do(order(account, symbol, side, OrderType.LIMIT, TimeInForce.GTC, lots, away))

    @rule(account=SOMEBODY, symbol=SYMBOLS, side=SIDES, lots=LOTS, ticks=TICKS, tif=st.sampled_from(TimeInForce))
    def immediate(self, account: int, symbol: str, side: Side, lots: int, ticks: int, tif: TimeInForce) -> None:
        self.duel.do(order(account, symbol, side, OrderType.LIMIT, tif, lots, ticks))

    @rule(account=SOMEBODY, symbol=SYMBOLS, side=SIDES, lots=LOTS, name=CLIENT_IDS)
    def market(self, account: int, symbol: str, side: Side, lots: int, name: str) -> None:
        self.duel.do(order(account, symbol, side, OrderType.MARKET, TimeInForce.GTC, lots, 0, 0, name))

    @rule(account=SOMEBODY, symbol=SYMBOLS, side=SIDES, lots=LOTS, more=st.integers(-1, 10**6))
    def market_for_an_amount(self, account: int, symbol: str, side: Side, lots: int, more: int) -> None:
        middle, _, lot, _ = SHAPES[symbol]
        amount = lots * lot * (1_711 if symbol == "ETHBTC" else 1) * middle // 10**8 + more
        self.duel.do(order(account, symbol, side, OrderType.MARKET, TimeInForce.GTC, 0, 0, amount))

    @rule(account=SOMEBODY, symbol=SYMBOLS, side=SIDES, price=st.integers(0, 4), lots=st.integers(0, 3), dust=st.integers(0, 1))
    def odd(self, account: int, symbol: str, side: Side, price: int, lots: int, dust: int) -> None:
        """Place an order far from the middle price, off the step or with nothing in it."""
        middle, _, lot, _ = SHAPES[symbol]
        terms = order(account, symbol, side, OrderType.LIMIT, TimeInForce.GTC, 1)
        self.duel.do(busy.changed(terms, quantity=lots * lot + dust, price=price * middle // 2 + dust))

    @rule(draw=DRAWS, account=SOMEBODY, symbol=SYMBOLS)
    def any_order(self, draw: Random, account: int, symbol: str) -> None:
        self.duel.do(busy.random_order(self.duel, draw, account, symbol))

    @rule(draw=DRAWS, account=SOMEBODY, symbol=SYMBOLS)
    def any_list(self, draw: Random, account: int, symbol: str) -> None:
        self.duel.do(busy.random_list(self.duel, draw, account, symbol))

    @rule(draw=DRAWS, account=SOMEBODY, symbol=SYMBOLS)
    def replace(self, draw: Random, account: int, symbol: str) -> None:
        self.duel.do(busy.random_replace(self.duel, draw, account, symbol))

    @rule(draw=DRAWS, account=SOMEBODY, symbol=SYMBOLS)
    def amend(self, draw: Random, account: int, symbol: str) -> None:
        self.duel.do(busy.random_amend(self.duel, draw, account, symbol))

    @rule(draw=DRAWS, account=SOMEBODY, symbol=SYMBOLS)
    def cancel_list(self, draw: Random, account: int, symbol: str) -> None:
        self.duel.do(busy.random_list_cancel(self.duel, draw, account, symbol))

    @rule(draw=DRAWS, account=SOMEBODY)
    def setting(self, draw: Random, account: int) -> None:
        self.duel.do(busy.random_setting(draw, account))

    @rule(
        pick=st.integers(0, 99),
        symbol=SYMBOLS,
        how=st.sampled_from(("id", "name", "both", "wrong name", "another's")),
        restriction=st.sampled_from(CancelRestriction),
    )
    def cancel(self, pick: int, symbol: str, how: str, restriction: CancelRestriction) -> None:
        orders = self.duel.naive.markets[symbol].orders
        if not orders:
            self.duel.do(CancelOrder(ALICE, symbol, pick, "", "", restriction))
            return
        chosen = orders[pick % len(orders)]
        name = chosen.terms.client_order_id if how in ("name", "both") else "zzz" if how == "wrong name" else ""
        account = chosen.terms.account % len(ACCOUNTS) + 1 if how == "another's" else chosen.terms.account
        self.duel.do(CancelOrder(account, symbol, -1 if how == "name" else chosen.order_id, name, "", restriction))

    @rule(account=SOMEBODY, symbol=SYMBOLS)
    def cancel_all(self, account: int, symbol: str) -> None:
        self.duel.cancel_all(account, symbol)

    @rule(
        account=SOMEBODY,
        asset=st.sampled_from(("BTC", "ETH", "USDT")),
        amount=st.integers(-30, 30),
        unit=st.sampled_from((1, 10**8)),
    )
    def deposit(self, account: int, asset: str, amount: int, unit: int) -> None:
        self.duel.do(Deposit(account, asset, amount * unit))

    @rule(
        account=SOMEBODY,
        asset=st.sampled_from(("BTC", "ETH", "USDT")),
        amount=st.integers(-30, 30),
        unit=st.sampled_from((1, 10**8)),
    )
    def lock(self, account: int, asset: str, amount: int, unit: int) -> None:
        self.duel.do(LockBalance(account, asset, amount * unit))

    @rule(account=SOMEBODY, maker=RATE, taker=RATE, buyer=RATE, seller=RATE)
    def commission(self, account: int, maker: int, taker: int, buyer: int, seller: int) -> None:
        self.duel.do(SetCommission(account, maker, taker, buyer, seller))

    @rule(symbol=SYMBOLS, status=st.sampled_from((SymbolStatus.TRADING, *SymbolStatus)))
    def status(self, symbol: str, status: SymbolStatus) -> None:
        self.duel.do(SetSymbolStatus(symbol, status))

    @rule(pause=st.integers(1, 90 * SECOND))
    def wait(self, pause: int) -> None:
        self.duel.now += pause

    @rule()
    def checkpoint(self) -> None:
        self.duel.checkpoint()

    @precondition(lambda self: len(self.duel.entries) > 30)
    @rule()
    def reset(self) -> None:
        self.duel.reset()

    @invariant()
    def both_hold_the_same(self) -> None:
        self.duel.compare()

    def teardown(self) -> None:
        self.duel.finish()


TestExchangeAgainstNaive = ExchangeAgainstNaive.TestCase
TestExchangeAgainstNaive.settings = settings(max_examples=2 * settings().max_examples)


def run(seed: int, commands: int) -> Duel:
    """Let a duel run for about so many commands and compare after every few; half-way everything starts over."""
    duel, draw = Duel(), Random(seed)
    for part in range(commands // 5):
        for _ in range(5):
            busy.step(duel, draw)
        duel.compare()
        if part == commands // 10:
            duel.reset()
    duel.finish()
    return duel


def test_long_runs_agree_and_meet_everything_on_their_way() -> None:
    seen: set[str] = set()
    for seed in range(40):
        seen |= run(seed, 375).seen
    assert seen >= EVERYTHING, EVERYTHING - seen


def test_a_run_starts_anywhere() -> None:
    """`drive` is what other tests let duels run with."""
    duel = Duel()
    drive(duel, 1, 100)
    duel.compare()


@pytest.mark.simulate
@pytest.mark.parametrize("part", range(20))
def test_three_hundred_thousand_commands_agree(part: int) -> None:
    for seed in range(30):
        run(1_000_000 + 1_000 * part + seed, 500)
