"""Limits of an address: windows aligned to the clock, refusals, bans that grow, and memory that does not."""

from papernet.app import rate_limits
from papernet.app.faults import Fault, RequestFault
from papernet.app.rate_limits import (
    ADDRESSES_MAX,
    BANS,
    CONNECTION_LIMIT,
    CONNECTION_MINUTES,
    REFUSALS_FORGIVEN,
    REQUEST_LIMIT,
    WEIGHT_LIMIT,
    RateLimits,
    seconds_to_window_end,
)
from papernet.core.dates import DAY, HOUR, MINUTE, SECOND

START = 1_700_000_040 * SECOND  # 22:14:00
IP = "10.0.0.1"


def exhaust(limits: RateLimits, now: int) -> Fault | None:
    return limits.charge(IP, WEIGHT_LIMIT + 1, now)


def provoke_ban(limits: RateLimits, now: int) -> Fault:
    """Go on asking until banned."""
    exhaust(limits, now)
    for _ in range(REFUSALS_FORGIVEN + 1):
        fault = limits.knock(IP, now)
        assert fault is not None
        if fault.fault is RequestFault.BANNED:
            return fault
    raise AssertionError


def test_weight_is_counted_in_the_minute_of_the_clock() -> None:
    limits = RateLimits()
    late = START + 59 * SECOND
    assert limits.charge(IP, 100, late) is None
    assert limits.used_weight(IP, late) == 100
    assert limits.used_weight(IP, late + SECOND) == 0
    assert limits.charge(IP, 7, late + SECOND) is None
    assert limits.used_weight(IP, late + SECOND) == 7


def test_the_limit_itself_is_allowed_and_one_more_is_not() -> None:
    limits = RateLimits()
    assert limits.charge(IP, WEIGHT_LIMIT, START + 20 * SECOND) is None
    fault = limits.charge(IP, 1, START + 20 * SECOND)
    assert fault == Fault(RequestFault.TOO_MUCH_WEIGHT, ("6000", "1 MINUTE"), 40)
    assert limits.knock(IP, START + 59 * SECOND + 1) == Fault(RequestFault.TOO_MUCH_WEIGHT, ("6000", "1 MINUTE"), 1)
    assert limits.knock(IP, START + MINUTE) is None


def test_a_venue_may_have_a_limit_of_its_own() -> None:
    limits = RateLimits(weight_limit=10)
    assert limits.charge(IP, 10, START) is None
    assert limits.charge(IP, 1, START) == Fault(RequestFault.TOO_MUCH_WEIGHT, ("10", "1 MINUTE"), 60)
    assert limits.knock(IP, START) == Fault(RequestFault.TOO_MUCH_WEIGHT, ("10", "1 MINUTE"), 60)


def test_a_refund_takes_back_what_was_charged_and_no_more() -> None:
    limits = RateLimits()
    limits.charge(IP, 5, START)
    limits.charge(IP, 1, START)
    limits.refund(IP, 1, START)
    assert limits.used_weight(IP, START) == 5
    limits.refund(IP, 9, START)
    assert limits.used_weight(IP, START) == 0
    limits.refund("10.0.0.2", 1, START)
    assert len(limits) == 1


def test_a_refund_after_the_minute_changes_nothing() -> None:
    limits = RateLimits()
    limits.charge(IP, 5, START)
    limits.charge(IP, 5, START + MINUTE)
    limits.refund(IP, 5, START)
    assert limits.used_weight(IP, START + MINUTE) == 5


def test_addresses_do_not_share_limits() -> None:
    limits = RateLimits()
    exhaust(limits, START)
    assert limits.knock("10.0.0.2", START) is None
    assert limits.used_weight("10.0.0.2", START) == 0


def test_raw_requests_have_a_limit_of_their_own_over_five_minutes() -> None:
    limits = RateLimits()
    # 22:14:00 is the fourth minute of its five.
    for _ in range(REQUEST_LIMIT):
        assert limits.knock(IP, START) is None
    assert limits.knock(IP, START) == Fault(RequestFault.TOO_MANY_REQUESTS, (), 60)
    assert limits.knock(IP, START + MINUTE) is None


