"""Replies about an account: balances, commission rates, order counts, and the rates of a tested order.

Source.         rest-api.md, Account information, Query Commission Rates, Query Unfilled Order Count, Test new order. papernet
                has neither special nor tax commissions nor a discount: their rates are zero and the discount is off.
"""

from typing import Final

from msgspec.json import Encoder

from papernet.app.operations import TimeUnit
from papernet.app.queries.values import AccountStatus, CommissionRates, OrderCounts, OrderRates, Rates
from papernet.exchange.allowances import ORDER_LIMIT_1D, ORDER_LIMIT_10S
from papernet.protocols.json.fragments import EMPTY_OBJECT, divisor, quoted
from papernet.protocols.json.numbers import amount, basis_points, decimal

_encode: Final = Encoder().encode

_NO_RATES: Final = Rates(0, 0, 0, 0)
_NO_ORDER_RATES: Final = OrderRates(0, 0)
_NO_DISCOUNT: Final = {
    "enabledForAccount": False,
    "enabledForSymbol": False,
    "discountAsset": "BNB",
    "discount": "0.00000000",
}


def account_status(value: AccountStatus, unit: TimeUnit) -> bytes:
    """Return an account and its balances (Account information)."""
    rates = value.rates
    head = _encode(
        {
            "makerCommission": basis_points(rates.maker),
            "takerCommission": basis_points(rates.taker),
            "buyerCommission": basis_points(rates.buyer),
            "sellerCommission": basis_points(rates.seller),
            "commissionRates": _rates(rates),
            "canTrade": True,
            "canWithdraw": True,
            "canDeposit": True,
            "brokered": False,
            "requireSelfTradePrevention": False,
            "preventSor": False,
            "updateTime": value.updated_at // divisor(unit),
            "accountType": "SPOT",
        }
    )[:-1].decode()
    balances = ",".join(
        [
            f'{{"asset":{quoted(asset)},"free":"{amount(free)}","locked":"{amount(held)}"}}'
            for asset, free, held in value.balances
        ]
    )
    return f'{head},"balances":[{balances}],"permissions":["SPOT"],"uid":{value.uid}}}'.encode()


def commission_rates(value: CommissionRates, _unit: TimeUnit) -> bytes:
    """Return an account's rates on a symbol (Query Commission Rates)."""
    return _encode(
        {
            "symbol": value.symbol,
            "standardCommission": _rates(value.rates),
            "specialCommission": _rates(_NO_RATES),
            "taxCommission": _rates(_NO_RATES),
            "discount": _NO_DISCOUNT,
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
            "standardCommissionForOrder": _order_rates(value),
            "specialCommissionForOrder": _order_rates(_NO_ORDER_RATES),
            "taxCommissionForOrder": _order_rates(_NO_ORDER_RATES),
            "discount": _NO_DISCOUNT,
        }
    )


def _rates(rates: Rates) -> dict[str, str]:
    return {
        "maker": decimal(rates.maker),
        "taker": decimal(rates.taker),
        "buyer": decimal(rates.buyer),
        "seller": decimal(rates.seller),
    }


def _order_rates(rates: OrderRates) -> dict[str, str]:
    return {"maker": decimal(rates.maker), "taker": decimal(rates.taker)}
