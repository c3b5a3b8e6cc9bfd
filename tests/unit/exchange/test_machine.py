"""The machine's guards in their order of precedence, its control commands, and what it promises about replays and garbage."""

import gc
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec import msgpack
from msgspec.structs import replace

from papernet.core.commands import (
    CancelOpenOrders,
    CancelOrder,
    Command,
    Deposit,
    Entry,
    ListSymbol,
    NewOrder,
    OpenAccount,
    RegisterKey,
    Reset,
    RevokeKey,
    SeedCandles,
    SetCommission,
    SetLimits,
    SetSymbolStatus,
)
from papernet.core.enums import (
    AccountKind,
    CancelRestriction,
    KeyType,
    OrderType,
    Permission,
    SelfTradeMode,
    Side,
    SymbolStatus,
    TimeInForce,
)
from papernet.core.events import (
    AccountOpened,
    BalanceChanged,
    CandlesSeeded,
    KeyRegistered,
    KeyRevoked,
    SettingChanged,
    SymbolListed,
    SymbolStatusChanged,
    WorldReset,
)
from papernet.core.rejects import Reason, Reject
from papernet.core.units import AMOUNT_MAX, SCALE
from papernet.exchange.checkpoint import encode
from papernet.exchange.machine import Exchange, derived_client_order_id
from papernet.venues.spot.symbols import MarketLotSize, MaxNumOrders, PercentPrice
from tests.support.busy import drive
from tests.support.duel import Duel
from tests.support.scripts import check
from tests.support.worlds import (
    ALICE,
    BOB,
    CROWD,
    NOBODY,
    SECOND,
    World,
    coarse_symbol,
    lot_size,
    make_symbol,
    price_filter,
    reason,
    refusal,
    reports,
    units,
)

ROOT = Path(__file__).parents[3]

# ---- precedence: an order with everything wrong is repaired one fault at a time


def test_the_guards_of_a_limit_order_in_their_order() -> None:
    world = World(
        make_symbol(price_filter("10", "20", "1"), lot_size("1", "50", "1"), MaxNumOrders(53), status=SymbolStatus.BREAK),
        make_symbol(name="OPEN", base="AAA"),
    )
    for number in range(50):
        world.buy(ALICE, "1", "10", symbol="OPEN", cid=f"id{number}")
    world.sell(BOB, "1", "12", symbol="OPEN")
    # An open order of the same client order id on the same symbol, and someone to trade with.
    world.apply(SetSymbolStatus("BTCUSDT", SymbolStatus.TRADING))
    world.apply(SetLimits(enabled=False))
    world.buy(ALICE, "1", "10", cid="id0")
    world.sell(BOB, "1", "15")
    world.apply(SetLimits(enabled=True))
    world.apply(SetSymbolStatus("BTCUSDT", SymbolStatus.BREAK))

    order = NewOrder(
        NOBODY,
        "NOSUCH",
        Side.BUY,
        OrderType.STOP_LOSS,
        TimeInForce.GTC,
        1,
        1,
        client_order_id="id0",
        self_trade_mode=SelfTradeMode.DECREMENT,
    )

    def wait(given: NewOrder, seconds: int) -> NewOrder:
        world.now += seconds * SECOND
        return given

    def opened(given: NewOrder) -> NewOrder:
        world.apply(SetSymbolStatus("BTCUSDT", SymbolStatus.TRADING))
        return given

    def poor(given: NewOrder) -> NewOrder:
        free, _ = world.balance(ALICE, "USDT")
        world.apply(Deposit(ALICE, "USDT", units("100") - free))
        return given

    repairs: list[tuple[Reject, Callable[[NewOrder], NewOrder]]] = [
        (Reject(Reason.UNKNOWN_SYMBOL), lambda o: replace(o, symbol="BTCUSDT")),
        (Reject(Reason.ACCOUNT_MAY_NOT_TRADE), lambda o: replace(o, account=ALICE)),
        (Reject(Reason.TOO_MANY_ORDERS, ("50", "10 SECOND")), lambda o: wait(o, 10)),
        (Reject(Reason.DUPLICATE_CLIENT_ORDER_ID), lambda o: replace(o, client_order_id="new")),
        (Reject(Reason.MARKET_CLOSED), opened),
        (Reject(Reason.STOP_LOSS_NOT_SUPPORTED), lambda o: replace(o, order_type=OrderType.LIMIT_MAKER)),
        (Reject(Reason.SELF_TRADE_MODE_NOT_ALLOWED), lambda o: replace(o, self_trade_mode=SelfTradeMode.NONE)),
        (Reject(Reason.ZERO_NOTIONAL), lambda o: replace(o, price=units("16.5"), quantity=units("50.5"))),
        (Reject(Reason.FILTER_FAILURE, ("PRICE_FILTER",)), lambda o: replace(o, price=units("16"))),
        (Reject(Reason.FILTER_FAILURE, ("LOT_SIZE",)), lambda o: replace(o, quantity=units("50"))),
        (Reject(Reason.WOULD_TAKE), lambda o: poor(replace(o, order_type=OrderType.LIMIT))),
        (Reject(Reason.INSUFFICIENT_BALANCE), lambda o: replace(o, quantity=units("1"))),
    ]

    met: list[Reason] = []
    for expected, repair in repairs:
        told = refusal(world.apply(order))
        assert told == expected
        met.append(expected.reason)
        order = repair(order)
    assert reason(world.apply(order)) is None
    assert met == sorted(met), "the order of the guards is the order of the reasons"


