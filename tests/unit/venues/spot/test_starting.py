"""Orders that start later than they were accepted, triggered or pending ones: in their order, and as the market is then."""

import pytest

from papernet.core.commands import Deposit, SetCommission, SetReferencePrice, SetSymbolStatus
from papernet.core.enums import OrderStatus, SymbolStatus
from papernet.core.events import Applied, ExecutionReport
from papernet.core.rejects import Reason
from papernet.venues.spot.symbols import Filter, MarketLotSize, PercentPrice, Symbol
from tests.support.orders import find, opened, place, place_list, told
from tests.support.worlds import ALICE, World, coarse_symbol, lot_size, make_symbol, price_filter, reason, units


def world_at_ten(symbol: Symbol | None = None) -> World:
    """Return a world whose last price is 10."""
    world = World(symbol or coarse_symbol())
    place(world, "bob sell 1 @ 10 as first")
    place(world, "crowd buy 1 @ 10 as second")
    return world


def trade_at(world: World, price: str) -> Applied:
    """Let a trade of 1 happen there, between strangers."""
    last = world.exchange.markets[world.symbol].last_price
    if units(price) < last:
        place(world, f"crowd buy 1 @ {price} as C")
        return place(world, f"bob sell 1 @ {price} IOC as B")
    place(world, f"crowd sell 1 @ {price} as C")
    return place(world, f"bob buy 1 @ {price} IOC as B")


def mine(applied: Applied, *names: str) -> list[str]:
    """Return what is told of the orders of these names."""
    return [text for text in told(applied) if text.split()[0] in names]


# ---- what an order holds while it waits


@pytest.mark.parametrize(
    ("row", "asset", "held"),
    [
        ("sell 3 STOP 8", "BTC", "3"),
        ("sell 3 @ 9 STOP 8", "BTC", "3"),
        ("buy 3 @ 13 STOP 12", "USDT", "39"),
        # at any price: what the stop price would cost, else the last price
        ("buy 3 STOP 12", "USDT", "36"),
        ("buy 3 STOP trail 100", "USDT", "30"),
        ("buy 3 STOP 12 trail 100", "USDT", "36"),
        ("buy 3 @ 7 STOP trail 100", "USDT", "21"),
        ("buy 3 STOP 12 peg PRIMARY", "USDT", "36"),
        ("buy 3 @ 13 STOP 12 peg PRIMARY", "USDT", "39"),
    ],
)
def test_what_waits_holds_what_it_may_need(row: str, asset: str, held: str) -> None:
    world = world_at_ten()
    assert reason(place(world, f"alice {row} as A")) is None
    assert world.balance(ALICE, asset)[1] == units(held)
    world.exchange.check_invariants()
    world.cancel(ALICE, orig="A")
    assert world.balance(ALICE, asset)[1] == 0


def test_a_stop_order_without_funds_is_refused_when_it_is_placed() -> None:
    assert reason(place(world_at_ten(), "alice sell 1000.1 STOP 8")) is Reason.INSUFFICIENT_BALANCE
    assert reason(place(world_at_ten(), "alice sell 1000 STOP 8")) is None


# ---- triggered


def test_a_triggered_order_is_told_again_with_when_it_began_to_work() -> None:
    world = world_at_ten()
    placed = next(event for event in place(world, "alice sell 2 @ 7 STOP 8 as A").events if isinstance(event, ExecutionReport))
    assert placed.extras is not None
    assert placed.extras.working_at == -1
    created = world.now
    world.now += 5
    applied = trade_at(world, "8")
    again = [event for event in applied.events if isinstance(event, ExecutionReport) and event.terms.client_order_id == "A"]
    assert [(report.exec_type.name, report.status.name) for report in again] == [("NEW", "NEW")]
    assert again[0].extras is not None
    assert (again[0].created_at, again[0].at, again[0].extras.working_at) == (created, world.now, world.now)
    assert opened(world) == ["A"]
    world.exchange.check_invariants()


