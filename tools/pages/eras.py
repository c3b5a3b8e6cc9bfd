"""docs/eras.md: every change of the wire with both its sides, and every entry of the change log that changes nothing here."""

from collections.abc import Iterable
from typing import Final

from papernet.app.eras import Change, Unchanged
from papernet.servers.era_table import packaged_changes
from tools.pages import NOTICE

_SPOT: Final = "Spot"

_INTRODUCTION: Final = """\
`papernet up --api-date YYYY-MM-DD` speaks the wire as it was on that day: a client that has to live with the exchange of a
certain day, or that is to be moved from one to another, meets what was served then.

```console
$ papernet up --api-date 2025-06-30
```

The pytest plugin and `PapernetServer` have it as `api_date`:

```python
@pytest.mark.papernet(api_date="2025-06-30")
def test_it_still_works_without_pegged_orders(papernet): ...
```

The day that is served stands on the screen, as `api_date` in the line of `--json`, and in the answer of
`GET /papernet/v1/health`. Without `--api-date` it is that of the newest entry of the change log that papernet knows,
{as_of}. A day before {since} is refused.
"""
_WHAT_IT_IS: Final = """\
An era is about the wire: which requests, parameters, fields, streams and limits there are, and how they are told. It is chosen
at the start, and not kept with the state. What symbols offer is the era's too, but it is written down when they are listed: a
state directory that an exchange of another day began has the symbols of that day. An own catalogue (`--symbols`) loses what
there was not yet, and gains nothing.

The days are those on which a change began; papernet's clock has nothing to do with them. What came with a change and was no
change for anybody who did not ask for it (an endpoint, a parameter, a field) is in the table too, so that a client cannot lean
on what was not there.

`--listen-keys` and `--options-api` go before the day.
"""


def page() -> str:
    """Return docs/eras.md."""
    table = packaged_changes()
    return "\n".join(
        [
            "# Eras",
            "",
            NOTICE,
            "",
            _INTRODUCTION.format(as_of=table.as_of, since=table.since),
            _WHAT_IT_IS,
            "## What changed",
            "",
            "From the day on what stands beside it is served, and until the day before what was. Each row is asked for on both",
            "days by a test: `tests/control/test_eras.py`.",
            "",
            "| day | name | is served | was served | entry |",
            "| --- | --- | --- | --- | --- |",
            *(_change(change) for change in sorted(table.changes, key=lambda change: change.date)),
            "",
            "## What the change log says beside",
            "",
            "No row of these changes what papernet serves.",
            "",
            "| entry | what | why nothing follows |",
            "| --- | --- | --- |",
            *_unchanged(table.unchanged),
            "",
        ]
    )


def _change(change: Change) -> str:
    return f"| {change.date} | `{change.id}` | {change.what} | {change.before} | {_entry(change)} |"


def _unchanged(rows: Iterable[Unchanged]) -> list[str]:
    newest = sorted(rows, key=lambda row: row.entry, reverse=True)
    return [f"| {_entry(row)} | {row.what} | {row.why} |" for row in newest]


def _entry(row: Change | Unchanged) -> str:
    log = "" if row.log == _SPOT else f"{row.log}, "
    return f"{log}{row.entry}, {row.heading}" if row.heading else f"{log}{row.entry}"
