"""The code's own properties, read from its syntax trees: what linters have no rule for.

Each rule is a function from a parsed module to what it found. It stands in a table with the rooms it holds in and with snippets
that it must find fault with, so that a rule which no longer bites fails too.
"""

import ast
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "papernet"

FUNCTION_LINES = 60
MODULE_LINES = 600
INHERITANCE_LEVELS = 2

# What the deterministic rooms may import besides papernet itself: containers, types and records.
ALLOWED_IMPORTS = (
    "bisect",
    "collections",
    "enum",
    "functools",
    "heapq",
    "itertools",
    "operator",
    "re",
    "struct",
    "typing",
    "msgspec",
)
# A checkpoint is hashed, by a function that is the same everywhere.
HASHING_MODULES = ("exchange/checkpoint.py",)

Finding = tuple[int, str]
Rule = Callable[[ast.Module], Iterator[Finding]]


def floats(tree: ast.Module) -> Iterator[Finding]:
    """A float has no place where money is counted: no literal, no true division, no conversion."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, float | complex):
            yield node.lineno, f"the float {node.value!r}"
        elif isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div):
            yield node.lineno, "a true division"
        elif isinstance(node, ast.Name) and node.id in ("float", "complex", "round"):
            yield node.lineno, f"{node.id}"


def hashes_and_addresses(tree: ast.Module) -> Iterator[Finding]:
    """hash() differs by process, id() by allocation, and a set's order follows the hash: none may reach an outcome."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in ("hash", "id", "set", "frozenset"):
            yield node.lineno, f"{node.id}"
        elif isinstance(node, ast.Set | ast.SetComp):
            yield node.lineno, "a set"


