"""Contracts are known by their names, before and after they have expired."""

from dataclasses import replace

import pytest

from papernet.app.faults import Fault
from papernet.app.queries.option_context import (
    KnownContracts,
    market_of,
    markets_of,
    portfolio_of,
    terms_of,
    underlying_of,
    worth_of,
)
from papernet.app.queries.option_values import Worth
from papernet.app.queries.values import Touch
from papernet.core.enums import OptionKind
from papernet.venues.options.market import Mark
from tests.support.eapi_desk import ALICE, BOB, DAY, EapiDesk
from tests.support.option_market import CALL, EXPIRY, units


@pytest.mark.parametrize(
    ("symbol", "is_known"),
    [
        (CALL, True),
        ("BTC-260114-50000-C", True),  # expired before papernet was there: there might have been one
        ("BTC-300101-50000-C", False),
        ("SOL-260114-50-C", False),
        ("BTCUSDT", False),
        ("BTC-261340-50000-C", False),
    ],
)
def test_what_trades_and_what_has_expired_can_be_asked_about(symbol: str, is_known: bool) -> None:
    known = KnownContracts(EapiDesk().exchange.options)
    assert (symbol in known) is is_known
    assert 5 not in known


def test_an_expired_contract_is_told_in_the_same_terms() -> None:
    desk = EapiDesk()
    before = terms_of(desk.exchange.options, CALL)
    desk.advance(9 * DAY)
    assert CALL not in desk.exchange.options.markets
    assert terms_of(desk.exchange.options, CALL) == before
    assert (before.kind, before.strike, before.expiry, before.price_scale) == (OptionKind.CALL, units(50_000), EXPIRY, 3)


def test_the_terms_of_an_underlying_that_is_gone_are_the_finest() -> None:
    assert terms_of(EapiDesk().exchange.options, "SOL-260114-50-C").price_scale == 8


def test_what_is_not_there_is_refused() -> None:
    context = EapiDesk().context
    assert isinstance(market_of(context, "BTC-260114-50000-C"), Fault)
    assert isinstance(markets_of(context, "BTC-260114-50000-C"), Fault)
    assert isinstance(underlying_of(context, "SOLUSDT"), Fault)
    one, everything = markets_of(context, CALL), markets_of(context, None)
    assert isinstance(one, list)
    assert isinstance(everything, list)
    assert (len(one), len(everything)) == (1, len(context.exchange.options.markets))


def test_who_has_no_portfolio_is_shown_an_empty_one() -> None:
    desk = EapiDesk()
    assert portfolio_of(desk.context, ALICE, desk.now) is desk.exchange.options.portfolios[ALICE]
    del desk.exchange.options.portfolios[BOB]
    assert portfolio_of(desk.context, BOB, desk.now).balance == 0
    assert BOB not in desk.exchange.options.portfolios


def test_what_nobody_attends_to_is_worth_what_makers_would_say() -> None:
    desk = EapiDesk()
    said = Worth(Mark(desk.now, units(7)), Touch(CALL, units(6), units(1), units(8), units(1)))
    market = desk.exchange.options.markets[CALL]
    assert worth_of(desk.context, market, desk.now).mark is market.mark
    glancing = replace(desk.context, glance=lambda _market, _now: said)
    assert worth_of(glancing, market, desk.now) is said
    desk.place("BUY", "1", "1500")
    assert worth_of(glancing, market, desk.now) == Worth(said.mark, Touch(CALL, units(1_500), units(1), 0, 0))
    unmarked = desk.exchange.options.markets["BTC-260123-49500-C"]
    blind = replace(desk.context, glance=lambda _market, _now: None)
    assert worth_of(blind, unmarked, desk.now) == Worth(Mark(0, units(500)), Touch("BTC-260123-49500-C", 0, 0, 0, 0))
