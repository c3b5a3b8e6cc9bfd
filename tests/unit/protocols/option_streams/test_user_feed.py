"""Who is told what of his options, and how accounts stand from time to time."""

import json
from typing import Any

import pytest

from papernet.app.operations.options import Generation
from papernet.core.commands import Deposit, TransferToOptions
from papernet.core.dates import SECOND
from tests.support.option_air import BUY, CALL, CURRENT, LEGACY, MS, SELL, OptionsOnAir
from tests.support.worlds import ALICE, BOB, CROWD, units


def told(heard: list[bytes]) -> list[Any]:
    events = [json.loads(text) for text in heard]
    heard.clear()
    return events


def kinds(heard: list[bytes]) -> list[str]:
    return [event["e"] for event in told(heard)]


def test_a_change_is_told_in_three_messages_today_and_in_one_before() -> None:
    for generation, expected in (
        (CURRENT, ["BALANCE_POSITION_UPDATE", "ACCOUNT_UPDATE", "GREEK_UPDATE"]),
        (LEGACY, ["ACCOUNT_UPDATE"]),
    ):
        world = OptionsOnAir(generation)
        alice, bob = world.follow(ALICE), world.follow(BOB)
        world.option(BOB, SELL, "1", "2000")
        assert kinds(bob) == ["ORDER_TRADE_UPDATE"]
        world.option(ALICE, BUY, "1", "2000")
        assert kinds(alice) == ["ORDER_TRADE_UPDATE", "ORDER_TRADE_UPDATE", *expected]
        assert kinds(bob) == ["ORDER_TRADE_UPDATE", *expected]
        world.apply(TransferToOptions(ALICE, "USDT", units("5")))
        # no position changed
        assert kinds(alice) == [kind for kind in expected if kind != "GREEK_UPDATE"]


def test_what_happens_at_the_spot_venue_is_not_told_and_neither_are_options_there() -> None:
    world = OptionsOnAir()
    alice = world.follow(ALICE)
    world.apply(Deposit(ALICE, "BTC", units("1")))
    world.buy(ALICE, "1", "50000")
    assert told(alice) == []


@pytest.mark.parametrize("generation", [CURRENT, LEGACY])
def test_accounts_with_a_position_are_told_how_they_stand_every_ten_seconds(generation: Generation) -> None:
    world = OptionsOnAir(generation)
    alice, bob = world.follow(ALICE), world.follow(BOB)
    world.wait(10 * SECOND)
    assert (told(alice), told(bob)) == ([], [])
    world.option(BOB, SELL, "1", "2000")
    world.wait(10 * SECOND)
    # an order is no position
    assert kinds(bob) == ["ORDER_TRADE_UPDATE"]
    world.option(CROWD, BUY, "1", "2000")
    told(bob)
    times = []
    for _ in range(5):
        world.wait(5 * SECOND)
        times += [event["E"] for event in told(bob)]
    expected = [(world.now - ago * SECOND) // 1_000 for ago in (15, 5)]
    assert sorted(set(times)) == expected
    assert len(times) == 2 * (2 if generation is CURRENT else 1)
    assert told(alice) == []


def test_what_is_told_from_time_to_time_is_written_once_for_all_and_waits_like_the_rest() -> None:
    world = OptionsOnAir()
    first, second = world.follow(ALICE), world.follow(ALICE)
    world.trade(ALICE, BOB, "1", "2000")
    for heard in (first, second):
        heard.clear()
    world.last_seq += 1
    world.now += 10 * SECOND
    world.users.pulse(world.now)
    assert first == []
    world.outbox.release(world.last_seq)
    assert len(first) == 2
    assert all(one is other for one, other in zip(first, second, strict=True))


def test_who_has_left_is_not_told() -> None:
    world = OptionsOnAir()
    heard: list[bytes] = []
    subscription = world.users.subscribe(ALICE, MS, heard.append)
    world.trade(ALICE, BOB, "1", "2000")
    heard.clear()
    world.users.unsubscribe(subscription)
    world.wait(10 * SECOND)
    assert heard == []
    assert world.market(CALL).open_interest == units("1")
