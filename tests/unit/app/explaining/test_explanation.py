"""How numbers and times are written in explanations."""

import pytest

from papernet.app.explaining.explanation import decimal, decimals
from tests.support.worlds import units


@pytest.mark.parametrize("text", ["0", "1", "0.1", "0.00000001", "123456.5", "1000000", "-2.5"])
def test_decimals_have_no_idle_zeros(text: str) -> None:
    assert decimal(units(text)) == text


def test_what_is_not_known_is_left_out() -> None:
    assert decimals(price=units("2"), stop=None, none=0) == {"price": "2", "none": "0"}