def test_the_guards_of_an_order_by_quote_quantity_in_their_order() -> None:
    world = World(
        make_symbol(name="NOQUOTE", quote_quantity_allowed=False, order_types=(OrderType.LIMIT,)),
        make_symbol(name="NOAMOUNT", quote_quantity_allowed=False),
        make_symbol(lot_size("2", "50", "1"), MarketLotSize(units("4"), 0, 0)),
    )
    order = world.order(ALICE, Side.BUY, "0", quote="15", symbol="NOQUOTE")
    met = []
    for symbol, expected, prepare in (
        ("NOQUOTE", Reason.MARKET_ORDERS_NOT_SUPPORTED, lambda: None),
        ("NOAMOUNT", Reason.QUOTE_QUANTITY_NOT_SUPPORTED, lambda: None),
        ("BTCUSDT", Reason.NO_LIQUIDITY_FOR_QUOTE, lambda: world.sell(BOB, "50", "10", symbol="BTCUSDT")),
        ("BTCUSDT", Reason.LIQUIDITY_BELOW_LOT_SIZE, lambda: None),
    ):
        assert reason(world.apply(replace(order, symbol=symbol))) is expected
        prepare()
        met.append(expected)
    order = replace(order, symbol="BTCUSDT", quote_quantity=units("39.99"))
    world.apply(Deposit(ALICE, "USDT", units("39.99") - world.balance(ALICE, "USDT")[0]))
    assert reason(world.apply(order)) is Reason.LIQUIDITY_BELOW_MARKET_LOT_SIZE
    assert reason(world.apply(replace(order, quote_quantity=units("40")))) is Reason.INSUFFICIENT_BALANCE
    assert met == sorted(met)


def test_the_guards_of_cancels_in_their_order() -> None:
    world = World()
    world.buy(ALICE, "1", "10", cid="A1")
    for command in (
        CancelOrder(NOBODY, "NOSUCH", 9, "A1", "", CancelRestriction.ONLY_PARTIALLY_FILLED),
        CancelOpenOrders(NOBODY, "NOSUCH"),
    ):
        assert reason(world.apply(command)) is Reason.UNKNOWN_SYMBOL
        listed = replace(command, symbol="BTCUSDT")
        assert reason(world.apply(listed)) is Reason.ACCOUNT_MAY_NOT_TRADE
        assert reason(world.apply(replace(listed, account=BOB))) is Reason.UNKNOWN_ORDER
    restricted = CancelOrder(ALICE, "BTCUSDT", 9, "A1", "", CancelRestriction.ONLY_PARTIALLY_FILLED)
    assert reason(world.apply(restricted)) is Reason.UNKNOWN_ORDER
    assert reason(world.apply(replace(restricted, order_id=1))) is Reason.CANCEL_RESTRICTED
    assert reason(world.apply(replace(restricted, order_id=1, restriction=CancelRestriction.NONE))) is None


