"""Which parameters go together: one check per operation that has a rule, on parameters already read.

Each check returns the first refusal in the order of the documents, or None. Names are the documented ones.
Source: rest-api.md, the notes of each operation; errors.md, -1102, -1106, -1127, -1128.
"""

from collections.abc import Mapping
from typing import Any, Final

from papernet.app.faults import Fault, RequestFault
from papernet.core.dates import DAY
from papernet.core.enums import OrderType, TimeInForce

Params = Mapping[str, Any]

_BAD_COMBINATION: Final = Fault(RequestFault.BAD_COMBINATION)

_LIMIT_TERMS: Final = ("timeInForce", "quantity", "price")
# rest-api.md, New order, "Some additional mandatory parameters": what each type needs ...
_NEEDED: Final[Mapping[OrderType, tuple[str, ...]]] = {
    OrderType.LIMIT: _LIMIT_TERMS,
    OrderType.MARKET: (),
    OrderType.LIMIT_MAKER: ("quantity", "price"),
    OrderType.STOP_LOSS: ("quantity",),
    OrderType.STOP_LOSS_LIMIT: _LIMIT_TERMS,
    OrderType.TAKE_PROFIT: ("quantity",),
    OrderType.TAKE_PROFIT_LIMIT: _LIMIT_TERMS,
}
# ... and what has no meaning for it.
_TRIGGER: Final = ("stopPrice", "trailingDelta")
_PEG: Final = ("pegPriceType", "pegOffsetValue", "pegOffsetType")
_UNPRICED: Final = ("timeInForce", "price", "icebergQty", *_PEG)
_NOT_REQUIRED: Final[Mapping[OrderType, tuple[str, ...]]] = {
    OrderType.LIMIT: ("quoteOrderQty", *_TRIGGER),
    OrderType.MARKET: (*_UNPRICED, *_TRIGGER),
    OrderType.LIMIT_MAKER: ("timeInForce", "quoteOrderQty", *_TRIGGER),
    OrderType.STOP_LOSS: (*_UNPRICED, "quoteOrderQty"),
    OrderType.STOP_LOSS_LIMIT: ("quoteOrderQty",),
    OrderType.TAKE_PROFIT: (*_UNPRICED, "quoteOrderQty"),
    OrderType.TAKE_PROFIT_LIMIT: ("quoteOrderQty",),
}
_TRIGGERED: Final = (
    OrderType.STOP_LOSS,
    OrderType.STOP_LOSS_LIMIT,
    OrderType.TAKE_PROFIT,
    OrderType.TAKE_PROFIT_LIMIT,
)
_STRATEGY_TYPE_MIN: Final = 1_000_000


def new_order(params: Params) -> Fault | None:
    """Check what a new order's type needs and forbids."""
    order_type = params["type"]
    for name in _NEEDED[order_type]:
        # rest-api.md, Pegged Orders: with pegPriceType the price becomes optional.
        if params[name] is None and not (name == "price" and params["pegPriceType"] is not None):
            return Fault(RequestFault.MISSING_PARAMETER, (name,))
    if order_type is OrderType.MARKET:
        if params["quantity"] is None and params["quoteOrderQty"] is None:
            return Fault(RequestFault.MISSING_EITHER, ("quantity", "quoteOrderQty"))
        if params["quantity"] is not None and params["quoteOrderQty"] is not None:
            return Fault(RequestFault.NOT_REQUIRED, ("quoteOrderQty",))
    elif order_type in _TRIGGERED and params["stopPrice"] is None and params["trailingDelta"] is None:
        return Fault(RequestFault.MISSING_EITHER, _TRIGGER)
    for name in _NOT_REQUIRED[order_type]:
        if params[name] is not None:
            return Fault(RequestFault.NOT_REQUIRED, (name,))
    return _order_options(params)


def _order_options(params: Params) -> Fault | None:
    strategy_type = params["strategyType"]
    if strategy_type is not None and strategy_type < _STRATEGY_TYPE_MIN:
        return Fault(RequestFault.BAD_STRATEGY_TYPE)
    # rest-api.md, New order: an iceberg must be good till cancelled; a limit maker has no other time in force.
    if params["icebergQty"] is not None and params["timeInForce"] not in (None, TimeInForce.GTC):
        return _BAD_COMBINATION
    if (params["pegOffsetType"] is None) is not (params["pegOffsetValue"] is None):
        return Fault(RequestFault.INCOMPLETE_PAIR, ("pegOffsetType", "pegOffsetValue"))
    if params["pegOffsetType"] is not None and params["pegPriceType"] is None:
        return Fault(RequestFault.MISSING_PARAMETER, ("pegPriceType",))
    return None


def some_order_id(params: Params) -> Fault | None:
    """Either orderId or origClientOrderId must be sent (rest-api.md, Query order, Cancel order)."""
    if params["orderId"] is None and params["origClientOrderId"] is None:
        return Fault(RequestFault.MISSING_EITHER, ("origClientOrderId", "orderId"))
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
    timed = params["startTime"] is not None or params["endTime"] is not None
    if timed and (params["orderId"] is not None or params["fromId"] is not None):
        return _BAD_COMBINATION
    return at_most_a_day(params)
