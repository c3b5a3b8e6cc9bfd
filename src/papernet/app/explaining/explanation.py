"""What an explanation says, and how numbers are written in it.

Invariant.      `guard` names what decided; `because` is one sentence for a person; `numbers` are what was compared, by name;
                `nearest` are values that would pass where there are any; `hints` are sentences about what to do.
Does not.       Hold secrets, or anything that a client may not be told of its own requests.
Units.          In `numbers` and `nearest` prices, quantities and amounts are decimal text; counts are integers.
"""

from typing import Any

from msgspec import Struct

from papernet.core.units import format_fixed


class Explanation(Struct, frozen=True):
    """One explanation."""

    guard: str
    because: str
    numbers: dict[str, Any] = {}
    nearest: dict[str, str] | None = None
    hints: tuple[str, ...] = ()
    # of a request that is several: what each part was refused for
    parts: tuple["Explanation", ...] = ()


def decimal(value: int) -> str:
    """Return units of 10^-8 as text without idle zeros ("12.5")."""
    text = format_fixed(value)
    return text.rstrip("0").rstrip(".")


def decimals(**values: int | None) -> dict[str, Any]:
    """Return named numbers of 10^-8 as text; those that are None are left out."""
    return {name: decimal(value) for name, value in values.items() if value is not None}
