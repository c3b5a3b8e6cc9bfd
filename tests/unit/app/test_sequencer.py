"""Numbers, times, and what a failure leaves behind."""

import pytest

from papernet.app.journal import JournalWriter, Position, decode_segment, encode_header
from papernet.app.sequencer import Sequencer, SequencerHaltedError
from papernet.core.commands import Deposit, Entry, Restore, RevokeKey
from papernet.core.events import Applied, KeyRevoked
from papernet.core.rejects import Reason
from tests.support.worlds import World, reason


class Recorder:
    """An exchange and views at once: keeps what it was given, and fails on request."""

    def __init__(self) -> None:
        self.applied: list[Entry] = []
        self.folded: list[Applied] = []
        self.fail_apply = self.fail_fold = False

    def apply(self, entry: Entry) -> Applied:
        assert not self.fail_apply, "in apply"
        self.applied.append(entry)
        return Applied(entry.seq, entry.at, (KeyRevoked("k"),))

    def fold(self, applied: Applied) -> None:
        assert not self.fail_fold, "in fold"
        self.folded.append(applied)


COMMAND = RevokeKey("k")


def make(position: Position | None = None) -> tuple[Sequencer, Recorder]:
    recorder = Recorder()
    writer = JournalWriter() if position is None else JournalWriter(position)
    seq, at = (0, 0) if position is None else (position.seq, position.at)
    return Sequencer(recorder, recorder, writer, seq, at), recorder


def test_numbers_go_up_and_times_never_fall() -> None:
    sequencer, recorder = make()
    applied = [sequencer.submit(COMMAND, now) for now in (10, 12, 5, 12, 20)]
    assert [(each.seq, each.at) for each in applied] == [(1, 10), (2, 12), (3, 12), (4, 12), (5, 20)]
    assert recorder.folded == applied
    assert (sequencer.last_seq, sequencer.last_at) == (5, 20)


def test_pending_records_are_what_was_applied() -> None:
    sequencer, recorder = make()
    for now in (1, 2, 3):
        sequencer.submit(COMMAND, now)
    batch = sequencer.take_pending()
    assert batch is not None
    entries, _ = decode_segment(encode_header(1, 1, bytes(8)) + batch.data)
    assert entries == recorder.applied
    assert sequencer.take_pending() is None


def test_it_goes_on_behind_a_position() -> None:
    position = Position(41, 1_000, b"chained!")
    sequencer, _ = make(position)
    assert sequencer.position == position
    assert sequencer.durable_seq == 41
    applied = sequencer.submit(COMMAND, 7)
    assert (applied.seq, applied.at) == (42, 1_000)
    batch = sequencer.take_pending()
    assert batch is not None
    assert (batch.first_seq, batch.previous_chain) == (42, b"chained!")


def test_durable_follows_what_was_marked() -> None:
    sequencer, _ = make()
    for now in (1, 2, 3):
        sequencer.submit(COMMAND, now)
    assert sequencer.durable_seq == 0
    sequencer.mark_durable(2)
    assert sequencer.durable_seq == 2
    for wrong in (1, 4):
        with pytest.raises(AssertionError):
            sequencer.mark_durable(wrong)


def test_without_a_writer_all_is_durable_and_nothing_is_kept() -> None:
    recorder = Recorder()
    sequencer = Sequencer(recorder, recorder, None)
    assert sequencer.submit(COMMAND, 3).seq == 1
    assert sequencer.durable_seq == 1
    assert sequencer.take_pending() is None
    assert (sequencer.position.seq, sequencer.position.at) == (1, 3)


@pytest.mark.parametrize("where", ["apply", "fold"])
def test_a_command_that_fails_is_not_journaled_and_nothing_follows_it(where: str) -> None:
    sequencer, recorder = make()
    sequencer.submit(COMMAND, 1)
    setattr(recorder, f"fail_{where}", True)
    with pytest.raises(AssertionError, match=f"in {where}"):
        sequencer.submit(COMMAND, 2)
    setattr(recorder, f"fail_{where}", False)
    with pytest.raises(SequencerHaltedError, match=f"command 2 failed inside the exchange: AssertionError: in {where}"):
        sequencer.submit(COMMAND, 3)
    batch = sequencer.take_pending()
    assert batch is not None
    assert (batch.first_seq, batch.last_seq, sequencer.last_seq) == (1, 1, 1)


