"""The rows of rest-api.md, Trading endpoints, that are about one order."""

from typing import Final

from papernet.app import order_checks, order_terms, parameter_checks
from papernet.app.operations.parameters import (
    COMPUTES_RATES,
    NEW_ID,
    ORDER_ID,
    ORDER_OPTIONS,
    ORIGINAL_ID,
    RESTRICTIONS,
    SIGNED,
    SYMBOL,
    order_params,
)
from papernet.app.operations.rows import DryRun, Kind, Operation, Param, Params, Query, Security, Submit
from papernet.app.order_forms import ROUTED, SINGLE

_TRADE: Final = Security.TRADE

_NEW_ORDER: Final = (SYMBOL, *order_params(SINGLE), *ORDER_OPTIONS)
_ROUTED_ORDER: Final = (SYMBOL, *order_params(ROUTED, mandatory=("quantity",)), *ORDER_OPTIONS)


def _with_rates(params: Params) -> int:
    """rest-api.md, Test new order."""
    return 20 if params["computeCommissionRates"] else 1


ROWS: Final = (
    Operation(
        "order.place",
        "New order",
        _TRADE,
        1,
        Submit(order_terms.new_order),
        (*_NEW_ORDER, *SIGNED),
        order_cost=1,
        check=order_checks.new_order,
    ),
    Operation(
        "order.test",
        "Test new order",
        _TRADE,
        _with_rates,
        DryRun(order_terms.new_order),
        (*_NEW_ORDER, COMPUTES_RATES, *SIGNED),
        check=order_checks.new_order,
        least_weight=1,
    ),
    Operation(
        "order.status",
        "Query order",
        Security.USER_DATA,
        4,
        Query(),
        (SYMBOL, ORDER_ID, ORIGINAL_ID, *SIGNED),
        check=parameter_checks.some_order_id,
    ),
    Operation(
        "order.cancel",
        "Cancel order",
        _TRADE,
        1,
        Submit(order_terms.cancel_order),
        (SYMBOL, ORDER_ID, ORIGINAL_ID, NEW_ID, RESTRICTIONS, *SIGNED),
        check=parameter_checks.some_order_id,
    ),
    Operation(
        "openOrders.cancelAll",
        "Cancel All Open Orders on a Symbol",
        _TRADE,
        1,
        Submit(order_terms.cancel_open_orders),
        (SYMBOL, *SIGNED),
    ),
    Operation(
        "order.cancelReplace",
        "Cancel an Existing Order and Send a New Order",
        _TRADE,
        1,
        Submit(order_terms.replace_order),
        (
            *_NEW_ORDER,
            # Whether a failed cancel stops it all.
            Param("cancelReplaceMode", Kind.ENUM, mandatory=True, values={"STOP_ON_FAILURE": True, "ALLOW_FAILURE": False}),
            Param("cancelNewClientOrderId", Kind.CLIENT_ORDER_ID),
            Param("cancelOrigClientOrderId", Kind.CLIENT_ORDER_ID),
            Param("cancelOrderId", Kind.LONG),
            RESTRICTIONS,
            # Whether it cancels even when nothing may be placed.
            Param("orderRateLimitExceededMode", Kind.ENUM, default=False, values={"DO_NOTHING": False, "CANCEL_ONLY": True}),
            *SIGNED,
        ),
        order_cost=1,
        check=order_checks.cancel_replace,
    ),
    Operation(
        "order.amend.keepPriority",
        "Order Amend Keep Priority",
        _TRADE,
        4,
        Submit(order_terms.amend_order),
        (SYMBOL, ORDER_ID, ORIGINAL_ID, NEW_ID, Param("newQty", Kind.DECIMAL, mandatory=True), *SIGNED),
        check=parameter_checks.some_order_id,
        # CHANGELOG.md, 2026-04-02: only one by which the order expires weighs nothing, and here none does.
        weighs_when_done=True,
    ),
    Operation(
        "sor.order.place",
        "New order using SOR",
        _TRADE,
        1,
        Submit(order_terms.routed_order),
        (*_ROUTED_ORDER, *SIGNED),
        order_cost=1,
        check=order_checks.routed_order,
    ),
    Operation(
        "sor.order.test",
        "Test new order using SOR",
        _TRADE,
        _with_rates,
        DryRun(order_terms.routed_order),
        (*_ROUTED_ORDER, COMPUTES_RATES, *SIGNED),
        check=order_checks.routed_order,
        least_weight=1,
    ),
)
