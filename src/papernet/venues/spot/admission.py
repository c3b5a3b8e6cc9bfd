"""Whether an order may be placed at all: every guard, one a line, in the order of `core.rejects.Reason`.

Invariant.      Nothing is changed. What depends on what the account holds, or on where the book stands, is looked at later, by
                those who place the order.
Does not.       Know order lists: each of their orders is put to the same guards.
Source.         rest-api.md, New order; errors.md; filters.md; faqs/pegged_orders.md; faqs/sor_faq.md.
"""

from typing import Final

from papernet.core.account import Account
from papernet.core.commands import NewOrder
from papernet.core.enums import OrderType, PegPrice, SymbolStatus
from papernet.core.order import CONTINGENT, IS_AT_ANY_PRICE, IS_CONTINGENT
from papernet.core.rejects import Reason, Reject
from papernet.core.units import SCALE
from papernet.venues.spot.filters import Adds, Checks, asset_limit_broken
from papernet.venues.spot.market import Market
from papernet.venues.spot.pegs import pegged_price, refusal_of_peg
from papernet.venues.spot.venue import Venue

_TRADING: Final = SymbolStatus.TRADING

_UNSUPPORTED: Final = {
    OrderType.LIMIT: Reason.ORDER_TYPE_NOT_SUPPORTED,
    OrderType.LIMIT_MAKER: Reason.ORDER_TYPE_NOT_SUPPORTED,
    OrderType.MARKET: Reason.MARKET_ORDERS_NOT_SUPPORTED,
    OrderType.STOP_LOSS: Reason.STOP_LOSS_NOT_SUPPORTED,
    OrderType.STOP_LOSS_LIMIT: Reason.STOP_LOSS_LIMIT_NOT_SUPPORTED,
    OrderType.TAKE_PROFIT: Reason.TAKE_PROFIT_NOT_SUPPORTED,
    OrderType.TAKE_PROFIT_LIMIT: Reason.TAKE_PROFIT_LIMIT_NOT_SUPPORTED,
}
_PLAIN: Final = Adds(1, 0, 0, 0)


def refusal_of_account(market: Market, account: Account, *, uses_sor: bool = False) -> Reject | None:
    """Return why an account may not place an order on a market at all, or None."""
    if not account.can_trade:
        return Reject(Reason.ACCOUNT_MAY_NOT_TRADE)
    if account.permissions != market.admitted and not market.admits(account.permissions):
        return Reject(Reason.SYMBOL_NOT_PERMITTED)
    if uses_sor and account.prevents_sor:
        return Reject(Reason.ACTION_DISABLED)
    return None


def refusal_by_rules(  # noqa: C901, PLR0911, PLR0912  one guard a line, in one frame: every order comes this way
    venue: Venue,
    market: Market,
    account: Account,
    terms: NewOrder,
    at: int,
    *,
    in_list: bool = False,
    is_pending: bool = False,
) -> Reject | None:
    """Return why the rules refuse an order, or None. This is all that a test order is checked for.

    The orders of a list are counted together, by `refusal_by_counts`. A pending one is pegged when it is placed; that of an OPO
    has no quantity before, and is looked at again then (faqs/opo).
    """
    symbol, order_type = market.symbol, terms.order_type
    has_options = terms.iceberg_quantity or terms.trailing_delta or terms.peg_price or terms.uses_sor
    if market.status is not _TRADING:
        return Reject(Reason.MARKET_CLOSED)
    if order_type not in symbol.order_types:
        return Reject(_UNSUPPORTED[order_type])
    if has_options and (refusal := _refusal_of_options(venue, market, terms)) is not None:
        return refusal
    if terms.quote_quantity and not symbol.quote_quantity_allowed:
        return Reject(Reason.QUOTE_QUANTITY_NOT_SUPPORTED)
    if terms.self_trade_mode not in symbol.self_trade_modes:
        return Reject(Reason.SELF_TRADE_MODE_NOT_ALLOWED)
    if has_options and (refusal := refusal_of_odd_terms(terms)) is not None:
        return refusal
    if not IS_AT_ANY_PRICE[order_type]:
        if terms.price * terms.quantity < SCALE and not _is_priced_later(terms, is_pending=is_pending):
            return Reject(Reason.ZERO_NOTIONAL)
    elif not terms.quantity and not terms.quote_quantity and not is_pending:
        return Reject(Reason.ZERO_NOTIONAL)
    if is_pending and not terms.quantity:
        return _first_broken(market.filters.of_unsized(terms, account), market, account, terms, terms.price, at)
    if has_options and terms.peg_price and not is_pending and not IS_CONTINGENT[order_type]:
        refusal = _refusal_of_pegged(market, account, terms, at)
        if refusal is not None:
            return refusal
    price = terms.price
    for name, passes in market.filters.of(terms, account):
        if not passes(terms, price, market, account, at):
            return Reject(Reason.FILTER_FAILURE, (name,))
    if account.asset_limits and asset_limit_broken(market, account, terms, price, at):
        return Reject(Reason.FILTER_FAILURE, ("MAX_ASSET",))
    if account.is_user and not in_list:
        if IS_CONTINGENT[order_type] or terms.iceberg_quantity:
            return refusal_by_counts(market, account, adds_of((terms,), 0))
        for name, allows in market.plain_counts:
            if not allows(account, symbol.name, _PLAIN):
                return Reject(Reason.FILTER_FAILURE, (name,))
    return None


