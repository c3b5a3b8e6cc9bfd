"""What a portfolio is worth, what its positions and orders bind, and what that leaves.

Order of work.  Buyers have paid in full, so that only writers owe margin: for each contract a share of the index, less while it
                is out of the money but never less than another share, and the mark. Orders bind what they would cost or make
                owe; those that close a position come first, in the order in which they were placed, as far as it reaches.
Invariant.      Nothing is stored: everything follows from positions, open orders, marks and indexes. A mark is in the
                balance's way once: what a writer would have to pay is in its margin.
Does not.       Change anything, or know users from others.
Units.          Amounts of 10^-8. What is owed is rounded up, what is owned down.
Source.         FAQ: short selling of options (margins), margin account (equity, available); Account Update: eq = b + m.
"""

from collections.abc import Iterator
from typing import Final

from papernet.core.commands import OptionTerms
from papernet.core.enums import Side
from papernet.core.units import SCALE, notional_ceil, notional_floor
from papernet.venues.options.contracts import Underlying
from papernet.venues.options.fees import maker_rate, most_of_trading_fee, taker_rate
from papernet.venues.options.market import OptionMarket
from papernet.venues.options.portfolio import Portfolio, Position
from papernet.venues.options.venue import OptionsVenue

_BUY: Final = Side.BUY
_SQUARE: Final = SCALE * SCALE


def _held(venue: OptionsVenue, portfolio: Portfolio) -> Iterator[tuple[OptionMarket, Position]]:
    markets = venue.markets
    for symbol, position in portfolio.positions.items():
        if position.quantity:
            yield markets[symbol], position


# ---- what there is


def position_value(venue: OptionsVenue, portfolio: Portfolio) -> int:
    """Return what the positions are worth at their marks, shorts as a debt (m)."""
    return sum(venue.mark_price(market) * position.quantity for market, position in _held(venue, portfolio)) // SCALE


def long_value(venue: OptionsVenue, portfolio: Portfolio) -> int:
    """Return what the positions are worth that the account owns."""
    held = _held(venue, portfolio)
    return sum(venue.mark_price(market) * position.quantity for market, position in held if position.quantity > 0) // SCALE


def unrealized(venue: OptionsVenue, portfolio: Portfolio) -> int:
    """Return what closing all positions at their marks would earn (u)."""
    return position_value(venue, portfolio) - sum(position.cost for position in portfolio.positions.values())


def equity(venue: OptionsVenue, portfolio: Portfolio) -> int:
    """Return what the portfolio is worth (eq = b + m)."""
    return portfolio.balance + position_value(venue, portfolio)


def adjusted_equity(venue: OptionsVenue, portfolio: Portfolio) -> int:
    """Return what answers for margins (aeq): debts are left out, for the margins have them."""
    return portfolio.balance + long_value(venue, portfolio)


