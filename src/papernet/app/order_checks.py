"""Whether the terms of an order go together, and the orders of a list: one check per operation that places orders.

Order of work.  Of a list first what its orders are to each other: the sides of an OPO, the types of a pair. Then each order by
                itself: what its type needs, what it refuses, what goes with what. Then the prices of a pair.
Invariant.      Each check returns the first refusal in this order, or None.
Does not.       Look at the market or at the symbol: the machine does.
Source.         rest-api.md, New order, Order lists, Pegged Orders; faqs/opo; errors.md, -1102, -1106, -1158 to -1168, -1196 to
                -1199, -1222, -1223.
"""

from collections.abc import Mapping
from typing import Any, Final

from papernet.app.faults import Fault, RequestFault
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
    ROUTED,
    SINGLE,
    WORKING,
    OrderForm,
)
from papernet.core.enums import OrderType, Side, TimeInForce
from papernet.core.order import CONTINGENT, STOP_LOSSES, TAKE_PROFITS

Params = Mapping[str, Any]

_PAIRED: Final = (OrderType.LIMIT_MAKER, *CONTINGENT)

# rest-api.md, New Order list - OCO: what does not belong above, and what not below.
_NOT_ABOVE: Final[Mapping[tuple[Side, OrderType], RequestFault]] = {
    (Side.BUY, OrderType.LIMIT_MAKER): RequestFault.BUY_OCO_LIMIT_NOT_BELOW,
    **{(Side.BUY, take): RequestFault.BUY_OCO_TAKE_PROFIT_NOT_BELOW for take in TAKE_PROFITS},
    **{(Side.SELL, stop): RequestFault.SELL_OCO_STOP_LOSS_NOT_BELOW for stop in STOP_LOSSES},
}
_NOT_BELOW: Final[Mapping[tuple[Side, OrderType], RequestFault]] = {
    (Side.SELL, OrderType.LIMIT_MAKER): RequestFault.SELL_OCO_LIMIT_NOT_ABOVE,
    **{(Side.SELL, take): RequestFault.SELL_OCO_TAKE_PROFIT_NOT_ABOVE for take in TAKE_PROFITS},
    **{(Side.BUY, stop): RequestFault.BUY_OCO_STOP_LOSS_NOT_ABOVE for stop in STOP_LOSSES},
}

_UNSUPPORTED_COMBINATION: Final = Fault(RequestFault.UNSUPPORTED_COMBINATION)


def new_order(params: Params) -> Fault | None:
    """Check a single order (rest-api.md, New order)."""
    return _terms(params, SINGLE, params["type"])


def routed_order(params: Params) -> Fault | None:
    """Check an order for smart order routing (rest-api.md, New order using SOR)."""
    return _terms(params, ROUTED, params["type"])


def cancel_replace(params: Params) -> Fault | None:
    """Check which order is cancelled and the one in its place (rest-api.md, Cancel an Existing Order and Send a New Order)."""
    if params["cancelOrderId"] is None and params["cancelOrigClientOrderId"] is None:
        return Fault(RequestFault.MISSING_EITHER, ("cancelOrigClientOrderId", "cancelOrderId"))
    return new_order(params)


def oco(params: Params) -> Fault | None:
    """Check a pair (rest-api.md, New Order list - OCO)."""
    return _pair_types(params, ABOVE, BELOW) or _pair_terms(params, ABOVE, BELOW)


def old_oco(params: Params) -> Fault | None:
    """Check a pair as older clients send it, whose types follow from what is sent."""
    stop_type = old_stop_type(params)
    return _terms(params, OLD_LIMIT, OrderType.LIMIT_MAKER) or _terms(params, OLD_STOP, stop_type)


def old_stop_type(params: Params) -> OrderType:
    """Return the type of the stop order of a pair as older clients send it."""
    return OrderType.STOP_LOSS if params["stopLimitPrice"] is None else OrderType.STOP_LOSS_LIMIT


def oto(params: Params) -> Fault | None:
    """Check a working and a pending order (rest-api.md, New Order list - OTO)."""
    return _terms(params, WORKING, params["workingType"]) or _terms(params, PENDING, params["pendingType"])


def otoco(params: Params) -> Fault | None:
    """Check a working order and a pending pair (rest-api.md, New Order list - OTOCO)."""
    fault = _pair_types(params, PENDING_ABOVE, PENDING_BELOW) or _terms(params, WORKING, params["workingType"])
    return fault or _pair_terms(params, PENDING_ABOVE, PENDING_BELOW)


