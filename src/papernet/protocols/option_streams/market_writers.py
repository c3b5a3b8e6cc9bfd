"""How each generation writes what market streams tell: one table."""

from collections.abc import Callable, Mapping
from typing import Final

from msgspec import Struct

from papernet.app.operations.options import Generation
from papernet.app.queries.option_values import OpenInterest, OptionTicker, Terms
from papernet.app.queries.values import Touch
from papernet.exchange.views import Candle
from papernet.protocols.option_streams import current_market, legacy_market
from papernet.protocols.option_streams.values import BookTop, Marked, Print
from papernet.protocols.subscriptions.diff_depth import BookChanges
from papernet.venues.options.contracts import Contract, Underlying


class MarketWriters(Struct, frozen=True):
    """A generation's templates; what stands in arrays is text, the others are whole payloads.

    `tickers_show_marks` says whether a ticker tells what the contract is worth, too, and `tickers_come_together` whether those
    of an expiry come in an array, or one by one.
    """

    trade: Callable[[Print], bytes]
    book_ticker: Callable[[Terms, Touch, int, int], bytes]
    changes: Callable[[Terms, BookChanges, int], bytes]
    top: Callable[[BookTop, int], bytes]
    kline: Callable[[Terms, str, Candle, bool, int], bytes]
    ticker: Callable[[OptionTicker, Marked | None, int], str]
    marked: Callable[[Marked, int], str]
    open_interest: Callable[[OpenInterest, int], str]
    index: Callable[[str, int, int], str]
    new_contract: Callable[[Contract, Underlying, int], bytes]
    tickers_show_marks: bool
    tickers_come_together: bool


MARKET_WRITERS: Final[Mapping[Generation, MarketWriters]] = {
    Generation.CURRENT: MarketWriters(
        trade=current_market.trade,
        book_ticker=current_market.book_ticker,
        changes=current_market.changes,
        top=current_market.top,
        kline=current_market.kline,
        ticker=current_market.ticker,
        marked=current_market.marked,
        open_interest=current_market.open_interest,
        index=current_market.index,
        new_contract=current_market.new_contract,
        tickers_show_marks=False,
        tickers_come_together=False,
    ),
    Generation.LEGACY: MarketWriters(
        trade=legacy_market.trade,
        # That generation has no such stream; were one asked for, it would look like today's.
        book_ticker=current_market.book_ticker,
        changes=legacy_market.changes,
        top=legacy_market.top,
        kline=legacy_market.kline,
        ticker=legacy_market.ticker,
        marked=legacy_market.marked,
        # the one payload that both have
        open_interest=current_market.open_interest,
        index=legacy_market.index,
        new_contract=legacy_market.new_contract,
        tickers_show_marks=True,
        tickers_come_together=True,
    ),
}
