"""The rows about order lists: what must be sent of each."""

import pytest

from papernet.app.operations.order_lists import ROWS

ROW = {row.name.removeprefix("orderList."): row for row in ROWS}


@pytest.mark.parametrize(
    ("kind", "mandatory"),
    [
        ("place", "symbol side quantity price stopPrice timestamp"),
        ("place.oco", "symbol side aboveType quantity belowType timestamp"),
        ("place.oto", "symbol workingSide workingType workingQuantity pendingSide pendingType pendingQuantity timestamp"),
        (
            "place.otoco",
            (
                "symbol workingSide workingType workingQuantity "
                "pendingSide pendingAboveType pendingQuantity pendingBelowType timestamp"
            ),
        ),
        ("place.opo", "symbol workingSide workingType workingQuantity pendingSide pendingType timestamp"),
        (
            "place.opoco",
            "symbol workingSide workingType workingQuantity pendingSide pendingAboveType pendingBelowType timestamp",
        ),
        ("cancel", "symbol timestamp"),
    ],
)
def test_mandatory_parameters(kind: str, mandatory: str) -> None:
    assert [param.name for param in ROW[kind].parameters if param.mandatory] == mandatory.split()


def test_a_working_order_has_no_trigger_and_a_paid_one_no_quantity() -> None:
    names = [param.name for param in ROW["place.opoco"].parameters]
    assert "workingStopPrice" not in names
    assert "pendingQuantity" not in names
    assert "pendingBelowTrailingDelta" in names
