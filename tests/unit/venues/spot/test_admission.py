"""Whether an order is let in at all; the order of the guards is walked in the exchange's tests."""

from typing import Any

import pytest
from msgspec.structs import replace

from papernet.core.commands import ConfigureAccount, ConfigureVenue, NewOrder
from papernet.core.enums import OrderType, SelfTradeMode, Side, SymbolStatus
from papernet.core.rejects import Reason, Reject
from papernet.exchange.checkpoint import encode
from papernet.venues.spot.admission import adds_of
from papernet.venues.spot.filters import Adds
from papernet.venues.spot.symbols import MaxNumAlgoOrders, MaxNumIcebergOrders, MaxNumOrderLists, MaxNumOrders, MaxPosition
from papernet.venues.spot.venue_rules import (
    ExchangeMaxNumAlgoOrders,
    ExchangeMaxNumIcebergOrders,
    ExchangeMaxNumOrderLists,
    ExchangeMaxNumOrders,
    VenueRules,
)
from tests.support.orders import order, place, place_list
from tests.support.worlds import ALICE, CROWD, World, make_symbol, price_filter, reason, refusal, units


def test_what_a_request_adds() -> None:
    world = World()
    rows = ["alice buy 1 @ 9 ice 0.5", "alice sell 1 STOP 8", "alice sell 1 @ 12 TAKE 12 ice 0.1", "alice sell 1"]
    assert adds_of(tuple(order(world, row) for row in rows), 1) == Adds(4, 2, 2, 1)


COUNTS = [
    (MaxNumOrders(2), ExchangeMaxNumOrders(2), "alice buy 1 @ 9"),
    (MaxNumAlgoOrders(2), ExchangeMaxNumAlgoOrders(2), "alice sell 1 STOP 8"),
    (MaxNumIcebergOrders(2), ExchangeMaxNumIcebergOrders(2), "alice buy 1 @ 9 ice 0.5"),
]


@pytest.mark.parametrize(("of_symbol", "of_venue", "row"), COUNTS)
def test_counts_are_limited_on_a_symbol_and_on_all(of_symbol: Any, of_venue: Any, row: str) -> None:
    for where in ("symbol", "venue"):
        world = World(make_symbol(*([of_symbol] if where == "symbol" else [])), make_symbol(name="OTHER"))
        if where == "venue":
            world.apply(ConfigureVenue(VenueRules((of_venue,)).to_spec()))
        place(world, row)
        place(world, f"{row} on OTHER")
        told = refusal(place(world, row))
        name = type(of_symbol if where == "symbol" else of_venue).__struct_config__.tag
        if where == "venue":
            assert told == Reject(Reason.FILTER_FAILURE, (name,))
        else:
            assert told is None
            assert refusal(place(world, row)) == Reject(Reason.FILTER_FAILURE, (name,))
        # other kinds of orders, and other accounts, are none of its business
        other = "alice buy 1 @ 8 IOC"
        assert reason(place(world, other)) is (Reason.FILTER_FAILURE if "NUM_ORDERS" in name else None)
        assert reason(place(world, row.replace("alice", "bob"))) is None


@pytest.mark.parametrize("where", ["symbol", "venue"])
def test_the_orders_of_a_list_are_counted_together(where: str) -> None:
    rows = ("alice buy 1 @ 9", "alice sell 1 STOP 8", "alice sell 1 @ 12 MAKER")
    for limits, name in (
        ((MaxNumOrders(2), ExchangeMaxNumOrders(2)), "MAX_NUM_ORDERS"),
        ((MaxNumAlgoOrders(0), ExchangeMaxNumAlgoOrders(0)), "MAX_NUM_ALGO_ORDERS"),
        ((MaxNumOrderLists(0), ExchangeMaxNumOrderLists(0)), "MAX_NUM_ORDER_LISTS"),
    ):
        world = World(make_symbol(*([limits[0]] if where == "symbol" else [])))
        if where == "venue":
            world.apply(ConfigureVenue(VenueRules((limits[1],)).to_spec()))
        told = refusal(place_list(world, "OTOCO", *rows))
        assert told == Reject(Reason.FILTER_FAILURE, (("EXCHANGE_" if where == "venue" else "") + name,))
        assert refusal(place_list(world, "OTOCO", *(row.replace("alice", "crowd") for row in rows))) is None


def test_the_crowd_is_held_to_no_counts() -> None:
    world = World(make_symbol(MaxNumOrders(1), MaxPosition(1)))
    world.apply(ConfigureVenue(VenueRules((ExchangeMaxNumOrders(1),)).to_spec()))
    for _ in range(3):
        assert reason(world.buy(CROWD, "1", "10")) is None


def test_asset_limits_hold_for_the_account_that_has_them() -> None:
    """filters.md, MAX_ASSET."""
    world = World()
    world.apply(ConfigureAccount(ALICE, asset_limits=(("USDT", units("100")), ("BTC", units("20")))))
    max_asset = Reject(Reason.FILTER_FAILURE, ("MAX_ASSET",))
    assert refusal(place(world, "alice buy 10 @ 10")) is None
    assert refusal(place(world, "alice buy 10.1 @ 10")) == max_asset
    assert refusal(place(world, "alice sell 20 @ 1")) is None
    assert refusal(place(world, "alice sell 20.1 @ 1")) == max_asset
    assert refusal(place(world, "bob buy 100 @ 10")) is None
    world.apply(ConfigureAccount(ALICE))
    assert refusal(place(world, "alice buy 10.1 @ 10")) is None


