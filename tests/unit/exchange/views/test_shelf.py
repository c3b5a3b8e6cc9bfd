from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from papernet.core.enums import BlockOrderStatus, ExecType, Side
from papernet.core.events import (
    Allocation,
    Bill,
    BlockTrade,
    ContractSettled,
    OptionReport,
    OrderAmended,
    OrderListChanged,
    OrderListRecord,
    PositionExercised,
    PreventedMatch,
)
from papernet.core.order import OPEN_STATUSES
from papernet.core.units import SCALE
from papernet.exchange.views import Views
from papernet.exchange.views.candles import Interval
from papernet.exchange.views.records import OptionFill, Record
from papernet.exchange.views.shelf import EVERYBODY, PLACES
from tests.support.option_market import ALICE as OPTION_ALICE
from tests.support.option_market import BOB as OPTION_BOB
from tests.support.option_market import CAROL as OPTION_CAROL
from tests.support.option_worlds import CALL, PUT, OptionWorld, answers, past_of_options
from tests.unit.exchange.views.archives import ListArchive, cut, within
from tests.unit.exchange.views.papers import amend, begin_list, end_list, prevent, print_block, rename_leg, route
from tests.unit.exchange.views.scenes import ALICE, BOB, CROWD, MINUTE, START, Scene
from tests.unit.exchange.views.stories import SYMBOLS, paper_stories, tell

BTC, ETH = SYMBOLS
PRICE = 5 * SCALE


def scene_with_accounts() -> Scene:
    scene = Scene()
    scene.open_accounts()
    return scene


def of(scene: Scene, kind: type) -> list[Any]:
    return [event for event in scene.papers if isinstance(event, kind)]


def test_every_kind_of_record_has_its_places() -> None:
    # What is kept of an options fill is cut out of the report that told of it.
    assert list(PLACES) == [kind for kind in get_args(Record) if kind is not OptionFill]
    tags = [str(kind.__struct_config__.tag) for kind in get_args(Record)]
    assert tags == list(dict.fromkeys(tags))


def test_open_lists_are_not_kept_and_ended_ones_are_found_by_id_and_name() -> None:
    scene = scene_with_accounts()
    views, archive = scene.views, scene.archive
    first, second = begin_list(scene, BTC, ALICE, "mine"), begin_list(scene, ETH, ALICE, "other")
    rename_leg(scene, 0)
    assert views.order_list(ALICE, first, archive) is None
    assert views.order_list_by_client_id(ALICE, "mine", archive) is None
    assert views.take() is None
    end_list(scene, 0)
    for _ in range(2):
        found = views.order_list(ALICE, first, archive)
        assert found is not None
        assert [name for _, name in found.orders] == ["leg0'", "leg1"]
        assert views.order_list_by_client_id(ALICE, "mine", archive) == found
        assert views.order_list(BOB, first, archive) is views.order_list_by_client_id(BOB, "mine", archive) is None
        assert views.order_list(ALICE, second, archive) is None
        assert views.order_lists(ALICE, scene.open_lists, limit=9, archive=archive) == [found, *scene.open_lists]
        assert views.order_lists(BOB, (), limit=9, archive=archive) == []
        scene.drain()


def test_of_lists_of_one_name_the_one_that_ended_last_is_found() -> None:
    scene = scene_with_accounts()
    begin_list(scene, BTC, ALICE, "mine")
    begin_list(scene, BTC, ALICE, "mine")
    end_list(scene, 1)
    end_list(scene, 0)
    for _ in range(2):
        found = scene.views.order_list_by_client_id(ALICE, "mine", scene.archive)
        assert found is not None
        assert found.order_list_id == 0
        scene.drain()


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        ({}, [2, 3, 4]),
        ({"from_id": 1}, [1, 2, 3]),
        ({"start": START + MINUTE}, [1, 2, 3]),
        ({"end": START + 3 * MINUTE}, [1, 2, 3]),
        ({"end": START + 3 * MINUTE - 1}, [0, 1, 2]),
        ({"start": START + MINUTE, "end": START + 2 * MINUTE}, [1, 2]),
        ({"start": START + 9 * MINUTE}, []),
    ],
)
def test_lists_go_by_their_placement(bounds: dict[str, int], expected: list[int]) -> None:
    # rest-api.md, Query all Order lists, with a limit of three of five, of which the second is open
    scene = scene_with_accounts()
    for number in range(5):
        begin_list(scene, SYMBOLS[number % 2], ALICE, f"list{number}")
        scene.at += MINUTE
    for index in (3, 3, 0, 1):
        end_list(scene, index)
        scene.begin_drain()
        found = scene.views.order_lists(ALICE, scene.open_lists, limit=3, archive=scene.archive, **bounds)
        assert [record.order_list_id for record in found] == expected
    assert len(scene.open_lists) == 1


