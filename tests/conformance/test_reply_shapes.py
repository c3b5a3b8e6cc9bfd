"""Field names, their order and their types of every reply, against the documents' examples.

`facts/reply_shapes.json` holds the examples' shapes: a type's name for a value, a list of one shape for an array of such rows,
a list of several for a row of columns. Fields that the documents show only under a condition are in no shape; they are tested
where the replies are.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from papernet.app.operations import OPERATIONS, TickerType
from papernet.core.enums import Side
from papernet.protocols.json import replies
from papernet.venues.spot.symbols import (
    LotSize,
    MarketLotSize,
    MaxNumOrders,
    MinNotional,
    Notional,
    PercentPrice,
    PercentPriceBySide,
    PriceFilter,
)
from tests.support.asking import MS, Asking
from tests.support.worlds import ALICE, BOB, make_symbol, units

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
    if "ultiplier" in field:
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
        kinds = {"int": int, "bool": bool, "string": str, "decimal-string": str}
        field = re.sub(r"\[.*$", "", where.rsplit(".", 1)[-1])
        if type(value) is not kinds[shape] or (shape == "decimal-string" and not is_decimal(field, value)):
            yield f"{where}: {value!r} is no {shape}"


def lived_in() -> Asking:
    """Return a market in which alice has an open and a closed order and a trade with bob."""
    world = Asking(make_symbol(*FILTERS))
    world.buy(ALICE, "2", "100", cid="open")
    world.sell(BOB, "1", "100", cid="fill")
    world.sell(BOB, "1", "101", cid="ask")
    return world


def observed() -> dict[str, bytes]:
    """Return one reply for every shape."""
    world = lived_in()
    one, many, mini = {"symbol": "BTCUSDT"}, {"symbols": ("BTCUSDT",)}, {"type": TickerType.MINI}

    def text(name: str, **params: Any) -> bytes:
        return world.text(name, **params).encode()

    found = {name: text(name) for name in ("ping", "time", "exchangeInfo", "account.status", "account.rateLimits.orders")}
    for name in ("depth", "trades.recent", "trades.historical", "trades.aggregate", "avgPrice", "account.commission"):
        found[name] = text(name, **one)
    for name in ("openOrders.status", "allOrders", "myTrades"):
        found[name] = text(name, **one)
    for name in ("klines", "uiKlines"):
        found[name] = text(name, interval="1m", **one)
    for name in ("ticker.24hr", "ticker.tradingDay", "ticker"):
        found[f"{name} FULL one"], found[f"{name} FULL many"] = text(name, **one), text(name, **many)
        found[f"{name} MINI one"], found[f"{name} MINI many"] = text(name, **one, **mini), text(name, **many, **mini)
    for name in ("ticker.price", "ticker.book"):
        found[f"{name} one"], found[f"{name} many"] = text(name, **one), text(name, **many)
    found["order.status"] = text("order.status", orderId=1, **one)
    found["order.test"] = text("order.test", side=Side.BUY)
    found["order.test rates"] = text("order.test", side=Side.BUY, computeCommissionRates=True)
    placed = world.sell(BOB, "0.5", "100")
    found["order.place ACK"] = replies.order_ack(placed, MS)
    found["order.place RESULT"] = replies.order_result(placed, MS)
    found["order.place FULL"] = replies.order_full(placed, MS)
    found["order.cancel"] = replies.cancel(world.cancel(ALICE, 1), MS)
    found["openOrders.cancelAll"] = replies.cancel_all(world.cancel_all(BOB), MS)
    return found


OBSERVED = observed()


@pytest.mark.parametrize("case", SHAPES)
def test_replies_have_the_documented_shape(case: str) -> None:
    assert list(differences(SHAPES[case], json.loads(OBSERVED[case]))) == []


def test_every_operation_has_a_shape_and_every_shape_a_reply() -> None:
    assert sorted(OBSERVED) == sorted(SHAPES)
    assert sorted(dict.fromkeys(case.split(" ")[0] for case in SHAPES)) == sorted(OPERATIONS)


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
