"""Where the crowd stands: all that it can say and see.

Invariant.      The crowd changes the exchange by `submit` alone, and only with `NewOrder` and `CancelOrder` of its own account.
Does not.       Know the crowd.
"""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple, Protocol

from papernet.core.commands import CancelOrder, NewOrder
from papernet.core.enums import Side
from papernet.core.events import Applied
from papernet.venues.spot.market import Market

Submit = Callable[[NewOrder | CancelOrder, int], Applied]


class Resting(NamedTuple):
    """An order on the book: whose, which, and how much of it is left, units of 10^-8."""

    account: int
    order_id: int
    leaves: int


class Desk(Protocol):
    """The crowd's view of the exchange. Prices are units of 10^-8, times microseconds UTC."""

    def submit(self, command: NewOrder | CancelOrder, at: int, /) -> Applied:
        """Put a command to the exchange at a time that is never before the one of the last."""
        ...

    def touch(self, symbol: str, /) -> tuple[int | None, int | None]:
        """Return the best bid and the best ask."""
        ...

    def queue(self, symbol: str, side: Side, price: int, /) -> list[Resting]:
        """Return the orders at one price, oldest first."""
        ...

    def is_open(self, symbol: str, order_id: int, /) -> bool:
        """Return whether an order is still on the book."""
        ...

    def open_orders(self, symbol: str, /) -> int:
        """Return how many orders are open, whoever's they are, and those that wait for a price included."""
        ...


class MarketDesk:
    """A desk at the markets of an exchange in the same process."""

    __slots__ = ("_markets", "submit")

    def __init__(self, markets: Mapping[str, Market], submit: Submit) -> None:
        """Read from `markets`, which `submit` changes."""
        self._markets: Final = markets
        self.submit: Final = submit

    def touch(self, symbol: str, /) -> tuple[int | None, int | None]:
        """Return the best bid and the best ask."""
        book = self._markets[symbol].book
        return book.best_bid(), book.best_ask()

    def queue(self, symbol: str, side: Side, price: int, /) -> list[Resting]:
        """Return the orders at one price, oldest first."""
        book_side = self._markets[symbol].book.side(side)
        level = book_side.levels.get(price * book_side.sign)
        order = level.head if level is not None else None
        resting = []
        while order is not None:
            resting.append(Resting(order.terms.account, order.order_id, order.leaves))
            order = order.next
        return resting

    def is_open(self, symbol: str, order_id: int, /) -> bool:
        """Return whether an order is still on the book."""
        return order_id in self._markets[symbol].orders

    def open_orders(self, symbol: str, /) -> int:
        """Return how many orders are open, whoever's they are, and those that wait for a price included."""
        return len(self._markets[symbol].orders)
