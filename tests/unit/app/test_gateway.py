"""The guards: each refuses with its own fault, in the published order, and a refusal changes nothing."""

import hashlib
import hmac
from collections.abc import Callable
from typing import Any

import pytest

from papernet.app.authentication import Authenticator
from papernet.app.faults import Fault, RequestFault
from papernet.app.gateway import PUBLIC, Call, Gateway
from papernet.app.operations import OPERATIONS, Params
from papernet.app.rate_limits import WEIGHT_LIMIT, RateLimits
from papernet.core.commands import RegisterKey
from papernet.core.dates import SECOND
from papernet.core.enums import KeyType, Permission
from tests.support.worlds import ALICE, START, World

FULL, READER, DISTANT = "F" * 64, "R" * 64, "D" * 64
SECRET = "secret"
IP = "192.0.2.7"
PAYLOAD = b"payload"


def signature(payload: bytes = PAYLOAD) -> str:
    return hmac.new(SECRET.encode(), payload, hashlib.sha256).hexdigest()


@pytest.fixture
def world() -> World:
    world = World()
    everything = (Permission.USER_DATA, Permission.TRADE, Permission.USER_STREAM)
    world.apply(RegisterKey(ALICE, FULL, KeyType.HMAC, SECRET, everything))
    world.apply(RegisterKey(ALICE, READER, KeyType.HMAC, SECRET, (Permission.USER_DATA,)))
    world.apply(RegisterKey(ALICE, DISTANT, KeyType.HMAC, SECRET, everything, ("198.51.100.1",)))
    return world


@pytest.fixture
def gateway(world: World) -> Gateway:
    return Gateway(world.exchange, RateLimits(), Authenticator())


def params_of(name: str, **changes: object) -> Params:
    params: dict[str, Any] = {param.name: param.default for param in OPERATIONS[name].parameters}
    return params | {"symbol": "BTCUSDT", "timestamp": START} | changes


def cancel(**changes: Any) -> Call:
    """Return a call that is admitted, but for the changes."""
    fields: dict[str, Any] = {
        "ip": IP,
        "received_at": START,
        "operation": OPERATIONS["openOrders.cancelAll"],
        "params": params_of("openOrders.cancelAll"),
        "api_key": FULL,
        "payload": PAYLOAD,
        "signature": signature(),
    }
    return Call(**(fields | changes))


def with_params(**changes: object) -> Call:
    return cancel(params=params_of("openOrders.cancelAll", **changes))


def test_a_signed_call_acts_for_the_keys_account(gateway: Gateway) -> None:
    assert gateway.admit(cancel(), START) == ALICE


def test_a_public_call_acts_for_nobody_and_needs_no_key(gateway: Gateway) -> None:
    params = {"symbol": "BTCUSDT", "limit": 100, "symbolStatus": None}
    call = Call(IP, START, OPERATIONS["depth"], params, None, "not a key at all")
    assert gateway.admit(call, START) == PUBLIC
    assert gateway.limits.used_weight(IP, START) == 5


# In the published order: each row is refused for its own reason although every row below it would be refused too.
GUARDS: list[tuple[str, dict[str, Any], RequestFault]] = [
    ("duplicate", {"fault": Fault(RequestFault.DUPLICATE_PARAMETER)}, RequestFault.DUPLICATE_PARAMETER),
    ("key format", {"api_key": "short"}, RequestFault.BAD_API_KEY_FORMAT),
    (
        "parameter",
        {"fault": Fault(RequestFault.MISSING_PARAMETER, ("symbol",))},
        RequestFault.MISSING_PARAMETER,
    ),
    ("signature missing", {"signature": ""}, RequestFault.MISSING_PARAMETER),
    (
        "ahead",
        {"params": params_of("openOrders.cancelAll", symbol="NONE", timestamp=START + SECOND)},
        RequestFault.AHEAD_OF_TIME,
    ),
    ("key unknown", {"api_key": "U" * 64}, RequestFault.REJECTED_KEY),
    ("signature", {"payload": b"other"}, RequestFault.BAD_SIGNATURE),
    ("symbol", {"params": params_of("openOrders.cancelAll", symbol="NONE")}, RequestFault.UNKNOWN_SYMBOL),
]


@pytest.mark.parametrize("row", range(len(GUARDS)), ids=[name for name, _, _ in GUARDS])
def test_the_first_guard_in_the_published_order_refuses(gateway: Gateway, row: int) -> None:
    changes: dict[str, Any] = {}
    for _, change, _ in reversed(GUARDS[row:]):
        changes |= change
    refused = gateway.admit(cancel(**changes), START)
    assert isinstance(refused, Fault)
    assert refused.fault is GUARDS[row][2]


