"""Under which names a request holds the terms of an order: one form for a single order, one for each order of a list.

Order of work.  The table of operations makes its parameters from forms, the checks and the builders read parameters through
                them, so that what holds for an order is written once, wherever it stands in a request.
Invariant.      An empty name is a term that the form has no parameter for; looking it up finds nothing.
Does not.       Read values.
Source.         rest-api.md, New order ("Some additional mandatory parameters"), Order lists, SOR.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, Final

from papernet.core.enums import OrderType

# rest-api.md, New order: what each type needs ...
_LIMIT_TERMS: Final = ("time_in_force", "quantity", "price")
_NEEDED: Final[Mapping[OrderType, tuple[str, ...]]] = {
    OrderType.LIMIT: _LIMIT_TERMS,
    OrderType.MARKET: ("quantity",),
    OrderType.LIMIT_MAKER: ("quantity", "price"),
    OrderType.STOP_LOSS: ("quantity",),
    OrderType.STOP_LOSS_LIMIT: _LIMIT_TERMS,
    OrderType.TAKE_PROFIT: ("quantity",),
    OrderType.TAKE_PROFIT_LIMIT: _LIMIT_TERMS,
}
# ... and what has no meaning for it. A peg is refused by the machine, with words of its own.
_TRIGGER: Final = ("stop_price", "trailing_delta")
_UNPRICED: Final = ("time_in_force", "price", "iceberg_quantity")
_REFUSED: Final[Mapping[OrderType, tuple[str, ...]]] = {
    OrderType.LIMIT: ("quote_quantity", *_TRIGGER),
    OrderType.MARKET: (*_UNPRICED, *_TRIGGER),
    OrderType.LIMIT_MAKER: ("time_in_force", "quote_quantity", *_TRIGGER),
    OrderType.STOP_LOSS: (*_UNPRICED, "quote_quantity"),
    OrderType.STOP_LOSS_LIMIT: ("quote_quantity",),
    OrderType.TAKE_PROFIT: (*_UNPRICED, "quote_quantity"),
    OrderType.TAKE_PROFIT_LIMIT: ("quote_quantity",),
}


# The terms in the order in which `OrderForm.terms` gives them.
TERMS: Final = (
    "side",
    "time_in_force",
    "quantity",
    "price",
    "quote_quantity",
    "client_order_id",
    "strategy_id",
    "strategy_type",
    "stop_price",
    "trailing_delta",
    "iceberg_quantity",
    "peg_price_type",
    "peg_offset_value",
)
Params = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class OrderForm:
    """The names of an order's terms. `types` are those that can be asked for; `in_list` tells an order of a list.

    `terms` gives the values of `TERMS` all at once, None for each that the form has no name for.
    """

    side: str
    order_type: str
    types: tuple[OrderType, ...]
    time_in_force: str = ""
    quantity: str = ""
    quote_quantity: str = ""
    price: str = ""
    client_order_id: str = ""
    strategy_id: str = ""
    strategy_type: str = ""
    stop_price: str = ""
    trailing_delta: str = ""
    iceberg_quantity: str = ""
    peg_price_type: str = ""
    peg_offset_value: str = ""
    peg_offset_type: str = ""
    in_list: bool = False
    needed: Mapping[OrderType, tuple[str, ...]] = field(init=False)
    refused: Mapping[OrderType, tuple[str, ...]] = field(init=False)
    terms: Callable[[Params], tuple[Any, ...]] = field(init=False)

    def __post_init__(self) -> None:
        """Derive which parameters each type needs and refuses."""
        needed, refused = self._named(_NEEDED), self._named(_REFUSED)
        if self.quote_quantity:
            # rest-api.md, New order: a market order has one of two quantities.
            needed[OrderType.MARKET] = ()
        object.__setattr__(self, "needed", needed)
        object.__setattr__(self, "refused", refused)
        object.__setattr__(self, "terms", _reader(tuple(getattr(self, term) for term in TERMS)))

    def _named(self, terms: Mapping[OrderType, tuple[str, ...]]) -> dict[OrderType, tuple[str, ...]]:
        return {
            order_type: tuple(name for name in (getattr(self, term) for term in names) if name)
            for order_type, names in terms.items()
        }


def _reader(names: tuple[str, ...]) -> Callable[[Params], tuple[Any, ...]]:
    """Return what looks up all of `names`; a single order, which has them all, is placed far more often than any other."""
    if all(names):
        return itemgetter(*names)

    def read(params: Params) -> tuple[Any, ...]:
        return tuple(map(params.get, names))

    return read


def _leg(prefix: str, types: tuple[OrderType, ...], *, side: str, quantity: str, triggers: bool = True) -> OrderForm:
    """Return the form of an order of a list whose terms' names begin with `prefix`."""
    return OrderForm(
        side=side,
        order_type=f"{prefix}Type",
        types=types,
        time_in_force=f"{prefix}TimeInForce",
        quantity=quantity,
        price=f"{prefix}Price",
        client_order_id=f"{prefix}ClientOrderId",
        strategy_id=f"{prefix}StrategyId",
        strategy_type=f"{prefix}StrategyType",
        stop_price=f"{prefix}StopPrice" if triggers else "",
        trailing_delta=f"{prefix}TrailingDelta" if triggers else "",
        iceberg_quantity=f"{prefix}IcebergQty",
        peg_price_type=f"{prefix}PegPriceType",
        peg_offset_value=f"{prefix}PegOffsetValue",
        peg_offset_type=f"{prefix}PegOffsetType",
        in_list=True,
    )


