"""Why the spot venue refused a command: each guard with its numbers, and what is proposed instead, which is then sent."""

from typing import Any

import pytest
from msgspec import json

from papernet.core.commands import ConfigureAccount, ConfigureVenue, SetSymbolStatus
from papernet.core.enums import OrderType, SymbolStatus
from papernet.venues.spot.symbols import (
    ArithmeticMeanSpec,
    IcebergParts,
    MarketLotSize,
    MaxNumAlgoOrders,
    MaxNumIcebergOrders,
    MaxNumOrderAmends,
    MaxNumOrderLists,
    MaxNumOrders,
    MaxPosition,
    MinNotional,
    Notional,
    PercentPrice,
    PercentPriceBySide,
    TrailingDelta,
)
from papernet.venues.spot.venue_rules import ExchangeMaxNumOrders, VenueRules
from tests.support.explained import ORDER, ExplainedDesk
from tests.support.rest_desk import BOB_KEY
from tests.support.worlds import lot_size, make_symbol, price_filter, units

PRICE, LOT = price_filter("1", "1000", "0.5"), lot_size("0.1", "50", "0.1")


def desk_of(*filters: Any, traded_at: str = "", **changes: Any) -> ExplainedDesk:
    """Return a desk with one symbol of these filters, on which one trade happened if it says so."""
    desk = ExplainedDesk(make_symbol(*filters, **changes))
    if traded_at:
        desk.accepted(side="SELL", price=traded_at, quantity="3", key=BOB_KEY)
        desk.accepted(price=traded_at, quantity="3")
    return desk


@pytest.mark.parametrize(
    ("filters", "traded_at", "terms", "name", "numbers", "nearest"),
    [
        ((PRICE, LOT), "", {"price": "0.5", "quantity": "1"}, "PRICE_FILTER", {"min_price": "1"}, {"price": "1"}),
        ((PRICE, LOT), "", {"price": "1000.5", "quantity": "1"}, "PRICE_FILTER", {"max_price": "1000"}, {"price": "1000"}),
        ((PRICE, LOT), "", {"price": "9.7", "quantity": "1"}, "PRICE_FILTER", {"tick_size": "0.5"}, {"price": "9.5"}),
        (
            (PRICE, LOT),
            "100",
            {"type": "STOP_LOSS_LIMIT", "price": "120", "stopPrice": "110.3", "quantity": "1"},
            "PRICE_FILTER",
            {"price": "110.3", "tick_size": "0.5"},
            {"price": "120", "stop_price": "110.5"},
        ),
        (
            (PercentPrice(units("1.2"), units("0.8"), 5), LOT),
            "100",
            {"price": "121", "quantity": "1"},
            "PERCENT_PRICE",
            {"lowest": "80", "highest": "120", "measured_by": "100", "measure": "average of 5 minutes"},
            {"price": "120"},
        ),
        (
            (PercentPriceBySide(units("1.1"), units("0.9"), units("2"), units("0.95"), 5), LOT),
            "100",
            {"price": "89", "quantity": "1"},
            "PERCENT_PRICE_BY_SIDE",
            {"lowest": "90", "highest": "110"},
            {"price": "90"},
        ),
        (
            (PercentPriceBySide(units("1.1"), units("0.9"), units("2"), units("0.95"), 5), LOT),
            "100",
            {"side": "SELL", "price": "201", "quantity": "1"},
            "PERCENT_PRICE_BY_SIDE",
            {"lowest": "95", "highest": "200"},
            {"price": "200"},
        ),
        ((PRICE, LOT), "", {"price": "10", "quantity": "0.05"}, "LOT_SIZE", {"min_quantity": "0.1"}, {"quantity": "0.1"}),
        ((PRICE, LOT), "", {"price": "10", "quantity": "51"}, "LOT_SIZE", {"max_quantity": "50"}, {"quantity": "50"}),
        ((PRICE, LOT), "", {"price": "10", "quantity": "1.23"}, "LOT_SIZE", {"step_size": "0.1"}, {"quantity": "1.2"}),
        (
            (LOT, MarketLotSize(units("0.5"), units("5"), units("0.5"))),
            "100",
            {"type": "MARKET", "timeInForce": None, "quantity": "7"},
            "MARKET_LOT_SIZE",
            {"max_quantity": "5"},
            {"quantity": "5"},
        ),
        (
            (LOT, MinNotional(units("25"), apply_to_market=True, avg_price_mins=5)),
            "",
            {"price": "10", "quantity": "2"},
            "MIN_NOTIONAL",
            {"notional": "20", "min_notional": "25"},
            {"quantity": "2.5"},
        ),
        (
            (LOT, MinNotional(units("25"), apply_to_market=True, avg_price_mins=5)),
            "10",
            {"type": "MARKET", "timeInForce": None, "quantity": "2"},
            "MIN_NOTIONAL",
            {"notional": "20", "measured_at": "10"},
            {"quantity": "2.5"},
        ),
        (
            (LOT, Notional(units("5"), True, units("90"), True, 5)),
            "",
            {"price": "10", "quantity": "9.5"},
            "NOTIONAL",
            {"notional": "95", "max_notional": "90"},
            {"quantity": "9"},
        ),
        (
            (LOT, IcebergParts(4)),
            "",
            {"price": "10", "quantity": "9", "icebergQty": "2"},
            "ICEBERG_PARTS",
            {"parts": 5, "limit": 4},
            {"quantity": "8", "iceberg_quantity": "2"},
        ),
        (
            (LOT, MaxPosition(units("1002"))),
            "",
            {"price": "10", "quantity": "3"},
            "MAX_POSITION",
            {"position": "1000", "together": "1003", "max_position": "1002"},
            {"quantity": "2"},
        ),
        (
            (LOT, TrailingDelta(10, 200, 10, 500)),
            "100",
            {"type": "STOP_LOSS", "timeInForce": None, "side": "SELL", "trailingDelta": 501, "quantity": "1"},
            "TRAILING_DELTA",
            {"trailing_delta": 501, "minimum": 10, "maximum": 500},
            {"trailing_delta": "500"},
        ),
    ],
)
def test_a_filter_tells_its_numbers_and_the_nearest_order_that_passes(
    filters: Any, traded_at: str, terms: dict[str, Any], name: str, numbers: dict[str, Any], nearest: dict[str, str]
) -> None:
    desk = desk_of(*filters, traded_at=traded_at)
    if terms.get("type") == "MARKET":
        desk.accepted(side="SELL", price=traded_at, quantity="20", key=BOB_KEY)
    told = desk.refused(**terms)
    assert told.guard == f"FILTER_FAILURE {name}"
    assert told.numbers | numbers == told.numbers
    assert told.because.endswith(".")
    assert told.nearest is not None
    assert told.nearest | nearest == told.nearest
    assert desk.would_take(told.nearest, **terms)


