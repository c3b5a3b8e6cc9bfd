"""A whole exchange inside the test's own process: its timers, its failures, and what its state directory brings back."""

import asyncio
import gc
import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from papernet.core.commands import CancelOpenOrders, NewOrder
from papernet.core.dates import DAY, SECOND
from papernet.core.enums import OrderType, Side, TimeInForce
from papernet.core.events import Refused
from papernet.core.units import SCALE
from papernet.exchange.checkpoint import state_hash
from papernet.servers import clock, node
from papernet.servers.config import packaged_catalogue
from papernet.servers.files import Durability, JournalError
from papernet.servers.node import Node, Options
from papernet.servers.transport import bind
from papernet.servers.world import World, WorldError, open_world

Make = Callable[..., Node]
CRASHED = "crashed by the test"


@pytest.fixture
async def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Make]:
    """Return a maker of nodes on free ports; what is still running at the end is stopped."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    made = []

    def make_node(**options: object) -> Node:
        listener = bind("127.0.0.1", 0)
        made.append((Node(Options(**{"market": "none"} | options), packaged_catalogue(), listener), listener))  # type: ignore[arg-type]
        return made[-1][0]

    yield make_node
    for running, listener in made:
        if running.failure != CRASHED:
            await running.stop()
        listener.close()
    gc.unfreeze()


def order(account: int, side: Side = Side.BUY, price: int = 60_000) -> NewOrder:
    return NewOrder(account, "BTCUSDT", side, OrderType.LIMIT, TimeInForce.GTC, SCALE // 1_000, price * SCALE)


def trade(world: World, times: int = 1) -> None:
    """Let alice and bob trade with each other."""
    accounts = world.exchange.accounts.by_name
    for _ in range(times):
        for name, side in (("alice", Side.BUY), ("bob", Side.SELL)):
            applied = world.sequencer.submit(order(accounts[name].account_id, side), clock.now())
            assert not isinstance(applied.events[0], Refused)


async def test_the_calendar_resets(make: Make) -> None:
    running = make(reset_every=30 * DAY // SECOND)
    await running.start()
    trade(running.world)
    await running._look_at_calendar()
    assert running.world.exchange.epoch == 1
    running.world.settings.started_at -= 30 * DAY
    await running._look_at_calendar()
    assert running.world.exchange.epoch == 2
    assert running.world.exchange.markets["BTCUSDT"].last_price == 0
    assert abs(running.world.settings.started_at - clock.now()) < 60 * SECOND
    await running._look_at_calendar()
    assert running.world.exchange.epoch == 2


async def test_a_reset_gives_the_market_a_new_life(make: Make) -> None:
    running = make(market="sim", seed=3)
    await running.start()
    book = running.world.exchange.markets["BTCUSDT"].book
    assert book.best_bid() is not None
    running.reset(clock.now())
    fresh = running.world.exchange.markets["BTCUSDT"].book
    assert fresh is not book
    assert fresh.best_bid() is not None
    running.world.exchange.check_invariants()


async def test_a_journal_that_cannot_be_written_stops_the_exchange(make: Make, tmp_path: Path) -> None:
    running = make(state=tmp_path / "state")
    await running.start()
    running._on_failure(JournalError("disk full"))
    assert running.stopping.is_set()
    assert running.failure == "disk full"
    running._on_failure(JournalError("later"))
    assert running.failure == "disk full"


async def test_an_exchange_that_broke_inside_stops(make: Make) -> None:
    running = make()
    await running.start()
    running.world.sequencer.halt("command 9 failed")
    await running._look_at_journal()
    assert running.stopping.is_set()
    assert running.failure == "command 9 failed"


async def test_a_timer_that_fails_stops_the_exchange(make: Make) -> None:
    running = make()
    await running.start()

    async def fail() -> None:
        raise RuntimeError("boom")

    running._spawn(fail())
    await running.stopping.wait()
    assert running.failure == "RuntimeError: boom"


async def test_checkpoints_are_written_by_the_length_of_the_journal(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(node, "_CHECKPOINT_COMMANDS", 40)
    running = make(state=tmp_path / "state")
    await running.start()
    start = running.world.sequencer.last_seq
    assert start < 40
    await running._look_at_journal()
    assert list((tmp_path / "state").glob("checkpoint-*")) == []
    trade(running.world, 20)
    await running._look_at_journal()
    assert [path.name for path in (tmp_path / "state").glob("checkpoint-*")] == [f"checkpoint-{start + 40:020d}.bin"]


async def test_garbage_is_collected_when_there_is_some(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node, "_GARBAGE_OBJECTS", 1_000_000_000)
    before = gc.get_freeze_count()
    await node._collect_garbage()
    assert gc.get_freeze_count() == before
    monkeypatch.setattr(node, "_GARBAGE_OBJECTS", 0)
    await node._collect_garbage()
    assert gc.get_freeze_count() > before
    gc.unfreeze()


async def crash(world: World) -> None:
    """Let go of a world as a crash would: what is durable stays, no checkpoint is made."""
    await world.journal.close()
    world._archive_thread.close()
    world.archive.close()
    assert world._directory is not None
    world._directory.close()


def reopened(path: Path) -> World:
    def fail(error: JournalError) -> None:
        raise error

    return open_world(path, None, Durability.FSYNC, fail)


async def test_checkpoint_and_journal_give_the_same_world_back(make: Make, tmp_path: Path) -> None:
    running = make(state=tmp_path / "state", limits=False)
    await running.start()
    world = running.world
    trade(world, 30)
    await world.journal.durable(world.sequencer.last_seq)
    await world.archive_rows()
    trade(world, 30)
    await world.save_checkpoint()
    trade(world, 30)
    world.sequencer.submit(order(1), clock.now())
    wanted, seq = state_hash(world.exchange), world.sequencer.last_seq
    trades = world.views.historical_trades("BTCUSDT", 0, 1_000, world.archive)
    assert len(trades) == 90
    for task in running._tasks:
        task.cancel()
    await running._server.stop()
    await crash(world)
    again = reopened(tmp_path / "state")
    assert (state_hash(again.exchange), again.sequencer.last_seq) == (wanted, seq)
    assert again.views.historical_trades("BTCUSDT", 0, 1_000, again.archive) == trades
    again.exchange.check_invariants()
    assert again.warnings == []
    again.sequencer.submit(CancelOpenOrders(1, "BTCUSDT"), clock.now())
    await again.close()
    running.failure = CRASHED


async def test_an_archive_that_was_taken_away_is_told(make: Make, tmp_path: Path) -> None:
    running = make(state=tmp_path / "state")
    await running.start()
    trade(running.world)
    await running.stop()
    for path in (tmp_path / "state").glob("archive.db*"):
        path.unlink()
    again = reopened(tmp_path / "state")
    assert "closed orders, trades and candles of before are gone" in again.warnings[0]
    await again.close()


async def test_an_archive_that_cannot_be_written_is_tried_again(
    make: Make, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    running = make()
    await running.start()
    world = running.world
    trade(world, 3)
    write = world._archive_thread._writer.write
    monkeypatch.setattr(world._archive_thread._writer, "write", _raise_full)
    await world.archive_rows()
    await world.archive_rows()
    assert capsys.readouterr().err.count("database or disk is full") == 1
    monkeypatch.setattr(world._archive_thread._writer, "write", write)
    await world.archive_rows()
    assert world.views.take() is None
    assert len(world.archive.trades("BTCUSDT", low=0, high=10, limit=10, newest=False)) == 3


async def test_a_directory_of_something_else_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text("nonsense")
    tmp_path.chmod(0o700)
    with pytest.raises(WorldError, match="settings.json"):
        reopened(tmp_path)
    # the lock was given back
    (tmp_path / "settings.json").unlink()
    await reopened(tmp_path).close()


def _raise_full(_batch: object) -> None:
    raise sqlite3.OperationalError("database or disk is full")


async def test_nobody_waits_for_a_second_checkpoint_of_the_same_moment(make: Make, tmp_path: Path) -> None:
    running = make(state=tmp_path / "state")
    await running.start()
    await asyncio.gather(running.world.save_checkpoint(), running.world.save_checkpoint())
    assert len(list((tmp_path / "state").glob("checkpoint-*"))) == 1
