"""THE table: every operation of the exchange with its security, weight, parameters and what it does.

Doors only point into it; reading parameters, security, weights and limits are written once for all of them. The rows stand by
the chapters of rest-api.md and then those of web-socket-api.md that REST lacks; names are those of the WebSocket API's methods.
Those of European options, which have editions, stand in `options`.
"""

from collections.abc import Mapping
from typing import Final

from papernet.app.operations import account, general, market_data, order_lists, session, trading
from papernet.app.operations.rows import (
    Change,
    DryRun,
    Kind,
    OfConnection,
    Operation,
    Param,
    Params,
    Proof,
    Query,
    ResponseType,
    Security,
    Submit,
    TickerType,
    TimeUnit,
)

__all__ = [
    "OPERATIONS",
    "Change",
    "DryRun",
    "Kind",
    "OfConnection",
    "Operation",
    "Param",
    "Params",
    "Proof",
    "Query",
    "ResponseType",
    "Security",
    "Submit",
    "TickerType",
    "TimeUnit",
]

_TABLE: Final = (*general.ROWS, *market_data.ROWS, *trading.ROWS, *order_lists.ROWS, *account.ROWS, *session.ROWS)

OPERATIONS: Final[Mapping[str, Operation]] = {operation.name: operation for operation in _TABLE}
