"""The rows of rest-api.md, Order lists, and the older way to place a pair, which its older edition has."""

from typing import Final

from papernet.app import order_checks, order_list_terms, order_terms, parameter_checks
from papernet.app.operations.parameters import NEW_ID, ORDER_OPTIONS, SIGNED, SYMBOL, order_params
from papernet.app.operations.rows import Kind, Operation, Param, Security, Submit
from papernet.app.order_forms import (
    ABOVE,
    BELOW,
    OLD_LIMIT,
    OLD_STOP,
    PAID,
    PAID_ABOVE,
    PAID_BELOW,
    PENDING,
    PENDING_ABOVE,
    PENDING_BELOW,
    WORKING,
    OrderForm,
)

_TRADE: Final = Security.TRADE
_LIST_ID: Final = Param("listClientOrderId", Kind.CLIENT_ORDER_ID)


def _list_params(*forms: OrderForm, mandatory: tuple[str, ...] = ()) -> tuple[Param, ...]:
    """Return the parameters of a new list; the quantities of all its orders are mandatory."""
    quantities = [form.quantity for form in forms if form.quantity]
    return (SYMBOL, _LIST_ID, *order_params(*forms, mandatory=(*quantities, *mandatory)), *ORDER_OPTIONS, *SIGNED)


ROWS: Final = (
    Operation(
        "orderList.place",
        "New OCO - Deprecated",
        _TRADE,
        1,
        Submit(order_list_terms.old_oco),
        _list_params(OLD_LIMIT, OLD_STOP, mandatory=("price", "stopPrice")),
        order_cost=2,
        check=order_checks.old_oco,
    ),
    Operation(
        "orderList.place.oco",
        "New Order list - OCO",
        _TRADE,
        1,
        Submit(order_list_terms.oco),
        _list_params(ABOVE, BELOW),
        order_cost=2,
        check=order_checks.oco,
    ),
    Operation(
        "orderList.place.oto",
        "New Order list - OTO",
        _TRADE,
        1,
        Submit(order_list_terms.oto),
        _list_params(WORKING, PENDING),
        order_cost=2,
        check=order_checks.oto,
    ),
    Operation(
        "orderList.place.otoco",
        "New Order list - OTOCO",
        _TRADE,
        1,
        Submit(order_list_terms.otoco),
        _list_params(WORKING, PENDING_ABOVE, PENDING_BELOW),
        order_cost=3,
        check=order_checks.otoco,
    ),
    Operation(
        "orderList.place.opo",
        "New Order List - OPO",
        _TRADE,
        1,
        Submit(order_list_terms.opo),
        _list_params(WORKING, PAID),
        order_cost=2,
        check=order_checks.opo,
    ),
    Operation(
        "orderList.place.opoco",
        "New Order List - OPOCO",
        _TRADE,
        1,
        Submit(order_list_terms.opoco),
        _list_params(WORKING, PAID_ABOVE, PAID_BELOW),
        order_cost=3,
        check=order_checks.opoco,
    ),
    Operation(
        "orderList.cancel",
        "Cancel Order list",
        _TRADE,
        1,
        Submit(order_terms.cancel_order_list),
        (SYMBOL, Param("orderListId", Kind.LONG), _LIST_ID, NEW_ID, *SIGNED),
        check=parameter_checks.some_list_id_to_cancel,
    ),
)
