"""Copies that lag behind are what the exchange was."""

from papernet.app.past_states import PastStates
from papernet.core.dates import SECOND
from papernet.exchange import checkpoint
from tests.support.fault_desk import rule
from tests.support.rest_desk import Desk

RULE = rule("stale-reads")


def test_a_copy_is_the_state_of_a_while_ago_byte_for_byte() -> None:
    desk = Desk()
    past = PastStates(desk.context, desk.sequencer)
    past.keep({RULE.id: 10 * SECOND})
    states = []
    for price in ("90", "91", "92"):
        states.append(checkpoint.state_hash(desk.exchange))
        desk.limit("BUY", "1", price)
        desk.now += 4 * SECOND
    # 12 seconds after the first order, which is known; the second is 8 seconds old.
    context = past.context(RULE, desk.context, desk.now)
    assert checkpoint.state_hash(context.exchange) == states[1]
    assert context.views.seq == desk.sequencer.last_seq - 2
    desk.now += 10 * SECOND
    context = past.context(RULE, desk.context, desk.now)
    assert checkpoint.state_hash(context.exchange) == checkpoint.state_hash(desk.exchange)
    assert context.views.snapshot() == desk.views.snapshot()


def test_nothing_is_archived_that_a_copy_does_not_know() -> None:
    desk = Desk()
    past = PastStates(desk.context, desk.sequencer)
    assert past.archive_limit(99) == 99
    before = desk.sequencer.last_seq
    past.keep({1: SECOND, 2: 3 * SECOND})
    desk.limit("BUY", "1", "90")
    assert past.archive_limit(desk.sequencer.last_seq) == before
    desk.now += 2 * SECOND
    desk.limit("BUY", "1", "91")
    assert past.archive_limit(desk.sequencer.last_seq) == before
    past.keep({1: SECOND})
    assert past.archive_limit(desk.sequencer.last_seq) == before + 1


def test_without_rules_nobody_follows() -> None:
    desk = Desk()
    past = PastStates(desk.context, desk.sequencer)
    past.keep({1: SECOND})
    assert desk.sequencer.follower is not None
    past.keep({})
    assert desk.sequencer.follower is None
