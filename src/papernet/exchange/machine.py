"""The exchange as a state machine: entries in, events out, nothing else.

Order of work.  `apply` finds the handler of the entry's command; a handler either returns a `Reject` and changed nothing, or
                does its work and returns what happened.
Invariant.      The same entries give the same state and the same events, whatever the machine, the hash seed or the hour. Time
                is the entry's. Each asset's total is what was issued; no book is crossed between entries.
Does not.       Read a clock, draw numbers, touch files or know protocols: whatever is not deterministic was settled before.
"""

from collections.abc import Callable
from typing import Any, Final

from msgspec import ValidationError

from papernet.core.commands import (
    CancelOpenOrders,
    CancelOrder,
    Command,
    Deposit,
    Entry,
    ListSymbol,
    NewOrder,
    OpenAccount,
    RegisterKey,
    Reset,
    RevokeKey,
    SeedCandles,
    SetCommission,
    SetLimits,
    SetSymbolStatus,
)
from papernet.core.events import (
    AccountOpened,
    Applied,
    BalanceChanged,
    CandlesSeeded,
    Event,
    ExecutionReport,
    KeyRegistered,
    KeyRevoked,
    Refused,
    SettingChanged,
    SymbolListed,
    SymbolStatusChanged,
    WorldReset,
)
from papernet.core.ledger import Account, Ledger
from papernet.core.rejects import Reason, Reject
from papernet.core.units import AMOUNT_MAX, SCALE
from papernet.exchange.accounts import Accounts
from papernet.exchange.allowances import Allowance
from papernet.venues.spot import trading
from papernet.venues.spot.market import Market
from papernet.venues.spot.symbols import Symbol

Outcome = Reject | list[Event]

# An odd multiplier is a bijection modulo 2^88, so ids derived from different numbers differ.
_ID_MULTIPLIER: Final = 0x9E3779B97F4A7C15F39CC1
_ID_MASK: Final = (1 << 88) - 1


def derived_client_order_id(seq: int) -> str:
    """Return the client order id of an order or cancel whose sender gave none: 22 hexadecimal digits made of `seq`."""
    return f"{seq * _ID_MULTIPLIER & _ID_MASK:022x}"


