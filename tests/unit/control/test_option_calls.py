"""What the control plane does about options, over a real exchange: transfers, and what accounts may."""

from typing import Any

import pytest
from msgspec import to_builtins

from papernet.core.commands import ConfigureOptions, ConfigureOptionsAccount, TransferToOptions
from papernet.core.units import SCALE
from tests.support.control_desk import ControlDesk
from tests.support.option_market import make_underlying

AS_IT_BEGINS: dict[str, Any] = {
    "asset": "USDT",
    "balance": "500.00000000",
    "equity": "500.00000000",
    "available": "500.00000000",
    "can_trade": True,
    "may_write": True,
    "is_market_maker": False,
    "trade_group": None,
    "maker_rate": None,
    "taker_rate": None,
    "positions": {},
}


@pytest.fixture
def closed() -> ControlDesk:
    """Return a desk with dave (account 1), without options."""
    world = ControlDesk()
    world.ok("POST", "/accounts", {"name": "dave"})
    world.commands.clear()
    return world


@pytest.fixture
def world(closed: ControlDesk) -> ControlDesk:
    """Return a desk with dave, whose options wallet begins with 500 USDT."""
    closed.submit(ConfigureOptions((to_builtins(make_underlying("BTCUSDT")),), 500 * SCALE), 2)
    closed.commands.clear()
    return closed


def transfer(amount: str, direction: str = "to_options", asset: str = "USDT") -> dict[str, str]:
    return {"asset": asset, "amount": amount, "direction": direction}


def test_every_account_shows_its_options(world: ControlDesk) -> None:
    (row,) = world.ok("GET", "/accounts")
    assert row["options"] == AS_IT_BEGINS
    assert world.ok("POST", "/accounts/dave/settings", {"can_trade": False})["options"] == AS_IT_BEGINS
    assert world.ok("POST", "/accounts/dave/balances", {"asset": "USDT", "amount": "1"})["options"] == AS_IT_BEGINS
    assert world.ok("POST", "/accounts", {"name": "erin"})["options"] == AS_IT_BEGINS


def test_money_goes_to_the_options_wallet_and_back(world: ControlDesk) -> None:
    row = world.ok("POST", "/accounts/dave/transfers", transfer("100.5"))
    assert row["options"] == AS_IT_BEGINS | dict.fromkeys(("balance", "equity", "available"), "600.50000000")
    assert row["balances"]["USDT"] == {"free": "9899.50000000", "locked": "0.00000000"}
    row = world.ok("POST", "/accounts/dave/transfers", transfer("600.5", "from_options"))
    assert row["options"]["balance"] == "0.00000000"
    assert row["balances"]["USDT"]["free"] == "10500.00000000"
    assert [type(command) for command in world.commands] == [TransferToOptions] * 2
    assert world.ask("POST", "/accounts/dave/transfers", transfer("1")).durable_seq == world.seq


def test_nobody_moves_more_than_there_is(world: ControlDesk) -> None:
    assert world.refused("POST", "/accounts/dave/transfers", transfer("10000.00000001")) == (
        400,
        "the account has less than that free",
    )
    assert world.refused("POST", "/accounts/dave/transfers", transfer("500.00000001", "from_options")) == (
        400,
        "less than that is available in the options wallet",
    )
    assert world.ok("GET", "/accounts")[0]["options"] == AS_IT_BEGINS


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        (transfer("0"), 400, "amount"),
        (transfer("-1"), 400, "amount"),
        (transfer("1", "sideways"), 400, "direction"),
        (transfer("1", asset="BTC"), 400, "holds USDT alone"),
        ({"asset": "USDT", "amount": "1"}, 400, "direction"),
        (transfer("1") | {"more": 1}, 400, "more"),
    ],
)
def test_transfers_that_are_turned_away(world: ControlDesk, body: dict[str, Any], status: int, reason: str) -> None:
    told = world.turned_away("POST", "/accounts/dave/transfers", body)
    assert told[0] == status
    assert reason in told[1]


def test_what_an_account_may_do_with_options_is_changed_a_part_at_a_time(world: ControlDesk) -> None:
    row = world.ok("POST", "/accounts/dave/options", {"is_market_maker": True, "maker_rate": "-0.0001", "trade_group": 3})
    changed = AS_IT_BEGINS | {"is_market_maker": True, "maker_rate": "-0.00010000", "trade_group": 3}
    assert row["options"] == changed
    row = world.ok("POST", "/accounts/dave/options", {"can_trade": False, "may_write": False, "taker_rate": "0.0002"})
    changed |= {"can_trade": False, "may_write": False, "taker_rate": "0.00020000"}
    assert row["options"] == changed
    row = world.ok("POST", "/accounts/dave/options", {"maker_rate": None, "trade_group": None})
    assert row["options"] == changed | {"maker_rate": None, "trade_group": None}
    assert world.commands[1] == ConfigureOptionsAccount(1, False, False, True, 3, -10_000, 20_000)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({}, "nothing to change"),
        ({"trade_group": -1}, "trade_group"),
        ({"maker_rate": "2"}, "maker_rate"),
        ({"taker_rate": 1}, "taker_rate"),
        ({"may_read": True}, "may_read"),
    ],
)
def test_settings_of_options_that_are_turned_away(world: ControlDesk, body: dict[str, Any], reason: str) -> None:
    status, told = world.turned_away("POST", "/accounts/dave/options", body)
    assert status == 400
    assert reason in told


def test_accounts_that_are_not_there(world: ControlDesk) -> None:
    unknown = (404, "there is no such account")
    assert world.turned_away("POST", "/accounts/nobody/transfers", transfer("1")) == unknown
    assert world.turned_away("POST", "/accounts/nobody/options", {"can_trade": True}) == unknown


def test_without_an_options_venue_there_is_nothing_of_it(closed: ControlDesk) -> None:
    none = (404, "there are no options here")
    assert closed.turned_away("POST", "/accounts/dave/transfers", transfer("1")) == none
    assert closed.turned_away("POST", "/accounts/dave/options", {"can_trade": True}) == none
    assert closed.ok("GET", "/accounts")[0]["options"] is None
