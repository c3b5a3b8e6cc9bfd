"""Users' events today."""

import json
from typing import Any

import pytest

from papernet.core.commands import CancelOption, TransferToOptions
from papernet.core.dates import HOUR, SECOND
from papernet.core.enums import SelfTradeMode, TimeInForce
from papernet.protocols.option_streams.current_user import listen_key_expired
from papernet.venues.options import margin
from tests.support.option_air import BUY, CALL, EXPIRY, MS, SELL, OptionsOnAir
from tests.support.worlds import ALICE, BOB, START, units


@pytest.fixture
def world() -> OptionsOnAir:
    world = OptionsOnAir()
    world.mark(CALL, "2000")
    return world


def told(heard: list[bytes], kind: str = "") -> list[Any]:
    events = [json.loads(text) for text in heard]
    heard.clear()
    return [event for event in events if not kind or event["e"] == kind]


def orders(heard: list[bytes]) -> list[Any]:
    return [event["o"] for event in told(heard, "ORDER_TRADE_UPDATE")]


def test_an_order_is_told_as_it_goes(world: OptionsOnAir) -> None:
    alice = world.follow()
    world.option(ALICE, SELL, "2", "2000", client_order_id='a"b', reduce_only=False)
    world.option(BOB, BUY, "0.5", "2000")
    order_id = next(iter(world.venue.portfolios[ALICE].open_orders))
    world.cancel_option(ALICE, order_id)
    placed, filled, cancelled = orders(alice)
    assert placed == {
        "s": CALL,
        "c": 'a"b',
        "S": "SELL",
        "o": "LIMIT",
        "f": "GTC",
        "q": "2.0000",
        "p": "2000.000",
        "ap": "0.000",
        "x": "NEW",
        "X": "NEW",
        "i": order_id,
        "l": "0.0000",
        "z": "0.0000",
        "L": "0.000",
        "N": "USDT",
        "n": "0.00000000",
        "T": START // 1_000,
        "t": 0,
        "b": "0.00000000",
        "a": "4000.00000000",
        "m": False,
        "R": False,
        "ot": "LIMIT",
        "rp": "0.00000000",
        "V": "EXPIRE_MAKER",
    }
    changed = {field: value for field, value in filled.items() if placed[field] != value}
    assert changed == {
        "ap": "2000.000",
        "x": "TRADE",
        "X": "PARTIALLY_FILLED",
        "l": "0.5000",
        "z": "0.5000",
        "L": "2000.000",
        "n": "-7.50000000",
        "t": 1,
        "a": "3000.00000000",
        "m": True,
    }
    assert (cancelled["x"], cancelled["X"], cancelled["z"], cancelled["a"]) == ("CANCELED", "CANCELED", "0.5000", "0.00000000")


def test_a_fill_that_closes_tells_what_it_earned(world: OptionsOnAir) -> None:
    world.trade(ALICE, BOB, "1", "2000")
    alice = world.follow()
    world.trade(BOB, ALICE, "1", "2100")
    assert orders(alice)[-1]["rp"] == "100.00000000"


def test_post_only_by_time_in_force_and_self_trade_prevention_have_their_words(world: OptionsOnAir) -> None:
    alice = world.follow()
    world.option(ALICE, SELL, "1", "2000", is_gtx=True, self_trade_mode=SelfTradeMode.EXPIRE_TAKER)
    world.option(ALICE, BUY, "1", "2000", self_trade_mode=SelfTradeMode.EXPIRE_TAKER)
    resting, taker, ended = orders(alice)
    assert (resting["f"], resting["V"]) == ("GTX", "EXPIRE_TAKER")
    assert (taker["X"], ended["x"], ended["X"]) == ("NEW", "EXPIRED", "EXPIRED_IN_MATCH")


def test_what_an_immediate_order_could_not_get_expires(world: OptionsOnAir) -> None:
    alice = world.follow()
    world.option(ALICE, BUY, "1", "2000", tif=TimeInForce.IOC)
    assert [(order["x"], order["X"], order["f"]) for order in orders(alice)] == [
        ("NEW", "NEW", "IOC"),
        ("EXPIRED", "EXPIRED", "IOC"),
    ]


