"""The tests against the code: `tests/unit` mirrors the package, so that a module's test is where one looks for it."""

import ast
import itertools
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "papernet"
UNIT = ROOT / "tests" / "unit"

# Modules whose test stands elsewhere, and where.
ELSEWHERE: dict[str, str] = {}


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
    known = [mirrored(module) for module in modules()]
    packages = [UNIT / path.relative_to(SOURCE).parent / f"test_{path.parent.name}.py" for path in SOURCE.rglob("__init__.py")]
    strays = [path for path in UNIT.rglob("test_*.py") if path not in known and path not in packages]
    assert not [str(path.relative_to(ROOT)) for path in strays]


def test_no_exception_outlives_its_reason() -> None:
    assert not [module for module in ELSEWHERE if module not in modules() or mirrored(module).exists()]


def test_every_test_can_fail_by_its_own_words() -> None:
    hollow = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in (ROOT / "tests").rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_") and not judges(node)
    ]
    assert not hollow


def judges(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a test asserts, expects an error, or hands over to a helper that says in its name that it does."""
    for node in ast.walk(function):
        if isinstance(node, ast.Assert):
            return True
        if isinstance(node, ast.With | ast.AsyncWith) and any("raises" in ast.unparse(item) for item in node.items):
            return True
        if isinstance(node, ast.Call):
            words = ast.unparse(node.func).split(".")[-1].split("_")
            if any(word in ("assert", "check", "expect", "verify", "run", "replay", "compare") for word in words):
                return True
    return False


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("def test_a():\n    f()", False),
        ("def test_a():\n    assert f()", True),
        ("def test_a():\n    with pytest.raises(KeyError):\n        f()", True),
        ("def test_a():\n    check(f)", True),
    ],
)
def test_the_judge_of_tests_bites(text: str, expected: bool) -> None:
    function = ast.parse(text).body[0]
    assert isinstance(function, ast.FunctionDef)
    assert judges(function) is expected


def test_test_names_are_unique_within_a_file() -> None:
    for path in (ROOT / "tests").rglob("test_*.py"):
        names = sorted(
            node.name for node in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(node, ast.FunctionDef)
        )
        assert not [name for name, again in itertools.pairwise(names) if name == again], path
