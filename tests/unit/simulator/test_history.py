"""The day before: candles that join, agree and end where the market opens."""

from itertools import pairwise

import pytest

from papernet.core.commands import SeedCandles
from papernet.core.dates import DAY, MINUTE
from papernet.core.units import SCALE
from papernet.simulator.history import seed_candles
from tests.unit.simulator.stage import ALL, START, Stage

STAGE = Stage()
ENDING = START + 12_345_678
DAYS = {profile.symbol: seed_candles(profile, 7, ENDING, 0.1) for profile in STAGE.profiles}


@pytest.fixture(params=list(ALL))
def day(request: pytest.FixtureRequest) -> SeedCandles:
    return DAYS[request.param]


def test_the_rows_are_the_last_1440_whole_minutes(day: SeedCandles) -> None:
    assert len(day.rows) == 1_440
    starts = [row[0] for row in day.rows]
    assert starts == list(range(starts[0], starts[0] + DAY, MINUTE))
    assert starts[-1] + MINUTE <= ENDING < starts[-1] + 2 * MINUTE
    assert starts[0] % MINUTE == 0


def test_candles_join_and_enclose(day: SeedCandles) -> None:
    rows = day.rows
    assert all(one[4] == other[1] for one, other in pairwise(rows))
    for _, opened, high, low, closed, *_ in rows:
        assert 0 < low <= min(opened, closed) <= max(opened, closed) <= high


def test_the_last_candle_closes_where_the_crowd_opens(day: SeedCandles) -> None:
    profile = next(profile for profile in STAGE.profiles if profile.symbol == day.symbol)
    assert day.rows[-1][4] == profile.price
    assert day.rows[-1][7] > 0


def test_prices_and_quantities_keep_to_ticks_and_lots(day: SeedCandles) -> None:
    profile = next(profile for profile in STAGE.profiles if profile.symbol == day.symbol)
    for row in day.rows:
        assert all(type(value) is int for value in row)
        assert all(price % profile.tick == 0 for price in row[1:5])
        assert row[5] % profile.lot == 0
        assert row[8] % profile.lot == 0


def test_volumes_fit_prices_and_counts(day: SeedCandles) -> None:
    for _, opened, high, low, closed, quantity, quote, count, bought, bought_quote in day.rows:
        assert (quantity == 0) == (count == 0)
        assert 0 <= bought <= quantity
        assert low * quantity // SCALE <= quote <= high * quantity // SCALE
        assert low * bought // SCALE <= bought_quote <= high * bought // SCALE
        if not count:
            assert opened == high == low == closed


def test_the_exchange_takes_it(day: SeedCandles) -> None:
    stage = Stage((day.symbol,))
    applied = stage.submit(day, START)
    assert not stage.refused
    assert applied.events
    assert stage.exchange.markets[day.symbol].last_price == day.rows[-1][4]


def test_the_past_agrees_around_triangles() -> None:
    for minute in range(0, 1_440, 97):
        btc, eth, cross = (DAYS[name].rows[minute] for name in ("BTCUSDT", "ETHUSDT", "ETHBTC"))
        if cross[7]:
            assert cross[4] / SCALE == pytest.approx(eth[4] / btc[4], rel=3e-4)
        assert DAYS["BTCUSDC"].rows[minute][4] == pytest.approx(btc[4], rel=1e-6)


def test_the_past_is_plausible() -> None:
    rows = DAYS["BTCUSDT"].rows
    closes = [row[4] for row in rows]
    assert 0.005 < max(closes) / min(closes) - 1 < 0.25
    assert 1_000 < sum(row[5] for row in rows) / SCALE < 50_000
    assert len({row[7] for row in rows}) > 50


def test_the_past_follows_the_seed_and_nothing_else() -> None:
    profile = STAGE.profiles[0]
    assert seed_candles(profile, 7, ENDING, 0.1) == DAYS["BTCUSDT"]
    assert seed_candles(profile, 8, ENDING, 0.1).rows[0] != DAYS["BTCUSDT"].rows[0]
    later = seed_candles(profile, 7, ENDING + DAY, 0.1)
    assert [row[1:] for row in later.rows] == [row[1:] for row in DAYS["BTCUSDT"].rows]


def test_a_sleepy_market_has_minutes_without_trades() -> None:
    day = seed_candles(STAGE.profiles[-1], 7, ENDING, 0.001)
    assert sum(row[7] == 0 for row in day.rows) > 1_000
    assert day.rows[-1][4] == STAGE.profiles[-1].price
    assert all(one[4] == other[1] for one, other in pairwise(day.rows))
