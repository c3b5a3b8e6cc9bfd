"""The journal of a busy run is cut, flipped, and shuffled everywhere: never is it silently something else.

A reader goes from the left and carries only its position, so what it makes of the bytes before the damage is what it made of
them in the undamaged journal: those tests resume there instead of reading each of the many thousand journals from its start.
"""

from functools import cache

import pytest

from papernet.app.journal import HEADER_SIZE, Position, SegmentReader, Tail, TailKind, decode_segment
from papernet.core.commands import Entry
from papernet.servers.files import StateError, segment_name
from tests.crash.busy_run import STATE, Machine, Run, busy_run
from tests.crash.faulty_disk import FaultyDisk

PATH = STATE / segment_name(1)
VERSION_BYTES = (8, 9)


@cache
def positions() -> list[Position]:
    """Return where a reader of the run stands before each record and behind the last."""
    reader = SegmentReader(busy_run().segment)
    places = [reader.position]
    places += [reader.position for _ in reader]
    return places


def resumed(data: bytes, run: Run, record: int, places: list[Position]) -> SegmentReader:
    """Return a reader that stands before a record of the run and has been read to its end; it must find nothing."""
    reader = SegmentReader(data)
    reader.resume(run.edges[record], record, places[record])
    assert list(reader) == []
    return reader


def recovered(data: bytes) -> Machine:
    disk = FaultyDisk()
    disk.put(PATH, data)
    return Machine(disk)


def test_the_run_is_busy() -> None:
    run = busy_run()
    assert len({type(entry.command) for entry in run.entries}) == 14
    assert len(set(run.hashes)) > 150, "most commands change something"


def test_an_undamaged_journal_gives_all_entries() -> None:
    run = busy_run()
    entries, tail = decode_segment(run.segment)
    assert entries == run.entries
    assert (tail.kind, tail.offset, tail.record) == (TailKind.CLEAN, len(run.segment), len(run.entries))
    assert recovered(run.segment).state_hash() == run.hashes[-1]


def test_every_cut_is_a_torn_tail_behind_the_last_whole_record() -> None:
    run = busy_run()
    places = positions()
    record = 0
    for size in range(HEADER_SIZE, len(run.segment)):
        while run.edges[record + 1] <= size:
            record += 1
        tail = resumed(run.segment[:size], run, record, places).tail
        assert tail is not None
        whole = size == run.edges[record]
        assert (tail.kind, tail.offset, tail.record) == (
            TailKind.CLEAN if whole else TailKind.TORN,
            run.edges[record],
            record,
        )


def test_recovery_from_a_cut_is_the_state_behind_the_last_whole_record_and_the_run_goes_on() -> None:
    run = busy_run()
    count, size = len(run.entries), len(run.segment)
    cuts = sorted({*range(0, size, 97), *run.edges[:-1], *(edge - 1 for edge in run.edges[1:])})
    for cut in cuts:
        machine = recovered(run.segment[:cut])
        whole = sum(edge <= cut for edge in run.edges[1:])
        assert (machine.seq, machine.state_hash()) == (whole, run.hashes[whole])
        assert bool(machine.recovered.warnings) == (cut not in run.edges)
        if cut % 10 == 0:
            machine.go_on(run, count, batch=50)
            disk = machine.directory.disk
            assert isinstance(disk, FaultyDisk)
            assert (disk.read(PATH), machine.state_hash()) == (run.segment, run.hashes[-1])


def test_a_header_cut_short_is_cut_away() -> None:
    run = busy_run()
    for size in range(HEADER_SIZE):
        machine = recovered(run.segment[:size])
        assert (machine.seq, machine.state_hash()) == (0, run.hashes[0])
        assert machine.recovered.segment is None
        machine.go_on(run, 5)
        again = Machine(machine.directory.disk)
        assert (again.seq, again.state_hash(), again.recovered.warnings) == (5, run.hashes[5], ())


def test_every_flipped_bit_is_found_and_only_the_last_record_may_be_cut() -> None:
    run = busy_run()
    places = positions()
    last = len(run.entries) - 1
    data = bytearray(run.segment)
    record = 0
    for spot in range(len(data)):
        while run.edges[record + 1] <= spot:
            record += 1
        for bit in range(8):
            data[spot] ^= 1 << bit
            if spot < HEADER_SIZE:
                reader = SegmentReader(bytes(data))
                assert list(reader) == []
                expected = TailKind.UNKNOWN_VERSION if spot in VERSION_BYTES else TailKind.CORRUPT
            else:
                reader = resumed(bytes(data), run, record, places)
                expected = TailKind.TORN if record == last else TailKind.CORRUPT
            assert reader.tail is not None
            assert reader.tail.kind is expected, (spot, bit)
            data[spot] ^= 1 << bit
    assert data == run.segment


def test_a_damaged_record_before_good_ones_refuses_to_start_and_says_where() -> None:
    run = busy_run()
    for record in range(0, len(run.entries) - 1, 9):
        data = bytearray(run.segment)
        data[run.edges[record] + 20] ^= 4
        with pytest.raises(StateError) as caught:
            recovered(bytes(data))
        message = str(caught.value)
        assert f"{PATH} offset {run.edges[record]} record {record + 1}:" in message
        assert f"good records follow at offset {run.edges[record + 1]}" in message
        assert "\n" not in message


def test_a_record_removed_doubled_or_swapped_refuses_to_start() -> None:
    run = busy_run()
    edges, data = run.edges, run.segment
    count = len(run.entries)
    for record in range(count - 1):
        before, this, rest = data[: edges[record]], data[edges[record] : edges[record + 1]], data[edges[record + 1] :]
        following = data[edges[record + 1] : edges[record + 2]]
        for damaged, at in (
            (before + rest, record),
            (before + this + this + rest, record + 1),
            (before + following + this + data[edges[record + 2] :], record),
        ):
            entries, tail = decode_segment(damaged) if record % 8 == 0 else decode_from(damaged, run, record)
            assert entries == run.entries[at - len(entries) : at]
            assert (tail.kind, tail.offset, tail.record) == (TailKind.CORRUPT, edges[at], at)
    doubled_last = data + data[edges[count - 1] :]
    assert decode_segment(doubled_last)[1].kind is TailKind.CORRUPT


def decode_from(data: bytes, run: Run, record: int) -> tuple[list[Entry], Tail]:
    reader = SegmentReader(data)
    reader.resume(run.edges[record], record, positions()[record])
    entries = list(reader)
    assert reader.tail is not None
    return entries, reader.tail


@pytest.mark.parametrize("fill", [b"\0", b"\xff", b"\x93"])
def test_a_lost_sector_is_found(fill: bytes) -> None:
    run = busy_run()
    size = len(run.segment)
    for start in range(0, size, 512):
        end = min(start + 512, size)
        damaged = run.segment[:start] + fill * (end - start) + run.segment[end:]
        entries, tail = decode_segment(damaged)
        assert entries == run.entries[: len(entries)]
        assert tail.offset <= start or start == 0
        behind = [edge for edge in run.edges[:-1] if edge >= end]
        assert tail.kind is (TailKind.CORRUPT if behind else TailKind.TORN)


def test_space_reserved_behind_the_end_is_a_torn_tail() -> None:
    run = busy_run()
    for reserved in (1, 15, 16, 17, 4096):
        entries, tail = decode_segment(run.segment + bytes(reserved))
        assert len(entries) == len(run.entries)
        assert (tail.kind, tail.offset) == (TailKind.TORN, len(run.segment))