def test_what_a_triggered_order_did_not_need_is_free_again() -> None:
    world = world_at_ten()
    place(world, "alice buy 3 STOP 12 as A")
    place(world, "crowd sell 5 @ 11 as C1")
    applied = trade_at(world, "12")
    assert mine(applied, "A") == []
    # the taker paid 11, the trigger is the price of a trade
    place(world, "bob buy 4 @ 11")
    assert mine(trade_at(world, "12"), "A") == ["A NEW", "A EXPIRED INSUFFICIENT_LIQUIDITY"]
    assert world.balance(ALICE, "USDT") == (units("100000"), 0)


def test_a_triggered_buy_that_the_book_made_too_dear_ends_rejected() -> None:
    world = world_at_ten()
    world.exchange.ledger.issue(world.exchange.accounts.by_id[ALICE], "USDT", units("36") - units("100000"))
    place(world, "alice buy 3 STOP 12 as A")
    place(world, "crowd sell 9 @ 13 as C1")
    assert mine(trade_at(world, "12"), "A") == ["A EXPIRED REJECTED INSUFFICIENT_BALANCE"]
    assert world.balance(ALICE, "USDT") == (units("36"), 0)
    world.exchange.check_invariants()


def test_orders_triggered_by_triggered_orders_come_after_those_that_wait_already() -> None:
    world = World()
    for row in (
        "bob sell 1 @ 100",
        "crowd buy 1 @ 100",
        "crowd buy 1 @ 96 as C1",
        "crowd buy 2 @ 92 as C2",
        "crowd buy 9 @ 80 as C3",
        "alice sell 1 STOP 96 as A1",
        "alice sell 2 STOP 95 as A2",
        "alice sell 1 STOP 93 as A3",
        "alice sell 1 STOP 91 as A4",
    ):
        place(world, row)
    # 96 triggers A1; A1 sells at 92 and triggers A2 and A3, nearest first; A2 sells at 92 and at 80 and triggers A4
    assert told(place(world, "bob sell 1 @ 96 as B")) == [
        "B NEW",
        "trade 1@96",
        "B 1@96 FILLED",
        "C1 1@96 FILLED",
        "A1 NEW",
        "trade 1@92",
        "A1 1@92 FILLED",
        "C2 1@92 PARTIALLY_FILLED",
        "A2 NEW",
        "trade 1@92",
        "A2 1@92 PARTIALLY_FILLED",
        "C2 1@92 FILLED",
        "trade 1@80",
        "A2 1@80 FILLED",
        "C3 1@80 PARTIALLY_FILLED",
        "A3 NEW",
        "trade 1@80",
        "A3 1@80 FILLED",
        "C3 1@80 PARTIALLY_FILLED",
        "A4 NEW",
        "trade 1@80",
        "A4 1@80 FILLED",
        "C3 1@80 PARTIALLY_FILLED",
    ]
    world.exchange.check_invariants()


def test_what_waits_is_not_triggered_by_the_trade_that_came_before_it() -> None:
    world = world_at_ten()
    assert reason(place(world, "alice sell 1 STOP 10")) is Reason.WOULD_TRIGGER
    assert reason(place(world, "alice sell 1 STOP 11")) is Reason.WOULD_TRIGGER
    assert reason(place(world, "alice buy 1 STOP 10")) is Reason.WOULD_TRIGGER
    assert reason(place(world, "alice buy 1 STOP 9 trail 100")) is Reason.WOULD_TRIGGER
    assert reason(place(world, "alice sell 1 TAKE 10")) is Reason.WOULD_TRIGGER
    assert reason(place(world, "alice buy 1 TAKE 10")) is Reason.WOULD_TRIGGER
    assert reason(place(World(), "alice sell 1 STOP 11")) is None


