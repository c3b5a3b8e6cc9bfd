"""Payloads of the market streams.

Order of work.  One template a message, as for replies. Whoever knows who listens asks for each time unit that is wanted.
Invariant.      Numbers are written as in replies: amounts with eight decimals, percentages with three.
Does not.       Wrap payloads for combined streams, frame them, or know who listens.
Units.          `at` is the event's time, microseconds UTC.
Source.         web-socket-streams.md, Detailed Stream information.
"""

from collections.abc import Callable, Sequence

from papernet.app.operations import TimeUnit
from papernet.app.queries.values import AveragePrice, ReferencePrice, Ticker, Touch
from papernet.core.events import BlockTrade, Trade
from papernet.exchange.views import AggregateTrade, Candle, WindowStats
from papernet.protocols.json.fragments import boolean, divisor, quoted
from papernet.protocols.json.numbers import amount, average_price, decimal, percent
from papernet.protocols.json.replies_market import levels

# Makes a message's payload for a time unit, once it is known that somebody wants it.
Render = Callable[[TimeUnit], bytes]


def trade(event: Trade, unit: TimeUnit) -> bytes:
    """Return a trade (Trade Streams)."""
    at = event.at // divisor(unit)
    return (
        f'{{"e":"trade","E":{at},"s":{quoted(event.symbol)},"t":{event.trade_id},"p":"{decimal(event.price)}",'
        f'"q":"{decimal(event.quantity)}","T":{at},"m":{boolean(event.buyer_is_maker)},"M":true}}'
    ).encode()


def trade_with_orders(event: Trade, unit: TimeUnit) -> bytes:
    """Return a trade with the orders of buyer and seller (Trade Streams, as they were before 2024-06-18)."""
    at = event.at // divisor(unit)
    orders = (event.maker_order_id, event.taker_order_id)
    buyer, seller = orders if event.buyer_is_maker else orders[::-1]
    return (
        f'{{"e":"trade","E":{at},"s":{quoted(event.symbol)},"t":{event.trade_id},"p":"{decimal(event.price)}",'
        f'"q":"{decimal(event.quantity)}","b":{buyer},"a":{seller},"T":{at},"m":{boolean(event.buyer_is_maker)},"M":true}}'
    ).encode()


def aggregate_trade(symbol: str, row: AggregateTrade, unit: TimeUnit) -> bytes:
    """Return what a taker order traded at one price (Aggregate Trade Streams)."""
    at = row.at // divisor(unit)
    return (
        f'{{"e":"aggTrade","E":{at},"s":{quoted(symbol)},"a":{row.aggregate_id},"p":"{decimal(row.price)}",'
        f'"q":"{decimal(row.quantity)}","f":{row.first_trade_id},"l":{row.last_trade_id},"T":{at},'
        f'"m":{boolean(row.buyer_is_maker)},"M":true}}'
    ).encode()


def block_trade(event: BlockTrade, unit: TimeUnit) -> bytes:
    """Return a trade outside the book (Block Trade Streams)."""
    at = event.at // divisor(unit)
    return (
        f'{{"e":"blockTrade","E":{at},"s":{quoted(event.symbol)},"t":{event.block_trade_id},"p":"{decimal(event.price)}",'
        f'"q":"{decimal(event.quantity)}","T":{at},"m":{boolean(event.buyer_is_maker)}}}'
    ).encode()


def book_ticker(touch: Touch, update_id: int) -> bytes:
    """Return the best bid and ask (Individual Symbol Book Ticker Streams), which tell no time."""
    return (
        f'{{"u":{update_id},"s":{quoted(touch.symbol)},"b":"{decimal(touch.bid_price)}","B":"{decimal(touch.bid_quantity)}",'
        f'"a":"{decimal(touch.ask_price)}","A":"{decimal(touch.ask_quantity)}"}}'
    ).encode()


def depth_update(
    symbol: str,
    ids: tuple[int, int],
    bids: Sequence[tuple[int, int]],
    asks: Sequence[tuple[int, int]],
    at: int,
    unit: TimeUnit,
) -> bytes:
    """Return the quantities now of the levels that the updates from the first to the last of `ids` touched (Diff. Depth)."""
    return (
        f'{{"e":"depthUpdate","E":{at // divisor(unit)},"s":{quoted(symbol)},"U":{ids[0]},"u":{ids[1]},'
        f'"b":{levels(bids)},"a":{levels(asks)}}}'
    ).encode()


