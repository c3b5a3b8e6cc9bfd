"""Which operation of European Options an HTTP method and path ask for, in each edition.

Source.         European Options, REST API: `/eapi/v1`.
"""

from collections.abc import Mapping
from typing import Final

from papernet.app.faults import Fault, RequestFault
from papernet.app.operations import Operation
from papernet.app.operations.options import Generation, option_rows

PREFIX: Final = "/eapi/v1/"

_ADDRESSES: Final[Mapping[str, Mapping[str, str]]] = {
    "ping": {"GET": "ping"},
    "time": {"GET": "time"},
    "exchangeInfo": {"GET": "exchangeInfo"},
    "depth": {"GET": "depth"},
    "trades": {"GET": "trades"},
    "historicalTrades": {"GET": "historicalTrades"},
    "blockTrades": {"GET": "blockTrades"},
    "klines": {"GET": "klines"},
    "mark": {"GET": "mark"},
    "ticker": {"GET": "ticker"},
    "index": {"GET": "index"},
    "exerciseHistory": {"GET": "exerciseHistory"},
    "openInterest": {"GET": "openInterest"},
    "order": {"POST": "order.place", "GET": "order.status", "DELETE": "order.cancel"},
    "batchOrders": {"POST": "batchOrders.place", "DELETE": "batchOrders.cancel"},
    "allOpenOrders": {"DELETE": "allOpenOrders.cancel"},
    "allOpenOrdersByUnderlying": {"DELETE": "allOpenOrdersByUnderlying.cancel"},
    "openOrders": {"GET": "openOrders"},
    "historyOrders": {"GET": "historyOrders"},
    "userTrades": {"GET": "userTrades"},
    "position": {"GET": "position"},
    "exerciseRecord": {"GET": "exerciseRecord"},
    "commission": {"GET": "commission"},
    "account": {"GET": "account"},
    "marginAccount": {"GET": "marginAccount"},
    "bill": {"GET": "bill"},
    "income/asyn": {"GET": "income.asyn"},
    "income/asyn/id": {"GET": "income.asyn.id"},
    "stock/contract": {"POST": "stock.contract"},
    "listenKey": {"POST": "listenKey.start", "PUT": "listenKey.ping", "DELETE": "listenKey.stop"},
    "mmp": {"GET": "mmp"},
    "mmpSet": {"POST": "mmpSet"},
    "mmpReset": {"POST": "mmpReset"},
    "countdownCancelAll": {"POST": "countdownCancelAll.set", "GET": "countdownCancelAll.status"},
    "countdownCancelAllHeartBeat": {"POST": "countdownCancelAllHeartBeat"},
    "block/order/create": {"POST": "block.order.create", "PUT": "block.order.extend", "DELETE": "block.order.cancel"},
    "block/order/orders": {"GET": "block.order.orders"},
    "block/order/execute": {"POST": "block.order.accept", "GET": "block.order.details"},
    "block/user-trades": {"GET": "block.user-trades"},
}

_UNKNOWN_PATH: Final = Fault(RequestFault.UNKNOWN_PATH)


class OptionRoutes:
    """The addresses of an edition."""

    def __init__(self, generation: Generation) -> None:
        """Lead to the operations of a generation."""
        rows = option_rows(generation)
        self.by_path: Final[dict[str, dict[str, Operation]]] = {}
        for path, methods in _ADDRESSES.items():
            named = {method: rows.get(f"options.{name}") for method, name in methods.items()}
            offered = {method: operation for method, operation in named.items() if operation is not None}
            if offered:
                self.by_path[PREFIX + path] = offered

    def find(self, method: str, path: str) -> Operation | Fault:
        """Return the operation that is asked for, or why there is none."""
        methods = self.by_path.get(path)
        if methods is None:
            return _UNKNOWN_PATH
        operation = methods.get(method)
        return operation if operation is not None else Fault(RequestFault.WRONG_METHOD, (", ".join(methods),))

    def allowed(self, path: str) -> str:
        """Return the methods that a path has, as the header Allow tells them."""
        return ", ".join(self.by_path[path])
