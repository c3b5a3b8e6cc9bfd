"""Filling orders that wait for the price."""

import json

import pytest

from papernet.control.floors import SpotFloor
from papernet.control.house import House
from papernet.control.stops import Goal, goal_of
from papernet.core.commands import NewOrder, NewOrderList
from papernet.core.enums import ListKind, OrderStatus, OrderType, Side, TimeInForce
from tests.support.fill_desk import FillDesk
from tests.support.worlds import units

AROUND = ("bob buy 1 @ 59500", "bob sell 1 @ 60500")
DEEP = ("bob buy 1 @ 58500", "bob buy 1 @ 59000", "bob sell 1 @ 61000", "bob sell 1 @ 61500")
ROWS = (
    ("alice sell 1 STOP 59000", "59000"),
    ("alice sell 1 TAKE 61000", "61000"),
    ("alice buy 1 STOP 61000", "61000"),
    ("alice buy 1 TAKE 59000", "59000"),
    ("alice sell 1 STOP trail 100", "59400"),
    ("alice buy 1 STOP trail 100", "60600"),
    ("alice sell 1 @ 58900 STOP 59000", "58900"),
    ("alice sell 1 @ 59100 STOP 59000", "59100"),
    ("alice buy 1 @ 61100 STOP 61000", "61100"),
    ("alice sell 1 @ 58000 STOP 59000 trail 100", "58000"),
    ("alice sell 1 peg MARKET STOP 59000", "59000"),
)


def desk_with(*rows: str) -> FillDesk:
    desk = FillDesk()
    desk.call("print", price="60000")
    for row in rows:
        desk.place(row)
    return desk


@pytest.mark.parametrize(("row", "price"), ROWS)
@pytest.mark.parametrize("others", [(), AROUND, DEEP])
def test_an_order_that_waits_is_triggered_and_filled_whole(row: str, price: str, others: tuple[str, ...]) -> None:
    desk = desk_with(*others)
    order = desk.place(row)
    answer = desk.fill(order, through=True)
    assert (answer["status"], answer["filled"]) == ("FILLED", "1.00000000")
    assert desk.fills(order) == [(price, "1")]
    assert desk.status(order) is OrderStatus.FILLED


@pytest.mark.parametrize(("row", "price"), ROWS)
def test_in_an_empty_book_it_is_filled_by_exactly_what_was_asked_for(row: str, price: str) -> None:
    desk = desk_with()
    order = desk.place(row)
    assert desk.fill(order, quantity="0.4", through=True)["filled"] == "0.40000000"
    assert desk.fills(order) == [(price, "0.4")]
    stays = " @ " in row or "peg" in row
    assert desk.status(order) is (OrderStatus.PARTIALLY_FILLED if stays else OrderStatus.EXPIRED)
    bids, asks = desk.book()
    assert len(bids) + len(asks) == stays, "the house leaves nothing behind"


def test_a_fill_price_of_ones_own_has_to_trigger_the_order() -> None:
    desk = desk_with()
    order = desk.place("alice sell 1 STOP 59000")
    assert desk.cannot("fill", order_id=order, price="59001", through=True)[0] == 409
    assert desk.fill(order, price="58000", through=True)["filled"] == "1.00000000"
    assert desk.fills(order) == [("58000", "1")]


def test_without_a_word_nobody_moves_the_price() -> None:
    desk = desk_with()
    order = desk.place("alice sell 1 STOP 59000")
    desk.commands.clear()
    status, why = desk.cannot("fill", order_id=order)
    assert status == 409
    assert "waits until the last price is 59000.00000000" in why
    assert desk.commands == []


def test_a_part_is_not_promised_where_the_rest_would_find_others() -> None:
    desk = desk_with(*DEEP)
    order, book = desk.place("alice sell 1 STOP 59000"), desk.book()
    status, why = desk.cannot("fill", order_id=order, quantity="0.4", through=True)
    assert (status, "takes what there is" in why) == (409, True)
    assert desk.book() == book


def test_an_iceberg_at_the_price_is_traded_with_by_its_parts() -> None:
    desk = desk_with("bob buy 1 @ 59000 ice 0.3")
    order = desk.place("alice sell 1 STOP 59000")
    assert desk.fill(order, through=True)["filled"] == "1.00000000"
    assert desk.fills(order) == [("59000", "1")]


def test_a_peg_to_a_level_wants_that_level() -> None:
    desk = desk_with()
    order = desk.place("alice sell 1 peg PRIMARY STOP 59000")
    assert "quote the book" in desk.cannot("fill", order_id=order, through=True)[1]


def test_a_member_of_a_list_takes_the_other_one_with_it() -> None:
    desk = desk_with()
    legs = tuple(
        NewOrder(desk.accounts["alice"], "BTCUSDT", Side.SELL, kind, TimeInForce.GTC, units("1"), price, stop_price=stop)
        for kind, price, stop in ((OrderType.STOP_LOSS, 0, units("59000")), (OrderType.LIMIT_MAKER, units("62000"), 0))
    )
    desk.submit(NewOrderList(desk.accounts["alice"], "BTCUSDT", ListKind.OCO, legs), desk.at)
    stop, other = desk.exchange.markets["BTCUSDT"].orders
    assert desk.fill(stop, through=True)["status"] == "FILLED"
    assert desk.status(other) is OrderStatus.EXPIRED


def test_where_the_price_has_to_go() -> None:
    desk = desk_with()
    floor = SpotFloor(House(desk.exchange, desk.submit), desk.exchange.markets["BTCUSDT"])
    rows = {
        "alice sell 1 STOP 59000": Goal(units("59000"), is_above=False, triggers=True),
        "alice sell 1 TAKE 61000": Goal(units("61000"), is_above=True, triggers=True),
        "alice sell 1 STOP trail 33": Goal(units("59802"), is_above=False, triggers=True),
        "alice buy 1 STOP 61000 trail 33": Goal(units("61000"), is_above=True, triggers=False),
    }
    for row, goal in rows.items():
        assert goal_of(floor, desk.order(desk.place(row))) == goal


def test_what_trails_from_the_next_trade_needs_a_first_one() -> None:
    desk = FillDesk()
    order = desk.place("alice sell 1 STOP trail 100")
    response = desk.ask("POST", "/fills/fill", {"symbol": "BTCUSDT", "order_id": order, "through": True})
    assert (response.status, "print a price first" in json.loads(response.body)["error"]) == (409, True)
