"""The nearest price and quantity: that they pass, that nothing nearer does, and that none is said where there is none."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from papernet.app.explaining import nearest
from papernet.app.explaining.nearest import Range
from papernet.core.account import Account
from papernet.core.commands import NewOrder
from papernet.core.enums import AccountKind, OrderType, Side, TimeInForce
from papernet.core.units import SCALE
from papernet.venues.spot.admission import refusal_by_rules
from papernet.venues.spot.market import Market
from papernet.venues.spot.symbols import IcebergParts, LotSize, MaxPosition, MinNotional, Notional, PercentPrice, PriceFilter
from papernet.venues.spot.venue import Venue
from tests.support.worlds import START, World, make_symbol


def account_with(base: int, limits: dict[str, int] | None = None) -> Account:
    account = Account(1, "alice", 1001, AccountKind.USER, START)
    account.balance("BTC").free = base
    account.asset_limits.update(limits or {})
    return account


def limit(side: Side, quantity: int, price: int, iceberg: int = 0) -> NewOrder:
    return NewOrder(
        1, "BTCUSDT", side, OrderType.LIMIT, TimeInForce.GTC, quantity, price, client_order_id="x", iceberg_quantity=iceberg
    )


def passes(market: Market, account: Account, order: NewOrder) -> bool:
    return refusal_by_rules(VENUE, market, account, order, START) is None


VENUE: Venue = World().exchange.venue
numbers = st.integers(1, 40)


@settings(max_examples=300, deadline=None)
@given(
    tick=st.integers(1, 4),
    prices=st.tuples(st.integers(0, 20), st.integers(0, 60)),
    step=st.integers(1, 4),
    lots=st.tuples(st.integers(0, 20), st.integers(0, 60)),
    notional=st.tuples(st.integers(0, 500), st.integers(0, 2000)),
    band=st.tuples(st.integers(50, 100), st.integers(100, 150)),
    last=st.integers(0, 40),
    position=st.integers(20, 80),
    sent=st.tuples(numbers, numbers, st.sampled_from(list(Side))),
)
def test_it_passes_and_no_nearer_one_of_the_kind_does(
    tick: int,
    prices: tuple[int, int],
    step: int,
    lots: tuple[int, int],
    notional: tuple[int, int],
    band: tuple[int, int],
    last: int,
    position: int,
    sent: tuple[int, int, Side],
) -> None:
    unit = SCALE
    filters = (
        PriceFilter(prices[0] * unit, prices[1] * unit, tick * unit),
        PercentPrice(band[1] * unit // 100, band[0] * unit // 100, 0),
        LotSize(lots[0] * unit, lots[1] * unit, step * unit),
        MinNotional(notional[0] * unit, False, 0),
        Notional(0, False, notional[1] * unit, False, 0),
        MaxPosition(position * unit),
    )
    market = Market(make_symbol(*filters))
    market.last_price = last * unit
    account = account_with(20 * unit)
    price, quantity, side = sent[0] * unit, sent[1] * unit, sent[2]
    found = nearest.nearest_order(market, account, limit(side, quantity, price), START)
    every = range(unit, 61 * unit, unit)
    good_prices = [each for each in every if nearest.prices(market, side, START).nearest(each) == each]
    if found is None:
        # There is no price at all, or none of the quantities goes with the nearest one.
        if good_prices:
            at = min(good_prices, key=lambda each: (abs(each - price), each))
            assert not [each for each in every if passes(market, account, limit(side, each, at))]
        return
    assert passes(market, account, found)
    assert found.price == min(good_prices, key=lambda each: (abs(each - price), each))
    good = [each for each in every if passes(market, account, limit(side, each, found.price))]
    assert found.quantity == min(good, key=lambda each: (abs(each - quantity), each))


@pytest.mark.parametrize(
    ("low", "high", "step", "value", "expected"),
    [
        (1, 100, 10, 44, 40),
        (1, 100, 10, 45, 40),
        (1, 100, 10, 46, 50),
        (1, 100, 10, 3, 10),
        (1, 100, 10, 999, 100),
        (11, 19, 10, 15, None),
        (5, 4, 1, 5, None),
        (7, 7, 7, 0, 7),
    ],
)
def test_a_range_has_a_nearest_value_or_none(low: int, high: int, step: int, value: int, expected: int | None) -> None:
    assert Range(low, high, step).nearest(value) == expected


def test_two_steps_have_their_common_multiples() -> None:
    assert Range(step=4).within(step=6) == Range(step=12)
    assert Range(3, 90, 4).within(5, 80, 0) == Range(5, 80, 4)


def test_icebergs_are_changed_where_they_are_in_the_way() -> None:
    market = Market(make_symbol(LotSize(1, 1000, 1), IcebergParts(3)))
    found = nearest.nearest_order(market, account_with(0), limit(Side.BUY, 10, 100 * SCALE, iceberg=2), START)
    assert found is not None
    assert (found.quantity, found.iceberg_quantity) == (6, 2)
    # The least quantity is more than three such parts.
    market = Market(make_symbol(LotSize(9, 1000, 1), IcebergParts(3)))
    found = nearest.nearest_order(market, account_with(0), limit(Side.BUY, 10, 100 * SCALE, iceberg=2), START)
    assert found is not None
    assert (found.quantity, found.iceberg_quantity) == (10, 9)


def test_what_a_budget_pays_for() -> None:
    market = Market(make_symbol(LotSize(SCALE, 1000 * SCALE, SCALE)))
    order = limit(Side.BUY, 10 * SCALE, 3 * SCALE)
    found = nearest.nearest_order(market, account_with(0), order, START, budget=20 * SCALE)
    assert found is not None
    assert found.quantity == 6 * SCALE
    assert nearest.nearest_order(market, account_with(0), order, START, budget=2 * SCALE) is None
    found = nearest.nearest_order(market, account_with(0), limit(Side.SELL, 10 * SCALE, 3 * SCALE), START, budget=4 * SCALE)
    assert found is not None
    assert found.quantity == 4 * SCALE


def test_limits_of_assets_bound_the_quantity() -> None:
    market = Market(make_symbol())
    account = account_with(0, {"USDT": 12 * SCALE, "BTC": 9 * SCALE})
    assert nearest.quantities(market, account, limit(Side.BUY, SCALE, 3 * SCALE), 3 * SCALE, START).high == 4 * SCALE
    assert nearest.quantities(market, account, limit(Side.BUY, SCALE, SCALE), SCALE, START).high == 9 * SCALE