def test_amendments_are_those_of_one_order_from_an_execution_on() -> None:
    scene = scene_with_accounts()
    order_id = amend(scene, BTC, ALICE, ("a", "b", "c"), cancel=False)
    amend(scene, BTC, ALICE, ("d",), cancel=False)
    amend(scene, BTC, CROWD, ("e",), cancel=False)

    def names(account: int, from_exec_id: int | None, limit: int = 9) -> list[tuple[str, str]]:
        rows = scene.views.amendments(account, BTC, order_id, from_exec_id, limit, scene.archive)
        return [(row.orig_client_order_id, row.client_order_id) for row in rows]

    for _ in range(2):
        assert names(ALICE, None) == [("unamended", "a"), ("a", "b"), ("b", "c")]
        assert names(ALICE, None, limit=2) == names(ALICE, 0)[:2]
        assert names(ALICE, 1) == [("a", "b"), ("b", "c")]
        assert names(ALICE, 3) == names(BOB, None) == []
        scene.drain()
    assert len(scene.archive.all_records) == 4


def test_a_prevented_match_is_found_by_both_accounts_and_from_both_orders() -> None:
    scene = scene_with_accounts()
    match, later = prevent(scene, BTC, ALICE, BOB), prevent(scene, BTC, BOB, ALICE)
    views, archive = scene.views, scene.archive
    for _ in range(2):
        for account, order_id in ((ALICE, match.taker_order_id), (BOB, match.maker_order_id)):
            assert views.prevented_matches(account, BTC, prevented_match_id=0, limit=9, archive=archive) == [match]
            assert views.prevented_matches(account, BTC, order_id=order_id, limit=9, archive=archive) == [match]
            assert views.prevented_matches(account, BTC, order_id=order_id, from_id=1, limit=9, archive=archive) == []
            assert views.prevented_matches(account, ETH, prevented_match_id=0, limit=9, archive=archive) == []
        assert views.prevented_matches(ALICE, BTC, order_id=match.maker_order_id, limit=9, archive=archive) == []
        assert views.prevented_matches(ALICE, BTC, order_id=later.maker_order_id, limit=9, archive=archive) == [later]
        scene.drain()


def test_matches_of_one_order_go_on_from_an_id_up_to_a_limit() -> None:
    scene = scene_with_accounts()
    matches = [prevent(scene, BTC, ALICE, ALICE, maker_order_id=1_000) for _ in range(5)]
    for _ in range(2):
        for from_id, limit, expected in ((None, 9, matches), (2, 9, matches[2:]), (1, 2, matches[1:3]), (5, 9, [])):
            found = scene.views.prevented_matches(
                ALICE, BTC, order_id=1_000, from_id=from_id, limit=limit, archive=scene.archive
            )
            assert found == expected
        # Both orders are hers: the match is there once all the same.
        assert scene.views.prevented_matches(ALICE, BTC, limit=3, archive=scene.archive) == matches[:3]
        scene.drain()


