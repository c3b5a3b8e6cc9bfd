"""Quotes of the crowd's market makers: for each contract, what stays, what goes, what comes.

Order of work.  What is wanted as it stands keeps its place in the queue; the maker's other orders on the contract go; then the
                new ones come, and take what they cross.
Invariant.      Afterwards the maker's orders on a contract are the wanted ones, but for what traded. No report tells of quotes
                that come and go, only of those that trade; what the book shows, its changes tell.
Does not.       Look at margins, limits or bands: the crowd has what it takes. What is no multiple of tick and step is left out.
"""

from collections.abc import Iterator
from typing import Final

from papernet.core.commands import OptionTerms, QuoteOptions
from papernet.core.enums import Side
from papernet.venues.options.changing import withdraw
from papernet.venues.options.market import OptionMarket
from papernet.venues.options.placing import put_quote
from papernet.venues.options.portfolio import Portfolio
from papernet.venues.options.turn import OptionTurn

_BUY: Final = Side.BUY
_SELL: Final = Side.SELL

# (price, quantity), best first
Quotes = tuple[tuple[int, int], ...]


def quote(turn: OptionTurn, portfolio: Portfolio, command: QuoteOptions) -> None:
    """Let a market maker of the crowd quote contracts anew; those that do not trade are passed over."""
    markets = turn.venue.markets
    for symbol, bids, asks in command.rows:
        market = markets.get(symbol)
        if market is not None and turn.at < market.contract.expiry:
            _quote(turn, market, portfolio, bids, asks)


def _quote(turn: OptionTurn, market: OptionMarket, portfolio: Portfolio, bids: Quotes, asks: Quotes) -> None:
    """Replace a maker's orders on a contract by the wanted ones, but for those that are there already."""
    account, symbol = portfolio.account_id, market.contract.symbol
    wanted = {(_BUY, price): quantity for price, quantity in _valid(market, bids)}
    wanted.update({(_SELL, price): quantity for price, quantity in _valid(market, asks)})
    for order in [order for order in market.orders.values() if order.terms.account == account]:
        if wanted.get((order.side, order.price)) == order.leaves:
            del wanted[order.side, order.price]
        else:
            withdraw(turn, market, portfolio, order)
    for (side, price), quantity in wanted.items():
        put_quote(turn, market, portfolio, OptionTerms(account, symbol, side, quantity, price))


def _valid(market: OptionMarket, quotes: Quotes) -> Iterator[tuple[int, int]]:
    tick, step = market.underlying.tick_size, market.underlying.step_size
    for price, quantity in quotes:
        if price > 0 and quantity > 0 and not price % tick and not quantity % step:
            yield price, quantity
