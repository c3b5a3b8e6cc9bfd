"""An order list: orders whose fates depend on each other, and the table that says how.

Order of work.  Something happens to a member; its role, the list's phase and what happened select a row of `LIST_TRANSITIONS`;
                the row says what becomes of the others and which phase comes next. No row: nothing happens to the others.
Invariant.      A list is open exactly while one of its members is. The working order, where there is one, is the first member.
Does not.       End or place orders itself: the venue does what the row says.
Source.         rest-api.md, Order lists; faqs/opo.md; enums.md, Order List Status; user-data-stream.md, Order Expiry Reason.
"""

from enum import IntEnum, unique
from typing import Final

from papernet.core.enums import ExpiryReason, ListKind, ListOrderStatus
from papernet.core.events import OrderListRecord
from papernet.core.order import OPEN_STATUSES, Order

# kinds whose first member works while the others are pending
TRIGGERING: Final = (ListKind.OTO, ListKind.OTOCO, ListKind.OPO, ListKind.OPOCO)
# kinds whose pending orders are paid by the working one
PAYING: Final = (ListKind.OPO, ListKind.OPOCO)


@unique
class Phase(IntEnum):
    """Where a list is: its pending orders wait for the working one, its members are all placed, or it is done."""

    ONE = 1
    TWO = 2
    DONE = 3


@unique
class Role(IntEnum):
    """What a member is to the others."""

    WORKING = 1
    # one of a pair of which one cancels the other
    PAIRED = 2
    # alone once it is placed
    SINGLE = 3


@unique
class Happening(IntEnum):
    """What can happen to a member that concerns the others."""

    TRIGGERED = 1
    PARTIALLY_FILLED = 2
    FILLED = 3
    CANCELED = 4
    EXPIRED = 5


@unique
class Consequence(IntEnum):
    """What then happens to the others."""

    PLACE = 1
    CANCEL = 2
    EXPIRE_BY_OCO = 3
    EXPIRE_BY_OTO = 4


_P, _R, _H, _C = Phase, Role, Happening, Consequence
_Row = tuple[Phase, Role, Happening]

LIST_TRANSITIONS: Final[dict[_Row, tuple[Consequence, Phase]]] = {
    # rest-api.md, OTO: the pending order is placed when the working order is filled in full ...
    (_P.ONE, _R.WORKING, _H.FILLED): (_C.PLACE, _P.TWO),
    # ... and ends with it when it is not.
    (_P.ONE, _R.WORKING, _H.CANCELED): (_C.CANCEL, _P.DONE),
    (_P.ONE, _R.WORKING, _H.EXPIRED): (_C.EXPIRE_BY_OTO, _P.DONE),
    (_P.ONE, _R.SINGLE, _H.CANCELED): (_C.CANCEL, _P.DONE),
    (_P.ONE, _R.PAIRED, _H.CANCELED): (_C.CANCEL, _P.DONE),
    # rest-api.md, OCO: activation of one order cancels the other.
    (_P.TWO, _R.PAIRED, _H.TRIGGERED): (_C.EXPIRE_BY_OCO, _P.TWO),
    (_P.TWO, _R.PAIRED, _H.PARTIALLY_FILLED): (_C.EXPIRE_BY_OCO, _P.TWO),
    (_P.TWO, _R.PAIRED, _H.FILLED): (_C.EXPIRE_BY_OCO, _P.DONE),
    (_P.TWO, _R.PAIRED, _H.EXPIRED): (_C.EXPIRE_BY_OCO, _P.DONE),
    # rest-api.md, Cancel Order list: cancelling one member cancels the list.
    (_P.TWO, _R.PAIRED, _H.CANCELED): (_C.CANCEL, _P.DONE),
}
EXPIRY_REASONS: Final = {
    Consequence.EXPIRE_BY_OCO: ExpiryReason.OCO_TRIGGER,
    Consequence.EXPIRE_BY_OTO: ExpiryReason.OTO_PHASE_ONE_EXPIRED,
}


class OrderList:
    """An order list. `orders` are all its members, in the order of their ids."""

    __slots__ = (
        "account",
        "created_at",
        "kind",
        "list_client_order_id",
        "order_list_id",
        "orders",
        "phase",
        "symbol",
        "updated_at",
    )

    def __init__(
        self, order_list_id: int, account: int, symbol: str, kind: ListKind, list_client_order_id: str, at: int
    ) -> None:
        """Make a list that has no members yet."""
        self.order_list_id: Final = order_list_id
        self.account: Final = account
        self.symbol: Final = symbol
        self.kind: Final = kind
        self.list_client_order_id: Final = list_client_order_id
        self.phase: Phase = Phase.ONE if kind in TRIGGERING else Phase.TWO
        self.orders: list[Order] = []
        self.created_at: Final = at
        self.updated_at: int = at

    def role_of(self, order: Order) -> Role:
        """Return what a member is to the others."""
        if self.kind in TRIGGERING and order is self.orders[0]:
            return Role.WORKING
        return Role.SINGLE if len(self.orders) - (self.kind in TRIGGERING) == 1 else Role.PAIRED

    def pending(self) -> list[Order]:
        """Return the members that wait, or waited, for the working order; none in an OCO."""
        return self.orders[1:] if self.kind in TRIGGERING else []

    def pair(self) -> list[Order]:
        """Return the two members of which one cancels the other, or nothing."""
        orders = self.pending() or self.orders
        return orders if len(orders) == 2 else []

    def open_orders(self) -> list[Order]:
        """Return the members that are open."""
        return [order for order in self.orders if order.status in OPEN_STATUSES]

    def record(self) -> OrderListRecord:
        """Return the list as queries show it."""
        return OrderListRecord(
            self.order_list_id,
            self.account,
            self.symbol,
            self.kind,
            ListOrderStatus.ALL_DONE if self.phase is Phase.DONE else ListOrderStatus.EXECUTING,
            self.list_client_order_id,
            self.created_at,
            self.updated_at,
            tuple((order.order_id, order.terms.client_order_id) for order in self.orders),
        )