def the_world(tree: ast.Module) -> Iterator[Finding]:
    """No clock, no luck, no files: imports come from a short list, and nothing is opened or printed."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or "."]
            for name in names:
                if name.split(".")[0] not in (*ALLOWED_IMPORTS, "papernet"):
                    yield node.lineno, f"import of {name}"
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("open", "print", "input", "eval", "exec", "__import__"):
            yield node.lineno, ast.unparse(node.func)


def waiting(tree: ast.Module) -> Iterator[Finding]:
    """Nothing waits: an entry is carried out whole, or not at all."""
    for node in ast.walk(tree):
        if isinstance(node, ast.AsyncFunctionDef | ast.AsyncFor | ast.AsyncWith | ast.Await):
            yield node.lineno, "async"
        elif isinstance(node, ast.comprehension) and node.is_async:
            yield node.target.lineno, "async"


def several_parents(tree: ast.Module) -> Iterator[Finding]:
    """A class has one parent at most, so that one place says what a method does."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            parents = [base for base in node.bases if not ast.unparse(base).startswith(("Generic[", "Protocol"))]
            if len(parents) > 1:
                yield node.lineno, f"{node.name} has {len(parents)} parents"


def long_functions(tree: ast.Module) -> Iterator[Finding]:
    """A function fits on a screen."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES:
                yield node.lineno, f"{node.name} has {lines} lines"


def no_header(tree: ast.Module) -> Iterator[Finding]:
    """A module opens by saying what it does."""
    if ast.get_docstring(tree) is None:
        yield 1, "no docstring"


def promises(tree: ast.Module) -> Iterator[Finding]:
    """What is not there is not half there: no NotImplementedError, no error passed over in silence."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and node.exc is not None and "NotImplementedError" in ast.unparse(node.exc):
            yield node.lineno, "NotImplementedError"
        elif isinstance(node, ast.ExceptHandler) and all(isinstance(step, ast.Pass) for step in node.body):
            caught = "everything" if node.type is None else ast.unparse(node.type)
            if caught in ("everything", "Exception", "BaseException"):
                yield node.lineno, f"{caught} is caught and forgotten"


@dataclass(frozen=True)
class Tidy:
    """A rule, the rooms it holds in ("" is all of them), what it must find fault with and what it must let pass."""

    rule: Rule
    rooms: tuple[str, ...]
    bad: tuple[str, ...]
    good: tuple[str, ...] = ()


DETERMINISTIC = ("core", "venues", "exchange")
EVERYWHERE = ("",)

TIDY = (
    Tidy(
        floats,
        DETERMINISTIC,
        ("x = 0.5", "x = 1 / 2", "x /= 2", "x = float(y)", "x = round(y)", "x = 1e8", "x = 2j"),
        ("x = 7 // 2",),
    ),
    Tidy(
        hashes_and_addresses,
        DETERMINISTIC,
        (
            "x = hash(y)",
            "x = id(y)",
            "x = {1, 2}",
            "x = {a for a in y}",
            "x = set()",
            "for a in frozenset(y): pass",
            "def f(x: set[int]): pass",
        ),
        ("x = {}", "x = {1: 2}", "x.set(1)", "x = dict.fromkeys(y)"),
    ),
    Tidy(
        the_world,
        DETERMINISTIC,
        (
            "import time",
            "from datetime import datetime",
            "import os.path",
            "import random",
            "x = open(y)",
            "from numpy import array",
        ),
        ("from collections.abc import Callable", "from papernet.core.units import SCALE", "from msgspec import Struct"),
    ),
    Tidy(waiting, DETERMINISTIC, ("async def f(): pass", "async def f():\n    await g()", "x = [a async for a in b]")),
    Tidy(
        several_parents,
        DETERMINISTIC,
        ("class A(B, C): pass",),
        ("class A(B, frozen=True): pass", "class A(B, Generic[T]): pass"),
    ),
    Tidy(
        long_functions,
        EVERYWHERE,
        ("def f():\n" + "    x = 1\n" * FUNCTION_LINES, "class A:\n    async def f():\n" + "        x = 1\n" * FUNCTION_LINES),
        ("def f():\n" + "    x = 1\n" * (FUNCTION_LINES - 1),),
    ),
    Tidy(no_header, EVERYWHERE, ("", "x = 1"), ('"""What it does."""',)),
    Tidy(
        promises,
        EVERYWHERE,
        (
            "def f():\n    raise NotImplementedError",
            "try:\n    f()\nexcept Exception:\n    pass",
            "try:\n    f()\nexcept:\n    pass",
        ),
        ("try:\n    f()\nexcept KeyError:\n    pass",),
    ),
)


def modules(room: str = "") -> list[Path]:
    """Return the modules of a room of the package, or of all rooms."""
    return sorted((SOURCE / room).rglob("*.py"))


def parsed(path: Path) -> ast.Module:
    """Return a module's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


@pytest.mark.parametrize("tidy", TIDY, ids=lambda tidy: tidy.rule.__name__)
def test_the_code_is_tidy(tidy: Tidy) -> None:
    faults = [
        f"{path.relative_to(ROOT)}:{line}: {what}"
        for room in tidy.rooms
        for path in modules(room)
        for line, what in tidy.rule(parsed(path))
        if not (what == "import of hashlib" and path.relative_to(SOURCE).as_posix() in HASHING_MODULES)
    ]
    assert not faults, "\n".join([str(tidy.rule.__doc__), *faults])


def named(value: Tidy | str) -> str:
    """Return how a case is told from others, the same in every run."""
    return value.rule.__name__ if isinstance(value, Tidy) else repr(value)[:40]


@pytest.mark.parametrize(("tidy", "snippet"), [(tidy, bad) for tidy in TIDY for bad in tidy.bad], ids=named)
def test_each_rule_bites(tidy: Tidy, snippet: str) -> None:
    assert list(tidy.rule(_snippet(snippet)))


@pytest.mark.parametrize(("tidy", "snippet"), [(tidy, good) for tidy in TIDY for good in tidy.good], ids=named)
def test_no_rule_bites_what_is_fine(tidy: Tidy, snippet: str) -> None:
    assert not list(tidy.rule(_snippet(snippet)))


def _snippet(text: str) -> ast.Module:
    if "async for a" in text:
        text = f"async def f():\n    {text}"
    return ast.parse(text)


def test_modules_are_short() -> None:
    lengths = {path.relative_to(ROOT): len(path.read_text(encoding="utf-8").splitlines()) for path in modules()}
    assert lengths
    assert not {str(path): lines for path, lines in lengths.items() if lines > MODULE_LINES}


def inheritance(trees: list[ast.Module]) -> dict[str, int]:
    """Return how many levels of classes of our own stand above and in each class."""
    parents: dict[str, list[str]] = {}
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                parents.setdefault(node.name, []).extend(ast.unparse(base).split(".")[-1].split("[")[0] for base in node.bases)

    def level(name: str) -> int:
        return 1 + max((level(parent) for parent in parents[name] if parent in parents and parent != name), default=0)

    return {name: level(name) for name in parents}


def test_inheritance_is_shallow() -> None:
    levels = inheritance([parsed(path) for path in modules()])
    assert levels
    assert not {name: level for name, level in levels.items() if level > INHERITANCE_LEVELS}


def test_the_measure_of_inheritance_bites() -> None:
    tree = ast.parse("class A(Struct): pass\nclass B(A): pass\nclass C(module.B): pass\nclass D(Generic[A]): pass")
    assert inheritance([tree]) == {"A": 1, "B": 2, "C": 3, "D": 1}


# Spelled in pieces so that this file does not find itself.
WORDS = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X")) + r")\b")
HOSTS = re.compile(
    "|".join(
        ("py" + r"pi\.org", "python" + r"hosted\.org", "npm" + r"js\.org", "--(extra-)?index" + "-url", "arti" + "factory")
    )
)
MACHINE_PATHS = re.compile(r"(?<![\w.~}/-])/(home|Users|root|work|tmp|mnt|workspace)/[A-Za-z0-9_.-]+")


def tracked_files() -> list[Path]:
    """Return the files that are, or would be, committed."""
    if (ROOT / ".git").exists():
        listed = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, check=True
        )
        return [path for name in listed.stdout.decode().split("\0") if name and (path := ROOT / name).is_file()]
    return [path for path in ROOT.rglob("*") if path.is_file() and not any(part.startswith(".") for part in path.parts)]


def matches(pattern: re.Pattern[str]) -> list[str]:
    """Return where a pattern stands in the files that are text."""
    found: list[str] = []
    for path in tracked_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if match := pattern.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {match.group()}")
    return found


def test_nothing_is_left_for_later() -> None:
    assert not matches(WORDS)


def test_no_file_knows_a_registry_or_a_machine() -> None:
    assert not matches(HOSTS)
    assert not matches(MACHINE_PATHS)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (WORDS, "# TO" + "DO: later"),
        (HOSTS, "https://files.python" + "hosted.org/x"),
        (HOSTS, "pip install --index" + "-url x"),
        (MACHINE_PATHS, "see /ho" + "me/me/papernet"),
        (MACHINE_PATHS, '"/wo' + 'rk/x"'),
    ],
)
def test_the_searches_bite(pattern: re.Pattern[str], text: str) -> None:
    assert pattern.search(text)
