"""The journal as bytes: how entries are framed, chained and read back, and how a checkpoint is.

Layout.         A segment is a header and records. The header: magic, format version, segment number, sequence number of its
                first record, chain value before it, CRC-32 of all that. A record: CRC-32 of everything after the CRC, length
                of the payload, chain value, payload; the payload is one `Entry` in MessagePack. Numbers are big-endian.
Order of work.  The chain value of a record is a hash of the one before it and of the payload, so a record can stand in one
                place only. The CRC vouches for a record alone, without its past: that is how a reader recognises, behind a
                damaged record, that good ones follow.
Invariant.      Sequence numbers have no gaps and times never fall, within and across segments; behind a `Restore` they go on
                from its own. A reader takes records from the left until the first that is not right and never returns
                anything behind it. What it found there is one of: CLEAN, nothing; TORN, the rest of a write that was cut
                short, with no well-formed record in it; CORRUPT, a record that is damaged or in the wrong place although the
                journal once went on behind it.
Does not.       Touch files. Tell the loss of the last records at a record's edge from a journal that was never longer (a
                checkpoint made later does: it names a place in the chain). Protect from a forger: hashes have no key.
"""

from collections.abc import Iterator
from enum import Enum, unique
from hashlib import blake2b
from struct import Struct as Layout
from typing import Final
from zlib import crc32

from msgspec import DecodeError, Struct
from msgspec.msgpack import Decoder, Encoder

from papernet.core.commands import Entry, Restore

# Of journal segments, and of checkpoints: what these hold changes more often than what a command is.
FORMAT_VERSION: Final = 1
CHECKPOINT_VERSION: Final = 2
CHAIN_SIZE: Final = 8

_SEGMENT_MAGIC: Final = b"PNETJRNL"
_CHECKPOINT_MAGIC: Final = b"PNETCKPT"
_MAGIC_AND_VERSION: Final = Layout(">8sH")
_HEADER: Final = Layout(">8sHxxIQ8s")
_CRC: Final = Layout(">I")
_LENGTH_AND_CHAIN: Final = Layout(">I8s")
_RECORD: Final = Layout(">II8s")
_CHECKPOINT: Final = Layout(">8sHQ32s")

HEADER_SIZE: Final = _HEADER.size + _CRC.size
RECORD_HEAD_SIZE: Final = _RECORD.size

# Every payload starts with this byte: MessagePack's array of three, an `Entry`.
_ENTRY_MARK: Final = b"\x93"

_ENTRY_DECODER: Final = Decoder(Entry)


class Position(Struct, frozen=True, array_like=True, gc=False):
    """A place in the journal: behind the record with number `seq`, made at `at`, whose chain value is `chain`."""

    seq: int
    at: int
    chain: bytes


GENESIS: Final = Position(0, 0, bytes(CHAIN_SIZE))


class Batch(Struct, frozen=True, gc=False):
    """Records `first_seq` to `last_seq` as one piece of bytes; `previous_chain` is the chain value before the first."""

    first_seq: int
    last_seq: int
    previous_chain: bytes
    data: bytes


class SegmentHeader(Struct, frozen=True, gc=False):
    """What a segment says of itself."""

    number: int
    first_seq: int
    previous_chain: bytes


@unique
class TailKind(Enum):
    """What stands behind the last good record of a segment."""

    CLEAN = "clean"
    TORN = "torn"
    CORRUPT = "corrupt"
    UNKNOWN_VERSION = "unknown version"
    UNREADABLE = "unreadable"


class Tail(Struct, frozen=True, gc=False):
    """Where reading a segment ended: byte `offset`, behind `record` good records, and why."""

    kind: TailKind
    offset: int
    record: int
    reason: str = ""


class Checkpoint(Struct, frozen=True, array_like=True):
    """The state at a position: two opaque pieces of bytes, and the hash that the restored state must have."""

    position: Position
    state_hash: str
    exchange: bytes
    views: bytes
    # how many records before it are not of the state's past (see `app.sequencer`)
    skipped: int = 0


class CheckpointDamagedError(Exception):
    """The bytes are not a whole checkpoint."""


