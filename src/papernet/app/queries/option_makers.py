"""What a market maker may ask about its options: protection, countdowns, block orders and block trades.

Source.         European Options, Market Maker Endpoints; Market Maker Block Trade.
"""

from typing import Final

from papernet.app.faults import Fault, OptionFault
from papernet.app.queries.context import Context, Params, through
from papernet.app.queries.option_context import portfolio_of, terms_of, underlying_of
from papernet.app.queries.option_values import BlockOrderRow, BlockTradeRow, ProtectionRow
from papernet.core.events import BlockOrderRecord
from papernet.venues.options.contracts import read_symbol
from papernet.venues.options.venue import OptionsVenue

# How many records are told at most: these lists have no limit of their own.
_MOST: Final = 1_000

_UNKNOWN_UNDERLYING: Final = Fault(OptionFault.UNKNOWN_UNDERLYING_OF_MAKER)
_NOT_A_MARKET_MAKER: Final = Fault(OptionFault.NOT_A_MARKET_MAKER)
_NO_PROTECTION: Final = Fault(OptionFault.NO_PROTECTION)
_NO_RECORD: Final = Fault(OptionFault.NO_RECORD)


def protection(context: Context, params: Params, account: int, now: int) -> ProtectionRow | Fault:
    """Return a market maker's protection on an underlying (Get Market Maker Protection Config)."""
    venue, name = context.exchange.options, params["underlying"]
    if name not in venue.underlyings:
        return _UNKNOWN_UNDERLYING
    portfolio = portfolio_of(context, account, now)
    if not portfolio.is_market_maker:
        return _NOT_A_MARKET_MAKER
    found = portfolio.protections.get(name)
    if found is None:
        return _NO_PROTECTION
    return ProtectionRow(
        list(venue.underlyings).index(name) + 1,
        name,
        found.window,
        found.frozen_for,
        found.quantity_limit,
        found.delta_limit,
        found.triggered_at,
    )


def countdowns(context: Context, params: Params, account: int, now: int) -> list[tuple[str, int]] | Fault:
    """Return the countdowns that are under way, as (underlying, span) (Get Auto-Cancel All Open Orders Config)."""
    name = params["underlying"]
    if name is not None:
        underlying = underlying_of(context, name)
        if isinstance(underlying, Fault):
            return underlying
    running = portfolio_of(context, account, now).countdowns
    return [(each, countdown.span) for each, countdown in running.items() if name in (None, each)]


def block_orders(context: Context, params: Params, account: int, _now: int) -> list[BlockOrderRow] | Fault:
    """Return block orders that the account created or accepted, by their creation (Query Block Trade Order)."""
    venue, key, name = context.exchange.options, params["blockOrderMatchingKey"], params["underlying"]
    if name is not None:
        underlying = underlying_of(context, name)
        if isinstance(underlying, Fault):
            return underlying
    start, end = params["startTime"], through(params["endTime"])
    ended = context.views.block_orders(account, start=start, end=end, limit=_MOST, archive=context.archive)
    records = {record.key: record for record in ended}
    records |= {
        record.key: record
        for record in venue.block_orders.values()
        if record.account == account
        and (start is None or record.created_at >= start)
        and (end is None or record.created_at <= end)
    }
    rows = sorted(records.values(), key=lambda record: record.created_at)
    return [
        block_order_row(venue, record, account)
        for record in rows
        if key in (None, record.key) and (name is None or _is_on(venue, record.symbol, name))
    ]


def block_order(context: Context, params: Params, account: int, _now: int) -> BlockOrderRow | Fault:
    """Return a block order, whose key is all that one needs to know (Query Block Trade Details)."""
    venue, key = context.exchange.options, params["blockOrderMatchingKey"]
    record = venue.block_orders.get(key) or context.views.block_order(account, key, context.archive)
    if record is None:
        return _NO_RECORD
    return block_order_row(venue, record, account)


def block_fills(context: Context, params: Params, account: int, _now: int) -> list[BlockTradeRow] | Fault:
    """Return the account's side of block trades (Account Block Trade List)."""
    venue, name = context.exchange.options, params["underlying"]
    if name is not None:
        underlying = underlying_of(context, name)
        if isinstance(underlying, Fault):
            return underlying
    found = context.views.block_fills(
        account, start=params["startTime"], end=through(params["endTime"]), limit=_MOST, archive=context.archive
    )
    return [
        BlockTradeRow(terms_of(venue, fill.symbol), fill) for fill in found if name is None or _is_on(venue, fill.symbol, name)
    ]


def block_order_row(venue: OptionsVenue, record: BlockOrderRecord, account: int) -> BlockOrderRow:
    """Return a block order as an account sees it: who did not create it sees the other side."""
    return BlockOrderRow(terms_of(venue, record.symbol), record, record.account != account)


def _is_on(venue: OptionsVenue, symbol: str, underlying: str) -> bool:
    parts = read_symbol(symbol)
    return parts is not None and parts.base_asset + venue.asset == underlying
