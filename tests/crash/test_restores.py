"""States that are brought back, and processes that end on the way: the journal alone says which state is the present one."""

import asyncio
from pathlib import Path
from random import Random

import pytest

from papernet.app.journal import SegmentReader
from papernet.core.commands import Deposit, Restore
from papernet.core.events import Event, ExecutionReport
from papernet.exchange.checkpoint import state_hash
from papernet.servers import clock
from papernet.servers.config import packaged_catalogue
from papernet.servers.opening import start_over
from papernet.servers.world import World, WorldError
from tests.support.kept_worlds import crash, opened, order, reopened, trade


def trades(world: World) -> list[int]:
    """Return the ids of all trades, those of the archive too; alice's fills and closed orders are the same."""
    ids = [row.trade_id for row in world.views.historical_trades("BTCUSDT", 0, 1_000, world.archive)]
    fills = world.views.fills(1, "BTCUSDT", from_id=0, limit=1_000, archive=world.archive)
    assert [fill.trade_id for fill in fills] == ids
    closed = world.views.orders(1, "BTCUSDT", (), from_id=0, limit=1_000, archive=world.archive)
    assert {fill.order_id for fill in fills} <= {record.order_id for record in closed}
    return ids


async def kept(path: Path, count: int = 20) -> World:
    """Return a world that has some trades behind it, archived, and its state kept as "before"."""
    world = opened(path)
    trade(world, count)
    await world.journal.durable(world.sequencer.last_seq)
    await world.archive_rows()
    trade(world, 5)
    await save(world, "before")
    return world


async def save(world: World, name: str) -> None:
    state = await world.capture(name, clock.now)
    world.states.save(state, world.sequencer.last_seq)


async def back(world: World, name: str = "before") -> World:
    state = world.states.load(name)
    assert state is not None
    return await world.restore(state, clock.now())


async def live_on(world: World, count: int = 7) -> None:
    trade(world, count)
    await world.journal.durable(world.sequencer.last_seq)
    await world.archive_rows()


@pytest.mark.parametrize("where", ["directory", "memory"])
async def test_a_state_is_brought_back_whole_and_its_future_is_forgotten(tmp_path: Path, where: str) -> None:
    world = opened(tmp_path / "state" if where == "directory" else None)
    trade(world, 20)
    await live_on(world, 5)
    wanted, before = state_hash(world.exchange), trades(world)
    assert len(before) == 25
    await save(world, "before")
    await live_on(world, 30)
    start_over(world, packaged_catalogue(), clock.now())
    await live_on(world, 2)
    again = await back(world)
    assert state_hash(again.exchange) == wanted
    assert trades(again) == before
    assert again.settings.epoch == again.exchange.epoch == 1
    await live_on(again, 3)
    assert trades(again) == list(range(28))
    await again.close()


async def test_states_of_two_futures_are_both_kept_whole(tmp_path: Path) -> None:
    world = await kept(tmp_path / "state")
    await live_on(world, 10)
    await save(world, "later")
    wanted = state_hash(world.exchange), trades(world)
    world = await back(world)
    await live_on(world, 3)
    world = await back(world, "later")
    assert (state_hash(world.exchange), trades(world)) == wanted
    await world.close()


async def test_a_state_goes_on_the_same_way_whenever_it_is_brought_back(tmp_path: Path) -> None:
    world = await kept(tmp_path / "state")
    told: list[tuple[Event, ...]] = []
    at = clock.now() + 3_600_000_000
    for noise in (0, 4, 9):
        trade(world, noise)
        world = await back(world)
        told.append(world.sequencer.submit(order(1, price=50_000), at).events)
    # ids, and the client order id that nobody gave, which is made of the entry's number
    assert told[0] == told[1] == told[2]
    assert isinstance(told[0][0], ExecutionReport)
    await world.close()


