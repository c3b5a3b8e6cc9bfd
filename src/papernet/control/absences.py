"""Where the simulated market stays away: how near to each other its bids and asks may come, by symbol, and for how long.

Order of work.  The director says so in one staged value; whoever lets the simulated market act shows each of its commands to
                `admitted`, which lets it pass, takes quotes out of it, or answers None.
Invariant.      Without an absence a command costs one look into a dictionary. An absence ends with its time, or with the epoch
                in which it was made: a new world has all its books.
Does not.       Concern users or the house, or take off what is on a book already.
Units.          Prices of 10^-8, times in microseconds UTC.
"""

from collections.abc import Callable
from typing import Final

from msgspec import Struct, json
from msgspec.structs import replace

from papernet.core.commands import Command, NewOrder, QuoteOptions, Stage
from papernet.core.enums import Side, TimeInForce
from papernet.core.events import Applied, Refused
from papernet.core.rejects import Reason, Reject
from papernet.exchange.machine import Exchange

# under this name the absences are staged
ABSENCES: Final = "fills/absences"

_BUY: Final = Side.BUY
_REFUSED: Final = (Refused(Reject(Reason.MARKET_CLOSED)),)


class Absence(Struct, frozen=True):
    """The simulated market bids for a symbol at `highest_bid` at most, and asks for it at `lowest_ask` at least.

    A bound that is None does not hold; a highest bid of 0 lets nobody bid, a lowest ask of 0 nobody ask, and with both nobody
    takes either. `until` None is for as long as nobody says otherwise.
    """

    symbol: str
    epoch: int
    highest_bid: int | None = None
    lowest_ask: int | None = None
    until: int | None = None

    @property
    def is_whole(self) -> bool:
        """Whether nobody bids and nobody asks."""
        return self.highest_bid == 0 == self.lowest_ask

    def forbids(self, side: Side, price: int) -> bool:
        """Tell whether an order may not rest at a price."""
        if side is _BUY:
            return self.highest_bid is not None and price > self.highest_bid
        return self.lowest_ask is not None and (not self.lowest_ask or price < self.lowest_ask)


class Absences:
    """The absences of one exchange, read from where they are staged."""

    def __init__(self, exchange: Exchange) -> None:
        """Read from `exchange`."""
        self._exchange: Final = exchange
        self._seen: bytes = b""
        self._rows: dict[str, Absence] = {}

    def now(self, at: int) -> dict[str, Absence]:
        """Return the absences that hold at a time, by symbol."""
        value = self._exchange.staged.get(ABSENCES)
        if value is None:
            return {}
        if value is not self._seen:
            self._seen = value
            self._rows = {row.symbol: row for row in json.decode(value, type=list[Absence])}
        epoch = self._exchange.epoch
        return {
            symbol: row for symbol, row in self._rows.items() if row.epoch == epoch and (row.until is None or at < row.until)
        }

    def staged(self, symbol: str, absence: Absence | None, at: int) -> Stage:
        """Return the command that puts an absence in the place of what held for a symbol; None is nothing."""
        rows = self.now(at)
        rows.pop(symbol, None)
        if absence is not None:
            rows[symbol] = absence
        return Stage(ABSENCES, json.encode(list(rows.values())) if rows else None)

    def admitted(self, command: Command, at: int) -> Command | None:
        """Return what of a command of the simulated market may be carried out."""
        if ABSENCES not in self._exchange.staged:
            return command
        if isinstance(command, NewOrder):
            absence = self.now(at).get(command.symbol)
            if absence is None:
                return command
            # What takes at once leaves nothing on the book: it may come, unless nobody is there at all.
            stays = (
                absence.is_whole if command.time_in_force is TimeInForce.IOC else absence.forbids(command.side, command.price)
            )
            return None if stays else command
        return self._thinned(command, at) if isinstance(command, QuoteOptions) else command

    def shield(self, submit: Callable[[Command, int], Applied]) -> Callable[[Command, int], Applied]:
        """Return the way in for the simulated market: what is not admitted is answered as in a closed market."""

        def submit_shielded(command: Command, at: int) -> Applied:
            admitted = self.admitted(command, at)
            return Applied(0, at, _REFUSED) if admitted is None else submit(admitted, at)

        return submit_shielded

    def _thinned(self, command: QuoteOptions, at: int) -> QuoteOptions:
        """Take out of quotes what may not rest."""
        absences = self.now(at)
        rows = []
        for row in command.rows:
            symbol, bids, asks = row
            absence = absences.get(symbol)
            if absence is None:
                rows.append(row)
                continue
            low = tuple(bid for bid in bids if not absence.forbids(Side.BUY, bid[0]))
            high = tuple(ask for ask in asks if not absence.forbids(Side.SELL, ask[0]))
            rows.append((symbol, low, high))
        return replace(command, rows=tuple(rows))
