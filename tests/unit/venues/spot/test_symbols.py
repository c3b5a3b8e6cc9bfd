"""Symbols as data: into a command's spec and back, through a journal's bytes too."""

from typing import Any

import pytest
from msgspec import ValidationError, msgpack

from papernet.core.commands import Entry, ListSymbol
from papernet.core.enums import OrderType, SelfTradeMode, SymbolStatus
from papernet.venues.spot.symbols import (
    FILTER_ORDER,
    ArithmeticMeanSpec,
    ExternalSpec,
    Filter,
    IcebergParts,
    MarketLotSize,
    MaxNumAlgoOrders,
    MaxNumIcebergOrders,
    MaxNumOrderAmends,
    MaxNumOrderLists,
    MaxNumOrders,
    MaxPosition,
    PriceRange,
    Symbol,
    TrailingDelta,
)
from tests.support.worlds import coarse_symbol, crowded_symbol, fine_symbol, lot_size, make_symbol, price_filter, units

RICH = make_symbol(
    price_filter("1", "2", "3"),
    IcebergParts(10),
    MarketLotSize(1, 2, 3),
    MaxNumAlgoOrders(5),
    MaxNumIcebergOrders(6),
    MaxPosition(7),
    TrailingDelta(10, 2000, 11, 2001),
    MaxNumOrderAmends(8),
    MaxNumOrderLists(9),
    name="ÄÖÜ",
    status=SymbolStatus.HALT,
    order_types=(OrderType.MARKET,),
    quote_quantity_allowed=False,
    permission_sets=(("SPOT", "MARGIN"), ("TRD_GRP_004",)),
    initial_price=5,
    base_precision=4,
    quote_precision=5,
    self_trade_modes=(SelfTradeMode.EXPIRE_MAKER, SelfTradeMode.TRANSFER),
    default_self_trade_mode=SelfTradeMode.EXPIRE_MAKER,
    iceberg_allowed=False,
    oco_allowed=False,
    oto_allowed=False,
    opo_allowed=False,
    trailing_allowed=False,
    cancel_replace_allowed=False,
    amend_allowed=False,
    peg_allowed=False,
    discount_allowed=False,
    reference=ArithmeticMeanSpec(10, 1_000_000),
    price_range=PriceRange(units("2"), None, units("1.5"), units("0.5")),
)
OUTSIDE = make_symbol(reference=ExternalSpec(3), price_range=PriceRange())


@pytest.mark.parametrize("symbol", [coarse_symbol(), crowded_symbol(), fine_symbol(), RICH, OUTSIDE])
def test_a_spec_gives_the_symbol_again_even_out_of_a_journal(symbol: Symbol) -> None:
    assert Symbol.from_spec(symbol.to_spec()) == symbol
    journaled = msgpack.decode(msgpack.encode(Entry(1, 2, ListSymbol(symbol.to_spec()))), type=Entry).command
    assert isinstance(journaled, ListSymbol)
    assert Symbol.from_spec(journaled.spec) == symbol


def test_filters_stand_in_the_documented_order() -> None:
    listed: tuple[Filter, ...] = (MaxNumOrders(1), MarketLotSize(0, 0, 0), lot_size(), price_filter())
    symbol = Symbol.from_spec(make_symbol(*listed).to_spec())
    assert [type(rule) for rule in symbol.filters] == sorted((type(rule) for rule in listed), key=FILTER_ORDER.index)
    assert symbol.filters == listed[::-1]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", 5),
        ("filters", "none"),
        ("filters", [{"type": "NO_SUCH_FILTER"}]),
        ("filters", [{"type": "PRICE_FILTER", "min_price": 1.5, "max_price": 1, "tick_size": 1}]),
        ("filters", [{"type": "PRICE_FILTER", "min_price": 1}]),
        ("status", 99),
        ("order_types", [77]),
        ("base_precision", "8"),
        ("initial_price", None),
        ("iceberg_allowed", 1),
        ("reference", {"bucket_count": 1, "bucket_width": 1000}),
        ("reference", {"type": "EXTERNAL", "calculation_id": "0"}),
        ("price_range", {"bid_up": 1.5}),
    ],
)
def test_a_spec_that_is_none_is_told_so(field: str, value: object) -> None:
    with pytest.raises(ValidationError):
        Symbol.from_spec(coarse_symbol().to_spec() | {field: value})


