"""How time passes: by itself, driven, leaping, and cut short."""

import asyncio
from pathlib import Path

import pytest
from msgspec import json

from papernet.app.clock import Clock, ClockSetting
from papernet.app.deferred import Deferred
from papernet.core.commands import Stage
from papernet.core.dates import DAY, HOUR, MILLISECOND, MINUTE, SECOND
from papernet.core.enums import Side
from papernet.core.units import SCALE
from papernet.exchange.checkpoint import state_hash
from papernet.servers.passing import CLOCK, PULSE, Passing, Scene, clock_setting
from tests.support.held_node import START, HeldNode, held_node
from tests.support.kept_worlds import opened, order, reopened


class Wall:
    """A real clock that a test sets."""

    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> int:
        return self.at


class NoCalendar:
    """Never starts anything over."""

    def next_reset(self) -> int | None:
        return None

    def reset(self, now: int) -> None:
        raise AssertionError(now)


def with_wall(net: HeldNode, deferred: Deferred | None = None) -> tuple[Wall, Clock, Passing]:
    """Return another passing of a node's time, whose real clock is the test's; the node's own stands still meanwhile."""
    wall = Wall()
    clock, scene = Clock(wall), net.node._scene()
    waiting = () if deferred is None else (deferred,)
    look = lambda: Scene(scene.world, scene.market, scene.options, scene.doors, waiting)  # noqa: E731
    return wall, clock, Passing(clock, look, NoCalendar(), asyncio.Lock())  # type: ignore[arg-type]


def last_trade_at(net: HeldNode) -> int:
    trades = net.node.world.views.recent_trades("BTCUSDT", 1)
    return trades[-1].at if trades else 0


async def test_time_that_passes_by_itself_is_lived_through() -> None:
    async with held_node(market="sim", options=False) as net:
        wall, _, passing = with_wall(net)
        for _ in range(40):
            wall.at += PULSE
            await passing.tick()
        assert START < net.node.world.sequencer.last_at <= wall.at
        assert net.node.world.sequencer.last_at > wall.at - SECOND


async def test_a_machine_that_slept_does_not_catch_up() -> None:
    async with held_node(market="sim", options=False) as net:
        wall, _, passing = with_wall(net)
        before = net.node.world.sequencer.last_seq, net.node.world.exchange.markets["BTCUSDT"].last_price
        wall.at += 8 * HOUR
        await passing.tick()
        assert net.node.world.sequencer.last_seq - before[0] < 10_000
        assert net.node.world.exchange.markets["BTCUSDT"].last_price == before[1]


@pytest.mark.parametrize(("rate", "span", "lived"), [(60, 100_000, True), (60, 6 * SECOND, False), (10_000, SECOND, False)])
async def test_fast_time_is_lived_through_as_long_as_the_machine_keeps_up(rate: int, span: int, lived: bool) -> None:
    async with held_node(market="sim", options=False) as net:
        wall, clock, passing = with_wall(net)
        await passing.run(rate * 1_000)
        account = net.node.world.exchange.accounts.by_name["crowd"]
        before = dict(account.open_orders)
        wall.at += span
        await passing.tick()
        assert clock.now() == START + rate * span
        # A leap takes every order of the crowd off.
        assert any(key in account.open_orders for key in before) is lived
        assert last_trade_at(net) > clock.now() - 30 * SECOND
        net.node.world.exchange.check_invariants()


async def test_while_the_clock_is_turned_no_time_passes_by_itself() -> None:
    async with held_node(options=False) as net:
        wall, _, passing = with_wall(net)
        async with passing._turning:
            wall.at += SECOND
            await passing.tick()
        assert passing._at == START
        await passing.tick()
        assert passing._at == START + SECOND


async def test_what_was_put_off_is_done_at_its_time_and_in_order() -> None:
    async with held_node() as net:
        deferred, done = Deferred(), []
        _, clock, passing = with_wall(net, deferred)
        await passing.hold()
        for due in (3 * HOUR, 1_234_567, HOUR):
            deferred.at(START + due, lambda now: done.append((now, clock.now())))
        await passing.jump(2 * SECOND)
        await passing.jump(DAY)
        assert done == [(START + due, START + due) for due in (1_234_567, HOUR, 3 * HOUR)]


