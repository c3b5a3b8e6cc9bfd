"""How the values of Python are spelled in the control plane's JSON: amounts, times and spans.

Units.          Times go out as whole milliseconds, spans as text in milliseconds or as they were given.
Does not.       Check: the server says what it cannot read.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final, TypeAlias

Amount: TypeAlias = str | int | float | Decimal
Span: TypeAlias = str | int | float | timedelta
Time: TypeAlias = str | int | datetime

_MILLISECOND: Final = timedelta(milliseconds=1)
_UNITS: Final = {"days": 86_400_000, "hours": 3_600_000, "minutes": 60_000, "seconds": 1_000, "milliseconds": 1}


def amount(value: Amount) -> str:
    """Return an amount as text, without an exponent."""
    return value if isinstance(value, str) else format(Decimal(str(value)), "f")


def maybe(value: Amount | None) -> str | None:
    """Return an amount as text, or None."""
    return None if value is None else amount(value)


def number(value: Amount) -> int | float:
    """Return a plain number, a whole one where it is one."""
    decimal = Decimal(str(value))
    return int(decimal) if decimal == decimal.to_integral_value() else float(decimal)


def amounts(values: Mapping[str, Amount] | None) -> dict[str, str] | None:
    """Return amounts by asset as text."""
    return None if values is None else {name: amount(value) for name, value in values.items()}


def span(value: Span | None, units: Mapping[str, float]) -> str:
    """Return a span, given as one value ("90s", seconds, a timedelta) or by its units (days=1, hours=2)."""
    unknown = [name for name in units if name not in _UNITS]
    if unknown:
        raise TypeError(f"{unknown[0]!r} is no unit of time; there are {', '.join(_UNITS)}")
    if (value is None) == (not units):
        raise TypeError('say how long, once: "90s", a timedelta, or units such as days=1')
    if value is None:
        return f"{_whole(sum(Decimal(str(count)) * _UNITS[name] for name, count in units.items()))}ms"
    if isinstance(value, str):
        return value
    if isinstance(value, timedelta):
        return f"{value // _MILLISECOND}ms"
    return f"{_whole(Decimal(str(value)) * 1000)}ms"


def maybe_span(value: Span | None) -> str | None:
    """Return a span as text, or None."""
    return None if value is None else span(value, {})


def time(value: Time) -> str | int:
    """Return a time: ISO 8601 text as it is, whole milliseconds, or a datetime that knows its zone."""
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("a datetime has to know its zone: datetime(2026, 1, 2, tzinfo=UTC)")
        return round(value.timestamp() * 1000)
    return value


def fields(**values: object) -> dict[str, Any]:
    """Return a body of those fields that are given, each spelled as JSON needs it."""
    return {name.rstrip("_"): _spelled(value) for name, value in values.items() if value is not None}


def _spelled(value: object) -> object:
    if isinstance(value, datetime):
        return time(value)
    if isinstance(value, timedelta):
        return span(value, {})
    return amount(value) if isinstance(value, Decimal) else value


def _whole(milliseconds: Decimal | int) -> int:
    return int(Decimal(milliseconds).to_integral_value())