def test_faults_are_numbered_in_the_order_of_the_guards() -> None:
    order = [fault for _, _, fault in GUARDS]
    assert order == sorted(order)


@pytest.mark.parametrize(
    ("call", "fault"),
    [
        (cancel(api_key=""), RequestFault.BAD_API_KEY_FORMAT),
        (cancel(api_key="F" * 63), RequestFault.BAD_API_KEY_FORMAT),
        (cancel(api_key="F" * 63 + "\n"), RequestFault.BAD_API_KEY_FORMAT),
        (cancel(api_key="\uff26" * 64), RequestFault.BAD_API_KEY_FORMAT),
        (cancel(api_key="f" * 64), RequestFault.REJECTED_KEY),
        (cancel(api_key=READER), RequestFault.REJECTED_KEY),
        (cancel(api_key=DISTANT), RequestFault.REJECTED_KEY),
        (cancel(signature="0" * 64), RequestFault.BAD_SIGNATURE),
        (cancel(signature="\uff10" * 64), RequestFault.BAD_SIGNATURE),
        (cancel(payload=b""), RequestFault.BAD_SIGNATURE),
    ],
)
def test_who_is_not_believed(gateway: Gateway, world: World, call: Call, fault: RequestFault) -> None:
    before = world.exchange.order_counts(ALICE, START)
    refused = gateway.admit(call, START)
    assert isinstance(refused, Fault)
    assert refused.fault is fault
    assert world.exchange.order_counts(ALICE, START) == before


def test_a_key_with_addresses_works_from_these(gateway: Gateway) -> None:
    assert gateway.admit(cancel(api_key=DISTANT, ip="198.51.100.1"), START) == ALICE


def test_a_read_only_key_reads(gateway: Gateway) -> None:
    call = cancel(api_key=READER, operation=OPERATIONS["account.status"], params=params_of("account.status", symbol=None))
    assert gateway.admit(call, START) == ALICE


@pytest.mark.parametrize(
    ("timestamp", "recv_window", "took", "fault"),
    [
        (START, 5_000_000, 0, None),
        (START - 5_000_000, 5_000_000, 0, None),
        (START - 5_000_001, 5_000_000, 0, RequestFault.OUTSIDE_RECV_WINDOW),
        (START - 1, 0, 0, RequestFault.OUTSIDE_RECV_WINDOW),
        (START, 0, 0, None),
        (START + SECOND - 1, 5_000_000, 0, None),
        (START + SECOND, 5_000_000, 0, RequestFault.AHEAD_OF_TIME),
        (0, 60_000_000, 0, RequestFault.OUTSIDE_RECV_WINDOW),
        # the second look: the body took its time
        (START, 5_000_000, 5_000_000, None),
        (START, 5_000_000, 5_000_001, RequestFault.OUTSIDE_RECV_WINDOW),
        (START - 4_000_000, 5_000_000, 1_000_001, RequestFault.OUTSIDE_RECV_WINDOW),
    ],
)
def test_timing(gateway: Gateway, timestamp: int, recv_window: int, took: int, fault: RequestFault | None) -> None:
    outcome = gateway.admit(with_params(timestamp=timestamp, recvWindow=recv_window), START + took)
    assert (outcome.fault if isinstance(outcome, Fault) else None) is fault


def test_unknown_symbols_are_refused_wherever_they_stand(gateway: Gateway) -> None:
    params = {"symbol": None, "symbols": ("BTCUSDT", "NONE"), "symbolStatus": None}
    assert gateway.admit(Call(IP, START, OPERATIONS["ticker.price"], params), START) == Fault(RequestFault.UNKNOWN_SYMBOL)
    assert gateway.admit(with_params(symbol="NONE"), START) == Fault(RequestFault.UNKNOWN_SYMBOL)


def unknown_path() -> Call:
    return Call(IP, START, None, {}, Fault(RequestFault.UNKNOWN_PATH))


@pytest.mark.parametrize(
    "make", [unknown_path, cancel, lambda: cancel(fault=Fault(RequestFault.DUPLICATE_PARAMETER)), lambda: cancel(api_key="")]
)
def test_every_call_is_weighed_and_the_limit_comes_first(gateway: Gateway, make: Callable[[], Call]) -> None:
    gateway.admit(make(), START)
    assert gateway.limits.used_weight(IP, START) == 1
    gateway.limits.charge(IP, WEIGHT_LIMIT - 1, START)
    refused = gateway.admit(make(), START)
    assert isinstance(refused, Fault)
    assert refused.fault is RequestFault.TOO_MUCH_WEIGHT
    knocked = gateway.knock(IP, START)
    assert knocked is not None
    assert knocked.fault is RequestFault.TOO_MUCH_WEIGHT


