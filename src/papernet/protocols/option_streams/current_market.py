"""Payloads of the options venue's market streams in the current generation.

Order of work.  One template a message, as for replies.
Invariant.      Prices and quantities have as many decimals as the scales of the underlying say; the index, volatilities and
                greeks have eight, or what they need.
Does not.       Wrap payloads, frame them, or know who listens.
Units.          `now` is the event's time, microseconds UTC; on the wire times are milliseconds.
Source.         European Options: Websocket Market Streams, current edition.
"""

from collections.abc import Sequence

from papernet.app.queries.option_values import OpenInterest, OptionTicker, Terms
from papernet.app.queries.values import Touch
from papernet.core.dates import MILLISECOND
from papernet.exchange.views import Candle
from papernet.protocols.json.fragments import boolean
from papernet.protocols.json.numbers import amount, average_price, decimal
from papernet.protocols.json.option_fields import KINDS, scaled, shortest
from papernet.protocols.option_streams.numbers import fraction, percent
from papernet.protocols.option_streams.values import BookTop, Marked, Print
from papernet.protocols.subscriptions.diff_depth import BookChanges
from papernet.venues.options.contracts import Contract, Underlying


def trade(row: Print) -> bytes:
    """Return a trade (Trade Streams)."""
    terms, at = row.terms, row.at // MILLISECOND
    return (
        f'{{"e":"trade","E":{at},"T":{at},"s":"{terms.symbol}","t":{row.trade_id},"p":"{scaled(row.price, terms.price_scale)}",'
        f'"q":"{scaled(row.quantity, terms.quantity_scale)}","X":"{"BLOCK" if row.is_block else "MARKET"}",'
        f'"S":"{"SELL" if row.buyer_is_maker else "BUY"}","m":{boolean(row.buyer_is_maker)}}}'
    ).encode()


def book_ticker(terms: Terms, touch: Touch, update_id: int, at: int) -> bytes:
    """Return the best bid and ask (Individual Symbol Book Ticker Streams)."""
    price, quantity, at = terms.price_scale, terms.quantity_scale, at // MILLISECOND
    return (
        f'{{"e":"bookTicker","u":{update_id},"s":"{terms.symbol}",'
        f'"b":"{scaled(touch.bid_price, price)}","B":"{scaled(touch.bid_quantity, quantity)}",'
        f'"a":"{scaled(touch.ask_price, price)}","A":"{scaled(touch.ask_quantity, quantity)}","T":{at},"E":{at}}}'
    ).encode()


def changes(terms: Terms, row: BookChanges, now: int) -> bytes:
    """Return the quantities now of the levels that changed (Diff Book Depth Streams).

    How to manage a local order book correctly: the first event that counts is one with U <= lastUpdateId <= u. So that there is
    one also when nothing has happened between two events, an event's updates are counted from the state that they changed.
    """
    previous = row.first - 1
    return _depth(terms, (previous, row.last, previous), row.bids, row.asks, (now, row.at))


def top(row: BookTop, now: int) -> bytes:
    """Return the best levels (Partial Book Depth Streams)."""
    return _depth(row.terms, (row.previous, row.update_id, row.previous), row.bids, row.asks, (now, row.at))


def _depth(
    terms: Terms,
    ids: tuple[int, int, int],
    bids: Sequence[tuple[int, int]],
    asks: Sequence[tuple[int, int]],
    times: tuple[int, int],
) -> bytes:
    return (
        f'{{"e":"depthUpdate","E":{times[0] // MILLISECOND},"T":{times[1] // MILLISECOND},"s":"{terms.symbol}",'
        f'"U":{ids[0]},"u":{ids[1]},"pu":{ids[2]},"b":{_levels(bids, terms)},"a":{_levels(asks, terms)}}}'
    ).encode()


def _levels(rows: Sequence[tuple[int, int]], terms: Terms) -> str:
    price, quantity = terms.price_scale, terms.quantity_scale
    texts = [f'["{scaled(each, price)}","{scaled(size, quantity)}"]' for each, size in rows]
    return f"[{','.join(texts)}]"


