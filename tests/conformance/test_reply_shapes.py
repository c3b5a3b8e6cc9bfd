"""Field names, their order and their types of every reply, against the documents' examples.

`facts/reply_shapes.json` holds the examples' shapes: a type's name for a value, a list of one shape for an array of such rows,
a list of several for a row of columns. Fields that the documents show only under a condition are in no shape; they are tested
where the replies are. What REST has not is in `facts/ws_methods.json`.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from papernet.app.listen_keys import ListenKeys
from papernet.app.operations import ResponseType, TickerType
from papernet.core.commands import (
    AmendOrder,
    CancelOpenOrders,
    CancelOrder,
    CancelOrderList,
    ConfigureAccount,
    ConfigureVenue,
    NewOrder,
    NewOrderList,
    PrintBlockTrade,
    ReplaceOrder,
    SetReferencePrice,
)
from papernet.core.enums import ListKind, OrderType, SelfTradeMode, Side, TimeInForce
from papernet.core.rejects import Reason
from papernet.protocols.json import replies
from papernet.protocols.json.listen_key_calls import LISTEN_KEY_CALLS, answer_listen_key_call
from papernet.venues.spot.symbols import (
    ArithmeticMeanSpec,
    LotSize,
    MarketLotSize,
    MaxNumOrderLists,
    MaxNumOrders,
    MinNotional,
    Notional,
    PercentPrice,
    PercentPriceBySide,
    PriceFilter,
    PriceRange,
)
from papernet.venues.spot.venue_rules import ExchangeMaxNumOrders, Sor, VenueRules
from tests.support.asking import MS, Asking
from tests.support.worlds import ALICE, BOB, PURSE, START, make_symbol, reason, units
from tools.pages.endpoints import ADDRESSES

FACTS = json.loads((Path(__file__).parent / "facts" / "reply_shapes.json").read_text())
SHAPES: dict[str, Any] = FACTS["replies"]

FILTERS = (
    PriceFilter(1, 0, 1),
    PercentPrice(units("5"), units("0.2"), 5),
    PercentPriceBySide(units("5"), units("0.2"), units("5"), units("0.2"), 5),
    LotSize(1, units("9000"), 1),
    MinNotional(1, apply_to_market=True, avg_price_mins=5),
    Notional(1, apply_min_to_market=True, max_notional=units("90000"), apply_max_to_market=False, avg_price_mins=5),
    MarketLotSize(0, units("100"), 0),
    MaxNumOrders(200),
)

_DECIMAL = re.compile(r"-?[0-9]+\.[0-9]{8}")
_PERCENT = re.compile(r"-?[0-9]+\.[0-9]{3}")
_SHORT = re.compile(r"[0-9]+(\.[0-9]*[1-9])?")


def is_decimal(field: str, value: Any) -> bool:
    """Whether a number is written with the decimals that its field has."""
    if field == "priceChangePercent":
        return _PERCENT.fullmatch(value) is not None
    if "ultiplier" in field or "LimitMult" in field:
        return _SHORT.fullmatch(value) is not None
    return _DECIMAL.fullmatch(value) is not None


def differences(shape: Any, value: Any, where: str = "") -> Iterator[str]:
    """Yield where a decoded reply is not of a shape."""
    if isinstance(shape, dict):
        if not isinstance(value, dict) or list(value) != list(shape):
            yield f"{where}: the fields are {list(value) if isinstance(value, dict) else value}, not {list(shape)}"
            return
        for field, inner in shape.items():
            yield from differences(inner, value[field], f"{where}.{field}")
    elif isinstance(shape, list):
        if not isinstance(value, list):
            yield f"{where}: {value!r} is no array"
        elif len(shape) > 1:
            if len(value) != len(shape):
                yield f"{where}: {len(value)} columns, not {len(shape)}"
            for index, (inner, column) in enumerate(zip(shape, value, strict=False)):
                yield from differences(inner, column, f"{where}[{index}]")
        elif shape:
            if not value:
                yield f"{where}: no rows to look at"
            for row in value:
                yield from differences(shape[0], row, f"{where}[]")
    else:
        kinds = {"int": int, "bool": bool, "null": type(None), "string": str, "decimal-string": str}
        field = re.sub(r"\[.*$", "", where.rsplit(".", 1)[-1])
        if type(value) is not kinds[shape] or (shape == "decimal-string" and not is_decimal(field, value)):
            yield f"{where}: {value!r} is no {shape}"


S = "BTCUSDT"
KIND = OrderType
BUY, SELL = Side.BUY, Side.SELL
Seen = dict[str, bytes]


def lived_in() -> Asking:
    """Return a market in which alice has an open and a closed order and a trade with bob."""
    world = Asking(make_symbol(*FILTERS), make_symbol(name="BTCUSDC", quote="USDC"), balances=PURSE)
    world.apply(ConfigureVenue(VenueRules((ExchangeMaxNumOrders(1000),), (Sor("BTC", (S, "BTCUSDC")),)).to_spec()))
    world.buy(ALICE, "2", "100", cid="open")
    world.sell(BOB, "1", "100", cid="fill")
    world.sell(BOB, "1", "101", cid="ask")
    return world


def order(kind: OrderType, side: Side, quantity: str, price: str = "0", **more: Any) -> NewOrder:
    """Return an order of alice's, some of its further amounts as text."""
    changes = {name: units(value) if isinstance(value, str) else value for name, value in more.items()}
    terms = NewOrder(ALICE, S, side, kind, TimeInForce.GTC, units(quantity), units(price))
    return msgspec.structs.replace(terms, **changes)


