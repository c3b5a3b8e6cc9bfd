"""What an options contract is, and what all contracts of an underlying have in common, as data: both come in commands.

Order of work.  An `Underlying` says what its contracts trade in, cost, ask as margin and allow; a `Contract` is one of them: an
                expiry, a strike, a kind. Its name says all three.
Invariant.      `read_symbol(symbol_of(...))` gives back what went in. Every expiry is 08:00 UTC of a day.
Units.          Prices of contracts, strikes, index, quantities and rates are units of 10^-8; `unit` is a plain number: how much
                of the underlying one contract is about. Times are microseconds UTC.
Source.         European Options: Exchange Information, Filters; FAQ: contract specifications, fees, position limits.
"""

import re
from typing import Final, NamedTuple

from msgspec import Struct, convert

from papernet.core.dates import DAY, HOUR, civil_from_days, days_from_civil
from papernet.core.enums import OptionKind
from papernet.core.units import SCALE, format_fixed, parse_fixed

# Contracts expire at 08:00 UTC, and new ones are listed then.
EXPIRY_HOUR: Final = 8 * HOUR

_SYMBOL: Final = re.compile(r"([A-Z0-9]+)-([0-9]{2})([0-9]{2})([0-9]{2})-([0-9]+(?:\.[0-9]+)?)-([CP])", re.ASCII)
_LETTERS: Final = {OptionKind.CALL: "C", OptionKind.PUT: "P"}
_KINDS: Final = {letter: kind for kind, letter in _LETTERS.items()}


class Margins(Struct, frozen=True, forbid_unknown_fields=True):
    """What a writer must have, as shares of the index: the full ratio, and the least one, at first and to stay."""

    initial: int
    min_initial: int
    maintenance: int
    min_maintenance: int


class Fees(Struct, frozen=True, forbid_unknown_fields=True):
    """Rates of the index, and how much of the premium, or of the value, a fee may be at most."""

    maker: int
    taker: int
    exercise: int
    liquidation: int
    max_of_premium: int
    max_of_liquidation: int


class Limits(Struct, frozen=True, forbid_unknown_fields=True):
    """How much one account may have: open orders by number, the others by quantity."""

    orders_a_contract: int
    orders: int
    quantity_an_order: int
    position_a_contract: int
    position: int
    long: int
    short: int


class Listing(Struct, frozen=True, forbid_unknown_fields=True):
    """Which strikes are listed.

    `steps` are (days, step): up to so many days before the expiry strikes stand so far apart; the last one holds beyond,
    and the first one is how finely the index is looked at.
    The strikes of an expiry span `reach` standard deviations at `volatility` a year around the index, at most `max_strikes`
    of them.
    """

    steps: tuple[tuple[int, int], ...]
    volatility: int
    reach: int
    max_strikes: int


class Underlying(Struct, frozen=True, forbid_unknown_fields=True):
    """An underlying and the terms of its contracts.

    `initial_index` is its price until the spot market of that name has one. `band` are the two coefficients of the bounds of
    order prices. `may_be_written` says whether contracts may be sold that one does not have.
    """

    name: str
    base_asset: str
    settle_asset: str
    initial_index: int
    tick_size: int
    step_size: int
    unit: int
    price_scale: int
    quantity_scale: int
    margins: Margins
    fees: Fees
    limits: Limits
    listing: Listing
    band: tuple[int, int]
    may_be_written: bool = True

    @classmethod
    def from_spec(cls, spec: dict[str, object]) -> "Underlying":
        """Return the underlying of plain builtins; raises msgspec.ValidationError when they do not fit."""
        return convert(spec, cls)


class Contract(Struct, frozen=True, array_like=True, gc=False):
    """One contract; `expiry` and `listed_at` are microseconds UTC."""

    symbol: str
    underlying: str
    kind: OptionKind
    strike: int
    expiry: int
    listed_at: int

    def payoff(self, price: int, unit: int) -> int:
        """Return what one contract is worth when the underlying is at `price` and nothing can change any more."""
        gain = price - self.strike if self.kind is OptionKind.CALL else self.strike - price
        return max(gain, 0) * unit

    def out_of_the_money(self, price: int) -> int:
        """Return how far the underlying's `price` is from where the contract begins to be worth something; 0 when it is."""
        gap = self.strike - price if self.kind is OptionKind.CALL else price - self.strike
        return max(gap, 0)


class Parts(NamedTuple):
    """What a contract's name says."""

    base_asset: str
    expiry: int
    strike: int
    kind: OptionKind


def symbol_of(base_asset: str, expiry: int, strike: int, kind: OptionKind) -> str:
    """Return the name of a contract ("BTC-261225-100000-C")."""
    year, month, day = civil_from_days(expiry // DAY)
    text = format_fixed(strike).rstrip("0").rstrip(".")
    return f"{base_asset}-{year % 100:02}{month:02}{day:02}-{text}-{_LETTERS[kind]}"


def read_symbol(symbol: str) -> Parts | None:
    """Return what a contract's name says, or None when it is none."""
    match = _SYMBOL.fullmatch(symbol)
    if match is None:
        return None
    base_asset, year, month, day, strike_text, letter = match.groups()
    days = days_from_civil(2000 + int(year), int(month), int(day))
    strike = parse_fixed(strike_text)
    if civil_from_days(days) != (2000 + int(year), int(month), int(day)) or not strike:
        return None
    return Parts(base_asset, days * DAY + EXPIRY_HOUR, strike, _KINDS[letter])


def share(amount: int, rate: int) -> int:
    """Return `rate` (units of 10^-8) of an amount, rounded up: what a margin or fee asks for is never too little."""
    return -(-amount * rate // SCALE)
