"""The symbol filters: which prices, quantities and notionals an order may have.

Order of work.  When a symbol is listed, each of its filters becomes a check; an order is put to the checks in the order of
                filters.md, and the first that fails is the answer.
Invariant.      A check changes nothing.
Does not.       Know balances or the book. An order of the simulated crowd is held to its price, lot and notional filters like
                any other, but not to PERCENT_PRICE and MAX_NUM_ORDERS: the crowd is the market those two are measured by.
Source.         filters.md, Symbol filters; errors.md, Filter failures.
"""

from collections.abc import Callable
from typing import Final, Protocol

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


def compile_filters(symbol: Symbol) -> tuple[tuple[str, Check], ...]:
    """Return the symbol's (filter name, check) pairs in the documented order."""
    return tuple((_NAMES[type(rule)], _check_of(rule)) for rule in symbol.filters)


def _check_of(rule: Filter) -> Check:  # noqa: PLR0911  one return a filter
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
            return _notional_check(rule.min_notional, rule.apply_to_market, 0, False, rule.avg_price_mins)  # noqa: FBT003
        case Notional():
            return _notional_check(
                rule.min_notional,
                rule.apply_min_to_market,
                rule.max_notional,
                rule.apply_max_to_market,
                rule.avg_price_mins,
            )
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
        if order.order_type is _MARKET:
            return True
        price = order.price
        return price >= low and not (high and price > high) and not (tick and price % tick)

    return check


def _quantity_check(rule: LotSize | MarketLotSize) -> Check:
    """LOT_SIZE for every order, MARKET_LOT_SIZE for market orders; a step or maximum of 0 is disabled, as exchangeInfo lists it.

    A market order by quote quantity has no quantity yet: it is sized to fit both filters.
    """
    low, high, step = rule.min_quantity, rule.max_quantity, rule.step_size
    only_market = isinstance(rule, MarketLotSize)

    def check(order: NewOrder, _prices: Prices, _account: Account, _at: int) -> bool:
        if order.quote_quantity or (only_market and order.order_type is not _MARKET):
            return True
        quantity = order.quantity
        return quantity >= low and not (high and quantity > high) and not (step and quantity % step)

    return check


def _percent_check(bid: tuple[int, int], ask: tuple[int, int] | None, minutes: int) -> Check:
    """PERCENT_PRICE, PERCENT_PRICE_BY_SIDE; before the first trade there is no price to compare with."""
    bid_up, bid_down = bid
    ask_up, ask_down = ask or bid

    def check(order: NewOrder, prices: Prices, account: Account, at: int) -> bool:
        if order.order_type is _MARKET or not account.is_user:
            return True
        average = prices.average_price(at, minutes)
        if not average:
            return True
        up, down = (bid_up, bid_down) if order.side is _BUY else (ask_up, ask_down)
        return average * down <= order.price * SCALE <= average * up

    return check


def _notional_check(low: int, low_to_market: bool, high: int, high_to_market: bool, minutes: int) -> Check:  # noqa: FBT001
    """MIN_NOTIONAL, NOTIONAL: a market order is priced at the average, if the filter applies to it at all."""

    def check(order: NewOrder, prices: Prices, _account: Account, at: int) -> bool:
        check_low, check_high = low, high
        if order.order_type is not _MARKET:
            notional = order.price * order.quantity // SCALE
        else:
            check_low = low if low_to_market else 0
            check_high = high if high_to_market else 0
            notional = order.quote_quantity
            if not notional:
                price = prices.average_price(at, minutes)
                if not price:
                    return True
                notional = price * order.quantity // SCALE
        return notional >= check_low and not (check_high and notional > check_high)

    return check


def _count_check(limit: int) -> Check:
    """MAX_NUM_ORDERS."""

    def check(order: NewOrder, _prices: Prices, account: Account, _at: int) -> bool:
        return account.open_counts.get(order.symbol, 0) < limit or not account.is_user

    return check
