"""What can be asked about the rules: execution rules, reference prices, an account's filters."""

from typing import Any

import pytest

from papernet.app.faults import Fault, RequestFault
from papernet.app.queries.values import (
    ExecutionRules,
    ReferenceCalculation,
    ReferencePrice,
    RelevantFilters,
)
from papernet.core.commands import ConfigureAccount, ConfigureVenue, SetReferencePrice, SetSymbolStatus
from papernet.core.enums import SymbolStatus
from papernet.venues.spot.symbols import ArithmeticMeanSpec, ExternalSpec, MaxNumOrders, PriceRange
from papernet.venues.spot.venue_rules import ExchangeMaxNumOrders, Sor, VenueRules
from tests.support.asking import Asking
from tests.support.worlds import ALICE, BOB, SECOND, lot_size, make_symbol, price_filter, units

TWICE = PriceRange(units("2"), units("0.5"), units("2"), units("0.5"))
NO_REFERENCE_PRICE = Fault(RequestFault.NO_REFERENCE_PRICE)
MEAN = ArithmeticMeanSpec(10, SECOND)


def markets() -> Asking:
    """Return a world of symbols with a mean, a price from outside that was never set, and no reference price."""
    world = Asking(
        make_symbol(price_filter(), reference=MEAN, price_range=TWICE),
        make_symbol(name="ETHUSDT", base="ETH", reference=ExternalSpec(2), price_range=PriceRange(bid_up=units("3"))),
        make_symbol(name="BTCUSDC", quote="USDC"),
        balances=(("BTC", units("100")), ("USDT", units("100000"))),
    )
    world.apply(SetSymbolStatus("BTCUSDC", SymbolStatus.BREAK))
    return world


# execution rules


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, ["BTCUSDT", "ETHUSDT", "BTCUSDC"]),
        ({"symbol": "BTCUSDC"}, ["BTCUSDC"]),
        ({"symbols": ("BTCUSDC", "BTCUSDT")}, ["BTCUSDT", "BTCUSDC"]),
        ({"symbolStatus": SymbolStatus.TRADING}, ["BTCUSDT", "ETHUSDT"]),
        ({"symbolStatus": SymbolStatus.HALT}, []),
    ],
)
def test_execution_rules_are_of_the_symbols_asked_for(params: dict[str, Any], expected: list[str]) -> None:
    rules = {"BTCUSDT": TWICE, "ETHUSDT": PriceRange(bid_up=units("3")), "BTCUSDC": None}
    assert markets().ask("executionRules", **params) == ExecutionRules([(name, rules[name]) for name in expected])


@pytest.mark.parametrize("params", [{"symbol": "NOPE"}, {"symbols": ("BTCUSDT", "NOPE")}])
def test_execution_rules_know_their_symbols(params: dict[str, Any]) -> None:
    assert markets().ask("executionRules", **params) == Fault(RequestFault.UNKNOWN_SYMBOL)


# reference prices


def test_a_mean_is_of_the_moment_it_is_asked_for() -> None:
    world = markets()
    assert world.ask("referencePrice", symbol="BTCUSDT") == NO_REFERENCE_PRICE
    for price in ("10", "20"):
        world.sell(BOB, "1", price)
        world.buy(ALICE, "1", price)
        world.now += SECOND
    assert world.ask("referencePrice", symbol="BTCUSDT") == ReferencePrice("BTCUSDT", units("15"), world.now)
    assert world.reply("referencePrice", symbol="BTCUSDT") == {
        "symbol": "BTCUSDT",
        "referencePrice": "15.00000000",
        "timestamp": world.now // 1_000,
    }
    world.now += 9 * SECOND
    # the first second has left the window
    assert world.ask("referencePrice", symbol="BTCUSDT") == ReferencePrice("BTCUSDT", units("20"), world.now)
    world.now += 60 * SECOND
    assert world.ask("referencePrice", symbol="BTCUSDT") == ReferencePrice("BTCUSDT", None, world.now)


def test_a_mean_is_not_of_before_its_last_trade() -> None:
    world = markets()
    world.sell(BOB, "1", "10")
    world.buy(ALICE, "1", "10")
    traded_at = world.now
    world.now -= 1
    assert world.ask("referencePrice", symbol="BTCUSDT") == ReferencePrice("BTCUSDT", units("10"), traded_at)


def test_a_price_from_outside_is_of_the_moment_it_was_set() -> None:
    world = markets()
    assert world.ask("referencePrice", symbol="ETHUSDT") == NO_REFERENCE_PRICE
    set_at = world.now
    world.apply(SetReferencePrice("ETHUSDT", units("10")))
    world.now += 5 * SECOND
    assert world.ask("referencePrice", symbol="ETHUSDT") == ReferencePrice("ETHUSDT", units("10"), set_at)
    world.apply(SetReferencePrice("ETHUSDT", None))
    assert world.ask("referencePrice", symbol="ETHUSDT") == ReferencePrice("ETHUSDT", None, world.now)


