"""The contracts that streams are about, and what the venue says of them now.

Order of work.  A stream's subject and expiry choose underlyings and contracts; of a contract it is told what it is marked at,
                between which prices orders may be placed, and what is bid and asked for it.
Invariant.      Nothing is remembered: contracts come and go, and a stream shows those that there are.
Source.         European Options: Websocket Market Streams.
"""

from typing import Final

from papernet.app.queries import Context
from papernet.app.queries.option_context import terms_of, worth_of
from papernet.app.queries.option_values import OpenInterest, Terms
from papernet.core.units import SCALE
from papernet.protocols.option_streams.names import Of, OptionStream
from papernet.protocols.option_streams.values import Marked
from papernet.venues.options.contracts import Underlying, read_symbol
from papernet.venues.options.index import next_settlement
from papernet.venues.options.market import OptionMarket
from papernet.venues.options.price_band import band
from papernet.venues.options.venue import OptionsVenue


class Chain:
    """The contracts of one venue."""

    __slots__ = ("context", "venue")

    def __init__(self, context: Context) -> None:
        """Look at the venue of an exchange."""
        self.context: Final = context
        self.venue: Final[OptionsVenue] = context.exchange.options

    def underlyings(self, stream: OptionStream) -> list[Underlying]:
        """Return the underlyings that a stream is about, those of all contracts when it is everybody's."""
        known, of = self.venue.underlyings, stream.form.of
        if of is Of.ASSET:
            return [underlying for underlying in known.values() if underlying.base_asset == stream.subject]
        if of is Of.UNDERLYING:
            underlying = known.get(stream.subject)
            return [] if underlying is None else [underlying]
        return list(known.values()) if of is Of.EVERYBODY else []

    def markets(self, stream: OptionStream) -> list[OptionMarket]:
        """Return the markets of the contracts that a stream is about, the next expiry first."""
        markets = self.venue.markets
        if stream.form.of is Of.CONTRACT:
            market = markets.get(stream.subject)
            return [] if market is None else [market]
        found: list[OptionMarket] = []
        for underlying in self.underlyings(stream):
            expiries = self.venue.by_expiry.get(underlying.name, {})
            wanted = (stream.expiry,) if stream.expiry else sorted(expiries)
            found += [markets[symbol] for expiry in wanted for symbol in expiries.get(expiry, ())]
        return found

    def underlying_of(self, symbol: str) -> Underlying | None:
        """Return the underlying of a contract, also of one that has expired; None when the name is no contract's."""
        market = self.venue.markets.get(symbol)
        if market is not None:
            return market.underlying
        parts = read_symbol(symbol)
        return None if parts is None else self.venue.underlyings.get(parts.base_asset + self.venue.asset)

    def terms(self, symbol: str) -> Terms:
        """Return what is told of a contract, also of one that has expired."""
        return terms_of(self.venue, symbol)

    def marked(self, market: OptionMarket, now: int) -> Marked:
        """Return what a contract is worth now."""
        venue, contract = self.venue, market.contract
        index = venue.indexes[contract.underlying]
        is_next = contract.expiry == next_settlement(index.at)
        worth = worth_of(self.context, market, now)
        low, high = band(venue, market, worth.mark)
        return Marked(
            self.terms(contract.symbol),
            worth.mark,
            index.price,
            index.expected_settlement() if is_next else 0,
            worth.touch,
            low,
            high,
        )

    def open_interest(self, market: OptionMarket, now: int) -> OpenInterest:
        """Return how much of a contract is held, and what that is of the underlying."""
        value = market.open_interest * self.venue.indexes[market.contract.underlying].price * market.underlying.unit // SCALE
        return OpenInterest(market.contract.symbol, market.open_interest, value, now)
