"""A whole exchange with options beside a naive reckoning of it, driven by Hypothesis and by seeded runs."""

from random import Random

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from papernet.core.commands import (
    AdvanceTime,
    CancelOptions,
    Deposit,
    OptionTerms,
    PlaceOption,
    SetCountdown,
    TransferToOptions,
)
from papernet.core.dates import DAY, HOUR, MINUTE, SECOND
from papernet.core.enums import SelfTradeMode, Side, TimeInForce
from tests.support import option_busy as busy
from tests.support.option_busy import MODES, UNDERLYING_NAMES, USERS
from tests.support.option_duel import OptionDuel
from tests.support.option_market import CROWD, units

SOMEBODY = st.sampled_from((*USERS, CROWD))
SOME_USER = st.sampled_from(USERS)
SIDES = st.sampled_from(Side)
CONTRACTS = st.integers(0, 5)
LOTS = st.integers(1, 400)
TICKS = st.integers(-3, 3)
DRAWS = st.integers(0, 2**32).map(Random)
# what long runs must have met on their way, or they were not worth their time
EVERYTHING = {
    *(f"PlaceOption REFUSED {name}" for name in ("UNKNOWN_CONTRACT", "OPTIONS_TRADING_DISABLED", "NOT_A_MARKET_MAKER")),
    *(f"PlaceOption REFUSED {name}" for name in ("DUPLICATE_OPTION_CLIENT_ORDER_ID", "CONTRACT_NOT_TRADING")),
    *(f"PlaceOption REFUSED OPTION_{name}" for name in ("PRICE_TOO_HIGH", "PRICE_TOO_LOW", "TICK_SIZE", "STEP_SIZE")),
    *(f"PlaceOption REFUSED OPTION_{name}" for name in ("QUANTITY_TOO_SMALL", "QUANTITY_TOO_LARGE", "WOULD_TAKE")),
    *(f"PlaceOption REFUSED OPTION_{name}" for name in ("CANNOT_FILL", "BALANCE_INSUFFICIENT", "MARGIN_INSUFFICIENT")),
    *(f"PlaceOption REFUSED {name}" for name in ("LONG_POSITION_TOO_LARGE", "SHORT_POSITION_TOO_LARGE_ON_CONTRACT")),
    *(f"PlaceOption REFUSED {name}" for name in ("NO_POSITION_TO_SELL", "REDUCE_ONLY_CONFLICTS", "REDUCE_ONLY_WOULD_FLIP")),
    *(f"PlaceOption REFUSED {name}" for name in ("PORTFOLIO_MAY_ONLY_REDUCE", "CONTRACT_NOT_WRITTEN")),
    *(f"TransferToOptions REFUSED {name}" for name in ("UNKNOWN_ASSET", "BAD_AMOUNT", "INSUFFICIENT_BALANCE")),
    *("TransferToOptions REFUSED OPTION_BALANCE_INSUFFICIENT", "QuoteOptions REFUSED NO_OPTIONS_ACCOUNT"),
    *("CancelOption REFUSED UNKNOWN_OPTION_ORDER", "SetCountdown REFUSED BAD_AMOUNT", "MarkContracts REFUSED BAD_AMOUNT"),
    *(f"AcceptBlockOrder REFUSED {name}" for name in ("OWN_BLOCK_ORDER", "OPTION_MARGIN_INSUFFICIENT")),
    *("BlockTrade", "COUNTDOWN RAN OUT", "ProtectionTriggered", "FEE LET GO", "SHORTFALL"),
    *(f"{tif} NEW NEW" for tif in ("GTC", "IOC", "FOK")),
    *("GTC TRADE PARTIALLY_FILLED", "GTC CANCELED CANCELED", "GTC EXPIRED EXPIRED", "IOC EXPIRED EXPIRED", "FOK TRADE FILLED"),
    *(f"EXPIRED IN MATCH {mode.name}" for mode in MODES if mode is not SelfTradeMode.NONE),
    *(f"{how} {side}" for how in ("EXERCISED", "WORTHLESS") for side in ("LONG", "SHORT")),
    *("LIQUIDATED SHORT TO THE HOUSE", "LIQUIDATED LONG TO THE HOUSE", "LIQUIDATED TO THE BOOK"),
    *("RISK NORMAL", "RISK REDUCE_ONLY"),
}


