"""Pegged prices: faqs/pegged_orders."""

import pytest

from papernet.core.commands import NewOrder
from papernet.core.enums import OrderType, PegPrice, Side, TimeInForce
from papernet.core.order import Order
from papernet.core.order_book import OrderBook
from papernet.core.rejects import Reason
from papernet.venues.spot.pegs import pegged_price, refusal_of_peg
from papernet.venues.spot.symbols import Notional, PercentPrice
from tests.support.orders import find, place
from tests.support.scripts import check
from tests.support.worlds import World, make_symbol, price_filter, reason, reports, units

BUY, SELL = Side.BUY, Side.SELL
PRIMARY, MARKET = PegPrice.PRIMARY, PegPrice.MARKET


def book() -> OrderBook[Order]:
    """Return a book with bids at 10, 9 and 7 and asks at 11, 13 and 14."""
    made: OrderBook[Order] = OrderBook()
    for number, (side, price) in enumerate([(BUY, 10), (BUY, 9), (BUY, 7), (BUY, 9), (SELL, 11), (SELL, 13), (SELL, 14)], 1):
        made.rest(Order(NewOrder(1, "S", side, OrderType.LIMIT, TimeInForce.GTC, 5, price), number, 0))
    return made


def pegged(side: Side, peg: PegPrice, offset: int | None, price: int = 0, kind: OrderType = OrderType.LIMIT) -> NewOrder:
    """Return the terms of a pegged order."""
    return NewOrder(1, "S", side, kind, TimeInForce.GTC, 5, price, peg_price=peg, peg_offset=offset)


@pytest.mark.parametrize(
    ("side", "peg", "prices"),
    [
        # by existing price levels, deeper into the book
        (BUY, PRIMARY, [10, 9, 7, None]),
        (BUY, MARKET, [11, 13, 14, None]),
        (SELL, PRIMARY, [11, 13, 14, None]),
        (SELL, MARKET, [10, 9, 7, None]),
    ],
)
def test_levels_are_counted_from_the_best_one(side: Side, peg: PegPrice, prices: list[int | None]) -> None:
    assert [pegged_price(book(), pegged(side, peg, offset)) for offset in range(4)] == prices
    assert pegged_price(book(), pegged(side, peg, None)) == prices[0]
    assert pegged_price(OrderBook(), pegged(side, peg, None)) is None


@pytest.mark.parametrize(
    ("side", "peg", "own", "expected"),
    [
        (BUY, PRIMARY, 12, 10),
        (BUY, PRIMARY, 8, 8),
        (BUY, MARKET, 10, 10),
        (BUY, MARKET, 12, 11),
        (SELL, PRIMARY, 12, 12),
        (SELL, PRIMARY, 8, 11),
        (SELL, MARKET, 9, 10),
        (SELL, MARKET, 12, 12),
    ],
)
def test_an_own_price_bounds_the_chosen_one(side: Side, peg: PegPrice, own: int, expected: int) -> None:
    assert pegged_price(book(), pegged(side, peg, None, own)) == expected


ALLOWED = {
    # (type, time in force): refusal when pegged to the own side, when pegged to the other side
    (OrderType.LIMIT, "GTC"): (None, None),
    (OrderType.LIMIT, "IOC"): (Reason.UNSUPPORTED_COMBINATION, None),
    (OrderType.LIMIT, "FOK"): (Reason.UNSUPPORTED_COMBINATION, None),
    (OrderType.LIMIT_MAKER, "GTC"): (None, Reason.PEG_NOT_FOR_ORDER_TYPE),
    (OrderType.STOP_LOSS_LIMIT, "GTC"): (None, None),
    (OrderType.STOP_LOSS_LIMIT, "IOC"): (None, None),
    (OrderType.TAKE_PROFIT_LIMIT, "FOK"): (None, None),
    (OrderType.MARKET, "GTC"): (Reason.ORDER_TYPE_NOT_PEGGABLE, Reason.ORDER_TYPE_NOT_PEGGABLE),
    (OrderType.STOP_LOSS, "GTC"): (Reason.ORDER_TYPE_NOT_PEGGABLE, Reason.ORDER_TYPE_NOT_PEGGABLE),
    (OrderType.TAKE_PROFIT, "GTC"): (Reason.ORDER_TYPE_NOT_PEGGABLE, Reason.ORDER_TYPE_NOT_PEGGABLE),
}


