"""The nearest price and quantity that an order of the spot venue could have had: what every filter allows, taken together.

Order of work.  The price first: the range that PRICE_FILTER and the percentage filters leave, in ticks. Then the quantity at
                that price: the range that lots, notionals, positions, asset limits, iceberg parts and the balance leave, in
                steps that all lot filters share. Of both the value nearest to what was sent is taken, of two the lower one.
Invariant.      What is proposed passes the venue's own guards: whoever proposes has it checked by `refusal_by_rules`. None is
                said where a range is empty.
Does not.       Change what else an order says: types, sides and times in force are their sender's.
Units.          Integers of 10^-8, as in the filters.
Source.         filters.md.
"""

from math import lcm
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from papernet.core.account import Account
from papernet.core.commands import NewOrder
from papernet.core.enums import OrderType, Side
from papernet.core.matching import offers, quantity_for_quote
from papernet.core.order import AT_ANY_PRICE, CONTINGENT, STOP_LOSSES
from papernet.core.units import AMOUNT_MAX, SCALE
from papernet.venues.spot.market import Market
from papernet.venues.spot.symbols import (
    IcebergParts,
    LotSize,
    MarketLotSize,
    MaxPosition,
    MinNotional,
    Notional,
    PercentPrice,
    PercentPriceBySide,
    PriceFilter,
    TrailingDelta,
)
from papernet.venues.spot.triggers import is_above

_BUY: Final = Side.BUY
# As in venues.spot.filters: MAX_ASSET measures orders at any price at this average.
_ASSET_MINUTES: Final = 5


