"""Bench (e): what the further order features cost, as ratios of things run in the same minute.

Prints one JSON line: a trade on a market with many waiting stop orders beside one with few, and an OTOCO beside a LIMIT.
Rounds take turns and the best of each counts, because whatever else runs on the machine only adds. Run it in a process of
its own: `python -m bench.features`.
"""

import gc
import json
import time
from typing import Final

from bench.engine import prepared_exchange
from papernet.core.commands import Command, Entry, NewOrder, NewOrderList
from papernet.core.enums import ListKind, OrderType, Side, TimeInForce
from papernet.core.events import Refused
from papernet.core.units import SCALE
from papernet.exchange.machine import Exchange

_SYMBOL: Final = "BTCUSDT"
_ROUNDS: Final = 7
_REPEATS: Final = 500
_FEW: Final = 100
_MANY: Final = 100_000
# where the market trades, and the tick
_PRICE: Final = 50_000 * SCALE
_TICK: Final = SCALE // 100
_QUANTITY: Final = SCALE // 100


class _Desk:
    """An exchange that takes commands one after the other."""

    def __init__(self) -> None:
        self.exchange: Final[Exchange] = prepared_exchange()
        self._seq: int = 10

    def do(self, command: Command) -> None:
        self._seq += 1
        applied = self.exchange.apply(Entry(self._seq, self._seq * 10, command))
        assert type(applied.events[0]) is not Refused, applied.events[0]

    def seconds(self, commands: list[Command]) -> float:
        """Return the CPU seconds that commands take."""
        entries = [Entry(self._seq + 1 + step, (self._seq + 1 + step) * 10, command) for step, command in enumerate(commands)]
        self._seq += len(commands)
        gc.collect()
        gc.disable()
        begin = time.process_time()
        for entry in entries:
            self.exchange.apply(entry)
        used = time.process_time() - begin
        gc.enable()
        return used


def _order(side: Side, order_type: OrderType, price: int, stop_price: int = 0, trailing_delta: int = 0) -> NewOrder:
    return NewOrder(
        1 if side is Side.BUY else 2,
        _SYMBOL,
        side,
        order_type,
        TimeInForce.GTC,
        _QUANTITY,
        price,
        stop_price=stop_price,
        trailing_delta=trailing_delta,
    )


def _pair(price: int) -> list[Command]:
    """Return a resting sell and the buy that takes it."""
    return [_order(Side.SELL, OrderType.LIMIT, price), _order(Side.BUY, OrderType.LIMIT, price)]


def _market_with_stops(count: int) -> _Desk:
    """Return a market whose stop orders, a tenth of them trailing, are too far away to trigger."""
    desk = _Desk()
    for command in _pair(_PRICE):
        desk.do(command)
    for number in range(count):
        away = _TICK * (10_000 + number)
        if number % 10 == 0:
            side = Side.SELL if number % 20 else Side.BUY
            desk.do(_order(side, OrderType.STOP_LOSS_LIMIT, _PRICE, trailing_delta=1_000 + number % 900))
        elif number % 2:
            desk.do(_order(Side.SELL, OrderType.STOP_LOSS_LIMIT, _PRICE // 2, _PRICE - away))
        else:
            desk.do(_order(Side.BUY, OrderType.STOP_LOSS_LIMIT, _PRICE * 2, _PRICE + away))
    return desk


def _trades() -> list[Command]:
    """Return trades that move up and down by some ticks."""
    return [command for step in range(_REPEATS) for command in _pair(_PRICE + _TICK * (step * 7 % 40))]


def _lists() -> list[Command]:
    """Return OTOCO lists whose working order rests."""
    legs = (
        _order(Side.BUY, OrderType.LIMIT, _PRICE // 2),
        NewOrder(1, _SYMBOL, Side.SELL, OrderType.STOP_LOSS, TimeInForce.GTC, _QUANTITY, stop_price=_PRICE // 3),
        NewOrder(1, _SYMBOL, Side.SELL, OrderType.LIMIT_MAKER, TimeInForce.GTC, _QUANTITY, _PRICE * 2),
    )
    return [NewOrderList(1, _SYMBOL, ListKind.OTOCO, legs)] * _REPEATS


def _listing() -> tuple[float, float]:
    """Return the seconds that placing OTOCO lists takes, and placing as many LIMIT orders."""
    lists, orders = _Desk(), _Desk()
    return lists.seconds(_lists()), orders.seconds([_order(Side.BUY, OrderType.LIMIT, _PRICE // 2)] * _REPEATS)


def main() -> None:
    """Measure and print the ratios."""
    few, many = _market_with_stops(_FEW), _market_with_stops(_MANY)
    trades = [(few.seconds(_trades()), many.seconds(_trades())) for _ in range(_ROUNDS)]
    listing = [_listing() for _ in range(_ROUNDS)]
    ratios = {
        "trade_with_many_stops": min(row[1] for row in trades) / min(row[0] for row in trades),
        "otoco_beside_limit": min(row[0] for row in listing) / min(row[1] for row in listing),
    }
    print(json.dumps(ratios))


if __name__ == "__main__":
    main()
