"""The calls of the control plane as rows of one table: what the door looks up, and what its own description is made of.

Order of work.  Each group of calls offers rows; the door puts them into a table and asks it for the row of a path.
Invariant.      A method and a path stand in the table once. A path has at most one part that a name is put for.
Does not.       Carry out anything: a row names the handler that does.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeAlias

from msgspec import Struct

from papernet.control.messages import ControlRequest, ControlResponse

# What answers a request: the request, the name that stands in its path ("" when there is none), and now.
Handler: TypeAlias = Callable[[ControlRequest, str, int], ControlResponse]

_PLACE: Final = re.compile(r"\{[a-z_]+\}")
_NAME: Final = "([^/]{1,64})"


class Call(Struct, frozen=True, kw_only=True):
    """One call: `path` is what follows the prefix, `query` says what each field of the query means.

    `summary` is a sentence without its full stop. `body` is the Struct that the request's body is decoded as, `answer` a type
    that the answer's JSON has.
    """

    method: str
    path: str
    handler: Handler
    summary: str
    body: type[Struct] | None = None
    query: Mapping[str, str] = {}
    answer: Any = dict[str, Any]
    needs_token: bool = True


class CallTable:
    """All calls, by method and path."""

    def __init__(self, rows: Iterable[Call]) -> None:
        """Hold `rows`, in their order."""
        self.rows: Final = tuple(rows)
        self._plain: Final[dict[str, dict[str, Call]]] = {}
        self._named: Final[dict[str, tuple[re.Pattern[str], dict[str, Call]]]] = {}
        for row in self.rows:
            methods = self._place(row.path)
            assert row.method not in methods, f"{row.method} {row.path} twice"
            methods[row.method] = row

    def at(self, path: str) -> tuple[Mapping[str, Call], str]:
        """Return the calls of a path by their methods, and the name in it; of an unknown path, none."""
        plain = self._plain.get(path)
        if plain is not None:
            return plain, ""
        for pattern, methods in self._named.values():
            match = pattern.fullmatch(path)
            if match is not None:
                return methods, match[1]
        return {}, ""

    def _place(self, path: str) -> dict[str, Call]:
        """Return where the rows of a path are kept."""
        parts = _PLACE.split(path)
        if len(parts) == 1:
            return self._plain.setdefault(path, {})
        before, after = parts
        pattern = re.compile(re.escape(before) + _NAME + re.escape(after))
        return self._named.setdefault(path, (pattern, {}))[1]
