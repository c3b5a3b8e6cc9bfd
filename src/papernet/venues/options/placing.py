"""Placing orders.

Order of work.  The guards of `admission`; the order's acceptance is told; it takes what it may; what is left rests or ends;
                then those who traded lose what no longer fits their positions, and protections that were reached fire.
Events.         NEW of the incoming order; then per fill the trade, the taker's bills and report, the maker's bills and report;
                then the incoming order's end if it ends unfilled; then what others lost because of it.
Invariant.      A refused order changed nothing. Only orders that are good till cancelled rest.
Does not.       Look at the margins of those who traded: that is for whoever ends the turn.
Source.         European Options: New Order; FAQ: time in force, self-trade prevention, market maker protection.
"""

from typing import Final

from papernet.core.commands import OptionTerms
from papernet.core.enums import ExecType, OptionSource, OrderStatus, TimeInForce
from papernet.core.matching import crosses
from papernet.core.rejects import Reason, Reject
from papernet.venues.options.admission import refusal_of
from papernet.venues.options.changing import end_excess
from papernet.venues.options.execution import Aftermath, execute
from papernet.venues.options.market import OptionMarket, OptionOrder
from papernet.venues.options.portfolio import Portfolio
from papernet.venues.options.protection import fire
from papernet.venues.options.turn import OptionTurn

_GTC: Final = TimeInForce.GTC
_EXPIRED: Final = OrderStatus.EXPIRED
_EXPIRED_IN_MATCH: Final = OrderStatus.EXPIRED_IN_MATCH


def place(turn: OptionTurn, portfolio: Portfolio, terms: OptionTerms, source: OptionSource = OptionSource.API) -> Reject | None:
    """Place an order; return why it is refused, or None. What the venue itself places is refused for nothing but its contract.

    The caller has checked that the account may send one more order now.
    """
    market = turn.venue.markets.get(terms.symbol)
    if market is None:
        return Reject(Reason.UNKNOWN_CONTRACT)
    if source is OptionSource.API:
        refusal = refusal_of(turn.venue, market, portfolio, terms, turn.at)
        if refusal is not None:
            return refusal
    order = _new(turn, terms, source)
    turn.report(order, ExecType.NEW)
    aftermath = None
    if crosses(market.book, order.side, order.price):
        aftermath = execute(turn, market, portfolio, order)
    if order.leaves:
        if order.status is _EXPIRED_IN_MATCH:
            _expire(turn, order, _EXPIRED_IN_MATCH)
        elif terms.time_in_force is _GTC:
            _rest(turn, market, portfolio, order)
        else:
            _expire(turn, order, _EXPIRED)
    if aftermath is not None:
        _conclude(turn, market, aftermath)
    return None


def put_quote(turn: OptionTurn, market: OptionMarket, portfolio: Portfolio, terms: OptionTerms) -> None:
    """Place an order of the crowd that nobody need be told of until it trades."""
    order = _new(turn, terms, OptionSource.API)
    aftermath = None
    if crosses(market.book, order.side, order.price):
        aftermath = execute(turn, market, portfolio, order)
    if order.leaves and order.status is not _EXPIRED_IN_MATCH:
        _rest(turn, market, portfolio, order)
    if aftermath is not None:
        _conclude(turn, market, aftermath)


def _new(turn: OptionTurn, terms: OptionTerms, source: OptionSource) -> OptionOrder:
    venue = turn.venue
    order = OptionOrder(terms, venue.next_order_id, turn.at, source)
    venue.next_order_id += 1
    return order


def _rest(turn: OptionTurn, market: OptionMarket, portfolio: Portfolio, order: OptionOrder) -> None:
    """Put an order on the book, and among what is open."""
    market.book.rest(order)
    market.orders[order.order_id] = order
    portfolio.add_open(order)
    turn.changed(market)


def _expire(turn: OptionTurn, order: OptionOrder, status: OrderStatus) -> None:
    """End an order that never came to rest."""
    order.status = status
    order.updated_at = turn.at
    turn.report(order, ExecType.EXPIRED)


def _conclude(turn: OptionTurn, market: OptionMarket, aftermath: Aftermath) -> None:
    """Let the trades of an order have their consequences for those who traded."""
    for portfolio in aftermath.traded.values():
        if portfolio.is_user:
            end_excess(turn, portfolio, market.contract.symbol)
    for portfolio in aftermath.to_fire.values():
        fire(turn, portfolio, market.contract.underlying)
