"""The rows of European Options, beside what the conformance tests hold them to."""

from papernet.app.operations.options import Generation, option_rows
from papernet.app.operations.rows import Change, Query
from papernet.app.queries import QUERIES, TELLERS

ROWS = [row for generation in Generation for row in option_rows(generation).values()]


def test_every_question_has_a_query_and_every_change_somebody_who_tells_of_it() -> None:
    for row in ROWS:
        assert (row.name in QUERIES) is isinstance(row.does, Query), row.name
        assert (row.name in TELLERS) is isinstance(row.does, Change), row.name
    assert sorted(TELLERS) == sorted({row.name for row in ROWS if isinstance(row.does, Change)})


def test_rows_of_one_name_are_different_rows_in_different_generations() -> None:
    current, legacy = option_rows(Generation.CURRENT), option_rows(Generation.LEGACY)
    assert current["options.ping"] != legacy["options.ping"]
    assert sorted(current.keys() ^ legacy.keys()) == [
        "options.account",
        "options.commission",
        "options.historicalTrades",
        "options.income.asyn",
        "options.income.asyn.id",
        "options.stock.contract",
    ]


def test_generations_are_called_as_one_asks_for_them() -> None:
    assert (Generation("current"), Generation("2024")) == (Generation.CURRENT, Generation.LEGACY)
