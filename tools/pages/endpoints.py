"""docs/endpoints.md: what the table of operations says."""

import re
from collections.abc import Mapping
from enum import Enum
from typing import Any, Final

from papernet.app.operations import OPERATIONS, DryRun, Kind, OfConnection, Operation, Param, Proof, Query
from papernet.app.rate_limits import WEIGHT_LIMIT
from papernet.protocols.rest.routes import LISTEN_KEY_ROUTES, ROUTES
from papernet.protocols.ws_api.calls import METHODS
from tools.pages import NOTICE

_KINDS: Final[Mapping[Kind, str]] = {
    Kind.SYMBOL: "symbol",
    Kind.SYMBOLS: "JSON list of symbols",
    Kind.PERMISSIONS: "permission, or JSON list of them",
    Kind.CLIENT_ORDER_ID: "text",
    Kind.INT: "integer",
    Kind.LONG: "integer",
    Kind.DECIMAL: "decimal",
    Kind.TIME: "time, ms or µs",
    Kind.DURATION: "ms, three decimals at most",
    Kind.BOOLEAN: "boolean",
    Kind.ENUM: "one of",
    Kind.TIME_ZONE: "time zone, such as `-1:00` or `5`",
    Kind.WINDOW_SIZE: "`1m` to `59m`, `1h` to `23h`, `1d` to `7d`",
    Kind.LISTEN_KEY: "text",
    Kind.CONTRACT: "contract, in any case",
    Kind.ASSET: "name, in any case",
    Kind.ASSETS: "names with commas between them",
    Kind.EXPIRY: "date, YYMMDD",
    Kind.LIMIT: "integer",
    Kind.POSITIVE: "decimal above 0",
    Kind.KEY: "text",
    Kind.SPAN: "ms",
    Kind.LONGS: "JSON list of integers",
    Kind.TEXTS: "JSON list of texts",
    Kind.ELEMENTS: "JSON list of objects",
}
# What an operation is about, and what shows on whose behalf it is asked for where that is not the usual signature.
_CONNECTION: Final = "Is about the connection, or the user data stream."
_PROOFS: Final[Mapping[Proof | None, str]] = {
    Proof.KEY: " The API key alone is enough.",
    Proof.SESSION: " Wants a session that has logged on.",
}
_RETIRED: Final = " Retired: served with `--listen-keys` only."

_INTRODUCTION: Final = f"""\
What can be asked for, and where: at an address over REST, and as a method of the WebSocket API, which may have `v3/` before it.
The section is that of the published `rest-api.md`, or of `web-socket-api.md` where REST lacks the operation; it says what each
means. NONE is public; all else wants a key with that permission, `timestamp` and `signature`. Over REST the key is in
`X-MBX-APIKEY`; over the WebSocket API it is the parameter `apiKey`, and a session that has logged on needs neither key nor
signature. Weight is counted per address, {WEIGHT_LIMIT} a minute, at both together. Errors: [errors.md](errors.md). What is
pushed instead of asked for: [streams.md](streams.md). Endpoints of options: [options-endpoints.md](options-endpoints.md)."""

# Where REST has an operation.
ADDRESSES: Final = {
    operation.name: (method, path)
    for path, methods in (*ROUTES.items(), *LISTEN_KEY_ROUTES.items())
    for method, operation in methods.items()
}
LISTEN_KEY_OPERATIONS: Final = tuple(operation.name for methods in LISTEN_KEY_ROUTES.values() for operation in methods.values())


def _symbols(count: int) -> dict[str, Any]:
    return {"symbol": None, "symbols": ("BTCUSDT",) * count}


# What a weight depends on: (in words, the parameters that say so).
_ONE: Final = {"symbol": "BTCUSDT", "symbols": None}
_ALL: Final = {"symbol": None, "symbols": None}
_BY_COUNT: Final = [("one symbol", _ONE), ("2 symbols", _symbols(2)), ("50 symbols or more", _symbols(50))]
_WITH_RATES: Final[list[tuple[str, dict[str, Any]]]] = [
    ("plain", {"computeCommissionRates": False}),
    ("with commission rates", {"computeCommissionRates": True}),
]
_WEIGHTS: Final[Mapping[str, list[tuple[str, dict[str, Any]]]]] = {
    "depth": [(f"`limit` up to {limit}", {"limit": limit}) for limit in (100, 500, 1000, 5000)],
    "ticker.24hr": [
        ("up to 20 symbols", _symbols(20)),
        ("up to 100", _symbols(100)),
        ("more, or all", _ALL),
    ],
    "ticker.tradingDay": _BY_COUNT,
    "ticker": _BY_COUNT,
    "ticker.price": [("one symbol", _ONE), ("several, or all", _ALL)],
    "ticker.book": [("one symbol", _ONE), ("several, or all", _ALL)],
    "executionRules": [("one symbol", _ONE), ("2 symbols", _symbols(2)), ("20 symbols or more, or all", _symbols(20))],
    "order.test": _WITH_RATES,
    "sor.order.test": _WITH_RATES,
    "myPreventedMatches": [
        ("by `preventedMatchId`", {"preventedMatchId": 1, "orderId": None}),
        ("by `orderId`", {"preventedMatchId": None, "orderId": 1}),
    ],
    "openOrders.status": [("one symbol", _ONE), ("all symbols", _ALL)],
    "myTrades": [("plain", {"orderId": None}), ("with `orderId`", {"orderId": 1})],
}


