"""Writes the pages under docs/ that follow from the code: `make docs`. A test compares them with what this would write.

`make docs ARGS=--witness` first runs the tests that ask at the doors and keeps anew which of them saw what.
"""

import subprocess
import sys
from pathlib import Path
from typing import Final

from tools.pages import (
    coverage,
    endpoints,
    eras,
    errors,
    option_coverage,
    option_endpoints,
    option_errors,
    option_streams,
    state_machines,
    streams,
)
from tools.witnesses import PLACES

DOCS: Final = Path(__file__).parents[1] / "docs"
PAGES: Final = {
    "endpoints.md": endpoints.page,
    "coverage.md": coverage.page,
    "eras.md": eras.page,
    "errors.md": errors.page,
    "state-machines.md": state_machines.page,
    "streams.md": streams.page,
    "options-endpoints.md": option_endpoints.page,
    "options-coverage.md": option_coverage.page,
    "options-errors.md": option_errors.page,
    "options-streams.md": option_streams.page,
}


def main() -> None:
    """Write every page that is not current."""
    failed = 0
    if "--witness" in sys.argv[1:]:
        command = [sys.executable, "-m", "pytest", "-q", "--witness", *PLACES]
        failed = subprocess.run(command, cwd=DOCS.parent, check=False).returncode
    for name, page in PAGES.items():
        path = DOCS / name
        text = page()
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(f"docs/{name} is written anew")
    sys.exit(failed)


if __name__ == "__main__":
    main()
