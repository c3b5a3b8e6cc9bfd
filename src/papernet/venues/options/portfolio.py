"""An account's options wallet: its balance, its positions, its open orders and what it may do.

Invariant.      `open_orders` and `client_order_ids` tell of the same orders, but for those without a client order id; a
                position's `buying`, `selling`, `bid_value`, `orders` and `reducing` are sums over the account's open orders on
                it. There is a position wherever there is a quantity or an open order, and none elsewhere.
Does not.       Move money or decide anything.
Units.          Amounts and quantities of 10^-8; times in microseconds UTC.
"""

from typing import Final

from papernet.core.enums import RiskLevel, Side
from papernet.venues.options.market import OptionOrder


class Position:
    """What a portfolio has of one contract: negative when it wrote it. `cost` is what was paid for it (received: negative)."""

    __slots__ = ("bid_value", "buying", "cost", "orders", "quantity", "reducing", "selling", "updated_at")

    def __init__(self, quantity: int = 0, cost: int = 0, at: int = 0) -> None:
        """Make a position without open orders."""
        self.quantity: int = quantity
        self.cost: int = cost
        # what open orders would add and take
        self.buying: int = 0
        self.selling: int = 0
        # price x leaves of those that buy, of 10^-16
        self.bid_value: int = 0
        # how many there are, and how many of them only reduce
        self.orders: int = 0
        self.reducing: int = 0
        self.updated_at: int = at


class Protection:
    """A market maker's protection on an underlying: its settings, the fills of its window, and until when it is frozen.

    `fills` are (time, quantity, delta), oldest first. `frozen_until` is 0 when it is not, -1 when only a reset ends that.
    """

    __slots__ = ("delta_limit", "fills", "frozen_for", "frozen_until", "quantity_limit", "triggered_at", "window")

    def __init__(self, window: int, frozen_for: int, quantity_limit: int, delta_limit: int) -> None:
        """Make a protection that has seen nothing."""
        self.window: int = window
        self.frozen_for: int = frozen_for
        self.quantity_limit: int = quantity_limit
        self.delta_limit: int = delta_limit
        self.fills: list[tuple[int, int, int]] = []
        self.frozen_until: int = 0
        self.triggered_at: int = 0


class Countdown:
    """When an account's orders on an underlying are cancelled unless it is heard of: `span` after it was."""

    __slots__ = ("due_at", "span")

    def __init__(self, span: int, due_at: int) -> None:
        """Make a countdown that is under way."""
        self.span: int = span
        self.due_at: int = due_at


class Portfolio:
    """State of one account on the options venue."""

    __slots__ = (
        "account_id",
        "balance",
        "can_trade",
        "client_order_ids",
        "countdowns",
        "is_market_maker",
        "is_user",
        "level",
        "maker_rate",
        "may_write",
        "open_orders",
        "positions",
        "protections",
        "taker_rate",
        "trade_group",
        "updated_at",
    )

    def __init__(self, account_id: int, *, is_user: bool, at: int) -> None:
        """Make an empty portfolio."""
        self.account_id: Final = account_id
        self.is_user: Final = is_user
        self.balance: int = 0
        self.positions: Final[dict[str, Position]] = {}
        # in order of placement
        self.open_orders: Final[dict[int, OptionOrder]] = {}
        self.client_order_ids: Final[dict[str, OptionOrder]] = {}
        self.can_trade: bool = True
        self.may_write: bool = True
        self.is_market_maker: bool = False
        self.trade_group: int = -1
        # None: the underlying's
        self.maker_rate: int | None = None
        self.taker_rate: int | None = None
        self.level: RiskLevel = RiskLevel.NORMAL
        # by underlying
        self.protections: Final[dict[str, Protection]] = {}
        self.countdowns: Final[dict[str, Countdown]] = {}
        self.updated_at: int = at

    def position(self, symbol: str) -> Position:
        """Return the position in a contract, made empty at first use."""
        found = self.positions.get(symbol)
        if found is None:
            found = self.positions[symbol] = Position()
        return found

    def add_open(self, order: OptionOrder) -> None:
        """Enter an order that is open from now on."""
        terms = order.terms
        self.open_orders[order.order_id] = order
        if terms.client_order_id:
            self.client_order_ids[terms.client_order_id] = order
        position = self.position(terms.symbol)
        position.orders += 1
        position.reducing += terms.reduce_only
        if order.side is Side.BUY:
            position.buying += order.leaves
            position.bid_value += order.price * order.leaves
        else:
            position.selling += order.leaves

    def lower_open(self, order: OptionOrder, quantity: int) -> None:
        """Take note that `quantity` of an open order is no longer open."""
        position = self.positions[order.terms.symbol]
        if order.side is Side.BUY:
            position.buying -= quantity
            position.bid_value -= order.price * quantity
        else:
            position.selling -= quantity

    def remove_open(self, order: OptionOrder) -> None:
        """Forget an order that has ended and of which nothing counts as open any more."""
        terms = order.terms
        del self.open_orders[order.order_id]
        if terms.client_order_id:
            del self.client_order_ids[terms.client_order_id]
        position = self.positions[terms.symbol]
        position.orders -= 1
        position.reducing -= terms.reduce_only
        self.drop_if_empty(terms.symbol)

    def drop_if_empty(self, symbol: str) -> None:
        """Forget a position in which there is nothing."""
        position = self.positions.get(symbol)
        if position is not None and not (position.quantity or position.buying or position.selling):
            del self.positions[symbol]
