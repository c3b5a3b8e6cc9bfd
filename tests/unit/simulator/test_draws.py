"""The draws: the same bits everywhere, and the distributions they claim to be."""

import math
from hashlib import sha256
from statistics import NormalDist

import numpy as np
import pytest

from papernet.simulator import draws
from papernet.simulator.draws import (
    EXPONENTIAL,
    KNOTS,
    NORMAL,
    UNIFORM,
    Table,
    exp,
    exp_of,
    lognormal,
    pareto,
    sign,
    uniform,
    words,
)


def table_hash(table: Table) -> str:
    return sha256(table.knots.astype("<i8").tobytes()).hexdigest()[:16]


LEVELS = [(knot + 0.5) / (KNOTS + 1) for knot in range(KNOTS + 1)]
DRAWN = 200_000


@pytest.mark.parametrize(
    ("table", "golden"),
    [
        (NORMAL, "1bfe344d8aaca1b6"),
        (EXPONENTIAL, "adf260c5e61a91aa"),
        (lognormal(5_000, 1.8), "e6ccaf0ce59c8232"),
        (pareto(1.5, 1_024, 2_000), "113e3b20364e0c2a"),
    ],
    ids=["normal", "exponential", "lognormal", "pareto"],
)
def test_tables_are_the_same_on_every_machine(table: Table, golden: str) -> None:
    assert table_hash(table) == golden


def test_addressed_words_are_the_same_on_every_machine() -> None:
    assert sha256(words(7, "BTCUSDT", 3, 10, 1_000).astype("<u8").tobytes()).hexdigest()[:16] == "5f189de830d3cb2a"


def test_every_part_of_an_address_counts() -> None:
    addresses = [(7, "BTC", 3, 1), (8, "BTC", 3, 1), (7, "ETH", 3, 1), (7, "BTC", 4, 1), (7, "BTC", 3, 2), (-7, "BTC", 3, 1)]
    assert len({words(*address, 4).tobytes() for address in addresses}) == len(addresses)


def test_the_beginning_of_a_stream_does_not_depend_on_how_much_is_drawn() -> None:
    assert words(7, "BTC", 0, 1, 10).tolist() == words(7, "BTC", 0, 1, 1_000)[:10].tolist()


def test_exp_agrees_with_the_mathematical_library() -> None:
    x = np.linspace(-40.0, 40.0, 4_001)
    expected = [math.exp(value) for value in x.tolist()]
    assert all(abs(got / want - 1) < 1e-14 for got, want in zip(exp(x).tolist(), expected, strict=True))
    assert exp_of(0.0) == 1.0


def test_the_normal_table_is_the_inverse_normal_distribution() -> None:
    inverse = NormalDist().inv_cdf
    knots = NORMAL.knots.tolist()
    assert all(abs(knot * 1e-9 - inverse(level)) < 1e-5 for knot, level in zip(knots, LEVELS, strict=True))


def test_the_exponential_table_is_the_inverse_exponential_distribution() -> None:
    knots = EXPONENTIAL.knots.tolist()
    assert all(abs(knot * 1e-6 + math.log1p(-level)) < 1e-5 for knot, level in zip(knots, LEVELS, strict=True))


def test_drawn_numbers_have_the_right_moments() -> None:
    normal = NORMAL.draw(words(1, "moments", 0, 1, DRAWN)) * 1e-9
    assert abs(normal.mean()) < 0.01
    assert abs(normal.std() - 1) < 0.01
    exponential = EXPONENTIAL.draw(words(1, "moments", 0, 2, DRAWN)) * 1e-6
    assert abs(exponential.mean() - 1) < 0.01
    assert abs(exponential.std() - 1) < 0.02
    heads = sign(words(1, "moments", 0, 3, DRAWN))
    assert set(heads.tolist()) == {-1, 1}
    assert abs(heads.mean()) < 0.01
    flat = uniform(words(1, "moments", 0, 4, DRAWN)) / UNIFORM
    assert flat.min() >= 0
    assert flat.max() < 1
    assert abs(flat.mean() - 0.5) < 0.01


def test_log_normal_and_pareto_numbers_have_the_right_quantiles() -> None:
    sizes = np.sort(lognormal(5_000, 1.8).draw(words(1, "quantiles", 0, 1, DRAWN)))
    assert sizes[0] >= 1
    for level in (0.1, 0.5, 0.9):
        expected = 5_000 * math.exp(1.8 * NormalDist().inv_cdf(level))
        assert abs(sizes[int(level * DRAWN)] / expected - 1) < 0.05
    counts = np.sort(pareto(1.5, 1_024, 100).draw(words(1, "quantiles", 0, 2, DRAWN))) / 1_024
    assert counts[0] >= 1
    assert counts[-1] <= 100
    assert abs(counts[DRAWN // 2] / 0.5 ** (-1 / 1.5) - 1) < 0.02


def test_extreme_words_stay_inside_the_table() -> None:
    ends = NORMAL.draw(np.array([0, (1 << 64) - 1], np.uint64)).tolist()
    assert ends[0] == NORMAL.knots[0]
    assert NORMAL.knots[-2] < ends[1] <= NORMAL.knots[-1]


def test_lognormal_mean() -> None:
    assert draws.lognormal_mean(2.0, 1.5) == pytest.approx(2.0 * math.exp(1.125))
