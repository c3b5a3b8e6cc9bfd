"""Symbols as data: into a command's spec and back, through a journal's bytes too."""

from typing import Any

import pytest
from msgspec import ValidationError, msgpack

from papernet.core.commands import Entry, ListSymbol
from papernet.core.enums import OrderType, SelfTradeMode, SymbolStatus
from papernet.venues.spot.symbols import FILTER_ORDER, Filter, MarketLotSize, MaxNumOrders, Symbol
from tests.support.worlds import coarse_symbol, crowded_symbol, fine_symbol, lot_size, make_symbol, price_filter

RICH = make_symbol(
    price_filter("1", "2", "3"),
    MarketLotSize(1, 2, 3),
    name="ÄÖÜ",
    status=SymbolStatus.HALT,
    order_types=(OrderType.MARKET,),
    quote_quantity_allowed=False,
    permission_sets=(("SPOT", "MARGIN"), ("TRD_GRP_004",)),
    initial_price=5,
    base_precision=4,
    quote_precision=5,
)


@pytest.mark.parametrize("symbol", [coarse_symbol(), crowded_symbol(), fine_symbol(), RICH])
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
    assert symbol.order_types == (OrderType.LIMIT, OrderType.LIMIT_MAKER, OrderType.MARKET)
    assert symbol.self_trade_modes == (SelfTradeMode.NONE,)
    assert symbol.quote_quantity_allowed


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"order_types": [OrderType.LIMIT, OrderType.STOP_LOSS]}, "order_types"),
        ({"self_trade_modes": [SelfTradeMode.NONE, SelfTradeMode.EXPIRE_MAKER]}, "self_trade_modes"),
        ({"filters": [{"type": "MAX_NUM_ORDERS", "max_num_orders": count} for count in (1, 2)]}, "one of a kind"),
        ({"filters": [{"type": "MAX_NUM_ORDERS", "max_num_orders": -1}]}, "negative"),
        ({"initial_price": -1}, "negative"),
    ],
)
def test_a_symbol_promises_only_what_the_venue_keeps(change: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        Symbol.from_spec(Symbol("X", "A", "B", ()).to_spec() | change)
