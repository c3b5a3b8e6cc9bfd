"""docs/testing.md: what it shows runs, and its tables name what there is."""

import re
import unittest
from pathlib import Path
from typing import Any

import pytest

from papernet.testing import PapernetServer
from papernet.testing.market_verbs import FillVerbs, MarketVerbs, ScenarioVerbs
from papernet.testing.network import Network
from papernet.testing.settings import Settings
from papernet.testing.time_verbs import ClockVerbs, FaultVerbs

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
PAGE = (Path(__file__).parents[2] / "docs" / "testing.md").read_text(encoding="utf-8")
NAMES: dict[str, Any] = {"__name__": "testing"}
for _block in re.findall(r"^```python\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL):
    exec(compile(_block, "docs/testing.md", "exec"), NAMES)

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

test_a_partial_fill = NAMES["test_a_partial_fill"]
test_the_same_market_every_time = NAMES["test_the_same_market_every_time"]

SHOWN: dict[str, Any] = {"__name__": "readme"}
exec(
    compile(re.findall(r"^### pytest\n.*?^```python\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)[0], "README.md", "exec"),
    SHOWN,
)
test_what_the_readme_shows = SHOWN["test_a_partial_fill"]


def test_its_case_of_unittest_passes() -> None:
    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(NAMES["Orders"]).run(result)
    assert (result.testsRun, result.failures, result.errors) == (1, [], [])


def public(kind: type) -> set[str]:
    return {name for name in vars(kind) if not name.startswith("_")}


def row(name: str) -> set[str]:
    """Return what stands in backquotes in the row of a table that begins with a name."""
    *_, found = re.findall(rf"^\| `{name}` \| (.+) \|$", PAGE, flags=re.MULTILINE)
    return words(found)


def words(text: str) -> set[str]:
    """Return the first word of each piece of code, what is awaited included."""
    return set(re.findall(r"`(?:await )?(\w+)[^`]*`", text))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("clock", ClockVerbs),
        ("faults", FaultVerbs),
        ("fills", FillVerbs),
        ("market", MarketVerbs),
        ("scenarios", ScenarioVerbs),
    ],
)
def test_each_group_is_told_with_all_its_methods(name: str, kind: type) -> None:
    assert row(name) == public(kind) - {"standing"}


def test_every_setting_and_every_method_of_the_network_is_told() -> None:
    told = words(re.sub(r"^```.*?^```$", "", PAGE, flags=re.MULTILINE | re.DOTALL))
    assert set(Settings.__annotations__) <= told
    assert public(Network) | {"explain"} <= told
    with PapernetServer(options=False) as papernet:
        groups = {name for name in vars(papernet) if not name.startswith("_")}
    assert groups - {"token"} <= told
