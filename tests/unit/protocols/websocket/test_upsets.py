"""What is done to connections, and what a rule means that says nothing of how long or how many."""

import pytest

from papernet.app.fault_rules import FaultDoor, FaultRule
from papernet.core.dates import SECOND
from papernet.protocols.websocket.connection import DAY_OVER
from papernet.protocols.websocket.upsets import GOING_AWAY, UPSETS, count_of, span_of
from tests.support.fault_room import FaultRoom
from tests.support.option_air import Heard

RULE = FaultRule(1, "server-shutdown")


@pytest.mark.parametrize("effect", ["stall", "break-off"])
def test_a_connection_is_told_what_becomes_of_it(effect: str) -> None:
    peer, room = Heard(), FaultRoom()
    UPSETS[effect](room.desk, peer, FaultRule(1, effect), room.time)
    assert (peer.upsets, peer.end) == ([effect], None)


def test_a_disconnect_looks_as_after_a_day() -> None:
    peer, room = Heard(), FaultRoom()
    UPSETS["disconnect"](room.desk, peer, FaultRule(1, "disconnect"), room.time)
    assert peer.end == (DAY_OVER.code, DAY_OVER.reason)


def test_a_shutdown_is_announced_and_the_connection_is_closed_later() -> None:
    peer, room = Heard(), FaultRoom()
    UPSETS["server-shutdown"](room.desk, peer, RULE, room.time)
    room.wait(10 * SECOND - 1)
    assert (room.announced, peer.end) == ([peer], None)
    room.wait(1)
    assert peer.end == GOING_AWAY
    assert room.desk.leaving == {}


def test_a_rule_says_how_long_and_how_many_or_its_effect_does() -> None:
    assert span_of(RULE) == 10 * SECOND
    assert span_of(FaultRule(1, "server-shutdown", span=0)) == 0
    assert span_of(FaultRule(1, "drop")) == 0
    assert count_of(FaultRule(1, "drop")) == 1
    assert count_of(FaultRule(1, "drop", count=3)) == 3


def test_only_keys_of_the_door_can_be_ended() -> None:
    room = FaultRoom()
    key = room.with_keys(FaultDoor.OPTIONS_USER_DATA).start(1, room.time)
    assert not room.desk.expire_key(FaultDoor.USER_DATA, key, room.time)
    assert not room.desk.expire_key(FaultDoor.OPTIONS_USER_DATA, "unknown", room.time)
    assert room.desk.expire_key(FaultDoor.OPTIONS_USER_DATA, key, room.time)
