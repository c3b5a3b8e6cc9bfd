"""The symbol catalogue: the packaged one, and what users can get wrong."""

import re
from pathlib import Path

import pytest
from msgspec import to_builtins

from papernet.core.commands import Entry, ListSymbol
from papernet.core.dates import MILLISECOND
from papernet.core.enums import OrderType, SelfTradeMode, SymbolStatus
from papernet.core.events import SymbolListed
from papernet.core.units import SCALE, format_fixed
from papernet.exchange.machine import Exchange
from papernet.servers.config import CatalogueError, load_catalogue, packaged_catalogue, parse_catalogue
from papernet.venues.options.contracts import Fees, Limits, Listing, Margins, Underlying
from papernet.venues.spot.symbols import (
    ArithmeticMeanSpec,
    ExternalSpec,
    IcebergParts,
    MaxNumAlgoOrders,
    MaxNumIcebergOrders,
    MaxNumOrderAmends,
    MaxNumOrderLists,
    MaxNumOrders,
    MaxPosition,
    MinNotional,
    PercentPrice,
    PriceFilter,
    PriceRange,
    Symbol,
    TrailingDelta,
)
from papernet.venues.spot.venue_rules import (
    ExchangeMaxNumAlgoOrders,
    ExchangeMaxNumIcebergOrders,
    ExchangeMaxNumOrderLists,
    ExchangeMaxNumOrders,
    Sor,
    VenueRules,
)

GOOD = """
[balances]
AAA = "5"

[every_symbol]
max_num_orders = { max_num_orders = 7 }

[[symbols]]
name = "AAABBB"
base_asset = "AAA"
quote_asset = "BBB"
initial_price = "1.5"
price_filter = { min_price = "0.1", max_price = "100", tick_size = "0.1" }
percent_price = { multiplier_up = "5", multiplier_down = "0.2", avg_price_mins = 5 }
lot_size = { min_quantity = "1", max_quantity = "100", step_size = "1" }
min_notional = { min_notional = "10", apply_to_market = true, avg_price_mins = 0 }
"""
# Everything that can be said, each differently from what holds when it is not.
RICH = (
    GOOD
    + """
order_types = ["LIMIT", "STOP_LOSS"]
permission_sets = [["SPOT", "MARGIN"], ["TRD_GRP_004"]]
self_trade_modes = ["EXPIRE_MAKER", "TRANSFER"]
default_self_trade_mode = "TRANSFER"
status = "BREAK"
quote_quantity_allowed = false
iceberg_allowed = false
oco_allowed = false
oto_allowed = false
opo_allowed = false
trailing_allowed = false
cancel_replace_allowed = false
amend_allowed = false
peg_allowed = false
discount_allowed = false
reference_price = { bucket_count = 10, bucket_width_ms = 1000 }
price_range = { bid_up = "2", bid_down = "0.5", ask_up = "1.1" }
iceberg_parts = { limit = 10 }
max_num_algo_orders = { max_num_algo_orders = 5 }
max_num_iceberg_orders = { max_num_iceberg_orders = 6 }
max_position = { max_position = "10.5" }
trailing_delta = { min_above = 10, max_above = 2000, min_below = 11, max_below = 2001 }
max_num_order_amends = { max_num_order_amends = 12 }
max_num_order_lists = { max_num_order_lists = 20 }

[[symbols]]
name = "AAACCC"
base_asset = "AAA"
quote_asset = "CCC"
price_filter = { min_price = "0.1", max_price = "100", tick_size = "0.1" }
lot_size = { min_quantity = "1", max_quantity = "100", step_size = "1" }
reference_price = { external_calculation_id = 2 }

[exchange]
exchange_max_num_orders = { max_num_orders = 1000 }
exchange_max_num_algo_orders = { max_num_algo_orders = 200 }
exchange_max_num_iceberg_orders = { max_num_iceberg_orders = 300 }
exchange_max_num_order_lists = { max_num_order_lists = 21 }
discount_asset = "CCC"
discount_rate = "0.9"

[[sors]]
base_asset = "AAA"
symbols = ["AAABBB", "AAACCC"]
"""
)


