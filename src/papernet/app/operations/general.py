"""The rows of rest-api.md, General endpoints."""

from typing import Final

from papernet.app import parameter_checks
from papernet.app.operations.parameters import ANY_SYMBOL, STATUS, SYMBOLS
from papernet.app.operations.rows import Kind, Operation, Param, Params, Query, Security

_NONE: Final = Security.NONE


def _execution_rules(params: Params) -> int:
    """rest-api.md, Query Execution Rules: 2 a symbol, at most 40, which is what all of them weigh."""
    if params["symbol"] is not None:
        return 2
    symbols = params["symbols"]
    return 40 if symbols is None else min(2 * len(symbols), 40)


ROWS: Final = (
    Operation("ping", "Test connectivity", _NONE, 1, Query()),
    Operation("time", "Check server time", _NONE, 1, Query()),
    Operation(
        "exchangeInfo",
        "Exchange information",
        _NONE,
        20,
        Query(),
        (
            ANY_SYMBOL,
            SYMBOLS,
            Param("permissions", Kind.PERMISSIONS),
            Param("showPermissionSets", Kind.BOOLEAN, default=True),
            STATUS,
        ),
        check=parameter_checks.exchange_info,
    ),
    Operation(
        "executionRules",
        "Query Execution Rules",
        _NONE,
        _execution_rules,
        Query(),
        (ANY_SYMBOL, SYMBOLS, STATUS),
        check=parameter_checks.execution_rules,
        least_weight=2,
    ),
)
