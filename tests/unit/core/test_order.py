"""An order's life as a table."""

import pytest
from msgspec.structs import replace

from papernet.core.commands import NewOrder
from papernet.core.enums import ExpiryReason, OrderStatus, OrderType, Side, TimeInForce
from papernet.core.events import OrderExtras
from papernet.core.order import AT_ANY_PRICE, CONTINGENT, OPEN_STATUSES, ORDER_TRANSITIONS, Order, OrderRecord

TERMS = NewOrder(1, "S", Side.SELL, OrderType.LIMIT, TimeInForce.GTC, 50, 6, 0, "id")


# enums.md, Order status: what may follow what, written down by hand
ENDS = "FILLED CANCELED EXPIRED EXPIRED_IN_MATCH"
FOLLOWING = {
    # of an order list: placed, or ended with the list
    "PENDING_NEW": "NEW CANCELED EXPIRED",
    "NEW": f"PARTIALLY_FILLED {ENDS}",
    "PARTIALLY_FILLED": f"PARTIALLY_FILLED {ENDS}",
    "FILLED": "",
    "CANCELED": "",
    "EXPIRED": "",
    "EXPIRED_IN_MATCH": "",
    "REJECTED": "",
}


def test_open_orders_may_end_and_ended_ones_stay_as_they_are() -> None:
    told = {status.name: {after.name for after in following} for status, following in ORDER_TRANSITIONS.items()}
    assert told == {name: set(following.split()) for name, following in FOLLOWING.items()}
    assert set(ORDER_TRANSITIONS) == set(OrderStatus)
    assert {status.name for status in OPEN_STATUSES} == {name for name, following in FOLLOWING.items() if following}


def test_which_types_wait_for_the_market() -> None:
    waiting = {kind for kind in OrderType if kind.name.startswith(("STOP_LOSS", "TAKE_PROFIT"))}
    assert set(CONTINGENT) == waiting
    assert set(AT_ANY_PRICE) == {OrderType.MARKET, *(kind for kind in waiting if not kind.name.endswith("LIMIT"))}


def test_a_new_order_has_everything_left_and_nothing_filled() -> None:
    order = Order(TERMS, 3, 10)
    assert (order.side, order.price, order.quantity, order.leaves) == (Side.SELL, 6, 50, 50)
    assert (order.cum_quantity, order.cum_quote, order.status) == (0, 0, OrderStatus.NEW)
    assert (order.reserve, order.prevented, order.held, order.amends) == (0, 0, 0, 0)
    assert order.extras is order.order_list is None
    assert (order.created_at, order.updated_at) == (10, 10)
    assert order.level is order.previous is order.next is None


def test_its_record_is_what_queries_show() -> None:
    order = Order(TERMS, 3, 10)
    order.status, order.cum_quantity, order.cum_quote, order.updated_at = OrderStatus.PARTIALLY_FILLED, 20, 120, 11
    assert order.record() == OrderRecord(TERMS, 3, OrderStatus.PARTIALLY_FILLED, 50, 20, 120, 10, 11, ExpiryReason.NONE)


def test_its_record_shows_the_terms_and_extras_as_they_are_now() -> None:
    order = Order(TERMS, 3, 10)
    order.terms = replace(TERMS, quantity=40, client_order_id="amended")
    order.quantity, order.leaves, order.extras = 40, 40, OrderExtras(7, 10, pegged_price=6)
    record = order.record()
    assert (record.terms.client_order_id, record.quantity, record.extras) == ("amended", 40, OrderExtras(7, 10, -1, 6))


def test_orders_have_no_room_for_surprises() -> None:
    with pytest.raises(AttributeError):
        Order(TERMS, 3, 10).surprise = 1  # type: ignore[attr-defined]
