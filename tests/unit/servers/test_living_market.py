"""The crowd at its desk: opened once, resumed, reopened after a reset, and not made to catch up."""

from pathlib import Path

from papernet.core.dates import HOUR, MINUTE, SECOND
from papernet.core.enums import Side
from papernet.servers import clock
from papernet.servers.config import packaged_catalogue
from papernet.servers.living_market import LivingMarket
from papernet.servers.opening import dismiss_crowd, start_over
from papernet.servers.world import World
from tests.support.kept_worlds import opened, order

ACTIVITY = 0.1


def begun(world: World, now: int) -> LivingMarket:
    market = LivingMarket(world, ACTIVITY)
    market.begin(now)
    return market


def mid(world: World) -> int:
    book = world.exchange.markets["BTCUSDT"].book
    bid, ask = book.best_bid(), book.best_ask()
    assert bid is not None
    assert ask is not None
    assert bid < ask
    return (bid + ask) // 2


async def test_a_new_world_has_a_past_a_book_and_a_future() -> None:
    world = opened(None)
    now = clock.now()
    market = begun(world, now)
    assert world.settings.crowd
    assert world.settings.started_at == now
    for name, listed in world.exchange.markets.items():
        assert listed.last_price > 0, name
        assert listed.book.best_bid() is not None
    seq = world.sequencer.last_seq
    market.tick(now + SECOND)
    assert world.sequencer.last_seq > seq
    assert world.sequencer.last_at <= now + SECOND
    world.exchange.check_invariants()
    await world.close()


async def test_one_seed_makes_one_market(tmp_path: Path) -> None:
    books = []
    for seed in (3, 3, 4):
        world = opened(None, seed=seed)
        market = begun(world, 1_700_000_000 * SECOND)
        market.tick(1_700_000_002 * SECOND)
        books.append(world.exchange.markets["ETHUSDT"].book.bids.depth(50))
        await world.close()
    assert books[0] == books[1] != books[2]


async def test_a_stopped_world_goes_on_from_its_prices(tmp_path: Path) -> None:
    world = opened(tmp_path / "state", seed=3)
    now = clock.now()
    begun(world, now).tick(now + 2 * SECOND)
    world.save_settings()
    before, orders = mid(world), len(world.exchange.markets["BTCUSDT"].orders)
    await world.close()
    again = opened(tmp_path / "state")
    market = begun(again, now + HOUR)
    assert len(again.exchange.markets["BTCUSDT"].orders) >= orders // 2
    market.tick(now + HOUR + SECOND)
    assert abs(mid(again) - before) < before // 100
    again.exchange.check_invariants()
    await again.close()


async def test_a_reset_world_gets_a_crowd_of_its_own() -> None:
    world = opened(None)
    now = clock.now()
    begun(world, now).tick(now + SECOND)
    start_over(world, packaged_catalogue(), now + 2 * SECOND)
    world.settings.crowd = False
    market = begun(world, now + 2 * SECOND)
    assert mid(world) > 0
    market.tick(now + 3 * SECOND)
    world.exchange.check_invariants()
    await world.close()


async def test_a_dismissed_crowd_comes_back() -> None:
    world = opened(None)
    now = clock.now()
    begun(world, now)
    dismiss_crowd(world, now)
    world.settings.crowd = False
    begun(world, now + SECOND)
    assert mid(world) > 0
    await world.close()


async def test_hours_of_sleep_are_skipped() -> None:
    world = opened(None)
    now = clock.now()
    market = begun(world, now)
    market.tick(now + SECOND)
    seq = world.sequencer.last_seq
    market.tick(now + 5 * HOUR)
    assert world.sequencer.last_seq - seq < 10_000
    market.tick(now + 5 * HOUR + SECOND)
    assert world.sequencer.last_at > now + 5 * HOUR
    await world.close()


async def test_the_crowd_sees_what_users_do_but_not_itself() -> None:
    world = opened(None)
    now = clock.now()
    market = begun(world, now)
    seen: list[int] = []
    world.sequencer.watch = lambda applied: seen.append(applied.seq)
    market.tick(now + SECOND)
    assert seen == []
    applied = world.sequencer.submit(order(1, Side.BUY), now + SECOND)
    assert seen == [applied.seq]
    await world.close()


async def test_without_opening_prices_there_is_no_crowd() -> None:
    world = opened(None)
    world.exchange.markets.clear()
    market = begun(world, clock.now())
    market.tick(clock.now())
    assert "crowd" not in world.exchange.accounts.by_name
    assert not world.settings.crowd
    await world.close()


async def test_a_leap_takes_the_crowd_off_and_brings_it_back_at_other_prices() -> None:
    world = opened(None, seed=3)
    now = world.sequencer.last_at
    market = begun(world, now)
    market.tick(now + SECOND)
    before, orders = mid(world), len(world.exchange.markets["BTCUSDT"].orders)
    for minutes in range(5, 121, 5):
        market.leap(now + minutes * MINUTE, 20 * SECOND)
        assert len(world.exchange.markets["BTCUSDT"].orders) == 2
    assert world.sequencer.last_at == now + 2 * HOUR
    market.land()
    assert len(world.exchange.markets["BTCUSDT"].orders) > orders // 4
    assert mid(world) != before
    assert abs(mid(world) - world.exchange.markets["BTCUSDT"].last_price) < before // 1_000
    seq = world.sequencer.last_seq
    market.tick(now + 2 * HOUR + 2 * SECOND)
    assert world.sequencer.last_seq > seq + 20
    assert len(world.exchange.markets["BTCUSDT"].orders) > orders // 2
    world.exchange.check_invariants()
    await world.close()


async def test_without_a_crowd_nothing_leaps() -> None:
    world = opened(None)
    market = LivingMarket(world, ACTIVITY)
    assert not market.is_alive
    seq = world.sequencer.last_seq
    market.leap(clock.now() + HOUR, 20 * SECOND)
    market.land()
    assert world.sequencer.last_seq == seq
    assert begun(world, clock.now()).is_alive
    await world.close()
