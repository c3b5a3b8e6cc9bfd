"""How each market lives: what its crowd does how often, at which distances, in which sizes, and where it opens.

Order of work.  `profiles_for` reads what the symbols say (ticks, lots, least and most amounts, opening price), adds the
                habits of their crowd and makes the opening prices agree: where two symbols already price both assets of a
                third, the third opens at their ratio to the last digit, if that is within a tick of what it says itself.
Invariant.      Every order that keeps to a profile passes the filters of its symbol.
Does not.       Draw, or know time.
Units.          Habits are floats: per second, seconds, basis points (bps), base assets. Ticks, lots and amounts are integers of
                10^-8; `fair` is in ticks, not rounded.
Source.         BTCUSDT and ETHUSDT were fitted to eleven busy minutes of recorded market data of August 2024 (rates, sizes,
                depth, distances). The others are thinner copies whose sizes follow their least order.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from msgspec import Struct

from papernet.core.units import AMOUNT_MAX, SCALE
from papernet.venues.spot.symbols import LotSize, MinNotional, Notional, PriceFilter, Symbol


class Asset(Struct, frozen=True):
    """How an asset's dollar price moves: deviation of the logarithm over a year, correlation with the whole market."""

    volatility: float = 0.80
    correlation: float = 0.60


class Habits(Struct, frozen=True):
    """What a symbol's crowd does. Rates are those of a busy hour; the crowd's activity scales them."""

    # makers: orders a second, distance from the middle, life as a function of it, size
    add_rate: float
    distance_median: float
    distance_spread: float
    distance_most: float
    life_least: float
    life_per_bps: float
    add_median: float
    add_spread: float
    # takers: orders a second, size, gap between the parts of one larger order
    taker_rate: float
    taker_median: float
    taker_spread: float
    part_gap: float
    # touch makers: looks at the touch a second, size, life, how fast they are when the touch is gone
    touch_rate: float
    touch_median: float
    touch_spread: float
    touch_life: float
    touch_latency: float


class Profile(Struct, frozen=True):
    """One market of the crowd."""

    symbol: str
    base: str
    quote: str
    tick: int
    least_ticks: int
    most_ticks: int
    lot: int
    least_lots: int
    most_lots: int
    least_notional: int
    most_notional: int
    fair: float
    habits: Habits

    @property
    def price(self) -> int:
        """Where the market opens, units of 10^-8: its first best bid."""
        return int(self.fair) * self.tick


ASSETS: Final = {
    "BTC": Asset(0.60, 0.90),
    "ETH": Asset(0.70, 0.88),
    "BNB": Asset(0.55, 0.80),
    "SOL": Asset(0.90, 0.80),
    "XRP": Asset(0.80, 0.65),
    "LTC": Asset(0.75, 0.75),
}
ANY_ASSET: Final = Asset()
# Assets that are worth one dollar and stay there.
DOLLAR: Final = Asset(0.0, 0.0)
DOLLARS: Final = ("USDT", "USDC", "FDUSD", "TUSD", "BUSD", "DAI", "USD")

FITTED: Final = {
    "BTCUSDT": Habits(
        add_rate=130, distance_median=4.9, distance_spread=1.73, distance_most=100, life_least=0.25, life_per_bps=0.44,
        add_median=0.13, add_spread=1.80,
        taker_rate=11, taker_median=0.00316, taker_spread=2.44, part_gap=0.10,
        touch_rate=12, touch_median=0.9, touch_spread=1.1, touch_life=1.5, touch_latency=0.008,
    ),
    "ETHUSDT": Habits(
        add_rate=110, distance_median=8.6, distance_spread=1.5, distance_most=100, life_least=0.25, life_per_bps=0.35,
        add_median=3.7, add_spread=1.56,
        taker_rate=7.6, taker_median=0.026, taker_spread=2.64, part_gap=0.10,
        touch_rate=10, touch_median=5.2, touch_spread=1.2, touch_life=1.5, touch_latency=0.008,
    ),
}  # fmt: skip

# How much more money than in a thin market moves, and how much more often; (1, 1) for a symbol not named.
THIN: Final = {
    "BNBUSDT": (3.0, 1.2),
    "SOLUSDT": (4.0, 1.4),
    "XRPUSDT": (4.0, 1.4),
    "LTCUSDT": (1.5, 1.0),
    "BTCUSDC": (6.0, 1.2),
    "ETHBTC": (2.5, 1.0),
    "BNBBTC": (1.0, 0.8),
    "BNBETH": (1.0, 0.6),
}
# A resumed market whose price is within this of what the others imply is taken to agree with them.
RESUMED_TOLERANCE: Final = 0.002


