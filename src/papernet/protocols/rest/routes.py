"""Which operation an HTTP method and path ask for.

Source.         rest-api.md, Public API Endpoints; the paths that are retired: user-data-stream.md.
"""

from collections.abc import Mapping
from typing import Final

from papernet.app.faults import Fault, RequestFault
from papernet.app.operations import OPERATIONS, Operation

_PREFIX: Final = "/api/v3/"

_ADDRESSES: Final[Mapping[str, Mapping[str, str]]] = {
    "ping": {"GET": "ping"},
    "time": {"GET": "time"},
    "exchangeInfo": {"GET": "exchangeInfo"},
    "depth": {"GET": "depth"},
    "trades": {"GET": "trades.recent"},
    "historicalTrades": {"GET": "trades.historical"},
    "aggTrades": {"GET": "trades.aggregate"},
    "klines": {"GET": "klines"},
    "uiKlines": {"GET": "uiKlines"},
    "avgPrice": {"GET": "avgPrice"},
    "ticker/24hr": {"GET": "ticker.24hr"},
    "ticker/tradingDay": {"GET": "ticker.tradingDay"},
    "ticker/price": {"GET": "ticker.price"},
    "ticker/bookTicker": {"GET": "ticker.book"},
    "ticker": {"GET": "ticker"},
    "order": {"GET": "order.status", "POST": "order.place", "DELETE": "order.cancel"},
    "order/test": {"POST": "order.test"},
    "openOrders": {"GET": "openOrders.status", "DELETE": "openOrders.cancelAll"},
    "allOrders": {"GET": "allOrders"},
    "account": {"GET": "account.status"},
    "account/commission": {"GET": "account.commission"},
    "myTrades": {"GET": "myTrades"},
    "rateLimit/order": {"GET": "account.rateLimits.orders"},
}

ROUTES: Final[Mapping[str, Mapping[str, Operation]]] = {
    _PREFIX + path: {method: OPERATIONS[name] for method, name in methods.items()} for path, methods in _ADDRESSES.items()
}

# Listen keys: old clients still ask for them.
_RETIRED: Final = ("/api/v3/userDataStream", "/api/v1/userDataStream")


def find_operation(method: str, path: str) -> Operation | Fault:
    """Return the operation that is asked for, or why there is none."""
    methods = ROUTES.get(path)
    if methods is None:
        return Fault(RequestFault.RETIRED if path in _RETIRED else RequestFault.UNKNOWN_PATH)
    operation = methods.get(method)
    return operation if operation is not None else Fault(RequestFault.WRONG_METHOD, (", ".join(methods),))