class OptionsAgainstNaive(RuleBasedStateMachine):
    """One rule a kind of command; those with many fields draw them by themselves."""

    def __init__(self) -> None:
        super().__init__()
        self.duel = OptionDuel()

    def contract(self, number: int) -> str:
        """Return a contract that expires next."""
        return busy.favourites(self.duel)[number]

    def price(self, symbol: str, ticks: int) -> int:
        """Return a price so many ticks from the mark."""
        name = self.duel.naive.contracts[symbol].underlying
        return max(busy.to_tick(name, self.duel.naive.mark(symbol)) + ticks * busy.TICKS[name], busy.TICKS[name])

    @rule(account=SOMEBODY, number=CONTRACTS, side=SIDES, lots=LOTS, ticks=TICKS, tif=st.sampled_from(TimeInForce))
    def limit(self, account: int, number: int, side: Side, lots: int, ticks: int, tif: TimeInForce) -> None:
        symbol = self.contract(number)
        terms = OptionTerms(account, symbol, side, lots * units("0.01"), self.price(symbol, ticks), tif)
        self.duel.do(PlaceOption(terms))

    @rule(account=SOME_USER, number=CONTRACTS, side=SIDES, lots=LOTS)
    def trade(self, account: int, number: int, side: Side, lots: int) -> None:
        busy.trade_with_crowd(self.duel, account, side, self.contract(number), lots * units("0.01"))

    @rule(draw=DRAWS, account=SOMEBODY)
    def any_order(self, draw: Random, account: int) -> None:
        self.duel.do(busy.random_order(self.duel, draw, account, busy.some_contract(self.duel, draw)))

    @rule(draw=DRAWS, account=SOMEBODY)
    def batch(self, draw: Random, account: int) -> None:
        """Carry out what a client sent as one batch: an entry an order."""
        for _ in range(5):
            self.duel.do(busy.random_order(self.duel, draw, account, busy.some_contract(self.duel, draw)))

    @rule(draw=DRAWS, account=SOMEBODY)
    def cancel(self, draw: Random, account: int) -> None:
        self.duel.do(busy.random_cancel(self.duel, draw, account))

    @rule(account=SOMEBODY, name=st.sampled_from(UNDERLYING_NAMES))
    def cancel_all(self, account: int, name: str) -> None:
        self.duel.do(CancelOptions(account, underlying=name))

    @rule(draw=DRAWS)
    def quote(self, draw: Random) -> None:
        self.duel.do(busy.random_quotes(self.duel, draw))

    @rule(draw=DRAWS)
    def mark(self, draw: Random) -> None:
        self.duel.do(busy.random_marks(self.duel, draw))

    @rule(draw=DRAWS)
    def move(self, draw: Random) -> None:
        busy.move_spot(self.duel, draw)

    @rule(draw=DRAWS, account=SOME_USER)
    def strain(self, draw: Random, account: int) -> None:
        busy.strain(self.duel, draw, account)

    @rule(draw=DRAWS, account=SOME_USER)
    def close_twice(self, draw: Random, account: int) -> None:
        busy.close_twice(self.duel, draw, account)

    @rule(account=SOMEBODY, amount=st.integers(-30_000, 30_000), more=st.integers(-1, 1))
    def transfer(self, account: int, amount: int, more: int) -> None:
        self.duel.do(TransferToOptions(account, "USDT", units(1) * amount + more))

    @rule(draw=DRAWS, account=SOME_USER)
    def take_out(self, draw: Random, account: int) -> None:
        self.duel.do(busy.random_transfer(self.duel, draw, account))

    @rule(account=SOMEBODY, amount=st.integers(-1_000, 1_000))
    def deposit(self, account: int, amount: int) -> None:
        self.duel.deposit(Deposit(account, "USDT", units(1) * amount))

    @rule(draw=DRAWS, account=SOMEBODY)
    def setting(self, draw: Random, account: int) -> None:
        self.duel.do(busy.random_setting(draw, account))

    @rule(draw=DRAWS, account=SOMEBODY)
    def guard(self, draw: Random, account: int) -> None:
        self.duel.do(busy.random_guard(draw, account))

    @rule(account=SOMEBODY, name=st.sampled_from(UNDERLYING_NAMES), span=st.sampled_from((0, SECOND, MINUTE)))
    def countdown(self, account: int, name: str, span: int) -> None:
        self.duel.do(SetCountdown(account, name, span))

    @rule(draw=DRAWS, account=SOMEBODY)
    def block_order(self, draw: Random, account: int) -> None:
        self.duel.do(busy.random_block_order(self.duel, draw, account))

    @rule(draw=DRAWS)
    def terms(self, draw: Random) -> None:
        self.duel.do(busy.random_terms(draw))

    @rule(pause=st.integers(0, 2 * MINUTE), advances=st.booleans())
    def wait(self, pause: int, advances: bool) -> None:
        self.duel.now += pause
        if advances:
            self.duel.do(AdvanceTime())

    @rule(draw=DRAWS)
    def pass_time(self, draw: Random) -> None:
        busy.pass_time(self.duel, draw)

    @rule(days=st.integers(1, 9), hours=st.integers(0, 23))
    def jump(self, days: int, hours: int) -> None:
        self.duel.now += days * DAY + hours * HOUR
        self.duel.do(AdvanceTime())

    @rule()
    def checkpoint(self) -> None:
        self.duel.checkpoint()

    @precondition(lambda self: len(self.duel.entries) > 40)
    @rule()
    def reset(self) -> None:
        self.duel.reset()

    @invariant()
    def both_hold_the_same(self) -> None:
        self.duel.compare()

    def teardown(self) -> None:
        self.duel.finish()