def test_a_reference_price_is_told_as_the_measure() -> None:
    symbol = make_symbol(PercentPrice(units("1.2"), units("0.8"), 5), reference=ArithmeticMeanSpec(5, 60_000_000))
    desk = ExplainedDesk(symbol)
    desk.accepted(side="SELL", price="100", quantity="1", key=BOB_KEY)
    desk.accepted(price="100", quantity="1")
    desk.now += 61_000_000
    told = desk.refused(price="130", quantity="1")
    assert told.numbers["measure"] == "reference price"


@pytest.mark.parametrize(
    ("rule", "first", "again", "numbers"),
    [
        (MaxNumOrders(1), {}, {}, {"open": 1, "limit": 1}),
        (
            MaxNumAlgoOrders(1),
            {"type": "STOP_LOSS_LIMIT", "stopPrice": "200"},
            {"type": "STOP_LOSS_LIMIT", "stopPrice": "200"},
            {"open": 1, "limit": 1},
        ),
        (MaxNumIcebergOrders(1), {"icebergQty": "0.5"}, {"icebergQty": "0.5"}, {"open": 1, "limit": 1}),
    ],
)
def test_counts_tell_how_many_are_open(rule: Any, first: Any, again: Any, numbers: dict[str, int]) -> None:
    desk = desk_of(LOT, rule, traded_at="100")
    desk.accepted(price="90", quantity="1", **first)
    told = desk.refused(price="90", quantity="1", **again)
    assert told.guard == f"FILTER_FAILURE {type(rule).__struct_config__.tag}"
    assert told.numbers == numbers
    assert told.nearest is None
    assert told.hints


