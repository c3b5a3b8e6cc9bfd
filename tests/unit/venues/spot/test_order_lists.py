"""Placing and cancelling order lists: what is told, what is held, which orders make which list."""

import pytest
from msgspec.structs import replace

from papernet.core.commands import CancelOrderList
from papernet.core.enums import ListKind, ListOrderStatus, ListStatusType, OrderStatus, SelfTradeMode
from papernet.core.events import ExecutionReport, OrderListChanged, OrderListRecord
from papernet.core.rejects import Reason
from papernet.exchange.checkpoint import encode
from tests.support.orders import cancel_list, find, opened, order_list, place, place_list, told
from tests.support.worlds import ALICE, BOB, World, make_symbol, price_filter, reason, refusal, reports, units


def world_at_ten() -> World:
    """Return a world whose last price is 10."""
    world = World(make_symbol(price_filter("0.5", "1000", "0.5")))
    place(world, "bob sell 1 @ 10")
    place(world, "crowd buy 1 @ 10")
    return world


def test_an_oco_tells_of_the_list_then_of_its_orders() -> None:
    world = world_at_ten()
    applied = place_list(world, "OCO as L", "alice sell 2 @ 7 STOP 8 as P2", "alice sell 2 @ 12 MAKER as P1")
    assert told(applied) == ["list L EXEC_STARTED", "P2 NEW", "P1 NEW"]
    changed = applied.events[0]
    assert isinstance(changed, OrderListChanged)
    assert (changed.status_type, changed.at) == (ListStatusType.EXEC_STARTED, world.now)
    assert changed.record == OrderListRecord(
        0, ALICE, "BTCUSDT", ListKind.OCO, ListOrderStatus.EXECUTING, "L", world.now, world.now, ((3, "P2"), (4, "P1"))
    )
    stop, maker = reports(applied)
    assert stop.extras is not None
    assert maker.extras is not None
    assert (stop.extras.order_list_id, stop.extras.working_at) == (0, -1)
    assert (maker.extras.order_list_id, maker.extras.working_at) == (0, world.now)
    assert opened(world) == ["P2", "P1"]


def test_list_ids_count_for_all_symbols_together() -> None:
    world = World(make_symbol(), make_symbol(name="ETHUSDT", base="ETH"), balances=(("USDT", units("1000")),))
    ids = []
    for number, symbol in enumerate(("BTCUSDT", "ETHUSDT", "BTCUSDT")):
        rows = (f"alice buy 1 @ 9 on {symbol}", f"alice buy 1 @ 9 on {symbol}")
        changed = place_list(world, f"OTO as L{number}", *rows).events[0]
        assert isinstance(changed, OrderListChanged)
        ids.append(changed.record.order_list_id)
    assert ids == [0, 1, 2]


def test_pending_orders_are_nowhere_until_they_are_placed() -> None:
    world = world_at_ten()
    applied = place_list(
        world, "OTOCO as L", "alice buy 2 @ 9 as W", "alice sell 2 STOP 8 as P2", "alice sell 2 @ 12 MAKER as P1"
    )
    assert told(applied) == ["list L EXEC_STARTED", "W NEW", "P2 PENDING_NEW", "P1 PENDING_NEW"]
    market = world.exchange.markets["BTCUSDT"]
    assert (market.triggers.waiting, market.book.best_ask()) == ({}, None)
    for report in reports(applied)[1:]:
        assert report.extras is not None
        assert report.extras.working_at == -1
        assert report.status is OrderStatus.PENDING_NEW
    world.exchange.check_invariants()


def test_a_working_order_that_is_filled_at_once_lets_the_pending_one_in_at_once() -> None:
    world = world_at_ten()
    place(world, "bob sell 5 @ 9 as B")
    applied = place_list(world, "OTO as L", "alice buy 2 @ 9 as W", "alice sell 2 @ 9.5 as P")
    assert told(applied) == [
        "list L EXEC_STARTED",
        "W NEW",
        "P PENDING_NEW",
        "trade 2@9",
        "W 2@9 FILLED",
        "B 2@9 PARTIALLY_FILLED",
        "P NEW",
    ]
    assert opened(world) == ["B", "P"]


def test_a_list_that_ends_at_once_is_told_last() -> None:
    world = world_at_ten()
    for row in ("bob sell 2 @ 9 as B1", "bob buy 2 @ 8.5 as B2"):
        place(world, row)
    applied = place_list(world, "OTO as L", "alice buy 2 @ 9 as W", "alice sell 2 as P")
    assert told(applied)[-5:] == ["P NEW", "trade 2@8.5", "P 2@8.5 FILLED", "B2 2@8.5 FILLED", "list L ALL_DONE"]
    assert world.exchange.venue.order_lists == {}


# ---- what is held


