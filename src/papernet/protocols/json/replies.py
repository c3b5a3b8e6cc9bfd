"""How every answer is written as JSON, by operation.

Order of work.  A query's value goes to its renderer in `RENDERERS`; a command's events go to `command_reply`, which knows by
                the command's type who writes them.
Invariant.      Field names, their order and their types are those of the documents; a conformance test holds them.
Does not.       Write refusals: `papernet.protocols.json.errors` does.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from papernet.app.operations import ResponseType, TimeUnit
from papernet.app.order_terms import is_full_by_default
from papernet.core.commands import (
    AmendOrder,
    CancelOpenOrders,
    CancelOrder,
    CancelOrderList,
    NewOrder,
    NewOrderList,
    ReplaceOrder,
)
from papernet.core.events import Applied
from papernet.core.order_list import OrderList
from papernet.protocols.json import (
    replies_account,
    replies_amendments,
    replies_general,
    replies_market,
    replies_matches,
    replies_order_lists,
    replies_orders,
    replies_replace,
)
from papernet.protocols.json.replies_orders import cancel, cancel_all, cancel_list, order_ack, order_full, order_result

__all__ = [
    "RENDERERS",
    "Reply",
    "cancel",
    "cancel_all",
    "cancel_list",
    "command_reply",
    "order_ack",
    "order_full",
    "order_result",
]

Renderer = Callable[[Any, TimeUnit], bytes]
# HTTP status and body
Reply = tuple[int, bytes]
_Params = Mapping[str, Any]
_OrderLists = Mapping[int, OrderList]
_Writer = Callable[[Any, Applied, _Params, TimeUnit, _OrderLists], Reply]

_OK: Final = 200

RENDERERS: Final[Mapping[str, Renderer]] = {
    "ping": replies_general.ping,
    "time": replies_general.time,
    "exchangeInfo": replies_general.exchange_information,
    "executionRules": replies_general.execution_rules,
    "depth": replies_market.depth,
    "trades.recent": replies_market.trades,
    "trades.historical": replies_market.trades,
    "blockTrades.historical": replies_market.block_trades,
    "trades.aggregate": replies_market.aggregate_trades,
    "klines": replies_market.candles,
    "uiKlines": replies_market.candles,
    "avgPrice": replies_market.average,
    "ticker.24hr": replies_market.tickers,
    "ticker.tradingDay": replies_market.tickers,
    "ticker.price": replies_market.last_prices,
    "ticker.book": replies_market.touches,
    "ticker": replies_market.tickers,
    "referencePrice": replies_general.reference_price,
    "referencePrice.calculation": replies_general.reference_calculation,
    "order.test": replies_account.order_test,
    "sor.order.test": replies_account.sor_order_test,
    "order.status": replies_orders.order_status,
    "openOrders.status": replies_orders.order_list,
    "allOrders": replies_orders.order_list,
    "orderList.status": replies_order_lists.status,
    "openOrderLists.status": replies_order_lists.rows,
    "allOrderLists": replies_order_lists.rows,
    "account.status": replies_account.account_status,
    "account.commission": replies_account.commission_rates,
    "myTrades": replies_orders.my_trades,
    "myPreventedMatches": replies_matches.prevented_matches,
    "myAllocations": replies_matches.allocations,
    "order.amendments": replies_amendments.amendments,
    "account.rateLimits.orders": replies_account.order_counts,
    "myFilters": replies_general.relevant_filters,
}


def command_reply(command: object, applied: Applied, params: _Params, unit: TimeUnit, order_lists: _OrderLists) -> Reply:
    """Return the HTTP status and the body that answer a command which was not refused.

    `params` are those of the request, of which only newOrderRespType counts; `order_lists` are the lists open now.
    """
    return _COMMANDS[type(command)](command, applied, params, unit, order_lists)


def _new_order(command: NewOrder, applied: Applied, params: _Params, unit: TimeUnit, _lists: _OrderLists) -> Reply:
    return _OK, _NEW_ORDER[_response_type(command, params)](applied, unit)


def _new_order_list(_command: NewOrderList, applied: Applied, params: _Params, unit: TimeUnit, _lists: _OrderLists) -> Reply:
    # Which type is the default the documents do not say; their examples are of this one.
    response_type = params["newOrderRespType"] or ResponseType.RESULT
    return _OK, replies_order_lists.placed(applied, response_type, unit)


def _cancel_order(_command: CancelOrder, applied: Applied, _params: _Params, unit: TimeUnit, _lists: _OrderLists) -> Reply:
    return _OK, cancel(applied, unit)


def _cancel_list(_command: CancelOrderList, applied: Applied, _params: _Params, unit: TimeUnit, _lists: _OrderLists) -> Reply:
    return _OK, cancel_list(applied, unit)


def _cancel_all(_command: CancelOpenOrders, applied: Applied, _params: _Params, unit: TimeUnit, _lists: _OrderLists) -> Reply:
    return _OK, cancel_all(applied, unit)


def _replace(command: ReplaceOrder, applied: Applied, params: _Params, unit: TimeUnit, _lists: _OrderLists) -> Reply:
    return replies_replace.cancel_replaced(command, applied, _response_type(command.order, params), unit)


def _amend(_command: AmendOrder, applied: Applied, _params: _Params, unit: TimeUnit, order_lists: _OrderLists) -> Reply:
    return _OK, replies_amendments.amended(applied, order_lists, unit)


def _response_type(order: NewOrder, params: _Params) -> ResponseType:
    response_type: ResponseType | None = params["newOrderRespType"]
    if response_type is not None:
        return response_type
    return ResponseType.FULL if is_full_by_default(order.order_type) else ResponseType.ACK


_NEW_ORDER: Final = {
    ResponseType.ACK: order_ack,
    ResponseType.RESULT: order_result,
    ResponseType.FULL: order_full,
}
_COMMANDS: Final[Mapping[type, _Writer]] = {
    NewOrder: _new_order,
    NewOrderList: _new_order_list,
    CancelOrder: _cancel_order,
    CancelOrderList: _cancel_list,
    CancelOpenOrders: _cancel_all,
    ReplaceOrder: _replace,
    AmendOrder: _amend,
}
