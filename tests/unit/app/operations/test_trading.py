"""The rows about one order: tests of an order take what orders take, and the modes of a replacement."""

from papernet.app.operations.trading import ROWS

ROW = {row.name: row for row in ROWS}


def test_a_test_takes_what_the_order_takes_and_one_parameter_more() -> None:
    for name in ("order", "sor.order"):
        tested = [param for param in ROW[f"{name}.test"].parameters if param.name != "computeCommissionRates"]
        assert tuple(tested) == ROW[f"{name}.place"].parameters
        assert ROW[f"{name}.test"].check is ROW[f"{name}.place"].check


def test_tests_weigh_more_when_rates_are_computed() -> None:
    for name in ("order.test", "sor.order.test"):
        assert [ROW[name].weight_of({"computeCommissionRates": computes}) for computes in (False, True)] == [1, 20]


def test_a_replacement_takes_what_the_order_takes() -> None:
    replacing = [param for param in ROW["order.cancelReplace"].parameters if param in ROW["order.place"].parameters]
    assert tuple(replacing) == ROW["order.place"].parameters


def test_a_replacement_does_nothing_beyond_the_limits_unless_told_to_cancel() -> None:
    mode = next(param for param in ROW["order.cancelReplace"].parameters if param.name == "orderRateLimitExceededMode")
    assert mode.values == {"DO_NOTHING": mode.default, "CANCEL_ONLY": True}


def test_routed_orders_have_neither_triggers_nor_pegs_nor_quote_quantities() -> None:
    names = [param.name for param in ROW["sor.order.place"].parameters]
    assert not {"stopPrice", "trailingDelta", "pegPriceType", "quoteOrderQty"}.intersection(names)
