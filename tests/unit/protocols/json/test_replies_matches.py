"""Replies about prevented matches and allocations: the documents' examples, field by field."""

import json

import pytest

from papernet.app.operations import TimeUnit
from papernet.core.enums import SelfTradeMode
from papernet.core.events import Allocation
from papernet.protocols.json.replies import RENDERERS
from tests.support.reports import assert_reply, prevented
from tests.support.worlds import ALICE, units

MS, US = TimeUnit.MILLISECOND, TimeUnit.MICROSECOND


def test_prevented_matches() -> None:
    # rest-api.md, Query Prevented Matches, and the stp_faq, What is a Prevented Match
    rows = [
        prevented(
            "BTCUSDT",
            1,
            (5, 3),
            "1.1",
            ("0", "1.3"),
            mode=SelfTradeMode.EXPIRE_MAKER,
            trade_group=1,
            at=1_669_101_687_094,
        ),
        prevented("BTCDUSDT", 8, (12, 10), "50", ("1", "10"), mode=SelfTradeMode.EXPIRE_BOTH, at=1_663_190_634_060),
    ]
    assert_reply(
        RENDERERS["myPreventedMatches"](rows, MS),
        [
            {
                "symbol": "BTCUSDT",
                "preventedMatchId": 1,
                "takerOrderId": 5,
                "makerSymbol": "BTCUSDT",
                "makerOrderId": 3,
                "tradeGroupId": 1,
                "selfTradePreventionMode": "EXPIRE_MAKER",
                "price": "1.10000000",
                "makerPreventedQuantity": "1.30000000",
                "transactTime": 1669101687094,
            },
            {
                "symbol": "BTCDUSDT",
                "preventedMatchId": 8,
                "takerOrderId": 12,
                "makerSymbol": "BTCDUSDT",
                "makerOrderId": 10,
                "tradeGroupId": -1,
                "selfTradePreventionMode": "EXPIRE_BOTH",
                "price": "50.00000000",
                "takerPreventedQuantity": "1.00000000",
                "makerPreventedQuantity": "10.00000000",
                "transactTime": 1663190634060,
            },
        ],
    )
    assert RENDERERS["myPreventedMatches"]([], MS) == b"[]"


@pytest.mark.parametrize(
    ("mode", "lost", "expected"),
    [
        (SelfTradeMode.EXPIRE_TAKER, ("2", "0"), ["takerPreventedQuantity"]),
        (SelfTradeMode.EXPIRE_MAKER, ("0", "2"), ["makerPreventedQuantity"]),
        (SelfTradeMode.EXPIRE_BOTH, ("2", "1"), ["takerPreventedQuantity", "makerPreventedQuantity"]),
        (SelfTradeMode.DECREMENT, ("1", "1"), ["takerPreventedQuantity", "makerPreventedQuantity"]),
        (SelfTradeMode.TRANSFER, ("1", "1"), ["takerPreventedQuantity", "makerPreventedQuantity"]),
    ],
)
def test_prevented_quantities_are_those_of_the_mode(mode: SelfTradeMode, lost: tuple[str, str], expected: list[str]) -> None:
    (row,) = json.loads(RENDERERS["myPreventedMatches"]([prevented("BTCUSDT", 1, (5, 3), "1", lost, mode=mode)], MS))
    assert [field for field in row if field.endswith("PreventedQuantity")] == expected
    assert row["selfTradePreventionMode"] == mode.name


def test_allocations() -> None:
    # rest-api.md, Query Allocations
    row = Allocation("BTCUSDT", 0, ALICE, 1, 1_687_506_878_118_000, units("1"), units("5"), units("5"), 0, "BTC", True)
    expected = {
        "symbol": "BTCUSDT",
        "allocationId": 0,
        "allocationType": "SOR",
        "orderId": 1,
        "orderListId": -1,
        "price": "1.00000000",
        "qty": "5.00000000",
        "quoteQty": "5.00000000",
        "commission": "0.00000000",
        "commissionAsset": "BTC",
        "time": 1687506878118,
        "isBuyer": True,
        "isMaker": False,
        "isAllocator": False,
    }
    assert_reply(RENDERERS["myAllocations"]([row], MS), [expected])
    assert_reply(RENDERERS["myAllocations"]([row], US), [expected | {"time": 1687506878118000}])
    assert RENDERERS["myAllocations"]([], MS) == b"[]"
