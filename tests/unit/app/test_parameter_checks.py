"""Which typed parameters go together. The words of these refusals are tested where parameters are read."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from papernet.app import parameter_checks as checks
from papernet.app.faults import Fault, RequestFault
from papernet.core.dates import DAY

BAD_COMBINATION = Fault(RequestFault.BAD_COMBINATION)


def test_zero_is_not_absent() -> None:
    assert checks.some_list_id_to_cancel({"orderListId": 0, "listClientOrderId": None}) is None
    assert checks.some_list_id_to_query({"orderListId": 0, "origClientOrderId": None}) is None
    assert checks.some_order_id({"orderId": 0, "origClientOrderId": None}) is None
    assert checks.at_most_a_day({"startTime": 0, "endTime": DAY}) is None
    assert checks.at_most_a_day({"startTime": 0, "endTime": DAY + 1}) == Fault(RequestFault.TOO_LONG_WINDOW, ("24",))


def test_the_end_may_come_before_the_start() -> None:
    assert checks.at_most_a_day({"startTime": DAY, "endTime": 0}) is None


@pytest.mark.parametrize(
    ("sent", "allowed"),
    [
        ("", True),
        ("orderId", True),
        ("startTime", True),
        ("endTime", True),
        ("fromId", True),
        ("startTime endTime", True),
        ("orderId fromId", True),
        ("orderId startTime", False),
        ("fromId endTime", False),
        ("orderId fromId startTime", False),
    ],
)
def test_my_trades_combinations(sent: str, allowed: bool) -> None:
    params = dict.fromkeys(("orderId", "startTime", "endTime", "fromId")) | dict.fromkeys(sent.split(), 1)
    assert (checks.my_trades(params) is None) is allowed


@pytest.mark.parametrize(
    ("symbol", "symbols", "one", "either"),
    [(None, None, False, True), ("A", None, True, True), (None, ("A",), True, True), ("A", ("A",), False, False)],
)
def test_symbol_and_symbols(symbol: str | None, symbols: tuple[str, ...] | None, one: bool, either: bool) -> None:
    params = {"symbol": symbol, "symbols": symbols, "permissions": None, "symbolStatus": None}
    assert (checks.exactly_one_of_symbol_and_symbols(params) is None) is one
    assert (checks.symbol_or_symbols(params) is None) is either
    assert (checks.exchange_info(params) is None) is either
    named = symbol is not None or symbols is not None
    assert (checks.exchange_info(params | {"permissions": ("SPOT",)}) is None) is not named


@pytest.mark.parametrize(
    ("check", "names"),
    [
        (checks.some_order_id, ("origClientOrderId", "orderId")),
        (checks.some_list_id_to_cancel, ("orderListId", "listClientOrderId")),
        (checks.some_list_id_to_query, ("orderListId", "origClientOrderId")),
    ],
)
def test_one_of_two_ids_is_needed(check: Callable[[Mapping[str, Any]], Fault | None], names: tuple[str, str]) -> None:
    nothing = dict.fromkeys(names)
    assert check(nothing) == Fault(RequestFault.MISSING_EITHER, names)
    assert check(nothing | {names[0]: 1}) is check(nothing | {names[1]: 1}) is check(dict.fromkeys(names, 1)) is None


@pytest.mark.parametrize(
    ("sent", "allowed"),
    [
        ("", True),
        ("symbol", True),
        ("symbols", True),
        ("symbolStatus", True),
        ("symbol symbols", False),
        ("symbol symbolStatus", False),
        ("symbols symbolStatus", False),
        ("symbol symbols symbolStatus", False),
    ],
)
def test_execution_rules_combinations(sent: str, allowed: bool) -> None:
    params = dict.fromkeys(("symbol", "symbols", "symbolStatus")) | dict.fromkeys(sent.split(), "A")
    assert checks.execution_rules(params) == (None if allowed else BAD_COMBINATION)


@pytest.mark.parametrize(
    ("sent", "allowed"),
    [
        ("", True),
        ("fromId", True),
        ("startTime", True),
        ("endTime", True),
        ("startTime endTime", True),
        ("fromId startTime", False),
        ("fromId endTime", False),
    ],
)
def test_all_order_lists_combinations(sent: str, allowed: bool) -> None:
    params = dict.fromkeys(("fromId", "startTime", "endTime")) | dict.fromkeys(sent.split(), 1)
    assert checks.all_order_lists(params) == (None if allowed else BAD_COMBINATION)


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("preventedMatchId", None),
        ("orderId", None),
        ("orderId fromPreventedMatchId", None),
        ("", Fault(RequestFault.MISSING_EITHER, ("preventedMatchId", "orderId"))),
        ("fromPreventedMatchId", Fault(RequestFault.MISSING_EITHER, ("preventedMatchId", "orderId"))),
        ("preventedMatchId orderId", BAD_COMBINATION),
        ("preventedMatchId fromPreventedMatchId", BAD_COMBINATION),
    ],
)
def test_my_prevented_matches_combinations(sent: str, expected: Fault | None) -> None:
    params = dict.fromkeys(("preventedMatchId", "orderId", "fromPreventedMatchId")) | dict.fromkeys(sent.split(), 0)
    assert checks.my_prevented_matches(params) == expected


@pytest.mark.parametrize(
    ("sent", "allowed"),
    [
        ("", True),
        ("startTime", True),
        ("endTime", True),
        ("startTime endTime", True),
        ("fromAllocationId", True),
        ("orderId", True),
        ("orderId fromAllocationId", True),
        ("startTime fromAllocationId", False),
        ("orderId endTime", False),
    ],
)
def test_my_allocations_combinations(sent: str, allowed: bool) -> None:
    params = dict.fromkeys(("startTime", "endTime", "fromAllocationId", "orderId")) | dict.fromkeys(sent.split(), 0)
    assert checks.my_allocations(params) == (None if allowed else BAD_COMBINATION)


@pytest.mark.parametrize("check", [checks.at_most_a_day, checks.my_trades, checks.all_order_lists, checks.my_allocations])
def test_a_window_has_at_most_a_day(check: Callable[[Mapping[str, Any]], Fault | None]) -> None:
    params = dict.fromkeys(("orderId", "fromId", "fromAllocationId")) | {"startTime": 0, "endTime": DAY}
    assert check(params) is None
    assert check(params | {"endTime": DAY + 1}) == Fault(RequestFault.TOO_LONG_WINDOW, ("24",))
