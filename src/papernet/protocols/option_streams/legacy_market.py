"""Payloads of the options venue's market streams in the older generation.

Order of work.  One template a message, as for replies.
Invariant.      Amounts have eight decimals, as in this generation's replies.
Does not.       Wrap payloads, frame them, or know who listens.
Units.          `now` is the event's time, microseconds UTC; on the wire times are milliseconds.
Source.         European Options: Websocket Market Streams, edition of 2024; change log.
"""

from collections.abc import Sequence

from papernet.app.queries.option_values import OptionTicker, Terms
from papernet.core.dates import MILLISECOND
from papernet.exchange.views import Candle
from papernet.protocols.json.fragments import boolean
from papernet.protocols.json.numbers import amount, decimal
from papernet.protocols.json.option_fields import KINDS
from papernet.protocols.option_streams.numbers import share
from papernet.protocols.option_streams.values import BookTop, Marked, Print
from papernet.protocols.subscriptions.diff_depth import BookChanges
from papernet.venues.options.contracts import Contract, Underlying


def trade(row: Print) -> bytes:
    """Return a trade (Trade Streams); what was sold to the maker is negative, and most numbers are text."""
    at, sign = row.at // MILLISECOND, -1 if row.buyer_is_maker else 1
    return (
        f'{{"e":"trade","E":{at},"s":"{row.terms.symbol}","t":"{row.trade_id}","p":"{decimal(row.price)}",'
        f'"q":"{decimal(sign * row.quantity)}","b":{row.buyer_order_id},"a":{row.seller_order_id},"T":{at},"S":"{sign}",'
        f'"X":"{"BLOCK" if row.is_block else "MARKET"}"}}'
    ).encode()


def changes(terms: Terms, row: BookChanges, now: int) -> bytes:
    """Return the quantities now of the levels that changed (change log, depth1000)."""
    return _depth(terms, (row.last, row.first - 1), row.bids, row.asks, (now, row.at))


def top(row: BookTop, now: int) -> bytes:
    """Return the best levels (Partial Book Depth Streams), whose two update ids are the same."""
    return _depth(row.terms, (row.update_id, row.update_id), row.bids, row.asks, (now, row.at))


def _depth(
    terms: Terms,
    ids: tuple[int, int],
    bids: Sequence[tuple[int, int]],
    asks: Sequence[tuple[int, int]],
    times: tuple[int, int],
) -> bytes:
    return (
        f'{{"e":"depth","E":{times[0] // MILLISECOND},"T":{times[1] // MILLISECOND},"s":"{terms.symbol}","u":{ids[0]},'
        f'"pu":{ids[1]},"b":{_levels(bids)},"a":{_levels(asks)}}}'
    ).encode()


def _levels(rows: Sequence[tuple[int, int]]) -> str:
    texts = [f'["{decimal(price)}","{decimal(size)}"]' for price, size in rows]
    return f"[{','.join(texts)}]"


def kline(terms: Terms, interval: str, candle: Candle, is_closed: bool, now: int) -> bytes:  # noqa: FBT001  as on spot
    """Return a candle (Kline/Candlestick Streams); without trades both trade ids are 0."""
    first_id = max(candle.first_trade_id, 0)
    return (
        f'{{"e":"kline","E":{now // MILLISECOND},"s":"{terms.symbol}","k":{{"t":{candle.open_at // MILLISECOND},'
        f'"T":{candle.close_at // MILLISECOND},"s":"{terms.symbol}","i":"{interval}","F":{first_id},'
        f'"L":{first_id + candle.trade_count - 1 if candle.trade_count else 0},"o":"{decimal(candle.open)}",'
        f'"c":"{decimal(candle.close)}","h":"{decimal(candle.high)}","l":"{decimal(candle.low)}",'
        f'"v":"{amount(candle.quantity)}","n":{candle.trade_count},"x":{boolean(is_closed)},"q":"{amount(candle.quote)}",'
        f'"V":"{amount(candle.taker_buy_quantity)}","Q":"{amount(candle.taker_buy_quote)}"}}}}'
    ).encode()


def ticker(row: OptionTicker, marked: Marked | None, now: int) -> str:
    """Return what traded in 24 hours, and what the contract is worth (24-hour TICKER)."""
    assert marked is not None
    stats, touch, mark, change = row.stats, row.touch, marked.mark, row.stats.last - row.stats.open
    return (
        f'{{"e":"24hrTicker","E":{now // MILLISECOND},"T":{now // MILLISECOND},"s":"{row.terms.symbol}",'
        f'"o":"{decimal(stats.open)}","h":"{decimal(stats.high)}","l":"{decimal(stats.low)}","c":"{decimal(stats.last)}",'
        f'"V":"{amount(stats.quantity)}","A":"{amount(stats.quote)}","P":"{share(change, stats.open)}","p":"{amount(change)}",'
        f'"Q":"{decimal(stats.last_quantity)}","F":"{max(stats.first_id, 0)}","L":"{max(stats.last_id, 0)}","n":{stats.count},'
        f'"bo":"{decimal(touch.bid_price)}","ao":"{decimal(touch.ask_price)}","bq":"{decimal(touch.bid_quantity)}",'
        f'"aq":"{decimal(touch.ask_quantity)}","b":"{amount(mark.bid_volatility)}","a":"{amount(mark.ask_volatility)}",'
        f'"d":"{amount(mark.delta)}","t":"{amount(mark.theta)}","g":"{amount(mark.gamma)}","v":"{amount(mark.vega)}",'
        f'"vo":"{amount(mark.volatility)}","mp":"{amount(mark.price)}","hl":"{decimal(marked.high)}",'
        f'"ll":"{decimal(marked.low)}","eep":"{decimal(marked.settlement) if marked.settlement else 0}"}}'
    )


def marked(row: Marked, now: int) -> str:
    """Return a contract's mark (Mark Price)."""
    return f'{{"e":"markPrice","E":{now // MILLISECOND},"s":"{row.terms.symbol}","mp":"{amount(row.mark.price)}"}}'


def index(underlying: str, price: int, now: int) -> str:
    """Return the price of an underlying (Index Price Streams)."""
    return f'{{"e":"index","E":{now // MILLISECOND},"s":"{underlying}","p":"{decimal(price)}"}}'


def new_contract(contract: Contract, underlying: Underlying, at: int) -> bytes:
    """Return a contract that trades from now on (New symbol info)."""
    return (
        f'{{"e":"OPTION_PAIR","E":{at // MILLISECOND},"u":"{underlying.name}","qa":"{underlying.settle_asset}",'
        f'"s":"{contract.symbol}","unit":{underlying.unit},"mq":"{decimal(underlying.step_size)}",'
        f'"d":"{KINDS[contract.kind]}","sp":"{decimal(contract.strike)}","ed":{contract.expiry // MILLISECOND}}}'
    ).encode()
