"""States of a network that were kept under a name, to come back to or to begin another network with.

Order of work.  `World.capture` makes a `SavedState` of one moment. A shelf keeps it: in memory, or in the state directory,
                where it survives a restart. `World.restore` goes back to it, `fork_of` begins another network with it.
Layout.         A file holds magic, format version, length, BLAKE2b-256 and the state in MessagePack. Its name says behind which
                entry of the journal the state stands, and the state's name.
Invariant.      A file is whole or not there. As long as a replay of the journal may need a state, its file stays, though its
                name was taken away or given to another state: it then says in its name when that was.
Does not.       Know worlds, doors, or what the bytes of a state mean.
Units.          Microseconds UTC.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from gc import disable, enable, isenabled
from hashlib import blake2b
from pathlib import Path
from struct import Struct as Layout
from typing import Final, Protocol

from msgspec import DecodeError, Struct
from msgspec.msgpack import Decoder, Encoder

from papernet.exchange import checkpoint as checkpoints
from papernet.exchange.machine import Exchange
from papernet.exchange.views import Views
from papernet.servers.disk import Disk, write_all

FORMAT_VERSION: Final = 1
NAME_MAX: Final = 64

_NAME: Final = re.compile(rf"[A-Za-z0-9_][A-Za-z0-9_.-]{{0,{NAME_MAX - 1}}}", re.ASCII)
_MAGIC: Final = b"PNETKEPT"
_HEAD: Final = Layout(">8sHQ32s")
_KEPT: Final = re.compile(rf"kept-(\d{{20}})-({_NAME.pattern})\.bin", re.ASCII)
_DROPPED: Final = re.compile(rf"dropped-(\d{{20}})-(\d{{20}})-({_NAME.pattern})\.bin", re.ASCII)
_TEMPORARY: Final = ".tmp"


class StateFileError(Exception):
    """A kept state cannot be read; the message is one line and names the file."""


class SavedState(Struct, frozen=True, array_like=True):
    """A state: it stood behind entry `seq` of its journal, which is the `number`-th of its own past and was made `at`.

    `saved_at` is papernet's time of when it was kept. `settings`, `exchange`, `views` and `archive` are bytes of those; an
    empty archive is b"".
    """

    name: str
    saved_at: int
    seq: int
    number: int
    at: int
    settings: bytes
    exchange: bytes
    views: bytes
    archive: bytes

    def revive(self, seq: int) -> tuple[Exchange, Views]:
        """Return exchange and views as they were, to go on behind entry `seq` of a journal; raises StateFileError."""
        try:
            with uncollected():
                exchange = checkpoints.decode(self.exchange, is_trusted=True)
                views = Views.restore(self.views)
        except (DecodeError, ValueError) as error:
            message = f"the state {self.name!r} cannot be used: {error}"
            raise StateFileError(message) from error
        views.seq = seq
        return exchange, views


class Label(Struct, frozen=True):
    """What there is to say of a kept state without reading it whole."""

    name: str
    saved_at: int
    seq: int
    size: int


def is_name(name: str) -> bool:
    """Tell whether a state may be kept under a name: letters, digits, `_`, `.` and `-`, of which the last two begin none."""
    return _NAME.fullmatch(name) is not None


class Shelf(Protocol):
    """Where the named states of one network are. Saving and dropping block."""

    def labels(self) -> list[Label]:
        """Return what there is, in the order in which it was kept."""

    def save(self, state: SavedState, last_seq: int) -> None:
        """Keep a state, in the place of the one that had its name; `last_seq` is the newest entry of the journal."""

    def load(self, name: str) -> SavedState | None:
        """Return the state of a name; raises StateFileError."""

    def drop(self, name: str, last_seq: int) -> bool:
        """Let go of a state; return whether there was one."""


class MemoryShelf:
    """Keeps states as long as the process lives."""

    def __init__(self) -> None:
        """Begin empty."""
        self._states: Final[dict[str, SavedState]] = {}

    def labels(self) -> list[Label]:
        """Return what there is, in the order in which it was kept."""
        return [_label(state) for state in self._states.values()]

    def save(self, state: SavedState, last_seq: int) -> None:
        """Keep a state, in the place of the one that had its name."""
        del last_seq
        self._states.pop(state.name, None)
        self._states[state.name] = state

    def load(self, name: str) -> SavedState | None:
        """Return the state of a name."""
        return self._states.get(name)

    def drop(self, name: str, last_seq: int) -> bool:
        """Let go of a state; return whether there was one."""
        del last_seq
        return self._states.pop(name, None) is not None


class DirectoryShelf:
    """Keeps states in a state directory."""

    def __init__(self, directory: Path, disk: Disk) -> None:
        """Use a directory that is locked, and finish what a process before began."""
        self._directory: Final = directory
        self._disk: Final = disk
        self._labels: Final[dict[str, Label]] = {}
        for seq, name, path in sorted(_kept(disk.names(directory), directory)):
            before = self._labels.get(name)
            if before is not None:
                # The one that replaced it was written, and then there was no time to put it aside.
                self._put_aside(before, seq)
            self._labels[name] = self._read_label(path, seq, name)

    def labels(self) -> list[Label]:
        """Return what there is, in the order in which it was kept."""
        return list(self._labels.values())

    def save(self, state: SavedState, last_seq: int) -> None:
        """Keep a state, in the place of the one that had its name; raises OSError, and then the former one is still there."""
        path = self._directory / kept_name(state.seq, state.name)
        temporary = path.with_name(path.name + _TEMPORARY)
        disk = self._disk
        descriptor = disk.open(temporary)
        try:
            disk.truncate(descriptor, 0)
            write_all(disk, descriptor, encode_state(state))
            disk.sync(descriptor)
        finally:
            disk.close(descriptor)
        disk.rename(temporary, path)
        disk.sync_directory(self._directory)
        before = self._labels.pop(state.name, None)
        self._labels[state.name] = _label(state)
        if before is not None and before.seq != state.seq:
            self._put_aside(before, last_seq)

    def load(self, name: str) -> SavedState | None:
        """Return the state of a name; raises StateFileError."""
        label = self._labels.get(name)
        return None if label is None else read_state(self._directory, self._disk, label.seq, name)

    def drop(self, name: str, last_seq: int) -> bool:
        """Let go of a state; return whether there was one. Raises OSError."""
        label = self._labels.get(name)
        if label is None:
            return False
        self._put_aside(label, last_seq)
        del self._labels[name]
        self._disk.sync_directory(self._directory)
        return True

    def _put_aside(self, label: Label, last_seq: int) -> None:
        source = self._directory / kept_name(label.seq, label.name)
        self._disk.rename(source, self._directory / _dropped_name(last_seq, label.seq, label.name))

    def _read_label(self, path: Path, seq: int, name: str) -> Label:
        try:
            return _label(decode_state(self._disk.read(path)))
        except ValueError:
            # Whoever asks for it is told what is wrong with it.
            return Label(name, 0, seq, 0)


def kept_name(seq: int, name: str) -> str:
    """Return the file name of a state."""
    return f"kept-{seq:020d}-{name}.bin"


def read_state(directory: Path, disk: Disk, seq: int, name: str) -> SavedState:
    """Return the state that stood behind an entry and had a name, even if it has it no longer; raises StateFileError."""
    names = disk.names(directory)
    aside = [found[0] for found in map(_DROPPED.fullmatch, names) if found and int(found[2]) == seq and found[3] == name]
    kept = kept_name(seq, name)
    path = directory / (kept if kept in names or not aside else aside[0])
    try:
        state = decode_state(disk.read(path))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        message = f"{path}: the state {name!r} cannot be read: {reason}"
        raise StateFileError(message) from error
    if (state.seq, state.name) != (seq, name):
        message = f"{path}: it holds the state {state.name!r} of entry {state.seq}"
        raise StateFileError(message)
    return state


def remove_dropped(directory: Path, disk: Disk, before: int) -> None:
    """Remove the states that were let go of by entry `before`, from which on a replay begins at the earliest."""
    for name in disk.names(directory):
        found = _DROPPED.fullmatch(name)
        if found and int(found[1]) <= before:
            disk.remove(directory / name)


def encode_state(state: SavedState) -> bytes:
    """Return a state as bytes that vouch for themselves."""
    body = Encoder().encode(state)
    return _HEAD.pack(_MAGIC, FORMAT_VERSION, len(body), blake2b(body, digest_size=32).digest()) + body


def decode_state(data: bytes) -> SavedState:
    """Return the state; raises ValueError when the bytes are no whole state of this version."""
    if len(data) < _HEAD.size or not data.startswith(_MAGIC):
        message = "the header is not whole"
        raise ValueError(message)
    _magic, version, length, digest = _HEAD.unpack_from(data)
    if version != FORMAT_VERSION:
        message = f"format version {version} is not {FORMAT_VERSION}; it was written by another version of papernet"
        raise ValueError(message)
    body = data[_HEAD.size :]
    if len(body) != length or blake2b(body, digest_size=32).digest() != digest:
        message = "its checksum is wrong"
        raise ValueError(message)
    try:
        return Decoder(SavedState).decode(body)
    except DecodeError as error:
        raise ValueError(str(error)) from error


@contextmanager
def uncollected() -> Iterator[None]:
    """Keep the garbage collector from looking through thousands of new objects, none of which is garbage, again and again."""
    before = isenabled()
    disable()
    try:
        yield
    finally:
        if before:
            enable()


def _label(state: SavedState) -> Label:
    return Label(state.name, state.saved_at, state.seq, len(state.exchange) + len(state.views) + len(state.archive))


def _kept(names: list[str], directory: Path) -> Iterator[tuple[int, str, Path]]:
    for name in names:
        found = _KEPT.fullmatch(name)
        if found:
            yield int(found[1]), found[2], directory / name


def _dropped_name(last_seq: int, seq: int, name: str) -> str:
    return f"dropped-{last_seq:020d}-{seq:020d}-{name}.bin"
