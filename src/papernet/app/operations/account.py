"""The rows of rest-api.md, Account Endpoints."""

from typing import Final

from papernet.app import parameter_checks
from papernet.app.operations.parameters import (
    ANY_SYMBOL,
    END,
    FROM_ID,
    LIMIT,
    LONG_LIMIT,
    ORDER_ID,
    ORIGINAL_ID,
    SIGNED,
    START,
    SYMBOL,
)
from papernet.app.operations.rows import Kind, Operation, Param, Params, Query, Security

_USER_DATA: Final = Security.USER_DATA


def _open_orders(params: Params) -> int:
    """rest-api.md, Current open orders."""
    return 6 if params["symbol"] is not None else 80


def _my_trades(params: Params) -> int:
    """rest-api.md, Account trade list."""
    return 20 if params["orderId"] is None else 5


def _my_prevented_matches(params: Params) -> int:
    """rest-api.md, Query Prevented Matches."""
    return 20 if params["preventedMatchId"] is None else 2


ROWS: Final = (
    Operation(
        "account.status",
        "Account information",
        _USER_DATA,
        20,
        Query(),
        (Param("omitZeroBalances", Kind.BOOLEAN, default=False), *SIGNED),
    ),
    Operation(
        "openOrders.status", "Current open orders", _USER_DATA, _open_orders, Query(), (ANY_SYMBOL, *SIGNED), least_weight=6
    ),
    Operation(
        "allOrders",
        "All orders",
        _USER_DATA,
        20,
        Query(),
        (SYMBOL, ORDER_ID, START, END, LIMIT, *SIGNED),
        check=parameter_checks.at_most_a_day,
    ),
    Operation(
        "orderList.status",
        "Query Order list",
        _USER_DATA,
        4,
        Query(),
        (Param("orderListId", Kind.LONG), ORIGINAL_ID, *SIGNED),
        check=parameter_checks.some_list_id_to_query,
    ),
    Operation(
        "allOrderLists",
        "Query all Order lists",
        _USER_DATA,
        20,
        Query(),
        (FROM_ID, START, END, LIMIT, *SIGNED),
        check=parameter_checks.all_order_lists,
    ),
    Operation("openOrderLists.status", "Query Open Order lists", _USER_DATA, 6, Query(), SIGNED),
    Operation(
        "myTrades",
        "Account trade list",
        _USER_DATA,
        _my_trades,
        Query(),
        (SYMBOL, ORDER_ID, START, END, FROM_ID, LIMIT, *SIGNED),
        check=parameter_checks.my_trades,
        least_weight=5,
    ),
    Operation("account.rateLimits.orders", "Query Unfilled Order Count", _USER_DATA, 40, Query(), SIGNED),
    Operation(
        "myPreventedMatches",
        "Query Prevented Matches",
        _USER_DATA,
        _my_prevented_matches,
        Query(),
        (
            SYMBOL,
            Param("preventedMatchId", Kind.LONG),
            ORDER_ID,
            Param("fromPreventedMatchId", Kind.LONG),
            LIMIT,
            *SIGNED,
        ),
        check=parameter_checks.my_prevented_matches,
        least_weight=2,
        unknown_symbol_weight=2,
    ),
    Operation(
        "myAllocations",
        "Query Allocations",
        _USER_DATA,
        20,
        Query(),
        (SYMBOL, START, END, Param("fromAllocationId", Kind.INT), LIMIT, ORDER_ID, *SIGNED),
        check=parameter_checks.my_allocations,
    ),
    Operation("account.commission", "Query Commission Rates", _USER_DATA, 20, Query(), (SYMBOL, *SIGNED)),
    Operation(
        "order.amendments",
        "Query Order Amendments",
        _USER_DATA,
        4,
        Query(),
        (
            SYMBOL,
            Param("orderId", Kind.LONG, mandatory=True),
            Param("fromExecutionId", Kind.LONG),
            LONG_LIMIT,
            *SIGNED,
        ),
    ),
    Operation("myFilters", "Query relevant filters", _USER_DATA, 40, Query(), (SYMBOL, *SIGNED)),
)