ALL_TYPES: Final = tuple(OrderType)
# rest-api.md, Order lists: what can be a working order.
_WORKING_TYPES: Final = (OrderType.LIMIT, OrderType.LIMIT_MAKER)
# rest-api.md, SOR
_SOR_TYPES: Final = (OrderType.LIMIT, OrderType.MARKET)

SINGLE: Final = OrderForm(
    side="side",
    order_type="type",
    types=ALL_TYPES,
    time_in_force="timeInForce",
    quantity="quantity",
    quote_quantity="quoteOrderQty",
    price="price",
    client_order_id="newClientOrderId",
    strategy_id="strategyId",
    strategy_type="strategyType",
    stop_price="stopPrice",
    trailing_delta="trailingDelta",
    iceberg_quantity="icebergQty",
    peg_price_type="pegPriceType",
    peg_offset_value="pegOffsetValue",
    peg_offset_type="pegOffsetType",
)
ROUTED: Final = OrderForm(
    side="side",
    order_type="type",
    types=_SOR_TYPES,
    time_in_force="timeInForce",
    quantity="quantity",
    price="price",
    client_order_id="newClientOrderId",
    strategy_id="strategyId",
    strategy_type="strategyType",
    iceberg_quantity="icebergQty",
)
# The pair of an OCO; an order type that no pair may hold is refused by the check of pairs, with words of its own.
ABOVE: Final = _leg("above", ALL_TYPES, side="side", quantity="quantity")
BELOW: Final = _leg("below", ALL_TYPES, side="side", quantity="quantity")
WORKING: Final = _leg("working", _WORKING_TYPES, side="workingSide", quantity="workingQuantity", triggers=False)
PENDING: Final = _leg("pending", ALL_TYPES, side="pendingSide", quantity="pendingQuantity")
PENDING_ABOVE: Final = _leg("pendingAbove", ALL_TYPES, side="pendingSide", quantity="pendingQuantity")
PENDING_BELOW: Final = _leg("pendingBelow", ALL_TYPES, side="pendingSide", quantity="pendingQuantity")
# faqs/opo: the working order pays for these, so they are sent without a quantity.
PAID: Final = _leg("pending", ALL_TYPES, side="pendingSide", quantity="")
PAID_ABOVE: Final = _leg("pendingAbove", ALL_TYPES, side="pendingSide", quantity="")
PAID_BELOW: Final = _leg("pendingBelow", ALL_TYPES, side="pendingSide", quantity="")
# POST /api/v3/order/oco, which older clients send: the types of its orders follow from what is sent.
OLD_LIMIT: Final = OrderForm(
    side="side",
    order_type="",
    types=(OrderType.LIMIT_MAKER,),
    quantity="quantity",
    price="price",
    client_order_id="limitClientOrderId",
    strategy_id="limitStrategyId",
    strategy_type="limitStrategyType",
    iceberg_quantity="limitIcebergQty",
    in_list=True,
)
OLD_STOP: Final = OrderForm(
    side="side",
    order_type="",
    types=(OrderType.STOP_LOSS, OrderType.STOP_LOSS_LIMIT),
    time_in_force="stopLimitTimeInForce",
    quantity="quantity",
    price="stopLimitPrice",
    client_order_id="stopClientOrderId",
    strategy_id="stopStrategyId",
    strategy_type="stopStrategyType",
    stop_price="stopPrice",
    trailing_delta="trailingDelta",
    iceberg_quantity="stopIcebergQty",
    in_list=True,
)
