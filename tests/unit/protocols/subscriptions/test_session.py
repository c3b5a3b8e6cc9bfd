"""One connection to the streams."""

import json
from collections.abc import Callable

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from papernet.app.operations import TimeUnit
from papernet.core.dates import SECOND
from papernet.protocols.streams.door import DIALECT
from papernet.protocols.streams.names import parse_stream
from papernet.protocols.subscriptions.channels import Channels
from papernet.protocols.subscriptions.requests import is_unsigned
from papernet.protocols.subscriptions.session import Dialect, StreamSession
from papernet.protocols.websocket.user_feed import Listener
from tests.support.stream_desk import NOW, Desk, Outside, stream

NAME = "btcusdt@trade"
KEY = "k" * 64
OTHER_KEY = "K" * 64
TOO_MANY = {"code": 4, "msg": "Too many subscriptions"}

Deliver = Callable[[bytes], None]


class Keys:
    """Listen keys of two accounts, and who subscribed to what."""

    def __init__(self) -> None:
        self.accounts = {KEY: 1, OTHER_KEY: 2}
        self.run_out: list[str] = []
        self.open: list[tuple[int, TimeUnit, Deliver]] = []

    def account_of(self, listen_key: str, now: int) -> int | None:
        assert now >= NOW
        return self.accounts.get(listen_key)

    def has_run_out(self, listen_key: str, now: int) -> bool:
        assert now >= NOW
        return listen_key in self.run_out

    def subscribe(self, account: int, unit: TimeUnit, deliver: Deliver, listener: Listener) -> tuple[int, TimeUnit, Deliver]:
        self.open.append((account, unit, deliver))
        return self.open[-1]

    def unsubscribe(self, subscription: tuple[int, TimeUnit, Deliver]) -> None:
        self.open.remove(subscription)

    def tell(self, account: int, event: bytes) -> None:
        """Tell what happened to an account."""
        for whose, _, deliver in self.open:
            if whose == account:
                deliver(event)


def test_subscriptions_are_listed_in_the_order_in_which_they_came() -> None:
    desk = Desk()
    assert desk.ask("SUBSCRIBE", "b@trade", "a@trade", "b@trade") is None
    assert desk.ask("SUBSCRIBE", "c@trade", "a@trade") is None
    assert desk.ask("LIST_SUBSCRIPTIONS") == ["b@trade", "a@trade", "c@trade"]
    assert desk.ask("UNSUBSCRIBE", "a@trade", "never@trade") is None
    assert desk.ask("SUBSCRIBE", "a@trade") is None
    assert desk.ask("LIST_SUBSCRIPTIONS") == ["b@trade", "c@trade", "a@trade"]


def test_who_subscribes_twice_hears_once() -> None:
    desk = Desk()
    desk.ask("SUBSCRIBE", NAME, NAME)
    desk.ask("SUBSCRIBE", NAME)
    assert desk.hear(NAME, b"1") == [b"1"]
    desk.ask("UNSUBSCRIBE", NAME)
    assert desk.hear(NAME, b"1") == []


def test_names_that_stand_for_nothing_are_accepted_and_listed() -> None:
    desk = Desk()
    junk = ["BTCUSDT@trade", "nosuchpair@depth", "btcusdt@markPrice", "", "0"]
    assert desk.ask("SUBSCRIBE", *junk) is None
    assert desk.ask("LIST_SUBSCRIPTIONS") == junk
    assert desk.ask("UNSUBSCRIBE", *junk) is None
    assert desk.ask("LIST_SUBSCRIPTIONS") == []


def test_the_combined_property_changes_what_comes_from_then_on() -> None:
    desk = Desk(url=f"/ws/{NAME}")
    assert desk.hear(NAME, b"1") == [b"1"]
    assert desk.ask("SET_PROPERTY", "combined", True) is None
    assert desk.ask("GET_PROPERTY", "combined") is True
    assert desk.hear(NAME, b"2") == [b'{"stream":"btcusdt@trade","data":2}']
    desk.ask("SUBSCRIBE", "ethusdt@trade")
    assert desk.hear("ethusdt@trade", b"3") == [b'{"stream":"ethusdt@trade","data":3}']
    desk.ask("SET_PROPERTY", "combined", True)
    desk.ask("SET_PROPERTY", "combined", False)
    assert desk.hear(NAME, b"4") == [b"4"]


def test_a_reply_comes_before_the_first_event_of_what_it_subscribed_to() -> None:
    desk = Desk()

    class Eager:
        def started(self, stream: object, unit: TimeUnit) -> None:
            desk.outside.send(b"\x81\x05event")

        def stopped(self, stream: object, unit: TimeUnit) -> None:
            raise AssertionError

    desk.channels.listener = Eager()
    desk.session.receive('{"method":"SUBSCRIBE","params":["btcusdt@trade"],"id":1}', NOW)
    assert desk.outside.take() == [b'{"result":null,"id":1}', b"event"]


