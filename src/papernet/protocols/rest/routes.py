"""Which operation an HTTP method and path ask for.

Source.         rest-api.md, Public API Endpoints; the paths that are retired: user-data-stream.md. POST /api/v3/order/oco: the
                CHANGELOG of 2026-03-27 counts it among the endpoints, the older edition of rest-api.md tells of it.
"""

from collections.abc import Mapping
from typing import Final

from papernet.app.eras import TODAY, Era
from papernet.app.faults import Fault, RequestFault
from papernet.app.operations import OPERATIONS, Operation
from papernet.app.operations.past import operations_of

_PREFIX: Final = "/api/v3/"

_ADDRESSES: Final[Mapping[str, Mapping[str, str]]] = {
    "ping": {"GET": "ping"},
    "time": {"GET": "time"},
    "exchangeInfo": {"GET": "exchangeInfo"},
    "executionRules": {"GET": "executionRules"},
    "depth": {"GET": "depth"},
    "trades": {"GET": "trades.recent"},
    "historicalTrades": {"GET": "trades.historical"},
    "historicalBlockTrades": {"GET": "blockTrades.historical"},
    "aggTrades": {"GET": "trades.aggregate"},
    "klines": {"GET": "klines"},
    "uiKlines": {"GET": "uiKlines"},
    "avgPrice": {"GET": "avgPrice"},
    "ticker/24hr": {"GET": "ticker.24hr"},
    "ticker/tradingDay": {"GET": "ticker.tradingDay"},
    "ticker/price": {"GET": "ticker.price"},
    "ticker/bookTicker": {"GET": "ticker.book"},
    "ticker": {"GET": "ticker"},
    "referencePrice": {"GET": "referencePrice"},
    "referencePrice/calculation": {"GET": "referencePrice.calculation"},
    "order": {"GET": "order.status", "POST": "order.place", "DELETE": "order.cancel"},
    "order/test": {"POST": "order.test"},
    "order/cancelReplace": {"POST": "order.cancelReplace"},
    "order/amend/keepPriority": {"PUT": "order.amend.keepPriority"},
    "order/amendments": {"GET": "order.amendments"},
    "order/oco": {"POST": "orderList.place"},
    "orderList/oco": {"POST": "orderList.place.oco"},
    "orderList/oto": {"POST": "orderList.place.oto"},
    "orderList/otoco": {"POST": "orderList.place.otoco"},
    "orderList/opo": {"POST": "orderList.place.opo"},
    "orderList/opoco": {"POST": "orderList.place.opoco"},
    "orderList": {"GET": "orderList.status", "DELETE": "orderList.cancel"},
    "allOrderList": {"GET": "allOrderLists"},
    "openOrderList": {"GET": "openOrderLists.status"},
    "sor/order": {"POST": "sor.order.place"},
    "sor/order/test": {"POST": "sor.order.test"},
    "openOrders": {"GET": "openOrders.status", "DELETE": "openOrders.cancelAll"},
    "allOrders": {"GET": "allOrders"},
    "account": {"GET": "account.status"},
    "account/commission": {"GET": "account.commission"},
    "myTrades": {"GET": "myTrades"},
    "myPreventedMatches": {"GET": "myPreventedMatches"},
    "myAllocations": {"GET": "myAllocations"},
    "myFilters": {"GET": "myFilters"},
    "rateLimit/order": {"GET": "account.rateLimits.orders"},
}

ROUTES: Final[Mapping[str, Mapping[str, Operation]]] = {
    _PREFIX + path: {method: OPERATIONS[name] for method, name in methods.items()} for path, methods in _ADDRESSES.items()
}

# Listen keys: old clients still ask for them.
_RETIRED: Final = ("/api/v3/userDataStream", "/api/v1/userDataStream")
_LISTEN_KEYS: Final = {"POST": "userDataStream.start", "PUT": "userDataStream.ping", "DELETE": "userDataStream.stop"}
LISTEN_KEY_ROUTES: Final[Mapping[str, Mapping[str, Operation]]] = {
    _RETIRED[0]: {method: OPERATIONS[name] for method, name in _LISTEN_KEYS.items()}
}

# CHANGELOG.md, 2026-03-09: what was left of the first version until its end.
_VERSION_1: Final[Mapping[str, Mapping[str, str]]] = {
    "/api/v1/" + path: {"GET": _ADDRESSES[path]["GET"]}
    for path in (
        "ping",
        "time",
        "ticker/bookTicker",
        "ticker/price",
        "ticker/24hr",
        "depth",
        "trades",
        "historicalTrades",
        "aggTrades",
        "klines",
    )
}


class Routes:
    """The addresses of an era."""

    def __init__(self, era: Era, *, has_listen_keys: bool) -> None:
        """Lead to the operations of `era`; those about listen keys only where there are some."""
        addresses = {_PREFIX + path: methods for path, methods in _ADDRESSES.items()}
        if has_listen_keys:
            addresses[_RETIRED[0]] = _LISTEN_KEYS
        if not era.version_1_retired:
            addresses |= _VERSION_1
            if has_listen_keys:
                addresses[_RETIRED[1]] = _LISTEN_KEYS
        rows = operations_of(era)
        self._by_path: Final[dict[str, dict[str, Operation]]] = {}
        for path, names in addresses.items():
            methods = {method: rows[name] for method, name in names.items() if name in rows}
            if methods:
                self._by_path[path] = methods

    def find(self, method: str, path: str) -> Operation | Fault:
        """Return the operation that is asked for, or why there is none."""
        methods = self._by_path.get(path)
        if methods is None:
            return Fault(RequestFault.RETIRED if path in _RETIRED else RequestFault.UNKNOWN_PATH)
        operation = methods.get(method)
        return operation if operation is not None else Fault(RequestFault.WRONG_METHOD, (", ".join(methods),))

    def allowed(self, path: str) -> str:
        """Return the methods that a path has, as the header Allow tells them."""
        return ", ".join(self._by_path[path])


_TODAYS: Final = (Routes(TODAY, has_listen_keys=False), Routes(TODAY, has_listen_keys=True))


def find_operation(method: str, path: str, *, has_listen_keys: bool = False) -> Operation | Fault:
    """Return the operation that is asked for today, or why there is none."""
    return _TODAYS[has_listen_keys].find(method, path)
