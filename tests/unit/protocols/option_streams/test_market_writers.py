"""The table of how each generation writes."""

from papernet.app.operations.options import Generation
from papernet.protocols.option_streams import current_market, legacy_market
from papernet.protocols.option_streams.market_writers import MARKET_WRITERS


def test_every_generation_has_its_own_templates() -> None:
    assert list(MARKET_WRITERS) == list(Generation)
    for generation, module in ((Generation.CURRENT, current_market), (Generation.LEGACY, legacy_market)):
        writers = MARKET_WRITERS[generation]
        for name in writers.__struct_fields__:
            template = getattr(module, name, None)
            assert template is None or getattr(writers, name) is template, name


def test_tickers_of_the_older_generation_come_together_and_show_marks() -> None:
    today, older = (MARKET_WRITERS[generation] for generation in Generation)
    assert (today.tickers_show_marks, today.tickers_come_together) == (False, False)
    assert (older.tickers_show_marks, older.tickers_come_together) == (True, True)
