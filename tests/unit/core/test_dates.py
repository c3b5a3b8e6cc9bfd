"""The integer calendar against datetime."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from papernet.core.dates import (
    DAY,
    HOUR,
    MILLISECOND,
    MINUTE,
    SECOND,
    WEEK,
    civil_from_days,
    days_from_civil,
    floor_to,
    iso,
    month_start,
    next_month_start,
    week_start,
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_DAY = date(1, 1, 1).toordinal() - date(1970, 1, 1).toordinal()
LAST_DAY = date(9998, 12, 31).toordinal() - date(1970, 1, 1).toordinal()
MOMENTS = st.integers(FIRST_DAY * DAY + 2 * WEEK, LAST_DAY * DAY - 2 * WEEK)
# utc offsets from -12:00 to +14:00 in quarters of an hour
ZONES = st.integers(-48, 56).map(lambda quarters: quarters * 15 * MINUTE)


def moment(at: int, zone: int) -> datetime:
    """Return the wall clock of a zone at a moment."""
    return EPOCH + timedelta(microseconds=at + zone)


def instant(wall: datetime, zone: int) -> int:
    """Return the moment at which the wall clock of a zone shows this."""
    return (wall - EPOCH) // timedelta(microseconds=1) - zone


def test_units_of_time() -> None:
    assert [
        unit // timedelta(microseconds=1)
        for unit in (
            timedelta(milliseconds=1),
            timedelta(seconds=1),
            timedelta(minutes=1),
            timedelta(hours=1),
            timedelta(days=1),
            timedelta(weeks=1),
        )
    ] == [MILLISECOND, SECOND, MINUTE, HOUR, DAY, WEEK]


@given(st.integers(FIRST_DAY, LAST_DAY))
@example(0)
@example(-1)
@example(days_from_civil(2000, 2, 29))
@example(days_from_civil(1900, 2, 28) + 1)
@example(days_from_civil(2100, 2, 28) + 1)
def test_days_and_dates(days: int) -> None:
    there = date(1970, 1, 1) + timedelta(days=days)
    assert civil_from_days(days) == (there.year, there.month, there.day)
    assert days_from_civil(there.year, there.month, there.day) == days


def test_every_day_of_four_centuries() -> None:
    there = date(1900, 1, 1)
    first = there.toordinal() - date(1970, 1, 1).toordinal()
    for days in range(first, first + 146_097):
        assert days_from_civil(*civil_from_days(days)) == days
    assert civil_from_days(first + 146_097) == (2300, 1, 1)


@given(st.integers(-(10**18), 10**18), st.integers(1, 10**12), st.integers(-(10**12), 10**12))
def test_the_start_of_an_interval(at: int, interval: int, offset: int) -> None:
    start = floor_to(at, interval, offset)
    assert start <= at < start + interval
    assert (start - offset) % interval == 0


@given(MOMENTS, ZONES)
@example(0, 0)
@example(-1, 0)
@example(4 * DAY, 0)
@example(4 * DAY - 1, 0)
def test_weeks_start_on_monday_at_midnight_of_their_zone(at: int, zone: int) -> None:
    wall = moment(at, zone)
    monday = (wall - timedelta(days=wall.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)
    assert week_start(at, zone) == instant(monday, zone)


@given(MOMENTS, ZONES)
@example(0, 0)
@example(-1, 0)
def test_months_start_at_midnight_of_their_zone(at: int, zone: int) -> None:
    first = moment(at, zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    following = first.replace(year=first.year + 1, month=1) if first.month == 12 else first.replace(month=first.month + 1)
    assert month_start(at, zone) == instant(first, zone)
    assert next_month_start(at, zone) == instant(following, zone)


@pytest.mark.parametrize("zone", [0, 8 * HOUR, -5 * HOUR - 30 * MINUTE])
def test_a_month_holds_its_first_and_last_moment(zone: int) -> None:
    start = month_start(days_from_civil(2024, 2, 15) * DAY, zone)
    end = next_month_start(start, zone)
    assert (end - start) // DAY == 29
    assert month_start(start, zone) == month_start(end - 1, zone) == start
    assert month_start(end, zone) == end
    assert month_start(start - 1, zone) < start


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (1_700_000_000_123_000, "2023-11-14T22:13:20.123Z"),
        (1_700_000_000_123_456, "2023-11-14T22:13:20.123456Z"),
    ],
)
def test_a_time_as_text(at: int, text: str) -> None:
    assert iso(at) == text
