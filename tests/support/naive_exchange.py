"""A spot exchange so simple that it is obviously right: the judge of the fast one.

Resting orders are one sorted list, what is held is added up from the open orders whenever somebody asks, average prices from
all trades ever made, and nothing is remembered that can be worked out. It shares the commands' records and nothing else.
"""

from bisect import bisect_right
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, floor

from papernet.core.commands import CancelOrder, NewOrder
from papernet.core.enums import CancelRestriction, ExpiryReason, OrderStatus, OrderType, Side, TimeInForce

ONE = 10**8


def cost(price: int, quantity: int) -> Fraction:
    """Return price x quantity in units of the quote asset, exactly."""
    return Fraction(price * quantity, ONE)


@dataclass
class NaiveRules:
    """What the judge knows of a symbol's filters; a maximum of 0 is none."""

    base: str
    quote: str
    prices: tuple[int, int, int]
    lots: tuple[int, int, int]
    min_notional: int = 0
    max_orders: int = 0
    # multipliers (buy up, buy down, sell up, sell down) of the average over so many minutes
    band: tuple[int, int, int, int] | None = None
    minutes: int = 0


@dataclass
class NaiveOrder:
    """An open order."""

    terms: NewOrder
    order_id: int
    leaves: int
    filled: int = 0

    def need(self) -> int:
        """Return what the order must hold."""
        return ceil(cost(self.terms.price, self.leaves)) if self.terms.side is Side.BUY else self.leaves


