"""Execution reports made by hand, as documents' examples need them, and the comparison of replies with such examples.

Numbers are written as text ("10.50"), times as milliseconds, because that is how examples tell them.
"""

import json
from collections.abc import Mapping
from typing import Any

import msgspec

from papernet.core.commands import NewOrder
from papernet.core.enums import ExecType, OrderStatus, OrderType, Side, TimeInForce
from papernet.core.events import Applied, Event, ExecutionReport, OrderExtras, PreventedMatch
from papernet.core.order import OrderRecord
from tests.support.worlds import ALICE, units


def terms(symbol: str, order_type: OrderType, side: Side, quantity: str = "0", price: str = "0", **more: Any) -> NewOrder:
    """Return an order as it was sent, good till cancelled unless said otherwise; further numbers as text."""
    amounts = ("quote_quantity", "stop_price", "iceberg_quantity")
    changes = {name: units(value) if name in amounts else value for name, value in more.items()}
    order = NewOrder(ALICE, symbol, side, order_type, TimeInForce.GTC, units(quantity), units(price))
    return msgspec.structs.replace(order, **changes)


def extras(**more: Any) -> OrderExtras:
    """Return extras; times in milliseconds, prices and quantities as text."""
    changes = dict(more)
    for name in ("working_at", "trailing_at"):
        if changes.get(name, -1) >= 0:
            changes[name] *= 1_000
    for name in ("pegged_price", "prevented_quantity"):
        if name in changes:
            changes[name] = units(changes[name])
    return OrderExtras(**changes)


def report(order: NewOrder, order_id: int, at: int, **more: Any) -> ExecutionReport:
    """Return the report of a new order at `at` milliseconds, changed by what else is given."""
    amounts = ("quantity", "cum_quantity", "cum_quote", "last_quantity", "last_price", "last_quote", "commission")
    changes = {name: units(value) if name in amounts else value for name, value in more.items()}
    created_at = changes.pop("created_at", at) * 1_000
    told = ExecutionReport(order, order_id, 1, ExecType.NEW, OrderStatus.NEW, at * 1_000, created_at, order.quantity, 0, 0)
    return msgspec.structs.replace(told, **changes)


def fill(of: ExecutionReport, price: str, quantity: str, commission: str, asset: str, **more: Any) -> ExecutionReport:
    """Return the report of a fill that follows another report; the order is filled when nothing is left."""
    cum_quantity = of.cum_quantity + units(quantity)
    quote = units(price) * units(quantity) // 100_000_000
    status = OrderStatus.FILLED if cum_quantity == of.quantity else OrderStatus.PARTIALLY_FILLED
    return msgspec.structs.replace(
        of,
        exec_type=ExecType.TRADE,
        status=status,
        cum_quantity=cum_quantity,
        cum_quote=of.cum_quote + quote,
        last_price=units(price),
        last_quantity=units(quantity),
        last_quote=quote,
        commission=units(commission),
        commission_asset=asset,
        **more,
    )


def prevented(symbol: str, number: int, ids: tuple[int, int], price: str, lost: tuple[str, str], **more: Any) -> PreventedMatch:
    """Return the prevented match of (taker, maker) order ids, with what (taker, maker) lost."""
    taker, maker = ids
    changes = {"mode": None, "trade_group": -1, "at": 0} | more
    return PreventedMatch(
        symbol,
        number,
        changes["at"] * 1_000,
        ALICE,
        ALICE,
        taker,
        maker,
        symbol,
        changes["trade_group"],
        changes["mode"],
        units(price),
        0,
        units(lost[0]),
        units(lost[1]),
    )


def record(order: NewOrder, order_id: int, created_at: int, updated_at: int | None = None, **more: Any) -> OrderRecord:
    """Return an order as queries are given it, changed by what else is given."""
    amounts = ("quantity", "cum_quantity", "cum_quote")
    changes = {name: units(value) if name in amounts else value for name, value in more.items()}
    updated_at = created_at if updated_at is None else updated_at
    told = OrderRecord(order, order_id, OrderStatus.NEW, order.quantity, 0, 0, created_at * 1_000, updated_at * 1_000)
    return msgspec.structs.replace(told, **changes)


def applied(*events: Event) -> Applied:
    """Return what an entry brought about."""
    return Applied(9, 0, events)


def assert_reply(reply: bytes | str, expected: Any) -> None:
    """Assert that a reply holds just these fields and values, in this order."""
    assert json.dumps(json.loads(reply), indent=1) == json.dumps(expected, indent=1)


def without(example: Mapping[str, Any], *fields: str) -> dict[str, Any]:
    """Return an example less some of its fields."""
    return {field: value for field, value in example.items() if field not in fields}
