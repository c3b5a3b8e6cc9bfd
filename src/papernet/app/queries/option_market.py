"""What everybody may ask about options: what trades, books, trades, candles, marks, tickers, indexes, settlements.

Source.         European Options, Market Data; Exchange Information.
"""

from papernet.app.faults import Fault
from papernet.app.queries.context import Context, Params, through
from papernet.app.queries.market_data import INTERVALS
from papernet.app.queries.option_context import market_of, markets_of, terms_of, underlying_of, worth_of
from papernet.app.queries.option_values import (
    IndexPrice,
    OpenInterest,
    OptionBlockTrade,
    OptionCandles,
    OptionDepth,
    OptionListing,
    OptionMark,
    OptionsInformation,
    OptionTicker,
    OptionTrades,
)
from papernet.core.events import ContractSettled
from papernet.core.units import SCALE
from papernet.venues.options.market import OptionMarket
from papernet.venues.options.price_band import band


def exchange_information(context: Context, _params: Params, _account: int, now: int) -> OptionsInformation:
    """Return the contracts that trade and their terms (Exchange Information)."""
    venue, memory = context.exchange.options, context.option_listings
    listing = memory.get(venue.listing_version)
    if listing is None:
        contracts = tuple(market.contract for market in venue.markets.values())
        memory.clear()
        listing = memory[venue.listing_version] = OptionListing(venue.asset, tuple(venue.underlyings.values()), contracts)
    markets = (venue.markets[contract.symbol] for contract in listing.contracts)
    return OptionsInformation(listing, [band(venue, market, worth_of(context, market, now).mark) for market in markets], now)


def depth(context: Context, params: Params, _account: int, now: int) -> OptionDepth | Fault:
    """Return the best levels of a book (Order Book)."""
    market = market_of(context, params["symbol"])
    if isinstance(market, Fault):
        return market
    book, limit = market.book, params["limit"]
    terms = terms_of(context.exchange.options, market.contract.symbol)
    return OptionDepth(terms, now, book.update_id, book.bids.depth(limit), book.asks.depth(limit))


def recent_trades(context: Context, params: Params, _account: int, _now: int) -> OptionTrades:
    """Return the newest trades (Recent Trades List)."""
    symbol = params["symbol"]
    return OptionTrades(terms_of(context.exchange.options, symbol), context.views.recent_trades(symbol, params["limit"]))


def historical_trades(context: Context, params: Params, _account: int, _now: int) -> OptionTrades:
    """Return trades from an id on, or the newest (Old Trades Lookup)."""
    symbol = params["symbol"]
    rows = context.views.historical_trades(symbol, params["fromId"], params["limit"], context.archive)
    return OptionTrades(terms_of(context.exchange.options, symbol), rows)


def block_trades(context: Context, params: Params, _account: int, _now: int) -> list[OptionBlockTrade]:
    """Return the newest trades outside the book, of one contract or all (Recent Block Trades List)."""
    venue = context.exchange.options
    return [
        OptionBlockTrade(
            terms_of(venue, trade.symbol),
            trade.block_trade_id,
            trade.at,
            trade.price,
            trade.quantity,
            trade.quote,
            taker_bought=not trade.buyer_is_maker,
        )
        for trade in context.views.newest_block_trades(params["symbol"], params["limit"], context.archive)
    ]


def candles(context: Context, params: Params, _account: int, now: int) -> OptionCandles:
    """Return candles (Kline/Candlestick Data)."""
    symbol, interval = params["symbol"], params["interval"]
    start, end, limit = params["startTime"], through(params["endTime"]), params["limit"]
    rows = context.views.candles(symbol, INTERVALS[interval], 0, start, end, limit, now, context.archive)
    return OptionCandles(terms_of(context.exchange.options, symbol), interval, rows)


def marks(context: Context, params: Params, _account: int, now: int) -> list[OptionMark] | Fault:
    """Return marks, greeks and price limits of one contract or all (Option Mark Price)."""
    markets, venue = markets_of(context, params["symbol"]), context.exchange.options
    if isinstance(markets, Fault):
        return markets
    rows = ((market, worth_of(context, market, now).mark) for market in markets)
    return [
        OptionMark(market.contract.symbol, market.underlying.price_scale, mark, *band(venue, market, mark))
        for market, mark in rows
    ]


def tickers(context: Context, params: Params, _account: int, now: int) -> list[OptionTicker] | Fault:
    """Return the statistics of the last 24 hours of one contract or all (24hr Ticker Price Change Statistics)."""
    markets = markets_of(context, params["symbol"])
    return markets if isinstance(markets, Fault) else [ticker_of(context, market, now) for market in markets]


def ticker_of(context: Context, market: OptionMarket, now: int) -> OptionTicker:
    """Return the statistics of a contract's last 24 hours."""
    venue, views, archive, symbol = context.exchange.options, context.views, context.archive, market.contract.symbol
    stats = views.day_ticker(symbol, now, archive)
    first = views.historical_trades(symbol, stats.first_id, 1, archive) if stats.count else []
    return OptionTicker(
        terms_of(venue, symbol),
        stats,
        first[0].at if first else 0,
        market.last_at if first else 0,
        worth_of(context, market, now).touch,
        venue.reference_price(market),
    )


def index(context: Context, params: Params, _account: int, _now: int) -> IndexPrice | Fault:
    """Return the price of an underlying (Symbol Price Ticker)."""
    name = params["underlying"]
    underlying = underlying_of(context, name)
    if isinstance(underlying, Fault):
        return underlying
    found = context.exchange.options.indexes[name]
    return IndexPrice(found.price, found.at)


def settlements(context: Context, params: Params, _account: int, _now: int) -> list[ContractSettled] | Fault:
    """Return contracts that have expired, and at what price (Historical Exercise Records)."""
    name = params["underlying"]
    if name is not None:
        underlying = underlying_of(context, name)
        if isinstance(underlying, Fault):
            return underlying
    return context.views.settlements(
        name, start=params["startTime"], end=through(params["endTime"]), limit=params["limit"], archive=context.archive
    )


def open_interest(context: Context, params: Params, _account: int, now: int) -> list[OpenInterest] | Fault:
    """Return how much of each contract of an expiry is held (Open Interest)."""
    venue = context.exchange.options
    name = params["underlyingAsset"] + venue.asset
    underlying = underlying_of(context, name)
    if isinstance(underlying, Fault):
        return underlying
    price = venue.indexes[name].price * underlying.unit
    markets = [venue.markets[symbol] for symbol in venue.by_expiry.get(name, {}).get(params["expiration"], [])]
    return [
        OpenInterest(market.contract.symbol, market.open_interest, market.open_interest * price // SCALE, now)
        for market in markets
    ]
