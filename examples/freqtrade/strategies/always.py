"""A strategy that always wants to be in, and leaves with a profit of 5 %: what is tested is the bot around it."""

from typing import ClassVar

from freqtrade.strategy import IStrategy
from pandas import DataFrame


class Always(IStrategy):
    """The smallest strategy that trades."""

    INTERFACE_VERSION = 3
    timeframe = "5m"
    minimal_roi: ClassVar = {"0": 0.05}
    stoploss = -0.10

    def populate_indicators(self, dataframe: DataFrame, metadata: dict) -> DataFrame:  # noqa: ARG002  freqtrade's own signature
        """Need none."""
        return dataframe

    def populate_entry_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:  # noqa: ARG002
        """Enter at each candle."""
        dataframe["enter_long"] = 1
        return dataframe

    def populate_exit_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:  # noqa: ARG002
        """Leave by the profit alone."""
        dataframe["exit_long"] = 0
        return dataframe
