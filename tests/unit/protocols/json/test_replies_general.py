"""The replies about the rules of trading, from values made by hand: every filter's shape, flags, routing, reference prices."""

import json
from typing import Any

import pytest

from papernet.app.operations import TimeUnit
from papernet.app.queries.values import (
    ExchangeInformation,
    ExecutionRules,
    Listing,
    ReferenceCalculation,
    ReferencePrice,
    RelevantFilters,
)
from papernet.core.enums import OrderType, SelfTradeMode, SymbolStatus
from papernet.protocols.json.replies import RENDERERS
from papernet.venues.spot.symbols import (
    FILTER_ORDER,
    ArithmeticMeanSpec,
    ExternalSpec,
    Filter,
    IcebergParts,
    LotSize,
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
    PriceFilter,
    PriceRange,
    Symbol,
    TrailingDelta,
)
from papernet.venues.spot.venue_rules import (
    EXCHANGE_FILTER_ORDER,
    ExchangeFilter,
    ExchangeMaxNumAlgoOrders,
    ExchangeMaxNumIcebergOrders,
    ExchangeMaxNumOrderLists,
    ExchangeMaxNumOrders,
    Sor,
    VenueRules,
)
from tests.support.worlds import make_symbol, units

MS, US = TimeUnit.MILLISECOND, TimeUnit.MICROSECOND
AT = 1_700_000_000_123_456

# filters.md: the numbers of its formats
FILTERS: tuple[Filter, ...] = (
    PriceFilter(units("0.000001"), units("100000"), units("0.000001")),
    PercentPrice(units("1.3"), units("0.7"), 5),
    PercentPriceBySide(units("1.2"), units("0.2"), units("5"), units("0.8"), 1),
    LotSize(units("0.001"), units("100000"), units("0.001")),
    MinNotional(units("0.001"), True, 5),
    Notional(units("10"), False, units("10000"), True, 5),
    IcebergParts(10),
    MarketLotSize(0, units("100"), 0),
    MaxNumOrders(25),
    MaxNumAlgoOrders(5),
    MaxNumIcebergOrders(6),
    MaxPosition(units("10")),
    TrailingDelta(10, 2000, 11, 2001),
    MaxNumOrderAmends(12),
    MaxNumOrderLists(20),
)
FILTER_ROWS = [
    {"filterType": "PRICE_FILTER", "minPrice": "0.00000100", "maxPrice": "100000.00000000", "tickSize": "0.00000100"},
    {"filterType": "PERCENT_PRICE", "multiplierUp": "1.3", "multiplierDown": "0.7", "avgPriceMins": 5},
    {
        "filterType": "PERCENT_PRICE_BY_SIDE",
        "bidMultiplierUp": "1.2",
        "bidMultiplierDown": "0.2",
        "askMultiplierUp": "5",
        "askMultiplierDown": "0.8",
        "avgPriceMins": 1,
    },
    {"filterType": "LOT_SIZE", "minQty": "0.00100000", "maxQty": "100000.00000000", "stepSize": "0.00100000"},
    {"filterType": "MIN_NOTIONAL", "minNotional": "0.00100000", "applyToMarket": True, "avgPriceMins": 5},
    {
        "filterType": "NOTIONAL",
        "minNotional": "10.00000000",
        "applyMinToMarket": False,
        "maxNotional": "10000.00000000",
        "applyMaxToMarket": True,
        "avgPriceMins": 5,
    },
    {"filterType": "ICEBERG_PARTS", "limit": 10},
    {"filterType": "MARKET_LOT_SIZE", "minQty": "0.00000000", "maxQty": "100.00000000", "stepSize": "0.00000000"},
    {"filterType": "MAX_NUM_ORDERS", "maxNumOrders": 25},
    {"filterType": "MAX_NUM_ALGO_ORDERS", "maxNumAlgoOrders": 5},
    {"filterType": "MAX_NUM_ICEBERG_ORDERS", "maxNumIcebergOrders": 6},
    {"filterType": "MAX_POSITION", "maxPosition": "10.00000000"},
    {
        "filterType": "TRAILING_DELTA",
        "minTrailingAboveDelta": 10,
        "maxTrailingAboveDelta": 2000,
        "minTrailingBelowDelta": 11,
        "maxTrailingBelowDelta": 2001,
    },
    {"filterType": "MAX_NUM_ORDER_AMENDS", "maxNumOrderAmends": 12},
    {"filterType": "MAX_NUM_ORDER_LISTS", "maxNumOrderLists": 20},
]
EXCHANGE_FILTERS: tuple[ExchangeFilter, ...] = (
    ExchangeMaxNumOrders(1000),
    ExchangeMaxNumAlgoOrders(200),
    ExchangeMaxNumIcebergOrders(10_000),
    ExchangeMaxNumOrderLists(20),
)
EXCHANGE_FILTER_ROWS = [
    {"filterType": "EXCHANGE_MAX_NUM_ORDERS", "maxNumOrders": 1000},
    {"filterType": "EXCHANGE_MAX_NUM_ALGO_ORDERS", "maxNumAlgoOrders": 200},
    {"filterType": "EXCHANGE_MAX_NUM_ICEBERG_ORDERS", "maxNumIcebergOrders": 10000},
    {"filterType": "EXCHANGE_MAX_NUM_ORDER_LISTS", "maxNumOrderLists": 20},
]
NO_RULES = VenueRules()


