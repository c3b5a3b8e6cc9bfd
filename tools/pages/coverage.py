"""docs/coverage.md: what each endpoint takes and tells, and which test saw it."""

from collections.abc import Mapping
from typing import Final

from msgspec import json

from papernet.app.operations import OPERATIONS, Operation
from tools.pages import FACTS, NOTICE
from tools.pages.endpoints import ADDRESSES, heading, link, weight
from tools.witnesses import At, Kept, answered, kept, sent, told

_NOTHING: Final = Kept({}, {}, {})
_ENDPOINTS: Final = "endpoints.md"
_DOORS: Final = {At.REST: "REST", At.WEBSOCKET_API: "the WebSocket API"}
_INTRODUCTION: Final = """\
Which test saw what of each endpoint, over REST and over the WebSocket API. A test is named for what it sent in a request that
was answered, for the door that answered it, for the fields that it was told and for the refusals that it met; together the few
tests that are named saw everything that any test sees. Each run of the whole suite compares: a test that no longer sees what it
is named for fails it.

Wanted are an answer at each door that an operation has, all parameters of the table of operations, each value of those that
have a closed set of values, and all fields of the published examples and of the published table of conditional fields. Every
parameter, value and field is asked for at both doors by `conformance/test_every_parameter.py`; there, values that the documents
list and rule out for an endpoint are refused with the documented code. Refusals by code: [errors.md](errors.md). What is
pushed: [streams.md](streams.md). The same of options: [options-coverage.md](options-coverage.md).
"""


def page() -> str:
    """Return docs/coverage.md."""
    rows = kept()
    fields = documented_fields()
    return "\n".join(
        [
            "# Coverage",
            "",
            NOTICE,
            "",
            _INTRODUCTION,
            "| endpoint | parameters and values | fields | refusals | named tests |",
            "| --- | --- | --- | --- | --- |",
            *(_summary(operation, rows.get(operation.name, _NOTHING), fields) for operation in OPERATIONS.values()),
            "",
            "\n\n".join(_section(operation, rows.get(operation.name, _NOTHING)) for operation in OPERATIONS.values()),
            "",
        ]
    )


def documented_fields() -> Mapping[str, list[str]]:
    """Return the fields that the documents show of each operation's reply."""
    fields: Mapping[str, list[str]] = json.decode((FACTS / "reply_fields.json").read_bytes())
    return fields


def ruled_out() -> dict[tuple[str, str, str], int]:
    """Return the codes of (operation, parameter, value) that the documents list, and rule out for the operation."""
    rows = json.decode((FACTS / "ruled_out.json").read_bytes(), type=list[tuple[str, str, str, int]])
    return {(operation, name, value): code for operation, name, value, code in rows}


def wanted(operation: Operation) -> tuple[list[str], list[str]]:
    """Return (what has to be sent, what has to be told) of an operation."""
    excepted = ruled_out()
    sendings = []
    for param in operation.parameters:
        sendings.append(sent(param.name))
        sendings += [sent(param.name, value) for value in param.values if (operation.name, param.name, value) not in excepted]
    return sendings, [told(field) for field in documented_fields()[operation.name]]


def doors(operation: Operation) -> tuple[At, ...]:
    """Return at which doors an operation can be asked for."""
    return (At.REST, At.WEBSOCKET_API) if operation.name in ADDRESSES else (At.WEBSOCKET_API,)


def unseen() -> list[str]:
    """Return what is wanted and no kept test saw."""
    rows = kept()
    return [
        f"{operation.name}: {sight}"
        for operation in OPERATIONS.values()
        for part in (*wanted(operation), [answered(at) for at in doors(operation)])
        for sight in part
        if sight not in sights_of(rows.get(operation.name, _NOTHING))
    ]


def sights_of(row: Kept) -> dict[str, None]:
    """Return everything that the tests which are kept of an operation saw."""
    return {sight: None for noted in row.tests.values() for sight in noted}


def _summary(operation: Operation, row: Kept, fields: Mapping[str, list[str]]) -> str:
    seen = sights_of(row)
    sendings, tellings = wanted(operation)
    refusals = sum(sight.startswith("met ") for sight in seen)
    counts = (f"{sum(sight in seen for sight in part)} of {len(part)}" for part in (sendings, tellings))
    assert len(tellings) == len(fields[operation.name])
    return f"| {link(operation)} | {' | '.join(counts)} | {refusals} | {len(row.tests)} |"


def _section(operation: Operation, row: Kept) -> str:
    return "\n".join(
        [
            f"### {heading(operation)}",
            "",
            f"Operation `{operation.name}` ({operation.section}), {operation.security.name}, weight {weight(operation)}.",
            f"What each parameter may be: {link(operation, _ENDPOINTS)}.",
            "",
            *(f"Answered over {_DOORS[at]} in {files_in_words(files)}.\n" for at, files in row.files.items()),
            "| test | answered over | sent | was told | met |",
            "| --- | --- | --- | --- | --- |",
            *(
                f"| `{short(test)}` | {_doors(noted)} | {sent_in_words(noted)} "
                f"| {told_in_words(noted)} | {met_in_words(noted)} |"
                for test, noted in row.tests.items()
            ),
        ]
    )


def files_in_words(files: list[str]) -> str:
    """Return names of files as a sentence has them."""
    return ", ".join(f"`{short(file)}`" for file in files)


def short(test: str) -> str:
    """Return the name of a test without the folder in which all are."""
    return test.removeprefix("tests/")


def _doors(noted: list[str]) -> str:
    return ", ".join(at for at in At if answered(at) in noted)


def sent_in_words(noted: list[str]) -> str:
    """Return the parameters that were sent, each with its values behind it."""
    values: dict[str, list[str]] = {}
    for sight in noted:
        if sight.startswith("sent "):
            name, _, value = sight.removeprefix("sent ").partition("=")
            values.setdefault(name, []).extend([value] if value else [])
    return ", ".join(f"`{name}`" + (f" ({' '.join(listed)})" if listed else "") for name, listed in values.items())


def told_in_words(noted: list[str]) -> str:
    """Return the fields that were told."""
    return ", ".join(f"`{sight.removeprefix('told ')}`" for sight in noted if sight.startswith("told "))


def met_in_words(noted: list[str]) -> str:
    """Return the refusals that were met."""
    return "; ".join(sight.removeprefix("met ").replace("|", "\\|") for sight in noted if sight.startswith("met "))
