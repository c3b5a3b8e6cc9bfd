"""The options venue's state: its underlyings with their indexes, the contracts that trade, portfolios, block orders, counters.

Invariant.      A contract trades from when it is listed until it expires, and `by_expiry` says which expire when. Ids only
                grow: of orders, fills, bills and exercises one counter each for the whole venue, as clients are shown them.
                `block_orders` are those that somebody may still accept, the one first that ends first. `counting` holds the
                portfolios that have a countdown.
House.          The venue's own portfolio, under the number of no account: it takes over what nobody else would. Its balance may
                be below zero, and is never lifted.
Does not.       Decide anything: the rooms beside it do.
"""

from typing import Final

from papernet.core.account import Account
from papernet.core.enums import Side
from papernet.core.events import BlockOrderRecord
from papernet.core.ledger import Ledger
from papernet.core.order import OPEN_STATUSES
from papernet.venues.options.contracts import Contract, Underlying
from papernet.venues.options.index import Index
from papernet.venues.options.market import OptionMarket, OptionOrder
from papernet.venues.options.portfolio import Portfolio

# European Options, New Order: every example's order id lies just above 2^62.
FIRST_ORDER_ID: Final = 1 << 62
FIRST_FILL_ID: Final = 1 << 61
# The account number of the venue's own portfolio; accounts count from 1.
HOUSE: Final = 0


class OptionsVenue:
    """State of the options venue."""

    __slots__ = (
        "accounts",
        "advanced_at",
        "asset",
        "block_orders",
        "by_expiry",
        "counting",
        "house",
        "indexes",
        "ledger",
        "listing_version",
        "markets",
        "next_bill_id",
        "next_block_trade_id",
        "next_exercise_id",
        "next_fill_id",
        "next_order_id",
        "opening_balance",
        "portfolios",
        "shortfall",
        "underlyings",
    )

    def __init__(self, accounts: dict[int, Account], ledger: Ledger) -> None:
        """Make a venue that is closed: it has no underlyings."""
        self.accounts: Final = accounts
        self.ledger: Ledger = ledger
        self.house: Final = HOUSE
        # what portfolios hold, and contracts trade in and pay; "" while the venue is closed
        self.asset: str = ""
        # what a user's portfolio begins with
        self.opening_balance: int = 0
        self.underlyings: Final[dict[str, Underlying]] = {}
        self.indexes: Final[dict[str, Index]] = {}
        # in order of listing
        self.markets: Final[dict[str, OptionMarket]] = {}
        # by underlying and expiry
        self.by_expiry: Final[dict[str, dict[int, list[str]]]] = {}
        # of the house and of every account once the venue is open, in order of opening
        self.portfolios: Final[dict[int, Portfolio]] = {}
        # by account
        self.counting: Final[dict[int, Portfolio]] = {}
        # by key
        self.block_orders: Final[dict[str, BlockOrderRecord]] = {}
        self.next_order_id: int = FIRST_ORDER_ID
        self.next_fill_id: int = FIRST_FILL_ID
        self.next_bill_id: int = 1
        self.next_exercise_id: int = 1
        self.next_block_trade_id: int = 1
        # what was paid for portfolios with which nothing was left
        self.shortfall: int = 0
        # up to when everything that was due has happened; 0: time has not begun
        self.advanced_at: int = 0
        # grows with whatever an exchange information reply depends on
        self.listing_version: int = 0

    def portfolio(self, account_id: int, at: int) -> Portfolio:
        """Return an account's portfolio, made empty at first use."""
        found = self.portfolios.get(account_id)
        if found is None:
            is_user = account_id != HOUSE and self.accounts[account_id].is_user
            found = self.portfolios[account_id] = Portfolio(account_id, is_user=is_user, at=at)
        return found

    def add(self, contract: Contract) -> OptionMarket:
        """List a contract."""
        assert contract.symbol not in self.markets
        market = self.markets[contract.symbol] = OptionMarket(contract, self.underlyings[contract.underlying])
        self.by_expiry.setdefault(contract.underlying, {}).setdefault(contract.expiry, []).append(contract.symbol)
        return market

    def drop(self, underlying: str, expiry: int) -> list[OptionMarket]:
        """Take the contracts of an expiry off the venue, and return their markets."""
        symbols = self.by_expiry.get(underlying, {}).pop(expiry, [])
        return [self.markets.pop(symbol) for symbol in symbols]

    def reference_price(self, market: OptionMarket) -> int:
        """Return the price of the underlying that a contract is priced, charged and margined on."""
        return self.indexes[market.contract.underlying].reference(market.contract.expiry)

    def mark_price(self, market: OptionMarket) -> int:
        """Return what one contract is worth now."""
        return market.mark_price(self.reference_price(market))

    def check_invariants(self) -> None:
        """Assert what the headers of the venue's rooms promise of its state; O(state), for tests and recovery."""
        held: dict[str, list[int]] = {symbol: [] for symbol in self.markets}
        orders: dict[int, OptionOrder] = {}
        for portfolio in self.portfolios.values():
            working: dict[tuple[str, Side], int] = {}
            named = 0
            for order_id, order in portfolio.open_orders.items():
                terms = order.terms
                orders[order_id] = order
                assert terms.account == portfolio.account_id
                assert order.status in OPEN_STATUSES
                assert terms.quantity == order.cum_quantity + order.leaves
                working[terms.symbol, order.side] = working.get((terms.symbol, order.side), 0) + order.leaves
                if terms.client_order_id:
                    named += 1
                    assert portfolio.client_order_ids[terms.client_order_id] is order
            assert named == len(portfolio.client_order_ids)
            for symbol, position in portfolio.positions.items():
                held[symbol].append(position.quantity)
                assert position.buying == working.pop((symbol, Side.BUY), 0)
                assert position.selling == working.pop((symbol, Side.SELL), 0)
                assert position.quantity or position.buying or position.selling
                assert position.quantity or not position.cost
            assert not working
            assert (portfolio.account_id in self.counting) == bool(portfolio.countdowns)
        for symbol, market in self.markets.items():
            market.book.check_invariants()
            resting = sum(level.count for side in (market.book.bids, market.book.asks) for level in side.levels.values())
            assert resting == len(market.orders)
            assert all(orders.pop(order_id) is order for order_id, order in market.orders.items())
            assert sum(held[symbol]) == 0, symbol
            assert sum(quantity for quantity in held[symbol] if quantity > 0) == market.open_interest, symbol
            assert symbol in self.by_expiry[market.contract.underlying][market.contract.expiry]
        assert not orders
        ends = [record.expires_at for record in self.block_orders.values()]
        assert ends == sorted(ends)