def test_a_command_that_no_record_can_hold_changes_nothing_and_stops_nobody() -> None:
    sequencer, recorder = make()
    with pytest.raises(OverflowError):
        sequencer.submit(Deposit(1, "BTC", 1 << 64), 1)
    assert recorder.applied == []
    assert sequencer.submit(COMMAND, 2).seq == 1


def test_halted_from_outside_the_first_reason_stands() -> None:
    sequencer, _ = make()
    sequencer.halt("the disk is full")
    sequencer.halt("something else")
    assert sequencer.halted == "the disk is full"
    with pytest.raises(SequencerHaltedError, match="the disk is full"):
        sequencer.submit(COMMAND, 1)


def test_a_refusal_is_an_outcome_like_any_other() -> None:
    """Refused commands take a number and a record: allowances may have turned, and replay must turn them at the same time."""
    world = World()
    recorder = Recorder()
    sequencer = Sequencer(world.exchange, recorder, JournalWriter())
    applied = sequencer.submit(RevokeKey("unknown"), 1)
    assert reason(applied) is Reason.UNKNOWN_KEY
    batch = sequencer.take_pending()
    assert batch is not None
    assert batch.last_seq == applied.seq == 1


def test_a_follower_sees_every_entry_that_was_applied_and_no_other() -> None:
    sequencer, recorder = make()
    seen: list[Entry] = []
    sequencer.follower = seen.append
    sequencer.submit(COMMAND, 5)
    sequencer.submit(COMMAND, 3)
    recorder.fail_apply = True
    with pytest.raises(AssertionError):
        sequencer.submit(COMMAND, 9)
    assert seen == [Entry(1, 5, COMMAND), Entry(2, 5, COMMAND)]


def test_who_gives_way_takes_nothing_more_and_another_goes_on_with_numbers_of_the_state() -> None:
    sequencer, _ = make()
    for now in (10, 20, 30):
        sequencer.submit(COMMAND, now)
    assert sequencer.give_way(Restore("x", 2, 2, 20), 40) == 4
    with pytest.raises(SequencerHaltedError, match="the state 'x' is being brought back"):
        sequencer.submit(COMMAND, 50)
    with pytest.raises(SequencerHaltedError):
        sequencer.give_way(Restore("x", 2, 2, 20), 50)
    recorder = Recorder()
    following = Sequencer(recorder, recorder, sequencer.writer, 4, 20, skipped=2)
    applied = following.submit(COMMAND, 25)
    assert (applied.seq, applied.at) == (5, 25)
    assert [(entry.seq, entry.at) for entry in recorder.applied] == [(3, 25)]
    assert recorder.folded == [applied]
    batch = following.take_pending()
    assert batch is not None
    entries, tail = decode_segment(encode_header(1, 1, bytes(8)) + batch.data)
    assert [(entry.seq, entry.at) for entry in entries] == [(1, 10), (2, 20), (3, 30), (4, 40), (5, 25)]
    assert (entries[3].command, tail.reason) == (Restore("x", 2, 2, 20), "")


def test_times_fall_behind_a_note_of_a_restore_alone_and_not_below_its_own() -> None:
    writer = JournalWriter()
    for seq, at, command in ((1, 30, COMMAND), (2, 40, Restore("x", 1, 1, 20)), (3, 19, COMMAND)):
        writer.append(seq, at, writer.encode(Entry(seq, at, command)))
        if isinstance(command, Restore):
            writer.turn_back(0)
    batch = writer.take()
    assert batch is not None
    entries, tail = decode_segment(encode_header(1, 1, bytes(8)) + batch.data)
    assert len(entries) == 2
    assert "out of order" in tail.reason
