"""The state directory on disk, and the group commit that makes the journal durable.

Order of work.  Open (and lock) the directory; recover: newest good checkpoint, then the journal's entries behind it; append.
                While running, the event loop hands over whatever is pending as one batch and a thread writes and syncs it; the
                next batch collects meanwhile. So a lone command waits for one sync, and under load batches grow by themselves.
Invariant.      `durable(seq)` returns only when the records up to `seq` are where the chosen durability promises them. A
                segment is synced before the next one is begun, and the journal before a checkpoint of it, so that only the
                last segment can end in a torn write, and no journal can end before a checkpoint made of it. Whatever lies in
                the directory is readable by its owner alone.
Does not.       Repair: a damaged record with good ones behind it is reported, never skipped. Retry: after a write or sync that
                failed nobody knows what the disk holds (a second fsync may claim success for pages that were dropped), so the
                journal accepts nothing more and the process has to end.
"""

import asyncio
import fcntl
import os
from collections.abc import Callable
from contextlib import suppress
from enum import Enum, unique
from itertools import pairwise
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Final, Protocol

from msgspec import Struct

from papernet.app.journal import (
    GENESIS,
    HEADER_SIZE,
    Batch,
    Checkpoint,
    CheckpointDamagedError,
    Position,
    SegmentReader,
    Tail,
    TailKind,
    UnknownVersionError,
    decode_checkpoint,
    encode_checkpoint,
    encode_header,
)
from papernet.core.commands import Entry
from papernet.servers.disk import Disk, LocalDisk, write_all
from papernet.servers.states import remove_dropped

SEGMENT_BYTES: Final = 64 * 1024 * 1024
LAZY_SECONDS: Final = 0.25
CHECKPOINTS_KEPT: Final = 2

_LOCK: Final = "lock"
_TEMPORARY: Final = ".tmp"
_DAMAGED: Final = ".damaged"
_NUMBER_DIGITS: Final = 20


class StateError(Exception):
    """The state directory cannot be used; the message is one line for the person who started the program."""


class JournalError(Exception):
    """The journal could not be written: nothing that is not durable by now may be acknowledged, and the process must end."""


@unique
class Durability(Enum):
    """What an acknowledged command survives: FSYNC a power cut, OS the end of the process, MEMORY nothing."""

    FSYNC = "fsync"
    OS = "os"
    MEMORY = "memory"


class Segment(Struct, frozen=True):
    """The segment that the journal goes on in: its number, file and length."""

    number: int
    path: Path
    size: int


class Recovered(Struct, frozen=True):
    """What recovery found: the place to go on from, the segment to go on in (None: begin one), and what to tell the user."""

    position: Position
    segment: Segment | None
    warnings: tuple[str, ...]


def segment_name(first_seq: int) -> str:
    """Return the file name of the segment whose first record is `first_seq`."""
    return f"journal-{first_seq:020d}.log"


def checkpoint_name(seq: int) -> str:
    """Return the file name of the checkpoint behind the record `seq`."""
    return f"checkpoint-{seq:020d}.bin"


