"""Fixed-point numbers: every price, quantity and amount is an integer of 10^-8.

Order of work.  Text is parsed once at a door and formatted once at a door; in between there are only integers.
Invariant.      Rounding happens in three named places: `notional_floor` (what a fill moves), `notional_ceil` (what an order
                holds), each in the direction that can never create money, and `commission` (what the venue takes).
Does not.       Know precisions of assets or wire spellings.
"""

import re
from typing import Final

SCALE: Final = 100_000_000
DIGITS: Final = 8
_HALF: Final = SCALE // 2
# The largest amount that any door can carry: SBE and SQLite hold signed 64-bit integers.
AMOUNT_MAX: Final = (1 << 63) - 1

_DECIMAL: Final = re.compile(r"([0-9]{1,20})(?:\.([0-9]{1,20}))?", re.ASCII)


def parse_fixed(text: str) -> int | None:
    """Return `text` ("12.5") as units of 10^-8, or None when it is no plain decimal or has more than eight decimals."""
    match = _DECIMAL.fullmatch(text)
    if match is None:
        return None
    whole, fraction = match.groups("")
    if len(fraction) > DIGITS:
        if fraction[DIGITS:].strip("0"):
            return None
        fraction = fraction[:DIGITS]
    return int(whole + fraction.ljust(DIGITS, "0"))


def format_fixed(value: int) -> str:
    """Return `value` units of 10^-8 as text with eight decimals ("12.50000000")."""
    if value < 0:
        return "-" + format_fixed(-value)
    text = str(value)
    if len(text) <= DIGITS:
        text = text.rjust(DIGITS + 1, "0")
    return f"{text[:-DIGITS]}.{text[-DIGITS:]}"


def notional_floor(price: int, quantity: int) -> int:
    """Return price x quantity, rounded down: the quote amount that a fill moves."""
    return price * quantity // SCALE


def notional_ceil(price: int, quantity: int) -> int:
    """Return price x quantity, rounded up: the quote amount that a buy order must hold to pay any sequence of fills."""
    return -(-price * quantity // SCALE)


def commission(amount: int, rate: int) -> int:
    """Return the commission on `amount` at `rate` (units of 10^-8: 100_000 is 0.1 %), to the nearest unit, half up.

    faqs/commission_faq: its example's tax of 0.040229875 is 0.04022988.
    """
    return (amount * rate + _HALF) // SCALE


def quantity_for(quote: int, price: int, step: int) -> int:
    """Return the largest multiple of `step` whose notional at `price` is at most `quote`."""
    quantity = quote * SCALE // price
    return quantity - quantity % step if step else quantity
