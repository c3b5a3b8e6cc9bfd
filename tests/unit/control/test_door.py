"""The control plane's door over a real exchange."""

from collections.abc import Mapping
from typing import Any

import pytest
from msgspec import json

from papernet.control import ControlDoor, ControlRequest, ControlResponse
from papernet.core.commands import Command, Entry, ListSymbol, Reset
from papernet.core.events import Applied
from papernet.exchange.machine import Exchange
from papernet.servers.config import packaged_catalogue

TOKEN = "correct horse"
BALANCES = (("BTC", 100_000_000), ("USDT", 1_000_000_000_000))


class World:
    """A door, the exchange behind it, and every command that it sent."""

    def __init__(self) -> None:
        self.exchange = Exchange()
        self.commands: list[Command] = []
        self.drawn = 0
        self.submit(ListSymbol(packaged_catalogue().symbols[0].to_spec()), 1)
        self.commands.clear()
        self.door = ControlDoor(
            self.exchange,
            token=TOKEN,
            balances=BALANCES,
            submit=self.submit,
            reset=lambda now: self.submit(Reset(BALANCES), now),
            draw_key=self.draw,
        )

    def submit(self, command: Command, now: int) -> Applied:
        self.commands.append(command)
        return self.exchange.apply(Entry(len(self.commands) + 1, now, command))

    def draw(self) -> str:
        self.drawn += 1
        return f"drawn{self.drawn}".ljust(64, "x")

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        query: bytes = b"",
        headers: Mapping[bytes, bytes] | None = None,
        local: bool = True,
    ) -> ControlResponse:
        payload = body if isinstance(body, bytes) else b"" if body is None else json.encode(body)
        given = {b"authorization": f"Bearer {TOKEN}".encode()} if headers is None else headers
        return self.door.answer(ControlRequest(method, f"/papernet/v1{path}", query, given, payload, local), 5)

    def ok(self, method: str, path: str, body: object = None, **more: Any) -> Any:
        response = self.ask(method, path, body, **more)
        assert response.status == 200, response.body
        return json.decode(response.body)

    def refused(self, method: str, path: str, body: object = None, **more: Any) -> tuple[int, str]:
        before = len(self.commands)
        response = self.ask(method, path, body, **more)
        assert response.status >= 400
        assert len(self.commands) == before or response.status in (400, 404, 409)
        return response.status, json.decode(response.body)["error"]


@pytest.fixture
def world() -> World:
    return World()


def test_health_needs_no_token_and_nothing_else_goes_without(world: World) -> None:
    assert world.ok("GET", "/health", headers={})["status"] == "ok"
    for headers in ({}, {b"authorization": b"Bearer wrong"}, {b"authorization": TOKEN.encode()}, {b"authorization": b"\xff"}):
        assert world.ask("GET", "/accounts", headers=headers).status == 401
        assert world.ask("GET", "/nowhere", headers=headers).status == 401
    assert world.ask("GET", "/accounts", headers={b"authorization": b"bearer " + TOKEN.encode()}).status == 200


def test_other_machines_are_refused_even_with_the_token(world: World) -> None:
    assert world.ask("GET", "/health", local=False).status == 403
    assert world.ask("POST", "/reset", {}, local=False).status == 403
    assert world.commands == []


def test_unknown_paths_and_wrong_methods(world: World) -> None:
    assert world.ask("GET", "/nowhere").status == 404
    assert world.ask("POST", "/health").status == 405
    response = world.ask("PUT", "/keys")
    assert response.status == 405
    assert (b"allow", b"GET, POST, DELETE") in response.headers


def test_an_account_is_opened_with_a_balance_in_every_asset(world: World) -> None:
    opened = world.ok("POST", "/accounts", {"name": "dave"})
    assert opened["balances"]["USDT"] == {"free": "10000.00000000", "locked": "0.00000000"}
    assert opened["balances"]["BTC"]["free"] == "1.00000000"
    again = world.ok("POST", "/accounts", {"name": "erin", "balances": {"USDT": "0.5"}})
    assert again["uid"] == opened["uid"] + 1
    assert [row["name"] for row in world.ok("GET", "/accounts")] == ["dave", "erin"]


def test_an_answer_to_a_change_waits_for_the_journal(world: World) -> None:
    assert world.ask("POST", "/accounts", {"name": "dave"}).durable_seq > 0
    assert world.ask("GET", "/accounts").durable_seq == 0


@pytest.mark.parametrize("name", ["", "Dave", "-dave", "d" * 33, "da ve", "dävid", "ｄave", "a/b"])
def test_account_names_are_plain(world: World, name: str) -> None:
    status, text = world.refused("POST", "/accounts", {"name": name})
    assert status == 400
    assert text.startswith("name")
    assert world.commands == []


def test_an_account_opens_once(world: World) -> None:
    world.ok("POST", "/accounts", {"name": "dave"})
    assert world.refused("POST", "/accounts", {"name": "dave"})[0] == 409


