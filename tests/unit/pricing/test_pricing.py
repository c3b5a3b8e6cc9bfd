"""The room as a whole: the same contracts get the same integers on every machine."""

import ast
from hashlib import blake2b
from pathlib import Path

import numpy as np
import pytest

import papernet.pricing
from papernet.core.dates import DAY, HOUR, MINUTE, SECOND
from papernet.core.units import SCALE
from papernet.pricing.marks import Contracts, marks
from papernet.pricing.surface import default_surface
from tests.unit.simulator.test_portability import findings

MODULES = sorted(Path(next(iter(papernet.pricing.__path__))).glob("*.py"))

# Exact like those that the simulator is held to.
ALSO_EXACT = {"np.abs", "np.broadcast_to", "np.frexp", "np.full_like", "np.nan", "np.stack", "np.zeros_like"}

NOW = 1_780_000_000 * SECOND


def test_there_are_modules_to_look_at() -> None:
    assert len(MODULES) == 6


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_only_exact_operations_are_used(module: Path) -> None:
    assert [name for name in findings(ast.parse(module.read_text())) if name not in ALSO_EXACT] == []


@pytest.mark.parametrize(
    ("asset", "index", "unit", "tick", "expected"),
    [
        ("BTC", 6_172_345_678_901, 1, 5 * SCALE, "12252bbe2f1f9509872f46eb6be6caac"),
        ("DOGE", 11_234_567, 1000, SCALE // 100, "38606b025d477a4982a6e2e6690496d1"),
    ],
)
def test_marks_have_the_same_bits_everywhere(asset: str, index: int, unit: int, tick: int, expected: str) -> None:
    tenors = np.array([-DAY, 0, 1, SECOND, MINUTE, HOUR, DAY, 7 * DAY, 30 * DAY, 365 * DAY, 730 * DAY])
    strikes = index * np.arange(4, 64) // 20
    contracts = Contracts(
        np.tile(strikes, 2 * len(tenors)),
        np.repeat(np.tile(NOW + tenors, 2), len(strikes)),
        np.repeat([True, False], len(tenors) * len(strikes)),
        unit,
        tick,
    )
    bits = b"".join(column.astype("<i8").tobytes() for column in marks(contracts, index, NOW, default_surface(asset)))
    assert blake2b(bits, digest_size=16).hexdigest() == expected
