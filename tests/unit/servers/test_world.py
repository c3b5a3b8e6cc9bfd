"""What a state directory brings back, and what it tells when it cannot."""

import asyncio
import sqlite3
from concurrent.futures import Future
from pathlib import Path

import pytest

from papernet.core.commands import CancelOpenOrders
from papernet.core.events import Applied
from papernet.exchange.checkpoint import state_hash
from papernet.servers import clock
from papernet.servers.files import Durability
from papernet.servers.world import Settings, WorldError, open_world
from tests.support.kept_worlds import crash, opened, order, reopened, trade


async def test_checkpoint_and_journal_give_the_same_world_back(tmp_path: Path) -> None:
    world = opened(tmp_path / "state")
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
    await crash(world)
    again = reopened(tmp_path / "state")
    assert (state_hash(again.exchange), again.sequencer.last_seq) == (wanted, seq)
    assert again.views.historical_trades("BTCUSDT", 0, 1_000, again.archive) == trades
    again.exchange.check_invariants()
    assert again.warnings == []
    again.sequencer.submit(CancelOpenOrders(1, "BTCUSDT"), clock.now())
    await again.close()


async def test_a_clean_stop_leaves_nothing_to_replay(tmp_path: Path) -> None:
    world = opened(tmp_path / "state")
    trade(world)
    seq = world.sequencer.last_seq
    await world.close()
    again = reopened(tmp_path / "state")
    assert again.checkpoint_seq == again.sequencer.last_seq == seq
    await again.close()


async def test_a_torn_tail_is_cut_and_the_archive_follows(tmp_path: Path) -> None:
    world = opened(tmp_path / "state")
    trade(world, 3)
    await world.journal.durable(world.sequencer.last_seq)
    await world.archive_rows()
    await crash(world)
    (journal,) = (tmp_path / "state").glob("journal-*")
    journal.write_bytes(journal.read_bytes()[:-5])
    again = reopened(tmp_path / "state")
    assert len(again.warnings) == 1
    assert journal.name in again.warnings[0]
    # the record that was lost had made the third trade
    assert len(again.views.historical_trades("BTCUSDT", 0, 10, again.archive)) == 2
    await again.close()


async def test_an_archive_that_was_taken_away_is_told(tmp_path: Path) -> None:
    world = opened(tmp_path / "state")
    trade(world)
    await world.close()
    for path in (tmp_path / "state").glob("archive.db*"):
        path.unlink()
    again = reopened(tmp_path / "state")
    assert "closed orders, trades and candles of before are gone" in again.warnings[0]
    await again.close()


async def test_a_journal_that_was_taken_away_begins_an_exchange_anew(tmp_path: Path) -> None:
    world = opened(tmp_path / "state")
    trade(world)
    world.settings.crowd = True
    world.save_settings()
    await world.close()
    for path in (*(tmp_path / "state").glob("journal-*"), *(tmp_path / "state").glob("checkpoint-*")):
        path.unlink()
    again = reopened(tmp_path / "state")
    assert (again.settings.epoch, again.settings.crowd) == (0, False)
    assert "begun anew" in again.warnings[0]
    await again.close()


async def test_an_archive_that_cannot_be_written_is_tried_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    world = opened(None)
    trade(world, 3)
    writer = world._archive_thread._writer
    write = writer.write
    monkeypatch.setattr(writer, "write", _raise_full)
    await world.archive_rows()
    await world.archive_rows()
    assert capsys.readouterr().err.count("database or disk is full") == 1
    monkeypatch.setattr(writer, "write", write)
    await world.archive_rows()
    assert world.views.take() is None
    assert len(world.archive.trades("BTCUSDT", low=0, high=10, limit=10, newest=False)) == 3
    await world.close()


async def test_a_stop_while_rows_are_on_their_way_to_the_archive_loses_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = opened(tmp_path / "state")
    trade(world, 3)
    await world.journal.durable(world.sequencer.last_seq)
    with monkeypatch.context() as patch:
        patch.setattr(world._archive_thread, "write", lambda _batch: Future())
        moving = asyncio.create_task(world.archive_rows())
        await asyncio.sleep(0)
        moving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await moving
    await world.close()
    again = reopened(tmp_path / "state")
    assert len(again.archive.trades("BTCUSDT", low=0, high=10, limit=10, newest=False)) == 3
    await again.close()


async def test_a_checkpoint_that_cannot_be_written_is_told_and_does_no_harm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    world = opened(tmp_path / "state")
    trade(world)
    directory = world._directory
    assert directory is not None
    monkeypatch.setattr(directory, "save_checkpoint", _raise_os_error)
    await world.save_checkpoint()
    assert "no checkpoint could be written (No space left)" in capsys.readouterr().err
    assert world.checkpoint_seq == 0
    monkeypatch.undo()
    await world.save_checkpoint()
    assert world.checkpoint_seq == world.sequencer.last_seq
    await world.close()


async def test_nobody_waits_for_a_second_checkpoint_of_the_same_moment(tmp_path: Path) -> None:
    world = opened(tmp_path / "state")
    await asyncio.gather(world.save_checkpoint(), world.save_checkpoint())
    assert len(list((tmp_path / "state").glob("checkpoint-*"))) == 1
    await world.close()


async def test_a_directory_keeps_its_seed(tmp_path: Path) -> None:
    world = opened(tmp_path / "state", seed=7)
    await world.close()
    with pytest.raises(WorldError, match="was begun with seed 7"):
        reopened(tmp_path / "state", 8)
    for seed in (7, None):
        again = reopened(tmp_path / "state", seed)
        assert again.settings == Settings(7, 1)
        await again.close()


async def test_settings_that_cannot_be_read_are_told_and_the_lock_is_given_back(tmp_path: Path) -> None:
    await opened(tmp_path / "state").close()
    settings = tmp_path / "state" / "settings.json"
    before = settings.read_bytes()
    settings.write_bytes(b"nonsense")
    with pytest.raises(WorldError, match=r"settings\.json"):
        reopened(tmp_path / "state")
    settings.write_bytes(before)
    await reopened(tmp_path / "state").close()


async def test_what_users_do_is_shown_to_whoever_watches() -> None:
    world = opened(None)
    seen: list[Applied] = []
    world.sequencer.watch = seen.append
    trade(world)
    assert [applied.seq for applied in seen] == [world.sequencer.last_seq - 1, world.sequencer.last_seq]
    await world.close()


async def test_a_world_in_memory_is_durable_at_once_and_leaves_nothing() -> None:
    world = open_world(None, None, Durability.FSYNC, _ignore)
    path = world.archive.path
    world.sequencer.submit(order(1), clock.now())
    await world.journal.durable(world.sequencer.last_seq)
    await world.save_checkpoint()
    await world.close()
    assert not path.parent.exists()


def _raise_full(_batch: object) -> None:
    raise sqlite3.OperationalError("database or disk is full")


def _raise_os_error(*_: object) -> None:
    raise OSError("No space left")


def _ignore(_error: Exception) -> None:
    pass
