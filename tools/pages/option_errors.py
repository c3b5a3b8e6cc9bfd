"""docs/options-errors.md: every documented code of options with the test that meets it, and every refusal of the code."""

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any, Final

from msgspec import json

from papernet.app.faults import Fault
from papernet.app.operations.options import Generation
from papernet.core.rejects import Reason, Reject
from papernet.protocols.json.errors import RequestError
from papernet.protocols.json.option_errors import FAULTS, REASONS, error_of_fault, error_of_reject
from tools.pages import FACTS, NOTICE
from tools.witnesses import edition_name, is_about_options, kept, least, met

_CURRENT: Final = Generation.CURRENT
_LEGACY: Final = Generation.LEGACY
# What no request about options can ask for: transfers, which the control plane makes.
_CONTROL_PLANE: Final = (Reason.UNKNOWN_ASSET, Reason.INSUFFICIENT_BALANCE, Reason.BAD_AMOUNT)

_INTRODUCTION: Final = """\
Every refusal is `{"code": …, "msg": "…"}` with an HTTP status. An ellipsis stands for what the refusal is about. Of several
orders each that is refused has such an object in its place. A test that is named beside a refusal meets it each time the tests
run; with several, one is named. The older edition's list of codes ends with -4055: what came later is told there by an older
code.
"""


def page() -> str:
    """Return docs/options-errors.md."""
    seen = {edition: refusals_met(edition) for edition in Generation}
    return "\n".join(
        [
            "# Errors of options",
            "",
            NOTICE,
            "",
            _INTRODUCTION,
            "## Every documented code of options",
            "",
            "| code | name | met today by, or why never | met in 2024 by |",
            "| --- | --- | --- | --- |",
            *(_code(row, seen) for row in _codes()),
            "",
            "## Refused before the options venue",
            "",
            "The request is wrong, unsigned, too late or too much. Nothing changed.",
            "",
            *_head(),
            *(_row(fault, seen) for fault in FAULTS),
            "",
            "## Refused by the options venue",
            "",
            "The order, the cancel or the setting breaks a rule. Nothing changed. The last ones only answer the",
            "[control plane](control.md).",
            "",
            *_head(),
            *(_row(reason, seen) for reason in _in_order(REASONS)),
            "",
        ]
    )


def refusals_met(edition: Generation) -> dict[str, str]:
    """Return, for each refusal that is kept as met in an edition, a case of a test that meets it."""
    found: dict[str, list[str]] = {}
    for name, row in kept().items():
        if is_about_options(name) and name == edition_name(name.partition(" ")[0], edition):
            for sight, case in row.met.items():
                found.setdefault(sight, []).append(case)
    return {sight: least(cases) or "" for sight, cases in found.items()}


def unmet() -> list[str]:
    """Return what a request can meet by the tables and no kept test does."""
    seen = {edition: refusals_met(edition) for edition in Generation}
    never = [row["code"] for row in _codes() if "never" in row]
    found = [
        f"code {row['code']}"
        for row in _codes()
        if row["code"] not in never and all(_by_code(row["code"], seen[edition]) is None for edition in Generation)
    ]
    asked_for = [name for name in (*FAULTS, *REASONS) if name not in _CONTROL_PLANE and _told(name, _CURRENT).code not in never]
    return found + [name.name for name in asked_for if _met_by(name, seen) is None]


def _codes() -> Sequence[Mapping[str, Any]]:
    rows: Sequence[Mapping[str, Any]] = json.decode((FACTS / "options-errors.json").read_bytes())
    return rows


def _in_order(reasons: Sequence[Reason]) -> list[Reason]:
    """Return reasons in the order of checking, those that only the control plane meets last."""
    return sorted(reasons, key=lambda reason: (reason in _CONTROL_PLANE, reason))


def _told(name: Enum, edition: Generation) -> RequestError:
    """Return how a refusal is told in an edition, an ellipsis for what it is about."""
    if isinstance(name, Reason):
        return error_of_reject(Reject(name, ("…",) * 4), edition)
    return error_of_fault(Fault(name, ("…",) * 4), edition)  # type: ignore[arg-type]  # the tables hold nothing else


def _met_by(name: Enum, seen: Mapping[Generation, Mapping[str, str]]) -> str | None:
    """Return a test that meets a refusal, today or, where only the older edition can, there."""
    for edition in Generation:
        error = _told(name, edition)
        test = seen[edition].get(met(error.code, error.text, edition))
        if test is not None:
            return test
    return None


def _code(row: Mapping[str, Any], seen: Mapping[Generation, Mapping[str, str]]) -> str:
    now, then = (_by_code(row["code"], seen[edition]) for edition in (_CURRENT, _LEGACY))
    # A test of a room may force what no request brings about.
    today = f"never: {row['never']}" if "never" in row else _test(now)
    return f"| {row['code']} | {row['name']} | {today} | {_test(then)} |"


def _by_code(code: int, seen: Mapping[str, str]) -> str | None:
    return least(test for sight, test in seen.items() if sight.startswith(f"met {code} "))


def _head() -> list[str]:
    return ["| name | code | in 2024 | status | text | met by |", "| --- | --- | --- | --- | --- | --- |"]


def _row(name: Enum, seen: Mapping[Generation, Mapping[str, str]]) -> str:
    error, older = _told(name, _CURRENT), _told(name, _LEGACY)
    return f"| `{name.name}` | {error.code} | {older.code} | {error.status} | {error.text} | {_test(_met_by(name, seen))} |"


def _test(test: str | None) -> str:
    return "" if test is None else f"`{test.removeprefix('tests/').replace('|', chr(92) + '|')}`"
