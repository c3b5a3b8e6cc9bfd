"""From parameters that were read and checked to order lists: one builder per kind of list.

Invariant.      The orders stand in the order in which they get their ids: the working order first, of a pair the stop order
                before the other one.
Source.         rest-api.md, Order lists, whose examples show the order of the ids.
"""

from collections.abc import Mapping
from typing import Any

from papernet.app.order_checks import old_stop_type
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
from papernet.app.order_terms import order_of
from papernet.core.commands import NewOrder, NewOrderList
from papernet.core.enums import ListKind, OrderType
from papernet.core.order import STOP_LOSSES
from papernet.core.rejects import Reject

Params = Mapping[str, Any]


def oco(params: Params, account: int) -> NewOrderList | Reject:
    """Return the pair that the parameters describe."""
    return _list_of(params, account, ListKind.OCO, *_pair(params, ABOVE, BELOW))


def old_oco(params: Params, account: int) -> NewOrderList | Reject:
    """Return the pair that the parameters of POST /api/v3/order/oco describe."""
    stop = order_of(params, account, OLD_STOP, old_stop_type(params))
    limit = order_of(params, account, OLD_LIMIT, OrderType.LIMIT_MAKER)
    return _joined(params, account, ListKind.OCO, (stop, limit))


def oto(params: Params, account: int) -> NewOrderList | Reject:
    """Return the working and the pending order that the parameters describe."""
    return _list_of(params, account, ListKind.OTO, WORKING, PENDING)


def otoco(params: Params, account: int) -> NewOrderList | Reject:
    """Return the working order and the pending pair that the parameters describe."""
    return _list_of(params, account, ListKind.OTOCO, WORKING, *_pair(params, PENDING_ABOVE, PENDING_BELOW))


def opo(params: Params, account: int) -> NewOrderList | Reject:
    """Return the working order and the pending one that it pays for."""
    return _list_of(params, account, ListKind.OPO, WORKING, PAID)


def opoco(params: Params, account: int) -> NewOrderList | Reject:
    """Return the working order and the pending pair that it pays for."""
    return _list_of(params, account, ListKind.OPOCO, WORKING, *_pair(params, PAID_ABOVE, PAID_BELOW))


def _pair(params: Params, above: OrderForm, below: OrderForm) -> tuple[OrderForm, OrderForm]:
    """Return the forms of a pair, the stop order's first."""
    return (above, below) if params[above.order_type] in STOP_LOSSES else (below, above)


def _list_of(params: Params, account: int, kind: ListKind, *forms: OrderForm) -> NewOrderList | Reject:
    return _joined(params, account, kind, tuple(order_of(params, account, form, params[form.order_type]) for form in forms))


def _joined(params: Params, account: int, kind: ListKind, legs: tuple[NewOrder | Reject, ...]) -> NewOrderList | Reject:
    orders: list[NewOrder] = []
    for leg in legs:
        if isinstance(leg, Reject):
            return leg
        orders.append(leg)
    return NewOrderList(account, params["symbol"], kind, tuple(orders), params["listClientOrderId"] or "")