HOLDS = [
    # a pair holds what the dearer of the two needs, in all
    ("OCO", ["alice sell 3 STOP 8", "alice sell 3 @ 12 MAKER"], {"BTC": "3"}),
    ("OCO", ["alice buy 3 STOP 12", "alice buy 3 @ 8 MAKER"], {"USDT": "36"}),
    ("OCO", ["alice buy 3 @ 15 STOP 12", "alice buy 3 @ 8 MAKER"], {"USDT": "45"}),
    ("OCO", ["alice buy 3 @ 9 STOP 12", "alice buy 3 TAKE 9.5"], {"USDT": "28.5"}),
    # OTO: the working and the pending orders
    ("OTO", ["alice buy 2 @ 9", "alice sell 3 @ 12"], {"USDT": "18", "BTC": "3"}),
    ("OTO", ["alice buy 2 @ 9", "alice buy 3 @ 8"], {"USDT": "42"}),
    ("OTO", ["alice sell 2 @ 11", "alice sell 3"], {"BTC": "5"}),
    # a pending market buy at the last price, 10
    ("OTO", ["alice sell 2 @ 11", "alice buy 3"], {"BTC": "2", "USDT": "30"}),
    ("OTO", ["alice buy 2 @ 9", "alice buy 3 STOP 12"], {"USDT": "54"}),
    ("OTOCO", ["alice buy 2 @ 9", "alice buy 3 @ 11 STOP 12", "alice buy 3 @ 8 MAKER"], {"USDT": "51"}),
    ("OTOCO", ["alice buy 2 @ 9", "alice sell 3 STOP 8", "alice sell 3 @ 12 MAKER"], {"USDT": "18", "BTC": "3"}),
    # OPO: the working order pays for the pending ones
    ("OPO", ["alice buy 2 @ 9", "alice sell 0 @ 12"], {"USDT": "18"}),
    ("OPOCO", ["alice buy 2 @ 9", "alice sell 0 STOP 8", "alice sell 0 @ 12 MAKER"], {"USDT": "18"}),
]


@pytest.mark.parametrize(
    ("kind", "rows", "held"), HOLDS, ids=lambda value: " | ".join(value) if isinstance(value, list) else None
)
def test_what_a_list_holds(kind: str, rows: list[str], held: dict[str, str]) -> None:
    world = world_at_ten()
    assert reason(place_list(world, f"{kind} as L", *rows)) is None
    for asset in ("BTC", "USDT"):
        assert world.balance(ALICE, asset)[1] == units(held.get(asset, "0")), asset
    world.exchange.check_invariants()
    cancel_list(world, ALICE, "L")
    assert [world.balance(ALICE, asset)[1] for asset in ("BTC", "USDT")] == [0, 0]


@pytest.mark.parametrize(
    ("kind", "rows", "held"), HOLDS, ids=lambda value: " | ".join(value) if isinstance(value, list) else None
)
def test_a_list_needs_all_that_or_is_refused_whole(kind: str, rows: list[str], held: dict[str, str]) -> None:
    for asset, amount in held.items():
        world = world_at_ten()
        balance = world.exchange.accounts.by_id[ALICE].balances[asset]
        world.exchange.ledger.issue(world.exchange.accounts.by_id[ALICE], asset, units(amount) - 1 - balance.free)
        before = encode(world.exchange)
        assert reason(place_list(world, f"{kind} as L", *rows)) is Reason.INSUFFICIENT_BALANCE
        assert encode(world.exchange) == before


# ---- which orders make which list


FITS = [
    ("OTO", ["alice buy 1 @ 9", "alice sell 1"], True),
    ("OTO", ["alice buy 1 @ 9 IOC", "alice sell 1 STOP 8"], True),
    ("OTO", ["alice buy 1 @ 9 MAKER", "alice sell 1 @ 8 STOP 8"], True),
    ("OTO", ["alice buy 1", "alice sell 1"], False),
    ("OTO", ["alice buy 1 STOP 11", "alice sell 1"], False),
    # a pending market order by quote quantity is not offered
    ("OTO", ["alice buy 1 @ 9", "alice sell $5"], False),
    ("OPO", ["alice buy 1 @ 9", "alice sell 0 @ 12"], True),
    ("OPO", ["alice buy 1 @ 9", "alice sell 0"], True),
    # faqs/opo: the working order buys, the pending one sells what was bought
    ("OPO", ["alice sell 1 @ 11", "alice buy 0 @ 9"], False),
    ("OPO", ["alice buy 1 @ 9", "alice buy 0 @ 9"], False),
    ("OPO", ["alice buy 1 @ 9", "alice sell 1 @ 12"], False),
    ("OCO", ["alice sell 1 STOP 8", "alice sell 1 TAKE 12"], True),
    ("OCO", ["alice sell 1 @ 7 STOP 8", "alice sell 1 @ 12 TAKE 12"], True),
    ("OCO", ["alice sell 1 STOP 8", "alice sell 1 @ 12"], False),
    ("OCO", ["alice sell 1 STOP 8", "alice buy 1 @ 12 MAKER"], False),
    ("OCO", ["alice sell 1 STOP 8", "alice sell 2 @ 12 MAKER"], False),
    ("OCO", ["alice sell 1 @ 12 MAKER", "alice sell 1 STOP 8"], False),
    ("OCO", ["alice sell 1 TAKE 12", "alice sell 1 @ 12 MAKER"], False),
]


