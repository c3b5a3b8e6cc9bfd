"""What an account may ask about its orders and trades, and what else became of its orders.

Order of rows.  Open orders in order of placement, orders and trades by id, fills of one trade by order id; amendments,
                prevented matches and allocations by id.
Source.         rest-api.md, Query order, Current open orders, All orders, Account trade list, Query Order Amendments, Query
                Prevented Matches, Query Allocations.
"""

from typing import Final

from papernet.app.faults import Fault, RequestFault
from papernet.app.queries.context import Context, Params, through
from papernet.core.dates import DAY
from papernet.core.events import Allocation, OrderAmended, PreventedMatch
from papernet.core.order import OPEN_STATUSES, OrderRecord
from papernet.exchange.views import Fill

_NO_SUCH_ORDER: Final = Fault(RequestFault.NO_SUCH_ORDER)
_ORDER_ARCHIVED: Final = Fault(RequestFault.ORDER_ARCHIVED)
_ARCHIVED_AFTER: Final = 90 * DAY
_CLIENT_ORDER_ID_MISMATCH: Final = Fault(RequestFault.CLIENT_ORDER_ID_MISMATCH)


def order_status(context: Context, params: Params, account: int, now: int) -> OrderRecord | Fault:
    """Return one order, open or closed (Query order)."""
    market = context.market(params["symbol"])
    if isinstance(market, Fault):
        return market
    symbol = market.symbol.name
    order_id: int | None = params["orderId"]
    client_order_id: str | None = params["origClientOrderId"]
    if order_id is None:
        found = _by_client_order_id(context, account, symbol, client_order_id or "")
        return found if isinstance(found, Fault) else _unless_archived(found, now)
    # Query order, Notes: the order id is looked up first, then the client order id is compared with that order's.
    opened = context.account(account).open_orders.get((symbol, order_id))
    record = opened.record() if opened is not None else context.views.order(account, symbol, order_id, context.archive)
    if record is None:
        return _NO_SUCH_ORDER
    if client_order_id is not None and record.terms.client_order_id != client_order_id:
        return _CLIENT_ORDER_ID_MISMATCH
    return _unless_archived(record, now)


def _unless_archived(record: OrderRecord, now: int) -> OrderRecord | Fault:
    """errors.md, -2026: orders that ended long ago without a fill are no longer told of."""
    is_old = now - record.updated_at > _ARCHIVED_AFTER
    if is_old and not record.cum_quantity and record.status not in OPEN_STATUSES:
        return _ORDER_ARCHIVED
    return record


def open_orders(context: Context, params: Params, account: int, _now: int) -> list[OrderRecord] | Fault:
    """Return the open orders of a symbol, or all (Current open orders)."""
    symbol: str | None = params["symbol"]
    if symbol is not None and symbol not in context.exchange.markets:
        return Fault(RequestFault.UNKNOWN_SYMBOL)
    return _open_records(context, account, symbol)


def all_orders(context: Context, params: Params, account: int, _now: int) -> list[OrderRecord] | Fault:
    """Return orders of a symbol, whatever became of them (All orders)."""
    market = context.market(params["symbol"])
    if isinstance(market, Fault):
        return market
    symbol = market.symbol.name
    return context.views.orders(
        account,
        symbol,
        _open_records(context, account, symbol),
        from_id=params["orderId"],
        start=params["startTime"],
        end=through(params["endTime"]),
        limit=params["limit"],
        archive=context.archive,
    )


def my_trades(context: Context, params: Params, account: int, _now: int) -> list[Fill] | Fault:
    """Return the account's side of trades (Account trade list)."""
    market = context.market(params["symbol"])
    if isinstance(market, Fault):
        return market
    return context.views.fills(
        account,
        market.symbol.name,
        order_id=params["orderId"],
        from_id=params["fromId"],
        start=params["startTime"],
        end=through(params["endTime"]),
        limit=params["limit"],
        archive=context.archive,
    )


def amendments(context: Context, params: Params, account: int, _now: int) -> list[OrderAmended] | Fault:
    """Return what an order was before (Query Order Amendments)."""
    market = context.market(params["symbol"])
    if isinstance(market, Fault):
        return market
    return context.views.amendments(
        account, market.symbol.name, params["orderId"], params["fromExecutionId"], params["limit"], context.archive
    )


def prevented_matches(context: Context, params: Params, account: int, _now: int) -> list[PreventedMatch] | Fault:
    """Return the matches that the account's orders were kept from (Query Prevented Matches)."""
    market = context.market(params["symbol"])
    if isinstance(market, Fault):
        return market
    return context.views.prevented_matches(
        account,
        market.symbol.name,
        prevented_match_id=params["preventedMatchId"],
        order_id=params["orderId"],
        from_id=params["fromPreventedMatchId"],
        limit=params["limit"],
        archive=context.archive,
    )


def allocations(context: Context, params: Params, account: int, _now: int) -> list[Allocation] | Fault:
    """Return what smart order routing filled (Query Allocations)."""
    market = context.market(params["symbol"])
    if isinstance(market, Fault):
        return market
    return context.views.allocations(
        account,
        market.symbol.name,
        order_id=params["orderId"],
        from_id=params["fromAllocationId"],
        start=params["startTime"],
        end=through(params["endTime"]),
        limit=params["limit"],
        archive=context.archive,
    )


def _by_client_order_id(context: Context, account: int, symbol: str, client_order_id: str) -> OrderRecord | Fault:
    """Return the order that has the client order id, the open one before closed ones, the newest of those."""
    opened = context.account(account).client_order_ids.get((symbol, client_order_id))
    if opened is not None:
        return opened.record()
    closed = context.views.order_by_client_id(account, symbol, client_order_id, context.archive)
    return closed if closed is not None else _NO_SUCH_ORDER


def _open_records(context: Context, account: int, symbol: str | None) -> list[OrderRecord]:
    orders = context.account(account).open_orders
    return [order.record() for (name, _), order in orders.items() if symbol is None or name == symbol]
