"""What tests saw at the doors of requests: which parameters they sent, which fields they were told, which refusals they met.

The doors are REST and the WebSocket API. What the two answer alike is kept once; each operation has to be answered at every
door that it has. Operations on options have REST alone; what the older edition of their documents has is kept under a name of
its own (`edition_name`), and so are refusals, which have other words there than on the spot exchange.

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
from papernet.app.operations.options import Generation
from papernet.core.rejects import Reason, Reject
from papernet.protocols.json import option_errors
from papernet.protocols.json.errors import (
    CANCEL_REPLACE_FAILED,
    CANCEL_REPLACE_PARTLY_FAILED,
    REASONS,
    error_of_fault,
    error_of_reject,
)

KEPT: Final = Path(__file__).parents[1] / "tests" / "conformance" / "witnesses.json"
# Where the tests are that can be witnesses.
PLACES: Final = ("tests/conformance", "tests/scenarios", "tests/unit")
# What is asked for where there is no operation is noted under this name; of options under the other one.
NO_OPERATION: Final = "-"
NO_OPTIONS_OPERATION: Final = "options"
_ROWS_READ: Final = 1_000
_OK: Final = 200
_SUCCEEDED: Final = "success"
# What is named rather than others.
PREFERRED: Final = "tests/conformance/"

# operation -> case of a test -> what it saw
Seen = dict[str, dict[str, dict[str, None]]]


@unique
class At(StrEnum):
    """A door that requests come to."""

    REST = "REST"
    WEBSOCKET_API = "WebSocket API"


def edition_name(name: str, edition: Generation) -> str:
    """Return under which name is noted what an operation on options does in an edition of the documents."""
    return name if edition is Generation.CURRENT else f"{name} ({edition})"


def is_about_options(name: str) -> bool:
    """Whether an operation, as its sights are noted, is one on options."""
    return name.startswith(NO_OPTIONS_OPERATION)


@cache
def _wordings(edition: Generation | None) -> dict[str, re.Pattern[str]]:
    """Return every wording of a refusal, an ellipsis for what it is about, the most particular first; None: of spot."""
    if edition is None:
        errors = [error_of_fault(Fault(fault, ("…",) * 4)) for fault in RequestFault]
        errors += [error_of_reject(Reject(reason, ("…",) * 4)) for reason in REASONS if reason is not Reason.FILTER_FAILURE]
        errors += [CANCEL_REPLACE_PARTLY_FAILED, CANCEL_REPLACE_FAILED]
    else:
        errors = [option_errors.error_of_fault(Fault(fault, ("…",) * 4), edition) for fault in option_errors.FAULTS]
        errors += [option_errors.error_of_reject(Reject(reason, ("…",) * 4), edition) for reason in option_errors.REASONS]
    texts = sorted(dict.fromkeys(error.text for error in errors), key=lambda text: (text.count("…"), text))
    return {text: re.compile(re.escape(text).replace("…", ".*")) for text in texts}


def answered(at: At) -> str:
    """Return what an answer that is no refusal is noted as."""
    return f"answered {at}"


def met(code: int, text: str, edition: Generation | None = None) -> str:
    """Return what a refusal is noted as: its code and its wording; `edition` is that of options."""
    wording = next((wording for wording, pattern in _wordings(edition).items() if pattern.fullmatch(text)), text)
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
    edition: Generation | None = None,
) -> Iterator[str]:
    """Yield what there is to see of one request, its parameters as they were sent, and of its decoded reply.

    `edition` is that of options; of a list of orders the parameters of its elements are seen as its own.
    """
    yield from (met(code, text, edition) for code, text in _refusals(reply))
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
            element = known[name].element
            if element is not None:
                yield from _sent_in_elements(name, element, text)


def _sent_in_elements(name: str, element: Operation, text: str) -> Iterator[str]:
    """Yield what a list of elements sent."""
    known = {param.name: param for param in element.parameters}
    for row in json.decode(text):
        for inner, value in row.items():
            if inner in known:
                yield sent(f"{name}.{inner}")
                if isinstance(value, str) and value in known[inner].values:
                    yield sent(f"{name}.{inner}", value)


def _refusals(value: Any) -> Iterator[tuple[int, str]]:  # noqa: ANN401  decoded JSON
    """Yield code and text of every refusal; a code of 0 is also the answer to some cancels that succeeded."""
    if isinstance(value, dict):
        code, text = value.get("code"), value.get("msg")
        if isinstance(code, int) and isinstance(text, str) and (code < 0 or (code == 0 and text != _SUCCEEDED)):
            yield code, text
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
