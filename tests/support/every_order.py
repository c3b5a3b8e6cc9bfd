"""Orders of every kind that the documents know, as parameters, for a market whose last price is 100.

110 and 90 are where orders rest or wait. `term(prefix, name)` spells a parameter of one order among several ("abovePrice").
Each kind of order has its ways: what else such an order may say (rest-api.md, New order). Client order ids are unique within
what one function yields.
"""

import itertools
from collections.abc import Iterable, Iterator
from typing import Any

Params = dict[str, Any]

SIDES = ("BUY", "SELL")
LIMITS = ("LIMIT", "LIMIT_MAKER", "STOP_LOSS_LIMIT", "TAKE_PROFIT_LIMIT")
STOPS = ("STOP_LOSS", "STOP_LOSS_LIMIT")
TAKES = ("TAKE_PROFIT", "TAKE_PROFIT_LIMIT")
TYPES = ("LIMIT", "MARKET", "LIMIT_MAKER", *STOPS, *TAKES)
RESPONSE_TYPES = ("ACK", "RESULT", "FULL")
SELF_TRADE_MODES = ("NONE", "EXPIRE_MAKER", "EXPIRE_TAKER", "EXPIRE_BOTH", "DECREMENT", "TRANSFER")

_PEG = {"pegOffsetType": "PRICE_LEVEL", "pegOffsetValue": 1}
_ENTERING_WAYS: tuple[Params, ...] = (
    {"timeInForce": "GTC", "icebergQty": "0.5"},
    {"timeInForce": "IOC"},
    {"timeInForce": "FOK"},
    {"timeInForce": "GTC", "pegPriceType": "PRIMARY_PEG", **_PEG},
    {"timeInForce": "IOC", "pegPriceType": "MARKET_PEG", **_PEG},
)
_TRIGGERS: tuple[Params, ...] = ({"stopPrice": None}, {"trailingDelta": 500}, {"stopPrice": None, "trailingDelta": 500})
WAYS: dict[str, tuple[Params, ...]] = {
    "LIMIT": _ENTERING_WAYS,
    "LIMIT_MAKER": ({}, {"icebergQty": "0.5"}, {"pegPriceType": "PRIMARY_PEG"}),
    "MARKET": ({},),
    "STOP_LOSS": _TRIGGERS,
    "TAKE_PROFIT": _TRIGGERS,
    "STOP_LOSS_LIMIT": tuple(way | trigger for way, trigger in zip(_ENTERING_WAYS, itertools.cycle(_TRIGGERS), strict=False)),
    "TAKE_PROFIT_LIMIT": tuple(way | trigger for way, trigger in zip(_ENTERING_WAYS, itertools.cycle(_TRIGGERS), strict=False)),
}


def term(prefix: str, name: str) -> str:
    """Return the name of a parameter of the order that `prefix` stands for."""
    return prefix + name[0].upper() + name[1:] if prefix else name


def away(side: str, order_type: str) -> str:
    """Return the price at which an order of a type rests or waits."""
    above = (side == "BUY") == (order_type in STOPS)
    return "110" if above else "90"


def order(prefix: str, side: str, order_type: str, way: Params) -> Params:
    """Return an order's terms, but for its side and quantity."""
    price = away(side, order_type)
    terms: Params = {"type": order_type, "clientOrderId": "", "strategyId": 7, "strategyType": 1_000_007, **way}
    if order_type in LIMITS and "pegPriceType" not in way:
        terms["price"] = price
    if "stopPrice" in terms:
        terms["stopPrice"] = price
    if not prefix:
        terms["newClientOrderId"] = terms.pop("clientOrderId")
    return {term(prefix, name): value for name, value in terms.items()}


def numbered(requests: Iterable[Params]) -> Iterator[Params]:
    """Yield requests with ids of their own and what a request says once, one value after the other."""
    for number, params in enumerate(requests):
        ids = {name: f"{name}-{number}" for name in params if name.endswith("lientOrderId")}
        yield {
            "symbol": "BTCUSDT",
            "newOrderRespType": RESPONSE_TYPES[number % 3],
            "selfTradePreventionMode": SELF_TRADE_MODES[number % 6],
            **params,
            **ids,
        }


def kinds(types: tuple[str, ...]) -> list[tuple[str, Params]]:
    """Return every type with each of its ways."""
    return [(order_type, way) for order_type in types for way in WAYS[order_type]]


def singles(types: tuple[str, ...] = TYPES) -> Iterator[Params]:
    """Yield single orders: every type in all its ways on both sides, and market orders by amount."""

    def each() -> Iterator[Params]:
        for side in SIDES:
            for order_type, way in kinds(types):
                yield {"side": side, "quantity": "1", **order("", side, order_type, way)}
            yield {"side": side, "type": "MARKET", "quoteOrderQty": "50"}

    return numbered(each())


