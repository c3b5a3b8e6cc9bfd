"""The market's statistics against what was measured of the real one: a quick look, and a long one under `make simulate`."""

from typing import Final

import numpy as np
import numpy.typing as npt
import pytest

from papernet.core.enums import Side
from papernet.core.units import SCALE
from tests.unit.simulator.stage import ALL, Stage

Floats = npt.NDArray[np.float64]

NAME: Final = "BTCUSDT"
SAMPLES_A_SECOND: Final = 4


class Record:
    """What was seen of BTCUSDT over some time."""

    def __init__(self, seed: int, activity: float, seconds: int) -> None:
        stage = Stage((NAME,), seed, activity)
        stage.crowd.open(stage.desk)
        self.stage = stage
        self.touches: list[tuple[int, int]] = []
        self.depths: list[tuple[int, int]] = []
        self.one_sided = 0
        missing = 0
        for step in range(1, seconds * SAMPLES_A_SECOND + 1):
            stage.advance(step / SAMPLES_A_SECOND)
            bid, ask = stage.touch(NAME)
            missing = missing + 1 if bid is None or ask is None else 0
            self.one_sided = max(self.one_sided, missing)
            self.touches.append((bid or 0, ask or 0))
            if step % (10 * SAMPLES_A_SECOND) == 0:
                self.depths.append((stage.depth(NAME, Side.BUY, 10), stage.depth(NAME, Side.SELL, 10)))
        takers: dict[int, list[int]] = {}
        for trade in stage.trades:
            taker = takers.setdefault(trade.taker_order_id, [-1 if trade.buyer_is_maker else 1, 0])
            taker[1] += trade.quantity
        self.signs = np.array([taker[0] for taker in takers.values()], np.float64)
        self.sizes = np.array([taker[1] for taker in takers.values()], np.float64) / SCALE

    def returns(self, seconds: int) -> Floats:
        middles = np.array(self.touches[:: seconds * SAMPLES_A_SECOND], np.float64).mean(axis=1)
        return np.diff(np.log(middles))


def autocorrelation(series: Floats, lag: int) -> float:
    centred = series - series.mean()
    return float((centred[lag:] * centred[:-lag]).mean() / (centred * centred).mean())


def tail_exponent(sizes: Floats, share: float = 0.05) -> float:
    """Return Hill's estimate from the largest `share` of the sizes."""
    largest = np.sort(sizes)[::-1]
    count = int(len(largest) * share)
    return float(1 / np.log(largest[:count] / largest[count]).mean())


def check_books(record: Record) -> None:
    touches = np.array(record.touches, np.float64)
    assert record.one_sided <= SAMPLES_A_SECOND
    both = touches[(touches > 0).all(axis=1)]
    assert (both[:, 0] < both[:, 1]).all()
    one_tick = record.stage.profiles[0].tick
    assert (both[:, 1] - both[:, 0] == one_tick).mean() > 0.95
    depths = np.median(np.array(record.depths, np.float64), axis=0) / SCALE
    assert (depths > 15).all()
    assert (depths < 120).all()
    assert record.stage.refused == []


def test_the_market_looks_real_at_a_glance() -> None:
    record = Record(seed=11, activity=0.5, seconds=200)
    check_books(record)
    assert 0.15 < autocorrelation(record.signs, 1) < 0.5
    assert 0.002 < np.median(record.sizes) < 0.01
    assert abs(autocorrelation(record.returns(1), 1)) < 0.25


@pytest.mark.simulate
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", [7, 11, 12])
def test_the_market_looks_real_at_length(seed: int) -> None:
    record = Record(seed, activity=0.1, seconds=3 * 3_600)
    check_books(record)
    assert 0.15 < autocorrelation(record.signs, 1) < 0.5
    assert 0.03 < autocorrelation(record.signs, 20) < 0.15
    assert 1.0 < tail_exponent(record.sizes) < 1.6
    returns = record.returns(1)
    assert abs(autocorrelation(returns, 1)) < 0.2
    assert autocorrelation(np.abs(returns), 1) > 0.1
    slow = record.returns(10)
    assert ((slow - slow.mean()) ** 4).mean() / slow.var() ** 2 - 3 > 1


def keep_bounds(seed: int, seconds: int) -> None:
    """Look at every book twice a second: never crossed, and one-sided for a second at most."""
    stage = Stage(seed=seed, activity=0.3)
    stage.crowd.open(stage.desk)
    missing = dict.fromkeys(ALL, 0)
    for step in range(1, 2 * seconds + 1):
        stage.advance(step / 2)
        for name in ALL:
            bid, ask = stage.touch(name)
            assert bid is None or ask is None or bid < ask
            missing[name] = missing[name] + 1 if bid is None or ask is None else 0
            assert missing[name] <= 2, name
    assert stage.refused == []
    stage.exchange.check_invariants()


def test_every_book_keeps_its_bounds() -> None:
    keep_bounds(seed=20, seconds=45)


@pytest.mark.simulate
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", range(20, 26))
def test_every_book_keeps_its_bounds_under_every_seed(seed: int) -> None:
    keep_bounds(seed, seconds=600)


def test_the_packaged_symbols_together_take_few_commands() -> None:
    """About 20 microseconds of work each, the exchange's part included: 400 a second stay under one hundredth of a core."""
    stage = Stage()
    stage.crowd.open(stage.desk)
    assert len(stage.said) < 2_000
    stage.advance(3)
    before = len(stage.said)
    stage.advance(33)
    assert 100 < (len(stage.said) - before) / 30 < 400
