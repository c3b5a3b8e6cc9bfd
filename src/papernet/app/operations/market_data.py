"""The rows of rest-api.md, Market Data endpoints."""

from typing import Final

from papernet.app import parameter_checks
from papernet.app.faults import RequestFault
from papernet.app.operations.parameters import (
    ANY_SYMBOL,
    END,
    FROM_ID,
    LIMIT,
    LONG_LIMIT,
    START,
    STATUS,
    SYMBOL,
    SYMBOLS,
    members,
)
from papernet.app.operations.rows import Kind, Operation, Param, Params, Query, Security, TickerType
from papernet.core.dates import DAY

_NONE: Final = Security.NONE

_INTERVALS: Final = ("1s", "1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h", "1d", "3d", "1w", "1M")
_SOME_SYMBOLS: Final = Param("symbols", Kind.SYMBOLS, maximum=100)
_ZONE: Final = Param("timeZone", Kind.TIME_ZONE, default=0)
_TICKER_TYPE: Final = Param(
    "type", Kind.ENUM, default=TickerType.FULL, values=members(TickerType), fault=RequestFault.BAD_TICKER_TYPE
)
_KLINES: Final = (
    SYMBOL,
    Param("interval", Kind.ENUM, mandatory=True, values={name: name for name in _INTERVALS}, fault=RequestFault.BAD_INTERVAL),
    START,
    END,
    _ZONE,
    LIMIT,
)


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


ROWS: Final = (
    Operation(
        "depth",
        "Order book",
        _NONE,
        _by_limit,
        Query(),
        (SYMBOL, Param("limit", Kind.INT, default=100, minimum=1, maximum=5000, lowered=True), STATUS),
        least_weight=5,
    ),
    Operation("trades.recent", "Recent trades list", _NONE, 25, Query(), (SYMBOL, LIMIT)),
    Operation("trades.historical", "Old trade lookup", _NONE, 25, Query(), (SYMBOL, LIMIT, FROM_ID)),
    Operation(
        "blockTrades.historical",
        "Historical Block Trades",
        _NONE,
        25,
        Query(),
        (SYMBOL, Param("fromId", Kind.LONG, mandatory=True), LONG_LIMIT),
    ),
    Operation(
        "trades.aggregate",
        "Compressed/Aggregate trades list",
        _NONE,
        4,
        Query(),
        (SYMBOL, FROM_ID, START, END, LIMIT),
    ),
    Operation("klines", "Kline/Candlestick data", _NONE, 2, Query(), _KLINES),
    Operation("uiKlines", "UIKlines", _NONE, 2, Query(), _KLINES),
    Operation("avgPrice", "Current average price", _NONE, 2, Query(), (SYMBOL,)),
    Operation(
        "ticker.24hr",
        "24hr ticker price change statistics",
        _NONE,
        _day_tickers,
        Query(),
        (ANY_SYMBOL, SYMBOLS, _TICKER_TYPE, STATUS),
        check=parameter_checks.symbol_or_symbols,
        least_weight=2,
    ),
    Operation(
        "ticker.tradingDay",
        "Trading Day Ticker",
        _NONE,
        _per_symbol,
        Query(),
        (ANY_SYMBOL, _SOME_SYMBOLS, _ZONE, _TICKER_TYPE, STATUS),
        check=parameter_checks.exactly_one_of_symbol_and_symbols,
        least_weight=4,
    ),
    Operation(
        "ticker.price",
        "Symbol price ticker",
        _NONE,
        _one_or_many,
        Query(),
        (ANY_SYMBOL, SYMBOLS, STATUS),
        check=parameter_checks.symbol_or_symbols,
        least_weight=2,
    ),
    Operation(
        "ticker.book",
        "Symbol order book ticker",
        _NONE,
        _one_or_many,
        Query(),
        (ANY_SYMBOL, SYMBOLS, STATUS),
        check=parameter_checks.symbol_or_symbols,
        least_weight=2,
    ),
    Operation(
        "ticker",
        "Rolling window price change statistics",
        _NONE,
        _per_symbol,
        Query(),
        (ANY_SYMBOL, _SOME_SYMBOLS, Param("windowSize", Kind.WINDOW_SIZE, default=DAY), _TICKER_TYPE, STATUS),
        check=parameter_checks.exactly_one_of_symbol_and_symbols,
        least_weight=4,
    ),
    Operation("referencePrice", "Query Reference Price", _NONE, 2, Query(), (SYMBOL,)),
    Operation("referencePrice.calculation", "Query Reference Price Calculation", _NONE, 2, Query(), (SYMBOL, STATUS)),
)