def routed() -> Iterator[Params]:
    """Yield orders for smart order routing, which takes LIMIT and MARKET orders without pegs; twice, for every mode."""
    fit = [row for row in singles(("LIMIT", "MARKET")) if "pegPriceType" not in row and "quoteOrderQty" not in row]
    once = ("newOrderRespType", "selfTradePreventionMode")
    return numbered({name: value for name, value in row.items() if name not in once} for row in fit * 2)


def pairs(above: str, below: str, side: str) -> Iterator[Params]:
    """Yield the legs of pairs of a side, each in all its ways (rest-api.md, New Order list - OCO)."""
    up = (*TAKES, "LIMIT_MAKER") if side == "SELL" else STOPS
    down = STOPS if side == "SELL" else (*TAKES, "LIMIT_MAKER")
    upper, lower = kinds(up), kinds(down)
    rows = zip(itertools.cycle(upper), itertools.cycle(lower), range(max(len(upper), len(lower))), strict=False)
    for (above_type, above_way), (below_type, below_way), _ in rows:
        yield order(above, side, above_type, above_way) | order(below, side, below_type, below_way)


def ocos() -> Iterator[Params]:
    """Yield pairs."""
    legs = ((side, each) for side in SIDES for each in pairs("above", "below", side))
    return numbered({"listClientOrderId": "", "side": side, "quantity": "1", **each} for side, each in legs)


def old_ocos() -> Iterator[Params]:
    """Yield pairs as older clients send them."""

    def each(number: int, side: str) -> Params:
        limit, stop = ("110", "90") if side == "SELL" else ("90", "110")
        return {
            "listClientOrderId": "",
            "side": side,
            "quantity": "1",
            "limitClientOrderId": "",
            "price": limit,
            "limitIcebergQty": "0.5",
            "limitStrategyId": 1,
            "limitStrategyType": 1_000_000,
            "stopClientOrderId": "",
            "stopPrice": stop,
            "stopStrategyId": 2,
            "stopStrategyType": 1_000_001,
            "stopLimitPrice": stop,
            "stopLimitTimeInForce": ("GTC", "IOC", "FOK")[number // 2],
            **({"stopIcebergQty": "0.5"} if number < 2 else {"trailingDelta": 500}),
        }

    return numbered(each(number, side) for number, side in enumerate(SIDES * 3))


def triggering(pending: Iterator[Params], sides: tuple[str, ...]) -> Iterator[Params]:
    """Yield lists of a working order, in all its ways on some sides, and what is pending."""
    working = [(side, *kind) for side in sides for kind in kinds(("LIMIT", "LIMIT_MAKER"))]
    rows = list(pending)

    def each(number: int) -> Params:
        side, order_type, way = working[number % len(working)]
        terms = {"listClientOrderId": "", "workingSide": side, "workingQuantity": "1"}
        return terms | order("working", side, order_type, way) | rows[number % len(rows)]

    return numbered(each(number) for number in range(max(len(working), len(rows))))


def _pending(sides: tuple[str, ...], quantity: Params) -> Iterator[Params]:
    for side in sides:
        for order_type, way in kinds(TYPES):
            yield {"pendingSide": side, **quantity, **order("pending", side, order_type, way)}


def _pending_pairs(sides: tuple[str, ...], quantity: Params) -> Iterator[Params]:
    for side in sides:
        for legs in pairs("pendingAbove", "pendingBelow", side):
            yield {"pendingSide": side, **quantity, **legs}


def otos() -> Iterator[Params]:
    """Yield lists of a working and a pending order."""
    return triggering(_pending(SIDES, {"pendingQuantity": "1"}), SIDES)


def otocos() -> Iterator[Params]:
    """Yield lists of a working order and a pending pair."""
    return triggering(_pending_pairs(SIDES, {"pendingQuantity": "1"}), SIDES)


def opos() -> Iterator[Params]:
    """Yield lists of a working bid and the pending ask that it pays for."""
    return triggering(_pending(("SELL",), {}), ("BUY",))


def opocos(pending_side: str = "SELL") -> Iterator[Params]:
    """Yield lists of a working bid and the pending pair of asks that it pays for."""
    return triggering(_pending_pairs((pending_side,), {}), ("BUY",))


def replacements() -> Iterator[Params]:
    """Yield orders in the place of others: all but which; every mode."""
    for number, terms in enumerate(singles()):
        yield {
            **terms,
            "cancelReplaceMode": ("STOP_ON_FAILURE", "ALLOW_FAILURE")[number % 2],
            "cancelNewClientOrderId": f"cancel-{number}",
            "cancelRestrictions": "ONLY_NEW",
            "orderRateLimitExceededMode": ("DO_NOTHING", "CANCEL_ONLY")[number % 2],
        }
