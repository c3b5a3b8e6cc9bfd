"""What an account may ask about its options: orders, trades, positions, exercises, rates, margins, bills.

Ends of ranges.  With a start, or an id to begin with, the oldest from there; otherwise the newest. Every list is oldest first.
Source.          European Options, Trade; Account. How far back each can look is told there.
"""

from typing import Final, TypedDict

from papernet.app.faults import Fault, OptionFault, RequestFault
from papernet.app.queries.context import Context, Params, through
from papernet.app.queries.option_context import portfolio_of, terms_of
from papernet.app.queries.option_values import (
    Bills,
    ExerciseRow,
    FillRow,
    MarginAccount,
    OptionOrderRow,
    OptionRates,
    PositionRow,
)
from papernet.core.dates import DAY
from papernet.core.enums import OrderStatus
from papernet.core.events import OptionRecord
from papernet.core.units import SCALE
from papernet.venues.options import margin
from papernet.venues.options.changing import find_open
from papernet.venues.options.fees import maker_rate, taker_rate

# Query Option Order History; Query Single Order; Account Trade List; Account Funding Flow
_ORDERS_FOR: Final = 5 * DAY
_UNFILLED_FOR: Final = 3 * DAY
_TRADES_FOR: Final = 92 * DAY

_NO_SUCH_ORDER: Final = Fault(RequestFault.NO_SUCH_ORDER)
_TOO_FAR_BACK: Final = Fault(OptionFault.TOO_LONG_SEARCH)
_UNKNOWN_ASSET: Final = Fault(OptionFault.UNKNOWN_ASSET)


def order_status(context: Context, params: Params, account: int, now: int) -> OptionOrderRow | Fault:
    """Return an order (Query Single Order)."""
    symbol, order_id, name = params["symbol"], params["orderId"], params["clientOrderId"] or ""
    portfolio = portfolio_of(context, account, now)
    order = find_open(portfolio, symbol, -1 if order_id is None else order_id, name)
    record = order.record() if order is not None else _ended_order(context, account, symbol, order_id, name)
    # Not found: canceled or rejected without a fill, and created more than three days ago.
    if record is None or (_is_forgotten(record) and record.created_at <= now - _UNFILLED_FOR):
        return _NO_SUCH_ORDER
    return OptionOrderRow(terms_of(context.exchange.options, symbol), record)


def _ended_order(context: Context, account: int, symbol: str, order_id: int | None, name: str) -> OptionRecord | None:
    """Return the order that the ids name; with both, both must be its."""
    views, archive = context.views, context.archive
    if order_id is None:
        return views.option_order_by_client_id(account, symbol, name, archive)
    record = views.option_order(account, symbol, order_id, archive)
    return record if record is not None and name in ("", record.terms.client_order_id) else None


def _is_forgotten(record: OptionRecord) -> bool:
    return record.status in (OrderStatus.CANCELED, OrderStatus.REJECTED) and not record.cum_quantity


def open_orders(context: Context, params: Params, account: int, now: int) -> list[OptionOrderRow]:
    """Return open orders, on one contract or all, from an id on (Query Current Open Option Orders)."""
    venue, symbol, first = context.exchange.options, params["symbol"], params["orderId"] or 0
    start, end, limit = params["startTime"] or 0, through(params["endTime"]), params.get("limit")
    rows = [
        OptionOrderRow(terms_of(venue, order.terms.symbol), order.record())
        for order in portfolio_of(context, account, now).open_orders.values()
        if (symbol is None or order.terms.symbol == symbol)
        and order.order_id >= first
        and order.created_at >= start
        and (end is None or order.created_at <= end)
    ]
    # The edition that has no limit gives all.
    return rows[:limit] if first or start else rows[-(limit or len(rows)) :]


def order_history(context: Context, params: Params, account: int, now: int) -> list[OptionOrderRow]:
    """Return orders on a contract that ended, of the last days (Query Option Order History)."""
    symbol, since = params["symbol"], now - _ORDERS_FOR
    terms = terms_of(context.exchange.options, symbol)
    found = context.views.option_orders(account, symbol, **_range(params, params["orderId"], since), archive=context.archive)
    return [OptionOrderRow(terms, record) for record in found if record.created_at >= since]


