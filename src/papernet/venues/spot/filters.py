"""The symbol filters: which prices, quantities and notionals an order may have.

Order of work.  Filters are checked in the order of filters.md, and the first that fails is the answer.
Invariant.      A check changes nothing.
Does not.       Know balances or the book. An order of the simulated crowd is held to its price, lot and notional filters like
                any other, but not to PERCENT_PRICE and MAX_NUM_ORDERS: the crowd is the market those two are measured by.
Source.         filters.md, Symbol filters; errors.md, Filter failures.
"""

from typing import Final

from papernet.core.commands import NewOrder
from papernet.core.enums import OrderType, Side
from papernet.core.units import SCALE, notional_floor
from papernet.venues.spot.market import Market
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
)

_MARKET: Final = OrderType.MARKET
_BUY: Final = Side.BUY


def failed_filter(market: Market, order: NewOrder, at: int, *, open_count: int, is_user: bool) -> str | None:
    """Return the name of the first filter that `order` fails, or None.

    `open_count` is how many orders the account has open on the symbol; `at` is the time in microseconds.
    """
    is_market = order.order_type is _MARKET
    for rule in market.symbol.filters:
        kind = type(rule)
        if kind is PriceFilter:
            ok = is_market or _price_ok(rule, order.price)  # type: ignore[arg-type]
        elif kind is LotSize or kind is MarketLotSize:
            applies = order.quantity != 0 and (is_market or kind is LotSize)
            ok = not applies or _quantity_ok(rule, order.quantity)  # type: ignore[arg-type]
        elif kind is Notional or kind is MinNotional:
            ok = _notional_ok(rule, market, order, at)  # type: ignore[arg-type]
        elif not is_user:
            ok = True
        elif kind is MaxNumOrders:
            ok = open_count < rule.max_num_orders  # type: ignore[union-attr]
        else:
            ok = is_market or _percent_ok(rule, market, order, at)
        if not ok:
            return _NAMES[kind]
    return None


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


def _price_ok(rule: PriceFilter, price: int) -> bool:
    """filters.md, PRICE_FILTER: each of the three rules is disabled by 0."""
    if price < rule.min_price or (rule.max_price and price > rule.max_price):
        return False
    return not (rule.tick_size and price % rule.tick_size)


def _quantity_ok(rule: LotSize | MarketLotSize, quantity: int) -> bool:
    """filters.md, LOT_SIZE and MARKET_LOT_SIZE; a step or maximum of 0 is taken as disabled, as exchangeInfo lists it."""
    if quantity < rule.min_quantity or (rule.max_quantity and quantity > rule.max_quantity):
        return False
    return not (rule.step_size and quantity % rule.step_size)


def _percent_ok(rule: Filter, market: Market, order: NewOrder, at: int) -> bool:
    """filters.md, PERCENT_PRICE and PERCENT_PRICE_BY_SIDE; without any trade yet there is no price to compare with."""
    if isinstance(rule, PercentPrice):
        up, down = rule.multiplier_up, rule.multiplier_down
    else:
        assert isinstance(rule, PercentPriceBySide)
        if order.side is _BUY:
            up, down = rule.bid_multiplier_up, rule.bid_multiplier_down
        else:
            up, down = rule.ask_multiplier_up, rule.ask_multiplier_down
    average = market.average_price(at, rule.avg_price_mins)
    if not average:
        return True
    scaled = order.price * SCALE
    return average * down <= scaled <= average * up


def _notional_ok(rule: MinNotional | Notional, market: Market, order: NewOrder, at: int) -> bool:
    """filters.md, MIN_NOTIONAL and NOTIONAL: a market order is priced at the average, if the filter applies to it at all."""
    is_market = order.order_type is _MARKET
    if isinstance(rule, MinNotional):
        low, high = rule.min_notional, 0
        check_low, check_high = rule.apply_to_market or not is_market, False
    else:
        low, high = rule.min_notional, rule.max_notional
        check_low, check_high = rule.apply_min_to_market or not is_market, rule.apply_max_to_market or not is_market
    if order.quote_quantity:
        notional = order.quote_quantity
    else:
        price = order.price
        if is_market:
            price = market.average_price(at, rule.avg_price_mins)
            if not price:
                return True
        notional = notional_floor(price, order.quantity)
    if check_low and notional < low:
        return False
    return not (check_high and high and notional > high)
