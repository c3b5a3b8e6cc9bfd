"""Weights of the market data endpoints."""

from typing import Any

import pytest

from papernet.app.operations.market_data import ROWS

ROW = {row.name: row for row in ROWS}


@pytest.mark.parametrize(
    ("limit", "weight"), [(1, 5), (100, 5), (101, 25), (500, 25), (501, 50), (1000, 50), (1001, 250), (5000, 250)]
)
def test_depth_weighs_by_limit(limit: int, weight: int) -> None:
    assert ROW["depth"].weight_of({"limit": limit}) == weight


@pytest.mark.parametrize(
    ("name", "sent", "weight"),
    [
        ("ticker.24hr", {"symbol": "A"}, 2),
        ("ticker.24hr", {"symbols": ("A",) * 20}, 2),
        ("ticker.24hr", {"symbols": ("A",) * 21}, 40),
        ("ticker.24hr", {"symbols": ("A",) * 100}, 40),
        ("ticker.24hr", {"symbols": ("A",) * 101}, 80),
        ("ticker.24hr", {}, 80),
        ("ticker", {"symbol": "A"}, 4),
        ("ticker.tradingDay", {"symbols": ("A",) * 50}, 200),
        ("ticker", {"symbols": ("A",) * 51}, 200),
        ("ticker.price", {"symbol": "A"}, 2),
        ("ticker.price", {"symbols": ("A",)}, 4),
        ("ticker.book", {}, 4),
    ],
)
def test_tickers_weigh_by_symbols(name: str, sent: dict[str, Any], weight: int) -> None:
    assert ROW[name].weight_of({"symbol": None, "symbols": None} | sent) == weight
