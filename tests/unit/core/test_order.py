"""An order's life as a table."""

import pytest

from papernet.core.commands import NewOrder
from papernet.core.enums import ExpiryReason, OrderStatus, OrderType, Side, TimeInForce
from papernet.core.order import OPEN_STATUSES, ORDER_TRANSITIONS, Order, OrderRecord

TERMS = NewOrder(1, "S", Side.SELL, OrderType.LIMIT, TimeInForce.GTC, 50, 6, 0, "id")


def test_open_orders_may_end_and_ended_ones_stay_as_they_are() -> None:
    assert set(ORDER_TRANSITIONS) == set(OrderStatus)
    assert set(OPEN_STATUSES) == {status for status in OrderStatus if ORDER_TRANSITIONS[status]}
    for status, following in ORDER_TRANSITIONS.items():
        assert OrderStatus.NEW not in following
        assert set(following) in (set(), set(OrderStatus) - {OrderStatus.NEW}), status


def test_a_new_order_has_everything_left_and_nothing_filled() -> None:
    order = Order(TERMS, 3, 10)
    assert (order.side, order.price, order.quantity, order.leaves) == (Side.SELL, 6, 50, 50)
    assert (order.cum_quantity, order.cum_quote, order.status) == (0, 0, OrderStatus.NEW)
    assert (order.created_at, order.updated_at) == (10, 10)
    assert order.level is order.previous is order.next is None


def test_its_record_is_what_queries_show() -> None:
    order = Order(TERMS, 3, 10)
    order.status, order.cum_quantity, order.cum_quote, order.updated_at = OrderStatus.PARTIALLY_FILLED, 20, 120, 11
    assert order.record() == OrderRecord(TERMS, 3, OrderStatus.PARTIALLY_FILLED, 50, 20, 120, 10, 11, ExpiryReason.NONE)


def test_orders_have_no_room_for_surprises() -> None:
    with pytest.raises(AttributeError):
        Order(TERMS, 3, 10).surprise = 1  # type: ignore[attr-defined]
