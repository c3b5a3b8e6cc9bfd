"""The spot venue's state beside its markets: who trades there, the order lists that are open, and what holds for all symbols.

Invariant.      `order_lists` holds exactly the open lists. List ids count from 0, one counter for all symbols.
Does not.       Decide anything: the rooms beside it do.
"""

from typing import Final

from papernet.core.account import Account
from papernet.core.ledger import Ledger
from papernet.core.order_list import OrderList
from papernet.venues.spot.filters import Counts
from papernet.venues.spot.market import Market
from papernet.venues.spot.venue_rules import VenueRules, exchange_counts


class Venue:
    """Markets, accounts by id, ledger, open order lists and the rules of the whole venue."""

    __slots__ = ("_counts", "accounts", "ledger", "markets", "next_order_list_id", "order_lists", "pairs", "rules")

    def __init__(self, accounts: dict[int, Account], ledger: Ledger) -> None:
        """Make a venue that lists nothing."""
        self.accounts: Final = accounts
        self.ledger: Ledger = ledger
        # listing order
        self.markets: Final[dict[str, Market]] = {}
        # by (base asset, quote asset)
        self.pairs: Final[dict[tuple[str, str], str]] = {}
        self.order_lists: Final[dict[int, OrderList]] = {}
        self.next_order_list_id: int = 0
        self.rules: VenueRules = VenueRules()
        # the exchange filters, as checks
        self._counts: Counts = ()

    def set_rules(self, rules: VenueRules) -> None:
        """Let other rules hold from now on."""
        self.rules = rules
        self._counts = exchange_counts(rules)
        for market in self.markets.values():
            market.set_counts(self._counts)

    def add(self, market: Market) -> None:
        """List a market, or put an empty one in its place."""
        symbol = market.symbol
        market.set_counts(self._counts)
        self.markets[symbol.name] = market
        self.pairs.setdefault((symbol.base_asset, symbol.quote_asset), symbol.name)

    def last_price(self, base_asset: str, quote_asset: str) -> int:
        """Return the last price of a pair; 0 when it is not listed or never traded."""
        name = self.pairs.get((base_asset, quote_asset))
        return self.markets[name].last_price if name is not None else 0
