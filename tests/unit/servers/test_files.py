"""The state directory on a real disk, and group commit on one that waits, fails and counts."""

import asyncio
import errno
import os
import stat
import subprocess
import sys
from pathlib import Path
from threading import Event, Thread

import pytest

from papernet.app.journal import GENESIS, HEADER_SIZE, Checkpoint, JournalWriter, Position, decode_segment
from papernet.app.sequencer import Sequencer, SequencerHaltedError
from papernet.core.commands import Entry, RevokeKey
from papernet.core.events import Applied
from papernet.servers import files
from papernet.servers.disk import LocalDisk
from papernet.servers.files import (
    Durability,
    GroupCommit,
    JournalError,
    Recovered,
    Segment,
    SegmentWriter,
    StateDirectory,
    StateError,
    checkpoint_name,
    segment_name,
)
from tests.crash.faulty_disk import FaultyDisk, nothing

STATE = Path("/state")


class Counter:
    """The smallest exchange: its state is the entries it saw."""

    def __init__(self) -> None:
        self.seen: list[Entry] = []
        self.base = 0

    def apply(self, entry: Entry) -> Applied:
        self.seen.append(entry)
        return Applied(entry.seq, entry.at, ())

    def fold(self, applied: Applied) -> None:
        pass

    def restore(self, saved: Checkpoint) -> str:
        self.seen, self.base = [], int(saved.exchange)
        return saved.exchange.decode()

    @property
    def count(self) -> int:
        return self.base + len(self.seen)


class Rig:
    """A counter on a directory, from recovery to commit."""

    def __init__(self, directory: StateDirectory, segment_bytes: int = 1 << 20) -> None:
        self.directory = directory
        self.counter = Counter()
        self.recovered: Recovered = directory.recover(self.counter.restore, self.counter.apply)
        position = self.recovered.position
        self.sequencer = Sequencer(self.counter, self.counter, JournalWriter(position), position.seq, position.at)
        self.writer = SegmentWriter(directory, self.recovered, segment_bytes)
        self.failures: list[JournalError] = []

    def submit(self, times: int = 1) -> int:
        for _ in range(times):
            self.sequencer.submit(RevokeKey("k"), 5)
        return self.sequencer.last_seq

    def write(self, times: int = 1) -> None:
        self.submit(times)
        batch = self.sequencer.take_pending()
        assert batch is not None
        self.writer.write(batch)
        self.writer.sync()

    def save(self) -> None:
        text = str(self.counter.count)
        self.directory.save_checkpoint(self.sequencer.position, text.encode(), b"", text)

    def commit(self, durability: Durability = Durability.FSYNC) -> GroupCommit:
        return GroupCommit(self.sequencer, self.writer, durability, self.failures.append)


class GatedDisk(FaultyDisk):
    """Holds each sync of a file until it is let go, and fails it when told to."""

    def __init__(self) -> None:
        super().__init__()
        self.syncing, self.go = Event(), Event()
        self.error: OSError | None = None
        self.writes: list[int] = []

    def write(self, descriptor: int, data: memoryview) -> int:
        self.writes.append(len(data))
        return super().write(descriptor, data)

    def sync(self, descriptor: int) -> None:
        self.syncing.set()
        assert self.go.wait(10)
        if self.error is not None:
            raise self.error
        super().sync(descriptor)


def rig_on(disk: FaultyDisk) -> Rig:
    return Rig(StateDirectory(STATE, -1, disk))


def full() -> OSError:
    return OSError(errno.ENOSPC, "No space left on device")


async def begun(event: Event) -> None:
    await asyncio.to_thread(event.wait, 10)
    event.clear()


def kept(disk: FaultyDisk) -> int:
    """Return how many records a power cut now would leave."""
    left = disk.after_power_cut(nothing)
    path = STATE / segment_name(1)
    return len(decode_segment(left.read(path))[0]) if path in left.files else 0


# the directory


