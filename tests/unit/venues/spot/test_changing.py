"""Cancelling, replacing and amending what is open."""

import pytest

from papernet.core.commands import AmendOrder, CancelOrder, ReplaceOrder, SetLimits, SetSymbolStatus
from papernet.core.enums import CancelRestriction, ExecType, SelfTradeMode, Side, SymbolStatus
from papernet.core.events import AccountUpdate, BookDelta, ExecutionReport, OrderAmended, OrderListChanged
from papernet.core.rejects import Reason, Reject
from papernet.exchange.trading import derived_client_order_id
from papernet.venues.spot.symbols import MaxNumOrderAmends, MaxNumOrders, MaxPosition, PercentPrice
from tests.support.orders import amend, find, opened, place, place_list, replacement, told
from tests.support.scripts import draw
from tests.support.worlds import ALICE, BOB, World, lot_size, make_symbol, price_filter, reason, refusal, reports, units


def world_with(*rows: str) -> World:
    """Return a world with these orders."""
    world = World()
    for row in rows:
        assert reason(place(world, row)) is None, row
    return world


# ---- rest-api.md, Cancel an Existing Order and Send a New Order: its table, row by row

FAIL = "cancel failed: UNKNOWN_ORDER"
# (stops on failure, cancel succeeds, placement succeeds) within the limits -> what is told
WITHIN = {
    (True, True, True): ["A CANCELED", "N NEW"],
    (True, True, False): ["A CANCELED", "placement failed: INSUFFICIENT_BALANCE"],
    (True, False, True): [FAIL, "placement failed: not attempted"],
    (True, False, False): [FAIL, "placement failed: not attempted"],
    (False, True, True): ["A CANCELED", "N NEW"],
    (False, True, False): ["A CANCELED", "placement failed: INSUFFICIENT_BALANCE"],
    (False, False, True): [FAIL, "N NEW"],
    (False, False, False): [FAIL, "placement failed: INSUFFICIENT_BALANCE"],
}


@pytest.mark.parametrize("case", WITHIN)
def test_the_outcomes_within_the_limits(case: tuple[bool, bool, bool]) -> None:
    stops, cancels, places = case
    world = world_with("alice buy 1 @ 10 as A")
    quantity = "2" if places else "9000"
    command = replacement(world, ALICE, "A" if cancels else "nobody", f"alice buy {quantity} @ 100 as N", stops=stops)
    applied = world.apply(command)
    assert told(applied) == WITHIN[case]
    # an order that was not attempted counts too
    assert world.exchange.order_counts(ALICE, world.now) == (2, 2)
    left = ([] if cancels else ["A"]) + (["N"] if "N NEW" in WITHIN[case] else [])
    assert opened(world) == left
    world.exchange.check_invariants()


TOO_MANY = "TOO_MANY_ORDERS(50, 10 SECOND)"


@pytest.mark.parametrize("stops", [True, False])
@pytest.mark.parametrize("cancels", [True, False])
def test_the_outcomes_beyond_the_limits(stops: bool, cancels: bool) -> None:
    def full() -> World:
        world = world_with("alice buy 1 @ 10 as A")
        for _ in range(49):
            place(world, "alice buy 1 @ 1 IOC")
        return world

    world = full()
    orig = "A" if cancels else "nobody"
    refused = world.apply(replacement(world, ALICE, orig, "alice buy 1 @ 10 as N", stops=stops))
    assert refusal(refused) == Reject(Reason.TOO_MANY_ORDERS, ("50", "10 SECOND"))
    assert opened(world) == ["A"]
    # orderRateLimitExceededMode CANCEL_ONLY
    world = full()
    applied = world.apply(replacement(world, ALICE, orig, "alice buy 1 @ 10 as N", stops=stops, cancels=True))
    assert told(applied) == ["A CANCELED" if cancels else FAIL, f"placement failed: {TOO_MANY}"]
    assert opened(world) == ([] if cancels else ["A"])
    assert world.exchange.order_counts(ALICE, world.now) == (50, 50)
    world.apply(SetLimits(enabled=False))
    assert reason(place(world, "alice buy 1 @ 10")) is None