def test_a_request_that_would_exceed_1024_streams_changes_nothing() -> None:
    desk = Desk()
    names = [f"s{number}@trade" for number in range(DIALECT.streams_max)]
    for start in range(0, DIALECT.streams_max, 256):
        assert desk.ask("SUBSCRIBE", *names[start : start + 256]) is None
    # all of it is there already
    assert desk.ask("SUBSCRIBE", *names) is None
    reply = json.loads(desk.say('{"method":"SUBSCRIBE","params":["s7@trade","one@trade"],"id":19}'))
    assert reply == {"error": TOO_MANY, "id": 19}
    assert desk.ask("LIST_SUBSCRIPTIONS") == names
    assert desk.outside.end is None
    desk.ask("UNSUBSCRIBE", names[3])
    assert desk.ask("SUBSCRIBE", "one@trade") is None


@pytest.mark.parametrize("url", ["/stream?streams=", "/ws/"])
def test_an_address_that_names_more_than_1024_streams_ends_the_connection(url: str) -> None:
    names = [f"s{number}@trade" for number in range(DIALECT.streams_max)]
    assert Desk(url=url + "/".join(names)).ask("LIST_SUBSCRIPTIONS") == names
    desk = Desk(url=url + "/".join([*names, "one@trade"]))
    assert [json.loads(message) for message in desk.outside.take()] == [{"error": TOO_MANY}]
    assert desk.outside.end == (1008, "Invalid request")
    assert desk.hear("s0@trade") == []


def test_the_longest_request_fits_into_a_message() -> None:
    names = [f"{'x' * 20}{number:04}@kline_15m@+08:00" for number in range(DIALECT.streams_max)]
    request = json.dumps({"method": "SUBSCRIBE", "params": names, "id": "x" * 36}).encode()
    assert len(request) < Desk().door.doors()[0].rules.message_max


def test_who_has_closed_hears_nothing_more() -> None:
    desk = Desk(url=f"/ws/{NAME}/0", user_streams=(keys := Keys()))
    desk.ask("SUBSCRIBE", KEY)
    desk.session.closed(NOW)
    assert desk.hear(NAME) == []
    assert not keys.open
    desk.door.sweep(NOW)
    keys.tell(1, b"{}")
    assert desk.outside.take() == []


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("/ws", b'{"e":"serverShutdown","E":1789000000123}'),
        ("/ws?timeUnit=MICROSECOND", b'{"e":"serverShutdown","E":1789000000123456}'),
        ("/stream", b'{"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1789000000123}}'),
    ],
)
def test_the_farewell_has_the_form_of_other_events(url: str, expected: bytes) -> None:
    desk = Desk(url=url)
    desk.session.farewell(NOW)
    assert desk.outside.take() == [expected]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (f"/ws/{KEY}", b'{"e":"x"}'),
        (f"/stream?streams={KEY}", b'{"stream":"%b","data":{"e":"x"}}' % KEY.encode()),
    ],
)
def test_a_listen_key_is_a_stream_of_its_accounts_events(url: str, expected: bytes) -> None:
    keys = Keys()
    desk = Desk(url=url, user_streams=keys)
    keys.tell(1, b'{"e":"x"}')
    keys.tell(2, b'{"e":"y"}')
    assert desk.outside.take() == [expected]
    assert desk.outside.keys == [None]
    assert desk.ask("LIST_SUBSCRIPTIONS") == [KEY]
    desk.ask("UNSUBSCRIBE", KEY)
    assert not keys.open


def test_listen_keys_can_be_subscribed_to_later_and_follow_properties() -> None:
    keys = Keys()
    desk = Desk(url=f"/ws/{NAME}?timeUnit=MICROSECOND", user_streams=keys)
    desk.ask("SUBSCRIBE", KEY, OTHER_KEY, KEY)
    assert [(account, unit) for account, unit, _ in keys.open] == [(1, TimeUnit.MICROSECOND), (2, TimeUnit.MICROSECOND)]
    desk.ask("SET_PROPERTY", "combined", True)
    desk.outside.take()
    keys.tell(2, b"{}")
    assert desk.outside.take() == [b'{"stream":"%b","data":{}}' % OTHER_KEY.encode()]


def test_without_listen_keys_one_is_a_name_like_any_other() -> None:
    desk = Desk(url=f"/ws/{KEY}")
    assert desk.ask("LIST_SUBSCRIPTIONS") == [KEY]


def test_an_unknown_listen_key_is_a_name_like_any_other() -> None:
    keys = Keys()
    desk = Desk(user_streams=keys)
    assert desk.ask("SUBSCRIBE", "x" * 64) is None
    assert desk.ask("LIST_SUBSCRIPTIONS") == ["x" * 64]
    assert desk.ask("UNSUBSCRIBE", "x" * 64) is None
    assert not keys.open