TestOptionsAgainstNaive = OptionsAgainstNaive.TestCase
TestOptionsAgainstNaive.settings = settings(max_examples=max(settings().max_examples // 2, 1))


def run(seed: int, steps: int) -> OptionDuel:
    """Let a duel run for so many steps; half-way everything starts over."""
    duel = OptionDuel()
    busy.drive(duel, seed, steps // 2)
    duel.reset()
    busy.drive(duel, seed + 1, steps // 2)
    duel.finish()
    return duel


def test_long_runs_agree_and_meet_everything_on_their_way() -> None:
    seen: set[str] = set()
    for seed in range(2, 18, 2):
        seen |= run(seed, 400).seen
    assert seen >= EVERYTHING, EVERYTHING - seen


@pytest.mark.parametrize("lost", ["fee", "premium", "margin"])
def test_the_naive_reckoning_bites(lost: str) -> None:
    """Whatever is off by one unit anywhere is found."""
    duel = OptionDuel()
    busy.drive(duel, 1, 60)
    portfolio = duel.exchange.options.portfolios[1]
    market = next(iter(duel.exchange.options.markets.values()))
    if lost == "fee":
        duel.exchange.ledger.collected["USDT"] += 1
        duel.exchange.ledger.issued["USDT"] += 1
    elif lost == "premium":
        portfolio.balance += 1
        duel.exchange.options.portfolios[2].balance -= 1
    else:
        portfolio.position(market.contract.symbol).quantity -= units(1)
        duel.exchange.options.portfolios[0].position(market.contract.symbol).quantity += units(1)
        market.open_interest += units(1)
    with pytest.raises(AssertionError):
        duel.compare()


@pytest.mark.simulate
@pytest.mark.parametrize("part", range(20))
def test_a_hundred_thousand_steps_agree(part: int) -> None:
    for seed in range(10):
        run(1_000_000 + 100 * part + 2 * seed, 500)
