"""Times and spans as the control plane takes and tells them."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from papernet.control.bodies import BadBodyError
from papernet.control.times import SPAN_MAX, read_span, read_time, time_fields
from papernet.core.dates import DAY, HOUR, MILLISECOND, MINUTE, SECOND, WEEK, iso

AT = 1_767_323_045_678_000


@pytest.mark.parametrize(
    ("value", "span"),
    [
        ("250ms", 250 * MILLISECOND),
        ("90s", 90 * SECOND),
        ("1.5s", 1_500_000),
        ("0.000001s", 1),
        ("7us", 7),
        ("1h30m", HOUR + 30 * MINUTE),
        (" 2d ", 2 * DAY),
        ("1w", WEEK),
        ("5", 5 * SECOND),
        ("0.25", 250_000),
        (5, 5 * SECOND),
        (0.1, 100_000),
        (0, 0),
    ],
)
def test_spans(value: str | float, span: int) -> None:
    assert read_span(value) == span


@pytest.mark.parametrize("value", ["", "soon", "-1s", "1d1", "1y", "1 s", "1e3", "s", ".5s", "١s", -1, -0.5, "4000d", 1e9])
def test_what_is_no_span_is_refused_by_its_name(value: str | float) -> None:
    with pytest.raises(BadBodyError, match=r"^delay: "):
        read_span(value, "delay")


def test_the_longest_span() -> None:
    assert read_span(SPAN_MAX // SECOND) == SPAN_MAX
    with pytest.raises(BadBodyError, match="3660 days"):
        read_span(SPAN_MAX // SECOND + 1)


@pytest.mark.parametrize(
    "value",
    [
        "2026-01-02T03:04:05.678Z",
        "2026-01-02T03:04:05.678000",
        "2026-01-02 03:04:05.678",
        "2026-01-02T04:34:05.678+01:30",
        "2026-01-01T22:04:05.678-0500",
        AT // MILLISECOND,
    ],
)
def test_times(value: str | int) -> None:
    assert read_time(value) == AT


def test_days_and_minutes_are_times_too() -> None:
    assert read_time("2026-01-02") == AT // DAY * DAY
    assert read_time("2026-01-02T03:04Z") == AT // MINUTE * MINUTE
    assert read_time("2024-02-29") == int(datetime(2024, 2, 29, tzinfo=UTC).timestamp()) * SECOND


@pytest.mark.parametrize(
    "value",
    [
        "",
        "today",
        "2026-13-01",
        "2026-02-29",
        "2026-00-10",
        "2026-01-00",
        "2026-01-02T24:00",
        "2026-01-02T03:60",
        "2026-01-02T03:04:60",
        "2200-01-01",
        "1969-12-31",
        "2026-01-02T03:04:05.6789012Z",
        -1,
        10**16,
    ],
)
def test_what_is_no_time_is_refused_by_its_name(value: str | int) -> None:
    with pytest.raises(BadBodyError, match=r"^from: "):
        read_time(value, "from")


@pytest.mark.parametrize("at", [0, AT, AT + 1, 4_102_444_800_000_000 - 1])
def test_a_time_is_told_as_it_is_taken(at: int) -> None:
    assert read_time(iso(at)) == at
    assert datetime.fromisoformat(iso(at)) == datetime.fromtimestamp(0, UTC) + timedelta(microseconds=at)
    assert time_fields(at) == {"time": iso(at), "timestamp_ms": at // MILLISECOND}
    assert re.fullmatch(r".*\.\d{3}(\d{3})?Z", iso(at))
