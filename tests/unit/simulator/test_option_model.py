"""What makers think contracts are worth."""

import math

import pytest

from papernet.core.dates import HOUR, MINUTE, SECOND
from papernet.core.units import SCALE
from papernet.pricing.surface import default_surface
from papernet.simulator.option_model import LEVELS, Movement, OptionModel
from papernet.venues.options.index import SETTLEMENT_SPAN
from tests.support.option_market import BTCUSDT, CALL, ETH_CALL, ETHUSDT, EXPIRY, HIGH_CALL, LOW_PUT, NOW, PUT, OptionDesk

SEED = 7


@pytest.fixture
def desk() -> OptionDesk:
    return OptionDesk()


@pytest.fixture
def model(desk: OptionDesk) -> OptionModel:
    return OptionModel(desk.venue, SEED)


def test_all_contracts_on_an_underlying_are_valued_alike_one_by_one_and_together(desk: OptionDesk, model: OptionModel) -> None:
    quotes = model.quotes_on(BTCUSDT, NOW)
    assert list(quotes) == [symbol for symbol, market in desk.venue.markets.items() if market.contract.underlying == BTCUSDT]
    assert {CALL, HIGH_CALL, PUT, LOW_PUT} <= set(quotes)
    assert model.quotes_of([desk.market(symbol) for symbol in quotes], NOW) == quotes
    assert model.quotes_on("NONEUSDT", NOW) == {}


def test_contracts_on_several_underlyings_are_valued_on_their_own_indexes(desk: OptionDesk, model: OptionModel) -> None:
    markets = [market for symbol in (CALL, ETH_CALL) if (market := desk.venue.markets.get(symbol)) is not None]
    assert len(markets) == len({market.contract.underlying for market in markets})
    for market in markets:
        quote = model.quotes_of(markets, NOW)[market.contract.symbol]
        assert quote == model.quotes_on(market.contract.underlying, NOW)[market.contract.symbol]


def test_a_quote_has_its_mark_between_and_levels_that_recede(desk: OptionDesk, model: OptionModel) -> None:
    quote = model.quotes_of([desk.market(CALL)], NOW)[CALL]
    underlying = desk.market(CALL).underlying
    assert len(quote.bids) == len(quote.asks) == LEVELS
    assert quote.bids[0][0] <= quote.mark.price <= quote.asks[0][0]
    assert [price for price, _ in quote.bids] == sorted({price for price, _ in quote.bids}, reverse=True)
    assert [price for price, _ in quote.asks] == sorted({price for price, _ in quote.asks})
    for price, quantity in (*quote.bids, *quote.asks):
        assert price % underlying.tick_size == quantity % underlying.step_size == 0
        assert 0 < quantity <= underlying.limits.quantity_an_order
    assert quote.mark.at == NOW


def test_what_is_worth_less_than_a_tick_is_only_offered(desk: OptionDesk, model: OptionModel) -> None:
    at = EXPIRY - MINUTE
    quote = model.quotes_of([desk.market(HIGH_CALL)], at)[HIGH_CALL]
    assert quote.bids == ()
    assert len(quote.asks) == LEVELS
    assert quote.asks[0][0] == desk.market(HIGH_CALL).underlying.tick_size


def test_nobody_quotes_what_has_expired(desk: OptionDesk, model: OptionModel) -> None:
    quote = model.quotes_of([desk.market(CALL)], EXPIRY)[CALL]
    assert (quote.bids, quote.asks) == ((), ())
    assert quote.mark.price == desk.market(CALL).contract.payoff(desk.venue.indexes[BTCUSDT].price, 1)


def test_sizes_are_drawn_by_seed_contract_and_minute(desk: OptionDesk, model: OptionModel) -> None:
    def sizes(of: OptionModel, symbol: str, at: int) -> list[int]:
        quote = of.quotes_of([desk.market(symbol)], at)[symbol]
        return [quantity for _, quantity in (*quote.bids, *quote.asks)]

    first = sizes(model, CALL, NOW)
    assert first == sizes(OptionModel(desk.venue, SEED), CALL, NOW + SECOND)
    assert first != sizes(OptionModel(desk.venue, SEED + 1), CALL, NOW)
    assert first != sizes(model, PUT, NOW)
    assert first != sizes(model, CALL, NOW + MINUTE)


def test_in_the_last_half_hour_the_settlement_price_counts(desk: OptionDesk, model: OptionModel) -> None:
    index = desk.venue.indexes[BTCUSDT]
    index.at = EXPIRY - SETTLEMENT_SPAN
    index.hold(EXPIRY - MINUTE)
    index.take(2 * index.price)
    quotes = model.quotes_of([desk.market(CALL), desk.market(HIGH_CALL)], EXPIRY - MINUTE)
    # At twice the index both would be deep in the money; the mean has hardly moved.
    assert quotes[HIGH_CALL].mark.price < 100 * SCALE
    assert index.reference(EXPIRY) == index.price // 2


def test_new_contracts_are_seen(desk: OptionDesk, model: OptionModel) -> None:
    before = len(model.quotes_on(BTCUSDT, NOW))
    market = desk.market(CALL)
    other = market.contract.__class__("BTC-260123-51000-C", BTCUSDT, market.contract.kind, 51_000 * SCALE, EXPIRY, NOW)
    desk.venue.add(other)
    desk.venue.listing_version += 1
    assert len(model.quotes_on(BTCUSDT, NOW)) == before + 1


def test_movement_is_measured_from_a_half_life_on() -> None:
    movement = Movement()
    price, at = 100 * SCALE, NOW
    # a hundredth of a percent up and down, every second
    for second in range(3_600):
        if second < 100:
            assert movement.realised() is None
        movement.sample(price + (price // 10_000 if second % 2 else 0), at + second * SECOND)
    realised = movement.realised()
    assert realised is not None
    assert math.isclose(realised, 1e-4 * math.sqrt(365 * 86_400), rel_tol=0.01)
    movement.sample(price, at)
    assert movement.realised() is not None


def test_a_market_that_moves_more_makes_options_dearer(desk: OptionDesk, model: OptionModel) -> None:
    underlying, index = desk.venue.underlyings[BTCUSDT], desk.venue.indexes[BTCUSDT]
    assert model.surface(underlying) == default_surface("BTC")
    price = index.price
    for second in range(HOUR // SECOND):
        index.take(price + (price // 2_000 if second % 2 else 0))
        model.sample(NOW + second * SECOND)
    index.take(price)
    assert model.surface(underlying).v0 > 2
    calm = OptionModel(desk.venue, SEED).quotes_of([desk.market(CALL)], NOW)[CALL].mark
    assert model.quotes_of([desk.market(CALL)], NOW)[CALL].mark.price > calm.price
    assert ETHUSDT not in desk.venue.indexes or model.surface(desk.venue.underlyings[ETHUSDT]).v0 < 2
