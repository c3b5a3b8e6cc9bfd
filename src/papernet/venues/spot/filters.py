"""The symbol filters: which prices, quantities and notionals an order may have.

Order of work.  When a symbol is listed, each of its filters becomes a check; an order is put to the checks in the order of
                filters.md, and the first that fails is the answer.
Invariant.      A check changes nothing.
Does not.       Know balances or the book. An order of the simulated crowd is held to its price, lot and notional filters like
                any other, but not to PERCENT_PRICE and MAX_NUM_ORDERS: the crowd is the market those two are measured by.
Source.         filters.md, Symbol filters; errors.md, Filter failures.
"""

from collections.abc import Callable
from typing import Final, NamedTuple, Protocol

from papernet.core.commands import NewOrder
from papernet.core.enums import OrderType, Side
from papernet.core.ledger import Account
from papernet.core.units import SCALE
from papernet.venues.spot.symbols import (
    Filter,
    LotSize,
    MarketLotSize,
    MaxNumOrders,
    MinNotional,
    Notional,
    PercentPrice,
    PercentPriceBySide,
    PriceFilter,
    Symbol,
)

_MARKET: Final = OrderType.MARKET
_BUY: Final = Side.BUY


class Prices(Protocol):
    """What the checks ask the market for."""

    def average_price(self, at: int, minutes: int) -> int:
        """Return the average price over `minutes` at `at`, 0 when there was never a trade."""


# (the order, its market's prices, its account, the time) -> whether it passes
Check = Callable[[NewOrder, Prices, Account, int], bool]


class Filters(NamedTuple):
    """A symbol's (filter name, check) pairs in the documented order, by the kind of order and of account they apply to."""

    limit: tuple[tuple[str, Check], ...]
    market: tuple[tuple[str, Check], ...]
    crowd_limit: tuple[tuple[str, Check], ...]
    crowd_market: tuple[tuple[str, Check], ...]

    def of(self, order: NewOrder, account: Account) -> tuple[tuple[str, Check], ...]:
        """Return the checks for an order of an account."""
        if order.order_type is _MARKET:
            return self.market if account.is_user else self.crowd_market
        return self.limit if account.is_user else self.crowd_limit


def compile_filters(symbol: Symbol) -> Filters:
    """Return the checks of a symbol."""
    return Filters(
        _checks(symbol, is_market=False, is_user=True),
        _checks(symbol, is_market=True, is_user=True),
        _checks(symbol, is_market=False, is_user=False),
        _checks(symbol, is_market=True, is_user=False),
    )


def _checks(symbol: Symbol, *, is_market: bool, is_user: bool) -> tuple[tuple[str, Check], ...]:
    limit_only = (PriceFilter, PercentPrice, PercentPriceBySide)
    users_only = (PercentPrice, PercentPriceBySide, MaxNumOrders)
    return tuple(
        (_NAMES[type(rule)], _check_of(rule, is_market=is_market))
        for rule in symbol.filters
        if not (is_market and isinstance(rule, limit_only))
        and not (not is_user and isinstance(rule, users_only))
        and not (not is_market and isinstance(rule, MarketLotSize))
    )


def _check_of(rule: Filter, *, is_market: bool) -> Check:
    match rule:
        case PriceFilter():
            return _price_check(rule)
        case PercentPrice():
            return _percent_check((rule.multiplier_up, rule.multiplier_down), None, rule.avg_price_mins)
        case PercentPriceBySide():
            bid = (rule.bid_multiplier_up, rule.bid_multiplier_down)
            ask = (rule.ask_multiplier_up, rule.ask_multiplier_down)
            return _percent_check(bid, ask, rule.avg_price_mins)
        case LotSize() | MarketLotSize():
            return _quantity_check(rule)
        case MinNotional():
            low, high = rule.min_notional, 0
            if is_market:
                return _market_notional_check(low if rule.apply_to_market else 0, high, rule.avg_price_mins)
            return _notional_check(low, high)
        case Notional():
            low, high = rule.min_notional, rule.max_notional
            if is_market:
                low, high = low if rule.apply_min_to_market else 0, high if rule.apply_max_to_market else 0
                return _market_notional_check(low, high, rule.avg_price_mins)
            return _notional_check(low, high)
        case MaxNumOrders():
            return _count_check(rule.max_num_orders)


_NAMES: Final[dict[type[Filter], str]] = {
    PriceFilter: "PRICE_FILTER",
    PercentPrice: "PERCENT_PRICE",
    PercentPriceBySide: "PERCENT_PRICE_BY_SIDE",
    LotSize: "LOT_SIZE",
    MinNotional: "MIN_NOTIONAL",
    Notional: "NOTIONAL",
    MarketLotSize: "MARKET_LOT_SIZE",
    MaxNumOrders: "MAX_NUM_ORDERS",
}


def _price_check(rule: PriceFilter) -> Check:
    """PRICE_FILTER: each of the three rules is disabled by 0."""
    low, high, tick = rule.min_price, rule.max_price, rule.tick_size

    def check(order: NewOrder, _prices: Prices, _account: Account, _at: int) -> bool:
        price = order.price
        return price >= low and not (high and price > high) and not (tick and price % tick)

    return check


def _quantity_check(rule: LotSize | MarketLotSize) -> Check:
    """LOT_SIZE, MARKET_LOT_SIZE: a step or maximum of 0 is disabled, as exchangeInfo lists it.

    A market order by quote quantity has no quantity yet: it is sized to fit both filters.
    """
    low, high, step = rule.min_quantity, rule.max_quantity, rule.step_size

    def check(order: NewOrder, _prices: Prices, _account: Account, _at: int) -> bool:
        if order.quote_quantity:
            return True
        quantity = order.quantity
        return quantity >= low and not (high and quantity > high) and not (step and quantity % step)

    return check


def _percent_check(bid: tuple[int, int], ask: tuple[int, int] | None, minutes: int) -> Check:
    """PERCENT_PRICE, PERCENT_PRICE_BY_SIDE; before the first trade there is no price to compare with."""
    bid_up, bid_down = bid
    ask_up, ask_down = ask or bid

    def check(order: NewOrder, prices: Prices, _account: Account, at: int) -> bool:
        average = prices.average_price(at, minutes)
        if not average:
            return True
        up, down = (bid_up, bid_down) if order.side is _BUY else (ask_up, ask_down)
        return average * down <= order.price * SCALE <= average * up

    return check


def _notional_check(low: int, high: int) -> Check:
    """MIN_NOTIONAL, NOTIONAL of an order with a price, compared unrounded; 0 is no bound."""
    low, high = low * SCALE, high * SCALE

    def check(order: NewOrder, _prices: Prices, _account: Account, _at: int) -> bool:
        notional = order.price * order.quantity
        return notional >= low and not (high and notional > high)

    return check


def _market_notional_check(low: int, high: int, minutes: int) -> Check:
    """MIN_NOTIONAL, NOTIONAL of a market order: it is priced at the average, and before the first trade it passes."""
    low, high = low * SCALE, high * SCALE

    def check(order: NewOrder, prices: Prices, _account: Account, at: int) -> bool:
        notional = order.quote_quantity * SCALE
        if not notional:
            price = prices.average_price(at, minutes)
            if not price:
                return True
            notional = price * order.quantity
        return notional >= low and not (high and notional > high)

    return check


def _count_check(limit: int) -> Check:
    """MAX_NUM_ORDERS."""

    def check(order: NewOrder, _prices: Prices, account: Account, _at: int) -> bool:
        return account.open_counts.get(order.symbol, 0) < limit

    return check
