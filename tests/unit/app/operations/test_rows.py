"""Rows derive what follows from what they say."""

import dataclasses

import pytest

from papernet.app.operations.rows import DryRun, Kind, Operation, Param, Query, Security, Submit, TimeUnit
from papernet.core.commands import CancelOpenOrders
from papernet.core.rejects import Reason, Reject

NOTHING = Reject(Reason.ZERO_NOTIONAL)


def test_a_plain_weight_is_the_least_and_does_not_ask_for_parameters() -> None:
    row = Operation("ask", "Ask", Security.NONE, 7, Query())
    assert (row.least_weight, row.weight_of({})) == (7, 7)


def test_a_weight_may_follow_from_parameters() -> None:
    row = Operation("ask", "Ask", Security.NONE, lambda params: params["limit"] * 2, Query(), least_weight=3)
    assert (row.least_weight, row.weight_of({"limit": 4})) == (3, 8)


@pytest.mark.parametrize(
    ("row", "signed", "free"),
    [
        (Operation("ask", "Ask", Security.NONE, 1, Query()), False, False),
        (Operation("see", "See", Security.USER_DATA, 1, Query()), True, False),
        (Operation("try", "Try", Security.TRADE, 1, DryRun(lambda _params, _account: NOTHING)), True, False),
        (Operation("do", "Do", Security.TRADE, 1, Submit(lambda _params, account: CancelOpenOrders(account, "A"))), True, True),
    ],
)
def test_what_is_not_public_is_signed_and_only_commands_weigh_nothing_when_done(
    row: Operation, signed: bool, free: bool
) -> None:
    assert (row.signed, row.free_when_done) == (signed, free)


def test_parameters_cannot_be_changed() -> None:
    param = Param("limit", Kind.INT)
    with pytest.raises(dataclasses.FrozenInstanceError):
        param.default = 1  # type: ignore[misc]


def test_time_units_are_what_microseconds_are_divided_by() -> None:
    assert (TimeUnit.MILLISECOND.value, TimeUnit.MICROSECOND.value) == (1000, 1)
