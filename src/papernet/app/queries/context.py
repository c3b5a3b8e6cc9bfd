"""What every query is given, and the choices of symbols that several of them share.

Invariant.      A query changes nothing but what is remembered to answer quicker; what cannot be answered is a `Fault`.
Does not.       Read text: parameters come typed, by their documented names, as `papernet.app.operations` says under Values.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from papernet.app.faults import Fault, RequestFault
from papernet.app.queries.option_values import OptionListing, Worth
from papernet.app.queries.values import Listing
from papernet.core.account import Account
from papernet.core.dates import MILLISECOND
from papernet.core.enums import SymbolStatus
from papernet.core.events import Applied
from papernet.exchange.machine import Exchange
from papernet.exchange.views import Past, Views
from papernet.venues.options.market import OptionMarket
from papernet.venues.spot.market import Market

Params = Mapping[str, Any]
Answer = Any
# context, parameters, account (0 for the public), now
QueryFunction = Callable[["Context", Params, int, int], Answer]
# What market makers would say of a contract now that they need not quote; None: what it shows is what there is.
Glance = Callable[[OptionMarket, int], Worth | None]
# context, parameters, account, what the command brought about
Teller = Callable[["Context", Params, int, Applied], Answer]

UNKNOWN_SYMBOL: Final = Fault(RequestFault.UNKNOWN_SYMBOL)
STATUS_MISMATCH: Final = Fault(RequestFault.SYMBOL_STATUS_MISMATCH)
BAD_COMBINATION: Final = Fault(RequestFault.BAD_COMBINATION)


class ListingMemory:
    """The listings made since the exchange's rules last changed, by what was asked for; at most `CAPACITY`."""

    CAPACITY: Final = 64

    __slots__ = ("listings", "version")

    def __init__(self) -> None:
        """Remember nothing."""
        self.version: int = -1
        self.listings: Final[dict[object, Listing]] = {}

    def turn(self, version: int) -> None:
        """Forget what is no longer true at a listing version, and everything when there is too much of it."""
        if version != self.version or len(self.listings) >= self.CAPACITY:
            self.version = version
            self.listings.clear()


@dataclass(frozen=True, slots=True)
class Context:
    """Whom queries ask: the exchange for what is now, its views for what was, the archive for what has left memory."""

    exchange: Exchange
    views: Views
    archive: Past
    listings: ListingMemory = field(default_factory=ListingMemory)
    # by the options venue's listing version, of which there is one
    option_listings: dict[int, OptionListing] = field(default_factory=dict)
    glance: Glance | None = None

    def market(self, symbol: str) -> Market | Fault:
        """Return the market of a symbol."""
        market = self.exchange.markets.get(symbol)
        return market if market is not None else UNKNOWN_SYMBOL

    def account(self, account_id: int) -> Account:
        """Return the account that a signed request acts for."""
        return self.exchange.accounts.by_id[account_id]

    def chosen(self, params: Params) -> list[Market] | Fault:
        """Return the markets that `symbol`, `symbols` or neither name, in listing order, as far as `symbolStatus` allows.

        rest-api.md, 24hr ticker: for a single symbol a mismatch is refused, among several those that differ are left out.
        """
        markets = self.exchange.markets
        status: SymbolStatus | None = params["symbolStatus"]
        symbol: str | None = params["symbol"]
        if symbol is not None:
            market = markets.get(symbol)
            if market is None:
                return UNKNOWN_SYMBOL
            return [market] if status is None or market.status is status else STATUS_MISMATCH
        chosen = self.named(params["symbols"])
        if isinstance(chosen, Fault) or status is None:
            return chosen
        return [market for market in chosen if market.status is status]

    def named(self, symbols: Iterable[str] | None) -> list[Market] | Fault:
        """Return the markets of `symbols`, all when it is None, in listing order."""
        markets = self.exchange.markets
        if symbols is None:
            return list(markets.values())
        wanted = dict.fromkeys(symbols)
        if any(symbol not in markets for symbol in wanted):
            return UNKNOWN_SYMBOL
        return [market for symbol, market in markets.items() if symbol in wanted]


def through(end: int | None) -> int | None:
    """Return the last microsecond that an end time means.

    Ends are inclusive, and times are told in milliseconds: what is shown with the end's millisecond belongs to it.
    """
    return end + MILLISECOND - 1 if end is not None and end % MILLISECOND == 0 else end
