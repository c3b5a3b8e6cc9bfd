"""The ends of orders and what they mean for the others of a list: every row of the table, carried out on a market."""

from collections.abc import Callable

import pytest

from papernet.core.commands import CancelOrder, ConfigureAccount
from papernet.core.enums import ListOrderStatus, OrderStatus
from papernet.core.events import AccountUpdate, Applied, ExecutionReport, OrderListChanged
from papernet.core.order_list import LIST_TRANSITIONS, Happening, Phase, Role
from tests.support.orders import amend, cancel_list, find, opened, place, place_list, told
from tests.support.worlds import ALICE, World, units


def world_at_ten() -> World:
    """Return a world whose last price is 10."""
    world = World()
    place(world, "bob sell 1 @ 10")
    place(world, "crowd buy 1 @ 10")
    return world


def oco(world: World, *, quantity: str = "2") -> None:
    """Place an OCO of ALICE's: P1 sells at 12, P2 when the price falls to 8."""
    place_list(world, "OCO as L", f"alice sell {quantity} STOP 8 as P2", f"alice sell {quantity} @ 12 MAKER as P1")


def oto(world: World, *more: str, kind: str = "OTO", working: str = "alice buy 2 @ 9") -> None:
    """Place an OTO, or an OTOCO, whose working order W rests."""
    place_list(world, f"{kind} as L", f"{working} as W", *(more or ("alice sell 2 @ 13 as P1",)))


def otoco(world: World) -> None:
    """Place an OTOCO whose working order W rests."""
    oto(world, "alice sell 2 STOP 8 as P2", "alice sell 2 @ 12 MAKER as P1", kind="OTOCO")


def hit(world: World, quantity: str, price: str) -> Applied:
    """Let BOB buy or sell just there."""
    side = "sell" if float(price) < 10 else "buy"
    return place(world, f"bob {side} {quantity} @ {price} IOC as B")


def expire_in_match(name: str, row: str) -> Callable[[World], Applied]:
    """Return what lets ALICE's own order of that name expire by self-trade prevention."""
    return lambda world: place(world, f"alice {row} stp EXPIRE_MAKER as T")


# (phase, role, what happens) -> how it comes about, and what is told of the list's members
WALKED: dict[tuple[str, str, str], tuple[Callable[[World], None], Callable[[World], Applied], list[str]]] = {
    ("ONE", "WORKING", "FILLED"): (
        oto,
        lambda world: hit(world, "2", "9"),
        ["W 2@9 FILLED", "P1 NEW"],
    ),
    ("ONE", "WORKING", "CANCELED"): (
        oto,
        lambda world: world.cancel(ALICE, orig="W"),
        ["W CANCELED", "P1 CANCELED", "list L ALL_DONE"],
    ),
    ("ONE", "WORKING", "EXPIRED"): (
        oto,
        expire_in_match("W", "sell 1 @ 9"),
        ["W TRADE_PREVENTION EXPIRED_IN_MATCH", "P1 EXPIRED OTO_PHASE_ONE_EXPIRED", "list L ALL_DONE"],
    ),
    ("ONE", "SINGLE", "CANCELED"): (
        oto,
        lambda world: world.cancel(ALICE, orig="P1"),
        ["P1 CANCELED", "W CANCELED", "list L ALL_DONE"],
    ),
    ("ONE", "PAIRED", "CANCELED"): (
        otoco,
        lambda world: world.cancel(ALICE, orig="P1"),
        ["P1 CANCELED", "W CANCELED", "P2 CANCELED", "list L ALL_DONE"],
    ),
    ("TWO", "PAIRED", "TRIGGERED"): (
        oco,
        lambda world: (place(world, "crowd buy 9 @ 8 as C"), place(world, "bob sell 1 @ 8 IOC as B"))[1],
        ["P1 EXPIRED OCO_TRIGGER", "P2 NEW", "P2 2@8 FILLED", "list L ALL_DONE"],
    ),
    ("TWO", "PAIRED", "PARTIALLY_FILLED"): (
        oco,
        lambda world: hit(world, "1", "12"),
        ["P1 1@12 PARTIALLY_FILLED", "P2 EXPIRED OCO_TRIGGER"],
    ),
    ("TWO", "PAIRED", "FILLED"): (
        oco,
        lambda world: hit(world, "2", "12"),
        ["P1 2@12 FILLED", "P2 EXPIRED OCO_TRIGGER", "list L ALL_DONE"],
    ),
    ("TWO", "PAIRED", "EXPIRED"): (
        oco,
        expire_in_match("P1", "buy 1 @ 12"),
        ["P1 TRADE_PREVENTION EXPIRED_IN_MATCH", "P2 EXPIRED OCO_TRIGGER", "list L ALL_DONE"],
    ),
    ("TWO", "PAIRED", "CANCELED"): (
        oco,
        lambda world: world.cancel(ALICE, orig="P1"),
        ["P1 CANCELED", "P2 CANCELED", "list L ALL_DONE"],
    ),
}


@pytest.mark.parametrize("row", WALKED, ids=" ".join)
def test_every_row_of_the_table_on_a_market(row: tuple[str, str, str]) -> None:
    make, happen, expected = WALKED[row]
    world = world_at_ten()
    make(world)
    order_list = world.exchange.venue.order_lists[0]
    members = list(order_list.orders)
    texts = [text for text in told(happen(world)) if text.split()[0] in ("W", "P1", "P2", "list")]
    assert texts == expected
    world.exchange.check_invariants()
    done = "ALL_DONE" in texts[-1]
    if done:
        # no order points to a list that is done, nor the list to its orders: nothing is left in a circle
        assert members
        assert {order.order_list for order in members} == {None}
        assert order_list.orders == []
    assert (world.exchange.venue.order_lists == {}) is done
    account = world.exchange.accounts.by_id[ALICE]
    assert (account.open_lists == account.list_client_order_ids == {}) is done


