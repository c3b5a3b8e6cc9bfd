"""docs/errors.md: every documented code and message with the test that meets it, and every refusal of the code."""

from collections.abc import Mapping
from enum import Enum
from typing import Any, Final

from msgspec import json

from papernet.app.faults import Fault, RequestFault
from papernet.core.rejects import Reason, Reject
from papernet.protocols.json.errors import (
    CANCEL_REPLACE_FAILED,
    CANCEL_REPLACE_PARTLY_FAILED,
    INTERNAL_ERROR,
    REASONS,
    UNAVAILABLE,
    RequestError,
    error_of_fault,
    error_of_reject,
)
from tools.pages import FACTS, NOTICE
from tools.witnesses import is_about_options, kept, least, met

# What only the control plane can ask for, in its own words.
_CONTROL_PLANE: Final = range(Reason.UNKNOWN_ACCOUNT, Reason.MARKET_HAS_TRADED + 1)


class Failure(Enum):
    """Names for the errors that have no reason of the client's or of the exchange's alone."""

    CANCEL_REPLACE_PARTLY_FAILED = 1
    CANCEL_REPLACE_FAILED = 2
    INTERNAL_ERROR = 3
    UNAVAILABLE = 4


_FAILURES: Final = {
    Failure.CANCEL_REPLACE_PARTLY_FAILED: CANCEL_REPLACE_PARTLY_FAILED,
    Failure.CANCEL_REPLACE_FAILED: CANCEL_REPLACE_FAILED,
    Failure.INTERNAL_ERROR: INTERNAL_ERROR,
    Failure.UNAVAILABLE: UNAVAILABLE,
}


def page() -> str:
    """Return docs/errors.md."""
    seen = refusals_met()
    facts: Mapping[str, Any] = json.decode((FACTS / "codes.json").read_bytes())
    messages: Mapping[str, Any] = json.decode((FACTS / "errors.json").read_bytes())
    faults = [_row(fault, [error_of_fault(Fault(fault, ("…",) * 4))], seen) for fault in RequestFault]
    reasons = [_row(reason, _told(reason), seen) for reason in REASONS]
    return "\n".join(
        [
            "# Errors",
            "",
            NOTICE,
            "",
            'Every refusal is `{"code": …, "msg": "…"}` with an HTTP status. An ellipsis stands for what the refusal is about.',
            "The WebSocket API has the same in a reply's `error`, and the HTTP status as its `status`; a WebSocket that is not",
            "opened is refused over HTTP. A test that is named beside a refusal meets it at one of these doors each time the",
            "tests run; with several, one is named.",
            "[coverage.md](coverage.md) says which endpoint met what. Refusals of options:",
            "[options-errors.md](options-errors.md).",
            "",
            "## Every documented code",
            "",
            "| code | name | met by, or why never |",
            "| --- | --- | --- |",
            *(_code(row, seen) for row in facts["codes"]),
            "",
            "## Every documented message of the exchange",
            "",
            "| message | met by, or why never |",
            "| --- | --- |",
            *(_message(text, facts["never"], seen) for text in (*messages["engine"], *messages["filters"])),
            "",
            "## Refused before the exchange",
            "",
            "The request is wrong, unsigned, too late or too much. Nothing changed. Statuses 418 and 429 come with",
            "`Retry-After`, 405 with `Allow`. The names are those of the code; the order is the order of checking.",
            "",
            *_head(),
            *faults,
            "",
            "## Refused by the exchange",
            "",
            "The order, the cancel or the setting breaks a rule. Nothing changed. Several codes are those of a new order, of a",
            "cancel and of an amendment. The last ones only answer the [control plane](control.md).",
            "",
            *_head(),
            *reasons,
            "",
            "## Beside these",
            "",
            *_head(),
            *(_row(failure, [error], seen) for failure, error in _FAILURES.items()),
            "",
        ]
    )


def refusals_met() -> dict[str, str]:
    """Return, for each refusal that is kept as met, a case of a test that meets it."""
    found: dict[str, list[str]] = {}
    for name, row in kept().items():
        if is_about_options(name):
            continue
        for sight, case in row.met.items():
            found.setdefault(sight, []).append(case)
    return {sight: least(cases) or "" for sight, cases in found.items()}


def unmet() -> list[str]:
    """Return what a request can meet by the tables and no kept test does, and what is met that is said to be never."""
    seen = refusals_met()
    facts: Mapping[str, Any] = json.decode((FACTS / "codes.json").read_bytes())
    messages: Mapping[str, Any] = json.decode((FACTS / "errors.json").read_bytes())
    codes = {row["code"]: "never" in row for row in facts["codes"]}
    found = [f"code {code}" for code, never in codes.items() if never is (_by_code(code, seen) is not None)]
    texts = (*messages["engine"], *messages["filters"])
    found += [f"message {text}" for text in texts if (text in facts["never"]) is (_by_text(text, seen) is not None)]
    found += [fault.name for fault in RequestFault if not _seen([error_of_fault(Fault(fault, ("…",) * 4))], seen)]
    found += [reason.name for reason in REASONS if reason not in _CONTROL_PLANE and not _seen(_told(reason), seen)]
    return found


def _told(reason: Reason) -> list[RequestError]:
    """Return how a refusal is told to a new order, a cancel and an amendment, each wording once."""
    reject = Reject(reason, ("…",) * 4)
    ways = (
        error_of_reject(reject),
        error_of_reject(reject, cancelling=True),
        error_of_reject(reject, amending=True),
    )
    return list(dict.fromkeys(ways))


def _code(row: Mapping[str, Any], seen: Mapping[str, str]) -> str:
    test = _by_code(row["code"], seen)
    return f"| {row['code']} | {row['name']} | {_met_by(test, row.get('never'))} |"


def _message(text: str, never: Mapping[str, str], seen: Mapping[str, str]) -> str:
    test = _by_text(text, seen)
    return f"| {_cell(text)} | {_met_by(test, never.get(text))} |"


def _met_by(test: str | None, never: str | None) -> str:
    if test is not None:
        return _test(test)
    return f"never: {never}" if never is not None else "no test"


def _by_code(code: int, seen: Mapping[str, str]) -> str | None:
    return least(test for sight, test in seen.items() if sight.startswith(f"met {code} "))


def _by_text(text: str, seen: Mapping[str, str]) -> str | None:
    return least(test for sight, test in seen.items() if sight.split(" ", 2)[2] == text)


def _seen(errors: list[RequestError], seen: Mapping[str, str]) -> str | None:
    if errors[0].text.endswith("failure: …"):
        return least(test for sight, test in seen.items() if "Filter failure: " in sight)
    return least(seen[sight] for error in errors if (sight := met(error.code, error.text)) in seen)


def _head() -> list[str]:
    return ["| name | code | status | text | met by |", "| --- | --- | --- | --- | --- |"]


def _row(name: Enum, errors: list[RequestError], seen: Mapping[str, str]) -> str:
    codes = ", ".join(dict.fromkeys(str(error.code) for error in errors))
    test = _seen(errors, seen)
    return f"| `{name.name}` | {codes} | {errors[0].status} | {_cell(errors[0].text)} | {_test(test) if test else ''} |"


def _test(test: str) -> str:
    return f"`{_cell(test.removeprefix('tests/'))}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
