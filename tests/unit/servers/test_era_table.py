"""The packaged table, days that can be asked for, and what an exchange of an earlier era opens with."""

import pytest
from msgspec.structs import replace

from papernet.app.eras import TODAY, Era
from papernet.core.enums import SelfTradeMode
from papernet.servers.config import packaged_catalogue
from papernet.servers.era_table import catalogue_of, date_flaw, date_served, era_of, packaged_changes
from papernet.venues.spot.symbols import IcebergParts, Symbol

BEFORE_ALL = Era(**dict.fromkeys(Era.__struct_fields__, False))
CATALOGUE = packaged_catalogue()


def first(era: Era) -> Symbol:
    return catalogue_of(era, CATALOGUE).symbols[0]


def parts(symbol: Symbol) -> list[int]:
    return [rule.limit for rule in symbol.filters if isinstance(rule, IcebergParts)]


def test_today_opens_with_the_catalogue_itself() -> None:
    assert era_of("") == TODAY
    assert catalogue_of(TODAY, CATALOGUE) is CATALOGUE


@pytest.mark.parametrize("date", ["2024-01-01", "2024-02-29", "2026-07-17", "2031-12-31"])
def test_days_that_can_be_asked_for(date: str) -> None:
    assert date_flaw(date) == ""
    assert date_served(date) == date


@pytest.mark.parametrize("date", ["", "2025", "2025-6-30", "20250630", "2025-02-30", "2025-06-30T00:00", "２０２５-06-30"])
def test_what_is_no_day(date: str) -> None:
    assert date_flaw(date) == f"{date!r} is no day, such as 2025-06-30"


def test_the_table_begins_with_its_first_day() -> None:
    assert date_flaw("2023-12-31") == "2023-12-31 is too early: papernet knows what changed since 2024-01-01"
    assert date_served("") == packaged_changes().as_of


def test_symbols_lose_what_there_was_not_yet() -> None:
    symbol = first(BEFORE_ALL)
    flags = (symbol.oto_allowed, symbol.opo_allowed, symbol.amend_allowed, symbol.peg_allowed)
    assert flags == (False,) * 4
    assert (symbol.reference, symbol.price_range) == (None, None)
    assert not {SelfTradeMode.DECREMENT, SelfTradeMode.TRANSFER} & set(symbol.self_trade_modes)
    assert "MaxNumOrderLists" not in {type(rule).__name__ for rule in symbol.filters}
    # What the eras are not about stays.
    assert symbol.oco_allowed
    assert symbol.initial_price == CATALOGUE.symbols[0].initial_price


@pytest.mark.parametrize(
    ("era", "most"),
    [
        (TODAY, 100),
        (replace(TODAY, iceberg_parts_100=False), 50),
        (replace(TODAY, iceberg_parts_100=False, iceberg_parts_50=False), 25),
        (BEFORE_ALL, 10),
    ],
)
def test_icebergs_had_fewer_parts(era: Era, most: int) -> None:
    assert parts(first(era)) == [most]


def test_a_symbol_that_allows_fewer_parts_keeps_them() -> None:
    symbol = replace(CATALOGUE.symbols[0], filters=(IcebergParts(7),))
    assert parts(catalogue_of(BEFORE_ALL, replace(CATALOGUE, symbols=(symbol,))).symbols[0]) == [7]


def test_a_symbol_keeps_the_mode_that_is_its_default() -> None:
    modes = (SelfTradeMode.NONE, SelfTradeMode.DECREMENT, SelfTradeMode.TRANSFER)
    symbol = replace(CATALOGUE.symbols[0], self_trade_modes=modes, default_self_trade_mode=SelfTradeMode.DECREMENT)
    told = catalogue_of(BEFORE_ALL, replace(CATALOGUE, symbols=(symbol,))).symbols[0]
    assert told.self_trade_modes == (SelfTradeMode.NONE, SelfTradeMode.DECREMENT)
