"""Numbers as the JSON protocols write them: amounts as text with eight decimals, percentages with three, times in two units.

Order of work.  Prices and sizes repeat, so their texts are remembered; sums hardly ever do, so theirs are made each time.
Invariant.      No float is involved: quotients are rounded in integers, halves away from zero. `decimal` and `amount` agree.
Does not.       Read numbers: `papernet.protocols.json.params` does.
Units.          Amounts in 10^-8, times in microseconds UTC.
Source.         rest-api.md, examples of all responses (eight decimals; percentages with three; averages rounded, not cut).
"""

from functools import lru_cache
from typing import Final

from papernet.core.units import SCALE, format_fixed

_REMEMBERED: Final = 65_536
# 100 % in thousandths of a percent
_WHOLE_PERCENT: Final = 100_000


# Both write units of 10^-8 with eight decimals ("-12.50000000"): the one what hardly repeats, such as sums and balances ...
amount: Final = format_fixed
# ... the other what does: prices, quantities, rates.
decimal: Final = lru_cache(_REMEMBERED)(format_fixed)


def percent(change: int, base: int) -> str:
    """Return `change` in percent of `base` as text with three decimals ("-95.960"); 0 of nothing is nothing."""
    thousandths = rounded_quotient(change * _WHOLE_PERCENT, base) if base else 0
    sign = "-" if thousandths < 0 else ""
    whole, fraction = divmod(abs(thousandths), 1_000)
    return f"{sign}{whole}.{fraction:03d}"


def rounded_quotient(dividend: int, divisor: int) -> int:
    """Return dividend / divisor for a positive divisor, rounded to the nearest integer, halves away from zero."""
    if dividend < 0:
        return -rounded_quotient(-dividend, divisor)
    return (2 * dividend + divisor) // (2 * divisor)


def average_price(quote: int, quantity: int) -> int:
    """Return the price at which `quantity` is worth `quote`, rounded, or 0 when there is no quantity."""
    return rounded_quotient(quote * SCALE, quantity) if quantity else 0


def basis_points(rate: int) -> int:
    """Return a rate (units of 10^-8) in hundredths of a percent, rounded."""
    return rounded_quotient(rate * 10_000, SCALE)
