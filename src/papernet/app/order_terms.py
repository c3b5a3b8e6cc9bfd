"""From parameters that were read and checked to commands about one order: one builder per operation that changes the exchange.

A builder may refuse what a command cannot say, because its 0 means absent: an order of nothing, a trigger at nothing.
Source: rest-api.md, Trading endpoints; errors.md, messages for -2010; filters.md, PRICE_FILTER, TRAILING_DELTA.
"""

from collections.abc import Mapping
from typing import Any, Final

from papernet.app.order_forms import ROUTED, SINGLE, OrderForm
from papernet.core.commands import (
    AmendOrder,
    CancelOpenOrders,
    CancelOrder,
    CancelOrderList,
    NewOrder,
    NewOrderList,
    ReplaceOrder,
)
from papernet.core.enums import CancelRestriction, OrderType, PegPrice, TimeInForce
from papernet.core.rejects import Reason, Reject

Params = Mapping[str, Any]
OrderCommand = NewOrder | NewOrderList | CancelOrder | CancelOpenOrders | CancelOrderList | ReplaceOrder | AmendOrder

_ABSENT_ID: Final = -1
_NO_RESTRICTION: Final = CancelRestriction.NONE
_NO_PEG: Final = PegPrice.NONE
_GTC: Final = TimeInForce.GTC

_NOTHING_ORDERED: Final = Reject(Reason.ZERO_NOTIONAL)
_NO_STOP_PRICE: Final = Reject(Reason.FILTER_FAILURE, ("PRICE_FILTER",))
_NO_TRAILING_DELTA: Final = Reject(Reason.FILTER_FAILURE, ("TRAILING_DELTA",))


def new_order(params: Params, account: int) -> NewOrder | Reject:
    """Return the order that the parameters describe."""
    return order_of(params, account, SINGLE, params["type"])


def routed_order(params: Params, account: int) -> NewOrder | Reject:
    """Return the order for smart order routing that the parameters describe."""
    return order_of(params, account, ROUTED, params["type"], uses_sor=True)


def order_of(
    params: Params, account: int, form: OrderForm, order_type: OrderType, *, uses_sor: bool = False
) -> NewOrder | Reject:
    """Return the order that the parameters of a form describe."""
    side, tif, quantity, price, quote, client_id, strategy, kind, stop, delta, iceberg, peg, offset = form.terms(params)
    if not quantity and not quote and form.quantity:
        return _NOTHING_ORDERED
    if stop == 0:
        return _NO_STOP_PRICE
    if delta == 0:
        return _NO_TRAILING_DELTA
    return NewOrder(
        account,
        params["symbol"],
        side,
        order_type,
        # rest-api.md, New order, responses: what has no time in force is shown as good till cancelled.
        tif or _GTC,
        quantity or 0,
        price or 0,
        quote or 0,
        client_id or "",
        strategy,
        kind,
        params["selfTradePreventionMode"],
        stop or 0,
        delta or 0,
        iceberg or 0,
        peg or _NO_PEG,
        offset,
        uses_sor,
    )


def is_full_by_default(order_type: OrderType) -> bool:
    """Whether a new order's reply tells all when nobody says how much (rest-api.md, New order, newOrderRespType)."""
    return order_type is OrderType.LIMIT or order_type is OrderType.MARKET


def cancel_order(params: Params, account: int) -> CancelOrder:
    """Return the cancel that the parameters describe."""
    return CancelOrder(
        account,
        params["symbol"],
        _id(params["orderId"]),
        params["origClientOrderId"] or "",
        params["newClientOrderId"] or "",
        params["cancelRestrictions"] or _NO_RESTRICTION,
    )


def cancel_open_orders(params: Params, account: int) -> CancelOpenOrders:
    """Return the cancel of all orders of a symbol."""
    return CancelOpenOrders(account, params["symbol"])


def replace_order(params: Params, account: int) -> ReplaceOrder | Reject:
    """Return the cancel and the order in its place."""
    order = new_order(params, account)
    if isinstance(order, Reject):
        return order
    cancel = CancelOrder(
        account,
        params["symbol"],
        _id(params["cancelOrderId"]),
        params["cancelOrigClientOrderId"] or "",
        params["cancelNewClientOrderId"] or "",
        params["cancelRestrictions"] or _NO_RESTRICTION,
    )
    return ReplaceOrder(cancel, order, params["cancelReplaceMode"], params["orderRateLimitExceededMode"])


def amend_order(params: Params, account: int) -> AmendOrder | Reject:
    """Return the amendment that the parameters describe."""
    if not params["newQty"]:
        return _NOTHING_ORDERED
    return AmendOrder(
        account,
        params["symbol"],
        _id(params["orderId"]),
        params["newQty"],
        params["origClientOrderId"] or "",
        params["newClientOrderId"] or "",
    )


def cancel_order_list(params: Params, account: int) -> CancelOrderList:
    """Return the cancel of an order list."""
    return CancelOrderList(
        account,
        params["symbol"],
        _id(params["orderListId"]),
        params["listClientOrderId"] or "",
        params["newClientOrderId"] or "",
    )


def _id(sent: int | None) -> int:
    return _ABSENT_ID if sent is None else sent
