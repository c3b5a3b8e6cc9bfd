"""Whether an order may be placed at all: every guard, one a line, in the order of `core.rejects.Reason`.

Invariant.      Nothing is changed. What of an order's quantity closes a position is what the account's open orders of that side
                do not close yet.
Does not.       Concern the venue's own orders, nor the crowd's as far as they are about what an account may have: it has what
                it takes.
Source.         European Options: New Order, Error Codes, Filters; FAQ: position limits, short selling.
"""

from typing import Final

from papernet.core.commands import OptionTerms
from papernet.core.enums import RiskLevel, Side, TimeInForce
from papernet.core.matching import can_fill, crosses
from papernet.core.rejects import Reason, Reject
from papernet.venues.options.margin import can_afford
from papernet.venues.options.market import OptionMarket
from papernet.venues.options.portfolio import Portfolio
from papernet.venues.options.price_band import band
from papernet.venues.options.protection import is_frozen
from papernet.venues.options.venue import OptionsVenue

_BUY: Final = Side.BUY
_FOK: Final = TimeInForce.FOK
_NORMAL: Final = RiskLevel.NORMAL


def refusal_of(venue: OptionsVenue, market: OptionMarket, portfolio: Portfolio, terms: OptionTerms, at: int) -> Reject | None:
    """Return why an order may not be placed, or None."""
    refusal = _refusal_of_account(market, portfolio, terms, at) or _refusal_of_numbers(venue, market, terms)
    if refusal is None and portfolio.is_user:
        refusal = _refusal_of_amounts(venue, market, portfolio, terms)
    if refusal is not None:
        return refusal
    if (terms.post_only or terms.is_gtx) and crosses(market.book, terms.side, terms.price):
        return Reject(Reason.OPTION_WOULD_TAKE)
    if terms.time_in_force is _FOK and not can_fill(market.book, terms.side, terms.price, terms.quantity):
        return Reject(Reason.OPTION_CANNOT_FILL)
    if portfolio.is_user and not can_afford(venue, portfolio, terms):
        # A buyer lacks the premium, a writer the margin.
        is_buy = terms.side is _BUY
        return Reject(Reason.OPTION_BALANCE_INSUFFICIENT if is_buy else Reason.OPTION_MARGIN_INSUFFICIENT)
    return None


def _refusal_of_account(market: OptionMarket, portfolio: Portfolio, terms: OptionTerms, at: int) -> Reject | None:
    """Return why the account may not place such an order now, or None."""
    if not portfolio.can_trade:
        return Reject(Reason.OPTIONS_TRADING_DISABLED)
    if terms.is_protected and not portfolio.is_market_maker:
        return Reject(Reason.NOT_A_MARKET_MAKER)
    if terms.client_order_id in portfolio.client_order_ids:
        return Reject(Reason.DUPLICATE_OPTION_CLIENT_ORDER_ID)
    if at >= market.contract.expiry:
        return Reject(Reason.CONTRACT_NOT_TRADING)
    if terms.is_protected and is_frozen(portfolio, market.contract.underlying, at):
        return Reject(Reason.PROTECTION_FROZEN)
    return None


def _refusal_of_numbers(venue: OptionsVenue, market: OptionMarket, terms: OptionTerms) -> Reject | None:
    """Return what is wrong with an order's price and quantity, or None."""
    underlying, price, quantity = market.underlying, terms.price, terms.quantity
    low, high = band(venue, market)
    # Filters, PRICE_FILTER: the upper bound is for who buys, the lower one for who sells.
    if terms.side is _BUY and price > high:
        return Reject(Reason.OPTION_PRICE_TOO_HIGH)
    if price < (underlying.tick_size if terms.side is _BUY else low):
        return Reject(Reason.OPTION_PRICE_TOO_LOW)
    if price % underlying.tick_size:
        return Reject(Reason.OPTION_TICK_SIZE)
    if quantity < underlying.step_size:
        return Reject(Reason.OPTION_QUANTITY_TOO_SMALL)
    if quantity > underlying.limits.quantity_an_order:
        return Reject(Reason.OPTION_QUANTITY_TOO_LARGE)
    if quantity % underlying.step_size:
        return Reject(Reason.OPTION_STEP_SIZE)
    return None


