"""Refusals about options in both editions' words; that each is documented and can be met, conformance tests hold."""

import pytest

from papernet.app.faults import Fault, OptionFault, RequestFault
from papernet.app.operations.options import Generation
from papernet.core.commands import CancelOptions, Command, ResetProtection, SetProtection
from papernet.core.rejects import Reason, Reject
from papernet.protocols.json.option_errors import error_of_fault, error_of_reject

CURRENT, LEGACY = Generation.CURRENT, Generation.LEGACY


@pytest.mark.parametrize(
    ("fault", "current", "legacy"),
    [
        (Fault(RequestFault.UNKNOWN_SYMBOL), (-1121, 400), (-1121, 400)),
        (Fault(RequestFault.TOO_MUCH_WEIGHT, ("2400", "1 MINUTE")), (-1008, 429), (-1008, 429)),
        (Fault(RequestFault.BANNED, ("1700000000000",)), (-1008, 418), (-1008, 418)),
        (Fault(RequestFault.REJECTED_KEY), (-2015, 401), (-2015, 401)),
        (Fault(OptionFault.BAD_LIMIT), (-6008, 400), (-1130, 400)),
        (Fault(OptionFault.NOT_A_MARKET_MAKER), (-6005, 400), (-1002, 400)),
        (Fault(OptionFault.BAD_PROTECTION_LIMIT), (-6040, 400), (-4055, 400)),
    ],
)
def test_a_fault_in_both_editions(fault: Fault, current: tuple[int, int], legacy: tuple[int, int]) -> None:
    for generation, expected in ((CURRENT, current), (LEGACY, legacy)):
        error = error_of_fault(fault, generation)
        assert (error.code, error.status) == expected


@pytest.mark.parametrize(
    ("reason", "current", "legacy"),
    [
        (Reason.OPTION_PRICE_TOO_HIGH, -4002, -4002),
        (Reason.OPTION_WOULD_TAKE, -6047, -2010),
        (Reason.OPTIONS_TRADING_DISABLED, -6062, -1002),
        (Reason.UNKNOWN_BLOCK_ORDER, -6048, -1130),
    ],
)
def test_a_reject_in_both_editions(reason: Reason, current: int, legacy: int) -> None:
    assert error_of_reject(Reject(reason), CURRENT).code == current
    assert error_of_reject(Reject(reason), LEGACY).code == legacy


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (SetProtection(1, "SOLUSDT", 1, 0, 1, 1), -6004),
        (ResetProtection(1, "SOLUSDT"), -6004),
        (CancelOptions(1, "", "SOLUSDT"), -1128),
        (None, -1128),
    ],
)
def test_an_unknown_underlying_is_another_thing_to_market_makers(command: Command | None, code: int) -> None:
    assert error_of_reject(Reject(Reason.UNKNOWN_UNDERLYING), CURRENT, command).code == code


def test_limits_are_told() -> None:
    too_many = error_of_reject(Reject(Reason.TOO_MANY_OPTION_ORDERS, ("300", "10 SECOND")), CURRENT)
    assert (too_many.status, too_many.text) == (429, "Too many new orders; current limit is 300 orders per 10 SECOND.")
