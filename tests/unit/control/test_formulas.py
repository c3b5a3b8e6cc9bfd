"""Sums in the files of scenarios."""

from decimal import Decimal, localcontext

import pytest

from papernet.control.bodies import BadBodyError
from papernet.control.formulas import check, is_formula, of_units, work_out
from tests.support.worlds import units

NAMES = {"start": Decimal(60000), "depth": Decimal("0.1"), "n": Decimal(1), "times": Decimal(4), "bid": None}


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("=start", "60000"),
        ("=start * (1 - depth)", "54000"),
        ("=start * (1 - depth * (n + 1) / times)", "57000"),
        ("=-depth + +1", "0.9"),
        ("= 0.1 + 0.2", "0.3"),
        ("=1 / 3 * 3", "0.99999999"),
        ("=-1 / 3", "-0.33333333"),
    ],
)
def test_what_a_sum_comes_to(text: str, number: str) -> None:
    assert is_formula(text)
    check(text)
    with localcontext(prec=3):
        found = work_out(text, NAMES)
        back = of_units(found)
    assert (found, back) == (units(number), Decimal(number))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("=start +", "is no formula"),
        ("=start.real", "is no formula"),
        ("=start ** 9", "is no formula"),
        ("=abs(start)", "is no formula"),
        ("='a' * 3", "is no formula"),
        ("=True", "is no formula"),
        ("=price", "'price' is none of start, depth"),
        ("=bid", "nobody knows bid now"),
        ("=1 / 0", "comes to no number"),
        ("=" + "(" * 150, "is no formula"),
        ("=" + "1+" * 150 + "1", "at most 200 characters"),
    ],
)
def test_what_is_no_sum(text: str, why: str) -> None:
    with pytest.raises(BadBodyError, match=why):
        work_out(text, NAMES)


def test_other_text_is_no_formula() -> None:
    assert not is_formula("60000")
    with pytest.raises(BadBodyError):
        check("=1 +* 2")
