"""Numbers on the options venue's streams that replies write otherwise.

Source.         European Options, Mark Price, 24-hour TICKER (examples: "-1.0", "0.349", "-6.25").
"""

from papernet.core.units import SCALE
from papernet.protocols.json.numbers import amount, rounded_quotient
from papernet.protocols.json.option_fields import scaled

# 100 % as units of 10^-8 of a percent
_HUNDRED: int = 100 * SCALE


def fraction(value: int) -> str:
    """Return units of 10^-8 with the decimals that they need, one at least."""
    text = amount(value).rstrip("0")
    return text + "0" if text.endswith(".") else text


def percent(change: int, base: int) -> str:
    """Return a change in percent of a base, with two decimals; of nothing it is nothing."""
    return scaled(rounded_quotient(change * _HUNDRED, base) if base else 0, 2)


def share(change: int, base: int) -> str:
    """Return a change as a fraction of a base, with four decimals; of nothing it is nothing."""
    return scaled(rounded_quotient(change * SCALE, base) if base else 0, 4)
