"""The exchange beside a naive one, driven by Hypothesis and by a long seeded run; every step is compared in full."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from papernet.core.commands import CancelOrder, NewOrder
from papernet.core.enums import CancelRestriction, OrderType, Side, SymbolStatus, TimeInForce
from tests.support.busy import RATES, SHAPES, drive
from tests.support.duel import Duel
from tests.support.worlds import ALICE, BOB, CROWD, SECOND

ACCOUNTS = st.sampled_from((ALICE, BOB, CROWD))
SYMBOLS = st.sampled_from(tuple(SHAPES))
SIDES = st.sampled_from(Side)
TICKS = st.integers(-4, 4)
LOTS = st.integers(1, 9)
CLIENT_IDS = st.sampled_from(("", "", "", "a", "b"))
RATE = st.sampled_from(RATES)


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
    """One rule a kind of command."""

    def __init__(self) -> None:
        super().__init__()
        self.duel = Duel()

    @rule(account=ACCOUNTS, symbol=SYMBOLS, side=SIDES, lots=LOTS, ticks=TICKS, name=CLIENT_IDS)
    def limit(self, account: int, symbol: str, side: Side, lots: int, ticks: int, name: str) -> None:
        self.duel.place(order(account, symbol, side, OrderType.LIMIT, TimeInForce.GTC, lots, ticks, 0, name))

    @rule(side=SIDES, account=ACCOUNTS, symbol=SYMBOLS, lots=LOTS, offsets=st.lists(TICKS, min_size=2, max_size=5))
    def several_limits(self, side: Side, account: int, symbol: str, lots: int, offsets: list[int]) -> None:
        """Fill a side of the book quickly: buyers below the middle, sellers above."""
        for ticks in offsets:
            away = -abs(ticks) if side is Side.BUY else abs(ticks) + 1
            self.duel.place(order(account, symbol, side, OrderType.LIMIT, TimeInForce.GTC, lots, away))

    @rule(account=ACCOUNTS, symbol=SYMBOLS, side=SIDES, lots=LOTS, ticks=TICKS, tif=st.sampled_from(TimeInForce))
    def immediate(self, account: int, symbol: str, side: Side, lots: int, ticks: int, tif: TimeInForce) -> None:
        self.duel.place(order(account, symbol, side, OrderType.LIMIT, tif, lots, ticks))

    @rule(account=ACCOUNTS, symbol=SYMBOLS, side=SIDES, lots=LOTS, ticks=TICKS, name=CLIENT_IDS)
    def post_only(self, account: int, symbol: str, side: Side, lots: int, ticks: int, name: str) -> None:
        self.duel.place(order(account, symbol, side, OrderType.LIMIT_MAKER, TimeInForce.GTC, lots, ticks, 0, name))

    @rule(account=ACCOUNTS, symbol=SYMBOLS, side=SIDES, lots=LOTS, name=CLIENT_IDS)
    def market(self, account: int, symbol: str, side: Side, lots: int, name: str) -> None:
        self.duel.place(order(account, symbol, side, OrderType.MARKET, TimeInForce.GTC, lots, 0, 0, name))

    @rule(account=ACCOUNTS, symbol=SYMBOLS, side=SIDES, lots=LOTS, more=st.integers(-1, 10**6))
    def market_for_an_amount(self, account: int, symbol: str, side: Side, lots: int, more: int) -> None:
        middle, _, lot, _ = SHAPES[symbol]
        amount = lots * lot * (1_711 if symbol == "ETHBTC" else 1) * middle // 10**8 + more
        self.duel.place(order(account, symbol, side, OrderType.MARKET, TimeInForce.GTC, 0, 0, amount))

    @rule(account=ACCOUNTS, symbol=SYMBOLS, side=SIDES, price=st.integers(0, 4), lots=st.integers(0, 3), dust=st.integers(0, 1))
    def odd(self, account: int, symbol: str, side: Side, price: int, lots: int, dust: int) -> None:
        """Place an order far from the middle price, off the step or with nothing in it."""
        middle, _, lot, _ = SHAPES[symbol]
        terms = order(account, symbol, side, OrderType.LIMIT, TimeInForce.GTC, 1)
        self.duel.place(
            NewOrder(
                account, symbol, side, terms.order_type, terms.time_in_force, lots * lot + dust, price * middle // 2 + dust
            )
        )

    @rule(
        pick=st.integers(0, 99),
        symbol=SYMBOLS,
        how=st.sampled_from(("id", "name", "both", "wrong name", "another's")),
        restriction=st.sampled_from(CancelRestriction),
    )
    def cancel(self, pick: int, symbol: str, how: str, restriction: CancelRestriction) -> None:
        orders = self.duel.naive.markets[symbol].orders
        if not orders:
            self.duel.cancel(CancelOrder(ALICE, symbol, pick, "", "", restriction))
            return
        chosen = orders[pick % len(orders)]
        name = chosen.terms.client_order_id if how in ("name", "both") else "zzz" if how == "wrong name" else ""
        account = chosen.terms.account % 3 + 1 if how == "another's" else chosen.terms.account
        self.duel.cancel(CancelOrder(account, symbol, -1 if how == "name" else chosen.order_id, name, "", restriction))

    @rule(account=ACCOUNTS, symbol=SYMBOLS)
    def cancel_all(self, account: int, symbol: str) -> None:
        self.duel.cancel_all(account, symbol)

    @rule(
        account=ACCOUNTS,
        asset=st.sampled_from(("BTC", "ETH", "USDT")),
        amount=st.integers(-30, 30),
        unit=st.sampled_from((1, 10**8)),
    )
    def deposit(self, account: int, asset: str, amount: int, unit: int) -> None:
        self.duel.deposit(account, asset, amount * unit)

    @rule(account=ACCOUNTS, maker=RATE, taker=RATE, buyer=RATE, seller=RATE)
    def commission(self, account: int, maker: int, taker: int, buyer: int, seller: int) -> None:
        self.duel.commission(account, (maker, taker, buyer, seller))

    @rule(symbol=SYMBOLS, status=st.sampled_from((SymbolStatus.TRADING, *SymbolStatus)))
    def status(self, symbol: str, status: SymbolStatus) -> None:
        self.duel.status(symbol, status)

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
TestExchangeAgainstNaive.settings = settings(max_examples=3 * settings().max_examples)


def test_long_runs_agree_and_meet_everything_on_their_way() -> None:
    seen: set[str] = set()
    for seed in range(8):
        duel = Duel()
        for part in range(100):
            drive(duel, seed * 1_000 + part, 15)
            duel.compare()
            if part == 60:
                duel.reset()
        duel.finish()
        seen |= duel.seen
    assert seen >= EVERYTHING, EVERYTHING - seen


EVERYTHING = {
    "LIMIT NEW False",
    "LIMIT PARTIALLY_FILLED True",
    "LIMIT FILLED True",
    "LIMIT EXPIRED False",
    "LIMIT EXPIRED True",
    "LIMIT_MAKER NEW False",
    "MARKET FILLED True",
    "MARKET EXPIRED True",
    "MARKET EXPIRED False",
    "MARKET_CLOSED",
    "LIQUIDITY_BELOW_LOT_SIZE",
    "BAD_AMOUNT",
    "DUPLICATE_CLIENT_ORDER_ID",
    "ZERO_NOTIONAL",
    "PRICE_FILTER",
    "PERCENT_PRICE_BY_SIDE",
    "LOT_SIZE",
    "MAX_NUM_ORDERS",
    "NO_LIQUIDITY_FOR_QUOTE",
    "WOULD_TAKE",
    "INSUFFICIENT_BALANCE",
    "UNKNOWN_ORDER",
    "CANCEL_RESTRICTED",
}
