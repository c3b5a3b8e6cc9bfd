"""What the machine promises of refusals, replays and garbage, whatever the command."""

import gc
import os
import subprocess
import sys
from pathlib import Path

import pytest
from msgspec import msgpack
from msgspec.structs import replace

from papernet.core.commands import (
    CancelOpenOrders,
    ConfigureAccount,
    Entry,
    LockBalance,
    Reset,
)
from papernet.core.enums import (
    Side,
)
from papernet.core.rejects import Reason, Reject
from papernet.exchange.checkpoint import encode
from papernet.exchange.machine import Exchange
from papernet.venues.spot.symbols import PercentPrice
from tests.support.busy import drive
from tests.support.duel import Duel
from tests.support.scripts import check
from tests.support.worlds import (
    ALICE,
    BOB,
    CROWD,
    SECOND,
    World,
    make_symbol,
    reason,
    units,
)

ROOT = Path(__file__).parents[3]

# ---- refusals

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


def test_refusals_in_a_row() -> None:
    check(TABLE)


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


# ---- its own check


def test_its_own_check_finds_money_held_for_nothing_and_orders_off_the_book() -> None:
    def lost_order(exchange: Exchange) -> None:
        exchange.markets["BTCUSDT"].orders.clear()

    def wrong_hold(exchange: Exchange) -> None:
        balance = exchange.accounts.by_id[ALICE].balances["USDT"]
        balance.held, balance.free = balance.held - 1, balance.free + 1

    def made_money(exchange: Exchange) -> None:
        exchange.accounts.by_id[BOB].balances["USDT"].free += 1

    def forgotten_lock(exchange: Exchange) -> None:
        exchange.accounts.by_id[ALICE].external_locks.clear()

    def lock_of_nothing(exchange: Exchange) -> None:
        exchange.accounts.by_id[BOB].external_locks["NOSUCH"] = 1

    def empty_lock(exchange: Exchange) -> None:
        exchange.accounts.by_id[BOB].external_locks["BTC"] = 0

    for damage in (lost_order, wrong_hold, made_money, forgotten_lock, lock_of_nothing, empty_lock):
        world = World()
        world.buy(ALICE, "1", "10")
        world.apply(LockBalance(ALICE, "USDT", 5))
        world.exchange.check_invariants()
        damage(world.exchange)
        with pytest.raises(AssertionError):
            world.exchange.check_invariants()


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
        seq = len(entries)
        for account in exchange.accounts.by_id:
            exchange.apply(Entry(seq + 1, duel.now, ConfigureAccount(account)))
            for symbol in exchange.markets:
                exchange.apply(Entry(seq + 2, duel.now, CancelOpenOrders(account, symbol)))
        unreachable = gc.collect()
    finally:
        gc.enable()
    assert not any(market.orders or market.triggers.waiting for market in exchange.markets.values())
    assert not exchange.venue.order_lists
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
