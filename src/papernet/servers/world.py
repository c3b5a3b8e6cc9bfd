"""One exchange and everything that keeps it: state directory, journal, archive, sequencer.

Order of work.  The directory is locked and the state brought back; what entries made that were lost with a torn tail is
                forgotten by the archive; then the journal goes on. Checkpoints: archive, then journal, then the checkpoint.
Restores.       A note in the journal; once that is durable, the archive is replaced, and another world goes on with the state.
                A start that meets the note does the same. What users ask meanwhile has to wait.
Invariant.      Nothing is archived before it is durable. A checkpoint is made of one moment between two commands. No checkpoint
                is made of a state that was brought back before its archive is in place.
Does not.       Open an empty exchange (`opening` does), serve, or tick.
"""

import asyncio
import hashlib
import sqlite3
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from msgspec import DecodeError, Struct, json

from papernet.app.journal import GENESIS, Checkpoint, JournalWriter, Position
from papernet.app.sequencer import Sequencer, apply_entry
from papernet.core.commands import Command, Entry, Restore
from papernet.core.events import Applied
from papernet.exchange import checkpoint as checkpoints
from papernet.exchange.machine import Exchange
from papernet.exchange.views import Views
from papernet.servers.archive import ArchiveError, ArchiveThread, SqliteArchive, replace_archive
from papernet.servers.files import Durability, GroupCommit, JournalError, SegmentWriter, StateDirectory, StateError
from papernet.servers.runtime import write_private
from papernet.servers.states import DirectoryShelf, MemoryShelf, SavedState, Shelf, StateFileError, read_state

_SETTINGS: Final = "settings.json"
# A start reads the segment that the newest checkpoint was made in: so much of it takes a sixth of a second.
_SEGMENT_BYTES: Final = 4 * 1024 * 1024


class WorldError(Exception):
    """The world cannot be opened; the message is one line for the person who started the program."""


class Settings(Struct):
    """What a state directory remembers beside the exchange's own state; `epoch` 0 says that nothing has been opened yet.

    `restored` is the entry that last brought a state back with which these settings came.
    """

    seed: int
    epoch: int = 0
    started_at: int = 0
    crowd: bool = False
    restored: int = 0


class WatchedSequencer(Sequencer):
    """A sequencer that shows what users' commands brought about to whoever watches."""

    __slots__ = ("on_durable", "watch")
    watch: Callable[[Applied], None] | None
    # told how many entries are not durable yet, before what waited for the others leaves
    on_durable: Callable[[int], None] | None

    def mark_durable(self, seq: int) -> None:
        """Note that the records up to `seq` are where the promised durability needs them, and let out what waited for them."""
        if self.on_durable is not None:
            self.on_durable(self.last_seq - seq)
        super().mark_durable(seq)

    def submit(self, command: Command, now: int) -> Applied:
        """Apply a command and show the outcome."""
        applied = super().submit(command, now)
        if self.watch is not None:
            self.watch(applied)
        return applied