def test_a_match_across_symbols_is_found_on_either() -> None:
    # The maker's order and its symbol come with routed orders; the ids of both books count from 0.
    scene = scene_with_accounts()
    routed = prevent(scene, BTC, ALICE, ALICE, maker_order_id=77, maker_symbol=ETH)
    own = prevent(scene, ETH, ALICE, ALICE, maker_order_id=77)
    views, archive = scene.views, scene.archive
    for _ in range(2):
        assert views.prevented_matches(ALICE, BTC, prevented_match_id=0, limit=9, archive=archive) == [routed]
        assert views.prevented_matches(ALICE, BTC, order_id=77, limit=9, archive=archive) == []
        assert views.prevented_matches(ALICE, ETH, order_id=77, limit=9, archive=archive) == [own, routed]
        assert views.prevented_matches(ALICE, ETH, order_id=own.taker_order_id, limit=9, archive=archive) == [own]
        scene.drain()


def test_of_the_crowd_only_what_a_user_can_ask_for_is_kept() -> None:
    scene = scene_with_accounts()
    begin_list(scene, BTC, CROWD, "crowd")
    end_list(scene, 0)
    amend(scene, BTC, CROWD, ("a",), cancel=True)
    route(scene, BTC, CROWD, 2)
    prevent(scene, BTC, CROWD, CROWD)
    assert scene.views.take() is None
    match = prevent(scene, BTC, CROWD, ALICE)
    print_block(scene, BTC)
    batch = scene.views.take()
    assert batch is not None
    assert [(row.account, row.order_id) for row in batch.records] == [(ALICE, match.maker_order_id), (EVERYBODY, -1)]


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        ({}, [0, 1, 2]),
        ({"start": START + MINUTE}, [2, 3, 4]),
        ({"end": START + MINUTE}, [1, 2, 3]),
        ({"start": START, "end": START + MINUTE - 1}, [0, 1]),
        ({"from_id": 4}, [4, 5]),
        ({"order_id": 2}, [2, 3]),
        ({"order_id": 2, "from_id": 3}, [3]),
        ({"order_id": 4}, []),
    ],
)
def test_allocations_are_as_the_table_of_combinations_says(bounds: dict[str, int], expected: list[int]) -> None:
    # rest-api.md, Query Allocations
    scene = scene_with_accounts()
    for _ in range(3):
        route(scene, BTC, ALICE, 2)
        scene.at += MINUTE
    route(scene, ETH, ALICE, 1)
    for _ in range(2):
        found = scene.views.allocations(ALICE, BTC, limit=3, archive=scene.archive, **bounds)
        assert [row.allocation_id for row in found] == expected
        assert scene.views.allocations(BOB, BTC, limit=3, archive=scene.archive, **bounds) == []
        scene.drain(scene.seq - 2)


def test_block_trades_are_beside_the_market() -> None:
    scene = scene_with_accounts()
    for _ in range(4):
        print_block(scene, BTC)
    views, archive = scene.views, scene.archive
    blocks = of(scene, BlockTrade)
    for _ in range(2):
        assert views.block_trades(BTC, 0, 9, archive) == blocks
        assert views.block_trades(BTC, 1, 2, archive) == blocks[1:3]
        assert views.block_trades(BTC, 4, 9, archive) == views.block_trades(ETH, 0, 9, archive) == []
        assert views.recent_trades(BTC, 9) == views.historical_trades(BTC, 0, 9, archive) == []
        assert views.candles(BTC, Interval.MINUTE_1, 0, None, None, 9, scene.at, archive) == []
        assert views.day_ticker(BTC, scene.at, archive).count == 0
        scene.drain()


def test_what_the_archive_has_leaves_memory() -> None:
    scene = scene_with_accounts()
    for _ in range(5):
        prevent(scene, BTC, ALICE, BOB)
        print_block(scene, BTC)
        scene.drain()
    assert scene.views._shelf.rows == []
    assert len(scene.archive.all_records) == 15
    prevent(scene, BTC, ALICE, BOB)
    scene.begin_drain()
    # In both, but told once.
    assert len(scene.views._shelf.rows) == 2
    assert len(scene.views.prevented_matches(ALICE, BTC, limit=9, archive=scene.archive)) == 6


