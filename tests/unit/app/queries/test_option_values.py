"""What values about options work out of themselves."""

import pytest

from papernet.app.queries.option_values import OptionOrderRow, PositionRow, Terms
from papernet.core.commands import OptionTerms
from papernet.core.enums import OptionKind, OptionSource, OrderStatus, Side
from papernet.core.events import OptionRecord

TERMS = Terms("BTC-260123-50000-C", OptionKind.CALL, 50_000, 1, 3, 4, "USDT")
SCALE = 100_000_000


@pytest.mark.parametrize(
    ("quantity", "cost", "value", "unrealized"), [(2, 150, 200, 50), (-2, -150, 200, -50), (-2, -260, 200, 60)]
)
def test_a_position_is_worth_its_mark_and_earns_what_that_differs_from_its_cost(
    quantity: int, cost: int, value: int, unrealized: int
) -> None:
    row = PositionRow(TERMS, quantity * SCALE, cost * SCALE, 100 * SCALE, 0, 0, 1)
    assert (row.value, row.unrealized) == (value * SCALE, unrealized * SCALE)


@pytest.mark.parametrize(("filled", "status"), [(0, OrderStatus.NEW), (1, OrderStatus.PARTIALLY_FILLED)])
def test_a_canceled_order_is_shown_as_its_cancel_found_it(filled: int, status: OrderStatus) -> None:
    sent = OptionTerms(1, TERMS.symbol, Side.BUY, 2, 3)
    record = OptionRecord(sent, 5, OrderStatus.CANCELED, filled, 0, 0, OptionSource.API, 1, 2)
    row = OptionOrderRow(TERMS, record)
    assert (row.as_it_was.status, row.record.status) == (status, OrderStatus.CANCELED)