def reply(name: str, value: Any, unit: TimeUnit = MS) -> Any:
    return json.loads(RENDERERS[name](value, unit))


def listing_of(symbol: Symbol, rules: VenueRules = NO_RULES, *, show_permission_sets: bool = True) -> Listing:
    return Listing(((symbol, SymbolStatus.TRADING),), rules, show_permission_sets=show_permission_sets)


def information(listing: Listing, unit: TimeUnit = MS) -> Any:
    return reply("exchangeInfo", ExchangeInformation(listing, AT), unit)


def test_exchange_information() -> None:
    symbol = make_symbol(
        *FILTERS,
        name="ETHBTC",
        base="ETH",
        quote="BTC",
        order_types=(OrderType.LIMIT, OrderType.MARKET),
        permission_sets=(("SPOT", "MARGIN"), ("X",)),
        self_trade_modes=(SelfTradeMode.NONE, SelfTradeMode.EXPIRE_TAKER),
        default_self_trade_mode=SelfTradeMode.EXPIRE_TAKER,
    )
    rules = VenueRules(EXCHANGE_FILTERS, (Sor("BTC", ("BTCUSDT", "BTCUSDC")),))
    assert information(Listing(((symbol, SymbolStatus.BREAK),), rules, show_permission_sets=True)) == {
        "timezone": "UTC",
        "serverTime": 1_700_000_000_123,
        "rateLimits": [
            {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": 6000},
            {"rateLimitType": "ORDERS", "interval": "SECOND", "intervalNum": 10, "limit": 50},
            {"rateLimitType": "ORDERS", "interval": "DAY", "intervalNum": 1, "limit": 160000},
            {"rateLimitType": "RAW_REQUESTS", "interval": "MINUTE", "intervalNum": 5, "limit": 300000},
        ],
        "exchangeFilters": EXCHANGE_FILTER_ROWS,
        "symbols": [
            {
                "symbol": "ETHBTC",
                "status": "BREAK",
                "baseAsset": "ETH",
                "baseAssetPrecision": 8,
                "quoteAsset": "BTC",
                "quotePrecision": 8,
                "quoteAssetPrecision": 8,
                "baseCommissionPrecision": 8,
                "quoteCommissionPrecision": 8,
                "orderTypes": ["LIMIT", "MARKET"],
                "icebergAllowed": True,
                "ocoAllowed": True,
                "otoAllowed": True,
                "opoAllowed": True,
                "quoteOrderQtyMarketAllowed": True,
                "allowTrailingStop": True,
                "cancelReplaceAllowed": True,
                "amendAllowed": True,
                "pegInstructionsAllowed": True,
                "isSpotTradingAllowed": True,
                "isMarginTradingAllowed": True,
                "filters": FILTER_ROWS,
                "permissions": [],
                "permissionSets": [["SPOT", "MARGIN"], ["X"]],
                "defaultSelfTradePreventionMode": "EXPIRE_TAKER",
                "allowedSelfTradePreventionModes": ["NONE", "EXPIRE_TAKER"],
            }
        ],
        "sors": [{"baseAsset": "BTC", "symbols": ["BTCUSDT", "BTCUSDC"]}],
    }


def test_every_filter_has_a_shape() -> None:
    assert tuple(type(rule) for rule in FILTERS) == FILTER_ORDER
    assert tuple(type(rule) for rule in EXCHANGE_FILTERS) == EXCHANGE_FILTER_ORDER


def test_a_symbol_offers_everything_unless_said_otherwise() -> None:
    row = information(listing_of(make_symbol()))["symbols"][0]
    assert row["orderTypes"] == [
        "LIMIT",
        "LIMIT_MAKER",
        "MARKET",
        "STOP_LOSS",
        "STOP_LOSS_LIMIT",
        "TAKE_PROFIT",
        "TAKE_PROFIT_LIMIT",
    ]
    assert row["allowedSelfTradePreventionModes"] == [
        "NONE",
        "EXPIRE_MAKER",
        "EXPIRE_TAKER",
        "EXPIRE_BOTH",
        "DECREMENT",
        "TRANSFER",
    ]
    assert not row["isMarginTradingAllowed"]


@pytest.mark.parametrize(
    ("flag", "field"),
    [
        ("iceberg_allowed", "icebergAllowed"),
        ("oco_allowed", "ocoAllowed"),
        ("oto_allowed", "otoAllowed"),
        ("opo_allowed", "opoAllowed"),
        ("quote_quantity_allowed", "quoteOrderQtyMarketAllowed"),
        ("trailing_allowed", "allowTrailingStop"),
        ("cancel_replace_allowed", "cancelReplaceAllowed"),
        ("amend_allowed", "amendAllowed"),
        ("peg_allowed", "pegInstructionsAllowed"),
    ],
)
def test_each_flag_is_told_for_itself(flag: str, field: str) -> None:
    whole = information(listing_of(make_symbol()))["symbols"][0]
    changed = information(listing_of(make_symbol(**{flag: False})))["symbols"][0]  # type: ignore[arg-type]
    assert {name for name in whole if whole[name] != changed[name]} == {field}
    assert changed[field] is False


def test_there_is_no_routing_field_without_routing() -> None:
    reply_without = information(listing_of(make_symbol()))
    assert "sors" not in reply_without
    assert reply_without["exchangeFilters"] == []


def test_exchange_information_kept_for_a_listing_tells_the_time_anew() -> None:
    listing = listing_of(make_symbol())
    first = information(listing)
    later = reply("exchangeInfo", ExchangeInformation(listing, AT + 1_000), US)
    assert later == first | {"serverTime": AT + 1_000}


def test_permission_sets_can_be_left_out() -> None:
    rows = information(listing_of(make_symbol(), show_permission_sets=False))["symbols"]
    assert rows[0]["permissionSets"] == []


def test_filters_begin_with_a_price_filter_even_where_there_is_none() -> None:
    zero = "0.00000000"
    assert information(listing_of(make_symbol(LotSize(1, 0, 1))))["symbols"][0]["filters"] == [
        {"filterType": "PRICE_FILTER", "minPrice": zero, "maxPrice": zero, "tickSize": zero},
        {"filterType": "LOT_SIZE", "minQty": "0.00000001", "maxQty": zero, "stepSize": "0.00000001"},
    ]


def test_execution_rules() -> None:
    rows: list[tuple[str, PriceRange | None]] = [
        ("BAZUSD", PriceRange(units("1.0001"), units("0.9999"), units("1.0001"), units("0.9999"))),
        ("NONE", None),
        ("PARTLY", PriceRange(bid_up=units("2"), ask_down=units("0.50000001"))),
    ]
    assert reply("executionRules", ExecutionRules(rows)) == {
        "symbolRules": [
            {
                "symbol": "BAZUSD",
                "rules": [
                    {
                        "ruleType": "PRICE_RANGE",
                        "bidLimitMultUp": "1.0001",
                        "bidLimitMultDown": "0.9999",
                        "askLimitMultUp": "1.0001",
                        "askLimitMultDown": "0.9999",
                    }
                ],
            },
            {"symbol": "NONE", "rules": []},
            {
                "symbol": "PARTLY",
                "rules": [{"ruleType": "PRICE_RANGE", "bidLimitMultUp": "2.0000", "askLimitMultDown": "0.50000001"}],
            },
        ]
    }


@pytest.mark.parametrize(("price", "told"), [(units("10"), "10.00000000"), (None, None)])
def test_reference_price(price: int | None, told: str | None) -> None:
    value = ReferencePrice("BAZUSD", price, AT)
    wanted = {"symbol": "BAZUSD", "referencePrice": told, "timestamp": 1_700_000_000_123}
    assert reply("referencePrice", value) == wanted
    assert reply("referencePrice", value, US) == wanted | {"timestamp": AT}


def test_reference_price_calculation() -> None:
    mean = ReferenceCalculation("BAZUSD", ArithmeticMeanSpec(10, 1_000_000))
    assert reply("referencePrice.calculation", mean) == {
        "symbol": "BAZUSD",
        "calculationType": "ARITHMETIC_MEAN",
        "bucketCount": 10,
        "bucketWidthMs": 1000,
    }
    external = ReferenceCalculation("BAZUSD", ExternalSpec(42))
    assert reply("referencePrice.calculation", external) == {
        "symbol": "BAZUSD",
        "calculationType": "EXTERNAL",
        "externalCalculationId": 42,
    }


def test_relevant_filters() -> None:
    assert reply("myFilters", RelevantFilters(EXCHANGE_FILTERS, FILTERS, [("JPY", units("1000000"))])) == {
        "exchangeFilters": EXCHANGE_FILTER_ROWS,
        "symbolFilters": FILTER_ROWS,
        "assetFilters": [{"filterType": "MAX_ASSET", "asset": "JPY", "limit": "1000000.00000000"}],
    }
    assert reply("myFilters", RelevantFilters((), (), [])) == {"exchangeFilters": [], "symbolFilters": [], "assetFilters": []}
