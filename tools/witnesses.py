"""What tests saw at the doors of requests: which parameters they sent, which fields they were told, which refusals they met.

The doors are REST and the WebSocket API. What the two answer alike is kept once; each operation has to be answered at every
door that it has.

`tests/support/witness.py` notes it, `tests/conformance/witnesses.json` keeps it (for each operation the fewest tests that
together saw everything), and docs/coverage.md and docs/errors.md are made of what is kept.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum, unique
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl

from msgspec import Struct, json

from papernet.app.faults import Fault, RequestFault
from papernet.app.operations import Operation
from papernet.core.rejects import Reason, Reject
from papernet.protocols.json.errors import CANCEL_REPLACE_FAILED, CANCEL_REPLACE_PARTLY_FAILED, error_of_fault, error_of_reject

KEPT: Final = Path(__file__).parents[1] / "tests" / "conformance" / "witnesses.json"
# Where the tests are that can be witnesses.
PLACES: Final = ("tests/conformance", "tests/scenarios", "tests/unit")
# What is asked for where there is no operation is noted under this name.
NO_OPERATION: Final = "-"
_ROWS_READ: Final = 1_000
_OK: Final = 200
# What is named rather than others.
PREFERRED: Final = "tests/conformance/"

# operation -> case of a test -> what it saw
Seen = dict[str, dict[str, dict[str, None]]]


@unique
class At(StrEnum):
    """A door that requests come to."""

    REST = "REST"
    WEBSOCKET_API = "WebSocket API"


@cache
def _wordings() -> dict[str, re.Pattern[str]]:
    """Return every wording of a refusal, an ellipsis for what it is about, the most particular first."""
    errors = [error_of_fault(Fault(fault, ("…",) * 4)) for fault in RequestFault]
    errors += [error_of_reject(Reject(reason, ("…",) * 4)) for reason in Reason if reason is not Reason.FILTER_FAILURE]
    errors += [CANCEL_REPLACE_PARTLY_FAILED, CANCEL_REPLACE_FAILED]
    texts = sorted(dict.fromkeys(error.text for error in errors), key=lambda text: (text.count("…"), text))
    return {text: re.compile(re.escape(text).replace("…", ".*")) for text in texts}


def answered(at: At) -> str:
    """Return what an answer that is no refusal is noted as."""
    return f"answered {at}"


def met(code: int, text: str) -> str:
    """Return what a refusal is noted as: its code and its wording."""
    wording = next((wording for wording, pattern in _wordings().items() if pattern.fullmatch(text)), text)
    return f"met {code} {wording}"


def sent(name: str, value: str | None = None) -> str:
    """Return what a parameter, or one of its values, is noted as when the request was answered."""
    return f"sent {name}" if value is None else f"sent {name}={value}"


def told(field: str) -> str:
    """Return what a field of a reply is noted as."""
    return f"told {field}"


def fields(value: Any, path: str = "") -> Iterator[str]:  # noqa: ANN401  decoded JSON
    """Yield the names of the fields of decoded JSON, inner ones with a dot; the columns of rows by their number."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if path or name not in ("code", "msg"):
                yield f"{path}.{name}" if path else name
                yield from fields(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for inner in value[:_ROWS_READ]:
            if isinstance(inner, dict):
                yield from fields(inner, path)
            elif isinstance(inner, list) and not path:
                yield from (f"[{column}]" for column in range(len(inner)))


def form(query: bytes) -> dict[str, str]:
    """Return the parameters of a query string or a form."""
    return dict(parse_qsl(query.decode("utf-8", "replace"), keep_blank_values=True))


def sights(
    at: At,
    operation: Operation | None,
    params: Mapping[str, str],
    status: int,
    reply: Any,  # noqa: ANN401  decoded JSON
) -> Iterator[str]:
    """Yield what there is to see of one request, its parameters as they were sent, and of its decoded reply."""
    yield from _refusals(reply)
    if operation is None:
        return
    yield from (told(field) for field in fields(reply))
    if status != _OK:
        return
    yield answered(at)
    known = {param.name: param for param in operation.parameters}
    for name, text in params.items():
        if name in known:
            yield sent(name)
            if text in known[name].values:
                yield sent(name, text)


def _refusals(value: Any) -> Iterator[str]:  # noqa: ANN401  decoded JSON
    if isinstance(value, dict):
        if isinstance(value.get("code"), int) and isinstance(value.get("msg"), str):
            yield met(value["code"], value["msg"])
        for inner in value.values():
            yield from _refusals(inner)
    elif isinstance(value, list):
        for inner in value:
            if isinstance(inner, dict):
                yield from _refusals(inner)


class Kept(Struct):
    """What is kept of one operation.

    `tests` are few tests that together saw everything, `met` says for each refusal which case of which test met it, `files` are
    by door those with a test that the operation answered there.
    """

    tests: dict[str, list[str]]
    met: dict[str, str]
    files: dict[At, list[str]]


def fewest(seen: Seen) -> dict[str, Kept]:
    """Return what to keep of operation -> case of a test -> what it saw.

    Tests of tests/conformance come before others, those that saw most first.
    """
    chosen: dict[str, Kept] = {}
    for operation, cases in sorted(seen.items()):
        tests = by_test(cases)
        missing = {sight: None for noted in tests.values() for sight in noted}
        rows: dict[str, list[str]] = {}
        while missing:
            fresh = {test: [sight for sight in noted if sight in missing] for test, noted in tests.items()}
            useful = [test for test in fresh if fresh[test]]
            best = min(useful, key=lambda test: (not test.startswith(PREFERRED), -len(fresh[test]), test))
            rows[best] = sorted(fresh[best])
            for sight in fresh[best]:
                del missing[sight]
        chosen[operation] = Kept(rows, _met_by(cases), _answered(tests))
    return chosen


def by_test(cases: Mapping[str, dict[str, None]]) -> dict[str, dict[str, None]]:
    """Return what the cases of each test saw together."""
    tests: dict[str, dict[str, None]] = {}
    for case, noted in cases.items():
        tests.setdefault(case.partition("[")[0], {}).update(noted)
    return tests


def least(cases: Iterable[str]) -> str | None:
    """Return which of several cases is named: one of tests/conformance, of a short name."""
    return min(cases, key=lambda case: (not case.startswith(PREFERRED), len(case), case), default=None)


def _met_by(cases: Mapping[str, dict[str, None]]) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for case, noted in cases.items():
        for sight in noted:
            if sight.startswith("met "):
                found.setdefault(sight, []).append(case)
    return {sight: least(found[sight]) or "" for sight in sorted(found)}


def _answered(tests: Mapping[str, dict[str, None]]) -> dict[At, list[str]]:
    """Return the files with a test that was answered, for each door where there is one."""
    found: dict[At, dict[str, None]] = {}
    for at in At:
        for test, noted in sorted(tests.items()):
            if answered(at) in noted:
                found.setdefault(at, {})[test.partition("::")[0]] = None
    return {at: list(files) for at, files in found.items()}


def differences(kept_ones: Mapping[str, Kept], seen: Seen) -> list[str]:
    """Return what is kept and was not seen."""
    found = []
    for operation, row in kept_ones.items():
        cases = seen.get(operation, {})
        tests = by_test(cases)
        for test, noted in row.tests.items():
            found += [f"{operation}: {test} no longer {sight!r}" for sight in noted if sight not in tests.get(test, {})]
        found += [
            f"{operation}: {case} no longer {sight!r}" for sight, case in row.met.items() if sight not in cases.get(case, {})
        ]
        files = _answered(tests)
        found += [
            f"{operation}: no test in {file} is answered by {at}"
            for at, named in row.files.items()
            for file in named
            if file not in files.get(at, [])
        ]
    return found


def dumped(chosen: dict[str, Kept]) -> str:
    """Return what was chosen as text to be kept."""
    rows = []
    for operation, row in chosen.items():
        parts = [f'  "files": {_text(row.files)}', _table("tests", row.tests), _table("met", row.met)]
        rows.append(f" {_text(operation)}: {{\n" + ",\n".join(parts) + "\n }")
    return "{\n" + ",\n".join(rows) + "\n}\n"


def _table(name: str, rows: Mapping[str, object]) -> str:
    inner = ",\n".join(f"   {_text(key)}: {_text(value)}" for key, value in rows.items())
    return f'  "{name}": {{\n{inner}\n  }}' if rows else f'  "{name}": {{}}'


def _text(value: object) -> str:
    return json.encode(value).decode("utf-8")


def kept() -> dict[str, Kept]:
    """Return what is kept."""
    return json.decode(KEPT.read_bytes(), type=dict[str, Kept])
