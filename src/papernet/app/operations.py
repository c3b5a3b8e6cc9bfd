"""THE table: every operation of the exchange with its security, weight, parameters and what it does.

A door (REST today) only points into it; reading parameters, security, weights and limits are written once for all doors.

Values.         `papernet.protocols.json.params` turns text into the values that checks, weights, builders and queries get: a
                mapping from a parameter's documented name. SYMBOL, CLIENT_ORDER_ID -> str; SYMBOLS, PERMISSIONS -> tuple of
                str; INT, LONG -> int; DECIMAL -> units of 10^-8; TIME -> microseconds UTC (on the wire milliseconds or
                microseconds); DURATION -> microseconds (on the wire milliseconds with up to three decimals); TIME_ZONE ->
                microseconds east of UTC; WINDOW_SIZE -> microseconds; BOOLEAN -> bool; ENUM -> the member of `values`.
                Absent: the default, or None.
Invariant.      A row holds no path, no renderer and no wording.
Does not.       Import the queries: an operation's query is `papernet.app.queries.QUERIES[name]`.
Source.         rest-api.md, the section named in each row.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, IntEnum, StrEnum, unique
from typing import Any, Final

from papernet.app import order_terms, parameter_checks
from papernet.app.faults import Fault, RequestFault
from papernet.core.commands import NewOrder
from papernet.core.enums import (
    CancelRestriction,
    OrderType,
    Permission,
    SelfTradeMode,
    Side,
    SymbolStatus,
    TimeInForce,
)
from papernet.core.rejects import Reject

Params = Mapping[str, Any]


@unique
class TimeUnit(Enum):
    """In which unit times are told (rest-api.md, General API Information: X-MBX-TIME-UNIT)."""

    MILLISECOND = 1_000
    MICROSECOND = 1


@unique
class Kind(IntEnum):
    """How a parameter's text is read."""

    SYMBOL = 1
    SYMBOLS = 2
    PERMISSIONS = 3
    CLIENT_ORDER_ID = 4
    INT = 5
    LONG = 6
    DECIMAL = 7
    TIME = 8
    DURATION = 9
    BOOLEAN = 10
    ENUM = 11
    TIME_ZONE = 12
    WINDOW_SIZE = 13


@unique
class Security(Enum):
    """Which permission an operation asks for; NONE is public, all others are signed (rest-api.md, Request Security)."""

    NONE = None
    USER_DATA = Permission.USER_DATA
    TRADE = Permission.TRADE
    USER_STREAM = Permission.USER_STREAM


@unique
class ResponseType(StrEnum):
    """How much a new order's reply tells (enums.md, Order Response Type)."""

    ACK = "ACK"
    RESULT = "RESULT"
    FULL = "FULL"


