"""Listen keys: one an account, an hour each, unknown from the moment they end."""

from collections.abc import Callable
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papernet.app.listen_keys import ListenKeys
from papernet.core.dates import HOUR, MINUTE
from tests.support.worlds import START

ALICE, BOB = 1, 2


@pytest.fixture
def keys() -> ListenKeys:
    return ListenKeys(drawing())


def drawing() -> Callable[[], str]:
    return map("key{}".format, count(1)).__next__


def test_an_account_has_one_key_which_starting_again_returns(keys: ListenKeys) -> None:
    assert keys.start(ALICE, START) == "key1"
    assert keys.start(BOB, START) == "key2"
    assert keys.start(ALICE, START + MINUTE) == "key1"
    assert keys.account_of("key1", START) == ALICE
    assert keys.account_of("key2", START) == BOB
    assert keys.account_of("key3", START) is None


def test_a_key_is_good_for_an_hour_to_the_microsecond(keys: ListenKeys) -> None:
    keys.start(ALICE, START)
    assert keys.account_of("key1", START + HOUR - 1) == ALICE
    assert not keys.has_run_out("key1", START + HOUR - 1)
    assert keys.account_of("key1", START + HOUR) is None
    assert keys.has_run_out("key1", START + HOUR)
    assert not keys.ping("key1", ALICE, START + HOUR)
    assert keys.start(ALICE, START + HOUR) == "key2"


@pytest.mark.parametrize("renew", ["start", "ping"])
def test_starting_again_and_pinging_give_another_hour(keys: ListenKeys, renew: str) -> None:
    keys.start(ALICE, START)
    later = START + 59 * MINUTE
    assert keys.ping("key1", ALICE, later) if renew == "ping" else keys.start(ALICE, later) == "key1"
    assert keys.account_of("key1", later + HOUR - 1) == ALICE
    assert keys.account_of("key1", later + HOUR) is None


def test_a_stopped_key_is_gone_but_did_not_run_out(keys: ListenKeys) -> None:
    keys.start(ALICE, START)
    assert keys.stop("key1", ALICE, START)
    assert keys.account_of("key1", START) is None
    assert not keys.has_run_out("key1", START)
    assert not keys.stop("key1", ALICE, START)
    assert keys.start(ALICE, START) == "key2"


def test_nobody_touches_anothers_key(keys: ListenKeys) -> None:
    keys.start(ALICE, START)
    assert not keys.ping("key1", BOB, START)
    assert not keys.stop("key1", BOB, START)
    assert keys.account_of("key1", START) == ALICE


def test_keys_end_in_the_order_of_their_last_renewal(keys: ListenKeys) -> None:
    keys.start(ALICE, START)
    keys.start(BOB, START + MINUTE)
    keys.ping("key1", ALICE, START + 2 * MINUTE)
    assert keys.account_of("key2", START + MINUTE + HOUR) is None
    assert keys.account_of("key1", START + MINUTE + HOUR) == ALICE


def test_that_a_key_ran_out_is_forgotten_an_hour_after_it_was_noticed(keys: ListenKeys) -> None:
    keys.start(ALICE, START)
    assert keys.has_run_out("key1", START + HOUR)
    assert keys.has_run_out("key1", START + 2 * HOUR - 1)
    assert not keys.has_run_out("key1", START + 2 * HOUR)


def test_a_leap_of_time_does_not_hide_that_a_key_ran_out(keys: ListenKeys) -> None:
    keys.start(ALICE, START)
    assert keys.has_run_out("key1", START + 24 * HOUR)
    assert not keys.has_run_out("key1", START + 25 * HOUR)


def test_an_account_has_the_key_that_it_started_until_that_ends(keys: ListenKeys) -> None:
    assert keys.key_of(ALICE, START) is None
    text = keys.start(ALICE, START)
    assert keys.key_of(ALICE, START + HOUR - 1) == text
    assert keys.key_of(ALICE, START + HOUR) is None


Step = tuple[str, int, int]


@given(st.lists(st.tuples(st.sampled_from(["start", "ping", "stop"]), st.integers(1, 3), st.integers(0, 80)), max_size=30))
def test_a_key_lives_exactly_while_it_was_renewed_within_the_hour(steps: list[Step]) -> None:
    keys = ListenKeys(drawing())
    now, ends, texts = START, dict[int, int](), dict[int, str]()
    for what, account, minutes in steps:
        now += minutes * MINUTE
        alive = ends.get(account, 0) > now
        if what == "start":
            text = keys.start(account, now)
            assert (text == texts.get(account)) is alive
            texts[account], ends[account] = text, now + HOUR
        else:
            done = (keys.ping if what == "ping" else keys.stop)(texts.get(account, "none"), account, now)
            assert done is alive
            if alive:
                ends[account] = now + HOUR if what == "ping" else 0
        for each, text in texts.items():
            assert keys.account_of(text, now) == (each if ends[each] > now else None)


def test_a_key_that_is_ended_has_run_out_and_the_account_may_start_another(keys: ListenKeys) -> None:
    keys.start(ALICE, START)
    assert keys.living(START) == [("key1", ALICE)]
    assert keys.expire("key1", START)
    assert (keys.account_of("key1", START), keys.has_run_out("key1", START)) == (None, True)
    assert not keys.ping("key1", ALICE, START)
    assert keys.living(START) == []
    assert keys.start(ALICE, START) == "key2"


def test_what_is_no_key_cannot_be_ended(keys: ListenKeys) -> None:
    keys.start(ALICE, START)
    assert not keys.expire("key2", START)
    assert not keys.expire("key1", START + HOUR)
    assert keys.living(START + HOUR) == []


def test_the_next_end_is_that_of_the_key_that_was_not_renewed_for_longest(keys: ListenKeys) -> None:
    assert keys.next_end() is None
    first = keys.start(ALICE, START)
    keys.start(BOB, START + MINUTE)
    assert keys.next_end() == START + HOUR
    assert keys.ping(first, ALICE, START + 2 * MINUTE)
    assert keys.next_end() == START + HOUR + MINUTE
    assert keys.account_of(first, START + 2 * HOUR) is None
    assert keys.next_end() is None
