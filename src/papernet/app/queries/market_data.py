"""What everybody may ask about a symbol's market: its book, trades and candles.

Source.         rest-api.md, Market Data endpoints; General API Information (which end of a range is given first).
"""

from typing import Final

from papernet.app.faults import Fault, RequestFault
from papernet.app.queries.context import BAD_COMBINATION, STATUS_MISMATCH, Context, Params, through
from papernet.app.queries.values import AveragePrice, Depth
from papernet.core.events import BlockTrade
from papernet.exchange.views import AggregateTrade, Candle, Interval, PublicTrade
from papernet.venues.spot.market import AVERAGE_PRICE_MINUTES

INTERVALS: Final = {
    "1s": Interval.SECOND_1,
    "1m": Interval.MINUTE_1,
    "3m": Interval.MINUTE_3,
    "5m": Interval.MINUTE_5,
    "15m": Interval.MINUTE_15,
    "30m": Interval.MINUTE_30,
    "1h": Interval.HOUR_1,
    "2h": Interval.HOUR_2,
    "4h": Interval.HOUR_4,
    "6h": Interval.HOUR_6,
    "8h": Interval.HOUR_8,
    "12h": Interval.HOUR_12,
    "1d": Interval.DAY_1,
    "3d": Interval.DAY_3,
    "1w": Interval.WEEK_1,
    "1M": Interval.MONTH_1,
}


def depth(context: Context, params: Params, _account: int, _now: int) -> Depth | Fault:
    """Return the best levels of the book (Order book)."""
    market = context.market(params["symbol"])
    if isinstance(market, Fault):
        return market
    status = params["symbolStatus"]
    if status is not None and market.status is not status:
        return STATUS_MISMATCH
    book, limit = market.book, params["limit"]
    return Depth(book.update_id, book.bids.depth(limit), book.asks.depth(limit))


def recent_trades(context: Context, params: Params, _account: int, _now: int) -> list[PublicTrade] | Fault:
    """Return the newest trades (Recent trades list)."""
    market = context.market(params["symbol"])
    if isinstance(market, Fault):
        return market
    return context.views.recent_trades(market.symbol.name, params["limit"])


def historical_trades(context: Context, params: Params, _account: int, _now: int) -> list[PublicTrade] | Fault:
    """Return trades from an id on, or the newest (Old trade lookup)."""
    market = context.market(params["symbol"])
    if isinstance(market, Fault):
        return market
    return context.views.historical_trades(market.symbol.name, params["fromId"], params["limit"], context.archive)


def block_trades(context: Context, params: Params, _account: int, _now: int) -> list[BlockTrade] | Fault:
    """Return trades outside the book from an id on (Historical Block Trades)."""
    market = context.market(params["symbol"])
    if isinstance(market, Fault):
        return market
    return context.views.block_trades(market.symbol.name, params["fromId"], params["limit"], context.archive)


def aggregate_trades(context: Context, params: Params, _account: int, _now: int) -> list[AggregateTrade] | Fault:
    """Return aggregate trades by id or time (Compressed/Aggregate trades list)."""
    market = context.market(params["symbol"])
    if isinstance(market, Fault):
        return market
    from_id, start, end = params["fromId"], params["startTime"], through(params["endTime"])
    if from_id is not None and (start is not None or end is not None):
        return BAD_COMBINATION
    return context.views.aggregate_trades(market.symbol.name, from_id, start, end, params["limit"], context.archive)


def candles(context: Context, params: Params, _account: int, now: int) -> list[Candle] | Fault:
    """Return candles (Kline/Candlestick data, UIKlines)."""
    market = context.market(params["symbol"])
    if isinstance(market, Fault):
        return market
    interval = INTERVALS.get(params["interval"])
    if interval is None:
        return Fault(RequestFault.BAD_INTERVAL)
    return context.views.candles(
        market.symbol.name,
        interval,
        params["timeZone"],
        params["startTime"],
        through(params["endTime"]),
        params["limit"],
        now,
        context.archive,
    )


def average_price(context: Context, params: Params, _account: int, now: int) -> AveragePrice | Fault:
    """Return the average price of the last minutes (Current average price)."""
    market = context.market(params["symbol"])
    if isinstance(market, Fault):
        return market
    return AveragePrice(AVERAGE_PRICE_MINUTES, market.average_price(now), market.last_at)
