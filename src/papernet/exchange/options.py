"""The options venue's commands, as the machine carries them out.

Order of work.  Find the portfolio, and for an order look whether that account may place one more now; let the venue do the
                work; count; look again at the portfolios that changed, for they may owe more than they have; tell all of it.
Invariant.      A refused command leaves no trace. Every account has a portfolio from when it and the venue are both there.
Both venues.    They meet in two places: an index is made of the spot market of the same name, and a transfer moves money
                between the two wallets of an account.
Does not.       Know the venue's rules.
Source.         European Options: Trade, Market Maker Endpoints, Market Maker Block Trade, Exchange Information (rateLimits).
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from msgspec import ValidationError

from papernet.core.account import Account
from papernet.core.commands import (
    AcceptBlockOrder,
    AdvanceTime,
    CancelOption,
    CancelOptions,
    ChangeBlockOrder,
    ConfigureOptions,
    ConfigureOptionsAccount,
    CreateBlockOrder,
    MarkContracts,
    PlaceOption,
    QuoteOptions,
    RefreshCountdowns,
    ResetProtection,
    SetCountdown,
    SetProtection,
    TransferToOptions,
)
from papernet.core.events import ContractsMarked, Event, SettingChanged
from papernet.core.rejects import Reason, Reject
from papernet.core.units import SCALE
from papernet.exchange.option_counts import OptionCounts
from papernet.venues.options import block_orders, opening
from papernet.venues.options.advancing import advance
from papernet.venues.options.changing import cancel, cancel_all
from papernet.venues.options.contracts import Underlying
from papernet.venues.options.countdowns import refresh_countdowns, set_countdown
from papernet.venues.options.market import Mark
from papernet.venues.options.placing import place
from papernet.venues.options.portfolio import Portfolio
from papernet.venues.options.protection import reset_protection, set_protection
from papernet.venues.options.quoting import quote
from papernet.venues.options.risk import assess
from papernet.venues.options.turn import OptionTurn
from papernet.venues.options.wallets import endow, transfer
from papernet.venues.spot.market import Market

if TYPE_CHECKING:
    from papernet.exchange.machine import Exchange

Outcome = Reject | list[Event]
_OfAccount = SetProtection | ResetProtection | SetCountdown | RefreshCountdowns | ChangeBlockOrder | AcceptBlockOrder

_NO_ACCOUNT: Final = Reject(Reason.NO_OPTIONS_ACCOUNT)


def _finished(turn: OptionTurn) -> list[Event]:
    """Return what a turn brought about; users whose portfolios changed may be in danger now, or out of it."""
    for portfolio in turn.touched():
        if portfolio.is_user:
            assess(turn, portfolio)
    return turn.finish()


def _place_option(exchange: "Exchange", _seq: int, at: int, command: PlaceOption) -> Outcome:
    venue, terms = exchange.options, command.terms
    if terms.symbol not in venue.markets:
        return Reject(Reason.UNKNOWN_CONTRACT)
    portfolio = venue.portfolios.get(terms.account)
    if portfolio is None:
        return _NO_ACCOUNT
    counts = exchange.option_counts.get(terms.account) or OptionCounts()
    if portfolio.is_user and portfolio.can_trade and exchange.limits_enabled:
        exceeded = counts.exceeded(at)
        if exceeded is not None:
            return Reject(Reason.TOO_MANY_OPTION_ORDERS, exceeded)
    turn = OptionTurn(venue, at)
    refusal = place(turn, portfolio, terms)
    if refusal is not None:
        return refusal
    if portfolio.is_user:
        # Only now: what a refused order touches must look as if it had never come.
        exchange.option_counts[terms.account] = counts
        counts.count(at)
    return _finished(turn)


def _cancel_option(exchange: "Exchange", _seq: int, at: int, command: CancelOption) -> Outcome:
    # A contract that is gone has no orders, either: clients cancel what has just expired.
    turn, portfolio = OptionTurn(exchange.options, at), exchange.options.portfolios.get(command.account)
    if portfolio is None:
        return _NO_ACCOUNT
    return cancel(turn, portfolio, command) or turn.finish()


def _cancel_options(exchange: "Exchange", _seq: int, at: int, command: CancelOptions) -> Outcome:
    venue = exchange.options
    if command.symbol and command.symbol not in venue.markets:
        return Reject(Reason.UNKNOWN_CONTRACT)
    if command.underlying and command.underlying not in venue.underlyings:
        return Reject(Reason.UNKNOWN_UNDERLYING)
    portfolio = venue.portfolios.get(command.account)
    if portfolio is None:
        return _NO_ACCOUNT
    turn = OptionTurn(venue, at)
    cancel_all(turn, portfolio, symbol=command.symbol, underlying=command.underlying)
    return turn.finish()


def _quote_options(exchange: "Exchange", _seq: int, at: int, command: QuoteOptions) -> Outcome:
    portfolio = exchange.options.portfolios.get(command.account)
    # Quotes are taken without a look at margins, which only the crowd can do without.
    if portfolio is None or portfolio.is_user:
        return _NO_ACCOUNT
    turn = OptionTurn(exchange.options, at)
    quote(turn, portfolio, command)
    return _finished(turn)


def _mark_contracts(exchange: "Exchange", _seq: int, at: int, command: MarkContracts) -> Outcome:
    venue = exchange.options
    if any(row[1] < 0 for row in command.rows):
        return Reject(Reason.BAD_AMOUNT)
    # What expired while the model was at work is not marked any more.
    marked = {row[0]: Mark(at, *row[1:]) for row in command.rows if row[0] in venue.markets}
    for symbol, mark in marked.items():
        venue.markets[symbol].mark = mark
    turn = OptionTurn(venue, at)
    turn.events.append(ContractsMarked(at, tuple(marked)))
    for portfolio in venue.portfolios.values():
        if portfolio.is_user and any(
            position.quantity < 0 and symbol in marked for symbol, position in portfolio.positions.items()
        ):
            assess(turn, portfolio)
    return turn.finish()


def _transfer(exchange: "Exchange", _seq: int, at: int, command: TransferToOptions) -> Outcome:
    account, portfolio = exchange.accounts.by_id.get(command.account), exchange.options.portfolios.get(command.account)
    if account is None or portfolio is None:
        return _NO_ACCOUNT
    turn = OptionTurn(exchange.options, at)
    return transfer(turn, account, portfolio, command) or _finished(turn)


def _configure_options(exchange: "Exchange", _seq: int, at: int, command: ConfigureOptions) -> Outcome:
    try:
        underlyings = tuple(Underlying.from_spec(spec) for spec in command.underlyings)
    except ValidationError as error:
        return Reject(Reason.BAD_VENUE_RULES, (str(error),))
    venue, was_open = exchange.options, bool(exchange.options.asset)
    for underlying in underlyings:
        if underlying.settle_asset not in exchange.assets:
            return Reject(Reason.UNKNOWN_ASSET, (underlying.settle_asset,))
    users = 0 if was_open else sum(account.is_user for account in exchange.accounts.by_id.values())
    if underlyings and not exchange.ledger.can_issue(underlyings[0].settle_asset, users * command.opening_balance):
        return Reject(Reason.BAD_AMOUNT)
    refusal = opening.configure(venue, underlyings, command.opening_balance, at)
    if refusal is not None:
        return refusal
    events: list[Event] = [SettingChanged(0)]
    if not was_open:
        for account in exchange.accounts.by_id.values():
            events += welcome(exchange, account, at)
    return events


def welcome(exchange: "Exchange", account: Account, at: int) -> list[Event]:
    """Give an account its portfolio with what it begins with, and return what happened; nothing while the venue is closed."""
    venue = exchange.options
    if not venue.asset:
        return []
    turn = OptionTurn(venue, at)
    endow(turn, venue.portfolio(account.account_id, at))
    return turn.finish()


def _configure_account(exchange: "Exchange", _seq: int, _at: int, command: ConfigureOptionsAccount) -> Outcome:
    portfolio = exchange.options.portfolios.get(command.account)
    if portfolio is None:
        return _NO_ACCOUNT
    rates = [rate for rate in (command.maker_rate, command.taker_rate) if rate is not None]
    if command.trade_group < -1 or any(abs(rate) > SCALE for rate in rates):
        return Reject(Reason.BAD_AMOUNT)
    portfolio.can_trade = command.can_trade
    portfolio.may_write = command.may_write
    portfolio.is_market_maker = command.is_market_maker
    portfolio.trade_group = command.trade_group
    portfolio.maker_rate = command.maker_rate
    portfolio.taker_rate = command.taker_rate
    return [SettingChanged(command.account)]


def _create_block_order(exchange: "Exchange", seq: int, at: int, command: CreateBlockOrder) -> Outcome:
    portfolio = exchange.options.portfolios.get(command.account)
    if portfolio is None:
        return _NO_ACCOUNT
    turn = OptionTurn(exchange.options, at)
    return block_orders.create(turn, portfolio, command, seq) or turn.finish()


def _advance_time(exchange: "Exchange", _seq: int, at: int, _command: AdvanceTime) -> Outcome:
    venue = exchange.options
    turn = OptionTurn(venue, at)
    prices = {name: _price(exchange.markets.get(name)) or index.price for name, index in venue.indexes.items()}
    advance(turn, prices)
    return turn.finish()


def _price(market: Market | None) -> int:
    """Return what a spot market's underlying costs: the middle of the best prices, else the last price; 0: nobody knows."""
    if market is None:
        return 0
    bid, ask = market.book.bids.best(), market.book.asks.best()
    return (bid.price + ask.price) // 2 if bid is not None and ask is not None else market.last_price