def opo(params: Params) -> Fault | None:
    """Check a working order and the pending one that it pays for (rest-api.md, New Order List - OPO)."""
    fault = _opo_sides(params) or _terms(params, WORKING, params["workingType"])
    return fault or _terms(params, PAID, params["pendingType"])


def opoco(params: Params) -> Fault | None:
    """Check a working order and the pending pair that it pays for (rest-api.md, New Order List - OPOCO)."""
    fault = _opo_sides(params) or _pair_types(params, PAID_ABOVE, PAID_BELOW)
    fault = fault or _terms(params, WORKING, params["workingType"])
    return fault or _pair_terms(params, PAID_ABOVE, PAID_BELOW)


def _opo_sides(params: Params) -> Fault | None:
    """Hold to the sides that an OPO has (faqs/opo)."""
    if params["workingSide"] is not Side.BUY:
        return Fault(RequestFault.OPO_WORKING_NOT_BUY)
    if params["pendingSide"] is not Side.SELL:
        return Fault(RequestFault.OPO_PENDING_NOT_SELL)
    return None


def _pair_types(params: Params, above: OrderForm, below: OrderForm) -> Fault | None:
    """Refuse types that no pair holds, or that stand on the wrong side of the market."""
    above_type, below_type, side = params[above.order_type], params[below.order_type], params[above.side]
    if above_type not in _PAIRED or below_type not in _PAIRED:
        return Fault(RequestFault.ORDER_TYPE_NOT_IN_OCO)
    if above_type is OrderType.LIMIT_MAKER and below_type is OrderType.LIMIT_MAKER:
        return Fault(RequestFault.BOTH_OCO_ORDERS_LIMIT)
    misplaced = [fault for fault in (_NOT_ABOVE.get((side, above_type)), _NOT_BELOW.get((side, below_type))) if fault]
    return Fault(min(misplaced)) if misplaced else None


def _pair_terms(params: Params, above: OrderForm, below: OrderForm) -> Fault | None:
    return _terms(params, above, params[above.order_type]) or _terms(params, below, params[below.order_type])


def _terms(params: Params, form: OrderForm, order_type: OrderType) -> Fault | None:
    """Check what an order's type needs and refuses, then its options."""
    for name in form.needed[order_type]:
        # rest-api.md, Pegged Orders: with a peg the price becomes optional.
        if params[name] is None and not (name == form.price and params.get(form.peg_price_type) is not None):
            return Fault(RequestFault.MISSING_PARAMETER, (name,))
    if order_type is OrderType.MARKET:
        fault = _either_quantity(params, form) if form.quote_quantity else None
        if fault is not None:
            return fault
    elif order_type in CONTINGENT and params[form.stop_price] is None and params[form.trailing_delta] is None:
        return Fault(RequestFault.MISSING_EITHER, (form.stop_price, form.trailing_delta))
    for name in form.refused[order_type]:
        if params[name] is not None:
            return Fault(RequestFault.NOT_REQUIRED, (name,))
    return _options(params, form)


def _either_quantity(params: Params, form: OrderForm) -> Fault | None:
    if params[form.quantity] is None and params[form.quote_quantity] is None:
        return Fault(RequestFault.MISSING_EITHER, (form.quantity, form.quote_quantity))
    if params[form.quantity] is not None and params[form.quote_quantity] is not None:
        return Fault(RequestFault.NOT_REQUIRED, (form.quote_quantity,))
    return None


def _options(params: Params, form: OrderForm) -> Fault | None:
    find = params.get
    iceberg, offset_type, offset_value = find(form.iceberg_quantity), find(form.peg_offset_type), find(form.peg_offset_value)
    if iceberg is offset_type is offset_value is None:
        return None
    # rest-api.md, New order: an iceberg must be good till cancelled; a limit maker has no other time in force.
    if iceberg is not None and params.get(form.time_in_force) not in (None, TimeInForce.GTC):
        if form.in_list:
            return Fault(RequestFault.ICEBERG_NOT_GTC, (form.iceberg_quantity, form.time_in_force))
        return _UNSUPPORTED_COMBINATION
    if (offset_type is None) is not (offset_value is None):
        return Fault(RequestFault.INCOMPLETE_PAIR, (form.peg_offset_type, form.peg_offset_value))
    if offset_type is not None and params[form.peg_price_type] is None:
        return Fault(RequestFault.MISSING_PARAMETER, (form.peg_price_type,))
    return None
