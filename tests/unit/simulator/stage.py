"""A stage for the crowd: a real exchange with packaged symbols, the crowd's account, a user, and a record of what was said."""

import hashlib
from collections.abc import Iterable
from typing import Final

from papernet.core.commands import CancelOrder, Command, Entry, ListSymbol, NewOrder, OpenAccount
from papernet.core.enums import AccountKind, OrderType, Side, TimeInForce
from papernet.core.events import Applied, Refused, Trade
from papernet.core.units import SCALE
from papernet.exchange.machine import Exchange
from papernet.servers.config import packaged_catalogue
from papernet.simulator.crowd import Crowd
from papernet.simulator.desk import MarketDesk
from papernet.simulator.profiles import profiles_for
from papernet.venues.spot.symbols import Symbol

START: Final = 1_760_000_000_000_000
SECOND: Final = 1_000_000
PLENTY: Final = 10**9 * SCALE
CROWD: Final = 1
USER: Final = 2

ALL: Final = {symbol.name: symbol for symbol in packaged_catalogue().symbols}


class Stage:
    """An exchange, and everything that was said to it."""

    def __init__(
        self, names: Iterable[str] = tuple(ALL), seed: int = 7, activity: float = 0.1, symbols: Iterable[Symbol] = ()
    ) -> None:
        listed = tuple(symbols) or tuple(ALL[name] for name in names)
        self.exchange = Exchange()
        self.seq = 0
        self.at = START
        self.said: list[tuple[int, Command]] = []
        self.trades: list[Trade] = []
        self.refused: list[tuple[Command, Refused]] = []
        for symbol in listed:
            self.submit(ListSymbol(symbol.to_spec()), START)
        balances = tuple((asset, PLENTY) for asset in self.exchange.assets)
        self.submit(OpenAccount("crowd", 1, AccountKind.CROWD, balances), START)
        self.submit(OpenAccount("user", 2, AccountKind.USER, balances), START)
        self.said.clear()
        self.desk = MarketDesk(self.exchange.markets, self.submit)
        self.seed, self.activity = seed, activity
        self.profiles = profiles_for(listed)
        self.crowd = self.new_crowd()

    def new_crowd(self) -> Crowd:
        return Crowd(self.profiles, CROWD, self.seed, START, self.activity)

    def submit(self, command: Command, at: int) -> Applied:
        self.seq += 1
        self.at = max(at, self.at)
        applied = self.exchange.apply(Entry(self.seq, self.at, command))
        self.said.append((self.at, command))
        for event in applied.events:
            if isinstance(event, Trade):
                self.trades.append(event)
            elif isinstance(event, Refused):
                self.refused.append((command, event))
        return applied

    def user(
        self, symbol: str, side: Side, quantity: int, price: int = 0, at: int = 0, time_in_force: TimeInForce = TimeInForce.GTC
    ) -> Applied:
        """Have the user place an order (a market order when there is no price) and the crowd hear of it."""
        kind = OrderType.LIMIT if price else OrderType.MARKET
        applied = self.submit(NewOrder(USER, symbol, side, kind, time_in_force, quantity, price), at)
        assert not isinstance(applied.events[0], Refused)
        self.crowd.observe(applied)
        return applied

    def advance(self, seconds: float) -> None:
        self.crowd.advance(self.desk, START + int(seconds * SECOND))

    def touch(self, symbol: str) -> tuple[int | None, int | None]:
        return self.desk.touch(symbol)

    def depth(self, symbol: str, side: Side, bps: int) -> int:
        """Return the quantity within so many basis points of the best price of a side."""
        book_side = self.exchange.markets[symbol].book.side(side)
        best = book_side.best()
        if best is None:
            return 0
        return sum(q for price, q in book_side.depth(100_000) if abs(price - best.price) * 10_000 <= bps * best.price)

    def trade_hash(self) -> str:
        """Return a hash of all trades, in order."""
        digest = hashlib.sha256()
        for trade in self.trades:
            digest.update(
                repr((trade.symbol, trade.trade_id, trade.at, trade.price, trade.quantity, trade.buyer_is_maker)).encode()
            )
        return digest.hexdigest()[:16]


def orders(said: Iterable[tuple[int, Command]]) -> list[NewOrder]:
    return [command for _, command in said if isinstance(command, NewOrder)]


def cancels(said: Iterable[tuple[int, Command]]) -> list[CancelOrder]:
    return [command for _, command in said if isinstance(command, CancelOrder)]