@pytest.mark.parametrize("kind", ["step", "jump"])
async def test_without_a_market_a_day_costs_next_to_nothing(kind: str) -> None:
    async with held_node() as net:
        seq = net.node.world.sequencer.last_seq
        await getattr(net.node._passing, kind)(DAY)
        assert net.node.clock.now() == START + DAY
        # options' time by the minute, or by what is due; and how the clock stands
        assert net.node.world.sequencer.last_seq - seq <= (DAY // MINUTE + 10 if kind == "step" else 6)


async def test_a_leap_leaves_trades_and_candles_behind_and_a_book_where_it_ends() -> None:
    async with held_node(market="sim", options=False, seed=3) as net:
        await net.turn("jump", span="3h")
        rows = (await net.ask("GET", "/api/v3/klines", symbol="BTCUSDT", interval="1m", limit=181)).body
        assert [row[0] for row in rows] == [(START + minute * MINUTE) // MILLISECOND for minute in range(181)]
        assert all(row[8] == 3 for row in rows[1:-1])
        assert [row[1] for row in rows[1:-1]] != [row[4] for row in rows[1:-1]]
        ticker = (await net.ask("GET", "/api/v3/ticker/24hr", symbol="BTCUSDT")).body
        assert float(ticker["lastPrice"]) == pytest.approx(float(rows[-2][4]), rel=0.01)
        for market in net.node.world.exchange.markets.values():
            bid, ask = market.book.best_bid(), market.book.best_ask()
            assert bid is not None
            assert ask is not None
            assert abs((bid + ask) // 2 / market.last_price - 1) < 0.01
        assert net.node._market is not None
        seq = net.node.world.sequencer.last_seq
        await net.turn("step", span="2s")
        assert net.node.world.sequencer.last_seq > seq + 20
        net.node.world.exchange.check_invariants()


async def test_indexes_follow_a_leap_and_a_short_jump_is_lived_through() -> None:
    async with held_node(market="sim", seed=3) as net:
        exchange = net.node.world.exchange
        before = exchange.options.indexes["BTCUSDT"].price
        await net.turn("jump", span="2h")
        after = exchange.options.indexes["BTCUSDT"].price
        assert before != after
        assert abs(after / exchange.markets["BTCUSDT"].last_price - 1) < 0.01
        orders = dict(exchange.accounts.by_name["crowd"].open_orders)
        await net.turn("jump", span="5s")
        assert any(key in exchange.accounts.by_name["crowd"].open_orders for key in orders)


async def test_the_same_seed_and_the_same_turns_make_the_same_world() -> None:
    seen = []
    for _ in range(2):
        async with held_node(market="sim", seed=3) as net:
            for verb, span in (("step", "1s"), ("jump", "40m"), ("step", "500ms")):
                await net.turn(verb, span=span)
            depth = (await net.ask("GET", "/api/v3/depth", symbol="ETHUSDT", limit=100)).body
            seen.append((net.node.world.sequencer.last_seq, depth))
    assert seen[0] == seen[1]


async def test_a_replay_of_the_journal_goes_through_every_leap_again(tmp_path: Path) -> None:
    state = tmp_path / "state"
    async with held_node(market="sim", seed=3, state=state) as net:
        buy = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.01"}
        price = net.node.world.exchange.markets["BTCUSDT"].last_price // SCALE
        for less in (5, 50, 5_000):
            assert (await net.sign("POST", "/api/v3/order", **buy, price=price - less)).status == 200
        await net.turn("step", span="1s")
        await net.turn("jump", span="2h")
        fills = (await net.sign("GET", "/api/v3/myTrades", symbol="BTCUSDT")).body
        assert fills
        assert all(START < fill["time"] * MILLISECOND < START + 2 * HOUR + 2 * SECOND for fill in fills)
        open_orders = (await net.sign("GET", "/api/v3/openOrders", symbol="BTCUSDT")).body
        assert [float(order["price"]) for order in open_orders][-1] == price - 5_000
        told = state_hash(net.node.world.exchange)
    for checkpoint in state.glob("checkpoint-*"):
        checkpoint.unlink()
    world = reopened(state)
    assert state_hash(world.exchange) == told
    world.exchange.check_invariants()
    await world.close()


async def test_the_network_may_stop_in_the_middle_of_a_turn() -> None:
    async with held_node(market="sim", options=False) as net:
        turn = asyncio.ensure_future(net.node._passing.jump(DAY))
        while net.node.clock.now() < START + HOUR:
            await asyncio.sleep(0)
        net.node._passing.end()
        await turn
        assert START + HOUR <= net.node.clock.now() < START + DAY
        assert net.node.world.exchange.markets["BTCUSDT"].book.best_bid() is not None


@pytest.mark.parametrize(
    ("setting", "last_at", "shown", "rate"),
    [
        (ClockSetting(START, START, 0), START, START, 0),
        (ClockSetting(START, START, 0), START + DAY, START + DAY, 0),
        (ClockSetting(START, START - DAY, 1_000), START + 1, START + DAY, 1_000),
        (ClockSetting(START, START - DAY, 2_000), START + 9 * DAY, START + 9 * DAY, 2_000),
    ],
)
async def test_a_turn_that_was_cut_short_does_not_let_time_fall(
    setting: ClockSetting, last_at: int, shown: int, rate: int
) -> None:
    world = opened(None)
    assert clock_setting(world, START) is None
    world.sequencer.submit(Stage(CLOCK, json.encode(setting)), START)
    world.sequencer.last_at = START
    world.sequencer.submit(order(1, Side.BUY), last_at)
    found = clock_setting(world, START)
    assert found is not None
    assert (Clock(lambda: START, found).now(), found.rate) == (shown, rate)
    await world.close()