def test_the_guards_of_control_commands_in_their_order() -> None:
    world = World()
    for command, expected in (
        (OpenAccount("alice", 1_001, AccountKind.USER, (("BTC", -1),)), Reason.DUPLICATE_ACCOUNT),
        (OpenAccount("dora", 5, AccountKind.USER, (("BTC", -1),)), Reason.BAD_AMOUNT),
        (Deposit(NOBODY, "NOSUCH", 0), Reason.UNKNOWN_ACCOUNT),
        (Deposit(ALICE, "NOSUCH", 0), Reason.UNKNOWN_ASSET),
        (Deposit(ALICE, "BTC", 0), Reason.BAD_AMOUNT),
        (SetCommission(NOBODY, -1, 0), Reason.UNKNOWN_ACCOUNT),
        (SetCommission(ALICE, -1, 0), Reason.BAD_AMOUNT),
    ):
        assert reason(world.apply(command)) is expected, command


# ---- every reason is met by a row, or nobody but a door can give it

# what a refused command looks like, on a world with a bid of ALICE's (client order id "open", 2 @ 10, half filled)
ROWS = """
    alice buy 1 @ 10 on NOSUCH           -> UNKNOWN_SYMBOL
    alice buy 1 @ 10 as open             -> DUPLICATE_CLIENT_ORDER_ID
    alice buy 0.00000001 @ 0.1           -> ZERO_NOTIONAL
    alice buy 1 @ 0.001                  -> FILTER_FAILURE(PRICE_FILTER)
    alice buy 0.01 @ 10                  -> FILTER_FAILURE(LOT_SIZE)
    alice buy $5                         -> NO_LIQUIDITY_FOR_QUOTE
    alice sell $0.5                      -> LIQUIDITY_BELOW_LOT_SIZE
    bob   sell 1 @ 10 MAKER              -> WOULD_TAKE
    alice buy 9000 @ 100000              -> INSUFFICIENT_BALANCE
    alice cancel nothing                 -> UNKNOWN_ORDER
    alice cancel open ONLY_NEW           -> CANCEL_RESTRICTED
    alice gets 0 BTC                     -> BAD_AMOUNT
    alice gets 1 NOSUCH                  -> UNKNOWN_ASSET(NOSUCH)
    market HALT
    alice buy 1 @ 10                     -> MARKET_CLOSED
"""
TABLE = (
    """
    alice buy 2 @ 10 as open
    bob   sell 1 @ 10                    -> NEW, 1@10 with open, FILLED
"""
    + ROWS
)
IN_TABLE = {Reason[row.split("-> ")[1].split("(")[0].strip()] for row in ROWS.splitlines() if "->" in row}

