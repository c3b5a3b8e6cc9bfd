"""An order: the terms it was sent with, and where it stands.

Invariant.      0 <= cum_quantity <= quantity; leaves = quantity - cum_quantity; an order is linked into a price level exactly
                while it rests on a book, and its links are cleared when it leaves, so that no reference cycle stays behind.
Does not.       Know books, balances or rules.
"""

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from papernet.core.commands import NewOrder
from papernet.core.enums import ExpiryReason, OrderStatus, Side

if TYPE_CHECKING:
    from papernet.core.order_book import PriceLevel

OPEN_STATUSES: Final = (OrderStatus.NEW, OrderStatus.PARTIALLY_FILLED)

# Where an order may go from where it is; anything else is a bug (enums.md, Order status).
ORDER_TRANSITIONS: Final[dict[OrderStatus, tuple[OrderStatus, ...]]] = {
    OrderStatus.NEW: (
        OrderStatus.PARTIALLY_FILLED,
        OrderStatus.FILLED,
        OrderStatus.CANCELED,
        OrderStatus.EXPIRED,
    ),
    OrderStatus.PARTIALLY_FILLED: (
        OrderStatus.PARTIALLY_FILLED,
        OrderStatus.FILLED,
        OrderStatus.CANCELED,
        OrderStatus.EXPIRED,
    ),
    OrderStatus.FILLED: (),
    OrderStatus.CANCELED: (),
    OrderStatus.EXPIRED: (),
}


class OrderRecord(Struct, frozen=True, array_like=True, gc=False):
    """An order as queries show it, open or closed. Quantities and prices in units of 10^-8, times in microseconds UTC."""

    terms: NewOrder
    order_id: int
    status: OrderStatus
    quantity: int
    cum_quantity: int
    cum_quote: int
    created_at: int
    updated_at: int
    expiry_reason: ExpiryReason = ExpiryReason.NONE


_NEW: Final = OrderStatus.NEW


class Order:
    """A working order. `previous` and `next` are its neighbours in the queue of its price level."""

    __slots__ = (
        "created_at",
        "cum_quantity",
        "cum_quote",
        "leaves",
        "level",
        "next",
        "order_id",
        "previous",
        "price",
        "quantity",
        "side",
        "status",
        "terms",
        "updated_at",
    )

    def __init__(self, terms: NewOrder, order_id: int, at: int) -> None:
        """Make a new order of `terms`, not yet on any book."""
        quantity = terms.quantity
        self.terms: Final = terms
        self.order_id: Final = order_id
        self.side: Side = terms.side
        self.price: int = terms.price
        self.quantity: int = quantity
        self.leaves: int = quantity
        self.cum_quantity: int = 0
        self.cum_quote: int = 0
        self.status: OrderStatus = _NEW
        self.created_at: int = at
        self.updated_at: int = at
        self.level: PriceLevel | None = None
        self.previous: Order | None = None
        self.next: Order | None = None

    def record(self) -> OrderRecord:
        """Return the order as queries show it."""
        return OrderRecord(
            self.terms,
            self.order_id,
            self.status,
            self.quantity,
            self.cum_quantity,
            self.cum_quote,
            self.created_at,
            self.updated_at,
        )