@pytest.mark.parametrize(
    ("kind", "rows", "fits"), FITS, ids=lambda value: " | ".join(value) if isinstance(value, list) else None
)
def test_which_orders_a_list_is_made_of(kind: str, rows: list[str], fits: bool) -> None:
    assert reason(place_list(world_at_ten(), kind, *rows)) is (None if fits else Reason.UNSUPPORTED_COMBINATION)


# rest-api.md, New Order list - OCO: sell: limit > last > stop; buy: limit < last < stop; the last price is 10
RELATIONS = [
    (["alice sell 1 STOP 9.5", "alice sell 1 @ 10.5 MAKER"], True),
    (["alice sell 1 STOP 10", "alice sell 1 @ 10.5 MAKER"], False),
    (["alice sell 1 STOP 9.5", "alice sell 1 @ 10 MAKER"], False),
    (["alice sell 1 STOP 11", "alice sell 1 @ 10.5 MAKER"], False),
    (["alice sell 1 @ 20 STOP 9.5", "alice sell 1 @ 10.5 MAKER"], True),
    (["alice buy 1 STOP 10.5", "alice buy 1 @ 9.5 MAKER"], True),
    (["alice buy 1 STOP 10", "alice buy 1 @ 9.5 MAKER"], False),
    (["alice buy 1 STOP 10.5", "alice buy 1 @ 10 MAKER"], False),
    (["alice sell 1 STOP 9.5", "alice sell 1 TAKE 10.5"], True),
    (["alice sell 1 STOP 9.5", "alice sell 1 TAKE 10"], False),
    (["alice buy 1 STOP 10.5", "alice buy 1 TAKE 10"], False),
    # without a price of its own a leg is not compared: trailing, or pegged
    (["alice sell 1 STOP trail 100", "alice sell 1 @ 10.5 MAKER"], True),
    (["alice sell 1 STOP 9.5", "alice sell 1 peg PRIMARY MAKER"], True),
]


@pytest.mark.parametrize(("rows", "fits"), RELATIONS, ids=lambda value: " | ".join(value) if isinstance(value, list) else None)
def test_the_relation_of_a_pairs_prices_to_the_last_price(rows: list[str], fits: bool) -> None:
    world = world_at_ten()
    place(world, "bob sell 1 @ 15")
    assert reason(place_list(world, "OCO", *rows)) is (None if fits else Reason.BAD_PRICE_RELATION)


def test_without_a_last_price_a_pair_is_compared_with_itself() -> None:
    world = World()
    for stop, told_reason in (("20", Reason.BAD_PRICE_RELATION), ("12", Reason.BAD_PRICE_RELATION), ("11.99", None)):
        applied = place_list(world, "OCO", f"alice sell 1 STOP {stop}", "alice sell 1 @ 12 MAKER")
        assert reason(applied) is told_reason, stop


def test_a_pending_pair_is_compared_with_itself_only() -> None:
    world = world_at_ten()
    rows = ["alice buy 1 @ 9", "alice sell 1 STOP 5", "alice sell 1 @ 8 MAKER"]
    assert reason(place_list(world, "OTOCO", *rows)) is None
    rows[1] = "alice sell 1 STOP 8"
    assert reason(place_list(world, "OTOCO", *rows)) is Reason.BAD_PRICE_RELATION


# ---- names


def test_the_orders_of_a_list_must_have_names_of_their_own() -> None:
    world = world_at_ten()
    assert reason(place_list(world, "OTO", "alice buy 1 @ 9 as X", "alice sell 1 as X")) is Reason.DUPLICATE_CLIENT_ORDER_ID
    place(world, "alice buy 1 @ 9 as X")
    assert reason(place_list(world, "OTO", "alice buy 1 @ 9 as Y", "alice sell 1 as X")) is Reason.DUPLICATE_CLIENT_ORDER_ID
    assert reason(place_list(world, "OTO as X", "alice buy 1 @ 9 as Y", "alice sell 1 as Z")) is None


def test_names_of_lists_are_unique_among_an_accounts_open_ones() -> None:
    world = world_at_ten()
    rows = ("alice buy 1 @ 9", "alice buy 1 @ 9")
    assert reason(place_list(world, "OTO as L", *rows)) is None
    assert reason(place_list(world, "OTO as L", *rows)) is Reason.DUPLICATE_LIST_CLIENT_ORDER_ID
    assert reason(place_list(world, "OTO as L", *(row.replace("alice", "bob") for row in rows))) is None
    cancel_list(world, ALICE, "L")
    assert reason(place_list(world, "OTO as L", *rows)) is None


