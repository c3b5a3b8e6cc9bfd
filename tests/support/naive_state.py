"""What the naive exchange consists of: rules, orders, order lists, markets and accounts, in lists and nothing cleverer.

What is held is added up from the open orders whenever somebody asks, queues are sorted anew each time, average prices come from
all trades ever made, and nothing is remembered that can be worked out. It shares the commands' records and nothing else.
"""

from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction
from math import ceil, floor
from typing import Any

from papernet.core.commands import NewOrder
from papernet.core.enums import ListKind, OrderStatus, OrderType, SelfTradeMode, Side, SymbolStatus

ONE = 10**8
STOPS = (OrderType.STOP_LOSS, OrderType.STOP_LOSS_LIMIT, OrderType.TAKE_PROFIT, OrderType.TAKE_PROFIT_LIMIT)
ANY_PRICE = (OrderType.MARKET, OrderType.STOP_LOSS, OrderType.TAKE_PROFIT)
OPPOSITE = {Side.BUY: Side.SELL, Side.SELL: Side.BUY}

# one thing that happened, spelled so that it can be compared
Fact = tuple[Any, ...]
# (maker, taker, buyer, seller)
Rates = tuple[int, int, int, int]


class No(Exception):  # noqa: N818  it is the whole answer
    """The name of the reason, or of the filter, for which something is refused."""


def cost(price: int, quantity: int) -> Fraction:
    """Return price x quantity in units of the quote asset, exactly."""
    return Fraction(price * quantity, ONE)


@dataclass
class NaiveRules:
    """What the judge knows of a symbol; a maximum of 0 is none."""

    base: str
    quote: str
    prices: tuple[int, int, int]
    lots: tuple[int, int, int]
    # of orders at any price, beside the others
    market_lots: tuple[int, int, int] = (0, 0, 0)
    # NOTIONAL, for orders at any price too
    notional: tuple[int, int] | None = None
    min_notional: int = 0
    max_orders: int = 0
    max_algos: int = 0
    max_icebergs: int = 0
    max_lists: int = 0
    max_amends: int = 0
    max_parts: int = 0
    # least and greatest trailing delta of orders that wait above the market, and below
    deltas: tuple[int, int, int, int] | None = None
    # multipliers (buy up, buy down, sell up, sell down) of the average over so many minutes
    band: tuple[int, int, int, int] | None = None
    minutes: int = 0
    default_mode: SelfTradeMode = SelfTradeMode.NONE
    # PRICE_RANGE: multipliers (buy up, buy down, sell up, sell down) of the reference price
    price_range: tuple[int, int, int, int] | None = None


class Phase(Enum):
    """Where an open order is: not placed yet, before its trigger, triggered but not its turn, or working."""

    PENDING = 1
    WAITING = 2
    TRIGGERED = 3
    WORKING = 4


@dataclass(eq=False)
class NaiveOrder:
    """An open order. `leaves` is all that may still trade, `shown` what of it others see on the book."""

    terms: NewOrder
    order_id: int
    quantity: int
    leaves: int
    phase: Phase = Phase.WORKING
    status: OrderStatus = OrderStatus.NEW
    # on the book: the price; 0 before it is chosen and for orders at any price
    price: int = 0
    # the price at which a buyer sets money aside, or the sum when that is known
    worth: int = 0
    budget: int | None = None
    # ... and the most that it may hold since it became smaller
    most: int | None = None
    resting: bool = False
    shown: int = 0
    # its place in a queue: of a price on the book, or of those that wait for a trigger
    turn: int = 0
    # a trailing order that tracks the price: the best price since
    extreme: int = 0
    filled: int = 0
    spent: int = 0
    prevented: int = 0
    amends: int = 0
    of_list: "NaiveList | None" = None

    @property
    def buys(self) -> bool:
        """Tell the side."""
        return self.terms.side is Side.BUY

    def need(self) -> int:
        """Return what the order must hold."""
        need = self.leaves
        if self.buys:
            need = ceil(cost(self.worth, self.leaves)) if self.budget is None else self.budget
        return need if self.most is None else min(need, self.most)


@dataclass(eq=False)
class NaiveList:
    """An order list with all the orders it ever had; `received` waits for the pending orders of an OPO."""

    list_id: int
    kind: ListKind
    account: int
    symbol: str
    name: str
    orders: list[NaiveOrder] = field(default_factory=list)
    received: int = 0
    pays: bool = False

    def working(self) -> NaiveOrder | None:
        """Return the order that comes first, if the list has phases."""
        return None if self.kind is ListKind.OCO else self.orders[0]

    def others(self) -> list[NaiveOrder]:
        """Return the pair of an OCO, or what is pending at first."""
        return self.orders if self.kind is ListKind.OCO else self.orders[1:]

    def twin(self, order: NaiveOrder) -> NaiveOrder | None:
        """Return the order's alternative."""
        pair = self.others()
        if len(pair) != 2 or order not in pair:
            return None
        return pair[1] if order is pair[0] else pair[0]


