"""The exchange as a state machine: entries in, events out, nothing else.

Order of work.  `apply` finds the handler of the entry's command in a table; a handler either returns a `Reject` and changed
                nothing, or does its work and returns what happened.
Invariant.      The same entries give the same state and the same events, whatever the machine, the hash seed or the hour. Time
                is the entry's. Each asset's total is what was issued; no book is crossed between entries.
Does not.       Read a clock, draw numbers, touch files or know protocols: whatever is not deterministic was settled before.
"""

from typing import Final

from papernet.core.commands import Entry, NewOrder
from papernet.core.enums import OrderStatus
from papernet.core.events import Applied, Refused
from papernet.core.ledger import Ledger
from papernet.core.order import OPEN_STATUSES
from papernet.core.rejects import Reject
from papernet.exchange import trading
from papernet.exchange.accounts import Accounts
from papernet.exchange.administration import ADMINISTRATION
from papernet.exchange.allowances import Allowance
from papernet.exchange.option_counts import OptionCounts
from papernet.exchange.options import OPTIONS
from papernet.exchange.trading import TRADING
from papernet.venues.options.venue import OptionsVenue
from papernet.venues.spot.holds import paying_asset
from papernet.venues.spot.market import Market
from papernet.venues.spot.venue import Venue

# What carries out a command of a type: (exchange, sequence number, time, command) -> refusal or events.
_HANDLERS: Final = {**TRADING, **ADMINISTRATION, **OPTIONS}


class Exchange:
    """The whole state: accounts, one ledger, the spot venue and the options venue, allowances."""

    def __init__(self) -> None:
        """Make an exchange with no symbols and nobody in it."""
        # listing order
        self.assets: Final[dict[str, None]] = {}
        self.accounts: Final = Accounts()
        ledger = Ledger()
        self.venue: Final = Venue(self.accounts.by_id, ledger)
        self.options: Final = OptionsVenue(self.accounts.by_id, ledger)
        self.allowances: Final[dict[int, Allowance]] = {}
        self.option_counts: Final[dict[int, OptionCounts]] = {}
        # what the control plane keeps here, by name
        self.staged: Final[dict[str, bytes]] = {}
        self.limits_enabled: bool = True
        self.epoch: int = 1
        # grows with whatever an exchange information reply depends on
        self.listing_version: int = 0

    @property
    def markets(self) -> dict[str, Market]:
        """Return the markets by symbol, in listing order."""
        return self.venue.markets

    @property
    def ledger(self) -> Ledger:
        """Return the ledger of the running epoch."""
        return self.venue.ledger

    def apply(self, entry: Entry) -> Applied:
        """Carry out one entry and return what it brought about."""
        command = entry.command
        outcome = _HANDLERS[type(command)](self, entry.seq, entry.at, command)
        if isinstance(outcome, Reject):
            return Applied(entry.seq, entry.at, (Refused(outcome),))
        return Applied(entry.seq, entry.at, tuple(outcome))

    def check_order(self, command: NewOrder, at: int) -> Reject | None:
        """Return why the rules refuse an order, or None; changes nothing (rest-api.md, Test new order)."""
        return trading.check_order(self, command, at)

    def order_counts(self, account_id: int, at: int) -> tuple[int, int]:
        """Return an account's unfilled order counts in the 10 second and the one day window that hold `at`."""
        allowance = self.allowances.get(account_id)
        return allowance.counts(at) if allowance is not None else (0, 0)

    def option_order_counts(self, account_id: int, at: int) -> tuple[int, int]:
        """Return an account's options order counts in the 10 second and the one minute window that hold `at`."""
        counts = self.option_counts.get(account_id)
        return counts.counts(at) if counts is not None else (0, 0)

    def check_invariants(self) -> None:
        """Assert what the header promises; O(state), for tests and recovery."""
        options = self.options
        wallets = ((options.asset, portfolio.balance) for portfolio in options.portfolios.values())
        self.ledger.check_invariants(self.accounts.by_id.values(), wallets)
        assert self.ledger is options.ledger
        if options.asset:
            assert list(options.portfolios) == [options.house, *self.accounts.by_id]
        options.check_invariants()
        held: dict[tuple[int, str], int] = {}
        for market in self.markets.values():
            market.book.check_invariants()
            resting = sum(level.count for side in (market.book.bids, market.book.asks) for level in side.levels.values())
            pending = 0
            for order in market.orders.values():
                key = (order.terms.account, paying_asset(market, order))
                held[key] = held.get(key, 0) + order.held
                assert order.quantity == order.cum_quantity + order.prevented + order.leaves + order.reserve
                pending += order.status is OrderStatus.PENDING_NEW
                assert order.status in OPEN_STATUSES
                assert order.order_list is None or order.order_list.order_list_id in self.venue.order_lists
            assert resting + len(market.triggers.waiting) + pending == len(market.orders)
        for order_list in self.venue.order_lists.values():
            members = order_list.open_orders()
            assert members
            assert all(self.markets[order_list.symbol].orders.get(order.order_id) is order for order in members)
        for account in self.accounts.by_id.values():
            assert len(account.client_order_ids) == len(account.open_orders)
            for (symbol, _), order in account.open_orders.items():
                assert account.client_order_ids[symbol, order.terms.client_order_id] is order
            for number, order_list in account.open_lists.items():
                assert self.venue.order_lists[number] is order_list
            for asset, locked in account.external_locks.items():
                assert locked > 0, (account.name, asset)
                assert asset in account.balances, (account.name, asset)
            for asset, balance in account.balances.items():
                by_orders, locked = held.get((account.account_id, asset), 0), account.external_locks.get(asset, 0)
                assert balance.held == by_orders + locked, (account.name, asset)
