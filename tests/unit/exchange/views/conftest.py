"""Little memory, so that short stories reach the archive."""

import pytest

from papernet.exchange.views import bars, trades


@pytest.fixture(autouse=True)
def little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trades, "KEEP_TRADES", 3)
    monkeypatch.setattr(bars, "KEEP_BARS", (3, 4, 3, 2))