def _of_portfolio(
    room: Callable[[OptionTurn, Portfolio, Any], Reject | None], *, tells: bool
) -> Callable[["Exchange", int, int, Any], Outcome]:
    """Return the handler of a command that a room of the venue carries out on a portfolio; `tells`: by a setting's event."""

    def handler(exchange: "Exchange", _seq: int, at: int, command: _OfAccount) -> Outcome:
        portfolio = exchange.options.portfolios.get(command.account)
        if portfolio is None:
            return _NO_ACCOUNT
        turn = OptionTurn(exchange.options, at)
        refusal = room(turn, portfolio, command)
        if refusal is not None:
            return refusal
        if tells:
            turn.events.append(SettingChanged(command.account))
        return _finished(turn)

    return handler


OPTIONS: Final[Mapping[type[Any], Callable[["Exchange", int, int, Any], Outcome]]] = {
    PlaceOption: _place_option,
    CancelOption: _cancel_option,
    CancelOptions: _cancel_options,
    QuoteOptions: _quote_options,
    MarkContracts: _mark_contracts,
    TransferToOptions: _transfer,
    ConfigureOptions: _configure_options,
    ConfigureOptionsAccount: _configure_account,
    SetProtection: _of_portfolio(set_protection, tells=True),
    ResetProtection: _of_portfolio(reset_protection, tells=True),
    SetCountdown: _of_portfolio(set_countdown, tells=True),
    RefreshCountdowns: _of_portfolio(refresh_countdowns, tells=True),
    CreateBlockOrder: _create_block_order,
    ChangeBlockOrder: _of_portfolio(block_orders.change, tells=False),
    AcceptBlockOrder: _of_portfolio(block_orders.accept, tells=False),
    AdvanceTime: _advance_time,
}
