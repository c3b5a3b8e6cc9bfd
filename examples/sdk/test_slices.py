"""Slices against a book that the test quotes."""

import pytest
from slices import Slices


@pytest.fixture
def slices(papernet):
    """Return the bot, with 0.012 BTC on offer at its price."""
    papernet.fills.quote("BTCUSDT", asks=[("50000", "0.012")])
    client = papernet.as_sdk("alice")
    return Slices(client, "BTCUSDT", 50_000)


def test_the_last_slice_gets_what_is_left(slices):
    assert [slices.work(f"slice-{number}", 0.005) for number in range(4)] == [0.005, 0.005, 0.002, 0]
    assert slices.bought == pytest.approx(0.012)


@pytest.mark.parametrize("executed", [True, False])
def test_a_slice_whose_fate_is_unknown_is_counted_once(papernet, slices, executed):
    papernet.faults.add("code-1007", operation="order.place", account="alice", nth=2, executed=executed)
    got = [slices.work(f"slice-{number}", 0.005) for number in range(3)]
    assert got == ([0.005, 0.005, 0.002] if executed else [0.005, 0, 0.005])
    free, _ = papernet.balances("alice")["BTC"]
    assert float(free) == pytest.approx(1 + slices.bought)
