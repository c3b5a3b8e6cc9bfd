"""The symbol catalogue: the packaged one, and what users can get wrong."""

import re
from pathlib import Path

import pytest

from papernet.core.commands import Entry, ListSymbol
from papernet.core.events import SymbolListed
from papernet.core.units import format_fixed
from papernet.exchange.machine import Exchange
from papernet.servers.config import CatalogueError, load_catalogue, packaged_catalogue, parse_catalogue
from papernet.venues.spot.symbols import MaxNumOrders, MinNotional, PercentPrice, PriceFilter

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
