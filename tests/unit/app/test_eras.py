"""The table of changes, and the era of a day."""

import pytest
from msgspec import ValidationError

from papernet.app.eras import NEWEST, TODAY, Change, Era, Unchanged, era_on, read_changes
from papernet.servers.era_table import packaged_changes

TABLE = packaged_changes()

# Every entry of the change log of the spot API from 2024 on, by its heading.
HEADINGS = """
2026-07-17 2026-07-01 2026-06-24 2026-06-22 2026-06-10 2026-06-09 2026-05-11 2026-05-06 2026-04-28 2026-04-17 2026-04-16
2026-04-06 2026-04-02 2026-03-30 2026-03-27 2026-03-13 2026-03-11 2026-03-10 2026-03-09 2026-02-24 2026-02-12 2026-02-09
2026-02-02 2026-01-29 2026-01-27 2026-01-26 2026-01-21 2025-12-18 2025-12-17 2025-12-15 2025-12-09 2025-12-02 2025-11-14
2025-11-12 2025-11-11 2025-11-10 2025-10-28 2025-10-24 2025-10-21 2025-10-08 2025-09-29 2025-09-18 2025-09-12 2025-08-28
2025-08-26 2025-08-25 2025-08-19 2025-08-12 2025-08-07 2025-07-03 2025-06-04 2025-05-28 2025-05-22 2025-04-29 2025-04-25
2025-04-21 2025-04-08 2025-04-07 2025-04-03 2025-03-31 2025-03-10 2025-03-05 2025-02-12 2025-01-28 2025-01-09 2024-12-17
2024-12-09 2024-10-18 2024-10-17 2024-08-26 2024-08-16 2024-08-01 2024-07-26 2024-07-22 2024-06-11 2024-06-06 2024-05-30
2024-04-10 2024-04-02 2024-02-28 2024-02-08
"""
ENTRIES = HEADINGS.split()

SAMPLE = b"""
as_of = "2025-02-01"
since = "2024-01-01"
[[changes]]
id = "microseconds"
date = "2024-12-17"
entry = "2024-12-17"
what = "a"
before = "b"
[[changes]]
id = "frequent_pings"
date = "2025-02-03"
entry = "2025-01-28"
what = "a"
before = "b"
[[unchanged]]
entry = "2025-01-09"
what = "a"
why = "b"
"""


def test_every_entry_of_the_change_log_has_a_row() -> None:
    rows: list[Change | Unchanged] = [*TABLE.changes, *TABLE.unchanged]
    assert sorted({row.entry for row in rows if row.log == "Spot"}) == sorted(ENTRIES)
    assert max(ENTRIES) == TABLE.as_of == NEWEST


def test_the_changes_are_those_of_the_code_in_the_order_of_their_days() -> None:
    assert tuple(change.id for change in TABLE.changes) == Era.__struct_fields__
    days = [change.date for change in TABLE.changes]
    assert days == sorted(days)
    assert min(days) >= TABLE.since
    # An entry may announce, or come a little later than what it is about; never long after.
    assert all(change.entry <= change.date for change in TABLE.changes)


def test_a_change_has_happened_from_its_day_on() -> None:
    table = read_changes(SAMPLE)
    told = {date: era_on(table, date) for date in ("2024-12-16", "2024-12-17", "2025-02-02", "2025-02-03")}
    assert [(era.microseconds, era.frequent_pings) for era in told.values()] == [
        (False, False),
        (True, False),
        (True, False),
        (True, True),
    ]


def test_today_everything_has_happened() -> None:
    assert era_on(TABLE, "") == era_on(TABLE, TABLE.as_of) == era_on(TABLE, "2031-01-01") == TODAY
    assert all(getattr(TODAY, name) for name in Era.__struct_fields__)
    first = era_on(TABLE, TABLE.since)
    assert not any(getattr(first, name) for name in Era.__struct_fields__)


@pytest.mark.parametrize("line", [b'colour = "red"', b'date = 7\n[[changes]]\nid = "x"'])
def test_a_table_with_anything_else_in_it_is_refused(line: bytes) -> None:
    with pytest.raises(ValidationError):
        read_changes(SAMPLE + line)