def _refusal_of_amounts(venue: OptionsVenue, market: OptionMarket, portfolio: Portfolio, terms: OptionTerms) -> Reject | None:
    """Return which limit on what a user has open and holds an order would exceed, or None."""
    position = portfolio.positions.get(terms.symbol)
    if position is not None and position.orders >= market.underlying.limits.orders_a_contract:
        return Reject(Reason.TOO_MANY_ORDERS_ON_CONTRACT)
    if _has_all_orders(venue, market, portfolio):
        return Reject(Reason.TOO_MANY_ORDERS_ON_UNDERLYING)
    return refusal_of_position(venue, market, portfolio, terms)


def refusal_of_position(venue: OptionsVenue, market: OptionMarket, portfolio: Portfolio, terms: OptionTerms) -> Reject | None:
    """Return why a user may not have what an order would make of its positions, or None; open orders count as filled."""
    position = portfolio.positions.get(terms.symbol)
    is_buy = terms.side is _BUY
    # how much an order of that side may close, and how much of that open ones do already
    held = 0 if position is None else -position.quantity if is_buy else position.quantity
    ahead = 0 if position is None else position.buying if is_buy else position.selling
    reducible, together = max(held, 0), ahead + terms.quantity
    if together > reducible:
        reason = _position_too_large(venue, market, portfolio, terms, together - held)
        if reason is not None:
            return Reject(reason)
        if not is_buy and not portfolio.may_write:
            return Reject(Reason.NO_POSITION_TO_SELL)
        if terms.reduce_only:
            return Reject(Reason.REDUCE_ONLY_CONFLICTS if ahead else Reason.REDUCE_ONLY_WOULD_FLIP)
        if portfolio.level is not _NORMAL:
            return Reject(Reason.PORTFOLIO_MAY_ONLY_REDUCE)
        if not is_buy and not market.underlying.may_be_written:
            return Reject(Reason.CONTRACT_NOT_WRITTEN)
    return None


def _has_all_orders(venue: OptionsVenue, market: OptionMarket, portfolio: Portfolio) -> bool:
    """Tell whether as many orders are open on all contracts of the underlying as may be."""
    most, underlying = market.underlying.limits.orders, market.contract.underlying
    if len(portfolio.open_orders) < most:
        return False
    positions = portfolio.positions.items()
    return most <= sum(
        position.orders for symbol, position in positions if venue.markets[symbol].contract.underlying == underlying
    )


def _position_too_large(
    venue: OptionsVenue, market: OptionMarket, portfolio: Portfolio, terms: OptionTerms, would_hold: int
) -> Reason | None:
    """Return which limit on positions is exceeded when all open orders and this one are filled, or None.

    `would_hold` is how much of the contract the account would be long, or short, by then.
    """
    limits, underlying = market.underlying.limits, market.contract.underlying
    is_buy = terms.side is _BUY
    if would_hold > limits.position_a_contract:
        return Reason.LONG_POSITION_TOO_LARGE if is_buy else Reason.SHORT_POSITION_TOO_LARGE_ON_CONTRACT
    longs, shorts = (would_hold, 0) if is_buy else (0, would_hold)
    for symbol, position in portfolio.positions.items():
        if venue.markets[symbol].contract.underlying != underlying:
            continue
        if symbol != terms.symbol or not is_buy:
            longs += max(position.quantity + position.buying, 0)
        if symbol != terms.symbol or is_buy:
            shorts += max(position.selling - position.quantity, 0)
    if is_buy and longs > limits.long:
        return Reason.LONG_POSITION_TOO_LARGE
    if not is_buy and shorts > limits.short:
        return Reason.SHORT_POSITION_TOO_LARGE_ON_UNDERLYING
    if longs + shorts > limits.position:
        return Reason.LONG_POSITION_TOO_LARGE if is_buy else Reason.SHORT_POSITION_TOO_LARGE_ON_UNDERLYING
    return None