@unique
class TickerType(StrEnum):
    """How much a ticker tells."""

    FULL = "FULL"
    MINI = "MINI"


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter of an operation.

    `minimum` and `maximum` bound an INT, a list's length or a DURATION in milliseconds; a greater INT is `lowered` to the
    maximum where the documents or the test network do so. `fault` is the refusal of an ENUM that is not one of `values`.
    """

    name: str
    kind: Kind
    mandatory: bool = False
    default: Any = None
    minimum: int = 0
    maximum: int | None = None
    lowered: bool = False
    values: Mapping[str, Any] = field(default_factory=dict)
    fault: RequestFault = RequestFault.INVALID_PARAMETER


@dataclass(frozen=True, slots=True)
class Query:
    """The operation asks: `papernet.app.queries` answers."""


@dataclass(frozen=True, slots=True)
class Submit:
    """The operation changes the exchange: `build` makes the command of an account from parameters."""

    build: Callable[[Params, int], order_terms.OrderCommand | Reject]


@dataclass(frozen=True, slots=True)
class DryRun:
    """The operation checks an order without placing it."""

    build: Callable[[Params, int], NewOrder | Reject]


@dataclass(frozen=True, slots=True)
class Operation:
    """One row of the table."""

    name: str
    section: str
    security: Security
    weight: int | Callable[[Params], int]
    does: Query | Submit | DryRun
    parameters: tuple[Param, ...] = ()
    order_cost: int = 0
    check: Callable[[Params], Fault | None] | None = None

    @property
    def signed(self) -> bool:
        """Whether a request needs an API key, a timestamp and a signature."""
        return self.security is not Security.NONE

    def weight_of(self, params: Params) -> int:
        """Return the request weight of the operation with these parameters."""
        weight = self.weight
        return weight if isinstance(weight, int) else weight(params)


def _by_limit(params: Params) -> int:
    """rest-api.md, Order book: the weight follows the limit."""
    limit = params["limit"]
    if limit <= 100:
        return 5
    if limit <= 500:
        return 25
    return 50 if limit <= 1000 else 250


def _day_tickers(params: Params) -> int:
    """rest-api.md, 24hr ticker: the weight follows the number of symbols."""
    if params["symbol"] is not None:
        return 2
    symbols = params["symbols"]
    if symbols is None or len(symbols) > 100:
        return 80
    return 2 if len(symbols) <= 20 else 40


def _per_symbol(params: Params) -> int:
    """rest-api.md, Trading Day Ticker, Rolling window: 4 a symbol, at most 200."""
    return min(4 * len(params["symbols"] or (params["symbol"],)), 200)


def _one_or_many(params: Params) -> int:
    """rest-api.md, Symbol price ticker: 2 for one symbol, else 4."""
    return 2 if params["symbol"] is not None else 4


def _with_rates(params: Params) -> int:
    """rest-api.md, Test new order."""
    return 20 if params["computeCommissionRates"] else 1


def _open_orders(params: Params) -> int:
    """rest-api.md, Current open orders."""
    return 6 if params["symbol"] is not None else 80


def _my_trades(params: Params) -> int:
    """rest-api.md, Account trade list."""
    return 20 if params["orderId"] is None else 5


def _members(kind: type[Enum]) -> dict[str, Any]:
    return {member.name: member for member in kind}


_INTERVALS: Final = ("1s", "1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h", "1d", "3d", "1w", "1M")
_DAY: Final = 86_400_000_000

_SYMBOL: Final = Param("symbol", Kind.SYMBOL, mandatory=True)
_ANY_SYMBOL: Final = Param("symbol", Kind.SYMBOL)
_SYMBOLS: Final = Param("symbols", Kind.SYMBOLS)
_SOME_SYMBOLS: Final = Param("symbols", Kind.SYMBOLS, maximum=100)
_STATUS: Final = Param(
    "symbolStatus",
    Kind.ENUM,
    values={status.name: status for status in (SymbolStatus.TRADING, SymbolStatus.HALT, SymbolStatus.BREAK)},
    fault=RequestFault.BAD_SYMBOL_STATUS,
)
_LIMIT: Final = Param("limit", Kind.INT, default=500, minimum=1, maximum=1000, lowered=True)
_FROM_ID: Final = Param("fromId", Kind.LONG)
_START: Final = Param("startTime", Kind.TIME)
_END: Final = Param("endTime", Kind.TIME)
_ZONE: Final = Param("timeZone", Kind.TIME_ZONE, default=0)
_TICKER_TYPE: Final = Param(
    "type", Kind.ENUM, default=TickerType.FULL, values=_members(TickerType), fault=RequestFault.BAD_TICKER_TYPE
)
_ORDER_ID: Final = Param("orderId", Kind.LONG)
_ORIGINAL_ID: Final = Param("origClientOrderId", Kind.CLIENT_ORDER_ID)
_NEW_ID: Final = Param("newClientOrderId", Kind.CLIENT_ORDER_ID)
# rest-api.md, Timing security
_SIGNED: Final = (
    Param("recvWindow", Kind.DURATION, default=5_000_000, maximum=60_000),
    Param("timestamp", Kind.TIME, mandatory=True),
)
_KLINES: Final = (
    _SYMBOL,
    Param("interval", Kind.ENUM, mandatory=True, values={name: name for name in _INTERVALS}, fault=RequestFault.BAD_INTERVAL),
    _START,
    _END,
    _ZONE,
    _LIMIT,
)
_NEW_ORDER: Final = (
    _SYMBOL,
    Param("side", Kind.ENUM, mandatory=True, values=_members(Side), fault=RequestFault.BAD_SIDE),
    Param("type", Kind.ENUM, mandatory=True, values=_members(OrderType), fault=RequestFault.BAD_ORDER_TYPE),
    Param("timeInForce", Kind.ENUM, values=_members(TimeInForce), fault=RequestFault.BAD_TIME_IN_FORCE),
    Param("quantity", Kind.DECIMAL),
    Param("quoteOrderQty", Kind.DECIMAL),
    Param("price", Kind.DECIMAL),
    _NEW_ID,
    Param("strategyId", Kind.LONG),
    Param("strategyType", Kind.INT),
    Param("stopPrice", Kind.DECIMAL),
    Param("trailingDelta", Kind.LONG),
    Param("icebergQty", Kind.DECIMAL),
    Param("newOrderRespType", Kind.ENUM, values=_members(ResponseType)),
    Param("selfTradePreventionMode", Kind.ENUM, values=_members(SelfTradeMode)),
    Param(
        "pegPriceType",
        Kind.ENUM,
        values={name: name for name in ("PRIMARY_PEG", "MARKET_PEG")},
        fault=RequestFault.BAD_PEG_PRICE_TYPE,
    ),
    Param("pegOffsetValue", Kind.INT, maximum=100),
    Param("pegOffsetType", Kind.ENUM, values={"PRICE_LEVEL": "PRICE_LEVEL"}, fault=RequestFault.BAD_PEG_OFFSET_TYPE),
)
_RESTRICTIONS: Final = {
    restriction.name: restriction for restriction in (CancelRestriction.ONLY_NEW, CancelRestriction.ONLY_PARTIALLY_FILLED)
}

_NONE: Final = Security.NONE
_USER_DATA: Final = Security.USER_DATA
_TRADE: Final = Security.TRADE

_TABLE: Final = (
    Operation("ping", "Test connectivity", _NONE, 1, Query()),
    Operation("time", "Check server time", _NONE, 1, Query()),
    Operation(
        "exchangeInfo",
        "Exchange information",
        _NONE,
        20,
        Query(),
        (
            _ANY_SYMBOL,
            _SYMBOLS,
            Param("permissions", Kind.PERMISSIONS),
            Param("showPermissionSets", Kind.BOOLEAN, default=True),
            _STATUS,
        ),
        check=parameter_checks.exchange_info,
    ),
    Operation(
        "depth",
        "Order book",
        _NONE,
        _by_limit,
        Query(),
        (_SYMBOL, Param("limit", Kind.INT, default=100, minimum=1, maximum=5000, lowered=True), _STATUS),
    ),
    Operation("trades.recent", "Recent trades list", _NONE, 25, Query(), (_SYMBOL, _LIMIT)),
    Operation("trades.historical", "Old trade lookup", _NONE, 25, Query(), (_SYMBOL, _LIMIT, _FROM_ID)),
    Operation(
        "trades.aggregate",
        "Compressed/Aggregate trades list",
        _NONE,
        4,
        Query(),
        (_SYMBOL, _FROM_ID, _START, _END, _LIMIT),
    ),
    Operation("klines", "Kline/Candlestick data", _NONE, 2, Query(), _KLINES),
    Operation("uiKlines", "UIKlines", _NONE, 2, Query(), _KLINES),
    Operation("avgPrice", "Current average price", _NONE, 2, Query(), (_SYMBOL,)),
    Operation(
        "ticker.24hr",
        "24hr ticker price change statistics",
        _NONE,
        _day_tickers,
        Query(),
        (_ANY_SYMBOL, _SYMBOLS, _TICKER_TYPE, _STATUS),
        check=parameter_checks.symbol_or_symbols,
    ),
    Operation(
        "ticker.tradingDay",
        "Trading Day Ticker",
        _NONE,
        _per_symbol,
        Query(),
        (_ANY_SYMBOL, _SOME_SYMBOLS, _ZONE, _TICKER_TYPE, _STATUS),
        check=parameter_checks.exactly_one_of_symbol_and_symbols,
    ),
    Operation(
        "ticker.price",
        "Symbol price ticker",
        _NONE,
        _one_or_many,
        Query(),
        (_ANY_SYMBOL, _SYMBOLS, _STATUS),
        check=parameter_checks.symbol_or_symbols,
    ),
    Operation(
        "ticker.book",
        "Symbol order book ticker",
        _NONE,
        _one_or_many,
        Query(),
        (_ANY_SYMBOL, _SYMBOLS, _STATUS),
        check=parameter_checks.symbol_or_symbols,
    ),
    Operation(
        "ticker",
        "Rolling window price change statistics",
        _NONE,
        _per_symbol,
        Query(),
        (_ANY_SYMBOL, _SOME_SYMBOLS, Param("windowSize", Kind.WINDOW_SIZE, default=_DAY), _TICKER_TYPE, _STATUS),
        check=parameter_checks.exactly_one_of_symbol_and_symbols,
    ),
    Operation(
        "order.place",
        "New order",
        _TRADE,
        1,
        Submit(order_terms.new_order),
        (*_NEW_ORDER, *_SIGNED),
        order_cost=1,
        check=parameter_checks.new_order,
    ),
    Operation(
        "order.test",
        "Test new order",
        _TRADE,
        _with_rates,
        DryRun(order_terms.new_order),
        (*_NEW_ORDER, Param("computeCommissionRates", Kind.BOOLEAN, default=False), *_SIGNED),
        check=parameter_checks.new_order,
    ),
    Operation(
        "order.status",
        "Query order",
        _USER_DATA,
        4,
        Query(),
        (_SYMBOL, _ORDER_ID, _ORIGINAL_ID, *_SIGNED),
        check=parameter_checks.some_order_id,
    ),
    Operation(
        "order.cancel",
        "Cancel order",
        _TRADE,
        1,
        Submit(order_terms.cancel_order),
        (
            _SYMBOL,
            _ORDER_ID,
            _ORIGINAL_ID,
            _NEW_ID,
            Param("cancelRestrictions", Kind.ENUM, values=_RESTRICTIONS, fault=RequestFault.BAD_CANCEL_RESTRICTION),
            *_SIGNED,
        ),
        check=parameter_checks.some_order_id,
    ),
    Operation(
        "openOrders.cancelAll",
        "Cancel All Open Orders on a Symbol",
        _TRADE,
        1,
        Submit(order_terms.cancel_open_orders),
        (_SYMBOL, *_SIGNED),
    ),
    Operation("openOrders.status", "Current open orders", _USER_DATA, _open_orders, Query(), (_ANY_SYMBOL, *_SIGNED)),
    Operation(
        "allOrders",
        "All orders",
        _USER_DATA,
        20,
        Query(),
        (_SYMBOL, _ORDER_ID, _START, _END, _LIMIT, *_SIGNED),
        check=parameter_checks.at_most_a_day,
    ),
    Operation(
        "account.status",
        "Account information",
        _USER_DATA,
        20,
        Query(),
        (Param("omitZeroBalances", Kind.BOOLEAN, default=False), *_SIGNED),
    ),
    Operation(
        "account.commission",
        "Query Commission Rates",
        _USER_DATA,
        20,
        Query(),
        (_SYMBOL, *_SIGNED),
    ),
    Operation(
        "myTrades",
        "Account trade list",
        _USER_DATA,
        _my_trades,
        Query(),
        (_SYMBOL, _ORDER_ID, _START, _END, _FROM_ID, _LIMIT, *_SIGNED),
        check=parameter_checks.my_trades,
    ),
    Operation("account.rateLimits.orders", "Query Unfilled Order Count", _USER_DATA, 40, Query(), _SIGNED),
)

OPERATIONS: Final[Mapping[str, Operation]] = {operation.name: operation for operation in _TABLE}
