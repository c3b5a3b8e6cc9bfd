"""Users' events in the older generation."""

import json
from typing import Any

import pytest

from papernet.core.dates import SECOND
from papernet.core.enums import SelfTradeMode, TimeInForce
from tests.support.option_air import BUY, CALL, LEGACY, PUT, SELL, OptionsOnAir
from tests.support.worlds import ALICE, BOB, START, units


@pytest.fixture
def world() -> OptionsOnAir:
    world = OptionsOnAir(LEGACY)
    world.mark(CALL, "2000")
    return world


def told(heard: list[bytes], kind: str) -> list[Any]:
    events = [json.loads(text) for text in heard]
    heard.clear()
    return [event for event in events if event["e"] == kind]


def orders(heard: list[bytes]) -> list[Any]:
    return [order for event in told(heard, "ORDER_TRADE_UPDATE") for order in event["o"]]


def test_an_order_is_told_as_it_goes(world: OptionsOnAir) -> None:
    alice = world.follow()
    world.option(ALICE, SELL, "2", "2000", client_order_id="mine", post_only=True)
    order_id = next(iter(world.venue.portfolios[ALICE].open_orders))
    world.now += SECOND
    world.option(BOB, BUY, "0.5", "2000")
    world.cancel_option(ALICE, order_id)
    placed, filled, cancelled = orders(alice)
    at = START // 1_000
    assert placed == {
        "T": at,
        "t": at,
        "s": CALL,
        "c": "mine",
        "oid": str(order_id),
        "p": "2000.00000000",
        "q": "-2.00000000",
        "stp": 0,
        "r": False,
        "po": True,
        "S": "ACCEPTED",
        "e": "0.00000000",
        "ec": "0.00000000",
        "f": "0.00000000",
        "tif": "GTC",
        "oty": "LIMIT",
        "fi": [],
    }
    assert {field: value for field, value in filled.items() if placed[field] != value} == {
        "t": at + 1_000,
        "S": "PARTIALLY_FILLED",
        "e": "0.50000000",
        "ec": "1000.00000000",
        "f": "7.50000000",
        "fi": [{"t": "1", "p": "2000.00000000", "q": "0.50000000", "T": at + 1_000, "m": "MAKER", "f": "7.50000000"}],
    }
    assert (cancelled["S"], cancelled["fi"]) == ("CANCELLED", [])


def test_the_taker_is_told_so(world: OptionsOnAir) -> None:
    alice = world.follow()
    world.trade(ALICE, BOB, "1", "2000")
    assert [order["fi"][0]["m"] for order in orders(alice) if order["fi"]] == ["TAKER"]


def test_every_ending_of_the_venues_own_is_a_cancellation(world: OptionsOnAir) -> None:
    alice = world.follow()
    world.option(ALICE, BUY, "1", "2000", tif=TimeInForce.IOC)
    world.option(ALICE, SELL, "1", "2000", is_gtx=True)
    world.option(ALICE, BUY, "1", "2000", self_trade_mode=SelfTradeMode.EXPIRE_TAKER)
    assert [(order["S"], order["tif"], order["po"]) for order in orders(alice)] == [
        ("ACCEPTED", "IOC", False),
        ("CANCELLED", "IOC", False),
        ("ACCEPTED", "GTC", True),
        ("ACCEPTED", "GTC", False),
        ("CANCELLED", "GTC", False),
    ]


def test_an_account_is_told_with_the_positions_that_changed(world: OptionsOnAir) -> None:
    world.trade(ALICE, BOB, "3", "2000")
    bob = world.follow(BOB)
    world.option(BOB, BUY, "1", "1500")
    world.trade(ALICE, BOB, "1", "2000")
    (event,) = told(bob, "ACCOUNT_UPDATE")
    assert event["uid"] == world.exchange.accounts.by_id[BOB].uid
    assert event["P"] == [{"s": CALL, "c": "-4.00000000", "r": "-3.00000000", "p": "-8000.00000000", "a": "2000.00000000"}]
    (row,) = event["B"]
    # What is owed is negative.
    assert (row["m"], row["u"], row["U"], row["a"]) == ("-8000.00000000", "0.00000000", 0, "USDT")
    assert units(row["i"]) < units(row["M"]) < 0
    assert event["G"] == [{"ui": "BTCUSDT", "d": -2, "t": 909.33730736, "g": -0.00074728, "v": -98.08895068}]


def test_what_orders_are_about_to_close_is_not_reducible(world: OptionsOnAir) -> None:
    alice = world.follow()
    world.trade(ALICE, BOB, "3", "2000")
    world.option(ALICE, SELL, "1", "2500")
    world.trade(ALICE, BOB, "1", "2000")
    assert [row["r"] for event in told(alice, "ACCOUNT_UPDATE") for row in event["P"]] == ["3.00000000", "3.00000000"]


def test_a_position_that_is_closed_is_told_as_nothing(world: OptionsOnAir) -> None:
    world.trade(ALICE, BOB, "1", "2000")
    alice = world.follow()
    world.trade(BOB, ALICE, "1", "2000")
    (event,) = told(alice, "ACCOUNT_UPDATE")
    assert event["P"] == [{"s": CALL, "c": "0.00000000", "r": "0.00000000", "p": "0.00000000", "a": "0.00000000"}]
    assert event["G"] == []


def test_only_what_longs_would_earn_counts_as_their_profit(world: OptionsOnAir) -> None:
    world.mark(PUT, "1000", delta="-0.5")
    alice = world.follow()
    world.trade(ALICE, BOB, "2", "2000")
    world.trade(ALICE, BOB, "1", "1000", PUT)
    world.mark(CALL, "2100.5")
    world.mark(PUT, "500", delta="-0.5")
    world.wait(10 * SECOND)
    event = told(alice, "ACCOUNT_UPDATE")[-1]
    # 2 x 100.5 on the calls; the put lost 500
    assert event["B"][0]["U"] == 201
    assert event["B"][0]["u"] == "-299.00000000"
    assert "P" not in event
