"""What goes together in requests about options, and what does not."""

from typing import Any

import pytest

from papernet.app import option_checks
from papernet.app.faults import Fault, OptionFault, RequestFault
from papernet.app.option_checks import LONGEST_DOWNLOAD, LONGEST_SEARCH
from papernet.core.enums import TimeInForce

GTC, FOK = (TimeInForce.GTC, False), (TimeInForce.FOK, False)


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"price": 1, "postOnly": False, "timeInForce": FOK}, None),
        ({"price": 1, "postOnly": True, "timeInForce": GTC}, None),
        ({"price": 1, "postOnly": True, "timeInForce": FOK}, Fault(RequestFault.UNSUPPORTED_COMBINATION)),
        ({"price": None, "postOnly": True, "timeInForce": FOK}, Fault(RequestFault.MISSING_PARAMETER, ("price",))),
    ],
)
def test_an_order_has_a_price_and_waits_if_it_is_only_to_be_posted(params: dict[str, Any], expected: Fault | None) -> None:
    assert option_checks.new_order(params) == expected


def test_a_leg_has_a_price() -> None:
    assert option_checks.leg({"price": 1}) is None
    assert option_checks.leg({"price": None}) == Fault(RequestFault.MISSING_PARAMETER, ("price",))


def test_an_order_is_named_by_one_of_its_ids() -> None:
    assert option_checks.some_order_id({"orderId": 0, "clientOrderId": None}) is None
    assert option_checks.some_order_id({"orderId": None, "clientOrderId": "a"}) is None
    missing = Fault(RequestFault.MISSING_EITHER, ("orderId", "clientOrderId"))
    assert option_checks.some_order_id({"orderId": None, "clientOrderId": None}) == missing


@pytest.mark.parametrize(
    ("ids", "names", "expected"),
    [
        ((1,), None, None),
        (None, ("a",), None),
        (None, None, Fault(RequestFault.MISSING_EITHER, ("orderIds", "clientOrderIds"))),
        ((1,), ("a",), Fault(RequestFault.NOT_REQUIRED, ("clientOrderIds",))),
    ],
)
def test_several_orders_are_named_in_one_way(ids: Any, names: Any, expected: Fault | None) -> None:
    assert option_checks.some_order_ids({"orderIds": ids, "clientOrderIds": names}) == expected


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (None, None, None),
        (5, None, None),
        (None, 5, None),
        (5, 5, None),
        (6, 5, Fault(OptionFault.START_AFTER_END)),
        (0, LONGEST_SEARCH, None),
        (0, LONGEST_SEARCH + 1, Fault(OptionFault.TOO_LONG_SEARCH)),
    ],
)
def test_a_search_begins_before_it_ends_and_is_not_too_long(start: Any, end: Any, expected: Fault | None) -> None:
    assert option_checks.at_most_three_months({"startTime": start, "endTime": end}) == expected


def test_a_download_is_of_a_year_at_most() -> None:
    assert option_checks.at_most_a_year({"startTime": 1, "endTime": 1 + LONGEST_DOWNLOAD}) is None
    too_long = option_checks.at_most_a_year({"startTime": 0, "endTime": 1 + LONGEST_DOWNLOAD})
    assert too_long == Fault(RequestFault.TOO_LONG_WINDOW, ("8784",))
    assert option_checks.at_most_a_year({"startTime": 2, "endTime": 1}) == Fault(OptionFault.START_AFTER_END)


@pytest.mark.parametrize(("window", "is_fine"), [(0, False), (1, True), (5_000_000, True), (5_000_001, False)])
def test_a_protection_looks_back_for_up_to_five_seconds(window: int, is_fine: bool) -> None:
    assert (option_checks.protection({"windowTimeInMilliseconds": window}) is None) is is_fine


@pytest.mark.parametrize(("span", "is_fine"), [(0, True), (1, False), (4_999_000, False), (5_000_000, True)])
def test_a_countdown_lasts_five_seconds_at_least_or_ends(span: int, is_fine: bool) -> None:
    assert (option_checks.countdown({"countdownTime": span}) is None) is is_fine