KEY = RegisterKey(ALICE, "key", KeyType.HMAC, "secret", (Permission.TRADE,))
TYPES = {
    OrderType.LIMIT: Reason.ORDER_TYPE_NOT_SUPPORTED,
    OrderType.LIMIT_MAKER: Reason.ORDER_TYPE_NOT_SUPPORTED,
    OrderType.MARKET: Reason.MARKET_ORDERS_NOT_SUPPORTED,
    OrderType.STOP_LOSS: Reason.STOP_LOSS_NOT_SUPPORTED,
    OrderType.STOP_LOSS_LIMIT: Reason.STOP_LOSS_LIMIT_NOT_SUPPORTED,
    OrderType.TAKE_PROFIT: Reason.TAKE_PROFIT_NOT_SUPPORTED,
    OrderType.TAKE_PROFIT_LIMIT: Reason.TAKE_PROFIT_LIMIT_NOT_SUPPORTED,
}
# single commands on a fresh world that has alice's key "key", a symbol BTCUSDT and one without any order types, CLOSED
SINGLE: list[tuple[Command, Reject]] = [
    (NewOrder(NOBODY, "BTCUSDT", Side.BUY, OrderType.LIMIT, TimeInForce.GTC, 1), Reject(Reason.ACCOUNT_MAY_NOT_TRADE)),
    (
        NewOrder(ALICE, "CLOSED", Side.BUY, OrderType.MARKET, TimeInForce.GTC, 0, 0, SCALE),
        Reject(Reason.MARKET_ORDERS_NOT_SUPPORTED),
    ),
    (
        NewOrder(ALICE, "NOAMOUNT", Side.BUY, OrderType.MARKET, TimeInForce.GTC, 0, 0, SCALE),
        Reject(Reason.QUOTE_QUANTITY_NOT_SUPPORTED),
    ),
    (
        NewOrder(
            ALICE,
            "BTCUSDT",
            Side.BUY,
            OrderType.LIMIT,
            TimeInForce.GTC,
            SCALE,
            SCALE,
            self_trade_mode=SelfTradeMode.EXPIRE_BOTH,
        ),
        Reject(Reason.SELF_TRADE_MODE_NOT_ALLOWED),
    ),
    *(
        (NewOrder(ALICE, "CLOSED", Side.BUY, order_type, TimeInForce.GTC, SCALE, SCALE), Reject(told))
        for order_type, told in TYPES.items()
    ),
    (NewOrder(ALICE, "BTCUSDT", Side.BUY, OrderType.MARKET, TimeInForce.GTC, 0), Reject(Reason.ZERO_NOTIONAL)),
    (CancelOrder(NOBODY, "BTCUSDT", 1), Reject(Reason.ACCOUNT_MAY_NOT_TRADE)),
    (CancelOpenOrders(ALICE, "BTCUSDT"), Reject(Reason.UNKNOWN_ORDER)),
    (SetSymbolStatus("NOSUCH", SymbolStatus.HALT), Reject(Reason.UNKNOWN_SYMBOL)),
    (SeedCandles("NOSUCH", ()), Reject(Reason.UNKNOWN_SYMBOL)),
    (ListSymbol(coarse_symbol().to_spec()), Reject(Reason.DUPLICATE_SYMBOL, ("BTCUSDT",))),
    (OpenAccount("alice", 5, AccountKind.USER), Reject(Reason.DUPLICATE_ACCOUNT, ("alice",))),
    (OpenAccount("dora", 1_001, AccountKind.USER), Reject(Reason.DUPLICATE_ACCOUNT, ("dora",))),
    (OpenAccount("dora", 5, AccountKind.USER, (("BTC", -1),)), Reject(Reason.BAD_AMOUNT)),
    (OpenAccount("dora", 5, AccountKind.USER, (("BTC", AMOUNT_MAX + 1),)), Reject(Reason.BAD_AMOUNT)),
    (Deposit(NOBODY, "BTC", 1), Reject(Reason.UNKNOWN_ACCOUNT)),
    (Deposit(ALICE, "BTC", AMOUNT_MAX), Reject(Reason.BAD_AMOUNT)),
    (Deposit(ALICE, "BTC", -units("1000") - 1), Reject(Reason.INSUFFICIENT_BALANCE)),
    (SetCommission(NOBODY, 0, 0), Reject(Reason.UNKNOWN_ACCOUNT)),
    (SetCommission(ALICE, -1, 0), Reject(Reason.BAD_AMOUNT)),
    (SetCommission(ALICE, 0, 0, 0, -1), Reject(Reason.BAD_AMOUNT)),
    (SetCommission(ALICE, 0, SCALE, 0, 1), Reject(Reason.BAD_AMOUNT)),
    (SetCommission(ALICE, SCALE, 0, 1, 0), Reject(Reason.BAD_AMOUNT)),
    (replace(KEY, account=NOBODY, api_key="other"), Reject(Reason.UNKNOWN_ACCOUNT)),
    (replace(KEY, account=BOB), Reject(Reason.DUPLICATE_KEY)),
    (RevokeKey("other"), Reject(Reason.UNKNOWN_KEY)),
]
ELSEWHERE = {
    Reason.TOO_MANY_ORDERS: "test_allowances.py",
    Reason.LIQUIDITY_BELOW_MARKET_LOT_SIZE: "test_the_guards_of_an_order_by_quote_quantity_in_their_order",
    Reason.MARKET_HAS_TRADED: "test_a_past_is_given_before_anything_happened_or_not_at_all",
    Reason.BAD_SYMBOL_SPEC: "test_a_bad_spec_is_refused_with_what_is_bad_about_it",
    Reason.MARKET_HAS_TRADED: "test_a_past_is_given_before_the_first_trade_or_not_at_all",
}
ONLY_DOORS = {
    Reason.ICEBERG_NOT_SUPPORTED: "a NewOrder has no iceberg quantity: the door sees the parameter",
    Reason.TRAILING_STOP_NOT_SUPPORTED: "a NewOrder has no trailing delta: the door sees the parameter",
    Reason.PEG_NOT_SUPPORTED: "a NewOrder has no peg: the door sees the parameters",
}