class World:
    """An exchange that is kept. Everything but opening belongs to the event loop."""

    def __init__(
        self,
        exchange: Exchange,
        views: Views,
        archive: SqliteArchive,
        position: Position,
        *,
        directory: StateDirectory | None,
        settings: Settings,
        skipped: int = 0,
        before: "World | None" = None,
    ) -> None:
        """Hold the parts of a world that stands at `position`; see `open_world`, and `restore` for `before` and `skipped`."""
        self.exchange: Final = exchange
        self.views: Final = views
        self.archive: Final = archive
        self.settings: Final = settings
        self.warnings: Final[list[str]] = []
        # Says of an entry up to which one, at most that, rows may leave memory.
        self.archive_limit: Callable[[int], int] | None = None
        new_writer = JournalWriter(position) if directory is not None and before is None else None
        writer = new_writer if before is None else before.sequencer.writer
        self.sequencer: Final[WatchedSequencer] = WatchedSequencer(exchange, views, writer, position.seq, position.at, skipped)
        self.sequencer.watch = None
        self.sequencer.on_durable = None
        self.checkpoint_seq: int = position.seq if before is None else before.checkpoint_seq
        self.states: Final[Shelf] = _shelf(directory) if before is None else before.states
        self._directory: Final = directory
        self._archive_thread: Final = ArchiveThread(archive)
        self._archiving: Final = asyncio.Lock()
        self._archive_failed: bool = False
        self._journal: GroupCommit | None = None if before is None else before.journal
        # Whether another world goes on in the place of this one.
        self._is_over: bool = False

    @property
    def journal(self) -> GroupCommit:
        """Return the journal, once it has begun."""
        assert self._journal is not None
        return self._journal

    def begin_journal(
        self, writer: SegmentWriter | None, durability: Durability, on_failure: Callable[[JournalError], None]
    ) -> None:
        """Make what is submitted from now on durable."""
        journal = self._journal = GroupCommit(self.sequencer, writer, durability, on_failure)
        # Whoever subscribed is not made to wait for the lazy commit of what the crowd does.
        self.sequencer.outbox.on_held = partial(journal.commit, urgent=True)

    def capture_settings(self) -> bytes:
        """Return the settings as a kept state has them."""
        return json.encode(self.settings)

    async def capture(self, name: str, now: Callable[[], int]) -> SavedState:
        """Return the state of one moment, durable, to come back to; nothing is kept of it here."""
        async with self._archiving:
            contents = await asyncio.wrap_future(self._archive_thread.contents())
            sequencer = self.sequencer
            seq = sequencer.last_seq
            state = SavedState(
                name=name,
                saved_at=now(),
                seq=seq,
                number=seq - sequencer.skipped,
                at=sequencer.last_at,
                settings=self.capture_settings(),
                exchange=checkpoints.encode(self.exchange),
                views=self.views.snapshot(),
                archive=contents,
            )
        await self.journal.durable(seq)
        return state

    async def restore(self, state: SavedState, now: int) -> "World":
        """Bring a state back: this world is over, and the one that is returned goes on, on the same journal.

        The state is one that this world's shelf has. Nobody may be answered from this world meanwhile.
        """
        exchange, views = state.revive(self.sequencer.last_seq + 1)
        async with self._archiving:
            views.seq = seq = self.sequencer.give_way(Restore(state.name, state.seq, state.number, state.at), now)
            self._is_over = True
            await self.journal.durable(seq)
            self._archive_thread.close()
            self.archive.close()
            directory = self._directory
            world = World(
                exchange,
                views,
                SqliteArchive(None if directory is None else directory.path, state.archive),
                Position(seq, state.at, b""),
                directory=directory,
                settings=_settings_of(state, seq),
                skipped=seq - state.number,
                before=self,
            )
        self.journal.follow(world.sequencer)
        world.sequencer.outbox.on_held = partial(self.journal.commit, urgent=True)
        world.save_settings()
        return world

    def save_settings(self) -> None:
        """Remember the settings."""
        if self._directory is not None:
            write_private(self._directory.path / _SETTINGS, json.encode(self.settings))

    def _archivable(self) -> int:
        """Return up to which entry rows may be archived."""
        durable = self.sequencer.durable_seq
        return durable if self.archive_limit is None else min(durable, self.archive_limit(durable))

    async def archive_rows(self) -> None:
        """Move what has become final, and is durable, out of memory."""
        async with self._archiving:
            # A batch is bounded, so that letting go of it does not hold up the loop.
            while not self._is_over and (batch := self.views.take(self._archivable())) is not None:
                try:
                    await asyncio.wrap_future(self._archive_thread.write(batch))
                except asyncio.CancelledError:
                    # Whether it gets there or not: the next batch brings the same rows again, and they are the same.
                    self.views.give_back(batch)
                    raise
                except sqlite3.Error as error:
                    self.views.give_back(batch)
                    if not self._archive_failed:
                        _tell(f"the archive cannot be written ({error}); trying again")
                    self._archive_failed = True
                    return
                self.views.confirm(batch)
                self._archive_failed = False

    async def save_checkpoint(self) -> None:
        """Write a checkpoint, unless nothing happened since the last one or the archive cannot be synced."""
        if self._directory is None or self.sequencer.last_seq == self.checkpoint_seq:
            return
        await self.archive_rows()
        async with self._archiving:
            if self._is_over:
                return
            try:
                await asyncio.wrap_future(self._archive_thread.sync())
            except sqlite3.Error:
                # It is being read just now; the journal still holds everything, and there will be another time.
                return
            position = self.sequencer.position
            exchange, views = checkpoints.encode(self.exchange), self.views.snapshot()
            await self.journal.durable(position.seq)
            try:
                await asyncio.to_thread(_save, self._directory, position, exchange, views, self.sequencer.skipped)
            except OSError as error:
                # The journal still holds everything; the next start only takes longer.
                _tell(f"no checkpoint could be written ({error})")
                return
            self.checkpoint_seq = position.seq

    async def close(self) -> None:
        """Keep everything and let go of it; raises JournalError when the journal could not be kept."""
        try:
            if self._journal is not None and self.sequencer.halted is None:
                await self._journal.durable(self.sequencer.last_seq)
                await self.save_checkpoint()
                await self.archive_rows()
        finally:
            try:
                if self._journal is not None:
                    await self._journal.close()
            finally:
                self._archive_thread.close()
                self.archive.close()
                if self._directory is not None:
                    self._directory.close()


