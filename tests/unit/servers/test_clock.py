"""The clock counts microseconds."""

import time

from papernet.servers import clock


def test_the_clock_counts_microseconds_of_utc() -> None:
    before = int(time.time() * 1e6)
    assert before <= clock.now() <= before + 60_000_000
    assert isinstance(clock.now(), int)