@pytest.mark.parametrize(
    ("row", "after"),
    [
        ("sell 2 @ 8 STOP 8 IOC", ["A NEW", "A EXPIRED UNFILLED_IOC_QUANTITY"]),
        ("sell 2 @ 8 STOP 8 FOK", ["A NEW", "A EXPIRED UNFILLED_FOK_ORDER"]),
        ("sell 2 STOP 8", ["A NEW", "A EXPIRED INSUFFICIENT_LIQUIDITY"]),
        ("sell 2 @ 8 STOP 8 ice 1", ["A NEW"]),
    ],
)
def test_a_triggered_order_works_as_its_terms_say(row: str, after: list[str]) -> None:
    world = world_at_ten()
    place(world, f"alice {row} as A")
    assert mine(trade_at(world, "8"), "A") == after
    world.exchange.check_invariants()


def test_a_triggered_order_of_a_closed_market_cannot_be_since_nothing_trades() -> None:
    world = world_at_ten()
    place(world, "alice sell 1 STOP 8 as A")
    world.apply(SetSymbolStatus("BTCUSDT", SymbolStatus.HALT))
    assert reason(place(world, "bob sell 1 @ 8")) is Reason.MARKET_CLOSED
    assert opened(world) == ["A"]
    assert mine(world.cancel(ALICE, orig="A"), "A") == ["A CANCELED"]


# ---- pegged when it triggers (faqs/pegged_orders: revalidated then)


def test_a_pegged_stop_limit_takes_its_price_when_it_triggers() -> None:
    world = world_at_ten()
    place(world, "alice sell 1 STOP 8 peg PRIMARY as A")
    assert find(world, "A").price == 0
    place(world, "crowd sell 1 @ 11 as C1")
    place(world, "crowd sell 1 @ 12 as C2")
    assert mine(trade_at(world, "8"), "A") == ["A NEW"]
    order = find(world, "A")
    assert order.extras is not None
    assert (order.price, order.extras.pegged_price) == (units("11"), units("11"))
    assert world.exchange.markets["BTCUSDT"].book.best_ask() == units("11")


def test_a_pegged_order_without_a_level_ends_rejected() -> None:
    world = world_at_ten()
    place(world, "alice sell 1 STOP 8 peg PRIMARY as A")
    assert mine(trade_at(world, "8"), "A") == ["A EXPIRED REJECTED NO_PRICE_LEVEL_FOR_PEG"]
    assert world.balance(ALICE, "BTC") == (units("1000"), 0)


def test_a_pegged_order_is_put_to_the_price_filters_again() -> None:
    world = world_at_ten(make_symbol(PercentPrice(units("1.5"), units("0.5"), 0)))
    place(world, "alice sell 1 STOP 8 peg PRIMARY as A")
    place(world, "crowd sell 1 @ 12.1 as C1")
    assert mine(trade_at(world, "8"), "A") == ["A EXPIRED REJECTED FILTER_FAILURE(PERCENT_PRICE)"]
    assert opened(world) == ["C1"]
    world.exchange.check_invariants()


def test_a_plain_stop_order_is_not_put_to_the_filters_again() -> None:
    world = world_at_ten(make_symbol(PercentPrice(units("1.5"), units("0.5"), 0)))
    place(world, "alice sell 1 @ 13 STOP 8 as A")
    assert mine(trade_at(world, "8"), "A") == ["A NEW"]


# ---- pending orders


def test_pending_orders_start_after_the_running_order_and_what_triggered_before() -> None:
    world = world_at_ten()
    place_list(world, "OTO as L", "alice buy 1 @ 9 as W", "alice sell 1 @ 12 as P")
    place(world, "bob sell 1 @ 5 STOP 9.5 as S")
    place(world, "crowd buy 1 @ 8 as C1")
    place(world, "crowd buy 1 @ 7 as C2")
    # the first trade triggers S, and fills W; S starts first
    texts = told(place(world, "bob sell 2 @ 8 as B"))
    assert [text for text in texts if text.split()[0] in ("B", "W", "S", "P")] == [
        "B NEW",
        "B 1@9 PARTIALLY_FILLED",
        "W 1@9 FILLED",
        "B 1@8 FILLED",
        "S NEW",
        "S 1@7 FILLED",
        "P NEW",
    ]


