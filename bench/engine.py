"""Bench (a): workload W1 through `exchange.machine`, with balances, filters, reports, book changes and balance updates on.

Prints one JSON line: operations per CPU-second, the longest pause, the volume and the trades. Run it in a process of its own:
`python -m bench.engine [operations]`.
"""

import gc
import json
import sys
import time
from typing import Final

from bench.workload import REFERENCE_OPERATIONS, Operation, workload
from papernet.core.commands import CancelOrder, Command, Entry, ListSymbol, NewOrder, OpenAccount, SetLimits
from papernet.core.enums import AccountKind, OrderType, Side, TimeInForce
from papernet.core.events import Refused, Trade
from papernet.core.units import SCALE
from papernet.exchange.machine import Exchange
from papernet.venues.spot.symbols import LotSize, MarketLotSize, MaxNumOrders, Notional, PercentPriceBySide, PriceFilter, Symbol

_SYMBOL: Final = "BTCUSDT"
_FUNDS: Final = 10**9 * SCALE


def bench_symbol() -> Symbol:
    """Return a symbol with every filter that the default catalogue uses, wide enough for the workload."""
    return Symbol(
        _SYMBOL,
        "BTC",
        "USDT",
        (
            PriceFilter(SCALE // 100, 10**6 * SCALE, SCALE // 100),
            PercentPriceBySide(5 * SCALE, SCALE // 5, 5 * SCALE, SCALE // 5, 5),
            LotSize(SCALE // 10**5, 9_000 * SCALE, SCALE // 10**5),
            Notional(
                5 * SCALE, apply_min_to_market=True, max_notional=9_000_000 * SCALE, apply_max_to_market=False, avg_price_mins=5
            ),
            MarketLotSize(0, 1_000 * SCALE, 0),
            MaxNumOrders(10_000_000),
        ),
    )


def prepared_exchange() -> Exchange:
    """Return an exchange with the bench symbol and two rich accounts, order count limits off."""
    exchange = Exchange()
    funds = (("BTC", _FUNDS), ("USDT", _FUNDS))
    setup: list[Command] = [ListSymbol(bench_symbol().to_spec()), SetLimits(enabled=False)]
    setup += [OpenAccount(f"account-{uid}", uid, AccountKind.USER, funds) for uid in (1, 2)]
    for seq, command in enumerate(setup, 1):
        exchange.apply(Entry(seq, 0, command))
    return exchange


def entries_of(operations: list[Operation]) -> list[Entry]:
    """Return the workload as journal entries: buys from one account, sells from the other, 10 microseconds apart."""
    entries: list[Entry] = []
    ids: dict[int, tuple[int, int]] = {}
    for step, operation in enumerate(operations):
        account = 1 if operation.is_buy else 2
        command: Command
        if operation.kind == "C":
            account, order_id = ids[operation.order_id]
            command = CancelOrder(account, _SYMBOL, order_id)
        else:
            ids[operation.order_id] = (account, len(ids) + 1)
            command = NewOrder(
                account,
                _SYMBOL,
                Side.BUY if operation.is_buy else Side.SELL,
                OrderType.LIMIT if operation.kind == "L" else OrderType.MARKET,
                TimeInForce.GTC,
                operation.quantity * SCALE // 10,
                operation.price * SCALE // 10,
                0,
                f"w1-{operation.order_id}",
            )
        entries.append(Entry(10 + step, step * 10, command))
    return entries


def main() -> None:
    """Run the workload and print the figures."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else REFERENCE_OPERATIONS
    operations, volume, trades = workload(count)
    entries = entries_of(operations)
    exchange = prepared_exchange()
    gc.collect()
    gc.freeze()
    gc.disable()
    traded, fills, refused, longest = 0, 0, 0, 0
    clock = time.perf_counter_ns
    begin_cpu = time.process_time()
    before = clock()
    for entry in entries:
        for event in exchange.apply(entry).events:
            if type(event) is Trade:
                traded += event.quantity
                fills += 1
            elif type(event) is Refused:
                refused += 1
        now = clock()
        longest = max(longest, now - before)
        before = now
    cpu = time.process_time() - begin_cpu
    exchange.check_invariants()
    assert refused == 0
    assert (traded * 10 // SCALE, fills) == (volume, trades)
    print(json.dumps({"per_cpu_second": count / cpu, "longest_pause_ms": longest / 1e6, "volume": volume, "trades": trades}))


if __name__ == "__main__":
    main()
