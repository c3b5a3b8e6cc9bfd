"""Replies about an account: the documents' examples, field by field."""

import json
from typing import Any

import msgspec
import pytest

from papernet.app.operations import TimeUnit
from papernet.app.queries.values import AccountStatus, CommissionRates, Discount, OrderCounts, OrderRates
from papernet.core.account import Rates
from papernet.protocols.json.replies import RENDERERS
from tests.support.reports import assert_reply
from tests.support.worlds import units

MS, US = TimeUnit.MILLISECOND, TimeUnit.MICROSECOND
FIFTEEN = (units("0.0015"), units("0.0015"), 0, 0)
BALANCES = [("BTC", units("4723846.89208129"), 0), ("LTC", units("4763368.68006011"), units("0.5"))]
STATUS = {
    "makerCommission": 15,
    "takerCommission": 15,
    "buyerCommission": 0,
    "sellerCommission": 0,
    "commissionRates": {"maker": "0.00150000", "taker": "0.00150000", "buyer": "0.00000000", "seller": "0.00000000"},
    "canTrade": True,
    "canWithdraw": True,
    "canDeposit": True,
    "brokered": False,
    "requireSelfTradePrevention": False,
    "preventSor": False,
    "updateTime": 123456789,
    "accountType": "SPOT",
    "balances": [
        {"asset": "BTC", "free": "4723846.89208129", "locked": "0.00000000"},
        {"asset": "LTC", "free": "4763368.68006011", "locked": "0.50000000"},
    ],
    "permissions": ["SPOT"],
    "uid": 354937868,
}


def test_an_account() -> None:
    account = AccountStatus(354937868, 123_456_789_999, FIFTEEN, BALANCES)
    assert_reply(RENDERERS["account.status"](account, MS), STATUS)
    assert_reply(RENDERERS["account.status"](account, US), STATUS | {"updateTime": 123456789999})


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"can_trade": False}, {"canTrade": False}),
        ({"prevents_sor": True}, {"preventSor": True}),
        ({"permissions": ("SPOT", "TRD_GRP_002", 'Q"')}, {"permissions": ["SPOT", "TRD_GRP_002", 'Q"']}),
        ({"permissions": ()}, {"permissions": []}),
        ({"rates": (100_000, 160_000, 0, 10_000)}, {"makerCommission": 10, "takerCommission": 16, "sellerCommission": 1}),
        ({"balances": []}, {"balances": []}),
        # stp_faq, What is a Trade Group Id
        ({"trade_group": 0}, {"tradeGroupId": 0}),
        ({"trade_group": 7}, {"tradeGroupId": 7}),
    ],
)
def test_what_an_account_may_differ_in(settings: dict[str, Any], told: dict[str, Any]) -> None:
    account = msgspec.structs.replace(AccountStatus(354937868, 123_456_789_000, FIFTEEN, BALANCES), **settings)
    found = json.loads(RENDERERS["account.status"](account, MS))
    found.pop("commissionRates")
    assert found == {field: value for field, value in STATUS.items() if field != "commissionRates"} | told


DISCOUNT = {
    "enabledForAccount": True,
    "enabledForSymbol": False,
    "discountAsset": "BNB",
    "discount": "0.75000000",
}


def test_commission_rates() -> None:
    rates = Rates((10, 20, 30, 40), (1_000_000, 2_000_000, 3_000_000, 4_000_000), (112, 114, 118, 116))
    value = CommissionRates("BTCUSDT", rates, Discount(True, False, "BNB", units("0.75")))
    assert_reply(
        RENDERERS["account.commission"](value, MS),
        {
            "symbol": "BTCUSDT",
            "standardCommission": {
                "maker": "0.00000010",
                "taker": "0.00000020",
                "buyer": "0.00000030",
                "seller": "0.00000040",
            },
            "specialCommission": {
                "maker": "0.01000000",
                "taker": "0.02000000",
                "buyer": "0.03000000",
                "seller": "0.04000000",
            },
            "taxCommission": {
                "maker": "0.00000112",
                "taker": "0.00000114",
                "buyer": "0.00000118",
                "seller": "0.00000116",
            },
            "discount": DISCOUNT,
        },
    )


TESTED = {
    "standardCommissionForOrder": {"maker": "0.00000112", "taker": "0.00000114"},
    "specialCommissionForOrder": {"maker": "0.05000000", "taker": "0.06000000"},
    "taxCommissionForOrder": {"maker": "0.00000228", "taker": "0.00000230"},
    "discount": DISCOUNT,
}


@pytest.mark.parametrize(
    ("name", "told"),
    [("order.test", list(TESTED)), ("sor.order.test", [field for field in TESTED if field != "specialCommissionForOrder"])],
)
def test_tested_orders(name: str, told: list[str]) -> None:
    assert RENDERERS[name](None, MS) == b"{}"
    value = OrderRates((112, 114), (5_000_000, 6_000_000), (228, 230), Discount(True, False, "BNB", units("0.75")))
    assert_reply(RENDERERS[name](value, MS), {field: TESTED[field] for field in told})


def test_order_counts() -> None:
    assert_reply(
        RENDERERS["account.rateLimits.orders"](OrderCounts(3, 1_234), MS),
        [
            {"rateLimitType": "ORDERS", "interval": "SECOND", "intervalNum": 10, "limit": 50, "count": 3},
            {"rateLimitType": "ORDERS", "interval": "DAY", "intervalNum": 1, "limit": 160000, "count": 1234},
        ],
    )