def test_after_a_reset_nothing_is_found_and_ids_begin_anew() -> None:
    scene = scene_with_accounts()
    for _ in range(3):
        print_block(scene, BTC)
        scene.drain()
    print_block(scene, BTC)
    scene.reset()
    assert scene.views.block_trades(BTC, 0, 9, scene.archive) == []
    print_block(scene, BTC)
    scene.drain()
    assert scene.views.block_trades(BTC, 0, 9, scene.archive) == of(scene, BlockTrade)
    assert len(scene.archive.all_records) == 1


def naive_lists(scene: Scene, account: int) -> list[OrderListRecord]:
    ended = [event.record for event in of(scene, OrderListChanged)]
    return sorted(
        (record for record in ended + scene.open_lists if record.account == account), key=lambda record: record.order_list_id
    )


@given(paper_stories, st.data())
def test_answers_are_those_of_the_raw_events(story: object, data: st.DataObject) -> None:
    scene = Scene()
    tell(scene, story)
    views, archive = scene.views, scene.archive
    account, symbol = data.draw(st.sampled_from((ALICE, BOB))), data.draw(st.sampled_from(SYMBOLS))
    number, limit = data.draw(st.none() | st.integers(0, 6)), data.draw(st.integers(1, 5))
    times = [event.at + shift for event in scene.papers for shift in (-1, 0, 1)]
    moments = st.none() | st.sampled_from(times or [0])
    start, end = data.draw(moments), data.draw(moments)
    bounds: dict[str, Any] = {"from_id": number, "start": start, "end": end, "limit": limit, "archive": archive}

    lists = naive_lists(scene, account)
    expected = [row for row in lists if within(row.order_list_id, row.created_at, number, start, end)]
    newest = number is None and start is None
    found = views.order_lists(account, [row for row in scene.open_lists if row.account == account], **bounds)
    assert found == cut(expected, limit, newest=newest)
    ended = [event.record for event in of(scene, OrderListChanged) if event.record.account == account]
    for row in ended:
        assert views.order_list(account, row.order_list_id, archive) == row
        latest = [other for other in ended if other.list_client_order_id == row.list_client_order_id][-1]
        assert views.order_list_by_client_id(account, row.list_client_order_id, archive) == latest

    amended = [row for row in of(scene, OrderAmended) if (row.account, row.symbol) == (account, symbol)]
    for order_id in [row.order_id for row in amended] or [1]:
        of_order = [row for row in amended if row.order_id == order_id and row.exec_id >= (number or 0)]
        assert views.amendments(account, symbol, order_id, number, limit, archive) == of_order[:limit]

    routed = [row for row in of(scene, Allocation) if (row.account, row.symbol) == (account, symbol)]
    order_id = data.draw(st.none() | st.sampled_from([row.order_id for row in routed] or [1]))
    wanted = [
        row for row in routed if order_id in (None, row.order_id) and within(row.allocation_id, row.at, number, start, end)
    ]
    newest = end is not None and number is None and start is None
    assert views.allocations(account, symbol, order_id=order_id, **bounds) == cut(wanted, limit, newest=newest)

    printed = [row for row in of(scene, BlockTrade) if row.symbol == symbol and row.block_trade_id >= (number or 0)]
    assert views.block_trades(symbol, number or 0, limit, archive) == printed[:limit]


