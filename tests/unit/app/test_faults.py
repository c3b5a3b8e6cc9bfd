"""Faults are values: equal when they say the same, unchangeable, and told without a time unless there is one."""

import pytest

from papernet.app.faults import Fault, RequestFault


def test_faults_compare_by_what_they_say() -> None:
    assert Fault(RequestFault.MISSING_PARAMETER, ("symbol",)) == Fault(RequestFault.MISSING_PARAMETER, ("symbol",))
    assert Fault(RequestFault.MISSING_PARAMETER, ("symbol",)) != Fault(RequestFault.MISSING_PARAMETER, ("side",))
    assert Fault(RequestFault.UNDECODABLE).retry_after == 0


def test_faults_cannot_be_changed() -> None:
    fault = Fault(RequestFault.UNDECODABLE)
    with pytest.raises(AttributeError):
        fault.retry_after = 1  # type: ignore[misc]


def test_reasons_stand_in_the_order_in_which_they_are_found() -> None:
    assert list(RequestFault) == sorted(RequestFault)