def test_the_packaged_catalogue_lists_the_ten_symbols() -> None:
    catalogue = packaged_catalogue()
    names = ["BTCUSDT", "ETHUSDT", "BNBUSDT", "SOLUSDT", "XRPUSDT", "LTCUSDT", "BTCUSDC", "ETHBTC", "BNBBTC", "BNBETH"]
    assert [symbol.name for symbol in catalogue.symbols] == names
    ticks = {symbol.name: format_fixed(symbol.filters[0].tick_size) for symbol in catalogue.symbols}  # type: ignore[union-attr]
    assert ticks["BTCUSDT"] == "0.01000000"
    assert ticks["BNBBTC"] == "0.00000100"
    for symbol in catalogue.symbols:
        assert isinstance(symbol.filters[0], PriceFilter)
        assert symbol.initial_price % symbol.filters[0].tick_size == 0 < symbol.initial_price
        assert MaxNumOrders(200) in symbol.filters


def test_the_packaged_catalogue_has_the_rules_of_the_test_network() -> None:
    catalogue = packaged_catalogue()
    for symbol in catalogue.symbols:
        # filters.md; its change log of 2025-08-05, 2025-08-07 and 2026-02-24
        for rule in (
            IcebergParts(100),
            MaxNumAlgoOrders(5),
            TrailingDelta(10, 2000, 10, 2000),
            MaxNumOrderAmends(10),
            MaxNumOrderLists(20),
        ):
            assert rule in symbol.filters
        assert symbol.self_trade_modes == tuple(SelfTradeMode)
        assert len(symbol.order_types) == 7
    # its change log of 2026-03-16: one of its symbols that papernet has is held to a price range
    assert [symbol.name for symbol in catalogue.symbols if symbol.price_range is not None] == ["BTCUSDT"]
    assert [symbol.name for symbol in catalogue.symbols if symbol.reference is not None] == ["BTCUSDT"]
    assert catalogue.rules == VenueRules(
        (
            ExchangeMaxNumOrders(1000),
            ExchangeMaxNumAlgoOrders(200),
            ExchangeMaxNumIcebergOrders(10_000),
            ExchangeMaxNumOrderLists(20),
        ),
        (Sor("BTC", ("BTCUSDT", "BTCUSDC")),),
        "BNB",
        SCALE * 3 // 4,
    )


def test_every_asset_that_trades_is_given_out() -> None:
    catalogue = packaged_catalogue()
    assets = sorted({asset for symbol in catalogue.symbols for asset in (symbol.base_asset, symbol.quote_asset)})
    assert [asset for asset, _ in catalogue.balances] == assets
    assert all(amount > 0 for _, amount in catalogue.balances)


def test_the_exchange_takes_the_packaged_symbols() -> None:
    exchange = Exchange()
    for seq, symbol in enumerate(packaged_catalogue().symbols, start=1):
        applied = exchange.apply(Entry(seq, seq, ListSymbol(symbol.to_spec())))
        assert applied.events == (SymbolListed(symbol.name),)
        assert exchange.markets[symbol.name].symbol == symbol


