"""The only clock: microseconds UTC, as the protocols count them.

Does not.       Hold, leap or run at another rate: papernet's own time does (`app.clock`), which goes by this one.
"""

import time


def now() -> int:
    """Return the real time in microseconds since 1970-01-01T00:00:00Z."""
    return time.time_ns() // 1_000


# Nanoseconds of real time since some moment, for measuring how long something takes.
ticks = time.perf_counter_ns
