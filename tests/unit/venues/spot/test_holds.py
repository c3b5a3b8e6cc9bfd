"""What orders hold: always what the rest of them may need, and never a unit that is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papernet.core.account import Account
from papernet.core.commands import NewOrder
from papernet.core.enums import AccountKind, OrderType, Side, TimeInForce
from papernet.core.order import Order
from papernet.core.units import SCALE
from papernet.venues.spot.holds import (
    need_before_entry,
    no_longer_held,
    pair_carrier,
    paying_asset,
    release_all,
    take_hold,
)
from papernet.venues.spot.market import Market
from tests.support.orders import find, place, place_list
from tests.support.worlds import ALICE, World, make_symbol, units

BUY, SELL = Side.BUY, Side.SELL
LIMIT, MARKET, STOP = OrderType.LIMIT, OrderType.MARKET, OrderType.STOP_LOSS


def make_order(side: Side, quantity: int, price: int = 0, kind: OrderType = LIMIT, stop: int = 0) -> Order:
    """Return an order on no book."""
    return Order(NewOrder(1, "BTCUSDT", side, kind, TimeInForce.GTC, quantity, price, stop_price=stop), 1, 0)


def make_account(**free: int) -> Account:
    """Return an account with so much free."""
    account = Account(1, "name", 1, AccountKind.USER, 0)
    for asset, amount in free.items():
        account.balance(asset).free = amount
    return account


def test_buyers_pay_with_the_quote_asset_and_sellers_with_the_base_asset() -> None:
    market = Market(make_symbol())
    assert [paying_asset(market, make_order(side, 1, 1)) for side in (BUY, SELL)] == ["USDT", "BTC"]


def test_a_hold_is_taken_whole_or_not_at_all_and_given_back_whole() -> None:
    market, account, order = Market(make_symbol()), make_account(USDT=10), make_order(BUY, 1, 1)
    balance = account.balance("USDT")
    assert not take_hold(market, account, order, 11)
    assert (balance.free, balance.held, order.held) == (10, 0, 0)
    assert take_hold(market, account, order, 10)
    assert (balance.free, balance.held, order.held) == (0, 10, 10)
    release_all(market, account, order)
    assert (balance.free, balance.held, order.held) == (10, 0, 0)
    release_all(market, account, order)
    assert (balance.free, balance.held) == (10, 0)
    # who never had an asset can hold nothing of it, and a refusal changes nothing
    assert not take_hold(market, account, make_order(SELL, 1, 1), 1)
    assert "BTC" not in account.balances
    assert take_hold(market, account, make_order(SELL, 1, 1), 0)


PRICED = st.tuples(st.integers(1, 3 * SCALE), st.integers(1, 5 * SCALE))


@given(order=PRICED, parts=st.lists(st.tuples(st.integers(1, SCALE), st.integers(1, 3 * SCALE), st.booleans()), max_size=8))
def test_a_buy_holds_its_notional_rounded_up_after_any_fills(
    order: tuple[int, int], parts: list[tuple[int, int, bool]]
) -> None:
    price, quantity = order
    buy = make_order(BUY, quantity, price)
    buy.held = -(-price * quantity // SCALE)
    for part, at, traded in parts:
        taken = min(part, buy.quantity - buy.cum_quantity - buy.prevented)
        moved = min(at, price) * taken // SCALE if traded else 0
        before = buy.held
        if traded:
            buy.cum_quantity += taken
        else:
            buy.prevented += taken
        no_longer = no_longer_held(buy, moved)
        assert no_longer >= moved, "what was paid was held"
        assert buy.held == before - no_longer
        assert buy.held == -(-price * (buy.quantity - buy.cum_quantity - buy.prevented) // SCALE)


def test_a_sale_holds_its_quantity_and_an_order_at_any_price_what_it_has_not_spent() -> None:
    sale = make_order(SELL, 10, 7)
    sale.held, sale.cum_quantity, sale.prevented = 10, 3, 2
    assert (no_longer_held(sale, 3), sale.held) == (5, 5)
    market = make_order(BUY, 10, 0, MARKET)
    market.held, market.cum_quantity = 100, 3
    assert (no_longer_held(market, 30), market.held) == (30, 70)


def test_what_is_shared_is_held_as_long_as_the_other_one_needs_it() -> None:
    order = make_order(BUY, units("5"), units("8"))
    order.held, order.prevented = units("75"), units("2")
    assert (no_longer_held(order, 0, units("60")), order.held) == (units("15"), units("60"))
    # ... but what was paid is gone
    order.cum_quantity = units("1")
    assert (no_longer_held(order, units("8"), units("60")), order.held) == (units("8"), units("52"))


@pytest.mark.parametrize(
    ("side", "kind", "price", "stop", "last", "need"),
    [
        (SELL, STOP, 0, 8, 10, 3),
        (SELL, LIMIT, 12, 0, 10, 3),
        (BUY, LIMIT, 12, 0, 10, 36),
        (BUY, OrderType.STOP_LOSS_LIMIT, 13, 12, 10, 39),
        (BUY, STOP, 0, 12, 10, 36),
        # trailing, or pending at any price: the last price; nothing while there is none
        (BUY, STOP, 0, 0, 10, 30),
        (BUY, MARKET, 0, 0, 10, 30),
        (BUY, MARKET, 0, 0, 0, 0),
    ],
)
def test_what_an_order_holds_while_it_waits(side: Side, kind: OrderType, price: int, stop: int, last: int, need: int) -> None:
    market = Market(make_symbol())
    market.last_price = last * SCALE
    order = make_order(side, 3 * SCALE, price * SCALE, kind, stop * SCALE)
    assert need_before_entry(market, order) == need * SCALE
    order.leaves, order.reserve = SCALE, 2 * SCALE
    assert need_before_entry(market, order) == need * SCALE


def test_the_one_that_may_rest_carries_what_a_pair_holds() -> None:
    stop, maker = make_order(SELL, 1, 0, STOP, 8), make_order(SELL, 1, 12, OrderType.LIMIT_MAKER)
    profit = make_order(SELL, 1, 0, OrderType.TAKE_PROFIT, 12)
    assert pair_carrier([stop, maker]) is maker
    assert pair_carrier([stop, profit]) is stop
    assert pair_carrier([stop]) is stop


def pair_at_ten() -> World:
    """Return a world with a pair of ALICE's that buys 5: at 8 or, from 12 on, for up to 15."""
    world = World()
    for row in ("bob sell 1 @ 10", "crowd buy 1 @ 10"):
        place(world, row)
    place_list(world, "OCO as L", "alice buy 5 @ 15 STOP 12 as P2", "alice buy 5 @ 8 MAKER as P1")
    assert world.balance(ALICE, "USDT")[1] == units("75")
    return world


def test_a_pair_of_which_one_lost_a_part_by_prevention_holds_what_the_other_needs() -> None:
    world = pair_at_ten()
    place(world, "alice sell 2 @ 8 stp DECREMENT")
    assert find(world, "P1").leaves == units("3")
    assert world.balance(ALICE, "USDT")[1] == units("75")
    world.exchange.check_invariants()
    # its trigger then finds what it needs
    place(world, "bob sell 9 @ 12")
    place(world, "crowd buy 1 @ 12")
    assert world.balance(ALICE, "USDT") == (units("99940"), 0)
    world.exchange.check_invariants()


def test_a_pair_of_which_one_is_filled_in_part_holds_what_that_one_needs() -> None:
    world = pair_at_ten()
    place(world, "bob sell 2 @ 8")
    assert world.balance(ALICE, "USDT") == (units("99960"), units("24"))
    world.exchange.check_invariants()