@given(paper_stories, st.data())
def test_prevented_matches_are_those_of_the_raw_events(story: object, data: st.DataObject) -> None:
    scene = Scene()
    tell(scene, story)
    account, symbol = data.draw(st.sampled_from((ALICE, BOB))), data.draw(st.sampled_from(SYMBOLS))
    number, limit = data.draw(st.none() | st.integers(0, 6)), data.draw(st.integers(1, 5))

    def orders_of(match: PreventedMatch) -> list[int]:
        parties = (
            (match.taker_account, match.symbol, match.taker_order_id),
            (match.maker_account, match.maker_symbol, match.maker_order_id),
        )
        return [order_id for owner, name, order_id in parties if (owner, name) == (account, symbol)]

    matches = [match for match in of(scene, PreventedMatch) if orders_of(match)]
    for order_id in dict.fromkeys([order_id for match in matches for order_id in orders_of(match)] or [1]):
        expected = [match for match in matches if order_id in orders_of(match) and match.prevented_match_id >= (number or 0)]
        found = scene.views.prevented_matches(
            account, symbol, order_id=order_id, from_id=number, limit=limit, archive=scene.archive
        )
        # Of two books' matches of one id, those of the symbol itself come first.
        expected.sort(key=lambda match: (match.prevented_match_id, match.symbol != symbol))
        assert found == expected[:limit]
    for match in matches:
        same = [other for other in matches if other.prevented_match_id == match.prevented_match_id]
        found = scene.views.prevented_matches(
            account, symbol, prevented_match_id=match.prevented_match_id, limit=9, archive=scene.archive
        )
        assert sorted(found, key=repr) == sorted(same, key=repr)


def test_a_change_after_the_end_replaces_what_was_kept() -> None:
    scene = scene_with_accounts()
    begin_list(scene, BTC, ALICE, "mine")
    end_list(scene, 0)
    scene.drain()
    (event,) = of(scene, OrderListChanged)
    changed = replace(event.record, orders=((1, "renamed"), (2, "leg1")))
    scene.apply(replace(event, record=changed))
    for _ in range(2):
        assert scene.views.order_list(ALICE, 0, scene.archive) == changed
        assert scene.views.order_list_by_client_id(ALICE, "mine", scene.archive) == changed
        scene.drain()


def test_what_a_user_does_beside_lists_costs_no_row() -> None:
    scene = scene_with_accounts()
    scene.take(BTC, ALICE, Side.BUY, [(BOB, PRICE, SCALE)])
    scene.rest_and_cancel(BTC, ALICE, cancel=True)
    assert scene.views._shelf.rows == []


# ---- options


def options_past() -> tuple[OptionWorld, Views]:
    world, views = past_of_options(), Views()
    for applied in world.applied:
        views.fold(applied)
    return world, views


def test_the_past_of_options_is_the_same_wherever_it_is() -> None:
    world, views = options_past()
    archive = ListArchive()
    before = answers(views, archive)
    assert answers(Views.restore(views.snapshot()), archive) == before
    halves = Views()
    for applied in world.applied:
        halves.fold(applied)
        if applied.seq % 7 == 0 and (batch := halves.take()) is not None:
            archive.write(batch)
            halves.confirm(batch)
    assert len(archive.all_records) > 20
    assert answers(halves, archive) == before
    assert answers(Views.restore(halves.snapshot()), archive) == before


def test_options_orders_and_fills_of_a_user_are_found_by_contract_and_id_and_name() -> None:
    world, views = options_past()
    archive = ListArchive()
    reports = [event for applied in world.applied for event in applied.events if isinstance(event, OptionReport)]
    mine = [report for report in reports if report.record.terms.account == OPTION_ALICE]
    ended = [report.record for report in mine if report.record.status not in OPEN_STATUSES]
    orders = views.option_orders(OPTION_ALICE, CALL, limit=99, archive=archive)
    assert orders == sorted(ended, key=lambda record: record.order_id)
    assert len(orders) == 3
    (first, second, _) = orders
    assert views.option_orders(OPTION_ALICE, CALL, limit=2, archive=archive) == orders[1:]
    assert views.option_orders(OPTION_ALICE, CALL, from_id=second.order_id, limit=1, archive=archive) == [second]
    assert views.option_orders(OPTION_ALICE, CALL, end=first.created_at, limit=9, archive=archive) == [first]
    assert views.option_order(OPTION_ALICE, CALL, first.order_id, archive) == first
    assert views.option_order(OPTION_ALICE, PUT, first.order_id, archive) is None
    assert views.option_order(OPTION_BOB, CALL, first.order_id, archive) is None
    assert views.option_order_by_client_id(OPTION_ALICE, CALL, "a", archive) == first
    assert views.option_order_by_client_id(OPTION_BOB, CALL, "a", archive) is None
    fills = views.option_fills(OPTION_ALICE, None, limit=99, archive=archive)
    traded = [report for report in mine if report.exec_type is ExecType.TRADE]
    assert [(fill.fill_id, fill.trade_id, fill.quantity, fill.fee, fill.at) for fill in fills] == [
        (report.fill_id, report.trade_id, report.last_quantity, report.fee, report.at) for report in traded
    ]
    assert len(fills) == 2
    assert views.option_fills(OPTION_ALICE, CALL, limit=99, archive=archive) == fills
    assert views.option_fills(OPTION_ALICE, PUT, limit=99, archive=archive) == []
    assert views.option_fills(OPTION_ALICE, CALL, from_id=fills[1].fill_id, limit=9, archive=archive) == fills[1:]


