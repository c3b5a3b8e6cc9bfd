"""The parameters of orders follow from their forms."""

import pytest

from papernet.app.faults import RequestFault
from papernet.app.operations.parameters import members, order_params
from papernet.app.operations.rows import Kind, Param
from papernet.app.order_forms import ABOVE, BELOW, OLD_LIMIT, OLD_STOP, PAID, ROUTED, SINGLE, WORKING, OrderForm
from papernet.core.enums import PegPrice, Side


def by_name(*forms: OrderForm, mandatory: tuple[str, ...] = ()) -> dict[str, Param]:
    return {param.name: param for param in order_params(*forms, mandatory=mandatory)}


def test_members_are_found_by_their_names() -> None:
    assert members(Side) == {"BUY": Side.BUY, "SELL": Side.SELL}


@pytest.mark.parametrize("forms", [(SINGLE,), (ROUTED,), (ABOVE, BELOW), (OLD_LIMIT, OLD_STOP), (WORKING, PAID)])
def test_every_parameter_has_a_name_and_stands_once(forms: tuple[OrderForm, ...]) -> None:
    names = [param.name for param in order_params(*forms)]
    assert "" not in names
    assert len(dict.fromkeys(names)) == len(names)


def test_side_and_type_are_mandatory_and_what_is_named() -> None:
    params = by_name(WORKING, PAID, mandatory=("workingQuantity",))
    assert [name for name, param in params.items() if param.mandatory] == [
        "workingSide",
        "workingType",
        "workingQuantity",
        "pendingSide",
        "pendingType",
    ]


def test_orders_of_a_pair_share_side_and_quantity() -> None:
    assert [name for name in by_name(ABOVE, BELOW) if not name.startswith(("above", "below"))] == ["side", "quantity"]


def test_types_are_those_of_the_form() -> None:
    assert list(by_name(WORKING)["workingType"].values) == ["LIMIT", "LIMIT_MAKER"]
    assert list(by_name(ROUTED)["type"].values) == ["LIMIT", "MARKET"]
    assert len(by_name(SINGLE)["type"].values) == 7


def test_bounds_and_faults_of_options() -> None:
    params = by_name(SINGLE)
    assert (params["strategyType"].minimum, params["strategyType"].fault) == (1_000_000, RequestFault.BAD_STRATEGY_TYPE)
    assert params["pegOffsetValue"].maximum == 100
    assert params["pegPriceType"].values == {"PRIMARY_PEG": PegPrice.PRIMARY, "MARKET_PEG": PegPrice.MARKET}
    assert params["pegPriceType"].fault is RequestFault.BAD_PEG_PRICE_TYPE
    assert params["pegOffsetType"].fault is RequestFault.BAD_PEG_OFFSET_TYPE
    assert params["trailingDelta"].kind is Kind.LONG
