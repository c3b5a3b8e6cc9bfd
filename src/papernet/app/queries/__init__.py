"""The queries: what can be asked of the exchange without changing it, one function an operation.

Order of work.  A door looks a query up by its operation's name and gives it a `Context`, the typed parameters, the account
                (0 for the public) and the time; the answer is a value of `values`, of the views or of the vocabulary, or a
                `papernet.app.faults.Fault`.
Does not.       Check which parameters go together: the operation's own check has done so. Write anything.
"""

from collections.abc import Mapping
from typing import Final

from papernet.app.queries import account, general, market_data, order_lists, orders, tickers
from papernet.app.queries.context import Context, ListingMemory, QueryFunction

__all__ = ["QUERIES", "Context", "ListingMemory", "QueryFunction"]

# By the name of the operation. `order.test` and `sor.order.test` answer for an order that the rules have let pass.
QUERIES: Final[Mapping[str, QueryFunction]] = {
    "ping": general.ping,
    "time": general.time,
    "exchangeInfo": general.exchange_information,
    "executionRules": general.execution_rules,
    "depth": market_data.depth,
    "trades.recent": market_data.recent_trades,
    "trades.historical": market_data.historical_trades,
    "blockTrades.historical": market_data.block_trades,
    "trades.aggregate": market_data.aggregate_trades,
    "klines": market_data.candles,
    "uiKlines": market_data.candles,
    "avgPrice": market_data.average_price,
    "ticker.24hr": tickers.day_ticker,
    "ticker.tradingDay": tickers.trading_day_ticker,
    "ticker.price": tickers.price_ticker,
    "ticker.book": tickers.book_ticker,
    "ticker": tickers.window_ticker,
    "referencePrice": general.reference_price,
    "referencePrice.calculation": general.reference_calculation,
    "order.test": account.order_test,
    "sor.order.test": account.order_test,
    "order.status": orders.order_status,
    "openOrders.status": orders.open_orders,
    "allOrders": orders.all_orders,
    "orderList.status": order_lists.order_list_status,
    "openOrderLists.status": order_lists.open_order_lists,
    "allOrderLists": order_lists.all_order_lists,
    "account.status": account.account_status,
    "account.commission": account.commission_rates,
    "myTrades": orders.my_trades,
    "myPreventedMatches": orders.prevented_matches,
    "myAllocations": orders.allocations,
    "order.amendments": orders.amendments,
    "account.rateLimits.orders": account.order_counts,
    "myFilters": general.relevant_filters,
}