def test_refusals_in_a_row() -> None:
    check(TABLE)


def small_world() -> World:
    """Return the world that the single commands are refused by."""
    world = World(
        coarse_symbol(), make_symbol(name="CLOSED", order_types=()), make_symbol(name="NOAMOUNT", quote_quantity_allowed=False)
    )
    world.apply(KEY)
    return world


@pytest.mark.parametrize(("command", "expected"), SINGLE, ids=lambda value: type(value).__name__)
def test_single_refusals(command: Command, expected: Reject) -> None:
    assert refusal(small_world().apply(command)) == expected


def test_every_reason_is_met_somewhere() -> None:
    met = IN_TABLE | {reject.reason for _, reject in SINGLE} | set(ELSEWHERE)
    assert met | set(ONLY_DOORS) == set(Reason)
    assert not met & set(ONLY_DOORS)


def test_a_past_is_given_before_the_first_trade_or_not_at_all() -> None:
    world = World()
    row = (0, 10, 12, 9, 11, 5, 50, 3, 2, 20)
    past = SeedCandles("BTCUSDT", (row,))
    assert reason(world.apply(past)) is None
    assert (world.exchange.markets["BTCUSDT"].last_price, world.exchange.markets["BTCUSDT"].next_trade_id) == (11, 3)
    world.sell(BOB, "1", "10")
    world.buy(ALICE, "1", "10")
    assert reason(world.apply(past)) is Reason.MARKET_HAS_TRADED
    assert world.exchange.markets["BTCUSDT"].next_trade_id == 4


def test_a_bad_spec_is_refused_with_what_is_bad_about_it() -> None:
    reject = refusal(World().apply(ListSymbol({"name": "X"})))
    assert reject is not None
    assert reject.reason is Reason.BAD_SYMBOL_SPEC
    assert "base_asset" in reject.args[0]


# ---- a refused command changes nothing


@pytest.mark.parametrize(("command", "expected"), SINGLE, ids=lambda value: type(value).__name__)
def test_what_is_refused_changes_nothing(command: Command, expected: Reject) -> None:
    world = small_world()
    before = encode(world.exchange)
    assert refusal(world.apply(command)) == expected
    assert encode(world.exchange) == before


