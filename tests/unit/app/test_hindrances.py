"""What rules see of a request, and what they leave as it is; each effect is tried in tests/conformance/test_every_fault.py."""

import pytest

from papernet.app.fault_catalogue import EFFECTS, Place
from papernet.app.faults import Fault, RequestFault
from papernet.app.hindrances import fault_at_door
from papernet.core.commands import OpenAccount, RegisterKey
from papernet.core.dates import SECOND
from papernet.core.enums import AccountKind, KeyType, Permission
from tests.support.fault_desk import FaultDesk, rule
from tests.support.rest_desk import ALICE_KEY, BOB_KEY, SECRET, header


def test_a_request_is_known_by_operation_account_key_and_symbol() -> None:
    desk = FaultDesk()
    desk.add("code-1001", door="rest", operation="order.place", account="alice", api_key=ALICE_KEY, symbol="BTCUSDT")
    assert desk.rest.limit("BUY", "1", "90")["code"] == -1001
    assert "orderId" in desk.rest.limit("BUY", "1", "90", key=BOB_KEY)
    assert desk.rest.signed("GET", "/api/v3/openOrders", {"symbol": "BTCUSDT"}) == []
    assert "orderId" in desk.ws.connect().limit("BUY", "1", "90")["result"]
    assert desk.count() == (1, 1)


def test_a_request_that_cannot_be_read_meets_only_rules_that_ask_for_nothing_of_it() -> None:
    desk = FaultDesk()
    desk.add("code-1001", symbol="*")
    assert desk.rest.send("POST", "/api/v3/order", "x=%ff").status == 400
    desk.add("code-1000")
    assert desk.rest.send("GET", "/nothing").status == 500


def test_the_banned_and_the_overweight_meet_no_rule() -> None:
    desk = FaultDesk()
    desk.rest.limits.ban("192.0.2.7", SECOND, desk.rest.now)
    desk.add("code-1001")
    assert desk.rest.send("GET", "/api/v3/ping").status == 418
    assert desk.count() == (0, 0)


@pytest.mark.parametrize("effect", ["code-1001", "http-503-unknown", "code-1015", "reset"])
def test_who_is_turned_away_pays_as_much_as_who_fails(effect: str) -> None:
    desk = FaultDesk()
    executed = False if EFFECTS[effect].executed is not None else None
    desk.add(effect, operation="exchangeInfo", executed=executed)
    desk.rest.send("GET", "/api/v3/exchangeInfo")
    assert header(desk.rest.send("GET", "/api/v3/ping"), b"x-mbx-used-weight") == b"21"


def test_the_limit_itself_is_told_to_who_reaches_it_while_turned_away() -> None:
    desk = FaultDesk()
    desk.rest.limits.charge("192.0.2.7", 6_000, desk.rest.now)
    desk.add("code-1001")
    assert desk.rest.send("GET", "/api/v3/ping").status == 429


def test_stale_reads_leave_commands_alone() -> None:
    desk = FaultDesk()
    desk.add("stale-reads", span=SECOND)
    assert "orderId" in desk.rest.limit("BUY", "1", "90")
    assert desk.count() == (1, 0)


def test_stale_reads_answer_of_now_to_accounts_that_were_not_there() -> None:
    desk = FaultDesk()
    desk.add("stale-reads", span=SECOND)
    submit, now, key = desk.rest.sequencer.submit, desk.rest.now, "z" * 64
    submit(OpenAccount("zoe", 1_999, AccountKind.USER, (("USDT", 100),)), now)
    submit(RegisterKey(3, key, KeyType.HMAC, SECRET, (Permission.USER_DATA,), ()), now)
    assert desk.rest.signed("GET", "/api/v3/account", key=key)["uid"] == 1_999


def test_without_rules_nothing_is_different() -> None:
    desk = FaultDesk()
    response = desk.rest.send("GET", "/api/v3/ping")
    assert response.hindering is None
    assert not desk.plan.on_requests


def test_a_connection_is_refused_by_what_its_rule_says() -> None:
    banned, away = Fault(RequestFault.BANNED), Fault(RequestFault.TOO_MUCH_WEIGHT)
    spans: list[int] = []

    def ban(span: int) -> Fault:
        spans.append(span)
        return banned

    def refused(effect: str) -> Fault | None:
        return fault_at_door(rule(effect, span=EFFECTS[effect].span), ban, lambda: away)

    assert refused("http-418") is banned
    assert spans == [EFFECTS["http-418"].span]
    assert refused("http-429") is away
    assert refused("reset") is None
    plain = [name for name, effect in EFFECTS.items() if Place.CONNECT in effect.places and name[5:] not in ("418", "429")]
    assert all(refused(name) is not None for name in plain if name != "reset")
