"""Why the options venue refused a command: the guard, the numbers that it compared, and the nearest ones that would do.

Order of work.  As for the spot venue: the guard's numbers, then an order with the nearest price and quantity, which is proposed
                only if the venue's own guards let it pass.
Invariant.      Nothing is changed; what is read is what was compared, as long as nothing else happened since.
Does not.       Know wire codes or words.
Source.         European Options: New Order, Filters, Error Codes; FAQ: position limits, short selling.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from msgspec.structs import replace

from papernet.app.explaining.explanation import Explanation, decimal, decimals
from papernet.app.explaining.nearest import Range
from papernet.app.explaining.spot_refusals import explain_reason
from papernet.core.commands import OptionTerms
from papernet.core.dates import iso
from papernet.core.enums import Side
from papernet.core.rejects import Reason, Reject
from papernet.core.units import AMOUNT_MAX
from papernet.exchange.machine import Exchange
from papernet.venues.options.admission import refusal_of
from papernet.venues.options.margin import equity, initial_margin, order_margin, order_need
from papernet.venues.options.market import OptionMarket
from papernet.venues.options.portfolio import Portfolio
from papernet.venues.options.price_band import band

_BUY: Final = Side.BUY


class RefusedOption:
    """An options order that was refused, and where."""

    def __init__(self, exchange: Exchange, market: OptionMarket, portfolio: Portfolio, terms: OptionTerms, at: int) -> None:
        """Look at an order of a portfolio on a contract at some time."""
        self.exchange: Final = exchange
        self.venue: Final = exchange.options
        self.market: Final = market
        self.portfolio: Final = portfolio
        self.terms: Final = terms
        self.at: Final = at

    def nearest(self, quantity_at_most: int = AMOUNT_MAX) -> dict[str, str] | None:
        """Return the nearest price and quantity that would pass, or None."""
        underlying, terms, book = self.market.underlying, self.terms, self.market.book
        low, high = band(self.venue, self.market)
        is_buy = terms.side is _BUY
        prices = Range(underlying.tick_size, high, underlying.tick_size) if is_buy else Range(low, step=underlying.tick_size)
        if terms.post_only or terms.is_gtx:
            best = book.best_ask() if is_buy else book.best_bid()
            if best is not None:
                prices = prices.within(high=best - 1) if is_buy else prices.within(low=best + 1)
        most = min(underlying.limits.quantity_an_order, quantity_at_most)
        price = prices.nearest(terms.price)
        quantity = Range(underlying.step_size, most, underlying.step_size).nearest(terms.quantity)
        if price is None or quantity is None:
            return None
        found = replace(terms, price=price, quantity=quantity)
        if refusal_of(self.venue, self.market, self.portfolio, found, self.at) is not None:
            return None
        return {"price": decimal(price), "quantity": decimal(quantity)}


def explain_refused_option(exchange: Exchange, terms: OptionTerms, reject: Reject, at: int) -> Explanation:
    """Return why an options order was refused."""
    venue = exchange.options
    market, portfolio = venue.markets.get(terms.symbol), venue.portfolios.get(terms.account)
    explain = _BY_REASON.get(reject.reason)
    if market is None or portfolio is None or explain is None:
        return explain_reason(reject)
    return explain(RefusedOption(exchange, market, portfolio, terms, at), reject)


def _price(refused: RefusedOption, reject: Reject) -> Explanation:
    """Tell the band around the mark."""
    terms, market, venue = refused.terms, refused.market, refused.venue
    low, high = band(venue, market)
    is_buy = terms.side is _BUY
    tick = market.underlying.tick_size
    numbers = decimals(
        price=terms.price,
        lowest=tick if is_buy else low,
        highest=high if is_buy else None,
        tick_size=tick,
        mark_price=venue.mark_price(market),
        index=venue.reference_price(market),
    )
    price, lowest = decimal(terms.price), decimal(tick if is_buy else low)
    because = {
        Reason.OPTION_PRICE_TOO_HIGH: f"The price {price} is above {decimal(high)}, the highest at which one may buy now.",
        Reason.OPTION_PRICE_TOO_LOW: f"The price {price} is below {lowest}, the lowest for this side now.",
    }.get(reject.reason, f"The price {price} is no multiple of the tick {decimal(tick)}.")
    return Explanation(reject.reason.name, because, numbers, refused.nearest())


def _quantity(refused: RefusedOption, reject: Reject) -> Explanation:
    terms, underlying = refused.terms, refused.market.underlying
    most = underlying.limits.quantity_an_order
    numbers = decimals(
        quantity=terms.quantity, min_quantity=underlying.step_size, max_quantity=most, step_size=underlying.step_size
    )
    quantity, step = decimal(terms.quantity), decimal(underlying.step_size)
    because = {
        Reason.OPTION_QUANTITY_TOO_SMALL: f"The quantity {quantity} is below the least one, {step}.",
        Reason.OPTION_QUANTITY_TOO_LARGE: f"The quantity {quantity} is above the greatest one, {decimal(most)}.",
    }.get(reject.reason, f"The quantity {quantity} is no multiple of the step {step}.")
    return Explanation(reject.reason.name, because, numbers, refused.nearest())


def _position(refused: RefusedOption, reject: Reject) -> Explanation:
    """Tell what is held, what is open, and what limits there are."""
    terms, market, portfolio = refused.terms, refused.market, refused.portfolio
    limits, position = market.underlying.limits, portfolio.positions.get(terms.symbol)
    held = 0 if position is None else position.quantity
    buying, selling = (0, 0) if position is None else (position.buying, position.selling)
    numbers: dict[str, Any] = decimals(
        quantity=terms.quantity,
        position=held,
        buying=buying,
        selling=selling,
        limit_a_contract=limits.position_a_contract,
        limit_long=limits.long,
        limit_short=limits.short,
        limit_all=limits.position,
    )
    numbers |= {"may_write": portfolio.may_write, "reduce_only": terms.reduce_only, "risk_level": portfolio.level.name}
    is_buy = terms.side is _BUY
    closable = max(-held - buying if is_buy else held - selling, 0)
    numbers |= decimals(can_be_closed=closable)
    if reject.reason in _LIMITS:
        together = buying + held if is_buy else selling - held
        room = limits.position_a_contract - together
        because = f"With what is held and open, {decimal(terms.quantity)} more would be over a limit on positions."
        return Explanation(reject.reason.name, because, numbers, refused.nearest(max(room, closable)))
    because = _ABOUT_POSITIONS[reject.reason]
    return Explanation(reject.reason.name, because, numbers, refused.nearest(closable) if closable else None)


_LIMITS: Final = (
    Reason.LONG_POSITION_TOO_LARGE,
    Reason.SHORT_POSITION_TOO_LARGE_ON_CONTRACT,
    Reason.SHORT_POSITION_TOO_LARGE_ON_UNDERLYING,
)
_ABOUT_POSITIONS: Final[Mapping[Reason, str]] = {
    Reason.NO_POSITION_TO_SELL: "The account may not write contracts, and would sell more than it has.",
    Reason.REDUCE_ONLY_CONFLICTS: "It may only reduce, and open orders of its side would close the position already.",
    Reason.REDUCE_ONLY_WOULD_FLIP: "It may only reduce, and is for more than the position that it would close.",
    Reason.PORTFOLIO_MAY_ONLY_REDUCE: "The portfolio does not cover its margins: it may only reduce.",
    Reason.CONTRACT_NOT_WRITTEN: "Contracts of this underlying cannot be written.",
}


def _orders(refused: RefusedOption, reject: Reject) -> Explanation:
    """Tell how many orders are open."""
    terms, limits = refused.terms, refused.market.underlying.limits
    position = refused.portfolio.positions.get(terms.symbol)
    numbers = {
        "open_on_contract": 0 if position is None else position.orders,
        "limit_a_contract": limits.orders_a_contract,
        "open_in_all": len(refused.portfolio.open_orders),
        "limit": limits.orders,
    }
    return Explanation(reject.reason.name, "As many orders are open as may be.", numbers)


def _funds(refused: RefusedOption, reject: Reject) -> Explanation:
    """Tell what the order would bind, and what is available."""
    venue, portfolio, terms = refused.venue, refused.portfolio, refused.terms
    need, initial, bound = order_need(venue, portfolio, terms), initial_margin(venue, portfolio), order_margin(venue, portfolio)
    free = portfolio.balance - initial - bound
    numbers = {
        "asset": venue.asset,
        **decimals(
            needed=need,
            available=free,
            missing=need - free,
            balance=portfolio.balance,
            equity=equity(venue, portfolio),
            initial_margin=initial,
            bound_by_orders=bound,
            mark_price=venue.mark_price(refused.market),
        ),
    }
    what = "premium and fee" if terms.side is _BUY else "margin and fee"
    because = f"The order would bind {decimal(need)} {venue.asset} of {what}; {decimal(free)} are available."
    name = refused.exchange.accounts.by_id[portfolio.account_id].name
    move = f"papernet accounts transfer {name} {venue.asset} {decimal(need - free)} to-options"
    hint = f"`{move}` moves what is missing from the spot wallet."
    at_most = terms.quantity * max(free, 0) // need if need else 0
    return Explanation(reject.reason.name, because, numbers, refused.nearest(at_most), (hint,))


def _book(refused: RefusedOption, reject: Reject) -> Explanation:
    """Tell what a post-only or a fill-or-kill order met."""
    terms, book = refused.terms, refused.market.book
    is_buy = terms.side is _BUY
    best = book.best_ask() if is_buy else book.best_bid()
    within = 0
    for price, quantity in book.opposite(terms.side).depth(1_000):
        if price > terms.price if is_buy else price < terms.price:
            break
        within += quantity
    numbers = decimals(price=terms.price, quantity=terms.quantity, available_within_limit=within)
    numbers |= decimals(**{"best_ask" if is_buy else "best_bid": best})
    if reject.reason is Reason.OPTION_WOULD_TAKE:
        return Explanation(reject.reason.name, "It would match at once, and may only make.", numbers, refused.nearest())
    because = f"Within its limit {decimal(within)} can be had at once, and it is for {decimal(terms.quantity)}: fill or kill."
    return Explanation(reject.reason.name, because, numbers, refused.nearest(within) if within else None)


def _account(refused: RefusedOption, reject: Reject) -> Explanation:
    """Tell what the account may do."""
    portfolio, contract = refused.portfolio, refused.market.contract
    protection = portfolio.protections.get(contract.underlying)
    numbers: dict[str, Any] = {
        "can_trade": portfolio.can_trade,
        "is_market_maker": portfolio.is_market_maker,
        "contract_expires": iso(contract.expiry),
    }
    if protection is not None and protection.frozen_until:
        numbers["frozen_until"] = "a reset" if protection.frozen_until < 0 else iso(protection.frozen_until)
    return Explanation(reject.reason.name, explain_reason(reject).because, numbers)


def _too_many(refused: RefusedOption, reject: Reject) -> Explanation:
    """Tell the windows of the account."""
    ten, minute = refused.exchange.option_order_counts(refused.terms.account, refused.at)
    limit, interval = reject.args
    numbers = {"orders_10s": ten, "orders_1m": minute, "limit": int(limit), "interval": interval}
    return Explanation(reject.reason.name, f"{limit} orders per {interval} are allowed.", numbers)


def _duplicate(refused: RefusedOption, reject: Reject) -> Explanation:
    """Tell which order has the name."""
    name = refused.terms.client_order_id
    other = refused.portfolio.client_order_ids.get(name)
    numbers = {"client_order_id": name, "open_order_id": None if other is None else other.order_id}
    return Explanation(reject.reason.name, "An open order of the account has this client order id.", numbers)


_BY_REASON: Final[Mapping[Reason, Callable[[RefusedOption, Reject], Explanation]]] = {
    **dict.fromkeys((Reason.OPTION_PRICE_TOO_HIGH, Reason.OPTION_PRICE_TOO_LOW, Reason.OPTION_TICK_SIZE), _price),
    **dict.fromkeys((Reason.OPTION_QUANTITY_TOO_SMALL, Reason.OPTION_QUANTITY_TOO_LARGE, Reason.OPTION_STEP_SIZE), _quantity),
    **dict.fromkeys((*_LIMITS, *_ABOUT_POSITIONS), _position),
    **dict.fromkeys((Reason.TOO_MANY_ORDERS_ON_CONTRACT, Reason.TOO_MANY_ORDERS_ON_UNDERLYING), _orders),
    **dict.fromkeys((Reason.OPTION_BALANCE_INSUFFICIENT, Reason.OPTION_MARGIN_INSUFFICIENT), _funds),
    **dict.fromkeys((Reason.OPTION_WOULD_TAKE, Reason.OPTION_CANNOT_FILL), _book),
    **dict.fromkeys(
        (
            Reason.OPTIONS_TRADING_DISABLED,
            Reason.NOT_A_MARKET_MAKER,
            Reason.CONTRACT_NOT_TRADING,
            Reason.PROTECTION_FROZEN,
        ),
        _account,
    ),
    Reason.TOO_MANY_OPTION_ORDERS: _too_many,
    Reason.DUPLICATE_OPTION_CLIENT_ORDER_ID: _duplicate,
}
