"""What an account is, and what it knows of its orders."""

import pytest

from papernet.core.account import NO_RATES, Account, Rates
from papernet.core.commands import NewOrder
from papernet.core.enums import AccountKind, OrderType, Side, TimeInForce
from papernet.core.order import Order


def make_account(number: int, kind: AccountKind = AccountKind.USER) -> Account:
    """Return an account with nothing in it."""
    return Account(number, f"account {number}", number, kind, 0)


@pytest.mark.parametrize(
    ("is_maker", "is_buyer", "expected"),
    [
        (True, True, (101, 1010, 10100)),
        (True, False, (1001, 10010, 100100)),
        (False, True, (110, 1100, 11000)),
        (False, False, (1010, 10100, 101000)),
    ],
)
def test_what_a_side_pays_is_its_part_as_maker_or_taker_and_as_buyer_or_seller(
    is_maker: bool, is_buyer: bool, expected: tuple[int, int, int]
) -> None:
    rates = Rates((1, 10, 100, 1_000), (10, 100, 1_000, 10_000), (100, 1_000, 10_000, 100_000))
    assert rates.of(is_maker=is_maker, is_buyer=is_buyer) == expected


def test_a_symbols_own_rates_take_the_place_of_the_others_whole() -> None:
    account = make_account(1)
    assert account.rates_of("S") == NO_RATES == Rates()
    account.rates = Rates((1, 1, 1, 1), (2, 2, 2, 2))
    account.symbol_rates["S"] = Rates((3, 0, 0, 0))
    assert account.rates_of("S") == Rates((3, 0, 0, 0))
    assert account.rates_of("T") == Rates((1, 1, 1, 1), (2, 2, 2, 2))


def test_a_new_account_may_trade_on_the_spot_market_and_has_nothing_special() -> None:
    account = make_account(1)
    assert (account.can_trade, account.pays_with_discount_asset, account.prevents_sor) == (True, False, False)
    assert (account.trade_group, account.permissions, account.asset_limits) == (-1, ("SPOT",), {})
    assert (account.open_lists, account.list_client_order_ids, account.external_locks) == ({}, {}, {})


def test_accounts_know_their_open_orders_by_either_id() -> None:
    account = make_account(1)
    orders = [
        Order(NewOrder(1, symbol, Side.BUY, OrderType.LIMIT, TimeInForce.GTC, 1, 1, 0, name), number, 0)
        for number, (symbol, name) in enumerate([("S", "a"), ("T", "a"), ("S", "b")], 1)
    ]
    for order in orders:
        account.add_open(order.terms.symbol, order)
    assert list(account.open_orders) == [("S", 1), ("T", 2), ("S", 3)]
    assert account.client_order_ids["T", "a"] is orders[1]
    assert account.open_counts == {"S": 2, "T": 1}
    account.remove_open("S", orders[0])
    assert list(account.open_orders) == [("T", 2), ("S", 3)]
    assert ("S", "a") not in account.client_order_ids
    assert account.open_counts["S"] == 1


def test_who_is_a_user() -> None:
    assert make_account(1).is_user
    assert not make_account(1, AccountKind.CROWD).is_user


def test_asking_what_is_free_makes_no_balance() -> None:
    account = make_account(1)
    assert account.free("A") == 0
    assert account.balances == {}
    account.balance("A").free = 7
    assert account.free("A") == 7