def test_bills_exercises_and_settlements_are_found() -> None:
    world, views = options_past()
    archive = ListArchive()
    events = [event for applied in world.applied for event in applied.events]
    bills = [event for event in events if isinstance(event, Bill) and event.account == OPTION_ALICE]
    assert views.bills(OPTION_ALICE, limit=99, archive=archive) == bills
    assert views.bills(OPTION_ALICE, limit=1, archive=archive) == bills[-1:]
    assert sum(bill.amount for bill in bills) == world.balance(OPTION_ALICE)
    exercises = [event for event in events if isinstance(event, PositionExercised) and event.account == OPTION_ALICE]
    assert views.exercises(OPTION_ALICE, None, limit=99, archive=archive) == exercises
    assert views.exercises(OPTION_ALICE, CALL, limit=99, archive=archive) == exercises
    assert exercises
    settled = [event for event in events if isinstance(event, ContractSettled)]
    everything = views.settlements(None, limit=9_999, archive=archive)
    assert everything == sorted(settled, key=lambda event: (event.expiry, event.symbol))
    of_btc = views.settlements("BTCUSDT", limit=9_999, archive=archive)
    assert of_btc == [event for event in everything if event.underlying == "BTCUSDT"]
    assert len({event.expiry for event in of_btc}) > 3
    last = everything[-1].expiry
    assert {event.expiry for event in views.settlements(None, start=last, limit=9_999, archive=archive)} == {last}
    assert views.settlements(None, limit=5, archive=archive) == everything[-5:]


def test_block_orders_and_block_trades_of_options_are_found() -> None:
    world, views = options_past()
    archive = ListArchive()
    mine = views.block_orders(OPTION_ALICE, limit=99, archive=archive)
    theirs = views.block_orders(OPTION_BOB, limit=99, archive=archive)
    status = BlockOrderStatus
    assert sorted(record.status for record in mine) == [status.ACCEPTED, status.EXPIRED]
    assert sorted(record.status for record in theirs) == [status.ACCEPTED, status.CANCELED]
    (accepted,) = [record for record in mine if record.status is status.ACCEPTED]
    assert views.block_order(OPTION_ALICE, accepted.key, archive) == accepted
    assert views.block_order(OPTION_BOB, accepted.key, archive) == accepted
    assert views.block_order(OPTION_CAROL, accepted.key, archive) is None
    (trade,) = [event for applied in world.applied for event in applied.events if isinstance(event, BlockTrade)]
    assert views.newest_block_trades(CALL, 9, archive) == views.newest_block_trades(None, 9, archive) == [trade]
    assert views.newest_block_trades(PUT, 9, archive) == []
    (fill,) = views.block_fills(OPTION_ALICE, limit=9, archive=archive)
    assert (fill.key, fill.trade_id, fill.is_maker) == (accepted.key, trade.block_trade_id, False)


def test_the_house_has_no_past_and_no_open_order_is_kept() -> None:
    event = PositionExercised(EVERYBODY, 1, CALL, 2, 3, 4, 5, 6, 7)
    assert PLACES[PositionExercised](event) == ()
    assert len(PLACES[PositionExercised](replace(event, account=OPTION_ALICE))) == 2