def test_deposits_and_withdrawals(world: World) -> None:
    world.ok("POST", "/accounts", {"name": "dave"})
    row = world.ok("POST", "/accounts/dave/balances", {"asset": "USDT", "amount": "0.00000001"})
    assert row["balances"]["USDT"]["free"] == "10000.00000001"
    row = world.ok("POST", "/accounts/dave/balances", {"asset": "USDT", "amount": "-10000"})
    assert row["balances"]["USDT"]["free"] == "0.00000001"
    assert world.refused("POST", "/accounts/dave/balances", {"asset": "USDT", "amount": "-1"})[0] == 400
    assert world.refused("POST", "/accounts/dave/balances", {"asset": "XYZ", "amount": "1"})[0] == 400
    assert world.refused("POST", "/accounts/nobody/balances", {"asset": "USDT", "amount": "1"})[0] == 404
    assert world.refused("POST", "/accounts/dave/balances", {"asset": "USDT", "amount": "92233720369"})[0] == 400


@pytest.mark.parametrize("amount", ["1e3", "NaN", "１", "1_0", "", "-", "--1", "0.000000001", "9" * 30])
def test_amounts_are_plain_decimals(world: World, amount: str) -> None:
    world.ok("POST", "/accounts", {"name": "dave"})
    assert world.refused("POST", "/accounts/dave/balances", {"asset": "USDT", "amount": amount})[0] == 400


def test_commissions(world: World) -> None:
    world.ok("POST", "/accounts", {"name": "dave"})
    row = world.ok("POST", "/accounts/dave/commission", {"maker": "0.001", "taker": "0.002"})
    assert row["commission"] == {"maker": "0.00100000", "taker": "0.00200000", "buyer": "0.00000000", "seller": "0.00000000"}
    assert world.refused("POST", "/accounts/dave/commission", {"maker": "1.1", "taker": "0"})[0] == 400
    assert world.refused("POST", "/accounts/dave/commission", {"maker": "0.6", "taker": "0", "buyer": "0.6"})[0] == 400


def test_an_hmac_key_is_made_and_its_secret_shown_once(world: World) -> None:
    world.ok("POST", "/accounts", {"name": "dave"})
    key = world.ok("POST", "/keys", {"account": "dave", "label": "bot"})
    assert key["type"] == "HMAC"
    assert len(key["api_key"]) == len(key["secret_key"]) == 64
    assert key["permissions"] == ["USER_DATA", "TRADE", "USER_STREAM"]
    (listed,) = world.ok("GET", "/keys", query=b"account=dave")
    assert "secret_key" not in listed
    assert listed["label"] == "bot"
    assert world.ok("GET", "/keys", query=b"account=other") == []


def test_keys_are_revoked_by_query_or_body(world: World) -> None:
    world.ok("POST", "/accounts", {"name": "dave"})
    first, second = (world.ok("POST", "/keys", {"account": "dave"})["api_key"] for _ in range(2))
    assert world.ok("DELETE", "/keys", query=f"api_key={first}".encode())["revoked"]
    assert world.ok("DELETE", "/keys", {"api_key": second})["revoked"]
    assert world.ok("GET", "/keys") == []
    assert world.refused("DELETE", "/keys", {"api_key": first})[0] == 404


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"type": "DSA"}, "type"),
        ({"type": "RSA"}, "public_key"),
        ({"type": "HMAC", "public_key": "x"}, "public_key"),
        ({"public_key": "x"}, "public_key"),
        ({"permissions": ["TRADE", "ADMIN"]}, "permissions"),
        ({"ip_list": ["10.0.0.256"]}, "ip_list"),
        ({"ip_list": ["10.0.0.1"] * 31}, "ip_list"),
        ({"label": "x" * 65}, "label"),
        ({"label": "\x1b[2J"}, "label"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_bad_keys_are_refused_with_a_reason(world: World, body: dict[str, object], text: str) -> None:
    world.ok("POST", "/accounts", {"name": "dave"})
    status, reason = world.refused("POST", "/keys", {"account": "dave"} | body)
    assert status == 400
    assert text in reason


def test_addresses_are_kept_in_their_shortest_spelling(world: World) -> None:
    world.ok("POST", "/accounts", {"name": "dave"})
    key = world.ok("POST", "/keys", {"account": "dave", "ip_list": ["0:0:0:0:0:0:0:1", "10.0.0.1"], "permissions": ["TRADE"]})
    assert key["ip_list"] == ["::1", "10.0.0.1"]
    assert key["permissions"] == ["TRADE"]


def test_reset_starts_over_and_keeps_keys(world: World) -> None:
    world.ok("POST", "/accounts", {"name": "dave"})
    world.ok("POST", "/keys", {"account": "dave"})
    world.ok("POST", "/accounts/dave/balances", {"asset": "USDT", "amount": "5"})
    assert world.ok("POST", "/reset", {})["epoch"] == 2
    assert world.ok("GET", "/accounts")[0]["balances"]["USDT"]["free"] == "10000.00000000"
    assert len(world.ok("GET", "/keys")) == 1


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff", b"null", b'{"name":1}', b"[" * 100_000, b'"x"', b'{"name":"\\ud800"}'])
def test_bodies_that_are_no_requests(world: World, body: bytes) -> None:
    assert world.refused("POST", "/accounts", body)[0] == 400
    assert world.commands == []


def test_a_query_with_many_fields_is_refused(world: World) -> None:
    assert world.refused("GET", "/keys", query=b"&".join(b"a=%d" % n for n in range(100)))[0] == 400
