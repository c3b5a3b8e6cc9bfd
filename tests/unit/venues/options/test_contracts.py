"""Contracts: what they are called, what they pay."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from papernet.core.dates import DAY, HOUR, days_from_civil
from papernet.core.enums import OptionKind
from papernet.core.units import SCALE
from papernet.venues.options.contracts import Contract, Parts, Underlying, read_symbol, share, symbol_of
from tests.support.option_market import EXPIRY, make_underlying, units

CALL, PUT = OptionKind.CALL, OptionKind.PUT


def contract(kind: OptionKind, strike: int | str = 50_000) -> Contract:
    return Contract(symbol_of("BTC", EXPIRY, units(strike), kind), "BTCUSDT", kind, units(strike), EXPIRY, 0)


@pytest.mark.parametrize(
    ("kind", "price", "payoff"),
    [
        (CALL, 50_001, 1),
        (CALL, 50_000, 0),
        (CALL, 49_999, 0),
        (CALL, 90_000, 40_000),
        (PUT, 49_999, 1),
        (PUT, 50_000, 0),
        (PUT, 50_001, 0),
        (PUT, 0, 50_000),
    ],
)
def test_a_contract_pays_what_exercise_earns_and_never_less_than_nothing(kind: OptionKind, price: int, payoff: int) -> None:
    assert contract(kind).payoff(units(price), 1) == units(payoff)
    assert contract(kind).payoff(units(price), 100) == units(payoff) * 100


@pytest.mark.parametrize(
    ("kind", "price", "gap"), [(CALL, 49_000, 1_000), (CALL, 51_000, 0), (PUT, 51_000, 1_000), (PUT, 49_000, 0)]
)
def test_out_of_the_money_is_how_far_the_price_is_from_a_value(kind: OptionKind, price: int, gap: int) -> None:
    assert contract(kind).out_of_the_money(units(price)) == units(gap)


@given(st.sampled_from(OptionKind), st.integers(1, 10**14), st.integers(1, 10**14))
def test_a_contract_is_worth_something_or_out_of_the_money_but_not_both(kind: OptionKind, strike: int, price: int) -> None:
    either = Contract("", "", kind, strike, 0, 0)
    assert either.payoff(price, 1) * either.out_of_the_money(price) == 0
    assert either.payoff(price, 1) + either.out_of_the_money(price) == abs(price - strike)


@pytest.mark.parametrize(
    ("symbol", "date", "strike", "kind"),
    [
        ("BTC-251226-100000-C", (2025, 12, 26), "100000", CALL),
        ("XRP-230331-0.365-P", (2023, 3, 31), "0.365", PUT),
        ("ETH-240229-2000-P", (2024, 2, 29), "2000", PUT),
        ("DOGE-260101-0.00000001-C", (2026, 1, 1), "0.00000001", CALL),
    ],
)
def test_names_are_written_and_read_as_published(
    symbol: str, date: tuple[int, int, int], strike: str, kind: OptionKind
) -> None:
    base, expiry = symbol.partition("-")[0], days_from_civil(*date) * DAY + 8 * HOUR
    assert symbol_of(base, expiry, units(strike), kind) == symbol
    assert read_symbol(symbol) == Parts(base, expiry, units(strike), kind)


@given(
    base=st.from_regex(r"[A-Z0-9]{1,8}", fullmatch=True),
    day=st.integers(days_from_civil(2000, 1, 1), days_from_civil(2099, 12, 31)),
    strike=st.integers(1, 10**18),
    kind=st.sampled_from(OptionKind),
)
def test_a_name_says_what_went_into_it(base: str, day: int, strike: int, kind: OptionKind) -> None:
    expiry = day * DAY + 8 * HOUR
    assert read_symbol(symbol_of(base, expiry, strike, kind)) == (base, expiry, strike, kind)


@pytest.mark.parametrize(
    "symbol",
    [
        "",
        "BTCUSDT",
        "BTC-251226-100000",
        "BTC-251226-100000-X",
        "btc-251226-100000-C",
        "BTC-251226-100000-c",
        "BTC-251226--C",
        "BTC-251226-1.-C",
        "BTC-251226-.5-C",
        "BTC-251226-0-C",
        "BTC-251226-0.000000001-C",
        "BTC-2512261-100000-C",
        "BTC-250229-100000-C",
        "BTC-251301-100000-C",
        "BTC-250001-100000-C",
        "BTC-250100-100000-C",
        "BTC-251226-100000-C\n",
        "BTC-251226-\u0661-C",
        f"BTC-251226-{'9' * 21}-C",
    ],
)
def test_what_is_no_contracts_name_says_nothing(symbol: str) -> None:
    assert read_symbol(symbol) is None


def test_an_underlying_is_read_from_plain_builtins() -> None:
    underlying = make_underlying()
    assert Underlying.from_spec(msgspec.to_builtins(underlying)) == underlying


@pytest.mark.parametrize("change", [{"unit": "1"}, {"colour": 1}, {"listing": {"reach": 2}}])
def test_an_underlying_that_does_not_fit_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        Underlying.from_spec(msgspec.to_builtins(make_underlying()) | change)


@given(st.integers(0, 10**18), st.integers(0, 10 * SCALE))
def test_a_share_is_never_too_little_and_less_than_a_unit_too_much(amount: int, rate: int) -> None:
    assert 0 <= share(amount, rate) * SCALE - amount * rate < SCALE
