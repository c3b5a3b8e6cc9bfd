"""Replies about an account: balances, commission rates, order counts, and the rates of a tested order.

Fields.         `tradeGroupId` only of an account that is in a trade group; the documents name it without showing it.
Source.         rest-api.md, Account information, Query Commission Rates, Query Unfilled Order Count, Test new order, Test new
                order using SOR (which tells no special commission); faqs/stp_faq, What is a Trade Group Id.
"""

from typing import Any, Final

from msgspec.json import Encoder

from papernet.app.operations import TimeUnit
from papernet.app.queries.values import AccountStatus, CommissionRates, Discount, OrderCounts, OrderRates
from papernet.exchange.allowances import ORDER_LIMIT_1D, ORDER_LIMIT_10S
from papernet.protocols.json.fragments import EMPTY_OBJECT, boolean, divisor, quoted
from papernet.protocols.json.numbers import amount, basis_points, decimal

_encode: Final = Encoder().encode


# of maker, taker, buyer and seller
_Rates = tuple[int, int, int, int]


def account_status(value: AccountStatus, unit: TimeUnit) -> bytes:
    """Return an account and its balances (Account information)."""
    maker, taker, buyer, seller = value.rates
    balances = ",".join(
        [
            f'{{"asset":{quoted(asset)},"free":"{amount(free)}","locked":"{amount(held)}"}}'
            for asset, free, held in value.balances
        ]
    )
    permissions = ",".join([quoted(permission) for permission in value.permissions])
    group = f',"tradeGroupId":{value.trade_group}' if value.trade_group >= 0 else ""
    return (
        f'{{"makerCommission":{basis_points(maker)},"takerCommission":{basis_points(taker)},'
        f'"buyerCommission":{basis_points(buyer)},"sellerCommission":{basis_points(seller)},'
        f'"commissionRates":{_encode(_rates(value.rates)).decode()},'
        f'"canTrade":{boolean(value.can_trade)},"canWithdraw":true,"canDeposit":true,"brokered":false,'
        f'"requireSelfTradePrevention":false,"preventSor":{boolean(value.prevents_sor)},'
        f'"updateTime":{value.updated_at // divisor(unit)},"accountType":"SPOT","balances":[{balances}],'
        f'"permissions":[{permissions}],"uid":{value.uid}{group}}}'
    ).encode()


def commission_rates(value: CommissionRates, _unit: TimeUnit) -> bytes:
    """Return an account's rates on a symbol (Query Commission Rates)."""
    rates = value.rates
    return _encode(
        {
            "symbol": value.symbol,
            "standardCommission": _rates(rates.standard),
            "specialCommission": _rates(rates.special),
            "taxCommission": _rates(rates.tax),
            "discount": _discount(value.discount),
        }
    )


def order_counts(value: OrderCounts, _unit: TimeUnit) -> bytes:
    """Return an account's unfilled order counts (Query Unfilled Order Count)."""
    return _encode(
        [
            {"rateLimitType": "ORDERS", "interval": interval, "intervalNum": number, "limit": limit, "count": count}
            for interval, number, limit, count in (
                ("SECOND", 10, ORDER_LIMIT_10S, value.ten_seconds),
                ("DAY", 1, ORDER_LIMIT_1D, value.day),
            )
        ]
    )


def order_test(value: OrderRates | None, _unit: TimeUnit) -> bytes:
    """Return the reply to an order that passed its test (Test new order)."""
    if value is None:
        return EMPTY_OBJECT
    return _encode(
        {
            "standardCommissionForOrder": _order_rates(value.standard),
            "specialCommissionForOrder": _order_rates(value.special),
            "taxCommissionForOrder": _order_rates(value.tax),
            "discount": _discount(value.discount),
        }
    )


def sor_order_test(value: OrderRates | None, _unit: TimeUnit) -> bytes:
    """Return the reply to an order with smart order routing that passed its test (Test new order using SOR)."""
    if value is None:
        return EMPTY_OBJECT
    return _encode(
        {
            "standardCommissionForOrder": _order_rates(value.standard),
            "taxCommissionForOrder": _order_rates(value.tax),
            "discount": _discount(value.discount),
        }
    )


def _rates(rates: _Rates) -> dict[str, str]:
    maker, taker, buyer, seller = rates
    return {"maker": decimal(maker), "taker": decimal(taker), "buyer": decimal(buyer), "seller": decimal(seller)}


def _order_rates(rates: tuple[int, int]) -> dict[str, str]:
    maker, taker = rates
    return {"maker": decimal(maker), "taker": decimal(taker)}


def _discount(discount: Discount) -> dict[str, Any]:
    return {
        "enabledForAccount": discount.enabled_for_account,
        "enabledForSymbol": discount.enabled_for_symbol,
        "discountAsset": discount.asset,
        "discount": decimal(discount.rate),
    }