def test_lists_are_counted_and_the_order_to_blame_is_found() -> None:
    desk = desk_of(PRICE, LOT, MaxNumOrderLists(1), traded_at="100")
    pair = {
        "symbol": "BTCUSDT",
        "side": "SELL",
        "quantity": "1",
        "aboveType": "LIMIT_MAKER",
        "abovePrice": "120",
        "belowType": "STOP_LOSS",
        "belowStopPrice": "90",
    }
    path = "/api/v3/orderList/oco"
    assert "orderListId" in desk.signed("POST", path, pair)
    assert "code" in desk.signed("POST", path, pair)
    assert desk.explain().guard == "FILTER_FAILURE MAX_NUM_ORDER_LISTS"
    assert desk.explain().numbers == {"open": 1, "limit": 1}
    desk.signed("POST", path, pair | {"belowStopPrice": "90.2"})
    told = desk.explain()
    assert (told.guard, told.numbers["price"]) == ("FILTER_FAILURE PRICE_FILTER", "90.2")


def test_a_filter_of_the_exchange_counts_all_symbols() -> None:
    desk = ExplainedDesk()
    rules = VenueRules(exchange_filters=(ExchangeMaxNumOrders(1),))
    desk.sequencer.submit(ConfigureVenue(rules.to_spec()), desk.now)
    desk.accepted(price="90", quantity="1")
    told = desk.refused(price="90", quantity="1")
    assert told.guard == "FILTER_FAILURE EXCHANGE_MAX_NUM_ORDERS"
    assert told.numbers == {"open": 1, "limit": 1}
    assert "on all symbols" in told.because


@pytest.mark.parametrize(("limits", "nearest"), [((("BTC", units("2")),), "2"), ((("USDT", units("50")),), "5")])
def test_the_limit_of_an_asset(limits: Any, nearest: str) -> None:
    desk = desk_of(PRICE, LOT)
    desk.sequencer.submit(ConfigureAccount(1, asset_limits=limits), desk.now)
    told = desk.refused(price="10", quantity="7")
    assert told.guard == "FILTER_FAILURE MAX_ASSET"
    assert told.nearest == {"price": "10", "quantity": nearest}
    assert desk.would_take(told.nearest)


def test_what_the_balance_lacks() -> None:
    desk = desk_of(PRICE, LOT)
    desk.accepted(price="10", quantity="5")
    desk.alice.balances["USDT"].free = units("25.9")
    told = desk.refused(price="10", quantity="3")
    assert told.guard == "INSUFFICIENT_BALANCE"
    assert told.numbers == {"asset": "USDT", "needed": "30", "free": "25.9", "missing": "4.1", "held": "50"}
    assert told.nearest == {"price": "10", "quantity": "2.5"}
    assert told.hints[0].startswith("`papernet accounts deposit alice USDT 4.1`")
    assert desk.would_take(told.nearest)


def test_a_market_order_is_proposed_as_far_as_the_book_can_be_paid() -> None:
    desk = desk_of(PRICE, LOT)
    for price, quantity in (("10", "1"), ("20", "5")):
        desk.accepted(side="SELL", price=price, quantity=quantity, key=BOB_KEY)
    desk.alice.balances["USDT"].free = units("45")
    told = desk.refused(type="MARKET", timeInForce=None, quantity="4")
    assert (told.guard, told.numbers["needed"]) == ("INSUFFICIENT_BALANCE", "70")
    assert told.nearest == {"quantity": "2.7"}
    assert desk.would_take(told.nearest, type="MARKET", timeInForce=None)


def test_a_seller_lacks_what_it_sells() -> None:
    desk = desk_of(lot_size("0.1", "9000", "0.1"))
    told = desk.refused(side="SELL", price="10", quantity="1000.5")
    assert (told.numbers["asset"], told.numbers["missing"], told.nearest) == ("BTC", "0.5", {"price": "10", "quantity": "1000"})


def test_when_a_filter_can_be_met_and_not_be_paid_it_says_so() -> None:
    desk = desk_of(LOT, MinNotional(units("25"), apply_to_market=True, avg_price_mins=5))
    desk.alice.balances["USDT"].free = units("10")
    told = desk.refused(price="10", quantity="2")
    assert told.nearest == {"price": "10", "quantity": "2.5"}
    assert told.hints == ("The account has too little USDT for it.",)


def test_a_post_only_order_is_proposed_where_it_rests() -> None:
    desk = desk_of(PRICE, LOT)
    desk.accepted(side="SELL", price="100", quantity="1", key=BOB_KEY)
    terms = {"type": "LIMIT_MAKER", "timeInForce": None, "quantity": "1"}
    told = desk.refused(price="101", **terms)
    assert (told.guard, told.numbers) == ("WOULD_TAKE", {"price": "101", "best_ask": "100"})
    assert told.nearest == {"price": "99.5", "quantity": "1"}
    assert desk.would_take(told.nearest, **terms)


