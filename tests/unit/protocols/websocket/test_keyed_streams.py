"""Users' events behind listen keys: the keys are those of the exchange, the events those of the feed."""

from papernet.app.listen_keys import ListenKeys
from papernet.app.operations import TimeUnit
from papernet.core.dates import HOUR
from papernet.core.events import Applied, BalanceChanged
from papernet.protocols.websocket.keyed_streams import KeyedUserStreams
from papernet.protocols.websocket.user_feed import UserFeed
from tests.support.worlds import START


def test_a_listen_key_leads_to_its_accounts_events_until_that_is_ended() -> None:
    keys, feed = ListenKeys(lambda: "abc"), UserFeed()
    streams = KeyedUserStreams(keys, feed)
    keys.start(1, START)
    assert streams.account_of("abc", START) == 1
    assert streams.account_of("abd", START) is None
    heard: list[bytes] = []
    subscription = streams.subscribe(1, TimeUnit.MILLISECOND, heard.append)
    applied = Applied(1, START, (BalanceChanged(1, START, "BTC", 1),))
    for _ in range(2):
        letters = feed.encode(applied)
        if letters is not None:
            feed.deliver(letters)
        streams.unsubscribe(subscription)
    assert len(heard) == 1
    assert b'"e":"balanceUpdate"' in heard[0]


def test_a_key_that_nobody_kept_alive_has_run_out_and_a_stopped_one_has_not() -> None:
    keys = ListenKeys(iter(["abc", "def"]).__next__)
    streams = KeyedUserStreams(keys, UserFeed())
    keys.start(1, START)
    keys.start(2, START)
    keys.stop("def", 2, START)
    assert streams.has_run_out("abc", START + HOUR)
    assert not streams.has_run_out("def", START + HOUR)
