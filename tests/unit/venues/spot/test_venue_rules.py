"""The venue's rules as data, and the exchange filters: counts over all symbols."""

from typing import Any

import pytest
from msgspec import ValidationError, msgpack
from msgspec.structs import replace

from papernet.core.account import Account
from papernet.core.commands import ConfigureVenue, Entry, NewOrder
from papernet.core.enums import AccountKind, ListKind, OrderType, Side, TimeInForce
from papernet.core.order import CONTINGENT, Order
from papernet.core.order_list import OrderList
from papernet.venues.spot.filters import Adds
from papernet.venues.spot.venue_rules import (
    EXCHANGE_FILTER_ORDER,
    ExchangeFilter,
    ExchangeMaxNumAlgoOrders,
    ExchangeMaxNumIcebergOrders,
    ExchangeMaxNumOrderLists,
    ExchangeMaxNumOrders,
    Sor,
    VenueRules,
    exchange_counts,
)
from tests.support.worlds import START

ALL_FILTERS: tuple[ExchangeFilter, ...] = (
    ExchangeMaxNumOrders(1000),
    ExchangeMaxNumAlgoOrders(200),
    ExchangeMaxNumIcebergOrders(10_000),
    ExchangeMaxNumOrderLists(20),
)
RICH = VenueRules(ALL_FILTERS, (Sor("BTC", ("BTCUSDT", "BTCUSDC")), Sor("ETH", ("ETHUSDT", "ETHUSDC"))), "USDC", 90_000_000)


@pytest.mark.parametrize("rules", [VenueRules(), RICH])
def test_a_spec_gives_the_rules_again_even_out_of_a_journal(rules: VenueRules) -> None:
    assert VenueRules.from_spec(rules.to_spec()) == rules
    journaled = msgpack.decode(msgpack.encode(Entry(1, 2, ConfigureVenue(rules.to_spec()))), type=Entry).command
    assert isinstance(journaled, ConfigureVenue)
    assert VenueRules.from_spec(journaled.rules) == rules


