"""Tickers: statistics of windows, last prices, best bids and asks.

Order of rows.  The listing order of symbols, whatever order they were asked for in.
Source.         rest-api.md, 24hr ticker, Trading Day Ticker, Symbol price ticker, Symbol order book ticker, Rolling window.
"""

from typing import Any

from papernet.app.faults import Fault
from papernet.app.operations import TickerType
from papernet.app.queries.context import Context, Params
from papernet.app.queries.values import LastPrice, LastPrices, Ticker, Tickers, Touch, Touches
from papernet.core.order_book import OrderBook
from papernet.venues.spot.market import Market


def day_ticker(context: Context, params: Params, _account: int, now: int) -> Tickers | Fault:
    """Return the statistics of the last 24 hours (24hr ticker price change statistics)."""
    markets = context.chosen(params)
    if isinstance(markets, Fault):
        return markets
    views, archive = context.views, context.archive
    rows = [
        Ticker(market.symbol.name, views.day_ticker(market.symbol.name, now, archive), touch_of(market)) for market in markets
    ]
    return _tickers(params, rows)


def trading_day_ticker(context: Context, params: Params, _account: int, now: int) -> Tickers | Fault:
    """Return the statistics of the running day of a time zone (Trading Day Ticker)."""
    markets = context.chosen(params)
    if isinstance(markets, Fault):
        return markets
    views, archive, zone = context.views, context.archive, params["timeZone"]
    names = [market.symbol.name for market in markets]
    return _tickers(params, [Ticker(name, views.trading_day_ticker(name, zone, now, archive)) for name in names])


def window_ticker(context: Context, params: Params, _account: int, now: int) -> Tickers | Fault:
    """Return the statistics of a window of the size asked for (Rolling window price change statistics)."""
    markets = context.chosen(params)
    if isinstance(markets, Fault):
        return markets
    views, archive, window = context.views, context.archive, params["windowSize"]
    names = [market.symbol.name for market in markets]
    return _tickers(params, [Ticker(name, views.window_ticker(name, window, now, archive)) for name in names])


def price_ticker(context: Context, params: Params, _account: int, _now: int) -> LastPrices | Fault:
    """Return the last price of symbols (Symbol price ticker)."""
    markets = context.chosen(params)
    if isinstance(markets, Fault):
        return markets
    return LastPrices([LastPrice(market.symbol.name, market.last_price) for market in markets], _is_single(params))


def book_ticker(context: Context, params: Params, _account: int, _now: int) -> Touches | Fault:
    """Return the best bid and ask of symbols (Symbol order book ticker)."""
    markets = context.chosen(params)
    if isinstance(markets, Fault):
        return markets
    return Touches([touch_of(market) for market in markets], _is_single(params))


def touch_of(market: Market) -> Touch:
    """Return the best bid and ask of a market."""
    return touch_of_book(market.symbol.name, market.book)


def touch_of_book(symbol: str, book: OrderBook[Any]) -> Touch:
    """Return the best bid and ask of a book of any venue."""
    bid, ask = book.bids.best(), book.asks.best()
    return Touch(
        symbol,
        bid.price if bid is not None else 0,
        bid.quantity if bid is not None else 0,
        ask.price if ask is not None else 0,
        ask.quantity if ask is not None else 0,
    )


def _is_single(params: Params) -> bool:
    return params["symbol"] is not None


def _tickers(params: Params, rows: list[Ticker]) -> Tickers:
    return Tickers(rows, _is_single(params), params["type"] is TickerType.MINI)