def trades(context: Context, params: Params, account: int, now: int) -> list[FillRow] | Fault:
    """Return the account's side of trades, on one contract or all (Account Trade List)."""
    venue, since = context.exchange.options, now - _TRADES_FOR
    if any(time is not None and time < since for time in (params["startTime"], params["endTime"])):
        return _TOO_FAR_BACK
    found = context.views.option_fills(
        account, params["symbol"], **_range(params, params["fromId"], since), archive=context.archive
    )
    return [FillRow(terms_of(venue, fill.symbol), fill) for fill in found if fill.at >= since]


class _Range(TypedDict):
    from_id: int | None
    start: int | None
    end: int | None
    limit: int


def _range(params: Params, first: int | None, since: int) -> _Range:
    """Return which records are asked for; a search that begins somewhere does not begin before `since`."""
    start = params["startTime"]
    if first is not None or start is not None:
        start = max(start or 0, since)
    return {"from_id": first, "start": start, "end": through(params["endTime"]), "limit": params["limit"]}


def positions(context: Context, params: Params, account: int, now: int) -> list[PositionRow]:
    """Return what is held, of one contract or all (Option Position Information)."""
    venue, asked = context.exchange.options, params["symbol"]
    return [
        PositionRow(
            terms_of(venue, symbol),
            position.quantity,
            position.cost,
            venue.mark_price(venue.markets[symbol]),
            position.buying,
            position.selling,
            position.updated_at,
        )
        for symbol, position in portfolio_of(context, account, now).positions.items()
        if position.quantity and asked in (None, symbol)
    ]


def exercises(context: Context, params: Params, account: int, _now: int) -> list[ExerciseRow]:
    """Return the positions that ended with their contracts (User Exercise Record)."""
    venue, start, end = context.exchange.options, params["startTime"], through(params["endTime"])
    found = context.views.exercises(
        account, params["symbol"], start=start, end=end, limit=params["limit"], archive=context.archive
    )
    return [ExerciseRow(terms_of(venue, event.symbol), venue.asset, event) for event in found]


def rates(context: Context, _params: Params, account: int, now: int) -> OptionRates:
    """Return what the account pays on each underlying (Option User Commission)."""
    portfolio, underlyings = portfolio_of(context, account, now), context.exchange.options.underlyings.values()
    return OptionRates([(each.name, maker_rate(portfolio, each), taker_rate(portfolio, each)) for each in underlyings])


def margin_account(context: Context, _params: Params, account: int, now: int) -> MarginAccount:
    """Return what the account has and owes (Option Margin Account Information, Option Account Information)."""
    venue, portfolio = context.exchange.options, portfolio_of(context, account, now)
    initial = margin.initial_margin(venue, portfolio)
    return MarginAccount(
        venue.asset,
        portfolio.balance,
        margin.equity(venue, portfolio),
        margin.adjusted_equity(venue, portfolio),
        margin.available(venue, portfolio),
        initial,
        margin.maintenance_margin(venue, portfolio),
        initial + margin.order_margin(venue, portfolio),
        margin.unrealized(venue, portfolio),
        _profit_of_longs(context, account, now),
        [(name, *greeks) for name, greeks in margin.greeks(venue, portfolio).items()],
        now,
        portfolio.level,
        portfolio.can_trade,
        portfolio.trade_group,
    )


def _profit_of_longs(context: Context, account: int, now: int) -> int:
    """Return what closing the contracts that the account owns would earn, without those that would lose."""
    venue, held = context.exchange.options, portfolio_of(context, account, now).positions.items()
    values = [
        (venue.mark_price(venue.markets[symbol]) * position.quantity // SCALE, position.cost)
        for symbol, position in held
        if position.quantity > 0
    ]
    return sum(max(value - cost, 0) for value, cost in values)


def bills(context: Context, params: Params, account: int, now: int) -> Bills | Fault:
    """Return why the account's balance changed (Account Funding Flow)."""
    if params["currency"] != context.exchange.options.asset:
        return _UNKNOWN_ASSET
    since = now - _TRADES_FOR
    found = context.views.bills(account, **_range(params, params["recordId"], since), archive=context.archive)
    return Bills([bill for bill in found if bill.at >= since])


def agreement(_context: Context, _params: Params, _account: int, _now: int) -> None:
    """Take note of nothing: everybody may trade everything here (Sign TradFi Options Agreement)."""
