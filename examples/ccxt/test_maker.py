"""What happens to the bot, and what it makes of it."""

import pytest
from maker import Maker


@pytest.fixture
def maker(papernet):
    """Return the bot, around 50,000 USDT."""
    return Maker(papernet.as_ccxt("alice"), "BTC/USDT", amount=0.01, half_spread=100)


def prices(papernet):
    """Return what alice has on the book."""
    return sorted(float(row["price"]) for row in papernet.request("GET", "/api/v3/openOrders", "alice").body)


def order_id(papernet, side):
    """Return the id of alice's order on a side."""
    rows = papernet.request("GET", "/api/v3/openOrders", "alice").body
    return next(row["orderId"] for row in rows if row["side"] == side)


def test_it_quotes_both_sides(papernet, maker):
    maker.run_once(50_000)
    maker.run_once(50_000)
    assert prices(papernet) == [49_900, 50_100]


def test_an_order_filled_in_part_stays_and_a_filled_one_is_put_back(papernet, maker):
    maker.run_once(50_000)
    bought = order_id(papernet, "BUY")
    papernet.fills.fill(bought, symbol="BTCUSDT", quantity="0.004")
    maker.run_once(50_000)
    assert maker.position == 0
    papernet.fills.fill(bought, symbol="BTCUSDT")
    maker.run_once(50_000)
    assert maker.position == pytest.approx(0.01)
    assert prices(papernet) == [49_900, 50_100]


@pytest.mark.parametrize("executed", [True, False])
def test_an_order_whose_fate_is_unknown_is_never_there_twice(papernet, maker, executed):
    papernet.faults.add("code-1007", operation="order.place", account="alice", times=1, executed=executed)
    maker.run_once(50_000)
    maker.run_once(50_000)
    assert prices(papernet) == [49_900, 50_100]


def test_what_was_filled_before_the_cancel_is_counted(papernet, maker):
    maker.run_once(50_000)
    papernet.fills.fill(order_id(papernet, "SELL"), symbol="BTCUSDT", share="0.3")
    maker.stop()
    assert maker.position == pytest.approx(-0.003)
    assert prices(papernet) == []


def test_it_survives_a_reset_of_the_network(papernet, maker):
    maker.run_once(50_000)
    papernet.reset()
    maker.run_once(50_000)
    assert prices(papernet) == [49_900, 50_100]


def test_it_does_not_cross_a_market_that_moved(papernet, maker):
    papernet.fills.quote("BTCUSDT", bids=[("50200", "1")], asks=[("50300", "1")])
    maker.run_once(50_000)
    assert prices(papernet) == [49_900]