@pytest.mark.parametrize("is_combined", [False, True])
def test_a_listen_key_that_runs_out_says_so_once_and_pushes_no_more(is_combined: bool) -> None:
    keys = Keys()
    desk = Desk(url=f"/stream?streams={KEY}/{OTHER_KEY}" if is_combined else f"/ws/{KEY}/{OTHER_KEY}", user_streams=keys)
    desk.door.sweep(NOW)
    assert desk.outside.take() == []
    del keys.accounts[KEY]
    keys.run_out.append(KEY)
    for _ in range(2):
        desk.door.sweep(NOW + SECOND)
    event = {"e": "listenKeyExpired", "E": (NOW + SECOND) // 1_000, "listenKey": KEY}
    assert [json.loads(message) for message in desk.outside.take()] == [
        {"stream": KEY, "data": event} if is_combined else event
    ]
    assert [account for account, _, _ in keys.open] == [2]
    assert desk.ask("LIST_SUBSCRIPTIONS") == [KEY, OTHER_KEY]
    desk.ask("UNSUBSCRIBE", KEY)
    assert desk.ask("LIST_SUBSCRIPTIONS") == [OTHER_KEY]


def test_nothing_is_said_of_a_listen_key_that_was_closed() -> None:
    keys = Keys()
    desk = Desk(url=f"/ws/{KEY}", user_streams=keys)
    del keys.accounts[KEY]
    desk.door.sweep(NOW)
    assert desk.outside.take() == []
    assert not keys.open


NAMES = ("btcusdt@trade", "btcusdt@depth", "ethusdt@depth5@100ms", "!ticker@arr", "BTCUSDT@trade", "0")
some_names = st.lists(st.sampled_from(NAMES), max_size=4)


class AgainstNaive(RuleBasedStateMachine):
    """A connection beside a list of names that is gone through from end to end."""

    def __init__(self) -> None:
        super().__init__()
        self.channels = Channels(parse_stream)
        self.desk = Desk(self.channels)
        self.other = Desk(self.channels, "/stream?streams=" + "/".join(NAMES))
        self.names: list[str] = []
        self.combined = False

    @rule(names=some_names)
    def subscribe(self, names: list[str]) -> None:
        assert self.desk.ask("SUBSCRIBE", *names) is None
        for name in names:
            if name not in self.names:
                self.names.append(name)

    @rule(names=some_names)
    def unsubscribe(self, names: list[str]) -> None:
        assert self.desk.ask("UNSUBSCRIBE", *names) is None
        self.names = [name for name in self.names if name not in names]

    @rule(combined=st.booleans())
    def set_property(self, combined: bool) -> None:
        assert self.desk.ask("SET_PROPERTY", "combined", combined) is None
        self.combined = combined

    @rule()
    def ask(self) -> None:
        assert self.desk.ask("LIST_SUBSCRIPTIONS") == self.names
        assert self.desk.ask("GET_PROPERTY", "combined") is self.combined

    @rule(name=st.sampled_from(NAMES[:4]))
    def hear(self, name: str) -> None:
        self.other.outside.take()
        envelope = b'{"stream":"%b","data":[1]}' % name.encode()
        expected = [envelope if self.combined else b"[1]"] if name in self.names else []
        assert self.desk.hear(name, b"[1]") == expected
        assert self.other.outside.take() == [envelope]

    @rule()
    def reconnect(self) -> None:
        self.desk.session.closed(NOW)
        self.desk.outside.take()
        self.channels.publish(stream(NAME), TimeUnit.MILLISECOND, b"1")
        assert self.desk.outside.take() == []
        self.desk = Desk(self.channels)
        self.names, self.combined = [], False


def test_a_session_does_what_a_naive_list_of_names_does() -> None:
    run_state_machine_as_test(AgainstNaive)


def test_a_dialect_says_how_many_names_there_may_be_which_ids_and_what_is_told() -> None:
    terse = Dialect(2, is_unsigned, None, None)
    keys, outside, channels = Keys(), Outside(), Channels(parse_stream)
    session = StreamSession(outside, channels, keys, TimeUnit.MILLISECOND, terse, combined=False)
    session.open(["a@trade", "b@trade"], NOW)
    session.receive('{"method":"SUBSCRIBE","params":["c@trade"],"id":1}', NOW)
    session.receive('{"method":"LIST_SUBSCRIPTIONS","id":"x"}', NOW)
    assert [json.loads(reply)["error"]["code"] for reply in outside.take()] == [4, 2]
    session.receive('{"method":"UNSUBSCRIBE","params":["a@trade"],"id":2}', NOW)
    session.receive(f'{{"method":"SUBSCRIBE","params":["{KEY}"],"id":3}}', NOW)
    outside.take()
    del keys.accounts[KEY]
    keys.run_out.append(KEY)
    session.sweep(NOW)
    session.farewell(NOW)
    assert outside.take() == []
    assert not keys.open
