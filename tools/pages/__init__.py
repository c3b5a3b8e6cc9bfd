"""The pages under docs/ that follow from the code, one module a page."""

from pathlib import Path
from typing import Final

NOTICE: Final = "<!-- Written by `make docs` from the code; change that instead. -->"
FACTS: Final = Path(__file__).parents[2] / "tests" / "conformance" / "facts"
