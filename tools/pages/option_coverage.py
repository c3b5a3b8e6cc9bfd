"""docs/options-coverage.md: what each endpoint of options takes and tells in each edition, and which test saw it."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

from msgspec import json

from papernet.app.operations.options import Generation
from tools.pages import FACTS, NOTICE
from tools.pages.coverage import files_in_words, met_in_words, sent_in_words, short, sights_of, told_in_words
from tools.pages.option_endpoints import EDITIONS, ENDPOINTS, Endpoint, link, parameters
from tools.witnesses import At, Kept, answered, edition_name, fields, kept, sent, told

_NOTHING: Final = Kept({}, {}, {})
_PAGE: Final = "options-endpoints.md"
# How the facts call an edition, and what they say once of all contracts.
_KEYS: Final[Mapping[Generation, str]] = {Generation.CURRENT: "current", Generation.LEGACY: "legacy"}
_FILTERS: Final = [
    dict.fromkeys(("filterType", "minPrice", "maxPrice", "tickSize")),
    dict.fromkeys(("filterType", "minQty", "maxQty", "stepSize")),
]

_INTRODUCTION: Final = """\
Which test saw what of each endpoint of options, in today's edition and in that of before 2026. What it means that a test is
named stands in [coverage.md](coverage.md). Wanted are an answer in each edition that has the endpoint, all parameters, each
value of those that have a closed set of values, also within the elements of lists, and all documented fields of the answer.
Every parameter and value is sent by `conformance/test_option_parameters.py`. Refusals by code:
[options-errors.md](options-errors.md).
"""


def page() -> str:
    """Return docs/options-coverage.md."""
    rows = kept()
    return "\n".join(
        [
            "# Coverage of options",
            "",
            NOTICE,
            "",
            _INTRODUCTION,
            "| endpoint | edition | parameters and values | fields | refusals | named tests |",
            "| --- | --- | --- | --- | --- | --- |",
            *(_summary(endpoint, edition, rows) for endpoint in ENDPOINTS for edition in endpoint.by_edition),
            "",
            "\n\n".join(_section(endpoint, rows) for endpoint in ENDPOINTS),
            "",
        ]
    )


@cache
def documented_fields(edition: Generation) -> Mapping[str, list[str]]:
    """Return the fields that the documents show of each endpoint's answer, by method and path."""
    facts: Mapping[str, Mapping[str, Any]] = json.decode((FACTS / "options-fields.json").read_bytes())
    found: dict[str, list[str]] = {}
    for name, shapes in facts.items():
        # An order's answer has two forms.
        heading = " /eapi/v1/".join(name.split(" ")[:2])
        shape = shapes[_KEYS[edition]]
        if shape is not None:
            told_fields = dict.fromkeys([*found.get(heading, []), *fields(_with_filters(shape))])
            found[heading] = list(told_fields)
    return found


def wanted(endpoint: Endpoint, edition: Generation) -> tuple[list[str], list[str]]:
    """Return (what has to be sent, what has to be told) of an endpoint in an edition."""
    sendings: list[str] = []
    for param in parameters(endpoint.by_edition[edition]):
        sendings.append(sent(param.name))
        sendings += [sent(param.name, value) for value in param.values]
    return sendings, [told(field) for field in documented_fields(edition)[endpoint.heading]]


def unseen() -> list[str]:
    """Return what is wanted and no kept test saw."""
    rows = kept()
    return [
        f"{edition_name(endpoint.name, edition)}: {sight}"
        for endpoint in ENDPOINTS
        for edition in endpoint.by_edition
        for part in (*wanted(endpoint, edition), [answered(At.REST)])
        for sight in part
        if sight not in sights_of(_row_of(endpoint, edition, rows))
    ]


def _with_filters(shape: Any) -> Any:  # noqa: ANN401  decoded JSON
    if isinstance(shape, dict):
        return {name: _with_filters(inner) for name, inner in shape.items()}
    if isinstance(shape, list):
        return [_with_filters(inner) for inner in shape]
    return _FILTERS if shape == "filters" else shape


def _row_of(endpoint: Endpoint, edition: Generation, rows: Mapping[str, Kept]) -> Kept:
    return rows.get(edition_name(endpoint.name, edition), _NOTHING)


def _summary(endpoint: Endpoint, edition: Generation, rows: Mapping[str, Kept]) -> str:
    row = _row_of(endpoint, edition, rows)
    seen = sights_of(row)
    refusals = sum(sight.startswith("met ") for sight in seen)
    counts = (f"{sum(sight in seen for sight in part)} of {len(part)}" for part in wanted(endpoint, edition))
    return f"| {link(endpoint)} | {EDITIONS[edition]} | {' | '.join(counts)} | {refusals} | {len(row.tests)} |"


def _section(endpoint: Endpoint, rows: Mapping[str, Kept]) -> str:
    return "\n".join(
        [
            f"### {endpoint.heading}",
            "",
            f"Operation `{endpoint.name}`. What each parameter may be: {link(endpoint, _PAGE)}.",
            "",
            *(_answered(endpoint, edition, rows) for edition in endpoint.by_edition),
            "| test | edition | sent | was told | met |",
            "| --- | --- | --- | --- | --- |",
            *(row for edition in endpoint.by_edition for row in _tests(edition, _row_of(endpoint, edition, rows))),
        ]
    )


def _answered(endpoint: Endpoint, edition: Generation, rows: Mapping[str, Kept]) -> str:
    files = _row_of(endpoint, edition, rows).files.get(At.REST, [])
    return f"Answered in the edition of {EDITIONS[edition]} in {files_in_words(files)}.\n"


def _tests(edition: Generation, row: Kept) -> Iterator[str]:
    for test, noted in row.tests.items():
        cells = (f"`{short(test)}`", EDITIONS[edition], sent_in_words(noted), told_in_words(noted), met_in_words(noted))
        yield f"| {' | '.join(cells)} |"
