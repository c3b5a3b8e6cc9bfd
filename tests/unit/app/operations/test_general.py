"""Weights of the general endpoints."""

from typing import Any

import pytest

from papernet.app.operations.general import ROWS

ROW = {row.name: row for row in ROWS}


@pytest.mark.parametrize(
    ("sent", "weight"),
    [
        ({"symbol": "A"}, 2),
        ({"symbols": ("A",)}, 2),
        ({"symbols": ("A",) * 19}, 38),
        ({"symbols": ("A",) * 20}, 40),
        ({"symbols": ("A",) * 500}, 40),
        ({"symbolStatus": 1}, 40),
        ({}, 40),
    ],
)
def test_execution_rules_weigh_by_symbols(sent: dict[str, Any], weight: int) -> None:
    assert ROW["executionRules"].weight_of({"symbol": None, "symbols": None, "symbolStatus": None} | sent) == weight
