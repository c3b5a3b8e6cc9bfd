"""The current edition's answers where they hold a decision; that fields are as documented, conformance tests hold."""

import pytest

from papernet.app.operations import ResponseType
from papernet.app.operations.options import Generation, option_rows
from papernet.app.operations.rows import OfConnection
from papernet.app.queries.option_values import Bills, MarginAccount, OptionOrderRow, OptionRates, PlacedOrder, Terms
from papernet.core.commands import OptionTerms
from papernet.core.enums import BillKind, OptionKind, OptionSource, OrderStatus, RiskLevel, Side
from papernet.core.events import Bill, OptionRecord
from papernet.protocols.json.option_fields_current import RENDERERS
from tests.support.option_market import CALL, units

NOW = 1_768_478_400_000_000
TERMS = Terms(CALL, OptionKind.CALL, units(50_000), NOW, 3, 4, "USDT")


def record(status: OrderStatus = OrderStatus.FILLED, **terms: object) -> OptionRecord:
    sent = OptionTerms(1, CALL, Side.SELL, units(2), units(2_000), **terms)  # type: ignore[arg-type]
    return OptionRecord(sent, 5, status, units(1), units("1999.5"), units("0.3"), OptionSource.LIQUIDATION, NOW, NOW + 2_000)


def test_everything_that_can_be_asked_has_an_answer() -> None:
    rows = option_rows(Generation.CURRENT).values()
    assert sorted(RENDERERS) == sorted(row.name for row in rows if not isinstance(row.does, OfConnection))


def test_the_fee_of_a_new_order_is_a_number_that_says_nothing() -> None:
    placed = RENDERERS["options.order.place"](PlacedOrder(TERMS, record(), record(), ResponseType.RESULT))
    assert (placed["fee"], placed["avgPrice"], placed["source"]) == (0, "1999.500", "LIQUIDATION")
    assert (placed["createTime"], placed["updateTime"]) == (NOW // 1_000, NOW // 1_000 + 2)
    canceled = RENDERERS["options.batchOrders.cancel"](OptionOrderRow(TERMS, record()))
    assert canceled["fee"] == "0.30000000"


@pytest.mark.parametrize("status", [OrderStatus.CANCELED, OrderStatus.EXPIRED, OrderStatus.EXPIRED_IN_MATCH])
def test_how_an_order_ended_is_told(status: OrderStatus) -> None:
    told = RENDERERS["options.order.status"](OptionOrderRow(TERMS, record(status)))
    assert told["status"] == status.name


def test_an_order_that_must_not_take_is_told_as_it_was_sent() -> None:
    status = RENDERERS["options.order.status"]
    assert status(OptionOrderRow(TERMS, record(is_gtx=True)))["timeInForce"] == "GTX"
    assert status(OptionOrderRow(TERMS, record(is_gtx=True)))["postOnly"] is True
    assert status(OptionOrderRow(TERMS, record(post_only=True)))["timeInForce"] == "GTC"


@pytest.mark.parametrize(("kind", "has_symbol"), [(BillKind.CONTRACT, True), (BillKind.FEE, True), (BillKind.SHORTFALL, False)])
def test_bills_about_a_contract_tell_which(kind: BillKind, has_symbol: bool) -> None:
    (row,) = RENDERERS["options.bill"](Bills([Bill(1, 2, NOW, "USDT", -units(3), kind, CALL)]))
    assert (row["type"], row["amount"], "symbol" in row) == (kind.name, "-3.00000000", has_symbol)


def test_rates_have_six_decimals() -> None:
    told = RENDERERS["options.commission"](OptionRates([("BTCUSDT", units("0.00024"), units("0.0003"))]))
    assert told["commissions"] == [{"underlying": "BTCUSDT", "makerFee": "0.000240", "takerFee": "0.000300"}]


@pytest.mark.parametrize(("level", "reduce_only"), [(RiskLevel.NORMAL, False), (RiskLevel.REDUCE_ONLY, True)])
def test_an_account_in_danger_may_only_reduce(level: RiskLevel, reduce_only: bool) -> None:
    value = MarginAccount(
        "USDT", 1, 2, 3, 4, 5, 6, 7, 8, 9, [("BTCUSDT", 1, 2, 3, 4)], NOW, level, can_trade=True, trade_group=-1
    )
    told = RENDERERS["options.marginAccount"](value)
    assert (told["reduceOnly"], told["tradeGroupId"], told["canTrade"]) == (reduce_only, -1, True)
    assert told["greek"][0]["vega"] == "0.00000004"
