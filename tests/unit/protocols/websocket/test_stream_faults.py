"""Who is asked while there are rules: feeds, connections, listen keys."""

from collections.abc import Iterable

import pytest

from papernet.app.fault_rules import FaultDoor, Place
from papernet.core.dates import SECOND
from papernet.protocols.websocket.peer import Peer
from papernet.protocols.websocket.tampering import Passing, Tampering
from tests.support.air import Ear
from tests.support.fault_room import FaultRoom
from tests.support.option_air import Heard


class Feed:
    """A feed that can be tapped, with users that listen to it."""

    def __init__(self) -> None:
        self.tampering: Tampering | None = None
        self.users: list[tuple[Peer, int, str]] = []

    def listeners(self) -> Iterable[tuple[Peer, int, str]]:
        return self.users


class Hall(FaultRoom):
    """Two connections to streams and one to the WebSocket API, which listens for ALICE, and her listen key."""

    def __init__(self) -> None:
        super().__init__()
        self.feed = Feed()
        self.tap(FaultDoor.USER_DATA, self.feed)
        self.faults.know(FaultDoor.USER_DATA, self.feed)
        self.one, self.two, self.api = Heard(), Heard(), Heard()
        self.feed.users.append((self.api, 1, "A"))
        self.keys = self.with_keys()
        self.key = self.keys.start(1, self.time)

        streams, api = FaultDoor.STREAMS, FaultDoor.WS_API
        self.connections = [(self.one, streams), (self.two, streams), (self.api, api)]

    def look(self) -> None:
        self.faults.look(self.time)

    def upset(self) -> list[int]:
        """Return how often something happened to each connection."""
        return [len(peer.upsets) for peer in (self.one, self.two, self.api)]


@pytest.fixture
def hall() -> Hall:
    return Hall()


def test_a_feed_is_asked_for_its_messages_only_while_there_are_rules_about_streams(hall: Hall) -> None:
    assert hall.feed.tampering is None
    request = hall.add("http-429")
    assert hall.feed.tampering is None
    rule = hall.add("drop")
    assert hall.feed.tampering is not None
    hall.plan.remove(rule.id, hall.time)
    assert hall.feed.tampering is None
    hall.plan.remove(request.id, hall.time)


def test_a_feed_that_is_tapped_late_is_asked_as_well(hall: Hall) -> None:
    hall.add("drop")
    feed = Feed()
    hall.tap(FaultDoor.STREAMS, feed)
    assert feed.tampering is not None


def test_what_was_kept_back_leaves_when_the_last_rule_goes(hall: Hall) -> None:
    hall.add("delay-event", span=SECOND)
    told: list[int] = []
    tampering = hall.feed.tampering
    assert tampering is not None
    for number in (1, 2):
        tampering.pass_on("lane", Passing(tampering.occasion("e"), lambda number=number: told.append(number), []))  # type: ignore[misc]
    hall.plan.clear(hall.time)
    assert told == [1, 2]
    hall.wait(SECOND)
    assert told == [1, 2]


def test_rules_that_a_state_brings_along_open_the_taps(hall: Hall) -> None:
    hall.add("drop")
    staged = dict(hall.staged)
    hall.plan.clear(hall.time)
    hall.plan.load(staged)
    assert hall.feed.tampering is not None


def test_a_rule_that_waits_for_nothing_is_done_at_once_and_later_to_who_comes_later(hall: Hall) -> None:
    late = hall.connections.pop(1)
    hall.add("stall")
    assert hall.upset() == [1, 0, 1]
    hall.connections = [late]
    hall.look()
    assert hall.upset() == [1, 1, 1]


def test_a_rule_that_goes_is_no_reason_to_look(hall: Hall) -> None:
    stays, goes = hall.add("stall", times=2), hall.add("drop")
    assert hall.upset() == [1, 1, 0]
    seen = hall.plan.counts(stays).seen
    hall.plan.remove(goes.id, hall.time)
    assert hall.plan.counts(stays).seen == seen


def test_a_rule_about_a_door_is_done_to_its_connections_alone(hall: Hall) -> None:
    hall.add("stall", door="streams")
    assert hall.upset() == [1, 1, 0]


@pytest.mark.parametrize("door", ["ws-api", "user-data", None])
@pytest.mark.parametrize("who", [{"account": "alice"}, {"api_key": "A"}])
def test_a_rule_about_a_user_is_done_to_the_connections_that_listen_for_her(
    hall: Hall, door: str | None, who: dict[str, str]
) -> None:
    hall.add("break-off", door=door, **who)
    assert hall.upset() == [0, 0, 1]


def test_a_connection_that_listens_for_two_is_found_for_either(hall: Hall) -> None:
    hall.feed.users.append((hall.api, 2, "B"))
    hall.add("stall", account="bob")
    assert hall.upset() == [0, 0, 1]


def test_a_rule_that_may_be_done_once_is_done_to_one_connection(hall: Hall) -> None:
    hall.add("stall", times=1)
    hall.look()
    assert hall.upset() == [1, 0, 0]


@pytest.mark.parametrize("fields", [{"nth": 1}, {"every": 1}, {"stream": "*"}, {"symbol": "*"}])
def test_a_rule_about_what_happens_is_not_met_by_a_look(hall: Hall, fields: dict[str, object]) -> None:
    rule = hall.add("stall", **fields)
    hall.look()
    assert hall.upset() == [0, 0, 0]
    assert hall.plan.counts(rule).seen == 0


def test_an_announced_shutdown_is_announced_once_a_connection(hall: Hall) -> None:
    rule = hall.add("server-shutdown", door="streams", span=5 * SECOND)
    hall.look()
    assert hall.announced == [hall.one, hall.two]
    assert hall.done(rule) == 2


def test_a_listen_key_ends_at_once_and_who_listens_is_told(hall: Hall) -> None:
    hall.add("listen-key-expiry", account="bob")
    assert hall.keys.account_of(hall.key, hall.time) == 1
    assert hall.swept == []
    hall.add("listen-key-expiry", account="alice")
    assert hall.keys.has_run_out(hall.key, hall.time)
    assert hall.swept == [hall.time]
    assert hall.upset() == [0, 0, 0]


def test_a_listen_key_ends_at_a_time(hall: Hall) -> None:
    hall.add("listen-key-expiry", api_key=hall.key, since=hall.time + SECOND)
    hall.look()
    assert hall.keys.account_of(hall.key, hall.time) == 1
    hall.wait(SECOND)
    hall.look()
    assert hall.keys.has_run_out(hall.key, hall.time)


def test_pings_and_pongs_are_left_out_apart(hall: Hall) -> None:
    withholds = hall.faults.withholder(FaultDoor.WS_API)
    assert not withholds(hall.api, Place.PONG, hall.time)
    hall.add("no-pong", nth=2)
    assert [withholds(hall.api, Place.PONG, hall.time) for _ in range(3)] == [False, True, False]
    assert not withholds(hall.api, Place.PING, hall.time)
    hall.add("no-ping", account="alice")
    assert withholds(hall.api, Place.PING, hall.time)
    assert not hall.faults.withholder(FaultDoor.STREAMS)(Ear(), Place.PING, hall.time)
