"""Replies of market data: books, trades, candles, average prices and tickers.

Order of work.  One template a row; a book's prices and quantities repeat from reply to reply, so their texts are remembered.
Source.         rest-api.md, Market Data endpoints.
"""

from collections.abc import Sequence
from typing import Final

from papernet.app.operations import TimeUnit
from papernet.app.queries.values import AveragePrice, Depth, LastPrices, Ticker, Tickers, Touch, Touches
from papernet.core.events import BlockTrade
from papernet.exchange.views import AggregateTrade, Candle, PublicTrade, WindowStats
from papernet.protocols.json.fragments import array, boolean, divisor, one_or_many, quoted
from papernet.protocols.json.numbers import amount, average_price, decimal, percent

_COLUMN: Final = '","'
_NEXT_LEVEL: Final = '"],["'


def depth(book: Depth, _unit: TimeUnit) -> bytes:
    """Return a book (Order book)."""
    return f'{{"lastUpdateId":{book.update_id},"bids":{levels(book.bids)},"asks":{levels(book.asks)}}}'.encode()


def trades(rows: Sequence[PublicTrade], unit: TimeUnit) -> bytes:
    """Return trades (Recent trades list, Old trade lookup)."""
    step = divisor(unit)
    return array(
        [
            f'{{"id":{row.trade_id},"price":"{decimal(row.price)}","qty":"{decimal(row.quantity)}",'
            f'"quoteQty":"{amount(row.quote)}","time":{row.at // step},"isBuyerMaker":{boolean(row.buyer_is_maker)},'
            '"isBestMatch":true}'
            for row in rows
        ]
    )


def block_trades(rows: Sequence[BlockTrade], unit: TimeUnit) -> bytes:
    """Return trades outside the book (Historical Block Trades)."""
    step = divisor(unit)
    return array(
        [
            f'{{"id":{row.block_trade_id},"price":"{decimal(row.price)}","qty":"{decimal(row.quantity)}",'
            f'"quoteQty":"{amount(row.quote)}","time":{row.at // step},"isBuyerMaker":{boolean(row.buyer_is_maker)}}}'
            for row in rows
        ]
    )


def aggregate_trades(rows: Sequence[AggregateTrade], unit: TimeUnit) -> bytes:
    """Return aggregate trades (Compressed/Aggregate trades list)."""
    step = divisor(unit)
    return array(
        [
            f'{{"a":{row.aggregate_id},"p":"{decimal(row.price)}","q":"{decimal(row.quantity)}",'
            f'"f":{row.first_trade_id},"l":{row.last_trade_id},"T":{row.at // step},'
            f'"m":{boolean(row.buyer_is_maker)},"M":true}}'
            for row in rows
        ]
    )


def candles(rows: Sequence[Candle], unit: TimeUnit) -> bytes:
    """Return candles (Kline/Candlestick data); the last column is unused."""
    step = divisor(unit)
    return array(
        [
            f'[{row.open_at // step},"{decimal(row.open)}","{decimal(row.high)}","{decimal(row.low)}",'
            f'"{decimal(row.close)}","{amount(row.quantity)}",{row.close_at // step},"{amount(row.quote)}",'
            f'{row.trade_count},"{amount(row.taker_buy_quantity)}","{amount(row.taker_buy_quote)}","0"]'
            for row in rows
        ]
    )


def average(value: AveragePrice, unit: TimeUnit) -> bytes:
    """Return an average price (Current average price)."""
    return f'{{"mins":{value.minutes},"price":"{decimal(value.price)}","closeTime":{value.at // divisor(unit)}}}'.encode()


def tickers(value: Tickers, unit: TimeUnit) -> bytes:
    """Return statistics of windows (24hr ticker, Trading Day Ticker, Rolling window)."""
    step = divisor(unit)
    row = _mini_ticker if value.is_mini else _full_ticker
    return one_or_many([row(ticker, step) for ticker in value.rows], is_single=value.is_single)


def last_prices(value: LastPrices, _unit: TimeUnit) -> bytes:
    """Return last prices (Symbol price ticker)."""
    rows = [f'{{"symbol":{quoted(row.symbol)},"price":"{decimal(row.price)}"}}' for row in value.rows]
    return one_or_many(rows, is_single=value.is_single)


def touches(value: Touches, _unit: TimeUnit) -> bytes:
    """Return best bids and asks (Symbol order book ticker)."""
    rows = [f'{{"symbol":{quoted(row.symbol)},{_touch_fields(row)}}}' for row in value.rows]
    return one_or_many(rows, is_single=value.is_single)


def levels(rows: Sequence[tuple[int, int]]) -> str:
    """Return one side of a book, or of its changes, as JSON."""
    if not rows:
        return "[]"
    text = _NEXT_LEVEL.join([decimal(price) + _COLUMN + decimal(quantity) for price, quantity in rows])
    return f'[["{text}"]]'


def _full_ticker(ticker: Ticker, step: int) -> str:
    stats, touch = ticker.stats, ticker.touch
    change = stats.last - stats.open
    last = f'"lastPrice":"{decimal(stats.last)}"'
    prices = f'"openPrice":"{decimal(stats.open)}","highPrice":"{decimal(stats.high)}","lowPrice":"{decimal(stats.low)}"'
    if touch is None:
        middle = f"{prices},{last}"
    else:
        # Only the 24 hour ticker tells the price before, the last quantity and the touch, and it has another order.
        before, quantity = decimal(stats.prev_close), decimal(stats.last_quantity)
        middle = f'"prevClosePrice":"{before}",{last},"lastQty":"{quantity}",{_touch_fields(touch)},{prices}'
    return (
        f'{{"symbol":{quoted(ticker.symbol)},"priceChange":"{amount(change)}",'
        f'"priceChangePercent":"{percent(change, stats.open)}",'
        f'"weightedAvgPrice":"{amount(average_price(stats.quote, stats.quantity))}",'
        f"{middle},{_sums(stats, step)}}}"
    )


def _mini_ticker(ticker: Ticker, step: int) -> str:
    stats = ticker.stats
    return (
        f'{{"symbol":{quoted(ticker.symbol)},"openPrice":"{decimal(stats.open)}","highPrice":"{decimal(stats.high)}",'
        f'"lowPrice":"{decimal(stats.low)}","lastPrice":"{decimal(stats.last)}",{_sums(stats, step)}}}'
    )


def _sums(stats: WindowStats, step: int) -> str:
    return (
        f'"volume":"{amount(stats.quantity)}","quoteVolume":"{amount(stats.quote)}","openTime":{stats.open_at // step},'
        f'"closeTime":{stats.close_at // step},"firstId":{stats.first_id},"lastId":{stats.last_id},"count":{stats.count}'
    )


def _touch_fields(touch: Touch) -> str:
    return (
        f'"bidPrice":"{decimal(touch.bid_price)}","bidQty":"{decimal(touch.bid_quantity)}",'
        f'"askPrice":"{decimal(touch.ask_price)}","askQty":"{decimal(touch.ask_quantity)}"'
    )