@dataclass
class NaiveMarket:
    """A symbol: its rules, its open orders in order of arrival and all its trades as (at, price, quantity, quote)."""

    name: str
    rules: NaiveRules
    status: SymbolStatus = SymbolStatus.TRADING
    orders: list[NaiveOrder] = field(default_factory=list)
    trades: list[tuple[int, int, int, int]] = field(default_factory=list)
    placed: int = 0
    reference: int | None = None

    @property
    def last(self) -> int:
        """Return the last price; 0 before the first trade."""
        return self.trades[-1][1] if self.trades else 0

    def side(self, side: Side) -> list[NaiveOrder]:
        """Return the resting orders of a side, best price first, then first come first."""
        sign = -1 if side is Side.BUY else 1
        resting = [order for order in self.orders if order.resting and order.terms.side is side]
        return sorted(resting, key=lambda order: (sign * order.price, order.turn))

    def average(self, at: int, minutes: int = 0) -> int:
        """Return what filters compare with: the reference price, or the average of the last minutes, or the last price."""
        if self.reference:
            return self.reference
        first = (at - (minutes or self.rules.minutes) * 60_000_000) // 1_000_000
        recent = [trade for trade in self.trades if trade[0] // 1_000_000 > first]
        if not recent:
            return self.last
        return floor(Fraction(sum(trade[3] for trade in recent) * ONE, sum(trade[2] for trade in recent)))

    def spends(self, side: Side) -> str:
        """Return the asset that an order of a side pays with."""
        return self.rules.quote if side is Side.BUY else self.rules.base

    def receives(self, side: Side) -> str:
        """Return the asset that an order of a side is for."""
        return self.spends(OPPOSITE[side])


@dataclass
class NaiveAccount:
    """Who trades: money by asset and what he may do."""

    number: int
    user: bool
    money: dict[str, int]
    rates: dict[str, tuple[Rates, Rates, Rates]] = field(default_factory=dict)
    may_trade: bool = True
    may_route: bool = True
    pays_in_bnb: bool = False
    group: int = -1
    most_of: dict[str, int] = field(default_factory=dict)
    # money that is locked from outside, beside what orders need
    locked: dict[str, int] = field(default_factory=dict)


class NaiveState:
    """Markets by symbol, accounts by number, open order lists, and what the running command has brought about so far."""

    def __init__(
        self,
        rules: dict[str, NaiveRules],
        users: dict[int, bool],
        purse: tuple[tuple[str, int], ...],
        routes: tuple[str, ...] = (),
        counts: tuple[int, int, int, int] = (0, 0, 0, 0),
    ) -> None:
        """Open the markets and give every account the same purse; `users` tells users (True) from the crowd.

        `routes` are the symbols between which smart order routing chooses; `counts` limits open orders, stop orders, icebergs
        and order lists on all symbols together.
        """
        self.rules, self.users, self.routes, self.counts = rules, users, routes, counts
        self.discount = 75_000_000
        self.accounts = {number: NaiveAccount(number, user, {}) for number, user in users.items()}
        self.at = 0
        self.start_over(purse)

    def start_over(self, purse: tuple[tuple[str, int], ...]) -> None:
        """Forget everything but who there is and what he may do."""
        self.markets = {name: NaiveMarket(name, rules) for name, rules in self.rules.items()}
        for account in self.accounts.values():
            account.money, account.locked = dict(purse), {}
        self.issued = {asset: amount * len(self.accounts) for asset, amount in purse}
        self.fees: dict[str, int] = {}
        self.lists: list[NaiveList] = []
        self.listed = 0
        self.turns = 0
        self.facts: list[Fact] = []
        self.queue: list[NaiveOrder | NaiveList] = []

    def market_of(self, order: NaiveOrder) -> NaiveMarket:
        """Return the market an order was sent to."""
        return self.markets[order.terms.symbol]

    def is_open(self, order: NaiveOrder) -> bool:
        """Tell whether an order is open."""
        return order in self.market_of(order).orders

    def open_of(self, of_list: NaiveList) -> list[NaiveOrder]:
        """Return a list's open orders."""
        return [order for order in of_list.orders if self.is_open(order)]

    def orders_of(self, account: int, symbol: str) -> list[NaiveOrder]:
        """Return an account's open orders on a symbol, oldest first."""
        return [order for order in self.markets[symbol].orders if order.terms.account == account]

    def next_turn(self) -> int:
        """Return a place behind everybody."""
        self.turns += 1
        return self.turns

    def held(self, account: int, asset: str) -> int:
        """Return what is locked from outside and what open orders need of an asset: of two alternatives, the dearer one's."""
        total = self.accounts[account].locked.get(asset, 0)
        total += sum(one.received for one in self.lists if one.account == account and self.base_of(one) == asset)
        for market in self.markets.values():
            for order in market.orders:
                if order.terms.account != account or market.spends(order.terms.side) != asset:
                    continue
                twin = order.of_list.twin(order) if order.of_list else None
                if twin is None or not self.is_open(twin):
                    total += order.need()
                elif market.orders.index(order) < market.orders.index(twin):
                    total += max(order.need(), twin.need())
        return total

    def base_of(self, of_list: NaiveList) -> str:
        """Return the base asset of a list's symbol."""
        return self.markets[of_list.symbol].rules.base

    def free(self, account: int, asset: str) -> int:
        """Return what the account may use."""
        return self.accounts[account].money.get(asset, 0) - self.held(account, asset)

    def move(self, account: int, asset: str, amount: int) -> None:
        """Change what an account has."""
        money = self.accounts[account].money
        money[asset] = money.get(asset, 0) + amount

    def issue(self, asset: str, amount: int) -> None:
        """Change how much there is."""
        self.issued[asset] = self.issued.get(asset, 0) + amount

    def tell(
        self,
        kind: str,
        order: NaiveOrder,
        expiry: str = "NONE",
        last: tuple[int, int, int] = (0, 0, 0),
        fee: tuple[int, str] = (0, ""),
        *,
        is_maker: bool = False,
    ) -> None:
        """Write down how an order stands; `last` is its fill as (quantity, price, quote)."""
        terms = order.terms
        pegged = order.price if terms.peg_price else 0
        list_id = order.of_list.list_id if order.of_list else -1
        place = (kind, terms.symbol, order.order_id, order.status.name, expiry)
        sums = (order.quantity, order.filled, order.spent, order.prevented)
        self.facts.append(("REPORT", *place, sums, last, fee, is_maker, list_id, pegged))
