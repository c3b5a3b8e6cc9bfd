"""The older edition's answers where they hold a decision; that fields are as documented, conformance tests hold."""

import pytest

from papernet.app.operations import ResponseType
from papernet.app.operations.options import Generation, option_rows
from papernet.app.operations.rows import OfConnection
from papernet.app.queries.option_values import OptionOrderRow, PlacedOrder, PositionRow, Terms
from papernet.core.commands import OptionTerms
from papernet.core.enums import OptionKind, OptionSource, OrderStatus, Side
from papernet.core.events import OptionRecord
from papernet.protocols.json.option_fields_legacy import RENDERERS, STATUSES
from tests.support.option_market import CALL, units

NOW = 1_768_478_400_000_000
TERMS = Terms(CALL, OptionKind.CALL, units(50_000), NOW, 3, 4, "USDT")


def record(side: Side = Side.SELL, **terms: object) -> OptionRecord:
    sent = OptionTerms(1, CALL, side, units(2), units(2_000), **terms)  # type: ignore[arg-type]
    return OptionRecord(sent, 5, OrderStatus.CANCELED, units(1), units("1999.5"), units("0.3"), OptionSource.API, NOW, NOW)


def test_everything_that_can_be_asked_has_an_answer() -> None:
    rows = option_rows(Generation.LEGACY).values()
    assert sorted(RENDERERS) == sorted(row.name for row in rows if not isinstance(row.does, OfConnection))


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (OrderStatus.NEW, "ACCEPTED"),
        (OrderStatus.PARTIALLY_FILLED, "PARTIALLY_FILLED"),
        (OrderStatus.FILLED, "FILLED"),
        (OrderStatus.CANCELED, "CANCELLED"),
        (OrderStatus.EXPIRED, "CANCELLED"),
        (OrderStatus.EXPIRED_IN_MATCH, "CANCELLED"),
        (OrderStatus.REJECTED, "REJECTED"),
    ],
)
def test_statuses_are_spelt_as_they_were(status: OrderStatus, text: str) -> None:
    assert STATUSES[status] == text


def test_a_short_answer_and_a_longer_one_have_different_fields() -> None:
    write = RENDERERS["options.order.place"]
    short = write(PlacedOrder(TERMS, record(), record(), ResponseType.ACK))
    longer = write(PlacedOrder(TERMS, record(), record(), ResponseType.RESULT))
    assert ("status" in short, "createDate" in short) == (False, True)
    assert (longer["status"], longer["fee"], longer["createTime"]) == ("CANCELLED", "0.30000000", NOW // 1_000)


@pytest.mark.parametrize(("side", "quantity"), [(Side.BUY, "2.00000000"), (Side.SELL, "-2.00000000")])
def test_what_was_sold_is_negative_in_the_history_and_nowhere_else(side: Side, quantity: str) -> None:
    row = OptionOrderRow(TERMS, record(side))
    assert RENDERERS["options.historyOrders"]([row])[0]["quantity"] == quantity
    assert RENDERERS["options.openOrders"]([row])[0]["quantity"] == "2.00000000"
    assert RENDERERS["options.order.status"](row)["quantity"] == "2.00000000"


def test_a_later_time_in_force_is_told_by_what_it_means() -> None:
    told = RENDERERS["options.order.status"](OptionOrderRow(TERMS, record(is_gtx=True)))
    assert (told["timeInForce"], told["postOnly"]) == ("GTC", True)


@pytest.mark.parametrize(
    ("quantity", "bids", "asks", "reducible"),
    [(2, 5, 1, "1.00000000"), (2, 0, 3, "0.00000000"), (-2, 1, 5, "-1.00000000"), (-2, 3, 0, "0.00000000")],
)
def test_what_can_be_reduced_is_what_open_orders_do_not_reduce(quantity: int, bids: int, asks: int, reducible: str) -> None:
    row = PositionRow(TERMS, units(quantity), units(quantity * 100), units(150), units(bids), units(asks), NOW)
    (told,) = RENDERERS["options.position"]([row])
    assert told["reducibleQty"] == reducible
    assert (told["ror"], told["unrealizedPNL"]) == (
        "0.50000000" if quantity > 0 else "-0.50000000",
        f"{quantity * 50}.00000000",
    )


def test_a_position_that_cost_nothing_returns_nothing() -> None:
    (told,) = RENDERERS["options.position"]([PositionRow(TERMS, units(1), 0, units(150), 0, 0, NOW)])
    assert (told["ror"], told["entryPrice"]) == ("0.00000000", "0.00000000")
