"""Single prices on streams: the average of the last minutes, and the reference price.

Order of work.  At a boundary the price is asked for as a query would: an average is pushed when it is another than the one that
                was pushed last, a reference price always.
Does not.       Push an average before anything has traded.
Source.         web-socket-streams.md, Average Price ("changes in the average price"), Reference Price Streams.
"""

from collections.abc import Sequence
from functools import partial
from typing import Final

from papernet.app.faults import Fault
from papernet.app.queries import Context
from papernet.app.queries.general import reference_price
from papernet.app.queries.market_data import average_price
from papernet.app.queries.values import ReferencePrice
from papernet.protocols.json import market_events
from papernet.protocols.json.market_events import Render
from papernet.protocols.streams.names import Stream


class AveragePrices:
    """The average price of one symbol."""

    __slots__ = ("_context", "_params", "_told")

    def __init__(self, context: Context, stream: Stream) -> None:
        """Begin with nothing told."""
        self._context: Final = context
        self._params: Final = {"symbol": stream.symbol}
        self._told: int = 0

    def due(self, now: int) -> Sequence[Render]:
        """Return the average price if it changed."""
        value = average_price(self._context, self._params, 0, now)
        if isinstance(value, Fault) or value.price == self._told:
            return ()
        self._told = value.price
        return (partial(market_events.average, self._params["symbol"], value, now),)


class ReferencePrices:
    """The reference price of one symbol."""

    __slots__ = ("_context", "_params")

    def __init__(self, context: Context, stream: Stream) -> None:
        """Ask for the symbol's."""
        self._context: Final = context
        self._params: Final = {"symbol": stream.symbol}

    def due(self, now: int) -> Sequence[Render]:
        """Return the reference price; for a symbol that never had one, that there is none now."""
        symbol = self._params["symbol"]
        value = reference_price(self._context, self._params, 0, now)
        if isinstance(value, Fault):
            if symbol not in self._context.exchange.markets:
                return ()
            value = ReferencePrice(symbol, None, now)
        return (partial(market_events.reference, value),)
