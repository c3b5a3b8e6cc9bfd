"""The table of order lists, row by row, and what a list knows of its members."""

import itertools

import pytest

from papernet.core.commands import NewOrder
from papernet.core.enums import ExpiryReason, ListKind, ListOrderStatus, OrderStatus, OrderType, Side, TimeInForce
from papernet.core.events import OrderListRecord
from papernet.core.order import Order
from papernet.core.order_list import (
    EXPIRY_REASONS,
    LIST_TRANSITIONS,
    PAYING,
    TRIGGERING,
    Consequence,
    Happening,
    OrderList,
    Phase,
    Role,
)

# rest-api.md, Order lists, written down by hand: (phase, role, what happened) -> what becomes of the others, phase after
TABLE = """
    ONE WORKING FILLED           -> PLACE          TWO
    ONE WORKING CANCELED         -> CANCEL         DONE
    ONE WORKING EXPIRED          -> EXPIRE_BY_OTO  DONE
    ONE SINGLE  CANCELED         -> CANCEL         DONE
    ONE PAIRED  CANCELED         -> CANCEL         DONE
    TWO PAIRED  TRIGGERED        -> EXPIRE_BY_OCO  TWO
    TWO PAIRED  PARTIALLY_FILLED -> EXPIRE_BY_OCO  TWO
    TWO PAIRED  FILLED           -> EXPIRE_BY_OCO  DONE
    TWO PAIRED  EXPIRED          -> EXPIRE_BY_OCO  DONE
    TWO PAIRED  CANCELED         -> CANCEL         DONE
"""


def rows() -> dict[tuple[Phase, Role, Happening], tuple[Consequence, Phase]]:
    """Return the table above as the code has it."""
    told = {}
    for line in TABLE.strip().splitlines():
        (phase, role, what), (consequence, after) = (part.split() for part in line.split("->"))
        told[Phase[phase], Role[role], Happening[what]] = (Consequence[consequence], Phase[after])
    return told


@pytest.mark.parametrize(
    "key", list(itertools.product(Phase, Role, Happening)), ids=lambda key: " ".join(part.name for part in key)
)
def test_every_row_and_no_other(key: tuple[Phase, Role, Happening]) -> None:
    assert LIST_TRANSITIONS.get(key) == rows().get(key)


def test_no_row_leads_back_and_nothing_happens_to_a_list_that_is_done() -> None:
    assert all(before <= after for (before, _, _), (_, after) in LIST_TRANSITIONS.items())
    assert not [key for key in LIST_TRANSITIONS if key[0] is Phase.DONE]


def test_ends_are_told_with_their_reasons() -> None:
    assert EXPIRY_REASONS == {
        Consequence.EXPIRE_BY_OCO: ExpiryReason.OCO_TRIGGER,
        Consequence.EXPIRE_BY_OTO: ExpiryReason.OTO_PHASE_ONE_EXPIRED,
    }


def make_list(kind: ListKind) -> OrderList:
    """Return a list with as many members as its kind has."""
    made = OrderList(7, 1, "S", kind, "list", 10)
    for number in range({ListKind.OTO: 2, ListKind.OPO: 2, ListKind.OCO: 2}.get(kind, 3)):
        terms = NewOrder(1, "S", Side.BUY, OrderType.LIMIT, TimeInForce.GTC, 5, 6, client_order_id=f"c{number}")
        made.orders.append(Order(terms, 20 + number, 10))
    return made


@pytest.mark.parametrize(
    ("kind", "roles", "pending", "pair", "phase"),
    [
        (ListKind.OCO, "PAIRED PAIRED", "", "0 1", "TWO"),
        (ListKind.OTO, "WORKING SINGLE", "1", "", "ONE"),
        (ListKind.OPO, "WORKING SINGLE", "1", "", "ONE"),
        (ListKind.OTOCO, "WORKING PAIRED PAIRED", "1 2", "1 2", "ONE"),
        (ListKind.OPOCO, "WORKING PAIRED PAIRED", "1 2", "1 2", "ONE"),
    ],
)
def test_what_members_are_to_each_other(kind: ListKind, roles: str, pending: str, pair: str, phase: str) -> None:
    made = make_list(kind)
    assert [made.role_of(order).name for order in made.orders] == roles.split()
    assert made.pending() == [made.orders[int(place)] for place in pending.split()]
    assert made.pair() == [made.orders[int(place)] for place in pair.split()]
    assert made.phase.name == phase


def test_which_kinds_trigger_and_which_of_these_pay() -> None:
    assert set(TRIGGERING) == {ListKind.OTO, ListKind.OTOCO, ListKind.OPO, ListKind.OPOCO}
    assert set(PAYING) == {ListKind.OPO, ListKind.OPOCO}


def test_its_open_members_are_those_that_have_not_ended() -> None:
    made = make_list(ListKind.OTOCO)
    for order, status in zip(made.orders, (OrderStatus.FILLED, OrderStatus.PENDING_NEW, OrderStatus.EXPIRED), strict=True):
        order.status = status
    assert made.open_orders() == [made.orders[1]]


def test_its_record_is_what_queries_show() -> None:
    made = make_list(ListKind.OCO)
    expected = OrderListRecord(7, 1, "S", ListKind.OCO, ListOrderStatus.EXECUTING, "list", 10, 10, ((20, "c0"), (21, "c1")))
    assert made.record() == expected
    made.phase = Phase.DONE
    made.updated_at = 12
    assert (made.record().status, made.record().updated_at) == (ListOrderStatus.ALL_DONE, 12)


def test_lists_have_no_room_for_surprises() -> None:
    with pytest.raises(AttributeError):
        make_list(ListKind.OCO).surprise = 1  # type: ignore[attr-defined]
