"""Little memory, so that short stories reach the archive."""

from collections.abc import Iterator

import pytest

from papernet.exchange.views import bars, trades


@pytest.fixture(autouse=True, scope="package")
def little_memory() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trades, "KEEP_TRADES", 3)
        patch.setattr(bars, "KEEP_BARS", (3, 4, 3, 2))
        yield