def kline(symbol: str, interval: str, candle: Candle, is_closed: bool, at: int, unit: TimeUnit) -> bytes:  # noqa: FBT001
    """Return a candle (Kline/Candlestick Streams); without trades both trade ids are -1."""
    step = divisor(unit)
    first_id = candle.first_trade_id
    last_id = first_id + candle.trade_count - 1 if candle.trade_count else -1
    return (
        f'{{"e":"kline","E":{at // step},"s":{quoted(symbol)},"k":{{"t":{candle.open_at // step},'
        f'"T":{candle.close_at // step},"s":{quoted(symbol)},"i":"{interval}","f":{first_id},"L":{last_id},'
        f'"o":"{decimal(candle.open)}","c":"{decimal(candle.close)}","h":"{decimal(candle.high)}","l":"{decimal(candle.low)}",'
        f'"v":"{amount(candle.quantity)}","n":{candle.trade_count},"x":{boolean(is_closed)},"q":"{amount(candle.quote)}",'
        f'"V":"{amount(candle.taker_buy_quantity)}","Q":"{amount(candle.taker_buy_quote)}","B":"0"}}}}'
    ).encode()


def mini_ticker(ticker: Ticker, at: int, unit: TimeUnit) -> str:
    """Return what traded in 24 hours, in short (Individual Symbol Mini Ticker Stream)."""
    stats = ticker.stats
    return (
        f'{{"e":"24hrMiniTicker","E":{at // divisor(unit)},"s":{quoted(ticker.symbol)},"c":"{decimal(stats.last)}",'
        f'"o":"{decimal(stats.open)}","h":"{decimal(stats.high)}","l":"{decimal(stats.low)}",'
        f'"v":"{amount(stats.quantity)}","q":"{amount(stats.quote)}"}}'
    )


def day_ticker(ticker: Ticker, at: int, unit: TimeUnit) -> str:
    """Return what traded in 24 hours, and the best bid and ask (Individual Symbol Ticker Streams)."""
    stats, touch, step = ticker.stats, ticker.touch, divisor(unit)
    assert touch is not None
    return (
        f'{{"e":"24hrTicker","E":{at // step},"s":{quoted(ticker.symbol)},{_change(stats)},"w":"{_average(stats)}",'
        f'"x":"{decimal(stats.prev_close)}","c":"{decimal(stats.last)}","Q":"{decimal(stats.last_quantity)}",'
        f'"b":"{decimal(touch.bid_price)}","B":"{decimal(touch.bid_quantity)}",'
        f'"a":"{decimal(touch.ask_price)}","A":"{decimal(touch.ask_quantity)}",'
        f'"o":"{decimal(stats.open)}","h":"{decimal(stats.high)}","l":"{decimal(stats.low)}",{_sums(stats, step)}}}'
    )


def window_ticker(window: str, ticker: Ticker, at: int, unit: TimeUnit) -> str:
    """Return what traded in a window, which is named as in the stream's name (Rolling Window Statistics Streams)."""
    stats, step = ticker.stats, divisor(unit)
    return (
        f'{{"e":"{window}Ticker","E":{at // step},"s":{quoted(ticker.symbol)},{_change(stats)},'
        f'"o":"{decimal(stats.open)}","h":"{decimal(stats.high)}","l":"{decimal(stats.low)}","c":"{decimal(stats.last)}",'
        f'"w":"{_average(stats)}",{_sums(stats, step)}}}'
    )


def average(symbol: str, value: AveragePrice, at: int, unit: TimeUnit) -> bytes:
    """Return an average price and when the last trade was (Average Price)."""
    step = divisor(unit)
    return (
        f'{{"e":"avgPrice","E":{at // step},"s":{quoted(symbol)},"i":"{value.minutes}m","w":"{decimal(value.price)}",'
        f'"T":{value.at // step}}}'
    ).encode()


def reference(value: ReferencePrice, unit: TimeUnit) -> bytes:
    """Return a reference price, null when there is none (Reference Price Streams)."""
    price = "null" if value.price is None else f'"{decimal(value.price)}"'
    return f'{{"e":"referencePrice","s":{quoted(value.symbol)},"r":{price},"t":{value.at // divisor(unit)}}}'.encode()


def _change(stats: WindowStats) -> str:
    change = stats.last - stats.open
    return f'"p":"{amount(change)}","P":"{percent(change, stats.open)}"'


def _average(stats: WindowStats) -> str:
    return amount(average_price(stats.quote, stats.quantity))


def _sums(stats: WindowStats, step: int) -> str:
    return (
        f'"v":"{amount(stats.quantity)}","q":"{amount(stats.quote)}","O":{stats.open_at // step},"C":{stats.close_at // step},'
        f'"F":{stats.first_id},"L":{stats.last_id},"n":{stats.count}'
    )
