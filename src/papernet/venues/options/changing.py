"""Ending what is open: cancelling orders, one or many, and taking back what a position no longer needs.

Invariant.      An order that has ended is in no room of its market and of its portfolio, and nothing of it counts as open.
Does not.       Cost anything, or refuse what the account wants to end.
Source.         European Options: Cancel Option Order, Cancel All Option Orders On Specific Symbol, ... By Underlying.
"""

from typing import Final

from papernet.core.commands import CancelOption
from papernet.core.enums import ExecType, OrderStatus, Side
from papernet.core.rejects import Reason, Reject
from papernet.venues.options.market import OptionMarket, OptionOrder
from papernet.venues.options.portfolio import Portfolio
from papernet.venues.options.turn import OptionTurn

_BUY: Final = Side.BUY
_CANCELED: Final = OrderStatus.CANCELED
_EXPIRED: Final = OrderStatus.EXPIRED


def withdraw(turn: OptionTurn, market: OptionMarket, portfolio: Portfolio, order: OptionOrder) -> None:
    """Take an open order off its book and out of its portfolio."""
    market.book.remove(order)
    turn.changed(market)
    forget(market, portfolio, order)


def forget(market: OptionMarket, portfolio: Portfolio, order: OptionOrder) -> None:
    """Let an order that is on no book any more be open no more, either."""
    del market.orders[order.order_id]
    portfolio.lower_open(order, order.leaves)
    portfolio.remove_open(order)


def end_order(turn: OptionTurn, portfolio: Portfolio, order: OptionOrder, status: OrderStatus, exec_type: ExecType) -> None:
    """End an open order and tell of it."""
    withdraw(turn, turn.venue.markets[order.terms.symbol], portfolio, order)
    order.status = status
    order.updated_at = turn.at
    turn.report(order, exec_type)


def find_open(portfolio: Portfolio, symbol: str, order_id: int, client_order_id: str) -> OptionOrder | None:
    """Return the open order on a contract that the ids name (-1 and "" are absent); with both, both must be its."""
    if order_id < 0:
        order = portfolio.client_order_ids.get(client_order_id)
    else:
        order = portfolio.open_orders.get(order_id)
        if order is not None and client_order_id and order.terms.client_order_id != client_order_id:
            return None
    return order if order is not None and order.terms.symbol == symbol else None


def cancel(turn: OptionTurn, portfolio: Portfolio, command: CancelOption) -> Reject | None:
    """Cancel one open order of the account; return why not, or None."""
    order = find_open(portfolio, command.symbol, command.order_id, command.client_order_id)
    if order is None:
        return Reject(Reason.UNKNOWN_OPTION_ORDER)
    end_order(turn, portfolio, order, _CANCELED, ExecType.CANCELED)
    return None


def cancel_all(
    turn: OptionTurn,
    portfolio: Portfolio,
    *,
    symbol: str = "",
    underlying: str = "",
    only_protected: bool = False,
    status: OrderStatus = _CANCELED,
) -> int:
    """End the open orders on a contract, on an underlying, or all, oldest first; return how many they were."""
    markets = turn.venue.markets
    ended = [
        order
        for order in portfolio.open_orders.values()
        if (not symbol or order.terms.symbol == symbol)
        and (not underlying or markets[order.terms.symbol].contract.underlying == underlying)
        and (order.terms.is_protected or not only_protected)
    ]
    exec_type = ExecType.CANCELED if status is _CANCELED else ExecType.EXPIRED
    for order in ended:
        end_order(turn, portfolio, order, status, exec_type)
    return len(ended)


def end_excess(turn: OptionTurn, portfolio: Portfolio, symbol: str) -> None:
    """End the reduce-only orders on a contract, all but the oldest, that its position has become too small for.

    Other orders have closed what they were to close: filled now, they would open a position the other way round.
    """
    position = portfolio.positions.get(symbol)
    if position is None or not position.reducing:
        return
    reducing = [order for order in portfolio.open_orders.values() if order.terms.reduce_only and order.terms.symbol == symbol]
    for side, reducible in ((_BUY, -position.quantity), (Side.SELL, position.quantity)):
        left = max(reducible, 0)
        for order in [order for order in reducing if order.side is side]:
            if order.leaves <= left:
                left -= order.leaves
            else:
                end_order(turn, portfolio, order, _EXPIRED, ExecType.EXPIRED)
