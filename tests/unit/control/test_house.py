"""The house: its account, its money, its permissions."""

import pytest
from msgspec.structs import replace

from papernet.control.house import CannotError, House, house_of, worded
from papernet.core.commands import Deposit, ListSymbol, OpenAccount
from papernet.core.enums import AccountKind
from papernet.core.rejects import Reason, Reject
from papernet.venues.spot.market import Market
from tests.support.fill_desk import FillDesk
from tests.support.worlds import units


@pytest.fixture
def desk() -> FillDesk:
    return FillDesk()


def house(desk: FillDesk) -> House:
    return House(desk.exchange, desk.submit)


def test_the_account_is_opened_once_and_is_no_users(desk: FillDesk) -> None:
    assert house_of(desk.exchange) is None
    mine = house(desk)
    account = mine.account(desk.at)
    assert (account.name, account.is_user) == ("director", False)
    assert mine.account(desk.at) is account is house_of(desk.exchange)
    assert [type(command) for command in desk.commands] == [OpenAccount]


def test_a_user_of_the_same_name_is_left_alone(desk: FillDesk) -> None:
    desk.submit(OpenAccount("director", 77, AccountKind.USER), desk.at)
    assert house_of(desk.exchange) is None
    assert house(desk).account(desk.at).name == "house.director"


def test_it_is_given_what_it_lacks_and_no_more(desk: FillDesk) -> None:
    mine = house(desk)
    mine.fund("USDT", 500, desk.at)
    mine.fund("USDT", 500, desk.at)
    mine.fund("USDT", 700, desk.at)
    assert [command.amount for command in desk.commands if isinstance(command, Deposit)] == [500, 200]


def test_it_is_given_what_a_symbol_wants_of_who_trades_there(desk: FillDesk) -> None:
    spec = replace(desk.exchange.markets["BTCUSDT"].symbol, name="XYZUSDT", permission_sets=(("A", "B"), ("SPOT",)))
    desk.submit(ListSymbol(spec.to_spec()), desk.at)
    market: Market = desk.exchange.markets["XYZUSDT"]
    mine = house(desk)
    mine.admit_to(market, desk.at)
    assert mine.account(desk.at).permissions == ("SPOT", "A")
    count = len(desk.commands)
    mine.admit_to(market, desk.at)
    assert len(desk.commands) == count


def test_what_the_exchange_refuses_is_told_in_words(desk: FillDesk) -> None:
    with pytest.raises(CannotError, match="unknown asset XYZ"):
        house(desk).fund("XYZ", 5, desk.at)
    assert worded(Reject(Reason.FILTER_FAILURE, ("NOTIONAL",))) == "filter failure NOTIONAL"


def test_money_for_contracts_goes_to_the_wallet_of_options(desk: FillDesk) -> None:
    desk.open_options()
    mine = house(desk)
    mine.fund_options(units("100"), desk.at)
    mine.fund_options(units("100"), desk.at)
    portfolio = desk.exchange.options.portfolios[mine.account(desk.at).account_id]
    assert (portfolio.balance, mine.account(desk.at).free("USDT")) == (units("100"), 0)
