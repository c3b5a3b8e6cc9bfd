"""Bench (i): marks of options: `python -m bench.pricing [count]` prints marks a CPU-second, greeks and quotes included."""

import json
import sys
import time

import numpy as np

from papernet.core.dates import DAY, SECOND
from papernet.core.units import SCALE
from papernet.pricing.marks import Contracts, marks
from papernet.pricing.surface import default_surface

_NOW = 1_780_000_000 * SECOND
_INDEX = 61_700 * SCALE
_DAYS = (1, 2, 3, 9, 16, 37, 65, 100, 190, 280)
_ROUNDS = 200


def _chain(count: int) -> Contracts:
    """Return `count` calls and puts, spread over the listed expiries and the strikes around the index."""
    number = np.arange(count)
    days = np.array(_DAYS)[number % len(_DAYS)]
    strikes = 30_000 + number * 64_000 // count // 500 * 500
    return Contracts(strikes * SCALE, _NOW + days * DAY, number // len(_DAYS) % 2 == 0, 1, 5 * SCALE)


def measure(count: int) -> float:
    """Mark a chain again and again while the index moves; return the milliseconds of CPU a time."""
    chain, surface = _chain(count), default_surface("BTC")
    marks(chain, _INDEX, _NOW, surface)
    begin = time.process_time()
    for number in range(_ROUNDS):
        marks(chain, _INDEX + number * SCALE, _NOW + number * SECOND, surface)
    return (time.process_time() - begin) / _ROUNDS * 1_000


def main() -> None:
    """Measure and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000
    milliseconds = measure(count)
    print(json.dumps({"contracts": count, "milliseconds": milliseconds, "marks_per_cpu_second": count / milliseconds * 1_000}))


if __name__ == "__main__":
    main()