def test_no_row_is_left_out() -> None:
    assert {(Phase[phase], Role[role], Happening[what]) for phase, role, what in WALKED} == set(LIST_TRANSITIONS)


# ---- after phase one


def test_a_single_pending_order_lives_alone() -> None:
    world = world_at_ten()
    oto(world)
    hit(world, "2", "9")
    assert opened(world) == ["P1"]
    assert list(world.exchange.venue.order_lists) == [0]
    assert told(hit(world, "1", "13"))[-1] == "P1 1@13 PARTIALLY_FILLED"
    assert told(hit(world, "1", "13"))[-2:] == ["P1 1@13 FILLED", "list L ALL_DONE"]
    assert world.exchange.venue.order_lists == {}


def test_a_pending_pair_is_an_oco() -> None:
    world = world_at_ten()
    otoco(world)
    assert told(hit(world, "2", "9"))[-2:] == ["P2 NEW", "P1 NEW"]
    assert told(world.cancel(ALICE, orig="P2")) == ["P2 CANCELED", "P1 CANCELED", "list L ALL_DONE"]


def test_a_working_order_that_is_filled_in_part_keeps_the_others_waiting() -> None:
    world = world_at_ten()
    oto(world)
    assert told(hit(world, "1", "9"))[-1] == "W 1@9 PARTIALLY_FILLED"
    assert find(world, "P1").status is OrderStatus.PENDING_NEW
    # ... and ends them when it is cancelled then
    assert told(world.cancel(ALICE, orig="W")) == ["W CANCELED", "P1 CANCELED", "list L ALL_DONE"]
    assert world.balance(ALICE, "BTC") == (units("1001"), 0)
    world.exchange.check_invariants()


@pytest.mark.parametrize(("tif", "reason"), [("IOC", "UNFILLED_IOC_QUANTITY"), ("FOK", "UNFILLED_FOK_ORDER")])
def test_a_working_order_that_does_not_rest_ends_its_list_at_once(tif: str, reason: str) -> None:
    world = world_at_ten()
    applied = place_list(world, "OTO as L", f"alice buy 2 @ 9 {tif} as W", "alice sell 2 @ 13 as P1")
    assert told(applied) == [
        "list L EXEC_STARTED",
        "W NEW",
        "P1 PENDING_NEW",
        f"W EXPIRED {reason}",
        "P1 EXPIRED OTO_PHASE_ONE_EXPIRED",
        "list L ALL_DONE",
    ]
    world.exchange.check_invariants()


# ---- cancels that reach lists


def test_a_list_is_cancelled_in_the_order_of_its_members() -> None:
    world = world_at_ten()
    otoco(world)
    assert told(cancel_list(world, ALICE, "L")) == ["W CANCELED", "P2 CANCELED", "P1 CANCELED", "list L ALL_DONE"]


def test_cancel_all_takes_lists_as_their_first_members_come() -> None:
    world = world_at_ten()
    place(world, "alice buy 1 @ 5 as A1")
    oco(world)
    place(world, "alice buy 1 @ 5 as A2")
    assert told(world.cancel_all(ALICE)) == [
        "A1 CANCELED",
        "P2 CANCELED",
        "P1 CANCELED",
        "list L ALL_DONE",
        "A2 CANCELED",
    ]


def test_a_cancel_is_told_with_the_name_of_its_request_for_every_member() -> None:
    world = world_at_ten()
    oco(world)
    applied = world.apply(CancelOrder(ALICE, world.symbol, -1, "P1", "why"))
    assert [event.request_id for event in applied.events if isinstance(event, ExecutionReport)] == ["why", "why"]


def test_what_ends_is_told_as_it_ended() -> None:
    world = world_at_ten()
    oco(world)
    world.now += 5
    applied = world.cancel(ALICE, orig="P1")
    changed = next(event for event in applied.events if isinstance(event, OrderListChanged))
    assert (changed.record.status, changed.record.updated_at, changed.at) == (ListOrderStatus.ALL_DONE, world.now, world.now)
    assert [name for _, name in changed.record.orders] == ["P2", "P1"]
    assert [event.account for event in applied.events if isinstance(event, AccountUpdate)] == [ALICE]


def test_names_are_free_again_when_all_is_done() -> None:
    world = world_at_ten()
    for _ in range(3):
        oco(world)
        cancel_list(world, ALICE, "L")
    assert world.exchange.venue.next_order_list_id == 3


# ---- what ended order lists leave behind


def test_a_pair_of_which_the_resting_one_was_filled_in_part_goes_on_with_it() -> None:
    world = world_at_ten()
    oco(world, quantity="5")
    hit(world, "2", "12")
    assert opened(world) == ["P1"]
    assert world.balance(ALICE, "BTC") == (units("995"), units("3"))
    assert find(world, "P1").held == units("3")
    assert told(amend(world, ALICE, "P1", "4", "P1"))[0] == "P1 REPLACED PARTIALLY_FILLED"
    assert told(hit(world, "2", "12"))[-2:] == ["P1 2@12 FILLED", "list L ALL_DONE"]
    world.exchange.check_invariants()


def test_accounts_that_may_not_trade_still_have_their_orders_ended_by_others() -> None:
    world = world_at_ten()
    oco(world)
    world.apply(ConfigureAccount(ALICE, can_trade=False))
    assert "P2 EXPIRED OCO_TRIGGER" in told(hit(world, "2", "12"))
    world.exchange.check_invariants()
