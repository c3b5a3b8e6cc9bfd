"""The prices at which orders may be placed: a band around the mark, wider the further a contract is out of the money.

Invariant.      Both bounds are multiples of the tick, and 0 < low <= high.
Does not.       Refuse orders.
Source.         Contract specifications, order price limits: mark +- a x max(1, 4 (1 - |delta|)), where a is the greater of
                c1 x index x initial margin ratio and c2 x (index x initial margin ratio + out of the money), times the unit.
"""

from typing import Final

from papernet.core.units import SCALE
from papernet.venues.options.market import Mark, OptionMarket
from papernet.venues.options.venue import OptionsVenue

_WIDENING: Final = 4
_SQUARE: Final = SCALE * SCALE


def band(venue: OptionsVenue, market: OptionMarket, mark: Mark | None = None) -> tuple[int, int]:
    """Return the lowest price at which one may sell, and the highest at which one may buy.

    They are around `mark`, or what the venue has for one.
    """
    underlying, mark = market.underlying, mark or market.mark
    index, tick = venue.reference_price(market), underlying.tick_size
    of_index, of_sum = underlying.band
    # Without a mark nobody knows the delta: the widest band.
    delta = abs(mark.delta) if mark is not None else 0
    margin = underlying.margins.initial * index
    reach = max(of_index * margin, of_sum * (margin + market.contract.out_of_the_money(index) * SCALE)) * underlying.unit
    reach = reach * max(SCALE, _WIDENING * (SCALE - delta)) // SCALE // _SQUARE
    middle = venue.mark_price(market) if mark is None else mark.price
    low = max(-((reach - middle) // tick) * tick, tick)
    return low, max((middle + reach) // tick * tick, low)
