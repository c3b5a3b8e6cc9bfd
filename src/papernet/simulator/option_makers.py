"""The market makers of options: which contracts they quote when, and what the venue is told of the model's marks.

Order of work.  Thousands of contracts are listed and few of them are looked at: a contract is quoted from when somebody looks
                at it or trades it (`attend`, at once), for a while after, and as long as a user has anything of it. Once a
                second `pulse` brings up to date what changed.
Invariant.      Whoever asked for a contract finds it marked and quoted at the index of that second. Makers speak commands
                alone, so a journal tells what was quoted.
Does not.       Make markets where there are none to trade on (`quotes` off): contracts are marked all the same.
Cost.           One call of the model an underlying and a second; a command of marks, and one of quotes, when any changed.
"""

from collections.abc import Callable, Iterable
from typing import Final

from papernet.core.commands import Command, MarkContracts, QuoteOptions
from papernet.core.dates import MINUTE, SECOND
from papernet.core.events import Applied
from papernet.simulator.option_model import OptionModel, Quote
from papernet.venues.options.market import Mark, OptionMarket
from papernet.venues.options.venue import OptionsVenue

# A contract that nobody has looked at for so long is let go of.
ATTENTION: Final = 5 * MINUTE

Submit = Callable[[Command, int], Applied]


class OptionMakers:
    """The makers of one venue, who act for `account`; None when there is no crowd, and nobody quotes."""

    def __init__(self, venue: OptionsVenue, model: OptionModel, submit: Submit, account: int | None) -> None:
        """Stand ready; nothing is quoted yet."""
        self._venue: Final = venue
        self._model: Final = model
        self._submit: Final = submit
        self._account: Final = account
        # until when each contract is attended to
        self._attended: Final[dict[str, int]] = {}
        # the second in which a contract was brought up to date, and what its book was like afterwards
        self._fresh: Final[dict[str, int]] = {}
        self._quoted: Final[dict[str, tuple[Quote, int]]] = {}

    @property
    def is_attending(self) -> bool:
        """Whether there is a contract that somebody looks at, or has."""
        return bool(self._attended)

    def attend(self, symbols: Iterable[str], now: int) -> None:
        """Somebody looks at contracts, or is about to trade them: have them marked and quoted at once."""
        stale = []
        for symbol in symbols:
            market = self._venue.markets.get(symbol)
            if market is not None and now < market.contract.expiry:
                self._attended[symbol] = now + ATTENTION
                if self._fresh.get(symbol) != now // SECOND:
                    stale.append(market)
        if stale:
            self._bring_up_to_date(stale, now)

    def glance(self, market: OptionMarket, now: int) -> Quote | None:
        """Return what would be said of a contract that is not attended to; None for one that is."""
        contract = market.contract
        if contract.symbol in self._attended:
            return None
        quote = self._model.quotes_on(contract.underlying, now).get(contract.symbol)
        return quote if quote is None or self._account is not None else Quote(quote.mark, (), ())

    def pulse(self, now: int) -> None:
        """Let a second have passed."""
        markets = self._venue.markets
        self._model.sample(now)
        for portfolio in self._venue.portfolios.values():
            if portfolio.is_user:
                # There is a position wherever there is a quantity or an open order.
                self._attended.update(dict.fromkeys(portfolio.positions, now + ATTENTION))
        for symbol in [symbol for symbol, until in self._attended.items() if until <= now or symbol not in markets]:
            self._let_go(symbol, now)
        self._bring_up_to_date([markets[symbol] for symbol in self._attended], now)

    def _bring_up_to_date(self, markets: list[OptionMarket], now: int) -> None:
        """Mark and quote contracts as far as anything about them changed."""
        quotes = self._model.quotes_of(markets, now)
        marks = tuple(
            _row(market.contract.symbol, quotes[market.contract.symbol].mark)
            for market in markets
            if _differs(market.mark, quotes[market.contract.symbol].mark)
        )
        if marks:
            self._submit(MarkContracts(marks), now)
        if self._account is not None:
            self._quote(self._account, markets, quotes, now)
        for market in markets:
            self._fresh[market.contract.symbol] = now // SECOND

    def _quote(self, account: int, markets: list[OptionMarket], quotes: dict[str, Quote], now: int) -> None:
        """Quote the contracts whose quotes are others now, or whose books somebody else has changed."""
        rows, changed = [], []
        for market in markets:
            symbol = market.contract.symbol
            quote, before = quotes[symbol], self._quoted.get(symbol)
            known = before is not None and before[1] == market.book.update_id
            if not known or before is None or (before[0].bids, before[0].asks) != (quote.bids, quote.asks):
                rows.append((symbol, quote.bids, quote.asks))
                changed.append((market, quote))
        if rows:
            self._submit(QuoteOptions(account, tuple(rows)), now)
            for market, quote in changed:
                self._quoted[market.contract.symbol] = quote, market.book.update_id

    def _let_go(self, symbol: str, now: int) -> None:
        """Take the quotes of a contract off that nobody looks at any more."""
        del self._attended[symbol]
        self._fresh.pop(symbol, None)
        self._quoted.pop(symbol, None)
        if self._account is not None and symbol in self._venue.markets:
            self._submit(QuoteOptions(self._account, ((symbol, (), ()),)), now)


def _row(symbol: str, mark: Mark) -> tuple[str, int, int, int, int, int, int, int, int]:
    return (
        symbol,
        mark.price,
        mark.volatility,
        mark.bid_volatility,
        mark.ask_volatility,
        mark.delta,
        mark.gamma,
        mark.theta,
        mark.vega,
    )


def _differs(old: Mark | None, new: Mark) -> bool:
    """Whether a mark says something else than the one before, whenever that was."""
    return old is None or _row("", old) != _row("", new)