def test_the_new_order_may_use_what_the_old_one_held() -> None:
    world = world_with("alice buy 9000 @ 10 as A")
    assert told(world.apply(replacement(world, ALICE, "A", "alice buy 10000 @ 10 as N", stops=True))) == [
        "refused: FILTER_FAILURE(LOT_SIZE)"
    ]
    assert told(world.apply(replacement(world, ALICE, "A", "alice buy 8000 @ 12 as N", stops=True))) == ["A CANCELED", "N NEW"]
    assert world.balance(ALICE, "USDT") == (units("4000"), units("96000"))


def test_the_new_order_may_take_the_name_of_the_old_one_but_of_no_other() -> None:
    world = world_with("alice buy 1 @ 10 as A", "alice buy 1 @ 9 as B")
    assert told(world.apply(replacement(world, ALICE, "A", "alice buy 1 @ 11 as A"))) == ["A CANCELED", "A NEW"]
    assert told(world.apply(replacement(world, ALICE, "A", "alice buy 1 @ 11 as B"))) == [
        "A CANCELED",
        "placement failed: DUPLICATE_CLIENT_ORDER_ID",
    ]


def test_time_priority_is_lost() -> None:
    """faqs/order_amend_keep_priority, the difference between the two."""
    rows = ("bob buy 1 @ 87 as ten", "alice buy 5.5 @ 87 as A", "crowd buy 4 @ 87 as twenty", "crowd buy 2 @ 86 as last")
    world = world_with(*rows)
    world.apply(replacement(world, ALICE, "A", "alice buy 5 @ 87 as A"))
    assert draw(world) == ["|ten:1 twenty:4 A:5|87||", "|last:2|86||"]
    world = world_with(*rows)
    amend(world, ALICE, "A", "5", "A")
    assert draw(world) == ["|ten:1 A:5 twenty:4|87||", "|last:2|86||"]


def test_the_new_order_matches_like_any_other() -> None:
    world = world_with("bob sell 1 @ 11 as B", "alice buy 1 @ 10 as A")
    applied = world.apply(replacement(world, ALICE, "A", "alice buy 2 @ 11 IOC as N"))
    assert told(applied) == [
        "A CANCELED",
        "N NEW",
        "trade 1@11",
        "N 1@11 PARTIALLY_FILLED",
        "B 1@11 FILLED",
        "N EXPIRED UNFILLED_IOC_QUANTITY",
    ]
    assert len([event for event in applied.events if isinstance(event, BookDelta)]) == 1
    assert len([event for event in applied.events if isinstance(event, AccountUpdate)]) == 2


def test_a_replaced_member_takes_its_list_along() -> None:
    world = world_with("bob sell 1 @ 10", "crowd buy 1 @ 10")
    place_list(world, "OCO as L", "alice sell 2 STOP 8 as P2", "alice sell 2 @ 12 MAKER as P1")
    assert told(world.apply(replacement(world, ALICE, "P1", "alice sell 3 @ 12 as N"))) == [
        "P1 CANCELED",
        "P2 CANCELED",
        "list L ALL_DONE",
        "N NEW",
    ]


def test_restrictions_make_the_cancel_fail() -> None:
    world = world_with("alice buy 2 @ 10 as A", "bob sell 1 @ 10")
    cancel = CancelOrder(ALICE, "BTCUSDT", -1, "A", "", CancelRestriction.ONLY_NEW)
    order = world.order(ALICE, Side.BUY, "1", "9", cid="N")
    assert told(world.apply(ReplaceOrder(cancel, order, stops_on_failure=True))) == [
        "cancel failed: CANCEL_RESTRICTED",
        "placement failed: not attempted",
    ]
    assert told(world.apply(ReplaceOrder(cancel, order, stops_on_failure=False))) == [
        "cancel failed: CANCEL_RESTRICTED",
        "N NEW",
    ]