def page() -> str:
    """Return docs/endpoints.md."""
    rows = [
        f"| {_address(operation)} | {_method(operation)} "
        f"| {operation.section} | {operation.security.name} | {weight(operation)} |"
        for operation in OPERATIONS.values()
    ]
    return "\n".join(
        [
            "# Endpoints",
            "",
            NOTICE,
            "",
            _INTRODUCTION,
            "",
            "| REST | WebSocket API | section | security | weight |",
            "| --- | --- | --- | --- | --- |",
            *rows,
            "",
            "\n\n".join(_endpoint(operation) for operation in OPERATIONS.values()),
            "",
        ]
    )


def heading(operation: Operation) -> str:
    """Return what an operation's section is called: its address, or its method where REST lacks it."""
    return " ".join(ADDRESSES.get(operation.name, (operation.name,)))


def anchor(operation: Operation) -> str:
    """Return the anchor that an operation's heading makes."""
    return re.sub(r"[^\w\- ]", "", heading(operation).lower()).replace(" ", "-")


def link(operation: Operation, page: str = "") -> str:
    """Return a link to an operation's section on a page of them."""
    return f"[`{heading(operation)}`]({page}#{anchor(operation)})"


def weight(operation: Operation) -> str:
    """Return an operation's weight in words."""
    if isinstance(operation.weight, int):
        return str(operation.weight)
    return ", ".join(f"{operation.weight_of(params)} ({words})" for words, params in _WEIGHTS[operation.name])


def _address(operation: Operation) -> str:
    return link(operation) if operation.name in ADDRESSES else ""


def _method(operation: Operation) -> str:
    """Return the method of the WebSocket API; where REST has no address, the link stands here."""
    assert METHODS[operation.name] is operation
    return f"`{operation.name}`" if operation.name in ADDRESSES else link(operation)


def _endpoint(operation: Operation) -> str:
    lines = [f"### {heading(operation)}", ""]
    does = "A query." if isinstance(operation.does, Query) else "A command."
    if isinstance(operation.does, DryRun):
        does = "Checks an order without placing it."
    elif isinstance(operation.does, OfConnection):
        does = _CONNECTION
    cost = f" Counts {operation.order_cost} to the unfilled orders." if operation.order_cost else ""
    retired = _RETIRED if operation.name in LISTEN_KEY_OPERATIONS else ""
    lines.append(f"{does} Operation `{operation.name}`.{cost}{_PROOFS.get(operation.proof, '')}{retired}")
    if operation.parameters:
        lines += ["", "| parameter | kind | mandatory | default | bounds |", "| --- | --- | --- | --- | --- |"]
        lines += [parameter(param) for param in operation.parameters]
    return "\n".join(lines)


def parameter(param: Param) -> str:
    """Return the row of a parameter: name, kind, whether it is mandatory, default, bounds."""
    kind = _KINDS[param.kind]
    if param.values:
        kind = f"{kind} {', '.join(f'`{value}`' for value in param.values)}"
    mandatory = "yes" if param.mandatory else ""
    return f"| `{param.name}` | {kind} | {mandatory} | {_default(param)} | {_bounds(param)} |"


def _default(param: Param) -> str:
    value = param.default
    if value is None:
        return ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if param.kind is Kind.ENUM:
        return f"`{next(name for name, meaning in param.values.items() if meaning == value)}`"
    if param.kind is Kind.DURATION:
        return f"`{value // 1000}`"
    if param.kind is Kind.WINDOW_SIZE:
        return "`1d`"
    return f"`{value.value if isinstance(value, Enum) else value}`"


def _bounds(param: Param) -> str:
    if param.maximum is None:
        return f"at least {param.minimum}" if param.minimum else ""
    counted = " symbols" if param.kind is Kind.SYMBOLS else ""
    lowered = ", more is taken as that" if param.lowered else ""
    if param.minimum:
        return f"{param.minimum} to {param.maximum}{counted}{lowered}"
    return f"at most {param.maximum}{counted}{lowered}"