async def test_a_start_finds_the_state_that_was_brought_back_and_what_followed(tmp_path: Path) -> None:
    world = await kept(tmp_path / "state")
    await live_on(world)
    world = await back(world)
    await live_on(world, 3)
    wanted, seq, skipped = state_hash(world.exchange), world.sequencer.last_seq, world.sequencer.skipped
    await crash(world)
    again = reopened(tmp_path / "state")
    assert (state_hash(again.exchange), again.sequencer.last_seq, again.sequencer.skipped) == (wanted, seq, skipped)
    assert trades(again) == list(range(28))
    assert again.warnings == []
    assert again.settings.restored == seq - 6
    again.exchange.check_invariants()
    await again.close()
    # This time from a checkpoint behind the restore.
    once_more = reopened(tmp_path / "state")
    assert (state_hash(once_more.exchange), once_more.sequencer.skipped) == (wanted, skipped)
    assert trades(once_more) == list(range(28))
    await once_more.close()


async def test_a_crash_before_the_archive_was_replaced_is_made_good(tmp_path: Path) -> None:
    world = await kept(tmp_path / "state")
    await live_on(world, 30)
    state = world.states.load("before")
    assert state is not None
    seq = world.sequencer.give_way(Restore(state.name, state.seq, state.number, state.at), clock.now())
    await world.journal.durable(seq)
    await crash(world)
    again = reopened(tmp_path / "state")
    assert trades(again) == list(range(25))
    assert again.settings.restored == seq
    await again.close()


async def test_a_restore_that_never_became_durable_never_was(tmp_path: Path) -> None:
    world = await kept(tmp_path / "state")
    await live_on(world, 30)
    wanted = state_hash(world.exchange)
    state = world.states.load("before")
    assert state is not None
    await world.journal.durable(world.sequencer.give_way(Restore(state.name, state.seq, state.number, state.at), clock.now()))
    await crash(world)
    (journal,) = (tmp_path / "state").glob("journal-*")
    journal.write_bytes(journal.read_bytes()[:-3])
    again = reopened(tmp_path / "state")
    assert state_hash(again.exchange) == wanted
    assert trades(again) == list(range(55))
    await again.close()


async def test_a_name_that_was_taken_away_is_still_there_for_a_replay(tmp_path: Path) -> None:
    world = await kept(tmp_path / "state")
    await live_on(world)
    world = await back(world)
    wanted = state_hash(world.exchange)
    assert world.states.drop("before", world.sequencer.last_seq)
    assert world.states.labels() == []
    await crash(world)
    again = reopened(tmp_path / "state")
    assert state_hash(again.exchange) == wanted
    assert again.states.labels() == []
    for _ in range(3):
        trade(again)
        await again.save_checkpoint()
    assert not list((tmp_path / "state").glob("dropped-*")), "no replay needs it any more"
    await again.close()


async def test_a_name_that_was_given_to_another_state_is_still_there_for_a_replay(tmp_path: Path) -> None:
    world = await kept(tmp_path / "state")
    await live_on(world)
    world = await back(world)
    trade(world, 2)
    await save(world, "before")
    wanted = state_hash(world.exchange)
    await crash(world)
    again = reopened(tmp_path / "state")
    assert state_hash(again.exchange) == wanted
    assert [label.name for label in again.states.labels()] == ["before"]
    trade(again, 2)
    again = await back(again)
    assert state_hash(again.exchange) == wanted
    await again.close()


async def test_a_damaged_state_that_a_replay_needs_is_told_and_the_start_refused(tmp_path: Path) -> None:
    world = await kept(tmp_path / "state")
    await live_on(world)
    world = await back(world)
    await crash(world)
    (path,) = (tmp_path / "state").glob("kept-*")
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + b"?")
    with pytest.raises(WorldError, match=r"kept-\d+-before.bin: the state 'before' cannot be read: its checksum is wrong"):
        reopened(tmp_path / "state")
    path.unlink()
    with pytest.raises(WorldError, match="cannot be read: No such file"):
        reopened(tmp_path / "state")
    path.write_bytes(whole)
    await reopened(tmp_path / "state").close()


async def test_an_older_checkpoint_leads_through_the_restore_as_well(tmp_path: Path) -> None:
    world = await kept(tmp_path / "state")
    await world.save_checkpoint()
    await live_on(world)
    world = await back(world)
    await live_on(world, 3)
    await world.save_checkpoint()
    wanted = state_hash(world.exchange)
    await crash(world)
    newest = max((tmp_path / "state").glob("checkpoint-*"))
    newest.write_bytes(newest.read_bytes()[:-1])
    again = reopened(tmp_path / "state")
    assert state_hash(again.exchange) == wanted
    assert trades(again) == list(range(28))
    assert len(again.warnings) == 1
    await again.close()


