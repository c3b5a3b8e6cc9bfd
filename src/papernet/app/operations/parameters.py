"""The parameters that several operations have in common, and those of an order by its form."""

from collections.abc import Iterable
from enum import Enum
from typing import Any, Final

from papernet.app.faults import RequestFault
from papernet.app.operations.rows import Kind, Param, ResponseType
from papernet.app.order_forms import OrderForm
from papernet.core.enums import CancelRestriction, PegPrice, SelfTradeMode, Side, SymbolStatus, TimeInForce


def members(kind: type[Enum]) -> dict[str, Any]:
    """Return the members of an enumeration by their names, which are their spellings."""
    return {member.name: member for member in kind}


SYMBOL: Final = Param("symbol", Kind.SYMBOL, mandatory=True)
ANY_SYMBOL: Final = Param("symbol", Kind.SYMBOL)
SYMBOLS: Final = Param("symbols", Kind.SYMBOLS)
# rest-api.md: the statuses that can be asked for, fewer than there are.
STATUS: Final = Param(
    "symbolStatus",
    Kind.ENUM,
    values={status.name: status for status in (SymbolStatus.TRADING, SymbolStatus.HALT, SymbolStatus.BREAK)},
    fault=RequestFault.BAD_SYMBOL_STATUS,
)
LIMIT: Final = Param("limit", Kind.INT, default=500, minimum=1, maximum=1000, lowered=True)
LONG_LIMIT: Final = Param("limit", Kind.LONG, default=500, minimum=1, maximum=1000, lowered=True)
FROM_ID: Final = Param("fromId", Kind.LONG)
START: Final = Param("startTime", Kind.TIME)
END: Final = Param("endTime", Kind.TIME)
ORDER_ID: Final = Param("orderId", Kind.LONG)
ORIGINAL_ID: Final = Param("origClientOrderId", Kind.CLIENT_ORDER_ID)
NEW_ID: Final = Param("newClientOrderId", Kind.CLIENT_ORDER_ID)
COMPUTES_RATES: Final = Param("computeCommissionRates", Kind.BOOLEAN, default=False)
RESTRICTIONS: Final = Param(
    "cancelRestrictions",
    Kind.ENUM,
    values={
        restriction.name: restriction for restriction in (CancelRestriction.ONLY_NEW, CancelRestriction.ONLY_PARTIALLY_FILLED)
    },
    fault=RequestFault.BAD_CANCEL_RESTRICTION,
)
# rest-api.md, Timing security
SIGNED: Final = (
    Param("recvWindow", Kind.DURATION, default=5_000_000, maximum=60_000),
    Param("timestamp", Kind.TIME, mandatory=True),
)

# rest-api.md, New order: these two are told once, also for several orders.
ORDER_OPTIONS: Final = (
    Param("newOrderRespType", Kind.ENUM, values=members(ResponseType)),
    Param("selfTradePreventionMode", Kind.ENUM, values=members(SelfTradeMode)),
)
_PEG_PRICES: Final = {"PRIMARY_PEG": PegPrice.PRIMARY, "MARKET_PEG": PegPrice.MARKET}
_STRATEGY_TYPE_MIN: Final = 1_000_000
_PEG_OFFSET_MAX: Final = 100


def order_params(*forms: OrderForm, mandatory: Iterable[str] = ()) -> tuple[Param, ...]:
    """Return the parameters of the orders of a request, each once; sides and types are mandatory, and what is named."""
    always = [name for form in forms for name in (form.side, form.order_type)] + list(mandatory)
    params = {param.name: param for form in forms for param in _form_params(form, always) if param.name}
    return tuple(params.values())


def _form_params(form: OrderForm, mandatory: list[str]) -> tuple[Param, ...]:
    """Return the parameters of one order; those that its form has no names for have none."""

    def enum(name: str, values: dict[str, Any], fault: RequestFault) -> Param:
        return Param(name, Kind.ENUM, name in mandatory, values=values, fault=fault)

    def number(name: str, kind: Kind) -> Param:
        return Param(name, kind, name in mandatory)

    return (
        enum(form.side, members(Side), RequestFault.BAD_SIDE),
        enum(form.order_type, {each.name: each for each in form.types}, RequestFault.BAD_ORDER_TYPE),
        enum(form.time_in_force, members(TimeInForce), RequestFault.BAD_TIME_IN_FORCE),
        number(form.quantity, Kind.DECIMAL),
        number(form.quote_quantity, Kind.DECIMAL),
        number(form.price, Kind.DECIMAL),
        number(form.client_order_id, Kind.CLIENT_ORDER_ID),
        number(form.strategy_id, Kind.LONG),
        Param(form.strategy_type, Kind.INT, minimum=_STRATEGY_TYPE_MIN, fault=RequestFault.BAD_STRATEGY_TYPE),
        number(form.stop_price, Kind.DECIMAL),
        number(form.trailing_delta, Kind.LONG),
        number(form.iceberg_quantity, Kind.DECIMAL),
        enum(form.peg_price_type, dict(_PEG_PRICES), RequestFault.BAD_PEG_PRICE_TYPE),
        Param(form.peg_offset_value, Kind.INT, maximum=_PEG_OFFSET_MAX),
        enum(form.peg_offset_type, {"PRICE_LEVEL": "PRICE_LEVEL"}, RequestFault.BAD_PEG_OFFSET_TYPE),
    )
