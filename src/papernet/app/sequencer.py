"""The one door to the exchange: gives each command its number and time, applies it, and makes its journal record.

Order of work.  Encode, apply, fold into the views, append the record, show the entry to the outbox. Applying comes before
                appending so that a command that breaks an assertion never gets into the journal: there, every restart would
                meet it again. Encoding comes before applying so that a command which no record can hold (a number over 64
                bits) is refused while nothing has changed. Nobody learns of an outcome before its record is durable, so the
                journal may run behind the state in memory.
Invariant.      Numbers go up by one, times never fall, and the pending records are exactly the commands applied since the last
                take. `durable_seq <= last_seq`.
Restores.       A state that was kept is brought back by `give_way` and another sequencer on the same journal. Numbers in the
                journal only grow; what the exchange is given as the number of an entry goes on from the state's own, so that
                a state goes on in the same way whenever and wherever it is brought back.
Does not.       Write, wait, or read a clock. Go on after a failure inside apply or fold: the state in memory may be half
                changed, so every later command is refused until the process starts again from the journal, which does not
                hold the one that failed.
"""

from collections.abc import Callable
from typing import Final, Protocol

from papernet.app.journal import Batch, JournalWriter, Position
from papernet.app.outbox import Outbox
from papernet.core.commands import Command, Entry, Restore
from papernet.core.events import Applied


class StateMachine(Protocol):
    """What the sequencer needs of the exchange."""

    def apply(self, entry: Entry) -> Applied:
        """Carry out one entry and say what it brought about."""


class Fold(Protocol):
    """What the sequencer needs of the views."""

    def fold(self, applied: Applied) -> None:
        """Take in what one entry brought about."""


class SequencerHaltedError(Exception):
    """No further command is accepted; the message says why."""


class Sequencer:
    """Applies commands one after the other. Without a writer nothing is kept and everything counts as durable at once."""

    __slots__ = (
        "_durable_seq",
        "_halted",
        "_writer",
        "exchange",
        "follower",
        "last_at",
        "last_seq",
        "outbox",
        "skipped",
        "views",
    )

    def __init__(
        self,
        exchange: StateMachine,
        views: Fold,
        writer: JournalWriter | None,
        last_seq: int = 0,
        last_at: int = 0,
        skipped: int = 0,
    ) -> None:
        """Go on behind the entry `last_seq`, made at `last_at`, which `exchange`, `views` and `writer` have all seen.

        `skipped` is how many entries the journal has that are not of the exchange's past.
        """
        assert writer is None or writer.position.seq == last_seq
        self.exchange: Final = exchange
        self.views: Final = views
        self.last_seq: int = last_seq
        self.last_at: int = last_at
        self.skipped: Final = skipped
        self.outbox: Final = Outbox(last_seq)
        # Shown every entry that was applied: who keeps a second state.
        self.follower: Callable[[Entry], None] | None = None
        self._writer: Final = writer
        self._durable_seq: int = last_seq
        self._halted: str | None = None

    @property
    def durable_seq(self) -> int:
        """Return the number of the last command that will survive as promised."""
        return self.last_seq if self._writer is None else self._durable_seq

    @property
    def halted(self) -> str | None:
        """Return why no command is accepted any more, or None."""
        return self._halted

    @property
    def writer(self) -> JournalWriter | None:
        """Return what makes the records, for who goes on behind this one."""
        return self._writer

    @property
    def position(self) -> Position:
        """Return the place in the journal that the state in memory stands for."""
        return Position(self.last_seq, self.last_at, b"") if self._writer is None else self._writer.position

    def submit(self, command: Command, now: int) -> Applied:
        """Apply a command at `now` (never earlier than its predecessor) and return what it brought about.

        The outcome may be told once `durable_seq` has reached its `seq`.
        """
        if self._halted is not None:
            raise SequencerHaltedError(self._halted)
        seq = self.last_seq + 1
        at = max(now, self.last_at)
        entry = Entry(seq, at, command)
        writer = self._writer
        payload = b"" if writer is None else writer.encode(entry)
        try:
            applied = apply_entry(self.exchange, entry, self.skipped)
            self.views.fold(applied)
        except BaseException as error:
            self.halt(f"command {seq} failed inside the exchange: {type(error).__name__}: {error}")
            raise
        if writer is not None:
            writer.append(seq, at, payload)
        self.last_seq = seq
        self.last_at = at
        self.outbox.take(applied)
        if self.follower is not None:
            self.follower(entry)
        return applied

    def give_way(self, command: Restore, now: int) -> int:
        """Note in the journal that the state is left for another one, take no command any more, and return the note's number.

        The state itself has to be where a replay of the journal finds it before the note is durable.
        """
        if self._halted is not None:
            raise SequencerHaltedError(self._halted)
        self.last_seq += 1
        self.last_at = max(now, self.last_at)
        if self._writer is not None:
            entry = Entry(self.last_seq, self.last_at, command)
            self._writer.append(entry.seq, entry.at, self._writer.encode(entry))
            self._writer.turn_back(command.at)
        self.halt(f"the state {command.name!r} is being brought back")
        return self.last_seq

    def take_pending(self) -> Batch | None:
        """Return the records made since the last call, or None."""
        return None if self._writer is None else self._writer.take()

    def mark_durable(self, seq: int) -> None:
        """Note that the records up to `seq` are where the promised durability needs them, and let out what waited for them."""
        assert self._durable_seq <= seq <= self.last_seq
        self._durable_seq = seq
        self.outbox.release(seq)

    def halt(self, reason: str) -> None:
        """Refuse every later command; the first reason is the one that is kept."""
        if self._halted is None:
            self._halted = reason


def apply_entry(exchange: StateMachine, entry: Entry, skipped: int) -> Applied:
    """Apply an entry of a journal that has `skipped` entries which are not of the exchange's past."""
    if not skipped:
        return exchange.apply(entry)
    applied = exchange.apply(Entry(entry.seq - skipped, entry.at, entry.command))
    return Applied(entry.seq, applied.at, applied.events)
