"""docs/options-endpoints.md: what the tables of operations on options say, of both editions of their documents."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from papernet.app.operations import Change, OfConnection, Operation, Param, Query
from papernet.app.operations.options import WEIGHT_LIMIT, Generation
from papernet.exchange.option_counts import OPTION_ORDER_LIMIT_1M, OPTION_ORDER_LIMIT_10S
from papernet.protocols.rest.option_routes import OptionRoutes
from tools.pages import NOTICE
from tools.pages.endpoints import parameter

CURRENT: Final = Generation.CURRENT
LEGACY: Final = Generation.LEGACY
# How an edition is called on these pages.
EDITIONS: Final[Mapping[Generation, str]] = {CURRENT: "today", LEGACY: "2024"}

_KEY_ALONE: Final = " The API key alone is enough."
_DOES: Final[Mapping[type, str]] = {
    Query: "A query.",
    Change: "A command.",
    OfConnection: "Changes nothing on the exchange.",
}


class Endpoint(NamedTuple):
    """A method and a path with its operation in each edition that has it."""

    method: str
    path: str
    by_edition: Mapping[Generation, Operation]

    @property
    def name(self) -> str:
        """Return the name of the operation, which is the same in both editions."""
        return next(iter(self.by_edition.values())).name

    @property
    def heading(self) -> str:
        """Return what the endpoint's section is called."""
        return f"{self.method} {self.path}"


def _endpoints() -> Iterator[Endpoint]:
    routes = {edition: OptionRoutes(edition).by_path for edition in Generation}
    paths = dict.fromkeys(path for edition in Generation for path in routes[edition])
    for path in paths:
        for method in dict.fromkeys(method for edition in Generation for method in routes[edition].get(path, ())):
            offered = {
                edition: routes[edition][path][method] for edition in Generation if method in routes[edition].get(path, ())
            }
            yield Endpoint(method, path, offered)


ENDPOINTS: Final = tuple(_endpoints())

_INTRODUCTION: Final = f"""\
What can be asked for about options, under `/eapi/v1`. papernet serves one edition of the published documents at a time:
today's, or with `--options-api 2024` the one of before 2026. What an endpoint is in each stands side by side; where one is
missing it answers 404. The section is that of the published pages, which say what each means. NONE is public, ANY is any valid
key; all else wants a key with that permission, `timestamp` and `signature`, in the query, in the body or in both; the query
wins. The key is in `X-MBX-APIKEY`. Weight is counted per address, {WEIGHT_LIMIT} a minute, apart from that of the spot
exchange; an account may place {OPTION_ORDER_LIMIT_10S} orders in ten seconds and {OPTION_ORDER_LIMIT_1M} in a minute.
Everything else about options: [options.md](options.md). Which test saw what: [options-coverage.md](options-coverage.md)."""

# What a weight depends on: (in words, the parameters that say so).
_ONE_OR_ALL: Final[list[tuple[str, dict[str, Any]]]] = [("one contract", {"symbol": "C"}), ("all", {"symbol": None})]
_WEIGHTS: Final[Mapping[str, list[tuple[str, dict[str, Any]]]]] = {
    "options.depth": [
        ("`limit` up to 50", {"limit": 50}),
        *((f"`limit` {limit}", {"limit": limit}) for limit in (100, 500, 1000)),
    ],
    "options.ticker": _ONE_OR_ALL,
    "options.openOrders": _ONE_OR_ALL,
}


def page() -> str:
    """Return docs/options-endpoints.md."""
    return "\n".join(
        [
            "# Endpoints of options",
            "",
            NOTICE,
            "",
            _INTRODUCTION,
            "",
            "| endpoint | section | security | weight today | weight in 2024 |",
            "| --- | --- | --- | --- | --- |",
            *(_row(endpoint) for endpoint in ENDPOINTS),
            "",
            "\n\n".join(_section(endpoint) for endpoint in ENDPOINTS),
            "",
        ]
    )


def link(endpoint: Endpoint, target: str = "") -> str:
    """Return a link to an endpoint's section on a page of them."""
    anchor = re.sub(r"[^\w\- ]", "", endpoint.heading.lower()).replace(" ", "-")
    return f"[`{endpoint.heading}`]({target}#{anchor})"


def weight(operation: Operation | None) -> str:
    """Return an operation's weight in words; nothing where an edition lacks it."""
    if operation is None:
        return ""
    if isinstance(operation.weight, int):
        return str(operation.weight)
    return ", ".join(f"{operation.weight_of(params)} ({words})" for words, params in _WEIGHTS[operation.name])


def parameters(operation: Operation) -> Iterator[Param]:
    """Yield the parameters of an operation, those of a list's elements behind it, under the list's name."""
    for param in operation.parameters:
        yield param
        if param.element is not None:
            for inner in param.element.parameters:
                yield Param(
                    f"{param.name}.{inner.name}",
                    inner.kind,
                    mandatory=inner.mandatory,
                    default=inner.default,
                    minimum=inner.minimum,
                    maximum=inner.maximum,
                    values=inner.values,
                )


def _row(endpoint: Endpoint) -> str:
    operation = next(iter(endpoint.by_edition.values()))
    weights = " | ".join(weight(endpoint.by_edition.get(edition)) for edition in EDITIONS)
    return f"| {link(endpoint)} | {operation.section} | {operation.security.name} | {weights} |"


def _section(endpoint: Endpoint) -> str:
    operation = next(iter(endpoint.by_edition.values()))
    does = _DOES[type(operation.does)]
    proof = "" if operation.signed or operation.security.value is None else _KEY_ALONE
    cost = f" Counts {operation.order_cost} to the orders." if operation.order_cost else ""
    only = "" if len(endpoint.by_edition) > 1 else f" Only in the edition of {EDITIONS[next(iter(endpoint.by_edition))]}."
    lines = [f"### {endpoint.heading}", "", f"{does} Operation `{endpoint.name}`.{cost}{proof}{only}"]
    rows = list(_parameters(endpoint))
    if rows:
        lines += ["", "| parameter | kind | mandatory | default | bounds | edition |", "| --- | --- | --- | --- | --- | --- |"]
        lines += rows
    return "\n".join(lines)


def _parameters(endpoint: Endpoint) -> Iterator[str]:
    """Yield a row for each parameter; two, with their editions, where it is another one in each."""
    rows: dict[str, list[Generation]] = {}
    for edition, operation in endpoint.by_edition.items():
        for param in parameters(operation):
            rows.setdefault(parameter(param), []).append(edition)
    # Rows of one parameter stand together, where the parameter was first.
    names = list(dict.fromkeys(row.split(" ")[1] for row in rows))
    for row in sorted(rows, key=lambda row: names.index(row.split(" ")[1])):
        editions = rows[row]
        told = "" if len(editions) == len(endpoint.by_edition) else EDITIONS[editions[0]]
        yield f"{row} {told} |"