def test_a_pending_order_is_refused_by_the_book_of_then() -> None:
    world = world_at_ten()
    place_list(world, "OTO as L", "alice buy 1 @ 9 as W", "alice sell 1 @ 9.5 MAKER as P")
    place(world, "crowd buy 1 @ 8 as C1")
    place(world, "bob sell 1 @ 9 as B")
    assert opened(world) == ["P", "C1"]
    world = world_at_ten()
    place_list(world, "OTO as L", "alice buy 1 @ 9 as W", "alice sell 1 @ 8 MAKER as P")
    place(world, "crowd buy 1 @ 8 as C1")
    assert mine(place(world, "bob sell 1 @ 9 as B"), "P", "list") == ["P EXPIRED REJECTED WOULD_TAKE", "list L ALL_DONE"]
    world.exchange.check_invariants()


def test_a_pending_stop_that_is_met_by_then_is_refused() -> None:
    world = world_at_ten()
    place_list(world, "OTO as L", "alice buy 1 @ 9 as W", "alice sell 1 STOP 9.5 as P")
    assert mine(place(world, "bob sell 1 @ 9 as B"), "P", "list") == ["P EXPIRED REJECTED WOULD_TRIGGER", "list L ALL_DONE"]


def test_a_pending_pair_of_which_one_is_refused_ends_whole() -> None:
    world = world_at_ten()
    place_list(world, "OTOCO as L", "alice buy 1 @ 9 as W", "alice sell 1 STOP 9.5 as P2", "alice sell 1 @ 12 MAKER as P1")
    assert mine(place(world, "bob sell 1 @ 9 as B"), "P1", "P2", "list") == [
        "P2 EXPIRED REJECTED WOULD_TRIGGER",
        "P1 EXPIRED OCO_TRIGGER",
        "list L ALL_DONE",
    ]
    assert world.balance(ALICE, "BTC") == (units("1001"), 0)
    world.exchange.check_invariants()


def test_a_pending_pair_must_suit_the_last_price_of_then() -> None:
    world = world_at_ten()
    place_list(world, "OTOCO as L", "alice buy 1 @ 9 as W", "alice sell 1 STOP 8 as P2", "alice sell 1 @ 8.9 MAKER as P1")
    assert mine(place(world, "bob sell 1 @ 9 as B"), "P1", "P2", "list") == [
        "P2 EXPIRED REJECTED BAD_PRICE_RELATION",
        "P1 EXPIRED OCO_TRIGGER",
        "list L ALL_DONE",
    ]
    assert world.balance(ALICE, "BTC") == (units("1001"), 0)
    world.exchange.check_invariants()


def test_a_pending_trailing_order_begins_at_the_last_price_of_then() -> None:
    world = world_at_ten()
    place_list(world, "OTO as L", "alice buy 1 @ 9 as W", "alice sell 1 STOP trail 1000 as P")
    world.now += 5
    place(world, "bob sell 1 @ 9 as B")
    order = find(world, "P")
    assert order.extras is not None
    assert (order.status, order.extras.trailing_at) == (OrderStatus.NEW, world.now)
    assert world.exchange.markets["BTCUSDT"].triggers.state() == [(order.order_id, units("9"))]


def test_a_pending_market_buy_pays_with_what_was_held_and_what_is_free() -> None:
    world = world_at_ten()
    place(world, "crowd sell 5 @ 14 as C1")
    place_list(world, "OTO as L", "alice buy 1 @ 9 as W", "alice buy 2 as P")
    assert world.balance(ALICE, "USDT")[1] == units("29")
    assert mine(place(world, "bob sell 1 @ 9 as B"), "P", "list") == ["P NEW", "P 2@14 FILLED", "list L ALL_DONE"]
    assert world.balance(ALICE, "USDT") == (units("99963"), 0)
    world.exchange.check_invariants()


