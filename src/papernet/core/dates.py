"""Microseconds since 1970-01-01T00:00:00Z and the UTC calendar, in integers only.

Order of work.  Days since the epoch are turned into year, month and day by counting 400-year eras of 146,097 days.
Invariant.      `days_from_civil(*civil_from_days(d)) == d`; tests compare both with `datetime`.
Does not.       Know time zones by name, daylight saving or leap seconds.
"""

from typing import Final

MILLISECOND: Final = 1_000
SECOND: Final = 1_000_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
WEEK: Final = 7 * DAY

_ERA_DAYS: Final = 146_097
_EPOCH_OFFSET: Final = 719_468  # days from 0000-03-01 to 1970-01-01


def days_from_civil(year: int, month: int, day: int) -> int:
    """Return days since 1970-01-01 of a date in the proleptic Gregorian calendar."""
    shifted = year - (1 if month <= 2 else 0)
    era, year_of_era = divmod(shifted, 400)
    day_of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    day_of_era = year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year
    return era * _ERA_DAYS + day_of_era - _EPOCH_OFFSET


def civil_from_days(days: int) -> tuple[int, int, int]:
    """Return (year, month, day) of a count of days since 1970-01-01."""
    era, day_of_era = divmod(days + _EPOCH_OFFSET, _ERA_DAYS)
    year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted_month = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * shifted_month + 2) // 5 + 1
    month = shifted_month + (3 if shifted_month < 10 else -9)
    return year_of_era + era * 400 + (1 if month <= 2 else 0), month, day


def floor_to(at: int, interval: int, offset: int = 0) -> int:
    """Return the start of the interval of `interval` microseconds that holds `at`, counted from the epoch plus `offset`."""
    return (at - offset) // interval * interval + offset


def week_start(at: int, zone: int = 0) -> int:
    """Return the Monday 00:00 at or before `at` in a zone `zone` microseconds east of UTC."""
    # 1970-01-01 was a Thursday: Monday 1970-01-05 is four days later.
    return floor_to(at + zone, WEEK, 4 * DAY) - zone


def month_start(at: int, zone: int = 0) -> int:
    """Return 00:00 of the first day of the month that holds `at`, in a zone `zone` microseconds east of UTC."""
    year, month, _ = civil_from_days((at + zone) // DAY)
    return days_from_civil(year, month, 1) * DAY - zone


def next_month_start(at: int, zone: int = 0) -> int:
    """Return 00:00 of the first day of the month after the one that holds `at`."""
    year, month, _ = civil_from_days((at + zone) // DAY)
    year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return days_from_civil(year, month, 1) * DAY - zone


def iso(at: int) -> str:
    """Return a time as ISO 8601 text: in milliseconds, or in microseconds where it is finer."""
    year, month, day = civil_from_days(at // DAY)
    seconds, micros = divmod(at % DAY, SECOND)
    fraction = f"{micros:06d}" if micros % MILLISECOND else f"{micros // MILLISECOND:03d}"
    return f"{year:04d}-{month:02d}-{day:02d}T{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{fraction}Z"