def told(world: Asking, command: Any, response_type: ResponseType | None = None) -> bytes:
    """Return the reply to a command."""
    applied = world.apply(command)
    return replies.command_reply(command, applied, {"newOrderRespType": response_type}, MS, world.exchange.venue.order_lists)[1]


def asked(world: Asking, *names: str, **params: Any) -> Seen:
    """Return the replies of queries that are asked with the same parameters."""
    return {name: world.text(name, **params).encode() for name in names}


def observed() -> Seen:
    """Return one reply for every shape."""
    return public() | orders() | cancel_replaces() | lists() | routed() | prevented() | amended() | keyed()


def public() -> Seen:
    """Return what is told of markets and accounts."""
    world = lived_in()
    one, many, mini = {"symbol": S}, {"symbols": (S,)}, {"type": TickerType.MINI}
    found = asked(world, "ping", "time", "exchangeInfo", "account.status", "account.rateLimits.orders")
    found |= asked(world, "depth", "trades.recent", "trades.historical", "trades.aggregate", "avgPrice", **one)
    found |= asked(world, "account.commission", "openOrders.status", "allOrders", "myTrades", **one)
    found |= asked(world, "klines", "uiKlines", interval="1m", **one)
    for name in ("ticker.24hr", "ticker.tradingDay", "ticker"):
        for size, more in (("FULL", {}), ("MINI", mini)):
            found[f"{name} {size} one"] = asked(world, name, **one, **more)[name]
            found[f"{name} {size} many"] = asked(world, name, **many, **more)[name]
    for name in ("ticker.price", "ticker.book"):
        found[f"{name} one"], found[f"{name} many"] = asked(world, name, **one)[name], asked(world, name, **many)[name]
    world.apply(PrintBlockTrade(S, ALICE, BOB, units("99"), units("2")))
    found |= asked(world, "blockTrades.historical", fromId=0, **one)
    world.apply(SetReferencePrice(S, units("100"), 42))
    found["referencePrice set"] = asked(world, "referencePrice", **one)["referencePrice"]
    found["referencePrice.calculation external"] = asked(world, "referencePrice.calculation", **one)[
        "referencePrice.calculation"
    ]
    world.apply(SetReferencePrice(S, None))
    found["referencePrice none"] = asked(world, "referencePrice", **one)["referencePrice"]
    return found | ruled()


