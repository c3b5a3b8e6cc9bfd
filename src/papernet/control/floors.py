"""One market as the house stands in it: what it may send there, and what came of it; alike for symbols and for contracts.

Order of work.  A floor is made for one call. `take` and `rest` send an order of the house, `take_exactly` one of a quantity
                that may be less than the market takes; `withdraw` cancels; what came of each is kept in `fills` and `states`.
Contracts.      The house quotes them as the crowd's makers do: such orders know no band around the mark.
Invariant.      Nothing of the house stays on a book but what it rests on purpose.
Does not.       Decide who is to trade.
"""

from abc import ABC, abstractmethod
from typing import Any, Final, NamedTuple

from papernet.control.house import CannotError, House, house_of, worded
from papernet.control.queues import opposite, whole_levels
from papernet.core.account import Account
from papernet.core.commands import CancelOption, CancelOrder, Command, NewOrder, OptionTerms, PlaceOption, QuoteOptions
from papernet.core.enums import ExecType, OrderStatus, OrderType, SelfTradeMode, Side, SymbolStatus, TimeInForce
from papernet.core.events import Applied, ExecutionReport, OptionReport, Refused
from papernet.core.order import Order
from papernet.core.order_book import OrderBook
from papernet.core.units import AMOUNT_MAX, SCALE, format_fixed, notional_ceil
from papernet.venues.options.market import OptionMarket, OptionOrder
from papernet.venues.options.price_band import band
from papernet.venues.spot.execution_rules import bounds
from papernet.venues.spot.market import Market
from papernet.venues.spot.symbols import LotSize, MinNotional, Notional, PriceFilter

_BUY: Final = Side.BUY
_GTC: Final = TimeInForce.GTC
_IOC: Final = TimeInForce.IOC
# The most that one order of the house moves, so that no amount is beyond what the ledger may issue.
_NOTIONAL_MAX: Final = AMOUNT_MAX // 8


class Fill(NamedTuple):
    """A trade as one who is not the house took part in it."""

    account: int
    order_id: int
    trade_id: int
    price: int
    quantity: int
    commission: int
    commission_asset: str
    is_maker: bool


class State(NamedTuple):
    """How an order stands after all that was done."""

    status: OrderStatus
    cum_quantity: int