def test_a_refused_order_changes_nothing_in_a_new_window_either() -> None:
    world = World()
    world.buy(ALICE, "1", "10")
    before = encode(world.exchange)
    world.now += 3600 * SECOND
    assert reason(world.buy(ALICE, "1", "0.001")) is Reason.FILTER_FAILURE
    assert encode(world.exchange) == before


def test_an_order_refused_for_its_price_changes_nothing() -> None:
    world = World(make_symbol(PercentPrice(units("2"), units("0.5"), 1)))
    world.sell(BOB, "1", "10")
    world.buy(CROWD, "1", "10")
    world.buy(ALICE, "1", "9")
    world.now += 61 * SECOND
    before = encode(world.exchange)
    far = world.order(CROWD, Side.BUY, "1", "9000")
    assert reason(world.apply(replace(far, quantity=units("999999")))) is Reason.INSUFFICIENT_BALANCE
    assert encode(world.exchange) == before
    told = world.exchange.check_order(replace(far, account=ALICE), world.now)
    assert told == Reject(Reason.FILTER_FAILURE, ("PERCENT_PRICE",))
    assert encode(world.exchange) == before


def test_a_deposit_refused_in_a_new_asset_changes_nothing() -> None:
    world = World(coarse_symbol(), make_symbol(name="XRPUSDT", base="XRP"))
    before = encode(world.exchange)
    for amount in (0, -1, AMOUNT_MAX + 1):
        assert reason(world.apply(Deposit(ALICE, "XRP", amount))) is not None
        assert encode(world.exchange) == before


# ---- control commands


def test_control_commands_tell_what_they_did() -> None:
    world = World()
    spec = make_symbol(name="ETHUSDT", base="ETH").to_spec()
    assert world.apply(ListSymbol(spec)).events == (SymbolListed("ETHUSDT"),)
    assert world.apply(SetSymbolStatus("ETHUSDT", SymbolStatus.HALT)).events == (
        SymbolStatusChanged("ETHUSDT", SymbolStatus.HALT),
    )
    assert world.apply(OpenAccount("dora", 77, AccountKind.USER, (("ETH", 5),))).events == (
        AccountOpened(4, "dora", 77, AccountKind.USER),
        BalanceChanged(4, world.now, "ETH", 5),
    )
    assert world.apply(Deposit(4, "ETH", -2)).events == (BalanceChanged(4, world.now, "ETH", -2),)
    assert world.balance(4, "ETH") == (3, 0)
    assert world.apply(SetCommission(4, 1, 2, 3, 4)).events == (SettingChanged(4),)
    account = world.exchange.accounts.by_id[4]
    assert (account.maker_rate, account.taker_rate, account.buyer_rate, account.seller_rate) == (1, 2, 3, 4)
    assert world.apply(KEY).events == (KeyRegistered(KEY, world.now),)
    assert world.exchange.accounts.keys == {"key": KEY}
    assert world.apply(RevokeKey("key")).events == (KeyRevoked("key"),)
    assert world.exchange.accounts.keys == {}
    assert world.apply(SetLimits(enabled=False)).events == (SettingChanged(0),)
    assert not world.exchange.limits_enabled
    assert list(world.exchange.assets) == ["BTC", "USDT", "ETH"]


