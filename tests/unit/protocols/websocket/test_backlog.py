"""What waits, in which order, and what is left out."""

from papernet.protocols.websocket.backlog import Backlog


def test_everything_that_may_not_be_left_out_waits_in_order() -> None:
    backlog = Backlog([b"a", b"bc"])
    backlog.add(b"d")
    backlog.add(b"a")
    assert backlog.frames() == [b"a", b"bc", b"d", b"a"]
    assert backlog.size == 5


def test_of_one_key_only_the_latest_waits_where_it_came() -> None:
    backlog = Backlog([])
    backlog.add_latest("x", b"x1")
    backlog.add_latest("y", b"y1")
    backlog.add(b"event")
    backlog.add_latest("x", b"x2")
    backlog.add(b"reply")
    assert backlog.frames() == [b"y1", b"event", b"x2", b"reply"]
    backlog.add_latest("y", b"y2")
    assert backlog.frames() == [b"event", b"x2", b"reply", b"y2"]


def test_what_the_latest_replaces_costs_nothing() -> None:
    backlog = Backlog([b"reply"])
    for number in range(100_000):
        backlog.add_latest("depth", b"%d" % number)
    assert backlog.size == 5
    assert backlog.frames() == [b"reply", b"99999"]
    backlog.add(b"event")
    assert backlog.frames() == [b"reply", b"99999", b"event"]