class UnknownVersionError(Exception):
    """The bytes were written by a format that this program does not know."""


class JournalWriter:
    """Turns entries into records and keeps them until they are taken."""

    __slots__ = ("_at", "_chain", "_encode", "_first_seq", "_pending", "_previous_chain", "_seq")

    def __init__(self, position: Position = GENESIS) -> None:
        """Continue the journal behind `position`."""
        self._encode: Final = Encoder().encode
        self._pending: list[bytes] = []
        self._seq: int = position.seq
        self._at: int = position.at
        self._chain: bytes = position.chain
        self._first_seq: int = position.seq + 1
        self._previous_chain: bytes = position.chain

    @property
    def position(self) -> Position:
        """Return the place behind the last record appended."""
        return Position(self._seq, self._at, self._chain)

    def encode(self, entry: Entry) -> bytes:
        """Return an entry's payload; changes nothing, and raises OverflowError for numbers that no record can hold."""
        return self._encode(entry)

    def append(self, seq: int, at: int, payload: bytes) -> None:
        """Add the record of the entry `seq`, made at `at` and encoded as `payload`, to what is pending."""
        assert seq == self._seq + 1
        assert at >= self._at
        chain = blake2b(self._chain + payload, digest_size=8).digest()
        body = _LENGTH_AND_CHAIN.pack(len(payload), chain) + payload
        self._pending += (crc32(body).to_bytes(4), body)
        self._chain = chain
        self._seq = seq
        self._at = at

    def turn_back(self, at: int) -> None:
        """Let what follows the record of a restore be made from `at` on."""
        self._at = at

    def take(self) -> Batch | None:
        """Return all pending records as one batch and forget them, or None when there are none."""
        if not self._pending:
            return None
        batch = Batch(self._first_seq, self._seq, self._previous_chain, b"".join(self._pending))
        self._pending.clear()
        self._first_seq = self._seq + 1
        self._previous_chain = self._chain
        return batch


def encode_header(number: int, first_seq: int, previous_chain: bytes) -> bytes:
    """Return the bytes that open segment `number`."""
    fields = _HEADER.pack(_SEGMENT_MAGIC, FORMAT_VERSION, number, first_seq, previous_chain)
    return fields + _CRC.pack(crc32(fields))


class SegmentReader:
    """Reads one segment from the left; `tail` is None until the last good record has been given out.

    `offset` and `position` are where the reader stands: behind `record` good records.
    """

    __slots__ = ("_data", "header", "offset", "position", "record", "tail")

    def __init__(self, data: bytes) -> None:
        """Read the header; when that fails, `header` is None and `tail` says why."""
        self._data: Final = data
        self.offset: int = 0
        self.record: int = 0
        self.tail: Tail | None = None
        self.header: SegmentHeader | None = self._read_header()
        self.position: Position = GENESIS
        if self.header is not None:
            self.offset = HEADER_SIZE
            self.position = Position(self.header.first_seq - 1, 0, self.header.previous_chain)

    def resume(self, offset: int, record: int, position: Position) -> None:
        """Go on at a place that a reader of the same leading bytes has come to."""
        self.offset = offset
        self.record = record
        self.position = position

    def __iter__(self) -> Iterator[Entry]:
        """Give out the entries up to the tail."""
        if self.tail is not None:
            return
        data = self._data
        size = len(data)
        decode = _ENTRY_DECODER.decode
        seq, at, chain = self.position.seq, self.position.at, self.position.chain
        start = self.offset
        while start < size:
            begin = start + RECORD_HEAD_SIZE
            end = _end_of_record(data, start)
            if end < 0:
                self._stop_at_damage()
                return
            payload = data[begin:end]
            if blake2b(chain + payload, digest_size=8).digest() != data[start + 8 : begin]:
                self._stop(TailKind.CORRUPT, "the record is whole but does not continue the chain")
                return
            try:
                entry = decode(payload)
            except DecodeError as error:
                self._stop(TailKind.UNREADABLE, f"the record holds a command that this version does not know ({error})")
                return
            if entry.seq != seq + 1 or entry.at < at:
                self._stop(TailKind.CORRUPT, f"the record is out of order (sequence number {entry.seq} after {seq})")
                return
            seq, at, chain = entry.seq, entry.at, data[start + 8 : begin]
            if type(entry.command) is Restore:
                at = entry.command.at
            self.position = Position(seq, at, chain)
            self.offset = start = end
            self.record += 1
            yield entry
        self._stop(TailKind.CLEAN, "")

    def _read_header(self) -> SegmentHeader | None:
        data = self._data
        if len(data) >= HEADER_SIZE and data.startswith(_SEGMENT_MAGIC):
            _magic, version, number, first_seq, previous_chain = _HEADER.unpack_from(data)
            if version != FORMAT_VERSION:
                self._stop(TailKind.UNKNOWN_VERSION, f"format version {version} is not {FORMAT_VERSION}")
                return None
            if _CRC.unpack_from(data, _HEADER.size)[0] == crc32(data[: _HEADER.size]):
                return SegmentHeader(number, first_seq, previous_chain)
        # A segment's header is written together with its first records: one that is not whole was never acknowledged.
        kind = TailKind.TORN if _next_record(data, 0) < 0 else TailKind.CORRUPT
        self._stop(kind, "the header is not whole")
        return None

    def _stop_at_damage(self) -> None:
        following = _next_record(self._data, self.offset + 1)
        if following < 0:
            self._stop(TailKind.TORN, "the record is not whole")
        else:
            self._stop(TailKind.CORRUPT, f"the record is damaged, though good records follow at offset {following}")

    def _stop(self, kind: TailKind, reason: str) -> None:
        self.tail = Tail(kind, self.offset, self.record, reason)


