"""How values of Python are spelled for the control plane."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from papernet.testing import spelling


@pytest.mark.parametrize(
    ("value", "expected"),
    [("0.10", "0.10"), (3, "3"), (0.1, "0.1"), (1e-8, "0.00000001"), (Decimal("1E+3"), "1000"), (Decimal("-2.50"), "-2.50")],
)
def test_an_amount_is_text_without_an_exponent(value: spelling.Amount, expected: str) -> None:
    assert spelling.amount(value) == expected
    assert spelling.maybe(value) == expected
    assert spelling.amounts({"USDT": value}) == {"USDT": expected}


def test_what_is_not_given_stays_away() -> None:
    assert spelling.maybe(None) is None
    assert spelling.amounts(None) is None
    assert spelling.fields(name="a", balances=None, from_=3, flag=False) == {"name": "a", "from": 3, "flag": False}


@pytest.mark.parametrize(
    ("value", "units", "expected"),
    [
        ("90s", {}, "90s"),
        (2, {}, "2000ms"),
        (0.25, {}, "250ms"),
        (timedelta(minutes=2, microseconds=1_500), {}, "120001ms"),
        (None, {"days": 1}, "86400000ms"),
        (None, {"hours": 1, "minutes": 0.5}, "3630000ms"),
        (None, {"seconds": 0.1, "milliseconds": 1}, "101ms"),
    ],
)
def test_a_span_is_one_value_or_units(value: spelling.Span | None, units: dict[str, float], expected: str) -> None:
    assert spelling.span(value, units) == expected


@pytest.mark.parametrize(("value", "units"), [(None, {}), ("1s", {"days": 1}), (None, {"weeks": 1})])
def test_a_span_is_said_once_in_units_that_there_are(value: str | None, units: dict[str, float]) -> None:
    with pytest.raises(TypeError, match=r"once|no unit"):
        spelling.span(value, units)


def test_a_time_is_text_milliseconds_or_a_datetime_that_knows_its_zone() -> None:
    assert spelling.time("2026-01-02T03:04:05Z") == "2026-01-02T03:04:05Z"
    assert spelling.time(1_767_323_045_678) == 1_767_323_045_678
    moment = datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)
    assert spelling.time(moment) == 1_767_323_045_678
    assert spelling.time(moment.astimezone(timezone(timedelta(hours=9)))) == 1_767_323_045_678
    with pytest.raises(ValueError, match="zone"):
        spelling.time(datetime(2026, 1, 2))  # noqa: DTZ001  that is what is refused


def test_fields_spell_times_spans_and_amounts_within_a_body() -> None:
    body = spelling.fields(until=datetime(2026, 1, 2, tzinfo=UTC), delay=timedelta(seconds=1), price=Decimal("1.50"), nth=2)
    assert body == {"until": 1_767_312_000_000, "delay": "1000ms", "price": "1.50", "nth": 2}


@pytest.mark.parametrize(("value", "expected"), [(60, 60), ("60", 60), (Decimal("0.5"), 0.5), (2.0, 2)])
def test_a_plain_number_is_whole_where_it_can_be(value: spelling.Amount, expected: float) -> None:
    assert spelling.number(value) == expected
    assert type(spelling.number(value)) is type(expected)
