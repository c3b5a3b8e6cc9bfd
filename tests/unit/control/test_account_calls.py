"""Accounts and keys over a real exchange."""

import pytest

from tests.support.control_desk import ControlDesk


@pytest.fixture
def world() -> ControlDesk:
    return ControlDesk()


def test_an_account_is_opened_with_a_balance_in_every_asset(world: ControlDesk) -> None:
    opened = world.ok("POST", "/accounts", {"name": "dave"})
    assert opened["balances"]["USDT"] == {"free": "10000.00000000", "locked": "0.00000000"}
    assert opened["balances"]["BTC"]["free"] == "1.00000000"
    again = world.ok("POST", "/accounts", {"name": "erin", "balances": {"USDT": "0.5"}})
    assert again["uid"] == opened["uid"] + 1
    assert [row["name"] for row in world.ok("GET", "/accounts")] == ["dave", "erin"]


@pytest.mark.parametrize("name", ["", "Dave", "-dave", "d" * 33, "da ve", "dävid", "ｄave", "a/b"])
def test_account_names_are_plain(world: ControlDesk, name: str) -> None:
    status, text = world.refused("POST", "/accounts", {"name": name})
    assert status == 400
    assert text.startswith("name")
    assert world.commands == []


def test_an_account_opens_once(world: ControlDesk) -> None:
    world.ok("POST", "/accounts", {"name": "dave"})
    assert world.refused("POST", "/accounts", {"name": "dave"})[0] == 409


def test_deposits_and_withdrawals(world: ControlDesk) -> None:
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
def test_amounts_are_plain_decimals(world: ControlDesk, amount: str) -> None:
    world.ok("POST", "/accounts", {"name": "dave"})
    assert world.refused("POST", "/accounts/dave/balances", {"asset": "USDT", "amount": amount})[0] == 400


def test_part_of_a_balance_is_locked_and_unlocked(world: ControlDesk) -> None:
    assert world.ok("POST", "/accounts", {"name": "dave"})["external_locks"] == {}
    row = world.ok("POST", "/accounts/dave/locks", {"asset": "USDT", "amount": "40.5"})
    assert row["balances"]["USDT"] == {"free": "9959.50000000", "locked": "40.50000000"}
    assert row["external_locks"] == {"USDT": "40.50000000"}
    assert world.ok("GET", "/accounts") == [row]
    row = world.ok("POST", "/accounts/dave/locks", {"asset": "USDT", "amount": "-40"})
    assert row["external_locks"] == {"USDT": "0.50000000"}
    row = world.ok("POST", "/accounts/dave/locks", {"asset": "USDT", "amount": "-0.5"})
    assert (row["balances"]["USDT"]["free"], row["external_locks"]) == ("10000.00000000", {})


@pytest.mark.parametrize(
    ("name", "body", "status", "text"),
    [
        ("nobody", {"asset": "USDT", "amount": "1"}, 404, "there is no such account"),
        ("dave", {"asset": "XYZ", "amount": "1"}, 400, "no symbol trades that asset"),
        ("dave", {"asset": "USDT", "amount": "0"}, 400, "the amount is out of range"),
        ("dave", {"asset": "USDT", "amount": "9993.00000001"}, 400, "the amount is out of range"),
        ("dave", {"asset": "USDT", "amount": "-7.00000001"}, 400, "the amount is out of range"),
        ("dave", {"asset": "USDT", "amount": "one"}, 400, "amount: 'one' is no amount with at most eight decimals"),
        ("dave", {"asset": "USDT"}, 400, "Object missing required field `amount`"),
    ],
)
def test_locks_that_cannot_be(world: ControlDesk, name: str, body: dict[str, str], status: int, text: str) -> None:
    world.ok("POST", "/accounts", {"name": "dave"})
    before = world.ok("POST", "/accounts/dave/locks", {"asset": "USDT", "amount": "7"})
    assert world.refused("POST", f"/accounts/{name}/locks", body) == (status, text)
    assert world.ok("GET", "/accounts") == [before]


def test_an_hmac_key_is_made_and_its_secret_shown_once(world: ControlDesk) -> None:
    world.ok("POST", "/accounts", {"name": "dave"})
    key = world.ok("POST", "/keys", {"account": "dave", "label": "bot"})
    assert key["type"] == "HMAC"
    assert len(key["api_key"]) == len(key["secret_key"]) == 64
    assert key["permissions"] == ["USER_DATA", "TRADE", "USER_STREAM"]
    (listed,) = world.ok("GET", "/keys", query=b"account=dave")
    assert "secret_key" not in listed
    assert listed["label"] == "bot"
    assert world.ok("GET", "/keys", query=b"account=other") == []


def test_keys_are_revoked_by_query_or_body(world: ControlDesk) -> None:
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
def test_bad_keys_are_refused_with_a_reason(world: ControlDesk, body: dict[str, object], text: str) -> None:
    world.ok("POST", "/accounts", {"name": "dave"})
    status, reason = world.refused("POST", "/keys", {"account": "dave"} | body)
    assert status == 400
    assert text in reason


def test_addresses_are_kept_in_their_shortest_spelling(world: ControlDesk) -> None:
    world.ok("POST", "/accounts", {"name": "dave"})
    key = world.ok("POST", "/keys", {"account": "dave", "ip_list": ["0:0:0:0:0:0:0:1", "10.0.0.1"], "permissions": ["TRADE"]})
    assert key["ip_list"] == ["::1", "10.0.0.1"]
    assert key["permissions"] == ["TRADE"]


def test_a_query_with_many_fields_is_refused(world: ControlDesk) -> None:
    assert world.refused("GET", "/keys", query=b"&".join(b"a=%d" % n for n in range(100)))[0] == 400