@dataclass
class NaiveMarket:
    """A symbol: its rules, its open orders in order of arrival and all its trades as (at, price, quantity, quote)."""

    rules: NaiveRules
    open: bool = True
    orders: list[NaiveOrder] = field(default_factory=list)
    trades: list[tuple[int, int, int, int]] = field(default_factory=list)
    placed: int = 0

    def side(self, side: Side) -> list[NaiveOrder]:
        """Return the resting orders of a side, best price first, then oldest first."""
        sign = -1 if side is Side.BUY else 1
        return sorted((o for o in self.orders if o.terms.side is side), key=lambda o: (sign * o.terms.price, o.order_id))

    def average(self, at: int, minutes: int) -> int:
        """Return the average price of the trades of the last minutes, in whole seconds; else the last price; else 0."""
        first = (at - minutes * 60_000_000) // 1_000_000
        recent = [trade for trade in self.trades if trade[0] // 1_000_000 > first]
        if not recent:
            return self.trades[-1][1] if self.trades else 0
        return floor(Fraction(sum(trade[3] for trade in recent) * ONE, sum(trade[2] for trade in recent)))


@dataclass
class Told:
    """What an order brought about; fills are (maker's order id, price, quantity, quote, taker's fee, maker's fee)."""

    order_id: int
    status: OrderStatus
    quantity: int
    cum_quantity: int
    cum_quote: int
    fills: list[tuple[int, int, int, int, int, int]]
    expiry: ExpiryReason = ExpiryReason.NONE


class NaiveExchange:
    """Markets by symbol, money by account and asset, commission rates (maker, taker, buyer, seller) by account."""

    def __init__(self, rules: dict[str, NaiveRules], users: dict[int, bool], purse: tuple[tuple[str, int], ...]) -> None:
        """Open the markets and give every account the same purse; `users` tells users (True) from the crowd."""
        self.rules, self.users = rules, users
        self.rates = dict.fromkeys(users, (0, 0, 0, 0))
        self.reset(purse)

    def reset(self, purse: tuple[tuple[str, int], ...]) -> None:
        """Start over."""
        self.markets = {name: NaiveMarket(rules) for name, rules in self.rules.items()}
        self.money = {account: dict(purse) for account in self.users}
        self.issued = {asset: amount * len(self.users) for asset, amount in purse}
        self.fees: dict[str, int] = {}

    def held(self, account: int, asset: str) -> int:
        """Return what the account's open orders need of an asset."""
        return sum(
            order.need()
            for market in self.markets.values()
            for order in market.orders
            if order.terms.account == account and asset == spends(market, order.terms.side)
        )

    def free(self, account: int, asset: str) -> int:
        """Return what the account may use."""
        return self.money[account].get(asset, 0) - self.held(account, asset)

    def deposit(self, account: int, asset: str, amount: int) -> str | None:
        """Add money, or take it out."""
        if amount == 0:
            return "BAD_AMOUNT"
        if self.free(account, asset) + amount < 0:
            return "INSUFFICIENT_BALANCE"
        self.move(account, asset, amount)
        self.issued[asset] = self.issued.get(asset, 0) + amount
        return None

    def move(self, account: int, asset: str, amount: int) -> None:
        """Change what an account has."""
        self.money[account][asset] = self.money[account].get(asset, 0) + amount

    def refusal(self, order: NewOrder, at: int) -> str | None:
        """Return why the rules refuse an order."""
        market, rules = self.markets[order.symbol], self.markets[order.symbol].rules
        mine = [other for other in market.orders if other.terms.account == order.account]
        is_market, user = order.order_type is OrderType.MARKET, self.users[order.account]
        average = market.average(at, rules.minutes)
        notional = order.quote_quantity or cost(average if is_market else order.price, order.quantity)
        if order.client_order_id and order.client_order_id in [other.terms.client_order_id for other in mine]:
            return "DUPLICATE_CLIENT_ORDER_ID"
        if not market.open:
            return "MARKET_CLOSED"
        if (order.quantity == order.quote_quantity == 0) if is_market else notional < 1:
            return "ZERO_NOTIONAL"
        if not is_market and not fits(order.price, rules.prices):
            return "PRICE_FILTER"
        if rules.band and average and user and not is_market:
            up, down = rules.band[:2] if order.side is Side.BUY else rules.band[2:]
            if not cost(average, down) <= order.price <= cost(average, up):
                return "PERCENT_PRICE_BY_SIDE"
        if not order.quote_quantity and not fits(order.quantity, rules.lots):
            return "LOT_SIZE"
        if notional < rules.min_notional and (average or not is_market):
            return "MIN_NOTIONAL"
        if rules.max_orders and user and len(mine) >= rules.max_orders:
            return "MAX_NUM_ORDERS"
        return None

    def place(self, order: NewOrder, at: int) -> str | Told:
        """Place an order; return the name of the reason or filter that refuses it, or what happened."""
        refused = self.refusal(order, at)
        if refused:
            return refused
        market, buys, is_market = self.markets[order.symbol], order.side is Side.BUY, order.order_type is OrderType.MARKET
        against = market.side(Side.SELL if buys else Side.BUY)
        if not is_market:
            against = [o for o in against if (o.terms.price <= order.price if buys else o.terms.price >= order.price)]
        quantity = order.quantity
        if order.quote_quantity:
            if not against:
                return "NO_LIQUIDITY_FOR_QUOTE"
            low, _, step = market.rules.lots
            lots = range(0, sum(o.leaves for o in against) + 1, step)
            amount = Fraction(order.quote_quantity)
            quantity = lots[bisect_right(lots, amount, key=lambda lot: worth_of(against, lot)) - 1]
            if quantity < max(low, 1):
                return "LIQUIDITY_BELOW_LOT_SIZE"
        if order.order_type is OrderType.LIMIT_MAKER and against:
            return "WOULD_TAKE"
        need = NaiveOrder(order, 0, quantity).need()
        if is_market and buys:
            need = order.quote_quantity or price_of(against, quantity)
        if self.free(order.account, spends(market, order.side)) < need:
            return "INSUFFICIENT_BALANCE"
        market.placed += 1
        taker = NaiveOrder(order, market.placed, quantity)
        told = Told(taker.order_id, OrderStatus.NEW, quantity, 0, 0, [])
        if order.time_in_force is not TimeInForce.FOK or sum(o.leaves for o in against) >= quantity:
            while against and taker.leaves:
                self.fill(market, taker, against.pop(0), told, at)
        told.cum_quantity = taker.filled
        rests = order.time_in_force is TimeInForce.GTC and not is_market
        if taker.leaves == 0:
            told.status = OrderStatus.FILLED
        elif rests:
            told.status = OrderStatus.PARTIALLY_FILLED if taker.filled else OrderStatus.NEW
            market.orders.append(taker)
        else:
            told.status, told.expiry = OrderStatus.EXPIRED, EXPIRIES[is_market, order.time_in_force]
        return told

    def fill(self, market: NaiveMarket, taker: NaiveOrder, maker: NaiveOrder, told: Told, at: int) -> None:
        """Trade as much as both have left, at the maker's price."""
        quantity, price = min(taker.leaves, maker.leaves), maker.terms.price
        quote = floor(cost(price, quantity))
        fees: list[int] = []
        for order, rate in ((taker, 1), (maker, 0)):
            buys, account = order.terms.side is Side.BUY, order.terms.account
            got, gave = (quantity, quote) if buys else (quote, quantity)
            asset, paid_with = (market.rules.base, market.rules.quote)[:: 1 if buys else -1]
            rates = self.rates[account]
            fee = floor(Fraction(got * (rates[rate] + rates[2 if buys else 3]), ONE))
            self.move(account, asset, got - fee)
            self.move(account, paid_with, -gave)
            self.fees[asset] = self.fees.get(asset, 0) + fee
            fees.append(fee)
            order.leaves -= quantity
            order.filled += quantity
        if not maker.leaves:
            market.orders.remove(maker)
        market.trades.append((at, price, quantity, quote))
        told.fills.append((maker.order_id, price, quantity, quote, fees[0], fees[1]))
        told.cum_quote += quote

    def cancel(self, command: CancelOrder) -> str | int:
        """Cancel an order; return the reason or the order's id."""
        market = self.markets[command.symbol]
        by_id, name = command.order_id >= 0, command.orig_client_order_id
        for order in market.orders:
            named = order.order_id == command.order_id if by_id else order.terms.client_order_id == name != ""
            if not named or order.terms.account != command.account:
                continue
            if name and order.terms.client_order_id != name:
                break
            if command.restriction is CancelRestriction.ONLY_NEW and order.filled:
                return "CANCEL_RESTRICTED"
            if command.restriction is CancelRestriction.ONLY_PARTIALLY_FILLED and not order.filled:
                return "CANCEL_RESTRICTED"
            market.orders.remove(order)
            return order.order_id
        return "UNKNOWN_ORDER"

    def cancel_all(self, account: int, symbol: str) -> str | list[int]:
        """Cancel all orders of an account; return the reason or the orders' ids, oldest first."""
        market = self.markets[symbol]
        mine = [order for order in market.orders if order.terms.account == account]
        market.orders = [order for order in market.orders if order.terms.account != account]
        return [order.order_id for order in mine] or "UNKNOWN_ORDER"


EXPIRIES = {
    (True, TimeInForce.GTC): ExpiryReason.INSUFFICIENT_LIQUIDITY,
    (False, TimeInForce.IOC): ExpiryReason.UNFILLED_IOC_QUANTITY,
    (False, TimeInForce.FOK): ExpiryReason.UNFILLED_FOK_ORDER,
}


def spends(market: NaiveMarket, side: Side) -> str:
    """Return the asset that an order of a side pays with."""
    return market.rules.quote if side is Side.BUY else market.rules.base


def fits(value: int, rule: tuple[int, int, int]) -> bool:
    """Tell whether a value is within (minimum, maximum, step), where 0 is no rule."""
    low, high, step = rule
    return value >= low and (high == 0 or value <= high) and (step == 0 or value % step == 0)


def taken(against: list[NaiveOrder], quantity: int) -> list[tuple[int, int, bool]]:
    """Return what taking `quantity` from these orders, best first, takes of each price: (price, part, whether all of it)."""
    sizes: dict[int, int] = {}
    for order in against:
        sizes[order.terms.price] = sizes.get(order.terms.price, 0) + order.leaves
    parts = []
    for price, size in sizes.items():
        parts.append((price, min(size, quantity), size <= quantity))
        quantity -= min(size, quantity)
    return parts


def price_of(against: list[NaiveOrder], quantity: int) -> int:
    """Return what `quantity` may cost: each price level is rounded down once."""
    return sum(floor(cost(price, part)) for price, part, _ in taken(against, quantity))


def worth_of(against: list[NaiveOrder], quantity: int) -> Fraction:
    """Return the same with the level that is not taken whole unrounded: what sizes an order by quote quantity."""
    worth = Fraction(0)
    for price, part, whole in taken(against, quantity):
        worth += floor(cost(price, part)) if whole else cost(price, part)
    return worth
