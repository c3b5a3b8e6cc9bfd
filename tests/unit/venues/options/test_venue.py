"""The venue's state: what belongs together, and that a state that does not fit is told."""

from collections.abc import Callable

import pytest

from papernet.core.dates import SECOND
from papernet.core.enums import OptionKind
from papernet.venues.options.index import Index
from papernet.venues.options.portfolio import Countdown
from papernet.venues.options.venue import HOUSE, OptionsVenue
from tests.support.option_market import (
    ALICE,
    BOB,
    BTCUSDT,
    BUY,
    CALL,
    CROWD,
    ETH_CALL,
    EXPIRY,
    IOC,
    NOW,
    PUT,
    SELL,
    OptionDesk,
    list_contract,
    make_venue,
    units,
)


def test_portfolios_are_made_at_first_use_and_the_house_is_nobodys() -> None:
    venue = make_venue()
    alice, crowd, house = venue.portfolio(ALICE, NOW), venue.portfolio(CROWD, NOW), venue.portfolio(HOUSE, NOW)
    assert (alice.is_user, crowd.is_user, house.is_user) == (True, False, False)
    assert venue.portfolio(ALICE, NOW + 1) is alice
    assert venue.house == HOUSE
    assert HOUSE not in venue.accounts


def test_contracts_come_and_go_with_their_expiry() -> None:
    venue = make_venue()
    later = list_contract(venue, BTCUSDT, OptionKind.CALL, 50_000, EXPIRY + 7 * 86_400 * SECOND)
    dropped = venue.drop(BTCUSDT, EXPIRY)
    assert [market.contract.symbol for market in dropped] == [CALL, "BTC-260123-60000-C", PUT, "BTC-260123-40000-P"]
    assert list(venue.markets) == [ETH_CALL, later.contract.symbol]
    assert venue.drop(BTCUSDT, EXPIRY) == []
    assert venue.drop("LTCUSDT", EXPIRY) == []


def test_prices_are_those_of_the_index_and_in_the_last_half_hour_of_its_mean() -> None:
    venue = make_venue()
    market = venue.markets[CALL]
    assert venue.reference_price(market) == units(50_000)
    index = venue.indexes[BTCUSDT] = Index(units(50_000), EXPIRY - 10 * SECOND)
    index.hold(EXPIRY - 9 * SECOND)
    index.take(units(60_000))
    assert venue.reference_price(market) == units(50_000)
    index.hold(EXPIRY - 5 * SECOND)
    # one second at the one price, four at the other
    mean = venue.reference_price(market)
    assert mean == units(58_000)
    market.mark = None
    assert venue.mark_price(market) == mean - units(50_000)


def lived_in() -> OptionDesk:
    """Return a desk with positions, open orders and a countdown."""
    desk = OptionDesk()
    desk.trade(ALICE, BOB, 1, 1_000)
    assert desk.place(ALICE, BUY, 1, 500, client_order_id="a") is None
    assert desk.place(ALICE, SELL, "0.5", 3_000) is None
    assert desk.place(BOB, BUY, 1, 500, symbol=PUT) is None
    desk.portfolio(BOB).countdowns[BTCUSDT] = Countdown(1, 2)
    desk.venue.counting[BOB] = desk.portfolio(BOB)
    return desk


def test_a_state_that_fits_together_passes() -> None:
    desk = lived_in()
    desk.venue.check_invariants()
    desk.check()


BREAKS: dict[str, Callable[[OptionsVenue], object]] = {
    "a position without its other side": lambda v: setattr(v.portfolios[ALICE].positions[CALL], "quantity", 7),
    "an open interest that nobody has": lambda v: setattr(v.markets[CALL], "open_interest", 7),
    "a countdown that is not looked at": lambda v: v.counting.clear(),
    "a portfolio without countdowns that is": lambda v: v.counting.update({ALICE: v.portfolios[ALICE]}),
    "an order that is in no portfolio": lambda v: v.portfolios[BOB].open_orders.clear(),
    "an order that is on no market": lambda v: v.markets[CALL].orders.popitem(),
    "a client order id of no order": lambda v: v.portfolios[BOB].client_order_ids.update({"x": None}),  # type: ignore[dict-item]
    "what open orders would add": lambda v: setattr(v.portfolios[ALICE].positions[CALL], "buying", 7),
    "what open orders would take": lambda v: setattr(v.portfolios[ALICE].positions[CALL], "selling", 7),
    "an empty position": lambda v: v.portfolios[ALICE].position(PUT),
    "a contract that never expires": lambda v: v.by_expiry[BTCUSDT].clear(),
    "something filled that was not": lambda v: setattr(next(iter(v.markets[PUT].orders.values())), "cum_quantity", 1),
}


@pytest.mark.parametrize("what", BREAKS)
def test_a_state_that_does_not_fit_is_told(what: str) -> None:
    desk = lived_in()
    BREAKS[what](desk.venue)
    with pytest.raises((AssertionError, KeyError)):
        desk.venue.check_invariants()


def test_an_order_that_never_rested_leaves_nothing() -> None:
    desk = lived_in()
    assert desk.place(BOB, SELL, 1, 2_995, tif=IOC) is None
    desk.venue.check_invariants()
