"""Shelves of states: what a name stands for, and what is left when a process ends at any moment."""

import gc
from pathlib import Path

import pytest
from msgspec import structs

from papernet.exchange import checkpoint
from papernet.exchange.machine import Exchange
from papernet.exchange.views import Views
from papernet.servers.disk import Disk
from papernet.servers.states import (
    DirectoryShelf,
    MemoryShelf,
    SavedState,
    Shelf,
    StateFileError,
    decode_state,
    encode_state,
    is_name,
    read_state,
    remove_dropped,
    uncollected,
)
from tests.crash.faulty_disk import FaultyDisk, PowerCut, cut_at, nothing

HERE = Path("/state")


def state(name: str = "one", seq: int = 7, saved_at: int = 5) -> SavedState:
    exchange, views = checkpoint.encode(Exchange()), Views().snapshot()
    return SavedState(name, saved_at, seq, seq - 2, 3, b"{}", exchange, views, b"archive")


def shelf(disk: Disk) -> DirectoryShelf:
    return DirectoryShelf(HERE, disk)


@pytest.mark.parametrize("make", [MemoryShelf, lambda: shelf(FaultyDisk())], ids=["memory", "directory"])
def test_a_name_stands_for_the_state_that_had_it_last(make: type[MemoryShelf]) -> None:
    kept: Shelf = make()
    assert kept.load("one") is None
    for each in (state("one"), state("two"), state("one", seq=9)):
        kept.save(each, each.seq)
    assert [(label.name, label.seq) for label in kept.labels()] == [("two", 7), ("one", 9)]
    assert kept.load("one") == state("one", seq=9)
    assert kept.drop("one", 9)
    assert not kept.drop("one", 9)
    assert kept.load("one") is None
    assert kept.load("two") == state("two")


def test_a_directory_is_found_as_it_was_left() -> None:
    disk = FaultyDisk()
    kept = shelf(disk)
    for each in (state("one"), state("two"), state("one", seq=9)):
        kept.save(each, each.seq)
    assert shelf(disk).labels() == kept.labels()
    assert shelf(disk).load("one") == state("one", seq=9)


def test_what_lost_its_name_is_read_until_no_replay_needs_it() -> None:
    disk = FaultyDisk()
    kept = shelf(disk)
    kept.save(state("one", seq=7), 7)
    kept.save(state("one", seq=9), 12)
    kept.drop("one", 20)
    assert read_state(HERE, disk, 7, "one") == state("one", seq=7)
    assert read_state(HERE, disk, 9, "one") == state("one", seq=9)
    remove_dropped(HERE, disk, 19)
    assert read_state(HERE, disk, 9, "one") == state("one", seq=9)
    with pytest.raises(StateFileError, match="No such file"):
        read_state(HERE, disk, 7, "one")
    remove_dropped(HERE, disk, 20)
    with pytest.raises(StateFileError, match="No such file"):
        read_state(HERE, disk, 9, "one")


def test_the_power_goes_at_every_call_of_saving_and_dropping() -> None:
    number = 0
    while True:
        number += 1
        disk = FaultyDisk()
        shelf(disk).save(state("one", seq=7), 7)
        disk.before = cut_at(disk.calls + number)
        done = 0
        try:
            kept = shelf(disk)
            kept.save(state("one", seq=9), 9)
            done = 1
            kept.drop("one", 11)
            done = 2
        except PowerCut:
            pass
        for names in ("all", "synced"):
            left = disk.after_power_cut(nothing, names)
            found = shelf(left)
            label = next(iter(found.labels()), None)
            # What was told is there; what was not is there as it was before, or as it would have been.
            assert label is None if done == 2 else label is None or label.seq in ((7, 9) if done == 0 else (9,))
            assert label is not None or done > 0
            if label is not None:
                assert found.load("one") == state("one", seq=label.seq)
            assert read_state(HERE, left, 7, "one") == state("one", seq=7), "a replay may need it"
        if done == 2:
            break
    assert number > 8


def test_damage_is_told_with_the_name_of_the_file() -> None:
    disk = FaultyDisk()
    shelf(disk).save(state(), 7)
    (path,) = disk.files
    whole = disk.read(path)
    for content, reason in (
        (whole[:-1], "its checksum is wrong"),
        (b"", "the header is not whole"),
        (whole[:9] + b"\x63" + whole[10:], "format version 99 is not 1; it was written by another version of papernet"),
        (encode_state(state("two")), "it holds the state 'two' of entry 7"),
    ):
        disk.put(path, content)
        kept = shelf(disk)
        assert [label.name for label in kept.labels()] == ["one"] or content == encode_state(state("two"))
        with pytest.raises(StateFileError, match=reason) as told:
            kept.load("one")
        assert str(path) in str(told.value)


def test_bytes_that_are_no_state_are_refused() -> None:
    assert decode_state(encode_state(state())) == state()
    broken = encode_state(structs.replace(state(), seq="x"))
    with pytest.raises(ValueError, match="Expected `int`"):
        decode_state(broken)


@pytest.mark.parametrize("name", ["a", "A-b_c.9", "_x", "x" * 64])
def test_names(name: str) -> None:
    assert is_name(name)


@pytest.mark.parametrize("name", ["", ".x", "-x", "a/b", "..", "a b", "x" * 65, "ä", "x\n"])
def test_no_names(name: str) -> None:
    assert not is_name(name)


def test_a_state_is_revived_behind_an_entry() -> None:
    exchange, views = state().revive(30)
    assert checkpoint.encode(exchange) == state().exchange
    assert views.seq == 30


def test_the_collector_rests_and_works_again() -> None:
    assert gc.isenabled()
    with uncollected():
        assert not gc.isenabled()
        with uncollected():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_a_state_of_another_format_is_told_by_its_name() -> None:
    with pytest.raises(StateFileError, match="the state 'one' cannot be used"):
        structs.replace(state(), exchange=b"\x91\x63").revive(30)
