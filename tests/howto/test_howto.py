"""The how-to pages: the tests that they show are run as they stand, each on a network of its own."""

import re
from pathlib import Path
from typing import Any

import pytest

HOWTO = Path(__file__).parents[2] / "docs" / "howto"
PAGES = sorted(HOWTO.glob("*.md"))
# What people report most, one page each.
PROBLEMS = (
    "bans",
    "ci",
    "filters",
    "listen-keys",
    "partial-fill",
    "resets",
    "stream-gaps",
    "thin-markets",
    "timestamps",
    "unknown-execution",
)


def names_of(page: Path) -> dict[str, Any]:
    """Return what the Python on a page defines; its lines are numbered as on the page."""
    text = page.read_text(encoding="utf-8")
    names: dict[str, Any] = {"__name__": page.stem}
    for block in re.finditer(r"^```python\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL):
        above = text.count("\n", 0, block.start(1))
        exec(compile("\n" * above + block[1], str(page), "exec"), names)
    return names


def test_each_problem_has_its_page_and_each_page_its_tests() -> None:
    assert tuple(page.stem for page in PAGES) == PROBLEMS
    for page in PAGES:
        assert [name for name in names_of(page) if name.startswith("test_")], page.name


# They become tests of this module, with their fixtures, markers and parameters.
for _page in PAGES:
    for _name, _value in names_of(_page).items():
        if _name.startswith("test_"):
            globals()[f"{_name}__{_page.stem.replace('-', '_')}"] = _value
        elif type(_value).__name__ == "FixtureFunctionDefinition":
            globals()[_name] = _value

pytestmark = [pytest.mark.clients, pytest.mark.filterwarnings("ignore::DeprecationWarning")]
