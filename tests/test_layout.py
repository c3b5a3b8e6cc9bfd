"""The tests against the code: `tests/unit` mirrors the package, so that a module's test is where one looks for it."""

import ast
import itertools
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "papernet"
UNIT = ROOT / "tests" / "unit"

# Modules that are tested by a test of something greater, because alone they do nothing worth a test; and where.
ELSEWHERE = {
    "app/archive.py": "tests/unit/servers/test_archive.py",
    "app/queries/account.py": "tests/unit/app/test_queries_account.py",
    "app/queries/context.py": "tests/unit/app/test_queries.py",
    "app/queries/general.py": "tests/unit/app/test_queries_general.py",
    "app/queries/market_data.py": "tests/unit/app/test_queries.py",
    "app/queries/orders.py": "tests/unit/app/test_queries_account.py",
    "app/queries/tickers.py": "tests/unit/app/test_queries.py",
    "app/queries/values.py": "tests/unit/app/test_queries.py",
    "commands/accounts.py": "tests/cli/test_control.py",
    "commands/asking.py": "tests/cli/test_control.py",
    "commands/checkpoint.py": "tests/cli/test_checkpoints.py",
    "commands/replay.py": "tests/cli/test_checkpoints.py",
    "commands/clock.py": "tests/cli/test_clock.py",
    "commands/explain.py": "tests/cli/test_explain.py",
    "commands/fills.py": "tests/cli/test_fills.py",
    "commands/keys.py": "tests/cli/test_control.py",
    "commands/scenario.py": "tests/cli/test_fills.py",
    "commands/symbols.py": "tests/cli/test_control.py",
    "commands/venue.py": "tests/cli/test_control.py",
    "exchange/views/bars.py": "tests/unit/exchange/views/test_candles.py",
    "exchange/views/records.py": "tests/unit/exchange/views/test_views.py",
    "exchange/views/tail.py": "tests/unit/exchange/views/test_trades.py",
    "protocols/json/fragments.py": "tests/unit/protocols/json/test_replies.py",
    "protocols/json/replies_market.py": "tests/unit/protocols/json/test_replies.py",
    "protocols/json/spellings.py": "tests/unit/protocols/json/test_replies_orders.py",
    "protocols/websocket/peer.py": "tests/unit/protocols/websocket/test_connection.py",
    "servers/disk.py": "tests/unit/servers/test_files.py",
    "simulator/agenda.py": "tests/unit/simulator/test_crowd.py",
    "simulator/desk.py": "tests/unit/simulator/test_crowd.py",
    "simulator/impact.py": "tests/unit/simulator/test_crowd.py",
    "simulator/trader.py": "tests/unit/simulator/test_crowd.py",
}
# Unit tests that are of a room rather than of one module of it.
OF_A_ROOM = (
    "tests/unit/simulator/test_bounds.py",
    "tests/unit/simulator/test_portability.py",
)


def modules() -> list[str]:
    """Return the modules of the rooms that every behaviour starts in, those that only collect names left out."""
    paths = (path for path in SOURCE.rglob("*.py") if path.stem not in ("__init__", "__main__", "cli"))
    return sorted(path.relative_to(SOURCE).as_posix() for path in paths)


def mirrored(module: str) -> Path:
    path = Path(module)
    return UNIT / path.parent / f"test_{path.name}"


@pytest.mark.parametrize("module", modules())
def test_every_module_has_its_test(module: str) -> None:
    place = ROOT / ELSEWHERE[module] if module in ELSEWHERE else mirrored(module)
    assert place.exists(), f"{module} is tested neither by {mirrored(module).relative_to(ROOT)} nor elsewhere"


def test_every_unit_test_has_its_module() -> None:
    packages = [UNIT / path.relative_to(SOURCE).parent / f"test_{path.parent.name}.py" for path in SOURCE.rglob("__init__.py")]
    known = [*map(mirrored, modules()), *packages, *(ROOT / name for name in (*ELSEWHERE.values(), *OF_A_ROOM))]
    assert not [str(path.relative_to(ROOT)) for path in UNIT.rglob("test_*.py") if path not in known]


def test_no_exception_outlives_its_reason() -> None:
    assert not [module for module in ELSEWHERE if module not in modules() or mirrored(module).exists()]
    assert not [name for name in OF_A_ROOM if not (ROOT / name).exists()]


Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(path: Path) -> list[Function]:
    """Return the functions and methods of a file."""
    return [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, Function)]


def judges(function: Function, helpers: list[str]) -> bool:
    """Whether a function asserts, expects an error, or hands over to one of `helpers`, which do."""
    for node in ast.walk(function):
        if isinstance(node, ast.Assert):
            return True
        if isinstance(node, ast.With | ast.AsyncWith) and any("raises" in ast.unparse(item) for item in node.items):
            return True
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in helpers:
            return True
    return False


def judging(functions: list[Function]) -> list[str]:
    """Return the names of those that are no tests and judge by themselves."""
    return [function.name for function in functions if not function.name.startswith("test_") and judges(function, [])]


def test_every_test_can_fail_by_its_own_words() -> None:
    support = [function for path in (ROOT / "tests" / "support").glob("*.py") for function in functions(path)]
    shared = judging(support)
    hollow = []
    for path in (ROOT / "tests").rglob("test_*.py"):
        here = functions(path)
        helpers = ["run_state_machine_as_test", "check_invariants", *shared, *judging(here)]
        tests = [function for function in here if function.name.startswith("test_")]
        hollow += [f"{path.relative_to(ROOT)}:{test.lineno} {test.name}" for test in tests if not judges(test, helpers)]
    assert not hollow


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("def test_a():\n    f()", False),
        ("def test_a():\n    assert f()", True),
        ("def test_a():\n    with pytest.raises(KeyError):\n        f()", True),
        ("def test_a():\n    check(f)", True),
        ("def test_a():\n    look(f)", False),
    ],
)
def test_the_judge_of_tests_bites(text: str, expected: bool) -> None:
    function = ast.parse(text).body[0]
    assert isinstance(function, ast.FunctionDef)
    assert judges(function, ["check"]) is expected


def test_test_names_are_unique_within_a_file() -> None:
    for path in (ROOT / "tests").rglob("test_*.py"):
        names = sorted(
            node.name for node in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(node, ast.FunctionDef)
        )
        assert not [name for name, again in itertools.pairwise(names) if name == again], path