def test_the_counts_of_filters_are_taken_before_the_cancel() -> None:
    """rest-api.md: filters are evaluated before the order is cancelled."""
    world = World(make_symbol(MaxNumOrders(1)))
    place(world, "alice buy 1 @ 10 as A")
    assert told(world.apply(replacement(world, ALICE, "A", "alice buy 1 @ 11 as N"))) == [
        "refused: FILTER_FAILURE(MAX_NUM_ORDERS)"
    ]
    assert opened(world) == ["A"]


def test_a_replacement_names_its_cancel_and_its_order() -> None:
    world = world_with("alice buy 1 @ 10 as A")
    order = world.order(ALICE, Side.BUY, "1", "9")
    first, second = reports(world.apply(ReplaceOrder(CancelOrder(ALICE, "BTCUSDT", 1), order, stops_on_failure=True)))
    seq = len(world.entries)
    assert (first.request_id, second.terms.client_order_id) == (derived_client_order_id(seq, 1), derived_client_order_id(seq))
    assert first.request_id != second.terms.client_order_id


# ---- amending: faqs/order_amend_keep_priority


def test_an_amendment_is_told_twice_and_releases_what_is_no_longer_needed() -> None:
    world = world_with("alice buy 5 @ 10 as A")
    world.now += 7
    applied = amend(world, ALICE, "A", "3", "A2")
    report = next(event for event in applied.events if isinstance(event, ExecutionReport))
    assert told(applied) == ["A2 REPLACED NEW", "amended A:5 to 3"]
    assert (report.exec_type, report.amended_from, report.quantity) == (ExecType.REPLACED, "A", units("3"))
    assert (report.terms.quantity, report.terms.client_order_id, report.at) == (units("3"), "A2", world.now)
    amended = next(event for event in applied.events if isinstance(event, OrderAmended))
    assert amended == OrderAmended("BTCUSDT", ALICE, 1, report.exec_id, world.now, "A", "A2", units("5"), units("3"))
    assert world.balance(ALICE, "USDT") == (units("99970"), units("30"))
    delta = next(event for event in applied.events if isinstance(event, BookDelta))
    assert delta.changes == ((Side.BUY, units("10"), units("3")),)
    # the old name is free, the new one is not
    assert reason(place(world, "alice buy 1 @ 9 as A")) is None
    assert reason(place(world, "alice buy 1 @ 9 as A2")) is Reason.DUPLICATE_CLIENT_ORDER_ID
    assert world.exchange.order_counts(ALICE, world.now) == (2, 2)
    world.exchange.check_invariants()


def test_an_amended_order_gets_a_new_name_unless_it_keeps_its_own() -> None:
    world = world_with("alice buy 5 @ 10 as A")
    amend(world, ALICE, "A", "4")
    (name,) = opened(world)
    assert name == derived_client_order_id(len(world.entries))
    assert told(amend(world, ALICE, name, "3", name))[0] == f"{name} REPLACED NEW"
    assert told(amend(world, ALICE, name, "2", name))[1] == f"amended {name}:3 to 2"


def test_a_filled_part_counts() -> None:
    world = world_with("alice buy 5 @ 10 as A", "bob sell 2 @ 10")
    for quantity, expected in (("2", Reason.ZERO_NOTIONAL), ("1", Reason.ZERO_NOTIONAL), ("5", Reason.AMEND_CHANGES_NOTHING)):
        assert reason(amend(world, ALICE, "A", quantity)) is expected
    assert told(amend(world, ALICE, "A", "2.5", "A"))[0] == "A REPLACED PARTIALLY_FILLED"
    assert (find(world, "A").leaves, world.balance(ALICE, "USDT")[1]) == (units("0.5"), units("5"))
    world.exchange.check_invariants()


def test_an_iceberg_gives_up_what_is_hidden_first() -> None:
    world = world_with("bob buy 1 @ 10 as B", "alice buy 5 @ 10 ice 2 as A", "crowd buy 1 @ 10 as C")
    amend(world, ALICE, "A", "3", "A")
    assert draw(world) == ["|B:1 A:2 C:1|10||"]
    assert find(world, "A").reserve == units("1")
    amend(world, ALICE, "A", "1.5", "A")
    assert draw(world) == ["|B:1 A:1.5 C:1|10||"]
    assert world.balance(ALICE, "USDT")[1] == units("15")
    world.exchange.check_invariants()