def kline(terms: Terms, interval: str, candle: Candle, is_closed: bool, now: int) -> bytes:  # noqa: FBT001  as on spot
    """Return a candle (Kline/Candlestick Streams); without trades both trade ids are 0."""
    price, quantity = terms.price_scale, terms.quantity_scale
    first_id = max(candle.first_trade_id, 0)
    return (
        f'{{"e":"kline","E":{now // MILLISECOND},"s":"{terms.symbol}","k":{{"t":{candle.open_at // MILLISECOND},'
        f'"T":{candle.close_at // MILLISECOND},"s":"{terms.symbol}","i":"{interval}","f":{first_id},'
        f'"L":{first_id + candle.trade_count - 1 if candle.trade_count else 0},'
        f'"o":"{scaled(candle.open, price)}","c":"{scaled(candle.close, price)}",'
        f'"h":"{scaled(candle.high, price)}","l":"{scaled(candle.low, price)}",'
        f'"v":"{scaled(candle.quantity, quantity)}","n":{candle.trade_count},"x":{boolean(is_closed)},'
        f'"q":"{amount(candle.quote)}","V":"{scaled(candle.taker_buy_quantity, quantity)}",'
        f'"Q":"{amount(candle.taker_buy_quote)}"}}}}'
    ).encode()


def ticker(row: OptionTicker, _marked: Marked | None, now: int) -> str:
    """Return what traded in 24 hours (24-hour TICKER); the percentage is one, unlike that of the query."""
    terms, stats = row.terms, row.stats
    price, quantity, change = terms.price_scale, terms.quantity_scale, stats.last - stats.open
    return (
        f'{{"e":"24hrTicker","E":{now // MILLISECOND},"s":"{terms.symbol}","p":"{scaled(change, price)}",'
        f'"P":"{percent(change, stats.open)}","w":"{scaled(average_price(stats.quote, stats.quantity), price)}",'
        f'"c":"{scaled(stats.last, price)}","Q":"{scaled(stats.last_quantity, quantity)}","o":"{scaled(stats.open, price)}",'
        f'"h":"{scaled(stats.high, price)}","l":"{scaled(stats.low, price)}","v":"{scaled(stats.quantity, quantity)}",'
        f'"q":"{amount(stats.quote)}","O":{stats.open_at // MILLISECOND},"C":{stats.close_at // MILLISECOND},'
        f'"F":{max(stats.first_id, 0)},"L":{max(stats.last_id, 0)},"n":{stats.count}}}'
    )


def marked(row: Marked, now: int) -> str:
    """Return a contract's mark (Mark Price); a volatility of -1 says that there is none."""
    terms, mark, touch = row.terms, row.mark, row.touch
    price, quantity = terms.price_scale, terms.quantity_scale
    return (
        f'{{"s":"{terms.symbol}","mp":"{scaled(mark.price, price)}","E":{now // MILLISECOND},"e":"markPrice",'
        f'"i":"{decimal(row.index)}","P":"{scaled(row.settlement, price)}",'
        f'"bo":"{scaled(touch.bid_price, price)}","ao":"{scaled(touch.ask_price, price)}",'
        f'"bq":"{scaled(touch.bid_quantity, quantity)}","aq":"{scaled(touch.ask_quantity, quantity)}",'
        f'"b":"{fraction(mark.bid_volatility)}","a":"{fraction(mark.ask_volatility)}",'
        f'"hl":"{scaled(row.high, price)}","ll":"{scaled(row.low, price)}","vo":"{fraction(mark.volatility)}","rf":"0.0",'
        f'"d":"{amount(mark.delta)}","t":"{amount(mark.theta)}","g":"{amount(mark.gamma)}","v":"{amount(mark.vega)}"}}'
    )


def open_interest(row: OpenInterest, now: int) -> str:
    """Return how much of a contract is held (Open Interest)."""
    return (
        f'{{"e":"openInterest","E":{now // MILLISECOND},"s":"{row.symbol}","o":"{shortest(row.quantity)}",'
        f'"h":"{amount(row.value)}"}}'
    )


def index(underlying: str, price: int, now: int) -> str:
    """Return the price of an underlying (Index Price Streams)."""
    return f'{{"e":"indexPrice","E":{now // MILLISECOND},"s":"{underlying}","p":"{decimal(price)}"}}'


def new_contract(contract: Contract, underlying: Underlying, at: int) -> bytes:
    """Return a contract that trades from now on (New Symbol Info)."""
    return (
        f'{{"e":"optionSymbol","E":{at // MILLISECOND},"s":"{contract.symbol}","ps":"{underlying.name}",'
        f'"qa":"{underlying.settle_asset}","d":"{KINDS[contract.kind]}","sp":"{shortest(contract.strike)}",'
        f'"dt":{contract.expiry // MILLISECOND},"u":{underlying.unit},"ot":{contract.listed_at // MILLISECOND},'
        f'"cs":"TRADING"}}'
    ).encode()
