"""Times and spans as the control plane takes and tells them.

Order of work.  A time is ISO 8601 text or whole milliseconds since 1970; a span is text such as `1h30m`, or seconds. An answer
                tells a time both ways.
Invariant.      What `time_fields` tells, `read_time` takes back, but for what is finer than milliseconds in the number.
Does not.       Know zones by name: without an offset a time is UTC.
Units.          Microseconds UTC inside.
"""

import re
from typing import Final, TypeAlias

from papernet.control.bodies import BadBodyError
from papernet.core.dates import DAY, HOUR, MILLISECOND, MINUTE, SECOND, WEEK, civil_from_days, days_from_civil, iso

TimeText: TypeAlias = str | int
SpanText: TypeAlias = str | int | float

# Longer spans are a slip of the keyboard.
SPAN_MAX: Final = 3_660 * DAY
_YEAR_MAX: Final = 2_199

_UNITS: Final = {"us": 1, "ms": MILLISECOND, "s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY, "w": WEEK}
_PART: Final = re.compile(r"([0-9]{1,12})(?:\.([0-9]{1,6}))?(us|ms|s|m|h|d|w)", re.ASCII)
_SPAN: Final = re.compile(rf"(?:{_PART.pattern})+", re.ASCII)
_NUMBER: Final = re.compile(r"([0-9]{1,12})(?:\.([0-9]{1,6}))?", re.ASCII)
_TIME: Final = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
    r"(?:[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,6}))?)?(?:Z|([+-])([0-9]{2}):?([0-9]{2}))?)?",
    re.ASCII,
)


def read_span(value: SpanText, name: str = "span") -> int:
    """Return a span in microseconds; raises BadBodyError, which calls it `name`."""
    span = _text_span(value.strip()) if isinstance(value, str) else _seconds(value)
    if span is None:
        raise BadBodyError(f"{name}: {value!r} is no span of time, such as 250ms, 90s, 1h30m or 2d, or a number of seconds")
    if span > SPAN_MAX:
        raise BadBodyError(f"{name}: {value!r} is longer than {SPAN_MAX // DAY} days")
    return span


def read_time(value: TimeText, name: str = "time") -> int:
    """Return a time in microseconds UTC; raises BadBodyError, which calls it `name`."""
    at = _text_time(value.strip()) if isinstance(value, str) else value * MILLISECOND
    if at is None or not 0 <= at < days_from_civil(_YEAR_MAX + 1, 1, 1) * DAY:
        raise BadBodyError(f"{name}: {value!r} is no time, such as 2026-01-02T03:04:05.678Z, or a number of milliseconds")
    return at


def time_fields(at: int) -> dict[str, str | int]:
    """Return how an answer tells a time."""
    return {"time": iso(at), "timestamp_ms": at // MILLISECOND}


def _seconds(value: float) -> int | None:
    """Return a number of seconds as a span; one below zero is none."""
    # No number of seconds that is too long anyway is more than a float holds.
    return round(min(value, SPAN_MAX) * SECOND) if value >= 0 else None


def _text_span(text: str) -> int | None:
    number = _NUMBER.fullmatch(text)
    if number is not None:
        return _scaled(number[1], number[2], SECOND)
    if not _SPAN.fullmatch(text):
        return None
    return sum(_scaled(whole, fraction, _UNITS[unit]) for whole, fraction, unit in _PART.findall(text))


def _scaled(whole: str, fraction: str | None, unit: int) -> int:
    """Return a decimal number of units, rounded down."""
    return int(whole) * unit + int((fraction or "").ljust(6, "0")) * unit // SECOND


def _text_time(text: str) -> int | None:
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    year, month, day = int(match[1]), int(match[2]), int(match[3])
    hour, minute, second = (int(match[group] or 0) for group in (4, 5, 6))
    days = days_from_civil(year, month, day) if 1 <= month <= 12 and day else 0
    # The calendar takes any day; those that a month does not have come back as others.
    if civil_from_days(days) != (year, month, day) or hour > 23 or minute > 59 or second > 59:
        return None
    offset = (int(match[9]) * HOUR + int(match[10]) * MINUTE) * (1 if match[8] == "+" else -1) if match[8] else 0
    return days * DAY + hour * HOUR + minute * MINUTE + second * SECOND + int((match[7] or "").ljust(6, "0")) - offset