@pytest.mark.parametrize(("name", "weight"), [("trades.recent", 25), ("depth", 5), ("ticker.24hr", 2), ("myFilters", 40)])
def test_whose_parameters_cannot_be_read_is_charged_the_least(gateway: Gateway, name: str, weight: int) -> None:
    refused = Call(IP, START, OPERATIONS[name], {}, Fault(RequestFault.TOO_PRECISE, ("limit",)))
    assert isinstance(gateway.admit(refused, START), Fault)
    assert gateway.limits.used_weight(IP, START) == weight


@pytest.mark.parametrize(
    ("symbol", "match", "weight"), [("BTCUSDT", 1, 2), ("BTCUSDT", None, 20), ("NONE", 1, 2), ("NONE", None, 2)]
)
def test_asking_for_prevented_matches_of_no_symbol_is_cheap(
    gateway: Gateway, symbol: str, match: int | None, weight: int
) -> None:
    """rest-api.md, Query Prevented Matches, Weight."""
    params = params_of("myPreventedMatches", symbol=symbol, preventedMatchId=match)
    gateway.admit(cancel(operation=OPERATIONS["myPreventedMatches"], params=params), START)
    assert gateway.limits.used_weight(IP, START) == weight


def test_public_calls_are_refused_for_their_faults_without_a_look_at_the_key(gateway: Gateway) -> None:
    fault = Fault(RequestFault.MISSING_PARAMETER, ("symbol",))
    assert gateway.admit(Call(IP, START, OPERATIONS["depth"], {}, fault), START) == fault


# web-socket-api.md, Session Authentication, and the listen keys of older editions

SESSION_PARAMS: dict[str, Any] = {}


def test_a_connection_that_logged_on_needs_no_signature_but_a_timestamp_in_time(gateway: Gateway) -> None:
    assert gateway.admit(cancel(signature="", logged_on=True), START) == ALICE
    late = cancel(signature="", logged_on=True, params=params_of("openOrders.cancelAll", timestamp=START - 6 * SECOND))
    assert gateway.admit(late, START) == Fault(RequestFault.OUTSIDE_RECV_WINDOW)


def test_a_signature_that_is_there_counts_even_behind_a_log_on(gateway: Gateway) -> None:
    assert gateway.admit(cancel(signature="00", logged_on=True), START) == Fault(RequestFault.BAD_SIGNATURE)


@pytest.mark.parametrize("key", [READER, DISTANT, "X" * 64])
def test_a_key_that_logged_on_may_do_no_more_than_it_may(gateway: Gateway, key: str) -> None:
    assert gateway.admit(cancel(api_key=key, signature="", logged_on=True), START) == Fault(RequestFault.REJECTED_KEY)


def test_any_valid_key_may_log_on_with_a_signature(gateway: Gateway) -> None:
    call = cancel(operation=OPERATIONS["session.logon"], api_key=READER, params=params_of("session.logon"))
    assert gateway.admit(call, START) == ALICE
    unsigned = cancel(operation=OPERATIONS["session.logon"], params=params_of("session.logon"), signature="")
    assert gateway.admit(unsigned, START) == Fault(RequestFault.MISSING_PARAMETER, ("signature",))


def test_what_needs_a_log_on_is_refused_without_one(gateway: Gateway) -> None:
    operation = OPERATIONS["userDataStream.subscribe"]
    call = Call(IP, START, operation, SESSION_PARAMS, None, FULL)
    assert gateway.admit(call, START) == Fault(RequestFault.NOT_LOGGED_ON)
    call.logged_on = True
    assert gateway.admit(call, START) == ALICE
    reader = Call(IP, START, operation, SESSION_PARAMS, None, READER, logged_on=True)
    assert gateway.admit(reader, START) == Fault(RequestFault.REJECTED_KEY)


def test_a_listen_key_is_given_for_the_api_key_alone(gateway: Gateway) -> None:
    operation = OPERATIONS["userDataStream.start"]
    assert gateway.admit(Call(IP, START, operation, SESSION_PARAMS, None, FULL), START) == ALICE
    assert gateway.admit(Call(IP, START, operation, SESSION_PARAMS, None, READER), START) == Fault(RequestFault.REJECTED_KEY)
    assert gateway.admit(Call(IP, START, operation, SESSION_PARAMS, None, "no key"), START) == Fault(
        RequestFault.BAD_API_KEY_FORMAT
    )


def test_what_can_be_asked_about_may_be_another_venues(world: World) -> None:
    gateway = Gateway(world.exchange, RateLimits(), Authenticator(), ("BTC-260123-50000-C",))
    for symbol, expected in (("BTC-260123-50000-C", PUBLIC), ("BTCUSDT", Fault(RequestFault.UNKNOWN_SYMBOL))):
        call = Call(IP, START, OPERATIONS["avgPrice"], {"symbol": symbol})
        assert gateway.admit(call, START) == expected