def test_a_spec_needs_its_mandatory_fields() -> None:
    for field in ("name", "base_asset", "quote_asset", "filters"):
        spec = coarse_symbol().to_spec()
        del spec[field]
        with pytest.raises(ValidationError):
            Symbol.from_spec(spec)


def test_what_a_symbol_offers_unless_said_otherwise() -> None:
    symbol = make_symbol()
    assert symbol.status is SymbolStatus.TRADING
    # in the order of exchange information
    assert [kind.name for kind in symbol.order_types] == [
        "LIMIT",
        "LIMIT_MAKER",
        "MARKET",
        "STOP_LOSS",
        "STOP_LOSS_LIMIT",
        "TAKE_PROFIT",
        "TAKE_PROFIT_LIMIT",
    ]
    assert symbol.self_trade_modes == tuple(SelfTradeMode)
    assert symbol.default_self_trade_mode is SelfTradeMode.NONE
    flags = [field for field in Symbol.__struct_fields__ if field.endswith("_allowed")]
    assert len(flags) == 10
    assert all(getattr(symbol, flag) is True for flag in flags)
    assert (symbol.reference, symbol.price_range) == (None, None)


def test_a_spec_of_before_there_was_more_to_say_still_holds() -> None:
    old = {
        "name": "BTCUSDT",
        "base_asset": "BTC",
        "quote_asset": "USDT",
        "filters": [{"type": "MAX_NUM_ORDERS", "max_num_orders": 200}],
        "status": 1,
        "base_precision": 8,
        "quote_precision": 8,
        "order_types": [1, 3, 2],
        "quote_quantity_allowed": True,
        "permission_sets": [["SPOT"]],
        "self_trade_modes": [0],
        "default_self_trade_mode": 0,
        "initial_price": 5,
    }
    symbol = Symbol.from_spec(old)
    assert symbol.order_types == (OrderType.LIMIT, OrderType.LIMIT_MAKER, OrderType.MARKET)
    assert symbol.self_trade_modes == (SelfTradeMode.NONE,)
    assert symbol.filters == (MaxNumOrders(200),)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"filters": [{"type": "MAX_NUM_ORDERS", "max_num_orders": count} for count in (1, 2)]}, "one of a kind"),
        ({"filters": [{"type": "MAX_NUM_ORDERS", "max_num_orders": -1}]}, "negative"),
        ({"filters": [{"type": "MAX_POSITION", "max_position": -1}]}, "negative"),
        ({"initial_price": -1}, "negative"),
        ({"self_trade_modes": [1, 2]}, "default_self_trade_mode"),
        ({"self_trade_modes": []}, "default_self_trade_mode"),
        ({"reference": {"type": "ARITHMETIC_MEAN", "bucket_count": 0, "bucket_width": 1000}}, "reference"),
        ({"reference": {"type": "ARITHMETIC_MEAN", "bucket_count": 1, "bucket_width": 0}}, "reference"),
        ({"reference": {"type": "ARITHMETIC_MEAN", "bucket_count": 1, "bucket_width": 1500}}, "reference"),
        ({"reference": {"type": "EXTERNAL", "calculation_id": -1}}, "reference"),
        ({"price_range": {"bid_up": 99_999_999}}, "price_range"),
        ({"price_range": {"ask_up": 0}}, "price_range"),
        ({"price_range": {"ask_down": 0}}, "price_range"),
        ({"price_range": {"bid_down": 100_000_001}}, "price_range"),
    ],
)
def test_a_symbol_promises_only_what_makes_sense(change: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        Symbol.from_spec(Symbol("X", "A", "B", ()).to_spec() | change)
