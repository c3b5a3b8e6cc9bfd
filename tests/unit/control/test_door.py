"""The control plane's door over a real exchange: who is let in, where, with what."""

import pytest

from tests.support.control_desk import TOKEN, ControlDesk


@pytest.fixture
def world() -> ControlDesk:
    return ControlDesk()


def test_health_needs_no_token_and_nothing_else_goes_without(world: ControlDesk) -> None:
    assert world.ok("GET", "/health", headers={})["status"] == "ok"
    for headers in ({}, {b"authorization": b"Bearer wrong"}, {b"authorization": TOKEN.encode()}, {b"authorization": b"\xff"}):
        assert world.ask("GET", "/accounts", headers=headers).status == 401
        assert world.ask("GET", "/nowhere", headers=headers).status == 401
    assert world.ask("GET", "/accounts", headers={b"authorization": b"bearer " + TOKEN.encode()}).status == 200


def test_other_machines_are_refused_even_with_the_token(world: ControlDesk) -> None:
    assert world.ask("GET", "/health", local=False).status == 403
    assert world.ask("POST", "/reset", {}, local=False).status == 403
    assert world.commands == []


def test_unknown_paths_and_wrong_methods(world: ControlDesk) -> None:
    assert world.ask("GET", "/nowhere").status == 404
    assert world.ask("POST", "/health").status == 405
    response = world.ask("PUT", "/keys")
    assert response.status == 405
    assert (b"allow", b"GET, POST, DELETE") in response.headers
    response = world.ask("GET", "/symbols/BTCUSDT/status")
    assert (response.status, (b"allow", b"POST") in response.headers) == (405, True)
    for path in ("/symbols/BTCUSDT/settings", "/accounts/dave/status", "/symbols//status", "/symbols/A/B/status"):
        assert world.ask("POST", path, {}).status == 404


def test_every_call_wants_the_token(world: ControlDesk) -> None:
    calls = [call for call in world.door.calls.rows if call.path != "/health"]
    assert len(calls) > 10
    for call in calls:
        assert world.ask(call.method, call.path.replace("{name}", "x"), {}, headers={}).status == 401
    assert world.commands == []


def test_an_answer_to_a_change_waits_for_the_journal(world: ControlDesk) -> None:
    assert world.ask("POST", "/accounts", {"name": "dave"}).durable_seq > 0
    assert world.ask("GET", "/accounts").durable_seq == 0


def test_reset_starts_over_and_keeps_keys(world: ControlDesk) -> None:
    world.ok("POST", "/accounts", {"name": "dave"})
    world.ok("POST", "/keys", {"account": "dave"})
    world.ok("POST", "/accounts/dave/balances", {"asset": "USDT", "amount": "5"})
    assert world.ok("POST", "/reset", {})["epoch"] == 2
    assert world.ok("GET", "/accounts")[0]["balances"]["USDT"]["free"] == "10000.00000000"
    assert len(world.ok("GET", "/keys")) == 1


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff", b"null", b'{"name":1}', b"[" * 100_000, b'"x"', b'{"name":"\\ud800"}'])
def test_bodies_that_are_no_requests(world: ControlDesk, body: bytes) -> None:
    assert world.refused("POST", "/accounts", body)[0] == 400
    assert world.commands == []


def test_reset_keeps_settings_but_not_what_was_said_of_symbols(world: ControlDesk) -> None:
    world.ok("POST", "/accounts", {"name": "dave"})
    world.ok("POST", "/accounts/dave/settings", {"trade_group": 7})
    world.ok("POST", "/accounts/dave/commission", {"symbol": "BTCUSDT", "maker": "0.001"})
    venue = world.ok("POST", "/venue", {"discount_rate": "0.5"})
    world.ok("POST", "/symbols/BTCUSDT/status", {"status": "HALT"})
    world.ok("POST", "/symbols/BTCUSDT/reference-price", {"price": "60000"})
    (before,) = world.ok("GET", "/accounts")
    world.ok("POST", "/reset", {})
    assert world.ok("GET", "/accounts") == [before]
    assert world.ok("GET", "/venue") == venue
    row = world.ok("GET", "/symbols")[0]
    assert (row["symbol"], row["status"], row["reference_price"]) == ("BTCUSDT", "TRADING", None)
