"""The directory `examples/`: each of them passes its own tests, in a run of pytest of its own, without a conftest."""

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
# How many tests each has at least, so that none passes by being empty.
FEWEST = {"ccxt": 7, "freqtrade": 3, "hummingbot": 4, "python_binance": 4, "sdk": 3}
PATIENCE = 200


@pytest.mark.clients
@pytest.mark.parametrize("name", FEWEST)
def test_an_example_passes_its_own_tests(name: str) -> None:
    if name == "freqtrade" and find_spec("freqtrade") is None:
        pytest.skip("freqtrade is not installed")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", name],
        cwd=EXAMPLES,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    summary = re.search(r"^(\d+) passed[^,]*(?:, \d+ warnings?)? in ", done.stdout, flags=re.MULTILINE)
    assert summary is not None, done.stdout + done.stderr
    assert int(summary[1]) >= FEWEST[name]


def test_every_example_is_run_and_told_of() -> None:
    page = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    assert sorted(path.name for path in EXAMPLES.iterdir() if path.is_dir() and any(path.glob("*.py"))) == sorted(FEWEST)
    assert [name for name in FEWEST if f"`{name}/`" not in page] == []
