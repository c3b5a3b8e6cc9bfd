"""What an account may ask about itself: balances, commission rates, order counts.

Source.         rest-api.md, Account information, Query Commission Rates, Query Unfilled Order Count, Test new order.
"""

from papernet.app.faults import Fault
from papernet.app.queries.context import Context, Params
from papernet.app.queries.values import AccountStatus, CommissionRates, OrderCounts, OrderRates, Rates
from papernet.core.enums import Side
from papernet.core.ledger import Account


def account_status(context: Context, params: Params, account: int, _now: int) -> AccountStatus:
    """Return the account and its balances of all assets that are listed (Account information)."""
    owner = context.account(account)
    assets = dict.fromkeys((*context.exchange.assets, *owner.balances))
    balances: list[tuple[str, int, int]] = []
    for asset in assets:
        balance = owner.balances.get(asset)
        free, held = (balance.free, balance.held) if balance is not None else (0, 0)
        if free or held or not params["omitZeroBalances"]:
            balances.append((asset, free, held))
    return AccountStatus(owner.uid, owner.updated_at, _rates(owner), balances)


def commission_rates(context: Context, params: Params, account: int, _now: int) -> CommissionRates | Fault:
    """Return the account's rates on a symbol (Query Commission Rates)."""
    market = context.market(params["symbol"])
    if isinstance(market, Fault):
        return market
    return CommissionRates(market.symbol.name, _rates(context.account(account)))


def order_counts(context: Context, _params: Params, account: int, now: int) -> OrderCounts:
    """Return how many unfilled orders count against the limits (Query Unfilled Order Count)."""
    return OrderCounts(*context.exchange.order_counts(account, now))


def order_test(context: Context, params: Params, account: int, _now: int) -> OrderRates | None:
    """Return the rates that an order which passed its test would pay, when they were asked for (Test new order)."""
    if not params["computeCommissionRates"]:
        return None
    owner = context.account(account)
    # What a fill of this side costs: the rate of the role and the rate of the side.
    by_side = owner.buyer_rate if params["side"] is Side.BUY else owner.seller_rate
    return OrderRates(owner.maker_rate + by_side, owner.taker_rate + by_side)


def _rates(owner: Account) -> Rates:
    return Rates(owner.maker_rate, owner.taker_rate, owner.buyer_rate, owner.seller_rate)