def thin_habits(unit: float, liquidity: float = 1.0, pace: float = 1.0) -> Habits:
    """Return the habits of a market without a fit; `unit` is its least order in base assets."""
    money = unit * liquidity
    return Habits(
        add_rate=24 * pace,
        distance_median=8.0,
        distance_spread=1.4,
        distance_most=80.0,
        life_least=1.0,
        life_per_bps=0.6,
        add_median=250 * money,
        add_spread=1.4,
        taker_rate=3 * pace,
        taker_median=8 * money,
        taker_spread=2.2,
        part_gap=1.0,
        touch_rate=4 * pace,
        touch_median=300 * money,
        touch_spread=1.1,
        touch_life=3.0,
        touch_latency=0.05,
    )


def profiles_for(symbols: Iterable[Symbol]) -> tuple[Profile, ...]:
    """Return the profiles of the symbols that say where they open, in the given order."""
    opening = [symbol for symbol in symbols if symbol.initial_price]
    profiles = [_profile(symbol) for symbol in opening]
    fair = agreeing(profiles, [profile.fair for profile in profiles], [1.0 / profile.fair for profile in profiles])
    return tuple(_with_fair(profile, price) for profile, price in zip(profiles, fair, strict=True))


def resumed(profiles: Sequence[Profile], middles: Sequence[float]) -> tuple[Profile, ...]:
    """Return the profiles as of a moment at which the books' middles, in ticks, are known."""
    fair = agreeing(profiles, middles, [max(RESUMED_TOLERANCE, 2.0 / middle) for middle in middles])
    return tuple(_with_fair(profile, price) for profile, price in zip(profiles, fair, strict=True))


def agreeing(profiles: Sequence[Profile], prices: Sequence[float], tolerances: Sequence[float]) -> list[float]:
    """Return the prices, in ticks, made to agree where two assets are both priced by other symbols already.

    A price further than its relative tolerance from what the others imply stands: somebody wanted it so.
    """
    dollars = dict.fromkeys(DOLLARS, 1.0)
    agreed = list(prices)
    # Symbols quoted in dollars say what their asset is worth; the others follow.
    for index in sorted(range(len(profiles)), key=lambda index: profiles[index].quote not in DOLLARS):
        profile, price = profiles[index], prices[index]
        unit = profile.tick / SCALE
        base, quote = dollars.get(profile.base), dollars.get(profile.quote)
        if base is not None and quote is not None:
            implied = base / quote / unit
            if abs(implied - price) <= price * tolerances[index]:
                agreed[index] = implied
        elif base is not None:
            dollars[profile.quote] = base / (price * unit)
        else:
            dollars.setdefault(profile.quote, 1.0)
            dollars[profile.base] = price * unit * dollars[profile.quote]
    return agreed


def _profile(symbol: Symbol) -> Profile:
    tick, least_price, most_price, lot, least, most = 1, 0, 0, 1, 0, 0
    least_notional, most_notional = 0, 0
    for rule in symbol.filters:
        match rule:
            case PriceFilter():
                tick, least_price, most_price = rule.tick_size or 1, rule.min_price, rule.max_price
            case LotSize():
                lot, least, most = rule.step_size or 1, rule.min_quantity, rule.max_quantity
            case MinNotional():
                least_notional = max(least_notional, rule.min_notional)
            case Notional():
                least_notional, most_notional = max(least_notional, rule.min_notional), rule.max_notional
            case _:
                pass
    price = symbol.initial_price
    smallest = max(least_notional / price, least / SCALE, lot / SCALE)
    return Profile(
        symbol=symbol.name,
        base=symbol.base_asset,
        quote=symbol.quote_asset,
        tick=tick,
        least_ticks=max(1, -(-least_price // tick)),
        most_ticks=(most_price or AMOUNT_MAX) // tick,
        lot=lot,
        least_lots=max(1, -(-least // lot)),
        most_lots=(most or AMOUNT_MAX) // lot,
        least_notional=least_notional,
        most_notional=most_notional or AMOUNT_MAX,
        fair=price / tick,
        habits=FITTED.get(symbol.name) or thin_habits(smallest, *THIN.get(symbol.name, (1.0, 1.0))),
    )


def _with_fair(profile: Profile, fair: float) -> Profile:
    return Profile(**{name: getattr(profile, name) for name in profile.__struct_fields__} | {"fair": fair})
