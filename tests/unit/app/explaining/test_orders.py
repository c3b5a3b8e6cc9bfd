"""Why an order is not filled: its place in the queue, what it waits for, why it ended."""

from typing import Any

import pytest
from msgspec.structs import replace

from papernet.app.explaining.explainer import _record_of
from papernet.app.explaining.explanation import Explanation
from papernet.app.explaining.orders import explain_ended, explain_ended_option, explain_open, explain_open_option
from papernet.core.commands import (
    CancelOrder,
    NewOrder,
    NewOrderList,
    OptionTerms,
    PlaceOption,
    SetReferencePrice,
    SetSymbolStatus,
)
from papernet.core.enums import ListKind, OrderStatus, SelfTradeMode, Side, SymbolStatus, TimeInForce
from papernet.core.events import ExecutionReport, OptionReport
from papernet.core.order import Order
from papernet.venues.spot.symbols import ExternalSpec, PriceRange
from tests.support.eapi_desk import ALICE as WRITER
from tests.support.eapi_desk import EapiDesk
from tests.support.explained import ExplainedDesk
from tests.support.option_market import CALL
from tests.support.option_market import units as whole
from tests.support.rest_desk import BOB_KEY
from tests.support.worlds import ALICE, World, make_symbol, units


def order_of(desk: ExplainedDesk, order_id: int) -> Order:
    return desk.exchange.markets["BTCUSDT"].orders[order_id]


def told_of(desk: ExplainedDesk, order_id: int) -> Explanation:
    return explain_open(desk.exchange.markets["BTCUSDT"], order_of(desk, order_id))


def test_a_resting_order_tells_its_place_in_the_queue() -> None:
    desk = ExplainedDesk()
    desk.accepted(price="101", quantity="2", key=BOB_KEY)
    desk.accepted(price="101", quantity="1", icebergQty="0.5", key=BOB_KEY)
    desk.accepted(price="100", quantity="3", key=BOB_KEY)
    mine = desk.accepted(price="100", quantity="5")
    desk.accepted(price="100", quantity="9", key=BOB_KEY)
    desk.accepted(price="99", quantity="9", key=BOB_KEY)
    desk.accepted(side="SELL", price="110", quantity="1", key=BOB_KEY)
    told = told_of(desk, mine)
    assert told.guard == "RESTING"
    assert told.numbers == {
        "status": "NEW",
        "quantity": "5",
        "filled": "0",
        "left": "5",
        "orders_ahead_at_price": 1,
        "levels_better": 1,
        "orders_better": 2,
        "price": "100",
        "ahead_at_price": "3",
        "better_priced": "3",
        "has_to_trade_first": "6",
        "best_opposite": "110",
        "distance": "10",
    }
    # What it says is so: 6 are taken first, and the next 0.1 is ours.
    desk.accepted(side="SELL", price="100", quantity="6", key=BOB_KEY)
    assert order_of(desk, mine).cum_quantity == 0
    desk.accepted(side="SELL", price="100", quantity="0.1", key=BOB_KEY)
    assert order_of(desk, mine).cum_quantity == units("0.1")
    assert told_of(desk, mine).because == "It rests at 100: somebody has to sell at 100 or less, and it is next."


def test_a_seller_waits_for_buyers() -> None:
    desk = ExplainedDesk()
    mine = desk.accepted(side="SELL", price="100", quantity="1")
    assert "somebody has to buy at 100 or more" in told_of(desk, mine).because
    desk.sequencer.submit(SetSymbolStatus("BTCUSDT", SymbolStatus.HALT), desk.now)
    assert told_of(desk, mine).hints == ("BTCUSDT is in HALT: nothing trades until it is TRADING again.",)


def trade(desk: ExplainedDesk, price: str) -> None:
    desk.accepted(side="SELL", price=price, quantity="0.1", key=BOB_KEY)
    desk.accepted(side="BUY", price=price, quantity="0.1", key=BOB_KEY)


@pytest.mark.parametrize(
    ("terms", "because"),
    [
        (
            {"type": "STOP_LOSS", "side": "SELL", "stopPrice": "90"},
            "It triggers when a trade's price falls to 90; the last one was at 100.",
        ),
        (
            {"type": "STOP_LOSS", "side": "BUY", "stopPrice": "110"},
            "It triggers when a trade's price rises to 110; the last one was at 100.",
        ),
        (
            {"type": "TAKE_PROFIT", "side": "SELL", "stopPrice": "110"},
            "It triggers when a trade's price rises to 110; the last one was at 100.",
        ),
        (
            {"type": "TAKE_PROFIT", "side": "SELL", "stopPrice": "110", "trailingDelta": "100"},
            "It begins to trail when a trade's price rises to 110; the last one was at 100.",
        ),
        (
            {"type": "STOP_LOSS", "side": "SELL", "trailingDelta": "100"},
            "It trails the price: it triggers when a trade's price falls to 99, 100 basis points from 100.",
        ),
        (
            {"type": "STOP_LOSS", "side": "BUY", "trailingDelta": "100"},
            "It trails the price: it triggers when a trade's price rises to 101, 100 basis points from 100.",
        ),
    ],
)
def test_a_waiting_order_tells_what_has_to_happen(terms: dict[str, Any], because: str) -> None:
    desk = ExplainedDesk()
    trade(desk, "100")
    mine = desk.accepted(timeInForce=None, quantity="1", **terms)
    told = told_of(desk, mine)
    assert (told.guard, told.because) == ("WAITS_FOR_TRIGGER", because)


