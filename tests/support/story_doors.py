"""Telling stories: at which doors, and with what in the purses.

The exchange itself hears each story three times: as it is, with each command taken through its journal form, and rebuilt from a
checkpoint before each row.
"""

from collections.abc import Sequence
from functools import partial

from msgspec import msgpack

from papernet.core.commands import Command
from papernet.exchange.checkpoint import state_hash
from papernet.venues.spot.symbols import Symbol
from tests.support.machine_door import MachineDoor
from tests.support.rest_story_door import RestStoryDoor
from tests.support.scripts import restore, through_bytes
from tests.support.stories import Door, play
from tests.support.websocket_story_door import Recorder, WebSocketStoryDoor
from tests.support.worlds import make_symbol

PURSE = "1000 BTC 100000 USDT"


def story(
    text: str,
    *symbols: Symbol,
    door: str,
    purse: str = PURSE,
    rules: dict[str, object] | None = None,
    setup: Sequence[Command] = (),
) -> Door:
    """Tell a story at the door of that name, after the commands of `setup`, and return the door.

    The exchange itself hears it three times, as `scripts.check` does, and must end in the same state by the same events. What
    the WebSocket API hears REST hears too: both must bring about the same entries, and tell users the same of them.
    """
    listed = symbols or (make_symbol(),)
    if door == "rest":
        return _told(text, RestStoryDoor(listed, purse, rules), listed, setup)
    if door == "websocket":
        socket, rest = WebSocketStoryDoor(listed, purse, rules), RestStoryDoor(listed, purse, rules)
        heard = [Recorder(each.desk) for each in (socket, rest)]
        for each in (socket, rest):
            _told(text, each, listed, setup)
        assert heard[0].heard() == heard[1].heard()
        return socket
    ways = [partial(MachineDoor), partial(MachineDoor, form=through_bytes), partial(MachineDoor, before=restore)]
    doors = [way(listed, purse, rules) for way in ways]
    for machine in doors:
        for command in setup:
            machine.control(command)
        play(text, machine, listed[0].name)
    first = doors[0].world
    for other in (machine.world for machine in doors[1:]):
        assert state_hash(first.exchange) == state_hash(other.exchange)
        assert msgpack.encode(first.applied) == msgpack.encode(other.applied)
    return doors[0]


def _told(text: str, door: RestStoryDoor, listed: Sequence[Symbol], setup: Sequence[Command]) -> RestStoryDoor:
    for command in setup:
        door.control(command)
    play(text, door, listed[0].name)
    return door


DOORS = ("machine", "rest", "websocket")
