"""What an account may ask about itself: balances, commission rates, order counts.

Source.         rest-api.md, Account information, Query Commission Rates, Query Unfilled Order Count, Test new order, Test new
                order using SOR; faqs/commission_faq.
"""

from papernet.app.faults import Fault
from papernet.app.queries.context import Context, Params
from papernet.app.queries.values import AccountStatus, CommissionRates, Discount, OrderCounts, OrderRates
from papernet.core.account import Account
from papernet.core.enums import Side
from papernet.venues.spot.market import Market


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
    return AccountStatus(
        owner.uid,
        owner.updated_at,
        # those of symbols that have none of their own
        owner.rates.standard,
        balances,
        owner.can_trade,
        owner.prevents_sor,
        owner.permissions,
        owner.trade_group,
    )


def commission_rates(context: Context, params: Params, account: int, _now: int) -> CommissionRates | Fault:
    """Return the account's rates on a symbol (Query Commission Rates)."""
    market = context.market(params["symbol"])
    if isinstance(market, Fault):
        return market
    owner, name = context.account(account), market.symbol.name
    return CommissionRates(name, owner.rates_of(name), _discount(context, owner, market))


def order_counts(context: Context, _params: Params, account: int, now: int) -> OrderCounts:
    """Return how many unfilled orders count against the limits (Query Unfilled Order Count)."""
    return OrderCounts(*context.exchange.order_counts(account, now))


def order_test(context: Context, params: Params, account: int, _now: int) -> OrderRates | Fault | None:
    """Return the rates that an order which passed its test would pay, when they were asked for (Test new order)."""
    if not params["computeCommissionRates"]:
        return None
    market = context.market(params["symbol"])
    if isinstance(market, Fault):
        return market
    owner = context.account(account)
    rates, is_buyer = owner.rates_of(market.symbol.name), params["side"] is Side.BUY
    # commission_faq: what a fill of this side costs, the rate of the role and the rate of the side.
    maker, taker = rates.of(is_maker=True, is_buyer=is_buyer), rates.of(is_maker=False, is_buyer=is_buyer)
    standard, special, tax = zip(maker, taker, strict=True)
    return OrderRates(standard, special, tax, _discount(context, owner, market))


def _discount(context: Context, owner: Account, market: Market) -> Discount:
    rules = context.exchange.venue.rules
    return Discount(owner.pays_with_discount_asset, market.symbol.discount_allowed, rules.discount_asset, rules.discount_rate)