def test_a_stop_price_is_proposed_on_the_right_side_of_the_market() -> None:
    desk = desk_of(PRICE, LOT, traded_at="100")
    terms = {"type": "STOP_LOSS", "timeInForce": None, "side": "SELL", "quantity": "1"}
    told = desk.refused(stopPrice="100", **terms)
    assert (told.guard, told.numbers) == ("WOULD_TRIGGER", {"stop_price": "100", "last_price": "100", "must_be": "below"})
    assert told.nearest == {"quantity": "1", "stop_price": "99.5"}
    assert desk.would_take(told.nearest, **terms)


def test_unfilled_orders_of_the_account_tell_their_windows() -> None:
    desk = desk_of(PRICE, LOT)
    for _ in range(50):
        desk.accepted(price="10", quantity="1")
    told = desk.refused(price="10", quantity="1")
    assert told.guard == "TOO_MANY_ORDERS"
    assert told.numbers == {"orders_10s": 50, "orders_1d": 50, "limit": 50, "interval": "10 SECOND"}


@pytest.mark.parametrize(
    ("changes", "terms", "guard", "numbers"),
    [
        (
            {"order_types": (OrderType.LIMIT,)},
            {"type": "MARKET", "timeInForce": None},
            "MARKET_ORDERS_NOT_SUPPORTED",
            {"order_types": ["LIMIT"]},
        ),
        (
            {"permission_sets": (("LEVERAGED",),)},
            {"price": "10"},
            "SYMBOL_NOT_PERMITTED",
            {"has": ["SPOT"], "needs_one_of_each": [["LEVERAGED"]]},
        ),
        ({}, {"price": "0.000001", "quantity": "0.001"}, "ZERO_NOTIONAL", {"price": "0.000001", "quantity": "0.001"}),
        ({}, {"price": "10", "icebergQty": "2"}, "ICEBERG_EXCEEDS_QUANTITY", {"iceberg_quantity": "2", "quantity": "1"}),
        ({}, {"pegPriceType": "PRIMARY_PEG", "price": "10"}, "NO_PRICE_LEVEL_FOR_PEG", {"bid_levels": 0, "ask_levels": 0}),
    ],
)
def test_other_guards_tell_what_they_compared(changes: Any, terms: Any, guard: str, numbers: dict[str, Any]) -> None:
    told = desk_of(**changes).refused(**({"quantity": "1"} | terms))
    assert told.guard == guard
    assert told.numbers | numbers == told.numbers


def test_names_taken_and_markets_closed() -> None:
    desk = desk_of(PRICE, LOT)
    first = desk.accepted(price="10", quantity="1", newClientOrderId="mine")
    told = desk.refused(price="10", quantity="1", newClientOrderId="mine")
    assert (told.guard, told.numbers) == ("DUPLICATE_CLIENT_ORDER_ID", {"client_order_id": "mine", "open_order_id": first})
    desk.sequencer.submit(SetSymbolStatus("BTCUSDT", SymbolStatus.HALT), desk.now)
    told = desk.refused(price="10", quantity="1")
    assert (told.guard, told.numbers) == ("MARKET_CLOSED", {"status": "HALT"})
    desk.sequencer.submit(ConfigureAccount(1, can_trade=False), desk.now)
    assert desk.refused(price="10", quantity="1").guard == "ACCOUNT_MAY_NOT_TRADE"


def test_a_quote_quantity_that_buys_less_than_a_lot() -> None:
    desk = desk_of(PRICE, LOT)
    terms = {"type": "MARKET", "timeInForce": None, "quoteOrderQty": "5"}
    assert desk.refused(**terms).because == "Nobody sells."
    desk.accepted(side="SELL", price="100", quantity="1", key=BOB_KEY)
    told = desk.refused(**terms)
    assert told.guard == "LIQUIDITY_BELOW_LOT_SIZE"
    assert told.numbers == {
        "quote_quantity": "5",
        "best_price": "100",
        "quantity_there": "1",
        "min_quantity": "0.1",
        "step_size": "0.1",
    }