@pytest.mark.parametrize(("kind", "tif"), ALLOWED)
def test_which_orders_may_be_pegged(kind: OrderType, tif: str) -> None:
    for peg, expected in zip((PRIMARY, MARKET), ALLOWED[kind, tif], strict=True):
        reject = refusal_of_peg(NewOrder(1, "S", BUY, kind, TimeInForce[tif], 5, peg_price=peg))
        assert (reject.reason if reject is not None else None) is expected


# ---- on a market


def test_a_pegged_order_queues_behind_its_level_and_stays_there() -> None:
    world = check("""
        bob   buy 1 @ 10 as B1
        bob   buy 1 @ 9 as B2
        bob   sell 1 @ 12 as B3
        alice buy 2 peg PRIMARY as A1
        alice buy 2 peg PRIMARY+1 as A2
        alice sell 1 @ 11 peg PRIMARY as A3
        alice has 99962 + 38 USDT
        bob   buy 1 @ 10.5 as B4
        book
        |           | 12   | B3:1 A3:1 |
        | B4:1      | 10.5 |           |
        | B1:1 A1:2 | 10   |           |
        | B2:1 A2:2 | 9    |           |
    """)
    order = find(world, "A1")
    assert order.extras is not None
    # the chosen price, while the price that was sent is none
    assert (order.terms.price, order.price, order.extras.pegged_price) == (0, units("10"), units("10"))


def test_an_order_pegged_to_the_other_side_takes_the_best_price_and_only_that() -> None:
    check("""
        bob   sell 1 @ 10 as B1
        bob   sell 1 @ 11 as B2
        alice buy 2 peg MARKET IOC as A1 -> NEW, 1@10 with B1, EXPIRED UNFILLED_IOC_QUANTITY
        alice buy 1 @ 10 peg MARKET IOC as A2 -> NEW, EXPIRED UNFILLED_IOC_QUANTITY
        alice buy 1 peg PRIMARY MAKER as A3 -> NO_PRICE_LEVEL_FOR_PEG
        alice buy 1 peg MARKET as A4 -> NEW, 1@11 with B2, FILLED
    """)


def test_a_pegged_order_passes_the_filters_at_the_chosen_and_at_its_own_price() -> None:
    world = World(
        make_symbol(
            price_filter("5", "20", "0"),
            PercentPrice(units("1.5"), units("0.8"), 0),
            Notional(units("10"), False, units("100"), False, 0),
        )
    )
    for row in ("bob sell 2 @ 10", "crowd buy 1 @ 10", "crowd buy 2 @ 9", "crowd buy 3 @ 8"):
        place(world, row)
    for row, name in (
        ("alice buy 2 @ 4 peg PRIMARY", "PRICE_FILTER"),
        ("alice buy 2 @ 15.1 peg PRIMARY", "PERCENT_PRICE"),
        ("alice buy 1 peg PRIMARY", "NOTIONAL"),
        ("alice buy 12 peg PRIMARY", "NOTIONAL"),
    ):
        applied = place(world, row)
        assert reason(applied) is Reason.FILTER_FAILURE, row
        assert name in repr(applied.events), row
    assert reason(place(world, "alice buy 11 peg PRIMARY")) is None
    assert reason(place(world, "alice buy 2 @ 9.5 peg PRIMARY")) is None


def test_a_pegged_order_is_told_with_its_price_from_the_first_report_on() -> None:
    world = World()
    place(world, "bob sell 1 @ 10 as B1")
    told = reports(place(world, "alice buy 1 peg MARKET as A1"))
    assert [report.extras.pegged_price for report in told[:2] if report.extras is not None] == [units("10")] * 2
    assert told[2].extras is None