def test_a_pending_pegged_order_takes_its_price_when_it_is_placed() -> None:
    world = world_at_ten()
    place_list(world, "OTO as L", "alice buy 1 @ 9 as W", "alice sell 1 peg PRIMARY as P")
    place(world, "crowd sell 1 @ 11 as C1")
    place(world, "bob sell 1 @ 9 as B")
    assert find(world, "P").price == units("11")
    world = world_at_ten()
    place_list(world, "OTO as L", "alice buy 1 @ 9 as W", "alice sell 1 peg PRIMARY as P")
    assert mine(place(world, "bob sell 1 @ 9 as B"), "P") == ["P EXPIRED REJECTED NO_PRICE_LEVEL_FOR_PEG"]


# ---- faqs/opo: the quantity is what was received, as far as lot sizes allow


FINE = lot_size("0.1", "100", "0.1")
OPO = [
    # of 2.5 a commission of 8 % leaves 2.3
    ([FINE], "alice sell 0 @ 12", "2.3"),
    ([lot_size("0.5", "100", "0.5")], "alice sell 0 @ 12", "2"),
    ([], "alice sell 0 @ 12", "2.3"),
    # MARKET_LOT_SIZE is for what works at any price
    ([FINE, MarketLotSize(0, 0, units("0.2"))], "alice sell 0 STOP 8", "2.2"),
    ([FINE, MarketLotSize(0, 0, units("0.2"))], "alice sell 0 @ 7 STOP 8", "2.3"),
]


@pytest.mark.parametrize(("filters", "row", "quantity"), OPO)
def test_what_is_received_is_sold_in_lots(filters: list[Filter], row: str, quantity: str) -> None:
    world = world_at_ten(make_symbol(*filters))
    world.apply(Deposit(ALICE, "BTC", -units("1000")))
    world.apply(SetCommission(ALICE, units("0.08"), 0))
    place_list(world, "OPO as L", "alice buy 2.5 @ 9 as W", f"{row} as P")
    place(world, "bob sell 3 @ 9 as B")
    order = find(world, "P")
    assert (order.quantity, order.leaves, order.held) == (units(quantity), units(quantity), units(quantity))
    assert world.balance(ALICE, "BTC") == (units("2.3") - units(quantity), units(quantity))
    world.exchange.check_invariants()


def test_the_quantity_of_an_opo_is_put_to_the_filters_when_it_is_known() -> None:
    world = world_at_ten(make_symbol(lot_size("1", "100", "0.1"), MarketLotSize(units("3"), 0, 0)))
    place_list(world, "OPO as L", "alice buy 2 @ 9 as W", "alice sell 0 STOP 8 as P")
    assert mine(place(world, "bob sell 2 @ 9 as B"), "P", "list") == [
        "P EXPIRED REJECTED FILTER_FAILURE(MARKET_LOT_SIZE)",
        "list L ALL_DONE",
    ]
    assert world.balance(ALICE, "BTC") == (units("1002"), 0)


def test_a_pair_that_is_paid_for_has_one_quantity() -> None:
    world = world_at_ten(make_symbol(price_filter("0.5", "100", "0.5")))
    place_list(world, "OPOCO as L", "alice buy 2 @ 9 as W", "alice sell 0 STOP 8 as P2", "alice sell 0 @ 12 MAKER as P1")
    place(world, "bob sell 1 @ 9 as B")
    assert world.balance(ALICE, "BTC") == (units("1000"), units("1"))
    place(world, "bob sell 1 @ 9 as B2")
    assert [find(world, name).quantity for name in ("P1", "P2")] == [units("2")] * 2
    assert world.balance(ALICE, "BTC") == (units("1000"), units("2"))
    world.exchange.check_invariants()


def test_percent_price_of_a_pegged_order_looks_at_the_reference_price() -> None:
    world = world_at_ten(make_symbol(PercentPrice(units("1.5"), units("0.5"), 0)))
    place(world, "alice sell 1 STOP 8 peg PRIMARY as A")
    place(world, "crowd sell 1 @ 12.1 as C1")
    world.apply(SetReferencePrice("BTCUSDT", units("9")))
    assert mine(trade_at(world, "8"), "A") == ["A NEW"]