async def test_what_lost_its_name_is_there_for_the_older_checkpoint_too(tmp_path: Path) -> None:
    world = await kept(tmp_path / "state")
    await world.save_checkpoint()
    await live_on(world)
    world = await back(world)
    assert world.states.drop("before", world.sequencer.last_seq)
    await live_on(world, 1)
    await world.save_checkpoint()
    wanted = state_hash(world.exchange)
    await crash(world)
    newest = max((tmp_path / "state").glob("checkpoint-*"))
    newest.write_bytes(newest.read_bytes()[:-1])
    again = reopened(tmp_path / "state")
    assert state_hash(again.exchange) == wanted
    await again.close()


async def test_time_goes_back_with_the_state_and_never_otherwise(tmp_path: Path) -> None:
    world = opened(tmp_path / "state")
    await save(world, "before")
    was = world.sequencer.last_at
    later = was + 86_400_000_000
    world.sequencer.submit(Deposit(1, "USDT", 1), later)
    world = await back(world)
    assert world.sequencer.last_at == was
    assert world.sequencer.submit(Deposit(1, "USDT", 1), was).at == was
    assert world.sequencer.submit(Deposit(1, "USDT", 1), was - 5).at == was
    await crash(world)
    again = reopened(tmp_path / "state")
    assert again.sequencer.last_at == was
    (journal,) = (tmp_path / "state").glob("journal-*")
    times = [entry.at for entry in SegmentReader(journal.read_bytes())]
    assert sorted(times) != times
    await again.close()


async def test_no_command_is_taken_while_a_state_is_brought_back(tmp_path: Path) -> None:
    world = await kept(tmp_path / "state")
    coming = asyncio.ensure_future(back(world))
    while world.sequencer.halted is None:
        await asyncio.sleep(0)
    with pytest.raises(Exception, match="the state 'before' is being brought back"):
        world.sequencer.submit(order(1), clock.now())
    await world.archive_rows()
    await world.save_checkpoint()
    await (await coming).close()


@pytest.mark.parametrize("seed", range(12))
async def test_whatever_is_kept_left_and_interrupted_the_present_is_what_a_model_says(tmp_path: Path, seed: int) -> None:
    random = Random(seed)
    path = tmp_path / "state"
    world = opened(path)
    kept: dict[str, tuple[str, list[int]]] = {}
    for _ in range(40):
        step = random.choice(
            ("trade", "trade", "rest", "archive", "save", "restore", "drop", "checkpoint", "reset", "crash", "stop")
        )
        name = random.choice("abc")
        if step == "trade":
            trade(world, random.randrange(1, 9))
        elif step == "rest":
            world.sequencer.submit(order(2, price=40_000), clock.now())
        elif step == "archive":
            await world.journal.durable(world.sequencer.last_seq)
            await world.archive_rows()
        elif step == "save":
            await save(world, name)
            kept[name] = state_hash(world.exchange), trades(world)
        elif step == "restore" and name in kept:
            world = await back(world, name)
            assert (state_hash(world.exchange), trades(world)) == kept[name]
        elif step == "drop":
            assert world.states.drop(name, world.sequencer.last_seq) == (kept.pop(name, None) is not None)
        elif step == "checkpoint":
            await world.save_checkpoint()
        elif step == "reset":
            start_over(world, packaged_catalogue(), clock.now())
        elif step in ("crash", "stop"):
            await world.journal.durable(world.sequencer.last_seq)
            present = state_hash(world.exchange), trades(world), world.sequencer.last_seq, world.sequencer.skipped
            await (crash(world) if step == "crash" else world.close())
            world = reopened(path)
            assert (state_hash(world.exchange), trades(world), world.sequencer.last_seq, world.sequencer.skipped) == present
            assert world.warnings == []
        world.exchange.check_invariants()
        assert sorted(label.name for label in world.states.labels()) == sorted(kept)
    await world.close()