def test_what_holds_unless_said_otherwise() -> None:
    assert VenueRules.from_spec({}) == VenueRules()
    assert VenueRules() == VenueRules((), (), "BNB", 75_000_000)
    assert exchange_counts(VenueRules()) == ()


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"exchange_filters": [{"type": "MAX_NUM_ORDERS", "max_num_orders": 1}]}, "Invalid value"),
        ({"exchange_filters": [{"type": "EXCHANGE_MAX_NUM_ORDERS"}]}, "missing"),
        ({"exchange_filters": [{"type": "EXCHANGE_MAX_NUM_ORDERS", "max_num_orders": -1}]}, "negative"),
        ({"exchange_filters": [{"type": "EXCHANGE_MAX_NUM_ORDERS", "max_num_orders": n} for n in (1, 2)]}, "one of a kind"),
        ({"sors": [{"base_asset": "BTC", "symbols": ["BTCUSDT"]}]}, "two symbols"),
        ({"sors": [{"base_asset": "BTC", "symbols": ["A", "A"]}]}, "once only"),
        ({"sors": [{"base_asset": "BTC", "symbols": ["A", "B"]}, {"base_asset": "BTC", "symbols": ["C", "B"]}]}, "once only"),
        ({"discount_rate": -1}, "discount_rate"),
        ({"discount_rate": 100_000_001}, "discount_rate"),
        ({"discount_asset": 5}, "discount_asset"),
    ],
)
def test_a_spec_that_is_none_is_told_so(change: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        VenueRules.from_spec(VenueRules().to_spec() | change)


def test_filters_stand_in_the_documented_order() -> None:
    assert tuple(type(rule) for rule in ALL_FILTERS) == EXCHANGE_FILTER_ORDER
    rules = VenueRules.from_spec(replace(RICH, exchange_filters=ALL_FILTERS[::-1]).to_spec())
    assert rules.exchange_filters == ALL_FILTERS
    assert [name for name, _ in exchange_counts(rules)] == [
        "EXCHANGE_MAX_NUM_ORDERS",
        "EXCHANGE_MAX_NUM_ALGO_ORDERS",
        "EXCHANGE_MAX_NUM_ICEBERG_ORDERS",
        "EXCHANGE_MAX_NUM_ORDER_LISTS",
    ]


class Stage:
    """A user with open orders of several symbols."""

    def __init__(self, *filters: ExchangeFilter) -> None:
        self.counts = exchange_counts(VenueRules(filters))
        self.alice = Account(1, "alice", 1_001, AccountKind.USER, START)

    def open(self, symbol: str, kind: OrderType = OrderType.LIMIT, iceberg: int = 0) -> None:
        terms = NewOrder(1, symbol, Side.BUY, kind, TimeInForce.GTC, 5, 5, iceberg_quantity=iceberg)
        number = len(self.alice.open_orders)
        self.alice.open_orders[symbol, number] = Order(terms, number, START)

    def open_list(self, symbol: str) -> None:
        number = len(self.alice.open_lists)
        self.alice.open_lists[number] = OrderList(number, 1, symbol, ListKind.OCO, "list", START)

    def verdict(self, *adds: int) -> str:
        return next((name for name, passes in self.counts if not passes(self.alice, "BTCUSDT", Adds(*adds))), "ok")


def test_open_orders_of_all_symbols_count() -> None:
    stage = Stage(ExchangeMaxNumOrders(3))
    stage.open("BTCUSDT")
    stage.open("ETHUSDT", OrderType.STOP_LOSS)
    assert stage.verdict(1, 0, 0, 0) == "ok"
    assert stage.verdict(2, 0, 0, 1) == "EXCHANGE_MAX_NUM_ORDERS"
    stage.open("BNBUSDT")
    assert stage.verdict(1, 0, 0, 0) == "EXCHANGE_MAX_NUM_ORDERS"
    assert stage.verdict(0, 0, 0, 0) == "ok"


@pytest.mark.parametrize("kind", CONTINGENT)
def test_open_stop_orders_of_all_symbols_count(kind: OrderType) -> None:
    stage = Stage(ExchangeMaxNumAlgoOrders(2))
    stage.open("BTCUSDT")
    stage.open("ETHUSDT", kind)
    assert stage.verdict(1, 1, 0, 0) == "ok"
    assert stage.verdict(2, 2, 0, 1) == "EXCHANGE_MAX_NUM_ALGO_ORDERS"
    stage.open("BNBUSDT", kind)
    assert stage.verdict(1, 1, 0, 0) == "EXCHANGE_MAX_NUM_ALGO_ORDERS"
    assert stage.verdict(1, 0, 0, 0) == "ok"


def test_open_icebergs_of_all_symbols_count() -> None:
    stage = Stage(ExchangeMaxNumIcebergOrders(2))
    stage.open("BTCUSDT")
    stage.open("ETHUSDT", iceberg=1)
    assert stage.verdict(1, 0, 1, 0) == "ok"
    assert stage.verdict(2, 0, 2, 1) == "EXCHANGE_MAX_NUM_ICEBERG_ORDERS"
    stage.open("BNBUSDT", iceberg=1)
    assert stage.verdict(1, 0, 1, 0) == "EXCHANGE_MAX_NUM_ICEBERG_ORDERS"
    assert stage.verdict(1, 0, 0, 0) == "ok"


def test_open_order_lists_of_all_symbols_count() -> None:
    stage = Stage(ExchangeMaxNumOrderLists(2))
    stage.open_list("ETHUSDT")
    assert stage.verdict(3, 2, 0, 1) == "ok"
    stage.open_list("BTCUSDT")
    assert stage.verdict(3, 2, 0, 1) == "EXCHANGE_MAX_NUM_ORDER_LISTS"
    assert stage.verdict(3, 2, 0, 0) == "ok"


def test_the_first_filter_that_fails_in_the_documented_order_is_the_answer() -> None:
    stage = Stage(*(type(rule)(0) for rule in ALL_FILTERS))
    assert stage.verdict(1, 1, 1, 1) == "EXCHANGE_MAX_NUM_ORDERS"
    assert stage.verdict(0, 1, 1, 1) == "EXCHANGE_MAX_NUM_ALGO_ORDERS"
    assert stage.verdict(0, 0, 1, 1) == "EXCHANGE_MAX_NUM_ICEBERG_ORDERS"
    assert stage.verdict(0, 0, 0, 1) == "EXCHANGE_MAX_NUM_ORDER_LISTS"