def test_a_users_file_is_read_with_its_filters_and_defaults(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(GOOD)
    catalogue = load_catalogue(path)
    (symbol,) = catalogue.symbols
    assert PercentPrice(500_000_000, 20_000_000, 5) in symbol.filters
    assert MinNotional(1_000_000_000, apply_to_market=True, avg_price_mins=0) in symbol.filters
    assert MaxNumOrders(7) in symbol.filters
    # an asset without a line of its own is given out all the same
    assert catalogue.balances == (("AAA", 500_000_000), ("BBB", 1_000_000_000_000))


def test_what_is_not_said_is_as_for_any_symbol() -> None:
    (symbol,) = parse_catalogue(GOOD, "mine.toml").symbols
    assert symbol == Symbol("AAABBB", "AAA", "BBB", symbol.filters, initial_price=SCALE * 3 // 2)
    assert parse_catalogue(GOOD, "mine.toml").rules == VenueRules()


def test_everything_that_can_be_said_is_read() -> None:
    catalogue = parse_catalogue(RICH, "mine.toml")
    rich, other = catalogue.symbols
    assert [
        rule for rule in rich.filters if type(rule).__name__ not in ("PriceFilter", "PercentPrice", "LotSize", "MinNotional")
    ] == [
        IcebergParts(10),
        MaxNumOrders(7),
        MaxNumAlgoOrders(5),
        MaxNumIcebergOrders(6),
        MaxPosition(SCALE * 21 // 2),
        TrailingDelta(10, 2000, 11, 2001),
        MaxNumOrderAmends(12),
        MaxNumOrderLists(20),
    ]
    assert rich.status is SymbolStatus.BREAK
    assert rich.order_types == (OrderType.LIMIT, OrderType.STOP_LOSS)
    assert rich.permission_sets == (("SPOT", "MARGIN"), ("TRD_GRP_004",))
    assert rich.self_trade_modes == (SelfTradeMode.EXPIRE_MAKER, SelfTradeMode.TRANSFER)
    assert rich.default_self_trade_mode is SelfTradeMode.TRANSFER
    flags = [field for field in Symbol.__struct_fields__ if field.endswith("_allowed")]
    assert [flag for flag in flags if getattr(rich, flag)] == []
    assert [flag for flag in flags if not getattr(other, flag)] == []
    assert rich.reference == ArithmeticMeanSpec(10, 1000 * MILLISECOND)
    assert rich.price_range == PriceRange(bid_up=2 * SCALE, bid_down=SCALE // 2, ask_up=SCALE * 11 // 10)
    assert (other.reference, other.price_range) == (ExternalSpec(2), None)
    assert catalogue.rules == VenueRules(
        (
            ExchangeMaxNumOrders(1000),
            ExchangeMaxNumAlgoOrders(200),
            ExchangeMaxNumIcebergOrders(300),
            ExchangeMaxNumOrderLists(21),
        ),
        (Sor("AAA", ("AAABBB", "AAACCC")),),
        "CCC",
        SCALE * 9 // 10,
    )


def test_what_every_symbol_offers_is_said_once_and_each_may_differ() -> None:
    common = 'oco_allowed = true\nstatus = "HALT"\nprice_range = { bid_up = "2" }\n'
    text = RICH.replace("[every_symbol]", f"[every_symbol]\n{common}")
    rich, other = parse_catalogue(text, "mine.toml").symbols
    assert (other.oco_allowed, other.status, other.price_range) == (True, SymbolStatus.HALT, PriceRange(2 * SCALE))
    assert (rich.oco_allowed, rich.status) == (False, SymbolStatus.BREAK)
    assert rich.price_range == PriceRange(2 * SCALE, SCALE // 2, SCALE * 11 // 10)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"AAABBB"', '"aaabbb"', "symbol 1: name: 'aaabbb'"),
        ('"AAABBB"', "1", "symbol 1: name is missing or not text"),
        ('quote_asset = "BBB"', 'quote_asset = "AAA"', "AAABBB: base_asset and quote_asset are the same"),
        ('"BBB"', '"bb b"', "AAABBB: quote_asset"),
        ('"1.5"', "1.5", "AAABBB: initial_price: 1.5 is no decimal number in quotes"),
        ('"1.5"', '"1.55"', "AAABBB: initial_price is no multiple of tick_size"),
        ('"1.5"', '"100.1"', "AAABBB: initial_price is outside price_filter"),
        ('tick_size = "0.1"', 'tick_size = "1e-1"', "AAABBB: price_filter: tick_size: '1e-1'"),
        (', tick_size = "0.1"', "", "AAABBB: price_filter: tick_size is missing"),
        ('tick_size = "0.1"', 'tick_size = "0.1", tock = 1', "AAABBB: price_filter: unknown field 'tock'"),
        ('min_quantity = "1"', 'min_quantity = "101"', "AAABBB: lot_size: the least is above the most"),
        ('step_size = "1"', 'step_size = "0"', "AAABBB: lot_size: every number must be above 0"),
        ("apply_to_market = true", 'apply_to_market = "yes"', "AAABBB: min_notional: apply_to_market: 'yes'"),
        ("max_num_orders = 7", "max_num_orders = 0", "AAABBB: max_num_orders must be above 0"),
        ("max_num_orders = 7", "max_num_orders = -1", "whole number"),
        ('multiplier_up = "5"', 'multiplier_up = "0.1"', "AAABBB: percent_price: the least is above the most"),
        ("lot_size =", "lots =", "AAABBB: unknown field 'lots'"),
        ('AAA = "5"', 'ZZZ = "5"', "balances: ZZZ: no symbol trades it"),
        ('AAA = "5"', 'AAA = "1e9"', "balances: AAA"),
        ("[[symbols]]", "[[symbol]]", "unknown field 'symbol'"),
        ("[every_symbol]", "every_symbol = 1\n[x]", "unknown field 'x'"),
        ('"100"', '"100', "mine.toml"),
    ],
)
def test_a_mistake_is_one_line_that_says_where(old: str, new: str, message: str) -> None:
    assert old in GOOD
    with pytest.raises(CatalogueError, match=re.escape(message)) as caught:
        parse_catalogue(GOOD.replace(old, new, 1), "mine.toml")
    assert str(caught.value).startswith("mine.toml: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"BREAK"', '"break"', "AAABBB: status: 'break' is none of TRADING, END_OF_DAY, HALT, BREAK, CANCEL_ONLY"),
        ('["LIMIT", "STOP_LOSS"]', '["LIMIT", "STOP"]', "AAABBB: order_types: 'STOP' is none of LIMIT"),
        ('["LIMIT", "STOP_LOSS"]', "[]", "AAABBB: order_types is not a list of something"),
        ('["LIMIT", "STOP_LOSS"]', '"LIMIT"', "AAABBB: order_types is not a list"),
        ('["TRD_GRP_004"]', "[4]", "AAABBB: permission_sets: 4 is not text"),
        ('["TRD_GRP_004"]', '"TRD_GRP_004"', "AAABBB: permission_sets is not a list"),
        ('["EXPIRE_MAKER", "TRANSFER"]', '["EXPIRE_MAKER"]', "AAABBB: default_self_trade_mode: must be one of"),
        ('default_self_trade_mode = "TRANSFER"', "default_self_trade_mode = 5", "AAABBB: default_self_trade_mode: 5"),
        ("oco_allowed = false", 'oco_allowed = "no"', "AAABBB: oco_allowed: 'no' is not true or false"),
        ("oco_allowed = false", "oco = false", "AAABBB: unknown field 'oco'"),
        ("bucket_count = 10", "bucket_count = 0", "AAABBB: reference: counts and widths must be above 0"),
        ("bucket_count = 10, ", "", "AAABBB: reference_price: bucket_count: None is not a whole number"),
        ("bucket_width_ms = 1000", "bucket_width_ms = 0.5", "AAABBB: reference_price: bucket_width_ms: 0.5"),
        ("bucket_count", "buckets", "AAABBB: reference_price: unknown field 'buckets'"),
        ("_id = 2", "_id = 2, bucket_count = 2", "AAACCC: reference_price: unknown field 'bucket_count'"),
        ('bid_up = "2"', 'bid_up = "0.9"', "AAABBB: price_range: upwards must be 1 at least"),
        ('bid_up = "2"', 'bid = "2"', "AAABBB: price_range: unknown field 'bid'"),
        ('bid_up = "2"', "bid_up = 2.5", "AAABBB: price_range: bid_up: 2.5 is no decimal number"),
        ("limit = 10", "limit = 0", "AAABBB: iceberg_parts must be above 0"),
        ("{ max_num_algo_orders = 5 }", "{ max_num_algo_orders = 0 }", "AAABBB: max_num_algo_orders must be above 0"),
        ("min_below = 11", "min_below = 2002", "AAABBB: trailing_delta: below: the least is above the most"),
        ("max_above = 2000", "max_above = 9", "AAABBB: trailing_delta: above: the least is above the most"),
        ("max_above = 2000", 'max_above = "2000"', "AAABBB: trailing_delta: max_above: '2000' is not a whole number"),
        ("max_num_orders = 1000", "max_num_orders = 0", "exchange: exchange_max_num_orders must be above 0"),
        ("{ max_num_orders = 1000 }", "1000", "exchange: exchange_max_num_orders is not a table"),
        ("exchange_max_num_orders", "max_num_orders", "exchange: unknown field 'max_num_orders'"),
        ('"CCC"\ndiscount', '"ccc"\ndiscount', "exchange: discount_asset: 'ccc'"),
        ('"0.9"', '"1.1"', "exchange: discount_rate: must be from 0 to 1"),
        ('"0.9"', "0.9", "exchange: discount_rate: 0.9 is no decimal number"),
        ('["AAABBB", "AAACCC"]', '["AAABBB"]', "exchange: sors: routing takes two symbols at least"),
        ('["AAABBB", "AAACCC"]', '["AAABBB", "AAADDD"]', "sors: AAADDD is no symbol of AAA"),
        ('base_asset = "AAA"\nsymbols', 'base_asset = "BBB"\nsymbols', "sors: AAABBB is no symbol of BBB"),
        ("symbols = [", "symbol = [", "sors: unknown field 'symbol'"),
        ("[[sors]]", "[sors]", "sors is not a list of tables"),
    ],
)
def test_a_mistake_in_what_is_offered_is_one_line_that_says_where(old: str, new: str, message: str) -> None:
    assert old in RICH
    with pytest.raises(CatalogueError, match=re.escape(message)) as caught:
        parse_catalogue(RICH.replace(old, new, 1), "mine.toml")
    assert str(caught.value).startswith("mine.toml: ")
    assert "\n" not in str(caught.value)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "latin.toml").write_bytes(b"\xff\xfe")
    for path in (tmp_path / "missing.toml", tmp_path, tmp_path / "latin.toml"):
        with pytest.raises(CatalogueError, match=re.escape(str(path))):
            load_catalogue(path)


def test_a_symbol_is_listed_once() -> None:
    with pytest.raises(CatalogueError, match="AAABBB: listed twice"):
        parse_catalogue(GOOD + GOOD[GOOD.index("[[symbols]]") :], "mine.toml")
    with pytest.raises(CatalogueError, match="no \\[\\[symbols\\]\\]"):
        parse_catalogue("", "mine.toml")


FEES = (
    '{ maker = "0.1", taker = "0.2", exercise = "0.3", liquidation = "0.4", max_of_premium = "0.5",'
    ' max_of_liquidation = "0.6" }'
)
LIMITS = (
    '{ orders_a_contract = 1, orders = 2, quantity_an_order = "3", position_a_contract = "4", position = "5",'
    ' long = "6", short = "7" }'
)
OPTIONS = (
    (
        GOOD
        + """
[[symbols]]
name = "DDDBBB"
base_asset = "DDD"
quote_asset = "BBB"
initial_price = "3"
price_filter = { min_price = "0.1", max_price = "100", tick_size = "0.1" }
lot_size = { min_quantity = "1", max_quantity = "100", step_size = "1" }

[[symbols]]
name = "EEEAAA"
base_asset = "EEE"
quote_asset = "AAA"
initial_price = "3"
price_filter = { min_price = "0.1", max_price = "100", tick_size = "0.1" }
lot_size = { min_quantity = "1", max_quantity = "100", step_size = "1" }

[every_option]
price_scale = 2
quantity_scale = 1
margins = { initial = "0.15", min_initial = "0.1", maintenance = "0.075", min_maintenance = "0.05" }
fees = FEES
band = ["0.4", "0.3"]
may_be_written = false

[[options]]
symbol = "AAABBB"
tick_size = "0.01"
step_size = "0.1"
unit = 100
limits = LIMITS
listing = { steps = [[3, "0.1"], [9, "0.5"]], volatility = "0.55", reach = "2", max_strikes = 8 }

[[options]]
symbol = "DDDBBB"
tick_size = "0.02"
step_size = "0.1"
unit = 1
may_be_written = true
limits = LIMITS
listing = { steps = [[3, "0.1"]], volatility = "0.55", reach = "2", max_strikes = 8 }
"""
    )
    .replace("= FEES", f"= {FEES}")
    .replace("= LIMITS", f"= {LIMITS}")
)


def test_the_packaged_catalogue_has_options_on_five_symbols() -> None:
    catalogue = packaged_catalogue()
    names = [underlying.name for underlying in catalogue.options]
    assert names == ["BTCUSDT", "ETHUSDT", "BNBUSDT", "SOLUSDT", "XRPUSDT"]
    assert {underlying.settle_asset for underlying in catalogue.options} == {"USDT"}
    assert catalogue.options_balance == 10_000 * SCALE
    assert [underlying.unit for underlying in catalogue.options] == [1, 1, 1, 1, 100]
    prices = {symbol.name: symbol.initial_price for symbol in catalogue.symbols}
    assert all(underlying.initial_index == prices[underlying.name] for underlying in catalogue.options)
    for underlying in catalogue.options:
        assert Underlying.from_spec(to_builtins(underlying)) == underlying
        assert (underlying.margins.initial, underlying.margins.min_initial) == (15_000_000, 10_000_000)


def test_options_are_read_with_what_holds_for_all_of_them() -> None:
    catalogue = parse_catalogue(OPTIONS, "mine.toml")
    first, second = catalogue.options
    tenth = SCALE // 10
    assert first == Underlying(
        name="AAABBB",
        base_asset="AAA",
        settle_asset="BBB",
        initial_index=15 * tenth,
        tick_size=SCALE // 100,
        step_size=tenth,
        unit=100,
        price_scale=2,
        quantity_scale=1,
        margins=Margins(15 * SCALE // 100, tenth, 75 * SCALE // 1_000, 5 * SCALE // 100),
        fees=Fees(*(number * tenth for number in range(1, 7))),
        limits=Limits(1, 2, *(number * SCALE for number in range(3, 8))),
        listing=Listing(((3, tenth), (9, 5 * tenth)), 55 * SCALE // 100, 2 * SCALE, 8),
        band=(4 * tenth, 3 * tenth),
        may_be_written=False,
    )
    assert (second.name, second.tick_size, second.may_be_written) == ("DDDBBB", SCALE // 50, True)
    assert catalogue.options_balance == 10_000 * SCALE


def test_what_an_options_wallet_holds_is_a_row_of_the_balances() -> None:
    catalogue = parse_catalogue(OPTIONS.replace('AAA = "5"', 'AAA = "5"\noptions = "7.5"', 1), "mine.toml")
    assert catalogue.options_balance == 15 * SCALE // 2
    assert "options" not in dict(catalogue.balances)
    assert parse_catalogue(GOOD, "mine.toml").options == ()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('symbol = "AAABBB"', 'symbol = "XXXBBB"', "options: XXXBBB: is no symbol with an initial_price"),
        ('symbol = "AAABBB"', "", "options: symbol is missing or not text"),
        ('symbol = "DDDBBB"', 'symbol = "AAABBB"', "options: there are two on AAA"),
        ('symbol = "DDDBBB"', 'symbol = "EEEAAA"', "options: their symbols have different quote assets"),
        ("unit = 100", "units = 100", "options: AAABBB: unknown field 'units'"),
        ("unit = 100\n", "", "options: AAABBB: unit is missing"),
        ("unit = 100", 'unit = "100"', "options: AAABBB: unit: '100' is not a whole number"),
        ("unit = 100", "unit = 0", "options: AAABBB: a number is not above 0"),
        ('tick_size = "0.01"', 'tick_size = "0.001"', "options: AAABBB: a scale shows less than one step"),
        ('tick_size = "0.01"', "tick_size = 0.01", "options: AAABBB: tick_size: 0.01 is no decimal number"),
        ("[every_option]", "[every_option]\nname = 1", "every_option: unknown field 'name'"),
        (', min_maintenance = "0.05"', "", "options: AAABBB: margins: min_maintenance is missing"),
        ('min_maintenance = "0.05"', 'least = "0.05"', "options: AAABBB: margins: unknown field 'least'"),
        ("orders = 2,", 'orders = "2",', "options: AAABBB: limits: orders: '2' is not a whole number"),
        ('long = "6"', "long = 6.5", "options: AAABBB: limits: long: 6.5 is no decimal number"),
        ('["0.4", "0.3"]', '["0.4"]', "options: AAABBB: band is not two numbers"),
        ('["0.4", "0.3"]', '["0.4", "x"]', "options: AAABBB: band: 'x' is no decimal number"),
        ('[[3, "0.1"], [9, "0.5"]]', "[]", "options: AAABBB: listing: steps is not a list"),
        ('[[3, "0.1"], [9, "0.5"]]', "[3, 9]", "options: AAABBB: listing: steps are not pairs of days and a step"),
        ('[[3, "0.1"], [9, "0.5"]]', '[[3, "0.1", 1]]', "options: AAABBB: listing: steps are not pairs"),
        ('[[3, "0.1"], [9, "0.5"]]', '[["3", "0.1"]]', "options: AAABBB: listing: steps: '3' is not a whole number"),
        ('reach = "2", ', "", "options: AAABBB: listing: reach is missing"),
        ("may_be_written = false", 'may_be_written = "no"', "options: AAABBB: may_be_written: 'no' is not true or false"),
    ],
)
def test_a_mistake_in_options_is_one_line_that_says_where(old: str, new: str, message: str) -> None:
    assert old in OPTIONS
    with pytest.raises(CatalogueError, match=re.escape(message)) as caught:
        parse_catalogue(OPTIONS.replace(old, new, 1), "mine.toml")
    assert str(caught.value).startswith("mine.toml: ")
    assert "\n" not in str(caught.value)