def test_positions_that_changed_are_told_with_what_they_cost(world: OptionsOnAir) -> None:
    world.trade(ALICE, BOB, "1", "2000")
    bob = world.follow(BOB)
    world.trade(ALICE, BOB, "1", "2100")
    (update,) = told(bob, "BALANCE_POSITION_UPDATE")
    assert (update["m"], update["P"]) == (
        "ORDER",
        [{"s": CALL, "c": "-2.0000", "p": "-4100.00000000", "a": "2050.00000000"}],
    )
    balance = world.venue.portfolios[BOB].balance
    assert update["B"] == [{"a": "USDT", "b": f"{balance // 10**8}.{balance % 10**8:08}", "bc": "0.00000000"}]
    world.trade(BOB, ALICE, "2", "2100")
    (update,) = told(bob, "BALANCE_POSITION_UPDATE")
    assert update["P"] == [{"s": CALL, "c": "0.0000", "p": "0.00000000", "a": "0.00000000"}]


@pytest.mark.parametrize(("amount", "reason"), [("5", "DEPOSIT"), ("-5", "WITHDRAW")])
def test_a_transfer_has_its_reason(world: OptionsOnAir, amount: str, reason: str) -> None:
    alice = world.follow()
    world.apply(TransferToOptions(ALICE, "USDT", units(amount)))
    update, account = told(alice)
    assert (update["m"], update["B"][0]["bc"], update["P"]) == (reason, f"{amount}.00000000", [])
    assert account["b"] == update["B"][0]["b"]


def test_an_exercise_is_told_as_an_order(world: OptionsOnAir) -> None:
    world.trade(ALICE, BOB, "1", "2000")
    alice = world.follow()
    world.now = EXPIRY
    world.wait(SECOND)
    (update,) = told(list(alice), "BALANCE_POSITION_UPDATE")
    assert (update["m"], update["P"][0]["c"]) == ("ORDER", "0.0000")
    (greeks,) = told(alice, "GREEK_UPDATE")
    # of what is held no longer
    assert greeks["G"] == [{"u": "BTCUSDT", "d": "0.00000000", "g": "0.00000000", "t": "0.00000000", "v": "0.00000000"}]


def test_an_account_is_told_by_the_documented_identities(world: OptionsOnAir) -> None:
    bob = world.follow(BOB)
    world.trade(ALICE, BOB, "2", "2000")
    world.mark(CALL, "1900")
    world.wait(10 * SECOND)
    event = told(bob, "ACCOUNT_UPDATE")[-1]
    values = {field: units(event[field]) for field in ("eq", "aeq", "b", "m", "u", "i", "M")}
    portfolio = world.venue.portfolios[BOB]
    # m is what the positions are worth, negative when they are short; eq = b + m; u = m - what they cost
    assert values["m"] == -units("3800")
    assert values["eq"] == values["b"] + values["m"]
    assert values["aeq"] == values["b"] == portfolio.balance
    assert values["u"] == units("200")
    assert values["i"] == margin.initial_margin(world.venue, portfolio) > values["M"] > 0


def test_greeks_are_those_of_the_positions(world: OptionsOnAir) -> None:
    bob = world.follow(BOB)
    world.trade(ALICE, BOB, "2", "2000")
    (event,) = told(bob, "GREEK_UPDATE")
    assert event["G"] == [{"u": "BTCUSDT", "d": "-1.00000000", "g": "-0.00037364", "t": "454.66865368", "v": "-49.04447534"}]


def test_a_risk_level_is_told_with_what_decided_it(world: OptionsOnAir) -> None:
    alice = world.follow()
    world.trade(BOB, ALICE, "60", "2000")
    world.mark(CALL, "13000")
    (event,) = told(alice, "RISK_LEVEL_CHANGE")
    portfolio = world.venue.portfolios[ALICE]
    assert event["s"] == "REDUCE_ONLY"
    assert units(event["mb"]) == margin.adjusted_equity(world.venue, portfolio)
    assert units(event["mm"]) == margin.maintenance_margin(world.venue, portfolio)


def test_the_time_of_a_listen_keys_end_is_text() -> None:
    assert listen_key_expired("abc", HOUR, MS) == b'{"e":"listenKeyExpired","E":"3600000","listenKey":"abc"}'


def test_a_cancel_of_what_is_not_there_is_not_told(world: OptionsOnAir) -> None:
    alice = world.follow()
    world.apply(CancelOption(ALICE, CALL, 7))
    assert told(alice) == []