def _refusal_of_options(venue: Venue, market: Market, terms: NewOrder) -> Reject | None:
    """Return what an order wants beyond its type and the symbol does not offer, or None."""
    symbol = market.symbol
    if terms.iceberg_quantity and not symbol.iceberg_allowed:
        return Reject(Reason.ICEBERG_NOT_SUPPORTED)
    if terms.trailing_delta and not symbol.trailing_allowed:
        return Reject(Reason.TRAILING_STOP_NOT_SUPPORTED)
    if terms.peg_price and not symbol.peg_allowed:
        return Reject(Reason.PEG_NOT_SUPPORTED)
    if terms.uses_sor and not any(symbol.name in sor.symbols for sor in venue.rules.sors):
        return Reject(Reason.SOR_NOT_SUPPORTED)
    return None


def refusal_of_odd_terms(terms: NewOrder) -> Reject | None:
    """Return why an order's options do not go with the rest of it, or None."""
    if terms.peg_price and (refusal := refusal_of_peg(terms)) is not None:
        return refusal
    if terms.iceberg_quantity > terms.quantity > 0:
        return Reject(Reason.ICEBERG_EXCEEDS_QUANTITY)
    return None


def is_nothing(price: int, quantity: int) -> bool:
    """Tell whether an order of a price (0: any) and a quantity is too small to move anything (errors.md, Price * QTY)."""
    return not quantity or (price > 0 and price * quantity < SCALE)


def _is_priced_later(terms: NewOrder, *, is_pending: bool) -> bool:
    """Tell whether an order's price or quantity is not known before it enters the book."""
    if not terms.price:
        return terms.peg_price is not PegPrice.NONE
    return is_pending and not terms.quantity


def _refusal_of_pegged(market: Market, account: Account, terms: NewOrder, at: int) -> Reject | None:
    """faqs/pegged_orders, Which Filters: an order is put to the filters at the price it is pegged to, and at its own."""
    price = pegged_price(market.book, terms)
    if price is None:
        return Reject(Reason.NO_PRICE_LEVEL_FOR_PEG)
    if is_nothing(price, terms.quantity):
        return Reject(Reason.ZERO_NOTIONAL)
    return refusal_by_price(market, account, terms, price, at)


def refusal_by_filters(market: Market, account: Account, terms: NewOrder, price: int, at: int) -> Reject | None:
    """Return which filter an order fails that would work at `price` (0: at any price, or at one not known yet), or None."""
    return _first_of_all(market.filters.of(terms, account), market, account, terms, price, at)


def _first_of_all(checks: Checks, market: Market, account: Account, terms: NewOrder, price: int, at: int) -> Reject | None:
    """Return which of the symbol's checks or of the account's asset filters an order fails, or None."""
    refusal = _first_broken(checks, market, account, terms, price, at)
    if refusal is None and account.asset_limits and asset_limit_broken(market, account, terms, price, at):
        return Reject(Reason.FILTER_FAILURE, ("MAX_ASSET",))
    return refusal


def _first_broken(checks: Checks, market: Market, account: Account, terms: NewOrder, price: int, at: int) -> Reject | None:
    for name, passes in checks:
        if not passes(terms, price, market, account, at):
            return Reject(Reason.FILTER_FAILURE, (name,))
    return None


def refusal_by_price(market: Market, account: Account, terms: NewOrder, price: int, at: int) -> Reject | None:
    """Return which filter an order fails because of a price that was chosen only now, or None (faqs/pegged_orders)."""
    return _first_broken(market.filters.of_price(terms, account), market, account, terms, price, at)


def refusal_of_amended(market: Market, account: Account, terms: NewOrder, price: int, at: int) -> Reject | None:
    """Return which filter an order fails with the smaller quantity that its terms have now, or None."""
    return _first_of_all(market.filters.of_amended(terms, account), market, account, terms, price, at)


def refusal_by_counts(market: Market, account: Account, adds: Adds) -> Reject | None:
    """Return which filter forbids a user that many more orders, or None."""
    for name, allows in market.counts:
        if not allows(account, market.symbol.name, adds):
            return Reject(Reason.FILTER_FAILURE, (name,))
    return None


def first_of(refusals: list[Reject | None]) -> Reject | None:
    """Return the refusal whose guard comes first, whichever part of a request it is about; None when there is none."""
    return min((refusal for refusal in refusals if refusal is not None), key=lambda refusal: refusal.reason, default=None)


def adds_of(legs: tuple[NewOrder, ...], lists: int) -> Adds:
    """Return how many orders, contingent orders, icebergs and lists a request adds."""
    algos = sum(1 for terms in legs if terms.order_type in CONTINGENT)
    icebergs = sum(1 for terms in legs if terms.iceberg_quantity)
    return Adds(len(legs), algos, icebergs, lists)