def greeks(venue: OptionsVenue, portfolio: Portfolio) -> dict[str, tuple[int, int, int, int]]:
    """Return delta, gamma, theta and vega of what is held, by underlying; what is not marked has none.

    Marks tell delta and gamma of one unit of the underlying, theta and vega of one contract.
    """
    sums: dict[str, list[int]] = {}
    for market, position in _held(venue, portfolio):
        total, mark = sums.setdefault(market.contract.underlying, [0, 0, 0, 0]), market.mark
        if mark is None:
            continue
        quantity, unit = position.quantity, market.underlying.unit
        for place, greek in enumerate((mark.delta * unit, mark.gamma * unit, mark.theta, mark.vega)):
            total[place] += greek * quantity
    return {
        name: (delta // SCALE, gamma // SCALE, theta // SCALE, vega // SCALE)
        for name, (delta, gamma, theta, vega) in sums.items()
    }


# ---- what writers owe


def initial_of_short(venue: OptionsVenue, market: OptionMarket, quantity: int) -> int:
    """Return the margin that one must have to write `quantity` of a contract."""
    margins = market.underlying.margins
    per_contract = _per_contract(venue, market, margins.initial, margins.min_initial)
    return -(-(per_contract + venue.mark_price(market) * SCALE) * quantity // _SQUARE)


def maintenance_of_short(venue: OptionsVenue, market: OptionMarket, quantity: int) -> int:
    """Return the margin that one must keep for `quantity` written of a contract."""
    margins = market.underlying.margins
    per_contract = _per_contract(venue, market, margins.maintenance, margins.min_maintenance)
    return -(-(per_contract + venue.mark_price(market) * SCALE) * quantity // _SQUARE)


def initial_margin(venue: OptionsVenue, portfolio: Portfolio) -> int:
    """Return the initial margin of all short positions (i)."""
    held = _held(venue, portfolio)
    return sum(initial_of_short(venue, market, -position.quantity) for market, position in held if position.quantity < 0)


def maintenance_margin(venue: OptionsVenue, portfolio: Portfolio) -> int:
    """Return the maintenance margin of all short positions (M)."""
    held = _held(venue, portfolio)
    return sum(maintenance_of_short(venue, market, -position.quantity) for market, position in held if position.quantity < 0)


def _per_contract(venue: OptionsVenue, market: OptionMarket, ratio: int, least: int) -> int:
    """Return the margin on one contract but for its mark, of 10^-16."""
    index = venue.reference_price(market)
    gap = market.contract.out_of_the_money(index) * SCALE
    return max(least * index, ratio * index - gap) * market.underlying.unit


# ---- what orders bind


def order_margin(venue: OptionsVenue, portfolio: Portfolio) -> int:
    """Return what all open orders bind together."""
    return _bound_by_orders(venue, portfolio, initial_margin(venue, portfolio))


def order_need(venue: OptionsVenue, portfolio: Portfolio, terms: OptionTerms) -> int:
    """Return what one more order would bind."""
    return _bound_by_one_more(venue, portfolio, terms, initial_margin(venue, portfolio))


def available(venue: OptionsVenue, portfolio: Portfolio) -> int:
    """Return what more orders may bind, and what may be taken out."""
    initial = initial_margin(venue, portfolio)
    return max(portfolio.balance - initial - _bound_by_orders(venue, portfolio, initial), 0)


def can_afford(venue: OptionsVenue, portfolio: Portfolio, terms: OptionTerms) -> bool:
    """Tell whether what is available is enough for one more order; one that binds nothing can always be afforded."""
    initial = initial_margin(venue, portfolio)
    need = _bound_by_one_more(venue, portfolio, terms, initial)
    if not need:
        return True
    free = portfolio.balance - initial - need
    # Most accounts are far from their limits: their orders need not be reckoned one by one.
    return free >= 0 and (free >= most_of_orders(venue, portfolio) or free >= _bound_by_orders(venue, portfolio, initial))


def most_of_orders(venue: OptionsVenue, portfolio: Portfolio) -> int:
    """Return what all open orders can bind at most: by contract, as if those that write brought nothing in."""
    total = 0
    for symbol, position in portfolio.positions.items():
        if not position.orders:
            continue
        market = venue.markets[symbol]
        underlying = market.underlying
        total += position.bid_value + position.bid_value * underlying.fees.max_of_premium // SCALE
        writing = position.selling - max(position.quantity, 0)
        if writing > 0:
            margins, index = underlying.margins, venue.reference_price(market)
            fee = _rate(portfolio, underlying) * index * underlying.unit
            margin = _per_contract(venue, market, margins.initial, margins.min_initial)
            total += (margin + venue.mark_price(market) * SCALE + fee) * writing // SCALE
        # what rounding may add: of what closes and of what opens, premium and fee
        total += 4 * SCALE * position.orders
    return -(-total // SCALE)


def covers_after(venue: OptionsVenue, portfolio: Portfolio, terms: OptionTerms, fee: int) -> bool:
    """Tell whether a portfolio would answer for its margins right after a trade at a price of its own, or better than before.

    The premium of an agreed trade may be any; what it gives away at the mark must not be what other positions need.
    """
    market, price, quantity = venue.markets[terms.symbol], terms.price, terms.quantity
    position = portfolio.positions.get(terms.symbol)
    held = position.quantity if position is not None else 0
    is_buy = terms.side is _BUY
    after = held + quantity if is_buy else held - quantity
    cash = portfolio.balance - fee + (-notional_ceil(price, quantity) if is_buy else notional_floor(price, quantity))
    owned = venue.mark_price(market) * (max(after, 0) - max(held, 0)) // SCALE
    owed = initial_of_short(venue, market, max(-after, 0)) - initial_of_short(venue, market, max(-held, 0))
    before = adjusted_equity(venue, portfolio) - initial_margin(venue, portfolio)
    change = cash - portfolio.balance + owned - owed
    return cash >= 0 and before + change >= min(before, 0)


def _bound_by_orders(venue: OptionsVenue, portfolio: Portfolio, initial: int) -> int:
    # what earlier orders leave of a position to be closed, by contract
    closable: dict[str, int] = {}
    total = 0
    for order in portfolio.open_orders.values():
        terms, side, leaves = order.terms, order.side, order.leaves
        symbol = terms.symbol
        quantity = portfolio.positions[symbol].quantity
        closing = 0
        if quantity and (quantity < 0) == (side is _BUY):
            left = closable.get(symbol, abs(quantity))
            closing = min(left, leaves)
            closable[symbol] = left - closing
        total += _bound(venue, portfolio, terms, closing, leaves - closing, initial)
    return total


def _bound_by_one_more(venue: OptionsVenue, portfolio: Portfolio, terms: OptionTerms, initial: int) -> int:
    closing = 0
    position = portfolio.positions.get(terms.symbol)
    if position is not None:
        is_buy = terms.side is _BUY
        left = -position.quantity - position.buying if is_buy else position.quantity - position.selling
        closing = min(max(left, 0), terms.quantity)
    return _bound(venue, portfolio, terms, closing, terms.quantity - closing, initial)


def _bound(venue: OptionsVenue, portfolio: Portfolio, terms: OptionTerms, closing: int, opening: int, initial: int) -> int:
    """Return what an order binds that would close so much and open so much, with `initial` margin on all positions."""
    market, price = venue.markets[terms.symbol], terms.price
    index = venue.reference_price(market)
    if terms.side is _BUY:
        need = _cost(portfolio, market, index, price, opening) if opening else 0
        if closing:
            cost = _cost(portfolio, market, index, price, closing)
            need += max(cost - _paid_by_margin(venue, portfolio, market, closing, initial), 0)
        return need
    if not opening:
        return 0
    margins, unit = market.underlying.margins, market.underlying.unit
    beyond_premium = (venue.mark_price(market) - price) * SCALE
    per_contract = max(
        margins.min_initial * index * unit,
        _per_contract(venue, market, margins.initial, margins.min_initial) + beyond_premium,
    )
    return -(-per_contract * opening // _SQUARE) + _fee(portfolio, market, index, price, opening)


def _cost(portfolio: Portfolio, market: OptionMarket, index: int, price: int, quantity: int) -> int:
    """Return what buying costs at most."""
    return notional_ceil(price, quantity) + _fee(portfolio, market, index, price, quantity)


def _fee(portfolio: Portfolio, market: OptionMarket, index: int, price: int, quantity: int) -> int:
    """Return the fee that an order may have to pay, whether it takes or is taken."""
    underlying = market.underlying
    return most_of_trading_fee(underlying, _rate(portfolio, underlying), index, price, quantity)


def _rate(portfolio: Portfolio, underlying: Underlying) -> int:
    return max(taker_rate(portfolio, underlying), maker_rate(portfolio, underlying), 0)


def _paid_by_margin(venue: OptionsVenue, portfolio: Portfolio, market: OptionMarket, closing: int, initial: int) -> int:
    """Return how much of the balance is there for a short position, as far as it is closed: its share of all margins."""
    short = -portfolio.positions[market.contract.symbol].quantity
    margin = initial_of_short(venue, market, short)
    share = margin * max(portfolio.balance, 0) // max(initial, 1)
    return min(share, margin) * closing // short