def test_who_does_not_back_off_is_banned_and_told_until_when() -> None:
    limits = RateLimits()
    fault = provoke_ban(limits, START)
    ends = START + 2 * MINUTE
    assert fault == Fault(RequestFault.BANNED, (str(ends // 1000),), 120)
    # The next minute's window is new, but the ban holds, for as long as it was said.
    assert limits.knock(IP, START + 61 * SECOND) == Fault(RequestFault.BANNED, (str(ends // 1000),), 59)
    assert limits.knock(IP, ends) is None


def test_who_backs_off_after_a_refusal_is_not_banned() -> None:
    limits = RateLimits()
    for minute in range(30):
        now = START + minute * 5 * MINUTE
        assert exhaust(limits, now) is not None
        assert limits.knock(IP, now + MINUTE) is None


def test_bans_of_repeat_offenders_grow_from_two_minutes_to_three_days() -> None:
    limits = RateLimits()
    now = START
    lengths = []
    for _ in range(len(BANS) + 2):
        fault = provoke_ban(limits, now)
        lengths.append(fault.retry_after * SECOND)
        now += lengths[-1] + 5 * MINUTE
    assert lengths == [*BANS, BANS[-1], BANS[-1]]
    assert (lengths[0], lengths[-1]) == (2 * MINUTE, 3 * DAY)
    assert list(BANS) == sorted(BANS)


def test_offences_are_forgotten_after_three_good_days() -> None:
    limits = RateLimits()
    first = provoke_ban(limits, START)
    later = START + first.retry_after * SECOND + 3 * DAY
    assert limits.knock(IP, later) is None
    assert provoke_ban(limits, later).retry_after == first.retry_after


def test_switched_off_it_counts_and_refuses_nobody() -> None:
    limits = RateLimits(enabled=False)
    for _ in range(100):
        assert limits.knock(IP, START) is None
        assert limits.charge(IP, WEIGHT_LIMIT, START) is None
    assert limits.used_weight(IP, START) == 100 * WEIGHT_LIMIT


def test_idle_addresses_are_forgotten_and_offenders_are_not() -> None:
    limits = RateLimits()
    provoke_ban(limits, START)
    for number in range(1000):
        limits.knock(f"10.1.{number // 256}.{number % 256}", START)
    assert len(limits) == 1001
    limits.knock("10.9.9.9", START + HOUR)
    assert len(limits) == 2
    limits.knock("10.9.9.8", START + 4 * DAY)
    assert len(limits) == 1


def test_there_is_a_greatest_number_of_addresses() -> None:
    limits = RateLimits()
    for number in range(ADDRESSES_MAX + 100):
        limits.knock(str(number), START)
    assert len(limits) == ADDRESSES_MAX
    assert limits.charge("0", 1, START) is None


def test_connections_have_a_limit_over_five_minutes() -> None:
    limits = RateLimits()
    for _ in range(CONNECTION_LIMIT):
        assert limits.connect(IP, 0, START) is None
    assert limits.connect(IP, 0, START) == Fault(RequestFault.TOO_MANY_CONNECTIONS, ("300", "5 MINUTE"), 60)
    assert limits.connect("10.0.0.2", 0, START) is None
    assert limits.knock(IP, START) is None
    assert limits.connect(IP, 0, START + MINUTE) is None


def test_a_connection_costs_its_weight() -> None:
    limits = RateLimits()
    assert limits.connect(IP, 2, START) is None
    assert limits.connect(IP, 0, START) is None
    assert limits.used_weight(IP, START) == 2
    limits.charge(IP, WEIGHT_LIMIT - 2, START)
    assert limits.connect(IP, 0, START) is None
    assert limits.connect(IP, 2, START) == Fault(RequestFault.TOO_MUCH_WEIGHT, ("6000", "1 MINUTE"), 60)


def test_who_goes_on_connecting_is_banned_and_may_not_connect() -> None:
    limits = RateLimits()
    banned: list[str] = []
    limits.on_ban = banned.append
    for _ in range(CONNECTION_LIMIT + REFUSALS_FORGIVEN):
        limits.connect(IP, 0, START)
    assert banned == []
    fault = limits.connect(IP, 0, START)
    assert fault is not None
    assert (fault.fault, fault.retry_after) == (RequestFault.BANNED, 120)
    assert limits.connect(IP, 0, START + 2 * MINUTE - 1) is not None
    assert banned == [IP]
    assert limits.connect(IP, 0, START + 2 * MINUTE) is None


def test_who_is_disconnected_again_and_again_is_banned() -> None:
    limits = RateLimits()
    banned: list[str] = []
    limits.on_ban = banned.append
    for _ in range(REFUSALS_FORGIVEN):
        limits.offend(IP, START)
    assert limits.knock(IP, START) is None
    limits.offend(IP, START)
    assert banned == [IP]
    assert limits.knock(IP, START) is not None
    limits.offend(IP, START)
    assert limits.knock(IP, START + 2 * MINUTE) is None


def test_a_disconnection_now_and_then_is_forgiven() -> None:
    limits = RateLimits()
    for number in range(3 * REFUSALS_FORGIVEN):
        limits.offend(IP, START + number * 5 * MINUTE)
    assert limits.knock(IP, START + HOUR) is None


def test_switched_off_it_counts_connections_and_refuses_none() -> None:
    limits = RateLimits(enabled=False)
    for _ in range(2 * CONNECTION_LIMIT):
        limits.offend(IP, START)
        assert limits.connect(IP, 2, START) is None
    assert limits.used_weight(IP, START) == 4 * CONNECTION_LIMIT


def test_seconds_to_window_end() -> None:
    assert seconds_to_window_end("10 SECOND", 1_700_000_000 * SECOND) == 10
    assert seconds_to_window_end("10 SECOND", 1_700_000_009 * SECOND + 1) == 1
    assert seconds_to_window_end("1 DAY", 1_700_000_000 * SECOND) == 86_400 - 1_700_000_000 % 86_400


def test_the_windows_are_those_that_exchange_info_tells() -> None:
    assert (rate_limits.WEIGHT_LIMIT, rate_limits.WEIGHT_MINUTES) == (6_000, 1)
    assert (rate_limits.REQUEST_LIMIT, rate_limits.REQUEST_MINUTES) == (300_000, 5)
    assert (CONNECTION_LIMIT, CONNECTION_MINUTES) == (300, 5)


def test_a_ban_on_purpose_holds_even_where_limits_do_not() -> None:
    for enabled in (True, False):
        limits = RateLimits(enabled=enabled)
        banned: list[str] = []
        limits.on_ban = banned.append
        told = limits.ban(IP, MINUTE, START)
        assert (told.fault, told.retry_after) == (RequestFault.BANNED, 60)
        assert banned == [IP]
        assert limits.knock(IP, START + MINUTE - 1) == Fault(RequestFault.BANNED, told.args, 1)
        assert limits.connect(IP, 0, START + MINUTE - 1) is not None
        assert limits.knock("10.0.0.2", START) is None
        assert limits.knock(IP, START + MINUTE) is None
        # A shorter one does not end a longer one.
        limits.ban(IP, HOUR, START)
        limits.ban(IP, SECOND, START)
        assert limits.knock(IP, START + HOUR - 1) is not None


def test_who_is_turned_away_on_purpose_is_refused_as_in_truth() -> None:
    limits = RateLimits()
    told = [limits.turn_away(IP, START) for _ in range(REFUSALS_FORGIVEN + 1)]
    assert told[0].fault is RequestFault.TOO_MUCH_WEIGHT
    assert told[0].retry_after == 60
    assert [fault.fault for fault in told[-2:]] == [RequestFault.TOO_MUCH_WEIGHT, RequestFault.BANNED]
    lenient = RateLimits(enabled=False)
    assert all(lenient.turn_away(IP, START) == told[0] for _ in range(REFUSALS_FORGIVEN + 2))
    assert lenient.knock(IP, START) is None


def test_how_an_address_stands_can_be_asked_without_counting() -> None:
    limits, now = RateLimits(), 1_700_000_000_000_000
    nobody = limits.standing("192.0.2.1", now)
    assert (nobody.weight, nobody.requests, nobody.connections, nobody.refusals, nobody.banned_until) == (0, 0, 0, 0, 0)
    assert len(limits) == 0
    limits.knock("192.0.2.1", now)
    limits.charge("192.0.2.1", 20, now)
    limits.connect("192.0.2.1", 2, now)
    found = limits.standing("192.0.2.1", now)
    assert (found.weight, found.requests, found.connections) == (22, 1, 1)
    assert found.weight_window_ends == 1_700_000_040_000_000
    assert found.request_window_ends == 1_700_000_100_000_000
    later = limits.standing("192.0.2.1", now + 300_000_000)
    assert (later.weight, later.requests, later.connections) == (0, 0, 0)
