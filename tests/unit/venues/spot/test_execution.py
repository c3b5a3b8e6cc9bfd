"""Fills: what they move, what is told of them, and what the working order of an OPO keeps for the pending ones."""

import pytest

from papernet.core.commands import ConfigureAccount, Deposit, SetCommission
from papernet.core.events import AccountUpdate, ExecutionReport, Trade
from tests.support.orders import find, place, place_list, told
from tests.support.scripts import check
from tests.support.worlds import ALICE, BOB, SECOND, World, make_symbol, trades, units


def test_each_fill_is_told_as_the_trade_then_the_taker_then_the_maker() -> None:
    world = World()
    for row in ("bob sell 1 @ 10 as B1", "crowd sell 5 @ 11 as C1"):
        place(world, row)
    assert told(place(world, "alice buy 3 @ 12 as A")) == [
        "A NEW",
        "trade 1@10",
        "A 1@10 PARTIALLY_FILLED",
        "B1 1@10 FILLED",
        "trade 2@11",
        "A 2@11 FILLED",
        "C1 2@11 PARTIALLY_FILLED",
    ]


def test_reports_say_what_was_filled_and_what_it_cost() -> None:
    world = World()
    world.apply(SetCommission(ALICE, 0, units("0.001")))
    place(world, "bob sell 5 @ 10 as B")
    place(world, "alice buy 1 @ 11")
    world.now += SECOND
    applied = place(world, "alice buy 2 @ 11 as A")
    taker, maker = (event for event in applied.events[1:] if isinstance(event, ExecutionReport))
    assert (taker.last_price, taker.last_quantity, taker.last_quote) == (units("10"), units("2"), units("20"))
    assert (taker.commission, taker.commission_asset, taker.is_maker) == (units("0.002"), "BTC", False)
    assert (maker.commission, maker.commission_asset, maker.is_maker) == (0, "USDT", True)
    assert (maker.cum_quantity, maker.cum_quote) == (units("3"), units("30"))
    assert taker.trade_id == maker.trade_id == trades(applied)[0].trade_id == 1
    assert trades(applied)[0] == Trade("BTCUSDT", 1, world.now, units("10"), units("2"), units("20"), False, 3, 1)


def test_the_parts_of_an_iceberg_are_trades_of_their_own() -> None:
    check("""
        alice sell 5 @ 10 ice 2 as A1
        bob   sell 1 @ 10 as B1
        alice has 995 + 5 BTC
        crowd buy 4 @ 10 as C1 -> NEW, 2@10 with A1, 1@10 with B1, 1@10 with A1, FILLED
        alice has 995 + 2 BTC
        book
        || 10 | A1:1 |
        crowd buy 3 @ 10 as C2 -> NEW, 1@10 with A1, 1@10 with A1
        alice has 995 + 0 BTC
        book
        | C2:1 | 10 ||
    """)


def test_an_iceberg_that_takes_uses_its_whole_quantity() -> None:
    check("""
        bob   sell 3 @ 10 as B1
        alice buy 5 @ 10 ice 1 as A1 -> NEW, 3@10 with B1
        alice has 99950 + 20 USDT
        book
        | A1:1 | 10 ||
        bob   sell 3 @ 10 as B2 -> NEW, 1@10 with A1, 1@10 with A1
        book
        || 10 | B2:1 |
        alice has 99950 + 0 USDT
    """)


def test_both_sides_of_one_account_are_settled_one_after_the_other() -> None:
    world = World()
    world.apply(SetCommission(ALICE, units("0.1"), units("0.1")))
    place(world, "alice sell 2 @ 10 as M")
    applied = place(world, "alice buy 2 @ 10 as T")
    assert [report.commission for report in applied.events if isinstance(report, ExecutionReport)][1:] == [
        units("0.2"),
        units("2"),
    ]
    assert world.balance(ALICE, "BTC") == (units("999.8"), 0)
    assert world.balance(ALICE, "USDT") == (units("99998"), 0)
    assert len([event for event in applied.events if isinstance(event, AccountUpdate)]) == 1
    world.exchange.check_invariants()


# ---- faqs/opo: what the working order received is locked for the pending ones; the commission comes out of what is free
# ---- instead, if that suffices and the received asset is not BNB