class Floor(ABC):
    """What a market of symbols and one of contracts have in common."""

    name: str
    tick: int
    step: int
    last_price: int

    def __init__(self, house: House, book: OrderBook[Any], orders: dict[int, Any]) -> None:
        """Stand at a book with its open orders."""
        self.house: Final = house
        self.book: Final = book
        self.orders: Final = orders
        self.fills: Final[list[Fill]] = []
        self.states: Final[dict[int, State]] = {}

    @abstractmethod
    def closed(self, now: int) -> str | None:
        """Return why nothing trades here now, or None."""

    @abstractmethod
    def flaw_of_price(self, price: int) -> str | None:
        """Return why nothing can have a price, or None."""

    @abstractmethod
    def forbidden(self, side: Side, price: int, now: int) -> str | None:
        """Return why an order of the house may not trade at a price, or None."""

    @abstractmethod
    def least(self, price: int) -> int:
        """Return the least quantity of an order at a price."""

    @abstractmethod
    def most(self, price: int) -> int:
        """Return the greatest quantity of an order at a price."""

    @abstractmethod
    def take(self, side: Side, limit: int, quantity: int, now: int) -> None:
        """Take up to `quantity` at `limit` or better; the rest is gone."""

    @abstractmethod
    def take_exactly(self, side: Side, limit: int, quantity: int, now: int, *, alone: bool) -> None:
        """Take a quantity that is there; `alone` says that nothing else is within the limit."""

    @abstractmethod
    def rest(self, side: Side, price: int, quantity: int, now: int) -> None:
        """Put an order of the house on the book, after it has taken what it crosses."""

    @abstractmethod
    def trade_alone(self, taker: Side, price: int, quantity: int, now: int) -> None:
        """Let the house trade with itself at a price at which nobody else would."""

    @abstractmethod
    def cancelling(self, order: Any) -> Command:  # noqa: ANN401  of either kind
        """Return the command that cancels an order."""

    def owner(self, order: Any) -> Account:  # noqa: ANN401  of either kind
        """Return whose order one is."""
        return self.house.exchange.accounts.by_id[order.terms.account]

    def is_own(self, order: Any) -> bool:  # noqa: ANN401  of either kind
        """Tell whether an order is the house's."""
        account = house_of(self.house.exchange)
        return account is not None and order.terms.account == account.account_id

    def withdraw(self, order: Any, now: int) -> bool:  # noqa: ANN401  of either kind
        """Cancel an order, and return whether it is gone: a closed market keeps its orders."""
        applied = self.house.attempt(self.cancelling(order), now)
        self.note(applied)
        return not (applied.events and isinstance(applied.events[0], Refused))

    def withdraw_own(self, side: Side, limit: int, now: int) -> bool:
        """Cancel what the house has on a side at `limit` or better (0: at any price); return whether there was anything."""
        own = [order for order, _ in whole_levels(self.book.side(side), limit) if self.is_own(order)]
        for order in own:
            self.withdraw(order, now)
        return bool(own)

    def nearest(self, price: int, *, up: bool = False) -> int:
        """Return a price rounded to a tick, at least one."""
        tick = self.tick or 1
        return max(-(-price // tick) * tick if up else price // tick * tick, tick)

    def need(self, problem: str | None) -> None:
        """Stop when there is a problem."""
        if problem is not None:
            raise CannotError(problem)

    def got(self, order_id: int) -> int:
        """Return how much an order was filled by."""
        return sum(fill.quantity for fill in self.fills if fill.order_id == order_id)

    @abstractmethod
    def note(self, applied: Applied) -> None:
        """Keep what came of a command for those who are not the house."""


class SpotFloor(Floor):
    """A symbol's market."""

    def __init__(self, house: House, market: Market) -> None:
        """Stand in a market."""
        super().__init__(house, market.book, market.orders)
        self.market: Final = market
        self.name = market.symbol.name
        rules = {type(rule): rule for rule in market.symbol.filters}
        price, lot, notional = rules.get(PriceFilter), rules.get(LotSize), rules.get(Notional)
        least = rules.get(MinNotional)
        self._prices: Final = price if isinstance(price, PriceFilter) else PriceFilter(0, 0, 0)
        lots = lot if isinstance(lot, LotSize) else LotSize(0, 0, 0)
        self._lots: Final = lots
        self._min_notional: Final[int] = max(
            notional.min_notional if isinstance(notional, Notional) else 0,
            least.min_notional if isinstance(least, MinNotional) else 0,
        )
        self._max_notional: Final[int] = notional.max_notional if isinstance(notional, Notional) else 0
        self.tick = self._prices.tick_size or 1
        self.step = lots.step_size or 1

    @property
    def last_price(self) -> int:  # type: ignore[override]  # what the market knows
        """Return the last price; 0 when nothing traded."""
        return self.market.last_price

    def closed(self, _now: int) -> str | None:
        """Return why nothing trades here now, or None."""
        status = self.market.status
        return None if status is SymbolStatus.TRADING else f"{self.name} is in {status.name}: nothing trades there"

    def flaw_of_price(self, price: int) -> str | None:
        """Return what is wrong with a price by PRICE_FILTER, or None."""
        low, high, tick = self._prices.min_price, self._prices.max_price, self._prices.tick_size
        if price < low or (high and price > high):
            return f"{format_fixed(price)} is not from {format_fixed(low)} to {format_fixed(high)} (PRICE_FILTER)"
        if tick and price % tick:
            below, above = format_fixed(self.nearest(price)), format_fixed(self.nearest(price, up=True))
            return f"{format_fixed(price)} is between two ticks, {below} and {above} (PRICE_FILTER)"
        return None

    def forbidden(self, side: Side, price: int, now: int) -> str | None:
        """Return why the price range rule lets nobody of a side trade at a price now, or None."""
        rule, reference = self.market.symbol.price_range, self.market.reference
        value = reference.value(now) if reference is not None else None
        if rule is None or value is None:
            return None
        low, high = bounds(rule, side, value)
        if low <= price and not (high and price > high):
            return None
        most = format_fixed(high) if high else "any price"
        return (
            f"nobody can {side.name.lower()} at {format_fixed(price)} now: with the reference price at {format_fixed(value)}, "
            f"the price range rule lets trade from {format_fixed(low)} to {most}"
        )

    def least(self, price: int) -> int:
        """Return the least quantity that LOT_SIZE and the notional's filter let pass at a price."""
        least = max(self._lots.min_quantity, -(-max(self._min_notional, 1) * SCALE // price), 1)
        return -(-least // self.step) * self.step

    def most(self, price: int) -> int:
        """Return the greatest quantity that LOT_SIZE and the notional's filter let pass at a price."""
        most = min(self._max_notional or _NOTIONAL_MAX, _NOTIONAL_MAX) * SCALE // price
        most = min(most, self._lots.max_quantity or _NOTIONAL_MAX, _NOTIONAL_MAX)
        return most - most % self.step

    def take(self, side: Side, limit: int, quantity: int, now: int, mode: SelfTradeMode | None = None) -> None:
        """Take up to `quantity` at `limit` or better; the rest is gone."""
        self._order(side, limit, quantity, now, _IOC, mode)

    def take_exactly(self, side: Side, limit: int, quantity: int, now: int, *, alone: bool) -> None:
        """Take a quantity that is there, also one that is too small for an order."""
        least = self.least(limit)
        if quantity >= least:
            self.take(side, limit, quantity, now)
        elif alone:
            self.take(side, limit, least, now)
        elif not self._take_at_a_higher_limit(side, limit, quantity, now) and not self._take_behind_own(
            side, limit, quantity, now
        ):
            raise CannotError(
                f"{format_fixed(quantity)} is too little for an order at {format_fixed(limit)}, which has to be of "
                f"{format_fixed(least)} at least (LOT_SIZE, NOTIONAL), and there is no room in front for one of the house's"
            )

    def rest(self, side: Side, price: int, quantity: int, now: int) -> None:
        """Put an order of the house on the book, after it has taken what it crosses."""
        self._order(side, price, quantity, now, _GTC, self.meeting_itself())

    def trade_alone(self, taker: Side, price: int, quantity: int, now: int) -> None:
        """Let the house trade with itself at a price at which nobody else would."""
        mode = self.meeting_itself()
        if mode is not SelfTradeMode.NONE:
            raise CannotError(f"{self.name} does not offer self-trade prevention NONE: the house cannot trade with itself")
        self.rest(opposite(taker), price, quantity, now)
        self.take(taker, price, quantity, now, mode)

    def meeting_itself(self) -> SelfTradeMode | None:
        """Return the mode in which the house may meet itself; the symbol's default where it offers none such."""
        none = SelfTradeMode.NONE
        return none if none in self.market.symbol.self_trade_modes else None

    def cancelling(self, order: Order) -> CancelOrder:
        """Return the command that cancels an order."""
        return CancelOrder(order.terms.account, self.name, order.order_id)

    def note(self, applied: Applied) -> None:
        """Keep what came of a command for those who are not the house."""
        own = house_of(self.house.exchange)
        for event in applied.events:
            if not isinstance(event, ExecutionReport) or (own is not None and event.terms.account == own.account_id):
                continue
            if event.terms.symbol != self.name:
                continue
            self.states[event.order_id] = State(event.status, event.cum_quantity)
            if event.exec_type is ExecType.TRADE:
                self.fills.append(
                    Fill(
                        event.terms.account,
                        event.order_id,
                        event.trade_id,
                        event.last_price,
                        event.last_quantity,
                        event.commission,
                        event.commission_asset,
                        event.is_maker,
                    )
                )

    def _take_at_a_higher_limit(self, side: Side, limit: int, quantity: int, now: int) -> bool:
        """Who buys may offer more than has to be paid, so that price x quantity is enough; return whether that helps."""
        if side is not _BUY or quantity < self._lots.min_quantity:
            return False
        higher = self.nearest(-(-max(self._min_notional, 1) * SCALE // quantity), up=True)
        if self.flaw_of_price(higher) is not None:
            return False
        self.take(side, max(higher, limit), quantity, now)
        return True

    def _take_behind_own(self, side: Side, limit: int, quantity: int, now: int) -> bool:
        """Put an order of the house in front, which uses up what a large enough order takes too much; return whether it fits.

        The two lose the same and do not trade (faqs/stp_faq, DECREMENT).
        """
        mine = opposite(side)
        best = self.book.side(mine).best()
        if best is None or SelfTradeMode.DECREMENT not in self.market.symbol.self_trade_modes:
            return False
        front = best.price + self.tick if mine is _BUY else best.price - self.tick
        other = self.book.best_ask() if mine is _BUY else self.book.best_bid()
        crosses = other is not None and (front >= other if mine is _BUY else front <= other)
        if crosses or front <= 0 or self.flaw_of_price(front) is not None:
            return False
        spare = max(self.least(front), self.least(limit))
        self.rest(mine, front, spare, now)
        self.take(side, limit, spare + quantity, now, SelfTradeMode.DECREMENT)
        return True

    def _order(
        self, side: Side, price: int, quantity: int, now: int, time_in_force: TimeInForce, mode: SelfTradeMode | None
    ) -> None:
        house, symbol = self.house, self.market.symbol
        house.admit_to(self.market, now)
        if side is _BUY:
            house.fund(symbol.quote_asset, notional_ceil(price, quantity), now)
        else:
            house.fund(symbol.base_asset, quantity, now)
        account = house.account(now).account_id
        order = NewOrder(account, self.name, side, OrderType.LIMIT, time_in_force, quantity, price, self_trade_mode=mode)
        self.note(house.do(order, now))


class OptionFloor(Floor):
    """A contract's market."""

    def __init__(self, house: House, market: OptionMarket) -> None:
        """Stand in a market."""
        super().__init__(house, market.book, market.orders)
        self.market: Final = market
        self.name = market.contract.symbol
        self.tick, self.step = market.underlying.tick_size, market.underlying.step_size

    @property
    def last_price(self) -> int:  # type: ignore[override]  # what the market knows
        """Return the last price; 0 when nothing traded."""
        return self.market.last_price

    def closed(self, now: int) -> str | None:
        """Return why nothing trades here now, or None."""
        return f"{self.name} has expired" if now >= self.market.contract.expiry else None

    def flaw_of_price(self, price: int) -> str | None:
        """Return what is wrong with a price, or None."""
        if price <= 0 or price % self.tick:
            return f"{format_fixed(price)} is no multiple of the tick, {format_fixed(self.tick)}"
        return None

    def forbidden(self, _side: Side, _price: int, _now: int) -> str | None:
        """Quotes know no bounds."""
        return None

    def least(self, _price: int) -> int:
        """Return one step."""
        return self.step

    def most(self, price: int) -> int:
        """Return the greatest quantity whose premium the ledger may issue."""
        most = _NOTIONAL_MAX // 2 * SCALE // price
        return min(most - most % self.step, _NOTIONAL_MAX - _NOTIONAL_MAX % self.step)

    def take(self, side: Side, limit: int, quantity: int, now: int) -> None:
        """Take up to `quantity` at `limit` or better; the rest is gone."""
        known = dict.fromkeys(self.orders)
        self._quote(side, limit, quantity, now)
        for order in [order for number, order in self.orders.items() if number not in known and self.is_own(order)]:
            self.withdraw(order, now)

    def take_exactly(self, side: Side, limit: int, quantity: int, now: int, *, alone: bool) -> None:  # noqa: ARG002
        """Take a quantity that is there; every multiple of a step will do."""
        self.take(side, limit, quantity, now)

    def rest(self, side: Side, price: int, quantity: int, now: int) -> None:
        """Put an order of the house on the book, after it has taken what it crosses."""
        self._quote(side, price, quantity, now)

    def trade_alone(self, taker: Side, price: int, quantity: int, now: int) -> None:
        """Let the house trade with itself; that takes orders, which have to be within the band around the mark."""
        low, high = band(self.house.exchange.options, self.market)
        if not low <= price <= high:
            limits = f"{format_fixed(low)} to {format_fixed(high)}"
            raise CannotError(f"orders for {self.name} have to be within the band around its mark, {limits} now")
        self._fund(price, quantity, now)
        account = self.house.account(now).account_id
        for side, time_in_force in ((opposite(taker), _GTC), (taker, _IOC)):
            terms = OptionTerms(account, self.name, side, quantity, price, time_in_force, self_trade_mode=SelfTradeMode.NONE)
            self.note(self.house.do(PlaceOption(terms), now))

    def cancelling(self, order: OptionOrder) -> CancelOption:
        """Return the command that cancels an order."""
        return CancelOption(order.terms.account, self.name, order.order_id)

    def note(self, applied: Applied) -> None:
        """Keep what came of a command for those who are not the house."""
        own = house_of(self.house.exchange)
        for event in applied.events:
            if not isinstance(event, OptionReport) or event.record.terms.symbol != self.name:
                continue
            record, account = event.record, event.record.terms.account
            if own is not None and account == own.account_id:
                continue
            self.states[record.order_id] = State(record.status, record.cum_quantity)
            if event.exec_type is ExecType.TRADE:
                asset = self.market.underlying.settle_asset
                self.fills.append(
                    Fill(
                        account,
                        record.order_id,
                        event.trade_id,
                        event.last_price,
                        event.last_quantity,
                        event.fee,
                        asset,
                        event.is_maker,
                    )
                )

    def _quote(self, side: Side, price: int, quantity: int, now: int) -> None:
        """Quote a price beside what the house has here already."""
        self._fund(price, quantity, now)
        account = self.house.account(now).account_id
        rows: dict[Side, dict[int, int]] = {Side.BUY: {}, Side.SELL: {}}
        for order in self.orders.values():
            if self.is_own(order):
                rows[order.side][order.price] = order.leaves
        rows[side][price] = rows[side].get(price, 0) + quantity
        bids, asks = (tuple(rows[one].items()) for one in (Side.BUY, Side.SELL))
        self.note(self.house.do(QuoteOptions(account, ((self.name, bids, asks),)), now))

    def _fund(self, price: int, quantity: int, now: int) -> None:
        """Have the premium twice: fees are a part of it at most."""
        account = self.house.account(now)
        if account.account_id in self.house.exchange.options.portfolios:
            self.house.fund_options(2 * notional_ceil(price, quantity), now)


def floor_of(house: House, symbol: str) -> Floor:
    """Return the floor of a symbol or of a contract."""
    exchange = house.exchange
    market = exchange.markets.get(symbol)
    if market is not None:
        return SpotFloor(house, market)
    contract = exchange.options.markets.get(symbol)
    if contract is not None:
        return OptionFloor(house, contract)
    raise CannotError(f"there is no symbol or contract {symbol[:40]!r}", status=404)


__all__ = ["CannotError", "Fill", "Floor", "OptionFloor", "SpotFloor", "State", "floor_of", "worded"]
