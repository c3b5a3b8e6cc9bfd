"""Which contracts streams are about, and what is said of them."""

import pytest

from papernet.core.dates import DAY, HOUR, MINUTE
from papernet.protocols.option_streams.chain import Chain
from papernet.protocols.option_streams.names import NAMES, OptionStream
from papernet.venues.options.market import NO_VOLATILITY
from tests.support.option_air import CALL, CURRENT, ETH_CALL, EXPIRY, LEGACY, OptionsOnAir
from tests.support.worlds import ALICE, BOB, units


def stream(name: str, *, is_older: bool = False) -> OptionStream:
    found = NAMES[LEGACY if is_older else CURRENT].parse(name)
    assert found is not None, name
    return found


@pytest.fixture
def world() -> OptionsOnAir:
    return OptionsOnAir()


@pytest.fixture
def chain(world: OptionsOnAir) -> Chain:
    return Chain(world.context)


def test_a_contract_is_itself_while_it_is_listed(chain: Chain) -> None:
    assert [market.contract.symbol for market in chain.markets(stream(f"{CALL.lower()}@depth"))] == [CALL]
    assert chain.markets(stream("btc-231117-1-c@depth")) == []


def test_an_underlying_or_an_asset_is_all_its_contracts_the_next_to_expire_first(chain: Chain) -> None:
    markets = chain.markets(stream("btcusdt@optionMarkPrice"))
    assert chain.markets(stream("BTC@markPrice", is_older=True)) == markets
    assert [market.contract.underlying for market in markets] == ["BTCUSDT"] * len(markets)
    assert len(markets) == sum(market.contract.underlying == "BTCUSDT" for market in chain.venue.markets.values())
    expiries = [market.contract.expiry for market in markets]
    assert expiries == sorted(expiries)
    assert chain.markets(stream("dogeusdt@optionMarkPrice")) == []


def test_an_expiry_is_its_contracts_alone(chain: Chain) -> None:
    markets = chain.markets(stream("btcusdt@openInterest@231117"))
    assert CALL in [market.contract.symbol for market in markets]
    assert {market.contract.expiry for market in markets} == {EXPIRY}
    assert chain.markets(stream("btcusdt@openInterest@231118")) == []


def test_what_is_everybodys_is_about_all_underlyings_and_a_contract_about_none(chain: Chain) -> None:
    assert [each.name for each in chain.underlyings(stream("!index@arr"))] == ["BTCUSDT", "ETHUSDT"]
    assert [each.name for each in chain.underlyings(stream("ETHUSDT@index", is_older=True))] == ["ETHUSDT"]
    assert chain.underlyings(stream(f"{CALL.lower()}@depth")) == []


def test_an_underlying_is_known_of_contracts_that_are_gone_but_not_of_anything_else(chain: Chain) -> None:
    for symbol, name in ((CALL, "BTCUSDT"), (ETH_CALL, "ETHUSDT"), ("ETH-200101-1-P", "ETHUSDT")):
        underlying = chain.underlying_of(symbol)
        assert underlying is not None
        assert underlying.name == name
    for symbol in ("BTCUSDT", "SOL-231117-100-C"):
        assert chain.underlying_of(symbol) is None
    assert chain.terms("ETH-200101-1-P").price_scale == 3


def test_a_contract_without_a_mark_is_worth_what_it_would_pay(world: OptionsOnAir, chain: Chain) -> None:
    marked = chain.marked(world.market("BTC-231117-45000-C"), world.now)
    assert (marked.mark.price, marked.mark.volatility, marked.index) == (units("5000"), NO_VOLATILITY, units("50000"))
    world.mark(CALL, "2000")
    assert chain.marked(world.market(), world.now).mark is world.market().mark


def test_a_settlement_price_is_expected_in_the_last_half_hour_and_of_the_next_expiry_only(
    world: OptionsOnAir, chain: Chain
) -> None:
    tomorrow = world.now // DAY * DAY + DAY + 8 * HOUR
    first = "BTC-231115-50000-C"
    world.now = tomorrow - 31 * MINUTE
    world.wait(0)
    assert chain.marked(world.market(first), world.now).settlement == 0
    world.wait(11 * MINUTE)
    assert chain.marked(world.market(first), world.now).settlement == units("50000")
    assert chain.marked(world.market(CALL), world.now).settlement == 0


def test_open_interest_is_valued_at_the_underlyings_price(world: OptionsOnAir, chain: Chain) -> None:
    world.mark(CALL, "2000")
    world.trade(ALICE, BOB, "1.5", "2000")
    row = chain.open_interest(world.market(), world.now)
    assert (row.symbol, row.quantity, row.value, row.at) == (CALL, units("1.5"), units("75000"), world.now)
