"""The commands of traders, as the machine carries them out on the spot venue.

Order of work.  Find the market and the account, look whether that account may place so many more orders now, fill in what the
                sender left out, and let the venue do the work; then count, and let first fills lower the counts.
Invariant.      A refused command leaves no trace, not even an empty allowance.
Does not.       Know the venue's rules.
Source.         rest-api.md, Trading endpoints, Unfilled Order Count; faqs/order_count_decrement.md.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from papernet.core.account import Account
from papernet.core.commands import (
    AmendOrder,
    CancelOpenOrders,
    CancelOrder,
    CancelOrderList,
    NewOrder,
    NewOrderList,
    ReplaceOrder,
)
from papernet.core.events import Event
from papernet.core.rejects import Reason, Reject
from papernet.exchange.allowances import Allowance
from papernet.venues.spot.admission import refusal_by_rules, refusal_of_account
from papernet.venues.spot.changing import amend, cancel, cancel_all, replace_order
from papernet.venues.spot.market import Market
from papernet.venues.spot.order_lists import cancel_list, place_list
from papernet.venues.spot.placing import place
from papernet.venues.spot.turn import Turn

if TYPE_CHECKING:
    from papernet.exchange.machine import Exchange

Outcome = Reject | list[Event]

# An odd multiplier is a bijection modulo 2^88, so ids derived from different numbers differ.
_ID_MULTIPLIER: Final = 0x9E3779B97F4A7C15F39CC1
_ID_MASK: Final = (1 << 88) - 1
# where the further ids of one entry are derived from: far beyond any sequence number
_ID_PLACE: Final = 1 << 80


def derived_client_order_id(seq: int, place: int = 0) -> str:
    """Return the client order id of what had none: 22 hexadecimal digits made of `seq` and the place within the command."""
    return f"{(seq + place * _ID_PLACE) * _ID_MULTIPLIER & _ID_MASK:022x}"


def check_order(exchange: "Exchange", command: NewOrder, at: int) -> Reject | None:
    """Return why the rules refuse an order, or None; changes nothing (rest-api.md, Test new order)."""
    admitted = _admitted(exchange, command.symbol, command.account, uses_sor=command.uses_sor)
    if isinstance(admitted, Reject):
        return admitted
    market, account = admitted
    return refusal_by_rules(exchange.venue, market, account, _completed(command, market, "-"), at)


def _admitted(exchange: "Exchange", symbol: str, account_id: int, *, uses_sor: bool = False) -> tuple[Market, Account] | Reject:
    """Return the market and the account of a command that places something, or why that account may not."""
    market = exchange.venue.markets.get(symbol)
    if market is None:
        return Reject(Reason.UNKNOWN_SYMBOL)
    account = exchange.accounts.by_id.get(account_id)
    if account is None:
        return Reject(Reason.ACCOUNT_MAY_NOT_TRADE)
    return refusal_of_account(market, account, uses_sor=uses_sor) or (market, account)


def _found(exchange: "Exchange", symbol: str, account_id: int) -> tuple[Market, Account] | Reject:
    """Return the market and the account of a command that changes what is open, or what there is not."""
    market = exchange.venue.markets.get(symbol)
    if market is None:
        return Reject(Reason.UNKNOWN_SYMBOL)
    account = exchange.accounts.by_id.get(account_id)
    # errors.md: an account with trading disabled may not cancel either.
    if account is None or not account.can_trade:
        return Reject(Reason.ACCOUNT_MAY_NOT_TRADE)
    return market, account


def _new_order(exchange: "Exchange", seq: int, at: int, command: NewOrder) -> Outcome:
    market = exchange.venue.markets.get(command.symbol)
    if market is None:
        return Reject(Reason.UNKNOWN_SYMBOL)
    account = exchange.accounts.by_id.get(command.account)
    if account is None:
        return Reject(Reason.ACCOUNT_MAY_NOT_TRADE)
    if command.uses_sor or not account.can_trade or account.permissions != market.admitted:
        # Nearly everybody's permissions are those that were admitted last.
        refusal = refusal_of_account(market, account, uses_sor=command.uses_sor)
        if refusal is not None:
            return refusal
    turn = Turn(exchange.venue, market, at)
    if not account.is_user:
        # Nobody asks for the crowd's orders by client order id: theirs need only be unique.
        refusal = place(turn, account, _completed(command, market, str(seq)))
        return refusal or _finished(exchange, turn)
    allowance = exchange.allowances.get(command.account) or Allowance()
    exceeded = allowance.exceeded(at, 1) if exchange.limits_enabled else None
    if exceeded is not None:
        return Reject(Reason.TOO_MANY_ORDERS, exceeded)
    if not command.client_order_id or command.self_trade_mode is None:
        command = _completed(command, market, derived_client_order_id(seq))
    refusal = place(turn, account, command)
    if refusal is not None:
        return refusal
    # Only now: what a refused order touches must look as if it had never come.
    exchange.allowances[command.account] = allowance
    allowance.count(at, 1)
    return _finished(exchange, turn)


def _new_order_list(exchange: "Exchange", seq: int, at: int, command: NewOrderList) -> Outcome:
    admitted = _admitted(exchange, command.symbol, command.account)
    if isinstance(admitted, Reject):
        return admitted
    market, account = admitted
    allowance = exchange.allowances.get(command.account) or Allowance()
    count = len(command.legs)
    exceeded = allowance.exceeded(at, count) if exchange.limits_enabled and account.is_user else None
    if exceeded is not None:
        return Reject(Reason.TOO_MANY_ORDERS, exceeded)
    # An entry names up to four things: the list and its orders.
    ids = [derived_client_order_id(seq, place) for place in range(count + 1)]
    legs = tuple(_completed(leg, market, name) for leg, name in zip(command.legs, ids[1:], strict=True))
    command = NewOrderList(command.account, command.symbol, command.kind, legs, command.list_client_order_id or ids[0])
    turn = Turn(exchange.venue, market, at)
    refusal = place_list(turn, account, command)
    if refusal is not None:
        return refusal
    if account.is_user:
        exchange.allowances[command.account] = allowance
        allowance.count(at, count)
    return _finished(exchange, turn)


def _replace_order(exchange: "Exchange", seq: int, at: int, command: ReplaceOrder) -> Outcome:
    order = command.order
    admitted = _admitted(exchange, order.symbol, order.account)
    if isinstance(admitted, Reject):
        return admitted
    market, account = admitted
    allowance = exchange.allowances.get(order.account) or Allowance()
    limit = allowance.exceeded(at, 1) if exchange.limits_enabled and account.is_user else None
    exceeded = Reject(Reason.TOO_MANY_ORDERS, limit) if limit is not None else None
    turn = Turn(exchange.venue, market, at)
    request_id = command.cancel.client_order_id or derived_client_order_id(seq, 1)
    terms = _completed(order, market, derived_client_order_id(seq))
    refusal = replace_order(turn, account, command, terms, request_id, exceeded)
    if refusal is not None:
        return refusal
    if account.is_user and exceeded is None:
        # rest-api.md, Cancel an Existing Order: a new order that was not attempted counts too.
        exchange.allowances[order.account] = allowance
        allowance.count(at, 1)
    return _finished(exchange, turn)


def _finished(exchange: "Exchange", turn: Turn) -> list[Event]:
    """Return what a turn brought about; first fills lower the unfilled order counts of those whose orders they were."""
    for account_id, is_maker in turn.first_fills or ():
        allowance = exchange.allowances.get(account_id)
        if allowance is not None:
            allowance.relieve(turn.at, is_maker=is_maker)
    return turn.finish()


def _cancel_order(exchange: "Exchange", seq: int, at: int, command: CancelOrder) -> Outcome:
    found = _found(exchange, command.symbol, command.account)
    if isinstance(found, Reject):
        return found
    market, account = found
    turn = Turn(exchange.venue, market, at)
    request_id = command.client_order_id or (derived_client_order_id(seq) if account.is_user else "")
    return cancel(turn, account, command, request_id) or turn.finish()


def _cancel_open_orders(exchange: "Exchange", seq: int, at: int, command: CancelOpenOrders) -> Outcome:
    found = _found(exchange, command.symbol, command.account)
    if isinstance(found, Reject):
        return found
    market, account = found
    turn = Turn(exchange.venue, market, at)
    return cancel_all(turn, account, command.client_order_id or derived_client_order_id(seq)) or turn.finish()


def _cancel_order_list(exchange: "Exchange", seq: int, at: int, command: CancelOrderList) -> Outcome:
    found = _found(exchange, command.symbol, command.account)
    if isinstance(found, Reject):
        return found
    market, account = found
    turn = Turn(exchange.venue, market, at)
    request_id = command.client_order_id or derived_client_order_id(seq)
    refusal = cancel_list(turn, account, command.order_list_id, command.list_client_order_id, request_id)
    return refusal or turn.finish()


def _amend_order(exchange: "Exchange", seq: int, at: int, command: AmendOrder) -> Outcome:
    found = _found(exchange, command.symbol, command.account)
    if isinstance(found, Reject):
        return found
    market, account = found
    turn = Turn(exchange.venue, market, at)
    return amend(turn, account, command, command.client_order_id or derived_client_order_id(seq)) or turn.finish()


def _completed(order: NewOrder, market: Market, client_order_id: str) -> NewOrder:
    """Return an order with what its sender left out: its client order id, and the symbol's self-trade mode."""
    mode = order.self_trade_mode
    return NewOrder(
        order.account,
        order.symbol,
        order.side,
        order.order_type,
        order.time_in_force,
        order.quantity,
        order.price,
        order.quote_quantity,
        order.client_order_id or client_order_id,
        order.strategy_id,
        order.strategy_type,
        # faqs/stp_faq, How do I know which symbol uses STP
        market.symbol.default_self_trade_mode if mode is None else mode,
        order.stop_price,
        order.trailing_delta,
        order.iceberg_quantity,
        order.peg_price,
        order.peg_offset,
        order.uses_sor,
    )


TRADING: Final[Mapping[type[Any], Callable[["Exchange", int, int, Any], Outcome]]] = {
    NewOrder: _new_order,
    NewOrderList: _new_order_list,
    CancelOrder: _cancel_order,
    CancelOpenOrders: _cancel_open_orders,
    CancelOrderList: _cancel_order_list,
    ReplaceOrder: _replace_order,
    AmendOrder: _amend_order,
}
