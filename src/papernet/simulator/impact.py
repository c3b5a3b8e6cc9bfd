"""How users move the market: their trades shift what the crowd thinks a pair is worth.

A market anchored to hidden values would be infinitely deep: it would give a user any amount at nearly one price. So value is
shifted by the square-root law, which real markets keep over four decades: by a share of the daily volatility, times the root of
what users took, net, over what the crowd takes in a day. What they took is forgotten at three speeds.

Units.          Amounts are base assets, times microseconds of the crowd's clock, shifts shares of the price.
"""

from typing import Final

import numpy as np

from papernet.simulator.draws import Floats, exp

SCALE_OF_LAW: Final = 0.7
MEMORY_SECONDS: Final = (30.0, 300.0, 3_600.0)
MEMORY_SHARES: Final = (0.3, 0.3, 0.4)
# Amounts that would move the price by less than this share of the daily volatility, squared, are forgotten altogether.
NEGLIGIBLE: Final = 1e-12


class Impact:
    """The memory of users' trades on one symbol."""

    __slots__ = ("_at", "_daily_volume", "_rates", "_scale", "_shares", "_shift", "_taken")

    def __init__(self, daily_volatility: float, daily_volume: float) -> None:
        """Remember nothing yet."""
        self._scale: Final = SCALE_OF_LAW * daily_volatility
        self._daily_volume: Final = daily_volume
        self._shares: Final[Floats] = np.array(MEMORY_SHARES)
        self._rates: Final[Floats] = np.array([-1e-6 / seconds for seconds in MEMORY_SECONDS])
        self._taken: Floats | None = None
        self._at: int = 0
        self._shift: float = 0.0

    def add(self, signed_amount: float, at: int) -> None:
        """Note that a user took an amount: positive when it was bought."""
        self.shift(at)
        self._at = at
        before = self._taken if self._taken is not None else np.zeros(len(MEMORY_SHARES))
        self._taken = before + self._shares * signed_amount
        self._refresh()

    def shift(self, at: int) -> float:
        """Return by which share of the price users have shifted it."""
        if self._taken is not None and at > self._at:
            self._taken = self._taken * exp(self._rates * float(at - self._at))
            self._at = at
            self._refresh()
        return self._shift

    def _refresh(self) -> None:
        assert self._taken is not None
        parts = self._taken.tolist()
        net = parts[0] + parts[1] + parts[2]
        share = abs(net) / self._daily_volume
        if share < NEGLIGIBLE:
            self._taken, self._shift = None, 0.0
            return
        shift = self._scale * float(np.sqrt(share))
        self._shift = shift if net > 0 else -shift
