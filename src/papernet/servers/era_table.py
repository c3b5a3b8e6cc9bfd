"""The packaged table of changes, and what an exchange of an earlier era opens with.

Order of work.  The table is read once a process. A catalogue loses, symbol by symbol, what symbols of the era did not offer
                yet.
Invariant.      Today's era has the catalogue itself. A symbol that comes out of here is as consistent as it went in.
Does not.       Change symbols that an exchange has listed already: they stay as they were listed.
"""

import datetime as dt
from functools import cache
from importlib import resources
from typing import Final

from msgspec.structs import replace

from papernet.app.eras import NEWEST, TODAY, ChangeTable, Era, era_on, read_changes
from papernet.core.enums import SelfTradeMode
from papernet.servers.config import Catalogue
from papernet.venues.spot.symbols import Filter, IcebergParts, MaxNumOrderAmends, MaxNumOrderLists, Symbol
from papernet.venues.spot.venue_rules import ExchangeMaxNumOrderLists

# filters.md of 2025, ICEBERG_PARTS, before it grew
_FIRST_ICEBERG_PARTS: Final = 10


@cache
def packaged_changes() -> ChangeTable:
    """Return the table that ships with papernet."""
    return read_changes(resources.files("papernet.data").joinpath("eras.toml").read_bytes())


def era_of(date: str) -> Era:
    """Return the era of a day, YYYY-MM-DD; "" is today, which needs no table."""
    return era_on(packaged_changes(), date) if date else TODAY


def date_flaw(date: str) -> str:
    """Return what is wrong with a day that was asked for, "" when nothing is."""
    try:
        known = dt.date.fromisoformat(date).isoformat() == date
    except ValueError:
        known = False
    if not known:
        return f"{date!r} is no day, such as 2025-06-30"
    since = packaged_changes().since
    return "" if date >= since else f"{date} is too early: papernet knows what changed since {since}"


def date_served(date: str) -> str:
    """Return the day whose wire is served, when `date` was asked for."""
    return date or NEWEST


def catalogue_of(era: Era, catalogue: Catalogue) -> Catalogue:
    """Return what an exchange of an era opens with."""
    if era == TODAY:
        return catalogue
    rules = catalogue.rules
    if not era.list_and_amend_filters:
        kept = tuple(rule for rule in rules.exchange_filters if not isinstance(rule, ExchangeMaxNumOrderLists))
        rules = replace(rules, exchange_filters=kept)
    return replace(catalogue, symbols=tuple(_symbol(era, symbol) for symbol in catalogue.symbols), rules=rules)


def _symbol(era: Era, symbol: Symbol) -> Symbol:
    absent = [
        mode
        for is_there, mode in (
            (era.decrement, SelfTradeMode.DECREMENT),
            (era.transfer_on_all_symbols, SelfTradeMode.TRANSFER),
        )
        if not is_there and mode is not symbol.default_self_trade_mode
    ]
    return replace(
        symbol,
        filters=_filters(era, symbol.filters),
        self_trade_modes=tuple(mode for mode in symbol.self_trade_modes if mode not in absent),
        oto_allowed=symbol.oto_allowed and era.one_triggers_the_other,
        opo_allowed=symbol.opo_allowed and era.one_pays_the_other,
        amend_allowed=symbol.amend_allowed and era.amend_on_all_symbols,
        peg_allowed=symbol.peg_allowed and era.pegged_orders,
        reference=symbol.reference if era.execution_rules else None,
        price_range=symbol.price_range if era.execution_rules else None,
    )


def _filters(era: Era, filters: tuple[Filter, ...]) -> tuple[Filter, ...]:
    greatest = _iceberg_parts(era)
    told: list[Filter] = []
    for rule in filters:
        if isinstance(rule, IcebergParts) and greatest is not None:
            told.append(IcebergParts(min(rule.limit, greatest)))
        elif era.list_and_amend_filters or not isinstance(rule, MaxNumOrderLists | MaxNumOrderAmends):
            told.append(rule)
    return tuple(told)


def _iceberg_parts(era: Era) -> int | None:
    """Return how many parts an iceberg may have at most; None for as many as the symbol says."""
    steps = (
        (era.iceberg_parts_100, None),
        (era.iceberg_parts_50, 50),
        (era.iceberg_parts_25, 25),
    )
    return next((parts for has_come, parts in steps if has_come), _FIRST_ICEBERG_PARTS)