class Range(Struct, frozen=True):
    """The multiples of `step` from `low` to `high`; a step of 0 is one unit."""

    low: int = 0
    high: int = AMOUNT_MAX
    step: int = 1

    def within(self, low: int = 0, high: int = AMOUNT_MAX, step: int = 1) -> "Range":
        """Return what this range and another one share."""
        return Range(max(self.low, low), min(self.high, high), lcm(self.step, step or 1))

    def nearest(self, value: int) -> int | None:
        """Return what is in the range and nearest to `value`, of two the lower one; None when nothing is."""
        step = self.step
        low, high = -(-self.low // step) * step, self.high // step * step
        if low > high:
            return None
        below = min(max(value // step * step, low), high)
        above = min(max(-(-value // step) * step, low), high)
        return below if abs(value - below) <= abs(above - value) else above


def prices(market: Market, side: Side, at: int) -> Range:
    """Return the prices that the price filters let orders of a side have."""
    found = Range(low=1)
    for rule in market.symbol.filters:
        if isinstance(rule, PriceFilter):
            found = found.within(rule.min_price, rule.max_price or AMOUNT_MAX, rule.tick_size)
        elif isinstance(rule, PercentPrice | PercentPriceBySide):
            bounds = percent_bounds(rule, market, side, at)
            if bounds is not None:
                found = found.within(bounds[0], bounds[1])
    return found


def percent_bounds(rule: PercentPrice | PercentPriceBySide, market: Market, side: Side, at: int) -> tuple[int, int, int] | None:
    """Return the lowest and the highest price that a percentage filter allows, and the price it measures by; None: any."""
    center = market.filter_price(at, rule.avg_price_mins)
    if not center:
        return None
    if isinstance(rule, PercentPrice):
        up, down = rule.multiplier_up, rule.multiplier_down
    elif side is _BUY:
        up, down = rule.bid_multiplier_up, rule.bid_multiplier_down
    else:
        up, down = rule.ask_multiplier_up, rule.ask_multiplier_down
    return -(-center * down // SCALE), center * up // SCALE, center


def stop_prices(market: Market, terms: NewOrder) -> Range:
    """Return the stop prices that an order may have which is not to be triggered at once."""
    found = Range(low=1)
    for rule in market.symbol.filters:
        if isinstance(rule, PriceFilter):
            found = found.within(rule.min_price, rule.max_price or AMOUNT_MAX, rule.tick_size)
    if market.last_price and terms.order_type in CONTINGENT and not terms.trailing_delta:
        beyond = is_above(terms.order_type, terms.side)
        found = found.within(low=market.last_price + 1) if beyond else found.within(high=market.last_price - 1)
    return found


def quantities(market: Market, account: Account, terms: NewOrder, price: int, at: int) -> Range:
    """Return the quantities that an order at `price` (0: at any) may have, its funds left aside."""
    symbol, is_market = market.symbol, terms.order_type in AT_ANY_PRICE
    found = Range(low=1)
    for rule in symbol.filters:
        if isinstance(rule, LotSize) or (is_market and isinstance(rule, MarketLotSize)):
            found = found.within(rule.min_quantity, rule.max_quantity or AMOUNT_MAX, rule.step_size)
        elif isinstance(rule, MinNotional | Notional):
            least, most = notional_bounds(rule, is_market=is_market)
            measure = market.filter_price(at, rule.avg_price_mins) if is_market else price
            if measure:
                found = found.within(-(-least * SCALE // measure), most * SCALE // measure if most else AMOUNT_MAX)
        elif isinstance(rule, MaxPosition) and terms.side is _BUY:
            found = found.within(high=rule.max_position - position_of(account, terms, symbol.base_asset))
        elif isinstance(rule, IcebergParts) and terms.iceberg_quantity:
            found = found.within(high=rule.limit * terms.iceberg_quantity)
    for asset, limit in account.asset_limits.items():
        measure = price if price and not is_market else market.filter_price(at, _ASSET_MINUTES)
        if asset == symbol.base_asset:
            found = found.within(high=limit)
        elif asset == symbol.quote_asset and measure:
            found = found.within(high=limit * SCALE // measure)
    return found


def quote_quantities(market: Market, account: Account, budget: int | None = None) -> Range:
    """Return the quote quantities that a market order may have."""
    limit = account.asset_limits.get(market.symbol.quote_asset, AMOUNT_MAX)
    found = Range(low=1, high=limit if budget is None else min(limit, budget))
    for rule in market.symbol.filters:
        if isinstance(rule, MinNotional | Notional):
            least, most = notional_bounds(rule, is_market=True)
            found = found.within(least, most or AMOUNT_MAX)
    return found


def notional_bounds(rule: MinNotional | Notional, *, is_market: bool) -> tuple[int, int]:
    """Return the least and the greatest notional that a filter allows; 0 is no bound."""
    if isinstance(rule, MinNotional):
        return (rule.min_notional if rule.apply_to_market or not is_market else 0), 0
    least = rule.min_notional if rule.apply_min_to_market or not is_market else 0
    return least, rule.max_notional if rule.apply_max_to_market or not is_market else 0


def position_of(account: Account, terms: NewOrder, base_asset: str) -> int:
    """Return what an account has of an asset and is about to buy of it, as MAX_POSITION counts it."""
    balance = account.balances.get(base_asset)
    position = balance.free + balance.held if balance is not None else 0
    for (symbol, _), other in account.open_orders.items():
        if symbol == terms.symbol and other.side is _BUY and other.terms.client_order_id != terms.client_order_id:
            position += other.leaves + other.reserve
    return position


def deltas(rule: TrailingDelta, terms: NewOrder) -> Range:
    """Return the trailing deltas that an order may have, in basis points."""
    above, below = Range(rule.min_above, rule.max_above), Range(rule.min_below, rule.max_below)
    bid, ask = (above, below) if terms.order_type in STOP_LOSSES else (below, above)
    return bid if terms.side is _BUY else ask


def visible_quantities(market: Market, quantity: int) -> Range:
    """Return the visible quantities that an iceberg of `quantity` may have."""
    found = Range(low=1, high=quantity)
    for rule in market.symbol.filters:
        if isinstance(rule, LotSize):
            found = found.within(rule.min_quantity, rule.max_quantity or AMOUNT_MAX, rule.step_size)
        elif isinstance(rule, IcebergParts) and rule.limit:
            found = found.within(low=-(-quantity // rule.limit))
    return found


def nearest_order(market: Market, account: Account, terms: NewOrder, at: int, *, budget: int | None = None) -> NewOrder | None:
    """Return an order with the nearest numbers that the filters let pass, or None when there are none.

    With a `budget`, an amount of what the order pays with, it costs no more than that.
    """
    has_price = terms.price and terms.order_type not in AT_ANY_PRICE
    price = prices(market, terms.side, at).nearest(terms.price) if has_price else terms.price
    stop = stop_prices(market, terms).nearest(terms.stop_price) if terms.stop_price else 0
    if price is None or stop is None:
        return None
    delta = terms.trailing_delta
    for rule in market.symbol.filters:
        if isinstance(rule, TrailingDelta) and delta and terms.order_type in CONTINGENT:
            found = deltas(rule, terms).nearest(delta)
            delta = delta if found is None else found
    if terms.order_type is OrderType.LIMIT_MAKER and has_price:
        price = _resting_price(market, terms, price, at)
        if price is None:
            return None
    changed = replace(terms, price=price, stop_price=stop, trailing_delta=delta)
    if terms.quote_quantity:
        quote = quote_quantities(market, account, budget).nearest(terms.quote_quantity)
        return None if quote is None else replace(changed, quote_quantity=quote)
    if not terms.quantity:
        return changed
    allowed = quantities(market, account, changed, price, at)
    if budget is not None:
        allowed = allowed.within(high=affordable(market, changed, price, budget, at))
    quantity = allowed.nearest(terms.quantity)
    if quantity is None and terms.iceberg_quantity:
        # The parts may be what is in the way: then they are what changes.
        quantity = quantities(market, account, replace(changed, iceberg_quantity=0), price, at).nearest(terms.quantity)
    if quantity is None:
        return None
    visible = terms.iceberg_quantity and visible_quantities(market, quantity).nearest(terms.iceberg_quantity)
    return None if visible is None else replace(changed, quantity=quantity, iceberg_quantity=visible)


def affordable(market: Market, terms: NewOrder, price: int, budget: int, at: int) -> int:
    """Return the greatest quantity that a budget pays for, before steps are looked at."""
    if terms.side is not _BUY:
        return budget
    measure = price or terms.stop_price
    if measure:
        return budget * SCALE // measure
    if terms.order_type is OrderType.MARKET:
        return quantity_for_quote(offers(market.book.asks), budget, 0)
    measure = market.average_price(at)
    return budget * SCALE // measure if measure else 0


def _resting_price(market: Market, terms: NewOrder, price: int, at: int) -> int | None:
    """Return the nearest price at which an order would rest and not take."""
    allowed, book = prices(market, terms.side, at), market.book
    best = book.best_ask() if terms.side is _BUY else book.best_bid()
    if best is not None:
        allowed = allowed.within(high=best - 1) if terms.side is _BUY else allowed.within(low=best + 1)
    return allowed.nearest(price)
