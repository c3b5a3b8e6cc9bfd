"""Weights of the account endpoints."""

import pytest

from papernet.app.operations.account import ROWS

ROW = {row.name: row for row in ROWS}


@pytest.mark.parametrize(
    ("name", "parameter", "with_it", "without"),
    [
        ("openOrders.status", "symbol", 6, 80),
        ("myTrades", "orderId", 5, 20),
        ("myPreventedMatches", "preventedMatchId", 2, 20),
    ],
)
def test_weights_by_what_is_asked_for(name: str, parameter: str, with_it: int, without: int) -> None:
    assert (ROW[name].weight_of({parameter: 0}), ROW[name].weight_of({parameter: None})) == (with_it, without)