def test_how_a_reference_price_is_made() -> None:
    world = markets()
    asked = {symbol: world.ask("referencePrice.calculation", symbol=symbol) for symbol in world.exchange.markets}
    assert asked == {
        "BTCUSDT": ReferenceCalculation("BTCUSDT", MEAN),
        "ETHUSDT": ReferenceCalculation("ETHUSDT", ExternalSpec(2)),
        "BTCUSDC": NO_REFERENCE_PRICE,
    }
    world.apply(SetReferencePrice("ETHUSDT", units("10"), 3))
    assert world.ask("referencePrice.calculation", symbol="ETHUSDT") == ReferenceCalculation("ETHUSDT", ExternalSpec(3))
    # what is set from outside takes the place of what was worked out, and of nothing
    for symbol in ("BTCUSDT", "BTCUSDC"):
        world.apply(SetReferencePrice(symbol, units("10")))
        assert world.ask("referencePrice.calculation", symbol=symbol) == ReferenceCalculation(symbol, ExternalSpec(0))


def test_a_calculation_can_be_asked_for_by_status() -> None:
    world = markets()
    ask = world.ask
    trading = ask("referencePrice.calculation", symbol="BTCUSDT", symbolStatus=SymbolStatus.TRADING)
    assert trading == ReferenceCalculation("BTCUSDT", MEAN)
    for symbol, status in (("BTCUSDT", SymbolStatus.BREAK), ("BTCUSDC", SymbolStatus.TRADING)):
        refused = ask("referencePrice.calculation", symbol=symbol, symbolStatus=status)
        assert refused == Fault(RequestFault.SYMBOL_STATUS_MISMATCH)
    assert ask("referencePrice.calculation", symbol="BTCUSDC", symbolStatus=SymbolStatus.BREAK) == NO_REFERENCE_PRICE


@pytest.mark.parametrize("name", ["referencePrice", "referencePrice.calculation", "myFilters"])
def test_symbols_that_are_not_listed_are_refused(name: str) -> None:
    assert markets().ask(name, symbol="NOPE") == Fault(RequestFault.UNKNOWN_SYMBOL)


# filters and rules of the venue

RULES = VenueRules((ExchangeMaxNumOrders(1000),), (Sor("BTC", ("BTCUSDT", "BTCUSDC")),))


def test_the_filters_of_an_account_on_a_symbol() -> None:
    world = Asking(
        make_symbol(MaxNumOrders(5), lot_size("1", "2", "1"), price_filter()),
        make_symbol(name="BTCUSDC", quote="USDC"),
        balances=(("BTC", units("1")),),
    )
    symbol_filters = (price_filter(), lot_size("1", "2", "1"), MaxNumOrders(5))
    assert world.ask("myFilters", symbol="BTCUSDT") == RelevantFilters((), symbol_filters, [])
    world.apply(ConfigureVenue(RULES.to_spec()))
    limits = (("USDC", units("3")), ("USDT", units("2")), ("BTC", units("1")))
    world.apply(ConfigureAccount(ALICE, asset_limits=limits))
    told = RelevantFilters((ExchangeMaxNumOrders(1000),), symbol_filters, [("BTC", units("1")), ("USDT", units("2"))])
    assert world.ask("myFilters", symbol="BTCUSDT") == told
    assert world.ask("myFilters", symbol="BTCUSDC").asset_limits == [("BTC", units("1")), ("USDC", units("3"))]
    assert world.ask("myFilters", BOB, symbol="BTCUSDT").asset_limits == []
    assert world.reply("myFilters", symbol="BTCUSDC") == {
        "exchangeFilters": [{"filterType": "EXCHANGE_MAX_NUM_ORDERS", "maxNumOrders": 1000}],
        "symbolFilters": [],
        "assetFilters": [
            {"filterType": "MAX_ASSET", "asset": "BTC", "limit": "1.00000000"},
            {"filterType": "MAX_ASSET", "asset": "USDC", "limit": "3.00000000"},
        ],
    }


def test_exchange_information_tells_the_venues_rules_of_now() -> None:
    world = markets()
    assert "sors" not in world.reply("exchangeInfo")
    world.apply(ConfigureVenue(RULES.to_spec()))
    for symbol in (None, "ETHUSDT"):
        reply = world.reply("exchangeInfo", symbol=symbol)
        assert reply["sors"] == [{"baseAsset": "BTC", "symbols": ["BTCUSDT", "BTCUSDC"]}]
        assert reply["exchangeFilters"] == [{"filterType": "EXCHANGE_MAX_NUM_ORDERS", "maxNumOrders": 1000}]
