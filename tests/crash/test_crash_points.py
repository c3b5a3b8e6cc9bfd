"""The power goes, or the disk fails, at every call that a run makes: what was acknowledged is there, nothing only in part."""

import errno
from collections.abc import Callable

import pytest

from papernet.app.journal import HEADER_SIZE
from papernet.servers.files import StateError, checkpoint_name, segment_name
from tests.crash.busy_run import STATE, Machine, Run, busy_run
from tests.crash.faulty_disk import FaultyDisk, PowerCut, cut_at, fail_at, nothing

COUNT = 66
SEGMENT_BYTES = 1_500
CHECKPOINT_EVERY = 15


def go(disk: FaultyDisk, run: Run) -> int:
    """Run the machine on the disk to the end or to the disaster; return what was acknowledged last."""
    machine = None
    try:
        machine = Machine(disk, SEGMENT_BYTES)
        machine.go_on(run, COUNT, batch=3, checkpoint_every=CHECKPOINT_EVERY)
    except (PowerCut, OSError, StateError):
        pass
    return machine.acknowledged if machine is not None else 0


def survivors(disk: FaultyDisk) -> list[FaultyDisk]:
    """Return what may be left of a disk after a power cut."""
    keeps: list[Callable[[int], int]] = [
        nothing,
        lambda n: n,
        lambda n: n // 2,
        lambda n: min(n, HEADER_SIZE),
        lambda n: n - 1,
    ]
    return [
        disk.after_power_cut(lambda n, keep=keep: max(keep(n), 0), names)  # type: ignore[misc]
        for keep in keeps
        for names in ("all", "synced", "worst")
    ]


def check(disk: FaultyDisk, run: Run, acknowledged: int, *, finish: bool) -> None:
    """Recover; everything acknowledged is there, and the state is that of some prefix; then the run can be finished."""
    machine = Machine(disk, SEGMENT_BYTES)
    assert acknowledged <= machine.seq <= min(acknowledged + 3, COUNT)
    assert machine.state_hash() == run.hashes[machine.seq]
    if finish:
        machine.go_on(run, COUNT, batch=3, checkpoint_every=CHECKPOINT_EVERY)
        again = Machine(disk, SEGMENT_BYTES)
        assert (again.seq, again.state_hash()) == (COUNT, run.hashes[COUNT])
        assert again.recovered.warnings == ()


@pytest.fixture(scope="module")
def calls() -> list[str]:
    """Return the calls of a run without a disaster, behind those of its recovery."""
    disk = FaultyDisk()
    assert go(disk, busy_run()) == COUNT
    names = disk.names(STATE)
    assert sum(name.startswith("checkpoint") for name in names) == 2
    assert segment_name(1) not in names, "superseded segments are gone"
    assert disk.log.count("open") > 8
    return disk.log


def test_power_cut_at_every_call(calls: list[str]) -> None:
    run = busy_run()
    for number in range(1, len(calls) + 1):
        disk = FaultyDisk()
        disk.before = cut_at(number)
        acknowledged = go(disk, run)
        for index, left in enumerate(survivors(disk)):
            check(left, run, acknowledged, finish=(number + index) % 7 == 0)


def test_power_cut_at_every_call_of_a_recovery() -> None:
    run = busy_run()
    machine = Machine(FaultyDisk())
    machine.go_on(run, 40, checkpoint_every=15)
    disk = machine.directory.disk
    assert isinstance(disk, FaultyDisk)
    whole = disk.read(STATE / segment_name(1))
    disk.put(STATE / segment_name(1), whole[: run.edges[40] - 3])
    newest = STATE / checkpoint_name(30)
    disk.put(newest, disk.read(newest)[:-1])
    disk.put(STATE / "checkpoint-x.tmp", b"left over")
    number = 0
    while True:
        number += 1
        attempt = disk.copy()
        attempt.before = cut_at(number)
        try:
            assert len(Machine(attempt).recovered.warnings) == 2
            break
        except PowerCut:
            for left in survivors(attempt):
                again = Machine(left)
                assert (again.seq, again.state_hash()) == (39, run.hashes[39])
    assert number > 8


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EMFILE], ids=errno.errorcode.get)
def test_every_call_fails_once_and_the_process_starts_again(calls: list[str], code: int) -> None:
    run = busy_run()
    for number in range(1, len(calls) + 1):
        disk = FaultyDisk()
        disk.before = fail_at(number, code)
        acknowledged = go(disk, run)
        check(disk.copy(), run, acknowledged, finish=number % 5 == 0)
        check(disk.after_power_cut(nothing), run, acknowledged, finish=number % 5 == 1)


def test_writes_that_take_a_few_bytes_at_a_time() -> None:
    run = busy_run()
    reference = FaultyDisk()
    go(reference, run)
    for appetite in (1, 7, 100):
        disk = FaultyDisk()
        disk.appetite = appetite
        assert go(disk, run) == COUNT
        assert {path: file.content for path, file in disk.files.items()} == {
            path: file.content for path, file in reference.files.items()
        }


def test_short_writes_before_the_disk_is_full() -> None:
    run = busy_run()
    for number in range(4, 200, 3):
        disk = FaultyDisk()
        disk.appetite = 50
        disk.before = fail_at(number, errno.ENOSPC)
        acknowledged = go(disk, run)
        check(disk.copy(), run, acknowledged, finish=False)


def test_rotation_at_every_record() -> None:
    run = busy_run()
    for first in range(1, COUNT):
        disk = FaultyDisk()
        machine = Machine(disk, segment_bytes=run.edges[first])
        machine.go_on(run, COUNT)
        assert segment_name(first + 1) in disk.names(STATE)
        check(disk.copy(), run, COUNT, finish=False)
        if first % 6 == 0:
            without = disk.copy()
            without.remove(STATE / segment_name(first + 1))
            if len(disk.names(STATE)) > 2:
                with pytest.raises(StateError, match="a segment is missing or cut"):
                    Machine(without)
            cut = disk.copy()
            cut.put(STATE / segment_name(1), run.segment[: run.edges[first] - 1])
            with pytest.raises(StateError, match=f"offset {run.edges[first - 1]} record {first}: .* that others follow"):
                Machine(cut)
            shortened = disk.copy()
            shortened.put(STATE / segment_name(1), run.segment[: run.edges[first - 1]])
            with pytest.raises(StateError, match="a segment is missing or cut"):
                Machine(shortened)


def test_a_checkpoint_cut_or_flipped_anywhere_falls_back_to_the_earlier_one() -> None:
    run = busy_run()
    machine = Machine(FaultyDisk())
    machine.go_on(run, 50, checkpoint_every=20)
    disk = machine.directory.disk
    assert isinstance(disk, FaultyDisk)
    newest = STATE / checkpoint_name(40)
    whole = disk.read(newest)
    for spot in range(0, len(whole), 3):
        flipped = bytearray(whole)
        flipped[spot] ^= 1 << spot % 8
        for content in (whole[:spot], bytes(flipped)):
            damaged = disk.copy()
            damaged.put(newest, content)
            if spot in (8, 9) and len(content) == len(whole):
                continue
            again = Machine(damaged)
            assert (again.seq, again.state_hash()) == (50, run.hashes[50])
            (warning,) = again.recovered.warnings
            assert str(newest) in warning
            assert newest.name not in damaged.names(STATE)