def test_a_new_directory_belongs_to_its_owner_alone(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        rig = Rig(StateDirectory.open(tmp_path / "a" / "state"))
        rig.write(3)
        rig.save()
    finally:
        os.umask(old)
    path = rig.directory.path
    assert stat.S_IMODE(path.stat().st_mode) == 0o700
    assert {entry.name for entry in path.iterdir()} == {"lock", segment_name(1), checkpoint_name(3)}
    assert {stat.S_IMODE(entry.stat().st_mode) for entry in path.iterdir()} == {0o600}
    rig.writer.close()
    rig.directory.close()


def test_an_empty_directory_is_taken_and_closed_to_others(tmp_path: Path) -> None:
    path = tmp_path / "state"
    path.mkdir(mode=0o755)
    for _ in range(2):
        StateDirectory.open(path).close()
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
        path.chmod(0o750)


def test_a_directory_with_other_things_in_it_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "home"
    path.mkdir(mode=0o755)
    (path / "letter").touch()
    with pytest.raises(StateError, match="holds other files and is open to other users"):
        StateDirectory.open(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o755
    path.chmod(0o700)
    StateDirectory.open(path).close()


def test_a_second_process_is_told_who_has_the_directory(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from papernet.servers.files import StateDirectory\n"
        "StateDirectory.open(Path(sys.argv[1])); print('open', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        with pytest.raises(StateError) as caught:
            StateDirectory.open(tmp_path)
        assert str(caught.value) == f"state directory {tmp_path} is in use by another papernet (process {process.pid})"
        process.kill()
    StateDirectory.open(tmp_path).close()


@pytest.mark.parametrize("mode", [0o600, 0o644])
def test_a_path_that_is_a_file_is_one_clear_line(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "state"
    path.touch(mode)
    path.chmod(mode)
    with pytest.raises(StateError, match=r"^cannot use state directory .*: Not a directory$"):
        StateDirectory.open(path)


def test_a_directory_that_may_not_be_entered_is_one_clear_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: str, *_more: object, **_named: object) -> int:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(StateError, match=rf"^cannot use state directory {tmp_path}/lock: Permission denied$"):
        StateDirectory.open(tmp_path)


def test_a_disk_that_cannot_be_read_is_one_clear_line() -> None:
    for number in (1, 2, 3):
        disk = FaultyDisk()
        rig = rig_on(disk)
        rig.write(3)
        rig.save()
        disk.calls = 0

        def before(call: int, _name: str, number: int = number) -> None:
            if call == number:
                raise OSError(errno.EIO, "Input/output error")

        disk.before = before
        with pytest.raises(StateError, match=r"^cannot read state directory /state: Input/output error$"):
            rig_on(disk)


# recovery, rotation and checkpoints on a real disk


def test_a_second_start_goes_on_where_the_first_stopped(tmp_path: Path) -> None:
    for start in range(4):
        rig = Rig(StateDirectory.open(tmp_path), segment_bytes=200)
        assert rig.counter.count == rig.recovered.position.seq == 10 * start
        assert rig.recovered.warnings == ()
        for _ in range(5):
            rig.write(2)
        if start == 2:
            rig.save()
        rig.writer.close()
        rig.directory.close()
    assert (tmp_path / segment_name(1)).exists(), "one checkpoint alone supersedes nothing"


def test_segments_rotate_by_size_and_batches_stay_whole() -> None:
    disk = FaultyDisk()
    rig = Rig(StateDirectory(STATE, -1, disk), segment_bytes=300)
    for size in (1, 2, 30, 1, 1):
        rig.write(size)
    assert sorted(disk.names(STATE)) == [segment_name(first) for first in (1, 4, 34)]
    numbers = [int.from_bytes(disk.read(STATE / name)[12:16]) for name in sorted(disk.names(STATE))]
    assert numbers == [1, 2, 3]
    assert rig_on(disk).counter.count == 35


@pytest.mark.parametrize("keep_all", [False, True])
def test_two_checkpoints_stay_and_segments_behind_the_older_go(keep_all: bool) -> None:
    disk = FaultyDisk()
    rig = Rig(StateDirectory(STATE, -1, disk, keep_all=keep_all), segment_bytes=100)
    for _ in range(4):
        for _ in range(5):
            rig.write()
        rig.save()
    names = sorted(disk.names(STATE))
    assert [name for name in names if name.startswith("checkpoint")] == [checkpoint_name(15), checkpoint_name(20)]
    journal = [name for name in names if name.startswith("journal")]
    if keep_all:
        assert journal[0] == segment_name(1)
    else:
        # the one that holds record 15 ties the checkpoint to the journal
        assert journal[0] <= segment_name(15) < journal[1]
    assert rig_on(disk).counter.count == 20


def two_checkpoints(segment_bytes: int = 100) -> FaultyDisk:
    disk = FaultyDisk()
    rig = Rig(StateDirectory(STATE, -1, disk), segment_bytes)
    for _ in range(2):
        for _ in range(6):
            rig.write()
        rig.save()
    rig.write()
    return disk


def test_the_newest_good_checkpoint_is_where_replay_begins() -> None:
    rig = rig_on(two_checkpoints())
    assert (rig.counter.base, rig.counter.count) == (12, 13)


def test_a_checkpoint_whose_state_hash_is_wrong_is_set_aside() -> None:
    disk = two_checkpoints()
    rig = rig_on(disk)
    rig.write()
    rig.directory.save_checkpoint(rig.sequencer.position, b"999", b"", "14")
    again = rig_on(disk)
    assert (again.counter.base, again.counter.count) == (12, 14)
    assert "its state hash is wrong" in again.recovered.warnings[0]
    assert checkpoint_name(14) + ".damaged" in disk.names(STATE)
    assert rig_on(disk).recovered.warnings == ()


def test_no_good_checkpoint_and_no_first_segment_is_an_error() -> None:
    disk = FaultyDisk()
    rig = Rig(StateDirectory(STATE, -1, disk), segment_bytes=100)
    for _ in range(3):
        for _ in range(6):
            rig.write()
        rig.save()
    for name in disk.names(STATE):
        if name.startswith("checkpoint"):
            disk.put(STATE / name, b"")
    with pytest.raises(StateError, match=r"the journal segment that holds record 1 is missing; the first there is journal-"):
        rig_on(disk)


def test_a_journal_that_ends_before_its_checkpoint_is_an_error_and_is_not_cut() -> None:
    disk = FaultyDisk()
    rig = rig_on(disk)
    rig.write(6)
    rig.save()
    path = STATE / segment_name(1)
    short = disk.read(path)[:-1]
    disk.put(path, short)
    with pytest.raises(StateError, match=r"the journal ends at record 5, before /state/checkpoint-0+6.bin was made of it"):
        rig_on(disk)
    assert disk.read(path) == short
    disk.remove(path)
    with pytest.raises(StateError, match="the journal segment that holds record 6 is missing"):
        rig_on(disk)


def test_a_checkpoint_of_another_journal_is_an_error() -> None:
    disk = two_checkpoints(1 << 20)
    other = FaultyDisk()
    rig = rig_on(other)
    rig.sequencer.submit(RevokeKey("another history"), 5)
    for _ in range(12):
        rig.write()
    other.put(STATE / checkpoint_name(12), disk.read(STATE / checkpoint_name(12)))
    with pytest.raises(StateError, match=r"journal-0+1.log offset \d+ record 12: .*checkpoint-0+12.bin was made of another"):
        rig_on(other)


def test_a_segment_of_another_journal_is_an_error() -> None:
    disk = FaultyDisk()
    rig = Rig(StateDirectory(STATE, -1, disk), segment_bytes=100)
    for _ in range(6):
        rig.write()
    first, second, third = sorted(disk.names(STATE))[:3]
    renamed = disk.copy()
    renamed.put(STATE / second, renamed.read(STATE / third))
    with pytest.raises(StateError, match=r"is named for record \d but begins with \d"):
        rig_on(renamed)
    elsewhere = Rig(StateDirectory(STATE, -1, FaultyDisk()), segment_bytes=100)
    for seq in range(1, 7):
        elsewhere.sequencer.submit(RevokeKey("x"), 5)
        batch = elsewhere.sequencer.take_pending()
        assert batch is not None
        assert batch.last_seq == seq
        elsewhere.writer.write(batch)
    mixed = disk.copy()
    mixed.put(STATE / first, elsewhere.directory.disk.read(STATE / first))
    with pytest.raises(StateError, match=r"does not continue the chain of the segment before it"):
        rig_on(mixed)


@pytest.mark.parametrize("name", [segment_name(1), checkpoint_name(12)])
def test_a_format_of_another_version_is_an_error(name: str) -> None:
    disk = two_checkpoints(1 << 20)
    data = bytearray(disk.read(STATE / name))
    data[9] = 77
    disk.put(STATE / name, bytes(data))
    with pytest.raises(StateError, match=rf"{name}: format version 77 is not [12]; it was written by another version"):
        rig_on(disk)


def test_files_that_are_not_ours_are_overlooked() -> None:
    disk = two_checkpoints()
    for name in (
        "journal-1.log",
        "journal-" + "x" * 20 + ".log",
        "checkpoint-.bin",
        "token",
        "history.sqlite",
        "checkpoint-9.bin.old",
    ):
        disk.put(STATE / name, b"?")
    assert rig_on(disk).counter.count == 13


def test_a_checkpoint_syncs_the_journal_first() -> None:
    disk = FaultyDisk()
    rig = rig_on(disk)
    rig.submit(4)
    batch = rig.sequencer.take_pending()
    assert batch is not None
    rig.writer.write(batch)
    assert kept(disk) == 0
    rig.save()
    assert kept(disk) == 4


def test_a_checkpoint_that_failed_half_way_does_not_spoil_the_next() -> None:
    disk = FaultyDisk()
    rig = rig_on(disk)
    rig.write(3)
    disk.appetite = 20

    def before(call: int, name: str) -> None:
        if name == "write" and disk.log[-2] == "write":
            raise full()

    disk.before = before
    with pytest.raises(OSError, match="No space left"):
        rig.save()
    disk.before, disk.appetite = FaultyDisk().before, 1 << 20
    assert checkpoint_name(3) + ".tmp" in disk.names(STATE)
    rig.save()
    assert rig_on(disk).counter.base == 3


def test_what_a_failed_checkpoint_left_is_removed() -> None:
    disk = two_checkpoints()
    disk.put(STATE / (checkpoint_name(20) + ".tmp"), b"half")
    rig_on(disk)
    assert not any(name.endswith(".tmp") for name in disk.names(STATE))


def test_a_segment_is_synced_before_the_next_begins_even_if_nobody_asks_for_it() -> None:
    disk = FaultyDisk()
    rig = Rig(StateDirectory(STATE, -1, disk), segment_bytes=150)
    for _ in range(12):
        rig.submit()
        batch = rig.sequencer.take_pending()
        assert batch is not None
        rig.writer.write(batch)
    newest = max(int(name[8:28]) for name in disk.names(STATE))
    assert newest > 1
    assert rig_on(disk.after_power_cut(nothing)).counter.count == newest - 1


# group commit


async def test_durable_returns_when_the_record_is_synced() -> None:
    disk = GatedDisk()
    disk.go.set()
    rig = rig_on(disk)
    commit = rig.commit()
    for _ in range(3):
        seq = rig.submit()
        await commit.durable(seq)
        assert kept(disk) == seq == rig.sequencer.durable_seq
    await commit.close()


async def test_a_batch_collects_while_the_one_before_it_syncs() -> None:
    disk = GatedDisk()
    rig = rig_on(disk)
    commit = rig.commit()
    first = asyncio.create_task(commit.durable(rig.submit()))
    await begun(disk.syncing)
    others = [asyncio.create_task(commit.durable(rig.submit())) for _ in range(50)]
    for _ in range(3):
        await asyncio.sleep(0)
    assert not first.done()
    assert len(disk.writes) == 1
    disk.go.set()
    await first
    await asyncio.gather(*others)
    assert len(disk.writes) == 2, "fifty commands, one write"
    assert kept(disk) == 51
    await commit.close()


async def test_those_who_come_in_one_turn_of_the_loop_share_a_write() -> None:
    disk = GatedDisk()
    disk.go.set()
    rig = rig_on(disk)
    commit = rig.commit()

    async def client() -> None:
        await commit.durable(rig.submit())

    await asyncio.gather(*(client() for _ in range(10)))
    assert len(disk.writes) == 1
    await commit.close()


async def test_waiting_is_in_order_and_nobody_waits_for_what_is_durable() -> None:
    disk = GatedDisk()
    rig = rig_on(disk)
    commit = rig.commit()
    done: list[int] = []

    async def wait(seq: int) -> None:
        await commit.durable(seq)
        done.append(seq)

    tasks = [asyncio.create_task(wait(rig.submit())) for _ in range(3)]
    await begun(disk.syncing)
    tasks += [asyncio.create_task(wait(rig.submit())) for _ in range(3)]
    tasks.append(asyncio.create_task(wait(2)))
    await asyncio.sleep(0)
    disk.go.set()
    await asyncio.gather(*tasks)
    assert sorted(done[:4]) == [1, 2, 2, 3]
    assert done[4:] == [4, 5, 6]
    disk.go.clear()
    await commit.durable(6)
    disk.go.set()
    await commit.close()


async def test_one_who_stops_waiting_does_not_disturb_the_others() -> None:
    disk = GatedDisk()
    rig = rig_on(disk)
    commit = rig.commit()
    seq = rig.submit()
    tasks = [asyncio.create_task(commit.durable(seq)) for _ in range(3)]
    await begun(disk.syncing)
    tasks[1].cancel()
    disk.go.set()
    await asyncio.gather(tasks[0], tasks[2])
    assert tasks[1].cancelled()
    await commit.close()


async def test_a_commit_that_is_not_urgent_happens_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LAZY_SECONDS", 0.001)
    disk = GatedDisk()
    rig = rig_on(disk)
    commit = rig.commit()
    for _ in range(5):
        rig.submit()
        commit.commit(urgent=False)
    await begun(disk.syncing)
    disk.go.set()
    await commit.durable(5)
    assert len(disk.writes) == 1
    await commit.close()


async def test_a_commit_that_is_not_urgent_waits_for_company() -> None:
    disk = GatedDisk()
    disk.go.set()
    rig = rig_on(disk)
    commit = rig.commit()
    rig.submit(5)
    commit.commit(urgent=False)
    for _ in range(5):
        await asyncio.sleep(0)
    assert disk.writes == []
    await commit.durable(rig.submit())
    assert len(disk.writes) == 1
    assert kept(disk) == 6
    await commit.close()


async def test_closing_makes_everything_durable() -> None:
    for durability in (Durability.FSYNC, Durability.OS):
        disk = GatedDisk()
        disk.go.set()
        rig = rig_on(disk)
        commit = rig.commit(durability)
        rig.submit(5)
        commit.commit(urgent=False)
        await commit.close()
        assert kept(disk) == 5
        assert disk.descriptors == {}


async def test_os_writes_at_once_without_sync_or_thread() -> None:
    disk = FaultyDisk()
    rig = rig_on(disk)
    commit = rig.commit(Durability.OS)
    coroutine = commit.durable(rig.submit())
    with pytest.raises(StopIteration):
        coroutine.send(None)
    assert rig.sequencer.durable_seq == 1
    assert "sync" not in disk.log
    assert len(decode_segment(disk.read(STATE / segment_name(1)))[0]) == 1
    rig.submit()
    commit.commit(urgent=True)
    await asyncio.sleep(0)
    assert rig.sequencer.durable_seq == 2
    await commit.close()


async def test_memory_does_nothing() -> None:
    counter = Counter()
    sequencer = Sequencer(counter, counter, None)
    commit = GroupCommit(sequencer, None, Durability.MEMORY, lambda _error: None)
    seq = sequencer.submit(RevokeKey("k"), 1).seq
    commit.commit(urgent=True)
    commit.commit(urgent=False)
    await commit.durable(seq)
    assert sequencer.durable_seq == seq
    await commit.close()


@pytest.mark.parametrize("error", [full(), OSError(errno.EIO, "Input/output error")], ids=["full", "broken"])
async def test_a_failed_sync_acknowledges_nothing_and_ends_everything(error: OSError) -> None:
    disk = GatedDisk()
    rig = rig_on(disk)
    commit = rig.commit()
    flying = asyncio.create_task(commit.durable(rig.submit()))
    await begun(disk.syncing)
    waiting = asyncio.create_task(commit.durable(rig.submit()))
    await asyncio.sleep(0)
    disk.error = error
    disk.go.set()
    for task in (flying, waiting):
        with pytest.raises(JournalError, match="the journal cannot be written"):
            await task
    assert rig.sequencer.durable_seq == 0
    assert len(rig.failures) == 1
    assert str(error) in str(rig.failures[0])
    with pytest.raises(SequencerHaltedError, match="no further command is accepted"):
        rig.submit()
    disk.error = None
    syncs = disk.log.count("sync")
    commit.commit(urgent=True)
    with pytest.raises(JournalError):
        await commit.durable(2)
    with pytest.raises(JournalError):
        await commit.close()
    assert disk.log.count("sync") == syncs, "a sync is never tried again"
    assert disk.descriptors == {}


async def test_a_failed_write_fails_at_once_where_the_loop_writes() -> None:
    disk = FaultyDisk()
    rig = rig_on(disk)
    commit = rig.commit(Durability.OS)
    await commit.durable(rig.submit())

    def before(_call: int, name: str) -> None:
        if name == "write":
            raise full()

    disk.before = before
    with pytest.raises(JournalError, match="No space left"):
        await commit.durable(rig.submit())
    assert rig.sequencer.durable_seq == 1
    assert len(rig.failures) == 1
    with pytest.raises(JournalError):
        await commit.close()


async def test_a_last_sync_that_fails_is_told_too() -> None:
    disk = GatedDisk()
    disk.go.set()
    rig = rig_on(disk)
    commit = rig.commit(Durability.OS)
    await commit.durable(rig.submit())
    disk.error = full()
    with pytest.raises(JournalError, match="No space left"):
        await commit.close()
    assert len(rig.failures) == 1


async def test_a_bug_in_the_thread_is_a_failure_not_a_silence() -> None:
    disk = FaultyDisk()
    rig = rig_on(disk)
    commit = rig.commit()

    def before(_call: int, _name: str) -> None:
        raise ValueError("a bug")

    disk.before = before
    with pytest.raises(JournalError, match="a bug"):
        await commit.durable(rig.submit())
    disk.before = lambda _call, _name: None
    with pytest.raises(JournalError):
        await commit.close()


class StateLock:
    """Opens a state directory for a `with` block."""

    def __init__(self, path: Path) -> None:
        self.directory = StateDirectory.open(path)

    def __enter__(self) -> StateDirectory:
        return self.directory

    def __exit__(self, *_exc: object) -> None:
        self.directory.close()


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="only Linux has a device that is always full")
async def test_a_device_that_is_really_full(tmp_path: Path) -> None:
    with StateLock(tmp_path) as directory:
        rig = Rig(directory)
        segment = Segment(1, Path("/dev/full"), HEADER_SIZE)
        writer = SegmentWriter(directory, Recovered(GENESIS, segment, ()))
        commit = GroupCommit(rig.sequencer, writer, Durability.FSYNC, rig.failures.append)
        with pytest.raises(JournalError, match="No space left on device"):
            await commit.durable(rig.submit())
        assert len(rig.failures) == 1
        with pytest.raises(JournalError):
            await commit.close()


async def test_a_real_disk_and_many_writers(tmp_path: Path) -> None:
    with StateLock(tmp_path) as directory:
        rig = Rig(directory, segment_bytes=1_000)
        commit = rig.commit()

        async def client() -> None:
            for _ in range(20):
                await commit.durable(rig.submit())

        await asyncio.gather(*(client() for _ in range(10)))
        assert rig.sequencer.durable_seq == 200
        await commit.close()
        again = Counter()
        recovered = directory.recover(again.restore, again.apply)
        assert again.seen == rig.counter.seen
        assert recovered.position == rig.sequencer.position
        assert recovered.segment is not None
        assert recovered.segment.number > 2, "segments were rotated under load"


def test_the_local_disk_does_what_it_says(tmp_path: Path) -> None:
    disk = LocalDisk()
    path = tmp_path / "file"
    descriptor = disk.open(path)
    assert disk.write(descriptor, memoryview(b"hello")) == 5
    disk.truncate(descriptor, 4)
    assert disk.write(descriptor, memoryview(b"!")) == 1
    disk.sync(descriptor)
    disk.close(descriptor)
    disk.sync_directory(tmp_path)
    assert disk.read(path) == b"hell!"
    disk.rename(path, tmp_path / "other")
    assert disk.names(tmp_path) == ["other"]
    disk.remove(tmp_path / "other")
    assert disk.names(tmp_path) == []


def test_the_loop_may_be_gone_before_the_thread() -> None:
    disk = GatedDisk()
    rig = rig_on(disk)
    commits: list[GroupCommit] = []

    async def main() -> None:
        commits.append(rig.commit())
        rig.submit()
        commits[0].commit(urgent=True)
        await begun(disk.syncing)

    asyncio.run(main())
    disk.go.set()
    thread = commits[0]._thread
    assert isinstance(thread, Thread)
    thread.join(10)
    assert not thread.is_alive()


def test_a_position_of_the_beginning_is_what_an_empty_directory_gives(tmp_path: Path) -> None:
    with StateLock(tmp_path) as directory:
        counter = Counter()
        assert directory.recover(counter.restore, counter.apply) == Recovered(GENESIS, None, ())
        assert counter.count == 0


def test_a_header_alone_is_a_journal_to_go_on_in() -> None:
    disk = FaultyDisk()
    rig = rig_on(disk)
    rig.write()
    path = STATE / segment_name(1)
    disk.put(path, disk.read(path)[: HEADER_SIZE + 5])
    again = Rig(StateDirectory(STATE, -1, disk), segment_bytes=50)
    assert again.recovered.position == Position(0, 0, bytes(8))
    again.write(2)
    assert rig_on(disk).counter.count == 2