@pytest.mark.parametrize("status", SymbolStatus)
def test_orders_are_taken_while_the_market_trades(status: SymbolStatus) -> None:
    world = World(make_symbol(status=status))
    is_open = status is SymbolStatus.TRADING
    assert reason(place(world, "alice buy 1 @ 10")) is (None if is_open else Reason.MARKET_CLOSED)
    assert reason(place_list(world, "OTO", "alice buy 1 @ 10", "alice buy 1 @ 9")) is (
        None if is_open else Reason.MARKET_CLOSED
    )


def test_an_order_without_a_mode_gets_the_symbols() -> None:
    """faqs/stp_faq, How do I know which symbol uses STP."""
    modes = (SelfTradeMode.NONE, SelfTradeMode.EXPIRE_TAKER)
    world = World(make_symbol(self_trade_modes=modes, default_self_trade_mode=SelfTradeMode.EXPIRE_TAKER))
    terms = order(world, "alice buy 1 @ 10 as A")
    assert terms.self_trade_mode is None
    world.apply(terms)
    assert world.exchange.markets["BTCUSDT"].orders[1].terms.self_trade_mode is SelfTradeMode.EXPIRE_TAKER
    for mode in SelfTradeMode:
        told = reason(place(world, f"alice buy 1 @ 10 stp {mode.name}"))
        assert told is (None if mode in modes else Reason.SELF_TRADE_MODE_NOT_ALLOWED)


def test_a_test_order_is_checked_for_the_rules_and_changes_nothing() -> None:
    """rest-api.md, Test new order: it is validated, and not sent to the matching engine."""
    world = World(make_symbol(price_filter("1", "100", "1"), MaxNumOrders(1)))
    place(world, "bob sell 1 @ 10")
    before = encode(world.exchange)

    def tested(row: str) -> Reject | None:
        return world.exchange.check_order(order(world, row), world.now)

    assert tested("alice buy 1 @ 10.5") == Reject(Reason.FILTER_FAILURE, ("PRICE_FILTER",))
    assert tested("bob buy 1 @ 10") == Reject(Reason.FILTER_FAILURE, ("MAX_NUM_ORDERS",))
    assert tested("alice buy 1 peg PRIMARY") == Reject(Reason.NO_PRICE_LEVEL_FOR_PEG)
    # what it would meet in the book, or have to hold, is not looked at
    assert tested("alice buy 99999 @ 50") is None
    assert tested("alice buy 1 @ 10 MAKER") is None
    assert encode(world.exchange) == before
    far = replace(order(world, "alice buy 1 @ 10"), symbol="NOSUCH")
    assert world.exchange.check_order(far, world.now) == Reject(Reason.UNKNOWN_SYMBOL)


@pytest.mark.parametrize("kind", OrderType)
def test_a_symbol_takes_the_types_that_it_lists(kind: OrderType) -> None:
    world = World(make_symbol(order_types=(kind,)))
    for other in OrderType:
        terms = NewOrder(
            ALICE,
            "BTCUSDT",
            Side.BUY,
            other,
            order(world, "alice buy 1").time_in_force,
            units("1"),
            units("10") if other not in (OrderType.MARKET, OrderType.STOP_LOSS, OrderType.TAKE_PROFIT) else 0,
            stop_price=units("10") if "_LOSS" in other.name or "_PROFIT" in other.name else 0,
        )
        told = reason(world.apply(terms))
        assert (told is None) is (other is kind), told
        assert told is None or told.name.endswith("NOT_SUPPORTED")


def test_icebergs_are_no_larger_than_their_orders() -> None:
    world = World()
    for shown, expected in (("2", None), ("2.1", Reason.ICEBERG_EXCEEDS_QUANTITY), ("0.1", None)):
        assert reason(place(world, f"alice buy 2 @ 10 ice {shown}")) is expected


def test_exchange_filters_of_icebergs_count_over_all_symbols() -> None:
    world = World(make_symbol(), make_symbol(name="OTHER"))
    world.apply(ConfigureVenue(VenueRules((ExchangeMaxNumIcebergOrders(1), ExchangeMaxNumOrderLists(1))).to_spec()))
    place(world, "alice buy 2 @ 10 ice 1")
    place_list(world, "OTO", "alice buy 1 @ 10", "alice buy 1 @ 9")
    assert refusal(place(world, "alice buy 2 @ 10 ice 1 on OTHER")) == Reject(
        Reason.FILTER_FAILURE, ("EXCHANGE_MAX_NUM_ICEBERG_ORDERS",)
    )
    assert refusal(place_list(world, "OTO", "alice buy 1 @ 10 on OTHER", "alice buy 1 @ 9 on OTHER")) == Reject(
        Reason.FILTER_FAILURE, ("EXCHANGE_MAX_NUM_ORDER_LISTS",)
    )


@pytest.mark.parametrize(("price", "fits"), [("0.5", True), ("0.49999999", False)])
def test_an_order_is_worth_a_unit_at_least(price: str, fits: bool) -> None:
    """A notional that is rounded down to nothing could be had for nothing."""
    world = World(make_symbol())
    place(world, f"bob buy 1 @ {price}")
    for row in (f"alice buy 0.00000002 @ {price}", "alice buy 0.00000002 peg PRIMARY"):
        assert reason(place(world, row)) is (None if fits else Reason.ZERO_NOTIONAL), row