def open_world(
    path: Path | None, seed: int | None, durability: Durability, on_failure: Callable[[JournalError], None]
) -> World:
    """Bring a state directory's world back, or make an empty one (in memory when there is no path); raises WorldError."""
    if path is None:
        world = World(Exchange(), Views(), SqliteArchive(None), GENESIS, directory=None, settings=Settings(seed or 0))
        world.begin_journal(None, Durability.MEMORY, on_failure)
        return world
    try:
        directory = StateDirectory.open(path)
    except StateError as error:
        raise WorldError(str(error)) from error
    try:
        return _recover(directory, seed, durability, on_failure)
    except (StateError, StateFileError, ArchiveError, OSError, ValueError, sqlite3.Error) as error:
        directory.close()
        raise WorldError(" ".join(str(error).split())) from error
    except BaseException:
        directory.close()
        raise


def fork_of(state: SavedState, on_failure: Callable[[JournalError], None]) -> World:
    """Return a world in memory that begins with a state."""
    exchange, views = state.revive(state.seq)
    world = World(
        exchange,
        views,
        SqliteArchive(None, state.archive),
        Position(state.seq, state.at, b""),
        directory=None,
        settings=_settings_of(state, 0),
        skipped=state.seq - state.number,
    )
    world.begin_journal(None, Durability.MEMORY, on_failure)
    return world


class _Restored:
    """What recovery fills: the newest checkpoint's state, then the journal's entries."""

    def __init__(self, directory: StateDirectory) -> None:
        self.exchange = Exchange()
        self.views = Views()
        self.from_checkpoint = False
        self.skipped = 0
        # the newest note of a restore behind the checkpoint, with the state that it is about
        self.restored: tuple[int, SavedState] | None = None
        self._directory: Final = directory

    def restore(self, checkpoint: Checkpoint) -> str:
        self.exchange = checkpoints.decode(checkpoint.exchange)
        self.views = Views.restore(checkpoint.views)
        self.from_checkpoint = True
        self.skipped = checkpoint.skipped
        return checkpoints.state_hash(self.exchange)

    def apply(self, entry: Entry) -> None:
        command = entry.command
        if isinstance(command, Restore):
            state = read_state(self._directory.path, self._directory.disk, command.seq, command.name)
            self.exchange, self.views = state.revive(entry.seq)
            self.skipped = entry.seq - command.number
            self.restored = entry.seq, state
        else:
            self.views.fold(apply_entry(self.exchange, entry, self.skipped))


def _recover(
    directory: StateDirectory, seed: int | None, durability: Durability, on_failure: Callable[[JournalError], None]
) -> World:
    settings = _settings(directory.path / _SETTINGS, seed)
    restored = _Restored(directory)
    recovered = directory.recover(restored.restore, restored.apply)
    if restored.restored is not None:
        seq, state = restored.restored
        replace_archive(directory.path, state.archive)
        if settings.restored < seq:
            settings = _settings_of(state, seq)
    archive = SqliteArchive(directory.path)
    writer = archive.writer()
    is_behind = restored.from_checkpoint and archive.is_new
    writer.forget_after(recovered.position.seq)
    writer.close()
    world = World(
        restored.exchange,
        restored.views,
        archive,
        recovered.position,
        directory=directory,
        settings=settings,
        skipped=restored.skipped,
    )
    world.warnings.extend(recovered.warnings)
    if is_behind:
        world.warnings.append(f"{archive.path} is new or empty: closed orders, trades and candles of before are gone")
    if settings.epoch and not recovered.position.seq:
        # What the settings say was opened went with the journal: without this there would be no accounts and no keys.
        settings.epoch, settings.started_at, settings.crowd = 0, 0, False
        world.warnings.append(f"{directory.path} holds no journal any more: an exchange is begun anew")
    world.begin_journal(SegmentWriter(directory, recovered, _SEGMENT_BYTES), durability, on_failure)
    return world


def _settings(path: Path, seed: int | None) -> Settings:
    try:
        settings = json.decode(path.read_bytes(), type=Settings)
    except FileNotFoundError:
        return Settings(seed or 0)
    except DecodeError as error:
        raise WorldError(f"{path}: {error}") from error
    if seed is not None and seed != settings.seed and settings.epoch:
        raise WorldError(f"--seed {seed}: {path.parent} was begun with seed {settings.seed}; give that, or another --state")
    return settings


def _settings_of(state: SavedState, restored: int) -> Settings:
    settings = json.decode(state.settings, type=Settings)
    settings.restored = restored
    return settings


def _shelf(directory: StateDirectory | None) -> Shelf:
    return MemoryShelf() if directory is None else DirectoryShelf(directory.path, directory.disk)


def _save(directory: StateDirectory, position: Position, exchange: bytes, views: bytes, skipped: int) -> None:
    directory.save_checkpoint(position, exchange, views, hashlib.sha256(exchange).hexdigest(), skipped)


def _tell(text: str) -> None:
    sys.stderr.write(f"papernet: {text}\n")
