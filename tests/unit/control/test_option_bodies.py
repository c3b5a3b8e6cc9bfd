"""Bodies about options and what they become."""

import pytest
from msgspec import UNSET

from papernet.control import option_bodies
from papernet.control.bodies import BadBodyError
from papernet.control.option_bodies import TransferBody
from tests.support.option_market import ALICE
from tests.support.option_worlds import OPENING, OptionWorld, busy_options


def test_a_direction_is_the_sign_of_a_transfer() -> None:
    assert option_bodies.transferred(TransferBody("USDT", "2.5", "to_options")) == 250_000_000
    assert option_bodies.transferred(TransferBody("USDT", "0.00000001", "from_options")) == -1


@pytest.mark.parametrize(
    ("amount", "direction", "field"), [("0", "to_options", "amount"), ("-1", "to_options", "amount"), ("1", "up", "direction")]
)
def test_a_transfer_says_how_much_and_where_to(amount: str, direction: str, field: str) -> None:
    with pytest.raises(BadBodyError, match=field):
        option_bodies.transferred(TransferBody("USDT", amount, direction))


def test_a_rate_stays_goes_away_or_is_another_one() -> None:
    assert option_bodies.rate(UNSET, "maker_rate", 5) == 5
    assert option_bodies.rate(None, "maker_rate", 5) is None
    assert option_bodies.rate("0.0003", "maker_rate", 5) == 30_000
    assert option_bodies.rate("-0.0001", "maker_rate", 5) == -10_000
    for text in ("1.00000001", "-2", "x", ""):
        with pytest.raises(BadBodyError, match="maker_rate"):
            option_bodies.rate(text, "maker_rate", 5)


def test_an_account_shows_its_options_wallet_or_that_there_is_none() -> None:
    closed = OptionWorld(opens=False).exchange
    assert option_bodies.account_row(closed.accounts.by_id[ALICE], closed.options)["options"] is None
    world = busy_options()
    row = option_bodies.account_row(world.exchange.accounts.by_id[ALICE], world.exchange.options)
    assert row["name"] == "alice"
    options = row["options"]
    # two contracts bought at 2,000, for which a fee of 0.03 % of the index was paid
    assert (options["asset"], options["balance"]) == ("USDT", f"{OPENING - 2 * 2_000 - 2 * 15}.00000000")
    assert options["equity"] == f"{OPENING - 2 * 15}.00000000"
    assert options["positions"] == {"BTC-260123-50000-C": "2.00000000"}
    assert 0 < float(options["available"]) < float(options["balance"]), "an order is open"