def test_cancels_and_amendments_tell_how_the_order_stands() -> None:
    desk = desk_of(PRICE, LOT, MaxNumOrderAmends(1))
    mine = desk.accepted(price="10", quantity="5")
    theirs = desk.accepted(price="10", quantity="5", key=BOB_KEY)

    def told(method: str, path: str, **params: Any) -> Any:
        assert "code" in desk.signed(method, path, {"symbol": "BTCUSDT"} | params)
        return desk.explain()

    unknown = told("DELETE", ORDER, orderId=99)
    assert (unknown.guard, unknown.numbers) == ("UNKNOWN_ORDER", {"open_on_symbol": 1})
    assert told("DELETE", ORDER, orderId=theirs).because == f"The order {theirs} is another account's."
    restricted = told("DELETE", ORDER, orderId=mine, cancelRestrictions="ONLY_PARTIALLY_FILLED")
    assert (restricted.numbers["status"], restricted.numbers["restriction"]) == ("NEW", "ONLY_PARTIALLY_FILLED")
    amend = "/api/v3/order/amend/keepPriority"
    assert told("PUT", amend, orderId=mine, newQty="6").guard == "AMEND_INCREASES"
    assert told("PUT", amend, orderId=mine, newQty="4.05").nearest is not None
    assert "orderId" not in desk.signed("PUT", amend, {"symbol": "BTCUSDT", "orderId": mine, "newQty": "4"})
    assert told("PUT", amend, orderId=mine, newQty="3").numbers["limit"] == 1


def test_both_halves_of_a_replacement_are_explained() -> None:
    desk = desk_of(PRICE, LOT)
    desk.alice.balances["USDT"].free = units("5")
    terms = {
        "symbol": "BTCUSDT",
        "side": "BUY",
        "type": "LIMIT",
        "timeInForce": "GTC",
        "quantity": "1",
        "price": "10",
        "cancelOrderId": 99,
        "cancelReplaceMode": "ALLOW_FAILURE",
    }
    assert json.decode(desk.sign("POST", "/api/v3/order/cancelReplace", terms).body)["code"] == -2022
    told = desk.explain()
    assert told.guard == "SEVERAL"
    assert [part.guard for part in told.parts] == ["UNKNOWN_ORDER", "INSUFFICIENT_BALANCE"]


def test_a_test_order_is_explained_as_an_order_would_be() -> None:
    desk = desk_of(PRICE, LOT)
    terms = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "1", "price": "10.2"}
    desk.signed("POST", ORDER + "/test", terms)
    assert (desk.explain().guard, desk.explain().nearest) == ("FILTER_FAILURE PRICE_FILTER", {"price": "10", "quantity": "1"})


def test_pairs_on_the_wrong_sides_and_pairs_that_cannot_be_paid() -> None:
    desk = desk_of(PRICE, LOT, traded_at="100")
    pair = {
        "symbol": "BTCUSDT",
        "side": "SELL",
        "quantity": "1",
        "aboveType": "LIMIT_MAKER",
        "abovePrice": "90",
        "belowType": "STOP_LOSS",
        "belowStopPrice": "80",
    }
    path = "/api/v3/orderList/oco"
    desk.signed("POST", path, pair)
    told = desk.explain()
    assert (told.guard, told.numbers["last_price"]) == ("BAD_PRICE_RELATION", "100")
    assert told.numbers["order_2"] == {"type": "LIMIT_MAKER", "side": "SELL", "price": "90"}
    desk.alice.balances["BTC"].free = units("0.5")
    desk.signed("POST", path, pair | {"abovePrice": "120"})
    told = desk.explain()
    assert (told.guard, told.numbers["missing"]) == ("INSUFFICIENT_BALANCE", "0.5")


def test_a_quote_quantity_is_proposed_within_the_notional_and_the_balance() -> None:
    desk = desk_of(LOT, Notional(units("15"), True, units("90"), True, 5))
    for _ in range(3):
        desk.accepted(side="SELL", price="10", quantity="9", key=BOB_KEY)
    terms = {"type": "MARKET", "timeInForce": None}
    for sent, expected in (("3", "15"), ("95", "90")):
        told = desk.refused(quoteOrderQty=sent, **terms)
        assert (told.guard, told.numbers["notional"], told.nearest) == (
            "FILTER_FAILURE NOTIONAL",
            sent,
            {"quote_quantity": expected},
        )
        assert told.nearest is not None
        assert desk.would_take(told.nearest, **terms)
    desk.alice.balances["USDT"].free = units("40")
    told = desk.refused(quoteOrderQty="50", **terms)
    assert (told.guard, told.nearest) == ("INSUFFICIENT_BALANCE", {"quote_quantity": "40"})
