"""Subscriptions of one connection: numbers, limits, envelopes, and how they end."""

import pytest
from msgspec import json

from papernet.app.faults import Fault, RequestFault
from papernet.app.operations import TimeUnit
from papernet.core.events import Applied, BalanceChanged
from papernet.protocols.websocket.user_feed import UserFeed
from papernet.protocols.ws_api.subscriptions import ACTIVE_MAX, IN_A_LIFETIME_MAX, Subscriptions
from tests.support.air import Ear
from tests.support.worlds import START


class Scene:
    """Subscriptions, their feed, and what the peer heard."""

    def __init__(self, unit: TimeUnit = TimeUnit.MILLISECOND) -> None:
        self.feed = UserFeed()
        self.ear = Ear()
        self.all = Subscriptions(self.feed, self.ear, unit)

    def happen(self, account: int) -> None:
        letters = self.feed.encode(Applied(1, START, (BalanceChanged(account, START, "BTC", 10**8),)))
        if letters is not None:
            self.feed.deliver(letters)

    def finish(self, number: int | None) -> None:
        ended = self.all.end(number)
        assert not isinstance(ended, Fault)
        self.all.finish(ended, START)


def test_numbers_count_from_zero_and_are_never_given_again() -> None:
    scene = Scene()
    assert [scene.all.start(account, of_session=False) for account in (1, 2)] == [0, 1]
    scene.finish(0)
    assert scene.all.start(1, of_session=False) == 2
    assert scene.all.numbers() == [1, 2]
    assert len(scene.all) == 2


def test_events_leave_with_the_number_of_their_subscription() -> None:
    scene = Scene()
    for account in (1, 2):
        scene.all.start(account, of_session=False)
    scene.happen(2)
    assert scene.ear.payloads == [
        b'{"subscriptionId":1,"event":{"e":"balanceUpdate","E":1700000000000,"a":"BTC","d":"1.00000000","T":1700000000000}}'
    ]


def test_times_are_told_in_the_connections_unit() -> None:
    scene = Scene(TimeUnit.MICROSECOND)
    scene.all.start(1, of_session=False)
    scene.happen(1)
    scene.finish(None)
    assert [message["event"]["E"] for message in scene.ear.take()] == [START, START]


def test_an_account_has_one_subscription_whatever_its_ground() -> None:
    scene = Scene()
    scene.all.start(1, of_session=True)
    for of_session in (True, False):
        assert scene.all.start(1, of_session=of_session) == Fault(RequestFault.SUBSCRIPTION_ACTIVE)
    assert scene.all.numbers() == [0]


def test_what_ends_is_told_so_last_of_all() -> None:
    scene = Scene()
    scene.all.start(1, of_session=False)
    ended = scene.all.end(0)
    assert not isinstance(ended, Fault)
    assert scene.all.numbers() == []
    scene.happen(1)
    scene.all.finish(ended, START)
    scene.happen(1)
    assert [message["event"]["e"] for message in scene.ear.take()] == ["balanceUpdate", "eventStreamTerminated"]


def test_all_end_in_the_order_of_their_numbers() -> None:
    scene = Scene()
    for account in (3, 1, 2):
        scene.all.start(account, of_session=False)
    scene.finish(None)
    heard = [(message["subscriptionId"], message["event"]["e"]) for message in scene.ear.take()]
    assert heard == [(number, "eventStreamTerminated") for number in (0, 1, 2)]


@pytest.mark.parametrize("number", [0, 7, None])
def test_what_is_not_active_does_not_end(number: int | None) -> None:
    assert Scene().all.end(number) == Fault(RequestFault.SUBSCRIPTION_INACTIVE)


def test_a_session_takes_only_its_own_subscriptions_with_it() -> None:
    scene = Scene()
    scene.all.start(1, of_session=True)
    scene.all.start(2, of_session=False)
    assert [each.number for each in scene.all.end_of_session()] == [0]
    assert scene.all.numbers() == [1]
    assert scene.all.end_of_session() == []


def test_a_thousand_are_active_at_most() -> None:
    scene = Scene()
    assert [scene.all.start(account, of_session=False) for account in range(ACTIVE_MAX)] == list(range(1_000))
    assert scene.all.start(5_000, of_session=False) == Fault(RequestFault.TOO_MANY_SUBSCRIPTIONS, ("1000",))
    scene.finish(17)
    assert scene.all.start(5_000, of_session=False) == 1_000


def test_a_connection_gives_away_65535_numbers() -> None:
    scene = Scene()
    for _ in range(IN_A_LIFETIME_MAX):
        assert isinstance(scene.all.start(1, of_session=False), int)
        scene.all.end(None)
    assert IN_A_LIFETIME_MAX == 65_535
    assert scene.all.start(1, of_session=False) == Fault(RequestFault.TOO_MANY_SUBSCRIPTION_IDS)


def test_a_closed_connection_listens_to_nothing() -> None:
    scene = Scene()
    scene.all.start(1, of_session=False)
    scene.all.close()
    scene.happen(1)
    assert (scene.ear.payloads, len(scene.all)) == ([], 0)
    assert scene.feed.encode(Applied(1, START, (BalanceChanged(1, START, "BTC", 1),))) is None


def test_payloads_are_json_whatever_the_event() -> None:
    scene = Scene()
    scene.all.start(1, of_session=False)
    scene.happen(1)
    assert list(json.decode(scene.ear.payloads[0])) == ["subscriptionId", "event"]