@pytest.mark.parametrize(
    ("free", "received", "free_after"),
    [
        # of 2 BTC a commission of 10 %: it is paid out of what is free ...
        ("1000", "2", "999.8"),
        ("0.2", "2", "0"),
        # ... or else out of what is received
        ("0.1", "1.8", "0.1"),
        ("0", "1.8", "0"),
    ],
)
def test_what_an_opo_keeps_for_its_pending_order(free: str, received: str, free_after: str) -> None:
    world = World()
    world.apply(Deposit(ALICE, "BTC", units(free) - units("1000")))
    world.apply(SetCommission(ALICE, units("0.1"), 0))
    place_list(world, "OPO as L", "alice buy 2 @ 9 as W", "alice sell 0 @ 12 as P")
    place(world, "bob sell 2 @ 9 as B")
    assert find(world, "P").held == units(received)
    assert world.balance(ALICE, "BTC") == (units(free_after), units(received))
    world.exchange.check_invariants()


def test_received_bnb_pays_its_commission_itself() -> None:
    world = World(make_symbol(name="BNBUSDT", base="BNB"), balances=(("BNB", units("10")), ("USDT", units("100"))))
    world.apply(SetCommission(ALICE, units("0.1"), 0))
    place_list(world, "OPO as L", "alice buy 2 @ 9 as W", "alice sell 0 @ 12 as P")
    place(world, "bob sell 2 @ 9 as B")
    assert find(world, "P").quantity == units("1.8")
    assert world.balance(ALICE, "BNB") == (units("10"), units("1.8"))


def test_an_opo_whose_commission_is_paid_in_bnb_sells_all_it_bought() -> None:
    symbols = (make_symbol(), make_symbol(name="BNBUSDT", base="BNB"))
    world = World(*symbols, balances=(("BNB", units("10")), ("USDT", units("1000")), ("BTC", units("10"))))
    for row in ("bob sell 1 @ 10 on BNBUSDT", "crowd buy 1 @ 10 on BNBUSDT", "bob sell 1 @ 10", "crowd buy 1 @ 10"):
        place(world, row)
    world.apply(Deposit(ALICE, "BTC", -units("10")))
    world.apply(ConfigureAccount(ALICE, pays_with_discount_asset=True))
    world.apply(SetCommission(ALICE, units("0.1"), 0))
    place_list(world, "OPO as L", "alice buy 2 @ 9 as W", "alice sell 0 @ 12 as P")
    place(world, "bob sell 2 @ 9 as B")
    # 10 % of 2 BTC, of which each was worth a BNB before this trade, a quarter off
    assert world.balance(ALICE, "BNB") == (units("9.85"), 0)
    assert find(world, "P").held == units("2")


def test_what_an_opo_received_in_part_is_free_when_the_list_ends() -> None:
    world = World()
    place_list(world, "OPO as L", "alice buy 3 @ 9 as W", "alice sell 0 @ 12 as P")
    place(world, "bob sell 1 @ 9 as B")
    assert world.balance(ALICE, "BTC") == (units("1000"), units("1"))
    # locked: it cannot be sold
    world.apply(Deposit(ALICE, "BTC", -units("1000")))
    assert told(place(world, "alice sell 1 @ 12")) == ["refused: INSUFFICIENT_BALANCE"]
    assert told(world.cancel(ALICE, orig="W")) == ["W CANCELED", "P CANCELED", "list L ALL_DONE"]
    assert world.balance(ALICE, "BTC") == (units("1"), 0)
    world.exchange.check_invariants()


def test_an_opo_that_is_filled_in_several_parts_sells_the_sum() -> None:
    world = World()
    world.apply(Deposit(ALICE, "BTC", -units("1000")))
    world.apply(SetCommission(ALICE, units("0.1"), 0))
    place_list(world, "OPO as L", "alice buy 3 @ 9 as W", "alice sell 0 @ 12 as P")
    for quantity in ("1", "0.5", "1.5"):
        place(world, f"bob sell {quantity} @ 9")
    assert find(world, "P").quantity == units("2.7")
    assert world.balance(BOB, "USDT")[0] == units("100027")
    world.exchange.check_invariants()
