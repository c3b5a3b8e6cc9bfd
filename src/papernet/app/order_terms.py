"""From parameters that were read and checked to commands: one builder per operation that changes the exchange.

A builder may refuse what a command cannot even say: stop orders, icebergs and pegs, which no symbol offers.
Source: rest-api.md, Trading endpoints; errors.md, messages for -2010.
"""

from collections.abc import Mapping
from typing import Any, Final

from papernet.core.commands import CancelOpenOrders, CancelOrder, NewOrder
from papernet.core.enums import CancelRestriction, OrderType, SelfTradeMode, TimeInForce
from papernet.core.rejects import Reason, Reject

Params = Mapping[str, Any]
OrderCommand = NewOrder | CancelOrder | CancelOpenOrders

_ABSENT_ORDER_ID: Final = -1
_NO_MODE: Final = SelfTradeMode.NONE
_NO_RESTRICTION: Final = CancelRestriction.NONE


def new_order(params: Params, account: int) -> NewOrder | Reject:
    """Return the order that the parameters describe."""
    if params["icebergQty"] is not None:
        return Reject(Reason.ICEBERG_NOT_SUPPORTED)
    if params["trailingDelta"] is not None:
        return Reject(Reason.TRAILING_STOP_NOT_SUPPORTED)
    if params["pegPriceType"] is not None:
        return Reject(Reason.PEG_NOT_SUPPORTED)
    quantity, quote_quantity = params["quantity"] or 0, params["quoteOrderQty"] or 0
    if not quantity and not quote_quantity:
        # A command's 0 means absent: an order of nothing cannot be said.
        return Reject(Reason.ZERO_NOTIONAL)
    time_in_force = params["timeInForce"]
    if time_in_force is None:
        # rest-api.md, New order, responses: what has no time in force is shown as good till cancelled.
        time_in_force = TimeInForce.GTC
    return NewOrder(
        account,
        params["symbol"],
        params["side"],
        params["type"],
        time_in_force,
        quantity,
        params["price"] or 0,
        quote_quantity,
        params["newClientOrderId"] or "",
        params["strategyId"],
        params["strategyType"],
        params["selfTradePreventionMode"] or _NO_MODE,
    )


def is_full_by_default(order_type: OrderType) -> bool:
    """Whether a new order's reply tells all when nobody says how much (rest-api.md, New order, newOrderRespType)."""
    return order_type is OrderType.LIMIT or order_type is OrderType.MARKET


def cancel_order(params: Params, account: int) -> CancelOrder:
    """Return the cancel that the parameters describe."""
    order_id = params["orderId"]
    return CancelOrder(
        account,
        params["symbol"],
        _ABSENT_ORDER_ID if order_id is None else order_id,
        params["origClientOrderId"] or "",
        params["newClientOrderId"] or "",
        params["cancelRestrictions"] or _NO_RESTRICTION,
    )


def cancel_open_orders(params: Params, account: int) -> CancelOpenOrders:
    """Return the cancel of all orders of a symbol."""
    return CancelOpenOrders(account, params["symbol"])