def test_before_any_trade_there_is_nothing_to_trail() -> None:
    desk = ExplainedDesk()
    mine = desk.accepted(type="STOP_LOSS", timeInForce=None, side="SELL", quantity="1", trailingDelta="100")
    assert "there was none yet" in told_of(desk, mine).because


def test_a_pending_order_tells_what_its_list_waits_for() -> None:
    world = World()

    def leg(side: Side, price: str) -> NewOrder:
        return world.order(ALICE, side, "1", price)

    world.apply(NewOrderList(ALICE, "BTCUSDT", ListKind.OTO, (leg(Side.BUY, "10"), leg(Side.SELL, "20")), "list"))
    market = world.exchange.markets["BTCUSDT"]
    pending = next(order for order in market.orders.values() if order.status is OrderStatus.PENDING_NEW)
    told = explain_open(market, pending)
    assert told.guard == "PENDING"
    assert told.numbers["working_left"] == "1"


@pytest.mark.parametrize(
    ("terms", "guard", "numbers", "hint"),
    [
        (
            {"timeInForce": "IOC", "price": "99"},
            "UNFILLED_IOC_QUANTITY",
            {"best_ask": "100", "limit": "99", "available_within_limit": "0", "filled": "0"},
            "A limit of 100 would have met the next order.",
        ),
        (
            {"timeInForce": "IOC", "price": "100"},
            "UNFILLED_IOC_QUANTITY",
            {"filled": "2", "left": "3"},
            "Nobody sells on BTCUSDT now.",
        ),
        ({"timeInForce": "FOK", "price": "100"}, "UNFILLED_FOK_ORDER", {"available_within_limit": "2", "left": "5"}, None),
        ({"type": "MARKET", "timeInForce": None}, "INSUFFICIENT_LIQUIDITY", {"filled": "2"}, "Nobody sells on BTCUSDT now."),
    ],
)
def test_an_order_that_ended_at_once_tells_what_it_met(
    terms: dict[str, Any], guard: str, numbers: dict[str, Any], hint: str | None
) -> None:
    desk = ExplainedDesk()
    desk.accepted(side="SELL", price="100", quantity="2", key=BOB_KEY)
    mine = desk.accepted(quantity="5", **terms)
    record = desk.log.end_of("BTCUSDT", mine)
    assert record is desk.last
    told = desk.explain()
    assert told.guard == guard
    assert told.numbers | numbers == told.numbers
    assert told.hints == (() if hint is None else (hint,))


def last_record(world: World) -> Any:
    reports = [event for applied in world.applied for event in applied.events if isinstance(event, ExecutionReport)]
    return _record_of(reports[-1])


def test_orders_that_ended_later_tell_how() -> None:
    world = World()
    world.apply(world.order(ALICE, Side.BUY, "1", "10", cid="mine"))
    world.apply(CancelOrder(ALICE, "BTCUSDT", -1, "mine"))
    told = explain_ended(last_record(world), None)
    assert (told.guard, told.numbers["left"], told.numbers["ended"]) == ("CANCELED", "1", "2023-11-14T22:13:20.000Z")
    seen = Explanation("SEEN", "It was seen.")
    assert explain_ended(last_record(world), seen) is seen


def test_self_trade_prevention_and_price_ranges_are_named() -> None:
    world = World()
    world.apply(world.order(ALICE, Side.SELL, "1", "10"))
    taker = world.order(ALICE, Side.BUY, "1", "10")
    world.apply(replace(taker, self_trade_mode=SelfTradeMode.EXPIRE_TAKER))
    told = explain_ended(last_record(world), None)
    assert (told.guard, told.numbers["prevented_quantity"]) == ("EXPIRED_IN_MATCH", "1")
    assert "self-trade prevention" in told.because


def test_options_orders_rest_and_end_as_well() -> None:
    desk = EapiDesk()

    def place(account: int, side: Side, quantity: int, tif: TimeInForce = TimeInForce.GTC) -> Any:
        terms = OptionTerms(account, CALL, side, whole(quantity), whole(2000), tif)
        events = desk.submit(PlaceOption(terms)).events
        return [event for event in events if isinstance(event, OptionReport) and event.record.terms.account == account][
            -1
        ].record

    first, mine = place(WRITER, Side.BUY, 1), place(2, Side.BUY, 2)
    market = desk.exchange.options.markets[CALL]
    told = explain_open_option(desk.exchange, market.orders[mine.order_id])
    assert (told.guard, told.numbers["ahead_at_price"], told.numbers["has_to_trade_first"]) == ("RESTING", "1", "1")
    assert told.numbers["expires"].endswith("T08:00:00.000Z")
    assert explain_open_option(desk.exchange, market.orders[first.order_id]).numbers["has_to_trade_first"] == "0"
    ended = place(3, Side.SELL, 9, TimeInForce.IOC)
    told = explain_ended_option(ended)
    assert (told.numbers["filled"], told.numbers["left"], told.numbers["time_in_force"]) == ("3", "6", "IOC")


def test_the_range_that_an_order_may_not_trade_beyond_is_told() -> None:
    symbol = make_symbol(reference=ExternalSpec(), price_range=PriceRange(bid_up=units("1.1"), ask_down=units("0.9")))
    desk = ExplainedDesk(symbol)
    desk.sequencer.submit(SetReferencePrice("BTCUSDT", units("100")), desk.now)
    desk.accepted(side="SELL", price="120", quantity="1", key=BOB_KEY)
    desk.accepted(price="130", quantity="1")
    told = desk.explain()
    assert told.guard == "EXECUTION_RULE_PRICE_RANGE_EXCEEDED"
    assert (told.numbers["reference_price"], told.numbers["may_trade_to"], told.numbers["best_ask"]) == ("100", "110", "120")
