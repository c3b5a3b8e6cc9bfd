"""The queries: what can be asked of the exchange without changing it, one function an operation.

Order of work.  A door looks a query up by its operation's name and gives it a `Context`, the typed parameters, the account
                (0 for the public) and the time; the answer is a value of `values`, of the views or of the vocabulary, or a
                `papernet.app.faults.Fault`.
Does not.       Check which parameters go together: the operation's own check has done so. Write anything.
"""

from collections.abc import Mapping
from typing import Final

from papernet.app.queries import (
    account,
    general,
    market_data,
    option_account,
    option_makers,
    option_market,
    option_tellers,
    order_lists,
    orders,
    tickers,
)
from papernet.app.queries.context import Context, ListingMemory, QueryFunction, Teller

__all__ = ["QUERIES", "TELLERS", "Context", "ListingMemory", "QueryFunction", "Teller"]

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
    "options.ping": general.ping,
    "options.time": general.time,
    "options.exchangeInfo": option_market.exchange_information,
    "options.depth": option_market.depth,
    "options.trades": option_market.recent_trades,
    "options.historicalTrades": option_market.historical_trades,
    "options.blockTrades": option_market.block_trades,
    "options.klines": option_market.candles,
    "options.mark": option_market.marks,
    "options.ticker": option_market.tickers,
    "options.index": option_market.index,
    "options.exerciseHistory": option_market.settlements,
    "options.openInterest": option_market.open_interest,
    "options.order.status": option_account.order_status,
    "options.openOrders": option_account.open_orders,
    "options.historyOrders": option_account.order_history,
    "options.userTrades": option_account.trades,
    "options.position": option_account.positions,
    "options.exerciseRecord": option_account.exercises,
    "options.commission": option_account.rates,
    "options.account": option_account.margin_account,
    "options.marginAccount": option_account.margin_account,
    "options.bill": option_account.bills,
    "options.stock.contract": option_account.agreement,
    "options.mmp": option_makers.protection,
    "options.countdownCancelAll.status": option_makers.countdowns,
    "options.block.order.orders": option_makers.block_orders,
    "options.block.order.details": option_makers.block_order,
    "options.block.user-trades": option_makers.block_fills,
}

# What to tell of a `Change` that was carried out, by the name of the operation.
TELLERS: Final[Mapping[str, Teller]] = {
    "options.order.place": option_tellers.placed,
    "options.batchOrders.place": option_tellers.placed,
    "options.order.cancel": option_tellers.canceled,
    "options.batchOrders.cancel": option_tellers.canceled,
    "options.allOpenOrders.cancel": option_tellers.count_canceled,
    "options.allOpenOrdersByUnderlying.cancel": option_tellers.count_canceled,
    "options.mmpSet": option_tellers.protected,
    "options.mmpReset": option_tellers.protected,
    "options.countdownCancelAll.set": option_tellers.counting,
    "options.countdownCancelAllHeartBeat": option_tellers.refreshed,
    "options.block.order.create": option_tellers.block_order,
    "options.block.order.extend": option_tellers.block_order,
    "options.block.order.cancel": option_tellers.block_order,
    "options.block.order.accept": option_tellers.block_order,
}