class StateDirectory:
    """A locked state directory: recovery, checkpoints, and what is kept of them."""

    def __init__(self, path: Path, lock: int, disk: Disk, *, keep_all: bool = False) -> None:
        """Use a directory whose lock is held; see `open`."""
        self.path: Final = path
        self.disk: Final = disk
        self._keep_all: Final = keep_all
        self._lock: int = lock

    @classmethod
    def open(cls, path: Path, *, disk: Disk | None = None, keep_all: bool = False) -> "StateDirectory":
        """Make the directory if need be, lock it and return it; raises StateError.

        `keep_all` keeps journal segments that checkpoints have made superfluous.
        """
        try:
            _make_private(path)
            lock = os.open(path / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StateError(_cannot("use state directory", path, error)) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.read(lock, 32).decode("ascii", "replace").strip()
            os.close(lock)
            if not isinstance(error, BlockingIOError):
                raise StateError(_cannot("lock state directory", path, error)) from error
            message = f"state directory {path} is in use by another papernet" + (f" (process {holder})" if holder else "")
            raise StateError(message) from error
        os.ftruncate(lock, 0)
        os.write(lock, b"%d\n" % os.getpid())
        return cls(path, lock, LocalDisk() if disk is None else disk, keep_all=keep_all)

    def close(self) -> None:
        """Let others use the directory."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def recover(self, restore: Callable[[Checkpoint], str], apply: Callable[[Entry], object]) -> Recovered:
        """Bring the state back and say where it stands; raises StateError, naming file, offset and record.

        `restore` takes a checkpoint as the state, discarding any earlier one, and returns the hash of what it made of it;
        it is not called when there is none. `apply` takes each later entry.
        """
        try:
            warnings: list[str] = []
            names = sorted(self.disk.names(self.path))
            for name in names:
                if name.endswith(_TEMPORARY):
                    self.disk.remove(self.path / name)
            start = self._restore_newest(names, restore, warnings)
            return _Replay(self.path, self.disk, start, warnings).run(_numbers(names, "journal-", ".log"), apply)
        except OSError as error:
            raise StateError(_cannot("read state directory", self.path, error)) from error

    def save_checkpoint(self, position: Position, exchange: bytes, views: bytes, state_hash: str, skipped: int = 0) -> None:
        """Write a checkpoint of the state at `position`, whose records have all been written, and drop what it supersedes.

        Blocks; may run in any thread beside the group commit. Raises OSError, which leaves the earlier checkpoints in place.
        """
        disk = self.disk
        # The journal first: one that ends before a checkpoint has lost records, and recovery says so.
        for first_seq in _numbers(disk.names(self.path), "journal-", ".log")[-2:]:
            self._sync_file(self.path / segment_name(first_seq))
        target = self.path / checkpoint_name(position.seq)
        temporary = target.with_name(target.name + _TEMPORARY)
        descriptor = disk.open(temporary)
        try:
            disk.truncate(descriptor, 0)
            write_all(disk, descriptor, encode_checkpoint(Checkpoint(position, state_hash, exchange, views, skipped)))
            disk.sync(descriptor)
        finally:
            disk.close(descriptor)
        disk.rename(temporary, target)
        disk.sync_directory(self.path)
        self._drop_superseded()

    def _sync_file(self, path: Path) -> None:
        descriptor = self.disk.open(path)
        try:
            self.disk.sync(descriptor)
        finally:
            self.disk.close(descriptor)

    def _drop_superseded(self) -> None:
        names = self.disk.names(self.path)
        checkpoints = _numbers(names, "checkpoint-", ".bin")
        for seq in checkpoints[:-CHECKPOINTS_KEPT]:
            self.disk.remove(self.path / checkpoint_name(seq))
        # With one checkpoint, the way back from it is the whole journal.
        if self._keep_all or len(checkpoints) < CHECKPOINTS_KEPT:
            return
        segments = _numbers(names, "journal-", ".log")
        # The segment that holds the checkpoint's own record stays: it ties the checkpoint to the journal.
        for first_seq, following in pairwise(segments):
            if following <= checkpoints[-CHECKPOINTS_KEPT]:
                self.disk.remove(self.path / segment_name(first_seq))
        remove_dropped(self.path, self.disk, checkpoints[-CHECKPOINTS_KEPT])

    def _restore_newest(
        self,
        names: list[str],
        restore: Callable[[Checkpoint], str],
        warnings: list[str],
    ) -> tuple[Path | None, Position]:
        for seq in reversed(_numbers(names, "checkpoint-", ".bin")):
            path = self.path / checkpoint_name(seq)
            try:
                checkpoint = decode_checkpoint(self.disk.read(path))
            except UnknownVersionError as error:
                message = f"{path}: {error}; it was written by another version of papernet"
                raise StateError(message) from error
            except CheckpointDamagedError as error:
                reason = str(error)
            else:
                if checkpoint.position.seq == seq and restore(checkpoint) == checkpoint.state_hash:
                    return path, checkpoint.position
                reason = "its state hash is wrong"
            # Out of the way, so that it does not count as one of those to keep.
            self.disk.rename(path, path.with_name(path.name + _DAMAGED))
            warnings.append(
                f"{path} is damaged ({reason}) and was set aside; the journal is replayed from further back instead"
            )
        return None, GENESIS


class _Replay:
    """Reads the segments behind a checkpoint, in order."""

    def __init__(self, directory: Path, disk: Disk, start: tuple[Path | None, Position], warnings: list[str]) -> None:
        self._directory: Final = directory
        self._disk: Final = disk
        self._checkpoint, self._start = start
        self._warnings: Final = warnings
        self._position: Position | None = None
        self._segment: Segment | None = None
        self._torn: tuple[Path, int, Tail] | None = None

    def run(self, segments: list[int], apply: Callable[[Entry], object]) -> Recovered:
        start = self._start
        # from the segment that holds the checkpoint's own record, for its chain value
        older = [first_seq for first_seq in segments if first_seq <= max(start.seq, 1)]
        needed = older[-1:] + segments[len(older) :]
        if not older and (segments or start.seq):
            following = f"; the first there is {segment_name(segments[0])}" if segments else ""
            message = f"{self._directory}: the journal segment that holds record {max(start.seq, 1)} is missing{following}"
            raise StateError(message)
        for first_seq in needed:
            self._read(first_seq, apply, is_last=first_seq == needed[-1])
        position = GENESIS if self._position is None else self._position
        if position.seq < start.seq:
            message = f"{self._directory}: the journal ends at record {position.seq}, before {self._checkpoint} was made of it"
            raise StateError(message)
        if self._torn is not None:
            self._cut(*self._torn)
        return Recovered(position, self._segment, tuple(self._warnings))

    def _read(self, first_seq: int, apply: Callable[[Entry], object], *, is_last: bool) -> None:
        path = self._directory / segment_name(first_seq)
        data = self._disk.read(path)
        reader = SegmentReader(data)
        if reader.header is not None:
            self._check_header(path, first_seq, reader)
        skip = self._start.seq
        for entry in reader:
            if entry.seq > skip:
                apply(entry)
            elif entry.seq == skip:
                self._check_checkpoint(path, reader)
        tail = reader.tail
        assert tail is not None
        if tail.kind is TailKind.TORN and is_last:
            self._torn = (path, len(data), tail)
        elif tail.kind is not TailKind.CLEAN:
            raise StateError(_damage(path, tail, first_seq + tail.record))
        if reader.header is not None:
            self._position = reader.position
            self._segment = Segment(reader.header.number, path, tail.offset)

    def _check_header(self, path: Path, first_seq: int, reader: SegmentReader) -> None:
        header = reader.header
        assert header is not None
        before = self._position
        if before is None and first_seq == 1:
            before = GENESIS
        if header.first_seq != first_seq:
            problem = f"is named for record {first_seq} but begins with {header.first_seq}"
        elif before is not None and before.seq + 1 != first_seq:
            problem = f"begins with record {first_seq}, but the one before it ends at {before.seq}: a segment is missing or cut"
        elif before is not None and before.chain != header.previous_chain:
            problem = "does not continue the chain of the segment before it"
        else:
            if before is not None:
                reader.position = before
            return
        message = f"{path} offset 0 record {first_seq}: the segment {problem}"
        raise StateError(message)

    def _check_checkpoint(self, path: Path, reader: SegmentReader) -> None:
        """Refuse a checkpoint of another journal; the reader stands behind the record that it was made at."""
        if reader.position.chain != self._start.chain:
            message = f"{path} offset {reader.offset} record {self._start.seq}: {self._checkpoint} was made of another journal"
            raise StateError(message)

    def _cut(self, path: Path, size: int, tail: Tail) -> None:
        if tail.offset == 0:
            self._disk.remove(path)
            self._disk.sync_directory(self._directory)
        else:
            descriptor = self._disk.open(path)
            try:
                self._disk.truncate(descriptor, tail.offset)
                self._disk.sync(descriptor)
            finally:
                self._disk.close(descriptor)
        self._warnings.append(
            f"{path}: cut {size - tail.offset} bytes at offset {tail.offset}, behind {tail.record} whole records: "
            "the last write had not been completed"
        )


class SegmentWriter:
    """Appends batches to the journal's segments; blocks.

    No space is reserved ahead: that makes a sync cheaper, though no request noticeably so, but a power cut could then leave
    later bytes without earlier ones, which in a file that grows by appending it does not.
    """

    def __init__(self, directory: StateDirectory, recovered: Recovered, segment_bytes: int = SEGMENT_BYTES) -> None:
        """Go on where recovery ended."""
        self._directory: Final = directory.path
        self._disk: Final = directory.disk
        self._limit: Final = segment_bytes
        self._number: int = 0
        self._size: int = 0
        self._descriptor: int = -1
        if recovered.segment is not None:
            self._number = recovered.segment.number
            self._size = recovered.segment.size
            self._descriptor = self._disk.open(recovered.segment.path)

    def write(self, batch: Batch) -> None:
        """Append a batch, whole, to the current segment or to a new one when it would grow too long."""
        data = batch.data
        if self._descriptor < 0 or (self._size > HEADER_SIZE and self._size + len(data) > self._limit):
            self._begin(batch.first_seq)
            data = encode_header(self._number, batch.first_seq, batch.previous_chain) + data
        write_all(self._disk, self._descriptor, data)
        self._size += len(data)

    def sync(self) -> None:
        """Return when everything written is on the medium."""
        if self._descriptor >= 0:
            self._disk.sync(self._descriptor)

    def close(self) -> None:
        """Close the current segment."""
        if self._descriptor >= 0:
            self._disk.close(self._descriptor)
            self._descriptor = -1

    def _begin(self, first_seq: int) -> None:
        self.sync()
        self.close()
        self._descriptor = self._disk.open(self._directory / segment_name(first_seq))
        self._disk.sync_directory(self._directory)
        self._number += 1
        self._size = 0


class Source(Protocol):
    """What the group commit needs of the sequencer."""

    @property
    def last_seq(self) -> int:
        """Return the number of the last command applied."""

    @property
    def durable_seq(self) -> int:
        """Return the number of the last durable one."""

    def take_pending(self) -> Batch | None:
        """Return the records made since the last call, or None."""

    def mark_durable(self, seq: int) -> None:
        """Note that the records up to `seq` are durable."""

    def halt(self, reason: str) -> None:
        """Refuse every later command."""


class GroupCommit:
    """Makes the sequencer's records durable. All methods belong to the event loop it was made in.

    With FSYNC a thread writes and syncs; with OS the loop itself writes, which is quicker than waking a thread; with MEMORY
    (no writer) everything is durable in the next turn of the loop. `on_failure` is called once, with the error that ends the
    process.
    """

    def __init__(
        self,
        source: Source,
        writer: SegmentWriter | None,
        durability: Durability,
        on_failure: Callable[[JournalError], None],
    ) -> None:
        """Begin; `writer` is None exactly with MEMORY."""
        assert (writer is None) == (durability is Durability.MEMORY)
        self._source: Source = source
        self._writer: Final = writer
        self._on_failure: Final = on_failure
        self._loop: Final = asyncio.get_running_loop()
        self._failure: JournalError | None = None
        self._timer: asyncio.Handle | None = None
        self._soon: asyncio.Handle | None = None
        # those who wait for the batch in flight, which ends at `_flying_seq` (0: there is none), and for the one after it
        self._flying: list[asyncio.Future[None]] = []
        self._flying_seq: int = 0
        self._waiting: list[asyncio.Future[None]] = []
        self._wanted: bool = False
        self._inbox: Final[SimpleQueue[Batch | None]] = SimpleQueue()
        self._thread: Thread | None = None
        if writer is not None and durability is Durability.FSYNC:
            self._thread = Thread(target=self._work, args=(writer,), name="papernet-journal", daemon=True)
            self._thread.start()

    def follow(self, source: Source) -> None:
        """Go on with another sequencer's records; all of those before are durable."""
        assert self._source.durable_seq == self._source.last_seq == source.last_seq
        self._source = source

    def commit(self, *, urgent: bool) -> None:
        """See to it that what is pending becomes durable: at once, or within a quarter of a second."""
        if self._failure is not None:
            return
        if self._writer is None:
            if urgent and self._soon is None:
                self._soon = self._loop.call_soon(self._let_out)
        elif not urgent:
            if self._timer is None:
                self._timer = self._loop.call_later(LAZY_SECONDS, self._flush)
        elif self._flying_seq:
            self._wanted = True
        elif self._soon is None:
            # not now: the other requests of this turn of the loop go into the same batch
            self._soon = self._loop.call_soon(self._flush)

    async def durable(self, seq: int) -> None:
        """Return when the records up to `seq` are durable; raises JournalError when they never will be."""
        source = self._source
        if self._writer is None:
            # What waits in the outbox leaves before whoever asked goes on.
            self._let_out()
            return
        if seq <= source.durable_seq:
            return
        assert seq <= source.last_seq
        if self._failure is None and self._thread is None:
            self._flush()
        if self._failure is not None:
            raise JournalError(str(self._failure))
        if self._thread is None:
            return
        waiter: asyncio.Future[None] = self._loop.create_future()
        if seq <= self._flying_seq:
            self._flying.append(waiter)
        else:
            self._waiting.append(waiter)
            self.commit(urgent=True)
        await waiter

    async def close(self) -> None:
        """Make everything durable, end the thread and close the segment; raises JournalError when that fails."""
        try:
            await self.durable(self._source.last_seq)
            if self._writer is not None and self._thread is None:
                try:
                    self._writer.sync()
                except OSError as error:
                    self._failed(error)
                    raise JournalError(str(self._failure)) from error
        finally:
            for handle in (self._timer, self._soon):
                if handle is not None:
                    handle.cancel()
            if self._thread is not None:
                self._inbox.put(None)
                self._thread.join()
            if self._writer is not None:
                with suppress(OSError):
                    self._writer.close()

    def _flush(self) -> None:
        """Hand over what is pending, unless a batch is in flight: then it goes when that one is done."""
        for handle in (self._timer, self._soon):
            if handle is not None:
                handle.cancel()
        self._timer = self._soon = None
        if self._failure is not None:
            return
        if self._flying_seq:
            self._wanted = True
            return
        self._wanted = False
        batch = self._source.take_pending()
        if batch is None:
            return
        self._flying_seq = batch.last_seq
        self._flying, self._waiting = self._waiting, []
        if self._thread is not None:
            self._inbox.put(batch)
            return
        assert self._writer is not None
        try:
            self._writer.write(batch)
        except OSError as error:
            self._failed(error)
        else:
            self._written(batch.last_seq)

    def _let_out(self) -> None:
        """Say that everything is durable, when nothing has to be done for it."""
        if self._soon is not None:
            self._soon.cancel()
            self._soon = None
        self._source.mark_durable(self._source.last_seq)

    def _written(self, seq: int) -> None:
        self._source.mark_durable(seq)
        self._flying_seq = 0
        done, self._flying = self._flying, []
        for waiter in done:
            if not waiter.done():
                waiter.set_result(None)
        if self._wanted:
            self._flush()

    def _failed(self, error: Exception) -> None:
        reason = f"the journal cannot be written ({error}); no further command is accepted"
        self._failure = JournalError(reason)
        self._source.halt(reason)
        for waiter in (*self._flying, *self._waiting):
            if not waiter.done():
                waiter.set_exception(JournalError(reason))
        self._flying, self._waiting = [], []
        self._on_failure(self._failure)

    def _work(self, writer: SegmentWriter) -> None:
        """Write and sync one batch after the other; the thread's whole life."""
        # the loop is closed when the program was torn down without waiting: then nobody is left to tell
        with suppress(RuntimeError):
            while (batch := self._inbox.get()) is not None:
                try:
                    writer.write(batch)
                    writer.sync()
                except Exception as error:  # noqa: BLE001 - told to the loop, which ends the process
                    self._loop.call_soon_threadsafe(self._failed, error)
                    return
                self._loop.call_soon_threadsafe(self._written, batch.last_seq)


def _numbers(names: list[str], prefix: str, suffix: str) -> list[int]:
    """Return the numbers in the names that are `prefix`, 20 digits, `suffix`, in order."""
    found = [name[len(prefix) : -len(suffix)] for name in names if name.startswith(prefix) and name.endswith(suffix)]
    return sorted(int(digits) for digits in found if len(digits) == _NUMBER_DIGITS and digits.isascii() and digits.isdigit())


def _make_private(path: Path) -> None:
    """Make the directory, or take an empty one or one of ours, for its owner alone."""
    try:
        path.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        if path.stat().st_mode & 0o077 == 0:
            return
        names = [entry.name for entry in path.iterdir()]
        if names and _LOCK not in names:
            message = f"state directory {path} holds other files and is open to other users; use an empty one or chmod 700"
            raise StateError(message) from None
        path.chmod(0o700)


def _cannot(what: str, path: Path, error: OSError) -> str:
    return f"cannot {what} {error.filename or path}: {error.strerror or error}"


def _damage(path: Path, tail: Tail, seq: int) -> str:
    if tail.kind is TailKind.UNKNOWN_VERSION:
        return f"{path}: {tail.reason}; it was written by another version of papernet"
    reason = tail.reason + " in a segment that others follow" if tail.kind is TailKind.TORN else tail.reason
    return f"{path} offset {tail.offset} record {seq}: {reason}; not starting, since commands behind it would be lost"