def test_a_waiting_order_is_amended_where_it_waits() -> None:
    world = world_with("bob sell 1 @ 10", "crowd buy 1 @ 10", "alice buy 5 @ 13 STOP 12 as A", "alice sell 5 STOP 8 as B")
    assert told(amend(world, ALICE, "A", "3", "A")) == ["A REPLACED NEW", "amended A:5 to 3"]
    amend(world, ALICE, "B", "1", "B")
    assert (world.balance(ALICE, "USDT")[1], world.balance(ALICE, "BTC")[1]) == (units("39"), units("1"))
    place(world, "crowd sell 9 @ 12 as C")
    assert "A 3@12 FILLED" in told(place(world, "bob buy 1 @ 12"))
    world.exchange.check_invariants()


def test_amending_one_of_a_pair_amends_both() -> None:
    world = world_with("bob sell 1 @ 10", "crowd buy 1 @ 10")
    place_list(world, "OCO as L", "alice sell 5 STOP 8 as P2", "alice sell 5 @ 12 MAKER as P1")
    world.now += 3
    applied = amend(world, ALICE, "P2", "3", "N2")
    assert told(applied) == [
        "N2 REPLACED NEW",
        "amended P2:5 to 3",
        "P1 REPLACED NEW",
        "amended P1:5 to 3",
        "list L UPDATED",
    ]
    changed = next(event for event in applied.events if isinstance(event, OrderListChanged))
    assert [name for _, name in changed.record.orders] == ["N2", "P1"]
    assert changed.record.updated_at == world.now
    assert world.balance(ALICE, "BTC") == (units("997"), units("3"))
    # with its own name kept the list is not told of
    assert told(amend(world, ALICE, "P1", "2", "P1"))[-1] == "amended N2:3 to 2"
    assert [find(world, name).leaves for name in ("P1", "N2")] == [units("2")] * 2
    world.exchange.check_invariants()


@pytest.mark.parametrize("name", ["P1", "P2"])
def test_a_buying_pair_goes_on_holding_what_the_dearer_of_the_two_needs(name: str) -> None:
    world = world_with("bob sell 1 @ 10", "crowd buy 1 @ 10")
    place_list(world, "OCO as L", "alice buy 5 @ 15 STOP 12 as P2", "alice buy 5 @ 8 MAKER as P1")
    amend(world, ALICE, name, "4", name)
    assert world.balance(ALICE, "USDT")[1] == units("60")
    world.exchange.check_invariants()


def test_the_orders_of_an_oto_are_amended_one_by_one() -> None:
    world = world_with("bob sell 1 @ 10", "crowd buy 1 @ 10")
    place_list(world, "OTO as L", "alice buy 5 @ 9 as W", "alice sell 5 @ 12 as P")
    assert told(amend(world, ALICE, "W", "4", "W")) == ["W REPLACED NEW", "amended W:5 to 4"]
    assert told(amend(world, ALICE, "P", "3", "P2")) == ["P2 REPLACED PENDING_NEW", "amended P:5 to 3", "list L UPDATED"]
    assert (world.balance(ALICE, "USDT")[1], world.balance(ALICE, "BTC")[1]) == (units("36"), units("3"))
    place(world, "bob sell 4 @ 9")
    assert (find(world, "P2").leaves, find(world, "P2").quantity) == (units("3"), units("3"))
    world.exchange.check_invariants()


def test_a_pending_order_of_an_opo_is_amended_when_it_is_placed() -> None:
    world = world_with("bob sell 1 @ 10", "crowd buy 1 @ 10")
    place_list(world, "OPO as L", "alice buy 5 @ 9 as W", "alice sell 0 @ 12 as P")
    assert reason(amend(world, ALICE, "P", "3")) is Reason.AMEND_PENDING_OPO
    assert told(amend(world, ALICE, "W", "4", "W"))[0] == "W REPLACED NEW"
    place(world, "bob sell 4 @ 9")
    assert told(amend(world, ALICE, "P", "3", "P")) == ["P REPLACED NEW", "amended P:4 to 3"]
    assert world.balance(ALICE, "BTC") == (units("1001"), units("3"))
    world.exchange.check_invariants()


