"""How every answer is written as JSON, by operation.

Order of work.  A query's value goes to its renderer in `RENDERERS`; a command's events go to `order_ack`, `order_result` or
                `order_full`, to `cancel` or to `cancel_all`.
Invariant.      Field names, their order and their types are those of the documents; a conformance test holds them.
Does not.       Write refusals: `papernet.protocols.json.errors` does.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from papernet.app.operations import TimeUnit
from papernet.protocols.json import replies_account, replies_general, replies_market, replies_orders
from papernet.protocols.json.replies_orders import cancel, cancel_all, order_ack, order_full, order_result

__all__ = ["RENDERERS", "cancel", "cancel_all", "order_ack", "order_full", "order_result"]

Renderer = Callable[[Any, TimeUnit], bytes]

RENDERERS: Final[Mapping[str, Renderer]] = {
    "ping": replies_general.ping,
    "time": replies_general.time,
    "exchangeInfo": replies_general.exchange_information,
    "depth": replies_market.depth,
    "trades.recent": replies_market.trades,
    "trades.historical": replies_market.trades,
    "trades.aggregate": replies_market.aggregate_trades,
    "klines": replies_market.candles,
    "uiKlines": replies_market.candles,
    "avgPrice": replies_market.average,
    "ticker.24hr": replies_market.tickers,
    "ticker.tradingDay": replies_market.tickers,
    "ticker.price": replies_market.last_prices,
    "ticker.book": replies_market.touches,
    "ticker": replies_market.tickers,
    "order.test": replies_account.order_test,
    "order.status": replies_orders.order_status,
    "openOrders.status": replies_orders.order_list,
    "allOrders": replies_orders.order_list,
    "account.status": replies_account.account_status,
    "account.commission": replies_account.commission_rates,
    "myTrades": replies_orders.my_trades,
    "account.rateLimits.orders": replies_account.order_counts,
}
