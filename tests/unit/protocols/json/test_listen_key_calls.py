"""The three requests about listen keys: what they answer, and that a key that is not there is refused."""

from papernet.app.faults import Fault, RequestFault
from papernet.app.listen_keys import ListenKeys
from papernet.core.dates import HOUR
from papernet.protocols.json.listen_key_calls import LISTEN_KEY_CALLS, PING, START, STOP, answer_listen_key_call
from tests.support import worlds

NOW = worlds.START
NO_SUCH_KEY = Fault(RequestFault.NO_SUCH_LISTEN_KEY)


def test_a_key_is_started_kept_alive_and_stopped() -> None:
    keys = ListenKeys(lambda: "abc")
    assert answer_listen_key_call(keys, START, 1, {}, NOW) == b'{"listenKey":"abc"}'
    assert answer_listen_key_call(keys, PING, 1, {"listenKey": "abc"}, NOW + HOUR - 1) == b"{}"
    assert keys.account_of("abc", NOW + HOUR) == 1
    assert answer_listen_key_call(keys, STOP, 1, {"listenKey": "abc"}, NOW + HOUR) == b"{}"
    assert keys.account_of("abc", NOW + HOUR) is None


def test_a_key_that_is_not_the_accounts_is_refused() -> None:
    keys = ListenKeys(lambda: "abc")
    answer_listen_key_call(keys, START, 1, {}, NOW)
    for name in (PING, STOP):
        assert answer_listen_key_call(keys, name, 1, {"listenKey": "abd"}, NOW) == NO_SUCH_KEY
        assert answer_listen_key_call(keys, name, 2, {"listenKey": "abc"}, NOW) == NO_SUCH_KEY
        assert answer_listen_key_call(keys, name, 1, {"listenKey": "abc"}, NOW + HOUR) == NO_SUCH_KEY


def test_there_are_three_of_them() -> None:
    assert LISTEN_KEY_CALLS == ("userDataStream.start", "userDataStream.ping", "userDataStream.stop")