def ruled() -> Seen:
    """Return what is told of rules that only some symbols have."""
    mean, width = ArithmeticMeanSpec(10, 1_000_000), units("1.0001")
    limits = PriceRange(width, units("0.9999"), width, units("0.9999"))
    world = Asking(make_symbol(MaxNumOrderLists(20), reference=mean, price_range=limits), balances=(("BTC", units("9")),))
    world.apply(ConfigureVenue(VenueRules((ExchangeMaxNumOrders(1000),)).to_spec()))
    world.apply(ConfigureAccount(ALICE, asset_limits=(("BTC", units("1000000")),)))
    found = asked(world, "executionRules", "myFilters", symbol=S)
    found["referencePrice.calculation mean"] = asked(world, "referencePrice.calculation", symbol=S)[
        "referencePrice.calculation"
    ]
    return found


def orders() -> Seen:
    """Return what is told of single orders."""
    world = lived_in()
    found = asked(world, "order.status", symbol=S, orderId=1)
    for name in ("order.test", "sor.order.test"):
        found |= asked(world, name, symbol=S, side=BUY)
        found[f"{name} rates"] = asked(world, name, symbol=S, side=BUY, computeCommissionRates=True)[name]
    placed = world.sell(BOB, "0.5", "100")
    found["order.place ACK"] = replies.order_ack(placed, MS)
    found["order.place RESULT"] = replies.order_result(placed, MS)
    found["order.place FULL"] = replies.order_full(placed, MS)
    found["order.cancel"] = replies.cancel(world.cancel(ALICE, 1), MS)
    found["openOrders.cancelAll"] = replies.cancel_all(world.cancel_all(BOB), MS)
    for price in ("80", "81"):
        world.buy(ALICE, "1", price)
    stop = order(KIND.STOP_LOSS_LIMIT, BUY, "1", "120", stop_price="120", iceberg_quantity="0.5")
    below = order(KIND.LIMIT_MAKER, BUY, "1", "80", iceberg_quantity="0.5")
    world.apply(NewOrderList(ALICE, S, ListKind.OCO, (stop, below)))
    found["openOrders.cancelAll mixed"] = told(world, CancelOpenOrders(ALICE, S))
    return found


def cancel_replaces() -> Seen:
    """Return what is told of cancel-replaces."""
    world, name = lived_in(), "order.cancelReplace"
    unknown = CancelOrder(ALICE, S, 999)
    limit, taking = order(KIND.LIMIT, BUY, "1", "90"), order(KIND.LIMIT_MAKER, BUY, "1", "102")
    return {
        f"{name} not attempted": told(world, ReplaceOrder(unknown, limit, stops_on_failure=True)),
        f"{name} both failed": told(world, ReplaceOrder(unknown, taking, stops_on_failure=False)),
        f"{name} cancel failed": told(world, ReplaceOrder(unknown, limit, stops_on_failure=False), ResponseType.ACK),
        f"{name} both": told(world, ReplaceOrder(CancelOrder(ALICE, S, 1), limit, stops_on_failure=True)),
        f"{name} placement failed": told(world, ReplaceOrder(CancelOrder(ALICE, S, 4), taking, stops_on_failure=True)),
        f"{name} beyond limits, cancelled": replaced_beyond_limits(),
    }


def replaced_beyond_limits() -> bytes:
    """Return the reply to a cancel-replace of an account that may place no more orders."""
    world = lived_in()
    while reason(world.buy(ALICE, "1", "50")) is not Reason.TOO_MANY_ORDERS:
        pass
    limit, cancel = order(KIND.LIMIT, BUY, "1", "90"), CancelOrder(ALICE, S, 1)
    return told(world, ReplaceOrder(cancel, limit, stops_on_failure=True, cancels_when_exceeded=True))


def lists() -> Seen:
    """Return what is told of order lists."""
    world = lived_in()
    above = order(KIND.LIMIT_MAKER, SELL, "1", "120")
    stop, pending_stop = (order(KIND.STOP_LOSS_LIMIT, SELL, size, "90", stop_price="95") for size in ("1", "0"))
    iceberg = msgspec.structs.replace(stop, iceberg_quantity=units("0.5"))
    working = order(KIND.LIMIT, BUY, "1", "90")
    pending, paid = order(KIND.MARKET, SELL, "1"), order(KIND.MARKET, SELL, "0")
    kinds = {
        "oco": (iceberg, above),
        "oto": (working, pending),
        "otoco": (working, stop, above),
        "opo": (working, paid),
        "opoco": (working, pending_stop, msgspec.structs.replace(above, quantity=0)),
    }
    found = {
        f"orderList.place.{kind}": told(world, NewOrderList(ALICE, S, ListKind[kind.upper()], legs))
        for kind, legs in kinds.items()
    }
    found["orderList.place"] = told(world, NewOrderList(ALICE, S, ListKind.OCO, kinds["oco"]))
    found |= asked(world, "openOrderLists.status")
    found |= asked(world, "orderList.status", orderListId=0)
    world.apply(NewOrderList(ALICE, S, ListKind.OCO, (stop, above)))
    found["orderList.cancel"] = told(world, CancelOrderList(ALICE, S, 6))
    return found | asked(world, "allOrderLists")


