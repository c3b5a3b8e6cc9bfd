"""What the market makers of options think contracts are worth: marks and quotes of an underlying's contracts.

Order of work.  An underlying's contracts stand in arrays, made anew when the listing changed. Its index, sampled once a second,
                says how much it moves, and that ties the surface. Whoever asks gets the marks of the index as it is; those of
                contracts in their last half hour are made at the settlement price so far.
Invariant.      The same index at the same time gives the same marks. A quote is good for both sides or for selling alone.
Does not.       Say anything to the exchange: `option_makers` does.
Units.          Integers of 10^-8, times in microseconds UTC; what was measured are floats.
Source.         FAQ: mark price of options.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

import numpy as np

from papernet.core.dates import DAY, MINUTE, SECOND
from papernet.core.enums import OptionKind
from papernet.pricing.marks import Contracts, Marks, marks
from papernet.pricing.surface import Surface, default_surface
from papernet.simulator.draws import exp_of, uniform, words
from papernet.venues.options.contracts import Underlying
from papernet.venues.options.market import Mark, OptionMarket
from papernet.venues.options.venue import OptionsVenue

# So many prices are quoted on each side.
LEVELS: Final = 3
# The best quote is for so many steps of quantity, and a random number more.
_LEAST_STEPS: Final = 20
_MORE_STEPS: Final = 480

_YEAR: Final = 365 * DAY
# A measured movement counts half after so long.
_HALF_LIFE: Final = 20 * MINUTE
_LN_2: Final = 0.6931471805599453

Levels = tuple[tuple[int, int], ...]


class Quote(NamedTuple):
    """What a contract is worth, and what makers bid and ask for it: (price, quantity), best first."""

    mark: Mark
    bids: Levels
    asks: Levels


class Movement:
    """How much an index moves: the squared returns of a while, the recent ones counting more."""

    __slots__ = ("_at", "_price", "_span", "_squares")

    def __init__(self) -> None:
        """Begin without a sample."""
        self._price: int = 0
        self._at: int = 0
        self._squares: float = 0.0
        self._span: float = 0.0

    def sample(self, price: int, at: int) -> None:
        """Take note of a price."""
        elapsed = at - self._at
        if self._price and elapsed > 0:
            fading = exp_of(-_LN_2 * elapsed / _HALF_LIFE)
            gain = price / self._price - 1.0
            self._squares = self._squares * fading + gain * gain
            self._span = self._span * fading + elapsed / _YEAR
        self._price, self._at = price, at

    def realised(self) -> float | None:
        """Return the volatility a year; None before a half-life has been seen."""
        if self._span * _YEAR < _HALF_LIFE / 2:
            return None
        return float(np.sqrt(self._squares / self._span))


class _Book(NamedTuple):
    """The contracts of an underlying, an array element each."""

    markets: tuple[OptionMarket, ...]
    contracts: Contracts


class OptionModel:
    """Marks and quotes of all contracts of a venue; who makes them is told apart by `seed`."""

    def __init__(self, venue: OptionsVenue, seed: int) -> None:
        """Look at a venue."""
        self._venue: Final = venue
        self._seed: Final = seed
        self._version: int = -1
        self._books: Final[dict[str, _Book]] = {}
        # by underlying: the second and the index of the newest quotes of all its contracts, and those
        self._glances: Final[dict[str, tuple[tuple[int, int], dict[str, Quote]]]] = {}
        # by contract, of the running minute
        self._sizes: Final[dict[str, list[int]]] = {}
        self._minute: int = -1
        self._movements: Final[dict[str, Movement]] = {}

    def sample(self, at: int) -> None:
        """Look at the indexes; about once a second."""
        for name, index in self._venue.indexes.items():
            self._movements.setdefault(name, Movement()).sample(index.price, at)

    def surface(self, underlying: Underlying) -> Surface:
        """Return the surface of an underlying as the market's movement has it now."""
        surface = default_surface(underlying.base_asset)
        movement = self._movements.get(underlying.name)
        realised = movement.realised() if movement is not None else None
        return surface if realised is None else surface.tied_to(realised)

    def quotes_on(self, underlying: str, now: int) -> dict[str, Quote]:
        """Return what all contracts on an underlying are worth in this second."""
        self._turn()
        book = self._books.get(underlying)
        if book is None:
            return {}
        moment = now // SECOND, self._venue.indexes[underlying].price
        found = self._glances.get(underlying)
        if found is None or found[0] != moment:
            found = self._glances[underlying] = moment, self._quotes(book.markets, book.contracts, now)
        return found[1]

    def quotes_of(self, markets: Iterable[OptionMarket], now: int) -> dict[str, Quote]:
        """Return what some contracts are worth now."""
        grouped: dict[str, list[OptionMarket]] = {}
        for market in markets:
            grouped.setdefault(market.contract.underlying, []).append(market)
        quotes: dict[str, Quote] = {}
        for group in grouped.values():
            quotes.update(self._quotes(tuple(group), _contracts(group), now))
        return quotes

    def _turn(self) -> None:
        """Put the contracts into arrays when there are others than before."""
        venue = self._venue
        if self._version == venue.listing_version:
            return
        self._version = venue.listing_version
        self._books.clear()
        self._glances.clear()
        grouped: dict[str, list[OptionMarket]] = {}
        for market in venue.markets.values():
            grouped.setdefault(market.contract.underlying, []).append(market)
        for name, group in grouped.items():
            self._books[name] = _Book(tuple(group), _contracts(group))

    def _quotes(self, markets: tuple[OptionMarket, ...], contracts: Contracts, now: int) -> dict[str, Quote]:
        """Return what contracts on one underlying are worth; those about to expire look back on the index they settle at."""
        underlying, index = markets[0].underlying, self._venue.indexes[markets[0].contract.underlying]
        surface = self.surface(underlying)
        quotes: dict[str, Quote] = {}
        references = [index.reference(market.contract.expiry) for market in markets]
        for reference in dict.fromkeys(references):
            chosen = np.array([found == reference for found in references])
            group = [market for market, found in zip(markets, references, strict=True) if found == reference]
            part = contracts._replace(
                strikes=contracts.strikes[chosen], expiries=contracts.expiries[chosen], calls=contracts.calls[chosen]
            )
            valued = marks(part, reference, now, surface)
            rows = zip(*(column.tolist() for column in valued), strict=True)
            for market, row in zip(group, rows, strict=True):
                values = Marks(*row)
                mark = Mark(now, *row[:8])
                quotes[market.contract.symbol] = self._quote(market, mark, int(values.bid), int(values.ask), now)
        return quotes

    def _quote(self, market: OptionMarket, mark: Mark, bid: int, ask: int, now: int) -> Quote:
        """Return the levels around a bid (0: none) and an ask: each is as far behind the one before as both are apart."""
        underlying = market.underlying
        if now >= market.contract.expiry:
            return Quote(mark, (), ())
        tick = underlying.tick_size
        gap = max((ask - bid) // 2 // tick * tick, tick)
        sizes = self._sizes_of(market, now)
        bids = tuple((bid - level * gap, sizes[2 * level]) for level in range(LEVELS) if bid - level * gap > 0)
        asks = tuple((ask + level * gap, sizes[2 * level + 1]) for level in range(LEVELS))
        return Quote(mark, bids, asks)

    def _sizes_of(self, market: OptionMarket, now: int) -> list[int]:
        """Return the quantities of the levels, bid and ask in turn: others every minute."""
        minute = now // MINUTE
        if minute != self._minute:
            self._minute = minute
            self._sizes.clear()
        symbol, underlying = market.contract.symbol, market.underlying
        sizes = self._sizes.get(symbol)
        if sizes is None:
            drawn = uniform(words(self._seed, f"option quotes {symbol}", minute, 0, 2 * LEVELS)).tolist()
            most = underlying.limits.quantity_an_order // underlying.step_size
            sizes = self._sizes[symbol] = [
                min(_LEAST_STEPS + number % _MORE_STEPS * (1 + place // 2), most) * underlying.step_size
                for place, number in enumerate(drawn)
            ]
        return sizes


def _contracts(markets: Iterable[OptionMarket]) -> Contracts:
    """Return contracts on one underlying as arrays."""
    group = tuple(markets)
    underlying = group[0].underlying
    return Contracts(
        strikes=np.array([market.contract.strike for market in group], np.int64),
        expiries=np.array([market.contract.expiry for market in group], np.int64),
        calls=np.array([market.contract.kind is OptionKind.CALL for market in group]),
        unit=underlying.unit,
        tick=underlying.tick_size,
    )
