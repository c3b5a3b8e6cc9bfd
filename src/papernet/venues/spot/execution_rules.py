"""The execution rules: how far from the reference price orders may trade.

Order of work.  When an order begins to take, the reference price of that moment sets its bounds; they hold until it has taken
                all that it takes. Without a rule or without a reference price there are none.
Invariant.      A bound is the outermost price that the rule lets trade: the range includes its ends.
Does not.       Know the book, or end the order that would trade beyond a bound.
Source.         faqs/price_range_execution_rules.md; rest-api.md, Query Execution Rules.
"""

from typing import Final

from papernet.core.enums import Side
from papernet.core.units import SCALE
from papernet.venues.spot.symbols import PriceRange

_BUY: Final = Side.BUY


def bounds(rule: PriceRange, side: Side, reference: int) -> tuple[int, int]:
    """Return the lowest and the highest price at which an order of `side` may trade; 0 is no bound."""
    up, down = (rule.bid_up, rule.bid_down) if side is _BUY else (rule.ask_up, rule.ask_down)
    lowest = -(-reference * down // SCALE) if down is not None else 0
    highest = reference * up // SCALE if up is not None else 0
    return lowest, highest
