"""What the crowd does while time leaps: prices go on, and a few trades say so.

Order of work.  Each asset walks on from where it was, by the same laws of volatility as in `fundamentals`; a pair's price is
                base over quote, so that prices agree around every triangle. At every step each pair trades once, at its price,
                as much as its crowd would have traded by then. Where users have orders, whoever stands in the way is traded
                with first, and stop orders meet the quotes on both sides of the price, which stay until the next step.
Pauses.         Wherever `go_on` ends, every pair that trades is quoted on both sides.
Invariant.      Everything is an order of the crowd's account, in the order of time over all symbols. The same seed, prices and
                times give the same orders. No price is passed by without those who wait for it.
Does not.       Simulate the crowd order by order: a day of that would take half an hour.
Units.          Times are microseconds UTC; prices are ticks, not rounded.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from papernet.core.commands import CancelOrder, NewOrder
from papernet.core.dates import SECOND
from papernet.core.enums import OrderType, Side, TimeInForce
from papernet.core.events import Applied, ExecutionReport
from papernet.core.units import SCALE
from papernet.simulator.desk import Desk
from papernet.simulator.draws import Floats, Integers, exp, lognormal, lognormal_mean, normals, sign, words
from papernet.simulator.fundamentals import FACTOR_SECONDS, FACTOR_VARIANCE, SECONDS_A_YEAR, Volatility, traits_of
from papernet.simulator.history import CHANCE_UNIT, SIZE_SPREAD
from papernet.simulator.profiles import DOLLARS, Profile

# The quotes on each side of the price are as large as so many of those of the touch.
DEPTH: Final = 20
# So many times an order in the way is hit before it is left alone: an iceberg order comes back.
TRIES: Final = 50

_STREAM_MARKET: Final = 40
_STREAM_ASSET: Final = 41
_STREAM_TRADES: Final = 42


class Leap:
    """The crowd of all symbols on its way through a span of time that nobody lives through."""

    def __init__(
        self, profiles: Sequence[Profile], account: int, seed: int, activity: float, prices: Sequence[float], at: int
    ) -> None:
        """Set off at a time, from prices in ticks, with none of the crowd's orders on the books."""
        self.at: int = at
        self._seed: Final = seed
        self._pairs: Final = [Pair(profile, account, activity) for profile in profiles]
        assets = dict.fromkeys(name for profile in profiles for name in (profile.base, profile.quote) if name not in DOLLARS)
        self._assets: Final = tuple(assets)
        self._row: Final = {name: row for row, name in enumerate(self._assets)}
        self._since: Final = list(prices)
        self._volatilities: Final[dict[int, list[Volatility]]] = {}
        self._levels: Floats = np.zeros(len(self._assets))

    def prices(self) -> list[float]:
        """Return what the pairs are worth now."""
        levels = self._levels.reshape(-1, 1)
        return [float(self._path(index, levels)[0]) for index in range(len(self._pairs))]

    def go_on(self, desk: Desk, until: int, step: int) -> None:
        """Trade at every multiple of `step` up to `until`."""
        first = self.at // step + 1
        count = until // step - first + 1
        if count > 0:
            levels = self._walk(first * step, count, step)
            paths = [pair.ticks(self._path(index, levels)) for index, pair in enumerate(self._pairs)]
            trades = [pair.trades(self._seed, first * step // SECOND, count, step) for pair in self._pairs]
            for number in range(count):
                at = (first + number) * step
                for pair, path, (lots, sides) in zip(self._pairs, paths, trades, strict=True):
                    pair.trade(desk, at, path[number], lots[number], Side.BUY if sides[number] > 0 else Side.SELL)
            self._levels = levels[:, -1].copy()
        self.at = until
        for index, pair in enumerate(self._pairs):
            # Whoever looks before time goes on finds a book.
            pair.quote_around(desk, until, pair.ticks(self._path(index, self._levels.reshape(-1, 1)))[0])

    def arrive(self, desk: Desk) -> None:
        """Take the quotes off the books."""
        for pair in self._pairs:
            pair.withdraw(desk, self.at)

    def _path(self, index: int, levels: Floats) -> Floats:
        """Return a pair's price at each step."""
        pair, rows, still = self._pairs[index], self._row, np.zeros(levels.shape[1])
        base = levels[rows[pair.base]] if pair.base in rows else still
        quote = levels[rows[pair.quote]] if pair.quote in rows else still
        return exp(base - quote) * self._since[index]

    def _walk(self, begins: int, count: int, step: int) -> Floats:
        """Return the assets' logarithms after each step."""
        block, seconds = begins // SECOND, step / SECOND
        market = normals(words(self._seed, "market", block, _STREAM_MARKET, count))
        if step not in self._volatilities:
            calm = [0.0] * len(FACTOR_SECONDS)
            self._volatilities[step] = [Volatility(calm, seconds) for _ in self._assets]
        levels = np.zeros((len(self._assets), count))
        for row, name in enumerate(self._assets):
            asset, factors = traits_of(name), len(FACTOR_SECONDS)
            drawn = normals(words(self._seed, name, block, _STREAM_ASSET, count * (1 + factors)))
            walk = self._volatilities[step][row].walk(drawn[count:].reshape(factors, count))
            sigma = exp(np.array(walk) - FACTOR_VARIANCE) * (asset.volatility * float(np.sqrt(seconds / SECONDS_A_YEAR)))
            own = float(np.sqrt(1.0 - asset.correlation * asset.correlation))
            moves = sigma * (market * asset.correlation + drawn[:count] * own)
            levels[row] = np.cumsum(np.concatenate((self._levels[row : row + 1], moves)))[1:]
        return levels


class Pair:
    """One symbol on the way: its quotes, and how it trades."""

    def __init__(self, profile: Profile, account: int, activity: float) -> None:
        """Begin without quotes."""
        habits = profile.habits
        in_lots = SCALE / profile.lot
        self.base: Final = profile.base
        self.quote: Final = profile.quote
        self._profile: Final = profile
        self._account: Final = account
        mean = lognormal_mean(habits.taker_median, habits.taker_spread)
        self._lots_a_second: Final = habits.taker_rate * activity * mean * in_lots
        self._depth: Final = max(1, int(habits.touch_median * in_lots)) * DEPTH
        self._chance: Final = lognormal(CHANCE_UNIT, SIZE_SPREAD)
        self._bid: int = 0
        self._ask: int = 0

    def ticks(self, prices: Floats) -> list[int]:
        """Return prices in whole ticks; there is room for an ask above each."""
        path: list[int] = np.clip(prices.astype(np.int64), self._profile.least_ticks, self._profile.most_ticks - 1).tolist()
        return path

    def trades(self, seed: int, block: int, count: int, step: int) -> tuple[list[int], list[int]]:
        """Return how many lots trade at each step, and whether they are bought (+1) or sold (-1)."""
        raw = words(seed, self._profile.symbol, block, _STREAM_TRADES, 2 * count).reshape(2, count)
        lots: Integers = (self._chance.draw(raw[0]) * (self._lots_a_second * step / SECOND / CHANCE_UNIT)).astype(np.int64)
        return lots.tolist(), sign(raw[1]).tolist()

    def trade(self, desk: Desk, at: int, ticks: int, lots: int, side: Side) -> None:
        """Let the price be `ticks`: clear the way there, trade, and quote around it."""
        if desk.open_orders(self._profile.symbol) == bool(self._bid) + bool(self._ask):
            # Nobody is in the way and nobody waits for a price, so there is nobody to quote for.
            self._trade_alone(desk, at, ticks, lots, side)
            return
        bid, ask = (ticks - 1, ticks) if side is Side.BUY else (ticks, ticks + 1)
        asks = desk.touch(self._profile.symbol)[1]
        # A stop order that is triggered on the way finds somebody on the other side: the new quote ahead, the old one behind.
        if asks is not None and asks <= bid * self._profile.tick:
            self._quote_ask(desk, at, ask, lots)
            self._clear(desk, at, bid, ask)
            self._quote_bid(desk, at, bid, lots)
        else:
            self._quote_bid(desk, at, bid, lots)
            self._clear(desk, at, bid, ask)
            self._quote_ask(desk, at, ask, lots)
        self._order(desk, at, side, ticks, lots + self._ahead(desk, side, ticks), TimeInForce.IOC)

    def quote_around(self, desk: Desk, at: int, ticks: int) -> None:
        """Quote around a price, unless that is so already."""
        if not (desk.is_open(self._profile.symbol, self._bid) and desk.is_open(self._profile.symbol, self._ask)):
            self._quote_bid(desk, at, ticks, 0)
            self._quote_ask(desk, at, ticks + 1, 0)

    def withdraw(self, desk: Desk, at: int) -> None:
        """Take the quotes off the book."""
        self._cancel(desk, at, self._bid)
        self._cancel(desk, at, self._ask)
        self._bid = self._ask = 0

    def _trade_alone(self, desk: Desk, at: int, ticks: int, lots: int, side: Side) -> None:
        self.withdraw(desk, at)
        other = Side.SELL if side is Side.BUY else Side.BUY
        self._order(desk, at, other, ticks, lots, TimeInForce.GTC)
        self._order(desk, at, side, ticks, lots, TimeInForce.IOC)

    def _clear(self, desk: Desk, at: int, bid: int, ask: int) -> None:
        """Trade with whoever asks no more than the new bid, or bids no less than the new ask, level by level."""
        tick = self._profile.tick
        for _ in range(TRIES):
            bids, asks = desk.touch(self._profile.symbol)
            if asks is not None and asks <= bid * tick:
                self._take(desk, at, Side.BUY, asks)
            elif bids is not None and bids >= ask * tick:
                self._take(desk, at, Side.SELL, bids)
            else:
                return

    def _take(self, desk: Desk, at: int, side: Side, price: int) -> None:
        """Take a level; the crowd's own quote there is simply withdrawn."""
        other = Side.SELL if side is Side.BUY else Side.BUY
        others = 0
        for resting in desk.queue(self._profile.symbol, other, price):
            if resting.account == self._account:
                self._cancel(desk, at, resting.order_id)
            else:
                others += resting.leaves
        if others:
            self._order(desk, at, side, price // self._profile.tick, -(-others // self._profile.lot), TimeInForce.IOC)

    def _ahead(self, desk: Desk, side: Side, ticks: int) -> int:
        """Return how many lots of others are to be taken at a price before the crowd's own."""
        other = Side.SELL if side is Side.BUY else Side.BUY
        lots = 0
        for resting in desk.queue(self._profile.symbol, other, ticks * self._profile.tick):
            if resting.account != self._account:
                lots += -(-resting.leaves // self._profile.lot)
        return lots

    def _quote_bid(self, desk: Desk, at: int, ticks: int, lots: int) -> None:
        self._cancel(desk, at, self._bid)
        self._bid = self._rest(desk, at, Side.BUY, ticks, lots) if ticks >= self._profile.least_ticks else 0

    def _quote_ask(self, desk: Desk, at: int, ticks: int, lots: int) -> None:
        self._cancel(desk, at, self._ask)
        self._ask = self._rest(desk, at, Side.SELL, ticks, lots)

    def _rest(self, desk: Desk, at: int, side: Side, ticks: int, lots: int) -> int:
        """Quote at a price, `lots` more than what is to stay; return the order's id, 0 when it was refused."""
        report = self._order(desk, at, side, ticks, lots + self._depth, TimeInForce.GTC).events[0]
        return report.order_id if isinstance(report, ExecutionReport) else 0

    def _cancel(self, desk: Desk, at: int, order_id: int) -> None:
        if order_id and desk.is_open(self._profile.symbol, order_id):
            desk.submit(CancelOrder(self._account, self._profile.symbol, order_id), at)

    def _order(self, desk: Desk, at: int, side: Side, ticks: int, lots: int, time_in_force: TimeInForce) -> Applied:
        profile = self._profile
        a_lot = ticks * profile.tick * profile.lot
        least = max(profile.least_lots, -(-profile.least_notional * SCALE // a_lot))
        most = max(least, min(profile.most_lots, profile.most_notional * SCALE // a_lot))
        quantity = min(max(lots, least), most) * profile.lot
        order = NewOrder(self._account, profile.symbol, side, OrderType.LIMIT, time_in_force, quantity, ticks * profile.tick)
        return desk.submit(order, at)
