"""Forms derive what each type needs and refuses, in the names of their own parameters."""

import pytest

from papernet.app import order_forms
from papernet.app.order_forms import ABOVE, OLD_STOP, PAID, ROUTED, SINGLE, TERMS, WORKING, OrderForm
from papernet.core.enums import OrderType

FORMS = [form for form in vars(order_forms).values() if isinstance(form, OrderForm)]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.order_type or form.client_order_id)
def test_rules_name_parameters_that_the_form_has(form: OrderForm) -> None:
    for rules in (form.needed, form.refused):
        assert list(rules) == list(OrderType)
        assert all(names.count("") == 0 for names in rules.values())


@pytest.mark.parametrize(
    ("form", "order_type", "needed"),
    [
        (SINGLE, OrderType.LIMIT, "timeInForce quantity price"),
        (SINGLE, OrderType.MARKET, ""),
        (ROUTED, OrderType.MARKET, "quantity"),
        (ABOVE, OrderType.STOP_LOSS_LIMIT, "aboveTimeInForce quantity abovePrice"),
        (ABOVE, OrderType.TAKE_PROFIT, "quantity"),
        (WORKING, OrderType.LIMIT_MAKER, "workingQuantity workingPrice"),
        (PAID, OrderType.LIMIT, "pendingTimeInForce pendingPrice"),
        (PAID, OrderType.MARKET, ""),
        (OLD_STOP, OrderType.STOP_LOSS_LIMIT, "stopLimitTimeInForce quantity stopLimitPrice"),
    ],
)
def test_what_types_need(form: OrderForm, order_type: OrderType, needed: str) -> None:
    assert form.needed[order_type] == tuple(needed.split())


@pytest.mark.parametrize(
    ("form", "order_type", "refused"),
    [
        (SINGLE, OrderType.MARKET, "timeInForce price icebergQty stopPrice trailingDelta"),
        (SINGLE, OrderType.LIMIT_MAKER, "timeInForce quoteOrderQty stopPrice trailingDelta"),
        (ABOVE, OrderType.STOP_LOSS, "aboveTimeInForce abovePrice aboveIcebergQty"),
        (ABOVE, OrderType.TAKE_PROFIT_LIMIT, ""),
        (WORKING, OrderType.LIMIT_MAKER, "workingTimeInForce"),
        (OLD_STOP, OrderType.STOP_LOSS, "stopLimitTimeInForce stopLimitPrice stopIcebergQty"),
    ],
)
def test_what_types_refuse(form: OrderForm, order_type: OrderType, refused: str) -> None:
    assert form.refused[order_type] == tuple(refused.split())


def test_terms_are_read_all_at_once_and_missing_names_find_nothing() -> None:
    whole = {getattr(SINGLE, term): term for term in TERMS}
    assert SINGLE.terms(whole) == TERMS
    missing = ("quote_quantity", "stop_price", "trailing_delta", "peg_price_type", "peg_offset_value")
    assert ROUTED.terms(whole) == tuple(None if term in missing else term for term in TERMS)