def test_what_has_no_name_gets_one() -> None:
    world = world_at_ten()
    applied = place_list(world, "OTOCO", "alice buy 1 @ 9", "alice sell 1 STOP 8", "alice sell 1 @ 12 MAKER")
    changed = applied.events[0]
    assert isinstance(changed, OrderListChanged)
    names = [changed.record.list_client_order_id, *(name for _, name in changed.record.orders)]
    assert len(set(names)) == 4
    assert all(len(name) == 22 and name.isalnum() for name in names)
    assert [report.terms.client_order_id for report in reports(applied)] == names[1:]


def test_legs_get_the_symbols_self_trade_mode() -> None:
    world = World(make_symbol(default_self_trade_mode=SelfTradeMode.DECREMENT))
    applied = place_list(world, "OTO", "alice buy 1 @ 9", "alice sell 1 @ 10 stp EXPIRE_BOTH")
    assert [report.terms.self_trade_mode for report in reports(applied)] == [SelfTradeMode.DECREMENT, SelfTradeMode.EXPIRE_BOTH]


# ---- cancelling


def test_lists_are_named_by_either_id_or_by_both() -> None:
    world = world_at_ten()

    def cancel(order_list_id: int, name: str, account: int = ALICE) -> Reason | None:
        return reason(world.apply(CancelOrderList(account, "BTCUSDT", order_list_id, name)))

    for order_list_id, name in ((0, ""), (-1, "L"), (2, "L")):
        place_list(world, "OTO as L", "alice buy 1 @ 9", "alice buy 1 @ 9")
        assert cancel(order_list_id, "other") is Reason.UNKNOWN_ORDER_LIST
        assert cancel(7, "L") is Reason.UNKNOWN_ORDER_LIST
        assert cancel(order_list_id, name, BOB) is Reason.UNKNOWN_ORDER_LIST
        assert cancel(order_list_id, name) is None
    assert cancel(2, "L") is Reason.UNKNOWN_ORDER_LIST


def test_a_cancel_of_a_list_names_its_request() -> None:
    world = world_at_ten()
    place_list(world, "OTO as L", "alice buy 1 @ 9", "alice buy 1 @ 9")
    applied = world.apply(CancelOrderList(ALICE, "BTCUSDT", 0, "", "why"))
    assert [event.request_id for event in applied.events if isinstance(event, ExecutionReport)] == ["why", "why"]


def test_a_list_whose_working_order_is_filled_is_cancelled_as_far_as_it_is_open() -> None:
    world = world_at_ten()
    place_list(world, "OTO as L", "alice buy 1 @ 9 as W", "alice buy 1 @ 8 as P")
    place(world, "bob sell 1 @ 9")
    assert told(cancel_list(world, ALICE, "L")) == ["P CANCELED", "list L ALL_DONE"]


# ---- a list is placed whole or not at all


@pytest.mark.parametrize(
    ("kind", "rows"),
    [
        ("OTO", ["alice buy 1 @ 11 MAKER", "alice sell 1"]),
        ("OCO", ["alice buy 1 STOP 12", "alice buy 1 @ 9 MAKER"]),
        ("OTO", ["alice buy 1 peg PRIMARY+5", "alice sell 1"]),
    ],
)
def test_what_is_refused_leaves_no_trace(kind: str, rows: list[str]) -> None:
    world = world_at_ten()
    place(world, "crowd buy 1 @ 9.5")
    place(world, "bob sell 1 @ 9")
    place(world, "bob sell 1 @ 9")
    before = encode(world.exchange)
    assert refusal(world.apply(order_list(world, kind, *rows))) is not None
    assert encode(world.exchange) == before


def test_members_know_their_list_and_forget_it_when_it_is_done() -> None:
    world = world_at_ten()
    place_list(world, "OTO as L", "alice buy 1 @ 9 as W", "alice buy 1 @ 8 as P")
    working, pending = find(world, "W"), find(world, "P")
    assert working.order_list is pending.order_list is world.exchange.venue.order_lists[0]
    cancel_list(world, ALICE, "L")
    assert working.order_list is pending.order_list is None


def test_the_legs_are_told_as_they_were_sent() -> None:
    world = world_at_ten()
    command = order_list(world, "OTO as L", "alice buy 1 @ 9 as W strategy 7 1000001", "alice sell 1 @ 12 ice 0.5 as P")
    told_terms = [report.terms for report in reports(world.apply(command))]
    assert told_terms == [replace(leg, self_trade_mode=SelfTradeMode.NONE) for leg in command.legs]
