"""How entries and checkpoints look as bytes, and what a reader says of bytes that are not right."""

from hashlib import blake2b
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import msgpack

from papernet.app.journal import (
    GENESIS,
    HEADER_SIZE,
    RECORD_HEAD_SIZE,
    Checkpoint,
    CheckpointDamagedError,
    JournalWriter,
    Position,
    SegmentReader,
    TailKind,
    UnknownVersionError,
    decode_checkpoint,
    decode_segment,
    encode_checkpoint,
    encode_header,
)
from papernet.core.commands import Deposit, Entry, RevokeKey

CHECKPOINT = Checkpoint(Position(7, 1_700_000_000_000_000, b"abcdefgh"), "0f" * 32, b"exchange", b"views")


def entries(count: int, first: int = 1) -> list[Entry]:
    return [Entry(seq, seq // 2, Deposit(1, "BTC", seq)) for seq in range(first, first + count)]


def write(writer: JournalWriter, *items: Entry) -> None:
    for entry in items:
        writer.append(entry.seq, entry.at, writer.encode(entry))


def segment(*items: Entry, position: Position = GENESIS) -> bytes:
    writer = JournalWriter(position)
    write(writer, *items)
    batch = writer.take()
    return encode_header(1, position.seq + 1, position.chain) + (batch.data if batch is not None else b"")


def test_the_layout_is_the_documented_one() -> None:
    """Built here by hand: whoever changes the layout must raise the format version."""
    payload = msgpack.encode(Entry(1, 5, RevokeKey("k")))
    assert payload == b"\x93\x01\x05\x92\xa2XK\xa1k"
    chain = blake2b(bytes(8) + payload, digest_size=8).digest()
    body = len(payload).to_bytes(4) + chain + payload
    header = b"PNETJRNL" + (1).to_bytes(2) + bytes(2) + (1).to_bytes(4) + (1).to_bytes(8) + bytes(8)
    expected = header + crc32(header).to_bytes(4) + crc32(body).to_bytes(4) + body
    assert segment(Entry(1, 5, RevokeKey("k"))) == expected
    assert (len(header) + 4, 16) == (HEADER_SIZE, RECORD_HEAD_SIZE)


def test_entries_come_back_as_they_were() -> None:
    items = entries(20)
    data = segment(*items)
    found, tail = decode_segment(data)
    assert found == items
    assert (tail.kind, tail.offset, tail.record) == (TailKind.CLEAN, len(data), 20)


def test_an_empty_segment_is_clean() -> None:
    assert decode_segment(segment())[1].kind is TailKind.CLEAN


@given(st.lists(st.integers(1, 9), min_size=1, max_size=8))
def test_batches_joined_are_the_journal_written_at_once(sizes: list[int]) -> None:
    items = entries(sum(sizes))
    writer = JournalWriter()
    data, done, chain = encode_header(1, 1, bytes(8)), 0, GENESIS.chain
    for size in sizes:
        write(writer, *items[done : done + size])
        batch = writer.take()
        assert batch is not None
        assert (batch.first_seq, batch.last_seq, batch.previous_chain) == (done + 1, done + size, chain)
        assert writer.take() is None
        data, done, chain = data + batch.data, done + size, writer.position.chain
    assert data == segment(*items)


def test_a_journal_goes_on_from_a_position() -> None:
    items = entries(6)
    writer = JournalWriter()
    write(writer, *items[:4])
    position = writer.position
    assert (position.seq, position.at) == (4, 2)
    reader = SegmentReader(segment(*items[4:], position=position))
    assert list(reader) == items[4:]
    write(writer, *items[4:])
    assert reader.position == writer.position
    assert reader.header is not None
    assert (reader.header.first_seq, reader.header.previous_chain) == (5, position.chain)


@pytest.mark.parametrize(("seq", "at"), [(3, 9), (1, 9), (2, 4)])
def test_the_writer_takes_neither_gaps_nor_falling_times(seq: int, at: int) -> None:
    writer = JournalWriter(Position(1, 5, bytes(8)))
    with pytest.raises(AssertionError):
        write(writer, Entry(seq, at, RevokeKey("k")))


def test_a_number_that_no_record_can_hold_is_refused_by_encode() -> None:
    writer = JournalWriter()
    with pytest.raises(OverflowError):
        writer.encode(Entry(1, 1, Deposit(1, "BTC", 1 << 64)))
    assert writer.take() is None


def whole_record(payload: bytes, chain: bytes = bytes(8)) -> bytes:
    body = len(payload).to_bytes(4) + blake2b(chain + payload, digest_size=8).digest() + payload
    return crc32(body).to_bytes(4) + body


@pytest.mark.parametrize(
    ("payload", "kind", "reason"),
    [
        (msgpack.encode([2, 1, ["XK", "k"]]), TailKind.CORRUPT, "out of order (sequence number 2 after 0)"),
        (msgpack.encode([1, -1, ["XK", "k"]]), TailKind.CORRUPT, "out of order"),
        (msgpack.encode([1, 1, ["from the future", 1]]), TailKind.UNREADABLE, "does not know"),
        (msgpack.encode([1, 1, ["XK", 5]]), TailKind.UNREADABLE, "does not know"),
        (b"\x93", TailKind.UNREADABLE, "does not know"),
    ],
)
def test_records_that_are_whole_but_wrong(payload: bytes, kind: TailKind, reason: str) -> None:
    found, tail = decode_segment(segment() + whole_record(payload))
    assert found == []
    assert (tail.kind, tail.offset, tail.record) == (kind, HEADER_SIZE, 0)
    assert reason in tail.reason


def test_a_whole_record_of_another_place_in_the_chain_is_corrupt_even_at_the_end() -> None:
    data = segment(*entries(2)) + whole_record(msgpack.encode(Entry(3, 1, RevokeKey("k"))), b"elsewher")
    found, tail = decode_segment(data)
    assert len(found) == 2
    assert tail.kind is TailKind.CORRUPT
    assert "does not continue the chain" in tail.reason


def test_garbage_full_of_marks_is_no_record() -> None:
    data = segment(*entries(2))
    found, tail = decode_segment(data + b"\x93" * 500 + bytes(100) + b"\0\0\0\x05" * 50 + b"\x93")
    assert len(found) == 2
    assert (tail.kind, tail.offset) == (TailKind.TORN, len(data))


def test_the_good_record_behind_a_damaged_one_is_found_wherever_it_begins() -> None:
    data = segment(*entries(5))
    third = data.index(whole := data[HEADER_SIZE:], HEADER_SIZE) + 2 * (len(whole) // 5)
    for gap in (0, 1, 40):
        tail = decode_segment(data[: third - 3] + b"\x93" * gap + data[third:])[1]
        assert tail.kind is TailKind.CORRUPT
        assert f"good records follow at offset {third - 3 + gap}" in tail.reason


def test_another_format_version_is_named() -> None:
    data = bytearray(segment(*entries(1)))
    data[9] = 2
    found, tail = decode_segment(bytes(data))
    assert found == []
    assert (tail.kind, tail.reason) == (TailKind.UNKNOWN_VERSION, "format version 2 is not 1")


@given(st.binary(max_size=300))
def test_any_bytes_are_read_without_an_exception(data: bytes) -> None:
    assert decode_segment(data)[1].kind is not TailKind.CLEAN
    found, tail = decode_segment(segment(*entries(1)) + data)
    assert len(found) == 1
    assert (tail.kind is TailKind.CLEAN) == (data == b"")


def test_a_checkpoint_comes_back_as_it_was() -> None:
    assert decode_checkpoint(encode_checkpoint(CHECKPOINT)) == CHECKPOINT


def test_a_checkpoint_that_is_not_whole_is_refused() -> None:
    data = encode_checkpoint(CHECKPOINT)
    for size in range(len(data)):
        with pytest.raises(CheckpointDamagedError):
            decode_checkpoint(data[:size])
    with pytest.raises(CheckpointDamagedError):
        decode_checkpoint(data + b"\0")
    for spot in range(len(data)):
        for bit in range(8):
            flipped = bytearray(data)
            flipped[spot] ^= 1 << bit
            with pytest.raises(UnknownVersionError if spot in (8, 9) else CheckpointDamagedError):
                decode_checkpoint(bytes(flipped))
