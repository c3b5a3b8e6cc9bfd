"""Numbers that only streams write so."""

import pytest

from papernet.protocols.option_streams.numbers import fraction, percent, share
from tests.support.worlds import units


@pytest.mark.parametrize(
    ("text", "expected"), [("-1", "-1.0"), ("0", "0.0"), ("0.349", "0.349"), ("0.34500957", "0.34500957"), ("10", "10.0")]
)
def test_a_volatility_has_the_decimals_that_it_needs_and_one_at_least(text: str, expected: str) -> None:
    assert fraction(units(text)) == expected


def test_a_change_is_told_in_percent_or_as_a_share() -> None:
    change, base = units("-244"), units("3904")
    assert (percent(change, base), share(change, base)) == ("-6.25", "-0.0625")
    # halves away from zero
    assert (percent(units("1"), units("800")), share(units("-1"), units("80000"))) == ("0.13", "0.0000")
    assert (percent(units("5"), 0), share(units("5"), 0)) == ("0.00", "0.0000")