def test_rates_may_take_everything_but_not_more() -> None:
    world = World()
    assert reason(world.apply(SetCommission(BOB, SCALE, SCALE // 2, 0, 0))) is None
    world.sell(BOB, "1", "10")
    world.buy(ALICE, "1", "10")
    assert world.balance(BOB, "USDT") == (units("100000"), 0)
    world.exchange.check_invariants()


def test_whatever_an_information_reply_shows_grows_the_listing_version() -> None:
    world = World()
    versions = [world.exchange.listing_version]
    for command in (
        ListSymbol(make_symbol(name="X").to_spec()),
        SetSymbolStatus("X", SymbolStatus.HALT),
        Reset(()),
    ):
        world.apply(command)
        versions.append(world.exchange.listing_version)
    assert versions == sorted(set(versions))


def test_a_past_gives_a_symbol_its_last_price_and_its_trade_ids() -> None:
    world = World()
    rows = ((0, 1, 4, 1, 3, 7, 20, 2, 3, 9), (60 * SECOND, 3, 8, 2, units("12"), 7, 20, 5, 3, 9))
    seed = SeedCandles("BTCUSDT", rows)
    assert world.apply(seed).events == (CandlesSeeded(seed, 0),)
    market = world.exchange.markets["BTCUSDT"]
    assert (market.last_price, market.next_trade_id) == (units("12"), 7)
    assert market.average_price(world.now) == units("12")
    assert world.apply(SeedCandles("BTCUSDT", ())).events == (CandlesSeeded(SeedCandles("BTCUSDT", ()), 7),)
    assert (market.last_price, market.next_trade_id) == (units("12"), 7)


def test_a_past_is_given_before_anything_happened_or_not_at_all() -> None:
    world = World()
    seed = SeedCandles("BTCUSDT", ((0, 1, 4, 1, 3, 7, 20, 2, 3, 9),))
    world.sell(BOB, "1", "10")
    world.buy(ALICE, "1", "10")
    before = encode(world.exchange)
    assert refusal(world.apply(seed)) == Reject(Reason.MARKET_HAS_TRADED, ("BTCUSDT",))
    assert encode(world.exchange) == before
    world.apply(Reset(()))
    assert reason(world.apply(seed)) is None


def test_a_reset_leaves_accounts_and_keys_and_nothing_else() -> None:
    world = World()
    world.apply(KEY)
    world.buy(ALICE, "3", "10", cid="A1")
    world.sell(BOB, "1", "10", cid="B1")
    world.sell(BOB, "1", "20", cid="B2")
    world.now += SECOND
    applied = world.apply(Reset((("USDT", 7), ("BTC", 8)), (("USDT", 9),)))
    assert applied.events == (
        WorldReset(2, world.now),
        BalanceChanged(ALICE, world.now, "USDT", 7),
        BalanceChanged(ALICE, world.now, "BTC", 8),
        BalanceChanged(BOB, world.now, "USDT", 7),
        BalanceChanged(BOB, world.now, "BTC", 8),
        BalanceChanged(CROWD, world.now, "USDT", 9),
    )
    exchange = world.exchange
    assert exchange.epoch == 2
    assert exchange.accounts.keys == {"key": KEY}
    assert exchange.order_counts(ALICE, world.now) == (0, 0)
    assert (world.balance(ALICE, "USDT"), world.balance(BOB, "BTC"), world.balance(CROWD, "BTC")) == ((7, 0), (8, 0), (0, 0))
    market = exchange.markets["BTCUSDT"]
    assert (market.last_price, market.orders, market.book.best_bid(), market.book.best_ask()) == (0, {}, None, None)
    assert market.average_price(world.now) == 0
    exchange.check_invariants()
    assert reason(world.cancel(ALICE, orig="A1")) is Reason.UNKNOWN_ORDER
    world.apply(Deposit(ALICE, "USDT", units("100")))
    again = reports(world.buy(ALICE, "1", "10", cid="A1"))
    assert (again[0].order_id, again[0].exec_id) == (1, 1)


@pytest.mark.parametrize("amount", [-1, AMOUNT_MAX + 1])
def test_a_reset_to_amounts_that_nobody_can_have_is_refused(amount: int) -> None:
    for command in (Reset((("BTC", amount),)), Reset((), (("BTC", amount),))):
        world = World()
        assert reason(world.apply(command)) is Reason.BAD_AMOUNT
        assert world.exchange.epoch == 1


def test_a_balance_is_bounded_also_when_it_is_given_in_parts() -> None:
    opening = OpenAccount("dora", 5, AccountKind.USER, (("BTC", AMOUNT_MAX), ("BTC", 1)))
    assert reason(World().apply(opening)) is Reason.BAD_AMOUNT


def test_what_is_held_counts_towards_the_largest_balance() -> None:
    world = World()
    world.apply(Deposit(ALICE, "USDT", AMOUNT_MAX - units("100000") - 7))
    world.buy(ALICE, "1", "10")
    assert reason(world.apply(Deposit(ALICE, "USDT", 8))) is Reason.BAD_AMOUNT
    assert reason(world.apply(Deposit(ALICE, "USDT", 7))) is None
    assert world.balance(ALICE, "USDT") == (AMOUNT_MAX - units("10"), units("10"))


# ---- its own check


def test_its_own_check_finds_money_held_for_nothing_and_orders_off_the_book() -> None:
    def lost_order(exchange: Exchange) -> None:
        exchange.markets["BTCUSDT"].orders.clear()

    def wrong_hold(exchange: Exchange) -> None:
        balance = exchange.accounts.by_id[ALICE].balances["USDT"]
        balance.held, balance.free = balance.held - 1, balance.free + 1

    def made_money(exchange: Exchange) -> None:
        exchange.accounts.by_id[BOB].balances["USDT"].free += 1

    for damage in (lost_order, wrong_hold, made_money):
        world = World()
        world.buy(ALICE, "1", "10")
        world.exchange.check_invariants()
        damage(world.exchange)
        with pytest.raises(AssertionError):
            world.exchange.check_invariants()


# ---- names of its own


def test_derived_client_order_ids_are_all_different_and_fit_the_documented_form() -> None:
    given = [derived_client_order_id(seq) for seq in (*range(1, 20_000), 2**40, 2**62)]
    assert len(set(given)) == len(given)
    assert all(len(name) == 22 and name.isalnum() for name in given)


# ---- replays and garbage


def test_the_same_entries_give_the_same_bytes_under_any_hash_seed() -> None:
    program = (
        "import hashlib; from tests.support.busy import drive; from tests.support.duel import Duel;"
        "from papernet.exchange.checkpoint import state_hash; duel = Duel(); drive(duel, 7, 600);"
        "print(hashlib.sha256(b''.join(duel.outcomes)).hexdigest(), state_hash(duel.exchange), len(duel.outcomes))"
    )
    told = set()
    for hash_seed in ("0", "1", "4242"):
        environment = os.environ | {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "src")))}
        done = subprocess.run(
            [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
        )
        told.add(done.stdout)
    assert len(told) == 1
    assert int(told.pop().split()[2]) > 400


def test_a_busy_run_whose_orders_are_all_gone_leaves_no_garbage_behind() -> None:
    duel = Duel()
    drive(duel, 11, 1_500)
    entries = [msgpack.decode(entry, type=Entry) for entry in duel.entries]
    exchange = Exchange()
    assert sum(len(market.orders) for market in duel.exchange.markets.values())
    gc.collect()
    gc.disable()
    try:
        for entry in entries:
            exchange.apply(entry)
        for number, (account, symbol) in enumerate(
            [(account, symbol) for account in (ALICE, BOB, CROWD) for symbol in exchange.markets], len(entries) + 1
        ):
            exchange.apply(Entry(number, duel.now, CancelOpenOrders(account, symbol)))
        unreachable = gc.collect()
    finally:
        gc.enable()
    assert not any(market.orders for market in exchange.markets.values())
    # With the collector switched off for its pauses, whatever is left in a cycle is left for ever.
    assert unreachable == 0


def test_a_reset_of_full_books_leaves_no_garbage_behind() -> None:
    """Orders rest in queues that point both ways: a book that is dropped as it is can only be freed by the collector."""
    world = World()
    for number in range(100):
        world.buy(CROWD, "0.1", f"{10 + number % 7}")
        world.sell(CROWD, "0.1", f"{20 + number % 7}")
    gc.collect()
    gc.disable()
    try:
        world.apply(Reset(()))
        unreachable = gc.collect()
    finally:
        gc.enable()
    assert unreachable == 0
