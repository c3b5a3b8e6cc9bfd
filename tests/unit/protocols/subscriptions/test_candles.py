"""What candles say on streams: each closed one once, the running one in between."""

from typing import Any

import pytest

from papernet.app.queries.market_data import INTERVALS
from papernet.core.dates import DAY, HOUR, MINUTE, SECOND
from papernet.protocols.subscriptions.candles import CLOSED_MAX
from tests.support.air import OnAir
from tests.support.worlds import ALICE, BOB, START

# a minute ends this long after the beginning
TO_THE_MINUTE = 40 * SECOND


def trade(world: OnAir, price: str, quantity: str = "1") -> None:
    world.sell(BOB, quantity, price)
    world.buy(ALICE, quantity, price)


def rows(events: list[Any]) -> list[tuple[Any, ...]]:
    """Return when candles open in seconds from the beginning, whether they are closed, how many trades, and the last price."""
    return [
        (event["k"]["t"] // 1_000 - START // SECOND, event["k"]["x"], event["k"]["n"], event["k"]["c"][:-9]) for event in events
    ]


def columns(candle: dict[str, Any]) -> list[Any]:
    """Return a candle as a query tells it."""
    return [candle[name] for name in "tohlcvTqnVQB"]


def test_a_running_minute_is_told_every_two_seconds_and_once_when_it_has_closed() -> None:
    world = OnAir()
    trade(world, "100")
    ear = world.listen("btcusdt@kline_1m")
    world.wait(TO_THE_MINUTE - 4 * SECOND)
    assert rows(ear.take()) == [(-20, False, 1, "100")]
    trade(world, "101")
    for _ in range(8):
        world.wait(SECOND)
    assert (START + TO_THE_MINUTE) % MINUTE == 0
    assert rows(ear.take()) == [
        (-20, False, 2, "101"),
        (-20, True, 2, "101"),
        # nothing has traded since
        (40, False, 0, "101"),
        (40, False, 0, "101"),
    ]


def test_every_second_is_told_when_it_has_closed_with_or_without_trades() -> None:
    world = OnAir()
    ear = world.listen("btcusdt@kline_1s")
    world.wait(SECOND)
    trade(world, "100", "2")
    world.wait(SECOND // 2)
    trade(world, "101", "3")
    for _ in range(6):
        world.wait(SECOND // 2)
    events = ear.take()
    assert rows(events) == [(1, True, 2, "101"), (2, True, 0, "101"), (3, True, 0, "101")]
    assert [(event["k"]["f"], event["k"]["L"]) for event in events] == [(0, 1), (-1, -1), (-1, -1)]
    asked = world.reply("klines", symbol="BTCUSDT", interval="1s")
    assert [columns(event["k"]) for event in events] == asked[:3]
    assert {event["E"] for event in events} == {START // 1_000 + at * 1_000 for at in (2, 3, 4)}


def test_candles_that_close_all_at_once_are_told_in_order() -> None:
    world = OnAir()
    trade(world, "100")
    ear = world.listen("btcusdt@kline_1m")
    world.now += MINUTE
    trade(world, "101")
    world.wait(2 * MINUTE)
    assert rows(ear.take()) == [(-20, True, 1, "100"), (40, True, 1, "101"), (100, True, 0, "101")]
    world.wait(2 * SECOND)
    assert rows(ear.take()) == [(160, False, 0, "101")]


def test_of_very_many_the_newest_are_told() -> None:
    world = OnAir()
    trade(world, "100")
    ear = world.listen("btcusdt@kline_1s")
    world.wait(DAY)
    events = ear.take()
    assert len(events) == CLOSED_MAX
    assert [event["k"]["t"] // 1_000 for event in events] == list(range(world.now // SECOND - CLOSED_MAX, world.now // SECOND))


def test_one_who_comes_late_hears_of_no_candle_that_closed_before() -> None:
    world = OnAir()
    trade(world, "100")
    early = world.listen("btcusdt@kline_1m")
    world.wait(MINUTE)
    assert rows(early.take()) == [(-20, True, 1, "100")]
    world.leave(early, "btcusdt@kline_1m")
    late = world.listen("btcusdt@kline_1m")
    world.wait(MINUTE)
    assert rows(late.take()) == [(40, True, 0, "100")]


def test_nothing_is_told_before_there_is_data() -> None:
    world = OnAir()
    ear = world.listen("btcusdt@kline_1m", "btcusdt@kline_1s")
    world.wait(MINUTE)
    assert ear.take() == []


def test_days_of_the_zone_begin_at_its_midnight() -> None:
    world = OnAir()
    trade(world, "100")
    here, there = world.listen("btcusdt@kline_1d"), world.listen("btcusdt@kline_1d@+08:00")
    world.wait(2 * SECOND)
    opens = [ear.take()[0]["k"]["t"] * 1_000 for ear in (here, there)]
    assert [at % DAY // HOUR for at in opens] == [0, 16]
    assert all(at <= START < at + DAY for at in opens)


@pytest.mark.parametrize("zone", ["", "@+08:00"])
@pytest.mark.parametrize("interval", INTERVALS)
def test_closed_candles_of_every_interval_are_those_of_the_query(interval: str, zone: str) -> None:
    world = OnAir()
    trade(world, "100")
    ear = world.listen(f"btcusdt@kline_{interval}{zone}")
    step = 45 * DAY if interval == "1M" else INTERVALS[interval] * SECOND * 3 // 2
    heard = []
    for number in range(6):
        world.wait(step)
        trade(world, str(100 + number))
        heard += [event["k"] for event in ear.take() if event["k"]["x"]]
    asked = world.reply("klines", symbol="BTCUSDT", interval=interval, timeZone=8 * HOUR if zone else 0, limit=1_000)
    assert [columns(candle) for candle in heard] == asked[: len(heard)]
    assert len(heard) == len(asked) - 1
    assert {candle["i"] for candle in heard} == {interval}