def routed() -> Seen:
    """Return what is told of smart order routing."""
    world = lived_in()
    world.sell(BOB, "1", "99.5", symbol="BTCUSDC")
    found = {"sor.order.place FULL": told(world, order(KIND.LIMIT, BUY, "1", "100", uses_sor=True))}
    return found | asked(world, "myAllocations", symbol=S)


def prevented() -> Seen:
    """Return what is told of prevented matches."""
    world = lived_in()
    world.apply(order(KIND.LIMIT, SELL, "1", "100", self_trade_mode=SelfTradeMode.EXPIRE_MAKER))
    return asked(world, "myPreventedMatches", symbol=S, orderId=1)


def amended() -> Seen:
    """Return what is told of amendments."""
    world = lived_in()
    found = {"order.amend.keepPriority one": told(world, AmendOrder(ALICE, S, 1, units("1.5")))}
    legs = (order(KIND.LIMIT, BUY, "1", "90"), order(KIND.MARKET, SELL, "1"))
    world.apply(NewOrderList(ALICE, S, ListKind.OTO, legs))
    found["order.amend.keepPriority member"] = told(world, AmendOrder(ALICE, S, 5, units("0.5")))
    return found | asked(world, "order.amendments", symbol=S, orderId=1)


def keyed() -> Seen:
    """Return what is told of listen keys."""
    listen_keys, found = ListenKeys(lambda: "key"), {}
    for name in LISTEN_KEY_CALLS:
        answer = answer_listen_key_call(listen_keys, name, ALICE, {"listenKey": "key"}, START)
        assert isinstance(answer, bytes)
        found[name] = answer
    return found


OBSERVED = observed()


@pytest.mark.parametrize("case", SHAPES)
def test_replies_have_the_documented_shape(case: str) -> None:
    assert list(differences(SHAPES[case], json.loads(OBSERVED[case]))) == []


def test_every_operation_of_rest_has_a_shape_and_every_shape_a_reply() -> None:
    assert sorted(OBSERVED) == sorted(SHAPES)
    assert sorted(dict.fromkeys(case.split(" ")[0] for case in SHAPES)) == sorted(ADDRESSES)


def test_filters_have_the_documented_shape() -> None:
    told = json.loads(OBSERVED["exchangeInfo"])["symbols"][0]["filters"]
    assert len(told) == len(FILTERS)
    assert told[0]["filterType"] == "PRICE_FILTER"
    for row in told:
        assert list(differences(FACTS["filters"][row["filterType"]], row, row["filterType"])) == []


@pytest.mark.parametrize(
    ("shape", "value"),
    [
        ({"a": "int", "b": "int"}, {"b": 1, "a": 1}),
        ({"a": "int"}, {"a": 1, "b": 1}),
        ({"a": "int"}, {"a": "1"}),
        ({"a": "int"}, {"a": True}),
        ({"price": "decimal-string"}, {"price": "1.0"}),
        ({"priceChangePercent": "decimal-string"}, {"priceChangePercent": "1.00000000"}),
        ({"multiplierUp": "decimal-string"}, {"multiplierUp": "1.30000000"}),
        ([{"a": "int"}], []),
        ([{"a": "int"}], [{"a": 1}, {"a": None}]),
        (["int", "string"], [1]),
        ("string", None),
    ],
)
def test_a_wrong_shape_is_found(shape: Any, value: Any) -> None:
    assert list(differences(shape, value)) != []
