"""Which parameters of a question or a cancel go together: one check per operation that has a rule, on parameters already read.

Each check returns the first refusal in the order of the documents, or None. Names are the documented ones. What places orders
is checked in `order_checks`. Source: rest-api.md, the notes of each operation; errors.md, -1102, -1127, -1128.
"""

from collections.abc import Mapping
from typing import Any, Final

from papernet.app.faults import Fault, RequestFault
from papernet.core.dates import DAY

Params = Mapping[str, Any]

_BAD_COMBINATION: Final = Fault(RequestFault.BAD_COMBINATION)


def some_order_id(params: Params) -> Fault | None:
    """Either orderId or origClientOrderId must be sent (rest-api.md, Query order, Cancel order, Order Amend Keep Priority)."""
    if params["orderId"] is None and params["origClientOrderId"] is None:
        return Fault(RequestFault.MISSING_EITHER, ("origClientOrderId", "orderId"))
    return None


def some_list_id_to_cancel(params: Params) -> Fault | None:
    """Either orderListId or listClientOrderId must be sent (rest-api.md, Cancel Order list)."""
    if params["orderListId"] is None and params["listClientOrderId"] is None:
        return Fault(RequestFault.MISSING_EITHER, ("orderListId", "listClientOrderId"))
    return None


def some_list_id_to_query(params: Params) -> Fault | None:
    """Either orderListId or origClientOrderId must be sent (rest-api.md, Query Order list)."""
    if params["orderListId"] is None and params["origClientOrderId"] is None:
        return Fault(RequestFault.MISSING_EITHER, ("orderListId", "origClientOrderId"))
    return None


def symbol_or_symbols(params: Params) -> Fault | None:
    """Refuse symbol and symbols together (rest-api.md, 24hr ticker)."""
    if params["symbol"] is not None and params["symbols"] is not None:
        return _BAD_COMBINATION
    return None


def exactly_one_of_symbol_and_symbols(params: Params) -> Fault | None:
    """Either symbol or symbols must be provided (rest-api.md, Trading Day Ticker)."""
    if params["symbol"] is None and params["symbols"] is None:
        return Fault(RequestFault.MISSING_EITHER, ("symbol", "symbols"))
    return symbol_or_symbols(params)


def exchange_info(params: Params) -> Fault | None:
    """Refuse permissions or symbolStatus beside symbol or symbols (rest-api.md, Exchange information)."""
    named = params["symbol"] is not None or params["symbols"] is not None
    if named and (params["permissions"] is not None or params["symbolStatus"] is not None):
        return _BAD_COMBINATION
    return symbol_or_symbols(params)


def at_most_a_day(params: Params) -> Fault | None:
    """Refuse more than 24 hours between startTime and endTime (rest-api.md, All orders)."""
    start, end = params["startTime"], params["endTime"]
    if start is not None and end is not None and end - start > DAY:
        return Fault(RequestFault.TOO_LONG_WINDOW, ("24",))
    return None


def my_trades(params: Params) -> Fault | None:
    """Allow the supported combinations only (rest-api.md, Account trade list)."""
    if _timed(params) and (params["orderId"] is not None or params["fromId"] is not None):
        return _BAD_COMBINATION
    return at_most_a_day(params)


def execution_rules(params: Params) -> Fault | None:
    """Allow no two parameters together (rest-api.md, Query Execution Rules)."""
    sent = [name for name in ("symbol", "symbols", "symbolStatus") if params[name] is not None]
    return _BAD_COMBINATION if len(sent) > 1 else None


def all_order_lists(params: Params) -> Fault | None:
    """Refuse times beside fromId (rest-api.md, Query all Order lists)."""
    if params["fromId"] is not None and _timed(params):
        return _BAD_COMBINATION
    return at_most_a_day(params)


def my_prevented_matches(params: Params) -> Fault | None:
    """Allow the supported combinations only (rest-api.md, Query Prevented Matches)."""
    match, order = params["preventedMatchId"], params["orderId"]
    if match is None and order is None:
        return Fault(RequestFault.MISSING_EITHER, ("preventedMatchId", "orderId"))
    if match is not None and (order is not None or params["fromPreventedMatchId"] is not None):
        return _BAD_COMBINATION
    return None


def my_allocations(params: Params) -> Fault | None:
    """Allow the supported combinations only (rest-api.md, Query Allocations)."""
    if _timed(params) and (params["orderId"] is not None or params["fromAllocationId"] is not None):
        return _BAD_COMBINATION
    return at_most_a_day(params)


def _timed(params: Params) -> bool:
    return params["startTime"] is not None or params["endTime"] is not None
