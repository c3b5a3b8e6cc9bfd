"""Bench (d): memory per resting order: `python -m bench.memory [count]` prints bytes of resident memory an order."""

import gc
import json
import os
import sys
from pathlib import Path

from bench.engine import prepared_exchange
from papernet.core.commands import Entry, NewOrder
from papernet.core.enums import OrderType, Side, TimeInForce
from papernet.core.units import SCALE


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def main() -> None:
    """Rest orders over 2,000 price levels and weigh them."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    exchange = prepared_exchange()
    gc.collect()
    before = _resident()
    for number in range(count):
        price = (50_000 + number % 2_000) * SCALE // 10
        order = NewOrder(
            1, "BTCUSDT", Side.BUY, OrderType.LIMIT, TimeInForce.GTC, SCALE // 100, price, 0, f"memory-{number:016}"
        )
        exchange.apply(Entry(10 + number, number, order))
    gc.collect()
    print(json.dumps({"bytes_per_resting_order": (_resident() - before) / count}))


if __name__ == "__main__":
    main()