class Exchange:
    """The whole state: markets, accounts, ledger, allowances."""

    def __init__(self) -> None:
        """Make an exchange with no symbols and nobody in it."""
        self.markets: Final[dict[str, Market]] = {}
        # listing order
        self.assets: Final[dict[str, None]] = {}
        self.accounts: Final = Accounts()
        self.ledger: Ledger = Ledger()
        self.allowances: Final[dict[int, Allowance]] = {}
        self.limits_enabled: bool = True
        self.epoch: int = 1
        # grows with whatever an exchange information reply depends on
        self.listing_version: int = 0
        self._handlers: Final[dict[type[Command], Callable[[int, int, Any], Outcome]]] = {
            NewOrder: self._new_order,
            CancelOrder: self._cancel_order,
            CancelOpenOrders: self._cancel_open_orders,
            ListSymbol: self._list_symbol,
            SetSymbolStatus: self._set_symbol_status,
            OpenAccount: self._open_account,
            Deposit: self._deposit,
            SetCommission: self._set_commission,
            RegisterKey: self._register_key,
            RevokeKey: self._revoke_key,
            SetLimits: self._set_limits,
            SeedCandles: self._seed_candles,
            Reset: self._reset,
        }

    def apply(self, entry: Entry) -> Applied:
        """Carry out one entry and return what it brought about."""
        command = entry.command
        handler = self._handlers[type(command)]
        outcome = handler(entry.seq, entry.at, command)
        if isinstance(outcome, Reject):
            return Applied(entry.seq, entry.at, (Refused(outcome),))
        return Applied(entry.seq, entry.at, tuple(outcome))

    def check_order(self, command: NewOrder, at: int) -> Reject | None:
        """Return why the rules refuse an order, or None; changes nothing (rest-api.md, Test new order)."""
        market = self.markets.get(command.symbol)
        if market is None:
            return Reject(Reason.UNKNOWN_SYMBOL)
        account = self.accounts.by_id.get(command.account)
        if account is None:
            return Reject(Reason.UNKNOWN_ACCOUNT)
        return trading.refusal_by_rules(market, account, command, at)

    def order_counts(self, account_id: int, at: int) -> tuple[int, int]:
        """Return an account's unfilled order counts in the 10 second and the one day window that hold `at`."""
        allowance = self.allowances.get(account_id)
        return allowance.counts(at) if allowance is not None else (0, 0)

    def check_invariants(self) -> None:
        """Assert what the header promises; O(state), for tests and recovery."""
        self.ledger.check_invariants(self.accounts.by_id.values())
        needs: dict[tuple[int, str], int] = {}
        for market in self.markets.values():
            market.book.check_invariants()
            resting = sum(level.count for side in (market.book.bids, market.book.asks) for level in side.levels.values())
            assert resting == len(market.orders)
            for order in market.orders.values():
                asset = market.symbol.quote_asset if order.side == 1 else market.symbol.base_asset
                key = (order.terms.account, asset)
                needs[key] = needs.get(key, 0) + trading.need_of(order)
        for account in self.accounts.by_id.values():
            for asset, balance in account.balances.items():
                assert balance.held == needs.get((account.account_id, asset), 0), (account.name, asset)

    def _new_order(self, seq: int, at: int, command: NewOrder) -> Outcome:
        market = self.markets.get(command.symbol)
        if market is None:
            return Reject(Reason.UNKNOWN_SYMBOL)
        account = self.accounts.by_id.get(command.account)
        if account is None:
            return Reject(Reason.ACCOUNT_MAY_NOT_TRADE)
        if not account.is_user:
            if not command.client_order_id:
                # Nobody asks for the crowd's orders by client order id: theirs need only be unique.
                command = _with_client_order_id(command, str(seq))
            outcome = trading.place(market, account, self.accounts.by_id, self.ledger, command, at)
            self._relieve(outcome, at)
            return outcome
        allowance = self.allowances.get(command.account)
        if allowance is None:
            allowance = Allowance()
        exceeded = allowance.exceeded(at) if self.limits_enabled else None
        if exceeded is not None:
            return Reject(Reason.TOO_MANY_ORDERS, exceeded)
        if not command.client_order_id:
            command = _with_client_order_id(command, derived_client_order_id(seq))
        outcome = trading.place(market, account, self.accounts.by_id, self.ledger, command, at)
        if not isinstance(outcome, Reject):
            # Only now: what a refused order touches must look as if it had never come.
            self.allowances[command.account] = allowance
            allowance.count(at)
        self._relieve(outcome, at)
        return outcome

    def _relieve(self, outcome: Outcome, at: int) -> None:
        """Lower the unfilled order counts of those whose orders were filled for the first time."""
        # Without a fill there are three events at most: the order's report, the book's change, the account's balances.
        if isinstance(outcome, Reject) or len(outcome) <= 3:
            return
        for event in outcome:
            if type(event) is ExecutionReport and event.last_quantity and event.last_quantity == event.cum_quantity:
                allowance = self.allowances.get(event.terms.account)
                if allowance is not None:
                    allowance.relieve(at, is_maker=event.is_maker)

    def _cancel_order(self, seq: int, at: int, command: CancelOrder) -> Outcome:
        market = self.markets.get(command.symbol)
        if market is None:
            return Reject(Reason.UNKNOWN_SYMBOL)
        account = self.accounts.by_id.get(command.account)
        if account is None:
            return Reject(Reason.ACCOUNT_MAY_NOT_TRADE)
        request_id = command.client_order_id or (derived_client_order_id(seq) if account.is_user else "")
        return trading.cancel(
            market, account, command.order_id, command.orig_client_order_id, request_id, command.restriction, at
        )

    def _cancel_open_orders(self, seq: int, at: int, command: CancelOpenOrders) -> Outcome:
        market = self.markets.get(command.symbol)
        if market is None:
            return Reject(Reason.UNKNOWN_SYMBOL)
        account = self.accounts.by_id.get(command.account)
        if account is None:
            return Reject(Reason.ACCOUNT_MAY_NOT_TRADE)
        return trading.cancel_all(market, account, command.client_order_id or derived_client_order_id(seq), at)

    def _list_symbol(self, _seq: int, _at: int, command: ListSymbol) -> Outcome:
        try:
            symbol = Symbol.from_spec(command.spec)
        except ValidationError as error:
            return Reject(Reason.BAD_SYMBOL_SPEC, (str(error),))
        if symbol.name in self.markets:
            return Reject(Reason.DUPLICATE_SYMBOL, (symbol.name,))
        self.markets[symbol.name] = Market(symbol)
        self.assets[symbol.base_asset] = None
        self.assets[symbol.quote_asset] = None
        self.listing_version += 1
        return [SymbolListed(symbol.name)]

    def _set_symbol_status(self, _seq: int, _at: int, command: SetSymbolStatus) -> Outcome:
        market = self.markets.get(command.symbol)
        if market is None:
            return Reject(Reason.UNKNOWN_SYMBOL)
        market.status = command.status
        self.listing_version += 1
        return [SymbolStatusChanged(command.symbol, command.status)]

    def _open_account(self, _seq: int, at: int, command: OpenAccount) -> Outcome:
        if command.name in self.accounts.by_name or command.uid in self.accounts.by_uid:
            return Reject(Reason.DUPLICATE_ACCOUNT, (command.name,))
        if not _can_be_given(command.balances):
            return Reject(Reason.BAD_AMOUNT)
        account = self.accounts.open(command, at)
        events: list[Event] = [AccountOpened(account.account_id, account.name, account.uid, account.kind)]
        self._endow(account, command.balances, at, events)
        return events

    def _deposit(self, _seq: int, at: int, command: Deposit) -> Outcome:
        account = self.accounts.by_id.get(command.account)
        if account is None:
            return Reject(Reason.UNKNOWN_ACCOUNT)
        if command.asset not in self.assets:
            return Reject(Reason.UNKNOWN_ASSET, (command.asset,))
        balance = account.balances.get(command.asset)
        free, held = (balance.free, balance.held) if balance is not None else (0, 0)
        if command.amount == 0 or free + held + command.amount > AMOUNT_MAX:
            return Reject(Reason.BAD_AMOUNT)
        if free + command.amount < 0:
            return Reject(Reason.INSUFFICIENT_BALANCE)
        self.ledger.issue(account, command.asset, command.amount)
        account.updated_at = at
        return [BalanceChanged(command.account, at, command.asset, command.amount)]

    def _set_commission(self, _seq: int, _at: int, command: SetCommission) -> Outcome:
        account = self.accounts.by_id.get(command.account)
        if account is None:
            return Reject(Reason.UNKNOWN_ACCOUNT)
        rates = (command.maker, command.taker, command.buyer, command.seller)
        # What a side pays in sum must leave something of what it receives.
        if any(rate < 0 for rate in rates) or max(rates[:2]) + max(rates[2:]) > SCALE:
            return Reject(Reason.BAD_AMOUNT)
        account.maker_rate, account.taker_rate, account.buyer_rate, account.seller_rate = rates
        return [SettingChanged(command.account)]

    def _register_key(self, _seq: int, at: int, command: RegisterKey) -> Outcome:
        if command.account not in self.accounts.by_id:
            return Reject(Reason.UNKNOWN_ACCOUNT)
        if command.api_key in self.accounts.keys:
            return Reject(Reason.DUPLICATE_KEY)
        self.accounts.keys[command.api_key] = command
        return [KeyRegistered(command, at)]

    def _revoke_key(self, _seq: int, _at: int, command: RevokeKey) -> Outcome:
        if self.accounts.keys.pop(command.api_key, None) is None:
            return Reject(Reason.UNKNOWN_KEY)
        return [KeyRevoked(command.api_key)]

    def _set_limits(self, _seq: int, _at: int, command: SetLimits) -> Outcome:
        self.limits_enabled = command.enabled
        return [SettingChanged(0)]

    def _seed_candles(self, _seq: int, _at: int, command: SeedCandles) -> Outcome:
        market = self.markets.get(command.symbol)
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

    def _reset(self, _seq: int, at: int, command: Reset) -> Outcome:
        """general-info.md, resets: a blank state and fresh balances, while API keys survive."""
        if not _can_be_given(command.balances) or not _can_be_given(command.crowd_balances):
            return Reject(Reason.BAD_AMOUNT)
        self.epoch += 1
        self.ledger = Ledger()
        self.allowances.clear()
        for name, market in self.markets.items():
            market.book.clear()
            self.markets[name] = Market(market.symbol)
        events: list[Event] = [WorldReset(self.epoch, at)]
        for account in self.accounts.by_id.values():
            account.balances.clear()
            account.open_orders.clear()
            account.client_order_ids.clear()
            account.open_counts.clear()
            self._endow(account, command.balances if account.is_user else command.crowd_balances, at, events)
        self.listing_version += 1
        return events

    def _endow(self, account: Account, balances: tuple[tuple[str, int], ...], at: int, events: list[Event]) -> None:
        account.updated_at = at
        for asset, amount in balances:
            self.ledger.issue(account, asset, amount)
            events.append(BalanceChanged(account.account_id, at, asset, amount))


def _can_be_given(balances: tuple[tuple[str, int], ...]) -> bool:
    """Tell whether amounts, summed by asset, are what an account can have."""
    totals: dict[str, int] = {}
    for asset, amount in balances:
        totals[asset] = totals.get(asset, 0) + amount
    return all(amount >= 0 for _, amount in balances) and all(total <= AMOUNT_MAX for total in totals.values())


def _with_client_order_id(order: NewOrder, client_order_id: str) -> NewOrder:
    return NewOrder(
        order.account,
        order.symbol,
        order.side,
        order.order_type,
        order.time_in_force,
        order.quantity,
        order.price,
        order.quote_quantity,
        client_order_id,
        order.strategy_id,
        order.strategy_type,
        order.self_trade_mode,
    )
