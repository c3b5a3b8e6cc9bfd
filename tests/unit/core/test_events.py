"""Events: each has a form of its own, equal in bytes whenever it is equal in fact."""

from typing import get_args

import pytest
from msgspec import msgpack

from papernet.core.commands import NewOrder
from papernet.core.enums import ExecType, OrderStatus, OrderType, Side, TimeInForce
from papernet.core.events import Applied, BookDelta, Event, ExecutionReport, ExternalLock, Refused, Trade
from papernet.core.rejects import Reason, Reject

TERMS = NewOrder(1, "S", Side.BUY, OrderType.LIMIT, TimeInForce.GTC, 5, 6, 0, "id")
REPORT = ExecutionReport(TERMS, 2, 3, ExecType.NEW, OrderStatus.NEW, 10, 10, 5, 0, 0)
EVENTS: tuple[Event, ...] = (
    REPORT,
    Trade("S", 0, 10, 6, 5, 30, True, 2, 1),
    BookDelta("S", 10, 1, 2, ((Side.BUY, 6, 5), (Side.SELL, 7, 0))),
    ExternalLock(1, 10, "A", -5),
    Refused(Reject(Reason.FILTER_FAILURE, ("LOT_SIZE",))),
)


def test_events_are_told_apart_by_their_tags() -> None:
    tags = [kind.__struct_config__.tag for kind in get_args(Event)]
    assert len(tags) == len(set(tags))
    assert all(tags)


def test_events_travel_as_bytes() -> None:
    applied = Applied(7, 10, EVENTS)
    data = msgpack.encode(applied)
    assert msgpack.decode(data, type=Applied) == applied
    assert msgpack.encode(Applied(7, 10, (*EVENTS,))) == data


@pytest.mark.parametrize("kind", get_args(Event), ids=lambda kind: kind.__name__)
def test_events_cannot_be_changed(kind: type) -> None:
    assert kind.__struct_config__.frozen  # type: ignore[attr-defined]


def test_a_report_without_a_trade_says_so() -> None:
    assert (REPORT.last_quantity, REPORT.last_price, REPORT.last_quote, REPORT.commission) == (0, 0, 0, 0)
    assert (REPORT.commission_asset, REPORT.trade_id, REPORT.is_maker, REPORT.request_id) == ("", -1, False, "")
