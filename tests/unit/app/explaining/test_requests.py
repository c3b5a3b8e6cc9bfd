"""Why a request was refused before the exchange was asked: limits, times, keys, parameters, what was not found."""

from typing import Any

import pytest

from papernet.app.rate_limits import REFUSALS_FORGIVEN, WEIGHT_LIMIT
from papernet.core.commands import RegisterKey
from papernet.core.enums import KeyType
from tests.support.explained import ORDER, ExplainedDesk
from tests.support.rest_desk import BOB_KEY, DISTANT_KEY, IP, READER_KEY, SECRET
from tests.support.worlds import START

MS = 1_000


@pytest.fixture
def desk() -> ExplainedDesk:
    return ExplainedDesk()


def test_a_late_request_tells_both_times_and_the_window(desk: ExplainedDesk) -> None:
    desk.sign("GET", "/api/v3/account", {"recvWindow": 2000}, timestamp=START // MS - 2001)
    told = desk.explain()
    assert told.guard == "OUTSIDE_RECV_WINDOW"
    assert told.because == "The request arrived 2001 ms after its timestamp; its recvWindow is 2000 ms."
    expected = {"timestamp_ms": START // MS - 2001, "server_time_ms": START // MS, "behind_ms": 2001, "recv_window_ms": 2000}
    assert told.numbers | expected == told.numbers
    assert told.numbers["server_time"] == "2023-11-14T22:13:20.000Z"


def test_a_request_that_was_late_only_at_the_second_look(desk: ExplainedDesk) -> None:
    desk.sign("GET", "/api/v3/account", {"recvWindow": 2000}, timestamp=START // MS - 1000, took=1_500_000)
    assert "arrived in time, but reached the exchange 2500 ms" in desk.explain().because


@pytest.mark.parametrize(
    ("timestamp", "text", "hints"),
    [
        (START // MS + 1000, "1000 ms ahead", 1),
        (START // MS + 250_000, "250000 ms ahead", 1),
        (START // 1_000_000, "after its timestamp", 2),
    ],
)
def test_timestamps_ahead_and_in_another_unit(desk: ExplainedDesk, timestamp: int, text: str, hints: int) -> None:
    desk.sign("GET", "/api/v3/account", timestamp=timestamp)
    told = desk.explain()
    assert text in told.because
    assert len(told.hints) == hints


def test_which_of_the_three_a_rejected_key_is(desk: ExplainedDesk) -> None:
    desk.sign("GET", "/api/v3/account", key="x" * 64)
    assert "no such API key" in desk.explain().because
    desk.sign("GET", "/api/v3/account", key="a" * 63 + "b")
    assert desk.explain().hints == (f"A known key that differs little: {'a' * 64}.",)
    desk.sign("GET", "/api/v3/account", key=DISTANT_KEY)
    assert desk.explain().numbers == {"ip": IP, "ip_list": ["198.51.100.1"]}
    desk.sign("DELETE", ORDER, {"symbol": "BTCUSDT", "orderId": 1}, key=READER_KEY)
    told = desk.explain()
    assert told.numbers == {"needs": "TRADE", "has": ["USER_DATA"]}
    assert told.because == "The key lacks the permission TRADE, which order.cancel needs."


@pytest.mark.parametrize(
    ("key", "text"), [("", "No API key came"), ("a" * 63, "has 63 characters"), ("a" * 63 + "!", "other characters")]
)
def test_what_an_api_key_looks_like(desk: ExplainedDesk, key: str, text: str) -> None:
    desk.sign("GET", "/api/v3/account", key=key)
    assert (desk.explain().guard, text in desk.explain().because) == ("BAD_API_KEY_FORMAT", True)


def test_weight_and_bans_tell_their_windows(desk: ExplainedDesk) -> None:
    desk.limits.charge(IP, WEIGHT_LIMIT, desk.now) if desk.limits.knock(IP, desk.now) is None else None
    desk.get("/api/v3/time")
    told = desk.explain()
    assert told.guard == "TOO_MUCH_WEIGHT"
    expected = {"weight": WEIGHT_LIMIT + 1, "weight_limit": WEIGHT_LIMIT, "refusals_in_window": 1, "retry_after_seconds": 40}
    assert told.numbers | expected == told.numbers
    assert told.numbers["weight_window_ends"] == "2023-11-14T22:14:00.000Z"
    for _ in range(REFUSALS_FORGIVEN):
        desk.get("/api/v3/time")
    told = desk.explain()
    assert (told.guard, told.numbers["bans_so_far"], told.numbers["banned_until"]) == ("BANNED", 1, "2023-11-14T22:15:20.000Z")


def test_symbols_that_are_nearly_right(desk: ExplainedDesk) -> None:
    desk.get("/api/v3/depth", "symbol=BTCUSD")
    told = desk.explain()
    assert (told.guard, told.numbers["symbols"], told.hints) == ("UNKNOWN_SYMBOL", ["BTCUSD"], ("There are BTCUSDT.",))
    desk.get("/api/v3/ticker/price", 'symbols=["BTCUSDT","NONE"]')
    assert desk.explain().numbers["symbols"] == ["NONE"]


@pytest.mark.parametrize(
    ("terms", "guard", "numbers"),
    [
        (
            {"timeInForce": None, "price": "1"},
            "MISSING_PARAMETER",
            {"parameter": "timeInForce", "values": ["GTC", "IOC", "FOK"]},
        ),
        ({"side": "HOLD", "price": "1"}, "BAD_SIDE", {"parameter": "side", "sent": "HOLD", "values": ["BUY", "SELL"]}),
        ({"price": "1.123456789"}, "TOO_PRECISE", {"parameter": "price", "sent": "1.123456789", "kind": "DECIMAL"}),
        ({"price": "x"}, "ILLEGAL_CHARACTERS", {"parameter": "price", "sent": "x"}),
        ({"price": "1", "recvWindow": "60001"}, "TOO_GREAT", {"parameter": "recvWindow", "maximum": 60_000, "default": 5000}),
        ({"price": "1", "colour": "red"}, "UNREAD_PARAMETERS", {}),
        ({"price": "1", "type": "MARKET"}, "NOT_REQUIRED", {"about": ["timeInForce"]}),
    ],
)
def test_parameters_tell_what_was_sent_and_what_was_expected(
    desk: ExplainedDesk, terms: dict[str, Any], guard: str, numbers: dict[str, Any]
) -> None:
    told = desk.refused(**({"quantity": "1"} | terms))
    assert told.guard == guard
    assert told.numbers | numbers == told.numbers


def test_a_name_in_the_wrong_case_is_seen(desk: ExplainedDesk) -> None:
    told = desk.refused(quantity="1", price="1", timeInForce=None, timeinforce="GTC")
    assert told.hints == ("There is a parameter 'timeinforce' among those sent: names are case-sensitive.",)


def test_orders_that_are_elsewhere(desk: ExplainedDesk) -> None:
    desk.accepted(price="10", quantity="1", key=BOB_KEY)
    mine = desk.accepted(price="10", quantity="1", newClientOrderId="mine")

    def asked(**params: Any) -> Any:
        desk.signed("GET", ORDER, params)
        assert desk.explain().guard == "NO_SUCH_ORDER"
        return desk.explain().hints

    assert asked(symbol="BTCUSDT", orderId=1) == ("The order 1 on BTCUSDT is open, but is another account's.",)
    assert "open on BTCUSDT" in asked(symbol="ETHBTC", orderId=mine)[0]
    assert "open on BTCUSDT" in asked(symbol="ETHBTC", origClientOrderId="mine")[0]
    assert asked(symbol="BTCUSDT", orderId=77) == ()


def test_other_faults_tell_their_name_and_what_they_are_about(desk: ExplainedDesk) -> None:
    desk.get("/api/v3/nothing")
    assert (desk.explain().guard, desk.explain().because) == ("UNKNOWN_PATH", "Unknown path.")
    desk.send("PUT", "/api/v3/depth")
    assert desk.explain().guard == "WRONG_METHOD"


def test_a_second_key_of_one_type_changes_nothing(desk: ExplainedDesk) -> None:
    desk.sequencer.submit(RegisterKey(2, "z" * 64, KeyType.HMAC, SECRET, (), ()), desk.now)
    desk.sign("GET", "/api/v3/account", key="z" * 64)
    assert desk.explain().numbers == {"needs": "USER_DATA", "has": []}
