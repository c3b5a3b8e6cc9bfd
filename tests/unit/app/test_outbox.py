from functools import partial
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from papernet.app.outbox import Outbox
from papernet.core.events import Applied, WorldReset


def applied(seq: int) -> Applied:
    return Applied(seq, seq * 10, (WorldReset(1, seq * 10),))


class Listener:
    """Writes down what it is shown and what it is let out."""

    def __init__(self, name: str, log: list[str], *, deaf_to: tuple[int, ...] = ()) -> None:
        self.name = name
        self.log = log
        self.deaf_to = deaf_to

    def encode(self, entry: Applied) -> str | None:
        self.log.append(f"{self.name} saw {entry.seq}")
        return None if entry.seq in self.deaf_to else f"{self.name} {entry.seq}"

    def deliver(self, message: str) -> None:
        self.log.append(message)


def test_events_wait_until_their_entry_is_durable() -> None:
    log: list[str] = []
    outbox = Outbox()
    outbox.add(Listener("a", log))
    outbox.take(applied(1))
    outbox.take(applied(2))
    assert log == ["a saw 1", "a saw 2"]
    outbox.release(1)
    assert log[2:] == ["a 1"]
    outbox.release(2)
    assert log[3:] == ["a 2"]


def test_replies_go_before_the_events_of_their_command_and_readers_in_their_order() -> None:
    log: list[str] = []
    outbox = Outbox()
    outbox.add(Listener("a", log))
    outbox.add(Listener("b", log))
    outbox.take(applied(1))
    outbox.reply(1, partial(log.append, "reply 1"))
    outbox.take(applied(2))
    outbox.reply(2, partial(log.append, "reply 2"))
    log.clear()
    outbox.release(2)
    assert log == ["reply 1", "a 1", "b 1", "reply 2", "a 2", "b 2"]


def test_what_is_durable_already_leaves_at_once() -> None:
    log: list[str] = []
    outbox = Outbox(durable_seq=7)
    outbox.reply(0, partial(log.append, "public"))
    outbox.reply(7, partial(log.append, "signed"))
    outbox.publish(7, log.append, "depth")
    assert log == ["public", "signed", "depth"]


def test_what_is_published_about_a_state_waits_for_it_behind_its_events() -> None:
    log: list[str] = []
    outbox = Outbox()
    outbox.add(Listener("a", log))
    outbox.take(applied(1))
    outbox.publish(1, log.append, "depth at 1")
    outbox.publish(2, log.append, "depth at 2")
    log.clear()
    outbox.release(1)
    assert log == ["a 1", "depth at 1"]
    outbox.release(2)
    assert log == ["a 1", "depth at 1", "depth at 2"]


def test_an_entry_that_means_nothing_to_a_reader_is_not_held() -> None:
    log: list[str] = []
    woken: list[int] = []
    outbox = Outbox()
    outbox.on_held = partial(woken.append, 1)
    outbox.add(Listener("a", log, deaf_to=(1, 3)))
    for seq in (1, 2, 3):
        outbox.take(applied(seq))
    assert woken == [1]
    log.clear()
    outbox.release(3)
    assert log == ["a 2"]


def test_the_journal_is_told_of_every_entry_that_is_waited_for() -> None:
    # An entry that comes while the one before is being written has to be asked for too.
    woken: list[int] = []
    outbox = Outbox()
    outbox.on_held = partial(woken.append, 1)
    outbox.reply(1, partial(woken.append, 0))
    outbox.reply(1, partial(woken.append, 0))
    outbox.reply(2, partial(woken.append, 0))
    assert len(woken) == 2


def test_a_delivery_may_ask_for_more_deliveries() -> None:
    log: list[str] = []
    outbox = Outbox()

    def first() -> None:
        log.append("first")
        outbox.reply(1, partial(log.append, "at once"))
        outbox.reply(2, partial(log.append, "later"))

    outbox.reply(1, first)
    outbox.release(1)
    assert log == ["first", "at once"]
    outbox.release(2)
    assert log == ["first", "at once", "later"]


@given(st.lists(st.tuples(st.sampled_from(["reply", "publish"]), st.integers(0, 9)), max_size=30), st.lists(st.integers(0, 9)))
def test_everything_leaves_once_in_the_order_of_the_journal(wishes: list[tuple[str, int]], durable: list[int]) -> None:
    log: list[tuple[int, str, int]] = []
    outbox = Outbox()
    expected: list[tuple[int, str, int]] = []
    for number, (kind, seq) in enumerate(wishes):
        entry: Any = (seq, kind, number)
        expected.append(entry)
        if kind == "reply":
            outbox.reply(seq, partial(log.append, entry))
        else:
            outbox.publish(seq, log.append, entry)
    reached = 0
    for seq in [*durable, 9]:
        reached = max(reached, seq)
        outbox.release(reached)
        assert all(entry[0] <= reached for entry in log)
    at_once = [entry for entry in expected if entry[0] == 0]
    held = sorted((entry for entry in expected if entry[0]), key=lambda entry: (entry[0], entry[1] != "reply", entry[2]))
    assert log == at_once + held