def test_amendments_are_put_to_the_filters() -> None:
    world = World(make_symbol(lot_size("2", "50", "1"), PercentPrice(units("2"), units("0.5"), 0), MaxNumOrderAmends(2)))
    for row in ("bob sell 2 @ 10", "crowd buy 2 @ 10", "alice buy 9 @ 9 as A"):
        place(world, row)
    assert refusal(amend(world, ALICE, "A", "1")) == Reject(Reason.FILTER_FAILURE, ("LOT_SIZE",))
    assert refusal(amend(world, ALICE, "A", "2.5")) == Reject(Reason.FILTER_FAILURE, ("LOT_SIZE",))
    for quantity in ("8", "7"):
        amend(world, ALICE, "A", quantity, "A")
    assert refusal(amend(world, ALICE, "A", "6")) == Reject(Reason.TOO_MANY_AMENDS, ("MAX_NUM_ORDER_AMENDS",))
    assert find(world, "A").quantity == units("7")


@pytest.mark.parametrize("status", SymbolStatus)
def test_when_orders_may_be_amended_and_cancelled(status: SymbolStatus) -> None:
    world = world_with("alice buy 5 @ 10 as A")
    world.apply(SetSymbolStatus("BTCUSDT", status))
    amendable = status in (SymbolStatus.TRADING, SymbolStatus.CANCEL_ONLY)
    assert reason(amend(world, ALICE, "A", "3", "A")) is (None if amendable else Reason.MARKET_CLOSED)
    assert reason(world.cancel(ALICE, orig="A")) is None


def test_nobody_amends_anothers_order() -> None:
    world = world_with("alice buy 5 @ 10 as A")
    assert reason(amend(world, BOB, "A", "3")) is Reason.UNKNOWN_ORDER
    assert reason(world.apply(AmendOrder(BOB, "BTCUSDT", 1, units("3")))) is Reason.UNKNOWN_ORDER
    assert reason(world.apply(AmendOrder(ALICE, "BTCUSDT", 1, units("3"), "B"))) is Reason.UNKNOWN_ORDER
    assert reason(world.apply(AmendOrder(ALICE, "BTCUSDT", 1, units("3"), "A"))) is None


def test_an_id_that_no_order_has_is_not_absent() -> None:
    world = world_with("alice buy 5 @ 10 as A")
    assert reason(world.cancel(ALICE, 0, "A")) is Reason.UNKNOWN_ORDER
    assert reason(world.cancel(ALICE, -1, "A")) is None


def test_what_was_prevented_is_not_there_to_be_amended() -> None:
    world = world_with("alice sell 5 @ 10 as A", "alice buy 2 @ 10 stp DECREMENT as T")
    assert find(world, "A").prevented == units("2")
    assert reason(amend(world, ALICE, "A", "2")) is Reason.ZERO_NOTIONAL
    assert told(amend(world, ALICE, "A", "4", "A"))[0] == "A REPLACED NEW"
    assert (find(world, "A").leaves, world.balance(ALICE, "BTC")[1]) == (units("2"), units("2"))
    assert find(world, "A").terms.self_trade_mode is SelfTradeMode.NONE
    world.exchange.check_invariants()


def test_lowering_a_pair_never_breaks_max_position() -> None:
    symbol = make_symbol(price_filter("0.01", "1000000", "0.01"), lot_size("0.1", "9000", "0.1"), MaxPosition(units("10")))
    world = World(symbol, balances=(("USDT", units("100000")),))
    place_list(world, "OCO as L", "alice buy 6 @ 105 STOP 104 as S", "alice buy 6 @ 90 MAKER as M")
    assert reason(amend(world, ALICE, "M", "5")) is None
