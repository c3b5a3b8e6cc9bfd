"""Pieces of JSON that all replies are put together from.

Order of work.  Replies are templates filled with text that needs no escaping: numbers, enums, client order ids, whose
                characters are checked where they enter. Names of symbols and assets may be anything, so they are quoted here.
Does not.       Know which fields a reply has.
Source.         rest-api.md, General API Information (time unit; names that are not ASCII are UTF-8).
"""

from functools import lru_cache
from typing import Final

from msgspec.json import Encoder

from papernet.app.operations import TimeUnit

EMPTY_OBJECT: Final = b"{}"

_MICROSECOND: Final = TimeUnit.MICROSECOND
_encode: Final = Encoder().encode


@lru_cache(4_096)
def quoted(text: str) -> str:
    """Return a name as a JSON string."""
    return _encode(text).decode()


def divisor(unit: TimeUnit) -> int:
    """Return how many microseconds one of the unit's steps has."""
    # Not `unit.value`: an enum's value is slow to reach, and every reply needs this.
    return 1 if unit is _MICROSECOND else 1_000


def boolean(value: bool) -> str:  # noqa: FBT001  # a value to write, not a switch
    """Return a truth value as JSON."""
    return "true" if value else "false"


def array(rows: list[str]) -> bytes:
    """Return rows that are JSON already as a JSON array."""
    return f"[{','.join(rows)}]".encode()


def one_or_many(rows: list[str], *, is_single: bool) -> bytes:
    """Return the single row by itself, or rows as an array (rest-api.md, 24hr ticker)."""
    return rows[0].encode() if is_single else array(rows)