def decode_segment(data: bytes) -> tuple[list[Entry], Tail]:
    """Return all good entries of a segment, and what stands behind them."""
    reader = SegmentReader(data)
    entries = list(reader)
    assert reader.tail is not None
    return entries, reader.tail


def encode_checkpoint(checkpoint: Checkpoint) -> bytes:
    """Return a checkpoint as bytes that vouch for themselves."""
    body = Encoder().encode(checkpoint)
    return _CHECKPOINT.pack(_CHECKPOINT_MAGIC, CHECKPOINT_VERSION, len(body), blake2b(body, digest_size=32).digest()) + body


def decode_checkpoint(data: bytes) -> Checkpoint:
    """Return the checkpoint; raises `CheckpointDamagedError` or `UnknownVersionError`."""
    if len(data) < _CHECKPOINT.size or not data.startswith(_CHECKPOINT_MAGIC):
        message = "the header is not whole"
        raise CheckpointDamagedError(message)
    version = _MAGIC_AND_VERSION.unpack_from(data)[1]
    if version != CHECKPOINT_VERSION:
        message = f"format version {version} is not {CHECKPOINT_VERSION}"
        raise UnknownVersionError(message)
    _magic, _version, length, digest = _CHECKPOINT.unpack_from(data)
    body = data[_CHECKPOINT.size :]
    if len(body) != length or blake2b(body, digest_size=32).digest() != digest:
        message = "its checksum is wrong"
        raise CheckpointDamagedError(message)
    return Decoder(Checkpoint).decode(body)


def _end_of_record(data: bytes, start: int) -> int:
    """Return where the record at `start` ends, or -1 when no well-formed record stands there."""
    begin = start + RECORD_HEAD_SIZE
    if begin >= len(data):
        return -1
    crc, length, _chain = _RECORD.unpack_from(data, start)
    end: int = begin + length
    if length == 0 or end > len(data) or crc32(data[start + 4 : end]) != crc:
        return -1
    return end


def _next_record(data: bytes, start: int) -> int:
    """Return the offset of the first well-formed record at or behind `start`, or -1.

    The mark that every payload begins with makes this quick: checksums are computed where it stands, and nowhere else.
    """
    begin = data.find(_ENTRY_MARK, start + RECORD_HEAD_SIZE)
    while begin >= 0:
        offset = begin - RECORD_HEAD_SIZE
        if _end_of_record(data, offset) >= 0:
            return offset
        begin = data.find(_ENTRY_MARK, begin + 1)
    return -1
