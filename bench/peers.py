"""Workload W1 through published matching engines, for comparison: `python -m bench.peers NAME` in an environment that has NAME.

lightmatchingengine and matching-engine come from PyPI. Both are books only: they keep no balances, check no rules and write no
reports. Only operations per CPU-second are compared, in the same run on the same machine.
"""

import gc
import json
import sys
import time
from collections.abc import Callable
from typing import Any, Final

from bench.workload import Operation, workload

_SYMBOL: Final = "X"


def _lightmatchingengine(operations: list[Operation]) -> int:
    from lightmatchingengine.lightmatchingengine import LightMatchingEngine, Side  # noqa: PLC0415  one peer an environment

    engine: Any = LightMatchingEngine()
    ids: dict[int, int] = {}
    volume = 0
    for operation in operations:
        if operation.kind == "C":
            engine.cancel_order(ids[operation.order_id], _SYMBOL)
            continue
        side = Side.BUY if operation.is_buy else Side.SELL
        order, trades = engine.add_order(_SYMBOL, operation.price, operation.quantity, side)
        ids[operation.order_id] = order.order_id
        volume += sum(trade.trade_qty for trade in trades if trade.trade_side == side)
    return volume


def _matching_engine(operations: list[Operation]) -> int:
    from matching_engine import domain, events  # noqa: PLC0415
    from matching_engine.engine import MatchingEngine  # noqa: PLC0415

    engine: Any = MatchingEngine()
    owners: dict[int, int] = {}
    volume = 0
    for seq, operation in enumerate(operations, 1):
        command: Any
        if operation.kind == "C":
            command = domain.CancelOrder(operation.order_id, owners[operation.order_id])
        else:
            owner = owners[operation.order_id] = 1 if operation.is_buy else 2
            side = domain.Side.BUY if operation.is_buy else domain.Side.SELL
            terms: tuple[Any, ...] = (operation.order_id, owner, side, operation.price, operation.quantity)
            if operation.kind == "M":
                terms = (*terms, domain.OrderType.MARKET, domain.TimeInForce.IOC)
            command = domain.NewOrder(*terms)
        for event in engine.process(domain.SequencedCommand(seq, 0, command)):
            if type(event) is events.Trade:
                volume += event.qty
    return volume


PEERS: Final[dict[str, Callable[[list[Operation]], int]]] = {
    "lightmatchingengine": _lightmatchingengine,
    "matching-engine": _matching_engine,
}


def main() -> None:
    """Run one peer and print the figures."""
    run = PEERS[sys.argv[1]]
    operations, expected, _ = workload()
    run(operations[:10])
    gc.collect()
    begin = time.process_time()
    volume = run(operations)
    cpu = time.process_time() - begin
    print(json.dumps({"per_cpu_second": len(operations) / cpu, "volume": volume, "as_expected": volume == expected}))


if __name__ == "__main__":
    main()
