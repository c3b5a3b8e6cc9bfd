"""The commands of whoever runs the exchange: symbols, accounts, money, keys, rates, rules, resets.

Invariant.      A refused command changed nothing; what changes how the exchange describes itself raises `listing_version`.
Does not.       Trade.
Source.         papernet's own, but for what the documents say of the test network's resets (general-info.md) and block trades
                (rest-api.md, Historical Block Trades).
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from msgspec import ValidationError

from papernet.core.account import NO_RATES, Account, Rates
from papernet.core.commands import (
    ConfigureAccount,
    ConfigureVenue,
    Deposit,
    ListSymbol,
    LockBalance,
    OpenAccount,
    PrintBlockTrade,
    RegisterKey,
    Reset,
    RevokeKey,
    SeedCandles,
    SetCommission,
    SetLimits,
    SetReferencePrice,
    SetSymbolStatus,
    Stage,
)
from papernet.core.enums import AccountKind
from papernet.core.events import (
    AccountOpened,
    AccountUpdate,
    BalanceChanged,
    CandlesSeeded,
    Event,
    ExternalLock,
    KeyRegistered,
    KeyRevoked,
    ReferencePriceChanged,
    SettingChanged,
    Staged,
    SymbolListed,
    SymbolStatusChanged,
    WorldReset,
)
from papernet.core.ledger import Ledger, lock
from papernet.core.rejects import Reason, Reject
from papernet.core.units import SCALE
from papernet.exchange.options import welcome
from papernet.venues.options.opening import start_over
from papernet.venues.spot.block_trades import print_block_trade
from papernet.venues.spot.market import Market
from papernet.venues.spot.reference_price import ExternalPrice
from papernet.venues.spot.symbols import ExternalSpec, Symbol
from papernet.venues.spot.turn import Turn
from papernet.venues.spot.venue_rules import VenueRules

if TYPE_CHECKING:
    from papernet.exchange.machine import Exchange

Outcome = Reject | list[Event]


def _list_symbol(exchange: "Exchange", _seq: int, _at: int, command: ListSymbol) -> Outcome:
    try:
        symbol = Symbol.from_spec(command.spec)
    except ValidationError as error:
        return Reject(Reason.BAD_SYMBOL_SPEC, (str(error),))
    if symbol.name in exchange.markets:
        return Reject(Reason.DUPLICATE_SYMBOL, (symbol.name,))
    exchange.venue.add(Market(symbol))
    exchange.assets[symbol.base_asset] = None
    exchange.assets[symbol.quote_asset] = None
    exchange.listing_version += 1
    return [SymbolListed(symbol.name)]


def _set_symbol_status(exchange: "Exchange", _seq: int, _at: int, command: SetSymbolStatus) -> Outcome:
    market = exchange.markets.get(command.symbol)
    if market is None:
        return Reject(Reason.UNKNOWN_SYMBOL)
    market.status = command.status
    exchange.listing_version += 1
    return [SymbolStatusChanged(command.symbol, command.status)]


def _open_account(exchange: "Exchange", _seq: int, at: int, command: OpenAccount) -> Outcome:
    if command.name in exchange.accounts.by_name or command.uid in exchange.accounts.by_uid:
        return Reject(Reason.DUPLICATE_ACCOUNT, (command.name,))
    if not _can_be_given([command.balances, _options_gift(exchange, command.kind)], exchange.ledger):
        return Reject(Reason.BAD_AMOUNT)
    account = exchange.accounts.open(command, at)
    events: list[Event] = [AccountOpened(account.account_id, account.name, account.uid, account.kind)]
    _endow(exchange, account, command.balances, at, events)
    return events


def _options_gift(exchange: "Exchange", kind: AccountKind) -> tuple[tuple[str, int], ...]:
    """Return what an account begins with on the options venue."""
    options = exchange.options
    return ((options.asset, options.opening_balance),) if options.asset and kind is AccountKind.USER else ()


def _deposit(exchange: "Exchange", _seq: int, at: int, command: Deposit) -> Outcome:
    account = exchange.accounts.by_id.get(command.account)
    if account is None:
        return Reject(Reason.UNKNOWN_ACCOUNT)
    if command.asset not in exchange.assets:
        return Reject(Reason.UNKNOWN_ASSET, (command.asset,))
    if command.amount == 0 or not exchange.ledger.can_issue(command.asset, command.amount):
        return Reject(Reason.BAD_AMOUNT)
    if account.free(command.asset) + command.amount < 0:
        return Reject(Reason.INSUFFICIENT_BALANCE)
    exchange.ledger.issue(account, command.asset, command.amount)
    account.updated_at = at
    return [BalanceChanged(command.account, at, command.asset, command.amount), *_told_balance(account, command.asset, at)]


def _lock_balance(exchange: "Exchange", _seq: int, at: int, command: LockBalance) -> Outcome:
    """user-data-stream.md, External Lock Update: an external system locks part of a balance, or unlocks it."""
    account, asset, amount = exchange.accounts.by_id.get(command.account), command.asset, command.amount
    if account is None:
        return Reject(Reason.UNKNOWN_ACCOUNT)
    if asset not in exchange.assets:
        return Reject(Reason.UNKNOWN_ASSET, (asset,))
    if amount == 0 or not -account.external_locks.get(asset, 0) <= amount <= account.free(asset):
        return Reject(Reason.BAD_AMOUNT)
    lock(account, asset, amount)
    account.updated_at = at
    return [ExternalLock(command.account, at, asset, amount), *_told_balance(account, asset, at)]


def _told_balance(account: Account, asset: str, at: int) -> list[Event]:
    """user-data-stream.md, Account Update: what a user has of an asset is told whenever it changed."""
    if not account.is_user:
        return []
    balance = account.balances[asset]
    return [AccountUpdate(account.account_id, at, ((asset, balance.free, balance.held),))]


def _set_commission(exchange: "Exchange", _seq: int, _at: int, command: SetCommission) -> Outcome:
    account = exchange.accounts.by_id.get(command.account)
    if account is None:
        return Reject(Reason.UNKNOWN_ACCOUNT)
    if command.symbol and command.symbol not in exchange.markets:
        return Reject(Reason.UNKNOWN_SYMBOL)
    rates = Rates((command.maker, command.taker, command.buyer, command.seller), command.special, command.tax)
    parts = (rates.standard, rates.special, rates.tax)
    # What a side pays in sum must leave something of what it receives.
    if any(rate < 0 for part in parts for rate in part) or sum(max(part[:2]) + max(part[2:]) for part in parts) > SCALE:
        return Reject(Reason.BAD_AMOUNT)
    if command.symbol:
        account.symbol_rates[command.symbol] = rates
    else:
        # Whoever pays nothing has the one and only free rates.
        account.rates = NO_RATES if rates == NO_RATES else rates
    return [SettingChanged(command.account)]


def _configure_account(exchange: "Exchange", _seq: int, _at: int, command: ConfigureAccount) -> Outcome:
    account = exchange.accounts.by_id.get(command.account)
    if account is None:
        return Reject(Reason.UNKNOWN_ACCOUNT)
    if command.trade_group < -1 or any(limit < 0 for _, limit in command.asset_limits):
        return Reject(Reason.BAD_AMOUNT)
    for asset, _ in command.asset_limits:
        if asset not in exchange.assets:
            return Reject(Reason.UNKNOWN_ASSET, (asset,))
    account.can_trade = command.can_trade
    account.pays_with_discount_asset = command.pays_with_discount_asset
    account.prevents_sor = command.prevents_sor
    account.trade_group = command.trade_group
    account.permissions = command.permissions
    account.asset_limits.clear()
    account.asset_limits.update(command.asset_limits)
    return [SettingChanged(command.account)]


def _configure_venue(exchange: "Exchange", _seq: int, _at: int, command: ConfigureVenue) -> Outcome:
    try:
        rules = VenueRules.from_spec(command.rules)
    except ValidationError as error:
        return Reject(Reason.BAD_VENUE_RULES, (str(error),))
    for sor in rules.sors:
        for name in sor.symbols:
            if name not in exchange.markets:
                return Reject(Reason.UNKNOWN_SYMBOL)
            if exchange.markets[name].symbol.base_asset != sor.base_asset:
                return Reject(Reason.BAD_VENUE_RULES, (f"sors: {name} is not a market of {sor.base_asset}",))
    exchange.venue.set_rules(rules)
    exchange.listing_version += 1
    return [SettingChanged(0)]


def _set_reference_price(exchange: "Exchange", _seq: int, at: int, command: SetReferencePrice) -> Outcome:
    market = exchange.markets.get(command.symbol)
    if market is None:
        return Reject(Reason.UNKNOWN_SYMBOL)
    if command.price is not None and command.price <= 0:
        return Reject(Reason.BAD_AMOUNT)
    reference = market.reference
    if not isinstance(reference, ExternalPrice):
        reference = market.reference = ExternalPrice(ExternalSpec(0))
    calculation_id = reference.calculation_id if command.calculation_id < 0 else command.calculation_id
    reference.set(command.price, calculation_id, at)
    return [ReferencePriceChanged(command.symbol, at, command.price)]


def _print_block_trade(exchange: "Exchange", _seq: int, at: int, command: PrintBlockTrade) -> Outcome:
    market = exchange.markets.get(command.symbol)
    if market is None:
        return Reject(Reason.UNKNOWN_SYMBOL)
    buyer, seller = (exchange.accounts.by_id.get(account_id) for account_id in (command.buyer, command.seller))
    if buyer is None or seller is None:
        return Reject(Reason.UNKNOWN_ACCOUNT)
    turn = Turn(exchange.venue, market, at)
    return print_block_trade(turn, buyer, seller, command) or turn.finish()


def _register_key(exchange: "Exchange", _seq: int, at: int, command: RegisterKey) -> Outcome:
    if command.account not in exchange.accounts.by_id:
        return Reject(Reason.UNKNOWN_ACCOUNT)
    if command.api_key in exchange.accounts.keys:
        return Reject(Reason.DUPLICATE_KEY)
    exchange.accounts.keys[command.api_key] = command
    return [KeyRegistered(command, at)]


def _revoke_key(exchange: "Exchange", _seq: int, _at: int, command: RevokeKey) -> Outcome:
    if exchange.accounts.keys.pop(command.api_key, None) is None:
        return Reject(Reason.UNKNOWN_KEY)
    return [KeyRevoked(command.api_key)]


def _set_limits(exchange: "Exchange", _seq: int, _at: int, command: SetLimits) -> Outcome:
    exchange.limits_enabled = command.enabled
    return [SettingChanged(0)]


def _seed_candles(exchange: "Exchange", _seq: int, _at: int, command: SeedCandles) -> Outcome:
    market = exchange.markets.get(command.symbol)
    if market is None:
        return Reject(Reason.UNKNOWN_SYMBOL)
    # A past is given before anything happened, or not at all.
    if market.last_at:
        return Reject(Reason.MARKET_HAS_TRADED, (command.symbol,))
    first_trade_id = market.next_trade_id
    market.next_trade_id += sum(row[7] for row in command.rows)
    if command.rows:
        market.last_price = command.rows[-1][4]
    return [CandlesSeeded(command, first_trade_id)]


def _reset(exchange: "Exchange", _seq: int, at: int, command: Reset) -> Outcome:
    """general-info.md, resets: a blank state and fresh balances, while API keys survive."""
    accounts = exchange.accounts.by_id.values()
    gifts = [command.balances if account.is_user else command.crowd_balances for account in accounts]
    gifts += [_options_gift(exchange, account.kind) for account in accounts]
    if not _can_be_given(gifts, Ledger()):
        return Reject(Reason.BAD_AMOUNT)
    exchange.epoch += 1
    venue = exchange.venue
    venue.ledger = exchange.options.ledger = Ledger()
    exchange.allowances.clear()
    exchange.option_counts.clear()
    start_over(exchange.options, at)
    for order_list in venue.order_lists.values():
        for order in order_list.orders:
            order.order_list = None
    venue.order_lists.clear()
    venue.next_order_list_id = 0
    for market in list(exchange.markets.values()):
        market.book.clear()
        venue.add(Market(market.symbol))
    events: list[Event] = [WorldReset(exchange.epoch, at)]
    for account in exchange.accounts.by_id.values():
        account.balances.clear()
        account.external_locks.clear()
        account.open_orders.clear()
        account.client_order_ids.clear()
        account.open_counts.clear()
        account.open_lists.clear()
        account.list_client_order_ids.clear()
        _endow(exchange, account, command.balances if account.is_user else command.crowd_balances, at, events)
    exchange.listing_version += 1
    return events


def _stage(exchange: "Exchange", _seq: int, _at: int, command: Stage) -> Outcome:
    if command.value is None:
        exchange.staged.pop(command.name, None)
    else:
        exchange.staged[command.name] = command.value
    return [Staged(command.name)]


def _endow(exchange: "Exchange", account: Account, balances: tuple[tuple[str, int], ...], at: int, events: list[Event]) -> None:
    account.updated_at = at
    for asset, amount in balances:
        exchange.ledger.issue(account, asset, amount)
        events.append(BalanceChanged(account.account_id, at, asset, amount))
    events += welcome(exchange, account, at)


def _can_be_given(gifts: list[tuple[tuple[str, int], ...]], ledger: Ledger) -> bool:
    """Tell whether accounts can be given these amounts, beside what the ledger has issued."""
    totals: dict[str, int] = {}
    for balances in gifts:
        for asset, amount in balances:
            if amount < 0:
                return False
            totals[asset] = totals.get(asset, 0) + amount
    return all(ledger.can_issue(asset, total) for asset, total in totals.items())


ADMINISTRATION: Final[Mapping[type[Any], Callable[["Exchange", int, int, Any], Outcome]]] = {
    ListSymbol: _list_symbol,
    SetSymbolStatus: _set_symbol_status,
    OpenAccount: _open_account,
    Deposit: _deposit,
    LockBalance: _lock_balance,
    SetCommission: _set_commission,
    ConfigureAccount: _configure_account,
    ConfigureVenue: _configure_venue,
    SetReferencePrice: _set_reference_price,
    PrintBlockTrade: _print_block_trade,
    RegisterKey: _register_key,
    RevokeKey: _revoke_key,
    SetLimits: _set_limits,
    SeedCandles: _seed_candles,
    Reset: _reset,
    Stage: _stage,
}
